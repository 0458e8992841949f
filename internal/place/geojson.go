package place

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
)

// NotWards is why a file of boundaries cannot be read, in the words of whoever
// sent it.
type NotWards struct{ Words string }

func (e NotWards) Error() string { return e.Words }

func notWards(format string, args ...any) error { return NotWards{fmt.Sprintf(format, args...)} }

// largestFeature is how large one ward of a file may be: the whole file is
// never held.
const largestFeature = 64 << 20

// capped ends reading where a single feature becomes too large.
type capped struct {
	in   io.Reader
	left int64
}

var errLarge = errors.New("place: a feature is too large")

func (c *capped) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errLarge
	}
	n, err := c.in.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	return n, err
}

// ReadWards reads a GeoJSON file of wards (a FeatureCollection, as the Office
// for National Statistics publishes them) and gives each, its boundary
// simplified, to each. Columns are met by pattern, WD25CD and WD25NM, of
// whichever year, which is returned ("2025"). The error is NotWards where the file
// is something else or is cut short; an error of each ends reading and is
// returned as it is.
func ReadWards(r io.Reader, each func(Ward) error) (year string, err error) {
	in := &capped{in: r, left: largestFeature}
	d := json.NewDecoder(in)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return year, wrong(err, 0, "the file is no GeoJSON: it does not begin with {")
	}
	collection, found, n := false, false, 0
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return year, wrong(err, n, "")
		}
		switch key {
		case "features":
			found = true
			if n, year, err = features(d, in, each); err != nil {
				return year, err
			}
		case "type":
			var is string
			if err := d.Decode(&is); err != nil {
				return year, wrong(err, n, `the file is no GeoJSON: its "type" is no text`)
			}
			if is != "FeatureCollection" {
				return year, notWards("the file is a GeoJSON %q, and not the FeatureCollection in which wards are published", is)
			}
			collection = true
		default:
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return year, wrong(err, n, "")
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return year, wrong(err, n, "")
	}
	if !collection || !found {
		return year, notWards("the file has no features, so there are no wards in it")
	}
	if n == 0 {
		return year, notWards("the file has no ward in it")
	}
	return year, nil
}

func wrong(err error, n int, words string) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return notWards("the file ends after %d wards, in the middle: not all of it arrived. Download it again", n)
	case errors.Is(err, errLarge):
		return notWards("a ward after the first %d is larger than %d MB. Download the generalised boundaries (BGC or BUC)", n, largestFeature>>20)
	case errors.As(err, &syntax):
		return notWards("the file is no JSON after byte %d: %v. Download it again", syntax.Offset, syntax)
	case err == nil || words != "":
		return notWards("%s", words)
	}
	return notWards("the file is no GeoJSON of wards after the first %d: %v", n, err)
}

type feature struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

func features(d *json.Decoder, in *capped, each func(Ward) error) (n int, year string, err error) {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return 0, "", wrong(err, 0, `the file is no GeoJSON: its "features" are no list`)
	}
	for d.More() {
		var f feature
		if err := d.Decode(&f); err != nil {
			return n, year, wrong(err, n, "")
		}
		in.left = largestFeature
		n++
		if year == "" {
			year = f.year()
		}
		w, err := f.ward(n)
		if err != nil {
			return n, year, err
		}
		if err := each(w); err != nil {
			return n, year, err
		}
	}
	if _, err := d.Token(); err != nil {
		return n, year, wrong(err, n, "")
	}
	return n, year, nil
}

var (
	wardCode      = regexp.MustCompile(`^(?i)wd\d\dcd$`)
	wardName      = regexp.MustCompile(`^(?i)wd\d\dnm$`)
	authorityCode = regexp.MustCompile(`^(?i)lad\d\dcd$`)
	gssCode       = regexp.MustCompile(`^[A-Z]\d{8}$`)
)

func (f *feature) property(pattern *regexp.Regexp) string {
	var names []string
	for name := range f.Properties {
		if pattern.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names) // the latest year counts
	for _, name := range slices.Backward(names) {
		var value string
		if json.Unmarshal(f.Properties[name], &value) == nil && value != "" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// year is that of the ward codes: 2025 of WD25CD.
func (f *feature) year() string {
	year := ""
	for name := range f.Properties {
		if wardCode.MatchString(name) {
			year = max(year, "20"+name[2:4])
		}
	}
	return year
}

func (f *feature) ward(n int) (Ward, error) {
	w := Ward{Code: f.property(wardCode), Name: f.property(wardName), Authority: f.property(authorityCode)}
	if w.Code == "" || w.Name == "" {
		return w, notWards("feature %d has no ward code and name (properties like WD25CD and WD25NM). Choose the file of wards, not of another kind of area", n)
	}
	if !gssCode.MatchString(w.Code) {
		return w, notWards("the ward code %q of feature %d is no code of a letter and eight digits", cut(w.Code), n)
	}
	if len(w.Name) > 200 {
		return w, notWards("the name of ward %s is longer than 200 letters", w.Code)
	}
	if f.Geometry == nil {
		return w, nil
	}
	var polygons [][][][]float64
	var err error
	switch f.Geometry.Type {
	case "Polygon":
		polygons = make([][][][]float64, 1)
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons[0])
	case "MultiPolygon":
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons)
	default:
		return w, notWards("ward %s is a %q, and not an area", w.Code, cut(f.Geometry.Type))
	}
	if err != nil {
		return w, notWards("the boundary of ward %s cannot be read: %v", w.Code, err)
	}
	w.Boundary, err = bounded(polygons)
	if err != nil {
		return w, notWards("the boundary of ward %s cannot be read: %v", w.Code, err)
	}
	return w, nil
}

// bounded simplifies what a file gives. Numbers that can be no degrees are
// metres of the national grid.
func bounded(polygons [][][][]float64) (Boundary, error) {
	b := Boundary{Degrees: true}
	for _, polygon := range polygons {
		for _, ring := range polygon {
			for _, p := range ring {
				if len(p) < 2 {
					return b, errors.New("a point has fewer than two numbers")
				}
				if math.Abs(p[0]) > 1e7 || math.Abs(p[1]) > 1e7 {
					return b, errors.New("a point is nowhere in Britain")
				}
				if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
					b.Degrees = false
				}
			}
		}
	}
	unit, tolerance := 1.0, float64(toleranceMetres)
	if b.Degrees {
		unit, tolerance = perDegree, toleranceDegrees
	}
	for _, polygon := range polygons {
		for _, ring := range polygon {
			points := make([]Point, len(ring))
			for i, p := range ring {
				points[i] = Point{int(math.Round(p[0] * unit)), int(math.Round(p[1] * unit))}
			}
			if points = simplified(points, tolerance); points != nil {
				b.Rings = append(b.Rings, points)
			}
		}
	}
	return b, nil
}

// cut shortens what is shown of a value.
func cut(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
