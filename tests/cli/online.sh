#!/bin/sh
# verify --online: what real responders say (openssl ocsp), and what none says.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

for tool in clang zip openssl sqlite3; do
	command -v $tool > /dev/null || {
		echo "SKIP: needs $tool"
		exit 77
	}
done
"$root/script/demo-app" "$dir/App.ipa"
make_portal

# A responder for the portal's authority: 1001 is valid, 1002 revoked, 1003 unheard of.
printf 'V\t400101000000Z\t\t1001\tunknown\t/CN=good\n' > index.txt
printf 'R\t400101000000Z\t260101000000Z\t1002\tunknown\t/CN=bad\n' >> index.txt
echo 'unique_subject = no' > index.txt.attr
openssl ocsp -index index.txt -port 0 -CA portal/certs/developer.pem \
	-rsigner portal/certs/developer.pem -rkey portal/keys/developer.pem -ndays 1 \
	> responder.log 2>&1 &
responder=$!
trap 'kill "$responder" 2> /dev/null; rm -rf "$dir"' EXIT
tries=0
until port=$(sed -n 's/^ACCEPT .*:\([0-9]*\) .*/\1/p' responder.log) && [ -n "$port" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || fail "no responder: $(cat responder.log)"
	sleep 0.1
done

# make_app NAME SERIAL URL: signed by a certificate that names this responder.
make_app() {
	make_identity "$1" development
	cat > ext <<-END
		basicConstraints = critical, CA:false
		keyUsage = critical, digitalSignature
		extendedKeyUsage = critical, codeSigning
		subjectKeyIdentifier = hash
		authorityKeyIdentifier = keyid
		1.2.840.113635.100.6.1.2 = critical, DER:0500
		1.2.840.113635.100.6.1.12 = critical, DER:0500
		authorityInfoAccess = OCSP;URI:$3
	END
	subject=$(openssl x509 -in "$1.cer" -noout -subject -nameopt compat)
	openssl x509 -req -in "$1.csr" -subj "${subject#subject=}" -extfile ext \
		-CA portal/certs/developer.pem -CAkey portal/keys/developer.pem \
		-set_serial "0x$2" -days 300 -outform DER -out "$1.der" 2> openssl.log ||
		fail "openssl: $(cat openssl.log)"
	own=$(openssl x509 -in "$1.cer" -noout -serial | cut -d= -f2)
	sqlite3 portal/portal.db "UPDATE certificate SET der = readfile('$1.der'),
		serial = '$2' WHERE upper(serial) = upper('$own')"
	expect 0 '*' p12 make -k "$1.key" -c "$1.der" --portal portal -P @env:PW -f -o "$1.p12"
	expect 0 '*' profile create development -a '*' --name "$1" --cert "$2" --portal portal \
		-o "$1.mobileprovision"
	expect 0 '*admitted*' sign App.ipa -o "$1.ipa" --p12 "$1.p12" -P @env:PW \
		-m "$1.mobileprovision"
}

ask() { # STATUS PATTERN FILE OPTIONS...
	status=$1 wanted=$2 file=$3
	shift 3
	expect "$status" "$wanted" verify "$file" --roots portal/roots.pem --online "$@"
}

here=http://127.0.0.1:$port
make_app good 1001 "$here"
make_app bad 1002 "$here"
make_app unheard 1003 "$here/"
ask 0 'OK*' good.ipa --all
case $output in *ocsp*) fail "a good answer is not worth a word: $output" ;; esac
ask 1 'BAD*cert.revoked*serial 1002, is since 2026-01-01*' bad.ipa
ask 1 '*"cert.revoked"*' bad.ipa --json
ask 0 'OK*cert.ocsp-unknown*serial 1003*' unheard.ipa --all

# Nobody is asked unless told to; each certificate once, for all files of all apps.
expect 0 'OK*' verify bad.ipa --roots portal/roots.pem
expect 0 '*OK*' verify good.ipa good.ipa --roots portal/roots.pem --online --verbose
[ "$(printf '%s\n' "$output" | grep -c "^asking   $here about serial 1001")" = 1 ] ||
	fail "asked more than once: $output"
# A response that is at hand is not asked for.
openssl ocsp -issuer portal/certs/developer.pem -cert good.der -url "$here" -noverify \
	-respout good.ocsp > openssl.log 2>&1 || fail "openssl: $(cat openssl.log)"
expect 0 'OK*' verify good.ipa --roots portal/roots.pem --online --ocsp good.ocsp --verbose
case $output in *asking*) fail "asked though the answer is there: $output" ;; esac
# Of another time: an answer of today says nothing of it, but revoked stays revoked.
soon=$(date -u -d '+100 days' +%F)
ask 0 'OK*cert.ocsp-unreachable*of another time*' good.ipa --all --at "$soon"
ask 1 'BAD*cert.revoked*' bad.ipa --at "$soon"
# Roots that are not trusted: their certificates could name anybody.
expect 1 'BAD*untrusted*' verify good.ipa --online --all --verbose
case $output in *asking*) fail "asked an untrusted certificate's responder: $output" ;; esac

# No answer, or none that helps: the verdict stands, and it is said.
make_app silent 1001a "http://127.0.0.1:1/ocsp"
ask 0 'OK*cert.ocsp-unreachable*no answer from http://127.0.0.1:1/ocsp*verify silent.ipa --crl*' \
	silent.ipa --all
make_app odd 1001b "ldap://127.0.0.1/x"
ask 0 'OK*cert.ocsp-unreachable*names no responder*' odd.ipa --all
start_portal --data portal --plain
trap 'kill "$responder" "$portal_pid" 2> /dev/null; rm -rf "$dir"' EXIT
make_app wrong 1001c "$portal_url/v1/ocsp"
ask 0 'OK*cert.ocsp-unreachable*HTTP 401*' wrong.ipa --all
stop_portal
kill "$responder"
ask 0 'OK*cert.ocsp-unreachable*' bad.ipa --all
# A proxy of the environment is asked instead.
http_proxy=http://127.0.0.1:2 ask 0 'OK*port 2*' good.ipa --all
