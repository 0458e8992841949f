package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

// Partner are the flags for partners' files: whatever is not the Department's
// XML.
type Partner struct {
	Sender        string   `help:"Who sent a partner's file: a school, a college, a team. A new name is kept." placeholder:"NAME"`
	Kind          string   `help:"What kind of file it is, such as full-roll or starters-leavers; by default what it looks like." placeholder:"KIND"`
	AsAt          string   `help:"The day on which what the file says was so; by default today." placeholder:"CCYY-MM-DD"`
	Full          bool     `help:"Take it as a full roll: who was on the last one and is not on it has probably left."`
	Place         *bool    `negatable:"" help:"A sender that is not known yet is itself where the young people learn or work: a row that names no place means it. By default where its name says so: a college, a school."`
	Sheet         string   `help:"The sheet of a workbook to read; by default the one that is best understood." placeholder:"NAME"`
	Map           []string `help:"What a column holds, such as 'Stud No=TheirRef'; 'Header=' leaves it out. May be repeated." placeholder:"HEADER=ITEM" sep:"none"`
	DateOrder     string   `enum:",day,month" default:"" help:"How dates are written that could be read two ways: day (3/2 is 3 February) or month." placeholder:"day|month"`
	NameOrder     string   `enum:",given,family" default:"" help:"Which stands first in a column of whole names without a comma: given (Ana Larkspur) or family." placeholder:"given|family"`
	Apply         bool     `help:"Put it into the register; without it the review is shown and nothing is changed."`
	SkipUndecided bool     `help:"With --apply: leave out rows of which nobody has decided whom they are about."`
	Ref           string   `help:"Go on with the partner's file of this reference, instead of receiving one." placeholder:"REF"`
}

// nccisFile says by its first bytes that a file is the Department's XML: any
// XML but a Common Transfer File.
func nccisFile(f imports.File) (bool, error) {
	in, err := f.Open()
	if err != nil {
		return false, err
	}
	defer in.Close()
	head := make([]byte, imports.SniffBytes)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return imports.Takes(head[:n]), nil
}

// partner takes a partner's file as far as the flags say.
func (c *Import) partner(env *Env, house *House, by access.Actor, f imports.File) error {
	ref, err := id.Ref(c.Ref), error(nil)
	if ref == "" {
		ref, err = c.receive(env, house, by, f)
	}
	if err == nil {
		told := newProgressLine(env, house.DB.Now)
		err = house.Intake.Work(env.Ctx, by, ref, func(in intake.Intake) {
			told.tell(func() string { return importLine(imports.Progress{Step: 1, Records: in.Counts.Read}) })
		})
		told.end()
	}
	if err == nil && c.Apply {
		_, err = house.Intake.Apply(env.Ctx, by, ref, intake.Applying{SkipUndecided: c.SkipUndecided})
	}
	if err != nil {
		if shown := c.partnerFailed(env, house, by, ref, err); shown != nil {
			return shown
		}
	}
	return c.showPartner(env, house, by, ref)
}

// partnerFailed says what went wrong in words; the review follows where the
// file is in review all the same.
func (c *Import) partnerFailed(env *Env, house *House, by access.Actor, ref id.Ref, err error) error {
	var refusal intake.Refusal
	var stale intake.Stale
	var wrong field.Errors
	switch {
	case errors.As(err, &refusal), errors.As(err, &stale), errors.As(err, &wrong):
		fmt.Fprintln(env.Stderr, "Refused:", visible(err.Error()))
		if in, failed := house.Intake.Get(env.Ctx, by, ref); failed == nil && in.State == intake.InReview {
			if err := c.showPartner(env, house, by, ref); err != nil && !errors.As(err, new(ExitError)) {
				return err
			}
		}
		return ExitError{Code: 2}
	case env.Ctx.Err() != nil:
		fmt.Fprintf(env.Stderr, "Interrupted. Nothing was changed; go on with waymark import --ref %s.\n", ref)
		return ExitError{Code: 2}
	case errors.Is(err, db.NotFound):
		return errors.New("there is no partner's file with the reference " + string(ref))
	}
	return err
}

