package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/nccis"
)

// Import is `waymark import`: it loads a supplier's monthly file, or takes a
// load back.
type Import struct {
	Data
	File   string `arg:"" optional:"" help:"The file, as the supplier's system exported it; - reads standard input."`
	Undo   string `help:"Take back the import with this reference instead." placeholder:"REF"`
	Reason string `help:"Why the import is taken back, for the log." default:"Taken back by the operator."`
	Force  bool   `help:"With --undo: keep those new people about whom others have recorded something since, and take back the rest."`
	Format string `enum:"table,json" default:"table" help:"table for people; json, one object, for machines."`
}

// Run loads the file. It ends with code 2 where the file is refused.
func (c *Import) Run(env *Env) error {
	if (c.File == "") == (c.Undo == "") {
		return errors.New("name one file to load, or one import to take back with --undo REF")
	}
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	if house.Register.ID == 0 {
		return errNoRegister(house, env, c.Data)
	}
	by := Operator(house.Register.ID)
	if c.Undo != "" {
		r, err := house.Imports.Undo(env.Ctx, by, id.Ref(c.Undo), "", c.Reason, c.Force)
		if err != nil {
			return c.undoFailed(env, house, by, err)
		}
		return c.report(env, house, by, r)
	}
	file, done, err := c.file(env)
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a file that you may read")
	}
	defer done()
	told := &importProgress{to: env.Stderr, terminal: terminal(env.Stderr) != nil, now: house.DB.Now}
	r, err := house.Imports.Load(env.Ctx, by, house.Register, file, told.tell)
	told.end()
	var rejection *nccis.Rejection
	var refusal imports.Refusal
	switch {
	case errors.As(err, &rejection), errors.As(err, &refusal):
		if c.Format == "json" {
			if err := c.report(env, house, by, r); err != nil {
				return err
			}
		}
		fmt.Fprintln(env.Stderr, "Refused:", visible(err.Error()))
		return ExitError{Code: 2}
	case err != nil && env.Ctx.Err() != nil:
		fmt.Fprintln(env.Stderr, "Interrupted. Nothing was changed.")
		return ExitError{Code: 2}
	case err != nil:
		return err
	}
	return c.report(env, house, by, r)
}

func (c *Import) undoFailed(env *Env, house *House, by access.Actor, err error) error {
	var refusal imports.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	fmt.Fprintln(env.Stderr, "Refused:", err)
	if p, err := house.Imports.UndoPreview(env.Ctx, by, id.Ref(c.Undo)); err == nil {
		for _, one := range p.Kept {
			fmt.Fprintln(env.Stderr, "  "+visible(one.YoungPersonsID))
		}
		if len(p.Kept) > 0 && p.Later == "" {
			fmt.Fprintln(env.Stderr, "To keep them and take back the rest, add --force.")
		}
	}
	return ExitError{Code: 2}
}

// file gives the file to load. Standard input is copied first, because a file
// is read twice.
func (c *Import) file(env *Env) (imports.File, func(), error) {
	name, done := c.File, func() {}
	if c.File == "-" {
		copied, err := os.CreateTemp("", "waymark-import-")
		if err != nil {
			return imports.File{}, nil, err
		}
		name, done = copied.Name(), func() { os.Remove(copied.Name()) }
		_, err = io.Copy(copied, env.Stdin)
		if err = errors.Join(err, copied.Close()); err != nil {
			done()
			return imports.File{}, nil, fmt.Errorf("standard input cannot be copied: %w", err)
		}
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", name)
	}
	if err != nil {
		done()
		return imports.File{}, nil, err
	}
	f := imports.File{Name: filepath.Base(name), Size: info.Size(), Open: func() (io.ReadCloser, error) { return os.Open(name) }}
	if c.File == "-" {
		f.Name = "standard input"
	}
	return f, done, nil
}

