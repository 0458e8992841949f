package campaign_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/calendar"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// world is a register with a few callers and people to ring.
type world struct {
	*campaign.Service
	t       *testing.T
	clock   time.Time
	mu      sync.Mutex
	manager access.Actor
	callers []access.Actor
	people  []id.Ref
	ref     id.Ref
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func onBoth(t *testing.T, people int, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, clock: time.Date(2026, 11, 9, 10, 0, 0, 0, time.UTC)} // a Monday
		d = d.At(w.now)
		req := nccis.MustLoad()
		book, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Sandmere", DatabaseID: "991",
			Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
		w.must(err)
		keeper, sights := standing.Keeper{Requirement: req}, &act.Recorder{DB: d}
		rolls := standing.NewRolls(d, keeper)
		records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: rolls}
		w.Service = &campaign.Service{DB: d, Requirement: req, Record: records, Sights: sights,
			Lists: &list.Service{DB: d, Requirement: req, Sights: sights, Rolls: rolls, Standing: keeper}, Calendar: &calendar.Service{DB: d}}
		operator := access.Actor{Register: book.ID, Ref: "operator:test", Name: "Test", Roles: []access.Role{access.Operator}}
		accounts := account.New(d, book.ID)
		hire := func(name string, role access.Role) access.Actor {
			a, err := accounts.Create(t.Context(), operator, account.NewAccount{SignIn: name, Name: name, Password: "curlew-harbour-lantern", Roles: []access.Role{role}})
			w.must(err)
			by := a.Actor("test")
			by.Today = civil.On(w.now(), civil.London())
			return by
		}
		w.manager = hire("manager", access.TeamManager)
		w.callers = []access.Actor{hire("ash", access.Adviser), hire("birch", access.ContactCentre), hire("cedar", access.Adviser)}
		told := record.Told{Kind: act.Telephone}
		for i := range people {
			ref, err := records.Add(t.Context(), operator, record.NewPerson{Name: youngperson.Name{Given: "Robin" + string(rune('a'+i)), Family: "Sedge"}, Born: civil.MustParse("2009-01-09"),
				Gender: "F", Ethnicity: "WBRI", Address: youngperson.Address{Line1: "1 Reed Way", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told)
			w.must(err)
			w.must(records.SetReach(t.Context(), operator, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: fmt.Sprintf("07700 900%03d", i)}, 0, told))
			w.must(records.SetReach(t.Context(), operator, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: fmt.Sprintf("01632 960%03d", i)}, 0, told))
			w.people = append(w.people, ref)
		}
		w.ref = w.begin(w.manager, "nk")
		test(t, w)
	})
}

// begin begins a campaign of everybody of a status.
func (w *world) begin(by access.Actor, status string) id.Ref {
	w.t.Helper()
	n := campaign.New{Name: "Not known", Goal: 80, Opens: w.Today(), Closes: w.Today().AddDays(60), Rules: campaign.Usual(),
		Asks: list.Question{Filters: map[list.Filter][]string{list.Status: {status}}, Sort: list.ByName}}
	for _, c := range w.callers {
		_, ref, _ := cut(c.Ref)
		n.Hands = append(n.Hands, id.Ref(ref))
	}
	ref, err := w.Add(w.t.Context(), by, n, "")
	w.must(err)
	return ref
}

