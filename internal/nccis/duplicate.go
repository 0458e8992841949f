package nccis

import (
	"cmp"
	"fmt"
	"slices"

	"waymark/internal/civil"
)

// seenRecords keeps of every record of a file just enough to find those that
// stand twice: 32 bytes each, whatever the length of the names.
type seenRecords struct {
	chunks [][]seenRecord
	count  int
	// odd holds the identifiers that are not thirteen digits, by number of the record.
	odd     []oddID
	oddText []byte
}

type seenRecord struct {
	// id is the thirteen digits as a number, or noID, or for an odd identifier
	// oddMark with the place in odd.
	id uint64
	// uln is the unique learner number as a number, 0 for none; above it a flag
	// for each of the cohort statuses that matter.
	uln uint64
	// names is a hash of given and family name, 0 where one is missing. Together
	// with the birth date it is 96 bits: in a million records a false meeting
	// has less than one chance in a hundred million.
	names    uint64
	born     civil.Date
	position uint32
}

const (
	noID      = ^uint64(0)
	oddMark   = uint64(1) << 63
	flagG     = uint64(1) << 63
	flagM     = uint64(1) << 62
	ulnNumber = flagM - 1

	chunkSize = 1 << 14
)

type oddID struct {
	start, end uint32
	hash       uint64
}

func (s *seenRecords) add(r *Record, born civil.Date) {
	if s.count%chunkSize == 0 {
		s.chunks = append(s.chunks, make([]seenRecord, 0, chunkSize))
	}
	chunk := &s.chunks[len(s.chunks)-1]
	rec := seenRecord{id: s.identify(r.Values[YoungPersonsID]), born: born, position: uint32(r.Position)}
	if r.Position == 0 {
		rec.position = uint32(s.count + 1)
	}
	if uln := r.Values[UniqueLearnerNo]; wellFormedULN(uln) && !TemporaryULN(uln) {
		rec.uln = number(uln)
	}
	switch r.Values[CohortStatus] {
	case "G":
		rec.uln |= flagG
	case "M":
		rec.uln |= flagM
	}
	if given, family := r.Values[GivenName], r.Values[FamilyName]; given != "" && family != "" && !born.IsZero() {
		rec.names = hashNames(given, family)
	}
	*chunk = append(*chunk, rec)
	s.count++
}

func (s *seenRecords) at(i uint32) *seenRecord { return &s.chunks[i/chunkSize][i%chunkSize] }

func (s *seenRecords) identify(id string) uint64 {
	if id == "" {
		return noID
	}
	if ValidYoungPersonsID(id) {
		return number(id)
	}
	start := len(s.oddText)
	s.oddText = append(s.oddText, id...)
	s.odd = append(s.odd, oddID{start: uint32(start), end: uint32(len(s.oddText)), hash: hashNames(id, "")})
	return oddMark | uint64(len(s.odd)-1)
}

// idText is the identifier as it came.
func (s *seenRecords) idText(rec *seenRecord) string {
	switch {
	case rec.id == noID:
		return ""
	case rec.id&oddMark != 0:
		odd := s.odd[rec.id&^oddMark]
		return string(s.oddText[odd.start:odd.end])
	}
	return fmt.Sprintf("%013d", rec.id)
}

// idKey brings equal identifiers together.
func (s *seenRecords) idKey(rec *seenRecord) uint64 {
	if rec.id != noID && rec.id&oddMark != 0 {
		return oddMark | s.odd[rec.id&^oddMark].hash
	}
	return rec.id
}

func (s *seenRecords) sameID(a, b *seenRecord) bool {
	return a.id != noID && s.idKey(a) == s.idKey(b) && (a.id&oddMark == 0 || s.idText(a) == s.idText(b))
}

func number(s string) uint64 {
	var n uint64
	for i := 0; i < len(s); i++ {
		n = n*10 + uint64(s[i]-'0')
	}
	return n
}

// hashNames is FNV-1a over both names without regard to ASCII case, stirred at
// the end; never 0.
func hashNames(given, family string) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for i := 0; i < len(given); i++ {
		h = (h ^ uint64(lower(given[i]))) * prime
	}
	h *= prime // a zero byte between the two
	for i := 0; i < len(family); i++ {
		h = (h ^ uint64(lower(family[i]))) * prime
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return max(h^h>>33, 1)
}

func lower(b byte) byte {
	if capital(b) {
		return b + 'a' - 'A'
	}
	return b
}

// sighting is one record under the key by which a check compares.
type sighting struct {
	key   uint64
	extra civil.Date
	index uint32
}

// offence is one record that a check of the whole file reports, with one of
// those that it collides with.
type offence struct{ index, other, check uint32 }

// fileCheck is a check that compares the records of a file.
type fileCheck struct {
	// key is what it compares; ok is false where the record has nothing to compare.
	key func(*seenRecords, *seenRecord, *CheckRow) (key uint64, extra civil.Date, ok bool)
	// meet says that two records with the same key offend.
	meet func(s *seenRecords, a, b *seenRecord) bool
	// field and say make the finding.
	field Field
	say   func(s *seenRecords, rec, other *seenRecord) (value, what string)
}

