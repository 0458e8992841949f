package chart

import (
	"html/template"
	"math"
)

const (
	barHeight = 22.0
	barGap    = 14.0
	// mostLeft is the most room that labels take at the left of bars.
	mostLeft = 260.0
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
	high, _ := scale(highest(series))
	return figure(h, tell(h, labels, series), func(c *canvas) float64 {
		top := 4.0
		if keyed {
			top = c.key(series)
		}
		rows := c.rows(labels, top, float64(len(series))*barHeight)
		right := 0.0 // room for the numbers
		for _, s := range series {
			for _, v := range s.Values {
				right = max(right, c.long(value(v, h.Unit))+10)
			}
		}
		for i := range labels {
			for k, s := range series {
				v, place := s.Values[i], rows.at(i)+float64(k)*barHeight
				w := 0.0
				if !math.IsNaN(v) {
					w = v * (c.width - rows.left - right) / high
					c.box(rows.left, place, w, barHeight, colours()[k])
				}
				c.text(rows.left+w+6, place+barHeight/2+5, "start", value(v, h.Unit), false)
			}
		}
		return rows.close()
	}), nil
}

// barRows are the places of the bars of a chart, one row for each label.
type barRows struct {
	c                    *canvas
	left, top, over, bar float64
	n                    int
}

// rows writes the labels: at the left of the bars where there is room, and on a
// telephone above them.
func (c *canvas) rows(labels []string, top, bar float64) barRows {
	r := barRows{c: c, top: top, bar: bar, n: len(labels)}
	if c.narrow {
		r.left, r.over = 1, c.font+6
		for i, label := range labels {
			c.text(0, r.at(i)-6, "start", shorten(label, c.fits(c.width)), false)
		}
		return r
	}
	for _, label := range labels {
		r.left = max(r.left, min(mostLeft, c.long(label)+12))
	}
	for i, label := range labels {
		c.text(r.left-8, r.at(i)+bar/2+5, "end", shorten(label, c.fits(r.left-10)), false)
	}
	return r
}

// at is the top of a row's bars.
func (r barRows) at(i int) float64 { return r.top + r.over + float64(i)*(r.over+r.bar+barGap) }

// close draws the line from which the bars begin, in pieces where labels stand
// between them, and returns the height.
func (r barRows) close() float64 {
	bottom := r.at(r.n-1) + r.bar + 2
	if r.over > 0 {
		for i := range r.n {
			r.c.rule(r.left, r.at(i), r.left, r.at(i)+r.bar, axisColour)
		}
	} else {
		r.c.rule(r.left, r.top-2, r.left, bottom, axisColour)
	}
	return bottom + 4
}

// StackedBars draws for each label one bar made of its series, which are parts
// of one whole: shares that come to 100, or counts. The numbers stand in the
// parts that have room for them, and all of them in the table beside.
func StackedBars(h Head, labels []string, series []Series) (template.HTML, error) {
	if err := check(h, labels, series, false); err != nil {
		return "", err
	}
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
	return figure(h, tell(h, labels, series), func(c *canvas) float64 {
		rows := c.rows(labels, c.key(series), barHeight+4)
		for i := range labels {
			x := rows.left
			for k, s := range series {
				v := s.Values[i]
				if math.IsNaN(v) || v == 0 {
					continue
				}
				w := v * (c.width - rows.left - 1) / high
				c.box(x, rows.at(i), w, rows.bar, colours()[k])
				if words := value(v, h.Unit); w > c.long(words)+8 {
					c.tag(`<text x="%s" y="%s" text-anchor="middle" font-size="%s" font-weight="bold" fill="%s">%s</text>`,
						at(x+w/2), at(rows.at(i)+rows.bar/2+5), at(c.font), inside()[k], template.HTMLEscapeString(words))
				}
				x += w
			}
		}
		return rows.close()
	}), nil
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
