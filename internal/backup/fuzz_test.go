package backup

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"waymark/internal/db"
)

// FuzzFrames: a backup that was changed or cut ends in an error and takes no
// more memory than it is long; keys and key books that are none are refused.
func FuzzFrames(f *testing.F) {
	var whole bytes.Buffer
	d, err := db.Open(f.Context(), db.Settings{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := write(f.Context(), d, &whole, "fuzz"); err != nil {
		f.Fatal(err)
	}
	d.Close()
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()/2])
	f.Add([]byte(magic + "H\xff\xff\xff\xff{}"))
	f.Add([]byte(`{"book":"waymark keys","taken_at":"2026-11-10T12:00:00Z"}` + "\n{}"))
	f.Add([]byte("AGE-SECRET-KEY-1"))
	name := filepath.Join(f.TempDir(), "keys")
	f.Fuzz(func(t *testing.T, file []byte) {
		in := newUnarchive(bytes.NewReader(file))
		if _, err := in.header(); err == nil {
			frames(t, in)
		}
		if in, err := open(bytes.NewReader(file), nil); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(in, 1<<20))
		}
		_, _ = ReadKeys(bytes.NewReader(file))
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = Identities([]string{name})
		_, _ = Recipients([]string{string(file)}, []string{name})
		var pressed bytes.Buffer
		w := gzip.NewWriter(&pressed)
		w.Write(file)
		w.Close()
		if _, err := open(&pressed, nil); err != nil {
			t.Errorf("pressed bytes cannot be opened: %v", err)
		}
	})
}

// frames reads what follows a header, as a restore does.
func frames(t *testing.T, in *unarchive) {
	var table db.Table
	for {
		kind, payload, err := in.next()
		if err != nil {
			return
		}
		switch kind {
		case frameTable:
			table = db.Table{}
			if hear(payload, &table) != nil {
				return
			}
		case frameRows:
			var n int
			if err := db.EachTuple(payload, table, func(row []byte) error { n += len(row); return nil }); err == nil && n != len(payload) {
				t.Errorf("rows of %d bytes are in a frame of %d", n, len(payload))
			}
		case frameLast:
			_ = in.done(payload, 0)
			return
		}
	}
}
