package list

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/season"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// room is lists of an invented authority with three years of history.
type room struct {
	*Service
	t  *testing.T
	by access.Actor
	on civil.Date
	// asked are the questions, by what there was to choose at first.
	asked []Question
}

// invented runs a test on each engine.
func invented(t *testing.T, test func(room)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		req := nccis.MustLoad()
		on := civil.On(d.Now(), civil.London())
		world, err := demo.Invent(demo.Settings{Seed: 5, On: on, Size: 0.01})
		if err != nil {
			t.Fatal(err)
		}
		reg, err := demo.Fill(t.Context(), demo.House{DB: d, Requirement: req}, world)
		if err != nil {
			t.Fatal(err)
		}
		// What restrictions do to lists is held elsewhere, by what must not be told;
		// here nobody is restricted, so that the database may answer for the roll.
		if err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE restriction SET known_to = known_from WHERE register = $1", int64(reg.ID))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		k := standing.Keeper{Requirement: req}
		r := room{&Service{DB: d, Requirement: req, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, k), Standing: k, Season: &season.Service{DB: d, Requirement: req}}, t,
			access.Actor{Register: reg.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}, on, nil}
		r.asked = r.questions()
		test(r)
	})
}

// questions are some of each filter, alone and together, in every order.
func (r room) questions() []Question {
	r.t.Helper()
	choices, err := r.Choices(r.t.Context(), r.by, civil.Date{})
	if err != nil {
		r.t.Fatal(err)
	}
	values := map[Filter][]string{Status: {"eet", "neet", "nk", "lapsed", "odd"}, Returned: {"yes", "no"}, Activity: {"ED", "NE", "619", "none", "XX"}, Age: {"15", "16", "17", "18"}, Cohort: {"P", "none", "A", "T"},
		Lead: {"", "344"}, SEND: {"ehcp", "support", "none", "odd"}, Vulnerable: {"yes", "no"}, Characteristic: {"130", "140", "170", "odd"}, Level: {"1", "2", "3"},
		Adviser: {"none", "me", "nobody"}, Telephone: {"yes", "none"}, Gender: {"F", "M"}, Ethnicity: {"WBRI", "APKN"}, EthnicityGroup: {"White", "Asian"}, School: {"9999999", "none"}, Intended: {"yes", "none"}, Enrolled: {"yes", "none"}, Left: {"9999999"}, Area: {"ZZ99", "Q"}}
	for _, one := range []struct {
		f  Filter
		of []Choice
	}{{School, choices.Schools}, {Left, choices.Schools}, {Adviser, choices.Advisers}, {Area, choices.Areas}, {Lead, choices.Leads}} {
		if len(one.of) == 0 {
			r.t.Fatalf("there is nothing to choose for %s", one.f)
		}
		values[one.f] = append(values[one.f], one.of[0].Value, one.of[len(one.of)/2].Value)
	}
	for _, f := range Filters() {
		if f.IsDay() {
			values[f] = []string{r.on.AddDays(-400).String(), r.on.AddDays(-60).String(), r.on.String(), r.on.AddDays(200).String()}
		}
	}
	var out []Question
	ask := func(v url.Values) {
		q, unread := Parse(v)
		if len(unread) > 0 {
			r.t.Fatal(unread)
		}
		out = append(out, q)
	}
	for _, f := range Filters() {
		for _, value := range values[f] {
			ask(url.Values{string(f): {value}})
		}
	}
	// Whom the guarantee is owed no SQL says: besideTheRoll asks the season.
	filters := slices.DeleteFunc(Filters(), func(f Filter) bool { return len(values[f]) == 0 })
	dice := rand.New(rand.NewPCG(3, 4))
	for _, c := range append(Columns(), ByName) {
		for _, down := range []string{"", "-"} {
			for range 3 {
				v := url.Values{"sort": {down + string(c)}}
				for range dice.IntN(3) {
					f := filters[dice.IntN(len(filters))]
					for range 1 + dice.IntN(2) {
						v.Add(string(f), values[f][dice.IntN(len(values[f]))])
					}
				}
				ask(v)
			}
		}
	}
	return out
}

