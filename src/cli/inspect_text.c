/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: what is said of certificates, identities, keys, requests, profiles and
 * property lists.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "crypto/digest.h"
#include "util/mem.h"
#include "util/plural.h"

#define CERTS_SHOWN   3
#define DEVICES_SHOWN 3

void inspect_add_cert(struct answers *out, const struct artifact_cert *cert)
{
	char sha1[41];

	digest_hex(sha1, slice_of(cert->sha1, sizeof cert->sha1));
	answers_add(out, ASK_WHO, TERM_PLAIN, "%s", cert->cn);
	answers_remark(out, mem_format("serial %s  SHA-1 %s", cert->serial, sha1));
	answers_add(out, ASK_WHO, TERM_PLAIN, "%s%s%s%s%s%s",
	            cert_kind_name(cert->kind), cert->team[0] != '\0' ? ", team " : "",
	            cert->team, cert->org[0] != '\0' ? " (" : "", cert->org,
	            cert->org[0] != '\0' ? ")" : "");
	answers_detail(out);
	const char *open = cert->generation[0] != '\0' ? " (" : "";
	const char *close = cert->generation[0] != '\0' ? ")" : "";
	if (cert->trust == TRUST_OK)
		answers_add(out, ASK_WHO, TERM_PLAIN, "issued by %s%s%s%s, root %s",
		            cert->issuer, open, cert->generation, close, cert->root);
	else
		answers_add(out, ASK_WHO, TERM_WARN, "issued by %s%s%s%s: %s",
		            cert->issuer, open, cert->generation, close,
		            trust_problem_text(cert->trust));
	answers_detail(out);
}

static void add_key_hash(struct answers *out, const unsigned char sha256[32])
{
	char hex[65];

	digest_hex(hex, slice_of(sha256, 32));
	answers_add(out, ASK_WHO, TERM_PLAIN, "public key SHA-256 %s", hex);
	answers_detail(out);
}

/* What a certificate of this kind may sign, where it runs. */
static void add_scope(struct answers *out, const struct artifact_cert *cert)
{
	if (cert_kind_is_development(cert->kind))
		answers_add(out, ASK_WHERE, TERM_PLAIN,
		            "devices of development profiles that list it");
	else if (cert_kind_is_distribution(cert->kind))
		answers_add(
			out, ASK_WHERE, TERM_PLAIN,
			"ad hoc devices, in-house, or the App Store: the profile says");
	else
		answers_add(out, ASK_WHERE, TERM_PLAIN, "not for iOS code: %s",
		            cert_kind_name(cert->kind));
	answers_detail(out);
}

/* ---- until ---- */

static char *span_text(int64_t until_s, int64_t now_s)
{
	int64_t days = (until_s - now_s) / CLOCK_DAY_S;
	char date[CLOCK_TEXT_BYTES];

	clock_format_date(date, until_s);
	if (until_s > now_s)
		return mem_format("%s (in %lld %s)", date, (long long)days,
		                  plural((uint64_t)days, "day", "days"));
	return mem_format("expired on %s (%lld %s ago)", date, (long long)-days,
	                  plural((uint64_t)-days, "day", "days"));
}

/* Did an earlier end of this kind stand there already? */
static bool is_told(const struct artifact *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a->ends[i].kind == a->ends[n].kind)
			return true;
	return false;
}

/* "profile 2027-03-02 < certificate 2027-08-19 < issuer 2030-02-20": of each kind the
 * first. */
static char *order_text(const struct artifact *a)
{
	char text[256] = "";
	size_t used = 0;
	int64_t last_s = 0;

	if (a->end_count == 1)
		return mem_copy(artifact_end_kind_name(a->ends[0].kind));
	for (size_t i = 0; i < a->end_count; i++) {
		const struct artifact_end *e = &a->ends[i];
		const char *mark = last_s == e->until_s ? " = " : " < ";
		char date[CLOCK_TEXT_BYTES];

		if (is_told(a, i))
			continue;
		clock_format_date(date, e->until_s);
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s",
		                         used > 0 ? mark : "",
		                         artifact_end_kind_name(e->kind), date);
		last_s = e->until_s;
	}
	return mem_copy(text);
}

