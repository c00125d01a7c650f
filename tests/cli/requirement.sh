#!/bin/sh
# Requirements as a user states them: verify -R, sign --requirement.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# What is wrong with the text is said before the file is looked at.
expect 2 'error: the requirement is wrong in column 19: expected*found -*quotes*' \
	verify none -R 'identifier com.foo-bar'
expect 2 'error: the requirement is wrong in column 11: expected a condition*found the end*' \
	verify none --requirement 'always and'
expect 2 '{*"code": "usage"*' verify none -R '' --json
expect 2 '*column 5: a file cannot stand here*' verify none -R '    /x'
expect 2 '*given twice*' verify none -R always -R never
expect 3 'error: could not open "none"*' verify none -R always
expect 3 'error: could not open "nowhere"*' verify none -R @nowhere
printf 'always\nand' > req
expect 2 '*line 2, column 4: expected a condition*reading the requirement "req"*' \
	verify none -R @req
printf '\372\336\014\000\000\000\000\020\000\000\000\001\000\000\000\377' > req
expect 3 '*malformed*reading the requirement "req"*' verify none -R @req

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: the rest needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"
make_portal
make_identity dev development
expect 0 '*' profile create development -a '*' --portal portal -o dev.mobileprovision
expect 0 '*admitted*' sign App.ipa -o Dev.ipa --p12 dev.p12 -P @env:PW -m dev.mobileprovision

# satisfied STATUS TEXT
satisfied() {
	case $1 in
	0) expect 0 'OK*' verify Dev.ipa --roots portal/roots.pem -R "$2" ;;
	1) expect 1 'BAD*requirement.not-satisfied*' verify Dev.ipa \
		--roots portal/roots.pem -R "$2" ;;
	esac
}
id=$("$program" verify Dev.ipa --roots portal/roots.pem --json | sed -n 's/.*"id": "\(com\.[^"]*\)".*/\1/p' | head -1)
[ -n "$id" ] || fail "the app's id is not in the verdict"
satisfied 0 always
satisfied 1 never
satisfied 0 "identifier \"$id\" and anchor apple generic"
satisfied 1 "identifier \"$id.other\""
satisfied 0 'certificate leaf[subject.OU] = T1M2E3A4M5'
satisfied 1 'certificate leaf[subject.OU] = T1M2E3A4M6'
satisfied 0 'certificate 1[field.1.2.840.113635.100.6.2.1] exists'
satisfied 0 "info[CFBundleIdentifier] = $id and not anchor apple"
satisfied 0 'entitlement["get-task-allow"]'
satisfied 1 'entitlement["aps-environment"] exists'
satisfied 1 'notarized or cdhash H"000102030405060708090a0b0c0d0e0f10111213"'
expect 0 '{*"admitted": true*' verify Dev.ipa --roots portal/roots.pem --json -R always
expect 1 '{*"decisive": "requirement.not-satisfied"*' verify Dev.ipa \
	--roots portal/roots.pem --json -R never

# From a file: text, and the blob that csreq writes.
printf '# ours\nidentifier "%s"\n' "$id" > req
satisfied 0 @req
printf '\372\336\014\000\000\000\000\020\000\000\000\001\000\000\000\000' > req
satisfied 1 @req

# Without a signature nothing is satisfied; ad hoc code was signed by nobody.
expect 1 '*requirement.not-satisfied*no readable signature*' verify App.ipa --all -R always
expect 0 '*' sign App.ipa -o Adhoc.ipa -s -
expect 1 '*requirement.not-satisfied*' verify Adhoc.ipa --all -R 'certificate leaf trusted'
if "$program" verify Adhoc.ipa --all -R "identifier $id" | grep -q requirement.not-satisfied; then
	fail "ad hoc code has an identifier"
fi

# The designated requirement that is asked for goes into the app, not the frameworks.
wish="identifier \"$id\" and anchor trusted"
expect 0 '*admitted*' sign App.ipa -o Wish.ipa --p12 dev.p12 -P @env:PW \
	-m dev.mobileprovision --requirement "$wish"
expect 0 'OK*' verify Wish.ipa --roots portal/roots.pem --all
expect 1 '*would be refused*does not satisfy*requirement.not-satisfied*' sign App.ipa \
	-o no.ipa --p12 dev.p12 -P @env:PW -m dev.mobileprovision -r 'identifier other'
expect 2 '*column 1: expected a condition*' sign App.ipa -o no.ipa -s - -r 'designated => always'
[ ! -e no.ipa ] || fail "a refused signing left a file"
unzip -q Wish.ipa -d wish
# and, identifier, length, text and padding, anchor trusted
bytes="0000000600000002.{8}$(printf %s "$id" | od -An -v -tx1 | tr -d ' \n')0*0000000d"
has_wish() {
	od -An -v -tx1 "wish/Payload/Shop.app/$1" | tr -d ' \n' | grep -Eq "$bytes"
}
has_wish Shop || fail "the requirement is not in the app"
if has_wish Frameworks/libextra.dylib; then
	fail "the app's requirement is in a library"
fi
echo ok
