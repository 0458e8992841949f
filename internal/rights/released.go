package rights

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// Release is one disclosure with whom it was about and who logged it.
type Release struct {
	Disclosure
	Ref                           id.Ref
	Given, Family, YoungPersonsID string
	// Locked says that the record is locked to the reader: whose it is, and what was
	// told of them, is then left out.
	Locked  bool
	LogName string

	stored stored
}

const (
	sqlReleases = `SELECT ` + disclosureColumns + `, a.actor_name, y.ref, y.young_persons_id, COALESCE(p.given, ''), COALESCE(p.family, '')
		FROM disclosure d JOIN act a ON a.register = d.register AND a.number = d.act
		JOIN young_person y ON y.register = d.register AND y.id = d.young_person
		LEFT JOIN standing p ON p.register = d.register AND p.young_person = d.young_person`
	sqlCountReleases = `SELECT count(*) FROM disclosure d`
)

// Releases are the disclosures, the latest first: so
// many after so many, and how many there are. It needs access.LogDisclosure and
// records whom it shows. Of a record that is locked to the reader it says no
// name and no words; one that is hidden from them is left out and not counted.
func (s *Service) Releases(ctx context.Context, by access.Actor, skip, limit int) (all []Release, total int, err error) {
	if err := access.Decide(by, access.LogDisclosure, access.Subject{Register: by.Register}); err != nil {
		return nil, 0, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var people []id.YoungPerson
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		var w db.Where
		access.ScopeLines(&w, by, access.LogDisclosure, "d")
		if err := tx.QueryRow(sqlCountReleases+w.SQL(), w.Args...).Scan(&total); err != nil {
			return err
		}
		query := sqlReleases + w.SQL() + " ORDER BY d.on_day DESC, d.act DESC, d.young_person LIMIT " + w.Param(limit) + " OFFSET " + w.Param(skip)
		if all, people, err = readReleases(tx, query, w.Args); err != nil {
			return err
		}
		keys, err := sealed.Read(tx, by.Register, people)
		for i := range all {
			one := &all[i]
			if err == nil {
				err = one.stored.open(tx, by.Register, keys)
			}
			if one.Disclosure = one.stored.Disclosure; veil.Locks(one.stored.person) {
				// What was told, to whom and why are words about them: of a locked record
				// the day alone is left, and who wrote it down.
				*one = Release{Disclosure: Disclosure{On: one.On}, LogName: one.LogName, Locked: true, stored: stored{person: one.stored.person}}
			}
		}
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read disclosures: %w", err)
	}
	sight := act.Sight{By: by, Kind: access.LogDisclosure, Page: "disclosures"}
	for _, one := range all {
		if !one.Locked {
			sight.People = append(sight.People, one.stored.person)
		}
	}
	return all, total, s.Sights.See(ctx, sight)
}

// readReleases reads them with their words sealed, and about whom they are.
func readReleases(tx *db.Tx, query string, args []any) (all []Release, people []id.YoungPerson, err error) {
	people = []id.YoungPerson{} // nil would be everybody
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, people, err
	}
	defer rows.Close()
	for rows.Next() {
		var one Release
		if err := rows.Scan(append(one.stored.into(), &one.LogName, (*string)(&one.Ref), &one.YoungPersonsID, &one.Given, &one.Family)...); err != nil {
			return nil, people, err
		}
		all, people = append(all, one), append(people, one.stored.person)
	}
	return all, people, rows.Err()
}
