package civil

import (
	"testing"
	"time"
)

// The zone built in is that of the server, hour by hour, as far as its law is made.
func TestLondonBuiltIn(t *testing.T) {
	ours, err := ownLondon()
	if err != nil {
		t.Fatal(err)
	}
	summer := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	if before, after := summer.Add(-time.Second).In(ours), summer.In(ours); before.Hour() != 0 || after.Hour() != 2 {
		t.Errorf("the clocks go forward from %s to %s", before, after)
	}
	theirs, err := time.LoadLocation(londonName)
	if err != nil {
		t.Skip("NOT COMPARED: the server has no zone files")
	}
	for at := time.Date(1996, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2038; at = at.Add(time.Hour) {
		a, was := at.In(ours).Zone()
		b, is := at.In(theirs).Zone()
		if a != b || was != is {
			t.Fatalf("at %s it is %s %d, and on the server %s %d", at, a, was, b, is)
		}
	}
}
