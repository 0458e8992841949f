// Package returns builds the monthly NCCIS return: one file that states, for
// the last day of a month, each young person for whom an authority must answer
// to the Department for Education.
//
// In the trade a return is built, checked, mended until nothing serious is
// left, signed off by two people, sent through the Department's website, and
// then accepted or rejected. A leaver (somebody who has left the cohort) is
// reported once, and counts as reported when the return is sent.
//
// # What a door calls
//
//   - Build states a draft: Draft.People, Groups, Findings of one check, Totals.
//     Nothing is stored; the draft is kept in memory, so that looking at it
//     again, or after a mend, costs only what has changed. It needs SeeReturn,
//     and what it holds about people may be shown only after a sight of them.
//   - Draft.Problem tells what a finding is about and where it is mended: the
//     young person's reference and the part of their page (CheckRow.Fix).
//   - Movements compares a draft with the last return frozen.
//   - Mends says which check can be mended for many at once, Preview what that
//     would change, Apply does it, UndoMend takes it back.
//   - Position tells how far a month has come: who has signed, what stands in
//     the way. Sign signs, first one person and then another; the second
//     signature freezes the file. Record notes what became of it: sent,
//     accepted, rejected because, superseded because.
//   - List and Get are the returns stored; Fetch writes the frozen file, the
//     same bytes for ever.
//   - Take logs that a draft is written to a file; Draft.WriteXML writes it.
package returns