static enum term_style end_style(int64_t until_s, int64_t now_s)
{
	return until_s - now_s < INSPECT_SOON_DAYS * CLOCK_DAY_S ? TERM_WARN
	                                                         : TERM_PLAIN;
}

/* All ends, each with its name, for whoever asks for them alone. */
static void add_each_end(struct answers *out, const struct artifact *a, int64_t now_s)
{
	for (size_t i = 0; i < a->end_count; i++) {
		const struct artifact_end *e = &a->ends[i];
		AUTO(drop_str) char *span = span_text(e->until_s, now_s);
		const char *inner =
			e->bundle != NULL ? inspect_inner(a, e->bundle) : "";

		answers_add(out, ASK_UNTIL, end_style(e->until_s, now_s),
		            "%s \"%s\"%s%s: %s", artifact_end_kind_name(e->kind),
		            e->name, inner[0] != '\0' ? " of " : "", inner, span);
		answers_detail(out);
	}
}

void inspect_add_ends(struct answers *out, const struct artifact *a,
                      const struct inspect_view *view)
{
	const struct artifact_end *first = artifact_end(a);

	if (first == NULL)
		return;
	AUTO(drop_str) char *span = span_text(first->until_s, view->now_s);
	answers_add(out, ASK_UNTIL, end_style(first->until_s, view->now_s), "%s", span);
	answers_remark(out, order_text(a));
	if (view->is_full)
		add_each_end(out, a, view->now_s);
}

/* Before its first day a certificate or profile is worth as little as after its last. */
static void add_start(struct answers *out, const char *what, int64_t from_s,
                      int64_t now_s)
{
	char date[CLOCK_TEXT_BYTES];

	if (from_s <= now_s)
		return;
	clock_format_date(date, from_s);
	answers_add(out, ASK_UNTIL, TERM_WARN, "the %s is not valid before %s", what,
	            date);
}

/* ---- certificates, identities, keys, requests ---- */

static void answer_certs(struct answers *out, const struct artifact *a,
                         const struct inspect_view *view)
{
	out->kind = plural(a->cert_count, "certificate", "certificates");
	out->title = mem_copy(a->certs[0].cn);
	for (size_t i = 0; i < a->cert_count; i++) {
		const struct artifact_cert *cert = &a->certs[i];

		inspect_add_cert(out, cert);
		add_key_hash(out, cert->key_sha256);
		add_scope(out, cert);
		add_start(out, "certificate", cert->not_before_s, view->now_s);
		answers_add(out, ASK_HOW, TERM_PLAIN, "%s %u bits", cert->key_family,
		            cert->key_bits);
	}
	inspect_add_ends(out, a, view);
	if (a->has_key)
		answers_add(out, ASK_WHO, TERM_WARN,
		            "its private key is in the file too");
}

static void answer_key(struct answers *out, const struct artifact *a)
{
	out->kind = artifact_kind_name(a->kind);
	answers_add(out, ASK_WHO, TERM_PLAIN, "whoever holds this file%s",
	            a->is_key_encrypted ? " and its password" : "");
	if (a->is_locked) {
		out->status = mem_copy("locked");
		answers_add(out, ASK_HOW, TERM_PLAIN,
		            "encrypted; to look inside: -P @env:NAME");
		return;
	}
	add_key_hash(out, a->key.sha256);
	answers_add(out, ASK_HOW, TERM_PLAIN, "%s, %s", a->key.type,
	            a->is_key_encrypted ? "encrypted" : "not encrypted");
}

