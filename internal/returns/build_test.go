package returns

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is a register of two invented authorities on a fresh database.
type house struct {
	*testing.T
	s    *Service
	reg  register.Register
	next int
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	req := nccis.MustLoad()
	reg, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Northmere and Aldersea", DatabaseID: "123",
		SupplierName: nccis.DemoSupplier, Authorities: []register.Authority{{Code: "991", Name: "Northmere", Invented: true}, {Code: "992", Name: "Aldersea", Invented: true}}})
	if err != nil {
		t.Fatal(err)
	}
	return &house{T: t, reg: reg, s: &Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}, Version: "1.0"}}
}

// who is an actor with one role.
func (h *house) who(name string, role access.Role) access.Actor {
	return access.Actor{Register: h.reg.ID, Ref: "account:" + name, Account: 1, Name: name, Roles: []access.Role{role}}
}

func (h *house) officer() access.Actor { return h.who("Wilfred Oakapple", access.DataOfficer) }

// clean is a record that no check complains of, for October 2026.
func (h *house) clean() nccis.Record {
	h.next++
	var r nccis.Record
	for f, v := range map[nccis.Field]string{
		nccis.YoungPersonsID: fmt.Sprintf("123%010d", h.next), nccis.CohortStatus: "P",
		nccis.GivenName: "Rowan" + strings.Repeat("a", h.next%7), nccis.FamilyName: "Thistledown" + string(rune('a'+h.next%26)),
		nccis.AddressLine1: fmt.Sprintf("%d Sample Street", h.next), nccis.Postcode: "L1 1AA", nccis.Gender: "F",
		nccis.DOB: civil.MustParse("2009-03-14").AddDays(h.next % 100).String(), nccis.Ethnicity: "WBRI",
		nccis.LeadLEA: "991", nccis.EducatedLEA: "991", nccis.LevelOfNeedCode: "3", nccis.SENDFlag: "N", nccis.SENSupportFlag: "N",
		nccis.ActivityCode: "210", nccis.StartDate: "2026-09-03", nccis.DateAscertained: "2026-09-10", nccis.DateVerified: "2026-10-05",
		nccis.PredictedEndDate: "2028-07-31", nccis.CurrencyLapsed: "N", nccis.DueToLapseDate: "2027-08-31",
	} {
		r.Values[f] = v
	}
	return r
}

func (h *house) act(by access.Actor, action access.Action, e *act.Evidence, fn func(tx *db.Tx, a *act.Act) error) id.Act {
	h.Helper()
	var number id.Act
	if err := h.s.DB.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, action, 0, act.Request{Evidence: e})
		if err != nil {
			return err
		}
		number = a.Number
		return fn(tx, a)
	}); err != nil {
		h.Fatal(err)
	}
	return number
}

// load puts records into the register as a supplier's file for a month would.
func (h *house) load(stated civil.Date, records ...nccis.Record) []id.YoungPerson {
	h.Helper()
	var keys []id.YoungPerson
	h.act(h.officer(), access.ImportFile, &act.Evidence{Kind: act.MigratedFile}, func(tx *db.Tx, a *act.Act) error {
		keys = keys[:0]
		first, err := a.Keys(len(records))
		if err != nil {
			return err
		}
		for i := range records {
			key := id.YoungPerson(first + int64(i))
			keys = append(keys, key)
			if err := store(tx, a, key, &records[i], stated.String()); err != nil {
				return err
			}
		}
		return h.s.Standing.Rewrite(tx, a, keys...)
	})
	return keys
}

