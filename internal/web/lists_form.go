package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/list"
	"waymark/internal/nccis"
)

// listForm is the form that adds filters and chooses columns.
type listForm struct {
	Open    bool
	Kept    []keptField
	Selects []Choice
	Days    []Input
	Columns Choice
}

// filterWords name the filters.
func filterWords(f list.Filter) string {
	return map[list.Filter]string{list.Status: "Situation", list.Activity: "What they do", list.School: "School or college", list.Age: "Academic age", list.Cohort: "Cohort status",
		list.Adviser: "Adviser", list.Lead: "Lead authority", list.Area: "Postcode area", list.LapsesFrom: "Lapses on or after", list.LapsesBy: "Lapses by", list.ReviewBy: "Review due by", list.Returned: "In the return",
		list.NEETAfter: "NEET since this day or later", list.NEETBefore: "NEET since this day or earlier", list.ContactAfter: "Last contact on or after", list.ContactBefore: "No contact since",
		list.Telephone: "Telephone", list.SEND: "SEND", list.Vulnerable: "Vulnerable group", list.Characteristic: "Characteristic", list.Level: "Level of need",
		list.Gender: "Gender", list.Ethnicity: "Ethnicity", list.EthnicityGroup: "Ethnic group",
		list.Guarantee: "September Guarantee", list.GuaranteeYear: "September Guarantee: finishing", list.Intended: "Intended destination", list.Enrolled: "Lists of enrolments", list.Left: "Has left"}[f]
}

// fixedWords are the values of the filters that are alike in every register.
func fixedWords(f list.Filter) []Option {
	switch f {
	case list.Status:
		return []Option{{Value: "neet", Text: "NEET"}, {Value: "nk", Text: "Not known"}, {Value: "lapsed", Text: "Not known because it lapsed"}, {Value: "eet", Text: "In education, employment or training"}}
	case list.Returned:
		return []Option{{Value: "yes", Text: "In the return"}, {Value: "no", Text: "Not in the return"}}
	case list.Telephone:
		return []Option{{Value: "none", Text: "No telephone number"}, {Value: "yes", Text: "Has a telephone number"}}
	case list.SEND:
		return []Option{{Value: "ehcp", Text: sendWords("ehcp")}, {Value: "support", Text: sendWords("support")}, {Value: "none", Text: sendWords("none")}}
	case list.Guarantee:
		return []Option{{Value: "gap", Text: "Without an offer (none, or none recorded)"}, {Value: "no-offer", Text: "No offer"}, {Value: "not-recorded", Text: "Nothing recorded"}, {Value: "made", Text: "An offer made"}, {Value: "not-appropriate", Text: "An offer is not appropriate"}}
	case list.GuaranteeYear:
		return []Option{{Value: "11", Text: "Year 11"}, {Value: "12", Text: "Year 12"}}
	case list.Intended:
		return []Option{{Value: "none", Text: "Not said where they intend to go"}, {Value: "yes", Text: "Has said where they intend to go"}}
	case list.Enrolled:
		return []Option{{Value: "none", Text: "Named in none of this academic year"}, {Value: "yes", Text: "Named in one of this academic year"}}
	case list.Vulnerable:
		return []Option{{Value: "yes", Text: "In the vulnerable group"}, {Value: "no", Text: "Not in the vulnerable group"}}
	}
	return nil
}

func sendWords(value string) string {
	return map[string]string{"ehcp": "Education, health and care plan", "support": "SEN support", "none": "Neither plan nor support"}[value]
}

// codeLists are the filters by a code of the requirement.
func codeList(f list.Filter) (nccis.List, bool) {
	l, ok := map[list.Filter]nccis.List{list.Cohort: nccis.CohortStatuses, list.Characteristic: nccis.Characteristics, list.Level: nccis.LevelsOfNeed,
		list.Gender: nccis.Genders, list.Ethnicity: nccis.Ethnicities}[f]
	return l, ok
}

