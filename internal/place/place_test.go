package place

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	_ "waymark/test/draws"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ in, out, inner string }{
		{"CH41 1AA", "CH41", "1AA"}, {"ch411aa", "CH41", "1AA"}, {" e1  6 an ", "E1", "6AN"}, {"EC1A1BB", "EC1A", "1BB"},
		{"", "", ""}, {"CH41", "", ""}, {"CH41 AAA", "", ""}, {"CH41 1A1", "", ""}, {"1CH 1AA", "", ""}, {"CH41 1AAA", "", ""}, {"CH41-1AA", "", ""}, {"ĆH4 1AA", "", ""},
	} {
		out, in, ok := Split(c.in)
		if out != c.out || in != c.inner || ok != (c.out != "") {
			t.Errorf("Split(%q) = %q, %q, %v", c.in, out, in, ok)
		}
	}
	if got := District("CH41 1AA"); got != "CH41" {
		t.Errorf("the district is %q", got)
	}
}

func TestASectorReadsBackAsItWasWritten(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "X05000101", "X05000102", "198001", "310001"})
	rapid.Check(t, func(t *rapid.T) {
		var want []Postcode
		var content []byte
		for i, n := 0, rapid.IntRange(1, 20).Draw(t, "n"); i < n; i++ {
			p := Postcode{Code: "QX1 1A" + string(rune('A'+i)), Ward: text.Draw(t, "ward"), Authority: text.Draw(t, "authority"), LSOA11: text.Draw(t, "lsoa11"),
				LSOA21: text.Draw(t, "lsoa21"), Easting: text.Draw(t, "e"), Northing: text.Draw(t, "n"), Since: text.Draw(t, "since"), Until: text.Draw(t, "until")}
			before := &Postcode{}
			if i > 0 {
				before = &want[i-1]
			}
			content = encode(content, &p, before)
			want = append(want, p)
		}
		var got []Postcode
		decode("QX1 1", string(content), func(p Postcode) { got = append(got, p) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestWardsAreReadAndSimplified(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("..", "reference", "testdata", "Wards_May_2025_Boundaries_UK_BGC.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var got []Ward
	year, err := ReadWards(strings.NewReader(string(body)), func(w Ward) error { got = append(got, w); return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := []Ward{
		{Code: "X05000101", Name: "Gullhaven Harbour", Authority: "X06000995", Boundary: Boundary{Rings: [][]Point{
			{{310000, 390000}, {311000, 390000}, {311000, 391000}, {310000, 391000}}, {{310200, 390200}, {310500, 390200}, {310500, 390500}, {310200, 390500}}}}},
		// An island of four metres is none on a map.
		{Code: "X05000102", Name: "Gullhaven Ropewalk", Authority: "X06000995", Boundary: Boundary{Rings: [][]Point{{{311000, 390000}, {312000, 390000}, {312000, 391000}, {311000, 391000}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" || year != "2025" {
		t.Errorf("year %q\n%s", year, diff)
	}
	for _, w := range got {
		again, err := ParseBoundary(w.Boundary.String())
		if err != nil || !cmp.Equal(again, w.Boundary) {
			t.Errorf("%s came back as %v, %v", w.Boundary, again, err)
		}
	}
	t.Run("cut anywhere it is refused", func(t *testing.T) {
		whole := len(strings.TrimRight(string(body), "\n"))
		for n := 1; n < whole; n += 7 {
			_, err := ReadWards(strings.NewReader(string(body[:n])), func(Ward) error { return nil })
			var no NotWards
			if !errors.As(err, &no) {
				t.Fatalf("cut after %d bytes of %d: %v", n, whole, err)
			}
		}
	})
}

func TestDegreesAreTold(t *testing.T) {
	text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"WD24CD":"E05000001","WD25CD":"E05000002","WD25NM":"Seaside"},
		"geometry":{"type":"Polygon","coordinates":[[[-3.1,53.1],[-3.0,53.1],[-3.0,53.2],[-3.1,53.1]]]}}]}`
	_, err := ReadWards(strings.NewReader(text), func(w Ward) error {
		if w.Code != "E05000002" || !w.Boundary.Degrees || w.Boundary.String() != "d;-310000,5310000 -300000,5310000 -300000,5320000" {
			t.Errorf("got %+v", w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNoFileOfWardsIsRefusedInWords(t *testing.T) {
	feature := func(properties, geometry string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":` + properties + `,"geometry":` + geometry + `}]}`
	}
	ward := `{"WD25CD":"E05000001","WD25NM":"Seaside"}`
	for _, c := range []struct{ text, want string }{
		{`[]`, "does not begin with {"},
		{`{}`, "has no features"},
		{`{"type":"Feature"}`, `GeoJSON "Feature"`},
		{`{"type":"FeatureCollection"}`, "has no features"},
		{`{"type":"FeatureCollection","features":[]}`, "has no ward in it"},
		{`{"type":"FeatureCollection","features":7}`, `"features" are no list`},
		{`{"type":"FeatureCollection","features":[7]}`, "no GeoJSON of wards"},
		{feature(`{"LAD25CD":"E06000001","LAD25NM":"Elsewhere"}`, "null"), "feature 1 has no ward code and name"},
		{feature(`{"WD25CD":"seven","WD25NM":"Seaside"}`, "null"), `"seven"`},
		{feature(ward, `{"type":"Point","coordinates":[1,2]}`), `is a "Point", and not an area`},
		{feature(ward, `{"type":"Polygon","coordinates":"here"}`), "cannot be read"},
		{feature(ward, `{"type":"Polygon","coordinates":[[[1]]]}`), "fewer than two numbers"},
		{feature(ward, `{"type":"Polygon","coordinates":[[[1e99,1]]]}`), "nowhere in Britain"},
	} {
		_, err := ReadWards(strings.NewReader(c.text), func(Ward) error { return nil })
		var no NotWards
		if !errors.As(err, &no) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nanswered %v, want %q", c.text, err, c.want)
		}
	}
	t.Run("a ward without end", func(t *testing.T) {
		endless := io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[{"x":"`), endlessly('a'))
		_, err := ReadWards(endless, func(Ward) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "larger than 64 MB") {
			t.Errorf("answered %v", err)
		}
	})
}

type endlessly byte

func (e endlessly) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e)
	}
	return len(b), nil
}

func FuzzReadWards(f *testing.F) {
	body, err := os.ReadFile(filepath.Join("..", "reference", "testdata", "Wards_May_2025_Boundaries_UK_BGC.geojson"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(body))
	f.Add(`{"type":"FeatureCollection","features":[{"properties":{"WD25CD":"E05000001","WD25NM":"a"},"geometry":{"type":"MultiPolygon","coordinates":[[[[1,2],[3,4],[5,1]]]]}}]}`)
	f.Add(`{"features":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		_, err := ReadWards(strings.NewReader(text), func(w Ward) error {
			n++
			again, err := ParseBoundary(w.Boundary.String())
			if err != nil || again.String() != w.Boundary.String() {
				t.Errorf("%+v came back as %+v, %v", w.Boundary, again, err)
			}
			for _, ring := range w.Boundary.Rings {
				if len(ring) < 3 {
					t.Errorf("a ring of %d points", len(ring))
				}
			}
			return nil
		})
		var no NotWards
		if err == nil && n == 0 || err != nil && !errors.As(err, &no) {
			t.Errorf("%d wards, %v", n, err)
		}
	})
}
