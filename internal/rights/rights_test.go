package rights_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/rights"
	"waymark/internal/signal"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// room is requests about one young person, and who works on them.
type room struct {
	*rights.Service
	t           *testing.T
	officer, ig access.Actor
	person      id.Ref
}

func onBoth(t *testing.T, test func(t *testing.T, r room)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		req := nccis.MustLoad()
		book, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Sandmere", DatabaseID: "991",
			Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
		if err != nil {
			t.Fatal(err)
		}
		sights := &act.Recorder{DB: d}
		keeper := standing.Keeper{Requirement: req}
		records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
		actor := func(role access.Role) access.Actor {
			return access.Actor{Register: book.ID, Ref: "account:" + string(role), Name: "Robin " + string(role), Roles: []access.Role{role}}
		}
		r := room{Service: &rights.Service{DB: d, Record: records, Sights: sights}, t: t, officer: actor(access.DataOfficer), ig: actor(access.InformationGovernance)}
		r.person, err = records.Add(t.Context(), r.officer, record.NewPerson{Name: youngperson.Name{Given: "Wren", Family: "Ashdown"}, Born: civil.MustParse("2010-03-03"), Gender: "F", Ethnicity: "WBRI",
			Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}},
			record.Told{Kind: act.Telephone, SaidBy: "her aunt"})
		if err != nil {
			t.Fatal(err)
		}
		test(t, r)
	})
}

func (r room) ask(kind rights.Kind) id.Ref {
	r.t.Helper()
	ref, err := r.Receive(r.t.Context(), r.officer, r.person, rights.New{Kind: kind, AskedBy: rights.ByPerson, ReceivedOn: civil.MustParse("2026-11-02"), How: "e-mail", Words: "Please send me everything"}, "")
	if err != nil {
		r.t.Fatal(err)
	}
	return ref
}

func (r room) does(ref id.Ref, s rights.Step) error {
	if s.On.IsZero() {
		s.On = civil.MustParse("2026-11-05")
	}
	return r.Do(r.t.Context(), r.ig, ref, s, "")
}

// complains says that an error is one of the field.
func complains(err error, name string) bool {
	var wrong field.Errors
	return errors.As(err, &wrong) && wrong[0].Field == name
}

func TestARequestFromReceiptToAnswer(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx := t.Context()
		if _, err := r.Receive(ctx, r.officer, r.person, rights.New{Kind: rights.Access, AskedBy: rights.ByParent, ReceivedOn: civil.MustParse("2026-11-02"), Words: "x"}, ""); !complains(err, "asked-name") {
			t.Errorf("a parent without a name: %v", err)
		}
		ref := r.ask(rights.Access)
		if _, err := r.All(ctx, r.officer); !errors.As(err, new(access.Denied)) {
			t.Errorf("a data officer sees requests: %v", err)
		}
		for _, step := range []struct {
			s    rights.Step
			want string
		}{
			{rights.Step{Kind: rights.Answered, Choice: "done as asked", Words: "Sent"}, "step"}, // nobody checked who asks
			{rights.Step{Kind: rights.Identity}, "words"},
			{rights.Step{Kind: rights.Identity, Words: "Known to their adviser"}, ""},
			{rights.Step{Kind: rights.Resumed}, "step"},
			{rights.Step{Kind: rights.Paused, Words: "Which years?"}, ""},
			{rights.Step{Kind: rights.Paused, Words: "Which years?"}, "step"},
			{rights.Step{Kind: rights.Answered, Choice: "done as asked", Words: "Sent"}, "step"}, // the clock stands still
			{rights.Step{Kind: rights.Resumed, On: civil.MustParse("2026-11-04")}, "on"},
			{rights.Step{Kind: rights.Resumed, On: civil.MustParse("2026-11-08")}, ""},
			{rights.Step{Kind: rights.Taken}, ""},
			{rights.Step{Kind: rights.Answered, On: civil.MustParse("2026-11-09"), Choice: "maybe", Words: "Sent"}, "outcome"},
		} {
			err := r.does(ref, step.s)
			if step.want == "" && err != nil || step.want != "" && !complains(err, step.want) {
				t.Errorf("%+v: %v", step.s, err)
			}
		}
		if open, overdue, err := r.Due(ctx, r.ig); err != nil || open != 1 || overdue != 0 {
			t.Errorf("%d open, %d overdue, %v", open, overdue, err)
		}
		if err := r.does(ref, rights.Step{Kind: rights.Answered, On: civil.MustParse("2026-11-09"), Choice: "done as asked", Words: "Sent"}); err != nil {
			t.Fatal(err)
		}
		got, err := r.Get(ctx, r.ig, ref)
		// Three days of standing still: 2 December and three more is a Saturday.
		if err != nil || got.Open() || got.Clock.Due != civil.MustParse("2026-12-07") || got.Last(rights.Taken).WhoName != r.ig.Name || got.Given != "Wren" {
			t.Fatalf("%v %+v", err, got)
		}
		if err := r.does(ref, rights.Step{Kind: rights.Acknowledged}); !complains(err, "step") {
			t.Errorf("a closed request goes on: %v", err)
		}
	})
}

