package app

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

func TestHealthTellsNothingElse(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := &builder{log: slog.New(slog.DiscardHandler)}
		address, end, err := b.health(d, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer end()
		ask := func(path string) (int, string) {
			t.Helper()
			answer, err := http.Get("http://" + address + path)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			return answer.StatusCode, string(body)
		}
		for _, path := range []string{"/health", "/ready"} {
			if status, body := ask(path); status != 200 || body != "ok\n" {
				t.Errorf("%s answers %d %q", path, status, body)
			}
		}
		if status, _ := ask("/sign-in"); status != 404 {
			t.Errorf("the sign-in page answers %d there", status)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if status, body := ask("/ready"); status != 503 || body != "not ready\n" {
			t.Errorf("without a database /ready answers %d %q", status, body)
		}
		if status, _ := ask("/health"); status != 200 {
			t.Errorf("without a database /health answers %d", status)
		}
	})
	if address, end, err := (&builder{}).health(nil, ""); address != "" || err != nil {
		t.Errorf("nobody asked for it: %q, %v", address, err)
	} else {
		end()
	}
}
