package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/due"
	"waymark/internal/field"
	"waymark/internal/report"
)

type daysNEETPage struct {
	Page
	Leavers, Months, Within, By Choice
	Words                       string
	Lengths, Returned           *Table
	Groups                      *Table
	None                        *Empty
	Definitions                 Details
	Links                       []Link
	Past                        *pastForm
	Kept                        []keptField
}

func (s *Server) daysNEETRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/figures/days-neet", Permission: access.SeeFigures, Handler: s.daysNEETPage, Past: true},
		{Method: "GET", Pattern: "/figures/days-neet.csv", Permission: access.SeeFigures, Handler: s.daysNEETFile, Past: true},
		{Method: "GET", Pattern: "/figures/days-neet-window.csv", Permission: access.SeeFigures, Handler: s.daysNEETWindow, Past: true},
		{Method: "GET", Pattern: "/figures/days-neet-window.xlsx", Permission: access.SeeFigures, Handler: s.daysNEETWindow, Past: true},
		{Method: "GET", Pattern: "/figures/days-neet/people", Permission: access.ListPeople, Handler: s.daysNEETPeoplePage, Past: true},
	}
}

// askedNEET reads the address.
func (s *Server) askedNEET(r *http.Request) (due.NEETAsked, error) {
	v := r.URL.Query()
	on, err := s.knownOn(r)
	return due.NEETAsked{Leavers: atoi(v.Get("leavers")), Months: atoi(v.Get("months")), Within: atoi(v.Get("within")), By: v.Get("by"), KnownOn: on}, err
}

// countedNEET is what the address asks for; what cannot be counted is asked for
// again without it, and the complaints are given back.
func (s *Server) countedNEET(r *http.Request) (d *due.DaysNEET, wrong field.Errors, err error) {
	asked, err := s.askedNEET(r)
	if err != nil {
		return nil, nil, err
	}
	d, err = s.Due.DaysNEET(r.Context(), actorOf(r), asked)
	if errors.As(err, &wrong) {
		d, err = s.Due.DaysNEET(r.Context(), actorOf(r), due.NEETAsked{KnownOn: asked.KnownOn})
	}
	return d, wrong, err
}

func neetHref(path string, a due.NEETAsked) string {
	return asKnown(path+asQuery(url.Values{"leavers": {strconv.Itoa(a.Leavers)}, "months": {strconv.Itoa(a.Months)}, "within": {strconv.Itoa(a.Within)}, "by": {a.By}}), a.KnownOn)
}

// daysNEETPage is how long those who finished Year 11 in one summer were NEET,
// with the three treatments of not known side by side, and who came back.
func (s *Server) daysNEETPage(w http.ResponseWriter, r *http.Request) error {
	d, wrong, err := s.countedNEET(r)
	if err != nil {
		return err
	}
	on := d.Asked.KnownOn
	p := &daysNEETPage{Page: Page{Title: "Days NEET", Section: "/figures", Back: &Link{Text: "Figures", Href: asKnown("/figures", on)}, KnownOn: on,
		Lead: "How long those who finished Year 11 in one summer were NEET in the months after, by what is known today."}, Past: s.pastForm(r, on)}
	if !on.IsZero() {
		p.Lead = "How long those who finished Year 11 in one summer were NEET in the months after, by what was known then."
		p.Kept = []keptField{{"known-on", on.String()}}
	}
	for _, one := range wrong {
		p.Errors = append(p.Errors, FieldError{ID: one.Field, Message: one.Message})
	}
	s.neetForm(p, d)
	p.Words = fmt.Sprintf("From %s to %s.", d.From.Words(), d.To.Words())
	if !d.Whole {
		p.Words += " The window is not over, so these days are those so far."
	}
	p.Definitions = Details{Summary: "What is counted", Paragraphs: []string{
		"Days are counted on which a young person is of academic age 16 or 17 and in the figures here. NEET does not lapse: it lasts until something else is recorded. A situation that has lapsed is not known.",
		"Nobody knows what somebody did on a day on which they were not known, so each number stands three times. Where not known is left out, whoever was not known on more than half of their days is left out too.",
		fmt.Sprintf("Came back is education, employment or training that began within %s of becoming NEET. It lasted if it went on for 13 or 26 weeks without a break; where that lapsed it was not shown to last. Too early are those of whom it cannot be said yet, or who left the figures before.", plural(d.Asked.Within, "day", "days"))}}
	if d.All.Lengths[due.AsNotNEET].People == 0 {
		p.None = &Empty{Title: "Nobody is counted", Text: "The register knows of nobody who finished Year 11 in the summer of " + strconv.Itoa(d.Asked.Leavers) + " and was in the figures since.", Link: &Link{Text: "Figures", Href: "/figures"}}
		return s.render(w, r, "days_neet", p)
	}
	draw := neetDrawing{d, access.May(actorOf(r), access.ListPeople) && (on.IsZero() || access.May(actorOf(r), access.SeeHistory))}
	p.Lengths, p.Returned = draw.lengths(), draw.returned()
	if len(d.Groups) > 0 {
		p.Groups = draw.groups()
	}
	p.Links = []Link{{Text: "Download these tables (CSV)", Href: neetHref("/figures/days-neet.csv", d.Asked)},
		{Text: "Download as rows of the figures’ tidy table (CSV)", Href: neetHref("/figures/days-neet-window.csv", d.Asked)},
		{Text: "Download as rows of the figures’ tidy table (XLSX)", Href: neetHref("/figures/days-neet-window.xlsx", d.Asked)}}
	return s.render(w, r, "days_neet", p)
}

