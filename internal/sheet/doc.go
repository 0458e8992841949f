// Package sheet reads rows out of the files that people keep lists in, CSV and
// Excel workbooks, and writes such files. A sheet is rows of cells as a person
// sees them on the screen; what a cell means is not known here.
//
// The readers are our own. encoding/csv gives up on the whole file where a quote
// stands askew, cannot continue in the middle, and pays for each cell; excelize
// opens a workbook by unpacking all of its parts to memory or to disk, gives rows
// without the cells that merged ones cover, and has no limit on the rows of one
// part. Ours stream: what is held is one row, the window in which it was found and,
// of a workbook, its shared texts, which have a limit of their own. Both are
// oracles in the tests, and excelize writes the workbooks (architecture.md 0).
//
// Files come from outside, so that each has limits (ux-security.md 5.9) and every
// file that cannot be read is Refused in words that its sender understands.
package sheet
