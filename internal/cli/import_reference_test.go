package cli_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// Reference data is known by its headings: nobody need know that it goes
// another road.
func TestImportSendsReferenceDataOn(t *testing.T) {
	data := t.TempDir()
	if _, told, code := typed(t, data, "register", "add", "--name", "Invented", "--database-id", "123", "--authority", "341"); code != 0 {
		t.Fatal(told)
	}
	for _, one := range []string{"ukprns.csv", "NSPL_MAY_2025_UK.csv", "edubasealldata20260901.csv"} {
		out, told, code := typed(t, data, "import", filepath.Join("..", "reference", "testdata", one))
		if code != 0 || !strings.Contains(told, "Read as reference data") || !strings.Contains(out, "reference") {
			t.Errorf("%s: %d\n%s\n%s", one, code, out, told)
		}
	}
	if out, told, code := typed(t, data, "reference", "list"); code != 0 || strings.Count(out, "in force") != 3 {
		t.Errorf("the list has not all three: %d\n%s\n%s", code, out, told)
	}
}
