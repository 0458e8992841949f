package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/record"
)

// Past is the band across a page that shows what was known on a day.
type Past struct {
	Words string
	// Now is the same page as known now.
	Now Link
}

// notADay is an address that asks for a day there is none of. It is what to do
// about it, in words.
type notADay string

func (n notADay) Error() string { return string(n) }

// knownOn reads on which day's knowledge the address asks for a page: no date
// is now. It comes as known-on=2026-03-31 from links, and in three boxes from
// forms.
func (s *Server) knownOn(r *http.Request) (civil.Date, error) {
	q := r.URL.Query()
	typed := TypedDate{strings.TrimSpace(q.Get("known-on-day")), strings.TrimSpace(q.Get("known-on-month")), strings.TrimSpace(q.Get("known-on-year"))}
	var on civil.Date
	switch text := strings.TrimSpace(q.Get("known-on")); {
	case text != "":
		d, err := civil.Parse(text)
		if err != nil {
			return civil.Date{}, notADay("“" + text + "” is not a day of the calendar. Choose one like 2026-03-31.")
		}
		on = d
	case typed != TypedDate{}:
		d, ok := typed.Date()
		if !ok {
			return civil.Date{}, notADay("“" + joined(" ", typed.Day, typed.Month, typed.Year) + "” is not a day of the calendar. Choose one like 31 3 2026.")
		}
		on = d
	}
	if on.After(s.today()) {
		return civil.Date{}, notADay(on.Words() + " has not come yet, so nobody can tell what will be known then. Choose today or an earlier day.")
	}
	return on, nil
}

// asksPast says that the page asked for can be shown as known on a day.
func (s *Server) asksPast(r *http.Request) bool {
	return slices.ContainsFunc(s.routes, func(route Route) bool { return route.Past && route.Method+" "+muxPattern(route.Pattern) == r.Pattern })
}

// todayOr is the day that a page is about: today, or the day whose knowledge it
// shows.
func (s *Server) todayOr(on civil.Date) civil.Date {
	if on.IsZero() {
		return s.today()
	}
	return on
}

// keepDayIn keeps the day in a table's links to young people.
func keepDayIn(t *Table, on civil.Date) {
	for _, row := range t.Rows {
		for i := range row {
			if strings.HasPrefix(row[i].Href, "/young-people/") {
				row[i].Href = asKnown(row[i].Href, on)
			}
		}
	}
}

// asKnown is an address of ours that keeps the day; no date leaves it as it is.
func asKnown(href string, on civil.Date) string {
	if on.IsZero() {
		return href
	}
	address, place, marked := strings.Cut(href, "#")
	between := "?"
	if strings.Contains(address, "?") {
		between = "&"
	}
	address += between + "known-on=" + on.String()
	if marked {
		address += "#" + place
	}
	return address
}

// asKnownNow is the address that was asked for without its day.
func asKnownNow(r *http.Request) string {
	q := r.URL.Query()
	for _, name := range []string{"known-on", "known-on-day", "known-on-month", "known-on-year"} {
		q.Del(name)
	}
	return r.URL.Path + asQuery(q)
}

// pastOf is the band of a page as known on a day, nil for now.
func pastOf(r *http.Request, on civil.Date) *Past {
	if on.IsZero() {
		return nil
	}
	return &Past{Words: "As known on " + on.Words() + ".", Now: Link{Text: "Show as known now", Href: asKnownNow(r)}}
}

// pastForm asks for a page as known on another day. Kept is the rest of its
// address.
type pastForm struct {
	Day  DateInput
	Kept []keptField
}

func (s *Server) pastForm(r *http.Request, on civil.Date) *pastForm {
	if by := actorOf(r); !access.May(by, access.SeeHistory) && !access.May(by, access.SeeFigures) {
		return nil // the past is for those who see a history
	}
	form := newForm(nil)
	form.SetDate("known-on", on)
	p := &pastForm{Day: form.DateInput(DateInput{Name: "known-on", Label: "As known at the end of", Hint: "Changes made since then are left out. For example, " + exampleDay(s.today())})}
	now, err := url.Parse(asKnownNow(r))
	if err != nil {
		return p // only the rest of the address is lost
	}
	kept := now.Query()
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		for _, v := range kept[name] {
			p.Kept = append(p.Kept, keptField{name, v})
		}
	}
	return p
}

// exampleDay is a day of the last month, as people type it.
func exampleDay(today civil.Date) string {
	return today.InMonth().Add(-1).End().Time().Format("2 1 2006")
}

// explainPast answers what cannot be shown as known on a day; nil where the
// error is about something else.
func explainPast(r *http.Request, err error) (int, *errorPage) {
	var day notADay
	var before act.BeforeBegan
	var later record.NotHeldThen
	now := &Link{Text: "Show as known now", Href: asKnownNow(r)}
	switch {
	case errors.As(err, &day):
		return http.StatusUnprocessableEntity, &errorPage{Page: Page{Title: "Choose another day"}, Next: now, Paragraphs: []string{day.Error()}}
	case errors.As(err, &before):
		return http.StatusNotFound, &errorPage{Page: Page{Title: "Nothing was known then"}, Next: now, Paragraphs: []string{before.Error()}}
	case errors.As(err, &later):
		return http.StatusNotFound, &errorPage{Page: Page{Title: "Nothing was known then"}, Next: now, Paragraphs: []string{later.Error()}}
	}
	return 0, nil
}
