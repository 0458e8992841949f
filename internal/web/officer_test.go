package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis/nccistest"
)

// upload sends a form with a file as a browser would.
func (h *house) upload(as access.Role, url, name, content string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("key", string(id.NewRef()))
	if name != "" {
		part, _ := form.CreateFormFile("file", name)
		_, _ = part.Write([]byte(content))
	}
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, url, &body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(h.cookies[as])
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// settle waits until the import at the address is no longer being loaded, and
// gives its page.
func (h *house) settle(t testing.TB, url string) string {
	t.Helper()
	for range 600 {
		page := h.ask(Scenario{As: access.DataOfficer, URL: url}).Body.String()
		if !strings.Contains(page, `http-equiv="refresh"`) {
			return page
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the import does not end")
	return ""
}

// supplierFile is a month's file of n invented people from the database of the
// test's register.
func supplierFile(t testing.TB, n int, faults bool, periodEnd, la string) string {
	t.Helper()
	var b bytes.Buffer
	if err := nccistest.WriteFile(&b, n, 7, faults, civil.MustParse(periodEnd), la); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), nccistest.DatabaseID+"000", "991000"), ">"+nccistest.DatabaseID+"<", ">991<")
}