// listOptions are what a filter offers.
func (s *Server) listOptions(r *http.Request, f list.Filter, c list.Choices) []Option {
	e := s.edition()
	of := func(choices []list.Choice) []Option {
		var out []Option
		for _, one := range choices {
			out = append(out, Option{Value: one.Value, Text: one.Words})
		}
		return out
	}
	if l, ok := codeList(f); ok {
		var out []Option
		for _, one := range e.Codes(l) {
			out = append(out, Option{Value: one.Code, Text: one.Label + " (" + one.Code + ")"})
		}
		if f == list.Cohort {
			out = append(out, Option{Value: "none", Text: "Not stated"})
		}
		return out
	}
	switch f {
	case list.Activity:
		return append([]Option{{Value: "none", Text: "Nothing recorded"}}, activityOptions(e)...)
	case list.School:
		return append([]Option{{Value: "none", Text: "None recorded"}}, of(c.Schools)...)
	case list.Left:
		return of(slices.DeleteFunc(slices.Clone(c.Schools), func(one list.Choice) bool { return strings.Trim(one.Value, "0123456789") != "" }))
	case list.Area:
		return of(c.Areas)
	case list.Lead:
		return s.leadOptions(r, c)
	case list.Adviser:
		return append([]Option{{Value: "me", Text: "Mine"}, {Value: "none", Text: "Nobody’s"}}, of(c.Advisers)...)
	case list.Age:
		var out []Option
		for age := 15; age <= 24; age++ {
			out = append(out, Option{Value: strconv.Itoa(age), Text: ageOption(age)})
		}
		return out
	case list.EthnicityGroup:
		var out []Option
		for _, one := range e.Codes(nccis.Ethnicities) {
			if one.Group != "" && !slices.ContainsFunc(out, func(o Option) bool { return o.Value == one.Group }) {
				out = append(out, Option{Value: one.Group, Text: one.Group})
			}
		}
		return out
	}
	return fixedWords(f)
}

func ageOption(age int) string {
	if age <= 17 {
		return fmt.Sprintf("%d (Year %d)", age, age-4)
	}
	return strconv.Itoa(age)
}

// leadOptions name the authorities.
func (s *Server) leadOptions(r *http.Request, c list.Choices) []Option {
	named := map[string]string{}
	if book, err := s.Registers.Get(r.Context(), s.Register); err == nil {
		for _, a := range book.Authorities {
			named[a.Code] = a.Name
		}
	}
	var out []Option
	for _, one := range c.Leads {
		text := one.Value
		if named[one.Value] != "" {
			text = named[one.Value] + " (" + one.Value + ")"
		}
		out = append(out, Option{Value: one.Value, Text: text})
	}
	return out
}

// listActivityGroups are the groups of activities, by their letters.
func listActivityGroups() []Option {
	return []Option{{Value: "CS", Text: "Of compulsory school age"}, {Value: "ED", Text: "In education"}, {Value: "EM", Text: "In employment"}, {Value: "TR", Text: "In training"},
		{Value: "RE", Text: "Re-engaging"}, {Value: "NE", Text: "NEET"}, {Value: "NK", Text: "Not known"}, {Value: "OT", Text: "Other"}}
}

func activityOptions(e *nccis.Edition) []Option {
	var out []Option
	for _, g := range listActivityGroups() {
		all := Option{Value: g.Value, Text: "All: " + strings.ToLower(g.Text[:1]) + g.Text[1:], Group: g.Text}
		if g.Value == "NE" {
			all.Text = "All: NEET"
		}
		out = append(out, all)
		for _, a := range e.Activities() {
			if a.Group == g.Value {
				out = append(out, Option{Value: a.Code, Text: a.Label + " (" + a.Code + ")", Group: g.Text})
			}
		}
	}
	return out
}

// listForm builds the form: what is chosen is carried along, and each field
// adds to it.
func (s *Server) listForm(r *http.Request, a listAsked) (listForm, error) {
	c, err := s.Lists.Choices(r.Context(), actorOf(r), a.q.KnownOn)
	if err != nil {
		return listForm{}, err
	}
	form := newForm(nil)
	var out listForm
	for _, f := range list.Filters() {
		for _, value := range a.q.Filters[f] {
			if !f.IsDay() {
				out.Kept = append(out.Kept, keptField{string(f), value})
			}
		}
		if f.IsDay() {
			if values := a.q.Filters[f]; len(values) > 0 {
				form.values.Set(string(f), values[0])
			}
			out.Days = append(out.Days, form.Input(Input{Name: string(f), ID: "by-" + string(f), Label: filterWords(f), Type: "date", Width: "10"}))
			continue
		}
		options := append([]Option{{Value: "", Text: "Any"}}, s.listOptions(r, f, c)...)
		if len(a.q.Filters[f]) > 0 {
			options[0].Text = "Add another"
		}
		out.Selects = append(out.Selects, form.Choice(Choice{Name: string(f), ID: "by-" + string(f), Label: filterWords(f), Options: options}))
	}
	columns := Choice{Name: "col", Label: "Columns", Small: true, Inline: true}
	for _, one := range list.Columns() {
		columns.Options = append(columns.Options, Option{Value: string(one), Text: listHead(one)})
		if slices.Contains(a.q.Columns, one) {
			form.values.Add("col", string(one))
		}
	}
	out.Columns = form.Choice(columns)
	if v := a.q.Values().Get("sort"); v != "" {
		out.Kept = append(out.Kept, keptField{"sort", v})
	}
	if !a.q.KnownOn.IsZero() {
		out.Kept = append(out.Kept, keptField{"known-on", a.q.KnownOn.String()})
	}
	return out, nil
}

