package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"waymark/internal/civil"
	"waymark/internal/sheet"
)

// TestPartnersFilesWait writes the lists twice: the same seed and day give the
// same rows, and each can be read as what it is.
func TestPartnersFilesWait(t *testing.T) {
	w, err := Invent(Settings{Seed: 1, On: civil.Must(2026, time.November, 10), Size: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	one, other := t.TempDir(), t.TempDir()
	files, err := w.WritePartnerFiles(one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WritePartnerFiles(other); err != nil {
		t.Fatal(err)
	}
	if len(files) != 4 {
		t.Fatalf("%d files wait, want 4", len(files))
	}
	for _, f := range files {
		body, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		book, err := sheet.Open(bytes.NewReader(body), int64(len(body)), sheet.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		rows, err := book.Rows(0, sheet.Mark{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for {
			if _, more := rows.Next(); !more {
				break
			}
			n++
		}
		if rows.Err() != nil || n < 8 {
			t.Errorf("%s has %d rows (%v)", filepath.Base(f.Path), n, rows.Err())
		}
		if f.AsAt.After(w.On) || f.Sender == "" || f.Shows == "" {
			t.Errorf("%s does not say whose and of when it is: %+v", filepath.Base(f.Path), f)
		}
		again, err := os.ReadFile(filepath.Join(other, "files-to-import", filepath.Base(f.Path)))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(f.Path) == ".csv" && !bytes.Equal(body, again) {
			t.Errorf("%s is another each time", filepath.Base(f.Path))
		}
	}
}
