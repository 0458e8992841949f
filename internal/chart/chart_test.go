package chart

import (
	"encoding/xml"
	"errors"
	"flag"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the drawings anew; look at each before keeping it")

func head() Head {
	return Head{ID: "c1", Title: "Fewer are not known than a year ago", Subtitle: "Not known and NEET, academic age 16 and 17, Sandmere, 2025", Unit: "%"}
}

var months = []string{"January", "February", "March", "April", "May", "June", "July"}

// drawings are the kinds of charts, each with what is awkward about it.
func drawings(t *testing.T) map[string]template.HTML {
	t.Helper()
	out := map[string]template.HTML{}
	keep := func(name string, drawn template.HTML, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = drawn
	}
	drawn, err := Lines(head(), months, []Series{
		{"Not known", []float64{None(), None(), 3.1, 2.9, 3.0, 2.4, 2.2}}, {"NEET", []float64{2.1, 2.2, 2.2, None(), 2.3, 2.3, 2.3}}})
	keep("lines", drawn, err)
	drawn, err = Lines(head(), months[:1], []Series{{"Not known <script>", []float64{0}}})
	keep("one month of nobody", drawn, err)
	drawn, err = Lines(head(), months[:2], []Series{{"If nothing is done", []float64{29, 29.6}}, {"If all who are due are confirmed", []float64{29, 29.6}}, {"If worked as before", []float64{29, 29.6}}})
	keep("together at the top", drawn, err)
	drawn, err = Bars(head(), []string{"Sandyford Bay", "Old Saltmarsh & the very long Marshes beyond it", "Gullhaven"}, []float64{4.25, 0, None()})
	keep("bars", drawn, err)
	drawn, err = GroupedBars(head(), []string{"Girls", "Boys"}, []Series{{"2025", []float64{5, 6.4}}, {"2026", []float64{5.2, 6.1}}})
	keep("grouped bars", drawn, err)
	drawn, err = StackedBars(head(), []string{"Year 11", "Year 12"}, []Series{{"Offer", []float64{94.6, 91}}, {"Not appropriate", []float64{1.2, 2}}, {"No offer", []float64{1, 3}}, {"Not recorded", []float64{3.2, 4}}})
	keep("stacked bars", drawn, err)
	out["in a table"] = InTable(3, 9)
	return out
}

func TestDrawings(t *testing.T) {
	for name, drawn := range drawings(t) {
		file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "_")+".html")
		if *update {
			if err := os.WriteFile(file, []byte(drawn+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(drawn)+"\n" != string(want) {
			t.Errorf("%s is drawn otherwise; look at it and run go test ./internal/chart -update:\n%s", name, drawn)
		}
	}
}

// Each drawing is well formed, says what it shows, and needs neither script nor
// style.
func TestDrawingsKeepTheRules(t *testing.T) {
	for name, drawn := range drawings(t) {
		text := string(drawn)
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if n := start.Name.Local; n == "script" || n == "style" || n == "a" || n == "foreignObject" {
				t.Errorf("%s has <%s>", name, n)
			}
			for _, a := range start.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s: %s has %s=%q", name, start.Name.Local, a.Name.Local, a.Value)
				}
				if v, err := strconv.ParseFloat(a.Value, 64); err == nil && strings.Contains("x y width height x1 y1 x2 y2 cx cy", a.Name.Local) && (v < 0 || v > 1000 || start.Name.Local == "text" && a.Name.Local == "y" && v < 10) {
					t.Errorf("%s: %s has %s=%v, outside the drawing", name, start.Name.Local, a.Name.Local, v)
				}
			}
		}
		if name == "in a table" {
			if !strings.Contains(text, `aria-hidden="true"`) {
				t.Error("the bar in a table repeats what the cell says")
			}
			continue
		}
		for _, must := range []string{`role="img"`, `aria-labelledby="c1-title" aria-describedby="c1-words"`, `<title id="c1-title">`, `<desc id="c1-words">`, "Fewer are not known than a year ago", "Not known and NEET, academic age 16 and 17"} {
			if !strings.Contains(text, must) {
				t.Errorf("%s has no %s", name, must)
			}
		}
	}
	if lines := string(drawings(t)["lines"]); !strings.Contains(lines, "March 3.1%") || !strings.Contains(lines, "January not known") || strings.Count(lines, "<polyline") != 9 || !strings.Contains(lines, "NEET 2.3%") {
		t.Errorf("the lines do not say their numbers, their gaps or their names: %s", lines)
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	one := []Series{{"a", []float64{1}}}
	for name, try := range map[string]func() (template.HTML, error){
		"five categories": func() (template.HTML, error) {
			return Lines(head(), []string{"x"}, []Series{one[0], one[0], one[0], one[0], one[0]})
		},
		"no message": func() (template.HTML, error) { return Bars(Head{ID: "a"}, []string{"x"}, []float64{1}) },
		"no id": func() (template.HTML, error) {
			return Bars(Head{Title: "a", Subtitle: "b"}, []string{"x"}, []float64{1})
		},
		"nothing": func() (template.HTML, error) { return Bars(head(), nil, nil) },
		"nothing known": func() (template.HTML, error) {
			return Lines(head(), []string{"x", "y"}, []Series{{"a", []float64{None(), None()}}})
		},
		"too short": func() (template.HTML, error) { return GroupedBars(head(), []string{"x", "y"}, one) },
		"negative": func() (template.HTML, error) {
			return StackedBars(head(), []string{"x"}, []Series{{"a", []float64{-1}}})
		},
		"infinite": func() (template.HTML, error) { return Bars(head(), []string{"x"}, []float64{math.Inf(1)}) },
	} {
		drawn, err := try()
		var p Problem
		if !errors.As(err, &p) || drawn != "" {
			t.Errorf("%s was drawn (%v)", name, err)
		}
	}
}

func TestScaleHasFewRoundSteps(t *testing.T) {
	for _, high := range []float64{0.001, 0.4, 1, 3.7, 5, 9.99, 12, 100, 1234, 99999} {
		top, step := scale(high)
		if top < high || top > 2*high || top/step > 6.0001 {
			t.Errorf("up to %v: an axis to %v in steps of %v", high, top, step)
		}
	}
}

var hex = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if !hex.MatchString(colour) {
		t.Fatalf("%q is no colour", colour)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	for i, c := range colours() {
		for _, page := range []string{"#ffffff", "#f2f5f3"} {
			if got := contrast(t, c, page); got < 3 {
				t.Errorf("%s is %.2f to one against the page %s", c, got, page)
			}
		}
		if i > 0 {
			if got := contrast(t, c, colours()[i-1]); got < 3 {
				t.Errorf("%s is %.2f to one against its neighbour %s", c, got, colours()[i-1])
			}
		}
		if got := contrast(t, c, inside()[i]); got < 4.5 {
			t.Errorf("the number on %s is %.2f to one", c, got)
		}
	}
	if got := contrast(t, textColour, "#f2f5f3"); got < 4.5 {
		t.Errorf("the text is %.2f to one", got)
	}
}
