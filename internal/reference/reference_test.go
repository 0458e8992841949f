package reference

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/place"
	"waymark/internal/provider"
	"waymark/internal/register"
)

const (
	gias    = "edubasealldata20260901.csv"
	links   = "links_edubasealldata20260901.csv"
	ukprns  = "ukprns.csv"
	nspl    = "NSPL_MAY_2025_UK.csv"
	onspd   = "ONSPD_AUG_2026_UK.csv"
	iod2025 = "File_7_IoD2025_All_Ranks_Scores_Deciles.csv"
	iod2019 = "File_7_IoD2019_All_Ranks_Scores_Deciles.csv"
	wards   = "Wards_May_2025_Boundaries_UK_BGC.geojson"
)

// desk is a register with somebody at work in it.
type desk struct {
	*Service
	t   *testing.T
	by  access.Actor
	ctx context.Context
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	reg, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Saltmarsh", DatabaseID: "995", Authorities: []register.Authority{{Code: "995", Name: "Saltmarsh", Invented: true}}})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{&Service{DB: d}, t, access.Actor{Register: reg.ID, Ref: "account:x", Name: "Priya", Roles: []access.Role{access.DataOfficer}}, context.Background()}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func file(name string, body []byte) File {
	return File{Name: name, ReaderAt: bytes.NewReader(body), Size: int64(len(body))}
}

func (k *desk) load(name string) Report {
	k.t.Helper()
	r, err := k.Load(k.ctx, k.by, file(name, sample(k.t, name)), nil)
	if err != nil {
		k.t.Fatalf("load %s: %v", name, err)
	}
	return r
}

// read gives both books as known after an act.
func (k *desk) read(at id.Act, look func(tx *db.Tx, schools *provider.Book, places *place.Book) error) {
	k.t.Helper()
	err := k.DB.Read(k.ctx, func(tx *db.Tx) error {
		schools, err := provider.Read(tx, k.by.Register, at)
		if err != nil {
			return err
		}
		places, err := place.Read(tx, k.by.Register, at)
		if err != nil {
			return err
		}
		return look(tx, schools, places)
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// staged is how many rows there are of sets, in force or not.
func (k *desk) staged() map[string]int {
	k.t.Helper()
	out := map[string]int{}
	k.read(0, func(tx *db.Tx, _ *provider.Book, _ *place.Book) error {
		for _, table := range append(tables(), dataset.Table{Name: "dataset"}) {
			var n int
			if err := tx.QueryRow("SELECT count(*) FROM " + table.Name).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				out[table.Name] = n
			}
		}
		return nil
	})
	return out
}

func TestEveryFileIsKnownByItsHeadingsAndLoaded(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for _, c := range []struct {
			name           string
			kind           dataset.Kind
			edition, basis string
			entries        int
		}{
			{gias, dataset.Establishments, "1 September 2026", "", 7}, {links, dataset.Links, "1 September 2026", "", 3}, {ukprns, dataset.Providers, "", "", 2},
			{nspl, dataset.Postcodes, "NSPL May 2025", "2021", 6}, {iod2025, dataset.Deprivation, "IoD2025", "2021", 2}, {wards, dataset.Wards, "wards of 2025", "", 2},
		} {
			body := sample(t, c.name)
			if kind, ok := Sniff(bytes.NewReader(body), int64(len(body))); !ok || kind != c.kind {
				t.Errorf("%s is taken for %q, %v", c.name, kind, ok)
			}
			r := k.load(c.name)
			got := []any{r.Kind, r.Edition, r.Basis, r.Entries, r.Unchanged, r.Act != 0}
			if diff := cmp.Diff([]any{c.kind, c.edition, c.basis, c.entries, false, true}, got); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if r.Held > 4*time.Second {
				t.Errorf("%s held the writer for %s", c.name, r.Held)
			}
		}
		list, inForce, err := k.List(k.ctx, k.by)
		if err != nil || len(list) != 6 || len(inForce) != 6 || list[0].By != "Priya" || list[0].Kind != dataset.Wards {
			t.Errorf("listed %d, in force %v, %v", len(list), inForce, err)
		}
	})
}

func TestEstablishmentsAreFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for _, name := range []string{gias, links, ukprns} {
			k.load(name)
		}
		day := civil.MustParse
		k.read(0, func(_ *db.Tx, b *provider.Book, _ *place.Book) error {
			academy, _, err := b.ByURN("199002")
			if err != nil {
				return err
			}
			want := provider.Establishment{URN: "199002", Number: "9954002", UKPRN: "19950002", Name: "Marram End Academy", KindCode: "34", Kind: "Academy converter", Phase: "Secondary",
				Status: provider.Open, Opened: day("2019-09-01"), LACode: "995", LAName: "Saltmarsh", Postcode: "QX4 1AB", SixthForm: "Does not have a sixth form", LowAge: 11, HighAge: 16}
			if diff := cmp.Diff(want, academy, cmpopts.EquateComparable(civil.Date{})); diff != "" {
				t.Error(diff)
			}
			for _, c := range []struct {
				number, on, urn, successor string
			}{
				{"9954002", "2019-08-31", "199001", ""}, {"9954002", "2019-09-01", "199002", ""}, {"9954002", "", "199002", ""}, {"9954002", "1950-01-01", "199001", ""},
				{"9954012", "2011-01-01", "199003", ""}, {"9954012", "2015-01-01", "199003", "199004"}, {"9954012", "", "199003", "199005"}, {"9954013", "2026-09-01", "199004", "199005"},
				{"9954099", "", "", ""}, {"", "", "", ""},
			} {
				var on civil.Date
				if c.on != "" {
					on = day(c.on)
				}
				e, ok, err := b.ByNumber(c.number, on)
				if err != nil || e.URN != c.urn || ok != (c.urn != "") {
					t.Errorf("%s on %s is %s (%v), want %s", c.number, c.on, e.URN, err, c.urn)
				}
				if !ok {
					continue
				}
				next, ok, err := b.Successor(e, on)
				if err != nil || next.URN != c.successor || ok != (c.successor != "") {
					t.Errorf("%s on %s is followed by %s (%v), want %s", c.number, c.on, next.URN, err, c.successor)
				}
			}
			found, err := b.Named("the CAFE bay girls", 5)
			if err != nil || len(found) != 1 || found[0].Name != "Café Bay Girls’ High School" {
				t.Errorf("typing a name found %v, %v", found, err)
			}
			for ukprn, want := range map[string]string{"19950043": "Gullhaven College Corporation", "19950004": "Sandyford Bay School", "19959999": "", "": ""} {
				if got, err := b.ProviderName(ukprn, civil.Date{}); err != nil || got != want {
					t.Errorf("provider %s is %q, %v", ukprn, got, err)
				}
			}
			return nil
		})
	})
}

func TestPlacesAreFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.load(nspl)
		k.load(wards)
		k.load(iod2025)
		k.read(0, func(_ *db.Tx, _ *provider.Book, b *place.Book) error {
			got, ok, err := b.Postcode("qx11ad")
			want := place.Postcode{Code: "QX1 1AD", Ward: "X05000102", Authority: "X06000995", LSOA21: "X01000012", Easting: "310021", Northing: "390009", Since: "198001", Until: "201506"}
			if diff := cmp.Diff(want, got); diff != "" || !ok || err != nil || got.Live() {
				t.Error(diff, ok, err)
			}
			for _, none := range []string{"QX1 1ZZ", "QX1", "", "ZZ1 1AA"} {
				if _, ok, err := b.Postcode(none); ok || err != nil {
					t.Errorf("%q was found (%v)", none, err)
				}
			}
			for code, want := range map[string]string{"X05000101": "Gullhaven Harbour", "X05000201": "X05000201"} {
				if got, err := b.WardName(code); err != nil || got != want {
					t.Errorf("ward %s is called %q, %v", code, got, err)
				}
			}
			all, err := b.WardsOf("X06000995")
			one, ok, _ := b.Ward("X05000102")
			if err != nil || len(all) != 2 || !ok || !cmp.Equal(all[1], one) || len(one.Boundary.Rings) != 1 {
				t.Errorf("the wards of the council are %v, %v", all, err)
			}
			deprived, ok, err := b.Deprivation(got)
			if diff := cmp.Diff(place.Deprivation{LSOA: "X01000012", IMDRank: 30112, IMDDecile: 9, IDACIRank: 28001, IDACIDecile: 9, Edition: "IoD2025"}, deprived); diff != "" || !ok || err != nil {
				t.Error(diff, ok, err)
			}
			return nil
		})
	})
}

