package test

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unportable is a word that the two engines, or a distributed PostgreSQL, do
// not read alike (architecture.md 3).
type unportable struct {
	pattern *regexp.Regexp
	write   string // what to write instead
	because string
}

func word(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + pattern) }

var unportables = []unportable{
	{word(`\bi?like\b|\bsimilar to\b|\bglob\b`), "search_key >= $1 AND search_key < $2 on a key folded in Go", "LIKE ignores case on SQLite only"},
	{word(`\b(lower|upper|initcap)\s*\(`), "a key folded in Go", "lower('É') fails on SQLite"},
	{word(`\$\d+(::\w+)?\s+is\s+(not\s+)?null\b`), "the condition added in Go by db.Where", "PostgreSQL cannot type the parameter"},
	{word(`=\s*(any|all)\s*\(|\barray\s*\[|\bunnest\s*\(|\barray_agg\s*\(`), "IN ($1, $2, …) built by db.Where.In, or a join", "SQLite has no arrays"},
	{word(`::`), "CAST(… AS TEXT) or AS BIGINT where a type is needed", "a syntax error on SQLite"},
	{word(`\bcast\s*\([^()]*(\([^()]*\))?[^()]*\bas\s+(date|time|timestamp|timestamptz|numeric|decimal|uuid|json|jsonb|boolean)\b`), "dates bound as YYYY-MM-DD text", "CAST('2026-09-01' AS date) is 2026 on SQLite"},
	{word(`\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|date_trunc|date_part|age|to_char|to_date|make_date|julianday|strftime|datetime|unixepoch)\s*\(|\bcurrent_(date|time|timestamp)\b|\bextract\s*\(|\binterval\b|\bdate\s*\(`), "the date as a parameter, worked out in Go", "the clock belongs to Go and to tests"},
	{word(`\b(avg|round|trunc|ceil|ceiling|floor|stddev|variance|percentile_cont)\s*\(`), "sum and count, then divide in Go", "types and digits differ"},
	{word(`\bnumeric\b|\bdecimal\b|\breal\b|\bdouble precision\b|\bfloat\d?\b|\bmoney\b`), "tenths or pence as BIGINT", "types and digits differ"},
	{word(`\bjsonb?\b|->>?|#>>?|@>|<@|\bjsonb?_\w+\s*\(`), "TEXT, read in Go", "operators and whitespace differ"},
	{word(`\bfor (no key )?(update|share|key share)\b|\bskip locked\b|\bnowait\b`), "UPDATE … RETURNING on the row", "a syntax error on SQLite"},
	{word(`\b(greatest|least)\s*\(`), "CASE WHEN … END", "SQLite calls them max and min"},
	{word(`\blateral\b`), "a join or a window", "a syntax error on SQLite"},
	{word(`\b(small|big)?serial\b|\bautoincrement\b|\bidentity\b|\b(next|curr|set)val\s*\(|\bcreate (temporary )?sequence\b|\browid\b|\bctid\b|\boid\b`), "keys from the register's counter row", "not alike, and slow or missing on distributed engines"},
	{word(`\btrigger\b|\bcreate (or replace )?(function|procedure)\b|\bplpgsql\b|\bcall\s+\w+\s*\(`), "Go, in the act's transaction", "missing on SQLite or on distributed engines"},
	{word(`\bpg_\w+\s*\(|\b(listen|notify)\s+\w+|\badvisory\b|\bcreate extension\b|\bexclude using\b|\bdeferrable\b|\bgenerated always\b`), "rows and unique keys", "missing on SQLite or on distributed engines"},
	{word(`\binsert or (ignore|replace)\b|\breplace into\b|\bpragma\b|\bifnull\s*\(|\bnvl\s*\(|\bgroup_concat\s*\(|\bprintf\s*\(|\bsqlite_\w+`), "ON CONFLICT, COALESCE, string_agg", "SQLite only"},
	{word(`\bdistinct on\b|\bmerge into\b|\busing\s+btree\b|\btruncate\b|\bon only\b|\bselect\s+.*\binto\s+temp\b`), "plain SQL that both read", "PostgreSQL only"},
	{word(`\b(uuid|blob|timestamptz?|timestamp with(out)? time zone|varchar|character varying|hstore|inet|citext|tsvector)\b`), "TEXT, BIGINT, BOOLEAN or BYTEA", "types differ"},
	{word(`\bcollate\b`), "nothing: db makes every text column sort by bytes", "locales sort differently"},
	{word(`\blimit\s+\d+\s*,`), "LIMIT … OFFSET …", "a syntax error on PostgreSQL"},
	{word("`"), "plain names", "SQLite only"},
}

