package demo

import (
	"fmt"
	"os"
	"path/filepath"

	"waymark/internal/nccis"
)

// WriteFile puts the waiting file into the folder for files to import and
// returns its name.
func (w *World) WriteFile(dir string, req *nccis.Requirement) (string, error) {
	folder := filepath.Join(dir, "files-to-import")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for files to import: %w", err)
	}
	name := filepath.Join(folder, w.Borough.domain()+"-"+w.Period.String()+".xml")
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", fmt.Errorf("make the file that waits: %w", err)
	}
	if err := w.Waiting(req).Write(out); err != nil {
		out.Close()
		return "", fmt.Errorf("write the file that waits: %w", err)
	}
	return name, out.Close()
}
