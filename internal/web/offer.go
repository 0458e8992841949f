package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/season"
)

func wordOptions(some []guarantee.Word) []Option {
	out := make([]Option, len(some))
	for i, w := range some {
		out[i] = Option{Value: w.Code, Text: w.Words}
	}
	return out
}

// offerForm is one place that somebody applied for or was offered.
func offerForm() personForm {
	return personForm{
		addresses: []string{"offer/edit"}, title: "Offer of a place", permission: access.RecordGuarantee,
		lead: "One place that they applied for or were offered. The status of the September Guarantee stays as it is: their page says what the offers speak for.",
		start: func(c *client) {
			f := marked(c, c.Life.Offers)
			c.setSeen(record.Seen(f))
			c.set("offer-season", strconv.Itoa(c.season()))
			if f == nil {
				return
			}
			o := &f.Is
			for _, one := range [][2]string{{"offer-season", strconv.Itoa(o.Season)}, {"offer-place", o.Place}, {"offer-provision", o.Provision}, {"offer-state", o.State}, {"offer-course", o.Course},
				{"offer-level", o.Level}, {"offer-suitable", o.Suitable}, {"offer-number", o.Number}, {"offer-ukprn", o.UKPRN}} {
				c.set(one[0], one[1])
			}
			c.setDay("offer-made", o.MadeOn)
		},
		parts: offerParts,
		save: func(c *client, told record.Told) error {
			f := c.form
			season, err := strconv.Atoi(f.Text("offer-season"))
			if err != nil || season < 2000 || season > 2100 {
				f.Fail("offer-season", "Choose the September for which the place is")
			}
			o := guarantee.Offer{Season: season, Place: f.Text("offer-place"), Number: f.Text("offer-number"), UKPRN: f.Text("offer-ukprn"), Provision: f.Text("offer-provision"),
				Course: f.Text("offer-course"), Level: f.Text("offer-level"), MadeOn: f.Date("offer-made", "The day it was offered").String(), State: f.Text("offer-state"), Suitable: f.Text("offer-suitable")}
			if !f.OK() {
				return nil
			}
			return c.s.Record.SetOffer(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Offers), o, c.seen(), told)
		},
		saved: saying("the offer."),
	}
}

