package web

import (
	"fmt"
	"net/http"
	"strings"

	"rsc.io/qr"

	"waymark/internal/account"
)

type secondFactorPage struct {
	Page
	Form *Form
	// Code is asked for where an app is to be set up; Picture and Secret are
	// what it reads.
	Code    *Input
	Picture *QRPicture
	Secret  string
	// Left is how many recovery codes are left, in words, where one is set up.
	Left     string
	Passkeys Link
}

// QRPicture is a QR code: a path of squares in a box of so many units; "qr".
type QRPicture struct {
	Size int
	Path string
}

// quiet is the white edge that a QR code needs, in squares.
const quiet = 4

func drawQR(text string) (*QRPicture, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	return &QRPicture{Size: code.Size + 2*quiet, Path: path.String()}, nil
}

const inSessionSecret = "app secret"

func (s *Server) secondFactorPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSecondFactor(w, r, newForm(nil))
}

// showSecondFactor shows the app that is set up, or what sets one up. The
// secret waits in the session until a first code proves that the app has it.
func (s *Server) showSecondFactor(w http.ResponseWriter, r *http.Request, form *Form) error {
	a := seenOf(r).account
	p := &secondFactorPage{Page: Page{Title: "Your authenticator app", Errors: form.Errors, Back: &Link{Text: "Your account", Href: "/account"}}, Form: form,
		Passkeys: Link{Text: "Use a passkey instead", Href: "/account/passkeys"}}
	if a.App {
		left, err := s.Account.RecoveryCodesLeft(r.Context(), actorOf(r))
		if err != nil {
			return err
		}
		p.Left = "An authenticator app is set up. You have " + plural(left, "recovery code", "recovery codes") + " left."
		return s.render(w, r, "second_factor", p)
	}
	if seenOf(r).mustSetUp {
		p.Back = nil
		p.Banners = []Banner{{Tone: "info", Strong: "One more step before you begin.", Text: "A password alone is not enough here. Set up an authenticator app or a passkey now; it takes two minutes."}}
	}
	secret := s.sessions.GetString(r.Context(), inSessionSecret)
	if secret == "" {
		secret = account.NewSecret()
		s.sessions.Put(r.Context(), inSessionSecret, secret)
	}
	var err error
	if p.Picture, err = drawQR(account.AppAddress(s.RegisterName, a.SignIn, secret)); err != nil {
		return err
	}
	for i := 0; i < len(secret); i += 4 {
		p.Secret += secret[i:min(i+4, len(secret))] + " "
	}
	code := form.Input(Input{Name: "code", Label: "Code that the app shows now", Hint: "Six digits, like 123 456", Width: "10", InputMode: "numeric", Autocomplete: "one-time-code"})
	p.Code = &code
	return s.render(w, r, "second_factor", p)
}

type recoveryCodesPage struct {
	Page
	Codes []string
}

func (s *Server) showRecoveryCodes(w http.ResponseWriter, r *http.Request, codes []string) error {
	return s.render(w, r, "recovery_codes", &recoveryCodesPage{Codes: codes, Page: Page{Title: "Your recovery codes",
		Lead: "With one of these you can sign in when you do not have your phone. Each works once. Print them or write them down now: they are not shown again."}})
}

func (s *Server) setUpApp(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	code := form.Require("code", "Enter the six digits that the app shows now")
	var codes []string
	if form.OK() {
		codes, err = s.Account.SetUpApp(r.Context(), actorOf(r), s.sessions.GetString(r.Context(), inSessionSecret), code, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showSecondFactor(w, r, form)
	}
	if err != nil {
		return err
	}
	s.sessions.Remove(r.Context(), inSessionSecret)
	seenOf(r).mustSetUp = false
	return s.showRecoveryCodes(w, r, codes)
}

func (s *Server) newRecoveryCodes(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	codes, err := s.Account.NewRecoveryCodes(r.Context(), actorOf(r), form.Key)
	if err != nil {
		return err
	}
	return s.showRecoveryCodes(w, r, codes)
}

func (s *Server) removeApp(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Account.RemoveApp(r.Context(), actorOf(r), form.Key)
	if form.Take(err) {
		return s.showSecondFactor(w, r, form.about("account", ""))
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/account/second-factor", "The authenticator app is removed.", nil)
}
