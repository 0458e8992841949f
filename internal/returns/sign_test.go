package returns

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
)

func (h *house) sign(by access.Actor, period string, anew bool) (*Return, error) {
	h.Helper()
	m, err := civil.ParseMonth(period)
	if err != nil {
		h.Fatal(err)
	}
	p, err := h.s.Position(context.Background(), by, m, nil)
	if err != nil {
		h.Fatal(err)
	}
	return h.s.Sign(context.Background(), by, m, nil, Signature{SHA256: p.SHA256, Declared: true, Anew: anew})
}

// refused checks that the complaint is about the field and says the words.
func (h *house) refused(err error, name, words string) {
	h.Helper()
	var complaints field.Errors
	if !errors.As(err, &complaints) || complaints[0].Field != name || !strings.Contains(complaints[0].Message, words) {
		h.Errorf("want a complaint about %s with %q, got %v", name, words, err)
	}
}

func (h *house) mustSign(by access.Actor, period string) *Return {
	h.Helper()
	r, err := h.sign(by, period, false)
	if err != nil {
		h.Fatal(err)
	}
	return r
}

// signed signs a month by two people and records it as sent.
func (h *house) sent(period string) *Return {
	h.Helper()
	h.mustSign(h.officer(), period)
	r := h.mustSign(h.who("Maud Pennyfeather", access.TeamManager), period)
	r, err := h.s.Record(context.Background(), h.officer(), r.Ref, Sent, "", "")
	if err != nil {
		h.Fatal(err)
	}
	return r
}

// setNeed changes one young person's need, as a correction would.
func (h *house) setNeed(key id.YoungPerson, change func(*need.Need)) {
	h.Helper()
	if err := h.s.DB.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, h.officer(), access.CorrectPerson, key, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
		if err != nil {
			return err
		}
		l, err := life.One(tx, h.reg.ID, key, 0)
		if err != nil {
			return err
		}
		next := l.Needs[0]
		change(&next.Is)
		return need.Needs.Replace(tx, a, l.Needs[0].Version, next)
	}); err != nil {
		h.Fatal(err)
	}
}

