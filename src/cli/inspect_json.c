/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect --json: docs/formats/inspect-json.md.  Keys are added, never changed.
 */
#include "cli/inspect.h"
#include "crypto/digest.h"
#include "util/jsonio.h"
#include "util/mem.h"

static json_t *text_or_null(const char *text)
{
	return text != NULL ? jsonio_text(text) : json_null();
}

static json_t *hex_json(const unsigned char *bytes, size_t n)
{
	char hex[65];

	digest_hex(hex, slice_of(bytes, n));
	return json_string(hex);
}

static json_t *time_json(int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format_time(text, time_s);
	return json_string(text);
}

/* ---- property lists ---- */

static json_t *data_json(struct slice bytes)
{
	AUTO(buf_free) struct buf hex = BUF_INIT(bytes.n * 2 + 1);
	struct error ignored = { 0 };

	for (size_t i = 0; i < bytes.n; i++)
		if (!buf_append_format(&hex, &ignored, "%02x", bytes.p[i]))
			error_clear(&ignored);
	return json_pack("{s:s%}", "data", hex.n > 0 ? (const char *)hex.p : "", hex.n);
}

/* Dates and data, which JSON does not have, are {"date": ...} and {"data": hex}. */
static json_t *value_json(const struct pl *v)
{
	json_t *list;

	switch (v->type) {
	case PL_BOOL:
		return json_boolean(v->boolean);
	case PL_INT:
	case PL_UID:
		return v->is_unsigned
		               ? json_sprintf("%llu", (unsigned long long)v->integer)
		               : json_integer(v->integer);
	case PL_REAL:
		return v->real - v->real == 0 ? json_real(v->real)
		                              : json_sprintf("%f", v->real);
	case PL_STRING:
		return jsonio_text(pl_text(v));
	case PL_DATE:
		return json_pack("{s:o}", "date", time_json(v->integer));
	case PL_DATA:
		return data_json(v->bytes);
	case PL_ARRAY:
		list = json_array();
		for (size_t i = 0; i < v->count; i++)
			json_array_append_new(list, value_json(v->items[i]));
		return list;
	case PL_DICT:
		list = json_object();
		for (size_t i = 0; i < v->count; i++)
			json_object_set_new(list, v->keys[i], value_json(v->items[i]));
		return list;
	}
	return json_null();
}

static json_t *value_or_null(const struct pl *v)
{
	return v != NULL ? value_json(v) : json_null();
}

/* ---- parts ---- */

static json_t *cert_json(const struct artifact_cert *c)
{
	return json_pack(
		"{s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:i, s:o, s:s, s:b, s:s, "
		"s:o, s:o, s:o}",
		"name", jsonio_text(c->cn), "type", cert_kind_name(c->kind), "team",
		jsonio_text(c->team), "organization", jsonio_text(c->org), "serial",
		c->serial, "sha1", hex_json(c->sha1, 20), "sha256",
		hex_json(c->sha256, 32), "key_sha256", hex_json(c->key_sha256, 32),
		"key_family", c->key_family, "key_bits", (int)c->key_bits, "issuer",
		jsonio_text(c->issuer), "issuer_generation", c->generation, "trusted",
		c->trust == TRUST_OK, "trust",
		c->trust == TRUST_OK ? "" : trust_problem_text(c->trust), "from",
		time_json(c->not_before_s), "until", time_json(c->not_after_s),
		"issuer_until",
		c->has_issuer ? time_json(c->issuer_not_after_s) : json_null());
}

static json_t *certs_json(const struct artifact_cert *certs, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, cert_json(&certs[i]));
	return list;
}

