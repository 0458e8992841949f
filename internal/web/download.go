package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"waymark/internal/sheet"
)

// attach makes the answer a file to keep. name holds no young person's name.
func attach(w http.ResponseWriter, name, kind string) {
	clean := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c) {
			return c
		}
		return '-'
	}, name)
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+clean+`"`)
	h.Set("Content-Security-Policy", "sandbox")
	h.Set("Cache-Control", "no-store")
}

// sendCSV writes a list as a file for people: with a byte order mark, so that
// spreadsheets read it as UTF-8, and with formulas defused. rows calls write
// for each line; what is never held whole may be of any length. Nothing is sent
// before the first lines are there: where they may not be shown, because it
// cannot be recorded who looks, the answer is an error and no file.
func sendCSV(w http.ResponseWriter, name string, head []string, rows func(write func(cells ...string) error) error) error {
	return sendLines(w, name, func(out io.Writer) error {
		c, err := sheet.NewCSV(out)
		if err != nil {
			return err
		}
		since := 0
		return errors.Join(c.Write(head...), rows(func(cells ...string) error {
			if since++; since >= askedAfterRows {
				since = 0
				if err := askAgain(w); err != nil {
					return err
				}
			}
			return c.Write(cells...)
		}), c.Close())
	})
}

// sendLines makes the answer a file that write fills, as sendCSV says.
func sendLines(w http.ResponseWriter, name string, write func(io.Writer) error) error {
	attach(w, name, "text/csv; charset=utf-8")
	sent := bufio.NewWriterSize(w, 64<<10)
	err := write(sent)
	if err == nil {
		err = sent.Flush()
	}
	if err != nil {
		w.Header().Set("Content-Security-Policy", policy) // the error is a page
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
