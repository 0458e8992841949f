package notice

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/register"
)

// Roads are how a notice is sent on by hand, in the order in which forms offer
// them.
func Roads() []string { return []string{"secure e-mail", "letter", "file transfer", "telephone"} }

// Elsewhere says that the young person belongs to another authority, by its three
// digits. It needs access.SettleNotice and returns field.Errors.
func (s *Service) Elsewhere(ctx context.Context, by access.Actor, ref id.Ref, code string, p Pressed) error {
	return s.step(ctx, by, access.SettleNotice, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		ours, err := codes(tx, by.Register)
		if err != nil {
			return "", err
		}
		switch {
		case ours[code]:
			return "", field.Errors{{Field: "authority", Message: "That is this authority. Say who the notice is about instead"}}
		case len(code) != 3 || strings.Trim(code, "0123456789") != "":
			return "", field.Errors{{Field: "authority", Message: "Enter the three digits of an authority in England, like 931"}}
		}
		n.State, n.HomeLA = ToSendOn, code
		return "Belongs to authority " + code, s.setDue(tx, by.Register, n)
	})
}

// SendOn hands a notice to the authority to which it belongs. Where that one is in
// this house and both sides have an agreement in force, it is theirs in the same
// moment, and over here; how is then "". Else it says by which road it was sent
// by hand, and today. It needs access.KeepNotices and returns field.Errors.
func (s *Service) SendOn(ctx context.Context, by access.Actor, ref id.Ref, how string, p Pressed) error {
	if err := access.Decide(by, access.KeepNotices, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	if how != "" {
		return s.step(ctx, by, access.KeepNotices, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
			known := false
			for _, road := range Roads() {
				known = known || road == how
			}
			if !known || n.HomeLA == "" {
				return "", field.Errors{{Field: "how", Message: "Select how it was sent, once you know to which authority"}}
			}
			n.State, n.SentHow, n.SentOn = SentOn, how, civil.On(tx.Now, civil.London())
			return "Sent on by " + how, s.setDue(tx, by.Register, n)
		})
	}
	code, err := s.homeOf(ctx, by, ref)
	if err != nil {
		return err
	}
	handed, err := s.Border.Hand(ctx, code, func(tx *db.Tx, to id.Register) error {
		return s.stepIn(tx, by, access.KeepNotices, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
			theirs, err := s.handTo(tx, by, to, n)
			if err != nil {
				return "", err
			}
			n.State, n.SentHow, n.SentOn, n.Due = Passed, "this house", civil.On(tx.Now, civil.London()), civil.Date{}
			n.StampThere = theirs.Stamp
			if n.Outcome = n.handed(); theirs.State.Over() {
				n.Outcome += ", and dealt with before"
			}
			return n.Outcome, nil
		})
	})
	if err == nil && !handed {
		return field.Errors{{Field: "how", Message: "No agreement with that authority is in force on both sides. Send it by hand, and select how"}}
	}
	return err
}

func (s *Service) homeOf(ctx context.Context, by access.Actor, ref id.Ref) (code string, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := s.visible(tx, by, ref)
		if err == nil {
			code = n.HomeLA
		}
		return err
	})
	return code, err
}

// handTo receives a notice in another register, as what it is there: a notice
// that another authority sent, about somebody who is found there anew. Where they
// had the same from elsewhere, it is that one.
func (s *Service) handTo(tx *db.Tx, by access.Actor, to id.Register, n *Notice) (*Notice, error) {
	there, err := neighbour(tx, by, to)
	if err != nil {
		return nil, err
	}
	from, err := organisation(tx, by.Register, n.Organisation, n.Institution)
	if err != nil {
		return nil, err
	}
	from.Key = 0 // the key of another register
	ours, err := register.Of(tx, by.Register)
	if err != nil {
		return nil, err
	}
	sent := Sent{Said: n.Said, Channel: ByAuthority}
	if len(ours.Authorities) > 0 {
		sent.fromLA = ours.Authorities[0].Code
	}
	theirs, again, err := s.receive(tx, there, from, sent, 0)
	if err == nil && again {
		_, err = tx.Exec(sqlSetFrom, sent.fromLA, int64(to), theirs.Key)
	}
	if err != nil {
		return nil, fmt.Errorf("hand the notice over: %w", err)
	}
	return theirs, nil
}

// Chase notes that the other authority was asked again. It needs
// access.KeepNotices.
func (s *Service) Chase(ctx context.Context, by access.Actor, ref id.Ref, p Pressed) error {
	return s.step(ctx, by, access.KeepNotices, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		if n.State != SentOn {
			return "", field.Errors{{Field: "act", Message: "It has not been sent on yet"}}
		}
		n.Chased++
		return "Asked authority " + n.HomeLA + " again", s.setDue(tx, by.Register, n)
	})
}

// Answered notes that the other authority has the notice: it is over here. It
// needs access.KeepNotices.
func (s *Service) Answered(ctx context.Context, by access.Actor, ref id.Ref, p Pressed) error {
	return s.step(ctx, by, access.KeepNotices, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		if n.State != SentOn {
			return "", field.Errors{{Field: "act", Message: "It has not been sent on yet"}}
		}
		n.State, n.Due, n.Outcome = Passed, civil.Date{}, "Authority "+n.HomeLA+" has it, sent by "+n.SentHow
		return n.Outcome, nil
	})
}

// Letter is a draft of what goes to the other authority by hand: the least that
// section 13 asks, and no more than the institution said.
func (s *Service) Letter(ctx context.Context, by access.Actor, ref id.Ref) (lines []string, err error) {
	n, _, err := s.Get(ctx, by, ref, access.KeepNotices)
	if err != nil {
		return nil, err
	}
	if n.HomeLA == "" {
		return nil, db.NotFound
	}
	lines = []string{"To: authority " + n.HomeLA, "Subject: Leaver notice " + n.Stamp + " (Education and Skills Act 2008, section 13)", "",
		"We have received this notice about a young person who, as we understand it, lives in your area. We pass it on to you under section 13(4).", "",
		"From: " + n.Institution, "Received by us: " + dayOf(n.ReceivedAt).Words(), "Name: " + n.Name(), "Date of birth: " + n.Born.Words()}
	for _, one := range [][2]string{{"Postcode: ", n.Postcode}, {"Unique learner number: ", n.ULN}, {"Last day: ", n.LeftOn.Words()}, {"Reason: ", n.ReasonWords()}, {"What they do now (code): ", n.Destination}} {
		if strings.TrimSpace(one[1]) != "" {
			lines = append(lines, one[0]+one[1])
		}
	}
	return append(lines, "", "Please tell us that you have it, quoting "+n.Stamp+"."), nil
}

// Road says whether the authority of a notice is in this house with agreements
// on both sides, so that it is handed over at once, and what it is called.
func (s *Service) Road(ctx context.Context, n *Notice) (name string, open bool, err error) {
	if n.HomeLA == "" || s.Border == nil {
		return "", false, nil
	}
	return s.Border.Road(ctx, n.HomeLA)
}