static json_t *profile_json(const struct artifact_profile *p)
{
	static const char *const signatures[] = {
		[PROFILE_SIGNATURE_OK] = "ok",
		[PROFILE_SIGNATURE_BAD] = "bad",
		[PROFILE_SIGNATURE_UNTRUSTED] = "untrusted",
		[PROFILE_SIGNATURE_WRONG_SIGNER] = "wrong-signer",
	};

	if (p == NULL)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:b, s:b, s:s, s:o, s:o, s:o, s:o}",
		"name", jsonio_text(p->name), "uuid", jsonio_text(p->uuid), "type",
		profile_kind_word(p->kind), "team", jsonio_text(p->team_id),
		"team_name", jsonio_text(p->team_name), "app_id",
		jsonio_text(p->app_id), "wildcard", p->is_wildcard, "xcode_managed",
		p->is_xcode_managed, "free", p->is_free, "signature",
		signatures[p->signature], "signature_reason", jsonio_text(p->authority),
		"der_problem", text_or_null(p->der_problem), "from",
		time_json(p->created_s), "until", time_json(p->expires_s));
}

static const char *const seal_words[] = {
	[ARTIFACT_UNSIGNED] = "unsigned",
	[ARTIFACT_ADHOC] = "adhoc",
	[ARTIFACT_SIGNED] = "signed",
	[ARTIFACT_UNREADABLE] = "unreadable",
};

static json_t *bundle_json(const struct artifact *a, const struct artifact_bundle *b)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}",
	                 "path", jsonio_text(inspect_inner(a, b->path)), "kind",
	                 bundle_kind_name(b->kind), "id", text_or_null(b->id),
	                 "identifier", text_or_null(b->identifier), "name",
	                 text_or_null(b->name), "version", text_or_null(b->version),
	                 "build", text_or_null(b->build), "problem",
	                 text_or_null(b->problem), "seal", seal_words[b->seal],
	                 "signer",
	                 b->signer != NULL ? hex_json(b->signer->sha256, 32)
	                                   : json_null(),
	                 "profile", profile_json(b->profile), "entitlements",
	                 value_or_null(b->entitlements));
}

/* ---- the five ---- */

static json_t *key_json(const struct artifact *a)
{
	if (a->csr != NULL)
		return json_pack("{s:s, s:i, s:o}", "family", a->csr->key_family,
		                 "bits", (int)a->csr->key_bits, "sha256",
		                 hex_json(a->csr->key_sha256, 32));
	if (!a->has_key)
		return json_null();
	return json_pack("{s:s, s:o, s:b}", "type", a->key.type, "sha256",
	                 hex_json(a->key.sha256, 32), "encrypted", a->is_key_encrypted);
}

static json_t *subject_json(const struct artifact_csr *csr)
{
	if (csr == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "name", jsonio_text(csr->cn), "email",
	                 jsonio_text(csr->email), "organization", jsonio_text(csr->org),
	                 "country", jsonio_text(csr->country));
}

static json_t *who_json(const struct artifact *a)
{
	const struct artifact_profile *p = artifact_profile(a);
	json_t *certs = certs_json(a->certs, a->cert_count);

	/* Of an app all that signed a part of it, each once. */
	for (size_t i = 0; i < a->bundle_count; i++) {
		const struct artifact_cert *signer = a->bundles[i].signer;
		bool is_new = signer != NULL;

		for (size_t j = 0; is_new && j < i; j++)
			is_new = a->bundles[j].signer == NULL ||
			         memcmp(a->bundles[j].signer->sha256, signer->sha256,
			                32) != 0;
		if (is_new)
			json_array_append_new(certs, cert_json(signer));
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "certificates", certs,
	                 "profile_certificates",
	                 p != NULL ? certs_json(p->certs, p->cert_count) : json_array(),
	                 "key", key_json(a), "subject", subject_json(a->csr));
}

static json_t *what_json(const struct artifact *a)
{
	json_t *bundles = json_array();

	for (size_t i = 0; i < a->bundle_count; i++)
		json_array_append_new(bundles, bundle_json(a, &a->bundles[i]));
	return json_pack("{s:o, s:o, s:o}", "app_id", text_or_null(artifact_app_id(a)),
	                 "profile", profile_json(artifact_profile(a)), "bundles",
	                 bundles);
}

