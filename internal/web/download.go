package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
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
// for each line; what is never held whole may be of any length.
func sendCSV(w http.ResponseWriter, name string, head []string, rows func(write func(cells ...string) error) error) error {
	attach(w, name, "text/csv; charset=utf-8")
	if _, err := w.Write([]byte("\ufeff")); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	write := func(cells ...string) error {
		safe := make([]string, len(cells))
		for i, cell := range cells {
			safe[i] = defuse(cell)
		}
		return c.Write(safe)
	}
	err := write(head...)
	if err == nil {
		err = rows(write)
	}
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// defuse keeps a spreadsheet from running a cell as a formula: a leading
// = + - @, tab, return or NUL gets an apostrophe (ux-security.md 5.9). Machine
// files are never written this way.
func defuse(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n\x00", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
