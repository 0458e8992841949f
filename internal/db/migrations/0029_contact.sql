-- +goose Up

-- A contact in full: who began it and when on its day, how long it took, what
-- they said in their own words, what comes next, the number or address used (the
-- key of its fact), who made it, and the campaign, round or message behind it.
-- Rows from before keep what they said; what nobody asked then is empty.
ALTER TABLE contact ADD COLUMN direction TEXT NOT NULL DEFAULT '';  -- contact.Out, contact.In
ALTER TABLE contact ADD COLUMN said TEXT NOT NULL DEFAULT '';       -- sealed
ALTER TABLE contact ADD COLUMN next_step TEXT NOT NULL DEFAULT '';  -- sealed
ALTER TABLE contact ADD COLUMN next_on TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN by_actor TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN at_time TEXT NOT NULL DEFAULT '';    -- in London, like 14:35
ALTER TABLE contact ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN reach BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN behind TEXT NOT NULL DEFAULT '';     -- campaign, visit, message
ALTER TABLE contact ADD COLUMN behind_id BIGINT NOT NULL DEFAULT 0;
