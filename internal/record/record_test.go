package record

import (
	"errors"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// room is a client record room over a register of its own.
type room struct {
	*Service
	t       *testing.T
	officer access.Actor
}

// onBoth runs a test on each engine.
func onBoth(t *testing.T, test func(t *testing.T, r room)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		req := nccis.MustLoad()
		book, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Sandmere", DatabaseID: "991",
			Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
		if err != nil {
			t.Fatal(err)
		}
		test(t, room{&Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, standing.Keeper{Requirement: req})}, t,
			access.Actor{Register: book.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}})
	})
}

func told() Told { return Told{Kind: act.Telephone, SaidBy: "her aunt"} }

func wren() NewPerson {
	return NewPerson{Name: youngperson.Name{Given: " Wren ", Family: "Ashdown"}, Born: civil.MustParse("2010-03-03"), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "zz11aa"}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}
}

func (r room) add() id.Ref {
	r.t.Helper()
	ref, err := r.Add(r.t.Context(), r.officer, wren(), told())
	if err != nil {
		r.t.Fatal(err)
	}
	return ref
}

func (r room) see(ref id.Ref) *Summary {
	r.t.Helper()
	s, err := r.Summary(r.t.Context(), r.officer, ref)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// count is how many rows of a query there are, in the register's file or
// beside it.
func (r room) count(in func(func(tx *db.Tx) error) error, query string, args ...any) (n int) {
	r.t.Helper()
	r.must(in(func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

func (r room) read(fn func(tx *db.Tx) error) error { return r.DB.Read(r.t.Context(), fn) }

func (r room) side(fn func(tx *db.Tx) error) error { return r.DB.InSideTx(r.t.Context(), fn) }

// row is the standing as lists have it.
func (r room) row() Row {
	r.t.Helper()
	found, err := r.Find(r.t.Context(), r.officer, Query{Born: civil.MustParse("2010-03-03")}, 10)
	r.must(err)
	if len(found.Rows) != 1 {
		r.t.Fatalf("found %d people, want 1", len(found.Rows))
	}
	return found.Rows[0]
}

// refused says that the error complains about the field, and about nothing
// else.
func refused(t *testing.T, err error, name string) {
	t.Helper()
	var wrong field.Errors
	if !errors.As(err, &wrong) || wrong[0].Field != name {
		t.Errorf("the answer is %v, want a complaint about %s", err, name)
	}
}

func TestAdd(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		by := told()
		by.Key = string(id.NewRef())
		ref, err := r.Add(t.Context(), r.officer, wren(), by)
		r.must(err)
		again, err := r.Add(t.Context(), r.officer, wren(), by)
		if !errors.Is(err, act.ErrRepeated) || again != ref {
			t.Errorf("the second press answered %v, %v", again, err)
		}
		s := r.see(ref)
		if got := s.View.Record.Get(nccis.GivenName) + s.View.Record.Get(nccis.Postcode) + s.Life.Person.YoungPersonsID; got != "WrenZZ1 1AA9910000000001" {
			t.Errorf("it holds %q", got)
		}
		if !s.View.In || len(s.Findings) != 1 || s.Findings[0].Check != "240" {
			t.Errorf("in the return: %v, with the findings %v", s.View.In, s.Findings)
		}
		if got := s.Sources[s.Life.Names[0].Evidence].Words(); got != "phone, her aunt, 10 November 2026" {
			t.Errorf("it came from %q", got)
		}
		if n := r.count(r.side, `SELECT count(*) FROM sight WHERE young_person = $1 AND page = 'summary'`, int64(s.Life.Person.ID)); n != 1 {
			t.Errorf("%d sights of the summary, want 1", n)
		}
		bad := wren()
		bad.Name.Family, bad.Identifiers.ULN = "", "123"
		_, err = r.Add(t.Context(), r.officer, bad, told())
		refused(t, err, "family-name")
		bad = wren()
		bad.Gender = "Q"
		_, err = r.Add(t.Context(), r.officer, bad, told())
		refused(t, err, "gender")
		_, err = r.Add(t.Context(), access.Actor{Register: r.officer.Register, Ref: "account:x", Roles: []access.Role{access.Commissioner}}, wren(), told())
		if !errors.As(err, &access.Denied{}) {
			t.Errorf("a commissioner was answered %v", err)
		}
		if n := r.count(r.read, `SELECT count(*) FROM young_person`); n != 1 {
			t.Errorf("%d people are held, want 1: what was refused left something", n)
		}
	})
}

func TestCorrect(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		before := r.see(ref)
		seen := Seen(before.Life.LegalName(r.Today()))
		r.must(r.CorrectName(ctx, r.officer, ref, youngperson.Name{Given: "Robin", Family: "Ashdown"}, seen, told()))
		if r.row().Given != "Robin" {
			t.Error("the list still has the old name")
		}
		err := r.CorrectName(ctx, r.officer, ref, youngperson.Name{Given: "Kestrel", Family: "Ashdown"}, seen, told())
		if !errors.As(err, &db.Conflict{}) {
			t.Errorf("the second of two was answered %v", err)
		}
		seen = Seen(r.see(ref).Life.LegalName(r.Today()))
		refused(t, r.CorrectName(ctx, r.officer, ref, youngperson.Name{Given: "Robin"}, seen, told()), "family-name")
		refused(t, r.CorrectName(ctx, r.officer, ref, youngperson.Name{Given: "A", Family: "B"}, seen, Told{}), "told-kind")
		particulars := func() id.Act { return Seen(life.InForce(r.see(ref).Life.Particulars, r.Today())) }
		refused(t, r.CorrectBirth(ctx, r.officer, ref, civil.MustParse("2030-01-01"), "F", "WBRI", particulars(), told()), "date-of-birth")
		r.must(r.CorrectBirth(ctx, r.officer, ref, civil.MustParse("2013-03-03"), "F", "WBRI", particulars(), told())) // too young, and yet true
		r.must(r.CorrectBirth(ctx, r.officer, ref, civil.MustParse("2010-03-03"), "F", "WBRI", particulars(), told()))
		r.must(r.CorrectNeed(ctx, r.officer, ref, need.Need{Level: "1", SEND: "N", SENSupport: "Y"}, []string{"140", "210"}, NeedSeen(r.see(ref).Life, r.Today()), told()))
		r.must(r.CorrectNeed(ctx, r.officer, ref, need.Need{Level: "1", SEND: "N", SENSupport: "Y"}, []string{"210"}, NeedSeen(r.see(ref).Life, r.Today()), told()))
		if got := r.see(ref).View.Record.Characteristics; len(got) != 1 || got[0] != "210" {
			t.Errorf("the characteristics are %v", got)
		}
		r.must(r.CorrectGuarantee(ctx, r.officer, ref, guarantee.Guarantee{Node: guarantee.Year11, Season: 2026, Status: "110", LACode: "991"}, 0, told()))
		refused(t, r.CorrectGuarantee(ctx, r.officer, ref, guarantee.Guarantee{Node: guarantee.Year11, Season: 2026, Status: "999", LACode: "991"},
			Seen(GuaranteeOf(r.see(ref).Life, guarantee.Year11, 2026)), told()), "guarantee-status")
		r.must(r.CorrectDestination(ctx, r.officer, ref, "211", 0, told()))
	})
}

