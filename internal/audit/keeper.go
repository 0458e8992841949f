package audit

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Keeper seals, signs and checks one register's log for as long as a server
// runs.
type Keeper struct {
	DB       *db.DB
	Register id.Register
	Key      *Key
	// Heads is the file to which seals are appended.
	Heads string
	Log   *slog.Logger

	mu     sync.Mutex
	status Status
}

// Status is what is known of the log at the moment.
type Status struct {
	// Last is the last seal; Seal 0 where there is none yet.
	Last Head
	// Checked is when the log was last checked in full, and against which seal;
	// zero where it was not yet.
	Checked time.Time
	Against Head
	Account Account
	// Trouble says why the log cannot be sealed or checked; empty where it can.
	Trouble string
}

// How often: entries are sealed, seals are signed where there is something new
// and at least each hour, and the whole log is checked once a day.
const (
	sealEvery  = 2 * time.Second
	signEvery  = 5 * time.Minute
	quietHours = time.Hour
	checkEvery = 24 * time.Hour
)

// Status says how the log stands.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}

func (k *Keeper) note(do func(*Status)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	do(&k.status)
}

// Run keeps the log until the context ends, and then seals and signs what is
// left. What goes wrong is logged and tried again: the acts and sights are
// stored all the same, and a page shows that they are not sealed.
func (k *Keeper) Run(ctx context.Context) {
	seal, sign, check := time.NewTicker(sealEvery), time.NewTicker(signEvery), time.NewTicker(checkEvery)
	defer seal.Stop()
	defer sign.Stop()
	defer check.Stop()
	k.SignNow(ctx)
	k.CheckNow(ctx)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer cancel()
			k.SignNow(last)
			return
		case <-seal.C:
			k.sealNow(ctx)
		case <-sign.C:
			k.SignNow(ctx)
		case <-check.C:
			k.CheckNow(ctx)
		}
	}
}

func (k *Keeper) sealNow(ctx context.Context) bool {
	if _, err := Seal(ctx, k.DB, k.Register); err != nil {
		k.trouble(ctx, err)
		return false
	}
	k.note(func(s *Status) { s.Trouble = "" })
	return true
}

func (k *Keeper) trouble(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // the server ends; what is left is sealed at its end
	}
	k.Log.ErrorContext(ctx, "audit log", "error", err.Error())
	k.note(func(s *Status) { s.Trouble = err.Error() })
}

// SignNow seals what is there and signs it, and writes the seal to the file and
// to the log.
func (k *Keeper) SignNow(ctx context.Context) {
	if !k.sealNow(ctx) {
		return
	}
	h, fresh, err := Sign(ctx, k.DB, k.Register, k.Key, k.Heads, quietHours)
	if err != nil {
		k.trouble(ctx, err)
		return
	}
	k.note(func(s *Status) { s.Last = h })
	if fresh {
		k.Log.InfoContext(ctx, "audit seal", "seal", h.Seal, "entries", h.Entries, "head", h.Signed)
	}
}

// CheckNow checks the whole log against the file of seals.
func (k *Keeper) CheckNow(ctx context.Context) {
	a, err := k.check(ctx)
	if err != nil {
		k.trouble(ctx, err)
		return
	}
	for _, f := range a.Faults {
		k.Log.ErrorContext(ctx, "audit log is not whole", "entry", f.Entry, "what", f.What, "words", f.Words)
	}
	k.note(func(s *Status) { s.Checked, s.Against, s.Account = k.DB.Now(), a.Last, a })
}

func (k *Keeper) check(ctx context.Context) (Account, error) {
	heads, err := HeadsOf(k.Heads, []string{k.Key.Public})
	if err != nil {
		return Account{}, err
	}
	return Verify(ctx, k.DB, k.Register, heads)
}

// HeadsOf reads the seals of a file, signed by one of the public keys. A file
// that is not there holds none.
func HeadsOf(path string, public []string) ([]Head, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the file of seals: %w", err)
	}
	defer f.Close()
	heads, err := ReadHeads(io.Reader(f), public)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return heads, nil
}
