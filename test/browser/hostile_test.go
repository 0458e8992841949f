package browser

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBadFilesByPage sends what goes wrong with files to the running product,
// as pages send it: each is told to its sender, and leaves the register as it
// was.
func TestBadFilesByPage(t *testing.T) {
	for name, house := range map[string]func(testing.TB) *House{"SQLite": newHouse, "PostgreSQL": smallPostgresHouse} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := house(t)
			officer := h.visitor(h.As("data officer"))
			file, err := os.ReadFile(h.Waiting(t))
			if err != nil {
				t.Fatal(err)
			}
			before := h.draft()
			for name, bad := range map[string]struct {
				file []byte
				want string
			}{
				"not XML":             {[]byte("Surname,Forename\r\nAsh,Bo\r\n"), "not an NCCIS file"},
				"empty":               {[]byte(" "), ""},
				"truncated":           {file[:len(file)/2], "ends"},
				"another authority's": {bytes.ReplaceAll(file, []byte("<LEACode>995</LEACode>"), []byte("<LEACode>343</LEACode>")), "343"},
			} {
				said := officer.settled(officer.upload(name+".xml", bytes.NewReader(bad.file)))
				if !strings.Contains(said, "Nothing was changed.") || !strings.Contains(said, bad.want) {
					t.Errorf("%s: the page says: %s", name, words(said))
				}
			}
			if status, said := officer.send("too large.xml", io.LimitReader(zeros{}, 201<<20)); status != http.StatusRequestEntityTooLarge || !strings.Contains(said, "200 MB") {
				t.Errorf("a file of 201 MB was answered with %d: %s", status, words(said))
			}
			if !bytes.Equal(h.draft(), before) {
				t.Error("a file that was refused changed the register")
			}

			officer.killed(file)
			if !bytes.Equal(h.draft(), before) {
				t.Error("a load that was cut off changed the register")
			}

			officer = h.visitor(h.As("data officer"))
			officer.twoAtOnce(file)
			after := h.draft()
			if bytes.Equal(after, before) {
				t.Error("the file that was loaded changed nothing")
			}
			if said := officer.settled(officer.upload("october.xml", bytes.NewReader(file))); !strings.Contains(said, "nothing new") {
				t.Errorf("the same file again: the page says: %s", words(said))
			}
			if !bytes.Equal(h.draft(), after) {
				t.Error("the same file again changed the register")
			}
		})
	}
}

// killed cuts the power while the file is being written into the register.
func (v *visitor) killed(file []byte) {
	v.t.Helper()
	at := v.upload("october.xml", bytes.NewReader(file))
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		said := v.page(at)
		if strings.Contains(said, "Step 2 of 2") {
			break
		}
		if !strings.Contains(said, "Step 1 of 2") || time.Now().After(deadline) {
			v.t.Fatalf("the load was over before it could be cut off: %s", words(said))
		}
	}
	v.house.Kill()
	again := v.house.visitor(v.house.As("data officer"))
	if said := again.page(at); !strings.Contains(said, "Loading was stopped") || !strings.Contains(said, "Nothing was changed.") {
		v.t.Errorf("of a load that was cut off the page says: %s", words(said))
	}
}

// twoAtOnce sends one file from two windows at the same moment: it is loaded
// once.
func (v *visitor) twoAtOnce(file []byte) {
	v.t.Helper()
	var said [2]string
	var both sync.WaitGroup
	for i := range said {
		both.Go(func() { said[i] = v.settled(v.upload("october.xml", bytes.NewReader(file))) })
	}
	both.Wait()
	loaded, nothing := 0, 0
	for _, s := range said {
		if strings.Contains(s, "The file is loaded") {
			loaded++
		}
		if strings.Contains(s, "nothing new") || strings.Contains(s, "Nothing was changed.") {
			nothing++
		}
	}
	if loaded != 1 || nothing != 1 {
		v.t.Errorf("of two windows at once one says: %s\nand the other: %s", words(said[0]), words(said[1]))
	}
}

