// SPDX-License-Identifier: Apache-2.0
// npm appstore-connect-sdk, unmodified: from nothing to a profile, and what breaks it.
import { writeFileSync } from 'node:fs';
import * as asc from 'appstore-connect-sdk';
import { base, csr, done, equal, issuer, key, keyId, out } from './lib.mjs';

const client = asc.createClient({
	issuerId: issuer,
	privateKeyId: keyId,
	privateKey: key,
	baseUrl: base,
});

async function ask(call, status, options, what) {
	const got = await call({ client, ...options });
	equal(got.response?.status, status, `status of ${what}`);
	return got.error ?? got.data;
}

const data = (type, attributes, relationships) => ({
	body: { data: { type, attributes, relationships } },
});
const one = (type, id) => ({ data: { type, id } });
const many = (type, ...ids) => ({ data: ids.map((id) => ({ type, id })) });

const app = data('bundleIds', {
	name: 'Demo',
	identifier: 'com.example.sdk',
	platform: 'IOS',
});
const bundle = await ask(asc.bundleIdsCreateInstance, 201, app, 'bundleIds POST');
const again = await ask(asc.bundleIdsCreateInstance, 409, app, 'the same again');
equal(
	again.errors[0].detail,
	"An App ID with Identifier 'com.example.sdk' is not available. " +
		'Please enter a different string.',
	'why it is refused',
);

const push = data(
	'bundleIdCapabilities',
	{ capabilityType: 'PUSH_NOTIFICATIONS' },
	{ bundleId: one('bundleIds', bundle.data.id) },
);
await ask(asc.bundleIdCapabilitiesCreateInstance, 201, push, 'capability POST');
const capabilities = await ask(
	asc.bundleIdsBundleIdCapabilitiesGetToManyRelated,
	200,
	{ path: { id: bundle.data.id } },
	'capabilities GET',
);
equal(
	capabilities.data.map((x) => x.id.replace(bundle.data.id, '')).sort(),
	['_GAME_CENTER_IOS', '_IN_APP_PURCHASE_IOS', '_PUSH_NOTIFICATIONS'],
	'capabilities',
);

const cert = await ask(
	asc.certificatesCreateInstance,
	201,
	data('certificates', { certificateType: 'DISTRIBUTION', csrContent: csr }),
	'certificates POST',
);
writeFileSync(`${out}/sdk.cer`, Buffer.from(cert.data.attributes.certificateContent, 'base64'));

const udid = '00008101-000960143488001E';
const phone = data('devices', { name: 'iPhone', udid, platform: 'IOS' });
const device = await ask(asc.devicesCreateInstance, 201, phone, 'devices POST');
const twice = await ask(asc.devicesCreateInstance, 409, phone, 'the same again');
equal(
	twice.errors[0].detail,
	`A device with number '${udid}' already exists on this team.`,
	'why it is refused',
);

const adhoc = data(
	'profiles',
	{ name: 'sdk adhoc', profileType: 'IOS_APP_ADHOC' },
	{
		bundleId: one('bundleIds', bundle.data.id),
		certificates: many('certificates', cert.data.id),
		devices: many('devices', device.data.id),
	},
);
const profile = await ask(asc.profilesCreateInstance, 201, adhoc, 'profiles POST');
writeFileSync(
	`${out}/sdk.mobileprovision`,
	Buffer.from(profile.data.attributes.profileContent, 'base64'),
);
const list = await ask(
	asc.profilesGetCollection,
	200,
	{
		query: {
			'filter[profileType]': ['IOS_APP_ADHOC', 'IOS_APP_STORE'],
			include: ['bundleId', 'certificates', 'devices'],
			'fields[profiles]': ['name', 'profileState', 'bundleId'],
			limit: 5,
		},
	},
	'profiles GET',
);
equal(list.data.length, 1, 'profiles');
equal(
	list.included.map((x) => x.type).sort(),
	['bundleIds', 'certificates', 'devices'],
	'included',
);
equal(Object.keys(list.data[0].attributes).sort(), ['name', 'profileState'], 'fields');

await ask(asc.certificatesDeleteInstance, 204, { path: { id: cert.data.id } }, 'revoking');
const after = await ask(asc.profilesGetCollection, 200, {}, 'profiles GET');
equal(
	after.data.map((x) => x.attributes.profileState),
	['INVALID'],
	'the state after the certificate is gone',
);
const path = { path: { id: profile.data.id } };
await ask(asc.profilesDeleteInstance, 204, path, 'profiles DELETE');
await ask(asc.profilesDeleteInstance, 404, path, 'the same again');
done();
