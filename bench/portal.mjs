// SPDX-License-Identifier: Apache-2.0
// What bench/portal.sh asks of the portal that wrk cannot: fill it, issue
// certificates, make a token.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { makeToken } from '../tests/clients/token.mjs';

const base = process.env.BASE;
const { issuer, keys } = JSON.parse(readFileSync(process.env.KEYS, 'utf8'));
const csr = readFileSync(process.env.CSR, 'utf8');
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

const key = readFileSync(process.env.KEY);
const bearer = makeToken({ keyId: keys[0].id, issuer, key });

function post(type, attributes, relationships) {
	const body = JSON.stringify({ data: { type, attributes, relationships } });
	return new Promise((resolve, reject) => {
		const r = request(
			`${base}/v1/${type}`,
			{
				agent,
				method: 'POST',
				headers: {
					Authorization: `Bearer ${bearer}`,
					'Content-Type': 'application/json',
					'Content-Length': Buffer.byteLength(body),
				},
			},
			(answer) => {
				let text = '';
				answer.on('data', (x) => (text += x));
				answer.on('end', () => {
					if (answer.statusCode !== 201) reject(new Error(text));
					else resolve(JSON.parse(text).data.id);
				});
			},
		);
		r.on('error', reject);
		r.end(body);
	});
}

// Eight at a time, as a busy morning would; how many a second.
async function many(what, count, make) {
	const ids = [];
	let next = 0;
	const start = performance.now();
	const worker = async () => {
		while (next < count) ids.push(await make(next++));
	};
	await Promise.all(Array.from({ length: 8 }, worker));
	const rate = Math.round((count * 1000) / (performance.now() - start));
	console.log(`${what.padEnd(44)} ${String(rate).padStart(8)}/s`);
	return ids;
}

const one = (type, id) => ({ data: { type, id } });

async function fill() {
	const udid = (i) => `00008110-${(0x1a2b3c0000000 + i).toString(16).padStart(16, '0')}`;
	await many('devices made', 5000, (i) =>
		post('devices', {
			name: `Device ${i}`,
			udid: udid(i).toUpperCase(),
			platform: 'IOS',
		}),
	);
	const app = await post('bundleIds', {
		name: 'Bench',
		identifier: 'com.example.bench',
		platform: 'IOS',
	});
	const cert = await post('certificates', {
		csrContent: csr,
		certificateType: 'DISTRIBUTION',
	});
	await many('profiles made', 2000, (i) =>
		post(
			'profiles',
			{ name: `Profile ${i}`, profileType: 'IOS_APP_STORE' },
			{
				bundleId: one('bundleIds', app),
				certificates: { data: [{ type: 'certificates', id: cert }] },
			},
		),
	);
}

const issue = () =>
	many('certificates issued', 1000, () =>
		post('certificates', { csrContent: csr, certificateType: 'DEVELOPMENT' }),
	);

const jobs = { fill, issue, token: () => process.stdout.write(bearer) };
await jobs[process.argv[2]]();
agent.destroy();
