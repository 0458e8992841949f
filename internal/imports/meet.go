package imports

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// known is one young person of the register as far as meeting needs it.
type known struct {
	person id.YoungPerson
	// ypid is their YoungPersonsID here.
	ypid string
	// met says that a record of this file has met them: a second one may not.
	met bool
	// joined says that the record of another person was put together with theirs.
	joined bool
}

// stated is what one source last said of one young person.
type stated struct {
	who int32 // in index.people
	// person is of whom it was said: where two records were put together, the
	// one that leads elsewhere now keeps what was said of it.
	person    id.YoungPerson
	source    string
	key       string
	periodEnd civil.Date
	hash      digest
	spell     id.Fact
	leaver    bool
}

// index finds young people by what a record calls them. It holds a few words
// for each person of the register, whatever the length of the file.
type index struct {
	// after is the act after which it was read.
	after    id.Act
	people   []known
	stated   []stated
	at       map[id.YoungPerson]int32
	byID     map[string]int32
	byKey    map[string][]int32 // source and key: places in stated
	byNumber map[string][]int32 // scheme and number: places in people
	ofPerson map[int32][]int32  // places in stated
	imports  map[id.Act]bool    // acts that loaded files, or took them back
	// sheltered are those whose address is protected.
	sheltered map[id.YoungPerson]bool
}

const (
	sqlLastAct = `SELECT last_act FROM register WHERE id = $1`
	sqlStated  = `SELECT young_person, source, record_key, period_end, hash, spell, cohort_status FROM source_record WHERE register = $1 AND known_to IS NULL ORDER BY young_person`
	sqlNumbers = `SELECT young_person, scheme, value FROM identifier WHERE register = $1 AND known_to IS NULL
		AND scheme IN ('ULN', 'UPN', 'former ULN', 'former UPN', 'YoungPersonsID of a merged record') ORDER BY young_person, id`
	sqlImportActs = `SELECT COALESCE(act, 0), COALESCE(undone_by, 0) FROM import WHERE register = $1 AND act IS NOT NULL`
	sqlWhoTheyAre = `SELECT COALESCE(dob, ''), given_key, family_key FROM standing WHERE register = $1 AND young_person = $2`
)

