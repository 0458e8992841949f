package web

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
)

// clocked opens a house over a clock that the test moves.
func clocked(t *testing.T, d *db.DB, extra ...Route) (*house, *time.Time) {
	t.Helper()
	now := dbtest.Noon
	return newHouse(t, d.At(func() time.Time { return now }), extra...), &now
}

// appCode is what an authenticator app shows for a secret.
func appCode(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, now.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1_000_000)
}

// visitor is a browser with cookies of its own.
type visitor struct {
	h       *house
	t       *testing.T
	cookies map[string]*http.Cookie
}

func (h *house) visitor(t *testing.T) *visitor {
	return &visitor{h: h, t: t, cookies: map[string]*http.Cookie{}}
}

func (v *visitor) ask(method, to string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	var cookies []string
	for _, c := range v.cookies {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	w := v.h.ask(Scenario{Method: method, URL: to, Form: form, Header: map[string]string{"Cookie": strings.Join(cookies, "; ")}})
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c
		}
	}
	return w
}

// get asks for a page and wants its status and its words.
func (v *visitor) get(to string, status int, want ...string) string {
	v.t.Helper()
	return v.check(v.ask("GET", to, nil), to, status, want)
}

func (v *visitor) post(to string, form url.Values, status int, want ...string) string {
	v.t.Helper()
	return v.check(v.ask("POST", to, form), to, status, want)
}

func (v *visitor) check(w *httptest.ResponseRecorder, to string, status int, want []string) string {
	v.t.Helper()
	page := w.Body.String()
	if w.Code != status {
		v.t.Fatalf("%s answered %d, want %d\n%s", to, w.Code, status, page)
	}
	for _, words := range want {
		if !strings.Contains(page, words) {
			v.t.Errorf("%s does not hold %q\n%s", to, words, page)
		}
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location")
	}
	wellFormed(v.t, page)
	return page
}

func (v *visitor) signIn(signIn, password string) string {
	v.t.Helper()
	return v.post("/sign-in", url.Values{"sign-in": {signIn}, "password": {password}}, 303)
}

// TestFirstSignIn follows somebody from the link that an administrator gives
// them to the first page, in a register that needs a second factor.
func TestFirstSignIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, now := clocked(t, d)
		h.run(t, []Scenario{
			{Name: "not for others", As: access.DataOfficer, URL: "/accounts/sign-in", Status: 403},
			{Name: "rules", As: access.Administrator, URL: "/accounts/sign-in", Want: []string{`value="30"`, `value="12"`}},
			{Name: "nonsense", As: access.Administrator, Method: "POST", URL: "/accounts/sign-in", Form: url.Values{"idle": {"never"}, "lasts": {"99"}}, Status: 422, Want: []string{`href="#factor"`, `href="#idle"`}},
			{Name: "needed from now on", As: access.Administrator, Method: "POST", URL: "/accounts/sign-in", Form: url.Values{"factor": {"yes"}, "idle": {"30"}, "lasts": {"12"}}, Status: 303, Location: "/accounts"},
		})
		// Whoever is signed in by a password alone has one thing to do now.
		h.run(t, []Scenario{{Name: "at once", As: access.Adviser, URL: "/find", Status: 303, Location: "/account/second-factor"}})
		answer := h.ask(Scenario{As: access.DataOfficer, URL: "/account/second-factor"}).Body.String()
		if strings.Contains(answer, `aria-label="Menu"`) {
			t.Error("the menu is shown, and none of it is open")
		}
		administrator := h.visitor(t)
		administrator.signIn("administrator@sandmere.example", testPassword)
		administrator.setUp(now)
		made := administrator.post("/accounts/new", url.Values{"name": {"Opal Quarrie"}, "sign-in": {"opal@sandmere.example"}, "roles": {"adviser"}}, 200, "The account is made")
		link := regexp.MustCompile(`/begin/[a-z2-7]{26}`).FindString(made)

		v := h.visitor(t)
		v.get(link, 200, "Opal Quarrie", "Choose your password")
		v.post(link, url.Values{"new-password": {"short"}}, 422, "at least 12")
		if to := v.post(link, url.Values{"new-password": {"nine brisk lanterns"}}, 303); to != "/sign-in" {
			t.Fatalf("led to %s", to)
		}
		v.get("/sign-in", 200, "Your password is set.")
		v.get(link, 200, "This link has been used")
		if to := v.signIn("opal@sandmere.example", "nine brisk lanterns"); to != "/" {
			t.Fatalf("led to %s", to)
		}
		if to := v.get("/", 303); to != "/account/second-factor" {
			t.Fatalf("led to %s", to)
		}
		secret := v.setUp(now)
		v.get("/", 200)
		v.get("/account", 200, "Set up")
		v.get("/account/second-factor", 200, "10 recovery codes")

		// The next time there are two steps.
		w := h.visitor(t)
		if to := w.get("/sign-in/second-step", 303); !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("the second step without the first leads to %s", to)
		}
		if to := w.signIn("opal@sandmere.example", "nine brisk lanterns"); to != "/sign-in/second-step" {
			t.Fatalf("led to %s", to)
		}
		if to := w.get("/account", 303); !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("with one step done the account is shown: %s", to)
		}
		w.get("/sign-in/second-step", 200, `autocomplete="one-time-code"`)
		w.post("/sign-in/second-step", url.Values{"code": {"000000"}}, 422, "wrong, over, or was used before")
		*now = now.Add(time.Minute)
		if to := w.post("/sign-in/second-step", url.Values{"code": {appCode(t, secret, *now)}}, 303); to != "/" {
			t.Fatalf("led to %s", to)
		}
		w.get("/account", 200, "Opal Quarrie")
		// Half a sign-in lasts ten minutes.
		late := h.visitor(t)
		late.signIn("opal@sandmere.example", "nine brisk lanterns")
		*now = now.Add(halfHolds + time.Second)
		if to := late.post("/sign-in/second-step", url.Values{"code": {appCode(t, secret, *now)}}, 303); to != "/sign-in" {
			t.Errorf("eleven minutes later led to %s", to)
		}
	})
}

