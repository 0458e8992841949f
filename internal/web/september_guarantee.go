package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/guarantee"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/season"
)

const guaranteeHref = "/september-guarantee"

// seasonAsked is the season in the address; without one the one that has opened
// last. It is false for what is none.
func (s *Server) seasonAsked(r *http.Request) (int, bool) {
	text := r.URL.Query().Get("season")
	if text == "" {
		return season.Of(s.today()), true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 2000 && n <= 2100
}

func seasonChoice(form *Form, around int) Choice {
	c := Choice{Name: "season", Label: "Season"}
	for y := around + 1; y >= around-3; y-- {
		c.Options = append(c.Options, Option{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
	}
	return form.Choice(c)
}

// nodeWords are the people of a node, by where they are on a day.
func nodeWords(year int, node string, on civil.Date) string {
	return fmt.Sprintf("Year %d", season.YearGroup(year, node, on))
}

func (s *Server) guaranteePage(w http.ResponseWriter, r *http.Request) error {
	return s.showGuarantee(w, r, newForm(nil))
}

func (s *Server) showGuarantee(w http.ResponseWriter, r *http.Request, form *Form) error {
	year, ok := s.seasonAsked(r)
	if !ok {
		return db.NotFound
	}
	by := actorOf(r)
	st, err := s.Season.On(r.Context(), by, year, civil.Date{})
	if errors.As(err, new(act.BeforeBegan)) {
		return s.noGuarantee(w, r, form, year, err)
	}
	if err != nil {
		return err
	}
	before, err := s.Season.Before(r.Context(), by, st)
	if err != nil {
		return err
	}
	p := s.newYearPage(r, guaranteeHref, fmt.Sprintf("September Guarantee %d", year))
	p.Form, p.Errors = form, form.Errors
	p.Lead = "An offer, by the end of September, of a suitable place in learning: to everybody who finishes Year 11, and again to everybody who finishes Year 12."
	asked := newForm(map[string]string{"season": strconv.Itoa(year)})
	p.Filter = []Choice{seasonChoice(asked, season.Of(s.today()))}
	p.Words = []string{s.seasonWords(st)}
	if len(st.Baselines) > 0 {
		for _, node := range season.Nodes() {
			p.Stats = append(p.Stats, guaranteeStat(st, before, node))
		}
	}
	p.Sections = append(p.Sections, outcomeSection(st, before, access.May(actorOf(r), access.ListPeople)), s.baselineSection(r, st))
	for _, node := range season.Nodes() {
		p.Sections = append(p.Sections, s.schoolSection(r, st, node))
	}
	return s.render(w, r, "year", p)
}

// noGuarantee is the page of a season of which the register knows nothing.
func (s *Server) noGuarantee(w http.ResponseWriter, r *http.Request, form *Form, year int, why error) error {
	var began act.BeforeBegan
	errors.As(why, &began)
	p := s.newYearPage(r, guaranteeHref, fmt.Sprintf("September Guarantee %d", year))
	p.Form, p.Errors = form, form.Errors
	p.Filter = []Choice{seasonChoice(newForm(map[string]string{"season": strconv.Itoa(year)}), season.Of(s.today()))}
	p.Sections = []yearSection{{None: &Empty{Title: "Nothing is known of this season", Text: began.Error()}}}
	return s.render(w, r, "year", p)
}

// seasonWords say how far the season has come.
func (s *Server) seasonWords(st *season.State) string {
	today := s.today()
	closes := season.Closes(st.Season)
	switch {
	case today.After(closes):
		return "The season closed with October’s return, on " + closes.Words() + ". This is how it stood then, as it was known then."
	case season.Grace(st.Season, today):
		return "Everybody has moved up a year, and still counts in the season that they finished: it shows until it closes with October’s return, on " + closes.Words() + "."
	case len(st.Baselines) > 0:
		return "The baselines are drawn. Offers are wanted by 30 September; the season closes with October’s return, on " + closes.Words() + "."
	case today.Before(season.Opens(st.Season)):
		return "The season has not opened. These are whom it will be about, by what is known today; the baselines are drawn from " + season.Opens(st.Season).Words() + " on."
	}
	return "The baselines are to be drawn: they fix whom an offer is owed."
}

func guaranteeStat(st, before *season.State, node string) Stat {
	c := st.Count(node)
	one := Stat{Number: percent(c.By[season.Made], c.Owed), Words: nodeWords(st.Season, node, st.On) + ": an offer made", Note: fmt.Sprintf("%s of %s", count(c.By[season.Made]), count(c.Owed))}
	if before != nil {
		if was := before.Count(node); was.Owed > 0 {
			one.Note += "; " + percent(was.By[season.Made], was.Owed) + " on " + before.On.Words() + ", as known then"
		}
	}
	return one
}

// outcomeSection is the four groups that the Department publishes, beside those
// of the year before on the same date.
func outcomeSection(st, before *season.State, named bool) yearSection {
	t := Table{Caption: "The four groups that the Department publishes", Quiet: true, Columns: []Column{{Text: "Group"}}}
	for _, node := range season.Nodes() {
		t.Columns = append(t.Columns, Column{Text: nodeWords(st.Season, node, st.On), Numeric: true}, Column{Text: "a year before", Numeric: true})
	}
	row := func(words string, of func(season.Count) int, linked func(node string) string) {
		cells := []Cell{{Header: true, Text: words}}
		for _, node := range season.Nodes() {
			now := st.Count(node)
			one := Cell{Text: count(of(now)), Note: percent(of(now), now.Owed)}
			if linked != nil && named {
				one.Href, one.Hidden = linked(node), nodeWords(st.Season, node, st.On)+": "+words
			}
			was := Cell{Text: "–"}
			if before != nil {
				if c := before.Count(node); c.Owed > 0 {
					was = Cell{Text: count(of(c)), Note: percent(of(c), c.Owed)}
				}
			}
			cells = append(cells, one, was)
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, o := range season.Outcomes() {
		row(string(o), func(c season.Count) int { return c.By[o] }, func(node string) string {
			return seasonHref("people", st.Season, "node", node, "outcome", string(o))
		})
	}
	row("All who are owed an offer", func(c season.Count) int { return c.Owed }, nil)
	row("Offers say something else", func(c season.Count) int { return c.Differs }, func(node string) string {
		return seasonHref("people", st.Season, "node", node, "which", "differs")
	})
	var links []Link
	if named && st.Season == season.Of(st.On) {
		links = []Link{{Text: "List those without an offer: to keep it, or to make a campaign of it", Href: "/lists?" + string(list.Guarantee) + "=gap"}}
	}
	return yearSection{Links: links, Title: "Where it stands on " + st.On.Words(), Table: &t,
		Words: []string{"Year 11 is led by the authority where they are taught, Year 12 by the one where they live. The year before is as it was known on the same date."}}
}

func seasonHref(page string, year int, pairs ...string) string {
	q := url.Values{"season": {strconv.Itoa(year)}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if page != "" {
		page = "/" + page
	}
	return guaranteeHref + page + asQuery(q)
}

// baselineSection is what was fixed in May, and who came and went since; or the
// button that fixes it.
func (s *Server) baselineSection(r *http.Request, st *season.State) yearSection {
	sec := yearSection{Title: "The baselines"}
	if len(st.Baselines) == 0 {
		sec.None = &Empty{Title: "No baseline is drawn", Text: "It fixes at the end of May whom an offer is owed. Whoever comes later is listed apart, and can push the share over 100%."}
		today := s.today()
		if access.May(actorOf(r), access.DrawBaseline) && !today.Before(season.Opens(st.Season)) && !today.After(season.Closes(st.Season)) {
			sec.Press = &yearPress{Action: seasonHref("draw", st.Season), Button: fmt.Sprintf("Draw the baselines of %d", st.Season)}
		}
		return sec
	}
	t := Table{Caption: "Since the baselines were drawn", Quiet: true, Columns: []Column{{Text: "Baseline"}, {Text: "On it", Numeric: true}, {Text: "Came later", Numeric: true},
		{Text: "Left since", Numeric: true}, {Text: "Owed now", Numeric: true}, {Text: "Offers of the baseline", Numeric: true}}}
	for _, b := range st.Baselines {
		c := st.Count(b.Node)
		drawn := "Drawn on " + civil.On(b.At, civil.London()).Words() + " by " + b.By
		if b.Late() {
			drawn += ", late: it holds " + b.For.Words() + " as known then"
		}
		name := map[string]string{guarantee.Year11: "Finishing Year 11", guarantee.Year12: "Finishing Year 12"}[b.Node]
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: name, Note: drawn}, {Text: count(b.People)},
			{Text: count(c.Later), Href: s.ifOpen(r, seasonHref("people", st.Season, "node", b.Node, "which", "later")), Hidden: name + ": came later"},
			{Text: count(c.Left), Href: s.ifOpen(r, seasonHref("people", st.Season, "node", b.Node, "which", "left")), Hidden: name + ": left since"},
			{Text: count(c.Owed)}, {Text: percent(c.By[season.Made], b.People)}})
	}
	sec.Table = &t
	return sec
}

// schoolSection counts a node by school, those with most to find first.
func (s *Server) schoolSection(r *http.Request, st *season.State, node string) yearSection {
	words := map[string]string{guarantee.Year11: "Finishing Year 11, by school", guarantee.Year12: "Finishing Year 12, by where they learned"}[node]
	t := Table{Caption: words, Quiet: true, Columns: []Column{{Text: "School or college"}, {Text: "Owed", Numeric: true}, {Text: "Offer made", Numeric: true}, {Text: "Not appropriate", Numeric: true}, {Text: "No offer", Numeric: true}, {Text: "No record", Numeric: true}}}
	named := access.May(actorOf(r), access.ListPeople)
	for _, c := range st.Schools(node) {
		if c.Owed == 0 {
			continue
		}
		name, key := c.School.Name, c.School.Key()
		if name == "" {
			name = orText(c.School.Number, "No school recorded")
		}
		if key == "" {
			key = season.NoSchool
		}
		cell := func(o season.Outcome) Cell {
			one := Cell{Text: count(c.By[o])}
			if named && c.By[o] > 0 && o != season.Made {
				one.Href, one.Hidden = seasonHref("people", st.Season, "node", node, "school", key, "outcome", string(o)), name+": "+string(o)
			}
			return one
		}
		made := cell(season.Made)
		made.Note = percent(c.By[season.Made], c.Owed)
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: name, Note: c.School.Number}, {Text: count(c.Owed)}, made, cell(season.NotAppropriate), cell(season.NoOffer), cell(season.NotRecorded)})
	}
	if len(t.Rows) == 0 {
		return yearSection{Title: words, None: &Empty{Title: "Nobody", Text: "Nobody is owed an offer here."}}
	}
	return yearSection{Title: words, Table: &t}
}

