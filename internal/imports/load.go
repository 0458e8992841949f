package imports

import (
	"waymark/internal/act"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/standing"
)

// sheet is rows on their way into one table.
type sheet struct {
	table   string
	columns []string
	rows    [][]any
}

// closing is a version that the act closes.
type closing struct {
	table   string
	version fact.Version
}

// load is all that one stretch of the file comes to in the database: prepared
// beside the transaction, written in it.
type load struct {
	sheets   []*sheet
	byTable  map[string]*sheet
	closings []closing
	// sources are those whose last statement is closed.
	sources []sourceOf
	// restand are the young people whose standing is written anew.
	restand []id.YoungPerson
	// ids are YoungPersonsIDs for people who had none.
	ids   []givenID
	notes []Note
	done  Progress
}

type sourceOf struct {
	person id.YoungPerson
	source string
}

type givenID struct {
	person id.YoungPerson
	ypid   string
}

func newLoad() *load { return &load{byTable: map[string]*sheet{}} }

func (o *load) add(table string, columns func() []string, row []any) {
	s := o.byTable[table]
	if s == nil {
		s = &sheet{table: table, columns: columns()}
		o.byTable[table] = s
		o.sheets = append(o.sheets, s)
	}
	s.rows = append(s.rows, row)
}

// diff writes down what makes the facts before into those after, and says
// whether anything does.
func diff[T comparable](o *load, a *act.Act, evidence id.Evidence, t fact.Table[T], before, after []fact.Of[T]) bool {
	changed := false
	for i := range after {
		f := &after[i]
		was := find(before, f.ID)
		if was != nil {
			if was.Is == f.Is && was.Started == f.Started && was.Ended == f.Ended {
				continue
			}
			o.closings = append(o.closings, closing{t.Name, was.Version})
		}
		f.KnownFrom, f.KnownTo, f.Evidence = a.Number, 0, evidence
		o.add(t.Name, t.RowColumns, t.Row(a, f))
		changed = true
	}
	for i := range before {
		if find(after, before[i].ID) == nil {
			o.closings = append(o.closings, closing{t.Name, before[i].Version})
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

// diffLife is diff over every kind of fact that a record can change.
func (o *load) diffLife(a *act.Act, evidence id.Evidence, before, after *life.Life) bool {
	changed := false
	for _, one := range diffs {
		if one(o, a, evidence, before, after) {
			changed = true
		}
	}
	return changed
}

func (o *load) stand(k standing.Keeper, r id.Register, l *life.Life) {
	o.add("standing", func() []string { return standing.Columns }, k.Row(r, l))
}
