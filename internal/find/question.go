package find

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"waymark/internal/civil"
	"waymark/internal/id"
)

// longest is how many letters of what was typed are looked for: nobody's name,
// birth date, postcode and school together are longer.
const longest = 200

// Question is what somebody typed into the box, read once.
type Question struct {
	// Typed is it as typed, up to as much as is looked for.
	Typed string
	// Cut says that more was typed than is looked for.
	Cut bool
	// Born is the birth date in it, if there is one.
	Born civil.Date
	// NoDay is what is written like a birth date and is no day: 31 2 2009.
	NoDay string
	// KnownOn asks for whom the register knew at the end of a day, and by what;
	// no date is now. Whoever asks sets it.
	KnownOn civil.Date
	// text is what match looks for: dates as 2009-03-27, numbers in one piece.
	text string
	// ref is the reference of a record, where that was pasted.
	ref id.Ref
}

// Ask reads what was typed.
func Ask(typed string) Question {
	q := Question{Typed: strings.Join(strings.Fields(strings.ToValidUTF8(typed, "")), " ")}
	if letters := []rune(q.Typed); len(letters) > longest {
		q.Typed, q.Cut = strings.TrimSpace(string(letters[:longest])), true
	}
	last := q.Typed[strings.LastIndexByte(q.Typed, '/')+1:]
	if ref := id.Ref(strings.ToLower(last)); ref.Valid() && !strings.Contains(last, " ") {
		q.ref = ref
		return q
	}
	words := strings.FieldsFunc(q.Typed, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	var out []string
	for i := 0; i < len(words); {
		if d, n := dateAt(words[i:]); n > 0 {
			q.Born = d
			out = append(out, d.String())
			i += n
			continue
		}
		if n := noDayAt(words[i:]); n > 0 && q.NoDay == "" {
			q.NoDay = strings.Join(words[i:i+n], " ")
		}
		if number, n := numberAt(words[i:]); n > 1 {
			out = append(out, number)
			i += n
			continue
		}
		out = append(out, tidy(words[i]))
		i++
	}
	q.text = strings.TrimSpace(strings.Join(out, " "))
	return q
}

// tidy writes a word as match reads it: what is neither a letter nor a digit at
// its ends is gone, and postcodes and numbers are in capitals.
func tidy(w string) string {
	w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) })
	if strings.ContainsAny(w, "0123456789") {
		return strings.ToUpper(w)
	}
	return w
}

// Empty says that nothing was asked: no letter and no digit.
func (q Question) Empty() bool { return q.text == "" && q.ref == "" }

// dateAt is the date that the words begin with, and how many of them it takes:
// 27 3 2009, 27/03/09, 2009-03-27, 27.3.2009, 27 March 2009, 27th of March 2009,
// March 27 2009, 27mar2009 and 27032009. The day comes before the month, as it
// does here.
func dateAt(words []string) (civil.Date, int) {
	for n := min(4, len(words)); n > 0; n-- {
		if d, ok := readDate(strings.Join(words[:n], " ")); ok {
			return d, n
		}
	}
	return civil.Date{}, 0
}

// noDayAt is how many of the words are written like a date with a year of four
// digits; the caller has seen that they are no day.
func noDayAt(words []string) int {
	short := func(s string) bool { return len(s) <= 2 && strings.Trim(s, "0123456789") == "" }
	for n := min(3, len(words)); n > 0; n-- {
		parts := splitDate(strings.Join(words[:n], " "))
		if len(parts) != 3 {
			continue
		}
		if len(parts[0]) == 4 {
			parts[0], parts[2] = parts[2], parts[0]
		}
		if monthNamed(parts[0]) > 0 {
			parts[0], parts[1] = parts[1], parts[0]
		}
		if year := parts[2]; len(year) == 4 && year >= "1950" && year < "2100" && short(parts[0]) && (short(parts[1]) || monthNamed(parts[1]) > 0) {
			return n
		}
	}
	return 0
}

func readDate(s string) (civil.Date, bool) {
	if len(s) == 8 && strings.Trim(s, "0123456789") == "" {
		if d, ok := dateOf(s[:2], s[2:4], s[4:]); ok {
			return d, true
		}
		return dateOf(s[6:], s[4:6], s[:4])
	}
	var parts []string
	for _, p := range splitDate(s) {
		if p = strings.ToLower(p); p != "of" && (len(parts) == 0 || p != "st" && p != "nd" && p != "rd" && p != "th") {
			parts = append(parts, p)
		}
	}
	if len(parts) != 3 {
		return civil.Date{}, false
	}
	if monthNamed(parts[0]) > 0 {
		parts[0], parts[1] = parts[1], parts[0]
	}
	if len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	return dateOf(parts[0], parts[1], parts[2])
}

// splitDate parts digits from letters and drops what stands between, if that is
// something that people write between the parts of a date; else it is no date.
func splitDate(s string) []string {
	var parts []string
	kind := 0
	for _, r := range s {
		next := 0
		switch {
		case r >= '0' && r <= '9':
			next = 1
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			next = 2
		case !strings.ContainsRune(" /-.", r):
			return nil
		}
		if next != 0 && next == kind {
			parts[len(parts)-1] += string(r)
		} else if next != 0 {
			parts = append(parts, string(r))
		}
		kind = next
	}
	return parts
}

// dateOf is the day of a year of two or four digits; two are of this century,
// because nobody in a register was born in the last one but its oldest, who are
// looked for with four.
func dateOf(day, month, year string) (civil.Date, bool) {
	d, err := strconv.Atoi(day)
	y, err2 := strconv.Atoi(year)
	m := monthNamed(month)
	if n, err := strconv.Atoi(month); err == nil && len(month) <= 2 {
		m = time.Month(n)
	}
	if err != nil || err2 != nil || m < 1 || m > 12 || len(day) > 2 || (len(year) != 2 && len(year) != 4) {
		return civil.Date{}, false
	}
	if len(year) == 2 {
		y += 2000
	}
	if y < 1950 || y > 2099 {
		return civil.Date{}, false
	}
	return civil.New(y, m, d)
}

func monthNamed(s string) time.Month {
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if s = strings.ToLower(s); s == name || s == name[:3] || (m == time.September && s == "sept") {
			return m
		}
	}
	return 0
}

// numberAt is the ULN (10 digits) or YoungPersonsID (13) that the words begin
// with, where it was typed in groups: 991 0000000001.
func numberAt(words []string) (string, int) {
	joined, best, n := "", "", 0
	for i, w := range words {
		if strings.Trim(w, "0123456789") != "" || len(joined)+len(w) > 13 {
			break
		}
		if joined += w; len(joined) == 10 || len(joined) == 13 {
			best, n = joined, i+1
		}
	}
	return best, n
}

// Words repeat the question, so that a slip of the finger shows.
func (q Question) Words() string {
	words := "“" + q.Typed + "”"
	if !q.Born.IsZero() {
		words += fmt.Sprintf(" (%s read as a birth date)", q.Born.Words())
	}
	return words
}
