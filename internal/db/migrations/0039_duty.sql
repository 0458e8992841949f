-- +goose Up

-- Whom a missed check-in is told at once, by text and by e-mail.
CREATE TABLE duty (
    register  BIGINT NOT NULL REFERENCES register (id),
    telephone TEXT   NOT NULL, -- '' for none
    email     TEXT   NOT NULL,
    set_by    BIGINT NOT NULL, -- the act
    PRIMARY KEY (register)
);

-- One message to them of one alarm.
CREATE TABLE duty_message (
    register   BIGINT  NOT NULL,
    ref        TEXT    NOT NULL,
    watch      TEXT    NOT NULL, -- the check-in that was missed
    raised_at  TEXT    NOT NULL,
    channel    TEXT    NOT NULL, -- notify.Channel
    sent_to    TEXT    NOT NULL,
    state      TEXT    NOT NULL, -- queued, sending, or notify.State, or stopped
    begun      BOOLEAN NOT NULL, -- the carrier may have it
    why        TEXT    NOT NULL,
    settled_at TEXT,
    PRIMARY KEY (register, ref)
);
CREATE UNIQUE INDEX duty_message_once ON duty_message (register, watch, raised_at, channel);
