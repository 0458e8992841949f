-- +goose Up

-- Whom the September Guarantee of a year is owed, as it was fixed at the end of
-- May: one baseline for each of its two nodes. It is never changed afterwards,
-- and never drawn twice.
CREATE TABLE baseline (
    register   BIGINT NOT NULL REFERENCES register (id),
    id         BIGINT NOT NULL,
    ref        TEXT   NOT NULL,
    season     BIGINT NOT NULL, -- the calendar year of its September
    node       TEXT   NOT NULL, -- Year11, Year12
    drawn_for  TEXT   NOT NULL, -- the day whose state it holds
    people     BIGINT NOT NULL,
    known_from BIGINT NOT NULL, -- the act that drew it
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number)
);
CREATE UNIQUE INDEX baseline_once ON baseline (register, season, node);

-- Who stands on it, with the school and the sex by which the survey counts them.
CREATE TABLE baseline_person (
    register             BIGINT NOT NULL,
    baseline             BIGINT NOT NULL,
    young_person         BIGINT NOT NULL,
    establishment_number TEXT   NOT NULL,
    establishment_name   TEXT   NOT NULL,
    sex                  TEXT   NOT NULL, -- as YP07 has it, '' where nobody said
    PRIMARY KEY (register, baseline, young_person),
    FOREIGN KEY (register, baseline) REFERENCES baseline (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX baseline_person_of ON baseline_person (register, young_person);

-- What 1 September has set in one act. Taken back, the year can be rolled over
-- again.
CREATE TABLE rollover (
    register   BIGINT NOT NULL REFERENCES register (id),
    year       BIGINT NOT NULL, -- the academic year that begins
    act        BIGINT NOT NULL,
    people     BIGINT NOT NULL, -- whose status it set
    undone_by  BIGINT,
    PRIMARY KEY (register, act),
    FOREIGN KEY (register, act) REFERENCES act (register, number),
    FOREIGN KEY (register, undone_by) REFERENCES act (register, number)
);
CREATE UNIQUE INDEX rollover_once ON rollover (register, year) WHERE undone_by IS NULL;
