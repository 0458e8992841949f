-- +goose Up

-- A notice that was handed over within this house: on the side that has it now the
-- authority from which it came, on the side from which it went its stamp there. By
-- these the first is told that the other has dealt with it. '' where it was not.
ALTER TABLE notice ADD COLUMN from_la TEXT NOT NULL DEFAULT '';
ALTER TABLE notice ADD COLUMN stamp_there TEXT NOT NULL DEFAULT '';
CREATE INDEX notice_stamp_there ON notice (register, stamp_there) WHERE stamp_there <> '';

-- At which address another authority, or an institution, is reminded of a notice
-- that waits for it.
CREATE TABLE notice_address (
    register BIGINT NOT NULL REFERENCES register (id),
    whom     TEXT   NOT NULL, -- "authority 987", or "organisation" and its key
    email    TEXT   NOT NULL,
    set_by   BIGINT NOT NULL, -- the act
    PRIMARY KEY (register, whom)
);

-- One reminder by e-mail: one for each day by which a notice was to be answered.
CREATE TABLE notice_reminder (
    register   BIGINT  NOT NULL,
    ref        TEXT    NOT NULL,
    notice     BIGINT  NOT NULL,
    due        TEXT    NOT NULL, -- the day that had passed
    whom       TEXT    NOT NULL,
    sent_to    TEXT    NOT NULL,
    state      TEXT    NOT NULL, -- queued, sending, stopped, or notify.State
    begun      BOOLEAN NOT NULL, -- the carrier may have it
    why        TEXT    NOT NULL,
    queued_at  TEXT    NOT NULL,
    settled_at TEXT,
    PRIMARY KEY (register, ref)
);
CREATE UNIQUE INDEX notice_reminder_once ON notice_reminder (register, notice, due);
