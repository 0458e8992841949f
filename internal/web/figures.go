package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/report"
)

type figuresPage struct {
	Page
	Month, By Choice
	On        DateInput
	Hidden    []Option
	Tags      FilterTags
	None      *Empty
	Stats     []Stat
	// Parts are the questions answered before the groups, After those after.
	Parts, After []figurePart
	Places       []Link
	Groups       *figureGroups
	Every        []Table
	Meanings     []Details
	Notes        []string
	// Publish leads to the figures for the public, for those who see these.
	Publish   string
	CSV, XLSX string
}

// figureGroups is the table by group, with a bar in each row.
type figureGroups struct {
	Heading, Caption string
	Rows             []figureGroup
}

type figureGroup struct {
	Name, Narrow, People string
	Cells                []Cell
	Bar                  template.HTML
}

// seriesMonths is how far back the line goes: three years.
const seriesMonths = 36

// figuresAsked is what an address asks: figures of a period, as known on a day,
// of some groups, by a kind of group. No name ever stands in it.
type figuresAsked struct {
	period  report.Period
	knownOn civil.Date
	only    []report.Group
	by      string
	form    *Form
}

// askedFigures reads the address. A month that is none shows the last that has
// ended, and says so beside the field.
func (s *Server) askedFigures(r *http.Request) figuresAsked {
	q := r.URL.Query()
	f := newForm(map[string]string{"by": q.Get("by")})
	a := figuresAsked{by: q.Get("by"), form: f, period: report.Month(s.today().InMonth().Add(-1))}
	for _, part := range []string{"known-on-day", "known-on-month", "known-on-year"} {
		f.values.Set(part, q.Get(part))
	}
	if text := q.Get("known-on"); text != "" {
		if d, err := civil.Parse(text); err == nil {
			f.SetDate("known-on", d)
		} else {
			f.Fail("known-on-day", "The day must be a real date, like 31 3 2026")
		}
	}
	a.knownOn = f.Date("known-on", "The day")
	if !a.knownOn.IsZero() && a.knownOn.InMonth().Before(a.period.To) {
		a.period = report.Month(a.knownOn.InMonth())
	}
	if text := q.Get("period"); text != "" {
		p, err := report.ParsePeriod(text)
		if err != nil {
			f.Fail("period", "Choose a month from the list")
		} else {
			a.period = p
		}
	}
	for _, g := range q["only"] {
		a.only = append(a.only, report.Group(g))
	}
	if !slices.Contains(report.GroupKinds()[1:], a.by) || a.by == "year" {
		a.by = "age"
	}
	f.values.Set("period", a.period.String())
	f.values.Set("by", a.by)
	return a
}

// query is the address's own question, with something changed.
func (a figuresAsked) query(change func(url.Values)) string {
	v := url.Values{"period": {a.period.String()}, "by": {a.by}}
	if !a.knownOn.IsZero() {
		v.Set("known-on", a.knownOn.String())
	}
	for _, g := range a.only {
		v.Add("only", string(g))
	}
	if change != nil {
		change(v)
	}
	return "?" + v.Encode()
}

func (a figuresAsked) question() report.Question {
	return report.Question{Periods: []report.Period{a.period}, KnownOn: a.knownOn, Only: a.only, By: []string{"all", "year", a.by}, Series: seriesMonths}
}

// figuresPage is how many are NEET, not known and taking part: five numbers,
// the line of three years, by group, and what each number counts.
func (s *Server) figuresPage(w http.ResponseWriter, r *http.Request) error {
	a := s.askedFigures(r)
	p := &figuresPage{Page: Page{Title: "Figures", Errors: a.form.Errors}}
	result, err := s.Figures.Run(r.Context(), actorOf(r), a.question())
	if p.None, err = noFigures(a, err); err != nil {
		return err
	}
	s.figuresForm(p, a, result)
	if result != nil {
		p.Lead = "Academic age 16 and 17 at " + a.period.Words() + ". Young adults in custody are left out."
		s.drawFigures(p, a, result, access.May(actorOf(r), access.ListPeople))
		if err := s.besideSent(r, p, a, result); err != nil {
			return err
		}
		p.Places = places(p)
	}
	if a.form.OK() && !a.knownOn.After(s.today()) {
		p.KnownOn = a.knownOn
	}
	if access.May(actorOf(r), access.SeePublications) {
		p.Publish = "/publications"
	}
	return s.render(w, r, "figures", p)
}

