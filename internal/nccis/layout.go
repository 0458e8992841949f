package nccis

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
)

//go:embed layout.csv
var layoutCSV string

// item is one row of layout.csv: an element, where it stands and when.
type item struct {
	// id numbers the rows, so that a record can tell what it has met.
	id int
	// names are the accepted spellings, the one that is written first.
	names []string
	// parent is the element of the node that holds it; "" for a root.
	parent string
	// kind says what the reader does with it, field where a value goes.
	kind  itemKind
	field Field
	// many says that it may repeat.
	many bool
	// from and to are the first and last edition that hold it; "" for no bound.
	from, to string
	// children are set for a node only.
	children []*item
	byName   map[string]child
}

// child is an item under one of its spellings.
type child struct {
	*item
	name string
}

type itemKind uint8

const (
	nodeItem  itemKind = iota // holds other elements
	valueItem                 // a data item of the record
	codeItem                  // a characteristic
	headItem                  // a value of the FileHeader
	olderItem                 // an element of earlier editions that no Field keeps
)

// layout is the whole of layout.csv, joined up.
type layout struct {
	roots  []*item
	top    *item // what every root holds
	fields map[Field]*item
	names  map[Field]string
	parse  map[string]Field
}

// theLayout is read once and never changed.
var theLayout = sync.OnceValue(func() *layout {
	l, err := readLayout(layoutCSV)
	if err != nil {
		panic("nccis: layout.csv: " + err.Error()) // embedded; a test reads it
	}
	return l
})

func readLayout(text string) (*layout, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	l := &layout{fields: map[Field]*item{}, names: map[Field]string{}, parse: map[string]Field{}}
	nodes := map[string]*item{}
	var everywhere []*item
	next := Field(0)
	for n, row := range rows[1:] {
		it := &item{id: n, names: append([]string{row[1]}, strings.Fields(row[3])...), parent: row[0], many: row[4] == "many", from: row[5], to: row[6]}
		if err := it.setKind(row[2], &next); err != nil {
			return nil, fmt.Errorf("row %d: %w", n+2, err)
		}
		if row[2] != "" && it.kind != headItem {
			l.addField(it, row[0], row[1])
		}
		switch {
		case row[0] == "":
			it.kind = nodeItem
			l.roots = append(l.roots, it)
		case row[0] == "*":
			everywhere = append(everywhere, it)
		case row[0] == "NCCIS":
			for _, r := range l.roots {
				r.children = append(r.children, it)
			}
		default:
			parent := nodes[row[0]]
			if parent == nil {
				return nil, fmt.Errorf("row %d: no node %s before it", n+2, row[0])
			}
			parent.kind = nodeItem
			parent.children = append(parent.children, it)
		}
		nodes[row[1]] = it
	}
	if next != FieldCount {
		return nil, fmt.Errorf("%d items for %d fields", next, FieldCount)
	}
	l.top = l.roots[0]
	for _, it := range nodes {
		it.index(everywhere)
	}
	return l, nil
}

// setKind reads the field column. Items with a value stand in the file in the
// order of the Field constants, which layout_test.go compares by name.
func (it *item) setKind(field string, next *Field) error {
	switch {
	case field == "WholeRecord":
		it.field = WholeRecord
	case field == "PersonalDetailsNode":
		it.field = PersonalDetailsNode
	case field == "SeptemberGuaranteeNode":
		it.field = SeptemberGuaranteeNode
	case field == "ActivitiesNode":
		it.field = ActivitiesNode
	case field == "CharacteristicCode":
		it.kind, it.field = codeItem, CharacteristicCode
	case field == "":
		if it.parent != "" && it.to != "" {
			it.kind = olderItem
		}
	case it.parent == "FileHeader" || it.parent == "Databases" || it.parent == "SourceLEAs":
		it.kind = headItem
	default:
		if *next >= FieldCount {
			return fmt.Errorf("no field is left for %s", field)
		}
		it.kind, it.field = valueItem, *next
		*next++
	}
	return nil
}

func (l *layout) addField(it *item, node, element string) {
	name := element
	if node == "Year11" || node == "Year12" {
		name = node + "/" + element
	} else {
		for _, n := range it.names[1:] {
			l.parse[n] = it.field
		}
	}
	l.fields[it.field], l.names[it.field], l.parse[name] = it, name, it.field
}

// index makes the table of spellings of a node's children.
func (it *item) index(everywhere []*item) {
	if it.kind != nodeItem {
		return
	}
	it.byName = map[string]child{}
	if it.parent != "" && it.names[0] != "FileHeader" && it.parent != "FileHeader" {
		for _, c := range everywhere {
			it.byName[c.names[0]] = child{c, c.names[0]}
		}
	}
	for _, c := range it.children {
		for _, n := range c.names {
			it.byName[n] = child{c, n}
		}
	}
}

// editions says in words which editions hold the item; "" where all do.
func (it *item) editions() string {
	switch {
	case it.from == "" && it.to == "":
		return ""
	case it.from == "":
		return "to " + it.to
	case it.to == "":
		return "from " + it.from
	}
	return it.from + " to " + it.to
}

// String is the name of the item's element. The four that stand in the
// guarantee's two nodes carry their node: "Year11/GuaranteeStatus".
func (f Field) String() string {
	if n, ok := theLayout().names[f]; ok {
		return n
	}
	return fmt.Sprintf("Field(%d)", uint8(f))
}

// Editions says in words which editions hold the item, "2012-13 to 2018-19";
// "" where every one does (nccis.md 0.3).
func (f Field) Editions() string {
	if it := theLayout().fields[f]; it != nil {
		return it.editions()
	}
	return ""
}

// ParseField finds the item by what String gives, or by another spelling that
// suppliers are known to use (nccis.md 1.1).
func ParseField(name string) (Field, bool) {
	f, ok := theLayout().parse[name]
	return f, ok
}

// HasField says that the edition holds the item.
func (e *Edition) HasField(f Field) bool {
	it := theLayout().fields[f]
	return it != nil && e.Covers(it.from, it.to)
}

// root is the name of the outermost element in the edition's files.
func (e *Edition) root() string {
	l := theLayout()
	for _, r := range l.roots {
		if e.Covers(r.from, r.to) {
			return r.names[0]
		}
	}
	return l.roots[len(l.roots)-1].names[0]
}
