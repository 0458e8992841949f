-- +goose Up

-- What was told to somebody by telephone, letter or in person: how, to whom of
-- which kind, by whose decision, and whether anything in it came from the
-- Department for Work and Pensions (all that was written down before did). The
-- words are sealed from now on.
ALTER TABLE disclosure ADD COLUMN recipient TEXT NOT NULL DEFAULT '';  -- rights.Recipients
ALTER TABLE disclosure ADD COLUMN how TEXT NOT NULL DEFAULT '';        -- rights.Ways
ALTER TABLE disclosure ADD COLUMN decided_by TEXT NOT NULL DEFAULT ''; -- the name of whoever decided it
ALTER TABLE disclosure ADD COLUMN of_claims BIGINT NOT NULL DEFAULT 1; -- 1 where section 15 protects it
