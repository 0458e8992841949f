// Package change writes many young people's lives as they are after an act in
// place of how they were before it.
//
// In the trade a file is about thousands of people, and lands whole or not at
// all. So whoever reads one holds each life in memory, tells it what the file
// says, and hands over the two: what differs becomes versions closed and added,
// table by table, in one act that holds the register's writer as shortly as can
// be. What was written so can be taken back.
package change

import (
	"slices"

	"waymark/internal/act"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Batch is what some lives come to in the database: prepared beside the
// transaction, written in it.
type Batch struct {
	tables   []*rows
	byName   map[string]*rows
	closings []closing
	// restand are the young people whose standing is written anew.
	restand []id.YoungPerson
}

// rows are on their way into one table.
type rows struct {
	table   string
	columns []string
	rows    [][]any
}

// closing is a version that the act closes.
type closing struct {
	table   string
	version fact.Version
}

// New is a batch with nothing in it.
func New() *Batch { return &Batch{byName: map[string]*rows{}} }

// Add puts a row beside the facts, into any table; columns are asked once.
func (b *Batch) Add(table string, columns func() []string, row []any) {
	t := b.byName[table]
	if t == nil {
		t = &rows{table: table, columns: columns()}
		b.byName[table] = t
		b.tables = append(b.tables, t)
	}
	t.rows = append(t.rows, row)
}

// Person adds somebody whom the register did not hold; facts and standing come
// apart.
func (b *Batch) Person(a *act.Act, p youngperson.Person) {
	b.Add(tablePeople, personColumns, []any{int64(a.Register), int64(p.ID), string(p.Ref), p.YoungPersonsID, int64(a.Number)})
}

const tablePeople = "young_person"

func personColumns() []string {
	return []string{"register", "id", "ref", "young_persons_id", "known_from"}
}

// Evidence adds one piece of evidence, under a key that the act gives out.
func (b *Batch) Evidence(a *act.Act, key id.Evidence, e act.Evidence) {
	b.Add("evidence", act.EvidenceColumns, a.EvidenceRow(key, e))
}

// Stand adds the standing of somebody who has none yet.
func (b *Batch) Stand(k standing.Keeper, r id.Register, l *life.Life) {
	b.Add("standing", func() []string { return standing.Columns }, k.Row(r, l))
}

// Restand puts the standing of the life in the place of the one before.
func (b *Batch) Restand(k standing.Keeper, r id.Register, l *life.Life) {
	b.restand = append(b.restand, l.Person.ID)
	b.Stand(k, r, l)
}

// Life writes down what makes the one life into the other, on the evidence, and
// says whether anything does. Where evidence is 0 each fact that differs keeps
// the evidence that stands on it: several rows of a file may be about one life.
func (b *Batch) Life(a *act.Act, evidence id.Evidence, before, after *life.Life) bool {
	changed := false
	for _, one := range diffs {
		if one(b, a, evidence, before, after) {
			changed = true
		}
	}
	return changed
}

// diff writes down what makes the facts before into those after, and says
// whether anything does.
func diff[T comparable](b *Batch, a *act.Act, evidence id.Evidence, t fact.Table[T], before, after []fact.Of[T]) bool {
	changed := false
	for i := range after {
		f := &after[i]
		was := find(before, f.ID)
		if was != nil {
			if was.Is == f.Is && was.Started == f.Started && was.Ended == f.Ended {
				continue
			}
			b.closings = append(b.closings, closing{t.Name, was.Version})
		}
		f.KnownFrom, f.KnownTo = a.Number, 0
		if evidence != 0 {
			f.Evidence = evidence
		}
		b.Add(t.Name, t.RowColumns, t.Row(a, f))
		changed = true
	}
	for i := range before {
		if find(after, before[i].ID) == nil {
			b.closings = append(b.closings, closing{t.Name, before[i].Version})
			changed = true
		}
	}
	return changed
}

func find[T any](list []fact.Of[T], key id.Fact) *fact.Of[T] {
	for i := range list {
		if list[i].ID == key {
			return &list[i]
		}
	}
	return nil
}

// Copy is the life as it is now, safe from what telling does to it.
func Copy(l *life.Life) *life.Life {
	c := *l
	c.Names, c.Particulars, c.Identifiers = slices.Clone(l.Names), slices.Clone(l.Particulars), slices.Clone(l.Identifiers)
	c.Addresses, c.Reaches, c.Carers = slices.Clone(l.Addresses), slices.Clone(l.Reaches), slices.Clone(l.Carers)
	c.OptOuts, c.Carried, c.Statuses = slices.Clone(l.OptOuts), slices.Clone(l.Carried), slices.Clone(l.Statuses)
	c.Needs, c.Characteristics = slices.Clone(l.Needs), slices.Clone(l.Characteristics)
	c.Spells, c.Verifications = slices.Clone(l.Spells), slices.Clone(l.Verifications)
	c.Guarantees, c.Destinations = slices.Clone(l.Guarantees), slices.Clone(l.Destinations)
	c.Offers, c.Signals = slices.Clone(l.Offers), slices.Clone(l.Signals)
	return &c
}
