-- +goose Up

-- What whoever goes to the door must know first; the words are sealed.
CREATE TABLE safety_note (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    kind TEXT NOT NULL, words TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- One day's round of visits by one worker.
CREATE TABLE visit_round (
    register       BIGINT NOT NULL REFERENCES register (id),
    id             BIGINT NOT NULL,
    ref            TEXT   NOT NULL,
    day            TEXT   NOT NULL,
    by_car         BOOLEAN NOT NULL, -- else on foot
    start_postcode TEXT   NOT NULL,
    worker         TEXT   NOT NULL, -- the reference of an account
    worker_name    TEXT   NOT NULL,
    planned_by     TEXT   NOT NULL,
    planned_name   TEXT   NOT NULL,
    metres         BIGINT NOT NULL, -- of the way, as the crow flies between postcodes
    list_metres    BIGINT NOT NULL, -- of the same doors in the order of the list
    closed         BOOLEAN NOT NULL,
    known_from     BIGINT NOT NULL, -- the act that planned it
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number)
);
CREATE UNIQUE INDEX visit_round_ref ON visit_round (register, ref);
CREATE INDEX visit_round_day ON visit_round (register, day);

-- One young person of a round: at a door, or apart with why there is none.
CREATE TABLE visit_stop (
    register     BIGINT NOT NULL,
    round        BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    door         BIGINT NOT NULL, -- from 1 in the order of the way; people at one address share it; 0 for none
    why          TEXT   NOT NULL, -- why there is no door, '' where there is one
    outcome      TEXT   NOT NULL, -- visit.Outcome, '' until it is told
    told_at      TEXT,
    told_by      TEXT   NOT NULL, -- the act's actor
    act          BIGINT NOT NULL, -- the act that told it, 0 until then
    PRIMARY KEY (register, round, young_person),
    FOREIGN KEY (register, round) REFERENCES visit_round (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE UNIQUE INDEX visit_stop_ref ON visit_stop (register, ref);
CREATE INDEX visit_stop_person ON visit_stop (register, young_person);

-- Somebody is out alone, and by when they will say that they are safe. All are
-- moments: that clocks go back moves none of them.
CREATE TABLE visit_watch (
    register    BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    ref         TEXT   NOT NULL,
    round       BIGINT NOT NULL,
    worker      TEXT   NOT NULL,
    worker_name TEXT   NOT NULL,
    telephone   TEXT   NOT NULL, -- the worker's, for whoever must ring
    began_at    TEXT   NOT NULL,
    expected_at TEXT   NOT NULL,
    raised_at   TEXT,            -- since when there is an alarm; it stays until the end
    ended_at    TEXT,
    ended_by    TEXT   NOT NULL, -- the name of the one who said so
    ended_how   TEXT   NOT NULL,
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, round) REFERENCES visit_round (register, id)
);
CREATE UNIQUE INDEX visit_watch_ref ON visit_watch (register, ref);
CREATE UNIQUE INDEX visit_watch_open ON visit_watch (register, worker) WHERE ended_at IS NULL;
