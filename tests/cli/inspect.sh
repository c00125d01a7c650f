#!/bin/sh
# The five questions of every kind of file: told, told in one line, compared, as bytes
# and to programs; and what is no such file.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_portal
make_identity dist distribution
make_identity dev development
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 0 '*' profile create development -a '*' --portal portal -o dev.mobileprovision
cat > Shop.entitlements << 'END'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>application-identifier</key>
<string>T1M2E3A4M5.com.acme.shop</string><key>get-task-allow</key><true/>
<key>com.apple.security.application-groups</key><array><string>group.a</string>
<string>group.b</string></array></dict></plist>
END
cat > ExportOptions.plist << 'END'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>method</key><string>release-testing</string>
<key>teamID</key><string>T1M2E3A4M5</string><key>provisioningProfiles</key>
<dict><key>com.acme.shop</key><string>Shop AdHoc</string></dict></dict></plist>
END

ask() { # STATUS PATTERN ARGUMENTS...
	status=$1 wanted=$2
	shift 2
	expect "$status" "$wanted" inspect "$@" --roots portal/roots.pem
}
lacks() { # TEXT...: not in what was printed
	for text in "$@"; do
		case $output in *"$text"*) fail "says \"$text\": $output" ;; esac
	done
}

# Each kind.
ask 0 '*certificate*WHO*Apple Distribution: Acme GmbH*serial*SHA-1*issued by*root*WHERE*UNTIL*certificate 2*<*issuer*HOW*RSA 2048*' dist.cer
lacks WARN BAD
ask 0 '*private key*WHO*whoever holds this file*public key SHA-256*HOW*RSA 2048, not encrypted*' dist.key
hash=$(printf '%s\n' "$output" | sed -n 's/.*SHA-256 //p')
ask 0 "*public key SHA-256 $hash*" dist.cer
ask 0 "*certificate request*dist*SHA-256 $hash*" dist.csr
ask 0 "*identity*SHA-256 $hash*matches the certificate*more certificates inside*MAC*" \
	dist.p12 -P @env:PW
ask 0 '*provisioning profile, ad hoc*WHO*team T1M2E3A4M5*1 certificate*authority: *WHAT*T1M2E3A4M5.\* (wildcard)*WHERE*1 device, iOS*00008110*UNTIL*HOW*get-task-allow=no*' adhoc.mobileprovision
ask 0 '*entitlements*WHAT*T1M2E3A4M5.com.acme.shop*HOW*get-task-allow=yes*application-groups=[[]group.a, group.b]*' Shop.entitlements
ask 0 '*export options*team T1M2E3A4M5*WHAT*com.acme.shop*Shop AdHoc*WHERE*release-testing: ad hoc*' ExportOptions.plist
sed s/release-testing/adhoc/ ExportOptions.plist > bad_export-options.plist
ask 0 '*WHERE*"adhoc" is no export method*WARN*' bad_export-options.plist
mkdir Shop.xcodeproj
expect 3 '*Shop.xcodeproj*' inspect Shop.xcodeproj # tests/cli/project.sh has good ones
rmdir Shop.xcodeproj
expect 0 '*WHO*' show dist.cer

# Without the roots the issuer is nobody's.
expect 0 '*issued by*WARN*' inspect dist.cer

# A drawing of what is claimed and allowed.
expect 0 '*drawing  table.svg*' inspect adhoc.mobileprovision --svg table.svg
grep -q get-task-allow table.svg || fail 'the table lacks get-task-allow'
expect 5 '*table.svg*' inspect adhoc.mobileprovision --svg table.svg
expect 0 '*' inspect Shop.entitlements --svg table.svg -f
grep -q application-groups table.svg || fail 'the table lacks the groups'
expect 3 '*no entitlements*' inspect dist.cer --svg none.svg
expect 2 '*--svg draws one FILE*' inspect dist.cer dist.csr --svg two.svg

