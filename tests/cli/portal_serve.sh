#!/bin/sh
# The portal as a service: where it listens, what it refuses, how it stops.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
expect 0 '*' portal key new --portal portal --name CI -o key.p8
[ "$(stat -c %a key.p8)" = 600 ] || fail "the key is not 0600"
expect 5 '*exists*' portal key new --portal portal --name CI -o key.p8
expect 2 '*--role*' portal key new --portal portal --name CI --role KING -o k2.p8
expect 2 '*1 to 255 bytes*' portal key new --portal portal --name '' -o k3.p8
id=$("$program" portal key list --portal portal | awk '/CI/ { print $1 }')
expect 0 "*$id*DEVELOPER*team*CI*issuer*" portal key list --portal portal

# What it will not do.
expect 3 '*there is no portal in "none"*' portal serve --data none
expect 2 '*ADDRESS:PORT*hint*' portal serve --data portal --listen 8443
expect 2 '*"70000"*' portal serve --data portal --listen 127.0.0.1:70000
expect 2 '*no address to listen on: "localhost"*' portal serve --data portal \
	--listen localhost:0
expect 2 "*loopback only*Tokens*" portal serve --data portal --plain --listen 0.0.0.0:0
for url in portal.example.com https:// https://a/b 'https://a b' ftp://a ''; do
	expect 2 '*--public is https://HOST*' portal serve --data portal --public "$url"
done
expect 2 '*no name of a host: "a b"*' portal serve --data portal --host 'a b'

# TLS, for the names of Apple's hosts; nothing without a token.
start_portal --data portal --host portal.example.com
port=${portal_url##*:}
for name in api.appstoreconnect.apple.com localhost portal.example.com; do
	got=$(curl -s -o body -w '%{http_code} %{content_type}' --cacert portal/tls-ca.pem \
		--resolve "$name:$port:127.0.0.1" "https://$name:$port/v1/devices")
	[ "$got" = '401 application/json' ] || fail "$name: $got"
	grep -q '"code":"NOT_AUTHORIZED"' body || fail "$(cat body)"
done
! curl -s --cacert portal/tls-ca.pem --resolve "apple.com:$port:127.0.0.1" \
	"https://apple.com:$port/" > /dev/null || fail "a certificate for any name"
! curl -s "http://127.0.0.1:$port/v1/devices" > /dev/null || fail "HTTP where TLS is"
expect 5 '*port*is taken*hint: *--listen*' portal serve --data portal \
	--listen "127.0.0.1:$port"
# Its commands work beside it.
expect 0 '*' app add com.acme.shop --portal portal
stop_portal
grep -q '^stopped' serve.log || fail "$(cat serve.log)"
! grep -rq 'PRIVATE KEY' serve.log portal/portal.db || fail "a key where none belongs"

# Plain, on the loopback.
start_portal --data portal --plain
[ "${portal_url%:*}" = 'http://127.0.0.1' ] || fail "$portal_url"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$portal_url/v1/devices")" = 401 ] || fail "plain"
# A body that is too large, and one that never ends its headers.
head -c 1100000 /dev/zero > zeros
got=$(curl -s -o body -w '%{http_code}' --data-binary @zeros "$portal_url/v1/devices")
[ "$got" = 413 ] || fail "a large body: $got"
stop_portal

# Limits and failures that are asked for.
expect 2 '*--hour-limit*1 to 1000000*' portal serve --data portal --hour-limit 0
expect 0 'fault    429 for the next 3 requests' portal fault 429 3 --portal portal
expect 0 'fault    500 for the next request' portal fault 500 1 --portal portal
expect 0 'fault    none' portal fault 500 0 --portal portal
expect 0 '{*"status": "401"*"count": 2*' portal fault 401 2 --portal portal --json
expect 2 '*404*401, 429, 500*' portal fault 404 1 --portal portal
expect 2 '*COUNT*"many"*' portal fault 401 many --portal portal
expect 0 '*' portal fault 401 0 --portal portal

# Revoked keys, settings, the log.
expect 5 '*--yes*' portal key revoke "$id" --portal portal
expect 0 "revoked  $id*" portal key revoke "$id" --portal portal --yes
expect 3 "*no current API key $id*" portal key revoke "$id" --portal portal --yes
expect 0 '*revoked*CI*' portal key list --portal portal
expect 0 '*devices *100 *as Apple, 100*' portal settings --portal portal
expect 0 'set *devices  5000' portal set devices 5000 --portal portal
expect 0 "*devices *5000 *Apple's 100*" portal settings --portal portal
expect 0 '*"devices": 5000*' portal settings --portal portal --json
expect 2 '*no setting "phones"*hint: sealring portal settings*' portal set phones 1 \
	--portal portal
expect 2 '*"many"*0 to 1000000*' portal set devices many --portal portal
expect 0 '*command line*SET*settings*devices*DELETE*apiKeys*' portal log --portal portal
expect 0 '*"action": "SET"*' portal log --portal portal --json -n 1
expect 2 '*"0"*1 to 100000*' portal log --portal portal -n 0

# The unit that is shipped lets it do little.
if command -v systemd-analyze > /dev/null &&
	systemd-analyze security --help | grep -q -e --offline; then
	systemd-analyze security --offline=true --threshold=15 \
		"$root/deploy/sealring-portal.service" > unit.log 2>&1 ||
		fail "the unit: $(tail -n 1 unit.log)"
fi
echo ok
