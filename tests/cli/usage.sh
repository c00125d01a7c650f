#!/bin/sh
# What a user sees who types something wrong, and what the program says of itself.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect 0 'usage: sealring COMMAND*' --help
expect 0 'usage: sealring COMMAND*'
expect 0 'sealring [0-9]*' --version
expect 0 '{*"version"*' version --json
expect 0 'usage: sealring key VERB*' key
expect 0 'usage: sealring key new*' key new --help
expect 0 '*wrong usage*' help exit-codes
expect 2 'error: unrecognized command "verfy*verify*' verfy x
expect 2 'error: unrecognized command "key nwe"*key new*' key nwe
expect 2 'error: unrecognized option "--ouput"*--output*' key new --ouput x
expect 2 'error: option "--output FILE" is missing*' key new
expect 2 'error: FILE is missing*' verify
expect 2 '*cannot be "dsa"*rsa2048, p256*' key new --type dsa -o k
expect 2 '{*"exit": 2*"code": "usage"*' verify --json
expect 3 'error: could not open "none"*' inspect none

# What the machines that read pages have to say of one.
no_warnings() { # FILE WHAT
	if command -v groff > /dev/null; then
		[ -z "$(groff -man -ww -z "$1" 2>&1)" ] || fail "$2: $(groff -man -ww -z "$1" 2>&1)"
	fi
	if command -v mandoc > /dev/null; then
		said=$(mandoc -T lint -W warning "$1") || fail "$2: $said"
	fi
}

# Every command has a help text and a manual page.
"$program" --help | awk '/^  [a-z]/ { print }' | cut -c3-22 | while read -r noun verb; do
	expect 0 "usage: sealring $noun*" "$noun" ${verb:+"$verb"} --help
	"$program" man "$noun" ${verb:+"$verb"} > page
	head -1 page | grep -q '^\.TH SEALRING-' || fail "no manual page for $noun $verb"
	no_warnings page "man $noun $verb"
done
"$program" man > page
head -1 page | grep -q '^\.TH SEALRING 1 ' || fail "no manual page for the program"
no_warnings page man
expect 0 '*sealring cert request*type TYPE*portal DIR*o FILE*CSR*.SH DESCRIPTION*Have the portal issue a certificate.*' \
	man cert request
expect 0 '*what the certificate is for (development, distribution, enterprise).*' \
	man cert request
expect 2 '*no command "cert"*hint: *' man cert
expect 2 '*no command "verfy"*Did you mean "verify"*' man verfy
expect 2 '*no command "key nwe"*Did you mean "key new"*' help key nwe
expect 0 '*0  done*' help exit-codes

# Completion scripts are valid shell, and complete.
"$program" completion bash > c.bash
bash -n c.bash || fail "the bash completion does not parse"
bash -c '. ./c.bash
	COMP_WORDS=(sealring key new --ty) COMP_CWORD=3
	_sealring
	[ "${COMPREPLY[*]}" = --type ] || exit 1
	COMP_WORDS=(sealring por) COMP_CWORD=1
	_sealring
	[ "${COMPREPLY[0]}" = portal ] || exit 1' || fail "bash completion is wrong"
expect 0 '#compdef sealring*' completion zsh
expect 0 'complete -c sealring*' completion fish
expect 2 '*cannot be "tcsh"*' completion tcsh

if [ -w /dev/full ]; then
	if "$program" --help > /dev/full 2> err; then
		fail "a full disk went unnoticed"
	fi
	grep -q "could not write the output" err || fail "no word of the disk"
fi
echo ok
