package intake

import (
	"errors"
	"fmt"
	"slices"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
)

// What somebody decides of a row touches few others: those that are about the
// same person, before and after. These alone are told again. To tell the whole
// file again comes to the same (restate_test.go holds it to that).

const (
	sqlRowMet  = `SELECT answer, young_person, with_row FROM intake_row WHERE register = $1 AND intake = $2 AND row_number = $3`
	sqlRowWith = `SELECT row_number FROM intake_row WHERE register = $1 AND intake = $2 AND with_row = $3 AND with_row <> 0`
	sqlToldOf  = `SELECT row_number FROM intake_outcome WHERE register = $1 AND intake = $2 AND young_person = $3`

	sqlDecisionOf  = `SELECT row_number, answer, young_person, choices FROM intake_decision WHERE register = $1 AND intake = $2 AND row_number = $3`
	sqlOutcomeOf   = `SELECT outcome, clashes FROM intake_outcome WHERE register = $1 AND intake = $2 AND row_number = $3`
	sqlDropOutcome = `DELETE FROM intake_outcome WHERE register = $1 AND intake = $2 AND row_number = $3`
)

// met is one row as the matcher answered it.
type met struct {
	number int
	answer string
	yp     id.YoungPerson
	with   int
}

// circle is all rows that are told together with some row: a person's rows, and
// the rows of those that may have been told to them.
type circle struct {
	tx     *db.Tx
	r      id.Register
	in     *Intake
	joined onePerson
	rows   map[int]met
	people map[id.YoungPerson]bool
}

// draw follows a row to all that are told with it, as decisions stand now.
func (c *circle) draw(from int) error {
	seen := map[int]bool{}
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		number := queue[0]
		if seen[number] {
			continue
		}
		seen[number] = true
		m := met{number: number}
		if err := c.tx.QueryRow(sqlRowMet, int64(c.r), int64(c.in.ID), int64(number)).Scan(&m.answer, (*int64)(&m.yp), &m.with); err != nil {
			return fmt.Errorf("read whom row %d is about: %w", number, err)
		}
		c.rows[number] = m
		if m.yp != 0 {
			c.people[m.yp] = true
		}
		found, err := decisionsWhere(c.tx, sqlDecisionOf, int64(c.r), int64(c.in.ID), int64(number))
		if err != nil {
			return err
		}
		more, err := c.numbers(sqlRowWith, int64(number))
		if err != nil {
			return err
		}
		if m.with != 0 {
			more = append(more, m.with)
		}
		var told []id.YoungPerson
		if m.answer == Same {
			told = append(told, m.yp)
		}
		if d := found[number]; d.answer == DecidePerson {
			told = append(told, c.joined.now(d.yp))
		}
		for _, yp := range told {
			c.people[yp] = true
			theirs, err := c.numbers(sqlToldOf, int64(yp))
			if err != nil {
				return err
			}
			more = append(more, theirs...)
		}
		queue = append(queue, more...)
	}
	return nil
}

func (c *circle) numbers(query string, of int64) ([]int, error) {
	list, err := people1(c.tx, query, c.r, c.in.ID, of)
	out := make([]int, len(list))
	for i, n := range list {
		out[i] = int(n)
	}
	return out, err
}

// plan is whom the rows of the circle are about.
func (c *circle) plan() (*plan, error) {
	p := newPlan()
	numbers := make([]int, 0, len(c.rows))
	for number := range c.rows {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		found, err := decisionsWhere(c.tx, sqlDecisionOf, int64(c.r), int64(c.in.ID), int64(number))
		if err != nil {
			return nil, err
		}
		if d, ok := found[number]; ok {
			p.decisions[number] = d
		}
	}
	if err := p.settle(c.tx, c.r, c.joined); err != nil {
		return nil, err
	}
	for _, number := range numbers {
		p.add(c.rows[number])
	}
	return p, nil
}

// errWhole is that the whole file must be worked out.
var errWhole = errors.New("intake: the whole file must be worked out again")

// restate lets set note something about a row, and tells again what it touches.
// It is errWhole where somebody else changed those whom it is about.
func (s *Service) restate(tx *db.Tx, r id.Register, in *Intake, row int, set func() error) error {
	joined, err := together(tx, r)
	if err != nil {
		return err
	}
	c := &circle{tx: tx, r: r, in: in, joined: joined, rows: map[int]met{}, people: map[id.YoungPerson]bool{}}
	if err := c.draw(row); err != nil {
		return err
	}
	if err := set(); err != nil {
		return err
	}
	if err := c.draw(row); err != nil {
		return err
	}
	if err := c.untouched(); err != nil {
		return err
	}
	p, err := c.plan()
	if err != nil {
		return err
	}
	t, err := s.teller(tx, r, in, foretold)
	if err != nil {
		return err
	}
	t.choices = p.choices
	rows, err := t.outcomes(p.subjects)
	if err != nil {
		return err
	}
	if err := c.replace(append(rows, p.others(r, in)...)); err != nil {
		return err
	}
	if err := s.regone(c, p); err != nil {
		return err
	}
	return save(tx, r, in)
}

