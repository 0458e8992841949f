package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/youngperson"
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

func TestHome(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.run(t, []Scenario{
			{Name: "signed out", URL: "/", Status: 303, Location: "/sign-in?next=%2F"},
			{Name: "a data officer counts days", As: access.DataOfficer, URL: "/", Want: []string{"October’s return: 1 day late", "Nobody has signed it yet", "What came in", "No file has been loaded yet", "What is due", `action="/find"`}},
			{Name: "an adviser sees their own", As: access.Adviser, URL: "/", Want: []string{"Nothing is due for you this week", `action="/find"`}, WantNot: []string{"October’s return", "What came in"}},
			{Name: "a commissioner sees figures", As: access.Commissioner, URL: "/", Want: []string{"No return has been sent yet", `href="/figures"`}, WantNot: []string{`href="/find"`, "What is wrong"}},
			{Name: "an administrator sees accounts", As: access.Administrator, URL: "/", Want: []string{"9 accounts are open"}, WantNot: []string{`href="/find"`}},
			{Name: "governance is told of sights", As: access.InformationGovernance, URL: "/", Want: []string{"is logged before the page is shown"}},
			{Name: "figures", As: access.Commissioner, URL: "/figures/sent", Want: []string{"No return has been sent yet"}},
			{Name: "figures as a file", As: access.Commissioner, URL: "/figures/sent.csv", Want: []string{"month,authorities"}},
		})
	})
}

func TestOwnPeopleWhoLapse(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		h.atCollege(t, ref)
		all, err := h.Account.All(t.Context(), h.actor(access.Administrator))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if a.Name != "Test Adviser" {
				continue
			}
			if err := h.Record.Allocate(t.Context(), h.actor(access.Adviser), ref, youngperson.Allocation{Adviser: string(a.Ref), AdviserName: a.Name}, 0, told()); err != nil {
				t.Fatal(err)
			}
		}
		// Her confirmation lapses on 31 August 2027.
		h.Server.Now = func() time.Time { return dbtest.Noon.AddDate(0, 9, 0) }
		h.run(t, []Scenario{
			{Name: "her adviser is warned", As: access.Adviser, URL: "/", Want: []string{"1 of yours lapses until then", `href="/due?adviser=me&amp;window=month"`}},
			{Name: "nobody else is", As: access.TeamManager, URL: "/", WantNot: []string{"Wren Ashdown"}},
			{Name: "she is counted", As: access.DataOfficer, URL: "/", Want: []string{"By the end of August 2027", "1 young person"}, WantNot: []string{"Wren Ashdown"}},
		})
	})
}

func TestAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		person := url.Values{"name": {"Opal Quarrie"}, "sign-in": {"opal@sandmere.example"}, "roles": {"adviser"}}
		h.run(t, []Scenario{
			{Name: "not for others", As: access.DataOfficer, URL: "/accounts", Status: 403},
			{Name: "list", As: access.Administrator, URL: "/accounts", Want: []string{"9 accounts are open.", "Test Adviser", "None set up"}},
			{Name: "list as a file", As: access.Administrator, URL: "/accounts.csv", Want: []string{"Test Adviser,adviser@sandmere.example"}},
			{Name: "form", As: access.Administrator, URL: "/accounts/new", Want: []string{`value="data officer"`}},
			{Name: "what is missing", As: access.Administrator, Method: "POST", URL: "/accounts/new", Form: url.Values{"name": {"Opal"}}, Status: 422, Want: []string{`href="#sign-in"`, `href="#roles"`, `value="Opal"`}, WantNot: []string{`name="password"`}},
			{Name: "made", As: access.Administrator, Method: "POST", URL: "/accounts/new", Form: person, Want: []string{"The account is made", "http://example.com/begin/"}},
			{Name: "there", As: access.Administrator, URL: "/accounts", Want: []string{"Opal Quarrie"}},
		})
		page := h.ask(Scenario{As: access.Administrator, URL: "/accounts"}).Body.String()
		row := page[strings.Index(page, "Opal Quarrie"):]
		one := regexp.MustCompile(`/accounts/[a-z2-7]{26}`).FindString(page[strings.LastIndex(page[:len(page)-len(row)], "<tr"):])
		closing := one + "/close"
		h.run(t, []Scenario{
			{Name: "the account", As: access.Administrator, URL: one, Want: []string{"Opal Quarrie", "Not chosen yet", closing}},
			{Name: "closing asks", As: access.Administrator, URL: closing, Want: []string{"Opal Quarrie", "Why"}},
			{Name: "a reason", As: access.Administrator, Method: "POST", URL: closing, Form: url.Values{}, Status: 422, Want: []string{"Say why"}},
			{Name: "closed", As: access.Administrator, Method: "POST", URL: closing, Form: url.Values{"reason": {"left on 30 October"}}, Status: 303, Location: "/accounts"},
			{Name: "seen", As: access.Administrator, URL: "/accounts", Want: []string{"Closed", "9 accounts are open."}},
			{Name: "cannot sign in", Method: "POST", URL: "/sign-in", Form: url.Values{"sign-in": {"opal@sandmere.example"}, "password": {"nine brisk lanterns"}}, Status: 422},
			{Name: "nobody", As: access.Administrator, URL: "/accounts/" + string(id.NewRef()) + "/close", Status: 404},
		})
	})
}

