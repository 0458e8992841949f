package life

import (
	"waymark/internal/db"
	"waymark/internal/id"
)

// mostFollowed is how many people something kept in memory is brought up to date
// for one by one; for more it is worked out anew.
const mostFollowed = 2000

// Follow says about whom whatever was worked out after one act is to be worked out
// anew after a later one; false where that is anybody.
func Follow(tx *db.Tx, r id.Register, after, upTo id.Act) ([]id.YoungPerson, bool, error) {
	if after == 0 || after > upTo {
		return nil, false, nil
	}
	people, known, err := Since(tx, r, after, upTo)
	return people, known && len(people) <= mostFollowed, err
}
