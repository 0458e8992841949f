package test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// mayAskEveryRegister are the rooms that look past one register: app, to begin
// and to find whose a session is; border, for blind tokens; backup and inspect,
// of all that is stored; sealed, to change the master key.
var mayAskEveryRegister = []string{"app", "backup", "border", "db", "inspect", "sealed"}

// TestEveryRegisterIsAskedForByFew: the lock between registers is opened in
// rooms that are named here, and in no other.
func TestEveryRegisterIsAskedForByFew(t *testing.T) {
	report(t, "Several registers in one house: internal/db/register.go.", everyRegister(product(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "a page", everyRegister(example(t, "internal/web/a.go", `package web; func f(d *db.DB) { d.EveryRegister() }`)), 1)
		wantWrong(t, "a list", everyRegister(example(t, "internal/list/a.go", `package list; var a, _ = db.OpenEvery(nil, s)`)), 1)
		wantWrong(t, "a backup", everyRegister(example(t, "internal/backup/a.go", `package backup; func f(d *db.DB) { d.EveryRegister() }`)), 0)
	})
}

func everyRegister(files []*file) []string {
	var wrong []string
	for _, f := range files {
		// What tests are made with stands in rooms of its own.
		if f.test || strings.HasSuffix(f.room, "test") || slices.Contains(mayAskEveryRegister, f.room) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "EveryRegister" || s.Sel.Name == "OpenEvery") {
				wrong = append(wrong, f.at(n)+": "+s.Sel.Name+" opens the lock between registers; take a database that is for the register (db.For)")
			}
			return true
		})
	}
	return wrong
}