func TestCheckAFile(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.run(t, []Scenario{{Name: "anybody signed in", As: access.Commissioner, URL: "/check-a-file", Want: []string{"Nothing of it is stored"}}})
		if w := h.upload(access.Adviser, "/check-a-file", "", ""); w.Code != 422 || !strings.Contains(w.Body.String(), "Choose the file to check") {
			t.Errorf("no file answered %d", w.Code)
		}
		clean := h.upload(access.Adviser, "/check-a-file", `C:\exports\october.xml`, supplierFile(t, 40, false, "2026-10-31", "343"))
		faulty := h.upload(access.Adviser, "/check-a-file", "faults.xml", supplierFile(t, 1500, true, "2026-10-31", "343"))
		refused := h.upload(access.Adviser, "/check-a-file", "people.xlsx", "PK\x03\x04 not XML")
		invented := h.upload(access.Adviser, "/check-a-file", "991.xml", supplierFile(t, 5, false, "2026-10-31", "991"))
		at := func(w *httptest.ResponseRecorder) string {
			if w.Code != http.StatusSeeOther {
				t.Fatalf("answered %d: %s", w.Code, w.Body)
			}
			return w.Header().Get("Location")
		}
		h.run(t, []Scenario{
			{Name: "clean", As: access.Adviser, URL: at(clean), Want: []string{"Nothing was found", "october.xml", "Sefton (343)", "2026-27"}, WantNot: []string{"exports"}},
			{Name: "faults", As: access.Adviser, URL: at(faulty), Want: []string{"By check", "Findings", "Showing 1 to 50 of", "Serious"}},
			{Name: "second page", As: access.Adviser, URL: at(faulty) + "?page=2", Want: []string{"Showing 51 to 100 of", `aria-label="Page 1"`}},
			{Name: "one check", As: access.Adviser, URL: at(faulty) + "?check=306", Want: []string{"Remove this filter:", "SEN support flag"}, WantNot: []string{"<td class=\"govuk-table__cell\">Postcode</td>"}},
			{Name: "as a file", As: access.Adviser, URL: at(faulty) + "/findings.csv", Want: []string{"check,priority,record,position,field,value,message"}},
			{Name: "refused whole", As: access.Adviser, URL: at(refused), Want: []string{"would refuse this file whole", "What to do"}},
			{Name: "an authority that does not exist", As: access.Adviser, URL: at(invented), Want: []string{"would refuse this file whole", "991"}},
			{Name: "another's is not shown", As: access.DataOfficer, URL: at(faulty), Status: 303, Location: "/check-a-file"},
			{Name: "nobody's", As: access.Adviser, URL: "/check-a-file/" + string(id.NewRef()), Status: 303, Location: "/check-a-file"},
		})
		later := h.Server.Now().Add(keepChecked + time.Second)
		h.Server.Now = func() time.Time { return later }
		h.run(t, []Scenario{{Name: "gone after a while", As: access.Adviser, URL: at(faulty), Status: 303, Location: "/check-a-file"}})
		left, err := filepath.Glob(filepath.Join(h.Dir, "*"))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

func TestBrokenUpload(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	for _, url := range []string{"/check-a-file", "/imports/new"} {
		body := "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n" + string(id.NewRef()) +
			"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xml\"\r\n\r\n" + supplierFile(t, 20, false, "2026-10-31", "991")
		r := httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		r.AddCookie(h.cookies[access.DataOfficer])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "did not arrive whole") {
			t.Errorf("%s: a file cut short answered %d", url, w.Code)
		}
	}
	if page := h.ask(Scenario{As: access.DataOfficer, URL: "/imports"}).Body.String(); !strings.Contains(page, "No file has been loaded yet") {
		t.Error("a file cut short was taken")
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	for i := range h.routes {
		if h.routes[i].Body == uploadCap {
			h.routes[i].Body = 8 << 10
		}
	}
	var err error
	if h.handler, err = h.build(h.routes); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"/check-a-file", "/imports/new"} {
		w := h.upload(access.DataOfficer, url, "large.xml", supplierFile(t, 60, false, "2026-10-31", "991"))
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "8 kB") || !strings.Contains(w.Body.String(), "import command") {
			t.Errorf("%s answered %d: %s", url, w.Code, w.Body)
		}
	}
}

