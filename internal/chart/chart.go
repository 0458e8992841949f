// Package chart draws figures as SVG on the server, by the rules for public
// charts: a message as title with a statistical subtitle below it, bars or lines
// only, at most four categories, labels on the lines, three to one in contrast
// between neighbours and against the page, few pale gridlines, horizontal text,
// and never colour alone (Analysis Function, Office for National Statistics).
//
// A chart needs no script and no style attribute, so the strictest content
// policy lets it through; it prints, and says in words what it shows. It is as
// wide as its page, and its words are never smaller than the page's small print.
// It never stands alone: beside it is a table with the same numbers.
package chart

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Head is what stands above a chart.
type Head struct {
	// ID begins the ids of its parts; unique on the page.
	ID string
	// Title is the message: "Fewer are not known than a year ago".
	Title string
	// Subtitle says what is measured, of whom, where and when.
	Subtitle string
	// Words say what the chart shows to whoever cannot see it, "" for the
	// numbers one after another.
	Words string
	// Unit follows a number: "%".
	Unit string
}

// Series is one category: a line, or the bars of one colour.
type Series struct {
	Name string
	// Values stand in the order of the chart's labels; NaN is none.
	Values []float64
}

// None is the value that is not there: a month without figures. It is a gap,
// never 0.
func None() float64 { return math.NaN() }

// most is how many categories a chart may have.
const most = 4

// The colours of the categories, in order: each at least three to one against
// the page, and each at least three to one against its neighbours.
func colours() [most]string { return [most]string{"#0f3d3a", "#d0641a", "#3a1d5c", "#4f8fbf"} }

// The dashes of the lines, so that they can be told apart without colour.
func dashes() [most]string { return [most]string{"", "8 4", "2 4", "10 4 2 4"} }

const (
	textColour = "#16201f"
	gridColour = "#c6d0cd"
	axisColour = "#4b5957"
)

// Problem says why something cannot be drawn.
type Problem string

func (p Problem) Error() string { return "draw a chart: " + string(p) }

// check refuses what the rules refuse.
func check(h Head, labels []string, series []Series, negative bool) error {
	switch {
	case h.ID == "" || strings.ContainsAny(h.ID, " \t\n"):
		return Problem("it needs an id without spaces")
	case h.Title == "" || h.Subtitle == "":
		return Problem("it needs a message as title and a subtitle")
	case len(labels) == 0 || len(series) == 0:
		return Problem("there is nothing to draw")
	case len(series) > most:
		return Problem(fmt.Sprintf("%d categories; at most %d can be told apart", len(series), most))
	}
	any := false
	for _, s := range series {
		if len(s.Values) != len(labels) {
			return Problem(fmt.Sprintf("%q has %d values for %d labels", s.Name, len(s.Values), len(labels)))
		}
		for _, v := range s.Values {
			if math.IsInf(v, 0) || (v < 0 && !negative) {
				return Problem(fmt.Sprintf("%q has the value %v", s.Name, v))
			}
			any = any || !math.IsNaN(v)
		}
	}
	if !any {
		return Problem("no value is known")
	}
	return nil
}

// frame is one of the three sizes in which every chart is drawn, because a
// drawing that is made smaller takes its words with it: for a desk, for paper,
// for a telephone. The page shows the one that fits.
type frame struct {
	class       string
	width, font float64
	narrow      bool
}

func frames() [3]frame {
	return [3]frame{{class: "wm-chart__wide", width: 880, font: 15}, {class: "wm-chart__paper", width: 640, font: 14}, {class: "wm-chart__narrow", width: 290, font: 14, narrow: true}}
}

// canvas writes SVG. Everything that comes from outside goes through text.
type canvas struct {
	frame
	b strings.Builder
}

func (c *canvas) tag(format string, args ...any) { fmt.Fprintf(&c.b, format, args...) }

