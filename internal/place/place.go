// Package place knows where postcodes are: in which ward, council and small
// area, and how deprived that area is.
//
// The postcode directory of the Office for National Statistics (NSPL or ONSPD)
// gives each postcode its codes; postcodes that the post no longer uses stay in
// it, so that an old address is still somewhere. A ward is what a councillor is
// elected for; an LSOA is an area of some 1,500 people, drawn anew for each
// census, and is what the indices of deprivation (IMD, and IDACI for children)
// rank. LSOAs of 2011 and of 2021 have codes of one form and are not the same
// areas: ranks made for the one are never read for the other.
//
// All of it is reference data (package dataset).
package place

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Postcode is what the directory says of one.
type Postcode struct {
	// Code is as the post writes it, "CH41 1AA".
	Code string
	// Ward, Authority, LSOA11 and LSOA21 are codes of nine characters, "" where
	// the directory gives none.
	Ward, Authority, LSOA11, LSOA21 string
	// Easting and Northing are metres of the national grid, "" where none is
	// given.
	Easting, Northing string
	// Since and Until are months, CCYYMM. Until is "" for a postcode in use.
	Since, Until string
}

// Live says that the post uses the postcode.
func (p Postcode) Live() bool { return p.Until == "" }

// Deprivation is how deprived a small area is, 1 being the most deprived rank
// or tenth in England.
type Deprivation struct {
	LSOA                                       string
	IMDRank, IMDDecile, IDACIRank, IDACIDecile int
	// Edition is the indices', "IoD2025".
	Edition string
}

// Ward is an electoral ward.
type Ward struct {
	Code, Name string
	// Authority is the council's code, "" where the file does not say.
	Authority string
	Boundary  Boundary
}

