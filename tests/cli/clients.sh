#!/bin/sh
# Unmodified clients of App Store Connect, from npm, against the portal.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v npm > /dev/null; then
	echo "skipped: npm is not there"
	exit 77
fi

# Once for all runs of this build.
clients=$(dirname "$program")/clients
mkdir -p "$clients"
cp "$root"/tests/clients/* "$clients"
if ! cmp -s "$clients/package-lock.json" "$clients/installed"; then
	(cd "$clients" && npm ci --no-audit --no-fund --ignore-scripts > npm.log 2>&1) || {
		cat "$clients/npm.log"
		fail "npm could not install the clients"
	}
	cp "$clients/package-lock.json" "$clients/installed"
fi

expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
expect 0 '*ADMIN*' portal key new --portal portal --name CI --role ADMIN -o key.p8
expect 0 '*' key new -o dist.key
expect 0 '*' csr new -k dist.key --cn PEM -o dist.csr
start_portal --data portal
for_clients portal key.p8 dist.csr
NODE_EXTRA_CA_CERTS=portal/tls-ca.pem
export NODE_EXTRA_CA_CERTS

for flow in sdk node-asc; do
	node "$clients/$flow.mjs" > "$flow.log" 2>&1 || {
		cat "$flow.log"
		fail "the flow $flow"
	}
	cat "$flow.log"
done

# Apple's own description of the API, where it is there.
OPENAPI=$testdata/asc/asc-provisioning-openapi.json
if [ -f "$OPENAPI" ]; then
	expect 0 '*' portal init --data walked --team T1M2E3A4M5 --name Acme
	expect 0 '*ADMIN*' portal key new --portal walked --name CI --role ADMIN -o walked.p8
	stop_portal
	start_portal --data walked --plain
	for_clients walked walked.p8 dist.csr
	export OPENAPI
	node "$clients/conformance.mjs" > walk.log 2>&1 || {
		cat walk.log serve.log
		fail "Apple's description of the API"
	}
	cat walk.log
else
	echo "no OpenAPI document in $testdata: not walked"
fi

# What the first one fetched is what the command line calls good, or not any more.
expect 0 '*sdk adhoc*' inspect sdk.mobileprovision
expect 0 '*' cert match sdk.cer dist.key
expect 0 '*CREATE*profiles*sdk adhoc*' portal log --portal portal

# A stop is a clean one.
stop_portal
echo ok
