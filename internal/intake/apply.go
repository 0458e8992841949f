package intake

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/life"
	"waymark/internal/sealed"
)

// Applying is how somebody applies a file.
type Applying struct {
	// Key is the form's one-use key.
	Key string
	// SkipUndecided leaves out rows about which nobody has decided whom they are
	// about. Without it such rows stand in the way.
	SkipUndecided bool
}

var errMoved = errors.New("intake: the register has moved on")

// Apply puts what the file says into the register, as one act that lands whole
// or not at all, with one piece of evidence for each row that changes
// something. Where the register has changed since the review in a way that
// makes a change stale, it is worked out again and Stale is returned: nothing
// was changed. Rows that wait are a Refusal unless they are left out. It needs
// access.ImportFile.
func (s *Service) Apply(ctx context.Context, by access.Actor, ref id.Ref, how Applying) (Intake, error) {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return Intake{}, err
	}
	for range 5 {
		in, err := s.ready(ctx, by.Register, ref, how)
		if err != nil {
			return *in, err
		}
		err = s.applyOnce(ctx, by, in, how.Key)
		if !errors.Is(err, errMoved) {
			return *in, err
		}
		if err := s.refresh(ctx, by.Register, in); err != nil {
			return *in, err
		}
	}
	return Intake{}, Stale{"Others are changing the register faster than this file can be worked out. Nothing was changed: try again in a moment."}
}

func (s *Service) ready(ctx context.Context, r id.Register, ref id.Ref, how Applying) (*Intake, error) {
	in := &Intake{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := s.open(tx, r, ref, InReview)
		if err != nil {
			return err
		}
		in = found
		if n := in.Counts.Waiting; n > 0 && !how.SkipUndecided {
			return refuse(fmt.Sprintf("Of %d rows nobody has decided whom they are about. Decide, or apply the file without them.", n))
		}
		return nil
	})
	return in, err
}

const sqlSum = `SELECT r.row_number, r.answer, r.young_person, COALESCE(o.outcome, ''), COALESCE(o.young_person, 0), COALESCE(o.changes, '') FROM intake_row r
	LEFT JOIN intake_outcome o ON o.register = r.register AND o.intake = r.intake AND o.row_number = r.row_number
	WHERE r.register = $1 AND r.intake = $2 ORDER BY r.row_number`

// sum is what a file comes to, for comparing.
func (s *Service) sum(ctx context.Context, r id.Register, in *Intake) ([32]byte, error) {
	var h digest
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		h = newDigest()
		open, err := sealed.Opener(tx, r)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlSum, int64(r), int64(in.ID))
		if err != nil {
			return fmt.Errorf("compare what the file comes to: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var number, yp, told int64
			var answer, outcome, changes string
			if err := rows.Scan(&number, &answer, &yp, &outcome, &told, &changes); err != nil {
				return err
			}
			if changes, err = open(changes, changesAt(in.ID, number)); err != nil {
				return fmt.Errorf("open what row %d comes to: %w", number, err)
			}
			h.add(number, yp, told, answer, outcome, changes)
		}
		return rows.Err()
	})
	return h.sum(), err
}

// refresh works the file out again for the register as it is now, and returns
// Stale where it comes to something else than it did.
func (s *Service) refresh(ctx context.Context, r id.Register, in *Intake) error {
	before, err := s.sum(ctx, r, in)
	if err != nil {
		return err
	}
	ctx, end, err := s.enlist(ctx, in.Ref)
	if err != nil {
		return err
	}
	defer end()
	if err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		now, err := s.open(tx, r, in.Ref, InReview)
		if err != nil {
			return err
		}
		return rematch(tx, r, now)
	}); err != nil {
		return err
	}
	if err := s.work(ctx, r, in.Ref, nil); err != nil {
		return err
	}
	after, err := s.sum(ctx, r, in)
	if err == nil && after != before {
		err = Stale{"The register has changed since you looked, and with it what this file would change. It was worked out again: look at it once more, then apply it."}
	}
	return err
}

// applying is one file on its way into the register, in its act.
type applying struct {
	s    *Service
	by   access.Actor
	in   *Intake
	act  *act.Act
	tx   *db.Tx
	plan *plan
	// ids are the YoungPersonsIDs for new people, in their order.
	ids []string
	// added are the new people by their first row, changed all who changed.
	added  []addedRow
	rooted []rooted
	first  int64
	key    int64
}

type addedRow struct {
	rows []int
	yp   id.YoungPerson
}

// rooted is what the sender calls somebody.
type rooted struct {
	key, who string
	yp       id.YoungPerson
}

