package campaign_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/merge"
	"waymark/internal/record"
	"waymark/internal/restrict"
	"waymark/internal/youngperson"
)

// anew is the campaign room as after a start: it keeps nothing, so what it counts
// is counted from the register.
func (w *world) anew() *campaign.Service {
	return &campaign.Service{DB: w.DB, Requirement: w.Requirement, Lists: w.Lists, Record: w.Record, Sights: w.Sights, Calendar: w.Calendar}
}

// shown is all that the pages of a campaign say to one reader.
type shown struct {
	Progress, Listed []campaign.Progress
	Own              []campaign.Mine
	Pages            []campaign.Page
	Plan             campaign.Plan
}

func (w *world) shown(s *campaign.Service, by access.Actor, states ...campaign.State) (out shown) {
	w.t.Helper()
	ctx := w.t.Context()
	one, err := s.Progress(ctx, by, w.ref)
	w.must(err)
	out.Progress = []campaign.Progress{one}
	out.Listed, err = s.AllProgress(ctx, by)
	w.must(err)
	out.Own, err = s.Own(ctx, by)
	w.must(err)
	for _, state := range states {
		p, err := s.Page(ctx, by, w.ref, state, 0, 50)
		w.must(err)
		out.Pages = append(out.Pages, p)
	}
	if len(states) > 1 {
		out.Plan, err = s.Plan(ctx, by, w.ref, campaign.Shift{Hands: 2, From: "09:00", To: "19:00"})
		w.must(err)
	}
	return out
}

// differ says how two readings of a campaign differ, "" where they do not.
func differ(kept, plain shown) string {
	return cmp.Diff(plain, kept, cmpopts.IgnoreUnexported(campaign.Row{}, campaign.Campaign{}), cmpopts.EquateEmpty(), cmp.Comparer(func(a, b civil.Date) bool { return a == b }))
}

func (w *world) life(ref id.Ref) (l *life.Life) {
	w.t.Helper()
	w.must(w.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		p, _, err := youngperson.AnyRef(tx, w.manager.Register, ref)
		if err != nil {
			return err
		}
		l, err = life.One(tx, w.manager.Register, p.ID, 0)
		return err
	}))
	return l
}

// What is kept of a campaign in memory is what a plain recount gives, to each
// reader, after whatever is done: outcomes, undos, numbers, opt-outs, restrictions
// of either kind, records put together, rules, rows taken and days gone by.
func TestWhatIsKeptIsWhatIsCounted(t *testing.T) {
	onBoth(t, 15, func(t *testing.T, w *world) {
		ctx, r, key := t.Context(), rand.New(rand.NewPCG(4, 11)), func() string { return string(id.NewRef()) }
		readers := append([]access.Actor{w.manager}, w.callers...)
		governance := access.Actor{Register: w.manager.Register, Ref: "account:ig", Name: "Harold", Roles: []access.Role{access.InformationGovernance}}
		_, owner, _ := cut(w.manager.Ref)
		restricts, told := &restrict.Service{DB: w.DB}, record.Told{Kind: act.Telephone}
		merges, err := merge.New(w.Record)
		w.must(err)
		outcomes := []string{contact.NoAnswer, contact.NoAnswer, contact.MessageLeft, contact.WrongNumber, contact.Reached, contact.Refused, contact.Changed, contact.Changed}
		states := []campaign.State{campaign.ToDo, campaign.Waiting, campaign.Settled, campaign.Stopped}
		if _, err := w.All(ctx, w.manager); err != nil {
			t.Fatal(err)
		}
		done, gone := map[string]int{}, map[id.Ref]bool{}
		note := func(what string, err error) {
			if err == nil {
				done[what]++
			}
		}
		var turns []int // each kind of step in its turn, in any order
		for step := range 66 {
			if len(turns) == 0 {
				turns = r.Perm(22)
			}
			by, p := w.callers[r.IntN(len(w.callers))], w.people[r.IntN(len(w.people))]
			what := turns[0]
			turns = turns[1:]
			switch what {
			case 0:
				w.wait(time.Duration(1+r.IntN(9)) * time.Minute)
			case 1:
				w.wait(24 * time.Hour)
			case 2:
				for _, p := range w.people { // until one may be taken
					if err := w.Take(ctx, by, w.ref, p); err == nil {
						note("took", err)
						break
					}
				}
			case 3:
				note("undone", w.Undo(ctx, by, w.ref, p, key()))
			case 4:
				note("opted out", w.Record.RecordOptOut(ctx, w.manager, p, w.Today(), youngperson.OptOut{Scope: youngperson.OptOutAll, SaidBy: youngperson.SaidByPerson, SaidName: "Robin", Competence: "old enough"}, told))
			case 5:
				note("kept and not used", w.Record.RestrictProcessing(ctx, governance, p, w.Today(), youngperson.Restriction{Ground: youngperson.Grounds()[0]}, told))
			case 6, 7:
				kind, ground := access.Hidden, "adoption, where contact would harm"
				if what == 7 {
					kind, ground = access.Locked, "media interest"
				}
				_, err := restricts.Restrict(ctx, governance, restrict.New{Person: string(p), Kind: kind, Ground: ground, Owner: id.Ref(owner), Key: key()})
				note(string(kind), err)
			case 8:
				other := w.people[r.IntN(len(w.people))]
				if other == p || gone[p] || gone[other] {
					continue
				}
				gone[other] = true
				_, err := merges.Join(ctx, w.manager, merge.Joining{Keep: p, Other: other, Reason: "the same voice", Key: key(), Seen: merge.Seen(w.life(p), w.life(other))})
				note("put together", err)
			case 9:
				note("number", w.Record.SetReach(ctx, by, p, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900999", Note: []string{"", "Do not ring"}[r.IntN(2)]}, 0, told))
			case 10:
				c, err := w.Get(ctx, w.manager, w.ref)
				w.must(err)
				n := campaign.New{Name: c.Name, Goal: c.Goal, Opens: c.Opens, Closes: c.Closes, Rules: c.Rules}
				for _, h := range c.Hands {
					n.Hands = append(n.Hands, h.Ref)
				}
				n.Rules.Tries = 3 + r.IntN(5)
				note("rules", w.Change(ctx, w.manager, w.ref, n, c.Version, key()))
			default:
				o := campaign.Outcome{Outcome: outcomes[r.IntN(len(outcomes))]}
				if o.Outcome == contact.Changed {
					o.Now = record.NewSpell{Activity: "220", Started: w.Today().AddDays(-30), PredictedEnd: w.Today().AddDays(300)}
				}
				note(o.Outcome, w.Save(ctx, by, w.ref, p, o, key()))
				if r.IntN(4) == 0 {
					note("undone", w.Undo(ctx, by, w.ref, p, key()))
				}
			}
			reader, state := readers[r.IntN(len(readers))], states[r.IntN(len(states))]
			if diff := differ(w.shown(w.Service, reader, state), w.shown(w.anew(), reader, state)); diff != "" {
				t.Fatalf("step %d: what is kept is not what is counted for %s (- counted, + kept):\n%s", step, reader.Name, diff)
			}
		}
		for _, reader := range readers {
			if diff := differ(w.shown(w.Service, reader, states...), w.shown(w.anew(), reader, states...)); diff != "" {
				t.Errorf("at the end for %s:\n%s", reader.Name, diff)
			}
		}
		for _, what := range []string{"took", "undone", "opted out", "kept and not used", "hidden", "locked", "put together", "number", "rules", contact.NoAnswer, contact.Changed} {
			if done[what] == 0 {
				t.Errorf("in no step somebody was %s: %v", what, done)
			}
		}
	})
}