func (s *Server) neetForm(p *daysNEETPage, d *due.DaysNEET) {
	form := newForm(map[string]string{"leavers": strconv.Itoa(d.Asked.Leavers), "months": strconv.Itoa(d.Asked.Months), "within": strconv.Itoa(d.Asked.Within), "by": d.Asked.By})
	form.Errors = p.Errors
	years := Choice{Name: "leavers", Label: "Finished Year 11 in"}
	for _, year := range due.LeaverYears(s.todayOr(d.Asked.KnownOn)) {
		years.Options = append(years.Options, Option{Value: strconv.Itoa(year), Text: "summer " + strconv.Itoa(year)})
	}
	months := Choice{Name: "months", Label: "In the first"}
	for _, n := range []int{6, 12, 24} {
		months.Options = append(months.Options, Option{Value: strconv.Itoa(n), Text: strconv.Itoa(n) + " months"})
	}
	within := Choice{Name: "within", Label: "Came back within"}
	offered := []int{30, 60, 90, 180}
	for _, n := range offered {
		within.Options = append(within.Options, Option{Value: strconv.Itoa(n), Text: strconv.Itoa(n) + " days"})
	}
	ways := Choice{Name: "by", Label: "By"}
	for _, one := range [][2]string{{"all", "Everybody"}, {"sex", "Sex"}, {"send", "SEND"}, {"school", "School, college or employer"}, {"adviser", "Adviser"}} {
		ways.Options = append(ways.Options, Option{Value: one[0], Text: one[1]})
	}
	p.Leavers, p.Months, p.Within, p.By = form.Choice(years), form.Choice(months), form.Choice(within), form.Choice(ways)
}

func daysText(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// daysNEETFile is the page's tables for a spreadsheet.
func (s *Server) daysNEETFile(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.countedNEET(r)
	if err != nil {
		return err
	}
	return sendCSV(w, neetFileName(d)+".csv", due.NEETColumns(), func(write func(cells ...string) error) error {
		for _, row := range d.Rows() {
			if err := write(row...); err != nil {
				return err
			}
		}
		return nil
	})
}

func neetFileName(d *due.DaysNEET) string {
	return fmt.Sprintf("days-neet-%d-%d-months", d.Asked.Leavers, d.Asked.Months)
}

// daysNEETWindow is the same as rows of the tidy table, which the figures of the
// months have in their files too.
func (s *Server) daysNEETWindow(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.countedNEET(r)
	if err != nil {
		return err
	}
	tidy := &report.Result{Rows: d.Tidy()}
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		attach(w, neetFileName(d)+"-tidy.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		return tidy.WriteXLSX(w)
	}
	attach(w, neetFileName(d)+"-tidy.csv", "text/csv; charset=utf-8")
	return tidy.WriteCSV(w)
}

// daysNEET is how long this young person was NEET since Year 11; nothing where no
// day of theirs is counted.
func (v personView) daysNEET() Summary {
	d, counted := v.s.Due.OwnDaysNEET(v.Register, v.Life, v.today)
	if !counted {
		return Summary{}
	}
	sum := Summary{Title: "Days NEET since Year 11", ID: "days-neet", Rows: []Row{
		{Key: "Days NEET", Value: fmt.Sprintf("%s of %s, from %s to %s", count(d.NEET), plural(d.Counted, "day", "days"), d.From.Words(), d.To.Words())}}}
	if d.Unknown > 0 {
		sum.Rows = append(sum.Rows, Row{Key: "Days not known", Value: count(d.Unknown) + ". Nobody knows what they did then"})
	}
	for _, one := range d.Spells {
		words := fmt.Sprintf("%s to %s: %s", one.From.Words(), one.To.Words(), plural(one.Days(), "day", "days"))
		if one.Open {
			words = fmt.Sprintf("Since %s: %s so far", one.From.Words(), plural(one.Days(), "day", "days"))
		}
		sum.Rows = append(sum.Rows, Row{Key: "NEET", Value: words})
	}
	if access.May(actorOf(v.r), access.SeeFigures) {
		sum.Actions = []Link{{Text: "Figures of everybody", Hidden: "days NEET", Href: asKnown("/figures/days-neet", v.on)}}
	}
	return sum
}
