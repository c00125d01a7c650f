# shellcheck shell=sh
# Shared by the end-to-end tests: source it first.  $1 is the program, $2 the folder
# with real artifacts (may be absent), $3 the root of the sources, $4 the program that
# tests/support/measure.c makes.
set -eu

program=$1
# shellcheck disable=SC2034 # used by the tests
testdata=${2:-/nonexistent} root=$3 measure=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# expect STATUS PATTERN ARGUMENTS...
# PATTERN is what stdout and stderr must be; * stands for any text.
expect() {
	status=$1 wanted=$2
	shift 2
	got=0
	output=$("$program" "$@" 2>&1 < /dev/null) || got=$?
	[ "$got" -eq "$status" ] || fail "$*: exit status $got, not $status: $output"
	# shellcheck disable=SC2254 # a pattern on purpose
	case $output in
	$wanted) ;;
	*) fail "$*: printed: $output" ;;
	esac
}

# A portal with an App ID '*' and one device.
make_portal() {
	PW='correct horse' export PW
	expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name 'Acme GmbH'
	expect 0 '*' app add '*' --portal portal
	expect 0 '*' device add 00008110-000A1C2E3F4A001E Anna --portal portal
}

# make_identity NAME TYPE: NAME.key NAME.csr NAME.cer NAME.p12
make_identity() {
	expect 0 '*' key new -o "$1.key"
	expect 0 '*' csr new -k "$1.key" --cn "$1" --email a@b.example -o "$1.csr"
	expect 0 '*' cert request "$1.csr" --type "$2" --portal portal -o "$1.cer"
	expect 0 '*' p12 make -k "$1.key" -c "$1.cer" --portal portal -P @env:PW -o "$1.p12"
}

# start_portal ARGUMENTS...: serve on a free port; portal_url is where, portal_pid who.
# What it says is in serve.log.
portal_pid=
start_portal() {
	rm -f serve.log
	"$program" portal serve --listen 127.0.0.1:0 "$@" > serve.log 2>&1 < /dev/null &
	portal_pid=$!
	trap 'kill "$portal_pid" 2> /dev/null; rm -rf "$dir"' EXIT
	tries=0
	until portal_url=$(sed -n 's/^portal   //p' serve.log) && [ -n "$portal_url" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] && kill -0 "$portal_pid" 2> /dev/null ||
			fail "the portal does not start: $(cat serve.log)"
		sleep 0.1
	done
}

# Ask it to stop; it has to do so with status 0.
stop_portal() {
	kill "$portal_pid"
	wait "$portal_pid" || fail "the portal stopped with status $?: $(cat serve.log)"
	portal_pid=
	trap 'rm -rf "$dir"' EXIT
}

# for_clients DIR KEY [CSR]: what tests/clients/*.mjs read of a portal that is served.
for_clients() {
	keys=$("$program" portal key list --portal "$1" --json)
	KEY_ID=$(printf '%s' "$keys" | sed -n 's/.*"id": "\(.*\)".*/\1/p')
	ISSUER=$(printf '%s' "$keys" | sed -n 's/.*"issuer": "\(.*\)".*/\1/p')
	BASE=$portal_url KEY=$2 CSR=${3:-/dev/null} OUT=.
	export BASE KEY_ID ISSUER KEY CSR OUT
}
