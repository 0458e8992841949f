package imports

import (
	"waymark/internal/change"
	"waymark/internal/id"
)

// load is all that one stretch of the file comes to in the database: prepared
// beside the transaction, written in it.
type load struct {
	*change.Batch
	// sources are those whose last statement is closed.
	sources []sourceOf
	// ids are YoungPersonsIDs for people who had none.
	ids   []givenID
	notes []Note
	done  Progress
}

type sourceOf struct {
	person id.YoungPerson
	source string
}

type givenID struct {
	person id.YoungPerson
	ypid   string
}

func newLoad() *load { return &load{Batch: change.New()} }
