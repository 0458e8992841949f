package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"waymark/internal/activity"
	"waymark/internal/change"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
)

// The outcomes of a row.
const (
	OutcomeNew       = "new"
	OutcomeChanged   = "changed"
	OutcomeUnchanged = "unchanged"
	// OutcomeWaiting is that nobody knows yet whom it is about.
	OutcomeWaiting = "waiting"
	// OutcomeSkipped is that it was left out, or adds nobody.
	OutcomeSkipped = "skipped"
)

// subjectsAtAll is how many subjects are worked out in one transaction.
const subjectsAtAll = 4000

var outcomeColumns = []string{"register", "intake", "row_number", "outcome", "young_person", "clashes", "changes", "stood"}

// weigh works out what the file comes to, from where it was broken off. The
// register may have moved on: then it begins anew.
func (s *Service) weigh(ctx context.Context, r id.Register, in *Intake, tell func()) error {
	for {
		done, err := s.weighSome(ctx, r, in)
		if err != nil {
			return err
		}
		tell()
		if done {
			return nil
		}
	}
}

// weighSome works out the next subjects; after the last the file is in review.
func (s *Service) weighSome(ctx context.Context, r id.Register, in *Intake) (bool, error) {
	var rows [][]any
	next := *in
	over := false
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, next, over = nil, *in, false
		if err := tx.QueryRow(sqlLastAct, int64(r)).Scan((*int64)(&next.after)); err != nil {
			return fmt.Errorf("look at the register: %w", err)
		}
		if in.Done > 0 && next.after != in.after {
			next.Done = 0 // what was worked out was of another register
		}
		p, err := planned(tx, r, in)
		if err != nil {
			return err
		}
		t, err := s.teller(tx, r, in, foretold)
		if err != nil {
			return err
		}
		t.choices = p.choices
		from := min(next.Done, len(p.subjects))
		to := min(len(p.subjects), from+subjectsAtAll)
		if rows, err = t.outcomes(p.subjects[from:to]); err != nil {
			return err
		}
		if from == 0 {
			rows = append(rows, p.others(r, in)...)
		}
		next.Done, over = to, to == len(p.subjects)
		return nil
	}); err != nil {
		return false, err
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := s.unmoved(tx, r, in); err != nil {
			return err
		}
		if next.Done <= subjectsAtAll {
			if err := drop(tx, r, in, sqlDropOutcomes); err != nil {
				return err
			}
		}
		if err := keepOutcomes(tx, r, in.ID, rows); err != nil {
			return err
		}
		if over {
			next.State, next.Done = InReview, 0
			if err := s.findGone(tx, r, &next); err != nil {
				return err
			}
			if err := count(tx, r, &next); err != nil {
				return err
			}
		}
		return save(tx, r, &next)
	})
	if err == nil {
		*in = next
	}
	return over, err
}

