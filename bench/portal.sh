#!/bin/sh
# How many answers a second does the portal give?  script/bench portal [RUNS]
# 5,000 devices and 2,000 profiles come in through the API itself; then wrk asks, on
# the same machine, RUNS times each; medians.  Called by script/bench.
set -eu
sealring=$1 runs=$2
for tool in wrk node; do
	command -v "$tool" > /dev/null || {
		echo "bench: install $tool to measure the portal" >&2
		exit 1
	}
done
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

cd "$work"
{
	"$sealring" portal init --data p --team T1M2E3A4M5 --name Bench
	"$sealring" portal key new --portal p --name bench --role ADMIN -o api.p8
	"$sealring" portal set devices 6000 --portal p
	"$sealring" portal set development-certificates 100000 --portal p
	"$sealring" key new -o k
	"$sealring" csr new -k k --cn Bench -o r
} > log 2>&1 || { cat log >&2; exit 1; }
"$sealring" portal key list --portal p --json > keys.json
"$sealring" portal serve --data p --listen 127.0.0.1:0 --plain > serve.log 2>&1 &
pid=$!
base='' tries=0
while [ -z "$base" ] && [ $tries -lt 50 ]; do
	sleep 0.1
	tries=$((tries + 1))
	base=$(sed -n 's,.*\(http://[0-9.:]*\).*,\1,p' serve.log | head -n 1)
done
[ -n "$base" ] || { cat serve.log >&2; exit 1; }
BASE=$base KEYS=keys.json KEY=api.p8 CSR=r
export BASE KEYS KEY CSR
node "$here/portal.mjs" fill
kb() { awk -v what="$1:" '$1 == what { print $2 }' "/proc/$pid/status"; }

# ask NAME CONNECTIONS PATH: answers a second and the 99th percentile, medians.
ask() {
	: > runs
	run=0
	while [ "$run" -lt "$runs" ]; do
		bearer=$(node "$here/portal.mjs" token)
		# A file, not an argument: the token opens the portal.
		printf 'wrk.headers["Authorization"] = "Bearer %s"\n' "$bearer" > ask.lua
		wrk -t1 -c"$2" -d5 --latency -s ask.lua "$base$3" > wrk.out
		if grep "Non-2xx" wrk.out >&2; then exit 1; fi
		awk '$1 == "99%" { p = $2 } $1 == "Requests/sec:" { r = $2 }
			END { print r, p }' wrk.out >> runs
		run=$((run + 1))
	done
	sort -n runs | awk -v name="$1" '{ line[NR] = $0 } END {
		split(line[int((NR + 1) / 2)], m, " ")
		printf "%-44s %8d/s   p99 %s\n", name, m[1], m[2] }'
}

ask 'one device' 8 '/v1/devices?limit=1'
ask '200 devices' 8 '/v1/devices?limit=200'
ask '200 profiles, all they have but the content' 8 \
	'/v1/profiles?limit=200&fields[profiles]=name,platform,profileType,profileState,uuid,createdDate,expirationDate'
ask '200 profiles with their contents' 8 '/v1/profiles?limit=200'
ask '200 profiles of a state' 8 \
	'/v1/profiles?limit=200&filter[profileState]=ACTIVE&fields[profiles]=name'
node "$here/portal.mjs" issue
echo "resident: $(($(kb VmRSS) / 1024)) MiB, at most $(($(kb VmHWM) / 1024)) MiB"
