package rights

import (
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/guarantee"
	"waymark/internal/nccis"
)

// labels are the columns whose names do not say it.
var labels = map[string]string{"dob": "Date of birth", "la_code": "Authority", "lead_la": "Lead authority", "educated_la": "Authority where educated", "la_at_year_11": "Authority at Year 11",
	"send": "Education, health and care plan", "sen_support": "SEN support", "ukprn": "Provider number", "stated_on": "Stated on", "with_whom": "With", "how": "How", "outcome": "What came of it",
	"neet_start": "Not in education, employment or training since", "ascertained": "Learned on", "line1": "Address", "line2": "Address", "line3": "Address", "line4": "Address", "said_by": "Said by", "said_name": "Name",
	"said": "In your own words", "at_time": "At", "next_on": "Next step by", "made_on": "Offered on", "suitable": "Suitable", "provision": "Kind of place", "direction": "Which way", "behind": "Part of a"}

func label(column string) string {
	if words, ok := labels[column]; ok {
		return words
	}
	return capital(strings.ReplaceAll(column, "_", " "))
}

// inWords is a value with what its code means.
func (g *gatherer) inWords(table, column, value string) string {
	list, ok := map[string]nccis.List{"particulars gender": nccis.Genders, "particulars ethnicity": nccis.Ethnicities, "cohort status": nccis.CohortStatuses,
		"need level": nccis.LevelsOfNeed, "characteristic code": nccis.Characteristics, "guarantee status": nccis.GuaranteeStatuses, "destination code": nccis.IntendedDestinations,
		"intended_destination code": nccis.IntendedDestinations}[table+" "+column]
	words := ""
	if ok {
		words = g.edition.Label(list, value)
	}
	if table == guarantee.Offers.Name {
		switch column {
		case "provision":
			return guarantee.WordsOf(guarantee.Provisions(), value)
		case "state":
			return guarantee.WordsOf(guarantee.States(), value)
		case "level":
			return guarantee.WordsOf(guarantee.Levels(), value)
		}
	}
	if column == "activity" {
		if a, ok := g.edition.Activity(value); ok {
			words = a.Label
		}
	}
	if d, err := civil.Parse(value); err == nil {
		return d.Words()
	}
	if column == "send" || column == "sen_support" {
		words = map[string]string{"Y": "Yes", "N": "No"}[value]
	}
	if words == "" || words == value {
		return value
	}
	return words + " (" + value + ")"
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// joined puts together what is not empty.
func joined(between string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, between)
}

func dayWords(text string) string {
	if d, err := civil.Parse(text); err == nil {
		return d.Words()
	}
	return text
}

func stretch(started, ended string) string {
	switch {
	case started == "" && ended == "":
		return "No dates"
	case ended == "":
		return "Since " + dayWords(started)
	case started == "":
		return "Until " + dayWords(ended)
	}
	return dayWords(started) + " to " + dayWords(ended)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "a moment that is not known"
	}
	return t.In(civil.London()).Format("2 January 2006, 15:04")
}
