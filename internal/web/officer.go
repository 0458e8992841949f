package web

import "waymark/internal/access"

// officerRoutes are the pages of whoever keeps the files, the figures, and the
// accounts.
func (s *Server) officerRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/check-a-file", Permission: access.CheckFile, Handler: s.checkFilePage, Nav: "Check a file"},
		{Method: "POST", Pattern: "/check-a-file", Permission: access.CheckFile, Handler: s.checkFile, Body: uploadCap},
		{Method: "GET", Pattern: "/check-a-file/{ref}", Permission: access.CheckFile, Handler: s.checkedPage},
		{Method: "GET", Pattern: "/check-a-file/{ref}/findings.csv", Permission: access.CheckFile, Handler: s.checkedCSV},

		{Method: "GET", Pattern: "/imports", Permission: access.ImportFile, Handler: s.importsPage, Nav: "Files in"},
		{Method: "GET", Pattern: "/imports.csv", Permission: access.ImportFile, Handler: s.importsFile},
		{Method: "GET", Pattern: "/imports/new", Permission: access.ImportFile, Handler: s.newImportPage},
		{Method: "POST", Pattern: "/imports/new", Permission: access.ImportFile, Handler: s.startImport, Body: uploadCap},
		{Method: "GET", Pattern: "/imports/{ref}", Permission: access.ImportFile, Handler: s.importPage},
		{Method: "GET", Pattern: "/imports/{ref}/notes/{kind}", Permission: access.ImportFile, Handler: s.importNotesPage},
		{Method: "GET", Pattern: "/imports/{ref}/notes/{kind}/list.csv", Permission: access.ImportFile, Handler: s.importNotesFile},
		{Method: "GET", Pattern: "/imports/{ref}/undo", Permission: access.UndoImport, Handler: s.undoImportPage},
		{Method: "POST", Pattern: "/imports/{ref}/undo", Permission: access.UndoImport, Handler: s.undoImport},

		{Method: "GET", Pattern: "/figures", Permission: access.SeeFigures, Handler: s.figuresPage, Nav: "Figures", Past: true},
		{Method: "GET", Pattern: "/figures.csv", Permission: access.SeeFigures, Handler: s.figuresFile, Past: true},
		{Method: "GET", Pattern: "/figures.xlsx", Permission: access.SeeFigures, Handler: s.figuresFile, Past: true},
		{Method: "GET", Pattern: "/figures/people", Permission: access.ListPeople, Handler: s.figuresPeoplePage, Past: true},
		{Method: "GET", Pattern: "/figures/sent", Permission: access.SeeFigures, Handler: s.sentFiguresPage},
		{Method: "GET", Pattern: "/figures/sent.csv", Permission: access.SeeFigures, Handler: s.sentFiguresFile},

		{Method: "GET", Pattern: "/accounts", Permission: access.ManageStaff, Handler: s.accountsPage, Nav: "Accounts"},
		{Method: "GET", Pattern: "/accounts.csv", Permission: access.ManageStaff, Handler: s.accountsFile},
		{Method: "GET", Pattern: "/accounts/new", Permission: access.ManageStaff, Handler: s.newAccountPage},
		{Method: "POST", Pattern: "/accounts/new", Permission: access.ManageStaff, Handler: s.saveNewAccount, StepUp: true},
		{Method: "GET", Pattern: "/accounts/sign-in", Permission: access.KeepRegister, Handler: s.rulesPage},
		{Method: "POST", Pattern: "/accounts/sign-in", Permission: access.KeepRegister, Handler: s.saveRules, StepUp: true},
		{Method: "GET", Pattern: "/accounts/{ref}", Permission: access.ManageStaff, Handler: s.oneAccountPage},
		{Method: "GET", Pattern: "/accounts/{ref}/roles", Permission: access.ManageStaff, Handler: s.rolesPage},
		{Method: "POST", Pattern: "/accounts/{ref}/roles", Permission: access.ManageStaff, Handler: s.changeRoles, StepUp: true},
		{Method: "GET", Pattern: "/accounts/{ref}/days", Permission: access.ManageStaff, Handler: s.daysPage},
		{Method: "POST", Pattern: "/accounts/{ref}/days", Permission: access.ManageStaff, Handler: s.changeDays},
		{Method: "GET", Pattern: "/accounts/{ref}/reset", Permission: access.ManageStaff, Handler: s.resetPage},
		{Method: "POST", Pattern: "/accounts/{ref}/reset", Permission: access.ManageStaff, Handler: s.resetAccount, StepUp: true},
		{Method: "GET", Pattern: "/accounts/{ref}/single-sign-on", Permission: access.ManageStaff, Handler: s.bindPage},
		{Method: "POST", Pattern: "/accounts/{ref}/single-sign-on", Permission: access.ManageStaff, Handler: s.bindAccount, StepUp: true},
		{Method: "POST", Pattern: "/accounts/{ref}/sessions/{session}/end", Permission: access.ManageStaff, Handler: s.endSessionOf},
		{Method: "GET", Pattern: "/accounts/{ref}/close", Permission: access.ManageStaff, Handler: s.closeAccountPage},
		{Method: "POST", Pattern: "/accounts/{ref}/close", Permission: access.ManageStaff, Handler: s.closeAccount},
	}
}

