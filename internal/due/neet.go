package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/report"
)

// Treatment is what a day on which somebody was not known counts as, when days
// NEET are counted. No treatment is the right one: they stand side by side.
type Treatment int

// The treatments. AsNotNEET counts a day not known as one that was not NEET,
// AsNEET as one that was. LeftOut leaves such days out, and with them whoever was
// not known on more than half of their days.
const (
	AsNotNEET Treatment = iota
	AsNEET
	LeftOut
	treatments
)

// Treatments are all, in the order in which they are shown.
func Treatments() []Treatment { return []Treatment{AsNotNEET, AsNEET, LeftOut} }

// Words say what a day not known counts as.
func (t Treatment) Words() string {
	return [...]string{"Not known counts as not NEET", "Not known counts as NEET", "Not known is left out"}[t]
}

// Length is how many days people were NEET.
type Length struct {
	// People are those counted, with no day of NEET too.
	People int
	// Days are those of all People together, Mean and Median one's.
	Days         int
	Mean, Median float64
	// Over90 and Over180 are how many were NEET on more days than that.
	Over90, Over180 int
}

// Returned is what became of those who became NEET.
type Returned struct {
	// Became are the times that somebody became NEET within the window. A move from
	// one reason to another is no new one.
	Became int
	// InTime are those of them that ended in education, employment or training
	// within so many days; Early are those of whom it cannot be said yet, or ever:
	// the days are not over, or they left the figures before.
	InTime, Early int
	// Of InTime, Lasted13 and Lasted26 went on so many weeks without a break;
	// Early13 and Early26 cannot be said yet. A situation that lapsed was not shown
	// to last.
	Lasted13, Early13, Lasted26, Early26 int
}

// NEETGroup is one group of those who finished Year 11 together.
type NEETGroup struct {
	Key, Name string
	Lengths   [treatments]Length
	Returned  Returned
}

// NEETAsked asks how long people were NEET.
type NEETAsked struct {
	// Leavers is the year in whose summer they finished Year 11; 0 is the last one
	// that can be told of: until March that is the one before.
	Leavers int
	// Months is how long the window is, from the 1 September after: 6, 12 or 24.
	Months int
	// Within is in how many days education, employment or training must follow; 0
	// is 90.
	Within int
	// By groups them: all, sex, send, school or adviser.
	By string
	// KnownOn is the day whose knowledge is counted, and which counts as today; no
	// date is now.
	KnownOn civil.Date
}

// DaysNEET is how long those who finished Year 11 in one summer were NEET in the
// months after.
type DaysNEET struct {
	Asked NEETAsked
	// From and To are the window; To is today where it is not over, and Whole says
	// whether it is.
	From, To civil.Date
	Whole    bool
	All      NEETGroup
	Groups   []NEETGroup
}

// NEETWays are what days NEET are grouped by.
func NEETWays() []string { return []string{"all", "sex", "send", "school", "adviser"} }

const (
	over90, over180    = 90, 180
	weeks13, weeks26   = 13 * 7, 26 * 7
	firstWithin        = 90
	leaverYearsOffered = 3
)

// LeaverYears are the years in whose summers those finished Year 11 of whom days
// NEET can be counted on a day, the last first.
func LeaverYears(today civil.Date) []int {
	var out []int
	for k := range leaverYearsOffered {
		out = append(out, int(today.AcademicYear())-k)
	}
	return out
}

// firstShown is the year that is shown first: months of a window that has hardly
// begun tell nothing, so in autumn and winter it is the one before.
func firstShown(today civil.Date) int {
	years := LeaverYears(today)
	if today.Before(civil.Must(years[0]+1, time.March, 1)) {
		return years[1]
	}
	return years[0]
}

// check fills in what was not asked, and complains about what cannot be.
func (a *NEETAsked) check(today, now civil.Date) error {
	years := LeaverYears(today)
	a.Leavers = cmp.Or(a.Leavers, firstShown(today))
	a.Months, a.Within, a.By = cmp.Or(a.Months, 12), cmp.Or(a.Within, firstWithin), cmp.Or(a.By, "all")
	var wrong field.Errors
	if today.After(now) {
		wrong.Add("known-on", today.Words()+" has not come yet: choose today or an earlier day")
	}
	if !slices.Contains(years, a.Leavers) {
		wrong.Add("leavers", fmt.Sprintf("Enter a year from %d to %d: those who finished Year 11 then are 16 to 18 on %s", years[len(years)-1], years[0], today.Words()))
	}
	if a.Months != 6 && a.Months != 12 && a.Months != 24 {
		wrong.Add("months", "Choose 6, 12 or 24 months")
	}
	if a.Within < 1 || a.Within > 365 {
		wrong.Add("within", "Enter from 1 to 365 days")
	}
	if !slices.Contains(NEETWays(), a.By) {
		wrong.Add("by", "Group by "+strings.Join(NEETWays(), ", "))
	}
	return wrong.Err()
}

