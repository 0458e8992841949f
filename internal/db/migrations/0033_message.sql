-- +goose Up

-- The young person wants no messages of a channel; '' is all of them.
CREATE TABLE no_message (
    register BIGINT NOT NULL, young_person BIGINT NOT NULL, id BIGINT NOT NULL,
    channel TEXT NOT NULL, said_by TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, known_from BIGINT NOT NULL, known_to BIGINT, evidence BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, id, known_from),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- What messages say. Rows are versions, like facts; what was sent names its own.
CREATE TABLE message_template (
    register   BIGINT NOT NULL REFERENCES register (id),
    ref        TEXT   NOT NULL,
    channel    TEXT   NOT NULL, -- text, e-mail, letter (notify.Channel)
    name       TEXT   NOT NULL,
    basis      TEXT   NOT NULL, -- the lawful basis, in words
    subject    TEXT   NOT NULL,
    body       TEXT   NOT NULL, -- with ((placeholders))
    known_from BIGINT NOT NULL,
    known_to   BIGINT,
    PRIMARY KEY (register, ref, known_from)
);

-- Messages that were sent together.
CREATE TABLE message_batch (
    register      BIGINT NOT NULL REFERENCES register (id),
    ref           TEXT   NOT NULL,
    template      TEXT   NOT NULL,
    version       BIGINT NOT NULL, -- known_from of the template's version
    asks          TEXT   NOT NULL, -- what the list asks, '' for people who were chosen
    people        BIGINT NOT NULL, -- to how many
    left_out      TEXT   NOT NULL, -- how many were left out and why: counts, no names
    sent_by       TEXT   NOT NULL, -- the actor
    sent_by_name  TEXT   NOT NULL,
    at            TEXT   NOT NULL,
    known_from    BIGINT NOT NULL,
    PRIMARY KEY (register, ref)
);
CREATE INDEX message_batch_at ON message_batch (register, at);

-- One message to one young person.
CREATE TABLE message (
    register     BIGINT  NOT NULL,
    id           BIGINT  NOT NULL,
    ref          TEXT    NOT NULL, -- ours, which the carrier keeps
    batch        TEXT    NOT NULL,
    young_person BIGINT  NOT NULL,
    channel      TEXT    NOT NULL,
    sent_to      TEXT    NOT NULL, -- the number, digits alone, or the address of e-mail; '' for a letter
    reach        BIGINT  NOT NULL, -- the fact it came from
    subject      TEXT    NOT NULL, -- sealed; both are empty until it is on its way
    body         TEXT    NOT NULL, -- sealed; their own link is not in it
    state        TEXT    NOT NULL, -- message.State
    begun        BOOLEAN NOT NULL, -- it may have gone: the carrier is asked before it is sent again
    carrier      TEXT    NOT NULL, -- the carrier's own name of it
    why          TEXT    NOT NULL,
    queued_at    TEXT    NOT NULL,
    tried_at     TEXT,
    sent_at      TEXT,
    settled_at   TEXT,
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id),
    FOREIGN KEY (register, batch) REFERENCES message_batch (register, ref)
);
CREATE UNIQUE INDEX message_ref ON message (register, ref);
CREATE INDEX message_of_batch ON message (register, batch, state);
CREATE INDEX message_person ON message (register, young_person);
CREATE INDEX message_to ON message (register, sent_to, queued_at);
CREATE INDEX message_state ON message (register, state);

-- A link by which one young person tells us what they do, once. The link itself
-- is stored nowhere.
CREATE TABLE self_report_link (
    register     BIGINT NOT NULL,
    hash         TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    message      TEXT   NOT NULL, -- the message that holds it, '' where it was handed over
    made_at      TEXT   NOT NULL,
    ends_at      TEXT   NOT NULL,
    wrong        BIGINT NOT NULL, -- how often a wrong birth date was given
    used_at      TEXT,
    PRIMARY KEY (register, hash),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX self_report_link_person ON self_report_link (register, young_person);

-- What came back: an answer by a link, or a text.
CREATE TABLE answer (
    register   BIGINT NOT NULL REFERENCES register (id),
    ref        TEXT   NOT NULL,
    source     TEXT   NOT NULL, -- self-report, text
    carrier    TEXT   NOT NULL, -- what makes it one: the carrier's name of the text, the hash of the link
    number     TEXT   NOT NULL, -- from which a text came
    words      TEXT   NOT NULL, -- only where nobody is known to have the number
    came_at    TEXT   NOT NULL,
    state      TEXT   NOT NULL, -- waiting, used, refused, stop
    settled_by BIGINT,          -- the act
    PRIMARY KEY (register, ref)
);
CREATE UNIQUE INDEX answer_once ON answer (register, source, carrier);
CREATE INDEX answer_state ON answer (register, state, came_at);

-- Whose it may be: one, or everybody who has the number. words are sealed with
-- the key of each.
CREATE TABLE answer_person (
    register     BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    answer       TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    words        TEXT   NOT NULL,
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id),
    FOREIGN KEY (register, answer) REFERENCES answer (register, ref)
);
CREATE INDEX answer_person_of ON answer_person (register, answer);
CREATE INDEX answer_person_whose ON answer_person (register, young_person);
