package match

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unsafe"
)

// Search finds people of a table as one types: parts of names in any order, other
// forms, sounds, a slip of the pen, birth dates in any form, postcodes, numbers.
// It is held in memory, about 80 bytes a person beside the table, and may be used
// by many at once. It knows nothing of who may see whom: the caller says so, and
// who is left out leaves no trace in what is found.
type Search struct {
	table  *Table
	sorted []uint32 // single words of the lexicon, by their text
	sound  map[uint32][]uint32
	start  []uint32 // by name: where its people begin
	people []uint32
	dates  []uint64 // birth date and person
	places []uint64
	digits []uint64 // hash of a number and person
	rare   []float32
}

// A Hit is somebody found.
type Hit struct {
	Person uint32
	Bits   float32 // how well, to rank by
}

// NewSearch builds the index over a table. Rows that are added to the table later
// are not in it.
func NewSearch(t *Table) *Search {
	s := &Search{table: t, sound: map[uint32][]uint32{}}
	names := t.lexicon.names
	s.start = make([]uint32, len(names)+1)
	s.eachWord(func(_, word uint32) { s.start[word]++ })
	total := uint32(0)
	s.rare = make([]float32, len(names))
	count := make([]float64, len(names))
	for i, n := range s.start {
		if i < len(count) {
			count[i] = float64(n)
		}
		s.start[i] = total
		total += n
	}
	s.rare = rarities(count, float64(total))
	s.people = make([]uint32, total)
	next := slices.Clone(s.start)
	s.eachWord(func(person, word uint32) {
		s.people[next[word]] = person
		next[word]++
	})
	for id := range uint32(len(names)) {
		if s.start[id] == s.start[id+1] {
			continue
		}
		s.sorted = append(s.sorted, id)
		for _, code := range names[id].sounds {
			if code != 0 {
				s.sound[code] = append(s.sound[code], id)
			}
		}
	}
	slices.SortFunc(s.sorted, func(a, b uint32) int { return cmp.Compare(names[a].text, names[b].text) })
	s.values()
	return s
}

// values sorts dates, postcodes and numbers.
func (s *Search) values() {
	t := s.table
	add := func(person uint32, k Kind, v uint64) {
		switch {
		case v == 0:
		case k == Birth:
			s.dates = append(s.dates, v<<32|uint64(person))
		case k == Postcode:
			s.places = append(s.places, v<<32|uint64(person))
		case k >= ULN:
			s.digits = append(s.digits, mixed(v)>>32<<32|uint64(person))
		}
	}
	for row := range uint32(t.rows) {
		r := t.at(row)
		for _, k := range [...]Kind{Birth, Postcode, ULN, UPN, YoungPersonsID, Number} {
			add(row, k, r.get(k))
		}
		if r.more {
			for _, o := range t.also[row] {
				add(row, o.kind, o.value)
			}
		}
	}
	slices.Sort(s.dates)
	slices.Sort(s.places)
	slices.Sort(s.digits)
}

// eachWord visits the single words of all names of all people, former ones too.
func (s *Search) eachWord(visit func(person, word uint32)) {
	names := s.table.lexicon.names
	whole := func(person, id uint32) {
		if id == 0 {
			return
		}
		if parts := names[id].parts; len(parts) > 0 {
			for _, p := range parts {
				visit(person, p)
			}
			return
		}
		visit(person, id)
	}
	for row := range uint32(s.table.rows) {
		r := s.table.at(row)
		whole(row, r.given)
		whole(row, r.family)
		whole(row, r.middle)
		if r.more {
			for _, o := range s.table.also[row] {
				if o.kind == Given || o.kind == Family || o.kind == Middle {
					whole(row, uint32(o.value))
				}
			}
		}
	}
}

// Bytes is the memory that the index takes beside the table.
func (s *Search) Bytes() int {
	return 4*(len(s.start)+len(s.people)+len(s.sorted)+len(s.rare)) + 8*(len(s.dates)+len(s.places)+len(s.digits)) + len(s.sound)*48
}

