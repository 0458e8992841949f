#!/bin/bash
# make fuzz: every fuzz target in turn, 20 s each or as long as the argument
# says. A finding is written into the package's testdata/fuzz; commit it with
# the mend.
set -u
cd "$(dirname "$0")/.." || exit 2
. scripts/house.sh

each=${1:-20s}
failed=0
found=0
while IFS=: read -r file target; do
	found=$((found + 1))
	say "$target in $(dirname "$file"), $each"
	in_group go test -run '^$' -fuzz "^$target\$" -fuzztime "$each" "./$(dirname "$file")/" || failed=$((failed + 1))
done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' internal test | sed 's/func //')
echo "$found targets, $failed failed"
[ "$found" -gt 0 ] && [ "$failed" = 0 ]
