package merge

import (
	"errors"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
)

// searched searches the register to the end and returns what is offered.
func (h *house) searched() *List {
	h.t.Helper()
	h.must(h.Start(h.t.Context(), h.officer))
	h.group.Wait()
	list, err := h.Pairs(h.t.Context(), h.officer, Which{Limit: 50})
	h.must(err)
	if list.Search == nil || list.Newer != nil || list.Search.Stale {
		h.t.Fatalf("the search has not finished: %+v, %+v", list.Search, list.Newer)
	}
	return list
}

func TestSearchOffersPairsUntilSomebodySays(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.wren("Katherine", "2010-03-03")
		kate := h.wren("Kate", "2010-03-03")
		twin := h.wren("Bartholomew", "2010-03-03")
		list := h.searched()
		of := map[string]Offered{}
		for _, o := range list.Pairs {
			of[o.People[0].Given+" "+o.People[1].Given] = o
		}
		if o := of["Katherine Kate"]; o.Likelihood() == Unlikely || o.Sentence == "" || !strings.Contains(o.Since[0], "added by Officer") {
			t.Errorf("the nickname is offered as %+v", o)
		}
		if o := of["Katherine Bartholomew"]; o.Ref == "" || o.Likelihood() != Unlikely || o.Veto.String() == "" {
			t.Errorf("twins are offered as %+v", o)
		}
		pair := of["Katherine Bartholomew"]
		h.must(h.Say(t.Context(), h.officer, pair.Ref, Different, "twins", string(id.NewRef())))
		h.must(h.Say(t.Context(), h.officer, of["Katherine Kate"].Ref, NotSure, "ask the school", string(id.NewRef())))
		again := h.searched()
		if again.Total != list.Total-1 || again.Apart != 1 {
			t.Errorf("after one answer %d pairs of %d are offered, and %d are apart", again.Total, list.Total, again.Apart)
		}
		for _, o := range again.Pairs {
			if o.Pair == pair.Pair {
				t.Error("a pair of different people is offered again")
			}
			if o.Pair == of["Katherine Kate"].Pair && (o.Said.Answer != NotSure || o.Said.Reason != "ask the school" || o.Ref != of["Katherine Kate"].Ref) {
				t.Errorf("the pair that was passed on is offered as %+v", o)
			}
		}
		both := h.life(twin, 0)
		katherine := again.Pairs[0].People[0].Ref
		if _, err := h.Join(t.Context(), h.officer, Joining{Keep: katherine, Other: twin, Reason: "x", Key: string(id.NewRef()), Seen: Seen(both, h.life(katherine, 0))}); !errors.As(err, new(Refusal)) {
			t.Errorf("different people are put together: %v", err)
		}
		h.must(h.Say(t.Context(), h.officer, pair.Ref, None, "", string(id.NewRef())))
		if third, err := h.Pairs(t.Context(), h.officer, Which{Limit: 50}); err != nil || third.Total != list.Total {
			t.Errorf("asked for again, %d pairs are offered (%v)", third.Total, err)
		}
		c, err := h.Compare(t.Context(), h.officer, of["Katherine Kate"].Ref)
		h.must(err)
		total := c.Prior
		for _, r := range c.Reasons {
			total += r.Bits
		}
		if diff := total - c.Bits; diff > 0.01 || diff < -0.01 {
			t.Errorf("the reasons add up to %.2f, the weight is %.2f", total, c.Bits)
		}
		h.join(c.Sums[0].Life.Person.Ref, kate, nil)
		if _, err := h.Compare(t.Context(), h.officer, of["Katherine Kate"].Ref); !errors.As(err, new(Together)) {
			t.Errorf("a pair that is one is compared: %v", err)
		}
	})
}

