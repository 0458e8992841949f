package test

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// clockReads are the functions of the time package that read the machine's
// clock.
var clockReads = []string{"Now", "Since", "Until"}

// mayReadClock are the rooms in which time enters. Everywhere else it is a
// parameter, tx.Now or a clock field, so that a test can say what day it is.
var mayReadClock = []string{"app", "db", "job"}

// mayUseChance are the rooms that draw numbers that are no secret: db, how long
// to wait before a transaction runs again; demo and seed, from a number. References and
// passwords come from crypto/rand.
var mayUseChance = []string{"db", "demo", "seed"}

// badNames say nothing about the trade.
var badNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "managers", "models", "misc"}

func TestForbiddenCalls(t *testing.T) {
	report(t, "Conventions: architecture.md 2.6.", forbidden(product(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		try := func(name, path, body string, want int) {
			t.Helper()
			wantWrong(t, name, forbidden(example(t, path, body)), want)
		}
		try("clock", "internal/act/a.go", `package act; import "time"; var a = time.Now()`, 1)
		try("since", "internal/web/a.go", `package web; import "time"; func f(b time.Time) time.Duration { return time.Since(b) }`, 1)
		try("clock in db", "internal/db/a.go", `package db; import "time"; var a = time.Now()`, 0)
		try("chance", "internal/match/a.go", `package match; import _ "math/rand/v2"`, 1)
		try("unseeded demo", "internal/demo/a.go", `package demo; import "math/rand/v2"; var a = rand.IntN(3)`, 1)
		try("seeded demo", "internal/demo/a.go", `package demo; import "math/rand/v2"; var a = rand.New(rand.NewPCG(1, 2))`, 0)
		try("init", "internal/act/a.go", `package act; func init() {}`, 1)
		try("panic", "internal/web/a.go", `package web; func f() { panic("no") }`, 1)
		try("exit", "internal/cli/a.go", `package cli; import "os"; func f() { os.Exit(1) }`, 1)
	})
}

func forbidden(files []*file) []string {
	var wrong []string
	say := func(f *file, n ast.Node, what string) { wrong = append(wrong, f.at(n)+": "+what) }
	for _, f := range files {
		f.uses("time", func(n *ast.SelectorExpr) {
			if slices.Contains(clockReads, n.Sel.Name) && !slices.Contains(mayReadClock, f.room) {
				say(f, n, "time."+n.Sel.Name+" reads the machine's clock; take the time as a parameter, tx.Now or a clock field")
			}
		})
		for _, path := range []string{"math/rand", "math/rand/v2"} {
			if f.named(path) != "" && !slices.Contains(mayUseChance, f.room) {
				say(f, f.syntax.Name, "imports "+path+"; secrets come from crypto/rand, inventions from the demo's seed")
			}
			f.uses(path, func(n *ast.SelectorExpr) {
				if f.room != "db" && !strings.HasPrefix(n.Sel.Name, "New") && ast.IsExported(n.Sel.Name) && !slices.Contains([]string{"Rand", "PCG", "ChaCha8", "Source", "Zipf"}, n.Sel.Name) {
					say(f, n, "rand."+n.Sel.Name+" has no seed, and what is invented is the same for the same seed")
				}
			})
		}
		for _, path := range []string{"os", "log", "syscall"} {
			f.uses(path, func(n *ast.SelectorExpr) {
				if name := path + "." + n.Sel.Name; !strings.HasPrefix(f.room, "cmd/") && (name == "os.Exit" || name == "syscall.Exit" || strings.HasPrefix(name, "log.Fatal") || strings.HasPrefix(name, "log.Panic")) {
					say(f, n, name+" ends the program where nobody can answer; return an error")
				}
			})
		}
		_, door := allowedOfDB[f.room]
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch v := n.(type) {
			case *ast.FuncDecl:
				if v.Recv == nil && v.Name.Name == "init" {
					say(f, n, "init() hides what a program does at start; build it in app")
				}
			case *ast.CallExpr:
				if x, ok := v.Fun.(*ast.Ident); ok && x.Name == "panic" && door && !passesOn(v) {
					say(f, n, "a door that panics answers nobody; return an error")
				}
			}
			return true
		})
	}
	return wrong
}

