#!/bin/sh
# resign: what changes in the app, what is refused, many apps at once.
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
roots='--roots portal/roots.pem'

# resign STATUS PATTERN ARGUMENTS...
resign() {
	status=$1 pattern=$2
	shift 2
	expect "$status" "$pattern" resign "$@" --p12 dist.p12 -P @env:PW \
		-m any.mobileprovision
}
# admitted FILE...: by a device
admitted() {
	for file in "$@"; do
		# shellcheck disable=SC2086 # two words
		expect 0 'OK*' verify "$file" $roots --device 00008110-000A1C2E3F4A001E
	done
}
# info FILE KEY: a value in an XML Info.plist
info() {
	grep -A1 "<key>$2</key>" "$1/Info.plist" | sed -n 's/.*<string>\(.*\)<.*/\1/p'
}
same() {
	[ "$1" = "$2" ] || fail "\"$1\", not \"$2\""
}

# The help, the manual and the completion have what the table has; sign has less.
for option in --bundle-id --map --app-groups --set-version --set-build --display-name \
	--remove-plugins --keep-entitlements --from-profile --merge --threads; do
	expect 0 "*$option*" resign --help
	expect 0 "*${option##*-}*" man resign
	expect 0 "*${option#--}*" completion bash
done
expect 2 '*unrecognized option "-b"*' sign App.ipa -b com.x
expect 2 '*unrecognized option "--merge"*' sign App.ipa --merge
expect 0 '*--output OUT*--threads*' sign --help

# Changed in every way that there is, from any container into the same.
for in in App.ipa Shop.app; do
	resign 0 '*admitted*' "$in" -o "New-$in" -b com.acme.beta --set-version 5.0.1 \
		--set-build 813 --display-name 'Shop Beta'
	admitted "New-$in"
done
same "$(info New-Shop.app CFBundleIdentifier)" com.acme.beta
same "$(info New-Shop.app CFBundleShortVersionString)" 5.0.1
same "$(info New-Shop.app CFBundleVersion)" 813
same "$(info New-Shop.app CFBundleDisplayName)" 'Shop Beta'
same "$(info New-Shop.app/PlugIns/Share.appex CFBundleIdentifier)" com.acme.beta.share
same "$(info New-Shop.app/PlugIns/Share.appex CFBundleVersion)" 813
same "$(info New-Shop.app/Frameworks/Kit.framework CFBundleIdentifier)" com.acme.shop.Kit
resign 0 '*admitted*' App.ipa -o Less.ipa --remove-plugins '*.share'
admitted Less.ipa
unzip -l Less.ipa | grep PlugIns && fail "an extension is there"
resign 0 '*admitted*' Shop.app -o Mapped.app --map com.acme.shop.share=com.acme.shop.x
same "$(info Mapped.app/PlugIns/Share.appex CFBundleIdentifier)" com.acme.shop.x
admitted Mapped.app

# What sign does too: ad hoc, bare files, loose libraries, pages.
expect 0 '*as ad hoc*' resign Shop.app -o Adhoc.app -s - -b com.acme.adhoc
same "$(info Adhoc.app CFBundleIdentifier)" com.acme.adhoc
resign 0 '*admitted*' Shop.app/Shop -o tool -i com.acme.tool --page-size 16384
resign 0 '*admitted*' Shop.app/Frameworks/libextra.dylib -o libextra.dylib

# Entitlements: one way only, and what each does.
resign 2 '*only one of*' App.ipa -o no.ipa --merge --keep-entitlements
resign 2 '*only one of*' App.ipa -o no.ipa --from-profile --keep-entitlements
echo '<plist version="1.0"><dict/></plist>' > no.entitlements
resign 2 '*only one of*' App.ipa -o no.ipa --merge --entitlements no.entitlements
expect 2 '*has no profile*' resign App.ipa -o no.ipa -s - --from-profile
resign 1 '*no entitlements that could be kept*--from-profile*' App.ipa -o no.ipa \
	--keep-entitlements
resign 0 '*admitted*' App.ipa -o Granted.ipa --from-profile
admitted Granted.ipa
resign 0 '*admitted*' Granted.ipa -o Kept.ipa --keep-entitlements
admitted Kept.ipa
resign 1 '*is not the app*--merge moves*' Granted.ipa -o no.ipa --keep-entitlements \
	-b com.acme.beta