// statement is one SQL text of the product.
type statement struct{ at, text string }

var (
	looksLikeSQL = regexp.MustCompile(`(?is)^\s*((?-i:SELECT|select)\s.+\sfrom\s|(?-i:SELECT|select)\s+(count|max|min|sum|coalesce|exists|case|1)\b|insert\s+(or\s+\w+\s+)?into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+(recursive\s+)?\w+\s*(\([^)]*\))?\s+as\s*\(|create\s+(unique\s+)?(table|index|view)|alter\s+table|drop\s+(table|index)|replace\s+into\s|pragma\s|values\s*\()`)
	// A part of a statement, put together elsewhere: capitals alone, so that a
	// sentence that begins with "and" is none.
	looksLikePart = regexp.MustCompile(`^\s*(FROM|WHERE|AND|OR|JOIN|LEFT JOIN|INNER JOIN|ORDER BY|GROUP BY|HAVING|UNION|ON CONFLICT|SELECT|VALUES|SET|RETURNING|LIMIT|OFFSET|EXISTS|CASE|COALESCE)\b[\s(]`)
	quoted        = regexp.MustCompile(`'(?:[^']|'')*'`)
	sqlComment    = regexp.MustCompile(`--[^\n]*`)
	formatVerb    = regexp.MustCompile(`%[+#]?[svdqtx]`)
)

// dynamic stands in a statement for what Go puts in its place.
const dynamic = "\x01"

// statements are the SQL texts of a file: string constants, whole
// concatenations of them, and what is given to Where.And.
func statements(f *file) []statement {
	var out []statement
	inside := map[ast.Node]bool{}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "And" && len(call.Args) > 0 && f.named(module+"/internal/db") != "" {
				if text, ok := written(call.Args[0], inside); ok {
					out = append(out, statement{f.at(n), text})
				}
			}
			return true
		}
		e, ok := n.(ast.Expr)
		if !ok || inside[n] {
			return true
		}
		if text, ok := written(e, inside); ok && (looksLikeSQL.MatchString(text) || looksLikePart.MatchString(text)) {
			out = append(out, statement{f.at(n), text})
		}
		return true
	})
	return out
}

// written is the text of a string constant or of a concatenation, with dynamic
// in place of what is no constant.
func written(e ast.Expr, inside map[ast.Node]bool) (string, bool) {
	switch v := e.(type) {
	case *ast.BasicLit:
		if v.Kind != token.STRING {
			return "", false
		}
		inside[v] = true
		text, err := strconv.Unquote(v.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return written(v.X, inside)
	case *ast.BinaryExpr:
		if v.Op != token.ADD {
			return "", false
		}
		left, l := written(v.X, inside)
		right, r := written(v.Y, inside)
		if !l && !r {
			return "", false
		}
		inside[v] = true
		if !l {
			left = dynamic
		}
		if !r {
			right = dynamic
		}
		return left + right, true
	}
	return "", false
}

// bare is the statement without its comments and the texts in it, which may
// hold any word.
func bare(text string) string {
	return sqlComment.ReplaceAllString(quoted.ReplaceAllString(text, "''"), "")
}

func unportableIn(s statement) []string {
	var wrong []string
	text := bare(s.text)
	for _, u := range unportables {
		if found := u.pattern.FindString(text); found != "" {
			wrong = append(wrong, fmt.Sprintf("%s: %q is not read alike by both engines (%s); write %s", s.at, found, u.because, u.write))
		}
	}
	return wrong
}

func TestSQLIsPortable(t *testing.T) {
	var wrong []string
	found := 0
	schema := readSchema(t)
	for _, f := range product(t) {
		if f.room == "db" || !strings.HasPrefix(f.path, "internal/") {
			continue // db is the one room that knows which engine it is
		}
		for _, s := range statements(f) {
			found++
			wrong = append(wrong, unportableIn(s)...)
			wrong = append(wrong, unordered(schema, s)...)
			if v := formatVerb.FindString(s.text); v != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s puts a value into the text of a statement; bind it as a parameter", s.at, v))
			}
		}
	}
	for _, s := range migrations(t) {
		found++
		wrong = append(wrong, unportableIn(s)...)
	}
	if found < 40 {
		t.Errorf("only %d statements were found: the scan no longer sees them", found)
	}
	t.Logf("%d statements read", found)
	report(t, "What both engines read: architecture.md 3.", wrong)
}

