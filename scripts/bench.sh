#!/bin/bash
# make bench: what the project promises about speed and memory, each measured
# in the same run as its baseline.
set -u
cd "$(dirname "$0")/.." || exit 2
. scripts/house.sh

bring
start_postgres
in_group go run ./test/bench "$@"
