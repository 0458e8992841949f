package match

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// An index finds the rows of a table that share a key with a row. A bucket holds
// the entries of the keys that end in its number, rows ascending.
type index struct {
	table *Table
	mask  uint64
	end   []uint32 // by bucket: where its entries end, and the next bucket's begin
	entry []uint64
	shape entryShape
	use   uint64 // the kinds of keys in use, as bits
	Cut   int    // entries left out because too many rows shared the key
}

// entryShape is how an entry is packed: the highest bits of the key, then the lowest
// bits of its bucket, then the row. What lies between is the part of the index that
// the entry stands in, and need not be kept.
type entryShape struct {
	row  uint // bits of the row
	low  uint // bits of the bucket within its part
	part uint // bits of the part
}

func (s entryShape) pack(key uint64, row uint32) uint64 {
	top := s.row + s.low
	return key>>top<<top | key&(1<<s.low-1)<<s.row | uint64(row)
}

func (s entryShape) partOf(key uint64) uint64 { return key >> s.low & (1<<s.part - 1) }

// Parts of an index have at most 1<<partLow buckets, so that the entries of one are
// sorted within the cache of a core; beyond 1<<mostParts of them, writing to all at
// once would no longer be.
const (
	partLow   = 15
	mostParts = 9
)

// newIndex indexes a table on as many cores as are given. The keys of all rows are
// counted by part, then written part by part, then sorted within each: going to each
// bucket straight would miss the cache with every key.
func newIndex(t *Table, cores int) *index {
	size := 10
	for 1<<size < t.rows*6 && size < 24 {
		size++
	}
	part := min(max(0, size-partLow), mostParts)
	shape := entryShape{row: uint(bits.Len(uint(t.rows))), low: uint(size - part), part: uint(part)}
	x := &index{table: t, mask: 1<<size - 1, shape: shape, use: kindsWorth(t, cores), end: make([]uint32, 1<<size)}
	parts := 1 << part
	next := make([][]uint32, cores)
	x.eachKey(cores, func(core int) func(uint32, uint64) {
		count := make([]uint32, parts)
		next[core] = count
		return func(_ uint32, key uint64) { count[shape.partOf(key)]++ }
	})
	starts := make([]uint32, parts+1)
	total := uint32(0)
	for p := range parts {
		starts[p] = total
		for core := range next {
			next[core][p], total = total, total+next[core][p]
		}
	}
	starts[parts] = total
	x.entry = make([]uint64, total)
	x.eachKey(cores, func(core int) func(uint32, uint64) {
		at, entry := next[core], x.entry
		return func(row uint32, key uint64) {
			p := shape.partOf(key)
			entry[at[p]] = shape.pack(key, row)
			at[p]++
		}
	})
	x.sortParts(cores, starts)
	return x
}

// sortParts sorts each part by bucket, leaves out the buckets that are too common
// and moves what remains together.
func (x *index) sortParts(cores int, starts []uint32) {
	parts := len(starts) - 1
	kept := make([]uint32, parts)
	var next atomic.Int64
	each(cores, func(int) {
		var scratch []uint64
		for {
			p := int(next.Add(1)) - 1
			if p >= parts {
				return
			}
			scratch = append(scratch[:0], x.entry[starts[p]:starts[p+1]]...)
			kept[p] = x.sortPart(p, scratch, x.entry[starts[p]:starts[p+1]])
		}
	})
	total := uint32(0)
	for p, n := range kept {
		copy(x.entry[total:], x.entry[starts[p]:starts[p]+n])
		if total > 0 {
			ends := x.end[p<<x.shape.low : (p+1)<<x.shape.low]
			for b := range ends {
				ends[b] += total
			}
		}
		total += n
	}
	x.Cut = len(x.entry) - int(total)
	x.entry = x.entry[:total]
	if x.Cut > len(x.entry)/8 {
		x.entry = slices.Clone(x.entry)
	}
}

// sortPart writes the entries of a part by bucket and says how many it keeps. The
// ends that it sets count from the start of the part.
func (x *index) sortPart(p int, from, to []uint64) uint32 {
	ends := x.end[p<<x.shape.low : (p+1)<<x.shape.low]
	shift, mask := x.shape.row, uint64(len(ends)-1)
	for _, e := range from {
		ends[e>>shift&mask]++
	}
	total := uint32(0)
	for b, n := range ends {
		if n > blockCap {
			ends[b] = total | cutBucket
			continue
		}
		ends[b] = total
		total += n
	}
	// Each bucket's place moves on as it fills, and stands at its end at last.
	for _, e := range from {
		if at := &ends[e>>shift&mask]; *at&cutBucket == 0 {
			to[*at] = e
			*at++
		}
	}
	for b := range ends {
		ends[b] &^= cutBucket
	}
	return total
}

