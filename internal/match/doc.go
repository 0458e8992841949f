// Package match answers one question: is this the same young person?
//
// A school, a college and the register each write one person down in their own
// way. The room folds what they wrote (names, dates, postcodes, numbers) to a
// form that can be compared, finds the few people of a register that a row could
// be (block), weighs what agrees and what does not (score), and says why in words
// (explain). It knows no database, no clock and no network: rows go in, answers
// with reasons come out.
//
// The weights are those of Fellegi and Sunter: for each field, how much commoner
// this degree of agreement is among rows of one person than among rows of two,
// in bits (one bit doubles the odds). They are learned from the rows at hand, from
// those whose numbers agree where there are numbers, and are held near the
// tabulated ones where the rows say too little (docs/matching.md).
//
// An answer is one of three: the same, to be decided by a person, or different.
// Twins, brothers and sisters, and two people of one name must stay apart, so
// agreement of a household never counts as agreement of a person.
package match
