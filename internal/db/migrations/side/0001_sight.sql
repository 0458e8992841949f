-- +goose Up

-- A sight: somebody was shown something about a young person. It stands apart
-- from the register's tables so that looking never waits for a long act.
CREATE TABLE sight (
    register      BIGINT NOT NULL,
    batch         TEXT   NOT NULL, -- one batch is written at once
    line          BIGINT NOT NULL,
    at            TEXT   NOT NULL,
    actor         TEXT   NOT NULL,
    actor_name    TEXT   NOT NULL,
    kind          TEXT   NOT NULL, -- an action of the access package
    young_person  BIGINT,          -- NULL: a page about nobody in particular
    page          TEXT   NOT NULL, -- what was shown: summary, list, file
    request       TEXT   NOT NULL,
    PRIMARY KEY (register, batch, line)
);
CREATE INDEX sight_young_person ON sight (register, young_person, at);
CREATE INDEX sight_actor ON sight (register, actor, at);
