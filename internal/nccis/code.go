package nccis

import (
	"fmt"
	"strings"
)

// List is one of the requirement's code lists (nccis.md 3), other than current
// activity, which has lookups of its own.
type List uint8

// The code lists.
const (
	CohortStatuses List = iota
	Genders
	Ethnicities
	LevelsOfNeed
	Characteristics
	IntendedDestinations
	GuaranteeStatuses
	listCount
)

// Code is one code of a list, as one edition has it.
type Code struct {
	Code, Label string
	// Group is the reporting group of an ethnicity, or the published group of a
	// guarantee status; otherwise empty.
	Group string
	// Leaver is of a cohort status: the young person has left and is reported
	// once. Sent says that it may stand in a file (X may not).
	Leaver, Sent bool
	// Vulnerable is of a characteristic: it is in the Department's vulnerable
	// group.
	Vulnerable bool
	// Year11 and Year12 are of a guarantee status: the nodes in which it may stand.
	Year11, Year12 bool
	// From and To are the financial years in which it holds, "" for no end.
	From, To string
	// Mark says how sure we are: S seen, I inferred, GK general knowledge,
	// unseen, ours.
	Mark, Note string
}

// Codes are the codes of a list in this edition, in the order of the file. The
// caller must not change them.
func (e *Edition) Codes(list List) []Code {
	if list >= listCount {
		return nil
	}
	return e.lists[list]
}

// Code finds one code of a list in this edition.
func (e *Edition) Code(list List, code string) (Code, bool) {
	if list >= listCount {
		return Code{}, false
	}
	i, ok := e.code[list][code]
	if !ok {
		return Code{}, false
	}
	return e.lists[list][i], true
}

// Label is what the code means in this edition, or the code itself where the
// list does not have it.
func (e *Edition) Label(list List, code string) string {
	if c, ok := e.Code(list, code); ok {
		return c.Label
	}
	return code
}

// holds says that the code is in the list, without copying it.
func (e *Edition) holds(list List, code string) bool {
	_, ok := e.code[list][code]
	return ok
}

// codesInWords is "F, M, U or W", for messages.
func (e *Edition) codesInWords(list List, keep func(Code) bool) string {
	var names []string
	for _, c := range e.lists[list] {
		if keep == nil || keep(c) {
			names = append(names, c.Code)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

type codeFile struct {
	list    List
	file    string
	columns string
	read    func(*tableRow, *Code)
}

func codeFiles() []codeFile {
	return []codeFile{
		{CohortStatuses, "cohort_status.csv", "code,label,leaver,send,from,to,mark,note", func(r *tableRow, c *Code) {
			c.Leaver, c.Sent = r.yes("leaver"), r.yes("send")
		}},
		{Genders, "gender.csv", "code,label,from,to,mark,note", nil},
		{Ethnicities, "ethnicity.csv", "code,label,group,from,to,mark,note", func(r *tableRow, c *Code) { c.Group = r.must("group") }},
		{LevelsOfNeed, "level_of_need.csv", "code,label,from,to,mark,note", nil},
		{Characteristics, "characteristic.csv", "code,label,vulnerable,from,to,mark,note", func(r *tableRow, c *Code) {
			c.Vulnerable = r.yes("vulnerable")
		}},
		{IntendedDestinations, "intended_destination.csv", "code,label,from,to,mark,note", nil},
		{GuaranteeStatuses, "guarantee_status.csv", "code,label,y11,y12,published,from,to,mark,published_mark,note", func(r *tableRow, c *Code) {
			c.Year11, c.Year12, c.Group = r.yes("y11"), r.yes("y12"), r.must("published")
			r.oneOf("published_mark", "S", "I", "GK", "unseen")
		}},
	}
}

func loadCodes(req *Requirement) error {
	for _, f := range codeFiles() {
		for _, e := range req.editions {
			e.code[f.list] = map[string]int{}
		}
		err := eachRow(f.file, strings.Split(f.columns, ","), func(r *tableRow) {
			c := Code{Code: r.must("code"), Label: r.must("label"), Mark: r.mark(), Note: r.text("note")}
			c.From, c.To = r.years()
			if f.read != nil {
				f.read(r, &c)
			}
			for _, e := range req.editions {
				if !e.Covers(c.From, c.To) {
					continue
				}
				if e.holds(f.list, c.Code) {
					r.fail("%s is there twice in %s", c.Code, e.Name)
				}
				e.code[f.list][c.Code] = len(e.lists[f.list])
				e.lists[f.list] = append(e.lists[f.list], c)
			}
		})
		if err != nil {
			return err
		}
		for _, e := range req.editions {
			if len(e.lists[f.list]) == 0 {
				return fmt.Errorf("nccis: %s holds no code for %s", f.file, e.Name)
			}
		}
	}
	return nil
}
