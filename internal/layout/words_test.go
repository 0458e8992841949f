package layout

import (
	"slices"
	"strings"
	"testing"

	"waymark/internal/nccis"
)

func TestWordsBecomeCodes(t *testing.T) {
	w := latestWords(t)
	for _, c := range []struct {
		list List
		said string
		code string
		how  How
	}{
		{Activities, "A levels @ Northshore", "210", ByTokens},
		{Activities, "A-Levels at Northshore Sixth Form College", "220", ByTokens},
		{Activities, "A LEVELS, Heron College", "230", ByTokens},
		{Activities, "job", "330", ByPhrase},
		{Activities, "Appr. L2", "310", ByTokens},
		{Activities, "Apprenticeship - Bricklaying (Level 3)", "310", ByTokens},
		{Activities, "looking for an apprenticeship", "619", ByTokens},
		{Activities, "BTEC L3 FT", "230", ByTokens},
		{Activities, "BTEC Level 3 (part-time)", "250", ByTokens},
		{Activities, "traineeship", "450", ByCode},
		{Activities, "gap year", "260", ByCode},
		{Activities, "NEET", "619", ByProposal},
		{Activities, "NEET - young carer", "620", ByPhrase},
		{Activities, "in custody", "710", ByProposal},
		{Activities, "moved abroad", "810", ByProposal},
		{Activities, "unknown", "810", ByPhrase},
		{Activities, "230", "230", ByCode},
		{Activities, "230 - Full-time education, further education", "230", ByCode},
		{Activities, "Self-Employed", "380", ByPhrase},
		{Activities, "not employed", "", ""},
		{Activities, "EET", "", "ask"},
		{Activities, "flurble", "", ""},
		{Activities, "720", "", ""}, // withdrawn in April 2018
		{LeavingReasons, "left - job", "job", ByPhrase},
		{LeavingReasons, "left – job", "job", ByPhrase},
		{LeavingReasons, "Left: gained employment at a shop", "job", ByTokens},
		{IntendedDestinations, "Sixth Form here", "111", ByPhrase},
		{IntendedDestinations, "Apprenticeship", "211", ByPhrase},
		{Offers, "Conditional offer", "110", ByPhrase},
		{Offers, "Y", "110", ByPhrase},
		{Ethnicities, "WBRI", "WBRI", ByCode},
		{Ethnicities, "wirt", "WROM", ByPhrase},
		{Ethnicities, "White - British", "WBRI", ""},
		{Sexes, "girl", "F", ByPhrase},
		{Plans, "E", "Y", ByPhrase},
		{Plans, "K", "N", ByPhrase},
		{Characteristics, "LAC", "110", ByPhrase},
		{Modes, "Full-Time", "FT", ByPhrase},
	} {
		tr, ok := w.Translate(c.list, c.said)
		if tr.Code != c.code || tr.How != c.how && c.how != "" || ok != (c.code != "") {
			t.Errorf("%s “%s” became %q by %q (%v), expected %q by %q", c.list, c.said, tr.Code, tr.How, ok, c.code, c.how)
		}
		if ok && tr.Why == "" {
			t.Errorf("%s “%s”: no reason is given", c.list, c.said)
		}
	}
}

func TestOwnTableWins(t *testing.T) {
	w := latestWords(t, OwnWord{Activities, "The Barn", "530"}, OwnWord{Activities, "A Levels", "220"}, OwnWord{Activities, "job", ""})
	for said, want := range map[string]string{"the barn": "530", "THE-BARN": "530", "a levels": "220", "A levels @ Northshore": "210", "Job": ""} {
		if tr, _ := w.Translate(Activities, said); tr.Code != want {
			t.Errorf("“%s” became %q, not %q", said, tr.Code, want)
		}
	}
	if _, err := NewWords(nccis.MustLoad().Editions()[4], []OwnWord{{Activities, "asylum", "720"}}); err == nil || !strings.Contains(err.Error(), "asylum") {
		t.Errorf("a code that the edition does not have was taken: %v", err)
	}
	if _, err := NewWords(nil, []OwnWord{{"colours", "red", "1"}}); err == nil {
		t.Error("a list that does not exist was taken")
	}
}

