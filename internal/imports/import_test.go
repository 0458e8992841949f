package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/imports"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// house is an empty register and what loads files into it.
type house struct {
	t   *testing.T
	db  *db.DB
	reg register.Register
	by  access.Actor
	s   *imports.Service
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	req := nccis.MustLoad()
	reg, err := (&register.Service{DB: d.EveryRegister()}).Add(context.Background(), register.Register{Name: "Invented", DatabaseID: "123",
		Authorities: []register.Authority{{Code: "341", Name: "One"}, {Code: "344", Name: "Two"}}})
	if err != nil {
		t.Fatal(err)
	}
	d = d.For(reg.ID)
	return &house{t: t, db: d, reg: reg,
		by: access.Actor{Register: reg.ID, Ref: "account:x", Name: "Dana Officer", Roles: []access.Role{access.DataOfficer}},
		s:  &imports.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}}}
}

func textFile(name, text string) imports.File {
	return imports.File{Name: name, Size: int64(len(text)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// load loads a text that must be taken.
func (h *house) load(text string) imports.Report {
	h.t.Helper()
	r, err := h.s.Load(context.Background(), h.by, h.reg, textFile("file.xml", text), nil)
	if err != nil {
		h.t.Fatalf("load: %v", err)
	}
	return r
}

func (h *house) lives() []*life.Life {
	h.t.Helper()
	var out []*life.Life
	if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		var err error
		out, err = life.Load(tx, fact.Known{Register: h.reg.ID})
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return out
}

// records are what life.On states of everybody at the end of a month.
func (h *house) records(on civil.Date) []nccis.Record {
	e, _ := h.s.Requirement.EditionOn(on)
	var out []nccis.Record
	for _, l := range h.lives() {
		out = append(out, l.On(h.reg.Book(), e, on).Record)
	}
	return out
}

func (h *house) notes(r imports.Report, kind string) []imports.Note {
	h.t.Helper()
	notes, _, err := h.s.Notes(context.Background(), h.by, r.Ref, kind, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return notes
}

// facts is every fact as known now, in words, for comparing.
func (h *house) facts() []string {
	h.t.Helper()
	var out []string
	for _, l := range h.lives() {
		out = append(out, fmt.Sprintf("%s %s", l.Person.Ref, l.Person.YoungPersonsID))
		for _, v := range []any{l.Names, l.Particulars, l.Identifiers, l.Addresses, l.Reaches, l.Carers, l.Allocations, l.Carried, l.Statuses,
			l.Needs, l.Characteristics, l.Spells, l.Verifications, l.Guarantees, l.Destinations, l.Contacts} {
			out = append(out, withoutActs(fmt.Sprintf("%T %+v", v, v)))
		}
	}
	return out
}

// withoutActs takes out the act by which a version is known: undoing makes a
// new version that says the same.
func withoutActs(s string) string {
	for {
		i := strings.Index(s, "KnownFrom:")
		if i < 0 {
			return s
		}
		j := i + strings.IndexByte(s[i:], ' ')
		s = s[:i] + s[j:]
	}
}

func (h *house) standings() []string {
	h.t.Helper()
	var out []string
	if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT young_person, given_key, family_key, COALESCE(dob, ''), cohort_status, activity, COALESCE(verified_on, ''), COALESCE(lapses_on, ''), level FROM standing WHERE register = $1 ORDER BY young_person`, int64(h.reg.ID))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var yp int64
			v := make([]string, 8)
			if err := rows.Scan(&yp, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]); err != nil {
				return err
			}
			out = append(out, fmt.Sprint(yp, v))
		}
		return rows.Err()
	}); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func generated(t testing.TB, n int, seed uint64, faults bool, on civil.Date) string {
	t.Helper()
	var b bytes.Buffer
	if err := nccistest.WriteFile(&b, n, seed, faults, on, "341"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t testing.TB, text string) []nccis.Record {
	t.Helper()
	rd, err := nccis.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []nccis.Record
	for {
		var r nccis.Record
		if err := rd.Next(&r); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
}

func header(on civil.Date) nccis.Header {
	return nccis.Header{DatabaseIDs: []string{"123"}, LEACodes: []string{"341"}, DateOfSend: on.AddDays(5).String(), PeriodEnd: on.String(),
		SupplierName: "Invented", SupplierXMLVersion: "1", XMLSchemaVersion: "1"}
}

// text writes records as a file. Every element is written, whether the edition
// holds it or not, as careless exports do.
func text(t testing.TB, on civil.Date, records ...nccis.Record) string {
	t.Helper()
	e, _ := nccis.MustLoad().EditionOn(on)
	var b bytes.Buffer
	w, err := nccis.NewWriter(&b, e, header(on))
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wild spoils records at random: empty items, dates that do not exist, codes
// of no list, days in the future, missing nodes.
func wild(r *rand.Rand, records []nccis.Record, on civil.Date) []nccis.Record {
	for i := range records {
		v := &records[i].Values
		for range r.IntN(6) {
			f := nccis.Field(r.IntN(int(nccis.FieldCount)))
			if f == nccis.YoungPersonsID || f == nccis.CohortStatus {
				continue
			}
			v[f] = []string{"", "", "2026-02-30", "odd & <odd>", "999", "Y", on.AddDays(40).String(), "114", "31/10/2026", on.AddDays(-300).String()}[r.IntN(10)]
		}
		switch r.IntN(12) {
		case 0:
			v[nccis.CohortStatus] = []string{"", "G", "A", "T", "E", "M", "D", "L", "Q"}[r.IntN(9)]
		case 1:
			records[i].NoActivities = true
			for f := nccis.ActivityCode; f <= nccis.PredictedEndDate; f++ {
				v[f] = ""
			}
		case 2:
			for f := nccis.ActivityCode; f <= nccis.PredictedEndDate; f++ {
				v[f] = ""
			}
		case 3:
			records[i].Characteristics = []string{"110", "999", "110", "140"}[:r.IntN(5)]
		case 4:
			v[nccis.LeadLEA], v[nccis.TransferredToLACode] = "888", "888"
		}
	}
	return records
}

// same compares records field by field, but for what we derive ourselves.
func same(t *testing.T, e *nccis.Edition, want, got []nccis.Record) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d records of %d", len(got), len(want))
	}
	for i := range want {
		w, g := want[i], got[i]
		for f := range nccis.FieldCount {
			if f == nccis.DueToLapseDate || f == nccis.CurrencyLapsed {
				continue
			}
			if a, ok := e.Activity(w.Values[nccis.ActivityCode]); f == nccis.NEETStartDate && w.Values[f] == "" && ok && a.Status == nccis.NEET {
				continue // derived where none was stated
			}
			if w.Values[f] != g.Values[f] {
				t.Errorf("record %d, %s: the file says %q, the register %q", i+1, f, w.Values[f], g.Values[f])
			}
		}
		slices.Sort(w.Characteristics)
		slices.Sort(g.Characteristics)
		if !slices.Equal(w.Characteristics, g.Characteristics) {
			t.Errorf("record %d: characteristics %v and %v", i+1, w.Characteristics, g.Characteristics)
		}
		if w.NoActivities != g.NoActivities {
			t.Errorf("record %d: no activities is %v and %v", i+1, w.NoActivities, g.NoActivities)
		}
	}
}

// TestARecordComesOutAsItWentIn is the promise of the whole: what a file says
// is what the register states again for that month.
func TestARecordComesOutAsItWentIn(t *testing.T) {
	for _, period := range []string{"2015-06-30", "2019-11-30", "2022-03-31", "2026-08-31", "2026-10-31"} {
		t.Run(period, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				on := civil.MustParse(period)
				for seed := range uint64(3) {
					r := rand.New(rand.NewPCG(seed, 7))
					h := newHouse(t, d)
					records := parse(t, generated(t, 300, seed, true, on))
					seen := map[string]bool{}
					records = slices.DeleteFunc(wild(r, records, on), func(r nccis.Record) bool {
						id := r.Values[nccis.YoungPersonsID]
						twice := seen[id]
						seen[id] = true
						return twice
					})
					file := text(t, on, records...)
					rep := h.load(file)
					if rep.Status != imports.Applied || rep.Added != len(records) || rep.KeptAside != 0 {
						t.Fatalf("%+v", rep)
					}
					e, _ := h.s.Requirement.EditionOn(on)
					same(t, e, parse(t, file), h.records(on))
					h.standsAsRecomputed()
				}
			})
		})
	}
}

// standsAsRecomputed compares the standings with those that the facts give.
func (h *house) standsAsRecomputed() {
	h.t.Helper()
	written := h.standings()
	if err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM standing WHERE register = $1`, int64(h.reg.ID)); err != nil {
			return err
		}
		lives, err := life.Load(tx, fact.Known{Register: h.reg.ID})
		if err != nil {
			return err
		}
		return h.s.Standing.Add(tx, h.reg.ID, lives)
	}); err != nil {
		h.t.Fatal(err)
	}
	if d := cmp.Diff(written, h.standings()); d != "" {
		h.t.Error("the standings are not those of the facts: " + d)
	}
}

// TestMonthAfterMonth loads random months after one another: after each the
// register states that month as its file did.
func TestMonthAfterMonth(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 11))
			h := newHouse(t, d)
			on := civil.MustParse("2026-01-31")
			records := parse(t, generated(t, 120, seed, false, on))
			for month := range 10 {
				end := on.InMonth().Add(month).End()
				records = nextMonth(r, records, end)
				file := text(t, end, records...)
				before := h.facts()
				rep := h.load(file)
				e, _ := h.s.Requirement.EditionOn(end)
				got := h.records(end)
				same(t, e, parse(t, file), got)
				if rep.Clashes != 0 {
					t.Errorf("clashes without anybody else: %+v", h.notes(rep, imports.Clash))
				}
				h.standsAsRecomputed()
				if t.Failed() {
					t.Fatalf("seed %d, month to %s", seed, end)
				}
				again := h.load(strings.Replace(file, "<SupplierXMLVersion>1<", "<SupplierXMLVersion>2<", 1))
				if again.Status != imports.Unchanged || again.Changed+again.Added != 0 || again.Act != 0 {
					t.Fatalf("the same content exported again: %+v", again)
				}
				if month > 0 && month < 4 && rep.Status == imports.Applied {
					after := h.facts()
					if _, err := h.s.Undo(context.Background(), h.by, rep.Ref, "", "test", false); err != nil {
						t.Fatal(err)
					}
					if d := cmp.Diff(before, h.facts()); d != "" {
						t.Fatalf("undone, the register is another: %s", d)
					}
					h.standsAsRecomputed()
					if again := h.load(file); again.Status != imports.Applied || again.Changed != rep.Changed {
						t.Fatalf("loaded again after undoing: %+v, before %+v", again, rep)
					}
					same(t, e, parse(t, file), h.records(end))
					_ = after
				}
			}
		}
	})
}

