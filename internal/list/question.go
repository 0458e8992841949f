// Package list answers who fits: everybody of whom something held now is so,
// by school, situation, age, adviser and the like, as a table that can be
// sorted, downloaded, kept under a name and shared.
//
// In the trade such lists are the day's work: who is not known in Year 12, who
// lapses before the return, whom nobody has rung since the summer. A list keeps
// what it asks, never whom it showed.
package list

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/civil"
)

// Filter is one kind of thing to ask. Values of one filter are alternatives;
// all filters must hold.
type Filter string

// The filters, and what their values are.
const (
	Status         Filter = "status"          // eet, neet, nk, lapsed
	Activity       Filter = "activity"        // a code, or the letters of a group: ED; none
	School         Filter = "school"          // establishment number, or its name where it has none; none
	LapsesFrom     Filter = "lapses-from"     // a day
	LapsesBy       Filter = "lapses-by"       // a day
	ReviewBy       Filter = "review-by"       // a day
	Returned       Filter = "in-return"       // yes, no: is in the return and not on the way out of it
	Age            Filter = "age"             // academic age
	Cohort         Filter = "cohort"          // a cohort status; none
	Lead           Filter = "lead"            // an authority's code
	SEND           Filter = "send"            // ehcp, support, none
	Vulnerable     Filter = "vulnerable"      // yes, no
	Characteristic Filter = "characteristic"  // a code
	Level          Filter = "level"           // a code
	Adviser        Filter = "adviser"         // an account's reference, or a name without one; me, none
	Area           Filter = "area"            // the first half of a postcode
	ContactBefore  Filter = "contact-before"  // a day; those never contacted fit too
	ContactAfter   Filter = "contact-after"   // a day
	NEETBefore     Filter = "neet-before"     // a day
	NEETAfter      Filter = "neet-after"      // a day
	Telephone      Filter = "telephone"       // yes, none
	Gender         Filter = "gender"          // a code
	Ethnicity      Filter = "ethnicity"       // a code
	EthnicityGroup Filter = "ethnicity-group" // a reporting group

	Guarantee     Filter = "guarantee"            // of the season that opened last: gap (no-offer or not-recorded), no-offer, not-recorded, made, not-appropriate
	GuaranteeYear Filter = "guarantee-year"       // 11, 12: the year that they finish, or finished, in that season
	Intended      Filter = "intended-destination" // yes, none: has said where they intend to go after Year 11
	Enrolled      Filter = "enrolment-list"       // yes, none: was named in a list of enrolments of this academic year
	Left          Filter = "left"                 // an establishment number or a UKPRN: was there, and is there no more
)

// Filters are all, in the order in which forms offer them.
func Filters() []Filter {
	return []Filter{Status, Activity, School, Left, Enrolled, Guarantee, GuaranteeYear, Intended, Age, Cohort, Adviser, Lead, Area, LapsesFrom, LapsesBy, ReviewBy, NEETAfter, NEETBefore, ContactAfter, ContactBefore,
		Returned, Telephone, SEND, Vulnerable, Characteristic, Level, Gender, Ethnicity, EthnicityGroup}
}

// IsDay says that the filter's value is a day.
func (f Filter) IsDay() bool {
	return slices.Contains([]Filter{LapsesFrom, LapsesBy, ReviewBy, ContactBefore, ContactAfter, NEETBefore, NEETAfter}, f)
}

// Column is one thing to show of each person, beside the name.
type Column string

// The columns.
const (
	ColBorn      Column = "born"
	ColArea      Column = "area"
	ColSituation Column = "situation"
	ColCounts    Column = "counts"
	ColAdviser   Column = "adviser"
	ColContact   Column = "contact"
	ColVerified  Column = "verified"
	ColLapses    Column = "lapses"
	ColNEET      Column = "neet"
	ColCohort    Column = "cohort"
	ColLead      Column = "lead"
	ColSEND      Column = "send"
	ColLevel     Column = "level"
	ColGender    Column = "gender"
	ColEthnicity Column = "ethnicity"
)

