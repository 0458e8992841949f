-- +goose Up

-- A list kept under a name: what it asks, not whom it shows. Rows are versions,
-- like facts.
CREATE TABLE saved_list (
    register   BIGINT NOT NULL REFERENCES register (id),
    ref        TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    asks       TEXT   NOT NULL, -- the filters, columns and order, as an address has them
    owner      TEXT   NOT NULL, -- the actor who keeps it
    owner_name TEXT   NOT NULL,
    shared     TEXT   NOT NULL, -- '' with nobody, 'everybody', or a role of the access package
    known_from BIGINT NOT NULL,
    known_to   BIGINT,
    PRIMARY KEY (register, ref, known_from)
);

-- What lists ask, so that counting who fits reads this and not whole standings.
CREATE INDEX standing_list ON standing (register, activity, lapses_on, dob, lead_la, cohort_status, send, sen_support, gender, ethnicity,
    level, vulnerable, adviser, establishment_number, last_contact_on, neet_since, young_person);
CREATE INDEX standing_school ON standing (register, establishment_number);
