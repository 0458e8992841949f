package match

import "math/bits"

// The degrees in which two names agree, from the most to the least.
const (
	nameSame    = 1 + iota
	nameVariant // a short form, a spelling or another language's form of it
	namePart    // one part of a name of several parts
	nameInitial // an initial, or the start of the name
	nameEdit    // one letter different
	nameClose   // they sound the same, or differ a little
	nameNear
	nameLoose
	nameFar
)

// The degrees in which two texts agree: address lines, towns, e-mail addresses.
const (
	textSame  = 1 + iota
	textEdit  // one letter, or spaces, different
	textClose // two letters, or likeness 0.9
	textNear  // likeness 0.8
	textFar
)

// levels is more than the number of degrees of any feature.
const levels = 10

// worker compares pairs on one core; what it needs to do so without allocating.
type worker struct {
	lexicon *Lexicon
	scratch pattern
	ready   [4]pattern // of names that were compared of late
	readyID [4]uint32
	seen    []uint64 // a memo of pairs and how they compare, for millions of pairs ask again
}

// A cell of the memo is a pair of words of up to 28 bits each, whether they are
// names or texts, and the level in the highest four bits.
const (
	memoBits  = 16
	memoWords = 1 << 28
	memoTexts = 1 << 59
	memoPair  = 1<<60 - 1
)

func newWorker(l *Lexicon) *worker { return &worker{lexicon: l, seen: make([]uint64, 1<<memoBits)} }

// worker is one that was used before, or a new one: for a comparison by itself
// its memo would cost more than the comparison.
func (l *Lexicon) worker() *worker {
	if w, ok := l.spare.Get().(*worker); ok {
		return w
	}
	return newWorker(l)
}

// remembered is the cell of the memo for two words, a below b, what it holds where it
// holds their answer, and the cell's content without a level.
func (w *worker) remembered(a, b uint32, sort uint64) (cell *uint64, pair uint64, level uint8) {
	pair = uint64(a)<<28 | uint64(b) | sort
	cell = &w.seen[pair*0x9e3779b97f4a7c15>>(64-memoBits)]
	if (*cell^pair)&memoPair == 0 {
		level = uint8(*cell >> 60)
	}
	return cell, pair, level
}

// patternOf is the name made ready to be compared. A row's names come again for
// each of its candidates.
func (w *worker) patternOf(id uint32) *pattern {
	at := id % uint32(len(w.ready))
	if w.readyID[at] != id {
		w.readyID[at] = id
		w.ready[at].set(w.lexicon.names[id].solid)
	}
	return &w.ready[at]
}

// compareName is the degree in which two names agree; 0 where one is missing.
func (w *worker) compareName(a, b uint32) uint8 {
	if a == 0 || b == 0 {
		return 0
	}
	if a == b {
		return nameSame
	}
	if w.lexicon.sketches[a].far(&w.lexicon.sketches[b]) {
		return nameFar
	}
	low, high := min(a, b), max(a, b)
	if high >= memoWords {
		return w.nameLevel(a, b)
	}
	cell, pair, level := w.remembered(low, high, 0)
	if level == 0 {
		level = w.nameLevel(a, b)
		*cell = pair | uint64(level)<<60
	}
	return level
}

func (w *worker) nameLevel(x, y uint32) uint8 {
	a, b := &w.lexicon.names[x], &w.lexicon.names[y]
	if a.solid == b.solid || shares(a.groups, b.groups) {
		return nameVariant
	}
	if w.partsAgree(a, b) {
		return namePart
	}
	short, long := a.solid, b.solid
	if len(short) > len(long) {
		short, long = long, short
	}
	if (len(short) == 1 || len(short) >= 3) && long[:len(short)] == short {
		return nameInitial
	}
	if len(short) > 3 && bits.OnesCount32(a.has&b.has) < 2 {
		return nameFar
	}
	p := w.patternOf(x)
	edits := p.edits(b.solid)
	likeness := p.jaro(b.solid)
	switch {
	case edits == 1 && len(long) > 2:
		return nameEdit
	case likeness >= 0.92, likeness >= 0.8 && len(short) > 2 && soundAlike(a, b):
		return nameClose // Robin and Rowan sound alike by the table, and are two names
	case likeness >= 0.85, edits == 2 && len(long) >= 6:
		return nameNear
	case likeness >= 0.75:
		return nameLoose
	}
	return nameFar
}

