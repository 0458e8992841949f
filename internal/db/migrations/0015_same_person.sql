-- +goose Up

-- What a register gives of its young people to the other registers of this
-- house: a token that tells nobody who it is, and is the same wherever the same
-- number is held. It is the one thing that is compared across registers, and
-- only where both have an agreement in force with one another (package border).
-- Tokens are made again from the facts; nothing is lost with them.
CREATE TABLE same_person (
    register     BIGINT NOT NULL,
    token        TEXT   NOT NULL,
    young_person BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- number (certain) or name (to be confirmed)
    PRIMARY KEY (register, token, young_person),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
CREATE INDEX same_person_of ON same_person (register, young_person);

-- What this register's officer says of a match: the same young person, or not.
CREATE TABLE same_person_answer (
    register     BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    other        BIGINT NOT NULL, -- the other register
    same         BOOLEAN NOT NULL,
    act          BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, other),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- Whom another authority asks about a young person of this register.
CREATE TABLE border_contact (
    register   BIGINT NOT NULL REFERENCES register (id),
    team       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    telephone  TEXT   NOT NULL,
    act        BIGINT NOT NULL,
    PRIMARY KEY (register)
);

-- Whoever signs in is found by their name over all registers, so a name is one
-- person's in the whole house. Where two registers gave the same one before,
-- the later register's has its number after it.
UPDATE account SET sign_in = sign_in || '.' || CAST(register AS TEXT)
    WHERE EXISTS (SELECT 1 FROM account other WHERE other.sign_in = account.sign_in AND other.register < account.register);
CREATE UNIQUE INDEX account_sign_in_house ON account (sign_in);
