package demo

import (
	"math/rand/v2"
	"strings"
)

// Borough is one of the invented authorities, which lie beside one another.
// Saltmarsh is the first; each other is laid out as it is, under other names.
type Borough struct {
	// Code is the authority's, and its register's database id.
	Code, Name string
	// area is that of its postcodes: the post has none that begins with a Q.
	area string
	// words are its own for those of Saltmarsh, in their order.
	words string
}

// saltmarshWords are what towns, schools and services of Saltmarsh are called
// after.
const saltmarshWords = "Gullhaven|Marram End|Sandyford Bay|Teasel Park|Curlew Green|Ferrymoor|Little Samphire|Withy Bank|St Brannock|Lapwing|Harbour View|Boathouse|Windmill Court|Estuary and Coast|Samphire House|Beacon Skills|Harbour Training|Second Tide|Saltmarsh"

// boroughs are all there are.
func boroughs() []Borough {
	return []Borough{
		{Code, Name, "QX", saltmarshWords},
		{"996", "Kingsfell", "QK", "Thornscar|Hagg End|Ravensgill|Heather Park|Plover Green|Brackenmoor|Little Rushmere|Alder Bank|St Osburga|Peregrine|Fell View|Sheepfold|Millrace Court|Moor and Dale|Rowan House|Summit Skills|Beckside Training|Second Ascent|Kingsfell"},
		{"994", "Fallowmere", "QF", "Oxenholt|Barley End|Larkfield Cross|Clover Park|Linnet Green|Stubblemoor|Little Fallow|Osier Bank|St Wendreda|Partridge|Mere View|Granary|Orchard Court|Vale and Fen|Hazel House|Harrow Skills|Millpond Training|Second Furrow|Fallowmere"},
		{"993", "Wexcombe", "QW", "Combeford|Chalk End|Downland Cross|Juniper Park|Skylark Green|Flintmoor|Little Combe|Hazel Bank|St Cuthfleda|Kestrel|Down View|Dewpond|Quarry Court|Chalk and Vale|Spindle House|Ridgeway Skills|Drover Training|Second Track|Wexcombe"},
		{"992", "Aldersea", "QA", "Wrackhaven|Dune End|Pebblesea Bay|Tamarisk Park|Tern Green|Spurnmoor|Little Alder|Shingle Bank|St Hyacinthe|Avocet|Sea View|Netloft|Lighthouse Court|Creek and Shore|Kelp House|Compass Skills|Mooring Training|Second Wave|Aldersea"},
		{"991", "Northmere", "QN", "Larchwater|Forge End|Coldbeck Cross|Rowan Park|Heron Green|Kilnmoor|Little Mere|Willow Bank|St Ebbanbert|Goshawk|Lake View|Smithy|Weir Court|Lakes and Forge|Birch House|Anvil Skills|Jetty Training|Second Spark|Northmere"},
	}
}

// MostBoroughs is how many authorities can be invented beside one another.
func MostBoroughs() int { return len(boroughs()) }

// replacer writes Saltmarsh's words, postcodes and numbers as the borough's.
func (b Borough) replacer() *strings.Replacer {
	from, to := strings.Split(saltmarshWords, "|"), strings.Split(b.words, "|")
	pairs := []string{"QX", b.area, Code, b.Code, "saltmarsh", b.domain()}
	for i := range from {
		pairs = append(pairs, from[i], to[i])
	}
	return strings.NewReplacer(pairs...)
}

// domain is the borough's name as an address has it.
func (b Borough) domain() string { return strings.ToLower(b.Name) }

// first says that it is Saltmarsh, in whose words everything is invented.
func (b Borough) first() bool { return b.Code == Code }

// StaffOf are those who may sign in to one of the boroughs that a seed gives, by
// its place among them.
func StaffOf(borough int, seed uint64) []Staff {
	return boroughs()[borough].staff(seedOf(borough, seed))
}

// seedOf is the seed of one borough: that of the first is the demo's.
func seedOf(borough int, seed uint64) uint64 { return seed + uint64(borough)*1_000_003 }

// staff are the cast under names of their own, in the borough's places.
func (b Borough) staff(seed uint64) []Staff {
	cast := Cast(seed)
	if b.first() {
		return cast
	}
	r, names, local := rand.New(rand.NewPCG(seed, 1<<45)), newNamer(), b.replacer()
	taken := map[string]bool{}
	for i := range cast {
		s := &cast[i]
		for {
			origin := names.origin(r)
			given, family := origin.given(r, pick(r, []string{"F", "M"})), pick(r, origin.kins)
			name := strings.ToLower(given)
			if len(name) < 3 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" || taken[name] {
				continue
			}
			taken[name] = true
			s.Name, s.SignIn = given+" "+family, name+"@"+b.domain()+".example.org"
			break
		}
		s.Team, s.Shows = local.Replace(s.Team), local.Replace(s.Shows)
	}
	return cast
}

// localise writes everything told of everybody in the borough's own words.
func (w *World) localise() {
	if w.Borough.first() {
		return
	}
	local := w.Borough.replacer()
	say := func(texts ...*string) {
		for _, t := range texts {
			*t = local.Replace(*t)
		}
	}
	for i := range w.Sources {
		say(&w.Sources[i].SaidBy)
	}
	for _, p := range w.People {
		for i := range p.Addresses {
			a := &p.Addresses[i].Is
			say(&a.Town, &a.County, &a.Postcode)
		}
		for i := range p.Spells {
			s := &p.Spells[i].Is
			say(&s.EstablishmentName, &s.EstablishmentNumber, &s.UKPRN)
		}
		for i := range p.Statuses {
			s := &p.Statuses[i].Is
			say(&s.LeadLA, &s.EducatedLA, &s.LAAtYear11)
		}
		for i := range p.Guarantees {
			say(&p.Guarantees[i].Is.LACode)
		}
		for i := range p.Offers {
			o := &p.Offers[i].Is
			say(&o.Place, &o.Number, &o.UKPRN)
		}
	}
}
