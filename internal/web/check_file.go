package web

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// A file that is checked is stored nowhere. Its findings are kept a quarter of
// an hour, for whoever sent it, in a file that has no name any more.
const (
	keepChecked   = 15 * time.Minute
	mostChecked   = 20        // of everybody; the oldest goes
	mostKept      = 1_000_000 // findings of one file
	mostListed    = 1000      // findings on its pages
	findingsAPage = 50
)

// checkedFile is what the check of one file came to.
type checkedFile struct {
	ref       id.Ref
	owner     string
	name      string
	at        time.Time
	sum       nccis.CheckSummary
	rejection *nccis.Rejection
	total     int
	// findings are lines of CSV, in the order of the file.
	findings *os.File
	size     int64
}

// checkedFiles are the checks of the last minutes.
type checkedFiles struct {
	mu    sync.Mutex
	files []*checkedFile // the oldest first
}

func (c *checkedFiles) add(f *checkedFile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(f.at)
	c.files = append(c.files, f)
	for len(c.files) > mostChecked {
		c.files[0].forget()
		c.files = c.files[1:]
	}
}

func (c *checkedFiles) find(owner string, ref id.Ref, now time.Time) *checkedFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(now)
	for _, f := range c.files {
		if f.ref == ref && f.owner == owner {
			return f
		}
	}
	return nil
}

func (c *checkedFiles) expire(now time.Time) {
	for len(c.files) > 0 && now.Sub(c.files[0].at) > keepChecked {
		c.files[0].forget()
		c.files = c.files[1:]
	}
}

// forget gives the findings back to the disk. Whoever is just reading them
// gets an error, as if they had come too late.
func (f *checkedFile) forget() { _ = f.findings.Close() }

type checkFilePage struct {
	Page
	Form   *Form
	File   Upload
	Happen Details
}

func (s *Server) checkFilePage(w http.ResponseWriter, r *http.Request) error {
	return s.showCheckFile(w, r, newForm(nil))
}

func (s *Server) showCheckFile(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.render(w, r, "check_file", &checkFilePage{
		Page: Page{Title: "Check a file", Errors: form.Errors,
			Lead: "See what the Department would find in a monthly return, from any supplier and any year. Nothing of it is stored."},
		Form: form,
		File: form.Upload(Upload{Name: "file", Label: "The return, as your system exported it", Strong: true, Accept: ".xml,text/xml,application/xml",
			Hint: "An XML file of at most 200 MB. It is only read: nothing in this register changes."}),
		Happen: Details{Summary: "What happens with the file", Paragraphs: []string{
			"It is read as it arrives, held against every check of the year that it is for, and not kept.",
			"What was found can be looked at and downloaded for 15 minutes, by you alone.",
			"For a larger file use the command on the computer that runs Waymark: waymark check FILE.xml. It has no limit."}},
	})
}

// reading remembers what went wrong with the sending, which is not the file's
// fault.
type reading struct {
	io.Reader
	failed error
}

func (n *reading) Read(b []byte) (int, error) {
	c, err := n.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		n.failed = err
	}
	return c, err
}

// sendingFailed is what a broken upload ends in: too large, or cut short.
func sendingFailed(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return fmt.Errorf("%w: %w", errForm, err)
}

func (s *Server) checkFile(w http.ResponseWriter, r *http.Request) error {
	form, file, err := readUpload(r, "file")
	if err != nil {
		return err
	}
	if file == nil {
		form.Fail("file", "Choose the file to check")
		return s.showCheckFile(w, r, form)
	}
	if err := s.Sights.See(r.Context(), act.Sight{By: actorOf(r), Kind: access.CheckFile, Page: "file"}); err != nil {
		return err
	}
	f, err := s.check(r, file)
	if err != nil {
		return err
	}
	s.checked.add(f)
	http.Redirect(w, r, "/check-a-file/"+string(f.ref), http.StatusSeeOther)
	return nil
}

// check reads the file and keeps what was found.
func (s *Server) check(r *http.Request, file *sentFile) (*checkedFile, error) {
	store, err := s.nameless()
	if err != nil {
		return nil, err
	}
	f := &checkedFile{ref: id.NewRef(), owner: actorOf(r).Ref, name: fileName(file.Name), at: s.Now(), findings: store}
	buffer := bufio.NewWriterSize(store, 64<<10)
	lines := csv.NewWriter(buffer)
	in := &reading{Reader: file}
	f.sum, err = nccis.CheckFile(r.Context(), in, s.Requirement, nccis.CheckOptions{}, func(x nccis.Finding) error {
		if f.total++; f.total > mostKept {
			return nil
		}
		return lines.Write([]string{x.Check, strconv.Itoa(x.Priority), x.Record, strconv.Itoa(x.Position), nccis.FieldLabel(x.Field), x.Value, x.Message})
	})
	if in.failed == nil {
		// What follows the return is of no interest, but that it arrives is.
		_, _ = io.Copy(io.Discard, in)
	}
	switch {
	case in.failed != nil:
		err = sendingFailed(in.failed)
	case errors.As(err, &f.rejection):
		err = nil
	}
	lines.Flush()
	if err = errors.Join(err, lines.Error(), buffer.Flush()); err == nil {
		f.size, err = store.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		f.forget()
		return nil, err
	}
	return f, nil
}

// nameless is a new file in the data's folder that nobody else can open, and
// that is gone when it is closed or the program ends.
func (s *Server) nameless() (*os.File, error) {
	f, err := os.CreateTemp(s.Dir, "checked-*")
	if err != nil {
		return nil, fmt.Errorf("make room for what is found: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		s.Log.Warn("the findings of a checked file keep a name until somebody deletes them", "why", err.Error())
	}
	return f, nil
}

// fileName is what the sender called a file, without its folders.
func fileName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

type checkedPage struct {
	Page
	Refused  *Banner
	Do       string
	Facts    Summary
	Stats    []Stat
	Groups   Table
	Chosen   FilterTags
	List     Table
	Shown    string
	Pages    Pagination
	Nothing  *Empty
	Download string
	// Any says that there is something to list.
	Any bool
}

func (s *Server) checkedPage(w http.ResponseWriter, r *http.Request) error {
	f := s.checked.find(actorOf(r).Ref, id.Ref(r.PathValue("ref")), s.Now())
	if f == nil {
		return s.done(w, r, "/check-a-file", "What was found is kept for 15 minutes and is gone. Check the file again to see it.", nil)
	}
	check := r.URL.Query().Get("check")
	row, known := f.checkCount(check)
	if !known {
		check = ""
	}
	p := &checkedPage{Page: Page{Title: "What the check found", Caption: f.name, Back: &Link{Text: "Check a file", Href: "/check-a-file"}, Section: "/check-a-file"},
		Stats: priorityStats(f.sum.Findings), Facts: f.facts(f.requirement(s.Requirement)), Groups: f.groups(), Any: f.total > 0,
		Download: "/check-a-file/" + string(f.ref) + "/findings.csv"}
	f.banners(p)
	total := f.total
	if check != "" {
		total = row.Findings
		p.Chosen = FilterTags{Label: "Chosen check", Chosen: []Link{{Text: "Check " + check, Href: "/check-a-file/" + string(f.ref) + "#findings"}}}
	}
	listed := min(total, mostListed)
	page := pageOf(r, listed, findingsAPage)
	found, err := f.list(check, (page-1)*findingsAPage, findingsAPage)
	if err != nil {
		return err
	}
	p.List = findingsTable(found)
	p.Shown = showing(page, findingsAPage, len(found), total, "finding", "findings")
	if total > mostListed {
		p.Shown += " The first 1,000 are listed here; the download holds them all."
	}
	p.Pages = paginate(listed, findingsAPage, page, func(n int) string {
		q := url.Values{"page": {strconv.Itoa(n)}}
		if check != "" {
			q.Set("check", check)
		}
		return "/check-a-file/" + string(f.ref) + "?" + q.Encode() + "#findings"
	})
	return s.render(w, r, "checked", p)
}

// checkCount is how often one check found something in the file.
func (f *checkedFile) checkCount(check string) (nccis.CheckCount, bool) {
	for _, c := range f.sum.Checks {
		if c.Check.ID == check {
			return c, true
		}
	}
	return nccis.CheckCount{}, false
}

func (f *checkedFile) banners(p *checkedPage) {
	if f.rejection != nil {
		p.Refused = &Banner{Tone: "bad", Strong: "The Department would refuse this file whole.", Text: sentence(f.rejection.Reason), Status: true}
		p.Do = sentence(f.rejection.Do)
	}
	if f.sum.Invented {
		p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: "This is a file of the demonstration.",
			Text: "The Department knows no such authority as " + strings.Join(f.sum.Header.LEACodes, ", ") + "; in any other file the code is refused."})
	}
	if f.sum.StandIn != "" {
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "Another year's requirement stands in.", Text: f.sum.StandIn})
	}
	if f.total == 0 && f.rejection == nil {
		p.Nothing = &Empty{Title: "Nothing was found", Text: "Every check of the year passed for every record. This file can be sent as it is."}
	}
}

// requirement knows the demonstration's authorities where the file is its.
func (f *checkedFile) requirement(req *nccis.Requirement) *nccis.Requirement {
	if f.sum.Invented {
		return req.WithInvented(nccis.InventedAuthorities())
	}
	return req
}

