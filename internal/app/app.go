// Package app builds the product from its settings. It is the only package
// that knows all the others.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/cli"
	"waymark/internal/db"
	"waymark/internal/find"
	"waymark/internal/imports"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/returns"
	"waymark/internal/standing"
	"waymark/internal/web"
)

// Version is what the return's header calls SupplierXMLVersion.
const Version = "1.0"

// Main runs one command and returns its exit code.
func Main(args []string, in io.Reader, out, problems io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	args, now, err := takeClock(args)
	if err != nil {
		fmt.Fprintln(problems, "waymark:", err)
		return 2
	}
	b := &builder{now: now, log: slog.New(slog.NewTextHandler(problems, nil))}
	return cli.Run(args, &cli.Env{Stdin: in, Stdout: out, Stderr: problems, Ctx: ctx, Open: b.open, Serve: b.serve, Routes: b.routes})
}

type builder struct {
	now func() time.Time
	log *slog.Logger
}

// open builds the product on one database. A database without a register is
// opened too, with Register.ID 0, so that one can be made.
func (b *builder) open(ctx context.Context, d cli.Data) (*cli.House, error) {
	req, err := nccis.Load()
	if err != nil {
		return nil, err
	}
	at := db.Settings{URL: d.DB, Dir: d.Data, Now: b.now}
	if !d.Make && !db.Exists(at) {
		return nil, cli.ErrNoData(d.Data)
	}
	database, err := db.Open(ctx, at)
	if err != nil {
		return nil, err
	}
	h := &cli.House{DB: database, Requirement: req, Standing: standing.Keeper{Requirement: req}, Registers: &register.Service{DB: database}}
	h.Register, err = h.Registers.Choose(ctx, d.Register)
	if err != nil && !errors.Is(err, register.ErrNone) {
		database.Close()
		return nil, err
	}
	b.furnish(h)
	return h, nil
}

func (b *builder) furnish(h *cli.House) {
	sights := &act.Recorder{DB: h.DB}
	h.Accounts = account.New(h.DB, h.Register.ID)
	h.Record = &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing, Sights: sights}
	h.Imports = &imports.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing}
	h.Figures = &report.Service{DB: h.DB, Requirement: h.Requirement, Sights: sights}
	h.Returns = &returns.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing, Version: Version}
}

// serve answers browsers until the context ends, and then lets those being
// answered finish.
func (b *builder) serve(ctx context.Context, h *cli.House, o cli.ServeOptions) error {
	if h.Register.ID == 0 {
		return register.ErrNone
	}
	// A demo makes its register after the house was opened.
	b.furnish(h)
	if err := h.Imports.Recover(ctx); err != nil {
		return err
	}
	defer h.Imports.Close()
	pages, err := b.pages(h, o)
	if err != nil {
		return err
	}
	defer b.warm(ctx, h, pages.Find)()
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.Addr, err)
	}
	server := web.HTTPServer(pages)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if o.Ready != nil {
		o.Ready(listener.Addr().String())
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// warm states the register for the figures, and reads whom to look for, while
// the first pages are asked for, so that nobody waits for it. What it returns
// ends it, and waits until it has.
func (b *builder) warm(ctx context.Context, h *cli.House, finder *find.Service) func() {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := finder.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
			b.log.Error("cannot read whom to look for", "error", err.Error())
		}
		if err := h.Figures.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
			b.log.Error("cannot state the register for the figures", "error", err.Error())
		}
	}()
	return func() { cancel(); <-done }
}

func (b *builder) pages(h *cli.House, o cli.ServeOptions) (*web.Server, error) {
	finder, err := find.New(h.DB, h.Record)
	if err != nil {
		return nil, err
	}
	return web.New(web.Settings{Register: h.Register.ID, RegisterName: h.Register.Name, Handling: "OFFICIAL–SENSITIVE", HTTPS: o.HTTPS, HSTS: web.HSTS(o.HSTS),
		Now: h.DB.Now, Log: b.log, Account: h.Accounts, Requirement: h.Requirement, Registers: h.Registers,
		Record: h.Record, Find: finder, Lists: &list.Service{DB: h.DB, Requirement: h.Requirement, Sights: h.Record.Sights}, Imports: h.Imports, Returns: h.Returns, Figures: h.Figures, Sights: h.Record.Sights, Dir: h.DB.Dir})
}

// routes builds the pages on an empty database in memory's stead, a folder
// that is thrown away, to read their table.
func (b *builder) routes() ([]cli.Route, error) {
	dir, err := os.MkdirTemp("", "waymark-routes-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	h, err := b.open(context.Background(), cli.Data{Data: dir, Make: true})
	if err != nil {
		return nil, err
	}
	defer h.DB.Close()
	pages, err := b.pages(h, cli.ServeOptions{})
	if err != nil {
		return nil, err
	}
	var out []cli.Route
	for _, r := range pages.Routes() {
		out = append(out, cli.Route{Method: r.Method, Pattern: r.Pattern, Permission: string(r.Permission), Changes: r.Method != http.MethodGet})
	}
	return out, nil
}
