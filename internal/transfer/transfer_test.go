package transfer_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/transfer"
	"waymark/internal/youngperson"
)

func TestBothRecordsChangeWhenSomebodyIsTaken(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Handed)
		wren, ada := a.person("Wren", "1234567899"), a.person("Ada", "")
		a.lives(wren)
		a.lives(ada)
		before := b.acts()
		a.offers(wren, "k1")
		if err := a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: wren, MovedOn: moved()}}, terms("k1")); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the same press again: %v", err)
		}
		if err := a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: wren, MovedOn: moved()}}, terms("k2")); !strings.Contains(complaint(err), "offered already") {
			t.Errorf("offered twice: %v", err)
		}
		came := b.lists().Came
		if len(came) != 1 || came[0].Name() != "Wren Larkmoor" || came[0].State != transfer.Offered || came[0].Other != "Saltmarsh" || came[0].Person != 0 {
			t.Fatalf("came: %+v", came)
		}
		if got := a.life(wren).Statuses[0].Is.Status; got != "" {
			t.Errorf("an offer has changed the status to %q", got)
		}
		one, alike, err := b.s.Get(t.Context(), b.by, came[0].Ref)
		if err != nil || len(alike) != 0 || one.ULN != "1234567899" || one.Address != "2 Harbour Row, Kingsfell, ZZ2 2BB" {
			t.Errorf("%+v, %v, %v", one, alike, err)
		}
		ref, err := b.s.Take(t.Context(), b.by, came[0].Ref, "", "take")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.s.Take(t.Context(), b.by, came[0].Ref, "", "take"); !errors.Is(err, act.ErrRepeated) || again != ref {
			t.Errorf("the same press again: %s, %v", again, err)
		}
		if _, err := b.s.Take(t.Context(), b.by, came[0].Ref, "", "other"); !strings.Contains(complaint(err), "is over") {
			t.Errorf("taken twice: %v", err)
		}
		// What they hold now, from whom.
		l := b.life(ref)
		if len(l.Spells) != 1 || l.Spells[0].Is.EstablishmentName != "Estuary College" || len(l.Verifications) != 1 || l.Verifications[0].Is.Spell != l.Spells[0].ID {
			t.Errorf("spells %+v, confirmed %+v", l.Spells, l.Verifications)
		}
		if len(l.Contacts) != 1 || l.Contacts[0].Is.Note != "Likes the college" || l.Contacts[0].Is.By != "" {
			t.Errorf("contacts %+v", l.Contacts)
		}
		if got := l.Identifier(youngperson.Previous, moved()); got != a.life(wren).Person.YoungPersonsID {
			t.Errorf("previous %q", got)
		}
		if got := life.InForce(l.Addresses, moved()).Is.Line1; got != "2 Harbour Row" || len(l.Addresses) != 2 {
			t.Errorf("lives at %q of %d", got, len(l.Addresses))
		}
		var said []string
		if err := b.d.Read(t.Context(), func(tx *db.Tx) (err error) {
			said, err = db.Values[string](tx, `SELECT kind || ': ' || said_by FROM evidence WHERE register = $1 AND received_on = '2026-09-20'`, int64(b.r))
			return err
		}); err != nil || len(said) != 1 || said[0] != "other authority: Saltmarsh, from "+act.EnrolmentList+", the college" {
			t.Errorf("sources %q, %v", said, err)
		}
		// The logs of both, and that both say that they are the same.
		if got := b.acts()[len(before):]; strings.Join(got, ", ") != string(access.HandOver)+", "+string(access.MoveAcross) {
			t.Errorf("their acts: %q", got)
		}
		if held, err := a.s.Border.Of(t.Context(), a.by, a.life(wren).Person.ID); err != nil || len(held) != 1 || held[0].Mine != border.Same || held[0].Theirs != border.Same {
			t.Errorf("the same: %+v, %v", held, err)
		}
		// The returns: T once, then absent; theirs has them.
		if got := fmt.Sprint(a.stands("2026-11"), b.stands("2026-11")); got != "map[Ada:P 995 Wren:T 995 996] map[Wren:P 996]" {
			t.Errorf("November: %s", got)
		}
		a.sends("2026-11")
		if got := fmt.Sprint(a.stands("2026-12"), a.stands("2027-01"), b.stands("2026-12")); got != "map[Ada:P 995] map[Ada:P 995] map[Wren:P 996]" {
			t.Errorf("after: %s", got)
		}
		// A month that is run again resets what was sent: the leaver is in it again,
		// once (nccis.md 3.1).
		a.rejects("2026-11")
		if got := fmt.Sprint(a.stands("2026-11"), a.stands("2026-12")); got != "map[Ada:P 995 Wren:T 995 996] map[Ada:P 995 Wren:T 995 996]" {
			t.Errorf("November, to be run again: %s", got)
		}
		a.sends("2026-11")
		if got := fmt.Sprint(a.stands("2026-12"), a.stands("2027-01")); got != "map[Ada:P 995] map[Ada:P 995]" {
			t.Errorf("after November was run again: %s", got)
		}
		if got := a.lists(); len(got.ToSend) != 0 || len(got.Sent) != 1 || got.Sent[0].State != transfer.Taken || got.Sent[0].ChangedBy != "Kingsfell" {
			t.Errorf("lists after: %+v", got)
		}
	})
}

func TestRefusedAndWithdrawnChangeNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Handed)
		wren := a.person("Wren", "")
		for _, err := range []error{
			a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: wren, MovedOn: civil.Must(2026, 11, 11)}}, terms("")),
			a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: wren}}, terms("")),
			a.s.Propose(t.Context(), a.by, nil, terms("")),
			a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: wren, MovedOn: moved()}}, transfer.Terms{To: "301", Basis: transfer.Bases()[0]}),
			a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: wren, MovedOn: moved()}}, transfer.Terms{To: kingsfell, Basis: "because"}),
		} {
			if !errors.As(err, new(field.Errors)) {
				t.Errorf("wrong, and taken: %v", err)
			}
		}
		adviser := a.by
		adviser.Roles = []access.Role{access.Adviser}
		if err := a.s.Propose(t.Context(), adviser, []transfer.Offer{{Person: wren, MovedOn: moved()}}, terms("")); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser offered: %v", err)
		}
		a.offers(wren, "")
		ref := b.lists().Came[0].Ref
		if err := b.s.Withdraw(t.Context(), b.by, ref, ""); !errors.Is(err, db.NotFound) {
			t.Errorf("the other side withdrew: %v", err)
		}
		if err := b.s.Refuse(t.Context(), b.by, ref, "no", ""); !errors.As(err, new(field.Errors)) {
			t.Errorf("refused without a reason: %v", err)
		}
		if err := b.s.Refuse(t.Context(), b.by, ref, transfer.Reasons()[0], "r"); err != nil {
			t.Fatal(err)
		}
		if err := b.s.Refuse(t.Context(), b.by, ref, transfer.Reasons()[0], "r"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the same press again: %v", err)
		}
		if sent, came := a.lists().Sent[0], b.lists().Came[0]; sent.State != transfer.Refused || sent.Why != transfer.Reasons()[0] || came.State != transfer.Refused || came.Name() != "" {
			t.Errorf("%+v, %+v", sent, came)
		}
		a.offers(wren, "") // once more
		second := b.lists().Came[0].Ref
		if err := a.s.Withdraw(t.Context(), a.by, second, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := b.s.Take(t.Context(), b.by, second, "", ""); !strings.Contains(complaint(err), "is over") {
			t.Errorf("withdrawn, and taken: %v", err)
		}
		if got := fmt.Sprint(a.stands("2026-11"), b.stands("2026-11")); got != "map[Wren:P 995] map[]" {
			t.Errorf("November: %s", got)
		}
	})
}

