package db_test

import (
	"net/url"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
)

// TestAMigrationReachesEveryRegistersRows brings an older database up to date as
// an owner whom the policies bind: 0015 renames whoever has the name of somebody in
// an earlier register, and fails where it does not see them both.
func TestAMigrationReachesEveryRegistersRows(t *testing.T) {
	address, server := dbtest.Server(t)
	do := func(statement string) {
		t.Helper()
		if _, err := server.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	owner := "o" + strings.ToLower(string(id.NewRef()))
	do("CREATE ROLE " + owner + " LOGIN")
	t.Cleanup(func() { server.Exec("DROP SCHEMA " + owner + " CASCADE"); server.Exec("DROP ROLE " + owner) })
	do("CREATE SCHEMA " + owner + " AUTHORIZATION " + owner)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(owner)
	s := db.Settings{URL: u.String(), Schema: owner}
	old, err := db.NewLoader(t.Context(), s, db.Versions{Main: 14, Side: 5})
	if err != nil {
		t.Fatal(err)
	}
	var account closed
	for _, table := range old.Tables {
		if table.Name == "account" {
			account = closed{name: owner + `"."account`, column: "register"}
			for _, c := range table.Columns {
				account.columns, account.kinds = append(account.columns, c.Name), append(account.kinds, strings.ToLower(c.Type))
			}
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []int{1, 2} {
		do("SET session_replication_role = replica; " + account.row(r))
	}
	do(`UPDATE "` + account.name + `" SET sign_in = 'curlew'; ALTER TABLE "` + account.name + `" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		CREATE POLICY waymark_register_1 ON "` + account.name + `" USING (register::text = ANY (string_to_array(current_setting('waymark.registers', true), ',')) OR current_setting('waymark.registers', true) = '*')`)
	d, err := db.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var named []string
	if err := d.EveryRegister().Read(t.Context(), func(tx *db.Tx) (err error) {
		named, err = db.Values[string](tx, "SELECT sign_in FROM account ORDER BY register")
		return err
	}); err != nil || strings.Join(named, " ") != "curlew curlew.2" {
		t.Errorf("they sign in as %q: %v", named, err)
	}
}
