package browser

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// roles are all that an account may hold.
var roles = []string{"data officer", "team manager", "adviser", "information governance", "administrator", "commissioner", "partner: school, college or provider", "partner: youth justice or care", "shared contact centre"}

// pagesOf is how many pages of one address a role looks at: one young person's
// record is drawn like another's, but not quite. The data officer, who sees
// most, looks at two; who else sees the same page looks whether it is theirs.
func pagesOf(role string) int {
	if role == roles[0] {
		return 2
	}
	return 1
}

// crawl is one role's walk through the house.
type crawl struct {
	t      *testing.T
	tab    *Tab
	house  *House
	table  []route
	allow  map[string][]string
	role   string
	client *http.Client
	cookie *http.Cookie

	queue  []string
	queued map[string]bool
	// looked is how often each pattern was looked at.
	looked map[string]int
	wrong  map[string][]string
}

// shown is, over all roles, which patterns were looked at and by which title.
type shown struct {
	mu     sync.Mutex
	looked map[string]bool
	titles map[string]string // by title, the pattern
	// shapes are those of the pages that axe found nothing wrong with, and alike
	// how many pages were of such a shape already.
	shapes map[string]bool
	alike  int
}

// axe runs axe on a page, unless it found nothing wrong with one of its shape.
func (s *shown) axe(tab *Tab) []string {
	shape := tab.Shape()
	if s.shapes[shape] {
		s.alike++
		return nil
	}
	wrong := tab.Axe()
	s.shapes[shape] = len(wrong) == 0
	return wrong
}

// elsewhere are the pages to which neither a link nor a form of the demo leads,
// each with the test that comes to it and, where it is a page, runs axe on it in
// each of its states.
var elsewhere = map[string]string{
	"/returns/{period}/files/{ref}":       "TestMainJourney", // a file; it signs a return and fetches it
	"/kept/{ref}":                         "TestPagesOnlyMetInNeed",
	"/young-people/{ref}/locked":          "TestPagesOnlyMetInNeed",
	"/feedback/{ref}/{row}":               "TestPagesOnlyMetInNeed",
	"/campaigns/{ref}/answer":             "TestPagesOnlyMetInNeed",
	"/notices/{ref}/letter":               "TestPagesOnlyMetInNeed",
	"/a/{register}/{token}":               "TestOnAPhone", // and of a link that is none, TestPagesOnlyMetInNeed
	"/young-people/{ref}/opt-out/end":     "TestPagesThatAreRare",
	"/young-people/{ref}/processing/lift": "TestPagesThatAreRare",
	"/across-the-border/{ref}/{other}":    "TestPagesThatAreRare",
	"/transfers/new":                      "TestPagesThatAreRare",
	"/transfers/{ref}":                    "TestPagesThatAreRare",
}

// TestPagesElsewhereAreLookedAt holds that the tests that are said to come to a page
// are there, and that the pages are.
func TestPagesElsewhereAreLookedAt(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(b)
	}
	table := routes(t)
	for pattern, test := range elsewhere {
		if !strings.Contains(sources.String(), "func "+test+"(t *testing.T)") {
			t.Errorf("%s is left to %s, which is no test here", pattern, test)
		}
		if !slices.ContainsFunc(table, func(r route) bool { return r.Method == http.MethodGet && r.Pattern == pattern }) {
			t.Errorf("%s is left to %s, and is no page", pattern, test)
		}
	}
}

// TestEveryPage walks through the house as each role: every address of the
// route table that the role may open, and every link that it is shown.
func TestEveryPage(t *testing.T) {
	h := newHouse(t)
	// With the waiting file loaded, that month's return has findings to mend.
	if _, err := h.Command("import", h.Waiting(t)); err != nil {
		t.Fatal(err)
	}
	partners := h.takenIn(t)
	table, allow := routes(t), policy(t)
	browser := newBrowser(t)
	all := &shown{looked: map[string]bool{}, titles: map[string]string{}, shapes: map[string]bool{}}
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			c := &crawl{t: t, house: h, table: table, allow: allow, role: role, queued: map[string]bool{}, looked: map[string]int{}, wrong: map[string][]string{},
				client: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
			c.tab = browser.Open(t, h.Base)
			// The college has sent a file; the school has not.
			c.tab.SignIn(h.As(role, "gwilym@saltmarsh.example.org"))
			c.takeCookie()
			// Partners' files in each of their states: of one address only the
			// first few are looked at.
			for _, page := range partners {
				if r, ok := c.match(page); ok && c.may(r) {
					c.want(page)
				}
			}
			c.walk(all)
			c.report()
		})
	}
	var never []string
	for _, r := range table {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Pattern, "/static/") && !ofSystems(r) && !all.looked[r.Pattern] && elsewhere[r.Pattern] == "" {
			never = append(never, r.Pattern)
		}
	}
	if len(never) > 0 {
		t.Errorf("no link and no form leads any role to: %s", strings.Join(never, ", "))
	}
	t.Logf("%d addresses looked at; axe looked at %d pages, and left %d that are like them", len(all.looked), len(all.shapes), all.alike)
}

