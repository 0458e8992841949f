package nccis

// Finding is what one check says of one record, or of the whole file.
type Finding struct {
	// Check is the Department's number ("9", "902"), "SG-a" to "SG-c" for the
	// three whose numbers nobody outside has seen, "W-…" for a warning of ours.
	Check string
	// Priority is 1 serious, 2 should be fixed, 3 advisory.
	Priority int
	// Record is the YoungPersonsID as it came; Position the record's place in
	// its file, from 1 (0: the header or the whole file).
	Record   string
	Position int
	Field    Field
	// Value is the text that offends, as it came; "" where it is missing.
	Value string
	// Message says what is wrong with this value and what to do, in words a
	// data officer knows.
	Message string
}

// Rejection is a fault for which the Department refuses the whole file. It is
// an error of the reader and of CheckFile.
type Rejection struct {
	// Reason is the condition, in words a data officer knows; Do what to do.
	Reason, Do string
	// Line is where in the file, from 1; 0 where it is about the whole.
	Line int
	// Position is the record being read, from 1; 0 where none.
	Position int
}
