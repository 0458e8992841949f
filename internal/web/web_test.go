package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
)

// wellFormed holds what is true of every page (ux-security.md U07, U08, U09).
func wellFormed(t *testing.T, page string) {
	t.Helper()
	if n := len(regexp.MustCompile(`<h1[ >]`).FindAllString(page, -1)); n != 1 {
		t.Errorf("the page has %d h1, want 1", n)
	}
	if !regexp.MustCompile(`<title>.+ – Waymark</title>`).MatchString(page) || !strings.Contains(page, `<html lang="en"`) {
		t.Error("the page has no title ending in – Waymark, or no language")
	}
	if summary := strings.Contains(page, "govuk-error-summary__title"); summary != strings.Contains(page, "<title>Error: ") {
		t.Error(`"Error:" in the title and the error summary do not go together`)
	}
	if bad := regexp.MustCompile(`\s(style|on[a-z]+)=|<script>|javascript:`).FindString(page); bad != "" {
		t.Errorf("the page holds %q, which its policy refuses", bad)
	}
	for _, form := range regexp.MustCompile(`(?s)<form method="post".*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, `action="/sign-out"`) && !regexp.MustCompile(`name="key" value="[a-z2-7]{26}"`).MatchString(form) {
			t.Errorf("a form that changes something has no one-use key: %s", form)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("two elements have the id %q", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?:href="#|for="|aria-labelledby="|data-aria-controls=")([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !ids[m[1]] {
			t.Errorf("something refers to the id %q, which is not there", m[1])
		}
	}
	for _, want := range []string{`href="/help"`, `href="/accessibility"`, `class="govuk-skip-link"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestSignIn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wrong := []string{"Error: Sign in – Waymark", `href="#sign-in"`, "do not belong together"}
		h.run(t, []Scenario{
			{Name: "page", URL: "/sign-in", Want: []string{"Sign in – Waymark", `autocomplete="current-password"`}, WantNot: []string{"Sign out"}},
			{Name: "asked page needs it", URL: "/account", Status: 303, Location: "/sign-in?next=%2Faccount"},
			{Name: "a change needs it too", Method: "POST", URL: "/account/password", Form: url.Values{}, Status: 303, Location: "/sign-in?next=%2F"},
			{Name: "empty", Method: "POST", URL: "/sign-in", Form: url.Values{}, Status: 422, Want: []string{"Enter your password", "Enter the name you sign in with"}},
			{Name: "unknown", Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {"nobody@sandmere.example"}, "password": {"x"}}, Status: 422, Want: wrong},
			{Name: "wrong password", Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {"adviser@sandmere.example"}, "password": {"x"}}, Status: 422, Want: append(wrong, `value="adviser@sandmere.example"`), WantNot: []string{`value="x"`}},
			{Name: "back to the page asked for", Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {" Adviser@sandmere.example"}, "password": {testPassword}, "next": {"/account"}}, Status: 303, Location: "/account"},
			{Name: "never elsewhere", Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {"adviser@sandmere.example"}, "password": {testPassword}, "next": {"https://elsewhere.example/"}}, Status: 303, Location: "/"},
			{Name: "already signed in", As: access.Adviser, URL: "/sign-in?next=/account", Status: 303, Location: "/account"},
			{Name: "account", As: access.Adviser, URL: "/account", Want: []string{"Test Adviser", "Firefox on Linux", "This browser"}},
			{Name: "no key", As: access.Adviser, Method: "POST", URL: "/account/password", Form: url.Values{"key": {"short"}}, Status: 400, Want: []string{"did not arrive whole"}},
			{Name: "old password wrong", As: access.Adviser, Method: "POST", URL: "/account/password", Form: url.Values{"old-password": {"x"}, "new-password": {testPassword + "!"}}, Status: 422, Want: []string{`href="#old-password"`}},
			{Name: "password changed", As: access.Adviser, Method: "POST", URL: "/account/password", Form: url.Values{"old-password": {testPassword}, "new-password": {"eleven quiet badgers"}}, Status: 303, Location: "/account"},
			{Name: "said once", As: access.Adviser, URL: "/account", Want: []string{"Your password is changed.", `role="alert"`}, WantNot: []string{"Sign out there"}},
			{Name: "not twice", As: access.Adviser, URL: "/account", WantNot: []string{"Your password is changed."}},
			{Name: "another's session", As: access.Adviser, Method: "POST", URL: "/account/sessions/" + string(id.NewRef()) + "/end", Form: url.Values{}, Status: 404},
			{Name: "out", As: access.Adviser, Method: "POST", URL: "/sign-out", Form: url.Values{}, Status: 303, Location: "/sign-in"},
			{Name: "is out", As: access.Adviser, URL: "/account", Status: 303, Location: "/sign-in?next=%2Faccount"},
			{Name: "help", URL: "/help"},
			{Name: "accessibility", URL: "/accessibility"},
		})
		if strings.Contains(h.log.String(), "Adviser") || strings.Contains(h.log.String(), "sandmere") {
			t.Error("the log names somebody")
		}
	})
}

