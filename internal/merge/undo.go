package merge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
)

// Fate is what becomes, when two records are taken apart, of what was recorded
// while they were one.
type Fate string

// The fates.
const (
	// Stays leaves it on the record that stayed.
	Stays Fate = "stays"
	// Goes gives it to the record that comes back.
	Goes Fate = "goes"
	// TakenBack lets go of it.
	TakenBack Fate = "taken back"
)

// Since is something recorded on the record that stayed, after the merge: facts
// that hang together because one act told them.
type Since struct {
	// Name stands for it in a form.
	Name    string
	Acts    []Done
	Changes []Change
	facts   []factKey
}

// Done is one act.
type Done struct {
	Number   id.Act
	At       time.Time
	By, Kind string
}

// Change is one fact before and after: Before is what the two records came to
// by the merge, After what is held now; nil is nothing.
type Change struct{ Before, After *life.Told }

// Undoing is what taking two records apart would come to.
type Undoing struct {
	Merged
	// Since is what has been recorded since, to be decided one by one.
	Since []Since
	// Blocked says what must be undone first, "" where nothing must.
	Blocked string
	// Facts counts what goes back to the other record.
	Facts int
	// Seen goes with the form.
	Seen id.Act
}

type factKey struct {
	table string
	id    id.Fact
}

