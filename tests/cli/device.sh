#!/bin/sh
# Devices: registered, disabled, enabled.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_portal
phone=00008110-000A1C2E3F4A001E
expect 0 "*$phone*IPHONE*enabled*Anna*" device list --portal portal
expect 5 '*registered already*' device add 00008110-000a1c2e3f4a001e Name --portal portal
expect 0 'device   01234567-89ab*' device add 01234567-89ab-cdef-0123-456789abcdef Mac --portal portal
expect 0 '*01234567-89AB-CDEF-0123-456789ABCDEF*MAC*' device list --portal portal
expect 2 '*is not the identifier of a device of class IPAD*--class MAC*' device add 01234567-89ab-cdef-0123-456789abcdee X --class IPAD \
	--portal portal
expect 2 '*no device identifier: "xyz"*40 hexadecimal*' device add xyz Name --portal portal
expect 2 '*the name of a device*' device add 00008110-000A1C2E3F4A0020 '' --portal portal
expect 2 '*cannot be "TOASTER"*' device add 00008110-000A1C2E3F4A0020 X --class TOASTER \
	--portal portal
expect 0 '{*"udid"*' device add 00008110-000A1C2E3F4A0020 "O'Neill; DROP" --class IPAD \
	--portal portal --json
expect 0 "*O'Neill; DROP*" device list --portal portal

make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
expect 5 '*nobody to ask*' device disable $phone --portal portal
expect 3 '*no disabled device*' device enable $phone --portal portal
expect 0 "disabled $phone*1 profile is now invalid*" device disable $phone --portal portal --yes
expect 3 '*no enabled device*' device disable $phone --portal portal --yes
expect 0 '*disabled*' device list --portal portal
expect 5 "*registered already*device enable $phone*" device add $phone Anna --portal portal
expect 0 "enabled  $phone*" device enable $phone --portal portal
expect 0 '*invalid*' profile list --portal portal
expect 0 '{*"profiles_invalid": 0*' device disable $phone --portal portal --yes --json
expect 0 '{*"enabled"*' device enable $phone --portal portal --json
# Places of the membership year, in words, as numbers, as a picture.
ends=$(date -u -d '+1 year' +%F)
expect 0 '*places   IPHONE  *1 of 100 taken*' device list --portal portal
expect 0 '*' device disable $phone --portal portal --yes
expect 0 "*places   IPHONE  *1 of 100 taken, 1 of them by disabled devices until $ends*" \
	device list --portal portal
expect 0 '*"places": *"class": "IPHONE"*"enabled": 0*"disabled": 1*"places": 100*' \
	device list --portal portal --json
expect 0 '*drawing  places.svg*' device list --portal portal --svg places.svg
grep -q "IPHONE" places.svg || fail "the gauge lacks the class"
grep -q "$ends" places.svg || fail "the gauge lacks the day"
expect 5 '*places.svg*' device list --portal portal --svg places.svg
expect 0 '<svg*</svg>' device list --portal portal --svg -
expect 2 '*standard output*' device list --portal portal --svg - --json
expect 0 '*' portal init --data empty --team T1M2E3A4M5 --name Acme
expect 0 '*no devices yet*' device list --portal empty --svg none.svg
echo ok
