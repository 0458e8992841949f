package returns

import (
	"sync"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/standing"
)

// Service builds, signs and keeps returns.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	// Version is the product's, for the file's header; "" is 0, a build that
	// nobody released.
	Version string

	// building is held while a draft is stated, so that those who ask for the
	// same one wait for the first of them.
	building sync.Mutex
	mu       sync.Mutex
	kept     []*Draft // drafts looked at lately, the latest last
	past     *Draft   // the one of an earlier moment looked at last
}

// Options narrow a draft.
type Options struct {
	// KnownAt states the facts as known after this act; 0 is now.
	KnownAt id.Act
	// KnownOn states them as known at the end of a day; no date is now. Only
	// one of the two may be given.
	KnownOn civil.Date
	// Authorities are those whose young people go into the file; none is all of
	// the register's.
	Authorities []string
	// DateOfSend is what the header says; no date is today.
	DateOfSend civil.Date
}

// keptDrafts is how many drafts stay in memory: 60 MB each for 40,000 people.
const keptDrafts = 3

// draftKey names a draft whatever the moment at which it was stated.
type draftKey struct {
	register    id.Register
	period      civil.Month
	authorities string
}

func (s *Service) keptDraft(k draftKey) *Draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.kept {
		if d.key == k {
			return d
		}
	}
	return nil
}

func (s *Service) keep(d *Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	others := s.kept[:0:0]
	for _, o := range s.kept {
		if o.key != d.key {
			others = append(others, o)
		}
	}
	s.kept = append(others, d)
	if len(s.kept) > keptDrafts {
		s.kept = s.kept[1:]
	}
}

// keptPast is the draft of an earlier moment looked at last, nil where it is
// another's: what was known then never changes.
func (s *Service) keptPast(b *builder) *Draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.past; d != nil && d.key == b.key && d.KnownAt == b.at && d.Header.DateOfSend == b.dateOfSend.String() {
		return d
	}
	return nil
}

func (s *Service) keepPast(d *Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = d
}
