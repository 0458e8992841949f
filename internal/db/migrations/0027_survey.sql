-- +goose Up

-- The Annual Activity Survey of a year as it was filed: the bytes of its file,
-- which holds numbers alone, and their hash. It is filed once.
CREATE TABLE survey (
    register   BIGINT NOT NULL REFERENCES register (id),
    year       BIGINT NOT NULL, -- of its 1 November
    people     BIGINT NOT NULL, -- whom it counts
    sha256     TEXT   NOT NULL,
    bytes      BYTEA  NOT NULL,
    known_from BIGINT NOT NULL, -- the act that filed it
    PRIMARY KEY (register, year),
    FOREIGN KEY (register, known_from) REFERENCES act (register, number)
);
