package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// workbook is an XLSX file: parts in a zip archive.
type workbook struct {
	parts  map[string]*zip.File
	limits Limits
	sheets []string // the parts of the sheets
	texts  []string // shared by cells that hold the same
	styles []style  // by the number that a cell names
	y1904  bool     // days are counted from 1904
}

// damaged refuses a workbook that contradicts itself.
func damaged(why string) error {
	return refuse(0, "the workbook is damaged, or not all of it arrived (%s). Open it in your spreadsheet program, save it again, and send that", why)
}

func openWorkbook(r io.ReaderAt, size int64, l Limits) (*Book, error) {
	archive, err := zip.NewReader(io.NewSectionReader(r, 0, size), size) // a list of parts may lead outside the file
	if err != nil {
		if !errors.Is(err, zip.ErrFormat) && !errors.Is(err, zip.ErrAlgorithm) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) && !errors.Is(err, zip.ErrInsecurePath) {
			return nil, err
		}
		if archive == nil {
			return nil, damaged("its list of parts cannot be read")
		}
	}
	w := &workbook{parts: map[string]*zip.File{}, limits: l}
	if err := w.admit(archive); err != nil {
		return nil, err
	}
	b := &Book{Format: "XLSX", limits: l, work: w}
	if err := w.plan(b); err != nil {
		return nil, err
	}
	if len(b.Sheets) == 0 {
		return nil, refuse(0, "the workbook has no sheet with cells. Save the list as a sheet of an .xlsx file, or as CSV")
	}
	return b, nil
}

// admit lists the parts and holds them to the limits: by what they say of
// themselves here, and by what comes out of them as they are read, because the
// archive may lie.
func (w *workbook) admit(archive *zip.Reader) error {
	if len(archive.File) > w.limits.Entries {
		return refuse(0, "the workbook has %d parts inside; at most %d are taken. Copy the list to a new workbook and send that", len(archive.File), w.limits.Entries)
	}
	unpacked := uint64(0)
	for _, f := range archive.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/"))
		if f.Flags&1 != 0 {
			return refuse(0, "the file is protected by a password, so nobody here can read it. Save it without the password and send it by a safe road, not by e-mail")
		}
		if unpacked += min(f.UncompressedSize64, 1<<40); unpacked > uint64(w.limits.Unpacked) {
			return refuse(0, "unpacked, the workbook would take more than %d MB, so it was not opened. Copy the list alone to a new workbook, or save it as CSV", w.limits.Unpacked>>20)
		}
		const small = 4 << 20 // does no harm however well it packs
		if f.UncompressedSize64 > small && f.UncompressedSize64/uint64(w.limits.Ratio) > f.CompressedSize64 {
			return refuse(0, "a part of the workbook would grow more than %d times when unpacked, as files made to do harm are, so it was not opened. Copy the list alone to a new workbook, or save it as CSV", w.limits.Ratio)
		}
		if _, twice := w.parts[name]; !twice {
			w.parts[name] = f
		}
	}
	return w.isWorkbook()
}

