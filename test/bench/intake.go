package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// The bounds of issue 4 and of architecture.md 1.5.
const (
	intakeTimes    = 3.0 // of the wall time of sqlite3 .import
	intakePeakMB   = 200
	intakeReview   = 2.0 // seconds from upload to review, of 3,000 rows against 30,000 people
	intakeHeld     = 4.0 // seconds that another writer waits
	intakeQuestion = 0.2 // seconds that a page of one row may take
)

// benchIntake measures a large file read, mapped, checked and staged beside
// `sqlite3 .import` of it, each in a process of its own; then a college's roll
// from its upload to its review, what deciding one row costs, and how long
// applying a file of 25,000 people holds the writer.
func benchIntake(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("intake", flag.ContinueOnError)
	rows := flags.Int("rows", 1_000_000, "rows of the large file")
	postgres := flags.String("db", "", "a PostgreSQL database to measure on as well")
	stage := flags.String("stage", "", "stage this file and tell how long it took, as the measurement does in a process of its own")
	data := flags.String("data", "", "with -stage: the folder of the data")
	profile := flags.String("cpuprofile", "", "with -stage: write a profile here")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *stage != "" {
		return stageAlone(ctx, db.Settings{Dir: *data, URL: *postgres}, *stage, *profile)
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	broken := []error{benchStaging(ctx, dir, *postgres, *rows)}
	for _, settings := range []db.Settings{{Dir: filepath.Join(dir, "roll")}, {URL: *postgres}} {
		if settings.Dir == "" && settings.URL == "" {
			continue
		}
		broken = append(broken, benchRoll(ctx, settings))
	}
	return errors.Join(broken...)
}

// benchStaging holds staging against sqlite3 .import.
func benchStaging(ctx context.Context, dir, postgres string, rows int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "roll.csv")
	if err := writeRoll(file, rows); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows, %.0f MB\n%-34s %8s %8s %8s %12s %7s\n", rows, float64(info.Size())/1e6, "read, mapped, checked and staged", "wall s", "CPU s", "peak MB", "rows/s", "times")
	base, err := measure(ctx, "sqlite3", filepath.Join(dir, "plain.db"), ".mode csv", ".import "+file+" roll")
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %8.2f %8.2f %8.0f %12.0f %7.2f\n", "sqlite3 .import", base.wall.Seconds(), base.cpu.Seconds(), base.peakMB, float64(rows)/base.wall.Seconds(), 1.0)
	var broken []error
	for _, to := range []struct {
		name string
		args []string
	}{{"waymark, SQLite", []string{"-data", filepath.Join(dir, "data")}}, {"waymark, PostgreSQL", []string{"-db", postgres}}} {
		if to.args[1] == "" {
			continue
		}
		cost, told, err := measureTold(ctx, self, append([]string{"intake", "-stage", file}, to.args...)...)
		if err != nil {
			return err
		}
		var done staging
		if err := json.Unmarshal([]byte(told), &done); err != nil {
			return fmt.Errorf("%w: %s", err, told)
		}
		times := done.Seconds / base.wall.Seconds()
		fmt.Printf("%-34s %8.2f %8.2f %8.0f %12.0f %7.2f   of it receiving %.2f s\n", to.name, done.Seconds, cost.cpu.Seconds(), cost.peakMB, float64(rows)/done.Seconds, times, done.Receiving)
		if done.Rows != rows || times > intakeTimes || cost.peakMB > intakePeakMB {
			broken = append(broken, fmt.Errorf("%s: %d rows of %d, %.2f times sqlite3 .import (at most %.0f), %.0f MB (at most %d)", to.name, done.Rows, rows, times, intakeTimes, cost.peakMB, intakePeakMB))
		}
	}
	return errors.Join(broken...)
}

// staging is what a process of its own tells.
type staging struct {
	Rows               int
	Seconds, Receiving float64
}

// intakeBench is a register and what takes files into it.
type intakeBench struct {
	db     *db.DB
	by     access.Actor
	s      *intake.Service
	sender intake.Sender
}

