package layout

import "fmt"

// Item is one thing that a column of a partner's file can hold.
type Item uint8

// The items, those of one subject together. Their order may change: what is
// kept is their name (MarshalText).
const (
	// None takes no part.
	None Item = iota
	Given
	Middle
	Family
	KnownAs
	FormerFamily
	// FullName is "Surname, First" or "First Surname" in one cell.
	FullName
	DOB
	Sex
	Ethnicity
	UPN
	FormerUPN
	ULN
	YoungPersonsID
	// TheirRef is the sender's own number for the person.
	TheirRef
	House
	// Street is the first line of the address, Locality the second.
	Street
	Locality
	Line3
	Line4
	Town
	County
	Postcode
	// FullAddress is a whole address in one cell.
	FullAddress
	Telephone
	Mobile
	Email
	CarerName
	CarerRelationship
	CarerTelephone
	CarerEmail
	YearGroup
	// SchoolName is the school, college or provider by name.
	SchoolName
	// SchoolNumber is the authority's three digits and the establishment's four.
	SchoolNumber
	// URN is the establishment's six digits in the Department's register.
	URN
	UKPRN
	Employer
	Course
	// CourseCode is the number under which a place offers the course.
	CourseCode
	// Mode is full time (FT) or part time (PT).
	Mode
	// Hours are planned hours a year.
	Hours
	// Activity is what the young person does: the sender's words or a code.
	Activity
	Start
	PredictedEnd
	// End is the day on which somebody left.
	End
	LeavingReason
	// Destination is where somebody wants to go (intended destinations) or
	// where they went (leavers).
	Destination
	// ProgType is the ILR's number of a programme: 25 is an apprenticeship.
	ProgType
	// OutType and OutCode are a learner's outcome in the ILR.
	OutType
	OutCode
	Offer
	OfferInstitution
	// OfferState is what has become of the offer itself: made, accepted, declined.
	OfferState
	// OfferNumber is the establishment number of the place that offered, OfferUKPRN
	// its UKPRN and OfferURN its URN.
	OfferNumber
	OfferUKPRN
	OfferURN
	// SEND is whether there is a current education, health and care plan.
	SEND
	SENSupport
	// Characteristic holds codes with a space between.
	Characteristic
	LevelOfNeed
	// Attendance is per cent of sessions.
	Attendance
	// Exclusions are how many suspensions or exclusions.
	Exclusions
	// DaysExcluded are the school days that those took, SessionsExcluded the same
	// in half days.
	DaysExcluded
	SessionsExcluded
	KS4Points
	KS4English
	KS4Maths
	// Claim is which benefit is claimed.
	Claim
	ClaimStart
	// LACode is the authority that the row belongs to.
	LACode
	// CheckedOn is the day for which the row was true.
	CheckedOn
	// OptOut is that the young person or parent has said no to sharing more
	// than identity and address (Education and Skills Act 2008 s.14).
	OptOut
	Note
	// Count is how many items there are.
	Count
)

// form is what values of an item look like.
type form uint8

const (
	anyForm form = iota
	nameForm
	dateForm
	upnForm
	ulnForm
	postcodeForm
	phoneForm
	emailForm
	codedForm // words translated into a code of the item's list
	digitsForm
	flagForm
	textForm
)

// about is what is known of one item.
type about struct {
	name, words string
	form        form
	list        List
	min, max    int // of digits
}

