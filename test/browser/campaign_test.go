package browser

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// campaignRows is how many rows are worked by keyboard: a few in a check, and in a
// long run as many as WAYMARK_CAMPAIGN_ROWS says, up to the end of the list.
func campaignRows(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("WAYMARK_CAMPAIGN_ROWS"))
	if err != nil {
		return 60
	}
	return n
}

// inState is how many rows stand in a state, as the sub navigation of the list says.
func (b *Tab) inState(state string) (n int) {
	b.t.Helper()
	b.Ask(`(() => { const a = [...document.querySelectorAll(".wm-sub-navigation a")].find(a => a.innerText.startsWith(`+quote(state)+`));
		return a ? Number((a.innerText.match(/[\d,]+/) || ["0"])[0].replace(",", "")) : 0 })()`, &n)
	return n
}

// TestCampaignByKeyboard works a campaign with Tab and Enter alone, row after row:
// each outcome leads to the next row, which is the caller's by then. Then two
// callers want one row, and the second is told who has it.
func TestCampaignByKeyboard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	browser := newBrowser(t)
	caller := browser.Open(t, h.Base)
	hand := keys{caller}
	who := slices.IndexFunc(h.Staff, func(s Staff) bool { return strings.HasPrefix(s.SignIn, "niamh@") }) // one of its three callers
	if who < 0 {
		t.Fatal("the demo’s caller is gone")
	}
	caller.SignIn(h.Staff[who])
	caller.Visit("/campaigns")
	caller.Follow("Year 12 not known")
	caller.Follow("Work the list")
	work := caller.Where()
	todo, waiting := caller.inState("To do"), caller.inState("Waiting")
	rows := min(campaignRows(t), todo-1)
	if rows < 20 {
		t.Fatalf("the demo's campaign has %d rows to do", todo)
	}
	began := time.Now()
	hand.use("form[action$='/take'] button")
	for i := range rows {
		// The keyboard stands on the row: a few tabs lead to its buttons.
		tabs := 0
		for at := ""; at != "message left" && at != "sent"; tabs++ {
			if tabs == 12 {
				t.Fatalf("row %d: twelve tabs do not lead to an outcome; the focus is on %q\n%s", i+1, at, caller.Text("main"))
			}
			caller.do("press Tab", key("Tab", "Tab", "", 9))
			caller.Ask(`(e => e.name === "outcome" ? e.value : "")(document.activeElement)`, &at)
		}
		if !caller.act(key("Enter", "Enter", "\r", 13), 5*time.Second) {
			t.Fatalf("row %d: nothing was saved", i+1)
		}
	}
	t.Logf("%d rows by keyboard in %v", rows, time.Since(began))
	for _, wrong := range append(append(caller.Form(), caller.Axe()...), caller.Troubles()...) {
		t.Errorf("after %d rows: %s", rows, wrong)
	}
	caller.Visit(work)
	if nowToDo, nowWaiting := caller.inState("To do"), caller.inState("Waiting"); nowToDo != todo-rows || nowWaiting != waiting+rows {
		t.Errorf("%d rows were worked; to do were %d and are %d, waiting %d and %d", rows, todo, nowToDo, waiting, nowWaiting)
	}

	// The row that they have now is looked at by another, who wants it too.
	other := browser.Open(t, h.Base)
	other.SignIn(h.As("team manager"))
	other.Visit(work)
	var free string
	other.Ask(`(f => f ? f.querySelector("[name=row]").value : "")(document.querySelector("form[action$='/take']"))`, &free)
	if free == "" {
		t.Fatalf("no row is free:\n%s", other.Text("main"))
	}
	one := fmt.Sprintf("form[action$='/take']:has(input[value='%s']) button", free)
	caller.Visit(work)
	hand.use(one)
	other.click(one)
	if said := other.Text("main"); !strings.Contains(other.Text("body"), "is working on this row until") {
		t.Errorf("the second caller is not told who has the row:\n%s", said)
	}
	other.do("narrow", chromedp.EmulateViewport(320, 640))
	for _, wrong := range append(other.Axe(), other.Sideways()...) {
		t.Errorf("the row of another: %s", wrong)
	}
	other.Screenshot("campaign-row-of-another")
}
