package inspect_test

import (
	"slices"
	"strings"
	"testing"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/inspect"
	"waymark/internal/nccis"
	"waymark/internal/standing"
)

func service(t *testing.T, d *db.DB) *inspect.Service {
	t.Helper()
	req, err := nccis.Load()
	if err != nil {
		t.Fatal(err)
	}
	world, err := demo.Invent(demo.Settings{Seed: 3, On: civil.Must(2026, 11, 10), Size: 0.03})
	if err != nil {
		t.Fatal(err)
	}
	house := demo.House{DB: d, Requirement: req}
	r, err := demo.Fill(t.Context(), house, world)
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.EnterTwice(t.Context(), house, world, r); err != nil {
		t.Fatal(err)
	}
	return &inspect.Service{DB: d, Standing: standing.Keeper{Requirement: req}}
}

// found runs every check and gives what is wrong, by check.
func found(t *testing.T, s *inspect.Service) map[string][]string {
	t.Helper()
	out, looked := map[string][]string{}, map[string]int64{}
	failed, err := s.Run(t.Context(), func(c inspect.Check) {
		looked[c.What] = c.Looked
		if c.Found > 0 {
			out[c.What] = c.Wrong
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if failed != len(out) {
		t.Errorf("%d checks are said to have failed, %d told", failed, len(out))
	}
	for what, n := range looked {
		if n == 0 && !strings.Contains(what, "partners' files") && !strings.Contains(what, "sealed log") {
			t.Errorf("whether %s: nothing was looked at", what)
		}
	}
	return out
}

func TestAnInventedRegisterIsSound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for what, wrong := range found(t, service(t, d)) {
			t.Errorf("whether %s: %q", what, wrong)
		}
	})
}

// Each way of breaking a register is named by one check, and by no other.
func TestWhatIsWrongIsNamed(t *testing.T) {
	const person = "(SELECT MIN(young_person) FROM standing)"
	ways := []struct{ broken, mended, what, words string }{
		{"UPDATE register SET last_act = last_act + 1", "UPDATE register SET last_act = last_act - 1", "acts are numbered", "the last that is there"},
		{"UPDATE act SET undoes = number WHERE number = 2", "UPDATE act SET undoes = NULL WHERE number = 2", "acts are numbered", "act 2 takes back act 2"},
		{"UPDATE act SET young_person = 999999999 WHERE number = 2", "UPDATE act SET young_person = NULL WHERE number = 2", "acts are numbered", "999999999, who is not there"},
		{"UPDATE evidence SET act = act + 1000000 WHERE id = (SELECT MAX(id) FROM evidence)", "UPDATE evidence SET act = act - 1000000 WHERE act > 1000000", "evidence comes", "which is not there"},
		{"UPDATE name SET evidence = evidence + 100000000 WHERE young_person = " + person, "UPDATE name SET evidence = evidence - 100000000 WHERE evidence > 100000000", "each fact has one version", "rests on evidence"},
		{"UPDATE spell SET known_to = 1000000 WHERE young_person = " + person + " AND known_to IS NULL AND activity <> (SELECT activity FROM standing s WHERE s.young_person = " + person + ")", "UPDATE spell SET known_to = NULL WHERE known_to = 1000000", "each fact has one version", "was closed by act 1000000"},
		{"INSERT INTO address SELECT register, young_person, id, line1, line2, line3, line4, town, county, postcode, started, ended, known_from + 1, NULL, evidence FROM address WHERE known_to IS NULL AND young_person = " + person,
			"DELETE FROM address WHERE young_person = " + person + " AND known_from = (SELECT MAX(known_from) FROM address WHERE young_person = " + person + ")", "each fact has one version", "two versions at once"},
		{"UPDATE standing SET family = 'Nobody' WHERE young_person = " + person, "", "each standing follows", "family in the standing is not what follows"},
		{"UPDATE register SET last_key = last_key - 1000000", "UPDATE register SET last_key = last_key + 1000000", "no key is in use", "is in use"},
		{"UPDATE monthly_return_piece SET bytes = $1 WHERE position = 1", "", "frozen returns", "has been damaged"},
		{"CREATE TABLE stray (register BIGINT NOT NULL, PRIMARY KEY (register))", "DROP TABLE stray", "the tables are those", "stray, column register BIGINT is no part of Waymark"},
		{"DROP INDEX act_actor", "CREATE INDEX act_actor ON act (register, actor, number)", "the tables are those", "index act_actor is missing"},
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		for _, way := range ways {
			t.Run(way.words, func(t *testing.T) {
				undo := change(t, d, way.broken, way.mended)
				defer undo()
				wrong := found(t, s)
				named := false
				for what, words := range wrong {
					if !strings.HasPrefix(what, way.what) {
						// A fact that is held twice, or no more, is another standing too; an
						// act that is gone is missed by the log.
						follows := strings.HasPrefix(what, "each standing follows") && strings.HasPrefix(way.what, "each fact") ||
							strings.HasPrefix(what, "the sealed log") && strings.HasPrefix(way.what, "acts")
						if !follows {
							t.Errorf("also whether %s: %q", what, words)
						}
					} else if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, way.words) }) {
						named = true
					}
				}
				if !named {
					t.Errorf("found %q", wrong)
				}
			})
		}
		if wrong := found(t, s); len(wrong) > 0 {
			t.Errorf("mended again, and still: %q", wrong)
		}
	})
}

// change breaks the register. What it returns puts it right: by a statement,
// or, where there is none, as the rows were.
func change(t *testing.T, d *db.DB, broken, mended string) func() {
	t.Helper()
	do := func(statement string, args ...any) {
		t.Helper()
		if err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if strings.Contains(statement, "TABLE") || strings.Contains(statement, "INDEX") {
				dbtest.AsOwner(t, tx)
			}
			done, err := tx.Exec(statement, args...)
			if err == nil && !strings.Contains(statement, "TABLE") && !strings.Contains(statement, "INDEX") {
				if n, _ := done.RowsAffected(); n == 0 {
					t.Errorf("nothing was changed by %s", statement)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if mended != "" {
		do(broken)
		return func() { do(mended) }
	}
	if strings.Contains(broken, "standing") {
		var family string
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT family FROM standing WHERE young_person = (SELECT MIN(young_person) FROM standing)").Scan(&family)
		}); err != nil {
			t.Fatal(err)
		}
		do(broken)
		return func() {
			do("UPDATE standing SET family = $1 WHERE young_person = (SELECT MIN(young_person) FROM standing)", family)
		}
	}
	type piece struct {
		of    int64
		bytes []byte
	}
	var was []piece
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT monthly_return, bytes FROM monthly_return_piece WHERE position = 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p piece
			if err := rows.Scan(&p.of, &p.bytes); err != nil {
				return err
			}
			was = append(was, p)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	do(broken, []byte("damaged"))
	return func() {
		for _, p := range was {
			do("UPDATE monthly_return_piece SET bytes = $1 WHERE position = 1 AND monthly_return = $2", p.bytes, p.of)
		}
	}
}
