package nccis

import (
	"slices"
	"strings"
	"testing"

	"waymark/internal/civil"
)

// sound is a record without fault for the period that the header names: Year
// 12 in October 2026, in further education. For 2015-16 the older items differ.
func sound(e *Edition, h Header) *Record {
	end := civil.MustParse(h.PeriodEnd)
	year := end.AcademicYear()
	born := civil.Must(int(year)-16, 3, 14)
	r := &Record{Position: 1}
	for f, v := range map[Field]string{
		YoungPersonsID: "9910000004711", CohortStatus: "P", GivenName: "Ottoline", MiddleName: "Jay", FamilyName: "O'Fennel-Brook",
		AddressLine1: "1 Sample Street", Town: "Mereport", Postcode: "L1 1AA", Gender: "F", DOB: born.String(), Ethnicity: "WBRI",
		LeadLEA: "343", EducatedLEA: "344", LEACodeAtYear11: "343", UniqueLearnerNo: "1000053147", UniquePupilNumber: "H801200001001",
		GuaranteeStatusIndicator: "Y", PreviousYPIDIdentifier: "8880000000001",
		Year11GuaranteeStatus: "110", Year11LEACode: "343", Year12GuaranteeStatus: "", Year12LEACode: "",
		LevelOfNeedCode: "3", SENDFlag: "N", SENSupportFlag: "N",
		ActivityCode: "230", StartDate: year.Start().AddDays(2).String(), DateAscertained: year.Start().AddDays(9).String(),
		DateVerified: year.Start().AddDays(20).String(), DueToLapseDate: year.End().String(), CurrencyLapsed: "N",
		EstablishmentNumber: "3439999", EstablishmentName: "Mereport College", UKProviderReferenceNumber: "10000001",
		PredictedEndDate: year.End().AddYears(1).String(), IntendedDestinationYr11: "111",
	} {
		r.Values[f] = v
	}
	if !e.HasField(SENSupportFlag) {
		r.Values[SENSupportFlag] = ""
		r.Values[YouthContractIndicator] = "N"
	}
	return r
}

func headerFor(e *Edition) Header {
	end := civil.Must(e.Starts.Year(), 10, 31)
	return Header{DatabaseIDs: []string{"991", "123"}, LEACodes: []string{"343", "341"}, DateOfSend: end.AddDays(4).String(), PeriodEnd: end.String()}
}

// born makes the record's young person be in the year group, in the month of
// the header.
func born(r *Record, h Header, group int) {
	year := civil.MustParse(h.PeriodEnd).AcademicYear()
	r.Values[DOB] = civil.Must(int(year)-group-4, 3, 14).String()
}

func inYear11(r *Record, h Header) {
	born(r, h, 11)
	r.Values[ActivityCode] = "110"
	r.Values[GuaranteeStatusIndicator], r.Values[Year11GuaranteeStatus], r.Values[Year11LEACode], r.Values[LEACodeAtYear11] = "N", "", "", ""
}

func neet(r *Record, code string, characteristics ...string) {
	r.Values[ActivityCode], r.Values[NEETStartDate] = code, r.Values[StartDate]
	r.Values[DueToLapseDate], r.Values[PredictedEndDate] = "", ""
	r.Characteristics = characteristics
}

// set makes a change of values, given as field and value by turns.
func set(pairs ...any) func(*Record, Header) {
	return func(r *Record, _ Header) {
		for i := 0; i < len(pairs); i += 2 {
			r.Values[pairs[i].(Field)] = pairs[i+1].(string)
		}
	}
}

func grow(group int, pairs ...any) func(*Record, Header) {
	return func(r *Record, h Header) {
		born(r, h, group)
		set(pairs...)(r, h)
	}
}

func year11(pairs ...any) func(*Record, Header) {
	return func(r *Record, h Header) {
		inYear11(r, h)
		set(pairs...)(r, h)
	}
}

func neetWith(code string, characteristics ...string) func(*Record, Header) {
	return func(r *Record, _ Header) { neet(r, code, characteristics...) }
}

