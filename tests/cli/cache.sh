#!/bin/sh
# sign --cache: what comes out is the same; whose cache is believed; what is said when
# there is none; runs that are killed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"

# sign STATUS PATTERN ARGUMENTS...: ad hoc, which makes the same bytes each time.
sign() {
	status=$1 pattern=$2
	shift 2
	expect "$status" "$pattern" sign App.ipa -o Out.ipa -f -s - "$@"
}
# same: what was signed is what is signed without a cache.
same() { cmp -s Plain.ipa Out.ipa || fail "$* changed what is signed"; }
inode() { stat -c %i cache/hashes-v2; }

sign 0 '*admitted*'
mv Out.ipa Plain.ipa
sign 0 '*admitted*' --cache cache
same "a new cache"
[ "$(stat -c %a cache)" = 700 ] || fail "others see the cache"
[ "$(stat -c %a cache/hashes-v2)" = 600 ] || fail "others see the hashes"
[ "$(wc -c < cache/hashes-v2)" -gt 500 ] || fail "nothing was remembered"
before=$(inode)
sign 0 '*admitted*' --cache cache/
same "a full cache"
[ "$(inode)" = "$before" ] || fail "a cache was written without news"
[ -z "$(find cache -name '*.new')" ] || fail "a temporary file was left"

# Another identity, with what is known from before.
make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o any.mobileprovision
expect 0 '*admitted*' sign App.ipa -o Dist.ipa --p12 dist.p12 -P @env:PW \
	-m any.mobileprovision --cache cache
expect 0 'OK*' verify Dist.ipa --roots portal/roots.pem
expect 0 '*' sign App.ipa --plan -s - --cache planned
[ -s planned/hashes-v2 ] || fail "a plan remembers nothing"

# Damaged: as if there were none, and sound again afterwards.
cp cache/hashes-v2 whole
damage() {
	sign 0 '*admitted*' --cache cache
	case $output in *[Ww]arning*) fail "$1: said: $output" ;; esac
	same "$1"
	cmp -s cache/hashes-v2 whole || fail "$1: the cache is not sound again"
}
for at in 3 9 13 20 60 100 115; do
	printf '\377' | dd of=cache/hashes-v2 bs=1 seek=$at conv=notrunc 2> /dev/null
	damage "a wrong byte at $at"
done
for size in 0 10 16 116 500; do
	truncate -s "$size" cache/hashes-v2
	damage "a file cut at $size"
done
echo 'something else' > cache/hashes-v2
damage "another file"

# Who else could write there?
chmod 777 cache
sign 5 '*"cache" cannot be trusted*mode 0777*' --cache cache
chmod 700 cache
chmod 666 cache/hashes-v2
sign 5 '*"cache/hashes-v2" cannot be trusted*mode 0666*' --cache cache
chmod 600 cache/hashes-v2
ln -s cache link
sign 5 '*cannot be trusted*symlink*' --cache link/
rm Out.ipa
sign 5 '*cannot be trusted*' --cache link
[ ! -e Out.ipa ] || fail "signed with hashes that others may have written"

# Without one it goes on, and says so in a line.
sign 0 '*warning: signing without a cache: *not a folder*admitted*' --cache whole
same "no cache"
mkdir -m 700 full
mkdir full/hashes-v2.new
sign 0 '*warning: the cache was not written: *hashes-v2.new*' --cache full
same "a cache that cannot be written"
sign 0 'signed*' --cache full -q
case $output in *warning*) fail "talk with -q: $output" ;; esac

# Killed at any moment: the cache is sound, and so is what the next run signs.
for delay in 0.02 0.04 0.06 0.08 0.1 0.15 0.2 0.3; do
	rm -rf killed
	"$program" sign App.ipa -o Killed.ipa -f -s - --cache killed > /dev/null 2>&1 &
	sleep $delay
	kill -9 $! 2> /dev/null || :
	wait $! 2> /dev/null || :
	sign 0 '*admitted*' --cache killed
	same "a run killed after $delay s"
	[ -z "$(find killed -name '*.new')" ] || fail "a temporary file was left"
	[ "$(wc -c < killed/hashes-v2)" -eq "$(wc -c < planned/hashes-v2)" ] ||
		fail "a run killed after $delay s left a cache that misses something"
done
echo ok
