package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const scratchName = "waymark-verify-"

// Scratch makes a folder for a temporary database, which whoever asked
// removes. A process that was killed could not: what such a one left in the
// same place is removed first. In "" it is made where the machine keeps
// temporary files.
func Scratch(in string) (string, error) {
	if in == "" {
		in = os.TempDir()
	}
	left, err := filepath.Glob(filepath.Join(in, scratchName+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), scratchName))
		if err != nil || running(pid) && pid != os.Getpid() {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("what an earlier test left could not be removed: %w", err)
		}
	}
	dir := filepath.Join(in, scratchName+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the temporary database: %w", err)
	}
	return dir, nil
}

// running says that there is a process of that number.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Signal(syscall.Signal(0)) == nil
}
