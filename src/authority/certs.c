/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of the portal (spec asc.md 4.1, 4.2, 4.5).
 */
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "crypto/issue.h"
#include "util/mem.h"

#define YEAR_S (365 * CLOCK_DAY_S)
#define MARKER "1.2.840.113635.100.6.1."

static const struct cert_rule {
	const char *prefix; /* of the CN */
	const char *markers[3];
	int years;
	size_t limit;   /* current ones a team may have (asc.md 4.1) */
	bool is_person; /* named after who asks, else after the team */
} rules[] = {
	[AUTHORITY_CERT_DEVELOPMENT] = { "Apple Development",
	                                 { MARKER "2", MARKER "12" },
	                                 1,
	                                 10,
	                                 true },
	[AUTHORITY_CERT_DISTRIBUTION] = { "Apple Distribution",
	                                  { MARKER "7", MARKER "4" },
	                                  1,
	                                  3,
	                                  false },
	[AUTHORITY_CERT_ENTERPRISE] = { "iPhone Distribution",
	                                { MARKER "4" },
	                                3,
	                                2,
	                                false },
};

void authority_cert_list_free(struct authority_cert_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].serial);
		mem_free(list->items[i].der.p);
	}
	free(list->items);
	*list = (struct authority_cert_list){ 0 };
}

#define CERT_COLUMNS "id, type, name, serial, der, created_s, expires_s, revoked_s"

static void add_row(struct authority_cert_list *list, const struct db_query *q)
{
	struct slice der = db_column_blob(q, 4);
	struct authority_cert *c;

	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	c = &list->items[list->count++];
	*c = (struct authority_cert){
		.type = (enum authority_cert_type)db_column_int(q, 1),
		.name = mem_copy(db_column_text(q, 2)),
		.serial = mem_copy(db_column_text(q, 3)),
		.der = slice_of(mem_str(der.p, der.n), der.n),
		.created_s = db_column_int(q, 5),
		.expires_s = db_column_int(q, 6),
		.revoked_s = db_column_int(q, 7),
	};
	snprintf(c->id, sizeof c->id, "%s", db_column_text(q, 0));
}

static bool collect(struct authority_cert_list *out, struct authority *a,
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
		add_row(out, q);
	}
	return false;
}

bool authority_cert_all(struct authority_cert_list *out, struct authority *a,
                        bool with_revoked, struct error *err)
{
	return collect(out, a,
	               with_revoked ? "SELECT " CERT_COLUMNS
	                              " FROM certificate ORDER BY created_s, id"
	                            : "SELECT " CERT_COLUMNS
	                              " FROM certificate WHERE revoked_s = 0 "
	                              "ORDER BY created_s, id",
	               NULL, 0, err);
}

static bool count_rows(int64_t *out, struct authority *a, const char *sql,
                       const struct db_value *args, size_t n, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, n, err) || !db_next(q, &has_row, err))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}

static bool check_key(const struct csr *csr, struct error *err)
{
	if (csr->key_type == KEY_RSA2048 || csr->key_type == KEY_P256)
		return true;
	error_set(err, ERROR_USAGE, "the request has a key of %u bits (%s)",
	          csr->key_bits, csr->key_family);
	error_cause(err, "Certificates for code are issued for RSA 2048 and P-256.");
	return error_hint(err, "sealring key new -o dist.key");
}

static bool check_limits(struct authority *a, const struct csr *csr,
                         enum authority_cert_type type, struct error *err)
{
	int64_t now = clock_now(a->clock), n = 0, same = 0;
	const struct db_value by_type[] = { DB_INT_OF(type), DB_INT_OF(now) };
	const struct db_value by_key[] = {
		DB_BLOB_OF(slice_of(csr->key_fingerprint, sizeof csr->key_fingerprint)),
		DB_INT_OF(now), DB_INT_OF(type)
	};

	if (!count_rows(
		    &n, a,
		    "SELECT count(*) FROM certificate WHERE type = $1 AND revoked_s = 0 "
		    "AND expires_s > $2",
		    by_type, ARRAY_LEN(by_type), err) ||
	    !count_rows(&same, a,
	                "SELECT count(*) FROM certificate WHERE key_sha256 = $1 AND "
	                "revoked_s = 0 AND expires_s > $2 AND type = $3",
	                by_key, ARRAY_LEN(by_key), err))
		return false;
	if (same > 0) {
		error_set(err, ERROR_EXISTS,
		          "this key has a current certificate of this type already");
		return error_hint(err, "sealring cert list --portal %s shows it.",
		                  a->dir);
	}
	if ((uint64_t)n < rules[type].limit)
		return true;
	error_set(
		err, ERROR_LIMIT,
		"the team has %lld current certificates of this type; %zu are allowed",
		(long long)n, rules[type].limit);
	error_id(err, "CERT-01");
	return error_hint(err,
	                  "Use one of them, or: sealring cert revoke --serial S "
	                  "--portal %s",
	                  a->dir);
}

static char *common_name(const struct authority *a, const struct csr *csr,
                         enum authority_cert_type type, const char *person_id)
{
	const struct cert_rule *rule = &rules[type];
	const char *person = csr->cn[0] != '\0' ? csr->cn : csr->email;

