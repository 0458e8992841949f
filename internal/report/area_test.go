package report

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/reference"
)

// Until the postcode directory is loaded people are counted by district, and
// from then on by ward; when it is taken back, by district again.
func TestWardsAreThoseOfThePostcodeDirectory(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 300)
		p := Month(civil.Month{Year: 2026, Month: 2})
		byWard := func(at id.Act) (*Result, map[string]int) {
			t.Helper()
			r := w.run(w.s, Question{Periods: []Period{p}, By: []string{"ward"}, KnownAt: at})
			people := map[string]int{}
			for _, row := range r.Groups(p, "combined", "ward") {
				people[string(row.Group)+" "+row.Label] = row.Among()
			}
			return r, people
		}
		before, districts := byWard(0)
		n := districts["ward:CH41 CH41"]
		rest := districts["ward:CH42 CH42"] + districts["ward:L1 L1"] + districts["ward:not known Not known"]
		if before.Wards || before.KindInWords("ward") != "Postcode district" || n == 0 || rest == 0 || !strings.Contains(strings.Join(before.Notes, " "), "No postcode directory is loaded") {
			t.Fatalf("before: %v, %v, %q", districts, before.Wards, before.Notes)
		}
		files := &reference.Service{DB: d}
		load := func(name, body string) reference.Report {
			t.Helper()
			r, err := files.Load(context.Background(), w.by, reference.File{Name: name, ReaderAt: bytes.NewReader([]byte(body)), Size: int64(len(body))}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		directory := load("NSPL.csv", "pcds,dointr,doterm,laua,ward,lsoa21,oseast1m,osnrth1m\nCH41 1AA,198001,,E06000001,E05000001,E01000001,1,1\n")
		r, wards := byWard(0)
		if diff := cmp.Diff(map[string]int{"ward:E05000001 E05000001": n, "ward:not known Not known": rest}, wards); diff != "" || !r.Wards || r.KindInWords("ward") != "Ward" {
			t.Error(diff)
		}
		load("wards.geojson", `{"type":"FeatureCollection","features":[{"properties":{"WD25CD":"E05000001","WD25NM":"Seaside"}}]}`)
		if r, wards := byWard(0); wards["ward:E05000001 Seaside"] != n || !Group("ward:E05000001").IsWard() || Group("ward:CH41").IsWard() || !strings.Contains(strings.Join(r.Notes, " "), "A ward is that of the postcode") {
			t.Errorf("with names: %v, %q", wards, r.Notes)
		}
		if _, then := byWard(before.KnownAt); !cmp.Equal(then, districts) {
			t.Errorf("as known before: %v", then)
		}
		if _, _, err := files.Undo(context.Background(), w.by, directory.Ref, "", "test"); err != nil {
			t.Fatal(err)
		}
		if _, again := byWard(0); !cmp.Equal(again, districts) {
			t.Errorf("taken back: %v", again)
		}
	})
}

// Of a school that was told by its number alone the name is that of the list of
// establishments, with the school that came after it.
func TestSchoolsAreNamedByTheirNumbers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 1)
		files := &reference.Service{DB: d}
		for name, body := range map[string]string{
			"edubasealldata20260901.csv": "URN,LA (code),EstablishmentNumber,EstablishmentName,EstablishmentStatus (code),OpenDate,CloseDate,UKPRN,Postcode\n" +
				"199001,995,4001,Old School,2,,31-08-2019,,\n199002,995,4002,New Academy,1,01-09-2019,,,\n",
			"links.csv": "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n199001,199002,New Academy,Successor,01-09-2019\n",
		} {
			if _, err := files.Load(context.Background(), w.by, reference.File{Name: name, ReaderAt: strings.NewReader(body), Size: int64(len(body))}, nil); err != nil {
				t.Fatal(err)
			}
		}
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			a, err := readAreas(tx, w.by.Register, 0)
			if err != nil {
				return err
			}
			for _, c := range []struct{ number, label, want string }{
				{"9954001", "", "Old School (now New Academy)"}, {"9954002", "", "New Academy"}, {"9954002", "As told", "As told"}, {"9959999", "", ""}, {"", "", ""},
			} {
				if got := a.school(c.number, c.label); got != c.want {
					t.Errorf("%s is called %q, want %q", c.number, got, c.want)
				}
			}
			return a.failed
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