// TestEveryCodeShippedHolds sees that each code of words.csv and reason.csv is
// one of the latest edition, and each further fact one of an item.
func TestEveryCodeShippedHolds(t *testing.T) {
	w := latestWords(t)
	look := func(list List, row wordRow) {
		if row.code != "" && !w.holds(list, row.code) {
			t.Errorf("%s: %s does not hold", list, row.code)
		}
		for _, fact := range strings.Fields(row.also) {
			name, code, _ := strings.Cut(fact, "=")
			if item, ok := ParseItem(name); !ok || !w.holds(item.List(), code) {
				t.Errorf("%s %s: also %s", list, row.code, fact)
			}
		}
	}
	for list, rows := range shipped().words.phrases {
		for _, row := range rows {
			look(list, row)
		}
	}
	for list, rows := range shipped().words.tokens {
		for _, row := range rows {
			look(list, row)
		}
	}
	for _, r := range shipped().reasons {
		if code, _ := w.ActivityAfter(r.code); !w.holds(Activities, code) {
			t.Errorf("%s means %s, which does not hold", r.code, code)
		}
	}
	if code, said := w.ActivityAfter("job"); code != "330" || !said {
		t.Errorf("left for a job means %s", code)
	}
	if code, said := w.ActivityAfter("withdrawn"); code != "810" || said {
		t.Errorf("withdrawn means %s", code)
	}
}

// TestKinds holds the kinds of issue 4, and what is said of those without a layout.
func TestKinds(t *testing.T) {
	for _, id := range strings.Fields(`pupil-list intended-destinations september-guarantee enrolment starters-leavers full-roll ilr-learners ilr-destinations
		apprenticeship-starts care youth-justice send health attendance exclusions suspensions ks4 claimants dfe-duplicates dfe-claimants ucas lrs dwp people`) {
		k, ok := FindKind(id)
		if !ok {
			t.Errorf("there is no kind %s", id)
			continue
		}
		unknown := slices.Contains([]string{"ucas", "lrs", "dwp", "dfe-duplicates", "dfe-claimants"}, id)
		if k.Known == unknown || unknown != strings.Contains(k.Describe(), "mapped by hand once") {
			t.Errorf("%s: known is %v, and it says %q", id, k.Known, k.Describe())
		}
		if len(k.May) == 0 || k.EvidenceKind == "" || k.Grade == "" || len(k.Items) < 8 || len(k.Required) < 2 {
			t.Errorf("%s is not whole: %+v", id, k)
		}
		if k.DefaultActivity != "" && !latestWords(t).holds(Activities, k.DefaultActivity) {
			t.Errorf("%s: %s is no activity", id, k.DefaultActivity)
		}
	}
	for _, id := range []string{"claimants", "dwp", "dfe-claimants"} {
		k, _ := FindKind(id)
		if !strings.Contains(k.Restriction, "s.15") || k.MayChange("activity") {
			t.Errorf("%s is not restricted as section 15 has it", id)
		}
	}
	for _, id := range []string{"attendance", "exclusions", "suspensions", "ks4"} {
		if k, _ := FindKind(id); !slices.Equal(k.May, []string{"signals"}) {
			t.Errorf("%s may change %v; it is kept apart", id, k.May)
		}
	}
	if k, _ := FindKind("intended-destinations"); k.List(Destination) != IntendedDestinations {
		t.Error("the destination of Year 11 is not an intended one")
	}
	if k, _ := FindKind("starters-leavers"); k.List(Destination) != Activities {
		t.Error("the destination of a leaver is not an activity")
	}
}

