-- +goose Up

-- What was done about a row of the Department's feedback: a young person whom it
-- found in the returns of two authorities. A row without an answer is still to
-- do; the last answer counts.
CREATE TABLE feedback_answer (
    register   BIGINT NOT NULL,
    intake     BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    state      TEXT   NOT NULL, -- to do, done, not ours
    act        BIGINT NOT NULL, -- who said so, and when
    PRIMARY KEY (register, intake, row_number),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id)
);