// untouched says that nobody else has changed those whom it is about since the
// file was worked out.
func (c *circle) untouched() error {
	var last id.Act
	if err := c.tx.QueryRow(sqlLastAct, int64(c.r)).Scan((*int64)(&last)); err != nil {
		return fmt.Errorf("look at the register: %w", err)
	}
	if last == c.in.after {
		return nil
	}
	touched, known, err := life.Since(c.tx, c.r, c.in.after, last)
	if err != nil {
		return err
	}
	if !known || slices.ContainsFunc(touched, func(yp id.YoungPerson) bool { return c.people[yp] }) {
		return errWhole
	}
	return nil
}

// replace puts the outcomes of the circle's rows in the place of those before, and
// mends the counts by the difference.
func (c *circle) replace(rows [][]any) error {
	for number := range c.rows {
		var outcome string
		var clashes int
		if err := c.tx.QueryRow(sqlOutcomeOf, int64(c.r), int64(c.in.ID), int64(number)).Scan(&outcome, &clashes); err != nil {
			return fmt.Errorf("read what row %d came to: %w", number, err)
		}
		c.in.Counts.add(outcome, -1, -clashes)
		if _, err := c.tx.Exec(sqlDropOutcome, int64(c.r), int64(c.in.ID), int64(number)); err != nil {
			return fmt.Errorf("begin a row anew: %w", err)
		}
	}
	for _, row := range rows {
		outcome, _ := row[3].(string)
		clashes, _ := row[5].(int64)
		c.in.Counts.add(outcome, 1, int(clashes))
	}
	return keepOutcomes(c.tx, c.r, c.in.ID, rows)
}

// add counts n rows more of an outcome.
func (c *Counts) add(outcome string, n, clashes int) {
	c.Clashes += clashes
	switch outcome {
	case OutcomeNew:
		c.New, c.Added = c.New+n, c.Added+n
	case OutcomeChanged:
		c.Changed += n
	case OutcomeUnchanged:
		c.Unchanged += n
	case OutcomeWaiting:
		c.Waiting += n
	case OutcomeSkipped:
		c.Skipped += n
	}
	c.Ready = c.New + c.Changed + c.Unchanged
}

// regone proposes those of the circle's people who are no longer on the roll, and
// takes back the proposal about whoever now is.
func (s *Service) regone(c *circle, p *plan) error {
	if !c.in.Whole {
		return nil
	}
	here := p.people()
	var missing []id.YoungPerson
	for yp := range c.people {
		elsewhere, err := c.named(yp)
		if err != nil {
			return err
		}
		if here[yp] || elsewhere {
			if _, err := c.tx.Exec(sqlDropGoneOf, int64(c.r), int64(c.in.ID), int64(yp)); err != nil {
				return fmt.Errorf("take back a proposal: %w", err)
			}
			continue
		}
		missing = append(missing, yp)
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		there, err := s.onLastRoll(c.tx, c.r, c.in)
		if err != nil {
			return err
		}
		proposed, err := people1(c.tx, sqlGoneNow, c.r, c.in.ID)
		if err != nil {
			return err
		}
		missing = slices.DeleteFunc(missing, func(yp id.YoungPerson) bool { return !slices.Contains(there, yp) || slices.Contains(proposed, yp) })
		if err := s.propose(c.tx, c.r, c.in, missing); err != nil {
			return err
		}
	}
	return c.tx.QueryRow(sqlCountGone, int64(c.r), int64(c.in.ID)).Scan(&c.in.Counts.Gone, &c.in.Counts.GoneOpen)
}

const (
	sqlDropGoneOf = `DELETE FROM intake_gone WHERE register = $1 AND intake = $2 AND young_person = $3 AND decision = ''`
	// A row that waits may be about whom it fits best; a row somebody decided is
	// about whomever they said.
	sqlMayName = `SELECT r.row_number FROM intake_row r WHERE r.register = $1 AND r.intake = $2 AND r.young_person = $3 AND r.answer = 'decide'
		AND NOT EXISTS (SELECT 1 FROM intake_decision d WHERE d.register = r.register AND d.intake = r.intake AND d.row_number = r.row_number AND d.answer <> '')`
)

// named says that a row outside the circle names somebody, or may.
func (c *circle) named(yp id.YoungPerson) (bool, error) {
	for _, query := range []string{sqlToldOf, sqlMayName} {
		rows, err := c.numbers(query, int64(yp))
		if err != nil || len(rows) > 0 {
			return len(rows) > 0, err
		}
	}
	return false, nil
}