// Undoing says what taking the two records of a merge apart would come to. It
// changes nothing, logs who was shown whom, and needs access.MergePeople.
func (s *Service) Undoing(ctx context.Context, by access.Actor, ref id.Ref) (*Undoing, error) {
	if err := decide(by); err != nil {
		return nil, err
	}
	var u *Undoing
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		m, err := mergeOf(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if err := decideOn(tx, by, m.Keep, m.Other); err != nil {
			return err
		}
		u, _, err = undoing(tx, by.Register, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, s.sights.See(ctx, act.Sight{By: by, Kind: access.MergePeople, People: []id.YoungPerson{u.Keep, u.Other}, Page: "undo a merge"})
}

// undoing works it out, with every version told of the record that stayed.
func undoing(tx *db.Tx, r id.Register, m Merged) (*Undoing, map[factKey][]life.Told, error) {
	u := &Undoing{Merged: m}
	var err error
	if u.Blocked, err = blocked(tx, r, m); err != nil || u.Blocked != "" {
		return u, nil, err
	}
	told, err := toldBy(tx, r, m.Keep)
	if err != nil {
		return nil, nil, err
	}
	before, err := toldBy(tx, r, m.Other)
	if err != nil {
		return nil, nil, err
	}
	for _, versions := range before {
		for _, t := range versions {
			if t.KnownTo == m.Act {
				u.Facts++
			}
		}
	}
	for _, versions := range told {
		for _, t := range versions {
			u.Seen = max(u.Seen, t.KnownFrom, t.KnownTo)
		}
	}
	u.Since, err = since(tx, r, m, told)
	return u, told, err
}

// blocked says which other merge must be undone first. Merges lie on each other
// like leaves: the last one put on comes off first.
func blocked(tx *db.Tx, r id.Register, m Merged) (string, error) {
	if m.Undone != 0 {
		return "These two records have been taken apart already.", nil
	}
	var w db.Where
	w.And("m.register = $1 AND m.known_to IS NULL AND (m.young_person = $2 OR (m.into_person = $2 AND m.known_from > $3))", int64(r), int64(m.Keep), int64(m.Act))
	later, err := mergesWhere(tx, w)
	if err != nil || len(later) == 0 {
		return "", err
	}
	for _, l := range later {
		if l.Other == m.Keep {
			return "The record that stayed has since been put together with another, " + l.KeepID + ". Undo that merge first.", nil
		}
	}
	return "Another record, " + later[0].OtherID + ", has since been put together with this one. Undo that merge first.", nil
}

func toldBy(tx *db.Tx, r id.Register, yp id.YoungPerson) (map[factKey][]life.Told, error) {
	out := map[factKey][]life.Told{}
	for _, k := range kinds() {
		told, err := k.told(tx, r, yp)
		if err != nil {
			return nil, err
		}
		for _, t := range told {
			key := factKey{t.Table, t.ID}
			out[key] = append(out[key], t)
		}
	}
	return out, nil
}

// heldAt is the version held after an act, nil where none was. 0 is now.
func heldAt(versions []life.Told, at id.Act) *life.Told {
	for i := range versions {
		t := &versions[i]
		if at == 0 && t.KnownTo == 0 || at != 0 && t.KnownFrom <= at && (t.KnownTo == 0 || t.KnownTo > at) {
			return t
		}
	}
	return nil
}

func sameTold(a, b *life.Told) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Started == b.Started && a.Ended == b.Ended && slices.Equal(a.Values, b.Values)
}

// actsSince are the acts after one that told or let go of a version.
func actsSince(versions []life.Told, after id.Act) []id.Act {
	set := map[id.Act]bool{}
	for _, t := range versions {
		for _, n := range []id.Act{t.KnownFrom, t.KnownTo} {
			if n > after {
				set[n] = true
			}
		}
	}
	out := make([]id.Act, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// since gathers what changed after the merge, by the acts that changed it. What
// came back to what it was is not among it.
func since(tx *db.Tx, r id.Register, m Merged, told map[factKey][]life.Told) ([]Since, error) {
	group := map[id.Act]*Since{} // each act's
	var all []*Since
	keys := sortedKeys(told)
	for _, key := range keys {
		versions := told[key]
		was, is := heldAt(versions, m.Act), heldAt(versions, 0)
		acts := actsSince(versions, m.Act)
		if len(acts) == 0 || sameTold(was, is) {
			continue
		}
		one := &Since{}
		all = append(all, one)
		for _, n := range acts {
			if other := group[n]; other != nil && other != one {
				one.facts = append(one.facts, other.facts...)
				one.Changes = append(other.Changes, one.Changes...)
				other.facts, other.Changes = nil, nil
				for k, g := range group {
					if g == other {
						group[k] = one
					}
				}
			}
			group[n] = one
		}
		one.facts = append(one.facts, key)
		one.Changes = append(one.Changes, Change{was, is})
	}
	numbers := map[*Since][]id.Act{}
	for n, g := range group {
		numbers[g] = append(numbers[g], n)
	}
	var out []Since
	for _, one := range all {
		if len(one.facts) == 0 {
			continue
		}
		var err error
		if one.Acts, err = actsDone(tx, r, numbers[one]); err != nil {
			return nil, err
		}
		one.Name = fmt.Sprintf("since-%d", one.Acts[0].Number)
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Since) int { return int(a.Acts[0].Number - b.Acts[0].Number) })
	return out, nil
}

func sortedKeys(told map[factKey][]life.Told) []factKey {
	keys := make([]factKey, 0, len(told))
	for k := range told {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b factKey) int {
		if a.id != b.id {
			return int(a.id - b.id)
		}
		return strings.Compare(a.table, b.table)
	})
	return keys
}

const sqlActs = `SELECT a.number, a.at, a.actor_name, a.kind FROM act a`

func actsDone(tx *db.Tx, r id.Register, numbers []id.Act) ([]Done, error) {
	var w db.Where
	w.And("a.register = $1", int64(r))
	values := make([]any, len(numbers))
	for i, n := range numbers {
		values[i] = int64(n)
	}
	w.In("a.number", values...)
	rows, err := tx.Query(sqlActs+w.SQL()+" ORDER BY a.number", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the acts: %w", err)
	}
	defer rows.Close()
	var out []Done
	for rows.Next() {
		var d Done
		var at db.Instant
		if err := rows.Scan((*int64)(&d.Number), &at, &d.By, &d.Kind); err != nil {
			return nil, fmt.Errorf("read the acts: %w", err)
		}
		d.At = at.Time
		out = append(out, d)
	}
	return out, rows.Err()
}

// TakingApart asks for a merge to be undone.
type TakingApart struct {
	Merge id.Ref
	// Fates say of each Since, by its name, what becomes of it; what is not
	// named stays.
	Fates map[string]Fate
	// Different says that they are two people, so that the pair is not offered
	// again.
	Different bool
	// Reason stands in the log; Key is the form's one-use key; Seen is that of
	// the Undoing that was shown.
	Reason, Key string
	Seen        id.Act
}

const (
	sqlComeBack = `UPDATE young_person SET known_to = NULL WHERE register = $1 AND id = $2`
	sqlUnmerge  = `UPDATE merged SET known_to = $1 WHERE register = $2 AND ref = $3 AND known_to IS NULL`
)

// TakeApart undoes a merge, as an act of its own, however long ago it was: each
// record holds again what it held before, and of what was recorded since
// becomes what Fates say. It needs access.MergePeople and returns field.Errors,
// Refusal, db.Conflict where something was recorded since the page was shown,
// or act.ErrRepeated.
func (s *Service) TakeApart(ctx context.Context, by access.Actor, want TakingApart) error {
	if want.Reason = strings.TrimSpace(want.Reason); want.Reason == "" {
		return field.Errors{{Field: "reason", Message: "Say why the two records are taken apart"}}
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		m, err := mergeOf(tx, by.Register, want.Merge)
		if err != nil {
			return err
		}
		if err := decideOn(tx, by, m.Keep, m.Other); err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.MergePeople, m.Keep, act.Request{Reason: want.Reason, Key: want.Key, Undoes: m.Act})
		if err != nil {
			return err
		}
		u, told, err := undoing(tx, by.Register, m)
		if err != nil {
			return err
		}
		if u.Blocked != "" {
			return refuse(u.Blocked)
		}
		if u.Seen != want.Seen {
			return db.Conflict{What: "the record that stayed"}
		}
		t := &takingApart{tx: tx, a: a, m: m, told: told}
		if err := t.settle(u.Since, want.Fates); err != nil {
			return err
		}
		return s.comeBack(t, want.Different)
	})
}

