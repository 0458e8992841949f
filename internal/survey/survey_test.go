package survey

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/season"
	_ "waymark/test/draws"
)

// Every code of every edition stands in one column, so that a line's columns
// always come to its total.
func TestEveryActivityHasOneColumn(t *testing.T) {
	columns, err := Columns()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range nccis.MustLoad().Editions() {
		for _, a := range e.Activities() {
			in := 0
			for _, c := range columns {
				for _, code := range c.codes {
					if code == a.Code {
						in++
					}
				}
			}
			if in != 1 {
				t.Errorf("%s: the activity %s stands in %d columns", e.Name, a.Code, in)
			}
		}
	}
	for _, bad := range []string{"", "key,heading,codes\n", "key,heading,codes,mark,note\na,A,210,P,\nb,B,210 *,P,\n", "key,heading,codes,mark,note\na,A,210,P,\n"} {
		if _, err := parseColumns(bad); err == nil {
			t.Errorf("a definition of columns is taken that cannot be: %q", bad)
		}
	}
}

// Who counts on 1 November, told anew: of the spells that were on that day the
// one that began last, if a confirmation of it was still good.
func TestTheStateOnTheDayAgainstAPlainRecount(t *testing.T) {
	e, _ := nccis.MustLoad().EditionOn(Reference(2026))
	on, codes := Reference(2026), []string{"230", "310", "330", "620"}
	rapid.Check(t, func(t *rapid.T) {
		l := &life.Life{}
		want, began := "", civil.Date{}
		for k := range rapid.IntRange(0, 4).Draw(t, "spells") {
			started := civil.MustParse("2026-06-01").AddDays(rapid.IntRange(0, 220).Draw(t, "started"))
			s := fact.Of[activity.Spell]{Version: fact.Version{ID: id.Fact(k + 1), Started: started.String()}, Is: activity.Spell{Activity: rapid.SampledFrom(codes).Draw(t, "code")}}
			ended := civil.Date{}
			if rapid.Bool().Draw(t, "ends") {
				ended = started.AddDays(rapid.IntRange(0, 120).Draw(t, "days"))
				s.Ended = ended.String()
			}
			l.Spells = append(l.Spells, s)
			confirmed := ""
			if rapid.Bool().Draw(t, "confirmed") {
				confirmed = started.AddDays(rapid.IntRange(0, 60).Draw(t, "confirmed on")).String()
				l.Verifications = append(l.Verifications, fact.Of[activity.Verification]{Is: activity.Verification{Spell: s.ID, Verified: confirmed}})
			}
			wasOn := !started.After(on) && (ended.IsZero() || !ended.Before(on))
			if !wasOn || started.Before(began) {
				continue
			}
			began, want = started, ""
			if confirmed == "" {
				continue
			}
			lapses, _ := e.Lapse(nccis.ActivityFacts{Code: s.Is.Activity, Verified: civil.MustParse(confirmed), Started: started})
			if lapses.IsZero() || !lapses.Before(on) {
				want = s.Is.Activity
			}
		}
		if got := Confirmed(l, e, on); got != want {
			t.Fatalf("%q counts, not %q: %+v", got, want, l.Spells)
		}
	})
}

// The file adds up: each line's columns to its total, the totals to the cohort.
func TestTheFileAddsUp(t *testing.T) {
	columns, err := Columns()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		st := &State{Year: 2026, Columns: columns}
		for k := range rapid.IntRange(0, 60).Draw(t, "people") {
			code := rapid.SampledFrom([]string{"", "210", "230", "310", "619", "810", "999"}).Draw(t, "code")
			school := season.School{Number: rapid.SampledFrom([]string{"9954001", "", "9954002"}).Draw(t, "number"), Name: rapid.SampledFrom([]string{"=Dune, Academy", "Fen School", ""}).Draw(t, "name")}
			st.People = append(st.People, Person{season.Member{Person: id.YoungPerson(k + 1), School: school, Sex: rapid.SampledFrom([]string{"F", "M", ""}).Draw(t, "sex")}, code, columnOf(columns, code)})
		}
		var b bytes.Buffer
		if err := st.WriteCSV(&b, "995"); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) == 0 || len(rows[0]) != 5+len(columns) {
			t.Fatalf("the file cannot be read back: %v", err)
		}
		all, seen := 0, map[string]bool{}
		for _, row := range rows[1:] {
			total, _ := strconv.Atoi(row[4])
			sum := 0
			for _, cell := range row[5:] {
				n, err := strconv.Atoi(cell)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
			if key := fmt.Sprint(row[1:4]); total == 0 || sum != total || seen[key] {
				t.Fatalf("the line %v has %d of %d, or stands twice", row[:5], sum, total)
			} else {
				seen[key] = true
			}
			if row[2] != "" && row[2][0] == '=' {
				t.Fatalf("a name that is a formula: %q", row[2])
			}
			all += total
		}
		if all != len(st.People) {
			t.Fatalf("the file holds %d of %d", all, len(st.People))
		}
	})
}
