// Package act records what was done and seen, by whom and on what evidence.
//
// An act is one thing that somebody did; a sight is one thing that somebody
// was shown about a young person; evidence says where facts came from. Acts
// and sights are the audit log: there is no second one. Nothing is done
// without its act, and nothing about a young person is shown without its
// sight.
package act

import (
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// ErrRepeated says that the one-use key was used before: the act was done by
// the first press, and nothing was done by this one.
var ErrRepeated = errors.New("this was already saved; nothing was done twice")

// ErrUnrecorded says that an act or a sight could not be stored: then nothing
// is done and nothing is shown.
var ErrUnrecorded = errors.New("it could not be recorded who did or saw this")

// Kinds of evidence: who or what told us.
const (
	SchoolList     = "school list"
	EnrolmentList  = "college enrolment list"
	Census         = "census"
	LRS            = "Learning Records Service"
	UCAS           = "UCAS"
	DWP            = "DWP"
	YouthJustice   = "youth justice"
	Care           = "care"
	OtherAuthority = "other authority"
	Telephone      = "phone"
	Text           = "text"
	Email          = "e-mail"
	Visit          = "visit"
	SelfReport     = "self-report"
	Parent         = "parent or carer"
	DfEFeedback    = "DfE feedback"
	MigratedFile   = "supplier's file"
	System         = "system"
)

// EvidenceKinds are all kinds, in the order in which forms offer them.
func EvidenceKinds() []string {
	return []string{Telephone, Text, Email, Visit, SelfReport, Parent, SchoolList, EnrolmentList, Census,
		OtherAuthority, YouthJustice, Care, LRS, UCAS, DWP, DfEFeedback, MigratedFile, System}
}

// Grades of evidence, best first.
const (
	SeenByUs             = "seen by us"
	ConfirmedInstitution = "confirmed by the institution"
	SaidByPerson         = "said by the young person"
	SaidByFamily         = "said by family"
	Inferred             = "inferred"
	Unverified           = "unverified"
)

// Grades are all grades, best first.
func Grades() []string {
	return []string{SeenByUs, ConfirmedInstitution, SaidByPerson, SaidByFamily, Inferred, Unverified}
}

// GradeOf is the grade that evidence of a kind has unless somebody says better.
func GradeOf(kind string) string {
	switch kind {
	case Visit:
		return SeenByUs
	case SchoolList, EnrolmentList, Census, LRS, UCAS, YouthJustice, Care, OtherAuthority:
		return ConfirmedInstitution
	case Telephone, Text, Email, SelfReport:
		return SaidByPerson
	case Parent:
		return SaidByFamily
	case System:
		return Inferred
	}
	return Unverified
}

// Evidence says where facts came from.
type Evidence struct {
	Kind, SaidBy string
	// ReceivedOn is the day we learned it; none for today.
	ReceivedOn civil.Date
	Grade      string
	// Import and Position name the file and the row or record in it, from 1.
	Import   id.Import
	Position int
}

// Request is what an act needs besides who does what to whom.
type Request struct {
	Reason string
	// Key is the one-use key of the form; empty where there is none.
	Key string
	// Undoes is the act that this one takes back.
	Undoes id.Act
	// Evidence is written with the act where it is not nil.
	Evidence *Evidence
}

// Act is an act under way, inside its transaction. The register's row is
// locked until it ends, so keys and numbers follow one another.
type Act struct {
	Number   id.Act
	Register id.Register
	By       access.Actor
	// Evidence is the one given in the Request, 0 where none was.
	Evidence id.Evidence
	tx       *db.Tx
}

const (
	sqlNextAct = `UPDATE register SET last_act = last_act + 1 WHERE id = $1 RETURNING last_act`
	sqlKeyUsed = `SELECT number FROM act WHERE register = $1 AND one_use_key = $2`
	sqlAddAct  = `INSERT INTO act (register, number, at, actor, actor_name, kind, young_person, reason, one_use_key, undoes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	sqlNextKeys    = `UPDATE register SET last_key = last_key + $2 WHERE id = $1 RETURNING last_key`
	sqlNextNumbers = `UPDATE register SET last_local_number = last_local_number + $2 WHERE id = $1 RETURNING last_local_number`
)

// Begin decides whether the actor may, numbers the act and logs it. It returns
// access.Denied, ErrRepeated, or an error of the database. yp is 0 where the
// act is about nobody in particular, or about many.
func Begin(tx *db.Tx, by access.Actor, action access.Action, yp id.YoungPerson, r Request) (*Act, error) {
	about, err := access.About(tx, by, yp)
	if err != nil {
		return nil, err
	}
	if err := access.Decide(by, action, about); err != nil {
		return nil, err
	}
	a := &Act{Register: by.Register, By: by, tx: tx}
	if err := tx.QueryRow(sqlNextAct, by.Register).Scan(&a.Number); err != nil {
		return nil, fmt.Errorf("number the act: %w", notFound(err))
	}
	if r.Key != "" {
		var earlier id.Act
		switch err := tx.QueryRow(sqlKeyUsed, by.Register, r.Key).Scan(&earlier); {
		case err == nil:
			return nil, ErrRepeated
		case !errors.Is(err, sql.ErrNoRows):
			return nil, fmt.Errorf("look up the one-use key: %w", err)
		}
	}
	if _, err := tx.Exec(sqlAddAct, a.Register, a.Number, db.Instant{Time: tx.Now}, by.Ref, by.Name, string(action),
		null(int64(yp)), r.Reason, nullText(r.Key), null(int64(r.Undoes))); err != nil {
		return nil, fmt.Errorf("log the act: %w: %w", ErrUnrecorded, err)
	}
	if r.Evidence != nil {
		var err error
		if a.Evidence, err = a.AddEvidence([]Evidence{*r.Evidence}); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Keys hands out n keys in a row and returns the first.
func (a *Act) Keys(n int) (int64, error) {
	var last int64
	if err := a.tx.QueryRow(sqlNextKeys, a.Register, n).Scan(&last); err != nil {
		return 0, fmt.Errorf("hand out keys: %w", err)
	}
	return last - int64(n) + 1, nil
}

// LocalNumbers hands out n numbers for new YoungPersonsIDs and returns the
// first. None is ever used again.
func (a *Act) LocalNumbers(n int) (int64, error) {
	var last int64
	if err := a.tx.QueryRow(sqlNextNumbers, a.Register, n).Scan(&last); err != nil {
		return 0, fmt.Errorf("hand out numbers: %w", err)
	}
	return last - int64(n) + 1, nil
}

// AddEvidence writes rows of evidence and returns the key of the first; the
// others follow it.
func (a *Act) AddEvidence(rows []Evidence) (id.Evidence, error) {
	first, err := a.Keys(len(rows))
	if err != nil {
		return 0, err
	}
	out := make([][]any, len(rows))
	for i, e := range rows {
		out[i] = a.EvidenceRow(id.Evidence(first+int64(i)), e)
	}
	err = db.BulkInsert(a.tx, "evidence", EvidenceColumns(), out)
	return id.Evidence(first), err
}

// EvidenceColumns are the columns of an EvidenceRow.
func EvidenceColumns() []string {
	return []string{"register", "id", "act", "kind", "said_by", "received_on", "grade", "import", "position"}
}

// EvidenceRow is one piece of evidence under a key that Keys handed out, as the
// act stores it: for whoever stores very many.
func (a *Act) EvidenceRow(key id.Evidence, e Evidence) []any {
	if e.Grade == "" {
		e.Grade = GradeOf(e.Kind)
	}
	if e.ReceivedOn.IsZero() {
		e.ReceivedOn = civil.On(a.tx.Now, civil.London())
	}
	return []any{int64(a.Register), int64(key), int64(a.Number), e.Kind, e.SaidBy, e.ReceivedOn.String(), e.Grade,
		null(int64(e.Import)), null(int64(e.Position))}
}

func null(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return db.NotFound
	}
	return err
}
