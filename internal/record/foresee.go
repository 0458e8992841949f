package record

import (
	"context"
	"errors"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Foresight is what recording an activity would do.
type Foresight struct {
	// Month is the one whose return Before and After are about.
	Month civil.Month
	// Before and After are the record as that return would state it.
	Before, After life.View
	// Found are what the Department would find in the record that it does not
	// find now, and that does not stand in the way of saving.
	Found []nccis.Finding
	// Now and Then are what that return would say of academic age 16 and 17, if
	// nothing else is recorded; 0 for who may not see figures.
	Now, Then Live
}

var errForeseen = errors.New("only looked at: everything is taken back")

// Foresee tells what RecordActivity would do with the same activity, and does
// nothing: it is done by the very same rules, and taken back. It needs
// access.RecordActivity and returns what RecordActivity would refuse it for.
func (s *Service) Foresee(ctx context.Context, by access.Actor, ref id.Ref, n NewSpell, seen id.Act) (*Foresight, error) {
	if err := s.checkSpell(&n); err != nil {
		return nil, err
	}
	out := &Foresight{Month: s.Today().InMonth()}
	end := out.Month.End()
	var before []nccis.Finding
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RecordActivity, yp, act.Request{Evidence: &act.Evidence{Kind: act.System}})
		if err != nil {
			return err
		}
		l, err := life.One(tx, by.Register, yp, 0)
		if err != nil {
			return err
		}
		e, _ := s.Requirement.WithInvented(book.Invented()).EditionOn(end)
		out.Before, before = l.On(book.Book(), e, end), s.findings(book, l, end)
		if err := s.start(tx, a, l, n, seen); err != nil {
			return err
		}
		if err := s.hold(tx, by.Register, yp, activityFields); err != nil {
			return err
		}
		if l, err = life.One(tx, by.Register, yp, 0); err != nil {
			return err
		}
		out.After = l.On(book.Book(), e, end)
		about, err := access.About(tx, by, yp)
		if err != nil {
			return err
		}
		whole := about.Fields(by).Has(access.AllFields)
		for _, f := range s.findings(book, l, end) {
			if _, own := activityFields[f.Field]; !whole && !own {
				continue // it would say what the reader does not see
			}
			if !found(before, f) && (out.After.In || !aboutTheReturn(f)) {
				out.Found = append(out.Found, f)
			}
		}
		return errForeseen
	})
	if !errors.Is(err, errForeseen) {
		return nil, err
	}
	if !access.May(by, access.SeeFigures) {
		return out, nil
	}
	if out.Now, err = s.Live(ctx, by, end); err != nil {
		return nil, err
	}
	out.Then = out.Now
	if InRates(&out.Before.Record, end) {
		out.Then.Add(out.Before.Status, -1)
	}
	if InRates(&out.After.Record, end) {
		out.Then.Add(out.After.Status, 1)
	}
	return out, nil
}

func found(all []nccis.Finding, f nccis.Finding) bool {
	for _, o := range all {
		if o.Check == f.Check && o.Field == f.Field {
			return true
		}
	}
	return false
}
