package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"waymark/internal/access"
	"waymark/internal/chart"
	"waymark/internal/civil"
	"waymark/internal/due"
	"waymark/internal/field"
	"waymark/internal/list"
)

type forecastPage struct {
	Page
	To      DateInput
	Results *Table
	Chart   template.HTML
	Course  *Table
	Events  *Table
	// Past says that past months are being replayed, or that there are none.
	Past       string
	Replay     *Table
	PastChart  template.HTML
	Shares     string
	ByAdviser  *Table
	BySchool   *Table
	Links      []Link
	Caution    Details
	ReplayText string
}

// replayPatience is how long a page waits for past months to be replayed.
const replayPatience = 400 * time.Millisecond

// forecastShown is how many advisers or schools the page shows.
const forecastShown = 20

func (s *Server) forecastRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/forecast", Permission: access.SeeFigures, Handler: s.forecastPage},
		{Method: "GET", Pattern: "/forecast.csv", Permission: access.SeeFigures, Handler: s.forecastFile},
	}
}

// askedForecast reads the day, and makes the forecast of it. A day that cannot
// be asked about comes back as errors of the form, with the forecast of the
// month's end.
func (s *Server) askedForecast(r *http.Request, months []due.Replayed) (*due.Forecast, *Form, error) {
	values := map[string]string{}
	for _, part := range []string{"to-day", "to-month", "to-year"} {
		values[part] = r.URL.Query().Get(part)
	}
	form := newForm(values)
	var to civil.Date
	if day, err := civil.Parse(r.URL.Query().Get("to")); err == nil {
		to = day
		form.SetDate("to", to)
	} else if values["to-day"]+values["to-month"]+values["to-year"] != "" {
		to = form.Date("to", "The day of the forecast")
	}
	asked := due.Asked{To: to, Shares: due.SharesOf(months)}
	f, err := s.Due.Forecast(r.Context(), actorOf(r), asked)
	var wrong field.Errors
	if errors.As(err, &wrong) {
		for _, one := range wrong {
			form.Fail(one.Field+"-day", one.Message)
		}
		asked.To = civil.Date{}
		f, err = s.Due.Forecast(r.Context(), actorOf(r), asked)
	}
	if err == nil && to.IsZero() && form.OK() {
		form.SetDate("to", f.To)
	}
	return f, form, err
}

// forecastPage is what the return will say, and how well that was said before.
func (s *Server) forecastPage(w http.ResponseWriter, r *http.Request) error {
	months, err := s.Due.Replay(r.Context(), actorOf(r), due.ReplayDay, replayPatience)
	working := errors.As(err, new(due.Working))
	if err != nil && !working {
		return err
	}
	f, form, err := s.askedForecast(r, months)
	if err != nil {
		return err
	}
	p := &forecastPage{Page: Page{Title: "Forecast", Section: "/figures", Heading: "What the return will say on " + f.To.Words(), Errors: form.Errors, Back: &Link{Text: "Home", Href: "/"},
		Lead: "Of academic age 16 and 17, by what is known today."},
		To: form.DateInput(DateInput{Name: "to", Label: "Forecast for this day", Hint: "Up to a year ahead. For example, 31 3 2027"})}
	s.forecastNow(p, f)
	s.forecastMoves(p, f)
	switch {
	case working:
		p.Past, p.Refresh = "Past months are being replayed, to see how well such a forecast would have done. This page looks again every 2 seconds.", 2
	case len(months) == 0:
		p.Past = "No past month can be replayed yet: the register must have known something by the 10th of a month whose return has been due."
	default:
		forecastPast(p, months)
	}
	named := access.May(actorOf(r), access.ListPeople)
	p.ByAdviser, p.BySchool = s.forecastBy("Adviser", "adviser", f, f.ByAdviser, named), s.forecastBy("School, college or employer", "school", f, f.BySchool, named)
	p.Links = []Link{{Text: "Download the forecast (CSV)", Href: "/forecast.csv?to=" + f.To.String()}, {Text: "Figures of past months", Href: "/figures"}}
	if named {
		p.Links = append(p.Links, Link{Text: "What is due", Href: "/due"})
	}
	p.Caution = Details{Summary: "What this forecast can and cannot say", Paragraphs: []string{"It states each record for the day asked about: what is confirmed until then, what lapses, starts and ends that are known, and who reaches an age. It cannot know what nobody has told us: who leaves a course, or finds one. A list or a forecast reaches nobody; count the contacts for that. Fewer NEET can mean better lives or better records, so read NEET and not known together."}}
	return s.render(w, r, "forecast", p)
}

