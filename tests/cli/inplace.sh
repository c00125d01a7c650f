#!/bin/sh
# Signing over what is there: what is written, what stays when that fails, and what is
# never replaced.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang > /dev/null || ! command -v zip > /dev/null; then
	echo "SKIP: needs clang, lld and zip"
	exit 77
fi
"$root/script/demo-app" "$dir/App.ipa"
unzip -q App.ipa
mv Payload/Shop.app Shop.app
chmod 750 Shop.app
mkdir Shop.app/empty
touch -d '2001-02-03 04:05:06' Shop.app/data.bin Shop.app/empty Shop.app/de.lproj
make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o any.mobileprovision
roots='--roots portal/roots.pem'

# sign STATUS PATTERN IN ARGUMENTS...
sign() {
	status=$1 pattern=$2 in=$3
	shift 3
	expect "$status" "$pattern" sign "$in" -k dist.key -c dist.cer \
		--roots portal/roots.pem -m any.mobileprovision "$@"
}
stays() {
	diff -r --no-dereference Shop.app "$1" || fail "$2: the app was changed"
	[ -z "$(find . -name '.sealring-*')" ] || fail "$2: something was left behind"
}
inode() { stat -c %i "$1"; }

# Only what changes is written; the rest are the same files still.
cp -a Shop.app In.app
data=$(inode In.app/data.bin) strings=$(inode In.app/de.lproj/Main.strings)
code=$(inode In.app/Shop) info=$(stat -c '%i %Y %a' In.app/Info.plist)
ln In.app/Shop backup
sign 0 '*admitted*' In.app -o In.app -f
# shellcheck disable=SC2086 # two words
expect 0 'OK*' verify In.app $roots
[ "$(inode In.app/data.bin)" = "$data" ] || fail "a file that did not change was copied"
[ "$(inode In.app/de.lproj/Main.strings)" = "$strings" ] || fail "a file below was copied"
[ "$(stat -c '%i %Y %a' In.app/Info.plist)" = "$info" ] || fail "Info.plist was touched"
[ "$(inode In.app/Shop)" != "$code" ] || fail "the program was overwritten, not replaced"
[ "$(stat -c %h In.app/data.bin)" = 1 ] || fail "the old app was kept"
cmp -s backup Shop.app/Shop || fail "another name of the program was written to"
[ "$(stat -c %a In.app)" = 750 ] || fail "the mode of the app was lost"
for kept in data.bin empty de.lproj; do
	[ "$(stat -c %Y In.app/$kept)" = "$(stat -c %Y Shop.app/$kept)" ] ||
		fail "the time of $kept was lost"
done
[ -z "$(find . -name '.sealring-*')" ] || fail "something was left behind"

# By another name of the same folder, and never where both stay.
cp -a Shop.app Out.app
data=$(inode Out.app/data.bin)
sign 0 '*admitted*' ./Out.app/../Out.app -o "$dir/Out.app/" -f
[ "$(inode Out.app/data.bin)" = "$data" ] || fail "not seen to be in place"
sign 0 '*admitted*' Shop.app -o Out.app -f
[ "$(inode Out.app/data.bin)" != "$(inode Shop.app/data.bin)" ] ||
	fail "two apps share a file"
[ "$(stat -c %Y Out.app/data.bin)" = "$(stat -c %Y Shop.app/data.bin)" ] ||
	fail "a copy has another time"

# Symlinks: one to a file is replaced, one to a folder is not followed.
cp App.ipa Real.ipa
ln -s Real.ipa link.ipa
sign 0 '*admitted*' link.ipa -o link.ipa -f
cmp -s App.ipa Real.ipa || fail "written through a symlink"
[ ! -L link.ipa ] || fail "the symlink is there still"
cp -a Shop.app Kept.app
ln -s Kept.app link.app
sign 5 '*"link.app" is a symlink to a folder*/Kept.app*' link.app -o link.app -f
stays Kept.app "a symlink to the app"
ln -s nowhere lost.ipa
sign 5 '*"lost.ipa" exists already*-f*' App.ipa -o lost.ipa
[ -L lost.ipa ] || fail "a symlink to nowhere was replaced without being told so"
sign 0 '*admitted*' App.ipa -o lost.ipa -f
(cd Kept.app && expect 5 '*cannot be replaced*folder above*' sign . -o . -f -s -)
stays Kept.app "from the inside"
# An app may take the place of a file.
echo file > File.app
sign 0 '*admitted*' Shop.app -o File.app -f
[ -d File.app ] || fail "the app is not there"
sign 3 '*none*' Kept.app -o none/Out.app
[ ! -e none ] || fail "a folder was made"

# No room: of the size of files here, since disks cannot be made small by everybody.
(
	ulimit -f 32
	sign 3 '*File too large*' Kept.app -o Kept.app -f
	sign 3 '*File too large*' Kept.app -o Full.app
	sign 3 '*File too large*' App.ipa -o Full.ipa
)
stays Kept.app "no room"
[ -z "$(find . -name 'Full.*')" ] || fail "something half was written"

# A folder that may not be written to.
as_nobody=
[ "$(id -u)" -ne 0 ] || as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
chmod 755 .
mkdir shut
cp -a Shop.app shut/Kept.app
cp App.ipa shut/App.ipa
[ -z "$as_nobody" ] || chown -R 65534:65534 shut
chmod 555 shut
if [ -z "$as_nobody" ] || $as_nobody "$program" --version > /dev/null 2>&1; then
	for in in shut/Kept.app shut/App.ipa; do
		got=0
		# shellcheck disable=SC2086 # a list
		output=$($as_nobody "$program" sign $in -o $in -f -s - 2>&1) || got=$?
		case $got$output in
		4*'could not write beside'*) ;;
		*) fail "a folder that is shut: status $got: $output" ;;
		esac
	done
	stays shut/Kept.app "a folder that is shut"
	cmp -s shut/App.ipa App.ipa || fail "an archive in a folder that is shut was changed"
else
	echo "not seen: a folder that is shut (nobody may run the program here)"
fi
chmod 755 shut

# Somebody else writes there meanwhile: his file is not lost.
cp -a Shop.app Busy.app
truncate -s 120M Busy.app/big.bin
(
	while [ -z "$(find . -maxdepth 1 -name '.sealring-*')" ] && [ ! -e over ]; do
		sleep 0.01
	done
	echo new > Busy.app/new.txt
) &
sign 5 '*"Busy.app" was changed*"new.txt" was added*try again*' Busy.app -o Busy.app -f
touch over
wait
[ "$(cat Busy.app/new.txt)" = new ] || fail "a new file was lost"
[ ! -e Busy.app/_CodeSignature ] || fail "a changed app was replaced"
rm Busy.app/new.txt

# Nor is it read into memory.  (A sanitizer takes some 50 MB for itself.)
for out in Busy.app New.app; do
	# shellcheck disable=SC2046 # three numbers
	set -- $("$measure" 120 said "$program" sign Busy.app -o $out -f -k dist.key \
		-c dist.cer --roots portal/roots.pem -m any.mobileprovision)
	[ "$1" -eq 0 ] || fail "status $1: $(cat said)"
	echo "an app of 120 MB to $out: $3 KiB of memory"
	[ "$3" -le 100000 ] || fail "an app of 120 MB took $3 KiB of memory"
done
[ -z "$(find . -name '.sealring-*')" ] || fail "something was left behind"
echo ok