func openIntake(ctx context.Context, settings db.Settings) (*intakeBench, error) {
	if settings.URL != "" {
		settings.Schema = "bench" + string(id.NewRef())
		if err := makeSchema(settings.URL, settings.Schema); err != nil {
			return nil, err
		}
	}
	d, err := db.OpenEvery(ctx, settings)
	if err != nil {
		return nil, err
	}
	req, err := nccis.Load()
	if err != nil {
		return nil, err
	}
	reg, err := (&register.Service{DB: d}).Add(ctx, register.Register{Name: "Bench", DatabaseID: "341", Authorities: []register.Authority{{Code: "341", Name: "Bench"}}})
	if err != nil {
		return nil, err
	}
	b := &intakeBench{db: d, by: access.Actor{Register: reg.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}}
	keeper, sights := standing.Keeper{Requirement: req}, &act.Recorder{DB: d}
	people := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
	b.s = &intake.Service{DB: d, Requirement: req, Standing: keeper, Record: people, Sights: sights}
	b.sender, err = b.s.KeepSender(ctx, b.by, intake.Sender{Name: "Northshore College", Tolerance: intake.DefaultTolerance, SendsFull: true, Place: true}, "")
	return b, err
}

// confirmed receives a file and says yes to how it is understood.
func (b *intakeBench) confirmed(ctx context.Context, from io.Reader, asAt string) (id.Ref, error) {
	in, err := b.s.Receive(ctx, b.by, intake.File{Name: "roll.csv", From: from, Sender: b.sender.Ref, Kind: "full-roll", AsAt: civil.MustParse(asAt)})
	if err != nil {
		return "", err
	}
	u, err := b.s.Understand(ctx, b.by, in.Ref, "", "")
	if err != nil {
		return "", err
	}
	return in.Ref, b.s.Confirm(ctx, b.by, in.Ref, intake.Confirmation{Mapping: u.Proposal.Mapping, Whole: true})
}

