package calendar

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"waymark/internal/access"
	"waymark/internal/civil"
)

//go:embed year.csv
var yearFile string

// fixedPoint is one row of year.csv.
type fixedPoint struct {
	key, words     string
	opens, closes  rule
	monthly        bool
	roles          []access.Role
	href, campaign string
	movable        bool
	mark, source   string
}

// roleWords are the roles as year.csv and the register write them.
var roleWords = []struct {
	word string
	role access.Role
}{{"manager", access.TeamManager}, {"data officer", access.DataOfficer}, {"adviser", access.Adviser}, {"governance", access.InformationGovernance}, {"commissioner", access.Commissioner}}

// Roles are those for whom something can be due.
func Roles() []access.Role {
	var out []access.Role
	for _, w := range roleWords {
		out = append(out, w.role)
	}
	return out
}

func readRoles(text string) ([]access.Role, error) {
	var out []access.Role
	for word := range strings.SplitSeq(text, "|") {
		i := slices.IndexFunc(roleWords, func(w struct {
			word string
			role access.Role
		}) bool {
			return w.word == word
		})
		switch {
		case word == "":
		case i < 0:
			return nil, fmt.Errorf("%q is no role for which something is due", word)
		default:
			out = append(out, roleWords[i].role)
		}
	}
	return out, nil
}

func writeRoles(roles []access.Role) string {
	var out []string
	for _, w := range roleWords {
		if slices.Contains(roles, w.role) {
			out = append(out, w.word)
		}
	}
	return strings.Join(out, "|")
}

var columns = []string{"key", "words", "opens", "closes", "roles", "href", "campaign", "movable", "mark", "source"}

// fixedPoints are the rows of year.csv, read once.
var fixedPoints = sync.OnceValues(func() ([]fixedPoint, error) { return readYear(yearFile) })

func readYear(text string) ([]fixedPoint, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 || !slices.Equal(rows[0], columns) {
		return nil, fmt.Errorf("calendar: year.csv: the columns are not %s: %w", strings.Join(columns, ","), err)
	}
	var out []fixedPoint
	for i, row := range rows[1:] {
		p := fixedPoint{key: row[0], words: row[1], href: row[5], campaign: row[6], movable: row[7] == "Y", mark: row[8], source: row[9]}
		var err error
		if p.opens, err = parseRule(row[2]); err == nil {
			if p.closes, err = parseRule(row[3]); err == nil {
				p.roles, err = readRoles(row[4])
			}
		}
		p.monthly = p.opens.kind == afterMonth
		switch {
		case err != nil:
		case p.key == "" || p.words == "" || p.source == "":
			err = fmt.Errorf("a key, words and a source are wanted")
		case p.monthly != (p.closes.kind == afterMonth):
			err = fmt.Errorf("what follows a month opens and closes after it")
		case slices.ContainsFunc(out, func(q fixedPoint) bool { return q.key == p.key }):
			err = fmt.Errorf("the key %q is there already", p.key)
		}
		if err != nil {
			return nil, fmt.Errorf("calendar: year.csv line %d: %w", i+2, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// statutory are the entries that an academic year opens, without what an
// authority has moved.
func statutory(a civil.AcademicYear) ([]Entry, error) {
	points, err := fixedPoints()
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, p := range points {
		e := Entry{Key: p.key, Year: a, Words: p.words, Roles: p.roles, Href: p.href, Campaign: p.campaign, Movable: p.movable, Mark: p.mark, Source: p.source}
		if !p.monthly {
			e.Opens, e.Closes = p.opens.in(a), p.closes.in(a)
			if e.Closes.Before(e.Opens) { // it closes in the next academic year
				e.Closes = p.closes.in(a + 1)
			}
			out = append(out, e)
			continue
		}
		for m := a.Start().InMonth(); !a.End().InMonth().Before(m); m = m.Add(1) {
			e := e
			e.Key = p.key + "-" + m.String()
			e.Words = strings.ReplaceAll(p.words, "{month}", m.Words())
			e.Opens, e.Closes = p.opens.after(m), p.closes.after(m)
			if e.Href == "/returns" {
				e.Href = "/returns/" + m.String()
			}
			out = append(out, e)
		}
	}
	return out, nil
}
