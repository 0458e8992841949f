// Package notice keeps leaver notices: what an institution tells of one young
// person who has left, may leave, or is still there.
//
// In the trade the notice is a duty (Education and Skills Act 2008 s.13): a
// school, a college or a provider tells the authority that somebody who should be
// in learning is not. It comes by page, by file, from their system, by e-mail or
// telephone; it is stamped; the young person is found; what they did is closed
// and what they do now is not known until somebody finds out. Where they belong
// to another authority it is sent on to that one, and asked after until it
// answers. A notice of risk comes before the break, and says who will act and by
// when.
//
// None is lost: a notice is either over, or has a next step and a day by which it
// is to be done. Nobody is guessed: only a number with a birth date, or a whole
// name with a birth date and one thing more, says who is meant; else a person
// says it.
package notice

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/notify"
	"waymark/internal/record"
)

// Service keeps notices.
type Service struct {
	DB     *db.DB
	Record *record.Service
	Sights *act.Recorder
	// Border hands a notice to another register of this house.
	Border *border.Service
	// Forms are the short and other forms of given names.
	Forms *match.Variants
	// Desk is where reminders are handed in.
	Desk *notify.Desk
	Log  *slog.Logger
}

// New builds the service, or says what is wrong with the table of names.
func New(records *record.Service, b *border.Service) (*Service, error) {
	forms, err := match.NewVariants()
	if err != nil {
		return nil, err
	}
	return &Service{DB: records.DB, Record: records, Sights: records.Sights, Border: b, Forms: forms}, nil
}

// Kind is what a notice tells.
type Kind string

// The kinds.
const (
	// Left is that they have left, or will on a day (s.13).
	Left Kind = "left"
	// Risk is that they may leave.
	Risk Kind = "risk"
	// Staying is that they are still there.
	Staying Kind = "staying"
)

// Kinds are all of them, in the order in which forms offer them.
func Kinds() []Kind { return []Kind{Left, Risk, Staying} }

// Words is the kind as a heading says it.
func (k Kind) Words() string {
	return map[Kind]string{Left: "Leaver notice", Risk: "Risk of leaving", Staying: "Still there"}[k]
}

// Channels by which a notice comes.
const (
	ByPage      = "page"
	ByFile      = "file"
	BySystem    = "api"
	ByAuthority = "other authority"
)

// StaffChannels are how a notice comes to somebody of staff who writes it down.
func StaffChannels() []string { return []string{"e-mail", "telephone", "letter", "in person"} }

// State is how far a notice has come.
type State string

// The states. The last three are its end.
const (
	// ToFind is that nobody is found for certain yet.
	ToFind State = "to find"
	// ToSettle is that they are found, and what follows is to be done.
	ToSettle State = "to settle"
	// ToSendOn is that they belong to another authority.
	ToSendOn State = "to send on"
	// SentOn is that the other authority has not answered yet.
	SentOn State = "sent on"

	// Settled is that what follows was done on the record.
	Settled State = "settled"
	// Passed is that the other authority has it.
	Passed State = "with their authority"
	// Closed is that nothing followed, and why stands in Outcome.
	Closed State = "closed"
)

// States are all of them, in the order in which a notice goes through them.
func States() []State { return []State{ToFind, ToSettle, ToSendOn, SentOn, Settled, Passed, Closed} }

// Over says that nothing more is to be done.
func (s State) Over() bool { return s == Settled || s == Passed || s == Closed }

// Next is what is to be done in a state, in words.
func (s State) Next() string {
	return map[State]string{ToFind: "Say who it is about", ToSettle: "Settle it", ToSendOn: "Send it on", SentOn: "Ask the other authority"}[s]
}

// Notice is one notice as it stands.
type Notice struct {
	Key   int64
	Ref   id.Ref
	Stamp string
	Said
	// Organisation is 0 where none of ours sent it.
	Organisation id.Organisation
	Institution  string
	Channel      string
	Position     int
	ReceivedAt   time.Time
	SenderName   string
	// ToldAgain is how often the same notice came again.
	ToldAgain int
	State     State
	// Person is 0 until they are found, and MetBy says how they were. Locked says
	// that their record is kept from whoever looks.
	Person  id.YoungPerson
	MetBy   string
	Locked  bool
	SentHow string
	SentOn  civil.Date
	Chased  int
	// FromLA is the authority of this house that handed it to us, StampThere its
	// stamp with the one to which we handed it; "" where nobody did.
	FromLA, StampThere string
	Due                civil.Date
	Outcome            string
	// Version is the act that changed it last.
	Version id.Act
}

// Overdue says that the day of the next step is past.
func (n *Notice) Overdue(today civil.Date) bool {
	return !n.State.Over() && !n.Due.IsZero() && n.Due.Before(today)
}

// Name is "Given Family", as the institution wrote it.
func (n *Notice) Name() string {
	if n.Locked {
		return "Locked record"
	}
	if n.Given+n.Family == "" {
		return "Details erased"
	}
	return n.Given + " " + n.Family
}

// Step is one thing that was done with a notice.
type Step struct {
	At   time.Time
	By   string
	What string
}

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

// read runs fn for somebody who may do the action.
func (s *Service) read(ctx context.Context, by access.Actor, action access.Action, fn func(*db.Tx) error) error {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	return s.DB.Read(ctx, fn)
}

// Outcomes are how a notice of a kind may end without a change of the record, in
// the order in which forms offer them.
func Outcomes(k Kind) []string {
	switch k {
	case Risk:
		return []string{"They stay, with support", "There was no need to worry", "They have left: a leaver notice follows", "It was sent by mistake"}
	case Left:
		return []string{"They have not left after all", "We knew already", "They are in no authority’s care in England", "Nobody can be found by it, and the sender has been asked", ByMistake}
	}
	return []string{"They are not there", "We knew already", ByMistake}
}

// ByMistake ends a notice and erases what it said of anybody.
const ByMistake = "It was sent by mistake"

func knownOutcome(k Kind, outcome string) bool { return slices.Contains(Outcomes(k), outcome) }
