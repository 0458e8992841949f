package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/backup"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/retention"
)

// Backup is `waymark backup`.
type Backup struct {
	Data
	To             string   `required:"" help:"The file to write; one of that name is replaced once the new one is whole." placeholder:"FILE"`
	Recipient      []string `help:"Public key to which the backup is encrypted (age1…); repeat it for several. Whoever holds one of the secret keys can open it; this machine needs none." placeholder:"KEY"`
	RecipientsFile []string `name:"recipients-file" help:"File with such keys, one on each line." placeholder:"FILE"`
	Keys           string   `help:"The file of the key book, without which notes in a restored backup cannot be read; the one before is replaced. waymark-keys beside the backup unless given." placeholder:"FILE"`
	Plain          bool     `help:"Do not encrypt it: whoever gets hold of the file reads everything."`
}

// Run writes the backup, while others go on working.
func (c *Backup) Run(env *Env) error {
	to, err := backup.Recipients(c.Recipient, c.RecipientsFile)
	switch {
	case err != nil:
		return refuse(env, err.Error(), "Nothing was written; give the keys again")
	case len(to) == 0 && !c.Plain:
		return refuse(env, "there is no key to encrypt the backup to, and it holds children's records", "Make a pair of keys with age-keygen on another machine, keep the secret one there, and give the public one with --recipient age1…; --plain leaves it unencrypted")
	case len(to) > 0 && c.Plain:
		return refuse(env, "--plain and a key were both given", "Leave --plain out to encrypt")
	case c.Plain:
		fmt.Fprintln(env.Stderr, "Warning: the backup is not encrypted. It holds names, addresses and health of every young person: keep it on an encrypted disk and nowhere else.")
	}
	c.Data.Every = true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return refuse(env, err.Error(), "Name the data with --data or --db")
	}
	defer house.DB.Close()
	began := house.DB.Now()
	if err := c.log(env, house); err != nil {
		return refuse(env, stopped(env, err), "Nothing was written: no backup is taken that the log does not tell of")
	}
	report, size, err := backup.ToFile(env.Ctx, house.DB, c.To, house.Returns.Version, to...)
	if err == nil {
		err = backup.Remember(env.Ctx, house.DB, report, Operator(0).Ref, c.To, size, !c.Plain)
	}
	if err != nil {
		return refuse(env, stopped(env, err), "There is no new file under the name "+c.To+" that is not whole; put that right and start again")
	}
	fmt.Fprintf(env.Stdout, "Backup %s: %s rows of %d tables in %s, %s MB, in %.1f seconds.\n", report.Ref, thousands(int(report.Rows)), report.Tables, c.To, thousands(int(size>>20)), house.DB.Now().Sub(began).Seconds())
	holds(env.Stdout, report)
	return c.keyBook(env, house, to)
}

// keyBook writes the keys that the backup leaves out. There is only ever the
// last one.
func (c *Backup) keyBook(env *Env, house *House, to []age.Recipient) error {
	name := bookBeside(c.Keys, c.To)
	n, err := backup.WriteKeys(env.Ctx, house.DB, name, to...)
	if err != nil {
		return refuse(env, stopped(env, err), "The backup is whole. The key book is not: put that right and give the command again")
	}
	fmt.Fprintf(env.Stdout, "The keys of the notes of %s young people are in %s and in no backup. Keep this one file of them, and none of those before: it is how notes of erased people are forgotten.\n", thousands(n), name)
	return nil
}

// bookBeside is where the key book stands that goes with a backup.
func bookBeside(given, backup string) string {
	if given != "" {
		return given
	}
	return filepath.Join(filepath.Dir(backup), "waymark-keys")
}

// log tells each register's log, before anything leaves the house, that all of it
// is about to.
func (c *Backup) log(env *Env, house *House) error {
	list, err := house.Registers.All(env.Ctx)
	for _, r := range list {
		if err == nil {
			err = house.Record.Sights.See(env.Ctx, act.Sight{By: Operator(r.ID), Kind: access.BackUp, Page: "backup " + filepath.Base(c.To)})
		}
	}
	return err
}

// stopped is the error in words; an interruption is no error of anything.
func stopped(env *Env, err error) string {
	if env.Ctx.Err() != nil {
		return "interrupted"
	}
	if db.IsFull(err) {
		return "there is no room left on the disk"
	}
	return err.Error()
}

