package returns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// Side is one of two returns that are compared: one that is frozen, as its file
// says it, or a month as the register holds it now, or held it at a moment.
type Side struct {
	// Return is nil for a month as the register has it, Moment for one as known now.
	Return      *Return
	Moment      *Moment
	Period      civil.Month
	Authorities []string
	KnownAt     id.Act
	Rates       Rates
	// People are those in the file, in its order.
	People []*Person
}

// Comparison is what differs between two returns, person by person.
type Comparison struct {
	From, To Side
	// SamePeriod says that both are of one month: what differs was learned in
	// between, and is no movement.
	SamePeriod bool
	// Joined are in the second and not in the first, Left in the first and not
	// in the second; whoever is reported as having left counts as not in it.
	Joined, Left []*Person
	// Changed are in both and differ.
	Changed []*Changed
	// Shifts are what moved the rates, by where they stood and stand.
	Shifts []Shift
}

// Changed is one young person in both returns.
type Changed struct {
	Then, Now *Person
	Items     []Item
}

// Item is one data item that differs. Learned is what changed it; nil where no
// fact was changed in between, and it follows from the day alone.
type Item struct {
	Field         nccis.Field
	Before, After string
	Learned       *Learned
}

// Outside is where somebody stands who does not count in the rates.
const Outside = nccis.Status("")

// Shift is those of academic age 16 and 17 who stood in one place and stand in
// another. Outside is not in the rates.
type Shift struct {
	Was, Is nccis.Status
	People  []*Moved
	// First and Last are the days in London between which it was learned; no
	// date where no fact was changed.
	First, Last civil.Date
}

// Moved is one person of a Shift; Then or Now is nil where that return does not
// have them.
type Moved struct {
	Then, Now *Person
	Learned   *Learned
}

// ErrNotFrozen says that a return of which no bytes are kept was to be compared.
var ErrNotFrozen = errors.New("only a return that two people have signed can be compared: of others no file is kept")

