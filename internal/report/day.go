package report

import (
	"waymark/internal/civil"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Days states lives on days of one's choosing, as the figures state them on the
// last day of a month: for forecasts, and for how long something lasted. It may
// be used by several at once.
type Days struct {
	stater *stater
	tables map[*nccis.Edition]*tables
}

// NewDays builds the days of a register.
func NewDays(reg register.Register, req *nccis.Requirement) *Days {
	if invented := reg.Invented(); len(invented) > 0 {
		req = req.WithInvented(invented)
	}
	d := &Days{stater: &stater{book: reg.Book(), requirement: req}, tables: map[*nccis.Edition]*tables{}}
	for _, e := range req.Editions() {
		d.tables[e] = newTables(e)
	}
	return d
}

// Edition is the requirement's edition of the month of a day.
func (d *Days) Edition(on civil.Date) *nccis.Edition {
	e, _ := d.stater.requirement.EditionOn(on.InMonth().End())
	return e
}

// Day is where one life stands on one day.
type Day struct {
	// Facets are what is counted, none where nothing is. Age is the academic age,
	// 0 where it is none of those that are followed (15 to 19).
	Facets Facet
	Age    int
	// Lapses is the last day on which what they do counts, no date where it does
	// not lapse.
	Lapses civil.Date
	// Activity is the code, "" for none.
	Activity string
}

// On states a life on a day.
func (d *Days) On(l *life.Life, on civil.Date) Day {
	if !ofAge(l, on) {
		return Day{}
	}
	e := d.Edition(on)
	m := &moment{end: on, tables: d.tables[e]}
	v := l.On(d.stater.book, e, on)
	born, err := civil.Parse(v.Record.Values[nccis.DOB])
	if err != nil {
		return Day{}
	}
	age := civil.AcademicAge(born, on)
	if age < youngest || age > oldest {
		return Day{}
	}
	day := Day{Age: age, Lapses: v.Lapses, Activity: v.Record.Values[nccis.ActivityCode]}
	if age > youngest && age <= lastCounted && d.stater.counted(m, &v, age) {
		var st State
		day.Facets = d.stater.standing(m, &v, &st)
	}
	return day
}
