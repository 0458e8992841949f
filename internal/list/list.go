package list

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/season"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Service answers lists and keeps those that have a name.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Sights      *act.Recorder
	// Rolls are what is looked down for who fits; Standing states rows of the
	// past.
	Rolls    *standing.Rolls
	Standing standing.Keeper
	// Season says whom the September Guarantee is owed, and how they stand.
	Season *season.Service
}

// Row is one young person in a list.
type Row struct {
	record.Row
	Gender, Ethnicity, SEND, SENSupport, Level string
	LastContact                                civil.Date
	// OptedOut says that no more may leave the house than who they are.
	OptedOut bool
}

// veiled is the row as the veil lets it be shown.
func (r Row) veiled(v *access.Veil) Row {
	if v.Locks(r.Person) {
		return Row{Row: r.Row.Veiled(v)}
	}
	r.Row = r.Row.Veiled(v)
	return r
}

// Page is one page of a list.
type Page struct {
	Rows  []Row
	Total int
}

const sqlRows = `SELECT s.young_person, s.ref, s.young_persons_id, s.given, s.family, s.dob, s.activity, s.establishment_name,
	s.cohort_status, s.lead_la, s.postcode_key, s.adviser_name, s.verified_on, s.lapses_on, s.neet_since,
	s.gender, s.ethnicity, s.send, s.sen_support, s.level, s.last_contact_on FROM standing s`

// people are some of those who fit, in the order of the list from the one skip
// on, and how many fit. It returns act.BeforeBegan for a day on which nothing
// was known.
func (s *Service) people(ctx context.Context, by access.Actor, action access.Action, q Question, skip, size int) (some []id.YoungPerson, total int, err error) {
	today := q.KnownOn
	if today.IsZero() {
		today = civil.On(s.DB.Now(), civil.London())
	}
	veil, err := s.Rolls.Veiled(ctx, by, action)
	if err != nil {
		return nil, 0, err
	}
	beside, err := s.besideThe(ctx, by.Register, q, today)
	if err != nil {
		return nil, 0, err
	}
	roll, release, err := s.Rolls.On(ctx, by.Register, q.KnownOn)
	if err != nil {
		return nil, 0, err
	}
	defer release()
	e, _ := s.Requirement.EditionOn(today.InMonth().End())
	book, err := s.book(ctx, by)
	if err != nil {
		return nil, 0, err
	}
	fit := asking{Question: q, by: by, action: action, edition: e, today: today, book: book, roll: roll, beside: beside, veil: veil}.fitting()
	for _, at := range fit[min(skip, len(fit)):min(skip+size, len(fit))] {
		some = append(some, roll.Line(at).Person)
	}
	return some, len(fit), nil
}

// book says which authorities are the register's own.
func (s *Service) book(ctx context.Context, by access.Actor) (register.Book, error) {
	var r register.Register
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, err = register.Of(tx, by.Register)
		return err
	})
	return r.Book(), err
}

// People are all whom a list holds, in its order, for an action that is done to
// them together. A locked record is among them; a hidden one is not. It shows
// nobody: whoever asks names none of them by it.
func (s *Service) People(ctx context.Context, by access.Actor, action access.Action, q Question) ([]id.YoungPerson, error) {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	people, _, err := s.people(ctx, by, action, q, 0, math.MaxInt)
	return people, err
}

// Page is some of a list, from the row skip on, and how many it holds. It needs
// access.ListPeople and records who was shown. It returns act.BeforeBegan where
// the question is about a day on which nothing was known.
func (s *Service) Page(ctx context.Context, by access.Actor, q Question, skip, size int) (Page, error) {
	if err := access.Decide(by, access.ListPeople, access.Subject{Register: by.Register}); err != nil {
		return Page{}, err
	}
	some, total, err := s.people(ctx, by, access.SeePerson, q, skip, size)
	if err != nil {
		return Page{}, err
	}
	p := Page{Total: total}
	if p.Rows, err = s.rows(ctx, by, access.SeePerson, q, some); err != nil {
		return Page{}, err
	}
	return p, s.seen(ctx, by, access.SeePerson, "list", p.Rows)
}

