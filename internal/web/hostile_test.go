package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// hostile is text that does harm where it is written anywhere without care: in
// a page, an attribute, an address, a script, a style, a header, a file.
const hostile = `"'><wm-x onmouseover=alert(1)>{{.}}</script></title>%0d%0aX-Evil: 1`

// TestHostileText gives hostile text wherever people type, and then looks at
// every page that a link leads to: what was typed is shown, and is only text.
func TestHostileText(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
			Name: youngperson.Name{Given: "Wren", Family: "O’Ash’down"}, Born: civil.MustParse("2010-03-03"), Gender: "F", Ethnicity: "WBRI",
			Address: youngperson.Address{Line1: "4 Lantern Row", Town: "Sandmere", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991",
			Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, record.Told{Kind: told().Kind, SaidBy: "her aunt" + hostile})
		if err != nil {
			t.Fatal(err)
		}
		h.because(t, access.Adviser, ref)
		if err := h.Record.RecordActivity(t.Context(), h.actor(access.Adviser), ref, record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"),
			EstablishmentName: "Larkfield" + hostile, PredictedEnd: civil.MustParse("2028-07-07")}, 0, told()); err != nil {
			t.Fatal(err)
		}
		saved := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/lists/save", Form: url.Values{"asks": {"lead=991"}, "name": {"Ours" + hostile}, "shared": {"everybody"}}})
		if saved.Code != 303 {
			t.Fatalf("keeping a list answered %d\n%s", saved.Code, saved.Body)
		}
		shown := 0
		for _, role := range []access.Role{access.Adviser, access.TeamManager, access.DataOfficer, access.InformationGovernance, access.Administrator, access.Commissioner} {
			shown += h.crawl(t, role)
		}
		if shown < 20 {
			t.Errorf("what was typed stands on %d pages only: the walk no longer reaches them", shown)
		}
	})
}

var (
	linkHref = regexp.MustCompile(`href="(/[^"#]*)`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
	unsafe   = regexp.MustCompile(`<wm-x|<[^>]*\son[a-z]+=`)
)

// crawl looks at the pages that links lead a role to, and returns on how many
// of them the text stands.
func (h *house) crawl(t *testing.T, as access.Role) (shown int) {
	t.Helper()
	queue, seen := []string{"/"}, map[string]bool{"/": true}
	for _, r := range h.Routes() {
		if r.Method == "GET" && !strings.Contains(r.Pattern, "{") {
			queue = append(queue, r.Pattern)
		}
	}
	for len(queue) > 0 && len(seen) < 150 {
		address := queue[0]
		queue = queue[1:]
		w := h.ask(Scenario{As: as, URL: address})
		body := w.Body.String()
		if w.Header().Get("X-Evil") != "" {
			t.Errorf("%s, %s: what was typed became a header", as, address)
		}
		if to := w.Header().Get("Location"); to != "" {
			body += `href="` + to + `"`
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		if strings.Contains(body, "&lt;wm-x") {
			shown++
		}
		if strings.Contains(body, "<wm-x") {
			t.Errorf("%s, %s: what was typed became a part of the page", as, address)
		}
		if bad := unsafe.FindString(quoted.ReplaceAllString(body, `""`)); bad != "" {
			t.Errorf("%s, %s: the page holds %q", as, address, bad)
		}
		for _, m := range linkHref.FindAllStringSubmatch(body, -1) {
			next := strings.ReplaceAll(m[1], "&amp;", "&")
			if !seen[next] && !strings.Contains(next, "sort=") && !strings.HasPrefix(next, "/static/") {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return shown
}
