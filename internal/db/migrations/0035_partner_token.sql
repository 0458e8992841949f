-- +goose Up

-- A partner's system may send under an agreement with what it was shown once.
CREATE TABLE partner_token (
    register  BIGINT NOT NULL,
    ref       TEXT   NOT NULL,
    agreement BIGINT NOT NULL,
    name      TEXT   NOT NULL, -- which system it is for
    hash      TEXT   NOT NULL, -- SHA-256 of the token
    ends      TEXT   NOT NULL, -- the last day
    made_by   BIGINT NOT NULL,
    ended_by  BIGINT,
    last_used TEXT,
    PRIMARY KEY (register, ref),
    FOREIGN KEY (register, agreement) REFERENCES agreement (register, id)
);
CREATE UNIQUE INDEX partner_token_hash ON partner_token (register, hash);
