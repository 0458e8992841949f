// Package app builds the product from its settings. It is the only package
// that knows all the others.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/campaign"
	"waymark/internal/cli"
	"waymark/internal/db"
	"waymark/internal/due"
	"waymark/internal/imports"
	"waymark/internal/intake"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/publish"
	"waymark/internal/record"
	"waymark/internal/reference"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/retention"
	"waymark/internal/returns"
	"waymark/internal/rollover"
	"waymark/internal/seal"
	"waymark/internal/season"
	"waymark/internal/standing"
	"waymark/internal/survey"
	"waymark/internal/transfer"
)

// Version is what the return's header calls SupplierXMLVersion.
const Version = "1.0"

// Main runs one command and returns its exit code.
func Main(args []string, in io.Reader, out, problems io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	args, now, err := takeClock(args)
	if err == nil {
		var done bool
		if done, err = onlyForTrials(ctx, args, now, out); done && err == nil {
			return 0
		}
	}
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
	if at.Ring, err = seal.OpenRing(d.MasterKeyFile(), os.Getenv("WAYMARK_MASTER_KEY")); err != nil {
		return nil, err
	}
	database, err := db.Open(ctx, at)
	if err != nil {
		return nil, err
	}
	every := database.EveryRegister()
	h := &cli.House{DB: every, Requirement: req, Standing: standing.Keeper{Requirement: req}, Registers: &register.Service{DB: every}}
	if !d.Every {
		h.Register, err = h.Registers.Choose(ctx, d.Register)
	}
	if err != nil && !errors.Is(err, register.ErrNone) {
		database.Close()
		return nil, err
	}
	b.furnish(h)
	h.Retention = &retention.Service{DB: h.DB, Record: h.Record, List: d.ErasedFile(), Log: b.log, Wake: make(chan struct{}, 1)}
	b.sealAtEnd(ctx, h)
	return h, nil
}

// furnish builds the services of the house's register. On PostgreSQL none of
// them can reach a row of another.
func (b *builder) furnish(h *cli.House) {
	if h.Register.ID != 0 {
		h.DB = h.DB.For(h.Register.ID)
	}
	sights := &act.Recorder{DB: h.DB}
	if h.Accounts == nil {
		h.Accounts = account.New(h.DB, h.Register.ID)
	}
	h.Record = &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing, Sights: sights, Rolls: standing.NewRolls(h.DB, h.Standing)}
	h.Imports = &imports.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing}
	h.Intake = &intake.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing, Record: h.Record, Sights: sights, Cores: runtime.NumCPU()}
	h.Figures = &report.Service{DB: h.DB, Requirement: h.Requirement, Sights: sights}
	h.Season = &season.Service{DB: h.DB, Requirement: h.Requirement, Record: h.Record}
	h.Lists = &list.Service{DB: h.DB, Requirement: h.Requirement, Sights: sights, Rolls: h.Record.Rolls, Standing: h.Standing, Season: h.Season}
	h.Campaigns = &campaign.Service{DB: h.DB, Requirement: h.Requirement, Lists: h.Lists, Record: h.Record, Sights: sights}
	h.Due = &due.Service{DB: h.DB, Requirement: h.Requirement, Records: h.Record, Rolls: h.Record.Rolls, Lists: h.Lists, Sights: sights}
	h.Publish = &publish.Service{DB: h.DB, Figures: h.Figures}
	h.Reference = &reference.Service{DB: h.DB}
	h.Border = &border.Service{DB: h.DB, Register: h.Register.ID, Sights: sights}
	h.Transfers = transfer.Across(h.Border, h.Standing, sights)
	h.Rollover = &rollover.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing, Record: h.Record}
	h.Survey = &survey.Service{DB: h.DB, Requirement: h.Requirement, Record: h.Record}
	h.Calendar = calendarOf(h)
	h.Campaigns.Calendar = h.Calendar
	h.Returns = &returns.Service{DB: h.DB, Requirement: h.Requirement, Standing: h.Standing, Version: Version}
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
	pages, err := b.pages(h, cli.ServeOptions{}, nil, nil)
	if err != nil {
		return nil, err
	}
	var out []cli.Route
	for _, r := range pages.Routes() {
		out = append(out, cli.Route{Method: r.Method, Pattern: r.Pattern, Permission: string(r.Permission), Changes: r.Method != http.MethodGet, Personal: r.Personal().Words()})
	}
	for _, r := range b.api(nil).Routes() {
		out = append(out, cli.Route{Method: r.Method, Pattern: r.Pattern, Permission: string(r.Permission), Changes: r.Method != http.MethodGet})
	}
	return out, nil
}
