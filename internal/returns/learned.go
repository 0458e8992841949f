package returns

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// Learned is the act that changed a fact between two returns, and its evidence.
type Learned struct {
	Act id.Act
	At  time.Time
	// By did it, Kind is what they did (access.Action).
	By, Kind string
	// From says what it was learned from and SaidBy who said it; "" where the
	// act brought no evidence: it only took something back.
	From, SaidBy string
	// Received is the day on which it was learned.
	Received civil.Date
}

// factsOf are the tables from whose facts a data item is stated, the one that
// matters most first.
func factsOf(f nccis.Field) []string {
	switch f {
	case nccis.GivenName, nccis.MiddleName, nccis.FamilyName:
		return []string{youngperson.Names.Name}
	case nccis.DOB, nccis.Gender, nccis.Ethnicity:
		return []string{youngperson.ParticularsTable.Name}
	case nccis.AddressLine1, nccis.AddressLine2, nccis.AddressLine3, nccis.AddressLine4, nccis.Town, nccis.County, nccis.Postcode:
		return []string{youngperson.Addresses.Name}
	case nccis.YoungPersonsID, nccis.UniqueLearnerNo, nccis.UniquePupilNumber, nccis.PreviousYPIDIdentifier:
		return []string{youngperson.Identifiers.Name}
	case nccis.YouthContractIndicator, nccis.YouthContractStartDate:
		return []string{youngperson.CarriedItems.Name}
	case nccis.CohortStatus:
		return []string{cohort.Statuses.Name, youngperson.ParticularsTable.Name, need.Needs.Name}
	case nccis.LeadLEA, nccis.EducatedLEA, nccis.TransferredToLACode, nccis.LEACodeAtYear11, nccis.GuaranteeStatusIndicator:
		return []string{cohort.Statuses.Name}
	case nccis.Year11GuaranteeStatus, nccis.Year11LEACode, nccis.Year12GuaranteeStatus, nccis.Year12LEACode:
		return []string{guarantee.Guarantees.Name}
	case nccis.IntendedDestinationYr11:
		return []string{guarantee.Destinations.Name}
	case nccis.LevelOfNeedCode, nccis.SENDFlag, nccis.SENSupportFlag:
		return []string{need.Needs.Name}
	case nccis.CharacteristicCode:
		return []string{need.Characteristics.Name}
	case nccis.DateVerified, nccis.CurrencyLapsed, nccis.DueToLapseDate:
		return []string{activity.Verifications.Name, activity.Spells.Name}
	}
	return []string{activity.Spells.Name, activity.Verifications.Name}
}

// placeOf are the items that decide where somebody stands in the rates.
func placeOf() []nccis.Field {
	return []nccis.Field{nccis.ActivityCode, nccis.CurrencyLapsed, nccis.CohortStatus, nccis.LeadLEA, nccis.DOB}
}

// changes are the acts, by table and person, that changed a fact last between
// two moments.
type changes map[string]map[id.YoungPerson]*Learned

// Explain finds what changed the items of these people, who are some of a
// comparison's. It needs SeeReturn.
func (s *Service) Explain(ctx context.Context, by access.Actor, c *Comparison, people []*Changed) error {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	keys := make([]id.YoungPerson, len(people))
	tables := map[string]bool{}
	for i, p := range people {
		keys[i] = p.Now.Key
		for _, item := range p.Items {
			for _, t := range factsOf(item.Field) {
				tables[t] = true
			}
		}
	}
	found, err := s.changesOf(ctx, by.Register, c, keys, tables)
	if err != nil {
		return err
	}
	for _, p := range people {
		for i := range p.Items {
			p.Items[i].Learned = found.of(p.Now.Key, factsOf(p.Items[i].Field))
		}
	}
	return nil
}

// learnShifts says when each shift of the rates was learned.
func (s *Service) learnShifts(ctx context.Context, by access.Actor, c *Comparison) error {
	var keys []id.YoungPerson
	tables := map[string]bool{}
	for _, f := range placeOf() {
		for _, t := range factsOf(f) {
			tables[t] = true
		}
	}
	for _, shift := range c.Shifts {
		for _, m := range shift.People {
			keys = append(keys, m.key())
		}
	}
	found, err := s.changesOf(ctx, by.Register, c, keys, tables)
	if err != nil {
		return err
	}
	for i := range c.Shifts {
		shift := &c.Shifts[i]
		for _, m := range shift.People {
			if m.Learned = found.of(m.key(), m.because()); m.Learned == nil {
				continue
			}
			day := civil.On(m.Learned.At, civil.London())
			if shift.First.IsZero() || day.Before(shift.First) {
				shift.First = day
			}
			if day.After(shift.Last) {
				shift.Last = day
			}
		}
	}
	return nil
}

func (m *Moved) key() id.YoungPerson {
	if m.Now != nil {
		return m.Now.Key
	}
	return m.Then.Key
}

