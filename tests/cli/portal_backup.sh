#!/bin/sh
# Backups: whole, private, a portal again; also while others change it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v node > /dev/null || ! command -v sqlite3 > /dev/null; then
	echo "SKIP: needs node and sqlite3"
	exit 77
fi
umask 022
make_portal
make_identity dev development
expect 0 '*' portal key new --portal portal --name CI --role ADMIN -o key.p8
expect 0 '*' portal set devices 100000 --portal portal
expect 0 '*' portal set development-certificates 100000 --portal portal
expect 0 '*' profile create development -a '*' --portal portal -o dev.mobileprovision

# Of a portal at rest: the same answers, the same files, for the owner alone.
expect 0 'backup   b1*private keys*' portal backup --portal portal -o b1
for list in cert device app profile; do
	"$program" $list list --portal portal > was
	"$program" $list list --portal b1 > is
	cmp -s was is || fail "$list: $(diff was is)"
done
"$program" portal log --portal portal > was
"$program" portal log --portal b1 > is
cmp -s was is || fail "the log: $(diff was is)"
(cd portal && find . -name '*.pem' | sort | xargs sha256sum) > was
(cd b1 && find . -name '*.pem' | sort | xargs sha256sum) > is
cmp -s was is || fail "files: $(diff was is)"
[ "$(stat -c %a b1 b1/keys b1/keys/root.pem b1/portal.db b1/crl.pem | tr '\n' ' ')" = \
	'700 700 600 600 644 ' ] || fail "modes: $(stat -c '%a %n' b1 b1/keys/* b1/*)"

# Back again, elsewhere; the backup is not touched.
before=$(find b1 -type f -exec sha256sum {} + | sort | cksum)
expect 0 'portal   p2*portal serve --data p2*' portal restore b1 --data p2
expect 0 "*" cert request dev.csr --type distribution --portal p2 -o other.cer
expect 0 '{*"portal": "p3"*' portal restore b1 --data p3 --json
[ "$(find b1 -type f -exec sha256sum {} + | sort | cksum)" = "$before" ] || fail "b1 changed"

# Nothing is replaced; what is no backup is none.
expect 5 '*"b1" exists already*' portal backup --portal portal -o b1
expect 5 '*"p2" exists already*' portal restore b1 --data p2
expect 3 '*no backup in "nowhere"*' portal restore nowhere --data p9
expect 3 '*there is no portal in "nowhere"*' portal backup --portal nowhere -o b9
mkdir empty
expect 3 '*no backup in "empty"*' portal restore empty --data p9
cp -r b1 damaged
size=$(stat -c %s damaged/portal.db)
dd if=/dev/zero of=damaged/portal.db bs=1 seek=$((size / 2)) count=$((size / 4)) conv=notrunc \
	2> /dev/null
expect 3 '*damaged*' portal restore damaged --data p9
cp -r b1 keyless
rm keyless/keys/developer.pem
expect 3 '*"developer" authority*' portal restore keyless --data p9
cp -r b1 cut
head -c 5000 b1/portal.db > cut/portal.db
"$program" portal restore cut --data p9 > log 2>&1 && fail "a cut database was taken"
[ -z "$(find . -maxdepth 1 -name "?9")" ] || fail "something half-made is there"
[ -z "$(find . -name '.sealring-*')" ] || fail "something is left"

# While eight clients change it: all that was acknowledged before is in it.
start_portal --data portal --plain
for_clients portal key.p8 dev.csr
: > acknowledged
node "$root/tests/clients/load.mjs" make acknowledged 1 > load.log 2>&1 &
load=$!
tries=0
until [ "$(wc -l < acknowledged)" -gt 50 ]; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || fail "nothing gets through: $(cat load.log serve.log)"
	sleep 0.02
done
cp acknowledged before
expect 0 'backup*' portal backup --portal portal -o b2
expect 5 '*portal in use*portal backup --portal portal*' portal restore portal --data p9
kill "$load"
stop_portal
# The last revocations may have come in between.
awk '$1 == 200 && !/certificates/' before > sure
start_portal --data b2 --plain
for_clients b2 key.p8 dev.csr
node "$root/tests/clients/load.mjs" check sure || fail "the backup lacks something"
stop_portal
echo ok
