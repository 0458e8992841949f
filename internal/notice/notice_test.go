package notice

import (
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
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/sharing"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is a register with a college under an agreement, its student Wren, a pair
// of twins, and somebody of each kind of staff.
type house struct {
	*Service
	t                       *testing.T
	officer, manager, tutor access.Actor
	sharing                 *sharing.Service
	agreement               id.Ref
	wren, linnet            id.Ref
	registered              register.Register
}

func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newHouse(t, d)) })
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	ctx, req := t.Context(), nccis.MustLoad()
	book, err := (&register.Service{DB: d}).Add(ctx, register.Register{Name: "Sandmere", DatabaseID: "991", Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
	if err != nil {
		t.Fatal(err)
	}
	keeper := standing.Keeper{Requirement: req}
	sights := &act.Recorder{DB: d}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
	forms, err := match.NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	actor := func(ref string, role access.Role) access.Actor {
		return access.Actor{Register: book.ID, Ref: "account:" + ref, Name: ref, Roles: []access.Role{role}, Request: "test"}
	}
	h := &house{t: t, registered: book, officer: actor("officer", access.DataOfficer), manager: actor("manager", access.TeamManager),
		sharing: &sharing.Service{DB: d, Records: records},
		Service: &Service{DB: d, Record: records, Sights: sights, Forms: forms, Border: &border.Service{DB: d, Register: book.ID, Key: make([]byte, 32), Sights: sights}}}
	h.wren = h.add("Robert", "Ashdown", "2009-03-03", "1000000019")
	h.linnet = h.add("Linnet", "Fellgate", "2009-05-05", "")
	h.add("Teal", "Fellgate", "2009-05-05", "")
	h.study(h.wren, "Gullhaven College", "10009991")
	h.study(h.linnet, "Gullhaven College", "10009991")
	h.agree()
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) add(given, family, born, uln string) id.Ref {
	h.t.Helper()
	ref, err := h.Record.Add(h.t.Context(), h.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: family}, Born: civil.MustParse(born), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, Identifiers: record.Identifiers{ULN: uln}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}},
		record.Told{Kind: act.Telephone})
	h.must(err)
	return ref
}

func (h *house) study(ref id.Ref, name, ukprn string) {
	h.t.Helper()
	h.must(h.Record.RecordActivity(h.t.Context(), h.officer, ref, record.NewSpell{Activity: "210", Started: civil.MustParse("2026-09-01"), PredictedEnd: civil.MustParse("2027-07-01"),
		EstablishmentName: name, UKPRN: ukprn}, 0, record.Told{Kind: act.EnrolmentList}))
}

// agree makes the agreement with the college, in force on the day of tests
// (10 November 2026), and the tutor's account.
func (h *house) agree() {
	ctx := h.t.Context()
	clerk := access.Actor{Register: h.registered.ID, Ref: "account:clerk", Name: "Clerk", Roles: []access.Role{access.InformationGovernance}}
	terms := sharing.Terms{Organisation: sharing.Organisation{Name: "Gullhaven College", Kind: "college", UKPRN: "10009991"}, Purpose: "Keeping students in education", Document: "DSA 12/2026", Owner: "Head of student services",
		People: sharing.Enrolled, Fields: access.Names | access.Activities, Started: civil.MustParse("2026-09-01"), Ends: civil.MustParse("2027-08-31")}
	var err error
	h.agreement, err = h.sharing.Add(ctx, clerk, terms, "")
	h.must(err)
	tutor, err := account.New(h.DB, h.registered.ID).Create(ctx, access.Actor{Register: h.registered.ID, Ref: "operator:test", Roles: []access.Role{access.Operator}},
		account.NewAccount{SignIn: "tutor@college.example", Name: "Opal Quarrie", Password: "seven purple otters", Roles: []access.Role{access.Partner}})
	h.must(err)
	h.must(h.sharing.Bind(ctx, clerk, h.agreement, "tutor@college.example", ""))
	whole, err := h.sharing.One(ctx, clerk, h.agreement)
	h.must(err)
	h.must(h.sharing.Approve(ctx, clerk, h.agreement, whole.Version, ""))
	h.tutor = tutor.Actor("test")
	h.tutor.Today = civil.MustParse("2026-11-10")
}

// robert is a notice that Robert has left, as the college would write it.
func robert() Said {
	return Said{Kind: Left, Given: "Bob", Family: "ASHDOWN", Born: civil.MustParse("2009-03-03"), LeftOn: civil.MustParse("2026-10-30"), Reasons: []string{"withdrawn"}}
}

