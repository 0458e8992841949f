package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/notice"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/sharing"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is the door of a register with a college under an agreement, a student of
// its, and a token.
type house struct {
	*Server
	t         *testing.T
	agreement id.Ref
	clerk     access.Actor
	sharing   *sharing.Service
	token     string
	notices   *notice.Service
	now       time.Time
	reg       id.Register
}

func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, newHouse(t, d)) })
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	ctx, req := t.Context(), nccis.MustLoad()
	h := &house{t: t, now: dbtest.Noon}
	d = d.At(func() time.Time { return h.now })
	book, err := (&register.Service{DB: d}).Add(ctx, register.Register{Name: "Sandmere", DatabaseID: "991", Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
	h.must(err)
	h.reg = book.ID
	keeper := standing.Keeper{Requirement: req}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, keeper)}
	h.sharing = &sharing.Service{DB: d, Records: records}
	h.notices, err = notice.New(records, &border.Service{DB: d, Register: book.ID, Key: make([]byte, 32), Sights: records.Sights})
	h.must(err)
	officer := access.Actor{Register: book.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}
	h.clerk = access.Actor{Register: book.ID, Ref: "account:clerk", Name: "Clerk", Roles: []access.Role{access.InformationGovernance}}
	wren, err := records.Add(ctx, officer, record.NewPerson{Name: youngperson.Name{Given: "Wren", Family: "Ashdown"}, Born: civil.MustParse("2009-03-03"), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, record.Told{Kind: act.Telephone})
	h.must(err)
	h.must(records.RecordActivity(ctx, officer, wren, record.NewSpell{Activity: "210", Started: civil.MustParse("2026-09-01"), PredictedEnd: civil.MustParse("2027-07-01"), EstablishmentName: "Gullhaven College", UKPRN: "10009991"}, 0, record.Told{Kind: act.EnrolmentList}))
	h.agreement, h.token = h.agree("Gullhaven College", "10009991")
	h.Server = New(Settings{Registers: []Register{{book.ID, h.sharing, h.notices}}, Log: slog.New(slog.DiscardHandler), Now: d.Now})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) agree(name, ukprn string) (id.Ref, string) {
	h.t.Helper()
	ctx := h.t.Context()
	ref, err := h.sharing.Add(ctx, h.clerk, sharing.Terms{Organisation: sharing.Organisation{Name: name, Kind: "college", UKPRN: ukprn}, Purpose: "Keeping students in education", Document: "DSA 12/2026", Owner: "Head",
		People: sharing.Enrolled, Fields: access.Names, Started: civil.MustParse("2026-09-01"), Ends: civil.MustParse("2027-08-31")}, "")
	h.must(err)
	whole, err := h.sharing.One(ctx, h.clerk, ref)
	h.must(err)
	h.must(h.sharing.Approve(ctx, h.clerk, ref, whole.Version, ""))
	token, err := h.sharing.MakeToken(ctx, h.clerk, ref, "Student records", civil.MustParse("2027-08-31"), "")
	h.must(err)
	return ref, token
}

const wren = `{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-03","left_on":"2026-10-30","reason":"withdrawn"}`

func (h *house) ask(method, path, token, key, body string) (*httptest.ResponseRecorder, map[string]any) {
	h.t.Helper()
	r := httptest.NewRequest(method, Prefix+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			h.t.Errorf("%s %s answers no JSON: %s", method, path, w.Body)
		}
	}
	if w.Code >= 400 && !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
		h.t.Errorf("%s %s: %d as %s", method, path, w.Code, w.Header().Get("Content-Type"))
	}
	return w, out
}

func TestANoticeIsSentOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		w, first := h.ask("POST", "leaver-notices", h.token, "key-number-1", wren)
		if w.Code != 201 || first["state"] != "received" {
			t.Fatalf("%d %v", w.Code, first)
		}
		for _, key := range []string{"key-number-1", "key-number-2"} {
			if w, again := h.ask("POST", "leaver-notices", h.token, key, wren); w.Code != 200 || again["reference"] != first["reference"] {
				t.Errorf("again with %s: %d %v", key, w.Code, again)
			}
		}
		if w, _ := h.ask("POST", "leaver-notices", h.token, "key-number-1", strings.Replace(wren, "-30", "-29", 1)); w.Code != 422 {
			t.Errorf("another notice with the same key: %d", w.Code)
		}
		if w, got := h.ask("GET", "leaver-notices/"+first["reference"].(string), h.token, "", ""); w.Code != 200 || got["state"] != "received" {
			t.Errorf("%d %v", w.Code, got)
		}
		_, theirs := h.agree("Marram College", "10009992")
		if w, _ := h.ask("GET", "leaver-notices/"+first["reference"].(string), theirs, "", ""); w.Code != 404 {
			t.Errorf("another college asks: %d", w.Code)
		}
		if w, _ := h.ask("POST", "leaver-notices", theirs, "key-number-1", wren); w.Code != 201 {
			t.Errorf("another sender's key: %d %s", w.Code, w.Body)
		}
		var acts int
		h.must(h.notices.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM act WHERE register = $1 AND kind = 'send a leaver notice' AND actor LIKE 'token:%'`, int64(h.reg)).Scan(&acts)
		}))
		if acts != 3 {
			t.Errorf("%d acts of tokens", acts)
		}
	})
}

// TestKnownOrNotTheAnswerIsTheSame: no answer tells whether a young person is here.
func TestKnownOrNotTheAnswerIsTheSame(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, known := h.ask("POST", "leaver-notices", h.token, "key-number-1", wren)
		_, unknown := h.ask("POST", "leaver-notices", h.token, "key-number-2", strings.Replace(wren, "Wren", "Nobody", 1))
		list, total, err := h.notices.List(t.Context(), access.Actor{Register: h.reg, Ref: "account:x", Roles: []access.Role{access.DataOfficer}}, notice.Filter{State: notice.ToSettle}, 0, 10)
		if err != nil || total != 1 || list[0].Given != "Wren" {
			t.Fatalf("%d are found, %v", total, err)
		}
		for _, field := range []string{"reference", "received_at"} {
			delete(known, field)
			delete(unknown, field)
		}
		a, _ := json.Marshal(known)
		b, _ := json.Marshal(unknown)
		if string(a) != string(b) {
			t.Errorf("known %s, unknown %s", a, b)
		}
	})
}

func TestWhoMayNotSend(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for name, token := range map[string]string{"nobody": "", "a guess": "waymark_aaaa", "no token": "x", "a long one": strings.Repeat("waymark_", 2000)} {
			if w, _ := h.ask("POST", "leaver-notices", token, "key-number-1", wren); w.Code != 401 {
				t.Errorf("%s: %d", name, w.Code)
			}
		}
		var hash string
		h.must(h.notices.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT hash FROM partner_token WHERE register = $1`, int64(h.reg)).Scan(&hash)
		}))
		if strings.Contains(hash, h.token) || len(hash) != 64 {
			t.Errorf("the token is kept as %q", hash)
		}
		whole, err := h.sharing.One(t.Context(), h.clerk, h.agreement)
		h.must(err)
		_, list, err := h.sharing.Tokens(t.Context(), h.clerk, h.agreement)
		h.must(err)
		h.must(h.sharing.End(t.Context(), h.clerk, h.agreement, "It was merged", whole.Version, ""))
		if w, got := h.ask("POST", "leaver-notices", h.token, "key-number-1", wren); w.Code != 403 || !strings.Contains(got["detail"].(string), "was ended") {
			t.Errorf("without an agreement: %d %v", w.Code, got)
		}
		h.must(h.sharing.EndToken(t.Context(), h.clerk, h.agreement, list[0].Ref, ""))
		if w, _ := h.ask("POST", "leaver-notices", h.token, "key-number-1", wren); w.Code != 401 {
			t.Errorf("an ended token: %d", w.Code)
		}
		_, other := h.agree("Marram College", "10009992")
		h.now = h.now.AddDate(1, 0, 0)
		if w, _ := h.ask("POST", "leaver-notices", other, "key-number-1", wren); w.Code != 401 {
			t.Errorf("a token past its day: %d", w.Code)
		}
	})
}