// Finish reports what is wrong with the file as a whole: records that stand
// twice, one finding for each offending record, in the order of the file. Call
// it once, after the last record.
func (c *Checker) Finish(emit func(Finding)) {
	if c.seen == nil || c.seen.count < 2 {
		return
	}
	var offences []offence
	sightings := make([]sighting, 0, c.seen.count)
	for n, check := range c.e.finish {
		sightings = c.seen.sightings(sightings[:0], check)
		offences = c.seen.offences(offences, sightings, check, uint32(n))
	}
	slices.SortFunc(offences, func(a, b offence) int {
		if d := cmp.Compare(c.seen.at(a.index).position, c.seen.at(b.index).position); d != 0 {
			return d
		}
		return cmp.Compare(a.check, b.check)
	})
	for _, o := range offences {
		check, rec := c.e.finish[o.check], c.seen.at(o.index)
		value, what := check.all.say(c.seen, rec, c.seen.at(o.other))
		emit(Finding{
			Check: check.row.ID, Priority: check.row.Priority, Record: c.seen.idText(rec), Position: int(rec.position),
			Field: check.all.field, Value: value, Message: what + " " + check.row.Do,
		})
	}
}

func (s *seenRecords) sightings(out []sighting, check boundCheck) []sighting {
	for i := uint32(0); i < uint32(s.count); i++ {
		if key, extra, ok := check.all.key(s, s.at(i), check.row); ok {
			out = append(out, sighting{key, extra, i})
		}
	}
	slices.SortFunc(out, func(a, b sighting) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		if a.extra != b.extra {
			return a.extra.DaysSince(b.extra)
		}
		return cmp.Compare(a.index, b.index)
	})
	return out
}

// offences walks the runs of equal keys, each once. Every record of a run is
// compared with the first, and where the two do not offend together, with the
// first that offends with the first: one of the two is its partner if any is,
// because to be the same person is all or nothing.
func (s *seenRecords) offences(out []offence, sorted []sighting, check boundCheck, n uint32) []offence {
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to].key == sorted[from].key && sorted[to].extra == sorted[from].extra {
			to++
		}
		run := sorted[from:to]
		from = to
		first := run[0].index
		meets := func(a, b uint32) bool { return check.all.meet(s, s.at(a), s.at(b)) }
		partner := slices.IndexFunc(run[1:], func(other sighting) bool { return meets(first, other.index) })
		if partner < 0 {
			continue
		}
		second := run[partner+1].index
		out = append(out, offence{first, second, n})
		for _, one := range run[1:] {
			if meets(one.index, first) {
				out = append(out, offence{one.index, first, n})
			} else if meets(one.index, second) {
				out = append(out, offence{one.index, second, n})
			}
		}
	}
	return out
}

// fileChecks names the checks that compare the records of a file.
func fileChecks() map[string]*fileCheck {
	return map[string]*fileCheck{
		"902": {
			key: func(s *seenRecords, rec *seenRecord, row *CheckRow) (uint64, civil.Date, bool) {
				excepted := row.Param == "G" && rec.uln&flagG != 0
				return s.idKey(rec), civil.Date{}, rec.id != noID && !excepted
			},
			meet:  func(s *seenRecords, a, b *seenRecord) bool { return s.sameID(a, b) },
			field: YoungPersonsID,
			say: func(s *seenRecords, rec, other *seenRecord) (string, string) {
				id := s.idText(rec)
				return id, fmt.Sprintf("YoungPersonsID %q stands on record %d of this file too.", id, other.position)
			},
		},
		"907": {
			key: func(s *seenRecords, rec *seenRecord, row *CheckRow) (uint64, civil.Date, bool) {
				uln := rec.uln & ulnNumber
				return uln, civil.Date{}, uln != 0 && rec.uln&flagM == 0
			},
			meet:  func(s *seenRecords, a, b *seenRecord) bool { return !s.sameID(a, b) },
			field: UniqueLearnerNo,
			say: func(s *seenRecords, rec, other *seenRecord) (string, string) {
				uln := fmt.Sprintf("%010d", rec.uln&ulnNumber)
				return uln, fmt.Sprintf("Unique learner number %s also stands on record %d of this file, for YoungPersonsID %q.", uln, other.position, s.idText(other))
			},
		},
		"908": {
			key: func(s *seenRecords, rec *seenRecord, row *CheckRow) (uint64, civil.Date, bool) {
				return rec.names, rec.born, rec.names != 0
			},
			meet:  func(s *seenRecords, a, b *seenRecord) bool { return true },
			field: PersonalDetailsNode,
			say: func(s *seenRecords, rec, other *seenRecord) (string, string) {
				return rec.born.String(), fmt.Sprintf("Record %d of this file (YoungPersonsID %q) has the same given name, family name and date of birth.", other.position, s.idText(other))
			},
		},
	}
}
