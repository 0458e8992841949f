package place

import (
	"slices"
	"strings"

	"waymark/internal/db"
	"waymark/internal/id"
)

// The postcodes of a sector share one row, a line for each, its fields parted
// by tabs: the two last letters, ward, council, LSOA of 2011 and 2021, easting,
// northing, first and last month. A field that is the same as in the line
// before is written as ditto marks: neighbours are mostly in one ward.
const (
	ditto  = `"`
	fields = 9
)

// AddPostcodes stages rows of a set of dataset.Postcodes: one for each sector
// among them. part tells apart the pieces in which one sector may come; each
// call has another. The codes must be as Split gives them, with the blank
// between; the list is put in their order.
func AddPostcodes(tx *db.Tx, reg id.Register, set id.Dataset, part int, list []Postcode) error {
	if !slices.IsSortedFunc(list, byCode) {
		slices.SortStableFunc(list, byCode)
	}
	var rows [][]any
	var content []byte
	for from := 0; from < len(list); {
		sector := sectorOf(list[from].Code)
		to := from
		content = content[:0]
		for ; to < len(list) && sectorOf(list[to].Code) == sector; to++ {
			before := &Postcode{}
			if to > from {
				before = &list[to-1]
			}
			content = encode(content, &list[to], before)
		}
		rows = append(rows, []any{int64(reg), int64(set), sector, int64(part), string(content)})
		from = to
	}
	return db.BulkInsert(tx, "postcode_sector", []string{"register", "dataset", "sector", "part", "content"}, rows)
}

func byCode(a, b Postcode) int { return strings.Compare(a.Code, b.Code) }

func sectorOf(code string) string { return code[:len(code)-2] }

func encode(out []byte, p, before *Postcode) []byte {
	out = append(out, p.Code[len(p.Code)-2:]...)
	for _, f := range [fields - 1][2]*string{{&p.Ward, &before.Ward}, {&p.Authority, &before.Authority}, {&p.LSOA11, &before.LSOA11}, {&p.LSOA21, &before.LSOA21},
		{&p.Easting, &before.Easting}, {&p.Northing, &before.Northing}, {&p.Since, &before.Since}, {&p.Until, &before.Until}} {
		out = append(out, '\t')
		if *f[0] != "" && *f[0] == *f[1] {
			out = append(out, ditto...)
		} else {
			out = append(out, *f[0]...)
		}
	}
	return append(out, '\n')
}

// decode gives each postcode of a sector's row to each.
func decode(sector, content string, each func(Postcode)) {
	var now [fields]string
	for line := range strings.Lines(content) {
		line = strings.TrimSuffix(line, "\n")
		i := 0
		for field := range strings.SplitSeq(line, "\t") {
			if i < fields && field != ditto {
				now[i] = field
			}
			i++
		}
		each(Postcode{Code: sector + now[0], Ward: now[1], Authority: now[2], LSOA11: now[3], LSOA21: now[4], Easting: now[5], Northing: now[6], Since: now[7], Until: now[8]})
	}
}
