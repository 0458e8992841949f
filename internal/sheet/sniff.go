package sheet

import (
	"bytes"
	"io"
	"regexp"
)

// sniffed is how much of a file is looked at to see what it is.
const sniffed = 256 << 10

// foreign are files that are not lists, by their first bytes, with what to tell
// whoever sent one.
func foreign() []struct{ magic, words string } {
	const picture = "this is a picture, not a list. Send the spreadsheet that it shows, saved as .xlsx or CSV"
	const packed = "this is a packed archive, not a list. Unpack it, and send the file that is in it"
	return []struct{ magic, words string }{
		{"\x89PNG", picture}, {"\xff\xd8\xff", picture}, {"GIF8", picture}, {"BM\x00", picture}, {"II*\x00", picture}, {"MM\x00*", picture},
		{"%PDF", "this is a PDF, made for reading and printing. Send the spreadsheet that it was made from, saved as .xlsx or CSV"},
		{"{\\rtf", "this is a text document. Send the list as a spreadsheet, saved as .xlsx or CSV"},
		{"\x1f\x8b", packed}, {"7z\xbc\xaf", packed}, {"Rar!", packed}, {"BZh", packed},
		{"SQLite format 3", "this is a database. Export the list from it as CSV"},
		{"MZ\x90", "this is a program, not a list. Do not open it, and ask who sent it"},
		{"\x7fELF", "this is a program, not a list. Do not open it, and ask who sent it"},
	}
}

// jsonText begins with an object or a list of objects.
var jsonText = regexp.MustCompile(`^(\[\s*)?\{\s*"[^"]*"\s*:`)

// compoundFile are the first bytes of the files of older Office programs, which
// wrap encrypted files of newer ones too.
const compoundFile = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// sniff says whether a file is a workbook; what is neither that nor text is
// Refused.
func sniff(r io.ReaderAt, size int64, head []byte) (workbook bool, err error) {
	if blank(head) {
		return false, refuse(0, "the file is empty. Save the list again, see that it is there when you open the file, and send that")
	}
	for _, f := range foreign() {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return false, refuse(0, "%s", f.words)
		}
	}
	if len(head) > 12 && (string(head[4:8]) == "ftyp" || string(head[:4]) == "RIFF") {
		return false, refuse(0, "this is a picture or a recording, not a list. Send the spreadsheet, saved as .xlsx or CSV")
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK")) && len(head) > 3 && head[2] <= 8 && head[3] <= 8:
		return true, nil
	case bytes.HasPrefix(head, []byte(compoundFile)):
		return false, compound(r, size)
	}
	start := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 1024)], "\xef\xbb\xbf \t\r\n"))
	switch {
	case bytes.HasPrefix(start, []byte("<?xml")):
		return false, refuse(0, "this is an XML file, which is no list of rows. If a program says that it is a spreadsheet, open it there and save it as .xlsx or CSV")
	case jsonText.Match(start):
		return false, refuse(0, "this is JSON, which one program writes for another. Export the list from it as .xlsx or CSV")
	case IsWebPage(start):
		return false, refuse(0, "this is a web page, although its name may say that it is a spreadsheet. Open it in your spreadsheet program and save it as .xlsx or CSV")
	}
	return false, nil
}

// IsWebPage says that a text, without space before it, is HTML.
func IsWebPage(text []byte) bool {
	start := bytes.ToLower(text[:min(len(text), 16)])
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) || bytes.HasPrefix(start, []byte("<table"))
}

// blank says that nothing but space stands in the head.
func blank(head []byte) bool {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		head = bytes.TrimPrefix(head, []byte(mark))
	}
	return len(bytes.Trim(head, " \t\r\n\x00")) == 0
}

// compound tells an encrypted workbook from an old one.
func compound(r io.ReaderAt, size int64) error {
	has := func(name string) bool { return contains(r, size, wide(name)) }
	switch {
	case has("EncryptedPackage"), has("EncryptionInfo"):
		return refuse(0, "the file is protected by a password, so nobody here can read it. Save it without the password and send it by a safe road, not by e-mail")
	case has("WordDocument"):
		return refuse(0, "this is a Word document. Send the list as a spreadsheet, saved as .xlsx or CSV")
	case has("Workbook"), has("Book"):
		return refuse(0, "this is a workbook of the old kind (.xls). Open it, choose Save As, and save it as Excel Workbook (.xlsx)")
	}
	return refuse(0, "this is a file of an older Office program, not a list. Save the list as .xlsx or CSV")
}

// wide is an ASCII name as compound files spell it.
func wide(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// contains looks for the word in the whole file, of which it holds little.
func contains(r io.ReaderAt, size int64, word []byte) bool {
	window := make([]byte, 256<<10)
	for at := int64(0); at < size; at += int64(len(window) - len(word)) {
		n, err := r.ReadAt(window, at)
		if bytes.Contains(window[:n], word) {
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}
