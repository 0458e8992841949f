package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/returns"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// House is what a demo is filled into.
type House struct {
	DB          *db.DB
	Requirement *nccis.Requirement
}

const (
	finished    = "the demonstration is ready"
	sqlFinished = `SELECT COUNT(*) FROM act WHERE register = $1 AND reason = $2`
)

// Finished says that the register holds a whole demo: an interrupted one is
// thrown away, not mended.
func Finished(ctx context.Context, d *db.DB, r id.Register) (bool, error) {
	var n int
	err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlFinished, int64(r), finished).Scan(&n) })
	return n > 0, err
}

// Furnish leaves in a filled register what its staff have begun since: mistakes
// to mend, a record put forward for erasure, agreements, requests about rights.
func Furnish(ctx context.Context, h House, w *World, r register.Register) error {
	for _, step := range []func(context.Context, House, *World, register.Register) error{EnterTwice, PutForward, Share, Notify, Ask, GoOut} {
		if err := step(ctx, h, w, r); err != nil {
			return err
		}
	}
	return nil
}

// Is says that a register is one of the invented authorities'.
func Is(r register.Register) bool {
	return r.SupplierName == nccis.DemoSupplier && slices.ContainsFunc(boroughs(), func(b Borough) bool { return b.Code == r.DatabaseID })
}

// Fill makes the register and tells it the world's past, act by act, each
// stamped with the moment at which it would have been done; signs and sends the
// returns of the last months; and leaves the register as it is on World.On.
func Fill(ctx context.Context, h House, w *World) (register.Register, error) {
	f := &filler{w: w, clock: w.Acts[0].At.AddDate(0, 0, -3)}
	f.db = h.DB.At(func() time.Time { return f.clock })
	f.returns = &returns.Service{DB: f.db, Requirement: h.Requirement, Standing: standing.Keeper{Requirement: h.Requirement}, Version: "demo"}
	r, err := (&register.Service{DB: f.db}).Add(ctx, register.Register{
		Ref: newRef(rand.New(rand.NewPCG(w.Seed, 1<<41))), Name: w.Borough.Name, DatabaseID: w.Borough.Code, SupplierName: nccis.DemoSupplier,
		Authorities:   []register.Authority{{Code: w.Borough.Code, Name: w.Borough.Name, Invented: true}},
		PasswordAlone: true, // whoever tries it has no phone set up for it
	})
	if err != nil {
		return r, err
	}
	f.register = r.ID
	if err := f.hire(ctx); err != nil {
		return r, err
	}
	f.prepare()
	from := 0
	for k := range Months {
		month := w.first.Add(k)
		sends, draws := slices.Contains(w.sent(), month), month.Month == time.May && slices.Contains(w.seasons(), month.Year)
		if !sends && !draws {
			continue
		}
		// All that was learned in the month; then its return.
		if err := f.tell(ctx, from, (k+1)*slots); err != nil {
			return r, err
		}
		from = (k + 1) * slots
		if draws {
			if err := f.draw(ctx, h.Requirement, month.Year); err != nil {
				return r, err
			}
		}
		if sends {
			if err := f.send(ctx, k); err != nil {
				return r, fmt.Errorf("send the return for %s: %w", month.Words(), err)
			}
		}
	}
	if err := f.tell(ctx, w.Filed, len(w.Acts)); err != nil {
		return r, err
	}
	if err := f.days(ctx); err != nil {
		return r, err
	}
	if err := f.reference(ctx); err != nil {
		return r, err
	}
	if err := f.restrict(ctx); err != nil {
		return r, err
	}
	return r, f.finish(ctx, h.Requirement)
}

// filler is one filling under way.
type filler struct {
	w        *World
	db       *db.DB
	clock    time.Time
	register id.Register
	actors   []access.Actor
	returns  *returns.Service
	tables   []table
	// people and evidence are who becomes known, and what is heard, by act.
	people   [][]*Person
	evidence [][]heard
	sources  []uint32 // bits of the sources of an act
	// numbers are the acts' in the register, by KnownFrom.
	numbers []id.Act
	// keys are the keys of a person's facts and evidence, by the demo's own.
	keys map[*Person]*keys
}

type heard struct {
	p *Person
	i int
}

type keys struct {
	person   id.YoungPerson
	facts    []id.Fact
	evidence []id.Evidence
}

func (f *filler) operator() access.Actor {
	return access.Actor{Register: f.register, Ref: "operator:demo", Name: "the demonstration", Roles: []access.Role{access.Operator}, Request: "demo"}
}

// hire makes the accounts of the cast.
func (f *filler) hire(ctx context.Context) error {
	accounts := account.New(f.db, f.register)
	for _, s := range f.w.Cast {
		f.clock = f.clock.Add(4 * time.Minute)
		a, err := accounts.Create(ctx, f.operator(), account.NewAccount{SignIn: s.SignIn, Name: s.Name, Password: Password, Roles: []access.Role{s.Role}, Ref: s.Ref})
		if err != nil {
			return fmt.Errorf("make the account of %s: %w", s.Name, err)
		}
		f.actors = append(f.actors, a.Actor("demo"))
	}
	return nil
}

