package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"waymark/internal/account"
	"waymark/internal/api"
	"waymark/internal/audit"
	"waymark/internal/border"
	"waymark/internal/cli"
	"waymark/internal/db"
	"waymark/internal/due"
	"waymark/internal/export"
	"waymark/internal/find"
	"waymark/internal/list"
	"waymark/internal/merge"
	"waymark/internal/message"
	"waymark/internal/notice"
	"waymark/internal/notify"
	"waymark/internal/register"
	"waymark/internal/restrict"
	"waymark/internal/retention"
	"waymark/internal/rights"
	"waymark/internal/sealed"
	"waymark/internal/sharing"
	"waymark/internal/visit"
	"waymark/internal/web"
)

// served is one register with its services and its pages.
type served struct {
	house  *cli.House
	pages  *web.Server
	keeper *audit.Keeper
}

// serve answers browsers until the context ends, for every register or for the
// one that is named, and then lets those being answered finish.
func (b *builder) serve(ctx context.Context, h *cli.House, o cli.ServeOptions) error {
	all, err := b.registers(ctx, h, o)
	if err != nil {
		return err
	}
	b.warnOfLock(h.DB, len(all))
	var pages []*web.Server
	for _, one := range all {
		if err := b.recover(ctx, one.house); err != nil {
			return err
		}
		defer one.house.Intake.Close()
		defer one.house.Imports.Close()
		defer keep(ctx, one.keeper)()
		defer run(ctx, func(ctx context.Context) { one.house.Retention.Keep(ctx, one.house.Register.ID) })()
		defer one.pages.Merge.Close()
		defer run(ctx, func(ctx context.Context) { b.raiseAlarms(ctx, one) })()
		defer run(ctx, func(ctx context.Context) { b.openCampaigns(ctx, one) })()
		defer run(ctx, one.pages.Messages.Worker(one.house.Register.ID).Run)()
		defer run(ctx, one.pages.Visits.Worker(one.house.Register.ID).Run)()
		defer run(ctx, one.pages.Notices.Worker(one.house.Register.ID).Run)()
		defer run(ctx, func(ctx context.Context) { b.remind(ctx, one) })()
		pages = append(pages, one.pages)
	}
	defer b.warm(ctx, all)()
	defer run(ctx, func(ctx context.Context) { b.giveAcross(ctx, all) })()
	front, err := web.NewHouse(account.NewFinder(h.DB.EveryRegister()), pages...)
	if err != nil {
		return err
	}
	return b.listen(ctx, h.DB, doors(front, b.api(all)), o)
}

// api is the door for partners' systems, for every register that is served.
func (b *builder) api(all []*served) *api.Server {
	settings := api.Settings{Log: b.log}
	for _, one := range all {
		settings.Now = one.house.DB.Now
		settings.Registers = append(settings.Registers, api.Register{ID: one.house.Register.ID, Sharing: one.pages.Sharing, Notices: one.pages.Notices})
	}
	return api.New(settings)
}

