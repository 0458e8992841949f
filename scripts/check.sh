#!/bin/bash
# make check: everything that must hold, on both engines and in a browser.
#
# It brings what it needs from Debian where it may, starts a PostgreSQL of its
# own in a temporary folder, runs the tests, and leaves nothing running. What it
# could not bring it names, and the tests that need it say that they were
# skipped.
set -u
cd "$(dirname "$0")/.." || exit 2
. scripts/house.sh

began=$SECONDS
before=$(git status --porcelain --ignored 2>/dev/null)
bring
room 2000
start_postgres

results=()
check() { # name, command…: runs it and keeps the result
	local name=$1
	shift
	if in_group "$@"; then results+=("$name=passed"); else results+=("$name=failed"); fi
}

formatted() {
	local wrong
	wrong=$(gofmt -l cmd internal test) || return 1
	[ -z "$wrong" ] && return 0
	echo "gofmt would change:"
	echo "$wrong"
	return 1
}

say "gofmt, go vet, staticcheck"
check gofmt formatted
check "go vet" go vet ./...
check "go vet -tags testclock" go vet -tags testclock ./internal/app/ ./cmd/...
if staticcheck=$(linter); then
	check staticcheck "$staticcheck" ./...
else
	say "staticcheck could not be built from tools/go.mod: not run"
	results+=("staticcheck=skipped")
fi

# Property tests draw the same cases each time one commit is checked (test/draws).
WAYMARK_TEST_SEED=$((16#$(git rev-parse 'HEAD^{tree}' 2>/dev/null | cut -c1-12 | grep . || echo 1)))
export WAYMARK_TEST_SEED

say "go test ./..., properties by seed $WAYMARK_TEST_SEED (after $((SECONDS - began)) s)"
go_test() {
	# Two cores: packages one after the other would leave one idle, and more
	# than two at once would make each test's time limits mean less. The two
	# that take longest begin, so that neither is alone at the end. -count=1:
	# some build the program and try that, and what go test kept of them may be
	# of another program. Vet has been run. GOGC: tests have memory, and collect
	# its waste less often for a good part of their time.
	GOGC=300 go test -json -count=1 -vet=off -timeout 25m "$@" ./test/browser ./internal/web ./... | go run ./test/tally "${results[@]}"
	return "${PIPESTATUS[1]}"
}
in_group go_test "$@"
result=$?
left=$(comm -13 <(sort <<<"$before") <(git status --porcelain --ignored 2>/dev/null | grep -v ' .build/$' | sort))
if [ -n "$left" ]; then
	say "THE TESTS LEFT THESE IN THE SOURCES, and they belong in a temporary folder:"
	echo "$left"
	result=1
fi
exit $result
