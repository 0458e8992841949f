package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"waymark/internal/youngperson"
)

// town is a part of Saltmarsh. The post has no area QX, so no letter can go
// astray.
type town struct {
	name string
	// share is how many in a hundred live there.
	share     int
	districts []int
}

func towns() []town {
	return []town{
		{"Gullhaven", 24, []int{1, 2, 3}}, {"Marram End", 17, []int{4, 5}}, {"Sandyford Bay", 15, []int{6, 7}},
		{"Old Saltmarsh", 14, []int{8, 9}}, {"Teasel Park", 11, []int{10, 11}}, {"Curlew Green", 8, []int{12}},
		{"Ferrymoor", 6, []int{14}}, {"Little Samphire", 3, []int{15}}, {"Withy Bank", 2, []int{16}},
	}
}

const (
	streetWords = "Curlew Marram Samphire Lapwing Plover Avocet Heron Tern Kittiwake Dunlin Oystercatcher Teasel Thrift Sea@Holly Bulrush Sedge Willow Alder Hawthorn Blackthorn Orchard Mill Chapel Station Lighthouse Harbour Ropewalk Sailmaker Cooper Chandler Tollgate Priory Abbey Windmill Brickfield Foundry Cannery Lifeboat Beacon Anchor Compass Lantern Quarry Meadow Paddock Glebe Rectory Bridle Causeway Saltpan Shingle Driftwood Breakwater Promenade Jubilee Coronation Victoria Albert"
	streetKinds = "Road Street Avenue Close Drive Lane Way Grove Crescent Terrace Court Gardens Walk Place Mews Rise"
	postLetters = "ABDEFGHJLNPQRSTUWXYZ" // a postcode ends in none of C I K M O V
)

// places draws addresses.
type places struct {
	towns        []town
	words, kinds []string
}

func newPlaces() *places { return &places{towns(), list(streetWords), list(streetKinds)} }

func (p *places) address(r *rand.Rand) youngperson.Address {
	at := r.IntN(100)
	t := &p.towns[0]
	for i := range p.towns {
		if at -= p.towns[i].share; at < 0 {
			t = &p.towns[i]
			break
		}
	}
	street := pick(r, p.words) + " " + pick(r, p.kinds)
	a := youngperson.Address{Town: t.name, County: "Saltmarsh"}
	switch x := r.IntN(100); {
	case x < 7:
		a.Line1, a.Line2 = fmt.Sprintf("Flat %d", 1+r.IntN(24)), fmt.Sprintf("%d %s", 1+r.IntN(60), street)
	case x < 9:
		a.Line1, a.Line2 = pick(r, p.words)+" House", street
	default:
		a.Line1 = fmt.Sprintf("%d %s", 1+r.IntN(190), street)
	}
	if chance(r, 0.3) {
		a.County = ""
	}
	a.Postcode = fmt.Sprintf("QX%d %d%c%c", pick(r, t.districts), r.IntN(10), postLetters[r.IntN(len(postLetters))], postLetters[r.IntN(len(postLetters))])
	return a
}

// institution is a school, a college or a training provider. None exists: no
// authority has the number 995, and no provider a reference that begins 199.
type institution struct {
	name, number, ukprn string
	// activity is what somebody who goes there does (CA01).
	activity string
	share    int
}

// schools have Year 11 pupils.
func schools() []institution {
	return []institution{
		{"Gullhaven High School", "9954001", "19950001", "110", 14}, {"Marram End Academy", "9954002", "19950002", "110", 13},
		{"St Brannock's Catholic High School", "9954003", "19950003", "110", 11}, {"Sandyford Bay School", "9954004", "19950004", "110", 11},
		{"The Lapwing Academy", "9954005", "19950005", "110", 10}, {"Old Saltmarsh Grammar School", "9954006", "19950006", "110", 8},
		{"Teasel Park Community School", "9954007", "19950007", "110", 10}, {"Harbour View Academy", "9954008", "19950008", "110", 9},
		{"Curlew Green School", "9954009", "19950009", "110", 8}, {"Ferrymoor Free School", "9954010", "19950010", "110", 5},
	}
}

// alternatives are where somebody in Year 11 is who is in no mainstream school.
func alternatives() []institution {
	return []institution{
		{"The Boathouse (alternative provision)", "9951101", "19950031", "110", 5},
		{"Windmill Court School (special)", "9957001", "19950032", "110", 5},
	}
}

// sixthForms teach full time after Year 11.
func sixthForms() []institution {
	return []institution{
		{"Gullhaven High School", "9954001", "19950001", "210", 7}, {"St Brannock's Catholic High School", "9954003", "19950003", "210", 6},
		{"Old Saltmarsh Grammar School", "9954006", "19950006", "210", 8}, {"The Lapwing Academy", "9954005", "19950005", "210", 5},
		{"Saltmarsh Sixth Form College", "9958601", "19950041", "220", 29}, {"Ferrymoor Sixth Form College", "9958602", "19950042", "220", 9},
		{"Gullhaven College", "9958001", "19950043", "230", 24}, {"Estuary and Coast College", "9958002", "19950044", "230", 10},
		{"Withy Bank Land Studies College", "9958003", "19950045", "230", 2},
	}
}

// specials teach young people with a plan.
func specials() []institution {
	return []institution{
		{"Samphire House (special post-16 institution)", "9957002", "19950046", "280", 6},
		{"Windmill Court School (special)", "9957001", "19950032", "210", 3}, {"Gullhaven College", "9958001", "19950043", "230", 6},
	}
}

// trainers give training and re-engagement.
func trainers() []institution {
	return []institution{
		{"Beacon Skills", "9959999", "19950051", "410", 5}, {"Harbour Training Trust", "9959999", "19950052", "410", 4},
		{"Second Tide", "", "19950053", "530", 4},
	}
}

const employers = "Kittiwake@Café Marram@Joinery Saltmarsh@Motors Lantern@Care@Homes Bay@View@Hotel Teasel@Stores Anchor@Electrical Dunlin@Logistics Beacon@Dental Thrift@Hair@and@Beauty Ropewalk@Kitchens Samphire@Landscapes Gullhaven@Football@Trust Causeway@Plumbing@and@Heating Breakwater@Engineering"

func choose(r *rand.Rand, from []institution) institution {
	total := 0
	for i := range from {
		total += from[i].share
	}
	at := r.IntN(total)
	for i := range from {
		if at -= from[i].share; at < 0 {
			return from[i]
		}
	}
	return from[0]
}

// mobile and landline are from the numbers that Ofcom keeps free for drama.
func mobile(r *rand.Rand) string   { return fmt.Sprintf("07700 900%03d", r.IntN(1000)) }
func landline(r *rand.Rand) string { return fmt.Sprintf("01632 960%03d", r.IntN(1000)) }

// email is at a domain that is kept free for examples.
func email(r *rand.Rand, given string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(given) {
		if c >= 'a' && c <= 'z' {
			b.WriteRune(c)
		}
	}
	return fmt.Sprintf("%s.%04d@%s", b.String(), r.IntN(10000), pick(r, []string{"example.org", "mail.example.org", "post.example.org"}))
}
