package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/record"
)

// TestSignsOfRisk shows attendance and results with their day and source to those
// whose work they are, and benefit claims to nobody without a ground, which is kept.
func TestSignsOfRisk(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := string(h.wren(t))
		officer := access.DataOfficer
		for _, file := range []string{
			h.reviewed(t, "attendance.csv", "Surname,Forename,DOB,Postcode,Attendance %\nAshdown,Wren,03/03/2010,ZZ1 1AA,88.5\n", with(newSender, "kind", "attendance")),
			h.reviewed(t, "claims.csv", "Surname,Forename,Date of birth,Postcode,Benefit,Claim start date\nAshdown,Wren,03/03/2010,ZZ1 1AA,Universal Credit,13/10/2026\n", with(newSender, "kind", "claimants", "sender-name", "Jobcentre", "place", "no")),
		} {
			h.send(t, officer, file+"/apply", nil)
		}
		person, claims := "/young-people/"+ref, "/young-people/"+ref+"/claims"
		ground := url.Values{"ground": {record.ClaimGrounds()[0]}}
		h.run(t, []Scenario{
			{Name: "the officer's page", As: officer, URL: person, Want: []string{"Signs of risk", "88.5 per cent of sessions, 1 November 2026", "Northshore College", claims}, WantNot: []string{"Universal Credit"}},
			{Name: "the adviser's page", As: access.Adviser, URL: person, Want: []string{"Signs of risk", "88.5"}, WantNot: []string{"Universal Credit"}},
			{Name: "the page of whoever watches over access", As: access.InformationGovernance, URL: person, WantNot: []string{"Signs of risk", "88.5", "Universal Credit", claims}},
			{Name: "the history", As: officer, URL: person + "/history", WantNot: []string{"88.5", "Universal Credit"}},
			{Name: "the versions", As: officer, URL: person + "/versions", WantNot: []string{"88.5", "Universal Credit"}},
			{Name: "asked for a ground", As: access.Adviser, URL: claims, Want: []string{"What do you need them for?", "section 68"}, WantNot: []string{"Universal Credit"}},
			{Name: "no ground", As: access.Adviser, Method: "POST", URL: claims, Form: url.Values{}, Status: http.StatusUnprocessableEntity, Want: []string{"Select what you need the claims for"}, WantNot: []string{"Universal Credit"}},
			{Name: "a ground of one's own", As: access.Adviser, Method: "POST", URL: claims, Form: url.Values{"ground": {"curiosity"}}, Status: http.StatusUnprocessableEntity, WantNot: []string{"Universal Credit"}},
			{Name: "on a ground", As: access.Adviser, Method: "POST", URL: claims, Form: ground, Want: []string{"Universal Credit", "13 October 2026", "Jobcentre", "is an offence"}},
			{Name: "not their work", As: access.InformationGovernance, Method: "POST", URL: claims, Form: ground, Status: http.StatusForbidden, WantNot: []string{"Universal Credit"}},
		})
		var kept int
		if err := h.db.ReadSide(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT count(*) FROM sight WHERE kind = $1 AND reason = $2 AND young_person IS NOT NULL", string(access.SeeClaims), record.ClaimGrounds()[0]).Scan(&kept)
		}); err != nil || kept != 1 {
			t.Errorf("the log has %d looks at claims with their ground, %v", kept, err)
		}
		if file := h.page(t, officer, "/due.csv?window=90"); strings.Contains(file, "Universal Credit") || strings.Contains(file, "88.5") {
			t.Error("a file of people has signs of risk in it")
		}
	})
}
