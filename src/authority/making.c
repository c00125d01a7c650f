/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes into a provisioning profile (spec asc.md 4.3, 4.4).
 */
#include "authority/making_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"

void making_free(struct making *m)
{
	authority_app_list_free(&m->apps);
	authority_cert_list_free(&m->all_certs);
	cert_list_free(&m->certs);
	free(m->cert_refs);
	free(m->cert_ids);
	authority_device_list_free(&m->all_devices);
	free(m->udids);
	free(m->device_ids);
	pl_free(m->entitlements);
	free(m->name);
	buf_free(&m->content);
}

void making_misfit(const struct making *m, enum authority_misfit misfit)
{
	if (m->request->misfit != NULL)
		*m->request->misfit = misfit;
}

static bool find_app(struct making *m, struct error *err)
{
	const char *wanted = m->request->identifier;

	if (!authority_app_all(&m->apps, m->a, err))
		return false;
	/* As the database compares them: two that differ in case cannot exist. */
	for (size_t i = 0; i < m->apps.count; i++)
		if (strcasecmp(m->apps.items[i].identifier, wanted) == 0)
			m->app = &m->apps.items[i];
	if (m->app == NULL) {
		error_set(err, ERROR_NOT_FOUND, "the App ID \"%s\" is not registered",
		          wanted);
		return error_hint(err, "sealring app add '%s' --portal %s", wanted,
		                  m->a->dir);
	}
	if (m->rule->explicit_only && strchr(wanted, '*') != NULL) {
		error_set(err, ERROR_USAGE,
		          "an App Store profile needs an explicit App ID");
		return error_hint(err, "sealring app add com.acme.shop --portal %s",
		                  m->a->dir);
	}
	return true;
}

/* ---- certificates ---- */

/* Why this one may not be in the profile; NULL: it may. */
static const char *cert_misfit(const struct making *m, const struct authority_cert *c,
                               bool is_named)
{
	unsigned taken = m->rule->cert_types | (is_named ? m->rule->also : 0);

	if ((CERT_BIT(c->type) & taken) == 0)
		return "is of another type";
	if (c->revoked_s != 0)
		return "is revoked";
	return c->expires_s <= m->now_s ? "has expired" : NULL;
}

static bool is_chosen(const struct making *m, const struct authority_cert *c)
{
	for (size_t i = 0; i < m->certs.count; i++)
		if (strcmp(m->cert_ids[i], c->id) == 0)
			return true;
	return false;
}

static bool take_cert(struct making *m, const struct authority_cert *c,
                      struct error *err)
{
	struct cert cert = { 0 };

	if (is_chosen(m, c))
		return true;
	if (!cert_parse(&cert, c->der, err))
		return false;
	m->cert_ids[m->certs.count] = c->id;
	cert_list_add(&m->certs, &cert);
	return true;
}

static bool take_named_cert(struct making *m, const char *serial, struct error *err)
{
	AUTO(drop_str) char *key = serial_key(serial);
	const char *why = "is not known";

	for (size_t i = 0; i < m->all_certs.count; i++) {
		const struct authority_cert *c = &m->all_certs.items[i];

		if (strcmp(c->serial, key) != 0)
			continue;
		why = cert_misfit(m, c, true);
		if (why == NULL)
			return take_cert(m, c, err);
	}
	error_set(err, ERROR_NOT_FOUND, "the certificate %s does not fit: it %s",
	          serial, why);
	error_evidence(err, "%s profiles take current %s certificates",
	               profile_kind_name(m->request->kind),
	               cert_rules[m->rule->cert_type].word);
	return error_hint(err, "sealring cert list --all --portal %s", m->a->dir);
}

/* All that fit; of a type that has but one: the newest. */
static bool take_fitting_certs(struct making *m, struct error *err)
{
	for (size_t i = m->all_certs.count; i > 0; i--) {
		const struct authority_cert *c = &m->all_certs.items[i - 1];

		if (m->rule->max_certs > 0 && m->certs.count == m->rule->max_certs)
			break;
		if (cert_misfit(m, c, false) == NULL && !take_cert(m, c, err))
			return false;
	}
	return true;
}

static bool no_certs(const struct making *m, struct error *err)
{
	const char *word = cert_rules[m->rule->cert_type].word;

	error_set(err, ERROR_NOT_FOUND, "there is no current %s certificate", word);
	return error_hint(err,
	                  "sealring cert request CSR --type %s --portal %s -o F.cer",
	                  word, m->a->dir);
}

static bool choose_certs(struct making *m, struct error *err)
{
	const struct authority_profile_request *r = m->request;

	if (!authority_cert_all(&m->all_certs, m->a, true, err))
		return false;
	m->cert_ids = mem_zero(m->all_certs.count + 1, sizeof *m->cert_ids);
	for (size_t i = 0; i < r->serial_count; i++)
		if (!take_named_cert(m, r->serials[i], err))
			return false;
	if (r->serial_count == 0 && !take_fitting_certs(m, err))
		return false;
	if (m->certs.count == 0)
		return no_certs(m, err);
	if (m->rule->max_certs == 0 || m->certs.count <= m->rule->max_certs)
		return true;
	error_set(err, ERROR_USAGE,
	          "a profile of this type has one certificate, not %zu",
	          m->certs.count);
	return error_hint(err, "Name one with --cert SERIAL.");
}