func (c *Import) report(env *Env, house *House, by access.Actor, r imports.Report) error {
	notes, _, err := house.Imports.Notes(env.Ctx, by, r.Ref, "", 0)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		out := json.NewEncoder(env.Stdout)
		out.SetEscapeHTML(false)
		if notes == nil {
			notes = []imports.Note{}
		}
		return out.Encode(struct {
			imports.Report
			Notes []imports.Note `json:"notes"`
		}{r, notes})
	}
	_, err = io.WriteString(env.Stdout, importTable(r, notes))
	return err
}

// importTable is the report as people read it.
func importTable(r imports.Report, notes []imports.Note) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, period to %s, by %s (import %s)\n", visible(r.FileName), r.Status, r.PeriodEnd.Words(), visible(orNobody(r.Supplier)), r.Ref)
	if r.Message != "" {
		fmt.Fprintln(&b, r.Message)
	}
	if r.StandIn != "" {
		fmt.Fprintln(&b, "Note: "+r.StandIn)
	}
	for _, line := range []struct {
		n     int
		words string
	}{{r.Records, "records"}, {r.Added, "young people added"}, {r.Changed, "changed"}, {r.Unchanged, "unchanged"}, {r.KeptAside, "kept aside, not loaded"},
		{r.Absent, "young people of an earlier file who are not in this one"}, {r.LapseDifferences, "lapse dates that are not ours; ours counts"},
		{r.Clashes, "items changed both here and by the source; the file was followed"}, {r.Counts.Unreadable, "values that nobody can read, kept as they came"}} {
		if line.n > 0 {
			fmt.Fprintf(&b, "%9s  %s\n", thousands(line.n), line.words)
		}
	}
	const some = 20
	for _, kind := range imports.NoteKinds() {
		told := 0
		for _, n := range notes {
			if n.Kind != kind {
				continue
			}
			if told++; told == 1 {
				fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(kind[:1])+kind[1:])
			}
			if told <= some {
				b.WriteString("  " + importNote(n) + "\n")
			}
		}
		if told > some {
			fmt.Fprintf(&b, "  and %s more; --format json has all of them\n", thousands(told-some))
		}
	}
	return b.String()
}

func importNote(n imports.Note) string {
	var parts []string
	if n.Position > 0 {
		parts = append(parts, fmt.Sprintf("record %d", n.Position))
	}
	if n.YoungPersonsID != "" {
		parts = append(parts, visible(n.YoungPersonsID))
	}
	if n.Kind == imports.Clash || n.Kind == imports.Lapse || n.Kind == imports.Unreadable {
		parts = append(parts, n.Field+" "+orEmpty(n.Theirs))
		if n.Kind != imports.Unreadable {
			parts = append(parts, "ours "+orEmpty(n.Ours))
		}
	}
	return strings.Join(parts, ", ") + ": " + visible(n.Words)
}

func orEmpty(s string) string {
	if s == "" {
		return "(empty)"
	}
	return visible(s)
}

// importProgress tells how far a load is: a line written over on a terminal,
// else a line every few seconds.
type importProgress struct {
	to       io.Writer
	terminal bool
	now      func() time.Time
	last     time.Time
	wrote    bool
}

func (p *importProgress) tell(at imports.Progress) {
	now := p.now()
	if p.last.IsZero() {
		p.last = now
	}
	every := 5 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	line := []string{"checking", "loading"}[max(0, min(at.Step-1, 1))] + ": " + thousands(at.Records)
	if at.Of > 0 {
		line += " of " + thousands(at.Of)
	}
	line += " records"
	if at.Rate > 0 {
		line += ", " + thousands(int(at.Rate)) + " a second"
	}
	if at.Left > 0 {
		line += ", about " + at.Left.Round(time.Second).String() + " left"
	}
	if p.terminal {
		fmt.Fprint(p.to, "\r\033[K"+line)
		p.wrote = true
		return
	}
	fmt.Fprintln(p.to, line)
}

// end clears the line of progress.
func (p *importProgress) end() {
	if p.wrote {
		fmt.Fprint(p.to, "\r\033[K")
	}
}
