package test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// largestBinary is what a council's server is asked to hold, stripped.
const largestBinary = 40 << 20

// notOurs are the marks of GOV.UK that a council may not use (ux-security.md
// 1): its font, its crest, its crown, and any font file.
var notOurs = []*regexp.Regexp{
	regexp.MustCompile(`(?i)GDS Transport`), regexp.MustCompile(`(?i)crest`), regexp.MustCompile(`(?i)\.woff`),
	regexp.MustCompile(`(?i)@font-face`), regexp.MustCompile(`(?i)govuk-(logotype-)?crown`), regexp.MustCompile(`(?i)crown copyright`),
}

// notInPage are what the content security policy stops, and what would carry a
// rule of the look into a page.
var notInPage = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\sstyle\s*=`), regexp.MustCompile(`(?i)<style[\s>]`), regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`),
	regexp.MustCompile(`(?i)<script(?:\s+(?:type|defer|async)(?:="[^"]*")?)*\s*>`), regexp.MustCompile(`(?i)javascript:`),
	regexp.MustCompile(`(?i)(?:src|href|action)="(?:https?:)?//`),
}

func TestLookHoldsNothingOfGovUKs(t *testing.T) {
	dir := filepath.Join(root(t), "internal", "web")
	read := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".go") {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		// The licence that came with the code names its owner.
		if !strings.HasSuffix(name, "LICENCE.txt") {
			for _, w := range marked(name, string(body), notOurs) {
				t.Errorf("%s, which a council may not use", w)
			}
		}
		if strings.HasSuffix(name, ".html") {
			for _, w := range marked(name, string(body), notInPage) {
				t.Errorf("%s, which the content security policy stops", w)
			}
		}
		read++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 15 {
		t.Errorf("only %d pages and static files were read", read)
	}
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "crest", marked("a.css", `a{background:url("govuk-crest.svg")}`, notOurs), 1)
		wantWrong(t, "inline", marked("a.html", `<p style="x"><a onclick="y()"><script>z()</script><script type="module">z()</script>`, notInPage), 4)
		wantWrong(t, "clean", marked("a.html", `<p class="x"><script src="{{asset "a.js"}}" type="module"></script>`, notInPage), 0)
	})
}

func marked(name, body string, patterns []*regexp.Regexp) []string {
	var wrong []string
	for _, p := range patterns {
		for _, at := range p.FindAllStringIndex(body, -1) {
			line := 1 + strings.Count(body[:at[0]], "\n")
			wrong = append(wrong, fmt.Sprintf("%s:%d holds %q", name, line, body[at[0]:at[1]]))
		}
	}
	return wrong
}

func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT TESTED: the binary is not built under -short")
	}
	binary := filepath.Join(t.TempDir(), "waymark")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", binary, "./cmd/waymark")
	build.Dir = root(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build without a C compiler: %v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MB", float64(info.Size())/(1<<20))
	if info.Size() > largestBinary {
		t.Errorf("the binary is %d bytes; it must stay under %d", info.Size(), largestBinary)
	}
	body, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{"GDS Transport", "govuk-crest", "@font-face", "axe.run"} {
		if bytes.Contains(body, []byte(mark)) {
			t.Errorf("the binary holds %q", mark)
		}
	}
	// A clock that can be set exists only under -tags testclock.
	refused := exec.Command(binary, "--clock=2026-11-10T09:00:00Z", "policy")
	if out, err := refused.CombinedOutput(); err == nil {
		t.Errorf("the plain binary takes --clock:\n%s", out)
	}
}