# Questions, and these in full.
ask 0 '*' dist.cer --only until,how
case $output in *UNTIL*HOW*) ;; *) fail "--only: $output" ;; esac
lacks WHO WHAT WHERE
ask 0 'dist.cer: certificate | Apple Distribution: Acme GmbH (T1M2E3A4M5)' dist.cer --short --only who
ask 0 'dist.cer: certificate | RSA 2048 bits' dist.cer --short --only how
expect 2 '*Did you mean "sealring show"*' shwo dist.cer
ask 0 '*certificate "Apple Distribution*issuer "Sealring*' dist.cer --only until
ask 2 '*not a question*' dist.cer --only whom
ask 2 '*names no question*' dist.cer --only ''
ask 2 '*names no question*' dist.cer --only=

# When.
end=$("$program" inspect dist.cer --json --roots portal/roots.pem |
	sed -n 's/^ *"until": "\(....-..-..\)T.*/\1/p' | head -n 1)
day() { date -u -d "$end $1 days" +%F; }
ask 0 "*UNTIL  $end (in 31 days)*" dist.cer --at "$(day -31)"
lacks WARN
ask 0 "*UNTIL  $end (in 29 days)  WARN*" dist.cer --at "$(day -29)"
ask 0 "*UNTIL  expired on $end (9 days ago)  WARN*" dist.cer --at "$(day 10)"
ask 0 '*not valid before*WARN*' dist.cer --at 2020-01-01
ask 2 '*is no da*' dist.cer --at soon

# One line a file; what is locked is no error among several.
ask 0 '*' --short dist.cer dist.p12 dist.key adhoc.mobileprovision
[ "$(printf '%s\n' "$output" | wc -l)" -eq 4 ] || fail "not four lines: $output"
case $output in
*'dist.p12: identity (PKCS#12), locked'*'adhoc.mobileprovision: provisioning profile, ad hoc | '*) ;;
*) fail "--short: $output" ;;
esac
ask 4 '*password of "dist.p12" is needed*' dist.p12
ask 4 '*password*' dist.p12 -P @env:HOME
ask 4 '*password*' dist.p12 dist.cer -P @env:HOME
ask 3 '*could not open the password file*' dist.p12 -P @file:none
PW2=sesame export PW2
expect 0 '*' p12 open dist.p12 -P @env:PW --key-out locked.key --new-password @env:PW2
ask 0 '*locked.key  private key, locked*' locked.key dist.cer
ask 4 '*password of "locked.key"*' locked.key
ask 0 '*RSA 2048, encrypted*' locked.key -P @env:PW2
lacks sesame

# A file that cannot be read does not stop the others; the first says the status.
echo hello > text
: > empty
ask 3 '*dist.cer*certificate*nothing that signing knows*dev.cer*certificate*' dist.cer text dev.cer
ask 3 '*could not open*dist.cer*' none dist.cer
ask 4 '*password*nothing that signing*' locked.key text -P @env:PW
ask 3 '*it is empty*' empty
: > empty.cer
ask 3 'error: *not a certificate*evidence: it is empty*cause: *hint: *' empty.cer
ask 0 '*is named as another kind of file: identity*' "$(cp dist.cer x.p12 && echo x.p12)"
rm x.p12

# Folders.
mkdir -p team/deep team/node_modules nothing
cp dist.cer dist.p12 team
cp adhoc.mobileprovision team/deep
cp dev.cer team/node_modules
ask 0 '*team/deep/adhoc.mobileprovision*team/dist.cer*team/dist.p12*locked*' team
lacks node_modules
ask 3 '*nothing that signing knows in the folder "nothing"*evidence: 0 names*' nothing
ask 3 '*"nothing"*dist.cer*' nothing dist.cer
case $("$program" inspect --short team nothing --roots portal/roots.pem 2> /dev/null | wc -l) in
*3) ;;
*) fail "--short of a folder" ;;
esac