// wanted is a term of a query with the words of the lexicon that fit it.
type wanted struct {
	term
	fits  map[uint32]uint8   // word: how it fits
	like  map[uint32]float32 // word: likeBits, where there are any
	words []uint32           // the same, the best fits first
	size  int                // people who bear one of them
}

// mostVisited is the number of people who are looked at for a query of several
// parts, and mostOfOne for one of a single part: one letter fits a hundred
// thousand, of whom the best fits come first.
const (
	mostVisited = 80_000
	mostOfOne   = 4_000
)

// Find returns the people who fit every part of the query, the best first, at
// most limit of them. allowed says who may be found; nil is everybody.
func (s *Search) Find(query string, limit int, allowed func(person uint32) bool) []Hit {
	var all []*wanted
	for _, t := range terms(query) {
		all = append(all, s.expand(t))
	}
	if len(all) == 0 || limit < 1 {
		return nil
	}
	lead := slices.MinFunc(all, func(a, b *wanted) int { return cmp.Compare(a.size, b.size) })
	var hits []Hit
	seen := make([]uint64, s.table.rows/64+1)
	visited, most := 0, mostVisited
	if len(all) == 1 {
		most = max(mostOfOne, limit)
	}
	s.visit(lead, func(person uint32) bool {
		if bit := uint64(1) << (person % 64); seen[person/64]&bit == 0 {
			seen[person/64] |= bit
			visited++
			if bits, ok := s.weigh(person, all); ok && (allowed == nil || allowed(person)) {
				hits = append(hits, Hit{person, bits})
			}
		}
		return visited < most
	})
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(a.Person, b.Person)) })
	return hits[:min(limit, len(hits))]
}

// expand finds the words of the lexicon that fit a term, or counts the people who
// have its date, postcode or number.
func (s *Search) expand(t term) *wanted {
	w := &wanted{term: t}
	if t.text == "" {
		w.size = len(s.valued(s.dates, uint64(t.date))) + len(s.valued(s.places, uint64(t.place))) + len(s.valued(s.digits, mixed(uint64(t.number))>>32))
		if w.size == 0 && (t.year != 0 || t.outer != "") {
			w.size = s.table.rows + 1 // can be asked of a person, but leads to nobody
		}
		return w
	}
	l := s.table.lexicon
	w.fits, w.like = map[uint32]uint8{}, map[uint32]float32{}
	add := func(id uint32, fit uint8) {
		if _, ok := w.fits[id]; ok || s.start[id] == s.start[id+1] {
			return
		}
		w.fits[id] = fit
		if bits := likeBits(fit, t.text, l.names[id].text); bits > 0 {
			w.like[id] = bits
		}
		w.words = append(w.words, id)
		w.size += int(s.start[id+1] - s.start[id])
	}
	in := func(text string, fit uint8) {
		if id, ok := l.nameFold[text]; ok && int(id) < len(s.start)-1 {
			add(id, fit)
		}
	}
	in(t.text, fitSame)
	for _, form := range l.variants.Of(t.text) {
		in(form, fitForm)
	}
	from := sort.Search(len(s.sorted), func(i int) bool { return l.names[s.sorted[i]].text >= t.text })
	for _, id := range s.sorted[from:] {
		if !strings.HasPrefix(l.names[id].text, t.text) {
			break
		}
		add(id, fitStart)
	}
	if len(t.text) > 2 && len(t.text) < longestSound {
		for _, code := range Sounds(t.text) {
			for _, id := range s.sound[soundNumber(code)] {
				add(id, fitSound)
			}
		}
	}
	if len(t.text) > 3 {
		s.slips(t.text, add)
	}
	if w.size == 0 {
		w.size = s.table.rows + 1 // a word of a school's name, perhaps
	}
	return w
}

// slips adds the words one letter from the text: of those that begin with one of
// its first two letters.
func (s *Search) slips(text string, add func(uint32, uint8)) {
	var p pattern
	p.set(text)
	names := s.table.lexicon.names
	for _, letter := range []string{text[:1], text[1:2]} {
		from := sort.Search(len(s.sorted), func(i int) bool { return names[s.sorted[i]].text >= letter })
		for _, id := range s.sorted[from:] {
			word := names[id].text
			if word[0] != letter[0] {
				break
			}
			if d := len(word) - len(text); d >= -1 && d <= 1 && p.edits(word) == 1 {
				add(id, fitEdit)
			}
		}
		if text[0] == text[1] {
			break
		}
	}
}

