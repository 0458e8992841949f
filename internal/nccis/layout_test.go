package nccis

import (
	"strings"
	"testing"
)

func TestEveryFieldHasItsElementsName(t *testing.T) {
	for f, want := range map[Field]string{
		YoungPersonsID: "YoungPersonsID", CohortStatus: "CohortStatus", GivenName: "GivenName", MiddleName: "MiddleName", FamilyName: "FamilyName",
		AddressLine1: "AddressLine1", AddressLine2: "AddressLine2", AddressLine3: "AddressLine3", AddressLine4: "AddressLine4", Town: "Town", County: "County", Postcode: "Postcode",
		Gender: "Gender", DOB: "DOB", Ethnicity: "Ethnicity", LeadLEA: "LeadLEA", EducatedLEA: "EducatedLEA", TransferredToLACode: "TransferredToLACode",
		LEACodeAtYear11: "LEACodeAtYear11", UniqueLearnerNo: "UniqueLearnerNo", UniquePupilNumber: "UniquePupilNumber", GuaranteeStatusIndicator: "GuaranteeStatusIndicator",
		YouthContractIndicator: "YouthContractIndicator", YouthContractStartDate: "YouthContractStartDate", PreviousYPIDIdentifier: "PreviousYPIDIdentifier",
		Year11GuaranteeStatus: "Year11/GuaranteeStatus", Year11LEACode: "Year11/LEACode", Year12GuaranteeStatus: "Year12/GuaranteeStatus", Year12LEACode: "Year12/LEACode",
		LevelOfNeedCode: "LevelOfNeedCode", SENDFlag: "SENDFlag", SENSupportFlag: "SENSupportFlag", ActivityCode: "ActivityCode", StartDate: "StartDate",
		DateAscertained: "DateAscertained", DateVerified: "DateVerified", ReviewDate: "ReviewDate", DueToLapseDate: "DueToLapseDate", CurrencyLapsed: "CurrencyLapsed",
		EstablishmentNumber: "EstablishmentNumber", EstablishmentName: "EstablishmentName", UKProviderReferenceNumber: "UKProviderReferenceNumber",
		NEETStartDate: "NEETStartDate", PredictedEndDate: "PredictedEndDate", IntendedDestinationYr11: "IntendedDestinationYr11", CharacteristicCode: "CharacteristicCode",
		ActivitiesNode: "Activities", SeptemberGuaranteeNode: "SeptemberGuarantee", PersonalDetailsNode: "PersonalDetails", WholeRecord: "YoungPersonsRecord",
	} {
		if f.String() != want {
			t.Errorf("field %d is called %s, want %s", uint8(f), f, want)
		}
		if back, ok := ParseField(want); !ok || back != f {
			t.Errorf("%s was found as %v, %v", want, back, ok)
		}
	}
	for spelling, want := range map[string]Field{"LDDFlag": SENDFlag, "NeetStartDate": NEETStartDate, "LevelofNeedCode": LevelOfNeedCode, "Characteristic": CharacteristicCode} {
		if f, ok := ParseField(spelling); !ok || f != want {
			t.Errorf("%s was found as %v, %v", spelling, f, ok)
		}
	}
	for _, none := range []string{"", "GuaranteeStatus", "LEACode", "Shoe"} {
		if f, ok := ParseField(none); ok {
			t.Errorf("%q was found as %v", none, f)
		}
	}
	if FieldCount.String() == "" || FieldCount.Editions() != "" {
		t.Error("what is no field must still have something to print")
	}
}

func TestLayoutIsRefused(t *testing.T) {
	head := strings.SplitAfter(layoutCSV, "\n")[0]
	for name, text := range map[string]string{
		"an orphan":       head + ",NCCIS,,,,,,S,\nNowhere,X,,,,,,S,\n",
		"too few fields":  head + ",NCCIS,,,,,,S,\n",
		"too many fields": layoutCSV + "Cohort,X,X,,,,,S,\n",
		"a short row":     layoutCSV + "Cohort,X\n",
	} {
		if _, err := readLayout(text); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
