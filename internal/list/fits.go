package list

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/nccis"
	"waymark/internal/provider"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// asking is a question with what its answer depends on.
type asking struct {
	Question
	by      access.Actor
	action  access.Action
	edition *nccis.Edition
	// today is the day on which it is asked, or as known on which.
	today civil.Date
	book  register.Book
	roll  *standing.Roll
	// beside is what no line of the roll says.
	beside beside
	veil   standing.Veiled
}

// test says whether something is so of somebody.
type test func(*standing.Line) bool

// fitting are who fits and whom the actor may see, in the order of the list.
func (q asking) fitting() []standing.Place {
	tests := []test{q.veil.Allows}
	for _, f := range Filters() {
		var any []test
		for _, value := range q.Filters[f] {
			any = append(any, q.test(f, value))
		}
		switch len(any) {
		case 0:
		case 1:
			tests = append(tests, any[0])
		default:
			tests = append(tests, func(l *standing.Line) bool {
				return slices.ContainsFunc(any, func(t test) bool { return t(l) })
			})
		}
	}
	slices.Reverse(tests) // whether it is allowed is asked of the few who fit
	fit := q.roll.Fitting(func(l *standing.Line) bool {
		for _, t := range tests {
			if !t(l) {
				return false
			}
		}
		return true
	})
	q.sort(fit)
	// Where a name stands among others tells of it.
	slices.SortStableFunc(fit, func(a, b standing.Place) int { return q.locked(a) - q.locked(b) })
	return fit
}

// locked is 1 for the line of a locked record.
func (q asking) locked(at standing.Place) int {
	if q.veil.Locks(q.roll.Line(at).Person) {
		return 1
	}
	return 0
}

// words is the test that a line's word is among those that is says.
func (q asking) words(of func(*standing.Line) standing.Word, is func(text string) bool) test {
	set := make([]bool, q.roll.Words())
	for w := range set {
		set[w] = is(q.roll.Text(standing.Word(w)))
	}
	return func(l *standing.Line) bool { return set[of(l)] }
}

// plain are the filters that ask for a word.
var plain = map[Filter]func(*standing.Line) standing.Word{
	Lead: func(l *standing.Line) standing.Word { return l.Lead }, Level: func(l *standing.Line) standing.Word { return l.Level },
	Gender: func(l *standing.Line) standing.Word { return l.Gender }, Ethnicity: func(l *standing.Line) standing.Word { return l.Ethnicity },
	Cohort: func(l *standing.Line) standing.Word { return l.Cohort }, Area: func(l *standing.Line) standing.Word { return l.Area },
}

func activityOf(l *standing.Line) standing.Word { return l.Activity }

// test is one value of one filter.
func (q asking) test(f Filter, value string) test {
	if f.IsDay() {
		return dayTest(f, civil.MustParse(value))
	}
	switch f {
	case Cohort:
		value = strings.TrimPrefix(value, "none")
	case Area:
		value = standing.Fold(value)
	}
	if f == Area { // a protected address is in no area
		in := q.words(plain[f], func(text string) bool { return text == value })
		return func(l *standing.Line) bool { return in(l) && !q.veil.Protects(l.Person) }
	}
	if of, ok := plain[f]; ok {
		return q.words(of, func(text string) bool { return text == value })
	}
	switch f {
	case Status:
		return q.status(value)
	case Activity:
		return q.activity(value)
	case Returned:
		in := record.InReturn(q.roll, q.book, q.today)
		return func(l *standing.Line) bool { return in(l) == (value == "yes") }
	case School:
		return q.school(value)
	case Left:
		return q.left(value)
	case Age:
		age, err := strconv.Atoi(value)
		year := int(q.today.AcademicYear())
		first, last := civil.Must(year-age-1, time.September, 1), civil.Must(year-age, time.August, 31)
		return func(l *standing.Line) bool { return err == nil && !l.Born.Before(first) && !l.Born.After(last) }
	case SEND:
		return map[string]test{
			"ehcp":    func(l *standing.Line) bool { return l.SEND },
			"support": func(l *standing.Line) bool { return !l.SEND && l.Support },
			"none":    func(l *standing.Line) bool { return !l.SEND && !l.Support },
		}[value].orNever()
	case Vulnerable:
		return func(l *standing.Line) bool { return l.Vulnerable == (value == "yes") }
	case Characteristic:
		return q.characteristic(value)
	case Adviser:
		return q.adviser(value)
	case Telephone:
		return func(l *standing.Line) bool { return l.Telephone == (value != "none") }
	case EthnicityGroup:
		codes := map[string]bool{}
		for _, c := range q.edition.Codes(nccis.Ethnicities) {
			codes[c.Code] = c.Group == value
		}
		return q.words(plain[Ethnicity], func(text string) bool { return codes[text] })
	}
	return q.beside.tests[f][value].orNever()
}

