package calendar

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteICS writes entries as an iCalendar file (RFC 5545), for the calendar in
// which somebody keeps their other days. Each is a day without hours, under a
// name that stays the same, so that taking the file again moves what was moved.
func WriteICS(w io.Writer, name string, entries []Entry, now time.Time) error {
	out := bufio.NewWriter(w)
	line := func(format string, args ...any) { fold(out, fmt.Sprintf(format, args...)) }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Waymark//The year//EN")
	line("X-WR-CALNAME:%s", escape(name))
	for _, e := range entries {
		uid := string(e.Ref)
		if e.Key != "" {
			uid = fmt.Sprintf("%s-%d", e.Key, int(e.Year))
		}
		line("BEGIN:VEVENT")
		line("UID:%s@waymark", uid)
		line("DTSTAMP:%s", now.UTC().Format("20060102T150405Z"))
		line("DTSTART;VALUE=DATE:%s", strings.ReplaceAll(e.Opens.String(), "-", ""))
		line("DTEND;VALUE=DATE:%s", strings.ReplaceAll(e.Closes.AddDays(1).String(), "-", "")) // the day after the last
		line("SUMMARY:%s", escape(e.Words))
		line("TRANSP:TRANSPARENT")
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return out.Flush()
}

func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(text)
}

// fold writes one line, broken after 75 bytes at most, between letters.
func fold(out *bufio.Writer, line string) {
	room := 75
	for len(line) > room {
		n := room
		for !utf8.RuneStart(line[n]) {
			n--
		}
		out.WriteString(line[:n] + "\r\n ")
		line, room = line[n:], 74
	}
	out.WriteString(line + "\r\n")
}