resign 0 '*admitted*' Granted.ipa -o Merged.ipa --merge -b com.acme.beta
admitted Merged.ipa

# Values that are wrong, said before a password is asked for.
for id in '' com.acme_beta .com com..x; do
	expect 2 '*is no bundle id*' resign App.ipa -o no.ipa --p12 none -b "$id"
done
for version in 1.2.3.4 v1 1. 1234567890123456789; do
	expect 2 '*is no version*' resign App.ipa -o no.ipa --p12 none --set-version "$version"
	expect 2 '*is no build*' resign App.ipa -o no.ipa --p12 none --set-build "$version"
done
expect 2 '*display name*' resign App.ipa -o no.ipa --p12 none --display-name ''
for map in x = a= =b; do
	expect 2 '*"--map" cannot be*OLD=NEW*' resign App.ipa -o no.ipa --p12 none --map "$map"
done
expect 2 '*app groups*' resign App.ipa -o no.ipa --p12 none --app-groups
resign 2 '*nothing to remove fits "Watch"*PlugIns/Share.appex (com.acme.shop.share)*' \
	App.ipa -o no.ipa --remove-plugins Watch
resign 2 '*nothing inside has the bundle id "com.acme.shp"*com.acme.shop.share*' \
	App.ipa -o no.ipa --map com.acme.shp=com.acme.x
resign 1 '*would not be named for*--map com.acme.shop.share=*' App.ipa -o no.ipa \
	--map com.acme.shop=com.acme.x
resign 2 '*bare Mach-O*' Shop.app/Shop -o no --set-build 2
resign 2 '*--output*is missing*' App.ipa
[ ! -e no.ipa ] || fail "something was written"

resign 2 '*no app or extension "com.acme.shop.share"*named for the new bundle ids*' \
	App.ipa -n -b com.acme.beta -m com.acme.shop.share=any.mobileprovision
resign 0 '*named for this bundle id*' App.ipa -n -b com.acme.beta \
	-m com.acme.beta.share=any.mobileprovision

# The plan says what would be done, and does not do it.
resign 0 '*removed*com.acme.beta (was com.acme.shop)*CFBundleVersion: 812 -> 9*covers it*' \
	App.ipa -n -b com.acme.beta --set-build 9 --remove-plugins '*'
resign 0 '{*"removed": *"Payload/Shop.app/PlugIns/Share.appex"*' App.ipa -n --json \
	--remove-plugins '*'
resign 0 '*"old_identifier": "com.acme.shop"*"identifier": "com.acme.beta"*"from": "com.acme.shop"*"entitlement_changes"*' \
	App.ipa -n --json -b com.acme.beta

# In place.
cp App.ipa Same.ipa
resign 5 '*exists already*' Same.ipa -o Same.ipa
resign 0 '*admitted*' Same.ipa -o Same.ipa -f -b com.acme.same
admitted Same.ipa

# Many: a folder, a list, several operands; one that fails does not stop the others.
mkdir in
cp App.ipa in/A.ipa
cp App.ipa in/C.ipa
cp -a Shop.app in/D.app
cp Shop.app/Frameworks/libextra.dylib in/
head -c 1000 App.ipa > in/B.ipa
echo other > in/notes.txt
cp App.ipa in/._A.ipa
resign 3 '*OK*out/A.ipa*4 items*BAD*in/B.ipa*cut short*OK*C.ipa*OK*D.app*libextra.dylib*1 of 5 failed*' \
	in/ -o out
