package returns

import (
	"slices"
	"strings"
	"unicode"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/youngperson"
)

// Of the characters that checks 44 to 46 refuse (nccis.md 10.1), these stand
// in names by slips of typing, and leave the name whole when they go.
const slips = `/\:&*(){}[]"+=`

// standIns are typed, or made by a broken file, in the place of a letter. Next
// to a letter nobody can tell by rule which letter it was.
const standIns = `?@$!|`

func mendName(f nccis.Field) rule {
	return func(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
		old := p.LegalName(p.periodEnd)
		if old == nil {
			return nil, nil
		}
		next := old.Is
		part := &next.Given
		switch f {
		case nccis.FamilyName:
			part = &next.Family
		case nccis.MiddleName:
			part = &next.Middle
		}
		before := *part
		after, ok := plainName(before)
		if !ok || after == "" && f != nccis.MiddleName {
			return nil, nil
		}
		*part = after
		return edits(Edit{f, before, after}), replaced(p, youngperson.Names, old, next)
	}
}

// plainName writes a name without the characters that are not allowed: signs
// go, and a nought among letters is the letter O. ok is false where somebody
// has to look: another digit, a nought by itself, or a sign that may have been
// a letter.
func plainName(name string) (plain string, ok bool) {
	in := []rune(name)
	out := make([]rune, len(in))
	for i, c := range in {
		out[i] = c
		switch {
		case c == '0':
			if out[i], ok = nought(in, i); !ok {
				return "", false
			}
		case c >= '1' && c <= '9':
			return "", false
		case strings.ContainsRune(standIns, c):
			if i > 0 && unicode.IsLetter(in[i-1]) || i+1 < len(in) && unicode.IsLetter(in[i+1]) {
				return "", false
			}
			out[i] = ' '
		case strings.ContainsRune(slips, c):
			out[i] = ' '
		}
	}
	return strings.Join(strings.Fields(string(out)), " "), true
}

// nought is the letter that a 0 in a name stands for: a capital at the start
// of a word and among capitals.
func nought(name []rune, at int) (rune, bool) {
	before := nearest(slices.Backward(name[:at]))
	after := nearest(slices.All(name[at+1:]))
	switch {
	case before == 0 && after == 0:
		return 0, false
	case at == 0 || !unicode.IsLetter(name[at-1]) && name[at-1] != '0':
		return 'O', true
	case unicode.IsUpper(before) && unicode.IsUpper(after):
		return 'O', true
	}
	return 'o', true
}

// nearest is the first letter of the word, over noughts and apostrophes, and 0
// where the word has none there.
func nearest(way func(func(int, rune) bool)) rune {
	for _, c := range way {
		switch {
		case unicode.IsLetter(c):
			return c
		case c != '0' && c != '\'' && c != '’':
			return 0
		}
	}
	return 0
}