// checkCase is a change that makes the check fail, and one near to it that does not.
type checkCase struct {
	id        string
	bad, good func(*Record, Header)
	// only is the one edition in which the case holds, "" for all with the check.
	only string
	// field and value are what the finding points to; "" is not compared.
	field Field
	value string
}

func checkCases() []checkCase {
	return []checkCase{
		{id: "1", bad: set(YoungPersonsID, "991000000471"), good: set(YoungPersonsID, "9910000000001"), field: YoungPersonsID, value: "991000000471"},
		{id: "1", bad: set(YoungPersonsID, ""), good: set(), field: YoungPersonsID},
		{id: "2", bad: set(GivenName, ""), good: set(GivenName, "A"), field: GivenName},
		{id: "3", bad: set(FamilyName, ""), good: set(FamilyName, "B"), field: FamilyName},
		{id: "4", bad: set(Gender, ""), good: set(Gender, "W"), field: Gender},
		{id: "5", bad: set(Gender, "N"), good: set(Gender, "U"), field: Gender, value: "N"},
		{id: "6", bad: set(Ethnicity, ""), good: set(Ethnicity, "REFU"), field: Ethnicity},
		{id: "7", bad: set(Ethnicity, "wbri"), good: set(Ethnicity, "OARA"), field: Ethnicity, value: "wbri"},
		{id: "7", bad: set(Ethnicity, "BBRI"), good: set(Ethnicity, "BOTH"), only: "2019-20", field: Ethnicity, value: "BBRI"},
		{id: "8", bad: set(DOB, ""), good: set(), field: DOB},
		{id: "8", bad: set(DOB, "2009-02-30"), good: set(), field: DOB, value: "2009-02-30"},
		{id: "8", bad: set(DOB, "14/03/2009"), good: set(), field: DOB, value: "14/03/2009"},
		{id: "9", bad: grow(22), good: grow(21), field: DOB},
		{id: "9", bad: grow(22), good: grow(22, CohortStatus, "A"), field: DOB},
		{id: "10", bad: grow(10), good: grow(11), field: DOB},
		{id: "10", bad: set(DOB, "2030-01-01"), good: set(), field: DOB, value: "2030-01-01"},
		{id: "11", bad: set(CohortStatus, ""), good: set(CohortStatus, "G"), field: CohortStatus},
		{id: "13", bad: set(CohortStatus, "T"), good: set(CohortStatus, "T", TransferredToLACode, "341"), field: TransferredToLACode},
		{id: "14", bad: set(LeadLEA, ""), good: set(LeadLEA, "341"), field: LeadLEA},
		{id: "15", bad: set(LeadLEA, "991"), good: set(LeadLEA, "702"), field: LeadLEA, value: "991"},
		{id: "15", bad: set(LeadLEA, "001"), good: set(LeadLEA, "201"), field: LeadLEA, value: "001"},
		{id: "15", bad: set(LeadLEA, "909"), good: set(LeadLEA, "942"), only: "2026-27", field: LeadLEA, value: "909"},
		{id: "15", bad: set(LeadLEA, "942"), good: set(LeadLEA, "909"), only: "2022-23", field: LeadLEA, value: "942"},
		{id: "19", bad: set(EducatedLEA, "005"), good: set(EducatedLEA, "004"), field: EducatedLEA, value: "005"},
		{id: "19", bad: set(EducatedLEA, ""), good: set(EducatedLEA, "000"), field: EducatedLEA},
		{id: "24", bad: set(LEACodeAtYear11, "34"), good: set(LEACodeAtYear11, "002"), field: LEACodeAtYear11, value: "34"},
		{id: "24", bad: set(LEACodeAtYear11, "999"), good: set(LEACodeAtYear11, "836"), field: LEACodeAtYear11},
		{id: "25", bad: set(LEACodeAtYear11, "341"), good: set(LEACodeAtYear11, "341", Year11LEACode, "341"), field: LEACodeAtYear11, value: "341"},
		{id: "26", bad: set(LeadLEA, "344"), good: set(LeadLEA, "341"), field: LeadLEA, value: "344"},
		{id: "27", bad: set(Year11GuaranteeStatus, "114"), good: set(Year11GuaranteeStatus, "124"), field: Year11GuaranteeStatus, value: "114"},
		{id: "27", bad: set(Year12GuaranteeStatus, "111"), good: set(Year12GuaranteeStatus, "115"), field: Year12GuaranteeStatus, value: "111"},
		{id: "29", bad: set(YouthContractIndicator, "Y"), good: set(YouthContractIndicator, "Y", YouthContractStartDate, "2015-09-01"), field: YouthContractStartDate},
		{id: "29", bad: set(YouthContractIndicator, "Y", YouthContractStartDate, "soon"), good: set(YouthContractIndicator, "N", YouthContractStartDate, ""), field: YouthContractStartDate, value: "soon"},
		{id: "30", bad: set(UniqueLearnerNo, "0123456789"), good: set(UniqueLearnerNo, "9999999999"), field: UniqueLearnerNo},
		{id: "30", bad: set(UniqueLearnerNo, "123456789"), good: set(UniqueLearnerNo, ""), field: UniqueLearnerNo},
		{id: "31", bad: set(AddressLine1, "", Town, ""), good: set(AddressLine1, "", Town, "", County, "Merseyshire"), field: AddressLine1},
		{id: "32", bad: set(Postcode, ""), good: set(Postcode, "CH41 1AA"), field: Postcode},
		{id: "33", bad: grow(16), good: grow(15), field: SENDFlag, value: "N"},
		{id: "33", bad: grow(16), good: grow(16, SENDFlag, "Y"), field: SENDFlag},
		{id: "34", bad: set(TransferredToLACode, "341"), good: set(TransferredToLACode, "341", CohortStatus, "T"), field: TransferredToLACode, value: "341"},
		{id: "35", bad: set(CohortStatus, "T", TransferredToLACode, "999"), good: set(CohortStatus, "P", TransferredToLACode, "999"), field: TransferredToLACode, value: "999"},
		{id: "35", bad: set(CohortStatus, "T", TransferredToLACode, "001"), good: set(CohortStatus, "E", TransferredToLACode, "001"), field: TransferredToLACode},
		{id: "35", bad: set(CohortStatus, "E", TransferredToLACode, "341"), good: set(CohortStatus, "E", TransferredToLACode, "003"), field: TransferredToLACode},
		{id: "36", bad: set(YouthContractIndicator, "X"), good: set(YouthContractIndicator, ""), field: YouthContractIndicator, value: "X"},
		{id: "37", bad: set(PreviousYPIDIdentifier, "888000000001"), good: set(PreviousYPIDIdentifier, ""), field: PreviousYPIDIdentifier},
		{id: "38", bad: set(UniquePupilNumber, "H80120000100"), good: set(UniquePupilNumber, "X00180001701A"), field: UniquePupilNumber},
		{id: "39", bad: set(UKProviderReferenceNumber, "20000001"), good: set(UKProviderReferenceNumber, ""), field: UKProviderReferenceNumber},
		{id: "40", bad: grow(16), good: grow(13), field: DOB},
		{id: "40", bad: grow(16), good: grow(16, SENDFlag, "Y"), field: DOB},
		{id: "40", bad: grow(14), good: grow(14, CohortStatus, "L"), only: "2026-27", field: DOB},
		{id: "40", bad: grow(16), good: grow(15), only: "2015-16", field: DOB},
		{id: "41", bad: set(CohortStatus, "T", TransferredToLACode, "004"), good: set(CohortStatus, "T", TransferredToLACode, "341"), field: TransferredToLACode, value: "004"},
		{id: "42", bad: set(CohortStatus, "T", TransferredToLACode, "343"), good: set(CohortStatus, "T", TransferredToLACode, "344"), field: TransferredToLACode},
		{id: "43", bad: set(Postcode, "L11AA"), good: set(Postcode, "EC1A 1BB"), field: Postcode, value: "L11AA"},
		{id: "44", bad: set(GivenName, "Ott0line"), good: set(GivenName, "Zoë-Anne, Jr."), field: GivenName, value: "Ott0line"},
		{id: "45", bad: set(FamilyName, "Fennel (Brook)"), good: set(FamilyName, "O'Fennel"), field: FamilyName},
		{id: "46", bad: set(MiddleName, "Jay?"), good: set(MiddleName, ""), field: MiddleName},
		{id: "100", bad: set(LevelOfNeedCode, ""), good: set(LevelOfNeedCode, "1"), field: LevelOfNeedCode},
		{id: "101", bad: set(LevelOfNeedCode, "4"), good: set(LevelOfNeedCode, "2"), field: LevelOfNeedCode, value: "4"},
		{id: "102", bad: set(SENDFlag, "1"), good: set(SENDFlag, "Y"), field: SENDFlag, value: "1"},
		{id: "103", bad: set(SENDFlag, ""), good: set(SENDFlag, "N"), field: SENDFlag},
		{id: "104", bad: withCharacteristics("110", "220"), good: withCharacteristics("110", "190"), field: CharacteristicCode, value: "220"},
		{id: "104", bad: withCharacteristics("210"), good: withCharacteristics("200"), only: "2020-21", field: CharacteristicCode, value: "210"},
		{id: "200", bad: set(ActivityCode, ""), good: set(ActivityCode, "210"), field: ActivityCode},
		{id: "201", bad: set(ActivityCode, "999"), good: set(ActivityCode, "270"), field: ActivityCode, value: "999"},
		{id: "201", bad: set(ActivityCode, "720"), good: set(ActivityCode, "710"), only: "2019-20", field: ActivityCode, value: "720"},
		{id: "202", bad: set(StartDate, ""), good: set(), field: StartDate},
		{id: "202", bad: set(StartDate, "2026-13-01"), good: set(), field: StartDate, value: "2026-13-01"},
		{id: "203", bad: set(DateAscertained, ""), good: set(), field: DateAscertained},
		{id: "203", bad: set(DateAscertained, "today"), good: set(), field: DateAscertained, value: "today"},
		{id: "220", bad: set(CurrencyLapsed, ""), good: set(CurrencyLapsed, "N"), field: CurrencyLapsed},
		{id: "221", bad: set(CurrencyLapsed, "No"), good: set(CurrencyLapsed, "N"), field: CurrencyLapsed, value: "No"},
		{id: "224", bad: both(neetWith("619"), set(NEETStartDate, "")), good: neetWith("619"), field: NEETStartDate},
		{id: "224", bad: both(neetWith("540"), set(NEETStartDate, "2026-02-30")), good: set(), field: NEETStartDate, value: "2026-02-30"},
		{id: "225", bad: both(neetWith("619"), shift(NEETStartDate, 1)), good: both(neetWith("619"), shift(NEETStartDate, -9)), field: NEETStartDate},
		{id: "226", bad: shiftFrom(NEETStartDate, StartDate, 0), good: neetWith("610"), field: NEETStartDate},
		{id: "228", bad: set(EstablishmentNumber, "343999"), good: set(EstablishmentNumber, ""), field: EstablishmentNumber},
		{id: "228", bad: set(EstablishmentNumber, "9999999"), good: set(EstablishmentNumber, "3434001"), field: EstablishmentNumber},
		{id: "229", bad: grow(11), good: grow(12), field: ActivityCode, value: "230"},
		{id: "230", bad: set(ActivityCode, "150"), good: year11(), field: ActivityCode, value: "150"},
		{id: "231", bad: set(CurrencyLapsed, "Y"), good: both(set(CurrencyLapsed, "Y"), shiftFrom(DueToLapseDate, DateVerified, 0)), field: CurrencyLapsed},
		{id: "231", bad: both(set(CurrencyLapsed, "Y"), onPeriodEnd(DueToLapseDate, 1)), good: both(set(CurrencyLapsed, "Y"), onPeriodEnd(DueToLapseDate, 0)), field: CurrencyLapsed},
		{id: "232", bad: onPeriodEnd(DueToLapseDate, -1), good: onPeriodEnd(DueToLapseDate, 0), field: CurrencyLapsed, value: "N"},
		{id: "233", bad: neetWith("620", "120"), good: neetWith("620", "140"), field: CharacteristicCode, value: "120"},
		{id: "234", bad: neetWith("630"), good: neetWith("630", "120"), field: CharacteristicCode},
		{id: "235", bad: neetWith("650"), good: neetWith("650", "180"), field: CharacteristicCode},
		{id: "236", bad: set(ActivityCode, "720"), good: both(set(ActivityCode, "720"), withCharacteristics("130")), field: CharacteristicCode},
		{id: "237", bad: shiftFrom(DateAscertained, DateVerified, 1), good: shiftFrom(DateAscertained, DateVerified, 0), field: DateAscertained},
		{id: "238", bad: shiftFrom(DueToLapseDate, PredictedEndDate, 1), good: shiftFrom(DueToLapseDate, PredictedEndDate, 0), field: DueToLapseDate},
		{id: "240", bad: noActivities, good: set(), field: ActivitiesNode},
		{id: "242", bad: shiftFrom(DateAscertained, StartDate, -1), good: shiftFrom(DateAscertained, StartDate, 0), field: DateAscertained},
		{id: "243", bad: set(DueToLapseDate, ""), good: neetWith("619"), field: DueToLapseDate},
		{id: "243", bad: set(ActivityCode, "530", DueToLapseDate, ""), good: set(ActivityCode, "810", DueToLapseDate, ""), field: DueToLapseDate},
		{id: "244", bad: set(DueToLapseDate, "31 Aug"), good: set(DueToLapseDate, ""), field: DueToLapseDate, value: "31 Aug"},
		{id: "251", bad: both(neetWith("619"), birthday(NEETStartDate, 15, -1)), good: both(neetWith("619"), birthday(NEETStartDate, 15, 0)), field: NEETStartDate},
		{id: "253", bad: set(ActivityCode, "440"), good: grow(14, ActivityCode, "440"), field: ActivityCode, value: "440"},
		{id: "254", bad: set(ActivityCode, "280"), good: set(ActivityCode, "280", SENDFlag, "Y"), field: SENDFlag},
		{id: "255", bad: set(ActivityCode, "460"), good: set(ActivityCode, "460", SENDFlag, "Y"), field: SENDFlag},
		{id: "256", bad: shiftFrom(DateVerified, StartDate, -1), good: shiftFrom(DateVerified, StartDate, 0), field: DateVerified},
		{id: "256", bad: set(DateVerified, "2015-09-31"), good: set(DateVerified, ""), only: "2015-16", field: DateVerified, value: "2015-09-31"},
		{id: "257", bad: shiftFrom(ReviewDate, PredictedEndDate, 1), good: shiftFrom(ReviewDate, PredictedEndDate, 0), field: ReviewDate},
		{id: "258", bad: set(PredictedEndDate, "2027-06-31"), good: set(PredictedEndDate, ""), field: PredictedEndDate, value: "2027-06-31"},
		{id: "259", bad: set(PredictedEndDate, ""), good: set(ActivityCode, "310", PredictedEndDate, ""), field: PredictedEndDate},
		{id: "260", bad: both(set(Gender, "M"), withCharacteristics("180")), good: withCharacteristics("180"), field: CharacteristicCode, value: "180"},
		{id: "261", bad: set(Year11LEACode, "004"), good: set(Year11LEACode, "928"), field: Year11LEACode, value: "004"},
		{id: "261", bad: set(Year12LEACode, "99"), good: set(Year12LEACode, "341"), field: Year12LEACode, value: "99"},
		{id: "262", bad: set(ActivityCode, "260"), good: both(set(ActivityCode, "260"), shiftFrom(ReviewDate, PredictedEndDate, 0)), field: ReviewDate},
		{id: "262", bad: set(ReviewDate, "never"), good: set(ReviewDate, ""), field: ReviewDate, value: "never"},
		{id: "262", bad: neetWith("616"), good: both(neetWith("616"), set(ReviewDate, "2020-01-31")), only: "2019-20", field: ReviewDate},
		{id: "262", bad: set(ActivityCode, "720"), good: neetWith("616"), only: "2015-16", field: ReviewDate},
		{id: "301", bad: year11(IntendedDestinationYr11, ""), good: set(IntendedDestinationYr11, ""), field: IntendedDestinationYr11},
		{id: "302", bad: set(IntendedDestinationYr11, "112"), good: set(IntendedDestinationYr11, ""), field: IntendedDestinationYr11, value: "112"},
		{id: "303", bad: set(SENSupportFlag, ""), good: set(SENSupportFlag, "Y"), field: SENSupportFlag},
		{id: "304", bad: set(SENSupportFlag, "y"), good: set(SENSupportFlag, "Y"), field: SENSupportFlag, value: "y"},
		{id: "305", bad: onPeriodEnd(DateVerified, 1), good: onPeriodEnd(DateVerified, 0), field: DateVerified},
		{id: "305", bad: set(DateVerified, "2026-09-31"), good: set(DateVerified, ""), field: DateVerified, value: "2026-09-31"},
		{id: "306", bad: set(SENDFlag, "Y", SENSupportFlag, "Y"), good: set(SENDFlag, "Y"), field: SENSupportFlag, value: "Y"},
		{id: "903", bad: set(YoungPersonsID, "9920000000001"), good: set(YoungPersonsID, "1230000000001"), field: YoungPersonsID},
		{id: "904", bad: set(CohortStatus, "Q"), good: set(CohortStatus, "L"), field: CohortStatus, value: "Q"},
		{id: "904", bad: set(CohortStatus, "X"), good: set(CohortStatus, "A"), field: CohortStatus, value: "X"},
		{id: "905", bad: set(CohortStatus, "G", Year11GuaranteeStatus, ""), good: set(CohortStatus, "G"), field: Year11GuaranteeStatus},
		{id: "905", bad: grow(13, CohortStatus, "G", Year12GuaranteeStatus, "114"), good: grow(13, CohortStatus, "G", Year12GuaranteeStatus, "114", Year12LEACode, "343"), field: Year12LEACode},
		{id: "905", bad: set(Year11GuaranteeStatus, ""), good: set(CohortStatus, "A", Year11GuaranteeStatus, ""), only: "2015-16", field: Year11GuaranteeStatus},
		{id: "905", bad: set(CohortStatus, "G", Year11GuaranteeStatus, ""), good: set(Year11GuaranteeStatus, ""), only: "2026-27", field: Year11GuaranteeStatus},
		{id: "906", bad: set(Year11LEACode, ""), good: set(GuaranteeStatusIndicator, "N", Year11LEACode, ""), field: Year11LEACode},
		{id: "909", bad: year11(StartDate, "2014-09-03", DateVerified, "2015-03-01"), good: year11(StartDate, "2014-09-03"), field: StartDate, value: "2014-09-03"},
		{id: "SG-a", bad: set(Year12GuaranteeStatus, "110", Year12LEACode, "343"), good: set(Year12GuaranteeStatus, "159"), field: Year12GuaranteeStatus, value: "110"},
		{id: "SG-b", bad: year11(Year11GuaranteeStatus, "110"), good: year11(Year11GuaranteeStatus, "159"), field: Year11GuaranteeStatus, value: "110"},
		{id: "SG-c", bad: grow(14), good: grow(13), field: Year11GuaranteeStatus, value: "110"},
		{id: "W-control", bad: set(AddressLine2, "Flat\x012"), good: set(AddressLine2, "Flat ½"), field: AddressLine2, value: "Flat\x012"},
		{id: "W-control", bad: set(GivenName, "Zo\u0092"), good: set(GivenName, "Zoé"), field: GivenName},
		{id: "W-element", bad: set(YouthContractIndicator, "N"), good: set(), only: "2019-20", field: YouthContractIndicator},
		{id: "W-element", bad: set(SENSupportFlag, "N"), good: set(), only: "2015-16", field: SENSupportFlag},
		{id: "W-element", bad: unknownElement("to 2013-14"), good: unknownElement(""), field: WholeRecord, value: "1"},
		{id: "W-value", bad: set(GuaranteeStatusIndicator, "yes"), good: set(GuaranteeStatusIndicator, ""), field: GuaranteeStatusIndicator, value: "yes"},
	}
}

