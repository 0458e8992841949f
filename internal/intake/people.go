package intake

import (
	"database/sql"
	"fmt"
	"hash/fnv"
	"slices"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/match"
	"waymark/internal/youngperson"
)

// people are all of a register, ready to be matched: what is held of them now,
// and what was held before.
type people struct {
	table *match.Table
	who   []id.YoungPerson
	at    map[id.YoungPerson]int
	sums  []uint64 // by row, of what the standing says of them
	// sheltered are those whose address is protected. Nobody is met by where they
	// live: how well a row fits would tell whether a guess of it is right.
	sheltered map[id.YoungPerson]bool
}

// What is read of each table. Former values come after present ones, because
// the first value of a kind is the one in use.
const (
	sqlPeople = `SELECT y.id, y.young_persons_id, COALESCE(s.given, ''), COALESCE(s.family, ''), COALESCE(s.dob, ''), COALESCE(s.gender, ''), COALESCE(s.establishment_name, '')
		FROM young_person y LEFT JOIN standing s ON s.register = y.register AND s.young_person = y.id WHERE y.register = $1 AND y.known_to IS NULL ORDER BY y.id`
	sqlNamesEver = `SELECT f.young_person, f.kind, f.given, f.middle, f.family, '', '' FROM name f`
	sqlBornEver  = `SELECT f.young_person, '', f.dob, '', '', '', '' FROM particulars f`
	sqlLivedEver = `SELECT f.young_person, '', f.postcode, f.line1, f.line2, f.town, '' FROM address f`
	sqlNumbered  = `SELECT f.young_person, f.scheme, f.value, '', '', '', '' FROM identifier f`
	sqlReached   = `SELECT f.young_person, f.kind, f.value, '', '', '', '' FROM reach f`
	// What an act told that was taken back is no former value: it was a mistake.
	notTakenBack = ` WHERE f.register = $1 AND NOT EXISTS (SELECT 1 FROM act u WHERE u.register = f.register AND u.number = f.known_to AND u.undoes = f.known_from)
		ORDER BY CASE WHEN f.known_to IS NULL THEN 0 ELSE 1 END, f.id DESC`
)

var personColumns = []match.Kind{match.YoungPersonsID, match.Given, match.Family, match.Birth, match.Sex, match.School}

