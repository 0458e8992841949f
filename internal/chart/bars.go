package chart

import (
	"html/template"
	"math"
)

const (
	barLeft   = 200.0 // room for the labels
	barRight  = 60.0  // room for the numbers
	barHeight = 20.0
	barGap    = 12.0
	keyHeight = 30.0
)

// Bars draws one bar for each label, across, with its number at its end.
func Bars(h Head, labels []string, values []float64) (template.HTML, error) {
	return bars(h, labels, []Series{{Values: values}}, false)
}

// GroupedBars draws for each label a bar of each series, one under another,
// with the key above.
func GroupedBars(h Head, labels []string, series []Series) (template.HTML, error) {
	return bars(h, labels, series, true)
}

func bars(h Head, labels []string, series []Series, keyed bool) (template.HTML, error) {
	if err := check(h, labels, series, false); err != nil {
		return "", err
	}
	c := &canvas{}
	top := 4.0
	if keyed {
		c.key(series, 16)
		top = keyHeight
	}
	high, _ := scale(highest(series))
	group := float64(len(series))*barHeight + barGap
	height := top + float64(len(labels))*group
	for i, label := range labels {
		y := top + float64(i)*group
		c.text(barLeft-8, y+float64(len(series))*barHeight/2+5, "end", shorten(label, barLeft-10), false)
		for k, s := range series {
			v, place := s.Values[i], y+float64(k)*barHeight
			w := 0.0
			if !math.IsNaN(v) {
				w = v * (width - barLeft - barRight) / high
				c.box(barLeft, place, w, barHeight, colours()[k])
			}
			c.text(barLeft+w+6, place+15, "start", value(v, h.Unit), false)
		}
	}
	c.rule(barLeft, top-2, barLeft, height-barGap+2, axisColour)
	return c.figure(h, height, tell(h, labels, series)), nil
}

// StackedBars draws for each label one bar made of its series, which are parts
// of one whole: shares that come to 100, or counts. The numbers stand in the
// parts that have room for them, and all of them in the table beside.
func StackedBars(h Head, labels []string, series []Series) (template.HTML, error) {
	if err := check(h, labels, series, false); err != nil {
		return "", err
	}
	c := &canvas{}
	c.key(series, 16)
	high := 0.0
	for i := range labels {
		sum := 0.0
		for _, s := range series {
			if !math.IsNaN(s.Values[i]) {
				sum += s.Values[i]
			}
		}
		high = max(high, sum)
	}
	if high == 0 {
		high = 1
	}
	height := keyHeight + float64(len(labels))*(barHeight+barGap+4)
	for i, label := range labels {
		y := keyHeight + float64(i)*(barHeight+barGap+4)
		c.text(barLeft-8, y+16, "end", shorten(label, barLeft-10), false)
		x := barLeft
		for k, s := range series {
			v := s.Values[i]
			if math.IsNaN(v) || v == 0 {
				continue
			}
			w := v * (width - barLeft - 8) / high
			c.box(x, y, w, barHeight+4, colours()[k])
			if words := value(v, h.Unit); w > long(words)+8 {
				c.tag(`<text x="%s" y="%s" text-anchor="middle" font-size="%d" font-weight="bold" fill="%s">%s</text>`,
					at(x+w/2), at(y+17), fontSize, inside()[k], template.HTMLEscapeString(words))
			}
			x += w
		}
	}
	c.rule(barLeft, keyHeight-2, barLeft, height-barGap+2, axisColour)
	return c.figure(h, height, tell(h, labels, series)), nil
}

// inside are the colours of numbers on each category's colour, four and a half
// to one against it.
func inside() [most]string { return [most]string{"#ffffff", "#000000", "#ffffff", "#000000"} }

// InTable draws one bar for a cell of a table, as long as the value is of the
// largest; the number stands in the cell as text, so the bar is silent.
func InTable(value, largest float64) template.HTML {
	const room, high = 120.0, 12.0
	w := 0.0
	if largest > 0 && value > 0 && !math.IsInf(value, 0) {
		w = room * min(1, value/largest)
	}
	c := &canvas{}
	c.rule(0.5, 0, 0.5, high, axisColour)
	if w > 0 {
		c.box(1, 0, w, high, colours()[0])
	}
	return template.HTML(`<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false" width="122" height="12" viewBox="0 0 122 12">` + c.b.String() + `</svg>`)
}
