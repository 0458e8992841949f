# What the scripts share: bringing programs from Debian, a PostgreSQL server for
# the tests, and an end that leaves nothing running. Sourced by bash from the
# root of the repository.

set -m # each background job is a group of its own, so that it can be ended whole

work=$(mktemp -d "${TMPDIR:-/tmp}/waymark.XXXXXX") || exit 2
chmod 755 "$work" # the database's own user walks through it
mkdir -p "$work/tmp"
export TMPDIR=$work/tmp
group=
postgres_bin=
postgres_data=

say() { echo "== $*"; }

# room says so where less disk is free than the tests want, in MB: a full disk
# fails them in ways that look like faults of the product.
room() {
	local free
	free=$(df --output=avail -m "$work" | tail -n 1)
	[ "$free" -ge "$1" ] ||
		say "ONLY $((free)) MB ARE FREE IN ${work%/*}, and the tests want $1: make room, or name another folder in TMPDIR"
}

# in_group runs a command as a group of its own and waits for it, so that an
# interrupt reaches the trap at once and everything the command began can be
# ended.
in_group() {
	"$@" </dev/null &
	group=$!
	wait "$group"
	local result=$?
	group=
	return $result
}

stop_all() {
	trap '' INT TERM HUP
	if [ -n "$group" ]; then
		kill -TERM -- "-$group" 2>/dev/null
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 -- "-$group" 2>/dev/null || break
			sleep 0.3
		done
		kill -KILL -- "-$group" 2>/dev/null
		group=
	fi
	if [ -n "$postgres_data" ]; then
		as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -m immediate -w stop >/dev/null 2>&1
		postgres_data=
	fi
	rm -rf "$work" 2>/dev/null
}
trap stop_all EXIT
trap 'stop_all; exit 130' INT
trap 'stop_all; exit 143' TERM HUP

# privileged runs a command as root, or fails where it may not.
privileged() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		sudo -n "$@"
	else
		return 1
	fi
}

find_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

# have says that what a Debian package brings is there.
have() {
	case $1 in
	postgresql) [ -x "$(find_postgres)/initdb" ] ;;
	chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
	libxml2-utils) command -v xmllint >/dev/null ;;
	xfsprogs) command -v xfs_io >/dev/null ;;
	esac
}

# without says what is not tested where a package is missing.
without() {
	case $1 in
	postgresql) echo "every test on PostgreSQL will be skipped" ;;
	chromium) echo "every test in a browser will be skipped" ;;
	libxml2-utils) echo "the tests against the Department's schema (xmllint) will be skipped" ;;
	xfsprogs) echo "the campaign of power cuts fails" ;;
	esac
}

# install brings Debian packages. PostgreSQL is told to begin no server of its
# own: the tests have theirs.
install() {
	privileged true || return 1
	command -v apt-get >/dev/null || return 1
	if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
		privileged mkdir -p /etc/postgresql-common &&
			echo 'create_main_cluster = false' | privileged tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi
	local apt="env DEBIAN_FRONTEND=noninteractive timeout 900 apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0"
	privileged $apt install -y --no-install-recommends "$@" >"$work/apt.log" 2>&1 && return 0
	privileged $apt update >"$work/apt.log" 2>&1
	privileged $apt install -y --no-install-recommends "$@" >>"$work/apt.log" 2>&1
}

# bring installs what is missing of the packages the tests use, and of those
# named, and says what it could not.
bring() {
	local missing=() p
	for p in postgresql chromium libxml2-utils "$@"; do have $p || missing+=("$p"); done
	[ ${#missing[@]} = 0 ] && return 0
	say "installing from Debian: ${missing[*]}"
	in_group install "${missing[@]}"
	for p in "${missing[@]}"; do
		have "$p" || say "COULD NOT INSTALL $p: $(without "$p")"
	done
}

as_postgres() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
	elif command -v runuser >/dev/null; then
		runuser -u postgres -- "$@"
	else
		setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
	fi
}

free_port() {
	local port
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		port=$((20000 + RANDOM % 30000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo $port
}

# start_postgres starts a server in a temporary folder and names a database on
# it in WAYMARK_TEST_POSTGRES. Nothing in it outlives the run, so nothing is
# waited for to reach the disk, and its log is kept short.
start_postgres() {
	have postgresql || return 0
	postgres_bin=$(find_postgres)
	local data=$work/postgres port try
	mkdir -p "$data"
	[ "$(id -u)" = 0 ] && chown postgres "$data"
	if ! (cd / && TMPDIR=/tmp as_postgres "$postgres_bin/initdb" -D "$data/db" -U postgres -A trust -E UTF8 --locale=C -N) >"$work/postgres.log" 2>&1; then
		say "COULD NOT MAKE A PostgreSQL CLUSTER: $(without postgresql)"
		tail -n 3 "$work/postgres.log"
		return 0
	fi
	for try in 1 2 3; do
		port=$(free_port)
		if (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$data/db" -l "$data/log" -w -t 60 start -o "-p $port -k $data \
			-c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 \
			-c shared_buffers=128MB -c max_wal_size=512MB -c max_locks_per_transaction=256") >/dev/null 2>&1; then
			postgres_data=$data/db
			(cd / && as_postgres "$postgres_bin/createdb" -h 127.0.0.1 -p "$port" -U postgres waymark) || return 0
			export WAYMARK_TEST_POSTGRES=postgres://postgres@127.0.0.1:$port/waymark
			say "PostgreSQL $("$postgres_bin/postgres" --version | sed 's/.*) //') on port $port"
			return 0
		fi
	done
	say "COULD NOT START PostgreSQL: $(without postgresql)"
	tail -n 3 "$data/log" 2>/dev/null
}

# linter builds staticcheck from tools/go.mod and prints where it is, or fails.
linter() {
	mkdir -p .build && (cd tools && timeout 300 go build -o ../.build/staticcheck honnef.co/go/tools/cmd/staticcheck) >/dev/null 2>&1 &&
		echo ./.build/staticcheck
}