func (s *Service) comeBack(t *takingApart, different bool) error {
	if _, err := life.Undo(t.tx, t.a, t.m.Act); err != nil {
		return err
	}
	r := int64(t.a.Register)
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{sqlComeBack, []any{r, int64(t.m.Other)}},
		{sqlUnmerge, []any{int64(t.a.Number), r, string(t.m.Ref)}},
		{sqlConcerns, []any{r, int64(t.a.Number), int64(t.m.Keep)}},
		{sqlConcerns, []any{r, int64(t.a.Number), int64(t.m.Other)}},
	} {
		if _, err := t.tx.Exec(step.sql, step.args...); err != nil {
			return fmt.Errorf("take two records apart: %w", err)
		}
	}
	if different {
		if err := say(t.tx, t.a, pairOf(t.m.Keep, t.m.Other), Different); err != nil {
			return err
		}
	}
	return s.standing.Rewrite(t.tx, t.a, t.m.Keep, t.m.Other)
}

// takingApart is an undo under way.
type takingApart struct {
	tx   *db.Tx
	a    *act.Act
	m    Merged
	told map[factKey][]life.Told
}

// settle brings every fact that changed since the merge to what the fates say;
// the others life.Undo brings back by itself.
func (t *takingApart) settle(all []Since, fates map[string]Fate) error {
	fate := map[factKey]Fate{}
	for _, one := range all {
		is, ok := fates[one.Name]
		if !ok {
			is = Stays
		}
		if is != Stays && is != Goes && is != TakenBack {
			return field.Errors{{Field: one.Name, Message: "Choose what becomes of this"}}
		}
		for _, key := range one.facts {
			fate[key] = is
		}
	}
	shapes := map[string]fact.Shape{}
	for _, k := range kinds() {
		shapes[k.shape.Name] = k.shape
	}
	for _, key := range sortedKeys(t.told) {
		if len(actsSince(t.told[key], t.m.Act)) == 0 {
			continue
		}
		// What came back to what it was is as if it had not been touched.
		is, changed := fate[key]
		if !changed {
			is = TakenBack
		}
		if err := t.settleOne(shapes[key.table], key, is); err != nil {
			return err
		}
	}
	return nil
}

func (t *takingApart) settleOne(s fact.Shape, key factKey, is Fate) error {
	versions := t.told[key]
	before, now := heldAt(versions, t.m.Act-1), heldAt(versions, 0)
	if is == Stays || now == nil && before == nil {
		return nil
	}
	if is == Goes && before == nil && now != nil {
		// Given before life.Undo, which then leaves the fact as it is given.
		if err := t.copy(s, t.m.Keep, t.m.Other, now); err != nil {
			return err
		}
	}
	if sameTold(before, now) && (now == nil || now.Evidence == before.Evidence) {
		return nil
	}
	if now != nil {
		if err := t.close(s, now); err != nil {
			return err
		}
	}
	if before != nil {
		return t.copy(s, t.m.Keep, t.m.Keep, before)
	}
	return nil
}

func (t *takingApart) close(s fact.Shape, v *life.Told) error {
	done, err := t.tx.Exec("UPDATE "+s.Name+" SET known_to = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_from = $5 AND known_to IS NULL",
		int64(t.a.Number), int64(t.a.Register), int64(t.m.Keep), int64(v.ID), int64(v.KnownFrom))
	if err != nil {
		return fmt.Errorf("take back in %s: %w", s.Name, err)
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return errors.New("take back in " + s.Name + ": the version is not open")
	}
	return nil
}

// copy holds a version anew, from the act on.
func (t *takingApart) copy(s fact.Shape, from, to id.YoungPerson, v *life.Told) error {
	columns := "started, ended, evidence, " + strings.Join(s.Columns, ", ")
	_, err := t.tx.Exec("INSERT INTO "+s.Name+" (register, young_person, id, known_from, "+columns+") SELECT register, CAST($1 AS BIGINT), id, CAST($2 AS BIGINT), "+columns+
		" FROM "+s.Name+" WHERE register = $3 AND young_person = $4 AND id = $5 AND known_from = $6",
		int64(to), int64(t.a.Number), int64(t.a.Register), int64(from), int64(v.ID), int64(v.KnownFrom))
	if err != nil {
		return fmt.Errorf("hold again in %s: %w", s.Name, err)
	}
	return nil
}