static void add_p12_form(struct answers *out, const struct p12_info *info)
{
	answers_add(out, ASK_HOW, TERM_PLAIN, "key %s, certificates %s, MAC %s",
	            info->key_cipher, info->cert_cipher,
	            info->has_mac ? info->mac : "none");
	if (info->is_password_empty)
		answers_add(out, ASK_HOW, TERM_WARN,
		            "macOS refuses an empty password: sealring p12 rewrap "
		            "--new-password");
	else if (!info->is_macos_safe)
		answers_add(out, ASK_HOW, TERM_WARN,
		            "macOS may not import it: sealring p12 rewrap");
}

static void answer_p12(struct answers *out, const struct artifact *a,
                       const struct inspect_view *view)
{
	out->kind = artifact_kind_name(a->kind);
	if (a->is_locked) {
		out->status = mem_copy("locked");
		answers_add(out, ASK_WHO, TERM_PLAIN,
		            "encrypted; to look inside: -P @env:NAME");
		if (a->p12.has_mac)
			answers_add(out, ASK_HOW, TERM_PLAIN, "MAC %s", a->p12.mac);
		return;
	}
	out->title = mem_copy(a->certs[0].cn);
	inspect_add_cert(out, &a->certs[0]);
	add_key_hash(out, a->certs[0].key_sha256);
	add_scope(out, &a->certs[0]);
	add_start(out, "certificate", a->certs[0].not_before_s, view->now_s);
	inspect_add_ends(out, a, view);
	answers_add(out, ASK_HOW, TERM_PLAIN, "%s, matches the certificate",
	            a->key.type);
	answers_add(out, ASK_HOW, TERM_PLAIN, "%zu more %s inside", a->cert_count - 1,
	            plural(a->cert_count - 1, "certificate", "certificates"));
	add_p12_form(out, &a->p12);
}

static void answer_csr(struct answers *out, const struct artifact *a)
{
	const struct artifact_csr *csr = a->csr;

	out->kind = artifact_kind_name(a->kind);
	out->title = mem_copy(csr->cn);
	out->status = mem_copy("signed with its own key");
	answers_add(out, ASK_WHO, TERM_PLAIN, "%s <%s>%s%s%s%s", csr->cn, csr->email,
	            csr->org[0] != '\0' ? ", " : "", csr->org,
	            csr->country[0] != '\0' ? ", " : "", csr->country);
	add_key_hash(out, csr->key_sha256);
	answers_add(out, ASK_HOW, TERM_PLAIN, "%s %u bits", csr->key_family,
	            csr->key_bits);
}

/* ---- profiles ---- */

/* "iOS, xrOS" */
static char *platforms_text(const struct pl *array)
{
	char text[128] = "";
	size_t used = 0;

	for (size_t i = 0; array != NULL && i < array->count; i++) {
		const char *item = pl_text(array->items[i]);

		if (used + 1 < sizeof text)
			used += (size_t)snprintf(text + used, sizeof text - used,
			                         "%s%s", i > 0 ? ", " : "",
			                         item != NULL ? item : "?");
	}
	return mem_copy(text);
}

static void add_device_list(struct answers *out, const struct pl *devices,
                            const struct inspect_view *view)
{
	size_t shown = view->is_full ? devices->count : DEVICES_SHOWN;

	for (size_t i = 0; i < devices->count && i < shown; i++) {
		const char *id = pl_text(devices->items[i]);

		answers_add(out, ASK_WHERE, TERM_DIM, "%s", id != NULL ? id : "?");
		answers_detail(out);
	}
	if (devices->count <= shown)
		return;
	answers_add(out, ASK_WHERE, TERM_DIM, "... and %zu more: --only where",
	            devices->count - shown);
	answers_detail(out);
}

