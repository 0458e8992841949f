package web

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"waymark/internal/chart"
	"waymark/internal/civil"
	"waymark/internal/report"
)

// figurePart is one question that the figures answer: a chart, and the table
// with the same numbers.
type figurePart struct {
	ID, Heading string
	Chart       template.HTML
	Tables      []Table
	// Folded says that the table is long, and stands behind a press.
	Folded bool
	Words  string
	Link   *Link
}

// periodName is a period as a column is headed: "October 2026".
func periodName(p report.Period) string {
	if p.From == p.To {
		return p.To.Words()
	}
	return fmt.Sprintf("%s %d to %s", p.From.Month, p.From.Year, p.To.Words())
}

// whom says in a chart's subtitle who is counted.
func (d figureDrawing) whom() string {
	if len(d.a.only) == 0 {
		return "academic age 16 and 17, " + d.r.Register.Name
	}
	var only []string
	for _, g := range d.a.only {
		only = append(only, groupWords(g, d.r.Labels[g]))
	}
	return strings.Join(only, ", ") + ", " + d.r.Register.Name
}

// before is the share a year before, and whether it is known.
func (d figureDrawing) before(row *report.Row) (float64, bool) {
	c, ok := d.r.Change(row)
	if !ok {
		return chart.None(), false
	}
	return row.Float() - c.Float(), true
}

func (d figureDrawing) beforeCell(row *report.Row) Cell {
	if was, ok := d.before(row); ok {
		return Cell{Text: fmt.Sprintf("%.1f%%", max(0, was))}
	}
	return Cell{Text: "–"}
}

// points is a change in percentage points: "+0.3".
func (d figureDrawing) points(row *report.Row) Cell {
	c, ok := d.r.Change(row)
	if !ok {
		return Cell{Text: "–"}
	}
	text := c.OneDecimal()
	if c.Float() > 0 && text != "0.0" {
		text = "+" + text
	}
	return Cell{Text: text}
}

// yearMeasures are those that are held against a year before.
var yearMeasures = []string{"combined", "neet", "not_known"}

// againstYear is whether it is better than a year before.
func (d figureDrawing) againstYear() *figurePart {
	both, ok := d.r.Row(d.a.period, "combined", report.All)
	if !ok {
		return nil
	}
	then, now := chart.Series{Name: periodName(d.a.period.YearBefore())}, chart.Series{Name: periodName(d.a.period)}
	t := Table{Caption: "Against a year before", Quiet: true, Columns: []Column{{Text: "What"}, {Text: then.Name, Numeric: true}, {Text: now.Name, Numeric: true}, {Text: "Change in points", Numeric: true}}}
	var labels []string
	for _, name := range append(slices.Clone(yearMeasures), "participation") {
		row, counted := d.r.Row(d.a.period, name, report.All)
		was, known := chart.None(), false
		if counted {
			was, known = d.before(row)
		}
		if !known {
			continue
		}
		m, _ := report.MeasureOf(name)
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: m.Words}, d.beforeCell(row), d.numberCell(row, true), d.points(row)})
		if name == "participation" {
			continue // its bars would dwarf the others
		}
		labels = append(labels, map[string]string{"neet": "NEET"}[name])
		if name != "neet" {
			labels[len(labels)-1] = m.Words
		}
		then.Values, now.Values = append(then.Values, max(0, was)), append(now.Values, row.Float())
	}
	if len(labels) == 0 {
		return nil // a note says since when the register knows anything
	}
	p := &figurePart{ID: "year", Heading: "Against a year before", Tables: []Table{t}}
	drawn, err := chart.GroupedBars(chart.Head{ID: "chart-year", Title: d.better(both), Subtitle: "Share of " + d.whom(), Unit: "%"}, labels, []chart.Series{then, now})
	if err == nil {
		p.Chart = drawn
	}
	return p
}

// better says in one sentence whether the headline is. Within half a point the
// Department says stable (nccis.md 11.1).
func (d figureDrawing) better(row *report.Row) string {
	c, ok := d.r.Change(row)
	if !ok {
		return row.OneDecimal() + "% are NEET or not known"
	}
	how := "About as many are NEET or not known as a year before"
	switch {
	case c.Float() > 0.5:
		how = "More are NEET or not known than a year before"
	case c.Float() < -0.5:
		how = "Fewer are NEET or not known than a year before"
	}
	return fmt.Sprintf("%s: %s%%, and %.1f%% then", how, row.OneDecimal(), max(0, row.Float()-c.Float()))
}

// why is why they are not known.
func (d figureDrawing) why() *figurePart {
	all, ok := d.r.Row(d.a.period, "not_known", report.All)
	if !ok {
		return nil
	}
	p := &figurePart{ID: "why", Heading: "Why they are not known", Words: "Each number leads to who they are.",
		Tables: []Table{d.measureTable("Why they are not known", []string{"not_known", "not_known_lapsed", "not_known_810", "not_known_820", "not_known_830", "not_known_unrecorded"})}}
	if !d.named {
		p.Words = ""
	}
	type reason struct {
		words string
		n     int
	}
	var reasons []reason
	for _, name := range []string{"not_known_lapsed", "not_known_810", "not_known_820", "not_known_830", "not_known_unrecorded"} {
		if row, ok := d.r.Row(d.a.period, name, report.All); ok && row.People() > 0 {
			m, _ := report.MeasureOf(name)
			reasons = append(reasons, reason{m.Words, row.People()})
		}
	}
	if len(reasons) == 0 {
		return p
	}
	slices.SortStableFunc(reasons, func(a, b reason) int { return cmp.Compare(b.n, a.n) })
	var labels []string
	var values []float64
	for _, one := range reasons {
		labels, values = append(labels, one.words), append(values, float64(one.n))
	}
	title := fmt.Sprintf("%s not known; the commonest reason is “%s”: %s", plural(all.People(), "young person is", "young people are"), strings.ToLower(reasons[0].words[:1])+reasons[0].words[1:], count(reasons[0].n))
	if drawn, err := chart.Bars(chart.Head{ID: "chart-why", Title: title, Subtitle: "Young people not known, of " + d.whom() + ", " + d.a.period.Words()}, labels, values); err == nil {
		p.Chart = drawn
	}
	return p
}

