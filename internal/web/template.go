package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"waymark/internal/civil"
)

//go:embed page part
var templateFiles embed.FS

// templates holds one set for each page: the layout, the parts and the page.
type templates map[string]*template.Template

// parseTemplates reads them all, so that a broken one stops the start and not
// a reader. Templates know one function, asset, which gives the address of a
// static file: what is shown is decided in the handler (docs/how-a-page-works.md).
func parseTemplates(files fs.FS, a assets) (templates, error) {
	base, err := template.New("").Funcs(template.FuncMap{"asset": a.address}).Option("missingkey=error").
		ParseFS(files, "page/layout.html", "part/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the page parts: %w", err)
	}
	names, err := fs.Glob(files, "page/*.html")
	if err != nil {
		return nil, err
	}
	all := templates{}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" {
			continue
		}
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(files, file)
		}
		if err == nil && t.Lookup("content") == nil {
			err = fmt.Errorf(`it defines no "content"`)
		}
		if err != nil {
			return nil, fmt.Errorf("read the page %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// Page is what every page has. A page's own struct embeds it, and is given to
// render by pointer.
type Page struct {
	// Title stands in the browser's tab, before "– Waymark". It names no
	// young person: tabs are seen, and kept in histories.
	Title string
	// Heading is the h1; the Title where empty. Caption stands above it, Lead
	// below it.
	Heading, Caption, Lead string
	// OwnHeading says that the page draws its own h1.
	OwnHeading bool
	Back       *Link
	Crumbs     []Link
	// Actions are buttons at the heading's right. They are links: what
	// changes something is a form.
	Actions []Link
	// Skip are skip links besides the one to the content: "Skip to results".
	Skip    []Link
	Errors  []FieldError
	Banners []Banner
	// Refresh asks for the page again after so many seconds, 0 never.
	Refresh int
	// Section is the address of the navigation item to mark; by default the
	// one that the page's own address begins with.
	Section string
	// KnownOn is the day whose knowledge the page shows; no date is now. The
	// page then has a band that says so, and the menu keeps the day.
	KnownOn civil.Date
	// Lang is the language of the page, "en" where empty. Young are the words of a
	// page for young people, which has no mark of handling and says everything in
	// its own language.
	Lang  string
	Young words
	// Frame is filled in by render.
	Frame Frame
}

// Frame is what surrounds the page.
type Frame struct {
	Register   string
	SignedInAs string
	Navigation []Link
	// Group are the pages that stand under the item of the menu that is open.
	Group        *SubNavigation
	Notification *Notification
	Handling     string
	Printed      string
	Past         *Past
}

func (p *Page) page() *Page { return p }

type anyPage interface{ page() *Page }

// render draws the page named by its template's file, 200, or 422 where it
// has errors.
func (s *Server) render(w http.ResponseWriter, r *http.Request, name string, data anyPage) error {
	status := http.StatusOK
	if len(data.page().Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.renderStatus(w, r, status, name, data)
}

func (s *Server) renderStatus(w http.ResponseWriter, r *http.Request, status int, name string, data anyPage) error {
	t, ok := s.templates[name]
	if !ok {
		return fmt.Errorf("there is no page template %q", name)
	}
	p := data.page()
	if p.Heading == "" {
		p.Heading = p.Title
	}
	p.Frame = s.frame(r, p)
	// Drawn whole before it is sent: a page that fails half-way is an error
	// page, never half a page.
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", data); err != nil {
		return fmt.Errorf("draw the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

func (s *Server) frame(r *http.Request, p *Page) Frame {
	actor := actorOf(r)
	f := Frame{Register: s.RegisterName, Handling: s.Handling, Notification: s.takeNotification(r)}
	if s.several && actor.Ref == "" {
		f.Register = ""
	}
	if actor.Ref == "" {
		return f
	}
	f.SignedInAs = actor.Name
	if seenOf(r).mustSetUp {
		return f // no page of the menu is open yet
	}
	if words := s.takeWarning(r); words != "" {
		p.Banners = append([]Banner{{Tone: "warn", Strong: "Tries to sign in as you.", Text: words, Status: true}}, p.Banners...)
	}
	s.warnOfAlarms(r, p)
	f.Navigation, f.Group = s.menu(actor, r.URL.Path, p.Section)
	if f.Past = pastOf(r, p.KnownOn); f.Past != nil {
		s.keepDay(f.Navigation, p.KnownOn)
		if f.Group != nil {
			s.keepDay(f.Group.Items, p.KnownOn)
		}
	}
	f.Printed = "Printed by " + actor.Name + ", " + s.Now().In(civil.London()).Format("2 January 2006 at 15:04") + ". " + s.Handling
	return f
}

// keepDay keeps the day in the menu's links to pages that can be asked so.
func (s *Server) keepDay(links []Link, on civil.Date) {
	for i := range links {
		for _, route := range s.routes {
			if route.Past && route.Pattern == links[i].Href {
				links[i].Href = asKnown(links[i].Href, on)
				break
			}
		}
	}
}
