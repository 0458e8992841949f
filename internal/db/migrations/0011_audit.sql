-- +goose Up

-- The hash of an act's reason that was erased, so that the log of acts and
-- sights can still be checked, and the act that erased it.
CREATE TABLE erased_act_reason (
    register   BIGINT NOT NULL REFERENCES register (id),
    act        BIGINT NOT NULL,
    hash       BYTEA  NOT NULL,
    erased_by  BIGINT NOT NULL,
    PRIMARY KEY (register, act)
);

-- What somebody did is asked by those who watch over it.
CREATE INDEX act_actor ON act (register, actor, number);
CREATE INDEX act_at ON act (register, at);
