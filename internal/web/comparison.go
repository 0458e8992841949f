package web

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/merge"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// Comparison is two descriptions of a person side by side, and how much each
// field speaks for one person or for two; "comparison". It does not ask where
// either side comes from: a record, or the row of a file.
type Comparison struct {
	Caption     string
	Left, Right ComparedHead
	Rows        []ComparedRow
	// Total is the weight of all, in words, and Against what stands against
	// deciding by machine.
	Total   ComparedRow
	Against []string
}

// ComparedHead heads one side.
type ComparedHead struct{ Text, Href, Note string }

// ComparedRow is one field. Bits is what it adds to the odds, each bit doubling
// them; it counts only where Weighed.
type ComparedRow struct {
	Field                   string
	Left, Right             string
	LeftSource, RightSource string
	Verdict                 string
	Bits                    float64
	Weighed                 bool
}

// Weight is the number beside the bar: "+9.1", "−2.0".
func (r ComparedRow) Weight() string {
	if math.Abs(r.Bits) < 0.05 {
		return "0"
	}
	text := fmt.Sprintf("%+.1f", r.Bits)
	return strings.Replace(text, "-", "−", 1)
}

// For says that the field speaks for one person.
func (r ComparedRow) For() bool { return r.Bits >= 0 }

// barHalf is the length of the longest bar, and barBits the weight that fills
// it.
const (
	barHalf = 36
	barBits = 20.0
)

// Long is how long the bar is, From where it begins.
func (r ComparedRow) Long() int {
	return max(1, int(math.Round(min(math.Abs(r.Bits), barBits)/barBits*barHalf)))
}

// From is where the bar begins: from the middle to the right for one person, to
// the left for two.
func (r ComparedRow) From() int {
	if r.For() {
		return barHalf
	}
	return barHalf - r.Long()
}

// comparedSide is one side before it is compared: values by the field's name as
// match has it.
type comparedSide struct {
	Head   ComparedHead
	Values map[string]comparedValue
}

type comparedValue struct{ Value, Source string }

// comparedFields are the fields in the order in which they are shown.
func comparedFields() []string {
	var out []string
	for _, k := range []match.Kind{match.Given, match.Middle, match.Family} {
		out = append(out, k.String())
	}
	out = append(out, "order of names")
	for _, k := range []match.Kind{match.Birth, match.Sex, match.Postcode, match.House, match.Street, match.Locality, match.Town, match.Region, match.Phone, match.Email, match.School, match.ULN, match.UPN, match.YoungPersonsID, match.Number} {
		out = append(out, k.String())
	}
	return out
}

// compareSides puts two sides together with the reasons of their weight.
func compareSides(left, right comparedSide, prior float64, reasons []match.Reason, total float64, veto match.Veto) Comparison {
	c := Comparison{Caption: "The two, field by field", Left: left.Head, Right: right.Head}
	for _, field := range comparedFields() {
		l, r := left.Values[field], right.Values[field]
		row := ComparedRow{Field: capital(field), Left: l.Value, LeftSource: l.Source, Right: r.Value, RightSource: r.Source, Verdict: "not compared"}
		if i := slices.IndexFunc(reasons, func(r match.Reason) bool { return r.Field == field }); i >= 0 {
			row.Verdict, row.Bits, row.Weighed = reasons[i].Words, reasons[i].Bits, true
		} else if l.Value == "" && r.Value == "" {
			continue
		} else if l.Value == "" || r.Value == "" {
			row.Verdict = "not known on one side"
		}
		c.Rows = append(c.Rows, row)
	}
	c.Rows = append(c.Rows, ComparedRow{Field: "Any two people", Verdict: "how seldom two records are of one person, before anything is looked at", Bits: prior, Weighed: true})
	c.Total = ComparedRow{Field: "Together", Bits: total, Weighed: true, Verdict: likelihoodWords(merge.LikelihoodOf(total, veto), total, veto)}
	for _, words := range strings.Split(veto.String(), "; ") {
		if words != "" {
			c.Against = append(c.Against, capital(words)+".")
		}
	}
	return c
}