func TestRanksOf2019AreNotJoinedToAreasOf2021(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		deprived := func(postcode string) (out place.Deprivation, known bool) {
			k.read(0, func(_ *db.Tx, _ *provider.Book, b *place.Book) error {
				p, _, err := b.Postcode(postcode)
				if err == nil {
					out, known, err = b.Deprivation(p)
				}
				return err
			})
			return out, known
		}
		k.load(nspl)
		k.load(iod2019)
		if got, known := deprived("QX1 1AA"); known {
			t.Errorf("an area of 2021 got the ranks of 2019: %+v", got)
		}
		// ONSPD gives the areas of both censuses.
		k.whole(onspd)
		if got, known := deprived("QX1 1AA"); !known || got.LSOA != "X01900011" || got.IDACIDecile != 2 || got.Edition != "IoD2019" {
			t.Errorf("got %+v, %v", got, known)
		}
	})
}

// whole loads a file of fewer rows than the one before it.
func (k *desk) whole(name string) Report {
	k.t.Helper()
	f := file(name, sample(k.t, name))
	f.Whole = true
	r, err := k.Load(k.ctx, k.by, f, nil)
	if err != nil {
		k.t.Fatalf("load %s: %v", name, err)
	}
	return r
}

func TestASetReplacesIsTakenBackAndIsRemembered(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		wardOf := func(at id.Act) (code string) {
			k.read(at, func(_ *db.Tx, _ *provider.Book, b *place.Book) error {
				p, _, err := b.Postcode("QX1 1AA")
				code = p.Ward
				return err
			})
			return code
		}
		first := k.load(nspl)
		again := k.load(nspl)
		if !again.Unchanged || again.Act != first.Act || !strings.Contains(again.Words(), "nothing was changed") {
			t.Errorf("the same file again: %+v", again)
		}
		second := k.load(onspd)
		if second.Former == nil || second.Former.Ref != first.Ref {
			t.Errorf("the second took the place of %+v", second.Former)
		}
		if now, then, before := wardOf(0), wardOf(first.Act), wardOf(-1); now != "X05000103" || then != "X05000101" || before != "" {
			t.Errorf("now %q, after the first %q, before anything %q", now, then, before)
		}
		set, now, err := k.Undo(k.ctx, k.by, second.Ref, "", "the wrong month")
		if err != nil || now == nil || now.Ref != first.Ref || set.UndoneBy == 0 {
			t.Fatalf("taken back: %+v, %+v, %v", set, now, err)
		}
		if now, then := wardOf(0), wardOf(second.Act); now != "X05000101" || then != "X05000103" {
			t.Errorf("after taking back now %q, after the second %q", now, then)
		}
		var refused Refusal
		if _, _, err := k.Undo(k.ctx, k.by, second.Ref, "", "again"); !errors.As(err, &refused) {
			t.Errorf("taking back twice: %v", err)
		}
		if _, _, err := k.Undo(k.ctx, k.by, id.NewRef(), "", "none"); !errors.Is(err, db.NotFound) {
			t.Errorf("taking back nothing: %v", err)
		}
		if _, now, err := k.Undo(k.ctx, k.by, first.Ref, "", "that too"); err != nil || now != nil || wardOf(0) != "" {
			t.Errorf("with both taken back there is %v, %v", now, err)
		}
		// The same file counts again once it was taken back.
		if r := k.load(nspl); r.Unchanged || wardOf(0) != "X05000101" {
			t.Errorf("loaded again: %+v", r)
		}
	})
}

func TestOnlyTheAreasAskedForAreKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for _, c := range []struct {
			areas, said string
			entries     int
		}{{"x06000996", "X06000996", 1}, {"X06, QX10", "QX10,X06", 6}, {"QX1", "QX1", 4}, {"QX", "QX", 6}, {"QX2;QX10", "QX10,QX2", 2}} {
			f := file(nspl, sample(t, nspl))
			f.Areas = c.areas
			r, err := k.Load(k.ctx, k.by, f, nil)
			if err != nil || r.Entries != c.entries || r.Areas != c.said {
				t.Errorf("%s: %d rows of %q, %v", c.areas, r.Entries, r.Areas, err)
			}
		}
		for areas, want := range map[string]string{"E08": "Nothing in the file lies in E08", "E08!": `"E08!" is no area`, "Merseyside": "is no area", "Q": "Nothing in the file lies in Q"} {
			f := file(nspl, sample(t, nspl))
			f.Areas = areas
			if _, err := k.Load(k.ctx, k.by, f, nil); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", areas, err, want)
			}
		}
		f := file(gias, sample(t, gias))
		f.Areas = "QX"
		if _, err := k.Load(k.ctx, k.by, f, nil); err == nil || !strings.Contains(err.Error(), "Only the postcode directory and wards") {
			t.Errorf("schools narrowed: %v", err)
		}
		if n := k.staged()["dataset"]; n != 5 {
			t.Errorf("%d sets are left of 5", n)
		}
	})
}

func TestWhatCannotBeLoadedIsRefusedInWordsAndLeavesWhatWas(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.load(gias)
		k.load(nspl)
		k.load(wards)
		before := k.staged()
		text := func(name string) string { return string(sample(t, name)) }
		for _, c := range []struct{ name, what, body, want string }{
			{gias, "empty", "", "The file is empty"},
			{gias, "a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00", "picture"},
			{gias, "of another kind", "Forename,Surname,UPN\r\nAda,Example,A1\r\n", "none of those that can be loaded here"},
			{gias, "cut in a row", text(gias)[:1800], "not all of it may have arrived"},
			{gias, "cut in a row, with a line's end", text(gias)[:strings.Index(text(gias), `"01-01-2023"`)] + "\r\n", "Row 6 has 12 columns, where there are 24"},
			{gias, "cut at a row", strings.Join(strings.SplitAfter(text(gias), "\r\n")[:4], ""), "The file has 3 rows, and the one that is loaded has 7"},
			{gias, "without a column", strings.Replace(text(gias), `"CloseDate"`, `"Closed"`, 1), "has not the column CloseDate"},
			{gias, "with a date that is none", strings.Replace(text(gias), "31-08-2019", "31-02-2019", 1), `Row 2: "31-02-2019" in the column closedate is no date`},
			{gias, "with a URN that is none", strings.Replace(text(gias), "199003", "19900X", 1), `Row 4: "19900X" in the column urn is no URN`},
			{gias, "with a number twice", strings.Replace(text(gias), "199003", "199002", 1), "stands in it twice"},
			{nspl, "with a code that is none", strings.Replace(text(nspl), "X05000102", "E0500010", 1), `"E0500010" in the column ward is no code of an area`},
			{nspl, "with a month that is none", strings.Replace(text(nspl), "201506", "June 2015", 1), `"June 2015" in the column doterm is no month`},
			{nspl, "with only its headings", strings.SplitAfter(text(nspl), "\r\n")[0], "has headings and no rows"},
			{wards, "cut", text(wards)[:1000], "in the middle: not all of it arrived"},
			{wards, "of other areas", strings.ReplaceAll(text(wards), "WD25", "CED25"), "no ward code and name"},
		} {
			t.Run(c.name+" "+c.what, func(t *testing.T) {
				_, err := k.Load(k.ctx, k.by, file(c.name, []byte(c.body)), nil)
				var refused Refusal
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("answered %v\nwant %q", err, c.want)
				}
				if diff := cmp.Diff(before, k.staged()); diff != "" {
					t.Errorf("something is otherwise: %s", diff)
				}
			})
		}
	})
}