func store(tx *db.Tx, a *act.Act, key id.YoungPerson, r *nccis.Record, stated string) error {
	v := &r.Values
	if _, err := tx.Exec("INSERT INTO young_person (register, id, ref, young_persons_id, known_from) VALUES ($1, $2, $3, $4, $5)",
		int64(a.Register), int64(key), string(id.NewRef()), v[nccis.YoungPersonsID], int64(a.Number)); err != nil {
		return err
	}
	var errs []error
	add(tx, a, key, &errs, youngperson.Names, "", youngperson.Name{Kind: youngperson.Legal, Given: v[nccis.GivenName], Middle: v[nccis.MiddleName], Family: v[nccis.FamilyName]})
	add(tx, a, key, &errs, youngperson.ParticularsTable, "", youngperson.Particulars{DOB: v[nccis.DOB], Gender: v[nccis.Gender], Ethnicity: v[nccis.Ethnicity]})
	add(tx, a, key, &errs, youngperson.Addresses, "", youngperson.Address{Line1: v[nccis.AddressLine1], Town: v[nccis.Town], Postcode: v[nccis.Postcode]})
	if v[nccis.UniqueLearnerNo] != "" {
		add(tx, a, key, &errs, youngperson.Identifiers, "", youngperson.Identifier{Scheme: youngperson.ULN, Value: v[nccis.UniqueLearnerNo]})
	}
	if v[nccis.UniquePupilNumber] != "" {
		add(tx, a, key, &errs, youngperson.Identifiers, "", youngperson.Identifier{Scheme: youngperson.UPN, Value: v[nccis.UniquePupilNumber]})
	}
	add(tx, a, key, &errs, cohort.Statuses, "", cohort.Status{Status: v[nccis.CohortStatus], StatedOn: stated, LeadLA: v[nccis.LeadLEA], EducatedLA: v[nccis.EducatedLEA],
		LAAtYear11: v[nccis.LEACodeAtYear11], TransferredTo: v[nccis.TransferredToLACode], GuaranteeIndicator: v[nccis.GuaranteeStatusIndicator]})
	add(tx, a, key, &errs, need.Needs, "", need.Need{Level: v[nccis.LevelOfNeedCode], SEND: v[nccis.SENDFlag], SENSupport: v[nccis.SENSupportFlag]})
	for _, c := range r.Characteristics {
		add(tx, a, key, &errs, need.Characteristics, "", need.Characteristic{Code: c})
	}
	if !r.NoActivities {
		spell := add(tx, a, key, &errs, activity.Spells, v[nccis.StartDate], activity.Spell{Activity: v[nccis.ActivityCode], Ascertained: v[nccis.DateAscertained],
			Review: v[nccis.ReviewDate], PredictedEnd: v[nccis.PredictedEndDate], NEETStart: v[nccis.NEETStartDate]})
		if v[nccis.DateVerified] != "" {
			add(tx, a, key, &errs, activity.Verifications, "", activity.Verification{Spell: spell.ID, Verified: v[nccis.DateVerified]})
		}
	}
	season := life.Season(civil.MustParse(stated))
	if v[nccis.Year11GuaranteeStatus]+v[nccis.Year11LEACode] != "" {
		add(tx, a, key, &errs, guarantee.Guarantees, "", guarantee.Guarantee{Node: guarantee.Year11, Season: season, Status: v[nccis.Year11GuaranteeStatus], LACode: v[nccis.Year11LEACode]})
	}
	if v[nccis.Year12GuaranteeStatus]+v[nccis.Year12LEACode] != "" {
		add(tx, a, key, &errs, guarantee.Guarantees, "", guarantee.Guarantee{Node: guarantee.Year12, Season: season, Status: v[nccis.Year12GuaranteeStatus], LACode: v[nccis.Year12LEACode]})
	}
	return errors.Join(errs...)
}

func add[T any](tx *db.Tx, a *act.Act, key id.YoungPerson, errs *[]error, t fact.Table[T], started string, is T) fact.Of[T] {
	f, err := t.New(tx, a, key, started, is)
	if err != nil {
		*errs = append(*errs, err)
	}
	return f
}

func (h *house) build(period string, o Options) *Draft {
	h.Helper()
	m, err := civil.ParseMonth(period)
	if err != nil {
		h.Fatal(err)
	}
	d, err := h.s.Build(context.Background(), h.officer(), m, o)
	if err != nil {
		h.Fatal(err)
	}
	return d
}

