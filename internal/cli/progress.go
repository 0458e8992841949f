package cli

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progressEvery is how many bytes pass between two lines of progress.
const progressEvery = 16 << 20

// progress counts what is read and tells it on a terminal; with none it only
// reads.
type progress struct {
	in         io.Reader
	size       int64
	to         io.Writer
	read, told int64
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.in.Read(b)
	p.read += int64(n)
	if p.to != nil && p.read-p.told >= progressEvery {
		p.told = p.read
		if p.size > 0 {
			fmt.Fprintf(p.to, "\r%d of %d MB read (%d%%) ", p.read>>20, p.size>>20, 100*p.read/p.size)
		} else {
			fmt.Fprintf(p.to, "\r%d MB read ", p.read>>20)
		}
	}
	return n, err
}

// done clears the line of progress.
func (p *progress) done() {
	if p.told > 0 {
		fmt.Fprint(p.to, "\r\033[K")
	}
}

// progressLine tells how far a load is: a line written over on a terminal, else
// a line every few seconds.
type progressLine struct {
	to       io.Writer
	terminal bool
	now      func() time.Time
	last     time.Time
	wrote    bool
}

// newProgressLine tells on standard error, by the clock given.
func newProgressLine(env *Env, now func() time.Time) *progressLine {
	return &progressLine{to: env.Stderr, terminal: terminal(env.Stderr) != nil, now: now}
}

// tell tells what line gives, when the next line is due.
func (p *progressLine) tell(line func() string) {
	now := p.now()
	if p.last.IsZero() {
		p.last = now
	}
	every := 5 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	if p.terminal {
		fmt.Fprint(p.to, "\r\033[K"+line())
		p.wrote = true
		return
	}
	fmt.Fprintln(p.to, line())
}

// end clears the line.
func (p *progressLine) end() {
	if p.wrote {
		fmt.Fprint(p.to, "\r\033[K")
	}
}

// terminal is w where it is a terminal, else nil: progress is for people only.
func terminal(w io.Writer) io.Writer {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return f
}
