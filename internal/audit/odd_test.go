package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/audit"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
)

// person puts a young person into the register.
func (b *book) person(key int, family, adviser string) {
	b.t.Helper()
	ref := fmt.Sprintf("person%d", key)
	b.exec(`INSERT INTO young_person (register, id, ref, young_persons_id, known_from) VALUES ($1, $2, $3, $4, 0)`, int64(b.r), key, ref, fmt.Sprint(9910000000000+key))
	b.exec(`INSERT INTO standing (register, young_person, ref, young_persons_id, given, family, given_key, family_key, postcode_key, gender, ethnicity, lead_la, educated_la, cohort_status,
		send, sen_support, level, vulnerable, activity, establishment_number, establishment_name, adviser, adviser_name)
		VALUES ($1, $2, $3, '', '', '', '', $4, '', '', '', '', '', '', '', '', '', FALSE, '', '', '', $5, '')`, int64(b.r), key, ref, family, adviser)
}

// member makes an account.
func (b *book) member(key int, ref, name string, role access.Role) access.Actor {
	b.t.Helper()
	b.exec(`INSERT INTO account (register, id, ref, sign_in, full_name, password, created_by) VALUES ($1, $2, $3, $3, $4, '', 1)`, int64(b.r), key, ref, name)
	b.exec(`INSERT INTO account_role (register, account, role, known_from) VALUES ($1, $2, $3, 1)`, int64(b.r), key, string(role))
	return access.Actor{Register: b.r, Ref: "account:" + ref, Name: name, Roles: []access.Role{role}, Request: "q"}
}

// sawAt has somebody open records at a moment.
func (b *book) sawAt(at time.Time, by access.Actor, kind access.Action, page string, people ...id.YoungPerson) {
	b.t.Helper()
	if at.IsZero() {
		b.t.Fatal("no moment")
	}
	sees := &act.Recorder{DB: b.d.At(func() time.Time { return at }), Wait: time.Microsecond}
	if err := sees.See(b.t.Context(), act.Sight{By: by, Kind: kind, People: people, Page: page}); err != nil {
		b.t.Fatal(err)
	}
}

func people(from, to int) []id.YoungPerson {
	var out []id.YoungPerson
	for n := from; n <= to; n++ {
		out = append(out, id.YoungPerson(n))
	}
	return out
}

func TestWhatIsOdd(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		adviser := b.member(1, "ada", "Ada Brackenbury", access.Adviser)
		officer := b.member(2, "oscar", "Oscar Quillfeather", access.DataOfficer)
		ig := b.member(3, "ines", "Ines Marlpit", access.InformationGovernance)
		for n := 1; n <= 140; n++ {
			family, whose := fmt.Sprint("family", n), ""
			switch n {
			case 1:
				family = "brackenbury"
			case 2, 3:
				whose = "ada"
			}
			b.person(n, family, whose)
		}
		noon := dbtest.Noon // a Tuesday
		see := func(at time.Time, by access.Actor, people ...id.YoungPerson) {
			b.sawAt(at, by, access.SeePerson, "summary", people...)
		}
		odd := func() map[string]int {
			t.Helper()
			found, err := (&audit.Service{DB: d, Sights: b.sees}).Odd(t.Context(), ig, civil.MustParse("2026-11-04"), civil.MustParse("2026-11-10"))
			if err != nil {
				t.Fatal(err)
			}
			n := map[string]int{}
			for _, o := range found {
				n[o.Kind+" "+strings.TrimPrefix(o.Actor, "account:")+" "+o.On.String()]++
			}
			return n
		}
		expect := func(want map[string]int) {
			t.Helper()
			if got := odd(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("odd are %v, want %v", got, want)
			}
		}

		see(noon, adviser, 2, 3, 4)
		see(noon.Add(-9*24*time.Hour), adviser, 1) // before the days that are asked about
		expect(map[string]int{})

		see(noon, adviser, 1)
		see(noon.Add(time.Minute), adviser, 1) // the same day: said once
		want := map[string]int{"own family name ada 2026-11-10": 1}
		expect(want)

		see(noon.Add(-24*time.Hour), adviser, people(4, 63)...)
		expect(want) // sixty are not more than sixty
		see(noon.Add(-24*time.Hour+time.Minute), adviser, 64)
		want["many strangers ada 2026-11-09"] = 1
		expect(want)
		see(noon.Add(-24*time.Hour), officer, people(2, 100)...) // whose work is all of them
		expect(want)

		see(time.Date(2026, 11, 6, 23, 0, 0, 0, time.UTC), adviser, 2, 3) // hers, late
		expect(want)
		see(time.Date(2026, 11, 6, 23, 0, 0, 0, time.UTC), adviser, 9)
		see(time.Date(2026, 11, 6, 5, 0, 0, 0, time.UTC), adviser, 10)
		see(time.Date(2026, 11, 7, 12, 0, 0, 0, time.UTC), officer, 9) // a Saturday
		want["out of hours ada 2026-11-06"], want["out of hours oscar 2026-11-07"] = 1, 1
		expect(want)

		for day := 20; day <= 25; day++ { // what is usual for the officer: 5 a day
			see(time.Date(2026, 10, day, 12, 0, 0, 0, time.UTC), officer, people(2, 6)...)
		}
		want["far more than usual oscar 2026-11-09"] = 1 // 99 on the Monday
		expect(want)
		see(noon, officer, people(2, 16)...) // 15 is three times 5, and not more
		expect(want)
		see(noon, officer, 17)
		want["far more than usual oscar 2026-11-10"] = 1
		expect(want)

		b.sawAt(noon, officer, access.DownloadPeople, "list file", people(1, 500)...)
		expect(want)
		b.sawAt(noon, officer, access.DownloadPeople, "another file", people(1, 501)...)
		want["large file oscar 2026-11-10"] = 1
		expect(want)

		if _, err := (&audit.Service{DB: d, Sights: b.sees}).Odd(t.Context(), officer, civil.MustParse("2026-11-04"), civil.MustParse("2026-11-10")); err == nil {
			t.Error("a data officer was told what is odd")
		}
	})
}

// TestRecordsPutTogetherAreOne asks for who looked at somebody, and is told of
// looks at the record that was put together with theirs.
func TestRecordsPutTogetherAreOne(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		ig := b.member(3, "ines", "Ines Marlpit", access.InformationGovernance)
		for n := 1; n <= 3; n++ {
			b.person(n, "x", "")
		}
		merge := b.act("the same young person")
		b.exec(`INSERT INTO merged (register, young_person, into_person, ref, known_from) VALUES (1, 2, 1, 'm', $1)`, int64(merge))
		b.see("", 1)
		b.see("", 2)
		b.see("", 3)
		s := &audit.Service{DB: d, Sights: b.sees}
		for ref, want := range map[id.Ref]int{"person1": 2, "person2": 1} {
			found, err := s.Page(t.Context(), ig, audit.Question{Person: ref, Actor: audit.Operators}, 0, 50)
			if err != nil || found.Total != want || len(found.Events) != want {
				t.Errorf("%s: %+v %v", ref, found, err)
			}
		}
	})
}
