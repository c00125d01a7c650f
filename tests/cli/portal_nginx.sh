#!/bin/sh
# The portal behind nginx, with the configuration that is shipped: what is malformed does
# not come through, slow clients cost nothing, links have the public name.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

for tool in nginx node curl openssl; do
	command -v $tool > /dev/null || {
		echo "SKIP: needs $tool"
		exit 77
	}
done
expect 0 '*' portal init --data portal --team T1M2E3A4M5 --name Acme
expect 0 '*' portal key new --portal portal --name CI --role ADMIN -o key.p8
start_portal --data portal --plain --public https://portal.example.com
behind=${portal_url##*:}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=portal.example.com -addext subjectAltName=DNS:portal.example.com \
	-keyout tls.key -out tls.pem 2> /dev/null

# As it is shipped, but for places and ports.
face=$((20000 + $$ % 20000))
sed -e "s,listen 443 ssl,listen 127.0.0.1:$face ssl," -e "s,127.0.0.1:8080,127.0.0.1:$behind," \
	-e "s,/etc/sealring/,$dir/," -e 's/ 20s;/ 2s;/' "$root/deploy/nginx-portal.conf" > portal.conf
cat > nginx.conf <<END
pid $dir/nginx.pid;
error_log $dir/error.log;
events {}
http {
	client_body_temp_path $dir/nginx-body;
	proxy_temp_path $dir/nginx-proxy;
	fastcgi_temp_path $dir/nginx-f;
	uwsgi_temp_path $dir/nginx-u;
	scgi_temp_path $dir/nginx-s;
	include $dir/portal.conf;
}
END
nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" || fail "$(cat error.log)"
trap 'kill "$(cat nginx.pid)" "$portal_pid" 2> /dev/null; sleep 0.2; rm -rf "$dir"' EXIT

ask() {
	curl -s --cacert tls.pem --resolve "portal.example.com:$face:127.0.0.1" "$@"
}
url=https://portal.example.com:$face
[ "$(ask -o body -w '%{http_code}' $url/v1/devices)" = 401 ] || fail "$(cat error.log)"
ask -D head -o body $url/v1/devices
grep -qi '^strict-transport-security' head || fail "headers: $(cat head)"
! grep -qi '^server: nginx/' head || fail "it tells its version"

# Links are the public ones, also for an odd Host.
for_clients portal key.p8
printf 'Authorization: Bearer %s\n' "$(node "$root/tests/clients/bearer.mjs")" > auth
ask -H @auth -o body $url/v1/devices
grep -q '"self":"https://portal.example.com/v1/devices"' body || fail "links: $(cat body)"
# A large body is refused before the portal sees it.
head -c 1100000 /dev/zero > zeros
[ "$(ask -H @auth -o body -w '%{http_code}' --data-binary @zeros $url/v1/devices)" = 413 ] ||
	fail "a large body"

# Malformed requests; a smuggled one would be a second answer.
cat > smuggle.mjs <<'END'
import { connect } from 'node:tls';
const port = Number(process.argv[2]);
const body = 'GET /v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (head, rest) => `POST /v1/devices HTTP/1.1\r\nHost: portal.example.com\r\n${head}\r\n\r\n${rest}`;
const requests = {
	'length and chunks': post('Content-Length: 6\r\nTransfer-Encoding: chunked', `0\r\n\r\n${body}`),
	'two lengths': post(`Content-Length: 0\r\nContent-Length: ${body.length}`, body),
	'two equal lengths': post('Content-Length: 3\r\nContent-Length: 3', 'abc'),
	'a length with a plus': post('Content-Length: +3', 'abc'),
	'a negative length': post('Content-Length: -1', 'abc'),
	'a length in hex': post('Content-Length: 0x3', 'abc'),
	'a list of lengths': post('Content-Length: 3, 3', 'abc'),
	'a huge length': post('Content-Length: 18446744073709551619', 'abc'),
	'a space before the colon': post('Content-Length : 3', 'abc'),
	'an unknown coding': post('Transfer-Encoding: xchunked', '3\r\nabc\r\n0\r\n\r\n'),
	'a coding with a tab': post('Transfer-Encoding: \x0bchunked', '3\r\nabc\r\n0\r\n\r\n'),
	'two codings': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'),
	'a folded header': post('X-A: b\r\n c: d\r\nContent-Length: 0', ''),
	'a chunk size in hex': post('Transfer-Encoding: chunked', '0x3\r\nabc\r\n0\r\n\r\n'),
	'a huge chunk': post('Transfer-Encoding: chunked', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
	'no host': 'GET /v1/devices HTTP/1.1\r\n\r\n',
	'two hosts': 'GET /v1/devices HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
	'a NUL': 'GET /v1/devices HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
	'chunks in 1.0': 'POST /v1/devices HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
	'no version that exists': 'GET /v1/devices http/1.1\r\nHost: a\r\n\r\n',
	'garbage': '\x00\x01\x02\x03\r\n\r\n',
};
function ask(text) {
	return new Promise((resolve) => {
		let got = '';
		const end = () => { s.destroy(); resolve(got); };
		const s = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => s.write(text, 'latin1'));
		s.on('data', (x) => (got += x));
		s.on('end', end).on('error', end).setTimeout(4000, end);
	});
}
let bad = 0;
for (const [name, text] of Object.entries(requests)) {
	const got = await ask(text);
	const answers = got.match(/HTTP\/1\.[01] \d+/g) ?? [];
	const first = Number(answers[0]?.split(' ')[1] ?? 400);
	if (answers.length <= 1 && [400, 413, 414, 501, 505].includes(first)) continue;
	bad++;
	console.log(`${name}: ${answers.join(', ')}`);
}
console.log(`${Object.keys(requests).length} malformed requests, ${bad} came through`);
process.exit(bad === 0 ? 0 : 1);
END
node smuggle.mjs "$face" > smuggle.log || fail "$(cat smuggle.log)"
cat smuggle.log

# Slow clients: a hundred that send a byte now and then do not keep others waiting, and
# are sent away.
cat > slow.mjs <<'END'
import { connect } from 'node:tls';
const port = Number(process.argv[2]);
let open = 0, closed = 0;
for (let i = 0; i < 100; i++) {
	const s = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
		open++;
		s.write('POST /v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n');
		if (i % 2) s.write('\r\nabc');
	});
	const done = () => { if (++closed === 100) { console.log(`${open} came, all were sent away`); process.exit(0); } };
	s.once('close', done).on('error', () => {});
	s.resume();
}
setTimeout(() => { console.log(`${closed} of 100 were sent away`); process.exit(1); }, 20000);
END
rss() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$portal_pid/status"; }
before=$(rss)
node slow.mjs "$face" > slow.log &
slow=$!
sleep 1
[ "$(ask --max-time 2 -o body -w '%{http_code}' $url/v1/devices)" = 401 ] || fail "others wait"
wait $slow || fail "$(cat slow.log)"
cat slow.log
[ $(($(rss) - before)) -lt 4000 ] || fail "slow clients took $(($(rss) - before)) KiB"
! grep -q "$(cut -c23-60 auth)" error.log || fail "a token in nginx's log"
kill "$(cat nginx.pid)"
trap 'kill "$portal_pid" 2> /dev/null; rm -rf "$dir"' EXIT
stop_portal
echo ok
