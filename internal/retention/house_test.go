package retention_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/merge"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/retention"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is a register with the people of a test, and two who release.
type house struct {
	t       testing.TB
	db      *db.DB
	reg     register.Register
	records *record.Service
	merges  *merge.Service
	s       *retention.Service
	officer access.Actor
	// first and second govern; adviser does not.
	first, second, adviser access.Actor
	list                   string
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	reg, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Invented", DatabaseID: "123", Authorities: []register.Authority{{Code: "341", Name: "One"}}})
	if err != nil {
		t.Fatal(err)
	}
	who := func(ref string, role access.Role) access.Actor {
		return access.Actor{Register: reg.ID, Ref: "account:" + ref, Name: "Test " + ref, Roles: []access.Role{role}}
	}
	h := &house{t: t, db: d, reg: reg, officer: who("officer", access.DataOfficer), first: who("first", access.InformationGovernance), second: who("second", access.TeamManager),
		adviser: who("adviser", access.Adviser), list: filepath.Join(t.TempDir(), "erased")}
	h.serve(d)
	return h
}

// serve builds the services on a database, as a new process would.
func (h *house) serve(d *db.DB) {
	h.t.Helper()
	req := nccis.MustLoad()
	keeper := standing.Keeper{Requirement: req}
	h.db = d
	h.records = &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, keeper)}
	var err error
	if h.merges, err = merge.New(h.records); err != nil {
		h.t.Fatal(err)
	}
	h.s = &retention.Service{DB: d, Record: h.records, List: h.list, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) add(given string, born civil.Date) id.Ref {
	h.t.Helper()
	ref, err := h.records.Add(context.Background(), h.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Larkmoor"}, Born: born, Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "9 Kite Street", Postcode: "ZZ1 1AA"}, LeadLA: "341", EducatedLA: "341", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}},
		record.Told{Kind: act.Telephone, SaidBy: "said by " + given, Reason: "reason of " + given})
	h.must(err)
	return ref
}

func (h *house) note(ref id.Ref, words string) {
	h.t.Helper()
	h.must(h.records.RecordContact(context.Background(), h.officer, ref, record.Spoken{Made: contact.Made{On: civil.Must(2026, 11, 9), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached, Note: words}}}, ""))
}

func (h *house) rule(c retention.Category, from retention.Trigger, months int) {
	h.t.Helper()
	h.must(h.s.AddRule(context.Background(), h.first, retention.Rule{Category: c, From: from, Months: months, Basis: "the schedule of a test"}, ""))
}

// released proposes what is due and has two people release it.
func (h *house) released() id.Ref {
	h.t.Helper()
	ref, err := h.s.Propose(context.Background(), h.first, "")
	h.must(err)
	h.release(ref)
	return ref
}

func (h *house) release(ref id.Ref) {
	h.t.Helper()
	h.must(h.s.Agree(context.Background(), h.first, ref, ""))
	h.must(h.s.Release(context.Background(), h.second, ref, ""))
}

func (h *house) work() {
	h.t.Helper()
	h.must(h.s.Work(context.Background(), h.reg.ID))
}

func (h *house) proposal(ref id.Ref) *retention.Proposal {
	h.t.Helper()
	p, err := h.s.Proposal(context.Background(), h.first, ref)
	h.must(err)
	return p
}

// erase erases one on request.
func (h *house) erase(person id.Ref) id.Ref {
	h.t.Helper()
	ref, err := h.s.ProposeOne(context.Background(), h.first, person, "request 7 of Larkmoor", "")
	h.must(err)
	h.release(ref)
	h.work()
	if p := h.proposal(ref); p.State != retention.Done || p.By[retention.Erased] != 1 {
		h.t.Fatalf("the proposal is %s: %v", p.State, p.By)
	}
	return ref
}

func (h *house) do(statement string, args ...any) {
	h.t.Helper()
	h.must(h.db.InTx(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(statement, args...); return err }))
}

func (h *house) number(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.db.Read(context.Background(), func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

func (h *house) key(ref id.Ref) int {
	return h.number("SELECT id FROM young_person WHERE ref = $1", string(ref))
}

// names are the given names of everybody held, in order.
func (h *house) names() []string {
	h.t.Helper()
	var out []string
	h.must(h.db.Read(context.Background(), func(tx *db.Tx) error {
		for from := 0; from < h.number("SELECT MAX(id) + 1 FROM young_person"); from += 1000 {
			var people []id.YoungPerson
			rows, err := tx.Query("SELECT id FROM young_person WHERE known_to IS NULL AND id >= $1 AND id < $2", from, from+1000)
			if err != nil {
				return err
			}
			for rows.Next() {
				var k int64
				if err := rows.Scan(&k); err != nil {
					return err
				}
				people = append(people, id.YoungPerson(k))
			}
			for _, k := range people {
				l, err := life.One(tx, h.reg.ID, k, 0)
				if err != nil {
					return err
				}
				out = append(out, l.Names[0].Is.Given)
			}
		}
		return nil
	}))
	slices.Sort(out)
	return out
}

// everything is every value of every table that holds the text, as "table.column: value".
func (h *house) everything(text string) []string {
	h.t.Helper()
	var out []string
	look := func(tx *db.Tx, t db.Table) error {
		rows, err := tx.Query(`SELECT * FROM "` + t.Name + `"`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			values, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
			for i := range into {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			for i, v := range values {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				if s, ok := v.(string); ok && strings.Contains(strings.ToLower(s), strings.ToLower(text)) {
					out = append(out, fmt.Sprintf("%s.%s: %.60q", t.Name, t.Columns[i].Name, s))
				}
			}
		}
		return rows.Err()
	}
	h.must(h.db.EveryRegister().Snapshot(context.Background(), func(s *db.Snapshot) error {
		for _, t := range s.Tables {
			if t.Side && h.db.Engine == db.SQLite {
				if err := h.db.ReadSide(context.Background(), func(tx *db.Tx) error { return look(tx, t) }); err != nil {
					return err
				}
			} else if err := look(s.Tx, t); err != nil {
				return err
			}
		}
		return nil
	}))
	return out
}