// listTags are the filters chosen, each a link that takes it away.
func (s *Server) listTags(r *http.Request, a listAsked, p *listsPage) error {
	c, err := s.Lists.Choices(r.Context(), actorOf(r), a.q.KnownOn)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		f     list.Filter
		words string
	}{
		{list.Enrolled, "A young person is named where a list of this academic year that has been put into the register has a row about them: a roll of a school or college, a list of enrolments, of starters and leavers, of learners or of apprentices, whoever sent it."},
		{list.Left, "Somebody has left who was there until a day since 1 September of last academic year, and is not there now. Schools and colleges are known by their number."},
		{list.Guarantee, "This is the season of the September Guarantee that opened last: whom an offer is owed, and how each of them stands. Once it has closed, it is how they stood then."},
	} {
		if len(a.q.Filters[one.f]) > 0 {
			p.Banners = append(p.Banners, Banner{Tone: "info", Strong: filterWords(one.f) + ".", Text: one.words})
		}
	}
	p.Tags = FilterTags{Label: "Only those of whom this is so", Clear: asKnown("/lists", a.q.KnownOn)}
	for _, f := range list.Filters() {
		for _, value := range a.q.Filters[f] {
			words := value
			switch {
			case f.IsDay():
				words = civil.MustParse(value).Words()
			case f == list.School:
				name, now, err := s.Lists.SchoolWords(r.Context(), actorOf(r), c, value)
				if err != nil {
					return err
				}
				if words = name; !now && !a.q.KnownOn.IsZero() {
					words += " (nobody was there then)"
				} else if !now {
					words += " (nobody is there now)"
					p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "Nobody is at " + name + " now.",
						Text: "It may have closed, merged or been given another number. The list still asks for it; choose the school that took its place, if there is one."})
				}
			case f == list.Left:
				name, err := s.Lists.InstitutionWords(r.Context(), actorOf(r), c, value)
				if err != nil {
					return err
				}
				words = name
			default:
				for _, o := range s.listOptions(r, f, c) {
					if o.Value == value {
						words = strings.TrimPrefix(o.Text, "All: ")
					}
				}
			}
			p.Tags.Chosen = append(p.Tags.Chosen, Link{Text: filterWords(f) + ": " + words, Href: a.href("/lists", a.q.Without(f, value), 0)})
		}
	}
	return nil
}

// savedLists shows the lists under a name.
func (s *Server) savedLists(r *http.Request, p *listsPage) error {
	by := actorOf(r)
	if !access.May(by, access.KeepList) {
		return nil
	}
	all, err := s.Lists.Saved(r.Context(), by)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		p.SavedNone = &Empty{Title: "No list is kept yet", Text: "Choose what the list asks below and press Show. Then keep it under a name, for yourself or for others."}
		return nil
	}
	t := Table{Caption: "Lists kept under a name", Columns: []Column{{Text: "List"}, {Text: "Who sees it"}, {Text: "Kept by"}}}
	for _, l := range all {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: l.Name, Href: asKnown("/lists/"+string(l.Ref), p.KnownOn)}, {Text: withWords(l.Shared)}, {Text: ownerWords(l, by)}})
	}
	p.Saved = &t
	return nil
}

// withWords are whom a list is shared with.
func withWords(shared string) string {
	switch shared {
	case "":
		return "Only me"
	case list.Everybody:
		return "Everybody who may see young people"
	case string(access.InformationGovernance):
		return "The information governance team"
	}
	return "All " + shared + "s"
}

func ownerWords(l list.Saved, by access.Actor) string {
	if l.Owner == by.Ref {
		return "You"
	}
	return l.OwnerName
}

func sharedWords(l list.Saved, by access.Actor) string {
	if l.Owner != by.Ref {
		return "Kept by " + l.OwnerName + "."
	}
	if l.Shared == "" {
		return "Only you see this list."
	}
	return withWords(l.Shared) + " see this list."
}