func xml(t *testing.T, d *Draft) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteXML(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func october() civil.Date { return civil.MustParse("2026-10-31") }

func ids(d *Draft) []string {
	var out []string
	for _, p := range d.People {
		out = append(out, p.Record.Values[nccis.YoungPersonsID])
	}
	return out
}

// with is a record with some items changed.
func with(r nccis.Record, changes map[nccis.Field]string) nccis.Record {
	for f, v := range changes {
		r.Values[f] = v
	}
	return r
}

func TestAFileComesOutAsItWentIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		records := []nccis.Record{
			h.clean(),
			with(h.clean(), map[nccis.Field]string{nccis.Postcode: "l11aa", nccis.Gender: "", nccis.DOB: "2009-02-31"}),
			with(h.clean(), map[nccis.Field]string{nccis.LeadLEA: "341"}),
			with(h.clean(), map[nccis.Field]string{nccis.LeadLEA: ""}),
			with(h.clean(), map[nccis.Field]string{nccis.CohortStatus: "T", nccis.TransferredToLACode: "341"}),
			with(h.clean(), map[nccis.Field]string{nccis.CohortStatus: "Q"}),
			with(h.clean(), map[nccis.Field]string{nccis.CohortStatus: ""}),
			with(h.clean(), map[nccis.Field]string{nccis.Year12GuaranteeStatus: "110", nccis.Year12LEACode: "991", nccis.Year11LEACode: "992"}),
			with(h.clean(), map[nccis.Field]string{nccis.UniqueLearnerNo: "1234567890", nccis.UniquePupilNumber: "X", nccis.GuaranteeStatusIndicator: "Y"}),
		}
		neet := with(h.clean(), map[nccis.Field]string{nccis.ActivityCode: "620", nccis.NEETStartDate: "2026-06-01", nccis.PredictedEndDate: "", nccis.DueToLapseDate: ""})
		neet.Characteristics = []string{"140", "170"}
		none := h.clean()
		for f := nccis.ActivityCode; f <= nccis.PredictedEndDate; f++ {
			none.Values[f] = ""
		}
		none.NoActivities = true
		records = append(records, neet, none)
		h.load(october(), records...)
		draft := h.build("2026-10", Options{})
		if len(draft.People) != len(records) {
			t.Fatalf("%d people of %d; left out: %v", len(draft.People), len(records), draft.LeftOut)
		}
		for i, p := range draft.People {
			if diff := cmp.Diff(records[i], p.Record); diff != "" {
				t.Errorf("record %d: %s", i+1, diff)
			}
		}
		text := xml(t, draft)
		if err := draft.Verify(bytes.NewReader(text)); err != nil {
			t.Error(err)
		}
		if again := xml(t, h.build("2026-10", Options{KnownAt: draft.KnownAt})); !bytes.Equal(text, again) {
			t.Error("the same facts gave other bytes")
		}
		var found []string
		for _, f := range draft.Findings {
			found = append(found, fmt.Sprintf("%s on %d", f.Check, f.Position))
		}
		for _, want := range []string{"43 on 2", "4 on 2", "8 on 2", "26 on 3", "14 on 4", "904 on 6", "11 on 7", "240 on 11", "38 on 9"} {
			if !slices.Contains(found, want) {
				t.Errorf("no finding %s among %v", want, found)
			}
		}
	})
}

func TestRecountSeesWhatTheFileLost(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.load(october(), h.clean(), with(h.clean(), map[nccis.Field]string{nccis.Gender: ""}), h.clean())
	draft := h.build("2026-10", Options{})
	text := xml(t, draft)
	from, to := bytes.Index(text, []byte("  <YoungPersonsRecord>")), bytes.Index(text, []byte("</YoungPersonsRecord>\n"))
	cut := slices.Concat(text[:from], text[to+len("</YoungPersonsRecord>\n"):])
	var miscount Miscount
	if err := draft.Verify(bytes.NewReader(cut)); !errors.As(err, &miscount) || !strings.Contains(miscount.Differences[0], "records: 3 in the register, 2 in the file") {
		t.Errorf("%v", err)
	}
	lapsed := bytes.Replace(text, []byte("<CurrencyLapsed>N"), []byte("<CurrencyLapsed>Y"), 1)
	if err := draft.Verify(bytes.NewReader(lapsed)); !errors.As(err, &miscount) {
		t.Errorf("%v", err)
	}
}

