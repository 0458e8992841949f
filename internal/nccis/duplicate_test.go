package nccis

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func fileOf(t *testing.T, edition string, changes ...func(*Record, Header)) []Finding {
	t.Helper()
	req := MustLoad()
	e, ok := req.Edition(edition)
	if !ok {
		t.Fatal(edition)
	}
	h := headerFor(e)
	var records []*Record
	for i, change := range changes {
		r := sound(e, h)
		r.Position = i + 1
		r.Values[YoungPersonsID] = fmt.Sprintf("991%010d", i+1)
		r.Values[UniqueLearnerNo] = ""
		r.Values[GivenName] = "Given" + strings.Repeat("x", i)
		change(r, h)
		records = append(records, r)
	}
	return findings(req.NewChecker(e, h), records...)
}

func marks(found []Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s@%d", f.Check, f.Position))
	}
	return strings.Join(out, " ")
}

func TestRecordsThatStandTwice(t *testing.T) {
	same := func(pairs ...any) func(*Record, Header) { return set(pairs...) }
	id, odd, uln := "9910000000777", "99100000007A7", "1000053147"
	for _, c := range []struct {
		name, edition, want string
		changes             []func(*Record, Header)
	}{
		{"none", "2026-27", "", []func(*Record, Header){same(), same(), same()}},
		{"an identifier twice", "2026-27", "902@1 902@3", []func(*Record, Header){same(YoungPersonsID, id), same(), same(YoungPersonsID, id)}},
		{"three times", "2026-27", "902@1 902@2 902@3", []func(*Record, Header){same(YoungPersonsID, id), same(YoungPersonsID, id), same(YoungPersonsID, id)}},
		{"one that is badly formed", "2026-27", "1@1 1@2 902@1 902@2", []func(*Record, Header){same(YoungPersonsID, odd), same(YoungPersonsID, odd)}},
		{"missing ones are not the same", "2026-27", "1@1 1@2", []func(*Record, Header){same(YoungPersonsID, ""), same(YoungPersonsID, "")}},
		{"status G may repeat", "2026-27", "", []func(*Record, Header){same(YoungPersonsID, id), same(YoungPersonsID, id, CohortStatus, "G")}},
		{"but not in 2015-16", "2015-16", "902@1 902@2", []func(*Record, Header){same(YoungPersonsID, id), same(YoungPersonsID, id, CohortStatus, "G")}},
		{"a learner number twice", "2026-27", "907@1 907@2", []func(*Record, Header){same(UniqueLearnerNo, uln), same(UniqueLearnerNo, uln)}},
		{"on one that is a duplicate", "2026-27", "", []func(*Record, Header){same(UniqueLearnerNo, uln), same(UniqueLearnerNo, uln, CohortStatus, "M")}},
		{"on one person only", "2026-27", "902@1 902@2", []func(*Record, Header){same(UniqueLearnerNo, uln, YoungPersonsID, id), same(UniqueLearnerNo, uln, YoungPersonsID, id)}},
		{"on one person twice and another", "2026-27", "902@1 907@1 902@2 907@2 907@3", []func(*Record, Header){
			same(UniqueLearnerNo, uln, YoungPersonsID, id), same(UniqueLearnerNo, uln, YoungPersonsID, id), same(UniqueLearnerNo, uln)}},
		{"without identifiers", "2026-27", "1@1 1@2 907@1 907@2", []func(*Record, Header){
			same(UniqueLearnerNo, uln, YoungPersonsID, ""), same(UniqueLearnerNo, uln, YoungPersonsID, "")}},
		{"the temporary number", "2026-27", "", []func(*Record, Header){same(UniqueLearnerNo, "9999999999"), same(UniqueLearnerNo, "9999999999")}},
		{"name and birth date", "2026-27", "908@1 908@2", []func(*Record, Header){same(GivenName, "Ida"), same(GivenName, "IDA")}},
		{"another birth date", "2026-27", "", []func(*Record, Header){same(GivenName, "Ida"), same(GivenName, "Ida", DOB, "2010-03-15")}},
		{"the letters on the other name", "2026-27", "", []func(*Record, Header){same(GivenName, "Ida", FamilyName, "Bell"), same(GivenName, "IdaB", FamilyName, "ell")}},
		{"without a birth date", "2026-27", "8@1 8@2", []func(*Record, Header){same(GivenName, "Ida", DOB, ""), same(GivenName, "Ida", DOB, "")}},
	} {
		if got := marks(fileOf(t, c.edition, c.changes...)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	found := fileOf(t, "2026-27", set(YoungPersonsID, odd, UniqueLearnerNo, uln), set(UniqueLearnerNo, uln))
	last := found[len(found)-1]
	if last.Check != "907" || last.Record != "9910000000002" || last.Value != uln || last.Field != UniqueLearnerNo || !strings.Contains(last.Message, odd) || last.Priority != 1 {
		t.Errorf("%+v", last)
	}
	if got := with(fileOf(t, "2026-27", set(YoungPersonsID, "0010000000001"), set(YoungPersonsID, "0010000000001")), "902"); len(got) != 2 || got[0].Record != "0010000000001" {
		t.Errorf("the noughts at the front are lost: %+v", got)
	}
}

func TestRecordsOnlyComparesNothing(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	if found := findings(req.NewChecker(e, h, RecordsOnly()), sound(e, h), sound(e, h)); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// A file of one record over and over is the worst that the comparison can meet.
func TestManyDuplicatesTakeLinearTime(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	c := req.NewChecker(e, h)
	r := sound(e, h)
	const n = 200_000
	for i := range n {
		r.Position = i + 1
		c.Record(r, func(f Finding) { t.Fatalf("%+v", f) })
	}
	count := map[string]int{}
	at := 0
	c.Finish(func(f Finding) {
		count[f.Check]++
		if f.Position < at {
			t.Fatalf("record %d after record %d", f.Position, at)
		}
		at = f.Position
	})
	if count["902"] != n || count["908"] != n || count["907"] != 0 {
		t.Errorf("%v", count)
	}
}

func TestMemoryForAMillionRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("a million records")
	}
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	r := sound(e, h)
	c := req.NewChecker(e, h)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var s seenRecords
	for range 1_000_000 {
		r.Values[YoungPersonsID] = "9910000000001"
		s.add(r, c.dob)
	}
	row := c.e.finish[0]
	list := s.sightings(make([]sighting, 0, s.count), row)
	runtime.ReadMemStats(&after)
	if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 60 {
		t.Errorf("%d MB for a million records", grown)
	}
	if !slices.IsSortedFunc(list, func(a, b sighting) int { return int(a.index) - int(b.index) }) {
		t.Error("equal keys are not in the order of the file")
	}
}

func BenchmarkRecordClean(b *testing.B) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	r := sound(e, h)
	c := req.NewChecker(e, h, RecordsOnly())
	b.ReportAllocs()
	for b.Loop() {
		c.Record(r, func(f Finding) { b.Fatalf("%+v", f) })
	}
}

