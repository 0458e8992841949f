package transfer_test

import (
	"errors"
	"fmt"
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
	"waymark/internal/record"
	"waymark/internal/transfer"
	"waymark/internal/youngperson"
)

// takes takes over whoever was offered last, as one of ours or as somebody new.
func (w town) takes(as id.Ref) (offer, ref id.Ref) {
	w.t.Helper()
	offer = w.lists().Came[0].Ref
	ref, err := w.s.Take(w.t.Context(), w.by, offer, as, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return offer, ref
}

func (w town) moves(ref id.Ref) {
	w.t.Helper()
	told := record.Told{Kind: act.Telephone, SaidBy: "her mother", On: civil.Must(2026, 11, 9)}
	if err := w.records.SetReach(w.t.Context(), w.by, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900123"}, 0, told); err != nil {
		w.t.Fatal(err)
	}
}

func TestWhoWasTakenOverIsGivenBackAsOneAct(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, reason := t.Context(), transfer.BackReasons()[0]
		a, b := towns(t, d, access.Handed)
		wren := a.person("Wren", "")
		a.lives(wren)
		a.offers(wren, "")
		offer, ref := b.takes("")
		if built, err := b.s.Built(ctx, b.by, offer); err != nil || built.Bars != "" || len(built.Since) != 0 {
			t.Errorf("built on it before anybody worked: %+v, %v", built, err)
		}
		if err := b.s.GiveBack(ctx, b.by, offer, "because", ""); !errors.As(err, new(field.Errors)) {
			t.Errorf("given back without a reason: %v", err)
		}
		if err := a.s.GiveBack(ctx, a.by, offer, reason, ""); !errors.Is(err, db.NotFound) {
			t.Errorf("the other side gave back: %v", err)
		}
		for i, want := range []error{nil, act.ErrRepeated} {
			if err := b.s.GiveBack(ctx, b.by, offer, reason, "back"); !errors.Is(err, want) {
				t.Fatalf("press %d: %v", i+1, err)
			}
		}
		if err := b.s.GiveBack(ctx, b.by, offer, reason, ""); !strings.Contains(complaint(err), "is over") {
			t.Errorf("given back twice: %v", err)
		}
		if got := fmt.Sprint(a.stands("2026-11"), b.stands("2026-11")); got != "map[Wren:P 995] map[]" {
			t.Errorf("November: %s", got)
		}
		if _, err := b.records.Summary(ctx, b.by, ref); err == nil {
			t.Error("who was new is held still")
		}
		if s := life.InForce(a.life(wren).Statuses, moved()); s == nil || s.Is.Status == "T" || s.Ended != "" {
			t.Errorf("their status: %+v", s)
		}
		if held, err := a.s.Border.Of(ctx, a.by, a.life(wren).Person.ID); err != nil || len(held) != 0 {
			t.Errorf("still the same: %+v, %v", held, err)
		}
		sent, came := a.lists().Sent[0], b.lists().Came[0]
		if sent.State != transfer.GivenBack || sent.Why != reason || came.State != transfer.GivenBack || came.Name() != "" {
			t.Errorf("%+v, %+v", sent, came)
		}
		// They can be offered once more, and are one young person here then.
		a.offers(wren, "")
		b.takes("")
		if got := fmt.Sprint(a.stands("2026-11"), b.stands("2026-11")); got != "map[Wren:T 995 996] map[Wren:P 996]" {
			t.Errorf("November, taken over once more: %s", got)
		}
	})
}

func TestWhatWasBuiltOnATransferIsListedFirst(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, reason := t.Context(), transfer.BackReasons()[1]
		a, b := towns(t, d, access.Handed)
		wren := a.person("Wren", "")
		a.offers(wren, "")
		offer, ref := b.takes("")
		b.moves(ref)
		built, err := b.s.Built(ctx, b.by, offer)
		if err != nil || len(built.Since) != 1 || built.Since[0].By != b.by.Name || !strings.Contains(built.Bars, "Offer them back") {
			t.Errorf("built: %+v, %v", built, err)
		}
		if err := b.s.GiveBack(ctx, b.by, offer, reason, ""); !strings.Contains(complaint(err), "Offer them back") {
			t.Errorf("worked with, and given back: %v", err)
		}
		// Joined to a record of ours, that record stays, with what was recorded since.
		ada, ours := a.person("Ada", ""), b.person("Adah", "")
		a.lives(ada)
		a.offers(ada, "")
		second, _ := b.takes(ours)
		b.moves(ours)
		if built, err = b.s.Built(ctx, b.by, second); err != nil || len(built.Since) != 1 || built.Bars != "" {
			t.Errorf("built: %+v, %v", built, err)
		}
		if err := b.s.GiveBack(ctx, b.by, second, reason, ""); err != nil {
			t.Fatal(err)
		}
		if l := b.life(ours); len(l.Reaches) != 1 || len(l.Spells) != 0 || len(l.Contacts) != 0 || l.LegalName(moved()).Is.Given != "Adah" {
			t.Errorf("ours: %+v", l)
		}
		if got := fmt.Sprint(a.stands("2026-11"), b.stands("2026-11")); got != "map[Ada:P 995 Wren:T 995 996] map[Adah:P 996 Wren:P 996]" {
			t.Errorf("November: %s", got)
		}
	})
}