func TestEndOneSession(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		other := h.signInAs(t, "data.officer@sandmere.example")
		page := h.ask(Scenario{As: access.DataOfficer, URL: "/account"}).Body.String()
		end := regexp.MustCompile(`/account/sessions/[a-z2-7]{26}/end`).FindString(page)
		h.run(t, []Scenario{{Name: "end", As: access.DataOfficer, Method: "POST", URL: end, Form: url.Values{}, Status: 303, Location: "/account"}})
		h.cookies["other"] = other
		h.run(t, []Scenario{{Name: "is out", As: "other", URL: "/account", Status: 303, Location: "/sign-in?next=%2Faccount"}})
	})
}

func TestSessionTokenIsNotStored(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		err := h.db.InSideTx(t.Context(), func(tx *db.Tx) error {
			var n int
			err := tx.QueryRow(`SELECT count(*) FROM session WHERE register = 1 AND token = $1`, h.cookies[access.Adviser].Value).Scan(&n)
			if n != 0 {
				t.Error("the token itself is stored")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// answers are routes that end in each error there is.
func answers() []Route {
	fails := func(path string, permission access.Action, err error) Route {
		return Route{Method: "GET", Pattern: "/fails/" + path, Permission: permission, Handler: func(http.ResponseWriter, *http.Request) error { return err }}
	}
	return []Route{
		fails("not-found", access.SignedIn, fmt.Errorf("find it: %w", db.NotFound)),
		fails("person", access.SignedIn, access.Denied{Action: access.SeePerson, Reason: "locked"}),
		fails("denied", access.SignedIn, access.Denied{Action: access.BuildReturn, Reason: "role"}),
		fails("conflict", access.SignedIn, bothVersions{db.Conflict{What: "this young person's address"},
			Card{ID: "theirs", Title: "Now", Text: "4 Lantern Row"}, Card{ID: "yours", Title: "Yours", Text: "9 Kite Street"}}),
		fails("repeated", access.SignedIn, fmt.Errorf("record activity: %w", act.ErrRepeated)),
		fails("full", access.SignedIn, fmt.Errorf("%w: write the upload: %w", act.ErrUnrecorded, &os.PathError{Op: "write", Path: "upload", Err: syscall.ENOSPC})),
		fails("secret", access.SignedIn, errors.New("Wren Ashdown lives at 4 Lantern Row")),
		{Method: "GET", Pattern: "/fails/panic", Permission: access.SignedIn, Handler: func(http.ResponseWriter, *http.Request) error { panic("Wren Ashdown") }},
		{Method: "GET", Pattern: "/staff", Permission: access.ManageStaff, Nav: "Staff", Handler: func(http.ResponseWriter, *http.Request) error { return nil }},
		{Method: "POST", Pattern: "/small", Permission: access.SignedIn, Body: 1 << 10, Handler: func(w http.ResponseWriter, r *http.Request) error {
			_, err := readForm(r)
			return err
		}},
	}
}

func TestErrorsAreAnsweredInOnePlace(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t), answers()...)
	h.run(t, []Scenario{
		{Name: "nowhere", URL: "/nowhere", Status: 404, Want: []string{"Page not found"}},
		{Name: "not found", As: access.Adviser, URL: "/fails/not-found", Status: 404, Want: []string{"Page not found"}},
		{Name: "a hidden person looks absent", As: access.Adviser, URL: "/fails/person", Status: 404, Want: []string{"Page not found"}, WantNot: []string{"locked"}},
		{Name: "denied", As: access.Adviser, URL: "/fails/denied", Status: 403, Want: []string{"build a return"}},
		{Name: "not for the role", As: access.Adviser, URL: "/staff", Status: 403, WantNot: []string{`href="/staff"`}},
		{Name: "in the menu of who may", As: access.Administrator, URL: "/account", Want: []string{`href="/staff"`}},
		{Name: "conflict shows both", As: access.Adviser, URL: "/fails/conflict", Status: 409, Want: []string{"4 Lantern Row", "9 Kite Street"}},
		{Name: "sent twice", As: access.Adviser, URL: "/fails/repeated", Status: 409, Want: []string{"already saved"}},
		{Name: "unknown errors tell nothing", As: access.Adviser, URL: "/fails/secret", Status: 500, Want: []string{"Reference:"}, WantNot: []string{"Lantern", "Wren"}},
		{Name: "a full disk is told in words", As: access.Adviser, URL: "/fails/full", Status: 503, Want: []string{"There is no room left on the disk", "Nothing that was saved is lost", "recorded who looked", "home page and the figures still work"}, WantNot: []string{"upload:"}},
		{Name: "a panic tells nothing", As: access.Adviser, URL: "/fails/panic", Status: 500, Want: []string{"Reference:"}, WantNot: []string{"Wren"}},
		{Name: "too large", As: access.Adviser, Method: "POST", URL: "/small", Form: url.Values{"a": {strings.Repeat("x", 2000)}}, Status: 413, Want: []string{"1 kB"}},
		{Name: "method", As: access.Adviser, Method: "POST", URL: "/account", Form: url.Values{}, Status: 404},
	})
	hidden := h.ask(Scenario{As: access.Adviser, URL: "/fails/person"}).Body.String()
	absent := h.ask(Scenario{As: access.Adviser, URL: "/fails/not-found"}).Body.String()
	if hidden != absent {
		t.Error("the page about a hidden person differs from the page about nobody")
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t), answers()...)
	h.HTTPS = true
	css, err := h.assets.address("app.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range []Scenario{{URL: "/sign-in"}, {URL: "/nowhere"}, {URL: css}, {As: access.Adviser, URL: "/account"},
		{As: access.Adviser, URL: "/fails/panic"}, {URL: "/account"}, {Method: "POST", URL: "/sign-in", Header: map[string]string{"Sec-Fetch-Site": "cross-site"}}} {
		head := h.ask(sc).Header()
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
			"Cross-Origin-Resource-Policy", "Permissions-Policy", "Strict-Transport-Security", "Request-Id"} {
			if head.Get(name) == "" {
				t.Errorf("%s has no %s", sc.URL, name)
			}
		}
		if policy := head.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") {
			t.Errorf("%s allows %s", sc.URL, policy)
		}
		if sc.As != "" && head.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", sc.URL, head.Get("Cache-Control"))
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		header map[string]string
		want   int
	}{
		"our own page":                {nil, 303},
		"another site":                {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"a sibling domain":            {map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"another origin":              {map[string]string{"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"}, 403},
		"our own origin":              {map[string]string{"Sec-Fetch-Site": "", "Origin": "http://example.com"}, 303},
		"no word of where it is from": {map[string]string{"Sec-Fetch-Site": ""}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			h.cookies[access.Adviser] = h.signInAs(t, "adviser@sandmere.example")
			if w := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/sign-out", Form: url.Values{}, Header: c.header}); w.Code != c.want {
				t.Errorf("answered %d, want %d", w.Code, c.want)
			}
		})
	}
}

