#!/bin/sh
# Where the output of sign goes, what is replaced, and what is never touched; which
# profile is taken; the progress bar.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"
unzip -q App.ipa
mv Payload/Shop.app Shop.app

make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o any.mobileprovision
expect 0 '*' app add com.acme.shop --portal portal
expect 0 '*' profile create adhoc -a com.acme.shop --portal portal -o shop.mobileprovision
roots='--roots portal/roots.pem'

# sign STATUS PATTERN IN ARGUMENTS...
sign() {
	status=$1 pattern=$2 in=$3
	shift 3
	expect "$status" "$pattern" sign "$in" --p12 dist.p12 -P @env:PW "$@"
}

# In place is a choice that is spelled out.
sign 2 '*--output OUT" is missing*-o IN -f*' Shop.app -m any.mobileprovision
cp App.ipa In.ipa
sign 5 '*exists*' In.ipa -o In.ipa -m any.mobileprovision
cmp -s App.ipa In.ipa || fail "a refused signing changed its input"
sign 0 '*admitted*' In.ipa -o ./In.ipa -f -m any.mobileprovision
# shellcheck disable=SC2086 # two words
expect 0 'OK*' verify In.ipa $roots
cp Shop.app/Shop tool
before=$(stat -c %i tool)
sign 0 '*admitted*' tool -o tool -f -i com.acme.tool
[ "$(stat -c %i tool)" != "$before" ] || fail "a program was overwritten, not replaced"
[ "$(stat -c %a tool)" = 755 ] || fail "the mode was lost"
cp -a Shop.app Same.app
sign 0 '*admitted*' Same.app -o Same.app/ -f -m any.mobileprovision
# shellcheck disable=SC2086
expect 0 'OK*' verify Same.app $roots

# -f replaces an app, never a folder of other things.
mkdir builds
echo precious > builds/file
sign 5 '*"builds" is a folder, but no app*-o builds/App.ipa*' App.ipa -o builds -f \
	-m any.mobileprovision
sign 5 '*"builds" is a folder, but no app*-o builds/Shop.app*' Shop.app -o builds -f \
	-m any.mobileprovision
sign 5 '*"builds" is a folder, but no app*' App.ipa -o builds -m any.mobileprovision
sign 5 '*"Same.app" is a folder*' App.ipa -o Same.app -f -m any.mobileprovision
[ "$(cat builds/file)" = precious ] || fail "a folder was replaced"
sign 3 '*none*' App.ipa -o none/Out.ipa -m any.mobileprovision

# What the judge refuses is not written, and what was there stays.
cp -a Shop.app Bad.app
sed -i 's/com.acme.shop.share/com.elsewhere.share/' Bad.app/PlugIns/Share.appex/Info.plist
cp -a Same.app Kept.app
sign 1 '*would be refused*bundle.appex-prefix*' Bad.app -o Kept.app -f -m any.mobileprovision
diff -r --no-dereference Same.app Kept.app || fail "a refused signing changed what was there"
sign 1 '*would be refused*' Bad.app -o New.app -m any.mobileprovision
[ ! -e New.app ] || fail "a refused signing left its output"
[ -z "$(find . -name '.sealring-*')" ] || fail "a temporary folder was left"
# Unless nobody judges: that is said, and verify finds it.
sign 0 '*judged   not*' Bad.app -o New.app --no-judge -m any.mobileprovision
# shellcheck disable=SC2086
expect 1 '*bundle.appex-prefix*' verify New.app $roots
rm -rf New.app
sign 0 '*"judged": false*' Bad.app -o New.app --no-judge --json -m any.mobileprovision
rm -rf New.app

# Which profile, and why.
sign 0 '*: T1M2E3A4M5.\* covers it*: T1M2E3A4M5.com.acme.shop is the closest of 2*' \
	App.ipa --plan -m any.mobileprovision -m shop.mobileprovision
sign 0 '*named for this bundle id*' App.ipa --plan -m com.acme.shop=any.mobileprovision \
	-m any.mobileprovision
sign 0 '{*"profile_reason": "*covers it"*' App.ipa --plan --json -m any.mobileprovision
sign 2 '*no app or extension "com.acme.shp"*' App.ipa --plan -m any.mobileprovision \
	-m com.acme.shp=any.mobileprovision
sign 1 '*no profile covers "com.acme.shop.share"*' App.ipa --plan -m shop.mobileprovision

# A profile asks for an identity: nothing is silently signed ad hoc.
expect 2 '*identity is missing*' sign App.ipa -o no.ipa -m any.mobileprovision
expect 2 '*takes no profile*' sign App.ipa -o no.ipa -s - -m any.mobileprovision
[ ! -e no.ipa ] || fail "something was signed without an identity"

