package sharing

import (
	"context"
	"errors"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is a register with a college's student, another young person, somebody
// from information governance, and an account at the college.
type house struct {
	*Service
	t              *testing.T
	officer, clerk access.Actor
	accounts       *account.Service
	student, other id.Ref
	tutor          account.Account
	registered     id.Register
}

func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newHouse(t, d)) })
}

func newHouse(t *testing.T, d *db.DB) *house {
	ctx, req := t.Context(), nccis.MustLoad()
	book, err := (&register.Service{DB: d}).Add(ctx, register.Register{Name: "Sandmere", DatabaseID: "991",
		Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
	if err != nil {
		t.Fatal(err)
	}
	keeper := standing.Keeper{Requirement: req}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, keeper)}
	h := &house{Service: &Service{DB: d, Records: records}, t: t, accounts: account.New(d, book.ID), registered: book.ID,
		officer: access.Actor{Register: book.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}},
		clerk:   access.Actor{Register: book.ID, Ref: "account:clerk", Name: "Clerk", Roles: []access.Role{access.InformationGovernance}}}
	h.student, h.other = h.add("Wren", "2009-03-03"), h.add("Linnet", "2009-05-05")
	told := record.Told{Kind: act.EnrolmentList}
	h.must(records.RecordActivity(ctx, h.officer, h.student, record.NewSpell{Activity: "210", Started: civil.MustParse("2026-09-01"),
		PredictedEnd: civil.MustParse("2027-07-01"), EstablishmentName: "Gullhaven College", UKPRN: "10009991"}, 0, told))
	h.tutor, err = h.accounts.Create(ctx, access.Actor{Register: book.ID, Ref: "operator:test", Roles: []access.Role{access.Operator}},
		account.NewAccount{SignIn: "tutor@college.example", Name: "Opal Quarrie", Password: "seven purple otters", Roles: []access.Role{access.Partner}})
	h.must(err)
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) add(given, born string) id.Ref {
	h.t.Helper()
	ref, err := h.Records.Add(h.t.Context(), h.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Ashdown"}, Born: civil.MustParse(born), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}},
		record.Told{Kind: act.Telephone})
	h.must(err)
	return ref
}

// terms is an agreement with the college that is in force on the day of tests
// (10 November 2026) once it is approved.
func terms() Terms {
	return Terms{Organisation: Organisation{Name: "Gullhaven College", Kind: "college", UKPRN: "10009991"}, Purpose: "Keeping students in education",
		Document: "DSA 12/2026", Owner: "Head of student services", People: Enrolled, Fields: access.Names | access.Birth | access.Activities,
		Started: civil.MustParse("2026-09-01"), Ends: civil.MustParse("2027-08-31")}
}

// seen are the young people whom the tutor sees, as Look, and by name.
func (h *house) seen(day string) string {
	h.t.Helper()
	a, err := h.accounts.ByRef(h.t.Context(), h.tutor.Ref)
	h.must(err)
	by := a.Actor("r")
	by.Today = civil.MustParse(day)
	var out []string
	h.must(h.DB.Read(h.t.Context(), func(tx *db.Tx) error {
		sieve, err := access.Look(tx, by, access.SeePerson)
		if err != nil {
			return err
		}
		for _, one := range []struct {
			name string
			ref  id.Ref
		}{{"Wren", h.student}, {"Linnet", h.other}} {
			p, _, err := youngperson.AnyRef(tx, h.registered, one.ref)
			if err != nil {
				return err
			}
			if sieve.Lets(p.ID) {
				out = append(out, one.name)
			}
		}
		return nil
	}))
	return strings.Join(out, " ")
}

func (h *house) one(ref id.Ref) Whole {
	h.t.Helper()
	w, err := h.One(h.t.Context(), h.clerk, ref)
	h.must(err)
	return w
}

func (h *house) wantSeen(when, day, want string) {
	h.t.Helper()
	if got := h.seen(day); got != want {
		h.t.Errorf("%s, on %s, the tutor sees %q, want %q", when, day, got, want)
	}
}

const today = "2026-11-10"

