package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/intake"
)

// fromChoice asks who sent a partner's file.
func fromChoice(form *Form, senders []intake.Sender) Choice {
	c := Choice{Name: "from", Label: "Who sent it?", Strong: true, Hint: "Leave this open for the Department’s NCCIS file: it says so itself."}
	if len(senders) > 0 {
		options := []Option{{Text: "Choose one"}}
		for _, one := range senders {
			options = append(options, Option{Value: string(one.Ref), Text: one.Name})
		}
		c.Options = append(c.Options, Option{Value: "known", Text: "Somebody who has sent files before",
			Reveal: &Reveal{Selects: []Choice{form.Choice(Choice{Name: "sender", Label: "Sender", Options: options})}}})
	}
	c.Options = append(c.Options, Option{Value: "new", Text: "Somebody new", Reveal: &Reveal{
		Inputs: []Input{form.Input(Input{Name: "sender-name", Label: "Name of the school, college or team"}),
			form.Input(Input{Name: "agreement", Label: "Under which agreement it sends (may be left out)", Hint: "For example, Data sharing agreement 12 of 2025"})},
		Selects: []Choice{form.Choice(kindSelect()), form.Choice(Choice{Name: "full", Label: "How much its lists say", Options: fullOptions()}),
			form.Choice(Choice{Name: "place", Label: "Is it where the young people learn or work?", Options: placeOptions()})},
		Dates: []DateInput{form.DateInput(DateInput{Name: "agreement-ends", Label: "The last day of the agreement (may be left out)", Hint: "For example, 31 8 2027"})},
		More:  []Input{form.Input(Input{Name: "tolerance", Label: "Days by which a start date may differ and be of the same course", Width: "3", InputMode: "numeric"})},
	}})
	return c
}

// receivePartner takes in a file that is not the Department's.
func (s *Server) receivePartner(w http.ResponseWriter, r *http.Request, form *Form, store *os.File, size int64, name string) error {
	asAt := form.Date("as-at", "The day on which the list was true")
	sender := s.senderOf(r, form)
	if !form.OK() {
		return s.showNewImport(w, r, form)
	}
	in, err := s.Intake.Get(r.Context(), actorOf(r), id.Ref(form.Key))
	if errors.Is(err, db.NotFound) {
		if sender.Ref == "" {
			if sender, err = s.Intake.KeepSender(r.Context(), actorOf(r), sender, form.Key); form.Take(err) {
				return s.showNewImport(w, r, form)
			} else if err != nil {
				return err
			}
		}
		in, err = s.Intake.Receive(r.Context(), actorOf(r), intake.File{Name: fileName(name), From: io.NewSectionReader(store, 0, size), Sender: sender.Ref, AsAt: asAt, Key: form.Key})
	}
	var refused intake.Refusal
	switch {
	case errors.As(err, &refused) && in.State == intake.Refused:
		http.Redirect(w, r, intakeHref(in.Ref, ""), http.StatusSeeOther)
		return nil
	case errors.As(err, &refused):
		form.Fail("as-at-day", refused.Message)
		return s.showNewImport(w, r, form)
	case form.Take(err):
		return s.showNewImport(w, r, form)
	case errors.Is(err, db.NotFound):
		form.Fail("sender", "Choose who sent the file")
		return s.showNewImport(w, r, form)
	case err != nil:
		return err
	}
	http.Redirect(w, r, intakeHref(in.Ref, "/columns"), http.StatusSeeOther)
	return nil
}

// senderOf is the sender that the form names; without a Ref it is a new one.
func (s *Server) senderOf(r *http.Request, form *Form) intake.Sender {
	switch form.Text("from") {
	case "known":
		return intake.Sender{Ref: id.Ref(form.Require("sender", "Choose who sent the file, then choose the file again"))}
	case "new":
		form.Require("sender-name", "Enter the name of the school, college or team, then choose the file again")
		return form.sender()
	}
	form.Fail("from", "Say who sent the file, then choose the file again: it is a partner’s list, which does not say so itself")
	return intake.Sender{}
}

// fileIn is a file of either road, as the list shows it.
type fileIn struct {
	at    time.Time
	cells []Cell
}

// filesIn are the files of both roads, the newest first.
func (s *Server) filesIn(r *http.Request) ([]fileIn, error) {
	list, err := s.Imports.List(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	partners, err := s.Intake.List(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	var out []fileIn
	for _, one := range list {
		out = append(out, fileIn{one.ReceivedAt, []Cell{{Text: one.FileName, Href: "/imports/" + string(one.Ref), Header: true, Note: "NCCIS file" + labelled(" for ", monthWords(one.PeriodEnd))},
			{Text: one.Supplier}, {Text: moment(one.ReceivedAt), Note: one.By}, {Tag: importTag(one.Status)}, {Text: count(one.Records)}, {Text: count(one.Added)}, {Text: count(one.Changed)}}})
	}
	for _, one := range partners {
		out = append(out, fileIn{one.ReceivedAt, []Cell{{Text: one.FileName, Href: intakeHref(one.Ref, ""), Header: true, Note: joined(", ", orText(one.KindName, "Partner’s list"), "true on "+one.AsAt.Words())},
			{Text: one.Sender.Name}, {Text: moment(one.ReceivedAt), Note: one.By}, {Tag: intakeTag(one.State)}, {Text: count(one.Counts.Read)}, {Text: count(one.Counts.Added)}, {Text: count(one.Counts.Changed)}}})
	}
	slices.SortStableFunc(out, func(a, b fileIn) int { return b.at.Compare(a.at) })
	return out, nil
}

func filesTable(list []fileIn) Table {
	t := Table{Caption: "Files", Quiet: true, Columns: []Column{{Text: "File"}, {Text: "From"}, {Text: "Received"}, {Text: "State"}, {Text: "Records", Numeric: true},
		{Text: "Added", Numeric: true}, {Text: "Changed", Numeric: true}}}
	for _, one := range list {
		t.Rows = append(t.Rows, one.cells)
	}
	return t
}
