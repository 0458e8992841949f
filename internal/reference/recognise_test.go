package reference

import (
	"bytes"
	"strings"
	"testing"

	"waymark/internal/dataset"
)

func TestAPartnersListIsNoReferenceData(t *testing.T) {
	for _, c := range []struct {
		header string
		want   dataset.Kind
	}{
		{"UKPRN,Provider name,Surname,Forename,DOB", ""}, {"UPN,Surname,Postcode,URN,EstablishmentName", ""}, {"ULN,UKPRN,Legal name", ""}, {"Postcode,Ward", ""}, {"", ""},
		{"ukprn;x", ""}, {" UKPRN ,Provider  Name", dataset.Providers}, {"\ufeffURN,EstablishmentNumber,EstablishmentName,Gender", dataset.Establishments},
		{"pcds,doterm,lad26cd,wd26cd", dataset.Postcodes}, {"LSOA code (2011), Index of Multiple Deprivation (IMD)  Decile (x) ", dataset.Deprivation},
	} {
		got, ok := Recognise(strings.Split(c.header, ","))
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q is taken for %q, %v", c.header, got, ok)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	for _, name := range []string{gias, links, ukprns, nspl, onspd, iod2025} {
		head, _, _ := strings.Cut(string(sample(f, name)), "\r\n")
		f.Add(strings.ReplaceAll(head, `"`, ""))
	}
	f.Fuzz(func(t *testing.T, header string) {
		kind, ok := Recognise(strings.Split(header, ","))
		if ok != (kind != "") {
			t.Errorf("%q is %q, %v", header, kind, ok)
		}
		for _, l := range layouts() {
			headings := strings.Split(header, ",")
			for i := range headings {
				headings[i] = plain(headings[i])
			}
			at, missing, marked := l.columnsOf(headings)
			if kind == l.kind && !marked {
				t.Errorf("%q is %s without its marks", header, kind)
			}
			for _, c := range l.columns {
				if i := at[c.item]; i >= len(headings) || i < 0 && c.needed && len(missing) == 0 {
					t.Errorf("%q: the column %s is at %d", header, c.called, i)
				}
			}
		}
		// A file that begins so is loaded or refused in words, and never breaks.
		body := []byte(header + "\r\n" + header + "\r\n")
		Sniff(bytes.NewReader(body), int64(len(body)))
	})
}
