-- +goose Up

-- Days of an authority's year: its own, and those of the fixed points that it
-- has moved. The fixed points themselves are data of the program. A row is never
-- changed: the version before is closed.
CREATE TABLE calendar_date (
    register   BIGINT NOT NULL REFERENCES register (id),
    id         BIGINT NOT NULL, -- of the version
    ref        TEXT   NOT NULL, -- runs through the versions
    year       BIGINT NOT NULL, -- the academic year in which it opens
    key        TEXT   NOT NULL, -- of the fixed point that is moved; '' for the authority's own
    words      TEXT   NOT NULL,
    opens_on   TEXT   NOT NULL,
    closes_on  TEXT   NOT NULL,
    roles      TEXT   NOT NULL, -- to whom it is due, parted by |
    href       TEXT   NOT NULL,
    campaign   TEXT   NOT NULL, -- the kind of campaign that opens with it, '' for none
    known_from BIGINT NOT NULL,
    known_to   BIGINT,
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number),
    FOREIGN KEY (register, known_to) REFERENCES act (register, number)
);
CREATE UNIQUE INDEX calendar_date_open ON calendar_date (register, ref) WHERE known_to IS NULL;
CREATE UNIQUE INDEX calendar_date_moved ON calendar_date (register, year, key) WHERE known_to IS NULL AND key <> '';
