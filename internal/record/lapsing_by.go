package record

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
)

// LapsingGroup is one adviser's, or one school's, confirmations that lapse.
type LapsingGroup struct {
	// Key names the group in a LapsingQuery. Name is for people, "" for those
	// whom nobody advises, or of whom no school is recorded.
	Key, Name string
	// Within are how many lapse within each of the days asked for.
	Within []int
}

// Lapsing may be counted by these.
const (
	ByAdviser = "adviser"
	BySchool  = "school"
)

// namedOnly begins the key of an adviser who has no account here, and noneKey is
// that of nobody at all.
const (
	namedOnly = "name:"
	noneKey   = "none"
)

// OwnAdviser is the key of the actor as an adviser.
func OwnAdviser(by access.Actor) string {
	// An allocation names the account by its reference.
	_, ref, _ := strings.Cut(by.Ref, ":")
	return ref
}

// narrow leaves one adviser's or one school's.
func (q LapsingQuery) narrow(w *db.Where) {
	switch name, named := strings.CutPrefix(q.Adviser, namedOnly); {
	case q.Adviser == "":
	case q.Adviser == noneKey:
		w.And("s.adviser = '' AND s.adviser_name = ''")
	case named:
		w.And("s.adviser = '' AND s.adviser_name = $1", name)
	default:
		w.And("s.adviser = $1", q.Adviser)
	}
	if q.School == noneKey {
		w.And("s.establishment_name = ''")
	} else if name, ok := strings.CutPrefix(q.School, namedOnly); ok {
		w.And("s.establishment_name = $1", name)
	} else if q.School != "" {
		w.And("1 = 0")
	}
}

// LapsingBy counts whose confirmation lapses, from a day on and within each of
// so many days (the longest last), by adviser or by school; those with most
// come first. It needs access.SeePerson and shows nobody. What lapses here is
// what LapsingOf lists.
func (s *Service) LapsingBy(ctx context.Context, by access.Actor, of string, from civil.Date, within []int) ([]LapsingGroup, error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	columns := "'', s.establishment_name"
	group := "s.establishment_name"
	if of == ByAdviser {
		columns, group = "s.adviser, MAX(s.adviser_name)", "s.adviser, CASE WHEN s.adviser = '' THEN s.adviser_name ELSE '' END"
	}
	var w db.Where
	lapsing(&w, by, from, from.AddDays(within[len(within)-1]))
	counts := ""
	for _, days := range within {
		counts += ", SUM(CASE WHEN s.lapses_on <= " + w.Param(from.AddDays(days).String()) + " THEN 1 ELSE 0 END)"
	}
	var out []LapsingGroup
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT "+columns+counts+" FROM standing s"+w.SQL()+" GROUP BY "+group+" ORDER BY count(*) DESC, 2", w.Args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			g := LapsingGroup{Within: make([]int, len(within))}
			dest := []any{&g.Key, &g.Name}
			for i := range g.Within {
				dest = append(dest, &g.Within[i])
			}
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			switch {
			case g.Key != "":
			case g.Name == "":
				g.Key = noneKey
			default:
				g.Key = namedOnly + g.Name
			}
			out = append(out, g)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("count who lapses: %w", err)
	}
	return out, nil
}
