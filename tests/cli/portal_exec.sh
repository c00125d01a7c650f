#!/bin/sh
# Programs for which the portal is App Store Connect, without knowing it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

command -v curl > /dev/null || {
	echo "SKIP: needs curl"
	exit 77
}
expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
expect 0 '*' portal key new --portal portal --name CI -o key.p8
mkdir tmp
TMPDIR=$dir/tmp export TMPDIR
unset NO_PROXY no_proxy

run() { # STATUS PATTERN OPTIONS... -- COMMAND...
	status=$1 wanted=$2
	shift 2
	expect "$status" "$wanted" portal exec --data portal "$@"
}
api=https://api.appstoreconnect.apple.com/v1/devices
enterprise=https://api.enterprise.developer.apple.com/v1/devices

# The two hosts lead to the portal, with a certificate that is trusted; others nowhere.
run 0 '*"code":"NOT_AUTHORIZED"*' -- curl -sS $api
run 0 '401' -- curl -s -o body -w '%{http_code}' $enterprise
run 56 '*refused  example.com:443*' -- curl -s https://example.com/
run 56 '*refused  api.appstoreconnect.apple.com:80*' -- curl -s --proxytunnel \
	http://api.appstoreconnect.apple.com/
run 0 '405' -- curl -s -o body -w '%{http_code}' http://api.appstoreconnect.apple.com/
# A proxy of the caller is not asked; what NO_PROXY names is asked directly.
https_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 run 0 '401' -- \
	curl -s -o body -w '%{http_code}' $api
NO_PROXY=localhost run 7 '' -- curl -s https://localhost:1/

# What the program sees, and what it does not.
run 0 '*SEALRING_PORTAL=https://127.0.0.1:*' -- env
for name in HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy; do
	run 0 "*
$name=http://127.0.0.1:*" -- env
done
for name in SSL_CERT_FILE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS GIT_SSL_CAINFO; do
	# shellcheck disable=SC2016 # for the inner shell
	run 0 '*BEGIN CERTIFICATE*' -- sh -c 'eval cat \"\$$1\"' sh $name
	printf '%s\n' "$output" | grep -qF "$(sed -n 2p portal/tls-ca.pem)" ||
		fail "$name lacks the portal's authority"
done
run 0 '*' -- env
! printf '%s\n' "$output" | grep -q 'PRIVATE\|p8' || fail "a secret around the program"

# Its arguments, its input, its end.
run 0 'a  b|--json|-v|' -- sh -c 'printf "%s|" "$@"' sh 'a  b' --json -v
[ "$(echo in | "$program" portal exec --data portal -- cat)" = in ] || fail "no input"
run 7 '' -- sh -c 'exit 7'
# shellcheck disable=SC2016 # for the inner shell
run 137 '' -- sh -c 'kill -9 $$'
PATH=/usr/bin:/bin run 3 '*there is no program "nosuch"*' -- nosuch
expect 2 '*COMMAND is missing*' portal exec --data portal
expect 3 '*there is no portal in "none"*' portal exec --data none -- true
"$program" portal exec --data portal -- sh -c 'trap "echo ended; exit 5" TERM; echo up; sleep 20 & wait' > out &
pid=$!
until grep -q up out; do sleep 0.1; done
kill "$pid"
got=0
wait "$pid" || got=$?
[ "$got $(tail -n 1 out)" = '5 ended' ] || fail "SIGTERM does not reach it: $got $(cat out)"

# Without any other network.
if "$program" portal exec --data portal --isolate -- true 2> isolate.log; then
	run 0 '401' --isolate -- curl -s --noproxy '*' -o body -w '%{http_code}' $api
	run 6 '' --isolate -- curl -s https://example.com/
	run 7 '' --isolate -- curl -s http://127.0.0.1:1/
	run 0 "$(id -u)" --isolate -- id -u
	run 0 '*' --isolate -- env
	case $output in *_proxy=*) fail "a proxy where none is" ;; esac
	! grep -q appstoreconnect /etc/hosts || fail "the names outside have changed"
else
	grep -q 'does not let users make namespaces' isolate.log || fail "$(cat isolate.log)"
	echo "no namespaces here: --isolate was not tried"
fi
[ -z "$(ls -A tmp)" ] || fail "something is left: $(ls -A tmp)"
echo ok
