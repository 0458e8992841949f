package returns

import (
	"fmt"
	"slices"

	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
)

// duplicate is the cohort status of a record found to be another's double
// (nccis.md 3.1).
const duplicate = "M"

const (
	sqlDoubles = `SELECT m.young_person, m.known_from FROM merged m`
	sqlStood   = `SELECT COUNT(*) FROM monthly_return_person p
		JOIN monthly_return r ON r.register = p.register AND r.id = p.monthly_return
		WHERE p.register = $1 AND p.young_person = $2 AND NOT p.leaver AND r.period < $3 AND r.state IN ('sent', 'accepted')`
)

// double is a record that was put together with another by an act.
type double struct {
	person id.YoungPerson
	merged id.Act
}

// doubles adds the records that were put together with another: the Department
// knows them, and is told once, with status M, that they were doubles. What
// they say is what they said before they were put together.
func (b *builder) doubles(tx *db.Tx, k fact.Known, out *part) error {
	found, err := b.mergedAway(tx, k)
	if err != nil {
		return err
	}
	for _, d := range found {
		if _, told := b.reported[d.person]; told {
			continue
		}
		l, err := life.One(tx, b.register.ID, d.person, d.merged-1)
		if err != nil {
			return fmt.Errorf("read a record that was put together with another: %w", err)
		}
		v := l.On(b.book, b.edition, b.periodEnd)
		status := &v.Record.Values[cohortStatus]
		if !v.In || *status == "X" || leaver(*status) && *status != duplicate || !b.concerns(&v.Record) {
			continue
		}
		if known, err := b.departmentKnows(tx, d.person); err != nil {
			return err
		} else if !known {
			continue
		}
		*status = duplicate
		v.Why = "Put together with another record of the same young person. That is reported once."
		out.people = append(out.people, b.person(l, &v))
	}
	return nil
}

func (b *builder) mergedAway(tx *db.Tx, k fact.Known) ([]double, error) {
	var w db.Where
	w.And("m.register = $1", int64(b.register.ID))
	w.And("m.known_from <= $1 AND (m.known_to IS NULL OR m.known_to > $1)", int64(b.at))
	k.Narrow(&w, "m.young_person")
	rows, err := tx.Query(sqlDoubles+w.SQL()+" ORDER BY m.young_person", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the records that were put together: %w", err)
	}
	defer rows.Close()
	var found []double
	for rows.Next() {
		var d double
		if err := rows.Scan((*int64)(&d.person), (*int64)(&d.merged)); err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, rows.Err()
}

// departmentKnows says that the Department was told of a record as one of the
// cohort: by a return sent from here, or by a supplier's file before that.
func (b *builder) departmentKnows(tx *db.Tx, yp id.YoungPerson) (bool, error) {
	times := 0
	if err := tx.QueryRow(sqlStood, int64(b.register.ID), int64(yp), b.period.String()).Scan(&times); err != nil {
		return false, fmt.Errorf("ask whether a double was reported: %w", err)
	}
	if times > 0 {
		return true, nil
	}
	byFile := map[statement]bool{}
	if err := b.statedByFile(tx, []any{int64(yp)}, byFile); err != nil {
		return false, err
	}
	for s := range byFile {
		if slices.Contains([]string{"P", "G"}, s.status) && s.when < b.periodEnd.String() {
			return true, nil
		}
	}
	return false, nil
}