// outcomes tells subjects for looking alone.
func (t *teller) outcomes(subjects []subject) ([][]any, error) {
	var rows [][]any
	err := t.each(subjects, func(o *told) error {
		if o.gone {
			return nil
		}
		for i, said := range o.said {
			row, err := t.outcome(o, &said, i == 0)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

func (t *teller) outcome(o *told, said *saidRow, first bool) ([]any, error) {
	changes, stood := "", int64(0)
	if len(said.changes) > 0 {
		text, err := json.Marshal(said.changes)
		if err != nil {
			return nil, err
		}
		changes = string(text)
	}
	if first {
		stood = int64(o.stood)
	}
	return []any{int64(t.r), int64(t.in.ID), int64(said.number), said.outcome, int64(o.yp), int64(said.clashes), changes, stood}, nil
}

// others are the outcomes of rows that are told to nobody.
func (p *plan) others(r id.Register, in *Intake) [][]any {
	var rows [][]any
	for number := range p.waiting {
		rows = append(rows, []any{int64(r), int64(in.ID), int64(number), OutcomeWaiting, int64(0), int64(0), "", int64(0)})
	}
	for number := range p.skipped {
		rows = append(rows, []any{int64(r), int64(in.ID), int64(number), OutcomeSkipped, int64(0), int64(0), "", int64(0)})
	}
	return rows
}

const (
	sqlCount = `SELECT outcome, count(*), COALESCE(sum(clashes), 0), COALESCE(sum(CASE WHEN outcome = 'new' THEN 1 ELSE 0 END), 0)
		FROM intake_outcome WHERE register = $1 AND intake = $2 GROUP BY outcome`
	sqlCountGone = `SELECT count(*), COALESCE(sum(CASE WHEN decision = '' THEN 1 ELSE 0 END), 0) FROM intake_gone WHERE register = $1 AND intake = $2`
	sqlNoPerson  = `SELECT count(*) FROM intake_problem WHERE register = $1 AND intake = $2 AND code = 'no-person'`
	sqlUnusable  = `SELECT count(DISTINCT row_number) FROM intake_problem WHERE register = $1 AND intake = $2 AND fatal`
)

// count counts what a file comes to.
func count(tx *db.Tx, r id.Register, in *Intake) error {
	c := &in.Counts
	c.New, c.Changed, c.Unchanged, c.Waiting, c.Clashes, c.Added = 0, 0, 0, 0, 0, 0
	if err := tx.QueryRow(sqlNoPerson, int64(r), int64(in.ID)).Scan(&c.Skipped); err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	if err := tx.QueryRow(sqlUnusable, int64(r), int64(in.ID)).Scan(&c.Unusable); err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	rows, err := tx.Query(sqlCount, int64(r), int64(in.ID))
	if err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var outcome string
		var n, clashes, added int
		if err := rows.Scan(&outcome, &n, &clashes, &added); err != nil {
			return err
		}
		c.Clashes += clashes
		c.Added += added
		switch outcome {
		case OutcomeNew:
			c.New = n
		case OutcomeChanged:
			c.Changed = n
		case OutcomeUnchanged:
			c.Unchanged = n
		case OutcomeWaiting:
			c.Waiting = n
		case OutcomeSkipped:
			c.Skipped += n
		}
	}
	c.Ready = c.New + c.Changed + c.Unchanged
	if err := rows.Err(); err != nil {
		return err
	}
	return tx.QueryRow(sqlCountGone, int64(r), int64(in.ID)).Scan(&c.Gone, &c.GoneOpen)
}

const (
	sqlLastRoll = `SELECT id FROM intake WHERE register = $1 AND sender = $2 AND kind = $3 AND whole AND state = 'applied' AND id < $4 ORDER BY as_at DESC, id DESC LIMIT 1`
	sqlOnRoll   = `SELECT DISTINCT o.young_person FROM intake_outcome o JOIN young_person y ON y.register = o.register AND y.id = o.young_person
		WHERE o.register = $1 AND o.intake = $2 AND o.young_person <> 0 AND y.known_to IS NULL ORDER BY o.young_person`
	sqlGoneNow = `SELECT young_person FROM intake_gone WHERE register = $1 AND intake = $2`
)

// findGone proposes those who were on the last full roll of this sender and are
// not on this one, as long as the register still holds them there.
func (s *Service) findGone(tx *db.Tx, r id.Register, in *Intake) error {
	if err := drop(tx, r, in, sqlDropGone); err != nil || !in.Whole {
		return err
	}
	there, err := s.onLastRoll(tx, r, in)
	if err != nil || len(there) == 0 {
		return err
	}
	decided, err := people1(tx, sqlGoneNow, r, in.ID)
	if err != nil {
		return err
	}
	p, err := planned(tx, r, in)
	if err != nil {
		return err
	}
	here := p.people()
	for _, s := range p.subjects {
		if s.gone {
			delete(here, s.yp)
		}
	}
	for _, yp := range decided {
		here[yp] = true
	}
	var missing []id.YoungPerson
	for _, yp := range there {
		if !here[yp] {
			missing = append(missing, yp)
		}
	}
	return s.propose(tx, r, in, missing)
}

// onLastRoll are those who were on the last full roll of this sender.
func (s *Service) onLastRoll(tx *db.Tx, r id.Register, in *Intake) ([]id.YoungPerson, error) {
	last, err := people1(tx, sqlLastRoll, r, int64(in.Sender.Key), in.Kind, in.ID)
	if err != nil || len(last) == 0 {
		return nil, err
	}
	return people1(tx, sqlOnRoll, r, int64(last[0]))
}

func (s *Service) propose(tx *db.Tx, r id.Register, in *Intake, missing []id.YoungPerson) error {
	veil, err := stranger(tx, r)
	if err != nil {
		return err
	}
	missing = slices.DeleteFunc(missing, veil.Restricted)
	t, err := s.teller(tx, r, in, foretold)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, k := range ranges(r, missing) {
		lives, err := life.Load(tx, k)
		if err != nil {
			return err
		}
		wanted := map[id.YoungPerson]bool{}
		for _, yp := range missing {
			wanted[yp] = true
		}
		for _, l := range lives {
			if !wanted[l.Person.ID] || !t.wouldLeave(l) {
				continue
			}
			rows = append(rows, []any{int64(r), int64(in.ID), int64(l.Person.ID), "", "", ""})
		}
	}
	return db.BulkInsert(tx, "intake_gone", []string{"register", "intake", "young_person", "decision", "decided_by", "decided_at"}, rows)
}

// wouldLeave says that there is something to close: the register holds them at
// the sender's, or anywhere in learning or work, on the day of the roll.
func (t *teller) wouldLeave(l *life.Life) bool {
	one := telling{l: change.Copy(l), kind: &t.kind, edition: t.edition, sender: &t.in.Sender, asAt: t.in.AsAt}
	i := one.leftSpell(placeOf(&t.in.Sender), civil.Date{}, t.in.AsAt)
	if i < 0 {
		return false
	}
	ended := readDate(l.Spells[i].Ended)
	return ended.IsZero() || ended.After(t.in.AsAt)
}

func placeOf(s *Sender) (is activity.Spell) {
	if s.Place {
		is.EstablishmentName = s.Name
	}
	return is
}

// Effect is what applying the file would do to the figures of the month, of
// academic age 16 and 17.
type Effect struct {
	// Month is the one whose figures they are.
	Month civil.Month
	// Now and Then are before and after.
	NotKnownNow, NotKnownThen int
	NEETNow, NEETThen         int
	EETNow, EETThen           int
	CohortNow, CohortThen     int
}

// Words say it in a sentence: "Not known falls from 214 to 61."
func (e Effect) Words() string {
	say := func(what string, from, to int) string {
		switch {
		case to < from:
			return fmt.Sprintf("%s falls from %s to %s.", what, thousands(from), thousands(to))
		case to > from:
			return fmt.Sprintf("%s rises from %s to %s.", what, thousands(from), thousands(to))
		}
		return ""
	}
	words := joined(" ", say("Not known", e.NotKnownNow, e.NotKnownThen), say("NEET", e.NEETNow, e.NEETThen), say("In education, employment or training", e.EETNow, e.EETThen))
	if words == "" {
		return "The figures of the month do not change."
	}
	return words
}

// thousands is a number as people read it: 1,204.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

var errNoEffect = errors.New("the file is not in review, so its effect is not known")

// stoodIn adds n to the figure that a place of teller.stands counts in.
func stoodIn(place, n int, add func(nccis.Status, int)) {
	switch place {
	case 1:
		add(nccis.EET, n)
	case 2:
		add(nccis.NEET, n)
	case 3:
		add(nccis.NotKnown, n)
	}
}
