package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// world is a register of random people in a database.
type world struct {
	t       *testing.T
	d       *db.DB
	s       *Service
	by      access.Actor
	req     *nccis.Requirement
	members int
}

func newWorld(t *testing.T, d *db.DB, people int) *world {
	t.Helper()
	reg, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Borough of Sandmere", DatabaseID: "468", Authorities: []register.Authority{{Code: "344", Name: "Sandmere"}}})
	if err != nil {
		t.Fatal(err)
	}
	req := nccis.MustLoad()
	w := &world{t: t, d: d, req: req, by: access.Actor{Register: reg.ID, Ref: "operator:test", Name: "Test", Roles: []access.Role{access.Operator}}}
	w.s = &Service{DB: d, Requirement: req, Sights: &act.Recorder{DB: d}}
	w.add(people, access.ImportFile, 0)
	return w
}

func store[T any](w *world, tx *db.Tx, a *act.Act, t fact.Table[T], facts []fact.Of[T]) {
	w.t.Helper()
	for i := range facts {
		facts[i].Evidence = a.Evidence
	}
	if err := t.Add(tx, a, facts); err != nil {
		w.t.Fatal(err)
	}
}

// add adds random people by one act.
func (w *world) add(people int, kind access.Action, about id.YoungPerson) {
	w.t.Helper()
	lives := rapid.Custom(func(t *rapid.T) *life.Life { w.members++; return randomLife(t, int64(w.members)) })
	if err := w.d.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, w.by, kind, about, act.Request{Evidence: &act.Evidence{Kind: act.System}})
		if err != nil {
			return err
		}
		for i := range people {
			l := lives.Example(i + w.members)
			if err := db.BulkInsert(tx, "young_person", []string{"register", "id", "ref", "young_persons_id", "known_from"},
				[][]any{{int64(a.Register), int64(l.Person.ID), string(id.NewRef()), fmt.Sprintf("468%010d", l.Person.ID), int64(a.Number)}}); err != nil {
				return err
			}
			store(w, tx, a, youngperson.Names, []fact.Of[youngperson.Name]{{Version: fact.Version{YoungPerson: l.Person.ID, ID: id.Fact(l.Person.ID*1000 + 999)},
				Is: youngperson.Name{Kind: youngperson.Legal, Given: "Given", Family: fmt.Sprintf("Family%03d", l.Person.ID)}}})
			store(w, tx, a, youngperson.ParticularsTable, l.Particulars)
			store(w, tx, a, youngperson.Addresses, l.Addresses)
			store(w, tx, a, youngperson.Allocations, l.Allocations)
			store(w, tx, a, cohort.Statuses, l.Statuses)
			store(w, tx, a, need.Needs, l.Needs)
			store(w, tx, a, need.Characteristics, l.Characteristics)
			store(w, tx, a, activity.Spells, l.Spells)
			store(w, tx, a, activity.Verifications, l.Verifications)
			store(w, tx, a, guarantee.Guarantees, l.Guarantees)
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// record gives one person another activity from a day.
func (w *world) record(yp id.YoungPerson, code, started string) {
	w.t.Helper()
	if err := w.d.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, w.by, access.RecordActivity, yp, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
		if err != nil {
			return err
		}
		_, err = activity.Spells.New(tx, a, yp, started, activity.Spell{Activity: code, Ascertained: started})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) lives(at id.Act) []*life.Life {
	w.t.Helper()
	var out []*life.Life
	if err := w.d.Read(context.Background(), func(tx *db.Tx) (err error) {
		out, err = life.Load(tx, fact.Known{Register: w.by.Register, At: at})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) run(s *Service, q Question) *Result {
	w.t.Helper()
	r, err := s.Run(context.Background(), w.by, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

var here = map[string]bool{"344": true}

func TestFiguresAreTheRegisters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 60)
		period := Month(civil.Month{Year: 2025, Month: 11})
		q := Question{Periods: []Period{period, DecemberToFebruary(2026)}, Series: 12}
		check := func(what string) {
			t.Helper()
			r := w.run(w.s, q)
			fresh := w.run(&Service{DB: d, Requirement: w.req}, q)
			if diff := cmp.Diff(texts(fresh), texts(r)); diff != "" {
				t.Errorf("%s: kept in memory and counted anew differ: %s", what, diff)
			}
			var one []Row
			for _, row := range r.Rows {
				if row.Period == period.String() {
					one = append(one, row)
				}
			}
			differences(t, counted(one), recount(w.lives(0), here, w.req, period.Months()))
		}
		check("at first")
		w.record(3, "619", "2025-10-15")
		w.record(7, "820", "2025-11-02")
		check("after two acts")
		w.add(1, access.AddPerson, id.YoungPerson(w.members+1))
		check("after somebody new")
		w.add(20, access.ImportFile, 0)
		check("after a file")
	})
}

// texts is the whole table in text, to compare.
func texts(r *Result) []string {
	var b bytes.Buffer
	if err := r.WriteCSV(&b); err != nil {
		return []string{err.Error()}
	}
	return append(strings.Split(b.String(), "\n"), fmt.Sprint(r.Series))
}

func TestFiguresAsKnownEarlier(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 30)
		if err := d.InTx(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE act SET at = $1 WHERE register = $2", "2026-03-31T22:59:59.000000Z", int64(w.by.Register))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		q := Question{Periods: []Period{Month(civil.Month{Year: 2026, Month: 2})}}
		before := w.run(w.s, q)
		for yp := range 20 {
			w.record(id.YoungPerson(yp+1), "619", "2026-01-15")
		}
		now := w.run(w.s, q)
		if cmp.Equal(texts(before), texts(now)) {
			t.Error("twenty who became NEET changed nothing")
		}
		// 22:59:59 UTC is a second before midnight of 31 March in London.
		q.KnownOn = civil.Must(2026, 3, 31)
		for range 2 {
			if diff := cmp.Diff(texts(before), texts(w.run(w.s, q))); diff != "" {
				t.Errorf("what was known in March is not what was counted then: %s", diff)
			}
		}
		q.KnownOn, q.KnownAt = civil.Date{}, 1
		if diff := cmp.Diff(texts(before), texts(w.run(w.s, q))); diff != "" {
			t.Errorf("what was known after the first act is not what was counted then: %s", diff)
		}
		q.KnownAt = 999
		if _, err := w.s.Run(context.Background(), w.by, q); !errors.Is(err, db.NotFound) {
			t.Errorf("an act never done: %v", err)
		}
		q.KnownAt = 0
		for day, words := range map[string]string{"2026-03-30": "had not been told", "2030-01-01": "nobody knows yet"} {
			q.KnownOn = civil.MustParse(day)
			if _, err := w.s.Run(context.Background(), w.by, q); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("as known on %s: %v", day, err)
			}
		}
		q.KnownOn = civil.Must(2026, 5, 1)
		q.Periods = []Period{Month(civil.Month{Year: 2026, Month: 6})}
		if _, err := w.s.Run(context.Background(), w.by, q); err == nil || !strings.Contains(err.Error(), "had not come yet") {
			t.Errorf("June as known in May: %v", err)
		}
	})
}

