package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"waymark/internal/db"
)

// ToFile writes a backup to a file. Under its name there is only ever a whole
// one, written out to the disk; while it grows it stands beside it under a name
// that begins with a dot. It returns how long the file is.
func ToFile(ctx context.Context, d *db.DB, name, program string, recipients ...age.Recipient) (report *Report, size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // nobody else may read it
	if err != nil {
		return nil, 0, fmt.Errorf("the file of the backup cannot be made: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close() // a second time does nothing that matters
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriterSize(f, 1<<18)
	if report, err = Write(ctx, d, out, program, recipients...); err != nil {
		return nil, 0, err
	}
	if err := errors.Join(out.Flush(), f.Sync()); err != nil {
		return nil, 0, fmt.Errorf("write the backup: %w", err)
	}
	if size, err = f.Seek(0, io.SeekEnd); err != nil {
		return nil, 0, err
	}
	if err := f.Close(); err != nil {
		return nil, 0, fmt.Errorf("write the backup: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return nil, 0, err
	}
	return report, size, syncDir(filepath.Dir(name))
}

func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