// bySQL are the people of a question as the database itself has them.
func (r room) bySQL(q Question) []id.YoungPerson {
	r.t.Helper()
	e, _ := r.Requirement.EditionOn(r.on.InMonth().End())
	asked := sqlAsking{Question: q, by: r.by, edition: e, today: r.on}
	w := asked.where()
	var out []id.YoungPerson
	err := r.DB.Read(r.t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT s.young_person FROM standing s"+w.SQL()+asked.order(), w.Args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var yp int64
			if err := rows.Scan(&yp); err != nil {
				return err
			}
			out = append(out, id.YoungPerson(yp))
		}
		return rows.Err()
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// answer is all of a list.
func (r room) answer(s *Service, q Question) []Row {
	r.t.Helper()
	// As Page does, which also writes down who was shown: thousands of times.
	people, _, err := s.people(r.t.Context(), r.by, access.SeePerson, q, 0, math.MaxInt)
	if err != nil {
		r.t.Fatal(err)
	}
	rows, err := s.rows(r.t.Context(), r.by, access.SeePerson, q, people)
	if err != nil {
		r.t.Fatal(err)
	}
	if len(people) != len(rows) {
		r.t.Fatalf("%d rows of %d", len(rows), len(people))
	}
	return rows
}

func people(rows []Row) []id.YoungPerson {
	var out []id.YoungPerson
	for _, r := range rows {
		out = append(out, r.Person)
	}
	return out
}

// unsettle does all kinds of acts to some people: names, telephones, schools,
// confirmations; it takes back an import of another and adds somebody.
func (r room) unsettle() {
	r.t.Helper()
	must := func(err error) {
		r.t.Helper()
		if err != nil {
			r.t.Fatal(err)
		}
	}
	var some []id.YoungPerson // of every four one
	for i, yp := range r.bySQL(Question{Sort: ByName}) {
		if i%4 == 0 {
			some = append(some, yp)
		}
	}
	d := r.DB.At(func() time.Time { return r.DB.Now().Add(48 * time.Hour) })
	for i, yp := range some[:min(60, len(some))] {
		must(d.InTx(r.t.Context(), func(tx *db.Tx) error {
			a, err := act.Begin(tx, r.by, access.CorrectPerson, yp, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
			if err != nil {
				return err
			}
			l, err := life.One(tx, r.by.Register, yp, 0)
			if err != nil {
				return err
			}
			switch {
			case i%5 == 0 && len(l.Names) > 0:
				next := l.Names[0]
				next.Is.Family = fmt.Sprintf("Renamed %d", i)
				err = youngperson.Names.Replace(tx, a, l.Names[0].Version, next)
			case i%5 == 1 && len(l.Reaches) > 0:
				err = youngperson.Reaches.Close(tx, a, l.Reaches[0].Version)
			case i%5 == 2 && len(l.Addresses) > 0:
				next := l.Addresses[0]
				next.Is.Postcode = "ZZ77 7ZZ"
				err = youngperson.Addresses.Replace(tx, a, l.Addresses[0].Version, next)
			case i%5 == 3:
				// Whoever added them takes it back: the register holds them no more.
				_, err = tx.Exec("UPDATE young_person SET known_to = $1 WHERE register = $2 AND id = $3", int64(a.Number), int64(r.by.Register), int64(yp))
			default:
				// What they do was an error.
				_, err = tx.Exec("UPDATE spell SET known_to = $1 WHERE register = $2 AND young_person = $3 AND known_to IS NULL", int64(a.Number), int64(a.Register), int64(yp))
			}
			if err != nil {
				return err
			}
			return r.Standing.Rewrite(tx, a, yp)
		}))
	}
}

// TestLists holds that the roll says of every question what the database says
// of it, now and as known on a day, whatever is done meanwhile. It is one test
// because making its register takes most of the time.
func TestLists(t *testing.T) {
	invented(t, func(r room) {
		r.listsOfEnrolments()
		r.linesAreThoseOfWholeLives()
		r.asKnownTodayIsNow()
		r.saysWhatTheDatabaseSays("read whole")
		r.besideTheRoll()
		before := r.pastAnswers(r.Service)
		r.unsettle()
		r.saysWhatTheDatabaseSays("brought up to date")
		// Rolls of its own, so that what is kept from before helps nobody.
		after := r.pastAnswers(&Service{DB: r.DB, Requirement: r.Requirement, Sights: r.Sights, Rolls: standing.NewRolls(r.DB, r.Standing), Standing: r.Standing, Season: r.Season})
		for asked, was := range before {
			if !reflect.DeepEqual(after[asked], was) {
				r.t.Fatalf("%s: %d people before, %d after", asked, len(was), len(after[asked]))
			}
		}
		r.nothingBeforeItBegan()
	})
}

func (r room) saysWhatTheDatabaseSays(when string) {
	found := 0
	for _, q := range r.asked {
		got, want := people(r.answer(r.Service, q)), r.bySQL(q)
		if !slices.Equal(got, want) {
			r.t.Fatalf("%s, %s: the roll has %d people, the database %d; %v, %v", when, q.Values().Encode(), len(got), len(want), got[:min(9, len(got))], want[:min(9, len(want))])
		}
		found += min(len(got), 1)
	}
	if found < 60 {
		r.t.Errorf("%s: only %d questions find anybody", when, found)
	}
}

// asKnownTodayIsNow asks for today by its date, which is answered from the facts
// instead of the standings.
func (r room) asKnownTodayIsNow() {
	for _, q := range r.asked {
		now := r.answer(r.Service, q)
		q.KnownOn = r.on
		then := r.answer(r.Service, q)
		for i := range min(len(then), len(now)) {
			if !reflect.DeepEqual(then[i], now[i]) {
				r.t.Fatalf("%s: as known today %+v\nas known now   %+v", q.Values().Encode(), then[i], now[i])
			}
		}
		if len(then) != len(now) {
			r.t.Fatalf("%s: as known today %d people, as known now %d", q.Values().Encode(), len(then), len(now))
		}
	}
}

// pastAnswers are the answers to all questions on some days.
func (r room) pastAnswers(s *Service) map[string][]Row {
	out := map[string][]Row{}
	differ := false
	for _, day := range []civil.Date{r.on, r.on.AddDays(-31), r.on.AddDays(-400)} {
		for _, q := range r.asked {
			now := r.answer(s, q)
			q.KnownOn = day
			rows := r.answer(s, q)
			out[day.String()+" "+q.Values().Encode()] = rows
			differ = differ || !reflect.DeepEqual(rows, now)
		}
	}
	if !differ {
		r.t.Error("the past is like the present in every list")
	}
	return out
}

func (r room) nothingBeforeItBegan() {
	q, _ := Parse(url.Values{"status": {"neet"}})
	q.KnownOn = civil.MustParse("2001-01-01")
	if _, err := r.Page(r.t.Context(), r.by, q, 0, 50); !errors.As(err, new(act.BeforeBegan)) {
		r.t.Errorf("a list of before the register began: %v", err)
	}
	if err := r.All(r.t.Context(), r.by, q, func(Row) error { return nil }); !errors.As(err, new(act.BeforeBegan)) {
		r.t.Errorf("a file of before the register began: %v", err)
	}
}

// linesAreThoseOfWholeLives holds that what lists read of a life is all that
// its standing is made of.
func (r room) linesAreThoseOfWholeLives() {
	if err := r.DB.Read(r.t.Context(), func(tx *db.Tx) error {
		for _, at := range []id.Act{0, 40} {
			k := fact.Known{Register: r.by.Register, At: at}
			whole, err := life.Load(tx, k)
			if err != nil {
				return err
			}
			some, err := life.LoadForLists(tx, k)
			if err != nil {
				return err
			}
			if len(whole) != len(some) || len(some) == 0 {
				return fmt.Errorf("%d lives, and %d for lists", len(whole), len(some))
			}
			for i := range whole {
				if a, b := r.Standing.Row(k.Register, whole[i]), r.Standing.Row(k.Register, some[i]); !reflect.DeepEqual(a, b) {
					return fmt.Errorf("after act %d: %v, for lists %v", at, a, b)
				}
			}
		}
		return nil
	}); err != nil {
		r.t.Error(err)
	}
}

// listsOfEnrolments are four, of which two name somebody for this academic year.
func (r room) listsOfEnrolments() {
	some := r.bySQL(Question{Sort: ByName})
	err := r.DB.InTx(r.t.Context(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, r.by, access.ImportFile, 0, act.Request{})
		if err != nil {
			return err
		}
		reg, start := int64(r.by.Register), r.on.AcademicYear().Start()
		if _, err := tx.Exec(`INSERT INTO sender (register, id, ref, name, kind, agreement, agreement_ends, tolerance, sends_full, place) VALUES ($1, 900001, 'SENDER', 'Brindle College', 'enrolment', '', '', 0, FALSE, TRUE)`, reg); err != nil {
			return err
		}
		for i, asAt := range []civil.Date{start, r.on, start.AddDays(-1), r.on} {
			state, undone := "applied", any(nil)
			if i == 3 {
				state, undone = "undone", int64(a.Number)
			}
			if _, err := tx.Exec(`INSERT INTO intake (register, id, ref, sender, kind, file_name, bytes, sha256, received_at, actor, actor_name, as_at, state, whole, mapping, blocks, done, after_act, counts, act, undone_by, message)
				VALUES ($1, $2, $3, 900001, 'enrolment', 'list.csv', 1, $3, $4, '', '', $5, $6, FALSE, '', 0, 0, 0, '', $7, $8, '')`, reg, 900002+i, fmt.Sprintf("LIST%d", i), db.Instant{Time: tx.Now}, asAt, state, int64(a.Number), undone); err != nil {
				return err
			}
			for n, yp := range some {
				if n%5 == i {
					if _, err := tx.Exec(`INSERT INTO enrolment_named (register, young_person, intake) VALUES ($1, $2, $3)`, reg, int64(yp), 900002+i); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// besideTheRoll holds that lists by the guarantee have those of the season, and
// that each filter that looks beside the roll finds somebody and leaves out
// somebody.
func (r room) besideTheRoll() {
	all := len(r.answer(r.Service, Question{Sort: ByName}))
	st, err := r.Season.Running(r.t.Context(), r.by.Register, civil.Date{})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, one := range []struct{ value, year string }{{"gap", ""}, {"no-offer", ""}, {"not-recorded", ""}, {"made", ""}, {"made", "11"}, {"made", "12"}, {"odd", ""}} {
		want := 0
		for _, p := range st.People {
			fits := map[string]bool{"gap": p.Outcome == season.NoOffer || p.Outcome == season.NotRecorded, "no-offer": p.Outcome == season.NoOffer, "not-recorded": p.Outcome == season.NotRecorded, "made": p.Outcome == season.Made}[one.value]
			if p.Owed && fits && (one.year == "" || p.Node == "Year"+one.year) {
				want++
			}
		}
		q, _ := Parse(url.Values{"guarantee": {one.value}, "guarantee-year": {one.year}})
		if got := len(r.answer(r.Service, q)); got != want || got == 0 && one.value == "made" {
			r.t.Errorf("%+v: the list has %d people, the season %d", one, got, want)
		}
	}
	for f, values := range map[Filter][]string{Enrolled: {"yes", "none"}, Intended: {"yes", "none"}} {
		sum := 0
		for _, value := range values {
			n := len(r.answer(r.Service, Question{Filters: map[Filter][]string{f: {value}}, Sort: ByName}))
			if sum += n; n == 0 || n == all {
				r.t.Errorf("%s=%s has %d of %d people", f, value, n, all)
			}
		}
		if sum != all {
			r.t.Errorf("%s: %d people of %d say yes or none", f, sum, all)
		}
	}
	left := 0
	choices, err := r.Choices(r.t.Context(), r.by, civil.Date{})
	for _, c := range choices.Schools {
		left += len(r.answer(r.Service, Question{Filters: map[Filter][]string{Left: {c.Value}}, Sort: ByName}))
	}
	if err != nil || left == 0 {
		r.t.Errorf("nobody has left any school: %v", err)
	}
}
