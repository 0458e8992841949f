package record

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/safety"
	"waymark/internal/youngperson"
)

// NewPerson is what it takes to add a young person.
type NewPerson struct {
	Name              youngperson.Name
	Born              civil.Date
	Gender, Ethnicity string
	Address           youngperson.Address
	Identifiers       Identifiers
	// LeadLA is the authority of residence, EducatedLA where they are taught.
	LeadLA, EducatedLA string
	Need               need.Need
}

// Add adds a young person with a new YoungPersonsID and returns the reference;
// with act.ErrRepeated it is that of the person whom the first press added. It
// needs access.AddPerson.
func (s *Service) Add(ctx context.Context, by access.Actor, n NewPerson, told Told) (id.Ref, error) {
	if err := s.checkNew(&n, told); err != nil {
		return "", err
	}
	ref := id.NewRef()
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.AddPerson, 0, act.Request{Reason: told.Reason, Key: told.Key,
			Evidence: &act.Evidence{Kind: told.Kind, SaidBy: told.SaidBy, ReceivedOn: told.On}})
		if err != nil {
			return err
		}
		yp, err := Anchor(tx, a, ref)
		if err != nil {
			return err
		}
		if err := s.firstFacts(tx, a, yp, n); err != nil {
			return err
		}
		if err := s.hold(tx, by.Register, yp, newPersonFields); err != nil {
			return err
		}
		return s.Standing.Rewrite(tx, a, yp)
	})
	if errors.Is(err, act.ErrRepeated) {
		earlier, failed := s.AddedWith(ctx, by, told.Key)
		if failed != nil {
			return "", failed
		}
		return earlier, err
	}
	return ref, err
}

const sqlAddedWith = `SELECT y.ref FROM act a JOIN young_person y ON y.register = a.register AND y.known_from = a.number
	WHERE a.register = $1 AND a.one_use_key = $2 AND a.actor = $3 AND a.kind = $4`

// AddedWith is the reference of the young person whom this actor added with the
// one-use key, or db.NotFound.
func (s *Service) AddedWith(ctx context.Context, by access.Actor, key string) (id.Ref, error) {
	if err := access.Decide(by, access.AddPerson, access.Subject{Register: by.Register}); err != nil {
		return "", err
	}
	var ref id.Ref
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(sqlAddedWith, int64(by.Register), key, by.Ref, string(access.AddPerson)).Scan(&ref)
		if errors.Is(err, sql.ErrNoRows) {
			return db.NotFound
		}
		return err
	})
	return ref, err
}

var newPersonFields = owned{nccis.GivenName: "given-name", nccis.MiddleName: "middle-name", nccis.FamilyName: "family-name", nccis.DOB: "date-of-birth",
	nccis.Gender: "gender", nccis.Ethnicity: "ethnicity", nccis.AddressLine1: "address-line-1", nccis.Postcode: "postcode", nccis.LeadLEA: "lead-la",
	nccis.EducatedLEA: "educated-la", nccis.LevelOfNeedCode: "level", nccis.SENDFlag: "send", nccis.SENSupportFlag: "sen-support",
	nccis.UniqueLearnerNo: "uln", nccis.UniquePupilNumber: "upn"}

func (s *Service) checkNew(n *NewPerson, told Told) error {
	trim(&n.Name.Given, &n.Name.Middle, &n.Name.Family)
	n.Name.Kind, n.Address = youngperson.Legal, tidy(n.Address)
	var wrong field.Errors
	told.check(s.Today(), &wrong)
	if n.Name.Given == "" {
		wrong.Add("given-name", "Enter the given name")
	}
	if n.Name.Family == "" {
		wrong.Add("family-name", "Enter the family name")
	}
	if n.Born.IsZero() || n.Born.After(s.Today()) {
		wrong.Add("date-of-birth", "Enter the date of birth, like 27 3 2009")
	}
	n.Identifiers.check(&wrong)
	return wrong.Err()
}

const sqlAddPerson = `INSERT INTO young_person (register, id, ref, young_persons_id, known_from) VALUES ($1, $2, $3, $4, $5)`

