package message

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/notify"
)

// The placeholders that a template may hold, written ((first name)).
const (
	FirstName = "first name"
	Adviser   = "adviser"
	// Link is the young person's own one-use link of self-report.
	Link = "link"
)

// Placeholders are all, in the order in which the page of a template tells them.
func Placeholders() []string { return []string{FirstName, Adviser, Link} }

// unknown are the placeholders of a text that are not known.
func unknown(text string, known []string) []string {
	var out []string
	for _, m := range notify.Placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(known, strings.TrimSpace(m[1])) {
			out = append(out, m[0])
		}
	}
	if rest := notify.Placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "((") || strings.Contains(rest, "))") {
		out = append(out, "(( without ))")
	}
	return out
}

// holds says that a text has a placeholder.
func holds(text, name string) bool {
	return slices.ContainsFunc(notify.Placeholder.FindAllStringSubmatch(text, -1), func(m []string) bool { return strings.TrimSpace(m[1]) == name })
}

// gsm are the letters of the alphabet of text messages (GSM 03.38); extended
// are those of it that count twice.
const (
	gsm      = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "^{}\\[~]|€"
)

// Parts is in how many parts a text goes, each of which is paid for, and which
// letter makes it go in shorter ones, 0 where none does: 160 letters of the
// plain alphabet in one part or 153 in each of several, and 70 or 67 where a
// letter is of no such alphabet.
func Parts(text string) (parts int, odd rune) {
	n := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm, r):
			n++
		case strings.ContainsRune(extended, r):
			n += 2
		case odd == 0:
			odd = r
		}
	}
	one, each := 160, 153
	if odd != 0 {
		one, each, n = 70, 67, 0
		for _, r := range text {
			n++
			if r > 0xffff {
				n++ // two units of UTF-16
			}
		}
	}
	if n <= one {
		return 1, odd
	}
	return (n + each - 1) / each, odd
}

// mostText is the longest text that GOV.UK Notify takes.
const mostText = 918

// Mobile is a telephone number as texts are sent to it, digits alone, or false
// where it is no mobile number of this country.
func Mobile(typed string) (string, bool) {
	var b strings.Builder
	for i, r := range strings.TrimSpace(typed) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0:
			b.WriteString("00")
		case strings.ContainsRune(" -()./\u00a0", r):
		default:
			return "", false
		}
	}
	digits := b.String()
	if rest, ok := strings.CutPrefix(digits, "0044"); ok {
		digits = "0" + strings.TrimPrefix(rest, "0") // +44 (0)7…
	} else if rest, ok := strings.CutPrefix(digits, "447"); ok && len(rest) == 9 {
		digits = "07" + rest // as carriers tell it
	}
	return digits, len(digits) == 11 && strings.HasPrefix(digits, "07")
}

// mailbox is an address of e-mail, or false where it is none.
func mailbox(typed string) (string, bool) {
	a, err := mail.ParseAddress(strings.TrimSpace(typed))
	if err != nil || a.Name != "" || !strings.Contains(a.Address[strings.LastIndex(a.Address, "@")+1:], ".") || strings.ContainsAny(a.Address, "\"\r\n ") {
		return "", false
	}
	return a.Address, true
}

// The hours in which texts may go, in London.
const (
	firstHour = 8
	lastHour  = 20
)

// Opens is the moment from which a message of a channel may go: now, or, for a
// text at night, eight in the morning in London, whatever the clocks do that
// night.
func Opens(c notify.Channel, now time.Time) time.Time {
	if c != notify.Text {
		return now
	}
	there := now.In(civil.London())
	switch day := civil.On(now, civil.London()); {
	case there.Hour() < firstHour:
		return morning(day)
	case there.Hour() >= lastHour:
		return morning(day.AddDays(1))
	}
	return now
}

func morning(of civil.Date) time.Time {
	y, m, d := of.YMD()
	return time.Date(y, m, d, firstHour, 0, 0, 0, civil.London())
}
