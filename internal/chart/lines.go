package chart

import (
	"html/template"
	"math"
	"slices"
	"strings"
)

// Lines draws one line for each series over labels in time order, each with its
// name at its end. Every few labels stand below; a value that is not there is a
// gap.
func Lines(h Head, labels []string, series []Series) (template.HTML, error) {
	if err := check(h, labels, series, false); err != nil {
		return "", err
	}
	high, step := scale(highest(series))
	return figure(h, tell(h, labels, series), func(c *canvas) float64 {
		height, left, bottom, top := 300.0, 46.0, 36.0, 14.0
		if c.narrow {
			height, left = 260, 38
		}
		right := 20.0
		for _, s := range series {
			for _, line := range c.nameLines(s.Name, value(lastOf(s), h.Unit)) {
				right = max(right, c.long(line)*bolder+14)
			}
		}
		x := func(i int) float64 {
			if len(labels) == 1 {
				return left
			}
			return left + float64(i)*(c.width-left-right)/float64(len(labels)-1)
		}
		y := func(v float64) float64 { return height - bottom - v*(height-bottom-top)/high }
		for v := 0.0; v <= high+step/2; v += step {
			colour := gridColour
			if v == 0 {
				colour = axisColour
			}
			c.rule(left, y(v), c.width-right, y(v), colour)
			c.text(left-6, y(v)+5, "end", number(v, h.Unit), false)
		}
		// As many labels below as stand apart from one another.
		longest := 0.0
		for _, label := range labels {
			longest = max(longest, c.long(label)*1.25+16)
		}
		room := max(1, min(6, int((c.width-left-right)/longest)))
		every := (len(labels) + room - 1) / room
		for i := 0; i < len(labels); i += every {
			anchor := "middle"
			if i == 0 {
				anchor = "start"
			}
			c.rule(x(i), height-bottom, x(i), height-bottom+5, axisColour)
			c.text(x(i), height-10, anchor, labels[i], false)
		}
		for i, s := range series {
			c.line(s, x, y, colours()[i], dashes()[i])
		}
		c.names(series, x, y, h.Unit, height-bottom)
		return height
	}), nil
}

// bolder is how much wider bold text is.
const bolder = 1.1

// lastOf is the last value that is known.
func lastOf(s Series) float64 {
	for k := len(s.Values) - 1; k >= 0; k-- {
		if !math.IsNaN(s.Values[k]) {
			return s.Values[k]
		}
	}
	return math.NaN()
}

// nameLines are what stands at the end of a line: its name and last value, in
// short lines on a telephone.
func (c *canvas) nameLines(name, last string) []string {
	if c.narrow {
		return append(wrap(name, 11), last)
	}
	return []string{shorten(name, 30) + " " + last}
}

// line draws the stretches of one series that are known.
func (c *canvas) line(s Series, x func(int) float64, y func(float64) float64, colour, dash string) {
	if dash != "" {
		dash = ` stroke-dasharray="` + dash + `"`
	}
	for i := 0; i < len(s.Values); i++ {
		if math.IsNaN(s.Values[i]) {
			continue
		}
		var points []string
		from := i
		for ; i < len(s.Values) && !math.IsNaN(s.Values[i]); i++ {
			points = append(points, at(x(i))+","+at(y(s.Values[i])))
		}
		if len(points) == 1 {
			c.tag(`<circle cx="%s" cy="%s" r="3" fill="%s"/>`, at(x(from)), at(y(s.Values[from])), colour)
			continue
		}
		c.tag(`<polyline points="%s" fill="none" stroke="%s" stroke-width="3"%s/>`, strings.Join(points, " "), colour, dash)
	}
}

// names writes each line's name and last value at its end, apart from the
// others.
func (c *canvas) names(series []Series, x func(int) float64, y func(float64) float64, unit string, lowest float64) {
	type name struct {
		lines []string
		x, y  float64
		i     int
	}
	var all []name
	for i, s := range series {
		for k := len(s.Values) - 1; k >= 0; k-- {
			if v := s.Values[k]; !math.IsNaN(v) {
				all = append(all, name{c.nameLines(s.Name, value(v, unit)), x(k), y(v), i})
				break
			}
		}
	}
	slices.SortStableFunc(all, func(a, b name) int { return int(math.Round(b.y - a.y)) })
	below, line := lowest+c.font, c.font+2
	places := make([]float64, len(all))
	for i, n := range all { // from the bottom up, each above the last
		places[i] = min(n.y+5, below-float64(len(n.lines))*line)
		below = places[i]
	}
	above := c.font
	for i, n := range slices.Backward(all) { // and down again where there is no room above
		places[i] = max(places[i], above)
		above = places[i] + float64(len(n.lines))*line
	}
	for i, n := range all {
		c.tag(`<circle cx="%s" cy="%s" r="4" fill="%s"/>`, at(n.x), at(n.y), colours()[n.i])
		for k, words := range n.lines {
			c.text(n.x+8, places[i]+float64(k)*line, "start", words, true)
		}
	}
}
