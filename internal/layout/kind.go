package layout

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"waymark/internal/match"
)

//go:embed kinds.csv kind_item.csv heading.csv words.csv reason.csv
var files embed.FS

// How much a file says.
const (
	// Full: whoever was there last time and is not now has probably left.
	Full = "full"
	// Partial: says nothing of those whom it leaves out.
	Partial = "partial"
	// Leavers: a row with a leaving date or reason closes an activity.
	Leavers = "leavers"
)

// Kind is one kind of file that partners send: a row of kinds.csv with its rows
// of kind_item.csv.
type Kind struct {
	// ID is kept with an intake: "full-roll". Name and What are for people.
	ID, Name, What string
	// Full is Full, Partial or Leavers.
	Full string
	// Items are those expected, in the order of a template.
	Items []Item
	// Required are groups of items of each of which the file must hold one.
	Required [][]Item
	// Tells are items by which the kind is known when it is guessed.
	Tells []Item
	// May are the groups of facts that it may change: names, identifiers,
	// address, reach, carers, activity, guarantee, offers, destination,
	// needs, characteristics, signals, claims.
	May []string
	// EvidenceKind and Grade are the words of act.Evidence.
	EvidenceKind, Grade string
	// Restriction is what the law or the purpose limits, in words; "" for none.
	Restriction string
	// Known is false where no layout is published: mapped by hand once.
	Known bool
	// DefaultActivity is the code of those whose row does not say what they do;
	// "" where a row without it says nothing.
	DefaultActivity string
	// YesMeans is the characteristic that being on the list means ("110" for a
	// list from the care team); "" for none.
	YesMeans string
	// Source says where the rules come from.
	Source string

	lists [Count]List
}

// List is the list whose codes an item holds in this kind of file: the
// destination of a Year 11 list is intended, that of a leaver is an activity.
func (k Kind) List(i Item) List {
	if i < Count && k.lists[i] != "" {
		return k.lists[i]
	}
	return i.List()
}

// Enrols says that the file names who is enrolled somewhere, or was: a roll, a
// list of enrolments, of starters and leavers, of learners, of apprentices. It is
// those kinds that say what somebody does by naming them.
func (k Kind) Enrols() bool { return k.DefaultActivity != "" }

// RowsAreEvents says that each row is one thing that happened, and that what a file
// says of somebody is how many there are of them.
func (k Kind) RowsAreEvents() bool { return k.ID == "suspensions" }

// GoesSomewhere says that the file names where leavers went, rather than where
// somebody wants to go.
func (k Kind) GoesSomewhere() bool {
	return k.MayChange("activity") && k.Expects(Destination) && k.List(Destination) == Activities
}

// MayChange says that a group of facts is among May.
func (k Kind) MayChange(group string) bool { return slices.Contains(k.May, group) }

// Expects says that the kind usually holds the item.
func (k Kind) Expects(i Item) bool { return slices.Contains(k.Items, i) }

// Kinds are all kinds of file in the order of kinds.csv. The caller must not
// change what they share.
func Kinds() []Kind { return slices.Clone(shipped().kinds) }

// FindKind finds a kind by its ID.
func FindKind(id string) (Kind, bool) {
	for _, k := range shipped().kinds {
		if k.ID == id {
			return k, true
		}
	}
	return Kind{}, false
}

// tables are what the CSV files hold. They are read once and never change.
type tables struct {
	kinds    []Kind
	headings headings
	words    wordTable
	reasons  map[string]reason
	// ordered are the codes of reasons, in the order of the file.
	ordered []string
	// names are the given names that everybody knows.
	names *match.Variants
}

var shipped = sync.OnceValue(func() *tables {
	t, err := load()
	if err != nil {
		panic("layout: an embedded table is at fault: " + err.Error())
	}
	return t
})