// receive takes the file in and says how it is read.
func (c *Import) receive(env *Env, house *House, by access.Actor, f imports.File) (id.Ref, error) {
	if c.Sender == "" {
		return "", intake.Refusal{Message: "This is not the Department's XML, so it is a partner's file: say who sent it with --sender NAME."}
	}
	asAt, err := c.day()
	if err != nil {
		return "", err
	}
	sender, err := house.Intake.SenderNamed(env.Ctx, by, c.Sender)
	if errors.Is(err, db.NotFound) {
		place, what := layout.NamesPlace(c.Sender), "one"
		if c.Place != nil {
			place = *c.Place
		}
		sender, err = house.Intake.KeepSender(env.Ctx, by, intake.Sender{Name: c.Sender, Kind: c.Kind, Tolerance: intake.DefaultTolerance, SendsFull: c.Full, Place: place}, "")
		if place {
			what = "a place where young people learn or work"
		}
		if err == nil {
			fmt.Fprintf(env.Stderr, "%s was not known as a sender, and is kept as %s.\n", visible(sender.Name), what)
		}
	}
	if err != nil {
		return "", err
	}
	from, err := f.Open()
	if err != nil {
		return "", err
	}
	defer from.Close()
	in, err := house.Intake.Receive(env.Ctx, by, intake.File{Name: f.Name, From: from, Sender: sender.Ref, Kind: c.Kind, AsAt: asAt})
	if err != nil {
		return in.Ref, err
	}
	return in.Ref, c.understand(env, house, by, in.Ref)
}

func (c *Import) day() (civil.Date, error) {
	if c.AsAt == "" {
		return civil.Date{}, nil
	}
	d, err := civil.Parse(c.AsAt)
	if err != nil {
		return d, intake.Refusal{Message: "The day after --as-at is " + err.Error() + "; write it like 2026-09-30."}
	}
	return d, nil
}

// understand settles how the file is read, by the proposal and the flags.
func (c *Import) understand(env *Env, house *House, by access.Actor, ref id.Ref) error {
	u, err := house.Intake.Understand(env.Ctx, by, ref, c.Kind, c.Sheet)
	if err != nil {
		return err
	}
	if len(u.Proposal.Columns) == 0 {
		return house.Intake.Confirm(env.Ctx, by, ref, intake.Confirmation{Whole: c.Full})
	}
	for _, one := range c.Map {
		if err := chooseColumn(&u.Proposal, one); err != nil {
			return err
		}
	}
	for _, q := range u.Proposal.Questions {
		if strings.HasPrefix(q.ID, "dates:") && c.DateOrder != "" {
			if err := u.Proposal.Answer(q.ID, c.DateOrder+" first"); err != nil {
				return err
			}
		}
	}
	for _, q := range u.Proposal.Questions {
		if strings.HasPrefix(q.ID, "names:") && c.NameOrder != "" {
			if err := u.Proposal.Answer(q.ID, c.NameOrder+" first"); err != nil {
				return err
			}
		}
	}
	if c.DateOrder != "" {
		for i := range u.Proposal.Mapping.Columns {
			if m := &u.Proposal.Mapping.Columns[i]; m.Item.IsDate() {
				m.Dates = layout.DateOrder(c.DateOrder + " first")
			}
		}
	}
	c.showColumns(env, u)
	if open := openQuestions(u.Proposal); len(open) > 0 {
		for _, q := range open {
			fmt.Fprintln(env.Stderr, visible(q.Words))
			for _, choice := range q.Choices {
				fmt.Fprintln(env.Stderr, "  - "+visible(choice.Words))
			}
		}
		return errors.Join(intake.Refusal{Message: "How the file is to be read cannot be told from it alone. Say so with --date-order or --name-order, or with --map HEADER=ITEM."},
			house.Intake.Cancel(env.Ctx, by, ref))
	}
	return house.Intake.Confirm(env.Ctx, by, ref, intake.Confirmation{Mapping: u.Proposal.Mapping, Whole: c.Full})
}

