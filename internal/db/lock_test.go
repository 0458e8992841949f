package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

// closed are the tables that hold rows of a register, with the column that says
// of which, and whether the policy binds even their owner.
type closed struct {
	name, column string
	forced       bool
	columns      []string
	kinds        []string
}

func tablesOfRegisters(t *testing.T, d *db.DB) []closed {
	t.Helper()
	var out []closed
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT c.relname, a.attname, format_type(a.atttypid, NULL),
			c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL)
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1, a.attnum`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column, kind string
			var forced bool
			if err := rows.Scan(&table, &column, &kind, &forced); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].name != table {
				out = append(out, closed{name: table, forced: forced})
			}
			one := &out[len(out)-1]
			one.columns, one.kinds = append(one.columns, column), append(one.kinds, kind)
			if column == "register" || table == "register" && column == "id" {
				one.column = column
			}
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(out, func(c closed) bool { return c.column == "" })
}

// row is one row of a register, with whatever its columns take.
func (c closed) row(register int) string {
	values := make([]string, len(c.columns))
	for i, kind := range c.kinds {
		switch {
		case c.columns[i] == c.column:
			values[i] = fmt.Sprint(register)
		case kind == "bigint":
			values[i] = "7"
		case kind == "boolean":
			values[i] = "FALSE"
		case kind == "bytea":
			values[i] = `'\x00'`
		default:
			values[i] = fmt.Sprintf("'of %d'", register)
		}
	}
	return fmt.Sprintf(`INSERT INTO "%s" ("%s") VALUES (%s)`, c.name, strings.Join(c.columns, `", "`), strings.Join(values, ", "))
}

// TestEveryTableIsClosedToOtherRegisters fails for a table with a register that
// has no policy, or one that its owner is not bound by.
func TestEveryTableIsClosedToOtherRegisters(t *testing.T) {
	d := dbtest.Postgres(t)
	tables := tablesOfRegisters(t, d)
	if len(tables) < 60 {
		t.Fatalf("only %d tables were found: the test proves nothing", len(tables))
	}
	for _, table := range tables {
		if !table.forced {
			t.Errorf("the table %s has no policy that binds everybody", table.name)
		}
	}
	if lock := d.Lock(); !lock.Bites {
		t.Errorf("the lock does not bite: %s", lock.Why)
	}
}

// TestNoRowOfAnotherRegisterIsReached takes the first lock away: no statement
// here names a register but to find, change or add what is another's.
func TestNoRowOfAnotherRegisterIsReached(t *testing.T) {
	d := dbtest.Postgres(t)
	tables := tablesOfRegisters(t, d)
	if err := d.InTx(t.Context(), func(tx *db.Tx) error {
		dbtest.AsOwner(t, tx)
		if _, err := tx.Exec("SET LOCAL session_replication_role = replica"); err != nil { // no key need point anywhere
			return err
		}
		for _, table := range tables {
			for _, r := range []int{1, 2} {
				if _, err := tx.Exec(table.row(r)); err != nil {
					return fmt.Errorf("%s: %w", table.name, err)
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	seen := func(d *db.DB, table closed) (mine, others int) {
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(fmt.Sprintf(`SELECT count(*) FILTER (WHERE %q = 1), count(*) FILTER (WHERE %q <> 1) FROM %q`, table.column, table.column, table.name)).Scan(&mine, &others)
		}); err != nil {
			t.Fatal(err)
		}
		return mine, others
	}
	touched := func(statement string) int64 {
		var n int64
		if err := d.For(1).InTx(t.Context(), func(tx *db.Tx) error {
			done, err := tx.Exec(statement)
			if err == nil {
				n, err = done.RowsAffected()
			}
			return err
		}); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
		return n
	}
	for _, table := range tables {
		if mine, others := seen(d.For(1), table); mine != 1 || others != 0 {
			t.Errorf("%s: for register 1 there are %d rows of its own and %d of others", table.name, mine, others)
		}
		if mine, others := seen(d.For(), table); mine+others != 0 {
			t.Errorf("%s: for no register there are %d rows", table.name, mine+others)
		}
		if mine, others := seen(d.For(1, 2), table); mine != 1 || others != 1 {
			t.Errorf("%s: for both there are %d and %d rows", table.name, mine, others)
		}
		if mine, others := seen(d.EveryRegister(), table); mine != 1 || others != 1 {
			t.Errorf("%s: for every register there are %d and %d rows", table.name, mine, others)
		}
		if n := touched(fmt.Sprintf(`UPDATE %q SET %q = %q WHERE %q = 2`, table.name, table.column, table.column, table.column)); n != 0 {
			t.Errorf("%s: %d rows of register 2 were changed", table.name, n)
		}
		if n := touched(fmt.Sprintf(`DELETE FROM %q WHERE %q = 2`, table.name, table.column)); n != 0 {
			t.Errorf("%s: %d rows of register 2 were deleted", table.name, n)
		}
		for what, statement := range map[string]string{"added": table.row(2), "handed over": fmt.Sprintf(`UPDATE %q SET %q = 2`, table.name, table.column)} {
			err := d.For(1).InTx(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(statement); return err })
			if err == nil || !strings.Contains(err.Error(), "row-level security policy") {
				t.Errorf("%s: a row of register 2 was %s, or was refused for another reason: %v", table.name, what, err)
			}
		}
	}
}

// TestTheRegisterEndsWithTheTransaction uses one connection again and again.
func TestTheRegisterEndsWithTheTransaction(t *testing.T) {
	d := dbtest.Postgres(t)
	is := func(d *db.DB) (out string) {
		if err := d.InTx(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT COALESCE(current_setting('waymark.registers', true), '') || ' as ' || current_user").Scan(&out)
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for range 3 {
		for want, d := range map[string]*db.DB{"1 as waymark_app": d.For(1), "2,3 as waymark_app": d.For(3, 2), " as waymark_app": d.For(), "* as waymark_app": d.EveryRegister()} {
			if got := is(d); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}
