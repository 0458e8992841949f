package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"waymark/internal/audit"
	"waymark/internal/civil"
)

// Seals says where the seals of the audit log are written, and where the key
// is that signs them.
type Seals struct {
	Heads    string `help:"File to which the signed heads of the audit log are appended, best on another machine's disk; audit-heads in the data folder unless given." env:"WAYMARK_HEADS" placeholder:"FILE"`
	AuditKey string `name:"audit-key" help:"File of the private key that signs them, made at first use; audit-key in the data folder unless given." env:"WAYMARK_AUDIT_KEY" placeholder:"FILE"`
}

// in fills in what was not given.
func (s Seals) in(d Data) Seals {
	if s.Heads == "" {
		s.Heads = filepath.Join(d.Data, "audit-heads")
	}
	if s.AuditKey == "" {
		s.AuditKey = filepath.Join(d.Data, "audit-key")
	}
	return s
}

// AuditCommands is `waymark audit`.
type AuditCommands struct {
	Verify AuditVerify `cmd:"" help:"Check that no act and no sight was edited, deleted, put in, reordered, cut off or rolled back."`
	Head   AuditHead   `cmd:"" help:"Seal and sign the log as it is now, and print the signed head and the public key."`
}

// AuditVerify is `waymark audit verify`.
type AuditVerify struct {
	Data
	Seals
	Head      []string `help:"Another file of signed heads to check against, like a copy kept elsewhere; may be repeated." placeholder:"FILE"`
	PublicKey []string `name:"public-key" help:"The public key that signed them, as waymark audit head printed it; may be repeated. The one beside the private key unless given." placeholder:"KEY"`
}

// Run checks the log and prints what came of it. It exits with 1 where the log
// is not whole.
func (c *AuditVerify) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	heads, err := c.heads(env.Stdout)
	if err != nil {
		return err
	}
	a, err := audit.Verify(env.Ctx, house.DB, house.Register.ID, heads)
	if err != nil {
		return err
	}
	if len(a.Faults) > 0 {
		fmt.Fprintf(env.Stdout, "THE LOG IS NOT WHOLE. The first entry that is wrong is entry %s: %s.\n%s\n", thousands(int(a.Faults[0].Entry)), a.Faults[0].What, a.Faults[0].Words)
		for _, f := range a.Faults[1:] {
			fmt.Fprintln(env.Stdout, f.Words)
		}
		fmt.Fprintln(env.Stdout, "Keep this database and the file of heads as they are, and tell whoever answers for information governance.")
		return ExitError{1}
	}
	c.whole(env.Stdout, a, house.DB.Now())
	return nil
}

// heads reads the seals to check against. A file that cannot be trusted is a
// finding.
func (c *AuditVerify) heads(out io.Writer) ([]audit.Head, error) {
	at := c.Seals.in(c.Data)
	public := c.PublicKey
	if len(public) == 0 {
		key, err := audit.PublicKey(at.AuditKey)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			public = []string{key}
		}
	}
	if err := audit.CheckKeys(public); err != nil {
		return nil, err
	}
	var all []audit.Head
	for i, file := range append([]string{at.Heads}, c.Head...) {
		if _, err := os.Stat(file); err != nil && (i > 0 || !errors.Is(err, os.ErrNotExist)) {
			return nil, fmt.Errorf("read the heads: %w", err)
		}
		heads, err := audit.HeadsOf(file, public)
		if err != nil && len(public) == 0 {
			return nil, errors.New("there is no public key to check the signatures with: give it with --public-key, as waymark audit head printed it")
		}
		if err != nil {
			fmt.Fprintf(out, "THE HEADS CANNOT BE TRUSTED. %v.\n", err)
			return nil, ExitError{1}
		}
		all = append(all, heads...)
	}
	return all, nil
}

func (c *AuditVerify) whole(out io.Writer, a audit.Account, now time.Time) {
	fmt.Fprintf(out, "The log is whole: %s entries, which are %s acts and %s batches of sights (%s sights), in %s bytes.\n",
		thousands(int(a.Entries)), thousands(int(a.Acts)), thousands(int(a.Batches)), thousands(int(a.Sights)), thousands(int(a.Bytes)))
	fmt.Fprintf(out, "Its root is %s, checked on %s.\n", a.Root, instant(now))
	if a.Last.Seal == 0 {
		fmt.Fprintf(out, "It was compared with no signed head: there is none in %s. A database that was rolled back is not found without one.\n", c.Seals.in(c.Data).Heads)
	} else {
		fmt.Fprintf(out, "It fits all %s signed heads; the last is seal %s of %s, over %s entries.\n", thousands(a.Heads), thousands(int(a.Last.Seal)), instant(a.Last.At), thousands(int(a.Last.Entries)))
	}
	if a.UnsealedActs+a.UnsealedBatches > 0 {
		fmt.Fprintf(out, "Not sealed yet: %s acts and %s batches of sights.\n", thousands(int(a.UnsealedActs)), thousands(int(a.UnsealedBatches)))
	} else {
		fmt.Fprintln(out, "Nothing waits to be sealed.")
	}
	if a.ErasedReasons > 0 {
		fmt.Fprintf(out, "The words of %s reasons were erased, each by an act.\n", thousands(int(a.ErasedReasons)))
	}
}

// AuditHead is `waymark audit head`.
type AuditHead struct {
	Data
	Seals
}

// Run prints the present head and the public key.
func (c *AuditHead) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	at := c.Seals.in(c.Data)
	key, made, err := audit.OpenKey(at.AuditKey)
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(env.Stderr, "A key was made in %s. Keep its public half elsewhere: it is printed below.\n", at.AuditKey)
	}
	if _, err := audit.Seal(env.Ctx, house.DB, house.Register.ID); err != nil {
		return err
	}
	h, _, err := audit.Sign(env.Ctx, house.DB, house.Register.ID, key, at.Heads, 0)
	if err != nil {
		return err
	}
	fmt.Fprint(env.Stdout, h.Signed)
	fmt.Fprintf(env.Stdout, "\nPublic key: %s\n", key.Public)
	return nil
}

func instant(at time.Time) string {
	return at.In(civil.London()).Format("2 January 2006 15:04:05 MST")
}
