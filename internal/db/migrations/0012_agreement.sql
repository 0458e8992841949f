-- +goose Up

-- Another body with which information is shared: a school, a college, a
-- training provider, a youth justice or a care team, a contact centre.
CREATE TABLE organisation (
    register BIGINT NOT NULL REFERENCES register (id),
    id       BIGINT NOT NULL,
    ref      TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    kind     TEXT   NOT NULL, -- sharing.Kinds
    urn      TEXT   NOT NULL, -- six digits, or ''
    number   TEXT   NOT NULL, -- authority and establishment, seven digits, or ''
    ukprn    TEXT   NOT NULL, -- eight digits, or ''
    la_code  TEXT   NOT NULL, -- three digits, or ''
    PRIMARY KEY (register, id)
);
CREATE UNIQUE INDEX organisation_ref ON organisation (register, ref);
CREATE UNIQUE INDEX organisation_name ON organisation (register, name);

-- What is shared with an organisation, about whom, what for and until when. It
-- is in force between its two days once it is approved, unless a change of the
-- organisation or the owner has suspended it, or somebody has ended it.
CREATE TABLE agreement (
    register     BIGINT NOT NULL REFERENCES register (id),
    id           BIGINT NOT NULL,
    ref          TEXT   NOT NULL,
    organisation BIGINT NOT NULL,
    purpose      TEXT   NOT NULL,
    document     TEXT   NOT NULL, -- where the signed paper is: a reference
    owner        TEXT   NOT NULL, -- who answers for it at the organisation
    people       TEXT   NOT NULL, -- enrolled, named
    fields       TEXT   NOT NULL, -- access.Fields
    started      TEXT   NOT NULL,
    ends         TEXT   NOT NULL, -- the last day
    added_by     BIGINT NOT NULL, -- the acts
    approved_by  BIGINT,
    suspended_by BIGINT,
    why_suspended TEXT  NOT NULL,
    ended_by     BIGINT,
    changed_by   BIGINT NOT NULL, -- the version that a form showed
    PRIMARY KEY (register, id),
    FOREIGN KEY (register, organisation) REFERENCES organisation (register, id)
);
CREATE UNIQUE INDEX agreement_ref ON agreement (register, ref);
CREATE INDEX agreement_organisation ON agreement (register, organisation);

-- A young person named in an agreement.
CREATE TABLE agreement_person (
    register     BIGINT NOT NULL,
    agreement    BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, agreement, young_person, known_from),
    FOREIGN KEY (register, agreement) REFERENCES agreement (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);

-- The organisation for which a partner's account asks.
CREATE TABLE partner_account (
    register     BIGINT NOT NULL,
    account      BIGINT NOT NULL,
    organisation BIGINT NOT NULL,
    known_from   BIGINT NOT NULL,
    known_to     BIGINT,
    PRIMARY KEY (register, account, known_from),
    FOREIGN KEY (register, account) REFERENCES account (register, id),
    FOREIGN KEY (register, organisation) REFERENCES organisation (register, id)
);

-- The organisation whose files a sender sends: without an agreement in force
-- none is received.
CREATE TABLE agreement_sender (
    register     BIGINT NOT NULL,
    sender       BIGINT NOT NULL,
    organisation BIGINT NOT NULL,
    PRIMARY KEY (register, sender),
    FOREIGN KEY (register, sender) REFERENCES sender (register, id),
    FOREIGN KEY (register, organisation) REFERENCES organisation (register, id)
);

-- A partner's own people and an adviser's own are found by these.
CREATE INDEX spell_at_number ON spell (register, establishment_number) WHERE known_to IS NULL AND ended = '' AND establishment_number <> '';
CREATE INDEX spell_at_ukprn ON spell (register, ukprn) WHERE known_to IS NULL AND ended = '' AND ukprn <> '';
CREATE INDEX allocation_adviser ON allocation (register, adviser) WHERE known_to IS NULL;
