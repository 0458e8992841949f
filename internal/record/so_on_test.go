package record

import (
	"slices"
	"testing"

	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// october is what October's return would say of somebody: the confirmation, and
// which of the checks of its dates fail.
func (r room) october(ref id.Ref) (verified string, wrong []string) {
	r.t.Helper()
	end := civil.Must(2026, 10, 31)
	r.must(r.DB.Read(r.t.Context(), func(tx *db.Tx) error {
		book, err := register.Of(tx, r.officer.Register)
		if err != nil {
			return err
		}
		l, err := life.One(tx, book.ID, r.see(ref).Life.Person.ID, 0)
		if err != nil {
			return err
		}
		e, _ := r.Requirement.EditionOn(end)
		verified = l.On(book.Book(), e, end).Record.Values[nccis.DateVerified]
		for _, f := range r.findings(book, l, end) {
			if slices.Contains([]string{"203", "237", "242", "256", "305"}, f.Check) {
				wrong = append(wrong, f.Check)
			}
		}
		return nil
	}))
	return verified, wrong
}

// What is told on 10 November of an activity that began in October counts for
// October where somebody says that it was so on the 31st already, and otherwise
// not.
func TestWhatWasSoOnTheLastDayOfTheMonth(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, last := t.Context(), civil.Must(2026, 10, 31)
		if day, err := r.LastDayOpen(ctx, r.officer); err != nil || day != last {
			t.Fatalf("the last day that is open is %s, %v", day, err)
		}
		ref := r.add()
		seen := func() id.Act { return Seen(r.see(ref).View.Spell) }
		college := NewSpell{Activity: "220", Started: civil.Must(2026, 10, 20), PredictedEnd: civil.Must(2028, 7, 7)}
		for _, soOn := range []civil.Date{civil.Must(2026, 10, 30), civil.Must(2026, 11, 30)} {
			one := college
			one.SoOn = soOn
			refused(t, r.RecordActivity(ctx, r.officer, ref, one, 0, told()), "so-on")
		}
		later := college
		later.Started, later.SoOn = civil.Must(2026, 11, 2), last
		refused(t, r.RecordActivity(ctx, r.officer, ref, later, 0, told()), "so-on")
		r.must(r.RecordActivity(ctx, r.officer, ref, college, 0, told()))
		if _, wrong := r.october(ref); !slices.Equal(wrong, []string{"305"}) {
			t.Errorf("told in November, October finds %q", wrong)
		}
		// A call confirms it, and says that it was so then.
		r.must(r.RecordContact(ctx, r.officer, ref, Spoken{Made: contact.Made{On: r.Today(), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Confirmed}},
			Seen: seen(), Now: NewSpell{SoOn: last}}, ""))
		if verified, wrong := r.october(ref); verified != "2026-10-31" || len(wrong) > 0 {
			t.Errorf("October says it was confirmed on %q, and finds %q", verified, wrong)
		}
		if got := r.row().VerifiedOn; got != r.Today() {
			t.Errorf("now it was confirmed on %s", got)
		}
		// Another, recorded with the answer at once.
		job := NewSpell{Activity: "330", Started: civil.Must(2026, 10, 26), SoOn: last, EstablishmentName: "Marram Joinery"}
		r.must(r.RecordActivity(ctx, r.officer, ref, job, seen(), told()))
		if verified, wrong := r.october(ref); verified != "2026-10-31" || len(wrong) > 0 {
			t.Errorf("recorded so, October says %q, and finds %q", verified, wrong)
		}
		r.must(r.ConfirmActivity(ctx, r.officer, ref, Still{On: r.Today(), SoOn: last}, seen(), told()))
		refused(t, r.ConfirmActivity(ctx, r.officer, ref, Still{On: r.Today(), SoOn: civil.Must(2026, 9, 30)}, seen(), told()), "so-on")
		// Once October's return is signed nobody is asked; rejected, they are again.
		sign := func(state string) civil.Date {
			t.Helper()
			r.must(r.DB.InTx(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`INSERT INTO monthly_return (register, id, ref, period, authorities, version, state, edition, known_at, date_of_send, sha256, size, totals)
					VALUES ($1, 1, 'r', '2026-10', '991', 1, $2, '2026-27', 1, '2026-11-10', '', 0, '{}') ON CONFLICT (register, id) DO UPDATE SET state = excluded.state`, int64(r.officer.Register), state)
				return err
			}))
			day, err := r.LastDayOpen(ctx, r.officer)
			r.must(err)
			return day
		}
		if day := sign("sent"); !day.IsZero() {
			t.Errorf("October was sent, and it is asked about %s", day)
		}
		if day := sign("rejected"); day != last {
			t.Errorf("October was rejected, and it is asked about %q", day)
		}
	})
}
