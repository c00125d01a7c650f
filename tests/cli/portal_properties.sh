#!/bin/sh
# Requests made of Apple's own description by schemathesis, where both are at hand: no
# answer is a failure of the server, and each is of the shape that is described.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

spec=$testdata/asc/asc-provisioning-openapi.json
if ! command -v schemathesis > /dev/null || ! command -v node > /dev/null || [ ! -f "$spec" ]; then
	echo "skipped: needs schemathesis, node and Apple's description of the API"
	exit 77
fi
expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
expect 0 '*' portal key new --portal portal --name CI --role ADMIN -o key.p8
start_portal --data portal --plain
for_clients portal key.p8
token=$(node "$root/tests/clients/bearer.mjs")
# What the portal has; the token is good for this throw-away portal alone.
cat > schemathesis.toml << END
headers = { Authorization = "Bearer $token" }
END
offered='^/v1/(devices|bundleIds|bundleIdCapabilities|certificates|profiles|merchantIds|passTypeIds)'
schemathesis --config-file schemathesis.toml run "$spec" --url "$portal_url" \
	--include-path-regex "$offered" --max-examples "${EXAMPLES:-5}" --no-color \
	--phases coverage,fuzzing \
	-c not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance \
	> run.log 2>&1 || fail "$(tail -n 100 run.log)"
grep -A 1 '^Test cases' run.log
stop_portal
echo ok