func TestBadInputNamesItsField(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for body, want := range map[string]string{
			`{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"3 March","left_on":"2026-10-30"}`:                       "body.date_of_birth",
			`{"given_name":" ","family_name":"Ashdown","date_of_birth":"2009-03-03","left_on":"2026-10-30"}`:                       "body.given_name",
			`{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-03","left_on":"2026-02-30"}`:                    "body.left_on",
			`{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-03","left_on":"2026-10-30","reason":"x"}`:       "body.reasons",
			`{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-03","left_on":"2026-10-30","sql":"'; --"}`:      "body.sql",
			`{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-03","left_on":"2026-10-30","uln":"1234567890"}`: "body.uln",
		} {
			w, got := h.ask("POST", "leaver-notices", h.token, "key-number-1", body)
			if w.Code != 422 || !strings.Contains(w.Body.String(), `"`+want+`"`) {
				t.Errorf("%s: %d %v", want, w.Code, got)
			}
		}
		for body, want := range map[string]int{"": 400, "{": 400, "[]": 422, "null": 422, `{"given_name":` + strings.Repeat("[", 9000) + `}`: 400, strings.Repeat("x", mostBody+1): 413} {
			if w, _ := h.ask("POST", "leaver-notices", h.token, "key-number-1", body); w.Code != want && w.Code != 422 {
				t.Errorf("%.20q: %d", body, w.Code)
			}
		}
		if w, _ := h.ask("POST", "leaver-notices", h.token, "", wren); w.Code != 422 {
			t.Errorf("without a key: %d", w.Code)
		}
		if w, _ := h.ask("POST", "risk-notices", h.token, "key-number-9", `{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-03","reasons":["money"],"who_acts":"Head of year","act_by":"2026-11-30"}`); w.Code != 201 {
			t.Errorf("a risk: %d %s", w.Code, w.Body)
		}
	})
}

func TestTooManyWait(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.PerMinute = 3
		for range 3 {
			if w, _ := h.ask("GET", "leaver-notices/LN-AAAAA-BBBBB", h.token, "", ""); w.Code != 404 {
				t.Fatalf("%d", w.Code)
			}
		}
		w, _ := h.ask("GET", "leaver-notices/LN-AAAAA-BBBBB", h.token, "", "")
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("%d", w.Code)
		}
		h.now = h.now.Add(61 * time.Second)
		if w, _ := h.ask("GET", "leaver-notices/LN-AAAAA-BBBBB", h.token, "", ""); w.Code != 404 {
			t.Errorf("a minute later: %d", w.Code)
		}
		// Strangers from everywhere shut themselves out alone.
		for n := range mostAsks {
			h.asks["stranger "+strconv.Itoa(n)] = bucket{began: h.now}
		}
		if w, _ := h.ask("POST", "leaver-notices", "waymark_aaaa", "key-number-1", wren); w.Code != http.StatusTooManyRequests {
			t.Errorf("a stranger more: %d", w.Code)
		}
		if w, _ := h.ask("GET", "leaver-notices/LN-AAAAA-BBBBB", h.token, "", ""); w.Code != 404 {
			t.Errorf("a partner among many strangers: %d", w.Code)
		}
	})
}

func TestTheDocument(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		w, doc := h.ask("GET", "openapi.json", "", "", "")
		if w.Code != 200 || !strings.HasPrefix(doc["openapi"].(string), "3.1") {
			t.Fatalf("%d %v", w.Code, doc["openapi"])
		}
		paths := doc["paths"].(map[string]any)
		for _, r := range h.Routes() {
			if r.Permission == access.Public {
				continue
			}
			one, ok := paths[r.Pattern].(map[string]any)
			if !ok || one[strings.ToLower(r.Method)] == nil {
				t.Errorf("the document does not hold %s %s", r.Method, r.Pattern)
			}
		}
		if len(paths) != 4 {
			t.Errorf("it holds %d addresses, and the table %d", len(paths), len(h.Routes()))
		}
		for _, at := range []string{"docs", "schemas/Leaver.json", ""} {
			if w, _ := ask404(h, at); w == 200 {
				t.Errorf("%q is answered", at)
			}
		}
	})
}

func ask404(h *house, path string) (int, string) {
	r := httptest.NewRequest("GET", Prefix+path, nil)
	r.Header.Set("Authorization", "Bearer "+h.token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
