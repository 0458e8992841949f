package web

import (
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// peopleRoutes are the pages about young people: finding one, the record, its
// forms, and who is about to lapse.
func (s *Server) peopleRoutes() []Route {
	routes := []Route{
		{Method: "GET", Pattern: "/find", Permission: access.FindPerson, Handler: s.findPage, Nav: "Find", Past: true},
		{Method: "POST", Pattern: "/find", Permission: access.FindPerson, Handler: s.find, Past: true},
		{Method: "POST", Pattern: "/find/suggest", Permission: access.FindPerson, Handler: s.suggest, Past: true},
		{Method: "GET", Pattern: "/find/results/{ref}", Permission: access.FindPerson, Handler: s.findResults, Past: true},
		{Method: "GET", Pattern: "/young-people/new", Permission: access.AddPerson, Handler: s.addPersonPage},
		{Method: "POST", Pattern: "/young-people/new", Permission: access.AddPerson, Handler: s.addPerson, Draft: true},
		{Method: "GET", Pattern: "/young-people/{ref}/why", Permission: access.SeePerson, Handler: s.lookWhyPage},
		{Method: "POST", Pattern: "/young-people/{ref}/why", Permission: access.SeePerson, Handler: s.lookWhy},
		{Method: "GET", Pattern: "/young-people/{ref}", Permission: access.SeePerson, Handler: s.personPage, Past: true},
		{Method: "GET", Pattern: "/young-people/{ref}/contacts", Permission: access.SeePerson, Handler: s.contactsPage, Past: true},
		{Method: "GET", Pattern: "/young-people/{ref}/claims", Permission: access.SeeClaims, Handler: s.claimsPage},
		{Method: "POST", Pattern: "/young-people/{ref}/claims", Permission: access.SeeClaims, Handler: s.showClaims},
		{Method: "GET", Pattern: "/young-people/{ref}/history", Permission: access.SeeHistory, Handler: s.personHistory, Past: true},
		{Method: "GET", Pattern: "/young-people/{ref}/versions", Permission: access.SeeHistory, Handler: s.personVersions, Past: true},
	}
	routes = append(routes, s.questionRoutes()...)
	for _, f := range s.personForms() {
		for _, tail := range f.addresses {
			routes = append(routes,
				Route{Method: "GET", Pattern: "/young-people/{ref}/" + tail, Permission: f.permission, Handler: s.openPersonForm(f)},
				Route{Method: "POST", Pattern: "/young-people/{ref}/" + tail, Permission: f.permission, Handler: s.savePersonForm(f), Draft: true})
		}
	}
	return routes
}

// ageWords is "17 (18 on 3 March 2027)", and empty where the birth date is
// missing or yet to come.
func ageWords(born, today civil.Date) string {
	age := civil.Age(born, today)
	if age < 0 {
		return ""
	}
	return fmt.Sprintf("%d (%d on %s)", age, age+1, birthday(born, age+1).Words())
}

// shortAge is ageWords for a list, where the year of the next birthday goes
// without saying: "17 (18 on 3 March)".
func shortAge(born, today civil.Date) string {
	words := ageWords(born, today)
	if i := strings.LastIndex(words, " "); i > 0 {
		return words[:i] + ")"
	}
	return words
}

// whole keeps a date in one line of a table.
func whole(words string) string { return strings.ReplaceAll(words, " ", "\u00a0") }

// birthday is the day on which somebody reaches the age: 1 March of a common
// year for who was born on 29 February.
func birthday(born civil.Date, age int) civil.Date {
	day := born.AddYears(age)
	if civil.Age(born, day) < age {
		day = day.AddDays(1)
	}
	return day
}

// schoolAgeWords is "Academic age 16, Year 12 (born September 2009 to August
// 2010)" in short.
func schoolAgeWords(born, today civil.Date) string {
	age := civil.AcademicAge(born, today)
	if age < 0 {
		return ""
	}
	switch group := age - 4; {
	case group < 1:
		return "Not yet in Year 1"
	case group <= 13:
		return fmt.Sprintf("Year %d, academic age %d", group, age)
	}
	return fmt.Sprintf("Academic age %d", age)
}

// currency says in a tag whether what somebody does still counts on the day,
// and in a note until or since when.
func currency(e *nccis.Edition, activity string, lapses, neetSince, today civil.Date) (*Tag, string) {
	a, ok := e.Activity(activity)
	switch {
	case activity == "":
		return &Tag{Text: "None", Colour: "red"}, ""
	case !ok:
		return &Tag{Text: "No such code", Colour: "red"}, ""
	case a.Status == nccis.NotKnown:
		return &Tag{Text: "Not known", Colour: "grey"}, ""
	case a.Status == nccis.NEET:
		return &Tag{Text: "NEET", Colour: "orange"}, labelled("since ", neetSince.Words())
	case lapses.IsZero():
		return &Tag{Text: "Current", Colour: "green"}, ""
	case nccis.Lapsed(lapses, today):
		return &Tag{Text: "Not current", Colour: "red"}, "lapsed " + lapses.Words()
	case lapses.DaysSince(today) <= 31:
		return &Tag{Text: "Lapses soon", Colour: "yellow"}, "on " + lapses.Words()
	}
	return &Tag{Text: "Current", Colour: "green"}, "until " + lapses.Words()
}

// statusWords is where somebody stands in the Department's counting, in words.
func statusWords(status nccis.Status) string {
	switch status {
	case nccis.EET:
		return "in education, employment or training"
	case nccis.NEET:
		return "not in education, employment or training"
	case nccis.OutOfRates:
		return "left out of the rates"
	case nccis.CompulsorySchoolAge:
		return "of compulsory school age"
	}
	return "not known"
}

// activityWords is "Apprenticeship (310)".
func activityWords(e *nccis.Edition, code string) string {
	if a, ok := e.Activity(code); ok {
		return a.Label + " (" + code + ")"
	}
	if code == "" {
		return ""
	}
	return code + ": not a code of " + e.Name
}

// codeWords is the label of a code with the code, or the code and that it is
// none.
func codeWords(e *nccis.Edition, list nccis.List, code string) string {
	if c, ok := e.Code(list, code); ok {
		return c.Label + " (" + code + ")"
	}
	if code == "" {
		return ""
	}
	return code + ": not a code of " + e.Name
}

// cohortWords is a cohort status as it was stated.
func cohortWords(e *nccis.Edition, status string) string {
	if status == "" {
		return "Not stated"
	}
	return e.Label(nccis.CohortStatuses, status)
}

// area is the outward half of a postcode, which is as much as a list shows.
func area(postcode string) string {
	if n := len(postcode); n > 4 && postcode[n-4] == ' ' {
		return postcode[:n-4]
	}
	return postcode
}

// today is the day in London.
func (s *Server) today() civil.Date { return civil.On(s.Now(), civil.London()) }

// edition is the requirement in force this month.
func (s *Server) edition() *nccis.Edition {
	e, _ := s.Requirement.EditionOn(s.today().InMonth().End())
	return e
}

// peopleTable lists young people: who, how old, where, what they do, until
// when that counts.
func (s *Server) peopleTable(caption string, rows []record.Row, back string) Table {
	return s.peopleTableOn(caption, rows, civil.Date{})
}

// peopleTableOn is peopleTable as known on a day; no date is now.
func (s *Server) peopleTableOn(caption string, rows []record.Row, on civil.Date) Table {
	e, today := s.edition(), s.todayOr(on)
	t := Table{Caption: caption, Columns: []Column{{Text: "Name"}, {Text: "Born"}, {Text: "Area"}, {Text: "What they do now"}, {Text: "Adviser"}, {Text: "Does it count?"}, {Text: "Cohort"}}}
	if !on.IsZero() {
		t.Columns[3].Text = "What they did then"
	}
	for _, r := range rows {
		if r.Locked {
			t.Rows = append(t.Rows, lockedCells(r, len(t.Columns), personHref(r.Ref, "")))
			continue
		}
		name := r.Name()
		if name == "" {
			name = "No name recorded"
		}
		tag, until := currency(e, r.Activity, r.LapsesOn, r.NEETSince, today)
		born := Cell{Text: whole(r.Born.Words()), Note: shortAge(r.Born, today)}
		if r.Born.IsZero() {
			born = Cell{Text: "Not a date", Fault: true}
		}
		now := Cell{Text: activityWords(e, r.Activity), Note: r.Establishment}
		if r.Activity == "" {
			now.Text = "Nothing recorded"
		}
		if r.Unseen.Has(access.Birth) {
			born = Cell{}
		}
		if r.Unseen.Has(access.Activities) {
			now, tag, until = Cell{}, nil, ""
		}
		t.Rows = append(t.Rows, []Cell{
			{Header: true, Text: name, Href: asKnown(personHref(r.Ref, ""), on), Note: r.YoungPersonsID},
			born,
			{Text: area(r.Postcode)},
			now,
			{Text: r.Adviser},
			{Tag: tag, Note: whole(until)},
			{Text: cohortWords(e, r.CohortStatus)},
		})
	}
	return t
}
