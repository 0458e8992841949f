// Package cli is the commands that an operator types: each reads its
// arguments, calls one function of the trade and prints what came of it. It
// decides nothing.
//
// Output for people is the default, --format csv or json is for machines;
// progress goes to standard error. Exit codes: 0 done, 1 findings, 2 refused.
package cli
