/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioning profiles (spec asc.md 4.3 to 4.6).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

#define YEAR_S         (365 * CLOCK_DAY_S)
#define NAME_MAX_BYTES 255

/* Who may be combined with what (asc.md 4.3). */
static const struct profile_rule {
	enum authority_cert_type cert_type;
	bool needs_devices, explicit_only;
	const char *word; /* in names: "com.acme.shop AdHoc" */
} profile_rules[] = {
	[PROFILE_DEVELOPMENT] = { AUTHORITY_CERT_DEVELOPMENT, true, false,
	                          "Development" },
	[PROFILE_ADHOC] = { AUTHORITY_CERT_DISTRIBUTION, true, false, "AdHoc" },
	[PROFILE_APPSTORE] = { AUTHORITY_CERT_DISTRIBUTION, false, true, "AppStore" },
	[PROFILE_ENTERPRISE] = { AUTHORITY_CERT_ENTERPRISE, false, false, "InHouse" },
};

static const char *const type_words[] = { "development", "distribution", "enterprise" };

void authority_profile_list_free(struct authority_profile_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].uuid);
		free(list->items[i].identifier);
		mem_free(list->items[i].content.p);
	}
	free(list->items);
	*list = (struct authority_profile_list){ 0 };
}

/* Everything a new profile is made of. */
struct making {
	struct authority *a;
	const struct authority_profile_request *request;
	const struct profile_rule *rule;
	struct authority_app_list apps;
	const struct authority_app *app;
	struct authority_cert_list all_certs;
	struct cert_list certs; /* parsed, chosen */
	const struct cert **cert_refs;
	const char **cert_ids;
	struct authority_device_list all_devices;
	const char **udids, **device_ids; /* chosen */
	size_t device_count;
	struct pl *entitlements;
	char *name;
	char id[16], uuid[40];
	int64_t now_s, expires_s;
	struct buf content;
};

static void making_free(struct making *m)
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

static bool find_app(struct making *m, struct error *err)
{
	const char *wanted = m->request->identifier;

	if (!authority_app_all(&m->apps, m->a, err))
		return false;
	for (size_t i = 0; i < m->apps.count; i++)
		if (strcmp(m->apps.items[i].identifier, wanted) == 0)
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

static bool is_wanted(const char *const *list, size_t count, const char *value)
{
	if (count == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(list[i], value) == 0)
			return true;
	return false;
}

/* Every serial that was asked for must have been found. */
static bool check_found(size_t asked, size_t found, const char *what, struct error *err)
{
	if (asked == 0 || found == asked)
		return true;
	return error_set(err, ERROR_NOT_FOUND,
	                 "%zu of the %zu %s that were named do not fit this type",
	                 asked - found, asked, what);
}

static bool choose_certs(struct making *m, struct error *err)
{
	const struct authority_profile_request *r = m->request;

	if (!authority_cert_all(&m->all_certs, m->a, false, err))
		return false;
	m->cert_ids = mem_zero(m->all_certs.count + 1, sizeof *m->cert_ids);
	for (size_t i = 0; i < m->all_certs.count; i++) {
		const struct authority_cert *c = &m->all_certs.items[i];
		struct cert cert = { 0 };

		if (c->type != m->rule->cert_type || c->expires_s <= m->now_s ||
		    !is_wanted(r->serials, r->serial_count, c->serial))
			continue;
		if (!cert_parse(&cert, c->der, err))
			return false;
		m->cert_ids[m->certs.count] = c->id;
		cert_list_add(&m->certs, &cert);
	}
	if (!check_found(r->serial_count, m->certs.count, "certificates", err))
		return false;
	if (m->certs.count > 0)
		return true;
	error_set(err, ERROR_NOT_FOUND, "there is no current %s certificate",
	          type_words[m->rule->cert_type]);
	return error_hint(err,
	                  "sealring cert request CSR --type %s --portal %s -o F.cer",
	                  type_words[m->rule->cert_type], m->a->dir);
}

/* iOS profiles take phones, tablets, watches and headsets (asc.md 4.3). */
static bool is_ios_device(const struct authority_device *d)
{
	static const char *const classes[] = { "IPHONE", "IPAD", "IPOD", "APPLE_WATCH",
		                               "APPLE_VISION_PRO" };

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (strcmp(d->device_class, classes[i]) == 0)
			return d->enabled;
	return false;
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
	if (!authority_device_all(&m->all_devices, m->a, err))
		return false;
	m->udids = mem_zero(m->all_devices.count + 1, sizeof *m->udids);
	m->device_ids = mem_zero(m->all_devices.count + 1, sizeof *m->device_ids);
	for (size_t i = 0; i < m->all_devices.count; i++) {
		const struct authority_device *d = &m->all_devices.items[i];

		if (!is_ios_device(d) || !is_wanted(r->udids, r->udid_count, d->udid))
			continue;
		m->udids[m->device_count] = d->udid;
		m->device_ids[m->device_count++] = d->id;
	}
	if (!check_found(r->udid_count, m->device_count, "devices", err))
		return false;
	if (m->device_count > 0)
		return true;
	error_set(err, ERROR_NOT_FOUND,
	          "there is no enabled device for an iOS profile");
	return error_hint(err, "sealring device add UDID NAME --portal %s", m->a->dir);
}

/* ---- entitlements (asc.md 4.4) ---- */

static struct pl *one_text(const char *text)
{
	struct pl *list = pl_new_array();

	pl_append(list, pl_new_string(text));
	return list;
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
	case GRANT_APS:
		return pl_new_string(is_development ? "development" : "production");
	case GRANT_DEFAULT_LIST:
		return one_text("Default");
	case GRANT_EMPTY_LIST:
		return pl_new_array();
	case GRANT_PROTECTION:
		return pl_new_string("NSFileProtectionComplete");
	default:
		return pl_new_bool(true);
	}
}

