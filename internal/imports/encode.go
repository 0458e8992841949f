package imports

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"waymark/internal/nccis"
)

// The content of a source record is one item after another: the element's
// name, unit separator, value, record separator. XML can hold neither
// separator, so no value holds one.
const (
	unitSeparator   = "\x1f"
	recordSeparator = "\x1e"
	noActivities    = "-Activities"
)

// theirOwn says of items that a source derives, and we derive ourselves: they
// are compared at each import, never kept.
func theirOwn(f nccis.Field) bool { return f == nccis.DueToLapseDate || f == nccis.CurrencyLapsed }

// encode writes the record so that two records that say the same are the same
// text, whatever the order of their characteristics.
func encode(b []byte, r *nccis.Record, names *[nccis.FieldCount]string) []byte {
	item := func(name, value string) {
		b = append(append(append(append(b, name...), unitSeparator...), value...), recordSeparator...)
	}
	for f := range nccis.FieldCount {
		if v := r.Values[f]; v != "" && !theirOwn(f) {
			item(names[f], v)
		}
	}
	codes := r.Characteristics
	if !slices.IsSorted(codes) {
		codes = slices.Sorted(slices.Values(codes))
	}
	for _, c := range codes {
		item(nccis.CharacteristicCode.String(), c)
	}
	if r.NoActivities {
		item(noActivities, "")
	}
	for _, u := range r.Unknown {
		item(u.Name, u.Value)
	}
	return b
}

// decode reads what encode wrote.
func decode(content string) nccis.Record {
	var r nccis.Record
	for content != "" {
		var line string
		line, content, _ = strings.Cut(content, recordSeparator)
		name, value, _ := strings.Cut(line, unitSeparator)
		switch f, ok := nccis.ParseField(name); {
		case name == noActivities:
			r.NoActivities = true
		case name == nccis.CharacteristicCode.String():
			r.Characteristics = append(r.Characteristics, value)
		case ok && f < nccis.FieldCount:
			r.Values[f] = value
		default:
			r.Unknown = append(r.Unknown, nccis.UnknownElement{Name: name, Value: value})
		}
	}
	return r
}

func fieldNames() *[nccis.FieldCount]string {
	var names [nccis.FieldCount]string
	for f := range nccis.FieldCount {
		names[f] = f.String()
	}
	return &names
}

// digest is 128 bits of the SHA-256 of a content.
type digest [16]byte

func digestOf(content []byte) digest {
	sum := sha256.Sum256(content)
	return digest(sum[:16])
}

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func readDigest(s string) (digest, bool) {
	var d digest
	n, err := hex.Decode(d[:], []byte(s))
	return d, err == nil && n == len(d)
}