// at writes a coordinate with at most one decimal.
func at(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

func (c *canvas) text(x, y float64, anchor, words string, bold bool) {
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	c.tag(`<text x="%s" y="%s" text-anchor="%s" font-size="%s" fill="%s"%s>%s</text>`, at(x), at(y), anchor, at(c.font), textColour, weight, template.HTMLEscapeString(words))
}

func (c *canvas) rule(x1, y1, x2, y2 float64, colour string) {
	c.tag(`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" stroke-width="1"/>`, at(x1), at(y1), at(x2), at(y2), colour)
}

func (c *canvas) box(x, y, w, h float64, colour string) {
	c.tag(`<rect x="%s" y="%s" width="%s" height="%s" fill="%s" stroke="#ffffff" stroke-width="1"/>`, at(x), at(y), at(w), at(h), colour)
}

// figure puts the drawing, in all its sizes, under its title. draw returns how
// high it became.
func figure(h Head, words string, draw func(*canvas) float64) template.HTML {
	if h.Words != "" {
		words = h.Words
	}
	e := template.HTMLEscapeString
	var b strings.Builder
	b.WriteString(`<figure class="wm-chart"><figcaption><p class="govuk-heading-s govuk-!-margin-bottom-1">` + e(h.Title) + `</p><p class="govuk-body-s govuk-!-margin-bottom-2">` + e(h.Subtitle) + `</p></figcaption>`)
	for _, f := range frames() {
		c := &canvas{frame: f}
		height := draw(c)
		b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" class="` + f.class + `" role="img" aria-labelledby="` + e(h.ID) + `-title" aria-describedby="` + e(h.ID) + `-words" viewBox="0 0 ` + at(f.width) + ` ` + at(height) + `" focusable="false">`)
		if f.class == frames()[0].class { // said once; the others point to it
			b.WriteString(`<title id="` + e(h.ID) + `-title">` + e(h.Title) + `</title><desc id="` + e(h.ID) + `-words">` + e(words) + `</desc>`)
		}
		b.WriteString(c.b.String() + `</svg>`)
	}
	return template.HTML(b.String() + `</figure>`)
}

// number writes a value with its unit; what is not there is "not known".
func number(v float64, unit string) string {
	if math.IsNaN(v) {
		return "not known"
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) + unit
}

// value writes a value as a reader compares it: a percentage always with one
// decimal.
func value(v float64, unit string) string {
	if unit == "%" && !math.IsNaN(v) {
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', 1, 64) + unit
	}
	return number(v, unit)
}

// tell says all numbers, category by category.
func tell(h Head, labels []string, series []Series) string {
	var b strings.Builder
	b.WriteString(h.Subtitle + ".")
	for _, s := range series {
		b.WriteString(" ")
		if s.Name != "" {
			b.WriteString(s.Name + ": ")
		}
		for i, v := range s.Values {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(labels[i] + " " + value(v, h.Unit))
		}
		b.WriteString(".")
	}
	return b.String()
}

// scale is the top of the axis and the step of its gridlines: at most six, on
// round numbers, from 0.
func scale(highest float64) (top, step float64) {
	if highest <= 0 {
		return 1, 1
	}
	step = math.Pow(10, math.Floor(math.Log10(highest/5)))
	for _, times := range []float64{1, 2, 5, 10} {
		if highest/(step*times) <= 6 {
			step *= times
			break
		}
	}
	return step * math.Ceil(highest/step-1e-9), step
}

func highest(series []Series) float64 {
	out := 0.0
	for _, s := range series {
		for _, v := range s.Values {
			if v > out {
				out = v
			}
		}
	}
	return out
}

// key names the colours, above the bars, from left to right in their order, and
// returns where the bars may begin.
func (c *canvas) key(series []Series) float64 {
	x, y := 0.0, c.font+2
	for i, s := range series {
		if x > 0 && x+20+c.long(s.Name) > c.width {
			x, y = 0, y+c.font+8
		}
		c.box(x, y-c.font+2, c.font, c.font, colours()[i])
		c.text(x+c.font+6, y, "start", shorten(s.Name, c.fits(c.width-c.font-6)), false)
		x += c.font + 24 + c.long(s.Name)
	}
	return y + 14
}

// letter is about how wide a sign is for its size: text is not measured here.
const letter = 0.55

// long is about how wide a text is.
func (c *canvas) long(s string) float64 { return float64(len([]rune(s))) * c.font * letter }

// fits is about how many signs fit into a width.
func (c *canvas) fits(width float64) int { return max(2, int(width/(c.font*letter))) }

// shorten cuts a text to so many signs.
func shorten(s string, to int) string {
	r := []rune(s)
	if len(r) > to {
		return strings.TrimSpace(string(r[:to-1])) + "…"
	}
	return s
}

// wrap breaks a text between words into lines of at most so many signs.
func wrap(s string, to int) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		word = shorten(word, to)
		if n := len(lines); n > 0 && len([]rune(lines[n-1]))+1+len([]rune(word)) <= to {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
