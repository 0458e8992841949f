package match

import (
	"slices"
	"strings"
)

// A Key is one thing by which a name is found. Kinds: "name" (the folded word,
// also by its start), "form" (the fullest of its other forms) and "sound".
type Key struct{ Kind, Text string }

// Keys are all keys of a name as it is written: of each of its words, and of all
// of them together. A search shares a key with whom it finds.
func (v *Variants) Keys(written string) []Key {
	folded := Fold(written)
	words := strings.Fields(folded)
	if len(words) > 1 {
		words = append(words, strings.Join(words, ""))
	}
	var keys []Key
	put := func(k Key) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, w := range words {
		put(Key{"name", w})
		for _, g := range v.groups[w] {
			put(Key{"form", v.names[g][0]})
		}
		for _, s := range Sounds(w) {
			put(Key{"sound", s})
		}
	}
	return keys
}

// Known is what is held of a person that a search may hit: each field's values,
// the present one first and former ones after it.
type Known struct {
	Given, Middle, Family, Births, Postcodes, Schools, Numbers []string
}

// term is one part of a query.
type term struct {
	text   string // folded
	number number // where it has digits, or looks like a number
	date   birth  // where it is a date
	year   uint32 // where it is a year alone, by its digits
	place  place  // where it is a postcode
	outer  string // where it is the first half of one
}

