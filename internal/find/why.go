package find

import (
	"slices"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/match"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// why says of each part of the question why it fits the person, and how well
// they fit together: a name that they bear now above one of earlier, the name
// itself above its nickname, that above what sounds alike.
func (s *Service) why(q Question, p *person) ([]string, float64) {
	reasons := s.variants.Explain(q.text, p.known())
	if reasons == nil {
		if words := foldWords(q.text); words != "" && atSchool(p.school, words) {
			return []string{"at " + p.school}, 2
		}
		return nil, 0
	}
	var words []string
	fit := 0.0
	for _, r := range reasons {
		said, former := p.words(r)
		if fit += r.Bits; former {
			fit -= 0.5
		}
		if !slices.Contains(words, said) { // a word typed twice fits twice
			words = append(words, said)
		}
	}
	return words, fit
}

func atSchool(school, folded string) bool {
	name := " " + foldWords(school)
	for _, w := range strings.Fields(folded) {
		if !strings.Contains(name, " "+w) {
			return false
		}
	}
	return true
}

// withParts adds the words by which a name of several is also looked for.
func withParts(names []string) []string {
	for _, n := range names[:len(names):len(names)] {
		names = append(names, apart(n)...)
	}
	return names
}

// known is the person as match explains them: what is so now before what was.
func (p *person) known() match.Known {
	k := match.Known{Given: []string{p.given}, Family: []string{p.family}, Births: []string{p.born}, Postcodes: []string{record.Postcode(p.postcode)},
		Schools: []string{p.school}, Numbers: []string{p.ypid}}
	for _, o := range p.others {
		switch o.kind {
		case match.Given:
			k.Given = append(k.Given, o.text)
		case match.Middle:
			k.Middle = append(k.Middle, o.text)
		case match.Family:
			k.Family = append(k.Family, o.text)
		case match.Birth:
			k.Births = append(k.Births, o.text)
		case match.Postcode:
			k.Postcodes = append(k.Postcodes, record.Postcode(o.text))
		default:
			k.Numbers = append(k.Numbers, o.text)
		}
	}
	k.Given, k.Family = withParts(k.Given), withParts(k.Family)
	return k
}

// words are a reason of match as people say it, with what is held as it is
// written: "family name then: Adamczyk". former says that it is so no longer.
func (p *person) words(r match.Reason) (said string, former bool) {
	field := strings.TrimPrefix(r.Field, "former ")
	switch field {
	case match.Given.String(), match.Middle.String(), match.Family.String():
		return p.nameWords(field, r.Words)
	case match.Birth.String():
		born := r.Words[strings.Index(r.Words, " ")+1:]
		if strings.HasPrefix(r.Words, "is in that year") {
			return "born in that year", field != r.Field
		}
		if field != r.Field {
			return "date of birth was held as " + born, true
		}
		return "born " + born, false
	case match.Postcode.String():
		return p.placeWords(r)
	case match.School.String():
		return "at " + p.school, false
	}
	return p.numberWords(r), false
}

// nameWords finds the name that a reason is about. A reason reads "KATIE is
// another form of KATHERINE": what was asked, how it fits, the word of the name.
func (p *person) nameWords(field, reason string) (said string, former bool) {
	parts := strings.Fields(reason)
	if len(parts) < 3 {
		return reason, false
	}
	asked, fitted := parts[0], parts[len(parts)-1]
	how := strings.Join(parts[1:len(parts)-1], " ")
	held := other{}
	for _, o := range append([]other{{kind: match.Given, text: p.given}, {kind: match.Family, text: p.family}}, p.others...) {
		if o.kind.String() == field && hasWord(o.text, fitted) && (held.text == "" || held.former && !o.former) {
			held = o
		}
	}
	name := orSo(held.text, fitted)
	switch {
	case held.former:
		said = field + " then: " + name + untilWords(held.until)
	case held.how == youngperson.KnownAs:
		said = "known as " + name
	default:
		said = field + " " + name
	}
	switch how {
	case "is", "is the start of":
		return said, held.former
	case "is another form of":
		return said + " (“" + title(asked) + "” is a form of it)", held.former
	}
	return said + " (" + "“" + title(asked) + "” " + strings.TrimSuffix(how, " from") + either(how == "sounds like", " it", " away") + ")", held.former
}

func either(is bool, one, other string) string {
	if is {
		return one
	}
	return other
}

func hasWord(text, folded string) bool {
	for _, w := range strings.Fields(match.Fold(text)) {
		if w == folded {
			return true
		}
	}
	return false
}

func orSo(text, instead string) string {
	if text == "" {
		return title(instead)
	}
	return text
}

// title writes what was asked, which comes in capitals, as a name is written.
func title(s string) string {
	letters := []rune(s)
	if len(letters) == 0 {
		return s
	}
	return string(letters[0]) + strings.ToLower(string(letters[1:]))
}

func (p *person) placeWords(r match.Reason) (said string, former bool) {
	fits := func(postcode string) bool {
		asked := strings.TrimPrefix(strings.TrimPrefix(r.Words, "is "), "begins with ")
		return postcode != "" && strings.HasPrefix(plain(postcode), plain(asked))
	}
	if fits(p.postcode) {
		return "lives at " + record.Postcode(p.postcode), false
	}
	for _, o := range p.others {
		if o.kind == match.Postcode && fits(o.text) {
			return "lived at " + record.Postcode(o.text) + untilWords(o.until), true
		}
	}
	return r.Field + " " + r.Words, false
}

func plain(postcode string) string { return strings.ToUpper(strings.ReplaceAll(postcode, " ", "")) }

func (p *person) numberWords(r match.Reason) string {
	number := strings.TrimPrefix(r.Words, "is ")
	for _, o := range p.others {
		if o.kind >= match.ULN && strings.EqualFold(plain(o.text), number) {
			if o.how == youngperson.Previous {
				return "YoungPersonsID elsewhere " + o.text
			}
			return o.how + " " + o.text
		}
	}
	return "YoungPersonsID " + number
}

func untilWords(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return ", until " + d.Words()
}
