package nccis_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"waymark/internal/civil"
	"waymark/internal/nccis"
	"waymark/internal/nccis/nccistest"
)

func invented(t *testing.T, n int, faults bool, periodEnd, la string) string {
	t.Helper()
	var b bytes.Buffer
	if err := nccistest.WriteFile(&b, n, 7, faults, civil.MustParse(periodEnd), la); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func check(t *testing.T, text string, o nccis.CheckOptions) ([]nccis.Finding, nccis.CheckSummary, error) {
	t.Helper()
	var found []nccis.Finding
	sum, err := nccis.CheckFile(context.Background(), strings.NewReader(text), nccis.MustLoad(), o, func(f nccis.Finding) error {
		found = append(found, f)
		return nil
	})
	return found, sum, err
}

// The invented files are clean in every edition, so that they can stand for
// real ones.
func TestInventedFilesAreClean(t *testing.T) {
	for _, periodEnd := range []string{"2015-05-31", "2019-10-31", "2021-02-28", "2022-12-31", "2026-05-31", "2026-09-30"} {
		found, sum, err := check(t, invented(t, 2000, false, periodEnd, "341"), nccis.CheckOptions{})
		if err != nil || sum.Records != 2000 {
			t.Errorf("%s: %d records, %v", periodEnd, sum.Records, err)
		}
		for i, f := range found {
			if i == 5 {
				t.Errorf("… and %d more", len(found)-5)
				break
			}
			t.Errorf("%s: %+v", periodEnd, f)
		}
	}
}

func TestFaultsAreFoundInOrderAndCounted(t *testing.T) {
	found, sum, err := check(t, invented(t, 3000, true, "2026-05-31", "341"), nccis.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	byPriority, last, whole := [4]int{}, 0, false
	for _, f := range found {
		byPriority[f.Priority]++
		if f.Check == "902" || f.Check == "907" || f.Check == "908" {
			whole = true
			continue
		}
		if f.Position < last || whole {
			t.Fatalf("out of order: %+v", f)
		}
		last = f.Position
		if f.Message == "" || f.Check == "" {
			t.Errorf("says too little: %+v", f)
		}
	}
	n := 0
	for _, c := range sum.Checks {
		n += c.Findings
	}
	if byPriority != sum.Findings || n != len(found) || len(sum.Checks) < 10 || sum.Edition.Name != "2026-27" || sum.StandIn != "" {
		t.Errorf("%d findings, %v counted %v, %d by check", len(found), byPriority, sum.Findings, n)
	}
}

func TestTheEditionFollowsThePeriodEnd(t *testing.T) {
	text := invented(t, 1, false, "2025-05-31", "341")
	if _, sum, err := check(t, text, nccis.CheckOptions{}); err != nil || sum.Edition.Name != "2022-23" || !strings.Contains(sum.StandIn, "2025-26") {
		t.Errorf("%v, %q, %v", sum.Edition, sum.StandIn, err)
	}
	forced, _ := nccis.MustLoad().Edition("2026-27")
	if _, sum, err := check(t, text, nccis.CheckOptions{Edition: forced}); err != nil || sum.Edition != forced || sum.StandIn != "" {
		t.Errorf("%v, %q, %v", sum.Edition, sum.StandIn, err)
	}
}

func TestAuthoritiesOfTheHeader(t *testing.T) {
	for code, want := range map[string]string{
		"999": "LEACode 999 was no English authority on 31 May 2026", "001": "LEACode 001 was no English authority",
		"909": "it was Cumbria, now 942 and 943", "991": "Northmere exists only in Waymark's demonstration",
	} {
		_, _, err := check(t, invented(t, 3, false, "2026-05-31", code), nccis.CheckOptions{})
		var rej *nccis.Rejection
		if !errors.As(err, &rej) || !strings.Contains(rej.Reason, want) || rej.Do == "" {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, _, err := check(t, invented(t, 3, false, "2022-12-31", "909"), nccis.CheckOptions{}); err != nil {
		t.Errorf("an authority of its day: %v", err)
	}
}

func TestTheDemonstrationsAuthorities(t *testing.T) {
	text := strings.Replace(invented(t, 50, false, "2026-05-31", "993"), "Invented for a test", nccis.DemoSupplier, 1)
	found, sum, err := check(t, text, nccis.CheckOptions{})
	if err != nil || len(found) != 0 || !sum.Invented {
		t.Errorf("%v, %v, %v", found, sum.Invented, err)
	}
	req := nccis.MustLoad()
	for code, name := range nccis.InventedAuthorities() {
		for year := 2010; year < 2030; year++ {
			for _, la := range req.LocalAuthorities(civil.Must(year, 6, 1)) {
				if la.Code == code || strings.Contains(la.Name, name) {
					t.Errorf("%s %s is real: %+v", code, name, la)
				}
			}
		}
	}
}

func TestARejectionComesAfterItsRecordsFindings(t *testing.T) {
	text := invented(t, 1000, true, "2026-05-31", "341")
	whole, _, err := check(t, text, nccis.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found, sum, err := check(t, text[:len(text)/2], nccis.CheckOptions{})
	var rej *nccis.Rejection
	if !errors.As(err, &rej) || sum.Records != rej.Position-1 || len(found) == 0 || len(found) >= len(whole) {
		t.Errorf("%d of %d findings, %d records, %v", len(found), len(whole), sum.Records, err)
	}
}

func TestTheCheckCanBeStopped(t *testing.T) {
	text := invented(t, 5000, true, "2026-05-31", "341")
	full := errors.New("no space left")
	n := 0
	_, err := nccis.CheckFile(context.Background(), strings.NewReader(text), nccis.MustLoad(), nccis.CheckOptions{}, func(nccis.Finding) error { n++; return full })
	if !errors.Is(err, full) || n != 1 {
		t.Errorf("after %d findings: %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = nccis.CheckFile(ctx, strings.NewReader(text), nccis.MustLoad(), nccis.CheckOptions{}, func(nccis.Finding) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
