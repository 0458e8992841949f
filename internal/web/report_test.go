package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waymark/internal/db/dbtest"
)

func TestABrowsersReportIsLoggedWithoutAddresses(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	var log bytes.Buffer
	h.Log = slog.New(slog.NewTextHandler(&log, nil))
	send := func(body string) int {
		r := httptest.NewRequest(http.MethodPost, "/csp-report", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/reports+json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, body := range []string{
		`[{"type":"csp-violation","body":{"effectiveDirective":"script-src-elem","blockedURL":"https://evil.example/wren-ashdown?q=1","documentURL":"https://here/find?q=wren"}},{"type":"deprecation","body":{}}]`,
		`{"csp-report":{"violated-directive":"style-src inline\nwren","blocked-uri":"inline"}}`,
		`not JSON: wren`, ``, `[]`, `[{"type":"csp-violation","body":{"effectiveDirective":"` + strings.Repeat("wren", 100) + `","blockedURL":"::wren"}}]`,
	} {
		if status := send(body); status != http.StatusNoContent {
			t.Errorf("%q was answered by %d", body, status)
		}
	}
	said := log.String()
	for _, want := range []string{"directive=script-src-elem blocked=https://evil.example", "directive=style-src blocked=inline", "blocked=unreadable"} {
		if !strings.Contains(said, want) {
			t.Errorf("the log does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "ashdown") || strings.Contains(said, "q=") {
		t.Errorf("the log holds addresses:\n%s", said)
	}
	log.Reset()
	for range 200 {
		send(`{"csp-report":{"violated-directive":"img-src","blocked-uri":"data"}}`)
	}
	if n := strings.Count(log.String(), "refused something"); n > mostReport {
		t.Errorf("a flood wrote %d lines", n)
	}
	if status := send(strings.Repeat("x", reportCap+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a long report was answered by %d", status)
	}
}