func TestPortableRuleFindsWhatBreaksIt(t *testing.T) {
	for _, bad := range []string{
		"SELECT id FROM name WHERE family LIKE $1", "SELECT lower(family) FROM name", "SELECT id FROM name WHERE ($1 IS NULL OR id = $1)",
		"SELECT id FROM name WHERE id = ANY($1)", "SELECT id::text FROM name", "SELECT CAST(dob AS date) FROM standing",
		"SELECT id FROM name WHERE started < now()", "SELECT avg(id) FROM name", "SELECT round(id) FROM name", "CREATE TABLE a (b NUMERIC)",
		"SELECT note->>'a' FROM contact", "SELECT id FROM job FOR UPDATE SKIP LOCKED", "SELECT greatest(a, b) FROM c",
		"SELECT 1 FROM a, LATERAL (SELECT 2 FROM b) x", "CREATE TABLE a (id SERIAL)", "CREATE TRIGGER a", "INSERT OR REPLACE INTO a VALUES (1)",
		"SELECT pg_advisory_lock(1) FROM a", "CREATE TABLE a (b UUID)", "SELECT a FROM b ORDER BY a COLLATE nocase", "SELECT DISTINCT ON (a) b FROM c",
		"SELECT a FROM b WHERE c > CURRENT_DATE", "UPDATE a SET b = b + INTERVAL '1 day'",
	} {
		if len(unportableIn(statement{"example", bad})) == 0 {
			t.Errorf("the rule lets through %q", bad)
		}
	}
	for _, good := range []string{
		"SELECT id, CAST($1 AS BIGINT) FROM name WHERE family_key >= $1 AND family_key < $2 ORDER BY id",
		"INSERT INTO a (b) VALUES ('I like LIKE; now() :: jsonb') ON CONFLICT (b) DO UPDATE SET b = EXCLUDED.b RETURNING b",
		"SELECT count(*) FILTER (WHERE a), string_agg(b, ',') FROM c WHERE d IS NOT DISTINCT FROM $1 -- like that",
	} {
		if wrong := unportableIn(statement{"example", good}); len(wrong) > 0 {
			t.Errorf("the rule refuses good SQL: %q", wrong)
		}
	}
	body := `package act
		import "waymark/internal/db"
		const sqlA = "SELECT a FROM b"
		func f(w db.Where, table string) {
			g("select a from " + table + " where c = $1")
			w.And("family " + "like $1", 1)
			h("Select a file from your computer")
			h(" ORDER BY a")
		}`
	if got := statements(example(t, "internal/act/a.go", body)[0]); len(got) != 4 {
		t.Errorf("the scan found %d of 4 statements: %q", len(got), got)
	}
}

var (
	orderBy    = regexp.MustCompile(`(?is)\border\s+by\s+([^()]*(?:\([^()]*\)[^()]*)*?)(?:\blimit\b|\boffset\b|\brows\b|\brange\b|\breturning\b|\bon conflict\b|\bunion\b|\)|$)`)
	tableNamed = regexp.MustCompile(`(?i)\b(?:from|join|update|into)\s+(\w+)`)
)