// DaysNEET counts, by what is known now or was on a day. It needs access.SeeFigures
// and names nobody; it returns field.Errors for what cannot be asked, and
// act.BeforeBegan for a day before the register's first act.
func (s *Service) DaysNEET(ctx context.Context, by access.Actor, a NEETAsked) (*DaysNEET, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	r, err := s.window(a)
	if err != nil {
		return nil, err
	}
	o, today, release, err := s.on(ctx, by.Register, a.KnownOn)
	if err != nil {
		return nil, fmt.Errorf("count days NEET: %w", err)
	}
	defer release()
	o.neet(r, today)
	return r, nil
}

// window is what is asked with its days, and nobody counted yet.
func (s *Service) window(a NEETAsked) (*DaysNEET, error) {
	today := a.KnownOn
	if today.IsZero() {
		today = s.today()
	}
	if err := a.check(today, s.today()); err != nil {
		return nil, err
	}
	r := &DaysNEET{Asked: a, From: civil.Must(a.Leavers, time.September, 1)}
	r.To = r.From.AddMonths(a.Months).AddDays(-1)
	if r.Whole = !r.To.After(today); !r.Whole {
		r.To = today
	}
	return r, nil
}

// spent is how one young person spent a window, in days.
type spent struct{ counted, neet, unknown int }

// gathered is what a group is made of.
type gathered struct {
	NEETGroup
	days [treatments][]int
}

func (g *gathered) add(p spent) {
	for _, t := range Treatments() {
		if days, in := p.under(t); in {
			g.days[t] = append(g.days[t], days)
		}
	}
}

func (g *gathered) group() NEETGroup {
	for t, days := range g.days {
		g.Lengths[t] = lengthOf(days)
	}
	return g.NEETGroup
}

func lengthOf(days []int) (l Length) {
	if l.People = len(days); l.People == 0 {
		return l
	}
	slices.Sort(days)
	sum := 0
	for _, d := range days {
		sum += d
		if d > over90 {
			l.Over90++
		}
		if d > over180 {
			l.Over180++
		}
	}
	l.Days, l.Mean = sum, float64(sum)/float64(len(days))
	l.Median = float64(days[(len(days)-1)/2]+days[len(days)/2]) / 2
	return l
}

