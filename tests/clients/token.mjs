// SPDX-License-Identifier: Apache-2.0
// A token as App Store Connect wants it; needs nothing but node.
import { createPrivateKey, sign } from 'node:crypto';

export function makeToken({ keyId, issuer, key, life = 1200 }) {
	const part = (o) => Buffer.from(JSON.stringify(o)).toString('base64url');
	const now = Math.floor(Date.now() / 1000);
	const text =
		part({ alg: 'ES256', kid: keyId, typ: 'JWT' }) +
		'.' +
		part({ iss: issuer, iat: now, exp: now + life, aud: 'appstoreconnect-v1' });
	const signature = sign('sha256', Buffer.from(text), {
		key: createPrivateKey(key),
		dsaEncoding: 'ieee-p1363',
	});
	return `${text}.${signature.toString('base64url')}`;
}