// returnRoutes are the pages of the monthly return.
func (s *Server) returnRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/returns", Permission: access.SeeReturn, Handler: s.returnsPage, Nav: "Returns"},
		{Method: "GET", Pattern: "/returns.csv", Permission: access.SeeReturn, Handler: s.returnsFile},
		{Method: "GET", Pattern: "/returns/compare", Permission: access.SeeReturn, Handler: s.returnComparePage},
		{Method: "GET", Pattern: "/returns/compare.csv", Permission: access.DownloadPeople, Handler: s.returnCompareFile},
		{Method: "GET", Pattern: "/returns/{period}", Permission: access.SeeReturn, Handler: s.returnPage, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/findings.csv", Permission: access.DownloadPeople, Handler: s.findingsFile, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/draft.xml", Permission: access.BuildReturn, Handler: s.draftXML, StepUp: true},
		{Method: "GET", Pattern: "/returns/{period}/checks/{check}", Permission: access.SeeReturn, Handler: s.returnCheckPage, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/checks/{check}/findings.csv", Permission: access.DownloadPeople, Handler: s.findingsFile, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/checks/{check}/mend", Permission: access.MendTogether, Handler: s.returnMendPage},
		{Method: "POST", Pattern: "/returns/{period}/checks/{check}/mend", Permission: access.MendTogether, Handler: s.mendTogether},
		{Method: "GET", Pattern: "/returns/{period}/mends", Permission: access.MendTogether, Handler: s.mendsPage},
		{Method: "POST", Pattern: "/returns/{period}/mends/{act}/undo", Permission: access.MendTogether, Handler: s.undoMend},
		{Method: "GET", Pattern: "/returns/{period}/people", Permission: access.SeeReturn, Handler: s.returnPeoplePage, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/people.csv", Permission: access.DownloadPeople, Handler: s.returnPeopleFile, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/movements", Permission: access.SeeReturn, Handler: s.movementsPage, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/movements/{list}/people.csv", Permission: access.DownloadPeople, Handler: s.movementFile, Past: true},
		{Method: "GET", Pattern: "/returns/{period}/changes", Permission: access.SeeReturn, Handler: s.returnChangesPage},
		{Method: "GET", Pattern: "/returns/{period}/changes.csv", Permission: access.DownloadPeople, Handler: s.returnChangesFile},
		{Method: "GET", Pattern: "/returns/{period}/sign", Permission: access.SeeReturn, Handler: s.returnSignPage},
		{Method: "POST", Pattern: "/returns/{period}/sign", Permission: access.SignReturn, Handler: s.signReturn},
		{Method: "GET", Pattern: "/returns/{period}/files/{ref}", Permission: access.FetchReturn, Handler: s.returnFile},
		{Method: "POST", Pattern: "/returns/{period}/files/{ref}/state", Permission: access.SendReturn, Handler: s.recordReturn},
	}
}
