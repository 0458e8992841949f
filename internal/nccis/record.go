package nccis

// Field is one data item of the return, named as its element is.
type Field uint8

// The data items, in the order of the schema (nccis.md 1.1, 2).
const (
	YoungPersonsID Field = iota
	CohortStatus
	GivenName
	MiddleName
	FamilyName
	AddressLine1
	AddressLine2
	AddressLine3
	AddressLine4
	Town
	County
	Postcode
	Gender
	DOB
	Ethnicity
	LeadLEA
	EducatedLEA
	TransferredToLACode
	LEACodeAtYear11
	UniqueLearnerNo
	UniquePupilNumber
	GuaranteeStatusIndicator
	YouthContractIndicator
	YouthContractStartDate
	PreviousYPIDIdentifier
	Year11GuaranteeStatus
	Year11LEACode
	Year12GuaranteeStatus
	Year12LEACode
	LevelOfNeedCode
	SENDFlag
	SENSupportFlag
	ActivityCode
	StartDate
	DateAscertained
	DateVerified
	ReviewDate
	DueToLapseDate
	CurrencyLapsed
	EstablishmentNumber
	EstablishmentName
	UKProviderReferenceNumber
	NEETStartDate
	PredictedEndDate
	IntendedDestinationYr11

	// FieldCount is how many there are.
	FieldCount

	// CharacteristicCode may repeat, so a Record keeps it apart from the others.
	CharacteristicCode
	// ActivitiesNode, SeptemberGuaranteeNode, PersonalDetailsNode and
	// WholeRecord are where a finding points that is about no single item.
	ActivitiesNode
	SeptemberGuaranteeNode
	PersonalDetailsNode
	WholeRecord
)

// Record is one young person as one file states them: every value is the text
// that came, with outer white space removed, and "" where the element is
// absent or empty. Nothing is judged here; Check judges.
type Record struct {
	// Position is the record's place in its file, from 1.
	Position int
	// Values holds the items that occur once, by Field.
	Values [FieldCount]string
	// Characteristics are the individual characteristics (IC01), as they came.
	Characteristics []string
	// NoActivities says that the Activities node is absent (error 240).
	NoActivities bool
	// Unknown are elements that no edition, or not this one, has here.
	Unknown []UnknownElement
}

// UnknownElement is an element met inside a record that the edition in use
// does not hold.
type UnknownElement struct {
	Name, Value string
	// Editions are the editions that do hold it, in words; empty where none does.
	Editions string
}

// Get is the value of one item; for CharacteristicCode the codes, with spaces.
func (r *Record) Get(f Field) string {
	if f < FieldCount {
		return r.Values[f]
	}
	if f == CharacteristicCode {
		out := ""
		for i, c := range r.Characteristics {
			if i > 0 {
				out += " "
			}
			out += c
		}
		return out
	}
	return ""
}

// Has says that the characteristic is among the record's.
func (r *Record) Has(characteristic string) bool {
	for _, c := range r.Characteristics {
		if c == characteristic {
			return true
		}
	}
	return false
}

// Header is the FileHeader: who sends which month of which authorities.
type Header struct {
	DatabaseIDs        []string
	LEACodes           []string
	DateOfSend         string
	PeriodEnd          string
	SupplierName       string
	SupplierXMLVersion string
	XMLSchemaVersion   string
}