// prepare sorts all facts by the act that tells them.
func (f *filler) prepare() {
	n := len(f.w.Acts) + 1
	f.numbers = make([]id.Act, n)
	f.people, f.evidence, f.sources, f.keys = make([][]*Person, n), make([][]heard, n), make([]uint32, n), map[*Person]*keys{}
	for _, p := range f.w.People {
		if !f.w.held(p.KnownFrom()) {
			continue
		}
		f.people[p.KnownFrom()] = append(f.people[p.KnownFrom()], p)
		f.keys[p] = &keys{facts: make([]id.Fact, p.next+1), evidence: make([]id.Evidence, len(p.Told))}
		for i, k := range p.toldBy {
			f.evidence[k] = append(f.evidence[k], heard{p, i})
		}
	}
	f.tables = tables(f)
}

// tell does the acts with the indexes, in one transaction.
func (f *filler) tell(ctx context.Context, from, to int) error {
	return f.db.InTx(ctx, func(tx *db.Tx) error {
		for i := from; i < to; i++ {
			if err := f.act(tx, i); err != nil {
				return fmt.Errorf("%s: %w", f.w.Acts[i].Reason, err)
			}
		}
		return nil
	})
}

func (f *filler) act(tx *db.Tx, i int) error {
	known, plan := i+1, f.w.Acts[i]
	used := len(f.people[known]) + len(f.evidence[known]) + int(f.sources[known])
	if used == 0 {
		return nil
	}
	tx.Now = plan.At
	f.clock = plan.At
	a, err := act.Begin(tx, f.actors[plan.By], access.Action(plan.Action), 0, act.Request{Reason: plan.Reason})
	if err != nil {
		return err
	}
	f.numbers[known] = a.Number
	if err := f.join(tx, a, known); err != nil {
		return err
	}
	told, err := f.hear(a, known)
	if err != nil {
		return err
	}
	for _, t := range f.tables {
		if err := t(tx, a, known, told); err != nil {
			return err
		}
	}
	return nil
}

// join makes people known.
func (f *filler) join(tx *db.Tx, a *act.Act, known int) error {
	people := f.people[known]
	if len(people) == 0 {
		return nil
	}
	key, err := a.Keys(len(people))
	if err != nil {
		return err
	}
	number, err := a.LocalNumbers(len(people))
	if err != nil {
		return err
	}
	rows := make([]youngperson.Person, len(people))
	for i, p := range people {
		if want := fmt.Sprintf("%s%010d", f.w.Borough.Code, number+int64(i)); p.Person.YoungPersonsID != want {
			return fmt.Errorf("the register would number somebody %s who was invented as %s", want, p.Person.YoungPersonsID)
		}
		f.keys[p].person = id.YoungPerson(key + int64(i))
		rows[i] = p.Person
		rows[i].ID = f.keys[p].person
	}
	return youngperson.AddMany(tx, a, rows)
}

// hear writes the evidence of an act and returns the keys of that of its
// sources.
func (f *filler) hear(a *act.Act, known int) (map[int]id.Evidence, error) {
	var rows []act.Evidence
	for _, h := range f.evidence[known] {
		rows = append(rows, h.p.Told[h.i])
	}
	var used []int
	for s := range f.w.Sources {
		if f.sources[known]&(1<<s) != 0 {
			used = append(used, s)
			rows = append(rows, act.Evidence{Kind: f.w.Sources[s].Kind, SaidBy: f.w.Sources[s].SaidBy})
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	first, err := a.AddEvidence(rows)
	if err != nil {
		return nil, err
	}
	for i, h := range f.evidence[known] {
		f.keys[h.p].evidence[h.i] = first + id.Evidence(i)
	}
	told := map[int]id.Evidence{}
	for i, s := range used {
		told[s] = first + id.Evidence(len(f.evidence[known])+i)
	}
	return told, nil
}

// finish derives the standings, on all cores, and marks the demo as whole.
func (f *filler) finish(ctx context.Context, req *nccis.Requirement) error {
	keeper := standing.Keeper{Requirement: req}
	people := make([]*Person, 0, len(f.keys))
	for _, p := range f.w.People {
		if f.keys[p] != nil {
			people = append(people, p)
		}
	}
	rows := make([][]any, len(people))
	var done sync.WaitGroup
	const some = 512
	for from := 0; from < len(people); from += some {
		done.Go(func() {
			for i := from; i < min(from+some, len(people)); i++ {
				p := people[i]
				l := p.At(f.w.Told)
				l.Contacts = f.contacts(p)
				l.Person.ID = f.keys[p].person
				rows[i] = keeper.Row(f.register, l)
			}
		})
	}
	done.Wait()
	return f.db.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, f.operator(), access.KeepRegister, 0, act.Request{Reason: finished})
		if err != nil {
			return err
		}
		// The supplier's system goes on numbering: who comes with the file that
		// waits has a number that nobody here may be given.
		if coming := len(f.w.People) - len(people); coming > 0 {
			if _, err := a.LocalNumbers(coming); err != nil {
				return err
			}
		}
		return db.BulkInsert(tx, "standing", standing.Columns, rows)
	})
}
