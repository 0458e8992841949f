package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/returns"
)

// listPage is how many rows of a list one page shows.
const listPage = 50

type returnCheckPage struct {
	Page
	Facts    Summary
	Together *Link
	Does     string
	Shown    string
	Table    Table
	Pages    Pagination
	Download string
	Done     *Empty
}

// returnCheckPage lists whom one check complains of, each with the way to the
// very field and back here.
func (s *Server) returnCheckPage(w http.ResponseWriter, r *http.Request) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	check := r.PathValue("check")
	row, known := d.Edition.Check(check)
	if !known {
		return db.NotFound
	}
	group, _ := d.Group(check)
	tail := "checks/" + check
	page := pageOf(r, group.Findings, listPage)
	problems := d.Problems(check, (page-1)*listPage, listPage)
	if err := s.sawPeople(r, access.SeeReturn, "return check "+check, concerned(problems)); err != nil {
		return err
	}
	p := &returnCheckPage{Page: s.head(m, row.Title), Facts: checkFacts(row)}
	p.Caption = m.period.Words() + ", check " + check
	if group.Findings == 0 {
		p.Done = &Empty{Title: "Nobody is left", Text: "This check passes for everybody in the return.", Link: &Link{Text: "See what else is wrong", Href: m.href("")}}
		return s.render(w, r, "return_check", p)
	}
	back := m.href(tail, "page", pageNumber(page)) + "#list"
	p.Table = problemTable(problems, back, m.on.IsZero() && mayMend(r))
	keepDayIn(&p.Table, m.on)
	p.Table.Caption, p.Table.Quiet = row.Title, true
	p.Shown = showing(page, listPage, len(problems), group.Findings, "finding", "findings")
	p.Pages = paginate(group.Findings, listPage, page, m.pageHref(tail))
	together, err := s.mendable(r, m, d)
	if err != nil {
		return err
	}
	if mend, ok := returns.Mends(check); ok && together[check] {
		p.Together = &Link{Text: "Mend all together", Href: m.href(tail + "/mend")}
		p.Does = sentence(mend.Does)
	}
	if access.May(actorOf(r), access.DownloadPeople) {
		p.Download = m.href(tail + "/findings.csv")
	}
	return s.render(w, r, "return_check", p)
}

// pageNumber is the page as addresses have it: the first needs none.
func pageNumber(page int) string {
	if page < 2 {
		return ""
	}
	return strconv.Itoa(page)
}

func checkFacts(row nccis.CheckRow) Summary {
	serious := Row{Key: "How serious", Value: "", Tag: priorityTag(row.Priority)}
	if !row.PrioritySeen {
		serious.Source = "The Department’s own priority for it has not been seen"
	}
	return Summary{Rows: []Row{{Key: "What to do", Value: sentence(row.Do)}, serious, {Key: "Who mends it", Value: capital(row.Owner)}}}
}

func concerned(problems []returns.Problem) []*returns.Person {
	var out []*returns.Person
	for _, p := range problems {
		out = append(out, p.Person)
	}
	return out
}

// personName is the name, or what else there is to call somebody by.
func personName(p *returns.Person) string {
	if name := p.Name(); name != "" {
		return name
	}
	return "No name recorded"
}

func problemTable(problems []returns.Problem, back string, mend bool) Table {
	t := Table{Columns: []Column{{Text: "Young person"}, {Text: "As it stands"}, {Text: "What is wrong"}}}
	if mend {
		// Beside the name, so that it is in sight on a narrow screen too.
		t.Columns = slices.Insert(t.Columns, 1, Column{Text: "Mend"})
	}
	for _, x := range problems {
		item := nccis.FieldLabel(x.Field)
		row := []Cell{{Text: "The whole file", Header: true}, {Text: orEmpty(x.Value), Note: item, Fault: true}, {Text: x.Message}}
		way := Cell{}
		if x.Person != nil {
			name := personName(x.Person)
			row[0] = Cell{Text: name, Note: x.Record, Href: personHref(x.Person.Ref, ""), Header: true}
			way = Cell{Text: "Mend", Hidden: strings.ToLower(item) + " of " + name, Href: mendHref(string(x.Person.Ref), x.Fix, x.Field.String(), back)}
		}
		if mend {
			row = slices.Insert(row, 1, way)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// findingsFile are all findings of the return, or those of one check.
func (s *Server) findingsFile(w http.ResponseWriter, r *http.Request) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	var problems []returns.Problem
	name := "findings-" + m.period.String()
	if check := r.PathValue("check"); check != "" {
		if _, known := d.Edition.Check(check); !known {
			return db.NotFound
		}
		problems = d.Problems(check, 0, 0)
		name += "-check-" + check
	} else {
		for _, f := range d.Findings {
			problems = append(problems, d.Problem(f))
		}
	}
	people := concerned(problems)
	head := []string{"check", "priority", "who mends it", "young person", "name", "item", "as it stands", "what is wrong"}
	return s.sendPeople(w, r, peopleFile{name + ".csv", len(people), head}, func(write func(...string) error) error {
		if err := s.sawPeople(r, access.DownloadPeople, name, people); err != nil {
			return err
		}
		for _, x := range problems {
			row, _ := d.Edition.Check(x.Check)
			who := ""
			if x.Person != nil {
				who = x.Person.Name()
			}
			if err := write(x.Check, strconv.Itoa(x.Priority), row.Owner, x.Record, who, nccis.FieldLabel(x.Field), x.Value, x.Message); err != nil {
				return err
			}
		}
		return nil
	})
}
