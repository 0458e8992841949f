package web

import (
	"net/http"
	"net/url"

	"waymark/internal/access"
	"waymark/internal/report"
	"waymark/internal/returns"
)

// sentSide is what the month's return said when it was sent, beside what is
// counted now, and the way to why they differ.
func (s *Server) sentSide(r *http.Request, a figuresAsked, result *report.Result) (*figurePart, error) {
	if a.period.From != a.period.To || len(a.only) > 0 {
		return nil, nil // a return is of everybody, and of one month
	}
	list, err := s.Returns.Figures(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	month := a.period.To.Words()
	p := &figurePart{ID: "sent", Heading: "What the return for " + month + " said", Link: &Link{Text: "What the returns said when they were sent", Href: "/figures/sent"}}
	p.Words = "No return for " + month + " was sent from here."
	for _, one := range list {
		if one.Period != a.period.To {
			continue
		}
		t, differs := sentTable(one, a, result)
		p.Tables = append(p.Tables, t)
		p.Words = "Both say the same."
		if differs {
			p.Words = "They differ because more has been learned since it was sent."
		}
		if access.May(actorOf(r), access.SeeReturn) && a.knownOn.IsZero() {
			p.Link = whyLink(one)
			if !differs {
				p.Link.Text = "What was learned since, person by person"
			}
		}
	}
	return p, nil
}

// whyLink is the way to what was learned since a return was sent.
func whyLink(one *returns.Return) *Link {
	q := url.Values{"from": {string(one.Ref)}, "to": {"now"}}
	return &Link{Text: "Why it reads otherwise now, person by person", Href: "/returns/compare?" + q.Encode()}
}

func sentTable(one *returns.Return, a figuresAsked, result *report.Result) (Table, bool) {
	counted := "Counted now"
	if !a.knownOn.IsZero() {
		counted = "Counted as known on " + a.knownOn.Words()
	}
	t := Table{Caption: "What the return said, and what is counted", Quiet: true, Columns: []Column{{Text: "Academic age 16 and 17"}, {Text: "The return sent", Numeric: true}, {Text: counted, Numeric: true}, {Text: "Change", Numeric: true}}}
	rates, differs := one.Totals.Rates, false
	cohort := 0
	if row, ok := result.Row(a.period, "neet", report.All); ok {
		cohort = row.Among()
	}
	t.Rows = append(t.Rows, []Cell{{Header: true, Text: "Young people"}, {Text: count(rates.Cohort)}, {Text: count(cohort)}, {Text: signed(cohort - rates.Cohort)}})
	differs = cohort != rates.Cohort
	for _, m := range []struct {
		name string
		said int
	}{{"neet", rates.NEET}, {"not_known", rates.NotKnown}} {
		row, ok := result.Row(a.period, m.name, report.All)
		if !ok {
			continue
		}
		measure, _ := report.MeasureOf(m.name)
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: measure.Words}, {Text: percent(m.said, rates.Cohort), Note: count(m.said)}, {Text: row.OneDecimal() + "%", Note: count(row.People())}, {Text: signed(row.People() - m.said)}})
		differs = differs || row.People() != m.said
	}
	return t, differs
}

// awaitedFigures warns that the month's file is still to come: whoever is in it
// counts as they stood before.
func (s *Server) awaitedFigures(r *http.Request, a figuresAsked, sent bool) ([]Banner, error) {
	if sent || !a.knownOn.IsZero() {
		return nil, nil
	}
	last, awaited, err := s.Returns.Awaited(r.Context(), actorOf(r), a.period.To)
	if err != nil || !awaited {
		return nil, err
	}
	b := Banner{Tone: "warn", Strong: a.period.To.Month.String() + "’s file has not been loaded yet.", Text: "What is counted is as of " + last.Month.String() + "’s, and what was recorded by hand since, so more are not known than there will be."}
	if access.May(actorOf(r), access.ImportFile) {
		b.Link = &Link{Text: "Load the file", Href: "/imports/new"}
	}
	return []Banner{b}, nil
}
