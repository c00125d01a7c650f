#!/bin/sh
# Every file that a command reads or writes, and each way that it can be a wrong one:
# one error with what happened, the evidence, the cause, and what to do.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o adhoc.mobileprovision
mkdir folder
: > empty
head -c 5000 /dev/zero > garbage
ln -s gone dangling
chmod 600 empty garbage

# all_parts STATUSES ARGUMENTS...: the error has its four parts
all_parts() {
	statuses=$1
	shift
	got=0
	output=$("$program" "$@" 2>&1 < /dev/null) || got=$?
	case " $statuses " in
	*" $got "*) ;;
	*) fail "$*: exit status $got, not one of $statuses: $output" ;;
	esac
	for part in error evidence cause hint; do
		printf '%s\n' "$output" | grep -q "^$part: ." || fail "$*: no $part: $output"
	done
}

read_all() { # FILE
	all_parts 3 inspect "$1"
	all_parts 3 verify "$1"
	all_parts 3 verify any --roots "$1"
	all_parts 3 verify any --crl "$1"
	all_parts '2 3' verify any -R "@$1"
	all_parts 3 csr show "$1"
	all_parts 3 csr new -k "$1" --cn x -o out
	all_parts 3 cert request "$1" --type development --portal portal -o out
	all_parts 3 cert list --portal "$1"
	all_parts 3 cert match "$1" dist.key
	all_parts 3 cert match dist.cer "$1"
	all_parts 3 p12 make -k "$1" -c dist.cer -P @env:PW -o out
	all_parts 3 p12 make -k dist.key -c "$1" -P @env:PW -o out
	all_parts 3 p12 make -k dist.key -c dist.cer --chain "$1" -P @env:PW -o out
	all_parts 3 p12 make -k dist.key -c dist.cer --portal "$1" -P @env:PW -o out
	all_parts '3 4' p12 test dist.p12 -P "@file:$1"
	all_parts 3 p12 test "$1" -P @env:PW
	all_parts 3 p12 open "$1" -P @env:PW --key-out out
	all_parts 3 p12 rewrap "$1" -P @env:PW -o out
	all_parts 3 sign any -o out --p12 "$1" -P @env:PW -m adhoc.mobileprovision
	all_parts 3 sign any -o out --p12 dist.p12 -P @env:PW -m "$1"
	all_parts 3 sign any -o out --p12 dist.p12 -P @env:PW -m adhoc.mobileprovision \
		--entitlements "$1"
	all_parts 3 sign "$1" -o out --p12 dist.p12 -P @env:PW -m adhoc.mobileprovision
	[ ! -e out ] || fail "something was written for $1"
}
for file in missing no/where folder empty garbage dangling dist.key/x; do
	read_all $file
done

# Which file was meant.
expect 3 '*has no file "dist.kye"*Did you mean "dist.key"?*' csr new -k dist.kye --cn x -o out
expect 3 '*has no folder "portl"*Did you mean "portal"?*' verify any --roots portl/roots.pem
expect 3 '*has 5000 bytes, and looks like binary data*sealring csr new*' \
	csr show garbage
expect 3 '*it is empty*' inspect empty

write_all() { # STATUS FILE
	serial=$("$program" cert list --portal portal | awk '/distribution/ { print $1; exit }')
	all_parts "$1" key new -o "$2"
	all_parts "$1" csr new -k dist.key --cn x -o "$2"
	all_parts "$1" cert get --serial "$serial" --portal portal -o "$2"
	all_parts "$1" profile get '* AdHoc' --portal portal -o "$2"
	all_parts "$1" profile renew '* AdHoc' --portal portal -o "$2"
	all_parts "$1" p12 make -k dist.key -c dist.cer -P @env:PW -o "$2"
	all_parts "$1" p12 open dist.p12 -P @env:PW --key-out "$2"
	all_parts "$1" p12 open dist.p12 -P @env:PW --cert-out "$2"
	all_parts "$1" p12 rewrap dist.p12 -P @env:PW -o "$2"
	all_parts "$1" portal init --team T1M2E3A4M5 --name X --data "$2"
}
write_all 3 no/where
write_all 3 dist.key/x
write_all 3 ''
write_all 5 folder
write_all 5 dist.cer
expect 3 '*there is no folder "no"*mkdir -p*no/where*' key new -o no/where/key
expect 5 '*Name a file in it: *folder/NAME*' key new -o folder
expect 5 'error: "folder" is a folder*' key new -o folder -f
[ ! -e no ] || fail "a folder was made"

# Standard output: the file and nothing else; talk goes to stderr.
to_stdout() { "$program" "$@" -o - > out.bytes 2> said < /dev/null || fail "$*: $(cat said)"; }
to_stdout key new
openssl pkey -in out.bytes -noout || fail "no key on standard output"
[ "$(head -c 10 out.bytes)" = '-----BEGIN' ] || fail "something stands before the key"
tail -n 1 out.bytes | grep -q '^-----END' || fail "something stands behind the key"
grep -q '^key      -  RSA' said || fail "no word of the key"
grep -q 'csr new -k FILE' said || fail "no next step: $(cat said)"
to_stdout csr new -k dist.key --cn x
tail -n 1 out.bytes | grep -q '^-----END' || fail "something stands behind the request"
to_stdout cert get --serial "$serial" --portal portal
cmp -s out.bytes dist.cer || fail "another certificate went to standard output"
to_stdout profile get '* AdHoc' --portal portal
"$program" profile get '* AdHoc' --portal portal -o again.mobileprovision > said 2>&1
cmp -s out.bytes again.mobileprovision || fail "another profile went to standard output"
to_stdout p12 rewrap dist.p12 -P @env:PW
expect 0 'OK*' p12 test out.bytes -P @env:PW
to_stdout p12 rewrap dist.p12 -P @env:PW -q
[ ! -s said ] || fail "-q says: $(cat said)"
"$program" p12 open dist.p12 -P @env:PW --cert-out - > out.bytes 2> said
cmp -s out.bytes dist.cer || fail "another certificate came out of the .p12"
count() { "$program" cert list --portal portal --json | grep -c '"serial"'; }
before=$(count)
all_parts_json() { expect 2 '{*two things cannot go*"-o -*Name a file*}' "$@" -o - --json; }
all_parts_json key new
all_parts_json cert request dist.csr --type development --portal portal
all_parts_json profile get '* AdHoc' --portal portal
[ "$(count)" = "$before" ] || fail "a certificate was issued that nobody got"
expect 0 '{*"cert_file": "o.cer"*}' p12 open dist.p12 -P @env:PW --cert-out o.cer --json
case $output in *key_file*) fail "a key was written unasked" ;; esac

if [ -w /dev/full ]; then
	"$program" csr show dist.csr > /dev/full 2> err && fail "a full disk went unnoticed"
	grep -q '^cause: The disk' err || fail "no word of the disk: $(cat err)"
fi
echo ok
