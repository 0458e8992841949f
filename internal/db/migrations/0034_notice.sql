-- +goose Up

-- What an institution tells of one young person: that they have left or are to
-- leave (Education and Skills Act 2008 s.13), that they may, or that they are
-- still there. What it says of them stands as it came.
CREATE TABLE notice (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    stamp        TEXT   NOT NULL, -- what the sender quotes
    kind         TEXT   NOT NULL, -- left, risk, staying
    organisation BIGINT NOT NULL, -- 0 where no organisation of ours sent it
    institution  TEXT   NOT NULL,
    channel      TEXT   NOT NULL, -- page, file, api, or how it came to staff
    position     BIGINT NOT NULL, -- the row of the file, 0 for none
    received_at  TEXT   NOT NULL,
    sender_name  TEXT   NOT NULL, -- who sent it, or put it in
    given        TEXT   NOT NULL,
    family       TEXT   NOT NULL,
    born         TEXT   NOT NULL,
    postcode     TEXT   NOT NULL,
    uln          TEXT   NOT NULL,
    upn          TEXT   NOT NULL,
    their_ref    TEXT   NOT NULL,
    left_on      TEXT   NOT NULL, -- the last day; expected where it was to come
    reasons      TEXT   NOT NULL, -- codes with semicolons between
    destination  TEXT   NOT NULL, -- an activity code, '' where not known
    who_acts     TEXT   NOT NULL, -- of a risk: who will act
    act_by       TEXT   NOT NULL, -- and by which day
    print        TEXT   NOT NULL, -- by which the same notice is known again
    told_again   BIGINT NOT NULL, -- how often it came again
    state        TEXT   NOT NULL, -- notice.State
    young_person BIGINT NOT NULL, -- 0 until somebody or a number says who it is
    met_by       TEXT   NOT NULL, -- how they were found, in words
    home_la      TEXT   NOT NULL, -- the authority to which it is sent on, '' for ours
    sent_how     TEXT   NOT NULL,
    sent_on      TEXT   NOT NULL,
    chased       BIGINT NOT NULL,
    due          TEXT   NOT NULL, -- by which day the next step is to be done, '' for none
    outcome      TEXT   NOT NULL, -- how it ended, in words
    added_by     BIGINT NOT NULL, -- the act that received it
    changed_by   BIGINT NOT NULL, -- the version that a form showed
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX notice_ref ON notice (register, ref);
CREATE UNIQUE INDEX notice_stamp ON notice (register, stamp);
CREATE INDEX notice_print ON notice (register, print);
CREATE INDEX notice_state ON notice (register, state, due);
CREATE INDEX notice_person ON notice (register, young_person);
CREATE INDEX notice_organisation ON notice (register, organisation);

-- What was done with a notice, step by step.
CREATE TABLE notice_step (
    register BIGINT NOT NULL,
    notice   BIGINT NOT NULL,
    act      BIGINT NOT NULL,
    at       TEXT   NOT NULL,
    by_name  TEXT   NOT NULL,
    what     TEXT   NOT NULL, -- in words that name nobody
    PRIMARY KEY (register, notice, act),
    FOREIGN KEY (register, notice) REFERENCES notice (register, id)
);

-- Within how many days each step is to be done.
CREATE TABLE notice_limit (
    register BIGINT NOT NULL REFERENCES register (id),
    find     BIGINT NOT NULL,
    settle   BIGINT NOT NULL,
    send_on  BIGINT NOT NULL,
    chase    BIGINT NOT NULL,
    act      BIGINT NOT NULL,
    PRIMARY KEY (register)
);
