package web

import (
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/guarantee"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

type personHistoryPage struct {
	Page
	Identity Identity
	Sub      SubNavigation
	Acts     []pastAct
	Past     *pastForm
}

// pastAct is one act as the history shows it.
type pastAct struct {
	Title, When, By, Source, Reason string
	Changes                         []pastChange
	Undo                            *Link
}

// pastChange is one fact before and after, in words. Before is empty for a new
// one, After for one that was taken back.
type pastChange struct{ What, Before, After string }

func (s *Server) personHistory(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	c, err := s.clientKnown(r, newForm(nil), on)
	if err != nil {
		return err
	}
	acts, err := s.Record.HistoryKnown(r.Context(), actorOf(r), c.ref, on)
	if err != nil {
		return err
	}
	p := &personHistoryPage{Page: Page{Title: "History of a young person", OwnHeading: true, Section: "/find", KnownOn: on, Banners: s.restrictedBanners(c.Summary)}, Past: s.pastForm(r, on), Identity: c.identity(), Sub: c.subNavigation("history")}
	merges, err := s.mergesOf(r, c)
	if err != nil {
		return err
	}
	for _, a := range acts {
		past := pastAct{Title: actTitle(access.Action(a.Kind)), When: moment(a.At), By: "By " + a.By, Reason: a.Reason}
		if a.Source.Kind != "" {
			past.Source = "Learned: " + a.Source.Words()
		}
		if access.Action(a.Kind) == access.MergePeople {
			past.Source = "" // each fact has its own, from before
		}
		if m, ok := merges[a.Act]; ok {
			past.Title, past.Undo = "Put together with the record "+orNone(m.OtherID), s.undoLink(r, m)
		}
		for _, change := range a.Changes {
			past.Changes = append(past.Changes, c.pastChange(change))
		}
		p.Acts = append(p.Acts, past)
	}
	return s.render(w, r, "person_history", p)
}

func (c *client) pastChange(change record.Change) pastChange {
	out := pastChange{}
	if change.Before != nil {
		out.What, out.Before = capital(change.Before.What), orText(c.factWords(change.Before), "nothing")
	}
	if change.After != nil {
		out.What, out.After = capital(change.After.What), orText(c.factWords(change.After), "nothing")
	}
	if out.Before == out.After && out.Before != "" {
		// What differs is the day for which it was stated, or nothing in words.
		was, is := statedOn(change.Before), statedOn(change.After)
		if out.Before = ""; was != is {
			out.Before, out.After = out.After+"; "+was, out.After+"; "+is
		}
	}
	return out
}

// statedOn is the day for which a cohort status was stated, "" for other facts.
func statedOn(t *life.Told) string {
	if t.Table != "cohort" {
		return ""
	}
	return "stated for " + orText(dayOr(t.Value("stated_on")), "no day")
}

// actTitle says what was done, as something done.
func actTitle(kind access.Action) string {
	switch kind {
	case access.AddPerson:
		return "Added"
	case access.CorrectPerson:
		return "Record changed"
	case access.RecordActivity:
		return "Activity or contact recorded"
	case access.RecordGuarantee:
		return "September Guarantee recorded"
	case access.ImportFile:
		return "A file imported"
	case access.MergePeople:
		return "Two records put together, or taken apart"
	case access.UndoImport:
		return "An import taken back"
	case access.MendTogether:
		return "Findings mended together"
	}
	return capital(string(kind))
}

// factWords is one version of a fact as people say it.
func (c *client) factWords(t *life.Told) string {
	e, get := c.Edition, t.Value
	switch t.Table {
	case youngperson.Names.Name:
		return joined(" ", get("given"), get("middle"), get("family"))
	case youngperson.ParticularsTable.Name:
		return joined("; ", born(get("dob")), codeWords(e, nccis.Genders, get("gender")), codeWords(e, nccis.Ethnicities, get("ethnicity")))
	case youngperson.Identifiers.Name:
		return joined(" ", capital(get("scheme")), get("value"))
	case youngperson.Addresses.Name:
		return joined("; ", joined(", ", get("line1"), get("line2"), get("line3"), get("line4"), get("town"), get("county"), get("postcode")), dated(t))
	case youngperson.Reaches.Name:
		return joined(", ", get("value"), get("note"))
	case youngperson.Carers.Name:
		return joined(", ", get("name"), get("relationship"), get("telephone"), get("email"))
	case youngperson.Allocations.Name:
		return joined(", ", get("adviser_name"), get("team"))
	case "cohort":
		return joined("; ", codeWords(e, nccis.CohortStatuses, get("status")), labelled("lead ", c.authority(get("lead_la"))), labelled("educated in ", c.authority(get("educated_la"))),
			labelled("at Year 11 ", c.authority(get("la_at_year_11"))), labelled("transferred to ", c.authority(get("transferred_to"))), labelled("guarantee indicator ", get("guarantee_indicator")))
	}
	return c.otherFactWords(t)
}

func (c *client) otherFactWords(t *life.Told) string {
	e, get := c.Edition, t.Value
	switch t.Table {
	case "need":
		return joined("; ", codeWords(e, nccis.LevelsOfNeed, get("level")), labelled("education, health and care plan ", flagWord(get("send"))), labelled("SEN support ", flagWord(get("sen_support"))))
	case "characteristic":
		return codeWords(e, nccis.Characteristics, get("code"))
	case "spell":
		return joined("; ", activityWords(e, get("activity")), get("establishment_name"), dated(t), labelled("review ", dayOr(get("review"))),
			labelled("expected to end ", dayOr(get("predicted_end"))))
	case "verification":
		return "still so on " + dayWords(get("verified"))
	case guarantee.Guarantees.Name:
		season, err := strconv.Atoi(get("season"))
		if err != nil {
			return t.Text()
		}
		return joined("; ", guaranteeWords(get("node"), season), codeWords(e, nccis.GuaranteeStatuses, get("status")), c.authority(get("la_code")))
	case guarantee.Destinations.Name:
		return codeWords(e, nccis.IntendedDestinations, get("code"))
	case guarantee.Offers.Name:
		return joined("; ", get("place"), offerWords(&guarantee.Offer{State: get("state"), MadeOn: get("made_on"), Provision: get("provision"), Course: get("course"), Level: get("level"), Suitable: get("suitable")}), labelled("for September ", get("season")))
	case "contact":
		return joined("; ", joined(" ", dayOr(t.Started), get("at_time")), joined(", ", get("how"), get("with_whom")), get("outcome"), get("note"),
			labelled("in their words: ", get("said")), labelled("next: ", joined(", ", get("next_step"), dayOr(get("next_on")))))
	}
	return t.Text()
}

func dated(t *life.Told) string {
	if t.Started == "" && t.Ended == "" {
		return ""
	}
	words := stretch(t.Started, t.Ended)
	return string(words[0]|0x20) + words[1:]
}

func born(day string) string { return labelled("born ", dayOr(day)) }

// labelled is the label with the value, and nothing where there is none.
func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + value
}

func dayOr(day string) string {
	if day == "" {
		return ""
	}
	return dayWords(day)
}

func flagWord(flag string) string {
	switch flag {
	case "Y":
		return "yes"
	case "N":
		return "no"
	}
	return flag
}
