package reference

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/place"
	"waymark/internal/provider"
)

// Refusal is why a file was not loaded, or a set not taken back, in words with
// what to do. Everything is as it was.
type Refusal struct{ Message string }

func (r Refusal) Error() string { return r.Message }

func refuse(message string) error { return Refusal{message} }

// Service loads reference data, tells what is loaded, and takes it back.
type Service struct {
	DB *db.DB
}

// File is a file to load.
type File struct {
	// Name is what its publisher called it: the edition may stand in it.
	Name string
	io.ReaderAt
	Size int64
	// Areas narrow a postcode directory or wards: the beginnings of councils'
	// codes, postcode areas or districts, with commas between; "" for all.
	Areas string
	// Whole says that the file is complete, though it looks as if it were cut.
	Whole bool
	// Key is the one-use key of a form, "" for none.
	Key string
}

// Progress is how far a load has come.
type Progress struct {
	Rows int
	// Bytes of Size, where the rows lie one after the other in the file; else 0.
	Bytes, Size int64
	// Rate is rows a second.
	Rate float64
}

// Report is what became of a file.
type Report struct {
	dataset.Set
	// Unchanged says that the very file is in force already: nothing was done.
	Unchanged bool `json:"unchanged"`
	// Former is the set whose place it took, nil where there was none.
	Former *dataset.Set `json:"-"`
	// Held is the longest that another writer had to wait, Took how long all
	// of it lasted.
	Held time.Duration `json:"-"`
	Took time.Duration `json:"-"`
}

// Words say what became of the file, for people.
func (r Report) Words() string {
	if r.Unchanged {
		return fmt.Sprintf("This very file is loaded already (%s): nothing was changed.", r.FileName)
	}
	return fmt.Sprintf("%s: %d rows are loaded.", What(r.Kind), r.Entries)
}

// What is what a kind is called for people.
func What(kind dataset.Kind) string {
	switch kind {
	case dataset.Establishments:
		return "Schools and colleges"
	case dataset.Links:
		return "Which school came after which"
	case dataset.Providers:
		return "Provider reference numbers"
	case dataset.Postcodes:
		return "Postcodes"
	case dataset.Deprivation:
		return "Deprivation"
	}
	return "Wards"
}

// Tables are where the rows of all sets are.
func tables() []dataset.Table { return append(provider.Tables(), place.Tables()...) }

// List are the sets that ever were in force and those that are being staged,
// the newest first. inForce are those that count now, by kind. It needs
// access.KeepReference.
func (s *Service) List(ctx context.Context, by access.Actor) (list []dataset.Set, inForce map[dataset.Kind]id.Ref, err error) {
	if err := access.Decide(by, access.KeepReference, access.Subject{Register: by.Register}); err != nil {
		return nil, nil, err
	}
	inForce = map[dataset.Kind]id.Ref{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if list, err = dataset.All(tx, by.Register); err != nil {
			return err
		}
		for _, kind := range dataset.Kinds() {
			set, ok, err := dataset.InForce(tx, by.Register, kind, 0)
			if err != nil {
				return err
			}
			if ok {
				inForce[kind] = set.Ref
			}
		}
		return nil
	})
	return list, inForce, err
}

// Find is one set, and the one that would be in force if it were taken back,
// nil where there would be none. It needs access.KeepReference.
func (s *Service) Find(ctx context.Context, by access.Actor, ref id.Ref) (set dataset.Set, before *dataset.Set, err error) {
	if err := access.Decide(by, access.KeepReference, access.Subject{Register: by.Register}); err != nil {
		return set, nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if set, err = dataset.Of(tx, by.Register, ref); err != nil {
			return err
		}
		before, err = without(tx, by.Register, set)
		return err
	})
	return set, before, err
}

// without is what would be in force of the kind without the set.
func without(tx *db.Tx, reg id.Register, set dataset.Set) (*dataset.Set, error) {
	all, err := dataset.All(tx, reg)
	if err != nil {
		return nil, err
	}
	var best *dataset.Set
	for i := range all {
		o := &all[i]
		if o.Kind == set.Kind && o.ID != set.ID && o.Act != 0 && o.UndoneBy == 0 && (best == nil || o.Act > best.Act) {
			best = o
		}
	}
	return best, nil
}

// Undo takes a set back, as an act of its own: where it was in force, the set
// before it is in force again, and returned; nil where there is none. key is
// the form's one-use key. It needs access.KeepReference.
func (s *Service) Undo(ctx context.Context, by access.Actor, ref id.Ref, key, reason string) (set dataset.Set, now *dataset.Set, err error) {
	if err := access.Decide(by, access.KeepReference, access.Subject{Register: by.Register}); err != nil {
		return set, nil, err
	}
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		if set, err = dataset.Of(tx, by.Register, ref); err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.KeepReference, 0, act.Request{Reason: reason, Key: key, Undoes: set.Act})
		if err != nil {
			return err
		}
		if set.Act == 0 || set.UndoneBy != 0 {
			return refuse("Only what is loaded can be taken back, and this is not.")
		}
		if err := dataset.Undo(tx, a, &set); err != nil {
			return err
		}
		now, err = without(tx, by.Register, set)
		return err
	})
	return set, now, err
}

// leftAfter is how long nothing may come before a set that is being staged is
// taken for one that was left by a process that ended.
const leftAfter = 10 * time.Minute

// Recover throws away what processes that ended have left staged. It never
// counted.
func (s *Service) Recover(ctx context.Context, reg id.Register) error {
	var left []dataset.Set
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := dataset.All(tx, reg)
		for _, set := range all {
			if set.Act == 0 && tx.Now.Sub(set.TouchedAt) > leftAfter {
				left = append(left, set)
			}
		}
		return err
	})
	for _, set := range left {
		err = errors.Join(err, s.discard(ctx, reg, set))
	}
	return err
}

// discarded is how many rows are thrown away at a time.
const discarded = 2000

func (s *Service) discard(ctx context.Context, reg id.Register, set dataset.Set) error {
	for more := true; more; {
		err := s.DB.InTx(ctx, func(tx *db.Tx) (err error) {
			more, err = dataset.Remove(tx, reg, set, tables(), discarded)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Now says what is in force of a kind once a set was taken back.
func Now(kind dataset.Kind, set *dataset.Set) string {
	if set == nil {
		return "Nothing is loaded in its place."
	}
	return What(kind) + " are those of " + set.FileName + " again."
}
