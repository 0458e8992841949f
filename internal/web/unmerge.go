package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/merge"
)

// undoLink is the way to undo a merge, for whoever may.
func (s *Server) undoLink(r *http.Request, m merge.Merged) *Link {
	if !access.May(actorOf(r), access.MergePeople) {
		return nil
	}
	return &Link{Text: "Undo the merge", Href: unmergeHref(m)}
}

type unmergePage struct {
	Page
	Form    *Form
	Blocked string
	What    Summary
	Seen    string
	Since   []unmergeSince
	Apart   Choice
	Reason  Textarea
	Cancel  string
}

// unmergeSince is something recorded since the merge, and the question what
// becomes of it.
type unmergeSince struct {
	Changes []pastChange
	Fate    Choice
}

func (s *Server) unmergePage(w http.ResponseWriter, r *http.Request) error {
	return s.showUnmerge(w, r, newForm(map[string]string{"different": "yes"}))
}

func (s *Server) showUnmerge(w http.ResponseWriter, r *http.Request, form *Form) error {
	u, err := s.Merge.Undoing(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &unmergePage{Page: Page{Title: "Undo a merge", Section: "/duplicates", Errors: form.Errors}, Form: form, Blocked: u.Blocked, Cancel: personHref(u.KeepRef, "history")}
	p.Back = &Link{Text: "The record", Href: personHref(u.KeepRef, "")}
	if u.Blocked != "" {
		if u.Undone != 0 {
			p.Cancel = "/duplicates"
			p.Back = &Link{Text: "Duplicates", Href: "/duplicates"}
		}
		return s.render(w, r, "unmerge", p)
	}
	p.Seen = strconv.FormatInt(int64(u.Seen), 10)
	p.What = Summary{Rows: []Row{
		{Key: "Put together", Value: moment(u.At) + " by " + u.By, Source: u.Reason},
		{Key: "The record that stayed", Value: orNone(u.KeepID), Source: "It holds again what it held before the merge"},
		{Key: "The record that comes back", Value: orNone(u.OtherID), Source: "With all it held: " + plural(u.Facts, "fact", "facts")},
	}}
	sum, err := s.Record.Summary(r.Context(), actorOf(r), u.KeepRef)
	if err != nil {
		return err
	}
	c := &client{Summary: sum, s: s, r: r, ref: u.KeepRef, form: form, today: sum.Today, req: s.Requirement.WithInvented(sum.Register.Invented())}
	for _, one := range u.Since {
		p.Since = append(p.Since, c.unmergeSince(form, u, one))
	}
	p.Apart = form.Choice(Choice{Name: "different", Label: "Are they different people?", Strong: true,
		Options: []Option{{Value: "yes", Text: "Yes: do not offer this pair again"}}})
	p.Reason = form.Textarea(Textarea{Name: "reason", Label: "Why the two records are taken apart", Strong: true, Rows: 3, Hint: "It stands in the log. For example: they are cousins of one name."})
	return s.render(w, r, "unmerge", p)
}

func (c *client) unmergeSince(form *Form, u *merge.Undoing, one merge.Since) unmergeSince {
	out := unmergeSince{}
	for _, change := range one.Changes {
		out.Changes = append(out.Changes, c.mergeChange(change))
	}
	label := ""
	for i, a := range one.Acts {
		if i > 0 {
			label += "; "
		}
		label += actTitle(access.Action(a.Kind)) + " on " + moment(a.At) + " by " + a.By
	}
	if form.Text(one.Name) == "" {
		form.values.Set(one.Name, string(merge.Stays))
	}
	out.Fate = form.Choice(Choice{Name: one.Name, Label: label, Strong: true, Options: []Option{
		{Value: string(merge.Stays), Text: "Keep it on " + orText(u.KeepID, "the record that stayed")},
		{Value: string(merge.Goes), Text: "Give it to " + orText(u.OtherID, "the record that comes back")},
		{Value: string(merge.TakenBack), Text: "Take it back"}}})
	return out
}

func (c *client) mergeChange(change merge.Change) pastChange {
	out := pastChange{}
	for _, one := range []struct {
		told *life.Told
		to   *string
	}{{change.Before, &out.Before}, {change.After, &out.After}} {
		if one.told != nil {
			out.What, *one.to = capital(one.told.What), orText(c.factWords(one.told), "nothing")
		}
	}
	return out
}

func (s *Server) unmerge(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	reason := form.Require("reason", "Say why the two records are taken apart")
	seen, err := strconv.ParseInt(form.Text("seen"), 10, 64)
	if err != nil {
		return errForm
	}
	if !form.OK() {
		return s.showUnmerge(w, r, form)
	}
	u, err := s.Merge.Undoing(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	fates := map[string]merge.Fate{}
	for _, one := range u.Since {
		if v := form.Text(one.Name); v != "" {
			fates[one.Name] = merge.Fate(v)
		}
	}
	err = s.Merge.TakeApart(r.Context(), actorOf(r), merge.TakingApart{Merge: ref, Fates: fates, Different: form.Text("different") == "yes", Reason: reason, Key: form.Key, Seen: id.Act(seen)})
	var refused merge.Refusal
	switch {
	case errors.As(err, &refused):
		form.Fail("reason", refused.Message)
		return s.showUnmerge(w, r, form)
	case form.Take(err):
		return s.showUnmerge(w, r, form)
	case err != nil:
		return err
	}
	return s.done(w, r, personHref(u.KeepRef, ""), "The two records are two again, as they were before.", &Link{Text: "Open the other one", Href: personHref(u.OtherRef, "")})
}

// mergesOf are the merges into the record that are in force, by their act; none
// where the page shows the past, in which nothing is undone.
func (s *Server) mergesOf(r *http.Request, c *client) (map[id.Act]merge.Merged, error) {
	if !c.on.IsZero() {
		return nil, nil
	}
	all, err := s.Merge.Of(r.Context(), actorOf(r), c.ref)
	out := map[id.Act]merge.Merged{}
	for _, m := range all {
		out[m.Act] = m
	}
	return out, err
}