func both(a, b func(*Record, Header)) func(*Record, Header) {
	return func(r *Record, h Header) { a(r, h); b(r, h) }
}

func withCharacteristics(codes ...string) func(*Record, Header) {
	return func(r *Record, _ Header) { r.Characteristics = codes }
}

func shift(f Field, days int) func(*Record, Header) { return shiftFrom(f, f, days) }

func shiftFrom(f, from Field, days int) func(*Record, Header) {
	return func(r *Record, _ Header) {
		r.Values[f] = civil.MustParse(r.Values[from]).AddDays(days).String()
	}
}

func onPeriodEnd(f Field, days int) func(*Record, Header) {
	return func(r *Record, h Header) { r.Values[f] = civil.MustParse(h.PeriodEnd).AddDays(days).String() }
}

func birthday(f Field, age, days int) func(*Record, Header) {
	return func(r *Record, _ Header) {
		r.Values[f] = civil.MustParse(r.Values[DOB]).AddYears(age).AddDays(days).String()
	}
}

func noActivities(r *Record, _ Header) {
	r.NoActivities = true
	for f := ActivityCode; f <= PredictedEndDate; f++ {
		r.Values[f] = ""
	}
}

func unknownElement(editions string) func(*Record, Header) {
	return func(r *Record, _ Header) {
		r.Unknown = []UnknownElement{{Name: "ActivitySurveyStatus", Value: "1", Editions: editions}}
	}
}

