package retention

import (
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/audit"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
)

// eraser erases some people in one transaction.
type eraser struct {
	tx       *db.Tx
	r        id.Register
	proposal id.Ref
	// all are their keys, with those of records that are one with theirs now.
	all []id.YoungPerson
}

const (
	sqlWholeGroup  = `SELECT young_person FROM merged WHERE register = $1 AND into_person = $2 AND known_to IS NULL`
	sqlReasonsOf   = `SELECT number FROM act WHERE register = $1 AND young_person = $2 AND reason <> ''`
	sqlReasonsMany = `SELECT a.number FROM mended m JOIN act a ON a.register = m.register AND a.number = m.act
		WHERE m.register = $1 AND m.young_person = $2 AND a.young_person IS NULL AND a.reason <> ''
		AND NOT EXISTS (SELECT 1 FROM mended o WHERE o.register = m.register AND o.act = m.act AND o.young_person <> m.young_person
			AND NOT EXISTS (SELECT 1 FROM erased e WHERE e.register = o.register AND e.young_person = o.young_person))`
	sqlReasonAdded = `SELECT a.number FROM young_person y JOIN act a ON a.register = y.register AND a.number = y.known_from
		WHERE y.register = $1 AND y.id = $2 AND a.young_person IS NULL AND a.reason <> ''
		AND NOT EXISTS (SELECT 1 FROM young_person o WHERE o.register = y.register AND o.id <> y.id AND o.known_from = y.known_from)`
	sqlStone        = `UPDATE young_person SET young_persons_id = '', known_from = $1, known_to = $1 WHERE register = $2 AND id = $3`
	sqlErasedBy     = `INSERT INTO erased (register, young_person, act, at, proposal, finished) VALUES ($1, $2, $3, $4, $5, FALSE)`
	sqlUnmerge      = `DELETE FROM merged WHERE register = $1 AND young_person = $2 AND known_to IS NULL`
	sqlHoldText     = `UPDATE retention_hold SET reason = $1 WHERE register = $2 AND young_person = $3`
	sqlAnswerNumber = `UPDATE answer SET number = '', words = '' WHERE register = $1 AND ref IN (SELECT answer FROM answer_person WHERE register = $1 AND young_person = $2)`
	sqlNumbers      = `SELECT young_persons_id FROM young_person WHERE register = $1 AND id = $2 AND young_persons_id <> ''
		UNION SELECT value FROM identifier WHERE register = $1 AND young_person = $2 AND value <> ''`
	sqlNotesByNumber = `DELETE FROM import_note WHERE register = $1 AND young_persons_id = $2`
	sqlEverMerged    = `SELECT young_person FROM merged WHERE register = $1 AND into_person = $2 UNION SELECT into_person FROM merged WHERE register = $1 AND young_person = $2`
)

// group is a record and those that are one with it now.
func group(tx *db.Tx, r id.Register, yp id.YoungPerson) ([]id.YoungPerson, error) {
	out := []id.YoungPerson{yp}
	for i := 0; i < len(out); i++ {
		more, err := keys(tx, sqlWholeGroup, int64(r), int64(out[i]))
		if err != nil {
			return nil, err
		}
		for _, k := range more {
			out = append(out, id.YoungPerson(k))
		}
	}
	return out, nil
}

// keys reads one column of integers.
func keys(tx *db.Tx, query string, args ...any) ([]int64, error) {
	out, err := db.Values[int64](tx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read whom retention is about: %w", err)
	}
	return out, nil
}

// in is a condition on rows of the register about those erased.
func (e *eraser) in(column string) db.Where {
	all := make([]int64, len(e.all))
	for i, yp := range e.all {
		all[i] = int64(yp)
	}
	return e.rows(column, all)
}

func (e *eraser) exec(query string, args ...any) error {
	if _, err := e.tx.Exec(query, args...); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}

