-- +goose Up

-- A file that names young people and leaves the house, sealed: who took it,
-- when, why, what it held and its fingerprint. One that names many is asked
-- for before it is taken, and one that names very many is released by a second
-- person.
CREATE TABLE export (
    register      BIGINT NOT NULL REFERENCES register (id),
    id            BIGINT NOT NULL,
    ref           TEXT   NOT NULL,
    name          TEXT   NOT NULL, -- of the file; names nobody
    address       TEXT   NOT NULL, -- what was asked for: path and question
    people        BIGINT NOT NULL, -- how many it named when it was asked for
    reason        TEXT   NOT NULL, -- '' where it names few
    asked_by      TEXT   NOT NULL, -- the actor
    asked_by_name TEXT   NOT NULL,
    asked_at      TEXT   NOT NULL,
    released_by   TEXT   NOT NULL DEFAULT '', -- the second person, '' until then and where none is needed
    released_name TEXT   NOT NULL DEFAULT '',
    released_at   TEXT   NOT NULL DEFAULT '',
    taken_at      TEXT   NOT NULL DEFAULT '', -- the last time that it was sent whole
    row_count     BIGINT NOT NULL DEFAULT 0,
    sha256        TEXT   NOT NULL DEFAULT '', -- of all lines but the last, which says it
    known_from    BIGINT NOT NULL, -- the act that asked
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number)
);
CREATE UNIQUE INDEX export_ref ON export (register, ref);
