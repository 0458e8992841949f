package access

var everybodyAtWork = []Role{Adviser, TeamManager, DataOfficer, InformationGovernance}

// and adds roles to others.
func and(roles []Role, more ...Role) []Role { return append(append([]Role{}, roles...), more...) }

// rules says which roles may do what. What is not here nobody may do. To whom
// a role may do it, its reach says.
var rules = map[Action][]Role{
	FindPerson:      and(everybodyAtWork, ContactCentre, Partner, CarePartner),
	SeePerson:       and(everybodyAtWork, ContactCentre, Partner, CarePartner),
	ListPeople:      everybodyAtWork,
	SeeHistory:      everybodyAtWork,
	SeeSignals:      {Adviser, TeamManager, DataOfficer},
	SeeClaims:       {Adviser, TeamManager, DataOfficer},
	AddPerson:       {Adviser, TeamManager, DataOfficer},
	CorrectPerson:   {Adviser, TeamManager, DataOfficer},
	RecordActivity:  {Adviser, TeamManager, DataOfficer, ContactCentre},
	RecordGuarantee: {Adviser, TeamManager, DataOfficer},
	MergePeople:     {TeamManager, DataOfficer},
	DownloadPeople:  {TeamManager, DataOfficer, InformationGovernance},
	ReleaseExport:   {TeamManager, DataOfficer, InformationGovernance},
	KeepList:        everybodyAtWork,
	PlanVisits:      {Adviser, TeamManager, DataOfficer},
	WorkVisits:      {Adviser, TeamManager},
	KeepDuty:        {TeamManager},
	KeepCampaign:    {TeamManager, DataOfficer},
	WorkCampaign:    {Adviser, TeamManager, DataOfficer, ContactCentre},
	CheckFile:       staff(),
	ImportFile:      {DataOfficer},
	UndoImport:      {DataOfficer},
	KeepSender:      {DataOfficer},
	KeepReference:   {DataOfficer, Administrator},
	SeeReturn:       {TeamManager, DataOfficer, InformationGovernance},
	BuildReturn:     {DataOfficer},
	MendTogether:    {DataOfficer},
	SignReturn:      {TeamManager, DataOfficer},
	SendReturn:      {DataOfficer},
	FetchReturn:     {DataOfficer},
	AskNeighbour:    everybodyAtWork,
	SeeBorder:       {TeamManager, DataOfficer},
	KeepBorder:      {DataOfficer},
	MoveAcross:      {TeamManager, DataOfficer},
	HandOver:        {},
	SeeAudit:        {InformationGovernance},
	SeeRetention:    {InformationGovernance, TeamManager},
	KeepRetention:   {InformationGovernance},
	ReleaseErasure:  {InformationGovernance, TeamManager},
	ErasePerson:     {},
	DeleteFiles:     {},
	SendMessage:     {Adviser, TeamManager, DataOfficer},
	KeepTemplate:    {TeamManager, DataOfficer},
	StopMessages:    and(everybodyAtWork, ContactCentre),
	SettleAnswer:    {Adviser, TeamManager, DataOfficer},
	TakeInAnswer:    {},
	SeeFigures:      staff(),
	SeeCalendar:     staff(),
	KeepCalendar:    {TeamManager, DataOfficer},
	SeeYear:         and(everybodyAtWork, Commissioner),
	DrawBaseline:    {TeamManager, DataOfficer},
	FileSurvey:      {TeamManager, DataOfficer},
	RollOver:        {TeamManager, DataOfficer},
	ManageStaff:     {Administrator},
	KeepRegister:    {Administrator},
	BackUp:          nil,
	KeepAgreement:   {InformationGovernance},
	SendNotice:      {Adviser, TeamManager, DataOfficer, Partner},
	SeeNotices:      {Adviser, TeamManager, DataOfficer},
	SettleNotice:    {Adviser, TeamManager, DataOfficer},
	KeepNotices:     {TeamManager, DataOfficer},
	PartnerPages:    {Partner},
	SendFile:        {Partner},
	KeepToken:       {InformationGovernance, Administrator},
	SignIn:          Roles(),
	SignOut:         Roles(),
	SignedIn:        Roles(),

	RestrictRecord:    {InformationGovernance},
	ReviewRestriction: everybodyAtWork,
	BreakGlass:        everybodyAtWork,
	DeclareOwn:        and(everybodyAtWork, ContactCentre),

	SeePublications:    {TeamManager, DataOfficer, Commissioner, InformationGovernance},
	PublishFigures:     {TeamManager, DataOfficer, Commissioner},
	FreezeFigures:      {TeamManager, DataOfficer},
	RecordOptOut:       everybodyAtWork,
	RecordRequest:      everybodyAtWork,
	KeepRequests:       {InformationGovernance},
	ReleasePack:        {InformationGovernance},
	RestrictProcessing: {InformationGovernance},
	LogDisclosure:      {InformationGovernance},
}

// Reach is to whom a role may do an action.
type Reach int

// The reaches, the furthest last.
const (
	// Nobody is the answer to whatever no rule allows.
	Nobody Reach = iota
	// Theirs are the young people of the agreements in force with the actor's
	// organisation.
	Theirs
	// Everybody is everybody of the register.
	Everybody
)

func (r Reach) String() string {
	return [...]string{"nobody", "those of an agreement in force", "everybody"}[r]
}

// ReachOf is to whom the actor's roles let them do the action, before anything
// forbids it.
func ReachOf(a Actor, action Action) Reach {
	if a.Holds(Operator) {
		return Everybody
	}
	furthest := Nobody
	for _, r := range rules[action] {
		if !a.Holds(r) {
			continue
		}
		if !r.ByAgreement() {
			return Everybody
		}
		furthest = Theirs
	}
	return furthest
}
