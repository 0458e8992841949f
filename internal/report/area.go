package report

import (
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/place"
	"waymark/internal/provider"
)

// known are the sets of reference data by which people were grouped: by others
// they are grouped anew.
type known struct {
	places  place.Version
	schools provider.Version
}

// areas tells wards and schools by the reference data that was known after an
// act. It is for one goroutine, within one transaction.
type areas struct {
	places  *place.Book
	schools *provider.Book
	wards   map[string][2]string // key and label, by postcode
	named   map[string]string    // of a school, by its number
	failed  error
}

func readAreas(tx *db.Tx, reg id.Register, at id.Act) (*areas, error) {
	a := &areas{wards: map[string][2]string{}, named: map[string]string{}}
	var err error
	if a.places, err = place.Read(tx, reg, at); err != nil {
		return nil, err
	}
	a.schools, err = provider.Read(tx, reg, at)
	return a, err
}

func (a *areas) known() known { return known{a.places.Is, a.schools.Is} }

// mostRemembered is how many postcodes are looked up once.
const mostRemembered = 200_000

// ward is the ward of a postcode and its name; where no directory of postcodes
// is loaded, the district. Both are "" where that is not known.
func (a *areas) ward(postcode string) (key, label string) {
	if a == nil || a.places.Is.Postcodes == 0 {
		return place.District(postcode), ""
	}
	if w, ok := a.wards[postcode]; ok {
		return w[0], w[1]
	}
	p, _, err := a.places.Postcode(postcode)
	if err == nil && p.Ward != "" {
		key = p.Ward
		label, err = a.places.WardName(p.Ward)
	}
	if err != nil {
		a.failed = err
	}
	if len(a.wards) >= mostRemembered {
		clear(a.wards)
	}
	a.wards[postcode] = [2]string{key, label}
	return key, label
}

// school is what a school is called of which only the number was told.
func (a *areas) school(number, label string) string {
	if a == nil || label != "" || number == "" {
		return label
	}
	name, ok := a.named[number]
	if !ok {
		var err error
		if name, err = a.schools.NameOf(number, civil.Date{}); err != nil {
			a.failed = err
		}
		a.named[number] = name
	}
	return name
}
