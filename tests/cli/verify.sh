#!/bin/sh
# Asking the judge: which device, when, how much is told, and to whom.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"
make_portal
make_identity dev development
make_identity dist distribution
expect 0 '*' profile create development -a '*' --portal portal -o dev.mobileprovision
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 0 '*admitted*' sign App.ipa -o Dev.ipa --p12 dev.p12 -P @env:PW -m dev.mobileprovision
expect 0 '*admitted*' sign App.ipa -o AdHoc.ipa --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision
listed=00008110-000A1C2E3F4A001E
other=00008030-001D2E3F40510026

judge() { # STATUS PATTERN FILE OPTIONS...
	status=$1 wanted=$2 file=$3
	shift 3
	expect "$status" "$wanted" verify "$file" --roots portal/roots.pem "$@"
}

# No device: what all devices ask; it is said that none was named.
judge 0 'OK*no device named*NOTE a root that is not Apple*' Dev.ipa

# Which device.
judge 0 "OK*would be admitted by $listed*" Dev.ipa --device $listed
judge 0 'OK*' Dev.ipa --device 00008110-000a1c2e3f4a001e
judge 0 'OK*' Dev.ipa --device "$listed=iPhone14,5@17.4"
judge 0 'OK*' Dev.ipa --device "$listed=iPhone14,5"
judge 0 'OK*' Dev.ipa --device "$listed=@17.4"
judge 0 'OK*' Dev.ipa --device "$listed@15"
judge 1 'BAD*0xe8008012*profile.device-not-listed*'"$other"'*fix *device add*see *sealring explain 0xe8008012*' Dev.ipa \
	--device $other
judge 1 'BAD*bundle.os-too-old*15.0 or later*runs 14.8.1*' Dev.ipa --device "$listed=@14.8.1"
judge 1 'BAD*bundle.device-family*' Dev.ipa --device "$listed=AppleTV11,1@17.0"

# Wrong devices.
for device in '' x "${listed}0" '=iPhone14,5' 0123456789; do
	judge 2 '*is no device identifier*hint: *' Dev.ipa --device "$device"
done
for device in "$listed=iPhone14,5@" "$listed@x" "$listed=@17.x" "$listed@1.2.3.4" "$listed@-1"; do
	judge 2 '*is no system version*' Dev.ipa --device "$device"
done
judge 2 '*is no model*' Dev.ipa --device "$listed=@16@17"
judge 2 '*is given twice*' Dev.ipa --device $listed --device $other
judge 2 '*--device*' Dev.ipa --device

# When.
soon=$(date -u -d '+100 days' +%F) late=$(date -u -d '+400 days' +%F)
early=$(date -u -d '-3 days' +%F)
judge 0 'OK*' Dev.ipa --device $listed --at "$soon"
judge 0 'OK*' Dev.ipa --device $listed --at "${soon}T12:00:00Z"
judge 1 'BAD*profile.expired*' Dev.ipa --device $listed --at "$late"
judge 1 'BAD*profile.not-yet-valid*' Dev.ipa --device $listed --at "$early"
judge 0 'OK*' Dev.ipa --device $listed --at "$late" --at-signing
for when in '' soon 2027-13-01 2027-02-30 "$soon 12:00" "${soon}T25:00:00Z"; do
	judge 2 '*is no da*' Dev.ipa --at "$when"
done

# How the device is set.
judge 1 'BAD*0xe800802b*devmode.off (launch)*' Dev.ipa --device $listed --no-developer-mode
judge 0 'OK*' Dev.ipa --device "$listed=@15.0" --no-developer-mode
judge 0 'OK*' AdHoc.ipa --device $listed --no-developer-mode
judge 0 'OK*' Dev.ipa --device $listed --not-trusted
judge 0 'OK*' Dev.ipa --device $listed --free-apps 3
for count in x -1 '' 3x 1001 99999999999999999999; do
	judge 2 '*is no number of apps*' Dev.ipa --free-apps="$count"
done