// stageAlone takes a file as far as staged.
func stageAlone(ctx context.Context, settings db.Settings, name, profile string) error {
	b, err := openIntake(ctx, settings)
	if err != nil {
		return err
	}
	defer b.db.Close()
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if profile != "" {
		out, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var done staging
	began := time.Now()
	ref, err := b.confirmed(ctx, file, "2026-10-05")
	if err != nil {
		return err
	}
	done.Receiving = time.Since(began).Seconds()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = b.s.Work(ctx, b.by, ref, func(in intake.Intake) {
		if in.State == intake.Staged && done.Rows == 0 {
			done.Rows, done.Seconds = in.Counts.Read, time.Since(began).Seconds()
			cancel()
		}
	})
	if done.Rows == 0 {
		return errors.Join(err, errors.New("the file was not staged"))
	}
	return json.NewEncoder(os.Stdout).Encode(done)
}

// benchRoll measures a college's roll among 30,000 people.
func benchRoll(ctx context.Context, settings db.Settings) error {
	b, err := openIntake(ctx, settings)
	if err != nil {
		return err
	}
	defer b.db.Close()
	fmt.Printf("\n%-34s %8s %8s   %s\n", "college rolls on "+string(b.db.Engine), "wall s", "held s", "rows")
	var broken []error
	tell := func(what string, took, most float64, held time.Duration, rest string) {
		fmt.Printf("%-34s %8.3f %8.2f   %s\n", what, took, held.Seconds(), rest)
		if most > 0 && took > most {
			broken = append(broken, fmt.Errorf("%s on %s: %.3f s (at most %.1f)", what, b.db.Engine, took, most))
		}
		if held.Seconds() > intakeHeld {
			broken = append(broken, fmt.Errorf("%s on %s: the writer was held %.1f s (at most %.0f)", what, b.db.Engine, held.Seconds(), intakeHeld))
		}
	}
	review := func(what string, n, from int, asAt string, most float64) (intake.Intake, error) {
		var text bytes.Buffer
		if err := roll(&text, n, from, asAt); err != nil {
			return intake.Intake{}, err
		}
		began := time.Now()
		ref, err := b.confirmed(ctx, &text, asAt)
		if err == nil {
			err = b.s.Work(ctx, b.by, ref, nil)
		}
		if err != nil {
			return intake.Intake{}, err
		}
		took := time.Since(began).Seconds()
		in, err := b.s.Get(ctx, b.by, ref)
		tell(what, took, most, 0, fmt.Sprintf("%d new, %d changed, %d unchanged, %d waiting", in.Counts.New, in.Counts.Changed, in.Counts.Unchanged, in.Counts.Waiting))
		return in, err
	}
	apply := func(what string, ref id.Ref) error {
		began := time.Now()
		in, err := b.s.Apply(ctx, b.by, ref, intake.Applying{SkipUndecided: true})
		tell(what, time.Since(began).Seconds(), 0, in.Held, "")
		return err
	}
	first, err := review("30,000 new people to review", 30_000, 0, "2026-09-20", 0)
	if err == nil {
		err = apply("  applied", first.Ref)
	}
	if err != nil {
		return err
	}
	small, err := review("3,000 rows among 30,000 to review", 3000, 28_500, "2026-10-05", intakeReview)
	if err != nil {
		return err
	}
	if err := b.questions(ctx, small.Ref, tell); err != nil {
		return err
	}
	if err := apply("  applied", small.Ref); err != nil {
		return err
	}
	large, err := review("25,000 people to review", 25_000, 0, "2026-11-02", 0)
	if err == nil {
		err = apply("  applied", large.Ref)
	}
	return errors.Join(append(broken, err)...)
}

// questions measures what deciding one row costs.
func (b *intakeBench) questions(ctx context.Context, ref id.Ref, tell func(string, float64, float64, time.Duration, string)) error {
	rows, _, err := b.s.Rows(ctx, b.by, ref, intake.Filter{}, 1)
	if err != nil || len(rows) < 20 {
		return errors.Join(err, errors.New("there are no rows to decide"))
	}
	one := func(row intake.Row) error {
		_, err := b.s.Candidates(ctx, b.by, ref, row.Number, 5)
		return err
	}
	for _, q := range []struct {
		what string
		do   func(intake.Row) error
	}{
		{"  candidates of a row", one},
		{"  a row left out", func(row intake.Row) error { return b.s.Decide(ctx, b.by, ref, row.Number, intake.DecideSkip, "") }},
		{"  a decision taken back", func(row intake.Row) error { return b.s.Decide(ctx, b.by, ref, row.Number, "", "") }},
	} {
		if err := q.do(rows[0]); err != nil { // the first one warms up
			return err
		}
		var worst time.Duration
		for _, row := range rows[1:20] {
			began := time.Now()
			if err := q.do(row); err != nil {
				return err
			}
			worst = max(worst, time.Since(began))
		}
		tell(q.what, worst.Seconds(), intakeQuestion, 0, "the slowest of 19")
	}
	return nil
}

func writeRoll(name string, rows int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(roll(out, rows, 0, "2026-10-05"), out.Flush(), f.Close())
}

// roll invents a college's roll: for one number the same person, who has moved
// now and then by a later day.
func roll(out io.Writer, n, from int, asAt string) error {
	first := []string{"Ro", "A", "I", "Lei", "Ko", "Mae", "To", "Pri", "Jo", "Zo", "Ca", "E", "Be", "Su", "De", "Ni", "Ha", "Wi", "Fa", "Ge"}
	last := []string{"bert", "mina", "wan", "la", "fi", "ve", "mos", "ya", "nah", "fia", "dris", "rys", "meka", "lal", "niva", "wen", "rick", "tilda", "mund", "line"}
	begin := []string{"Oak", "Tarn", "Fell", "Sand", "Holt", "Marram", "Curlew", "Samphire", "Dunlin", "Estuary", "Groyne", "Plover", "Heron"}
	end := []string{"mere", "brook", "gate", "wick", "by", "ley", "stead", "worth", "thorpe", "combe", "hurst", "field", "shaw", "dale", "well", "cliffe", "mouth"}
	if _, err := io.WriteString(out, "Student ref,ULN,Surname,Forename,Date of birth,Gender,Address line 1,Town,Postcode,Email,Start date,Course\r\n"); err != nil {
		return err
	}
	moved := 0
	if strings.HasPrefix(asAt, "2026-1") {
		moved = 1
	}
	for i := from; i < from+n; i++ {
		r := rand.New(rand.NewPCG(uint64(i), 4))
		family := begin[r.IntN(13)] + end[r.IntN(17)]
		if r.IntN(2) == 0 {
			family += end[r.IntN(17)]
		}
		number := 1_000_000_000 + i
		sum := 0
		for k, d := range strconv.Itoa(number)[:9] {
			sum += (10 - k) * int(d-'0')
		}
		uln := ""
		if check := 10 - sum%11; i%10 == 0 && check != 10 && sum%11 != 0 { // a tenth have their number already
			uln = strconv.Itoa(number)[:9] + strconv.Itoa(check)
		}
		house, born := 1+r.IntN(180), civil.MustParse("2008-09-01").AddDays(r.IntN(1095)).String()
		if i%17 == 0 {
			house += moved
		}
		if _, err := fmt.Fprintf(out, "R%d,%s,%s,%s,%s/%s/%s,%c,%d High Street,Saltmarsh,LW%d %d%c%c,r%d@example.org,07/09/2026,A levels\r\n", i, uln, family, first[r.IntN(20)]+last[r.IntN(20)],
			born[8:], born[5:7], born[:4], "MF"[r.IntN(2)], house, 1+r.IntN(9), r.IntN(10), 'A'+rune(r.IntN(26)), 'A'+rune(r.IntN(26)), i); err != nil {
			return err
		}
	}
	return nil
}
