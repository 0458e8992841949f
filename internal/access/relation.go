package access

import (
	"fmt"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Relation is what a young person is to an actor: a set of the relations below.
type Relation uint8

// The relations.
const (
	// Allocated: the actor is the young person's adviser.
	Allocated Relation = 1 << iota
	// Team: the young person's adviser is in a team in which the actor too has
	// young people.
	Team
	// Enrolled: the young person has an open spell of activity at the actor's
	// organisation, whatever agreements say.
	Enrolled
	// Agreed: the actor sees people by agreement, and one in force with their
	// organisation covers the young person, because they are enrolled there or
	// are named in it.
	Agreed
)

// Has says that all of the others are in the set.
func (r Relation) Has(others Relation) bool { return r&others == others }

// Words are the names of those in the set, as a sight or a table shows them.
func (r Relation) Words() string {
	var words []string
	for i, word := range []string{"allocated", "team", "enrolled at", "agreement in force"} {
		if r.Has(1 << i) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// Forbid is what forbids an actor a young person, whatever allows it: a set of
// the grounds below.
type Forbid uint8

// The grounds.
const (
	// EndedAccount: the actor's account is closed, has ended or has not begun.
	EndedAccount Forbid = 1 << iota
	// Suspended: an agreement with the actor's organisation waits to be approved
	// again, because the organisation or its owner has changed. Until then
	// nothing is known of who asks (ux-security.md 5.7).
	Suspended
)

// reason says the first ground in words.
func (f Forbid) reason() string {
	switch {
	case f&EndedAccount != 0:
		return "your account is closed, or its days are over"
	case f&Suspended != 0:
		return "the agreement with your organisation waits to be approved again"
	}
	return f.restricted()
}

// What the questions below share. Each takes the register, the account and the
// day as $1, $2 and $3.
const (
	// inForce is of an agreement g.
	inForce = `g.approved_by IS NOT NULL AND g.suspended_by IS NULL AND g.ended_by IS NULL AND g.started <= $3 AND g.ends >= $3`
	// ours joins the actor's organisation o with its agreements g, in this order:
	// by itself SQLite begins with all people of all agreements.
	ours  = ` FROM partner_account b CROSS JOIN organisation o CROSS JOIN agreement g`
	mine  = ` WHERE b.register = $1 AND b.account = $2 AND b.known_to IS NULL`
	bound = mine + ` AND o.register = b.register AND o.id = b.organisation AND g.register = o.register AND g.organisation = o.id`
	// named and enrolled go on with who is named in g, and with the open spells e of
	// activity at o, which byNumber and byUKPRN find, each by its index. byUKPRN
	// leaves those to byNumber whom that finds: most colleges have both numbers.
	named    = ours + ` CROSS JOIN agreement_person n` + bound + ` AND g.people = 'named' AND n.register = g.register AND n.agreement = g.id AND n.known_to IS NULL AND ` + inForce
	enrolled = ours + ` CROSS JOIN spell e` + bound + ` AND g.people = 'enrolled' AND e.register = o.register AND e.known_to IS NULL AND e.ended = '' AND ` + inForce
	byNumber = ` AND e.establishment_number <> '' AND e.establishment_number IN (o.urn, o.number)`
	byUKPRN  = ` AND e.ukprn <> '' AND e.ukprn = o.ukprn AND NOT (e.establishment_number <> '' AND e.establishment_number IN (o.urn, o.number))`

	// noRestriction and noOptOut, each followed by a young person's key, leave out
	// whose processing is restricted, and who told us to pass nothing on to the
	// organisation o ('everything' is youngperson.OptOutAll).
	noRestriction = ` AND NOT EXISTS (SELECT 1 FROM processing_restriction x WHERE x.register = $1 AND x.known_to IS NULL
		AND x.started <= $3 AND (x.ended = '' OR x.ended >= $3) AND x.young_person = `
	noOptOut = `) AND NOT EXISTS (SELECT 1 FROM opt_out x WHERE x.register = $1 AND x.known_to IS NULL AND x.scope = 'everything'
		AND (x.feed = '' OR x.feed = o.name) AND x.started <= $3 AND (x.ended = '' OR x.ended >= $3) AND x.young_person = `
	willingNamed    = noRestriction + `n.young_person` + noOptOut + `n.young_person)`
	willingEnrolled = noRestriction + `e.young_person` + noOptOut + `e.young_person)`
	// basics, followed by a young person's key, is 1 where somebody told us to pass
	// on to the organisation o no more than the basics.
	basics = `CASE WHEN EXISTS (SELECT 1 FROM opt_out x WHERE x.register = $1 AND x.known_to IS NULL
		AND (x.feed = '' OR x.feed = o.name) AND x.started <= $3 AND (x.ended = '' OR x.ended >= $3) AND x.young_person = `
	basicsNamed    = basics + `n.young_person) THEN 1 ELSE 0 END AS basics`
	basicsEnrolled = basics + `e.young_person) THEN 1 ELSE 0 END AS basics`

	// sqlAgreed are the young people of the agreements in force, each with the
	// fields that one agreement gives of them, and whether only the Basics of these.
	sqlAgreed = `SELECT n.young_person, g.fields, ` + basicsNamed + named + willingNamed + `
		UNION ALL SELECT e.young_person, g.fields, ` + basicsEnrolled + enrolled + byNumber + willingEnrolled + `
		UNION ALL SELECT e.young_person, g.fields, ` + basicsEnrolled + enrolled + byUKPRN + willingEnrolled
	sqlIsAgreed = `SELECT young_person, fields, basics FROM (` + sqlAgreed + `) agreed WHERE young_person = $4`

	// sqlShut counts an account that is closed, has ended or not begun, sqlSuspended agreements that wait to be
	// approved again.
	sqlShut = `SELECT count(*) FROM account c WHERE c.register = $1 AND c.id = $2
		AND (c.disabled = TRUE OR c.starts_on <> '' AND c.starts_on > $3 OR c.ends_on <> '' AND c.ends_on < $3)`
	sqlSuspended = `SELECT count(*)` + ours + bound + ` AND g.suspended_by IS NOT NULL AND g.ended_by IS NULL AND g.ends >= $3`
	sqlForbidden = `SELECT (` + sqlShut + `), (` + sqlSuspended + `)`
)

// sqlRelations counts what ties the young person $3 to the account, whose
// reference is $4.
const sqlRelations = `SELECT
	(SELECT count(*) FROM allocation a WHERE a.register = $1 AND a.young_person = $3 AND a.adviser = $4 AND a.known_to IS NULL AND a.ended = ''),
	(SELECT count(*) FROM allocation t JOIN allocation m ON m.register = t.register AND m.team = t.team
		WHERE t.register = $1 AND t.young_person = $3 AND t.known_to IS NULL AND t.ended = '' AND t.team <> ''
		AND m.adviser = $4 AND m.known_to IS NULL AND m.ended = ''),
	(SELECT count(*) FROM partner_account b JOIN organisation o ON o.register = b.register AND o.id = b.organisation
		JOIN spell e ON e.register = o.register AND e.young_person = $3 AND e.known_to IS NULL AND e.ended = ''
			AND (e.establishment_number <> '' AND e.establishment_number IN (o.urn, o.number) OR e.ukprn <> '' AND e.ukprn = o.ukprn)` + mine + `)`

// day is the day on which agreements are in force for the actor.
func (a Actor) day(tx *db.Tx) string {
	if a.Today.IsZero() {
		return civil.On(tx.Now, civil.London()).String()
	}
	return a.Today.String()
}

// forbidden reads what forbids the actor everybody.
func forbidden(tx *db.Tx, a Actor) (Forbid, error) {
	if a.Account == 0 {
		return 0, nil
	}
	var f Forbid
	var shut, waiting int
	if err := tx.QueryRow(sqlForbidden, int64(a.Register), int64(a.Account), a.day(tx)).Scan(&shut, &waiting); err != nil {
		return 0, fmt.Errorf("see what forbids the account everybody: %w", err)
	}
	if shut > 0 {
		f |= EndedAccount
	}
	if waiting > 0 {
		f |= Suspended
	}
	return f, nil
}

// about is About without what is restricted.
func about(tx *db.Tx, a Actor, yp id.YoungPerson) (Subject, error) {
	s := Subject{Register: a.Register, YoungPerson: yp}
	var err error
	if s.Forbidden, err = forbidden(tx, a); err != nil || a.Account == 0 {
		return s, err
	}
	if yp == 0 {
		s.Forbidden &= EndedAccount // a partner may still sign out
		return s, nil
	}
	if s.Relations, err = relations(tx, a, yp); err != nil || !a.byAgreement() {
		return s, err
	}
	agreed, err := people(tx, sqlIsAgreed, int64(a.Register), int64(a.Account), a.day(tx), int64(yp))
	if fields, ok := agreed[yp]; ok {
		s.Relations |= Agreed
		s.Agreed = fields
	}
	return s, err
}

// relations reads those that hang on facts alone.
func relations(tx *db.Tx, a Actor, yp id.YoungPerson) (Relation, error) {
	_, ref, _ := strings.Cut(a.Ref, ":")
	var n [3]int
	if err := tx.QueryRow(sqlRelations, int64(a.Register), int64(a.Account), int64(yp), ref).Scan(&n[0], &n[1], &n[2]); err != nil {
		return 0, fmt.Errorf("see what the young person is to the actor: %w", err)
	}
	var held Relation
	for i, r := range []Relation{Allocated, Team, Enrolled} {
		if n[i] > 0 {
			held |= r
		}
	}
	return held, nil
}
