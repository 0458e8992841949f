package report

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"waymark/internal/nccis"
)

// kind is what people are grouped by.
type kind int

// The kinds. Those before fixedKinds are named as they come in the facts.
const (
	wardKind kind = iota
	schoolKind
	adviserKind
	ethnicityKind
	kinds
)

var kindWords = [kinds]string{"ward", "school", "adviser", "ethnicity"}

// naming gives a number to each ward, school, adviser and ethnic code met.
// Number 0 is "not known".
type naming struct {
	mu      sync.RWMutex
	numbers [kinds]map[string]uint32
	keys    [kinds][]string
	labels  [kinds][]string
}

const notKnownKey = "not known"

func newNaming() *naming {
	n := &naming{}
	for k := range kinds {
		n.numbers[k] = map[string]uint32{"": 0, notKnownKey: 0}
		n.keys[k], n.labels[k] = []string{notKnownKey}, []string{notKnownKey}
	}
	return n
}

// most is how many names of a kind there can be: the room that State has.
func (k kind) most() int {
	if k == schoolKind {
		return 1<<31 - 1
	}
	return 1<<16 - 1
}

func (n *naming) number(k kind, key, label string) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, ok := n.numbers[k][key]; ok {
		return i
	}
	if len(n.keys[k]) > k.most() {
		return 0
	}
	if label == "" {
		label = key
	}
	i := uint32(len(n.keys[k]))
	n.numbers[k][strings.Clone(key)] = i
	n.keys[k], n.labels[k] = append(n.keys[k], key), append(n.labels[k], label)
	return i
}

func (n *naming) find(k kind, key string) (uint32, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	i, ok := n.numbers[k][key]
	return i, ok
}

// Group names some of the cohort, as the tidy table writes it: "all", "age:16",
// "sex:F", "ethnicity:WBRI", "send:ehcp", "vulnerable", "ward:CH41",
// "school:3414001", "adviser:…", and for the September Guarantee "year11" and
// "year12".
type Group string

// All is everybody counted, of academic age 16 and 17.
const All Group = "all"

// AdviserWithoutAccount says that the group is the people of an adviser who has
// no account: its key stands for their name and can be asked of the figures
// alone.
func (g Group) AdviserWithoutAccount() bool {
	return g.Kind() == "adviser" && strings.HasPrefix(g.Key(), withoutAccount)
}

// Kind is what stands before the colon: "ward" of "ward:CH41".
func (g Group) Kind() string {
	before, _, _ := strings.Cut(string(g), ":")
	if before == "year11" || before == "year12" {
		return "year"
	}
	return before
}

// Key is what stands after the colon, "" where there is none.
func (g Group) Key() string {
	_, after, _ := strings.Cut(string(g), ":")
	return after
}

// GroupKinds are the kinds of groups, in the order of the tidy table.
func GroupKinds() []string {
	return []string{"all", "age", "year", "sex", "ethnicity", "send", "vulnerable", "ward", "school", "adviser"}
}

// KindInWords heads a table by groups of the kind.
func KindInWords(kind string) string {
	switch kind {
	case "age":
		return "Academic age"
	case "year":
		return "Guarantee year"
	case "sex":
		return "Sex"
	case "ethnicity":
		return "Ethnic group"
	case "send":
		return "Special needs (SEND)"
	case "vulnerable":
		return "Vulnerable group"
	case "ward":
		return "Postcode district"
	case "school":
		return "School or college"
	case "adviser":
		return "Adviser"
	}
	return "Everybody"
}

// BadGroup says that a group cannot be asked for.
type BadGroup struct{ Group Group }

func (e BadGroup) Error() string {
	return fmt.Sprintf("%q is no group to count by: choose all, age:16, sex:F, ethnicity:WBRI, send:ehcp, send:support, send:none, vulnerable, ward:…, school:… or adviser:…", string(e.Group))
}

// dense gives each group of a register a place in one table of counts, so that
// counting looks nothing up.
type dense struct {
	names *naming
	start [kinds]int
	size  int
}

// The places of the fixed groups; the named ones follow.
const (
	allPlace    = 0
	agePlace    = 1             // 16, 17, 18
	yearPlace   = agePlace + 3  // year11, year12
	sexPlace    = yearPlace + 2 // as sexWords
	sendPlace   = sexPlace + 5  // as sendWords
	needPlace   = sendPlace + 3 // vulnerable
	fixedPlaces = needPlace + 1
)

func newDense(n *naming) *dense {
	n.mu.RLock()
	defer n.mu.RUnlock()
	d := &dense{names: n, size: fixedPlaces}
	for k := range kinds {
		d.start[k] = d.size
		d.size += len(n.keys[k])
	}
	return d
}

// places appends the places of the groups that a state belongs to. wanted says
// by which kinds to group.
func (d *dense) places(s *State, wanted *wanted, out []int32) []int32 {
	if s.Age == 18 {
		if wanted.age {
			out = append(out, agePlace+2)
		}
		return out
	}
	out = append(out, allPlace)
	if wanted.age && s.Age > youngest {
		out = append(out, int32(agePlace+int(s.Age)-16))
	}
	if wanted.year && s.Facets&Guaranteed != 0 {
		if s.Facets&NodeYear12 != 0 {
			out = append(out, yearPlace+1)
		} else {
			out = append(out, yearPlace)
		}
	}
	if wanted.sex {
		out = append(out, int32(sexPlace+int(s.Sex)))
	}
	if wanted.send {
		out = append(out, int32(sendPlace+int(s.SEND)))
	}
	if wanted.vulnerable && s.InNeed {
		out = append(out, needPlace)
	}
	for k, n := range [kinds]uint32{uint32(s.Ward), s.School, uint32(s.Adviser), uint32(s.Ethnicity)} {
		if wanted.named[k] {
			out = append(out, int32(d.start[k])+int32(n))
		}
	}
	return out
}

