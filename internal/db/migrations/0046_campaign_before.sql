-- +goose Up

-- The campaign from whose list a door came stands with whoever is at it, and not
-- with the round: a door that is moved to another round counts as its try still.
ALTER TABLE visit_stop ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
UPDATE visit_stop SET campaign = (SELECT r.campaign FROM visit_round r WHERE r.register = visit_stop.register AND r.id = visit_stop.round);
ALTER TABLE visit_round DROP COLUMN campaign;

-- Who has a row of a campaign now is asked for each page of it.
CREATE INDEX campaign_row_held ON campaign_row (register, campaign) WHERE worker <> '';

-- What a campaign was before it was changed: a row for each change, by the act
-- that made it and the version that it replaced.
CREATE TABLE campaign_before (
    register   BIGINT NOT NULL,
    campaign   BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    target     TEXT   NOT NULL,
    goal       BIGINT NOT NULL,
    opens_on   TEXT   NOT NULL,
    closes_on  TEXT   NOT NULL,
    rules      TEXT   NOT NULL, -- campaign.Rules
    changed_by BIGINT NOT NULL,
    PRIMARY KEY (register, campaign, version),
    FOREIGN KEY (register, campaign) REFERENCES campaign (register, id)
);
