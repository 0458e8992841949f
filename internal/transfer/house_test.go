package transfer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/returns"
	"waymark/internal/standing"
	"waymark/internal/transfer"
	"waymark/internal/youngperson"
)

// town is one authority's register.
type town struct {
	t           testing.TB
	d           *db.DB
	r           id.Register
	by, manager access.Actor
	records     *record.Service
	returns     *returns.Service
	s           *transfer.Service
}

const (
	saltmarsh = "995"
	kingsfell = "996"
)

// moved is the day on which whoever moves here does.
func moved() civil.Date { return civil.Must(2026, 11, 2) }

func towns(t testing.TB, d *db.DB, fields access.Fields) (a, b town) {
	t.Helper()
	req := nccis.MustLoad()
	made := [2]town{}
	for i, one := range [][2]string{{saltmarsh, "Saltmarsh"}, {kingsfell, "Kingsfell"}} {
		book, err := (&register.Service{DB: d.EveryRegister()}).Add(t.Context(), register.Register{Name: one[1], DatabaseID: one[0], Authorities: []register.Authority{{Code: one[0], Name: one[1], Invented: true}}})
		if err != nil {
			t.Fatal(err)
		}
		own, keeper := d.For(book.ID), standing.Keeper{Requirement: req}
		sights := &act.Recorder{DB: own, Wait: time.Microsecond}
		who := func(ref, name string, role access.Role) access.Actor {
			return access.Actor{Account: id.Account(10 + len(ref)), Register: book.ID, Ref: "account:" + ref, Name: name, Roles: []access.Role{role}, Request: "q", Today: civil.Must(2026, 11, 10)}
		}
		made[i] = town{t: t, d: own, r: book.ID, by: who("officer", one[1]+" officer", access.DataOfficer), manager: who("manager", one[1]+" manager", access.TeamManager),
			records: &record.Service{DB: own, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(own, keeper)},
			returns: &returns.Service{DB: own, Requirement: req, Standing: keeper},
			s: &transfer.Service{DB: own, Standing: keeper, Sights: sights,
				Border: &border.Service{DB: own, Register: book.ID, Key: []byte(strings.Repeat("k", 32)), Sights: sights}}}
	}
	for i := range made {
		made[i].agrees([]string{kingsfell, saltmarsh}[i], fields)
	}
	return made[0], made[1]
}

func (w town) do(query string, args ...any) {
	w.t.Helper()
	if err := w.d.InTx(w.t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		w.t.Fatal(query, err)
	}
}

func (w town) agrees(code string, fields access.Fields) {
	w.t.Helper()
	w.do(`INSERT INTO organisation (register, id, ref, name, kind, urn, number, ukprn, la_code) VALUES ($1, 1, 'o', 'The other', 'other authority', '', '', '', $2)`, int64(w.r), code)
	w.do(`INSERT INTO agreement (register, id, ref, organisation, purpose, document, owner, people, fields, started, ends, added_by, approved_by, why_suspended, changed_by)
		VALUES ($1, 1, 'g', 1, 'moves', 'paper', 'somebody', 'named', $2, '2026-01-01', '2027-12-31', 1, 1, '', 1)`, int64(w.r), fields.String())
}

func (w town) person(given, uln string) id.Ref {
	w.t.Helper()
	ref, err := w.records.Add(w.t.Context(), w.by, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Larkmoor"}, Born: civil.Must(2009, 3, 27), Gender: "F", Ethnicity: "WBRI",
		Identifiers: record.Identifiers{ULN: uln}, Address: youngperson.Address{Line1: "9 Kite Street", Town: "Saltmarsh", Postcode: "ZZ1 1AA"}, LeadLA: w.code(), EducatedLA: w.code(), Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}},
		record.Told{Kind: act.Telephone, SaidBy: "her mother", On: civil.Must(2026, 10, 1)})
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

func (w town) code() string {
	return map[string]string{"Saltmarsh officer": saltmarsh, "Kingsfell officer": kingsfell}[w.by.Name]
}