# Bytes.
"$program" inspect --raw dist.cer | cmp - dist.cer || fail "--raw of a certificate"
"$program" inspect --raw dist.csr | cmp - dist.csr || fail "--raw of a request"
"$program" inspect --raw adhoc.mobileprovision > raw.plist
head -c 5 raw.plist | grep -q '<?xml' || fail "--raw of a profile is no property list"
grep -q '<key>ProvisionedDevices</key>' raw.plist || fail "--raw of a profile"
ask 5 '*private keys are not printed*' --raw dist.key
ask 5 '*private keys are not printed*' --raw dist.p12
ask 5 '*private keys are not printed*' --raw dist.p12 -P @env:PW
ask 5 '*private keys are not printed*' --raw locked.key
cat dist.cer > both.pem
openssl x509 -inform DER -in dist.cer > both.pem 2> /dev/null || openssl x509 -in dist.cer > both.pem
cat dist.key >> both.pem
ask 5 '*private keys are not printed*' --raw both.pem
ask 0 '*its private key is in the file too  WARN*' both.pem
ask 2 '*--raw is for one FILE*' --raw dist.cer dev.cer
ask 2 '*--raw is bytes*' --raw dist.cer --short
ask 3 '*nothing that signing*' --raw text
if command -v script > /dev/null; then
	openssl x509 -in both.pem -outform DER > der.cer
	script -qec "'$program' inspect --raw der.cer" /dev/null < /dev/null > typescript || true
	grep -q 'binary data does not go to a terminal' typescript || fail "binary to a terminal"
fi

# Comparing.
ask 0 '*no difference' dist.cer --diff dist.cer
ask 1 '*--- dist.cer*+++ dev.cer*WHO*- certificate: Apple Distribution*+ certificate: Apple Development*' \
	dist.cer --diff dev.cer
ask 1 '*WHERE*~ distribution: ad hoc -> development*HOW*~ entitlement get-task-allow: no -> yes*' \
	adhoc.mobileprovision --diff dev.mobileprovision
ask 0 '*no difference' adhoc.mobileprovision --diff adhoc.mobileprovision --only until,how
expect 0 '*' device add 00008030-001D2E3F40510026 Bea --portal portal
expect 0 '*' profile renew '* AdHoc' --portal portal -o adhoc2.mobileprovision
ask 1 '*WHERE  + device 00008030-001D2E3F40510026*' adhoc.mobileprovision --diff adhoc2.mobileprovision --only where
ask 1 '*WHERE  - device 00008030-001D2E3F40510026*' adhoc2.mobileprovision --diff adhoc.mobileprovision --only where
# Of two kinds: what both say.
ask 0 '*no difference' dist.cer --diff dist.key
ask 0 '*no difference' dist.csr --diff dist.key
ask 1 '*public key*->*' dist.csr --diff dev.key
ask 0 '*no difference' dist.cer --diff dist.p12 -P @env:PW
ask 1 '*app id: T1M2E3A4M5.com.acme.shop -> T1M2E3A4M5.\**get-task-allow: yes -> no*' \
	Shop.entitlements --diff adhoc.mobileprovision
ask 2 '*cannot be compared*' dist.key --diff Shop.entitlements
ask 2 '*cannot be compared*' dist.cer --diff dist.key --only until
ask 2 '*--diff OTHER is for one FILE*' dist.cer dev.cer --diff dist.cer
ask 2 '*do not go together*' dist.cer --diff dev.cer --short
ask 3 '*could not open*' dist.cer --diff none
ask 4 '*password of "dist.p12"*' dist.cer --diff dist.p12