void inspect_add_devices(struct answers *out, const struct artifact_profile *p,
                         const struct inspect_view *view)
{
	AUTO(drop_str) char *platforms = platforms_text(p->platforms);
	const char *comma = platforms[0] != '\0' ? ", " : "";

	if (p->all_devices) {
		answers_add(out, ASK_WHERE, TERM_PLAIN, "all devices (%s)%s%s",
		            p->kind == PROFILE_DEVELOPER_ID ? "Macs" : "in-house",
		            comma, platforms);
		return;
	}
	if (p->devices == NULL) {
		answers_add(out, ASK_WHERE, TERM_PLAIN,
		            "App Store and TestFlight only; not to be installed "
		            "directly%s%s",
		            comma, platforms);
		return;
	}
	answers_add(out, ASK_WHERE, TERM_PLAIN, "%zu %s%s%s", p->devices->count,
	            plural(p->devices->count, "device", "devices"), comma, platforms);
	add_device_list(out, p->devices, view);
}

static void add_authority(struct answers *out, const struct artifact_profile *p)
{
	switch (p->signature) {
	case PROFILE_SIGNATURE_OK:
		answers_add(out, ASK_WHO, TERM_PLAIN, "authority: %s", p->authority);
		break;
	case PROFILE_SIGNATURE_BAD:
		answers_add(out, ASK_WHO, TERM_BAD, "signature: %s", p->authority);
		break;
	default:
		answers_add(out, ASK_WHO, TERM_WARN, "authority: %s", p->authority);
		break;
	}
	answers_detail(out);
	if (p->der_problem == NULL)
		return;
	answers_add(out, ASK_WHO, TERM_WARN, "DER-Encoded-Profile: %s", p->der_problem);
	answers_detail(out);
}

static void add_signers(struct answers *out, const struct artifact_profile *p,
                        const struct inspect_view *view)
{
	size_t shown = view->is_full ? p->cert_count : CERTS_SHOWN;

	answers_add(out, ASK_WHO, TERM_PLAIN, "team %s (%s), %zu %s", p->team_id,
	            p->team_name, p->cert_count,
	            plural(p->cert_count, "certificate", "certificates"));
	for (size_t i = 0; i < p->cert_count && i < shown; i++) {
		const struct artifact_cert *cert = &p->certs[i];
		AUTO(drop_str) char *span = span_text(cert->not_after_s, view->now_s);

		answers_add(out, ASK_WHO, end_style(cert->not_after_s, view->now_s),
		            "%s  serial %s  %s%s", cert->cn, cert->serial,
		            cert->not_after_s > view->now_s ? "until " : "", span);
		answers_detail(out);
	}
	if (p->cert_count > shown) {
		answers_add(out, ASK_WHO, TERM_DIM, "... and %zu more: --only who",
		            p->cert_count - shown);
		answers_detail(out);
	}
	add_authority(out, p);
}

static void answer_profile(struct answers *out, const struct artifact *a,
                           const struct inspect_view *view)
{
	const struct artifact_profile *p = a->profile;

	out->kind = artifact_kind_name(a->kind);
	out->title = mem_copy(p->name);
	out->status = mem_format("%s%s%s", profile_kind_name(p->kind),
	                         p->is_xcode_managed ? ", managed by Xcode" : "",
	                         p->is_free ? ", free" : "");
	add_signers(out, p, view);
	answers_add(out, ASK_WHAT, TERM_PLAIN, "%s (%s)", p->app_id,
	            p->is_wildcard ? "wildcard" : "explicit");
	answers_add(out, ASK_WHAT, TERM_PLAIN, "UUID %s", p->uuid);
	answers_detail(out);
	inspect_add_devices(out, p, view);
	add_start(out, "profile", p->created_s, view->now_s);
	inspect_add_ends(out, a, view);
	inspect_add_claims(out, p->entitlements, view);
}

/* ---- property lists ---- */

static void add_pairs(struct answers *out, enum question q, const struct pl *dict)
{
	for (size_t i = 0; i < dict->count; i++) {
		AUTO(drop_str) char *value = inspect_value(dict->items[i]);

		answers_add(out, q, TERM_PLAIN, "%s=%s", dict->keys[i], value);
	}
}