// Whoever is merged away is found by their number and reference, stands in no
// list and no count, and is still there as known before.
func TestWhereTheOtherRecordLeads(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		a, b := h.wren("Wren", "2010-03-03"), h.wren("Ren", "2010-03-04")
		other := h.life(b, 0)
		before := Seen(h.life(a, 0), other)
		m := h.join(a, b, nil)
		led, err := h.Leads(t.Context(), h.officer, b)
		if err != nil || led.To != a || led.Ref != m || led.By != "Officer" {
			t.Errorf("the other reference leads to %+v, %v", led, err)
		}
		if _, err := h.Leads(t.Context(), h.officer, a); !errors.Is(err, db.NotFound) {
			t.Errorf("a reference of its own leads on: %v", err)
		}
		for _, q := range []record.Query{{Number: other.Person.YoungPersonsID}, {Name: "Ashdown"}} {
			found, err := h.records.Find(t.Context(), h.officer, q, 10)
			if err != nil || len(found.Rows) != 1 || found.Rows[0].Ref != a {
				t.Errorf("%+v finds %v, %v", q, found.Rows, err)
			}
		}
		count := func(at id.Act) (n int) {
			h.must(h.db.Read(t.Context(), func(tx *db.Tx) error {
				lives, err := life.LoadForReturn(tx, fact.Known{Register: h.officer.Register, At: at})
				n = len(lives)
				return err
			}))
			return n
		}
		after := Seen(h.life(a, 0))
		if count(0) != 1 || count(after) != 1 || count(before) != 2 {
			t.Errorf("held are %d now, %d after the merge and %d before it; want 1, 1, 2", count(0), count(after), count(before))
		}
		if l := h.life(a, before); l.Person.YoungPersonsID != h.life(a, 0).Person.YoungPersonsID {
			t.Errorf("before the merge the record went by %s", l.Person.YoungPersonsID)
		}
		h.apart(m, Stays)
		if count(0) != 2 || count(after) != 1 || count(before) != 2 {
			t.Errorf("once undone, held are %d now, %d while they were one and %d before; want 2, 1, 2", count(0), count(after), count(before))
		}
		if merges, err := h.Of(t.Context(), h.officer, a); err != nil || len(merges) != 0 {
			t.Errorf("a merge that was undone is in force: %v, %v", merges, err)
		}
	})
}

func TestWhoMayMerge(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		a, b := h.wren("Wren", "2010-03-03"), h.wren("Ren", "2010-03-03")
		seen := Seen(h.life(a, 0), h.life(b, 0))
		for _, role := range access.Roles() {
			by := h.officer
			by.Roles = []access.Role{role}
			_, err := h.Pairs(t.Context(), by, Which{Limit: 1})
			may := role == access.DataOfficer || role == access.TeamManager
			if denied := errors.As(err, new(access.Denied)); denied == may {
				t.Errorf("a %s may see duplicates: %v", role, err)
			}
			if may {
				continue
			}
			if _, err := h.Join(t.Context(), by, Joining{Keep: a, Other: b, Reason: "x", Seen: seen}); !errors.As(err, new(access.Denied)) {
				t.Errorf("a %s may merge: %v", role, err)
			}
		}
		if _, err := h.Join(t.Context(), h.officer, Joining{Keep: a, Other: b, Reason: "x", Seen: seen - 1}); !errors.As(err, new(db.Conflict)) {
			t.Errorf("a merge of versions that were not shown gave %v", err)
		}
		if _, err := h.Join(t.Context(), h.officer, Joining{Keep: a, Other: a, Reason: "x", Seen: seen}); !errors.As(err, new(Refusal)) {
			t.Errorf("a record was put together with itself: %v", err)
		}
		key := string(id.NewRef())
		if _, err := h.Join(t.Context(), h.officer, Joining{Keep: a, Other: b, Reason: "x", Key: key, Seen: seen}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Join(t.Context(), h.officer, Joining{Keep: a, Other: b, Reason: "x", Key: key, Seen: seen}); err == nil {
			t.Error("a second press did something")
		}
	})
}