func load() (*tables, error) {
	t := &tables{}
	for _, part := range []func(*tables) error{loadKinds, loadKindItems, loadHeadings, loadReasons, loadWords, loadNames} {
		if err := part(t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func loadNames(t *tables) (err error) {
	t.names, err = match.NewVariants()
	return err
}

// line is one row of a CSV file, by its column's name.
type line struct {
	file   string
	number int
	values map[string]string
}

func (l line) get(column string) string { return l.values[column] }

func (l line) wrong(format string, args ...any) error {
	return fmt.Errorf("%s line %d: %s", l.file, l.number, fmt.Sprintf(format, args...))
}

// eachLine reads a CSV file. Lines that begin with # are for the reader.
func eachLine(file string, columns []string, visit func(line) error) error {
	raw, err := files.ReadFile(file)
	if err != nil {
		return err
	}
	r := csv.NewReader(strings.NewReader(string(raw)))
	r.Comment = '#'
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if !slices.Equal(head, columns) {
		return fmt.Errorf("%s: the columns are %s, expected %s", file, strings.Join(head, ","), strings.Join(columns, ","))
	}
	rows, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for i, row := range rows {
		l := line{file: file, number: i + 2, values: make(map[string]string, len(head))}
		for j, name := range head {
			l.values[name] = strings.TrimSpace(row[j])
		}
		if err := visit(l); err != nil {
			return err
		}
	}
	return nil
}

func loadKinds(t *tables) error {
	return eachLine("kinds.csv", []string{"id", "name", "what", "full", "evidence", "grade", "known", "default_activity", "yes_means", "may", "restriction", "source"},
		func(l line) error {
			k := Kind{ID: l.get("id"), Name: l.get("name"), What: l.get("what"), Full: l.get("full"), EvidenceKind: l.get("evidence"),
				Grade: l.get("grade"), Known: l.get("known") == "yes", DefaultActivity: l.get("default_activity"), YesMeans: l.get("yes_means"),
				May: strings.Fields(l.get("may")), Restriction: l.get("restriction"), Source: l.get("source")}
			switch {
			case k.ID == "" || k.Name == "" || k.What == "" || k.Source == "":
				return l.wrong("id, name, what and source must be filled in")
			case k.Full != Full && k.Full != Partial && k.Full != Leavers:
				return l.wrong("full is %q; it is full, partial or leavers", k.Full)
			case slices.ContainsFunc(t.kinds, func(o Kind) bool { return o.ID == k.ID }):
				return l.wrong("%s stands here twice", k.ID)
			}
			t.kinds = append(t.kinds, k)
			return nil
		})
}

func loadKindItems(t *tables) error {
	groups := map[string]map[string]int{}
	return eachLine("kind_item.csv", []string{"kind", "item", "required", "tells", "list", "source"}, func(l line) error {
		item, ok := ParseItem(l.get("item"))
		if !ok || item == None {
			return l.wrong("there is no item %q", l.get("item"))
		}
		named := 0
		for at := range t.kinds {
			k := &t.kinds[at]
			if !slices.Contains(strings.Fields(l.get("kind")), k.ID) && l.get("kind") != "*" {
				continue
			}
			named++
			if slices.Contains(k.Items, item) {
				return l.wrong("%s stands twice under %s", item, k.ID)
			}
			k.Items = append(k.Items, item)
			k.lists[item] = List(l.get("list"))
			if l.get("tells") == "yes" {
				k.Tells = append(k.Tells, item)
			}
			for _, group := range strings.Fields(l.get("required")) {
				if groups[k.ID] == nil {
					groups[k.ID] = map[string]int{}
				}
				g, seen := groups[k.ID][group]
				if !seen {
					g = len(k.Required)
					groups[k.ID][group] = g
					k.Required = append(k.Required, nil)
				}
				k.Required[g] = append(k.Required[g], item)
			}
		}
		if named == 0 {
			return l.wrong("there is no kind %q", l.get("kind"))
		}
		return nil
	})
}
