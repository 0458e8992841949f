package report

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// published reads one of the files of figures that the Department published,
// or skips.
func published(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Log("NOT TESTED AGAINST PUBLISHED FIGURES: ", err)
		t.Skip(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, column := range rows[0] {
			m[column] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func num(t *testing.T, row map[string]string, column string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(row[column], 64)
	if err != nil {
		t.Fatalf("%s is %q", column, row[column])
	}
	return v
}

// one rounds to one decimal, half up, as published.
func one(v float64) float64 { return math.Floor(v*10+0.5+1e-9) / 10 }

// wantPercent holds a share against the published one. National counts are
// published to the nearest ten, so the count that was divided may be up to five
// away: the published share must be one that some such count has. exact says
// that the count as published has it too.
func wantPercent(t *testing.T, what string, part, whole, want float64) (exact bool) {
	t.Helper()
	got, ok := Percent(part, whole)
	low, _ := Percent(part-5, whole+5)
	high, _ := Percent(part+5, whole-5)
	if part == whole {
		low, high = 100, 100
	}
	if !ok || want < one(low) || want > one(high) {
		t.Errorf("%s: %v of %v is %.4f, published as %v", what, part, whole, got, want)
	}
	// The tidy table's own arithmetic, in whole numbers, is the same.
	row := Row{sum: int64(part), of: int64(whole), months: 1}
	if v, err := strconv.ParseFloat(row.OneDecimal(), 64); err != nil || v != one(got) || math.Abs(row.Float()-got) > 0.0000005 {
		t.Errorf("%s: the table has %s of %v of %v, which is %v", what, row.Value(), part, whole, got)
	}
	return one(got) == want
}

func TestPublishedNEET(t *testing.T) {
	rows := published(t, "dfe_ees_preview_rows.csv")
	exact := 0
	for _, r := range rows {
		what := r["year"] + " " + r["age"] + " " + r["characteristic"]
		for count, percent := range map[string]string{"neet_n": "neet_pct", "nk_n": "nk_pct", "neet_nk_n": "neet_nk_pct"} {
			if wantPercent(t, what+" "+count, num(t, r, count), num(t, r, "cohort"), num(t, r, percent)) {
				exact++
			}
		}
	}
	// Two of the thirty stand within a hundredth of a point of the middle.
	if exact < 3*len(rows)-2 {
		t.Errorf("%d of %d shares are as published", exact, 3*len(rows))
	}
	// The change on the year before, where both years are in the file. Counts
	// are published to the nearest ten, which moves the change by less than 0.01.
	for _, r := range rows {
		for _, b := range rows {
			if r["year"] == "2026" && b["year"] == "2025" && r["age"] == b["age"] && r["characteristic"] == b["characteristic"] {
				got, ok := ChangeInPoints(num(t, r, "neet_nk_n"), num(t, r, "cohort"), num(t, b, "neet_nk_n"), num(t, b, "cohort"))
				if want := num(t, r, "annual_change_neet_nk_ppt"); !ok || math.Abs(got-want) > 0.06 {
					t.Errorf("%s %s: changed by %.4f points, published as %v", r["age"], r["characteristic"], got, want)
				}
			}
		}
	}
}

func TestPublishedParticipation(t *testing.T) {
	for _, r := range published(t, "dfe_ees_participation_preview_rows.csv") {
		if !wantPercent(t, r["year"]+" "+r["age_or_grouping"]+" "+r["type_or_characteristic"], num(t, r, "number"), num(t, r, "cohort"), num(t, r, "percent")) {
			t.Errorf("%v: not as published", r)
		}
	}
}

func TestPublishedSeptemberGuarantee(t *testing.T) {
	for _, r := range published(t, "dfe_sept_guarantee_2022_unrounded.csv") {
		cohort, sum := num(t, r, "cohort"), 0.0
		for count, percent := range map[string]string{"offer_made_n": "offer_made_pct", "col3_n": "col3_pct", "col4_n": "col4_pct", "col5_n": "col5_pct"} {
			n := num(t, r, count)
			sum += n
			// Published with nine digits, so six decimals must be the same.
			row := Row{sum: int64(n), of: int64(cohort), months: 1}
			if got := row.Float(); math.Abs(got-num(t, r, percent)) > 0.000001 {
				t.Errorf("%s %s: %s, published as %s", r["area"], count, row.Value(), r[percent])
			}
		}
		if sum != cohort {
			t.Errorf("%s: the four come to %v of %v", r["area"], sum, cohort)
		}
	}
}

// Every placement that the Department published agrees with the rule. Values
// are published to one decimal, so of equal values any order may be right: a
// placement is wrong where no order of equals could give it.
func TestPublishedQuintiles(t *testing.T) {
	rows := published(t, "dfe_la_scorecard_2021_2025.csv")
	indicators := map[string]string{
		"neet_not_known_percent": "neet_nk_quintile", "neet_percent": "neet_quintile", "notknown_percent": "notknown_quintile",
		"total_participating_in_education_and_training_percent": "participation_et_quintile", "september_guarantee_offer_made_percent": "sep_guarantee_quintile",
	}
	placed := 0
	for _, year := range []string{"2021", "2022", "2023", "2024", "2025"} {
		for indicator, column := range indicators {
			var values []float64
			var groups []int
			for _, r := range rows {
				if r["time_period"] != year || r["geographic_level"] != "Local authority" {
					continue
				}
				v, err := strconv.ParseFloat(r[indicator], 64)
				g, bad := strconv.Atoi(r[column])
				if err != nil || bad != nil {
					if err == nil || bad == nil {
						t.Errorf("%s %s %s: %q in quintile %q", year, r["la_name"], indicator, r[indicator], r[column])
					}
					continue
				}
				values, groups = append(values, v), append(groups, g)
			}
			turned := year >= "2024" && (column == "participation_et_quintile" || column == "sep_guarantee_quintile")
			placed += holdsQuintiles(t, year+" "+indicator, values, groups, turned)
		}
	}
	if placed != 3753 {
		t.Errorf("%d placements were tried; 3,753 are published", placed)
	}
}

func holdsQuintiles(t *testing.T, what string, values []float64, groups []int, turned bool) int {
	t.Helper()
	ours := Quintiles(values)
	if turned {
		ours = BestFirst(ours)
	}
	var sizes, published [6]int
	least, most := map[float64]int{}, map[float64]int{}
	for i, v := range values {
		sizes[ours[i]]++
		published[groups[i]]++
		if least[v] == 0 || ours[i] < least[v] {
			least[v] = ours[i]
		}
		most[v] = max(most[v], ours[i])
	}
	if sizes != published {
		t.Errorf("%s: groups of %v, published with %v", what, sizes[1:], published[1:])
	}
	for i, v := range values {
		if groups[i] < least[v] || groups[i] > most[v] {
			t.Errorf("%s: %v is in group %d to %d, published in %d", what, v, least[v], most[v], groups[i])
		}
	}
	return len(values)
}

func TestPublishedQuintileBounds(t *testing.T) {
	rows := published(t, "dfe_la_scorecard_2021_2025.csv")
	same, all := 0, 0
	for _, b := range published(t, "dfe_la_scorecard_quintile_bounds.csv") {
		var values []float64
		for _, r := range rows {
			if v, err := strconv.ParseFloat(r[b["indicator"]], 64); err == nil && r["time_period"] == b["year"] && r["geographic_level"] == "Local authority" {
				values = append(values, v)
			}
		}
		got, ok := QuintileBounds(values)
		if !ok {
			t.Fatalf("%s %s: no values", b["year"], b["indicator"])
		}
		for i, column := range []string{"q1_upper", "q2_upper", "q3_upper", "q4_upper"} {
			all++
			if math.Abs(got[i+1]-num(t, b, column)) < 0.051 {
				same++
			}
		}
	}
	if all != 100 || same < 98 {
		t.Errorf("%d of %d bounds are as published, to one decimal; 98 are known to be", same, all)
	}
}

func TestEdgesOfNumbers(t *testing.T) {
	if _, ok := Percent(0, 0); ok {
		t.Error("nobody of nobody has a percentage")
	}
	if got := (&Row{sum: 1, of: 3, months: 1}).Value(); got != "33.333333" {
		t.Error(got)
	}
	if got := (&Row{sum: 2, of: 3, months: 1}).Value(); got != "66.666667" {
		t.Error(got)
	}
	r := &Row{sum: 100, of: 3626, months: 3}
	if r.Numerator() != "33.333333" || r.Denominator() != "1208.666667" || r.Value() != "2.757860" || r.People() != 33 {
		t.Errorf("%s %s %s %d", r.Numerator(), r.Denominator(), r.Value(), r.People())
	}
	if got := (&Row{sum: 5, of: 40, months: 2}).Numerator(); got != "2.5" {
		t.Error(got)
	}
	if got := change(1, 3, 2, 3); got.String() != "-33.333333" {
		t.Error(got)
	}
	for sum, marked := range map[int64]bool{0: false, 1: true, 5: true, 6: false, 95: true, 100: false, 94: false} {
		if got := (&Row{sum: sum, of: 100, months: 1}).NotForPublication(); sum != 100 && got != marked && sum < 95 || sum == 95 && !got {
			t.Errorf("%d of 100: not for publication is %v", sum, got)
		}
	}
	if combined.bit() != facetCount-1 {
		t.Errorf("the last facet is %d of %d", combined.bit(), facetCount)
	}
	for _, bad := range []string{"", "2026", "2026-13", "2026-02/2025-12", "2024-01/2026-02", "2026-02/", "February"} {
		if p, err := ParsePeriod(bad); err == nil {
			t.Errorf("%q was read as %v", bad, p)
		}
	}
	if p, err := ParsePeriod("2025-12/2026-02"); err != nil || p != DecemberToFebruary(2026) || p.String() != "2025-12/2026-02" {
		t.Error(p, err)
	}
}
