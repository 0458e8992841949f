package record

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// livesAtOnce is how many people are looked at together where a list is made
// from the facts.
const livesAtOnce = 1000

const sqlEverybody = `SELECT id FROM young_person WHERE register = $1 ORDER BY id`

// lapsingThen is LapsingOf as known on a day. The standing holds only what is
// known now, so it is made from the facts: seconds for a large register.
func (s *Service) lapsingThen(ctx context.Context, by access.Actor, q LapsingQuery, limit int) (Found, error) {
	var found Found
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		at, err := act.AsKnown(tx, by.Register, q.KnownOn)
		if err != nil {
			return err
		}
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		e, _ := s.Requirement.WithInvented(book.Invented()).EditionOn(q.From.InMonth().End())
		return eachLife(tx, fact.Known{Register: by.Register, At: at}, func(l *life.Life) {
			v := l.On(book.Book(), e, q.From.InMonth().End())
			if status := v.Record.Get(nccis.CohortStatus); !v.In || status != "P" && status != "G" || v.Lapses.Before(q.From) || v.Lapses.After(q.To) {
				return
			}
			if r := rowOf(l, &v, q); q.holds(r) {
				found.Rows = append(found.Rows, r.Row)
			}
		})
	})
	if err != nil {
		return Found{}, err
	}
	slices.SortStableFunc(found.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.LapsesOn.String(), b.LapsesOn.String()), cmp.Compare(standing.Fold(a.Family), standing.Fold(b.Family)),
			cmp.Compare(standing.Fold(a.Given), standing.Fold(b.Given)), cmp.Compare(a.Person, b.Person))
	})
	if len(found.Rows) > limit {
		found.Rows, found.More = found.Rows[:limit], true
	}
	return found, s.seen(ctx, by, access.SeePerson, "lapsing then", found.Rows)
}

// eachLife calls fn with each life that the register held, by key.
func eachLife(tx *db.Tx, k fact.Known, fn func(*life.Life)) error {
	rows, err := tx.Query(sqlEverybody, int64(k.Register))
	if err != nil {
		return err
	}
	var keys []id.YoungPerson
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			rows.Close()
			return err
		}
		keys = append(keys, id.YoungPerson(key))
	}
	if err := rows.Close(); err != nil {
		return err
	}
	for some := range slices.Chunk(keys, livesAtOnce) {
		k.From, k.To = some[0], some[len(some)-1]
		lives, err := life.Load(tx, k)
		if err != nil {
			return err
		}
		for _, l := range lives {
			fn(l)
		}
	}
	return nil
}

// then is a row with the adviser's account, which lists do not show.
type then struct {
	Row
	adviser string
}

// rowOf is the row of a list for one life.
func rowOf(l *life.Life, v *life.View, q LapsingQuery) then {
	get := v.Record.Get
	r := then{Row: Row{Person: l.Person.ID, Ref: l.Person.Ref, YoungPersonsID: l.Person.YoungPersonsID, Given: get(nccis.GivenName), Family: get(nccis.FamilyName),
		Born: day(get(nccis.DOB)), Activity: get(nccis.ActivityCode), Establishment: get(nccis.EstablishmentName), CohortStatus: get(nccis.CohortStatus),
		LeadLA: get(nccis.LeadLEA), Postcode: get(nccis.Postcode), VerifiedOn: day(get(nccis.DateVerified)), LapsesOn: v.Lapses}}
	if a := life.InForce(l.Allocations, q.KnownOn); a != nil {
		r.Adviser, r.adviser = a.Is.AdviserName, a.Is.Adviser
	}
	return r
}

// holds says that the row is of the adviser and school asked for.
func (q LapsingQuery) holds(r then) bool {
	adviser, school := q.Adviser == "" || q.Adviser == r.adviser, q.School == ""
	switch name, named := strings.CutPrefix(q.Adviser, namedOnly); {
	case q.Adviser == noneKey:
		adviser = r.adviser == "" && r.Adviser == ""
	case named:
		adviser = r.adviser == "" && r.Adviser == name
	}
	if q.School == noneKey {
		school = r.Establishment == ""
	} else if name, named := strings.CutPrefix(q.School, namedOnly); named {
		school = r.Establishment == name
	}
	return adviser && school
}
