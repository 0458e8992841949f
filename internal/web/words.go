package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waymark/internal/civil"
)

// priorityWord is how serious a check's finding is, in one word.
func priorityWord(priority int) string {
	switch priority {
	case 1:
		return "Serious"
	case 2:
		return "Error"
	}
	return "Warning"
}

func priorityTag(priority int) *Tag {
	return &Tag{Text: priorityWord(priority), Colour: []string{"grey", "red", "orange", "yellow"}[min(max(priority, 0), 3)]}
}

// priorityStats are findings counted by priority, in words.
func priorityStats(n [4]int) []Stat {
	tone := func(n int, bad string) string {
		if n == 0 {
			return "good"
		}
		return bad
	}
	return []Stat{
		{Number: count(n[1]), Words: "serious", Note: "Mend these first", Tone: tone(n[1], "bad")},
		{Number: count(n[2]), Words: either(n[2], "error", "errors"), Note: "Should be mended before it is sent", Tone: tone(n[2], "warn")},
		{Number: count(n[3]), Words: either(n[3], "warning", "warnings"), Note: "Look whether it is meant so"},
	}
}

func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// sentence is words as a sentence: a capital at the beginning, a stop at the
// end.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = capital(s)
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

func orEmpty(value string) string {
	if strings.TrimSpace(value) == "" {
		return "(empty)"
	}
	return value
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// pageOf is the page that the address asks for, from 1, of a list of total.
func pageOf(r *http.Request, total, size int) int {
	last := max(1, (total+size-1)/size)
	return min(max(atoi(r.URL.Query().Get("page")), 1), last)
}

// showing says which rows of a list are shown: "Showing 51 to 100 of 1,204
// findings."
func showing(page, size, shown, total int, one, many string) string {
	if total <= size {
		return plural(total, one, many) + "."
	}
	first := (page-1)*size + 1
	return "Showing " + count(first) + " to " + count(first+shown-1) + " of " + plural(total, one, many) + "."
}

// moment is a point in time as people say it: "3 October 2026 at 15:04".
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(civil.London()).Format("2 January 2006 at 15:04")
}

// percent is n of total to one place, "4.1%"; a dash where total is 0.
func percent(n, total int) string {
	if total == 0 {
		return "–"
	}
	return strconv.FormatFloat(100*float64(n)/float64(total), 'f', 1, 64) + "%"
}

// sendTable writes a list as it stands on its page: each cell's words, then its
// quieter second line.
func sendTable(w http.ResponseWriter, name string, t Table) error {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Text
	}
	return sendCSV(w, name, head, func(write func(...string) error) error {
		for _, row := range t.Rows {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = c.Text
				if c.Tag != nil {
					cells[i] = strings.TrimSpace(c.Text + " " + c.Tag.Text)
				}
				if c.Note != "" {
					cells[i] += ", " + c.Note
				}
			}
			if err := write(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}
