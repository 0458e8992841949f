package browser

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// TestPasskeyInABrowser makes a passkey in Chromium, with an authenticator that
// Chromium plays, and signs in by it alone and as a second step.
func TestPasskeyInABrowser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	base := strings.Replace(h.Base, "127.0.0.1", "localhost", 1) // browsers make none for a bare number
	who := h.As("adviser")
	tab := newBrowser(t).Open(t, base)
	tab.do("play an authenticator", command(webauthn.Enable, webauthn.EnableParams{}), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
	tab.SignIn(who)
	tab.Visit("/account/passkeys")
	tab.Fill("name", "work laptop")
	tab.Press("Make a passkey")
	tab.WaitFor("The passkey is made")
	for _, wrong := range append(append(tab.Form(), tab.Axe()...), tab.Sideways()...) {
		t.Errorf("with a passkey made: %s", wrong)
	}
	tab.Screenshot("passkeys")

	tab.Press("Sign out")
	tab.Visit("/sign-in")
	tab.Follow("Sign in with a passkey")
	tab.Press("Use a passkey")
	tab.WaitFor("Find a young person")
	if at := tab.Where(); at != "/" {
		t.Errorf("after signing in by a passkey the page is %s", at)
	}

	tab.Press("Sign out")
	tab.Visit("/sign-in")
	tab.Fill("sign-in", who.SignIn)
	tab.Fill("password", who.Password)
	tab.Press("Sign in")
	if at := tab.Where(); at != "/sign-in/second-step" {
		t.Fatalf("after the password the page is %s", at)
	}
	for _, wrong := range append(append(tab.Form(), tab.Axe()...), tab.Sideways()...) {
		t.Errorf("the second step: %s", wrong)
	}
	tab.Screenshot("second-step")
	tab.Press("Use a passkey")
	tab.WaitFor("Find a young person")

	// Without scripts it says what else there is.
	off := newBrowser(t).Open(t, base)
	off.ScriptOff()
	off.Visit("/sign-in/passkey")
	if said := off.Text("main"); !strings.Contains(said, "Passkeys need scripts") || !strings.Contains(off.Text("body"), "Sign in with a password") {
		t.Errorf("without scripts the page says %q", said)
	}
	if wrong := tab.Troubles(); len(wrong) > 0 {
		t.Errorf("the browser complained: %q", wrong)
	}
}

// TestSecondFactorWithoutScripts is led to set up a second factor where one is
// needed, at 320 px and without scripts, and nowhere else before.
func TestSecondFactorWithoutScripts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.Command("register", "sign-in", "--second-factor", "needed"); err != nil {
		t.Fatal(err)
	}
	who := h.As("adviser")
	tab := newBrowser(t).Open(t, h.Base)
	tab.ScriptOff()
	tab.Visit("/sign-in")
	tab.Fill("sign-in", who.SignIn)
	tab.Fill("password", who.Password)
	tab.Press("Sign in")
	if at := tab.Where(); at != "/account/second-factor" {
		t.Fatalf("where a second factor is needed the page is %s", at)
	}
	tab.Size(narrow, narrowHeight)
	tab.Screenshot("second-factor-needed")
	for _, wrong := range append(append(tab.Form(), tab.Axe()...), tab.Sideways()...) {
		t.Errorf("setting it up: %s", wrong)
	}
	tab.Fill("code", "000000")
	tab.Press("Set up the app")
	if said := tab.Text(".govuk-error-summary"); !strings.Contains(said, "six digits") {
		t.Errorf("a wrong code is told by %q", said)
	}
	tab.Visit("/find")
	if at := tab.Where(); at != "/account/second-factor" {
		t.Errorf("without a second factor %s is shown", at)
	}
}
