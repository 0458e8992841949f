package intake

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// UndoPreview is what taking back a file would come to.
type UndoPreview struct {
	Intake Intake
	// People are all whom it added or changed; Added those whom it added, and
	// who would go.
	People, Added int
	// Kept are those of the added about whom others have recorded something
	// since. They stay, unless they are taken back by choice.
	Kept []change.Person
	// BuiltOn are people of whom others have since changed what the file had
	// stated. What they changed stays, unless it is taken back by choice.
	BuiltOn []change.Person
}

// LookAtUndo says what Undo would come to. It changes nothing. It needs
// access.UndoImport and logs who was shown.
func (s *Service) LookAtUndo(ctx context.Context, by access.Actor, ref id.Ref) (UndoPreview, error) {
	var p UndoPreview
	err := s.read(ctx, by, access.UndoImport, func(tx *db.Tx) error {
		var err error
		p, err = s.preview(tx, by.Register, ref)
		return err
	})
	if err != nil {
		return p, err
	}
	var people []id.YoungPerson
	for _, one := range slices.Concat(p.Kept, p.BuiltOn) {
		people = append(people, one.ID)
	}
	return p, s.Sights.See(ctx, act.Sight{By: by, Kind: access.UndoImport, People: people, Page: "undo a partner's file"})
}

func (s *Service) preview(tx *db.Tx, r id.Register, ref id.Ref) (UndoPreview, error) {
	var p UndoPreview
	in, err := one(tx, r, ref)
	if err != nil {
		return p, err
	}
	p.Intake = *in
	if in.State != Applied {
		return p, refuse("Only a file that is applied can be undone; this one is " + string(in.State) + ".")
	}
	if in.Act == 0 {
		return p, refuse("The file changed nothing, so there is nothing to undo.")
	}
	t, err := change.Look(tx, r, in.Act)
	p.People, p.Added, p.Kept, p.BuiltOn = t.People, len(t.Added), t.Kept, t.BuiltOn
	return p, err
}

// Undoing is how somebody takes a file back.
type Undoing struct {
	// Key is the form's one-use key, Reason why, for the log.
	Key, Reason string
	// Keep goes on though others have recorded something about people whom the
	// file added: they stay, with what the file and others stated about them.
	Keep bool
	// TakeBack are those of Kept and BuiltOn of whom also what others have made
	// of the file's facts is taken back; whom the file added go.
	TakeBack []id.Ref
}

// Undo takes a file back at any later time, as an act of its own: what it had
// stated is held no longer, what it had replaced is held again. What others have
// built on it stays, but for those named in TakeBack. Where others have recorded
// something about people whom the file added, it is a Refusal unless Keep is set
// or all of them are taken back. It needs access.UndoImport.
func (s *Service) Undo(ctx context.Context, by access.Actor, ref id.Ref, how Undoing) (Intake, error) {
	var out Intake
	if err := access.Decide(by, access.UndoImport, access.Subject{Register: by.Register}); err != nil {
		return out, err
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.UndoImport, 0, act.Request{Reason: how.Reason, Key: how.Key, Undoes: in.Act})
		if err != nil {
			return err
		}
		p, err := s.preview(tx, by.Register, ref)
		if err != nil {
			return err
		}
		var keep, whole []id.YoungPerson
		stay := 0
		for _, one := range slices.Concat(p.Kept, p.BuiltOn) {
			if one.Merged && slices.Contains(how.TakeBack, one.Ref) {
				return refuse("The record " + one.YoungPersonsID + " has been put together with another since. Take the two apart first, on the page of what was put together; then take the file back. Or leave this record as it is, and take back the rest.")
			}
		}
		for _, one := range p.Kept {
			if !slices.Contains(how.TakeBack, one.Ref) {
				stay++
				keep = appendIf(keep, !one.Away, one.ID) // who leads to another record is held there
			}
			whole = appendIf(whole, slices.Contains(how.TakeBack, one.Ref), one.ID)
		}
		for _, one := range p.BuiltOn {
			whole = appendIf(whole, slices.Contains(how.TakeBack, one.Ref), one.ID)
		}
		if stay > 0 && !how.Keep {
			return refuse(fmt.Sprintf("Others have recorded something about %d of the young people whom this file added. Look at them first; they can be kept while the rest is undone, or taken back too.", stay))
		}
		if err := s.takeBack(tx, a, in, stay, keep, whole); err != nil {
			return err
		}
		out = *in
		return nil
	})
	return out, err
}

func appendIf(list []id.YoungPerson, yes bool, one id.YoungPerson) []id.YoungPerson {
	if yes {
		return append(list, one)
	}
	return list
}

func (s *Service) takeBack(tx *db.Tx, a *act.Act, in *Intake, stay int, keep, whole []id.YoungPerson) error {
	touched, err := change.TakeBack(tx, a, in.Act, change.Choice{Keep: keep, Whole: whole})
	if err != nil {
		return err
	}
	if err := change.Restand(tx, a, s.Standing, touched); err != nil {
		return err
	}
	in.State, in.UndoneBy = Undone, a.Number
	in.Message = "Undone on " + civil.On(tx.Now, civil.London()).Words() + " by " + a.By.Name + "."
	if stay > 0 {
		in.Message += fmt.Sprintf(" %d of the young people stay, because others have recorded something about them.", stay)
	}
	return save(tx, a.Register, in)
}

// digest sums up what a file comes to.
type digest struct{ h hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) add(number, yp, told int64, texts ...string) {
	var b []byte
	for _, n := range []int64{number, yp, told} {
		b = binary.AppendVarint(b, n)
	}
	for _, t := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
	}
	d.h.Write(b)
}

func (d digest) sum() (out [32]byte) {
	if d.h != nil {
		copy(out[:], d.h.Sum(nil))
	}
	return out
}
