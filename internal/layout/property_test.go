package layout

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"waymark/internal/civil"
	"waymark/internal/nccis"
	_ "waymark/test/draws"
)

// everyItem is a mapping with a column for each item, in their order.
func everyItem() Mapping {
	m := Mapping{Kind: "people", AsAt: asAt}
	for i, item := range Items() {
		m.Columns = append(m.Columns, MappedColumn{At: i, Header: item.String(), Item: item})
	}
	return m
}

// TestReadingAgainChangesNothing reads a cell of any item, and then what came of
// it: canonical values stay as they are.
func TestReadingAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, _ := FindKind("people")
		w, err := NewWords(nccis.MustLoad().Editions()[4], nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(everyItem(), k, w)
		if err != nil {
			t.Fatal(err)
		}
		item := Item(rapid.IntRange(1, int(Count)-1).Draw(t, "item"))
		cells := make([]string, Count-1)
		cells[item-1] = cell().Draw(t, "cell")
		var first, second Row
		r.Read(2, cells, &first)
		if first.Skip != "" {
			return
		}
		again := make([]string, Count-1)
		copy(again, first.Values[1:])
		r.Read(3, again, &second)
		if diff := cmp.Diff(first.Values, second.Values); diff != "" && second.Skip == "" {
			t.Fatalf("%s %q\n%s", item, cells[item-1], diff)
		}
		for _, tr := range second.Translations {
			if tr.How != ByCode && tr.How != ByProposal && tr.List != LeavingReasons {
				t.Errorf("%s: the code %q was translated again to %q", tr.Item, tr.Said, tr.Code)
			}
		}
	})
}

// cell draws a cell as people and programs write them.
func cell() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "", "", "Ana", "PETROVA", "de WINTERBOURNE", "O'MARROW", "Ana (Annie)", "Quillfeather, Tomos", "Wren Thistlewood", "Ana & Maja",
			"3/2/2009", "31/02/2009", "2009-02-03", "3 Feb 09", "39847", "1909-02-03", "02.03.09", "H801200001001", "h8012OOOO1001", "1234567899", "1.23457E+09", "9999999999",
			"QX1 1AB", "qx11ab", "QXI IAB", "07700 900123", "+44 7700 900123", "7700900123", "ana@mail.example", "mailto:Ana@Mail.Example", "N/A", "TBC", "UNKNOWN",
			"A levels @ Northshore", "left – job", "Appr. L2", "BTEC L3 FT", "EET", "NEET", "in custody", "gap year", "Y", "N", "K", "E", "LAC, YC", "110", "140 110", "619", "M", "girl",
			"White British", "BNGN", "FT", "11", "Year 11", "999/4001", "9994001", "93.5%", "0.935", "5", "=\"x\"", "=1+1", "@x", "+x", "#REF!", "######", "12, Curlew Lane, Saltmarsh, QX1 1AB"}),
		rapid.StringMatching(`[A-Za-z' -]{0,12}`),
		rapid.StringMatching(`[0-9]{0,2}[/. -][0-9A-Za-z]{0,3}[/. -][0-9]{0,4}`),
		rapid.String())
}

// TestTranslateIsIdempotent translates every phrase shipped: what a code is
// translated to is itself.
func TestTranslateIsIdempotent(t *testing.T) {
	w := latestWords(t)
	phrases := 0
	for list, rows := range shipped().words.phrases {
		if list == outcomes {
			continue
		}
		for phrase, row := range rows {
			phrases++
			tr, ok := w.Translate(list, phrase)
			switch {
			case (row.how == asks || row.how == byKind) && ok:
				t.Errorf("%s: “%s” leaves open what it means, and became %s", list, phrase, tr.Code)
			case row.how != asks && row.how != byKind && !ok:
				t.Errorf("%s: “%s” became nothing: %s", list, phrase, tr.Why)
			}
			if !ok {
				continue
			}
			again, ok := w.Translate(list, tr.Code)
			if !ok || again.Code != tr.Code || again.How != ByCode && list != LeavingReasons {
				t.Errorf("%s: the code %s of “%s” became %+v", list, tr.Code, phrase, again)
			}
			if upper, ok := w.Translate(list, " "+strings.ToUpper(phrase)+". "); plain(phrase) != "" && (!ok || upper.Code != tr.Code) {
				t.Errorf("%s: “%s” in capitals became %q, not %s", list, phrase, upper.Code, tr.Code)
			}
		}
	}
	if phrases < 500 {
		t.Errorf("only %d phrases are shipped", phrases)
	}
}

func TestMappingRoundTripsThroughJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mapping{Kind: rapid.SampledFrom(Kinds()).Draw(t, "kind").ID, Sheet: rapid.String().Draw(t, "sheet"),
			HeaderRow: rapid.IntRange(0, 40).Draw(t, "row"), HeaderRows: rapid.IntRange(0, 2).Draw(t, "rows")}
		if rapid.Bool().Draw(t, "dated") {
			m.AsAt = civil.Must(2026, 1, 1).AddDays(rapid.IntRange(0, 999).Draw(t, "day"))
		}
		for i := range rapid.IntRange(0, 20).Draw(t, "columns") {
			m.Columns = append(m.Columns, MappedColumn{At: i, Header: fmt.Sprint("Column ", rapid.StringMatching(`[a-z“é ]*`).Draw(t, "header")), Item: Item(rapid.IntRange(0, int(Count)-1).Draw(t, "item")),
				Dates: rapid.SampledFrom([]DateOrder{"", DayFirst, MonthFirst}).Draw(t, "order"), Yes: rapid.SampledFrom([]string{"", "140"}).Draw(t, "yes"),
				FamilyFirst: rapid.Bool().Draw(t, "family"), Fraction: rapid.Bool().Draw(t, "fraction")})
		}
		if rapid.Bool().Draw(t, "fixed") {
			m.Fixed = []Fixed{{UKPRN, "10099999"}}
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back Mapping
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		m.Sheet = back.Sheet // a text that is not UTF-8 is not kept sign by sign
		if diff := cmp.Diff(m, back, cmp.Comparer(func(a, b civil.Date) bool { return a == b })); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestRememberedMapping applies what was confirmed of one file to the next,
// whose columns stand the other way round.
func TestRememberedMapping(t *testing.T) {
	for _, name := range []string{"full-roll.title-rows", "starters-leavers.leavers", "care.characteristics", "people.full-names", "youth-justice.orders"} {
		t.Run(name, func(t *testing.T) {
			rows := readSample(t, "testdata/"+name+".csv")
			kind, _, _ := strings.Cut(name, ".")
			k, _ := FindKind(kind)
			first := Understand(rows, k, nil)
			text, err := json.Marshal(first.Mapping)
			if err != nil {
				t.Fatal(err)
			}
			var remembered Mapping
			if err := json.Unmarshal(text, &remembered); err != nil {
				t.Fatal(err)
			}
			same := Understand(rows, k, &remembered)
			if len(same.Questions) > 0 || len(same.Differences) > 0 {
				t.Errorf("the same file again: asked %v, told %v", same.Questions, same.Differences)
			}
			if diff := cmp.Diff(first.Mapping, same.Mapping, cmp.Comparer(func(a, b civil.Date) bool { return a == b })); diff != "" {
				t.Errorf("the same file is mapped otherwise:\n%s", diff)
			}
			for i := range rows {
				slices.Reverse(rows[i].Cells)
			}
			turned := Understand(rows, k, &remembered)
			if len(turned.Differences) == 0 {
				t.Error("nothing was told of columns that moved")
			}
			for _, c := range turned.Mapping.Columns {
				before := first.Mapping.Columns[len(first.Mapping.Columns)-1-c.At]
				if c.Item != before.Item || c.Yes != before.Yes || c.Dates != before.Dates {
					t.Errorf("“%s” was %s %s %s and is now %s %s %s", c.Header, before.Item, before.Yes, before.Dates, c.Item, c.Yes, c.Dates)
				}
			}
		})
	}
}

func TestRememberedMappingTellsWhatHasGone(t *testing.T) {
	k, _ := FindKind("full-roll")
	rows := []Sample{{1, []string{"Surname", "Forename", "DOB", "Learner no", "Postcode"}},
		{2, []string{"Petrova", "Ana", "01/02/2009", "7", "QX1 1AB"}}, {3, []string{"Brook", "Idris", "14/02/2009", "8", "QX1 1AD"}}}
	m := Understand(rows, k, nil).Mapping
	next := []Sample{{1, []string{"Surname", "DOB", "Learner no", "Forename", "Mobile"}},
		{2, []string{"Petrova", "01/02/2009", "1234567899", "Ana", "07700 900123"}}, {3, []string{"Brook", "14/02/2009", "2000000001", "Idris", "07700 900124"}}}
	p := Understand(next, k, &m)
	told := strings.Join(p.Differences, "\n")
	for _, want := range []string{"“Postcode” is no longer there", "new column, “Mobile”", "another order"} {
		if !strings.Contains(told, want) {
			t.Errorf("not told: %s\n%s", want, told)
		}
	}
}

func TestAnswers(t *testing.T) {
	k, _ := FindKind("people")
	rows := readSample(t, "testdata/people.ambiguous-dates.csv")
	p := Understand(rows, k, nil)
	if len(p.Questions) != 2 {
		t.Fatalf("asked %v", p.Questions)
	}
	if err := p.Answer("dates:1", "sideways"); err == nil {
		t.Error("an answer that was not offered was taken")
	}
	if err := p.Answer("dates:9", string(DayFirst)); err == nil {
		t.Error("an answer to a question that was not asked was taken")
	}
	for id, choice := range map[string]string{"dates:1": string(MonthFirst), "names:0": "family first"} {
		if err := p.Answer(id, choice); err != nil {
			t.Error(err)
		}
	}
	r, err := NewReader(p.Mapping, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	var row Row
	r.Read(2, rows[1].Cells, &row)
	if len(p.Questions) != 0 || row.Values[DOB] != "2009-01-04" || row.Values[Family] != "Bryony" || row.Values[Given] != "Thistlewood" {
		t.Errorf("left to ask %v; read %s %s %s", p.Questions, row.Values[DOB], row.Values[Family], row.Values[Given])
	}
	if again := Understand(rows, k, &p.Mapping); len(again.Questions) != 0 || again.Mapping.Columns[1].Dates != MonthFirst {
		t.Errorf("asked again: %v", again.Questions)
	}
}

func FuzzUnderstandAndRead(f *testing.F) {
	f.Add("UPN,Surname,DOB\nH801200001001,Petrova,3/2/2009\n,=1+1,\nTotal,3,\n", uint8(3))
	f.Add("Name\nAna & Maja,\"x\"\n\x00\xff,é̈ẞ(“\n", uint8(0))
	f.Add("Out Type,OutCode\nEDU,٣\nSDE ,99999999999999999999\n", uint8(7))
	words, err := NewWords(nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		var rows []Sample
		for i, line := range strings.Split(text, "\n") {
			rows = append(rows, Sample{Number: i + 1, Cells: strings.Split(line, ",")})
		}
		k := Kinds()[int(which)%len(Kinds())]
		p := Understand(rows, k, nil)
		_ = Understand(rows, k, &p.Mapping)
		for i := range p.Mapping.Columns {
			if p.Mapping.Columns[i].Item == None {
				p.Mapping.Columns[i].Item = Item((int(which)+i)%int(Count-1)) + 1
			}
		}
		r, err := NewReader(p.Mapping, k, words)
		if err != nil {
			return
		}
		var row Row
		for _, s := range rows {
			r.Read(s.Number, s.Cells, &row)
			for i, v := range row.Values {
				if items[i].form == dateForm && v != "" {
					if _, err := civil.Parse(v); err != nil {
						t.Errorf("%s is %q", Item(i), v)
					}
				}
			}
			for _, pr := range row.Problems {
				if pr.Code == "" || pr.Words == "" || pr.Column == "" {
					t.Errorf("a problem without words: %+v", pr)
				}
			}
		}
	})
}
