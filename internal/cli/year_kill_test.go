package cli_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/standing"
	"waymark/internal/transfer"
	"waymark/internal/youngperson"
)

// neighbourLA is the authority of the second register of the house.
const neighbourLA = "340"

// TestThePagesOfTheYearKilled kills the program that serves two registers while
// somebody is taken over from one to the other, and while the year is rolled over,
// both by a press on their pages: either all of it is done, or nothing, and the
// same press again does it once.
func TestThePagesOfTheYearKilled(t *testing.T) {
	onEachEngine(t, func(d *desk) {
		d.leavers(12)
		o := newOffice(d)
		offers := o.neighbour(5)
		o.serve()
		o.signIn()
		o.takenWhileKilled(offers)
		o.listed(len(offers))
		o.rolledWhileKilled(3)
	})
}

// press sends a form of buttons and says how long the answer took; an error is
// that the program did not live to give one.
func (o *office) press(path, key string, pairs ...string) (int, string, time.Duration, error) {
	form := url.Values{"key": {key}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	began := time.Now()
	code, page, err := o.send(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return code, page, time.Since(began), err
}

// killedAt kills the program in a part of the time that a press takes, and serves
// the register again.
func (o *office) killedAt(moment time.Duration, path, key string, pairs ...string) {
	o.t.Helper()
	answered := make(chan struct{})
	go func() {
		o.press(path, key, pairs...)
		close(answered)
	}()
	time.Sleep(moment)
	o.kill()
	<-answered
	o.serve()
}

// neighbour is another authority in the house, which offers n of its young people.
func (o *office) neighbour(n int) (offers []id.Ref) {
	o.t.Helper()
	t, ctx := o.t, o.t.Context()
	if _, told, code := o.types("register", "add", "--name", "Neighbour", "--database-id", "124", "--authority", neighbourLA); code != 0 {
		t.Fatal(told)
	}
	own := o.db.For(2)
	by := o.officer
	by.Register = 2
	for i, la := range []string{neighbourLA, "341"} {
		must(t, o.db.InTx(ctx, func(tx *db.Tx) error {
			r := i + 1
			if _, err := tx.Exec(`INSERT INTO organisation (register, id, ref, name, kind, urn, number, ukprn, la_code) VALUES ($1, 1, 'o', 'The other', 'other authority', '', '', '', $2)`, r, la); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO agreement (register, id, ref, organisation, purpose, document, owner, people, fields, started, ends, added_by, approved_by, why_suspended, changed_by)
				VALUES ($1, 1, 'g', 1, 'moves', 'paper', 'somebody', 'named', $2, '2026-01-01', '2027-12-31', 1, 1, '', 1)`, r, access.Handed.String())
			return err
		}))
	}
	keeper := standing.Keeper{Requirement: o.records.Requirement}
	sights := &act.Recorder{DB: own}
	records := &record.Service{DB: own, Requirement: o.records.Requirement, Standing: keeper, Sights: sights}
	service := &transfer.Service{DB: own, Standing: keeper, Sights: sights, Border: &border.Service{DB: own, Register: 2, Sights: sights}}
	told := record.Told{Kind: act.Telephone, SaidBy: "an aunt"}
	var movers []transfer.Offer
	for i := range n {
		ref, err := records.Add(ctx, by, record.NewPerson{Name: youngperson.Name{Given: fmt.Sprint("Mover", strings.Repeat("a", i+1)), Family: "Larkmoor"}, Born: civil.Must(2009, 3, 1+i), Gender: "F", Ethnicity: "WBRI",
			Address: youngperson.Address{Line1: "9 Kite Street", Postcode: "ZZ1 1AA"}, LeadLA: neighbourLA, EducatedLA: neighbourLA, Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, told)
		must(t, err)
		must(t, records.RecordActivity(ctx, by, ref, record.NewSpell{Activity: "210", Started: civil.Must(2026, 9, 7), PredictedEnd: civil.Must(2027, 7, 16), EstablishmentName: "Estuary College"}, 0, told))
		movers = append(movers, transfer.Offer{Person: ref, MovedOn: civil.Must(2026, 11, 2)})
	}
	must(t, service.Propose(ctx, by, movers, transfer.Terms{To: "341", Basis: transfer.Bases()[0], Goes: access.Handed}))
	sent, err := service.Lists(ctx, by)
	must(t, err)
	for _, one := range sent.Sent {
		offers = append(offers, one.Ref)
	}
	return offers
}

// handed is all that there is of a transfer in both registers.
func (o *office) handed(offer id.Ref) (out []string) {
	o.t.Helper()
	must(o.t, o.db.Read(o.t.Context(), func(tx *db.Tx) (err error) {
		out, err = db.Values[string](tx, `SELECT t.way || ' ' || t.state FROM transfer t WHERE t.ref = $1
			UNION ALL SELECT t.way || ' held' FROM transfer t JOIN young_person y ON y.register = t.register AND y.id = t.young_person AND y.known_to IS NULL WHERE t.ref = $1
			UNION ALL SELECT t.way || ' stands ' || s.cohort_status || ' ' || s.activity FROM transfer t JOIN standing s ON s.register = t.register AND s.young_person = t.young_person WHERE t.ref = $1
			UNION ALL SELECT t.way || ' status ' || c.status || ' ' || c.lead_la || ' from ' || c.started || ' to ' || c.ended FROM transfer t JOIN cohort c ON c.register = t.register AND c.young_person = t.young_person AND c.known_to IS NULL WHERE t.ref = $1
			UNION ALL SELECT t.way || ' does ' || a.activity || ' from ' || a.started FROM transfer t JOIN spell a ON a.register = t.register AND a.young_person = t.young_person AND a.known_to IS NULL WHERE t.ref = $1
			UNION ALL SELECT t.way || ' says it is the same' FROM transfer t JOIN same_person_answer a ON a.register = t.register AND a.young_person = t.young_person WHERE t.ref = $1
			ORDER BY 1`, string(offer))
		return err
	}))
	return out
}

// takers are how many acts took somebody over, and how many people and activities
// register 1 holds.
func (o *office) takers() [4]int {
	o.t.Helper()
	return [4]int{o.count(`SELECT count(*) FROM act WHERE register = 1 AND reason LIKE 'taken over from%'`), o.count(`SELECT count(*) FROM act WHERE register = 2 AND reason LIKE 'taken over by%'`),
		o.count(`SELECT count(*) FROM young_person WHERE register = 1 AND known_to IS NULL`), o.count(`SELECT count(*) FROM spell WHERE register = 1 AND known_to IS NULL`)}
}

func (o *office) takenWhileKilled(offers []id.Ref) {
	o.t.Helper()
	t := o.t
	offered := o.handed(offers[0])
	take := []string{"act", "take", "as", "new"}
	path := func(i int) string { return "/transfers/" + string(offers[i]) }
	code, page, whole, err := o.press(path(0), string(id.NewRef()), take...)
	taken := o.handed(offers[0])
	if err != nil || code != 200 || cmp.Equal(offered, taken) {
		t.Fatalf("not killed, it ends with %d %v and %q\n%.900s", code, err, taken, page)
	}
	seen := map[string]int{}
	for i := 1; i < len(offers); i++ {
		before, key := o.takers(), string(id.NewRef())
		after := before
		for n := range after {
			after[n]++
		}
		o.killedAt(whole*time.Duration(i)/time.Duration(len(offers)), path(i), key, take...)
		switch got := o.handed(offers[i]); {
		case cmp.Equal(got, taken) && o.takers() == after:
			seen["done"]++
		case cmp.Equal(got, offered) && o.takers() == before:
			seen["not begun"]++
		default:
			t.Fatalf("killed, half of it is done: %q, and of the acts, people and activities %v became %v", got, before, o.takers())
		}
		for range 2 {
			if code, page, _, err := o.press(path(i), key, take...); err != nil || code != 200 {
				t.Fatalf("pressed again, it ends with %d %v\n%.900s", code, err, page)
			}
			if got := o.handed(offers[i]); !cmp.Equal(got, taken) || o.takers() != after {
				t.Fatalf("killed and pressed again, it is another (-never killed +killed):\n%s\n%v, want %v", cmp.Diff(taken, got), o.takers(), after)
			}
		}
	}
	t.Logf("taking one over takes %v; after the kills it was %v", whole, seen)
}

// listed asks the command of each side for the n who were handed over.
func (o *office) listed(n int) {
	o.t.Helper()
	for register, way := range map[string]string{"341": "in", neighbourLA: "out"} {
		out, told, code := o.types("transfer", "--format", "csv", "--register", register)
		if code != 0 || strings.Count(out, "\n"+way+",Mover") != n || strings.Count(out, ",taken,") != n {
			o.t.Errorf("waymark transfer of %s ends with %d and says\n%s\n%s", register, code, out, told)
		}
	}
}

func (o *office) rolledWhileKilled(times int) {
	o.t.Helper()
	t := o.t
	const page, undo = "/rollover?year=2026", "/rollover/undo?year=2026"
	before := o.statuses()
	undone := func() {
		t.Helper()
		if code, text, _, err := o.press(undo, string(id.NewRef())); err != nil || code != 200 {
			t.Fatalf("taken back, it ends with %d %v\n%.900s", code, err, text)
		}
		if diff := cmp.Diff(before, o.statuses()); diff != "" {
			t.Fatalf("taken back, the register is another (-before +now):\n%s", diff)
		}
	}
	code, text, whole, err := o.press(page, string(id.NewRef()))
	after := o.statuses()
	if err != nil || code != 200 || cmp.Equal(before, after) {
		t.Fatalf("not killed, it ends with %d %v and changes nothing\n%.900s", code, err, text)
	}
	undone()
	seen := map[string]int{}
	for i := range times {
		key := string(id.NewRef())
		o.killedAt(whole*time.Duration(i+1)/time.Duration(times+1), page, key)
		switch got := o.statuses(); {
		case cmp.Equal(got, after):
			seen["done"]++
		case cmp.Equal(got, before):
			seen["not begun"]++
		default:
			t.Fatalf("killed, half of it is done (-before +now):\n%s", cmp.Diff(before, got))
		}
		for range 2 {
			if code, text, _, err := o.press(page, key); err != nil || code != 200 {
				t.Fatalf("pressed again, it ends with %d %v\n%.900s", code, err, text)
			}
			if diff := cmp.Diff(after, o.statuses()); diff != "" {
				t.Fatalf("killed and pressed again, it is another (-never killed +killed):\n%s", diff)
			}
		}
		undone()
	}
	t.Logf("rolling over takes %v; after the kills it was %v", whole, seen)
}
