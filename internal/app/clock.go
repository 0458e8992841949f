//go:build !testclock

package app

import (
	"context"
	"io"
	"time"
)

// takeClock is the machine's clock. A clock that can be set exists only in a
// binary built with -tags testclock.
func takeClock(args []string) ([]string, func() time.Time, error) { return args, time.Now, nil }

// onlyForTrials are commands that exist only in a binary built with -tags
// testclock.
func onlyForTrials(context.Context, []string, func() time.Time, io.Writer) (bool, error) {
	return false, nil
}
