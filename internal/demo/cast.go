package demo

import (
	"math/rand/v2"

	"waymark/internal/access"
	"waymark/internal/id"
)

// Password is every invented member of staff's.
const Password = "curlew-harbour-lantern"

// Staff is one invented member of staff, who may sign in.
type Staff struct {
	Name, SignIn, Team string
	Role               access.Role
	Ref                id.Ref
	// Shows is what there is to see for whoever signs in as them.
	Shows string
}

// The cast by index.
const (
	dataOfficer = iota
	otherDataOfficer
	teamManager
	governance
	administrator
	commissioner
	firstAdviser
	advisers = 6
)

// The partners stand after the advisers.
const (
	collegePartner = firstAdviser + advisers + iota
	carePartner
	contactCentre
	schoolPartner
)

// Cast is the invented staff; only their references depend on the seed.
func Cast(seed uint64) []Staff {
	people := []Staff{
		{Name: "Priya Wainwright", SignIn: "priya", Role: access.DataOfficer, Team: "Data", Shows: "import the file, mend, build and sign the return"},
		{Name: "Tomasz Bellweather", SignIn: "tomasz", Role: access.DataOfficer, Team: "Data", Shows: "the second signature"},
		{Name: "Grace Okonedo-Pell", SignIn: "grace", Role: access.TeamManager, Team: "Participation", Shows: "the team's young people, and sign-off"},
		{Name: "Harold Mistlethwaite", SignIn: "harold", Role: access.InformationGovernance, Team: "Governance", Shows: "who did and saw what"},
		{Name: "Yasmin Thornquist", SignIn: "yasmin", Role: access.Administrator, Team: "Systems", Shows: "accounts and settings"},
		{Name: "Duncan Fairweather", SignIn: "duncan", Role: access.Commissioner, Team: "Commissioning", Shows: "figures only"},
		{Name: "Niamh Castellan", SignIn: "niamh", Role: access.Adviser, Team: "Gullhaven"},
		{Name: "Bilal Hathersage", SignIn: "bilal", Role: access.Adviser, Team: "Gullhaven"},
		{Name: "Agnieszka Purcell", SignIn: "agnieszka", Role: access.Adviser, Team: "Marram End"},
		{Name: "Leroy Winstanley", SignIn: "leroy", Role: access.Adviser, Team: "Sandyford Bay"},
		{Name: "Mei Ashdown", SignIn: "mei", Role: access.Adviser, Team: "Old Saltmarsh"},
		{Name: "Idris Penhaligon", SignIn: "idris", Role: access.Adviser, Team: "SEND"},
		{Name: "Rosalind Farthingale", SignIn: "rosalind", Role: access.Partner, Team: "Saltmarsh Sixth Form College", Shows: "a college's own students, under its agreement"},
		{Name: "Osman Treadgold", SignIn: "osman", Role: access.CarePartner, Team: "Youth justice", Shows: "three young people whom an agreement names"},
		{Name: "Bronwen Ickleford", SignIn: "bronwen", Role: access.ContactCentre, Team: "Shared contact centre", Shows: "find, and record what they do"},
		{Name: "Gwilym Osterley-Vance", SignIn: "gwilym", Role: access.Partner, Team: "Gullhaven High School", Shows: "a school's own pupils: leavers, risk, destinations and offers"},
	}
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range people {
		people[i].SignIn += "@saltmarsh.example.org"
		people[i].Ref = newRef(r)
		if people[i].Shows == "" {
			people[i].Shows = "find and follow young people"
		}
	}
	return people
}

// sendAdviser works with young people who have plans.
const sendAdviser = firstAdviser + advisers - 1

func newRef(r *rand.Rand) id.Ref {
	var b [16]byte
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return id.RefFrom(b)
}