// Anchor makes the row that all facts hang on, with the register's next
// YoungPersonsID.
func Anchor(tx *db.Tx, a *act.Act, ref id.Ref) (id.YoungPerson, error) {
	book, err := register.Of(tx, a.Register)
	if err != nil {
		return 0, err
	}
	key, err := a.Keys(1)
	if err != nil {
		return 0, err
	}
	ypid, err := nextID(tx, a, book)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(sqlAddPerson, int64(a.Register), key, string(ref), ypid, int64(a.Number)); err != nil {
		return 0, fmt.Errorf("add the young person: %w", err)
	}
	return id.YoungPerson(key), nil
}

const sqlIDTaken = `SELECT count(*) FROM young_person WHERE register = $1 AND young_persons_id = $2`

// nextID is the next YoungPersonsID that nobody has ever had: numbers that
// came with a supplier's file may lie in front of ours.
func nextID(tx *db.Tx, a *act.Act, book register.Register) (string, error) {
	for {
		number, err := a.LocalNumbers(1)
		if err != nil {
			return "", err
		}
		ypid := fmt.Sprintf("%s%010d", book.DatabaseID, number)
		var taken int
		if err := tx.QueryRow(sqlIDTaken, int64(a.Register), ypid).Scan(&taken); err != nil {
			return "", fmt.Errorf("look for a free YoungPersonsID: %w", err)
		}
		if taken == 0 {
			return ypid, nil
		}
	}
}

func (s *Service) firstFacts(tx *db.Tx, a *act.Act, yp id.YoungPerson, n NewPerson) error {
	if _, err := youngperson.Names.New(tx, a, yp, "", n.Name); err != nil {
		return err
	}
	if _, err := youngperson.ParticularsTable.New(tx, a, yp, "", youngperson.Particulars{DOB: n.Born.String(), Gender: n.Gender, Ethnicity: n.Ethnicity}); err != nil {
		return err
	}
	if _, err := youngperson.Addresses.New(tx, a, yp, "", n.Address); err != nil {
		return err
	}
	for _, i := range []youngperson.Identifier{{Scheme: youngperson.ULN, Value: n.Identifiers.ULN}, {Scheme: youngperson.UPN, Value: n.Identifiers.UPN},
		{Scheme: youngperson.Previous, Value: n.Identifiers.Previous}} {
		if i.Value == "" {
			continue
		}
		if _, err := youngperson.Identifiers.New(tx, a, yp, "", i); err != nil {
			return err
		}
	}
	if _, err := cohort.Statuses.New(tx, a, yp, "", cohort.Status{LeadLA: n.LeadLA, EducatedLA: n.EducatedLA}); err != nil {
		return err
	}
	_, err := need.Needs.New(tx, a, yp, "", n.Need)
	return err
}

const sqlSetID = `UPDATE young_person SET young_persons_id = $1 WHERE register = $2 AND id = $3`

// replaceID gives a new YoungPersonsID and keeps the old one among the
// identifiers, where it can be found.
func replaceID(tx *db.Tx, a *act.Act, l *life.Life) error {
	book, err := register.Of(tx, a.Register)
	if err != nil {
		return err
	}
	ypid, err := nextID(tx, a, book)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlSetID, ypid, int64(a.Register), int64(l.Person.ID)); err != nil {
		return fmt.Errorf("give a new YoungPersonsID: %w", err)
	}
	if l.Person.YoungPersonsID == "" {
		return nil
	}
	_, err = youngperson.Identifiers.New(tx, a, l.Person.ID, "", youngperson.Identifier{Scheme: FormerID, Value: l.Person.YoungPersonsID})
	return err
}

// FormerID is the scheme under which a replaced YoungPersonsID is kept.
const FormerID = youngperson.FormerID

