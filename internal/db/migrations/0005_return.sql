-- +goose Up

-- A monthly return from its first signature on. Before that it is a draft,
-- which is stated from the facts and stored nowhere. A return that was rejected
-- or superseded is followed by another version for the same period.
CREATE TABLE monthly_return (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    period       TEXT   NOT NULL, -- CCYY-MM
    authorities  TEXT   NOT NULL, -- the codes in the file's header, with spaces between
    version      BIGINT NOT NULL, -- of the same period and authorities, from 1
    state        TEXT   NOT NULL, -- signed once, signed, sent, accepted, rejected, superseded, lapsed
    edition      TEXT   NOT NULL, -- of the requirement, like 2026-27
    known_at     BIGINT NOT NULL, -- the act after which the facts are stated
    date_of_send TEXT   NOT NULL,
    sha256       TEXT   NOT NULL, -- of the file, in hexadecimal
    size         BIGINT NOT NULL, -- of the file in bytes
    totals       TEXT   NOT NULL, -- JSON
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX monthly_return_ref ON monthly_return (register, ref);
CREATE UNIQUE INDEX monthly_return_version ON monthly_return (register, period, authorities, version);

-- Each state that a return came to, and by which act.
CREATE TABLE monthly_return_step (
    register       BIGINT NOT NULL,
    monthly_return BIGINT NOT NULL,
    act            BIGINT NOT NULL,
    state          TEXT   NOT NULL,
    because        TEXT   NOT NULL,
    PRIMARY KEY (register, monthly_return, act),
    FOREIGN KEY (register, monthly_return) REFERENCES monthly_return (register, id)
);

-- The frozen file, compressed, in pieces.
CREATE TABLE monthly_return_piece (
    register       BIGINT NOT NULL,
    monthly_return BIGINT NOT NULL,
    position       BIGINT NOT NULL,
    bytes          BYTEA  NOT NULL,
    PRIMARY KEY (register, monthly_return, position),
    FOREIGN KEY (register, monthly_return) REFERENCES monthly_return (register, id)
);

-- Who stood in a frozen return, and how they were counted.
CREATE TABLE monthly_return_person (
    register       BIGINT NOT NULL,
    monthly_return BIGINT NOT NULL,
    young_person   BIGINT NOT NULL,
    position       BIGINT NOT NULL, -- of the record in the file, from 1
    cohort_status  TEXT   NOT NULL,
    leaver         BOOLEAN NOT NULL,
    academic_age   BIGINT NOT NULL,
    activity       TEXT   NOT NULL,
    counts_as      TEXT   NOT NULL, -- EET, NEET, NK, OTH or CS at the period end
    PRIMARY KEY (register, monthly_return, young_person),
    FOREIGN KEY (register, monthly_return) REFERENCES monthly_return (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX monthly_return_person_leaver ON monthly_return_person (register, young_person) WHERE leaver;

-- Whom one act of mending many together was about: the log names nobody where
-- an act is about many.
CREATE TABLE mended (
    register     BIGINT NOT NULL,
    act          BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    PRIMARY KEY (register, act, young_person),
    FOREIGN KEY (register, act) REFERENCES act (register, number),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
