package layout

import (
	"slices"
	"strings"
	"unicode"
)

const (
	twoPeople = "There seem to be two people in one cell. Give each person a row."
	aFormula  = "This cell holds a formula in place of a name. Type the name itself, or copy the column and paste it as values."
)

// cleanName reads one part of a name.
func cleanName(item Item, s string) outcome {
	if simpleName(s) {
		return outcome{value: s}
	}
	s, note := outOfFormula(s)
	if note != "" && s == "" {
		return outcome{code: "formula", words: aFormula}
	}
	if o, bad := notAName(s); bad {
		return o
	}
	o := outcome{}
	s, o.more[0] = inBrackets(item, s)
	if o2, two := twoNames(s); two {
		return o2
	}
	if item == Given || item == KnownAs || item == Family {
		s = withoutTitle(s)
	}
	if o.value = inSmallLetters(strings.Trim(s, " ,.*")); o.value == "" {
		return outcome{quiet: true}
	}
	if note != "" {
		o.code, o.words, o.mended = "formula", note, true
	}
	return o
}

// simpleName says that there is nothing to do: letters of which some are small,
// or a single letter, with hyphens and apostrophes.
func simpleName(s string) bool {
	small := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			small = true
		case c >= 'A' && c <= 'Z', c == '-' && i > 0, c == '\'' && i > 0:
		default:
			return false
		}
	}
	return small && s[0] <= 'Z' || len(s) == 1
}

// outOfFormula takes the text out of ="Ana", and says so; any other formula
// gives no text at all.
func outOfFormula(s string) (text, note string) {
	if s == "" || !strings.ContainsRune("=@+\t", rune(s[0])) && !(s[0] == '-' && len(s) > 1 && (s[1] == '=' || s[1] == '+' || isASCIILetter(s[1]))) {
		if bare := undefused(s); bare != s {
			return outOfFormula(bare)
		}
		return s, ""
	}
	inner := strings.TrimSpace(strings.TrimLeft(s, "=@+-"))
	if len(inner) >= 2 && inner[0] == '"' && inner[len(inner)-1] == '"' && strings.Count(inner, `"`) == 2 {
		inner = strings.TrimSpace(inner[1 : len(inner)-1])
		if !strings.ContainsAny(inner, "=@+(!|") {
			return inner, "The cell held a formula that gives a text; the text was used."
		}
	}
	for _, r := range inner {
		if !unicode.IsLetter(r) && r != ' ' && r != '-' && r != '\'' {
			return "", "refused"
		}
	}
	return inner, "The cell began with a sign as formulas do; it was read as text without the sign."
}

// undefused takes the apostrophe away with which spreadsheets mark a text that
// would else be a formula or a number; that of 't Hooft stays.
func undefused(s string) string {
	for len(s) > 1 && s[0] == '\'' && strings.ContainsRune("'=+-@0123456789", rune(s[1])) {
		s = s[1:]
	}
	return s
}

// notAName finds what belongs in another column, and figures within a name.
func notAName(s string) (outcome, bool) {
	if strings.HasPrefix(s, "#") {
		return wrong("sheet-error", "The spreadsheet shows an error in this cell. Type the name itself."), true
	}
	if strings.Contains(s, "@") || countDigits(s) > 0 {
		switch sh := shapeOf(s); sh {
		case emailShape, dateShape, postcodeShape, upnShape, ulnShape, phoneShape, serialShape, longShape, ypidShape, addressText:
			return wrong("wrong-column", "This belongs in another column: it is no name. Look whether the cells of this row have moved."), true
		}
		return wrong("name-figures", "There are figures in this name, so that it was not used. Mend the name."), true
	}
	if countLetters(s) == 0 {
		return outcome{quiet: true}, true
	}
	return outcome{}, false
}

// inBrackets takes what stands in brackets or quotation marks, or behind words
// such as née and known as, for another name of the same person.
func inBrackets(item Item, s string) (string, extra) {
	other := KnownAs
	if item == Family {
		other = FormerFamily
	}
	lower := strings.ToLower(s)
	for _, word := range []string{" known as ", " née ", " nee ", " formerly ", " aka ", " a.k.a. ", " previously ", " k/a "} {
		if at := strings.Index(lower, word); at > 0 && len(lower) == len(s) {
			rest := strings.Trim(s[at+len(word):], " ()\"'.,")
			return strings.TrimRight(s[:at], " ("), extra{other, inSmallLetters(rest)}
		}
	}
	for _, pair := range []string{"()", "[]", `""`, "“”", "‘’"} {
		open, shut := string([]rune(pair)[0]), string([]rune(pair)[1])
		from := strings.Index(s, open)
		if from < 0 {
			continue
		}
		to := strings.Index(s[from+len(open):], shut)
		if to < 0 {
			continue
		}
		inner := strings.TrimSpace(s[from+len(open) : from+len(open)+to])
		rest := tidy(s[:from] + " " + s[from+len(open)+to+len(shut):])
		for _, word := range []string{"known as ", "née ", "nee ", "formerly ", "aka ", "prev ", "previously "} {
			if len(inner) > len(word) && strings.EqualFold(inner[:len(word)], word) {
				inner = inner[len(word):]
			}
		}
		if rest == "" {
			return inner, extra{}
		}
		if countLetters(inner) > 0 && !strings.ContainsAny(inner, "0123456789/") && strings.Count(inner, " ") <= 1 {
			return rest, extra{other, inSmallLetters(inner)}
		}
		return rest, extra{}
	}
	return s, extra{}
}

