package imports_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	records "waymark/internal/record"
	"waymark/internal/youngperson"
)

var october, november = civil.MustParse("2026-10-31"), civil.MustParse("2026-11-30")

// record is one plain record; change sets items, in pairs of Field and string.
func record(ypid string, change ...any) nccis.Record {
	var r nccis.Record
	v := &r.Values
	v[nccis.YoungPersonsID], v[nccis.CohortStatus] = ypid, "P"
	v[nccis.GivenName], v[nccis.FamilyName], v[nccis.DOB] = "Wren", "Ashbank"+ypid, "2009-03-14"
	v[nccis.LeadLEA], v[nccis.EducatedLEA], v[nccis.LevelOfNeedCode], v[nccis.SENDFlag] = "341", "341", "3", "N"
	v[nccis.ActivityCode], v[nccis.StartDate], v[nccis.DateAscertained], v[nccis.DateVerified] = "230", "2026-09-03", "2026-09-10", "2026-10-01"
	v[nccis.PredictedEndDate], v[nccis.DueToLapseDate] = "2027-07-31", "2027-07-31"
	for i := 0; i < len(change); i += 2 {
		v[change[i].(nccis.Field)] = change[i+1].(string)
	}
	return r
}

// One has the check digit that it must have, the other has not.
const ulnA, wrongULN = "1000000043", "1000000042"

// do is an act of somebody at work here.
func (h *house) do(yp id.YoungPerson, fn func(tx *db.Tx, a *act.Act) error) {
	h.t.Helper()
	if err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, h.by, access.CorrectPerson, yp, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
		if err != nil {
			return err
		}
		if err := fn(tx, a); err != nil {
			return err
		}
		return h.s.Standing.Rewrite(tx, a, yp)
	}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) only() *life.Life {
	h.t.Helper()
	all := h.lives()
	if len(all) != 1 {
		h.t.Fatalf("%d young people", len(all))
	}
	return all[0]
}

func TestWhoIsMet(t *testing.T) {
	if !nccis.ValidULN(ulnA) || nccis.ValidULN(wrongULN) {
		t.Fatal("the numbers of this test are not what they say")
	}
	const own, other = "1230000000001", "4680000000009"
	base := record(own, nccis.UniqueLearnerNo, ulnA)
	for _, c := range []struct {
		name  string
		in    nccis.Record
		added int
		two   int
		met   int
	}{
		{"same YoungPersonsID, another name and birth", record(own, nccis.FamilyName, "Quillham", nccis.DOB, "2008-01-01"), 0, 0, 0},
		{"ULN and birth date", record(other, nccis.UniqueLearnerNo, ulnA, nccis.FamilyName, "Quillham"), 0, 0, 1},
		{"ULN and name", record(other, nccis.UniqueLearnerNo, ulnA, nccis.FamilyName, "ASHBANK"+own, nccis.DOB, "2008-01-01"), 0, 0, 1},
		{"ULN, another name and birth", record(other, nccis.UniqueLearnerNo, ulnA, nccis.FamilyName, "Quillham", nccis.DOB, "2008-01-01"), 1, 0, 0},
		{"ULN with a wrong check digit", record(other, nccis.UniqueLearnerNo, wrongULN), 1, 0, 0},
		{"ULN, two people of one database (907)", record("1230000000002", nccis.UniqueLearnerNo, ulnA), 1, 1, 0},
		{"no YoungPersonsID, ULN and birth date", record("", nccis.UniqueLearnerNo, ulnA), 0, 0, 1},
		{"nothing in common", record(other), 1, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				first := base
				if strings.Contains(c.name, "wrong check") {
					first = record(own, nccis.UniqueLearnerNo, wrongULN)
				}
				h.load(text(t, october, first))
				r := h.load(text(t, november, c.in))
				if r.Added != c.added || len(h.notes(r, imports.TwoPeople)) != c.two || len(h.notes(r, imports.Met)) != c.met {
					t.Errorf("%+v %+v", r, h.notes(r, ""))
				}
				if got := h.lives()[0].Person.YoungPersonsID; got != own {
					t.Errorf("the YoungPersonsID became %s", got)
				}
			})
		})
	}
}

func TestAnIDIsGivenToWhoHadNone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(text(t, october, record("", nccis.UniqueLearnerNo, ulnA)))
		r := h.load(text(t, november, record("1230000000001", nccis.UniqueLearnerNo, ulnA)))
		if r.Added != 0 || h.only().Person.YoungPersonsID != "1230000000001" {
			t.Fatalf("%+v", r)
		}
		if _, err := h.s.Undo(context.Background(), h.by, r.Ref, "", "test", false); err != nil {
			t.Fatal(err)
		}
		if got := h.only().Person.YoungPersonsID; got != "" {
			t.Errorf("undone, the id is %q", got)
		}
	})
}