// noFigures is what to show in place of figures that there are none of.
func noFigures(a figuresAsked, err error) (*Empty, error) {
	var none report.NoFigures
	var bad report.BadGroup
	var wrong field.Errors
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &none):
		return &Empty{Title: "There are no figures for " + a.period.Words(), Text: none.Words, Link: &Link{Text: "Show the last month that has ended", Href: "/figures"}}, nil
	case errors.As(err, &bad):
		return &Empty{Title: "There is no such group", Text: bad.Error() + ".", Link: &Link{Text: "Show everybody", Href: "/figures" + a.query(func(v url.Values) { v.Del("only") })}}, nil
	case errors.As(err, &wrong):
		return &Empty{Title: "That day has not come yet", Text: wrong.Error() + ".", Link: &Link{Text: "Show what is known now", Href: "/figures" + a.query(func(v url.Values) { v.Del("known-on") })}}, nil
	}
	return nil, err
}

func (s *Server) figuresForm(p *figuresPage, a figuresAsked, r *report.Result) {
	months := Choice{Name: "period", Label: "Month"}
	last, first := s.today().InMonth(), a.period.To.Add(-12)
	if r != nil {
		last, first = r.Last, r.First
	}
	for m := last; !m.Before(first); m = m.Add(-1) {
		months.Options = append(months.Options, Option{Value: m.String(), Text: m.Words()})
		if mean := report.DecemberToFebruary(m.Year); m.Month == 2 && !mean.From.Before(first) {
			months.Options = append(months.Options, Option{Value: mean.String(), Text: fmt.Sprintf("December–February %d", m.Year)})
		}
	}
	if !slices.ContainsFunc(months.Options, func(o Option) bool { return o.Value == a.period.String() }) {
		months.Options = append(months.Options, Option{Value: a.period.String(), Text: a.period.String()})
	}
	by := Choice{Name: "by", Label: "By"}
	for _, kind := range report.GroupKinds()[1:] {
		if kind != "year" {
			by.Options = append(by.Options, Option{Value: kind, Text: r.KindInWords(kind)})
		}
	}
	p.Month, p.By = a.form.Choice(months), a.form.Choice(by)
	p.On = a.form.DateInput(DateInput{Name: "known-on", Label: "As known on (may be left out)"})
	for _, g := range a.only {
		p.Hidden = append(p.Hidden, Option{Value: string(g)})
		label := g.Key()
		if r != nil {
			label = r.Labels[g]
		}
		p.Tags.Chosen = append(p.Tags.Chosen, Link{Text: groupWords(g, label), Href: "/figures" + a.query(func(v url.Values) {
			v["only"] = slices.DeleteFunc(slices.Clone(v["only"]), func(o string) bool { return o == string(g) })
		})})
	}
	p.Tags.Label = "Only these"
	if len(a.only) > 1 {
		p.Tags.Clear = "/figures" + a.query(func(v url.Values) { v.Del("only") })
	}
	p.CSV, p.XLSX = "/figures.csv"+a.query(nil), "/figures.xlsx"+a.query(nil)
}

// groupWords is a group as people say it: "Adviser: Niamh Castellan".
func groupWords(g report.Group, label string) string {
	if g.Key() == "" || label == "" {
		return g.KindInWords()
	}
	return g.KindInWords() + ": " + label
}

// drawFigures fills in what there is. named says that the reader may see who
// stands behind a number.
func (s *Server) drawFigures(p *figuresPage, a figuresAsked, r *report.Result, named bool) {
	d := figureDrawing{a: a, r: r, named: named}
	p.Notes = r.Notes
	for _, m := range []string{"combined", "neet", "not_known", "participation", "sg_offer"} {
		if row, ok := r.Row(a.period, m, report.All); ok {
			p.Stats = append(p.Stats, d.stat(row))
		}
	}
	p.Parts = parts(d.againstYear(), d.why(), d.line())
	p.Groups = d.groups()
	p.After = parts(d.guarantee())
	p.Every = d.every()
	for _, m := range append(report.Measures(), report.Flows()...) {
		if !m.Detail {
			p.Meanings = append(p.Meanings, Details{Summary: m.Words, Paragraphs: []string{m.WhatCounts}})
		}
	}
}

