// Package test holds what is asked of the house as a whole: its shape. Which
// room may import which, which SQL both engines read, which calls are made
// only in one place, what must never be in the binary.
//
// Each rule is a function over parsed source that returns what is wrong, so
// that the rule itself can be tried on a bad example.
package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the name that go.mod gives the product.
const module = "waymark"

// file is one parsed Go file of the product.
type file struct {
	// path is from the root of the repository: "internal/db/db.go".
	path string
	// room is the folder without internal/: "db", "db/dbtest", "cmd/waymark".
	room   string
	test   bool
	lines  int
	syntax *ast.File
	set    *token.FileSet
}

// at is where a node stands, for a message.
func (f *file) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.set.Position(n.Pos()).Line)
}

// imports are the paths that the file imports.
func (f *file) imports() []string {
	var out []string
	for _, i := range f.syntax.Imports {
		path, _ := strconv.Unquote(i.Path.Value) // the parser has read it already
		out = append(out, path)
	}
	return out
}

// named is the name by which the file calls an import, empty where it has none.
func (f *file) named(path string) string {
	for _, i := range f.syntax.Imports {
		if p, _ := strconv.Unquote(i.Path.Value); p == path {
			if i.Name != nil {
				return i.Name.Name
			}
			if rest, ok := strings.CutSuffix(path, "/v2"); ok {
				path = rest
			}
			return path[strings.LastIndex(path, "/")+1:]
		}
	}
	return ""
}

// uses calls fn with each name that the file takes from an import.
func (f *file) uses(path string, fn func(n *ast.SelectorExpr)) {
	name := f.named(path)
	if name == "" || name == "_" {
		return
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			// An identifier that is a local variable has an object.
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name && x.Obj == nil {
				fn(s)
			}
		}
		return true
	})
}

// root is the root of the repository.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal("the tests of the house's shape look for go.mod one folder up, and it is not there: ", err)
	}
	return dir
}

var readOnce = sync.OnceValues(func() ([]*file, error) {
	var out []*file
	for _, top := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata") {
				return err
			}
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f, err := parse(filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))), string(body))
			if err == nil {
				out = append(out, f)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
})

// source is every Go file of the product, its tests too.
func source(t testing.TB) []*file {
	t.Helper()
	root(t)
	files, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files were found: the walk is looking in the wrong place", len(files))
	}
	return files
}

// product is source without tests and without what only tests import.
func product(t testing.TB) []*file {
	t.Helper()
	var out []*file
	for _, f := range source(t) {
		if !f.test && !strings.HasSuffix(f.room, "test") {
			out = append(out, f)
		}
	}
	return out
}

func parse(path, body string) (*file, error) {
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, path, body, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	room := strings.TrimPrefix(path[:strings.LastIndex(path, "/")], "internal/")
	return &file{path: path, room: room, test: strings.HasSuffix(path, "_test.go"), lines: strings.Count(body, "\n"), syntax: syntax, set: set}, nil
}

// example is one bad or good file for trying a rule on.
func example(t testing.TB, path, body string) []*file {
	t.Helper()
	f, err := parse(path, body)
	if err != nil {
		t.Fatal(err)
	}
	return []*file{f}
}

// report fails the test with each thing that is wrong.
func report(t *testing.T, rule string, wrong []string) {
	t.Helper()
	for _, w := range wrong {
		t.Error(w)
	}
	if len(wrong) > 0 {
		t.Log(rule)
	}
}

// wantWrong fails where a rule lets a bad example through.
func wantWrong(t *testing.T, name string, wrong []string, want int) {
	t.Helper()
	if len(wrong) != want {
		t.Errorf("%s: the rule found %d things wrong, and should find %d: %q", name, len(wrong), want, wrong)
	}
}