// isWorkbook tells a plain workbook from all else that is kept in archives.
func (w *workbook) isWorkbook() error {
	has := func(name string) bool { return w.parts[name] != nil }
	starts := func(prefix string) bool {
		for name := range w.parts {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case has("xl/vbaproject.bin"), starts("xl/macrosheets/"):
		return refuse(0, "the workbook holds macros (programs), which are never let in. Save it as Excel Workbook (.xlsx), without macros, and send that")
	case has("xl/workbook.bin"):
		return refuse(0, "this is a binary workbook (.xlsb). Save it as Excel Workbook (.xlsx)")
	case has("word/document.xml"):
		return refuse(0, "this is a Word document. Send the list as a spreadsheet, saved as .xlsx or CSV")
	case has("ppt/presentation.xml"):
		return refuse(0, "these are slides. Send the list as a spreadsheet, saved as .xlsx or CSV")
	case has("content.xml") && has("mimetype"):
		return refuse(0, "this is an OpenDocument file. Save it as Excel Workbook (.xlsx) or CSV")
	case starts("index/") && has("metadata/properties.plist"):
		return refuse(0, "this is a Numbers file. Export it as Excel (.xlsx) or CSV")
	case !has("[content_types].xml"):
		return refuse(0, "this is a packed archive, not a list. Unpack it, and send the file that is in it")
	}
	return nil
}

// plan reads the small parts: which sheets there are and where, how numbers are
// shown, and the shared texts.
func (w *workbook) plan(b *Book) error {
	main := "xl/workbook.xml"
	root, err := w.relations("_rels/.rels", "")
	if err != nil {
		return err
	}
	for _, r := range root {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.target
		}
	}
	if w.parts[main] == nil {
		return damaged("it has no workbook part")
	}
	dir, base := path.Split(main)
	relations, err := w.relations(dir+"_rels/"+base+".rels", dir)
	if err != nil {
		return err
	}
	if err := w.listSheets(b, main, relations); err != nil {
		return err
	}
	for _, r := range relations {
		switch {
		case strings.HasSuffix(r.kind, "/styles"):
			err = w.readStyles(r.target)
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			err = w.readTexts(r.target)
		case strings.HasSuffix(r.kind, "/vbaProject"):
			err = refuse(0, "the workbook holds macros (programs), which are never let in. Save it as Excel Workbook (.xlsx), without macros, and send that")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// listSheets finds the sheets with cells, in the order in which they are shown.
func (w *workbook) listSheets(b *Book, main string, relations map[string]relation) error {
	return w.read(main, func(s *scanner) error {
		for {
			e, err := s.next()
			if err != nil || e == nil {
				return err
			}
			switch e.Name.Local {
			case "workbookPr":
				w.y1904 = w.y1904 || truth(attribute(e, "date1904"))
			case "sheet":
				r := relations[linked(e)]
				if !strings.HasSuffix(r.kind, "/worksheet") || w.parts[r.target] == nil {
					continue
				}
				if len(b.Sheets) >= w.limits.Sheets {
					return refuse(0, "the workbook has more than %d sheets. Copy the list to a new workbook and send that", w.limits.Sheets)
				}
				b.Sheets = append(b.Sheets, attribute(e, "name"))
				state := attribute(e, "state")
				b.Hidden = append(b.Hidden, state == "hidden" || state == "veryHidden")
				w.sheets = append(w.sheets, r.target)
			}
		}
	})
}

// relation is how one part names another.
type relation struct{ kind, target string }

// relations are those of a part, by their ids, targets as names of parts.
func (w *workbook) relations(name, dir string) (map[string]relation, error) {
	out := map[string]relation{}
	if w.parts[strings.ToLower(name)] == nil {
		return out, nil
	}
	return out, w.read(strings.ToLower(name), func(s *scanner) error {
		for {
			e, err := s.next()
			if err != nil || e == nil {
				return err
			}
			if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
				continue
			}
			target := attribute(e, "Target")
			if rooted, ok := strings.CutPrefix(target, "/"); ok {
				target = path.Clean(rooted)
			} else {
				target = path.Join(dir, target)
			}
			out[attribute(e, "Id")] = relation{attribute(e, "Type"), strings.ToLower(target)}
		}
	})
}

// readTexts reads the shared texts into memory, which is why they have a limit.
func (w *workbook) readTexts(name string) error {
	if w.parts[name] == nil {
		return nil
	}
	held := int64(0)
	return w.read(name, func(s *scanner) error {
		for {
			e, err := s.next()
			if err != nil || e == nil {
				return err
			}
			if e.Name.Local != "si" {
				continue
			}
			one, err := s.text("si")
			if err != nil {
				return err
			}
			if held += int64(len(one)) + 16; held > w.limits.Texts {
				return refuse(0, "the workbook holds more than %d MB of different texts. Save the list as CSV and send that", w.limits.Texts>>20)
			}
			w.texts = append(w.texts, one)
		}
	})
}

// read hands a part to fn.
func (w *workbook) read(name string, fn func(*scanner) error) error {
	s, err := w.scan(name)
	if err != nil {
		return err
	}
	defer s.close()
	return fn(s)
}

func (w *workbook) scan(name string) (*scanner, error) {
	f := w.parts[name]
	if f == nil {
		return nil, damaged("a part is missing")
	}
	in, err := f.Open()
	if err != nil {
		return nil, asDamage(err)
	}
	return newScanner(in, min(int64(f.UncompressedSize64), w.limits.Unpacked)), nil
}

// asDamage says in words what archive/zip and encoding/xml say of broken parts;
// errors of the file's own reader stay what they are.
func asDamage(err error) error {
	var bad *xml.SyntaxError
	var refused Refused
	switch {
	case err == nil, errors.As(err, &refused):
		return err
	case errors.As(err, &bad):
		return damaged(fmt.Sprintf("line %d of a part is not as XML must be", bad.Line))
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), isFlate(err):
		return damaged("a part cannot be unpacked")
	}
	return err
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// linked is the id by which an element names another part: an attribute id with a
// prefix, beside one that may have none.
func linked(e *xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func truth(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
