// Package imports loads a supplier's monthly NCCIS file into the register, and
// takes it back.
//
// In the trade an authority changes its system once in some years, and joint
// services send each other files every month. A file states one month; the
// register keeps facts. So a later file is held against what the same source
// said before: only what the source has changed is applied, and what was mended
// here since stays mended.
package imports

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/standing"
)

// Status is what became of a file.
type Status string

// The statuses.
const (
	// Reading is only while a process works on the file.
	Reading Status = "reading"
	// Applied is loaded, by one act.
	Applied Status = "applied"
	// Unchanged is that the register already held all of it; there is no act.
	Unchanged Status = "unchanged"
	// Refused is that the file cannot be loaded as it is; Message says why.
	Refused Status = "refused"
	// Stopped is that it was interrupted; nothing was changed.
	Stopped Status = "stopped"
	// Undone is loaded and then taken back.
	Undone Status = "undone"
)

// Kinds of notes.
const (
	// KeptAside is a record that was not loaded.
	KeptAside = "kept aside"
	// TwoPeople is a number that two people of one database share (907).
	TwoPeople = "two people"
	// Met is a record met by another number than its YoungPersonsID.
	Met = "met by number"
	// Clash is a field that both the source and somebody here had changed.
	Clash = "clash"
	// Lapse is a lapse date that is not ours.
	Lapse = "lapse date"
	// Unreadable is a value that is no date, or no code of the edition.
	Unreadable = "unreadable"
	// OptedOut is somebody of whom the file was followed in part, or not at all,
	// because they told us so.
	OptedOut = "opted out"
	// HeldBack is an address that was not followed, because it is protected.
	HeldBack = "held back"
	// Older is an element of earlier editions that was carried.
	Older = "older element"
	// Absent is a young person of an earlier file who is not in this one.
	Absent = "absent"
)

// NoteKinds are all kinds of notes, in the order in which pages show them.
func NoteKinds() []string {
	return []string{KeptAside, TwoPeople, Clash, HeldBack, OptedOut, Met, Absent, Lapse, Unreadable, Older}
}

// File is a file to load. It is read twice, so Open is called twice and must
// give the same bytes; if it does not, the file is refused.
type File struct {
	// Name is what the sender called it; its folders are left out.
	Name string
	Open func() (io.ReadCloser, error)
	// Size in bytes; 0 where it is not known.
	Size int64
}

// Progress is how far a load has come.
type Progress struct {
	// Step is 1 while the file is checked whole, 2 while it is loaded.
	Step int
	// Records done in this step; Of is how many there are, known from step 2 on.
	Records, Of int
	// Bytes read in this step, and Size, 0 where it is not known.
	Bytes, Size int64
	// Rate is records a second in this step, 0 where it is too early to say.
	Rate float64
	// Left is the time still needed, 0 where it cannot be said yet.
	Left time.Duration
}

// Counts are what a load came to, in records but for the last four.
type Counts struct {
	Records   int `json:"records"`
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	KeptAside int `json:"kept_aside"`
	// Absent are young people of an earlier file of the same database who are
	// not in this one, and of whom it had not said that they left.
	Absent           int `json:"absent"`
	LapseDifferences int `json:"lapse_differences"`
	Clashes          int `json:"clashes"`
	// Unreadable are values that are no date, or no code of the edition.
	Unreadable int `json:"unreadable"`
}

// Report is one file and what became of it.
type Report struct {
	ID         id.Import  `json:"-"`
	Ref        id.Ref     `json:"ref"`
	FileName   string     `json:"file"`
	SHA256     string     `json:"sha256"`
	Bytes      int64      `json:"bytes"`
	ReceivedAt time.Time  `json:"received_at"`
	By         string     `json:"by"`
	Status     Status     `json:"status"`
	PeriodEnd  civil.Date `json:"period_end"`
	Edition    string     `json:"edition"`
	// StandIn tells that the edition stands in for another year's.
	StandIn     string `json:"stand_in,omitempty"`
	Supplier    string `json:"supplier"`
	Databases   string `json:"databases"`
	Authorities string `json:"authorities"`
	Counts
	Act      id.Act `json:"act,omitempty"`
	UndoneBy id.Act `json:"undone_by,omitempty"`
	// Message is what a person must know: why it was refused, when the same
	// file was loaded before.
	Message string `json:"message,omitempty"`
	// Progress is set while this process reads the file.
	Progress *Progress `json:"-"`
	// Held is how long other writers had to wait; it is not stored.
	Held time.Duration `json:"-"`
}

// Note is one thing to know about one record, or about one absent young person.
type Note struct {
	Kind           string         `json:"kind"`
	Position       int            `json:"position,omitempty"`
	YoungPersonsID string         `json:"young_persons_id"`
	YoungPerson    id.YoungPerson `json:"-"`
	// Person is the reference of the young person's page, where there is one.
	Person id.Ref `json:"-"`
	Field  string `json:"field,omitempty"`
	Theirs string `json:"theirs,omitempty"`
	Ours   string `json:"ours,omitempty"`
	Words  string `json:"words"`
}

// Refusal is why a file was not loaded, or an import not undone, in words with
// what to do. The register is as it was.
type Refusal struct{ Message string }

func (r Refusal) Error() string { return r.Message }

func refuse(message string) error { return Refusal{message} }

// Service loads files.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	// Sights logs who was shown whose notes; nil makes one of its own.
	Sights *act.Recorder
	// Meet finds a young person whom no number finds; nil finds nobody. words
	// say how they were met.
	Meet func(tx *db.Tx, r *nccis.Record) (yp id.YoungPerson, words string, err error)

	mu      sync.Mutex
	running map[id.Ref]*running
	group   sync.WaitGroup
}

// running is a load that this process works on.
type running struct {
	mu       sync.Mutex
	progress Progress
	cancel   context.CancelFunc
}

func (r *running) set(p Progress) {
	r.mu.Lock()
	r.progress = p
	r.mu.Unlock()
}

func (r *running) get() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

func (s *Service) enlist(ref id.Ref, r *running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		s.running = map[id.Ref]*running{}
	}
	s.running[ref] = r
}

func (s *Service) leave(ref id.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, ref)
}

func (s *Service) working(ref id.Ref) *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[ref]
}

// Stop interrupts a load that this process works on. The register stays as it
// was.
func (s *Service) Stop(ref id.Ref) {
	if r := s.working(ref); r != nil {
		r.cancel()
	}
}

// Close interrupts every load of this process and waits until none is left.
func (s *Service) Close() {
	s.mu.Lock()
	for _, r := range s.running {
		r.cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
}

// errNothing ends a load that came to no change, so that no act is left.
var errNothing = errors.New("imports: nothing to change")
