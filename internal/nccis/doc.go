// Package nccis is the Department for Education's monthly requirement, as
// data and pure functions: what the return holds, which codes are allowed in
// which year, how long a confirmation stays current, and what the Department
// checks.
//
// In the trade, NCCIS is the National Client Caseload Information System: the
// database to which every English authority sends, once a month, one record
// for each young person whom it must track. CCIS is the authority's own side
// of it. The requirement runs by financial year (April to March), so every
// code, element and check has an edition from which, and perhaps until which,
// it holds.
//
// Nothing here reads a clock, a database or the network.
package nccis
