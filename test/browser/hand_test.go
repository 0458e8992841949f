package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hand is what somebody works the pages with: a mouse, or a keyboard alone.
type hand interface {
	// use presses the link or button that the selector finds first.
	use(selector string)
	fill(name, value string)
	// choose presses one radio button or box.
	choose(name, value string)
	pick(name, value string)
}

// mouse points, clicks and types.
type mouse struct{ *Tab }

func (m mouse) use(selector string)       { m.click(selector) }
func (m mouse) fill(name, value string)   { m.Fill(name, value) }
func (m mouse) choose(name, value string) { m.Choose(name, value) }
func (m mouse) pick(name, value string)   { m.Select(name, value) }

// keys has Tab, the arrows, Enter, Space and letters.
type keys struct{ *Tab }

func (k keys) use(selector string) {
	k.press(selector, func() chromedp.Action[chromedp.Void] {
		k.TabTo(selector)
		return key("Enter", "Enter", "\r", 13)
	})
}

// fill tabs into the field, which selects what stands in it, and types over it.
func (k keys) fill(name, value string) {
	selector := `[name="` + name + `"]:not([type=hidden])`
	k.TabTo(selector)
	k.do("clear "+name, chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), chromedp.KeyEvent(kb.Delete)) // Ctrl+A
	k.Type(value)
	k.holds(selector, value)
}

func (k keys) choose(name, value string) {
	one := `input[name="` + name + `"][value="` + value + `"]`
	var radio bool
	k.Ask(`(document.querySelector(`+quote(one)+`) || {}).type === "radio"`, &radio)
	if !radio {
		k.TabTo(one)
		k.Space()
		return
	}
	k.TabTo(`input[name="` + name + `"]`)
	for range 40 {
		var here, ticked bool
		k.Ask(`document.activeElement.matches(`+quote(one)+`)`, &here)
		k.Ask(`document.activeElement.checked`, &ticked)
		switch {
		case here && ticked:
			return
		case here:
			k.Space()
		default:
			k.do("press the arrow", chromedp.KeyEvent(kb.ArrowDown))
		}
	}
	k.t.Fatalf("the arrows never come to %s at %s", one, k.where())
}

// pick goes through the closed list by arrows.
func (k keys) pick(name, value string) {
	selector := `select[name="` + name + `"]`
	k.TabTo(selector)
	var steps int
	k.Ask(`(() => { const s = document.activeElement; return [...s.options].findIndex(o => o.value === `+quote(value)+`) - s.selectedIndex })()`, &steps)
	arrow := kb.ArrowDown
	if steps < 0 {
		arrow, steps = kb.ArrowUp, -steps
	}
	for range steps {
		k.do("press the arrow", chromedp.KeyEvent(arrow))
	}
	k.holds(selector, value)
}

func (k keys) holds(selector, value string) {
	var got string
	k.Ask(`document.querySelector(`+quote(selector)+`).value`, &got)
	if got != value {
		k.t.Fatalf("by keyboard %s at %s holds %q for %q", selector, k.where(), got, value)
	}
}

// named is the selector of the link or button with that text.
func (b *Tab) named(text string) string {
	b.t.Helper()
	b.mark("a[href], summary, button, input[type=submit]", text)
	return "[data-press]"
}

// WaitFor waits until the page that reloads itself shows the text.
func (b *Tab) WaitFor(text string) {
	b.t.Helper()
	deadline := time.Now().Add(2 * patience)
	seen := ""
	for time.Now().Before(deadline) {
		// A page on its way to the next cannot be asked: then ask again.
		if err := b.ask(`document.querySelector("main").innerText`, &seen); err == nil && strings.Contains(seen, text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatalf("%q never came at %s: %s", text, b.where(), seen)
}

// Download presses the link with that text and returns the file that comes.
func (b *Tab) Download(link string) []byte {
	b.t.Helper()
	dir, err := os.MkdirTemp(scratch(), "download-")
	if err != nil {
		b.t.Fatal(err)
	}
	b.do("allow downloads", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := cdp.Call(ctx, t, target.GetTargetInfo, target.GetTargetInfoParams{})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: at.TargetInfo.BrowserContextID, DownloadPath: dir})
		return err
	}))
	b.click(b.named(link))
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if files, err := filepath.Glob(filepath.Join(dir, "*.[xc][ms][lv]")); err == nil && len(files) == 1 {
			file, err := os.ReadFile(files[0])
			if err != nil {
				b.t.Fatal(err)
			}
			return file
		}
	}
	left, err := os.ReadDir(dir)
	b.t.Fatalf("%q brought no file; there is %s (%v)", link, fmt.Sprint(left), err)
	return nil
}
