-- +goose Up

-- Somebody's signed-in browser. It stands apart from the register's tables so
-- that opening a page never waits for a long act. token is a SHA-256: whoever
-- reads this table can take over nobody's session.
CREATE TABLE session (
    register  BIGINT NOT NULL,
    token     TEXT   NOT NULL,
    ref       TEXT   NOT NULL,
    account   TEXT   NOT NULL, -- the account's reference
    browser   TEXT   NOT NULL, -- in words, for its owner to tell it apart
    content   TEXT   NOT NULL,
    began     TEXT   NOT NULL,
    used      TEXT   NOT NULL,
    PRIMARY KEY (register, token)
);
CREATE INDEX session_account ON session (register, account, began);

-- Failed tries to sign in. who is a hash of the name that was typed, or of the
-- sender's network address: a password typed in the wrong box is not kept.
CREATE TABLE sign_in_try (
    register  BIGINT NOT NULL,
    who       TEXT   NOT NULL,
    failed    BIGINT NOT NULL,
    last_try  TEXT   NOT NULL,
    PRIMARY KEY (register, who)
);