func TestAnAgreementOpensAndShuts(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ref, err := h.Add(ctx, h.clerk, terms(), string(id.NewRef()))
		h.must(err)
		h.must(h.Bind(ctx, h.clerk, ref, "Tutor@College.example ", ""))
		h.wantSeen("before it is approved", today, "")
		h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
		h.wantSeen("approved", today, "Wren")
		h.wantSeen("approved", "2026-08-31", "")
		h.wantSeen("approved", "2027-08-31", "Wren")
		h.wantSeen("the day after the last", "2027-09-01", "")

		// A change of the owner suspends it, and so does one of the name by way of
		// another agreement with the same organisation.
		changed := h.one(ref).Terms
		changed.Owner = "Head of admissions"
		h.must(h.Change(ctx, h.clerk, ref, changed, h.one(ref).Version, ""))
		if got := h.one(ref); got.On(civil.MustParse(today)) != Suspended || got.Why != "the owner changed" {
			t.Errorf("after its owner changed it is %s because %q", got.On(civil.MustParse(today)), got.Why)
		}
		h.wantSeen("with another owner", today, "")
		h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
		h.wantSeen("approved again", today, "Wren")

		next := terms()
		next.Started, next.Ends, next.People = civil.MustParse("2027-09-01"), civil.MustParse("2028-08-31"), Named
		second, err := h.Add(ctx, h.clerk, next, "")
		h.must(err)
		renamed := h.one(second).Terms
		renamed.Organisation.Name = "Gullhaven Checks Ltd"
		h.must(h.Change(ctx, h.clerk, second, renamed, h.one(second).Version, ""))
		h.wantSeen("under another name", today, "")
		if got := h.one(second); got.Suspended {
			t.Error("an agreement that was never approved is suspended: it waits")
		}
		h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
		h.wantSeen("approved under the other name", today, "Wren")

		h.must(h.End(ctx, h.clerk, ref, "the college closed", h.one(ref).Version, ""))
		h.wantSeen("ended", today, "")
		if err := h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""); !errors.As(err, new(db.Conflict)) {
			t.Errorf("approving what was ended answers %v, want a conflict", err)
		}
	})
}

func TestNamedPeople(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, named := t.Context(), terms()
		named.People = Named
		ref, err := h.Add(ctx, h.clerk, named, "")
		h.must(err)
		h.must(h.Bind(ctx, h.clerk, ref, h.tutor.SignIn, ""))
		h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
		h.wantSeen("nobody named", today, "")
		s, err := h.Records.Summary(ctx, h.officer, h.other)
		h.must(err)
		h.must(h.NamePerson(ctx, h.clerk, ref, s.Life.Person.YoungPersonsID, ""))
		h.must(h.NamePerson(ctx, h.clerk, ref, s.Life.Person.YoungPersonsID, "")) // twice is once
		h.wantSeen("Linnet named", today, "Linnet")
		if got := h.one(ref).Named; len(got) != 1 || got[0].Given != "Linnet" {
			t.Errorf("the agreement names %+v", got)
		}
		complains(t, h.NamePerson(ctx, h.clerk, ref, "9990000000000", ""), "number")
		h.must(h.UnnamePerson(ctx, h.clerk, ref, h.other, ""))
		h.wantSeen("taken out", today, "")
	})
}

func TestWhoAsksForAnOrganisation(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ref, err := h.Add(ctx, h.clerk, terms(), "")
		h.must(err)
		operator := access.Actor{Register: h.registered, Ref: "operator:test", Roles: []access.Role{access.Operator}}
		_, err = h.accounts.Create(ctx, operator, account.NewAccount{SignIn: "niamh@sandmere.example", Name: "Niamh Castellan", Password: "seven purple otters", Roles: []access.Role{access.Adviser}})
		h.must(err)
		complains(t, h.Bind(ctx, h.clerk, ref, "niamh@sandmere.example", ""), "sign-in")
		complains(t, h.Bind(ctx, h.clerk, ref, "nobody@sandmere.example", ""), "sign-in")
		h.must(h.Bind(ctx, h.clerk, ref, h.tutor.SignIn, ""))
		elsewhere := terms()
		elsewhere.Organisation = Organisation{Name: "Marram Sixth Form", Kind: "school", URN: "999111"}
		other, err := h.Add(ctx, h.clerk, elsewhere, "")
		h.must(err)
		complains(t, h.Bind(ctx, h.clerk, other, h.tutor.SignIn, ""), "sign-in")
		h.must(h.Approve(ctx, h.clerk, ref, h.one(ref).Version, ""))
		h.wantSeen("bound", today, "Wren")
		h.must(h.Unbind(ctx, h.clerk, ref, h.tutor.Ref, ""))
		h.wantSeen("taken away", today, "")
		h.must(h.Bind(ctx, h.clerk, ref, h.tutor.SignIn, ""))
		h.wantSeen("bound again", today, "Wren")
		h.must(h.accounts.Disable(ctx, operator, h.tutor.Ref, "left"))
		h.wantSeen("closed", today, "")
	})
}

