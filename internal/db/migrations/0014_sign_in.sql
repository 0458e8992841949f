-- +goose Up

-- How people sign in to a register: whether a second factor is needed, and for
-- how many minutes a session lasts unused and at all. A register that was there
-- before goes on as it was; `waymark register add` asks for the second factor.
ALTER TABLE register ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE register ADD COLUMN idle_minutes BIGINT NOT NULL DEFAULT 30;
ALTER TABLE register ADD COLUMN lasts_minutes BIGINT NOT NULL DEFAULT 720;

-- The first and the last day on which the account may sign in; '' is no limit.
-- An empty password is none: nobody has chosen one yet.
ALTER TABLE account ADD COLUMN starts_on TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN ends_on TEXT NOT NULL DEFAULT '';

-- The shared secret of somebody's authenticator app (RFC 6238). last_step is
-- the last step of 30 seconds whose code was used, so that none is used twice.
CREATE TABLE account_totp (
    register   BIGINT NOT NULL,
    account    BIGINT NOT NULL,
    secret     TEXT   NOT NULL,
    last_step  BIGINT NOT NULL,
    PRIMARY KEY (register, account),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);

-- Codes for whoever has lost the app: a hash of each, gone once used.
CREATE TABLE account_recovery_code (
    register  BIGINT NOT NULL,
    account   BIGINT NOT NULL,
    hash      TEXT   NOT NULL,
    PRIMARY KEY (register, account, hash),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);

-- A passkey (WebAuthn): the public half, which is no secret.
CREATE TABLE account_passkey (
    register    BIGINT NOT NULL,
    ref         TEXT   NOT NULL,
    account     BIGINT NOT NULL,
    name        TEXT   NOT NULL, -- as its owner calls it
    credential  TEXT   NOT NULL, -- its own id, as browsers send it
    public_key  TEXT   NOT NULL, -- what the standard calls a credential record
    added_at    TEXT   NOT NULL,
    used_at     TEXT   NOT NULL, -- '' until it was
    PRIMARY KEY (register, ref),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);
CREATE UNIQUE INDEX account_passkey_credential ON account_passkey (register, credential);
CREATE INDEX account_passkey_account ON account_passkey (register, account);

-- Who the account is to the authority's own sign-in service: never an e-mail
-- address, which others can be given (ux-security.md 5.5).
CREATE TABLE account_subject (
    register  BIGINT NOT NULL,
    issuer    TEXT   NOT NULL,
    tenant    TEXT   NOT NULL, -- '' where the issuer has none
    subject   TEXT   NOT NULL, -- Entra's object id, or the subject of others
    account   BIGINT NOT NULL,
    PRIMARY KEY (register, issuer, tenant, subject),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);
CREATE INDEX account_subject_account ON account_subject (register, account);

-- A code by which somebody chooses their own password, once: for a new account,
-- and for whoever has lost theirs. Only its hash is kept.
CREATE TABLE account_start (
    register    BIGINT NOT NULL,
    hash        TEXT   NOT NULL,
    account     BIGINT NOT NULL,
    until       TEXT   NOT NULL,
    PRIMARY KEY (register, hash),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);
CREATE INDEX account_start_account ON account_start (register, account);
