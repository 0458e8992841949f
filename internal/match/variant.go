package match

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

//go:embed variant.csv
var variantFile string

// Variants is the table of given names that stand for each other: short forms
// (Bob, Robert), spellings (Mohammed, Muhammad) and the forms of other languages
// (Piotr, Peter). A name may stand in several groups: Alex in that of Alexander
// and in that of Alexandra, which are not each other's.
type Variants struct {
	groups map[string][]uint32 // folded name: the groups it stands in
	names  [][]string          // group: its folded names, the fullest first
	origin []string            // group: where the names come from
}

// NewVariants reads the table that is built in, variant.csv.
func NewVariants() (*Variants, error) { return readVariants(variantFile) }

// readVariants reads a table of the columns origin and names, the names of a
// group parted by spaces and the fullest first.
func readVariants(text string) (*Variants, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("match: variant.csv: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], []string{"origin", "names"}) {
		return nil, fmt.Errorf("match: variant.csv line 1: the columns are not origin,names")
	}
	v := &Variants{groups: map[string][]uint32{}}
	for i, row := range rows[1:] {
		group := uint32(len(v.names))
		var names []string
		for _, written := range strings.Fields(row[1]) {
			name := Fold(written)
			if name == "" {
				return nil, fmt.Errorf("match: variant.csv line %d: %q is not a name", i+2, written)
			}
			if slices.Contains(names, name) {
				continue
			}
			names = append(names, name)
			v.groups[name] = append(v.groups[name], group)
		}
		v.names = append(v.names, names)
		v.origin = append(v.origin, row[0])
	}
	return v, nil
}

// Same says that the two folded names stand in one group.
func (v *Variants) Same(a, b string) bool {
	for _, g := range v.groups[a] {
		if slices.Contains(v.groups[b], g) {
			return true
		}
	}
	return false
}

// Of are the other forms of a folded name, without the name itself.
func (v *Variants) Of(name string) []string {
	var forms []string
	for _, g := range v.groups[name] {
		for _, other := range v.names[g] {
			if other != name && !slices.Contains(forms, other) {
				forms = append(forms, other)
			}
		}
	}
	return forms
}

// canonical is the fullest name of the first group that the folded name stands
// in, or the name itself: what short forms share in a blocking key.
func (v *Variants) canonical(name string) string {
	if g := v.groups[name]; len(g) > 0 {
		return v.names[g[0]][0]
	}
	return name
}