	if (rule->is_person)
		return mem_format("%s: %s (%s)", rule->prefix,
		                  person[0] != '\0' ? person : "Created via API",
		                  person_id);
	if (type == AUTHORITY_CERT_ENTERPRISE)
		return mem_format("%s: %s", rule->prefix, a->team_name);
	return mem_format("%s: %s (%s)", rule->prefix, a->team_name, a->team_id);
}

static bool issue(struct cert *out, struct authority *a, const struct csr *csr,
                  enum authority_cert_type type, struct error *err)
{
	const struct cert_rule *rule = &rules[type];
	int64_t now = clock_now(a->clock);
	char person_id[16];

	if (!random_id(person_id, err))
		return false;
	AUTO(drop_str) char *cn = common_name(a, csr, type, person_id);
	const struct issue how = {
		.uid = rule->is_person ? person_id : a->team_id,
		.cn = cn,
		.ou = a->team_id,
		.o = a->team_name,
		.country = "US",
		.not_before_s = now - 600,
		.not_after_s = now + rule->years * YEAR_S,
		.is_code_signer = true,
		.markers = rule->markers,
		.markers_are_critical = true,
		.public_key = X509_REQ_get0_pubkey(csr->req),
		.issuer = &a->cas[CA_DEVELOPER].cert,
		.issuer_key = &a->cas[CA_DEVELOPER].key,
	};
	return cert_issue(out, &how, err);
}

bool authority_cert_issue(struct authority_cert_list *out, struct authority *a,
                          const struct csr *csr, enum authority_cert_type type,
                          struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	char id[16];

	/* Recorded in the transaction that checked the limits: two that ask at once
	   cannot both get the last one. */
	if (!check_key(csr, err) || !db_begin(&tx, a->db, err) ||
	    !check_limits(a, csr, type, err) || !random_id(id, err) ||
	    !issue(&cert, a, csr, type, err))
		return false;
	const struct db_value args[] = {
		DB_TEXT_OF(id),
		DB_INT_OF(type),
		DB_TEXT_OF(cert.cn),
		DB_TEXT_OF(cert.serial),
		DB_BLOB_OF(cert.der),
		DB_BLOB_OF(slice_of(csr->key_fingerprint, sizeof csr->key_fingerprint)),
		DB_INT_OF(clock_now(a->clock)),
		DB_INT_OF(cert.not_after_s),
	};
	const struct db_value by_id[] = { DB_TEXT_OF(id) };
	if (!db_run(a->db,
	            "INSERT INTO certificate (id, type, name, serial, der, key_sha256, "
	            "created_s, expires_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	            args, ARRAY_LEN(args), NULL, err) ||
	    !db_commit(&tx, err))
		return false;
	return collect(out, a, "SELECT " CERT_COLUMNS " FROM certificate WHERE id = $1",
	               by_id, 1, err);
}

bool authority_cert_revoke(struct authority *a, const char *serial, size_t *affected,
                           struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	int64_t now = clock_now(a->clock), changed = 0, profiles = 0;
	const struct db_value args[] = { DB_INT_OF(now), DB_TEXT_OF(serial) };
	const struct db_value by_serial[] = { DB_TEXT_OF(serial) };

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db,
	            "UPDATE certificate SET revoked_s = $1 WHERE serial = $2 AND "
	            "revoked_s = 0",
	            args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0) {
		error_set(err, ERROR_NOT_FOUND,
		          "there is no current certificate with the serial %s", serial);
		return error_hint(err, "sealring cert list --portal %s", a->dir);
	}
	if (!db_run(a->db,
	            "UPDATE profile SET valid = 0 WHERE valid = 1 AND id IN (SELECT profile "
	            "FROM profile_certificate JOIN certificate ON certificate.id = "
	            "profile_certificate.certificate WHERE serial = $1)",
	            by_serial, 1, &profiles, err) ||
	    !db_commit(&tx, err))
		return false;
	*affected = (size_t)profiles;
	return true;
}

bool authority_chain(struct cert_list *out, struct authority *a, struct error *err)
{
	static const enum ca chain[] = { CA_DEVELOPER, CA_ROOT };

	for (size_t i = 0; i < ARRAY_LEN(chain); i++) {
		struct cert copy = { 0 };

		if (!cert_copy(&copy, &a->cas[chain[i]].cert, err))
			return false;
		cert_list_add(out, &copy);
	}
	return true;
}

bool authority_crl(struct buf *out, struct authority *a, struct error *err)
{
	AUTO(authority_cert_list_free) struct authority_cert_list all = { 0 };
	int64_t now = clock_now(a->clock);
	size_t n = 0;

	if (!authority_cert_all(&all, a, true, err))
		return false;
	struct crl_line *lines = mem_zero(all.count + 1, sizeof *lines);
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].revoked_s != 0)
			lines[n++] =
				(struct crl_line){ .serial = all.items[i].serial,
				                   .revoked_s =
				                           all.items[i].revoked_s };
	const struct authority_ca *ca = &a->cas[CA_DEVELOPER];
	bool ok = crl_build(out, &ca->cert, &ca->key, lines, n, now,
	                    now + 7 * CLOCK_DAY_S, err);
	free(lines);
	return ok;
}