func (h *house) receive(by access.Actor, s Said) *Notice {
	h.t.Helper()
	n, err := h.Receive(h.t.Context(), by, Sent{Said: s, Channel: ByPage, Institution: "Gullhaven College", Key: string(id.NewRef())})
	h.must(err)
	return n
}

func (h *house) get(ref id.Ref) *Notice {
	h.t.Helper()
	n, _, err := h.Get(h.t.Context(), h.officer, ref, access.SeeNotices)
	h.must(err)
	return n
}

func (h *house) pressed(ref id.Ref) Pressed { return Pressed{h.get(ref).Version, string(id.NewRef())} }

func (h *house) spells(ref id.Ref) (out []string) {
	h.t.Helper()
	h.must(h.DB.Read(h.t.Context(), func(tx *db.Tx) error {
		p, _, err := youngperson.AnyRef(tx, h.registered.ID, ref)
		if err != nil {
			return err
		}
		l, err := life.One(tx, h.registered.ID, p.ID, 0)
		out = nil
		for i := range l.Spells {
			out = append(out, fmt.Sprint(l.Spells[i].Is.Activity, " ", l.Spells[i].Started, " ", l.Spells[i].Ended))
		}
		slices.Sort(out)
		return err
	}))
	return out
}

func complaint(err error) string {
	var wrong field.Errors
	if !errors.As(err, &wrong) {
		return fmt.Sprint("no complaint: ", err)
	}
	var out []string
	for _, w := range wrong {
		out = append(out, w.Field)
	}
	return strings.Join(out, " ")
}

