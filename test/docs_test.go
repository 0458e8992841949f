package test

import (
	"bytes"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"waymark/internal/cli"
)

// words are the pages that people read, from the root of the house.
func words(t *testing.T) map[string]string {
	t.Helper()
	at := root(t)
	pages := map[string]string{}
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/decisions/*.md"} {
		found, err := filepath.Glob(filepath.Join(at, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no page is %s: %v", pattern, err)
		}
		for _, name := range found {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			pages[name] = string(text)
		}
	}
	return pages
}

var (
	linked  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinksOfThePagesLead: a link in what people read leads to a file that
// there is, and to a heading that it has.
func TestLinksOfThePagesLead(t *testing.T) {
	links := 0
	for name, text := range words(t) {
		for _, m := range linked.FindAllStringSubmatch(text, -1) {
			links++
			if strings.Contains(m[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = filepath.Join(filepath.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, and there is no such file", filepath.Base(name), m[1])
				continue
			}
			if anchor != "" && !hasHeading(t, target, anchor) {
				t.Errorf("%s links to %s, and there is no such heading", filepath.Base(name), m[1])
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links were found: the pattern no longer reads the pages", links)
	}
}

func hasHeading(t *testing.T, file, anchor string) bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		slug := strings.ReplaceAll(strings.ToLower(notSlug.ReplaceAllString(m[1], "")), " ", "-")
		if slug == anchor {
			return true
		}
	}
	return false
}

// TestPicturesOfThePagesAreSmall: every picture is shown somewhere, is a PNG as
// wide as the demo's browser, on a desk or a phone, and under 250 kB, so that the README opens at
// once.
func TestPicturesOfThePagesAreSmall(t *testing.T) {
	at := root(t)
	pictures, err := filepath.Glob(filepath.Join(at, "docs", "images", "*"))
	if err != nil || len(pictures) < 5 {
		t.Fatalf("%d pictures, want the five main pages at least (%v)", len(pictures), err)
	}
	var all strings.Builder
	for _, text := range words(t) {
		all.WriteString(text)
	}
	for _, name := range pictures {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) > 250_000 {
			t.Errorf("%s has %d bytes, want 250,000 at most", filepath.Base(name), len(content))
		}
		if c, err := png.DecodeConfig(bytes.NewReader(content)); err != nil || c.Width != 1366 && c.Width != 540 {
			t.Errorf("%s is %d pixels wide (%v), want 1366, or 540 for a phone", filepath.Base(name), c.Width, err)
		}
		if !strings.Contains(all.String(), "images/"+filepath.Base(name)) {
			t.Errorf("%s is shown nowhere", filepath.Base(name))
		}
	}
}

var (
	fence = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```")
	quote = regexp.MustCompile(`"[^"]*"|\S+`)
)

// TestCommandsOfThePagesExist: every command in a code block of what people
// read is one that the program takes, with those arguments and flags.
func TestCommandsOfThePagesExist(t *testing.T) {
	seen := 0
	for name, text := range words(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			for _, line := range strings.Split(strings.ReplaceAll(block[1], "\\\n", " "), "\n") {
				rest, ok := strings.CutPrefix(line, "waymark ")
				if !ok {
					if rest, ok = strings.CutPrefix(line, "go run ./cmd/waymark "); !ok {
						continue
					}
				}
				seen++
				if err := understood(quote.FindAllString(rest, -1)); err != nil {
					t.Errorf("%s says %q: %v", filepath.Base(name), line, err)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d commands were found: the pattern no longer reads the pages", seen)
	}
}

// understood is nil where the program's grammar takes the arguments. Nothing is
// run.
func understood(args []string) error {
	for i := range args {
		args[i] = strings.Trim(args[i], `"`)
	}
	parser, err := kong.New(&cli.Commands{}, kong.Name("waymark"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}

var (
	target   = regexp.MustCompile(`(?m)^([a-z]+):`)
	made     = regexp.MustCompile("(?m)^make ([a-z]+)|`make ([a-z]+)")
	onScreen = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// TestTargetsOfThePagesExist: every `make` that people read of is in the
// Makefile.
func TestTargetsOfThePagesExist(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, m := range target.FindAllStringSubmatch(string(text), -1) {
		targets[m[1]] = true
	}
	for name, page := range words(t) {
		for _, m := range made.FindAllStringSubmatch(page, -1) {
			if one := m[1] + m[2]; !targets[one] {
				t.Errorf("%s says make %s, and the Makefile has no such target", filepath.Base(name), one)
			}
		}
	}
}

// TestStartHereNamesEveryRoom: whoever reads the house in ten minutes misses no
// room of it.
func TestStartHereNamesEveryRoom(t *testing.T) {
	rooms, err := os.ReadDir(filepath.Join(root(t), "internal"))
	if err != nil {
		t.Fatal(err)
	}
	page := words(t)[filepath.Join(root(t), "docs", "start-here.md")]
	for _, r := range rooms {
		if !strings.Contains(page, "`"+r.Name()+"`") && !strings.Contains(page, "`internal/"+r.Name()+"`") {
			t.Errorf("docs/start-here.md has no place for internal/%s in its table of rooms", r.Name())
		}
	}
}

// TestGuidesSpeakTheWordsOfThePages: what stands in bold in the guides of data
// officers and advisers is what they see on a page, letter by letter, so
// that a page that is renamed takes its guide along.
func TestGuidesSpeakTheWordsOfThePages(t *testing.T) {
	at := root(t)
	var shown strings.Builder
	for _, pattern := range []string{"internal/web/*.go", "internal/web/page/*.html", "internal/web/part/*.html", "internal/returns/*.go", "internal/record/*.go", "internal/due/*.go"} {
		files, err := filepath.Glob(filepath.Join(at, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			shown.Write(text)
		}
	}
	for _, guide := range []string{"data-officers-guide.md", "advisers-guide.md"} {
		text, err := os.ReadFile(filepath.Join(at, "docs", guide))
		if err != nil {
			t.Fatal(err)
		}
		labels := onScreen.FindAllStringSubmatch(string(text), -1)
		if len(labels) < 20 {
			t.Errorf("%s has only %d words in bold: the pattern no longer reads it", guide, len(labels))
		}
		for _, m := range labels {
			if !strings.Contains(shown.String(), m[1]) {
				t.Errorf("%s says that a page shows %q, and no page does", guide, m[1])
			}
		}
	}
}

var (
	namedTest   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*)`")
	writtenTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*)\(`)
	asvsLine    = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| ([123](?:, 3)?) \|`)
)

// TestPagesOnSecurityNameTestsThatThereAre: what is claimed is shown by a test
// of that name.
func TestPagesOnSecurityNameTestsThatThereAre(t *testing.T) {
	written := map[string]bool{}
	err := filepath.WalkDir(root(t), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range writtenTest.FindAllStringSubmatch(string(text), -1) {
			written[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pages := words(t)
	for _, name := range []string{"security.md", "asvs.md"} {
		text := pages[filepath.Join(root(t), "docs", name)]
		named := namedTest.FindAllStringSubmatch(text, -1)
		if len(named) < 20 {
			t.Errorf("docs/%s names %d tests: the pattern no longer reads it", name, len(named))
		}
		for _, m := range named {
			if !written[m[1]] {
				t.Errorf("docs/%s says that %s shows something, and there is no such test", name, m[1])
			}
		}
	}
}

// TestASVSIsListedWhole: each requirement once, as many of each level as the
// standard has (5.0.0: 70 and 183, less what the page says it leaves out), and
// the thirty of level 3 that are aimed at.
func TestASVSIsListedWhole(t *testing.T) {
	levels, seen := map[string]int{}, map[string]bool{}
	for _, m := range asvsLine.FindAllStringSubmatch(words(t)[filepath.Join(root(t), "docs", "asvs.md")], -1) {
		if seen[m[1]] {
			t.Errorf("%s is listed twice", m[1])
		}
		seen[m[1]] = true
		for _, level := range strings.Split(m[2], ", ") {
			levels[level]++
		}
	}
	if levels["1"] != 64 || levels["2"] != 156 || levels["3"] != 30 {
		t.Errorf("of level 1, 2 and 3 there are %d, %d and %d", levels["1"], levels["2"], levels["3"])
	}
}
