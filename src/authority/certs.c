/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of the portal (spec asc.md 4.1, 4.2, 4.5).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "crypto/issue.h"
#include "util/file.h"
#include "util/mem.h"

#define CRL_MAX_BYTES ((size_t)16 << 20)
/* DIR/crl.pem is made anew when something is revoked, not by the clock. */
#define CRL_VALID_S RULE_YEAR_S

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

static bool add_row(struct authority_cert_list *list, const struct db_query *q,
                    struct error *err)
{
	int64_t type = db_column_int(q, 1);
	struct authority_cert *c;

	if (type < 0 || type >= AUTHORITY_CERT_COUNT)
		return row_is_damaged("certificate", err);
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	c = &list->items[list->count++];
	*c = (struct authority_cert){
		.type = (enum authority_cert_type)type,
		.name = row_text(q, 2),
		.serial = row_text(q, 3),
		.der = row_bytes(q, 4),
		.created_s = db_column_int(q, 5),
		.expires_s = db_column_int(q, 6),
		.revoked_s = db_column_int(q, 7),
	};
	AUTO(drop_str) char *id = row_text(q, 0);
	snprintf(c->id, sizeof c->id, "%s", id);
	return true;
}

static bool collect(struct authority_cert_list *out, struct authority *a,
                    const char *sql, const struct db_value *args, size_t count,
                    struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, count, err))
		return false;
	do {
		if (!db_next(q, &has_row, err) || (has_row && !add_row(&list, q, err)))
			return false;
	} while (has_row);
	*out = list;
	list = (struct authority_cert_list){ 0 };
	return true;
}

bool authority_cert_all(struct authority_cert_list *out, struct authority *a,
                        bool with_revoked, struct error *err)
{
	return collect(out, a,
	               with_revoked ? "SELECT " CERT_COLUMNS
	                              " FROM certificate ORDER BY created_s, rowid"
	                            : "SELECT " CERT_COLUMNS
	                              " FROM certificate WHERE revoked_s = 0 "
	                              "ORDER BY created_s, rowid",
	               NULL, 0, err);
}

char *serial_key(const char *serial)
{
	char *key = mem_copy(serial), *to = key;

	for (const char *p = serial; *p != '\0'; p++)
		if (*p != ':' && (*p != '0' || to != key))
			*to++ = (char)tolower((unsigned char)*p);
	*to = '\0';
	return key;
}

bool authority_cert_find(struct authority_cert_list *out, struct authority *a,
                         const char *serial, struct error *err)
{
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };
	AUTO(drop_str) char *key = serial_key(serial);
	const struct db_value args[] = { DB_TEXT_OF(key) };

	if (!collect(&found, a,
	             "SELECT " CERT_COLUMNS " FROM certificate WHERE serial = $1", args,
	             ARRAY_LEN(args), err))
		return false;
	if (found.count == 0) {
		error_set(err, ERROR_NOT_FOUND,
		          "there is no certificate with the serial %s", serial);
		error_hint(err, "sealring cert list --all --portal %s", a->dir);
		return false;
	}
	*out = found;
	found = (struct authority_cert_list){ 0 };
	return true;
}

/* ---- issuing ---- */

/* As Apple: RSA 2048 and nothing else (asc.md 1.2). */
static bool check_key(const struct csr *csr, struct error *err)
{
	if (csr->key_type == KEY_RSA2048)
		return true;
	error_set(err, ERROR_USAGE, "the request has a key of %u bits (%s)",
	          csr->key_bits, csr->key_family);
	error_cause(err, "Certificates for code are issued for RSA 2048 only.");
	return error_hint(err, "sealring key new --type rsa2048 -o dist.key");
}

/* Nothing outlives the authority that issued it. */
static bool check_authority(const struct authority *a, struct error *err)
{
	const struct cert *ca = &a->cas[CA_DEVELOPER].cert;
	char until[CLOCK_TEXT_BYTES];

	if (clock_now(a->clock) < ca->not_after_s)
		return true;
	clock_format_date(until, ca->not_after_s);
	error_set(err, ERROR_REFUSED, "the portal's certificate authority has expired");
	error_evidence(err, "\"%s\" was valid until %s", ca->cn, until);
	return error_hint(err, "sealring portal init makes a new portal.");
}

