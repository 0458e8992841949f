package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/message"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/notify"
	"waymark/internal/notify/notifytest"
	"waymark/internal/record"
	"waymark/internal/restrict"
	"waymark/internal/sharing"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// office is a register that the built program serves, with a college under an
// agreement, and a carrier of texts that loses some of its answers.
type office struct {
	*desk
	db      *db.DB
	records *record.Service
	sharing *sharing.Service
	carrier *notifytest.Carrier
	officer access.Actor
	clerk   access.Actor
	dana    id.Ref // the officer's account
	clock   string // the file that says what time it is
	browser *http.Client
	base    string
	running *exec.Cmd
}

const (
	officerSignIn, officerPassword = "dana@sandmere.example.org", "seven purple otters"
	textsSent, leaversTold         = 60, 400
)

// TestServedAndKilled serves a register with the program itself and kills it, as
// a power cut does, while it loads a list of leavers and while it sends texts:
// started again, each row is one notice and each text went once. Between the two
// a partner's system speaks to it.
func TestServedAndKilled(t *testing.T) {
	onEachEngine(t, func(d *desk) {
		o := newOffice(d)
		o.serve()
		o.leaversWhileKilled()
		o.partnersSystem()
		o.textsWhileKilled()
	})
}

func newOffice(d *desk) *office {
	t := d.t
	held, err := db.OpenEvery(t.Context(), d.at)
	must(t, err)
	t.Cleanup(func() { held.Close() })
	noon := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	held = held.At(func() time.Time { return noon })
	req := nccis.MustLoad()
	keeper := standing.Keeper{Requirement: req}
	o := &office{desk: d, db: held, carrier: notifytest.New(t), clock: filepath.Join(t.TempDir(), "clock"),
		records: &record.Service{DB: held, Requirement: req, Standing: keeper, Sights: &act.Recorder{DB: held}, Rolls: standing.NewRolls(held, keeper)}}
	o.sharing = &sharing.Service{DB: held, Records: o.records}
	actor := func(ref string, role access.Role) access.Actor {
		return access.Actor{Register: 1, Ref: "account:" + ref, Name: ref, Roles: []access.Role{role}, Today: civil.Must(2026, 11, 10), Now: noon}
	}
	o.officer, o.clerk = actor("officer", access.DataOfficer), actor("clerk", access.InformationGovernance)
	dana, err := account.New(held, 1).Create(t.Context(), access.Actor{Register: 1, Ref: "operator:test", Roles: []access.Role{access.Operator}},
		account.NewAccount{SignIn: officerSignIn, Name: "Dana Officer", Password: officerPassword, Roles: []access.Role{access.DataOfficer}})
	must(t, err)
	o.dana = dana.Ref
	must(t, held.InTx(t.Context(), func(tx *db.Tx) error { // a trial: a password alone does
		_, err := tx.Exec(`UPDATE register SET second_factor = FALSE WHERE id = 1`)
		return err
	}))
	jar, err := cookiejar.New(nil)
	must(t, err)
	o.browser = &http.Client{Jar: jar, Timeout: 30 * time.Second}
	o.setClock("12:00")
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) setClock(clock string) {
	o.t.Helper()
	must(o.t, os.WriteFile(o.clock, []byte("2026-11-10T"+clock+":00Z"), 0o600))
}

var servedAt = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the program and waits until it answers.
func (o *office) serve() {
	o.t.Helper()
	path, err := withClock()
	must(o.t, err)
	s := o.carrier.Settings(nil)
	cmd := exec.Command(path, slices.Concat([]string{"--clock=@" + o.clock, "serve", "--addr=127.0.0.1:0", "--notify-url=" + s.Address, "--notify-text-template=" + s.TextTemplate}, o.data)...)
	cmd.Env = append(os.Environ(), "WAYMARK_NOTIFY_KEY="+s.Key)
	out, err := cmd.StdoutPipe()
	must(o.t, err)
	var told bytes.Buffer
	cmd.Stderr = &told
	must(o.t, cmd.Start())
	o.running = cmd
	o.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	for o.base = ""; o.base == "" && lines.Scan(); {
		o.base = servedAt.FindString(lines.Text())
	}
	if o.base == "" {
		o.t.Fatalf("the program does not say where it serves: %s", told.String())
	}
	go io.Copy(io.Discard, out)
}

