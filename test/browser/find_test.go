package browser

import (
	"strings"
	"testing"
	"time"
)

// found waits until the expression is true: the answer to what was typed comes
// without a page.
func (b *Tab) found(expression string) bool {
	b.t.Helper()
	for range 100 {
		var is bool
		b.Ask(expression, &is)
		if is {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

const (
	boxOpen   = `document.querySelector("#who").getAttribute("aria-expanded") === "true"`
	boxClosed = `document.querySelector("#who").getAttribute("aria-expanded") === "false"`
)

// TestFindAsOneTypes looks for somebody letter by letter, by keyboard alone:
// the box is a combobox, and what it leads to is the record, or the question
// why one looks at it.
func TestFindAsOneTypes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tab := newBrowser(t).Open(t, h.Base)
	tab.SignIn(h.As("adviser"))
	for _, width := range []int64{1366, 320} {
		tab.Size(width, 900)
		tab.Visit("/find")
		tab.TabTo("#who")
		tab.Type("an")
		if !tab.found(boxOpen) {
			t.Fatalf("nobody appears as one types: %s", tab.Text("main"))
		}
		for _, wrong := range append(tab.Axe(), tab.Sideways()...) {
			t.Errorf("with the list open at %d px: %s", width, wrong)
		}
		tab.Screenshot("find-as-typed-" + map[int64]string{1366: "wide", 320: "narrow"}[width])
	}
	tab.act(key("ArrowDown", "ArrowDown", "", 40), 600*time.Millisecond)
	if !tab.found(`document.getElementById(document.querySelector("#who").getAttribute("aria-activedescendant")).getAttribute("aria-selected") === "true"`) {
		t.Error("the arrow chooses nobody")
	}
	tab.act(key("Escape", "Escape", "", 27), 600*time.Millisecond)
	if !tab.found(boxClosed) {
		t.Error("Escape does not close the list")
	}
	var typed string
	if tab.Ask(`document.querySelector("#who").value`, &typed); typed != "an" {
		t.Errorf("Escape leaves %q of what was typed", typed)
	}
	tab.act(key("ArrowDown", "ArrowDown", "", 40), 600*time.Millisecond)
	tab.act(key("ArrowDown", "ArrowDown", "", 40), 600*time.Millisecond)
	tab.Enter()
	if at := tab.Where(); !strings.HasPrefix(at, "/young-people/") {
		t.Errorf("Enter on somebody leads to %s", at)
	}
	// Enter without choosing sends the form, as without scripts.
	tab.Visit("/find")
	tab.TabTo("#who")
	tab.Type("an")
	tab.found(boxOpen)
	tab.Enter()
	if at := tab.Where(); !strings.HasPrefix(at, "/find/results/") {
		t.Errorf("Enter without choosing leads to %s", at)
	}
	tab.Screenshot("find-results")
	for _, wrong := range append(tab.Axe(), tab.Sideways()...) {
		t.Errorf("the results: %s", wrong)
	}
	for _, page := range []struct{ name, path string }{{"lists", "/lists"}, {"list", "/lists?status=neet&age=16&age=17"}, {"list-save", "/lists/save?status=neet"}} {
		for _, width := range []int64{1366, 320} {
			tab.Size(width, 900)
			tab.Visit(page.path)
			for _, wrong := range append(tab.Axe(), tab.Sideways()...) {
				t.Errorf("%s at %d px: %s", page.path, width, wrong)
			}
			tab.Screenshot(page.name + "-" + map[int64]string{1366: "wide", 320: "narrow"}[width])
		}
	}
	if wrong := tab.Troubles(); len(wrong) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(wrong, "; "))
	}
}
