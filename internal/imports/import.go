package imports

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Load loads a file into the register, as one act that lands whole or not at
// all, and says what it came to. The error is a *nccis.Rejection or a Refusal
// where the file cannot be loaded as it is; the register is then as it was, and
// so it is where ctx ends first. It needs access.ImportFile. progress, which
// may be nil, is called now and then from the calling goroutine.
func (s *Service) Load(ctx context.Context, by access.Actor, reg register.Register, f File, progress func(Progress)) (Report, error) {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: reg.ID}); err != nil {
		return Report{}, err
	}
	r, err := s.receive(ctx, by, f)
	if err != nil {
		return r, err
	}
	ctx, live := s.begin(ctx, r.Ref)
	defer s.end(r.Ref, live)
	return s.load(ctx, by, reg, f, r, live, progress)
}

// Start is Load in the background: it returns the reference of the import at
// once, and Get tells how far it is. done, which may be nil, is called when
// nobody needs the file any more.
func (s *Service) Start(ctx context.Context, by access.Actor, reg register.Register, f File, done func()) (id.Ref, error) {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: reg.ID}); err != nil {
		return "", err
	}
	r, err := s.receive(ctx, by, f)
	if err != nil {
		return "", err
	}
	ctx, live := s.begin(context.WithoutCancel(ctx), r.Ref)
	go func() {
		defer s.end(r.Ref, live)
		if done != nil {
			defer done()
		}
		// What became of it stands in its row.
		_, _ = s.load(ctx, by, reg, f, r, live, nil)
	}()
	return r.Ref, nil
}

func (s *Service) begin(ctx context.Context, ref id.Ref) (context.Context, *running) {
	ctx, cancel := context.WithCancel(ctx)
	live := &running{cancel: cancel}
	s.group.Add(1)
	s.enlist(ref, live)
	return ctx, live
}

func (s *Service) end(ref id.Ref, live *running) {
	s.leave(ref)
	live.cancel()
	s.group.Done()
}

func (s *Service) load(ctx context.Context, by access.Actor, reg register.Register, f File, r Report, live *running, progress func(Progress)) (Report, error) {
	j := &job{s: s, by: by, reg: reg, file: f, report: r, began: s.DB.Now(), tell: func(p Progress) {
		live.set(p)
		if progress != nil {
			progress(p)
		}
	}}
	err := j.run(ctx)
	if err == nil {
		return j.report, nil
	}
	j.report.Counts = Counts{Records: j.report.Records}
	j.report.Act = 0
	var rejection *nccis.Rejection
	var refusal Refusal
	switch {
	case errors.As(err, &rejection), errors.As(err, &refusal):
		j.report.Status, j.report.Message = Refused, err.Error()
	case ctx.Err() != nil:
		j.report.Status, j.report.Message = Stopped, "The load was stopped. Nothing was changed."
	case db.IsFull(err):
		err = refuse("There is no room left on the disk of the database. Nothing was changed: make room, then load the file again.")
		j.report.Status, j.report.Message = Stopped, err.Error()
	default:
		j.report.Status, j.report.Message = Stopped, "An error in the program or the database ended the load. Nothing was changed."
	}
	// The row must be settled though the load was cancelled.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if settled := s.DB.InTx(after, func(tx *db.Tx) error { return settle(tx, reg.ID, &j.report) }); settled != nil && !db.IsFull(settled) {
		err = errors.Join(err, settled)
	}
	return j.report, err
}

// job is one file on its way into one register.
type job struct {
	s      *Service
	by     access.Actor
	reg    register.Register
	file   File
	report Report
	began  time.Time
	tell   func(Progress)
	// of the first step
	index *index
	seen  map[digest]int32
}

func (j *job) run(ctx context.Context) error {
	first := &planner{s: j.s, reg: j.reg, names: fieldNames()}
	if err := j.look(ctx, first); err != nil {
		return err
	}
	if done, err := j.repeated(ctx); done || err != nil {
		return err
	}
	if first.work == 0 {
		return j.unchanged(ctx, first)
	}
	j.index, j.seen = first.ix, first.seen
	err := j.s.DB.InTx(ctx, func(tx *db.Tx) error { return j.apply(ctx, tx) })
	if errors.Is(err, errNothing) {
		return j.unchanged(ctx, first)
	}
	return err
}

// look is the first step: the file is read whole, and nothing is written.
func (j *job) look(ctx context.Context, p *planner) error {
	return j.s.DB.Read(ctx, func(tx *db.Tx) error {
		in, err := j.open()
		if err != nil {
			return err
		}
		defer in.Close()
		rd, err := nccis.NewReader(in)
		if err != nil {
			return err
		}
		if err := j.heading(tx, p, rd.Header()); err != nil {
			return err
		}
		if p.ix, err = readIndex(tx, j.reg.ID); err != nil {
			return err
		}
		p.tx = tx
		if err := p.run(ctx, rd, in.count, j.step(ctx, 1)); err != nil {
			return err
		}
		if err := in.rest(); err != nil {
			return err
		}
		j.report.SHA256, j.report.Bytes, j.report.Records = in.sum(), in.bytes, p.counts.Records
		return nil
	})
}

