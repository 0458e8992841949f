// Package api is the door for partners' systems: the same acts as the pages, as
// REST under /api/v1.
//
// In the trade a college's records know first that a student has left. With a
// token, which stands for one agreement, its system tells so (Education and Skills
// Act 2008 s.13) and asks later whether the notice was dealt with. It sees nobody:
// whether a young person is known here, and where they live, no answer says. The
// document at /api/v1/openapi.json is made from the types below.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/notice"
	"waymark/internal/sharing"
)

// Prefix is what every address of the door begins with.
const Prefix = "/api/v1/"

// Register is one register that the door serves.
type Register struct {
	ID      id.Register
	Sharing *sharing.Service
	Notices *notice.Service
}

// Settings are what the door needs; app fills them in.
type Settings struct {
	Registers []Register
	Log       *slog.Logger
	Now       func() time.Time
	// PerMinute is how many requests a token, and a stranger's network address,
	// may make in a minute; 0 is 60.
	PerMinute int
}

// Server answers partners' systems. It is an http.Handler.
type Server struct {
	Settings
	mux    *http.ServeMux
	routes []Route

	mu   sync.Mutex
	asks map[string]bucket
}

// Route is one line of the door's table, with its permission.
type Route struct {
	Method, Pattern string
	Permission      access.Action
}

const (
	// mostBody is how many bytes a request may carry: a notice has a few hundred.
	mostBody = 16 << 10

	// mostAsks is how many senders are counted at once.
	mostAsks = 10_000
)

// New builds the door.
func New(settings Settings) *Server {
	if settings.PerMinute == 0 {
		settings.PerMinute = 60
	}
	s := &Server{Settings: settings, mux: http.NewServeMux(), asks: map[string]bucket{}}
	c := huma.DefaultConfig("Waymark", "1.0")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = Prefix+"openapi", "", ""
	c.CreateHooks = nil
	c.Info.Description = "For the systems of schools, colleges and providers with a sharing agreement in force."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	a := humago.New(s.mux, c)
	s.register(a)
	for _, one := range []string{"json", "yaml"} {
		s.routes = append(s.routes, Route{http.MethodGet, Prefix + "openapi." + one, access.Public})
	}
	return s
}

// Routes is the door's table, for "waymark routes" and the tests that walk it.
func (s *Server) Routes() []Route { return append([]Route(nil), s.routes...) }

// caller is who asks: the token's actor and the register that it is of.
type caller struct {
	by access.Actor
	in Register
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// ServeHTTP answers one request: it is counted, its token is read, and its body
// has a limit, before anything else looks at it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := string(id.NewRef())
	head := w.Header()
	head.Set("Request-Id", request)
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	head.Set("Referrer-Policy", "no-referrer")
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "id", request, "door", "api")
			problem(w, http.StatusInternalServerError, "Something went wrong. Quote "+request)
		}
	}()
	began := s.Now()
	who := "(document)"
	if !strings.HasPrefix(r.URL.Path, Prefix+"openapi.") {
		c, err := s.caller(r, request)
		if !s.refuseUnknown(w, r, c, err) {
			return
		}
		who = c.by.Ref
		if r.ContentLength > mostBody {
			problem(w, http.StatusRequestEntityTooLarge, "A notice has 16 kB at most")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
	} else if !s.may("document "+address(r), w) {
		return
	}
	s.mux.ServeHTTP(w, r)
	s.Log.Info("request", "id", request, "method", r.Method, "route", r.Pattern, "ms", s.Now().Sub(began).Milliseconds(), "actor", who)
}

// refuseUnknown answers whoever may not ask, and reports whether the request goes
// on.
func (s *Server) refuseUnknown(w http.ResponseWriter, r *http.Request, c caller, err error) bool {
	switch {
	case errors.Is(err, sharing.ErrToken):
		if s.may("stranger "+address(r), w) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="Waymark"`)
			problem(w, http.StatusUnauthorized, "Send “Authorization: Bearer” with a token that the authority gave you and that is not over")
		}
		return false
	case err != nil:
		s.Log.Error("failed", "id", w.Header().Get("Request-Id"), "error", err.Error())
		problem(w, http.StatusServiceUnavailable, "It cannot be looked up now. Send it again in a minute, with the same key")
		return false
	}
	return s.may(c.by.Ref, w)
}

// caller reads the token. A house has few registers, so each is asked.
func (s *Server) caller(r *http.Request, request string) (caller, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return caller{}, sharing.ErrToken
	}
	for _, one := range s.Registers {
		by, err := one.Sharing.Bearer(r.Context(), one.ID, strings.TrimSpace(token), request)
		if err == nil {
			return caller{by, one}, nil
		}
		if !errors.Is(err, sharing.ErrToken) {
			return caller{}, err
		}
	}
	return caller{}, sharing.ErrToken
}

// bucket is what one sender has left of its minute.
type bucket struct {
	began time.Time
	used  int
}

// may counts a request, and answers 429 where there were too many in a minute.
func (s *Server) may(who string, w http.ResponseWriter) bool {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asks) >= mostAsks {
		for k, b := range s.asks {
			if now.Sub(b.began) >= time.Minute {
				delete(s.asks, k)
			}
		}
	}
	b := s.asks[who]
	if since := now.Sub(b.began); since >= time.Minute || since < 0 {
		b = bucket{began: now}
	}
	// Strangers at many addresses fill the table and shut one another out, but
	// nobody who has a token.
	stranger := strings.Contains(who, " ")
	if b.used++; b.used > s.PerMinute || stranger && len(s.asks) >= mostAsks {
		w.Header().Set("Retry-After", strconv.Itoa(int((time.Minute-now.Sub(b.began))/time.Second)+1))
		problem(w, http.StatusTooManyRequests, "Too many requests in a minute. Wait, and send it again with the same key")
		s.asks[who] = b
		return false
	}
	s.asks[who] = b
	return true
}

// address is the network address that asks, without its port.
func address(r *http.Request) string {
	host, _, found := strings.Cut(r.RemoteAddr, ":")
	if i := strings.LastIndexByte(r.RemoteAddr, ':'); found && i > 0 {
		host = r.RemoteAddr[:i]
	}
	return host
}

// inWords makes the answer to an error of the trade.
func (s *Server) inWords(ctx context.Context, err error) error {
	var wrong field.Errors
	var no sharing.NotInForce
	switch {
	case errors.As(err, &wrong):
		var details []error
		for _, one := range wrong {
			details = append(details, &huma.ErrorDetail{Location: "body." + strings.ReplaceAll(one.Field, "-", "_"), Message: one.Message})
		}
		return huma.Error422UnprocessableEntity("Some of what you sent must be put right; nothing was saved", details...)
	case errors.As(err, &no):
		return huma.Error403Forbidden(no.Message)
	case errors.Is(err, notice.ErrOtherNotice):
		return huma.Error422UnprocessableEntity("This Idempotency-Key came before with another notice. Draw a new key for each notice")
	case errors.Is(err, db.NotFound):
		return huma.Error404NotFound("You have sent no notice with this reference")
	case errors.As(err, new(access.Denied)):
		return huma.Error403Forbidden("Your token does not allow this")
	case errors.Is(err, act.ErrUnrecorded), db.IsFull(err):
		return huma.Error503ServiceUnavailable("It cannot be recorded now, so nothing was done. Send it again later, with the same key")
	}
	s.Log.ErrorContext(ctx, "failed", "request", callerOf(ctx).by.Request, "error", err.Error())
	return huma.Error500InternalServerError("Something went wrong. Quote " + callerOf(ctx).by.Request)
}
