package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"waymark/internal/db"
	"waymark/internal/web"
)

// health answers whoever watches over the server, on a listener of its own that
// browsers need not reach: /health says that the process answers, /ready that
// it can read its database too. Neither tells anything else, least
// of all about a young person (ux-security.md 6). What it returns ends it.
func (b *builder) health(d *db.DB, address string) (taken string, end func(), err error) {
	if address == "" {
		return "", func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("listen on %s for health: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { answerHealth(w, nil) })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		err := d.Answers(ctx)
		if err != nil {
			b.log.Error("not ready", "error", err.Error())
		}
		answerHealth(w, err)
	})
	server := web.HTTPServer(mux)
	go func() { _ = server.Serve(listener) }() // it ends with an error always, when it is closed
	return listener.Addr().String(), func() { _ = server.Close() }, nil
}

func answerHealth(w http.ResponseWriter, err error) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "not ready")
		return
	}
	fmt.Fprintln(w, "ok")
}
