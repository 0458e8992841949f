package web

import (
	"net/http"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/sharing"
)

type agreementFormPage struct {
	Page
	Form            *Form
	Version, Action string
	Name            Input
	Kind            Choice
	Numbers         []Input
	Purpose         Textarea
	Document, Owner Input
	People, Fields  Choice
	Started, Ends   DateInput
	Button, Cancel  string
}

// shareable are the fields that some agreement may give.
func shareable() access.Fields {
	return access.Partner.Fields() | access.CarePartner.Fields() | access.Handed
}

func (s *Server) newAgreement(w http.ResponseWriter, r *http.Request) error {
	form := newForm(map[string]string{"people": sharing.Enrolled})
	form.values["fields"] = (access.Names | access.Birth | access.Activities).Words()
	return s.showAgreementForm(w, r, form)
}

func (s *Server) changeAgreement(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Sharing.One(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	o := a.Organisation
	form := newForm(map[string]string{"organisation": o.Name, "kind": o.Kind, "urn": o.URN, "number": o.Number, "ukprn": o.UKPRN, "la-code": o.LACode,
		"purpose": a.Purpose, "document": a.Document, "owner": a.Owner, "people": a.People, "version": strconv.FormatInt(int64(a.Version), 10)})
	form.values["fields"] = a.Fields.Words()
	form.SetDate("started", a.Started)
	form.SetDate("ends", a.Ends)
	return s.showAgreementForm(w, r, form)
}

func (s *Server) showAgreementForm(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	p := &agreementFormPage{Page: Page{Title: "Add a sharing agreement", Errors: form.Errors, Section: "/sharing", Back: &Link{Text: "Sharing agreements", Href: "/sharing"}},
		Form: form, Version: form.Text("version"), Action: "/sharing/new", Button: "Add the agreement", Cancel: "/sharing"}
	if ref != "" {
		p.Title, p.Action, p.Button, p.Cancel = "Change a sharing agreement", agreementHref(ref, "/change"), "Save the changes", agreementHref(ref, "")
		p.Back = &Link{Text: "The agreement", Href: agreementHref(ref, "")}
		p.Lead = "A change suspends the agreement until it is approved again; a change of the organisation suspends every agreement with it."
	}
	p.Name = form.Input(Input{Name: "organisation", Label: "Organisation", Hint: "Its name in law, as the signed paper has it.", Strong: true})
	kinds := Choice{Name: "kind", Label: "What it is", Strong: true, Small: true}
	for _, k := range sharing.Kinds() {
		kinds.Options = append(kinds.Options, Option{Value: k, Text: capital(k)})
	}
	p.Kind = form.Choice(kinds)
	for _, n := range []Input{{Name: "urn", Label: "URN", Hint: "Six digits, for a school or college"}, {Name: "number", Label: "DfE number", Hint: "Authority and establishment, seven digits"},
		{Name: "ukprn", Label: "UKPRN", Hint: "Eight digits, for a college or provider"}, {Name: "la-code", Label: "Authority’s number", Hint: "Three digits, for an authority’s team"}} {
		n.Width, n.InputMode = "10", "numeric"
		p.Numbers = append(p.Numbers, form.Input(n))
	}
	p.Purpose = form.Textarea(Textarea{Name: "purpose", Label: "What it is for", Strong: true, Rows: 3, Hint: "For example, keeping students in education under sections 13 and 14 of the Education and Skills Act 2008"})
	p.Document = form.Input(Input{Name: "document", Label: "Where the signed paper is", Strong: true, Hint: "For example, DSA 12/2026 in the information asset register"})
	p.Owner = form.Input(Input{Name: "owner", Label: "Who answers for it there", Strong: true, Hint: "A name or a post, for example Head of student services"})
	p.People = form.Choice(Choice{Name: "people", Label: "About whom it is", Strong: true, Options: []Option{
		{Value: sharing.Enrolled, Text: peopleWords(sharing.Enrolled), Hint: "Everybody with an open activity that has one of its numbers."},
		{Value: sharing.Named, Text: peopleWords(sharing.Named), Hint: "You name them one by one on the agreement’s page."}}})
	fields := Choice{Name: "fields", Label: "What of them is shared", Hint: "Names are always shared. What is not ticked is found nowhere.", Strong: true, Small: true}
	for _, f := range shareable().Each() {
		if f != access.Names {
			one := Option{Value: f.String(), Text: capital(f.String())}
			if !(access.Partner.Fields() | access.CarePartner.Fields()).Has(f) {
				one.Hint = "With another authority alone, to which young people move"
			}
			fields.Options = append(fields.Options, one)
		}
	}
	p.Fields = form.Choice(fields)
	p.Started = form.DateInput(DateInput{Name: "started", Label: "First day", Strong: true, Hint: "For example, 1 9 2026"})
	p.Ends = form.DateInput(DateInput{Name: "ends", Label: "Last day", Strong: true, Hint: "For example, 31 8 2027"})
	return s.render(w, r, "agreement_form", p)
}

// terms reads what an agreement is to say.
func (f *Form) terms() sharing.Terms {
	t := sharing.Terms{Organisation: sharing.Organisation{Name: f.Text("organisation"), Kind: f.Text("kind"), URN: f.Text("urn"), Number: f.Text("number"), UKPRN: f.Text("ukprn"), LACode: f.Text("la-code")},
		Purpose: f.Text("purpose"), Document: f.Text("document"), Owner: f.Text("owner"), People: f.Text("people"), Started: f.Date("started", "The first day"), Ends: f.Date("ends", "The last day")}
	ticked := f.All("fields")
	for _, one := range access.AllFields.Each() {
		if slices.Contains(ticked, one.String()) {
			t.Fields |= one
		}
	}
	return t
}

func (s *Server) saveAgreement(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	t, words := form.terms(), "The agreement is added. It waits to be approved."
	if form.OK() {
		if ref == "" {
			ref, err = s.Sharing.Add(r.Context(), actorOf(r), t, form.Key)
		} else {
			seen, bad := strconv.ParseInt(form.Text("version"), 10, 64)
			if bad != nil {
				seen = -1 // no version: then it is one that does not stand
			}
			words, err = "The agreement is changed.", s.Sharing.Change(r.Context(), actorOf(r), ref, t, id.Act(seen), form.Key)
		}
		form.Take(err)
	}
	if !form.OK() {
		return s.showAgreementForm(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, agreementHref(ref, ""), words, nil)
}