func TestALeaverIsFoundAndClosed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		n := h.receive(h.tutor, robert())
		if n.State != ToSettle || n.Person == 0 || n.Institution != "Gullhaven College" || n.Due.String() != "2026-11-15" {
			t.Fatalf("%+v", n)
		}
		follows, err := h.Follows(t.Context(), h.officer, n.Ref, "")
		h.must(err)
		if follows.Closes == nil || follows.Opens != "810" {
			t.Errorf("it would do %+v", follows)
		}
		p := h.pressed(n.Ref)
		h.must(h.Settle(t.Context(), h.officer, n.Ref, "", p))
		if got := h.spells(h.wren); !slices.Equal(got, []string{"210 2026-09-01 2026-10-30", "810 2026-10-31 "}) {
			t.Errorf("the record holds %q", got)
		}
		if n = h.get(n.Ref); n.State != Settled || !n.Due.IsZero() {
			t.Errorf("%+v", n)
		}
		var grade, said string
		h.must(h.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT e.grade, e.said_by FROM spell s JOIN evidence e ON e.register = s.register AND e.id = s.evidence WHERE s.register = $1 AND s.activity = '810'`, int64(h.registered.ID)).Scan(&grade, &said)
		}))
		if grade != act.ConfirmedInstitution || said != "Gullhaven College, notice "+n.Stamp {
			t.Errorf("the evidence is %q by %q", grade, said)
		}
		if err := h.Settle(t.Context(), h.officer, n.Ref, "", p); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("settled twice: %v", err)
		}
		if err := h.Settle(t.Context(), h.officer, n.Ref, "", h.pressed(n.Ref)); complaint(err) != "act" {
			t.Errorf("a notice that is over was settled: %v", err)
		}
	})
}

func TestSentTwiceItIsOne(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		sent := Sent{Said: robert(), Channel: BySystem, Key: "one-key"}
		first, err := h.Receive(t.Context(), h.tutor, sent)
		h.must(err)
		again, err := h.Receive(t.Context(), h.tutor, sent)
		if !errors.Is(err, act.ErrRepeated) || again.Ref != first.Ref {
			t.Errorf("with the same key: %v %v", again, err)
		}
		other := sent
		other.LeftOn = civil.MustParse("2026-10-20")
		if _, err := h.Receive(t.Context(), h.tutor, other); !errors.Is(err, ErrOtherNotice) {
			t.Errorf("another notice with the same key: %v", err)
		}
		sent.Key = "another-key"
		sent.Family = "Ashdown "
		if again, err = h.Receive(t.Context(), h.tutor, sent); !errors.Is(err, act.ErrRepeated) || again.Ref != first.Ref || again.ToldAgain != 1 {
			t.Errorf("with another key: %+v %v", again, err)
		}
		if _, total, err := h.List(t.Context(), h.officer, Filter{}, 0, 10); err != nil || total != 1 {
			t.Errorf("%d notices, %v", total, err)
		}
	})
}

func TestNobodyIsGuessed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for name, c := range map[string]struct {
			change func(*Said)
			found  bool
		}{
			"a short form, the birth date and the place":  {func(s *Said) {}, true},
			"its number, with the given name spelt oddly": {func(s *Said) { s.Given, s.ULN = "Rbert", "1000000019" }, true},
			"another number":                   {func(s *Said) { s.ULN = "1000000027" }, false},
			"a number with another birth date": {func(s *Said) { s.ULN, s.Born = "1000000019", civil.MustParse("2009-03-04") }, false},
			"another family name":              {func(s *Said) { s.Family = "Ashdowne" }, false},
			"a twin who was never there":       {func(s *Said) { s.Given, s.Family, s.Born = "Teal", "Fellgate", civil.MustParse("2009-05-05") }, false},
			"a twin who was there":             {func(s *Said) { s.Given, s.Family, s.Born = "Linnet", "Fellgate", civil.MustParse("2009-05-05") }, true},
			"a twin by the postcode": {func(s *Said) {
				s.Given, s.Family, s.Born, s.Postcode = "Teal", "Fellgate", civil.MustParse("2009-05-05"), "zz11aa"
			}, true},
			"nobody": {func(s *Said) { s.Given, s.Family = "Nobody", "Atall" }, false},
		} {
			s := robert()
			c.change(&s)
			if n := h.receive(h.tutor, s); (n.Person != 0) != c.found || (n.State == ToSettle) != c.found {
				t.Errorf("%s: found %d, %s", name, n.Person, n.State)
			}
		}
		h.add("Robert", "Ashdown", "2009-03-03", "")
		s := robert()
		s.LeftOn = civil.MustParse("2026-10-01")
		n := h.receive(h.tutor, s)
		if n.Person != 0 {
			t.Error("one of two of the same name and birth date was taken")
		}
		h.must(h.Meet(t.Context(), h.officer, n.Ref, h.wren, h.pressed(n.Ref)))
		if n = h.get(n.Ref); n.State != ToSettle || n.Person == 0 {
			t.Errorf("after somebody said who: %+v", n)
		}
		h.must(h.Apart(t.Context(), h.officer, n.Ref, h.pressed(n.Ref)))
		if n = h.get(n.Ref); n.State != ToFind || n.Person != 0 {
			t.Errorf("taken apart: %+v", n)
		}
	})
}

func TestARestrictedRecordIsToldByNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		n := h.receive(h.tutor, robert())
		h.must(h.DB.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 9, $2, $3, 'hidden', 'x', $4, '2027-01-01', 0, 1)`,
				int64(h.registered.ID), string(id.NewRef()), int64(n.Person), int64(h.tutor.Account))
			return err
		}))
		if _, total, err := h.List(t.Context(), h.officer, Filter{}, 0, 10); err != nil || total != 0 {
			t.Errorf("%d notices about a hidden child, %v", total, err)
		}
		if c, err := h.Count(t.Context(), h.officer, false); err != nil || c.Open != 0 {
			t.Errorf("counts %+v, %v", c, err)
		}
		if _, _, err := h.Get(t.Context(), h.officer, n.Ref, access.SeeNotices); !errors.Is(err, db.NotFound) {
			t.Errorf("its page: %v", err)
		}
		s := robert()
		s.LeftOn = civil.MustParse("2026-10-01")
		if n := h.receive(h.tutor, s); n.Person != 0 || n.State != ToFind {
			t.Errorf("a notice about a hidden child is %s of %d", n.State, n.Person)
		}
	})
}

