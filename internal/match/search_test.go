package match_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waymark/internal/match"
	"waymark/internal/match/matchtest"
)

func TestSearch(t *testing.T) {
	a := invented(t, 21, 5_000, 10)
	first := a.people.AddMany([][]string{
		{upnOf("A341900000066"), "", "Muhammad", "Idris", "Quillberthorpe-Said", "2008-08-31", "M", "3 Kite Hill", "Fennick", "NW3 4AB"},
		{"", "", "Saoirse", "", "O'Penwick", "2007-02-03", "F", "", "", ""},
		{"", "", "Declan", "", "Junerquill", "2008-05-09", "M", "", "", ""},
		{"", "", "May", "", "Augusthurst", "2008-05-31", "F", "", "", ""},
		{"", "", "李", "", "Oakinhurst", "2007-02-04", "F", "", "", ""},
	})
	a.people.Also(first+1, match.Family, "Thistlegarcombe")
	s := match.NewSearch(a.people)
	for query, want := range map[string]int{
		"quillberthorpe muhammad": first, "Mohamed quillber": first, "said mo quillb": first, "محمد quillberthorpe": first, "quilberthorpe": first,
		"31/08/2008 quillb": first, "Muhammad 31 Aug 2008 quill": first, "NW3 4AB muhammad quill": first, "quillberthorpe 2008": first, strings.ToLower(upnOf("A341900000066")): first,
		"sersha openwick": first + 1, "O'Penwick": first + 1, "thistlegarcombe saoirse": first + 1, "李 oakin": first + 4, "2007-02-04 李": first + 4,
		"declan junerquill 2008-05-09": first + 2, "9 may 2008 junerquill": first + 2, "Junerquill Dec 09/05/2008": first + 2, "may augusthurst 31 may 2008": first + 3, "augusthurst may 2008": first + 3,
	} {
		hits := s.Find(query, 20, nil)
		if !slices.ContainsFunc(hits, func(h match.Hit) bool { return int(h.Person) == want }) {
			t.Errorf("%q found %v, not %d", query, hits, want)
		}
		if got := s.Find(query, 20, func(p uint32) bool { return int(p) != want }); slices.ContainsFunc(got, func(h match.Hit) bool { return int(h.Person) == want }) {
			t.Errorf("%q found somebody who may not be found", query)
		}
	}
	for _, query := range []string{"", "%", "😀", strings.Repeat("x", 10_000), "zzzz qqqq", "muhammad 01/01/1999 quillberthorpe"} {
		if hits := s.Find(query, 20, nil); len(hits) != 0 {
			t.Errorf("%.20q found %d people", query, len(hits))
		}
	}
	if s.Bytes() == 0 || a.people.Bytes() == 0 {
		t.Error("an index of no size")
	}
}

// Everybody is found by the two names and the birth date that the register holds,
// in any order.
func TestEverybodyIsFound(t *testing.T) {
	a := invented(t, 22, 4_000, 10)
	s := match.NewSearch(a.people)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(a.cells)-1).Draw(t, "person")
		c := a.cells[i]
		parts := rapid.Permutation([]string{c[2], c[4], c[5]}).Draw(t, "parts")
		hits := s.Find(strings.Join(parts, " "), 20, nil)
		if !slices.ContainsFunc(hits, func(h match.Hit) bool { return int(h.Person) == i }) {
			t.Fatalf("%q did not find %q", parts, c)
		}
	})
}

func TestWhy(t *testing.T) {
	v, err := match.NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	k := match.Known{Given: []string{"Muhammad"}, Family: []string{"Quillthorpe", "Oakmer"}, Births: []string{"2008-08-31"}, Postcodes: []string{"NW3 4AB", "LW2 8WH"}, Schools: []string{"Saint Osric Academy"}, Numbers: []string{"1234567899"}}
	for query, want := range map[string]string{
		"mohamed":      "given name: MOHAMED is another form of MUHAMMAD",
		"quill":        "family name: QUILL is the start of QUILLTHORPE",
		"oakmer":       "former family name: OAKMER is OAKMER",
		"quilthorpe":   "family name: QUILTHORPE sounds like QUILLTHORPE",
		"31.8.08":      "birth date: is 31 August 2008",
		"LW2 8WH":      "former postcode: is LW2 8WH",
		"osric":        "school: has OSRIC in its name",
		"1234567899":   "number: is 1234567899",
		"quillthorpf":  "family name: QUILLTHORPF sounds like QUILLTHORPE",
		"nobody":       "",
		"quill nobody": "",
	} {
		var got []string
		for _, r := range v.Explain(query, k) {
			got = append(got, r.Field+": "+r.Words)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}

func TestASearchSharesAKeyWithWhomItFinds(t *testing.T) {
	v, err := match.NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{"Mohammed", "Muhammad"}, {"Bob", "Robert"}, {"Lewinsky", "Levinski"}, {"O'Brien", "Obrien"}, {"Jones", "Smith-Jones"}, {"Zoë", "Zoe"}} {
		others := v.Keys(pair[1])
		if !slices.ContainsFunc(v.Keys(pair[0]), func(k match.Key) bool { return slices.Contains(others, k) }) {
			t.Errorf("%v share no key: %v, %v", pair, v.Keys(pair[0]), others)
		}
	}
}

func ExampleVariants_Keys() {
	v, err := match.NewVariants()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Keys("Bob"))
	// Output: [{name BOB} {form ROBERT} {sound 770000}]
}

func BenchmarkLink(b *testing.B) {
	a := invented(b, 1, 30_000, 3_000)
	for b.Loop() {
		m := match.NewMatcher(a.people, match.ForRegister(), 2)
		m.Link(a.file)
	}
}

func TestInventionsAreTheSameForTheSameSeed(t *testing.T) {
	a, b := matchtest.New(4, 200), matchtest.New(4, 200)
	for i := range a.Len() {
		if !slices.Equal(a.Person(i, nil), b.Person(i, nil)) {
			t.Fatal("two registers of one seed differ")
		}
	}
}
