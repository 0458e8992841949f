package calendar

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
)

// Line is one thing that is due to somebody, as a home page says it.
type Line struct {
	// Words say what; When says it of the day: "closes in 3 days", "opens
	// tomorrow", "was due 4 days ago".
	Words, When string
	// On is the day that counts: the one on which it closes, or opens where it is
	// not open yet.
	On civil.Date
	// Href is where the work is done, "" where there is no page for it.
	Href string
	// Open says that it is open on the day, Late that its day has passed and it
	// is not done.
	Open, Late bool
	// Opening is Entry.Opening: a campaign opens with it by itself.
	Opening string
}

// How many days ahead something is told before it opens, and before it closes;
// and how long it is told that something was not done.
const (
	opensWithin  = 14
	closesWithin = 28
	lateFor      = 60
)

// Due is what is due to the actor's roles in the weeks from a day on, and what
// was due and is not done, by its day. It needs access.SeeCalendar.
func (s *Service) Due(ctx context.Context, by access.Actor, day civil.Date) ([]Line, error) {
	year := day.AcademicYear()
	all, err := s.between(ctx, by, year-1, day.AddDays(opensWithin).AcademicYear())
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, e := range all {
		if !e.For(by) {
			continue
		}
		line, due := e.line(day)
		if !due && !line.Late {
			continue
		}
		done, told, err := s.done(ctx, by, e)
		if err != nil {
			return nil, err
		}
		// Nobody can say of most things that they are late, so only those whose
		// work the system knows are.
		if done || line.Late && !told {
			continue
		}
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b Line) int { return cmp.Compare(a.On.String(), b.On.String()) })
	return out, nil
}

// done says whether the work of an entry is done, and whether anybody can tell.
func (s *Service) done(ctx context.Context, by access.Actor, e Entry) (is, told bool, err error) {
	ask := s.Done[e.Key]
	if ask == nil {
		// A return's key has its month at the end: monthly-return-2026-10.
		if n := len(e.Key) - len("-2026-10"); n > 0 && strings.HasPrefix(e.Key, "monthly-return-") {
			ask = s.Done[e.Key[:n]]
		}
	}
	if ask == nil {
		return false, false, nil
	}
	is, err = ask(ctx, by, e)
	return is, true, err
}

// line is the entry as it stands on a day, and whether it is due then.
func (e Entry) line(day civil.Date) (Line, bool) {
	l := Line{Words: e.Words, On: e.Closes, Href: e.Href, Opening: e.Opening()}
	left := e.Closes.DaysSince(day)
	switch {
	case left < 0:
		l.Late = -left <= lateFor
		l.When = "was due " + ago(-left)
		return l, false
	case e.Opens.After(day):
		l.On = e.Opens
		l.When = "opens " + in(e.Opens.DaysSince(day))
		if e.OneDay() {
			l.When = in(e.Opens.DaysSince(day))
		}
		return l, e.Opens.DaysSince(day) <= opensWithin
	}
	l.Open = true
	l.When = "closes " + in(left)
	if e.OneDay() {
		l.When = in(left)
	}
	return l, left <= closesWithin
}

func in(days int) string {
	switch days {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	return fmt.Sprintf("in %d days", days)
}

func ago(days int) string {
	if days == 1 {
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", days)
}
