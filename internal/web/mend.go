package web

import (
	"net/url"
	"strings"

	"waymark/internal/id"
	"waymark/internal/nccis"
)

// mendPlace is the form and the field where a data item is mended.
type mendPlace struct{ part, field string }

// mendPlaces are the places by the item's element, as findings name it.
func mendPlaces() map[string]mendPlace {
	return map[string]mendPlace{
		nccis.GivenName.String(): {"name", "given-name"}, nccis.MiddleName.String(): {"name", "middle-name"}, nccis.FamilyName.String(): {"name", "family-name"},
		nccis.DOB.String(): {"birth", "date-of-birth-day"}, nccis.Gender.String(): {"birth", "gender"}, nccis.Ethnicity.String(): {"birth", "ethnicity"},
		nccis.AddressLine1.String(): {"address", "address-line-1"}, nccis.AddressLine2.String(): {"address", "address-line-2"},
		nccis.AddressLine3.String(): {"address", "address-line-3"}, nccis.AddressLine4.String(): {"address", "address-line-4"},
		nccis.Town.String(): {"address", "town"}, nccis.County.String(): {"address", "county"}, nccis.Postcode.String(): {"address", "postcode"},
		nccis.YoungPersonsID.String(): {"identifiers", "new-id"}, nccis.UniqueLearnerNo.String(): {"identifiers", "uln"},
		nccis.UniquePupilNumber.String(): {"identifiers", "upn"}, nccis.PreviousYPIDIdentifier.String(): {"identifiers", "previous"},
		nccis.CohortStatus.String(): {"status", "status"}, nccis.TransferredToLACode.String(): {"status", "transferred-to"},
		nccis.LeadLEA.String(): {"authority", "lead-la"}, nccis.EducatedLEA.String(): {"authority", "educated-la"},
		nccis.LEACodeAtYear11.String(): {"authority", "la-at-year-11"}, nccis.GuaranteeStatusIndicator.String(): {"status", "guarantee-indicator"},
		nccis.LevelOfNeedCode.String(): {"need", "level"}, nccis.SENDFlag.String(): {"need", "send"}, nccis.SENSupportFlag.String(): {"need", "sen-support"},
		nccis.CharacteristicCode.String():    {"need", "characteristics"},
		nccis.Year11GuaranteeStatus.String(): {"guarantee", "guarantee-status"}, nccis.Year11LEACode.String(): {"guarantee", "guarantee-la"},
		nccis.Year12GuaranteeStatus.String(): {"guarantee", "guarantee-status"}, nccis.Year12LEACode.String(): {"guarantee", "guarantee-la"},
		nccis.IntendedDestinationYr11.String(): {"destination", "destination"},
		nccis.ActivityCode.String():            {"activity", "activity"}, nccis.StartDate.String(): {"activity", "started-day"},
		nccis.DateAscertained.String(): {"activity", "ascertained-day"}, nccis.DateVerified.String(): {"activity", "verified-day"},
		nccis.ReviewDate.String(): {"activity", "review-day"}, nccis.PredictedEndDate.String(): {"activity", "predicted-end-day"},
		nccis.NEETStartDate.String(): {"activity", "neet-start-day"}, nccis.EstablishmentNumber.String(): {"activity", "establishment-number"},
		nccis.EstablishmentName.String(): {"activity", "establishment-name"}, nccis.UKProviderReferenceNumber.String(): {"activity", "ukprn"},
		nccis.DueToLapseDate.String(): {"activity", "verified-day"}, nccis.CurrencyLapsed.String(): {"activity", "verified-day"},
	}
}

// mendFirst is where a part's form begins, for a finding about no item of it.
func mendFirst() map[string]string {
	return map[string]string{"name": "given-name", "birth": "date-of-birth-day", "address": "address-line-1", "identifiers": "uln", "authority": "lead-la",
		"status": "status", "need": "send", "activity": "activity", "guarantee": "guarantee-status", "destination": "destination"}
}

// mendHref is the address of the very field that mends a finding. fix is the
// check's part of the record (nccis.CheckRow.Fix), field the data item as
// Finding.Field.String gives it, back the local address to return to after the
// mend, empty for the young person's page.
func mendHref(ref, fix, field, back string) string {
	at, known := mendPlaces()[field]
	// Gender and ethnicity stand with the birth date, and the guarantee's
	// indicator with the cohort status; else the check says where it is mended.
	if !known || (at.part != fix && fix != "name" && field != nccis.GuaranteeStatusIndicator.String()) {
		at = mendPlace{fix, mendFirst()[fix]}
	}
	query := url.Values{}
	if back != "" {
		query.Set("back", back)
	}
	if node, _, ok := strings.Cut(field, "/"); ok && at.part == "guarantee" {
		query.Set("node", node)
	}
	if at.part == "authority" {
		at.part = "status" // the authorities stand on the form of the cohort status
	}
	return personHref(id.Ref(ref), at.part+"/edit") + asQuery(query) + "#" + at.field
}

// personHref is the address of a young person's page, or of a part of it.
func personHref(ref id.Ref, tail string) string {
	if tail == "" {
		return "/young-people/" + string(ref)
	}
	return "/young-people/" + string(ref) + "/" + tail
}

func asQuery(v url.Values) string {
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// backTo is the local address that a form returns to, with its place on the
// page, and otherwise the one that is usual there.
func backTo(asked, usual string) string {
	if asked == "" {
		return usual
	}
	path := localPath(asked)
	if u, err := url.Parse(asked); err == nil && u.Fragment != "" {
		path += "#" + u.EscapedFragment()
	}
	return path
}
