#!/bin/sh
# What script/bench measures with tells the truth: bench.sh PROGRAM - ROOT BIN
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
bin=$4

tool() {
	name=$1
	shift
	"$bin/bench_$name" "$@"
}

# The same arguments make the same archive, which is a sound one of the shape promised.
tool make_app small a.ipa
tool make_app small b.ipa
cmp a.ipa b.ipa || fail "two runs of make_app differ"
expect 0 '*Kit1.framework*Share.appex*' inspect a.ipa
tool make_app small many.ipa 70000 2
if command -v zipinfo > /dev/null; then
	unzip -tqq a.ipa || fail "unzip finds fault with the archive"
	zipinfo a.ipa > list
	[ "$(grep -c ' bX defN ' list)" -eq "$(grep -c '^-' list)" ] ||
		fail "a file is not deflated, or has no descriptor"
	[ "$(grep -c '^-rwxr-xr-x' list)" -eq 3 ] || fail "the modes are wrong"
	# Each descriptor has the CRC of its file: that of the first one, as bytes.
	crc=$(zipinfo -v a.ipa Payload/Bench.app/Info.plist | awk '/32-bit CRC/ {
		print substr($NF, 7, 2) substr($NF, 5, 2) substr($NF, 3, 2) substr($NF, 1, 2) }')
	head -c 2000 a.ipa | od -An -v -tx1 | tr -d ' \n' | grep -q "504b0708$crc" ||
		fail "no descriptor with CRC $crc"
	[ "$(zipinfo -1 many.ipa | grep -c /file)" -eq 70000 ] ||
		fail "a zip64 directory cannot be read"
	# Things deflate as they do in real apps.
	tool make_app small large.ipa 20 4
	unzip -v large.ipa | awk '
		$NF ~ /Bench$|Kit1$/ { size["code"] += $1; packed["code"] += $3 }
		$NF ~ /[.]/ { sub(/.*[.]/, "", $NF); size[$NF] += $1; packed[$NF] += $3 }
		function is(what, low, high) {
			if (packed[what] >= low * size[what] && packed[what] <= high * size[what]) return
			print what " deflates to " packed[what] / size[what]
			exit 1
		}
		END {
			is("code", 0.28, 0.32)
			is("nib", 0.40, 0.44)
			is("png", 0.88, 0.895)
			is("m4a", 1, 1.01)
		}' || fail "that is no real app"
fi
expect 0 '*Kit1.framework*' inspect many.ipa
tool make_app nothing c.ipa 2> /dev/null && fail "there is no such shape"

# It can be signed, by an authority as real as the product's, and repacked.
make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o m
expect 0 '*admitted*' sign a.ipa -o signed.ipa --p12 dist.p12 -P @env:PW -m m
tool make_app --repack signed.ipa app.ipa
expect 0 'OK*' verify app.ipa --roots portal/roots.pem

# The limit writes its input again, however it works; and says when it cannot.
for options in '--threads 1' '--threads 2' '--fused --threads 2' '--no-hash --threads 2'; do
	for input in app.ipa many.ipa; do
		# shellcheck disable=SC2086 # a list
		tool limit $options --key dist.key $input out.ipa > did 2> /dev/null ||
			fail "limit $options fails"
		cmp $input out.ipa || fail "limit $options writes something else"
		rm out.ipa
	done
	case $options in
	--no-hash*) grep -q 'hashed 0 resources, signed 3 .* 2 nested' did ;;
	*) grep -q 'hashed 70004 resources, signed 3 .* 2 nested' did ;;
	esac || fail "limit $options: $(cat did)"
done
head -c 100000 app.ipa > cut.ipa
tool limit --key dist.key cut.ipa out.ipa 2> said && fail "limit takes half a zip"
grep -q 'no zip' said || fail "limit does not say why"
tool limit --key portal/roots.pem app.ipa out.ipa 2> said && fail "a certificate is no key"
grep -q 'no key' said || fail "limit does not say why"
[ ! -e out.ipa ] || fail "limit left something"
[ "$(tool limit --threads 0 --key k a b 2>&1 | head -c 6)" = usage: ] || fail "no threads at all"

