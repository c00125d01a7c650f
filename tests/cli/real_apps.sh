#!/bin/sh
# Real apps: each complete one is judged as Apple's signature deserves, at the date of
# signing; each is signed again with a wildcard development profile of the embedded
# portal, and the result verifies; what cannot be signed says why.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

[ -d "$testdata/apps" ] || {
	echo "SKIP: no real apps"
	exit 77
}
make_portal
make_identity dev development
expect 0 '*' profile create development -a '*' --portal portal -o any.mobileprovision

judge() {
	case $1 in
	*selfsigned*) expect 1 'BAD*profile.untrusted*' verify --at-signing "$2" ;;
	*slimfile-unsigned*) expect 1 'BAD*code.unsigned*' verify --at-signing "$2" ;;
	*) expect 0 'OK*' verify --at-signing "$2" ;;
	esac
	# Today all of their profiles have expired; what is not for devices has none.
	case $1 in
	*selfsigned* | *slimfile-unsigned* | *simulator* | *macos-adhoc*) ;;
	*macos*) expect 1 'BAD*0xe8008018*cert.expired*' verify "$2" ;;
	*) expect 1 'BAD*0xe8008011*profile.expired*BAD*until *<- decides*' verify "$2" ;;
	esac
	# Self-signed ones are sound but for trust: nothing else may be found.
	case $1 in *selfsigned*)
		if "$program" verify --at-signing --all "$2" |
			grep -E '^ +reason +(seal|slot|code|sig\.m|cms)'; then
			fail "$1: more than trust is wrong"
		fi
		;;
	esac
}

signed=0 refused=0
for app in "$testdata"/apps/*.ipa "$testdata"/apps/*.zip; do
	name=$(basename "$app")
	judge "$name" "$app"
	case $name in
	*simulator*) why='*built for the simulator*' ;;
	*macos*) why='*built for macOS*' ;;
	*) why= ;;
	esac
	case $name in *.zip) out=out.zip ;; *) out=out.ipa ;; esac
	rm -f "$out"
	if [ -n "$why" ]; then
		expect 3 "$why" sign "$app" -o "$out" --p12 dev.p12 -P @env:PW \
			-m any.mobileprovision
		[ ! -e "$out" ] || fail "$name: a refused signing left a file"
		refused=$((refused + 1))
		continue
	fi
	expect 0 '*admitted*' sign "$app" -o "$out" --p12 dev.p12 -P @env:PW \
		-m any.mobileprovision
	expect 0 'OK*' verify "$out" --roots portal/roots.pem
	unzip -tq "$out" > /dev/null || fail "$name: unzip does not read the output"
	signed=$((signed + 1))
done
[ "$signed" -gt 0 ] || fail "no app was signed"

# Odd archives: one clear error each, or the finding that names what is wrong.
edge=$testdata/apps/edge
expect 3 'error: there is no app inside*' verify "$edge/NotAnApp.ipa"
expect 3 'error: there is no app inside*' verify "$edge/no-app-bundle.ipa"
expect 3 'error: there is no app inside*was zipped*' verify "$edge/IncorrectlySigned.ipa"
expect 3 'error: there is no app inside*was zipped*' verify "$edge/iOS_App_With_Spaces.ipa"
expect 1 'BAD*bundle.info-missing*' verify "$edge/with_swift_twice.ipa"
expect 1 'BAD*seal.missing*Assets.car*' verify --at-signing \
	"$testdata/apps/partial/appclip-2020-adhoc.ipa"
echo "ok: $signed signed, $refused refused"
