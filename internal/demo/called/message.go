package called

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/demo"
	"waymark/internal/id"
	"waymark/internal/message"
	"waymark/internal/notify"
	"waymark/internal/record"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// pretender is a carrier that sends to nobody: most messages arrive, some are
// still on the way, one mailbox is none, and of one message it cannot say.
type pretender struct{ taken int }

func (p *pretender) Name() string                { return "the invented carrier" }
func (p *pretender) Carries(notify.Channel) bool { return true }

func (p *pretender) Send(context.Context, notify.Note) (notify.Answer, error) {
	p.taken++
	switch p.taken % 9 {
	case 4:
		return notify.Answer{}, notify.Refused{Why: "there is no such mailbox"}
	case 7:
		return notify.Answer{State: notify.Taken}, nil
	case 8:
		return notify.Answer{State: notify.Unsure, Why: "the invented carrier did not answer when it was sent, and cannot say whether it went"}, nil
	}
	return notify.Answer{State: notify.Delivered}, nil
}

func (p *pretender) Ask(context.Context, notify.Channel, string) (notify.Answer, error) {
	return notify.Answer{}, notify.ErrCannotSay
}

// written are the templates of the demo. E-mails go at any hour, so that those
// of a demo that is begun at night have gone too.
func written() []message.Template {
	return []message.Template{
		{Channel: notify.Email, Name: "What are you doing now?", Basis: message.Bases()[0], Subject: "A question from your council",
			Body: "Hello ((first name))\n\nWe are finding out what everybody does after school, so that we can help if help is wanted.\n\nPlease tell us what you do now. It takes two minutes:\n((link))\n\nThank you\n((adviser))"},
		{Channel: notify.Text, Name: "What are you doing now? (text)", Basis: message.Bases()[0],
			Body: "Hi ((first name)), what are you doing now: college, work, something else? Tell us: ((link)) or just reply. Reply STOP to stop these texts."},
		{Channel: notify.Letter, Name: "We have not reached you", Basis: message.Bases()[0], Subject: "What are you doing now?",
			Body: "Dear ((first name))\n\nWe have tried to ring you. Please ring us, or tell us here what you do now:\n((link))\n\n((adviser))"},
	}
}

// asked is to how many young people the demo has sent its e-mail.
const asked = 14

// Message writes templates, sends an e-mail to some young people, and takes in
// what some of them answer, by their links and by text.
func Message(ctx context.Context, h demo.House, w *demo.World, r id.Register) error {
	keeper := standing.Keeper{Requirement: h.Requirement}
	sights := &act.Recorder{DB: h.DB}
	s := &message.Service{DB: h.DB, Record: &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: keeper, Sights: sights}, Sights: sights,
		Desk: &notify.Desk{Carriers: []notify.Carrier{&pretender{}}}, Origin: "https://waymark.example.org", Log: slog.New(slog.DiscardHandler)}
	officer := access.Actor{Register: r, Request: "demo"}
	for _, one := range w.Cast {
		if one.Role == access.DataOfficer {
			officer.Ref, officer.Name, officer.Roles = "account:"+string(one.Ref), one.Name, []access.Role{access.DataOfficer}
		}
	}
	var first id.Ref
	for i, t := range written() {
		ref, err := s.AddTemplate(ctx, officer, t, "")
		if err != nil {
			return fmt.Errorf("write a template: %w", err)
		}
		if i == 0 {
			first = ref
		}
	}
	people := w.ReachedBy(youngperson.Email, asked)
	o := message.Order{Template: first}
	for _, p := range people {
		o.People = append(o.People, p.Person.Ref)
	}
	p, err := s.Prepare(ctx, officer, o)
	if err == nil && p.People > 0 {
		_, err = s.Send(ctx, officer, o, p.People, true, "")
	}
	if err != nil {
		return fmt.Errorf("send messages: %w", err)
	}
	if err := workOff(ctx, s, r); err != nil {
		return err
	}
	return answers(ctx, s, officer, people)
}

// workOff does the jobs that are due.
func workOff(ctx context.Context, s *message.Service, r id.Register) error {
	worker := s.Worker(r)
	for {
		if n, err := worker.Once(ctx); n == 0 || err != nil {
			return err
		}
	}
}

// answers come by links and by text.
func answers(ctx context.Context, s *message.Service, officer access.Actor, people []*demo.Person) error {
	for i, said := range []message.Said{{Doing: message.AtCollege, Where: "Saltmarsh College", Since: "September"}, {Doing: message.Looking, Help: true, HelpWith: "finding an apprenticeship near home"}, {Doing: message.Working, Where: "A café in town", Since: "about two months"}} {
		if i >= len(people) {
			break
		}
		p := people[i]
		path, err := s.NewLink(ctx, officer, p.Person.Ref, "")
		if err == nil {
			err = s.Tell(ctx, officer.Register, path[strings.LastIndex(path, "/")+1:], p.Born(), said)
		}
		if err != nil {
			return fmt.Errorf("answer by a link: %w", err)
		}
	}
	for i, words := range []string{"im at college now", "who is this?"} {
		if err := s.Receive(ctx, officer.Register, message.Incoming{Carrier: fmt.Sprintf("invented-%d", i), From: "0" + fmt.Sprint(7700900301+i), Words: words}); err != nil {
			return fmt.Errorf("answer by text: %w", err)
		}
	}
	return nil
}
