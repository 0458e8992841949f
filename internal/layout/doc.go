// Package layout knows what a partner's file looks like: which row is the
// header, what each column holds, what the sender's words mean, and what one
// row says once it is read.
//
// In the trade every school and college sends a list of its own making. The
// kinds of list are few (a roll, a list of leavers, September Guarantee offers);
// their layouts are without number. A kind of file, a column's name and a
// sender's word are therefore rows of the CSV files beside this code, which a
// data officer can read and mend:
//
//	kinds.csv      the kinds of file: how much each says, what it may change, its restriction
//	kind_item.csv  what each kind is expected to hold, and what it cannot do without
//	heading.csv    what columns are called
//	words.csv      what senders' words mean in the Department's codes
//	reason.csv     why somebody left, and what that says of them now
//
// Only facts about columns are decided here: nothing about people, nothing in
// silence. What was changed, mended, translated or left out is said.
//
// Nothing here reads a clock, a database or the network.
package layout
