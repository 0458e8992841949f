package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Ring holds the master keys, the one in use first, and remembers the keys that
// they opened. Many may use it at once.
type Ring struct {
	// path is the file of the master key, "" where it came from the environment.
	path string

	mu      sync.Mutex
	masters []*Key
	opened  map[string]*Key
}

// Where words say where the ring's master key stands.
func (r *Ring) where() string {
	if r.path == "" {
		return "the environment"
	}
	return r.path
}

// ErrNoMaster says that keys were wrapped by a master key that is not at hand.
type ErrNoMaster struct{ Master, Where string }

func (e ErrNoMaster) Error() string {
	return fmt.Sprintf("notes in this data are sealed under the master key %s, and it is not in %s: put its file back, or name it with --master-key. Without it the notes, partners’ files that were kept and the secrets of authenticator apps cannot be read by anybody; everything else can", e.Master, e.Where)
}

// OpenRing reads the master key from the text of a setting, where there is
// some, and else from a file. A file that is not there is made when the first
// key is needed; one that others than its owner may read is refused.
func OpenRing(path, setting string) (*Ring, error) {
	r := &Ring{path: path, opened: map[string]*Key{}}
	var err error
	if strings.TrimSpace(setting) != "" {
		r.path = ""
		r.masters, err = mastersOf(setting, r.where())
		return r, err
	}
	return r, r.read()
}

// NewRing is a ring with a master key of its own, in memory alone: for trials
// that keep nothing.
func NewRing() (*Ring, error) {
	k, err := newMaster()
	if err != nil {
		return nil, err
	}
	return &Ring{masters: []*Key{k}, opened: map[string]*Key{}}, nil
}

// read reads the file anew, if it is there.
func (r *Ring) read() error {
	text, err := os.ReadFile(r.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the master key: %w", err)
	}
	if info, err := os.Stat(r.path); err == nil && info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return fmt.Errorf("the master key, %s, may be read by others than its owner: chmod 600 it, and if somebody may have read it give waymark rotate-keys", r.path)
	}
	masters, err := mastersOf(string(text), r.path)
	if err != nil {
		return err
	}
	r.masters = masters
	return nil
}

const masterMark = "waymark-master-1:"

// masterName follows from the key, so that the same file has the same name
// wherever it stands; it tells nothing about the key.
func masterName(secret []byte) string {
	h := sha256.Sum256(append([]byte("name of a master key of Waymark\n"), secret...))
	return hex.EncodeToString(h[:6])
}

func newMaster() (*Key, error) {
	k, err := NewKey()
	if err == nil {
		k.ID = masterName(k.secret[:])
	}
	return k, err
}

func masterText(k *Key) string {
	return masterMark + base64.StdEncoding.EncodeToString(k.secret[:]) + "\n"
}

// mastersOf reads keys with spaces or line ends between.
func mastersOf(text, where string) ([]*Key, error) {
	var out []*Key
	for _, one := range strings.Fields(text) {
		raw, ok := strings.CutPrefix(one, masterMark)
		secret, err := base64.StdEncoding.DecodeString(raw)
		if !ok || err != nil || len(secret) != KeySize {
			return nil, fmt.Errorf("%s holds no master key: each is one line that begins %s and has 44 characters more", where, masterMark)
		}
		k, err := keyOf(masterName(secret), secret)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no master key: it is empty. Put the right file in its place; an empty one is never written by Waymark", where)
	}
	return out, nil
}

// Master is the name of the master key in use; where there is none yet one is
// made and kept in the file.
func (r *Ring) Master() (string, error) {
	k, err := r.master()
	if err != nil {
		return "", err
	}
	return k.ID, nil
}

// Has says that there is a master key already.
func (r *Ring) Has() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.masters) > 0
}

func (r *Ring) master() (*Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path != "" { // another process may have rotated it
		if err := r.read(); err != nil {
			return nil, err
		}
	}
	if len(r.masters) == 0 {
		if err := r.make(); err != nil {
			return nil, err
		}
	}
	return r.masters[0], nil
}

// make keeps a new master key in the file. Where another process was first, its
// key is read.
func (r *Ring) make() error {
	if r.path == "" {
		return errors.New("there is no master key")
	}
	k, err := newMaster()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the master key: %w", err)
	}
	// Written whole under another name and then linked: nobody reads half a key.
	half, err := writeBeside(r.path, masterText(k))
	if err != nil {
		return err
	}
	defer os.Remove(half)
	if err := os.Link(half, r.path); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("keep the master key: %w", err)
	}
	if err := syncFolder(r.path); err != nil {
		return err
	}
	return r.read()
}

// Rewrapped locks a register's key, which belongs to what is said, with the
// master key in use, and says which that is.
func (r *Ring) Rewrapped(k *Key, belongs string) (master string, wrapped []byte, err error) {
	m, err := r.master()
	if err != nil {
		return "", nil, err
	}
	return m.ID, m.Wrap(k, belongs), nil
}

// Unwrap opens a register's key. It is remembered. Where the master key is not
// known the file is read again: another process may have rotated it. It
// returns ErrNoMaster or ErrWrongKey.
func (r *Ring) Unwrap(master, name string, wrapped []byte, belongs string) (*Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.opened[name]; k != nil {
		return k, nil
	}
	m := r.named(master)
	if m == nil && r.path != "" {
		if err := r.read(); err != nil {
			return nil, err
		}
		m = r.named(master)
	}
	if m == nil {
		return nil, ErrNoMaster{master, r.where()}
	}
	k, err := m.Unwrap(name, wrapped, belongs)
	if err == nil {
		r.opened[name] = k
	}
	return k, err
}

func (r *Ring) named(name string) *Key {
	for _, m := range r.masters {
		if m.ID == name {
			return m
		}
	}
	return nil
}

// Begin puts a new master key before the old ones in the file, unless a
// rotation that was cut is to be finished: then there are two already, and the
// first is the new one. It says which is in use from now on. A key from the
// environment is rotated by giving the new one before the old one there.
func (r *Ring) Begin() (master string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path != "" {
		if err := r.read(); err != nil {
			return "", err
		}
	}
	if len(r.masters) == 0 {
		return "", errors.New("there is no master key yet: nothing was ever sealed, and there is nothing to rotate")
	}
	if len(r.masters) > 1 {
		return r.masters[0].ID, nil
	}
	if r.path == "" {
		return "", errors.New("the master key stands in the environment: put a new one before it there, with a space between, and give the command again")
	}
	k, err := newMaster()
	if err != nil {
		return "", err
	}
	if err := r.keep([]*Key{k, r.masters[0]}); err != nil {
		return "", err
	}
	return k.ID, nil
}

// Finish leaves only the master key in use in the file, once nothing is wrapped
// by another.
func (r *Ring) Finish() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path == "" {
		r.masters = r.masters[:1]
		return nil
	}
	return r.keep(r.masters[:1])
}

func (r *Ring) keep(masters []*Key) error {
	var text strings.Builder
	for _, m := range masters {
		text.WriteString(masterText(m))
	}
	half, err := writeBeside(r.path, text.String())
	if err != nil {
		return err
	}
	if err := os.Rename(half, r.path); err != nil {
		return errors.Join(fmt.Errorf("keep the master key: %w", err), os.Remove(half))
	}
	r.masters = masters
	return syncFolder(r.path)
}

// writeBeside writes a file of its own next to path, and to the disk.
func writeBeside(path, text string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-")
	if err != nil {
		return "", fmt.Errorf("keep the master key: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("keep the master key: %w", err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keep the master key: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && os.PathSeparator == '/' {
		return fmt.Errorf("keep the master key: %w", err)
	}
	return nil
}