func (f *checkedFile) facts(req *nccis.Requirement) Summary {
	var rows []Row
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, Row{Key: key, Value: value})
		}
	}
	h := f.sum.Header
	add("Records read", count(f.sum.Records))
	if end, err := civil.Parse(h.PeriodEnd); err == nil {
		add("Month", end.InMonth().Words()+", to "+end.Words())
		add("Authorities", authorityNames(req, h.LEACodes, end))
	}
	if f.sum.Edition != nil {
		add("Checked by", "The Department’s requirement of "+f.sum.Edition.Name)
	}
	add("Made by", strings.TrimSpace(h.SupplierName+" "+h.SupplierXMLVersion))
	if r := f.rejection; r != nil && r.Line > 0 {
		where := "Line " + count(r.Line)
		if r.Position > 0 {
			where += ", in record " + count(r.Position)
		}
		add("Reading stopped at", where)
	}
	return Summary{Rows: rows}
}

// authorityNames are codes with their names: "Knowsley (340), Wirral (344)".
func authorityNames(req *nccis.Requirement, codes []string, on civil.Date) string {
	var names []string
	for _, code := range codes {
		if la, ok := req.LocalAuthority(code, on); ok {
			names = append(names, la.Name+" ("+code+")")
		} else {
			names = append(names, code)
		}
	}
	return strings.Join(names, ", ")
}

func (f *checkedFile) groups() Table {
	t := Table{Caption: "By check", Columns: []Column{{Text: "What is wrong, and what to do"}, {Text: "Check"}, {Text: "How serious"}, {Text: "Who mends it"}, {Text: "Findings", Numeric: true}}}
	for priority := 1; priority <= 3; priority++ {
		for _, c := range f.sum.Checks {
			if c.Check.Priority != priority {
				continue
			}
			t.Rows = append(t.Rows, []Cell{
				{Text: c.Check.Title, Note: c.Check.Do, Header: true, Href: "/check-a-file/" + string(f.ref) + "?check=" + url.QueryEscape(c.Check.ID) + "#findings"},
				{Text: c.Check.ID}, {Tag: priorityTag(priority)}, {Text: capital(c.Check.Owner)}, {Text: count(c.Findings)}})
		}
	}
	return t
}

func findingsTable(found [][]string) Table {
	t := Table{Caption: "Findings", Quiet: true, Columns: []Column{{Text: "Record"}, {Text: "Place in the file", Numeric: true}, {Text: "Item"}, {Text: "As it stands"}, {Text: "What is wrong, and what to do"}}}
	for _, x := range found {
		record, place := x[2], x[3]
		if place == "0" {
			record, place = "The whole file", ""
		} else if record == "" {
			record = "No identifier"
		}
		t.Rows = append(t.Rows, []Cell{{Text: record, Header: true}, {Text: place}, {Text: x[4]}, {Text: orEmpty(x[5]), Fault: true},
			{Text: x[6], Note: "Check " + x[0] + ", " + strings.ToLower(priorityWord(atoi(x[1])))}})
	}
	return t
}

// list reads some findings of one check, or of all where check is empty.
func (f *checkedFile) list(check string, skip, n int) ([][]string, error) {
	var out [][]string
	err := f.each(func(line []string) error {
		switch {
		case check != "" && line[0] != check:
		case skip > 0:
			skip--
		default:
			out = append(out, line)
		}
		if len(out) == n {
			return io.EOF
		}
		return nil
	})
	return out, err
}

// each calls fn with every finding kept until it returns io.EOF.
func (f *checkedFile) each(fn func(line []string) error) error {
	lines := csv.NewReader(bufio.NewReaderSize(io.NewSectionReader(f.findings, 0, f.size), 64<<10))
	for {
		line, err := lines.Read()
		if err == nil {
			err = fn(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what was found: %w", err)
		}
	}
}

func (s *Server) checkedCSV(w http.ResponseWriter, r *http.Request) error {
	f := s.checked.find(actorOf(r).Ref, id.Ref(r.PathValue("ref")), s.Now())
	if f == nil {
		return s.done(w, r, "/check-a-file", "What was found is kept for 15 minutes and is gone. Check the file again to see it.", nil)
	}
	return sendCSV(w, "findings.csv", []string{"check", "priority", "record", "position", "field", "value", "message"}, func(write func(...string) error) error {
		if err := f.each(func(line []string) error { return write(line...) }); err != nil {
			return err
		}
		if f.total > mostKept {
			return write("", "", "", "", "", "", fmt.Sprintf("%d more findings are not listed; waymark check lists them all", f.total-mostKept))
		}
		return nil
	})
}
