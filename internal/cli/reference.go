package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"waymark/internal/dataset"
	"waymark/internal/id"
	"waymark/internal/reference"
)

// ReferenceCommands is `waymark reference`.
type ReferenceCommands struct {
	Load ReferenceLoad `cmd:"" help:"Load schools (GIAS), their links, UKPRNs, the postcode directory, the indices of deprivation or ward boundaries. The file says which it is."`
	List ReferenceList `cmd:"" help:"List what is loaded, of when, and by whom."`
	Undo ReferenceUndo `cmd:"" help:"Take a load back: the one before it counts again."`
}

// ReferenceLoad is `waymark reference load`.
type ReferenceLoad struct {
	Data
	File   string   `arg:"" help:"The file as it was downloaded and unpacked: CSV, XLSX or GeoJSON."`
	Area   []string `help:"Keep only these areas of a postcode directory or of wards: the beginnings of councils' codes (E08, E06000001), postcode areas (CH) or districts (CH41). All when absent." placeholder:"AREA"`
	Whole  bool     `help:"The file is complete, though it looks as if it were cut."`
	Format string   `enum:"table,json" default:"table" help:"table for people; json, one object, for machines."`
}

// Run loads the file. It ends with code 2 where the file is refused.
func (c *ReferenceLoad) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	in, err := os.Open(c.File)
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a file that you may read")
	}
	defer in.Close()
	info, err := in.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", c.File)
	}
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a file that you may read")
	}
	return c.load(env, house, reference.File{Name: filepath.Base(c.File), ReaderAt: in, Size: info.Size()})
}

// load puts a file of reference data in force and says what became of it.
func (c *ReferenceLoad) load(env *Env, house *House, f reference.File) error {
	f.Areas, f.Whole = strings.Join(c.Area, ","), c.Whole
	told := newProgressLine(env, house.DB.Now)
	r, err := house.Reference.Load(env.Ctx, Operator(house.Register.ID), f, func(at reference.Progress) { told.tell(func() string { return referenceLine(at) }) })
	told.end()
	var refusal reference.Refusal
	switch {
	case errors.As(err, &refusal):
		fmt.Fprintln(env.Stderr, "Refused:", visible(err.Error()))
		return ExitError{Code: 2}
	case err != nil && env.Ctx.Err() != nil:
		fmt.Fprintln(env.Stderr, "Interrupted. Nothing was changed.")
		return ExitError{Code: 2}
	case err != nil:
		return err
	}
	return c.report(env, r)
}

func (c *ReferenceLoad) report(env *Env, r reference.Report) error {
	if c.Format == "json" {
		out := json.NewEncoder(env.Stdout)
		out.SetEscapeHTML(false)
		return out.Encode(struct {
			reference.Report
			Seconds float64 `json:"seconds"`
			Held    float64 `json:"held_seconds"`
		}{r, r.Took.Seconds(), r.Held.Seconds()})
	}
	fmt.Fprintf(env.Stdout, "%s (reference %s)\n", visible(r.Words()), r.Ref)
	if !r.Unchanged {
		if took := r.Took.Seconds(); took > 0 {
			fmt.Fprintf(env.Stdout, "%.1f seconds, %s rows a second; nobody else who wrote had to wait for more than %.1f seconds.\n", took, thousands(int(float64(r.Entries)/took)), r.Held.Seconds())
		}
		if r.Former != nil {
			fmt.Fprintf(env.Stdout, "It takes the place of %s. To take it back: waymark reference undo %s\n", visible(r.Former.FileName), r.Ref)
		}
	}
	return nil
}

// ReferenceList is `waymark reference list`.
type ReferenceList struct {
	Data
	All    bool   `help:"List what was replaced or taken back, too."`
	Format string `enum:"table,json" default:"table" help:"table for people; json, an array, for machines."`
}

// Run lists what is loaded.
func (c *ReferenceList) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	list, inForce, err := house.Reference.List(env.Ctx, Operator(house.Register.ID))
	if err != nil {
		return err
	}
	shown := []dataset.Set{}
	for _, set := range list {
		if c.All || inForce[set.Kind] == set.Ref {
			shown = append(shown, set)
		}
	}
	if c.Format == "json" {
		return json.NewEncoder(env.Stdout).Encode(shown)
	}
	if len(shown) == 0 {
		fmt.Fprintln(env.Stdout, "Nothing is loaded. docs/operators-guide.md says what there is and where to get it.")
		return nil
	}
	t := tabwriter.NewWriter(env.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "WHAT\tEDITION\tROWS\tAREAS\tLOADED\tBY\tFILE\tREFERENCE\tSTATE")
	for _, set := range shown {
		state := "replaced"
		switch {
		case inForce[set.Kind] == set.Ref:
			state = "in force"
		case set.UndoneBy != 0:
			state = "taken back"
		case set.Act == 0:
			state = "being loaded"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", reference.What(set.Kind), orEmptyWord(set.Edition, "not said"), thousands(set.Entries), orEmptyWord(set.Areas, "all"),
			set.ReceivedAt.Format("2006-01-02"), visible(set.By), visible(set.FileName), set.Ref, state)
	}
	return t.Flush()
}

func orEmptyWord(s, empty string) string {
	if s == "" {
		return empty
	}
	return visible(s)
}

// ReferenceUndo is `waymark reference undo`.
type ReferenceUndo struct {
	Data
	Ref    string `arg:"" help:"The reference of the load, as waymark reference list shows it."`
	Reason string `help:"Why it is taken back, for the log." default:"Taken back by the operator."`
}

// Run takes the load back.
func (c *ReferenceUndo) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	set, now, err := house.Reference.Undo(env.Ctx, Operator(house.Register.ID), id.Ref(c.Ref), "", c.Reason)
	var refusal reference.Refusal
	if errors.As(err, &refusal) {
		fmt.Fprintln(env.Stderr, "Refused:", err)
		return ExitError{Code: 2}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s is taken back. %s\n", visible(set.FileName), visible(reference.Now(set.Kind, now)))
	return nil
}

// referenceLine is how far the load of reference data is.
func referenceLine(at reference.Progress) string {
	line := thousands(at.Rows) + " rows read"
	if at.Bytes > 0 && at.Size > 0 {
		line += fmt.Sprintf(", %d%% of the file", 100*at.Bytes/at.Size)
	}
	if at.Rate > 0 {
		line += ", " + thousands(int(at.Rate)) + " a second"
	}
	return line
}
