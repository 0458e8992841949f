package match

import (
	"fmt"
	"strings"
)

// A Reason is one field's part in an answer.
type Reason struct {
	Field string  // the field in words, as Kind.String
	Words string  // how it agrees: "one letter different"
	Bits  float64 // what it adds (above 0) or takes; each bit doubles or halves the odds
}

// An Explanation is an answer with its reasons: the prior and the bits of all
// reasons add up to its total.
type Explanation struct {
	Sentence string   // the gist, for people
	Prior    float64  // the odds, in bits, before anything was looked at
	Reasons  []Reason // in the order of the fields
	Total    float64
	Veto     Veto // what stands against an answer by machine
}

// Probability is that the two are one person, by the total.
func (e Explanation) Probability() float64 { return Probability(e.Total) }

// Explain says why a row of a file weighs what it does against a person. Link, or
// Learn, comes before it.
func (m *Matcher) Explain(rows *Table, row int, person uint32) Explanation {
	if m.model == nil {
		m.Learn(rows)
	}
	return m.model.Explain(rows, uint32(row), m.people, person, m.policy)
}

// Explain says why a row of one list weighs what it does against a row of another,
// or of the same.
func (md *Model) Explain(left *Table, row uint32, right *Table, other uint32, p Policy) Explanation {
	var v vector
	w := left.lexicon.worker()
	defer left.lexicon.spare.Put(w)
	x, y, bits := md.forms(w, left, right, row, other, &v)
	e := Explanation{Prior: md.prior, Total: md.prior + float64(bits), Veto: md.vetoes(p, &v, &x, &y)}
	say := func(k Kind, words string, bits float32) {
		e.Reasons = append(e.Reasons, Reason{k.String(), words, float64(bits)})
	}
	if v[order] == orderTurned {
		say(Given, "it is the family name of the other: "+nameWords(v[Given])+rarityWords(md.rarity(int(Given), x.given), v[Given]), md.turnedWeight(v[Given], x.given, y.family))
		say(Family, "it is the given name of the other: "+nameWords(v[Family])+rarityWords(md.rarity(int(Family), x.family), v[Family]), md.turnedWeight(v[Family], x.family, y.given))
	} else {
		if v[Given] != 0 {
			say(Given, nameWords(v[Given])+rarityWords(md.rarity(int(Given), x.given), v[Given]), md.nameWeight(int(Given), v[Given], x.given, y.given))
		}
		if v[Family] != 0 {
			say(Family, nameWords(v[Family])+rarityWords(md.rarity(int(Family), x.family), v[Family]), md.nameWeight(int(Family), v[Family], x.family, y.family))
		}
	}
	if v[order] != 0 {
		words := "in the same order"
		if v[order] == orderTurned {
			words = "given and family name exchanged"
		}
		e.Reasons = append(e.Reasons, Reason{"order of names", words, float64(md.weight[order][v[order]])})
	}
	for k := Middle; k < kinds; k++ {
		if k == Family || v[k] == 0 {
			continue
		}
		if k >= Postcode && k <= Region {
			say(k, fieldWords(k, v[k]), md.part(k, &x, &v))
			continue
		}
		say(k, fieldWords(k, v[k]), md.weight[k][v[k]])
	}
	e.Sentence = sentence(&v, e)
	return e
}

// part is what one part of an address adds or takes: beyond the one that takes
// most, the others take a third (Model.address).
func (md *Model) part(k Kind, a *record, v *vector) float32 {
	x := md.placeWeight(k, a, v)
	if x >= 0 {
		return x
	}
	for other := Postcode; other <= Region; other++ {
		if y := md.placeWeight(other, a, v); other != k && (y < x || y == x && other < k) {
			return x * otherMoved
		}
	}
	return x
}

func nameWords(level uint8) string {
	return [levels]string{"not known", "the same", "another form of the same name", "a part of it is the same", "an initial or the start of it", "one letter different", "sounds or looks much the same", "a little alike", "hardly alike", "different"}[level]
}

func rarityWords(bits float32, level uint8) string {
	switch {
	case level != nameSame:
		return ""
	case bits > 2:
		return ", a rare name"
	case bits < -1:
		return ", a common name"
	}
	return ""
}

func fieldWords(k Kind, level uint8) string {
	switch k {
	case Middle:
		return nameWords(level)
	case Birth:
		return [levels]string{"not known", "the same", "day and month exchanged", "one digit different, or a year off", "the same year, and one is a first of January", "two of day, month and year are the same", "two digits different", "within about a year", "different"}[level]
	case Postcode:
		return [levels]string{"not known", "the same", "streets away, the same sector", "the same district", "one sign different", "different"}[level]
	case Sex, House:
		return [levels]string{"not known", "the same", "different"}[level]
	case Phone, ULN, UPN, YoungPersonsID, Number:
		return [levels]string{"not known", "the same", "one sign different", "different"}[level]
	}
	return [levels]string{"not known", "the same", "one letter different", "two letters different, or nearly alike", "a little alike", "different"}[level]
}

// sentence is the gist: what is the same, what is nearly, what is not, and what
// stands against deciding by machine.
func sentence(v *vector, e Explanation) string {
	var same, near, not []string
	for _, k := range [...]Kind{ULN, UPN, YoungPersonsID, Number, Given, Family, Birth, Sex, Postcode, Street, Town, Phone, Email} {
		last := uint8(nameFar)
		switch k {
		case Birth:
			last = birthNear
		case Postcode:
			last = placeFar
		case Sex:
			last = plainFar
		case ULN, UPN, YoungPersonsID, Number, Phone:
			last = numberSlip
		case Street, Town, Email:
			last = textFar
		}
		switch {
		case v[k] == 0:
		case v[k] == 1:
			same = append(same, k.String())
		case v[k] >= last || (k == Given || k == Family) && v[k] >= nameNear:
			not = append(not, k.String())
		default:
			near = append(near, k.String())
		}
	}
	var b strings.Builder
	write := func(head string, fields []string) {
		if len(fields) == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(head + listed(fields))
	}
	write("the same ", same)
	write("nearly the same ", near)
	write("a different ", not)
	text := b.String()
	if text == "" {
		return "Nothing can be compared."
	}
	text = strings.ToUpper(text[:1]) + text[1:] + "."
	if e.Veto != 0 {
		text += fmt.Sprintf(" To be decided by a person: %s.", e.Veto)
	}
	return text
}

func listed(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
