package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// ErrReason says that the actor has no relation on file to the young person:
// they may see the record once they have said why (ux-security.md 5.7). It is
// asked only then, or else people would learn to type anything.
var ErrReason = errors.New("say why you look at this record first")

// sqlRelation counts what ties an adviser to a young person besides the
// relations of access: having been given them by a file, or having added them.
const sqlRelation = `SELECT count(*) FROM young_person y
	LEFT JOIN standing s ON s.register = y.register AND s.young_person = y.id
	LEFT JOIN act a ON a.register = y.register AND a.number = y.known_from
	WHERE y.register = $1 AND y.id = $2 AND (s.adviser = $3 OR a.actor = $4)`

// related returns ErrReason where the actor must give a reason and has given
// none. Whoever answers for all young people (managers, data officers,
// information governance) is related to each by that.
func related(tx *db.Tx, by access.Actor, about access.Subject) error {
	if by.Reason != "" || !by.Holds(access.Adviser) ||
		slices.ContainsFunc([]access.Role{access.TeamManager, access.DataOfficer, access.InformationGovernance, access.Operator}, by.Holds) {
		return nil
	}
	if about.Relations&(access.Allocated|access.Team) != 0 {
		return nil
	}
	_, account, _ := strings.Cut(by.Ref, ":")
	var n int
	if err := tx.QueryRow(sqlRelation, int64(by.Register), int64(about.YoungPerson), account, by.Ref).Scan(&n); err != nil {
		return fmt.Errorf("look for a relation on file: %w", err)
	}
	if n == 0 {
		return ErrReason
	}
	return nil
}

// Related is nil where the actor may open the record as they are, and ErrReason
// where they must first say why. It needs access.SeePerson and shows nothing.
func (s *Service) Related(ctx context.Context, by access.Actor, ref id.Ref) error {
	return s.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := whom(tx, by, ref)
		return err
	})
}

// whom finds the young person for somebody who may see them and is related.
func whom(tx *db.Tx, by access.Actor, ref id.Ref) (id.YoungPerson, error) {
	yp, err := person(tx, by, ref)
	if err != nil {
		return 0, err
	}
	return yp, maySee(tx, by, yp)
}

// maySee is nil for somebody who may see the young person and is related.
func maySee(tx *db.Tx, by access.Actor, yp id.YoungPerson) error {
	about, err := access.About(tx, by, yp)
	if err != nil {
		return err
	}
	if err := access.Decide(by, access.SeePerson, about); err != nil {
		return err
	}
	return related(tx, by, about)
}

// LookReasons are why somebody looks at a young person who is not theirs, in
// the order in which the form offers them.
func LookReasons() []string {
	return []string{"they rang or came in", "I am on duty", "a colleague asked me to"}
}

// mostReason is how long a reason may be.
const mostReason = 200

// GiveReason records why the actor is about to look at the young person. It
// needs access.SeePerson, and returns field.Errors where there is no reason.
func (s *Service) GiveReason(ctx context.Context, by access.Actor, ref id.Ref, reason string) error {
	trim(&reason)
	switch {
	case reason == "":
		return field.Errors{{Field: "reason", Message: "Select why you look at this record"}}
	case len([]rune(reason)) > mostReason:
		return field.Errors{{Field: "other", Message: fmt.Sprintf("Say it in %d letters or fewer", mostReason)}}
	}
	by.Reason = reason
	var yp id.YoungPerson
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		yp, err = whom(tx, by, ref)
		return err
	})
	if err != nil {
		return err
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: []id.YoungPerson{yp}, Page: "reason"})
}
