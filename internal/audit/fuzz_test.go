package audit

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// FuzzReadHeads: a file of seals that somebody wrote in without the key holds
// no seal that is believed; a head and an entry are written as they are read.
func FuzzReadHeads(f *testing.F) {
	secret, public, err := note.GenerateKey(zeroes{}, keyName)
	if err != nil {
		f.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		f.Fatal(err)
	}
	h := Head{Origin: "waymark register x", Entries: 7, Seal: 2, At: time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)}
	signed, err := note.Sign(&note.Note{Text: h.text()}, signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(signed))
	f.Add(string(signed) + "\n" + string(signed))
	f.Add(h.text())
	f.Add("a 1")
	f.Add("s abc")
	f.Fuzz(func(t *testing.T, text string) {
		heads, err := ReadHeads(strings.NewReader(text), []string{public})
		for _, one := range heads {
			if err == nil && one.text() != h.text() {
				t.Errorf("%q is believed, and was never signed", one.text())
			}
		}
		if one, err := parseHead(text); err == nil {
			if again, err := parseHead(one.text()); err != nil || again.text() != one.text() {
				t.Errorf("%q is written as %q, and read as %q (%v)", text, one.text(), again.text(), err)
			}
		}
		if e, err := parseEntry(text); err == nil {
			if again, err := parseEntry(e.line()); err != nil || again != e {
				t.Errorf("%q is read as %+v, and that as %+v (%v)", text, e, again, err)
			}
		}
		for size := range int64(8) {
			_, _ = readEdge(size, []byte(text)) // an error, or an edge
		}
	})
}

// zeroes make the same key each time.
type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }
