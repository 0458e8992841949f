package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/export"
	"waymark/internal/id"
	"waymark/internal/sheet"
)

// peopleFile is a file that names young people.
type peopleFile struct {
	name   string
	people int
	head   []string
}

// sendPeople sends a file that names young people, sealed: it is logged before
// the first line goes out, and its last line says who took it and its
// fingerprint. Whoever wants many is led to say why first.
func (s *Server) sendPeople(w http.ResponseWriter, r *http.Request, f peopleFile, rows func(write func(cells ...string) error) error) error {
	wanted := export.File{Name: f.name, Address: withoutExport(r.URL), People: f.people}
	e, err := s.Exports.Begin(r.Context(), actorOf(r), id.Ref(r.URL.Query().Get("export")), wanted)
	if ask := (export.ErrAsk{}); errors.As(err, &ask) {
		http.Redirect(w, r, "/downloads/new?"+url.Values{"of": {wanted.Address}, "name": {wanted.Name}, "people": {strconv.Itoa(ask.People)}}.Encode(), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	lines, sum, printed := 0, sha256.New(), ""
	err = sendLines(w, f.name, func(out io.Writer) error {
		c, err := sheet.NewCSV(io.MultiWriter(out, sum))
		if err != nil {
			return err
		}
		counted := func(cells ...string) error { lines++; return c.Write(cells...) }
		if err := errors.Join(c.Write(f.head...), rows(counted), c.Close()); err != nil {
			return err
		}
		printed = hex.EncodeToString(sum.Sum(nil))
		return errors.Join(c.Write(e.Line(lines, printed)), c.Close())
	})
	if err != nil {
		return err
	}
	// The lines are out, or where they are few with the connection: what cannot
	// be noted any more is told in the log of the server, and the seal says that
	// the file was asked for.
	if err := s.Exports.Sent(r.Context(), actorOf(r), e, lines, printed); err != nil {
		s.Log.ErrorContext(r.Context(), "a download was sent and its seal not kept", "export", string(e.Ref), "error", err.Error())
	}
	return nil
}

// withoutExport is what was asked for, without under which seal.
func withoutExport(u *url.URL) string {
	q := u.Query()
	q.Del("export")
	return u.Path + asQuery(q)
}

type downloadsPage struct {
	Page
	Table Table
	None  *Empty
}

func (s *Server) downloadRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/downloads", Permission: access.DownloadPeople, Handler: s.downloadsPage},
		{Method: "GET", Pattern: "/downloads/new", Permission: access.DownloadPeople, Handler: s.newDownloadPage},
		{Method: "POST", Pattern: "/downloads", Permission: access.DownloadPeople, Handler: s.newDownload, StepUp: true},
		{Method: "GET", Pattern: "/downloads/{ref}", Permission: access.DownloadPeople, Handler: s.downloadPage},
		{Method: "POST", Pattern: "/downloads/{ref}/release", Permission: access.ReleaseExport, Handler: s.releaseDownload, StepUp: true},
	}
}

// mostDownloads is how many the page lists.
const mostDownloads = 100

func (s *Server) downloadsPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Exports.Latest(r.Context(), actorOf(r), mostDownloads)
	if err != nil {
		return err
	}
	p := &downloadsPage{Page: Page{Title: "Downloads", Section: "/lists", Back: &Link{Text: "Lists", Href: "/lists"},
		Lead: "Files that name young people, each sealed: who took it, when and why stands in its last line."}}
	if access.May(actorOf(r), access.SeeAudit) {
		p.Section, p.Back = "/audit", &Link{Text: "Who did and saw what", Href: "/audit"}
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "No file has been taken yet", Text: "A file is taken with “Download as CSV” under a list."}
		return s.render(w, r, "downloads", p)
	}
	p.Table = Table{Caption: "The latest downloads", Quiet: true, Columns: []Column{{Text: "File"}, {Text: "Young people", Numeric: true}, {Text: "Who"}, {Text: "When"}, {Text: "State"}}}
	for _, e := range all {
		p.Table.Rows = append(p.Table.Rows, []Cell{{Header: true, Text: e.Name, Href: "/downloads/" + string(e.Ref), Note: e.Reason}, {Text: count(e.People)}, {Text: e.AskedName},
			{Text: moment(e.AskedAt)}, {Tag: exportTag(e)}})
	}
	return s.render(w, r, "downloads", p)
}

func exportTag(e export.Export) *Tag {
	switch {
	case e.Waits():
		return &Tag{Text: "Waits for release", Colour: "yellow"}
	case e.Taken:
		return &Tag{Text: "Taken", Colour: "green"}
	case e.Released:
		return &Tag{Text: "Released", Colour: "blue"}
	}
	return &Tag{Text: "Asked for", Colour: "grey"}
}

