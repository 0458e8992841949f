package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/merge"
	"waymark/internal/record"
)

// duplicateRoutes are the pages about two records of one young person.
func (s *Server) duplicateRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/duplicates", Permission: access.MergePeople, Handler: s.duplicatesPage, Nav: "Duplicates"},
		{Method: "POST", Pattern: "/duplicates/search", Permission: access.MergePeople, Handler: s.searchDuplicates},
		{Method: "GET", Pattern: "/duplicates/different", Permission: access.MergePeople, Handler: s.differentPage},
		{Method: "GET", Pattern: "/duplicates/{ref}", Permission: access.MergePeople, Handler: s.duplicatePage},
		{Method: "POST", Pattern: "/duplicates/{ref}", Permission: access.MergePeople, Handler: s.answerDuplicate},
		{Method: "GET", Pattern: "/duplicates/{ref}/merge", Permission: access.MergePeople, Handler: s.mergePage},
		{Method: "GET", Pattern: "/duplicates/{ref}/check", Permission: access.MergePeople, Handler: s.mergeCheckPage},
		{Method: "POST", Pattern: "/duplicates/{ref}/check", Permission: access.MergePeople, Handler: s.mergePeople},
		{Method: "GET", Pattern: "/young-people/{ref}/compare", Permission: access.MergePeople, Handler: s.compareWithPage},
		{Method: "POST", Pattern: "/young-people/{ref}/compare", Permission: access.MergePeople, Handler: s.compareWith},
		{Method: "GET", Pattern: "/merges", Permission: access.MergePeople, Handler: s.mergesPage},
		{Method: "GET", Pattern: "/merges/{ref}/undo", Permission: access.MergePeople, Handler: s.unmergePage},
		{Method: "POST", Pattern: "/merges/{ref}/undo", Permission: access.MergePeople, Handler: s.unmerge},
	}
}

// pairsShown is how many pairs stand on a page.
const pairsShown = 50

type duplicatesPage struct {
	Page
	Form     *Form
	Progress *Progress
	Message  *Banner
	Search   string
	None     *Empty
	Shown    string
	Table    Table
	Pages    Pagination
	Further  []Link
	Button   string
}

func (s *Server) duplicatesPage(w http.ResponseWriter, r *http.Request) error {
	page := pageAsked(r)
	list, err := s.Merge.Pairs(r.Context(), actorOf(r), merge.Which{From: (page - 1) * pairsShown, Limit: pairsShown})
	if err != nil {
		return err
	}
	page = list.From/pairsShown + 1
	p := &duplicatesPage{Page: Page{Title: "Duplicates", Lead: "Records that may be of one young person. The machine weighs them; you decide."}, Form: newForm(nil), Button: "Search the register"}
	if list.Apart > 0 {
		p.Further = append(p.Further, Link{Text: "Pairs that are different people (" + count(list.Apart) + ")", Href: "/duplicates/different"})
	}
	p.Further = append(p.Further, Link{Text: "Records that were put together", Href: "/merges"}, Link{Text: "Duplicates that the Department found in two returns", Href: feedbackHref})
	if access.May(actorOf(r), access.SeeBorder) {
		p.Further = append(p.Further, Link{Text: "Young people whom another authority also holds", Href: acrossHref}, Link{Text: "Transfers between authorities", Href: transfersHref})
	}
	if n := list.Newer; n != nil && n.State == merge.Searching {
		p.Refresh, p.Button = 2, ""
		p.Progress = searchProgress(n.Progress)
	} else if n != nil {
		p.Message = &Banner{Tone: "warn", Strong: "The last search was not finished.", Text: sentence(n.Message)}
	}
	switch {
	case list.Search == nil && p.Progress == nil:
		p.None = &Empty{Title: "The register has not been searched yet", Text: "The search compares everybody with everybody: names, former names, nicknames, birth dates, addresses, telephones and numbers. It changes nothing, and you may go on working meanwhile."}
	case list.Search == nil:
	default:
		p.Search = searchWords(list.Search)
		if p.Button != "" {
			p.Button = "Search again"
		}
		if list.Search.Stale && p.Message == nil && p.Progress == nil {
			p.Message = &Banner{Tone: "info", Strong: "Records have changed since this search.", Text: "Search again to take them in."}
		}
		if list.Total == 0 {
			p.None = &Empty{Title: "No two records look like one person", Text: "Nothing is left to decide."}
			break
		}
		p.Table = pairTable(list.Pairs)
		p.Shown = showing(page, pairsShown, len(list.Pairs), list.Total, "pair", "pairs")
		p.Pages = paginate(list.Total, pairsShown, page, func(n int) string { return "/duplicates?page=" + strconv.Itoa(n) })
	}
	return s.render(w, r, "duplicates", p)
}

