package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/due"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// claimantsHref is the work list of new claimants. It has no menu item and no
// count anywhere: who claims a benefit is shown on a ground alone.
const claimantsHref = feedbackHref + "/claimants"

type claimantsPage struct {
	Page
	Form   *Form
	Ground *Choice
	Chosen string
	Limits string
	None   *Empty
	Table  *Table
	Wrong  string
	Count  string
}

// claimantsPage asks on which ground somebody looks at new claimants.
func (s *Server) claimantsPage(w http.ResponseWriter, r *http.Request) error {
	return s.askClaimantsGround(w, r, newForm(nil))
}

func claimantsFrame(r *http.Request, form *Form) *claimantsPage {
	p := &claimantsPage{Form: form, Page: Page{Title: "New claimants", Section: "/duplicates", Errors: form.Errors,
		Lead: "Young people of whom the Department says that they have begun to claim a benefit. What the register holds of them is probably out of date."}}
	if access.May(actorOf(r), access.MergePeople) {
		p.Back = &Link{Text: "The Department’s duplicates", Href: feedbackHref}
	}
	return p
}

func (s *Server) askClaimantsGround(w http.ResponseWriter, r *http.Request, form *Form) error {
	p := claimantsFrame(r, form)
	ground := Choice{Name: "ground", Label: "What do you need them for?", Hint: "Your answer is kept with the log of who looked.", Strong: true}
	for _, one := range record.ClaimGrounds() {
		ground.Options = append(ground.Options, Option{Value: one, Text: capital(one)})
	}
	ground = form.Choice(ground)
	p.Ground = &ground
	return s.render(w, r, "claimants", p)
}

// showClaimants lists them once a ground is given, and notes which were worked.
func (s *Server) showClaimants(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	by, ground, did := actorOf(r), form.Text("ground"), 0
	if form.Text("act") == "done" {
		rows := sentRows(form.All("row"))
		err = s.Due.AnswerClaimants(r.Context(), by, rows, due.Done, form.Key)
		if form.Take(err); err != nil && form.OK() && !errors.Is(err, act.ErrRepeated) {
			return err
		}
		did = len(rows)
	}
	list, counts, err := s.Due.Claimants(r.Context(), by, ground, due.ToDo)
	if errors.As(err, new(field.Errors)) {
		form.Take(err)
		return s.askClaimantsGround(w, r, form)
	}
	if err != nil {
		return err
	}
	p := claimantsFrame(r, newForm(nil)) // what was ticked is done: the next press has a key of its own
	p.Errors, p.Wrong, p.Chosen = form.Errors, form.Error("row"), ground
	p.Limits = "Passing this on outside what the law names is an offence (Education and Skills Act 2008, section 15)."
	p.Count = plural(len(list), "young person", "young people") + " to do, " + count(counts[due.Done]) + " done."
	if did > 0 && form.OK() {
		p.Banners = append(p.Banners, Banner{Tone: "good", Text: "Noted as done: " + plural(did, "young person", "young people") + ".", Status: true})
	}
	if len(list) == 0 {
		p.None = &Empty{Title: "Nobody is to do", Text: "Files of the kind “The Department’s feedback: new claimants” put their rows here once they are applied."}
	} else {
		p.Table = s.claimantsTable(list)
	}
	return s.render(w, r, "claimants", p)
}

func (s *Server) claimantsTable(list []due.Feedback) *Table {
	t := &Table{Caption: "New claimants to do", Quiet: true, Columns: []Column{{Text: "Done"}, {Text: "Young person"}, {Text: "Came"}, {Text: "What is held"}, {Text: "Confirmed until"}}}
	for i, one := range list {
		if one.Locked {
			t.Rows = append(t.Rows, lockedCells(one.Row, len(t.Columns), ""))
			continue
		}
		name := orText(one.Name(), "No name recorded")
		tick := &Tick{ID: "row", Name: "row", Value: string(one.File) + " " + strconv.Itoa(one.Position), Label: "Done: " + name}
		if i > 0 {
			tick.ID += "-" + strconv.Itoa(i+1)
		}
		t.Rows = append(t.Rows, []Cell{{Tick: tick}, {Header: true, Text: name, Href: personHref(one.Ref, ""), Note: one.YoungPersonsID},
			{Text: whole(one.ReceivedOn.Words()), Note: plural(one.SinceReceived(s.today()), "day ago", "days ago")},
			{Text: orText(activityWords(s.edition(), one.Activity), "Nothing recorded")}, {Text: orText(one.LapsesOn.Words(), "Does not lapse")}})
	}
	return t
}

// sentRows reads the rows that were ticked: a file and a place in it.
func sentRows(values []string) (out []due.Sent) {
	for _, v := range values {
		file, row, ok := strings.Cut(v, " ")
		if n, err := strconv.Atoi(row); ok && err == nil {
			out = append(out, due.Sent{File: id.Ref(file), Position: n})
		}
	}
	return out
}
