package demo

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/notice"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/sharing"
	"waymark/internal/standing"
)

// notifier sends leaver notices as the college, and settles some as staff.
type notifier struct {
	w                *World
	s                *notice.Service
	sharing          *sharing.Service
	tutor            access.Actor
	manager, officer access.Actor
	college          string
	from             civil.Date // from when on what is to come is still to come
}

// Notify gives the college and a school what partners have: a sender of files, a
// file that waits, a token for a system, and a dozen notices in all states.
func Notify(ctx context.Context, h House, w *World, r register.Register) error {
	keeper := standing.Keeper{Requirement: h.Requirement}
	records := &record.Service{DB: h.DB, Requirement: h.Requirement, Standing: keeper, Sights: &act.Recorder{DB: h.DB}, Rolls: standing.NewRolls(h.DB, keeper)}
	s, err := notice.New(records, &border.Service{DB: h.DB, Register: r.ID, Key: make([]byte, 32), Sights: records.Sights})
	if err != nil {
		return err
	}
	t := &notifier{w: w, college: w.Borough.replacer().Replace(collegeName), s: s, sharing: &sharing.Service{DB: h.DB, Records: records}, from: w.from(h)}
	accounts := account.New(h.DB, r.ID)
	for i, into := range map[int]*access.Actor{collegePartner: &t.tutor, teamManager: &t.manager, dataOfficer: &t.officer} {
		a, err := accounts.ByRef(ctx, w.Cast[i].Ref)
		if err != nil {
			return fmt.Errorf("find the account of %s: %w", w.Cast[i].Name, err)
		}
		*into = a.Actor("demo")
		into.Today = w.On
	}
	files := &intake.Service{DB: h.DB, Requirement: h.Requirement, Standing: keeper, Record: records, Sights: records.Sights}
	if err := t.systems(ctx, w, r, files); err != nil {
		return err
	}
	return t.tell(ctx)
}

// systems binds the college's files and a token to its agreement.
func (t *notifier) systems(ctx context.Context, w *World, r register.Register, files *intake.Service) error {
	ig := w.Cast[governance]
	by := access.Actor{Register: r.ID, Ref: "account:" + string(ig.Ref), Name: ig.Name, Roles: []access.Role{ig.Role}, Request: "demo"}
	list, err := t.sharing.List(ctx, by)
	if err != nil {
		return err
	}
	for _, g := range list {
		if g.Organisation.Name != t.college {
			continue
		}
		sender, err := files.KeepSender(ctx, t.officer, intake.Sender{Name: t.college, Kind: "starters-leavers", Tolerance: intake.DefaultTolerance, Place: true}, t.key())
		if err != nil {
			return fmt.Errorf("add the college as a sender: %w", err)
		}
		if err := t.sharing.BindSender(ctx, by, g.Ref, sender.Ref, t.key()); err != nil {
			return err
		}
		if _, err := t.sharing.MakeToken(ctx, by, g.Ref, "College student records", g.Ends, t.key()); err != nil {
			return err
		}
		list := "Given name,Family name,Date of birth,Start date,Leaving date,Reason for leaving\nFenella,Brackwater,14/02/2009," + t.day(-70) + "," + t.day(-9) + ",Withdrew\nOtis,Marlpit,31/02/2009," + t.day(-70) + "," + t.day(-8) + ",Moved away\n"
		_, err = files.Send(ctx, t.tutor, intake.File{Name: "leavers-autumn.csv", From: strings.NewReader(list), Kind: "starters-leavers", AsAt: w.On.AddDays(-1), Key: t.key()})
		return err
	}
	return nil
}

const collegeName = "Saltmarsh Sixth Form College"

func (t *notifier) key() string { return string(id.NewRef()) }

func (t *notifier) day(days int) string {
	d := t.w.On.AddDays(days).String()
	return d[8:] + "/" + d[5:7] + "/" + d[:4]
}

// tell sends the notices.
func (t *notifier) tell(ctx context.Context) error {
	on := t.w.On
	rows, _, err := t.sharing.OwnPeople(ctx, t.tutor, 0, 60)
	if err != nil {
		return err
	}
	var open []record.Row
	for _, row := range rows {
		if !row.Locked && row.Given != "" && len(open) < 7 {
			open = append(open, row)
		}
	}
	left := func(reason string, days int) notice.Said {
		return notice.Said{Kind: notice.Left, LeftOn: on.AddDays(days), Reasons: []string{reason}}
	}
	risk := func(who string, reasons ...string) notice.Said {
		return notice.Said{Kind: notice.Risk, Reasons: reasons, WhoActs: who, ActBy: t.from.AddDays(7)}
	}
	said := []notice.Said{left("withdrawn", -12), left("job", -5), left("other-course", 9), left("attendance", -20), risk("Head of Year 12", "attendance", "caring"), risk("Personal tutor", "progress"), {Kind: notice.Staying}}
	for i, row := range open {
		n, err := t.send(ctx, said[i], row.Ref)
		if err != nil {
			return err
		}
		switch i {
		case 3:
			err = t.s.Close(ctx, t.officer, n.Ref, notice.Outcomes(notice.Left)[0], t.pressed(n))
		case 5:
			err = t.s.Plan(ctx, t.officer, n.Ref, t.w.Cast[firstAdviser].Name+", their adviser", t.from.AddDays(4), t.pressed(n))
		}
		if err != nil {
			return fmt.Errorf("settle a notice of the demo: %w", err)
		}
	}
	return t.strangers(ctx)
}

// strangers are notices about those whom the register does not hold, or who
// belong to others.
func (t *notifier) strangers(ctx context.Context) error {
	on := t.w.On
	for i, one := range []struct {
		given, family, born, home string
	}{{"Marigold", "Underhay", "2009-04-17", ""}, {"Caspian", "Wetherlam", "2008-11-02", ""}, {"Ottilie", "Brankscar", "2009-06-30", "988"}, {"Jasper", "Quillfeather", "2008-09-21", "987"}, {"Nerys", "Holloway-Shaw", "2009-01-08", "988"}} {
		n, err := t.send(ctx, notice.Said{Kind: notice.Left, Given: one.given, Family: one.family, Born: civil.MustParse(one.born), HomeLA: one.home, LeftOn: on.AddDays(-6 - i), Reasons: []string{"moved"}}, "")
		if err != nil {
			return err
		}
		if i < 3 {
			continue
		}
		if err := t.s.SendOn(ctx, t.manager, n.Ref, "secure e-mail", t.pressed(n)); err != nil {
			return err
		}
		if i == 4 {
			if n, _, err = t.s.Get(ctx, t.manager, n.Ref, access.SeeNotices); err != nil {
				return err
			}
			if err := t.s.Answered(ctx, t.manager, n.Ref, t.pressed(n)); err != nil {
				return err
			}
		}
	}
	waited, _, err := t.s.Awaited(ctx, t.manager)
	if err != nil || len(waited) == 0 {
		return err
	}
	return t.s.SetAddresses(ctx, t.manager, map[string]string{waited[0].Whom: "leavers@authority.example.org"}, t.key())
}

func (t *notifier) send(ctx context.Context, said notice.Said, person id.Ref) (*notice.Notice, error) {
	n, err := t.s.Receive(ctx, t.tutor, notice.Sent{Said: said, Channel: notice.ByPage, Person: person, Key: t.key()})
	if err != nil {
		return nil, fmt.Errorf("send a notice of the demo: %w", err)
	}
	return n, nil
}

func (t *notifier) pressed(n *notice.Notice) notice.Pressed {
	return notice.Pressed{Seen: n.Version, Key: t.key()}
}
