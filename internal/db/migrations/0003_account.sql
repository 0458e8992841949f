-- +goose Up

-- Somebody who may sign in. password is an argon2id hash that names its own
-- cost. An account is never deleted: acts name it for ever.
CREATE TABLE account (
    register   BIGINT NOT NULL REFERENCES register (id),
    id         BIGINT NOT NULL,
    ref        TEXT   NOT NULL,
    sign_in    TEXT   NOT NULL, -- what is typed to sign in, in lower case
    full_name  TEXT   NOT NULL,
    password   TEXT   NOT NULL,
    disabled   BOOLEAN NOT NULL DEFAULT FALSE,
    created_by BIGINT NOT NULL, -- the act
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX account_ref ON account (register, ref);
CREATE UNIQUE INDEX account_sign_in ON account (register, sign_in);

CREATE TABLE account_role (
    register   BIGINT NOT NULL,
    account    BIGINT NOT NULL,
    role       TEXT   NOT NULL, -- a role of the access package
    known_from BIGINT NOT NULL, -- the act that gave it
    known_to   BIGINT,          -- the act that took it away
    PRIMARY KEY (register, account, role, known_from),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);