func cut(s string) (before, after string, ok bool) {
	for i := range s {
		if s[i] == ':' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func (w *world) counts() (contacts, acts int) {
	w.t.Helper()
	w.must(w.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT (SELECT count(*) FROM contact WHERE register = $1 AND behind = 'campaign' AND known_to IS NULL), last_act FROM register WHERE id = $1`,
			int64(w.manager.Register)).Scan(&contacts, &acts)
	}))
	return contacts, acts
}

// model is what a campaign should be, told by what was answered: who has which
// row, what was saved, and what the rules then let.
type model struct {
	holder map[id.Ref]string
	until  map[id.Ref]time.Time
	saved  map[id.Ref][]saved
	keys   map[string]bool
}

type saved struct {
	outcome, by string
	at          time.Time
}

// free says whether the row may be worked by somebody now.
func (m *model) free(p id.Ref, by string, now time.Time) (held, barred bool) {
	mine := m.holder[p] == by && m.until[p].After(now)
	held = m.holder[p] != "" && m.holder[p] != by && m.until[p].After(now)
	today, wrong := 0, 0
	var last saved
	for _, s := range m.saved[p] {
		last = s
		if civil.On(s.at, civil.London()) == civil.On(now, civil.London()) {
			today++
		}
		if s.outcome == contact.WrongNumber {
			wrong++
		}
	}
	wait := map[string]int{contact.MessageLeft: 2, contact.WrongNumber: 2, contact.Reached: 7}[last.outcome]
	day := civil.On(now, civil.London())
	switch {
	case last.outcome == contact.Refused, len(m.saved[p]) >= 6, today >= 2, wrong >= 2:
		barred = true
	case last.outcome != "" && civil.On(last.at, civil.London()).AddDays(wait).After(day):
		barred = true
	case !mine && (now.In(civil.London()).Hour() < 9 || now.In(civil.London()).Hour() >= 19 || day.Weekday() == time.Saturday || day.Weekday() == time.Sunday):
		barred = true
	}
	return held, barred
}

// Callers in any order: a row has one holder, the second is told, nothing is
// doubled, what is taken back is gone, and nobody is tried against the rules.
func TestCallersInAnyOrder(t *testing.T) {
	onBoth(t, 8, func(t *testing.T, w *world) {
		ctx, r := t.Context(), rand.New(rand.NewPCG(11, 5))
		if _, err := w.All(ctx, w.manager); err != nil { // freezes the list
			t.Fatal(err)
		}
		m := &model{holder: map[id.Ref]string{}, until: map[id.Ref]time.Time{}, saved: map[id.Ref][]saved{}, keys: map[string]bool{}}
		outcomes := []string{contact.NoAnswer, contact.NoAnswer, contact.MessageLeft, contact.WrongNumber, contact.Reached, contact.Refused}
		answered := map[string]int{}
		var lately id.Ref
		var saver access.Actor
		for step := range 260 {
			by, p, now := w.callers[r.IntN(len(w.callers))], w.people[r.IntN(len(w.people))], w.now()
			held, barred := m.free(p, by.Ref, now)
			switch r.IntN(8) {
			case 0:
				w.wait(time.Duration(r.IntN(7)) * time.Minute)
			case 1:
				if r.IntN(4) == 0 { // tomorrow, at some hour from eight to eight
					w.wait(time.Duration(24-now.Hour()+8+r.IntN(12)) * time.Hour)
				}
			case 2, 3:
				err := w.Take(ctx, by, w.ref, p)
				answered["take "+kindOf(err)]++
				if kindOf(err) != want(held, barred) {
					t.Fatalf("step %d: take is answered %v, want %s", step, err, want(held, barred))
				}
				if err == nil {
					for q, holder := range m.holder {
						if holder == by.Ref {
							delete(m.holder, q)
						}
					}
					m.holder[p], m.until[p] = by.Ref, now.Add(10*time.Minute)
				}
			case 4:
				if lately != "" && r.IntN(2) == 0 {
					p, by = lately, saver
				}
				n := len(m.saved[p])
				may := n > 0 && m.saved[p][n-1].by == by.Ref && m.saved[p][n-1].at.Add(5*time.Minute).After(now) && !m.keys["undone "+string(p)]
				err := w.Undo(ctx, by, w.ref, p, "")
				answered["undo "+kindOf(err)]++
				if (err == nil) != may {
					t.Fatalf("step %d: undo is answered %v, may %v", step, err, may)
				}
				if err == nil {
					m.saved[p] = m.saved[p][:n-1]
					m.keys["undone "+string(p)] = true // the one before cannot be taken back by the button
				}
			default:
				outcome, key := outcomes[r.IntN(len(outcomes))], fmt.Sprintf("key-%d", r.IntN(300))
				repeated := m.keys[key]
				err := w.Save(ctx, by, w.ref, p, campaign.Outcome{Outcome: outcome}, key)
				answered["save "+kindOf(err)]++
				expect := want(held, barred)
				if repeated {
					expect = "repeated"
				}
				if kindOf(err) != expect {
					t.Fatalf("step %d: save is answered %v, want %s", step, err, expect)
				}
				if err == nil {
					m.keys[key] = true
					delete(m.keys, "undone "+string(p))
					m.saved[p] = append(m.saved[p], saved{outcome, by.Ref, now})
					delete(m.holder, p)
					lately, saver = p, by
				}
			}
			total := 0
			for _, all := range m.saved {
				total += len(all)
			}
			if contacts, _ := w.counts(); contacts != total {
				t.Fatalf("step %d: %d contacts are held, want %d", step, contacts, total)
			}
		}
		for _, some := range []string{"take done", "take held", "save done", "save held", "save barred", "save repeated", "undo done"} {
			if answered[some] == 0 {
				t.Errorf("no %s was tried: %v", some, answered)
			}
		}
	})
}

func want(held, barred bool) string {
	switch {
	case held:
		return "held"
	case barred:
		return "barred"
	}
	return "done"
}

func kindOf(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.As(err, new(campaign.Held)):
		return "held"
	case errors.As(err, new(campaign.Barred)):
		return "barred"
	case errors.Is(err, act.ErrRepeated):
		return "repeated"
	}
	return err.Error()
}

// Callers at once: each row goes to one of them, and every outcome is saved once.
func TestCallersAtOnce(t *testing.T) {
	onBoth(t, 12, func(t *testing.T, w *world) {
		if _, err := w.All(t.Context(), w.manager); err != nil { // freezes the list
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		took, saves := map[id.Ref]int{}, map[id.Ref]int{}
		for _, by := range w.callers {
			all.Go(func() {
				for _, p := range w.people {
					err := w.Take(context.Background(), by, w.ref, p)
					mu.Lock()
					if err == nil {
						took[p]++
					}
					mu.Unlock()
					err = w.Save(context.Background(), by, w.ref, p, campaign.Outcome{Outcome: contact.Refused}, "once-"+string(p))
					mu.Lock()
					if err == nil {
						saves[p]++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for _, p := range w.people {
			if saves[p] != 1 {
				t.Errorf("a row was saved %d times", saves[p])
			}
		}
		if contacts, _ := w.counts(); contacts != len(w.people) {
			t.Errorf("%d contacts of %d people", contacts, len(w.people))
		}
	})
}

// The list is frozen; whoever leaves it since is shown and not tried; what is
// spoken is an act with its confirmation, which the standing knows; and undo
// brings back what was.
func TestACampaignFromListToFigures(t *testing.T) {
	onBoth(t, 4, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := func() campaign.Page {
			p, err := w.Page(ctx, w.callers[0], w.ref, campaign.ToDo, 0, 50)
			w.must(err)
			return p
		}
		p := page()
		if len(p.Rows) != 4 || p.Rows[0].Due.Number == nil || p.Rows[0].Due.Number.Value != "07700 900000" || !p.Open {
			t.Fatalf("the list has %d rows: %+v", len(p.Rows), p.Rows)
		}
		// One begins something: the new activity stands, and the list keeps them.
		o := campaign.Outcome{Outcome: contact.Changed, Now: record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"), PredictedEnd: civil.MustParse("2028-07-07")}}
		_, before := w.counts()
		w.must(w.Save(ctx, w.callers[0], w.ref, w.people[0], o, ""))
		if _, after := w.counts(); after != before+1 {
			t.Errorf("an outcome is %d acts", after-before)
		}
		g, err := w.Progress(ctx, w.manager, w.ref)
		w.must(err)
		if g.People != 4 || g.In[campaign.Settled] != 1 || g.Then != 4 || g.Now != 3 || g.Reached != 1 || g.Tries != 1 || g.SettledShare() != 25 {
			t.Errorf("progress is %+v", g)
		}
		w.must(w.Undo(ctx, w.callers[0], w.ref, w.people[0], ""))
		if g, err = w.Progress(ctx, w.manager, w.ref); err != nil || g.Now != 4 || g.In[campaign.ToDo] != 4 || g.Tries != 0 {
			t.Errorf("taken back, progress is %+v (%v)", g, err)
		}
		if err := w.Undo(ctx, w.callers[0], w.ref, w.people[0], ""); !errors.Is(err, campaign.ErrTooLate) {
			t.Errorf("taken back twice: %v", err)
		}
		// Somebody dies; somebody's record is joined; their rows say so.
		see, err := w.Record.Summary(ctx, w.manager, w.people[1])
		w.must(err)
		status := see.Life.Statuses[0]
		status.Is.Status = "D"
		w.must(w.Record.CorrectCohort(ctx, w.manager, w.people[1], status.Is, status.KnownFrom, record.Told{Kind: act.Telephone}))
		if err := w.Save(ctx, w.callers[1], w.ref, w.people[1], campaign.Outcome{Outcome: contact.NoAnswer}, ""); kindOf(err) != "barred" {
			t.Errorf("somebody who has died is tried: %v", err)
		}
		if p = page(); len(p.Rows) != 3 || p.In[campaign.Stopped] != 1 {
			t.Errorf("%d rows are to do, %d are stopped", len(p.Rows), p.In[campaign.Stopped])
		}
		// At night nobody is tried, and what was taken before is still saved.
		w.clock = time.Date(2026, 11, 9, 18, 59, 0, 0, time.UTC)
		w.must(w.Take(ctx, w.callers[0], w.ref, w.people[2]))
		w.wait(5 * time.Minute)
		w.must(w.Save(ctx, w.callers[0], w.ref, w.people[2], campaign.Outcome{Outcome: contact.NoAnswer}, ""))
		if err := w.Take(ctx, w.callers[0], w.ref, w.people[3]); kindOf(err) != "barred" {
			t.Errorf("at 19:04 a row is taken: %v", err)
		}
		w.sameSinceOctober(w.people[3])
		// Who is no hand of it finds none, and who may keep none makes none.
		stranger := access.Actor{Register: w.manager.Register, Ref: "account:none", Roles: []access.Role{access.Adviser}}
		if _, err := w.Page(ctx, stranger, w.ref, campaign.ToDo, 0, 5); !errors.Is(err, db.NotFound) {
			t.Errorf("a stranger is answered %v", err)
		}
		if _, err := w.Add(ctx, w.callers[0], campaign.New{Name: "x", Goal: 1, Opens: w.Today(), Closes: w.Today(), Rules: campaign.Usual(), Hands: []id.Ref{"x"},
			Asks: list.Question{Filters: map[list.Filter][]string{list.Status: {"nk"}}}}, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("a caller makes a campaign: %v", err)
		}
		w.must(w.Close(ctx, w.manager, w.ref, ""))
		if err := w.Take(ctx, w.callers[0], w.ref, w.people[3]); kindOf(err) != "barred" {
			t.Errorf("a closed campaign is worked: %v", err)
		}
		if mine, err := w.Own(ctx, w.callers[0]); err != nil || len(mine) != 0 {
			t.Errorf("a closed campaign is somebody's day: %v %v", mine, err)
		}
	})
}

// sameSinceOctober: what began in October and is "the same since 31 October" is
// confirmed for that day and for today; taken back, for neither.
func (w *world) sameSinceOctober(ref id.Ref) {
	w.t.Helper()
	w.clock = time.Date(2026, 11, 10, 10, 0, 0, 0, time.UTC)
	ctx, last := w.t.Context(), civil.MustParse("2026-10-31")
	w.must(w.Record.RecordActivity(ctx, w.manager, ref, record.NewSpell{Activity: "330", Started: civil.MustParse("2026-10-20"), Ascertained: civil.MustParse("2026-11-02"), EstablishmentName: "Reed Joinery"}, 0, record.Told{Kind: act.Telephone}))
	w.must(w.Take(ctx, w.callers[0], w.ref, ref))
	p, err := w.Page(ctx, w.callers[0], w.ref, campaign.ToDo, 0, 50)
	w.must(err)
	row := slices.IndexFunc(p.Rows, func(r campaign.Row) bool { return r.Ref == ref })
	if row < 0 || p.Rows[row].SameSince != last {
		w.t.Fatalf("the row says the same since: %+v", p.Rows)
	}
	held := func() (ascertained string, confirmed []string) {
		see, err := w.Record.Summary(ctx, w.manager, ref)
		w.must(err)
		for _, v := range see.Life.Verifications {
			confirmed = append(confirmed, v.Is.Verified)
		}
		slices.Sort(confirmed)
		return see.View.Spell.Is.Ascertained, confirmed
	}
	w.must(w.Save(ctx, w.callers[0], w.ref, ref, campaign.Outcome{Outcome: contact.Confirmed, Seen: p.Rows[row].Seen, Now: record.NewSpell{SoOn: p.Rows[row].SameSince}}, ""))
	if on, days := held(); on != "2026-10-31" || !slices.Equal(days, []string{"2026-10-31", "2026-11-02", "2026-11-10"}) {
		w.t.Errorf("learned %s, confirmed %q", on, days)
	}
	w.must(w.Undo(ctx, w.callers[0], w.ref, ref, ""))
	if on, days := held(); on != "2026-11-02" || !slices.Equal(days, []string{"2026-11-02"}) {
		w.t.Errorf("taken back, learned %s, confirmed %q", on, days)
	}
}

// A planned campaign has nobody on it until its day, and is frozen once however
// many ask.
func TestPlannedCampaignFreezesOnItsDay(t *testing.T) {
	onBoth(t, 3, func(t *testing.T, w *world) {
		ctx := t.Context()
		n := campaign.New{Name: "Later", Goal: 50, Opens: w.Today().AddDays(3), Closes: w.Today().AddDays(9), Rules: campaign.Usual(),
			Asks: list.Question{Filters: map[list.Filter][]string{list.Status: {"nk"}}}}
		_, ref, _ := cut(w.callers[0].Ref)
		n.Hands = []id.Ref{id.Ref(ref)}
		later, err := w.Add(ctx, w.manager, n, "")
		w.must(err)
		if p, err := w.Page(ctx, w.callers[0], later, campaign.ToDo, 0, 9); err != nil || len(p.Rows) != 0 || p.Campaign.Stage() != campaign.StagePlanned {
			t.Fatalf("before its day it has %d rows (%v)", len(p.Rows), err)
		}
		w.wait(72 * time.Hour)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := w.All(context.Background(), w.manager); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		p, err := w.Page(ctx, w.callers[0], later, campaign.ToDo, 0, 9)
		if err != nil || len(p.Rows) != 3 || p.Campaign.Frozen != w.Today() {
			t.Errorf("on its day it has %d rows (%v)", len(p.Rows), err)
		}
	})
}
