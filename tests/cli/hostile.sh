#!/bin/sh
# Fuzzed Mach-O files, damaged messages, keys, profiles and archives: one clear error
# each, in 1 s of processor time, in 256 MiB, and never a crash.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

[ -d "$testdata/macho/fuzzed" ] || {
	echo "SKIP: no hostile files"
	exit 77
}
# The limits are those of a release build.  Sanitizers cost time and memory of their own.
max_ms=1000 max_kib=$((256 * 1024))
if grep -q __asan_init "$program"; then
	echo "a sanitizer build: ten times the time, four times the memory"
	max_ms=$((max_ms * 10)) max_kib=$((max_kib * 4))
elif grep -q __tsan_init "$program"; then
	echo "a sanitizer build: twenty times the time, eight times the memory"
	max_ms=$((max_ms * 20)) max_kib=$((max_kib * 8))
fi
n=0 most_ms=0 most_kib=0 slowest='' largest=''

# try ARGUMENTS...: an answer or an error, within the limits
try() {
	"$measure" 60 out "$program" "$@" > numbers
	read -r got ms kib < numbers
	case $got in
	0 | 1) ;;
	3 | 4 | 5) grep -q '^error: ' out || fail "$*: no error is said" ;;
	*) fail "$*: exit status $got: $(head -c 2000 out)" ;;
	esac
	[ "$ms" -le "$max_ms" ] || fail "$*: took $ms ms"
	[ "$kib" -le "$max_kib" ] || fail "$*: took $kib KiB"
	[ "$ms" -le "$most_ms" ] || { most_ms=$ms slowest="$1 $(basename "$2")"; }
	[ "$kib" -le "$most_kib" ] || { most_kib=$kib largest="$1 $(basename "$2")"; }
	n=$((n + 1))
}

# A crash, a hang and too much memory are noticed.
[ "$("$measure" 60 out /bin/sh -c 'kill -SEGV $$' | cut -d' ' -f1)" -eq 139 ]
[ "$("$measure" 1 out /bin/sleep 9 | cut -d' ' -f1)" -eq 124 ]
[ "$("$measure" 60 out /bin/sh -c 'exit 7' | cut -d' ' -f1)" -eq 7 ]

PW='' export PW
for file in "$testdata"/macho/fuzzed/* "$testdata"/macho/[01]*; do
	try verify "$file" -R always
	try inspect "$file"
	rm -f signed
	try sign "$file" -o signed -s -
done
for file in "$testdata"/vectors/parse/*/* "$testdata"/vectors/cms/* \
	"$testdata"/profiles/other/* "$testdata"/identities/*; do
	try inspect "$file" -P @env:PW
done
for file in "$testdata"/apps/edge/*; do
	try verify "$file"
	try inspect "$file"
done

# damage FILE: cut in the middle, and with three bytes changed
damage() {
	size=$(stat -c %s "$1")
	head -c $((size / 2)) "$1" > half
	cp "$1" flipped
	chmod u+w flipped
	for part in 3 5 7; do
		printf '\377' | dd of=flipped bs=1 seek=$((size * part / 11)) conv=notrunc 2> /dev/null
	done
}
for file in "$testdata"/profiles/*.mobileprovision "$testdata"/profiles/*.provisionprofile; do
	[ -f "$file" ] || continue
	damage "$file"
	try inspect half
	try inspect flipped
done
# With the right password, so that what is behind it is reached.
tab=$(printf '\t')
while IFS=$tab read -r name _ _ type PW _; do
	if [ "$type" != p12 ] || [ ! -f "$testdata/identities/$name" ]; then
		continue
	fi
	[ "$PW" != '(empty)' ] || PW=''
	damage "$testdata/identities/$name"
	try inspect half -P @env:PW
	try p12 test flipped -P @env:PW
done < "$testdata/identities/index.tsv"

[ "$n" -gt 300 ] || fail "only $n runs"
echo "ok: $n runs; at most $most_ms ms ($slowest), $most_kib KiB ($largest)"
