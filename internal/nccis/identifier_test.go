package nccis

import (
	"encoding/csv"
	"os"
	"testing"
)

func TestIdentifierVectors(t *testing.T) {
	const path = "../../../shared/data/identifier_test_vectors.csv"
	f, err := os.Open(path)
	if err != nil {
		t.Logf("THE IDENTIFIER VECTORS ARE NOT HERE (%s): nothing is compared", path)
		t.Skip(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	valid := map[string]func(string) bool{"ULN": ValidULN, "UPN": ValidUPN, "UKPRN": ValidUKPRN}
	tried := 0
	for _, row := range rows[1:] {
		check := valid[row[0]]
		if check == nil {
			continue
		}
		tried++
		if row[2] == "special" {
			if !TemporaryULN(row[1]) {
				t.Errorf("%s %s is not known as temporary", row[0], row[1])
			}
		}
		if got := check(row[1]); got != (row[2] == "1") {
			t.Errorf("%s %s is valid: %v, want %s (%s)", row[0], row[1], got, row[2], row[3])
		}
	}
	if tried < 20 {
		t.Errorf("only %d vectors", tried)
	}
}

func TestTemporaryUPN(t *testing.T) {
	for upn, want := range map[string]bool{"X00180001701A": true, "Z34340052301Z": true, "H801200001001": false, "A34340052301S": false, "": false} {
		if TemporaryUPN(upn) != want {
			t.Errorf("%q is temporary: %v", upn, !want)
		}
	}
}

func TestPostcodeShapes(t *testing.T) {
	for s, want := range map[string]bool{
		"L1 1AA": true, "CH4 1AA": true, "W1A 1AA": true, "L22 1AA": true, "EC1A 1BB": true, "CH41 1AA": true,
		"": false, "L1": false, "L11AA": false, "l1 1aa": false, "L1  1AA": false, "L1 AAA": false, "1L 1AA": false, "LLL1 1AA": false,
		"L123 1AA": false, "GIR 0AA": false, "L1A1 1AA": false, "L1 1A1": false, "CH411AA": false, "LA 1AA": false,
	} {
		if ValidPostcode(s) != want {
			t.Errorf("%q is a postcode: %v", s, !want)
		}
	}
}
