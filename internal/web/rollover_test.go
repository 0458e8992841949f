package web

import (
	"net/url"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
)

// TestWhoPassesIsOfferedByAPress: whom 1 September hands over to a register of
// this house is offered to it by one press of the page, and once.
func TestWhoPassesIsOfferedByAPress(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		every := h.db.EveryRegister()
		if err := every.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(sqlOtherRegister, string(id.NewRef())); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO register_authority (register, la_code, la_name, invented) VALUES (2, '992', 'Ormsey', TRUE)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for register, code := range map[int]string{1: "992", 2: "991"} {
			if err := h.db.For(id.Register(register)).InTx(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(`INSERT INTO organisation (register, id, ref, name, kind, urn, number, ukprn, la_code) VALUES ($1, 1, 'o', 'The other', 'other authority', '', '', '', $2)`, register, code); err != nil {
					return err
				}
				_, err := tx.Exec(`INSERT INTO agreement (register, id, ref, organisation, purpose, document, owner, people, fields, started, ends, added_by, approved_by, why_suspended, changed_by)
					VALUES ($1, 1, 'g', 1, 'moves', 'paper', 'somebody', 'named', $2, '2026-01-01', '2027-12-31', 1, 1, '', 1)`, register, access.Handed.String())
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		by := h.actor(access.DataOfficer)
		from := id.Act(h.number(t, false, "SELECT known_from FROM cohort WHERE known_to IS NULL"))
		if err := h.Record.CorrectCohort(t.Context(), by, ref, cohort.Status{Status: "T", StatedOn: "2026-09-01", LeadLA: "991", EducatedLA: "991", TransferredTo: "992"}, from,
			record.Told{Kind: act.Telephone, SaidBy: "the roll-over", On: civil.Must(2026, 9, 1)}); err != nil {
			t.Fatal(err)
		}
		for _, as := range []string{"UPDATE cohort SET started = '2026-09-01', stated_on = '2026-09-01'", "UPDATE standing SET stated_on = '2026-09-01'"} {
			h.change(t, false, as) // as the roll-over dates it
		}
		h.run(t, []Scenario{
			{Name: "before it is done nobody is offered", As: access.DataOfficer, URL: "/rollover?year=2026", WantNot: []string{"Offer 1 young person"}},
			{Name: "rolled over", As: access.TeamManager, Method: "POST", URL: "/rollover?year=2026", Form: url.Values{}, Status: 303, Location: "/rollover?year=2026"},
			{Name: "the page says whom", As: access.DataOfficer, URL: "/rollover?year=2026", Want: []string{"1 young person was stated as transferred", "Offer 1 young person"}},
			{Name: "pressed", As: access.DataOfficer, Method: "POST", URL: "/rollover/offer?year=2026", Form: url.Values{}, Status: 303, Location: "/rollover?year=2026"},
			{Name: "and offers nobody twice", As: access.DataOfficer, URL: "/rollover?year=2026", WantNot: []string{"Offer 1 young person"}},
			{Name: "whoever presses again is told", As: access.DataOfficer, Method: "POST", URL: "/rollover/offer?year=2026", Form: url.Values{}, Status: 422, Want: []string{"There is nobody to offer"}},
			{Name: "it waits for the other", As: access.DataOfficer, URL: "/transfers", Want: []string{"Wren Ashdown", "Waits for them"}},
		})
	})
}