// hold gives the person a carer, a note and a claim.
func (r room) hold() {
	r.t.Helper()
	told := record.Told{Kind: act.Telephone, SaidBy: "the young person"}
	if err := r.Record.SetCarer(r.t.Context(), r.officer, r.person, 0, youngperson.Carer{Name: "Juniper Ashdown", Relationship: "aunt"}, 0, told); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Record.RecordContact(r.t.Context(), r.officer, r.person, record.Spoken{Made: contact.Made{On: civil.MustParse("2026-11-03"), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached,
		Note: "Wants to be a =boat builder. Her friend Linnet Ferrow is unwell"}}}, ""); err != nil {
		r.t.Fatal(err)
	}
	r.inAct(act.DWP, func(tx *db.Tx, a *act.Act, yp id.YoungPerson) error {
		_, err := signal.Signals.New(tx, a, yp, "2026-10-01", signal.Signal{Kind: signal.Claim, Measure: "Universal Credit", Value: "claimed", Restriction: "section 15"})
		return err
	})
}

func (r room) inAct(kind string, fn func(*db.Tx, *act.Act, id.YoungPerson) error) {
	r.t.Helper()
	if err := r.DB.InTx(context.Background(), func(tx *db.Tx) error {
		var yp int64
		if err := tx.QueryRow(`SELECT id FROM young_person WHERE register = $1 AND ref = $2`, int64(r.officer.Register), string(r.person)).Scan(&yp); err != nil {
			return err
		}
		a, err := act.Begin(tx, r.officer, access.ImportFile, 0, act.Request{Evidence: &act.Evidence{Kind: kind}})
		if err != nil {
			return err
		}
		return fn(tx, a, id.YoungPerson(yp))
	}); err != nil {
		r.t.Fatal(err)
	}
}

