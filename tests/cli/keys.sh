#!/bin/sh
# key, csr, cert match and p12: what they say when something is wrong.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

PW='Correct-Horse-Battery' OTHER='Staple-It' EMPTY=''
export PW OTHER EMPTY

# Nothing that is printed tells a password.
keeps_quiet() {
	case $output in
	*"$PW"* | *"$OTHER"*) fail "tells a password: $output" ;;
	esac
}

# The same as expect, and says a cause or what to do.
refuse() {
	expect "$@"
	keeps_quiet
	case $output in
	*cause:* | *hint:*) ;;
	*) fail "neither cause nor hint: $output" ;;
	esac
}

# ---- keys ----
expect 0 'key*RSA 2048*next:*csr new*' key new -o plain.key
expect 0 '*EC P-256, encrypted*' key new --type p256 -P @env:PW -o enc.key
keeps_quiet
openssl pkey -in enc.key -passin env:PW -noout || fail "openssl cannot read the key"
expect 5 '*exists*' key new -o plain.key
refuse 3 '*"NOT_SET" is not set*' key new -P @env:NOT_SET -o no.key
[ ! -e no.key ] || fail "a key was written without its password"

refuse 4 '*password does not open the key*reading the key "enc.key"*' \
	csr new -k enc.key -P @env:OTHER --cn x -o no.csr
refuse 4 '*"enc.key"*needed*no terminal*' csr new -k enc.key --cn x -o no.csr
refuse 3 '*not a private key*' csr new -k "$root/README.md" --cn x -o no.csr
head -c 100 plain.key > cut.key
refuse 3 '*not a private key*cut short*' csr new -k cut.key --cn x -o no.csr
openssl pkcs8 -topk8 -in enc.key -passin env:PW -passout env:OTHER -iter 1000001 \
	-out slow.key
refuse 3 '*hashed too often*1000001*' csr new -k slow.key -P @env:OTHER --cn x -o no.csr

# ---- requests ----
openssl genpkey -algorithm ED25519 -out ed.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out k1.key
openssl genrsa -out short.key 1024 2> /dev/null
refuse 2 '*no certificate is issued for this key*ED25519*sealring key new*' \
	csr new -k ed.key --cn x -o no.csr
refuse 2 '*no certificate is issued*RSA, 1024 bits*' csr new -k short.key --cn x -o no.csr
refuse 2 '*"DEU" cannot be a part of the subject*' \
	csr new -k plain.key --cn x --country DEU -o no.csr
[ ! -e no.csr ] || fail "a request was written"
expect 0 'request*' csr new -k enc.key -P @env:PW --cn 'Jörg 🔑' -o enc.csr
expect 0 '*Jörg 🔑*key      EC 256 bits*OK*' csr show enc.csr
openssl req -new -key ed.key -subj /CN=x -out ed.csr
openssl req -new -key k1.key -subj /CN=x -out k1.csr
expect 0 '*key      ED25519 0 bits*' csr show ed.csr
refuse 3 '*not a certificate request*csr new*' csr show plain.key
tr A B < enc.csr > bad.csr
refuse 3 '*certificate request*' csr show bad.csr

# The portal issues for RSA 2048 only, as Apple does.
expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
for name in ed k1; do
	refuse 2 '*the request has a key of*RSA 2048 only*' cert request $name.csr \
		--type development --portal portal -o no.cer
done
expect 0 '*' csr new -k plain.key --cn x -o plain.csr
expect 0 '*' cert request plain.csr --type development --portal portal -o plain.cer

# ---- do they belong together? ----
expect 0 'OK*' cert match plain.cer plain.key
expect 1 'BAD*another key*' cert match plain.cer enc.key -P @env:PW
refuse 4 '*does not open the key*' cert match plain.cer enc.key -P @env:OTHER
refuse 3 '*not a certificate*' cert match "$root/README.md" plain.key
refuse 3 '*no certificate inside*key*' cert match plain.key plain.key

# ---- .p12 ----
expect 0 '*every macOS imports*' p12 make -k plain.key -c plain.cer --portal portal \
	-P @env:PW -o a.p12
keeps_quiet
openssl pkcs12 -in a.p12 -passin env:PW -noout || fail "openssl cannot read the .p12"
refuse 1 '*does not belong*cert match*' p12 make -k enc.key --key-password @env:PW \
	-c plain.cer -P @env:PW -o no.p12
[ ! -e no.p12 ] || fail "a .p12 was written for a wrong key"
refuse 4 '*password does not open the .p12*sealring explain KEY-01*' \
	p12 test a.p12 -P @env:OTHER
head -c 500 a.p12 > cut.p12
refuse 3 '*not a PKCS#12 file*cut short*' p12 test cut.p12 -P @env:PW
refuse 3 '*not a PKCS#12 file*PEM text*p12 make*' p12 test plain.key -P @env:PW
base64 a.p12 > a.b64
refuse 3 '*base64 text*base64 -d*' p12 test a.b64 -P @env:PW
: > empty.p12
refuse 3 '*the file is empty*' p12 test empty.p12 -P @env:PW
cp a.p12 changed.p12
printf 'X' | dd of=changed.p12 bs=1 seek=700 conv=notrunc 2> /dev/null
refuse 3 '*changed after it was made*password is right*' p12 test changed.p12 -P @env:PW
expect 2 '*nothing to write: give*' p12 open a.p12 -P @env:PW

# An empty password is what macOS refuses; the way out is shown, and works.
expect 0 '*' p12 rewrap a.p12 -P @env:PW --new-password @env:EMPTY -o open.p12
expect 0 '*WARN macOS refuses an empty password*--new-password*' p12 test open.p12 -P @env:EMPTY
expect 0 '*' p12 rewrap open.p12 -P @env:EMPTY --new-password @env:PW -o shut.p12
expect 0 '*' p12 test shut.p12 -P @env:PW
case $output in
*WARN*) fail "a warning about the default form: $output" ;;
esac
expect 0 '*AES-256*' p12 rewrap a.p12 -P @env:PW --modern -o m.p12
expect 0 '*WARN macOS may not import it*' p12 test m.p12 -P @env:PW
expect 0 '*' inspect m.p12 -P @env:PW
keeps_quiet
echo "ok"