// lives gives somebody a spell that was confirmed, and a contact with a note.
func (w town) lives(ref id.Ref) {
	w.t.Helper()
	l := w.life(ref)
	if err := w.d.InTx(w.t.Context(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, w.by, access.RecordActivity, l.Person.ID, act.Request{Evidence: &act.Evidence{Kind: act.EnrolmentList, SaidBy: "the college", ReceivedOn: civil.Must(2026, 9, 20)}})
		if err != nil {
			return err
		}
		s, err := activity.Spells.New(tx, a, l.Person.ID, "2026-09-07", activity.Spell{Activity: "220", Ascertained: "2026-09-20", PredictedEnd: "2027-07-16", EstablishmentName: "Estuary College"})
		if err != nil {
			return err
		}
		if _, err := activity.Verifications.New(tx, a, l.Person.ID, "", activity.Verification{Spell: s.ID, Verified: "2026-09-20"}); err != nil {
			return err
		}
		return w.s.Standing.Rewrite(tx, a, l.Person.ID)
	}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.records.RecordContact(w.t.Context(), w.by, ref, record.Spoken{Made: contact.Made{On: civil.Must(2026, 10, 9), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached, Note: "Likes the college"}}}, ""); err != nil {
		w.t.Fatal(err)
	}
}

func (w town) life(ref id.Ref) *life.Life {
	w.t.Helper()
	var l *life.Life
	if err := w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		yp, _, err := youngperson.AnyRef(tx, w.r, ref)
		if err == nil {
			l, err = life.One(tx, w.r, yp.ID, 0)
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return l
}

func terms(key string) transfer.Terms {
	return transfer.Terms{To: kingsfell, Basis: transfer.Bases()[0], Goes: access.AllFields, Key: key}
}

func (w town) offers(ref id.Ref, key string) {
	w.t.Helper()
	o := transfer.Offer{Person: ref, MovedOn: moved(), Line1: "2 Harbour Row", Town: "Kingsfell", Postcode: "ZZ2 2BB"}
	if err := w.s.Propose(w.t.Context(), w.by, []transfer.Offer{o}, terms(key)); err != nil {
		w.t.Fatal(err)
	}
}

func (w town) lists() transfer.Lists {
	w.t.Helper()
	l, err := w.s.Lists(w.t.Context(), w.by)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// acts are the kinds of a register's acts from one on, in order.
func (w town) acts() (kinds []string) {
	w.t.Helper()
	if err := w.d.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		kinds, err = db.Values[string](tx, `SELECT kind FROM act WHERE register = $1 ORDER BY number`, int64(w.r))
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return kinds
}

func (w town) stands(period string) map[string]string {
	w.t.Helper()
	m, err := civil.ParseMonth(period)
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := w.returns.Build(w.t.Context(), w.by, m, returns.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range d.People {
		v := &p.Record.Values
		out[v[nccis.GivenName]] = strings.TrimSpace(v[nccis.CohortStatus] + " " + v[nccis.LeadLEA] + " " + v[nccis.TransferredToLACode])
	}
	return out
}

// sends signs a month by two and records it as sent.
func (w town) sends(period string) {
	w.t.Helper()
	m, err := civil.ParseMonth(period)
	if err != nil {
		w.t.Fatal(err)
	}
	var r *returns.Return
	for _, by := range []access.Actor{w.by, w.manager} {
		p, err := w.returns.Position(w.t.Context(), by, m, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if r, err = w.returns.Sign(w.t.Context(), by, m, nil, returns.Signature{SHA256: p.SHA256, Declared: true}); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := w.returns.Record(w.t.Context(), w.by, r.Ref, returns.Sent, "", ""); err != nil {
		w.t.Fatal(err)
	}
}

// rejects records that the Department did not take a month.
func (w town) rejects(period string) {
	w.t.Helper()
	list, err := w.returns.List(w.t.Context(), w.by)
	if err != nil || len(list) == 0 || list[0].Period.String() != period {
		w.t.Fatal(list, err)
	}
	if _, err := w.returns.Record(w.t.Context(), w.by, list[0].Ref, returns.Rejected, "a test of the Department's", ""); err != nil {
		w.t.Fatal(err)
	}
}

func complaint(err error) string {
	var wrong field.Errors
	if errors.As(err, &wrong) {
		return wrong[0].Field + ": " + wrong[0].Message
	}
	return fmt.Sprint(err)
}