// walk looks at pages until no new ones are linked.
func (c *crawl) walk(all *shown) {
	for _, r := range c.table {
		if r.Method == http.MethodGet && !strings.Contains(r.Pattern, "{") && c.may(r) {
			c.want(r.Pattern)
		}
	}
	c.byForm()
	for len(c.queue) > 0 {
		path := c.queue[0]
		c.queue = c.queue[1:]
		r, ok := c.match(path)
		if !ok {
			c.find(path, "no line of the route table answers it")
			continue
		}
		c.look(path, r, all)
	}
}

// byForm brings the pages to which no link leads, but a form does: what finding
// somebody shows, and what checking a file does.
func (c *crawl) byForm() {
	for _, r := range c.table {
		if r.Method != http.MethodPost || !c.may(r) {
			continue
		}
		switch r.Pattern {
		case "/find":
			c.tab.Visit(r.Pattern)
			c.tab.Fill("who", "an")
			c.tab.focus(`main form input[name="who"]`)
			c.tab.Enter()
		case "/accounts/{ref}/reset":
			c.tab.Visit("/accounts")
			c.tab.Follow(c.house.As("commissioner").Name)
			c.tab.Follow("Reset")
			c.tab.Press("Make the link")
			begin := regexp.MustCompile(`/begin/[a-z2-7]{26}`).FindString(c.tab.Text("main"))
			c.want(begin)
			c.want(begin + "/single-sign-on")
			continue
		case "/check-a-file":
			c.tab.Visit(r.Pattern)
			c.tab.Attach("file", c.house.Waiting(c.t))
			c.tab.Press("Check the file")
		case "/duplicates/search":
			c.tab.Visit("/duplicates")
			if _, _, body := c.get("/duplicates"); !strings.Contains(string(body), "The two records") {
				c.tab.Press("Search the register")
			}
			c.tab.WaitFor("The two records")
			c.links("/duplicates")
			c.checkedMerge()
			continue
		case "/intakes/{ref}/words":
			c.tab.Visit("/imports")
			c.tab.Follow("gullhaven-high-intended.csv")
			c.tab.Follow("Words that nobody has explained yet")
			c.tab.Select("code-0", "211")
			c.tab.Press("Remember, and read the file again")
			c.want("/senders/words")
		case "/lists/save":
			c.tab.Visit("/lists/save?status=neet")
			c.tab.Fill("name", "NEET, as "+c.role+" keeps it")
			c.tab.Press("Save")
		default:
			continue
		}
		c.want(c.tab.Where())
		c.links(c.tab.Where())
	}
	c.wantOpenReturn()
}

// checkedMerge brings what two records would come to, which a form asks for.
func (c *crawl) checkedMerge() {
	for _, path := range c.queue {
		if r, ok := c.match(path); ok && r.Pattern == "/duplicates/{ref}" {
			c.tab.Visit(path + "/merge")
			c.tab.Press("Check what it comes to")
			c.want(c.tab.Where())
			return
		}
	}
}

// wantOpenReturn looks first at the month that has findings: a return that was
// sent has few pages.
func (c *crawl) wantOpenReturn() {
	const open = "/returns/" + "2026-10"
	if r, ok := c.match(open); ok && c.may(r) {
		c.queue = append([]string{open}, c.queue...)
		c.queued[open] = true
	}
}

// ofSystems says that partners' systems ask for it, and nobody looks at it.
func ofSystems(r route) bool { return strings.HasPrefix(r.Pattern, "/api/") }

// look is all that is asked of one page.
func (c *crawl) look(path string, r route, all *shown) {
	if strings.HasPrefix(r.Pattern, "/static/") || ofSystems(r) || c.looked[r.Pattern] >= pagesOf(c.role) {
		return
	}
	c.looked[r.Pattern]++
	status, header, body := c.get(path)
	switch {
	case status == http.StatusSeeOther:
		if to, err := url.Parse(header.Get("Location")); err == nil && to.Path == "/sign-in" {
			c.find(path, "leads somebody who is signed in to sign in")
		} else if err == nil {
			c.want(to.RequestURI())
		}
		all.mu.Lock()
		all.looked[r.Pattern] = true
		all.mu.Unlock()
		return
	case status != http.StatusOK:
		c.find(path, fmt.Sprintf("answered %d to a role that may open it", status))
		return
	}
	all.mu.Lock()
	all.looked[r.Pattern] = true
	all.mu.Unlock()
	if !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		if !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
			c.find(path, "is no page, and is not sent as a download")
		}
		return
	}
	c.find(path, Source(body)...)
	c.tab.Troubles()
	c.tab.Visit(path)
	c.find(path, c.tab.Troubles()...)
	c.find(path, c.tab.Form()...)
	c.find(path, all.axe(c.tab)...)
	c.find(path, c.tab.Sideways()...)
	c.title(path, r, all)
	c.links(path)
}

