package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/inspect"
	"waymark/internal/merge"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/returns"
	"waymark/internal/seal"
	"waymark/internal/standing"
)

// campaignWorld lives in small invented authorities: random acts of random
// members of staff, those included who may not do them, beside a model that
// says what each person's record then holds. After each act the model and the
// register agree; what was known after an act is the same for ever; and now and
// then everything is checked. All of it follows from the seed.
func campaignWorld(ctx context.Context, args []string) (err error) {
	flags := flagsOf("world", 20_000, "acts that are tried, over both engines")
	each := flags.Int("acts", 250, "acts in one world; then another is invented")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	g, err := standInside()
	if err != nil {
		return t.end(err)
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	for n := 0; n*(*each) < *flags.n; n++ {
		if ctx.Err() != nil {
			return t.end(ctx.Err())
		}
		w := &world{t: t, n: uint64(n), r: t.stream(uint64(n))}
		if err := w.live(ctx, g, engines()[n%2], min(*each, *flags.n-n*(*each))); err != nil {
			return t.end(fmt.Errorf("world %d: %w", n, err))
		}
		if t.faulty() {
			break // what follows from a fault is no news
		}
	}
	return t.end(nil)
}

// world is one authority and its model.
type world struct {
	t     *tally
	n     uint64
	r     *rand.Rand
	step  int
	d     *db.DB
	clock time.Time
	book  register.Register
	staff []access.Actor
	see   access.Actor // who looks, to compare
	files string
	world *demo.World
	req   *nccis.Requirement

	records *record.Service
	merges  *merge.Service
	loads   *imports.Service
	returns *returns.Service
	checks  *inspect.Service

	people []*person
	past   []remembered
}

// person is what the model holds of one.
type person struct {
	ref      id.Ref
	family   string
	line2    string
	activity string
	contacts int
}

// remembered is what was known after an act.
type remembered struct {
	act    id.Act
	digest string
}

func (w *world) live(ctx context.Context, g *ground, e db.Engine, acts int) error {
	at, err := g.empty(ctx, e)
	if err != nil {
		return err
	}
	defer at.drop()
	w.files = filepath.Join(g.dir, fmt.Sprint("world-", w.n))
	if err := w.begin(ctx, at); err != nil {
		return err
	}
	defer os.RemoveAll(w.files)
	for w.step = 0; w.step < acts && ctx.Err() == nil && !w.t.faulty(); w.step++ {
		w.clock = w.clock.Add(time.Duration(1+w.r.IntN(90)) * time.Minute)
		if err := w.one(ctx); err != nil {
			return errors.Join(fmt.Errorf("step %d on %s: %w", w.step, e, err), w.d.Close())
		}
		if w.step%5 == 4 {
			if err := w.remember(ctx); err != nil {
				return errors.Join(err, w.d.Close())
			}
		}
		if w.step%60 == 59 || w.step == acts-1 {
			if err := w.check(ctx); err != nil {
				return errors.Join(err, w.d.Close())
			}
		}
	}
	w.merges.Close()
	w.loads.Close()
	w.t.count("worlds on "+string(e), 1)
	return w.d.Close()
}

// begin invents the authority as it was in the middle of a month.
func (w *world) begin(ctx context.Context, at place) (err error) {
	on := civil.Must(2026, time.November, 10)
	w.clock = time.Date(2026, time.November, 10, 9, 0, 0, 0, time.UTC)
	if w.req, err = nccis.Load(); err != nil {
		return err
	}
	if w.world, err = demo.Invent(demo.Settings{Seed: w.t.seed + w.n, On: on, Size: 0.006}); err != nil {
		return err
	}
	s := at.settings()
	s.Now = func() time.Time { return w.clock }
	if s.Ring, err = seal.NewRing(); err != nil {
		return err
	}
	if w.d, err = db.OpenEvery(ctx, s); err != nil {
		return err
	}
	if w.book, err = demo.Fill(ctx, demo.House{DB: w.d, Requirement: w.req}, w.world); err != nil {
		return err
	}
	if err := os.MkdirAll(w.files, 0o700); err != nil {
		return err
	}
	keeper := standing.Keeper{Requirement: w.req}
	w.records = &record.Service{DB: w.d, Requirement: w.req, Standing: keeper, Sights: &act.Recorder{DB: w.d, Wait: time.Microsecond}, Rolls: standing.NewRolls(w.d, keeper)}
	w.loads = &imports.Service{DB: w.d, Requirement: w.req, Standing: keeper}
	w.returns = &returns.Service{DB: w.d, Requirement: w.req, Standing: keeper, Version: "world"}
	w.checks = &inspect.Service{DB: w.d, Standing: keeper}
	if w.merges, err = merge.New(w.records); err != nil {
		return err
	}
	return w.meet(ctx)
}

// meet reads who works there and who is held, but for those whose records are
// restricted: whom they are shown to is another campaign's.
func (w *world) meet(ctx context.Context) error {
	operator := access.Actor{Register: w.book.ID, Ref: "operator:world", Name: "world", Roles: []access.Role{access.Operator}, Request: "world"}
	all, err := account.New(w.d, w.book.ID).All(ctx, operator)
	if err != nil {
		return err
	}
	for _, a := range all {
		if role := a.Roles[0]; role.ByAgreement() || role == access.ContactCentre {
			continue // whom partners see is the policy campaign's
		}
		w.staff = append(w.staff, a.Actor("world"))
		if a.Roles[0] == access.DataOfficer {
			w.see = a.Actor("world")
		}
	}
	var refs []string
	if err := w.d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT ref FROM standing WHERE young_person NOT IN (SELECT young_person FROM restriction WHERE known_to IS NULL) ORDER BY young_persons_id")
		if err == nil {
			refs, err = firstColumn(rows)
		}
		return err
	}); err != nil {
		return err
	}
	for _, ref := range refs {
		p := &person{ref: id.Ref(ref)}
		if err := w.learn(ctx, p); err != nil {
			return err
		}
		w.people = append(w.people, p)
	}
	return nil
}

