package match

import (
	"strings"
	"sync"
)

// An index finds the rows of a table that share a key with a row. Keys are hashes
// of what two rows of one person are likely to share; no row is compared with all
// others. A key that too many rows share is left out, and finer ones stand in.
type index struct {
	table *Table
	mask  uint64
	end   []uint32 // by bucket: where its entries end, and the next bucket's begin
	entry []uint64 // the key's upper half, then the row
	use   uint64   // the kinds of keys in use, as bits
	Cut   int      // entries left out because too many rows shared the key
}

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

// kindsWorth looks at a part of the keys of a long list and says which loose kinds
// are worth their place: those of which one key in five is rare enough.
func kindsWorth(t *Table) uint64 {
	const longList, part = 20_000, 64
	if t.rows <= longList {
		return allKeys
	}
	counts := map[uint64]int{}
	keys := make([]uint64, 0, maxKeys)
	// Whole keys are sampled, so that their counts are true.
	for row := range uint32(t.rows) {
		keys = t.keysOf(row, looseKeys, keys[:0])
		for _, k := range keys {
			if k>>20%part == 0 {
				counts[k]++
			}
		}
	}
	var rare, all [keyKinds]int
	for k, n := range counts {
		kind := k >> 59
		all[kind] += n
		if n <= blockCap {
			rare[kind] += n
		}
	}
	use := uint64(allKeys)
	for kind := keyNames; kind < keyKinds; kind++ {
		if rare[kind]*5 < all[kind] || all[kind] == 0 {
			use &^= 1 << kind
		}
	}
	return use
}

// newIndex indexes a table on as many cores as are given.
func newIndex(t *Table, cores int) *index {
	bits := 10
	for 1<<bits < t.rows*6 && bits < 24 {
		bits++
	}
	x := &index{table: t, mask: 1<<bits - 1, use: kindsWorth(t), end: make([]uint32, 1<<bits)}
	x.eachKey(cores, func(_ uint32, key uint64) { x.end[key&x.mask]++ })
	total := uint32(0)
	for b, n := range x.end {
		if n > blockCap {
			x.Cut += int(n)
			x.end[b] = total | cutBucket
			continue
		}
		x.end[b] = total
		total += n
	}
	x.entry = make([]uint64, total)
	// Each bucket's place moves on as it fills, and stands at its end at last.
	x.eachKey(cores, func(row uint32, key uint64) {
		if at := &x.end[key&x.mask]; *at&cutBucket == 0 {
			x.entry[*at] = key>>32<<32 | uint64(row)
			*at++
		}
	})
	return x
}

// cutBucket marks a bucket that too many rows share.
const cutBucket = 1 << 31

// bucket are the entries that may have the key.
func (x *index) bucket(key uint64) []uint64 {
	b := key & x.mask
	from := uint32(0)
	if b > 0 {
		from = x.end[b-1] &^ cutBucket
	}
	return x.entry[from : x.end[b]&^cutBucket]
}

// eachKey hands every key of every row on. Each core visits all rows and keeps to
// its own share of the buckets, so that no two write to one place.
func (x *index) eachKey(cores int, visit func(row uint32, key uint64)) {
	var all sync.WaitGroup
	share := (x.mask + uint64(cores)) / uint64(cores)
	for core := range cores {
		all.Go(func() {
			from, to := share*uint64(core), share*uint64(core+1)
			keys := make([]uint64, 0, maxKeys)
			for row := range uint32(x.table.rows) {
				keys = x.table.keysOf(row, x.use, keys[:0])
				for _, k := range keys {
					if b := k & x.mask; b >= from && b < to {
						visit(row, k)
					}
				}
			}
		})
	}
	all.Wait()
}

// finder gathers the rows that a row could be, each once.
type finder struct {
	index *index
	stamp []uint32
	round uint32
	keys  []uint64
	found []uint32
}

func newFinder(x *index) *finder { return &finder{index: x, stamp: make([]uint32, x.table.rows)} }

// begin starts the search for another row: nobody is found yet.
func (fd *finder) begin() { fd.round++ }

// find returns the rows of the index that share a key of the kinds with the row of
// the table t and were not found since begin. The slice is the finder's own, good
// until the next call.
func (fd *finder) find(t *Table, row uint32, kinds uint64) []uint32 {
	fd.found = fd.found[:0]
	x := fd.index
	fd.keys = t.keysOf(row, x.use&kinds, fd.keys[:0])
	for _, k := range fd.keys {
		for _, e := range x.bucket(k) {
			if (e^k)>>32 == 0 {
				if id := uint32(e); fd.stamp[id] != fd.round {
					fd.stamp[id] = fd.round
					fd.found = append(fd.found, id)
				}
			}
		}
	}
	return fd.found
}