// heading reads the header and refuses what is not for this register.
func (j *job) heading(tx *db.Tx, p *planner, h nccis.Header) error {
	p.head(h)
	r := &j.report
	r.PeriodEnd, r.Edition, r.StandIn, r.Supplier = p.on, p.edition.Name, p.edition.StandInNote(p.on), h.SupplierName
	r.Databases, r.Authorities = words(h.DatabaseIDs), words(h.LEACodes)
	var foreign []string
	for _, code := range h.LEACodes {
		if !slices.Contains(j.reg.Codes(), code) {
			foreign = append(foreign, j.authority(code, p.on))
		}
	}
	if len(foreign) > 0 {
		return refuse(fmt.Sprintf("The file is for %s, and this register (%s) is for %s. Choose the file of your own authority; for a joint file, ask for one of your authorities alone.",
			strings.Join(foreign, ", "), j.reg.Name, strings.Join(j.reg.Codes(), ", ")))
	}
	if today := civil.On(j.began, civil.London()); p.on.InMonth().First().After(today) {
		return refuse(fmt.Sprintf("The file is of the period to %s, and today is %s: that month has not begun. Put the period end right in the settings of your system's NCCIS export and export again.",
			p.on.Words(), today.Words()))
	}
	return j.inOrder(tx, p)
}

func (j *job) authority(code string, on civil.Date) string {
	if la, ok := j.s.Requirement.LocalAuthorityEver(code, on); ok {
		return la.Name + " (" + code + ")"
	}
	return "authority " + code
}

// head takes over what the header says.
func (p *planner) head(h nccis.Header) {
	p.header, p.on = h, readDate(h.PeriodEnd)
	p.edition, _ = p.s.Requirement.EditionOn(p.on)
	p.from = strings.TrimSpace(h.SupplierName + " " + h.SupplierXMLVersion)
}

// inOrder refuses a month before the newest that was loaded from the same
// database: what it says is older than what the register was told.
func (j *job) inOrder(tx *db.Tx, p *planner) error {
	list, err := loaded(tx, j.reg.ID)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.PeriodEnd.After(p.on) && share(r.Databases, j.report.Databases) {
			return refuse(fmt.Sprintf("The file is of the period to %s, but the file of the period to %s from the same database is loaded already (%s). Load months in order; or undo that import first, then load this file and that one again.",
				p.on.Words(), r.PeriodEnd.Words(), r.FileName))
		}
	}
	return nil
}

// loaded are the imports that stand, the newest first.
func loaded(tx *db.Tx, reg id.Register) ([]Report, error) {
	var w db.Where
	w.And("register = $1", int64(reg))
	w.In("status", string(Applied), string(Unchanged))
	return reports(tx, w, " ORDER BY id DESC")
}

// repeated ends the load of a file that is loaded already, byte for byte.
func (j *job) repeated(ctx context.Context) (bool, error) {
	var found *Report
	err := j.s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1 AND sha256 = $2 AND status = $3", int64(j.reg.ID), j.report.SHA256, string(Applied))
		list, err := reports(tx, w, " ORDER BY id DESC")
		if err == nil && len(list) > 0 {
			found = &list[0]
		}
		return err
	})
	if err != nil || found == nil {
		return false, err
	}
	j.report.Status = Unchanged
	j.report.Counts = Counts{Records: j.report.Records, Unchanged: j.report.Records}
	j.report.Message = fmt.Sprintf("This very file was loaded on %s by %s. Nothing was changed.", when(found.ReceivedAt), found.By)
	return true, j.s.DB.InTx(ctx, func(tx *db.Tx) error { return settle(tx, j.reg.ID, &j.report) })
}

func when(t time.Time) string {
	return civil.On(t, civil.London()).Words() + " at " + t.In(civil.London()).Format("15:04")
}

// unchanged ends the load of a file that says nothing new.
func (j *job) unchanged(ctx context.Context, p *planner) error {
	j.report.Status, j.report.Counts, j.report.Act = Unchanged, p.counts, 0
	j.report.Counts.Unchanged = p.counts.Records - p.counts.KeptAside
	j.report.Message = "The register held all of it already. Nothing was changed."
	return j.s.DB.InTx(ctx, func(tx *db.Tx) error {
		if _, err := writeNotes(tx, j.reg.ID, j.report.ID, 0, p.notes); err != nil {
			return err
		}
		return settle(tx, j.reg.ID, &j.report)
	})
}

