//go:build testclock

package app

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// takeClock takes --clock=RFC3339 or --clock=@FILE out of the arguments. The
// clock starts at that moment and goes on at its own pace. Where a file names
// the moment, writing another into it moves the clock of every program that was
// started with it, while it runs. It is for trying things out, never for real
// work.
func takeClock(args []string) ([]string, func() time.Time, error) {
	for i, a := range args {
		text, ok := strings.CutPrefix(a, "--clock=")
		if !ok {
			continue
		}
		rest := append(append([]string{}, args[:i]...), args[i+1:]...)
		if file, ok := strings.CutPrefix(text, "@"); ok {
			m := &movable{file: file}
			return rest, m.now, m.read()
		}
		at, err := moment(text)
		if err != nil {
			return nil, nil, err
		}
		began := time.Now()
		return rest, func() time.Time { return at.Add(time.Since(began)) }, nil
	}
	return args, time.Now, nil
}

func moment(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		return at, fmt.Errorf("--clock needs a moment like 2026-11-10T09:00:00Z: %w", err)
	}
	return at, nil
}

// movable is a clock that a file sets.
type movable struct {
	file string

	mu        sync.Mutex
	text      string
	at, began time.Time
}

// read takes the moment from the file where it names another than before.
func (m *movable) read() error {
	text, err := os.ReadFile(m.file)
	if err != nil || string(text) == m.text {
		return err
	}
	at, err := moment(string(text))
	if err == nil {
		m.text, m.at, m.began = string(text), at, time.Now()
	}
	return err
}

// now goes on from the last moment that could be read: whoever moves the clock
// may be in the middle of writing it.
func (m *movable) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.read()
	return m.at.Add(time.Since(m.began))
}