// files are those in the pack that was fetched.
func (r room) files(ref id.Ref) map[string]string {
	r.t.Helper()
	f, err := r.Fetch(r.t.Context(), r.ig, ref)
	if err != nil {
		r.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Send(&b); err != nil {
		r.t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]string{}
	for _, file := range z.File {
		in, err := file.Open()
		if err != nil {
			r.t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			r.t.Fatal(err)
		}
		out[file.Name] = string(text)
	}
	return out
}

func TestThePackTellsEverythingAndHidesOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx := t.Context()
		r.hold()
		ref := r.ask(rights.Access)
		if err := r.Draft(ctx, r.ig, ref, ""); err != nil {
			t.Fatal(err)
		}
		request, err := r.Get(ctx, r.ig, ref)
		if err != nil {
			t.Fatal(err)
		}
		pack, marked, err := r.Look(ctx, r.ig, request)
		if err != nil || pack == nil || pack.Waiting != len(marked) || len(marked) < 4 {
			t.Fatalf("%v %+v %d", err, pack, len(marked))
		}
		if err := r.Release(ctx, r.ig, ref, ""); !complains(err, "pack") {
			t.Fatalf("released before it was looked at: %v", err)
		}
		if err := r.Decide(ctx, r.ig, ref, []rights.Choice{{Position: marked[0].Position, Decision: rights.Withhold}}, ""); !complains(err, fmt.Sprintf("reason-%d", marked[0].Position)) {
			t.Fatalf("withheld without a reason: %v", err)
		}
		var choices []rights.Choice
		for _, i := range marked {
			c := rights.Choice{Position: i.Position, Decision: rights.Keep}
			if strings.Contains(i.Words, "Juniper") || strings.Contains(i.Words, "Linnet") {
				c.Decision, c.Reason = rights.Withhold, "About somebody else"
			}
			choices = append(choices, c)
		}
		if err := r.Decide(ctx, r.ig, ref, choices, ""); err != nil {
			t.Fatal(err)
		}
		if err := r.Release(ctx, r.ig, ref, ""); !complains(err, "pack") { // nobody wrote down who asks
			t.Fatal(err)
		}
		if err := r.does(ref, rights.Step{Kind: rights.Identity, Words: "Known to their adviser"}); err != nil {
			t.Fatal(err)
		}
		if err := r.Release(ctx, r.ig, ref, ""); err != nil {
			t.Fatal(err)
		}
		files := r.files(ref)
		if len(files) != 3 {
			t.Fatalf("%d files", len(files))
		}
		for name, text := range files {
			for _, want := range []string{"Ashdown", "4 Lantern Row", "Universal Credit", "Telephone"} {
				if want != "Telephone" && !strings.Contains(text, want) {
					t.Errorf("%s does not tell %q", name, want)
				}
			}
			for _, not := range []string{"Juniper", "Linnet", "Robin data officer", r.officer.Name, r.ig.Name} {
				if strings.Contains(text, not) {
					t.Errorf("%s tells %q", name, not)
				}
			}
		}
		for _, want := range []string{"We left out 2 because", "White British (WBRI)", "A member of staff", "What you asked us"} {
			if !strings.Contains(files["what-is-held.html"], want) {
				t.Errorf("the page does not say %q:\n%s", want, files["what-is-held.html"])
			}
		}
		if all, err := r.Disclosures(ctx, r.ig, r.person); err != nil || len(all) != 1 || !strings.Contains(all[0].Ground, "article 15") {
			t.Errorf("what came from Work and Pensions went out unlogged: %v %v", all, err)
		}
		if err := r.Draft(ctx, r.ig, ref, ""); !complains(err, "pack") {
			t.Errorf("a released pack is made again: %v", err)
		}
		if err := r.DB.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE access_item SET title = $1 WHERE register = $2 AND position = 1`, "Another", int64(r.ig.Register))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Fetch(ctx, r.ig, ref); err == nil {
			t.Error("a pack that was changed in the database is given out")
		}
	})
}

func TestWordsInAPackAreSealed(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		r.hold()
		ref := r.ask(rights.Access)
		if err := r.Draft(t.Context(), r.ig, ref, ""); err != nil {
			t.Fatal(err)
		}
		if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
			rows, err := tx.Query(`SELECT words, machine FROM access_item WHERE register = $1`, int64(r.ig.Register))
			if err != nil {
				return err
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				var words, machine string
				if err := rows.Scan(&words, &machine); err != nil {
					return err
				}
				if strings.Contains(words+machine, "Linnet") || strings.Contains(words+machine, "Ashdown") {
					t.Errorf("a pack stands in the database as plain text: %s %s", words, machine)
				}
				n++
			}
			if n == 0 {
				t.Error("the pack is empty")
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAThousandFactsAreGatheredInAMoment(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		r.inAct(act.Email, func(tx *db.Tx, a *act.Act, yp id.YoungPerson) error {
			var facts []fact.Of[youngperson.Reach]
			for n := range 1000 {
				key, err := a.Keys(1)
				if err != nil {
					return err
				}
				facts = append(facts, fact.Of[youngperson.Reach]{Version: fact.Version{YoungPerson: yp, ID: id.Fact(key), Evidence: a.Evidence},
					Is: youngperson.Reach{Kind: youngperson.Email, Value: fmt.Sprintf("wren%d@sandmere.example", n)}})
			}
			return youngperson.Reaches.Add(tx, a, facts)
		})
		ref := r.ask(rights.Access)
		began := time.Now()
		if err := r.Draft(t.Context(), r.ig, ref, ""); err != nil {
			t.Fatal(err)
		}
		t.Logf("a draft of more than 1,000 facts took %v", time.Since(began))
		request, err := r.Get(t.Context(), r.ig, ref)
		if err != nil {
			t.Fatal(err)
		}
		if pack, _, err := r.Look(t.Context(), r.ig, request); err != nil || pack.Items < 1000 {
			t.Fatalf("%v %+v", err, pack)
		}
	})
}

// TestADisclosureStandsInThePack: what was told to the police is told to whoever
// asks what is held, once somebody has looked whether it may be.
func TestADisclosureStandsInThePack(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		told := rights.Disclosure{What: "the address", ToWhom: "Lantern Quay station", Recipient: "police", How: "telephone", Ground: rights.Grounds()[2], DecidedBy: "Ottoline Reed", On: civil.MustParse("2026-11-03")}
		if err := r.Disclose(t.Context(), r.officer, r.person, told, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("a data officer writes one down: %v", err)
		}
		if err := r.Disclose(t.Context(), r.ig, r.person, told, ""); err != nil {
			t.Fatal(err)
		}
		if all, err := r.Disclosures(t.Context(), r.ig, r.person); err != nil || len(all) != 1 || all[0] != told {
			t.Errorf("%+v, %v", all, err)
		}
		told.On = r.Today().AddDays(1)
		if err := r.Disclose(t.Context(), r.ig, r.person, told, ""); !complains(err, "disclosed-on") {
			t.Errorf("one of tomorrow: %v", err)
		}
		ref := r.ask(rights.Access)
		if err := r.Draft(t.Context(), r.ig, ref, ""); err != nil {
			t.Fatal(err)
		}
		request, err := r.Get(t.Context(), r.ig, ref)
		if err != nil {
			t.Fatal(err)
		}
		_, marked, err := r.Look(t.Context(), r.ig, request)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, i := range marked {
			if i.Section == rights.Told && strings.Contains(i.Words, "Lantern Quay station. the address") && strings.Contains(i.Title, "police, telephone") {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d of the pack's items tell it: %+v", found, marked)
		}
	})
}

// TestAProtectedAddressIsDecidedAbout: whoever asks what is held may be the one from
// whom an address is protected, and whoever makes the pack may not see it.
func TestAProtectedAddressIsDecidedAbout(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ref := r.ask(rights.Access)
		addresses := func(by access.Actor) (found []rights.Item) {
			t.Helper()
			request, err := r.Get(t.Context(), by, ref)
			if err != nil {
				t.Fatal(err)
			}
			_, marked, err := r.Look(t.Context(), by, request)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range marked {
				if i.Title == "Address" {
					found = append(found, i)
				}
			}
			return found
		}
		draft := func(by access.Actor) {
			t.Helper()
			if err := r.Draft(t.Context(), by, ref, ""); err != nil {
				t.Fatal(err)
			}
		}
		draft(r.ig)
		if got := addresses(r.ig); len(got) != 1 || !strings.Contains(got[0].Words, "Lantern Row") || strings.Contains(got[0].Review, "protected") {
			t.Fatalf("not protected, somebody decides about %+v", got)
		}
		r.inAct(act.Telephone, func(tx *db.Tx, _ *act.Act, yp id.YoungPerson) error {
			if _, err := tx.Exec(`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 1, 'ref', 'owner', 'Somebody', '', FALSE, 1)`, int64(r.ig.Register)); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 1, 'x', $2, 'protected address', '', 1, '2027-01-01', 0, 1)`, int64(r.ig.Register), int64(yp))
			return err
		})
		if got := addresses(r.ig); len(got) != 1 || strings.Contains(got[0].Words+got[0].Machine, "Lantern") {
			t.Errorf("protected since the pack was made, somebody else is shown %+v", got)
		}
		var wrong field.Errors
		if err := r.Release(t.Context(), r.ig, ref, ""); !errors.As(err, &wrong) || !strings.Contains(wrong[0].Message, "protected since") {
			t.Errorf("a pack made before the address was protected is released: %v", err)
		}
		owner := r.ig
		owner.Account = 1
		draft(owner)
		if got := addresses(owner); len(got) != 1 || !strings.Contains(got[0].Words, "Lantern Row") || !strings.Contains(got[0].Machine, "Lantern Row") {
			t.Errorf("whoever answers for it decides about %+v", got)
		}
		if got := addresses(r.ig); len(got) != 1 || strings.Contains(got[0].Words+got[0].Machine, "Lantern") {
			t.Errorf("somebody else is shown %+v", got)
		}
		draft(r.ig)
		if got := addresses(owner); len(got) != 1 || strings.Contains(got[0].Words+got[0].Machine, "Lantern") {
			t.Errorf("a pack made by somebody else has %+v", got)
		}
	})
}
