#!/bin/sh
# What ends when: certificates, profiles and apps of a folder and of the portal.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

has() { # FILE TEXT
	grep -qF -- "$2" "$1" || fail "$1 has no '$2'"
}

expect 0 '*nothing found that has an end date*' expiry
mkdir empty
expect 0 '*nothing found that has an end date*' expiry empty --within 99y
expect 3 '*none*' expiry none

make_portal
expect 0 '*' app add com.acme.shop --portal portal
mkdir team
for type in development distribution; do
	make_identity team/$type $type
done
rm team/*.csr team/*.key
for type in development adhoc appstore; do
	expect 0 '*' profile create $type -a com.acme.shop --portal portal \
		-o team/$type.mobileprovision
done
# The end of everything, and days before it.
end=$(date -u -d "$("$program" expiry team --json | sed -n 's/.*"until": "\(.*\)".*/\1/p' |
	head -1)" +%s)
before() { # DAYS
	date -u -d "@$((end - $1 * 86400))" +%FT%TZ
}

# The table: first pain first, what breaks, how many days.
expect 0 '*DAYS*UNTIL*KIND*NAME*BREAKS*' expiry team
expect 0 '*40 *notice*certificate  Apple Development*1 profile*' expiry team --at "$(before 40)"
expect 0 '*29  soon *Apple Distribution*2 profiles*no app found here; 1 device*' \
	expiry team --at "$(before 29)"
expect 0 '*6  urgent *' expiry team --at "$(before 6)"
expect 0 '*45  notice *' expiry team --at "$(before 45)"
expect 0 '*-3  ended *' expiry team --at "$(before -3)"
expect 0 '*2 files were not opened: -P*' expiry team

# Colour goes with the words: bold red.
red=$(printf '\033[1;31m')
export CLICOLOR_FORCE=1
expect 0 "*$red    6*${red}urgent*" expiry team --at "$(before 6)"
unset CLICOLOR_FORCE

# The answer of --within, and what is listed then.
expect 1 '*certificate*profile*' expiry team --within 60d --at "$(before 60)"
expect 0 '*nothing ends by then; 5 things were looked at*' \
	expiry team --within 60d --at "$(before 61)"
expect 1 '*' expiry team --within 8w --at "$(before 56)"
expect 0 '*' expiry team --within 8w --at "$(before 57)"
expect 1 '*' expiry team --within 2m --at "$(before 50)"
expect 1 '*' expiry team --within 1y
expect 1 '*' expiry team --within "$(before -1)"
expect 0 '*' expiry team --within "$(before 1)"
# What has ended counts, or else the alarm stops when it is too late.
expect 1 '*ended*' expiry team --within 1d --at "$(before -10)"
expect 0 '*nothing ends by then*' expiry team --within 1d --at "$(before -10)" --skip-ended
for span in x 60 60x -1d '' 2027-13-01; do
	expect 2 '*' expiry team --within "$span"
done
expect 2 '*' expiry team --at yesterday

# One file; two of them; what cannot be read.
expect 0 '*certificate  Apple Development*' expiry team/development.cer
expect 0 '*certificate  Apple Development*' expiry team/development.p12 -P @env:PW
expect 4 '*does not open*' expiry team/development.p12 -P @env:HOME
echo junk > team/broken.mobileprovision
expect 0 '*not read: team/broken.mobileprovision: *' expiry team
expect 3 '*reading "team/broken.mobileprovision"*' expiry team/broken.mobileprovision
rm team/broken.mobileprovision

# JSON.
expect 1 '{*"schema": 1*"kind": "certificate"*"profiles": \[*"decided_by"*"unread": 0*}' \
	expiry team --within 2y --json
"$program" expiry team --json --at "$(before 12)" 2> err > out.json
has out.json '"days": 12'
has out.json '"state": "soon"'
has out.json '"devices": 1'
[ "$(grep -c '"kind": "profile"' out.json)" -eq 3 ] || fail 'not three profiles'

# The portal: what is there is found without a file.
expect 0 '*Apple Development*profile*com.acme.shop*' expiry --portal portal
expect 3 '*' expiry --portal nowhere
# And nothing else, unless it is named.
"$program" expiry --portal portal --json > portal.json
if grep -q '"path": "team/' portal.json; then
	fail '--portal alone looks at this folder too'
fi
expect 0 '*"path": "team/*' expiry team --portal portal --json

# Files.
expect 0 '*calendar  e.ics*metrics  e.prom*timeline  e.svg*page  e.html*' expiry team \
	--ics e.ics --prometheus e.prom --svg e.svg --html e.html --at "$(before 12)"
[ "$(grep -c 'BEGIN:VEVENT' e.ics)" -eq 5 ] || fail 'not five events'
[ "$(grep -c 'TRIGGER:-P' e.ics)" -eq 25 ] || fail 'not 25 alarms'
[ "$(grep -vc "$(printf '\r')\$" e.ics)" -eq 0 ] || fail 'a line without CR'
[ "$(grep -c '^sealring_expiry_timestamp_seconds{' e.prom)" -eq 5 ] || fail 'not five metrics'
has e.prom "} $end"
has e.svg 'When do things stop?'
has e.html 'ends <span class="soon">in 12 days</span>'
# Half a picture would mislead: --within and files.
expect 0 '*' expiry team --within 1d --at "$(before 12)" --svg f.svg
cmp e.svg f.svg || fail '--within changes the timeline'
# What is there stays.
expect 5 '*e.svg*-f*' expiry team --svg e.svg
expect 0 '*' expiry team --svg e.svg -f
expect 3 '*' expiry team --svg nowhere/e.svg
[ "$(find . -name '.sealring*' | wc -l)" -eq 0 ] || fail 'something is left'
# Standard output has one of them, and nothing else.
expect 0 '<svg *</svg>' expiry team --svg - -q
expect 0 '# HELP *' expiry team --prometheus - -q
expect 2 '*standard output*' expiry team --svg - --ics -
expect 2 '*standard output*' expiry team --svg - --json

# An app: the first of what it stands on, and for whom it breaks.
if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: apps need clang, lld and zip"
	exit 0
fi
"$root/script/demo-app" "$dir/App.ipa"
expect 0 '*' profile create adhoc -a '*' --portal portal -o team/wild.mobileprovision
expect 0 '*' sign App.ipa -o team/Shop.ipa --p12 team/distribution.p12 -P @env:PW \
	-m team/wild.mobileprovision
expect 0 '*3 profiles, 1 app*1 app on 1 device*app*Shop.ipa*no longer starts on 1 device (*' \
	expiry team
mkdir other
cp team/Shop.ipa App.ipa other
# Alone it tells of its certificate and profile too.
expect 0 '*certificate*profile*app*Shop.ipa*1 app has no end date*' expiry other
expect 1 '*Shop.ipa*' expiry other/Shop.ipa --within 2y
expect 0 '*Shop.ipa*' expiry team other team/development.cer --json
expect 0 '*1 app has no end date*' expiry App.ipa