func TestOnlyWhatIsAgreedGoesAlong(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Names|access.Activities)
		wren := a.person("Wren", "1234567899")
		a.lives(wren)
		twin := b.person("Wrenna", "1234567899")
		a.offers(wren, "")
		came := b.lists().Came[0]
		if want := access.Identity | access.Activities; came.Goes != want {
			t.Errorf("goes along: %v", came.Goes)
		}
		_, alike, err := b.s.Get(t.Context(), b.by, came.Ref)
		if err != nil || len(alike) != 1 || alike[0] != b.life(twin).Person.ID {
			t.Fatalf("alike: %v, %v", alike, err)
		}
		ref, err := b.s.Take(t.Context(), b.by, came.Ref, twin, "")
		if err != nil || ref != twin {
			t.Fatal(ref, err)
		}
		l := b.life(twin)
		if len(l.Contacts) != 0 || len(l.Spells) != 1 || l.LegalName(moved()).Is.Given != "Wrenna" || len(l.Addresses) != 1 {
			t.Errorf("%+v", l)
		}
		for _, s := range l.Spells {
			if s.Evidence != life.InForce(l.Statuses, moved()).Evidence {
				t.Error("who told them came along, and was not agreed")
			}
		}
		// An agreement that lapsed lets nothing through, not even who it is.
		ada := a.person("Ada", "")
		a.offers(ada, "")
		second := b.lists().Came[0].Ref
		a.do(`UPDATE agreement SET ends = '2026-11-09' WHERE register = $1`, int64(a.r))
		if got := b.lists().Came; len(got) != 1 || got[0].State != transfer.Taken {
			t.Errorf("after the agreement: %+v", got)
		}
		if _, _, err := b.s.Get(t.Context(), b.by, second); !errors.Is(err, db.NotFound) {
			t.Errorf("after the agreement: %v", err)
		}
		if _, err := b.s.Take(t.Context(), b.by, second, "", ""); !strings.Contains(complaint(err), "No agreement") {
			t.Errorf("after the agreement: %v", err)
		}
	})
}