func TestLeaversOfAnEarlierFileAreNotReportedAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		moved := map[nccis.Field]string{nccis.CohortStatus: "T", nccis.TransferredToLACode: "341"}
		h.load(civil.MustParse("2026-09-30"), h.clean(), with(h.clean(), moved))
		h.load(october(), with(h.clean(), map[nccis.Field]string{nccis.CohortStatus: "D"}))
		// Somebody who turned 18 in the year before, stated then: age decides.
		h.load(civil.MustParse("2026-06-30"), with(h.clean(), map[nccis.Field]string{nccis.DOB: "2008-06-01"}))
		if got, want := ids(h.build("2026-09", Options{})), []string{"1230000000001", "1230000000002", "1230000000003", "1230000000004"}; !slices.Equal(got, want) {
			t.Errorf("September: %v", got) // the third had not died then
		}
		oct := h.build("2026-10", Options{})
		if got, want := ids(oct), []string{"1230000000001", "1230000000003", "1230000000004"}; !slices.Equal(got, want) {
			t.Errorf("October: %v, left out %v", got, oct.LeftOut)
		}
		if len(oct.LeftOut) != 1 || !strings.Contains(oct.LeftOut[0].Why, "file for 30 September 2026 reported it") {
			t.Errorf("%v", oct.LeftOut)
		}
		if s := oct.People[2].Record.Values[nccis.CohortStatus]; s != "A" || !oct.People[2].Leaver {
			t.Errorf("the 18-year-old has status %s", s)
		}
		if got := len(oct.Leavers()); got != 2 {
			t.Errorf("%d leavers", got)
		}
	})
}

func TestOneFileForOneAuthorityOrForSeveral(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.load(civil.MustParse("2026-09-30"), h.clean(), with(h.clean(), map[nccis.Field]string{nccis.LeadLEA: "992"}),
		with(h.clean(), map[nccis.Field]string{nccis.LeadLEA: "341"}))
	if got := ids(h.build("2026-10", Options{})); len(got) != 2 {
		t.Errorf("%v", got)
	}
	one := h.build("2026-10", Options{Authorities: []string{"992"}})
	if got := ids(one); !slices.Equal(got, []string{"1230000000002"}) || !slices.Equal(one.Header.LEACodes, []string{"992"}) {
		t.Errorf("%v for %v", got, one.Header.LEACodes)
	}
	if _, err := h.s.Build(context.Background(), h.officer(), october().InMonth(), Options{Authorities: []string{"341"}}); err == nil {
		t.Error("a file for an authority of somebody else")
	}
	if _, err := h.s.Build(context.Background(), h.who("Ada Fernsby", access.Adviser), october().InMonth(), Options{}); !errors.As(err, &access.Denied{}) {
		t.Errorf("an adviser: %v", err)
	}
}

func TestADraftFollowsWhatIsDone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		keys := h.load(october(), h.clean(), with(h.clean(), map[nccis.Field]string{nccis.Gender: ""}), h.clean())
		before := h.build("2026-10", Options{})
		if before.Totals.Checks["4"] != 1 {
			t.Fatalf("%v", before.Totals.Checks)
		}
		if h.build("2026-10", Options{}) != before {
			t.Error("nothing was done, and the draft was stated again")
		}
		if err := d.InTx(context.Background(), func(tx *db.Tx) error {
			a, err := act.Begin(tx, h.officer(), access.CorrectPerson, keys[1], act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
			if err != nil {
				return err
			}
			l, err := life.One(tx, h.reg.ID, keys[1], 0)
			if err != nil {
				return err
			}
			next := l.Particulars[0]
			next.Is.Gender = "W"
			return youngperson.ParticularsTable.Replace(tx, a, l.Particulars[0].Version, next)
		}); err != nil {
			t.Fatal(err)
		}
		after := h.build("2026-10", Options{})
		fresh := &Service{DB: d, Requirement: h.s.Requirement, Version: "1.0"}
		whole, err := fresh.Build(context.Background(), h.officer(), october().InMonth(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if after.Totals.Checks["4"] != 0 || after.People[0] != before.People[0] {
			t.Errorf("%v", after.Totals.Checks)
		}
		if sha256.Sum256(xml(t, after)) != sha256.Sum256(xml(t, whole)) {
			t.Error("the draft brought up to date differs from one stated afresh")
		}
		if past := h.build("2026-10", Options{KnownAt: before.KnownAt}); past.Totals.Checks["4"] != 1 {
			t.Errorf("as known before the mend: %v", past.Totals.Checks)
		}
		day := civil.On(dbtest.Noon, civil.London())
		nothing := act.BeforeBegan{}
		if _, err := h.s.Build(context.Background(), h.officer(), october().InMonth(), Options{KnownOn: day.AddDays(-1)}); !errors.As(err, &nothing) || nothing.Began != day {
			t.Errorf("the day before the first act: %v", err)
		}
		if got := h.build("2026-10", Options{KnownOn: day}); got.KnownAt != after.KnownAt {
			t.Errorf("known on %s: act %d", day, got.KnownAt)
		}
	})
}