// terms takes a query apart: dates in any form, postcodes in one piece or two,
// numbers, and the words of names in any order. Of a very long query only the
// first ten parts are looked at.
func terms(query string) []term {
	words := strings.FieldsFunc(query[:min(len(query), 400)], func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\t' || r == '\n' || r == '\u00a0' })
	var found []term
	for i := 0; i < len(words) && len(found) < 10; i++ {
		if i+2 < len(words) && (hasDigit(words[i]) && monthNamed(words[i+1]) > 0 || monthNamed(words[i]) > 0 && hasDigit(words[i+1])) {
			if d := readBirth(strings.Join(words[i:i+3], " ")); d != 0 && hasDigit(words[i+2]) {
				found = append(found, term{date: d})
				i += 2
				continue
			}
		}
		if i+1 < len(words) {
			if p, ok := readPostcode(words[i] + words[i+1]); ok && hasDigit(words[i]) && hasDigit(words[i+1]) {
				found = append(found, term{place: p})
				i++
				continue
			}
		}
		if hasDigit(words[i]) {
			if t, ok := oneTerm(words[i]); ok {
				found = append(found, t)
			}
			continue
		}
		found = append(found, nameTerms(words[i])...)
	}
	return found
}

// nameTerms are the words of a name as it is written: Wang-Gray is two.
func nameTerms(w string) []term {
	folded := Fold(w)
	if folded == "" {
		folded = letters(w) // a word that stands for "unknown" is still a word to look for
	}
	var found []term
	for _, text := range strings.Fields(folded) {
		found = append(found, term{text: text})
	}
	return found
}

// longestSound is the length beyond which nothing that is typed is a name that
// could be written otherwise.
const longestSound = 40

// oneTerm is a date, a year, a postcode or a number.
func oneTerm(w string) (term, bool) {
	if len(w) == 4 && w >= "1950" && w < "2100" {
		d := readBirth(w + "-01-01")
		return term{year: d.year(), number: readNumber(w)}, true
	}
	t := term{number: readNumber(w)}
	if strings.ContainsAny(w, "/-.") || len(w) == 8 {
		t.date = readBirth(w)
	}
	if p, ok := readPostcode(w); ok {
		t.place = p
	} else if s := signs(w); len(s) <= 4 && isLetter(s[0]) {
		t.outer = s
	}
	if upn, _ := readUPN(w); upn != 0 {
		t.number = upn
	}
	return t, t.number != 0 || t.date != 0 || t.place != 0
}

func hasDigit(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' }) >= 0
}

// Degrees in which a word of a query fits a word of a name, the best first.
const (
	fitSame = 1 + iota
	fitForm
	fitStart
	fitSound
	fitEdit
	fitNone
)

func fitWords(fit uint8) string {
	return [...]string{"", "is", "is another form of", "is the start of", "sounds like", "is one letter from", ""}[fit]
}

// fitBits is what each degree is worth in a search, beside the rarity of the name.
func fitBits(fit uint8) float32 { return [...]float32{0, 10, 7, 6, 3, 3, -20}[fit] }

// likeBits is what a word adds that fits by another form, by its sound or but
// for a letter: the more, the more alike the two are written. Much sounds like
// much else (Smyth: Smith, and Sunita too), and whoever looks for one means the
// one that looks alike. It never lifts one degree above the next.
func likeBits(fit uint8, query, word string) float32 {
	switch fit {
	case fitForm:
		return float32(JaroWinkler(query, word))
	case fitSound, fitEdit:
		return 2.9 * float32(JaroWinkler(query, word))
	}
	return 0
}

// kindBits is what it takes that a name is not where it is looked for first:
// forms are of given names (Kay may be a form of Kate, the family Kay is not),
// and people are seldom called by a middle name.
func kindBits(k Kind, fit uint8) float32 {
	switch {
	case k == Middle:
		return -0.5
	case k == Family && fit == fitForm:
		return -1.5
	}
	return 0
}

// fit says how a word of a query fits a word of a name.
func (v *Variants) fit(query, word string) uint8 {
	switch {
	case query == word:
		return fitSame
	case v.Same(query, word):
		return fitForm
	case strings.HasPrefix(word, query):
		return fitStart
	case len(query) > 2 && len(query) < longestSound && slices.ContainsFunc(Sounds(query), func(s string) bool { return slices.Contains(Sounds(word), s) }):
		return fitSound
	case len(query) > 3 && Edits(query, word) == 1:
		return fitEdit
	}
	return fitNone
}

// Explain says which parts of a query a person fits and how; nil where one of the
// parts fits nothing that is held.
func (v *Variants) Explain(query string, k Known) []Reason {
	var reasons []Reason
	for _, t := range terms(query) {
		r, ok := v.explainTerm(t, k)
		if !ok {
			return nil
		}
		reasons = append(reasons, r)
	}
	return reasons
}

func (v *Variants) explainTerm(t term, k Known) (Reason, bool) {
	if t.text != "" {
		return v.explainWord(t.text, k)
	}
	for i, written := range k.Births {
		b := readBirth(written)
		switch {
		case b == 0:
		case b == t.date:
			return Reason{held(Birth, i), "is " + b.String(), 12}, true
		case t.date != 0 && compareBirth(b, t.date) == birthTurned:
			return Reason{held(Birth, i), "is " + b.String() + ", day and month exchanged", 8}, true
		case t.year != 0 && b.year() == t.year:
			return Reason{held(Birth, i), "is in that year", 3}, true
		}
	}
	for i, written := range k.Postcodes {
		p, ok := readPostcode(written)
		if ok && p == t.place {
			return Reason{held(Postcode, i), "is " + p.String(), 12}, true
		}
		if ok && t.outer != "" && strings.HasPrefix(p.String(), t.outer) {
			return Reason{held(Postcode, i), "begins with " + t.outer, 4}, true
		}
	}
	for _, written := range k.Numbers {
		if n := readNumber(written); n != 0 && n == t.number {
			return Reason{"number", "is " + signs(written), 20}, true
		}
		if n, _ := readUPN(written); n != 0 && n == t.number {
			return Reason{UPN.String(), "is " + signs(written), 20}, true
		}
	}
	return Reason{}, false
}

// explainWord finds the name, or the school, that a word fits best.
func (v *Variants) explainWord(text string, k Known) (Reason, bool) {
	best, reason := fitBits(fitNone), Reason{}
	try := func(kind Kind, names []string) {
		for i, written := range names {
			for _, w := range strings.Fields(Fold(written)) {
				f := v.fit(text, w)
				if bits := fitBits(f) + likeBits(f, text, w) + kindBits(kind, f); f != fitNone && bits > best {
					best, reason = bits, Reason{held(kind, i), text + " " + fitWords(f) + " " + w, float64(bits)}
				}
			}
		}
	}
	try(Given, k.Given)
	try(Family, k.Family)
	try(Middle, k.Middle)
	if best > fitBits(fitNone) {
		return reason, true
	}
	for i, s := range k.Schools {
		for _, w := range strings.Fields(foldText(s)) {
			if strings.HasPrefix(w, text) {
				return Reason{held(School, i), "has " + w + " in its name", 2}, true
			}
		}
	}
	return Reason{}, false
}

// held names a field, and says of a value that is not the first that it is not
// the present one.
func held(k Kind, i int) string {
	if i > 0 {
		return "former " + k.String()
	}
	return k.String()
}