/* ---- devices ---- */

static const char *device_misfit(const struct making *m,
                                 const struct authority_device *d)
{
	const struct device_rule *rule = device_rule_find(d->device_class);

	if (rule == NULL || (rule->families & FAMILY_BIT(m->request->family)) == 0)
		return "is of a class that such profiles do not take";
	return d->enabled ? NULL : "is disabled";
}

/* A device that is named twice is in it once; the order is that of registration. */
static bool is_named(const struct authority_profile_request *r,
                     const struct authority_device *d)
{
	AUTO(drop_str) char *key = udid_key(d->udid);

	for (size_t i = 0; i < r->udid_count; i++) {
		AUTO(drop_str) char *named = udid_key(r->udids[i]);

		if (strcmp(named, key) == 0)
			return true;
	}
	return false;
}

static bool check_named_device(const struct making *m, const char *udid,
                               struct error *err)
{
	AUTO(drop_str) char *key = udid_key(udid);
	const char *why = "is not registered";

	for (size_t i = 0; i < m->all_devices.count; i++) {
		AUTO(drop_str) char *known = udid_key(m->all_devices.items[i].udid);

		if (strcmp(known, key) == 0)
			why = device_misfit(m, &m->all_devices.items[i]);
	}
	if (why == NULL)
		return true;
	error_set(err, ERROR_NOT_FOUND, "the device %s does not fit: it %s", udid, why);
	return error_hint(err, "sealring device list --portal %s", m->a->dir);
}

static bool check_named_devices(const struct making *m, struct error *err)
{
	for (size_t i = 0; i < m->request->udid_count; i++)
		if (!check_named_device(m, m->request->udids[i], err))
			return false;
	return true;
}

static bool choose_devices(struct making *m, struct error *err)
{
	const struct authority_profile_request *r = m->request;

	if (!m->rule->needs_devices) {
		if (r->udid_count > 0)
			return error_set(err, ERROR_USAGE,
			                 "a profile of this type has no devices");
		return true;
	}
	if (!authority_device_all(&m->all_devices, m->a, err) ||
	    !check_named_devices(m, err))
		return false;
	m->udids = mem_zero(m->all_devices.count + 1, sizeof *m->udids);
	m->device_ids = mem_zero(m->all_devices.count + 1, sizeof *m->device_ids);
	for (size_t i = 0; i < m->all_devices.count; i++) {
		const struct authority_device *d = &m->all_devices.items[i];

		if (device_misfit(m, d) != NULL ||
		    (r->udid_count > 0 && !is_named(r, d)))
			continue;
		m->udids[m->device_count] = d->udid;
		m->device_ids[m->device_count++] = d->id;
	}
	if (m->device_count > 0)
		return true;
	error_set(err, ERROR_NOT_FOUND,
	          "there is no enabled device for such a profile");
	return error_hint(err, "sealring device add UDID NAME --portal %s", m->a->dir);
}

/* ---- entitlements (asc.md 4.4) ---- */

static struct pl *one_text(const char *text)
{
	struct pl *list = pl_new_array();

	pl_append(list, pl_new_string(text));
	return list;
}

static struct pl *words_list(const char *const *words)
{
	struct pl *list = pl_new_array();

	for (; *words != NULL; words++)
		pl_append(list, pl_new_string(*words));
	return list;
}

static struct pl *environments(bool is_development)
{
	static const char *const both[] = { "development", "production", NULL };

	return words_list(is_development ? both : both + 1);
}

static struct pl *grant_value(const struct capability_rule *rule, const char *prefix,
                              bool is_development)
{
	AUTO(drop_str) char *any = mem_format("%s.*", prefix);

	switch (rule->grant) {
	case GRANT_ANY:
		return pl_new_string("*");
	case GRANT_PREFIX_LIST:
		return one_text(any);
	case GRANT_PREFIX_TEXT:
		return pl_new_string(any);
	case GRANT_ENVIRONMENT:
		return pl_new_string(is_development ? "development" : "production");
	case GRANT_ENVIRONMENTS:
		return environments(is_development);
	case GRANT_WORDS:
		return words_list(rule->words);
	case GRANT_TEXT:
		return pl_new_string(rule->words[0]);
	case GRANT_EMPTY_LIST:
		return pl_new_array();
	default:
		return pl_new_bool(true);
	}
}

