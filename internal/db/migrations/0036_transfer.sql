-- +goose Up

-- That one register hands a young person who moved over to another of this
-- house (package transfer). Each side has its own row under the same ref: what
-- a register was offered names nobody until it has taken them, because whom it
-- is about is read from the register that offers them, as long as it does.
CREATE TABLE transfer (
    register     BIGINT NOT NULL REFERENCES register (id),
    ref          TEXT   NOT NULL,
    way          TEXT   NOT NULL, -- out or in
    own_la       TEXT   NOT NULL, -- which authority of this register it leaves or comes to
    other_la     TEXT   NOT NULL,
    young_person BIGINT NOT NULL, -- this register's; 0 until they were taken
    moved_on     TEXT   NOT NULL,
    basis        TEXT   NOT NULL,
    goes         TEXT   NOT NULL, -- fields, with semicolons between
    line1        TEXT   NOT NULL, -- the new address, with the side that offers alone
    town         TEXT   NOT NULL,
    postcode     TEXT   NOT NULL,
    state        TEXT   NOT NULL, -- offered, taken, refused, withdrawn
    why          TEXT   NOT NULL, -- why it was refused, one of a list
    offered_at   TEXT   NOT NULL,
    offered_by   TEXT   NOT NULL,
    changed_at   TEXT   NOT NULL,
    changed_by   TEXT   NOT NULL,
    act          BIGINT NOT NULL, -- the last that changed it
    PRIMARY KEY (register, ref)
);
CREATE INDEX transfer_state ON transfer (register, way, state);
CREATE INDEX transfer_person ON transfer (register, young_person);
