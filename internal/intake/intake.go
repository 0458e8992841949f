// Package intake takes partners' files into the register: a school's pupil
// list, a college's enrolments and leavers, a care team's characteristics.
//
// In the trade every partner sends a list of its own making, and an authority
// must meet each row with the right young person before it believes a word of
// it. So a file goes by stages that can each be seen, and begun again where
// they were broken off: it is received (its bytes kept), read and understood
// (what each column holds), staged (row by row, in the Department's codes),
// matched (whom each row is about), reviewed (what would change, before and
// after), applied as one act, and undone at any later time.
//
// What a list means is held here. A full roll says who is there and that those
// who were there last time and are not now have probably left: that is a
// proposal, never a silent change. A partial list says nothing of those whom it
// leaves out. Newer evidence that is as good wins; older evidence that is no
// better is kept out; everything between is shown and waits for somebody.
package intake

import (
	"context"
	"sync"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/match"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/standing"
)

// State is how far a file has come.
type State string

// The states. A file goes down this list.
const (
	// Receiving is that its bytes are still arriving.
	Receiving State = "receiving"
	// Received is that it waits for somebody to say how it is read (Confirm).
	Received State = "received"
	// Mapped is that it is being staged: read row by row.
	Mapped State = "mapped"
	// Staged is that it is being matched.
	Staged State = "staged"
	// Matched is that what it comes to is being worked out.
	Matched State = "matched"
	// InReview is that it waits for somebody to decide and apply.
	InReview State = "review"
	// Applied is that the register holds what it says, by one act.
	Applied State = "applied"
	// Undone is applied and then taken back.
	Undone State = "undone"
	// Cancelled is put away by somebody; nothing was changed.
	Cancelled State = "cancelled"
	// Refused is that it cannot be read as it is; Message says why.
	Refused State = "refused"
)

// Working says that the file needs nobody: a process goes on with it.
func (s State) Working() bool { return s == Mapped || s == Staged || s == Matched }

// Over says that nothing more can happen to the file, but for undoing.
func (s State) Over() bool {
	return s == Applied || s == Undone || s == Cancelled || s == Refused
}

// Intake is one partner's file and how far it has come.
type Intake struct {
	ID       id.Import `json:"-"`
	Ref      id.Ref    `json:"ref"`
	Sender   Sender    `json:"sender"`
	Kind     string    `json:"kind"`
	KindName string    `json:"kind_name"`
	FileName string    `json:"file"`
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	// ReceivedAt and By are when it came and who put it in.
	ReceivedAt time.Time `json:"received_at"`
	By         string    `json:"by"`
	// AsAt is the day on which what it says was so.
	AsAt  civil.Date `json:"as_at"`
	State State      `json:"state"`
	// Whole says that it is taken as a full roll.
	Whole bool `json:"whole"`
	// Mapping is how it is read; empty until Confirm.
	Mapping layout.Mapping `json:"-"`
	Counts  Counts         `json:"counts"`
	// Done and Of are blocks of a thousand rows in the stage under way; Of is 0
	// where it cannot be known.
	Done int `json:"-"`
	Of   int `json:"-"`
	// Act is the one that applied it, UndoneBy the one that took it back.
	Act      id.Act `json:"act,omitempty"`
	UndoneBy id.Act `json:"undone_by,omitempty"`
	// Message is what a person must know: why it was refused, that the same
	// file was taken before.
	Message string `json:"message,omitempty"`
	// Held is how long the act held the writer; it is not stored.
	Held time.Duration `json:"-"`

	after id.Act
}

// Counts are what a file holds and comes to, in rows unless said otherwise.
type Counts struct {
	// Read are all rows below the header; Skipped those of them that are no
	// person (repeated headers, totals) or were left out by a decision.
	Read    int `json:"read"`
	Skipped int `json:"skipped"`
	// Unusable are rows with a fatal problem.
	Unusable int `json:"unusable"`
	// Ready are rows that can be told: New, Changed and Unchanged.
	Ready     int `json:"ready"`
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	// Waiting are rows about which somebody must decide whom they are about.
	Waiting int `json:"waiting"`
	// Clashes are changes that wait for a choice; until then ours stands.
	Clashes int `json:"clashes"`
	// Gone are people of the last full roll who are not on this one; GoneOpen
	// those about whom nothing was decided.
	Gone     int `json:"gone"`
	GoneOpen int `json:"gone_open"`
	// Added are people, not rows, whom it adds.
	Added int `json:"added"`
	// ExpectedWrong is how many of the rows that were matched by machine are
	// expected to be wrong, by the matcher's own model.
	ExpectedWrong float64 `json:"expected_wrong"`
}

// Refusal is why something cannot be done, in words with what to do. Nothing
// was changed.
type Refusal struct{ Message string }

func (r Refusal) Error() string { return r.Message }

func refuse(message string) error { return Refusal{message} }

// Stale says that the register has changed since the review, in a way that
// changes what the file comes to. It was worked out again: look at it again.
type Stale struct{ Message string }

func (s Stale) Error() string { return s.Message }

// Service takes files in.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	// Record counts the figures as they stand.
	Record *record.Service
	// Sights logs who was shown whose rows.
	Sights *act.Recorder
	// Cores is on how many cores to match; 0 is two.
	Cores int

	mu       sync.Mutex
	running  map[id.Ref]context.CancelFunc
	group    sync.WaitGroup
	variants *match.Variants
	kept     *matching // the last, for the questions about its rows
}

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }
