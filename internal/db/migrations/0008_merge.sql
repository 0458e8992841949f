-- +goose Up

-- Two records that were of one young person, put together: young_person was
-- taken into into_person by the act known_from, and stands for itself again
-- since the act known_to. Their facts moved by the same acts. While it is in
-- force the young person's own row is closed too.
CREATE TABLE merged (
    register     BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    into_person  BIGINT NOT NULL,
    ref          TEXT   NOT NULL, -- of the merge
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, young_person, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id),
    FOREIGN KEY (register, into_person) REFERENCES young_person (register, id),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number)
);
CREATE UNIQUE INDEX merged_ref ON merged (register, ref);
CREATE INDEX merged_into ON merged (register, into_person);

-- What people have said of a pair of records: 'different' is never offered
-- again until it is taken back, 'not sure' is passed on. first is the lower
-- key. Rows are versions, like facts.
CREATE TABLE pair_answer (
    register   BIGINT NOT NULL,
    first      BIGINT NOT NULL,
    second     BIGINT NOT NULL,
    answer     TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT,
    PRIMARY KEY (register, first, second, known_from),
    FOREIGN KEY (register, first) REFERENCES young_person (register, id),
    FOREIGN KEY (register, second) REFERENCES young_person (register, id),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number)
);

-- One search of the register for records that may be of one person.
CREATE TABLE duplicate_search (
    register   BIGINT NOT NULL REFERENCES register (id),
    number     BIGINT NOT NULL,
    state      TEXT   NOT NULL, -- searching, done, stopped
    began_at   TEXT   NOT NULL,
    ended_at   TEXT   NOT NULL, -- '' until then
    actor      TEXT   NOT NULL,
    actor_name TEXT   NOT NULL,
    after_act  BIGINT NOT NULL, -- the last act that it took in
    people     BIGINT NOT NULL,
    pairs      BIGINT NOT NULL,
    message    TEXT   NOT NULL,
    PRIMARY KEY (register, number)
);

-- A pair of records that a search found, as it weighed them. The reference
-- stays through all searches; search is the last that found the pair.
CREATE TABLE duplicate_pair (
    register BIGINT NOT NULL,
    first    BIGINT NOT NULL,
    second   BIGINT NOT NULL,
    ref      TEXT   NOT NULL,
    search   BIGINT NOT NULL,
    weight   BIGINT NOT NULL, -- in thousandths of a bit
    veto     BIGINT NOT NULL, -- what stands against an answer by machine, as match has it
    sentence TEXT   NOT NULL,
    reasons  TEXT   NOT NULL, -- JSON
    PRIMARY KEY (register, first, second),
    FOREIGN KEY (register, first) REFERENCES young_person (register, id),
    FOREIGN KEY (register, second) REFERENCES young_person (register, id),
    FOREIGN KEY (register, search) REFERENCES duplicate_search (register, number)
);
CREATE UNIQUE INDEX duplicate_pair_ref ON duplicate_pair (register, ref);
CREATE INDEX duplicate_pair_search ON duplicate_pair (register, search, weight);
