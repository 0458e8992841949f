-- +goose Up

-- Facts are dated rows that are never changed in place. started and ended are
-- when it was so (text as it came: a date nobody can read is kept, and shown
-- as a finding); known_from and known_to are the acts by which we knew it and
-- stopped holding it; an empty text is a value nobody gave. Each key begins with the register, then the person, so
-- that one index serves both the key and the person's page. id runs through
-- all versions of one fact.

CREATE TABLE young_person (
    register          BIGINT NOT NULL REFERENCES register (id),
    id                BIGINT NOT NULL,
    ref               TEXT   NOT NULL,
    young_persons_id  TEXT   NOT NULL, -- as it came; ours is the register's three digits and ten more
    known_from        BIGINT NOT NULL,
    known_to          BIGINT,          -- set when the act that added the person is undone
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX young_person_ref ON young_person (register, ref);
CREATE INDEX young_person_young_persons_id ON young_person (register, young_persons_id);

CREATE TABLE name (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    kind     TEXT NOT NULL, -- legal, known_as, former
    given TEXT NOT NULL, middle TEXT NOT NULL, family TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

CREATE TABLE particulars (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    dob TEXT NOT NULL, gender TEXT NOT NULL, ethnicity TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

CREATE TABLE identifier (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    scheme   TEXT NOT NULL, -- ULN, UPN, previous (the YoungPersonsID of another database)
    value    TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX identifier_value ON identifier (register, scheme, value);

CREATE TABLE address (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    line1 TEXT NOT NULL, line2 TEXT NOT NULL, line3 TEXT NOT NULL, line4 TEXT NOT NULL,
    town TEXT NOT NULL, county TEXT NOT NULL, postcode TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- A way to reach the young person.
CREATE TABLE reach (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    kind     TEXT NOT NULL, -- telephone, email
    value    TEXT NOT NULL, note TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- A parent or carer.
CREATE TABLE carer (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    name TEXT NOT NULL, relationship TEXT NOT NULL, telephone TEXT NOT NULL, email TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- The personal adviser who works with the young person. adviser is the
-- account's reference, empty where the adviser has no account.
CREATE TABLE allocation (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    adviser TEXT NOT NULL, adviser_name TEXT NOT NULL, team TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- Cohort status and the authorities it hangs on: who leads (residence), who
-- educates, who did at Year 11, and where the young person has gone.
-- stated_on is the day the status was stated for: a file's PeriodEnd, or the
-- day a person said so.
CREATE TABLE cohort (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    status TEXT NOT NULL, stated_on TEXT NOT NULL,
    lead_la TEXT NOT NULL, educated_la TEXT NOT NULL, la_at_year_11 TEXT NOT NULL, transferred_to TEXT NOT NULL,
    guarantee_indicator TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- Level of need (CA13) and the two SEND flags, as they came.
CREATE TABLE need (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    level TEXT NOT NULL, send TEXT NOT NULL, sen_support TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- An individual characteristic (IC01).
CREATE TABLE characteristic (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    code TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- A spell of activity. started and ended are StartDate and the day it stopped.
-- neet_start is the NEETStartDate that was stated; it is derived only where
-- none was.
CREATE TABLE spell (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    activity TEXT NOT NULL, ascertained TEXT NOT NULL, review TEXT NOT NULL, predicted_end TEXT NOT NULL,
    neet_start TEXT NOT NULL,
    establishment_number TEXT NOT NULL, establishment_name TEXT NOT NULL, ukprn TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- A confirmation, on a day, that a spell was still so (DateVerified).
CREATE TABLE verification (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    spell BIGINT NOT NULL, verified TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- September Guarantee: node is Year11 or Year12, season the calendar year of
-- its September.
CREATE TABLE guarantee (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    node TEXT NOT NULL, season BIGINT NOT NULL, status TEXT NOT NULL, la_code TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- Intended destination of Year 11 (ID01).
CREATE TABLE destination (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    code TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- Data items of older editions that have no room of their own (the Youth
-- Contract): carried, so that a file goes out as it came in.
CREATE TABLE carried (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    item TEXT NOT NULL, value TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- A contact made or tried; started is the day.
CREATE TABLE contact (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    how TEXT NOT NULL, with_whom TEXT NOT NULL, outcome TEXT NOT NULL, note TEXT NOT NULL, by_name TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- What is derived and true as known now, one row per young person, rewritten
-- by each act. Nothing in it depends on today's date.
CREATE TABLE standing (
    register          BIGINT NOT NULL,
    young_person      BIGINT NOT NULL,
    ref               TEXT   NOT NULL,
    young_persons_id  TEXT   NOT NULL,
    given             TEXT   NOT NULL,
    family            TEXT   NOT NULL,
    given_key         TEXT   NOT NULL, -- folded for finding: lower case, no accents, letters and digits only
    family_key        TEXT   NOT NULL,
    postcode_key      TEXT   NOT NULL,
    dob               TEXT,            -- NULL where unreadable
    gender            TEXT   NOT NULL,
    ethnicity         TEXT   NOT NULL,
    lead_la           TEXT   NOT NULL,
    educated_la       TEXT   NOT NULL,
    cohort_status     TEXT   NOT NULL,
    stated_on         TEXT,
    send              TEXT   NOT NULL,
    sen_support       TEXT   NOT NULL,
    level             TEXT   NOT NULL,
    vulnerable        BOOLEAN NOT NULL,
    activity          TEXT   NOT NULL,
    activity_started  TEXT,
    establishment_number TEXT NOT NULL,
    establishment_name TEXT  NOT NULL,
    verified_on       TEXT,
    lapses_on         TEXT,            -- the last day the record is current; NULL where it does not lapse
    neet_since        TEXT,
    review_on         TEXT,
    adviser           TEXT   NOT NULL,
    adviser_name      TEXT   NOT NULL,
    last_contact_on   TEXT,
    PRIMARY KEY (register, young_person),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX standing_family ON standing (register, family_key, given_key);
CREATE INDEX standing_given ON standing (register, given_key);
CREATE INDEX standing_dob ON standing (register, dob);
CREATE INDEX standing_postcode ON standing (register, postcode_key);
CREATE INDEX standing_lapses ON standing (register, lapses_on);
