-- +goose Up

-- One place that somebody applied for or was offered, for the September
-- Guarantee: where, what, and how far it has come. It proposes the status that
-- the table guarantee holds, and never sets it.
CREATE TABLE offer (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    season   BIGINT NOT NULL, -- the calendar year of its September
    place    TEXT NOT NULL,   -- school, college, provider or employer by name
    establishment_number TEXT NOT NULL, ukprn TEXT NOT NULL,
    provision TEXT NOT NULL,  -- guarantee.Provision
    course TEXT NOT NULL, level TEXT NOT NULL,
    made_on  TEXT NOT NULL,   -- the day it was offered, '' where nobody said
    state    TEXT NOT NULL,   -- guarantee.State
    suitable TEXT NOT NULL,   -- Y, N, '' where its provision says it
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
