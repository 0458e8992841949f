// Package access decides who may do what to whom.
//
// In the trade, access to a young person's record is given by a person's work:
// an adviser's caseload, a data officer's files, a manager's team, a
// commissioner's figures. It is refused unless a rule allows it.
//
// Decide answers for one question; Scope gives the condition that finds all
// for which Decide would say yes. The two must always agree.
package access

import (
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Role is one kind of work.
type Role string

// The roles.
const (
	Adviser               Role = "adviser"
	TeamManager           Role = "team manager"
	DataOfficer           Role = "data officer"
	InformationGovernance Role = "information governance"
	Administrator         Role = "administrator"
	Commissioner          Role = "commissioner"
	// Operator is whoever runs commands on the host. No account holds it.
	Operator Role = "operator"
)

// Roles are those that an account may hold.
func Roles() []Role {
	return []Role{Adviser, TeamManager, DataOfficer, InformationGovernance, Administrator, Commissioner}
}

// Action is one kind of thing to do or to see: the kind of an act or a sight.
type Action string

// The actions.
const (
	// Public needs no sign-in: the sign-in page itself, style sheets, health.
	Public Action = "public"
	// SignedIn needs any account: home, one's own account.
	SignedIn Action = "signed in"

	FindPerson      Action = "find a young person"
	SeePerson       Action = "see a young person"
	AddPerson       Action = "add a young person"
	CorrectPerson   Action = "correct a young person"
	RecordActivity  Action = "record an activity"
	RecordGuarantee Action = "record a guarantee"
	DownloadPeople  Action = "download a list of people"
	KeepList        Action = "keep a list"

	CheckFile    Action = "check a file"
	ImportFile   Action = "import a file"
	UndoImport   Action = "undo an import"
	SeeReturn    Action = "see a return"
	BuildReturn  Action = "build a return"
	MendTogether Action = "mend findings together"
	SignReturn   Action = "sign off a return"
	SendReturn   Action = "record what became of a return"
	FetchReturn  Action = "download a return"

	SeeFigures   Action = "see figures"
	ManageStaff  Action = "manage accounts"
	KeepRegister Action = "keep the register's settings"
	SignIn       Action = "sign in"
	SignOut      Action = "sign out"
)

var everybodyAtWork = []Role{Adviser, TeamManager, DataOfficer, InformationGovernance}

// rules says which roles may do what. What is not here nobody may do.
var rules = map[Action][]Role{
	FindPerson:      everybodyAtWork,
	SeePerson:       everybodyAtWork,
	AddPerson:       {Adviser, TeamManager, DataOfficer},
	CorrectPerson:   {Adviser, TeamManager, DataOfficer},
	RecordActivity:  {Adviser, TeamManager, DataOfficer},
	RecordGuarantee: {Adviser, TeamManager, DataOfficer},
	DownloadPeople:  {TeamManager, DataOfficer, InformationGovernance},
	KeepList:        everybodyAtWork,
	CheckFile:       Roles(),
	ImportFile:      {DataOfficer},
	UndoImport:      {DataOfficer},
	SeeReturn:       {TeamManager, DataOfficer, InformationGovernance},
	BuildReturn:     {DataOfficer},
	MendTogether:    {DataOfficer},
	SignReturn:      {TeamManager, DataOfficer},
	SendReturn:      {DataOfficer},
	FetchReturn:     {DataOfficer},
	SeeFigures:      Roles(),
	ManageStaff:     {Administrator},
	KeepRegister:    {Administrator},
	SignIn:          Roles(),
	SignOut:         Roles(),
	SignedIn:        Roles(),
}

// Actions are all that the rules know, and Public.
func Actions() []Action {
	all := []Action{Public}
	for a := range rules {
		all = append(all, a)
	}
	return all
}

// Actor is whoever acts or looks, in one register.
type Actor struct {
	Register id.Register
	// Ref is account:REF, operator:NAME or system; it stands in every act.
	Ref string
	// Account is 0 for commands.
	Account id.Account
	// Name is shown to people.
	Name  string
	Roles []Role
	// Request is the id of the request or command, for the log.
	Request string
	// Reason is why they look at the young person whom this request is about,
	// where they have no relation on file and have said why. It stands in every
	// sight.
	Reason string
}

// Holds says that the actor has the role.
func (a Actor) Holds(r Role) bool {
	for _, held := range a.Roles {
		if held == r {
			return true
		}
	}
	return false
}

// Denied is the refusal of one action.
type Denied struct {
	Action Action
	Reason string
}

func (d Denied) Error() string { return fmt.Sprintf("you may not %s: %s", d.Action, d.Reason) }

// Subject is what an action is about.
type Subject struct {
	Register id.Register
	// YoungPerson is 0 where the action is about nobody in particular.
	YoungPerson id.YoungPerson
}

// Decide returns nil where the actor may do the action to the subject, and
// Denied with the reason where not.
func Decide(a Actor, action Action, s Subject) error {
	if action == Public {
		return nil
	}
	if a.Ref == "" {
		return Denied{action, "you are not signed in"}
	}
	if s.Register != a.Register {
		return Denied{action, "it belongs to another register"}
	}
	if a.Holds(Operator) {
		return nil
	}
	for _, r := range rules[action] {
		if a.Holds(r) {
			return nil
		}
	}
	return Denied{action, "your role does not include it"}
}

// May is Decide for showing or hiding a link.
func May(a Actor, action Action) bool {
	return Decide(a, action, Subject{Register: a.Register}) == nil
}

// Scope adds the condition that leaves just those rows of the table (its name
// or alias, with a column register) that are about young people to whom the
// actor may do the action.
func Scope(w *db.Where, a Actor, action Action, table string) {
	if err := Decide(a, action, Subject{Register: a.Register}); err != nil {
		w.And("1 = 0")
		return
	}
	w.And(table+".register = $1", a.Register)
}