// setUp sets up an authenticator app and returns its secret.
func (v *visitor) setUp(now *time.Time) string {
	v.t.Helper()
	page := v.get("/account/second-factor", 200, "QR code", "<svg")
	secret := strings.ReplaceAll(html.UnescapeString(regexp.MustCompile(`Key: <strong class="wm-code">([A-Z2-7 ]+)`).FindStringSubmatch(page)[1]), " ", "")
	v.post("/account/second-factor", url.Values{"code": {"12345"}}, 422, "six digits")
	if again := v.get("/account/second-factor", 200); !strings.Contains(again, secret[:4]+" "+secret[4:8]) {
		v.t.Error("a wrong code changed the secret")
	}
	codes := v.post("/account/second-factor", url.Values{"code": {appCode(v.t, secret, *now)}}, 200, "Your recovery codes")
	if n := len(regexp.MustCompile(`<li class="wm-code">[a-z2-7]{4}(-[a-z2-7]{4}){3}</li>`).FindAllString(codes, -1)); n != 10 {
		v.t.Errorf("%d recovery codes are shown", n)
	}
	*now = now.Add(30 * time.Second)
	return secret
}

// TestWarnedOfTries tells whoever signs in what failed meanwhile.
func TestWarnedOfTries(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for range 4 {
			h.ask(Scenario{Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {"adviser@sandmere.example"}, "password": {"wrong"}}})
		}
		v := h.visitor(t)
		v.signIn("adviser@sandmere.example", testPassword)
		v.get("/account", 200, "4 tries to sign in as you have failed.")
		if strings.Contains(v.get("/account", 200), "have failed") {
			t.Error("it is said twice")
		}
		if c := v.cookies["browser"]; c == nil || !c.HttpOnly || c.Value == "" {
			t.Errorf("the browser is not known: %v", c)
		}
	})
}

// TestNothingOfWhoWasHereBefore signs somebody in over another's session in the
// same browser.
func TestNothingOfWhoWasHereBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		v := h.visitor(t)
		key := func(signIn string) string {
			v.signIn(signIn, testPassword)
			return regexp.MustCompile(`Key: <strong class="wm-code">[A-Z2-7 ]+`).FindString(v.get("/account/second-factor", 200))
		}
		first := key("adviser@sandmere.example")
		if second := key("data.officer@sandmere.example"); first == "" || second == first {
			t.Error("the key of one authenticator app is offered to two people")
		}
		v.get("/account", 200, "Test Data officer")
	})
}

