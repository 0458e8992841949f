package nccis

// FieldLabel is what the item is called on a page: "Date of birth".
func FieldLabel(f Field) string {
	switch f {
	case YoungPersonsID:
		return "YoungPersonsID"
	case CohortStatus:
		return "Cohort status"
	case GivenName:
		return "Given name"
	case MiddleName:
		return "Middle name"
	case FamilyName:
		return "Family name"
	case AddressLine1:
		return "Address line 1"
	case AddressLine2:
		return "Address line 2"
	case AddressLine3:
		return "Address line 3"
	case AddressLine4:
		return "Address line 4"
	case Town:
		return "Town"
	case County:
		return "County"
	case Postcode:
		return "Postcode"
	case Gender:
		return "Gender"
	case DOB:
		return "Date of birth"
	case Ethnicity:
		return "Ethnicity"
	case LeadLEA:
		return "Lead authority"
	case EducatedLEA:
		return "Authority where educated"
	case TransferredToLACode:
		return "Authority transferred to"
	case LEACodeAtYear11:
		return "Authority at Year 11"
	case UniqueLearnerNo:
		return "Unique learner number"
	case UniquePupilNumber:
		return "Unique pupil number"
	case GuaranteeStatusIndicator:
		return "September Guarantee indicator"
	case YouthContractIndicator:
		return "Youth Contract indicator"
	case YouthContractStartDate:
		return "Youth Contract start date"
	case PreviousYPIDIdentifier:
		return "Previous identifier"
	}
	return otherLabel(f)
}

// otherLabel has the items that are not personal details.
func otherLabel(f Field) string {
	switch f {
	case Year11GuaranteeStatus:
		return "Year 11 guarantee status"
	case Year11LEACode:
		return "Year 11 guarantee authority"
	case Year12GuaranteeStatus:
		return "Year 12 guarantee status"
	case Year12LEACode:
		return "Year 12 guarantee authority"
	case LevelOfNeedCode:
		return "Level of need"
	case SENDFlag:
		return "SEND flag"
	case SENSupportFlag:
		return "SEN support flag"
	case CharacteristicCode:
		return "Characteristic"
	case ActivityCode:
		return "Current activity"
	case StartDate:
		return "Start date"
	case DateAscertained:
		return "Date ascertained"
	case DateVerified:
		return "Date verified"
	case ReviewDate:
		return "Review date"
	case DueToLapseDate:
		return "Lapse date"
	case CurrencyLapsed:
		return "Currency lapsed"
	case EstablishmentNumber:
		return "Establishment number"
	case EstablishmentName:
		return "Establishment name"
	case UKProviderReferenceNumber:
		return "UK provider reference number"
	case NEETStartDate:
		return "NEET start date"
	case PredictedEndDate:
		return "Expected end date"
	case IntendedDestinationYr11:
		return "Intended destination after Year 11"
	case ActivitiesNode:
		return "Current activity"
	case SeptemberGuaranteeNode:
		return "September Guarantee"
	case PersonalDetailsNode:
		return "Personal details"
	}
	return "Whole record"
}
