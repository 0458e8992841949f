// Package restrict keeps the restrictions of young people's records: whose
// record is locked or hidden, whose address is protected, who is let through,
// and who answers for it.
//
// In the trade a restricted record is one that most staff must not open: of a
// colleague's child, of a case in the papers, of a young person whom somebody
// looks for to harm them. A restriction names people, not roles; it has a ground
// out of a closed list and an owner; and it is looked at again every 90 days. One
// that nobody has looked at lapses to its owner alone, never to open
// (ux-security.md 5.6). What a restriction keeps from whom, package access says.
package restrict

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Service keeps restrictions.
type Service struct {
	DB     *db.DB
	Sights *act.Recorder
}

// reviewDays is how long a restriction holds before it is looked at again.
const reviewDays = 90

// Grounds are why a record may be restricted in the way of a kind: a closed
// list, so that no story about anybody stands in it.
func Grounds(k access.Kind) []string {
	switch k {
	case access.Locked:
		return []string{"staff, or a relative of staff", "media interest", "serious case", "high risk of harm"}
	case access.Hidden:
		return []string{"witness protection", "adoption, where contact would harm", "court order"}
	case access.ProtectedAddress:
		return []string{"refuge", "harassment or domestic abuse"}
	}
	return nil
}

// Person is one whom a restriction lets through.
type Person struct {
	Account id.Account
	Ref     id.Ref
	Name    string
	// Closed says that the account cannot sign in any more.
	Closed bool
}

// Restriction is one in force. It names no young person: YoungPersonsID is all
// that whoever keeps restrictions needs.
type Restriction struct {
	ID             id.Restriction
	Ref            id.Ref
	Kind           access.Kind
	Ground         string
	YoungPersonsID string
	// PersonRef leads to the record, for those who are let through.
	PersonRef id.Ref
	Owner     Person
	Named     []Person
	// ReviewOn is the last day on which the named are let through; Lapsed that
	// it has passed.
	ReviewOn civil.Date
	Lapsed   bool
	// LiftBy is who asked for it to be lifted; another must agree.
	LiftBy Person
	// Version is the act that the form showed.
	Version id.Act

	person id.YoungPerson
}

// Through says that the restriction lets the actor through today.
func (r *Restriction) Through(by access.Actor) bool {
	return by.Account != 0 && (by.Account == r.Owner.Account || !r.Lapsed && slices.ContainsFunc(r.Named, func(p Person) bool { return p.Account == by.Account }))
}

// keeps says that the actor may change the restriction: information governance
// may, and its owner.
func (r *Restriction) keeps(by access.Actor) bool {
	return by.Holds(access.InformationGovernance) || by.Account != 0 && by.Account == r.Owner.Account
}

const (
	sqlRestrictions = `SELECT r.id, r.ref, r.kind, r.ground, r.young_person, y.young_persons_id, y.ref, r.owner, r.review_on, r.lift_by, r.known_from
		FROM restriction r JOIN young_person y ON y.register = r.register AND y.id = r.young_person`
	sqlNamed    = `SELECT n.account FROM restriction_named n WHERE n.register = $1 AND n.restriction = $2 AND n.known_to IS NULL`
	sqlAccounts = `SELECT id, ref, full_name, disabled FROM account WHERE register = $1`
)

