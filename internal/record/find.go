package record

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Query is what somebody looks for: all that is given must agree.
type Query struct {
	// Name is one or several beginnings of names, in any order.
	Name string
	Born civil.Date
	// Postcode is a whole one or its beginning.
	Postcode string
	// Number is a ULN, UPN, YoungPersonsID or former one.
	Number string
}

// Empty says that nothing is asked.
func (q Query) Empty() bool {
	return standing.Fold(q.Name) == "" && q.Born.IsZero() && standing.Fold(q.Postcode) == "" && standing.Fold(q.Number) == ""
}

// Row is one young person in a list.
type Row struct {
	Person                          id.YoungPerson
	Ref                             id.Ref
	YoungPersonsID                  string
	Given, Family                   string
	Born                            civil.Date
	Activity, Establishment         string
	CohortStatus, LeadLA, Postcode  string
	Adviser                         string
	VerifiedOn, LapsesOn, NEETSince civil.Date
	// Unseen are the fields that the reader does not see; what would tell them is
	// empty.
	Unseen access.Fields
	// Locked says that the record is restricted: there is one, and nothing more is
	// told. Ask is who answers for it.
	Locked bool
	Ask    string
}

// Name is "Given Family".
func (r Row) Name() string { return strings.TrimSpace(r.Given + " " + r.Family) }

// Keep leaves of a row only the fields given.
func (r *Row) Keep(f access.Fields) {
	r.Unseen = access.AllFields &^ f
	if !f.Has(access.Names) {
		r.Given, r.Family = "", ""
	}
	if !f.Has(access.Numbers) {
		r.YoungPersonsID = ""
	}
	if !f.Has(access.Birth) {
		r.Born = civil.Date{}
	}
	if !f.Has(access.Activities) {
		r.Activity, r.Establishment = "", ""
		r.VerifiedOn, r.LapsesOn, r.NEETSince = civil.Date{}, civil.Date{}, civil.Date{}
	}
	if !f.Has(access.Cohort) {
		r.CohortStatus, r.LeadLA = "", ""
	}
	if !f.Has(access.Address) {
		r.Postcode = ""
	}
	if !f.Has(access.AdviserOf) {
		r.Adviser = ""
	}
}

// Found is the answer: the first rows, and whether there are more.
type Found struct {
	Rows []Row
	More bool
}

const (
	sqlRows = `SELECT s.young_person, s.ref, s.young_persons_id, s.given, s.family, s.dob, s.activity, s.establishment_name,
		s.cohort_status, s.lead_la, s.postcode_key, s.adviser_name, s.verified_on, s.lapses_on, s.neet_since FROM standing s`
	// By name, as people are found.
	byName = ` ORDER BY s.family_key, s.given_key, s.dob NULLS LAST, s.young_person LIMIT `
	// By their keys, where the caller puts them in order: for any other order
	// SQLite would walk its index through the whole register.
	byKey = ` ORDER BY s.young_person LIMIT `
)

// Find looks for young people and records who was shown. It needs
// access.FindPerson. At most limit rows come back.
func (s *Service) Find(ctx context.Context, by access.Actor, q Query, limit int) (Found, error) {
	if err := access.Decide(by, access.FindPerson, access.Subject{Register: by.Register}); err != nil {
		return Found{}, err
	}
	if q.Empty() {
		return Found{}, nil
	}
	var w db.Where
	access.Scope(&w, by, access.FindPerson, "s")
	q.conditions(&w, by.Register)
	found, err := s.rows(ctx, by, w, byName, limit)
	if err != nil {
		return Found{}, err
	}
	return found, s.seen(ctx, by, access.FindPerson, "search", found.Rows)
}

func (q Query) conditions(w *db.Where, r id.Register) {
	for _, word := range strings.Fields(q.Name) {
		key := standing.Fold(word)
		if key == "" {
			continue
		}
		w.And("(s.family_key >= $1 AND s.family_key < $2) OR (s.given_key >= $1 AND s.given_key < $2)", key, after(key))
	}
	if !q.Born.IsZero() {
		w.And("s.dob = $1", q.Born.String())
	}
	if key := standing.Fold(q.Postcode); key != "" {
		w.And("s.postcode_key >= $1 AND s.postcode_key < $2", key, after(key))
	}
	if number := strings.ToUpper(standing.Fold(q.Number)); number != "" {
		w.And(`s.young_persons_id = $1 OR s.young_person IN (SELECT i.young_person FROM identifier i WHERE i.register = $2
			AND i.scheme IN ($3, $4, $5, $6, $7, $8, $9) AND i.value = $1)`, number, int64(r), youngperson.ULN, youngperson.UPN, youngperson.Previous, FormerID,
			youngperson.MergedID, youngperson.FormerULN, youngperson.FormerUPN)
	}
}

// after is the first key beyond all that begin with key.
func after(key string) string { return key + "\U0010FFFF" }

func (s *Service) rows(ctx context.Context, by access.Actor, w db.Where, order string, limit int) (Found, error) {
	var found Found
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		var sieve access.Sieve
		if !by.SeesWhole() {
			if sieve, err = access.LookLines(tx, by, access.FindPerson); err != nil {
				return err
			}
		}
		last := w.Param(limit + 1)
		rows, err := tx.Query(sqlRows+w.SQL()+order+last, w.Args...)
		if err != nil {
			return fmt.Errorf("look for young people: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var r Row
			if err := rows.Scan(&r.Person, &r.Ref, &r.YoungPersonsID, &r.Given, &r.Family, &r.Born, &r.Activity, &r.Establishment,
				&r.CohortStatus, &r.LeadLA, &r.Postcode, &r.Adviser, &r.VerifiedOn, &r.LapsesOn, &r.NEETSince); err != nil {
				return fmt.Errorf("look for young people: %w", err)
			}
			r.Postcode = Postcode(r.Postcode)
			if r = r.Veiled(veil); !by.SeesWhole() && !r.Locked {
				r.Keep(sieve.Fields(r.Person))
			}
			found.Rows = append(found.Rows, r)
		}
		return rows.Err()
	})
	if len(found.Rows) > limit {
		found.Rows, found.More = found.Rows[:limit], true
	}
	return found, err
}

func (s *Service) seen(ctx context.Context, by access.Actor, kind access.Action, page string, rows []Row) error {
	people := make([]id.YoungPerson, len(rows))
	for i, r := range rows {
		people[i] = r.Person
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: kind, People: people, Page: page})
}