func TestMonthsWithoutFigures(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d, 10)
	for period, words := range map[string]string{"2019-01": "The register begins in", "1600-01": "The register begins in", "2027-01": "still to come", "9999-12": "still to come"} {
		p, err := ParsePeriod(period)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Run(context.Background(), w.by, Question{Periods: []Period{p}})
		var none NoFigures
		if !errors.As(err, &none) || !strings.Contains(none.Words, words) {
			t.Errorf("%s: %v", period, err)
		}
	}
	empty := dbtest.SQLite(t)
	reg, err := (&register.Service{DB: empty}).Add(context.Background(), register.Register{Name: "New", DatabaseID: "468", Authorities: []register.Authority{{Code: "344"}}})
	if err != nil {
		t.Fatal(err)
	}
	by := w.by
	by.Register = reg.ID
	if _, err := (&Service{DB: empty, Requirement: w.req}).Run(context.Background(), by, Question{Periods: []Period{Month(civil.Month{Year: 2026, Month: 2})}}); err == nil || !strings.Contains(err.Error(), "not been told") {
		t.Errorf("a new register: %v", err)
	}
	for _, g := range []Group{"age:15", "sex:x", "ward:", "colour:red", "vulnerable:no", "send:"} {
		var bad BadGroup
		if _, err := w.s.Run(context.Background(), w.by, Question{Periods: []Period{Month(civil.Month{Year: 2026, Month: 2})}, Only: []Group{g}}); !errors.As(err, &bad) {
			t.Errorf("%s: %v", g, err)
		}
	}
	r := w.run(w.s, Question{Periods: []Period{Month(civil.Month{Year: 2026, Month: 2})}, Only: []Group{"school:9999999"}})
	if len(r.Rows) != 0 || len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "Nobody was ever counted in school:9999999") {
		t.Errorf("a school nobody was at: %d rows, %q", len(r.Rows), r.Notes)
	}
}