// erase takes away all that is held of some people, whose groups are given, by
// an act for each.
func (e *eraser) erase(groups [][]id.YoungPerson, reason string) error {
	for _, g := range groups {
		e.all = append(e.all, g...)
	}
	if err := e.files(); err != nil {
		return err
	}
	var last *act.Act
	for _, g := range groups {
		var err error
		if last, err = e.person(g, reason); err != nil {
			return err
		}
	}
	if last == nil {
		return nil
	}
	for _, yp := range e.all {
		if err := e.apart(yp); err != nil {
			return err
		}
		if err := e.byNumber(yp); err != nil {
			return err
		}
	}
	if err := e.evidence(); err != nil {
		return err
	}
	if err := e.restrictions(); err != nil {
		return err
	}
	if err := e.rights(); err != nil {
		return err
	}
	for _, p := range gone() {
		for _, column := range p.columns {
			w := e.in(column)
			if err := e.exec("DELETE FROM "+p.table+w.SQL(), w.Args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// person logs the erasure, erases the words of the acts about them, and leaves
// a stone with the reference.
func (e *eraser) person(g []id.YoungPerson, reason string) (*act.Act, error) {
	a, err := act.Begin(e.tx, system(e.r), access.ErasePerson, g[0], act.Request{Reason: reason})
	if err != nil {
		return nil, err
	}
	for _, yp := range g {
		if err := e.exec(sqlErasedBy, int64(e.r), int64(yp), int64(a.Number), db.Instant{Time: e.tx.Now}, string(e.proposal)); err != nil {
			return nil, err
		}
	}
	for _, yp := range g {
		for _, query := range []string{sqlReasonsOf, sqlReasonAdded, sqlReasonsMany} {
			acts, err := keys(e.tx, query, int64(e.r), int64(yp))
			if err != nil {
				return nil, err
			}
			for _, n := range acts {
				if id.Act(n) == a.Number {
					continue
				}
				if err := audit.EraseReasons(e.tx, a, id.Act(n)); err != nil {
					return nil, err
				}
			}
		}
		for _, step := range []struct {
			sql  string
			args []any
		}{
			{sqlHoldText, []any{audit.Erased, int64(e.r), int64(yp)}},
			{sqlUnmerge, []any{int64(e.r), int64(yp)}},
			{sqlAnswerNumber, []any{int64(e.r), int64(yp)}},
		} {
			if err := e.exec(step.sql, step.args...); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// byNumber takes away what was odd in files about whoever has their numbers, and
// then the number itself: the stone is all that is left.
func (e *eraser) byNumber(yp id.YoungPerson) error {
	rows, err := e.tx.Query(sqlNumbers, int64(e.r), int64(yp))
	if err != nil {
		return fmt.Errorf("read the numbers of the erased: %w", err)
	}
	var numbers []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			rows.Close()
			return err
		}
		numbers = append(numbers, n)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, n := range numbers {
		if err := e.exec(sqlNotesByNumber, int64(e.r), n); err != nil {
			return err
		}
	}
	by, err := keys(e.tx, `SELECT act FROM erased WHERE register = $1 AND young_person = $2`, int64(e.r), int64(yp))
	if err != nil || len(by) != 1 {
		return fmt.Errorf("find by which act %d was erased: %w", yp, err)
	}
	return e.exec(sqlStone, by[0], int64(e.r), int64(yp))
}

// apart takes what is theirs out of records with which theirs once was one and
// is no more, and gives back what is not theirs. A fact belongs to whoever it
// was first told of.
func (e *eraser) apart(yp id.YoungPerson) error {
	once, err := keys(e.tx, sqlEverMerged, int64(e.r), int64(yp))
	if err != nil {
		return err
	}
	var others []id.YoungPerson
	for _, k := range once {
		if !slices.Contains(e.all, id.YoungPerson(k)) {
			others = append(others, id.YoungPerson(k))
		}
	}
	if len(others) == 0 {
		return nil
	}
	for _, other := range others {
		for _, t := range life.Tables() {
			if err := e.exec("DELETE FROM "+t.Name+` WHERE register = $1 AND young_person = $2 AND id IN (SELECT id FROM (SELECT f.id, MIN(f.known_from) AS told FROM `+t.Name+` f
				WHERE f.register = $1 AND f.young_person = $3 GROUP BY f.id) AS theirs WHERE NOT EXISTS (SELECT 1 FROM `+t.Name+` o
				WHERE o.register = $1 AND o.young_person = $2 AND o.id = theirs.id AND o.known_from < theirs.told))`, int64(e.r), int64(other), int64(yp)); err != nil {
				return err
			}
		}
	}
	return e.reseal(others)
}

// reseal writes the sealed facts of others anew under their own keys: some may
// have been sealed with the key of the erased while the records were one.
func (e *eraser) reseal(others []id.YoungPerson) error {
	for _, other := range others {
		if err := contact.Contacts.Reseal(e.tx, e.r, other); err != nil {
			return err
		}
	}
	return nil
}

// restrictions deletes what hangs on the restrictions of the erased: who was let
// through, who opened them in need and why, and what files said.
func (e *eraser) restrictions() error {
	w := e.in("young_person")
	of, err := keys(e.tx, "SELECT DISTINCT id FROM restriction"+w.SQL(), w.Args...)
	if err != nil || len(of) == 0 {
		return err
	}
	for _, table := range []string{"restriction_named", "restriction_break", "restriction_row"} {
		w := e.rows("restriction", of)
		if err := e.exec("DELETE FROM "+table+w.SQL(), w.Args...); err != nil {
			return err
		}
	}
	return nil
}

// rights deletes what the erased asked for as is their right, in their words,
// and what was put together for them. That it was asked and answered stands in
// the log.
func (e *eraser) rights() error {
	w := e.in("young_person")
	requests, err := keys(e.tx, "SELECT id FROM rights_request"+w.SQL(), w.Args...)
	if err != nil || len(requests) == 0 {
		return err
	}
	w = e.rows("request", requests)
	packs, err := keys(e.tx, "SELECT id FROM access_pack"+w.SQL(), w.Args...)
	if err != nil {
		return err
	}
	for _, t := range []struct {
		table, column string
		of            []int64
	}{
		{"access_item", "pack", packs}, {"access_pack", "request", requests}, {"rights_step", "request", requests}, {"rights_request", "id", requests},
	} {
		w := e.rows(t.column, t.of)
		if err := e.exec("DELETE FROM "+t.table+w.SQL(), w.Args...); err != nil {
			return err
		}
	}
	return nil
}

// evidence deletes what told of the erased alone: evidence of acts about one of
// them, and of rows of files that told only of them. Evidence that facts of
// others rest on stays.
func (e *eraser) evidence() error {
	set := map[int64]bool{}
	for _, t := range life.Tables() {
		w := e.in("young_person")
		of, err := keys(e.tx, "SELECT DISTINCT evidence FROM "+t.Name+w.SQL(), w.Args...)
		if err != nil {
			return err
		}
		for _, k := range of {
			set[k] = true
		}
	}
	w := e.in("young_person")
	of, err := keys(e.tx, "SELECT id FROM evidence WHERE register = $"+fmt.Sprint(len(w.Args)+1)+" AND act IN (SELECT number FROM act"+w.SQL()+")", append(slices.Clone(w.Args), int64(e.r))...)
	if err != nil {
		return err
	}
	for _, k := range of {
		set[k] = true
	}
	all := make([]int64, 0, len(set))
	for k := range set {
		all = append(all, k)
	}
	slices.Sort(all)
	for some := range slices.Chunk(all, 200) {
		if err := e.evidenceOf(some); err != nil {
			return err
		}
	}
	return nil
}

func (e *eraser) evidenceOf(some []int64) error {
	shared := map[int64]bool{}
	for _, t := range life.Tables() {
		w := e.rows("evidence", some)
		others := make([]any, len(e.all))
		for i, yp := range e.all {
			others[i] = int64(yp)
		}
		w.And("young_person NOT IN ("+db.Params(1, len(others))+")", others...)
		of, err := keys(e.tx, "SELECT DISTINCT evidence FROM "+t.Name+w.SQL(), w.Args...)
		if err != nil {
			return err
		}
		for _, k := range of {
			shared[k] = true
		}
	}
	w := e.rows("id", slices.DeleteFunc(some, func(k int64) bool { return shared[k] }))
	return e.exec("DELETE FROM evidence"+w.SQL(), w.Args...)
}

// rows is a condition on rows of the register with one of some values.
func (e *eraser) rows(column string, some []int64) db.Where {
	var w db.Where
	w.And("register = $1", int64(e.r))
	values := make([]any, len(some))
	for i, k := range some {
		values[i] = k
	}
	w.In(column, values...)
	return w
}