// openQuestions are those that no flag has answered: a question about an item
// is answered when one column alone holds it.
func openQuestions(p layout.Proposal) (open []layout.Question) {
	for _, q := range p.Questions {
		if _, name, about := strings.Cut(q.ID, "item:"); about {
			item, _ := layout.ParseItem(name)
			n, sure := 0, false
			for _, column := range p.Columns {
				if column.Item == item {
					n++
					sure = column.Why == "chosen"
				}
			}
			if n == 1 && sure {
				continue
			}
		}
		open = append(open, q)
	}
	return open
}

// chooseColumn takes one --map: HEADER=ITEM, by the item's name or words.
func chooseColumn(p *layout.Proposal, text string) error {
	header, name, ok := strings.Cut(text, "=")
	if !ok {
		return intake.Refusal{Message: "--map takes HEADER=ITEM, such as 'Stud No=TheirRef'."}
	}
	item, known := layout.ParseItem(strings.TrimSpace(name))
	for _, i := range layout.Items() {
		if strings.EqualFold(i.String(), strings.TrimSpace(name)) || strings.EqualFold(i.Words(), strings.TrimSpace(name)) {
			item, known = i, true
		}
	}
	if !known {
		names := make([]string, 0, layout.Count)
		for _, i := range layout.Items() {
			names = append(names, i.String())
		}
		return intake.Refusal{Message: "There is nothing called " + visible(name) + " that a column can hold. Choose among " + strings.Join(names, ", ") + "."}
	}
	for _, column := range p.Columns {
		if strings.EqualFold(strings.TrimSpace(column.Header), strings.TrimSpace(header)) {
			p.Choose(column.At, item, "")
			return nil
		}
	}
	return intake.Refusal{Message: "The file has no column called " + visible(header) + "."}
}

// showColumns tells how the file is read, on standard error.
func (c *Import) showColumns(env *Env, u intake.Understanding) {
	by := fmt.Sprintf("by the header in row %d", u.Proposal.HeaderRow)
	if u.Proposal.HeaderRow == 0 {
		by = "by its values, for it has no header"
	}
	fmt.Fprintf(env.Stderr, "Read as %s, %s:\n", u.Kind.Name, by)
	for _, column := range u.Proposal.Columns {
		what := "left out"
		if column.Item != layout.None {
			what = column.Item.Words()
		}
		fmt.Fprintf(env.Stderr, "  %-24s %s (%s)\n", visible(column.Title()), what, visible(column.Why))
	}
}

// undoPartner takes back a partner's file.
func (c *Import) undoPartner(env *Env, house *House, by access.Actor) error {
	ref := id.Ref(c.Undo)
	_, err := house.Intake.Undo(env.Ctx, by, ref, intake.Undoing{Reason: c.Reason, Keep: c.Force})
	var refusal intake.Refusal
	switch {
	case errors.Is(err, db.NotFound):
		return errors.New("there is no import with the reference " + visible(c.Undo))
	case errors.As(err, &refusal):
		fmt.Fprintln(env.Stderr, "Refused:", visible(err.Error()))
		if p, failed := house.Intake.LookAtUndo(env.Ctx, by, ref); failed == nil && len(p.Kept) > 0 {
			for _, one := range p.Kept {
				fmt.Fprintln(env.Stderr, "  "+visible(one.YoungPersonsID))
			}
			fmt.Fprintln(env.Stderr, "To keep them and take back the rest, add --force.")
		}
		return ExitError{Code: 2}
	case err != nil:
		return err
	}
	return c.showPartner(env, house, by, ref)
}

// fileAt is the file at a path.
func fileAt(path string) (imports.File, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", path)
	}
	if err != nil {
		return imports.File{}, err
	}
	return imports.File{Name: filepath.Base(path), Size: info.Size(), Open: func() (io.ReadCloser, error) { return os.Open(path) }}, nil
}