// SetReach adds a way to reach the young person, or replaces the one that the
// form showed; an empty
// value takes it away. fact is 0 to add.
func (s *Service) SetReach(ctx context.Context, by access.Actor, ref id.Ref, fact id.Fact, r youngperson.Reach, seen id.Act, told Told) error {
	trim(&r.Value, &r.Note)
	if wrong := checkReach(fact, r); wrong != nil {
		return wrong
	}
	return s.change(ctx, by, access.CorrectPerson, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return setOne(tx, a, youngperson.Reaches, l.Person.ID, l.Reaches, fact, seen, r, r.Value == "")
	})
}

func checkReach(fact id.Fact, r youngperson.Reach) error {
	var wrong field.Errors
	switch {
	case r.Value == "" && fact == 0:
		wrong.Add("reach-value", "Enter a telephone number or an e-mail address")
	case r.Kind == youngperson.Email && r.Value != "" && !strings.Contains(r.Value, "@"):
		wrong.Add("reach-value", "Enter an e-mail address, like name@example.org")
	case r.Kind == youngperson.Telephone && strings.Trim(r.Value, "0123456789 +()-") != "":
		wrong.Add("reach-value", "Enter a telephone number with digits only, like 07700 900123")
	case r.Kind != youngperson.Email && r.Kind != youngperson.Telephone:
		wrong.Add("reach-kind", "Select telephone or e-mail")
	}
	return wrong.Err()
}

// SetCarer adds, replaces or (with an empty name) takes away a parent or
// carer.
func (s *Service) SetCarer(ctx context.Context, by access.Actor, ref id.Ref, fact id.Fact, c youngperson.Carer, seen id.Act, told Told) error {
	trim(&c.Name, &c.Relationship, &c.Telephone, &c.Email)
	if c.Name == "" && fact == 0 {
		return field.Errors{{Field: "carer-name", Message: "Enter the name of the parent or carer"}}
	}
	return s.change(ctx, by, access.CorrectPerson, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return setOne(tx, a, youngperson.Carers, l.Person.ID, l.Carers, fact, seen, c, c.Name == "")
	})
}

// SetSafety adds, replaces or (with no kind) takes away a note on the safety of
// visits. It needs access.CorrectPerson.
func (s *Service) SetSafety(ctx context.Context, by access.Actor, ref id.Ref, which id.Fact, n safety.Note, seen id.Act, told Told) error {
	trim(&n.Words)
	if n.Kind == "" && which == 0 || n.Kind != "" && !slices.Contains(safety.Kinds(), n.Kind) {
		return field.Errors{{Field: "safety-kind", Message: "Select what whoever goes to the door must know"}}
	}
	if len([]rune(n.Words)) > mostSafety {
		return field.Errors{{Field: "safety-words", Message: "Shorten this to 300 letters: it is read on a doorstep"}}
	}
	return s.change(ctx, by, access.CorrectPerson, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return setOne(tx, a, safety.Notes, l.Person.ID, l.Safety, which, seen, n, n.Kind == "")
	})
}

// mostSafety is how many letters a safety note has at most.
const mostSafety = 300

// Allocate gives the young person an adviser.
func (s *Service) Allocate(ctx context.Context, by access.Actor, ref id.Ref, to youngperson.Allocation, seen id.Act, told Told) error {
	return s.change(ctx, by, access.CorrectPerson, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return put(tx, a, youngperson.Allocations, l.Person.ID, life.InForce(l.Allocations, s.Today()), seen, to)
	})
}

// setOne adds, replaces or takes away one of several facts of a kind.
func setOne[T comparable](tx *db.Tx, a *act.Act, t fact.Table[T], yp id.YoungPerson, held []fact.Of[T], which id.Fact, seen id.Act, is T, gone bool) error {
	if which == 0 {
		_, err := t.New(tx, a, yp, "", is)
		return err
	}
	for i := range held {
		if held[i].ID != which {
			continue
		}
		if held[i].KnownFrom != seen {
			break
		}
		if gone {
			return t.Close(tx, a, held[i].Version)
		}
		return put(tx, a, t, yp, &held[i], seen, is)
	}
	return db.Conflict{What: "this young person's " + t.What}
}
