package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/db"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/merge"
	"waymark/internal/nccis"
)

type mergePage struct {
	Page
	Keep   Choice
	Fields []Choice
	None   string
	Action string
	Cancel string
}

// The two records, in addresses and forms.
const (
	firstRecord  = "first"
	secondRecord = "second"
)

func sideName(i int) string { return []string{firstRecord, secondRecord}[i] }

// mergePage asks which record stays, and which value of each field.
func (s *Server) mergePage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(nil)
	c, people, err := s.duplicate(r, form)
	if err != nil {
		return s.toTogether(w, r, err)
	}
	base := "/duplicates/" + r.PathValue("ref")
	p := &mergePage{Page: Page{Title: "Choose what to keep", Section: "/duplicates", Back: &Link{Text: "The two records", Href: base},
		Lead: "Of each field one value is in force from now on. The others stay findable, and the merge can be undone at any later time."}, Action: base + "/check", Cancel: base}
	known := map[string]string{"keep": firstRecord}
	asked := r.URL.Query()
	fields := merge.Fields(c.Sums[0], c.Sums[1])
	for _, f := range fields {
		known[f.Name] = sideName(f.Better)
	}
	for name := range known {
		if v := asked.Get(name); v == firstRecord || v == secondRecord {
			known[name] = v
		}
	}
	form = newForm(known)
	p.Keep = form.Choice(Choice{Name: "keep", Label: "Which record stays?", Strong: true, Hint: "The other one leads there: its address, its YoungPersonsID and its history live on.",
		Options: []Option{
			{Value: firstRecord, Text: orEmpty(people[0].Life.Person.YoungPersonsID), Hint: capital(c.Since[0])},
			{Value: secondRecord, Text: orEmpty(people[1].Life.Person.YoungPersonsID), Hint: capital(c.Since[1])}}})
	for _, f := range fields {
		choice := Choice{Name: f.Name, Label: people[0].fieldLabel(f.Name), Strong: true}
		for i := range f.Values {
			choice.Options = append(choice.Options, Option{Value: sideName(i), Text: orText(people[i].fieldWords(f.Name, &f.Values[i]), "nothing"), Hint: people[i].Sources[f.Values[i].Evidence].Words()})
		}
		p.Fields = append(p.Fields, form.Choice(choice))
	}
	if len(fields) == 0 {
		p.None = "The two records contradict each other in nothing."
	}
	return s.render(w, r, "merge", p)
}

// fieldLabel is what a field is called.
func (c *client) fieldLabel(name string) string {
	if node, season, ok := guaranteeOf(name); ok {
		return guaranteeWords(node, season)
	}
	switch name {
	case merge.FieldName:
		return "Name"
	case merge.FieldBirth:
		return "Date of birth"
	case merge.FieldULN:
		return "ULN"
	case merge.FieldUPN:
		return "UPN"
	case merge.FieldPrevious:
		return "Previous YoungPersonsID"
	case merge.FieldActivity:
		return "What they do now"
	case merge.FieldCohort:
		return "Cohort status and authorities"
	case merge.FieldNeed:
		return "Level of need"
	case merge.FieldDestination:
		return "Intended destination"
	}
	return capital(name)
}

func guaranteeOf(field string) (node string, season int, ok bool) {
	rest, ok := strings.CutPrefix(field, "guarantee-")
	if !ok {
		return "", 0, false
	}
	node, year, _ := strings.Cut(rest, "-")
	season, err := strconv.Atoi(year)
	return node, season, err == nil && (node == guarantee.Year11 || node == guarantee.Year12)
}

// fieldWords is the value of one field, as people say it.
func (c *client) fieldWords(name string, t *life.Told) string {
	switch name {
	case merge.FieldBirth:
		return dayOr(t.Value("dob"))
	case merge.FieldGender:
		return codeWords(c.Edition, nccis.Genders, t.Value("gender"))
	case merge.FieldEthnicity:
		return codeWords(c.Edition, nccis.Ethnicities, t.Value("ethnicity"))
	case merge.FieldULN, merge.FieldUPN, merge.FieldPrevious:
		return t.Value("value")
	}
	return c.factWords(t)
}

type mergeCheckPage struct {
	Page
	Form   *Form
	Seen   string
	Table  Table
	Reason Textarea
	Change string
	Cancel string
}

// chosenIn are the choices that an address carries: which record stays, and of
// which fields the other's value is taken.
func chosenIn(q url.Values, fields []merge.Field) (keep int, chosen merge.Chosen) {
	if q.Get("keep") == secondRecord {
		keep = 1
	}
	chosen = merge.Chosen{}
	for _, f := range fields {
		side := sideName(f.Better)
		if v := q.Get(f.Name); v == firstRecord || v == secondRecord {
			side = v
		}
		chosen[f.Name] = side != sideName(keep)
	}
	return keep, chosen
}

func (s *Server) mergeCheckPage(w http.ResponseWriter, r *http.Request) error {
	return s.showMergeCheck(w, r, newForm(nil))
}