func TestAgreementsSayWhatIsMissing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for name, spoil := range map[string]func(*Terms){
			"organisation": func(t *Terms) { t.Organisation.Name = " " },
			"kind":         func(t *Terms) { t.Organisation.Kind = "shop" },
			"ukprn":        func(t *Terms) { t.Organisation.UKPRN = "" },
			"urn":          func(t *Terms) { t.Organisation.URN = "12" },
			"purpose":      func(t *Terms) { t.Purpose = "" },
			"document":     func(t *Terms) { t.Document = "" },
			"owner":        func(t *Terms) { t.Owner = "" },
			"people":       func(t *Terms) { t.People = "all" },
			"fields":       func(t *Terms) { t.Fields |= access.Notes },
			"started-day":  func(t *Terms) { t.Started = civil.Date{} },
			"ends-day":     func(t *Terms) { t.Ends = t.Started.AddYears(6) },
		} {
			bad := terms()
			spoil(&bad)
			_, err := h.Add(ctx, h.clerk, bad, "")
			complains(t, err, name)
		}
		ref, err := h.Add(ctx, h.clerk, terms(), "key-once")
		h.must(err)
		if _, err := h.Add(ctx, h.clerk, terms(), "key-once"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("sent twice: %v", err)
		}
		if err := h.Approve(ctx, h.clerk, ref, h.one(ref).Version-1, ""); !errors.As(err, new(db.Conflict)) {
			t.Errorf("approving a version that is not the one that stands: %v", err)
		}
		complains(t, h.End(ctx, h.clerk, ref, " ", h.one(ref).Version, ""), "reason")
		for _, role := range access.Roles() {
			by := access.Actor{Register: h.registered, Ref: "account:x", Roles: []access.Role{role}}
			_, err := h.List(ctx, by)
			_, add := h.Add(ctx, by, terms(), "")
			if may := role == access.InformationGovernance; may != (err == nil) || may != !errors.As(add, new(access.Denied)) {
				t.Errorf("%s: listing says %v, adding %v", role, err, add)
			}
		}
	})
}

func TestAFeedStopsWithItsAgreement(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ref, err := h.Add(ctx, h.clerk, terms(), "")
		h.must(err)
		sender := id.NewRef()
		h.must(h.DB.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO sender (register, id, ref, name, kind, agreement, agreement_ends, tolerance, sends_full, place) VALUES ($1, 900, $2, 'Gullhaven registry', '', '', '', 14, FALSE, TRUE)`, int64(h.registered), string(sender))
			return err
		}))
		if err := refusal(ctx, h, today); err != "" {
			t.Errorf("a sender that is bound to nobody is refused: %s", err)
		}
		h.must(h.BindSender(ctx, h.clerk, ref, sender, ""))
		complains(t, h.BindSender(ctx, h.clerk, ref, sender, ""), "sender")
		complains(t, h.BindSender(ctx, h.clerk, ref, id.NewRef(), ""), "sender")
		for _, step := range []struct {
			day, want string
			first     func() error
		}{
			{today, "waits to be approved", nil},
			{today, "", func() error { return h.Approve(ctx, h.clerk, ref, h.one(ref).Version, "") }},
			{"2026-08-31", "begins on 1 September 2026", nil},
			{"2027-08-31", "", nil},
			{"2027-09-01", "lapsed on 31 August 2027", nil},
			{today, "the owner changed", func() error {
				other := h.one(ref).Terms
				other.Owner = "Somebody else"
				return h.Change(ctx, h.clerk, ref, other, h.one(ref).Version, "")
			}},
			{today, "was ended", func() error { return h.End(ctx, h.clerk, ref, "closed", h.one(ref).Version, "") }},
			{today, "", func() error { return h.UnbindSender(ctx, h.clerk, ref, sender, "") }},
		} {
			if step.first != nil {
				h.must(step.first())
			}
			if got := refusal(ctx, h, step.day); step.want == "" && got != "" || !strings.Contains(got, step.want) {
				t.Errorf("on %s a file is answered %q, want %q", step.day, got, step.want)
			}
		}
	})
}

func refusal(ctx context.Context, h *house, day string) (words string) {
	h.t.Helper()
	h.must(h.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		words, err = MayReceive(tx, h.registered, 900, civil.MustParse(day))
		return err
	}))
	return words
}

// complains says that the error complains about the field.
func complains(t *testing.T, err error, name string) {
	t.Helper()
	var wrong field.Errors
	if !errors.As(err, &wrong) || wrong[0].Field != name {
		t.Errorf("the answer is %v, want a complaint about %s", err, name)
	}
}
