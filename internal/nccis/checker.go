package nccis

import (
	"slices"
	"time"

	"waymark/internal/civil"
)

// Checker looks at the records of one file by the rules of one edition. It is
// for one goroutine, and for one file: Record for each record, then Finish.
type Checker struct {
	req       *Requirement
	e         *Edition
	header    Header
	periodEnd civil.Date
	yearStart civil.Date
	// firstGuarantee is the year group to whom the Year 11 guarantee node
	// belongs at the period end: 11, and from September to March 12; the Year 12
	// node belongs to the group above (nccis.md 7).
	firstGuarantee int
	unheld         []Field
	seen           *seenRecords

	// What follows is about the record being looked at.
	r                                                              *Record
	now                                                            int // the check being run
	act                                                            *Activity
	dob, start, ascertained, verified, review, due, neetStart, end civil.Date
	yearGroup                                                      int
	found                                                          []Finding
}

// CheckerOption changes how a Checker works.
type CheckerOption func(*Checker)

// RecordsOnly leaves out the checks of the whole file (902, 907, 908) and the
// memory that they need: for one record on a page.
func RecordsOnly() CheckerOption { return func(c *Checker) { c.seen = nil } }

// NewChecker makes a Checker for a file with the header. Where the header's
// period end cannot be read, the checks that need it are left out: such a file
// is refused whole anyway.
func (req *Requirement) NewChecker(e *Edition, h Header, options ...CheckerOption) *Checker {
	c := &Checker{req: req, e: e, header: h, seen: &seenRecords{}}
	if d, err := civil.Parse(h.PeriodEnd); err == nil {
		c.periodEnd, c.yearStart = d, d.AcademicYear().Start()
		c.firstGuarantee = 11
		if _, m, _ := d.YMD(); m >= time.September || m <= time.March {
			c.firstGuarantee = 12
		}
	}
	for f := Field(0); f < FieldCount; f++ {
		if !e.HasField(f) {
			c.unheld = append(c.unheld, f)
		}
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Record checks one record and reports what is wrong with it, in the order of
// the items in the file. It allocates nothing for a record without findings.
func (c *Checker) Record(r *Record, emit func(Finding)) {
	c.read(r)
	c.found = c.found[:0]
	for i := range c.e.run {
		c.now = i
		c.e.run[i].run(c)
	}
	if len(c.found) > 1 {
		slices.SortStableFunc(c.found, func(a, b Finding) int { return place(a.Field) - place(b.Field) })
	}
	for i := range c.found {
		emit(c.found[i])
	}
	if c.seen != nil {
		c.seen.add(r, c.dob)
	}
}

func (c *Checker) read(r *Record) {
	c.r = r
	v := &r.Values
	c.dob = readDate(v[DOB])
	c.start, c.ascertained, c.verified = readDate(v[StartDate]), readDate(v[DateAscertained]), readDate(v[DateVerified])
	c.review, c.due = readDate(v[ReviewDate]), readDate(v[DueToLapseDate])
	c.neetStart, c.end = readDate(v[NEETStartDate]), readDate(v[PredictedEndDate])
	c.act = c.e.activityOf(v[ActivityCode])
	c.yearGroup = YearGroup(c.dob, c.periodEnd)
}

func readDate(s string) civil.Date {
	if s == "" {
		return civil.Date{}
	}
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

// ageKnown says that the birth date and the period end can be read.
func (c *Checker) ageKnown() bool { return !c.dob.IsZero() && !c.periodEnd.IsZero() }

// unreadable says that the item has a value which is not a date.
func (c *Checker) unreadable(f Field, read civil.Date) bool {
	return c.r.Values[f] != "" && read.IsZero()
}

// row is the check being run.
func (c *Checker) row() *CheckRow { return c.e.run[c.now].row }

// fail reports the check being run: what is wrong with this very value; what to
// do comes from check.csv.
func (c *Checker) fail(f Field, value, what string) {
	row := c.row()
	c.found = append(c.found, Finding{
		Check: row.ID, Priority: row.Priority, Record: c.r.Values[YoungPersonsID], Position: c.r.Position,
		Field: f, Value: value, Message: what + " " + row.Do,
	})
}

// failAt is fail for the item's own value.
func (c *Checker) failAt(f Field, what string) { c.fail(f, c.r.Get(f), what) }

// place is where a field stands in the file: the nodes, and the characteristics,
// are not numbered in that order.
func place(f Field) int {
	switch f {
	case PersonalDetailsNode:
		return -1
	case SeptemberGuaranteeNode:
		return 2*int(Year11GuaranteeStatus) - 1
	case CharacteristicCode:
		return 2*int(SENSupportFlag) + 1
	case ActivitiesNode:
		return 2*int(ActivityCode) - 1
	}
	return 2 * int(f)
}