// TestNobodyIsMetByAProtectedPostcode: whoever reads a notice would learn that the
// postcode in it is the right one.
func TestNobodyIsMetByAProtectedPostcode(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("Tansy", "Ormbridge", "2009-05-05", "")
		said := Said{Kind: Left, Given: "Tansy", Family: "Ormbridge", Born: civil.MustParse("2009-05-05"), Postcode: "ZZ1 1AA", LeftOn: civil.MustParse("2026-10-30"), Reasons: []string{"withdrawn"}}
		n := h.receive(h.tutor, said)
		if n.Person == 0 {
			t.Fatalf("not protected, nobody is met: %+v", n)
		}
		h.must(h.DB.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 9, $2, $3, 'protected address', 'x', $4, '2027-01-01', 0, 1)`,
				int64(h.registered.ID), string(id.NewRef()), int64(n.Person), int64(h.tutor.Account))
			return err
		}))
		before, _, err := h.Get(t.Context(), h.officer, n.Ref, access.SeeNotices)
		if h.must(err); before.MetBy == "" || strings.Contains(before.MetBy, "postcode") {
			t.Errorf("a notice of before says how it was met: %q", before.MetBy)
		}
		said.LeftOn = civil.MustParse("2026-10-29")
		if n := h.receive(h.tutor, said); n.Person != 0 || n.State != ToFind {
			t.Errorf("a notice that knows a protected postcode is %s of %d", n.State, n.Person)
		}
	})
}

func TestRiskAndStaying(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		sent := Sent{Said: Said{Kind: Risk, Reasons: []string{"attendance"}, WhoActs: "Head of Year 12", ActBy: civil.MustParse("2026-11-20")}, Channel: ByPage, Person: h.wren, Key: "a"}
		n, err := h.Receive(ctx, h.tutor, sent)
		h.must(err)
		if n.State != ToSettle || n.Given != "Robert" || n.Due.String() != "2026-11-20" {
			t.Errorf("%+v", n)
		}
		h.must(h.Plan(ctx, h.officer, n.Ref, "Niamh, his adviser", civil.MustParse("2026-11-12"), h.pressed(n.Ref)))
		if err := h.Settle(ctx, h.officer, n.Ref, "", h.pressed(n.Ref)); complaint(err) != "outcome" {
			t.Errorf("a risk was settled: %v", err)
		}
		h.must(h.Close(ctx, h.officer, n.Ref, "They stay, with support", h.pressed(n.Ref)))
		sent.Kind, sent.Reasons, sent.Key = Staying, nil, "b"
		n, err = h.Receive(ctx, h.tutor, sent)
		h.must(err)
		h.must(h.Settle(ctx, h.officer, n.Ref, "", h.pressed(n.Ref)))
		if got := h.spells(h.wren); !slices.Equal(got, []string{"210 2026-09-01 "}) {
			t.Errorf("the record holds %q", got)
		}
		sent.Person, sent.Key = h.add("Idris", "Holtby", "2009-07-07", ""), "c"
		if _, err := h.Receive(ctx, h.tutor, sent); !errors.Is(err, db.NotFound) {
			t.Errorf("a partner answered about somebody who is not theirs: %v", err)
		}
	})
}

func TestASenderIsToldOnlyWhatItSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		known := h.receive(h.tutor, robert())
		s := robert()
		s.Given = "Nobody"
		unknown := h.receive(h.tutor, s)
		a, err := h.Receipt(t.Context(), h.tutor, known.Stamp)
		h.must(err)
		b, err := h.Receipt(t.Context(), h.tutor, unknown.Stamp)
		h.must(err)
		b.Stamp, b.Given = a.Stamp, a.Given
		if a != b {
			t.Errorf("known and unknown are told apart: %+v, %+v", a, b)
		}
		staff, err := h.Receive(t.Context(), h.officer, Sent{Said: Said{Kind: Left, Given: "Zofia", Family: "Groyne", Born: s.Born, LeftOn: s.LeftOn}, Institution: "Another School", Channel: "e-mail", Key: "z"})
		h.must(err)
		if _, err := h.Receipt(t.Context(), h.tutor, staff.Stamp); !errors.Is(err, db.NotFound) {
			t.Errorf("a notice of another institution: %v", err)
		}
		h.tutor.Today = civil.MustParse("2027-09-01")
		s.LeftOn = civil.MustParse("2026-10-02")
		if _, err := h.later(300).Receive(t.Context(), h.tutor, Sent{Said: s, Channel: ByPage, Key: "y"}); !errors.As(err, new(sharing.NotInForce)) {
			t.Errorf("the agreement has lapsed: %v", err)
		}
	})
}

func TestEveryComplaintNamesItsField(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for want, change := range map[string]func(*Said){
			"given-name":      func(s *Said) { s.Given = " " },
			"family-name":     func(s *Said) { s.Family = strings.Repeat("a", 101) },
			"date-of-birth":   func(s *Said) { s.Born = civil.MustParse("1980-01-01") },
			"left-on":         func(s *Said) { s.LeftOn = civil.MustParse("2019-01-01") },
			"uln":             func(s *Said) { s.ULN = "12" },
			"upn":             func(s *Said) { s.UPN = "A1" },
			"reasons":         func(s *Said) { s.Reasons = []string{"<script>"} },
			"destination":     func(s *Said) { s.Destination = "999" },
			"home-authority":  func(s *Said) { s.HomeLA = "Kent" },
			"their-reference": func(s *Said) { s.TheirRef = "a\x00b" },
			"kind":            func(s *Said) { s.Kind = "gone" },
			"who-acts act-by": func(s *Said) { s.Kind, s.Reasons = Risk, []string{"money"} },
		} {
			s := robert()
			change(&s)
			_, err := h.Receive(t.Context(), h.tutor, Sent{Said: s, Channel: ByPage, Key: string(id.NewRef())})
			if complaint(err) != want {
				t.Errorf("want %s: %v", want, err)
			}
		}
	})
}

func TestAFileOfLeavers(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		text := "Given name,Family name,Date of birth,Leaving date,Reason for leaving,ULN\nRobert,Ashdown,03/03/2009,30/10/2026,Withdrew,\nNobody,Atall,01/04/2009,29/10/2026,,\nIdris,,02/04/2009,29/10/2026,,\nStill,There,02/05/2009,,,\n"
		f := File{From: strings.NewReader(text), Size: int64(len(text)), Key: string(id.NewRef())}
		took, err := h.ReceiveFile(t.Context(), h.tutor, f)
		if err != nil || took.New != 2 || took.Skipped != 1 || len(took.Faulty) != 1 || took.Faulty[0].Row != 4 {
			t.Fatalf("%+v %v", took, err)
		}
		took, err = h.ReceiveFile(t.Context(), h.tutor, f)
		if err != nil || took.New != 0 || took.Again != 2 {
			t.Errorf("again: %+v %v", took, err)
		}
		for _, bad := range []string{"", "not a list", "Name,Town\nA,B\n", "\x00\x01\x02"} {
			if _, err := h.ReceiveFile(t.Context(), h.tutor, File{From: strings.NewReader(bad), Size: int64(len(bad))}); complaint(err) != "file" {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

// TestBrokenOffNothingIsHalfDone ends a settling before each of its looks at the
// clock, and then at each statement: the notice and the record go together.
func TestBrokenOffNothingIsHalfDone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		n := h.receive(h.tutor, robert())
		before, p := h.spells(h.wren), h.pressed(n.Ref)
		breaks := 0
		for wait := time.Duration(0); ; wait += 200 * time.Microsecond {
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			err := h.Settle(ctx, h.officer, n.Ref, "", p)
			cancel()
			done := h.get(n.Ref).State == Settled
			if closed := !slices.Equal(h.spells(h.wren), before); closed != done {
				t.Fatalf("half done after %s: settled %v, closed %v", wait, done, closed)
			}
			if done {
				break
			}
			if err == nil {
				t.Fatal("it says that it is done, and is not")
			}
			breaks++
		}
		if breaks == 0 {
			t.Error("it was never broken off")
		}
	})
}

func TestLimitsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		if err := h.SetLimits(t.Context(), h.manager, Limits{Find: 0, Settle: 91, SendOn: 1, Chase: 1, Act: 1}, "k"); complaint(err) != "find settle" {
			t.Errorf("%v", err)
		}
		h.must(h.SetLimits(t.Context(), h.manager, Limits{Find: 1, Settle: 9, SendOn: 1, Chase: 1, Act: 1}, "l"))
		if n := h.receive(h.tutor, robert()); n.Due.String() != "2026-11-19" {
			t.Errorf("due %s", n.Due)
		}
		if err := h.SetLimits(t.Context(), h.tutor, FirstLimits(), "m"); !errors.As(err, new(access.Denied)) {
			t.Errorf("a partner sets the limits: %v", err)
		}
	})
}

func TestUnanswered(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		rows, total, err := h.Unanswered(t.Context(), h.tutor, 10)
		if err != nil || total != 0 || len(rows) != 0 {
			t.Fatalf("%d today, %v, %v", total, rows, err)
		}
		s := h.later(250)
		h.tutor.Today = s.Today()
		rows, total, err = s.Unanswered(t.Context(), h.tutor, 10)
		if err != nil || total != 2 || rows[0].Given == "" || !rows[0].Born.IsZero() {
			t.Fatalf("%d later, %+v %v", total, rows, err)
		}
		_, err = s.Receive(t.Context(), h.tutor, Sent{Said: Said{Kind: Staying}, Person: h.wren, Channel: ByPage, Key: "s"})
		h.must(err)
		if _, total, _ = s.Unanswered(t.Context(), h.tutor, 10); total != 1 {
			t.Errorf("%d after an answer", total)
		}
	})
}