// A million sound records and the comparison at the end.
func BenchmarkMillionRecords(b *testing.B) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	r := sound(e, h)
	b.ReportAllocs()
	for b.Loop() {
		c := req.NewChecker(e, h)
		for i := range 1_000_000 {
			distinct(r, i)
			c.Record(r, func(f Finding) { b.Fatalf("%+v", f) })
		}
		c.Finish(func(f Finding) { b.Fatalf("%+v", f) })
	}
}

// distinct changes a record so that it is like no other.
func distinct(r *Record, i int) {
	var text [33]byte
	copy(text[:], "9910000000000"+"1000000000"+"Fxxxxxxxxx")
	for k := range 9 {
		d := byte(i % 10)
		i /= 10
		text[12-k], text[22-k], text[32-k] = '0'+d, '0'+d, 'a'+d
	}
	all := string(text[:])
	r.Values[YoungPersonsID], r.Values[UniqueLearnerNo], r.Values[FamilyName] = all[:13], all[13:23], all[23:]
	r.Position++
}

func TestCleanRecordAllocatesNothing(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	r := sound(e, h)
	r.Characteristics = []string{"110", "160"}
	c := req.NewChecker(e, h, RecordsOnly())
	if n := testing.AllocsPerRun(100, func() { c.Record(r, func(f Finding) { t.Fatalf("%+v", f) }) }); n != 0 {
		t.Errorf("%v allocations for a clean record", n)
	}
}
