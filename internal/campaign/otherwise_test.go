package campaign_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/message"
	"waymark/internal/notify"
	"waymark/internal/notify/notifytest"
	"waymark/internal/place"
	"waymark/internal/record"
	"waymark/internal/visit"
)

// postcodes puts the one in force at which everybody lives.
func (w *world) postcodes() {
	w.t.Helper()
	operator := access.Actor{Register: w.manager.Register, Ref: "operator:test", Name: "Test", Roles: []access.Role{access.Operator}}
	set := dataset.Set{Kind: dataset.Postcodes, FileName: "invented.csv"}
	w.must(w.DB.InTx(w.t.Context(), func(tx *db.Tx) error {
		if err := dataset.Receive(tx, operator, &set); err != nil {
			return err
		}
		if err := place.AddPostcodes(tx, operator.Register, set.ID, 0, []place.Postcode{{Code: "ZZ1 1AA", Easting: "300000", Northing: "400000", Since: "198001"}}); err != nil {
			return err
		}
		a, err := act.Begin(tx, operator, access.KeepReference, 0, act.Request{})
		if err != nil {
			return err
		}
		return dataset.Enforce(tx, a, &set)
	}))
}

// A round and a batch are made of those whom the rules still let be reached, and
// what comes of them counts as tries of the campaign: who was visited or written
// to is not rung again the same day, and nobody gets two messages.
func TestVisitsAndMessagesOfACampaignAreItsTries(t *testing.T) {
	onBoth(t, 4, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.postcodes()
		sights := &act.Recorder{DB: w.DB}
		visits := &visit.Service{DB: w.DB, Record: w.Record, Accounts: account.New(w.DB, w.manager.Register), Sights: sights}
		desk, err := notify.NewDesk(notifytest.New(t).Settings(w.now))
		w.must(err)
		texts := &message.Service{DB: w.DB, Record: w.Record, Lists: w.Lists, Campaigns: w.Service, Sights: sights, Desk: desk, Log: slog.New(slog.DiscardHandler)}
		_, err = w.OpenDue(ctx, w.manager.Register)
		w.must(err)
		c, err := w.Get(ctx, w.manager, w.ref)
		w.must(err)
		n := campaign.New{Name: c.Name, Goal: c.Goal, Closes: c.Closes, Rules: c.Rules}
		n.Rules.Tries, n.Rules.ADay = 2, 1
		for _, h := range c.Hands {
			n.Hands = append(n.Hands, h.Ref)
		}
		w.must(w.Change(ctx, w.manager, w.ref, n, c.Version, ""))

		may := func(want int) []campaign.Row {
			t.Helper()
			rows, err := w.Otherwise(ctx, w.callers[0], w.ref)
			if err != nil || len(rows) != want {
				t.Fatalf("%d people may be reached otherwise, not %d: %v", len(rows), want, err)
			}
			return rows
		}
		may(4)
		// One has refused, one is being rung at this moment.
		w.must(w.Take(ctx, w.callers[0], w.ref, w.people[0]))
		w.must(w.Save(ctx, w.callers[0], w.ref, w.people[0], campaign.Outcome{Outcome: "refused"}, string(id.NewRef())))
		w.must(w.Take(ctx, w.callers[2], w.ref, w.people[1]))
		rows := may(2)

		// A round of all four holds the two.
		worker := c.Hands[0].Ref
		for _, h := range c.Hands {
			if "account:"+string(h.Ref) == w.callers[0].Ref {
				worker = h.Ref
			}
		}
		plan := visit.Plan{Day: w.Today(), Start: "ZZ1 1AA", Worker: worker, Most: 20, People: w.people[:1], Key: string(id.NewRef())}
		if _, err := w.PlanVisits(ctx, w.callers[0], w.ref, visits, plan); !errors.As(err, new(field.Errors)) {
			t.Errorf("somebody who refused is visited: %v", err)
		}
		plan.People, plan.Key = w.people, string(id.NewRef())
		rounds, err := w.PlanVisits(ctx, w.callers[0], w.ref, visits, plan)
		w.must(err)
		sheet, err := visits.Sheet(ctx, w.callers[0], rounds[0], "round of visits")
		w.must(err)
		if len(sheet.Doors) != 1 || len(sheet.Doors[0].Stops) != 2 {
			t.Fatalf("the round has %+v", sheet.Doors)
		}
		// The door goes to another worker's new round, and is a try of the campaign still.
		_, other, _ := cut(w.callers[2].Ref)
		moved, err := visits.Move(ctx, w.manager, rounds[0], 1, id.Ref(other), string(id.NewRef()))
		w.must(err)
		sheet, err = visits.Sheet(ctx, w.callers[2], moved, "round of visits")
		w.must(err)
		w.must(visits.Tell(ctx, w.callers[2], sheet.Doors[0].Stops[0].Ref, visit.Told{Outcome: visit.NoAnswer, Key: string(id.NewRef())}))
		left := may(1)
		for _, r := range rows {
			_, now, err := w.One(ctx, w.callers[0], w.ref, r.Ref)
			w.must(err)
			if visited := r.Ref != left[0].Ref; visited && (now.Due.Tries != 1 || now.Due.State != campaign.Waiting || now.Last != "no answer") || !visited && now.Due.Tries != 0 {
				t.Errorf("%s: %+v", now.Name(), now.Due)
			}
		}

		// The last is written to, once.
		template, err := texts.AddTemplate(ctx, w.manager, message.Template{Channel: notify.Text, Name: "Check", Basis: message.Bases()[0], Body: "Hello ((first name))"}, string(id.NewRef()))
		w.must(err)
		order := message.Order{Template: template, Campaign: w.ref}
		first, err := texts.Prepare(ctx, w.manager, order)
		w.must(err)
		if first.People != 1 {
			t.Fatalf("%+v", first)
		}
		key := string(id.NewRef())
		_, err = texts.Send(ctx, w.manager, order, 1, true, key)
		w.must(err)
		if _, err = texts.Send(ctx, w.manager, order, 1, true, key); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the button pressed again: %v", err)
		}
		may(0) // it is on its way
		if again, err := texts.Prepare(ctx, w.manager, order); err != nil || again.People != 0 {
			t.Errorf("%d people would be written to again: %v", again.People, err)
		}
		for n := 1; n > 0; {
			n, err = texts.Worker(w.manager.Register).Once(ctx)
			w.must(err)
		}
		_, now, err := w.One(ctx, w.callers[0], w.ref, left[0].Ref)
		w.must(err)
		if now.Due.Tries != 1 || now.Last != "sent" || now.Due.State != campaign.Waiting {
			t.Errorf("after a text: %+v", now.Due)
		}
		// Another day, a second try is their last; then the rules let nobody go again.
		w.wait(3 * 24 * time.Hour)
		may(3)
		w.must(w.Close(ctx, w.manager, w.ref, ""))
		if _, err := w.Otherwise(ctx, w.callers[0], w.ref); !errors.As(err, new(campaign.Barred)) {
			t.Errorf("a closed campaign: %v", err)
		}
		if p, err := texts.Prepare(ctx, w.manager, order); err != nil || p.People != 0 {
			t.Errorf("a closed campaign writes to %s: %v", fmt.Sprint(p.People), err)
		}
	})
}

