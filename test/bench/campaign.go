package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/seal"
	"waymark/internal/standing"
)

// outcomeBound is the bound of issue 6: an outcome saved, with 30 callers at work.
const outcomeBound = 60 * time.Millisecond

// pageBound is that of each page of a campaign.
const pageBound = 100 * time.Millisecond

// benchCampaign measures a campaign being worked: 30 callers who take a row, save
// an outcome (the contact, its evidence, the act, the standing), look at its pages
// and think. The baseline, in the same run, is one caller alone.
func benchCampaign(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("campaign", flag.ContinueOnError)
	callers := flags.Int("callers", 30, "callers at work")
	each := flags.Int("rows", 30, "rows that each works")
	size := flags.Float64("size", 0.5, "the size of the register, of a whole authority's")
	think := flags.Duration("think", time.Second, "how long each thinks between rows, in the mean")
	url := flags.String("db", "", "a PostgreSQL database instead of SQLite")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	settings := db.Settings{Dir: filepath.Join(dir, "data"), URL: *url}
	if *url != "" {
		settings.Schema = "bench" + string(id.NewRef())
		if err := makeSchema(*url, settings.Schema); err != nil {
			return err
		}
	}
	if settings.Ring, err = seal.OpenRing(filepath.Join(dir, "keys"), ""); err != nil {
		return err
	}
	d, err := db.OpenEvery(ctx, settings)
	if err != nil {
		return err
	}
	defer d.Close()
	b := &campaignBench{think: *think}
	if err := b.open(ctx, d, *size, *callers); err != nil {
		return err
	}
	alone, err := b.work(ctx, 1, *each)
	if err != nil {
		return err
	}
	together, err := b.work(ctx, *callers, *each)
	if err != nil {
		return err
	}
	fmt.Printf("%d callers, %d people on the list, %v between rows in the mean\n", *callers, len(b.rows), *think)
	fmt.Printf("  %-26s %6s %8s %8s %8s   %s\n", "ms", "times", "p50", "p95", "most", "alone p50, p95")
	for _, kind := range append([]string{"take a row", "save an outcome"}, pagesOf...) {
		fmt.Printf("  %-26s %6d %8.1f %8.1f %8.1f   %.1f, %.1f\n", kind, len(together[kind]), ms(percentile(together[kind], 50)), ms(percentile(together[kind], 95)), ms(percentile(together[kind], 100)),
			ms(percentile(alone[kind], 50)), ms(percentile(alone[kind], 95)))
	}
	if got := percentile(together["save an outcome"], 95); got > outcomeBound {
		return fmt.Errorf("an outcome is saved in %v at p95, the bound is %v", got, outcomeBound)
	}
	for _, page := range pagesOf {
		if got := percentile(together[page], 95); got > pageBound {
			return fmt.Errorf("%s is read in %v at p95, the bound is %v", page, got, pageBound)
		}
	}
	return nil
}

type campaignBench struct {
	*campaign.Service
	callers []access.Actor
	ref     id.Ref
	rows    []id.Ref
	think   time.Duration
	next    int
	mu      sync.Mutex
}

