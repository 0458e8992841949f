package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/retention"
)

// RetentionCommands is `waymark retention`.
type RetentionCommands struct {
	Run         RetentionRun         `cmd:"" help:"Put forward whose record's time is over by the rules; with --dry-run only say who they are."`
	List        RetentionList        `cmd:"" help:"List what was put forward, and what became of it."`
	Certificate RetentionCertificate `cmd:"" help:"Print the certificate of an erasure."`
	Verify      RetentionVerify      `cmd:"" help:"Say whether a certificate is the one that was made, and nothing of it has come back."`
}

// RetentionRun is `waymark retention run`.
type RetentionRun struct {
	Data
	DryRun bool `name:"dry-run" help:"Change nothing: say how many there are, and who."`
	Most   int  `help:"With --dry-run: name at most so many." default:"100"`
}

// Run reckons with the rules of today. It erases nobody: two people must release
// what it puts forward, on the page Retention.
func (c *RetentionRun) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	by := Operator(house.Register.ID)
	rules, err := house.Retention.Rules(env.Ctx, by)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		return refuse(env, "no rule says how long records are kept", "Information governance adds them on the page Retention")
	}
	t, err := house.Retention.Reckon(env.Ctx, by)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "Of %s records the time of %s is over, and %s more are held. %s are kept longer by a rule, %s have no rule, and %s cannot be counted, because they have no readable birth date.\n",
		thousands(t.People), thousands(len(t.Due)), thousands(len(t.Held)), thousands(t.Later), thousands(t.NoRule), thousands(t.Undated))
	if c.DryRun {
		return c.names(env, house, t)
	}
	swept, err := house.Retention.Sweep(env.Ctx, house.Register.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "What %s old files held was deleted.\n", thousands(swept.Partners+swept.Suppliers))
	ref, err := house.Retention.Propose(env.Ctx, by, "")
	var nobody retention.Refusal
	if errors.As(err, &nobody) {
		fmt.Fprintln(env.Stdout, nobody.Message)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "They are put forward as %s. Two people release it on the page Retention.\n", ref)
	return nil
}

func (c *RetentionRun) names(env *Env, house *House, t *retention.Tally) error {
	due := t.Due[:min(len(t.Due), c.Most)]
	people := make([]id.YoungPerson, len(due))
	on := map[id.YoungPerson]retention.Due{}
	for i, d := range due {
		people[i], on[d.Person] = d.Person, d
	}
	rows, err := house.Retention.Named(env.Ctx, Operator(house.Register.ID), people, "retention, dry run")
	if err != nil {
		return err
	}
	for _, r := range rows {
		fmt.Fprintf(env.Stdout, "%s\t%s\tborn %s\tkept until %s\n", r.YoungPersonsID, visible(r.Name()), r.Born, on[r.Person].On)
	}
	if more := len(t.Due) - len(due); more > 0 {
		fmt.Fprintf(env.Stdout, "and %s more\n", thousands(more))
	}
	fmt.Fprintln(env.Stdout, "Nothing was changed.")
	return nil
}

// RetentionList is `waymark retention list`.
type RetentionList struct{ Data }

// Run lists proposals, the last first.
func (c *RetentionList) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	all, err := house.Retention.Proposals(env.Ctx, Operator(house.Register.ID))
	if err != nil {
		return err
	}
	for _, p := range all {
		fmt.Fprintf(env.Stdout, "%s\t%s\t%s people\t%s erased\tput forward by %s, %s\n", p.Ref, p.State, thousands(p.People), thousands(p.By[retention.Erased]), visible(p.Made.Name), moment(p.Made.At))
	}
	if len(all) == 0 {
		fmt.Fprintln(env.Stdout, "Nothing was put forward yet.")
	}
	return nil
}

// RetentionCertificate is `waymark retention certificate`.
type RetentionCertificate struct {
	Data
	Ref string `arg:"" help:"The reference of the proposal."`
}

// Run prints the text of the certificate.
func (c *RetentionCertificate) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	p, err := house.Retention.Proposal(env.Ctx, Operator(house.Register.ID), id.Ref(c.Ref))
	if errors.Is(err, db.NotFound) || err == nil && p.Certificate == "" {
		return refuse(env, "there is no certificate "+visible(c.Ref), "waymark retention list says which there are")
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(env.Stdout, p.Certificate)
	return err
}

// RetentionVerify is `waymark retention verify`.
type RetentionVerify struct {
	Data
	File string `arg:"" help:"The certificate, as it was printed or downloaded."`
}

// Run compares a certificate with the register; it exits with 1 where it does
// not hold.
func (c *RetentionVerify) Run(env *Env) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a certificate that you may read")
	}
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	p, err := house.Retention.Verify(env.Ctx, Operator(house.Register.ID), string(text))
	var not retention.Refusal
	if errors.As(err, &not) {
		fmt.Fprintln(env.Stdout, "THE CERTIFICATE DOES NOT HOLD. "+not.Message)
		return ExitError{1}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "The certificate holds: %s people were erased by %s, and nothing of them is in the register.\n", thousands(p.By[retention.Erased]), p.Ref)
	return nil
}