// learn has the model hold what the register says of a person.
func (w *world) learn(ctx context.Context, p *person) error {
	got, _, err := w.read(ctx, p.ref)
	if err == nil {
		*p = got
	}
	return err
}

// agree compares a person's record with the model.
func (w *world) agree(ctx context.Context, p *person, after string) error {
	got, _, err := w.read(ctx, p.ref)
	if err != nil {
		return err
	}
	if got != *p {
		w.t.fault("world %d, step %d: after %s the register says %+v and the model %+v", w.n, w.step, after, got, *p)
	}
	return nil
}

// remember keeps what is known now, and looks whether what was known then is
// still what was known then.
func (w *world) remember(ctx context.Context) error {
	return w.d.Read(ctx, func(tx *db.Tx) error {
		var last id.Act
		if err := tx.QueryRow("SELECT last_act FROM register").Scan((*int64)(&last)); err != nil {
			return err
		}
		digest, err := pastDigest(tx, last)
		if err != nil {
			return err
		}
		w.past = append(w.past, remembered{last, digest})
		for range min(3, len(w.past)) {
			then := w.past[w.r.IntN(len(w.past))]
			if digest, err = pastDigest(tx, then.act); err != nil {
				return err
			}
			w.t.count("questions about the past, asked again", 1)
			if digest != then.digest {
				w.t.fault("world %d, step %d: what was known after act %d is no longer what was known then", w.n, w.step, then.act)
			}
		}
		return nil
	})
}

// check looks through everything, as waymark db check does, and the log.
func (w *world) check(ctx context.Context) error {
	w.t.count("whole registers checked", 1)
	_, err := w.checks.Run(ctx, func(c inspect.Check) {
		if c.Found > 0 {
			w.t.fault("world %d, step %d: not so: %s: %q", w.n, w.step, c.What, c.Wrong)
		}
	})
	return err
}
