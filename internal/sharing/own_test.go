package sharing

import (
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/record"
)

// TestOwnPeopleAndOffers lists a college's own under its agreement: everybody who
// is there by name, of Years 11 and 12 what is held of where they mean to go, the
// last season's offer, and nothing of the fields that the agreement does not give.
func TestOwnPeopleAndOffers(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, told := t.Context(), record.Told{Kind: act.EnrolmentList}
		pupil, absent := h.add("Teal", "2010-03-03"), h.add("Dunlin", "2010-04-04") // Dunlin is nowhere
		h.must(h.Records.RecordActivity(ctx, h.officer, pupil, record.NewSpell{Activity: "210", Started: civil.MustParse("2026-09-01"),
			PredictedEnd: civil.MustParse("2027-07-01"), EstablishmentName: "Gullhaven College", UKPRN: "10009991"}, 0, told))
		for _, one := range []id.Ref{pupil, absent} {
			h.must(h.Records.CorrectDestination(ctx, h.officer, one, "211", 0, told))
			h.must(h.Records.CorrectGuarantee(ctx, h.officer, one, guarantee.Guarantee{Node: guarantee.Year11, Season: 2026, Status: "110", LACode: "991"}, 0, told))
		}
		for _, fields := range []access.Fields{access.Names | access.Guarantees, access.Names} {
			g := terms()
			g.Fields = fields
			ref, err := h.Add(ctx, h.clerk, g, "")
			h.must(err)
			h.must(h.Bind(ctx, h.clerk, ref, h.tutor.SignIn, ""))
			h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
			a, err := h.accounts.ByRef(ctx, h.tutor.Ref)
			h.must(err)
			by := a.Actor("r")
			by.Today = civil.MustParse(today)

			rows, total, err := h.OwnPeople(ctx, by, 0, 1)
			h.must(err)
			if total != 2 || len(rows) != 1 || rows[0].Given != "Teal" || rows[0].Unseen.Has(access.Names) || !rows[0].Born.IsZero() {
				t.Errorf("its own people are %d, the first page %+v", total, rows)
			}
			offers, total, err := h.OwnOffers(ctx, by, 0, 50)
			h.must(err)
			if total != 1 || len(offers) != 1 || offers[0].Given != "Teal" {
				t.Fatalf("its Years 11 and 12 are %d: %+v", total, offers)
			}
			destination, status := "211", "110"
			if !fields.Has(access.Guarantees) {
				destination, status = "", ""
			}
			if got := offers[0]; got.Destination != destination || got.Guarantee != status {
				t.Errorf("under an agreement on %s the offer says %q and %q", fields, got.Destination, got.Guarantee)
			}
			h.must(h.End(ctx, h.clerk, ref, "renewed", h.one(ref).Version, ""))
		}
	})
}