// TestOneRecordTwoPeople has a form sent twice, and two people at the same
// record.
func TestOneRecordTwoPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.Command("import", h.Waiting(t)); err != nil {
		t.Fatal(err)
	}
	first := h.visitor(h.As("data officer"))
	second := h.visitor(h.As("data officer", h.As("data officer").SignIn))
	list := first.page("/returns/" + month + "/checks/3")
	href := regexp.MustCompile(`href="(/young-people/[a-z2-7]{26}/name/edit[^"#]*)`).FindStringSubmatch(list)
	if href == nil {
		t.Fatalf("check 3 leads to nobody's name: %s", words(list))
	}
	at := html.UnescapeString(href[1])
	record := strings.TrimSuffix(strings.Split(at, "?")[0], "/name/edit")
	one, other := first.form(at), second.form(at)
	one.Set("family-name", "Ashcombe")
	one.Set("told-kind", "phone")
	other.Set("family-name", "Birchover")
	other.Set("told-kind", "visit")
	var told [2]int
	for i := range told {
		if status, said := first.post(at, one); status != http.StatusOK || !strings.Contains(said, "Saved: the name.") {
			t.Errorf("the form that was sent was answered with %d: %s", status, words(said))
		}
		told[i] = strings.Count(first.page(record+"/history"), "Ashcombe")
	}
	if told[0] == 0 || told[1] != told[0] {
		t.Errorf("the history tells the new name %d times, and %d times after the same form came again", told[0], told[1])
	}
	status, said := second.post(at, other)
	if status != http.StatusConflict {
		t.Errorf("who came second was answered with %d", status)
	}
	for _, want := range []string{"Ashcombe", "Birchover", "As it is now", "What you wrote"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page of the conflict does not say %q: %s", want, words(said))
		}
	}
	if now := first.page(record); !strings.Contains(now, "Ashcombe") || strings.Contains(now, "Birchover") {
		t.Error("who came second has written over the first")
	}
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// draft is the month's return as the register gives it, whatever its findings.
func (h *House) draft() []byte {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "draft.xml")
	if out, err := h.Command("return", "build", "--period", month, "--out", path); err != nil && !strings.Contains(out, "Return of") {
		h.t.Fatal(err)
	}
	draft, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	return draft
}

// visitor is somebody who is signed in without a browser.
type visitor struct {
	t      testing.TB
	house  *House
	client *http.Client
}

func (h *House) visitor(who Staff) *visitor {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	v := &visitor{h.t, h, &http.Client{Jar: jar, Timeout: 2 * patience}}
	form := v.form("/sign-in")
	form.Set("sign-in", who.SignIn)
	form.Set("password", who.Password)
	if status, said := v.post("/sign-in", form); status != http.StatusOK || !strings.Contains(said, who.Name) {
		h.t.Fatalf("%s could not sign in: %d %s", who.SignIn, status, words(said))
	}
	return v
}

func (v *visitor) answer(request *http.Request) (int, string, *url.URL) {
	v.t.Helper()
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := v.client.Do(request)
	if err != nil {
		v.t.Errorf("%s: %v", request.URL.Path, err)
		return 0, "", request.URL
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Errorf("%s: %v", request.URL.Path, err)
	}
	return answer.StatusCode, string(body), answer.Request.URL
}

func (v *visitor) request(method, at, kind string, body io.Reader) *http.Request {
	v.t.Helper()
	request, err := http.NewRequest(method, v.house.Base+at, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	return request
}

func (v *visitor) page(at string) string {
	v.t.Helper()
	status, said, _ := v.answer(v.request(http.MethodGet, at, "", nil))
	if status != http.StatusOK {
		v.t.Fatalf("%s answered %d: %s", at, status, words(said))
	}
	return said
}

var hiddenOrTyped = regexp.MustCompile(`<input[^>]*\bname="([^"]*)"[^>]*\bvalue="([^"]*)"`)

// form is what a page's form would be sent with, of its plain fields.
func (v *visitor) form(at string) url.Values {
	v.t.Helper()
	form := url.Values{}
	for _, field := range hiddenOrTyped.FindAllStringSubmatch(v.page(at), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	return form
}

func (v *visitor) post(at string, form url.Values) (int, string) {
	v.t.Helper()
	status, said, _ := v.answer(v.request(http.MethodPost, at, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
	return status, said
}

// upload sends a file and returns the address of its load.
func (v *visitor) upload(name string, file io.Reader) string {
	v.t.Helper()
	_, said, at := v.sent(name, file)
	if !strings.HasPrefix(at.Path, "/imports/") || at.Path == "/imports/new" {
		v.t.Errorf("the file %s leads to %s: %s", name, at.Path, words(said))
	}
	return at.Path
}

func (v *visitor) send(name string, file io.Reader) (int, string) {
	v.t.Helper()
	status, said, _ := v.sent(name, file)
	return status, said
}

func (v *visitor) sent(name string, file io.Reader) (int, string, *url.URL) {
	v.t.Helper()
	key := v.form("/imports/new").Get("key")
	out, in := io.Pipe()
	parts := multipart.NewWriter(in)
	go func() {
		err := parts.WriteField("key", key)
		if err == nil {
			var part io.Writer
			if part, err = parts.CreateFormFile("file", name); err == nil {
				_, err = io.Copy(part, file)
			}
		}
		if err == nil {
			err = parts.Close()
		}
		in.CloseWithError(err)
	}()
	return v.answer(v.request(http.MethodPost, "/imports/new", parts.FormDataContentType(), out))
}

// settled waits until a load is over, and returns its page.
func (v *visitor) settled(at string) string {
	v.t.Helper()
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if said := v.page(at); !strings.Contains(said, "Loading the file") {
			return said
		}
	}
	v.t.Errorf("the load %s did not end", at)
	return ""
}

var (
	tags  = regexp.MustCompile(`<[^>]*>`)
	space = regexp.MustCompile(`\s+`)
)

// words are what a page says in its main part.
func words(page string) string {
	if _, main, ok := strings.Cut(page, "<main"); ok {
		page = main
	}
	said := space.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " ")
	return fmt.Sprintf("%.600s", said)
}
