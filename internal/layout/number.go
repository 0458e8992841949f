package layout

import (
	"strings"

	"waymark/internal/nccis"
)

// outcome is what cleaning made of one cell.
type outcome struct {
	value string
	// code and words say what is wrong, or what was mended; "" where nothing is.
	code, words   string
	fatal, mended bool
	// quiet says that the cell counts as empty without a word: a placeholder.
	quiet bool
	// more are further values that the cell holds.
	more [3]extra
	// lines are the middle lines of a whole address.
	lines []string
	// translation is the code that the words became; translated says there is one.
	translation Translation
	translated  bool
}

type extra struct {
	item  Item
	value string
}

func wrong(code, words string) outcome { return outcome{code: code, words: words} }

func mended(value, code, words string) outcome {
	return outcome{value: value, code: code, words: words, mended: true}
}

const lostDigits = "The spreadsheet has shortened this number and its last figures are gone. Give the column the format Number without decimals, or Text, put the numbers in again from your system and save the file anew."

// cleanULN reads a unique learner number.
func cleanULN(s string) outcome {
	if nccis.ValidULN(s) {
		return outcome{value: s}
	}
	if isExponent(s) {
		return wrong("uln-lost-digits", lostDigits)
	}
	signs := lettersAndDigits(strings.TrimSuffix(strings.TrimSuffix(s, ".00"), ".0"))
	switch {
	case nccis.TemporaryULN(signs) || signs == "" || oneSign(signs):
		return outcome{quiet: true}
	case nccis.ValidULN(signs):
		return outcome{value: signs}
	}
	if fixed := figuresFor(signs); fixed != signs && nccis.ValidULN(fixed) {
		return mended(fixed, "uln-mended", "A letter stood in place of a figure (O for 0, I for 1); with the figure the check digit fits, and so it was read.")
	}
	if nccis.ValidUPN(signs) {
		return wrong("wrong-column", "This is a unique pupil number, not a unique learner number. Look whether the cells of this row have moved.")
	}
	if len(signs) == 10 && allDigits(signs) {
		return wrong("uln-check-digit", "The check digit does not fit, so that one of the figures is wrong. Look the number up in your system; the rest of the row is used.")
	}
	return wrong("uln-form", "A unique learner number has ten figures. Look the number up in your system; the rest of the row is used.")
}

// cleanUPN reads a unique pupil number.
func cleanUPN(s string) outcome {
	if nccis.ValidUPN(s) {
		return outcome{value: s}
	}
	if isExponent(s) {
		return wrong("upn-lost-digits", lostDigits)
	}
	signs := lettersAndDigits(s)
	switch {
	case signs == "" || oneSign(signs) || len(signs) == 3 && strings.HasPrefix(signs, "UN"): // UN1 to UN5: a reason for having none
		return outcome{quiet: true}
	case nccis.ValidUPN(signs):
		return outcome{value: signs}
	}
	if len(signs) == 13 {
		for _, tail := range []string{signs[12:], figuresFor(signs[12:])} {
			if fixed := signs[:1] + figuresFor(signs[1:12]) + tail; fixed != signs && nccis.ValidUPN(fixed) {
				return mended(fixed, "upn-mended", "A letter stood in place of a figure (O for 0, I or L for 1, S for 5); with the figure the check letter fits, and so it was read.")
			}
		}
		return wrong("upn-check-letter", "The check letter does not fit, so that one of the signs is wrong. Look the number up in your system; the rest of the row is used.")
	}
	if nccis.ValidULN(signs) {
		return wrong("wrong-column", "This is a unique learner number, not a unique pupil number. Look whether the cells of this row have moved.")
	}
	if len(signs) == 12 && allDigits(signs) {
		return wrong("upn-no-letter", "The letter at the beginning is missing. Look the number up in your system; the rest of the row is used.")
	}
	return wrong("upn-form", "A unique pupil number is a letter and twelve figures. Look the number up in your system; the rest of the row is used.")
}

// figuresFor puts figures for the letters that are taken for them.
func figuresFor(s string) string {
	return strings.NewReplacer("O", "0", "Q", "0", "I", "1", "L", "1", "S", "5", "Z", "2", "B", "8").Replace(s)
}

func oneSign(s string) bool { return len(s) > 0 && strings.Count(s, s[:1]) == len(s) }

