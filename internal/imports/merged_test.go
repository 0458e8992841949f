package imports_test

import (
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/merge"
	"waymark/internal/nccis"
	record2 "waymark/internal/record"
)

// A file goes on meeting somebody whose two records were put together, by either
// number, and says of the second record what became of it.
func TestRecordsOfWhomTwoWerePutTogether(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		both := []nccis.Record{record("3410000000001"), record("3410000000002")}
		h.load(text(t, october, both...))
		lives := h.lives()
		if len(lives) != 2 {
			t.Fatalf("the file brought %d people, want 2", len(lives))
		}
		merges, err := merge.New(&record2.Service{DB: d, Requirement: h.s.Requirement, Standing: h.s.Standing, Sights: &act.Recorder{DB: d}})
		if err != nil {
			t.Fatal(err)
		}
		officer := h.by
		officer.Roles = append([]access.Role{access.DataOfficer}, officer.Roles...)
		ref, err := merges.Join(t.Context(), officer, merge.Joining{Keep: lives[0].Person.Ref, Other: lives[1].Person.Ref, Reason: "one person", Key: string(id.NewRef()), Seen: merge.Seen(lives...)})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(h.lives()); n != 1 {
			t.Fatalf("the register holds %d people after the merge, want 1", n)
		}
		r := h.load(text(t, november, both...))
		if n := len(h.lives()); n != 1 || r.Added != 0 || r.KeptAside != 1 {
			t.Errorf("the same file in November left %d people, added %d and kept %d aside", n, r.Added, r.KeptAside)
		}
		if notes := h.notes(r, imports.KeptAside); len(notes) != 1 || !strings.Contains(notes[0].Words, "put together") || notes[0].YoungPersonsID != "3410000000002" {
			t.Errorf("what became of the second record is told as %+v", notes)
		}
		// The sender keeps only the number that leads elsewhere here.
		r = h.load(text(t, november, record("3410000000002", nccis.GivenName, "Wrenna")))
		if lives := h.lives(); len(lives) != 1 || r.Added != 0 || r.Changed != 1 || lives[0].LegalName(november).Is.Given != "Wrenna" {
			t.Errorf("the record of the other number added %d and changed %d", r.Added, r.Changed)
		}
		u, err := merges.Undoing(t.Context(), officer, ref)
		if err != nil || len(u.Since) == 0 {
			t.Fatalf("what files told since is not listed: %v", err)
		}
		if err := merges.TakeApart(t.Context(), officer, merge.TakingApart{Merge: ref, Reason: "two people", Key: string(id.NewRef()), Seen: u.Seen}); err != nil {
			t.Fatal(err)
		}
		r = h.load(text(t, november, both...))
		if n := len(h.lives()); n != 2 || r.Added != 0 || r.KeptAside != 0 {
			t.Errorf("after the merge was undone the file left %d people, added %d and kept %d aside", n, r.Added, r.KeptAside)
		}
	})
}