// likelihoodWords is "Likely one person: 99.91% by weight". Of two people of one
// household the weight says little, and no share is given.
func likelihoodWords(l merge.Likelihood, bits float64, veto match.Veto) string {
	words := capital(string(l)) + " one person"
	if veto&match.VetoGiven != 0 {
		return words + ": much is the same, as in one family, but not the first name"
	}
	return words + ": " + probability(match.Probability(bits)) + " by weight"
}

// probability is a share in per cent that never says 0 or 100.
func probability(p float64) string {
	switch {
	case p > 0.9999:
		return "more than 99.99%"
	case p > 0.99:
		return fmt.Sprintf("%.2f%%", math.Floor(p*10000)/100)
	case p < 0.01:
		return "less than 1%"
	}
	return fmt.Sprintf("%.0f%%", p*100)
}

func likelihoodTag(l merge.Likelihood) *Tag {
	switch l {
	case merge.Likely:
		return &Tag{Text: "Likely", Colour: "green"}
	case merge.Possible:
		return &Tag{Text: "Possible", Colour: "yellow"}
	}
	return &Tag{Text: "Unlikely", Colour: "grey"}
}

// recordSide is a young person's record as one side.
func (c *client) recordSide(head ComparedHead) comparedSide {
	side := comparedSide{Head: head, Values: map[string]comparedValue{}}
	l, today := c.Life, c.today
	put := func(k match.Kind, value string, source record.Source) {
		if value != "" {
			side.Values[k.String()] = comparedValue{value, source.Words()}
		}
	}
	legal := func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }
	if n := life.InForceOf(l.Names, today, legal); n != nil {
		put(match.Given, withOthers(n.Is.Given, c.otherNames(func(n youngperson.Name) string { return n.Given })), c.Sources[n.Evidence])
		put(match.Middle, n.Is.Middle, c.Sources[n.Evidence])
		put(match.Family, withOthers(n.Is.Family, c.otherNames(func(n youngperson.Name) string { return n.Family })), c.Sources[n.Evidence])
	}
	if p := life.InForce(l.Particulars, today); p != nil {
		put(match.Birth, dayOr(p.Is.DOB), c.Sources[p.Evidence])
		put(match.Sex, codeWords(c.Edition, nccis.Genders, p.Is.Gender), c.Sources[p.Evidence])
	}
	if a := life.InForce(l.Addresses, today); a != nil {
		house, street := houseAndStreet(a.Is.Line1)
		put(match.House, house, c.Sources[a.Evidence])
		put(match.Street, street, c.Sources[a.Evidence])
		put(match.Town, a.Is.Town, c.Sources[a.Evidence])
		put(match.Postcode, a.Is.Postcode, c.Sources[a.Evidence])
	}
	for _, r := range l.Reaches {
		k := match.Phone
		if r.Is.Kind == youngperson.Email {
			k = match.Email
		}
		if had := side.Values[k.String()].Value; had != "" {
			r.Is.Value = had + ", " + r.Is.Value
		}
		put(k, r.Is.Value, c.Sources[r.Evidence])
	}
	if v := c.View.Spell; v != nil {
		put(match.School, v.Is.EstablishmentName, c.Sources[v.Evidence])
	}
	for scheme, k := range map[string]match.Kind{youngperson.ULN: match.ULN, youngperson.UPN: match.UPN} {
		if f := l.IdentifierFact(scheme, today); f != nil {
			put(k, f.Is.Value, c.Sources[f.Evidence])
		}
	}
	side.Values[match.YoungPersonsID.String()] = comparedValue{Value: l.Person.YoungPersonsID}
	return side
}

// houseAndStreet takes the number off the start of an address line, as match
// does.
func houseAndStreet(line string) (house, street string) {
	if line == "" || line[0] < '0' || line[0] > '9' {
		return "", line
	}
	end := strings.IndexAny(line, " ,")
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimLeft(line[end:], " ,")
}

func (c *client) otherNames(part func(youngperson.Name) string) []string {
	var out []string
	for _, n := range c.Life.Names {
		if n.Is.Kind != youngperson.Legal {
			out = append(out, part(n.Is))
		}
	}
	return out
}

// withOthers is "Wren (also Ren)".
func withOthers(value string, others []string) string {
	var also []string
	for _, o := range others {
		if o != "" && o != value && !slices.Contains(also, o) {
			also = append(also, o)
		}
	}
	if len(also) == 0 {
		return value
	}
	return value + " (also " + strings.Join(also, ", ") + ")"
}
