package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Text is what the first element of the selector shows.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	var text string
	b.Ask(`(document.querySelector(`+quote(selector)+`) || {innerText: ""}).innerText`, &text)
	return text
}

// Fill types into the field of that name, over what was there.
func (b *Tab) Fill(name, value string) {
	b.t.Helper()
	selector := `[name="` + name + `"]:not([type=hidden])`
	b.focus(selector)
	b.Ask(`document.activeElement.select && document.activeElement.select()`, nil)
	b.do("type into "+name, chromedp.KeyEvent(kb.Delete), command(input.InsertText, input.InsertTextParams{Text: value}))
	var got string
	b.Ask(`document.querySelector(`+quote(selector)+`).value`, &got)
	if got != value {
		b.t.Fatalf("the field %s at %s took %q for %q", name, b.where(), got, value)
	}
}

// Attach chooses a file for the field of that name.
func (b *Tab) Attach(name, path string) {
	b.t.Helper()
	b.do("attach "+path, chromedp.SetUploadFiles(chromedp.CSS(`input[type=file][name="`+name+`"]`), []string{path}))
}

// Select chooses the option of a drop-down list by its value.
func (b *Tab) Select(name, value string) {
	b.t.Helper()
	var ok bool
	b.Ask(`(() => { const s = document.querySelector('select[name="`+name+`"]'); if (!s) return false; s.value = `+quote(value)+`;
		s.dispatchEvent(new Event("change", {bubbles: true})); return s.value === `+quote(value)+` })()`, &ok)
	if !ok {
		b.t.Fatalf("there is no choice %q in %s at %s", value, name, b.where())
	}
}

// Choose presses the radio button or box of that name and value.
func (b *Tab) Choose(name, value string) {
	b.t.Helper()
	b.click(`input[name="` + name + `"][value="` + value + `"]`)
}

func (b *Tab) focus(selector string) {
	b.t.Helper()
	var found bool
	b.Ask(`(() => { const e = document.querySelector(`+quote(selector)+`); if (!e) return false; e.focus(); return document.activeElement === e })()`, &found)
	if !found {
		b.t.Fatalf("there is no field %s at %s:\n%s", selector, b.where(), b.Text("main"))
	}
}

// click presses the first element of the selector with the mouse, and waits
// for the page that follows, if one does.
func (b *Tab) click(selector string) {
	b.t.Helper()
	b.press(selector, func() chromedp.Action[chromedp.Void] {
		x, y := b.place(selector)
		return chromedp.MouseClickXY(x, y)
	})
}

// press does something to the first element of the selector until the element has
// felt it: a page that has not been painted yet, or that moves under the mouse,
// swallows what is pressed.
func (b *Tab) press(selector string, step func() chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for range 10 {
		press := step()
		b.Ask(b.watch(selector), nil)
		if b.act(press, 600*time.Millisecond) {
			return
		}
		var felt struct{ Gone, Here, Leads bool }
		b.Ask(b.felt(selector), &felt)
		switch {
		case felt.Here && !felt.Leads:
			return
		case felt.Here || felt.Gone:
			// A busy machine leads on late; a script may have kept the page here.
			if b.act(chromedp.Func(func(context.Context, *chromedp.Target) error { return nil }), 3*time.Second) || felt.Gone || !b.off {
				return
			}
		}
	}
	b.t.Fatalf("what was pressed ten times, %s, is never answered at %s", selector, b.where())
}

// place is the middle of the first element of the selector, once it is there and
// stands still: a page that was looked at narrow may still be on its way back to
// its width, and a press would reach the row above or below.
func (b *Tab) place(selector string) (x, y float64) {
	b.t.Helper()
	type point struct{ X, Y float64 }
	var at, before point
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(40 * time.Millisecond) {
		b.Ask(`(() => { const e = document.querySelector(`+quote(selector)+`); if (!e) return null; e.scrollIntoView({block: "center", behavior: "instant"});
			const r = e.getClientRects()[0] || e.getBoundingClientRect(); return {x: r.left + r.width / 2, y: r.top + r.height / 2} })()`, &at)
		if at == before && at != (point{}) {
			return at.X, at.Y
		}
		before = at
		if time.Now().After(deadline) {
			b.t.Fatalf("there is nothing to press like %s at %s:\n%s", selector, b.where(), b.Text("main"))
		}
	}
}