// neet fills in the answer.
func (o *outlook) neet(r *DaysNEET, today civil.Date) {
	all := &gathered{NEETGroup: NEETGroup{Key: "all", Name: "Everybody"}}
	groups := map[string]*gathered{}
	o.eachCounted(r, func(c *course, p spent) {
		all.add(p)
		back := c.returned(r, today)
		all.Returned.add(back)
		key := o.groupOf(c, r.Asked.By)
		g := groups[key.key]
		if g == nil {
			g = &gathered{NEETGroup: NEETGroup{Key: key.key}}
			groups[key.key] = g
		}
		g.Name = max(g.Name, key.name)
		g.add(p)
		g.Returned.add(back)
	})
	r.All = all.group()
	if r.Asked.By == "all" {
		return
	}
	for _, g := range groups {
		r.Groups = append(r.Groups, g.group())
	}
	slices.SortFunc(r.Groups, func(a, b NEETGroup) int {
		return cmp.Or(cmp.Compare(b.Lengths[AsNotNEET].People, a.Lengths[AsNotNEET].People), strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
	})
}

// eachCounted calls fn with everybody who finished Year 11 in the summer asked for
// and of whom a day of the window is counted.
func (o *outlook) eachCounted(r *DaysNEET, fn func(*course, spent)) {
	for i := range o.courses {
		c := &o.courses[i]
		if !c.finished(r.Asked.Leavers) {
			continue
		}
		if p := c.spent(r.From, r.To); p.counted > 0 {
			fn(c, p)
		}
	}
}

func (o *outlook) groupOf(c *course, by string) named {
	switch by {
	case "sex":
		return o.names[c.sex]
	case "send":
		return o.names[c.send]
	case "school":
		return o.names[c.school]
	case "adviser":
		return o.names[c.adviser]
	}
	return named{key: "all"}
}

// finished says that somebody finished Year 11 in the summer of the year: their
// academic age is 16 from that September on.
func (c *course) finished(year int) bool {
	p := c.at(civil.Must(year, time.September, 1))
	return p.age == 16
}

// each calls fn with each stretch of days from one to another, both included,
// in which they stand alike.
func (c *course) each(from, to civil.Date, fn func(from, to civil.Date, s stands)) {
	for i, p := range c.pieces {
		start, end := p.from, to
		if start.Before(from) {
			start = from
		}
		if i+1 < len(c.pieces) {
			if before := c.pieces[i+1].from.AddDays(-1); before.Before(end) {
				end = before
			}
		}
		if !end.Before(start) {
			fn(start, end, p.stands)
		}
	}
}

func (c *course) spent(from, to civil.Date) (p spent) {
	c.each(from, to, func(from, to civil.Date, s stands) {
		n := to.DaysSince(from) + 1
		if s&counted != 0 {
			p.counted += n
		}
		if s&isNEET != 0 {
			p.neet += n
		}
		if s&isUnknown != 0 {
			p.unknown += n
		}
	})
	return p
}

// returned is what became of each time that somebody became NEET in the window,
// as far as is known by today.
func (c *course) returned(r *DaysNEET, today civil.Date) (back Returned) {
	type stretch struct {
		from, to civil.Date
		s        stands
	}
	var all []stretch
	c.each(r.From, today, func(from, to civil.Date, s stands) {
		if n := len(all); n > 0 && kindOf(all[n-1].s) == kindOf(s) {
			all[n-1].to = to
			return
		}
		all = append(all, stretch{from, to, s})
	})
	for i, one := range all {
		if one.s&isNEET == 0 || one.from.After(r.To) {
			continue
		}
		back.Became++
		last := one.from.AddDays(r.Asked.Within)
		next := slices.IndexFunc(all[i:], func(s stretch) bool { return s.s&isEET != 0 || s.s&counted == 0 })
		switch {
		case next >= 0 && all[i+next].s&isEET != 0 && !all[i+next].from.After(last):
			back.InTime++
			eet := all[i+next]
			back.lasted(eet.from, eet.to, i+next == len(all)-1 || all[i+next+1].s&counted == 0)
		case next >= 0 && all[i+next].s&counted == 0 && !all[i+next].from.After(last), next < 0 && today.Before(last):
			back.Early++
		}
	}
	return back
}

// kindOf is what a stretch is of: EET, NEET, not known, or not counted.
func kindOf(s stands) stands { return s & (counted | isEET | isNEET) }

// lasted counts how long education, employment or training went on; open says
// that it had not ended when it was last seen.
func (r *Returned) lasted(from, to civil.Date, open bool) {
	days := to.DaysSince(from) + 1
	for _, one := range []struct {
		weeks         int
		lasted, early *int
	}{{weeks13, &r.Lasted13, &r.Early13}, {weeks26, &r.Lasted26, &r.Early26}} {
		switch {
		case days >= one.weeks:
			*one.lasted++
		case open:
			*one.early++
		}
	}
}

func (r *Returned) add(b Returned) {
	r.Became, r.InTime, r.Early = r.Became+b.Became, r.InTime+b.InTime, r.Early+b.Early
	r.Lasted13, r.Early13, r.Lasted26, r.Early26 = r.Lasted13+b.Lasted13, r.Early13+b.Early13, r.Lasted26+b.Lasted26, r.Early26+b.Early26
}

// NEETColumns head days NEET as a file: one line for each group and treatment.
func NEETColumns() []string {
	return []string{"finished Year 11", "from", "to", "window over", "group", "not known", "people", "mean days", "median days", "over 90 days", "over 90 percent", "over 180 days", "over 180 percent",
		"became NEET", "EET in time", "too early to say", "lasted 13 weeks", "13 weeks too early", "lasted 26 weeks", "26 weeks too early"}
}

// Rows are the figures under NEETColumns.
func (r *DaysNEET) Rows() [][]string {
	var out [][]string
	for _, g := range append([]NEETGroup{r.All}, r.Groups...) {
		for _, t := range Treatments() {
			l, b := g.Lengths[t], g.Returned
			whole := "no"
			if r.Whole {
				whole = "yes"
			}
			name := g.Name
			if name == "" {
				name = "not recorded"
			}
			out = append(out, []string{strconv.Itoa(r.Asked.Leavers), r.From.String(), r.To.String(), whole, name, t.Words(), strconv.Itoa(l.People), decimal(l.Mean), decimal(l.Median),
				strconv.Itoa(l.Over90), percentOf(l.Over90, l.People), strconv.Itoa(l.Over180), percentOf(l.Over180, l.People), strconv.Itoa(b.Became), strconv.Itoa(b.InTime), strconv.Itoa(b.Early),
				strconv.Itoa(b.Lasted13), strconv.Itoa(b.Early13), strconv.Itoa(b.Lasted26), strconv.Itoa(b.Early26)})
		}
	}
	return out
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func percentOf(n, whole int) string {
	p, ok := report.Percent(float64(n), float64(whole))
	if !ok {
		return ""
	}
	return decimal(p)
}
