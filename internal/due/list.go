package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// Window is until when something is due, counted from the day asked about.
type Window string

// The windows, the nearest first. Overdue has lapsed already; Week is until
// Sunday; Month is until the end of the month, for which the return is made.
const (
	Overdue Window = "overdue"
	Week    Window = "week"
	Days7   Window = "7"
	Month   Window = "month"
	Days30  Window = "30"
	Days60  Window = "60"
	Days90  Window = "90"
)

// Windows are all, in the order in which they are shown.
func Windows() []Window { return []Window{Overdue, Week, Days7, Month, Days30, Days60, Days90} }

// Until is the last day of the window: of Overdue the day before, of Week the
// Sunday.
func (w Window) Until(on civil.Date) civil.Date {
	switch w {
	case Overdue:
		return on.AddDays(-1)
	case Week:
		return on.AddDays((7 - int(on.Weekday())) % 7)
	case Month:
		return on.InMonth().End()
	case Days7:
		return on.AddDays(7)
	case Days60:
		return on.AddDays(60)
	case Days90:
		return on.AddDays(90)
	}
	return on.AddDays(30)
}

// Words say until when, for people.
func (w Window) Words(on civil.Date) string {
	switch w {
	case Overdue:
		return "Overdue"
	case Week:
		return "This week"
	case Month:
		return "By the end of " + on.InMonth().Words()
	}
	return "In " + string(w) + " days"
}

// Question asks who is due.
type Question struct {
	// On is the day asked about; no date is today, or the day whose knowledge is
	// asked for.
	On civil.Date
	// KnownOn asks for what was known at the end of a day; no date is now.
	KnownOn civil.Date
	// Window is until when; "" is 30 days.
	Window Window
	// Adviser, School and Activity narrow it, with the values of the list filters
	// of these names; "" is all.
	Adviser, School, Activity string
	// Rates leaves only those of academic age 16 and 17, of whom the
	// Department's rates are.
	Rates bool
}

// Within is the window asked for.
func (q Question) Within() Window {
	if !slices.Contains(Windows(), q.Window) {
		return Days30
	}
	return q.Window
}

// Until is the last day of the question's window.
func (q Question) Until() civil.Date { return q.Within().Until(q.On) }

// List is the same as a list asks it: who it is about can be kept under a name,
// or frozen for a campaign. Of a window ahead it asks who lapses in it, of
// Overdue who counts as not known because it lapsed.
func (q Question) List() list.Question {
	f := map[list.Filter][]string{list.Returned: {"yes"}}
	if q.Within() == Overdue {
		f[list.LapsesBy] = []string{q.Until().String()}
	} else {
		f[list.LapsesFrom], f[list.LapsesBy] = []string{q.On.String()}, []string{q.Until().String()}
	}
	for filter, value := range map[list.Filter]string{list.Adviser: q.Adviser, list.School: q.School, list.Activity: q.Activity} {
		if value != "" {
			f[filter] = []string{value}
		}
	}
	if q.Rates {
		f[list.Age] = []string{"16", "17"}
	}
	return list.Question{KnownOn: q.KnownOn, Filters: f, Sort: list.ColLapses, Columns: []list.Column{list.ColSituation, list.ColVerified, list.ColLapses, list.ColAdviser}}
}

// Item is one young person who is due.
type Item struct {
	list.Row
	// ReviewOn is the day set for a review, no date where there is none.
	ReviewOn civil.Date
	// Reason says why in words: "Lapses on 28 July 2027: 28 days after its review".
	Reason string
}

// Page is one page of a due list.
type Page struct {
	Items []Item
	Total int
}

// today is the day of a question that names none.
func (s *Service) today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

// seenFrom is the day that counts as today: that whose knowledge is asked for.
func (s *Service) seenFrom(q Question) civil.Date {
	if q.KnownOn.IsZero() {
		return s.today()
	}
	return q.KnownOn
}

// dated is the question with its day.
func (s *Service) dated(q Question) Question {
	if q.On.IsZero() {
		q.On = s.seenFrom(q)
	}
	return q
}

// Page is some of those who are due, by the day they lapse, from the row skip
// on, and how many they are. It needs access.ListPeople, and records who was
// shown. It returns act.BeforeBegan for a day on which nothing was known.
func (s *Service) Page(ctx context.Context, by access.Actor, q Question, skip, size int) (Page, error) {
	q = s.dated(q)
	if err := s.may(by); err != nil {
		return Page{}, err
	}
	found, err := s.Lists.Page(ctx, by, q.List(), skip, size)
	if err != nil {
		return Page{}, err
	}
	p := Page{Total: found.Total}
	p.Items, err = s.items(ctx, by, q, found.Rows)
	return p, err
}

