package layout

import "waymark/internal/civil"

// Sample is one of the first rows of a file, with the number under which the
// user's program shows it, from 1.
type Sample struct {
	Number int
	Cells  []string
}

// DateOrder is the order in which a column writes dates.
type DateOrder string

// The orders. A date with its year first, or with the month as a word, is read
// whatever the order.
const (
	// DayFirst is 03/02/2009 for 3 February, as in Britain.
	DayFirst DateOrder = "day first"
	// MonthFirst is 02/03/2009 for 3 February, as in America.
	MonthFirst DateOrder = "month first"
)

// Mapping is how one sender's files are read. It is remembered for the sender,
// as JSON, and applied by the columns' headers even when columns have moved.
type Mapping struct {
	// Kind is the ID of the kind of file.
	Kind string `json:"kind"`
	// Sheet is the name of the sheet in a workbook; "" for the first or only one.
	Sheet string `json:"sheet,omitempty"`
	// HeaderRow is the number of the header's first row as the user's program
	// shows it, 0 where the file has none; HeaderRows how many rows it fills.
	HeaderRow  int `json:"header_row"`
	HeaderRows int `json:"header_rows"`
	// Columns are all columns of the file from the left, also those not used.
	Columns []MappedColumn `json:"columns"`
	// Fixed are values that hold for every row of the file: its own column wins.
	Fixed []Fixed `json:"fixed,omitempty"`
	// AsAt is the day for which the file was true, none where nobody said. With
	// it a birth date can be told from a date of another century.
	AsAt civil.Date `json:"as_at,omitzero"`
}

// MappedColumn is what one column of the file holds.
type MappedColumn struct {
	// At is its place from the left, from 0.
	At     int    `json:"at"`
	Header string `json:"header"`
	Item   Item   `json:"item,omitempty"`
	// Dates is the order of day and month, "" for day first.
	Dates DateOrder `json:"dates,omitempty"`
	// Yes is the code that a "yes" in this column stands for: a column "Young
	// carer" holds the characteristic 140 by Y and N. "" where values are words.
	Yes string `json:"yes,omitempty"`
	// FamilyFirst says that whole names without a comma begin with the family name.
	FamilyFirst bool `json:"family_first,omitempty"`
	// Fraction says that the column writes 93.5 per cent as 0.935.
	Fraction bool `json:"fraction,omitempty"`
}

// Fixed is one value that every row of the file has.
type Fixed struct {
	Item  Item   `json:"item"`
	Value string `json:"value"`
}

// Proposal is how a file is thought to be read, with the reasons.
type Proposal struct {
	Mapping   Mapping
	Columns   []Column
	Questions []Question
	// HeaderRow is the number of the header's first row, 0 for none; FirstRow
	// the number of the first row after it.
	HeaderRow, FirstRow int
	// Why says how the header was found.
	Why string
	// Differences tell what is not as the remembered mapping has it, in words.
	Differences []string
	// Missing are the items of which the kind needs one and the file has none.
	Missing [][]Item
}

// Column is what one column is thought to hold.
type Column struct {
	// At is its place from the left, from 0.
	At     int
	Header string
	Item   Item
	// Why is the reason in words: "called 'Forename'; all 200 values look like names".
	Why string
	// Sure says that nobody need be asked.
	Sure bool
	// Others are what it might be as well, the likeliest first.
	Others []Item
	// Examples are three values, as they stand.
	Examples []string
	// Yes is the code that a "yes" stands for, as in MappedColumn.
	Yes string
}

// Title is what people call the column: its header, or else its letter.
func (c Column) Title() string { return titleOf(c.Header, c.At) }

// Question is what cannot be told from the file alone.
type Question struct {
	// ID is the same for the same question about the same file.
	ID, Words string
	Choices   []Choice
}

// Choice is one answer to a Question.
type Choice struct{ ID, Words string }

// Row is one row of a file once it is read.
type Row struct {
	Number int
	// Values are canonical: dates CCYY-MM-DD, codes of the edition, UPN in
	// capitals, postcodes AA9 9AA. "" is that the row does not say.
	Values [Count]string
	// Said is how a value stood in the file, where it stood otherwise.
	Said [Count]string
	// Translations are the words of the row that became codes.
	Translations []Translation
	Problems     []Problem
	// Skip says why the row is no person: blank, a repeated header, a total at
	// the foot; "" where it is one.
	Skip string
}

// Problem is what is wrong with one cell, or was and has been mended.
type Problem struct {
	Item Item
	// Column is its header, or its letter where it has none.
	Column, Value string
	// Words say what is wrong and what to do, without the value.
	Words string
	// Code is the same for the same problem in all rows: "dob-not-a-date".
	Code string
	// Fatal says that the row cannot be used; otherwise only the cell is not.
	Fatal bool
	// Mended says that the value is used after all, changed as Words say.
	Mended bool
}

// Header is what the first column that holds the item is called; the item's own
// words where none does.
func (m *Mapping) Header(i Item) string {
	for _, c := range m.Columns {
		if c.Item == i && c.Header != "" {
			return c.Header
		}
	}
	return i.Words()
}