// open makes a register, its callers and a campaign that anybody may be tried for
// at any time.
func (b *campaignBench) open(ctx context.Context, d *db.DB, size float64, callers int) error {
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	today := civil.On(d.Now(), civil.London())
	w, err := demo.Invent(demo.Settings{Seed: 1, On: today, Size: size})
	if err != nil {
		return err
	}
	book, err := demo.Fill(ctx, demo.House{DB: d, Requirement: req}, w)
	if err != nil {
		return err
	}
	keeper, sights := standing.Keeper{Requirement: req}, &act.Recorder{DB: d}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
	b.Service = &campaign.Service{DB: d, Requirement: req, Record: records, Sights: sights, Lists: &list.Service{DB: d, Requirement: req, Sights: sights, Rolls: records.Rolls, Standing: keeper}}
	operator := access.Actor{Register: book.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}
	n := campaign.New{Name: "Bench", Goal: 100, Opens: today, Closes: today.AddDays(1), Asks: list.Question{Filters: map[list.Filter][]string{list.Telephone: {"yes"}}, Sort: list.ByName},
		Rules: campaign.Rules{From: "00:00", To: "23:59", Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, Tries: 50, ADay: 10, Channels: []string{contact.Phone}}}
	accounts := account.New(d, book.ID)
	for i := range callers {
		a, err := accounts.Create(ctx, operator, account.NewAccount{SignIn: fmt.Sprintf("caller%d", i), Name: fmt.Sprintf("Caller %d", i), Password: "lantern-curlew-harbour", Roles: []access.Role{access.Adviser}})
		if err != nil {
			return err
		}
		b.callers = append(b.callers, a.Actor("bench"))
		n.Hands = append(n.Hands, a.Ref)
	}
	if b.ref, err = b.Add(ctx, operator, n, ""); err != nil {
		return err
	}
	// As a caller sees it: whom the demo hides is hidden from them.
	p, err := b.Page(ctx, b.callers[0], b.ref, campaign.ToDo, 0, callers*200)
	for _, r := range p.Rows {
		if !r.Locked {
			b.rows = append(b.rows, r.Ref)
		}
	}
	return err
}

// work has some callers work so many rows each.
func (b *campaignBench) work(ctx context.Context, callers, each int) (times, error) {
	all, errs := times{}, make([]error, callers)
	var done sync.WaitGroup
	for i := range callers {
		done.Go(func() { errs[i] = b.call(ctx, i, each, all) })
	}
	done.Wait()
	return all, errors.Join(errs...)
}

func (b *campaignBench) call(ctx context.Context, who, each int, all times) error {
	chance := rand.New(rand.NewPCG(uint64(who), 3))
	outcomes := []string{contact.NoAnswer, contact.NoAnswer, contact.MessageLeft, contact.Reached, contact.WrongNumber, contact.Refused}
	for turn := range each {
		b.mu.Lock()
		if b.next == len(b.rows) {
			b.mu.Unlock()
			return errors.New("the list is worked to its end: take a larger register")
		}
		row := b.rows[b.next]
		b.next++
		b.mu.Unlock()
		began := time.Now()
		err := b.Take(ctx, b.callers[who], b.ref, row)
		took := time.Since(began)
		if err != nil {
			return err
		}
		time.Sleep(time.Duration(chance.ExpFloat64() * float64(b.think) / 2))
		began = time.Now()
		err = b.Save(ctx, b.callers[who], b.ref, row, campaign.Outcome{Outcome: outcomes[chance.IntN(len(outcomes))]}, string(id.NewRef()))
		saved := time.Since(began)
		if err != nil {
			return err
		}
		now := map[string]time.Duration{"take a row": took, "save an outcome": saved}
		if err := b.look(ctx, b.callers[who], turn, now); err != nil {
			return err
		}
		b.mu.Lock()
		for kind, d := range now {
			all[kind] = append(all[kind], d)
		}
		b.mu.Unlock()
		time.Sleep(time.Duration(chance.ExpFloat64() * float64(b.think) / 2))
	}
	return nil
}

// pagesOf are what the pages of a campaign read, in the order in which they are
// told.
var pagesOf = []string{"the list", "its progress", "all campaigns", "a plan of a shift", "what a home counts"}

// look reads what two pages of the campaign read: the list, as after each outcome,
// and another in its turn.
func (b *campaignBench) look(ctx context.Context, by access.Actor, turn int, took map[string]time.Duration) error {
	for _, page := range []string{pagesOf[0], pagesOf[1+turn%(len(pagesOf)-1)]} {
		began := time.Now()
		var err error
		switch page {
		case "the list":
			_, err = b.Page(ctx, by, b.ref, campaign.ToDo, 0, 50)
		case "its progress":
			_, err = b.Progress(ctx, by, b.ref)
		case "all campaigns":
			_, err = b.AllProgress(ctx, by)
		case "a plan of a shift":
			_, err = b.Plan(ctx, by, b.ref, campaign.Shift{Hands: 3, From: "16:00", To: "19:00"})
		case "what a home counts":
			_, err = b.Own(ctx, by)
		}
		if took[page] = time.Since(began); err != nil {
			return err
		}
	}
	return nil
}
