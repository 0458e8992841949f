-- +goose Up

-- That a young person, or a parent, told partners not to pass on information;
-- started is since when.
CREATE TABLE opt_out (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- What is known for risk alone, or under a restriction: never in a return.
CREATE TABLE signal (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    kind TEXT NOT NULL, measure TEXT NOT NULL, value TEXT NOT NULL, restriction TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- Whoever sends files: a school, a college, a team.
CREATE TABLE sender (
    register       BIGINT NOT NULL REFERENCES register (id),
    id             BIGINT NOT NULL,
    ref            TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    kind           TEXT   NOT NULL, -- the kind of file it usually sends, '' for none
    agreement      TEXT   NOT NULL, -- under which agreement it sends, in words
    agreement_ends TEXT   NOT NULL, -- the last day of it, '' for none
    tolerance      BIGINT NOT NULL, -- days by which a start date may differ and be the same spell
    sends_full     BOOLEAN NOT NULL, -- its rolls are full: who is not in them is not there
    place          BOOLEAN NOT NULL, -- it is itself where the young people learn or work
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX sender_ref ON sender (register, ref);
CREATE UNIQUE INDEX sender_name ON sender (register, name);

-- How a sender's files of one kind were last read.
CREATE TABLE sender_mapping (
    register BIGINT NOT NULL,
    sender   BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    mapping  TEXT   NOT NULL,
    PRIMARY KEY (register, sender, kind),
    FOREIGN KEY (register, sender) REFERENCES sender (register, id)
);

-- The authority's own table of what senders' words mean; it learns from each
-- correction.
CREATE TABLE sender_word (
    register BIGINT NOT NULL REFERENCES register (id),
    list     TEXT   NOT NULL, -- the list of codes into which the words are translated
    words    TEXT   NOT NULL, -- as the sender writes them, folded
    code     TEXT   NOT NULL,
    act      BIGINT NOT NULL, -- the act that taught it
    PRIMARY KEY (register, list, words)
);

-- What a sender calls a young person, from rows that were applied and decided:
-- the next file does not ask again.
CREATE TABLE sender_person (
    register     BIGINT NOT NULL,
    sender       BIGINT NOT NULL,
    their_key    TEXT   NOT NULL, -- its own number, else a national one, else name and birth date
    who          TEXT   NOT NULL, -- name and birth date, folded, as they stood then
    young_person BIGINT NOT NULL,
    act          BIGINT NOT NULL,
    PRIMARY KEY (register, sender, their_key),
    FOREIGN KEY (register, sender) REFERENCES sender (register, id)
);

-- A partner's file and how far it has come.
CREATE TABLE intake (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    sender       BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    file_name    TEXT   NOT NULL,
    bytes        BIGINT NOT NULL,
    sha256       TEXT   NOT NULL,
    received_at  TEXT   NOT NULL,
    actor        TEXT   NOT NULL,
    actor_name   TEXT   NOT NULL,
    as_at        TEXT   NOT NULL, -- the day on which what it says was so
    state        TEXT   NOT NULL, -- receiving, received, mapped, staged, matched, review, applied, undone, cancelled, refused (intake.State)
    whole        BOOLEAN NOT NULL, -- a full roll
    mapping      TEXT   NOT NULL,
    blocks       BIGINT NOT NULL, -- staged so far
    done         BIGINT NOT NULL, -- blocks done by the stage under way
    after_act    BIGINT NOT NULL, -- the act after which the register was looked at
    counts       TEXT   NOT NULL,
    act          BIGINT,
    undone_by    BIGINT,
    message      TEXT   NOT NULL,
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, sender) REFERENCES sender (register, id)
);
CREATE UNIQUE INDEX intake_ref ON intake (register, ref);
CREATE INDEX intake_sha256 ON intake (register, sha256);
CREATE INDEX intake_sender ON intake (register, sender, kind);

-- The bytes of the file as it came.
CREATE TABLE intake_content (
    register BIGINT NOT NULL,
    intake   BIGINT NOT NULL,
    chunk    BIGINT NOT NULL,
    bytes    BYTEA  NOT NULL,
    PRIMARY KEY (register, intake, chunk),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);

-- Rows as they were understood, a thousand to a block.
CREATE TABLE intake_block (
    register  BIGINT NOT NULL,
    intake    BIGINT NOT NULL,
    block     BIGINT NOT NULL,
    first_row BIGINT NOT NULL,
    last_row  BIGINT NOT NULL,
    begins    TEXT   NOT NULL, -- where in the file the block begins, and where it ends
    ends      TEXT   NOT NULL,
    content   BYTEA  NOT NULL,
    PRIMARY KEY (register, intake, block),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);

-- What somebody wrote in the place of a cell.
CREATE TABLE intake_fix (
    register   BIGINT NOT NULL,
    intake     BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    item       TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    fixed_by   TEXT   NOT NULL,
    fixed_at   TEXT   NOT NULL,
    PRIMARY KEY (register, intake, row_number, item),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);

-- What is wrong with a row.
CREATE TABLE intake_problem (
    register    BIGINT NOT NULL,
    intake      BIGINT NOT NULL,
    row_number  BIGINT NOT NULL,
    line        BIGINT NOT NULL,
    code        TEXT   NOT NULL, -- groups rows with the same problem
    item        TEXT   NOT NULL,
    column_name TEXT   NOT NULL,
    value       TEXT   NOT NULL,
    words       TEXT   NOT NULL,
    fatal       BOOLEAN NOT NULL, -- the row cannot be used
    mended      BOOLEAN NOT NULL, -- the value is used after all, changed as the words say
    PRIMARY KEY (register, intake, row_number, line),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);
CREATE INDEX intake_problem_code ON intake_problem (register, intake, code, row_number);

-- Whom a row is about.
CREATE TABLE intake_row (
    register     BIGINT NOT NULL,
    intake       BIGINT NOT NULL,
    row_number   BIGINT NOT NULL,
    answer       TEXT   NOT NULL, -- same, new, decide
    young_person BIGINT NOT NULL, -- whom it fits best; 0 for nobody
    with_row     BIGINT NOT NULL, -- the row above that is of the same new person; 0 for none
    bits         BIGINT NOT NULL, -- the weight, in hundredths of a bit
    sentence     TEXT   NOT NULL,
    PRIMARY KEY (register, intake, row_number),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);
CREATE INDEX intake_row_answer ON intake_row (register, intake, answer, row_number);
CREATE INDEX intake_row_with ON intake_row (register, intake, with_row) WHERE with_row <> 0;

-- What somebody said of a row: whom it is about, or that it is left out, and
-- which of two values is to stand. It outlives a new matching.
CREATE TABLE intake_decision (
    register     BIGINT NOT NULL,
    intake       BIGINT NOT NULL,
    row_number   BIGINT NOT NULL,
    answer       TEXT   NOT NULL, -- '' for choices alone, person, new, skip
    young_person BIGINT NOT NULL, -- the one decided for, 0 for none
    choices      TEXT   NOT NULL, -- by field: ours or theirs
    decided_by   TEXT   NOT NULL,
    decided_at   TEXT   NOT NULL,
    PRIMARY KEY (register, intake, row_number),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);

-- What a row comes to, as the register stood after intake.after_act.
CREATE TABLE intake_outcome (
    register     BIGINT NOT NULL,
    intake       BIGINT NOT NULL,
    row_number   BIGINT NOT NULL,
    outcome      TEXT   NOT NULL, -- new, changed, unchanged, waiting, skipped
    young_person BIGINT NOT NULL, -- whom it was told to, 0 for nobody yet
    clashes      BIGINT NOT NULL, -- changes that wait for a choice
    changes      TEXT   NOT NULL, -- before and after in words
    stood        BIGINT NOT NULL, -- in the figures before and after: ten times one plus the other
    PRIMARY KEY (register, intake, row_number),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);
CREATE INDEX intake_outcome_kind ON intake_outcome (register, intake, outcome, row_number);
CREATE INDEX intake_outcome_person ON intake_outcome (register, intake, young_person);

-- Who was on the full roll before and is not on this one.
CREATE TABLE intake_gone (
    register     BIGINT NOT NULL,
    intake       BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    decision     TEXT   NOT NULL, -- '' to be followed up, left, there
    decided_by   TEXT   NOT NULL,
    decided_at   TEXT   NOT NULL,
    PRIMARY KEY (register, intake, young_person),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);