// Who answers on the very day on which the list was frozen is not rung; who had
// been spoken to before it was is.
func TestAnAnswerOfTheListsFirstDaySettles(t *testing.T) {
	onBoth(t, 2, func(t *testing.T, w *world) {
		ctx, today := t.Context(), w.Today()
		tells := func(who id.Ref) {
			t.Helper()
			w.must(w.Record.RecordActivity(ctx, w.manager, who, record.NewSpell{Activity: "619", Started: today, Ascertained: today, Verified: today}, 0, record.Told{Kind: act.Telephone}))
		}
		state := func(ref, who id.Ref) campaign.State {
			t.Helper()
			_, row, err := w.One(ctx, w.callers[0], ref, who)
			w.must(err)
			return row.Due.State
		}
		_, err := w.OpenDue(ctx, w.manager.Register)
		w.must(err)
		tells(w.people[0])
		if told, untold := state(w.ref, w.people[0]), state(w.ref, w.people[1]); told != campaign.Settled || untold != campaign.ToDo {
			t.Errorf("who answered is %s, and who did not is %s", told, untold)
		}
		ref := w.begin(w.manager, "neet")
		_, err = w.OpenDue(ctx, w.manager.Register)
		w.must(err)
		if s := state(ref, w.people[0]); s != campaign.ToDo {
			t.Errorf("who was spoken to before the list was frozen is %s", s)
		}
	})
}
