package retention_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/audit"
	"waymark/internal/backup"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/inspect"
	"waymark/internal/life"
	"waymark/internal/merge"
	"waymark/internal/retention"
	"waymark/internal/sealed"
)

var born = civil.Must(2009, 3, 27)

// TestEveryTableIsErasedOrSaidToStay: whoever adds a table says what becomes of
// it when somebody is erased.
func TestEveryTableIsErasedOrSaidToStay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		said := map[string]bool{}
		for _, p := range retention.Places() {
			if said[p.Table] {
				t.Errorf("%s is said twice", p.Table)
			}
			said[p.Table] = true
		}
		if err := d.EveryRegister().Snapshot(t.Context(), func(s *db.Snapshot) error {
			for _, table := range s.Tables {
				if !said[table.Name] {
					t.Errorf("the table %s is not in internal/retention/places.go: say there whether what it holds about somebody erased goes or stays", table.Name)
				}
				delete(said, table.Name)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for table := range said {
			t.Errorf("there is no table %s", table)
		}
	})
}

const canary = "canary"

// plant fills a table with a row about the person whose every text and every
// column of bytes is a canary, and returns how many there are.
func (h *house) plant(t db.Table, values map[string]any) int {
	h.t.Helper()
	var columns, marks []string
	var args []any
	n := 0
	for i, c := range t.Columns {
		v, given := values[c.Name]
		if !given {
			switch c.Type {
			case "TEXT":
				v = canary + "-" + t.Name + "-" + c.Name
				n++
			case "BYTEA":
				v = []byte(canary + "-" + t.Name + "-" + c.Name)
				n++
			case "BOOLEAN":
				v = false
			default:
				v = int64(900_000 + i)
			}
		}
		columns, marks, args = append(columns, c.Name), append(marks, fmt.Sprintf("$%d", i+1)), append(args, v)
	}
	h.do("INSERT INTO "+t.Name+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
	return n
}

// TestErasureLeavesNoCanary: a young person with a canary in every text of
// every table that may hold something of theirs is erased, and none is in any
// row, in the bytes of SQLite's files, or in memory; everybody else is whole.
func TestErasureLeavesNoCanary(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		wren, robin := h.add("Wrencanary", born), h.add("Robin", born)
		h.note(wren, "the canary sings")
		h.note(robin, "Robin will ring")
		finder, err := find.New(d, h.records)
		h.must(err)
		asked := func(on string) (n int) {
			q := find.Ask("Wrencanary")
			if on != "" {
				q.KnownOn = civil.MustParse(on)
			}
			f, err := finder.Find(t.Context(), h.officer, q, 10, "find")
			h.must(err)
			return f.Total
		}
		if asked("") != 1 || asked("2026-11-10") != 1 {
			t.Fatal("she is not found before")
		}
		if _, err := h.records.Summary(t.Context(), with(h.officer, "canary reason for looking"), wren); err != nil {
			t.Fatal(err)
		}
		key := int64(h.key(wren))
		n := 0
		about := map[string]any{"register": int64(h.reg.ID), "young_person": key, "known_from": int64(1), "known_to": nil, "evidence": int64(h.number("SELECT MIN(id) FROM evidence WHERE said_by LIKE '%Wren%'")), "act": int64(1)}
		with := func(more map[string]any) map[string]any {
			out := map[string]any{}
			for k, v := range about {
				out[k] = v
			}
			for k, v := range more {
				out[k] = v
			}
			return out
		}
		tables := map[string]db.Table{}
		h.must(d.EveryRegister().Snapshot(t.Context(), func(s *db.Snapshot) error {
			for _, table := range s.Tables {
				tables[table.Name] = table
			}
			return nil
		}))
		one := int64(1)
		// What the rows point to, about nobody.
		h.plantFor(tables, "sender", map[string]any{"id": one, "name": "A college", "ref": "s", "kind": "", "agreement": "", "agreement_ends": ""})
		h.plantFor(tables, "duplicate_search", map[string]any{"number": one, "state": "done", "began_at": "", "ended_at": "", "actor": "", "actor_name": "", "message": ""})
		h.plantFor(tables, "import", map[string]any{"id": one, "ref": "i", "act": one, "undone_by": nil, "file_name": "f", "sha256": "", "received_at": "2026-11-09T00:00:00.000000Z", "actor": "", "actor_name": "", "status": "applied",
			"period_end": "", "edition": "", "stand_in": "", "supplier": "", "databases": "", "authorities": "", "message": ""})
		h.plantFor(tables, "intake", map[string]any{"id": one, "ref": "n", "sender": one, "act": one, "undone_by": nil, "state": "applied", "file_name": "f", "sha256": "", "received_at": "2026-11-09T00:00:00.000000Z", "actor": "", "actor_name": "", "kind": "", "as_at": "",
			"mapping": "", "counts": "", "message": ""})
		h.plantFor(tables, "account", map[string]any{"id": one, "ref": "a", "sign_in": "a", "full_name": "", "password": "", "starts_on": "", "ends_on": ""})
		h.plantFor(tables, "visit_round", map[string]any{"id": one, "ref": "v", "day": "", "start_postcode": "", "worker": "", "worker_name": "", "planned_by": "", "planned_name": "", "known_from": one})
		h.plantFor(tables, "campaign", map[string]any{"id": one, "ref": "p", "name": "p", "asks": "", "target": "", "goal": one, "opens_on": "", "closes_on": "", "rules": "{}", "frozen_on": "", "frozen_by": nil, "closed_by": nil, "made_by": one, "opened_by": "", "version": one})
		h.plantFor(tables, "message_batch", map[string]any{"ref": "b", "template": "t", "version": one, "asks": "", "people": one, "left_out": "{}", "campaign": "", "sent_by": "", "sent_by_name": "", "at": "2026-11-09T00:00:00.000000Z"})
		h.plantFor(tables, "answer", map[string]any{"ref": "w", "source": "text", "carrier": "c", "number": "canary number", "words": "canary words", "came_at": "2026-11-09T00:00:00.000000Z", "state": "waiting", "settled_by": nil})
		for _, p := range retention.Places() {
			if !p.Goes || p.Table == "standing" || p.Table == "person_key" {
				continue // each has one row a person, made by the acts
			}
			campaign := any(one)
			if p.Table == "visit_stop" {
				campaign = "" // the reference of one, and not its key
			}
			n += h.plant(tables[p.Table], with(map[string]any{"intake": one, "campaign": campaign, "batch": "b", "answer": "w", "sender": one, "search": one, "import": one, "round": one, "first": key, "second": int64(h.key(robin)), "account": one, "owner": one, "lift_by": one, "id": int64(77)}))
		}
		for _, table := range []string{"restriction_break", "restriction_row"} {
			n += h.plant(tables[table], with(map[string]any{"restriction": int64(77), "account": one, "intake": one}))
		}
		for _, table := range []string{"intake_content", "intake_block", "intake_fix", "intake_problem", "intake_row", "intake_decision", "intake_outcome", "intake_gone"} {
			n += h.plant(tables[table], with(map[string]any{"intake": one}))
		}
		n += h.plant(tables["rights_request"], with(map[string]any{"id": int64(88)}))
		n += h.plant(tables["access_pack"], with(map[string]any{"id": int64(89), "request": int64(88)}))
		for _, table := range []string{"rights_step", "access_item"} {
			n += h.plant(tables[table], with(map[string]any{"request": int64(88), "pack": int64(89)}))
		}
		n += h.plant(tables["import_note"], with(map[string]any{"import": one, "young_person": nil, "young_persons_id": canary + "-identifier-value", "line": int64(2)}))
		h.do("INSERT INTO retention_hold (register, ref, young_person, reason, known_from, known_to) VALUES ($1, 'h', $2, 'canary hold', 1, 2)", int64(h.reg.ID), key)
		h.do("UPDATE young_person SET young_persons_id = 'canary number' WHERE id = $1", key)
		h.do("UPDATE standing SET given = 'canary', family_key = 'canary' WHERE young_person = $1", key)
		if n < 60 || len(h.everything(canary)) < n {
			t.Fatalf("only %d canaries", n)
		}
		before := len(h.everything("robin"))

		h.erase(wren)

		if left := h.everything(canary); len(left) > 0 {
			t.Errorf("%d of %d canaries are left:\n%s", len(left), n, strings.Join(left, "\n"))
		}
		if after := len(h.everything("robin")); after < before-2 { // the pair that was weighed goes, and what planting put in the files
			t.Errorf("Robin was in %d places and is in %d", before, after)
		}
		if got := h.names(); !slices.Equal(got, []string{"Robin"}) {
			t.Errorf("held are %v", got)
		}
		if asked("") != 0 || asked("2026-11-10") != 0 {
			t.Error("finding still knows her")
		}
		if _, err := h.records.Summary(t.Context(), h.officer, wren); !errors.Is(err, db.NotFound) {
			t.Errorf("her page answers %v", err)
		}
		roll, release, err := h.records.Rolls.Now(t.Context(), h.reg.ID)
		h.must(err)
		if roll.Len() != 1 {
			t.Errorf("the roll has %d lines", roll.Len())
		}
		release()
		if d.Engine == db.SQLite {
			for _, name := range []string{"waymark.db", "waymark.db-wal", "sights.db", "sights.db-wal"} {
				text, err := os.ReadFile(filepath.Join(d.Dir, name))
				h.must(err)
				if at := bytes.Index(bytes.ToLower(text), []byte(canary)); at >= 0 {
					t.Errorf("%s still holds %q", name, text[max(0, at-20):min(len(text), at+60)])
				}
			}
		}
	})
}

