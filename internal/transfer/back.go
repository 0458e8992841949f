package transfer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/change"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/register"
)

// BackReasons are why somebody who was taken over is given back, in the order in
// which forms offer them.
func BackReasons() []string {
	return []string{"they did not move here", "it was joined to the wrong record", "it was pressed by mistake"}
}

// Recorded is an act about somebody, after they were taken over.
type Recorded struct {
	What access.Action
	At   time.Time
	By   string
}

// Built is what was built on a transfer here, since somebody was taken over.
type Built struct {
	// Since are the acts about them alone, the first first.
	Since []Recorded
	// Bars says why they cannot be given back, "" where they can.
	Bars string
	// Changed says that somebody has changed what came along: what they changed
	// stays as they left it.
	Changed bool
}

const (
	sqlRecordedSince = `SELECT kind, at, actor_name FROM act WHERE register = $1 AND young_person = $2 AND number > $3 ORDER BY number`
	barWorked        = "Somebody has recorded something about them here since, and they have no other record here. Offer them back to the other authority instead: then what was recorded goes along"
	barMerged        = "Their record was put together with another since. Take the two apart first"
)

// Built says what giving somebody back who was taken over would come to. It
// changes nothing. It returns db.NotFound where they were not taken over here, or
// the actor may not know of them.
func (s *Service) Built(ctx context.Context, by access.Actor, ref id.Ref) (out Built, err error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return out, err
	}
	own, err := s.own(ctx, by, ref, In)
	if err != nil {
		return out, err
	}
	if own.State != Taken {
		return out, db.NotFound
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if out, err = builtOn(tx, by.Register, &own); err != nil {
			return err
		}
		out.Since, err = recordedSince(tx, by.Register, &own)
		return err
	})
	return out, err
}

func recordedSince(tx *db.Tx, r id.Register, own *Transfer) ([]Recorded, error) {
	rows, err := tx.Query(sqlRecordedSince, int64(r), int64(own.Person), int64(own.act))
	if err != nil {
		return nil, fmt.Errorf("read what was recorded since they were taken over: %w", err)
	}
	defer rows.Close()
	var out []Recorded
	for rows.Next() {
		var one Recorded
		var at db.Instant
		if err := rows.Scan((*string)(&one.What), &at, &one.By); err != nil {
			return nil, err
		}
		one.At = at.Time
		out = append(out, one)
	}
	return out, rows.Err()
}

func builtOn(tx *db.Tx, r id.Register, own *Transfer) (Built, error) {
	if own.PersonRef == "" {
		return Built{Bars: barMerged}, nil
	}
	t, err := change.Look(tx, r, own.act)
	if err != nil {
		return Built{}, fmt.Errorf("look what was built on a transfer: %w", err)
	}
	out := Built{Changed: len(t.BuiltOn) > 0}
	for _, one := range slices.Concat(t.Kept, t.BuiltOn) {
		if one.Merged {
			out.Bars = barMerged
		}
	}
	if len(t.Kept) > 0 && out.Bars == "" {
		out.Bars = barWorked
	}
	return out, nil
}

// GiveBack takes back, as one act on each side, that somebody was taken over: what
// came along is held here no longer, and what the other register said of them is
// in force there again. What somebody has changed since, on either side, stays as
// they left it. why is one of BackReasons, and the other side is told. It returns
// field.Errors where they cannot be given back, db.NotFound for what was not taken
// over here, and act.ErrRepeated for a key used before.
func (s *Service) GiveBack(ctx context.Context, by access.Actor, ref id.Ref, why, key string) error {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	if !slices.Contains(BackReasons(), why) {
		return field.Errors{{Field: "given-back", Message: "Select why you give them back"}}
	}
	own, err := s.own(ctx, by, ref, In)
	if err != nil {
		return err
	}
	return s.Border.Settle(ctx, own.OtherLA, func(tx *db.Tx, other id.Register) error {
		return s.giveBack(tx, by, other, ref, why, key)
	})
}

func (s *Service) giveBack(tx *db.Tx, by access.Actor, other id.Register, ref id.Ref, why, key string) error {
	own, err := rowOf(tx, by.Register, ref)
	if err != nil {
		return err
	}
	a, err := act.Begin(tx, by, access.MoveAcross, own.Person, act.Request{Key: key, Undoes: own.act, Reason: "given back, " + why})
	if err != nil {
		return err
	}
	theirs, err := rowOf(tx, other, ref)
	if err != nil {
		return err
	}
	if err := mayGiveBack(tx, by.Register, &own, &theirs); err != nil {
		return err
	}
	ours, err := register.Of(tx, by.Register)
	if err != nil {
		return err
	}
	there, err := act.Begin(tx, neighbour(by, ours, other), access.HandOver, theirs.Person, act.Request{Undoes: theirs.act, Reason: "given back by " + ours.Name + ", " + why})
	if err != nil {
		return err
	}
	for _, side := range []struct {
		a    *act.Act
		took id.Act
	}{{a, own.act}, {there, theirs.act}} {
		touched, err := change.TakeBack(tx, side.a, side.took, change.Choice{})
		if err != nil {
			return err
		}
		if err := change.Restand(tx, side.a, s.Standing, touched); err != nil {
			return err
		}
	}
	if err := border.Part(tx, border.Side{Register: by.Register, Person: own.Person, Act: own.act}, border.Side{Register: other, Person: theirs.Person, Act: theirs.act}); err != nil {
		return err
	}
	still := own.Person
	if _, err := personOf(tx, by.Register, own.PersonRef); err != nil {
		still = 0 // they were new here, and go
	}
	if err := set(tx, a, by.Name, ref, Taken, GivenBack, why, still); err != nil {
		return err
	}
	return set(tx, there, ours.Name, ref, Taken, GivenBack, why, theirs.Person)
}

// mayGiveBack says why somebody is not given back, where they are not.
func mayGiveBack(tx *db.Tx, r id.Register, own, theirs *Transfer) error {
	if own.State != Taken || theirs.State != Taken {
		return over()
	}
	refuse := func(words string) error { return field.Errors{{Field: "given-back", Message: words}} }
	if theirs.PersonRef == "" {
		return refuse("The other authority holds their record no more, so nobody can be given back to it")
	}
	built, err := builtOn(tx, r, own)
	if err == nil && built.Bars != "" {
		err = refuse(built.Bars)
	}
	return err
}
