#!/bin/bash
# make campaign-NAME: hours of what `make check` tries for seconds. It brings
# what it needs from Debian where it may, starts a PostgreSQL of its own, and
# leaves nothing running.
set -u
cd "$(dirname "$0")/.." || exit 2
. scripts/house.sh

bring xfsprogs
start_postgres
in_group go run ./test/campaign "$@"
