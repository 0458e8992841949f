package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waymark/test/outside"
)

// The bounds of issue 4.
const (
	referenceTimes  = 3.0 // of the wall time of sqlite3 .import
	referencePeakMB = 200
	referenceHeld   = 4.0 // seconds that another writer waits
)

// benchReference measures `waymark reference load` of a postcode directory as
// large as the real one beside `sqlite3 .import` of the same file, and how long
// the longest hold of the writer is.
func benchReference(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("reference", flag.ContinueOnError)
	postcodes := flags.Int("postcodes", 2_700_000, "rows of the file")
	binary := flags.String("binary", "", "a waymark that is built already")
	postgres := flags.String("db", "", "an empty PostgreSQL database to load into as well")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := outside.Build(ctx, dir, *binary)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "NSPL_MAY_2025_UK.csv")
	if err := writeDirectory(file, *postcodes); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%d postcodes, %.0f MB\n%-32s %8s %8s %12s %8s %7s\n", *postcodes, float64(info.Size())/1e6, "command", "wall s", "peak MB", "rows/s", "held s", "times")
	base, err := measure(ctx, "sqlite3", filepath.Join(dir, "plain.db"), ".mode csv", ".import "+file+" postcode")
	if err != nil {
		return err
	}
	fmt.Printf("%-32s %8.2f %8.1f %12.0f %8s %7s\n", "sqlite3 .import", base.wall.Seconds(), base.peakMB, float64(*postcodes)/base.wall.Seconds(), "", "1.00")
	var broken []error
	for _, to := range []struct{ name, flag, value string }{{"SQLite", "--data", filepath.Join(dir, "data")}, {"PostgreSQL", "--db", *postgres}} {
		if to.value == "" {
			continue
		}
		if _, err := measure(ctx, program, "register", "add", to.flag, to.value, "--name", "Bench", "--database-id", "341", "--authority", "341"); err != nil {
			return err
		}
		cost, told, err := measureTold(ctx, program, "reference", "load", to.flag, to.value, "--format", "json", file)
		if err != nil {
			return err
		}
		var report struct {
			Rows int     `json:"rows"`
			Held float64 `json:"held_seconds"`
		}
		if err := json.Unmarshal([]byte(told), &report); err != nil {
			return err
		}
		times := cost.wall.Seconds() / base.wall.Seconds()
		fmt.Printf("%-32s %8.2f %8.1f %12.0f %8.2f %7.2f\n", "waymark reference load, "+to.name, cost.wall.Seconds(), cost.peakMB, float64(*postcodes)/cost.wall.Seconds(), report.Held, times)
		if report.Rows != *postcodes {
			broken = append(broken, fmt.Errorf("%s: %d rows of %d are loaded", to.name, report.Rows, *postcodes))
		}
		if times > referenceTimes || cost.peakMB > referencePeakMB || report.Held > referenceHeld {
			broken = append(broken, fmt.Errorf("%s: %.2f times sqlite3 .import (at most %.0f), %.0f MB (at most %d), others waited %.1f s (at most %.0f)",
				to.name, times, referenceTimes, cost.peakMB, referencePeakMB, report.Held, referenceHeld))
		}
		again := time.Now()
		if _, err := measure(ctx, program, "reference", "load", to.flag, to.value, file); err != nil {
			return err
		}
		fmt.Printf("%-32s %8.2f\n", "  the same file again", time.Since(again).Seconds())
	}
	return errors.Join(broken...)
}

// writeDirectory invents a postcode directory in the columns of NSPL May 2025
// (context.md 8.2), in the order of the post.
func writeDirectory(name string, n int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(directory(out, n), out.Flush(), f.Close())
}

const directoryHead = "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa21,cty,ced,laua,ward,nhser,ctry,rgn,pcon,ttwa,itl,park,lsoa21,msoa21,wz11,sicbl,bua24,ruc21,oac11,lat,long,lep1,lep2,pfa,imd,icb"

func directory(out io.Writer, n int) error {
	const letters = "ABDEFGHJLNPQRSTUWXYZ"
	if _, err := fmt.Fprintf(out, "\"%s\"\r\n", strings.ReplaceAll(directoryHead, ",", `","`)); err != nil {
		return err
	}
	const perSector, districts = 230, 29
	for i := range n {
		sector := i / perSector
		area := sector / 10 / districts
		district := fmt.Sprintf("%c%c%d", letters[area/20%20], letters[area%20], sector/10%districts+1)
		unit := i % perSector
		in := fmt.Sprintf("%d%c%c", sector%10, letters[unit/20], letters[unit%20])
		ended := ""
		if i%3 == 0 {
			ended = "200312"
		}
		if _, err := fmt.Fprintf(out, "\"%-4s%s\",\"%-4s %s\",\"%s %s\",\"198001\",\"%s\",\"0\",\"%d\",\"%d\",\"1\",\"E00%06d\",\"E99999999\",\"E99999999\",\"E0800%04d\",\"E0500%04d\",\"E18000001\",\"E92000001\",\"E12000002\","+
			"\"E14001234\",\"E30000233\",\"E08000012\",\"E65000001\",\"E010%05d\",\"E02001234\",\"E33012345\",\"E38000091\",\"E63008401\",\"UN1\",\"5A1\",\"53.%06d\",\"-2.%06d\",\"E37000022\",\"\",\"E23000004\",\"%d\",\"E54000008\"\r\n",
			district, in, district, in, district, in, ended, 300_000+i%100_000, 400_000+i%90_000, i/20%1_000_000, i/30_000, i/300%10_000, i/80%100_000, i%1_000_000, i%1_000_000, i%32_844+1); err != nil {
			return err
		}
	}
	return nil
}
