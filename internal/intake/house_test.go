package intake_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/intake/intaketest"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// house is an empty register and what takes files into it.
type house struct {
	t      testing.TB
	db     *db.DB
	reg    register.Register
	by     access.Actor
	s      *intake.Service
	record *record.Service
	sender intake.Sender
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, db: d}
	h.freshRegister("Invented")
	return h
}

// freshRegister makes an empty register and a sender.
func (h *house) freshRegister(name string) {
	h.t.Helper()
	var err error
	h.reg, err = (&register.Service{DB: h.db.EveryRegister()}).Add(context.Background(), register.Register{Name: name, DatabaseID: "123",
		Authorities: []register.Authority{{Code: "341", Name: "One"}}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.db = h.db.For(h.reg.ID)
	h.by = access.Actor{Register: h.reg.ID, Ref: "account:x", Name: "Dana Officer", Roles: []access.Role{access.DataOfficer}}
	h.serve(h.db)
	h.sender, err = h.s.KeepSender(context.Background(), h.by, intake.Sender{Name: "Northshore College", Tolerance: 14, SendsFull: true, Place: true}, "")
	if err != nil {
		h.t.Fatal(err)
	}
}

// serve builds the services on a database, as a new process would.
func (h *house) serve(d *db.DB) {
	req, sights := nccis.MustLoad(), &act.Recorder{DB: d}
	keeper := standing.Keeper{Requirement: req}
	h.record = &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
	h.s = &intake.Service{DB: d, Requirement: req, Standing: keeper, Record: h.record, Sights: sights}
}

// list is a file made in a test.
type list struct {
	kind, text string
	asAt       civil.Date
	whole      bool
}

func day(text string) civil.Date { return civil.MustParse(text) }

// confirm receives a list and says yes to how it is understood.
func (h *house) confirm(l list) id.Ref {
	h.t.Helper()
	ref, err := h.tryConfirm(context.Background(), l)
	if err != nil {
		h.t.Fatalf("receive and confirm: %v", err)
	}
	return ref
}

func (h *house) tryConfirm(ctx context.Context, l list) (id.Ref, error) {
	in, err := h.s.Receive(ctx, h.by, intake.File{Name: "list.csv", From: strings.NewReader(l.text), Sender: h.sender.Ref, Kind: l.kind, AsAt: l.asAt})
	if err != nil {
		return in.Ref, err
	}
	u, err := h.s.Understand(ctx, h.by, in.Ref, "", "")
	if err != nil {
		return in.Ref, err
	}
	return in.Ref, h.s.Confirm(ctx, h.by, in.Ref, intake.Confirmation{Mapping: u.Proposal.Mapping, Whole: l.whole})
}

// review takes a list to its review.
func (h *house) review(l list) intake.Intake {
	h.t.Helper()
	ref := h.confirm(l)
	if err := h.s.Work(context.Background(), h.by, ref, nil); err != nil {
		h.t.Fatalf("work: %v", err)
	}
	in := h.get(ref)
	if in.State != intake.InReview {
		h.t.Fatalf("the file is %s: %s", in.State, in.Message)
	}
	return in
}

func (h *house) get(ref id.Ref) intake.Intake {
	h.t.Helper()
	in, err := h.s.Get(context.Background(), h.by, ref)
	if err != nil {
		h.t.Fatal(err)
	}
	return in
}

// apply takes a list into the register.
func (h *house) apply(l list) intake.Intake {
	h.t.Helper()
	return h.applied(h.review(l).Ref)
}

func (h *house) applied(ref id.Ref) intake.Intake {
	h.t.Helper()
	in, err := h.s.Apply(context.Background(), h.by, ref, intake.Applying{SkipUndecided: true})
	if err != nil {
		h.t.Fatalf("apply: %v", err)
	}
	return in
}

func (h *house) undo(ref id.Ref, how intake.Undoing) intake.Intake {
	h.t.Helper()
	in, err := h.s.Undo(context.Background(), h.by, ref, how)
	if err != nil {
		h.t.Fatalf("undo: %v", err)
	}
	return in
}

func (h *house) rows(ref id.Ref, f intake.Filter) []intake.Row {
	h.t.Helper()
	list, _, err := h.s.Rows(context.Background(), h.by, ref, f, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
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

// person is the one of that given name.
func (h *house) person(given string) *life.Life {
	h.t.Helper()
	for _, l := range h.lives() {
		if n := l.LegalName(day("2026-11-10")); n != nil && n.Is.Given == given {
			return l
		}
	}
	h.t.Fatalf("nobody is called %s", given)
	return nil
}

func (h *house) facts() []string {
	h.t.Helper()
	return intaketest.Facts(h.t, h.db, h.reg.ID)
}

func (h *house) same(what string, want []string) {
	h.t.Helper()
	got := h.facts()
	if d := cmp.Diff(want, got); d != "" {
		h.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// standingsHold holds the standings against those written anew.
func (h *house) standingsHold() {
	h.t.Helper()
	held := h.facts()
	undo := fmt.Errorf("only looked")
	var anew []string
	err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, h.by, access.ImportFile, 0, act.Request{})
		if err != nil {
			return err
		}
		var people []id.YoungPerson
		for _, l := range h.lives() {
			people = append(people, l.Person.ID)
		}
		if err := h.s.Standing.Rewrite(tx, a, people...); err != nil {
			return err
		}
		if err := intaketest.Standings(tx, h.reg.ID, &anew); err != nil {
			return err
		}
		return undo
	})
	if err != undo {
		h.t.Fatal(err)
	}
	held = slices.DeleteFunc(held, func(s string) bool { return !strings.HasPrefix(s, "standing ") })
	if d := cmp.Diff(anew, held); d != "" {
		h.t.Errorf("the standings do not follow from the facts (-anew +held):\n%s", d)
	}
}

// current is the current activity of somebody in words.
func (h *house) current(given string) string {
	h.t.Helper()
	l := h.person(given)
	i := l.CurrentSpell(day("2026-11-10"))
	if i < 0 {
		return "none"
	}
	s := l.Spells[i]
	return s.Is.Activity + " from " + s.Started
}

// place is where somebody does what they do now.
func (h *house) place(given string) string {
	h.t.Helper()
	l := h.person(given)
	i := l.CurrentSpell(day("2026-11-10"))
	if i < 0 {
		return "none"
	}
	return l.Spells[i].Is.EstablishmentName
}

func changesOf(rows []intake.Row) (out []string) {
	for _, r := range rows {
		for _, c := range r.Changes {
			out = append(out, fmt.Sprintf("%d %s: %s -> %s kept %v clash %v", r.Number, c.Field, c.Before, c.After, c.Kept, c.Clash))
		}
	}
	return out
}
