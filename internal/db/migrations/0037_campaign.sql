-- +goose Up

-- Who was named by a list of enrolments that was applied: what is left of its
-- rows once the file itself is swept away, so that "on no enrolment list" is right
-- for the whole academic year.
CREATE TABLE enrolment_named (
    register     BIGINT NOT NULL,
    young_person BIGINT NOT NULL,
    intake       BIGINT NOT NULL,
    PRIMARY KEY (register, young_person, intake),
    FOREIGN KEY (register, intake) REFERENCES intake (register, id),
    FOREIGN KEY (register, young_person) REFERENCES young_person (register, id)
);
INSERT INTO enrolment_named (register, young_person, intake)
    SELECT DISTINCT o.register, o.young_person, o.intake FROM intake_outcome o JOIN intake n ON n.register = o.register AND n.id = o.intake
    WHERE n.state = 'applied' AND n.kind IN ('pupil-list', 'enrolment', 'starters-leavers', 'full-roll', 'ilr-learners', 'apprenticeship-starts')
    AND o.young_person <> 0 AND o.outcome IN ('new', 'changed', 'unchanged');

-- Who has left an institution is found by it, without reading every activity.
CREATE INDEX spell_left ON spell (register, establishment_number, ukprn) WHERE ended <> '';

-- What the day of the calendar was that opened a campaign by itself, '' where
-- somebody planned it: a day opens one once. version is raised by each change.
ALTER TABLE campaign ADD COLUMN opened_by TEXT NOT NULL DEFAULT '';
ALTER TABLE campaign ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX campaign_opened_by ON campaign (register, opened_by) WHERE opened_by <> '';
