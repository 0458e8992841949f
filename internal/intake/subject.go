package intake

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
)

// plan is whom the rows of a file are about, once decisions are taken into
// account.
type plan struct {
	subjects []subject
	// waiting are rows about whom nobody knows yet, skipped those left out, both
	// by number, with whom they may be.
	waiting, skipped map[int]id.YoungPerson
	choices          map[int]map[string]string
	decisions        map[int]decision
	// aside are the rows, by number, that met a restricted record.
	aside map[int]bool

	byPerson map[id.YoungPerson]int // places in subjects
	byRow    map[int]int
}

func newPlan() *plan {
	return &plan{waiting: map[int]id.YoungPerson{}, skipped: map[int]id.YoungPerson{}, choices: map[int]map[string]string{},
		decisions: map[int]decision{}, byPerson: map[id.YoungPerson]int{}, byRow: map[int]int{}}
}

// decision is what somebody said of a row.
type decision struct {
	answer  string
	yp      id.YoungPerson
	choices map[string]string
}

// The decisions.
const (
	// DecidePerson is that the row is about somebody whom the register holds.
	DecidePerson = "person"
	// DecideNew is that it is about somebody new.
	DecideNew = "new"
	// DecideSkip is that it is left out.
	DecideSkip = "skip"
)

const (
	sqlRowsOf      = `SELECT row_number, answer, young_person, with_row FROM intake_row WHERE register = $1 AND intake = $2 ORDER BY row_number`
	sqlDecisionsOf = `SELECT row_number, answer, young_person, choices FROM intake_decision WHERE register = $1 AND intake = $2`
	sqlIsHeld      = `SELECT count(*) FROM young_person WHERE register = $1 AND id = $2 AND known_to IS NULL`
	sqlTogether    = `SELECT young_person, into_person FROM merged WHERE register = $1 AND known_to IS NULL`
	sqlGoneLeft    = `SELECT young_person FROM intake_gone WHERE register = $1 AND intake = $2 AND decision = 'left'
		AND EXISTS (SELECT 1 FROM young_person y WHERE y.register = intake_gone.register AND y.id = intake_gone.young_person AND y.known_to IS NULL) ORDER BY young_person`
)

func decisions(tx *db.Tx, r id.Register, in *Intake) (map[int]decision, error) {
	return decisionsWhere(tx, sqlDecisionsOf, int64(r), int64(in.ID))
}

func decisionsWhere(tx *db.Tx, query string, args ...any) (map[int]decision, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the decisions: %w", err)
	}
	defer rows.Close()
	out := map[int]decision{}
	for rows.Next() {
		var number int
		var d decision
		var choices string
		if err := rows.Scan(&number, &d.answer, (*int64)(&d.yp), &choices); err != nil {
			return nil, err
		}
		if choices != "" {
			if err := json.Unmarshal([]byte(choices), &d.choices); err != nil {
				return nil, fmt.Errorf("read the choices for row %d: %w", number, err)
			}
		}
		out[number] = d
	}
	return out, rows.Err()
}

// planned reads whom the rows are about.
func planned(tx *db.Tx, r id.Register, in *Intake) (*plan, error) {
	p := newPlan()
	var err error
	if p.decisions, err = decisions(tx, r, in); err != nil {
		return nil, err
	}
	if p.aside, err = asideOf(tx, r, in); err != nil {
		return nil, err
	}
	joined, err := together(tx, r)
	if err != nil {
		return nil, err
	}
	if err := p.settle(tx, r, joined); err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlRowsOf, int64(r), int64(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read whom the rows are about: %w", err)
	}
	defer rows.Close()
	if err := p.read(rows); err != nil {
		return nil, err
	}
	left, err := people1(tx, sqlGoneLeft, r, in.ID)
	if err != nil {
		return nil, err
	}
	held := p.people()
	for _, yp := range left {
		if !held[yp] {
			p.subjects = append(p.subjects, subject{yp: yp, gone: true})
		}
	}
	return p, nil
}

// settle looks for those whom decisions name.
func (p *plan) settle(tx *db.Tx, r id.Register, joined onePerson) error {
	for number, d := range p.decisions {
		p.choices[number] = d.choices
		if d.answer != DecidePerson {
			continue
		}
		d.yp = joined.now(d.yp)
		var n int
		if err := tx.QueryRow(sqlIsHeld, int64(r), int64(d.yp)).Scan(&n); err != nil {
			return fmt.Errorf("look for whom a row was decided: %w", err)
		}
		if n == 0 {
			d.answer = "" // whoever it was is held no longer: somebody must say again
		}
		p.decisions[number] = d
	}
	return nil
}

// onePerson says of records that were put together into which.
type onePerson map[id.YoungPerson]id.YoungPerson

func together(tx *db.Tx, r id.Register) (onePerson, error) {
	out := onePerson{}
	err := eachRow(tx, sqlTogether, r, func(rows *sql.Rows) error {
		var from, into int64
		err := rows.Scan(&from, &into)
		out[id.YoungPerson(from)] = id.YoungPerson(into)
		return err
	})
	return out, err
}

// now is the record that stands for somebody now.
func (o onePerson) now(yp id.YoungPerson) id.YoungPerson {
	for range len(o) {
		into, ok := o[yp]
		if !ok {
			break
		}
		yp = into
	}
	return yp
}

func (p *plan) read(rows *sql.Rows) error {
	for rows.Next() {
		var m met
		if err := rows.Scan(&m.number, &m.answer, (*int64)(&m.yp), &m.with); err != nil {
			return err
		}
		p.add(m)
	}
	return rows.Err()
}

// add takes one row; they come in the order of the file.
func (p *plan) add(m met) {
	switch d := p.decisions[m.number]; d.answer {
	case DecidePerson:
		m.answer, m.yp = Same, d.yp
	case DecideNew:
		m.answer, m.with = New, 0
	case DecideSkip:
		p.skipped[m.number] = 0
		return
	}
	switch m.answer {
	case Undecided:
		p.waiting[m.number] = m.yp
		return
	case Nobody:
		p.skipped[m.number] = 0
		return
	case New:
		if at, ok := p.byRow[m.with]; ok && m.with != 0 {
			p.subjects[at].rows = append(p.subjects[at].rows, m.number)
			p.byRow[m.number] = at
			return
		}
		m.yp = 0
	case Same:
		if at, ok := p.byPerson[m.yp]; ok {
			p.subjects[at].rows = append(p.subjects[at].rows, m.number)
			p.byRow[m.number] = at
			return
		}
		p.byPerson[m.yp] = len(p.subjects)
	}
	p.byRow[m.number] = len(p.subjects)
	p.subjects = append(p.subjects, subject{yp: m.yp, rows: []int{m.number}})
}

// people are all whom the file names, or may name.
func (p *plan) people() map[id.YoungPerson]bool {
	out := make(map[id.YoungPerson]bool, len(p.subjects))
	for _, s := range p.subjects {
		out[s.yp] = true
	}
	for _, yp := range p.waiting {
		out[yp] = true
	}
	delete(out, 0)
	return out
}

func people1(tx *db.Tx, query string, r id.Register, args ...any) ([]id.YoungPerson, error) {
	values := []any{int64(r)}
	for _, a := range args {
		switch v := a.(type) {
		case id.Import:
			values = append(values, int64(v))
		case id.Act:
			values = append(values, int64(v))
		default:
			values = append(values, v)
		}
	}
	out, err := db.Values[id.YoungPerson](tx, query, values...)
	if err != nil {
		return nil, fmt.Errorf("read whom it is about: %w", err)
	}
	return out, nil
}
