package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/intake"
)

// partnerReview is what a partner's file comes to, as the command tells it.
type partnerReview struct {
	intake.Intake
	Effect   *intake.Effect        `json:"effect,omitempty"`
	InWords  string                `json:"effect_in_words,omitempty"`
	Problems []intake.ProblemGroup `json:"problems"`
	// Rows are those that change or wait, and all in JSON.
	Rows []intake.Row        `json:"rows"`
	Gone []intake.GonePerson `json:"gone,omitempty"`

	faulty map[string][]intake.RowProblem
}

// showPartner prints the review, or what became of the file. It ends with code
// 1 where somebody has something to decide.
func (c *Import) showPartner(env *Env, house *House, by access.Actor, ref id.Ref) error {
	r, err := c.reviewed(env, house, by, ref)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		out := json.NewEncoder(env.Stdout)
		out.SetEscapeHTML(false)
		err = out.Encode(r)
	} else {
		_, err = io.WriteString(env.Stdout, r.table())
	}
	if err == nil && r.State == intake.InReview && r.Counts.Waiting+r.Counts.Clashes+r.Counts.Unusable+r.Counts.GoneOpen > 0 {
		err = ExitError{Code: 1}
	}
	return err
}

func (c *Import) reviewed(env *Env, house *House, by access.Actor, ref id.Ref) (*partnerReview, error) {
	in, err := house.Intake.Get(env.Ctx, by, ref)
	if err != nil {
		return nil, err
	}
	r := &partnerReview{Intake: in, faulty: map[string][]intake.RowProblem{}}
	if r.Problems, err = house.Intake.Problems(env.Ctx, by, ref); err != nil {
		return nil, err
	}
	for _, g := range r.Problems {
		if r.faulty[g.Code+g.Item], _, err = house.Intake.RowsWith(env.Ctx, by, ref, g.Code, g.Item, 1); err != nil {
			return nil, err
		}
	}
	if in.State != intake.InReview {
		return r, nil
	}
	effect, err := house.Intake.Foresee(env.Ctx, by, ref)
	if err != nil {
		return nil, err
	}
	r.Effect, r.InWords = &effect, effect.Words()
	page := 1
	if c.Format == "json" {
		page = 0
	}
	for _, outcome := range []string{intake.OutcomeWaiting, intake.OutcomeNew, intake.OutcomeChanged, intake.OutcomeUnchanged, intake.OutcomeSkipped} {
		if page == 1 && (outcome == intake.OutcomeUnchanged || outcome == intake.OutcomeNew) {
			continue
		}
		rows, _, err := house.Intake.Rows(env.Ctx, by, ref, intake.Filter{Outcome: outcome}, page)
		if err != nil {
			return nil, err
		}
		r.Rows = append(r.Rows, rows...)
	}
	r.Gone, _, err = house.Intake.Gone(env.Ctx, by, ref, page)
	return r, err
}

// told is how many of a kind are printed for people.
const told = 20

func (r *partnerReview) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s of %s, as at %s (reference %s)\n", visible(r.FileName), r.State, visible(r.KindName), visible(r.Sender.Name), r.AsAt.Words(), r.Ref)
	if r.Message != "" {
		fmt.Fprintln(&b, visible(r.Message))
	}
	for _, line := range []struct {
		n     int
		words string
	}{{r.Counts.Read, "rows read"}, {r.Counts.Ready, "ready"}, {r.Counts.New, "of them new"}, {r.Counts.Changed, "of them changed"},
		{r.Counts.Unchanged, "of them unchanged"}, {r.Counts.Waiting, "need a decision whom they are about"}, {r.Counts.Clashes, "changes clash with what is held; ours stands unless somebody chooses"},
		{r.Counts.Unusable, "cannot be used"}, {r.Counts.Skipped, "left out"}, {r.Counts.Gone, "were on the last full roll and are not on this one"}} {
		if line.n > 0 {
			fmt.Fprintf(&b, "%9s  %s\n", thousands(line.n), line.words)
		}
	}
	if r.InWords != "" {
		fmt.Fprintln(&b, r.InWords)
	}
	r.problems(&b)
	r.rows(&b)
	for i, g := range r.Gone {
		if i == 0 {
			b.WriteString("\nNo longer on the roll; nothing is changed about them unless somebody decides it\n")
		}
		if i < told {
			fmt.Fprintf(&b, "  %s, %s\n", visible(g.Name), visible(g.YoungPersonsID))
		}
	}
	if r.State == intake.InReview {
		fmt.Fprintf(&b, "\nNothing is changed yet. Apply it with waymark import --ref %s --apply, or decide on its page.\n", r.Ref)
	}
	return b.String()
}

func (r *partnerReview) problems(b *strings.Builder) {
	for _, g := range r.Problems {
		what := "the cell is not used"
		if g.Fatal {
			what = "the row cannot be used"
		} else if g.Mended {
			what = "read all the same"
		}
		fmt.Fprintf(b, "\n%s (%s rows, %s)\n", visible(joinedWords(g.Item, g.Code)), thousands(g.Rows), what)
		shown := 0
		for i, same := range alike(r.faulty[g.Code+g.Item]) {
			if i == told {
				break
			}
			p := same[0]
			value := ""
			if p.Value != "" {
				value = ", " + visible(p.Value)
			}
			fmt.Fprintf(b, "  %s%s%s: %s\n", rowsOf(same), visible(before(", column ", p.Column)), value, visible(p.Words))
			shown += len(same)
		}
		if shown < g.Rows {
			fmt.Fprintf(b, "  and %s more\n", thousands(g.Rows-shown))
		}
	}
}

// alike puts rows together of which the same is wrong in the same column, in the
// order in which each first comes: one word that nobody knows is said once.
func alike(list []intake.RowProblem) (out [][]intake.RowProblem) {
	at := map[[3]string]int{}
	for _, p := range list {
		key := [3]string{p.Column, p.Value, p.Words}
		i, seen := at[key]
		if !seen {
			i = len(out)
			at[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}

// rowsOf is "row 5", "rows 5, 7 and 9", "rows 5, 7, 9 and 31 more".
func rowsOf(same []intake.RowProblem) string {
	if len(same) == 1 {
		return fmt.Sprintf("row %d", same[0].Row)
	}
	const most = 5
	var b strings.Builder
	for i, p := range same {
		switch {
		case i == most:
			fmt.Fprintf(&b, " and %s more", thousands(len(same)-most))
			return "rows " + b.String()
		case i > 0 && i == len(same)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(p.Row))
	}
	return "rows " + b.String()
}

func joinedWords(item, code string) string {
	if item == "" {
		return code
	}
	return item + ": " + code
}

func before(words, s string) string {
	if s == "" {
		return ""
	}
	return words + s
}

func (r *partnerReview) rows(b *strings.Builder) {
	last, n := "", 0
	for _, row := range r.Rows {
		if row.Outcome != last {
			last, n = row.Outcome, 0
			fmt.Fprintf(b, "\n%s\n", strings.ToUpper(last[:1])+last[1:])
		}
		if n++; n > told {
			if n == told+1 {
				b.WriteString("  and more; --format json has all of them\n")
			}
			continue
		}
		fmt.Fprintf(b, "  row %d, %s%s\n", row.Number, visible(row.Name), visible(before(": ", row.Sentence)))
		for _, c := range row.Changes {
			mark := ""
			if c.Kept {
				mark = " (ours stays: " + c.Why + ")"
			}
			fmt.Fprintf(b, "    %s: %s -> %s%s\n", visible(c.Field), orEmpty(c.Before), orEmpty(c.After), visible(mark))
		}
	}
}
