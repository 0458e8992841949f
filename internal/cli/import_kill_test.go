package cli_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/app"
	"waymark/internal/db"
	"waymark/internal/life"
)

// typing holds, in the environment, the command that the process to be killed
// runs, a word a line.
const typing = "WAYMARK_TEST_COMMAND_TO_BE_KILLED"

// TestCommand is that process.
func TestCommand(t *testing.T) {
	words := os.Getenv(typing)
	if words == "" {
		t.Skip("this is for the tests that kill it")
	}
	os.Exit(app.Main(strings.Split(words, "\n"), strings.NewReader(""), os.Stdout, os.Stderr))
}

// killed runs a command in a process of its own and kills it after a while, as
// kill -9 does; 0 lets it end. It returns how long it ran.
func killed(t *testing.T, after time.Duration, words ...string) time.Duration {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCommand$")
	cmd.Env = append(os.Environ(), typing+"="+strings.Join(words, "\n"))
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		stop := time.AfterFunc(after, func() { cmd.Process.Kill() })
		defer stop.Stop()
	}
	if err := cmd.Wait(); err != nil && after == 0 {
		t.Fatalf("%v: %v", words, err)
	}
	return time.Since(began)
}

// holds is what a register holds: how many facts of each kind, and everybody by
// name, birth date and activity; and the file last seen with its state.
func holds(t *testing.T, at db.Settings) (facts []string, ref, state string) {
	t.Helper()
	d, err := db.OpenEvery(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Read(context.Background(), func(tx *db.Tx) error {
		for _, table := range append([]string{"young_person", "standing"}, tables()...) {
			open := " WHERE known_to IS NULL"
			if table == "standing" {
				open = ""
			}
			var n int
			if err := tx.QueryRow("SELECT count(*) FROM " + table + open).Scan(&n); err != nil {
				return err
			}
			facts = append(facts, fmt.Sprint(table, " ", n))
		}
		rows, err := tx.Query("SELECT given, family, dob, activity, activity_started FROM standing ORDER BY 1, 2, 3, 4, 5")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v [5]*string
			if err := rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4]); err != nil {
				return err
			}
			words := ""
			for _, one := range v {
				if one != nil {
					words += " " + *one
				}
			}
			facts = append(facts, words)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return tx.QueryRow("SELECT COALESCE(MAX(ref), ''), COALESCE(MAX(state), '') FROM intake WHERE id = (SELECT MAX(id) FROM intake)").Scan(&ref, &state)
	}); err != nil {
		t.Fatal(err)
	}
	return facts, ref, state
}

func tables() (out []string) {
	for _, one := range life.Tables() {
		out = append(out, one.Name)
	}
	return out
}

// someRoll is a roll of n invented people.
func someRoll(n int) string {
	var b strings.Builder
	b.WriteString("Student ref,Surname,Forename,Date of birth,Postcode,Email,Start date\n")
	families, givens := []string{"Oak", "Tarn", "Fell", "Sand", "Holt", "Marram", "Curlew"}, []string{"Robert", "Amina", "Iwan", "Leila", "Kofi", "Maeve", "Tomos", "Zofia"}
	for i := range n {
		fmt.Fprintf(&b, "R%d,%s%s,%s,%02d/%02d/%d,LW%d %dA%c,r%d@example.org,07/09/2026\n", i, families[i%7], strings.ToLower(families[i/7%7]), givens[i/3%8],
			1+i*5%28, 1+i*7%12, 2009+i%2, 1+i%9, i%10, 'A'+rune(i%26), i)
	}
	return b.String()
}

// TestImportKilled kills the command at random moments, of receiving, staging,
// matching, weighing and applying, and goes on: nobody is there twice, and the
// register is what it is when nothing is killed. WAYMARK_TEST_KILLS says how often,
// for a campaign.
func TestImportKilled(t *testing.T) {
	for _, one := range []struct {
		engine string
		times  int
	}{{"sqlite", 20}, {"postgres", 8}} { // a fresh schema takes longer to make than a folder
		t.Run(one.engine, func(t *testing.T) {
			times, rows := one.times, 300
			if n, err := strconv.Atoi(os.Getenv("WAYMARK_TEST_KILLS")); err == nil {
				times, rows = n, 3000
			}
			killedAndGoneOn(t, one.engine, times, rows)
		})
	}
}

func killedAndGoneOn(t *testing.T, engine string, times, rows int) {
	file := filepath.Join(t.TempDir(), "roll.csv")
	if err := os.WriteFile(file, []byte(someRoll(rows)), 0o600); err != nil {
		t.Fatal(err)
	}
	command := []string{"import", file, "--sender", "Northshore College", "--kind", "full-roll", "--map", "Student ref=TheirRef", "--date-order", "day", "--as-at", "2026-10-05", "--apply", "--skip-undecided"}
	d := newDesk(t, engine)
	whole := killed(t, 0, slices.Concat(command, d.data)...)
	want, _, state := holds(t, d.at)
	if state != "applied" || len(want) < rows {
		t.Fatalf("not killed, it ends %s with %d facts", state, len(want))
	}
	seen := map[string]int{}
	for i := range times { // each in its own slice of the run, so that every part of it is met
		d := newDesk(t, engine)
		slice := int64(whole) * 11 / 10 / int64(times)
		after := time.Millisecond + time.Duration(int64(i)*slice+rand.Int64N(slice))
		killed(t, after, slices.Concat(command, d.data)...)
		_, ref, state := holds(t, d.at)
		seen[state]++
		switch state {
		case "applied":
		case "mapped", "staged", "matched", "review":
			if out, told, code := d.types("import", "--ref", ref, "--apply", "--skip-undecided"); code != 0 {
				t.Fatalf("killed after %v, %s; going on ends with %d\n%s\n%s", after, state, code, out, told)
			}
		default: // it had not arrived, or nobody had said how it is read
			if out, told, code := d.types(command...); code != 0 {
				t.Fatalf("killed after %v, %s; once more ends with %d\n%s\n%s", after, state, code, out, told)
			}
		}
		got, _, state := holds(t, d.at)
		if d := cmp.Diff(want, got); d != "" || state != "applied" {
			t.Fatalf("killed after %v, it ends %s and the register is another (-never killed +killed):\n%s", after, state, d)
		}
	}
	t.Logf("a whole run takes %v; killed when the file was %v", whole, seen)
	if len(seen) < 2 {
		t.Errorf("every time it was killed in one state, %v: the test tries too little", seen)
	}
}
