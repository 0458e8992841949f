package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWhatBrowsersReachOverHTTPSOnly(t *testing.T) {
	for _, c := range []struct {
		https bool
		hsts  HSTS
		want  string
	}{
		{true, "", "max-age=31536000; includeSubDomains"}, {true, HSTSSubdomains, "max-age=31536000; includeSubDomains"},
		{true, HSTSHost, "max-age=31536000"}, {true, HSTSOff, ""}, {false, HSTSSubdomains, ""},
	} {
		s := &Server{Settings: Settings{HTTPS: c.https, HSTS: c.hsts}}
		w := httptest.NewRecorder()
		s.secured(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := w.Header().Get("Strict-Transport-Security"); got != c.want {
			t.Errorf("https %v, %q: %q, want %q", c.https, c.hsts, got, c.want)
		}
	}
}

func TestWhoLeavesBeforeTheAnswerIsNoFaultOfOurs(t *testing.T) {
	var log bytes.Buffer
	s := &Server{Settings: Settings{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	s.fail(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx), errors.New("read the people: interrupted"))
	if w.Code != statusLeft || log.Len() > 0 {
		t.Errorf("status %d, log %q", w.Code, log.String())
	}
}