func findings(c *Checker, records ...*Record) []Finding {
	var out []Finding
	emit := func(f Finding) { out = append(out, f) }
	for _, r := range records {
		c.Record(r, emit)
	}
	c.Finish(emit)
	return out
}

func with(found []Finding, id string) []Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Check != id })
}

func TestSoundRecordsPassInEveryEdition(t *testing.T) {
	req := MustLoad()
	for _, e := range req.Editions() {
		h := headerFor(e)
		if found := findings(req.NewChecker(e, h), sound(e, h)); len(found) > 0 {
			t.Errorf("%s: a sound record has %+v", e.Name, found)
		}
	}
}

func TestEveryCheckFailsAndPasses(t *testing.T) {
	req := MustLoad()
	for _, e := range req.Editions() {
		tried := map[string]bool{"902": true, "907": true, "908": true} // these compare records: duplicate_test.go
		for _, c := range checkCases() {
			row, held := e.Check(c.id)
			if c.only != "" && c.only != e.Name {
				continue
			}
			if !held {
				if c.only != "" {
					t.Errorf("check %s is not held in %s", c.id, c.only)
				}
				continue
			}
			tried[c.id] = true
			h := headerFor(e)
			bad, good := sound(e, h), sound(e, h)
			c.bad(bad, h)
			c.good(good, h)
			got := with(findings(req.NewChecker(e, h), bad), c.id)
			if len(got) != 1 {
				t.Errorf("%s check %s: %d findings on the bad record", e.Name, c.id, len(got))
				continue
			}
			f := got[0]
			if f.Field != c.field || (c.value != "" && f.Value != c.value) || f.Priority != row.Priority || f.Record != bad.Values[YoungPersonsID] || f.Position != 1 {
				t.Errorf("%s check %s: %+v", e.Name, c.id, f)
			}
			if !strings.HasSuffix(f.Message, row.Do) || len(f.Message) < len(row.Do)+20 {
				t.Errorf("%s check %s: the message does not say what is wrong and what to do: %q", e.Name, c.id, f.Message)
			}
			if got := with(findings(req.NewChecker(e, h), good), c.id); len(got) != 0 {
				t.Errorf("%s check %s: the good record has %+v", e.Name, c.id, got)
			}
		}
		for _, row := range e.Checks() {
			if !tried[row.ID] && row.ID != "W-element" {
				t.Errorf("%s: nothing tries check %s", e.Name, row.ID)
			}
		}
	}
}

