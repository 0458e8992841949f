package match

import (
	"hash/maphash"
	"math"
)

// spellings remembers words as they are written, and their numbers: one array of
// slots and one of text, which takes two looks at memory a word and which the
// garbage collector need not follow.
type spellings struct {
	seed  maphash.Seed
	slots []spelled // a power of two of them, at most three quarters in use
	text  []byte
	used  int
}

// spelled is one spelling; a mark of 0 is an empty slot.
type spelled struct{ mark, id, at, size uint32 }

func newSpellings() *spellings {
	return &spellings{seed: maphash.MakeSeed(), slots: make([]spelled, 256)}
}

// find returns the number of a spelling and whether it is remembered.
func (s *spellings) find(raw string) (uint32, bool) {
	slot := s.slot(raw)
	return slot.id, slot.mark != 0
}

// slot is where the spelling stands, or the empty slot where it would.
func (s *spellings) slot(raw string) *spelled {
	hash := maphash.String(s.seed, raw)
	mark := uint32(hash>>32) | 1
	for i := hash; ; i++ {
		slot := &s.slots[i&uint64(len(s.slots)-1)]
		if slot.mark == 0 || slot.mark == mark && string(s.text[slot.at:slot.at+slot.size]) == raw {
			return slot
		}
	}
}

// keep remembers a spelling that is not remembered yet. Beyond four gigabytes of
// text it forgets instead: such a word is folded again when it comes again.
func (s *spellings) keep(raw string, id uint32) {
	if len(s.text)+len(raw) > math.MaxUint32 {
		return
	}
	if s.used*4 >= len(s.slots)*3 {
		s.grow()
	}
	slot := s.slot(raw)
	*slot = spelled{uint32(maphash.String(s.seed, raw)>>32) | 1, id, uint32(len(s.text)), uint32(len(raw))}
	s.text = append(s.text, raw...)
	s.used++
}

func (s *spellings) grow() {
	old := s.slots
	s.slots = make([]spelled, 2*len(old))
	for _, o := range old {
		if o.mark != 0 {
			*s.slot(string(s.text[o.at : o.at+o.size])) = o
		}
	}
}