func (s *Server) drawBaseline(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	year, ok := s.seasonAsked(r)
	if !ok {
		return db.NotFound
	}
	_, err = s.Season.Draw(r.Context(), actorOf(r), year, form.Key)
	if form.Take(err) {
		for i := range form.Errors {
			form.Errors[i].ID = "" // a button has no field to lead to
		}
		return s.showGuarantee(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, seasonHref("", year), "The baselines are drawn. They stay as they are.", nil)
}

// whichAsked is what the address asks for of a season.
func whichAsked(r *http.Request) season.Which {
	q := r.URL.Query()
	w := season.Which{Node: q.Get("node"), School: q.Get("school"), Outcome: season.Outcome(q.Get("outcome"))}
	switch q.Get("which") {
	case "later":
		w.Later = true
	case "left":
		w.Left = true
	case "unsaid":
		w.Unsaid = true
	case "differs":
		w.Differs = true
	}
	return w
}

// whichWords says what is asked for.
func whichWords(year int, w season.Which, on civil.Date) string {
	words := "Finishing Year 11 or 12"
	switch w.Node {
	case guarantee.Year11:
		words = "Finishing Year 11"
	case guarantee.Year12:
		words = "Finishing Year 12"
	}
	switch {
	case w.Outcome != "":
		words += ": " + strings.ToLower(string(w.Outcome))
	case w.Later:
		words += ": came after the baseline was drawn"
	case w.Left:
		words += ": on the baseline, and left since"
	case w.Unsaid:
		words += ": not said yet where they intend to go"
	case w.Differs:
		words += ": their offers say something else than their status"
	}
	return words + " (" + strconv.Itoa(year) + ", as of " + on.Words() + ")"
}

// guaranteeValue is what lists call an outcome.
func guaranteeValue(o season.Outcome) string {
	return map[season.Outcome]string{season.NoOffer: "no-offer", season.NotRecorded: "not-recorded", season.Made: "made", season.NotAppropriate: "not-appropriate"}[o]
}

func (s *Server) guaranteePeoplePage(w http.ResponseWriter, r *http.Request) error {
	year, ok := s.seasonAsked(r)
	if !ok {
		return db.NotFound
	}
	which := whichAsked(r)
	p := s.newYearPage(r, guaranteeHref, "September Guarantee: who they are")
	p.Back = &Link{Text: fmt.Sprintf("September Guarantee %d", year), Href: seasonHref("", year)}
	on := s.today()
	if last := season.Closes(year); on.After(last) {
		on = last
	}
	p.Lead = whichWords(year, which, on) + "."
	if value := guaranteeValue(which.Outcome); value != "" && which.School == "" && year == season.Of(s.today()) {
		q := url.Values{string(list.Guarantee): {value}}
		if n := strings.TrimPrefix(which.Node, "Year"); n != "" {
			q.Set(string(list.GuaranteeYear), n)
		}
		p.Actions = []Link{{Text: "As a list, to keep it or make a campaign of it", Href: "/lists" + asQuery(q)}}
	}
	asked := r.URL.Query()
	asked.Del("page")
	return s.showSeasonPeople(w, r, p, year, which, "guarantee people", guaranteeHref+"/people", asked)
}

// showSeasonPeople lists people of a season, with the school that they come from.
func (s *Server) showSeasonPeople(w http.ResponseWriter, r *http.Request, p *yearPage, year int, which season.Which, sight, path string, asked url.Values) error {
	page := max(atoi(r.URL.Query().Get("page")), 1)
	people, total, err := s.Season.People(r.Context(), actorOf(r), year, civil.Date{}, which, (page-1)*listPage, listPage, sight)
	if err != nil {
		return err
	}
	sec := yearSection{Count: showing(page, listPage, len(people), total, "person", "people")}
	if total == 0 {
		sec.Count, sec.None = "", &Empty{Title: "Nobody", Text: "Nobody stands so now."}
	} else {
		reg, err := s.Registers.Get(r.Context(), s.Register)
		if err != nil {
			return err
		}
		t := s.seasonTable(people, s.Requirement.WithInvented(reg.Invented()))
		sec.Table = &t
		sec.Pages = paginate(total, listPage, page, func(n int) string {
			q := url.Values{}
			for k, v := range asked {
				q[k] = v
			}
			q.Set("page", strconv.Itoa(n))
			return path + asQuery(q)
		})
	}
	if total > 0 && access.May(actorOf(r), access.DownloadPeople) {
		sec.Links = []Link{{Text: "Download the list (CSV)", Href: path + ".csv" + asQuery(asked)}}
	}
	p.Sections = []yearSection{sec}
	return s.render(w, r, "year", p)
}

func (s *Server) seasonTable(people []season.Named, req *nccis.Requirement) Table {
	e := s.edition()
	t := Table{Caption: "The young people", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Born"}, {Text: "School"}, {Text: "Status"}, {Text: "Offers"}, {Text: "Led by"}, {Text: "Adviser"}}}
	for _, one := range people {
		if one.Locked {
			t.Rows = append(t.Rows, lockedCells(one.Row, len(t.Columns), ""))
			continue
		}
		t.Rows = append(t.Rows, []Cell{{Text: orText(one.Name(), "No name recorded"), Note: one.YoungPersonsID, Href: personHref(one.Ref, ""), Header: true}, {Text: one.Born.Words()},
			{Text: orText(one.Is.School.Name, "No school recorded"), Note: one.Is.School.Number}, {Text: e.Label(nccis.GuaranteeStatuses, one.Is.Status), Note: one.Is.Status},
			s.offersCell(&one.Is), leadsCell(req, one.Is.Leads, s.today()), {Text: orText(one.Adviser, "Nobody yet")}})
	}
	return t
}

// leadsCell is the authority that leads, by name where it has one.
func leadsCell(req *nccis.Requirement, code string, on civil.Date) Cell {
	la, known := req.LocalAuthority(code, on)
	if !known {
		return Cell{Text: orText(code, "–")}
	}
	return Cell{Text: la.Name, Note: code}
}

func (s *Server) guaranteePeopleFile(w http.ResponseWriter, r *http.Request) error {
	year, ok := s.seasonAsked(r)
	if !ok {
		return db.NotFound
	}
	return s.sendSeason(w, r, year, whichAsked(r), fmt.Sprintf("september-guarantee-%d.csv", year))
}

func (s *Server) sendSeason(w http.ResponseWriter, r *http.Request, year int, which season.Which, name string) error {
	people, err := s.Season.All(r.Context(), actorOf(r), year, civil.Date{}, which, "guarantee file")
	if err != nil {
		return err
	}
	e := s.edition()
	head := []string{"young person", "name", "born", "node", "school number", "school", "status", "status in words", "offers", "status that the offers speak for", "led by", "on the baseline", "adviser"}
	return s.sendPeople(w, r, peopleFile{name, len(people), head}, func(write func(...string) error) error {
		for _, one := range people {
			if one.Locked {
				if err := write("", record.RestrictedWords); err != nil {
					return err
				}
				continue
			}
			on := "no"
			if one.Is.Baseline {
				on = "yes"
			}
			if err := write(one.YoungPersonsID, one.Name(), one.Born.String(), one.Is.Node, one.Is.School.Number, one.Is.School.Name, one.Is.Status,
				e.Label(nccis.GuaranteeStatuses, one.Is.Status), offersLine(one.Is.Offers), one.Is.Proposed, one.Is.Leads, on, one.Adviser); err != nil {
				return err
			}
		}
		return nil
	})
}
