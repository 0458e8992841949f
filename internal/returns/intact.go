package returns

import (
	"errors"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
)

// EachFrozen calls fn with each return whose file is kept, and with what is
// wrong with its bytes: nil, or ErrDamaged where they are not those that were
// signed. It logs no look: it shows nobody.
func EachFrozen(tx *db.Tx, register id.Register, fn func(r *Return, damaged error) error) error {
	var w db.Where
	w.And("register = $1", int64(register))
	list, err := stored(tx, w)
	if err != nil {
		return err
	}
	for _, r := range list {
		if !r.State.Frozen() {
			continue
		}
		f := &File{Return: r, packed: &packed{}}
		if f.packed.pieces, err = pieces(tx, register, r.ID); err != nil {
			return err
		}
		sum := newSumming()
		var damaged error
		if _, err := f.WriteTo(sum); err != nil {
			damaged = errors.Join(ErrDamaged, err)
		} else if sum.hex() != r.SHA256 || sum.size != r.Size {
			damaged = fmt.Errorf("%w (%d bytes of %d)", ErrDamaged, sum.size, r.Size)
		}
		if err := fn(r, damaged); err != nil {
			return err
		}
	}
	return nil
}
