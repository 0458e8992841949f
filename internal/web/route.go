package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"waymark/internal/access"
)

// Route is one line of the table: what is asked, who may ask, and who answers.
type Route struct {
	Method  string
	Pattern string
	// Permission is what the reader must be allowed; Public and SignedIn are
	// permissions too. What else is asked about one young person, the trade
	// asks itself.
	Permission access.Action
	Handler    func(w http.ResponseWriter, r *http.Request) error
	// Nav is its text in the main navigation; empty leaves it out. The order
	// is the table's.
	Nav string
	// Past says that the page can be asked for as known on a day.
	Past bool
	// Body is the most bytes the request may carry; 0 is 1 MB.
	Body int64
}

const (
	bodyCap   = 1 << 20
	uploadCap = 200 << 20
)

// table is every address there is. One line for each; the page's file, its
// template and its address share a stem.
func (s *Server) table() []Route {
	routes := []Route{
		{Method: "GET", Pattern: "/static/{hash}/{name}", Permission: access.Public, Handler: s.static},
		{Method: "GET", Pattern: "/help", Permission: access.Public, Handler: s.help},
		{Method: "GET", Pattern: "/accessibility", Permission: access.Public, Handler: s.accessibility},
		{Method: "GET", Pattern: "/sign-in", Permission: access.Public, Handler: s.signInPage},
		{Method: "POST", Pattern: "/sign-in", Permission: access.Public, Handler: s.signIn},
		{Method: "POST", Pattern: "/sign-out", Permission: access.SignedIn, Handler: s.signOut},
		{Method: "GET", Pattern: "/", Permission: access.SignedIn, Handler: s.homePage, Nav: "Home"},
		{Method: "GET", Pattern: "/account", Permission: access.SignedIn, Handler: s.accountPage},
		{Method: "POST", Pattern: "/account/password", Permission: access.SignedIn, Handler: s.changePassword},
		{Method: "POST", Pattern: "/account/sessions/{ref}/end", Permission: access.SignedIn, Handler: s.endSession},
	}
	return slices.Concat(routes, s.peopleRoutes(), s.listRoutes(), s.returnRoutes(), s.officerRoutes())
}

// build checks the table and puts it behind the middleware, in the order of
// architecture.md 2.4.
func (s *Server) build(routes []Route) (http.Handler, error) {
	mux := http.NewServeMux()
	known := access.Actions()
	for _, route := range routes {
		if !slices.Contains(known, route.Permission) {
			return nil, fmt.Errorf("the route %s %s names no permission that access knows (%q)", route.Method, route.Pattern, route.Permission)
		}
		if route.Handler == nil {
			return nil, fmt.Errorf("the route %s %s has no handler", route.Method, route.Pattern)
		}
		mux.Handle(route.Method+" "+muxPattern(route.Pattern), s.answer(route))
	}
	mux.Handle("/", s.answer(Route{Pattern: "(none)", Permission: access.Public, Handler: func(http.ResponseWriter, *http.Request) error { return errNoPage }}))
	return s.requestID(s.logged(s.recovered(s.secured(s.crossOrigin(s.sessions.LoadAndSave(s.known(mux))))))), nil
}

// muxPattern keeps "/" from matching every address.
func muxPattern(pattern string) string {
	if strings.HasSuffix(pattern, "/") {
		return pattern + "{$}"
	}
	return pattern
}

// answer wraps one route: its body cap, its permission, and its errors.
func (s *Server) answer(route Route) http.Handler {
	limit := route.Body
	if limit == 0 {
		limit = bodyCap
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noteRoute(r, route.Pattern)
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		actor := actorOf(r)
		if route.Permission != access.Public {
			if actor.Ref == "" {
				s.toSignIn(w, r)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			if err := access.Decide(actor, route.Permission, access.Subject{Register: s.Register}); err != nil {
				s.fail(w, r, notForRole{err})
				return
			}
		}
		if limit > bodyCap {
			defer s.lengthen(w)()
		}
		if err := route.Handler(w, r); err != nil && !toReason(w, r, err) {
			s.fail(w, r, err)
		}
	})
}

// navigation is the routes with a Nav that the actor may open.
func (s *Server) navigation(actor access.Actor, path, section string) []Link {
	var items []Link
	best := -1
	for _, route := range s.routes {
		if route.Nav == "" || !access.May(actor, route.Permission) {
			continue
		}
		items = append(items, Link{Text: route.Nav, Href: route.Pattern})
		i := len(items) - 1
		if section != "" {
			if route.Pattern == section {
				best = i
			}
		} else if within(path, route.Pattern) && (best < 0 || len(route.Pattern) > len(items[best].Href)) {
			best = i
		}
	}
	if best >= 0 {
		items[best].Current = true
	}
	return items
}

func within(path, prefix string) bool {
	if prefix == "/" {
		return path == "/"
	}
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}