type newDownloadPage struct {
	Page
	Form             *Form
	Of, Name, People string
	Reason           Input
}

func (s *Server) newDownloadPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if of := q.Get("of"); of == "" || localPath(of) != of {
		http.Redirect(w, r, "/downloads", http.StatusSeeOther) // nothing was asked for
		return nil
	}
	return s.showNewDownload(w, r, newForm(map[string]string{"of": q.Get("of"), "name": q.Get("name"), "people": q.Get("people")}))
}

func (s *Server) showNewDownload(w http.ResponseWriter, r *http.Request, form *Form) error {
	n, _ := strconv.Atoi(form.Text("people")) // what is no number names nobody; what is taken is counted again
	p := &newDownloadPage{Page: Page{Title: "Why do you need this file?", Section: "/lists", Errors: form.Errors, Back: &Link{Text: "Lists", Href: "/lists"},
		Lead: fmt.Sprintf("It names %s young people. Your answer is kept with the log, and stands in the last line of the file.", count(n))}, Form: form,
		Of: form.Text("of"), Name: form.Text("name"), People: strconv.Itoa(n)}
	if export.NeedsRelease(n) {
		p.Lead += fmt.Sprintf(" A file of more than %s is released by a second person before you can take it.", count(export.VeryMany))
	}
	p.Reason = form.Input(Input{Name: "reason", Label: "Why do you need it?", Hint: "For example: letters to those whose offer is not known. Name no young person.", Strong: true})
	return s.render(w, r, "download_new", p)
}

func (s *Server) newDownload(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(form.Text("people"))
	e, err := s.Exports.Ask(r.Context(), actorOf(r), export.File{Name: form.Text("name"), Address: localPath(form.Text("of")), People: n, Reason: form.Text("reason"), Key: form.Key})
	switch {
	case form.Take(err):
		return s.showNewDownload(w, r, form)
	case errors.Is(err, act.ErrRepeated):
		return s.done(w, r, "/downloads", "The file was asked for already.", nil)
	case err != nil:
		return err
	}
	return s.done(w, r, "/downloads/"+string(e.Ref), "", nil)
}

type downloadPage struct {
	Page
	Facts Summary
	// Take is where the file is, empty while it may not be taken.
	Take    string
	Waits   string
	Form    *Form
	Release string
}

func (s *Server) downloadPage(w http.ResponseWriter, r *http.Request) error {
	return s.showDownload(w, r, newForm(nil))
}

func (s *Server) showDownload(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	e, err := s.Exports.Get(r.Context(), by, id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &downloadPage{Page: Page{Title: "Download of " + e.Name, Section: "/lists", Errors: form.Errors, Back: &Link{Text: "Downloads", Href: "/downloads"}}, Form: form}
	add := func(key, value, source string) {
		if value != "" {
			p.Facts.Rows = append(p.Facts.Rows, Row{Key: key, Value: value, Source: source})
		}
	}
	add("Young people", count(e.People), "when it was asked for")
	add("Asked for by", e.AskedName, moment(e.AskedAt))
	add("Why", e.Reason, "")
	add("Released by", e.ReleasedName, moment(e.ReleasedAt))
	if e.Taken {
		add("Taken", moment(e.TakenAt), "")
		add("Rows", count(e.Rows), "")
		add("SHA-256", e.SHA256, "the fingerprint of all lines but the last")
	}
	switch {
	case e.AskedBy == by.Ref && !e.Waits():
		p.Take = e.Address
		if export.NeedsReason(e.People) {
			p.Take = addQuery(e.Address, "export", string(e.Ref))
		}
	case e.AskedBy == by.Ref:
		p.Waits = "A second person has to release this file: ask a data officer, a manager or information governance to look at Downloads. Then you find it here for a day."
	case e.Waits() && access.May(by, access.ReleaseExport):
		p.Release = "/downloads/" + string(e.Ref) + "/release"
	}
	return s.render(w, r, "download", p)
}

func addQuery(address, name, value string) string {
	if strings.Contains(address, "?") {
		return address + "&" + name + "=" + url.QueryEscape(value)
	}
	return address + "?" + name + "=" + url.QueryEscape(value)
}

func (s *Server) releaseDownload(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.Exports.Release(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key)
	switch {
	case form.Take(err):
		return s.showDownload(w, r, form)
	case errors.Is(err, act.ErrRepeated), errors.As(err, &db.Conflict{}):
		return s.done(w, r, "/downloads", "The file was released already.", nil)
	case err != nil:
		return err
	}
	return s.done(w, r, "/downloads", "The file is released: "+e.AskedName+" can take it for a day.", nil)
}
