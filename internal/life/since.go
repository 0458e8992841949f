package life

import (
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	sqlActsSince = `SELECT kind, COALESCE(young_person, 0) FROM act WHERE register = $1 AND number > $2 AND number <= $3`
	sqlMended    = `SELECT DISTINCT young_person FROM mended WHERE register = $1 AND act > $2 AND act <= $3`
)

// Since says about whom the acts after one, up to another, were, by key: whoever
// keeps something derived from lives states these anew. known is false where
// the acts cannot name them (a file was loaded): it may then be anybody.
func Since(tx *db.Tx, r id.Register, after, upTo id.Act) (people []id.YoungPerson, known bool, err error) {
	set := map[id.YoungPerson]bool{}
	rows, err := tx.Query(sqlActsSince, int64(r), int64(after), int64(upTo))
	if err != nil {
		return nil, false, fmt.Errorf("read the acts since: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var yp int64
		if err := rows.Scan(&kind, &yp); err != nil {
			return nil, false, err
		}
		switch {
		case access.Action(kind) == access.ErasePerson:
			return nil, false, nil // nothing of them stays in memory, not even aside
		case yp != 0:
			set[id.YoungPerson(yp)] = true
		case !changesNobody(access.Action(kind)):
			return nil, false, nil
		}
	}
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	if err := mendedSince(tx, r, after, upTo, set); err != nil {
		return nil, false, err
	}
	return inOrder(set), true, nil
}

func mendedSince(tx *db.Tx, r id.Register, after, upTo id.Act, set map[id.YoungPerson]bool) error {
	mended, err := db.Values[id.YoungPerson](tx, sqlMended, int64(r), int64(after), int64(upTo))
	if err != nil {
		return fmt.Errorf("read who was mended since: %w", err)
	}
	for _, yp := range mended {
		set[yp] = true
	}
	return nil
}

// changesNobody says that an act about nobody in particular changes no facts,
// or that the table mended names whom it was about.
func changesNobody(kind access.Action) bool {
	switch kind {
	case access.MendTogether, access.CheckFile, access.BuildReturn, access.SignReturn, access.FetchReturn,
		access.DownloadPeople, access.ReleaseExport, access.KeepRetention, access.ReleaseErasure, access.DeleteFiles, access.KeepList, access.KeepSender, access.KeepReference, access.MergePeople, access.SignIn, access.SignOut, access.SignedIn, access.ManageStaff,
		access.KeepCampaign, access.PlanVisits, access.WorkVisits, access.KeepDuty, access.KeepTemplate, access.SendMessage, access.SeeAudit,
		access.SendNotice, access.KeepNotices, access.HandOver, access.SeeClaims, access.KeepToken, access.SendFile:
		return true
	}
	return false
}

const sqlLastErased = `SELECT COALESCE(MAX(act), 0) FROM erased WHERE register = $1`

// LastErased is the last act that erased somebody, 0 where none did: whoever
// keeps a past in memory lets it go when there is a later one.
func LastErased(tx *db.Tx, r id.Register) (id.Act, error) {
	var last int64
	if err := tx.QueryRow(sqlLastErased, int64(r)).Scan(&last); err != nil {
		return 0, fmt.Errorf("read who was erased: %w", err)
	}
	return id.Act(last), nil
}
