package demo

import (
	"hash/fnv"
	"io"
	"math/rand/v2"

	"waymark/internal/civil"
	"waymark/internal/guarantee"
)

// offers are the places behind the guarantee of the season that is on, for those
// who finish Year 11: where they applied, and what came of it. They are drawn
// beside the rest, so that lives are the same with them and without.
func (t *teller) offers(season int, status, later string) {
	if open := civil.Must(season, 5, 1); open.AddDays(365).Before(t.w.On) {
		return
	}
	who := fnv.New64a()
	io.WriteString(who, t.p.Legal().Given+t.p.Legal().Family+t.p.born.String())
	r := rand.New(rand.NewPCG(uint64(season), who.Sum64()))
	switch {
	case status == "110":
		t.offer(r, season, pick(r, []string{guarantee.Offered, guarantee.Offered, guarantee.Accepted}))
		if chance(r, 0.15) {
			t.offer(r, season, pick(r, []string{guarantee.Applied, guarantee.Declined, guarantee.Withdrawn}))
		}
	case status == "140", later == "110" && chance(r, 0.4):
		t.offer(r, season, pick(r, []string{guarantee.Applied, guarantee.Applied, guarantee.Interview}))
	case later == "120":
		t.job(r, season)
	case later == "151" && chance(r, 0.4), status == "159" && later == "159" && chance(r, 0.3):
		t.offer(r, season, guarantee.Offered) // a list told of the place, and nobody has looked since
	}
}

// offer is one place.
func (t *teller) offer(r *rand.Rand, season int, state string) {
	in := choose(r, sixthForms())
	o := guarantee.Offer{Season: season, Place: in.name, Number: in.number, UKPRN: in.ukprn, Provision: guarantee.FullTime, Level: "3",
		Course: pick(r, []string{"A levels", "A levels", "A levels", "T level in health", "T level in digital support", "Applied science"}), State: state}
	if in.activity == "230" {
		o.Level = pick(r, []string{"1", "2", "2", "3"})
		o.Course = pick(r, []string{"Motor vehicle", "Hairdressing", "Health and social care", "Catering", "Bricklaying", "Art and design", "Engineering", "Sport and coaching"})
	}
	if chance(r, 0.06) {
		in := pick(r, trainers()[:2])
		o = guarantee.Offer{Season: season, Place: in.name, UKPRN: in.ukprn, Provision: guarantee.Apprenticeship, Course: pick(r, []string{"Business administrator", "Site carpenter", "Early years practitioner"}), Level: "2", State: state}
	}
	if state == guarantee.Offered || state == guarantee.Accepted || state == guarantee.Declined {
		o.MadeOn = civil.Must(season, 1, 15).AddDays(r.IntN(100)).String()
	}
	for i := range t.p.Offers {
		if t.p.Offers[i].Is.Place == o.Place {
			return
		}
	}
	tell(t, &t.p.Offers, civil.Date{}, o)
}

// job is one without study: no place of the guarantee.
func (t *teller) job(r *rand.Rand, season int) {
	tell(t, &t.p.Offers, civil.Date{}, guarantee.Offer{Season: season, Place: pick(r, list(employers)), Provision: guarantee.Job, State: guarantee.Accepted})
}
