package imports

import (
	"bytes"

	"waymark/internal/layout"
	"waymark/internal/sheet"
)

// SniffBytes is how much of a file's beginning Takes wants to see.
const SniffBytes = 4096

// Takes says by its first bytes that a file goes the road of the Department's
// XML: any XML but the Common Transfer File in which schools pass pupils on, and
// no web page: some systems export one under the name of a spreadsheet.
func Takes(head []byte) bool {
	// UTF-16 has a zero byte beside each of these signs.
	text := bytes.ReplaceAll(bytes.TrimLeft(head, "\xef\xbb\xbf\xfe\xff"), []byte{0}, nil)
	text = bytes.TrimSpace(text)
	return bytes.HasPrefix(text, []byte("<")) && !layout.IsCTF(text) && !sheet.IsWebPage(text)
}
