#!/bin/sh
# A newcomer who does what the program says and nothing else: each failure is mended by
# its commands, of which only the words in capitals are replaced.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
mkdir bin
ln -s "$program" bin/sealring
PATH=$PWD/bin:$PATH
roots='--roots portal/roots.pem'

# command MARK: the first line of $output behind "MARK ".
command_of() { printf '%s\n' "$output" | sed -n "s/^ *$1:* *//p" | head -n 1; }

# follow COMMAND: what a person does with DIR, FILE and the like.  Words of one name are
# one thing, as $key, $profile ... say.
follow() {
	line=$(printf '%s\n' "$1" | sed -e "s/ DIR\\b/ portal/g" -e "s/ NAME\\b/ Phone/g" \
		-e "s/ CSR\\b/ $csr/g" -e "s/ KEY\\b/ $key/g" -e "s/ CERT\\b/ new.cer/g" \
		-e "s/--p12 FILE\\b/--p12 $p12 -P @env:PW/g" -e "s/-o FILE\\b/-o $p12 -P @env:PW/g" \
		-e "s/ PROFILE\\b/ $profile/g")
	output=$(sh -ec "$line" 2>&1 < /dev/null) || fail "\"$line\" failed: $output"
}

# refused PATTERN VERIFY-ARGUMENTS...: then the way out, then admitted: $1 of the output.
refused() {
	pattern=$1
	shift
	expect 1 "$pattern" verify "$@"
	follow "$(command_of fix)"
}

make_portal
expect 0 '*' app add com.acme.shop --portal portal
make_identity dev development
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 0 '*' profile create development -a '*' --portal portal -o dev.mobileprovision
"$root/script/demo-app" "$PWD/Whole.ipa"
cp Whole.ipa App.ipa
zip -qd App.ipa '*/PlugIns/*' # one profile is enough
key=dist.key csr=dist.csr p12=dist.p12 profile=new.mobileprovision
sign="sign App.ipa --p12 dist.p12 -P @env:PW -m adhoc.mobileprovision"

# Another phone.
# shellcheck disable=SC2086 # words
expect 0 '*' $sign -o Shop.ipa
other=00008110-00000000000000FF
# shellcheck disable=SC2086
refused '*0xe8008012*' Shop.ipa $roots --device $other
# shellcheck disable=SC2086
expect 0 'OK*' verify Shop-signed.ipa $roots --device $other

# A file that somebody changed.
mkdir x
(cd x && unzip -q ../Shop.ipa && echo more >> Payload/Shop.app/data.bin && zip -qr ../Changed.ipa .)
profile=adhoc.mobileprovision
# shellcheck disable=SC2086
refused '*0xe8008017*data.bin*' Changed.ipa $roots
# shellcheck disable=SC2086
expect 0 'OK*' verify Changed-signed.ipa $roots

# Not signed at all.
cp App.ipa Plain.ipa
# shellcheck disable=SC2086
refused '*BAD*' Plain.ipa $roots
# shellcheck disable=SC2086
expect 0 'OK*' verify Plain-signed.ipa $roots

# Signed for development, and to be uploaded; the certificate is there already.
expect 0 '*' sign App.ipa --p12 dev.p12 -P @env:PW -m dev.mobileprovision -o Dev.ipa
# shellcheck disable=SC2086
expect 1 '*ITMS-90035*' verify Dev.ipa $roots --as appstore
key=store.key csr=store.csr p12=store.p12 profile=store.mobileprovision
expect 0 '*' key new -o $key
expect 0 '*' csr new -k $key --cn Store -o $csr
# shellcheck disable=SC2086
refused '*ITMS-90035*a distribution certificate*' Dev.ipa $roots --as appstore
# shellcheck disable=SC2086
expect 0 '*OK*' verify Dev-signed.ipa $roots --as appstore

# A profile for another app: sign itself says so.
expect 0 '*' app add com.acme.other --portal portal
expect 0 '*' profile create adhoc -a com.acme.other --portal portal -o other.mobileprovision
expect 1 '*no profile covers*' sign App.ipa -o Other.ipa --p12 dist.p12 -P @env:PW -m other.mobileprovision
hint=$(command_of hint)
follow "$(printf '%s\n' "${hint%%, then*}" | sed -e 's/ TYPE\b/ adhoc/; s/ F\b/ right.mobileprovision/')"
expect 0 '*admitted*' sign App.ipa -o Other.ipa --p12 dist.p12 -P @env:PW -m right.mobileprovision

# A certificate that was revoked.
serial=$(openssl x509 -inform DER -in dist.cer -noout -serial | sed 's/.*=//')
expect 0 '*' cert revoke --serial "$serial" --portal portal -y
key=again.key csr=again.csr p12=again.p12 profile=again.mobileprovision
expect 0 '*' key new -o $key
expect 0 '*' csr new -k $key --cn Again -o $csr
rm new.cer Shop-signed.ipa
# shellcheck disable=SC2086
refused '*0xe8008018*' Shop.ipa $roots --crl portal/crl.pem
# shellcheck disable=SC2086
expect 0 'OK*' verify Shop-signed.ipa $roots --crl portal/crl.pem

# A profile that was made with another certificate.
mkdir team
cp right.mobileprovision again.p12 team
expect 1 '*PROF-05*' doctor team --roots portal/roots.pem -P @env:PW
follow "$(command_of fix)"
expect 0 '*OK*' doctor team --roots portal/roots.pem -P @env:PW
echo ok
