package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/nccis"
	"waymark/internal/reference"
)

// Import is `waymark import`: it loads a supplier's monthly file, takes a
// partner's file in, or takes either back. Which road a file goes its first
// bytes say; reference data goes the road of `waymark reference load`.
type Import struct {
	Data
	File    string `arg:"" optional:"" help:"The file, as the supplier's system exported it; - reads standard input."`
	Undo    string `help:"Take back the import with this reference instead." placeholder:"REF"`
	Reason  string `help:"Why the import is taken back, for the log." default:"Taken back by the operator."`
	Force   bool   `help:"With --undo: keep those new people about whom others have recorded something since, and take back the rest."`
	Format  string `enum:"table,json" default:"table" help:"table for people; json, one object, for machines."`
	Partner `embed:""`
}

// Run loads the file. It ends with code 2 where the file is refused.
func (c *Import) Run(env *Env) error {
	named := 0
	for _, one := range []string{c.File, c.Undo, c.Ref} {
		if one != "" {
			named++
		}
	}
	if named != 1 {
		return errors.New("name one file to load, one import to take back with --undo REF, or one partner's file to go on with by --ref REF")
	}
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	by := Operator(house.Register.ID)
	if c.Undo != "" {
		r, err := house.Imports.Undo(env.Ctx, by, id.Ref(c.Undo), "", c.Reason, c.Force)
		if errors.Is(err, db.NotFound) {
			return c.undoPartner(env, house, by)
		}
		if err != nil {
			return c.undoFailed(env, house, by, err)
		}
		return c.report(env, house, by, r)
	}
	if c.Ref != "" {
		return c.partner(env, house, by, imports.File{})
	}
	file, done, err := c.file(env)
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a file that you may read")
	}
	defer done()
	if c.Sender == "" {
		if loaded, err := c.reference(env, house, file); loaded {
			return err
		}
	}
	if theirs, err := nccisFile(file); err != nil {
		return refuse(env, err.Error(), "Give the name of a file that you may read")
	} else if !theirs {
		return c.partner(env, house, by, file)
	}
	told := newProgressLine(env, house.DB.Now)
	r, err := house.Imports.Load(env.Ctx, by, house.Register, file, func(at imports.Progress) { told.tell(func() string { return importLine(at) }) })
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

// reference loads the file where it is reference data, which nobody sends but
// somebody publishes: schools, postcodes, wards. It goes by its headings.
func (c *Import) reference(env *Env, house *House, f imports.File) (bool, error) {
	in, err := f.Open()
	if err != nil {
		return false, nil // whoever reads it next says why
	}
	defer in.Close()
	at, ok := in.(io.ReaderAt)
	if !ok {
		return false, nil
	}
	kind, ok := reference.Sniff(at, f.Size)
	if !ok {
		return false, nil
	}
	fmt.Fprintf(env.Stderr, "Read as reference data: %s.\n", reference.What(kind))
	return true, (&ReferenceLoad{Format: c.Format}).load(env, house, reference.File{Name: f.Name, ReaderAt: at, Size: f.Size})
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
	f, err := fileAt(name)
	if err != nil {
		done()
		return imports.File{}, nil, err
	}
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

// importLine is how far the load of the Department's file is.
func importLine(at imports.Progress) string {
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
	return line
}
