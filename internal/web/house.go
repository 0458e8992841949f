package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/account"
	"waymark/internal/id"
)

// House answers browsers for every register of one server: it finds whose a
// request is, and hands it to the pages of that register, which know no other.
// It is an http.Handler.
type House struct {
	servers []*Server
	of      map[id.Register]*Server
	finder  *account.Finder
	// cookie is the name of the session's cookie, the same for all.
	cookie string
}

// NewHouse puts the pages of the registers behind one address. Whoever is not
// signed in sees those of the first.
func NewHouse(finder *account.Finder, servers ...*Server) (*House, error) {
	if len(servers) == 0 || finder == nil {
		return nil, errors.New("a house needs the pages of one register at least, and who finds people over all")
	}
	h := &House{servers: servers, of: map[id.Register]*Server{}, finder: finder, cookie: servers[0].sessions.Cookie.Name}
	for _, s := range servers {
		s.several = len(servers) > 1
		h.of[s.Register] = s
	}
	return h, nil
}

// ServeHTTP answers one request.
func (h *House) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(h.servers) == 1 {
		h.servers[0].ServeHTTP(w, r)
		return
	}
	s, r := h.serverOf(w, r)
	s.ServeHTTP(w, r)
}

// serverOf is the register that answers, and the request as it is to answer it:
// after the sign-in it is that of the session, at the sign-in that of the
// account which somebody names, shows a passkey of, or is sent back to by the
// authority's sign-in service. Where there is none, or it cannot be found out,
// the one whose session it is answers, and the first where there is no session:
// it knows the account no more than any other would.
func (h *House) serverOf(w http.ResponseWriter, r *http.Request) (*Server, *http.Request) {
	begin, begins := strings.CutPrefix(r.URL.Path, "/begin/")
	named, names := registerIn(r.URL.Path)
	switch {
	case names:
		return h.server(named, nil, h.servers[0]), r
	case r.Method == http.MethodPost && (r.URL.Path == "/sign-in" || r.URL.Path == "/sign-in/passkey"):
		r.Body = http.MaxBytesReader(w, r.Body, bodyCap)
		if r.ParseForm() != nil {
			return h.servers[0], r
		}
		if r.URL.Path == "/sign-in/passkey" {
			return h.byPasskey(r)
		}
		register, err := h.finder.OfSignIn(r.Context(), r.PostForm.Get("sign-in"))
		return h.server(register, err, h.servers[0]), r
	case begins:
		code, _, _ := strings.Cut(begin, "/")
		register, err := h.finder.OfStart(r.Context(), code)
		return h.server(register, err, h.servers[0]), r
	case r.URL.Path == account.SSOBack:
		return h.bySSO(r)
	}
	return h.ofSession(r), r
}

func (h *House) ofSession(r *http.Request) *Server {
	cookie, err := r.Cookie(h.cookie)
	if err != nil {
		return h.servers[0]
	}
	register, err := h.finder.OfSession(r.Context(), cookie.Value)
	return h.server(register, err, h.servers[0])
}

// server is that of a register that was found, or else the other.
func (h *House) server(register id.Register, err error, otherwise *Server) *Server {
	if s, ok := h.of[register]; ok && err == nil {
		return s
	}
	return otherwise
}

// handed is what was found out for the register that answers, of a sign-in that
// began at another's: nobody had said yet who they are.
type handed struct {
	// ceremony is the question that the passkey answers.
	ceremony string
	// who is whom the sign-in service named at the end of the journey, or err
	// why it named nobody.
	journey ssoJourney
	who     account.Subject
	err     error
}

type handedKey struct{}

func handedTo(r *http.Request) (handed, bool) {
	h, ok := r.Context().Value(handedKey{}).(handed)
	return h, ok
}

func (h handed) with(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), handedKey{}, h))
}

// byPasskey is the register of the account that a passkey is of, by the handle
// in it, with the question that was asked in this session. Whether it answers
// the question, that register says.
func (h *House) byPasskey(r *http.Request) (*Server, *http.Request) {
	asked := h.ofSession(r)
	var shown struct {
		Response struct {
			Handle string `json:"userHandle"`
		} `json:"response"`
	}
	ref := ""
	if json.Unmarshal([]byte(r.PostForm.Get("assertion")), &shown) == nil {
		if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(shown.Response.Handle, "=")); err == nil {
			ref = string(raw)
		}
	}
	register, err := h.finder.OfAccount(r.Context(), id.Ref(ref))
	to := h.server(register, err, asked)
	if to == asked {
		return to, r
	}
	var c ceremony
	if taken, err := asked.take(r, inSessionCeremony, &c, nil); err != nil || !taken || asked.Now().After(c.Until) {
		c.Text = ""
	}
	return to, handed{ceremony: c.Text}.with(r)
}

// bySSO is the register of the account to which the sign-in service sends
// somebody back. Whoever proves again who they are, or is bound with a code,
// began at their own register and ends there.
func (h *House) bySSO(r *http.Request) (*Server, *http.Request) {
	asked := h.ofSession(r)
	if asked.SSO == nil {
		return asked, r
	}
	var given handed
	taken, err := asked.take(r, inSessionJourney, &given.journey, func() bool { return given.journey.Why == toSignInBySSO })
	if err != nil || !taken {
		return asked, r
	}
	if given.who, given.err = asked.SSO.Finish(r.Context(), given.journey.Journey, r.URL.Query()); given.err != nil {
		return asked, given.with(r)
	}
	registers, err := h.finder.OfSubject(r.Context(), given.who)
	if err != nil {
		given.err = err
		return asked, given.with(r)
	}
	for _, register := range registers {
		s, ok := h.of[register]
		if !ok {
			continue
		}
		if _, err := s.Account.OfSubject(r.Context(), given.who); err == nil {
			return s, given.with(r)
		}
	}
	return asked, given.with(r)
}

// take reads what remember put into a session of this server, and takes it out,
// before the server is asked to answer; only where it is wanted, if wanted is
// given.
func (s *Server) take(r *http.Request, name string, into any, wanted func() bool) (bool, error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return false, nil
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return false, err
	}
	if !s.recall(r.WithContext(ctx), name, into) || wanted != nil && !wanted() {
		return false, nil
	}
	s.sessions.Remove(ctx, name)
	_, _, err = s.sessions.Commit(ctx)
	return true, err
}

// Look is what the pages of all registers share: the templates, the style
// sheets and the scripts.
type Look struct {
	assets    assets
	templates templates
}

// NewLook reads it, or says which template does not parse.
func NewLook() (*Look, error) {
	a, err := readAssets(staticFiles)
	if err != nil {
		return nil, err
	}
	t, err := parseTemplates(templateFiles, a)
	return &Look{a, t}, err
}

// registerIn is the register that an address for people without an account
// names: a young person's link, and what the carrier of messages calls.
func registerIn(path string) (id.Register, bool) {
	for _, begins := range []string{"/a/", "/received/"} {
		if rest, ok := strings.CutPrefix(path, begins); ok {
			number, _, _ := strings.Cut(rest, "/")
			n, err := strconv.ParseInt(number, 10, 64)
			return id.Register(n), err == nil
		}
	}
	return 0, false
}
