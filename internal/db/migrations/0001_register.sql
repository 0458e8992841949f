-- +goose Up

-- The book that one controller keeps. Its row is also the lock under which
-- acts are numbered and keys are handed out.
CREATE TABLE register (
    id                 BIGINT NOT NULL,
    ref                TEXT   NOT NULL,
    name               TEXT   NOT NULL,
    database_id        TEXT   NOT NULL, -- three digits, given by the Department
    supplier_name      TEXT   NOT NULL, -- what the return's header says
    last_act           BIGINT NOT NULL DEFAULT 0,
    last_key           BIGINT NOT NULL DEFAULT 0,
    last_local_number  BIGINT NOT NULL DEFAULT 0, -- the last ten digits of a new YoungPersonsID
    PRIMARY KEY (id)
);

-- The authorities a register answers for: one, or several for a joint service.
CREATE TABLE register_authority (
    register  BIGINT NOT NULL REFERENCES register (id),
    la_code   TEXT   NOT NULL,
    la_name   TEXT   NOT NULL,
    invented  BOOLEAN NOT NULL DEFAULT FALSE, -- a demo authority, unknown to the Department
    PRIMARY KEY (register, la_code)
);

-- One thing that somebody did.
CREATE TABLE act (
    register      BIGINT NOT NULL REFERENCES register (id),
    number        BIGINT NOT NULL,
    at            TEXT   NOT NULL,
    actor         TEXT   NOT NULL, -- account:REF, operator:NAME or system
    actor_name    TEXT   NOT NULL,
    kind          TEXT   NOT NULL, -- an action of the access package
    young_person  BIGINT,          -- NULL where it is about nobody, or about many
    reason        TEXT   NOT NULL,
    one_use_key   TEXT,            -- a form sent twice does its act once
    undoes        BIGINT,          -- the act that this one takes back
    PRIMARY KEY (register, number)
);
CREATE UNIQUE INDEX act_one_use_key ON act (register, one_use_key);
CREATE INDEX act_young_person ON act (register, young_person, number);

-- Where facts came from: one row per file row, or per contact.
CREATE TABLE evidence (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL,
    act          BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- act.EvidenceKinds
    said_by      TEXT   NOT NULL,
    received_on  TEXT,
    grade        TEXT   NOT NULL, -- act.Grades
    import       BIGINT,
    position     BIGINT,          -- the row or record of the file, from 1
    PRIMARY KEY (register, id)
);
