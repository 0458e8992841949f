package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/intake"
)

// intakeRoutes are the pages of files that schools, colleges and teams send.
func (s *Server) intakeRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/intakes/{ref}", Permission: access.ImportFile, Handler: s.intakePage},
		{Method: "GET", Pattern: "/intakes/{ref}/columns", Permission: access.ImportFile, Handler: s.columnsPage},
		{Method: "POST", Pattern: "/intakes/{ref}/columns", Permission: access.ImportFile, Handler: s.confirmColumns},
		{Method: "GET", Pattern: "/intakes/{ref}/words", Permission: access.ImportFile, Handler: s.intakeWordsPage},
		{Method: "POST", Pattern: "/intakes/{ref}/words", Permission: access.KeepSender, Handler: s.teachWords},
		{Method: "GET", Pattern: "/intakes/{ref}/problems/{code}", Permission: access.ImportFile, Handler: s.problemPage},
		{Method: "GET", Pattern: "/intakes/{ref}/faulty.csv", Permission: access.ImportFile, Handler: s.faultyFile},
		{Method: "GET", Pattern: "/intakes/{ref}/rows", Permission: access.ImportFile, Handler: s.intakeRowsPage},
		{Method: "GET", Pattern: "/intakes/{ref}/rows/{row}", Permission: access.ImportFile, Handler: s.intakeRowPage},
		{Method: "POST", Pattern: "/intakes/{ref}/rows/{row}", Permission: access.ImportFile, Handler: s.changeRow},
		{Method: "GET", Pattern: "/intakes/{ref}/matches", Permission: access.ImportFile, Handler: s.nextMatch},
		{Method: "GET", Pattern: "/intakes/{ref}/matches/{row}", Permission: access.ImportFile, Handler: s.matchPage},
		{Method: "POST", Pattern: "/intakes/{ref}/matches/{row}", Permission: access.ImportFile, Handler: s.decideMatch},
		{Method: "GET", Pattern: "/intakes/{ref}/gone", Permission: access.ImportFile, Handler: s.gonePage},
		{Method: "POST", Pattern: "/intakes/{ref}/gone", Permission: access.ImportFile, Handler: s.decideGone},
		{Method: "GET", Pattern: "/intakes/{ref}/apply", Permission: access.ImportFile, Handler: s.applyPage},
		{Method: "POST", Pattern: "/intakes/{ref}/apply", Permission: access.ImportFile, Handler: s.applyIntake},
		{Method: "GET", Pattern: "/intakes/{ref}/cancel", Permission: access.ImportFile, Handler: s.cancelPage},
		{Method: "POST", Pattern: "/intakes/{ref}/cancel", Permission: access.ImportFile, Handler: s.cancelIntake},
		{Method: "GET", Pattern: "/intakes/{ref}/undo", Permission: access.UndoImport, Handler: s.undoIntakePage},
		{Method: "POST", Pattern: "/intakes/{ref}/undo", Permission: access.UndoImport, Handler: s.undoIntake},
		{Method: "GET", Pattern: "/senders", Permission: access.ImportFile, Handler: s.sendersPage},
		{Method: "GET", Pattern: "/senders/new", Permission: access.KeepSender, Handler: s.newSenderPage},
		{Method: "POST", Pattern: "/senders/new", Permission: access.KeepSender, Handler: s.saveSender},
		{Method: "GET", Pattern: "/senders/words", Permission: access.ImportFile, Handler: s.wordsPage},
		{Method: "GET", Pattern: "/senders/word", Permission: access.KeepSender, Handler: s.wordPage},
		{Method: "POST", Pattern: "/senders/word", Permission: access.KeepSender, Handler: s.mendWord},
		{Method: "GET", Pattern: "/senders/{ref}", Permission: access.KeepSender, Handler: s.senderPage},
		{Method: "POST", Pattern: "/senders/{ref}", Permission: access.KeepSender, Handler: s.saveSender},
		{Method: "POST", Pattern: "/senders/{ref}/forget", Permission: access.KeepSender, Handler: s.forgetMapping},
	}
}

func intakeHref(ref id.Ref, tail string) string { return "/intakes/" + string(ref) + tail }