func TestWhatLoadsAndWhatIsKeptAside(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		nameless := record("", nccis.GivenName, "", nccis.FamilyName, "")
		birthless := record("", nccis.DOB, "")
		file := text(t, october, record("1230000000001"), record("1230000000001", nccis.FamilyName, "Second"), record(""), nameless, birthless,
			record("12", nccis.DOB, "31/10/2009"), record("", nccis.UniqueLearnerNo, "0123", nccis.GivenName, "", nccis.FamilyName, "", nccis.DOB, ""))
		r := h.load(file)
		if r.Records != 7 || r.Added != 4 || r.KeptAside != 3 || r.Counts.Unreadable != 1 {
			t.Fatalf("%+v", r)
		}
		var at []int
		for _, n := range h.notes(r, imports.KeptAside) {
			at = append(at, n.Position)
		}
		if d := cmp.Diff([]int{2, 4, 5}, at); d != "" {
			t.Error(d)
		}
		if again := h.load(strings.Replace(file, "Invented<", "Another<", 1)); again.Status != imports.Unchanged || again.Added != 0 || again.KeptAside != 3 {
			t.Errorf("the same content again: %+v", again)
		}
	})
}

func TestMendsSurviveTheNextFile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(text(t, october, record("1230000000001")))
		l := h.only()
		h.do(l.Person.ID, func(tx *db.Tx, a *act.Act) error {
			p := l.Particulars[0]
			p.Is.DOB = "2009-03-15"
			if err := youngperson.ParticularsTable.Replace(tx, a, p.Version, p); err != nil {
				return err
			}
			n := l.Needs[0]
			n.Is.SEND = "Y"
			return need.Needs.Replace(tx, a, n.Version, n)
		})
		// The source still says what it said; then it changes an item beside.
		r := h.load(text(t, november, record("1230000000001")))
		if r.Status != imports.Unchanged || r.Act != 0 {
			t.Fatalf("nothing new was said: %+v", r)
		}
		r = h.load(text(t, november, record("1230000000001", nccis.Gender, "F", nccis.DateVerified, "2026-11-05")))
		v := h.records(november)[0].Values
		if v[nccis.DOB] != "2009-03-15" || v[nccis.Gender] != "F" || v[nccis.DateVerified] != "2026-11-05" || v[nccis.SENDFlag] != "Y" || r.Clashes != 0 {
			t.Fatalf("%+v %v", r, v)
		}
		// Now both have changed one item.
		r = h.load(text(t, november, record("1230000000001", nccis.Gender, "F", nccis.DateVerified, "2026-11-05", nccis.DOB, "2009-03-16")))
		notes := h.notes(r, imports.Clash)
		if r.Clashes != 1 || len(notes) != 1 || notes[0].Theirs != "2009-03-16" || notes[0].Ours != "2009-03-15" || notes[0].Field != "DOB" {
			t.Fatalf("%+v %+v", r, notes)
		}
		if v := h.records(november)[0].Values; v[nccis.DOB] != "2009-03-16" || v[nccis.SENDFlag] != "Y" {
			t.Errorf("%v", v)
		}
	})
}

// A service that is told of a return and a second move between two files sends
// status T again, with the authority they moved to this time.
func TestASecondMoveIsReportedToo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		moved := func(to string) nccis.Record {
			return record("1230000000001", nccis.CohortStatus, "T", nccis.TransferredToLACode, to)
		}
		stated := func() string { return h.only().Statuses[0].Is.StatedOn }
		september := civil.MustParse("2026-09-30")
		h.load(text(t, september, moved("888")))
		h.load(text(t, october, moved("888")))
		if stated() != "2026-09-30" {
			t.Errorf("the same move stands for %s", stated())
		}
		h.load(text(t, november, moved("926")))
		if s := h.only().Statuses; len(s) != 1 || s[0].Is.TransferredTo != "926" || stated() != "2026-11-30" {
			t.Errorf("%+v", s)
		}
	})
}

// The register of newHouse is a joint one: each authority may send its own file.
func TestAnotherAuthoritysPeopleAreNotAbsent(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(text(t, october, record("1230000000001"), record("1230000000002"), record("1230000000003", nccis.LeadLEA, "")))
		theirs := func(records ...nccis.Record) string {
			return strings.Replace(text(t, october, records...), "<LEACode>341<", "<LEACode>344<", 1)
		}
		if r := h.load(theirs(record("1230000000011", nccis.LeadLEA, "344"), record("1230000000012", nccis.LeadLEA, "344"))); r.Absent != 1 {
			t.Errorf("beside the one whom nobody leads: %+v", h.notes(r, imports.Absent))
		}
		if r := h.load(theirs(record("1230000000011", nccis.LeadLEA, "344"))); r.Absent != 2 {
			t.Errorf("%+v", h.notes(r, imports.Absent))
		}
		if r := h.load(text(t, november, record("1230000000001"))); r.Absent != 2 || h.notes(r, imports.Absent)[0].YoungPersonsID != "1230000000002" {
			t.Errorf("%+v", h.notes(r, imports.Absent))
		}
	})
}

