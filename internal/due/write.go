package due

import (
	"context"
	"encoding/json"
	"io"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/civil"
)

// Columns head a due list as a file.
func Columns() []string {
	return []string{"YoungPersonsID", "Given name", "Family name", "Date of birth", "Postcode", "Activity code", "Where", "Last confirmed", "Review due", "Lapses", "Reason", "Adviser", "Cohort status"}
}

// Cells are one line of the file, under Columns; cohort is the cohort status in
// words or as its code.
func (i Item) Cells(cohort string) []string {
	return []string{i.YoungPersonsID, i.Given, i.Family, i.Born.String(), i.Postcode, i.Activity, i.Establishment, i.VerifiedOn.String(), i.ReviewOn.String(), i.LapsesOn.String(), i.Reason, i.Adviser, cohort}
}

// line is one young person as JSON.
type line struct {
	YoungPersonsID string `json:"youngPersonsID"`
	Given          string `json:"givenName"`
	Family         string `json:"familyName"`
	Born           string `json:"dateOfBirth,omitempty"`
	Activity       string `json:"activity"`
	Where          string `json:"where,omitempty"`
	Verified       string `json:"lastConfirmed,omitempty"`
	Review         string `json:"reviewDue,omitempty"`
	Lapses         string `json:"lapses"`
	Reason         string `json:"reason"`
	Adviser        string `json:"adviser,omitempty"`
	Cohort         string `json:"cohortStatus,omitempty"`
}

// WriteJSON writes who is due, one object a line, and returns how many. It needs
// what All needs.
func (s *Service) WriteJSON(ctx context.Context, by access.Actor, q Question, w io.Writer) (n int, err error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err = s.All(ctx, by, q, func(i Item) error {
		n++
		if i.Locked {
			return enc.Encode(line{Reason: "This record is restricted"})
		}
		return enc.Encode(line{i.YoungPersonsID, i.Given, i.Family, i.Born.String(), i.Activity, i.Establishment, i.VerifiedOn.String(), i.ReviewOn.String(), i.LapsesOn.String(), i.Reason, i.Adviser, i.CohortStatus})
	})
	return n, err
}

// ForecastColumns head a forecast as a file: one line for each day, scenario and
// measure, of the forecast and of each month replayed.
func ForecastColumns() []string {
	return []string{"made on", "for", "scenario", "cohort", "NEET", "not known", "combined", "combined percent", "error in points"}
}

// Rows are the forecast, its way, and the months replayed, under
// ForecastColumns. What came stands as a scenario of its own.
func (f *Forecast) Rows(months []Replayed) [][]string {
	var out [][]string
	add := func(made, on civil.Date, scenario string, c Count, off string) {
		out = append(out, []string{made.String(), on.String(), scenario, strconv.Itoa(c.Cohort), strconv.Itoa(c.NEET), strconv.Itoa(c.NotKnown), strconv.Itoa(c.Combined()),
			strconv.FormatFloat(c.Share(c.Combined()), 'f', 2, 64), off})
	}
	for _, p := range f.Course {
		add(f.From, p.On, "nothing done", p.Nothing, "")
		add(f.From, p.On, "all due confirmed", p.Confirmed, "")
		if f.Shares.Months > 0 {
			add(f.From, p.On, "lists worked as before", p.Worked, "")
		}
	}
	for _, m := range months {
		off := func(c Count) string { return strconv.FormatFloat(m.Error(c), 'f', 2, 64) }
		add(m.KnownOn, m.Month.End(), "nothing done", m.Nothing, off(m.Nothing))
		add(m.KnownOn, m.Month.End(), "all due confirmed", m.Confirmed, off(m.Confirmed))
		if m.Shares.Months > 0 {
			add(m.KnownOn, m.Month.End(), "lists worked as before", m.Worked, off(m.Worked))
		}
		add(m.CameOn, m.Month.End(), "what came", m.Came, "")
	}
	return out
}
