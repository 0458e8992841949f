package test

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// storeys are the floors of the house, from the top. A room may import rooms
// of its own storey only where rooms below says so, and any room of a storey
// further down.
const (
	front   = iota // cmd: parse, run, exit code
	wiring         // app: builds everything
	doors          // web, api, cli, and what only a door opens
	traffic        // files in, returns and numbers out
	trade          // one room for each word practitioners use
	ground         // knows nothing about young people
)

// room is one line of the list.
type room struct {
	name   string
	storey int
	reason string
}

// house is who may import whom. It reads from the ground up: a room may import
// those that stand before it, so a new room is a new line in its place. The
// reason says why it stands there and no earlier.
var house = []room{
	{"civil", ground, "dates without clocks: pure, so that every rule about dates can be tried for any day"},
	{"id", ground, "a type for each key: needs nothing"},
	{"field", ground, "errors by field: needs nothing, and both the trade and the doors speak in them"},
	{"seal", ground, "words and keys locked with keys: pure but for the file of the master key"},
	{"db", ground, "the one room that knows which engine it is; civil and id are what it stores"},
	{"db/dbtest", ground, "a fresh database for each test; imported by tests alone"},
	{"backup", ground, "all tables out of a database and into an empty one, whatever they hold: knows db alone"},
	{"job", ground, "durable work is rows in the database"},
	{"sheet", ground, "rows out of and into CSV and XLSX: no meaning, only cells"},
	{"chart", ground, "figures drawn as SVG: knows numbers and words, not what they count"},
	{"issuer", ground, "stands in for an authority's sign-in service in trials: knows HTTP and keys, nothing of ours"},
	{"notify", ground, "messages leave through a job"},
	{"notify/notifytest", ground, "stands in for a carrier of messages; imported by tests alone"},

	{"nccis", trade, "the DfE requirement as data: pure; imports civil alone, so that a file is checked without a register"},
	{"nccis/nccistest", trade, "invented files for tests; imported by tests alone"},
	{"match", trade, "is this the same young person: pure"},
	{"round", trade, "the way through the doors of a day: pure, so that its length can be measured against others"},
	{"layout", trade, "what a partner's file looks like: pure; says in nccis codes what a row of cells holds"},
	{"match/matchtest", trade, "invented worlds for tests of matching; imported by tests alone"},
	{"register", trade, "the first column of every key: knows no room of the trade but the names of a demo's authorities"},
	{"access", trade, "who may do what: needs the kinds of id, and db.Where to say it in SQL"},
	{"access/accesstest", trade, "invented worlds for tests of access; imported by tests alone"},
	{"act", trade, "what was done and seen: asks access before it numbers"},
	{"sealed", trade, "words under the young person's own key, which is a row: fact stores them"},
	{"calendar", trade, "what opens and closes on which day: asks whether the work is done by what app gives it, and knows no other room"},
	{"account", trade, "an account is made by an act and holds roles, so it stands after both (the plan lists it before them; an account made without an act would leave no trace)"},
	{"account/accounttest", trade, "a security key in software; imported by tests alone"},
	{"restrict", trade, "whose record is kept from whom: acts on accounts and people; access says what follows from it, and reads it"},
	{"fact", trade, "dated rows: each version is opened and closed by an act"},
	{"dataset", trade, "versions of what other bodies publish: each is put in force by an act"},
	{"provider", trade, "schools and colleges by number and name: reference data, about nobody"},
	{"place", trade, "postcodes, wards, deprivation: reference data, about nobody"},
	{"youngperson", trade, "identity: everything else is about somebody"},
	{"need", trade, "facts about a young person"},
	{"signal", trade, "facts about a young person, kept apart from the return"},
	{"guarantee", trade, "facts about a young person"},
	{"activity", trade, "facts about a young person"},
	{"cohort", trade, "which authority answers for a young person"},
	{"contact", trade, "contacts made: facts, and a life holds them"},
	{"safety", trade, "what whoever goes to the door must know: facts, and a life holds them"},
	{"life", trade, "all facts of one person at once: stands after every room that has facts, and states them as an nccis record"},
	{"standing", trade, "derived from a life; nothing that a life is made of may depend on it"},
	{"change", trade, "many lives before and after, written as one act: it rewrites standings, and those who change a life by hand do not need it"},
	{"audit", trade, "whether the log of acts and sights is whole, and who did and saw what: reads the standing to say who is a stranger to whom"},
	{"record", trade, "the acts on one young person's record: they change facts and rewrite the standing, so they need both"},
	{"season", trade, "whom the September Guarantee is owed: states lives, and shows rows of the record"},
	{"rollover", trade, "1 September: states lives before and after it, asks season whom the guarantee keeps, and writes by change"},
	{"merge", trade, "two records of one young person: compares what the record shows, moves facts, and rewrites the standing"},
	{"find", trade, "who is meant: what match looks through, kept in memory; shows rows of the record"},
	{"export", trade, "files that leave the house: sealed by an act, whatever is in them"},
	{"list", trade, "lists by what is held now, kept under a name: shows rows of the record"},
	{"visit", trade, "rounds of visits: made from lists, ordered by round and place, told through the record"},
	{"planner", trade, "whom to try next, when and how, from what has worked: pure"},
	{"campaign", trade, "works a list: freezes it, and records contacts and what follows"},
	{"message", trade, "messages to people of lists, their receipts, and what comes back: each a contact on the record"},
	{"sharing", trade, "what a partner sees of the rooms before"},
	{"border", trade, "who is held by two registers of one house: reads standings, restrictions and agreements by their tables, and tells nothing but whom to ask"},
	{"transfer", trade, "a young person who moved, from one register to the other: asks border for the other, brings facts over and rewrites both standings"},
	{"notice", trade, "what institutions tell of leavers: asks sharing who sends, border where to hand it on, and has the record do what follows"},
	{"retention", trade, "erases from every room before; tells a restore, by backup, who was erased"},

	{"intake", traffic, "partners' files in: stages over the trade's functions"},
	{"intake/intaketest", traffic, "odd files for tests; imported by tests alone"},
	{"imports", traffic, "files in: calls the trade's functions on many rows"},
	{"returns", traffic, "returns out: reads lives, and knows nothing of how they came in"},
	{"reference", traffic, "files of reference data in: reads rows, stages them, puts them in force"},
	{"inspect", traffic, "what cannot be in a register: states every standing anew and reads every frozen return"},
	{"report", traffic, "figures: reads, writes nothing"},

	{"due", traffic, "who is due and what the return will say: lists by lists, states lives on days to come as report does, asks what was sent"},

	{"survey", traffic, "the Annual Activity Survey out: reads lives, about those on the baseline of a season"},
	{"rights", traffic, "what people ask as is their right: gathers all that is held of one person, from every room before"},
	{"publish", traffic, "figures for the public: asks report, withholds small numbers, and keeps what was published"},

	{"seed", traffic, "two small boroughs for tests from outside, made through the same functions as everybody"},
	{"demo", traffic, "invents registers through the same functions as everybody, and leaves returns behind; no door may be needed for that"},
	{"demo/called", traffic, "campaigns of a demo: apart from it, because lists, which campaigns are made of, are tried on a demo"},

	{"web", doors, "pages: translates, never decides"},
	{"api", doors, "the same acts as REST"},
	{"cli", doors, "the same acts as commands"},

	{"app", wiring, "the only room that knows all the others"},
	{"cmd/waymark", front, "ten lines: parse, run, exit code"},
}

