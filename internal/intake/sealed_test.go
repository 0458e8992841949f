package intake_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/inspect"
	"waymark/internal/intake"
	"waymark/internal/layout"
	"waymark/internal/nccis"
	"waymark/internal/seal"
	"waymark/internal/sealed"
	"waymark/internal/standing"
)

const (
	sealedName = "Quillwort"
	sealedText = "Surname,Forename,DOB,Postcode\n" + sealedName + ",Tansy,01/02/2010,ZZ1 1AA\nTarn,Robin,as " + sealedName + ",ZZ1 1AA\n"
)

// stored are all bytes of partners' files as the database has them.
func (h *house) stored() []byte {
	h.t.Helper()
	var all []byte
	if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		all = nil
		for _, q := range []string{"SELECT bytes FROM intake_content", "SELECT content FROM intake_block", "SELECT changes FROM intake_outcome", "SELECT value FROM intake_problem", "SELECT words FROM intake_problem", "SELECT value FROM intake_fix"} {
			rows, err := tx.Query(q)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var b []byte
				if err := rows.Scan(&b); err != nil {
					return err
				}
				all = append(all, b...)
			}
		}
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// TestFilesStandSealed holds that what a partner sent is not in the database as
// it came, is read by whoever may all the same, also after a rotation, and that
// files of an older version are sealed at the next start.
func TestFilesStandSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		path := filepath.Join(t.TempDir(), "master")
		var err error
		if d.Ring, err = seal.OpenRing(path, ""); err != nil {
			t.Fatal(err)
		}
		h := newHouse(t, d)
		in := h.review(list{kind: "enrolment", text: sealedText, asAt: day("2026-11-01")})
		plain := func(want bool) {
			t.Helper()
			b := h.stored()
			if len(b) == 0 || bytes.Contains(b, []byte(sealedName)) != want {
				t.Errorf("the name stands in %d stored bytes: want %v", len(b), want)
			}
		}
		hash := func() {
			t.Helper()
			if err := h.db.Read(ctx, func(tx *db.Tx) error {
				got, n, err := intake.Hash(tx, h.reg.ID, in.ID)
				if err != nil || got != in.SHA256 || n != in.Bytes {
					t.Errorf("the file is read as %d bytes %s, %v", n, got, err)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		plain(false)
		if err := h.s.Fix(ctx, h.by, in.Ref, 2, layout.Given, "Tansy "+sealedName); err != nil {
			t.Fatal(err)
		}
		plain(false)
		if rows, _, err := h.s.Rows(ctx, h.by, in.Ref, intake.Filter{}, 1); err != nil || len(rows) != 2 || !strings.Contains(fmt.Sprint(rows[0]), "Tansy "+sealedName) {
			t.Errorf("what was mended is not read: %+v, %v", rows, err)
		}
		wrong := func(when string) {
			t.Helper()
			_, told, err := h.s.Said(ctx, h.by, in.Ref, 3)
			if err != nil || len(told) != 1 || told[0].Value != "as "+sealedName || !strings.Contains(told[0].Words, "not a date") {
				t.Errorf("%s, what is wrong with the row is told as %+v, %v", when, told, err)
			}
			groups, err := h.s.Problems(ctx, h.by, in.Ref)
			if err != nil || !slices.ContainsFunc(groups, func(g intake.ProblemGroup) bool { return g.Rows == 1 && g.Words == told[0].Words }) {
				t.Errorf("%s, the problems are %+v, %v", when, groups, err)
			}
		}
		wrong("sealed")
		hash()
		check := func() (looked int64, said []string) {
			t.Helper()
			if _, err := (&inspect.Service{DB: h.db, Standing: standing.Keeper{Requirement: nccis.MustLoad()}}).Run(ctx, func(c inspect.Check) {
				if said = append(said, c.Wrong...); strings.HasPrefix(c.What, "what is kept of rows") {
					looked = c.Looked
				}
			}); err != nil {
				t.Fatal(err)
			}
			return looked, said
		}
		looked, said := check()
		if looked < 5 || len(said) > 0 { // a block, what was mended, what a row would change, a problem's cell and words
			t.Errorf("of %d pieces the check says %q", looked, said)
		}
		for _, moved := range []struct{ table, column, what string }{{"intake_fix", "value", "what somebody mended"}, {"intake_outcome", "changes", "what it would change"}, {"intake_problem", "words", "what is wrong with it"}} {
			move := func(by int) {
				t.Helper()
				if err := h.db.InTx(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec("UPDATE "+moved.table+" SET row_number = row_number + $1 WHERE "+moved.column+" <> ''", by)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			move(100)
			if _, said := check(); len(said) == 0 || !strings.Contains(said[0], moved.what) || strings.Contains(strings.Join(said, " "), sealedName) {
				t.Errorf("%s moved to another row, the check says %q", moved.table, said)
			}
			move(-100)
		}
		if d.Engine == db.SQLite {
			lookForWords(t, d)
		}
		if _, _, err := sealed.Rotate(ctx, h.db); err != nil {
			t.Fatal(err)
		}
		if h.db.Ring, err = seal.OpenRing(path, ""); err != nil {
			t.Fatal(err)
		}
		hash()
		// As an older version kept it.
		if err := h.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE intake_content SET bytes = $1, sealed_by = ''", []byte(sealedText))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		plain(true)
		hash()
		wrong("after a rotation")
		older := func(value, words string) {
			t.Helper()
			if err := h.db.InTx(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec("UPDATE intake_problem SET value = $1, words = $2 WHERE row_number = 3", value, words)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		older("as "+sealedName, "as "+sealedName+" is not a date")
		wrong("as an older version kept it")
		older("", "")
		h.serve(h.db)
		for _, want := range []int{1, 0} {
			if n, err := h.s.SealPlain(ctx, h.reg.ID); err != nil || n != want {
				t.Errorf("%d pieces sealed, %v; want %d", n, err, want)
			}
		}
		plain(false)
		hash()
		// Bytes that were changed are found.
		if err := h.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE intake_content SET bytes = $1", []byte(strings.Repeat("x", 99)))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, said = check(); !strings.Contains(strings.Join(said, "\n"), "was changed, or moved") {
			t.Errorf("the check says %q", said)
		}
	})
}

// lookForWords looks for the row as it was sent in the bytes of the database's files.
func lookForWords(t *testing.T, d *db.DB) {
	t.Helper()
	var file string
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file)
	}); err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no files beside %s, %v", file, err)
	}
	for _, name := range all {
		if b, err := os.ReadFile(name); err == nil && bytes.Contains(b, []byte(sealedName+",Tansy")) {
			t.Errorf("the file's row stands in %s", filepath.Base(name))
		}
	}
}
