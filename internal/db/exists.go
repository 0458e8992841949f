package db

import (
	"os"
	"path/filepath"
)

// Exists says whether there is data at an address: whether the folder holds
// the file of a register. A PostgreSQL database is there or Open says why not,
// so for one it is always true.
func Exists(s Settings) bool {
	if s.URL != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(s.Dir, mainFile))
	return err == nil
}
