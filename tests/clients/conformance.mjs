// SPDX-License-Identifier: Apache-2.0
// Walks Apple's OpenAPI document: each operation that the portal offers is asked, each
// answer is held against its schema, and what the portal does not offer is refused in
// Apple's way.  OPENAPI names the document, which is not part of this project.
import { readFileSync } from 'node:fs';
import { base, csr, done, equal, issuer, key, keyId } from './lib.mjs';
import { makeToken } from './token.mjs';

const api = JSON.parse(readFileSync(process.env.OPENAPI, 'utf8'));

// ---- asking ----

async function ask(method, target, body) {
	const r = await fetch(base + target, {
		method,
		headers: { Authorization: `Bearer ${makeToken({ keyId, issuer, key })}` },
		body: method === 'GET' || body === undefined ? undefined : JSON.stringify(body),
	});
	const text = await r.text();
	return { status: r.status, json: text === '' ? null : JSON.parse(text), headers: r.headers };
}

// ---- the schema ----

const resolve = (schema) =>
	schema.$ref ? resolve(api.components.schemas[schema.$ref.split('/').pop()]) : schema;

// Apple sends null for attributes that are empty, whatever the schema says of them.
function check(value, schema, at) {
	schema = resolve(schema);
	if (schema.oneOf) {
		const names = schema.discriminator?.mapping;
		if (names && value && names[value.type])
			return check(value, { $ref: names[value.type] }, at);
		const tried = schema.oneOf.map((one) => check(value, one, at));
		return tried.some((errors) => errors.length === 0) ? [] : tried[0];
	}
	if (value === null) return at.includes('.attributes.') ? [] : [`${at} is null`];
	if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${value} is no word of it`];
	switch (schema.type) {
		case 'object':
			return checkObject(value, schema, at);
		case 'array':
			if (!Array.isArray(value)) return [`${at} is no list`];
			return value.flatMap((item, i) => check(item, schema.items, `${at}.${i}`));
		case 'integer':
			return Number.isInteger(value) ? [] : [`${at} is no whole number`];
		case 'boolean':
			return typeof value === 'boolean' ? [] : [`${at} is no boolean`];
		case 'string':
			if (typeof value !== 'string') return [`${at} is no text`];
			if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d$/.test(value))
				return [`${at}: ${value} is no time`];
			return [];
	}
	return [];
}

function checkObject(value, schema, at) {
	if (typeof value !== 'object' || Array.isArray(value)) return [`${at} is no object`];
	const missing = (schema.required ?? [])
		.filter((name) => !(name in value))
		.map((name) => `${at}.${name} is missing`);
	const wrong = Object.entries(schema.properties ?? {})
		.filter(([name]) => name in value)
		.flatMap(([name, sub]) => check(value[name], sub, `${at}.${name}`));
	return [...missing, ...wrong];
}

// The answer is one that the operation has, and its document fits.
function conforms(operation, got, what) {
	const answer = operation.responses[got.status];
	equal(answer !== undefined, true, `${what}: the status ${got.status} is one of Apple's`);
	const schema = answer.content?.['application/json']?.schema;
	if (!schema) return equal(got.json, null, `${what}: the body`);
	equal(got.headers.get('content-type'), 'application/json', `${what}: Content-Type`);
	equal(check(got.json, schema, 'document'), [], `${what}: the document`);
}

// ---- a world to ask about ----

const data = (type, attributes, relationships) => ({ data: { type, attributes, relationships } });
const one = (type, id) => ({ data: { type, id } });
const made = {};

async function make(path, body) {
	const got = await ask('POST', path, body);
	equal(got.status, 201, `POST ${path} ${JSON.stringify(got.json?.errors ?? '')}`);
	conforms(api.paths[path].post, got, `POST ${path}`);
	return got.json.data.id;
}

made.bundleIds = await make(
	'/v1/bundleIds',
	data('bundleIds', { name: 'A', identifier: 'com.example.c', platform: 'IOS' }),
);
made.devices = await make(
	'/v1/devices',
	data('devices', { name: 'P', udid: '00008110-0000000000000001', platform: 'IOS' }),
);
made.certificates = await make(
	'/v1/certificates',
	data('certificates', { certificateType: 'IOS_DISTRIBUTION', csrContent: csr }),
);
made.bundleIdCapabilities = await make(
	'/v1/bundleIdCapabilities',
	data(
		'bundleIdCapabilities',
		{ capabilityType: 'ICLOUD', settings: [{ key: 'ICLOUD_VERSION' }] },
		{ bundleId: one('bundleIds', made.bundleIds) },
	),
);
made.profiles = await make(
	'/v1/profiles',
	data(
		'profiles',
		{ name: 'P', profileType: 'IOS_APP_ADHOC' },
		{
			bundleId: one('bundleIds', made.bundleIds),
			certificates: { data: [{ type: 'certificates', id: made.certificates }] },
			devices: { data: [{ type: 'devices', id: made.devices }] },
		},
	),
);
for (const type of ['merchantIds', 'passTypeIds'])
	made[type] = await make(
		`/v1/${type}`,
		data(type, { name: 'X', identifier: `${type === 'merchantIds' ? 'merchant' : 'pass'}.x` }),
	);