func offerParts(c *client) []FormPart {
	f := c.form
	hint := "School, college, training provider or employer, by name"
	if f.Text("which") != "" {
		hint += ". Clear it to take this offer away"
	}
	season := Choice{Name: "offer-season", Label: "For which September?"}
	for y := c.season() + 1; y >= c.season()-1; y-- {
		season.Options = append(season.Options, Option{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
	}
	season.Options = withHeld(season.Options, f.Text("offer-season"))
	return []FormPart{
		f.inputPart(Input{Name: "offer-place", Label: "Where?", Hint: hint}),
		f.radiosPart(Choice{Name: "offer-provision", Label: "What kind of place is it?", Small: true, Options: withHeld(wordOptions(guarantee.Provisions()), f.Text("offer-provision"))}),
		f.radiosPart(Choice{Name: "offer-state", Label: "How far has it come?", Small: true, Options: withHeld(wordOptions(guarantee.States()), f.Text("offer-state"))}),
		f.datePart(DateInput{Name: "offer-made", Label: "When was it offered? (optional)", Hint: c.came("offer-made", "For example, 27 3 2026")}),
		f.inputPart(Input{Name: "offer-course", Label: "Course or job (optional)"}),
		f.selectPart(Choice{Name: "offer-level", Label: "Level (optional)", Options: append([]Option{{Text: "Not known"}}, wordOptions(guarantee.Levels())...)}),
		f.radiosPart(Choice{Name: "offer-suitable", Label: "Is it suitable for them?", Hint: "A full-time place, an apprenticeship, a traineeship and a job with accredited study are, by their kind. Say it where that is wrong, or where the kind does not say it", Small: true,
			Options: []Option{{Value: "", Text: "As its kind says"}, {Value: "Y", Text: "Yes"}, {Value: "N", Text: "No"}}}),
		morePart("Season and numbers", f.selectPart(season),
			f.inputPart(Input{Name: "offer-number", Label: "Establishment number (optional)", Width: "10", InputMode: "numeric"}),
			f.inputPart(Input{Name: "offer-ukprn", Label: "UK provider reference number (optional)", Hint: "8 digits", Width: "10", InputMode: "numeric"})),
	}
}

// offerWords is an offer as people say it: how far it has come, and of what.
func offerWords(o *guarantee.Offer) string {
	suitable := map[string]string{"Y": "suitable", "N": "not suitable"}[o.Suitable]
	if o.Provision == guarantee.Job {
		suitable = "not suitable by itself"
	}
	return joined("; ", joined(", ", guarantee.WordsOf(guarantee.States(), o.State), labelled("on ", dayOr(o.MadeOn))), guarantee.WordsOf(guarantee.Provisions(), o.Provision),
		joined(", ", o.Course, guarantee.WordsOf(guarantee.Levels(), o.Level)), suitable)
}

// guarantee is the status of each node, the offers behind it, and where they mean
// to go.
func (v personView) guarantee() Summary {
	sum := Summary{Title: "September Guarantee and destination", ID: "guarantee"}
	season := v.season()
	for _, node := range []string{guarantee.Year11, guarantee.Year12} {
		row, held := Row{Key: guaranteeWords(node, season), Value: "Not recorded"}, ""
		i := slices.IndexFunc(v.Life.Guarantees, func(g fact.Of[guarantee.Guarantee]) bool { return g.Is.Node == node && g.Is.Season == season })
		if i >= 0 {
			g := v.Life.Guarantees[i]
			held = g.Is.Status
			row.Value, row.Source = joined("; ", codeWords(v.Edition, nccis.GuaranteeStatuses, g.Is.Status), v.authority(g.Is.LACode)), v.source(g.Version)
		} else if node != v.node() {
			continue
		}
		if v.edit {
			row.Actions = []Link{{Text: "Change", Hidden: "the guarantee for " + guaranteeWords(node, season), Href: personHref(v.ref, "guarantee/edit") + "?node=" + node}}
		}
		sum.Rows = append(sum.Rows, row)
		if node == v.node() {
			sum.Rows = append(sum.Rows, v.offers(node, held)...)
		}
	}
	if v.edit {
		sum.Actions = []Link{{Text: "Add an offer", Href: personHref(v.ref, "offer/edit")}}
	}
	destination := Row{Key: "Intended destination", Value: "Not recorded", Actions: v.change("the intended destination", "destination/edit")}
	if f := life.InForce(v.Life.Destinations, v.today); f != nil && f.Is.Code != "" {
		destination.Value, destination.Source = codeWords(v.Edition, nccis.IntendedDestinations, f.Is.Code), v.source(f.Version)
	}
	sum.Rows = append(sum.Rows, destination)
	return sum
}

// offers are the rows of this season's offers on the young person's page, and
// what they propose where the status held says otherwise.
func (v personView) offers(node, held string) []Row {
	var rows []Row
	var all []guarantee.Offer
	for i := range v.Life.Offers {
		f := &v.Life.Offers[i]
		if f.Is.Season != v.season() {
			continue
		}
		all = append(all, f.Is)
		row := Row{Key: f.Is.Place, Value: offerWords(&f.Is), Source: v.source(f.Version)}
		if v.edit {
			row.Actions = []Link{{Text: "Change", Hidden: "the offer of " + f.Is.Place, Href: personHref(v.ref, "offer/edit") + "?which=" + markOf(f.ID)}}
		}
		rows = append(rows, row)
	}
	if code := guarantee.Proposed(all, v.season(), node); !guarantee.Agrees(held, code) {
		row := Row{Key: "What the offers say", Value: codeWords(v.Edition, nccis.GuaranteeStatuses, code) + ". The status held says otherwise, and stays until somebody changes it."}
		if v.edit {
			row.Actions = []Link{{Text: "Take it over", Hidden: "as the status of the guarantee", Href: personHref(v.ref, "guarantee/edit") + "?" + url.Values{"node": {node}, "status": {code}}.Encode()}}
		}
		rows = append(rows, row)
	}
	return rows
}

// offersLine is some offers in a line: "Gullhaven College, offered".
func offersLine(all []guarantee.Offer) string {
	words := make([]string, len(all))
	for i := range all {
		words[i] = all[i].Place + ", " + strings.ToLower(guarantee.WordsOf(guarantee.States(), all[i].State))
	}
	return strings.Join(words, "; ")
}

// offersCell is what somebody was offered, and the status that it speaks for where
// another is held.
func (s *Server) offersCell(p *season.Person) Cell {
	one := Cell{Text: orText(offersLine(p.Offers), "None recorded")}
	if p.Proposed != "" {
		one.Note = "They say: " + s.edition().Label(nccis.GuaranteeStatuses, p.Proposed)
	}
	return one
}
