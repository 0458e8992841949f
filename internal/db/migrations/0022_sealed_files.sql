-- +goose Up

-- The bytes of partners' files, and the rows understood of them, are sealed
-- under a key of the register: its name, '' where an older version kept them as
-- they came, until the next start seals them.
ALTER TABLE intake_content ADD COLUMN sealed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE intake_block ADD COLUMN sealed_by TEXT NOT NULL DEFAULT '';
