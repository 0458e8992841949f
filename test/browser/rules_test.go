package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// What a page may weigh (ux-security.md 4, U11).
const (
	pageWeight  = 60 << 10
	visitWeight = 150 << 10
)

// Axe runs every rule of axe-core on the page, that on the size of targets
// too, and returns what breaks them: 24 px or the exceptions of WCAG 2.5.8.
//
// Two things are let pass: aria-expanded on a radio button or box that reveals
// a further question, which the GOV.UK Design System sets so, after trying it
// with people who use screen readers, and excepts in its own tests; and a page
// that reloads itself while it waits for work to be done, where scripts are off
// and it has no other way to look again.
func (b *Tab) Axe() []string {
	b.t.Helper()
	if b.off {
		// Axe waits on timers, which stand still while scripts are stopped; the
		// page's own scripts do not run for being let go now.
		b.scripts(true)
		defer b.scripts(false)
	}
	var wrong []string
	b.Ask(axeSource+`;
		axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}).then(r => r.violations.flatMap(v =>
			v.nodes.filter(n => !(v.id === "meta-refresh" && document.querySelector(n.target[0])?.closest("noscript") || v.id === "aria-allowed-attr" && /^<input[^>]*(radio|checkbox)[^>]*aria-controls=/.test(n.html))).map(n => "axe " + v.id + ": " + v.help + " — " + n.target.join(" ") + " " + n.html.slice(0, 160))))`, &wrong)
	return wrong
}

// Shape is what axe judges a page by, in few letters: its elements and their
// attributes, with what they say left out (words, addresses, digits, references),
// and with what stands in a row of its like counted once. Two pages of one shape
// break the same rules.
func (b *Tab) Shape() string {
	b.t.Helper()
	var shape string
	b.Ask(`(() => {
		const spoken = new Set(["href", "action", "src", "value", "content", "title", "datetime", "aria-label", "alt", "placeholder", "d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height", "transform", "viewBox"]);
		const bare = s => s.replace(/\b[a-z2-7]{26}\b/g, "R").replace(/[0-9]+/g, "0");
		const of = e => {
			let s = e.tagName;
			for (const a of [...e.attributes].map(a => a.name).sort()) s += " " + bare(a) + (spoken.has(a) ? (e.getAttribute(a).trim() ? "+" : "-") : "=" + bare(e.getAttribute(a)));
			let before = "";
			for (const c of e.childNodes) {
				const one = c.nodeType === 1 ? "<" + of(c) + ">" : c.nodeType === 3 && c.data.trim() ? "T" : "";
				if (one && one !== before) s += one;
				before = one || before;
			}
			return s;
		};
		return crypto.subtle ? crypto.subtle.digest("SHA-256", new TextEncoder().encode(of(document.documentElement))).then(h => [...new Uint8Array(h)].map(x => x.toString(16)).join(".")) : of(document.documentElement) })()`, &shape)
	return shape
}

// Sideways says what makes the page scroll sideways at 320 px (WCAG 1.4.10).
// What scrolls in a box of its own is allowed; the page is not.
func (b *Tab) Sideways() []string {
	b.t.Helper()
	b.Size(narrow, narrowHeight)
	defer b.Size(deskWidth, deskHeight)
	var wrong []string
	b.Ask(`(() => { const page = document.scrollingElement; if (page.scrollWidth <= innerWidth && innerWidth === `+fmt.Sprint(narrow)+`) return [];
		const inBox = e => { for (let p = e.parentElement; p && p !== page; p = p.parentElement) { const o = getComputedStyle(p).overflowX; if (o === "auto" || o === "scroll" || o === "hidden") return true } return false };
		const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !inBox(e)).slice(0, 3)
			.map(e => e.tagName.toLowerCase() + (e.className ? "." + String(e.className).split(" ").join(".") : "") + " reaches " + Math.round(e.getBoundingClientRect().right));
		return ["scrolls sideways at 320 px (" + page.scrollWidth + " wide): " + wide.join(", ")] })()`, &wrong)
	return wrong
}