// because are the tables whose facts can have moved somebody: those of the
// first item that differs, and all of them for who is in only one of the files.
func (m *Moved) because() []string {
	var all []string
	for _, f := range placeOf() {
		if m.Then != nil && m.Now != nil && m.Then.Record.Get(f) != m.Now.Record.Get(f) {
			return factsOf(f)
		}
		all = append(all, factsOf(f)...)
	}
	return all
}

// of is what changed a fact of the first of these tables that has one.
func (c changes) of(yp id.YoungPerson, tables []string) *Learned {
	for _, t := range tables {
		if l := c[t][yp]; l != nil {
			return l
		}
	}
	return nil
}

// changesOf reads the last act of each person in each table between the two
// moments of a comparison.
func (s *Service) changesOf(ctx context.Context, r id.Register, c *Comparison, keys []id.YoungPerson, tables map[string]bool) (changes, error) {
	out := changes{}
	after, upTo := min(c.From.KnownAt, c.To.KnownAt), max(c.From.KnownAt, c.To.KnownAt)
	evidence := map[*Learned]id.Evidence{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		for table := range tables {
			out[table] = map[id.YoungPerson]*Learned{}
			for some := range slices.Chunk(keys, 200) { // a wide IN is slow on SQLite
				if err := lastChanges(tx, r, table, some, after, upTo, out[table], evidence); err != nil {
					return err
				}
			}
		}
		return tellActs(tx, r, out, evidence)
	})
	return out, err
}

func lastChanges(tx *db.Tx, r id.Register, table string, people []id.YoungPerson, after, upTo id.Act, out map[id.YoungPerson]*Learned, evidence map[*Learned]id.Evidence) error {
	var w db.Where
	w.And("register = $1", int64(r))
	values := make([]any, len(people))
	for i, p := range people {
		values[i] = int64(p)
	}
	w.In("young_person", values...)
	w.And("(known_from > $1 AND known_from <= $2) OR (known_to > $1 AND known_to <= $2)", int64(after), int64(upTo))
	rows, err := tx.Query("SELECT young_person, known_from, COALESCE(known_to, 0), evidence FROM "+table+w.SQL()+" ORDER BY young_person, known_from", w.Args...)
	if err != nil {
		return fmt.Errorf("find what changed in %s: %w", table, err)
	}
	defer rows.Close()
	note := func(yp id.YoungPerson, at id.Act, e id.Evidence) {
		if at <= after || at > upTo {
			return
		}
		l := out[yp]
		if l == nil || at > l.Act {
			l = &Learned{Act: at}
			out[yp] = l
		}
		if e != 0 && at == l.Act {
			evidence[l] = e
		}
	}
	for rows.Next() {
		var yp, from, to, e int64
		if err := rows.Scan(&yp, &from, &to, &e); err != nil {
			return fmt.Errorf("find what changed in %s: %w", table, err)
		}
		note(id.YoungPerson(yp), id.Act(from), id.Evidence(e))
		note(id.YoungPerson(yp), id.Act(to), 0)
	}
	return rows.Err()
}

const (
	sqlActsNamed     = `SELECT number, at, actor_name, kind FROM act`
	sqlEvidenceNamed = `SELECT id, kind, said_by, received_on FROM evidence`
)

// tellActs fills in who did it, when, and what it was learned from.
func tellActs(tx *db.Tx, r id.Register, found changes, evidence map[*Learned]id.Evidence) error {
	byAct := map[int64][]*Learned{}
	byEvidence := map[int64][]*Learned{}
	for _, people := range found {
		for _, l := range people {
			byAct[int64(l.Act)] = append(byAct[int64(l.Act)], l)
			if e := evidence[l]; e != 0 {
				byEvidence[int64(e)] = append(byEvidence[int64(e)], l)
			}
		}
	}
	err := eachNamed(tx, r, sqlActsNamed, "number", byAct, func(scan func(...any) error) error {
		var n int64
		var at db.Instant
		var by, kind string
		if err := scan(&n, &at, &by, &kind); err != nil {
			return err
		}
		for _, l := range byAct[n] {
			l.At, l.By, l.Kind = at.Time, by, kind
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachNamed(tx, r, sqlEvidenceNamed, "id", byEvidence, func(scan func(...any) error) error {
		var e int64
		var from, said string
		var received civil.Date
		if err := scan(&e, &from, &said, &received); err != nil {
			return err
		}
		for _, l := range byEvidence[e] {
			l.From, l.SaidBy, l.Received = from, said, received
		}
		return nil
	})
}

// eachNamed calls read with each row of a query that has one of the keys.
func eachNamed(tx *db.Tx, r id.Register, query, column string, wanted map[int64][]*Learned, read func(scan func(...any) error) error) error {
	var keys []any
	for k := range wanted {
		keys = append(keys, k)
	}
	for some := range slices.Chunk(keys, 200) {
		var w db.Where
		w.And("register = $1", int64(r))
		w.In(column, some...)
		if err := func() error {
			rows, err := tx.Query(query+w.SQL(), w.Args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if err := read(rows.Scan); err != nil {
					return err
				}
			}
			return rows.Err()
		}(); err != nil {
			return fmt.Errorf("read what changed a return: %w", err)
		}
	}
	return nil
}
