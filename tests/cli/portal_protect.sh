#!/bin/sh
# Private keys of the portal, encrypted: what needs the password, and what does not.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

unset SEALRING_CA_PASSWORD CREDENTIALS_DIRECTORY
echo 'correct horse' > pw
echo 'battery staple' > new
chmod 600 pw new
expect 0 '*encrypted*' portal init --data p --team T1M2E3A4M5 --name Acme --ca-password @file:pw
all_are() { # ENCRYPTED|PRIVATE
	for key in p/keys/*.pem; do
		[ "$(stat -c %a "$key")" = 600 ] || fail "$key can be read by others"
		head -n 1 "$key" | grep -q "BEGIN $1" || fail "$key: $(head -n 1 "$key")"
	done
	[ "$(stat -c %a p/keys)" = 700 ] || fail "p/keys can be read by others"
}
all_are 'ENCRYPTED PRIVATE'
# Another program reads them, with the password only.
openssl pkey -in p/keys/root.pem -passin file:pw -noout || fail "openssl does not read it"
! openssl pkey -in p/keys/root.pem -passin pass:wrong -noout 2> /dev/null || fail "any password"

# What only looks, and what signs.
expect 0 '*' key new -o dev.key
expect 0 '*' csr new -k dev.key --cn Anna -o dev.csr
locked='*private keys of the portal are locked*hint: SEALRING_CA_PASSWORD=@file:PATH*'
expect 0 '*' device add 00008110-000A1C2E3F4A001E Anna --portal p
expect 0 '*' app add com.acme.shop --portal p
expect 0 '*' cert list --portal p
expect 4 "$locked" cert request dev.csr --type development --portal p -o dev.cer
SEALRING_CA_PASSWORD=@file:pw expect 0 '*' cert request dev.csr --type development --portal p -o dev.cer
expect 4 "$locked" profile create development -a com.acme.shop --portal p -o dev.mobileprovision
SEALRING_CA_PASSWORD=@file:pw expect 0 '*' profile create development -a com.acme.shop \
	--portal p -o dev.mobileprovision
serial=$(openssl x509 -in dev.cer -noout -serial | cut -d= -f2)
expect 4 "$locked" cert revoke --serial "$serial" --portal p --yes
expect 0 '*current*' cert list --portal p
SEALRING_CA_PASSWORD=@file:pw expect 0 '*' cert revoke --serial "$serial" --portal p --yes
SEALRING_CA_PASSWORD=@file:new expect 4 '*password does not open*' cert list --portal p
SEALRING_CA_PASSWORD=@file:none expect 3 '*SEALRING_CA_PASSWORD names*' cert list --portal p
mkdir credentials
cp pw credentials/ca-password
CREDENTIALS_DIRECTORY=credentials expect 0 '*' cert request dev.csr --type development \
	--portal p -o dev.cer -f

# A descriptor has it once, and that is enough; an empty one would lock for good.
SEALRING_CA_PASSWORD=@fd:3
export SEALRING_CA_PASSWORD
start_portal --data p 3< pw
stop_portal
expect 0 '*' portal exec --data p -- true 3< pw
unset SEALRING_CA_PASSWORD
: > empty
chmod 600 empty
expect 2 '*password of the private keys is empty*hint: *' portal init --data n --team T1M2E3A4M5 \
	--name Acme --ca-password @file:empty
[ ! -e n ] || fail "a portal that nobody can unlock"
SEALRING_CA_PASSWORD=@file:pw expect 2 '*password of the private keys is empty*' \
	portal protect --portal p --ca-password @file:empty
all_are 'ENCRYPTED PRIVATE'

# Serving needs it; programs beside do not get it.
expect 4 "$locked" portal serve --data p --plain --listen 127.0.0.1:0
export SEALRING_CA_PASSWORD=@file:pw
start_portal --data p
stop_portal
all_are 'ENCRYPTED PRIVATE'
SECRET='correct horse' SEALRING_CA_PASSWORD=@env:SECRET expect 0 '*' portal exec --data p -- env
case $output in *horse* | *SEALRING_CA*) fail "the program has the password: $output" ;; esac
unset SEALRING_CA_PASSWORD

# Another password, none, and one again.
expect 2 '*--ca-password*--plain*' portal protect --portal p
expect 2 '*--ca-password*--plain*' portal protect --portal p --plain --ca-password @file:new
expect 4 "$locked" portal protect --portal p --ca-password @file:new
SEALRING_CA_PASSWORD=@file:pw expect 0 '*encrypted*' portal protect --portal p --ca-password @file:new
SEALRING_CA_PASSWORD=@file:pw expect 4 '*does not open*' cert list --portal p
all_are 'ENCRYPTED PRIVATE'
SEALRING_CA_PASSWORD=@file:new expect 0 '*plain*' portal protect --portal p --plain
all_are 'PRIVATE'
expect 0 '*' profile renew 'com.acme.shop Development' --portal p -o dev.mobileprovision -f
expect 0 '{*"encrypted": true*' portal protect --portal p --ca-password @file:pw --json
all_are 'ENCRYPTED PRIVATE'
expect 0 '*PROTECT*keys*encrypted*PROTECT*keys*plain*PROTECT*keys*encrypted*' portal log --portal p
[ -z "$(find . -name '.sealring-*')" ] || fail "something is left"

# A backup is as protected as the portal.
expect 0 '*' portal backup --portal p -o b
grep -L 'BEGIN ENCRYPTED' b/keys/*.pem | grep -q . && fail "a plain key in the backup"
expect 0 '*' portal restore b --data q
SEALRING_CA_PASSWORD=@file:pw expect 0 '*' profile renew 'com.acme.shop Development' --portal q \
	-o dev.mobileprovision -f
echo ok
