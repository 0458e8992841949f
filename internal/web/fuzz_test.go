package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzForms: whatever body and cookie a browser sends, a form is read whole or
// refused, and nothing is read of a path or a report that is not there.
func FuzzForms(f *testing.F) {
	const key = "key=abcdefghijklmnopqrstuvwxyz"
	f.Add(key+"&born-day=3&born-month=2&born-year=2009", "session=abc")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nabcdefghijklmnopqrstuvwxyz\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\"\r\n\r\nUPN\r\n--b--\r\n", "a=b; session=")
	f.Add(`[{"type":"csp-violation","body":{"effectiveDirective":"script-src","blockedURL":"inline"}}]`, "")
	f.Add(key+strings.Repeat("&a=1", 1200), "\x00=;")
	f.Fuzz(func(t *testing.T, body, cookie string) {
		r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header["Cookie"] = []string{cookie}
		_, _ = r.Cookie("session")
		if form, err := readForm(r); err == nil {
			if len(form.values) > maxFields {
				t.Errorf("%d fields are read", len(form.values))
			}
			form.Date("born", "Date of birth")
			if again, err := formOf(form.values); err != nil || again.Key != form.Key {
				t.Errorf("a form is read as another: %v", err)
			}
		}
		r = httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		if _, file, err := readUpload(r, "file"); err == nil && file != nil {
			if _, err := io.Copy(io.Discard, file); err == nil && strings.ContainsAny(file.Name, "/") {
				t.Errorf("a file is called %q", file.Name)
			}
		}
		readViolations([]byte(body))
		if to := localPath(body); !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
			t.Errorf("%q leads to %q", body, to)
		}
		if u, err := url.Parse(localPath(body)); err != nil || u.Host != "" {
			t.Errorf("%q leads to the host %q (%v)", body, u.Host, err)
		}
	})
}
