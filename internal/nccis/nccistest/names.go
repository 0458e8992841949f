package nccistest

import (
	"fmt"
	"math/rand/v2"

	"waymark/internal/nccis"
)

func givenNames() []string {
	return []string{"Abel", "Amina", "Aoife", "Bao", "Bethan", "Callum", "Chidi", "Dara", "Ewa", "Farid", "Grace", "Hana", "Idris", "Jasleen", "Kofi", "Lena", "Mina", "Nia", "Omar", "Priya",
		"Quentin", "Rosa", "Sanjay", "Tegan", "Usha", "Viktor", "Wren", "Xanthe", "Yusuf", "Zoë"}
}

func streets() []string {
	return []string{"Lantern Row", "Otter Close", "Thimble Street", "Marigold Rise", "Kite Hill", "Puddle Lane", "Anvil Court", "Cobnut Way", "Teasel & Rush Yard", "Weir Walk"}
}

func towns() []string {
	return []string{"Northmere", "Little Wenning", "Marlbridge", "Saint Osric", "Fennick", "Great Tolling", "Harrowby Sands", "Quillham"}
}

// name is different for each of the first several million people.
func name(i int) (given, family string) {
	starts := []string{"Ash", "Bram", "Cald", "Dun", "Elm", "Fern", "Gor", "Hazel", "Ink", "Jun", "Kel", "Lark", "Mos", "Nettle", "Oak", "Pen", "Quill", "Rud", "Sorrel", "Thist"}
	middles := []string{"a", "ber", "cott", "den", "er", "fel", "gar", "hol", "in", "ker", "len", "mor", "nor", "ol", "per", "ral", "sen", "ter", "ul", "wen"}
	ends := []string{"bank", "brook", "by", "combe", "croft", "dale", "field", "ford", "ham", "hurst", "ley", "low", "mead", "more", "ridge", "stead", "thorpe", "ton", "wick", "worth"}
	all := givenNames()
	given = all[i%len(all)]
	i /= len(all)
	family = starts[i%20] + middles[i/20%20] + ends[i/400%20]
	if more := i / 8000; more > 0 {
		family += "-" + starts[more%20] + ends[more/20%20]
	}
	return given, family
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// letters are of those that the second half of a postcode may have.
func letters(r *rand.Rand, n int) string {
	const allowed = "ABDEFGHJLNPQRSTUWXYZ"
	b := make([]byte, n)
	for i := range b {
		b[i] = allowed[r.IntN(len(allowed))]
	}
	return string(b)
}

// uln is the i-th unique learner number with a right check digit, "" where the
// number has none.
func uln(i int) string {
	n := fmt.Sprintf("%09d", 100_000_000+i)
	sum := 0
	for k := range n {
		sum += int(n[k]-'0') * (10 - k)
	}
	if sum%11 == 0 {
		return ""
	}
	return fmt.Sprintf("%s%d", n, 10-sum%11)
}

// upn is a unique pupil number with a right check letter.
func upn(la string, i int) string {
	rest := fmt.Sprintf("%s%04d%02d%03d", la, 4000+i/1000%40+i/400_000*40, 14+i/40000%10, i%1000)
	for _, c := range "ABCDEFGHJKLMNPQRTUVWXYZ" {
		if n := string(c) + rest; nccis.ValidUPN(n) {
			return n
		}
	}
	return ""
}
