package web

import (
	"net/http"
	"time"

	"waymark/internal/civil"
	"waymark/internal/record"
)

type personVersionsPage struct {
	Page
	Identity Identity
	Sub      SubNavigation
	Kinds    []versionKind
	Past     *pastForm
}

// versionKind is all versions of the facts of one kind.
type versionKind struct {
	ID, Title string
	Rows      []version
}

// version is one row: what was so, when, and between which days we held it.
type version struct {
	What, So         string
	From, FromSource string
	// Ended says what ended it; empty while it is held. Gone is a word for it
	// that stands before the old text, which is struck out.
	To, Ended, Gone string
}

// personVersions shows both clocks of every fact: when it was so, and when we
// knew it.
func (s *Server) personVersions(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	c, err := s.clientKnown(r, newForm(nil), on)
	if err != nil {
		return err
	}
	held, err := s.Record.Clocks(r.Context(), actorOf(r), c.ref, on)
	if err != nil {
		return err
	}
	p := &personVersionsPage{Page: Page{Title: "What was known when of a young person", OwnHeading: true, Section: "/find", KnownOn: on, Banners: s.restrictedBanners(c.Summary)},
		Identity: c.identity(), Sub: c.subNavigation("versions"), Past: s.pastForm(r, on)}
	table := ""
	for _, h := range held {
		if h.Table != table {
			table = h.Table
			p.Kinds = append(p.Kinds, versionKind{ID: "kind-" + h.Table, Title: capital(h.What)})
		}
		last := &p.Kinds[len(p.Kinds)-1]
		last.Rows = append(last.Rows, c.version(h))
	}
	return s.render(w, r, "person_versions", p)
}

func (c *client) version(h record.Held) version {
	v := version{What: orText(c.factWords(&h.Told), "nothing"), So: stretch(h.Started, h.Ended), From: dayOfAct(h.From.At), FromSource: "by " + h.From.By}
	if h.From.Source.Kind != "" {
		v.FromSource += "; " + h.From.Source.Words()
	}
	switch {
	case h.To == nil && c.on.IsZero():
		v.To = "Held now"
	case h.To == nil:
		v.To = "Held on that day"
	case h.Next == nil:
		v.To, v.Gone, v.Ended = dayOfAct(h.To.At), "Taken back:", "Taken back by "+h.To.By
	default:
		v.To, v.Gone, v.Ended = dayOfAct(h.To.At), "Replaced:", "Replaced by "+h.To.By
	}
	return v
}

// dayOfAct is the day in London of an act.
func dayOfAct(at time.Time) string { return civil.On(at, civil.London()).Words() }