// orNever is a test, or where there is none, one that nobody passes: a value
// that nobody can have.
func (t test) orNever() test {
	if t == nil {
		return func(*standing.Line) bool { return false }
	}
	return t
}

// dayTest compares a date with a day. Who has no such date does not fit, except
// that never contacted is before any day.
func dayTest(f Filter, day civil.Date) test {
	within := func(d civil.Date, ok bool) bool { return ok && !d.IsZero() }
	switch f {
	case LapsesFrom:
		return func(l *standing.Line) bool { return within(l.LapsesOn, !l.LapsesOn.Before(day)) }
	case LapsesBy:
		return func(l *standing.Line) bool { return within(l.LapsesOn, !l.LapsesOn.After(day)) }
	case ReviewBy:
		return func(l *standing.Line) bool { return within(l.ReviewOn, !l.ReviewOn.After(day)) }
	case NEETBefore:
		return func(l *standing.Line) bool { return within(l.NEETSince, !l.NEETSince.After(day)) }
	case NEETAfter:
		return func(l *standing.Line) bool { return within(l.NEETSince, !l.NEETSince.Before(day)) }
	case ContactAfter:
		return func(l *standing.Line) bool { return within(l.LastContact, !l.LastContact.Before(day)) }
	}
	return func(l *standing.Line) bool { return l.LastContact.Before(day) }
}

// status is where somebody stands on the day, as nccis.StatusOn has it: a code
// that lapses counts as not known once it has, and so does one that the edition
// does not have.
func (q asking) status(value string) test {
	type stands struct{ current, lapsed nccis.Status }
	of := make([]stands, q.roll.Words())
	lapses := make([]bool, len(of))
	known := map[string]bool{}
	for _, a := range q.edition.Activities() {
		known[a.Code] = a.Lapse.Lapses()
	}
	for w := range of {
		code := q.roll.Text(standing.Word(w))
		of[w] = stands{q.edition.StatusOn(code, q.today, q.today), q.edition.StatusOn(code, q.today.AddDays(-1), q.today)}
		lapses[w] = known[code]
	}
	lapsed := func(l *standing.Line) bool { return !l.LapsesOn.IsZero() && l.LapsesOn.Before(q.today) }
	if value == "lapsed" {
		return func(l *standing.Line) bool { return lapses[l.Activity] && lapsed(l) }
	}
	want, ok := map[string]nccis.Status{"eet": nccis.EET, "neet": nccis.NEET, "nk": nccis.NotKnown}[value]
	if !ok {
		return test(nil).orNever()
	}
	return func(l *standing.Line) bool {
		if lapsed(l) {
			return of[l.Activity].lapsed == want
		}
		return of[l.Activity].current == want
	}
}

// activity is a code or a group of them; a code of another year that somebody
// still has is one too.
func (q asking) activity(value string) test {
	codes := map[string]bool{}
	if value == "none" {
		codes[""] = true
	}
	for _, one := range q.edition.Activities() {
		if one.Code == value || one.Group == value {
			codes[one.Code] = true
		}
	}
	return q.words(activityOf, func(text string) bool { return codes[text] || len(codes) == 0 && text == value })
}

// school is a number, or the name of a place without one.
func (q asking) school(value string) test {
	set := make([]bool, q.roll.Words())
	if value == "none" {
		return func(l *standing.Line) bool { return l.School == 0 }
	}
	numbered := strings.Trim(value, "0123456789") == ""
	for w := range set {
		number, name := q.roll.Halves(standing.Word(w))
		set[w] = numbered && number == value || !numbered && number == "" && name == value
	}
	return func(l *standing.Line) bool { return set[l.School] }
}

// left is that somebody was at an institution, and is there no more.
func (q asking) left(value string) test {
	one := q.beside.left[value]
	there := make([]bool, q.roll.Words())
	for w := range there {
		number, name := q.roll.Halves(standing.Word(w))
		there[w] = number != "" && number == one.number || number == "" && name != "" && one.names[provider.Fold(name)]
	}
	return func(l *standing.Line) bool { return one.people[l.Person] && !there[l.School] }
}

func (q asking) characteristic(value string) test {
	set := make([]bool, q.roll.Words())
	for w := range set {
		set[w] = value != "" && slices.Contains(q.roll.Parts(standing.Word(w)), value)
	}
	return func(l *standing.Line) bool { return set[l.Characteristics] }
}

func (q asking) adviser(value string) test {
	if value == "me" {
		_, value, _ = strings.Cut(q.by.Ref, ":")
	} else if value == "none" {
		return func(l *standing.Line) bool { return l.Adviser == 0 }
	}
	set := make([]bool, q.roll.Words())
	for w := range set {
		account, name := q.roll.Halves(standing.Word(w))
		set[w] = account == value || account == "" && name == value
	}
	return func(l *standing.Line) bool { return set[l.Adviser] }
}
