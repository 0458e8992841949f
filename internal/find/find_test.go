package find

import (
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// town is a register with a few people in it.
type town struct {
	*Service
	t       *testing.T
	officer access.Actor
}

func onBoth(t *testing.T, test func(t *testing.T, w town)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		req := nccis.MustLoad()
		book, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Sandmere", DatabaseID: "991",
			Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(d, &record.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}, Sights: &act.Recorder{DB: d}})
		if err != nil {
			t.Fatal(err)
		}
		test(t, town{s, t, access.Actor{Register: book.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}})
	})
}

func told() record.Told { return record.Told{Kind: act.Telephone, SaidBy: "an aunt"} }

func (w town) add(given, family, born, postcode string) id.Ref {
	w.t.Helper()
	ref, err := w.records.Add(w.t.Context(), w.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: family}, Born: civil.MustParse(born),
		Gender: "F", Ethnicity: "WBRI", Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: postcode}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

// change does one act on somebody's record with what is held of them now.
func (w town) change(ref id.Ref, do func(tx *db.Tx, a *act.Act, l *life.Life) error) {
	w.t.Helper()
	err := w.db.InTx(w.t.Context(), func(tx *db.Tx) error {
		var yp id.YoungPerson
		if err := tx.QueryRow(`SELECT id FROM young_person WHERE register = $1 AND ref = $2`, int64(w.officer.Register), string(ref)).Scan((*int64)(&yp)); err != nil {
			return err
		}
		a, err := act.Begin(tx, w.officer, access.CorrectPerson, yp, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
		if err != nil {
			return err
		}
		l, err := life.One(tx, w.officer.Register, yp, 0)
		if err != nil {
			return err
		}
		if err := do(tx, a, l); err != nil {
			return err
		}
		return w.records.Standing.Rewrite(tx, a, yp)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func replaced[T comparable](tx *db.Tx, a *act.Act, t fact.Table[T], old fact.Of[T], is T) error {
	next := old
	next.Is = is
	return t.Replace(tx, a, old.Version, next)
}

// names are who is found, and the reasons of the first.
func (w town) names(typed string) ([]string, string) {
	w.t.Helper()
	found, err := w.Find(w.t.Context(), w.officer, Ask(typed), 50, "find")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, m := range found.Matches {
		out = append(out, m.Name())
	}
	if found.Total != len(out) {
		w.t.Errorf("%q: %d are said to fit, %d are shown", typed, found.Total, len(out))
	}
	if len(out) == 0 {
		return nil, ""
	}
	return out, strings.Join(found.Matches[0].Why, "; ")
}

func TestOneBoxFindsByAnything(t *testing.T) {
	onBoth(t, func(t *testing.T, w town) {
		keira := w.add("Keira", "Novak", "2009-03-27", "QX7 8AF")
		w.add("Katherine", "Ashdown", "2010-11-02", "QX1 1AA")
		w.add("Wojciech", "Wójcik", "2008-06-15", "QX7 2BB")
		w.add("Oleksandr", "Шевченко", "2009-12-01", "QX2 2BB")
		w.add("Bertram", "Larkfield", "2009-01-30", "QX3 3CC")
		w.add("João", "da Silva", "2009-02-11", "QX3 3CD")
		w.add("Conall", "Mac an tSaoi", "2009-05-11", "QX3 3CE")
		if _, err := w.records.Find(t.Context(), w.officer, record.Query{Name: "Novak"}, 5); err != nil {
			t.Fatal(err)
		}
		if err := w.Warm(t.Context(), w.officer.Register); err != nil {
			t.Fatal(err)
		}
		w.change(keira, func(tx *db.Tx, a *act.Act, l *life.Life) error {
			for _, err := range []error{
				replaced(tx, a, youngperson.Names, l.Names[0], youngperson.Name{Kind: youngperson.Legal, Given: "Keira", Family: "Adamczyk"}),
				replaced(tx, a, youngperson.Addresses, l.Addresses[0], youngperson.Address{Line1: "1 Mill Lane", Postcode: "QX9 9ZZ"}),
			} {
				if err != nil {
					return err
				}
			}
			for _, i := range []youngperson.Identifier{{Scheme: youngperson.ULN, Value: "1000000019"}, {Scheme: youngperson.UPN, Value: "A123456789012"}} {
				if _, err := youngperson.Identifiers.New(tx, a, l.Person.ID, "", i); err != nil {
					return err
				}
			}
			return nil
		})
		if err := w.records.RecordActivity(t.Context(), w.officer, keira, record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"),
			EstablishmentName: "Saltmarsh Sixth Form College", PredictedEnd: civil.MustParse("2028-07-07")}, 0, told()); err != nil {
			t.Fatal(err)
		}
		const who = "Keira Adamczyk"
		for _, c := range []struct{ typed, name, why string }{
			{"keira adam", who, "given name Keira; family name Adamczyk"},
			{"ADAMCZYK keira", who, "family name Adamczyk; given name Keira"},
			{"novak", who, "family name then: Novak, until 10 November 2026"},
			{"keira novak", who, "given name Keira; family name then: Novak, until 10 November 2026"},
			{"kiera adamczyk", who, "given name Keira (“Kiera” is a form of it)"},
			{"adamchik", who, "family name Adamczyk (“Adamchik” sounds like it)"},
			{"adamczyl", who, "family name Adamczyk (“Adamczyl”"},
			{"kate ashdown", "Katherine Ashdown", "given name Katherine (“Kate” is a form of it)"},
			{"wojcik qx7", "Wojciech Wójcik", "family name Wójcik; lives at QX7 2BB"},
			{"shevchenko", "Oleksandr Шевченко", "family name Шевченко"},
			{"joão da silva", "João da Silva", "given name João; family name"},
			{"silva", "João da Silva", "family name Silva"},
			{"Dasilva", "João da Silva", "family name da Silva"},
			{"conall mac an tsaoi", "Conall Mac an tSaoi", "given name Conall; family name"},
			{"keira 2009", who, "given name Keira; born in that year"},
			{"27 3 2009", who, "born 27 March 2009"},
			{"27/03/09", who, "born 27 March 2009"},
			{"2009-03-27", who, "born 27 March 2009"},
			{"27 March 2009 keira", who, "born 27 March 2009; given name Keira"},
			{"keira 27th of mar 2009", who, "given name Keira; born 27 March 2009"},
			{"27032009", who, "born 27 March 2009"},
			{"QX9 9ZZ", who, "lives at QX9 9ZZ"},
			{"qx78af", who, "lived at QX7 8AF, until 10 November 2026"},
			{"qx7 8af", who, "lived at QX7 8AF, until 10 November 2026"},
			{"saltmarsh", who, "at Saltmarsh Sixth Form College"},
			{"sixth salt", who, "at Saltmarsh Sixth Form College"},
			{"keira saltmarsh", who, "given name Keira; at Saltmarsh Sixth Form College"},
			{"1000000019", who, "ULN 1000000019"},
			{"1000 000 019", who, "ULN 1000000019"},
			{"a123456789012", who, "UPN A123456789012"},
			{"991 0000000001", who, "YoungPersonsID 9910000000001"},
			{string(keira), who, "the reference of this record"},
			{"https://waymark.example/young-people/" + string(keira), who, "the reference of this record"},
		} {
			got, why := w.names(c.typed)
			if len(got) == 0 || got[0] != c.name {
				t.Errorf("%q finds %q, want %q first", c.typed, got, c.name)
				continue
			}
			if !strings.HasPrefix(why, c.why) {
				t.Errorf("%q finds %s because %q, want %q", c.typed, got[0], why, c.why)
			}
		}
		for _, typed := range []string{"keira ashdown", "novak qx1", "27 3 2010", "fffbbb", "qx88", "%", "", "🙂", "_", "keira %zzz"} {
			if got, _ := w.names(typed); len(got) != 0 {
				t.Errorf("%q finds %q", typed, got)
			}
		}
		if got, _ := w.names("qx"); len(got) != 0 && slices.Contains(got, "") {
			t.Errorf("two letters of a postcode find %q", got)
		}
	})
}

// Every act before the question is in the answer: people added, changed, and
// taken back.
func TestTheIndexKeepsUp(t *testing.T) {
	onBoth(t, func(t *testing.T, w town) {
		if got, _ := w.names("ashdown"); got != nil {
			t.Fatalf("an empty register holds %q", got)
		}
		var refs []id.Ref
		for i := range mostFresh + 20 {
			refs = append(refs, w.add("Wren", "Ashdown"+strings.Repeat("x", i%3), "2010-03-03", "ZZ1 1AA"))
			if i%70 == 0 || i > mostFresh {
				found, err := w.Find(t.Context(), w.officer, Ask("wren ash"), 5, "find")
				if err != nil || found.Total != i+1 {
					t.Fatalf("after %d were added, %d are found: %v", i+1, found.Total, err)
				}
			}
		}
		w.change(refs[7], func(tx *db.Tx, a *act.Act, l *life.Life) error {
			return replaced(tx, a, youngperson.Names, l.Names[0], youngperson.Name{Kind: youngperson.Legal, Given: "Robin", Family: "Teal"})
		})
		if got, _ := w.names("robin"); !slices.Equal(got, []string{"Robin Teal"}) {
			t.Errorf("after a change of name: %q", got)
		}
		w.change(refs[8], func(tx *db.Tx, a *act.Act, l *life.Life) error {
			_, err := tx.Exec(`UPDATE young_person SET known_to = $1 WHERE register = $2 AND id = $3`, int64(a.Number), int64(a.Register), int64(l.Person.ID))
			return err
		})
		found, err := w.Find(t.Context(), w.officer, Ask("wren ash"), 500, "find")
		if err != nil || found.Total != len(refs)-1 || len(found.Matches) != len(refs)-1 {
			t.Errorf("%d of %d are found, %d shown: %v", found.Total, len(refs)-1, len(found.Matches), err)
		}
	})
}

// Who was shown is recorded, and nobody else.
func TestOnlyWhoIsShownIsSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, w town) {
		for range 12 {
			w.add("Wren", "Ashdown", "2010-03-03", "ZZ1 1AA")
		}
		found, err := w.Find(t.Context(), w.officer, Ask("wren"), 8, "find as typed")
		if err != nil || found.Total != 12 || len(found.Matches) != 8 {
			t.Fatalf("%d found, %d shown: %v", found.Total, len(found.Matches), err)
		}
		var sights, people int
		err = w.db.InSideTx(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*), count(DISTINCT young_person) FROM sight WHERE page = 'find as typed'`).Scan(&sights, &people)
		})
		if err != nil || sights != 8 || people != 8 {
			t.Errorf("%d sights of %d people: %v", sights, people, err)
		}
		stranger := w.officer
		stranger.Roles = []access.Role{access.Commissioner}
		if _, err := w.Find(t.Context(), stranger, Ask("wren"), 8, "find"); err == nil {
			t.Error("a commissioner finds people")
		}
	})
}

// Much sounds like Smyth; whoever types it means the name that looks like it.
func TestWhatLooksAlikeComesFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, w town) {
		for i := range 9 {
			w.add("Sunita", "Ashdown", "2010-03-03", "ZZ1 1AA")
			w.add("Wren", []string{"Smith", "Kay", "Larkmoor"}[i%3], "2010-03-03", "ZZ1 1AA")
		}
		w.add("Katherine", "Ashdown", "2010-03-03", "ZZ1 1AA")
		for typed, want := range map[string]string{"smyth": "Wren Smith", "kate": "Katherine Ashdown", "smith smith": "Wren Smith"} {
			found, err := w.Find(t.Context(), w.officer, Ask(typed), 3, "find")
			if err != nil || len(found.Matches) == 0 || found.Matches[0].Name() != want {
				t.Errorf("of %q %+v is first, want %s: %v", typed, found.Matches, want, err)
				continue
			}
			if len(found.Matches[0].Why) != 1 {
				t.Errorf("%q fits because %q", typed, found.Matches[0].Why)
			}
		}
	})
}

func TestAskReadsWhatIsTyped(t *testing.T) {
	for typed, want := range map[string]string{"31 2 2009": "31 2 2009", "ash 31/02/2009": "31/02/2009", "27 13 2009 ash": "27 13 2009", "30 February 2009": "30 February 2009",
		"27 3 2009": "", "2009": "", "991 0000000001": "", "12 high street 2009": ""} {
		if got := Ask(typed).NoDay; got != want {
			t.Errorf("in %q %q is no day, want %q", typed, got, want)
		}
	}
	long := Ask(strings.Repeat("a", 10_000))
	if !long.Cut || len(long.Typed) != longest {
		t.Errorf("10,000 letters are read as %d", len(long.Typed))
	}
	for typed, want := range map[string]string{
		"31/02/2009": "", "27.3.9": "", "27 march 2009": "2009-03-27", "march 27 2009": "2009-03-27", "27-Sept-09": "2009-09-27",
		"20090327": "2009-03-27", "1st of may 2010": "2010-05-01", "2009/3/27": "2009-03-27", "12 0000": "", "2009": "", "27/3/2009/1": "",
	} {
		if got := Ask(typed).Born.String(); want == "" && !Ask(typed).Born.IsZero() || want != "" && got != want {
			t.Errorf("%q is read as born %q, want %q", typed, got, want)
		}
	}
	for _, typed := range []string{"", " ", "%", "'", "🙂", "--", "\xff\xfe"} {
		if !Ask(typed).Empty() {
			t.Errorf("%q asks for %q", typed, Ask(typed).text)
		}
	}
}