// pure are the rooms without a database, a clock or a network: what they say
// depends on what they are given, and on nothing else.
var pure = map[string][]string{
	"civil": {}, "id": {}, "chart": {}, "nccis": {}, "match": {}, "layout": {}, "planner": {}, "round": {},
}

// notPure are the imports by which a room stops being pure, with what would
// enter by them.
var notPure = map[string]string{
	"database/sql": "a database", "net": "the network", "net/http": "the network", "os": "files and settings of the machine",
	"os/exec": "other programs", "io/ioutil": "files of the machine", "math/rand": "chance", "math/rand/v2": "chance", "log": "a log", "log/slog": "a log",
}

// allowedOfDB is what a door may name of db: the errors that it must tell
// apart to answer them. The plan says both that doors never import db and that
// web and api map db.NotFound and db.Conflict once; what it means is that no
// door begins a transaction or reads a row, and that is what is held here.
var allowedOfDB = map[string][]string{
	"web": {"NotFound", "Conflict", "IsFull"},
	"api": {"NotFound", "Conflict", "IsFull"},
	// A command owns the database for as long as it runs: it holds it, to close
	// it and to hand it to a service, and still never asks it anything.
	"cli": {"NotFound", "Conflict", "IsFull", "ErrNewer", "DB"},
}