[ "$(ls -A out)" = "A.ipa
C.ipa
D.app
libextra.dylib" ] || fail "in the folder: $(ls -A out)"
admitted out/A.ipa out/C.ipa out/D.app
rm in/B.ipa
resign 5 '*BAD*exists already*4 of 4 failed*' in -o out
resign 0 '*OK*' in -o out -f --set-build 7
same "$(info out/D.app CFBundleVersion)" 7
printf '# mine\n\n  in/A.ipa \r\n\t#in/C.ipa\nin/D.app\n' > apps
resign 0 'OK *listed/A.ipa*OK *listed/D.app*' apps -o listed
[ "$(ls listed)" = "A.ipa
D.app" ] || fail "of the list came: $(ls listed)"
resign 0 '*OK*OK*' in/D.app/ in/C.ipa -o both
admitted both/D.app both/C.ipa
# a folder or a list with one in it is many too
mkdir one && cp App.ipa one/
resign 0 'OK *single/App.ipa*' one -o single

# The same bytes as one by one, whatever works beside it.
when=$(date -u +%Y-%m-%dT%H:%M:%SZ)
resign 0 '*' in -o four --threads 4 --signing-time "$when" -q
resign 0 '*' in -o lone --threads 1 --signing-time "$when" -q
diff -r --no-dereference four lone || fail "the outputs depend on the number of threads"
resign 0 '*' in/A.ipa -o A.ipa --threads 2 --signing-time "$when"
cmp A.ipa four/A.ipa || fail "one by one is not as many"

# As JSON: an array, in order.
cp apps listing
echo none.ipa >> listing
got=0
"$program" resign listing -o json --json --p12 dist.p12 -P @env:PW -m any.mobileprovision \
	> json.out 2> /dev/null || got=$?
same "$got" 3
if command -v python3 > /dev/null; then
	python3 - <<- 'PY' || fail "not the JSON that was expected: $(cat json.out)"
		import json
		r = json.load(open("json.out"))["results"]
		assert [x["ok"] for x in r] == [True, True, False]
		assert [x["output"] for x in r] == ["json/A.ipa", "json/D.app", None]
		assert r[0]["plan"]["steps"] and r[0]["error"] is None
		assert r[2]["error"]["code"] == "not-found" and r[2]["plan"] is None
	PY
fi
resign 3 '*in/A.ipa*Plan*BAD*none.ipa*1 of 3 failed*' listing -n
resign 0 '*"results": *"output": null*"steps"*' apps -n --json

# An extension that only some have, a profile for it: fine for many.
cp -a out/D.app in/E.app
rm -r in/E.app/PlugIns
resign 0 '*OK*' in -o some --remove-plugins '*.share' \
	--map com.acme.shop.share=com.acme.shop.y
resign 0 '*OK*' in -o named -m com.acme.shop.share=any.mobileprovision

# One status where all agree.
mkdir bad
for name in 1 2; do
	cp -a Shop.app bad/$name.app
	sed -i 's/com.acme.shop.share/com.else.share/' bad/$name.app/PlugIns/Share.appex/Info.plist
done
resign 1 '*BAD*would be refused*BAD*2 of 2 failed*' bad -o no
[ -z "$(ls -A no)" ] || fail "refused, but there: $(ls -A no)"

# Another where they do not.
printf 'bad/1.app\nin/A.ipa\n' > mixed
resign 3 '*would be refused*exists already*2 of 2 failed*' mixed -o out

# What concerns all is refused before the first.
cp App.ipa same.ipa
mkdir sub && cp App.ipa sub/same.ipa
resign 2 '*two inputs are called "same.ipa"*' same.ipa sub/same.ipa -o never
resign 2 '*has no name*' same.ipa Shop.app/. -o never
resign 2 '*one and the same id*--map*' in -o never -b com.acme.beta
resign 2 '*one and the same id*' in -o never -i com.acme.beta
resign 2 '*--output*is missing*' in
resign 2 '*"App.ipa" is a file, not a folder*' in -o App.ipa
resign 2 '*"Shop.app" is an app, not a folder*' in -o Shop.app
resign 2 '*"--threads" cannot be "x"*' in -o never --threads x
mkdir empty
resign 3 '*no app in the folder "empty"*' empty -o never
echo '# nothing' > nothing
resign 3 '*names no app*' nothing -o never
expect 4 '*' resign in -o never --p12 dist.p12 -P @env:HOME -m any.mobileprovision
[ ! -e never ] || fail "a folder was made for nothing"
# a page that was downloaded in an app's place is no list, nor are bytes
echo 'App.ipa' > page.ipa
resign 3 '*is no app, archive or Mach-O*' page.ipa -o never
printf 'App.ipa\n\0' > bytes
resign 3 '*is no app, archive or Mach-O*' bytes -o never
echo ok
