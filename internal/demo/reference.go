package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/reference"
)

// What others would publish about Saltmarsh. The codes of its areas begin with
// an X, which no country's do.
const (
	council  = "X06000995"
	wardsX   = "X05995"
	lsoasX   = "X01995"
	wardYear = "25"
)

// electoral is a ward: the sectors of one postcode district from one digit to
// another. Level is how well off it is, from 1.
type electoral struct {
	name     string
	district int
	from, to int
	level    int
}

func electorals() []electoral {
	return []electoral{
		{"Gullhaven Harbour", 1, 0, 4, 1}, {"Gullhaven Ropewalk", 1, 5, 9, 2}, {"Gullhaven Cannery", 2, 0, 4, 1}, {"Gullhaven Priory", 2, 5, 9, 4}, {"Gullhaven Foundry", 3, 0, 4, 2}, {"Gullhaven Lights", 3, 5, 9, 5},
		{"Marram End North", 4, 0, 4, 3}, {"Marram End South", 4, 5, 9, 2}, {"Marram Dunes", 5, 0, 4, 4}, {"Marram Station", 5, 5, 9, 3},
		{"Sandyford Bay", 6, 0, 4, 7}, {"Sandyford Mill", 6, 5, 9, 6}, {"Sandyford Promenade", 7, 0, 4, 8}, {"Sandyford Chapel", 7, 5, 9, 5},
		{"Old Saltmarsh Abbey", 8, 0, 4, 6}, {"Old Saltmarsh Tollgate", 8, 5, 9, 5}, {"Saltpans", 9, 0, 4, 4}, {"Brickfields", 9, 5, 9, 2},
		{"Teasel Park East", 10, 0, 4, 2}, {"Teasel Park West", 10, 5, 9, 3}, {"Teasel Meadow", 11, 0, 4, 6}, {"Teasel Quarry", 11, 5, 9, 4},
		{"Curlew Green", 12, 0, 9, 8}, {"Ferrymoor", 14, 0, 9, 7}, {"Little Samphire", 15, 0, 9, 9}, {"Withy Bank", 16, 0, 9, 9},
	}
}

func wardCode(i int) string { return fmt.Sprintf("%s%03d", wardsX, i+1) }

func lsoaCode(district, sector int) string { return fmt.Sprintf("%s%03d", lsoasX, district*10+sector) }

// published is a file and its content.
type published struct {
	name string
	body []byte
}

// reference loads what others publish, by the data officer: that of Saltmarsh,
// under the borough's own names and numbers.
func (f *filler) reference(ctx context.Context) error {
	files := &reference.Service{DB: f.db}
	day := strings.ReplaceAll(f.w.On.AddDays(-12).String(), "-", "")
	list := []published{
		{"edubasealldata" + day + ".csv", establishmentsFile()}, {"links_edubasealldata" + day + ".csv", linksFile()}, {"ukrlp-providers.csv", providersFile()},
		{"NSPL_" + quarter(f.w.On) + "_UK.csv", f.w.postcodesFile()}, {"File_7_IoD2025_All_Ranks_Scores_Deciles.csv", deprivationFile()}, {"Wards_May_20" + wardYear + "_BUC.geojson", wardsFile()},
	}
	local := f.w.Borough.replacer()
	for _, p := range list {
		f.clock = f.clock.Add(3 * time.Minute)
		body := local.Replace(string(p.body))
		if _, err := files.Load(ctx, f.actors[0], reference.File{Name: p.name, ReaderAt: strings.NewReader(body), Size: int64(len(body))}, nil); err != nil {
			return fmt.Errorf("load %s: %w", p.name, err)
		}
	}
	return nil
}

// quarter is the month of the latest postcode directory on a day, as its file is
// called: it comes out in February, May, August and November.
func quarter(on civil.Date) string {
	m := on.AddMonths(-1).InMonth()
	for m.Month%3 != 2 {
		m = m.Add(-1)
	}
	return fmt.Sprintf("%s_%d", strings.ToUpper(m.Month.String()[:3]), m.Year)
}

func tableFile(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.WriteAll(rows) // a Buffer takes everything
	return b.Bytes()
}

// places in which somebody learns, each once.
func institutions() []institution {
	seen := map[string]bool{}
	var out []institution
	for _, list := range [][]institution{schools(), alternatives(), sixthForms(), specials(), trainers()} {
		for _, i := range list {
			if !seen[i.ukprn] {
				seen[i.ukprn] = true
				out = append(out, i)
			}
		}
	}
	return out
}

// The school that Marram End Academy was before.
const (
	formerURN  = "199900"
	formerName = "Marram End Community School"
	successor  = "9954002"
	tookOver   = "01-09-2019"
)

// ofTrainers is the number that training providers share, who are no
// establishments.
const ofTrainers = "9959999"

func urnOf(i int) string { return strconv.Itoa(199_001 + i) }

