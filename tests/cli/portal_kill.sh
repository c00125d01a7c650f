#!/bin/sh
# kill -9 while eight clients change things: what was acknowledged is there afterwards,
# and the database opens.
#     KILL_ROUNDS=10 tests/cli/portal_kill.sh ...   ten times as many
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v node > /dev/null || ! command -v sqlite3 > /dev/null; then
	echo "SKIP: needs node and sqlite3"
	exit 77
fi
rounds=$((${KILL_ROUNDS:-1} * 8))

expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
expect 0 '*' portal key new --portal portal --name CI --role ADMIN -o key.p8
expect 0 '*' portal set devices 100000 --portal portal
expect 0 '*' portal set development-certificates 100000 --portal portal
expect 0 '*' key new -o dev.key
expect 0 '*' csr new -k dev.key --cn Anna -o dev.csr
: > acknowledged

i=0
while [ $i -lt $rounds ]; do
	start_portal --data portal --plain
	for_clients portal key.p8 dev.csr
	node "$root/tests/clients/load.mjs" make acknowledged $i > load.log 2>&1 &
	load=$!
	before=$(wc -l < acknowledged)
	# When a few are through, at any moment of what follows.
	tries=0
	while [ "$(wc -l < acknowledged)" -lt $((before + 3 + i * 5)) ]; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || fail "nothing gets through: $(cat load.log serve.log)"
		sleep 0.02
	done
	kill -9 "$portal_pid"
	wait "$portal_pid" 2> /dev/null || true
	wait $load || fail "round $i: $(cat load.log serve.log)"
	[ "$(sqlite3 portal/portal.db 'PRAGMA integrity_check')" = ok ] || fail "the database"
	i=$((i + 1))
done

start_portal --data portal --plain
for_clients portal key.p8 dev.csr
node "$root/tests/clients/load.mjs" check acknowledged || fail "something is lost"
stop_portal
expect 0 '*' device list --portal portal
expect 0 '*' cert list --portal portal
# Every certificate that is revoked there is in the list, which is written first: killed
# in between, it says one too many.
revoked=$(sqlite3 portal/portal.db 'SELECT count(*) FROM certificate WHERE revoked_s > 0')
listed=$(openssl crl -in portal/crl.pem -noout -text | grep -c 'Serial Number:')
echo "$revoked revoked, $listed in the list"
[ "$listed" -ge "$revoked" ] || fail "the revocation list lacks some"
[ "$listed" -le $((revoked + rounds)) ] || fail "the revocation list has too many"

# No secret went where others look.
secret=$(sed -n '2p' dev.key)
token=$(sed -n '2p' key.p8)
for file in portal/portal.db portal/portal.db-wal serve.log load.log; do
	[ -e "$file" ] || continue
	for text in "$secret" "$token" 'PRIVATE KEY' 'eyJhbGciOi'; do
		! grep -aqF -e "$text" "$file" || fail "a secret in $file"
	done
done
for key in portal/keys/*.pem; do
	line=$(sed -n '2p' "$key")
	! grep -raqF -e "$line" portal/portal.db serve.log || fail "a CA's key elsewhere"
	[ "$(stat -c %a "$key")" = 600 ] || fail "$key can be read by others"
done
echo ok
