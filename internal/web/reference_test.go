package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
)

var undoReferenceLink = regexp.MustCompile(`/reference/[a-z2-7]{26}/undo`)

func TestReferencePages(t *testing.T) {
	directory, err := os.ReadFile(filepath.Join("..", "reference", "testdata", "NSPL_MAY_2025_UK.csv"))
	if err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, h *house) {
		h.run(t, []Scenario{
			{Name: "nothing yet", As: access.DataOfficer, URL: "/reference", Want: []string{"Not loaded", "Postcodes", "until it is loaded, figures are by postcode district"}, WantNot: []string{"Take back", "Earlier files"}},
			{Name: "an administrator too", As: access.Administrator, URL: "/reference", Want: []string{"Load a file"}},
			{Name: "no adviser", As: access.Adviser, URL: "/reference", Status: http.StatusForbidden},
			{Name: "nothing to take back", As: access.DataOfficer, URL: "/reference/" + strings.Repeat("a", 26) + "/undo", Status: http.StatusNotFound},
		})
		if w := h.upload(access.DataOfficer, "/reference", "", ""); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Choose the file to load") {
			t.Errorf("without a file: %d", w.Code)
		}
		if w := h.upload(access.DataOfficer, "/reference", "list.csv", "UPN,Surname\r\nx,y\r\n"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "none of those that can be loaded here") {
			t.Errorf("a list of people: %d", w.Code)
		}
		if w := h.upload(access.Adviser, "/reference", "NSPL_MAY_2025_UK.csv", string(directory)); w.Code != http.StatusForbidden {
			t.Errorf("an adviser sends a file: %d", w.Code)
		}
		if w := h.upload(access.Administrator, "/reference", "NSPL_MAY_2025_UK.csv", string(directory)); w.Code != http.StatusSeeOther {
			t.Fatalf("the directory: %d %s", w.Code, w.Body)
		}
		page := h.ask(Scenario{As: access.DataOfficer, URL: "/reference"}).Body.String()
		undo := undoReferenceLink.FindString(page)
		if undo == "" || !strings.Contains(page, "NSPL May 2025") || !strings.Contains(page, "Test Administrator") {
			t.Fatalf("the directory is not shown:\n%s", page)
		}
		if w := h.upload(access.DataOfficer, "/reference", "again.csv", string(directory)); w.Code != http.StatusSeeOther {
			t.Errorf("the same file again: %d", w.Code)
		}
		h.run(t, []Scenario{
			{Name: "what taking back means", As: access.DataOfficer, URL: undo, Want: []string{"NSPL May 2025", "In its place then", "Nothing"}},
			{Name: "no reason", As: access.DataOfficer, Method: "POST", URL: undo, Form: url.Values{}, Status: http.StatusUnprocessableEntity, Want: []string{"Say why the file is taken back"}},
			{Name: "no adviser takes back", As: access.Adviser, Method: "POST", URL: undo, Form: url.Values{"reason": {"x"}}, Status: http.StatusForbidden},
			{Name: "taken back", As: access.DataOfficer, Method: "POST", URL: undo, Form: url.Values{"reason": {"the wrong file"}}, Status: http.StatusSeeOther, Location: "/reference"},
			{Name: "it is said", As: access.DataOfficer, URL: "/reference", Want: []string{"Nothing is loaded in its place.", "Taken back", "Not loaded", "Earlier files"}, WantNot: []string{"/undo"}},
			{Name: "not twice", As: access.DataOfficer, URL: undo, Want: []string{"Only what is loaded can be taken back"}},
		})
	})
}