// watch has the page note whether a press reaches the element. Where scripts are
// off a page notes nothing, and the focus tells.
func (b *Tab) watch(selector string) string {
	if b.off {
		return `(() => { for (const e of document.querySelectorAll("[data-held]")) delete e.dataset.held; (document.activeElement || document.body).dataset.held = "1" })()`
	}
	return `(root => { delete root.dataset.felt; const e = document.querySelector(` + quote(selector) + `);
		root.addEventListener("click", c => { const on = e && (e.contains(c.target) || [...e.labels || []].some(l => l.contains(c.target)));
			if (on) root.dataset.felt = "1" }, {capture: true, once: true}) })(document.documentElement)`
}

// felt asks whether the press reached the element, whether such an element leads
// to another page, and whether it is another page by now.
func (b *Tab) felt(selector string) string {
	here := `document.documentElement.dataset.felt === "1"`
	if b.off {
		here = `!(e && document.activeElement && document.activeElement !== e && document.activeElement.dataset.held === "1")`
	}
	return `(e => ({gone: document.documentElement.dataset.pressed !== "1", here: ` + here + `, leads: !!e && e.matches("a[href], button[type=submit], button:not([type]), input[type=submit]")}))(document.querySelector(` + quote(selector) + `))`
}

// act does something that may lead to another page, and waits until that page has
// loaded. It says whether anything began to load within the time: what only opens
// or ticks something leads nowhere. A download begins and stops, and the page
// stays.
func (b *Tab) act(step chromedp.Action[chromedp.Void], within time.Duration) (led bool) {
	b.t.Helper()
	b.Ask(`document.documentElement.dataset.pressed = "1"`, nil)
	startedBefore, stoppedBefore := b.loads()
	b.do("press", step)
	deadline := time.Now().Add(patience)
	moment := time.Now().Add(within)
	for ; time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		started, stopped := b.loads()
		if started == startedBefore {
			if time.Now().After(moment) {
				return false
			}
			continue
		}
		if stopped == stoppedBefore {
			moment = time.Now().Add(time.Second)
			continue
		}
		var state string
		b.Ask(`(document.documentElement.dataset.pressed || "") + document.readyState`, &state)
		if state == "complete" || state == "1complete" && time.Now().After(moment) {
			return true
		}
	}
	b.t.Fatalf("the page that follows did not load (at %s)", b.where())
	return false
}

func (b *Tab) loads() (started, stopped int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.started, b.stopped
}

// Press presses the button with that text.
func (b *Tab) Press(text string) {
	b.t.Helper()
	b.mark("button, input[type=submit]", text)
	b.click(`[data-press]`)
}

// Follow follows the link with that text.
func (b *Tab) Follow(text string) {
	b.t.Helper()
	b.mark("a[href], summary", text)
	b.click(`[data-press]`)
}

// mark marks the first visible element of the selector whose text is, or
// failing that begins with, the text.
func (b *Tab) mark(selector, text string) {
	b.t.Helper()
	var found string
	look := `(() => { for (const e of document.querySelectorAll("[data-press]")) delete e.dataset.press;
		const all = [...document.querySelectorAll(` + quote(selector) + `)].filter(e => e.getClientRects().length && !e.closest("[hidden]"));
		const of = e => (e.innerText || e.value || "").replace(/\s+/g, " ").trim();
		const hit = all.find(e => of(e) === ` + quote(text) + `) || all.find(e => of(e).startsWith(` + quote(text) + `));
		if (hit) { hit.dataset.press = "1"; return "" }
		return all.map(of).join(" | ") || "none" })()`
	// A busy machine may still be fetching the page that it stands on.
	b.Ask(look, &found)
	for deadline := time.Now().Add(10 * time.Second); found != "" && time.Now().Before(deadline); {
		time.Sleep(200 * time.Millisecond)
		b.Ask(look, &found)
	}
	if found != "" {
		b.t.Fatalf("there is nothing called %q at %s; there is: %s", text, b.where(), found)
	}
}

// Screenshot keeps a picture of the page in the folder that WAYMARK_SHOTS
// names, if it names one.
func (b *Tab) Screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("WAYMARK_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("take a picture: %v", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