func (s *Service) applyOnce(ctx context.Context, by access.Actor, in *Intake, key string) error {
	held := s.DB.Now()
	var done Intake
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		done = *in
		held = s.DB.Now()
		a, err := act.Begin(tx, by, access.ImportFile, 0, act.Request{Key: key, Reason: "File " + in.FileName + " of " + in.Sender.Name + ", as at " + in.AsAt.Words()})
		if err != nil {
			return err
		}
		if err := s.unmoved(tx, by.Register, in); err != nil {
			return errMoved
		}
		o := &applying{s: s, by: by, in: in, act: a, tx: tx}
		if err := o.fresh(); err != nil {
			return err
		}
		if o.first, err = a.Keys(0); err != nil {
			return err
		}
		if err := o.numbers(); err != nil {
			return err
		}
		wrote, err := o.pipe(ctx)
		if err != nil {
			return err
		}
		if !wrote {
			return errNothing
		}
		if err := o.close(); err != nil {
			return err
		}
		if err := named(tx, by.Register, in); err != nil {
			return err
		}
		done.State, done.Act, done.Message = Applied, a.Number, in.Message
		return save(tx, by.Register, &done)
	})
	if errors.Is(err, errNothing) {
		return s.nothing(ctx, by.Register, in)
	}
	if err == nil {
		done.Held = s.DB.Now().Sub(held)
		*in = done
	}
	return err
}

const sqlNamed = `INSERT INTO enrolment_named (register, young_person, intake) SELECT DISTINCT o.register, o.young_person, o.intake FROM intake_outcome o
	WHERE o.register = $1 AND o.intake = $2 AND o.young_person <> 0 AND o.outcome IN ('` + OutcomeNew + `', '` + OutcomeChanged + `', '` + OutcomeUnchanged + `')`

// named keeps whom a list of enrolments has named, for as long as they are held:
// its rows are swept away before the year is over.
func named(tx *db.Tx, r id.Register, in *Intake) error {
	if k, ok := layout.FindKind(in.Kind); !ok || !k.Enrols() {
		return nil
	}
	if _, err := tx.Exec(sqlNamed, int64(r), int64(in.ID)); err != nil {
		return fmt.Errorf("keep whom the list named: %w", err)
	}
	return nil
}

// errNothing ends an act that would change nothing, so that none is left.
var errNothing = errors.New("intake: nothing to change")

// nothing ends a file that the register held already. There is no act.
func (s *Service) nothing(ctx context.Context, r id.Register, in *Intake) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		now, err := s.open(tx, r, in.Ref, InReview)
		if err != nil {
			return err
		}
		now.State = Applied
		now.Message = joined(" ", now.Message, "The register held all of it already. Nothing was changed.")
		*in = *now
		if err := named(tx, r, now); err != nil {
			return err
		}
		return save(tx, r, now)
	})
}

// fresh makes sure that what was reviewed is what will happen: that no act
// since was about anybody whom the file is about, and that none added anybody.
func (o *applying) fresh() error {
	p, err := planned(o.tx, o.act.Register, o.in)
	if err != nil {
		return err
	}
	o.plan = p
	last := o.act.Number - 1
	if o.in.after == last {
		return nil
	}
	people, known, err := life.Since(o.tx, o.act.Register, o.in.after, last)
	if err != nil {
		return err
	}
	if !known {
		return errMoved
	}
	ours := p.people()
	for _, yp := range people {
		if ours[yp] {
			return errMoved
		}
	}
	return nil
}

const sqlIDsFrom = `SELECT young_persons_id FROM young_person WHERE register = $1 AND young_persons_id >= $2 AND young_persons_id <= $3`

