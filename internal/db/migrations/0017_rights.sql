-- +goose Up

-- Who told us to pass nothing on, and how far they may say so for themselves.
ALTER TABLE opt_out ADD COLUMN feed TEXT NOT NULL DEFAULT '';       -- the sender or partner that it is about, '' for all
ALTER TABLE opt_out ADD COLUMN said_by TEXT NOT NULL DEFAULT '';    -- young person or parent; '' where a file said so
ALTER TABLE opt_out ADD COLUMN said_name TEXT NOT NULL DEFAULT '';
ALTER TABLE opt_out ADD COLUMN competence TEXT NOT NULL DEFAULT ''; -- how it was decided that they may, in words

-- That processing is restricted: the record is kept, and not used.
CREATE TABLE processing_restriction (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    ground TEXT NOT NULL, reason TEXT NOT NULL, request TEXT NOT NULL, -- the ref of the request, '' for none
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- That the young person, or a parent, does not agree with what is held.
CREATE TABLE disagreement (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    about TEXT NOT NULL, words TEXT NOT NULL, request TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- What a young person or a parent asks of us as is their right.
CREATE TABLE rights_request (
    register     BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- rights.Kind
    asked_by     TEXT   NOT NULL, -- young person, parent, somebody for them
    asked_name   TEXT   NOT NULL,
    received_on  TEXT   NOT NULL,
    how          TEXT   NOT NULL, -- letter, e-mail, in person, …
    words        TEXT   NOT NULL, -- what they ask, in their words
    act          BIGINT NOT NULL,
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE UNIQUE INDEX rights_request_ref ON rights_request (register, ref);
CREATE INDEX rights_request_person ON rights_request (register, young_person);

-- What was done about a request: everything that its clock, its state and its
-- page follow from. Nothing here is changed, only added.
CREATE TABLE rights_step (
    register   BIGINT NOT NULL,
    request    BIGINT NOT NULL,
    act        BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- rights.StepKind
    on_day     TEXT   NOT NULL,
    who        TEXT   NOT NULL, -- the reference of an account, where somebody takes it on
    who_name   TEXT   NOT NULL,
    choice     TEXT   NOT NULL, -- the answer that was given
    words      TEXT   NOT NULL,
    actor_name TEXT   NOT NULL,
    PRIMARY KEY (register, request, act),
    FOREIGN KEY (register, request) REFERENCES rights_request (register, id)
);

-- The answer to a request for access, being made and then released.
CREATE TABLE access_pack (
    register   BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    ref        TEXT   NOT NULL,
    request    BIGINT NOT NULL,
    state      TEXT   NOT NULL, -- draft, released, dropped
    known_at   BIGINT NOT NULL, -- the act after which what is held is told
    made_by    TEXT   NOT NULL,
    items      BIGINT NOT NULL,
    kept       BIGINT NOT NULL,
    withheld   BIGINT NOT NULL,
    sha256     TEXT   NOT NULL, -- of the file that was released; '' before
    act        BIGINT NOT NULL, -- by which it was made
    released   BIGINT,          -- the act by which it was released
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, request) REFERENCES rights_request (register, id)
);
CREATE UNIQUE INDEX access_pack_ref ON access_pack (register, ref);
CREATE INDEX access_pack_request ON access_pack (register, request);

-- One thing held about the young person, as the pack tells it.
CREATE TABLE access_item (
    register    BIGINT  NOT NULL,
    pack        BIGINT  NOT NULL,
    position    BIGINT  NOT NULL,
    section     TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    words       TEXT    NOT NULL, -- sealed
    source      TEXT    NOT NULL,
    happened    TEXT    NOT NULL, -- when it was so
    known       TEXT    NOT NULL, -- when we held it
    machine     TEXT    NOT NULL, -- the same as names and values; sealed
    review      TEXT    NOT NULL, -- why somebody must look at it, '' where nobody need
    decision    TEXT    NOT NULL, -- '', keep, withhold
    reason      TEXT    NOT NULL,
    decided_by  TEXT    NOT NULL,
    PRIMARY KEY (register, pack, position),
    FOREIGN KEY (register, pack) REFERENCES access_pack (register, id)
);

-- That what the law protects (section 15: what came from Work and Pensions) was
-- told to somebody, and on what ground.
CREATE TABLE disclosure (
    register     BIGINT NOT NULL,
    act          BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    what         TEXT   NOT NULL,
    to_whom      TEXT   NOT NULL,
    ground       TEXT   NOT NULL,
    on_day       TEXT   NOT NULL,
    PRIMARY KEY (register, act, young_person),
    FOREIGN KEY (register, act) REFERENCES act (register, number),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX disclosure_person ON disclosure (register, young_person);

-- Figures for the public: a draft, and then frozen for ever. A month is
-- published once.
CREATE TABLE publication (
    register  BIGINT NOT NULL REFERENCES register (id),
    id        BIGINT NOT NULL,
    ref       TEXT   NOT NULL,
    period    TEXT   NOT NULL, -- CCYY-MM
    kinds     TEXT   NOT NULL, -- of groups, with spaces between
    known_at  BIGINT NOT NULL, -- the act after which the facts are counted
    state     TEXT   NOT NULL, -- draft, frozen, dropped
    made_by   TEXT   NOT NULL,
    made_at   TEXT   NOT NULL,
    frozen_by TEXT   NOT NULL,
    frozen_at TEXT,
    sha256    TEXT   NOT NULL, -- of the content, in hexadecimal
    content   TEXT   NOT NULL, -- what is published, and nothing besides
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX publication_ref ON publication (register, ref);
CREATE UNIQUE INDEX publication_once ON publication (register, period) WHERE state = 'frozen';
