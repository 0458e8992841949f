package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/youngperson"
)

// The bounds of issue 3: the figures page, once the register is stated.
const (
	figuresPage        = 200 * time.Millisecond
	figuresPageEngland = 2 * time.Second
)

// benchFigures measures the figures of a register with three years of history,
// beside a plain loop that states every life for every month asked.
func benchFigures(ctx context.Context, args []string) error {
	return history{name: "figures", people: 100_000, times: 40, now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}.run(ctx, args,
		func(ctx context.Context, b *figuresBench) error { return b.measure(ctx) })
}

type figuresBench struct {
	d      *db.DB
	req    *nccis.Requirement
	people int
	times  int
	by     access.Actor
}

// page is what the figures page asks, at its dearest: the mean of three months
// and of those a year before, by district.
func (b *figuresBench) page() report.Question {
	return report.Question{Periods: []report.Period{report.DecemberToFebruary(2026)}, Series: 36, By: []string{"all", "ward"}}
}

// everything is what a download holds.
func (b *figuresBench) everything() report.Question {
	return report.Question{Periods: report.PeriodsFor(civil.Month{Year: 2026, Month: 2})}
}

func (b *figuresBench) measure(ctx context.Context) error {
	s := &report.Service{DB: b.d, Requirement: b.req, Sights: &act.Recorder{DB: b.d}}
	row := func(what string, d time.Duration, note string) {
		fmt.Printf("  %-58s %9.1f ms  %s\n", what, float64(d.Microseconds())/1000, note)
	}
	plain, err := b.plainLoop(ctx)
	if err != nil {
		return err
	}
	row("baseline: a plain loop over the facts, one month", plain, "")
	began := time.Now()
	if err := s.Warm(ctx, b.by.Register); err != nil {
		return err
	}
	row("stating the register for every month, once (cold)", time.Since(began), fmt.Sprintf("%.2f of the baseline for 36 times the months", time.Since(began).Seconds()/plain.Seconds()))
	var rows int
	warm, err := b.repeat(func(int) error {
		r, err := s.Run(ctx, b.by, b.page())
		if err == nil {
			rows = len(r.Rows)
		}
		return err
	})
	if err != nil {
		return err
	}
	row("the page, nothing changed (p95)", warm, fmt.Sprintf("%d rows; %.0f times as fast as the baseline", rows, plain.Seconds()/warm.Seconds()))
	after, err := b.repeat(func(i int) error {
		_, err := s.Run(ctx, b.by, b.page())
		return err
	}, func(i int) error { return b.record(ctx, i, 5) })
	if err != nil {
		return err
	}
	row("the page, five acts since the last (p95)", after, "")
	whole, err := b.repeat(func(i int) error {
		r, err := s.Run(ctx, b.by, b.everything())
		if err == nil {
			rows = len(r.Rows)
		}
		return err
	}, func(i int) error { return b.record(ctx, b.times+i, 1) })
	if err != nil {
		return err
	}
	row("everything, as downloaded, an act since the last (p95)", whole, fmt.Sprintf("%d rows", rows))
	began = time.Now()
	q := b.page()
	q.KnownOn = civil.Must(2026, 3, 10)
	if _, err := s.Run(ctx, b.by, q); err != nil {
		return err
	}
	row("the page as known on a day, not asked for before", time.Since(began), "")
	fmt.Printf("  peak memory %.0f MB\n", peakMB())
	limit := figuresPage
	if b.people > 200_000 {
		limit = figuresPageEngland
	}
	if worst := max(warm, after); worst > limit {
		return fmt.Errorf("the figures page takes %v at the 95th percentile; the bound is %v", worst, limit)
	}
	return nil
}

// repeat is the 95th percentile of what one takes; before is done each time and
// not measured.
func (b *figuresBench) repeat(one func(int) error, before ...func(int) error) (time.Duration, error) {
	var took []time.Duration
	for i := range b.times {
		for _, f := range before {
			if err := f(i); err != nil {
				return 0, err
			}
		}
		began := time.Now()
		if err := one(i); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)*95/100], nil
}