var items = [Count]about{
	None:              {name: "", words: "nothing that is used"},
	Given:             {name: "Given", words: "given name", form: nameForm},
	Middle:            {name: "Middle", words: "middle name", form: nameForm},
	Family:            {name: "Family", words: "family name", form: nameForm},
	KnownAs:           {name: "KnownAs", words: "known as", form: nameForm},
	FormerFamily:      {name: "FormerFamily", words: "former family name", form: nameForm},
	FullName:          {name: "FullName", words: "whole name", form: nameForm},
	DOB:               {name: "DOB", words: "date of birth", form: dateForm},
	Sex:               {name: "Sex", words: "sex or gender", form: codedForm, list: Sexes},
	Ethnicity:         {name: "Ethnicity", words: "ethnicity", form: codedForm, list: Ethnicities},
	UPN:               {name: "UPN", words: "unique pupil number", form: upnForm},
	FormerUPN:         {name: "FormerUPN", words: "former unique pupil number", form: upnForm},
	ULN:               {name: "ULN", words: "unique learner number", form: ulnForm},
	YoungPersonsID:    {name: "YoungPersonsID", words: "young person's identifier", form: digitsForm, min: 13, max: 13},
	TheirRef:          {name: "TheirRef", words: "the sender's own reference", form: textForm},
	House:             {name: "House", words: "house number or name", form: textForm},
	Street:            {name: "Street", words: "address line 1", form: textForm},
	Locality:          {name: "Locality", words: "address line 2", form: textForm},
	Line3:             {name: "Line3", words: "address line 3", form: textForm},
	Line4:             {name: "Line4", words: "address line 4", form: textForm},
	Town:              {name: "Town", words: "town", form: textForm},
	County:            {name: "County", words: "county", form: textForm},
	Postcode:          {name: "Postcode", words: "postcode", form: postcodeForm},
	FullAddress:       {name: "FullAddress", words: "whole address", form: textForm},
	Telephone:         {name: "Telephone", words: "telephone number", form: phoneForm},
	Mobile:            {name: "Mobile", words: "mobile number", form: phoneForm},
	Email:             {name: "Email", words: "e-mail address", form: emailForm},
	CarerName:         {name: "CarerName", words: "parent or carer", form: textForm},
	CarerRelationship: {name: "CarerRelationship", words: "carer's relationship", form: textForm},
	CarerTelephone:    {name: "CarerTelephone", words: "carer's telephone number", form: phoneForm},
	CarerEmail:        {name: "CarerEmail", words: "carer's e-mail address", form: emailForm},
	YearGroup:         {name: "YearGroup", words: "year group", form: digitsForm, min: 1, max: 2},
	SchoolName:        {name: "SchoolName", words: "school, college or provider", form: textForm},
	SchoolNumber:      {name: "SchoolNumber", words: "establishment number", form: digitsForm, min: 4, max: 7},
	URN:               {name: "URN", words: "URN of the establishment", form: digitsForm, min: 5, max: 6},
	UKPRN:             {name: "UKPRN", words: "UK provider reference number", form: digitsForm, min: 8, max: 8},
	Employer:          {name: "Employer", words: "employer", form: textForm},
	Course:            {name: "Course", words: "course", form: textForm},
	CourseCode:        {name: "CourseCode", words: "number of the course", form: textForm},
	Mode:              {name: "Mode", words: "full or part time", form: codedForm, list: Modes},
	Hours:             {name: "Hours", words: "planned hours", form: digitsForm, min: 1, max: 4},
	Activity:          {name: "Activity", words: "current activity", form: codedForm, list: Activities},
	Start:             {name: "Start", words: "start date", form: dateForm},
	PredictedEnd:      {name: "PredictedEnd", words: "predicted end date", form: dateForm},
	End:               {name: "End", words: "leaving date", form: dateForm},
	LeavingReason:     {name: "LeavingReason", words: "reason for leaving", form: codedForm, list: LeavingReasons},
	Destination:       {name: "Destination", words: "destination", form: codedForm, list: Activities},
	ProgType:          {name: "ProgType", words: "programme type", form: textForm},
	OutType:           {name: "OutType", words: "outcome type", form: textForm},
	OutCode:           {name: "OutCode", words: "outcome code", form: digitsForm, min: 1, max: 2},
	Offer:             {name: "Offer", words: "September Guarantee status", form: codedForm, list: Offers},
	OfferInstitution:  {name: "OfferInstitution", words: "where the offer is", form: textForm},
	OfferState:        {name: "OfferState", words: "what became of the offer", form: codedForm, list: OfferStates},
	OfferNumber:       {name: "OfferNumber", words: "number of the place that offered", form: digitsForm, min: 4, max: 7},
	OfferUKPRN:        {name: "OfferUKPRN", words: "UKPRN of the place that offered", form: digitsForm, min: 8, max: 8},
	OfferURN:          {name: "OfferURN", words: "URN of the place that offered", form: digitsForm, min: 5, max: 6},
	SEND:              {name: "SEND", words: "education, health and care plan", form: codedForm, list: Plans},
	SENSupport:        {name: "SENSupport", words: "SEN support", form: codedForm, list: Supports},
	Characteristic:    {name: "Characteristic", words: "characteristic", form: codedForm, list: Characteristics},
	LevelOfNeed:       {name: "LevelOfNeed", words: "level of need", form: codedForm, list: LevelsOfNeed},
	Attendance:        {name: "Attendance", words: "attendance", form: textForm},
	Exclusions:        {name: "Exclusions", words: "suspensions and exclusions", form: textForm},
	DaysExcluded:      {name: "DaysExcluded", words: "days suspended or excluded", form: textForm},
	SessionsExcluded:  {name: "SessionsExcluded", words: "sessions suspended or excluded", form: textForm},
	KS4Points:         {name: "KS4Points", words: "Attainment 8 or points", form: textForm},
	KS4English:        {name: "KS4English", words: "English at key stage 4", form: textForm},
	KS4Maths:          {name: "KS4Maths", words: "mathematics at key stage 4", form: textForm},
	Claim:             {name: "Claim", words: "benefit claimed", form: textForm},
	ClaimStart:        {name: "ClaimStart", words: "start of the claim", form: dateForm},
	LACode:            {name: "LACode", words: "local authority", form: digitsForm, min: 3, max: 3},
	CheckedOn:         {name: "CheckedOn", words: "checked on", form: dateForm},
	OptOut:            {name: "OptOut", words: "opt-out of sharing", form: codedForm, list: YesNo},
	Note:              {name: "Note", words: "note", form: textForm},
}