// apply is the second step, inside the one transaction: a goroutine reads and
// prepares, this one writes.
func (j *job) apply(ctx context.Context, tx *db.Tx) error {
	held := j.s.DB.Now()
	a, err := act.Begin(tx, j.by, access.ImportFile, 0, act.Request{Reason: "File " + j.report.FileName + ", period to " + j.report.PeriodEnd.Words()})
	if err != nil {
		return err
	}
	first, err := a.Keys(0)
	if err != nil {
		return err
	}
	p := &planner{s: j.s, reg: j.reg, names: fieldNames(), act: a, imp: j.report.ID, key: first, seen: j.seen}
	if j.index != nil && j.index.after == a.Number-1 {
		p.ix, j.index = j.index, nil // nothing has happened since; a second try reads it anew
		p.ix.forget()
	}
	w := &writer{Writer: change.NewWriter(tx, a), tx: tx, act: a, imp: j.report.ID}
	if err := j.pipe(ctx, p, w); err != nil {
		return err
	}
	if !w.Wrote() {
		return errNothing
	}
	if n := p.key - first; n > 0 {
		if again, err := a.Keys(int(n)); err != nil {
			return err
		} else if again != first {
			return errors.New("the keys of the import were handed out twice")
		}
	}
	j.report.Status, j.report.Counts, j.report.Act, j.report.Message = Applied, p.counts, a.Number, ""
	if err := settle(tx, j.reg.ID, &j.report); err != nil {
		return err
	}
	j.report.Held = j.s.DB.Now().Sub(held)
	return nil
}

// pipe runs the planner beside the writer, a few stretches ahead of it.
func (j *job) pipe(ctx context.Context, p *planner, w *writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	loads := make(chan *load, 3)
	failed := make(chan error, 1)
	go func() {
		defer close(loads)
		failed <- j.prepare(ctx, p, func(o *load) error {
			select {
			case loads <- o:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	var err error
	told := j.step(ctx, 2)
	for o := range loads {
		if err != nil {
			continue // the planner ends by itself
		}
		if err = w.write(ctx, o); err == nil {
			err = told(o)
		}
		if err != nil {
			cancel()
		}
	}
	if planned := <-failed; err == nil {
		err = planned
	}
	return err
}

func (j *job) prepare(ctx context.Context, p *planner, emit func(*load) error) error {
	return j.s.DB.Read(ctx, func(tx *db.Tx) error {
		in, err := j.open()
		if err != nil {
			return err
		}
		defer in.Close()
		rd, err := nccis.NewReader(in)
		if err != nil {
			return err
		}
		p.head(rd.Header())
		if p.ix == nil {
			if p.ix, err = readIndex(tx, j.reg.ID); err != nil {
				return err
			}
		}
		p.tx = tx
		if err := p.run(ctx, rd, in.count, emit); err != nil {
			return err
		}
		if err := in.rest(); err != nil {
			return err
		}
		if in.sum() != j.report.SHA256 {
			return refuse("The file was changed while it was read. Nothing was loaded: wait until it is complete, then load it again.")
		}
		return nil
	})
}

// step returns what tells the progress of one step.
func (j *job) step(ctx context.Context, step int) func(*load) error {
	began := j.s.DB.Now()
	return func(o *load) error {
		p := o.done
		p.Step, p.Of, p.Size = step, j.report.Records, j.file.Size
		now := j.s.DB.Now()
		if spent := now.Sub(began).Seconds(); spent > 0.05 {
			p.Rate = float64(p.Records) / spent
		}
		if j.file.Size > 0 && p.Bytes > 0 {
			// Loading takes about nine times as long as checking.
			done := 0.1 * float64(p.Bytes) / float64(j.file.Size)
			if step == 2 {
				done = 0.1 + 9*done
			}
			if all := now.Sub(j.began).Seconds(); done > 0.02 && all > 0 {
				p.Left = time.Duration(all * (1 - min(done, 1)) / done * float64(time.Second))
			}
		}
		j.tell(p)
		return ctx.Err()
	}
}

// counted reads a file, and counts and hashes what it reads.
type counted struct {
	in    io.ReadCloser
	bytes int64
	hash  hash.Hash
}

func (j *job) open() (*counted, error) {
	in, err := j.file.Open()
	if err != nil {
		return nil, refuse("The file cannot be opened: " + err.Error())
	}
	return &counted{in: in, hash: sha256.New()}, nil
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	c.bytes += int64(n)
	c.hash.Write(b[:n])
	return n, err
}

func (c *counted) Close() error { return c.in.Close() }

func (c *counted) count() int64 { return c.bytes }

// rest reads what the reader left, so that the hash is of the whole file.
func (c *counted) rest() error {
	_, err := io.Copy(io.Discard, bufio.NewReader(c))
	return err
}

func (c *counted) sum() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// baseName is the name without folders, whichever system it came from.
func baseName(name string) string {
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

func words(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// share says that two lists of words have one in common.
func share(a, b string) bool {
	for _, w := range strings.Fields(a) {
		if slices.Contains(strings.Fields(b), w) {
			return true
		}
	}
	return false
}