func TestARestrictedRecordIsOfferedToNobody(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Handed)
		wren, ada := a.person("Wren", ""), a.person("Ada", "")
		a.offers(wren, "")
		offered := b.lists().Came[0].Ref
		a.do(`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 1, 'ref', 'ig', 'Somebody', '', FALSE, 1)`, int64(a.r))
		for i, ref := range []id.Ref{wren, ada} {
			a.do(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, $2, $3, $4, 'hidden', '', 1, '2027-01-01', 0, 1)`,
				int64(a.r), i+1, "x"+string(ref), int64(a.life(ref).Person.ID))
		}
		if err := a.s.Propose(t.Context(), a.by, []transfer.Offer{{Person: ada, MovedOn: moved()}}, terms("")); !errors.Is(err, db.NotFound) {
			t.Errorf("offered by somebody who is not named: %v", err)
		}
		named := a.by
		named.Account = 1
		if err := a.s.Propose(t.Context(), named, []transfer.Offer{{Person: ada, MovedOn: moved()}}, terms("")); !strings.Contains(complaint(err), "restricted") {
			t.Errorf("offered by somebody who is named: %v", err)
		}
		if got := a.lists(); len(got.Sent) != 0 {
			t.Errorf("told of a hidden child: %+v", got.Sent)
		}
		if _, _, err := a.s.Get(t.Context(), a.by, offered); !errors.Is(err, db.NotFound) {
			t.Errorf("told of a hidden child: %v", err)
		}
		if got := b.lists(); len(got.Came) != 0 {
			t.Errorf("restricted since, and still offered: %+v", got.Came)
		}
		if _, _, err := b.s.Get(t.Context(), b.by, offered); !errors.Is(err, db.NotFound) {
			t.Errorf("restricted since, and still shown: %v", err)
		}
		if _, err := b.s.Take(t.Context(), b.by, offered, "", ""); !strings.Contains(complaint(err), "is over") {
			t.Errorf("restricted since, and taken: %v", err)
		}
	})
}

// TestWhoIsKeptUnusedIsHandedToNobody: an offer of whose processing was restricted
// since is shown to nobody there and taken by nobody, until it is restricted no more.
func TestWhoIsKeptUnusedIsHandedToNobody(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Handed)
		wren := a.person("Wren", "")
		a.offers(wren, "")
		offered := b.lists().Came[0].Ref
		a.do(`INSERT INTO processing_restriction (register, young_person, id, ground, reason, request, started, ended, known_from, evidence) VALUES ($1, $2, 900, $3, '', '', '2026-11-01', '', 1, 0)`,
			int64(a.r), int64(a.life(wren).Person.ID), youngperson.Grounds()[0])
		if got := b.lists(); len(got.Came) != 0 {
			t.Errorf("kept unused since, and still offered: %+v", got.Came)
		}
		if _, _, err := b.s.Get(t.Context(), b.by, offered); !errors.Is(err, db.NotFound) {
			t.Errorf("kept unused since, and still shown: %v", err)
		}
		if _, err := b.s.Take(t.Context(), b.by, offered, "", ""); !strings.Contains(complaint(err), "is over") {
			t.Errorf("kept unused since, and taken: %v", err)
		}
		a.do(`UPDATE processing_restriction SET ended = '2026-11-05' WHERE register = $1 AND id = 900`, int64(a.r))
		if _, err := b.s.Take(t.Context(), b.by, offered, "", ""); err != nil {
			t.Errorf("restricted no more, and not taken: %v", err)
		}
	})
}

// TestAnOfferTellsNoProtectedAddress: whoever offered somebody whose address was
// protected since is not told it by the offer.
func TestAnOfferTellsNoProtectedAddress(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Handed)
		wren := a.person("Wren", "")
		a.offers(wren, "")
		offered := b.lists().Came[0].Ref
		got, _, err := a.s.Get(t.Context(), a.by, offered)
		if err != nil || got.Address == "" || got.Address == access.Protected {
			t.Fatalf("not protected, the offer is %+v, %v", got, err)
		}
		a.do(`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 1, 'ref', 'ig', 'Somebody', '', FALSE, 1)`, int64(a.r))
		a.do(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 1, 'x', $2, 'protected address', '', 1, '2027-01-01', 0, 1)`,
			int64(a.r), int64(a.life(wren).Person.ID))
		if got, _, err := a.s.Get(t.Context(), a.by, offered); err != nil || got.Address != access.Protected {
			t.Errorf("protected, the offer is %+v, %v", got, err)
		}
		if _, _, err := b.s.Get(t.Context(), b.by, offered); !errors.Is(err, db.NotFound) {
			t.Errorf("the other side is offered somebody whose address is protected: %v", err)
		}
	})
}

// TestOneTakesThemOfMany: however many press at once, they are taken once, and
// two registers that take from one another do not lock each other out.
func TestOneTakesThemOfMany(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d, access.Handed)
		a.offers(a.person("Wren", ""), "")
		back := terms("")
		back.To = saltmarsh
		if err := b.s.Propose(t.Context(), b.by, []transfer.Offer{{Person: b.person("Ivo", ""), MovedOn: moved()}}, back); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		taken := make([]int, 2)
		var lock sync.Mutex
		for i, w := range []town{b, a} {
			offer := w.lists().Came[0].Ref
			for n := range 3 {
				all.Go(func() {
					_, err := w.s.Take(t.Context(), w.by, offer, "", fmt.Sprint("press", n))
					lock.Lock()
					defer lock.Unlock()
					if err == nil {
						taken[i]++
					} else if !strings.Contains(complaint(err), "is over") {
						t.Errorf("press %d: %v", n, err)
					}
				})
			}
		}
		all.Wait()
		if taken[0] != 1 || taken[1] != 1 {
			t.Errorf("taken %v times", taken)
		}
		if got := fmt.Sprint(a.stands("2026-11"), b.stands("2026-11")); got != "map[Ivo:P 995 Wren:T 995 996] map[Ivo:T 996 995 Wren:P 996]" {
			t.Errorf("November: %s", got)
		}
	})
}