// pageAsked is the page asked for, from 1; the trade keeps it within the list.
func pageAsked(r *http.Request) int {
	return min(max(atoi(r.URL.Query().Get("page")), 1), 1_000_000)
}

func searchProgress(now *merge.Progress) *Progress {
	p := &Progress{Label: "How far the search is", Total: 100, Done: 1, Words: "The search begins."}
	if now == nil {
		return p
	}
	switch now.Step {
	case merge.Reading:
		p.Done, p.Words = 10, "Step 1 of 3: "+plural(now.Done, "record is", "records are")+" read."
	case merge.Comparing:
		p.Done, p.Words = 40, "Step 2 of 3: "+plural(now.Of, "record is", "records are")+" compared with all others."
	case merge.Keeping:
		p.Done, p.Words = 80+int64(20*now.Done/max(1, now.Of)), "Step 3 of 3: "+count(now.Done)+" of "+plural(now.Of, "pair", "pairs")+" written down."
	}
	return p
}

func searchWords(one *merge.Search) string {
	return "Searched on " + moment(one.Ended) + " by " + one.By + ": " + plural(one.People, "record", "records") + ", " + plural(one.Pairs, "pair", "pairs") + " found."
}

func pairTable(pairs []merge.Offered) Table {
	t := Table{Caption: "Pairs, the likeliest first", Quiet: true, Columns: []Column{{Text: "The two records"}, {Text: "How likely"}, {Text: "Why"}, {Text: "Where they come from"}}}
	for _, o := range pairs {
		a, b := o.People[0], o.People[1]
		names := Cell{Text: a.Name() + " and " + b.Name(), Href: "/duplicates/" + string(o.Ref), Header: true, Note: "Born " + bornWords(a) + "; " + bornWords(b)}
		if a.Born == b.Born {
			names.Note = "Both born " + bornWords(a)
		}
		likely := Cell{Tag: likelihoodTag(o.Likelihood()), Note: probability(o.Probability())}
		if o.Veto&match.VetoGiven != 0 {
			likely.Note = "" // of two people of one household the weight says little
		}
		if o.Said.Answer == merge.NotSure {
			likely.Note = joined("; ", likely.Note, o.Said.By+" was not sure on "+moment(o.Said.At))
		}
		t.Rows = append(t.Rows, []Cell{names, likely, {Text: o.Sentence}, {Text: capital(o.Since[0]), Note: capital(o.Since[1])}})
	}
	return t
}

func bornWords(r record.Row) string {
	if r.Born == (civil.Date{}) {
		return "on an unknown day"
	}
	return whole(r.Born.Words())
}