// unordered finds ORDER BY of a column that may be NULL without saying where
// NULLs go: the engines put them at opposite ends.
func unordered(schema map[string]*table, s statement) []string {
	var wrong []string
	text := bare(s.text)
	nullable := map[string]bool{}
	for _, m := range tableNamed.FindAllStringSubmatch(text, -1) {
		if t := schema[strings.ToLower(m[1])]; t != nil {
			for _, c := range t.nullable {
				nullable[c] = true
			}
		}
	}
	for _, m := range orderBy.FindAllStringSubmatch(text, -1) {
		for _, item := range strings.Split(m[1], ",") {
			fields := strings.Fields(strings.ToLower(item))
			if len(fields) == 0 {
				continue
			}
			column := fields[0][strings.LastIndex(fields[0], ".")+1:]
			if nullable[column] && !slices.Contains(fields, "nulls") {
				wrong = append(wrong, fmt.Sprintf("%s: ORDER BY %s, which may be NULL: say NULLS LAST or NULLS FIRST", s.at, column))
			}
		}
	}
	return wrong
}

func TestOrderRuleFindsWhatBreaksIt(t *testing.T) {
	schema := readSchema(t)
	wantWrong(t, "nullable", unordered(schema, statement{"example", "SELECT ref FROM standing s ORDER BY s.lapses_on DESC, young_person LIMIT 3"}), 1)
	wantWrong(t, "said", unordered(schema, statement{"example", "SELECT ref FROM standing ORDER BY lapses_on NULLS LAST, young_person"}), 0)
	wantWrong(t, "not null", unordered(schema, statement{"example", "SELECT ref FROM standing ORDER BY family_key, given_key"}), 0)
	wantWrong(t, "window", unordered(schema, statement{"example", "SELECT row_number() OVER (PARTITION BY ref ORDER BY dob) FROM standing"}), 1)
}

// table is one table of the migrations.
type table struct {
	name, at          string
	columns, nullable []string
	primary           []string
}

var (
	createTable = regexp.MustCompile(`(?is)create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)\s*\(`)
	addColumn   = regexp.MustCompile(`(?is)alter\s+table\s+(\w+)\s+add\s+(?:column\s+)?(\w+)\s+([^;]*)`)
	keyList     = regexp.MustCompile(`(?is)\(([^()]*)\)`)
	indexOn     = regexp.MustCompile(`(?is)create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(\w+)\s+on\s+(\w+)\s*\(([^()]*)\)`)
	foreignKey  = regexp.MustCompile(`(?is)references\s+(\w+)\s*\(([^()]*)\)`)
)

// migrations are the files of the tables, both those of the register and those
// beside it.
func migrations(t testing.TB) []statement {
	t.Helper()
	dir := filepath.Join(root(t), "internal", "db", "migrations")
	var out []statement
	for _, pattern := range []string{"*.sql", "side/*.sql"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("no migrations match %s: %v", pattern, err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, statement{"internal/db/migrations/" + filepath.Base(name), string(body)})
		}
	}
	return out
}

func readSchema(t testing.TB) map[string]*table {
	t.Helper()
	tables := map[string]*table{}
	for _, s := range migrations(t) {
		for name, found := range tablesIn(s) {
			tables[name] = found
		}
		for _, m := range addColumn.FindAllStringSubmatch(bare(s.text), -1) {
			if found := tables[strings.ToLower(m[1])]; found != nil && !strings.Contains(strings.ToUpper(m[3]), "NOT NULL") {
				found.nullable = append(found.nullable, strings.ToLower(m[2]))
			}
		}
	}
	return tables
}