func TestFilesIn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		if w := h.upload(access.DataOfficer, "/imports/new", "", ""); w.Code != 422 || !strings.Contains(w.Body.String(), "Choose the file to load") {
			t.Errorf("no file answered %d", w.Code)
		}
		h.run(t, []Scenario{
			{Name: "not for others", As: access.Adviser, URL: "/imports", Status: 403},
			{Name: "none yet", As: access.DataOfficer, URL: "/imports", Want: []string{"No file has been loaded yet"}},
			{Name: "form", As: access.DataOfficer, URL: "/imports/new", Want: []string{"waymark import", "200 MB"}},
		})
		load := func(name, content string) string {
			w := h.upload(access.DataOfficer, "/imports/new", name, content)
			if w.Code != http.StatusSeeOther {
				t.Fatalf("answered %d: %s", w.Code, w.Body)
			}
			h.settle(t, w.Header().Get("Location"))
			return w.Header().Get("Location")
		}
		foreign := load("knowsley.xml", supplierFile(t, 5, false, "2026-10-31", "340"))
		broken := load("half.xml", supplierFile(t, 50, false, "2026-10-31", "991")[:9000])
		good := load("october.xml", supplierFile(t, 300, true, "2026-10-31", "991"))
		again := load("october.xml", supplierFile(t, 300, true, "2026-10-31", "991"))
		h.run(t, []Scenario{
			{Name: "another authority's", As: access.DataOfficer, URL: foreign, Want: []string{"The file was not loaded", "Nothing was changed.", "Knowsley (340)", "Check the file first"}},
			{Name: "cut short", As: access.DataOfficer, URL: broken, Want: []string{"The file was not loaded", "Nothing was changed."}},
			{Name: "loaded", As: access.DataOfficer, URL: good, Want: []string{"The file is loaded", "people added", "Values that cannot be read", "Take this file back", "/returns/2026-10"}},
			{Name: "the same again", As: access.DataOfficer, URL: again, Want: []string{"nothing new", "This very file was loaded"}},
			{Name: "list", As: access.DataOfficer, URL: "/imports", Want: []string{"4 files.", "Refused", "Loaded", "Nothing new"}},
			{Name: "list as a file", As: access.DataOfficer, URL: "/imports.csv", Want: []string{"File,From,Received,State", "october.xml"}},
			{Name: "values", As: access.DataOfficer, URL: good + "/notes/unreadable", Want: []string{"/young-people/", "In the file"}},
			{Name: "values as a file", As: access.DataOfficer, URL: good + "/notes/unreadable/list.csv", Want: []string{"young person,place in the file"}},
			{Name: "none of a kind", As: access.DataOfficer, URL: good + "/notes/absent", Want: []string{"nothing of the kind"}},
			{Name: "no such kind", As: access.DataOfficer, URL: good + "/notes/odd", Status: 404},
			{Name: "taking back says what it means", As: access.DataOfficer, URL: good + "/undo", Want: []string{"People it added", "Why it is taken back"}},
			{Name: "needs a reason", As: access.DataOfficer, Method: "POST", URL: good + "/undo", Form: url.Values{}, Status: 422, Want: []string{"Say why the file is taken back"}},
			{Name: "a refused one cannot be", As: access.DataOfficer, URL: foreign + "/undo", Want: []string{"Only an import that is loaded"}},
			{Name: "taken back", As: access.DataOfficer, Method: "POST", URL: good + "/undo", Form: url.Values{"reason": {"the wrong month"}}, Status: 303, Location: good},
			{Name: "seen", As: access.DataOfficer, URL: good, Want: []string{"The file was taken back", "Undone on"}, WantNot: []string{"Take this file back"}},
			{Name: "home names it", As: access.DataOfficer, URL: "/", Want: []string{"october.xml", "Taken back"}},
			{Name: "nobody's", As: access.DataOfficer, URL: "/imports/" + string(id.NewRef()), Status: 404},
		})
	})
}
