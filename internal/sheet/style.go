package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// style is how a number is shown, as far as it changes what a person reads.
type style struct {
	date, clock bool
	percent     bool
	decimals    int // of a percentage
	width       int // filled up with zeros to so many digits, as telephone numbers are
}

// readStyles reads how the cells of each style show numbers.
func (w *workbook) readStyles(name string) error {
	if w.parts[name] == nil {
		return nil
	}
	formats := map[int]string{}
	return w.read(name, func(s *scanner) error {
		in := false
		for {
			e, err := s.next()
			if err != nil || e == nil {
				return err
			}
			switch e.Name.Local {
			case "numFmt":
				if n, err := strconv.Atoi(attribute(e, "numFmtId")); err == nil {
					formats[n] = attribute(e, "formatCode")
				}
			case "cellXfs":
				in = true
			case "cellStyles", "dxfs":
				in = false
			case "xf":
				if in {
					n, _ := strconv.Atoi(attribute(e, "numFmtId")) // what is no number is General
					code, own := formats[n]
					if !own {
						code = builtIn(n)
					}
					w.styles = append(w.styles, readFormat(code))
				}
			}
		}
	})
}

// builtIn are the formats that workbooks name by number alone (ECMA-376 part 1,
// 18.8.30), and those that East Asian editions use for dates.
func builtIn(n int) string {
	switch {
	case n == 9:
		return "0%"
	case n == 10:
		return "0.00%"
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 58:
		return "yyyy-mm-dd"
	case n == 22:
		return "yyyy-mm-dd hh:mm"
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n == 45, n == 47:
		return "hh:mm:ss"
	}
	return ""
}

// readFormat reads a format like dd/mm/yyyy;@ by its first section.
func readFormat(code string) style {
	var bare strings.Builder
	for i := 0; i < len(code) && code[i] != ';'; i++ {
		switch c := code[i]; c {
		case '"', '[':
			closing := byte('"')
			if c == '[' {
				closing = ']'
			}
			end := strings.IndexByte(code[i+1:], closing)
			if end < 0 {
				return style{}
			}
			if c == '[' && strings.Trim(strings.ToLower(code[i+1:i+1+end]), "hms") == "" {
				return style{} // hours beyond a day: an amount, not a time
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		default:
			bare.WriteByte(c)
		}
	}
	f := strings.ToLower(bare.String())
	if f == "" || f == "general" {
		return style{}
	}
	f = strings.ReplaceAll(strings.ReplaceAll(f, "am/pm", ""), "a/p", "")
	clock := strings.ContainsAny(f, "hs")
	switch {
	case strings.ContainsAny(f, "yd") || strings.Contains(f, "m") && !clock:
		return style{date: true, clock: clock}
	case clock:
		return style{clock: true}
	case strings.HasSuffix(f, "%"):
		_, places, _ := strings.Cut(strings.TrimSuffix(f, "%"), ".")
		return style{percent: true, decimals: min(len(places), 10)}
	case strings.Trim(f, "0") == "" && len(f) <= 20:
		return style{width: len(f)}
	}
	return style{}
}

// show is a number of a workbook as a person sees it; dates as 2026-09-01, whole
// numbers without an exponent.
func (st style) show(raw string, y1904 bool) string {
	if st == (style{}) && plainDigits(raw) {
		return raw
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return raw
	}
	switch {
	case st.date || st.clock:
		if s := st.moment(v, y1904); s != "" {
			return s
		}
	case st.percent:
		return strconv.FormatFloat(v*100, 'f', st.decimals, 64) + "%"
	case st.width > 0 && v >= 0 && v == math.Trunc(v):
		s := shortest(v)
		return strings.Repeat("0", max(0, st.width-len(s))) + s
	}
	return shortest(v)
}

func plainDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 15
}

// shortest is a number by the fifteen digits that spreadsheets keep.
func shortest(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	kept, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(kept, 'f', -1, 64)
}

// lastDay is 31 December 9999, beyond which spreadsheets know no date.
const lastDay = 2958465

// moment is a count of days as a date, a time or both; empty where it is none. The
// count that begins in 1900 has a 29 February in that year, which never was.
func (st style) moment(v float64, y1904 bool) string {
	if y1904 {
		v += 1462
	}
	if v < 0 || v >= lastDay+1 {
		return ""
	}
	days, seconds := int(v), int(math.Round((v-math.Trunc(v))*86400))
	if seconds == 86400 {
		days, seconds = days+1, 0
	}
	clock := ""
	if st.clock {
		clock = time.Date(2000, 1, 1, 0, 0, seconds, 0, time.UTC).Format("15:04:05")
		clock = strings.TrimSuffix(clock, ":00")
	}
	if days == 0 {
		return clock
	}
	if !st.date {
		return clock
	}
	date := "1900-02-29"
	switch {
	case days < 60:
		date = time.Date(1899, 12, 31+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case days > 60:
		date = time.Date(1899, 12, 30+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if clock == "" || seconds == 0 {
		return date
	}
	return date + " " + clock
}
