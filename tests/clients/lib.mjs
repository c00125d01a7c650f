// SPDX-License-Identifier: Apache-2.0
// What the flows share: where the portal is, and checks that say what they got.
import { readFileSync } from 'node:fs';

const need = (name) => {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set`);
	return value;
};

export const base = need('BASE');
export const issuer = need('ISSUER');
export const keyId = need('KEY_ID');
export const key = readFileSync(need('KEY'), 'utf8');
export const csr = readFileSync(need('CSR'), 'utf8');
export const out = need('OUT');

let checks = 0;

export function equal(got, want, what) {
	checks++;
	const a = JSON.stringify(got);
	const b = JSON.stringify(want);
	if (a === b) return;
	console.error(`${what}: got ${a}, want ${b}`);
	process.exit(1);
}

export function done() {
	console.log(`${checks} checks`);
}