// twoNames finds two people in one cell.
func twoNames(s string) (outcome, bool) {
	lower := " " + strings.ToLower(s) + " "
	for _, between := range []string{"&", "/", "+", ";", "|", " and ", " og ", "\\"} {
		if at := strings.Index(lower, between); at > 1 && countLetters(lower[:at]) > 0 && countLetters(lower[at+len(between):]) > 0 {
			return outcome{code: "two-people", words: twoPeople, fatal: true}, true
		}
	}
	return outcome{}, false
}

// withoutTitle takes Mr, Ms and their like from before a name.
func withoutTitle(s string) string {
	first, rest, found := strings.Cut(s, " ")
	if !found {
		return s
	}
	switch strings.ToLower(strings.TrimRight(first, ".")) {
	case "mr", "mrs", "ms", "miss", "mx", "dr", "master", "sir":
		return rest
	}
	return s
}

// inSmallLetters writes a name that stands wholly in capitals, or wholly in
// small letters, as names are written. Names of one or two letters stay, and so
// does every name that mixes the two.
func inSmallLetters(s string) string {
	upper, lower := false, false
	for _, r := range s {
		upper = upper || unicode.IsUpper(r)
		lower = lower || unicode.IsLower(r)
	}
	if upper && lower {
		return capitalsAmongParticles(s)
	}
	if countLetters(s) < 2 || countLetters(s) == 2 && !strings.ContainsAny(s, "AEIOUYaeiouy") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	start := true
	letters := 0
	for _, r := range s {
		if start {
			b.WriteRune(unicode.ToUpper(r))
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		if unicode.IsLetter(r) {
			letters++
			start = false
		} else {
			// O'Neill, but not Ana's: an apostrophe begins a name after one letter.
			start = r != '\'' && r != '’' || letters == 1
			letters = 0
		}
	}
	return b.String()
}

// capitalsAmongParticles writes de WINTERBOURNE as de Winterbourne, and leaves
// every other mixture as it stands.
func capitalsAmongParticles(s string) string {
	words := strings.Split(s, " ")
	if len(words) < 2 {
		return s
	}
	for i, w := range words {
		switch {
		case strings.ToLower(w) == w && isParticle(w):
		case strings.ToUpper(w) == w && countLetters(w) > 2:
			words[i] = inSmallLetters(w)
		default:
			return s
		}
	}
	return strings.Join(words, " ")
}

// particles begin a family name of several words.
var particles = []string{"de", "da", "do", "dos", "das", "di", "del", "della", "der", "den", "van", "von", "la", "le", "al", "el", "bin", "binti", "bint", "ibn", "ben", "st", "st.", "saint",
	"mac", "ap", "ferch", "ter", "ten", "zu", "abu", "ul", "ur", "ud", "du", "o'"}

// fullName takes a whole name apart. familyFirst is that a name without a comma
// begins with the family name.
func fullName(s string, familyFirst bool) outcome {
	text, note := outOfFormula(s)
	if note != "" && text == "" {
		return outcome{code: "formula", words: aFormula}
	}
	if o, bad := notAName(text); bad {
		return o
	}
	var o outcome
	var known extra
	text, known = inBrackets(Given, text)
	if family, given, found := strings.Cut(text, ","); found && countLetters(given) > 0 {
		if two, is := twoNames(given); is {
			return two
		}
		given = withoutTitle(strings.Join(nameWords(given), " "))
		o.more = namesFrom(given, strings.Join(nameWords(family), " "))
	} else {
		if two, is := twoNames(text); is {
			return two
		}
		given, family := partName(nameWords(withoutTitle(strings.Trim(text, " ,"))), familyFirst)
		if given == "" || family == "" {
			return outcome{code: "name-one-word", words: "There is one word where a given name and a family name are expected. Give both."}
		}
		o.more = namesFrom(given, family)
	}
	if known.item != None && o.more[2].item == None {
		o.more[2] = known
	}
	if note != "" {
		o.code, o.words, o.mended = "formula", note, true
	}
	o.value = text
	return o
}

// nameWords are the words of a name; signs between and before them are none.
func nameWords(s string) []string {
	words := strings.Fields(s)
	for i, w := range words {
		for next := undefused(strings.TrimLeft(w, "-")); next != w; next = undefused(strings.TrimLeft(w, "-")) {
			w = next
		}
		words[i] = w
	}
	return slices.DeleteFunc(words, func(w string) bool { return countLetters(w) == 0 })
}

func namesFrom(given, family string) (more [3]extra) {
	first, rest, _ := strings.Cut(given, " ")
	more[0] = extra{Given, inSmallLetters(first)}
	more[1] = extra{Family, inSmallLetters(family)}
	if rest != "" {
		more[2] = extra{Middle, inSmallLetters(rest)}
	}
	return more
}

// partName parts the words of a name without a comma. Words in capitals among
// others are the family name: "OKAFOR Ada", "Ada OKAFOR".
func partName(words []string, familyFirst bool) (given, family string) {
	if len(words) < 2 {
		return "", ""
	}
	var capitals, others []string
	for _, w := range words {
		if countLetters(w) > 1 && strings.ToUpper(w) == w && strings.ToLower(w) != w {
			capitals = append(capitals, w)
		} else {
			others = append(others, w)
		}
	}
	if len(capitals) > 0 && len(others) > 0 {
		return strings.Join(others, " "), strings.Join(capitals, " ")
	}
	if familyFirst {
		at := 1
		for at < len(words)-1 && isParticle(words[at-1]) {
			at++
		}
		return strings.Join(words[at:], " "), strings.Join(words[:at], " ")
	}
	at := len(words) - 1
	for at > 1 && isParticle(words[at-1]) {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

func isParticle(w string) bool {
	for _, p := range particles {
		if strings.EqualFold(p, w) {
			return true
		}
	}
	return false
}