// showMergeCheck shows both records as they are and what they come to.
func (s *Server) showMergeCheck(w http.ResponseWriter, r *http.Request, form *Form) error {
	c, people, err := s.duplicate(r, form)
	if err != nil {
		return s.toTogether(w, r, err)
	}
	keep, chosen := chosenIn(r.URL.Query(), merge.Fields(c.Sums[0], c.Sums[1]))
	a, b := people[keep], people[1-keep]
	after := merge.Foresee(a.Life, b.Life, chosen, a.today)
	base := "/duplicates/" + r.PathValue("ref")
	p := &mergeCheckPage{Page: Page{Title: "Check the merge", Section: "/duplicates", Errors: form.Errors, Back: &Link{Text: "Choose what to keep", Href: base + "/merge?" + r.URL.RawQuery}},
		Form: form, Seen: strconv.FormatInt(int64(merge.Seen(a.Life, b.Life)), 10), Change: base + "/merge?" + r.URL.RawQuery, Cancel: base}
	p.Table = a.mergeTable(b, after)
	p.Reason = form.Textarea(Textarea{Name: "reason", Label: "How do you know that they are one person?", Strong: true, Rows: 3, Hint: "It stands in the log. For example: the school says that Ren is what she is called at home."})
	return s.render(w, r, "merge_check", p)
}

// mergeTable has one row for each field: what stays, what is put in, and what
// it comes to.
func (c *client) mergeTable(other *client, after *life.Life) Table {
	t := Table{Caption: "Before and after", Columns: []Column{{Text: "Field"}, {Text: "The record that stays"}, {Text: "The record that is put in"}, {Text: "Afterwards"}}}
	t.Rows = append(t.Rows, []Cell{{Text: "YoungPersonsID", Header: true}, {Text: orNone(c.Life.Person.YoungPersonsID)}, {Text: orNone(other.Life.Person.YoungPersonsID)}, {Text: orNone(after.Person.YoungPersonsID)}})
	before, theirs, is := merge.HeldOn(c.Life, c.today), merge.HeldOn(other.Life, c.today), merge.HeldOn(after, c.today)
	for i := range is {
		left, right, now := c.heldWords(before[i]), other.heldWords(theirs[i]), c.heldWords(is[i])
		if left == "" && right == "" && now == "" {
			continue
		}
		t.Rows = append(t.Rows, []Cell{{Text: c.heldLabel(is[i].Field), Header: true}, {Text: orNone(left)}, {Text: orNone(right)}, {Text: orNone(now)}})
	}
	return t
}

func (c *client) heldLabel(field string) string {
	if field == merge.FieldBirth {
		return "Date of birth, gender, ethnicity"
	}
	return c.fieldLabel(field)
}

// mostWords is how many of several values are written out; of more the number.
const mostWords = 4

func (c *client) heldWords(h merge.Held) string {
	switch h.Field {
	case merge.FieldContacts, merge.FieldActivities:
		if len(h.Facts) == 0 {
			return ""
		}
		return count(len(h.Facts))
	}
	var words []string
	for i := range h.Facts {
		one := c.factWords(&h.Facts[i])
		if h.Field == merge.FieldULN || h.Field == merge.FieldUPN || h.Field == merge.FieldPrevious {
			one = h.Facts[i].Value("value")
		}
		if one != "" && !slices.Contains(words, one) {
			words = append(words, one)
		}
	}
	if len(words) > mostWords {
		return strings.Join(words[:mostWords], "; ") + "; and " + count(len(words)-mostWords) + " more"
	}
	return strings.Join(words, "; ")
}

func (s *Server) mergePeople(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	reason := form.Require("reason", "Say how you know that they are one person")
	seen, err := strconv.ParseInt(form.Text("seen"), 10, 64)
	if err != nil {
		return errForm
	}
	if !form.OK() {
		return s.showMergeCheck(w, r, form)
	}
	c, people, err := s.duplicate(r, form)
	if err != nil {
		return s.toTogether(w, r, err)
	}
	keep, chosen := chosenIn(r.URL.Query(), merge.Fields(c.Sums[0], c.Sums[1]))
	stays, other := people[keep].ref, people[1-keep].ref
	ref, err := s.Merge.Join(r.Context(), actorOf(r), merge.Joining{Keep: stays, Other: other, Chosen: chosen, Reason: reason, Key: form.Key, Seen: id.Act(seen)})
	var refused merge.Refusal
	switch {
	case errors.As(err, &refused):
		form.Fail("reason", refused.Message)
		return s.showMergeCheck(w, r, form)
	case form.Take(err):
		return s.showMergeCheck(w, r, form)
	case err != nil:
		return err
	}
	return s.done(w, r, personHref(stays, ""), "The two records are one. The other one leads here from now on.", &Link{Text: "Undo the merge", Href: "/merges/" + string(ref) + "/undo"})
}

// toSurvivor sends whoever asks for a record that was put together with another
// to that one, and says so. It reports whether it did.
func (s *Server) toSurvivor(w http.ResponseWriter, r *http.Request, err error) bool {
	if !errors.Is(err, db.NotFound) || written(w) {
		return false
	}
	rest, about := strings.CutPrefix(r.URL.Path, "/young-people/")
	if !about {
		return false
	}
	ref, tail, _ := strings.Cut(rest, "/")
	led, err := s.Merge.Leads(r.Context(), actorOf(r), id.Ref(ref))
	if err != nil {
		return false
	}
	words := "The record that you asked for, " + led.OtherID + ", was put together with this one on " + moment(led.At) + " by " + led.By + "."
	to := personHref(led.To, tail)
	if !safe(r.Method) {
		words, to = words+" What you sent was not saved: look at this record, and send it again if it is still needed.", personHref(led.To, "")
	} else if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	return s.done(w, r, to, words, s.undoLink(r, led.Merged)) == nil
}