/* One current certificate of a type for a key. */
static bool check_key_is_free(struct authority *a, const struct csr *csr,
                              enum authority_cert_type type, struct error *err)
{
	const struct db_value by_key[] = {
		DB_BLOB_OF(slice_of(csr->key_fingerprint, sizeof csr->key_fingerprint)),
		DB_INT_OF(clock_now(a->clock)), DB_INT_OF(type)
	};
	int64_t same = 0;

	if (!count_rows(&same, a,
	                "SELECT count(*) FROM certificate WHERE key_sha256 = $1 AND "
	                "revoked_s = 0 AND expires_s > $2 AND type = $3",
	                by_key, ARRAY_LEN(by_key), err))
		return false;
	if (same == 0)
		return true;
	error_set(err, ERROR_EXISTS,
	          "this key has a current certificate of this type already");
	return error_hint(err,
	                  "sealring cert list --portal %s shows it, sealring cert get "
	                  "--serial SERIAL --portal %s -o CERT fetches it.",
	                  a->dir, a->dir);
}

static bool check_limit(struct authority *a, enum authority_cert_type type,
                        struct error *err)
{
	const struct db_value by_type[] = { DB_INT_OF(type),
		                            DB_INT_OF(clock_now(a->clock)) };
	int64_t n = 0, limit = 0;

	if (!count_rows(
		    &n, a,
		    "SELECT count(*) FROM certificate WHERE type = $1 AND revoked_s = 0 "
		    "AND expires_s > $2",
		    by_type, ARRAY_LEN(by_type), err) ||
	    !setting_get(&limit, a, cert_rules[type].limit, err))
		return false;
	if (n < limit)
		return true;
	error_set(
		err, ERROR_LIMIT,
		"the team has %lld current certificates of this type; %lld are allowed",
		(long long)n, (long long)limit);
	error_id(err, "CERT-01");
	return error_hint(err,
	                  "Use one of them, or: sealring cert revoke --serial S "
	                  "--portal %s",
	                  a->dir);
}

/* Who asks, for the CN; the rest of the request's subject is not kept. */
static bool person_name(const char **out, const struct csr *csr, struct error *err)
{
	const char *person = csr->cn[0] != '\0' ? csr->cn : csr->email;

	if (person[0] == '\0')
		person = "Created via API";
	*out = person;
	return rules_check_name("the name in the request", person, RULE_NAME_MAX, err);
}

static char *common_name(const struct authority *a, enum authority_cert_type type,
                         const char *person, const char *person_id)
{
	const struct cert_rule *rule = &cert_rules[type];

	if (!rule->has_id)
		return mem_format("%s: %s", rule->prefix, a->team_name);
	return mem_format("%s: %s (%s)", rule->prefix,
	                  rule->is_person ? person : a->team_name,
	                  rule->is_person ? person_id : a->team_id);
}

/* The CN without what the type puts before it, as the API shows it. */
static const char *display_name(enum authority_cert_type type, const char *cn)
{
	return cn + strlen(cert_rules[type].prefix) + strlen(": ");
}

static bool issue(struct cert *out, struct authority *a, const struct csr *csr,
                  enum authority_cert_type type, struct error *err)
{
	const struct cert_rule *rule = &cert_rules[type];
	int64_t now = clock_now(a->clock), until = now + rule->years * RULE_YEAR_S;
	int64_t ca_until = a->cas[CA_DEVELOPER].cert.not_after_s;
	const char *person = NULL;
	char person_id[16];