func readIndex(tx *db.Tx, r id.Register) (*index, error) {
	ix := &index{at: map[id.YoungPerson]int32{}, byID: map[string]int32{}, byKey: map[string][]int32{}, byNumber: map[string][]int32{},
		ofPerson: map[int32][]int32{}, imports: map[id.Act]bool{}}
	if err := tx.QueryRow(sqlLastAct, int64(r)).Scan((*int64)(&ix.after)); err != nil {
		return nil, fmt.Errorf("read whom the register holds: %w", err)
	}
	err := youngperson.Each(tx, fact.Known{Register: r}, func(p youngperson.Person) error {
		i := int32(len(ix.people))
		ix.people = append(ix.people, known{person: p.ID, ypid: p.YoungPersonsID})
		ix.at[p.ID] = i
		if p.YoungPersonsID != "" {
			ix.byID[p.YoungPersonsID] = i
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if ix.sheltered, err = sheltered(tx, r); err != nil {
		return nil, err
	}
	into, err := youngperson.MergedInto(tx, r)
	if err != nil {
		return nil, err
	}
	for other, keep := range into {
		if i, ok := ix.at[keep]; ok {
			ix.at[other], ix.people[i].joined = i, true
		}
	}
	if err := each(tx, sqlStated, r, ix.addStated); err != nil {
		return nil, err
	}
	if err := each(tx, sqlNumbers, r, func(rows *sql.Rows) error {
		var yp int64
		var scheme, value string
		if err := rows.Scan(&yp, &scheme, &value); err != nil {
			return err
		}
		i, ok := ix.at[id.YoungPerson(yp)]
		if scheme == youngperson.MergedID {
			if _, taken := ix.byID[value]; ok && !taken {
				ix.byID[value] = i
			}
			return nil
		}
		if scheme = strings.TrimPrefix(scheme, "former "); ok {
			ix.byNumber[scheme+" "+value] = append(ix.byNumber[scheme+" "+value], i)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return ix, each(tx, sqlImportActs, r, func(rows *sql.Rows) error {
		var loaded, undone int64
		err := rows.Scan(&loaded, &undone)
		ix.imports[id.Act(loaded)], ix.imports[id.Act(undone)] = true, true
		return err
	})
}

func (ix *index) addStated(rows *sql.Rows) error {
	var s stated
	var yp int64
	var hash, status, period string
	if err := rows.Scan(&yp, &s.source, &s.key, &period, &hash, (*int64)(&s.spell), &status); err != nil {
		return err
	}
	who, ok := ix.at[id.YoungPerson(yp)]
	if !ok {
		return nil
	}
	if s.hash, ok = readDigest(hash); !ok {
		return errors.New("a source record's hash cannot be read")
	}
	s.who, s.person, s.periodEnd, s.leaver = who, id.YoungPerson(yp), readDate(period), leaver(status)
	i := int32(len(ix.stated))
	ix.stated = append(ix.stated, s)
	ix.byKey[s.source+" "+s.key] = append(ix.byKey[s.source+" "+s.key], i)
	ix.ofPerson[who] = append(ix.ofPerson[who], i)
	return nil
}

func each(tx *db.Tx, query string, r id.Register, fn func(*sql.Rows) error) error {
	rows, err := tx.Query(query, int64(r))
	if err != nil {
		return fmt.Errorf("read whom the register holds: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return fmt.Errorf("read whom the register holds: %w", err)
		}
	}
	return rows.Err()
}

// forget makes the index fit to be used for a second reading of the file.
func (ix *index) forget() {
	for i := range ix.people {
		ix.people[i].met = false
	}
}

// from is what a source last said of somebody under a key, else under another,
// nil where it has said nothing.
func (ix *index) from(who int32, source, key string) *stated {
	var other *stated
	for _, i := range ix.ofPerson[who] {
		switch s := &ix.stated[i]; {
		case s.source != source:
		case s.key == key:
			return s
		case other == nil || s.person == ix.people[who].person:
			other = s
		}
	}
	return other
}

// twoRecords says of a record why it is set aside that is of somebody whom
// another record of the file has met.
const (
	twoRecords = "Another record of this file was met with the young person who has this YoungPersonsID here. Look at both, and correct the identifiers in your system."
	// oneNumber is what happens where two systems go on numbering side by side.
	oneNumber = "This YoungPersonsID is that of somebody else here, who has another name and another birth date and has been in no file of yours. Two systems have given one number: give one of the two people another YoungPersonsID, and load the file again."
	onePerson = "This record and another of the file are of one young person here, because their two records were put together. The other was loaded, and this one was not. Put them together in your system too; or, if they are two people, undo the merge here and load the file again."
)

func (ix *index) aside(who int32) string {
	if ix.people[who].joined {
		return onePerson
	}
	return twoRecords
}

// loadable says whether a record tells enough to be somebody's: an identifier,
// or a name and a birth date.
func loadable(r *nccis.Record) bool {
	v := &r.Values
	return v[nccis.YoungPersonsID] != "" || v[nccis.UniqueLearnerNo] != "" || v[nccis.UniquePupilNumber] != "" ||
		((v[nccis.GivenName] != "" || v[nccis.FamilyName] != "") && v[nccis.DOB] != "")
}

// recordKey is what the source calls the young person, the same in each of its
// files.
func recordKey(r *nccis.Record) string {
	v := &r.Values
	switch {
	case v[nccis.YoungPersonsID] != "":
		return v[nccis.YoungPersonsID]
	case v[nccis.UniqueLearnerNo] != "":
		return youngperson.ULN + " " + v[nccis.UniqueLearnerNo]
	case v[nccis.UniquePupilNumber] != "":
		return youngperson.UPN + " " + v[nccis.UniquePupilNumber]
	}
	return strings.Join([]string{"name", standing.Fold(v[nccis.GivenName]), standing.Fold(v[nccis.MiddleName]), standing.Fold(v[nccis.FamilyName]), v[nccis.DOB]}, " ")
}

// meeting is whom a record is about.
type meeting struct {
	// who is the place in index.people, -1 for somebody new.
	who int32
	// words say how they were met where it was not by YoungPersonsID.
	words string
	// aside is why the record cannot be loaded.
	aside string
	// two is the YoungPersonsID of somebody who has the same number but is
	// another person of the same database (907), and number which it is.
	two, number string
}

// meet finds the young person of a record: by what the source called them
// before, by YoungPersonsID, ULN, UPN. It rather finds nobody than the wrong
// one (nccis.md 10.1, 907).
func (p *planner) meet(r *nccis.Record, source, key string, hash digest) (meeting, error) {
	ix := p.ix
	ypid := r.Values[nccis.YoungPersonsID]
	for _, i := range ix.byKey[source+" "+key] {
		who := ix.stated[i].who
		if ix.people[who].met {
			if ix.people[who].joined {
				return meeting{who: -1, aside: onePerson}, nil
			}
			continue
		}
		if ypid == "" && !strings.HasPrefix(key, "name ") && ix.stated[i].hash != hash {
			if ok, err := p.agree(r, who); err != nil || !ok {
				if err != nil {
					return meeting{}, err
				}
				continue
			}
		}
		return meeting{who: who}, nil
	}
	if who, ok := ix.byID[ypid]; ok && ypid != "" {
		if ix.people[who].met {
			return meeting{who: -1, aside: ix.aside(who)}, nil
		}
		if stranger, err := p.stranger(r, who); err != nil || stranger {
			return meeting{who: -1, aside: oneNumber}, err
		}
		return meeting{who: who}, nil
	}
	m := meeting{who: -1}
	for _, n := range []struct {
		scheme, value string
		ok            bool
	}{
		{youngperson.ULN, r.Values[nccis.UniqueLearnerNo], nccis.ValidULN(r.Values[nccis.UniqueLearnerNo])},
		{youngperson.UPN, r.Values[nccis.UniquePupilNumber], nccis.ValidUPN(r.Values[nccis.UniquePupilNumber])},
	} {
		if !n.ok || m.who >= 0 || m.aside != "" {
			continue
		}
		if err := p.meetByNumber(r, n.scheme, n.value, source, &m); err != nil {
			return m, err
		}
	}
	if m.who < 0 && m.aside == "" && p.s.Meet != nil {
		return m, p.meetOtherwise(r, &m)
	}
	return m, nil
}

func (p *planner) meetByNumber(r *nccis.Record, scheme, value, source string, m *meeting) error {
	ix := p.ix
	found := int32(-1)
	for _, who := range ix.byNumber[scheme+" "+value] {
		k := &ix.people[who]
		if p.twoPeople(r.Values[nccis.YoungPersonsID], source, who) {
			m.two, m.number = k.ypid, scheme+" "+value
			continue
		}
		if k.met || p.named(k.ypid) {
			continue // another record of this file is theirs
		}
		ok, err := p.agree(r, who)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if found >= 0 && found != who {
			m.aside = "Two young people in the register have the " + scheme + " " + value + " and the same birth date or name. Correct the number of one of them, then load the file again."
			return nil
		}
		found = who
	}
	if found >= 0 {
		m.who, m.words = found, "Met by "+scheme+" "+value+"; here the YoungPersonsID is "+orNone(ix.people[found].ypid)+"."
	}
	return nil
}

func (p *planner) meetOtherwise(r *nccis.Record, m *meeting) error {
	yp, words, err := p.s.Meet(p.tx, r)
	if err != nil || yp == 0 {
		return err
	}
	if who, ok := p.ix.at[yp]; ok && !p.ix.people[who].met && !p.named(p.ix.people[who].ypid) {
		m.who, m.words = who, words
	}
	return nil
}

// twoPeople says that the record is of another person than the one found: one
// database gives nobody two YoungPersonsIDs.
func (p *planner) twoPeople(ypid, source string, who int32) bool {
	if ypid == "" {
		return false
	}
	theirs := p.ix.people[who].ypid
	if theirs != "" && theirs != ypid && (strings.HasPrefix(ypid, p.reg.DatabaseID) || database(ypid) == database(theirs)) {
		return true
	}
	s := p.ix.from(who, source, ypid)
	return s != nil && s.key != ypid && nccis.ValidYoungPersonsID(s.key) && database(s.key) == database(ypid)
}

// database is the three digits with which a YoungPersonsID begins.
func database(ypid string) string { return ypid[:min(3, len(ypid))] }

// agree says that the birth date is the same, or the whole name.
func (p *planner) agree(r *nccis.Record, who int32) (bool, error) {
	is, err := p.whoIs(who)
	return is.born == birthOf(r) && is.born != "" || is.name == nameOf(r) && is.name.whole(), err
}

// stranger says that both the birth date and the whole name are held, and that
// both are other ones.
func (p *planner) stranger(r *nccis.Record, who int32) (bool, error) {
	is, err := p.whoIs(who)
	born, name := birthOf(r), nameOf(r)
	return is.born != "" && born != "" && is.born != born && is.name.whole() && name.whole() && is.name != name, err
}

// identity is by whom a number is held: birth date and folded name.
type identity struct {
	born string
	name folded
}

type folded struct{ given, family string }

func (n folded) whole() bool { return n.given != "" && n.family != "" }

func (p *planner) whoIs(who int32) (is identity, err error) {
	err = p.tx.QueryRow(sqlWhoTheyAre, int64(p.reg.ID), int64(p.ix.people[who].person)).Scan(&is.born, &is.name.given, &is.name.family)
	if errors.Is(err, sql.ErrNoRows) {
		return identity{}, nil
	}
	if err != nil {
		return identity{}, fmt.Errorf("compare two young people: %w", err)
	}
	return is, nil
}

func birthOf(r *nccis.Record) string {
	if born := readDate(r.Values[nccis.DOB]); !born.IsZero() {
		return born.String()
	}
	return ""
}

func nameOf(r *nccis.Record) folded {
	return folded{standing.Fold(r.Values[nccis.GivenName]), standing.Fold(r.Values[nccis.FamilyName])}
}

func orNone(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}
