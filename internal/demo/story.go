package demo

import (
	"time"

	"waymark/internal/civil"
	"waymark/internal/youngperson"
)

// Story is one of the young cast: somebody whom documents, tests and
// screenshots know by name.
type Story struct {
	Person *Person
	// Is what there is to see, in a sentence.
	Is string
}

// stories makes the young cast. What they do is laid down; the days are drawn.
func (m *maker) stories() {
	w := m.w
	month := func(year civil.AcademicYear, of time.Month) civil.Month {
		y := int(year)
		if of < time.September {
			y++
		}
		return civil.Month{Year: y, Month: of}
	}
	last, before := w.year-1, w.year-2
	for _, s := range []struct {
		name              youngperson.Name
		gender, ethnicity string
		final             civil.AcademicYear
		plan              bool
		traits            []string
		late              int
		story             map[civil.Month]state
		is                string
	}{
		{youngperson.Name{Given: "Keira", Middle: "Mae", Family: "Wolstenholme-Eze"}, "F", "MWBA", before, false, []string{"210"}, 1,
			map[civil.Month]state{month(before+1, time.September): college, month(before+1, time.February): neet,
				month(before+1, time.May): reengaged, month(before+1, time.July): neet},
			"left her sixth form in the second term, tried re-engagement, and has been NEET since the summer"},
		{youngperson.Name{Given: "Yusuf", Family: "Gebremedhin"}, "M", "BAFR", last, false, nil, 1,
			map[civil.Month]state{month(last+1, time.September): college}, "not known in September, found at college in October"},
		{youngperson.Name{Given: "Bláthnaid", Middle: "Rose", Family: "O'Dowd"}, "F", "WIRI", before, false, nil, 0,
			map[civil.Month]state{month(before+1, time.September): college, month(before+2, time.September): apprentice},
			"a year at college, then an apprenticeship"},
		{youngperson.Name{Given: "Szymon", Family: "Wójcik"}, "M", "WOTH", w.year - 3, true, nil, 0,
			map[civil.Month]state{month(w.year-2, time.September): college}, "18 with an education, health and care plan"},
		{youngperson.Name{Given: "Zunairah", Family: "Siddiqui"}, "F", "APKN", w.year, false, nil, 0, nil, "in Year 11"},
		{youngperson.Name{Given: "J", Family: "Loveridge"}, "M", "WROM", last, false, []string{"140"}, 2,
			map[civil.Month]state{month(last+1, time.September): unknown, month(last+1, time.January): job},
			"goes by an initial; not found for months after Year 11"},
	} {
		p := m.person(s.final, int(w.year-s.final))
		s.name.Kind = youngperson.Legal
		p.Names[0].Is, p.gender, p.plan, p.help, p.traits = s.name, s.gender, s.plan, false, s.traits
		p.Particulars[0].Is.Gender, p.Particulars[0].Is.Ethnicity = s.gender, s.ethnicity
		p.adviser, p.school, p.story, p.foundLate, p.named = 0, schools()[0], s.story, s.late, true
		if p.plan {
			p.adviser = sendAdviser - firstAdviser
		}
		w.People = append(w.People, p)
		w.Stories = append(w.Stories, Story{p, s.is})
	}
}
