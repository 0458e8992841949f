package match

import "strings"

// Rows that may be one person meet by keys. Keys are hashes of what two rows of one
// person are likely to share; no row is compared with all others. A key that too
// many rows share is left out, and finer ones stand in.

// blockCap is the number of rows that may share a bucket.
const blockCap = 60

// maxKeys is room for the keys of a row without further values.
const maxKeys = 32

// keysOf appends the keys of a row to the slice, of the kinds that are in use.
func (t *Table) keysOf(row uint32, use uint64, keys []uint64) []uint64 {
	r := t.at(row)
	keys = t.lexicon.keys(r, use, keys)
	if r.more {
		for _, o := range t.also[row] {
			changed := *r
			changed.set(o.kind, o.value)
			keys = t.lexicon.keys(&changed, use, keys)
		}
	}
	return keys
}

// The kinds of keys. Those from keyNames on are loose: few share them in a short
// list or for a rare word, and in a long list a kind that is nearly always too
// common is not used at all.
const (
	keyNumber = iota
	keyPhone
	keyEmail
	keyBirthName
	keyDayNames
	keyBirthPlace
	keyNamesPlace
	keyPlaceName
	keyYearNames
	keyMonthStarts
	keyNames
	keyHouseStreet
	keyBirth
	keyName
	keyStreet
	keyLocality
	keyPlace
	keyHouseTown
	keyHouseYear
	keyDayMonth
	keyYearMonth
	keyYearDay
	keyMailbox
	keyMailHost
	keyKinds
)

const (
	allKeys    = 1<<keyKinds - 1
	numberKeys = 1 << keyNumber
	tightKeys  = 1<<keyYearNames - 1
	widerKeys  = (1<<keyNames - 1) &^ tightKeys
	looseKeys  = allKeys &^ (1<<keyNames - 1)
)

// keySet gathers keys of the kinds in use.
type keySet struct {
	use  uint64
	keys []uint64
}

func (s *keySet) put(kind int, a, b uint64) {
	if s.use>>kind&1 != 0 {
		s.keys = append(s.keys, keyHash(kind, a, b))
	}
}

// keyHash names the kind in its highest five bits, so that it can be told.
func keyHash(kind int, a, b uint64) uint64 {
	return mixed(a*0x9e3779b97f4a7c15^mixed(b+uint64(kind)<<56))&(1<<59-1) | uint64(kind)<<59
}

// keys appends the keys of a record. Names stand in keys by the sound of their
// fullest form, and in no order, so that names exchanged still meet.
func (l *Lexicon) keys(r *record, use uint64, keys []uint64) []uint64 {
	s := keySet{use, keys}
	for i, n := range r.id {
		if n != 0 {
			s.put(keyNumber, uint64(n), uint64(i))
		}
	}
	if r.phone != 0 {
		s.put(keyPhone, uint64(r.phone), 0)
	}
	l.nameKeys(&s, r)
	if r.street != 0 && r.house != 0 {
		s.put(keyHouseStreet, uint64(r.street), uint64(r.house))
	}
	if use>>keyNames != 0 || r.email != 0 {
		l.loose(&s, r)
	}
	return s.keys
}

func (l *Lexicon) nameKeys(s *keySet, r *record) {
	g, f := &l.names[r.given], &l.names[r.family]
	date := uint64(r.birth)
	if r.place != 0 {
		if date != 0 {
			s.put(keyBirthPlace, date, uint64(r.place))
		}
		for _, n := range [...]*name{g, f} {
			if n.skel != 0 {
				s.put(keyPlaceName, uint64(r.place), uint64(n.skel))
			}
		}
	}
	if date != 0 {
		for _, n := range [...]*name{g, f} {
			if n.skel != 0 {
				s.put(keyBirthName, date, uint64(n.skel))
			}
		}
	}
	if g.skel == 0 || f.skel == 0 {
		return
	}
	both := uint64(max(g.skel, f.skel))<<32 | uint64(min(g.skel, f.skel))
	s.put(keyNames, both, 0)
	if r.place != 0 || r.town != 0 {
		s.put(keyNamesPlace, both, uint64(r.place)|uint64(r.town)<<32)
	}
	if date != 0 {
		s.put(keyYearNames, both, uint64(r.birth.year()))
		s.put(keyDayNames, both, date&0xffff)
		s.put(keyMonthStarts, date>>8, uint64(max(g.start, f.start))<<16|uint64(min(g.start, f.start)))
	}
}

func (l *Lexicon) loose(s *keySet, r *record) {
	if date := uint64(r.birth); date != 0 {
		s.put(keyBirth, date, 0)
		s.put(keyDayMonth, date&0xffff, 0)
		s.put(keyYearMonth, date>>8, 0)
		s.put(keyYearDay, date>>16<<8|date&0xff, 0)
		if r.house != 0 {
			s.put(keyHouseYear, uint64(r.house), date>>16)
		}
	}
	for _, id := range [...]uint32{r.given, r.family} {
		if id != 0 {
			s.put(keyName, uint64(l.names[id].skel), 0)
		}
	}
	if r.street != 0 {
		s.put(keyStreet, uint64(r.street), 0)
	}
	if r.locality != 0 {
		s.put(keyLocality, uint64(r.locality), 0)
	}
	if r.place != 0 {
		s.put(keyPlace, uint64(r.place), 0)
	}
	if r.house != 0 && r.town != 0 {
		s.put(keyHouseTown, uint64(r.house), uint64(r.town))
	}
	if r.email != 0 {
		s.put(keyEmail, uint64(r.email), 0)
		box, host, _ := strings.Cut(l.texts[r.email], "@")
		s.put(keyMailbox, hashText(box[:min(5, len(box))]), 0)
		s.put(keyMailHost, hashText(host[:min(5, len(host))]), 0)
	}
}
