package layout

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestCTF(t *testing.T) {
	f, err := os.Open("testdata/9994001_CTF_9998000_001.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	if err := CTF(f, func(r *Row) error { tellRow(&b, r); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"row 1: Given=Ana Middle=Sofia Family=Petrova KnownAs=Annie DOB=2010-02-03 Sex=F Ethnicity=WBRI UPN=C999400120001",
		"ULN=2000000001", "House=14", "Street=Curlew Lane", "Town=Saltmarsh", "Postcode=QX1 1AG", "Telephone=01632960001",
		"CarerName=Irena Petrova", "CarerTelephone=07700900001", "YearGroup=11", "SchoolName=Estuary High", "SchoolNumber=9994001", "Start=2021-09-06", "SEND=N SENSupport=Y", "Characteristic=110",
		"row 2: Given=Idris Family=Abernathy-Vale", "dob-no-such-day",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("missing: %s\n%s", want, b.String())
		}
	}
}

func TestCTFRefuses(t *testing.T) {
	none := func(*Row) error { return nil }
	if err := CTF(strings.NewReader("<html><body/></html>"), none); !errors.Is(err, ErrNotCTF) {
		t.Errorf("another XML: %v", err)
	}
	if err := CTF(strings.NewReader(""), none); !errors.Is(err, ErrNotCTF) {
		t.Errorf("an empty file: %v", err)
	}
	deep := "<CTfile>" + strings.Repeat("<a>", 400000)
	if err := CTF(strings.NewReader(deep), none); err == nil || !strings.Contains(err.Error(), "deep") {
		t.Errorf("a deep nest: %v", err)
	}
	for _, cut := range []string{"<CTfile><CTFpupilData><Pupil><UPN>", "<CTfile></Pupil>", "<CTfile><a></b></CTfile>", "<CTfile>&x;</CTfile>"} {
		if err := CTF(strings.NewReader(cut), none); err == nil {
			t.Errorf("%s was read", cut)
		}
	}
	stop := errors.New("stop")
	one := "<CTfile><CTFpupilData><Pupil><Surname>Petrova</Surname></Pupil></CTFpupilData></CTfile>"
	if err := CTF(strings.NewReader(one), func(*Row) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of the caller: %v", err)
	}
}
