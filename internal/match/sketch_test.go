package match

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A glance may only say what reading would say too.
func TestSketchesAreNeverWrong(t *testing.T) {
	v, err := NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	said, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		l := NewLexicon(v)
		w := newWorker(l)
		written := rapid.OneOf(rapid.StringMatching(`[A-F]{1,9}`), rapid.StringMatching(`[A-Z]{2,12}( [A-Z]{2,7})?`), rapid.SampledFrom([]string{"Bob", "Robert", "Ng", "Ngo", "Żółć", "Smith-Jones", "Jones", "Moskowitz", "Moskovitz", "Lee", "Leigh", "Annabella", "Annabel"}))
		a, b := l.nameID(written.Draw(t, "a")), l.nameID(written.Draw(t, "b"))
		if a == 0 || b == 0 || a == b {
			return
		}
		asked++
		far := l.sketches[a].far(&l.sketches[b])
		if far {
			said++
		}
		if far && w.nameLevel(a, b) != nameFar {
			t.Fatalf("%s and %s are said to be far apart at a glance, and are not: %d", l.names[a].text, l.names[b].text, w.nameLevel(a, b))
		}
	})
	if said == 0 || said == asked {
		t.Errorf("of %d pairs %d are far apart at a glance: nothing was tried", asked, said)
	}
}