func tablesIn(s statement) map[string]*table {
	tables := map[string]*table{}
	text := bare(s.text)
	for _, at := range createTable.FindAllStringSubmatchIndex(text, -1) {
		found := &table{name: strings.ToLower(text[at[2]:at[3]]), at: s.at}
		for _, item := range splitOutside(text[at[1]:]) {
			upper := strings.ToUpper(item)
			switch {
			case strings.HasPrefix(upper, "PRIMARY KEY"):
				found.primary = names(keyList.FindStringSubmatch(item)[1])
			case strings.HasPrefix(upper, "FOREIGN"), strings.HasPrefix(upper, "UNIQUE"), strings.HasPrefix(upper, "CHECK"), strings.HasPrefix(upper, "CONSTRAINT"), item == "":
			default:
				column := strings.ToLower(strings.Fields(item)[0])
				found.columns = append(found.columns, column)
				if strings.Contains(upper, "PRIMARY KEY") {
					found.primary = []string{column}
				} else if !strings.Contains(upper, "NOT NULL") {
					found.nullable = append(found.nullable, column)
				}
			}
		}
		found.nullable = slices.DeleteFunc(found.nullable, func(c string) bool { return slices.Contains(found.primary, c) })
		tables[found.name] = found
	}
	return tables
}

// splitOutside cuts at the commas that stand in no brackets, up to the bracket
// that closes the table.
func splitOutside(text string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return append(out, strings.TrimSpace(text[from:i]))
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return out
}

func names(list string) []string {
	var out []string
	for _, n := range strings.Split(list, ",") {
		if f := strings.Fields(strings.ToLower(n)); len(f) > 0 {
			out = append(out, f[0])
		}
	}
	return out
}

func TestKeysBeginWithTheRegister(t *testing.T) {
	var wrong []string
	for _, s := range migrations(t) {
		wrong = append(wrong, keysWithoutRegister(s)...)
	}
	if n := len(readSchema(t)); n < 20 {
		t.Errorf("only %d tables were found in the migrations", n)
	}
	report(t, "A row can never point into another register (architecture.md 1.1, 3).", wrong)
	t.Run("the rule finds what breaks it", func(t *testing.T) {
		wantWrong(t, "key", keysWithoutRegister(statement{"example", "CREATE TABLE a (register BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (id))"}), 1)
		wantWrong(t, "no key", keysWithoutRegister(statement{"example", "CREATE TABLE a (register BIGINT NOT NULL)"}), 1)
		wantWrong(t, "index", keysWithoutRegister(statement{"example", "CREATE UNIQUE INDEX a_b ON a (b, register);"}), 1)
		wantWrong(t, "foreign", keysWithoutRegister(statement{"example", "CREATE TABLE a (register BIGINT NOT NULL, b BIGINT REFERENCES b (id), PRIMARY KEY (register))"}), 1)
		wantWrong(t, "right", keysWithoutRegister(statement{"example", "CREATE TABLE a (register BIGINT NOT NULL REFERENCES register (id), b BIGINT NOT NULL, PRIMARY KEY (register, b), FOREIGN KEY (register, b) REFERENCES c (register, id))"}), 0)
	})
}

// acrossRegisters are the indexes that do not begin with the register, each with
// its reason.
var acrossRegisters = map[string]string{
	"account_sign_in_house": "whoever signs in is found by their name before it is known in which register they are, so a name is one person's in the whole house",
}

func keysWithoutRegister(s statement) []string {
	var wrong []string
	for _, found := range tablesIn(s) {
		if found.name == "register" {
			continue // the book itself: its key is what the others begin with
		}
		if len(found.primary) == 0 || found.primary[0] != "register" {
			wrong = append(wrong, fmt.Sprintf("%s: the primary key of %s begins with %q, not with register", s.at, found.name, strings.Join(found.primary, ", ")))
		}
	}
	text := bare(s.text)
	for _, m := range indexOn.FindAllStringSubmatch(text, -1) {
		if columns := names(m[3]); columns[0] != "register" && acrossRegisters[m[1]] == "" {
			wrong = append(wrong, fmt.Sprintf("%s: the index %s begins with %s, not with register", s.at, m[1], columns[0]))
		}
	}
	for _, m := range foreignKey.FindAllStringSubmatch(text, -1) {
		if columns := names(m[2]); !strings.EqualFold(m[1], "register") && columns[0] != "register" {
			wrong = append(wrong, fmt.Sprintf("%s: a foreign key to %s begins with %s, not with register", s.at, m[1], columns[0]))
		}
	}
	slices.Sort(wrong)
	return wrong
}