func TestMove(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ref := r.add()
		seen := Seen(life.InForce(r.see(ref).Life.Addresses, r.Today()))
		to := youngperson.Address{Line1: "9 Kite Street", Postcode: "ZZ1 1AB"}
		refused(t, r.Move(t.Context(), r.officer, ref, to, civil.Date{}, seen, told()), "moved-on")
		r.must(r.Move(t.Context(), r.officer, ref, to, civil.MustParse("2026-11-01"), seen, told()))
		l := r.see(ref).Life
		if got := life.InForce(l.Addresses, civil.MustParse("2026-10-31")).Is.Line1; got != "4 Lantern Row" {
			t.Errorf("in October they lived at %s", got)
		}
		if got := life.InForce(l.Addresses, r.Today()).Is.Line1; got != "9 Kite Street" || r.row().Postcode != "ZZ1 1AB" {
			t.Errorf("now they live at %s, %s", got, r.row().Postcode)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ref := r.add()
		seen := func() id.Act { return IdentifiersSeen(r.see(ref).Life, r.Today()) }
		refused(t, r.CorrectIdentifiers(t.Context(), r.officer, ref, Identifiers{ULN: "1000000018"}, false, seen(), told()), "uln")
		r.must(r.CorrectIdentifiers(t.Context(), r.officer, ref, Identifiers{ULN: "1000000019"}, true, seen(), told()))
		r.must(r.CorrectIdentifiers(t.Context(), r.officer, ref, Identifiers{}, false, seen(), told()))
		for number, want := range map[string]int{"9910000000001": 1, "9910000000002": 1, "991 0000000002": 1, "1000000027": 0} {
			found, err := r.Find(t.Context(), r.officer, Query{Number: number}, 5)
			if r.must(err); len(found.Rows) != want {
				t.Errorf("%s finds %d people, want %d", number, len(found.Rows), want)
			}
		}
		if got := r.see(ref).View.Record.Get(nccis.UniqueLearnerNo); got != "" {
			t.Errorf("the ULN that was taken away is %s", got)
		}
	})
}

func TestCohortStatusKeepsItsDay(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ref := r.add()
		set := func(c cohort.Status) cohort.Status {
			t.Helper()
			r.must(r.CorrectCohort(t.Context(), r.officer, ref, c, Seen(life.InForce(r.see(ref).Life.Statuses, r.Today())), told()))
			return life.InForce(r.see(ref).Life.Statuses, r.Today()).Is
		}
		if got := set(cohort.Status{Status: "P", LeadLA: "991", EducatedLA: "991"}); got.StatedOn != "2026-11-10" {
			t.Errorf("a new status is stated for %q", got.StatedOn)
		}
		if got := set(cohort.Status{LeadLA: "991", EducatedLA: "991", LAAtYear11: "991"}); got.StatedOn != "" || !r.see(ref).View.In {
			t.Errorf("no status is stated for %q", got.StatedOn)
		}
		err := r.CorrectCohort(t.Context(), r.officer, ref, cohort.Status{Status: "T", LeadLA: "991", EducatedLA: "991"}, Seen(life.InForce(r.see(ref).Life.Statuses, r.Today())), told())
		refused(t, err, "transferred-to")
	})
}

