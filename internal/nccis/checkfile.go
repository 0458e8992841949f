package nccis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"waymark/internal/civil"
)

// DemoSupplier is the SupplierName of the files that the demonstration makes.
// In them alone its invented authorities count as known.
const DemoSupplier = "Waymark demo"

// InventedAuthorities are the authorities of the demonstration, by code. No
// authority has, or had, one of these codes or names.
func InventedAuthorities() map[string]string {
	return map[string]string{
		"991": "Northmere", "992": "Aldersea", "993": "Wexcombe",
		"994": "Fallowmere", "995": "Saltmarsh", "996": "Kingsfell",
	}
}

// CheckOptions changes what CheckFile looks by.
type CheckOptions struct {
	// Edition is the one to check by; nil for the period end's own.
	Edition *Edition
}

// CheckSummary is what a check of a file came to.
type CheckSummary struct {
	Header  Header
	Edition *Edition
	// StandIn tells a data officer that the edition stands in for another
	// year's, which is not held; "" where it does not, or was asked for.
	StandIn string
	// Invented says that the file is the demonstration's and its authorities
	// are accepted though the Department knows none of them.
	Invented bool
	Records  int
	// Findings counts them by priority, 1 to 3.
	Findings [4]int
	// Checks are those that found something, in the Department's order.
	Checks []CheckCount
}

// CheckCount is how often one check found something.
type CheckCount struct {
	Check    CheckRow
	Findings int
}

// CheckFile reads a return and reports what the Department would find in it:
// record by record in the order of the file, and what is wrong with the file
// as a whole last. The edition is the one of the file's period end. A file
// that the Department refuses whole gives a *Rejection; findings reported
// until then stand. An error of emit ends the check and is returned. Nothing
// reads r any more once CheckFile has returned.
func CheckFile(ctx context.Context, r io.Reader, req *Requirement, o CheckOptions, emit func(Finding) error) (CheckSummary, error) {
	rd, err := NewReader(r)
	if err != nil {
		return CheckSummary{}, err
	}
	sum := CheckSummary{Header: rd.Header(), Edition: o.Edition}
	periodEnd := civil.MustParse(sum.Header.PeriodEnd) // the reader has read it
	if sum.Edition == nil {
		sum.Edition, _ = req.EditionOn(periodEnd)
		sum.StandIn = sum.Edition.StandInNote(periodEnd)
	}
	if sum.Header.SupplierName == DemoSupplier {
		req, sum.Invented = req.WithInvented(InventedAuthorities()), true
	}
	if err := knownAuthorities(req, sum.Header, periodEnd, rd.Line()); err != nil {
		return sum, err
	}
	count := map[string]int{}
	var failed error
	tell := func(f Finding) {
		if failed == nil {
			count[f.Check]++
			sum.Findings[f.Priority]++
			failed = emit(f)
		}
	}
	checker := req.NewChecker(sum.Edition, sum.Header)
	err = eachBatch(ctx, rd, func(records []Record) error {
		for i := range records {
			checker.Record(&records[i], tell)
		}
		sum.Records += len(records)
		return failed
	})
	if err == nil {
		checker.Finish(tell)
		err = failed
	}
	for _, row := range sum.Edition.Checks() {
		if n := count[row.ID]; n > 0 {
			sum.Checks = append(sum.Checks, CheckCount{row, n})
		}
	}
	return sum, err
}

// knownAuthorities refuses a header with the code of no authority (nccis.md
// 10.2, 12).
func knownAuthorities(req *Requirement, h Header, on civil.Date, line int) error {
	for _, code := range h.LEACodes {
		if la, ok := req.LocalAuthority(code, on); ok && la.English() {
			continue
		}
		reason := fmt.Sprintf("the FileHeader's LEACode %s was no English authority on %s", code, on.Words())
		if was, ok := req.LocalAuthorityEver(code, on); ok && was.English() && was.Successor != "" {
			reason += fmt.Sprintf(": it was %s, now %s", was.Name, strings.ReplaceAll(was.Successor, " ", " and "))
		} else if name, ok := InventedAuthorities()[code]; ok {
			reason += fmt.Sprintf(": %s exists only in Waymark's demonstration", name)
		}
		return &Rejection{Reason: reason, Do: doSetting, Line: line}
	}
	return nil
}

const (
	batchRecords = 128
	batchesAhead = 6
)

// eachBatch reads on one core while look works on another. The records are
// look's only until it returns.
func eachBatch(ctx context.Context, rd *Reader, look func([]Record) error) error {
	full, free := make(chan []Record, batchesAhead), make(chan []Record, batchesAhead)
	for range batchesAhead {
		free <- make([]Record, batchRecords)
	}
	stop := make(chan struct{})
	var readErr error
	go func() {
		defer close(full)
		for {
			select {
			case <-stop:
				return
			case <-ctx.Done():
				readErr = ctx.Err()
				return
			case batch := <-free:
				n := 0
				for batch = batch[:batchRecords]; n < batchRecords && readErr == nil; n++ {
					if readErr = rd.Next(&batch[n]); readErr != nil {
						n--
					}
				}
				full <- batch[:n]
				if readErr != nil {
					return
				}
			}
		}
	}()
	var err error
	for batch := range full {
		if err == nil {
			if err = look(batch); err != nil {
				close(stop)
			}
		}
		free <- batch
	}
	if err == nil && !errors.Is(readErr, io.EOF) {
		err = readErr
	}
	return err
}