// besideSent adds what the month's return said, and whether its file is still to
// come.
func (s *Server) besideSent(r *http.Request, p *figuresPage, a figuresAsked, result *report.Result) error {
	sent, err := s.sentSide(r, a, result)
	if err != nil {
		return err
	}
	p.After = append(p.After, parts(sent)...)
	p.Banners, err = s.awaitedFigures(r, a, sent != nil && len(sent.Tables) > 0)
	return err
}

func parts(all ...*figurePart) []figurePart {
	var out []figurePart
	for _, p := range all {
		if p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// places are the ways down the page.
func places(p *figuresPage) []Link {
	var out []Link
	for _, part := range p.Parts {
		out = append(out, Link{Text: part.Heading, Href: "#" + part.ID})
	}
	if p.Groups != nil {
		out = append(out, Link{Text: p.Groups.Heading, Href: "#groups"})
	}
	for _, part := range p.After {
		out = append(out, Link{Text: part.Heading, Href: "#" + part.ID})
	}
	return append(out, Link{Text: "Every number", Href: "#every"}, Link{Text: "What counts", Href: "#what-counts"})
}

// figuresFile is the tidy table, everything of the period, as CSV or a
// workbook: the same numbers as on the page.
func (s *Server) figuresFile(w http.ResponseWriter, r *http.Request) error {
	a := s.askedFigures(r)
	q := report.Question{Periods: []report.Period{a.period}, KnownOn: a.knownOn, Only: a.only}
	if a.period.From == a.period.To {
		q.Periods = report.PeriodsFor(a.period.To)
	}
	result, err := s.Figures.Run(r.Context(), actorOf(r), q)
	if none, err := noFigures(a, err); err != nil {
		return err
	} else if none != nil {
		return s.renderStatus(w, r, http.StatusNotFound, "figures", &figuresPage{Page: Page{Title: "Figures"}, None: none,
			Month: a.form.Choice(Choice{Name: "period", Label: "Month"}), By: a.form.Choice(Choice{Name: "by", Label: "By"}), On: a.form.DateInput(DateInput{Name: "known-on", Label: "As known on (may be left out)"})})
	}
	if len(a.only) == 0 { // a window's days are of everybody
		rows, err := s.Due.WindowRows(r.Context(), actorOf(r), a.period.To, nil, a.knownOn)
		if err != nil {
			return err
		}
		result.Rows = append(result.Rows, rows...)
	}
	name := "figures-" + strings.ReplaceAll(a.period.String(), "/", "-to-")
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		attach(w, name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		return result.WriteXLSX(w)
	}
	attach(w, name+".csv", "text/csv; charset=utf-8")
	return result.WriteCSV(w)
}

// change is "up 0.3 points on a year before", and empty where that is not
// known. Within half a point the Department says stable, and so do we.
func (d figureDrawing) change(row *report.Row) string {
	c, ok := d.r.Change(row)
	if !ok {
		return ""
	}
	points := strings.TrimPrefix(c.OneDecimal(), "−")
	switch {
	case points == "0.0":
		return "as a year before"
	case c.Float() > 0:
		return "up " + points + " points on a year before"
	}
	return "down " + points + " points on a year before"
}

// figureDrawing draws one result for one reader.
type figureDrawing struct {
	a     figuresAsked
	r     *report.Result
	named bool
}

// names is the address of those behind a number, and empty for who may not see
// them, or where there is nobody.
func (d figureDrawing) names(row *report.Row) string {
	if !d.named || row.People() == 0 {
		return ""
	}
	return "/figures/people" + d.a.query(func(v url.Values) {
		v.Set("measure", row.Measure)
		v.Set("group", string(row.Group))
	})
}

func (d figureDrawing) stat(row *report.Row) Stat {
	m, _ := report.MeasureOf(row.Measure)
	note := fmt.Sprintf("%s of %s", count(row.People()), count(row.Among()))
	if c := d.change(row); c != "" {
		note += "; " + c
	}
	return Stat{Number: row.OneDecimal() + "%", Words: m.Words, Note: note, Href: d.names(row)}
}
