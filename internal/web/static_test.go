package web

import (
	"bytes"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/db/dbtest"
)

// TestNothingThatCouncilsMayNotUse looks for what GOV.UK keeps to itself
// (ux-security.md 1) in everything that is embedded.
func TestNothingThatCouncilsMayNotUse(t *testing.T) {
	refused := regexp.MustCompile(`(?i)GDS Transport|crest|\.woff|govuk-logotype|moment\.js`)
	looked := 0
	for _, files := range []fs.FS{staticFiles, templateFiles} {
		err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, name)
			looked++
			if found := refused.Find(append([]byte(name+"\n"), text...)); found != nil {
				t.Errorf("%s holds %q", name, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 10 {
		t.Errorf("only %d files were looked at", looked)
	}
}

func TestStaticFiles(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	css, err := h.assets.address("app.css")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.assets.address("app.cs"); err == nil {
		t.Error("a file that is not there has an address")
	}
	plain := h.ask(Scenario{URL: css})
	zipped := h.ask(Scenario{URL: css, Header: map[string]string{"Accept-Encoding": "gzip, br"}})
	if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", plain.Code, plain.Header())
	}
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len() || !bytes.HasPrefix(zipped.Body.Bytes(), []byte{0x1f, 0x8b}) {
		t.Errorf("zipped is %d bytes, %v", zipped.Body.Len(), zipped.Header())
	}
	if old := h.ask(Scenario{URL: "/static/0000000000000000/app.css"}); old.Code != 200 || old.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("a page from before an upgrade gets %d, %q", old.Code, old.Header().Get("Cache-Control"))
	}
	if none := h.ask(Scenario{URL: "/static/0000000000000000/none.css"}); none.Code != http.StatusNotFound {
		t.Errorf("a file that is not there answers %d", none.Code)
	}
}

// TestFirstVisitIsSmall holds the budget of U11: all that a first visit
// fetches besides the page.
func TestFirstVisitIsSmall(t *testing.T) {
	a, err := readAssets(staticFiles)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, name := range []string{"app.css", "app.js", "find.js", "live.js", "start.js", "govuk-frontend.min.js", "waymark.svg"} {
		total += len(a.files[name].zipped)
	}
	t.Logf("%d bytes zipped", total)
	if total == 0 || total > 60<<10 {
		t.Errorf("a first visit fetches %d bytes besides the page", total)
	}
}
