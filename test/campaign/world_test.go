package main

import (
	"os"
	"testing"
)

// TestShortWorld is the campaign of the world in little: one world on each
// engine.
func TestShortWorld(t *testing.T) {
	if os.Getenv("WAYMARK_TEST_POSTGRES") == "" {
		t.Skip("NOT TESTED: WAYMARK_TEST_POSTGRES names no server; `make check` starts one")
	}
	if err := campaignWorld(t.Context(), []string{"-n", "120", "-acts", "60", "-seed", "7"}); err != nil {
		t.Error(err)
	}
}

// TestATallyTellsFaults: a campaign that found something wrong, or that could
// not go on, ends with an error that names the seed.
func TestATallyTellsFaults(t *testing.T) {
	begun := func() *tally {
		s := flagsOf("try", 1, "times")
		if err := s.Parse([]string{"-seed", "41"}); err != nil {
			t.Fatal(err)
		}
		return s.begin(t.Context())
	}
	if err := begun().end(nil); err != nil {
		t.Errorf("nothing was wrong, and it ends with %v", err)
	}
	wrong := begun()
	wrong.fault("one thing")
	if err := wrong.end(nil); err == nil || !wrong.faulty() {
		t.Error("a fault is no error")
	}
	if err := begun().end(os.ErrClosed); err == nil {
		t.Error("a campaign that could not go on is no error")
	}
}
