package intake_test

import (
	"errors"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/intake"
	"waymark/internal/sharing"
)

// TestNoFileWithoutItsAgreement: once a sender is held to an organisation, its
// files come in only while an agreement with it is in force.
func TestNoFileWithoutItsAgreement(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05"))
		senders, err := h.s.Senders(t.Context(), h.by)
		if err != nil || len(senders) != 1 {
			t.Fatal(senders, err)
		}
		clerk := h.by
		clerk.Roles = []access.Role{access.InformationGovernance}
		keep := &sharing.Service{DB: d, Records: h.s.Record}
		ref, err := keep.Add(t.Context(), clerk, sharing.Terms{Organisation: sharing.Organisation{Name: "Gullhaven College", Kind: "college", UKPRN: "10009991"},
			Purpose: "Keeping students in education", Document: "DSA 12/2026", Owner: "Head of student services", People: sharing.Enrolled,
			Started: civil.MustParse("2026-09-01"), Ends: civil.MustParse("2027-08-31")}, "")
		if err == nil {
			err = keep.BindSender(t.Context(), clerk, ref, senders[0].Ref, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.s.Receive(t.Context(), h.by, intake.File{Name: "november.csv", From: strings.NewReader(october), Sender: senders[0].Ref})
		var wrong field.Errors
		if !errors.As(err, &wrong) || wrong[0].Field != "sender" || !strings.Contains(wrong[0].Message, "waits to be approved. Ask information governance") {
			t.Fatalf("without an agreement in force receiving says %v", err)
		}
		if list, err := h.s.List(t.Context(), h.by); err != nil || len(list) != 1 {
			t.Errorf("%d files are kept, want the one from before: %v", len(list), err)
		}
		g, err := keep.One(t.Context(), clerk, ref)
		if err == nil {
			err = keep.Approve(t.Context(), clerk, ref, g.Version, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Receive(t.Context(), h.by, intake.File{Name: "november.csv", From: strings.NewReader(october), Sender: senders[0].Ref}); err != nil {
			t.Errorf("under an agreement in force: %v", err)
		}
	})
}