func pointsCell(c due.Count, n int) Cell {
	return Cell{Text: fmt.Sprintf("%.1f%%", c.Share(n)), Note: count(n) + " of " + count(c.Cohort)}
}

// scenarioColumns are the forecasts side by side; the last stands only where
// past months say how lists were worked.
func scenarioColumns(s due.Shares, first string) []Column {
	out := []Column{{Text: first}, {Text: "If nothing is done", Numeric: true}, {Text: "If all who are due are confirmed", Numeric: true}}
	if s.Months > 0 {
		out = append(out, Column{Text: "If the lists are worked as before", Numeric: true})
	}
	return out
}

func (s *Server) forecastNow(p *forecastPage, f *due.Forecast) {
	t := Table{Caption: "What the return would say", Columns: append([]Column{{Text: "What"}, {Text: "Today", Numeric: true}}, scenarioColumns(f.Shares, "")[1:]...)}
	for _, one := range []struct {
		words string
		of    func(due.Count) int
	}{{"NEET", func(c due.Count) int { return c.NEET }}, {"Not known", func(c due.Count) int { return c.NotKnown }}, {"NEET and not known together", due.Count.Combined}} {
		cells := []Cell{{Header: true, Text: one.words}}
		for _, c := range []due.Count{f.Today, f.Nothing, f.Confirmed, f.Worked}[:len(t.Columns)-1] {
			cells = append(cells, pointsCell(c, one.of(c)))
		}
		t.Rows = append(t.Rows, cells)
	}
	p.Results = &t
	if n := f.Shares; n.Months > 0 {
		p.Shares = fmt.Sprintf("“As before” takes what became of the lists of the last %s, by the end of their months: of %s who were to lapse %s were confirmed or found in something else and %s were NEET; of %s who were not known already %s were found in education, work or training and %s were NEET.",
			plural(n.Months, "month", "months"), count(n.Due), count(n.DueEET), count(n.DueNEET), count(n.Unknown), count(n.UnknownEET), count(n.UnknownNEET))
	}
	labels := make([]string, len(f.Course))
	series := []chart.Series{{Name: "Nothing done"}, {Name: "All confirmed"}, {Name: "Worked as before"}}
	course := Table{Caption: "NEET and not known together, on the way", Columns: scenarioColumns(f.Shares, "On")}
	for i, point := range f.Course {
		labels[i] = shortDay(point.On)
		cells := []Cell{{Header: true, Text: whole(point.On.Words())}}
		for k, c := range []due.Count{point.Nothing, point.Confirmed, point.Worked}[:len(course.Columns)-1] {
			series[k].Values = append(series[k].Values, share(c.Combined(), c.Cohort))
			cells = append(cells, pointsCell(c, c.Combined()))
		}
		course.Rows = append(course.Rows, cells)
	}
	p.Course = &course
	if len(f.Course) < 2 || f.Nothing.Cohort == 0 {
		return
	}
	title := fmt.Sprintf("%.1f%% will be NEET or not known if nothing is done, %.1f%% if all who are due are confirmed", f.Nothing.Share(f.Nothing.Combined()), f.Confirmed.Share(f.Confirmed.Combined()))
	if drawn, err := chart.Lines(chart.Head{ID: "chart-forecast", Title: title, Subtitle: "Share of academic age 16 and 17, from " + f.From.Words() + " to " + f.To.Words(), Unit: "%"}, labels, series[:len(course.Columns)-1]); err == nil {
		p.Chart = drawn
	}
}

// shortDay is a day as a chart has room for it: "5 Mar".
func shortDay(d civil.Date) string {
	_, m, day := d.YMD()
	return strconv.Itoa(day) + " " + m.String()[:3]
}

func (s *Server) forecastMoves(p *forecastPage, f *due.Forecast) {
	t := Table{Caption: "What is known to happen until then", Columns: []Column{{Text: "What"}, {Text: "Young people", Numeric: true}}}
	for _, one := range []struct {
		n    int
		what string
	}{{f.Due, "What they do lapses, and they become not known"}, {f.Unknown, "Not known already, and still not known then"}, {f.Entering, "Enter the figures: they reach the age, or are known to move here"},
		{f.Leaving, "Leave the figures: they pass the age, or are known to leave"}, {f.Starting, "Start something that is already agreed, and are NEET or not known today"}, {f.Ending, "End something on a day that is known, and become NEET or not known"}} {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.what}, {Text: count(one.n)}})
	}
	p.Events = &t
}