// cleanDigits reads a number of so many figures: an establishment, a year group.
func cleanDigits(item Item, s string) outcome {
	a := &items[item]
	if allDigits(s) && len(s) >= a.min && len(s) <= a.max && (item != SchoolNumber || len(s) == 7) {
		return outcome{value: shorter(item, s)}
	}
	if isExponent(s) {
		return wrong("number-lost-digits", lostDigits)
	}
	signs := lettersAndDigits(strings.TrimSuffix(strings.TrimSuffix(s, ".00"), ".0"))
	if item == YearGroup || item == OutCode {
		signs = figuresOf(signs)
	}
	switch {
	case signs == "" || item == SchoolNumber && (len(signs) == 5 || len(signs) == 6):
		return wrong("number-form", "This is no "+a.words+". Look it up; the rest of the row is used.")
	case allDigits(signs) && oneSign(signs) && signs[0] == '0':
		return outcome{quiet: true}
	case allDigits(signs) && len(signs) >= a.min && len(signs) <= a.max:
		return outcome{value: shorter(item, signs)}
	case item == YoungPersonsID && allDigits(signs) && len(signs) >= 11 && len(signs) < 13:
		return mended(strings.Repeat("0", 13-len(signs))+signs, "number-nought", "The noughts at the beginning had been lost; it was read with them.")
	case item == LACode && allDigits(signs) && len(signs) < 3:
		return outcome{value: strings.Repeat("0", 3-len(signs)) + signs}
	case item == LACode && !allDigits(signs):
		return wrong("la-name", "This names an authority and not its code of three figures. Give the code; the rest of the row is used.")
	}
	return wrong("number-form", "This has not the form of a "+a.words+". Look it up; the rest of the row is used.")
}

// shorter takes the nought in front of a year group or an outcome code away.
func shorter(item Item, s string) string {
	if item == YearGroup || item == OutCode {
		if t := strings.TrimLeft(s, "0"); t != "" {
			return t
		}
	}
	return s
}

// figuresOf are the first figures in the text: 11 of "Year 11B".
func figuresOf(s string) string {
	from := strings.IndexAny(s, "0123456789")
	if from < 0 {
		return ""
	}
	to := from
	for to < len(s) && s[to] >= '0' && s[to] <= '9' {
		to++
	}
	return s[from:to]
}

// cleanAmount reads a figure used for risk alone: a percentage, a count, a
// grade. fraction says that the column writes 93.5 per cent as 0.935.
func cleanAmount(item Item, s string, fraction bool) outcome {
	switch item {
	case KS4English, KS4Maths:
		grade := strings.ToUpper(s)
		if len(grade) <= 3 && grade != "" {
			return outcome{value: grade}
		}
		if f := figuresOf(grade); f != "" && strings.Contains(grade, "GRADE") {
			return outcome{value: f}
		}
		return wrong("grade-form", "This is no grade. Write it as 9 to 1, U, or the letter; the rest of the row is used.")
	}
	if item == DaysExcluded || item == SessionsExcluded {
		s = withoutUnit(s)
	}
	figure := strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(s, ",", "."), "%"))
	whole, part, _ := strings.Cut(figure, ".")
	if whole == "" {
		whole = "0"
	}
	if !allDigits(whole) || part != "" && !allDigits(part) || len(whole) > 4 {
		return wrong("amount-form", "This is no figure. Write figures alone; the rest of the row is used.")
	}
	if item == Attendance {
		if fraction && !strings.HasSuffix(s, "%") {
			part += "00"
			whole, part = whole+part[:2], part[2:]
		}
		if n := strings.TrimLeft(whole, "0"); len(n) > 3 || len(n) == 3 && n != "100" {
			return wrong("attendance-range", "Attendance is more than 100 per cent. Look the figure up; the rest of the row is used.")
		}
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if part = strings.TrimRight(part, "0"); part != "" {
		whole += "." + part
	}
	return outcome{value: whole}
}

// withoutUnit is "2.5" of "2.5 days" and of "5 school days".
func withoutUnit(s string) string {
	s = strings.TrimSpace(s)
	for _, unit := range []string{"days", "day", "sessions", "session", "school"} {
		if rest := len(s) - len(unit); rest > 0 && strings.EqualFold(s[rest:], unit) {
			s = strings.TrimSpace(s[:rest])
		}
	}
	return s
}