/* Rows of one capability stand together. */
static void add_grants(struct pl *e, const struct authority_app *app,
                       const char *capability, bool is_development)
{
	const struct capability_rule *rule = capability_find(capability);

	for (; rule != NULL && rule->capability != NULL &&
	       strcmp(rule->capability, capability) == 0;
	     rule++)
		if (rule->entitlement != NULL)
			pl_set(e, rule->entitlement,
			       grant_value(rule, app->prefix, is_development));
}

static void make_entitlements(struct making *m)
{
	const struct authority_app *app = m->app;
	bool development = m->request->kind == PROFILE_DEVELOPMENT;
	AUTO(drop_str)
	char *app_id = mem_format("%s.%s", app->prefix, app->identifier);
	AUTO(drop_str) char *any = mem_format("%s.*", app->prefix);
	struct pl *e = pl_new_dict();

	pl_set(e, family_rules[m->request->family].app_id_key, pl_new_string(app_id));
	pl_set(e, "com.apple.developer.team-identifier", pl_new_string(m->a->team_id));
	pl_set(e, "get-task-allow", pl_new_bool(development));
	struct pl *groups = pl_set(e, "keychain-access-groups", one_text(any));
	pl_append(groups, pl_new_string("com.apple.token"));
	if (m->request->kind == PROFILE_APPSTORE)
		pl_set(e, "beta-reports-active", pl_new_bool(true));
	for (size_t i = 0; i < app->capabilities->count; i++)
		add_grants(e, app, app->capabilities->keys[i], development);
	m->entitlements = e;
}

/* ---- building ---- */

static bool settle_name(struct making *m, struct error *err)
{
	const char *given = m->request->name;

	m->name = given != NULL
	                  ? mem_copy(given)
	                  : mem_format("%s %s", m->app->identifier, m->rule->word);
	return rules_check_name("the name of a profile", m->name, RULE_NAME_MAX, err) &&
	       authority_random_uuid(m->uuid, err);
}

/* A year, or as long as the first certificate to end (asc.md 4.1). */
static void settle_expiry(struct making *m)
{
	m->expires_s = m->now_s + RULE_YEAR_S;
	for (size_t i = 0; i < m->certs.count; i++)
		if (m->certs.items[i].not_after_s < m->expires_s)
			m->expires_s = m->certs.items[i].not_after_s;
}

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

static bool build(struct making *m, struct error *err)
{
	const char *const *platforms = family_rules[m->request->family].platforms;
	struct authority_ca *cas = m->a->cas;

	if (!ca_need(m->a, CA_PROFILE_SIGNER, err) ||
	    !ca_need(m->a, CA_DER_SIGNER, err))
		return false;
	const struct cert *outer[] = { &cas[CA_PROFILE].cert, &cas[CA_ROOT].cert };
	const struct cert *der[] = { &cas[CA_DER].cert, &cas[CA_ROOT].cert };
	const struct profile_signers signers = {
		.outer = { &cas[CA_PROFILE_SIGNER].cert, outer, ARRAY_LEN(outer),
		           key_signer(&cas[CA_PROFILE_SIGNER].key) },
		.der = { &cas[CA_DER_SIGNER].cert, der, ARRAY_LEN(der),
		         key_signer(&cas[CA_DER_SIGNER].key) },
	};

	m->cert_refs = mem_zero(m->certs.count, sizeof(void *));
	for (size_t i = 0; i < m->certs.count; i++)
		m->cert_refs[i] = &m->certs.items[i];
	const struct profile_new how = {
		.kind = m->request->kind,
		.name = m->name,
		.uuid = m->uuid,
		.team_id = m->a->team_id,
		.team_name = m->a->team_name,
		.app_id_name = m->app->name,
		.prefix = m->app->prefix,
		.bundle_id = m->app->identifier,
		.platforms = platforms,
		.platform_count = count_words(platforms),
		.certs = m->cert_refs,
		.cert_count = m->certs.count,
		.devices = m->udids,
		.device_count = m->device_count,
		.entitlements = m->entitlements,
		.created_s = m->now_s,
		.expires_s = m->expires_s,
	};
	m->content = BUF_INIT(PROFILE_MAX_BYTES);
	return profile_build(&m->content, &how, &signers, err);
}

bool making_build(struct making *m, struct error *err)
{
	m->rule = profile_rule_find((int64_t)m->request->kind,
	                            (int64_t)m->request->family);
	if (m->rule == NULL)
		return error_set(err, ERROR_USAGE,
		                 "the portal does not make profiles of this type");
	making_misfit(m, AUTHORITY_MISFIT_APP);
	if (!find_app(m, err))
		return false;
	making_misfit(m, AUTHORITY_MISFIT_CERT);
	if (!choose_certs(m, err))
		return false;
	making_misfit(m, AUTHORITY_MISFIT_DEVICE);
	if (!choose_devices(m, err))
		return false;
	making_misfit(m, AUTHORITY_MISFIT_NAME);
	if (!settle_name(m, err))
		return false;
	making_misfit(m, AUTHORITY_MISFIT_NONE);
	make_entitlements(m);
	settle_expiry(m);
	return build(m, err);
}