func TestTwoPeopleSignAndTheFileIsFrozen(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		manager := h.who("Maud Pennyfeather", access.TeamManager)
		keys := h.load(october(), h.clean(), with(h.clean(), map[nccis.Field]string{nccis.LevelOfNeedCode: ""}))
		_, err := h.sign(h.officer(), "2026-10", false)
		h.refused(err, "sign", "One finding of priority 1 stands")
		h.setNeed(keys[1], func(n *need.Need) { n.Level = "2" })

		_, err = h.sign(manager, "2026-10", false)
		h.refused(err, "sign", "data officer signs first")
		_, err = h.s.Sign(context.Background(), h.officer(), october().InMonth(), nil, Signature{SHA256: "00", Declared: true})
		h.refused(err, "sign", "Facts have changed since you opened this page")
		_, err = h.s.Sign(context.Background(), h.officer(), october().InMonth(), nil, Signature{})
		h.refused(err, "declaration", "Tick")
		if first := h.mustSign(h.officer(), "2026-10"); first.State != SignedOnce || first.Version != 1 {
			t.Errorf("%+v", first)
		}
		_, err = h.sign(h.officer(), "2026-10", false)
		h.refused(err, "sign", "somebody else's")

		h.setNeed(keys[0], func(n *need.Need) { n.Level = "1" })
		_, err = h.sign(manager, "2026-10", false)
		h.refused(err, "anew", "Wilfred Oakapple signed this return, and facts have changed")
		anew, err := h.sign(h.officer(), "2026-10", true)
		if err != nil || anew.Version != 2 || anew.State != SignedOnce {
			t.Fatalf("%+v, %v", anew, err)
		}
		frozen := h.mustSign(manager, "2026-10")
		if frozen.Ref != anew.Ref || frozen.State != Signed || len(frozen.Steps) != 2 || frozen.Steps[1].Name != manager.Name {
			t.Errorf("%+v", frozen)
		}
		want := xml(t, h.build("2026-10", Options{}))
		h.setNeed(keys[0], func(n *need.Need) { n.Level = "3" })
		for range 2 {
			var b bytes.Buffer
			f, err := h.s.Fetch(context.Background(), h.officer(), frozen.Ref)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.WriteTo(&b); err != nil || n != f.Size || !bytes.Equal(b.Bytes(), want) {
				t.Errorf("%d bytes of %d, %v", n, f.Size, err)
			}
		}
		if _, err := h.s.Fetch(context.Background(), manager, frozen.Ref); !errors.As(err, &access.Denied{}) {
			t.Errorf("a manager fetched the file: %v", err)
		}
		_, err = h.sign(h.officer(), "2026-10", false)
		h.refused(err, "sign", "is signed")
		list, err := h.s.List(context.Background(), manager)
		if err != nil || len(list) != 2 || list[0].State != Signed || list[1].State != Lapsed {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestAReturnRejectedIsBuiltAnew(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(october(), h.clean())
		r := h.sent("2026-10")
		_, err := h.s.Record(context.Background(), h.officer(), r.Ref, Rejected, "  ", "")
		h.refused(err, "because", "Say why")
		if r, err = h.s.Record(context.Background(), h.officer(), r.Ref, Rejected, "wrong database number", ""); err != nil || r.State != Rejected {
			t.Fatalf("%+v, %v", r, err)
		}
		_, err = h.s.Record(context.Background(), h.officer(), r.Ref, Accepted, "", "")
		h.refused(err, "state", "cannot become accepted")
		second := h.sent("2026-10")
		if second.Version != 2 || second.State != Sent {
			t.Errorf("%+v", second)
		}
	})
}

func TestALeaverCountsAsReportedWhenTheReturnIsSent(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		// Born in August 2008: 17 throughout 2025/26, and 18 at the rollover.
		keys := h.load(civil.MustParse("2026-08-31"), with(h.clean(), map[nccis.Field]string{nccis.DOB: "2008-08-01", nccis.DueToLapseDate: ""}), h.clean())
		h.mustSign(h.officer(), "2026-09")
		r := h.mustSign(h.who("Maud Pennyfeather", access.TeamManager), "2026-09")
		if got := h.build("2026-10", Options{}).Leavers(); len(got) != 1 {
			t.Errorf("signed, not sent: %d leavers are still due", len(got))
		}
		h.leftIn(keys[0], "2026-10", "")
		if _, err := h.s.Record(context.Background(), h.officer(), r.Ref, Sent, "", ""); err != nil {
			t.Fatal(err)
		}
		after := h.build("2026-10", Options{})
		if len(after.People) != 1 || after.People[0].Key != keys[1] || !strings.Contains(after.LeftOut[0].Why, "September 2026") {
			t.Errorf("%v, %v", ids(after), after.LeftOut)
		}
		h.leftIn(keys[0], "2026-10", "2026-09")
		h.leftIn(keys[0], "2026-09", "")
		h.leftIn(keys[1], "2026-10", "")
		if again := h.build("2026-09", Options{}).Leavers(); len(again) != 1 {
			t.Error("the month itself, built again, lost its leaver")
		}
		if r, err := h.s.Record(context.Background(), h.officer(), r.Ref, Rejected, "test", ""); err != nil || r.State != Rejected {
			t.Fatal(err)
		}
		if got := h.build("2026-10", Options{}).Leavers(); len(got) != 1 {
			t.Errorf("rejected: %d leavers are due again", len(got))
		}
		h.leftIn(keys[0], "2026-10", "")
	})
}

