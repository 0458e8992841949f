package cli

import (
	"bufio"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/transfer"
)

// Transfer is `waymark transfer`: who is handed over between this authority and
// others in the house, who is offered to it, and who has still to be offered.
// Offering and taking over need a person who looks: they are done on the page.
type Transfer struct {
	Data
	Format string `enum:"table,csv,json" default:"table" help:"table for people; csv, or json with one object a line, for machines and spreadsheets."`
}

// Run writes the list, those still to be offered first.
func (c *Transfer) Run(env *Env) error {
	return c.withHouse(env, func(house *House) error {
		lists, err := house.Transfers.Lists(env.Ctx, Operator(house.Register.ID))
		if err != nil {
			return err
		}
		out := bufio.NewWriter(env.Stdout)
		err = writeRows(out, c.Format, []string{"way", "young person", "authority", "moved on", "state", "why", "since"}, transferRows(lists))
		if gone := out.Flush(); err == nil && gone != nil {
			return refuse(env, gone.Error(), "Send the list to a place that takes it")
		}
		return err
	})
}

func transferRows(lists transfer.Lists) [][]string {
	rows := [][]string{}
	day := func(d civil.Date) string {
		if d.IsZero() {
			return ""
		}
		return d.String()
	}
	for _, m := range lists.ToSend {
		rows = append(rows, []string{string(transfer.Out), strings.TrimSpace(m.Given + " " + m.Family), m.To, day(m.Since), "to offer", "", ""})
	}
	for _, list := range [][]transfer.Transfer{lists.Came, lists.Sent} {
		for i := range list {
			t := &list[i]
			rows = append(rows, []string{string(t.Way), t.Name(), t.OtherLA, day(t.MovedOn), string(t.State), t.Why, day(civil.On(t.ChangedAt, civil.London()))})
		}
	}
	return rows
}