func (s *Server) searchDuplicates(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.Merge.Start(r.Context(), actorOf(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/duplicates", http.StatusSeeOther)
	return nil
}

// differentPage lists whom somebody has said to be different people.
func (s *Server) differentPage(w http.ResponseWriter, r *http.Request) error {
	page := pageAsked(r)
	list, err := s.Merge.Pairs(r.Context(), actorOf(r), merge.Which{Apart: true, From: (page - 1) * pairsShown, Limit: pairsShown})
	if err != nil {
		return err
	}
	page = list.From/pairsShown + 1
	p := &duplicatesPage{Page: Page{Title: "Different people", Section: "/duplicates", Back: &Link{Text: "Duplicates", Href: "/duplicates"},
		Lead: "Pairs that look alike and are two people. They are not offered again; open one to take that back."}}
	if list.Total == 0 {
		p.None = &Empty{Title: "Nobody has said so of any pair yet", Text: "When you answer “Different people” of a pair, it is listed here."}
		return s.render(w, r, "duplicates", p)
	}
	p.Table = pairTable(list.Pairs)
	p.Shown = showing(page, pairsShown, len(list.Pairs), list.Total, "pair", "pairs")
	p.Pages = paginate(list.Total, pairsShown, page, func(n int) string { return "/duplicates/different?page=" + strconv.Itoa(n) })
	return s.render(w, r, "duplicates", p)
}

// mergesPage lists what was put together, so that every merge can be undone.
func (s *Server) mergesPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Merge.All(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	page := pageOf(r, len(all), pairsShown)
	p := &duplicatesPage{Page: Page{Title: "Records put together", Section: "/duplicates", Back: &Link{Text: "Duplicates", Href: "/duplicates"}, Lead: "Every merge can be undone, however long ago it was."}}
	if len(all) == 0 {
		p.None = &Empty{Title: "No records have been put together", Text: "When two records are one person, the merge is listed here."}
		return s.render(w, r, "duplicates", p)
	}
	shown := all[(page-1)*pairsShown : min(page*pairsShown, len(all))]
	p.Table = Table{Caption: "Merges, the last first", Quiet: true, Columns: []Column{{Text: "The record that stayed"}, {Text: "The record that was put in"}, {Text: "When"}, {Text: "Why"}, {Text: "Undo"}}}
	for _, m := range shown {
		p.Table.Rows = append(p.Table.Rows, []Cell{{Text: orNone(m.KeepID), Href: personHref(m.KeepRef, ""), Header: true}, {Text: orNone(m.OtherID)}, {Text: moment(m.At), Note: m.By}, {Text: m.Reason},
			{Text: "Undo", Hidden: "the merge into " + m.KeepID, Href: unmergeHref(m)}})
	}
	p.Shown = showing(page, pairsShown, len(shown), len(all), "merge", "merges")
	p.Pages = paginate(len(all), pairsShown, page, func(n int) string { return "/merges?page=" + strconv.Itoa(n) })
	return s.render(w, r, "duplicates", p)
}

type duplicatePage struct {
	Page
	Merge      string
	Form       *Form
	Sentence   string
	Comparison Comparison
	Note       Textarea
	Different  bool
}

// duplicate is one pair, with each record as the pages of people have it.
func (s *Server) duplicate(r *http.Request, form *Form) (*merge.Compared, [2]*client, error) {
	var people [2]*client
	c, err := s.Merge.Compare(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return nil, people, err
	}
	for i, sum := range c.Sums {
		people[i] = &client{Summary: sum, s: s, r: r, ref: sum.Life.Person.Ref, form: form, today: sum.Today, req: s.Requirement.WithInvented(sum.Register.Invented())}
	}
	return c, people, nil
}

// toTogether sends whoever opens a pair that is one by now to the record.
func (s *Server) toTogether(w http.ResponseWriter, r *http.Request, err error) error {
	var one merge.Together
	if !errors.As(err, &one) {
		return err
	}
	return s.done(w, r, personHref(one.KeepRef, ""), "These two records were put together on "+moment(one.At)+" by "+one.By+".", &Link{Text: "Undo the merge", Href: unmergeHref(one.Merged)})
}

func unmergeHref(m merge.Merged) string { return "/merges/" + string(m.Ref) + "/undo" }

func (s *Server) duplicatePage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(nil)
	c, people, err := s.duplicate(r, form)
	if err != nil {
		return s.toTogether(w, r, err)
	}
	p := &duplicatePage{Page: Page{Title: "One person or two?", Section: "/duplicates", Back: &Link{Text: "Duplicates", Href: "/duplicates"}}, Form: form, Merge: "/duplicates/" + r.PathValue("ref") + "/merge", Sentence: c.Sentence, Different: c.Said.Answer == merge.Different}
	p.Comparison = compareSides(people[0].recordSide(people[0].head(c.Since[0])), people[1].recordSide(people[1].head(c.Since[1])), c.Prior, c.Reasons, c.Bits, c.Veto)
	switch {
	case p.Different:
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "Different people:", Text: "so " + c.Said.By + " said on " + moment(c.Said.At) + "." + labelled(" ", c.Said.Reason)})
	case c.Said.Answer == merge.NotSure:
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "Passed on:", Text: c.Said.By + " was not sure on " + moment(c.Said.At) + "." + labelled(" ", c.Said.Reason)})
	}
	if c.Changed {
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "A record was changed after the two were compared.", Text: "The weights are those of before; search again to weigh them anew."})
	}
	p.Note = form.Textarea(Textarea{Name: "note", Label: "A note for whoever looks next (you may leave it empty)", Rows: 2, MaxLength: 300})
	return s.render(w, r, "duplicate", p)
}

func (c *client) head(since string) ComparedHead {
	return ComparedHead{Text: c.name(), Href: personHref(c.ref, ""), Note: capital(since)}
}

func (s *Server) answerDuplicate(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	note := form.Text("note")
	say := func(a merge.Answer, words string) error {
		if err := s.Merge.Say(r.Context(), actorOf(r), ref, a, note, form.Key); err != nil {
			return err
		}
		return s.done(w, r, "/duplicates", words, &Link{Text: "Look at that pair again", Href: "/duplicates/" + string(ref)})
	}
	switch form.Text("answer") {
	case "different":
		return say(merge.Different, "They are different people. The pair will not be offered again.")
	case "not sure":
		return say(merge.NotSure, "The pair is passed on.")
	case "offer":
		return say(merge.None, "The pair is offered again.")
	}
	return errForm
}
