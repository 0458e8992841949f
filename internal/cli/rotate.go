package cli

import (
	"fmt"

	"waymark/internal/sealed"
)

// RotateKeys is `waymark rotate-keys`.
type RotateKeys struct {
	Data
}

// Run makes a new master key, wraps the key of each register with it, and
// forgets the old one. Cut anywhere and given again it goes on; servers go on
// meanwhile.
func (c *RotateKeys) Run(env *Env) error {
	c.Data.Every = true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return refuse(env, err.Error(), "Name the data with --data or --db, and the key with --master-key")
	}
	defer house.DB.Close()
	n, master, err := sealed.Rotate(env.Ctx, house.DB)
	if err != nil {
		return refuse(env, stopped(env, err), "Nothing is lost: the old key is still in its file. Give the command again")
	}
	fmt.Fprintf(env.Stdout, "The master key is now %s; %s are sealed under it. The old one opens nothing any more.\n", master, countedKeys(n))
	fmt.Fprintln(env.Stdout, "Next: copy the file of the master key to where you keep its copy, and destroy the copies of the old one.")
	return nil
}

func countedKeys(n int) string {
	if n == 1 {
		return "the keys of 1 register"
	}
	return fmt.Sprintf("the keys of %d registers", n)
}