// partsAgree says that a word of one is a word of the other, or a variant of it,
// where at least one has several: Smith-Jones and Jones, Mary Ann and Ann.
func (w *worker) partsAgree(a, b *name) bool {
	if len(a.parts) == 0 && len(b.parts) == 0 {
		return false
	}
	words := func(n *name) int { return max(1, len(n.parts)) }
	word := func(n *name, i int) *name {
		if len(n.parts) == 0 {
			return n
		}
		return &w.lexicon.names[n.parts[i]]
	}
	for i := range words(a) {
		x := word(a, i)
		if len(x.text) < 3 {
			continue
		}
		for j := range words(b) {
			if y := word(b, j); x.text == y.text || shares(x.groups, y.groups) {
				return true
			}
		}
	}
	return false
}

func shares(a, b []uint32) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func soundAlike(a, b *name) bool {
	for _, x := range a.sounds {
		if x != 0 && (x == b.sounds[0] || x == b.sounds[1]) {
			return true
		}
	}
	return false
}

// compareText is the degree in which two texts of the lexicon agree.
func (w *worker) compareText(a, b uint32) uint8 {
	if a == 0 || b == 0 {
		return 0
	}
	if a == b {
		return textSame
	}
	if a > b {
		a, b = b, a
	}
	if b >= memoWords {
		return w.textLevel(w.lexicon.texts[a], w.lexicon.texts[b])
	}
	cell, pair, level := w.remembered(a, b, memoTexts)
	if level == 0 {
		level = w.textLevel(w.lexicon.texts[a], w.lexicon.texts[b])
		*cell = pair | uint64(level)<<60
	}
	return level
}

func (w *worker) textLevel(a, b string) uint8 {
	w.scratch.set(a)
	edits := w.scratch.edits(b)
	if edits == 1 {
		return textEdit
	}
	likeness := w.scratch.jaro(b)
	switch {
	case edits == 2 && len(a) > 4 && len(b) > 4, likeness >= 0.92:
		return textClose
	case likeness >= 0.82:
		return textNear
	}
	return textFar
}

func (w *worker) comparePlace(a, b place) uint8 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == b:
		return placeSame
	case (a|b)&otherPlace == 0:
		if a.sector() == b.sector() {
			return placeSector
		}
		if a.district() == b.district() {
			return placeDistrict
		}
		return placeFar
	case a&b&otherPlace != 0:
		// A country whose codes are not divided here: one sign different is a slip.
		if w.compareText(uint32(a)&^otherPlace, uint32(b)&^otherPlace) == textEdit {
			return placeSlip
		}
	}
	return placeFar
}

func comparePlain[T comparable](a, b, none T) uint8 {
	switch {
	case a == none || b == none:
		return 0
	case a == b:
		return plainSame
	}
	return plainFar
}

// compare fills the vector with how two records agree, but for birth date and
// names, which are looked at before (Model.score).
func (w *worker) compare(a, b *record, v *vector) {
	v[Middle] = w.compareMiddle(a, b)
	v[Sex] = comparePlain(a.sex, b.sex, 0)
	v[Postcode] = w.comparePlace(a.place, b.place)
	v[House] = comparePlain(a.house, b.house, 0)
	v[Street] = w.compareText(a.street, b.street)
	v[Locality] = w.compareText(a.locality, b.locality)
	v[Town] = w.compareText(a.town, b.town)
	v[Region] = w.compareText(a.region, b.region)
	v[Phone] = compareNumber(a.phone, b.phone)
	v[Email] = w.compareText(a.email, b.email)
	v[School] = w.compareText(a.school, b.school)
	for i := range a.id {
		v[int(ULN)+i] = compareNumber(a.id[i], b.id[i])
	}
}

// compareMiddle also takes a middle name that stands beside a given name.
func (w *worker) compareMiddle(a, b *record) uint8 {
	if a.middle == 0 || b.middle == 0 {
		return 0
	}
	return w.compareName(a.middle, b.middle)
}