// numbers hands out YoungPersonsIDs that nobody has ever had: numbers that came
// with a supplier's file may lie in front of ours.
func (o *applying) numbers() error {
	wanted := 0
	for _, s := range o.plan.subjects {
		if s.yp == 0 {
			wanted++
		}
	}
	t, err := o.s.teller(o.tx, o.act.Register, o.in, o.first)
	if err != nil {
		return err
	}
	for len(o.ids) < wanted {
		n := wanted - len(o.ids)
		first, err := o.act.LocalNumbers(n)
		if err != nil {
			return err
		}
		name := func(number int64) string { return fmt.Sprintf("%s%010d", t.book.DatabaseID, number) }
		taken := map[string]bool{}
		rows, err := o.tx.Query(sqlIDsFrom, int64(o.act.Register), name(first), name(first+int64(n)-1))
		if err != nil {
			return fmt.Errorf("look for free YoungPersonsIDs: %w", err)
		}
		for rows.Next() {
			var held string
			if err := rows.Scan(&held); err != nil {
				rows.Close()
				return err
			}
			taken[held] = true
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range int64(n) {
			if one := name(first + i); !taken[one] {
				o.ids = append(o.ids, one)
			}
		}
	}
	return nil
}

// pipe runs the teller beside the writer, a few batches ahead of it.
func (o *applying) pipe(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan *change.Batch, 3)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- o.prepare(ctx, func(b *change.Batch) error {
			select {
			case batches <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	w := change.NewWriter(o.tx, o.act)
	var wrong error
	for b := range batches {
		if wrong != nil {
			continue // the teller ends by itself
		}
		if wrong = w.Write(ctx, b); wrong != nil {
			cancel()
		}
	}
	if err := <-failed; wrong == nil {
		wrong = err
	}
	return w.Wrote(), wrong
}

// prepare tells the rows once more, this time for good, on a view of the
// register of its own: nobody else can write while the act lasts.
func (o *applying) prepare(ctx context.Context, emit func(*change.Batch) error) error {
	return o.s.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := o.s.teller(tx, o.act.Register, o.in, o.first)
		if err != nil {
			return err
		}
		t.choices = o.plan.choices
		b, n := change.New(), 0
		err = t.each(o.plan.subjects, func(one *told) error {
			if err := o.one(b, t, one); err != nil {
				return err
			}
			if n++; n%some != 0 {
				return nil
			}
			full := b
			b = change.New()
			return emit(full)
		})
		if err != nil {
			return err
		}
		o.key = t.key
		return emit(b)
	})
}

// one puts one subject into the batch.
func (o *applying) one(b *change.Batch, t *teller, one *told) error {
	if o.plan.setsAside(one) {
		return nil
	}
	r, l := o.act.Register, one.after
	for _, said := range one.said {
		if said.outcome != OutcomeUnchanged {
			e := act.Evidence{Kind: t.kind.EvidenceKind, SaidBy: said.words, ReceivedOn: o.in.AsAt, Grade: t.kind.Grade, Import: o.in.ID, Position: said.number}
			if one.gone {
				e.Grade = act.Inferred
			}
			b.Evidence(o.act, said.evidence, e)
		}
	}
	if one.yp == 0 {
		l.Person.YoungPersonsID, o.ids = o.ids[0], o.ids[1:]
		l.Person.KnownFrom = o.act.Number
		b.Person(o.act, l.Person)
		b.Life(o.act, 0, one.before, l)
		b.Stand(o.s.Standing, r, l)
		o.added = append(o.added, addedRow{one.rows, l.Person.ID})
	} else if b.Life(o.act, 0, one.before, l) {
		b.Restand(o.s.Standing, r, l)
	}
	return o.root(t, one)
}

// root keeps what the sender calls somebody: by its own number, or as somebody
// has decided.
func (o *applying) root(t *teller, one *told) error {
	for _, number := range one.rows {
		row, err := t.rows.row(number)
		if err != nil {
			return err
		}
		d := o.plan.decisions[number].answer
		if row.who() == "" && d == "" {
			continue // it says nothing that the list which named them did not
		}
		if key := row.theirKey(); key != "" && (d != "" || row.values[layout.TheirRef] != "") {
			o.rooted = append(o.rooted, rooted{key, row.who(), one.after.Person.ID})
		}
	}
	return nil
}

const (
	sqlToldTo = `UPDATE intake_outcome SET young_person = $1 WHERE register = $2 AND intake = $3 AND row_number = $4`
	sqlRoot   = `INSERT INTO sender_person (register, sender, their_key, who, young_person, act) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (register, sender, their_key) DO UPDATE SET who = excluded.who, young_person = excluded.young_person, act = excluded.act`
)

// close takes the keys that the teller used, and notes who the new people are
// and what the sender calls them.
func (o *applying) close() error {
	if n := o.key - o.first; n > 0 {
		again, err := o.act.Keys(int(n))
		if err != nil {
			return err
		}
		if again != o.first {
			return errors.New("the keys of the file were handed out twice")
		}
	}
	var told, roots [][]any
	for _, a := range o.added {
		for _, number := range a.rows {
			told = append(told, []any{int64(a.yp), int64(o.act.Register), int64(o.in.ID), int64(number)})
		}
	}
	if _, err := db.ExecEach(o.tx, sqlToldTo, told); err != nil {
		return fmt.Errorf("note who was added: %w", err)
	}
	for _, k := range o.rooted {
		roots = append(roots, []any{int64(o.act.Register), int64(o.in.Sender.Key), k.key, k.who, int64(k.yp), int64(o.act.Number)})
	}
	if _, err := db.ExecEach(o.tx, sqlRoot, roots); err != nil {
		return fmt.Errorf("note what the sender calls somebody: %w", err)
	}
	return nil
}
