// SPDX-License-Identifier: Apache-2.0
// load.mjs make FILE ROUND: asks for changes, eight at a time, until the portal is
// gone; each that was acknowledged is a line of FILE.
// load.mjs check FILE: is all of that still so?
import { appendFileSync, readFileSync } from 'node:fs';
import { base, csr, issuer, key, keyId } from './lib.mjs';
import { makeToken } from './token.mjs';

const [job, file, round] = process.argv.slice(2);
const bearer = makeToken({ keyId, issuer, key });

async function ask(method, target, body) {
	const r = await fetch(base + target, {
		method,
		headers: { Authorization: `Bearer ${bearer}` },
		body: body && JSON.stringify(body),
	});
	const text = await r.text();
	return { status: r.status, text, json: text === '' ? null : JSON.parse(text) };
}

async function make(type, attributes, relationships) {
	const got = await ask('POST', `/v1/${type}`, {
		data: { type, attributes, relationships },
	});
	if (got.status !== 201) throw new Error(`unexpected: ${got.status} ${got.text}`);
	appendFileSync(file, `200 /v1/${type}/${got.json.data.id}\n`);
	return got.json.data.id;
}

const one = (type, id) => ({ data: { type, id } });

// One of each; the certificate is revoked again, which takes its profile's validity.
async function story(n) {
	const name = `${round}x${n}`;
	const digits = String(round * 100000 + n).padStart(16, '0');
	const device = await make('devices', { name, udid: `00008110-${digits}`, platform: 'IOS' });
	const app = await make('bundleIds', {
		name: `App ${name}`,
		identifier: `com.ex.a${name}`,
		platform: 'IOS',
	});
	const cert = await make('certificates', {
		csrContent: csr,
		certificateType: 'DEVELOPMENT',
	});
	const kept = await make('certificates', {
		csrContent: csr,
		certificateType: 'DEVELOPMENT',
	});
	await make(
		'profiles',
		{ name: `P ${name}`, profileType: 'IOS_APP_DEVELOPMENT' },
		{
			bundleId: one('bundleIds', app),
			certificates: { data: [{ type: 'certificates', id: kept }] },
			devices: { data: [{ type: 'devices', id: device }] },
		},
	);
	// Until that is acknowledged both may be so.
	appendFileSync(file, `0 /v1/certificates/${cert}\n`);
	const gone = await ask('DELETE', `/v1/certificates/${cert}`);
	if (gone.status !== 204) throw new Error(`unexpected: ${gone.status} ${gone.text}`);
	appendFileSync(file, `404 /v1/certificates/${cert}\n`);
}

async function load() {
	let n = 0;
	const worker = async () => {
		for (;;) await story(n++);
	};
	try {
		await Promise.all(Array.from({ length: 8 }, worker));
	} catch (e) {
		if (e.message.startsWith('unexpected')) throw e;
	}
}

async function check() {
	const wanted = new Map(); // of what changed twice the last counts
	for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
		const [status, target] = line.split(' ');
		wanted.set(target, Number(status));
	}
	for (const [target, status] of wanted) {
		const got = await ask('GET', target);
		if (got.status === status || status === 0) continue;
		console.error(`${target}: ${got.status}, not ${status}: ${got.text}`);
		process.exit(1);
	}
	console.log(`${wanted.size} are there`);
}

await (job === 'make' ? load() : check());
process.exit(0);
