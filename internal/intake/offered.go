package intake

import (
	"fmt"

	"waymark/internal/layout"
	"waymark/internal/provider"
)

// whereOffered is a row with what the reference data says of the place that offered,
// where the row names it by its URN, or by another number without its name: the list
// of establishments, and that of providers. Who is in neither stays as they were
// named.
func (t *teller) whereOffered(row *staged) (*staged, error) {
	v := &row.values
	urn, number, ukprn := v[layout.OfferURN], v[layout.OfferNumber], v[layout.OfferUKPRN]
	if !t.kind.MayChange("offers") || urn == "" && (v[layout.OfferInstitution] != "" || number == "" && ukprn == "") {
		return row, nil
	}
	key := [3]string{urn, number, ukprn}
	is, known := t.places[key]
	if !known {
		var err error
		if is, err = t.establishment(urn, number, ukprn); err != nil {
			return nil, fmt.Errorf("look up the place of an offer: %w", err)
		}
		if t.places == nil {
			t.places = map[[3]string]provider.Establishment{}
		}
		t.places[key] = is
	}
	one := *row
	for item, value := range map[layout.Item]string{layout.OfferInstitution: is.Name, layout.OfferNumber: is.Number, layout.OfferUKPRN: is.UKPRN} {
		if one.values[item] == "" {
			one.values[item] = value
		}
	}
	return &one, nil
}

// establishment is the place of a number, the most telling first; nothing where the
// reference data has none. A UKPRN may be that of a whole trust: it gives a name and
// no number.
func (t *teller) establishment(urn, number, ukprn string) (provider.Establishment, error) {
	if t.establishments == nil {
		book, err := provider.Read(t.tx, t.r, 0)
		if err != nil {
			return provider.Establishment{}, err
		}
		t.establishments = book
	}
	if urn != "" {
		if e, ok, err := t.establishments.ByURN(urn); ok || err != nil {
			return e, err
		}
	}
	if len(number) == 7 {
		if e, ok, err := t.establishments.ByNumber(number, t.in.AsAt); ok || err != nil {
			return e, err
		}
	}
	if ukprn == "" {
		return provider.Establishment{}, nil
	}
	name, err := t.establishments.ProviderName(ukprn, t.in.AsAt)
	return provider.Establishment{Name: name}, err
}