// asks are the methods by which a database is asked something.
var asks = []string{"InTx", "InSideTx", "Read"}

func TestImportsPointOneWay(t *testing.T) {
	report(t, "The list of rooms is in test/imports_test.go. If the code is right, give the room its place and its reason there.", wrongImports(source(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "upwards", wrongImports(example(t, "internal/civil/a.go", `package civil; import _ "waymark/internal/db"`)), 1)
		wantWrong(t, "unknown room", wrongImports(example(t, "internal/widget/a.go", `package widget`)), 1)
		wantWrong(t, "door into door", wrongImports(example(t, "internal/web/a.go", `package web; import _ "waymark/internal/cli"`)), 1)
		wantWrong(t, "dbtest", wrongImports(example(t, "internal/act/a.go", `package act; import _ "waymark/internal/db/dbtest"`)), 1)
		wantWrong(t, "right", wrongImports(example(t, "internal/act/a.go", `package act; import _ "waymark/internal/db"`)), 0)
	})
}

func wrongImports(files []*file) []string {
	var wrong []string
	for _, f := range files {
		here := slices.IndexFunc(house, func(r room) bool { return r.name == f.room })
		if here < 0 {
			wrong = append(wrong, fmt.Sprintf("%s: the room %q is not on the list of who may import whom", f.path, f.room))
			continue
		}
		for _, path := range f.imports() {
			name, ours := strings.CutPrefix(path, module+"/internal/")
			if !ours || f.test {
				continue // a test may bring in what it needs, as long as it compiles
			}
			there := slices.IndexFunc(house, func(r room) bool { return r.name == name })
			switch {
			case there < 0:
				wrong = append(wrong, fmt.Sprintf("%s imports %s, which is not on the list", f.path, name))
			case strings.HasSuffix(name, "test") && !strings.HasSuffix(f.room, "test"):
				wrong = append(wrong, fmt.Sprintf("%s imports %s, which is for tests alone", f.path, name))
			case there > here:
				wrong = append(wrong, fmt.Sprintf("%s imports %s, which stands after %s (%s)", f.path, name, f.room, house[here].reason))
			case house[here].storey == doors && house[there].storey == doors:
				wrong = append(wrong, fmt.Sprintf("%s imports %s: a door opens on the trade, not on another door", f.path, name))
			}
		}
	}
	return wrong
}

func TestHouseListReadsFromTheGroundUp(t *testing.T) {
	seen := map[string]bool{}
	for i, r := range house {
		if seen[r.name] {
			t.Errorf("%s is on the list twice", r.name)
		}
		seen[r.name] = true
		if r.reason == "" {
			t.Errorf("%s has no reason", r.name)
		}
		if folder := filepath.Join(root(t), "internal", r.name); r.storey != front {
			if _, err := os.Stat(folder); err != nil {
				t.Errorf("%s is on the list, and there is no such room", r.name)
			}
		}
		if i > 0 && r.storey > house[i-1].storey {
			t.Errorf("%s stands after %s, which is a storey above it", r.name, house[i-1].name)
		}
	}
}

