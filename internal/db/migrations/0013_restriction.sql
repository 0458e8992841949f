-- +goose Up

-- That the record of one young person is kept from most staff. Rows are
-- versions; one of a kind is in force for a person at a time.
CREATE TABLE restriction (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL, -- runs through its versions
    ref          TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- locked, hidden, protected address (access.Kind)
    ground       TEXT   NOT NULL, -- one of restrict.Grounds
    owner        BIGINT NOT NULL, -- the account that answers for it
    review_on    TEXT   NOT NULL, -- from the day after, only its owner is let through
    lift_by      BIGINT NOT NULL, -- the account that asked for it to be lifted, 0 for none
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id),
    FOREIGN KEY (register, owner) REFERENCES account (register, id)
);
-- What every request reads: the few in force.
CREATE UNIQUE INDEX restriction_in_force ON restriction (register, young_person, kind) WHERE known_to IS NULL;
CREATE INDEX restriction_ref ON restriction (register, ref);

-- Whom a restriction lets through: people, not roles.
CREATE TABLE restriction_named (
    register    BIGINT NOT NULL,
    restriction BIGINT NOT NULL,
    account     BIGINT NOT NULL,
    known_from  BIGINT NOT NULL,
    known_to    BIGINT,
    PRIMARY KEY (register, restriction, account, known_from),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);

-- A locked record that somebody opened all the same, for half an hour.
CREATE TABLE restriction_break (
    register    BIGINT NOT NULL,
    act         BIGINT NOT NULL, -- the act that broke the glass
    ref         TEXT   NOT NULL,
    restriction BIGINT NOT NULL,
    account     BIGINT NOT NULL,
    reason      TEXT   NOT NULL,
    until       TEXT   NOT NULL,
    reviewed_by BIGINT,          -- the act by which information governance looked at it
    finding     TEXT   NOT NULL, -- what they found, in words
    PRIMARY KEY (register, act),
    FOREIGN KEY (register, account) REFERENCES account (register, id)
);
CREATE INDEX restriction_break_account ON restriction_break (register, restriction, account, until);

-- That a young person is somebody on the staff, or a relative of theirs.
CREATE TABLE own_record (
    register     BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    relation     TEXT   NOT NULL, -- themself, relative
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, account, young_person, known_from),
    FOREIGN KEY (register, account) REFERENCES account (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- A row of a partner's file that met a locked or a hidden record: kept for those
-- whom the restriction lets through, and from everybody else.
CREATE TABLE restriction_row (
    register    BIGINT NOT NULL,
    restriction BIGINT NOT NULL,
    intake      BIGINT NOT NULL,
    row_number  BIGINT NOT NULL,
    sender      TEXT   NOT NULL,
    file_name   TEXT   NOT NULL,
    as_at       TEXT   NOT NULL,
    said        TEXT   NOT NULL, -- what the row says, by item
    dealt       BIGINT,          -- the act by which somebody took note of it
    PRIMARY KEY (register, restriction, intake, row_number),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);
