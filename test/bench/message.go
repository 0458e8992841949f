package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/message"
	"waymark/internal/nccis"
	"waymark/internal/notify"
	"waymark/internal/record"
	"waymark/internal/seal"
	"waymark/internal/standing"
)

// The bound of issue 6: so many texts are queued in so long.
const (
	messageTexts = 10_000
	messageBound = 5 * time.Second
)

// benchMessage measures how long it takes to queue texts to ten thousand people
// of a list, from the press of the button until it is said that they are on
// their way.
func benchMessage(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("message", flag.ContinueOnError)
	people := flags.Int("people", 60_000, "young people in the register, of whom a part has a mobile telephone")
	url := flags.String("db", "", "an empty PostgreSQL database; a folder of SQLite unless given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ring, err := seal.OpenRing(dir+"/master-key", "")
	if err != nil {
		return err
	}
	d, err := db.OpenEvery(ctx, db.Settings{Dir: dir, URL: *url, Ring: ring})
	if err != nil {
		return err
	}
	defer d.Close()
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	world, err := demo.Invent(demo.Settings{Seed: 1, On: civil.On(time.Now(), civil.London()), Size: float64(*people) / demoPeople})
	if err != nil {
		return err
	}
	reg, err := demo.Fill(ctx, demo.House{DB: d, Requirement: req}, world)
	if err != nil {
		return err
	}
	d = d.For(reg.ID)
	keeper := standing.Keeper{Requirement: req}
	sights := &act.Recorder{DB: d}
	rolls := standing.NewRolls(d, keeper)
	s := &message.Service{DB: d, Record: &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: rolls},
		Lists: &list.Service{DB: d, Requirement: req, Sights: sights, Rolls: rolls, Standing: keeper}, Sights: sights,
		Desk: &notify.Desk{Carriers: []notify.Carrier{&notify.Folder{Dir: dir + "/messages"}}}, Origin: "https://waymark.example.org", Log: slog.New(slog.DiscardHandler)}
	return queueTexts(ctx, s, access.Actor{Register: reg.ID, Ref: "account:bench", Name: "Bench", Roles: []access.Role{access.DataOfficer}})
}

func queueTexts(ctx context.Context, s *message.Service, by access.Actor) error {
	template, err := s.AddTemplate(ctx, by, message.Template{Channel: notify.Text, Name: "September check", Basis: message.Bases()[0], Body: "Hi ((first name)), what are you doing now? Tell us: ((link)) Reply STOP to stop."}, "")
	if err != nil {
		return err
	}
	all, _ := list.Parse(nil)
	p, err := s.Prepare(ctx, by, message.Order{Template: template, Question: &all})
	if err != nil {
		return err
	}
	fmt.Printf("%d people of the list can be sent a text\n", p.People)
	for range 3 {
		began := time.Now()
		if _, err := s.Send(ctx, by, message.Order{Template: template, Question: &all}, p.People, true, string(id.NewRef())); err != nil {
			return err
		}
		took := time.Since(began)
		each := took * messageTexts / time.Duration(max(p.People, 1))
		fmt.Printf("%d texts queued in %.2f s: %.2f s for %d\n", p.People, took.Seconds(), each.Seconds(), messageTexts)
		if each > messageBound {
			return fmt.Errorf("%d texts take %.2f s to queue, and the bound is %s", messageTexts, each.Seconds(), messageBound)
		}
	}
	return nil
}