// String is the item's name as files keep it: "FormerUPN"; "" for None.
func (i Item) String() string {
	if i < Count {
		return items[i].name
	}
	return fmt.Sprintf("Item(%d)", uint8(i))
}

// Words is the item as a page names it, without a capital: "date of birth".
func (i Item) Words() string {
	if i < Count {
		return items[i].words
	}
	return i.String()
}

// List is the list whose codes the item holds; "" where it holds no code. A
// kind of file may hold codes of another list in it (Kind.List).
func (i Item) List() List {
	if i < Count {
		return items[i].list
	}
	return ""
}

// IsDate says that the item holds a date, so that its order of day and month matters.
func (i Item) IsDate() bool { return i < Count && items[i].form == dateForm }

// ParseItem finds an item by its name; "" is None.
func ParseItem(name string) (Item, bool) {
	for i, a := range items {
		if a.name == name {
			return Item(i), true
		}
	}
	return None, false
}

// Items are all items but None, in their order.
func Items() []Item {
	all := make([]Item, 0, Count-1)
	for i := None + 1; i < Count; i++ {
		all = append(all, i)
	}
	return all
}

// MarshalText writes the item's name.
func (i Item) MarshalText() ([]byte, error) {
	if i >= Count {
		return nil, fmt.Errorf("layout: %d is no item", uint8(i))
	}
	return []byte(items[i].name), nil
}

// UnmarshalText reads what MarshalText wrote.
func (i *Item) UnmarshalText(b []byte) error {
	found, ok := ParseItem(string(b))
	if !ok {
		return fmt.Errorf("layout: %q is no item that a column can hold", b)
	}
	*i = found
	return nil
}
