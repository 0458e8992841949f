-- +goose Up

-- A file received. It is 'reading' only while a process works on it. Facts that
-- came from it point here through their evidence.
CREATE TABLE import (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    file_name    TEXT   NOT NULL, -- without its path
    sha256       TEXT   NOT NULL, -- '' until the whole file was read
    bytes        BIGINT NOT NULL,
    received_at  TEXT   NOT NULL,
    actor        TEXT   NOT NULL,
    actor_name   TEXT   NOT NULL,
    status       TEXT   NOT NULL, -- reading, applied, unchanged, refused, stopped, undone
    period_end   TEXT   NOT NULL,
    edition      TEXT   NOT NULL,
    stand_in     TEXT   NOT NULL, -- what to know where the edition stands in for another year's
    supplier     TEXT   NOT NULL,
    databases    TEXT   NOT NULL, -- the header's database ids, a space between
    authorities  TEXT   NOT NULL,
    records      BIGINT NOT NULL,
    added        BIGINT NOT NULL,
    changed      BIGINT NOT NULL,
    unchanged    BIGINT NOT NULL,
    kept_aside   BIGINT NOT NULL,
    absent       BIGINT NOT NULL,
    lapse_differences BIGINT NOT NULL,
    clashes      BIGINT NOT NULL,
    unreadable   BIGINT NOT NULL, -- values that are no date or no code of the edition
    act          BIGINT,          -- the act that loaded it
    undone_by    BIGINT,          -- the act that took it back
    message      TEXT   NOT NULL, -- what a person must know: why refused, when loaded before
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX import_ref ON import (register, ref);
CREATE INDEX import_sha256 ON import (register, sha256);

-- One thing to know about one record of a file, or about one young person who
-- is not in it.
CREATE TABLE import_note (
    register         BIGINT NOT NULL,
    import           BIGINT NOT NULL,
    line             BIGINT NOT NULL,
    kind             TEXT   NOT NULL, -- imports.NoteKinds
    position         BIGINT NOT NULL, -- the record in the file, from 1; 0 for none
    young_persons_id TEXT   NOT NULL,
    young_person     BIGINT,
    field            TEXT   NOT NULL,
    theirs           TEXT   NOT NULL,
    ours             TEXT   NOT NULL,
    words            TEXT   NOT NULL,
    PRIMARY KEY (register, import, line),
    FOREIGN KEY (register, import) REFERENCES import (register, id)
);

-- What a source (a database of a supplier) last said about a young person, so
-- that its next file is compared with what it said and not with what was mended
-- here. Rows are versions, like facts.
CREATE TABLE source_record (
    register      BIGINT NOT NULL,
    young_person  BIGINT NOT NULL,
    source        TEXT   NOT NULL, -- the three digits of the database
    record_key    TEXT   NOT NULL, -- what the source calls them: YoungPersonsID, else ULN, UPN, or name and birth date
    period_end    TEXT   NOT NULL,
    cohort_status TEXT   NOT NULL,
    hash          TEXT   NOT NULL, -- of content
    content       TEXT   NOT NULL, -- the record, but for lapse date and lapse mark
    spell         BIGINT NOT NULL, -- the fact that holds its activity, 0 where it has none
    gave_id       BOOLEAN NOT NULL, -- this version gave the young person their YoungPersonsID
    known_from    BIGINT NOT NULL,
    known_to      BIGINT,
    PRIMARY KEY (register, young_person, source, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