// doors leads what is asked of partners' systems to their door, and all else to
// the pages.
func doors(pages, systems http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, api.Prefix) {
			systems.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

func (b *builder) listen(ctx context.Context, d *db.DB, pages http.Handler, o cli.ServeOptions) error {
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.Addr, err)
	}
	health, end, err := b.health(d, o.Health)
	if err != nil {
		return err
	}
	defer end()
	server := web.HTTPServer(pages)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if o.Ready != nil {
		o.Ready(listener.Addr().String(), health)
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

// registers builds the services and the pages of each register.
func (b *builder) registers(ctx context.Context, h *cli.House, o cli.ServeOptions) ([]*served, error) {
	list, err := (&register.Service{DB: h.DB.EveryRegister()}).All(ctx)
	if err != nil {
		return nil, err
	}
	look, err := web.NewLook()
	if err != nil {
		return nil, err
	}
	var all []*served
	var first *account.Service
	for _, r := range list {
		if o.Only != 0 && r.ID != o.Only {
			continue
		}
		one := &served{house: &cli.House{DB: h.DB.For(r.ID), Requirement: h.Requirement, Standing: h.Standing, Registers: h.Registers, Register: r}}
		if first != nil {
			one.house.Accounts = first.Beside(one.house.DB, r.ID)
		}
		b.furnish(one.house)
		one.house.Retention = &retention.Service{DB: one.house.DB, Record: one.house.Record, List: h.Retention.List, Log: b.log, Wake: make(chan struct{}, 1)}
		if first == nil {
			first = one.house.Accounts
		}
		if one.keeper, err = b.keeper(one.house, o); err != nil {
			return nil, err
		}
		if one.house.Border.Key, err = border.OpenKey(filepath.Join(filepath.Dir(o.AuditKey), "border-key")); err != nil {
			return nil, err
		}
		if one.pages, err = b.pages(one.house, o, one.keeper, look); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, register.ErrNone
	}
	return all, nil
}

// giveEvery is how long what is given across the border may be behind.
const giveEvery = 15 * time.Minute

// raiseEvery is how often missed check-ins are looked for. Pages say so at once;
// what is written down stays, whatever the clock does afterwards.
const raiseEvery = time.Minute

func (b *builder) raiseAlarms(ctx context.Context, one *served) {
	every := time.NewTicker(raiseEvery)
	defer every.Stop()
	for {
		raised, err := one.pages.Visits.Raise(ctx, one.house.Register.ID)
		if err != nil && ctx.Err() == nil {
			b.log.Error("missed check-ins", "error", err.Error())
		}
		if len(raised) > 0 {
			b.log.Warn("somebody who is out has not checked in", "alarms", len(raised))
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// openEvery is how often the calendar is looked at for a campaign that opens.
const openEvery = time.Minute

// openCampaigns makes the campaigns that days of the calendar open by themselves,
// and freezes the lists of those whose day has come, until the context ends.
func (b *builder) openCampaigns(ctx context.Context, one *served) {
	every := time.NewTicker(openEvery)
	defer every.Stop()
	for {
		made, err := one.house.Campaigns.OpenDue(ctx, one.house.Register.ID)
		if err != nil && ctx.Err() == nil {
			b.log.Error("campaigns of the calendar", "error", err.Error())
		}
		if made > 0 {
			b.log.Info("the calendar has opened campaigns", "campaigns", made)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// remindEvery is how often it is looked whether a notice waits past its day.
const remindEvery = time.Hour

// remind has those reminded for whom leaver notices wait past their day, until the
// context ends.
func (b *builder) remind(ctx context.Context, one *served) {
	every := time.NewTicker(remindEvery)
	defer every.Stop()
	for {
		queued, err := one.pages.Notices.RemindDue(ctx, one.house.Register.ID)
		if err != nil && ctx.Err() == nil {
			b.log.Error("reminders of leaver notices", "error", err.Error())
		}
		if queued > 0 {
			b.log.Info("others are reminded of leaver notices", "reminders", queued)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// giveAcross brings up to date what each register gives the others to compare,
// now and again and again, until the context ends.
func (b *builder) giveAcross(ctx context.Context, all []*served) {
	if len(all) < 2 {
		return
	}
	every := time.NewTicker(giveEvery)
	defer every.Stop()
	for {
		for _, one := range all {
			if _, err := one.house.Border.Give(ctx); err != nil && ctx.Err() == nil {
				b.log.Error("across the border", "error", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// recover sees that what is sealed can be opened, and clears away what a
// process that was killed left half done.
func (b *builder) recover(ctx context.Context, h *cli.House) error {
	if err := sealed.Try(ctx, h.DB); err != nil {
		return err
	}
	if _, err := sealed.SealPlain(ctx, h.DB, h.Register.ID); err != nil {
		return err
	}
	if _, err := h.Accounts.SealApps(ctx); err != nil {
		return err
	}
	if _, err := h.Intake.SealPlain(ctx, h.Register.ID); err != nil {
		return err
	}
	if err := b.forget(ctx, h); err != nil {
		return err
	}
	if err := h.Imports.Recover(ctx); err != nil {
		return err
	}
	if err := h.Reference.Recover(ctx, h.Register.ID); err != nil {
		return err
	}
	return h.Intake.Recover(ctx, h.Register.ID)
}

// warnOfLock says where one register's rows are held from another's by the
// program alone.
func (b *builder) warnOfLock(d *db.DB, registers int) {
	lock := d.Lock()
	if lock.Bites || d.Engine == db.SQLite && registers == 1 {
		return
	}
	b.log.Warn("THE DATABASE ITSELF DOES NOT HOLD ONE REGISTER'S ROWS FROM ANOTHER'S; the program alone does", "why", lock.Why, "registers", registers)
}

// warm states the register for the figures, and reads whom to look for, while
// the first pages are asked for, so that nobody waits for it. What it returns
// ends it, and waits until it has. One register is read after the other.
func (b *builder) warm(ctx context.Context, all []*served) func() {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, one := range all {
			b.warmOne(ctx, one.house, one.pages.Find)
		}
	}()
	return func() {
		cancel()
		for _, one := range all {
			one.house.Figures.Close()
			one.house.Due.Close()
		}
		<-done
	}
}

func (b *builder) warmOne(ctx context.Context, h *cli.House, finder *find.Service) {
	if err := h.Record.Rolls.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
		b.log.Error("cannot read the roll", "error", err.Error())
	}
	if err := finder.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
		b.log.Error("cannot read whom to look for", "error", err.Error())
	}
	if err := h.Figures.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
		b.log.Error("cannot state the register for the figures", "error", err.Error())
	}
	if err := h.Due.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
		b.log.Error("cannot look ahead for the forecast", "error", err.Error())
	}
	if err := h.Season.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
		b.log.Error("cannot state the September Guarantee", "error", err.Error())
	}
	if err := h.Campaigns.Warm(ctx, h.Register.ID); err != nil && ctx.Err() == nil {
		b.log.Error("cannot read the campaigns", "error", err.Error())
	}
}

// patience is how long a page waits for a whole register to be counted anew
// before it says so: well within what a browser and a proxy bear.
const patience = 20 * time.Second

func (b *builder) pages(h *cli.House, o cli.ServeOptions, keeper *audit.Keeper, look *web.Look) (*web.Server, error) {
	h.Figures.Patience = patience
	var sso *account.SSO
	if o.SSO != nil {
		var err error
		if sso, err = account.NewSSO(*o.SSO, h.DB.Now); err != nil {
			return nil, err
		}
	}
	finder, err := find.New(h.DB, h.Record)
	if err != nil {
		return nil, err
	}
	merges, err := merge.New(h.Record)
	if err != nil {
		return nil, err
	}
	pages := web.Settings{Look: look, Register: h.Register.ID, RegisterName: h.Register.Name, Handling: "OFFICIAL–SENSITIVE", HTTPS: o.HTTPS, HSTS: web.HSTS(o.HSTS), Origin: o.Origin, SSO: sso,
		Now: h.DB.Now, Log: b.log, Account: h.Accounts, Requirement: h.Requirement, Registers: h.Registers,
		Record: h.Record, Find: finder, Lists: h.Lists, Due: h.Due, Day: []due.Source{h.Due.Mine}, Imports: h.Imports, Intake: h.Intake, Merge: merges, Returns: h.Returns, Figures: h.Figures, Reference: h.Reference, Exports: &export.Service{DB: h.DB}, Sights: h.Record.Sights,
		Restricted: &restrict.Service{DB: h.DB, Sights: h.Record.Sights}, Audit: &audit.Service{DB: h.DB, Sights: h.Record.Sights, Keeper: keeper}, Retention: h.Retention, Dir: h.DB.Dir}
	pages.Rights = &rights.Service{DB: h.DB, Record: h.Record, Sights: h.Record.Sights}
	pages.Border, pages.Transfers, pages.Calendar = h.Border, h.Transfers, h.Calendar
	pages.Campaigns = h.Campaigns
	pages.Visits = &visit.Service{DB: h.DB, Record: h.Record, Accounts: h.Accounts, Sights: h.Record.Sights}
	pages.Season, pages.Rollover, pages.Survey = h.Season, h.Rollover, h.Survey
	pages.Sharing = &sharing.Service{DB: h.DB, Records: h.Record}
	if pages.Notices, err = notice.New(h.Record, h.Border); err != nil {
		return nil, err
	}
	pages.Publish, pages.PublicFigures = h.Publish, o.PublicFigures
	pages.CallbackToken = o.CallbackToken
	if pages.Messages, err = b.messages(h, o, pages.Lists); err != nil {
		return nil, err
	}
	pages.Visits.Desk, pages.Visits.Log = pages.Messages.Desk, b.log
	pages.Notices.Desk, pages.Notices.Log = pages.Messages.Desk, b.log
	return web.New(pages)
}

// messages is who sends them. Where no carrier is set they are kept in files
// beside the keys; where no address is, links begin with the one listened on.
func (b *builder) messages(h *cli.House, o cli.ServeOptions, lists *list.Service) (*message.Service, error) {
	at := o.Notify
	at.Now, at.Dir = h.DB.Now, filepath.Join(filepath.Dir(o.AuditKey), "messages")
	desk, err := notify.NewDesk(at)
	if err != nil {
		return nil, err
	}
	origin := o.Origin
	if origin == "" {
		origin = "http://" + o.Addr
	}
	return &message.Service{DB: h.DB, Record: h.Record, Lists: lists, Campaigns: h.Campaigns, Sights: h.Record.Sights, Desk: desk, Origin: origin, Log: b.log}, nil
}
