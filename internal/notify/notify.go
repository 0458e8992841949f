// Package notify sends texts, e-mails and letters through whoever carries them:
// GOV.UK Notify, a mail server (SMTP), or a folder of files, which is what is
// used where nothing else is set.
//
// In the trade a message sent twice is worse than one that comes late: a young
// person who is asked the same thing again and again stops reading. So each
// message has a reference of ours, which the carrier keeps. Before a message
// that may have gone is sent again, the carrier is asked for that reference
// (Attempt); where it cannot say, a person decides.
package notify

import (
	"context"
	"errors"
	"fmt"
)

// Channel is a way in which a message goes.
type Channel string

// The channels.
const (
	Text   Channel = "text"
	Email  Channel = "e-mail"
	Letter Channel = "letter"
)

// Channels are all, in the order in which forms offer them.
func Channels() []Channel { return []Channel{Text, Email, Letter} }

// Note is one message on its way.
type Note struct {
	// Reference is ours, and unlike any other.
	Reference string
	Channel   Channel
	// To is a telephone number or an address of e-mail; of a letter it is empty
	// and Address has the lines, the name first and the postcode last.
	To      string
	Address []string
	// Subject is for e-mails and letters.
	Subject, Body string
}

// State is what a carrier says of a message.
type State string

// The states.
const (
	// Absent: the carrier has no message of the reference.
	Absent State = "absent"
	// Taken: the carrier has it, and has not said more.
	Taken State = "sent"
	// Delivered: it came to the telephone, the mailbox or the printer.
	Delivered State = "delivered"
	// Failed: it came nowhere, and will not.
	Failed State = "failed"
	// Unsure: it may have gone or not, and the carrier cannot say.
	Unsure State = "not sure"
)

// Answer is what became of a message.
type Answer struct {
	State State
	// Why it failed, in words.
	Why string
	// Carrier is the carrier's own name of the message, "" where it has none.
	Carrier string
}

// Carrier takes messages away.
type Carrier interface {
	// Name says who it is, to people.
	Name() string
	// Carries says whether it takes messages of a channel.
	Carries(Channel) bool
	// Send gives it one message. It returns Refused or NotSent where the message
	// is certainly not on its way; after any other error it may be.
	Send(context.Context, Note) (Answer, error)
	// Ask says what became of the message of a reference, or ErrCannotSay.
	Ask(ctx context.Context, on Channel, reference string) (Answer, error)
}

// ErrCannotSay is what a carrier that keeps no references answers to Ask.
var ErrCannotSay = errors.New("the carrier cannot say what became of a message")

// Refused is a message that the carrier will not take, however often it is
// sent: a number that is none.
type Refused struct{ Why string }

func (r Refused) Error() string { return "the carrier refused the message: " + r.Why }

// NotSent is a message that did not reach the carrier: it may be sent again.
type NotSent struct{ Why string }

func (n NotSent) Error() string { return "the message did not reach the carrier: " + n.Why }

// Maybe is a message of which nobody knows yet whether the carrier has it.
type Maybe struct{ Why string }

func (m Maybe) Error() string { return "it is not known yet whether the message was sent: " + m.Why }

// Attempt sends a message, once. begun says that an earlier attempt ended
// without its being known what came of it: then the carrier is asked first, and
// the message is sent only where the carrier says that it has none of that
// reference. It returns what is certain (Unsure is: a person must decide), or
// an error after which it is to be attempted again: NotSent where nothing is on
// its way, Maybe where something may be.
func Attempt(ctx context.Context, by Carrier, n Note, begun bool) (Answer, error) {
	if begun {
		a, err := by.Ask(ctx, n.Channel, n.Reference)
		switch {
		case errors.Is(err, ErrCannotSay):
			return Answer{State: Unsure, Why: by.Name() + " did not answer when it was sent, and cannot say whether it went"}, nil
		case err != nil:
			return Answer{}, Maybe{fmt.Sprintf("%s could not be asked: %v", by.Name(), err)}
		case a.State != Absent:
			return a, nil
		}
	}
	a, err := by.Send(ctx, n)
	var refused Refused
	var notSent NotSent
	switch {
	case err == nil:
		return a, nil
	case errors.As(err, &refused):
		return Answer{State: Failed, Why: refused.Why}, nil
	case errors.As(err, &notSent):
		return Answer{}, err
	}
	return Answer{}, Maybe{fmt.Sprintf("%s did not answer: %v", by.Name(), err)}
}

// Desk is where messages are handed in: for each channel the first carrier that
// takes it.
type Desk struct{ Carriers []Carrier }

// For is the carrier of a channel, or nil.
func (d *Desk) For(c Channel) Carrier {
	for _, one := range d.Carriers {
		if one.Carries(c) {
			return one
		}
	}
	return nil
}
