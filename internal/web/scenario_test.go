package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/audit"
	"waymark/internal/border"
	"waymark/internal/calendar"
	"waymark/internal/campaign"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/due"
	"waymark/internal/export"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/intake"
	"waymark/internal/list"
	"waymark/internal/merge"
	"waymark/internal/message"
	"waymark/internal/nccis"
	"waymark/internal/notice"
	"waymark/internal/notify"
	"waymark/internal/publish"
	"waymark/internal/record"
	"waymark/internal/reference"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/restrict"
	"waymark/internal/retention"
	"waymark/internal/returns"
	"waymark/internal/rights"
	"waymark/internal/rollover"
	"waymark/internal/season"
	"waymark/internal/sharing"
	"waymark/internal/standing"
	"waymark/internal/survey"
	"waymark/internal/visit"
)

// Scenario is one request and what its answer must hold. A page's tests are
// mostly rows of these.
type Scenario struct {
	Name string
	// As is the role that asks; empty is nobody signed in.
	As     access.Role
	Method string // GET where empty
	URL    string
	// Form is sent with a fresh one-use key, unless it has a key of its own.
	Form url.Values
	// Header is added to, and overrides, what a browser sends.
	Header map[string]string
	Status int // 200 where 0
	// Location is where a redirect must lead.
	Location      string
	Want, WantNot []string
}

// house is a server over a database of its own, with an account for each role.
type house struct {
	*Server
	db      *db.DB
	log     *bytes.Buffer
	cookies map[access.Role]*http.Cookie
}

const testPassword = "seven purple otters"

// testHash is of testPassword, at a hundredth of the cost that people's own
// have: a house has a dozen accounts that sign in, and there are hundreds of
// houses.
var testHash = func() string {
	const salt = "sixteen of bytes"
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=64,t=1,p=1$%s$%s", argon2.Version, b64.EncodeToString([]byte(salt)), b64.EncodeToString(argon2.IDKey([]byte(testPassword), []byte(salt), 1, 64, 1, 32)))
}()

const (
	sqlTestRegister  = `INSERT INTO register (id, ref, name, database_id, supplier_name) VALUES (1, $1, 'Borough of Sandmere', '991', 'Waymark')`
	sqlTestAuthority = `INSERT INTO register_authority (register, la_code, la_name, invented) VALUES (1, '991', 'Sandmere', TRUE)`
)

