package returns

import (
	"context"
	"slices"
	"sync"

	"waymark/internal/access"
	"waymark/internal/db"
)

// mendable keeps, for one statement of the facts, for which checks the rule
// can mend at least one. Many may ask at once.
type mendable struct {
	mu    sync.Mutex
	known map[string]bool
}

// Mendable says whether the rule for a check can mend at least one of those
// whom the draft's check complains of; false too where there is no rule. It
// needs MendTogether. It looks at lives only until it has found one, and what
// it found is kept with the draft.
func (s *Service) Mendable(ctx context.Context, by access.Actor, d *Draft, check string) (bool, error) {
	if err := access.Decide(by, access.MendTogether, access.Subject{Register: by.Register}); err != nil {
		return false, err
	}
	m, ok := Mends(check)
	if !ok {
		return false, nil
	}
	d.mendable.mu.Lock()
	defer d.mendable.mu.Unlock()
	if can, known := d.mendable.known[check]; known {
		return can, nil
	}
	can := false
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		// Nearly always one of the first can be mended.
		for some := range slices.Chunk(d.Problems(check, 0, 0), 50) {
			changes, err := proposeFor(tx, d, m, d.KnownAt, some)
			if err != nil {
				return err
			}
			if can = len(changes) > 0; can {
				break
			}
		}
		return nil
	})
	if err == nil {
		d.mendable.known[check] = can
	}
	return can, err
}
