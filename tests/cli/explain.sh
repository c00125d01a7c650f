#!/bin/sh
# What messages mean: by id, number, words, in a log; the pages of docs/errors.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# given INPUT STATUS PATTERN ARGUMENTS...: with this on standard input.
given() {
	input=$1 status=$2 wanted=$3
	shift 3
	got=0
	output=$(printf '%b' "$input" | "$program" "$@" 2>&1) || got=$?
	[ "$got" -eq "$status" ] || fail "$*: exit status $got, not $status: $output"
	# shellcheck disable=SC2254 # a pattern on purpose
	case $output in
	$wanted) ;;
	*) fail "$*: printed: $output" ;;
	esac
}

expect 0 'PROF-05  the profile does not list*message*because*1. *to tell: *look at*the certificate*from files  yes*fix*run *sealring profile renew*source *https://github.com/*' \
	explain PROF-05
expect 0 'PROF-05 *' explain prof 5
expect 0 '0xe8008015 *' explain 0xE8008015
expect 0 '0xe8008015 *A valid provisioning profile*' explain -402620395
expect 0 'SIGN-01 *-67062 errSecCSUnsigned*' explain -67062
expect 0 'ITMS-90046 *' explain 90046
expect 0 '0xe800004c *CFBundleIdentifier*no source quotes Apple*' explain 0xe800004c
expect 0 '{*"schema": 1,*"query": "PROF-05",*"score": 100,*"id": "PROF-05",*"family": "PROF",*"decidable": "yes",*"code": null*' \
	explain PROF-05 --json
expect 0 '{*"entry": null,*"code": "0xe800004c"*"text": null*' explain 0xe800004c --json
expect 0 'likely:
PROF-05 *or:
*PROF-06 *' explain profile doesnt include certifcate

# Nothing fits.
expect 1 'nothing in the catalogue fits
Did you mean "sealring explain PROF-05"?' explain PROF-55
expect 1 'nothing in the catalogue fits
All entries: *' explain the quick brown fox
expect 1 '{*"matches": []*' explain the quick brown fox --json
expect 1 '' explain the quick brown fox -q
expect 1 '*the input is empty*' explain ''
expect 1 '*the input is empty*' explain -
echo x > build.log
expect 1 '*sealring explain - < build.log*' explain build.log
expect 2 'error: TEXT is missing*' explain
expect 2 '*unexpected argument "x"*' explain --list x
expect 2 '*there is no page "x"*' explain --markdown x
expect 2 '*cannot be "X"*' explain --list --family X
expect 2 '*unrecognized option "-x"*' explain -x

# Logs.
prof='error: Provisioning profile "Shop" doesn\0047t include signing certificate "A\0033[31m (X)".\n'
noise='Code signing is required for product type \0047Application\0047 in SDK \0047iOS 14.0\0047\n'
given "x\n$prof$noise$noise" 0 '2 known failures in 4 lines*line 2 *PROF-05*profile: Shop*certificate: A (X)*line 3 *AUTO-08*(2 times)*follows another*
PROF-05  the profile*' explain -
# What only follows is not the one that is explained.
given "$noise$prof" 0 '2 known*AUTO-08*PROF-05*
PROF-05  the profile*' explain -
given "$noise" 0 '1 known failure in 1 line
*AUTO-08*' explain -
given "x\n$prof" 0 '{*"lines": 2,*"id": "PROF-05",*"line": 2,*"count": 1,*"is_noise": false,*"profile": "Shop",*"entry": {*' \
	explain - --json
given 'one\ntwo\n' 1 'nothing in the catalogue fits*' explain -
given 'one\ntwo\n' 1 '{*"lines": 2,*"matches": []*' explain - --json
given 'profile doesnt include certifcate\n' 0 'likely:*PROF-05*' explain -
given '\0002\0377\0000 bad decrypt' 0 '1 known failure in 1 line*ST-01*' explain -
given "error 0xe800004c\n" 0 '1 known failure*0xe800004c*' explain -
printf '%s' 'Provisioning profile "' > evil
printf '\033]0;x\007\033[2J\0377' >> evil
printf '%s\n' '" expired on x' >> evil
"$program" explain - < evil | LC_ALL=C tr -d '\n\040-\176' > left
[ ! -s left ] || fail "a log drives the terminal"
i=0
while [ $i -lt 14 ]; do echo "line $i"; i=$((i + 1)); done > long
given "$(cat long)" 1 'no message of the catalogue in 14 lines' explain -

# Five megabytes, quickly.
awk -v p="$(printf '%b' "$prof")" 'BEGIN { for (i = 0; i < 60000; i++) {
	print "CompileC /tmp/Shop.build/Objects-normal/arm64/main.o normal arm64 objective-c " i
	if (i == 50000) print p } }' > big
[ "$(wc -c < big)" -gt 5000000 ] || fail "the log is small"
"$program" explain - < big > out || fail "a large log"
grep -q '^1 known failure in 60001 lines' out || fail "a large log: $(head -1 out)"
grep -q '^line 50002 *PROF-05' out || fail "the line in a large log"

# Lines fit the terminal, but for what is copied.
COLUMNS=60 "$program" explain KEY-01 | grep -Ev 'https://| run ' > narrow
awk 'length($0) > 60 { exit 1 }' narrow || fail "lines are too long"

# Lists.
[ "$("$program" explain --list | wc -l)" -eq 150 ] || fail "the list is not whole"
[ "$("$program" explain --list --family DEV | wc -l)" -eq 28 ] || fail "the family is not whole"
[ "$("$program" explain --list --json | grep -c '"decidable"')" -eq 150 ] || fail "the JSON is not whole"

# The pages in the tree are those that the catalogue makes.
"$root/script/error-pages" "$program" "$dir/errors"
diff -r "$root/docs/errors" errors > differs ||
	fail "docs/errors is stale, run script/error-pages: $(head -5 differs)"
# Every link leads somewhere.
grep -oh '([a-z]*\.md#[^)]*)' errors/*.md | tr -d '()' | sort -u | while IFS='#' read -r page id; do
	grep -q "<a id=\"$id\">" "errors/$page" || fail "a link to $page#$id leads nowhere"
done
[ "$(grep -h '<a id=' errors/*.md | sort | uniq | wc -l)" -eq 150 ] || fail "not every id has a place"
echo ok
