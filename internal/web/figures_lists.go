package web

import (
	"net/url"
	"strings"

	"waymark/internal/list"
	"waymark/internal/report"
)

// measureAsList is what a list asks for those behind a measure; nil where no
// list can say it. Where somebody moved between two months is one such, and so
// is taking part, which leaves out work without study.
func measureAsList(measure string) url.Values {
	switch measure {
	case "neet":
		return url.Values{string(list.Status): {"neet"}}
	case "not_known":
		return url.Values{string(list.Status): {"nk"}}
	case "combined":
		return url.Values{string(list.Status): {"neet", "nk"}}
	case "not_known_lapsed":
		return url.Values{string(list.Status): {"lapsed"}}
	case "participation_app":
		return url.Values{string(list.Status): {"eet"}, string(list.Activity): {"310"}}
	case "participation_pte":
		return url.Values{string(list.Status): {"eet"}, string(list.Activity): {"250"}}
	}
	if _, known := report.MeasureOf(measure); !known {
		return nil
	}
	for _, family := range []string{"neet_", "not_known_"} {
		if code, ok := strings.CutPrefix(measure, family); ok && len(code) == 3 {
			return url.Values{string(list.Activity): {code}}
		}
	}
	return nil
}

// groupAsList says that a list can be asked for the group.
func groupAsList(g report.Group) bool {
	return g.Kind() != "year" && g.Key() != "not known" && !g.AdviserWithoutAccount() && !g.IsWard()
}

// asList is the address of the list of everybody who stands today, or stood on
// the day whose knowledge is shown, as those behind a number stood: to sort, to work through, to keep and to share. It is
// "" where no list can say it.
func (a figuresAsked) asList(measure string, group report.Group) string {
	v := measureAsList(measure)
	if v == nil {
		return ""
	}
	aged := false
	for _, g := range append([]report.Group{group}, a.only...) {
		if g == report.All {
			continue
		}
		if !groupAsList(g) {
			return ""
		}
		aged = aged || g.Kind() == "age"
		v.Add("only", string(g))
	}
	if !aged { // whom the rates count
		v.Add("only", "age:16")
		v.Add("only", "age:17")
	}
	v.Set(string(list.Cohort), "P")
	return asKnown("/lists"+asQuery(v), a.knownOn)
}