// inForce reads restrictions in force, those that lapse soonest first.
func inForce(tx *db.Tx, r id.Register, narrow func(*db.Where)) ([]Restriction, error) {
	var w db.Where
	w.And("r.register = $1 AND r.known_to IS NULL", int64(r))
	if narrow != nil {
		narrow(&w)
	}
	accounts, err := accountsOf(tx, r)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlRestrictions+w.SQL()+" ORDER BY r.review_on, r.id", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the restrictions: %w", err)
	}
	defer rows.Close()
	var out []Restriction
	today := civil.On(tx.Now, civil.London())
	for rows.Next() {
		var one Restriction
		var owner, liftBy id.Account
		if err := rows.Scan((*int64)(&one.ID), (*string)(&one.Ref), (*string)(&one.Kind), &one.Ground, (*int64)(&one.person), &one.YoungPersonsID,
			(*string)(&one.PersonRef), (*int64)(&owner), &one.ReviewOn, (*int64)(&liftBy), (*int64)(&one.Version)); err != nil {
			return nil, fmt.Errorf("read the restrictions: %w", err)
		}
		one.Owner, one.LiftBy = accounts[owner], accounts[liftBy]
		one.Lapsed = one.ReviewOn.Before(today)
		out = append(out, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the restrictions: %w", err)
	}
	rows.Close()
	for i := range out {
		if out[i].Named, err = namedOf(tx, r, out[i].ID, accounts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func accountsOf(tx *db.Tx, r id.Register) (map[id.Account]Person, error) {
	rows, err := tx.Query(sqlAccounts, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	defer rows.Close()
	out := map[id.Account]Person{}
	for rows.Next() {
		var p Person
		if err := rows.Scan((*int64)(&p.Account), (*string)(&p.Ref), &p.Name, &p.Closed); err != nil {
			return nil, fmt.Errorf("read the accounts: %w", err)
		}
		out[p.Account] = p
	}
	return out, rows.Err()
}

func namedOf(tx *db.Tx, r id.Register, one id.Restriction, accounts map[id.Account]Person) ([]Person, error) {
	rows, err := tx.Query(sqlNamed, int64(r), int64(one))
	if err != nil {
		return nil, fmt.Errorf("read whom a restriction names: %w", err)
	}
	defer rows.Close()
	var out []Person
	for rows.Next() {
		var account id.Account
		if err := rows.Scan((*int64)(&account)); err != nil {
			return nil, fmt.Errorf("read whom a restriction names: %w", err)
		}
		out = append(out, accounts[account])
	}
	slices.SortFunc(out, func(a, b Person) int { return int(a.Account - b.Account) })
	return out, rows.Err()
}

// All are the restrictions in force, those to be reviewed soonest first. It
// needs access.RestrictRecord and records that they were looked at.
func (s *Service) All(ctx context.Context, by access.Actor) ([]Restriction, error) {
	if err := access.Decide(by, access.RestrictRecord, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	out, err := s.read(ctx, by, nil)
	if err != nil {
		return nil, err
	}
	return out, s.saw(ctx, by, access.RestrictRecord, "restricted records", out)
}

// Mine are the restrictions in force that the actor owns, those to be reviewed
// soonest first. It shows no more than what they keep.
func (s *Service) Mine(ctx context.Context, by access.Actor) ([]Restriction, error) {
	if by.Account == 0 {
		return nil, nil
	}
	return s.read(ctx, by, func(w *db.Where) { w.And("r.owner = $1", int64(by.Account)) })
}

// Get is one restriction in force, for whoever keeps it; for others it is
// db.NotFound, as for a reference that is none. It records that it was looked at.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (Restriction, error) {
	all, err := s.read(ctx, by, func(w *db.Where) { w.And("r.ref = $1", string(ref)) })
	if err != nil {
		return Restriction{}, err
	}
	if len(all) == 0 || !all[0].keeps(by) {
		return Restriction{}, db.NotFound
	}
	return all[0], s.saw(ctx, by, access.ReviewRestriction, "restricted record", all)
}

func (s *Service) read(ctx context.Context, by access.Actor, narrow func(*db.Where)) ([]Restriction, error) {
	var out []Restriction
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = inForce(tx, by.Register, narrow)
		return err
	})
	return out, err
}

func (s *Service) saw(ctx context.Context, by access.Actor, kind access.Action, page string, list []Restriction) error {
	people := make([]id.YoungPerson, len(list))
	for i := range list {
		people[i] = list[i].person
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: kind, People: people, Page: page})
}

// CouldBeNamed are the open accounts of those whose work is with young people,
// by name: whom a restriction can name, or have as its owner. It needs
// access.ReviewRestriction.
func (s *Service) CouldBeNamed(ctx context.Context, by access.Actor) ([]Person, error) {
	if err := access.Decide(by, access.ReviewRestriction, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Person
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = couldBeNamed(tx, by.Register)
		return err
	})
	return out, err
}

const sqlAtWork = `SELECT a.id, a.ref, a.full_name, r.role FROM account a JOIN account_role r ON r.register = a.register AND r.account = a.id AND r.known_to IS NULL
	WHERE a.register = $1 AND NOT a.disabled ORDER BY a.full_name, a.id`

func couldBeNamed(tx *db.Tx, r id.Register) ([]Person, error) {
	rows, err := tx.Query(sqlAtWork, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read who can be named: %w", err)
	}
	defer rows.Close()
	var out []Person
	for rows.Next() {
		var p Person
		var role access.Role
		if err := rows.Scan((*int64)(&p.Account), (*string)(&p.Ref), &p.Name, (*string)(&role)); err != nil {
			return nil, fmt.Errorf("read who can be named: %w", err)
		}
		works := access.May(access.Actor{Register: r, Ref: "account:" + string(p.Ref), Roles: []access.Role{role}}, access.SeePerson)
		if works && !slices.ContainsFunc(out, func(o Person) bool { return o.Account == p.Account }) {
			out = append(out, p)
		}
	}
	return out, rows.Err()
}
