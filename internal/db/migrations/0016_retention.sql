-- +goose Up

-- The key of a register, wrapped by a master key that stands in no database.
-- The last made is in use.
CREATE TABLE register_key (
    register  BIGINT NOT NULL REFERENCES register (id),
    id        TEXT   NOT NULL,
    master    TEXT   NOT NULL, -- the name of the master key
    wrapped   BYTEA  NOT NULL,
    made_at   TEXT   NOT NULL,
    PRIMARY KEY (register, id)
);

-- The key of one young person, wrapped by the register's: their notes open
-- with it. It is in no backup; once the row is deleted, nobody reads them again.
CREATE TABLE person_key (
    register      BIGINT NOT NULL,
    young_person  BIGINT NOT NULL,
    id            TEXT   NOT NULL,
    register_key  TEXT   NOT NULL,
    wrapped       BYTEA  NOT NULL,
    PRIMARY KEY (register, young_person),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE UNIQUE INDEX person_key_id ON person_key (register, id);

-- How long records are kept. Rows are versions, like facts.
CREATE TABLE retention_rule (
    register     BIGINT NOT NULL REFERENCES register (id),
    ref          TEXT   NOT NULL,
    category     TEXT   NOT NULL, -- retention.Categories: to whom it applies
    counted_from TEXT   NOT NULL, -- retention.Triggers: from which day
    months       BIGINT NOT NULL, -- for how long after that day
    basis        TEXT   NOT NULL, -- why: the schedule or the law, in words
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, ref, known_from)
);

-- Nothing of this young person, or of anybody, is erased while it is in force.
CREATE TABLE retention_hold (
    register     BIGINT NOT NULL REFERENCES register (id),
    ref          TEXT   NOT NULL,
    young_person BIGINT,          -- NULL holds the whole register
    reason       TEXT   NOT NULL, -- of an inquiry or a claim, never about the person; it is erased with a person
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, ref)
);
CREATE INDEX retention_hold_person ON retention_hold (register, young_person);

-- Records whose time is over, put before two people.
CREATE TABLE retention_proposal (
    register      BIGINT NOT NULL REFERENCES register (id),
    ref           TEXT   NOT NULL,
    state         TEXT   NOT NULL, -- proposed, agreed, released, done, withdrawn (retention.State)
    request       TEXT   NOT NULL, -- 'yes' where somebody asked for the erasure of their own record
    made_by       BIGINT NOT NULL, -- the acts
    agreed_by     BIGINT,
    released_by   BIGINT,
    ended_by      BIGINT,          -- the act by which it was withdrawn, or the last that erased
    certificate   TEXT   NOT NULL, -- '' until it is done
    PRIMARY KEY (register, ref)
);

-- Whom a proposal is about.
CREATE TABLE retention_case (
    register     BIGINT NOT NULL,
    proposal     TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    rule         TEXT   NOT NULL, -- the reference of the rule that kept the record longest, '' for a request
    due_on       TEXT   NOT NULL, -- the last day on which it was to be kept
    came_to      TEXT   NOT NULL, -- '' until it was worked on, erased, held, no longer due, in a file under way
    PRIMARY KEY (register, proposal, young_person),
    FOREIGN KEY (register, proposal) REFERENCES retention_proposal (register, ref)
);

-- Who was erased: nothing is left of them but the reference. finished says that
-- reasons for looking at them, which stand beside the register, are erased too
-- and that they are on the list outside the database.
CREATE TABLE erased (
    register     BIGINT  NOT NULL,
    young_person BIGINT  NOT NULL,
    act          BIGINT  NOT NULL,
    at           TEXT    NOT NULL,
    proposal     TEXT    NOT NULL,
    finished     BOOLEAN NOT NULL,
    PRIMARY KEY (register, young_person),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- What a file told about a person is erased with them.
CREATE INDEX import_note_person ON import_note (register, young_person);
