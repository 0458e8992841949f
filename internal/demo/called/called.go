// Package called fills a demo with campaigns, one that three callers work and one
// that is planned, and with messages and what came back. It stands apart from the
// demo because lists are tried on a demo, and campaigns and messages are made of
// lists.
package called

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/id"
	lists "waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/standing"
)

// Fill makes the campaigns of a demo that has just been filled, in the evening
// before the day on which it is looked at.
func Fill(ctx context.Context, h demo.House, w *demo.World, r id.Register) error {
	f := &filler{w: w, register: r}
	f.db = h.DB.At(func() time.Time { return f.clock })
	return f.campaigns(ctx, h.Requirement)
}

type filler struct {
	w        *demo.World
	db       *db.DB
	register id.Register
	clock    time.Time
}

// actor is one of the cast, by the beginning of what they sign in with.
func (f *filler) actor(signIn string) access.Actor {
	for _, c := range f.w.Cast {
		if strings.HasPrefix(c.SignIn, signIn) {
			return access.Actor{Register: f.register, Ref: "account:" + string(c.Ref), Name: c.Name, Roles: []access.Role{c.Role}, Request: "demo"}
		}
	}
	return access.Actor{}
}

func (f *filler) campaigns(ctx context.Context, req *nccis.Requirement) error {
	hands := []access.Actor{f.actor("niamh"), f.actor("bilal"), f.actor("bronwen")}
	manager := f.actor("grace")
	if manager.Ref == "" || slices.ContainsFunc(hands, func(a access.Actor) bool { return a.Ref == "" }) {
		return nil // a borough with a cast of its own
	}
	sights, keeper := &act.Recorder{DB: f.db}, standing.Keeper{Requirement: req}
	records := &record.Service{DB: f.db, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(f.db, keeper)}
	s := &campaign.Service{DB: f.db, Requirement: req, Record: records, Sights: sights,
		Lists: &lists.Service{DB: f.db, Requirement: req, Sights: sights, Rolls: records.Rolls, Standing: keeper}}
	rules := campaign.Usual()
	rules.Days = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	n := campaign.New{Name: "Year 12 not known", Target: "To know what each of them does before the next return.", Goal: 80, Rules: rules,
		Opens: f.w.On.AddDays(-1), Closes: f.w.On.AddDays(27), Asks: asks(lists.Status, "nk", lists.Cohort, "P", lists.Age, "16", lists.Area, "QX1", lists.Area, "QX2", lists.Area, "QX3", lists.Area, "QX4", lists.Area, "QX5")}
	for _, h := range hands {
		n.Hands = append(n.Hands, id.Ref(strings.TrimPrefix(h.Ref, "account:")))
	}
	y, month, day := f.w.On.AddDays(-1).YMD()
	f.clock = time.Date(y, month, day, 17, 5, 0, 0, civil.London()).UTC()
	ref, err := s.Add(ctx, manager, n, string(id.NewRef()))
	if err != nil {
		return err
	}
	if err := f.called(ctx, s, manager, ref, hands); err != nil {
		return err
	}
	later := n
	later.Name, later.Target = "Confirm before they lapse", "To confirm what is held before it counts as not known."
	later.Opens, later.Closes, later.Asks = f.w.On.AddDays(12), f.w.On.AddDays(40), asks(lists.LapsesBy, f.w.On.AddDays(60).String(), lists.Status, "eet", lists.Cohort, "P")
	_, err = s.Add(ctx, manager, later, string(id.NewRef()))
	return err
}

func asks(pairs ...any) lists.Question {
	q := lists.Question{Filters: map[lists.Filter][]string{}, Sort: lists.ByName}
	for i := 0; i < len(pairs); i += 2 {
		f := pairs[i].(lists.Filter)
		q.Filters[f] = append(q.Filters[f], pairs[i+1].(string))
	}
	return q
}

// called is what three callers came to yesterday evening, and the row that one of
// them has now.
func (f *filler) called(ctx context.Context, s *campaign.Service, manager access.Actor, ref id.Ref, hands []access.Actor) error {
	p, err := s.Page(ctx, manager, ref, campaign.ToDo, 0, 90)
	if err != nil {
		return err
	}
	// It began this month: what was told after a month's end about an activity of that
	// month is an error of its return (305), and last month's is still to be signed.
	began := f.w.On.AddDays(-1).InMonth().First()
	works := campaign.Outcome{Outcome: contact.Changed, Minutes: 4, Now: record.NewSpell{Activity: "330", Started: began, EstablishmentName: "Halyard Bakery"}}
	learns := campaign.Outcome{Outcome: contact.Changed, Minutes: 5, Now: record.NewSpell{Activity: "230", Started: began, PredictedEnd: f.w.On.AddDays(250), EstablishmentName: "Brindle Further Education College"}}
	seeks := campaign.Outcome{Outcome: contact.Changed, Minutes: 7, Note: "Left the course after two weeks and is looking for something else.", Now: record.NewSpell{Activity: "619", Started: began}}
	came := []campaign.Outcome{{Outcome: contact.NoAnswer}, learns, {Outcome: contact.MessageLeft, Note: "Left my number and when I am in."}, learns, {Outcome: contact.NoAnswer}, works, {Outcome: contact.WrongNumber}, learns,
		{Outcome: contact.Reached, With: contact.Family, Note: "Their aunt says they are asking about a course. To ring again next week.", Minutes: 6},
		{Outcome: contact.NoAnswer}, learns, {Outcome: contact.MessageLeft}, seeks, {Outcome: contact.Refused, Note: "Would rather not say. Knows how to reach us.", Minutes: 2}, {Outcome: contact.NoAnswer}}
	rows := p.Rows[:min(len(p.Rows), 90)]
	for i, row := range rows {
		f.clock = f.clock.Add(time.Minute) // three callers, each with three minutes for a row
		by := hands[i%len(hands)]
		if row.Locked || row.Due.State != campaign.ToDo {
			continue
		}
		if i+1 == len(rows) { // the last of them is being worked: this evening's caller has it
			y, month, day := f.w.On.YMD()
			now := f.clock
			f.clock = time.Date(y, month, day, 18, 58, 0, 0, civil.London()).UTC()
			err := s.Take(ctx, by, ref, row.Ref)
			f.clock = now
			return err
		}
		o := came[i%len(came)]
		o.Seen = row.Seen
		err := s.Save(ctx, by, ref, row.Ref, o, string(id.NewRef()))
		if err != nil && !errors.Is(err, access.ErrLocked) {
			return fmt.Errorf("save an outcome of a campaign: %w", err)
		}
	}
	return nil
}
