package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"waymark/internal/app"

	"waymark/internal/db"
)

// typedAs gives the command as it is typed.
func typedAs(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, told bytes.Buffer
	code = app.Main(args, strings.NewReader(""), &out, &told)
	return out.String(), told.String(), code
}

// pair makes a pair of keys: the public one, and the file of the secret one.
func pair(t *testing.T) (public, file string) {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(file, []byte("# public key: "+k.Recipient().String()+"\n"+k.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return k.Recipient().String(), file
}

func TestBackupIsTakenTriedAndRestoredByCommands(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	if _, told, code := typed(t, data, "register", "add", "--name", "Sandmere Council", "--database-id", "123", "--authority", "341"); code != 0 {
		t.Fatal(told)
	}
	if _, told, code := typed(t, data, "register", "add", "--name", "Curlew Bay Council", "--database-id", "124", "--authority", "342"); code != 0 {
		t.Fatal(told)
	}
	public, secret := pair(t)
	_, another := pair(t)
	file, plain := filepath.Join(dir, "a.age"), filepath.Join(dir, "a.backup")
	restored, into := filepath.Join(dir, "restored"), filepath.Join(dir, "copied")
	recipients := filepath.Join(dir, "recipients.txt")
	if err := os.WriteFile(recipients, []byte("# the safe\n"+public+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"db", "check"}, 0, "last backup: none"},
		{[]string{"backup", "--to", file}, 2, "no key to encrypt the backup to"},
		{[]string{"backup", "--to", file, "--recipient", "age1nonsense"}, 2, "is no public key of age"},
		{[]string{"backup", "--to", filepath.Join(dir, "no", "such"), "--recipient", public}, 2, "cannot be made"},
		{[]string{"backup", "--to", plain, "--plain"}, 0, "Warning: the backup is not encrypted"},
		{[]string{"db", "check"}, 0, "NOT ENCRYPTED"},
		{[]string{"backup", "--to", file, "--recipients-file", recipients}, 0, "Curlew Bay Council: no act yet"},
		{[]string{"db", "check"}, 0, "last successful restore test: never"},
		{[]string{"restore", file, "--verify"}, 2, "is encrypted"},
		{[]string{"restore", file, "--verify", "--identity", another}, 2, "none of these keys opens the backup"},
		{[]string{"restore", file, "--verify", "--identity", recipients}, 2, "holds no secret key"},
		{[]string{"restore", recipients, "--verify", "--identity", secret}, 2, "is no backup of Waymark"},
		{[]string{"restore", file, "--identity", secret}, 2, "needs either --into or --verify"},
		{[]string{"restore", file, "--verify", "--scratch", dir, "--identity", another, "--identity", secret}, 0, "restores whole"},
		{[]string{"db", "check"}, 0, "of the backup of"},
		{[]string{"restore", file, "--into", restored, "--identity", secret}, 0, "each counted and compared"},
		{[]string{"restore", file, "--into", restored, "--identity", secret}, 2, "there is data there already"},
		{[]string{"copy", "--from", restored, "--to", into}, 0, "each counted and compared"},
		{[]string{"copy", "--from", filepath.Join(dir, "nowhere"), "--to", into}, 2, "there is no register in"},
		{[]string{"db", "tested", "nonsense"}, 2, "no backup"},
	} {
		if step.args[0] != "copy" {
			step.args = append(step.args, "--data", data)
		}
		out, told, code := typedAs(t, step.args...)
		if code != step.code || !strings.Contains(out+told, step.says) {
			t.Errorf("waymark %s: %d, not %d with %q:\n%s%s", strings.Join(step.args, " "), code, step.code, step.says, out, told)
		}
		if strings.Contains(out+told, "goroutine") {
			t.Errorf("a stack was shown: %s", told)
		}
	}
	if out, _, code := typed(t, into, "register", "list", "--register", "Sandmere Council"); code != 0 || !strings.Contains(out, "Curlew Bay Council") {
		t.Errorf("copied: %d %s", code, out)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*verify*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the temporary database was left behind: %v %v", left, err)
	}
	if hidden, _ := filepath.Glob(filepath.Join(dir, ".*")); len(hidden) > 0 {
		t.Errorf("%v was left behind", hidden)
	}
}

// A backup takes everybody's records out of the house: each register's log
// tells of it before the file is written, of one that fails too.
func TestTheLogTellsOfABackup(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	for _, one := range [][2]string{{"Sandmere Council", "341"}, {"Curlew Bay Council", "342"}} {
		if _, told, code := typed(t, data, "register", "add", "--name", one[0], "--database-id", one[1], "--authority", one[1]); code != 0 {
			t.Fatal(told)
		}
	}
	for _, to := range []string{filepath.Join(dir, "a.backup"), filepath.Join(dir, "no", "such")} {
		typed(t, data, "backup", "--plain", "--to", to)
	}
	d, err := db.OpenEvery(t.Context(), db.Settings{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var told int
	if err := d.InSideTx(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM sight WHERE kind = 'take a backup' AND actor LIKE 'operator:%' AND page LIKE 'backup %'").Scan(&told)
	}); err != nil || told != 4 {
		t.Errorf("two backups of two registers are told %d times (%v)", told, err)
	}
}