// Who are the keys of all who fit, in the order of the list, for a room that
// keeps them and shows nobody by that. It needs access.KeepCampaign.
func (s *Service) Who(ctx context.Context, by access.Actor, q Question) ([]id.YoungPerson, error) {
	if err := access.Decide(by, access.KeepCampaign, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	people, _, err := s.people(ctx, by, access.SeePerson, q, 0, math.MaxInt)
	return people, err
}

// Count is how many a file of the list names. It needs access.DownloadPeople,
// and shows nobody.
func (s *Service) Count(ctx context.Context, by access.Actor, q Question) (int, error) {
	if err := access.Decide(by, access.DownloadPeople, access.Subject{Register: by.Register}); err != nil {
		return 0, err
	}
	_, total, err := s.people(ctx, by, access.DownloadPeople, q, 0, 0)
	return total, err
}

// atOnce is how many rows of a file are read and recorded as seen together.
const atOnce = 1000

// All calls each with every row of the list, in its order, for a file. Whom it
// shows is recorded before they are. Whose processing is restricted, and who told
// us to pass nothing on, is in no file; of who opted out of more than the basics
// it says who they are. It needs access.DownloadPeople, and
// returns act.BeforeBegan as Page does.
func (s *Service) All(ctx context.Context, by access.Actor, q Question, each func(Row) error) error {
	if err := access.Decide(by, access.DownloadPeople, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	people, _, err := s.people(ctx, by, access.DownloadPeople, q, 0, math.MaxInt)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(people, atOnce) {
		rows, err := s.rows(ctx, by, access.DownloadPeople, q, some)
		if err == nil {
			rows, err = s.willing(ctx, by, rows)
		}
		if err != nil {
			return err
		}
		if err := s.seen(ctx, by, access.DownloadPeople, "list file", rows); err != nil {
			return err
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// willing are the rows that may leave the house, with what of them may.
func (s *Service) willing(ctx context.Context, by access.Actor, rows []Row) (out []Row, err error) {
	people := make([]id.YoungPerson, len(rows))
	for i, r := range rows {
		people[i] = r.Person
	}
	optedOut, restricted := map[id.YoungPerson]string{}, map[id.YoungPerson]bool{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		today := civil.On(tx.Now, civil.London())
		for some := range slices.Chunk(people, 200) {
			scopes, err := youngperson.OptedOut(tx, by.Register, some, "", today)
			if err != nil {
				return err
			}
			maps.Copy(optedOut, scopes)
			kept, err := youngperson.Restricted(tx, by.Register, some, today)
			if err != nil {
				return err
			}
			maps.Copy(restricted, kept)
		}
		return nil
	})
	for _, r := range rows {
		scope := optedOut[r.Person]
		if restricted[r.Person] || scope == youngperson.OptOutAll {
			continue
		}
		if scope != "" {
			r = r.basics()
		}
		out = append(out, r)
	}
	return out, err
}

// basics are who somebody is, and no more.
func (r Row) basics() Row {
	b := Row{OptedOut: true}
	b.Person, b.Ref, b.YoungPersonsID, b.Given, b.Family, b.Born, b.Postcode, b.Locked = r.Person, r.Ref, r.YoungPersonsID, r.Given, r.Family, r.Born, r.Postcode, r.Locked
	return b
}

// rows are those of some people, in their order. Whoever is not held any more,
// or may not be shown, is left out.
func (s *Service) rows(ctx context.Context, by access.Actor, action access.Action, q Question, people []id.YoungPerson) ([]Row, error) {
	found := make(map[id.YoungPerson]Row, len(people))
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		at, err := act.AsKnown(tx, by.Register, q.KnownOn)
		if err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		add := func(r Row) {
			if !veil.Hides(r.Person) {
				found[r.Person] = r.veiled(veil)
			}
		}
		for some := range slices.Chunk(people, 200) { // a wide IN is slow on SQLite
			if at != 0 {
				err = s.eachRowThen(tx, fact.Known{Register: by.Register, At: at, People: some}, add)
			} else {
				err = eachRow(tx, by, action, some, add)
			}
			if err != nil {
				return fmt.Errorf("read a list: %w", err)
			}
		}
		return nil
	})
	var out []Row
	for _, yp := range people {
		if r, ok := found[yp]; ok {
			out = append(out, r)
		}
	}
	return out, err
}

func eachRow(tx *db.Tx, by access.Actor, action access.Action, people []id.YoungPerson, each func(Row)) error {
	var w db.Where
	access.ScopeLines(&w, by, action, "s")
	keys := make([]any, len(people))
	for i, p := range people {
		keys[i] = int64(p)
	}
	w.In("s.young_person", keys...)
	rows, err := tx.Query(sqlRows+w.SQL(), w.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.Person, &r.Ref, &r.YoungPersonsID, &r.Given, &r.Family, &r.Born, &r.Activity, &r.Establishment,
			&r.CohortStatus, &r.LeadLA, &r.Postcode, &r.Adviser, &r.VerifiedOn, &r.LapsesOn, &r.NEETSince,
			&r.Gender, &r.Ethnicity, &r.SEND, &r.SENSupport, &r.Level, &r.LastContact); err != nil {
			return err
		}
		r.Postcode = record.Postcode(r.Postcode)
		each(r)
	}
	return rows.Err()
}

// eachRowThen states rows from the facts that were held.
func (s *Service) eachRowThen(tx *db.Tx, k fact.Known, each func(Row)) error {
	lives, err := life.LoadForLists(tx, k)
	if err != nil {
		return err
	}
	for _, l := range lives {
		v := s.Standing.Texts(k.Register, l)
		each(Row{Row: record.RowOf(l, v), Gender: v["gender"], Ethnicity: v["ethnicity"], SEND: v["send"], SENSupport: v["sen_support"], Level: v["level"],
			LastContact: record.Day(v["last_contact_on"])})
	}
	return nil
}

func (s *Service) seen(ctx context.Context, by access.Actor, kind access.Action, page string, rows []Row) error {
	people := make([]id.YoungPerson, len(rows))
	for i, r := range rows {
		people[i] = r.Person
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: kind, People: people, Page: page})
}