// Split cuts a postcode in its two halves, in capitals: "CH41" and "1AA". False
// where the text has not the form of one.
func Split(postcode string) (out, in string, ok bool) {
	var room [8]byte
	plain := room[:0]
	for i := 0; i < len(postcode); i++ {
		c := postcode[i]
		switch {
		case c == ' ':
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case (c < 'A' || c > 'Z') && (c < '0' || c > '9'):
			return "", "", false
		}
		if len(plain) == 7 {
			return "", "", false
		}
		plain = append(plain, c)
	}
	if len(plain) < 5 {
		return "", "", false
	}
	cut := len(plain) - 3
	if !letter(plain[0]) || letter(plain[cut]) || !letter(plain[cut+1]) || !letter(plain[cut+2]) {
		return "", "", false
	}
	whole := string(plain)
	return whole[:cut], whole[cut:], true
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' }

// District is the first half of a postcode, "CH41" of "CH41 1AA"; "" where the
// text is none.
func District(postcode string) string {
	out, _, _ := Split(postcode)
	return out
}

// Tables are where the rows of the sets are.
func Tables() []dataset.Table {
	return []dataset.Table{{Name: "postcode_sector", Key: "sector"}, {Name: "deprivation", Key: "lsoa"}, {Name: "ward", Key: "code"}}
}

// AddDeprivation stages rows of a set of dataset.Deprivation.
func AddDeprivation(tx *db.Tx, reg id.Register, set id.Dataset, list []Deprivation) error {
	rows := make([][]any, len(list))
	for i, d := range list {
		rows[i] = []any{int64(reg), int64(set), d.LSOA, int64(d.IMDRank), int64(d.IMDDecile), int64(d.IDACIRank), int64(d.IDACIDecile)}
	}
	return db.BulkInsert(tx, "deprivation", []string{"register", "dataset", "lsoa", "imd_rank", "imd_decile", "idaci_rank", "idaci_decile"}, rows)
}

// AddWards stages rows of a set of dataset.Wards.
func AddWards(tx *db.Tx, reg id.Register, set id.Dataset, list []Ward) error {
	rows := make([][]any, len(list))
	for i, w := range list {
		rows[i] = []any{int64(reg), int64(set), w.Code, w.Name, w.Authority, w.Boundary.String()}
	}
	return db.BulkInsert(tx, "ward", []string{"register", "dataset", "code", "name", "authority", "boundary"}, rows)
}

// Version names the sets that a Book reads: what was worked out by one Version
// is worked out anew by another.
type Version struct{ Postcodes, Deprivation, Wards id.Dataset }

// Book is the places of a register as they were known after one act, within
// one transaction. It is for one goroutine.
type Book struct {
	// Is says which sets are in force; those that are not loaded are 0.
	Is Version

	tx          *db.Tx
	reg         id.Register
	deprivation dataset.Set
	sectors     map[string]map[string]Postcode
	wards       map[string]string
}

// Read opens the book as known after an act, 0 for now. What is not loaded is
// empty.
func Read(tx *db.Tx, reg id.Register, at id.Act) (*Book, error) {
	b := &Book{tx: tx, reg: reg}
	postcodes, _, err := dataset.InForce(tx, reg, dataset.Postcodes, at)
	if err != nil {
		return nil, err
	}
	if b.deprivation, _, err = dataset.InForce(tx, reg, dataset.Deprivation, at); err != nil {
		return nil, err
	}
	wards, _, err := dataset.InForce(tx, reg, dataset.Wards, at)
	b.Is = Version{postcodes.ID, b.deprivation.ID, wards.ID}
	return b, err
}

const (
	sqlSector      = `SELECT content FROM postcode_sector WHERE register = $1 AND dataset = $2 AND sector = $3 ORDER BY part`
	sqlDeprivation = `SELECT imd_rank, imd_decile, idaci_rank, idaci_decile FROM deprivation WHERE register = $1 AND dataset = $2 AND lsoa = $3`
	sqlWard        = `SELECT name, authority, boundary FROM ward WHERE register = $1 AND dataset = $2 AND code = $3`
	sqlWardNames   = `SELECT code, name FROM ward WHERE register = $1 AND dataset = $2`
	sqlWardsOf     = `SELECT code, name, authority, boundary FROM ward WHERE register = $1 AND dataset = $2 AND authority = $3 ORDER BY code`
)

// mostSectors is how many sectors stay in memory: those of a large county.
const mostSectors = 3000

// Postcode finds a postcode, however it is typed; false where the directory
// does not have it, or is not loaded.
func (b *Book) Postcode(postcode string) (Postcode, bool, error) {
	out, in, ok := Split(postcode)
	if !ok || b.Is.Postcodes == 0 {
		return Postcode{}, false, nil
	}
	sector := out + " " + in[:1]
	found, ok := b.sectors[sector]
	if !ok {
		var err error
		if found, err = b.sector(sector); err != nil {
			return Postcode{}, false, err
		}
	}
	p, ok := found[in[1:]]
	return p, ok, nil
}

func (b *Book) sector(sector string) (map[string]Postcode, error) {
	if b.sectors == nil || len(b.sectors) >= mostSectors {
		b.sectors = map[string]map[string]Postcode{}
	}
	rows, err := b.tx.Query(sqlSector, int64(b.reg), int64(b.Is.Postcodes), sector)
	if err != nil {
		return nil, fmt.Errorf("find a postcode: %w", err)
	}
	defer rows.Close()
	found := map[string]Postcode{}
	for rows.Next() {
		var content string
		if err := rows.Scan(&content); err != nil {
			return nil, fmt.Errorf("find a postcode: %w", err)
		}
		decode(sector, content, func(p Postcode) { found[p.Code[len(sector):]] = p })
	}
	b.sectors[sector] = found
	return found, rows.Err()
}

// Deprivation is how deprived the area of a postcode is; false where that is
// not known: the indices are not loaded, or rank areas of another census than
// the directory gives.
func (b *Book) Deprivation(p Postcode) (Deprivation, bool, error) {
	d := Deprivation{LSOA: p.LSOA21, Edition: b.deprivation.Edition}
	if b.deprivation.Basis == "2011" {
		d.LSOA = p.LSOA11
	}
	if b.Is.Deprivation == 0 || d.LSOA == "" {
		return Deprivation{}, false, nil
	}
	err := b.tx.QueryRow(sqlDeprivation, int64(b.reg), int64(b.Is.Deprivation), d.LSOA).Scan(&d.IMDRank, &d.IMDDecile, &d.IDACIRank, &d.IDACIDecile)
	if errors.Is(err, sql.ErrNoRows) {
		return Deprivation{}, false, nil
	}
	if err != nil {
		return Deprivation{}, false, fmt.Errorf("find how deprived an area is: %w", err)
	}
	return d, true, nil
}

// Ward is the ward with the code; false where it is not loaded.
func (b *Book) Ward(code string) (Ward, bool, error) {
	w := Ward{Code: code}
	var boundary string
	err := b.tx.QueryRow(sqlWard, int64(b.reg), int64(b.Is.Wards), code).Scan(&w.Name, &w.Authority, &boundary)
	if errors.Is(err, sql.ErrNoRows) {
		return Ward{}, false, nil
	}
	if err != nil {
		return Ward{}, false, fmt.Errorf("find a ward: %w", err)
	}
	w.Boundary, err = ParseBoundary(boundary)
	return w, true, err
}

// WardsOf are the wards of a council, by code, with their boundaries.
func (b *Book) WardsOf(authority string) ([]Ward, error) {
	rows, err := b.tx.Query(sqlWardsOf, int64(b.reg), int64(b.Is.Wards), authority)
	if err != nil {
		return nil, fmt.Errorf("find the wards of a council: %w", err)
	}
	defer rows.Close()
	var out []Ward
	for rows.Next() {
		var w Ward
		var boundary string
		if err := rows.Scan(&w.Code, &w.Name, &w.Authority, &boundary); err != nil {
			return nil, fmt.Errorf("find the wards of a council: %w", err)
		}
		if w.Boundary, err = ParseBoundary(boundary); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

// WardName is what a ward is called, its code where its name is not loaded.
func (b *Book) WardName(code string) (string, error) {
	if b.wards == nil {
		rows, err := b.tx.Query(sqlWardNames, int64(b.reg), int64(b.Is.Wards))
		if err != nil {
			return "", fmt.Errorf("read the names of wards: %w", err)
		}
		defer rows.Close()
		b.wards = map[string]string{}
		for rows.Next() {
			var code, name string
			if err := rows.Scan(&code, &name); err != nil {
				return "", fmt.Errorf("read the names of wards: %w", err)
			}
			b.wards[code] = name
		}
		if err := rows.Err(); err != nil {
			return "", err
		}
	}
	if name := b.wards[code]; strings.TrimSpace(name) != "" {
		return name, nil
	}
	return code, nil
}
