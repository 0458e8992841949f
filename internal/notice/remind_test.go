package notice

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/message"
	"waymark/internal/notify"
	"waymark/internal/notify/notifytest"
)

// TestOthersAreReminded: an authority that has not answered by the day, and an
// institution whose risk is past its day, get one e-mail for that day, though the
// carrier is down, loses its answers or answers twice. It names nobody. Whoever has
// answered meanwhile, has no address, or is asked about somebody restricted, gets
// none.
func TestOthersAreReminded(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, key := t.Context(), func() string { return string(id.NewRef()) }
		now := dbtest.Noon
		s := *h.Service
		s.DB, s.Log = h.DB.At(func() time.Time { return now }), slog.New(slog.DiscardHandler)
		carrier := notifytest.New(t)
		var err error
		s.Desk, err = notify.NewDesk(carrier.Settings(func() time.Time { return now }))
		h.must(err)
		away := func(given, la string) *Notice {
			said := robert()
			said.Given, said.HomeLA = given, la
			n := h.receive(h.tutor, said)
			h.must(h.SendOn(ctx, h.manager, n.Ref, "letter", h.pressed(n.Ref)))
			return n
		}
		late, answered, unknown := away("Emeka", "992"), away("Ottilie", "992"), away("Nerys", "993")
		wren := robert()
		wren.Kind, wren.WhoActs, wren.LeftOn, wren.Reasons = Risk, "Their tutor", wren.ActBy, []string{"attendance"}
		wren.ActBy = h.Today().AddDays(3)
		risk := h.receive(h.tutor, wren)

		if _, _, err := s.Awaited(ctx, h.tutor); err == nil {
			t.Error("a partner sees for whom notices wait")
		}
		all, _, err := s.Awaited(ctx, h.manager)
		h.must(err)
		var whom []string
		for _, one := range all {
			whom = append(whom, one.Name)
		}
		if !slices.Equal(whom, []string{"Authority 992", "Authority 993", "Gullhaven College"}) || all[0].Open != 2 || all[0].Late != 0 {
			t.Fatalf("waited for are %+v", all)
		}
		if err := s.SetAddresses(ctx, h.manager, map[string]string{all[0].Whom: "the council"}, key()); complaint(err) != all[0].Field() {
			t.Errorf("an address that is none: %v", err)
		}
		if err := s.SetAddresses(ctx, h.tutor, map[string]string{all[0].Whom: "a@b.example.org"}, key()); !errors.As(err, new(access.Denied)) {
			t.Errorf("a partner says whom to write to: %v", err)
		}
		once := key()
		h.must(s.SetAddresses(ctx, h.manager, map[string]string{all[0].Whom: "leavers@marram.example.org", all[2].Whom: "tutor@gullhaven.example.org", "authority 999": "x@x.example.org"}, once))
		if err := s.SetAddresses(ctx, h.manager, map[string]string{all[0].Whom: ""}, once); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("saved twice: %v", err)
		}

		faults := []notifytest.Fault{notifytest.Lost, notifytest.Down, notifytest.Cut, notifytest.Twice, notifytest.Lost}
		carrier.Fault = func(n int) notifytest.Fault {
			if n <= len(faults) {
				return faults[n-1]
			}
			return notifytest.None
		}
		work := func(hours int) {
			t.Helper()
			for range hours * 4 {
				_, err := s.RemindDue(ctx, h.registered.ID)
				h.must(err)
				_, err = s.Worker(h.registered.ID).Once(ctx)
				h.must(err)
				now = now.Add(15 * time.Minute)
			}
		}
		sent := func(want int) {
			t.Helper()
			for reference, n := range carrier.Times() {
				if n != 1 {
					t.Errorf("%s was sent %d times", reference, n)
				}
			}
			if got := len(carrier.Times()); got != want {
				t.Fatalf("%d reminders were sent, want %d", got, want)
			}
		}
		work(2)
		sent(0)
		// Eight days later two are past their day; the other has been queued, and
		// answers before it is sent.
		now = dbtest.Noon.AddDate(0, 0, 8)
		if n, err := s.RemindDue(ctx, h.registered.ID); err != nil || n != 3 {
			t.Fatalf("%d are queued, %v", n, err)
		}
		if n, err := s.RemindDue(ctx, h.registered.ID); err != nil || n != 0 {
			t.Errorf("%d are queued again, %v", n, err)
		}
		h.must(s.Answered(ctx, h.manager, answered.Ref, h.pressed(answered.Ref)))
		words := &message.Service{DB: s.DB}
		both, err := words.Reminders(ctx, h.manager)
		h.must(err)
		both[0].Subject = "Have you ((our reference))?"
		h.must(words.ChangeTemplate(ctx, h.manager, both[0], key()))
		work(6)
		sent(2)
		asked := 0
		for _, m := range carrier.Taken() {
			if m.Subject == "Have you "+late.Stamp+"?" {
				asked++
			}
			if !strings.Contains(m.Body, "LN-") || !strings.Contains(m.Body, "Basis: Education and Skills Act 2008") || strings.Contains(m.Body, "Emeka") || strings.Contains(strings.ToLower(m.Body), "ashdown") {
				t.Errorf("they are told %q", m.Body)
			}
		}
		if asked != 1 {
			t.Errorf("%d reminders have the register's own subject", asked)
		}
		if n := h.get(late.Ref); n.State != SentOn || n.Chased != 1 || !n.Due.After(h.Today().AddDays(8)) {
			t.Errorf("asked again it is %+v", n)
		}
		if n := h.get(unknown.Ref); n.Chased != 0 {
			t.Errorf("an authority without an address was asked: %+v", n)
		}
		if n := h.get(risk.Ref); n.State.Over() || n.Due.String() != wren.ActBy.String() {
			t.Errorf("the risk is %+v", n)
		}
		_, told, err := s.Awaited(ctx, h.manager)
		h.must(err)
		var states []string
		for _, one := range told {
			states = append(states, one.State)
		}
		slices.Sort(states)
		if len(states) != 3 || !slices.Contains(states, reminderStopped) || slices.Contains(states, "queued") || slices.Contains(states, "sending") {
			t.Errorf("the reminders are %v", told)
		}
		// Days later the authority is asked again, for another day.
		now = now.AddDate(0, 0, 8)
		work(2)
		sent(3)
	})
}

