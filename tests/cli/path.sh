#!/bin/sh
# The whole path as a user walks it, with wrong turns.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"

make_portal
make_identity dist distribution
make_identity dev development
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 0 '*' profile create development -a '*' --portal portal -o dev.mobileprovision
listed=00008110-000A1C2E3F4A001E
other=00008030-001D2E3F40510026

# Keys are for their owner only, and nothing is overwritten.
[ "$(stat -c %a dist.key)" = 600 ] || fail "the key is not 0600"
[ "$(stat -c %a dist.p12)" = 600 ] || fail "the .p12 is not 0600"
expect 5 '*exists*' key new -o dist.key
expect 5 '*exists*' portal init --data portal --team T1M2E3A4M5 --name Other
[ "$(find portal/keys -type f -perm 600 | wc -l)" -eq "$(find portal/keys -type f | wc -l)" ] ||
	fail "a key of the portal is readable by others"

# Key and certificate.
expect 0 'OK*' cert match dist.cer dist.key
expect 1 'BAD*' cert match dist.cer dev.key
expect 1 '*does not belong*' p12 make -k dev.key -c dist.cer -P @env:PW -o no.p12
[ ! -e no.p12 ] || fail "a .p12 was written for a wrong key"
right=$PW PW=wrong
expect 4 'error:*' p12 test dist.p12 -P @env:PW
PW=$right
expect 0 'OK*' p12 test dist.p12 -P @env:PW
head -c 300 dist.p12 > cut.p12
expect 3 'error:*' p12 test cut.p12 -P @env:PW
expect 0 '*' p12 rewrap dist.p12 -P @env:PW --modern -o modern.p12
expect 0 '*aes-256*' p12 test modern.p12 -P @env:PW
expect 0 '*' p12 open modern.p12 -P @env:PW --key-out again.key --cert-out again.cer
expect 0 'OK*' cert match again.cer dist.key
expect 5 '*' cert request dist.csr --type distribution --portal portal -o twice.cer

# Sign, and ask devices.
expect 0 '*admitted*' sign App.ipa -o Signed.ipa --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision
expect 5 '*exists*' sign App.ipa -o Signed.ipa --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision
expect 0 'OK*' verify Signed.ipa --device $listed --roots portal/roots.pem
expect 1 'BAD*0xe8008012*' verify Signed.ipa --device $other --roots portal/roots.pem
expect 1 'BAD*' verify Signed.ipa --device $listed
expect 1 'BAD*code.unsigned*' verify App.ipa --roots portal/roots.pem
expect 1 'BAD*expired*' verify Signed.ipa --device $listed --roots portal/roots.pem \
	--at 2099-01-01
expect 0 '{*"admitted": true*' verify Signed.ipa --device $listed \
	--roots portal/roots.pem --json
expect 1 '{*"decisive": "profile.device-not-listed"*' verify Signed.ipa --device $other \
	--roots portal/roots.pem --json
expect 1 'BAD*bundle.os-too-old*' verify Signed.ipa --device "$listed=@14.0" \
	--roots portal/roots.pem
expect 2 '*no system version*' verify Signed.ipa --device "$listed=@x" \
	--roots portal/roots.pem
unzip -tq Signed.ipa > /dev/null || fail "unzip does not read the output"

# Signing again, with another identity, from the signed one.
expect 0 '*admitted*' sign Signed.ipa -o Dev.ipa --p12 dev.p12 -P @env:PW \
	-m dev.mobileprovision
expect 0 'OK*' verify Dev.ipa --device $listed --roots portal/roots.pem
expect 1 'BAD*0xe800802b*' verify Dev.ipa --device $listed --roots portal/roots.pem \
	--no-developer-mode
expect 0 '*get-task-allow=yes*' inspect Dev.ipa --only how --roots portal/roots.pem

# What does not fit is refused before anything is written.
expect 1 '*does not list the signing certificate*' sign App.ipa -o no.ipa --p12 dev.p12 \
	-P @env:PW -m adhoc.mobileprovision
expect 2 '*identity is missing*' sign App.ipa -o no.ipa -m adhoc.mobileprovision
expect 1 '*no profile covers*' sign App.ipa -o no.ipa --p12 dist.p12 -P @env:PW
expect 3 '*' sign dist.key -o no.ipa --p12 dist.p12 -P @env:PW -m adhoc.mobileprovision
expect 3 '*could not open*' sign none.ipa -o no.ipa --p12 dist.p12 -P @env:PW
expect 0 'Plan*' sign App.ipa --p12 dist.p12 -P @env:PW -m adhoc.mobileprovision --plan
cat > push.plist << 'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>aps-environment</key><string>production</string></dict></plist>
PLIST
expect 1 '*aps-environment*not allowed*' sign App.ipa -o no.ipa --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision --entitlements push.plist
[ ! -e no.ipa ] || fail "a refused signing left a file"
[ -z "$(find . -name '.sealring-*')" ] || fail "a temporary folder was left"

