-- +goose Up

-- The Merkle log over acts and sights (internal/audit). One row for each
-- register: how far it is sealed. edge is what the next entries are hashed
-- onto; head is the last signed head, as it was written outside the database.
CREATE TABLE audit_log (
    register  BIGINT NOT NULL,
    size      BIGINT NOT NULL, -- entries sealed
    acts      BIGINT NOT NULL, -- the number of the last act sealed
    edge      BYTEA  NOT NULL,
    seal      BIGINT NOT NULL, -- the number of the last signed head
    head      TEXT   NOT NULL,
    PRIMARY KEY (register)
);

-- 256 entries of the log: their hashes, 32 bytes each, and in the same order
-- what they are, one a line: "a 17" is act 17, "s REF" is a batch of sights.
CREATE TABLE audit_tile (
    register  BIGINT NOT NULL,
    number    BIGINT NOT NULL,
    hashes    BYTEA  NOT NULL,
    entries   TEXT   NOT NULL,
    PRIMARY KEY (register, number)
);

-- The batches of sights that are not sealed yet: a few seconds' worth.
CREATE TABLE unsealed_sight (
    register  BIGINT NOT NULL,
    batch     TEXT   NOT NULL,
    PRIMARY KEY (register, batch)
);
INSERT INTO unsealed_sight (register, batch) SELECT DISTINCT register, batch FROM sight;

-- The hash of a reason for looking that was erased, so that the log can still
-- be checked, and the act that erased it.
CREATE TABLE erased_sight_reason (
    register   BIGINT NOT NULL,
    batch      TEXT   NOT NULL,
    line       BIGINT NOT NULL,
    hash       BYTEA  NOT NULL,
    erased_by  BIGINT NOT NULL,
    PRIMARY KEY (register, batch, line)
);

-- Who looked at whom is asked by time too, by those who watch over it.
CREATE INDEX sight_at ON sight (register, at);
