package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/signal"
)

// signKinds are the kinds of sign in the order in which they are shown.
var signKinds = []struct{ kind, words string }{{signal.Attendance, "Attendance"}, {signal.Exclusion, "Suspensions and exclusions"}, {signal.KeyStage4, "Results at 16"}}

// signs are what is known for the risk of dropping out alone: the latest of each
// kind, with its day and whose word it is.
func (v personView) signs() Summary {
	sum := Summary{Title: "Signs of risk", ID: "signs"}
	for _, k := range signKinds {
		row := Row{Key: k.words, Value: "Not recorded"}
		seen := map[string]bool{}
		var values []string
		for _, f := range v.latestSigns(k.kind) {
			if seen[f.Is.Measure] {
				continue // an earlier value of the same
			}
			seen[f.Is.Measure] = true
			values = append(values, signWords(f.Is)+labelled(", ", dayOr(f.Started)))
			if s, ok := v.Sources[f.Evidence]; ok && row.Source == "" {
				row.Source = capital(s.Words())
			}
		}
		if len(values) > 0 {
			row.Value = strings.Join(values, "; ")
		}
		sum.Rows = append(sum.Rows, row)
	}
	sum.Rows = append(sum.Rows, Row{Key: "What they are for", Value: "The risk of becoming NEET alone. They are in no return, list or file."})
	if v.on.IsZero() && access.May(actorOf(v.r), access.SeeClaims) {
		sum.Rows = append(sum.Rows, Row{Key: "Benefit claims", Value: "Shown on a ground that the law allows", Href: personHref(v.ref, "claims")})
	}
	return sum
}

// latestSigns are those of a kind, the latest first.
func (v personView) latestSigns(kind string) []fact.Of[signal.Signal] {
	some := slices.DeleteFunc(slices.Clone(v.Signs), func(f fact.Of[signal.Signal]) bool { return f.Is.Kind != kind })
	slices.SortStableFunc(some, func(a, b fact.Of[signal.Signal]) int { return strings.Compare(b.Started, a.Started) })
	return some
}

func signWords(s signal.Signal) string {
	if s.Kind == signal.KeyStage4 {
		return joined(" ", capital(s.Measure), s.Value)
	}
	return joined(" ", s.Value, s.Measure)
}

type claimsPage struct {
	Page
	Form   *Form
	Ground *Choice
	Limits string
	None   *Empty
	Claims []Summary
}

// claimsPage asks on which ground somebody looks at benefit claims. It does not say
// whether there are any.
func (s *Server) claimsPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.Record.Related(r.Context(), actorOf(r), id.Ref(r.PathValue("ref"))); err != nil {
		return err
	}
	return s.askGround(w, r, newForm(nil))
}

func (s *Server) claimsFrame(r *http.Request, form *Form) *claimsPage {
	return &claimsPage{Page: Page{Title: "Benefit claims", Section: "/find", Errors: form.Errors, Back: &Link{Text: "The record", Href: personHref(id.Ref(r.PathValue("ref")), "")}}, Form: form}
}

func (s *Server) askGround(w http.ResponseWriter, r *http.Request, form *Form) error {
	p := s.claimsFrame(r, form)
	p.Lead = "Claims came from the Department for Work and Pensions, and may be used for what the law names alone. Your answer is kept with the log of who looked."
	ground := Choice{Name: "ground", Label: "What do you need them for?", Strong: true}
	for _, one := range record.ClaimGrounds() {
		ground.Options = append(ground.Options, Option{Value: one, Text: capital(one)})
	}
	ground = form.Choice(ground)
	p.Ground = &ground
	return s.render(w, r, "person_claims", p)
}

func (s *Server) showClaims(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	claims, from, err := s.Record.Claims(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Text("ground"))
	if errors.As(err, new(field.Errors)) {
		form.Take(err)
		return s.askGround(w, r, form)
	}
	if err != nil {
		return err
	}
	p := s.claimsFrame(r, form)
	p.Limits = "Passing this on outside what the law names is an offence (Education and Skills Act 2008, section 15)."
	if len(claims) == 0 {
		p.None = &Empty{Title: "No claim is held", Text: "That says nothing of whether there is one: lists of claimants are partial.", Link: &Link{Text: "Go back to the record", Href: personHref(id.Ref(r.PathValue("ref")), "")}}
	}
	for _, c := range claims {
		sum := Summary{Title: c.Is.Measure, ID: markOf(c.ID), Rows: []Row{{Key: "Since", Value: dayWords(c.Started)}, {Key: "Where it came from", Value: "Not known"}}}
		if s, ok := from[c.Evidence]; ok {
			sum.Rows[1].Value = capital(s.Words())
		}
		p.Claims = append(p.Claims, sum)
	}
	return s.render(w, r, "person_claims", p)
}
