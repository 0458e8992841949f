package notice

import (
	"context"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Filter is which notices are asked for.
type Filter struct {
	// State is one of States; Open are all that are not over, Late those of them
	// whose next step is overdue.
	State      State
	Open, Late bool
	Kind       Kind
	// Mine are those about the young people of the adviser who asks.
	Mine bool
	// Person are those about one young person.
	Person id.YoungPerson
}

const sqlMine = `n.young_person IN (SELECT young_person FROM standing WHERE register = $1 AND adviser = $2)`

// List is those notices that the actor may know of, what is due first, and how
// many there are before the cut. About whomever's record is locked it tells
// nothing but that there is one. It needs access.SeeNotices; who was shown is
// recorded.
func (s *Service) List(ctx context.Context, by access.Actor, f Filter, from, limit int) (list []*Notice, total int, err error) {
	err = s.read(ctx, by, access.SeeNotices, func(tx *db.Tx) error {
		list, err = s.fitting(tx, by, f)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	total = len(list)
	list = list[min(from, total):min(from+limit, total)]
	return list, total, s.see(ctx, by, "notices", list)
}

func (s *Service) fitting(tx *db.Tx, by access.Actor, f Filter) ([]*Notice, error) {
	var w db.Where
	order := byDue
	switch {
	case f.State != "":
		w.And("n.state = $1", string(f.State))
		if f.State.Over() {
			order = byLast
		}
	case f.Open, f.Late:
		w.And("n.state IN ('to find', 'to settle', 'to send on', 'sent on')")
	}
	if f.Late {
		w.And("n.due <> '' AND n.due < $1", civil.On(tx.Now, civil.London()).String())
	}
	if f.Kind != "" {
		w.And("n.kind = $1", string(f.Kind))
	}
	if f.Person != 0 {
		w.And("n.young_person = $1", int64(f.Person))
	}
	if f.Mine {
		_, account, _ := strings.Cut(by.Ref, ":")
		w.And(sqlMine, int64(by.Register), account)
	}
	all, err := notices(tx, by.Register, order, strings.TrimPrefix(w.SQL(), " WHERE "), w.Args...)
	if err != nil {
		return nil, err
	}
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(n *Notice) bool { return veil.Hides(n.Person) })
	for _, n := range all {
		if veil.Locks(n.Person) {
			n.lock()
		}
		n.veil(veil)
	}
	return all, nil
}

// veil takes out of how somebody was met that it was by where they live, where that
// has been protected since.
func (n *Notice) veil(v *access.Veil) {
	if n.MetBy == byPostcode && v.Protects(n.Person) {
		n.MetBy = byPostcodeVeiled
	}
}

// lock leaves of a notice only that there is one.
func (n *Notice) lock() {
	n.Said = Said{Kind: n.Kind}
	n.Institution, n.SenderName, n.MetBy, n.Outcome, n.Position, n.Locked = "", "", "", "", 0, true
}

// Counts are how many notices that the actor may know of are in each state, and
// how many of them are late and how many are risks.
type Counts struct {
	Of               map[State]int
	Late, Risk, Open int
}

// Count counts them. It needs access.SeeNotices and shows nobody.
func (s *Service) Count(ctx context.Context, by access.Actor, mine bool) (c Counts, err error) {
	err = s.read(ctx, by, access.SeeNotices, func(tx *db.Tx) error {
		c = Counts{Of: map[State]int{}}
		all, err := s.fitting(tx, by, Filter{Mine: mine})
		today := civil.On(tx.Now, civil.London())
		for _, n := range all {
			c.Of[n.State]++
			if n.State.Over() {
				continue
			}
			c.Open++
			if n.Overdue(today) {
				c.Late++
			}
			if n.Kind == Risk {
				c.Risk++
			}
		}
		return err
	})
	return c, err
}

// Get is one notice with its steps, for somebody who may do the action; the look
// is recorded. db.NotFound is that they may know of none.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref, action access.Action) (n *Notice, steps []Step, err error) {
	err = s.read(ctx, by, action, func(tx *db.Tx) error {
		if n, err = s.visible(tx, by, ref); err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		n.veil(veil)
		steps, err = stepsOf(tx, by.Register, n)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return n, steps, s.see(ctx, by, "notice", []*Notice{n})
}

// Others are the other notices about the same young person that are not over. It
// needs access.SeeNotices.
func (s *Service) Others(ctx context.Context, by access.Actor, n *Notice) (out []*Notice, err error) {
	if n.Person == 0 {
		return nil, nil
	}
	err = s.read(ctx, by, access.SeeNotices, func(tx *db.Tx) error {
		out, err = s.fitting(tx, by, Filter{Person: n.Person, Open: true})
		return err
	})
	return slices.DeleteFunc(out, func(o *Notice) bool { return o.Ref == n.Ref }), err
}

func stepsOf(tx *db.Tx, r id.Register, n *Notice) ([]Step, error) {
	rows, err := tx.Query(sqlSteps, int64(r), n.Key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Step
	for rows.Next() {
		var one Step
		var at db.Instant
		if err := rows.Scan(&at, &one.By, &one.What); err != nil {
			return nil, err
		}
		one.At = at.Time
		out = append(out, one)
	}
	return out, rows.Err()
}

// see records who was shown.
func (s *Service) see(ctx context.Context, by access.Actor, page string, list []*Notice) error {
	sight := act.Sight{By: by, Kind: access.SeeNotices, Page: page}
	for _, n := range list {
		if n.Person != 0 && !n.Locked && !slices.Contains(sight.People, n.Person) {
			sight.People = append(sight.People, n.Person)
		}
	}
	return s.Sights.See(ctx, sight)
}

// Limits are those that hold. It needs access.SeeNotices.
func (s *Service) Limits(ctx context.Context, by access.Actor) (l Limits, err error) {
	err = s.read(ctx, by, access.SeeNotices, func(tx *db.Tx) error {
		l, err = limits(tx, by.Register)
		return err
	})
	return l, err
}

// SetLimits keeps within how many days each step is to be done, from 1 to 90; they
// hold for steps from now on. It needs access.KeepNotices and returns field.Errors.
func (s *Service) SetLimits(ctx context.Context, by access.Actor, l Limits, key string) error {
	var wrong field.Errors
	for _, one := range []struct {
		field string
		days  int
	}{{"find", l.Find}, {"settle", l.Settle}, {"send-on", l.SendOn}, {"chase", l.Chase}, {"act-days", l.Act}} {
		if one.days < 1 || one.days > 90 {
			wrong.Add(one.field, "Enter a number of days from 1 to 90")
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.KeepNotices, 0, act.Request{Reason: "limits of leaver notices", Key: key}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlSetLimits, int64(by.Register), l.Find, l.Settle, l.SendOn, l.Chase, l.Act)
		return err
	})
}