func (h *house) plantFor(tables map[string]db.Table, table string, values map[string]any) {
	values["register"] = int64(h.reg.ID)
	h.plant(tables[table], values)
}

func with(by access.Actor, reason string) access.Actor { by.Reason = reason; return by }

// sound says what db check and the log find wrong.
func (h *house) sound() {
	h.t.Helper()
	_, err := audit.Seal(context.Background(), h.db, h.reg.ID)
	h.must(err)
	a, err := audit.Verify(context.Background(), h.db, h.reg.ID, nil)
	h.must(err)
	for _, f := range a.Faults {
		h.t.Errorf("the log: %s", f.Words)
	}
	s := &inspect.Service{DB: h.db, Standing: h.records.Standing}
	if _, err := s.Run(context.Background(), func(c inspect.Check) {
		for _, w := range c.Wrong {
			h.t.Errorf("%s: %s", c.What, w)
		}
	}); err != nil {
		h.t.Fatal(err)
	}
}

// TestTheLogAndTheChecksStandAfterErasure: sealed before, whole after, with the
// words of reasons gone; the checks of everything stored find nothing.
func TestTheLogAndTheChecksStandAfterErasure(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		wren := h.add("Wren", born)
		for _, name := range []string{"Robin", "Martin"} {
			h.note(h.add(name, born), name+" will ring")
		}
		h.note(wren, "words")
		if _, err := h.records.Summary(t.Context(), with(h.officer, "a reason to look at Wren"), wren); err != nil {
			t.Fatal(err)
		}
		h.sound()
		ref := h.erase(wren)
		h.sound()
		if left := h.everything("of wren"); len(left) > 0 {
			t.Errorf("reasons are left: %v", left)
		}
		if n := h.number("SELECT count(*) FROM act WHERE young_person = $1", h.key(wren)); n < 3 {
			t.Errorf("%d acts about her are left: the log must keep them", n)
		}
		p := h.proposal(ref)
		for _, want := range []string{"CERTIFICATE OF ERASURE", "Invented", "1 young person's record", "Agreed by Test first", "Released by Test second", "a request for erasure"} {
			if !strings.Contains(p.Certificate, want) {
				t.Errorf("the certificate does not say %q:\n%s", want, p.Certificate)
			}
		}
		for _, not := range []string{"Wren", string(wren), "request 7"} {
			if strings.Contains(p.Certificate, not) {
				t.Errorf("the certificate says %q", not)
			}
		}
		verify := func(text string) string {
			_, err := h.s.Verify(t.Context(), h.second, text)
			var refused retention.Refusal
			if err != nil && !errors.As(err, &refused) {
				t.Fatal(err)
			}
			return refused.Message
		}
		if m := verify(p.Certificate); m != "" {
			t.Errorf("its own certificate is refused: %s", m)
		}
		if m := verify(strings.ReplaceAll(p.Certificate, "\n", "\r\n")); m != "" {
			t.Errorf("with other line ends: %s", m)
		}
		if m := verify(strings.Replace(p.Certificate, "1 young", "2 young", 1)); !strings.Contains(m, "was changed") {
			t.Errorf("a changed certificate: %q", m)
		}
		if m := verify("nonsense"); !strings.Contains(m, "No certificate") {
			t.Errorf("nonsense: %q", m)
		}
		h.do("DELETE FROM erased WHERE young_person = $1", h.key(wren))
		if m := verify(p.Certificate); !strings.Contains(m, "no longer says") {
			t.Errorf("rows taken away: %q", m)
		}
	})
}

