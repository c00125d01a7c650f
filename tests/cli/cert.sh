#!/bin/sh
# Certificates: asked for, listed, fetched again, revoked; and the list of those.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_portal
for name in a b c d; do
	expect 0 '*' key new -o $name.key
	expect 0 '*' csr new -k $name.key --cn "Anna $name" --email a@b.example -o $name.csr
done
request() {
	expect "$1" "$2" cert request "$3.csr" --type "$4" --portal portal -o "$5"
}
expect 0 'no certificates yet*' cert list --portal portal
request 0 'issued   a.cer  Apple Distribution: Acme GmbH (T1M2E3A4M5)*serial*' a distribution a.cer
request 0 'issued   dev.cer  Apple Development: Anna a (*' a development dev.cer
request 0 'issued   house.cer  iPhone Distribution: Acme GmbH*' a enterprise house.cer
request 5 '*has a current certificate of this type already*' a distribution again.cer
openssl x509 -inform DER -in a.cer -noout -subject -nameopt RFC2253 |
	grep -q 'C=US,O=Acme GmbH,OU=T1M2E3A4M5,CN=Apple Distribution: Acme GmbH' ||
	fail "the subject is wrong"

# Where it cannot be saved nothing is issued.
count() { "$program" cert list --portal portal --json | grep -c '"serial"'; }
before=$(count)
echo mine > taken.cer
request 5 '*"taken.cer" exists already*-f*' b distribution taken.cer
request 5 '*is a folder*' b distribution portal
request 3 '*could not create "no/where.cer"*' b distribution no/where.cer
[ "$(count)" = "$before" ] || fail "a certificate was issued that nobody got"
[ "$(cat taken.cer)" = mine ] || fail "a file was replaced"
expect 0 'issued   taken.cer*' cert request b.csr --type distribution --portal portal \
	-o taken.cer -f

# Three of a type.
request 0 '*' c distribution c.cer
request 3 '*3 current certificates of this type; 3 are allowed*cert revoke*CERT-01*' d \
	distribution d.cer
expect 3 '*not a certificate request*' cert request a.key --type distribution \
	--portal portal -o x.cer
expect 0 '*' key new --type p256 -o ec.key
expect 0 '*' csr new -k ec.key --cn EC --email a@b.example -o ec.csr
request 2 '*RSA 2048 only*' ec development ec.cer
expect 2 '*cannot be "push"*' cert request a.csr --type push --portal portal -o x.cer

# The same one again, however the serial is written.
serial=$(openssl x509 -inform DER -in a.cer -noout -serial | cut -d= -f2)
expect 0 'saved    copy.cer*' cert get --serial "$serial" --portal portal -o copy.cer
cmp -s a.cer copy.cer || fail "another certificate was fetched"
expect 5 '*exists*' cert get --serial "$serial" --portal portal -o copy.cer
expect 3 '*no certificate with the serial 1234*cert list --all*' cert get --serial 1234 \
	--portal portal -o x.cer
expect 0 '{*"type": "distribution"*' cert get --serial "$serial" --portal portal -o j.cer --json

# Revoking wants to be asked, says what stops and where the list is.
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 5 '*nobody to ask*profile*becomes invalid*--yes*' cert revoke --serial "$serial" \
	--portal portal
expect 3 '*no certificate with the serial*' cert revoke --serial "' OR 1=1 --" \
	--portal portal --yes
expect 0 "revoked  $serial*1 profile is now invalid*list     portal/crl.pem*" cert revoke \
	--serial "$serial" --portal portal --yes
expect 3 '*revoked already*' cert revoke --serial "$serial" --portal portal --yes
expect 0 '*invalid*' profile list --portal portal
openssl crl -in portal/crl.pem -noout -text | grep -q "Serial Number: $serial" ||
	fail "the list does not have it"
openssl verify -ignore_critical -crl_check -CAfile portal/roots.pem -CRLfile portal/crl.pem \
	a.cer 2>&1 | grep -q 'certificate revoked' || fail "openssl does not see it"
openssl verify -ignore_critical -crl_check -CAfile portal/roots.pem -CRLfile portal/crl.pem \
	c.cer > /dev/null || fail "openssl sees too much"
expect 0 '*current*' cert list --portal portal
case $output in *revoked*) fail "a revoked certificate is listed" ;; esac
expect 0 '*revoked*' cert list --portal portal --all
request 0 '*' d distribution d.cer
second=$(openssl x509 -inform DER -in c.cer -noout -serial | cut -d= -f2)
expect 0 '{*"profiles_invalid": 0,*"crl": "portal/crl.pem"*' cert revoke --serial "$second" \
	--portal portal --yes --json

# An app that it signed is refused by who has the list.
if command -v clang > /dev/null && command -v zip > /dev/null; then
	"$root/script/demo-app" "$dir/App.ipa"
	expect 0 '*' p12 make -k d.key -c d.cer --portal portal -P @env:PW -o d.p12
	expect 0 '*' profile renew '* AdHoc' --portal portal -o adhoc.mobileprovision -f
	expect 0 '*admitted*' sign App.ipa -o Signed.ipa --p12 d.p12 -P @env:PW \
		-m adhoc.mobileprovision
	judge() {
		expect "$1" "$2" verify Signed.ipa --device 00008110-000A1C2E3F4A001E \
			--roots portal/roots.pem --crl "$3"
	}
	judge 0 'OK*' portal/crl.pem
	cp portal/crl.pem old.pem
	third=$(openssl x509 -inform DER -in d.cer -noout -serial | cut -d= -f2)
	expect 0 '*' cert revoke --serial "$third" --portal portal --yes
	judge 1 'BAD*cert.revoked*' portal/crl.pem
	judge 0 'OK*' old.pem
	openssl crl -in portal/crl.pem -outform DER -out crl.der
	judge 1 'BAD*cert.revoked*' crl.der
	"$program" portal init --data other --team T1M2E3A4M5 --name Other > said
	judge 0 'OK*cert.list-of-others*openssl crl*' other/crl.pem
	cat other/crl.pem portal/crl.pem > both.pem
	judge 1 'BAD*cert.revoked*' both.pem
	cat portal/crl.pem other/crl.pem > both.pem
	judge 1 'BAD*cert.revoked*' both.pem
	head -c 300 other/crl.pem > cut.pem
	cat portal/crl.pem cut.pem > both.pem
	judge 3 '*not a revocation list*both.pem*' both.pem
	judge 3 '*not a revocation list*reading the revocation list "a.key"*' a.key
fi
echo ok
