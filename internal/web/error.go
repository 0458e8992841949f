package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/report"
	"waymark/internal/sharing"
)

type errorPage struct {
	Page
	Paragraphs []string
	// Changed are the two versions of a conflict.
	Changed   []Card
	Reference string
	Next      *Link
	// Kept leads to what was sent and could not be saved.
	Kept *Link
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

// statusLeft is what the log calls a request whose sender did not wait for the
// answer; nginx began the custom.
const statusLeft = 499

var errOtherSite = errors.New("sent from another site")

// aboutPeople are the actions whose refusal must look like absence: that a
// record exists is itself something to protect (ux-security.md 5.6).
var aboutPeople = map[access.Action]bool{
	access.SeePerson: true, access.CorrectPerson: true, access.RecordActivity: true, access.RecordGuarantee: true, access.MergePeople: true, access.SeeSignals: true, access.SeeClaims: true,
}

// fail answers an error, in one place for every page.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if written(w) {
		s.Log.ErrorContext(r.Context(), "failed after the answer had begun", "id", seenOf(r).id, "error", err.Error())
		return
	}
	if r.Context().Err() != nil {
		// Nobody is there to read an answer: a browser that went elsewhere is no
		// fault of ours.
		s.Log.InfoContext(r.Context(), "left before the answer", "id", seenOf(r).id, "error", err.Error())
		w.WriteHeader(statusLeft)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Del("Content-Disposition")
	status, p := s.explain(r, err)
	if kept := seenOf(r).kept; kept != "" {
		p.Kept = &Link{Text: "Get back what you typed", Href: "/kept/" + string(kept)}
	}
	if status >= http.StatusInternalServerError {
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
	case errors.Is(err, db.NotFound), errors.Is(err, errNoPage), errors.Is(err, access.ErrLocked),
		errors.As(err, &denied) && aboutPeople[denied.Action] && !errors.As(err, &role):
		return http.StatusNotFound, &errorPage{Page: Page{Title: "Page not found"}, Next: home, Paragraphs: []string{
			"There is nothing at this address, or nothing that you may see.",
			"If you typed or pasted the address, check that it is complete. If you followed a link, tell whoever looks after Waymark."}}
	case errors.As(err, &denied):
		return http.StatusForbidden, &errorPage{Page: Page{Title: "You cannot use this page"}, Next: home, Paragraphs: []string{
			"To " + string(denied.Action) + " is not part of your role here.",
			"If your work needs it, ask your administrator to change your roles."}}
	case errors.As(err, new(sharing.NotInForce)):
		return http.StatusForbidden, &errorPage{Page: Page{Title: "There is no agreement in force"}, Next: home, Paragraphs: []string{err.Error() + ".",
			"Until then you can see and send nothing here. Nothing that you have sent before is lost."}}
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
	case errors.As(err, new(report.Working)):
		const again = 5
		return http.StatusAccepted, &errorPage{Page: Page{Title: "The figures are being worked out", Refresh: again}, Next: home, Paragraphs: []string{
			"A file was loaded, or Waymark was started, and everybody is counted anew. That takes a minute where there are a million young people.",
			fmt.Sprintf("This page looks again every %d seconds. You may leave it; the counting goes on.", again)}}
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, &errorPage{Page: Page{Title: "That is too large"}, Next: home, Paragraphs: []string{
			"The most that this page takes is " + size(tooLarge.Limit) + ". Nothing was changed.",
			"If the file is right and really this large, ask whoever looks after Waymark to load it with the import command."}}
	case errors.Is(err, errForm):
		return http.StatusBadRequest, &errorPage{Page: Page{Title: "The form did not arrive whole"}, Next: home, Paragraphs: []string{
			"Part of what you sent was missing. Nothing was changed.",
			"Go back, load the page again, and send the form again."}}
	case db.IsFull(err):
		return http.StatusServiceUnavailable, s.fullPage(r)
	}
	p := &errorPage{Page: Page{Title: "Sorry, there is a problem with Waymark"}, Reference: seenOf(r).id, Next: home, Paragraphs: []string{
		"What you asked for could not be done. If you were saving something, look whether it was saved before you try again."}}
	status := http.StatusInternalServerError
	if errors.Is(err, act.ErrUnrecorded) {
		// Who looks and who changes must be on record, or nothing is shown or done.
		status = http.StatusServiceUnavailable
		p.Paragraphs = []string{"Waymark could not record who asked for this, so nothing was shown and nothing was changed. Try again in a minute."}
	}
	p.Paragraphs = append(p.Paragraphs, "If it happens again, give this reference to whoever looks after Waymark.")
	return status, p
}

// fullPage says that the disk is full: what is safe, what waits and what goes on
// meanwhile. Pages about young people wait too, because nobody is shown one
// without a record of who looked.
func (s *Server) fullPage(r *http.Request) *errorPage {
	p := &errorPage{Page: Page{Title: "There is no room left on the disk"}, Reference: seenOf(r).id,
		Next: &Link{Text: "Go to the home page", Href: "/"}, Paragraphs: []string{
			"The computer that runs Waymark has no room left to store anything. Nothing that was saved is lost, and what you asked for was not done by half: it was not done.",
			"Until there is room, nothing can be saved, and no page about a young person can be shown, because nobody is shown one unless it is recorded who looked. The home page and the figures still work.",
			"Tell whoever looks after Waymark, now. Once they have made room, everything goes on by itself."}}
	if !safe(r.Method) {
		p.Paragraphs = append(p.Paragraphs, "What you wrote is still on the page before this one: go back to it, leave it open, and send it again then. Sent twice, it is saved once.")
	}
	return p
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

// toSignIn sends a reader to sign in, and back here afterwards. A form that was
// sent by somebody whose session has ended is kept for them.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request, route Route) {
	next, kept := r.URL.RequestURI(), id.Ref("")
	if !safe(r.Method) {
		next = "/"
		var err error
		if kept, err = s.keepForSender(r, route); err != nil {
			s.Log.ErrorContext(r.Context(), "cannot keep what was sent", "id", seenOf(r).id, "error", err.Error())
		}
	}
	http.Redirect(w, r, "/sign-in?"+afterSignIn(localPath(next), string(kept)), http.StatusSeeOther)
}

// notSaved says that an error may have kept a form from being saved: a fault of
// ours, or somebody else having been first.
func notSaved(err error) bool {
	var denied access.Denied
	var tooLarge *http.MaxBytesError
	return !errors.Is(err, db.NotFound) && !errors.Is(err, errNoPage) && !errors.As(err, &denied) && !errors.Is(err, act.ErrRepeated) &&
		!errors.As(err, &tooLarge) && !errors.Is(err, errForm)
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