// TestErasedStayErasedAfterARestore: an old backup, in whose bytes the notes
// are sealed, with the last key book: the erased one's note opens no more,
// everybody else's does; the list outside erases them again.
func TestErasedStayErasedAfterARestore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		wren, robin := h.add("Wren", born), h.add("Robin", born)
		h.note(wren, "sleeps at her aunt’s")
		h.note(robin, "Robin will ring")
		var old bytes.Buffer
		_, err := backup.Write(t.Context(), d, &old, "test")
		h.must(err)
		certificate := h.erase(wren)
		book := filepath.Join(t.TempDir(), "keys")
		_, err = backup.WriteKeys(t.Context(), d, book)
		h.must(err)

		dir := filepath.Join(t.TempDir(), "restored")
		_, err = backup.Restore(t.Context(), bytes.NewReader(old.Bytes()), backup.Target{Dir: dir})
		h.must(err)
		again, err := db.Open(t.Context(), db.Settings{Dir: dir, Ring: d.Ring, Now: d.Now})
		h.must(err)
		t.Cleanup(func() { again.Close() })
		in, err := os.Open(book)
		h.must(err)
		defer in.Close()
		keys, err := backup.ReadKeys(in)
		h.must(err)
		n, err := keys.Restore(t.Context(), again)
		h.must(err)
		if n != 1 || len(keys.Erased) != 1 || keys.Erased[0].Ref != wren || keys.Erased[0].Certificate != certificate {
			t.Errorf("%d keys came back; erased are %+v", n, keys.Erased)
		}
		r := newHouseOn(h, again)
		if got := r.names(); !slices.Equal(got, []string{"Robin", "Wren"}) {
			t.Fatalf("an old backup holds %v", got)
		}
		if notes := r.notes(); !slices.Equal(notes, []string{sealed.Unreadable, "Robin will ring"}) {
			t.Errorf("notes read from an old backup: %q", notes)
		}
		listed, err := retention.ReadList(h.list)
		h.must(err)
		if len(listed) != 1 || listed[0] != keys.Erased[0] {
			t.Errorf("the list outside says %+v, the key book %+v", listed, keys.Erased)
		}
		for _, want := range []int{1, 0} {
			n, err := r.s.Again(t.Context(), listed)
			if err != nil || n != want {
				t.Errorf("erased again: %d, %v", n, err)
			}
		}
		if got := r.names(); !slices.Equal(got, []string{"Robin"}) {
			t.Errorf("afterwards it holds %v", got)
		}
		if left := r.everything("wren"); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		r.sound()
	})
}