// TestOfNobodyRestrictedIsReminded: of whoever is hidden nobody outside is written
// to, though the notice came from there.
func TestOfNobodyRestrictedIsReminded(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, key := t.Context(), func() string { return string(id.NewRef()) }
		said := robert()
		said.Kind, said.WhoActs, said.LeftOn, said.ActBy, said.Reasons = Risk, "Their tutor", said.ActBy, h.Today().AddDays(3), []string{"attendance"}
		n := h.receive(h.tutor, said)
		h.must(h.SetAddresses(ctx, h.manager, map[string]string{n.whom(): "tutor@gullhaven.example.org"}, key()))
		later := h.later(9)
		h.must(h.DB.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 9, $2, $3, 'hidden', 'x', $4, '2027-01-01', 0, 1)`,
				int64(h.registered.ID), key(), int64(n.Person), int64(h.tutor.Account))
			return err
		}))
		if queued, err := later.RemindDue(ctx, h.registered.ID); err != nil || queued != 0 {
			t.Errorf("of somebody hidden %d reminders are queued: %v", queued, err)
		}
		h.must(h.DB.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM restriction WHERE register = $1 AND id = 9`, int64(h.registered.ID))
			return err
		}))
		if queued, err := later.RemindDue(ctx, h.registered.ID); err != nil || queued != 1 {
			t.Errorf("of the same, not hidden, %d reminders are queued: %v", queued, err)
		}
	})
}
