package web

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/db"
	"waymark/internal/id"
)

// seen is what is known about a request as it passes through.
type seen struct {
	id    string
	route string
	actor access.Actor
	// account is the actor's, as it was when the request came.
	account account.Account
	// mustSetUp says that a second factor is needed and none is set up.
	mustSetUp bool
	// kept is what was sent and could not be saved.
	kept id.Ref
}

type seenKey struct{}

// inSessionKey marks a request whose session has been read: an error page drawn
// before that, or after a panic, has none.
type inSessionKey struct{}

func seenOf(r *http.Request) *seen {
	if v, ok := r.Context().Value(seenKey{}).(*seen); ok {
		return v
	}
	return &seen{}
}

// actorOf is who asks; its Ref is empty where nobody is signed in.
func actorOf(r *http.Request) access.Actor { return seenOf(r).actor }

func noteRoute(r *http.Request, pattern string) { seenOf(r).route = pattern }

// requestID gives the request a reference, which stands in the log, in the
// acts it does, and on an error page.
func (s *Server) requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &seen{id: string(id.NewRef())}
		w.Header().Set("Request-Id", v.id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), seenKey{}, v)))
	})
}

// counted remembers what was answered.
type counted struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counted) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the writer beneath.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// logged writes one line for each request. It names the route's pattern, never
// the address: what a person mistypes into an address may be a name.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		c := &counted{ResponseWriter: w}
		next.ServeHTTP(c, r)
		v := seenOf(r)
		s.Log.InfoContext(r.Context(), "request", "id", v.id, "method", r.Method, "route", v.route, "status", c.status,
			"bytes", c.bytes, "ms", s.Now().Sub(began).Milliseconds(), "actor", v.actor.Ref)
	})
}

// recovered turns a panic into an error page. The panic's text may hold data,
// so the log gets the stack and the page gets the reference.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // the sender went away; net/http ends it quietly
			}
			s.Log.ErrorContext(r.Context(), "panic", "id", seenOf(r).id, "stack", string(debug.Stack()))
			s.fail(w, r, errPanic)
		}()
		next.ServeHTTP(w, r)
	})
}

var errPanic = errors.New("the program stopped half-way")

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; report-uri /csp-report; report-to csp"

const noFeatures = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), " +
	"geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()"

// HSTS says for what a browser that has been here once uses https alone, for
// a year (RFC 6797).
type HSTS string

// What may be chosen. Subdomains is the strictest; an authority whose other
// hosts below this name answer over plain http chooses the host.
const (
	HSTSOff        HSTS = "off"
	HSTSHost       HSTS = "host"
	HSTSSubdomains HSTS = "subdomains"
)

// header is the value of Strict-Transport-Security, "" for none.
func (h HSTS) header() string {
	switch h {
	case HSTSOff:
		return ""
	case HSTSHost:
		return "max-age=31536000"
	}
	return "max-age=31536000; includeSubDomains"
}

// secured sets the headers of ux-security.md 5.4 on every answer, errors and
// files too.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Reporting-Endpoints", `csp="/csp-report"`)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", noFeatures)
		h.Set("X-Frame-Options", "DENY")
		if value := s.HSTS.header(); s.HTTPS && value != "" {
			h.Set("Strict-Transport-Security", value)
		}
		next.ServeHTTP(w, r)
	})
}

// crossOrigin refuses what another site makes a browser send. The standard
// check lets through a request that says nothing of where it comes from; with
// a session cookie that is refused too (ux-security.md 5.4).
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	check := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := check.Check(r)
		if err == nil && !safe(r.Method) && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			if _, cookie := r.Cookie(s.sessions.Cookie.Name); cookie == nil {
				err = errors.New("neither Sec-Fetch-Site nor Origin")
			}
		}
		if err != nil {
			s.Log.WarnContext(r.Context(), "refused from another site", "id", seenOf(r).id, "why", err.Error())
			s.fail(w, r, errOtherSite)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// known finds who is signed in. The account is read on every request, so that
// a role taken away or an account closed counts at once.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), inSessionKey{}, true))
		ref := id.Ref(s.sessions.GetString(r.Context(), account.InSession))
		if ref == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		a, err := s.Account.ByRef(r.Context(), ref)
		if errors.Is(err, db.NotFound) || (err == nil && !a.Open) {
			err = s.sessions.Destroy(r.Context())
		} else if err == nil {
			v := seenOf(r)
			v.account, v.actor = a, a.Actor(v.id)
			v.actor.Reason = s.reasonFor(r)
			v.actor.Now = s.Now()
			v.mustSetUp, err = s.mustSetUp(r, a)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// mustSetUp says that somebody who is signed in by a password alone needs a
// second factor here, and has none yet.
func (s *Server) mustSetUp(r *http.Request, a account.Account) (bool, error) {
	if a.App || a.Passkeys > 0 || s.sessions.GetString(r.Context(), account.HowInSession) != account.ByPassword {
		return false, nil
	}
	rules, err := s.Account.Rules(r.Context())
	return rules.SecondFactor, err
}

// lengthen gives a large upload ten minutes instead of the server's thirty
// seconds, until the function returned is called. It counts by a timer and not
// by our clock, which tests may set to another year. A connection that cannot
// be lengthened keeps its limit.
func (s *Server) lengthen(w http.ResponseWriter) (done func() bool) {
	c := http.NewResponseController(w)
	if err := errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{})); err != nil {
		s.Log.Debug("upload keeps the short time limit", "why", err.Error())
	}
	return time.AfterFunc(10*time.Minute, func() {
		over := time.Unix(1, 0)
		if err := errors.Join(c.SetReadDeadline(over), c.SetWriteDeadline(over)); err != nil {
			s.Log.Debug("upload cannot be ended", "why", err.Error())
		}
	}).Stop
}

// sessionFailed answers where the sessions cannot be read or kept.
func (s *Server) sessionFailed(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
