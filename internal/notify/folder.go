package notify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Folder keeps messages as files, each named by its reference, and sends them
// to nobody: for trials, and for whoever takes them from there by other means.
type Folder struct{ Dir string }

// Name says that messages are kept in files.
func (f *Folder) Name() string { return "the folder of messages" }

// Carries is true of every channel.
func (f *Folder) Carries(Channel) bool { return true }

func (f *Folder) file(reference string) (string, error) {
	if reference == "" || strings.Trim(reference, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return "", Refused{"the reference is no name of a file"}
	}
	return filepath.Join(f.Dir, reference+".txt"), nil
}

// Send writes the message to its file. One that is there already is there once:
// the file appears whole or not at all.
func (f *Folder) Send(_ context.Context, n Note) (Answer, error) {
	name, err := f.file(n.Reference)
	if err != nil {
		return Answer{}, err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return Answer{}, NotSent{err.Error()}
	}
	temporary, err := os.CreateTemp(f.Dir, ".message-*")
	if err != nil {
		return Answer{}, NotSent{err.Error()}
	}
	defer os.Remove(temporary.Name())
	to := n.To
	if n.Channel == Letter {
		to = strings.Join(n.Address, ", ")
	}
	_, err = fmt.Fprintf(temporary, "Reference: %s\nBy: %s\nTo: %s\nSubject: %s\n\n%s\n", n.Reference, n.Channel, oneLine(to), oneLine(n.Subject), n.Body)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return Answer{}, NotSent{err.Error()}
	}
	if err := os.Link(temporary.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return Answer{}, NotSent{err.Error()}
	}
	return Answer{State: Delivered, Carrier: filepath.Base(name)}, nil
}

// Ask says whether the file is there.
func (f *Folder) Ask(_ context.Context, _ Channel, reference string) (Answer, error) {
	name, err := f.file(reference)
	if err != nil {
		return Answer{}, err
	}
	switch _, err := os.Stat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return Answer{State: Absent}, nil
	case err != nil:
		return Answer{}, err
	}
	return Answer{State: Delivered, Carrier: filepath.Base(name)}, nil
}

// oneLine keeps what was typed from becoming a line of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
