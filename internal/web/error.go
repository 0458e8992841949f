package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
)

type errorPage struct {
	Page
	Paragraphs []string
	// Changed are the two versions of a conflict.
	Changed   []Card
	Reference string
	Next      *Link
}

// notForRole is a refusal by the route table: the page exists, the role does
// not include it, and saying so gives nothing away.
type notForRole struct{ error }

func (n notForRole) Unwrap() error { return n.error }

// bothVersions is a conflict with what each side wrote, for the page to show.
type bothVersions struct {
	error
	Theirs, Yours Card
}

func (b bothVersions) Unwrap() error { return b.error }

var errOtherSite = errors.New("sent from another site")

// aboutPeople are the actions whose refusal must look like absence: that a
// record exists is itself something to protect (ux-security.md 5.6).
var aboutPeople = map[access.Action]bool{
	access.SeePerson: true, access.CorrectPerson: true, access.RecordActivity: true, access.RecordGuarantee: true,
}

// fail answers an error, in one place for every page.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if written(w) {
		s.Log.ErrorContext(r.Context(), "failed after the answer had begun", "id", seenOf(r).id, "error", err.Error())
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Del("Content-Disposition")
	status, p := s.explain(r, err)
	if status == http.StatusInternalServerError {
		s.Log.ErrorContext(r.Context(), "failed", "id", seenOf(r).id, "error", err.Error())
	}
	if err := s.renderStatus(w, r, status, "error", p); err != nil {
		s.Log.ErrorContext(r.Context(), "cannot draw the error page", "id", seenOf(r).id, "error", err.Error())
		http.Error(w, "Sorry, there is a problem with Waymark. Reference: "+seenOf(r).id, status)
	}
}

func written(w http.ResponseWriter) bool {
	for {
		if c, ok := w.(*counted); ok {
			return c.status != 0
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = u.Unwrap()
	}
}

func (s *Server) explain(r *http.Request, err error) (int, *errorPage) {
	var denied access.Denied
	var role notForRole
	var conflict db.Conflict
	var tooLarge *http.MaxBytesError
	home := &Link{Text: "Go to the home page", Href: "/"}
	if status, p := explainPast(r, err); p != nil {
		return status, p
	}
	switch {
	case errors.Is(err, db.NotFound), errors.Is(err, errNoPage),
		errors.As(err, &denied) && aboutPeople[denied.Action] && !errors.As(err, &role):
		return http.StatusNotFound, &errorPage{Page: Page{Title: "Page not found"}, Next: home, Paragraphs: []string{
			"There is nothing at this address, or nothing that you may see.",
			"If you typed or pasted the address, check that it is complete. If you followed a link, tell whoever looks after Waymark."}}
	case errors.As(err, &denied):
		return http.StatusForbidden, &errorPage{Page: Page{Title: "You cannot use this page"}, Next: home, Paragraphs: []string{
			"To " + string(denied.Action) + " is not part of your role here.",
			"If your work needs it, ask your administrator to change your roles."}}
	case errors.As(err, &conflict):
		return http.StatusConflict, conflictPage(r, err, conflict)
	case errors.Is(err, act.ErrRepeated):
		// The first press did it all, so this is good news, whoever asks.
		return http.StatusConflict, &errorPage{Page: Page{Title: "This was already saved"}, Next: home, Paragraphs: []string{
			"The form was sent twice. The first time did what you asked; the second changed nothing."}}
	case errors.Is(err, errOtherSite):
		return http.StatusForbidden, &errorPage{Page: Page{Title: "This was not sent from Waymark"}, Next: home, Paragraphs: []string{
			"Your browser said that this form came from another website, or did not say where it came from. Nothing was changed.",
			"Open the page in Waymark itself and send the form again."}}
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, &errorPage{Page: Page{Title: "That is too large"}, Next: home, Paragraphs: []string{
			"The most that this page takes is " + size(tooLarge.Limit) + ". Nothing was changed.",
			"If the file is right and really this large, ask whoever looks after Waymark to load it with the import command, which has no limit."}}
	case errors.Is(err, errForm):
		return http.StatusBadRequest, &errorPage{Page: Page{Title: "The form did not arrive whole"}, Next: home, Paragraphs: []string{
			"Part of what you sent was missing. Nothing was changed.",
			"Go back, load the page again, and send the form again."}}
	}
	p := &errorPage{Page: Page{Title: "Sorry, there is a problem with Waymark"}, Reference: seenOf(r).id, Next: home, Paragraphs: []string{
		"What you asked for could not be done. If you were saving something, look whether it was saved before you try again."}}
	if db.IsFull(err) {
		p.Paragraphs = append(p.Paragraphs, "The computer that runs Waymark has no room left. Tell whoever looks after it; nothing that was saved is lost.")
	} else {
		p.Paragraphs = append(p.Paragraphs, "If it happens again, give this reference to whoever looks after Waymark.")
	}
	return http.StatusInternalServerError, p
}

func conflictPage(r *http.Request, err error, conflict db.Conflict) *errorPage {
	p := &errorPage{Page: Page{Title: "Somebody else changed this first"}, Paragraphs: []string{
		"Since you opened the page, somebody else has changed " + conflict.What + ". Your change was not saved, and theirs was kept.",
		"Look at what it is now, and make your change again if it is still needed."}}
	var both bothVersions
	if errors.As(err, &both) {
		p.Changed = []Card{both.Theirs, both.Yours}
	}
	p.Next = &Link{Text: "Look at it again", Href: r.URL.Path}
	return p
}

// size is a number of bytes as people say it.
func size(bytes int64) string {
	if bytes >= 1<<20 {
		return count(int(bytes>>20)) + " MB"
	}
	return count(int(bytes>>10)) + " kB"
}

// toSignIn sends a reader to sign in, and back here afterwards. A form that
// was sent comes back to the page it was on, as far as its address says.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	next := r.URL.RequestURI()
	if !safe(r.Method) {
		next = "/"
	}
	http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(localPath(next)), http.StatusSeeOther)
}

// localPath is the address where it is one of ours, and the home page where it
// is not: nobody may be sent elsewhere by a link to our sign-in.
func localPath(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(address, "\\\r\n\t") || strings.HasPrefix(u.Path, "/sign-") {
		return "/"
	}
	return u.RequestURI()
}