func nextMonth(r *rand.Rand, records []nccis.Record, on civil.Date) []nccis.Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Characteristics = slices.Clone(out[i].Characteristics)
		v := &out[i].Values
		if r.IntN(3) > 0 {
			continue
		}
		day := func() string {
			return []string{on.AddDays(-r.IntN(60)).String(), on.AddDays(-r.IntN(400)).String(), on.AddDays(1 + r.IntN(60)).String(), "2026-02-30", "", "soon"}[r.IntN(6)]
		}
		switch r.IntN(9) {
		case 0:
			v[nccis.DateVerified] = day()
		case 1:
			v[nccis.ActivityCode], v[nccis.StartDate] = []string{"610", "210", "330", "", "777"}[r.IntN(5)], day()
			out[i].NoActivities = false
		case 2:
			v[nccis.StartDate] = day()
			out[i].NoActivities = false
		case 3:
			v[nccis.CohortStatus] = []string{"P", "G", "T", "", "Z"}[r.IntN(5)]
			v[nccis.TransferredToLACode] = []string{"", "888"}[r.IntN(2)]
			v[nccis.LeadLEA] = []string{"341", "888"}[r.IntN(2)]
		case 4:
			out[i].Characteristics = []string{"110", "999", "140"}[:r.IntN(4)]
		case 5:
			v[nccis.Year11GuaranteeStatus], v[nccis.Year12LEACode] = []string{"", "110"}[r.IntN(2)], []string{"", "341"}[r.IntN(2)]
		case 6:
			v[nccis.AddressLine1], v[nccis.FamilyName], v[nccis.DOB] = "", []string{"", "Nettleby"}[r.IntN(2)], []string{"", "2009-02-30", "2009-03-01"}[r.IntN(3)]
		case 7:
			out[i].NoActivities = true
			for f := nccis.ActivityCode; f <= nccis.PredictedEndDate; f++ {
				v[f] = ""
			}
		case 8:
			out[i] = wild(r, []nccis.Record{out[i]}, on)[0]
		}
	}
	return out
}