func TestSpellsFollowOneAnother(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(text(t, october, record("1230000000001")))
		h.load(text(t, november, record("1230000000001", nccis.ActivityCode, "610", nccis.StartDate, "2026-11-09", nccis.DateVerified, "2026-11-10")))
		l := h.only()
		if len(l.Spells) != 2 || l.Spells[0].Ended != "2026-11-08" || l.Spells[1].Started != "2026-11-09" || l.Spells[1].Ended != "" {
			t.Fatalf("%+v", l.Spells)
		}
		if v := h.records(october)[0].Values; v[nccis.ActivityCode] != "230" {
			t.Errorf("October's activity became %s", v[nccis.ActivityCode])
		}
		// A start that is earlier corrects what was said.
		h.load(text(t, november, record("1230000000001", nccis.ActivityCode, "610", nccis.StartDate, "2026-11-02", nccis.DateVerified, "2026-11-10")))
		if l := h.only(); len(l.Spells) != 2 || l.Spells[1].Started != "2026-11-02" || len(l.Verifications) != 2 {
			t.Errorf("%+v %+v", l.Spells, l.Verifications)
		}
	})
}

func TestLapseDatesAndAbsence(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		left := record("1230000000003", nccis.CohortStatus, "E")
		r := h.load(text(t, october, record("1230000000001", nccis.DueToLapseDate, "2027-08-31"), record("1230000000002"), left))
		notes := h.notes(r, imports.Lapse)
		if r.LapseDifferences != 1 || len(notes) != 1 || notes[0].Theirs != "2027-08-31" || notes[0].Ours != "2027-07-31" || notes[0].Position != 1 {
			t.Errorf("%+v %+v", r, notes)
		}
		before := h.facts()
		r = h.load(text(t, november, record("1230000000001")))
		absent := h.notes(r, imports.Absent)
		if r.Absent != 1 || len(absent) != 1 || absent[0].YoungPersonsID != "1230000000002" || absent[0].Person == "" {
			t.Errorf("%+v %+v", r, absent)
		}
		if d := cmp.Diff(before, h.facts()); d != "" {
			t.Errorf("absence changed something: %s", d)
		}
	})
}

func TestUndoKeepsWhatOthersBuilt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		r := h.load(text(t, october, record("1230000000001"), record("1230000000002")))
		yp := h.lives()[0].Person.ID
		h.do(yp, func(tx *db.Tx, a *act.Act) error {
			_, err := youngperson.Reaches.New(tx, a, yp, "", youngperson.Reach{Kind: youngperson.Email, Value: "wren@example.org"})
			return err
		})
		var refusal imports.Refusal
		if _, err := h.s.Undo(ctx, h.by, r.Ref, "", "test", false); !errors.As(err, &refusal) {
			t.Fatalf("undone over what others recorded: %v", err)
		}
		p, err := h.s.UndoPreview(ctx, h.by, r.Ref)
		if err != nil || len(p.Kept) != 1 || p.Kept[0].YoungPersonsID != "1230000000001" || p.Added != 2 {
			t.Fatalf("%+v %v", p, err)
		}
		if r, err = h.s.Undo(ctx, h.by, r.Ref, "", "test", true); err != nil || r.Status != imports.Undone {
			t.Fatalf("%+v %v", r, err)
		}
		l := h.only()
		if l.Person.ID != yp || len(l.Reaches) != 1 || len(l.Names) != 0 {
			t.Errorf("%+v", l)
		}
		h.standsAsRecomputed()
		if again := h.load(text(t, october, record("1230000000001"), record("1230000000002"))); again.Status != imports.Applied || again.Added != 1 || again.Changed != 1 {
			t.Errorf("loaded again: %+v", again)
		}
		if _, err := h.s.Undo(ctx, h.by, r.Ref, "", "test", true); !errors.As(err, &refusal) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