// readPeople reads the register for matching.
func readPeople(tx *db.Tx, r id.Register, lexicon *match.Lexicon) (*people, error) {
	table, err := match.NewTable(lexicon, personColumns)
	if err != nil {
		return nil, err
	}
	p := &people{table: table, at: map[id.YoungPerson]int{}}
	if p.sheltered, err = sheltered(tx, r); err != nil {
		return nil, err
	}
	if err := eachRow(tx, sqlPeople, r, func(rows *sql.Rows) error {
		yp, cells, err := scanPerson(rows)
		if err != nil {
			return err
		}
		p.at[yp] = table.Add(cells)
		p.who, p.sums = append(p.who, yp), append(p.sums, sumOf(cells))
		return nil
	}); err != nil {
		return nil, err
	}
	for _, t := range []struct {
		query string
		kinds func(how string) [4]match.Kind
		lived bool
	}{
		{sqlNamesEver, func(string) [4]match.Kind { return [4]match.Kind{match.Given, match.Middle, match.Family} }, false},
		{sqlBornEver, func(string) [4]match.Kind { return [4]match.Kind{match.Birth} }, false},
		{sqlLivedEver, func(string) [4]match.Kind {
			return [4]match.Kind{match.Postcode, match.Street, match.Locality, match.Town}
		}, true},
		{sqlNumbered, numberKind, false},
		{sqlReached, func(how string) [4]match.Kind {
			if how == youngperson.Email {
				return [4]match.Kind{match.Email}
			}
			return [4]match.Kind{match.Phone}
		}, false},
	} {
		if err := eachRow(tx, t.query+notTakenBack, r, func(rows *sql.Rows) error { return p.also(rows, t.kinds, t.lived) }); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func scanPerson(rows *sql.Rows) (yp id.YoungPerson, cells []string, err error) {
	cells = make([]string, len(personColumns))
	err = rows.Scan((*int64)(&yp), &cells[0], &cells[1], &cells[2], &cells[3], &cells[4], &cells[5])
	return yp, cells, err
}

func sumOf(cells []string) uint64 {
	h := fnv.New64a()
	for _, c := range cells {
		h.Write([]byte(c))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

func numberKind(scheme string) [4]match.Kind {
	switch scheme {
	case youngperson.ULN, youngperson.FormerULN:
		return [4]match.Kind{match.ULN}
	case youngperson.UPN, youngperson.FormerUPN:
		return [4]match.Kind{match.UPN}
	case youngperson.Previous, youngperson.FormerID, youngperson.MergedID:
		return [4]match.Kind{match.YoungPersonsID}
	}
	return [4]match.Kind{match.Number}
}

func (p *people) also(rows *sql.Rows, kinds func(string) [4]match.Kind, lived bool) error {
	var yp int64
	var how, spare string
	var v [4]string
	if err := rows.Scan(&yp, &how, &v[0], &v[1], &v[2], &v[3], &spare); err != nil {
		return err
	}
	row, ok := p.at[id.YoungPerson(yp)]
	if !ok || lived && p.sheltered[id.YoungPerson(yp)] {
		return nil
	}
	for i, k := range kinds(how) {
		if k != match.Other && v[i] != "" {
			p.table.Also(row, k, v[i])
		}
	}
	return nil
}

func eachRow(tx *db.Tx, query string, r id.Register, fn func(*sql.Rows) error, args ...any) error {
	rows, err := tx.Query(query, append([]any{int64(r)}, args...)...)
	if err != nil {
		return fmt.Errorf("read whom the register holds: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return fmt.Errorf("read whom the register holds: %w", err)
		}
	}
	return rows.Err()
}

// rowColumns are the items by which a row is matched; a second one of a kind is
// another value to which it answers.
var rowColumns = []struct {
	of   layout.Item
	kind match.Kind
}{{layout.Given, match.Given}, {layout.Middle, match.Middle}, {layout.Family, match.Family}, {layout.DOB, match.Birth}, {layout.Sex, match.Sex},
	{layout.Postcode, match.Postcode}, {layout.House, match.House}, {layout.Street, match.Street}, {layout.Locality, match.Locality},
	{layout.Town, match.Town}, {layout.Telephone, match.Phone}, {layout.Email, match.Email}, {layout.ULN, match.ULN}, {layout.UPN, match.UPN},
	{layout.YoungPersonsID, match.YoungPersonsID}}

var furtherColumns = []struct {
	of   layout.Item
	kind match.Kind
}{{layout.KnownAs, match.Given}, {layout.FormerFamily, match.Family}, {layout.FormerUPN, match.UPN}, {layout.Mobile, match.Phone}}

func rowSchema() []match.Kind {
	out := make([]match.Kind, len(rowColumns))
	for i, c := range rowColumns {
		out[i] = c.kind
	}
	return out
}

// addRow puts a staged row into a table to be matched.
func addRow(t *match.Table, row *staged, cells []string) {
	for i, c := range rowColumns {
		cells[i] = row.values[c.of]
	}
	at := t.Add(cells)
	for _, c := range furtherColumns {
		if v := row.values[c.of]; v != "" {
			t.Also(at, c.kind, v)
		}
	}
}

// who is what a row says of identity, folded: name and birth date.
func (row *staged) who() string {
	given, family, born := foldName(row.values[layout.Given]), foldName(row.values[layout.Family]), row.values[layout.DOB]
	if given == "" || family == "" || born == "" {
		return ""
	}
	return given + " " + family + " " + born
}

// theirKey is what the sender calls somebody in each of its files: its own
// number, else a national one, else name and birth date.
func (row *staged) theirKey() string {
	switch {
	case row.values[layout.TheirRef] != "":
		return "their " + row.values[layout.TheirRef]
	case row.values[layout.ULN] != "":
		return "ULN " + row.values[layout.ULN]
	case row.values[layout.UPN] != "":
		return "UPN " + row.values[layout.UPN]
	case row.who() != "":
		return "who " + row.who()
	}
	return ""
}

// otherAuthority is the code under which rows stand that are of another authority.
const otherAuthority = "other-authority"

// elsewhere is the code of another authority that a row names, and the item that
// does: the authority itself, else that of the school (the first three figures of
// its number). A young person may learn in one authority and live in another, so
// the school counts only where the row does not say whose they are.
func (row *staged) elsewhere(ours []string) (layout.Item, string) {
	item, code := layout.LACode, row.values[layout.LACode]
	if school := row.values[layout.SchoolNumber]; code == "" && len(school) == 7 {
		item, code = layout.SchoolNumber, school[:3]
	}
	if code == "" || len(ours) == 0 || slices.Contains(ours, code) {
		return layout.None, ""
	}
	return item, code
}