// Form is what every page must have whatever it shows: one h1, a title, a
// language, labels that lead somewhere, no empty links, no id twice.
func (b *Tab) Form() []string {
	b.t.Helper()
	var wrong []string
	b.Ask(`(() => { const wrong = [], all = s => [...document.querySelectorAll(s)];
		if (all("h1").length !== 1) wrong.push(all("h1").length + " h1 headings");
		if (!document.documentElement.lang) wrong.push("no language");
		if (!document.title.endsWith(" – Waymark")) wrong.push("the title is " + document.title);
		if (all("main").length !== 1) wrong.push(all("main").length + " main elements");
		const ids = all("[id]").map(e => e.id), twice = ids.filter((x, i) => ids.indexOf(x) !== i);
		if (twice.length) wrong.push("ids that stand twice: " + twice.join(", "));
		for (const a of all('a[href^="#"]')) if (a.hash.length > 1 && !document.getElementById(decodeURIComponent(a.hash.slice(1)))) wrong.push("a link leads nowhere: " + a.hash);
		for (const l of all("label[for]")) if (!document.getElementById(l.htmlFor)) wrong.push("a label is for nothing: " + l.htmlFor);
		if (all(".govuk-error-summary").length && !/^(Error|Gwall): /.test(document.title)) wrong.push("errors are shown, and the title does not say so");
		for (const f of all('form[method="get" i]')) for (const i of f.querySelectorAll("input:not([type=hidden])")) if (/name|birth|dob|postcode|uln|upn/i.test(i.name)) wrong.push("a form would put " + i.name + " into the address");
		return wrong })()`, &wrong)
	return wrong
}

var (
	inlineStyle   = regexp.MustCompile(`(?i)<[^>]*\sstyle\s*=[^>]*>`)
	inlineHandler = regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=[^>]*>`)
	inlineScript  = regexp.MustCompile(`(?is)<script\b[^>]*>\s*\S[^<]*</script>`)
	styleElement  = regexp.MustCompile(`(?i)<style\b`)
)

// Source are faults of the page as it was sent (U07), and its weight.
func Source(html string) []string {
	var wrong []string
	for what, pattern := range map[string]*regexp.Regexp{"style in an element": inlineStyle, "handler in an element": inlineHandler, "script in the page": inlineScript, "style in the page": styleElement} {
		if found := pattern.FindString(html); found != "" {
			wrong = append(wrong, what+": "+found)
		}
	}
	if n := zipped(html); n > pageWeight {
		wrong = append(wrong, fmt.Sprintf("%d bytes, gzipped; at most %d", n, pageWeight))
	}
	return wrong
}

func zipped(html string) int {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(html))
	z.Close()
	return b.Len()
}

// TabTo presses the Tab key until the focus is on the element of the selector.
// It fails where the focus never comes there, or cannot be seen.
func (b *Tab) TabTo(selector string) {
	b.t.Helper()
	const none, unseen, seen = 0, 1, 2
	where := `(() => { const e = document.activeElement; if (!e.matches(` + quote(selector) + `)) return 0;
		const r = e.getBoundingClientRect(), box = e.closest(".govuk-radios__item, .govuk-checkboxes__item");
		const s = getComputedStyle(e), at = box ? getComputedStyle(box.querySelector("label"), "::before") : s;
		return r.bottom > 0 && r.top < innerHeight && (s.outlineStyle !== "none" || s.boxShadow !== "none" || at.boxShadow !== "none") ? 2 : 1 })()`
	at := none
	b.do("press Tab", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		world, err := apart(ctx, t)
		if err != nil {
			return err
		}
		var count int
		if err := evaluate(ctx, t, world, `document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]").length`, &count); err != nil {
			return err
		}
		for ; count > -5 && at == none; count-- {
			if _, err := key("Tab", "Tab", "", 9)(ctx, t); err != nil {
				return err
			}
			if err := evaluate(ctx, t, world, where, &at); err != nil {
				return err
			}
		}
		return nil
	}))
	switch at {
	case none:
		b.t.Fatalf("Tab never comes to %s at %s", selector, b.where())
	case unseen:
		b.t.Errorf("the focus on %s at %s cannot be seen", selector, b.where())
	}
}

// Type types text where the focus is, key by key.
func (b *Tab) Type(text string) {
	b.t.Helper()
	b.do("type", chromedp.KeyEvent(text))
}

// Enter presses Enter, and waits for the page that follows.
func (b *Tab) Enter() { b.t.Helper(); b.act(key("Enter", "Enter", "\r", 13), 600*time.Millisecond) }

