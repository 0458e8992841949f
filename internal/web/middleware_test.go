package web

import (
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