static void make_entitlements(struct making *m)
{
	const struct authority_app *app = m->app;
	bool development = m->request->kind == PROFILE_DEVELOPMENT;
	AUTO(drop_str)
	char *app_id = mem_format("%s.%s", app->prefix, app->identifier);
	AUTO(drop_str) char *any = mem_format("%s.*", app->prefix);
	struct pl *e = pl_new_dict();

	pl_set(e, "application-identifier", pl_new_string(app_id));
	pl_set(e, "com.apple.developer.team-identifier", pl_new_string(m->a->team_id));
	pl_set(e, "get-task-allow", pl_new_bool(development));
	struct pl *groups = pl_set(e, "keychain-access-groups", one_text(any));
	pl_append(groups, pl_new_string("com.apple.token"));
	if (m->request->kind == PROFILE_APPSTORE)
		pl_set(e, "beta-reports-active", pl_new_bool(true));
	for (size_t i = 0; i < app->capabilities->count; i++) {
		const struct capability_rule *rule =
			capability_find(app->capabilities->keys[i]);

		if (rule != NULL)
			pl_set(e, rule->entitlement,
			       grant_value(rule, app->prefix, development));
	}
	m->entitlements = e;
}

/* ---- making ---- */

static bool settle_name(struct making *m, struct error *err)
{
	const char *given = m->request->name;
	const char *identifier = m->request->identifier;

	m->name = given != NULL ? mem_copy(given)
	                        : mem_format("%s %s", identifier, m->rule->word);
	size_t n = strlen(m->name);
	if (n == 0 || n > NAME_MAX_BYTES)
		return error_set(err, ERROR_USAGE, "a profile's name has 1 to %d bytes",
		                 NAME_MAX_BYTES);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)m->name[i] < 0x20 || m->name[i] == 0x7f)
			return error_set(err, ERROR_USAGE,
			                 "the profile's name has a control character");
	return random_id(m->id, err) && random_uuid(m->uuid, err);
}

/* A year, or as long as the first certificate to end (asc.md 4.1). */
static void settle_expiry(struct making *m)
{
	m->expires_s = m->now_s + YEAR_S;
	for (size_t i = 0; i < m->certs.count; i++)
		if (m->certs.items[i].not_after_s < m->expires_s)
			m->expires_s = m->certs.items[i].not_after_s;
}

static bool build(struct making *m, struct error *err)
{
	static const char *const platforms[] = { "iOS", "xrOS", "visionOS" };
	struct authority_ca *cas = m->a->cas;
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
		.platform_count = ARRAY_LEN(platforms),
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

static bool name_is_taken(struct making *m, struct error *err)
{
	error_clear(err);
	error_set(err, ERROR_EXISTS, "there is a valid profile named \"%s\" already",
	          m->name);
	return error_hint(err,
	                  "Choose another --name, or: sealring profile delete '%s' "
	                  "--portal %s",
	                  m->name, m->a->dir);
}

/* An invalid or expired profile gives its name to its successor. */
static bool make_room(struct making *m, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(m->name), DB_INT_OF(m->now_s) };

	return db_run(
		m->a->db,
		"DELETE FROM profile WHERE name = $1 AND (valid = 0 OR expires_s <= $2)",
		args, ARRAY_LEN(args), NULL, err);
}