// cutBucket marks a bucket that too many rows share.
const cutBucket = 1 << 31

// span is where the entries of a bucket stand.
type span struct{ from, to uint32 }

func (x *index) bucket(key uint64) span {
	b := key & x.mask
	if b == 0 {
		return span{0, x.end[0]}
	}
	return span{x.end[b-1], x.end[b]}
}

// each runs the work on as many cores as are given, and waits.
func each(cores int, work func(core int)) {
	var all sync.WaitGroup
	for core := range cores {
		all.Go(func() { work(core) })
	}
	all.Wait()
}

// eachKey hands every key of every row on, rows ascending: to each core those of
// its share of the rows.
func (x *index) eachKey(cores int, visitor func(core int) func(row uint32, key uint64)) {
	eachRow(x.table, cores, x.use, func(core int) func(uint32, []uint64) {
		visit := visitor(core)
		return func(row uint32, keys []uint64) {
			for _, k := range keys {
				visit(row, k)
			}
		}
	})
}

func eachRow(t *Table, cores int, use uint64, visitor func(core int) func(row uint32, keys []uint64)) {
	each(cores, func(core int) {
		visit := visitor(core)
		keys := make([]uint64, 0, maxKeys)
		for row := uint32(t.rows * core / cores); row < uint32(t.rows*(core+1)/cores); row++ {
			keys = t.keysOf(row, use, keys[:0])
			visit(row, keys)
		}
	})
}

// kindsWorth looks at a part of the keys of a long list and says which loose kinds
// are worth their place: those of which one key in five is rare enough.
func kindsWorth(t *Table, cores int) uint64 {
	const longList, part = 20_000, 64
	if t.rows <= longList {
		return allKeys
	}
	counts := make([]map[uint64]int, cores)
	// Whole keys are sampled, so that their counts are true.
	eachRow(t, cores, looseKeys, func(core int) func(uint32, []uint64) {
		count := map[uint64]int{}
		counts[core] = count
		return func(_ uint32, keys []uint64) {
			for _, k := range keys {
				if k>>20%part == 0 {
					count[k]++
				}
			}
		}
	})
	for _, more := range counts[1:] {
		for k, n := range more {
			counts[0][k] += n
		}
	}
	var rare, all [keyKinds]int
	for k, n := range counts[0] {
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

// finder gathers the rows that a row could be, each once.
type finder struct {
	index *index
	stamp []uint32
	round uint32
	keys  []uint64
	spans []span
	found []uint32
	ahead uint64 // what was read ahead; it keeps the reading from being left out
}

func newFinder(x *index) *finder { return &finder{index: x, stamp: make([]uint32, x.table.rows)} }

// begin starts the search for another row: nobody is found yet.
func (fd *finder) begin() { fd.round++ }

// find returns the rows of the index that share a key of the kinds with the row of
// the table t and were not found since begin. The slice is the finder's own, good
// until the next call. All buckets are asked for before the first is looked at, so
// that memory answers for all of them in the time of one.
func (fd *finder) find(t *Table, row uint32, kinds uint64) []uint32 {
	fd.found, fd.spans = fd.found[:0], fd.spans[:0]
	x := fd.index
	fd.keys = t.keysOf(row, x.use&kinds, fd.keys[:0])
	for _, k := range fd.keys {
		fd.spans = append(fd.spans, x.bucket(k))
	}
	for _, s := range fd.spans {
		if s.from < s.to {
			fd.ahead ^= x.entry[s.from]
		}
	}
	for i, s := range fd.spans {
		want := x.shape.pack(fd.keys[i], 0) >> x.shape.row
		for _, e := range x.entry[s.from:s.to] {
			if e>>x.shape.row == want {
				if id := uint32(e & (1<<x.shape.row - 1)); fd.stamp[id] != fd.round {
					fd.stamp[id] = fd.round
					fd.found = append(fd.found, id)
				}
			}
		}
	}
	for _, id := range fd.found {
		fd.ahead ^= x.table.at(id).glance()
	}
	return fd.found
}
