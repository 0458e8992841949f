package audit

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// edge is the right edge of the tree: the roots of its whole subtrees, the
// largest first. It is all that is needed to add an entry and to work out the
// root (RFC 6962 2.1), at most 64 hashes for any number of entries.
type edge struct {
	size   int64
	hashes []tlog.Hash
}

// add adds one entry.
func (e *edge) add(leaf tlog.Hash) {
	e.hashes = append(e.hashes, leaf)
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.hashes) - 1
		e.hashes[last-1] = tlog.NodeHash(e.hashes[last-1], e.hashes[last])
		e.hashes = e.hashes[:last]
	}
	e.size++
}

// root is the hash of the whole tree; the zero hash where it is empty.
func (e *edge) root() tlog.Hash {
	if len(e.hashes) == 0 {
		return tlog.Hash{}
	}
	at := e.hashes[len(e.hashes)-1]
	for i := len(e.hashes) - 2; i >= 0; i-- {
		at = tlog.NodeHash(e.hashes[i], at)
	}
	return at
}

func (e *edge) bytes() []byte {
	out := make([]byte, 0, len(e.hashes)*tlog.HashSize)
	for _, h := range e.hashes {
		out = append(out, h[:]...)
	}
	return out
}

func readEdge(size int64, b []byte) (edge, error) {
	e := edge{size: size}
	if size < 0 || len(b) != bits.OnesCount64(uint64(size))*tlog.HashSize {
		return e, fmt.Errorf("the edge of the log has %d bytes, and does not belong to %d entries", len(b), size)
	}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		e.hashes = append(e.hashes, tlog.Hash(b[:tlog.HashSize]))
	}
	return e, nil
}
