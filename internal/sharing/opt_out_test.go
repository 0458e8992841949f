package sharing

import (
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// TestNothingIsPassedOnToPartnersOfWhoSaidNo holds that an agreement opens
// nobody who opted out, for that partner, and nobody whose processing is
// restricted.
func TestNothingIsPassedOnToPartnersOfWhoSaidNo(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, told := t.Context(), record.Told{Kind: act.Telephone}
		ref, err := h.Add(ctx, h.clerk, terms(), "")
		h.must(err)
		h.must(h.Bind(ctx, h.clerk, ref, h.tutor.SignIn, ""))
		h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
		optOut := func(feed string) *youngperson.OptOut {
			return &youngperson.OptOut{Scope: youngperson.OptOutAll, Feed: feed, SaidBy: youngperson.SaidByPerson}
		}
		h.must(h.Records.RecordOptOut(ctx, h.officer, h.student, civil.MustParse("2026-11-05"), *optOut("Another College"), told))
		h.wantSeen("opted out of another's", today, "Wren")
		h.must(h.Records.RecordOptOut(ctx, h.officer, h.student, civil.MustParse("2026-11-05"), *optOut("Gullhaven College"), told))
		h.wantSeen("opted out", today, "")
		h.wantSeen("the day before", "2026-11-04", "Wren")
		s, err := h.Records.Summary(ctx, h.officer, h.student)
		h.must(err)
		for _, f := range s.Life.OptOuts {
			if f.Is.Feed == "Gullhaven College" {
				h.must(h.Records.EndOptOut(ctx, h.officer, h.student, f.ID, civil.MustParse("2026-11-09"), f.KnownFrom, told))
			}
		}
		h.wantSeen("ended", today, "Wren")
		h.must(h.Records.RestrictProcessing(ctx, h.clerk, h.student, civil.MustParse("2026-11-06"), youngperson.Restriction{Ground: youngperson.Grounds()[0]}, told))
		h.wantSeen("restricted", today, "")
		by := h.clerk
		by.Roles = []access.Role{access.Adviser}
		if err := h.Records.RestrictProcessing(ctx, by, h.other, civil.MustParse("2026-11-06"), youngperson.Restriction{Ground: youngperson.Grounds()[0]}, told); err == nil {
			t.Error("an adviser restricts processing")
		}
	})
}