// valued are the entries of a value in a sorted list.
func (s *Search) valued(list []uint64, v uint64) []uint64 {
	if v == 0 {
		return nil
	}
	from, _ := slices.BinarySearch(list, v<<32)
	to, _ := slices.BinarySearch(list, (v+1)<<32)
	return list[from:to]
}

// visit hands on the people of a term until told to stop.
func (s *Search) visit(w *wanted, each func(person uint32) bool) {
	for _, list := range [...][]uint64{s.valued(s.dates, uint64(w.date)), s.valued(s.places, uint64(w.place)), s.valued(s.digits, mixed(uint64(w.number))>>32)} {
		for _, e := range list {
			if !each(uint32(e)) {
				return
			}
		}
	}
	for _, id := range w.words {
		for _, person := range s.people[s.start[id]:s.start[id+1]] {
			if !each(person) {
				return
			}
		}
	}
	if w.size > s.table.rows { // a year, half a postcode, a school alone
		for person := range uint32(s.table.rows) {
			if !each(person) {
				return
			}
		}
	}
}

// weigh says how well a person fits all terms; false where one is not fitted.
func (s *Search) weigh(person uint32, all []*wanted) (float32, bool) {
	sum := float32(0)
	for _, w := range all {
		bits, ok := s.weighTerm(person, w)
		if !ok {
			return 0, false
		}
		sum += bits
	}
	return sum, true
}

func (s *Search) weighTerm(person uint32, w *wanted) (float32, bool) {
	r := s.table.at(person)
	best, ok := float32(0), false
	take := func(k Kind, v uint64, present bool) {
		bits, fits := s.fits(k, v, w)
		if !present {
			bits -= 0.5
		}
		if fits && (!ok || bits > best) {
			best, ok = bits, true
		}
	}
	for _, k := range [...]Kind{Given, Family, Middle, Birth, Postcode, School, ULN, UPN, YoungPersonsID, Number} {
		take(k, r.get(k), true)
	}
	if r.more {
		for _, o := range s.table.also[person] {
			take(o.kind, o.value, false)
		}
	}
	return best, ok
}

// fits says how well one value fits one term.
func (s *Search) fits(k Kind, v uint64, w *wanted) (float32, bool) {
	if v == 0 {
		return 0, false
	}
	switch {
	case k == Given || k == Family || k == Middle:
		return s.fitsName(k, uint32(v), w)
	case k == Birth && w.date != 0:
		return 12, birth(v) == w.date
	case k == Birth && w.year != 0:
		return 3, birth(v).year() == w.year
	case k == Postcode && w.place != 0:
		return 12, place(v) == w.place
	case k == Postcode && w.outer != "":
		return 4, strings.HasPrefix(place(v).String(), w.outer)
	case k == School && w.text != "":
		return 2, strings.Contains(" "+s.table.lexicon.texts[v], " "+w.text)
	case k >= ULN && w.number != 0:
		return 20, number(v) == w.number
	}
	return 0, false
}

func (s *Search) fitsName(k Kind, id uint32, w *wanted) (float32, bool) {
	if w.text == "" {
		return 0, false
	}
	best, ok := float32(0), false
	try := func(word uint32) {
		fit, has := w.fits[word]
		if !has {
			return
		}
		bits := fitBits(fit) + w.like[word] + kindBits(k, fit)
		// That a name is rare says something where it is the one asked for.
		if int(word) < len(s.rare) && (fit == fitSame || fit == fitStart) {
			bits += s.rare[word] / 2
		}
		if !ok || bits > best {
			best, ok = bits, true
		}
	}
	try(id)
	for _, part := range s.table.lexicon.names[id].parts {
		try(part)
	}
	return best, ok
}

// Bytes is about the memory that the rows of the table take, the lexicon left out.
func (t *Table) Bytes() int { return len(t.chunks) * chunkRows * int(unsafe.Sizeof(record{})) }