// wanted are the kinds of groups asked for.
type wanted struct {
	age, year, sex, send, vulnerable bool
	named                            [kinds]bool
}

func wantedOf(list []string) *wanted {
	has := func(kind string) bool { return len(list) == 0 || slices.Contains(list, kind) }
	w := &wanted{age: has("age"), year: has("year"), sex: has("sex"), send: has("send"), vulnerable: has("vulnerable")}
	for k, word := range kindWords {
		w.named[k] = has(word)
	}
	return w
}

// group is the name of a place, and its label for people.
func (d *dense) group(place int, e *nccis.Edition) (Group, string) {
	switch {
	case place == allPlace:
		return All, "Everybody"
	case place < yearPlace:
		age := fmt.Sprint(16 + place - agePlace)
		return Group("age:" + age), "Academic age " + age
	case place < sexPlace:
		year := fmt.Sprint(11 + place - yearPlace)
		return Group("year" + year), "End of Year " + year
	case place < sendPlace:
		key := sexWords[place-sexPlace]
		return Group("sex:" + key), sexLabel(e, key)
	case place < needPlace:
		key := sendWords[place-sendPlace]
		return Group("send:" + key), map[string]string{"none": "No special educational needs", "ehcp": "Education, health and care plan", "support": "SEN support"}[key]
	case place < fixedPlaces:
		return "vulnerable", "Vulnerable group"
	}
	k := kinds - 1
	for place < d.start[k] {
		k--
	}
	d.names.mu.RLock()
	defer d.names.mu.RUnlock()
	key, label := d.names.keys[k][place-d.start[k]], d.names.labels[k][place-d.start[k]]
	if k == ethnicityKind {
		label = e.Label(nccis.Ethnicities, key)
	}
	if key == notKnownKey {
		label = "Not known"
	}
	return Group(kindWords[k] + ":" + key), label
}

// label is what a group is called for people, its own name where nobody ever was
// in it.
func (d *dense) label(g Group, e *nccis.Edition) string {
	for place := range fixedPlaces {
		if one, label := d.group(place, e); one == g {
			return label
		}
	}
	if k := kind(slices.Index(kindWords[:], g.Kind())); k >= 0 {
		if i, ok := d.names.find(k, g.Key()); ok {
			_, label := d.group(d.start[k]+int(i), e)
			return label
		}
	}
	return g.Key()
}

func sexLabel(e *nccis.Edition, key string) string {
	if key == sexWords[sexNotSaid] {
		return "Not known"
	}
	return e.Label(nccis.Genders, key)
}

// filter keeps the states of some groups: of several of one kind any, of
// several kinds each.
type filter struct {
	kinds []func(*State) bool
	// nobody is true where a group was named that nobody ever was in.
	nobody []Group
}

func (f *filter) keeps(s *State) bool {
	for _, keep := range f.kinds {
		if !keep(s) {
			return false
		}
	}
	return true
}

func newFilter(groups []Group, names *naming) (*filter, error) {
	f := &filter{}
	byKind := map[string][]func(*State) bool{}
	var order []string
	for _, g := range groups {
		if g == All {
			continue
		}
		keep, known, err := g.keep(names)
		if err != nil {
			return nil, err
		}
		if !known {
			f.nobody = append(f.nobody, g)
		}
		if byKind[g.Kind()] == nil {
			order = append(order, g.Kind())
		}
		byKind[g.Kind()] = append(byKind[g.Kind()], keep)
	}
	for _, k := range order {
		anyOf := byKind[k]
		f.kinds = append(f.kinds, func(s *State) bool {
			for _, keep := range anyOf {
				if keep(s) {
					return true
				}
			}
			return false
		})
	}
	return f, nil
}

// keep is the condition of the group. known is false where the name is one
// that nobody ever had.
func (g Group) keep(names *naming) (keep func(*State) bool, known bool, err error) {
	key := g.Key()
	at := func(words []string) int { return slices.Index(words, key) }
	switch g.Kind() {
	case "age":
		age := slices.Index([]string{"16", "17", "18"}, key) + 16
		if age >= 16 {
			return func(s *State) bool { return int(s.Age) == age }, true, nil
		}
	case "year":
		year12 := g == "year12"
		return func(s *State) bool { return s.Facets&Guaranteed != 0 && (s.Facets&NodeYear12 != 0) == year12 }, true, nil
	case "sex":
		if i := at(sexWords); i >= 0 {
			return func(s *State) bool { return int(s.Sex) == i }, true, nil
		}
	case "send":
		if i := at(sendWords); i >= 0 {
			return func(s *State) bool { return int(s.SEND) == i }, true, nil
		}
	case "vulnerable":
		if key == "" {
			return func(s *State) bool { return s.InNeed }, true, nil
		}
	default:
		k := kind(slices.Index(kindWords[:], g.Kind()))
		if k < 0 || key == "" {
			break
		}
		i, known := names.find(k, key)
		return func(s *State) bool { return known && s.named(k) == i }, known, nil
	}
	return nil, false, BadGroup{g}
}

// named is the number of the person's ward, school, adviser or ethnic code.
func (s *State) named(k kind) uint32 {
	switch k {
	case wardKind:
		return uint32(s.Ward)
	case schoolKind:
		return s.School
	case adviserKind:
		return uint32(s.Adviser)
	}
	return uint32(s.Ethnicity)
}