// kill ends the program without a word to it.
func (o *office) kill() {
	o.t.Helper()
	must(o.t, o.running.Process.Kill())
	o.running.Wait()
}

func (o *office) count(query string, args ...any) (n int) {
	o.t.Helper()
	must(o.t, o.db.Read(o.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

// until waits until something is so.
func (o *office) until(what string, so func() bool) {
	o.t.Helper()
	for range 600 {
		if so() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	o.t.Fatalf("it never came to be that %s", what)
}

// send sends a form as a browser does and returns the status and the page.
func (o *office) send(path, kind string, body io.Reader) (int, string, error) {
	r, err := http.NewRequestWithContext(o.t.Context(), "POST", o.base+path, body)
	must(o.t, err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return read(o.browser.Do(r))
}

func read(answer *http.Response, err error) (int, string, error) {
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

func (o *office) signIn() {
	o.t.Helper()
	form := url.Values{"key": {string(id.NewRef())}, "sign-in": {officerSignIn}, "password": {officerPassword}}
	code, page, err := o.send("/sign-in", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil || code != 200 || strings.Contains(page, `id="password"`) {
		o.t.Fatalf("sign in: %d %v\n%.600s", code, err, page)
	}
}

// leavers sends a list of leavers with a form's one-use key.
func (o *office) leavers(key string) (int, string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("key", key)
	form.WriteField("institution", "Gullhaven College")
	file, err := form.CreateFormFile("file", "leavers.csv")
	must(o.t, err)
	fmt.Fprintln(file, "Given name,Family name,Date of birth,Leaving date")
	for i := range leaversTold {
		fmt.Fprintf(file, "Given%c%c,Larkmoor,%02d/03/2009,30/10/2026\n", 'a'+i%26, 'a'+i/26, 1+i%28)
	}
	form.Close()
	return o.send("/notices/file", form.FormDataContentType(), &body)
}

func (o *office) leaversWhileKilled() {
	o.t.Helper()
	const notices = `SELECT count(*) FROM notice WHERE register = 1`
	key := string(id.NewRef())
	o.signIn()
	broken := make(chan error, 1)
	go func() { _, _, err := o.leavers(key); broken <- err }()
	o.until("some leavers are told", func() bool { return o.count(notices) >= 20 })
	o.kill()
	if err := <-broken; err == nil {
		o.t.Error("the list was loaded whole before the program was killed")
	}
	before := o.count(notices)
	o.serve()
	o.signIn()
	for _, again := range []int{before, leaversTold} {
		code, page, err := o.leavers(key)
		if err != nil || code != 200 || !strings.Contains(page, fmt.Sprint(again)) {
			o.t.Errorf("sent again, with %d held: %d %v", again, code, err)
		}
		if n := o.count(notices); n != leaversTold {
			o.t.Errorf("%d leavers are %d notices", leaversTold, n)
		}
		if n := o.count(`SELECT count(DISTINCT given || family || born) FROM notice WHERE register = 1`); n != leaversTold {
			o.t.Errorf("%d leavers are notices of %d people", leaversTold, n)
		}
	}
}

// textsWhileKilled queues texts, kills the program in the middle of them, and
// lets time pass until each is settled.
func (o *office) textsWhileKilled() {
	o.t.Helper()
	ctx := o.t.Context()
	var people []id.Ref
	for i := range textsSent {
		ref := o.add(fmt.Sprintf("Text%c%c", 'a'+i%26, 'a'+i/26), "Marshfield")
		must(o.t, o.records.SetReach(ctx, o.officer, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: fmt.Sprintf("07700 900%03d", i)}, 0, record.Told{Kind: act.Telephone}))
		people = append(people, ref)
	}
	desk, err := notify.NewDesk(o.carrier.Settings(o.db.Now))
	must(o.t, err)
	messages := &message.Service{DB: o.db, Record: o.records, Sights: o.records.Sights, Desk: desk, Origin: "https://waymark.example.org", Log: slog.New(slog.DiscardHandler),
		Lists: &list.Service{DB: o.db, Requirement: o.records.Requirement, Sights: o.records.Sights, Rolls: o.records.Rolls, Standing: o.records.Standing}}
	template, err := messages.AddTemplate(ctx, o.officer, message.Template{Channel: notify.Text, Name: "November check", Basis: message.Bases()[0], Body: "Hi ((first name)), are you all right?"}, string(id.NewRef()))
	must(o.t, err)
	// Before it answers, the carrier takes its time, so that the program is killed
	// in the middle; every tenth answer is lost.
	o.carrier.Fault = func(n int) notifytest.Fault {
		time.Sleep(10 * time.Millisecond)
		if n%10 == 0 {
			return notifytest.Lost
		}
		return notifytest.None
	}
	_, err = messages.Send(ctx, o.officer, message.Order{Template: template, People: people}, textsSent, true, string(id.NewRef()))
	must(o.t, err)
	o.until("some texts are sent", func() bool { return len(o.carrier.Taken()) >= textsSent/4 })
	o.kill()
	if n := len(o.carrier.Taken()); n >= textsSent {
		o.t.Errorf("all %d texts were sent before the program was killed", n)
	}
	o.serve()
	minute := 10
	o.until("every text is settled", func() bool {
		minute++ // leases lapse, and what was lost is tried again
		o.setClock(fmt.Sprintf("%02d:%02d", 12+minute/60, minute%60))
		return o.count(`SELECT count(*) FROM message WHERE register = 1 AND state IN ('queued', 'sending')`) == 0
	})
	times := o.carrier.Times()
	for reference, n := range times {
		if n != 1 {
			o.t.Errorf("the text %s was sent %d times", reference, n)
		}
	}
	if len(times) != textsSent {
		o.t.Errorf("of %d texts %d were sent", textsSent, len(times))
	}
	if n := o.count(`SELECT count(*) FROM message WHERE register = 1 AND state IN ('sent', 'delivered')`); n != textsSent {
		o.t.Errorf("of %d texts %d are held as sent", textsSent, n)
	}
	if n := o.count(`SELECT count(DISTINCT young_person) FROM contact WHERE register = 1 AND known_to IS NULL`); n != textsSent {
		o.t.Errorf("%d young people have their text among their contacts", n)
	}
	if n := o.count(`SELECT count(*) FROM contact WHERE register = 1 AND known_to IS NULL`); n != textsSent {
		o.t.Errorf("there are %d contacts of %d texts", n, textsSent)
	}
}

func (o *office) add(given, family string) id.Ref {
	o.t.Helper()
	ref, err := o.records.Add(o.t.Context(), o.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: family}, Born: civil.Must(2009, 3, 27), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "9 Kite Street", Town: "Saltmarsh", Postcode: "ZZ1 1AA"}, LeadLA: "341", EducatedLA: "341", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, record.Told{Kind: act.Telephone})
	must(o.t, err)
	return ref
}

// agree puts an agreement with a college in force, and makes a token that holds
// until a day.
func (o *office) agree(name, ukprn string, until civil.Date) string {
	o.t.Helper()
	ctx := o.t.Context()
	ref, err := o.sharing.Add(ctx, o.clerk, sharing.Terms{Organisation: sharing.Organisation{Name: name, Kind: "college", UKPRN: ukprn}, Purpose: "Keeping students in education", Document: "DSA 12/2026", Owner: "Head",
		People: sharing.Enrolled, Fields: access.Names, Started: civil.Must(2026, 9, 1), Ends: civil.Must(2027, 8, 31)}, "")
	must(o.t, err)
	whole, err := o.sharing.One(ctx, o.clerk, ref)
	must(o.t, err)
	must(o.t, o.sharing.Approve(ctx, o.clerk, ref, whole.Version, ""))
	token, err := o.sharing.MakeToken(ctx, o.clerk, ref, "Student records", until, "")
	must(o.t, err)
	return token
}

// system asks as a partner's system does.
func (o *office) system(method, path, token, key, body string) (int, map[string]any) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.base+"/api/v1/"+path, strings.NewReader(body))
	must(o.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	code, text, err := read(http.DefaultClient.Do(r))
	must(o.t, err)
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		o.t.Errorf("%s %s answers %d and no JSON: %.200s", method, path, code, text)
	}
	return code, out
}

// partnersSystem sends leaver notices as REST: each once, whoever the young
// person is to us, and nothing for whoever may not. What it answers is among what
// the document says that it answers.
func (o *office) partnersSystem() {
	o.t.Helper()
	t := o.t
	const wren = `{"given_name":"Wren","family_name":"Ashdown","date_of_birth":"2009-03-27","left_on":"2026-10-30"}`
	as := func(given string) string { return strings.Replace(wren, "Wren", given, 1) }
	o.add("Wren", "Ashdown")
	hidden := o.add("Hidden", "Ashdown")
	_, err := (&restrict.Service{DB: o.db}).Restrict(t.Context(), o.clerk, restrict.New{Person: string(hidden), Kind: access.Hidden, Ground: restrict.Grounds(access.Hidden)[0], Owner: o.dana})
	must(t, err)
	college, other := o.agree("Gullhaven College", "10009991", civil.Must(2027, 8, 31)), o.agree("Marram College", "10009992", civil.Must(2027, 8, 31))
	brief := o.agree("Dunlin College", "10009993", civil.Must(2026, 11, 10))

	_, document := o.system("GET", "openapi.json", "", "", "")
	paths, _ := document["paths"].(map[string]any)
	promised := func(path, method string, code int) {
		t.Helper()
		one, _ := paths[path].(map[string]any)
		operation, _ := one[method].(map[string]any)
		answers, _ := operation["responses"].(map[string]any)
		if answers[fmt.Sprint(code)] == nil {
			t.Errorf("%s %s answered %d, of which the document says nothing", method, path, code)
		}
	}
	send := func(what, token, key, body string, want int) map[string]any {
		t.Helper()
		code, got := o.system("POST", "leaver-notices", token, key, body)
		if code != want {
			t.Errorf("%s: %d %v, want %d", what, code, got, want)
		}
		promised("/api/v1/leaver-notices", "post", code)
		return got
	}
	before := o.count(`SELECT count(*) FROM notice WHERE register = 1`)
	send("no token", "", "key-number-1", wren, 401)
	send("a guess", "waymark_guess", "key-number-1", wren, 401)
	send("no JSON", college, "key-number-1", "left: Wren", 400)
	send("half of it", college, "key-number-1", `{"given_name":`, 400)
	send("too large", college, "key-number-1", as(strings.Repeat("x", 20<<10)), 413)
	send("no key", college, "", wren, 422)
	send("a day that is none", college, "key-number-1", strings.Replace(wren, "-30", "-32", 1), 422)
	if n := o.count(`SELECT count(*) FROM notice WHERE register = 1`); n != before {
		t.Errorf("%d notices came of what was refused", n-before)
	}
	first := send("known", college, "key-number-1", wren, 201)
	again := send("the same again", college, "key-number-1", wren, 200)
	if first["reference"] != again["reference"] {
		t.Errorf("sent twice it is %v and %v", first, again)
	}
	send("another with the same key", college, "key-number-1", as("Robin"), 422)
	nobody, nowhere := send("nobody", college, "key-number-2", as("Nobody"), 201), send("hidden", college, "key-number-3", as("Hidden"), 201)
	for _, one := range []map[string]any{first, nobody, nowhere} {
		if one["reference"] == "" || one["received_at"] == nil {
			t.Errorf("a notice has no stamp: %v", one)
		}
		delete(one, "reference")
		delete(one, "received_at")
	}
	if fmt.Sprint(first) != fmt.Sprint(nobody) || fmt.Sprint(nowhere) != fmt.Sprint(nobody) {
		t.Errorf("the answer tells who is held:\nknown  %v\nnobody %v\nhidden %v", first, nobody, nowhere)
	}
	code, _ := o.system("GET", "leaver-notices/"+fmt.Sprint(again["reference"]), other, "", "")
	if code != 404 {
		t.Errorf("another college reads the notice: %d", code)
	}
	promised("/api/v1/leaver-notices/{reference}", "get", code)
	send("in its days", brief, "key-number-1", as("Teal"), 201)
	must(t, os.WriteFile(o.clock, []byte("2026-11-11T12:00:00Z"), 0o600))
	send("a day late", brief, "key-number-4", as("Teal"), 401)
	o.setClock("12:05")
}
