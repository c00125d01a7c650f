#!/bin/sh
# Looking at a folder and at a log: one verdict, evidence, one command.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"
make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 0 '*admitted*' sign App.ipa -o Shop.ipa --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision
roots=$PWD/portal/roots.pem
listed=00008110-000A1C2E3F4A001E
mkdir work
cp Shop.ipa adhoc.mobileprovision dist.p12 work
cd work

# All is well.
expect 0 '*0 causes*3 files looked at*OK*' doctor --roots "$roots" -P @env:PW
expect 0 '*OK*' doctor Shop.ipa --roots "$roots" --device $listed
expect 0 '{*"ok": true*"diagnoses": [[]]*' doctor Shop.ipa --roots "$roots" --json
expect 0 '*nothing to mend*' doctor Shop.ipa --roots "$roots" --fix

# A fact alone; the same with a log, which names it otherwise and brings noise.
mkdir broken
(cd broken && unzip -q ../Shop.ipa && rm Payload/Shop.app/data.bin)
app=broken/Payload/Shop.app
expect 1 '*BAD SIGN-02*data.bin*cause*fix*sealring explain SIGN-02*' doctor $app --roots "$roots"
cat > build.log << 'LOG'
note: Using new build system
/tmp/Shop.app: a sealed resource is missing or invalid
file missing: /tmp/Shop.app/data.bin
LOG
expect 1 '*1 cause, *BAD SIGN-02*line 2*data.bin*' doctor build.log $app --roots "$roots"
printf 'x\nIt failed: 0xe8008017 (A signed resource has been added, modified, or deleted.)\n' > device.log
expect 1 '*BAD 0xe8008017*line 2*data.bin*' doctor $app device.log --roots "$roots"
output=$("$program" doctor - $app --roots "$roots" < device.log) && fail "a log from standard input"
case $output in *'BAD 0xe8008017'*) ;; *) fail "standard input: $output" ;; esac

# To programs.
expect 1 '{*"ok": false*"id": "SIGN-02"*"certainty": "proved"*"evidence"*' doctor $app \
	--roots "$roots" --json
expect 1 '{*sarif*"ruleId": "SIGN-02"*"level": "error"*' doctor $app --roots "$roots" --sarif
expect 1 '<?xml*<failure type="SIGN-02"*</testsuites>' doctor $app --roots "$roots" --junit
expect 2 '*one form at a time*' doctor $app --json --sarif

# The plan is printed, and nothing is done.
before=$(find . | sort | cksum)
expect 0 '*SIGN-02*Nothing was changed*' doctor $app --roots "$roots" --fix
[ "$(find . | sort | cksum)" = "$before" ] || fail "--fix changed something"

# Only what is asked for.
expect 0 '*' doctor $app --roots "$roots" --only KEY,PROF
expect 1 '*profile has expired*' doctor adhoc.mobileprovision --roots "$roots" \
	--at "$(date -u -d '+500 days' +%F)"

# A message alone: what it may be, and that nothing was there to decide.
mkdir empty
(
	cd empty
	printf 'security: SecKeychainItemImport: A missing value was detected.\nerror: A required agreement is missing or has expired.\n' > ci.log
	expect 1 '*CERT-08*agreement*' doctor ci.log
)
echo 'Compiling main.c' > empty/quiet.log
expect 0 '*0 messages in *OK*' doctor empty/quiet.log empty

# Swift's libraries for systems that have none: what lies beside Payload was lost.
mkdir swift
(
	cd swift
	unzip -q ../Shop.ipa
	for library in Payload/Shop.app/Frameworks/*.dylib; do
		mv "$library" Payload/Shop.app/Frameworks/libswiftCore.dylib
	done
	find Payload -name Info.plist | while read -r file; do
		sed 's/>15.0</>12.1.4</' "$file" > plist
		mv plist "$file"
	done
	zip -qr ../Swift.ipa Payload
	mkdir SwiftSupport
	cp Payload/Shop.app/Frameworks/libswiftCore.dylib SwiftSupport
	zip -qr ../Support.ipa Payload SwiftSupport
)
echo 'ERROR ITMS-90426: "Invalid Swift Support - The SwiftSupport folder is missing. Rebuild your app using the current public (GM) version of Xcode and resubmit it."' > upload.log
expect 1 '*BAD ITMS-90426*SwiftSupport/ beside Payload/*' doctor upload.log Swift.ipa \
	--type appstore --roots "$roots"
expect 1 '*' doctor upload.log Support.ipa --type appstore --roots "$roots" --all
case $output in *'BAD ITMS-90426'*) fail "the folder is there: $output" ;; esac

# What belongs together, drawn.
expect 1 '*drawing  map.svg*' doctor $app --roots "$roots" --svg map.svg
grep -q 'SIGN-02' map.svg || fail "the drawing lacks what is broken"
expect 5 '*map.svg*' doctor $app --roots "$roots" --svg map.svg
expect 1 '*drawing  map.svg*' doctor $app --roots "$roots" --svg map.svg -f
expect 1 '<svg*</svg>' doctor $app --roots "$roots" --svg -
for form in --json --sarif --junit --fix; do
	expect 2 '*standard output*' doctor $app --svg - $form
done
expect 1 '*drawing  other.svg*{*"id": "SIGN-02"*' doctor $app --roots "$roots" --json --svg other.svg
expect 3 '*nothing to draw*' doctor empty --svg none.svg
[ ! -e none.svg ] || fail "a drawing of nothing"

# Wrong use.
expect 3 '*could not look at "none"*' doctor none
expect 2 '*--type*' doctor --type nothing
expect 2 '*one log at a time*' doctor build.log device.log
echo ok