// holds says up to which act each register goes.
func holds(to io.Writer, r *backup.Report) {
	for _, h := range r.Holds {
		if h.Act == 0 {
			fmt.Fprintf(to, "%s: no act yet.\n", visible(h.Name))
			continue
		}
		fmt.Fprintf(to, "%s: up to act %s of %s.\n", visible(h.Name), thousands(int(h.Act)), moment(h.At))
	}
}

// moment writes an instant as clocks in England show it.
func moment(t time.Time) string {
	return civil.On(t, civil.London()).Words() + ", " + t.In(civil.London()).Format("15:04:05")
}

// Restore is `waymark restore`.
type Restore struct {
	Data
	File     string   `arg:"" help:"The backup."`
	Identity []string `help:"File of a secret key that opens it, as age-keygen wrote it; may be repeated." placeholder:"KEYFILE"`
	Into     string   `help:"The folder to make, or the address of an empty PostgreSQL database." placeholder:"DIR|URL"`
	Keys     string   `help:"The key book that waymark backup wrote last; waymark-keys beside the backup unless given." placeholder:"FILE"`
	Verify   bool     `help:"Restore into a temporary database only, compare every row, check the register in it, and throw it away. Where --data or --db names data that remembers this backup, it then remembers the test too."`
	Scratch  string   `help:"With --verify: the folder for the temporary database, as large as the register; that of the machine unless given." placeholder:"DIR"`
}

// Run restores the backup, or tries whether it can be.
func (c *Restore) Run(env *Env) error {
	switch {
	case c.Verify == (c.Into != ""):
		return refuse(env, "a restore needs either --into or --verify", "Name an empty place with --into, or try the backup with --verify")
	case c.Scratch != "" && !c.Verify:
		return refuse(env, "--scratch goes with --verify", "Leave it out")
	}
	keys, err := backup.Identities(c.Identity)
	if err != nil {
		return refuse(env, err.Error(), "Nothing was restored")
	}
	in, err := os.Open(c.File)
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a backup that you may read")
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a backup that you may read")
	}
	told := &progress{in: in, size: info.Size(), to: terminal(env.Stderr)}
	if c.Verify {
		return c.verify(env, told, keys)
	}
	report, err := backup.Restore(env.Ctx, told, backup.TargetOf(c.Into), keys...)
	told.done()
	if err != nil {
		return refuse(env, stopped(env, err), "Nothing was restored")
	}
	// Opening brings the tables of an older version up to date.
	house, err := env.Open(env.Ctx, dataAt(c.Into))
	if err != nil {
		return refuse(env, err.Error(), "The rows are restored; the tables could not be brought up to date")
	}
	defer house.DB.Close()
	fmt.Fprintf(env.Stdout, "Restored backup %s of %s: %s rows of %d tables, each counted and compared.\n", report.Ref, moment(report.TakenAt), thousands(int(report.Rows)), report.Tables)
	holds(env.Stdout, report)
	book, err := c.bringKeys(env, house, keys)
	if err != nil {
		return refuse(env, stopped(env, err), "The rows are restored; notes cannot be read until the keys are: give the restore again, into another empty place")
	}
	if err := c.eraseAgain(env, house, book); err != nil {
		return refuse(env, stopped(env, err), "The rows are restored, and people who were erased are among them: do not serve it. Give the restore again, into another empty place")
	}
	fmt.Fprintln(env.Stdout, "Next: waymark db check, then waymark serve.")
	return nil
}

