package visit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/place"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/restrict"
	"waymark/internal/safety"
	"waymark/internal/standing"
	"waymark/internal/visit"
	"waymark/internal/youngperson"
)

// house is a register with a directory of postcodes, one adviser who goes out,
// another, and a manager.
type house struct {
	t                      testing.TB
	db                     *db.DB
	now                    *time.Time
	s                      *visit.Service
	records                *record.Service
	officer, worker, other access.Actor
	manager                access.Actor
	workerRef              id.Ref
	keys                   map[id.Ref]id.YoungPerson
}

var ctx = context.Background()

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	now := dbtest.Noon
	d = d.At(func() time.Time { return now })
	reg, err := (&register.Service{DB: d}).Add(ctx, register.Register{Name: "Invented", DatabaseID: "123", Authorities: []register.Authority{{Code: "341", Name: "One"}}, PasswordAlone: true})
	if err != nil {
		t.Fatal(err)
	}
	req := nccis.MustLoad()
	keeper := standing.Keeper{Requirement: req}
	sights := &act.Recorder{DB: d}
	accounts := account.New(d, reg.ID)
	h := &house{t: t, db: d, now: &now, keys: map[id.Ref]id.YoungPerson{},
		records: &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}}
	h.s = &visit.Service{DB: d, Record: h.records, Accounts: accounts, Sights: sights}
	operator := access.Actor{Register: reg.ID, Ref: "operator:test", Name: "Test", Roles: []access.Role{access.Operator}}
	hire := func(name string, role access.Role) (access.Actor, id.Ref) {
		a, err := accounts.Create(ctx, operator, account.NewAccount{SignIn: strings.ToLower(name) + "@sandmere.example", Name: name, Password: "a long quiet walk home", Roles: []access.Role{role}})
		if err != nil {
			t.Fatal(err)
		}
		by := a.Actor("test")
		by.Today, by.Now = civil.On(now, civil.London()), now
		return by, a.Ref
	}
	h.officer, _ = hire("Dana", access.DataOfficer)
	h.worker, h.workerRef = hire("Imogen", access.Adviser)
	h.other, _ = hire("Tarn", access.Adviser)
	h.manager, _ = hire("Gale", access.TeamManager)
	h.directory(reg.ID)
	return h
}