// TestOneNumberOfTwoSystemsIsNobodysElse adds somebody here while the source
// goes on numbering in the same database: the number is one, the people are two.
func TestOneNumberOfTwoSystemsIsNobodysElse(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		here := &records.Service{DB: d, Requirement: h.s.Requirement, Standing: h.s.Standing, Sights: &act.Recorder{DB: d}}
		if _, err := here.Add(context.Background(), h.by, records.NewPerson{Name: youngperson.Name{Given: "Bryony", Family: "Thistlecombe"}, Born: civil.MustParse("2008-07-09"),
			Gender: "F", LeadLA: "341", EducatedLA: "341", Ethnicity: "WBRI", Address: youngperson.Address{Line1: "2 Weir Walk", Postcode: "L1 1AA"}, Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, records.Told{Kind: act.Telephone, SaidBy: "a parent"}); err != nil {
			t.Fatal(err)
		}
		before := h.only()
		number := before.Person.YoungPersonsID
		r := h.load(text(t, october, record(number), record("1230000000077")))
		if notes := h.notes(r, imports.KeptAside); r.KeptAside != 1 || r.Added != 1 || len(notes) != 1 || !strings.Contains(notes[0].Words, "somebody else here") {
			t.Errorf("%+v %+v", r, notes)
		}
		if diff := cmp.Diff(before, h.lives()[0]); diff != "" {
			t.Error("the file changed somebody else:", diff)
		}
		if r := h.load(text(t, november, record(number, nccis.FamilyName, "Thistlecombe", nccis.GivenName, "Bryony"))); r.KeptAside != 0 || r.Changed != 1 {
			t.Errorf("the same name: %+v", r)
		}
	})
}

// protect protects somebody's address from everybody but an account of nobody's.
func (h *house) protect(yp id.YoungPerson) {
	h.t.Helper()
	h.do(yp, func(tx *db.Tx, _ *act.Act) error {
		if _, err := tx.Exec(`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 1, 'ref', 'ig', 'Somebody', '', FALSE, 1)`, int64(h.reg.ID)); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 1, 'x', $2, 'protected address', '', 1, '2027-01-01', 0, 1)`, int64(h.reg.ID), int64(yp))
		return err
	})
}

// TestANoteTellsNoProtectedAddress: where the file and the register differ about
// where somebody lives whose address is protected, the note says that alone.
func TestANoteTellsNoProtectedAddress(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(text(t, october, record("1230000000001", nccis.AddressLine1, "1 Former Lane", nccis.Postcode, "ZZ1 1AA")))
		l := h.only()
		h.do(l.Person.ID, func(tx *db.Tx, a *act.Act) error {
			home := l.Addresses[0]
			home.Is.Line1, home.Is.Postcode = "5 Sanctuary Row", "ZZ7 5NN"
			return youngperson.Addresses.Replace(tx, a, home.Version, home)
		})
		r := h.load(text(t, november, record("1230000000001", nccis.AddressLine1, "9 Later Lane", nccis.Postcode, "ZZ2 2BB")))
		if before := h.notes(r, imports.Clash); len(before) != 2 || !strings.Contains(fmt.Sprint(before), "5 Sanctuary Row") || !strings.Contains(fmt.Sprint(before), "ZZ7 5NN") {
			t.Fatalf("not protected, the notes are %+v", before)
		}
		h.protect(l.Person.ID)
		after := h.notes(r, imports.Clash)
		if len(after) != 2 {
			t.Errorf("protected, the notes are %+v", after)
		}
		for _, n := range after {
			if n.Ours != access.Protected || n.Theirs != access.Protected {
				t.Errorf("a note tells a protected address: %+v", n)
			}
		}
		before := fmt.Sprint(h.only().Addresses[0].Is)
		held := func(month civil.Date, line1, postcode, given string) imports.Report {
			t.Helper()
			r := h.load(text(t, month, record("1230000000001", nccis.AddressLine1, line1, nccis.Postcode, postcode, nccis.GivenName, given)))
			if n := h.notes(r, imports.HeldBack); len(n) != 1 || n[0].Theirs != access.Protected || n[0].Ours != "" {
				t.Errorf("of %s the notes are %+v", line1, n)
			}
			if now := fmt.Sprint(h.only().Addresses[0].Is); now != before {
				t.Errorf("the address became %s", now)
			}
			return r
		}
		// What is held, half of it, and neither.
		for _, guess := range [][2]string{{"9 Later Lane", "ZZ2 2BC"}, {"9 later lane", "ZZ2 2BB"}, {"1 Guess Street", "ZZ9 9ZZ"}} {
			if r := held(november, guess[0], guess[1], "Wren"); r.Status != imports.Unchanged || r.Changed != 0 || r.Counts.Unchanged != 1 || r.Clashes != 0 {
				t.Errorf("%v came to %+v", guess, r)
			}
		}
		if r := held(november, "9 Later Lane", "ZZ2 2BB", "Robin"); r.Changed != 1 || r.Clashes != 0 || h.only().Names[0].Is.Given != "Robin" {
			t.Errorf("with another name the file came to %+v", r)
		}
	})
}