# A folder instead of an .ipa; in place only with -f.
unzip -q App.ipa
expect 0 '*admitted*' sign Payload/Shop.app -o Out.app --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision
expect 0 'OK*' verify Out.app --device $listed --roots portal/roots.pem
[ -L Out.app/latest.bin ] || fail "the symlink was lost"
expect 5 '*exists*' sign Payload/Shop.app -o Payload/Shop.app --p12 dist.p12 -P @env:PW \
	-m adhoc.mobileprovision
expect 0 '*admitted*' sign Payload/Shop.app -o Payload/Shop.app -f --p12 dist.p12 \
	-P @env:PW -m adhoc.mobileprovision
expect 0 'OK*' verify Payload/Shop.app --device $listed --roots portal/roots.pem

# Changes after signing are found, each by its reason (spec 11).
# mutate REASON COMMAND...: a fresh copy, a change, the verdict
mutate() {
	reason=$1
	shift
	rm -rf M.app
	cp -a Out.app M.app
	"$@"
	expect 1 "BAD*$reason*" verify M.app --device $listed --roots portal/roots.pem --all
}
mutate seal.modified sh -c 'echo x >> M.app/data.bin'
mutate seal.missing rm M.app/data.bin
mutate seal.missing rm M.app/Base.lproj/Main.strings
mutate seal.added touch M.app/evil.txt
mutate seal.modified ln -sfn Shop M.app/latest.bin
mutate bundle.symlink-escapes ln -sfn ../../etc M.app/latest.bin
mutate seal.infoplist sed -i s/812/813/ M.app/Info.plist
mutate slot.resources-mismatch sed -i 's/<plist/ <plist/' M.app/_CodeSignature/CodeResources
mutate profile.none-matching rm M.app/embedded.mobileprovision
mutate bundle.no-executable rm M.app/Shop
mutate bundle.info-missing rm M.app/Info.plist
cp -a Out.app M2.app
rm M2.app/de.lproj/Main.strings
touch M2.app/.DS_Store
expect 0 'OK*' verify M2.app --device $listed --roots portal/roots.pem

# Ad hoc signing says so; a device refuses it.
expect 0 '*ad hoc*' sign App.ipa -o Adhoc.ipa -s -
expect 1 'BAD*sig.adhoc*' verify Adhoc.ipa --roots portal/roots.pem

# A bare executable.
expect 0 '*' sign Payload/Shop.app/Frameworks/libextra.dylib -o l.dylib --p12 dist.p12 \
	-P @env:PW
expect 0 '*' inspect l.dylib --roots portal/roots.pem

# Every kind of file answers the five questions.
for file in dist.key dist.csr dist.cer adhoc.mobileprovision Signed.ipa Out.app push.plist; do
	expect 0 '*' inspect "$file" --roots portal/roots.pem
	expect 0 '*' inspect --short "$file" --roots portal/roots.pem
	expect 0 '{*"schema": 1*' inspect --json "$file" --roots portal/roots.pem
done
expect 0 '*matches the certificate*' inspect dist.p12 -P @env:PW
expect 2 '*not a question*' inspect dist.cer --only whom
echo hello > text
expect 3 '*nothing that signing knows*' inspect text

# The portal's rules.
expect 5 '*registered already*' app add '*' --portal portal
expect 2 '*no App ID*' app add 'com..shop' --portal portal
expect 2 '*no device identifier*' device add xyz Name --portal portal
expect 5 '*registered already*' device add 00008110-000a1c2e3f4a001e Name --portal portal
expect 2 '*explicit App ID*' profile create appstore -a '*' --portal portal -o no
expect 3 '*not registered*' profile create adhoc -a com.acme.none --portal portal -o no
expect 3 '*no current enterprise*' profile create enterprise -a '*' --portal portal -o no
expect 3 '*no portal*' app list --portal nowhere
expect 0 '*' app add com.acme.shop --portal portal
expect 0 '*' app capabilities com.acme.shop --enable PUSH_NOTIFICATIONS --portal portal
expect 0 '*' profile create appstore -a com.acme.shop --portal portal -o store.mobileprovision
expect 0 '*aps-environment=production*' inspect store.mobileprovision --roots portal/roots.pem
expect 0 '*Anna*' device list --portal portal
expect 0 '*com.acme.shop*' app list --portal portal

# Revoking says what stops, and wants to be asked.
serial=$("$program" cert list --portal portal | awk '/distribution/ { print $1; exit }')
expect 5 '*nobody to ask*' cert revoke --serial "$serial" --portal portal
expect 0 '*revoked*' cert revoke --serial "$serial" --portal portal --yes
expect 3 '*revoked already*' cert revoke --serial "$serial" --portal portal --yes
expect 0 '*invalid*' profile list --portal portal

# The secret never shows.
if "$program" p12 test dist.p12 -P @env:PW -v 2>&1 | grep -q 'correct horse'; then
	fail "the password was printed"
fi
echo ok
