package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/db"
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
	// Nav is its text in the menu; empty leaves it out. The order is the table's,
	// and menuGroups says which stand together.
	Nav string
	// Past says that the page can be asked for as known on a day.
	Past bool
	// Body is the most bytes the request may carry; 0 is 1 MB.
	Body int64
	// StepUp asks whoever has not proved in the last minutes who they are to do
	// it again first. Permissions to take many people out of the house ask for
	// it by themselves.
	StepUp bool
	// SetUp says that the route is open to somebody who must set up a second
	// factor first.
	SetUp bool
	// Draft says that a form sent here can be drawn again with what was typed
	// and nothing done (showOnly), so that whoever was signed out while writing
	// gets their page back.
	Draft bool
	// Secret says that what is sent here is never kept.
	Secret bool
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
		{Method: "POST", Pattern: "/csp-report", Permission: access.Public, Handler: s.violation, Body: reportCap},
		{Method: "GET", Pattern: "/sign-in", Permission: access.Public, Handler: s.signInPage},
		{Method: "POST", Pattern: "/sign-in", Permission: access.Public, Handler: s.signIn},
		{Method: "GET", Pattern: "/sign-in/second-step", Permission: access.Public, Handler: s.secondStepPage},
		{Method: "POST", Pattern: "/sign-in/second-step", Permission: access.Public, Handler: s.secondStep},
		{Method: "GET", Pattern: "/sign-in/passkey", Permission: access.Public, Handler: s.passkeySignInPage},
		{Method: "POST", Pattern: "/sign-in/passkey", Permission: access.Public, Handler: s.passkeySignIn},
		{Method: "GET", Pattern: "/sign-in/sso", Permission: access.Public, Handler: s.ssoSignIn},
		{Method: "GET", Pattern: account.SSOBack, Permission: access.Public, Handler: s.ssoBack},
		{Method: "GET", Pattern: "/begin/{code}", Permission: access.Public, Handler: s.beginPage},
		{Method: "GET", Pattern: "/begin/{code}/single-sign-on", Permission: access.Public, Handler: s.ssoBind},
		{Method: "POST", Pattern: "/begin/{code}", Permission: access.Public, Handler: s.begin},
		{Method: "POST", Pattern: "/sign-out", Permission: access.SignedIn, Handler: s.signOut, SetUp: true},
		{Method: "GET", Pattern: "/", Permission: access.SignedIn, Handler: s.homePage, Nav: "Home"},
		{Method: "GET", Pattern: "/account", Permission: access.SignedIn, Handler: s.accountPage},
		{Method: "POST", Pattern: "/account/password", Permission: access.SignedIn, Handler: s.changePassword, Secret: true},
		{Method: "POST", Pattern: "/account/sessions/{ref}/end", Permission: access.SignedIn, Handler: s.endSession},
		{Method: "GET", Pattern: "/account/second-factor", Permission: access.SignedIn, Handler: s.secondFactorPage, StepUp: true, SetUp: true},
		{Method: "POST", Pattern: "/account/second-factor", Permission: access.SignedIn, Handler: s.setUpApp, StepUp: true, SetUp: true, Secret: true},
		{Method: "POST", Pattern: "/account/second-factor/remove", Permission: access.SignedIn, Handler: s.removeApp, StepUp: true},
		{Method: "POST", Pattern: "/account/recovery-codes", Permission: access.SignedIn, Handler: s.newRecoveryCodes, StepUp: true},
		{Method: "GET", Pattern: "/account/passkeys", Permission: access.SignedIn, Handler: s.passkeysPage, StepUp: true, SetUp: true},
		{Method: "POST", Pattern: "/account/passkeys", Permission: access.SignedIn, Handler: s.addPasskey, StepUp: true, SetUp: true, Secret: true},
		{Method: "POST", Pattern: "/account/passkeys/{ref}/remove", Permission: access.SignedIn, Handler: s.removePasskey, StepUp: true},
		{Method: "GET", Pattern: provePath, Permission: access.SignedIn, Handler: s.provePage},
		{Method: "POST", Pattern: provePath, Permission: access.SignedIn, Handler: s.prove, Secret: true},
		{Method: "GET", Pattern: provePath + "/sso", Permission: access.SignedIn, Handler: s.ssoProve},
		{Method: "GET", Pattern: "/kept/{ref}", Permission: access.SignedIn, Handler: s.keptPage},
		{Method: "POST", Pattern: "/kept/{ref}", Permission: access.SignedIn, Handler: s.sendKept, Secret: true},
	}
	return slices.Concat(routes, s.peopleRoutes(), s.dueRoutes(), s.forecastRoutes(), s.daysNEETRoutes(), s.feedbackRoutes(), s.listRoutes(), s.visitRoutes(), s.campaignRoutes(), s.returnRoutes(), s.officerRoutes(), s.intakeRoutes(), s.referenceRoutes(), s.duplicateRoutes(), s.acrossRoutes(), s.transferRoutes(),
		s.publishRoutes(), s.auditRoutes(), s.downloadRoutes(), s.requestRoutes(), s.sharingRoutes(), s.restrictRoutes(), s.retentionRoutes(), s.yearRoutes(),
		s.noticeRoutes(), s.partnerRoutes(), s.tokenRoutes(), s.messageRoutes())
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
	s.mux = mux
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
				s.toSignIn(w, r, route)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			if err := access.Decide(actor, route.Permission, access.Subject{Register: s.Register}); err != nil {
				s.fail(w, r, notForRole{err})
				return
			}
			if first, err := s.first(w, r, route); first {
				if err != nil {
					s.fail(w, r, err)
				}
				return
			}
			w = s.watch(w, r, route.Permission)
		}
		if limit > bodyCap {
			defer s.lengthen(w)()
		}
		if err := route.Handler(w, r); err != nil && !toReason(w, r, err) && !s.toLocked(w, r, err) && !s.toSurvivor(w, r, err) {
			s.failed(w, r, route, err)
		}
	})
}

// first sends a reader to what must be done before the route is answered: to
// set up a second factor, or to prove again who they are. It reports whether
// there was such a thing.
func (s *Server) first(w http.ResponseWriter, r *http.Request, route Route) (bool, error) {
	switch {
	case seenOf(r).mustSetUp && !route.SetUp:
		http.Redirect(w, r, "/account/second-factor", http.StatusSeeOther)
		return true, nil
	case route.stepsUp() && !s.provedLately(r):
		return true, s.toProve(w, r, route)
	}
	return false, nil
}

// failed answers an error of a route. What was sent and could not be saved is
// kept for its sender.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, route Route, err error) {
	if errors.Is(err, account.ErrEnded) {
		if written(w) {
			s.ended(w, r)
		} else {
			s.toSignIn(w, r, route)
		}
		return
	}
	if v := seenOf(r); route.Method == http.MethodPost && v.actor.Ref != "" && notSaved(err) && !showOnly(r) && !written(w) {
		why := account.KeptFailed
		if errors.As(err, new(db.Conflict)) {
			why = account.KeptConflict
		}
		ref, failed := s.keepSent(r, route, v.account.Ref, why)
		if failed != nil {
			s.Log.ErrorContext(r.Context(), "cannot keep what was sent", "id", v.id, "error", failed.Error())
		}
		v.kept = ref
	}
	s.fail(w, r, err)
}