func TestActivity(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		seen := func() id.Act { return Seen(r.see(ref).View.Spell) }
		college := NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"), PredictedEnd: civil.MustParse("2028-07-07")}
		refused(t, r.RecordActivity(ctx, r.officer, ref, NewSpell{Activity: "220", Started: college.Started}, 0, told()), "predicted-end")
		refused(t, r.RecordActivity(ctx, r.officer, ref, NewSpell{Activity: "280", Started: college.Started, PredictedEnd: college.PredictedEnd}, 0, told()), "activity")
		r.must(r.RecordActivity(ctx, r.officer, ref, college, 0, told()))
		if err := r.RecordActivity(ctx, r.officer, ref, college, 0, told()); !errors.As(err, &db.Conflict{}) {
			t.Errorf("recording over what was not seen answered %v", err)
		}
		job := NewSpell{Activity: "350", Started: civil.MustParse("2026-11-02"), Review: civil.MustParse("2026-12-01")}
		early := job
		early.Started = civil.MustParse("2026-08-01")
		refused(t, r.RecordActivity(ctx, r.officer, ref, early, seen(), told()), "started")
		r.must(r.RecordActivity(ctx, r.officer, ref, job, seen(), told()))
		if s := r.see(ref); len(s.Life.Spells) != 2 || s.Life.Spells[0].Ended != "2026-11-01" || s.View.Spell.Is.Activity != "350" {
			t.Errorf("the spells are %+v", s.Life.Spells)
		}
		first := r.row().LapsesOn
		r.must(r.ConfirmActivity(ctx, r.officer, ref, Still{On: civil.MustParse("2026-11-09"), Review: civil.MustParse("2027-01-15")}, seen(), told()))
		if row := r.row(); row.VerifiedOn.String() != "2026-11-10" || !row.LapsesOn.After(first) {
			t.Errorf("confirmed on %v, lapses on %v, before on %v", row.VerifiedOn, row.LapsesOn, first)
		}
		refused(t, r.ConfirmActivity(ctx, r.officer, ref, Still{On: civil.MustParse("2026-11-11")}, seen(), told()), "verified")
		spell := r.see(ref).View.Spell
		job.Verified, job.EstablishmentName = civil.MustParse("2026-11-05"), "Marram Joinery"
		job.Ascertained = civil.MustParse("2026-11-05")
		r.must(r.CorrectActivity(ctx, r.officer, ref, spell.ID, job, spell.KnownFrom, told()))
		if row := r.row(); row.VerifiedOn != job.Verified || row.Establishment != "Marram Joinery" {
			t.Errorf("corrected to %v at %q", row.VerifiedOn, row.Establishment)
		}
	})
}

func TestHistoryTellsBeforeAndAfter(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		r.must(r.SetReach(ctx, r.officer, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "01632 960118"}, 0, told()))
		f := r.see(ref).Life.Reaches[0]
		r.must(r.SetReach(ctx, r.officer, ref, f.ID, youngperson.Reach{Kind: youngperson.Telephone, Value: "01632 960119"}, f.KnownFrom, told()))
		f = r.see(ref).Life.Reaches[0]
		r.must(r.SetReach(ctx, r.officer, ref, f.ID, youngperson.Reach{Kind: youngperson.Telephone}, f.KnownFrom, told()))
		r.must(r.SetCarer(ctx, r.officer, ref, 0, youngperson.Carer{Name: "Rowan Ashdown"}, 0, told()))
		r.must(r.Allocate(ctx, r.officer, ref, youngperson.Allocation{Adviser: "ref", AdviserName: "Mei Larkrise"}, 0, told()))
		r.must(r.RecordContact(ctx, r.officer, ref, Spoken{Made: contact.Made{On: r.Today(), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached}}}, ""))
		acts, err := r.History(ctx, r.officer, ref)
		r.must(err)
		var lines []string
		for _, a := range acts {
			for _, c := range a.Changes {
				line := ""
				if c.Before != nil {
					line = c.Before.Text() + " -> "
				}
				if c.After != nil {
					line += c.After.Text()
				}
				lines = append(lines, line)
			}
			if a.Source.Kind != act.Telephone || a.By != "Officer" {
				t.Errorf("%s was learned by %q from %q", a.Kind, a.Source.Kind, a.By)
			}
		}
		all := strings.Join(lines, "\n")
		want := "phone the young person reached Officer account:officer\nref Mei Larkrise\nRowan Ashdown\ntelephone 01632 960119 -> \ntelephone 01632 960118 -> telephone 01632 960119\ntelephone 01632 960118\n"
		if !strings.HasPrefix(all, want) {
			t.Errorf("the history is\n%s\nwant it to begin\n%s", all, want)
		}
		if r.row().Adviser != "Mei Larkrise" {
			t.Error("the list does not have the adviser")
		}
	})
}
