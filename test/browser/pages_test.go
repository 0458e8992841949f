package browser

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
var roles = []string{"data officer", "team manager", "adviser", "information governance", "administrator", "commissioner"}

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
}

// TestEveryPage walks through the house as each role: every address of the
// route table that the role may open, and every link that it is shown.
func TestEveryPage(t *testing.T) {
	h := newHouse(t)
	// With the waiting file loaded, that month's return has findings to mend.
	if _, err := h.Command("import", h.Waiting(t)); err != nil {
		t.Fatal(err)
	}
	table, allow := routes(t), policy(t)
	browser := newBrowser(t)
	all := &shown{looked: map[string]bool{}, titles: map[string]string{}}
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			c := &crawl{t: t, house: h, table: table, allow: allow, role: role, queued: map[string]bool{}, looked: map[string]int{}, wrong: map[string][]string{},
				client: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
			c.tab = browser.Open(t, h.Base)
			c.tab.SignIn(h.As(role))
			c.takeCookie()
			c.walk(all)
			c.report()
		})
	}
	// The frozen file's link stands on a page that shows the month's own while
	// it is open; TestMainJourney signs a return and follows it.
	all.looked["/returns/{period}/files/{ref}"] = true
	var never []string
	for _, r := range table {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Pattern, "/static/") && !all.looked[r.Pattern] {
			never = append(never, r.Pattern)
		}
	}
	if len(never) > 0 {
		t.Errorf("no link and no form leads any role to: %s", strings.Join(never, ", "))
	}
	t.Logf("%d addresses looked at", len(all.looked))
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
		case "/check-a-file":
			c.tab.Visit(r.Pattern)
			c.tab.Attach("file", c.house.Waiting(c.t))
			c.tab.Press("Check the file")
		case "/lists/save":
			c.tab.Visit("/lists/save?status=neet")
			c.tab.Fill("name", "NEET, as "+c.role+" keeps it")
			c.tab.Press("Keep the list")
		default:
			continue
		}
		c.want(c.tab.Where())
		c.links(c.tab.Where())
	}
	c.wantOpenReturn()
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

// look is all that is asked of one page.
func (c *crawl) look(path string, r route, all *shown) {
	if strings.HasPrefix(r.Pattern, "/static/") || c.looked[r.Pattern] >= pagesOf(c.role) {
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
	c.find(path, c.tab.Axe()...)
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

var hole = regexp.MustCompile(`\\\{[^}]*\\\}`)

// match is the line of the table that answers a path: of several, the one with
// the fewest holes, as net/http chooses.
func (c *crawl) match(path string) (route, bool) {
	path, _, _ = strings.Cut(path, "?")
	best, holes := route{}, -1
	for _, r := range c.table {
		if r.Method != http.MethodGet {
			continue
		}
		n := strings.Count(r.Pattern, "{")
		if holes >= 0 && n >= holes {
			continue
		}
		if regexp.MustCompile("^" + hole.ReplaceAllString(regexp.QuoteMeta(r.Pattern), "[^/]+") + "$").MatchString(path) {
			best, holes = r, n
		}
	}
	return best, holes >= 0
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
	if err != nil || len(cookies) != 1 {
		c.t.Fatalf("after signing in there is not one cookie but %d: %v", len(cookies), err)
	}
	k := cookies[0]
	if !k.HTTPOnly || k.SameSite != network.CookieSameSiteLax {
		c.t.Errorf("the session's cookie can be read by scripts or sent by other sites: %+v", k)
	}
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