func TestGuaranteeNodesMoveUpInSeptember(t *testing.T) {
	req := MustLoad()
	for _, c := range []struct {
		periodEnd string
		group     int
		node      Field
		belongs   bool
	}{
		{"2026-04-30", 11, Year11GuaranteeStatus, true},
		{"2026-08-31", 12, Year12GuaranteeStatus, true},
		{"2026-08-31", 13, Year12GuaranteeStatus, false},
		{"2026-09-30", 12, Year11GuaranteeStatus, true},
		{"2027-03-31", 13, Year12GuaranteeStatus, true},
		{"2026-09-30", 11, Year11GuaranteeStatus, false},
	} {
		e, _ := req.EditionOn(civil.MustParse(c.periodEnd))
		h := headerFor(e)
		h.PeriodEnd = c.periodEnd
		r := sound(e, h)
		born(r, h, c.group)
		for _, f := range []Field{Year11GuaranteeStatus, Year11LEACode, Year12GuaranteeStatus, Year12LEACode} {
			r.Values[f] = ""
		}
		got := with(findings(req.NewChecker(e, h), r), "906")
		if (len(got) == 1) != c.belongs || (c.belongs && got[0].Field != c.node) {
			t.Errorf("%s, Year %d: %+v", c.periodEnd, c.group, got)
		}
	}
}