// leftIn holds which return before a month reported somebody as having left.
func (h *house) leftIn(yp id.YoungPerson, before, want string) {
	h.Helper()
	month, err := civil.ParseMonth(before)
	if err != nil {
		h.Fatal(err)
	}
	got, left, err := h.s.LeftIn(context.Background(), h.officer(), yp, month)
	if err != nil || left != (want != "") || left && got.String() != want {
		h.Errorf("before %s: reported as having left in %s (%v, %v), not in %q", before, got, left, err, want)
	}
}

func TestSomebodyWhoCameBackLeavesAnew(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	august := civil.MustParse("2026-08-31")
	key := h.load(august, with(h.clean(), map[nccis.Field]string{nccis.CohortStatus: "E"}))[0]
	h.load(august, h.clean())
	h.sent("2026-08")
	restate := func(status, on string) {
		h.act(h.officer(), access.ImportFile, &act.Evidence{Kind: act.Visit}, func(tx *db.Tx, a *act.Act) error {
			l, err := life.One(tx, h.reg.ID, key, 0)
			if err != nil {
				return err
			}
			next := l.Statuses[0]
			next.Is.Status, next.Is.StatedOn = status, on
			return cohort.Statuses.Replace(tx, a, l.Statuses[0].Version, next)
		})
	}
	if n := len(h.build("2026-09", Options{}).People); n != 1 {
		t.Errorf("%d in September", n)
	}
	h.leftIn(key, "2026-09", "2026-08")
	restate("P", "2026-09-20")
	h.sent("2026-09")
	h.leftIn(key, "2026-10", "")
	restate("D", "2026-10-20")
	if got := h.build("2026-10", Options{}).Leavers(); len(got) != 1 || got[0].Record.Values[nccis.CohortStatus] != "D" {
		t.Errorf("%d leavers in October", len(got))
	}
}

func TestMovementsAgainstTheLastReturn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		september := civil.MustParse("2026-09-30")
		neet := map[nccis.Field]string{nccis.ActivityCode: "620", nccis.NEETStartDate: "2026-09-03", nccis.PredictedEndDate: ""}
		carer := with(h.clean(), neet)
		carer.Characteristics = []string{"140"}
		keys := h.load(september, h.clean(), carer, h.clean())
		m, err := h.s.Movements(context.Background(), h.officer(), h.build("2026-09", Options{}))
		if err != nil || m.Against != nil {
			t.Errorf("there is no return before the first: %+v, %v", m, err)
		}
		h.sent("2026-09")
		joined := with(h.clean(), neet)
		h.load(october(), joined, h.clean())
		h.act(h.officer(), access.ImportFile, &act.Evidence{Kind: act.Visit}, func(tx *db.Tx, a *act.Act) error {
			l, err := life.One(tx, h.reg.ID, keys[0], 0)
			if err != nil {
				return err
			}
			next := l.Statuses[0]
			next.Is.Status, next.Is.StatedOn, next.Is.TransferredTo = "T", "2026-10-12", "341"
			return cohort.Statuses.Replace(tx, a, l.Statuses[0].Version, next)
		})
		m, err = h.s.Movements(context.Background(), h.officer(), h.build("2026-10", Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Joined) != 2 || len(m.Leaving) != 1 || len(m.Missing) != 0 || len(m.NEETJoined) != 1 || len(m.NEETLeft) != 0 || m.Rollover {
			t.Errorf("%+v", m)
		}
		if m.Before.Cohort != 3 || m.Now.Cohort != 4 || m.Before.NEET != 1 || m.Now.NEET != 2 || m.Shift != 333 || !m.Warn() {
			t.Errorf("%+v to %+v, shift %d", m.Before, m.Now, m.Shift)
		}
		if r := m.RatesMoved(); r[1] != (RateMoved{"NEET", 333, 500, true}) || r[2].Flagged {
			t.Errorf("%+v", r)
		}
		if !slices.Equal(m.Against.Authorities, []string{"991", "992"}) {
			t.Errorf("%v", m.Against.Authorities)
		}
	})
}