// All calls each with everybody who is due, for a file, as list.All does. It
// needs access.DownloadPeople.
func (s *Service) All(ctx context.Context, by access.Actor, q Question, each func(Item) error) error {
	q = s.dated(q)
	reviews, err := s.reviews(ctx, by, q, nil)
	if err != nil {
		return err
	}
	e := s.edition(q.On)
	return s.Lists.All(ctx, by, q.List(), func(r list.Row) error { return each(item(e, q.On, r, reviews[r.Person])) })
}

func (s *Service) may(by access.Actor) error {
	return access.Decide(by, access.ListPeople, access.Subject{Register: by.Register})
}

func (s *Service) edition(on civil.Date) *nccis.Edition {
	e, _ := s.Requirement.EditionOn(on.InMonth().End())
	return e
}

// items are rows with why they are due.
func (s *Service) items(ctx context.Context, by access.Actor, q Question, rows []list.Row) ([]Item, error) {
	reviews, err := s.reviews(ctx, by, q, rows)
	if err != nil {
		return nil, err
	}
	e := s.edition(q.On)
	out := make([]Item, len(rows))
	for i, r := range rows {
		out[i] = item(e, q.On, r, reviews[r.Person])
	}
	return out, nil
}

// reviews are the days set for the reviews of whom rows are about, or of
// everybody where there are none.
func (s *Service) reviews(ctx context.Context, by access.Actor, q Question, rows []list.Row) (map[id.YoungPerson]civil.Date, error) {
	roll, release, err := s.Rolls.On(ctx, by.Register, q.KnownOn)
	if err != nil {
		return nil, err
	}
	defer release()
	asked := make(map[id.YoungPerson]bool, len(rows))
	for _, r := range rows {
		asked[r.Person] = true
	}
	out := map[id.YoungPerson]civil.Date{}
	roll.Each(func(l *standing.Line) {
		if !l.ReviewOn.IsZero() && (rows == nil || asked[l.Person]) {
			out[l.Person] = l.ReviewOn
		}
	})
	return out, nil
}

func item(e *nccis.Edition, on civil.Date, r list.Row, review civil.Date) Item {
	if r.Locked {
		return Item{Row: r}
	}
	if r.OptedOut {
		return Item{Row: r, Reason: "Withheld: they opted out"}
	}
	return Item{Row: r, ReviewOn: review, Reason: Reason(e, on, r.Activity, r.VerifiedOn, r.LapsesOn, review)}
}

// Reason says in words why somebody is due: by which rule the confirmation of
// what they do lapses, and when (nccis.md 6.1).
func Reason(e *nccis.Edition, on civil.Date, activity string, verified, lapses, review civil.Date) string {
	a, ok := e.Activity(activity)
	if lapses.IsZero() || !ok {
		return ""
	}
	how := "Lapses on " + lapses.Words()
	if lapses.Before(on) {
		how = "Lapsed on " + lapses.Words()
	}
	switch rule := a.Lapse; {
	case rule.AfterReview > 0 && !review.IsZero() && lapses == review.AddDays(rule.AfterReview):
		set := "was"
		if review.After(on) {
			set = "is"
		}
		return fmt.Sprintf("%s, %d days after its review, which %s due on %s", how, rule.AfterReview, set, review.Words())
	case rule.EndOfYear && !verified.IsZero() && lapses == verified.AcademicYear().End():
		return how + ", the end of the academic year in which it was confirmed"
	case rule.Months > 0 && !verified.IsZero() && lapses == verified.AddMonths(rule.Months):
		return fmt.Sprintf("%s, %d months after it was confirmed", how, rule.Months)
	}
	return how + ", the day on which it was expected to end"
}

// By is what due lists are counted by.
type By string

// The ways to count.
const (
	ByAdviser  By = "adviser"
	BySchool   By = "school"
	ByActivity By = "activity"
)

// Ways are all ways to count.
func Ways() []By { return []By{ByAdviser, BySchool, ByActivity} }

// Group is how many of one adviser, school or activity are due.
type Group struct {
	// Key is the value of the list filter, Name what it is called; "none" and ""
	// where nobody or nothing is recorded.
	Key, Name string
	// Due are how many are due in each of Windows. A nearer window is part of a
	// wider one; Overdue is part of none.
	Due []int
}

