package web

import (
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/returns"
)

// mostTogether is how many are shown, and mended, at a time: nobody looks at
// more changes than that before agreeing to them.
const mostTogether = 500

type returnMendPage struct {
	Page
	Form    *Form
	Does    string
	Rest    string
	Skipped string
	Table   Table
	Submit  string
	Cancel  string
	Nobody  *Empty
}

func (s *Server) returnMendPage(w http.ResponseWriter, r *http.Request) error {
	return s.showMend(w, r, newForm(nil), nil)
}

// showMend shows what the mend would change. chosen is nil where all are.
func (s *Server) showMend(w http.ResponseWriter, r *http.Request, form *Form, chosen map[string]bool) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	check := r.PathValue("check")
	mend, ok := returns.Mends(check)
	row, known := d.Edition.Check(check)
	if !ok || !known {
		return db.NotFound
	}
	changes, err := s.Returns.Preview(r.Context(), actorOf(r), m.period, m.authorities, check)
	if err != nil {
		return err
	}
	group, _ := d.Group(check)
	tail := "checks/" + check
	p := &returnMendPage{Page: s.head(m, "Mend together"), Form: form, Does: sentence(mend.Does), Cancel: m.href(tail)}
	p.Errors, p.Caption, p.Lead = form.Errors, m.period.Words()+", check "+check, row.Title
	p.Back, p.Crumbs = &Link{Text: row.Title, Href: m.href(tail)}, nil
	if left := group.People - len(changes); left > 0 && len(changes) > 0 {
		p.Skipped = plural(left, "other person needs", "other people need") + " to be looked at one by one: the right value does not follow from what is recorded."
	}
	if len(changes) == 0 {
		p.Nobody = &Empty{Title: "Nobody can be mended this way", Text: "For those whom this check is about, the right value does not follow from what is recorded. Look at each of them.",
			Link: &Link{Text: "Back to the list", Href: m.href(tail)}}
		return s.render(w, r, "return_mend", p)
	}
	if len(changes) > mostTogether {
		p.Rest = "These are the first " + count(mostTogether) + " of " + count(len(changes)) + ". Mend them, then come back for the rest."
		changes = changes[:mostTogether]
	}
	if err := s.sawChanges(r, changes); err != nil {
		return err
	}
	if mend.Guess {
		p.Does += " Tick those for whom the name comes out right."
	}
	p.Table = changeTable(changes, chosen, mend.Guess)
	p.Submit = "Mend " + plural(len(changes), "record", "records")
	if len(changes) > 1 || mend.Guess {
		p.Submit = "Mend the chosen records"
	}
	return s.render(w, r, "return_mend", p)
}

func (s *Server) sawChanges(r *http.Request, changes []returns.Change) error {
	keys := make([]id.YoungPerson, len(changes))
	for i, c := range changes {
		keys[i] = c.Person
	}
	return s.Sights.See(r.Context(), act.Sight{By: actorOf(r), Kind: access.MendTogether, People: keys, Page: "mend together"})
}

// changeTable ticks everybody until somebody has chosen; where the mend is a
// guess, nobody.
func changeTable(changes []returns.Change, chosen map[string]bool, guess bool) Table {
	t := Table{Caption: "What would change", Columns: []Column{{Text: "Mend"}, {Text: "Young person"}, {Text: "As it stands"}, {Text: "As it would be"}}}
	for i, c := range changes {
		name := c.Name
		if name == "" {
			name = "No name recorded"
		}
		at := "chosen"
		if i > 0 {
			at += "-" + strconv.Itoa(i+1)
		}
		var items, before, after []string
		for _, e := range c.Edits {
			items, before, after = append(items, nccis.FieldLabel(e.Field)), append(before, orEmpty(e.Before)), append(after, orEmpty(e.After))
		}
		t.Rows = append(t.Rows, []Cell{
			{Tick: &Tick{ID: at, Name: "chosen", Value: string(c.Ref), Label: "Mend " + name, Chosen: chosen == nil && !guess || chosen[string(c.Ref)]}},
			{Text: name, Href: personHref(c.Ref, ""), Header: true, Note: strings.Join(items, "; ")},
			{Text: strings.Join(before, "; "), Fault: true}, {Text: strings.Join(after, "; ")}})
	}
	return t
}

func (s *Server) mendTogether(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	chosen := map[string]bool{}
	var refs []id.Ref
	for _, ref := range form.All("chosen") {
		chosen[ref] = true
		refs = append(refs, id.Ref(ref))
	}
	if len(refs) == 0 {
		form.Fail("chosen", "Tick at least one record to mend")
		return s.showMend(w, r, form, chosen)
	}
	check := r.PathValue("check")
	_, changes, err := s.Returns.Apply(r.Context(), actorOf(r), m.period, m.authorities, check, refs, form.Key)
	if form.Take(err) {
		return s.showMend(w, r, form, chosen)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, m.href(""), plural(len(changes), "record is mended.", "records are mended."), &Link{Text: "Take it back", Href: m.href("mends")})
}

type mendsPage struct {
	Page
	Mends []mendedRow
	None  *Empty
}

// mendedRow is one act of mending together, with the form that takes it back.
type mendedRow struct {
	What, When, People string
	Undo, Key          string
	Undone             *Tag
}

const mendsShown = 50

func (s *Server) mendsPage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	list, err := s.Returns.LastMends(r.Context(), actorOf(r), mendsShown)
	if err != nil {
		return err
	}
	p := &mendsPage{Page: s.head(m, "What was mended together")}
	p.Lead = "Taking one back puts every record as it was. What somebody has changed since stays as they left it."
	if len(list) == 0 {
		p.None = &Empty{Title: "Nothing yet", Text: "Where one rule mends what a check found, the list of that check offers it.", Link: &Link{Text: "See what is wrong", Href: m.href("")}}
	}
	for _, one := range list {
		row := mendedRow{What: capital(one.Reason), When: moment(one.At) + ", by " + one.Name, People: count(one.People), Key: string(id.NewRef()),
			Undo: m.href("mends/" + strconv.FormatInt(int64(one.Act), 10) + "/undo")}
		if one.Undone {
			row.Undone, row.Undo = &Tag{Text: "Taken back", Colour: "grey"}, ""
		}
		p.Mends = append(p.Mends, row)
	}
	return s.render(w, r, "return_mends", p)
}

func (s *Server) undoMend(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(r.PathValue("act"), 10, 64)
	if err != nil {
		return db.NotFound
	}
	out, err := s.Returns.UndoMend(r.Context(), actorOf(r), id.Act(number), form.Key)
	if words, wrong := complaint(err); wrong {
		return s.done(w, r, m.href("mends"), words, nil)
	}
	if err != nil {
		return err
	}
	words := "It is taken back for " + plural(len(out.People), "record", "records") + "."
	if n := len(out.BuiltOn); n > 0 {
		words += " " + plural(n, "of them was", "of them were") + " changed by somebody since, and stay as they left it."
	}
	return s.done(w, r, m.href("mends"), words, nil)
}

// complaint is what the trade says against something that has no form field.
func complaint(err error) (string, bool) {
	form := newForm(nil)
	if !form.Take(err) {
		return "", false
	}
	words := make([]string, len(form.Errors))
	for i, e := range form.Errors {
		words[i] = sentence(e.Message)
	}
	return strings.Join(words, " "), true
}
