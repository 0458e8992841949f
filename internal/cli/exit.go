package cli

import "fmt"

// ExitError is an error that has been told already: only the exit code is
// left to give. 1 is findings, 2 refused.
type ExitError struct{ Code int }

func (e ExitError) Error() string { return fmt.Sprintf("exit %d", e.Code) }