static bool record_links(struct making *m, const char *sql, const char *const *ids,
                         size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct db_value args[] = { DB_TEXT_OF(m->id),
			                         DB_TEXT_OF(ids[i]) };

		if (!db_run(m->a->db, sql, args, ARRAY_LEN(args), NULL, err))
			return false;
	}
	return true;
}

static bool record(struct making *m, struct error *err)
{
	const struct db_value args[] = {
		DB_TEXT_OF(m->id),      DB_TEXT_OF(m->name),
		DB_TEXT_OF(m->uuid),    DB_INT_OF(m->request->kind),
		DB_TEXT_OF(m->app->id), DB_BLOB_OF(buf_slice(&m->content)),
		DB_INT_OF(m->now_s),    DB_INT_OF(m->expires_s)
	};

	if (!make_room(m, err))
		return false;
	if (!db_run(m->a->db,
	            "INSERT INTO profile (id, name, uuid, kind, app, content, created_s, "
	            "expires_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	            args, ARRAY_LEN(args), NULL, err))
		return err->code == ERROR_EXISTS ? name_is_taken(m, err) : false;
	return record_links(
		       m,
		       "INSERT INTO profile_certificate (profile, certificate) VALUES "
		       "($1, $2)",
		       m->cert_ids, m->certs.count, err) &&
	       record_links(
		       m,
		       "INSERT INTO profile_device (profile, device) VALUES ($1, $2)",
		       m->device_ids, m->device_count, err);
}

#define PROFILE_COLUMNS                                                          \
	"profile.id, profile.name, profile.uuid, profile.kind, app.identifier, " \
	"profile.content, profile.created_s, profile.expires_s, profile.valid "  \
	"FROM profile JOIN app ON app.id = profile.app "

static bool collect(struct authority_profile_list *out, struct authority *a,
                    const char *sql, const struct db_value *args, size_t count,
                    struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, count, err))
		return false;
	while (db_next(q, &has_row, err)) {
		if (!has_row)
			return true;
		out->items =
			mem_grow(out->items, out->count, &out->cap, sizeof *out->items);
		struct authority_profile *p = &out->items[out->count++];
		struct slice content = db_column_blob(q, 5);
		*p = (struct authority_profile){
			.name = mem_copy(db_column_text(q, 1)),
			.uuid = mem_copy(db_column_text(q, 2)),
			.kind = (enum profile_kind)db_column_int(q, 3),
			.identifier = mem_copy(db_column_text(q, 4)),
			.content = slice_of(mem_str(content.p, content.n), content.n),
			.created_s = db_column_int(q, 6),
			.expires_s = db_column_int(q, 7),
			.is_valid = db_column_int(q, 8) != 0,
		};
		snprintf(p->id, sizeof p->id, "%s", db_column_text(q, 0));
	}
	return false;
}

bool authority_profile_create(struct authority_profile_list *out, struct authority *a,
                              const struct authority_profile_request *request,
                              struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(making_free)
	struct making m = { .a = a, .request = request, .now_s = clock_now(a->clock) };

	if ((size_t)request->kind >= ARRAY_LEN(profile_rules))
		return error_set(err, ERROR_USAGE,
		                 "the portal does not make profiles of this type");
	m.rule = &profile_rules[request->kind];
	if (!db_begin(&tx, a->db, err) || !find_app(&m, err) ||
	    !choose_certs(&m, err) || !choose_devices(&m, err) || !settle_name(&m, err))
		return false;
	make_entitlements(&m);
	settle_expiry(&m);
	if (!build(&m, err) || !record(&m, err) || !db_commit(&tx, err))
		return false;
	const struct db_value by_id[] = { DB_TEXT_OF(m.id) };
	return collect(out, a, "SELECT " PROFILE_COLUMNS "WHERE profile.id = $1", by_id,
	               1, err);
}

bool authority_profile_all(struct authority_profile_list *out, struct authority *a,
                           struct error *err)
{
	return collect(out, a, "SELECT " PROFILE_COLUMNS "ORDER BY profile.name", NULL,
	               0, err);
}

bool authority_profile_delete(struct authority *a, const char *name, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(name) };
	int64_t changed = 0;

	if (!db_run(a->db, "DELETE FROM profile WHERE name = $1", args, 1, &changed,
	            err))
		return false;
	if (changed > 0)
		return true;
	error_set(err, ERROR_NOT_FOUND, "there is no profile named \"%s\"", name);
	return error_hint(err, "sealring profile list --portal %s", a->dir);
}
