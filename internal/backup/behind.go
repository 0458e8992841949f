package backup

import "io"

// behindBytes is how much is handed over at once, and handed how often it may
// lie waiting.
const (
	behindBytes = 1 << 20
	handed      = 4
)

// behind writes in a goroutine of its own, so that pressing and encrypting
// take their own core.
type behind struct {
	pieces chan []byte
	free   chan []byte
	failed chan error // holds the first error
	done   chan struct{}
	buf    []byte
}

func newBehind(to io.Writer) *behind {
	b := &behind{pieces: make(chan []byte, handed), free: make(chan []byte, handed+2), failed: make(chan error, 1), done: make(chan struct{})}
	go func() {
		defer close(b.done)
		var failed error
		for piece := range b.pieces {
			if failed == nil {
				if _, failed = to.Write(piece); failed != nil {
					b.failed <- failed
				}
			}
			select {
			case b.free <- piece[:0]:
			default:
			}
		}
	}()
	return b
}

// Write hands bytes over. An error is that of an earlier Write.
func (b *behind) Write(p []byte) (int, error) {
	b.buf = append(b.buf, p...)
	if len(b.buf) < behindBytes {
		return len(p), nil
	}
	if err := b.hand(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (b *behind) hand() error {
	select {
	case err := <-b.failed:
		b.failed <- err
		return err
	case b.pieces <- b.buf:
	}
	select {
	case b.buf = <-b.free:
	default:
		b.buf = make([]byte, 0, behindBytes+pieceBytes)
	}
	return nil
}

// Close writes the rest and waits for it.
func (b *behind) Close() error {
	err := b.hand()
	close(b.pieces)
	<-b.done
	select {
	case err = <-b.failed:
	default:
	}
	return err
}

// before reads in a goroutine of its own.
type before struct {
	pieces chan []byte
	free   chan []byte
	stop   chan struct{}
	done   chan struct{}
	err    error // of the reading; to be read once pieces is closed
	held   []byte
	whole  []byte
}

func newBefore(from io.Reader) *before {
	b := &before{pieces: make(chan []byte, handed), free: make(chan []byte, handed+2), stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(b.done)
		defer close(b.pieces)
		for {
			var piece []byte
			select {
			case piece = <-b.free:
			default:
				piece = make([]byte, behindBytes)
			}
			n, err := 0, error(nil)
			for n < len(piece) && err == nil {
				var more int
				more, err = from.Read(piece[n:])
				n += more
			}
			if n > 0 {
				select {
				case b.pieces <- piece[:n]:
				case <-b.stop:
					return
				}
			}
			if err != nil {
				b.err = err
				return
			}
		}
	}()
	return b
}

// Read reads what was read ahead.
func (b *before) Read(p []byte) (int, error) {
	for len(b.held) == 0 {
		if b.whole != nil {
			select {
			case b.free <- b.whole[:behindBytes]:
			default:
			}
			b.whole = nil
		}
		piece, ok := <-b.pieces
		if !ok {
			return 0, b.err
		}
		b.held, b.whole = piece, piece
	}
	n := copy(p, b.held)
	b.held = b.held[n:]
	return n, nil
}

// Close ends the reading ahead. The reader below may still be waited for.
func (b *before) Close() {
	close(b.stop)
	<-b.done
}
