#!/bin/sh
# kill -9 at 200 moments of signing, and some of making a portal: what was there is
# whole, or what is new is; and the next run removes what was left.
#     KILL_ROUNDS=5 tests/cli/kill.sh ...   five times as many
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

for tool in clang zip unzip timeout; do
	command -v $tool > /dev/null || {
		echo "SKIP: needs $tool"
		exit 77
	}
done
case $(date +%N) in *N*)
	echo "SKIP: no clock that counts milliseconds"
	exit 77
	;;
esac
rounds=${KILL_ROUNDS:-1}

make_portal
make_identity dist distribution
expect 0 '*' profile create adhoc -a '*' --portal portal -o any.mobileprovision

# Large enough that writing takes its time.
"$root/script/demo-app" "$dir/App.ipa"
unzip -q App.ipa
mkdir Payload/Shop.app/res Payload/Shop.app/empty
i=0
while [ $i -lt 100 ]; do
	echo "$i" > Payload/Shop.app/res/$i.txt
	i=$((i + 1))
done
head -c 1000000 /dev/urandom > Payload/Shop.app/large.bin
rm App.ipa
zip -q -r -y App.ipa Payload
mv Payload/Shop.app Shop.app
mkdir work

# sign IN ARGUMENTS...
sign() {
	in=$1
	shift
	"$program" sign "$in" -k dist.key -c dist.cer --roots portal/roots.pem \
		-m any.mobileprovision -q "$@"
}
# killed_after MILLISECONDS COMMAND...: status 0 if it was done before
killed_after() {
	limit=$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))
	shift
	got=0
	timeout -s KILL "$limit" "$@" > out 2>&1 || got=$?
	case $got in 0 | 137) ;; *) fail "$*: status $got: $(cat out)" ;; esac
	return $got
}
# The same for sign.
sign_killed_after() {
	limit=$1 in=$2
	shift 2
	killed_after "$limit" "$program" sign "$in" -k dist.key -c dist.cer \
		--roots portal/roots.pem -m any.mobileprovision -q "$@"
}
is_admitted() { "$program" verify "$1" --roots portal/roots.pem -q > out 2>&1; }
left_overs() { find work -name '.sealring-*' | head -n 1; }

# milliseconds COMMAND...: the middle of five runs
milliseconds() {
	for run in 1 2 3 4 5; do
		before=$(date +%s%N)
		"$@" > out 2>&1 || fail "run $run: $*: $(cat out)"
		echo $((($(date +%s%N) - before) / 1000000))
	done | sort -n | sed -n 3p
}

# next_moment MILLISECONDS: always the same parts of a little more than that time
seed=1
next_moment() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	part=$((seed / 2147484)) # of a thousand
	moment=$((1 + part * $1 / 900))
}

died=0 finished=0 left=0
# The machine may have become faster or slower since it was measured.
count() {
	if [ "$1" -eq 0 ]; then
		finished=$((finished + 1)) time=$((time - time / 10))
	else
		died=$((died + 1)) time=$((time + time / 50))
	fi
}
# tidied COMMAND...: one more run, that is not killed, leaves nothing
tidied() {
	[ -n "$(left_overs)" ] || return 0
	left=$((left + 1))
	"$@" > out 2>&1 || fail "after a kill: $*: $(cat out)"
	[ -z "$(left_overs)" ] || fail "left over after one more run: $(left_overs)"
}

# ---- an archive, new ----

time=$(milliseconds sign App.ipa -o work/Out.ipa -f)
rm work/Out.ipa
i=0
while [ $i -lt $((70 * rounds)) ]; do
	next_moment "$time"
	status=0
	sign_killed_after $moment App.ipa -o work/Out.ipa || status=$?
	count $status
	if [ -e work/Out.ipa ]; then
		is_admitted work/Out.ipa || fail "new archive, killed after $moment ms: $(cat out)"
	elif [ $status -eq 0 ]; then
		fail "no archive after $moment ms, and no kill"
	fi
	tidied sign App.ipa -o work/Out.ipa -f
	rm -f work/Out.ipa
	i=$((i + 1))
done
echo "new archives: killed $died times ($finished were done), $left left something"

# ---- an archive, in place ----

i=0
while [ $i -lt $((50 * rounds)) ]; do
	[ -e work/In.ipa ] || cp App.ipa work/In.ipa
	next_moment "$time"
	status=0
	sign_killed_after $moment work/In.ipa -o work/In.ipa -f || status=$?
	count $status
	if [ $status -eq 0 ] || ! cmp -s App.ipa work/In.ipa; then
		is_admitted work/In.ipa || fail "archive in place, killed after $moment ms: $(cat out)"
		rm work/In.ipa
	fi
	tidied sign App.ipa -o work/In.ipa -f
	cmp -s App.ipa work/In.ipa || rm -f work/In.ipa
	i=$((i + 1))
done
echo "archives: killed $died times ($finished were done), $left left something"

# ---- a folder, in place ----

cp -a Shop.app work/Shop.app
time=$(milliseconds sign work/Shop.app -o work/Shop.app -f)
rm -rf work/Shop.app
i=0
while [ $i -lt $((80 * rounds)) ]; do
	[ -e work/Shop.app ] || cp -a Shop.app work/Shop.app
	next_moment "$time"
	status=0
	sign_killed_after $moment work/Shop.app -o work/Shop.app -f || status=$?
	count $status
	if [ $status -eq 0 ] || ! diff -r --no-dereference Shop.app work/Shop.app > /dev/null; then
		is_admitted work/Shop.app || fail "folder in place, killed after $moment ms: $(cat out)"
		diff -r --no-dereference -x _CodeSignature -x embedded.mobileprovision -x Shop \
			-x Kit -x Share -x libextra.dylib Shop.app work/Shop.app ||
			fail "folder in place, killed after $moment ms: more than signatures changed"
		[ -d work/Shop.app/empty ] || fail "an empty folder is gone"
	fi
	tidied sign work/Shop.app -o work/Shop.app -f
	[ -z "$(find work/Shop.app -name _CodeSignature)" ] || rm -rf work/Shop.app
	i=$((i + 1))
done
echo "all: killed $died times ($finished were done), $left left something"
[ "$died" -ge $((100 * rounds)) ] || fail "most runs were done before they were killed"
[ "$left" -ge $((10 * rounds)) ] || fail "hardly any run was killed while it wrote"

# ---- a portal: what is left may hold its keys ----

init() { "$program" portal init --data work/portal --team T1M2E3A4M5 --name A -q; }
remove_and_init() { rm -rf work/portal && init; }
time=$(milliseconds remove_and_init)
i=0 held=0
while [ $i -lt $((10 * rounds)) ]; do
	rm -rf work/portal work/any.key
	killed_after $((time * (i % 10 + 1) / 11)) "$program" portal init \
		--data work/portal --team T1M2E3A4M5 --name A -q || :
	if [ -e work/portal ]; then
		expect 0 '*' app list --portal work/portal
	fi
	[ -z "$(find work -path '*.sealring-*' -path '*/keys/*')" ] || held=$((held + 1))
	expect 0 '*' key new --type p256 -o work/any.key
	[ -z "$(left_overs)" ] || fail "left over after a killed portal init: $(left_overs)"
	i=$((i + 1))
done
echo "portals: killed $i times, $held left keys, and none after the next run"
echo ok