# To programs.
json() { # WHAT IS IN IT, ARGUMENTS...
	wanted=$1
	shift
	ask 0 '{*"schema": 1*' --json "$@"
	# shellcheck disable=SC2254 # a pattern on purpose
	case $output in *$wanted*) ;; *) fail "JSON lacks $wanted: $output" ;; esac
}
json '"kind": "certificate"*"type": "Apple Distribution"*"trusted": true*"kind": "issuer"*"exit": 0' dist.cer
json '"key": {*"type": "RSA 2048"*"sha256": "'"$hash"'"*"encrypted": false' dist.key
lacks 'PRIVATE KEY'
json '"kind": "request"*"subject": {*"email": "a@b.example"' dist.csr
json '"type": "adhoc"*"wildcard": true*"signature": "ok"*"devices": [[]*"00008110-000A1C2E3F4A001E"*"kind": "last certificate"*"get-task-allow": false' adhoc.mobileprovision
json '"application-identifier": "T1M2E3A4M5.com.acme.shop"*"group.b"' Shop.entitlements
json '"options": {*"method": "release-testing"' ExportOptions.plist
json '"macos_safe": true' dist.p12 -P @env:PW
json '"locked": true*"misnamed": false' dist.p12 dist.cer
json '"until": {' dist.cer --only until
lacks '"who"' '"how"'
ask 3 '{*"file": "dist.cer"*"file": "text"*"error": {*"code": "format"*"file": "dev.cer"*"exit": 3*' \
	--json dist.cer text dev.cer
ask 3 '{*"exit": 3*"code": "not-found"*' --json none
ask 1 '{*"same": false*"question": "who"*"fact": "certificate"*"to": null*' --json dist.cer --diff dev.cer
ask 0 '{*"same": true*"changes": [[]]*' --json dist.cer --diff dist.cer

# Apps: what is in them agrees, or not.
if command -v clang > /dev/null && command -v zip > /dev/null; then
	"$root/script/demo-app" "$dir/App.ipa"
	ask 0 '*com.acme.shop*not signed*WHO*nobody: not signed*WARN*WHAT*Kit.framework*WHERE*iOS*' App.ipa
	expect 0 '*' sign App.ipa -o Dist.ipa --p12 dist.p12 -P @env:PW -m adhoc.mobileprovision
	expect 0 '*' sign App.ipa -o Dev.ipa --p12 dev.p12 -P @env:PW -m dev.mobileprovision
	ask 0 '*signed, ad hoc profile*WHO*Apple Distribution: Acme GmbH*lists 1 certificate, this one*WHAT*T1M2E3A4M5.com.acme.shop*the profile is for T1M2E3A4M5.\* (wildcard)*+ *PlugIns/Share.appex*WHERE*1 device*UNTIL*HOW*get-task-allow=no*4 signed bundles agree*sealring verify*' Dist.ipa
	lacks WARN BAD
	ask 0 '*PlugIns/Share.appex:*com.acme.shop.share*' Dist.ipa --only how
	ask 0 '*no difference' Dist.ipa --diff Dist.ipa
	ask 1 '*WHO*- certificate: Apple Distribution*+ certificate: Apple Development*WHERE*~ distribution: ad hoc -> development*HOW*get-task-allow*' \
		Dist.ipa --diff Dev.ipa
	ask 1 '*app id: T1M2E3A4M5.com.acme.shop -> T1M2E3A4M5.\**' Dist.ipa --diff adhoc.mobileprovision
	ask 0 '*no difference' Dist.ipa --diff adhoc.mobileprovision --only who,where,until
	"$program" inspect --raw Dist.ipa | grep -q '<key>application-identifier</key>' ||
		fail "--raw of an app"
	ask 3 '*no entitlements*' --raw App.ipa
	json '"container": ".ipa"*"path": "PlugIns/Share.appex"*"seal": "signed"' Dist.ipa
	# A part that somebody else signed, and one with a profile that is broken.
	unzip -q Dist.ipa && unzip -q -o Dev.ipa 'Payload/Shop.app/PlugIns/*'
	app=Payload/Shop.app
	ask 0 '*PlugIns/Share.appex: signed by Apple Development*WARN*1 of 4 bundles is not signed as the app is*' $app
	echo x > $app/embedded.mobileprovision
	ask 0 '*the profile inside cannot be read  BAD*' $app
	# Another profile than the one for this certificate.
	cp dev.mobileprovision $app/embedded.mobileprovision
	ask 0 '*but not this one  WARN*' $app
	rm $app/Shop
	ask 0 '*WHAT*BAD*' $app
fi
echo ok
