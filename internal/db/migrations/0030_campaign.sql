-- +goose Up

-- A campaign: a list of young people, frozen on a day, whom a few people try to
-- reach by rules. Until its day it is planned and has no rows.
CREATE TABLE campaign (
    register    BIGINT NOT NULL REFERENCES register (id),
    id          BIGINT NOT NULL,
    ref         TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    asks        TEXT   NOT NULL, -- what its list asks, as an address has it
    target      TEXT   NOT NULL, -- what it is for, in words
    goal        BIGINT NOT NULL, -- how many of a hundred are to be settled
    opens_on    TEXT   NOT NULL,
    closes_on   TEXT   NOT NULL, -- the last day
    rules       TEXT   NOT NULL, -- campaign.Rules
    frozen_on   TEXT   NOT NULL DEFAULT '',
    frozen_by   BIGINT,
    closed_by   BIGINT,          -- the act that closed it before its last day
    made_by     BIGINT NOT NULL,
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX campaign_ref ON campaign (register, ref);

-- Who works a campaign.
CREATE TABLE campaign_hand (
    register   BIGINT NOT NULL,
    campaign   BIGINT NOT NULL,
    account    TEXT   NOT NULL, -- the account's reference
    name       TEXT   NOT NULL,
    known_from BIGINT NOT NULL,
    known_to   BIGINT,
    PRIMARY KEY (register, campaign, account, known_from),
    FOREIGN KEY (register, campaign) REFERENCES campaign (register, id)
);

-- A young person in a campaign. worker holds the row until locked_until; it is
-- written beside acts, for it changes nothing about anybody. last_act is the act
-- by which the last outcome was saved, by last_by.
CREATE TABLE campaign_row (
    register     BIGINT NOT NULL,
    campaign     BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    place        BIGINT NOT NULL,
    status_then  TEXT   NOT NULL, -- nccis.Status when the list was frozen
    cohort_then  TEXT   NOT NULL,
    worker       TEXT   NOT NULL DEFAULT '',
    worker_name  TEXT   NOT NULL DEFAULT '',
    locked_until TEXT   NOT NULL DEFAULT '',
    last_act     BIGINT NOT NULL DEFAULT 0,
    last_by      TEXT   NOT NULL DEFAULT '',
    last_at      TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (register, campaign, young_person),
    FOREIGN KEY (register, campaign) REFERENCES campaign (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX campaign_row_person ON campaign_row (register, young_person);