static json_t *where_json(const struct artifact *a)
{
	const struct artifact_profile *p = artifact_profile(a);
	const struct artifact_bundle *app = a->bundle_count > 0 ? a->bundles : NULL;
	bool has_code = app != NULL && app->archs != NULL;

	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o}", "devices",
	                 p != NULL ? value_or_null(p->devices) : json_null(),
	                 "platforms",
	                 p != NULL ? value_or_null(p->platforms) : json_null(),
	                 "all_devices", p != NULL && p->all_devices, "platform",
	                 has_code ? json_string(macho_platform_name(app->platform))
	                          : json_null(),
	                 "minimum_system",
	                 has_code ? json_string(app->min_os) : json_null(),
	                 "architectures",
	                 has_code ? jsonio_text(app->archs) : json_null());
}

static json_t *end_json(const struct artifact *a, const struct artifact_end *e,
                        int64_t now_s)
{
	if (e == NULL)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:I, s:b}", "kind",
	                 artifact_end_kind_name(e->kind), "name", jsonio_text(e->name),
	                 "bundle",
	                 e->bundle != NULL ? jsonio_text(inspect_inner(a, e->bundle))
	                                   : json_null(),
	                 "until", time_json(e->until_s), "days",
	                 (json_int_t)((e->until_s - now_s) / CLOCK_DAY_S), "expired",
	                 e->until_s <= now_s);
}

static json_t *until_json(const struct artifact *a, int64_t now_s)
{
	json_t *ends = json_array();

	for (size_t i = 0; i < a->end_count; i++)
		json_array_append_new(ends, end_json(a, &a->ends[i], now_s));
	return json_pack("{s:o, s:o}", "end", end_json(a, artifact_end(a), now_s),
	                 "ends", ends);
}

static json_t *p12_json(const struct artifact *a)
{
	if (a->kind != ARTIFACT_P12)
		return json_null();
	return json_pack("{s:s, s:s, s:o, s:b, s:b}", "key_cipher", a->p12.key_cipher,
	                 "certificate_cipher", a->p12.cert_cipher, "mac",
	                 a->p12.has_mac ? json_string(a->p12.mac) : json_null(),
	                 "empty_password", a->p12.is_password_empty, "macos_safe",
	                 a->p12.is_macos_safe);
}

static json_t *how_json(const struct artifact *a)
{
	return json_pack("{s:o, s:o, s:o}", "entitlements",
	                 value_or_null(artifact_entitlements(a)), "options",
	                 a->kind == ARTIFACT_EXPORT_OPTIONS ? value_json(a->plist)
	                                                    : json_null(),
	                 "p12", a->is_locked ? json_null() : p12_json(a));
}

json_t *inspect_json(const struct artifact *a, const struct inspect_view *view)
{
	json_t *out =
		json_pack("{s:o, s:s, s:o, s:b, s:b}", "file", jsonio_text(a->path),
	                  "kind", artifact_kind_word(a->kind), "container",
	                  a->bundle_count > 0
	                          ? json_string(container_kind_name(a->container))
	                          : json_null(),
	                  "locked", a->is_locked, "misnamed", a->is_misnamed);

	for (unsigned q = 0; q < ASK_COUNT; q++) {
		json_t *answer = NULL;

		if ((view->questions & 1U << q) == 0)
			continue;
		switch ((enum question)q) {
		case ASK_WHO:
			answer = who_json(a);
			break;
		case ASK_WHAT:
			answer = what_json(a);
			break;
		case ASK_WHERE:
			answer = where_json(a);
			break;
		case ASK_UNTIL:
			answer = until_json(a, view->now_s);
			break;
		default:
			answer = how_json(a);
			break;
		}
		json_object_set_new(out, question_words[q], answer);
	}
	if (a->kind == ARTIFACT_PROJECT)
		json_object_set_new(out, "project", inspect_project_json(a->path));
	return out;
}