// directory knows the postcodes ZZ1 1AA to ZZ1 1AJ, a kilometre apart in a line.
func (h *house) directory(r id.Register) {
	h.t.Helper()
	set := dataset.Set{Kind: dataset.Postcodes, FileName: "invented.csv"}
	if err := h.db.InTx(ctx, func(tx *db.Tx) error {
		if err := dataset.Receive(tx, h.officer, &set); err != nil {
			return err
		}
		var list []place.Postcode
		for i := range 9 {
			list = append(list, place.Postcode{Code: "ZZ1 1A" + string(rune('A'+i)), Easting: fmt.Sprint(300000 + 1000*i), Northing: "400000", Since: "198001"})
		}
		if err := place.AddPostcodes(tx, r, set.ID, 0, list); err != nil {
			return err
		}
		a, err := act.Begin(tx, h.officer, access.KeepReference, 0, act.Request{})
		if err != nil {
			return err
		}
		return dataset.Enforce(tx, a, &set)
	}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) add(given, line, postcode string) id.Ref {
	h.t.Helper()
	ref, err := h.records.Add(ctx, h.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Larkmoor"}, Born: civil.Must(2009, 3, 27), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: line, Postcode: postcode}, LeadLA: "341", EducatedLA: "341", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, record.Told{Kind: act.Telephone})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.db.Read(ctx, func(tx *db.Tx) error {
		p, _, err := youngperson.AnyRef(tx, h.officer.Register, ref)
		h.keys[ref] = p.ID
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return ref
}

func (h *house) today() civil.Date { return civil.On(*h.now, civil.London()) }

func (h *house) plan(by access.Actor, people ...id.Ref) id.Ref {
	h.t.Helper()
	refs, err := h.s.Plan(ctx, by, visit.Plan{Day: h.today(), Start: "zz11aa", Worker: h.workerRef, People: people, Most: 20, Key: string(id.NewRef())})
	if err != nil || len(refs) != 1 {
		h.t.Fatalf("planned %d rounds, %v", len(refs), err)
	}
	return refs[0]
}

func (h *house) sheet(by access.Actor, ref id.Ref) *visit.Sheet {
	h.t.Helper()
	sh, err := h.s.Sheet(ctx, by, ref, "round of visits")
	if err != nil {
		h.t.Fatal(err)
	}
	return sh
}

func (h *house) life(ref id.Ref) *life.Life {
	h.t.Helper()
	var l *life.Life
	if err := h.db.Read(ctx, func(tx *db.Tx) (err error) {
		l, err = life.One(tx, h.officer.Register, h.keys[ref], 0)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return l
}

func (h *house) acts() (n int) {
	h.t.Helper()
	if err := h.db.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow("SELECT count(*) FROM act").Scan(&n) }); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func names(stops []visit.Stop) (out []string) {
	for _, st := range stops {
		out = append(out, strings.Fields(st.Name)[0]+": "+string(st.Why))
	}
	slices.Sort(out)
	return out
}

func doors(sh *visit.Sheet) string {
	var out []string
	for _, d := range sh.Doors {
		var who []string
		for _, st := range d.Stops {
			who = append(who, strings.Fields(st.Name)[0])
		}
		out = append(out, strings.Join(who, "+"))
	}
	return strings.Join(out, " ")
}

// TestARound: doors in the order of the way, people of one address at one door,
// neighbours by their numbers, and everybody who has no door beside it with why.
func TestARound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		far := h.add("Avocet", "1 Kite Street", "ZZ1 1AI")
		near := h.add("Brent", "2 Kite Street", "ZZ1 1AB")
		middle := h.add("Crake", "12 Kite Street", "ZZ1 1AE")
		beside := h.add("Dunlin", "3 Kite Street", "ZZ1 1AE")
		same := h.add("Egret", "12, Kite Street", "zz1 1ae")
		unknown := h.add("Fulmar", "9 Nowhere", "ZZ9 9ZZ")
		none := h.add("Godwit", "4 Kite Street", "ZZ1 1AC")
		if err := h.db.InTx(ctx, func(tx *db.Tx) error { // as a supplier's file may leave it
			_, err := tx.Exec("DELETE FROM address WHERE young_person = $1", int64(h.keys[none]))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		shut := h.add("Heron", "5 Kite Street", "ZZ1 1AC")
		if err := h.records.SetSafety(ctx, h.officer, shut, 0, safety.Note{Kind: safety.DoNotVisit, Words: "Threats were made"}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		alone := h.add("Ibis", "6 Kite Street", "ZZ1 1AC")
		if err := h.records.SetSafety(ctx, h.officer, alone, 0, safety.Note{Kind: safety.NotAlone, Words: "A dog that bites"}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		kept := h.add("Jackdaw", "7 Kite Street", "ZZ1 1AC")
		governance := access.Actor{Register: h.officer.Register, Ref: "account:ig", Name: "Harold", Roles: []access.Role{access.InformationGovernance}}
		if err := h.records.RestrictProcessing(ctx, governance, kept, h.today(), youngperson.Restriction{Ground: youngperson.Grounds()[0], Reason: "Says that it is wrong"}, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		out := h.add("Knot", "8 Kite Street", "ZZ1 1AC")
		if err := h.records.RecordOptOut(ctx, h.officer, out, h.today(), youngperson.OptOut{Scope: youngperson.OptOutAll, SaidBy: youngperson.SaidByPerson}, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		ref := h.plan(h.worker, far, near, middle, beside, same, unknown, none, shut, alone, kept, out)
		sh := h.sheet(h.worker, ref)
		if got := doors(sh); got != "Brent Ibis Dunlin Crake+Egret Avocet" && got != "Avocet Dunlin Crake+Egret Ibis Brent" {
			t.Errorf("the doors are %s", got)
		}
		want := []string{"Fulmar: unknown postcode", "Godwit: no address", "Heron: do not visit", "Jackdaw: processing is restricted", "Knot: opted out"}
		if got := names(sh.Apart); !slices.Equal(got, want) {
			t.Errorf("apart are %q", got)
		}
		for _, st := range sh.Apart {
			if st.Why.ToDo() == "" {
				t.Errorf("nothing is said to be done about %s", st.Why)
			}
		}
		var warned []safety.Note
		for _, door := range sh.Doors {
			warned = append(warned, door.Stops[0].Safety...)
		}
		if sh.Metres != 16000 || sh.ListMetres <= sh.Metres || len(warned) != 1 || warned[0] != (safety.Note{Kind: safety.NotAlone, Words: "A dog that bites"}) {
			t.Errorf("%d m, by the list %d m, safety %v", sh.Metres, sh.ListMetres, warned)
		}
		// A note that is written after the round was planned is obeyed too.
		if err := h.records.SetSafety(ctx, h.officer, near, 0, safety.Note{Kind: safety.DoNotVisit}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		if got := names(h.sheet(h.worker, ref).Apart); !slices.Contains(got, "Brent: do not visit") {
			t.Errorf("apart are %q", got)
		}
		var stored []byte
		if err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow("SELECT words FROM safety_note WHERE kind = 'dog' OR words <> '' ORDER BY id LIMIT 1").Scan(&stored)
		}); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(stored, []byte("Threats")) {
			t.Errorf("the words of a safety note are stored as %q", stored)
		}
	})
}

// TestRoundsObeyRestrictions: nobody hidden or locked is on a round of whoever
// they are kept from, then or later, and a protected address is on none.
func TestRoundsObeyRestrictions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		hidden, locked := h.add("Avocet", "1 Kite Street", "ZZ1 1AB"), h.add("Brent", "2 Kite Street", "ZZ1 1AC")
		protected, open := h.add("Crake", "3 Kite Street", "ZZ1 1AD"), h.add("Dunlin", "4 Kite Street", "ZZ1 1AE")
		later := h.add("Egret", "5 Kite Street", "ZZ1 1AF")
		governance := access.Actor{Register: h.officer.Register, Ref: "account:ig", Name: "Harold", Roles: []access.Role{access.InformationGovernance}}
		managerRef := id.Ref(strings.TrimPrefix(h.manager.Ref, "account:"))
		restricting := func(ref id.Ref, kind access.Kind) {
			t.Helper()
			s := &restrict.Service{DB: h.db}
			n := restrict.New{Person: string(ref), Kind: kind, Ground: map[access.Kind]string{access.Locked: "media interest", access.Hidden: "adoption, where contact would harm", access.ProtectedAddress: "refuge"}[kind], Owner: managerRef, Key: string(id.NewRef())}
			if _, err := s.Restrict(ctx, governance, n); err != nil {
				t.Fatal(err)
			}
		}
		restricting(hidden, access.Hidden)
		restricting(locked, access.Locked)
		restricting(protected, access.ProtectedAddress)
		ref := h.plan(h.worker, hidden, locked, protected, open, later)
		sh := h.sheet(h.worker, ref)
		if got := doors(sh); got != "Dunlin Egret" && got != "Egret Dunlin" {
			t.Errorf("the doors are %s", got)
		}
		if got := names(sh.Apart); !slices.Equal(got, []string{"Crake: protected address"}) || sh.Apart[0].Address.Line1 != "" || sh.Locked != 0 {
			t.Errorf("apart are %q at %+v, locked %d", got, sh.Apart, sh.Locked)
		}
		stop := sh.Doors[1].Stops[0]
		if !strings.HasPrefix(stop.Name, "Egret") {
			stop = sh.Doors[0].Stops[0]
		}
		restricting(later, access.Hidden)
		if got := h.sheet(h.worker, ref); doors(got) != "Dunlin" || got.Locked != 0 || got.People != 1 || got.Round.Doors != 1 || got.Doors[0].Number != 1 {
			t.Errorf("hidden since: %s, %+v", doors(got), got)
		}
		if all, err := h.s.Rounds(ctx, h.worker, civil.Date{}); err != nil || len(all) == 0 || all[0].People != 1 {
			t.Errorf("the list of rounds counts somebody hidden since: %+v, %v", all, err)
		}
		if _, _, err := h.s.Stop(ctx, h.worker, stop.Ref); !errors.Is(err, db.NotFound) {
			t.Errorf("the doorstep of somebody hidden since: %v", err)
		}
		if err := h.s.Tell(ctx, h.worker, stop.Ref, visit.Told{Outcome: visit.NoAnswer, Key: string(id.NewRef())}); !errors.Is(err, db.NotFound) {
			t.Errorf("told of somebody hidden since: %v", err)
		}
	})
}

// TestWhoseRound: an adviser plans for themselves alone and sees no other's
// round; a manager plans and sees all; a round too large becomes several.
func TestWhoseRound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var people []id.Ref
		for i := range 5 {
			people = append(people, h.add("Avocet", fmt.Sprintf("%d Kite Street", i+1), "ZZ1 1A"+string(rune('A'+i))))
		}
		plan := visit.Plan{Day: h.today(), Start: "ZZ1 1AA", Worker: h.workerRef, People: people, Most: 2, Key: string(id.NewRef())}
		if _, err := h.s.Plan(ctx, h.other, plan); !fails(err, "worker") {
			t.Errorf("another adviser plans for them: %v", err)
		}
		refs, err := h.s.Plan(ctx, h.manager, plan)
		if err != nil || len(refs) != 3 {
			t.Fatalf("%d rounds, %v", len(refs), err)
		}
		if _, err := h.s.Plan(ctx, h.manager, plan); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the same form again: %v", err)
		}
		if again, err := h.s.PlannedWith(ctx, h.manager, plan.Key); err != nil || !slices.Equal(again, refs) {
			t.Errorf("the first press made %v, %v", again, err)
		}
		for by, want := range map[*access.Actor]int{&h.worker: 3, &h.manager: 3, &h.officer: 3, &h.other: 0} {
			if all, err := h.s.Rounds(ctx, *by, h.today()); err != nil || len(all) != want {
				t.Errorf("%s sees %d rounds, %v; want %d", by.Name, len(all), err, want)
			}
		}
		if _, err := h.s.Sheet(ctx, h.other, refs[0], "x"); !errors.Is(err, db.NotFound) {
			t.Errorf("another's round: %v", err)
		}
		governance := access.Actor{Register: h.officer.Register, Ref: "account:ig", Roles: []access.Role{access.InformationGovernance}}
		var denied access.Denied
		if _, err := h.s.Sheet(ctx, governance, refs[0], "x"); !errors.As(err, &denied) {
			t.Errorf("who neither plans nor goes: %v", err)
		}
		stop := h.sheet(h.worker, refs[0]).Doors[0].Stops[0]
		if err := h.s.Tell(ctx, h.officer, stop.Ref, visit.Told{Outcome: visit.NoAnswer, Key: string(id.NewRef())}); !errors.Is(err, db.NotFound) {
			t.Errorf("a data officer tells of a visit: %v", err)
		}
		for name, bad := range map[string]visit.Plan{"start": {Day: h.today(), Start: "ZZ9 9ZZ", Worker: h.workerRef, People: people, Most: 2}, "day": {Start: "ZZ1 1AA", Worker: h.workerRef, People: people, Most: 2},
			"most": {Day: h.today(), Start: "ZZ1 1AA", Worker: h.workerRef, People: people, Most: 61}, "person": {Day: h.today(), Start: "ZZ1 1AA", Worker: h.workerRef, Most: 2}} {
			if _, err := h.s.Plan(ctx, h.manager, bad); !fails(err, name) {
				t.Errorf("a plan with a wrong %s: %v", name, err)
			}
		}
		if err := h.s.Close(ctx, h.manager, refs[0], string(id.NewRef())); err != nil {
			t.Fatal(err)
		}
		if err := h.s.Tell(ctx, h.worker, stop.Ref, visit.Told{Outcome: visit.NoAnswer, Key: string(id.NewRef())}); !fails(err, "outcome") {
			t.Errorf("told of a closed round: %v", err)
		}
	})
}

func fails(err error, name string) bool {
	var wrong field.Errors
	return errors.As(err, &wrong) && wrong[0].Field == name
}
