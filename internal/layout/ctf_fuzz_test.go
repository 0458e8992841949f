package layout

import (
	"os"
	"strings"
	"testing"
)

// FuzzCTF: a Common Transfer File that is cut, changed or none at all ends in
// rows or in an error.
func FuzzCTF(f *testing.F) {
	whole, err := os.ReadFile("testdata/9994001_CTF_9998000_001.xml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add(string(whole[:len(whole)/2]))
	f.Add(`<?xml version="1.0"?><CTfile><CTFpupilData><Pupil><UPN>A1</UPN></Pupil></CTFpupilData></CTfile>`)
	f.Add(`<CTfile>` + strings.Repeat("<a>", 200))
	f.Fuzz(func(t *testing.T, text string) {
		IsCTF([]byte(text))
		rows := 0
		if err := CTF(strings.NewReader(text), func(*Row) error { rows++; return nil }); err != nil {
			return
		}
		if rows > len(text) {
			t.Errorf("%d rows of %d bytes", rows, len(text))
		}
	})
}
