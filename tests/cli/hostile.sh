#!/bin/sh
# Fuzzed Mach-O files, damaged messages and keys: one clear error each, in a second,
# in little memory, and never a crash.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

[ -d "$testdata/macho/fuzzed" ] || {
	echo "SKIP: no hostile files"
	exit 77
}
PW='' export PW
n=0
try() {
	got=0
	timeout 10 "$program" "$@" > out 2>&1 < /dev/null || got=$?
	case $got in
	0 | 1) ;;
	3 | 4) grep -q '^error: ' out || fail "$*: no error is said" ;;
	*) fail "$*: exit status $got: $(head -c 2000 out)" ;;
	esac
	n=$((n + 1))
}
for file in "$testdata"/macho/fuzzed/* "$testdata"/macho/[01]*; do
	try verify "$file"
	try inspect "$file"
done
for file in "$testdata"/vectors/parse/*/* "$testdata"/profiles/other/* \
	"$testdata"/identities/*; do
	try inspect "$file" -P @env:PW
done
echo "ok: $n files tried"