# run notes what a command did, and ends as it did.
tool run table log 'a	b' sh -c 'echo said; sleep 0.1; exit 3' && fail "run hides a failure"
[ "$(cat log)" = said ] || fail "what a command says is lost"
awk -F'\t' 'NR == 1 && NF == 6 && $1 == "a" && $3 >= 0.1 && $3 < 5 && $4 < 1 && $5 > 20 && $6 == 3 { ok = 1 }
	END { exit !ok }' table || fail "run notes: $(cat table)"
tool run table log x ./nothing && fail "there is no such command"
tool run table log busy awk 'BEGIN { for (i = 0; i < 3000000; i++) n += i }'
awk -F'\t' '$1 == "busy" && $3 < 0.01 { exit 1 }' table || fail "work takes no time: $(cat table)"
[ "$(grep ^x table | cut -f 5)" -eq 127 ] || fail "a command that is missing is not noted"

# The report: medians, ratios of the same round, failures, checks.
line() { printf '%s\t' "$@" | sed 's/.$//' && echo; }
{
	line mid tmpfs fused-1 1 2.0 2.0 1024 0
	line mid tmpfs fused-2 1 1.0 2.0 1024 0
	line mid tmpfs fused-2 check 5000000 'the input'
	line mid tmpfs sealring-1 1 3.0 3.0 1024 0
	line mid tmpfs sealring-2 1 1.5 3.0 2048 0
	line mid tmpfs zsign-0 1 3.0 3.0 1024 0
	line mid tmpfs broken 1 9.0 9.0 1024 139
	line mid tmpfs fused-2 2 2.0 2.0 1024 0
	line mid tmpfs sealring-2 2 4.0 3.0 4096 0
	line mid tmpfs fused-2 3 3.0 2.0 1024 0
	line mid tmpfs sealring-2 3 3.0 3.0 2048 0
	line huge disk sealring-2 1 1.0 1.0 1024 3
	line huge disk zsign-0 1 7.0 1.0 1024 0
	line scale-2000-70 tmpfs fused-2 1 1.0 1.0 1024 0
	line scale-2000-70 tmpfs fused-2 check 70000000 'the input'
	line scale-2000-70 tmpfs unjudged-2 1 1.5 1.0 3072 0
	line scale-2000-70 tmpfs sealring-2 1 2.0 1.0 3072 0
} > results
report() { awk -v many=2 -v "mode=$1" -f "$root/bench/report.awk" results; }
report tables > tables.md
has() { grep -qF -- "$1" tables.md || fail "the report lacks \"$1\": $(cat tables.md)"; }
has "| limit, fused hashes, 2 threads | 2.000 [1.000..3.000] | 2.000 | 1 | 5.0 | 1.00 | 0.67 | the input |"
has '| **sealring, 2 threads** | 3.000 [1.500..4.000] | 3.000 | 2 | 0.0 | 1.50 | 1.00 |  |'
has '| **sealring, 1 thread** | 3.000 | 3.000 | 1 | 0.0 | 1.50 | 2.00 |  |'
has '| zsign -z 0 | 3.000 | 3.000 | 1 | 0.0 | 3.00 | 2.00 |  |'
has '| broken | failed |'
has '| zsign -z 0 | 7.000 | 1.000 | 1 | 0.0 |  |  |  |'
has '| 2000 | 70 | 1.000 | 1.500 | 1.50 | 2.000 | 2.00 | 35 |'
report chart > chart.svg
grep -q 'width="420.0".*#2f81f7' chart.svg || fail "the longest bar is not the longest"
[ "$(grep -c '<rect' chart.svg)" -eq 8 ] || fail "bars are missing"
