package due

import (
	"errors"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// takenIn stores an applied file of a kind with a row about each person, as the
// stages of a partner's file leave it.
func (w *world) takenIn(key int64, kind, state string, people ...id.YoungPerson) id.Ref {
	w.t.Helper()
	ref := id.NewRef()
	err := w.DB.InTx(w.t.Context(), func(tx *db.Tx) error {
		if err := db.BulkInsert(tx, "sender", []string{"register", "id", "ref", "name", "kind", "agreement", "agreement_ends", "tolerance", "sends_full", "place"},
			[][]any{{int64(w.reg.ID), key, string(id.NewRef()), "Sender " + string(ref), kind, "", "", 0, false, false}}); err != nil {
			return err
		}
		if err := db.BulkInsert(tx, "intake", []string{"register", "id", "ref", "sender", "kind", "file_name", "bytes", "sha256", "received_at", "actor", "actor_name", "as_at", "state", "whole", "mapping", "blocks", "done", "after_act", "counts", "message"},
			[][]any{{int64(w.reg.ID), key, string(ref), key, kind, "feedback.csv", 1, string(ref), tx.Now.UTC().Format("2006-01-02T15:04:05.000000Z"), "x", "X", "", state, false, "", 1, 1, 1, "", ""}}); err != nil {
			return err
		}
		var rows [][]any
		for i, yp := range people {
			rows = append(rows, []any{int64(w.reg.ID), key, i + 1, "unchanged", int64(yp), 0, "", 0})
		}
		return db.BulkInsert(tx, "intake_outcome", []string{"register", "intake", "row_number", "outcome", "young_person", "clashes", "changes", "stood"}, rows)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

func TestFeedbackIsWorkedOff(t *testing.T) {
	invented(t, func(w *world) {
		var some []id.YoungPerson
		p, err := w.Page(t.Context(), w.by, Question{Window: Overdue}, 0, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range p.Items {
			some = append(some, one.Person)
		}
		ref := w.takenIn(900001, duplicateKind, "applied", append(some, 0)...)
		w.takenIn(900002, duplicateKind, "undone", some...)
		w.takenIn(900003, "people", "applied", some...)
		list, counts, err := w.Feedback(t.Context(), w.by, ToDo)
		if err != nil || len(list) != len(some) || counts[ToDo] != len(some) || list[0].File != ref {
			t.Fatalf("%d to do of %d, %v, %v", len(list), len(some), counts, err)
		}
		if err := w.Answer(t.Context(), w.by, ref, 1, Done, "key-1"); err != nil {
			t.Fatal(err)
		}
		if err := w.Answer(t.Context(), w.by, ref, 1, Done, "key-1"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("sent twice: %v", err)
		}
		if err := w.Answer(t.Context(), w.by, ref, 2, Done, "key-2"); err != nil {
			t.Fatal(err)
		}
		if err := w.Answer(t.Context(), w.by, ref, 2, NotOurs, "key-3"); err != nil {
			t.Fatal(err)
		}
		list, counts, err = w.Feedback(t.Context(), w.by, NotOurs)
		if err != nil || len(list) != 1 || list[0].Position != 2 || list[0].By != "Officer" || list[0].On != w.on || counts[Done] != 1 || counts[ToDo] != len(some)-2 {
			t.Errorf("%+v, %v, %v", list, counts, err)
		}
		for _, one := range []struct {
			ref  id.Ref
			row  int
			what FeedbackState
		}{{ref, 99, Done}, {ref, len(some) + 1, Done}, {"nothing", 1, Done}} {
			if err := w.Answer(t.Context(), w.by, one.ref, one.row, one.what, ""); !errors.Is(err, db.NotFound) {
				t.Errorf("row %d of %s: %v", one.row, one.ref, err)
			}
		}
		if err := w.Answer(t.Context(), w.by, ref, 1, "perhaps", ""); !errors.As(err, new(field.Errors)) {
			t.Errorf("perhaps: %v", err)
		}
		adviser := access.Actor{Register: w.reg.ID, Ref: "account:a", Roles: []access.Role{access.Adviser}}
		if _, _, err := w.Feedback(t.Context(), adviser, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser saw it: %v", err)
		}
		if err := w.Answer(t.Context(), adviser, ref, 1, Done, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser answered: %v", err)
		}
	})
}

func TestNewClaimantsAreWorkedOffOnAGround(t *testing.T) {
	invented(t, func(w *world) {
		p, err := w.Page(t.Context(), w.by, Question{Window: Overdue}, 0, 3)
		if err != nil || len(p.Items) != 3 {
			t.Fatal(p, err)
		}
		var some []id.YoungPerson
		for _, one := range p.Items {
			some = append(some, one.Person)
		}
		ref := w.takenIn(900001, claimantKind, "applied", some...)
		w.takenIn(900002, duplicateKind, "applied", some...)
		ground := record.ClaimGrounds()[0]
		if _, _, err := w.Claimants(t.Context(), w.by, "curious", ""); !errors.As(err, new(field.Errors)) {
			t.Errorf("without a ground: %v", err)
		}
		commissioner := access.Actor{Register: w.reg.ID, Ref: "account:c", Roles: []access.Role{access.Commissioner}}
		if _, _, err := w.Claimants(t.Context(), commissioner, ground, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("a commissioner saw claimants: %v", err)
		}
		if err := w.AnswerClaimants(t.Context(), w.by, nil, Done, ""); !errors.As(err, new(field.Errors)) {
			t.Errorf("nobody was ticked: %v", err)
		}
		two := []Sent{{ref, 1}, {ref, 3}}
		if err := w.AnswerClaimants(t.Context(), w.by, two, Done, "key-1"); err != nil {
			t.Fatal(err)
		}
		if err := w.AnswerClaimants(t.Context(), w.by, two, Done, "key-1"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("sent twice: %v", err)
		}
		if err := w.AnswerClaimants(t.Context(), w.by, []Sent{{ref, 9}}, Done, ""); !errors.Is(err, db.NotFound) {
			t.Errorf("a row that is none: %v", err)
		}
		list, counts, err := w.Claimants(t.Context(), w.by, ground, ToDo)
		if err != nil || len(list) != 1 || list[0].Person != some[1] || counts[Done] != 2 {
			t.Errorf("%+v, %v, %v", list, counts, err)
		}
		// What the history of a record shows does not tell that somebody claims.
		if err := w.DB.Read(t.Context(), func(tx *db.Tx) error {
			told, err := db.Values[int64](tx, `SELECT young_person FROM act WHERE register = $1 AND kind = $2 AND young_person IS NOT NULL`, int64(w.reg.ID), string(access.SeeClaims))
			if len(told) > 0 {
				t.Errorf("acts name claimants: %v", told)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