// title holds that no two addresses share one.
func (c *crawl) title(path string, r route, all *shown) {
	var title string
	c.tab.Ask("document.title", &title)
	all.mu.Lock()
	defer all.mu.Unlock()
	if other, taken := all.titles[title]; taken && other != r.Pattern {
		c.find(path, fmt.Sprintf("has the title %q, and so has %s", title, other))
	}
	all.titles[title] = r.Pattern
}

// links takes up every link of the page in the tab, and tries each new one.
func (c *crawl) links(from string) {
	var hrefs []string
	c.tab.Ask(`[...document.querySelectorAll("a[href]")].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)`, &hrefs)
	perPage := map[string]int{}
	for _, path := range hrefs {
		r, ok := c.match(path)
		if !ok {
			c.find(from, "links to "+path+", and no line of the route table answers that")
			continue
		}
		if !c.may(r) {
			c.find(from, "links to "+path+", which the role may not open")
			continue
		}
		if perPage[r.Pattern]++; perPage[r.Pattern] > 4 || c.queued[path] {
			continue
		}
		if status, _, _ := c.get(path); status != http.StatusOK && status != http.StatusSeeOther {
			c.find(from, fmt.Sprintf("links to %s, which answers %d", path, status))
			continue
		}
		c.want(path)
	}
}

func (c *crawl) want(path string) {
	if !c.queued[path] {
		c.queued[path] = true
		c.queue = append(c.queue, path)
	}
}

func (c *crawl) find(path string, wrong ...string) {
	for _, w := range wrong {
		if r, ok := c.match(path); ok {
			path = r.Pattern
		}
		w = reference.ReplaceAllString(w, "{ref}") // the same fault of two people's pages is one
		if !slices.Contains(c.wrong[path], w) {
			c.wrong[path] = append(c.wrong[path], w)
		}
	}
}

func (c *crawl) report() {
	var paths []string
	for p := range c.wrong {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		c.t.Errorf("%s\n    %s", p, strings.Join(c.wrong[p], "\n    "))
	}
	c.t.Logf("%s: %d addresses looked at", c.role, len(c.looked))
}

// may says that the policy lets the role open the route.
func (c *crawl) may(r route) bool {
	return r.Permission == "public" || slices.Contains(c.allow[r.Permission], c.role)
}

var reference = regexp.MustCompile(`\b[a-z2-7]{26}\b`)

// match is the line of the table that answers a path: of several, the one with
// the fewest holes, as net/http chooses.
func (c *crawl) match(path string) (route, bool) {
	path, _, _ = strings.Cut(path, "?")
	best, holes := route{}, -1
	for _, r := range c.table {
		if n := strings.Count(r.Pattern, "{"); r.Method == http.MethodGet && (holes < 0 || n < holes) && answers(r.Pattern, path) {
			best, holes = r, n
		}
	}
	return best, holes >= 0
}

// answers says that a path fits a pattern, whose holes are whole parts.
func answers(pattern, path string) bool {
	for {
		part, patterns, more := strings.Cut(pattern, "/")
		said, paths, rest := strings.Cut(path, "/")
		if more != rest || part != said && (said == "" || !strings.HasPrefix(part, "{")) {
			return false
		}
		if !more {
			return true
		}
		pattern, path = patterns, paths
	}
}

// takeCookie lets plain requests go out in the tab's session.
func (c *crawl) takeCookie() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.tab.ctx, patience)
	defer cancel()
	cookies, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]*network.Cookie, error) {
		got, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{})
		return got.Cookies, err
	})
	at := slices.IndexFunc(cookies, func(k *network.Cookie) bool { return k.Name == "session" })
	if err != nil || at < 0 {
		c.t.Fatalf("after signing in there is no session among %d cookies: %v", len(cookies), err)
	}
	for _, k := range cookies {
		if !k.HTTPOnly || k.SameSite != network.CookieSameSiteLax {
			c.t.Errorf("the cookie %s can be read by scripts or sent by other sites: %+v", k.Name, k)
		}
	}
	k := cookies[at]
	c.cookie = &http.Cookie{Name: k.Name, Value: k.Value}
}

// get asks for a page as the role, without a browser.
func (c *crawl) get(path string) (int, http.Header, string) {
	c.t.Helper()
	request, err := http.NewRequest(http.MethodGet, c.house.Base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.AddCookie(c.cookie)
	answer, err := c.client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

// TestFirstVisitIsLight weighs what somebody fetches who comes for the first
// time: the sign-in page with its look and its scripts.
func TestFirstVisitIsLight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tab := newBrowser(t).Open(t, h.Base)
	tab.Visit("/sign-in")
	time.Sleep(300 * time.Millisecond) // the icon comes last
	if w := tab.Weight(); w == 0 || w > visitWeight {
		t.Errorf("the first visit took %d bytes; at most %d", w, visitWeight)
	} else {
		t.Logf("%d kB", w/1024)
	}
}
