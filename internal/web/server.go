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
	"waymark/internal/audit"
	"waymark/internal/border"
	"waymark/internal/calendar"
	"waymark/internal/campaign"
	"waymark/internal/due"
	"waymark/internal/export"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/intake"
	"waymark/internal/list"
	"waymark/internal/merge"
	"waymark/internal/message"
	"waymark/internal/nccis"
	"waymark/internal/notice"
	"waymark/internal/publish"
	"waymark/internal/record"
	"waymark/internal/reference"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/restrict"
	"waymark/internal/retention"
	"waymark/internal/returns"
	"waymark/internal/rights"
	"waymark/internal/rollover"
	"waymark/internal/season"
	"waymark/internal/sharing"
	"waymark/internal/survey"
	"waymark/internal/transfer"
	"waymark/internal/visit"
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
	// Origin is the address at which browsers reach us, like
	// https://waymark.sandmere.gov.uk: passkeys and single sign-on need it.
	// Empty lets passkeys work on localhost alone, for a trial.
	Origin string
	// SSO is the authority's own sign-in service; nil where none is connected.
	SSO *account.SSO
	// Border tells whom another register of this house also holds.
	Border *border.Service
	// Transfers hands over between the registers that the border knows; nil makes
	// them of it.
	Transfers *transfer.Service
	// Look is shared by the registers of one server; nil reads it anew.
	Look *Look
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
	Visits      *visit.Service // rounds of home visits, and who is out alone
	Campaigns   *campaign.Service
	Due         *due.Service
	// Day are who has something to say of somebody's day, on their home page.
	Day        []due.Source
	Imports    *imports.Service
	Intake     *intake.Service
	Merge      *merge.Service
	Returns    *returns.Service
	Figures    *report.Service
	Reference  *reference.Service
	Exports    *export.Service
	Restricted *restrict.Service
	Sharing    *sharing.Service
	Sights     *act.Recorder
	Audit      *audit.Service
	Retention  *retention.Service
	Publish    *publish.Service
	Rights     *rights.Service
	Calendar   *calendar.Service
	Season     *season.Service
	Rollover   *rollover.Service
	Notices    *notice.Service
	Messages   *message.Service
	// CallbackToken is what the carrier of messages calls with; empty lets nobody
	// call.
	CallbackToken string
	Survey        *survey.Service
	// PublicFigures lets anybody read what was published, without signing in.
	PublicFigures bool
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
	// mux is the table without the middleware before it.
	mux     *http.ServeMux
	checked checkedFiles
	// youngWords are the words for young people, by language.
	youngWords map[string]words
	// violations are what browsers report of pages.
	violations violations
	// several says that this server answers for other registers too: nobody
	// who is not signed in is told the name of one.
	several bool
}

// New builds the server, or says what is missing: a template that does not
// parse, a route without a permission.
func New(settings Settings) (*Server, error) {
	s := &Server{Settings: settings}
	if s.Account == nil || s.Registers == nil || s.Record == nil || s.Find == nil || s.Lists == nil || s.Imports == nil || s.Intake == nil || s.Merge == nil || s.Returns == nil || s.Requirement == nil || s.Exports == nil || s.Sights == nil || s.Audit == nil || s.Now == nil || s.Log == nil {
		return nil, errors.New("the pages need accounts, registers, client records, finding, lists, imports, intake, merges, returns, the requirement, exports, sights, their log, a clock and a log")
	}
	if s.Campaigns == nil {
		return nil, errors.New("the pages need campaigns")
	}
	if s.Border == nil {
		return nil, errors.New("the pages need the border")
	}
	if s.Transfers == nil {
		s.Transfers = transfer.Across(s.Border, s.Record.Standing, s.Sights)
	}
	if s.Restricted == nil || s.Publish == nil || s.Retention == nil || s.Rights == nil {
		return nil, errors.New("the pages need restrictions, publications, retention and requests")
	}
	if s.Due == nil {
		return nil, errors.New("the pages need what is due")
	}
	if s.Calendar == nil || s.Season == nil || s.Rollover == nil || s.Survey == nil {
		return nil, errors.New("the pages need the calendar, the seasons of the guarantee, the rollover and the survey")
	}
	if s.Sharing == nil || s.Notices == nil {
		return nil, errors.New("the pages need sharing agreements and notices")
	}
	if s.Messages == nil {
		return nil, errors.New("the pages need messages")
	}
	var err error
	if s.youngWords, err = readYoung(); err != nil {
		return nil, err
	}
	if s.Look == nil {
		if s.Look, err = NewLook(); err != nil {
			return nil, err
		}
	}
	s.assets, s.templates = s.Look.assets, s.Look.templates
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