static void answer_export(struct answers *out, const struct artifact *a)
{
	const struct artifact_export e = artifact_export(a);

	out->kind = artifact_kind_name(a->kind);
	out->title = mem_copy(e.method != NULL ? e.method : "development");
	answers_add(out, ASK_WHO, TERM_PLAIN, "team %s, certificate \"%s\", %s signing",
	            e.team_id != NULL ? e.team_id : "not said",
	            e.certificate != NULL ? e.certificate : "not said",
	            e.style != NULL ? e.style : "automatic");
	for (size_t i = 0; e.profiles != NULL && i < e.profiles->count; i++) {
		AUTO(drop_str) char *name = inspect_value(e.profiles->items[i]);

		answers_add(out, ASK_WHAT, TERM_PLAIN, "%s  with the profile \"%s\"",
		            e.profiles->keys[i], name);
	}
	if (e.is_known)
		answers_add(out, ASK_WHERE, TERM_PLAIN, "%s: %s",
		            e.method != NULL ? e.method : "no method, so development",
		            profile_kind_name(e.kind));
	else
		answers_add(out, ASK_WHERE, TERM_WARN,
		            "\"%s\" is no export method that xcodebuild knows",
		            e.method);
	add_pairs(out, ASK_HOW, a->plist);
}

static void answer_info(struct answers *out, const struct artifact *a)
{
	static const char *const keys[] = { "CFBundleExecutable", "CFBundlePackageType",
		                            "CFBundleShortVersionString",
		                            "CFBundleVersion", "MinimumOSVersion" };
	const char *id = artifact_app_id(a);

	out->kind = artifact_kind_name(a->kind);
	out->title = id != NULL ? mem_copy(id) : NULL;
	answers_add(out, ASK_WHAT, TERM_PLAIN, "%s", id != NULL ? id : "no identifier");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *text = pl_string(a->plist, keys[i]);

		if (text == NULL)
			continue;
		answers_add(out, ASK_WHAT, TERM_PLAIN, "%s=%s", keys[i], text);
		answers_detail(out);
	}
}

static void answer_entitlements(struct answers *out, const struct artifact *a)
{
	const char *id = artifact_app_id(a);

	out->kind = artifact_kind_name(a->kind);
	out->title = id != NULL ? mem_copy(id) : NULL;
	if (id != NULL)
		answers_add(out, ASK_WHAT, TERM_PLAIN, "%s", id);
	add_pairs(out, ASK_HOW, a->plist);
}

void inspect_answer(struct answers *out, const struct artifact *a,
                    const struct inspect_view *view)
{
	switch (a->kind) {
	case ARTIFACT_CERT:
		answer_certs(out, a, view);
		break;
	case ARTIFACT_KEY:
		answer_key(out, a);
		break;
	case ARTIFACT_P12:
		answer_p12(out, a, view);
		break;
	case ARTIFACT_CSR:
		answer_csr(out, a);
		break;
	case ARTIFACT_PROFILE:
		answer_profile(out, a, view);
		break;
	case ARTIFACT_APP:
	case ARTIFACT_CODE:
		inspect_answer_app(out, a, view);
		break;
	case ARTIFACT_ENTITLEMENTS:
		answer_entitlements(out, a);
		break;
	case ARTIFACT_EXPORT_OPTIONS:
		answer_export(out, a);
		break;
	case ARTIFACT_INFO_PLIST:
		answer_info(out, a);
		break;
	case ARTIFACT_PROJECT:
		inspect_answer_project(out, a->path);
		break;
	default:
		out->kind = artifact_kind_name(a->kind);
		break;
	}
	if (!a->is_misnamed)
		return;
	answers_add(out, ASK_WHAT, TERM_WARN, "it is named as another kind of file: %s",
	            artifact_kind_name(artifact_kind_of_name(a->path)));
	answers_detail(out);
}