func TestOneCauseIsOneFinding(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	for _, c := range []struct {
		change func(*Record, Header)
		want   string
	}{
		{set(DOB, "2009-02-30"), "8"},
		{set(ActivityCode, "999"), "201"},
		{noActivities, "240"},
		{set(StartDate, "x"), "202"},
		{set(DateVerified, "x"), "305"},
		{set(DueToLapseDate, "x"), "244"},
		{set(PredictedEndDate, "x"), "258"},
		{set(YoungPersonsID, ""), "1"},
		{set(CohortStatus, ""), "11"},
		{set(LeadLEA, ""), "14"},
		{set(GivenName, ""), "2"},
	} {
		r := sound(e, h)
		c.change(r, h)
		found := findings(req.NewChecker(e, h), r)
		if len(found) != 1 || found[0].Check != c.want {
			t.Errorf("want only %s, got %+v", c.want, found)
		}
	}
}

func TestFindingsStandInTheOrderOfTheFile(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	r := &Record{Position: 7, Characteristics: []string{"999"}}
	r.Values[IntendedDestinationYr11], r.Values[GivenName], r.Values[DOB] = "9", "1", "x"
	found := findings(req.NewChecker(e, h), r)
	if len(found) < 15 {
		t.Fatalf("an all but empty record has only %d findings", len(found))
	}
	if !slices.IsSortedFunc(found, func(a, b Finding) int { return place(a.Field) - place(b.Field) }) {
		t.Errorf("out of order: %+v", found)
	}
}

func TestInventedAuthorityIsKnownOnlyToTheDemo(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	h := headerFor(e)
	h.LEACodes = []string{"991"}
	r := sound(e, h)
	r.Values[LeadLEA] = "991"
	if got := with(findings(req.NewChecker(e, h), r), "15"); len(got) != 1 {
		t.Errorf("991 is an authority: %+v", got)
	}
	demo := req.WithInvented(map[string]string{"991": "Mereport"})
	if got := findings(demo.NewChecker(e, h), r); len(got) != 0 {
		t.Errorf("the demo does not know 991: %+v", got)
	}
	if la, ok := req.LocalAuthority("991", civil.MustParse(h.PeriodEnd)); ok {
		t.Errorf("the copy changed the original: %+v", la)
	}
}

func TestUnreadablePeriodEndDoesNotPanic(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	r := sound(e, headerFor(e))
	for _, id := range []string{"9", "10", "40", "305", "906"} {
		if got := with(findings(req.NewChecker(e, Header{PeriodEnd: "?"}), r), id); len(got) > 0 {
			t.Errorf("without a period end: %+v", got)
		}
	}
}
