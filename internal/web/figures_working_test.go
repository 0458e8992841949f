package web

import (
	"net/http"
	"testing"
	"time"

	"waymark/internal/access"
)

// TestFiguresThatTakeLongSayThatTheyAreComing asks while everybody is counted
// anew: nobody's browser is kept waiting, and the page looks again by itself.
func TestFiguresThatTakeLongSayThatTheyAreComing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		stateFigures(t, h)
		h.Figures.Patience = time.Nanosecond
		t.Cleanup(h.Figures.Close)
		coming := []string{"The figures are being worked out", "looks again every 5 seconds", `http-equiv="refresh"`}
		h.run(t, []Scenario{
			{Name: "page", As: access.TeamManager, URL: "/figures?period=2025-11", Status: http.StatusAccepted, Want: coming},
			{Name: "file", As: access.TeamManager, URL: "/figures.csv?period=2025-11", Status: http.StatusAccepted, Want: coming},
		})
		h.Figures.Patience = time.Minute
		h.run(t, []Scenario{{Name: "counted", As: access.TeamManager, URL: "/figures?period=2025-11", Want: []string{"Not known"}}})
	})
}
