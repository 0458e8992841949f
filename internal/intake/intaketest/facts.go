package intaketest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/standing"
)

// Facts is every fact of every table as held now, in words, everybody who is
// there, and every standing: what must be the same after an undoing.
func Facts(t testing.TB, d *db.DB, r id.Register) []string {
	t.Helper()
	var out []string
	if err := d.Read(context.Background(), func(tx *db.Tx) error {
		for _, one := range life.Tables() {
			if err := open(tx, r, &out, one.Name, "young_person, id, started, ended, evidence", one.Columns); err != nil {
				return err
			}
		}
		if err := open(tx, r, &out, "young_person", "id, ref", []string{"young_persons_id"}); err != nil {
			return err
		}
		return Standings(tx, r, &out)
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Standings adds every standing in words.
func Standings(tx *db.Tx, r id.Register, out *[]string) error {
	return all(tx, r, out, "standing", "SELECT "+strings.Join(standing.Columns, ", ")+" FROM standing WHERE register = $1 ORDER BY young_person", len(standing.Columns))
}

func open(tx *db.Tx, r id.Register, out *[]string, name, version string, columns []string) error {
	selected := version + ", " + strings.Join(columns, ", ")
	return all(tx, r, out, name, "SELECT "+selected+" FROM "+name+" WHERE register = $1 AND known_to IS NULL ORDER BY 1, 2", strings.Count(selected, ",")+1)
}

func all(tx *db.Tx, r id.Register, out *[]string, name, query string, n int) error {
	rows, err := tx.Query(query, int64(r))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, dest := make([]any, n), make([]any, n)
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		*out = append(*out, name+" "+fmt.Sprint(values...))
	}
	return rows.Err()
}

// Besides is what stands in one list of facts and not in another, both ways:
// what came, and what went.
func Besides(before, after []string) (came, went []string) {
	return minus(after, before), minus(before, after)
}

func minus(a, b []string) (out []string) {
	in := map[string]bool{}
	for _, s := range b {
		in[s] = true
	}
	for _, s := range a {
		if !in[s] {
			out = append(out, s)
		}
	}
	return out
}