# Who is asked.
for id in com.acme.shop com.acme.shop.share; do
	expect 0 '*' app add $id --portal portal
	expect 0 '*' profile create appstore -a $id --portal portal -o $id.mobileprovision
done
expect 0 '*' sign App.ipa -o Store.ipa --p12 dist.p12 -P @env:PW \
	-m com.acme.shop.mobileprovision -m com.acme.shop.share.mobileprovision
judge 0 'OK*taken by the App Store*' Store.ipa --as appstore
judge 1 'BAD*ITMS-90035*store.signature (store)*distribution certificate*Development*' Dev.ipa \
	--as appstore
judge 1 'BAD*ITMS-90161*store.profile (store)*ad hoc*' AdHoc.ipa --as appstore
judge 1 '{*"stages": [[]*"store"*"code": "ITMS-90161"*' AdHoc.ipa --as appstore --json
mkdir swift
minimum_os() { # FROM TO, in every Info.plist here
	find Payload -name Info.plist | while read -r file; do
		sed "s/>$1</>$2</" "$file" > plist
		mv plist "$file"
	done
}
(
	cd swift
	unzip -q ../App.ipa
	for library in Payload/Shop.app/Frameworks/*.dylib; do
		mv "$library" Payload/Shop.app/Frameworks/libswiftCore.dylib
	done
	minimum_os 15.0 12.1.4
	zip -qr ../Swift.ipa Payload
	mkdir SwiftSupport
	cp Payload/Shop.app/Frameworks/libswiftCore.dylib SwiftSupport
	zip -qr ../Support.ipa Payload SwiftSupport
	minimum_os 12.1.4 12.2
	zip -qr ../Later.ipa Payload
)
for name in Swift Support Later; do
	expect 0 '*' sign $name.ipa -o $name-store.ipa --p12 dist.p12 -P @env:PW \
		-m com.acme.shop.mobileprovision -m com.acme.shop.share.mobileprovision
done
judge 1 '*store.swift-support*SwiftSupport/*' Swift-store.ipa --as appstore --all
judge 0 'OK*' Support-store.ipa --as appstore
judge 0 'OK*' Later-store.ipa --as appstore
judge 1 'BAD*ITMS-90167*store.no-app*' swift/Payload/Shop.app/Shop --as appstore
judge 0 'OK*' Dev.ipa --device $listed --as installd --no-developer-mode
judge 1 'BAD*devmode.off*' Dev.ipa --device $listed --as launch --no-developer-mode
judge 0 'OK*' Dev.ipa --device $other --as launch
judge 2 '*installd, launch, appstore*' Dev.ipa --as codesign

# The four tests of a profile, and the other bundles.
judge 1 'BAD*signer*OK *listed in profile*app id*OK *device*BAD*is not among 1 device*<- decides*date*OK *until*' \
	Dev.ipa --device $other
judge 1 '*0 of 1 other bundle would pass*' Dev.ipa --device $other
judge 1 'BAD*device*OK *is one of 1 device*date*BAD*until*<- decides*' Dev.ipa --device $listed \
	--at "$late"
judge 1 '{*"profile_tests": [[]*"test": "device"*"ok": false*"decides": true*' Dev.ipa \
	--device $other --json
judge 0 '{*"profile_tests": [[][]]*' Dev.ipa --device $listed --json

# The fix is a command that can be typed.
case $("$program" verify Dev.ipa --roots portal/roots.pem --device $other) in
*"fix       sealring device add $other NAME --portal DIR && sealring profile renew "*" && sealring sign Dev.ipa -o Dev-signed.ipa --p12 FILE -m PROFILE"*) ;;
*) fail "the fix is no command" ;;
esac
cp Dev.ipa "It's mine.ipa"
judge 1 "*sealring sign 'It'?''s mine.ipa' -o 'It'?''s mine-signed.ipa' --p12*" "It's mine.ipa" \
	--device $other

# An upgrade is of the app that is there.
judge 0 'OK*' Dev.ipa --device $listed --installed-appid T1M2E3A4M5.com.acme.shop
judge 1 'BAD*0xe80000be*upgrade.appid-mismatch*OTHERTEAM1.com.acme.shop*' Dev.ipa \
	--device $listed --installed-appid OTHERTEAM1.com.acme.shop

# Many devices: a table.
cat > team.txt << LIST
# the team
$listed=iPhone14,5@17.4  Anna's iPhone
$other@16.1              QA 3
LIST
judge 1 "OK *$listed *Anna's iPhone*BAD *$other *QA 3 *0xe8008012 *profile.device-not-listed*first refused by QA 3*fix *Dev.ipa  admitted on 1 of 2 devices*NOTE*" \
	Dev.ipa --devices team.txt
printf 'Device ID\tDevice Name\tDevice Platform\n%s\tAnna\tios\n' $listed > upload.txt
judge 0 'OK *Anna*admitted on 1 of 1 device*' Dev.ipa --devices upload.txt
expect 0 '*' device list --portal portal --json
printf '%s' "$output" > list.json
judge 0 '*admitted on 1 of 1 device*' Dev.ipa --devices list.json
judge 1 '*devmode.off*admitted on 0 of 1 device*' Dev.ipa --devices upload.txt --no-developer-mode
judge 1 '{*"admitted": 1*"asked": 2*"devices": [[]*"name": "QA 3"*"admitted": false*"reason": "profile.device-not-listed"*' \
	Dev.ipa --devices team.txt --json
judge 2 '*cannot be combined*' Dev.ipa --devices team.txt --device $listed
echo "$listed" >> team.txt
judge 3 '*line 4: the device of line 2 again*Remove one*' Dev.ipa --devices team.txt
echo 'QA 4' > wrong.txt
judge 3 '*line 1: "QA" is no device*' Dev.ipa --devices wrong.txt
judge 3 '*could not open*' Dev.ipa --devices none.txt

# Several apps.
judge 0 'OK *Dev.ipa *OK *AdHoc.ipa *' Dev.ipa AdHoc.ipa --device $listed
judge 1 'OK *AdHoc.ipa *BAD*devmode.off*' AdHoc.ipa Dev.ipa --device $listed --no-developer-mode
judge 1 'BAD*devmode.off*OK *AdHoc.ipa *' Dev.ipa AdHoc.ipa --device $listed --no-developer-mode
judge 0 '{*"apps": [[]*"file": "Dev.ipa"*"file": "AdHoc.ipa"*' Dev.ipa AdHoc.ipa --json
sed '$d' team.txt > two.txt
judge 1 '*Dev.ipa  admitted on 1 of 2*AdHoc.ipa  admitted on 1 of 2*' Dev.ipa AdHoc.ipa \
	--devices two.txt

# OCSP responses, by another program: those of strangers say nothing.
judge 3 '*not an OCSP response*' Dev.ipa --ocsp dev.cer
judge 3 '*could not open*' Dev.ipa --ocsp none
openssl x509 -in dev.cer -inform DER -out leaf.pem
awk '/BEGIN/ { n++ } n == 2' portal/roots.pem > issuer.pem
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Stranger \
	-days 30 2> /dev/null
leaf=$(openssl x509 -in leaf.pem -noout -serial | sed 's/serial=//')
respond() { # STATUS REVOKED-DATE CERTIFICATE KEY
	printf '%s\t351231000000Z\t%s\t%s\tunknown\t/CN=x\n' "$1" "$2" "$leaf" > index
	openssl ocsp -issuer "$3" -cert leaf.pem -no_nonce -reqout query.der
	openssl ocsp -index index -rsigner "$3" -rkey "$4" -CA "$3" -reqin query.der \
		-respout answer.der -ndays 9 > /dev/null 2>&1
}
respond V '' issuer.pem portal/keys/developer.pem
judge 0 'OK*' Dev.ipa --ocsp answer.der
case $output in *OCSP*) fail "a good answer is no finding" ;; esac
judge 0 'OK*response 1 is of another time*' Dev.ipa --ocsp answer.der --at "$soon"
respond R "$(date -u -d '-1 days' +%y%m%d)000000Z" issuer.pem portal/keys/developer.pem
judge 1 'BAD*0xe8008018*cert.revoked*is since*' Dev.ipa --ocsp answer.der
respond V '' ca.pem ca.key
judge 0 'OK*WARN*OCSP response says nothing*response 1 is of others*' Dev.ipa --ocsp answer.der
set --
for _ in 1 2 3 4 5 6 7 8; do
	set -- "$@" --ocsp answer.der --ocsp answer.der --ocsp answer.der --ocsp answer.der \
		--ocsp answer.der --ocsp answer.der --ocsp answer.der --ocsp answer.der
done
judge 0 'OK*response 64 *' Dev.ipa "$@"
judge 2 '*more than 64 OCSP responses*' Dev.ipa "$@" --ocsp answer.der
set --

# Revoked, and a list that is none.
serial=$("$program" cert list --portal portal | awk '/development/ { print $1; exit }')
expect 0 '*revoked*' cert revoke --serial "$serial" --portal portal --yes
judge 3 '*not a revocation list*' Dev.ipa --crl dev.cer
judge 3 '*could not open*' Dev.ipa --crl none

# How much is told: the decisive reason alone, or all.
unzip -q Dev.ipa
app=Payload/Shop.app
touch $app/evil.txt
rm $app/data.bin
judge 1 'BAD*profile.device-not-listed*more: --all*' $app --device $other
case $output in *seal.added*) fail "more than the decisive finding is told" ;; esac
judge 1 'BAD*profile.device-not-listed*seal.missing*data.bin*seal.added*evil.txt*' $app \
	--device $other --all
[ "$(printf '%s\n' "$output" | grep -c '^BAD')" -ge 3 ] || fail "--all is not all"

# To programs.
judge 0 '{*"admitted": true*"decisive": null*"root_is_not_apple": true*"findings": [[]]*' \
	Dev.ipa --device $listed --json
case $output in
*'"kind": "app"'*'"id": "com.acme.shop"'*'"architectures": "arm64"'*) ;;
*) fail "the items are missing: $output" ;;
esac
judge 1 '{*"admitted": false*"decisive": "profile.device-not-listed"*"findings": [[]*' $app \
	--device $other --json
for part in '"reason": "seal.added"' '"stage": "install"' '"severity": "block"' \
	'"code": "0xe8008012"' '"code_is_likely": false' '"bundle": "PlugIns/Share.appex"' \
	'"expected": ' '"found": "evil.txt: not in CodeResources"' '"hint": ' \
	"\"device\": \"$other\""; do
	case $output in *"$part"*) ;; *) fail "JSON lacks $part: $output" ;; esac
done
judge 2 '{*"code": "usage"*' Dev.ipa --device x --json
expect 3 '{*"exit": 3*' verify none.ipa --json

# A drawing: which part does not match.
judge 0 '*drawing  good.svg*' Dev.ipa --svg good.svg
expect 5 '*good.svg*' verify Dev.ipa --svg good.svg
judge 0 '*' Dev.ipa --svg good.svg -f
grep -q 'Frameworks/Kit.framework' good.svg || fail 'the drawing lacks a framework'
mkdir drawn
(cd drawn && unzip -q ../Dev.ipa && echo more >> Payload/Shop.app/data.bin)
judge 1 '*seal.modified*' drawn/Payload/Shop.app --svg bad.svg
grep -q 'sealed files: data.bin' bad.svg || fail 'the drawing does not say what was changed'
expect 2 '*--svg draws one app*' verify Dev.ipa Dev.ipa --svg two.svg
expect 0 '<svg *</svg>*' verify Dev.ipa --roots "$dir/portal/roots.pem" --svg - --quiet

# What is no app.
head -c 100 Dev.ipa > Cut.ipa
expect 3 'error:*0xe8000050*0xe8000051*' verify Cut.ipa
expect 3 '*is no app*' verify "$dir/portal"
echo hello > text
expect 3 'error:*text*' verify text
echo ok