// passesOn says that the panic is one that was recovered, looked at, and is not
// this room's to answer: net/http ends a broken connection by a panic.
func passesOn(call *ast.CallExpr) bool {
	x, ok := call.Args[0].(*ast.Ident)
	if !ok || x.Obj == nil {
		return false
	}
	from, ok := x.Obj.Decl.(*ast.AssignStmt)
	if !ok || len(from.Rhs) != 1 {
		return false
	}
	recovered, ok := from.Rhs[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := recovered.Fun.(*ast.Ident)
	return ok && f.Name == "recover"
}

func TestNamesOfTheTrade(t *testing.T) {
	report(t, "Folders are named after the trade (architecture.md rule 2).", badlyNamed(source(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "package", badlyNamed(example(t, "internal/helper/a.go", "package helper")), 1)
		wantWrong(t, "file", badlyNamed(example(t, "internal/act/utils.go", "package act")), 1)
	})
}

func badlyNamed(files []*file) []string {
	var wrong []string
	for _, f := range files {
		for _, part := range strings.Split(strings.TrimSuffix(strings.TrimSuffix(f.path, ".go"), "_test"), "/") {
			if slices.Contains(badNames, part) {
				wrong = append(wrong, fmt.Sprintf("%s: %q says nothing about the trade", f.path, part))
			}
		}
	}
	return wrong
}

// longestFile is the length at which a file is asking to be split.
const longestFile = 500

func TestFilesAreShort(t *testing.T) {
	report(t, "A file over 500 lines is asking to be split (architecture.md 2.1).", tooLong(product(t)))
	long := example(t, "internal/act/a.go", "package act\n"+strings.Repeat("// \n", longestFile))
	wantWrong(t, "the rule finds what breaks it", tooLong(long), 1)
}

func tooLong(files []*file) []string {
	var wrong []string
	for _, f := range files {
		if f.lines > longestFile && !ast.IsGenerated(f.syntax) {
			wrong = append(wrong, fmt.Sprintf("%s has %d lines", f.path, f.lines))
		}
	}
	return wrong
}

func TestEveryExportedNameHasASentence(t *testing.T) {
	report(t, "The package comment says what the word means in the trade; every exported name has a sentence (architecture.md 2.6).", undocumented(product(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "all kinds", undocumented(example(t, "internal/act/a.go",
			"package act\ntype T struct{}\nfunc F() {}\nfunc (t *T) M() {}\nvar V = 1\nconst C = 2\nfunc (t unseen) String() string { return \"\" }\ntype unseen int")), 6)
		wantWrong(t, "documented", undocumented(example(t, "internal/act/a.go",
			"// Package act is about acts.\npackage act\n// T is.\ntype T struct{}\n// All.\nconst (\nA = 1\nB = 2\n)\nfunc (T) Error() string { return \"\" }")), 0)
	})
}

// selfEvident are methods that a standard interface explains.
var selfEvident = []string{"Error", "Unwrap", "Is", "String"}

func undocumented(files []*file) []string {
	var wrong []string
	said := map[string]bool{}
	first := map[string]*file{}
	for _, f := range files {
		if first[f.room] == nil {
			first[f.room] = f
		}
		said[f.room] = said[f.room] || f.syntax.Doc != nil
		for _, d := range f.syntax.Decls {
			switch v := d.(type) {
			case *ast.FuncDecl:
				if v.Doc == nil && v.Name.IsExported() && receiverExported(v) && !(v.Recv != nil && slices.Contains(selfEvident, v.Name.Name)) {
					wrong = append(wrong, fmt.Sprintf("%s: %s has no sentence", f.at(v), v.Name.Name))
				}
			case *ast.GenDecl:
				wrong = append(wrong, undocumentedIn(f, v)...)
			}
		}
	}
	for room, f := range first {
		if !said[room] && f.syntax.Name.Name != "main" {
			wrong = append(wrong, fmt.Sprintf("internal/%s has no package comment", room))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func undocumentedIn(f *file, d *ast.GenDecl) []string {
	var wrong []string
	for _, spec := range d.Specs {
		switch v := spec.(type) {
		case *ast.TypeSpec:
			if v.Name.IsExported() && d.Doc == nil && v.Doc == nil && v.Comment == nil {
				wrong = append(wrong, fmt.Sprintf("%s: %s has no sentence", f.at(v), v.Name.Name))
			}
		case *ast.ValueSpec:
			if d.Tok != token.IMPORT && v.Names[0].IsExported() && d.Doc == nil && v.Doc == nil && v.Comment == nil {
				wrong = append(wrong, fmt.Sprintf("%s: %s has no sentence", f.at(v), v.Names[0].Name))
			}
		}
	}
	return wrong
}

func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	exported := false
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if x, ok := n.(*ast.Ident); ok && !exported {
			exported = x.IsExported()
			return false
		}
		return true
	})
	return exported
}