// bringKeys puts the keys of notes back from the key book, and returns it; nil
// where there is none.
func (c *Restore) bringKeys(env *Env, house *House, keys []age.Identity) (*backup.KeyBook, error) {
	name := bookBeside(c.Keys, c.File)
	in, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) && c.Keys == "" {
		fmt.Fprintf(env.Stderr, "Note: there is no key book %s. Sealed notes cannot be read without it; everything else can.\n", name)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	book, err := backup.ReadKeys(in, keys...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	n, err := book.Restore(env.Ctx, house.DB)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(env.Stdout, "The keys of the notes of %s young people are back, from the key book of %s. Put the file of the master key into its place: %s.\n", thousands(n), moment(book.TakenAt), dataAt(c.Into).MasterKeyFile())
	return book, nil
}

// eraseAgain erases whoever was erased since the backup was taken: by the list
// that was named, and by that in the key book.
func (c *Restore) eraseAgain(env *Env, house *House, book *backup.KeyBook) error {
	list, err := retention.ReadList(c.ErasedFile())
	if err != nil {
		return err
	}
	if book != nil {
		list = append(list, book.Erased...)
	}
	if err := retention.AddToList(house.Retention.List, list); err != nil {
		return err
	}
	n, err := house.Retention.Again(env.Ctx, list)
	if err != nil {
		return err
	}
	switch {
	case len(list) == 0:
		fmt.Fprintf(env.Stdout, "Nobody is on a list of those erased: none is in %s, and none in the key book. If people were erased since the backup, name the list with --erased.\n", c.ErasedFile())
	default:
		fmt.Fprintf(env.Stdout, "%s people who were erased since the backup was taken have been erased again, of %s on the list.\n", thousands(n), thousands(len(list)))
	}
	return nil
}

func dataAt(place string) Data {
	to := backup.TargetOf(place)
	return Data{Data: to.Dir, DB: to.URL, Every: true}
}

func (c *Restore) verify(env *Env, in *progress, keys []age.Identity) (err error) {
	dir, err := backup.Scratch(c.Scratch)
	if err != nil {
		return refuse(env, err.Error(), "Name another folder with --scratch")
	}
	defer func() {
		if gone := os.RemoveAll(dir); gone != nil {
			err = errors.Join(err, fmt.Errorf("the temporary database could not be removed: delete %s, it holds the register unencrypted: %w", dir, gone))
		}
	}()
	report, err := backup.Restore(env.Ctx, in, backup.Target{Dir: dir}, keys...)
	in.done()
	if err != nil {
		return refuse(env, stopped(env, err), "This backup is not verified")
	}
	failed, err := c.look(env, dir)
	if err != nil {
		return refuse(env, stopped(env, err), "This backup is not verified")
	}
	if failed > 0 {
		fmt.Fprintf(env.Stdout, "NOT SOUND: backup %s restores to what was backed up, but %d checks find something wrong in it. Take an earlier backup, and give waymark db check where it came from.\n", report.Ref, failed)
		return ExitError{Code: 1}
	}
	fmt.Fprintf(env.Stdout, "Verified: backup %s of %s restores whole, %s rows of %d tables are the same, and every check passes.\n", report.Ref, moment(report.TakenAt), thousands(int(report.Rows)), report.Tables)
	holds(env.Stdout, report)
	return c.remember(env, report)
}

// look checks the register in the temporary database, and tells only what is
// wrong.
func (c *Restore) look(env *Env, dir string) (failed int, err error) {
	house, err := env.Open(env.Ctx, Data{Data: dir, Every: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, house.DB.Close()) }()
	return checked(env, house, false, true)
}

// remember keeps that the backup was tried, where the data named is that of
// which it was taken.
func (c *Restore) remember(env *Env, report *backup.Report) error {
	c.Data.Every = true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		fmt.Fprintf(env.Stderr, "Note: no data was found to remember this test. On the server: waymark db tested %s\n", report.Ref)
		return nil
	}
	defer house.DB.Close()
	if err := backup.RememberTest(env.Ctx, house.DB, report.Ref); errors.Is(err, db.NotFound) {
		fmt.Fprintf(env.Stderr, "Note: the data named did not take this backup. Where it was taken: waymark db tested %s\n", report.Ref)
	} else if err != nil {
		return err
	}
	return nil
}

// Copy is `waymark copy`.
type Copy struct {
	From string `required:"" help:"The folder, or the address of the PostgreSQL database, to copy." placeholder:"DIR|URL"`
	To   string `required:"" help:"The folder to make, or the address of an empty PostgreSQL database." placeholder:"DIR|URL"`
}

// Run copies all registers from one database into another, of either engine.
func (c *Copy) Run(env *Env) error {
	house, err := env.Open(env.Ctx, dataAt(c.From))
	if err != nil {
		return refuse(env, err.Error(), "Name the data to copy with --from")
	}
	defer house.DB.Close()
	report, err := backup.Copy(env.Ctx, house.DB, backup.TargetOf(c.To), house.Returns.Version)
	if err != nil {
		return refuse(env, stopped(env, err), "Nothing was copied")
	}
	fmt.Fprintf(env.Stdout, "Copied %s rows of %d tables, each counted and compared.\n", thousands(int(report.Rows)), report.Tables)
	holds(env.Stdout, report)
	fmt.Fprintln(env.Stdout, "What is done at the old place from now on is not at the new one: stop serving there.")
	return nil
}

// since says how long ago something was.
func since(house *House, t time.Time) string {
	switch h := int(house.DB.Now().Sub(t).Hours()); {
	case h < 1:
		return "less than an hour ago"
	case h < 48:
		return fmt.Sprintf("%d hours ago", h)
	default:
		return fmt.Sprintf("%d days ago", h/24)
	}
}
