package reference

import (
	"fmt"
	"slices"
	"strings"
)

// areas are those to which a postcode directory or the wards are narrowed: none
// is everywhere.
type areas struct {
	// codes begin those of councils: "E08" is every metropolitan district.
	codes []string
	// posts are postcode areas ("CH") or districts ("CH41").
	posts []string
}

// parseAreas reads areas as they are typed: codes of the Office for National
// Statistics or their beginnings (E08, E06000001), postcode areas (CH) and
// districts (CH41), with commas or blanks between. said is how they are stored.
func parseAreas(text string) (a areas, said string, err error) {
	words := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	slices.Sort(words)
	words = slices.Compact(words)
	for _, w := range words {
		switch letters := len(w) - len(strings.TrimLeft(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")); {
		case letters == 1 && digits(w[1:], 2, 8) && (w[1] == '0' || len(w) >= 5):
			a.codes = append(a.codes, w)
		case letters >= 1 && letters <= 2 && len(w) <= 4 && plainPost(w):
			a.posts = append(a.posts, w)
		default:
			return a, "", refuse(fmt.Sprintf("%q is no area: write the beginning of councils' codes (E08, E06000001) or postcode areas and districts (CH, CH41), with commas between.", cut(w)))
		}
	}
	return a, strings.Join(words, ","), nil
}

func plainPost(w string) bool {
	return strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func (a areas) everywhere() bool { return len(a.codes) == 0 && len(a.posts) == 0 }

// keep says that a postcode with a council and a first half lies in the areas.
func (a areas) keep(council, out string) bool {
	if a.everywhere() {
		return true
	}
	for _, c := range a.codes {
		if strings.HasPrefix(council, c) {
			return true
		}
	}
	for _, p := range a.posts {
		if out == p || strings.HasPrefix(out, p) && len(p) < len(out) && !digits(p[len(p)-1:], 1, 1) && digits(out[len(p):len(p)+1], 1, 1) {
			return true
		}
	}
	return false
}
