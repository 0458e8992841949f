// Package audit proves that the log of acts and sights is whole, and shows it
// to those who watch over it.
//
// In the trade, information governance answers for who looked at whom and who
// changed what. The log itself is the acts and the sights (package act): there
// is no second one. Over it stands a Merkle tree as in the checksum database
// of Go and in Certificate Transparency (RFC 6962, golang.org/x/mod/sumdb/tlog).
// Its entries are the acts, in the order of their numbers, and the batches in
// which sights are written. They are sealed a few seconds after they were
// written, in a short transaction beside the register, so that neither an
// import nor a page waits for it. Every five minutes the root of the tree is
// signed (a seal) and written outside the database.
//
// # What the log proves
//
// That since a seal was taken no act and no sight before it was changed, taken
// away, put elsewhere or put in, and that the database is not an older copy of
// itself: as long as the seal, or a later one, is kept where whoever changed
// the database could not change it too.
//
// # What it does not prove
//
//   - What is not sealed yet, a few seconds' worth, and what is sealed and not
//     yet under a signed seal, five minutes' worth, can be changed unseen by
//     somebody with the password of the database. So can everything, by
//     somebody who has besides the private key and every copy of the seals.
//   - That an act was written for everything that was done: the program writes
//     one in the same transaction, and its tests hold it to that; somebody who
//     changes a fact in the database past the program leaves none.
//   - What the facts were. They stand in tables of versions, each with the act
//     that opened and closed it; entries name the act and not the values.
//
// # Erasure
//
// The log holds numbers, references and hashes. No name of a young person is
// in it, and an act or a sight names one by a number that means nothing once
// the record is erased. The one place for words is the reason that somebody
// typed: of it the hash alone is hashed into the entry, so that EraseReasons
// can take the words away and leave a log that can still be checked. Who
// guesses the whole text of an erased reason can confirm the guess by its hash.
package audit