// TestProveAgain asks for a new proof before what is protected most, and does
// what was asked afterwards.
func TestProveAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, now := clocked(t, d)
		v := h.visitor(t)
		v.signIn("administrator@sandmere.example", testPassword)
		a := h.accountOf(t, "adviser@sandmere.example")
		roles := "/accounts/" + string(a.Ref) + "/roles"
		token := v.cookies["session"].Value
		*now = now.Add(provedHolds)
		v.get(roles, 200)
		if got := h.accountOf(t, "adviser@sandmere.example").Roles; len(got) != 1 {
			t.Fatal(got)
		}
		form := url.Values{"roles": {"adviser", "team manager"}}
		to := v.post(roles, form, 303)
		if !strings.HasPrefix(to, provePath+"?kept=") {
			t.Fatalf("led to %s", to)
		}
		q, err := url.ParseQuery(strings.TrimPrefix(to, provePath+"?"))
		if err != nil {
			t.Fatal(err)
		}
		v.get(to, 200, "Prove again that it is you", `type="password"`)
		proof := url.Values{"next": q["next"], "kept": q["kept"]}
		v.post(provePath, proof, 422, "Enter your password")
		proof.Set("password", "wrong")
		v.post(provePath, proof, 422, "this one is wrong")
		if got := h.accountOf(t, "adviser@sandmere.example").Roles; len(got) != 1 {
			t.Fatalf("without a proof the roles are %v", got)
		}
		proof.Set("password", testPassword)
		kept := v.post(provePath, proof, 303)
		if kept != "/kept/"+q.Get("kept") {
			t.Fatalf("led to %s", kept)
		}
		if v.cookies["session"].Value == token {
			t.Error("the token is the one from before the proof")
		}
		other := h.visitor(t)
		other.signIn("data.officer@sandmere.example", testPassword)
		other.get(kept, 404)
		v.get(kept, 200, "Carry on")
		if to := v.post(kept, url.Values{"as-kept": {"yes"}}, 303); to != "/accounts/"+string(a.Ref) {
			t.Fatalf("led to %s", to)
		}
		if got := h.accountOf(t, "adviser@sandmere.example").Roles; len(got) != 2 {
			t.Errorf("after the proof the roles are %v", got)
		}
		v.get(kept, 404)
		// Within ten minutes nothing more is asked; then it is, and a page asked
		// for is shown afterwards.
		v.post(roles, url.Values{"roles": {"adviser"}}, 303)
		*now = now.Add(provedHolds)
		to = v.get("/account/second-factor", 303)
		if to != provePath+"?next=%2Faccount%2Fsecond-factor" {
			t.Errorf("led to %s", to)
		}
		if to := v.post(provePath, url.Values{"next": {"/account/second-factor"}, "password": {testPassword}}, 303); to != "/account/second-factor" {
			t.Errorf("led to %s", to)
		}
		// The session lasts no longer for it.
		began := *now
		for now.Sub(began) < 12*time.Hour {
			*now = now.Add(9 * time.Minute)
			w := v.ask("POST", provePath, url.Values{"password": {testPassword}})
			if w.Code == 303 && strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
				return
			}
		}
		t.Error("proving again keeps a session for more than a working day")
	})
}

func (h *house) accountOf(t *testing.T, signIn string) account.Account {
	t.Helper()
	operator := access.Actor{Register: 1, Ref: "operator:test", Roles: []access.Role{access.Operator}}
	all, err := h.Account.All(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.SignIn == signIn {
			return a
		}
	}
	t.Fatalf("there is no account %s", signIn)
	return account.Account{}
}

// TestEveryExportAsksForAProof holds that what takes people out of the house
// asks for a new proof, whichever route it is.
func TestEveryExportAsksForAProof(t *testing.T) {
	h, now := clocked(t, dbtest.SQLite(t))
	*now = now.Add(provedHolds)
	seen := 0
	for _, route := range h.Routes() {
		if route.Method != "GET" || route.Permission != access.DownloadPeople && route.Permission != access.FetchReturn {
			continue
		}
		seen++
		w := h.ask(Scenario{As: access.DataOfficer, URL: regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(route.Pattern, "2026-10")})
		if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), provePath) {
			t.Errorf("%s answers %d without a new proof", route.Pattern, w.Code)
		}
	}
	if seen < 5 {
		t.Errorf("%d routes were looked at", seen)
	}
}

