-- +goose Up

-- Durable work: what must be done once, after the act that asked for it, though
-- the process is killed. Whoever works on a row has its due_at set on to the
-- end of their lease, so that another takes it up only if they are gone.
CREATE TABLE job (
    register  BIGINT NOT NULL REFERENCES register (id),
    ref       TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    about     TEXT   NOT NULL, -- what it is about: a reference, never a name
    state     TEXT   NOT NULL, -- waiting, done, given up (job.State)
    due_at    TEXT   NOT NULL,
    lease     TEXT   NOT NULL, -- a mark of who took it last, '' for nobody
    tries     BIGINT NOT NULL,
    problem   TEXT   NOT NULL, -- why it was put off or given up
    asked_at  TEXT   NOT NULL,
    ended_at  TEXT,
    PRIMARY KEY (register, ref)
);
CREATE INDEX job_due ON job (register, state, due_at);
