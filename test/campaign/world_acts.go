package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/life"
	"waymark/internal/merge"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/returns"
	"waymark/internal/youngperson"
)

// read is what the register holds of a person, as the model says it, and the
// life that it was read from.
func (w *world) read(ctx context.Context, ref id.Ref) (person, *life.Life, error) {
	sum, err := w.records.Summary(ctx, w.see, ref)
	if err != nil {
		return person{}, nil, fmt.Errorf("read %s: %w", ref, err)
	}
	p, today := person{ref: ref}, w.records.Today()
	if n := sum.Life.LegalName(today); n != nil {
		p.family = n.Is.Family
	}
	if a := life.InForce(sum.Life.Addresses, today); a != nil {
		p.line2 = a.Is.Line2
	}
	if i := sum.Life.CurrentSpell(today); i >= 0 {
		p.activity = sum.Life.Spells[i].Is.Activity
	}
	p.contacts = len(sum.Life.Contacts)
	return p, sum.Life, nil
}

// does says what a role may do in this world, written by hand: a changed rule is
// a decision in two places.
func does(by access.Actor, what string) bool {
	roles := map[string][]access.Role{
		"add":     {access.Adviser, access.TeamManager, access.DataOfficer},
		"correct": {access.Adviser, access.TeamManager, access.DataOfficer},
		"record":  {access.Adviser, access.TeamManager, access.DataOfficer},
		"merge":   {access.TeamManager, access.DataOfficer},
		"import":  {access.DataOfficer},
		"draft":   {access.TeamManager, access.DataOfficer, access.InformationGovernance},
	}[what]
	return slices.ContainsFunc(by.Roles, func(r access.Role) bool { return slices.Contains(roles, r) })
}

// one is one random act of somebody.
func (w *world) one(ctx context.Context) error {
	by, p := w.staff[w.r.IntN(len(w.staff))], w.people[w.r.IntN(len(w.people))]
	told := record.Told{Kind: act.Telephone, SaidBy: "themselves", Key: w.key(), Reason: "A random act of a world."}
	before, err := w.acts(ctx)
	if err != nil {
		return err
	}
	_, l, err := w.read(ctx, p.ref)
	if err != nil {
		return err
	}
	stale := id.Act(0) // how far the version shown is behind
	if w.r.IntN(5) == 0 {
		stale = 1
	}
	what, does1, seenOK := "", "", true
	want := *p
	var do func() error
	switch w.r.IntN(12) {
	case 0, 1:
		what, does1 = "a corrected name", "correct"
		name := l.LegalName(w.records.Today())
		if name == nil {
			return nil
		}
		next := name.Is
		next.Family = w.word()
		want.family, seenOK = next.Family, stale == 0
		do = func() error {
			return w.records.CorrectName(ctx, by, p.ref, next, record.Seen(name)-stale, told)
		}
	case 2, 3, 4:
		what, does1 = "a corrected address", "correct"
		a := life.InForce(l.Addresses, w.records.Today())
		if a == nil {
			return nil
		}
		next := a.Is
		next.Line2 = "Flat " + fmt.Sprint(w.r.IntN(1e6))
		want.line2, seenOK = next.Line2, stale == 0
		do = func() error {
			return w.records.CorrectAddress(ctx, by, p.ref, next, record.Seen(a)-stale, told)
		}
	case 5, 6:
		what, does1 = "a new activity", "record"
		var seen id.Act
		if i := l.CurrentSpell(w.records.Today()); i >= 0 {
			seen = l.Spells[i].KnownFrom
		}
		codes := []string{"610", "619", "620"}
		next := record.NewSpell{Activity: codes[w.r.IntN(len(codes))], Started: w.records.Today(), Review: w.records.Today().AddDays(60)}
		want.activity, seenOK = next.Activity, stale == 0
		do = func() error { return w.records.RecordActivity(ctx, by, p.ref, next, seen-stale, told) }
	case 7:
		what, does1 = "a confirmation", "record"
		i := l.CurrentSpell(w.records.Today())
		if i < 0 {
			return nil
		}
		seenOK = stale == 0
		do = func() error {
			return w.records.ConfirmActivity(ctx, by, p.ref, record.Still{On: w.records.Today(), Review: w.records.Today().AddDays(60)}, l.Spells[i].KnownFrom-stale, told)
		}
	case 8, 9:
		what, does1 = "a contact", "record"
		want.contacts++
		do = func() error {
			return w.records.RecordContact(ctx, by, p.ref, record.Spoken{Made: contact.Made{On: w.records.Today(),
				Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached, Note: w.word()}}}, told.Key)
		}
	case 10:
		return w.add(ctx, by, told)
	default:
		switch w.r.IntN(3) {
		case 0:
			return w.joinAndTakeApart(ctx, by, p)
		case 1:
			return w.loadAndTakeBack(ctx, by)
		}
		return w.signed(ctx, by)
	}
	err = do()
	return w.became(ctx, by, p, want, err, before, what, does(by, does1), seenOK, do)
}

