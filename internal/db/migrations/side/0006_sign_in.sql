-- +goose Up

-- A browser in which somebody has signed in whole before: guesses made
-- elsewhere do not keep its owner waiting. token is a SHA-256.
CREATE TABLE known_browser (
    register  BIGINT NOT NULL,
    token     TEXT   NOT NULL,
    account   TEXT   NOT NULL, -- the account's reference
    used      TEXT   NOT NULL,
    PRIMARY KEY (register, token)
);
CREATE INDEX known_browser_account ON known_browser (register, account, used);

-- What somebody had written when their session ended, when they had first to
-- prove again who they are, or when it could not be saved. It goes after a day.
CREATE TABLE kept_form (
    register  BIGINT NOT NULL,
    ref       TEXT   NOT NULL,
    account   TEXT   NOT NULL, -- the account's reference: nobody else sees it
    address   TEXT   NOT NULL, -- the form's, without a young person's name
    page      TEXT   NOT NULL, -- its route, as the route table names it
    form      TEXT   NOT NULL, -- as a browser sends it, without passwords
    why       TEXT   NOT NULL,
    kept      TEXT   NOT NULL,
    PRIMARY KEY (register, ref)
);
CREATE INDEX kept_form_account ON kept_form (register, account, kept);