func establishmentsFile() []byte {
	rows := [][]string{{"URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName", "TypeOfEstablishment (code)", "TypeOfEstablishment (name)", "EstablishmentStatus (code)", "EstablishmentStatus (name)",
		"OpenDate", "CloseDate", "PhaseOfEducation (name)", "StatutoryLowAge", "StatutoryHighAge", "OfficialSixthForm (name)", "UKPRN", "Postcode"}}
	sixth := map[string]bool{}
	for _, i := range sixthForms() {
		sixth[i.ukprn] = true
	}
	for n, i := range institutions() {
		if i.number == "" || i.number == ofTrainers {
			continue
		}
		kind, phase, low, high, form, opened := [2]string{"01", "Community school"}, "Secondary", "11", "16", "Does not have a sixth form", ""
		switch {
		case strings.Contains(i.name, "special"):
			kind, phase, high = [2]string{"07", "Community special school"}, "Not applicable", "19"
		case strings.Contains(i.name, "Academy"), strings.Contains(i.name, "Free School"):
			kind = [2]string{"34", "Academy converter"}
		case strings.Contains(i.name, "College"):
			kind, phase, low, high, form = [2]string{"18", "Further education"}, "16 plus", "16", "99", "Not applicable"
		}
		if sixth[i.ukprn] && phase == "Secondary" {
			high, form = "18", "Has a sixth form"
		}
		if i.number == successor {
			opened = tookOver
		}
		rows = append(rows, []string{urnOf(n), Code, Name, i.number[3:], i.name, kind[0], kind[1], "1", "Open", opened, "", phase, low, high, form, i.ukprn, "QX1 1AA"})
	}
	rows = append(rows, []string{formerURN, Code, Name, "4102", formerName, "01", "Community school", "2", "Closed", "", "31-08-2019", "Secondary", "11", "16", "Does not have a sixth form", "", "QX4 1AA"})
	return tableFile(rows)
}

func linksFile() []byte {
	at := slices.IndexFunc(institutions(), func(i institution) bool { return i.number == successor })
	return tableFile([][]string{{"URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate"},
		{formerURN, urnOf(at), institutions()[at].name, "Successor", tookOver}, {urnOf(at), formerURN, formerName, "Predecessor", tookOver}})
}

func providersFile() []byte {
	rows := [][]string{{"UKPRN", "PROVIDER_NAME"}}
	for _, i := range institutions() {
		rows = append(rows, []string{i.ukprn, i.name})
	}
	return tableFile(rows)
}

// postcodesFile has every postcode at which somebody lives or lived, and one
// of each sector.
func (w *World) postcodesFile() []byte {
	codes, area := map[string]bool{}, w.Borough.area
	for _, e := range electorals() {
		for sector := e.from; sector <= e.to; sector++ {
			codes[fmt.Sprintf("%s%d %dAA", area, e.district, sector)] = true
		}
	}
	for _, p := range w.People {
		for i := range p.Addresses {
			codes[p.Addresses[i].Is.Postcode] = true
		}
	}
	list := make([]string, 0, len(codes))
	for code := range codes {
		list = append(list, code)
	}
	slices.Sort(list)
	rows := [][]string{{"pcd", "pcds", "dointr", "doterm", "oseast1m", "osnrth1m", "laua", "ward", "lsoa21"}}
	all := electorals()
	for n, code := range list {
		var district, sector int
		if _, err := fmt.Sscanf(code, area+"%d %1d", &district, &sector); err != nil {
			continue // of somebody who lives elsewhere
		}
		i := slices.IndexFunc(all, func(e electoral) bool { return e.district == district && sector >= e.from && sector <= e.to })
		if i < 0 {
			continue
		}
		east, north := corner(all[i])
		rows = append(rows, []string{code, code, "198001", "", strconv.Itoa(east + n%900 + 50), strconv.Itoa(north + n%700 + 150), council, wardCode(i), lsoaCode(district, sector)})
	}
	return tableFile(rows)
}

// deprivationFile ranks the small areas as the indices do, of 33,755.
func deprivationFile() []byte {
	rows := [][]string{{"LSOA code (2021)", "LSOA name (2021)", "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)", "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
		"Income Deprivation Affecting Children Index (IDACI) Rank (where 1 is most deprived)", "Income Deprivation Affecting Children Index (IDACI) Decile (where 1 is most deprived 10% of LSOAs)"}}
	for _, e := range electorals() {
		for sector := e.from; sector <= e.to; sector++ {
			imd, idaci := min(10, e.level+sector%2), min(10, max(1, e.level+sector%3-1))
			rank := func(decile int) string { return strconv.Itoa((decile-1)*3375 + e.district*40 + sector*17 + 1) }
			rows = append(rows, []string{lsoaCode(e.district, sector), fmt.Sprintf("Saltmarsh %03d%c", e.district, 'A'+sector), rank(imd), strconv.Itoa(imd), rank(idaci), strconv.Itoa(idaci)})
		}
	}
	return tableFile(rows)
}

// corner is where a ward lies in a sea without depth: a kilometre wide, one
// beside the other by districts.
func corner(e electoral) (east, north int) {
	return 200_000 + (e.district-1)%4*1000, 900_000 + (e.district-1)/4*2000 + e.from/5*1000
}

// wardsFile draws the wards.
func wardsFile() []byte {
	type feature struct {
		Type       string            `json:"type"`
		Properties map[string]string `json:"properties"`
		Geometry   any               `json:"geometry"`
	}
	out := struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}{Type: "FeatureCollection"}
	for i, e := range electorals() {
		x, y := corner(e)
		high := 1000
		if e.from == 0 && e.to == 9 {
			high = 2000
		}
		ring := [][2]int{{x, y}, {x + 1000, y}, {x + 1000, y + high}, {x + 600, y + high - 100}, {x, y + high}, {x, y}}
		out.Features = append(out.Features, feature{"Feature", map[string]string{"WD" + wardYear + "CD": wardCode(i), "WD" + wardYear + "NM": e.name, "LAD" + wardYear + "CD": council},
			map[string]any{"type": "Polygon", "coordinates": [][][2]int{ring}}})
	}
	body, _ := json.Marshal(out) // strings and numbers alone
	return body
}
