package access

// Action is one kind of thing to do or to see: the kind of an act or a sight.
type Action string

// The actions.
const (
	// Public needs no sign-in: the sign-in page itself, style sheets, health.
	Public Action = "public"
	// SignedIn needs any account: home, one's own account.
	SignedIn Action = "signed in"

	FindPerson Action = "find a young person"
	SeePerson  Action = "see a young person"
	// ListPeople is to see people by the list: by what they do, who lapses. What
	// is listed and counted holds every field, so whoever may sees them all.
	ListPeople Action = "list young people"
	// SeeHistory is to see who told what about a young person, and when.
	SeeHistory Action = "see the history of a young person"
	// SeeSignals is to see signs of risk: attendance, exclusions, results at 16.
	SeeSignals Action = "see signs of risk"
	// SeeClaims is to see benefit claims, which came from the Department for Work
	// and Pensions under section 15 of the Education and Skills Act 2008. Each look
	// gives its ground.
	SeeClaims       Action = "see benefit claims"
	AddPerson       Action = "add a young person"
	CorrectPerson   Action = "correct a young person"
	RecordActivity  Action = "record an activity"
	RecordGuarantee Action = "record a guarantee"
	MergePeople     Action = "put two records together"
	DownloadPeople  Action = "download a list of people"
	// ReleaseExport is to let a file of very many people go that somebody else
	// asked for.
	ReleaseExport Action = "release a large download"
	KeepList      Action = "keep a list"
	// KeepCampaign is to plan campaigns and to see them all; WorkCampaign to try
	// the people of those that one was given.
	KeepCampaign Action = "keep campaigns"
	WorkCampaign Action = "work a campaign"

	// PlanVisits is to make rounds of home visits and to see them; WorkVisits is to
	// go: to check in and out, and to say what came of each door.
	PlanVisits Action = "plan visits"
	WorkVisits Action = "work a round of visits"

	CheckFile  Action = "check a file"
	ImportFile Action = "import a file"
	UndoImport Action = "undo an import"
	KeepSender Action = "keep a sender of files"
	// KeepReference is to load what others publish about places, to see what is
	// loaded, and to take it back.
	KeepReference Action = "keep reference data"
	SeeReturn     Action = "see a return"
	BuildReturn   Action = "build a return"
	MendTogether  Action = "mend findings together"
	SignReturn    Action = "sign off a return"
	SendReturn    Action = "record what became of a return"
	FetchReturn   Action = "download a return"

	// SeeAudit is to see who did and saw what, and whether the log of it is
	// whole. Seeing it is itself logged.
	SeeAudit Action = "see the audit log"

	// AskNeighbour is to be told that another authority of this house also holds a
	// record of a young person; SeeBorder lists them all, and KeepBorder says of
	// each whether it is the same, and whom others ask (package border).
	AskNeighbour Action = "be told whom else to ask"
	SeeBorder    Action = "see who is across the border"
	KeepBorder   Action = "say who is the same across the border"
	// MoveAcross is to offer a young person who moved to another authority of this
	// house, and to take or refuse who is offered; HandOver is what follows from it
	// in the other register: no role includes it (package transfer).
	MoveAcross Action = "move a young person across the border"
	HandOver   Action = "hand a young person over"

	// KeepAgreement is to keep what is shared with other organisations, and who
	// signs in for them.
	KeepAgreement Action = "keep sharing agreements"

	// RestrictRecord is to restrict records and to see which are; ReviewRestriction
	// is to look again at one that the actor answers for. Neither opens a record.
	RestrictRecord    Action = "restrict records"
	ReviewRestriction Action = "review a restriction"
	// BreakGlass is to open a locked record in need.
	BreakGlass Action = "open a locked record"
	// DeclareOwn is to say that a record is one's own or a relative's.
	DeclareOwn Action = "say that a record is one's own"
	// SeeRetention is to see how long records are kept, whose time is over and
	// what was erased; KeepRetention is to set the rules and holds and to propose;
	// ReleaseErasure is to be one of the two people who release a proposal.
	SeeRetention   Action = "see how long records are kept"
	KeepRetention  Action = "keep rules of retention"
	ReleaseErasure Action = "release an erasure"
	// ErasePerson and DeleteFiles are what the program itself does, once it may:
	// no role includes them.
	ErasePerson Action = "erase a young person"
	DeleteFiles Action = "delete files after their time"

	// SendNotice is to tell that a young person has left or may leave (Education
	// and Skills Act 2008 s.13); SeeNotices is to see all that came, SettleNotice to
	// do what follows from one, KeepNotices to send one on and to set the limits.
	SendNotice   Action = "send a leaver notice"
	SeeNotices   Action = "see leaver notices"
	SettleNotice Action = "settle a leaver notice"
	KeepNotices  Action = "send leaver notices on"
	// PartnerPages is to open the pages that are a partner's own; SendFile is to
	// send a file under one's agreement, which waits for a data officer.
	PartnerPages Action = "open a partner's own pages"
	SendFile     Action = "send a file under an agreement"
	// KeepToken is to let partners' systems in, and out.
	KeepToken Action = "keep access for partners' systems"
	// SeeCalendar is to see the days of the authority's year, and what is due;
	// KeepCalendar to add, move and take out days.
	SeeCalendar  Action = "see the calendar"
	KeepCalendar Action = "keep the calendar"
	// SeeYear is to see what the year's work has come to, in numbers: the September
	// Guarantee, intended destinations, the survey, and 1 September rehearsed. Whom
	// a number is made of, whoever may list people sees.
	SeeYear Action = "see the year's work"
	// DrawBaseline is to fix whom the September Guarantee of a year is owed.
	DrawBaseline Action = "draw a baseline"
	// FileSurvey is to file the Annual Activity Survey.
	FileSurvey Action = "file the survey"
	// RollOver is to set in one act what 1 September changes.
	RollOver Action = "roll over to the new year"
	// KeepDuty is to say whom a missed check-in of a lone worker is told.
	KeepDuty Action = "say whom a missed check-in is told"
	// SendMessage is to send texts, e-mails and letters; KeepTemplate to write what
	// they may say; StopMessages to note that somebody wants none; SettleAnswer to
	// use or to refuse what came back; TakeInAnswer is what the program itself does
	// with it: no role includes it.
	SendMessage  Action = "send messages"
	KeepTemplate Action = "keep templates of messages"
	StopMessages Action = "stop messages to a young person"
	SettleAnswer Action = "settle answers of young people"
	TakeInAnswer Action = "take in an answer"

	SeeFigures   Action = "see figures"
	ManageStaff  Action = "manage accounts"
	KeepRegister Action = "keep the register's settings"
	// BackUp is to take everything out in one file. No role includes it: it is
	// done on the host.
	BackUp  Action = "take a backup"
	SignIn  Action = "sign in"
	SignOut Action = "sign out"
)

// Actions are all that the rules know, and Public.
func Actions() []Action {
	all := []Action{Public}
	for a := range rules {
		all = append(all, a)
	}
	return all
}
