package web

import (
	"slices"
	"strings"

	"waymark/internal/activity"
	"waymark/internal/fact"
	"waymark/internal/id"
)

// timeline is what they did, newest first.
func (v personView) timeline() Timeline {
	t := Timeline{Label: "Activities, newest first"}
	spells := slices.Clone(v.Life.Spells)
	slices.SortStableFunc(spells, func(a, b fact.Of[activity.Spell]) int { return strings.Compare(b.Started, a.Started) })
	current := id.Fact(0)
	if v.View.Spell != nil {
		current = v.View.Spell.ID
	}
	for _, f := range spells {
		e := Event{Title: activityWords(v.Edition, f.Is.Activity), Date: stretch(f.Started, f.Ended), Body: f.Is.EstablishmentName, Now: f.ID == current}
		if s, ok := v.Sources[f.Evidence]; ok {
			e.By = capital(s.Words())
		}
		if e.Now {
			e.Badge = &Badge{Text: "Now", Tone: "good"}
		}
		if v.record {
			e.Actions = []Link{{Text: "Correct", Hidden: e.Title + " " + e.Date, Href: personHref(v.ref, "activity/edit") + "?which=" + markOf(f.ID)}}
		}
		t.Items = append(t.Items, e)
	}
	return t
}
