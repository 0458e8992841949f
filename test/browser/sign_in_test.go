package browser

import (
	"fmt"
	"strings"
	"testing"
)

// TestSignInByKeyboard signs in, is told of a mistake, and signs out, without a
// mouse; with scripts and without.
func TestSignInByKeyboard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, off := range []bool{false, true} {
		t.Run(fmt.Sprintf("script off %v", off), func(t *testing.T) {
			who := h.As("adviser")
			tab := newBrowser(t).Open(t, h.Base)
			if off {
				tab.ScriptOff()
			}
			tab.Visit("/account")
			if at := tab.Where(); !strings.HasPrefix(at, "/sign-in") {
				t.Fatalf("somebody who is not signed in is shown %s", at)
			}
			tab.TabTo(`[name="sign-in"]`)
			tab.Type(who.SignIn)
			tab.Enter()
			for _, wrong := range append(tab.Form(), tab.Axe()...) {
				t.Errorf("with an error shown: %s", wrong)
			}
			tab.TabTo(`.govuk-error-summary a`)
			tab.Enter()
			var at string
			tab.Ask(`document.activeElement.name || ""`, &at)
			if at != "password" {
				t.Errorf("the error's link leads to the field %q, not to the password", at)
			}
			tab.Type(who.Password)
			tab.Enter()
			if at := tab.Where(); at != "/account" {
				t.Fatalf("after signing in the page is %s: %s", at, tab.Text("main"))
			}
			tab.Screenshot(fmt.Sprintf("account-script-off-%v", off))
			tab.TabTo(`form[action="/sign-out"] button`)
			tab.Space()
			tab.Visit("/account")
			if at := tab.Where(); !strings.HasPrefix(at, "/sign-in") {
				t.Errorf("after signing out %s is still shown", at)
			}
			if wrong := tab.Troubles(); len(wrong) > 0 {
				t.Errorf("the browser complained: %q", wrong)
			}
		})
	}
}