// newHouse opens the doors. extra are routes that only tests have.
func newHouse(t testing.TB, d *db.DB, extra ...Route) *house {
	t.Helper()
	ctx := context.Background()
	err := d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlTestRegister, string(id.NewRef())); err != nil {
			return err
		}
		_, err := tx.Exec(sqlTestAuthority)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	req := nccis.MustLoad()
	sights := &act.Recorder{DB: d}
	h := &house{db: d, log: &bytes.Buffer{}, cookies: map[access.Role]*http.Cookie{}}
	keeper := standing.Keeper{Requirement: req}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
	finder, err := find.New(d, records)
	if err != nil {
		t.Fatal(err)
	}
	merges, err := merge.New(records)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(merges.Close)
	files := &imports.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights}
	t.Cleanup(files.Close)
	partners := &intake.Service{DB: d, Requirement: req, Standing: keeper, Record: records, Sights: sights}
	t.Cleanup(partners.Close)
	settings := Settings{
		Register: 1, RegisterName: "Borough of Sandmere", Handling: "OFFICIAL–SENSITIVE", Now: d.Now,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{w: h.log}, nil)), Account: account.New(d, 1),
		Requirement: req, Registers: &register.Service{DB: d}, Sights: sights, Border: &border.Service{DB: d, Register: 1, Key: make([]byte, 32), Sights: sights}, Visits: &visit.Service{DB: d, Record: records, Accounts: account.New(d, 1), Sights: sights}, Restricted: &restrict.Service{DB: d, Sights: sights}, Audit: &audit.Service{DB: d, Sights: sights}, Retention: &retention.Service{DB: d, Record: records, List: filepath.Join(t.TempDir(), "erased"), Log: slog.New(slog.DiscardHandler)},
		Record: records, Find: finder, Lists: &list.Service{DB: d, Requirement: req, Sights: sights, Rolls: records.Rolls, Standing: keeper}, Imports: files, Intake: partners, Merge: merges, Returns: &returns.Service{DB: d, Requirement: req, Standing: keeper},
		Reference: &reference.Service{DB: d}, Exports: &export.Service{DB: d}, Figures: &report.Service{DB: d, Requirement: req, Sights: sights}, Dir: t.TempDir(),
	}
	settings.Calendar = &calendar.Service{DB: d}
	settings.Season = &season.Service{DB: d, Requirement: req, Record: records}
	settings.Lists.Season = settings.Season
	settings.Survey = &survey.Service{DB: d, Requirement: req, Record: records}
	settings.Rollover = &rollover.Service{DB: d, Requirement: req, Standing: keeper, Record: records}
	settings.Rights = &rights.Service{DB: d, Record: records, Sights: sights}
	settings.Due = &due.Service{DB: d, Requirement: req, Records: records, Rolls: records.Rolls, Lists: settings.Lists, Sights: sights}
	settings.Campaigns = &campaign.Service{DB: d, Requirement: req, Lists: settings.Lists, Record: records, Sights: sights}
	settings.Messages = &message.Service{DB: d, Record: records, Lists: settings.Lists, Campaigns: settings.Campaigns, Sights: sights, Desk: &notify.Desk{Carriers: []notify.Carrier{&notify.Folder{Dir: t.TempDir()}}}, Log: slog.New(slog.DiscardHandler)}
	settings.CallbackToken = "a token for the carrier"
	settings.Day = []due.Source{settings.Due.Mine}
	settings.Sharing = &sharing.Service{DB: d, Records: records}
	if settings.Notices, err = notice.New(records, settings.Border); err != nil {
		t.Fatal(err)
	}
	settings.Publish = &publish.Service{DB: d, Figures: settings.Figures}
	h.Server, err = New(settings)
	if err != nil {
		t.Fatal(err)
	}
	if len(extra) > 0 {
		h.routes = append(h.routes, extra...)
		if h.handler, err = h.build(h.routes); err != nil {
			t.Fatal(err)
		}
	}
	operator := access.Actor{Register: 1, Ref: "operator:test", Name: "operator", Roles: []access.Role{access.Operator}}
	for _, role := range access.Roles() {
		signIn := signInOf(role)
		_, err := h.Account.Create(ctx, operator, account.NewAccount{
			SignIn: signIn, Name: "Test " + strings.ToUpper(string(role[:1])) + string(role[1:]), Roles: []access.Role{role}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE account SET password = $1 WHERE register = 1", testHash)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, role := range access.Roles() {
		h.cookies[role] = h.signInAs(t, signInOf(role))
	}
	return h
}

func signInOf(role access.Role) string {
	return strings.ReplaceAll(string(role), " ", ".") + "@sandmere.example"
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (h *house) signInAs(t testing.TB, signIn string) *http.Cookie {
	t.Helper()
	answer := h.ask(Scenario{Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {signIn}, "password": {testPassword}}})
	for _, c := range answer.Result().Cookies() {
		if c.Name == h.sessions.Cookie.Name && c.MaxAge >= 0 {
			return c
		}
	}
	t.Fatalf("signing in as %s gave no session: %d %s", signIn, answer.Code, answer.Body)
	return nil
}

// ask sends the scenario's request as a browser would.
func (h *house) ask(sc Scenario) *httptest.ResponseRecorder {
	if sc.Method == "" {
		sc.Method = http.MethodGet
	}
	var body io.Reader
	if sc.Form != nil {
		if !sc.Form.Has("key") {
			sc.Form.Set("key", string(id.NewRef()))
		}
		body = strings.NewReader(sc.Form.Encode())
	}
	r := httptest.NewRequest(sc.Method, sc.URL, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	if sc.Form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c := h.cookies[sc.As]; c != nil {
		r.AddCookie(c)
	}
	for k, v := range sc.Header {
		r.Header.Del(k)
		if v != "" {
			r.Header.Set(k, v)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// run plays the scenarios one after another.
func (h *house) run(t *testing.T, scenarios []Scenario) {
	t.Helper()
	for _, sc := range scenarios {
		t.Run(sc.Name, func(t *testing.T) {
			if sc.Status == 0 {
				sc.Status = http.StatusOK
			}
			w := h.ask(sc)
			page := w.Body.String()
			if w.Code != sc.Status {
				t.Errorf("%s %s answered %d, want %d\n%s", sc.Method, sc.URL, w.Code, sc.Status, page)
			}
			if got := w.Header().Get("Location"); got != sc.Location {
				t.Errorf("sent to %q, want %q", got, sc.Location)
			}
			for _, want := range sc.Want {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not hold %q\n%s", want, page)
				}
			}
			for _, not := range sc.WantNot {
				if strings.Contains(page, not) {
					t.Errorf("the page holds %q", not)
				}
			}
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code != http.StatusSeeOther {
				wellFormed(t, page)
			}
		})
	}
}

// onBoth runs a test over a fresh house on each engine.
func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newHouse(t, d)) })
}