// became compares what came of an act with what should.
func (w *world) became(ctx context.Context, by access.Actor, p *person, want person, err error, before int64, what string, may, seenOK bool, again func() error) error {
	after, failed := w.acts(ctx)
	if failed != nil {
		return failed
	}
	var conflict db.Conflict
	var denied access.Denied
	var wrong field.Errors
	switch {
	case !may && !errors.As(err, &denied) && !errors.Is(err, db.NotFound):
		w.t.fault("world %d, step %d: %s by %v, who may not, ended with %v", w.n, w.step, what, by.Roles, err)
	case !may:
		w.t.count("refused to those who may not", 1)
	case errors.As(err, &wrong):
		w.t.count("refused for what was written", 1)
	case !seenOK && !errors.As(err, &conflict):
		w.t.fault("world %d, step %d: %s from an old version ended with %v", w.n, w.step, what, err)
	case !seenOK:
		w.t.count("refused because somebody else was first", 1)
	case err != nil:
		w.t.fault("world %d, step %d: %s: %v", w.n, w.step, what, err)
	}
	if err != nil {
		if after != before {
			w.t.fault("world %d, step %d: %s was refused, and is act %d", w.n, w.step, what, after)
		}
		return w.agree(ctx, p, what+", refused")
	}
	if after != before+1 {
		w.t.fault("world %d, step %d: %s is %d acts", w.n, w.step, what, after-before)
	}
	w.t.count("acts done", 1)
	*p = want
	if err := w.agree(ctx, p, what); err != nil {
		return err
	}
	if w.r.IntN(4) == 0 { // the same press once more
		if err := again(); err == nil {
			w.t.fault("world %d, step %d: %s was done twice by one form", w.n, w.step, what)
		}
		w.t.count("pressed twice", 1)
		return w.agree(ctx, p, what+", pressed twice")
	}
	return nil
}

func (w *world) add(ctx context.Context, by access.Actor, told record.Told) error {
	before, err := w.acts(ctx)
	if err != nil {
		return err
	}
	n := record.NewPerson{Name: youngperson.Name{Given: w.word(), Family: w.word()}, Born: civil.Must(2009, 3, 1).AddDays(w.r.IntN(600)), Gender: "F", Ethnicity: "NOBT",
		Address: youngperson.Address{Line1: fmt.Sprint(1+w.r.IntN(90), " Lantern Row"), Town: "Saltmarsh", Postcode: "LW3 4AB"}, LeadLA: demo.Code, EducatedLA: demo.Code, Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}
	ref, err := w.records.Add(ctx, by, n, told)
	p := &person{ref: ref, family: n.Name.Family}
	if err != nil {
		p = w.people[0]
	}
	add := func() error { _, err := w.records.Add(ctx, by, n, told); return err }
	if err := w.became(ctx, by, p, *p, err, before, "a new person", does(by, "add"), true, add); err != nil || p == w.people[0] {
		return err
	}
	w.people = append(w.people, p)
	return nil
}

// joinAndTakeApart puts two records together and takes them apart again: then
// the register says what it said.
func (w *world) joinAndTakeApart(ctx context.Context, by access.Actor, p *person) error {
	other := w.people[w.r.IntN(len(w.people))]
	if other == p {
		return nil
	}
	_, one, err := w.read(ctx, p.ref)
	if err != nil {
		return err
	}
	_, two, err := w.read(ctx, other.ref)
	if err != nil {
		return err
	}
	before, err := w.now(ctx)
	if err != nil {
		return err
	}
	m, err := w.merges.Join(ctx, by, merge.Joining{Keep: p.ref, Other: other.ref, Reason: "A random act of a world.", Key: w.key(), Seen: merge.Seen(one, two)})
	var refused merge.Refusal
	switch {
	case errors.As(err, &refused) && does(by, "merge"):
		w.t.count("merges refused", 1)
		return nil
	case err != nil && !does(by, "merge"):
		w.t.count("refused to those who may not", 1)
		return nil
	case err != nil || !does(by, "merge"):
		w.t.fault("world %d, step %d: put together by %v: %v", w.n, w.step, by.Roles, err)
		return nil
	}
	w.clock = w.clock.Add(time.Minute)
	u, err := w.merges.Undoing(ctx, by, m)
	if err == nil {
		err = w.merges.TakeApart(ctx, by, merge.TakingApart{Merge: m, Reason: "A random act of a world.", Key: w.key(), Seen: u.Seen})
	}
	if err != nil {
		w.t.fault("world %d, step %d: taken apart: %v", w.n, w.step, err)
		return nil
	}
	w.t.count("put together and taken apart", 1)
	return w.sameAs(ctx, before, "two records put together and taken apart")
}