func TestItemsHaveNames(t *testing.T) {
	for _, i := range Items() {
		if i.String() == "" || i.Words() == "" {
			t.Errorf("item %d has no name", i)
		}
		if back, ok := ParseItem(i.String()); !ok || back != i {
			t.Errorf("%s is read as %s", i, back)
		}
	}
	var i Item
	if err := i.UnmarshalText([]byte("Colour")); err == nil {
		t.Error("a name of no item was taken")
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		said  string
		order DateOrder
		birth bool
		date  string
		fault string
	}{
		{"2009-02-03", "", true, "2009-02-03", ""}, {"03/02/2009", "", true, "2009-02-03", ""}, {"03/02/2009", MonthFirst, true, "2009-03-02", ""},
		{"3.2.09", "", true, "2009-02-03", ""}, {"3 Feb 2009", "", true, "2009-02-03", ""}, {"Tuesday 3rd of February 2009", "", true, "2009-02-03", ""},
		{"February 3, 2009", "", true, "2009-02-03", ""}, {"03-Sept-09", "", true, "2009-09-03", ""}, {"20090203", "", true, "2009-02-03", ""},
		{"03022009", "", true, "2009-02-03", ""}, {"3022009", "", true, "2009-02-03", ""}, {"030209", "", true, "2009-02-03", ""},
		{"2009-02-03 00:00:00", "", true, "2009-02-03", ""}, {"2009-02-03T00:00:00Z", "", true, "2009-02-03", ""}, {"03/02/2009 12:30", "", true, "2009-02-03", ""},
		{"2009/2/3", MonthFirst, true, "2009-02-03", ""}, {"39847", "", true, "2009-02-03", ""}, {"39847.0", "", true, "2009-02-03", ""},
		{"45000", "", false, "2023-03-15", ""}, {"25/12/2008", MonthFirst, true, "2008-12-25", ""}, {"1909-02-03", "", true, "2009-02-03", ""},
		{"03/02/0009", "", true, "2009-02-03", ""}, {"1/9/26", "", false, "2026-09-01", ""}, {"03/02/99", "", true, "", "dob-not-young"},
		{"31/02/2009", "", true, "", "no-such-day"}, {"29/02/2009", "", true, "", "no-such-day"}, {"29/02/2008", "", true, "2008-02-29", ""},
		{"Feb 2009", "", true, "", "no-day"}, {"3 Feb", "", true, "", "no-year"}, {"########", "", true, "", "date-hashes"}, {"3.9847E+04", "", true, "", "date-lost"},
		{"01/02/2009 & 03/04/2010", "", true, "", "two-people"}, {"Ana", "", true, "", "not-a-date"}, {"QX1 1AB", "", true, "", "wrong-column"},
		{"03/02/2031", "", true, "", "dob-in-future"}, {"00/00/0000", "", true, "", "no-such-day"}, {"1/9/2126", "", false, "", "date-far-ahead"},
	} {
		got := readDate(c.said, c.order, c.birth, asAt)
		if got.fault != c.fault || c.fault == "" && got.date.String() != c.date {
			t.Errorf("%q %s: %s, fault %q; expected %s, fault %q", c.said, c.order, got.date, got.fault, c.date, c.fault)
		}
		if got.fault != "" && dateFaults[got.fault] == "" || got.told != "" && dateFaults[got.told] == "" {
			t.Errorf("%q: %s %s has no words", c.said, got.fault, got.told)
		}
	}
}

func TestPlainWords(t *testing.T) {
	for said, want := range map[string]string{"LearnStartDate": "learn start date", "Stu_DOB": "stu dob", "D.O.B.": "dob", "UPN No": "upn no", "Postcode (home)": "postcode home",
		"Level 2": "l2", "A Levels": "alevel", "Full-time": "ft", "e-mail": "email", "ULNs": "uln", "Parent/Carer's Tel. No.": "parent carer telephone no", "": "", "é": "é"} {
		if got := plain(said); got != want {
			t.Errorf("%q is %q, not %q", said, got, want)
		}
		if again := plain(plain(said)); again != plain(said) {
			t.Errorf("%q is %q, and that again %q", said, plain(said), again)
		}
	}
}