	if (!ca_need(a, CA_DEVELOPER, err) || !person_name(&person, csr, err) ||
	    !random_id(person_id, err))
		return false;
	AUTO(drop_str) char *cn = common_name(a, type, person, person_id);
	const struct issue how = {
		.uid = rule->is_person ? person_id : a->team_id,
		.cn = cn,
		.ou = a->team_id,
		.o = a->team_name,
		.country = "US",
		/* A clock that is a little behind should not refuse what is new. */
		.not_before_s = now - 600,
		.not_after_s = until < ca_until ? until : ca_until,
		.purpose = rule->purpose,
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
                          bool may_share, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	char id[16];

	/* Recorded in the transaction that checked the limits: two that ask at once
	   cannot both get the last one. */
	if (!check_key(csr, err) || !check_authority(a, err) ||
	    !db_begin(&tx, a->db, err) ||
	    (!may_share && !check_key_is_free(a, csr, type, err)) ||
	    !check_limit(a, type, err) || !random_id(id, err) ||
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
		DB_TEXT_OF(display_name(type, cert.cn)),
	};
	const struct db_value by_id[] = { DB_TEXT_OF(id) };
	if (!db_run(a->db,
	            "INSERT INTO certificate (id, type, name, serial, der, key_sha256, "
	            "created_s, expires_s, display) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	            args, ARRAY_LEN(args), NULL, err) ||
	    !activity_note(a, "CREATE", "certificates", cert.serial, err) ||
	    !db_commit(&tx, err))
		return false;
	return collect(out, a, "SELECT " CERT_COLUMNS " FROM certificate WHERE id = $1",
	               by_id, 1, err);
}

/* ---- revoking ---- */

static bool mark_revoked(struct authority *a, const struct authority_cert *c,
                         size_t *affected, struct error *err)
{
	int64_t changed = 0, profiles = 0;
	const struct db_value args[] = { DB_INT_OF(clock_now(a->clock)),
		                         DB_TEXT_OF(c->id) };
	const struct db_value by_id[] = { DB_TEXT_OF(c->id) };

	if (!db_run(a->db,
	            "UPDATE certificate SET revoked_s = $1 WHERE id = $2 AND "
	            "revoked_s = 0",
	            args, ARRAY_LEN(args), &changed, err) ||
	    !db_run(a->db,
	            "UPDATE profile SET valid = 0 WHERE valid = 1 AND id IN (SELECT profile "
	            "FROM profile_certificate WHERE certificate = $1)",
	            by_id, ARRAY_LEN(by_id), &profiles, err))
		return false;
	if (changed == 0) {
		error_set(err, ERROR_NOT_FOUND, "the certificate %s is revoked already",
		          c->serial);
		return error_hint(err, "sealring cert list --all --portal %s", a->dir);
	}
	*affected = (size_t)profiles;
	return true;
}

bool authority_cert_revoke(struct authority *a, const char *serial, size_t *affected,
                           struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };
	size_t profiles = 0;

	/* The list is written first: after a crash in between it says too much until
	   the revocation is repeated, never too little. */
	if (!db_begin(&tx, a->db, err) ||
	    !authority_cert_find(&found, a, serial, err) ||
	    !mark_revoked(a, &found.items[0], &profiles, err) ||
	    !activity_note(a, "DELETE", "certificates", found.items[0].serial, err) ||
	    !crl_publish(a, err) || !db_commit(&tx, err))
		return false;
	*affected = profiles;
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

char *authority_crl_path(const struct authority *a)
{
	return mem_format("%s/crl.pem", a->dir);
}

/* Append the list (PEM) of the issuing CA, of now. */
static bool make_crl(struct buf *out, struct authority *a,
                     const struct authority_cert_list *revoked, struct error *err)
{
	AUTO(buf_free) struct buf der = BUF_INIT(CRL_MAX_BYTES);
	const struct authority_ca *ca = &a->cas[CA_DEVELOPER];
	int64_t now = clock_now(a->clock);

	if (!ca_need(a, CA_DEVELOPER, err))
		return false;
	struct crl_line *lines = mem_zero(revoked->count + 1, sizeof *lines);

	for (size_t i = 0; i < revoked->count; i++)
		lines[i] =
			(struct crl_line){ .serial = revoked->items[i].serial,
			                   .revoked_s = revoked->items[i].revoked_s };
	bool ok = crl_build(&der, &ca->cert, &ca->key, lines, revoked->count, now,
	                    now + CRL_VALID_S, err);
	free(lines);
	return ok && crl_write_pem(out, buf_slice(&der), err);
}

bool crl_publish(struct authority *a, struct error *err)
{
	AUTO(authority_cert_list_free) struct authority_cert_list revoked = { 0 };
	AUTO(buf_free) struct buf pem = BUF_INIT(CRL_MAX_BYTES * 2);
	AUTO(drop_str) char *path = authority_crl_path(a);

	return collect(&revoked, a,
	               "SELECT " CERT_COLUMNS
	               " FROM certificate WHERE revoked_s <> 0 ORDER BY revoked_s, rowid",
	               NULL, 0, err) &&
	       make_crl(&pem, a, &revoked, err) &&
	       file_write(path, buf_slice(&pem), 0644, false, err);
}
