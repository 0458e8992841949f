package web

import (
	"errors"
	"net/http"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/id"
)

// An answer that takes long asks again whether its reader still may: after so
// many bytes, and where it is written row by row after so many rows. The
// shortest row there is has 16 bytes, so it is never more than 1,000 rows
// (ux-security.md 5.3).
const (
	askedAfterBytes = 16 << 10
	askedAfterRows  = 500
)

// watched is a writer that ends an answer whose reader may no longer have it:
// their account or their session has ended, or their role has changed.
type watched struct {
	http.ResponseWriter
	still func() error
	since int
	// over is why the answer was ended.
	over error
}

// watch has an answer to somebody who is signed in ask again as it goes.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, may access.Action) *watched {
	who, token, ctx := id.Ref(s.sessions.GetString(r.Context(), account.InSession)), hashOfToken(s.sessions.Token(r.Context())), r.Context()
	return &watched{ResponseWriter: w, still: func() error { return s.Account.Still(ctx, who, may, token) }}
}

func (w *watched) Write(b []byte) (int, error) {
	written := 0
	if w.Header().Get("Content-Disposition") == "" { // a page, which is drawn whole
		return w.ResponseWriter.Write(b)
	}
	for len(b) > 0 {
		if w.since >= askedAfterBytes {
			if err := w.ask(); err != nil {
				return written, err
			}
		}
		n, err := w.ResponseWriter.Write(b[:min(len(b), askedAfterBytes)])
		written, w.since, b = written+n, w.since+n, b[n:]
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (w *watched) ask() error {
	w.since = 0
	if w.over == nil {
		w.over = w.still()
	}
	return w.over
}

// Unwrap lets http.ResponseController reach the writer beneath.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// askAgain asks whether the reader still may have the answer.
func askAgain(w http.ResponseWriter) error {
	for {
		if v, ok := w.(*watched); ok {
			return v.ask()
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = u.Unwrap()
	}
}

// ended breaks the connection of an answer that was ended half-way, so that
// nobody takes what arrived for the whole file.
func (s *Server) ended(w http.ResponseWriter, r *http.Request) {
	s.Log.WarnContext(r.Context(), "ended while it was answered: the account or the session is over", "id", seenOf(r).id)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = conn.Close()
	}
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.Log.WarnContext(r.Context(), "the connection could not be broken", "id", seenOf(r).id, "error", err.Error())
	}
}
