package guarantee

import "testing"

// What the offers of somebody speak for, by the rules of nccis.md 3.7 and 7.
func TestProposed(t *testing.T) {
	of := func(provision, state, suitable string) Offer {
		return Offer{Season: 2026, Place: "Northshore College", Provision: provision, State: state, Suitable: suitable}
	}
	for _, c := range []struct {
		name   string
		node   string
		offers []Offer
		want   string
	}{
		{"none", Year11, nil, ""},
		{"a full-time place", Year11, []Offer{of(FullTime, Offered, "")}, "110"},
		{"an apprenticeship taken", Year12, []Offer{of(Apprenticeship, Accepted, "")}, "110"},
		{"going on with the course", Year12, []Offer{of(Continuing, Offered, "")}, "114"},
		{"a place that is not suitable", Year11, []Offer{of(FullTime, Offered, "N")}, "150"},
		{"something else, said to be suitable", Year11, []Offer{of(OtherProvision, Offered, "Y")}, "110"},
		{"something else, of which nobody can tell", Year11, []Offer{of(OtherProvision, Offered, "")}, ""},
		{"a job alone, offered", Year11, []Offer{of(Job, Offered, "")}, ""},
		{"a job alone, taken", Year11, []Offer{of(Job, Accepted, "Y")}, "120"},
		{"a job with study", Year11, []Offer{of(JobWithStudy, Offered, "")}, "110"},
		{"applied", Year11, []Offer{of(FullTime, Applied, ""), of(Job, Offered, "")}, "140"},
		{"offered one and refused by another", Year11, []Offer{of(FullTime, Offered, ""), of(FullTime, Withdrawn, "")}, "110"},
		{"declined", Year11, []Offer{of(FullTime, Declined, "")}, ""},
		{"means to apply", Year11, []Offer{of(FullTime, Intended, "")}, ""},
		{"of another season", Year11, []Offer{{Season: 2025, Provision: FullTime, State: Offered}}, ""},
	} {
		if got := Proposed(c.offers, 2026, c.node); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
	if !Agrees("115", "110") || !Agrees("159", "") || Agrees("159", "110") || Agrees("151", "140") {
		t.Error("codes of one outcome are held against each other, or those of two are not")
	}
}
