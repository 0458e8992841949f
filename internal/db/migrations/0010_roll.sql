-- +goose Up

-- Lists look down a roll kept in memory: nothing asks these any more, and each
-- act that rewrites a standing had to keep them.
DROP INDEX IF EXISTS standing_list;
DROP INDEX IF EXISTS standing_school;
