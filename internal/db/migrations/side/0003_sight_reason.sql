-- +goose Up

-- Why somebody looked at a young person who is not theirs; empty where the
-- relation is on file.
ALTER TABLE sight ADD COLUMN reason TEXT NOT NULL DEFAULT '';
