// Package web is the door for people with a browser.
//
// It decides nothing: a handler reads a form, asks the trade to do one thing,
// and draws one page. How a page is put together, and how to add one, is in
// docs/how-a-page-works.md.
package web

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/returns"
)

// Settings are what the pages need; app fills them in.
type Settings struct {
	Register id.Register
	// RegisterName is shown in the header: "Borough of Sandmere".
	RegisterName string
	// Handling is the mark on every page and print: "OFFICIAL–SENSITIVE".
	Handling string
	// HTTPS says that browsers reach us over https, by ourselves or through a
	// proxy. Without it the cookie is a plain one, for a trial on one machine.
	HTTPS bool
	// HSTS says what browsers are told to reach over https only. It counts with
	// HTTPS alone; the zero value is HSTSSubdomains.
	HSTS HSTS
	// Now is the clock.
	Now func() time.Time
	Log *slog.Logger

	// The trade's services that pages call.
	Account     *account.Service
	Requirement *nccis.Requirement
	Registers   *register.Service
	Record      *record.Service
	Find        *find.Service
	Lists       *list.Service
	Imports     *imports.Service
	Returns     *returns.Service
	Figures     *report.Service
	Sights      *act.Recorder
	// Dir is where what arrives is kept while it is read, in files that have no
	// name; empty is the system's own place for that.
	Dir string
}

// Server answers browsers. It is an http.Handler.
type Server struct {
	Settings
	assets    assets
	templates templates
	sessions  *scs.SessionManager
	routes    []Route
	handler   http.Handler
	checked   checkedFiles
}

// New builds the server, or says what is missing: a template that does not
// parse, a route without a permission.
func New(settings Settings) (*Server, error) {
	s := &Server{Settings: settings}
	if s.Account == nil || s.Registers == nil || s.Record == nil || s.Find == nil || s.Lists == nil || s.Imports == nil || s.Returns == nil || s.Requirement == nil || s.Sights == nil || s.Now == nil || s.Log == nil {
		return nil, errors.New("the pages need accounts, registers, client records, finding, lists, imports, returns, the requirement, sights, a clock and a log")
	}
	var err error
	if s.assets, err = readAssets(staticFiles); err != nil {
		return nil, err
	}
	if s.templates, err = parseTemplates(templateFiles, s.assets); err != nil {
		return nil, err
	}
	s.sessions = s.Account.Sessions(s.HTTPS)
	s.sessions.ErrorFunc = s.sessionFailed
	s.routes = s.table()
	s.handler, err = s.build(s.routes)
	return s, err
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Routes is the table, for the tests that walk it and for "waymark routes".
func (s *Server) Routes() []Route { return append([]Route(nil), s.routes...) }

// HTTPServer is a server with the time limits that keep a slow sender from
// holding it. Routes that take large files lengthen their own.
func HTTPServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
	}
}

// network is the sender's address without its port.
func network(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