func TestALoadThatIsStoppedLeavesWhatWas(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.load(nspl)
		before := k.staged()
		body := bytes.NewBuffer(bytes.SplitAfter(sample(t, nspl), []byte("\r\n"))[0])
		body.Write(many(60_000))
		ctx, stop := context.WithCancel(k.ctx)
		_, err := k.Load(ctx, k.by, file(nspl, body.Bytes()), func(Progress) { stop() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a load that was stopped says %v", err)
		}
		if diff := cmp.Diff(before, k.staged()); diff != "" {
			t.Errorf("something is otherwise: %s", diff)
		}
	})
}

// many are rows of a postcode directory.
func many(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		pc := "QX" + string(rune('1'+i/40_000%9)) + string(rune('0'+i/4000%10)) + " " + string(rune('0'+i/400%10)) + string(rune('A'+i/20%20)) + string(rune('A'+i%20))
		b.WriteString(pc + "," + pc + "," + pc + ",198001,,0,310001,390001,1,,,,X06000995,X05000101" + strings.Repeat(",", 8) + "X01000011" + strings.Repeat(",", 13) + "\r\n")
	}
	return b.Bytes()
}

// left stages half a set and ends, as a process does that is killed.
func (k *desk) left() {
	k.t.Helper()
	set := dataset.Set{Kind: dataset.Postcodes, FileName: nspl}
	err := k.DB.InTx(k.ctx, func(tx *db.Tx) error {
		if err := dataset.Receive(tx, k.by, &set); err != nil {
			return err
		}
		return place.AddPostcodes(tx, k.by.Register, set.ID, 1, []place.Postcode{{Code: "QX1 1AA", Ward: "X05000999"}, {Code: "QX9 1AA", Ward: "X05000999"}})
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

func TestWhatAKilledProcessLeftNeverCountsAndIsThrownAway(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.load(nspl)
		before := k.staged()
		k.left()
		k.read(0, func(_ *db.Tx, _ *provider.Book, b *place.Book) error {
			p, _, err := b.Postcode("QX1 1AA")
			if p.Ward != "X05000101" {
				t.Errorf("half a set counts: %+v", p)
			}
			return err
		})
		// As long as it may still be at work it is left alone.
		if err := k.Recover(k.ctx, k.by.Register); err != nil || k.staged()["dataset"] != before["dataset"]+1 {
			t.Errorf("thrown away at once (%v)", err)
		}
		later := &desk{&Service{DB: d.At(func() time.Time { return dbtest.Noon.Add(time.Hour) })}, t, k.by, k.ctx}
		if err := later.Recover(k.ctx, k.by.Register); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, k.staged()); diff != "" {
			t.Errorf("something is otherwise: %s", diff)
		}
	})
}

func TestWhoMayKeepReferenceData(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		set := k.load(nspl)
		for _, role := range access.Roles() {
			by := k.by
			by.Roles = []access.Role{role}
			may := role == access.DataOfficer || role == access.Administrator
			_, loads := k.Load(k.ctx, by, file(nspl, sample(t, nspl)), nil)
			_, _, lists := k.List(k.ctx, by)
			_, _, finds := k.Find(k.ctx, by, set.Ref)
			_, _, undoes := k.Undo(k.ctx, by, id.NewRef(), "", "")
			for what, err := range map[string]error{"load": loads, "list": lists, "find": finds, "undo": undoes} {
				var denied access.Denied
				if errors.As(err, &denied) == may {
					t.Errorf("%s may %s: %v", role, what, err)
				}
			}
		}
		// A form that is sent twice does its act once.
		f := file(onspd, sample(t, onspd))
		f.Key = "one-use"
		if _, err := k.Load(k.ctx, k.by, f, nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.Undo(k.ctx, k.by, set.Ref, "one-use", ""); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the key was taken twice: %v", err)
		}
	})
}
