package app

import (
	"context"
	"time"

	"waymark/internal/audit"
	"waymark/internal/cli"
	"waymark/internal/retention"
)

// sealAtEnd has a command seal, when it ends, what it did.
func (b *builder) sealAtEnd(ctx context.Context, h *cli.House) {
	h.DB.OnClose(func() {
		if h.Register.ID == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if _, err := audit.Seal(ctx, h.DB, h.Register.ID); err != nil {
			b.log.Error("audit log", "error", err.Error())
		}
	})
}

// keeper opens the key of the audit log, or makes it.
func (b *builder) keeper(h *cli.House, o cli.ServeOptions) (*audit.Keeper, error) {
	key, made, err := audit.OpenKey(o.AuditKey)
	if err != nil {
		return nil, err
	}
	if made {
		b.log.Info("a key was made that signs the audit log: keep its public half elsewhere", "file", o.AuditKey, "public", key.Public)
	}
	return &audit.Keeper{DB: h.DB, Register: h.Register.ID, Key: key, Heads: o.Heads, Log: b.log}, nil
}

// keep seals and signs the log until what it returns is called, which seals
// and signs what is left.
func keep(ctx context.Context, k *audit.Keeper) func() { return run(ctx, k.Run) }

// run does something beside the pages until what it returns is called, which
// waits until it has ended.
func run(ctx context.Context, fn func(context.Context)) func() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(ctx)
	}()
	return func() { cancel(); <-done }
}

// forget erases those who came back by a restored backup, before anybody is
// served.
func (b *builder) forget(ctx context.Context, h *cli.House) error {
	list, err := retention.ReadList(h.Retention.List)
	if err != nil {
		return err
	}
	n, err := h.Retention.Again(ctx, list)
	if n > 0 {
		b.log.Info("people erased before had come back with a backup, and were erased again", "people", n)
	}
	return err
}