// Columns are all, in the order in which they stand.
func Columns() []Column {
	return []Column{ColBorn, ColArea, ColSituation, ColCounts, ColAdviser, ColContact, ColVerified, ColLapses, ColNEET, ColCohort, ColLead, ColSEND, ColLevel, ColGender, ColEthnicity}
}

// usual are the columns of a list that names none.
func usual() []Column {
	return []Column{ColBorn, ColArea, ColSituation, ColCounts, ColAdviser, ColContact}
}

// Question is what a list asks and how it shows it.
type Question struct {
	Filters map[Filter][]string
	Columns []Column
	// Sort is the column to sort by, "name" where none; Down reverses it.
	Sort Column
	Down bool
	// KnownOn asks for what was known at the end of a day, and by which of its
	// answers was so then; no date is now. It is no part of what is kept.
	KnownOn civil.Date
}

// ByName sorts by family and given name.
const ByName Column = "name"

// mostValues is how many alternatives one filter takes.
const mostValues = 50

// Parse reads a question as an address has it. It tells what it could not read
// and leaves that out. A group of the figures, only=age:16, is read as the
// filter that it is.
func Parse(v url.Values) (Question, []string) {
	q := Question{Filters: map[Filter][]string{}, Sort: ByName}
	var unread []string
	for _, f := range Filters() {
		for _, value := range v[string(f)] {
			q.add(f, strings.TrimSpace(value), &unread)
		}
	}
	for _, group := range v["only"] {
		if f, value, ok := fromFigures(group); ok {
			q.add(f, value, &unread)
		} else {
			unread = append(unread, fmt.Sprintf("There are no lists by %q.", group))
		}
	}
	for _, c := range Columns() {
		if slices.Contains(v["col"], string(c)) {
			q.Columns = append(q.Columns, c)
		}
	}
	if len(q.Columns) == 0 {
		q.Columns = usual()
	}
	sort, down := strings.CutPrefix(v.Get("sort"), "-")
	if slices.Contains(Columns(), Column(sort)) && Column(sort).Sortable() {
		q.Sort = Column(sort)
	}
	q.Down = down
	return q, unread
}

func (q Question) add(f Filter, value string, unread *[]string) {
	switch {
	case value == "" || slices.Contains(q.Filters[f], value):
		return
	case len(q.Filters[f]) == mostValues:
		*unread = append(*unread, fmt.Sprintf("Only the first %d of one filter are taken.", mostValues))
		return
	case f.IsDay():
		d, err := civil.Parse(value)
		if err != nil {
			*unread = append(*unread, fmt.Sprintf("%q is no day: write it like 2027-03-31.", value))
			return
		}
		q.Filters[f] = []string{d.String()} // a second day would be another question
		return
	case f == Age && !isAge(value):
		*unread = append(*unread, fmt.Sprintf("%q is no age.", value))
		return
	}
	q.Filters[f] = append(q.Filters[f], value)
}

func isAge(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n > 0 && n < 30
}

// fromFigures is the filter that a group of the figures is.
func fromFigures(group string) (Filter, string, bool) {
	kind, value, _ := strings.Cut(group, ":")
	switch kind {
	case "sex":
		return Gender, value, true
	case "ward":
		return Area, value, len(value) <= len("CH41A") // a ward's code is longer: lists know districts
	case "vulnerable":
		return Vulnerable, "yes", true
	case "age", "ethnicity", "send", "school", "adviser":
		return Filter(kind), value, true
	}
	return "", "", false
}

// Values are the question as an address has it; Parse reads it back.
func (q Question) Values() url.Values {
	v := url.Values{}
	for f, values := range q.Filters {
		v[string(f)] = slices.Clone(values)
	}
	if !slices.Equal(q.Columns, usual()) {
		for _, c := range q.Columns {
			v.Add("col", string(c))
		}
	}
	sort := string(q.Sort)
	if q.Down {
		sort = "-" + sort
	}
	if sort != string(ByName) {
		v.Set("sort", sort)
	}
	return v
}

// Without is the question less one value of one filter.
func (q Question) Without(f Filter, value string) Question {
	next := q
	next.Filters = map[Filter][]string{}
	for other, values := range q.Filters {
		for _, v := range values {
			if other != f || v != value {
				next.Filters[other] = append(next.Filters[other], v)
			}
		}
	}
	return next
}
