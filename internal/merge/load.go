package merge

import (
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/youngperson"
)

// roll is a register as match compares it.
type roll struct {
	table  *match.Table
	people []id.YoungPerson
}

// The columns of a row: what the record shows now. Whatever else the person
// answers to (former names, earlier addresses, other numbers) comes beside it.
// YoungPersonsIDs take no part: two records never share one.
func schema() []match.Kind {
	return []match.Kind{match.Given, match.Family, match.Birth, match.Sex, match.Postcode, match.School}
}

const (
	sqlStandings = `SELECT s.young_person, s.given, s.family, COALESCE(s.dob, ''), s.gender, s.postcode_key, s.establishment_name FROM standing s
		WHERE s.register = $1 ORDER BY s.young_person`
	sqlNames = `SELECT f.young_person, f.kind, f.given, f.middle, f.family FROM name f
		JOIN standing s ON s.register = f.register AND s.young_person = f.young_person WHERE f.register = $1 ORDER BY f.young_person, f.id, f.known_from`
	sqlAddresses = `SELECT f.young_person, '', f.line1, f.town, f.postcode FROM address f
		JOIN standing s ON s.register = f.register AND s.young_person = f.young_person WHERE f.register = $1 ORDER BY f.young_person, f.id, f.known_from`
	sqlNumbers = `SELECT f.young_person, f.scheme, f.value, '', '' FROM identifier f
		JOIN standing s ON s.register = f.register AND s.young_person = f.young_person WHERE f.register = $1 AND f.known_to IS NULL ORDER BY f.young_person, f.id`
	sqlReaches = `SELECT f.young_person, f.kind, f.value, '', '' FROM reach f
		JOIN standing s ON s.register = f.register AND s.young_person = f.young_person WHERE f.register = $1 ORDER BY f.young_person, f.id, f.known_from`
	sqlBirths = `SELECT f.young_person, '', f.dob, '', '' FROM particulars f
		JOIN standing s ON s.register = f.register AND s.young_person = f.young_person WHERE f.register = $1 AND f.known_to IS NOT NULL ORDER BY f.young_person, f.id, f.known_from`
)

// load reads the register but for the restricted records that the veil bars.
func (s *Service) load(tx *db.Tx, r id.Register, veil *access.Veil, progress func(people int)) (*roll, error) {
	table, err := match.NewTable(match.NewLexicon(s.variants), schema())
	if err != nil {
		return nil, err
	}
	out := &roll{table: table}
	rows, err := tx.Query(sqlStandings, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	defer rows.Close()
	var yp int64
	var cells [6]string
	for rows.Next() {
		if err := rows.Scan(&yp, &cells[0], &cells[1], &cells[2], &cells[3], &cells[4], &cells[5]); err != nil {
			return nil, fmt.Errorf("read the register: %w", err)
		}
		if veil.Bars(id.YoungPerson(yp)) {
			continue // doubles of a restricted record are for those who may see it
		}
		if veil.Protects(id.YoungPerson(yp)) {
			cells[4] = ""
		}
		if cells[3] != "F" && cells[3] != "M" {
			cells[3] = "" // unknown, or withheld
		}
		table.Add(cells[:])
		if out.people = append(out.people, id.YoungPerson(yp)); len(out.people)%1000 == 0 {
			progress(len(out.people))
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	progress(len(out.people))
	return out, out.more(tx, r, veil)
}

// more reads what else people answer to, table by table.
func (o *roll) more(tx *db.Tx, r id.Register, veil *access.Veil) error {
	for _, t := range []struct {
		query string
		kinds func(how string) [3]match.Kind
	}{
		{sqlNames, func(string) [3]match.Kind { return [3]match.Kind{match.Given, match.Middle, match.Family} }},
		{sqlAddresses, func(string) [3]match.Kind { return [3]match.Kind{match.Street, match.Town, match.Postcode} }},
		{sqlNumbers, numberKinds},
		{sqlReaches, func(how string) [3]match.Kind {
			if how == youngperson.Email {
				return [3]match.Kind{match.Email}
			}
			return [3]match.Kind{match.Phone}
		}},
		{sqlBirths, func(string) [3]match.Kind { return [3]match.Kind{match.Birth} }},
	} {
		hidden := func(id.YoungPerson) bool { return false }
		if t.query == sqlAddresses {
			hidden = veil.Protects
		}
		if err := o.beside(tx, r, t.query, t.kinds, hidden); err != nil {
			return err
		}
	}
	return nil
}

func numberKinds(scheme string) [3]match.Kind {
	switch scheme {
	case youngperson.ULN, youngperson.FormerULN:
		return [3]match.Kind{match.ULN}
	case youngperson.UPN, youngperson.FormerUPN:
		return [3]match.Kind{match.UPN}
	}
	return [3]match.Kind{}
}

func (o *roll) beside(tx *db.Tx, r id.Register, query string, kinds func(how string) [3]match.Kind, hidden func(id.YoungPerson) bool) error {
	rows, err := tx.Query(query, int64(r))
	if err != nil {
		return fmt.Errorf("read what people answer to: %w", err)
	}
	defer rows.Close()
	row := 0
	for rows.Next() {
		var yp int64
		var how string
		var cells [3]string
		if err := rows.Scan(&yp, &how, &cells[0], &cells[1], &cells[2]); err != nil {
			return fmt.Errorf("read what people answer to: %w", err)
		}
		for row < len(o.people) && o.people[row] < id.YoungPerson(yp) {
			row++
		}
		if row == len(o.people) || o.people[row] != id.YoungPerson(yp) || hidden(id.YoungPerson(yp)) {
			continue
		}
		for i, k := range kinds(how) {
			if k != match.Other && cells[i] != "" {
				o.table.Also(row, k, cells[i])
			}
		}
	}
	return rows.Err()
}