// ---- walking ----

// What the portal does not have yet (docs/status.md).
const absent = new Set(
	'actors apps buildUploadFiles buildUploads builds preReleaseVersions userInvitations users'.split(
		' ',
	),
);
const typeOf = (path) => path.split('/')[2];
const operations = Object.entries(api.paths).flatMap(([path, item]) =>
	['get', 'post', 'patch', 'delete']
		.filter((method) => item[method])
		.map((method) => ({ path, method, operation: item[method] })),
);

// A value that each parameter takes, by its schema.
function value(parameter) {
	const schema = resolve(parameter.schema);
	if (schema.type === 'integer') return schema.maximum ?? 1;
	if (schema.type === 'array') {
		const item = resolve(schema.items);
		return item.enum ? item.enum.join(',') : 'x';
	}
	return 'x';
}

// Fields and included things of resources that the portal does not have.
const isKnown = (parameter) => {
	const inner = /\[(\w+)\]/.exec(parameter.name)?.[1];
	return !parameter.name.startsWith('fields[') || !absent.has(inner);
};

let walked = 0;
const target = (path) => path.replace('{id}', made[typeOf(path)]);
for (const { path, method, operation } of operations) {
	if (absent.has(typeOf(path))) {
		const got = await ask(method.toUpperCase(), path.replace('{id}', '1'), {});
		equal(got.status, 404, `${method} ${path}: absent`);
		continue;
	}
	walked++;
	if (method === 'get') {
		conforms(operation, await ask('GET', target(path)), `GET ${path}`);
		for (const parameter of operation.parameters ?? []) {
			if (parameter.in !== 'query' || !isKnown(parameter)) continue;
			const query = `${parameter.name}=${encodeURIComponent(value(parameter))}`;
			const got = await ask('GET', `${target(path)}?${query}`);
			conforms(operation, got, `GET ${path}?${query}`);
			equal(got.status === 400, false, `GET ${path}?${query}: refused`);
		}
		const got = await ask('GET', `${target(path)}?nonsense=1`);
		conforms(operation, got, `GET ${path}?nonsense`);
		equal(got.status, 400, `GET ${path}?nonsense`);
	}
	if (method === 'post') {
		conforms(operation, await ask('POST', path, {}), `POST ${path} without a body`);
		const got = await ask('POST', path, data(typeOf(path), {}));
		conforms(operation, got, `POST ${path} without attributes`);
	}
	if (method === 'patch') {
		const got = await ask('PATCH', target(path), data(typeOf(path), {}));
		conforms(operation, got, `PATCH ${path}`);
		conforms(
			operation,
			await ask('PATCH', path.replace('{id}', 'NONE'), data(typeOf(path), {})),
			`PATCH ${path}: none`,
		);
	}
	if (method === 'delete')
		conforms(operation, await ask('DELETE', path.replace('{id}', 'NONE')), `DELETE ${path}: none`);
}

// What Apple does not offer on what the portal has.
for (const [path, item] of Object.entries(api.paths)) {
	if (absent.has(typeOf(path))) continue;
	for (const method of ['get', 'post', 'patch', 'delete', 'put']) {
		if (item[method]) continue;
		const got = await ask(method.toUpperCase(), target(path), {});
		equal(got.status, 403, `${method} ${path}: not offered`);
		equal(got.json.errors[0].title, 'The given operation is not allowed', `${method} ${path}`);
	}
}

// Last, since nothing is left then.
for (const type of [
	'bundleIdCapabilities',
	'profiles',
	'certificates',
	'bundleIds',
	'merchantIds',
	'passTypeIds',
]) {
	const path = `/v1/${type}/{id}`;
	const got = await ask('DELETE', target(path));
	equal(got.status, 204, `DELETE ${path}`);
	conforms(api.paths[path].delete, got, `DELETE ${path}`);
}
console.log(`${walked} of ${operations.length} operations`);
done();