# Modes, links and the order of an archive stay as they were.
sign 0 '*admitted*' App.ipa -o Out.ipa -m any.mobileprovision
zipinfo -1 App.ipa > names.in
zipinfo -1 Out.ipa | grep -v -e _CodeSignature/ -e embedded.mobileprovision > names.out
cmp names.in names.out || fail "the entries of the archive changed"
zipinfo App.ipa | awk '{ print $1, $NF }' | grep -v ^d | sort > modes.in
zipinfo Out.ipa | awk '{ print $1, $NF }' | sort > modes.out
comm -23 modes.in modes.out | grep '^[-l][rwx]' && fail "a mode or a symlink changed"

# The same inputs and the same stated time make the same bytes, whoever does the work.
cp -a Shop.app Large.app
head -c 3000000 /dev/urandom > Large.app/large.bin
mkdir -p pack/Payload
cp -a Large.app pack/Payload/
(cd pack && zip -q -r -y ../Large.ipa Payload)
when=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for threads in 1 4; do
	for in in Large.ipa Large.app tool; do
		sign 0 '*admitted*' "$in" -o "$threads-$in" -m any.mobileprovision \
			--threads "$threads" --signing-time "$when"
	done
done
cmp 1-Large.ipa 4-Large.ipa || fail "an .ipa depends on the number of threads"
diff -r --no-dereference 1-Large.app 4-Large.app || fail "an app depends on threads"
cmp 1-tool 4-tool || fail "a file depends on the number of threads"
sleep 1
sign 0 '*admitted*' Large.ipa -o now.ipa -m any.mobileprovision
cmp -s now.ipa 1-Large.ipa && fail "the stated time is not the one that is signed"
sign 2 '*--threads" cannot be "0": it is 1 to 64*' tool -o no --threads 0
sign 2 '*--threads" cannot be "65"*' tool -o no --threads 65
sign 2 '*--compress" cannot be "13": it is 0 to 12*' tool -o no --compress 13
sign 2 '*"soon"*--signing-time*' tool -o no --signing-time soon
sign 2 '*cannot be "1970-01-01"*' tool -o no --signing-time 1970-01-01
sign 2 '*signing time*not in the certificate*' tool -o no --signing-time 2020-01-01

# The progress bar: late, on a terminal only, gone at the end.
if ! script --version 2> /dev/null | grep -q util-linux ||
	! script -qec true /dev/null > /dev/null 2>&1 < /dev/null; then
	echo "ok, but the progress bar was not seen: no script(1), or no terminals here"
	exit 0
fi
# on_terminal ARGUMENTS...: what a terminal shows goes to the file "seen"
on_terminal() {
	line="'$program'"
	for word in "$@"; do line="$line '$word'"; done
	script -qec "$line" /dev/null > seen < /dev/null || :
}
has_bar() { grep -q "$1 \[[#.]*\] *[0-9]*%" seen; }
on_terminal sign App.ipa -o Short.ipa --p12 dist.p12 -P @env:PW -m any.mobileprovision
grep -q admitted seen || fail "not signed on a terminal: $(cat seen)"
has_bar signing && fail "a bar for short work"
# Long work is as large as this build is fast: with sanitizers it is slow.
cp -a Shop.app Big.app
truncate -s 150M Big.app/big.bin
began=$(date +%s)
expect 0 '*admitted*' sign Big.app -o Timed.app --p12 dist.p12 -P @env:PW -m any.mobileprovision
large=600M larger=1500M
[ $(($(date +%s) - began)) -lt 4 ] || large=150M larger=300M
rm -r Timed.app
truncate -s $large Big.app/big.bin
on_terminal sign Big.app -o BigOut.app --p12 dist.p12 -P @env:PW -m any.mobileprovision
has_bar reading || fail "no bar while signing: $(cat seen)"
grep -q admitted seen || fail "the bar hides the result"
tail -c 200 seen | grep -q '[#.]\] *[0-9]*%' && fail "the bar was left standing"
truncate -s $larger BigOut.app/big.bin
on_terminal verify BigOut.app --roots portal/roots.pem
has_bar judging || fail "no bar while judging: $(cat seen)"
grep -q BAD seen || fail "the bar hides the verdict"
for quiet in -q --json; do
	on_terminal verify BigOut.app --roots portal/roots.pem "$quiet"
	has_bar judging && fail "a bar with $quiet"
done
# shellcheck disable=SC2086
"$program" verify BigOut.app $roots > seen 2>&1 && fail "a changed app was admitted"
has_bar judging && fail "a bar without a terminal"
echo ok