// TestWhatWasSaidAgainstGoesAlong: whoever has said that nothing is passed on has
// said it to the other authority too, whatever is agreed.
func TestWhatWasSaidAgainstGoesAlong(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := towns(t, d, access.Handed)
		told := record.Told{Kind: act.Telephone, SaidBy: "her mother", On: civil.Must(2026, 10, 1)}
		wren, ada := a.person("Wren", ""), a.person("Ada", "")
		for _, ref := range []id.Ref{wren, ada} {
			if err := a.records.NoteDisagreement(ctx, a.by, ref, youngperson.Disagreement{About: "activity", Words: "I have never left"}, told); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.records.RecordOptOut(ctx, a.by, wren, civil.Must(2026, 10, 1), youngperson.OptOut{Scope: youngperson.OptOutBeyond, SaidBy: youngperson.SaidByPerson, Competence: "Spoke for herself"}, told); err != nil {
			t.Fatal(err)
		}
		a.offers(wren, "")
		_, ref := b.takes("")
		l := b.life(ref)
		if len(l.OptOuts) != 1 || l.OptOuts[0].Is.Scope != youngperson.OptOutBeyond || l.OptOuts[0].Is.Competence != "" || len(l.Disagreements) != 0 {
			t.Errorf("who passes nothing on: %+v, %+v", l.OptOuts, l.Disagreements)
		}
		a.offers(ada, "")
		_, ref = b.takes("")
		if l := b.life(ref); len(l.OptOuts) != 0 || len(l.Disagreements) != 1 || l.Disagreements[0].Is.Words != "I have never left" {
			t.Errorf("who disagrees: %+v, %+v", l.OptOuts, l.Disagreements)
		}
	})
}

// TestWhoPassesIsOfferedInOnePress: those whom 1 September hands over are offered,
// one who cannot be keeps nobody back, and pressed again nobody is offered twice.
func TestWhoPassesIsOfferedInOnePress(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, first := t.Context(), civil.Must(2026, 9, 1)
		a, b := towns(t, d, access.Handed)
		told := record.Told{Kind: act.Telephone, SaidBy: "the roll-over"}
		for _, given := range []string{"Wren", "Ada", "Robin"} {
			ref := a.person(given, "")
			held := a.life(ref).Statuses[0]
			if err := a.records.CorrectCohort(ctx, a.by, ref, cohort.Status{Status: "T", StatedOn: first.String(), LeadLA: saltmarsh, EducatedLA: saltmarsh, TransferredTo: kingsfell}, held.KnownFrom, told); err != nil {
				t.Fatal(err)
			}
			if given == "Robin" {
				governance := a.by
				governance.Roles = []access.Role{access.InformationGovernance}
				if err := a.records.RestrictProcessing(ctx, governance, ref, first, youngperson.Restriction{Ground: youngperson.Grounds()[3]}, told); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, as := range []string{`UPDATE cohort SET started = $2, stated_on = $2 WHERE register = $1`, `UPDATE standing SET stated_on = $2 WHERE register = $1`} {
			a.do(as, int64(a.r), first.String()) // as the roll-over dates it
		}
		adviser := a.by
		adviser.Roles = []access.Role{access.Adviser}
		if _, _, err := a.s.OfferAll(ctx, adviser, first, "k"); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser offered: %v", err)
		}
		for _, want := range []struct{ passing, offered, left int }{{3, 2, 1}, {1, 0, 1}} {
			n, err := a.s.Passing(ctx, a.by, first)
			if err != nil || n != want.passing {
				t.Errorf("%d pass, want %d: %v", n, want.passing, err)
			}
			offered, left, err := a.s.OfferAll(ctx, a.by, first, "k")
			if err != nil || offered != want.offered || left != want.left {
				t.Errorf("offered %d, left %d, want %+v: %v", offered, left, want, err)
			}
		}
		if n, err := a.s.Passing(ctx, a.by, first.AddDays(1)); err != nil || n != 0 {
			t.Errorf("of another day %d pass: %v", n, err)
		}
		if came := b.lists().Came; len(came) != 2 || came[0].MovedOn != first {
			t.Errorf("came: %+v", came)
		}
	})
}
