#!/bin/sh
# App IDs and capabilities.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name 'Acme GmbH'
expect 0 'no App IDs yet*app add*' app list --portal portal
expect 0 'app id   T1M2E3A4M5.com.acme.shop*' app add com.acme.shop --portal portal
expect 0 '*' app add '*' --portal portal --name 'Everything & "more"'
expect 0 '{*"identifier": "com.acme.\*"*' app add 'com.acme.*' --portal portal --json
expect 5 '*registered already*app list*' app add com.acme.shop --portal portal
expect 5 '*registered already*' app add COM.ACME.SHOP --portal portal
expect 2 '*no App ID, a part of it is empty: "com..shop"*' app add com..shop --portal portal
expect 2 "*no App ID*" app add "a'; DROP TABLE app" --portal portal
expect 2 '*the name of an App ID*' app add com.x --portal portal --name ''
expect 2 '*control character*' app add com.x --portal portal --name "$(printf 'a\tb')"
expect 0 'PREFIX*IDENTIFIER*com.acme.shop*' app list --portal portal
expect 0 '*"name": "Everything & \\"more\\""*' app list --portal portal --json
expect 0 '*"GAME_CENTER"*"IN_APP_PURCHASE"*' app list --portal portal --json

capability() {
	status=$1 wanted=$2
	shift 2
	expect "$status" "$wanted" app capabilities "$@" --portal portal
}
capability 0 'changed*invalid now*' com.acme.shop --enable PUSH_NOTIFICATIONS \
	--enable SIRIKIT --disable GAME_CENTER
capability 5 '*has already PUSH_NOTIFICATIONS*' com.acme.shop --enable PUSH_NOTIFICATIONS
capability 3 '*does not have HOMEKIT*' com.acme.shop --disable HOMEKIT
capability 3 '*not registered*app add*' com.acme.none --enable HOMEKIT
capability 2 '*no capability "PUSH"*PUSH_NOTIFICATIONS*' com.acme.shop --enable PUSH
capability 2 '*needs an explicit App ID*' 'com.acme.*' --enable PUSH_NOTIFICATIONS
capability 0 '*' 'com.acme.*' --enable HOMEKIT
capability 2 '*nothing to change*' com.acme.shop

expect 5 '*nobody to ask*profiles are deleted*' app delete com.acme.shop --portal portal
expect 0 'deleted  com.acme.shop, and 0 profiles' app delete com.acme.shop --portal portal --yes
expect 3 '*not registered*' app delete com.acme.shop --portal portal --yes
expect 0 '{*"profiles_deleted": 0*' app delete '*' --portal portal --yes --json
echo ok
