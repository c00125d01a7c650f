#!/bin/sh
# Provisioning profiles: made, fetched again, made anew, deleted.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_portal
expect 0 '*' app add com.acme.shop --portal portal
expect 0 'no profiles yet*' profile list --portal portal
expect 3 '*no current distribution certificate*cert request*' profile create adhoc -a '*' \
	--portal portal -o no
for type in development distribution enterprise; do
	make_identity $type $type
done
for type in development adhoc appstore enterprise; do
	expect 0 "profile  $type.mp*until*" profile create $type -a com.acme.shop \
		--portal portal -o $type.mp
	expect 0 '*com.acme.shop*' inspect $type.mp --roots portal/roots.pem
done
expect 2 '*explicit App ID*' profile create appstore -a '*' --portal portal -o no
expect 3 '*not registered*app add*' profile create adhoc -a com.none --portal portal -o no
expect 2 '*cannot be "store"*' profile create store -a '*' --portal portal -o no
expect 2 '*the name of a profile*' profile create adhoc -a '*' --portal portal -o no --name ''
expect 3 '*is not known*cert list*' profile create adhoc -a '*' --portal portal -o no --cert 12
expect 3 '*is not registered*' profile create adhoc -a '*' --portal portal -o no --device \
	00008110-000A1C2E3F4A00FF
expect 2 '*has no devices*' profile create appstore -a com.acme.shop --portal portal -o no \
	--device 00008110-000A1C2E3F4A001E --name other

# Where it cannot be saved nothing is made.
echo mine > taken.mp
expect 5 '*"taken.mp" exists already*-f*' profile create adhoc -a '*' --portal portal -o taken.mp
expect 3 '*could not create*' profile create adhoc -a '*' --portal portal -o no/where
[ "$(cat taken.mp)" = mine ] || fail "a file was replaced"
expect 0 '*taken.mp*' profile create adhoc -a '*' --portal portal -o taken.mp -f
[ ! -e no ] || fail "a refused profile was written"

# A name is taken until it is given back; the answer names the way on.
expect 5 '*named "com.acme.shop AdHoc" already*profile renew*' profile create adhoc \
	-a com.acme.shop --portal portal -o no
expect 0 '*adhoc2.mp*' profile get 'com.acme.shop AdHoc' --portal portal -o adhoc2.mp
cmp -s adhoc.mp adhoc2.mp || fail "another profile was fetched"
expect 5 '*exists*' profile get 'com.acme.shop AdHoc' --portal portal -o adhoc2.mp
expect 3 '*no profile named "none"*' profile get none --portal portal -o no

# Invalid after a change; made anew under its name.
expect 0 '*' app capabilities com.acme.shop --enable PUSH_NOTIFICATIONS --portal portal
expect 0 'NAME*com.acme.shop AdHoc*invalid*' profile list --portal portal
expect 0 '*note:*invalid*profile renew*' profile get 'com.acme.shop AdHoc' --portal portal \
	-o adhoc2.mp -f
expect 5 '*exists*' profile renew 'com.acme.shop AdHoc' --portal portal -o adhoc2.mp
expect 0 '*adhoc2.mp*' profile renew 'com.acme.shop AdHoc' --portal portal -o adhoc2.mp -f
expect 0 '*aps-environment=production*' inspect adhoc2.mp --roots portal/roots.pem
expect 0 '{*"type": "adhoc"*"valid": true*' profile renew 'com.acme.shop AdHoc' \
	--portal portal -o adhoc2.mp -f --json
expect 3 '*no profile named "none"*' profile renew none --portal portal -o no

expect 5 '*nobody to ask*' profile delete 'com.acme.shop AdHoc' --portal portal
expect 0 'deleted*' profile delete 'com.acme.shop AdHoc' --portal portal --yes
expect 3 '*no profile named*' profile delete 'com.acme.shop AdHoc' --portal portal --yes
expect 0 '*' profile create adhoc -a com.acme.shop --portal portal -o adhoc2.mp -f
expect 0 'deleted  com.acme.shop, and 4 profiles' app delete com.acme.shop --portal portal --yes
expect 0 '{*"profiles"*"name": "\* AdHoc"*' profile list --portal portal --json
echo ok