func TestARouteNeedsAPermission(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	if _, err := h.build([]Route{{Method: "GET", Pattern: "/open", Handler: h.help}}); err == nil {
		t.Error("a route without a permission was built")
	}
	if _, err := h.build([]Route{{Method: "GET", Pattern: "/open", Permission: access.Public}}); err == nil {
		t.Error("a route without a handler was built")
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.sessions = h.Account.Sessions(true)
	var err error
	if h.handler, err = h.build(h.table()); err != nil {
		t.Fatal(err)
	}
	c := h.signInAs(t, "adviser@sandmere.example")
	if c.Name != "__Host-session" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 0 {
		t.Errorf("the cookie is %v", c)
	}
}

func TestSessionsEnd(t *testing.T) {
	now := dbtest.Noon
	d, err := db.Open(t.Context(), db.Settings{Dir: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	h := newHouse(t, d)
	signedIn := func() bool { return h.ask(Scenario{As: access.DataOfficer, URL: "/account"}).Code == http.StatusOK }
	for range 24 { // twelve hours, never half an hour unused
		now = now.Add(29 * time.Minute)
		if !signedIn() {
			t.Fatalf("signed out after %v of use", now.Sub(dbtest.Noon))
		}
	}
	now = now.Add(29 * time.Minute)
	if signedIn() {
		t.Error("still signed in after more than twelve hours")
	}
	h.cookies[access.DataOfficer] = h.signInAs(t, "data.officer@sandmere.example")
	now = now.Add(31 * time.Minute)
	if signedIn() {
		t.Error("still signed in after half an hour unused")
	}
}

func TestLocalPath(t *testing.T) {
	for address, want := range map[string]string{
		"/account": "/account", "/people?year=12": "/people?year=12", "": "/", "https://x.example/": "/", "//x.example/": "/",
		"/\\x.example": "/", "javascript:alert(1)": "/", "account": "/", "/sign-in": "/", "/sign-out": "/", "/%2F/x.example": "/",
	} {
		if got := localPath(address); got != want {
			t.Errorf("localPath(%q) is %q, want %q", address, got, want)
		}
	}
}

func TestCSV(t *testing.T) {
	w := httptest.NewRecorder()
	err := sendCSV(w, "people/list.csv", []string{"Name", "Note"}, func(write func(...string) error) error {
		return write("=1+1", "two\nlines, \"quoted\"")
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "\ufeffName,Note\r\n'=1+1,\"two\r\nlines, \"\"quoted\"\"\"\r\n"; w.Body.String() != want {
		t.Errorf("wrote %q", w.Body)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="people-list.csv"` {
		t.Error(got)
	}
}

// TestASlowUploadMayTakeItsTime sends a file more slowly than the server's own
// limit for reading, while the house's clock stands in another year.
func TestASlowUploadMayTakeItsTime(t *testing.T) {
	got := make(chan int, 1)
	h := newHouse(t, dbtest.SQLite(t), Route{Method: "POST", Pattern: "/slow", Permission: access.Public, Body: uploadCap, Handler: func(w http.ResponseWriter, r *http.Request) error {
		b, err := io.ReadAll(r.Body)
		got <- len(b)
		return err
	}})
	server := httptest.NewUnstartedServer(h)
	server.Config = HTTPServer(h)
	server.Config.ReadTimeout = 500 * time.Millisecond
	server.Start()
	defer server.Close()
	body, sender := io.Pipe()
	go func() {
		for range 4 {
			time.Sleep(200 * time.Millisecond)
			io.WriteString(sender, "slow ")
		}
		sender.Close()
	}()
	r, err := http.NewRequest("POST", server.URL+"/slow", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if n := <-got; n != 20 || answer.StatusCode != 200 {
		t.Errorf("%d bytes arrived, answered %d", n, answer.StatusCode)
	}
}
