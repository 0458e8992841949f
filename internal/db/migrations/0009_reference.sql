-- +goose Up

-- What another body publishes as a whole and replaces as a whole: one row for
-- each version that was loaded. Its rows are staged under its number before
-- act names it; from then on it is in force, until a later one is, or until
-- undone_by takes it back.
CREATE TABLE dataset (
    register    BIGINT NOT NULL REFERENCES register (id),
    id          BIGINT NOT NULL,
    ref         TEXT   NOT NULL,
    kind        TEXT   NOT NULL, -- dataset.Kinds
    edition     TEXT   NOT NULL, -- what its publisher calls it, '' where the file does not say
    basis       TEXT   NOT NULL, -- of which census its areas are: '2011', '2021', ''
    areas       TEXT   NOT NULL, -- the areas to which it was narrowed, '' for all
    file_name   TEXT   NOT NULL,
    bytes       BIGINT NOT NULL,
    sha256      TEXT   NOT NULL,
    entries     BIGINT NOT NULL,
    received_at TEXT   NOT NULL,
    touched_at  TEXT   NOT NULL, -- of the last piece that was staged
    actor       TEXT   NOT NULL,
    actor_name  TEXT   NOT NULL,
    act         BIGINT, -- NULL while it is staged
    undone_by   BIGINT,
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX dataset_ref ON dataset (register, ref);
CREATE INDEX dataset_kind ON dataset (register, kind, act);

-- Schools, colleges and other establishments (GIAS). No head's name is kept.
CREATE TABLE establishment (
    register  BIGINT NOT NULL,
    dataset   BIGINT NOT NULL,
    urn       TEXT   NOT NULL,
    number    TEXT   NOT NULL, -- authority and establishment number: seven digits, '' for none
    ukprn     TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    name_key  TEXT   NOT NULL, -- folded
    kind_code TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    phase     TEXT   NOT NULL,
    status    TEXT   NOT NULL, -- the code
    opened    TEXT   NOT NULL,
    closed    TEXT   NOT NULL,
    la_code   TEXT   NOT NULL,
    la_name   TEXT   NOT NULL,
    postcode  TEXT   NOT NULL,
    sixth_form TEXT  NOT NULL,
    low_age   BIGINT NOT NULL, -- 0 where none is given
    high_age  BIGINT NOT NULL,
    PRIMARY KEY (register, dataset, urn),
    FOREIGN KEY (register, dataset) REFERENCES dataset (register, id)
);
CREATE INDEX establishment_number ON establishment (register, dataset, number);
CREATE INDEX establishment_ukprn ON establishment (register, dataset, ukprn);
CREATE INDEX establishment_name ON establishment (register, dataset, name_key);

-- Which establishment came after which.
CREATE TABLE establishment_link (
    register  BIGINT NOT NULL,
    dataset   BIGINT NOT NULL,
    urn       TEXT   NOT NULL,
    successor TEXT   NOT NULL,
    since     TEXT   NOT NULL,
    words     TEXT   NOT NULL, -- what GIAS calls the link
    PRIMARY KEY (register, dataset, urn, successor),
    FOREIGN KEY (register, dataset) REFERENCES dataset (register, id)
);

-- Whoever has a UK provider reference number.
CREATE TABLE learning_provider (
    register BIGINT NOT NULL,
    dataset  BIGINT NOT NULL,
    ukprn    TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    name_key TEXT   NOT NULL, -- folded
    PRIMARY KEY (register, dataset, ukprn),
    FOREIGN KEY (register, dataset) REFERENCES dataset (register, id)
);
CREATE INDEX learning_provider_name ON learning_provider (register, dataset, name_key);

-- The postcodes of one sector ("CH41 1"), a line for each: docs/decisions says
-- why they share a row.
CREATE TABLE postcode_sector (
    register BIGINT NOT NULL,
    dataset  BIGINT NOT NULL,
    sector   TEXT   NOT NULL,
    part     BIGINT NOT NULL, -- a sector may come in several pieces
    content  TEXT   NOT NULL,
    PRIMARY KEY (register, dataset, sector, part),
    FOREIGN KEY (register, dataset) REFERENCES dataset (register, id)
);

-- Deprivation of small areas: decile 1 is the most deprived tenth.
CREATE TABLE deprivation (
    register     BIGINT NOT NULL,
    dataset      BIGINT NOT NULL,
    lsoa         TEXT   NOT NULL,
    imd_rank     BIGINT NOT NULL,
    imd_decile   BIGINT NOT NULL,
    idaci_rank   BIGINT NOT NULL,
    idaci_decile BIGINT NOT NULL,
    PRIMARY KEY (register, dataset, lsoa),
    FOREIGN KEY (register, dataset) REFERENCES dataset (register, id)
);

-- Electoral wards, their names and their simplified boundaries.
CREATE TABLE ward (
    register  BIGINT NOT NULL,
    dataset   BIGINT NOT NULL,
    code      TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    authority TEXT   NOT NULL, -- code of the council, '' where the file does not say
    boundary  TEXT   NOT NULL, -- rings of points: place.Boundary
    PRIMARY KEY (register, dataset, code),
    FOREIGN KEY (register, dataset) REFERENCES dataset (register, id)
);
