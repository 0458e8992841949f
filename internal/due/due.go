// Package due says what is due: whose situation has to be confirmed, and by
// when, and what the return will say if it is, or is not.
//
// In the trade everything that is known of a young person goes out of date. A
// course counts until the end of August, a job for six months or a year, a gap
// year until 28 days after it was to be looked at again (nccis.md 6): whoever
// is not asked again by then counts as not known, though nothing has happened.
// So a team works by due lists: who lapses this week, before the month's return,
// in 30, 60 and 90 days, whose review has come, and who has lapsed already.
//
// # What the words mean
//
// A confirmation lapses on the last day on which it counts; the day after, it
// is overdue. A review is due on the day that was set for it. The month's end
// is the day for which the return is made; it is sent some days later, and what
// is confirmed after the month's end helps the next return alone.
//
// A forecast is what the return will say of academic age 16 and 17 on a day to
// come, by what is known now: a life is stated for that day, with its known
// starts and ends, its lapses and its birthdays, as it is on any other. It says
// what follows from what is known, and makes nobody known: a list does not reach
// anybody, and contact must be measured by itself (peers.md 4.3).
package due

import (
	"context"
	"sync"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/standing"
)

// Service answers what is due in one database's registers. It is built once and
// used by many.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	// Rolls are looked down for who is due; Lists show the rows of who is.
	Rolls *standing.Rolls
	Lists *list.Service
	// Records name people in somebody's day.
	Records *record.Service
	Sights  *act.Recorder

	// drawing is held while an outlook is drawn, so that those who ask at the same
	// time wait for the first of them.
	drawing  sync.Mutex
	outlooks map[id.Register]*outlook

	// lookingBack is held while the outlook of a past day is drawn; the last one of
	// each register is kept.
	lookingBack sync.Mutex
	pasts       map[id.Register]past

	mu      sync.Mutex
	jobs    map[replayKey]*replayJob
	cancels []context.CancelFunc
	closed  bool
	group   sync.WaitGroup
}
