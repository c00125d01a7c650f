// SPDX-License-Identifier: Apache-2.0
// npm node-app-store-connect-api, unmodified: it follows pages, and wants https for it.
import { api } from 'node-app-store-connect-api';
import { base, csr, done, equal, issuer, key, keyId } from './lib.mjs';

const { read, readAll, create, update, remove } = await api({
	issuerId: issuer,
	apiKey: keyId,
	privateKey: key,
	urlBase: base,
	automaticRetries: 0,
});

for (let i = 0; i < 25; i++)
	await create({
		type: 'devices',
		attributes: {
			name: `d${String(i).padStart(2, '0')}`,
			platform: 'IOS',
			udid: `a${i.toString(16).padStart(39, '0')}`,
		},
	});
const devices = await readAll('devices', {
	params: { limit: 10, sort: 'name', 'filter[name]': 'd' },
});
equal(devices.data.length, 25, 'devices over three pages');
equal(
	devices.data.map((d) => d.attributes.name),
	devices.data.map((d) => d.attributes.name).sort(),
	'their order',
);

const app = await create({
	type: 'bundleIds',
	attributes: { identifier: 'com.example.node', name: 'N', platform: 'IOS' },
});
const cert = await create({
	type: 'certificates',
	attributes: { certificateType: 'DEVELOPMENT', csrContent: csr },
});
const profile = await create({
	type: 'profiles',
	attributes: { name: 'node dev', profileType: 'IOS_APP_DEVELOPMENT' },
	relationships: {
		bundleId: app,
		certificates: [cert],
		devices: devices.data.slice(0, 2),
	},
});
equal(profile.attributes.profileState, 'ACTIVE', 'the profile');
await update(app, { attributes: { name: 'N2' } });
const renamed = await read(`bundleIds/${app.id}`);
equal(renamed.data.attributes.name, 'N2', 'the new name');
const all = await read('profiles', { params: { include: 'bundleId,certificates' } });
equal(all.data.length, 1, 'profiles');
await remove(profile);
const left = await read('profiles');
equal(left.data.length, 0, 'profiles that are left');
let refused = '';
await create({ type: 'bundleIds', attributes: { identifier: 'com.example.node' } }).catch(
	(e) => {
		refused = String(e);
	},
);
equal(refused !== '', true, 'what is refused throws');
done();
