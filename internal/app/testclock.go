//go:build testclock

package app

import (
	"fmt"
	"strings"
	"time"
)

// takeClock takes --clock=RFC3339 out of the arguments: the clock starts there
// and goes on at its own pace. It is for trying things out, never for real
// work.
func takeClock(args []string) ([]string, func() time.Time, error) {
	for i, a := range args {
		text, ok := strings.CutPrefix(a, "--clock=")
		if !ok {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, nil, fmt.Errorf("--clock needs a moment like 2026-11-10T09:00:00Z: %w", err)
		}
		began := time.Now()
		rest := append(append([]string{}, args[:i]...), args[i+1:]...)
		return rest, func() time.Time { return at.Add(time.Since(began)) }, nil
	}
	return args, time.Now, nil
}
