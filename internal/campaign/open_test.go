package campaign_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/internal/act"
	"waymark/internal/calendar"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Every kind that the calendar of any authority carries is known, and each opens
// one campaign on its day.
func TestTheCalendarsKindsAreKnown(t *testing.T) {
	onBoth(t, 0, func(t *testing.T, w *world) {
		var named []string
		for year := civil.AcademicYear(2025); year < 2029; year++ {
			days, err := (&calendar.Service{DB: w.DB}).Year(t.Context(), w.manager, year)
			w.must(err)
			for _, d := range days {
				if _, ok := campaign.KindOf(d.Campaign); d.Campaign != "" && !ok {
					t.Errorf("nobody knows the kind %q of %s", d.Campaign, d.Words)
				}
				if d.Campaign != "" {
					named = append(named, d.Campaign)
				}
			}
		}
		for _, k := range campaign.Kinds() {
			if !slices.Contains(named, k.Name) {
				t.Errorf("no day carries the kind %q", k.Name)
			}
		}
	})
}

// A day that carries a campaign opens it by itself, once, whoever runs the job
// how often and however many at a time; its list is frozen then, and it ends with
// the days.
func TestADayOpensItsCampaignOnce(t *testing.T) {
	onBoth(t, 3, func(t *testing.T, w *world) {
		w.must(w.Close(t.Context(), w.manager, w.ref, ""))
		own, err := w.Calendar.Add(t.Context(), w.manager, calendar.Entry{Words: "Ring round", Opens: w.Today(), Closes: w.Today().AddDays(4), Campaign: "not known"}, "")
		w.must(err)
		var group sync.WaitGroup
		made, errs := make([]int, 4), make([]error, 4)
		for i := range made {
			group.Go(func() { made[i], errs[i] = w.OpenDue(t.Context(), w.manager.Register) })
		}
		group.Wait()
		w.must(errors.Join(errs...))
		sum := 0
		for _, n := range made {
			sum += n
		}
		// 9 November: the survey and the authority's own day.
		if sum != 2 {
			t.Fatalf("%v campaigns were made", made)
		}
		opened, err := w.Opened(t.Context(), w.manager)
		w.must(err)
		ring, survey := opened[string(own)], opened["survey 2026/27"]
		if len(opened) != 2 || ring.Name != "Not known in the winter 2026" || ring.Frozen != w.Today() || ring.Closes != w.Today().AddDays(4) || len(ring.Hands) != 3 || !survey.Running() {
			t.Fatalf("%+v", opened)
		}
		if p, err := w.Progress(t.Context(), w.callers[0], ring.Ref); err != nil || p.People != 3 {
			t.Errorf("%d people are on its list: %v", p.People, err)
		}
		w.must(w.Close(t.Context(), w.manager, survey.Ref, ""))
		w.wait(5 * 24 * time.Hour)
		if again, err := w.OpenDue(t.Context(), w.manager.Register); err != nil || again != 0 {
			t.Errorf("what was opened was opened again: %d, %v", again, err)
		}
		if opened, err = w.Opened(t.Context(), w.manager); err != nil || opened[string(own)].Running() {
			t.Errorf("it runs beyond its last day: %v", err)
		}
	})
}

// A campaign is changed while it runs: its end, its rules, who works it. Who was
// slower is told, and changes nothing; whoever is taken off lets go of their row.
func TestACampaignIsChanged(t *testing.T) {
	onBoth(t, 2, func(t *testing.T, w *world) {
		ctx := t.Context()
		if _, err := w.OpenDue(ctx, w.manager.Register); err != nil {
			t.Fatal(err)
		}
		w.must(w.Take(ctx, w.callers[0], w.ref, w.people[0]))
		c, err := w.Get(ctx, w.manager, w.ref)
		w.must(err)
		n := campaign.New{Name: "Not known, longer", Goal: 90, Opens: c.Opens, Closes: c.Closes.AddDays(10), Rules: c.Rules}
		n.Rules.Tries, n.Rules.From = 2, "12:00"
		for _, caller := range w.callers[1:] {
			n.Hands = append(n.Hands, id.Ref(strings.TrimPrefix(caller.Ref, "account:")))
		}
		if err := w.Change(ctx, w.callers[1], w.ref, n, c.Version, ""); err == nil {
			t.Error("a caller has changed the rules")
		}
		wrong := n
		wrong.Goal, wrong.Hands = 0, nil
		if err := w.Change(ctx, w.manager, w.ref, wrong, c.Version, ""); !errors.As(err, new(field.Errors)) || !strings.Contains(err.Error(), "Select who works it") {
			t.Errorf("a change without hands: %v", err)
		}
		w.must(w.Change(ctx, w.manager, w.ref, n, c.Version, "key"))
		if err := w.Change(ctx, w.manager, w.ref, n, c.Version, "key"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("a second press: %v", err)
		}
		late := n
		late.Name = "Too late"
		if err := w.Change(ctx, w.manager, w.ref, late, c.Version, ""); !errors.As(err, new(db.Conflict)) {
			t.Errorf("somebody who was slower: %v", err)
		}
		now, err := w.Get(ctx, w.manager, w.ref)
		w.must(err)
		if now.Name != n.Name || now.Goal != 90 || now.Closes != n.Closes || now.Rules.Tries != 2 || len(now.Hands) != 2 || now.Version != c.Version+1 {
			t.Errorf("%+v", now)
		}
		was, err := w.Before(ctx, w.manager, w.ref)
		w.must(err)
		if len(was) != 1 || was[0].By != w.manager.Name || !was[0].At.Equal(w.now()) || was[0].Was.Name != c.Name || was[0].Was.Goal != c.Goal || was[0].Was.Closes != c.Closes ||
			was[0].Was.Rules.Tries != c.Rules.Tries || was[0].Was.Rules.From != c.Rules.From || len(was[0].Was.Hands) != 3 {
			t.Errorf("what it was before: %+v", was)
		}
		if _, err := w.Before(ctx, w.callers[0], w.ref); !errors.Is(err, db.NotFound) {
			t.Errorf("whoever was taken off reads what it was: %v", err)
		}
		if _, err := w.Get(ctx, w.callers[0], w.ref); !errors.Is(err, db.NotFound) {
			t.Errorf("whoever was taken off still works it: %v", err)
		}
		// It is ten o'clock: the new hours let nobody be tried, and the row is free.
		if err := w.Take(ctx, w.callers[1], w.ref, w.people[0]); !errors.As(err, new(campaign.Barred)) {
			t.Errorf("taken against the new hours: %v", err)
		}
		w.wait(2 * time.Hour)
		w.must(w.Take(ctx, w.callers[1], w.ref, w.people[0]))
		// Closed, it is changed no more.
		w.must(w.Close(ctx, w.manager, w.ref, ""))
		if err := w.Change(ctx, w.manager, w.ref, n, now.Version, ""); !errors.As(err, new(db.Conflict)) {
			t.Errorf("a closed campaign was changed: %v", err)
		}
	})
}