// intakeTag is what became of a partner's file, in a word.
func intakeTag(state intake.State) *Tag {
	switch state {
	case intake.Receiving, intake.Mapped, intake.Staged, intake.Matched:
		return &Tag{Text: "Being read", Colour: "yellow"}
	case intake.Received:
		return &Tag{Text: "To be understood", Colour: "blue"}
	case intake.InReview:
		return &Tag{Text: "In review", Colour: "blue"}
	case intake.Applied:
		return &Tag{Text: "Loaded", Colour: "green"}
	case intake.Refused:
		return &Tag{Text: "Refused", Colour: "red"}
	case intake.Cancelled:
		return &Tag{Text: "Put away", Colour: "grey"}
	}
	return &Tag{Text: "Taken back", Colour: "grey"}
}

func intakeTitle(state intake.State) string {
	switch state {
	case intake.Received:
		return "The partner’s file has arrived"
	case intake.InReview:
		return "Review a partner’s file"
	case intake.Applied:
		return "The partner’s file is in the register"
	case intake.Undone:
		return "The partner’s file was taken back"
	case intake.Cancelled:
		return "The partner’s file was put away"
	case intake.Refused:
		return "The partner’s file cannot be read"
	}
	return "The partner’s file is being read"
}

// Step is one stage of a file on its way; "steps" draws them.
type Step struct {
	Text string
	// Now marks the stage that it is at, Done those behind it.
	Now, Done bool
}

// State is how far the stage is, for who cannot see it.
func (t Step) State() string {
	switch {
	case t.Now:
		return "now"
	case t.Done:
		return "done"
	}
	return "to come"
}

func intakeSteps(state intake.State) []Step {
	at := map[intake.State]int{intake.Receiving: 0, intake.Received: 1, intake.Mapped: 2, intake.Staged: 3, intake.Matched: 4, intake.InReview: 4, intake.Applied: 6}
	now, ok := at[state]
	if !ok {
		return nil
	}
	var steps []Step
	for i, text := range []string{"Receive", "Understand", "Read", "Match", "Review", "Apply"} {
		steps = append(steps, Step{Text: text, Now: i == now, Done: i < now})
	}
	return steps
}

type intakePage struct {
	Page
	Steps    []Step
	Progress *Progress
	Message  *Banner
	Next     []Link
	Stats    []Stat
	Effect   string
	Decide   Table
	Problems Table
	Faulty   string
	Facts    Summary
	Apply    string
	Undo     string
	Cancel   string
}

func (s *Server) intakePage(w http.ResponseWriter, r *http.Request) error {
	in, err := s.Intake.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &intakePage{Page: Page{Title: intakeTitle(in.State), Caption: in.FileName, Section: "/imports", Back: &Link{Text: "Files in", Href: "/imports"}},
		Steps: intakeSteps(in.State), Facts: intakeFacts(in)}
	if !in.State.Over() {
		p.Cancel = intakeHref(in.Ref, "/cancel")
	}
	switch {
	case in.State == intake.Receiving || in.State.Working():
		p.Refresh, p.Progress = 1, intakeProgress(in)
		return s.render(w, r, "intake", p)
	case in.State == intake.Received:
		p.Message = messageBanner("warn", in.Message)
		p.Next = []Link{{Text: "Say how it is read", Href: intakeHref(in.Ref, "/columns")}}
		return s.render(w, r, "intake", p)
	case in.State == intake.InReview:
		err = s.reviewIntake(r, p, in)
	default:
		err = s.endedIntake(r, p, in)
	}
	if err != nil {
		return err
	}
	return s.render(w, r, "intake", p)
}

func messageBanner(tone, words string) *Banner {
	if words == "" {
		return nil
	}
	return &Banner{Tone: tone, Text: sentence(words), Status: true}
}

// intakeProgress is how far the stage under way is.
func intakeProgress(in intake.Intake) *Progress {
	p := &Progress{Label: "How far the file is", Total: 100, Done: 2, Words: "The file arrives."}
	switch in.State {
	case intake.Mapped:
		p.Done, p.Words = 20, "Its rows are read: "+plural(in.Counts.Read, "row", "rows")+" so far."
	case intake.Staged:
		p.Done, p.Words = 50, plural(in.Counts.Read, "row is", "rows are")+" met with the young people of the register."
	case intake.Matched:
		p.Done, p.Words = 80, "It is worked out what would change."
	}
	return p
}