// forecastPast is how such forecasts would have done.
func forecastPast(p *forecastPage, months []due.Replayed) {
	t := Table{Caption: "Past months: the forecast made on the 10th, and what came", Columns: []Column{{Text: "Month"}, {Text: "What came", Numeric: true}, {Text: "If nothing is done: forecast", Numeric: true}, {Text: "Error in points", Numeric: true}, {Text: "All confirmed: error", Numeric: true}, {Text: "Worked as before: error", Numeric: true}}}
	labels := make([]string, len(months))
	came, nothing, worked := chart.Series{Name: "What came"}, chart.Series{Name: "Nothing done"}, chart.Series{Name: "Worked as before"}
	off, offWorked, tried := 0.0, 0.0, 0
	for i, m := range months {
		labels[i] = shortMonth(m.Month)
		came.Values, nothing.Values = append(came.Values, m.Came.Share(m.Came.Combined())), append(nothing.Values, m.Nothing.Share(m.Nothing.Combined()))
		cell := Cell{Text: "–"}
		value := chart.None()
		if m.Shares.Months > 0 {
			cell = errorCell(m.Error(m.Worked))
			value = m.Worked.Share(m.Worked.Combined())
			offWorked += abs(m.Error(m.Worked))
			tried++
		}
		off += abs(m.Error(m.Nothing))
		worked.Values = append(worked.Values, value)
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: m.Month.Words()}, pointsCell(m.Came, m.Came.Combined()), pointsCell(m.Nothing, m.Nothing.Combined()), errorCell(m.Error(m.Nothing)), errorCell(m.Error(m.Confirmed)), cell})
	}
	p.Replay = &t
	p.ReplayText = fmt.Sprintf("On average “nothing done” was %.1f points off", off/float64(len(months)))
	if tried > 0 {
		p.ReplayText += fmt.Sprintf(", and “worked as before” %.1f points", offWorked/float64(tried))
	}
	title := p.ReplayText
	p.ReplayText += ". “What came” is as the register knew it the day after the month’s return was due. An error above 0 is a forecast that was too high; “nothing done” is above it wherever work was done."
	if drawn, err := chart.Lines(chart.Head{ID: "chart-replay", Title: title, Subtitle: "NEET or not known at the end of each month, as forecast on its 10th and as it came", Unit: "%"}, labels, []chart.Series{came, nothing, worked}); err == nil {
		p.PastChart = drawn
	}
}

func abs(v float64) float64 { return max(v, -v) }

// errorCell is an error in points, with its sign.
func errorCell(points float64) Cell {
	text := fmt.Sprintf("%+.1f", points)
	if text == "+0.0" || text == "-0.0" {
		text = "0.0"
	}
	return Cell{Text: text}
}

// forecastBy is where the difference lies.
func (s *Server) forecastBy(head, filter string, f *due.Forecast, groups []due.Share, named bool) *Table {
	t := Table{Caption: "Where the difference lies, by " + filter, Columns: []Column{{Text: head}, {Text: "Lapse until then", Numeric: true}, {Text: "Not known already", Numeric: true}, {Text: "NEET and not known then", Numeric: true}}}
	for _, g := range groups[:min(len(groups), forecastShown)] {
		if g.Due+g.Unknown == 0 {
			break
		}
		lapse := Cell{Text: count(g.Due)}
		if named && g.Due > 0 {
			lapse.Hidden, lapse.Href = "lapse, "+orText(g.Name, "none recorded"), "/lists"+asQuery(f.List(list.Filter(filter), g.Key).Values())
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: orText(g.Name, "None recorded")}, lapse, {Text: count(g.Unknown)}, pointsCell(g.Nothing, g.Nothing.Combined())})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &t
}

// forecastFile is the forecast and the replay for a spreadsheet.
func (s *Server) forecastFile(w http.ResponseWriter, r *http.Request) error {
	months, err := s.Due.Replay(r.Context(), actorOf(r), due.ReplayDay, 0)
	if err != nil {
		return err
	}
	f, _, err := s.askedForecast(r, months)
	if err != nil {
		return err
	}
	return sendCSV(w, "forecast-"+f.To.String()+".csv", due.ForecastColumns(), func(write func(cells ...string) error) error {
		for _, row := range f.Rows(months) {
			if err := write(row...); err != nil {
				return err
			}
		}
		return nil
	})
}