// Who shares a key meets, however the index is divided, and nobody else does.
func TestIndexFindsWhoSharesAKey(t *testing.T) {
	v, err := NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		table, err := NewTable(NewLexicon(v), []Kind{Given, Family, Birth})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 1500).Draw(t, "rows")
		given := rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z]{3,6}`), 5, 40).Draw(t, "given")
		for i := range n {
			h := mixed(uint64(i) + 1)
			table.Add([]string{given[h%uint64(len(given))], given[h>>20%uint64(len(given))], []string{"2009-01-02", "2008-11-30", "2010-05-06", ""}[h>>40%4]})
		}
		x := newIndex(table, rapid.IntRange(1, 3).Draw(t, "cores"))
		size, holds := map[uint64]int{}, map[uint64][]uint32{}
		for row := range uint32(n) {
			for _, k := range table.keysOf(row, x.use, nil) {
				size[k&x.mask]++
				holds[k] = append(holds[k], row)
			}
		}
		fd := newFinder(x)
		for _, row := range []uint32{0, uint32(n / 2), uint32(n - 1)} {
			want := map[uint32]bool{}
			for _, k := range table.keysOf(row, x.use, nil) {
				if size[k&x.mask] <= blockCap {
					for _, other := range holds[k] {
						want[other] = true
					}
				}
			}
			fd.begin()
			found := fd.find(table, row, allKeys)
			for _, other := range found {
				if !want[other] {
					t.Fatalf("row %d of %d finds %d, with whom it shares no key", row, n, other)
				}
				delete(want, other)
			}
			if len(want) > 0 {
				t.Fatalf("row %d of %d does not find %v", row, n, want)
			}
		}
	})
}

// Many rows at once make the table that they make one by one, to the last number.
func TestAddManyIsAddOneByOne(t *testing.T) {
	v, err := NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	schema := []Kind{Given, Family, Family, Birth, Street, House, Town, Postcode, Email, UPN, UPN, ULN}
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringMatching(`[A-Za-z]{0,3}([ -][A-C]{1,2})?`), rapid.SampledFrom([]string{"", "12 Kite Hill", "7", "2009-01-02", "3/4/2010", "LW2 8WH", "a@b.example", "José", "tbc", "W341400000000", "1000000000"}))
		row := rapid.SliceOfN(cell, 0, len(schema))
		few := rapid.SliceOfN(row, 1, 12).Draw(t, "rows")
		var rows [][]string
		for i := range 400 {
			rows = append(rows, few[mixed(uint64(i)+7)%uint64(len(few))])
		}
		one, errOne := NewTable(NewLexicon(v), schema)
		many, errMany := NewTable(NewLexicon(v), schema)
		if err := errors.Join(errOne, errMany); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			one.Add(r)
		}
		many.AddMany(rows[:130])
		many.AddMany(rows[130:])
		if !slices.Equal(one.lexicon.texts, many.lexicon.texts) || len(one.lexicon.names) != len(many.lexicon.names) {
			t.Fatalf("the lexicons differ: %q, %q", one.lexicon.texts, many.lexicon.texts)
		}
		for i := range uint32(len(rows)) {
			if *one.at(i) != *many.at(i) || !slices.Equal(one.also[i], many.also[i]) {
				t.Fatalf("row %d: %+v %v, at once %+v %v", i, *one.at(i), one.also[i], *many.at(i), many.also[i])
			}
		}
	})
}

// What is given up early could not have reached the least weight that was asked for.
func TestHopelessPairsCouldNotReachTheLeast(t *testing.T) {
	v, err := NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	schema := []Kind{Given, Middle, Family, Birth, Sex, Postcode, House, Street, Town, Phone, Email, School, UPN, ULN}
	pick := func(list ...string) *rapid.Generator[string] { return rapid.SampledFrom(append(list, "")) }
	row := rapid.Custom(func(t *rapid.T) []string {
		var cells []string
		for i, g := range []*rapid.Generator[string]{
			pick("Robert", "Bob", "Amina", "Amira", "Oakmer"), pick("Ann", "Anne", "Robert"), pick("Oakmer", "Oakmere", "Smith-Jones", "Jones", "Bob"),
			pick("2009-01-02", "2009-02-01", "2009-01-03", "2007-05-30"), pick("M", "F"), pick("LW2 8WH", "LW2 8WJ", "NK19 4YL", "3000", "3001"), pick("7", "9"),
			pick("Kite Hill", "Kit Hill", "Mulberry Rise"), pick("Fennick", "Fenwick", "Wenning"), pick("07700900123", "07700900124", "07700900987"),
			pick("a@b.example", "a.b@b.example"), pick("Northshore", "North Shore"), pick("W341400000000", "K341400000001"), pick("1000000000", "1000000027"),
		} {
			cells = append(cells, g.Draw(t, schema[i].String()))
		}
		return cells
	})
	gaveUp := 0
	rapid.Check(t, func(t *rapid.T) {
		table, err := NewTable(NewLexicon(v), schema)
		if err != nil {
			t.Fatal(err)
		}
		for _, cells := range rapid.SliceOfN(row, 2, 12).Draw(t, "rows") {
			table.Add(cells)
		}
		l := learner{a: table, b: table, model: newModel()}
		l.countWords()
		w, least := newWorker(table.lexicon), float32(rapid.IntRange(-30, 60).Draw(t, "least"))
		for a := range uint32(table.rows) {
			for b := range uint32(table.rows) {
				var full, short vector
				exact, bits := l.model.score(w, table.at(a), table.at(b), &full, hopeless), l.model.score(w, table.at(a), table.at(b), &short, least)
				switch {
				case bits == hopeless:
					gaveUp++
					if exact >= least {
						t.Fatalf("rows %d and %d weigh %.2f and were given up for %.0f", a, b, exact, least)
					}
				case bits != exact || full != short:
					t.Fatalf("rows %d and %d weigh %.2f, and %.2f where %.0f is asked for", a, b, exact, bits, least)
				}
			}
		}
	})
	if gaveUp == 0 {
		t.Error("no pair was given up: nothing was tried")
	}
}

// Every spelling is remembered with its number, as a map remembers it.
func TestSpellingsAreAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, want := newSpellings(), map[string]uint32{}
		for i, raw := range rapid.SliceOfN(rapid.String(), 0, 600).Draw(t, "words") {
			id, known := s.find(raw)
			if wantID, wantKnown := want[raw]; known != wantKnown || id != wantID {
				t.Fatalf("%q is %d, %t; want %d, %t", raw, id, known, wantID, wantKnown)
			}
			if !known {
				s.keep(raw, uint32(i))
				want[raw] = uint32(i)
			}
		}
		for raw, wantID := range want {
			if id, known := s.find(raw); !known || id != wantID {
				t.Fatalf("%q is %d, %t in the end; want %d", raw, id, known, wantID)
			}
		}
	})
}