// guarantee is what came of the September Guarantee, by year group.
func (d figureDrawing) guarantee() *figurePart {
	measures := []string{"sg_offer", "sg_not_appropriate", "sg_none", "sg_not_recorded"}
	t := Table{Caption: "September Guarantee", Quiet: true, Columns: []Column{{Text: "Of whom"}, {Text: "Young people", Numeric: true}}}
	series := make([]chart.Series, len(measures))
	for i, name := range measures {
		m, _ := report.MeasureOf(name)
		series[i].Name = capital(strings.TrimPrefix(m.Words, "September Guarantee: "))
		t.Columns = append(t.Columns, Column{Text: series[i].Name, Numeric: true})
	}
	var labels []string
	for _, g := range []report.Group{"year11", "year12", report.All} {
		first, ok := d.r.Row(d.a.period, measures[0], g)
		if !ok || first.Among() == 0 {
			continue
		}
		cells := []Cell{{Header: true, Text: first.Label}, {Text: count(first.Among())}}
		for i, name := range measures {
			row, ok := d.r.Row(d.a.period, name, g)
			cells = append(cells, d.numberCell(row, ok))
			if ok && g != report.All {
				series[i].Values = append(series[i].Values, row.Float())
			}
		}
		if g != report.All {
			labels = append(labels, first.Label)
		}
		t.Rows = append(t.Rows, cells)
	}
	if len(labels) == 0 {
		return nil
	}
	p := &figurePart{ID: "guarantee", Heading: "September Guarantee", Tables: []Table{t}}
	title := "September Guarantee"
	if row, ok := d.r.Row(d.a.period, "sg_offer", report.All); ok {
		title = row.OneDecimal() + "% of those owed an offer have one"
	}
	if drawn, err := chart.StackedBars(chart.Head{ID: "chart-guarantee", Title: title, Subtitle: "Share of those owed an offer under the September Guarantee, by year group, " + d.r.Register.Name, Unit: "%"}, labels, series); err == nil {
		p.Chart = drawn
	}
	return p
}

// line is the chart of the months and the table beside it, with equal numbers.
func (d figureDrawing) line() *figurePart {
	var labels []string
	both, neet, unknown := chart.Series{Name: "NEET or not known"}, chart.Series{Name: "NEET"}, chart.Series{Name: "Not known"}
	t := Table{Caption: "NEET and not known at the end of each month", Columns: []Column{{Text: "Month"}, {Text: "Cohort", Numeric: true}, {Text: "NEET", Numeric: true}, {Text: "Not known", Numeric: true}, {Text: "Both", Numeric: true}}}
	for i := len(d.r.Series) - 1; i >= 0; i-- {
		p := d.r.Series[i]
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: p.Month.Words()}, {Text: count(p.Cohort)}, shareCell(p.NEET, p.Cohort), shareCell(p.NotKnown, p.Cohort), shareCell(p.NEET+p.NotKnown, p.Cohort)})
	}
	for _, p := range d.r.Series {
		labels = append(labels, shortMonth(p.Month))
		neet.Values, unknown.Values = append(neet.Values, share(p.NEET, p.Cohort)), append(unknown.Values, share(p.NotKnown, p.Cohort))
		both.Values = append(both.Values, share(p.NEET+p.NotKnown, p.Cohort))
	}
	part := &figurePart{ID: "months", Heading: "Month by month", Tables: []Table{t}, Folded: true}
	drawn, err := chart.Lines(chart.Head{ID: "line", Title: d.course(), Subtitle: "Share of " + d.whom() + ", at the end of each month", Unit: "%"}, labels, []chart.Series{both, neet, unknown})
	if err != nil {
		return nil // nobody was counted in any of the months
	}
	part.Chart = drawn
	return part
}

func shortMonth(m civil.Month) string { return m.Month.String()[:3] + " " + fmt.Sprint(m.Year) }

// course says of the line where it is highest and where it is now.
func (d figureDrawing) course() string {
	var high, last report.Point
	for _, p := range d.r.Series {
		if p.Cohort > 0 {
			last = p
			if high.Cohort == 0 || share(p.NEET+p.NotKnown, p.Cohort) > share(high.NEET+high.NotKnown, high.Cohort) {
				high = p
			}
		}
	}
	if last.Cohort == 0 {
		return "NEET or not known, month by month"
	}
	words := fmt.Sprintf("%.1f%% are NEET or not known at the end of %s", share(last.NEET+last.NotKnown, last.Cohort), last.Month.Words())
	if high.Month == last.Month {
		return words + ", the most of the months shown"
	}
	return words + fmt.Sprintf("; the most was %.1f%% in %s", share(high.NEET+high.NotKnown, high.Cohort), high.Month.Words())
}

func share(part, whole int) float64 {
	if v, ok := report.Percent(float64(part), float64(whole)); ok {
		return v
	}
	return chart.None()
}

func shareCell(part, whole int) Cell {
	if whole == 0 {
		return Cell{Text: "–"}
	}
	return Cell{Text: fmt.Sprintf("%.1f%%", share(part, whole)), Note: count(part)}
}