// Counts are how many are due, in all and by a way of counting; those with most
// come first. They need access.ListPeople and show nobody; what is counted is
// what Page lists. It returns act.BeforeBegan as Page does.
func (s *Service) Counts(ctx context.Context, by access.Actor, q Question, way By) (all Group, groups []Group, err error) {
	q = s.dated(q)
	if err := s.may(by); err != nil {
		return all, nil, err
	}
	look, err := s.look(ctx, by, q)
	if err != nil {
		return all, nil, fmt.Errorf("count what is due: %w", err)
	}
	defer look.release()
	all.Due = make([]int, len(Windows()))
	found := map[standing.Word]*Group{}
	look.roll.Each(func(l *standing.Line) {
		due := look.due(l)
		if due == 0 {
			return
		}
		word := map[By]standing.Word{ByAdviser: l.Adviser, BySchool: l.School, ByActivity: l.Activity}[way]
		g := found[word]
		if g == nil {
			g = look.group(way, word)
			found[word] = g
		}
		for i := range all.Due {
			if due&(1<<i) != 0 {
				g.Due[i]++
				all.Due[i]++
			}
		}
	})
	return all, together(found), nil
}

// together adds up groups of one key, whose name may be written in several ways.
func together(found map[standing.Word]*Group) []Group {
	at := map[string]int{}
	var out []Group
	for _, g := range found {
		i, ok := at[g.Key]
		if !ok {
			at[g.Key] = len(out)
			out = append(out, *g)
			continue
		}
		out[i].Name = max(out[i].Name, g.Name)
		for n := range g.Due {
			out[i].Due[n] += g.Due[n]
		}
	}
	last := len(Windows()) - 1
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Due[0]+b.Due[last], a.Due[0]+a.Due[last]), strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
	})
	return out
}

// looked is a roll with what says of its lines whether they are due.
type looked struct {
	roll    *standing.Roll
	release func()
	allows  func(*standing.Line) bool
	in      func(*standing.Line) bool
	on      civil.Date
	until   []civil.Date
	of      func(*standing.Line) bool
	edition *nccis.Edition
}

func (s *Service) look(ctx context.Context, by access.Actor, q Question) (*looked, error) {
	var book register.Register
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		book, err = register.Of(tx, by.Register)
		return err
	})
	if err != nil {
		return nil, err
	}
	veil, err := s.Rolls.Veiled(ctx, by, access.SeePerson)
	if err != nil {
		return nil, err
	}
	l := &looked{on: q.On, edition: s.edition(q.On), allows: veil.Allows}
	if l.roll, l.release, err = s.Rolls.On(ctx, by.Register, q.KnownOn); err != nil {
		return nil, err
	}
	for _, w := range Windows() {
		l.until = append(l.until, w.Until(q.On))
	}
	// Ages and the return are asked for today, as lists ask them.
	today := s.seenFrom(q)
	l.in, l.of = record.InReturn(l.roll, book.Book(), today), q.narrowed(by, l.roll, l.edition, today)
	return l, nil
}

// narrowed says who is of the adviser, the school, the activity and the ages of
// the question.
func (q Question) narrowed(by access.Actor, roll *standing.Roll, e *nccis.Edition, today civil.Date) func(*standing.Line) bool {
	adviser, school, activity := make([]bool, roll.Words()), make([]bool, roll.Words()), make([]bool, roll.Words())
	me := record.OwnAdviser(by)
	for w := range roll.Words() {
		key, name := roll.Halves(standing.Word(w))
		text := roll.Text(standing.Word(w))
		known := keyOf(key, name)
		adviser[w] = q.Adviser == "" || q.Adviser == known || q.Adviser == "me" && key == me && key != ""
		school[w] = q.School == "" || q.School == known
		a, ok := e.Activity(text)
		activity[w] = q.Activity == "" || q.Activity == text || ok && q.Activity == a.Group
	}
	year := int(today.AcademicYear())
	first, last := civil.Must(year-18, time.September, 1), civil.Must(year-16, time.August, 31)
	return func(l *standing.Line) bool {
		return adviser[l.Adviser] && school[l.School] && activity[l.Activity] && (!q.Rates || !l.Born.Before(first) && !l.Born.After(last))
	}
}

// keyOf is the value by which a list asks for a school or an adviser.
func keyOf(key, name string) string {
	switch {
	case key != "":
		return key
	case name != "":
		return name
	}
	return "none"
}

// due are the windows in which somebody is due, a bit for each.
func (l *looked) due(line *standing.Line) (windows int) {
	lapses := line.LapsesOn
	if lapses.IsZero() || lapses.After(l.until[len(l.until)-1]) {
		return 0
	}
	if !l.of(line) || !l.in(line) || !l.allows(line) {
		return 0
	}
	if lapses.Before(l.on) {
		return 1
	}
	for i, until := range l.until[1:] {
		if !lapses.After(until) {
			windows |= 2 << i
		}
	}
	return windows
}

func (l *looked) group(way By, word standing.Word) *Group {
	g := &Group{Due: make([]int, len(Windows()))}
	if way == ByActivity {
		g.Key = l.roll.Text(word)
		if a, ok := l.edition.Activity(g.Key); ok {
			g.Name = a.Label
		}
		return g
	}
	key, name := l.roll.Halves(word)
	g.Key, g.Name = keyOf(key, name), name
	return g
}
