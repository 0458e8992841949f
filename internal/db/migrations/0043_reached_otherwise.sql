-- +goose Up

-- The reference of the campaign from whose list a round or a batch was made, ''
-- for none: what came of it counts as tries of the campaign.
ALTER TABLE visit_round ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE message_batch ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
CREATE INDEX message_batch_campaign ON message_batch (register, campaign) WHERE campaign <> '';
