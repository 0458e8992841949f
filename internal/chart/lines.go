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
	const height, left, bottom, top = 300.0, 44.0, 34.0, 14.0
	right := 20.0
	for _, s := range series {
		right = max(right, min(220, long(s.Name)+52))
	}
	c := &canvas{}
	high, step := scale(highest(series))
	x := func(i int) float64 {
		if len(labels) == 1 {
			return left
		}
		return left + float64(i)*(width-left-right)/float64(len(labels)-1)
	}
	y := func(v float64) float64 { return height - bottom - v*(height-bottom-top)/high }
	for v := 0.0; v <= high+step/2; v += step {
		colour := gridColour
		if v == 0 {
			colour = axisColour
		}
		c.rule(left, y(v), width-right, y(v), colour)
		c.text(left-6, y(v)+5, "end", number(v, h.Unit), false)
	}
	every := (len(labels) + 4) / 5
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
	return c.figure(h, height, tell(h, labels, series)), nil
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
		words string
		x, y  float64
		i     int
	}
	var all []name
	for i, s := range series {
		for k := len(s.Values) - 1; k >= 0; k-- {
			if v := s.Values[k]; !math.IsNaN(v) {
				all = append(all, name{shorten(s.Name, 170) + " " + value(v, unit), x(k), y(v), i})
				break
			}
		}
	}
	slices.SortStableFunc(all, func(a, b name) int { return int(math.Round(b.y - a.y)) })
	below := lowest + fontSize
	for _, n := range all { // from the bottom up, each at least a line above the last
		place := min(n.y+5, below-fontSize-2)
		below = place
		c.tag(`<circle cx="%s" cy="%s" r="4" fill="%s"/>`, at(n.x), at(n.y), colours()[n.i])
		c.text(n.x+8, place, "start", n.words, true)
	}
}
