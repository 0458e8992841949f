package web

import (
	"strings"

	"waymark/internal/access"
)

// What pages hold of people, by kind. About nobody in particular is nothing.
const (
	nobodys = access.Fields(0)
	// row is a line of a list: who it is, and what it is about.
	row = access.Names | access.Birth | access.Numbers | access.Address | access.AdviserOf | access.Cohort | access.Need | access.SEND |
		access.Characteristics | access.Activities | access.Guarantees | access.Gender | access.Ethnicity
	// returned is what the Department's file holds of somebody.
	returned = row
	// known is a line that says who it is and no more.
	known = access.Names | access.Numbers
)

// personal are the kinds of things that the pages of a permission may hold about
// young people, whoever looks: a role, an agreement or an opt-out may leave less.
// A permission without a line is said to hold everything.
// TestPagesHoldWhatTheyAreSaidToHold reads every page for more than it is said to
// hold.
var personal = map[access.Action]access.Fields{
	access.Public: nobodys, access.SignedIn: nobodys, access.ManageStaff: nobodys, access.KeepRegister: nobodys, access.SeeFigures: nobodys,
	access.SeePublications: nobodys, access.PublishFigures: nobodys, access.FreezeFigures: nobodys, access.KeepReference: nobodys, access.KeepSender: nobodys,
	access.FindPerson: row | access.Reaches | access.Carers, access.SeePerson: access.AllFields, access.ListPeople: row, access.KeepList: row, access.DownloadPeople: row,
	access.ReleaseExport: row, access.SeeHistory: access.AllFields, access.SeeSignals: known | access.Signals, access.SeeClaims: known | access.Signals,
	access.AddPerson: access.AllFields, access.CorrectPerson: access.AllFields, access.RecordActivity: access.AllFields, access.RecordGuarantee: access.AllFields,
	access.MergePeople: access.AllFields, access.RecordOptOut: access.AllFields, access.RecordRequest: access.AllFields, access.RestrictProcessing: access.AllFields,
	access.CheckFile: returned, access.ImportFile: access.AllFields, access.UndoImport: access.AllFields,
	access.SeeReturn: returned, access.BuildReturn: returned, access.MendTogether: returned, access.SignReturn: returned, access.SendReturn: returned, access.FetchReturn: returned,
	access.SeeBorder: known, access.KeepBorder: known, access.AskNeighbour: known, access.MoveAcross: row | access.Address,
	access.SeeAudit: access.Numbers, access.KeepAgreement: known, access.RestrictRecord: known, access.ReviewRestriction: known, access.BreakGlass: access.AllFields,
	access.DeclareOwn: known, access.SeeRetention: known | access.Birth, access.KeepRetention: known | access.Birth, access.ReleaseErasure: known | access.Birth,
	access.DrawBaseline: row, access.RollOver: row, access.SeeYear: row, access.FileSurvey: row, access.KeepCalendar: nobodys, access.SeeCalendar: nobodys,
	access.KeepNotices: row, access.SeeNotices: row, access.SendNotice: row, access.SettleNotice: row, access.KeepToken: nobodys, access.KeepDuty: nobodys,
	access.KeepRequests: access.AllFields, access.ReleasePack: access.AllFields, access.LogDisclosure: known | access.Birth | access.Signals,
}

// Personal are the kinds of things that the page may hold about young people.
// Of what is kept on the home page of whoever lists people, a name and its
// lapse; of what was typed before a session ended, whatever was typed.
func (r Route) Personal() access.Fields {
	switch {
	case r.Pattern == "/":
		return known | access.Activities
	case strings.HasPrefix(r.Pattern, "/kept/"):
		return access.AllFields
	}
	fields, said := personal[r.Permission]
	if !said {
		return access.AllFields
	}
	return fields
}
