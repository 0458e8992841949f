-- +goose Up

-- A backup that was taken: which one, who took it, up to which act it holds,
-- and when somebody last restored it to see that it can be.
CREATE TABLE backup (
    register  BIGINT NOT NULL,
    ref       TEXT   NOT NULL, -- of the backup; it stands in the backup too
    taken_at  TEXT   NOT NULL,
    taken_by  TEXT   NOT NULL,
    act       BIGINT NOT NULL, -- the last act that it holds
    file_name TEXT   NOT NULL,
    bytes     BIGINT NOT NULL,
    encrypted BOOLEAN NOT NULL,
    tested_at TEXT   NOT NULL, -- '' until it was restored and compared
    PRIMARY KEY (register, ref)
);
CREATE INDEX backup_taken ON backup (register, taken_at);
