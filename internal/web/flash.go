package web

import "net/http"

// Notification says, once, on the next page, what has just been done.
type Notification struct {
	Text string
	Link *Link
}

const (
	noteText = "note"
	noteLink = "note link"
	noteHref = "note href"
)

// done sends the reader on after a change: 303, so that reloading the page
// does nothing twice, with words that say what was done. It is the last thing
// that a POST does. The words may name nobody: they wait in the session.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to, words string, link *Link) error {
	ctx := r.Context()
	if words != "" {
		s.sessions.Put(ctx, noteText, words)
		if link != nil {
			s.sessions.Put(ctx, noteLink, link.Text)
			s.sessions.Put(ctx, noteHref, link.Href)
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) takeNotification(r *http.Request) *Notification {
	ctx := r.Context()
	if ctx.Value(inSessionKey{}) == nil {
		return nil
	}
	words := s.sessions.PopString(ctx, noteText)
	if words == "" {
		return nil
	}
	n := &Notification{Text: words}
	if text := s.sessions.PopString(ctx, noteLink); text != "" {
		n.Link = &Link{Text: text, Href: s.sessions.PopString(ctx, noteHref)}
	}
	return n
}

// takeWarning is what somebody who has signed in is warned of, once.
func (s *Server) takeWarning(r *http.Request) string {
	if r.Context().Value(inSessionKey{}) == nil {
		return ""
	}
	return s.sessions.PopString(r.Context(), inSessionWarned)
}