func TestPureRooms(t *testing.T) {
	report(t, "civil, id, chart, nccis and match are pure (architecture.md 2.2).", impure(product(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "file", impure(example(t, "internal/nccis/a.go", `package nccis; import _ "os"`)), 1)
		wantWrong(t, "clock", impure(example(t, "internal/nccis/a.go", `package nccis; import "time"; var now = time.Now`)), 1)
		wantWrong(t, "dates", impure(example(t, "internal/nccis/a.go", `package nccis; import "time"; var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)`)), 0)
		wantWrong(t, "elsewhere", impure(example(t, "internal/app/a.go", `package app; import _ "os"`)), 0)
	})
}

func impure(files []*file) []string {
	var wrong []string
	for _, f := range files {
		if _, ok := pure[f.room]; !ok {
			continue
		}
		for _, path := range f.imports() {
			if what, ok := notPure[path]; ok && !slices.Contains(pure[f.room], path) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s, by which %s enters a pure room", f.path, path, what))
			}
		}
		f.uses("time", func(n *ast.SelectorExpr) {
			if slices.Contains(clockReads, n.Sel.Name) {
				wrong = append(wrong, fmt.Sprintf("%s reads the clock in a pure room", f.at(n)))
			}
		})
	}
	return wrong
}

func TestDoorsDecideNothing(t *testing.T) {
	report(t, "A door reads a form, asks the trade, draws a page: the transaction belongs to the trade.", deciding(product(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "transaction", deciding(example(t, "internal/web/a.go", `package web; import "waymark/internal/db"; func f(d *db.DB) { d.InTx(nil, nil) }`)), 2)
		wantWrong(t, "sql", deciding(example(t, "internal/api/a.go", `package api; import _ "database/sql"`)), 1)
		wantWrong(t, "read", deciding(example(t, "internal/cli/a.go", `package cli; func f(h House) { h.DB.Read(nil, nil) }`)), 1)
		wantWrong(t, "error", deciding(example(t, "internal/web/a.go", `package web; import "waymark/internal/db"; var x = db.NotFound`)), 0)
	})
}

func deciding(files []*file) []string {
	var wrong []string
	for _, f := range files {
		allowed, door := allowedOfDB[f.room]
		if !door {
			continue
		}
		for _, path := range f.imports() {
			if strings.HasPrefix(path, "database/") || strings.Contains(path, "jackc/pgx") || strings.Contains(path, "modernc.org/sqlite") {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: a door asks the trade, never the database", f.path, path))
			}
		}
		f.uses(module+"/internal/db", func(n *ast.SelectorExpr) {
			if !slices.Contains(allowed, n.Sel.Name) {
				wrong = append(wrong, fmt.Sprintf("%s: a door uses db.%s; it may name only %s", f.at(n), n.Sel.Name, strings.Join(allowed, ", ")))
			}
		})
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(asks, s.Sel.Name) || len(call.Args) != 2 {
				return true
			}
			wrong = append(wrong, fmt.Sprintf("%s: a door begins a transaction (%s)", f.at(n), s.Sel.Name))
			return true
		})
	}
	return wrong
}

// TestPropertiesDrawAsTheCheckSays: a property test that draws by a seed of its own
// fails a landing by luck.
func TestPropertiesDrawAsTheCheckSays(t *testing.T) {
	report(t, "Import _ \"waymark/test/draws\" in a test of the package.", drawsFreely(source(t)))
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "freely", drawsFreely(example(t, "internal/civil/a_test.go", `package civil; import _ "pgregory.net/rapid"`)), 1)
		wantWrong(t, "by the seed", drawsFreely(example(t, "internal/civil/a_test.go", `package civil; import (_ "pgregory.net/rapid"; _ "waymark/test/draws")`)), 0)
	})
}

func drawsFreely(files []*file) (wrong []string) {
	draws, seeded := map[string]string{}, map[string]bool{}
	for _, f := range files {
		if !f.test {
			continue
		}
		for _, path := range f.imports() {
			switch path {
			case "pgregory.net/rapid":
				draws[f.room] = f.path
			case module + "/test/draws":
				seeded[f.room] = true
			}
		}
	}
	for room, path := range draws {
		if !seeded[room] {
			wrong = append(wrong, path+" draws its cases anew each time")
		}
	}
	return wrong
}
