#!/bin/sh
# The portal's folder: made whole, kept private, refused with a word on what to do.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

init='portal init --team T1M2E3A4M5 --name Acme --data'
# shellcheck disable=SC2086 # words
expect 0 'portal   portal  team T1M2E3A4M5 (Acme)*roots.pem*crl.pem*portal.db*' $init portal
[ "$(stat -c %a portal)" = 700 ] || fail "the folder is not 0700"
[ "$(stat -c %a portal/portal.db)" = 600 ] || fail "the database is not 0600"
[ -z "$(find portal/keys -type f ! -perm 600)" ] || fail "a key is not 0600"
[ -z "$(find . -name '.sealring-*')" ] || fail "something was left behind"
openssl crl -in portal/crl.pem -noout -text | grep -q 'No Revoked Certificates' ||
	fail "the list is not empty"
# shellcheck disable=SC2086
expect 5 'error: "portal" exists already: it holds a portal*hint*' $init portal
mkdir other
# shellcheck disable=SC2086
expect 5 'error: "other" exists already, and is no portal*hint*' $init other
# shellcheck disable=SC2086
expect 0 '{*"team": "T1M2E3A4M5"*"crl": "json/crl.pem"*' $init json --json
expect 2 '*no team id*ten of*' portal init --data p2 --team short --name Acme
expect 2 '*the name of a team has 1 to 64 bytes*' portal init --data p2 \
	--team T1M2E3A4M5 --name ''
expect 2 '*control character*' portal init --data p2 --team T1M2E3A4M5 --name "$(printf 'a\033[2J')"
expect 2 '*--team ID*' portal init --data p2 --name Acme
[ ! -e p2 ] || fail "a refused portal was made"

# What is wrong with a folder, for every noun that opens one.
rm -f other/*
for command in 'cert list' 'app list' 'device list' 'profile list'; do
	# shellcheck disable=SC2086
	expect 3 'error: there is no portal in "other"*hint: sealring portal init*' $command \
		--portal other
	# shellcheck disable=SC2086
	expect 3 'error: there is no portal in "none"*' $command --portal none
done
broken() {
	rm -rf b
	cp -a portal b
}
broken
echo 'no database' > b/portal.db
expect 3 '*it is no database*hint: Put the last backup*' cert list --portal b
broken
sqlite3 b/portal.db 'PRAGMA user_version=77'
expect 3 '*version 77, newer than this program*hint: Use the newer*' cert list --portal b
: > b/portal.db
expect 3 '*not the database of a portal*hint*' cert list --portal b
broken
rm b/keys/der.pem
expect 3 '*keys/der.pem*reading the "der" authority*hint: Put the last backup*' \
	cert list --portal b
broken
chmod 644 b/keys/root.pem
expect 4 '*can be read by others*hint: chmod 600 b/keys/root.pem*' cert list --portal b

# Killed while it is made: nothing, or all of it; and the second attempt goes well.
for ms in 0 4 30 120 300 700; do
	# shellcheck disable=SC2086
	timeout -s KILL "$(awk "BEGIN { print $ms / 1000 + 0.001 }")" "$program" $init "k$ms" \
		> out 2>&1 || true
	# shellcheck disable=SC2086
	[ -d "k$ms" ] || expect 0 'portal*' $init "k$ms"
	expect 0 '*' cert list --portal "k$ms"
done
echo ok