// Compare tells what differs between a frozen return and another one, or
// between it and its own month as known now (to is ""). It needs SeeReturn, and
// returns db.NotFound, ErrNotFrozen or ErrDamaged; whoever shows the people
// records the sight. Explain adds what changed the items.
func (s *Service) Compare(ctx context.Context, by access.Actor, from, to id.Ref) (*Comparison, error) {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	c := &Comparison{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if c.From, err = frozenSide(tx, by.Register, from); err != nil || to == "" {
			return err
		}
		c.To, err = frozenSide(tx, by.Register, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	if to == "" {
		d, err := s.Build(ctx, by, c.From.Period, Options{Authorities: c.From.Authorities})
		if err != nil {
			return nil, err
		}
		c.To = Side{Period: d.Period, Authorities: d.Authorities, KnownAt: d.KnownAt, Rates: d.Totals.Rates, People: d.People}
	}
	veil, err := s.veil(ctx, by)
	if err != nil {
		return nil, err
	}
	c.From, c.To = veiledSide(veil, c.From), veiledSide(veil, c.To)
	c.SamePeriod = c.From.Period == c.To.Period
	c.differ()
	return c, s.learnShifts(ctx, by, c)
}

const sqlFrozenPeople = `SELECT p.position, p.young_person, y.ref, p.leaver, p.academic_age, p.counts_as FROM monthly_return_person p
	JOIN young_person y ON y.register = p.register AND y.id = p.young_person
	WHERE p.register = $1 AND p.monthly_return = $2 ORDER BY p.position`

// frozenSide reads a frozen return out of its own bytes.
func frozenSide(tx *db.Tx, register id.Register, ref id.Ref) (Side, error) {
	r, err := find(tx, register, ref)
	if err != nil {
		return Side{}, err
	}
	if !r.State.Frozen() {
		return Side{}, ErrNotFrozen
	}
	side := Side{Return: r, Period: r.Period, Authorities: r.Authorities, KnownAt: r.KnownAt, Rates: r.Totals.Rates}
	if side.People, err = frozenPeople(tx, register, r.ID); err != nil {
		return side, err
	}
	file := &packed{}
	if file.pieces, err = pieces(tx, register, r.ID); err != nil {
		return side, err
	}
	in, err := file.open()
	if err != nil {
		return side, errors.Join(ErrDamaged, err)
	}
	sum := newSumming()
	reader, err := nccis.NewReader(io.TeeReader(in, sum))
	if err != nil {
		return side, errors.Join(ErrDamaged, err)
	}
	for i := 0; ; i++ {
		var rec nccis.Record
		err := reader.Next(&rec)
		if errors.Is(err, io.EOF) {
			if i != len(side.People) {
				return side, ErrDamaged
			}
			break
		}
		if err != nil || i >= len(side.People) {
			return side, errors.Join(ErrDamaged, err)
		}
		p := side.People[i]
		p.Record, p.Lapses = rec, readDate(rec.Values[nccis.DueToLapseDate])
	}
	if _, err := io.Copy(io.Discard, io.TeeReader(in, sum)); err != nil || sum.hex() != r.SHA256 {
		return side, errors.Join(ErrDamaged, err)
	}
	return side, nil
}

func frozenPeople(tx *db.Tx, register id.Register, key id.Return) ([]*Person, error) {
	rows, err := tx.Query(sqlFrozenPeople, int64(register), int64(key))
	if err != nil {
		return nil, fmt.Errorf("read who stood in a return: %w", err)
	}
	defer rows.Close()
	var out []*Person
	for rows.Next() {
		var position int
		p := &Person{}
		if err := rows.Scan(&position, (*int64)(&p.Key), (*string)(&p.Ref), &p.Leaver, &p.Age, (*string)(&p.CountsAs)); err != nil {
			return nil, fmt.Errorf("read who stood in a return: %w", err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// differ finds who joined, who left, and what differs of the others.
func (c *Comparison) differ() {
	then := make(map[id.YoungPerson]*Person, len(c.From.People))
	for _, p := range c.From.People {
		then[p.Key] = p
	}
	shifts := map[[2]nccis.Status]*Shift{}
	move := func(was, is *Person) {
		k := [2]nccis.Status{was.inRates(), is.inRates()}
		if k[0] == k[1] {
			return
		}
		if shifts[k] == nil {
			shifts[k] = &Shift{Was: k[0], Is: k[1]}
		}
		shifts[k].People = append(shifts[k].People, &Moved{Then: was, Now: is})
	}
	for _, now := range c.To.People {
		was := then[now.Key]
		delete(then, now.Key)
		move(was, now)
		switch in, before := !now.Leaver, was != nil && !was.Leaver; {
		case in && !before:
			c.Joined = append(c.Joined, now)
		case !in && before:
			c.Left = append(c.Left, now)
		}
		if was == nil || was == now { // nothing touched them in between
			continue
		}
		if items := itemsThatDiffer(&was.Record, &now.Record); len(items) > 0 {
			c.Changed = append(c.Changed, &Changed{Then: was, Now: now, Items: items})
		}
	}
	for _, was := range c.From.People {
		if then[was.Key] == nil {
			continue
		}
		move(was, nil)
		if !was.Leaver {
			c.Left = append(c.Left, was)
		}
	}
	for _, s := range shifts {
		c.Shifts = append(c.Shifts, *s)
	}
	slices.SortFunc(c.Shifts, func(a, b Shift) int {
		return cmp.Or(len(b.People)-len(a.People), cmp.Compare(a.Was, b.Was), cmp.Compare(a.Is, b.Is))
	})
}

// inRates is where somebody stands in the Department's rates of academic age 16
// and 17, Outside where they do not count in them.
func (p *Person) inRates() nccis.Status {
	if p == nil || p.Leaver || p.Record.Values[cohortStatus] != "P" || p.Age != 16 && p.Age != 17 || p.CountsAs == nccis.OutOfRates {
		return Outside
	}
	return p.CountsAs
}

func itemsThatDiffer(before, after *nccis.Record) []Item {
	var out []Item
	for f := range nccis.FieldCount {
		if before.Values[f] != after.Values[f] {
			out = append(out, Item{Field: f, Before: before.Values[f], After: after.Values[f]})
		}
	}
	a, b := slices.Sorted(slices.Values(before.Characteristics)), slices.Sorted(slices.Values(after.Characteristics))
	if !slices.Equal(a, b) {
		out = append(out, Item{Field: nccis.CharacteristicCode, Before: before.Get(nccis.CharacteristicCode), After: after.Get(nccis.CharacteristicCode)})
	}
	return out
}
