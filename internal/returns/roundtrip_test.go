package returns_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/imports"
	"waymark/internal/nccis"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/register"
	"waymark/internal/returns"
	"waymark/internal/standing"
)

// TestAnImportComesOutAsItWentIn imports a file with a fault in every few
// records, of each edition, and builds its month: the same records, field by
// field, but for what currency makes anew and a NEET start date that was absent.
func TestAnImportComesOutAsItWentIn(t *testing.T) {
	for i, end := range []string{"2015-10-31", "2019-05-31", "2020-09-30", "2023-02-28", "2026-10-31"} {
		t.Run(end, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				var file bytes.Buffer
				if err := nccistest.WriteFile(&file, 600, uint64(i), true, civil.MustParse(end), "341"); err != nil {
					t.Fatal(err)
				}
				roundTrip(t, d, file.Bytes(), civil.MustParse(end))
			})
		})
	}
}

func roundTrip(t *testing.T, d *db.DB, file []byte, end civil.Date) {
	ctx, req := context.Background(), nccis.MustLoad()
	reg, err := (&register.Service{DB: d}).Add(ctx, register.Register{Name: "One and Two", DatabaseID: "123",
		Authorities: []register.Authority{{Code: "341", Name: "One"}, {Code: "344", Name: "Two"}}})
	if err != nil {
		t.Fatal(err)
	}
	by := access.Actor{Register: reg.ID, Ref: "account:x", Account: 1, Name: "Wilfred Oakapple", Roles: []access.Role{access.DataOfficer}}
	in := &imports.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}}
	report, err := in.Load(ctx, by, reg, imports.File{Name: "file.xml", Size: int64(len(file)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := (&returns.Service{DB: d, Requirement: req}).Build(ctx, by, end.InMonth(), returns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := draft.WriteXML(&out, false); err != nil {
		t.Fatal(err)
	}
	if err := draft.Verify(bytes.NewReader(out.Bytes())); err != nil {
		t.Error(err)
	}
	want, got := byID(t, file), byID(t, out.Bytes())
	if missing := len(want) - len(got); missing != report.KeptAside {
		t.Errorf("%d records in, %d out, %d kept aside", len(want), len(got), report.KeptAside)
	}
	shown := 0
	for key, w := range want {
		g, ok := got[key]
		if !ok {
			continue // counted above
		}
		w.Values[nccis.DueToLapseDate], g.Values[nccis.DueToLapseDate] = "", ""
		w.Values[nccis.CurrencyLapsed], g.Values[nccis.CurrencyLapsed] = "", ""
		if w.Values[nccis.NEETStartDate] == "" {
			g.Values[nccis.NEETStartDate] = ""
		}
		if diff := cmp.Diff(w, g); diff != "" && shown < 5 {
			shown++
			t.Errorf("%s: %s", key, diff)
		}
	}
}

// byID reads a file; the records by YoungPersonsID, the second of a number
// under that number and #2.
func byID(t *testing.T, file []byte) map[string]nccis.Record {
	t.Helper()
	in, err := nccis.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]nccis.Record{}
	for {
		var r nccis.Record
		if err := in.Next(&r); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		r.Position, r.Unknown = 0, nil
		key := r.Values[nccis.YoungPersonsID]
		for n := 2; ; n++ {
			if _, taken := out[key]; !taken {
				break
			}
			key = fmt.Sprintf("%s#%d", r.Values[nccis.YoungPersonsID], n)
		}
		out[key] = r
	}
}

// TestTheReturnOf2015IsValid holds a built return against the Department's own
// schema, wrapped in a root as nccis.md 1.1 describes.
func TestTheReturnOf2015IsValid(t *testing.T) {
	schema := filepath.Join("..", "..", "..", "shared", "data", "nccis-2015-16.xsd")
	if _, err := os.Stat(schema); err != nil {
		t.Log("NOT CHECKED AGAINST THE DEPARTMENT'S SCHEMA: ../shared/data/nccis-2015-16.xsd is absent")
		t.Skip(err)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Log("NOT CHECKED AGAINST THE DEPARTMENT'S SCHEMA: xmllint is not installed")
		t.Skip(err)
	}
	d, end := dbtest.SQLite(t), civil.MustParse("2015-10-31")
	var file bytes.Buffer
	if err := nccistest.WriteFile(&file, 200, 9, false, end, "341"); err != nil {
		t.Fatal(err)
	}
	roundTrip(t, d, file.Bytes(), end)
	by := access.Actor{Register: 1, Ref: "account:x", Roles: []access.Role{access.DataOfficer}}
	draft, err := (&returns.Service{DB: d, Requirement: nccis.MustLoad()}).Build(context.Background(), by, end.InMonth(), returns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out bytes.Buffer
	if err := draft.WriteXML(&out, true); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	root := `<xs:element name="NCCIS2015" xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType><xs:sequence><xs:element ref="FileHeader"/>` +
		`<xs:element name="YoungPersonsRecord" type="YoungPersonsRecord" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>`
	wrapped, last := string(text), strings.LastIndex(string(text), "</")
	for name, content := range map[string]string{"nccis.xsd": wrapped[:last] + root + wrapped[last:], "return.xml": out.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if told, err := exec.Command("xmllint", "--noout", "--schema", filepath.Join(dir, "nccis.xsd"), filepath.Join(dir, "return.xml")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%.2000s", err, told)
	}
}
