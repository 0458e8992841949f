// Package browser tries the product as people meet it: real pages, in a real
// browser, over an invented authority.
//
// Chromium is Debian's. Where there is none the tests say so and are skipped;
// `make check` installs it where it may. With WAYMARK_SHOTS naming a folder,
// the screenshots that tests take are kept there.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeSource is axe-core 4.14.1, the accessibility engine, as its authors
// publish it.
//
//go:embed axe/axe.min.js
var axeSource string

// The sizes at which pages are looked at.
const (
	deskWidth, deskHeight = 1366, 768
	// narrow is the width at which WCAG 1.4.10 forbids sideways scrolling.
	narrow, narrowHeight = 320, 640
)

// patience is how long a page may take before a test gives up on it.
const patience = 30 * time.Second

// chromium is the browser's path, or the test is skipped.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("NOT TESTED IN A BROWSER: there is no Chromium here; `apt-get install chromium` brings it")
	return ""
}

// Browser is one Chromium of its own, with a profile that is thrown away. Open
// gives tabs.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

func newBrowser(t testing.TB) *Browser {
	t.Helper()
	path := chromium(t)
	profile, err := os.MkdirTemp("", "waymark-profile-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.WindowSize(deskWidth, deskHeight),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-device-scale-factor", "1"))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeAll := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		closeAll()
		stop()
		os.RemoveAll(profile)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// Tab is somebody at a screen: one signed-in session, apart from all others.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	Base string
	// off says that the pages' scripts are stopped.
	off bool

	mu sync.Mutex
	// troubles is what the browser complained of: errors of scripts, what the
	// content security policy stopped, files that did not come.
	troubles []string
	// bytes is what came over the network since the last Visit.
	bytes  float64
	status int64
	// started and stopped count how often the page began to load and was done.
	started, stopped int
}

// Open opens a tab with a session of its own on the house at base.
func (b *Browser) Open(t testing.TB, base string) *Tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	tab := &Tab{t: t, ctx: ctx, Base: base}
	// The first thing done in a tab ties the tab's life to its context, so it
	// is done without a time limit.
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.do("open a tab", command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}),
		command(runtime.Enable, cdp.Empty{}), command(page.Enable, page.EnableParams{}))
	tab.Size(deskWidth, deskHeight)
	return tab
}

// command is one command of the browser's protocol as a step.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, "a script failed: "+said(e.ExceptionDetails))
	case *log.EventEntryAdded:
		// A page that answers 4xx is what some tests ask for.
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity) && !strings.Contains(e.Entry.Text, "Failed to load resource") {
			b.troubles = append(b.troubles, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			b.status = e.Response.Status
		} else if e.Response.Status >= 400 {
			b.troubles = append(b.troubles, fmt.Sprintf("%s answered %d", e.Response.URL, e.Response.Status))
		}
	case *network.EventLoadingFinished:
		b.bytes += e.EncodedDataLength
	case *page.EventFrameStartedLoading:
		b.started++
	case *page.EventFrameStoppedLoading:
		b.stopped++
	}
}

// said is what an exception of a script says.
func said(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}

// do takes steps within the patience, or fails the test.
func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s (at %s): %v", what, b.where(), err)
	}
}

func (b *Tab) where() string {
	var at string
	if err := b.ask(`location.href`, &at); err != nil {
		return "?"
	}
	return strings.TrimPrefix(at, b.Base)
}

// Where is the address of the page, without the house's.
func (b *Tab) Where() string { return b.where() }

// Size makes the window so large.
func (b *Tab) Size(width, height int64) {
	b.t.Helper()
	b.do("set the size", command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}))
}

// ScriptOff stops all scripts of the pages, as some councils' machines do.
func (b *Tab) ScriptOff() {
	b.t.Helper()
	b.scripts(false)
	b.off = true
}

func (b *Tab) scripts(on bool) {
	b.t.Helper()
	b.do("stop scripts", command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

// Visit opens a page of the house and waits for it.
func (b *Tab) Visit(path string) {
	b.t.Helper()
	b.mu.Lock()
	b.bytes = 0
	b.mu.Unlock()
	b.do("visit "+path, chromedp.Navigate(b.Base+path))
}

// Status is what the last page was answered with.
func (b *Tab) Status() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Weight is what came over the network for the last Visit, in bytes.
func (b *Tab) Weight() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int(b.bytes)
}

// Troubles are what the browser complained of since the last call.
func (b *Tab) Troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.troubles
	b.troubles = nil
	return out
}

// SignIn signs in as one of the demo's staff, through the page.
func (b *Tab) SignIn(who Staff) {
	b.t.Helper()
	b.Visit("/sign-in")
	b.Fill("sign-in", who.SignIn)
	b.Fill("password", who.Password)
	b.Press("Sign in")
	if at := b.where(); strings.HasPrefix(at, "/sign-in") {
		b.t.Fatalf("%s could not sign in: %s", who.SignIn, b.Text("main"))
	}
}

// Ask evaluates an expression apart from the page's own scripts, so that it
// works with scripts off and under the content security policy, and decodes
// what it gives.
func (b *Tab) Ask(expression string, into any) {
	b.t.Helper()
	if err := b.ask(expression, into); err != nil {
		b.t.Fatalf("ask the page (at %s): %v", b.where(), err)
	}
}

func (b *Tab) ask(expression string, into any) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		world, err := apart(ctx, t)
		if err != nil {
			return err
		}
		return evaluate(ctx, t, world, expression, into)
	}))
}

// apart makes a world of the page's own document that its scripts do not reach.
func apart(ctx context.Context, t *chromedp.Target) (runtime.ExecutionContextID, error) {
	tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return 0, err
	}
	world, err := cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "test"})
	return world.ExecutionContextID, err
}

func evaluate(ctx context.Context, t *chromedp.Target, world runtime.ExecutionContextID, expression string, into any) error {
	got, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: world, ReturnByValue: new(true), AwaitPromise: new(true)})
	if err != nil {
		return err
	}
	if got.ExceptionDetails != nil {
		return errors.New(said(got.ExceptionDetails))
	}
	if into == nil || len(got.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(got.Result.Value, into)
}