func intakeFacts(in intake.Intake) Summary {
	f := Summary{Title: "The file", ID: "the-file"}
	add := func(key, value, source string) {
		if value != "" {
			f.Rows = append(f.Rows, Row{Key: key, Value: value, Source: source})
		}
	}
	add("File", in.FileName, "")
	add("Sender", in.Sender.Name, labelled("Under: ", in.Sender.Agreement))
	whole := ""
	if in.Whole {
		whole = "Taken as a full roll: whoever was on the last one and is not on this has probably left"
	}
	add("Kind", in.KindName, whole)
	add("True on", in.AsAt.Words(), "")
	add("Received", moment(in.ReceivedAt)+" from "+in.By, "")
	if in.Bytes > 0 {
		add("Size", size(max(in.Bytes, 1<<10)), "")
	}
	add("Columns not kept", strings.Join(in.NotHeld(), ", "), "The register has no place for them: they are read, and nothing comes of them")
	add("SHA-256", in.SHA256, "")
	return f
}

// endedIntake fills in what became of a file with which nothing more happens.
func (s *Server) endedIntake(r *http.Request, p *intakePage, in intake.Intake) error {
	switch in.State {
	case intake.Refused, intake.Cancelled:
		p.Message = &Banner{Tone: "bad", Strong: "Nothing was changed.", Text: sentence(in.Message), Status: true}
		p.Next = []Link{{Text: "Send a file", Href: "/imports/new?sender=" + string(in.Sender.Ref)}}
		return nil
	case intake.Undone:
		p.Message = messageBanner("info", orText(in.Message, "What it had stated is held no longer; what it had replaced is held again"))
		return nil
	}
	p.Message = messageBanner("good", appliedWords(in))
	p.Stats = intakeStats(in)
	if in.Act != 0 {
		p.Undo = intakeHref(in.Ref, "/undo")
	}
	return nil
}

func appliedWords(in intake.Intake) string {
	if in.Counts.Added+in.Counts.Changed == 0 {
		return "There was nothing new in it, and nothing was changed"
	}
	return plural(in.Counts.Added, "person was", "people were") + " added, and " + plural(in.Counts.Changed, "row", "rows") + " changed what is held"
}

// intakeFailed answers what the trade refuses: in words, and back to the file.
func (s *Server) intakeFailed(w http.ResponseWriter, r *http.Request, err error) error {
	var refused intake.Refusal
	var stale intake.Stale
	words := ""
	switch {
	case errors.As(err, &refused):
		words = refused.Message
	case errors.As(err, &stale):
		words = stale.Message
	case errors.Is(err, intake.ErrBusy):
		words = sentence(intake.ErrBusy.Error())
	default:
		return err
	}
	p := &errorPage{Page: Page{Title: "This cannot be done now", Section: "/imports"}, Paragraphs: []string{words}, Next: &Link{Text: "Look at the file again", Href: intakeHref(id.Ref(r.PathValue("ref")), "")}}
	return s.renderStatus(w, r, http.StatusConflict, "error", p)
}

// waitWhile waits for the work on a small file, so that its review comes at
// once; a larger one is told by its progress.
func (s *Server) waitWhile(r *http.Request, ref id.Ref) error {
	for range 75 {
		in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
		if err != nil || !in.State.Working() {
			return err
		}
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// rowAsked is the row of the file that the address names.
func rowAsked(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("row"))
	if err != nil || n < 1 || n > 1<<30 {
		return 0, errNoPage
	}
	return n, nil
}

// complaintOf is what the trade says is wrong with a field, "" where it is
// something else.
func complaintOf(err error) string {
	var wrong field.Errors
	var refused intake.Refusal
	var stale intake.Stale
	switch {
	case errors.As(err, &wrong) && len(wrong) > 0:
		return wrong[0].Message
	case errors.As(err, &refused):
		return refused.Message
	case errors.As(err, &stale):
		return stale.Message
	}
	return ""
}
