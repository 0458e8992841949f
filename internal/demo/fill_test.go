package demo

import (
	"context"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/nccis"
)

func TestTimeFill(t *testing.T) {
	began := time.Now()
	w, _ := invent(t, "2026-11-22", 1)
	t.Log("invented", time.Since(began))
	d, err := db.Open(context.Background(), db.Settings{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	t.Log("opened", time.Since(began))
	if _, err := Fill(context.Background(), House{DB: d, Requirement: nccis.MustLoad()}, w); err != nil {
		t.Fatal(err)
	}
	t.Log("filled", time.Since(began))
}