// Space presses the space bar.
func (b *Tab) Space() { b.t.Helper(); b.act(key(" ", "Space", " ", 32), 600*time.Millisecond) }

// key is one key going down and up, as a keyboard sends it. chromedp's own
// KeyEvent sends the character a second time, which lands on whatever the key
// moved the focus to.
func key(name, code, text string, number int64) chromedp.Action[chromedp.Void] {
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: name, Code: code, Text: text, WindowsVirtualKeyCode: number}
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	return chromedp.Steps(command(input.DispatchKeyEvent, down), command(input.DispatchKeyEvent, up))
}

// TestRulesFindWhatBreaksThem tries each rule on a page that breaks it: a rule
// that finds nothing anywhere proves nothing.
func TestRulesFindWhatBreaksThem(t *testing.T) {
	t.Parallel()
	const good = `<!DOCTYPE html><html lang="en"><head><title>Good – Waymark</title><meta name="viewport" content="width=device-width"></head>
		<body><main><h1>Good</h1><form method="post" action="/"><label for="a">Text</label><input id="a" name="text"><button>Send it</button></form></main></body></html>`
	const bad = `<!DOCTYPE html><html><head><title>Bad</title><meta name="viewport" content="width=device-width"></head>
		<body><h1>One</h1><h1>Two</h1><p id="x" style="width:900px">wide</p><p id="x"><img src="/none.png"><a href="#nowhere">x</a></p>
		<form method="get"><input name="postcode"></form><button style="width:9px;height:9px;padding:0">a</button><button style="width:9px;height:9px;padding:0">b</button><script>undefined.x</script></body></html>`
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case r.Method == http.MethodPost:
			fmt.Fprint(w, strings.ReplaceAll(good, "Good", "Sent "+r.FormValue("text")))
		case r.URL.Path == "/bad":
			fmt.Fprint(w, bad)
		case r.URL.Path == "/":
			w.Header().Set("Content-Security-Policy", "default-src 'none'; require-trusted-types-for 'script'; form-action 'self'")
			fmt.Fprint(w, good)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(served.Close)
	b := newBrowser(t).Open(t, served.URL)

	b.Visit("/")
	for name, wrong := range map[string][]string{"axe": b.Axe(), "sideways": b.Sideways(), "form": b.Form(), "source": Source(good), "troubles": b.Troubles()} {
		if len(wrong) > 0 {
			t.Errorf("%s finds fault with a good page: %q", name, wrong)
		}
	}
	b.Visit("/bad")
	axe := strings.Join(b.Axe(), "\n")
	for _, want := range []string{"axe html-has-lang", "axe image-alt", "axe label", "axe target-size"} {
		if !strings.Contains(axe, want) {
			t.Errorf("axe does not find %q in %s", want, axe)
		}
	}
	if wrong := b.Form(); len(wrong) < 6 {
		t.Errorf("only %d faults of form were found: %q", len(wrong), wrong)
	}
	if wrong := b.Sideways(); len(wrong) != 1 || !strings.Contains(wrong[0], "p reaches") {
		t.Errorf("sideways scrolling was not found: %q", wrong)
	}
	if wrong := Source(bad); len(wrong) != 2 {
		t.Errorf("faults of the source: %q", wrong)
	}
	if wrong := b.Troubles(); len(wrong) < 2 {
		t.Errorf("the script's error and the missing picture were not noticed: %q", wrong)
	}

	t.Run("script off, and by keyboard", func(t *testing.T) {
		for _, off := range []bool{false, true} {
			b := newBrowser(t).Open(t, served.URL)
			if off {
				b.ScriptOff()
				b.Visit("/bad")
				if wrong := b.Troubles(); strings.Contains(strings.Join(wrong, ""), "script failed") {
					t.Errorf("a script ran: %q", wrong)
				}
			}
			b.Visit("/")
			b.Fill("text", "by hand")
			b.Press("Send it")
			if got := b.Text("h1"); got != "Sent by hand" {
				t.Errorf("script off %v: the page says %q", off, got)
			}
			b.Visit("/")
			b.TabTo("[name=text]")
			b.Type("by keyboard")
			b.TabTo("button")
			b.Space()
			if got := b.Text("h1"); got != "Sent by keyboard" {
				t.Errorf("script off %v: the page says %q", off, got)
			}
		}
	})
}