// plainLoop loads every life and states it for one month.
func (b *figuresBench) plainLoop(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	end := civil.Must(2026, 2, 28)
	e, _ := b.req.EditionOn(end)
	var neet, all int
	err := b.d.Read(ctx, func(tx *db.Tx) error {
		reg, err := register.Of(tx, b.by.Register)
		if err != nil {
			return err
		}
		for from := 1; from <= b.people; from += 1000 {
			lives, err := life.LoadForFigures(tx, fact.Known{Register: reg.ID, From: id.YoungPerson(from), To: id.YoungPerson(from + 999)})
			if err != nil {
				return err
			}
			for _, l := range lives {
				v := l.On(reg.Book(), e, end)
				all++
				if v.Status == nccis.NEET {
					neet++
				}
			}
		}
		return nil
	})
	if err == nil && (neet == 0 || all != b.people) {
		err = errors.New("the plain loop counted nobody")
	}
	return time.Since(began), err
}

func (b *figuresBench) record(ctx context.Context, i, acts int) error {
	for k := range acts {
		yp := id.YoungPerson((i*acts+k)*97%b.people + 1)
		if err := b.d.InTx(ctx, func(tx *db.Tx) error {
			a, err := act.Begin(tx, b.by, access.RecordActivity, yp, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
			if err != nil {
				return err
			}
			_, err = activity.Spells.New(tx, a, yp, "2026-02-20", activity.Spell{Activity: "619", Ascertained: "2026-02-20"})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// fill invents the register: people of academic age 15 to 19 today, with some
// twenty facts each over three years.
func (b *figuresBench) fill(ctx context.Context) error {
	reg, err := (&register.Service{DB: b.d}).Add(ctx, register.Register{Name: "Borough of Sandmere", DatabaseID: "468",
		Authorities: []register.Authority{{Code: "344", Name: "Sandmere"}}})
	if err != nil {
		return err
	}
	b.by = access.Actor{Register: reg.ID, Ref: "operator:bench", Name: "Bench", Roles: []access.Role{access.Operator}}
	const some = 2000
	for from := 0; from < b.people; from += some {
		if err := b.d.InTx(ctx, func(tx *db.Tx) error {
			a, err := act.Begin(tx, b.by, access.ImportFile, 0, act.Request{Evidence: &act.Evidence{Kind: act.MigratedFile}})
			if err != nil {
				return err
			}
			g := &inventor{a: a}
			for i := from; i < min(from+some, b.people); i++ {
				g.person(i)
			}
			return g.store(tx)
		}); err != nil {
			return err
		}
	}
	runtime.GC()
	return nil
}

// inventor gathers the facts of some people.
type inventor struct {
	a           *act.Act
	next        int64
	anchors     [][]any
	names       []fact.Of[youngperson.Name]
	particulars []fact.Of[youngperson.Particulars]
	addresses   []fact.Of[youngperson.Address]
	allocations []fact.Of[youngperson.Allocation]
	statuses    []fact.Of[cohort.Status]
	needs       []fact.Of[need.Need]
	traits      []fact.Of[need.Characteristic]
	spells      []fact.Of[activity.Spell]
	verified    []fact.Of[activity.Verification]
	guarantees  []fact.Of[guarantee.Guarantee]
}

// dice is a number below n that depends on the person and the question alone.
func dice(i, question, n int) int {
	x := uint64(i)*0x9E3779B97F4A7C15 + uint64(question)*0xBF58476D1CE4E5B9
	x ^= x >> 31
	x *= 0x94D049BB133111EB
	return int((x >> 33) % uint64(n))
}

func (g *inventor) version(i int, started, ended string) fact.Version {
	g.next++
	return fact.Version{YoungPerson: id.YoungPerson(i + 1), ID: id.Fact(int64(i+1)*100 + g.next), Started: started, Ended: ended, Evidence: g.a.Evidence}
}

func (g *inventor) person(i int) {
	g.next = 0
	of := func(question int, from ...string) string { return from[dice(i, question, len(from))] }
	born := civil.Must(2006, 9, 1).AddDays(dice(i, 1, 4*365))
	g.anchors = append(g.anchors, []any{int64(g.a.Register), int64(i + 1), string(id.NewRef()), fmt.Sprintf("468%010d", i+1), int64(g.a.Number)})
	g.names = append(g.names, fact.Of[youngperson.Name]{Version: g.version(i, "", ""), Is: youngperson.Name{Kind: youngperson.Legal, Given: "Sample", Family: fmt.Sprintf("Number%d", i)}})
	g.particulars = append(g.particulars, fact.Of[youngperson.Particulars]{Version: g.version(i, "", ""),
		Is: youngperson.Particulars{DOB: born.String(), Gender: of(2, "F", "M"), Ethnicity: of(3, "WBRI", "WBRI", "APKN", "BAFR", "MWBC", "AIND", "NOBT")}})
	g.addresses = append(g.addresses, fact.Of[youngperson.Address]{Version: g.version(i, "", ""), Is: youngperson.Address{Line1: "1 Sample Street", Postcode: fmt.Sprintf("CH%d 1AA", 1+dice(i, 4, 60))}})
	g.statuses = append(g.statuses, fact.Of[cohort.Status]{Version: g.version(i, "", ""), Is: cohort.Status{Status: "P", StatedOn: "2023-03-31", LeadLA: "344", EducatedLA: "344", LAAtYear11: "344"}})
	g.needs = append(g.needs, fact.Of[need.Need]{Version: g.version(i, "", ""), Is: need.Need{Level: "3", SEND: of(5, "Y", "N", "N", "N", "N", "N", "N", "N", "N", "N"), SENSupport: of(6, "Y", "N", "N", "N", "N", "N")}})
	if dice(i, 7, 20) == 0 {
		g.traits = append(g.traits, fact.Of[need.Characteristic]{Version: g.version(i, "2024-01-10", ""), Is: need.Characteristic{Code: of(8, "110", "140", "170", "210")}})
	}
	g.allocations = append(g.allocations, fact.Of[youngperson.Allocation]{Version: g.version(i, "", ""), Is: youngperson.Allocation{Adviser: fmt.Sprintf("adviser%d", dice(i, 9, 60)), AdviserName: "Sample Adviser"}})
	start := civil.Must(2023, 1, 5).AddDays(dice(i, 10, 120))
	for k := range 5 {
		next := start.AddDays(120 + dice(i, 20+k, 250))
		ended := next.AddDays(-1).String()
		if k == 4 {
			ended = ""
		}
		code := of(30+k, "210", "210", "230", "230", "220", "310", "330", "619", "610", "640", "810", "820", "530")
		s := fact.Of[activity.Spell]{Version: g.version(i, start.String(), ended), Is: activity.Spell{Activity: code, Ascertained: start.String(),
			EstablishmentNumber: fmt.Sprintf("344%04d", 4000+dice(i, 40, 40)), EstablishmentName: "Sample School"}}
		g.spells = append(g.spells, s)
		for v := range 2 {
			g.verified = append(g.verified, fact.Of[activity.Verification]{Version: g.version(i, "", ""), Is: activity.Verification{Spell: s.ID, Verified: start.AddDays(v * 100).String()}})
		}
		start = next
	}
	for k, node := range []string{guarantee.Year11, guarantee.Year12} {
		g.guarantees = append(g.guarantees, fact.Of[guarantee.Guarantee]{Version: g.version(i, "", ""), Is: guarantee.Guarantee{Node: node, Season: 2024 + k, Status: of(50+k, "110", "114", "150", "159"), LACode: "344"}})
	}
}

func (g *inventor) store(tx *db.Tx) error {
	return errors.Join(
		db.BulkInsert(tx, "young_person", strings.Fields("register id ref young_persons_id known_from"), g.anchors),
		youngperson.Names.Add(tx, g.a, g.names), youngperson.ParticularsTable.Add(tx, g.a, g.particulars), youngperson.Addresses.Add(tx, g.a, g.addresses),
		youngperson.Allocations.Add(tx, g.a, g.allocations), cohort.Statuses.Add(tx, g.a, g.statuses), need.Needs.Add(tx, g.a, g.needs),
		need.Characteristics.Add(tx, g.a, g.traits), activity.Spells.Add(tx, g.a, g.spells), activity.Verifications.Add(tx, g.a, g.verified),
		guarantee.Guarantees.Add(tx, g.a, g.guarantees))
}