// newHouseOn is the same house over another database.
func newHouseOn(h *house, d *db.DB) *house {
	other := *h
	other.list = filepath.Join(h.t.TempDir(), "erased-again")
	other.serve(d)
	return &other
}

// notes are everybody's, by key.
func (h *house) notes() []string {
	h.t.Helper()
	var out []string
	h.must(h.db.Read(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT id FROM young_person WHERE known_to IS NULL ORDER BY id")
		if err != nil {
			return err
		}
		var all []id.YoungPerson
		for rows.Next() {
			var k int64
			if err := rows.Scan(&k); err != nil {
				return err
			}
			all = append(all, id.YoungPerson(k))
		}
		for _, k := range all {
			l, err := life.One(tx, h.reg.ID, k, 0)
			if err != nil {
				return err
			}
			for _, c := range l.Contacts {
				out = append(out, c.Is.Note)
			}
		}
		return nil
	}))
	return out
}

// TestErasureOfAMergedRecord: both records go, the merge cannot be undone, and
// of two that were taken apart again only one goes, with what the other held of
// it meanwhile.
func TestErasureOfAMergedRecord(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		join := func(keep, other id.Ref) id.Ref {
			var lives [2]*life.Life
			h.must(d.Read(t.Context(), func(tx *db.Tx) (err error) {
				for i, ref := range []id.Ref{keep, other} {
					if lives[i], err = life.One(tx, h.reg.ID, id.YoungPerson(h.key(ref)), 0); err != nil {
						return err
					}
				}
				return nil
			}))
			ref, err := h.merges.Join(t.Context(), h.officer, merge.Joining{Keep: keep, Other: other, Reason: "Wren and Jenny are one", Seen: merge.Seen(lives[:]...)})
			h.must(err)
			return ref
		}
		wren, jenny, robin := h.add("Wren", born), h.add("Jennywren", born), h.add("Robin", born)
		h.note(jenny, "jenny’s own words")
		m := join(wren, jenny)
		h.note(wren, "words on both")
		h.erase(wren)
		for _, text := range []string{"wren", "jenny"} {
			if left := h.everything(text); len(left) > 0 {
				t.Errorf("%s is left: %v", text, left)
			}
		}
		if _, err := h.merges.Undoing(t.Context(), h.officer, m); !errors.Is(err, db.NotFound) {
			t.Errorf("the merge can be undone: %v", err)
		}
		if _, err := h.records.Summary(t.Context(), h.officer, jenny); !errors.Is(err, db.NotFound) {
			t.Errorf("the other record answers %v", err)
		}
		h.sound()

		martin := h.add("Martinmerged", born)
		h.note(martin, "martinmerged’s words")
		apart := join(robin, martin)
		u, err := h.merges.Undoing(t.Context(), h.officer, apart)
		h.must(err)
		h.must(h.merges.TakeApart(t.Context(), h.officer, merge.TakingApart{Merge: apart, Reason: "two people after all", Seen: u.Seen}))
		h.note(robin, "Robin will ring")
		h.erase(martin)
		if left := h.everything("martinmerged"); len(left) > 0 {
			t.Errorf("left in the record with which it was one: %v", left)
		}
		if got, notes := h.names(), h.notes(); !slices.Equal(got, []string{"Robin"}) || !slices.Equal(notes, []string{"Robin will ring"}) {
			t.Errorf("held are %v with the notes %q", got, notes)
		}
		h.sound()
	})
}