// TestWhatWasTypedIsKept signs somebody out while they write, and gives them
// their page back; nobody else gets it, and nothing is done by showing it.
func TestWhatWasTypedIsKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, now := clocked(t, d, Route{Method: "POST", Pattern: "/breaks", Permission: access.SignedIn,
			Handler: func(_ http.ResponseWriter, r *http.Request) error {
				if _, err := readForm(r); err != nil {
					return err
				}
				return fmt.Errorf("the disk has broken")
			}})
		v := h.visitor(t)
		v.signIn("adviser@sandmere.example", testPassword)
		form := url.Values{"given-name": {"Wren"}, "family-name": {"Ashdown-Kept"}, "date-of-birth-day": {"3"}, "date-of-birth-month": {"4"}, "date-of-birth-year": {"2009"},
			"key": {string(id.NewRef())}, "told-kind": {"phone"}}
		*now = now.Add(31 * time.Minute)
		to := v.post("/young-people/new", form, 303)
		q, err := url.Parse(to)
		if err != nil || q.Path != "/sign-in" || q.Query().Get("kept") == "" {
			t.Fatalf("led to %s", to)
		}
		if strings.Contains(to, "Wren") {
			t.Error("the address holds what was typed")
		}
		v.get(to, 200, "What you typed is kept for a day")
		again := url.Values{"next": {"/"}, "kept": {q.Query().Get("kept")}, "password": {testPassword}}
		// Somebody else at the same screen.
		again.Set("sign-in", "team.manager@sandmere.example")
		other := h.visitor(t)
		if to := other.post("/sign-in", again, 303); to != "/" {
			t.Errorf("somebody else is led to %s", to)
		}
		kept := "/kept/" + q.Query().Get("kept")
		other.get(kept, 404)
		again.Set("sign-in", "adviser@sandmere.example")
		again.Del("key")
		if to := v.post("/sign-in", again, 303); to != kept {
			t.Fatalf("led to %s", to)
		}
		before := countActs(t, h)
		page := v.ask("GET", kept, nil)
		if page.Code != 422 || !strings.Contains(page.Body.String(), "Ashdown-Kept") || !strings.Contains(page.Body.String(), "This was not saved yet") {
			t.Fatalf("%d %s", page.Code, page.Body)
		}
		wellFormed(t, page.Body.String())
		if n := countActs(t, h); n != before {
			t.Errorf("showing what was kept did %d acts", n-before)
		}
		v.get("/account", 200, "Not saved yet", kept)

		// What could not be saved is kept too.
		broken := v.ask("POST", "/breaks", url.Values{"note": {"a long note"}})
		link := regexp.MustCompile(`/kept/[a-z2-7]{26}`).FindString(broken.Body.String())
		if broken.Code != 500 || link == "" {
			t.Fatalf("%d %s", broken.Code, broken.Body)
		}
		v.get(link, 200, "What you sent is kept", "Send it again")
		if w := v.ask("POST", link, url.Values{"as-kept": {"yes"}}); w.Code != 500 {
			t.Errorf("sent again it answers %d", w.Code)
		}
		// Passwords never are.
		*now = now.Add(31 * time.Minute)
		if to := v.post("/account/password", url.Values{"old-password": {testPassword}, "new-password": {"eleven quiet badgers"}}, 303); strings.Contains(to, "kept") {
			t.Errorf("a password was kept: %s", to)
		}
	})
}

const sqlCountActs = `SELECT count(*) FROM act WHERE register = 1`

func countActs(t *testing.T, h *house) (n int) {
	t.Helper()
	err := h.db.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(sqlCountActs).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestEveryDraftRouteOnlyShows sends every route that can draw a kept form one
// that would be done, and holds that nothing is.
func TestEveryDraftRouteOnlyShows(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	person := h.wren(t)
	a := h.accountOf(t, "data.officer@sandmere.example")
	n := 0
	for _, route := range h.Routes() {
		if !route.Draft {
			continue
		}
		n++
		address := strings.ReplaceAll(route.Pattern, "{ref}", string(person))
		ref, err := h.Account.KeepForm(t.Context(), account.KeptForm{Account: a.Ref, Address: address, Page: route.Pattern, Why: account.KeptSignedOut,
			Form: url.Values{"key": {string(id.NewRef())}, "family-name": {"Changed"}, "given-name": {"Changed"}, "told-kind": {"phone"}}})
		if err != nil {
			t.Fatal(err)
		}
		before := countActs(t, h)
		w := h.ask(Scenario{As: access.DataOfficer, URL: "/kept/" + string(ref)})
		if got := countActs(t, h); got != before {
			t.Errorf("%s did %d acts", route.Pattern, got-before)
		}
		if w.Code != 422 && w.Code != 404 && w.Code != 303 && access.May(h.actor(access.DataOfficer), route.Permission) {
			t.Errorf("%s answers %d: %s", route.Pattern, w.Code, w.Body)
		}
	}
	if n < 10 {
		t.Errorf("%d routes keep a draft", n)
	}
}
