package access

// Role is one kind of work.
type Role string

// The roles. The first six are the authority's own; the others are of those
// who work beside it.
const (
	Adviser               Role = "adviser"
	TeamManager           Role = "team manager"
	DataOfficer           Role = "data officer"
	InformationGovernance Role = "information governance"
	Administrator         Role = "administrator"
	Commissioner          Role = "commissioner"
	// ContactCentre is the contact centre that several authorities share: it
	// finds people, sees them, and records what they say they do.
	ContactCentre Role = "shared contact centre"
	// Partner is somebody at a school, a college or a training provider.
	Partner Role = "partner: school, college or provider"
	// CarePartner is somebody in a youth justice or a care team.
	CarePartner Role = "partner: youth justice or care"
	// Operator is whoever runs commands on the host. No account holds it.
	Operator Role = "operator"
)

// Roles are those that an account may hold.
func Roles() []Role {
	return append(staff(), ContactCentre, Partner, CarePartner)
}

// staff are the authority's own roles.
func staff() []Role {
	return []Role{Adviser, TeamManager, DataOfficer, InformationGovernance, Administrator, Commissioner}
}

// ByAgreement says that whoever holds the role sees only the young people of
// an agreement that is in force with their organisation (ux-security.md 5.7).
func (r Role) ByAgreement() bool { return r == Partner || r == CarePartner }