// loadAndTakeBack loads the supplier's file and takes it back.
func (w *world) loadAndTakeBack(ctx context.Context, by access.Actor) error {
	file, err := w.world.WriteFile(w.files, w.req)
	if err != nil {
		return err
	}
	before, err := w.now(ctx)
	if err != nil {
		return err
	}
	r, err := w.loads.Load(ctx, by, w.book, imports.File{Name: "month.xml", Open: func() (io.ReadCloser, error) { return os.Open(file) }}, nil)
	if !does(by, "import") {
		if err == nil {
			w.t.fault("world %d, step %d: %v loaded a file", w.n, w.step, by.Roles)
		}
		w.t.count("refused to those who may not", 1)
		return nil
	}
	if err != nil {
		w.t.fault("world %d, step %d: load: %v", w.n, w.step, err)
		return nil
	}
	w.clock = w.clock.Add(time.Minute)
	if _, err := w.loads.Undo(ctx, by, r.Ref, w.key(), "A random act of a world.", false); err != nil {
		w.t.fault("world %d, step %d: take back: %v", w.n, w.step, err)
		return nil
	}
	w.t.count("files loaded and taken back", 1)
	return w.sameAs(ctx, before, "a file loaded and taken back")
}

// signed has somebody sign the month where the checks let them.
func (w *world) signed(ctx context.Context, by access.Actor) error {
	month := w.records.Today().InMonth().Add(-1)
	if _, err := w.returns.Build(ctx, by, month, returns.Options{}); (err == nil) != does(by, "draft") {
		w.t.fault("world %d, step %d: a return built by %v: %v", w.n, w.step, by.Roles, err)
	}
	pos, err := w.returns.Position(ctx, w.see, month, nil)
	if err != nil {
		return err
	}
	r, err := w.returns.Sign(ctx, by, month, nil, returns.Signature{SHA256: pos.SHA256, Declared: true, Key: w.key()})
	switch {
	case err != nil:
		w.t.count("signatures refused", 1)
	case pos.Blocked != "":
		w.t.fault("world %d, step %d: %v signed what is blocked: %s", w.n, w.step, by.Roles, pos.Blocked)
	default:
		w.t.count("signatures", 1)
		if r.SHA256 != pos.SHA256 {
			w.t.fault("world %d, step %d: another file was signed than was shown", w.n, w.step)
		}
	}
	return nil
}

// sameAs compares what the register says now with what it said.
func (w *world) sameAs(ctx context.Context, before map[string][]string, after string) error {
	now, err := w.now(ctx)
	if err != nil {
		return err
	}
	for query, lines := range before {
		if !slices.Equal(lines, now[query]) {
			w.t.fault("world %d, step %d: after %s: %s: %s", w.n, w.step, after, query[:min(60, len(query))], differs(lines, now[query]))
		}
	}
	return nil
}

func differs(was, is []string) string {
	for _, line := range was {
		if !slices.Contains(is, line) {
			return fmt.Sprintf("%q is gone", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			return fmt.Sprintf("%q is new", line)
		}
	}
	return fmt.Sprintf("%d lines, before %d", len(is), len(was))
}

// now is what the register says now, by question.
func (w *world) now(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	return out, w.d.Read(ctx, func(tx *db.Tx) error {
		for _, query := range digestQueries() {
			rows, err := tx.Query(query)
			if err != nil {
				return err
			}
			if out[query], err = textRows(rows); err != nil {
				return err
			}
			slices.Sort(out[query])
		}
		return nil
	})
}

// pastDigest is what was known after an act.
func pastDigest(tx *db.Tx, at id.Act) (string, error) {
	sum := sha256.New()
	for _, t := range life.Tables() {
		rows, err := tx.Query("SELECT young_person, id, started, ended, known_from, evidence, "+strings.Join(t.Columns, ", ")+" FROM "+t.Name+
			" WHERE known_from <= $1 AND (known_to IS NULL OR known_to > $1)", int64(at))
		if err != nil {
			return "", err
		}
		lines, err := textRows(rows)
		if err != nil {
			return "", err
		}
		slices.Sort(lines)
		fmt.Fprintln(sum, t.Name, lines)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (w *world) acts(ctx context.Context) (n int64, err error) {
	return n, w.d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow("SELECT last_act FROM register").Scan(&n) })
}

// key is a one-use key that follows from the seed.
func (w *world) key() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(w.r.Uint32())
	}
	return string(id.RefFrom(b))
}

// word is a word nobody is called by.
func (w *world) word() string {
	const letters = "aeioulmnrst"
	b := []byte{byte('A' + w.r.IntN(26))}
	for range 5 + w.r.IntN(4) {
		b = append(b, letters[w.r.IntN(len(letters))])
	}
	return string(b)
}