// Behind each number stand as many names as it says, each recorded as seen, and
// nobody's for those who may see no names.
func TestNamesBehindTheNumbers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 60)
		p := Month(civil.Month{Year: 2025, Month: 9})
		r := w.run(w.s, Question{Periods: []Period{p}})
		tried := 0
		for i := range r.Rows {
			row := &r.Rows[i]
			if row.bare || row.isStated || row.People() == 0 {
				continue
			}
			tried++
			names, err := w.s.Names(context.Background(), w.by, Cell{Period: p, Measure: row.Measure, Group: row.Group})
			if err != nil {
				t.Fatal(err)
			}
			if names.Total != row.People() || len(names.People) != names.Total || names.People[0].Name == "" || !names.People[0].Ref.Valid() {
				t.Fatalf("%s of %s: %d names behind %d: %+v", row.Measure, row.Group, names.Total, row.People(), names.People)
			}
		}
		if tried < 40 {
			t.Errorf("only %d numbers tried", tried)
		}
		all, err := w.s.Names(context.Background(), w.by, Cell{Period: p, Measure: "combined", Group: All, From: 1, Most: 2})
		if err != nil || len(all.People) != 2 || all.Total < 3 {
			t.Fatalf("%d of %d: %v", len(all.People), all.Total, err)
		}
		var seen int
		if err := d.InSideTx(context.Background(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT COUNT(*) FROM sight WHERE register = $1 AND page = $2 AND young_person = $3", int64(w.by.Register), "figures", int64(all.People[0].Key)).Scan(&seen)
		}); err != nil || seen == 0 {
			t.Errorf("%d sights: %v", seen, err)
		}
		commissioner := access.Actor{Register: w.by.Register, Ref: "account:c", Roles: []access.Role{access.Commissioner}}
		var denied access.Denied
		if _, err := w.s.Names(context.Background(), commissioner, Cell{Period: p, Measure: "neet", Group: All}); !errors.As(err, &denied) {
			t.Errorf("a commissioner asked for names and got %v", err)
		}
		if _, err := w.s.Run(context.Background(), commissioner, Question{Periods: []Period{p}}); err != nil {
			t.Errorf("a commissioner asked for figures and got %v", err)
		}
		if _, err := w.s.Run(context.Background(), access.Actor{Register: w.by.Register}, Question{Periods: []Period{p}}); !errors.As(err, &denied) {
			t.Errorf("nobody asked for figures and got %v", err)
		}
	})
}

func TestWorkbookIsTheTable(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), 20)
	r := w.run(w.s, Question{Periods: PeriodsFor(civil.Month{Year: 2026, Month: 2})})
	r.Rows = append(r.Rows, Row{Period: "2026-02", Measure: "neet", Group: "school:=HYPERLINK(\"http://example.org\")", sum: 1, of: 2, months: 1})
	var plain, book, objects bytes.Buffer
	for _, err := range []error{r.WriteCSV(&plain), r.WriteXLSX(&book), r.WriteJSON(&objects)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(&plain).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := f.GetRows("Figures", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(sheet) != len(rows) || len(strings.Split(strings.TrimSpace(objects.String()), "\n")) != len(rows)-1 {
		t.Fatalf("%d rows in the workbook, %d in the CSV", len(sheet), len(rows))
	}
	for i, row := range rows {
		for c, text := range row {
			var cell string
			if c < len(sheet[i]) {
				cell = sheet[i][c]
			}
			if c > 2 && i > 0 {
				if text != "" && number(text) != number(cell) || text == "" && cell != "" {
					t.Errorf("row %d: %q in the CSV, %q in the workbook", i, text, cell)
				}
			} else if cell != text {
				t.Errorf("row %d: %q in the CSV, %q in the workbook", i, text, cell)
			}
		}
	}
	if formula, err := f.GetCellFormula("Figures", fmt.Sprintf("C%d", len(sheet))); err != nil || formula != "" {
		t.Errorf("the last group became a formula: %q, %v", formula, err)
	}
}
