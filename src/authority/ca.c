/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal's certificate authorities: made once, kept in the data folder.  Names
 * are honest: the team's own, nobody takes them for Apple's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/authority_impl.h"
#include "crypto/issue.h"
#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"
#include "util/staged.h"

#define CA_YEARS     20
#define SIGNER_YEARS 10

static const struct ca_row {
	const char *file, *cn;
	enum ca issuer;
	enum key_type key;
	const char *marker; /* NULL: none */
	bool is_ca;
} rows[CA_COUNT] = {
	[CA_ROOT] = { "root", "Sealring Portal Root", CA_ROOT, KEY_RSA2048, NULL,
	              true },
	[CA_DEVELOPER] = { "developer", "Sealring Portal Developer CA", CA_ROOT,
	                   KEY_RSA2048, TRUST_OID_WWDR, true },
	[CA_PROFILE] = { "profile", "Sealring Portal Profile CA", CA_ROOT, KEY_RSA2048,
	                 TRUST_OID_IPHONE_CA, true },
	[CA_PROFILE_SIGNER] = { "profile-signer", "Sealring Portal Profile Signing",
	                        CA_PROFILE, KEY_RSA2048, TRUST_OID_PROFILE_SIGNER,
	                        false },
	[CA_DER] = { "der", "Sealring Portal Integration CA", CA_ROOT, KEY_P256,
	             TRUST_OID_SYSINT_CA, true },
	[CA_DER_SIGNER] = { "der-signer", "Sealring Portal DER Profile Signing", CA_DER,
	                    KEY_P256, TRUST_OID_PROFILE_SIGNER_DER, false },
};

/* ---- the CAs themselves ---- */

static bool build_ca(struct authority_ca *out, const struct ca_row *row,
                     const struct authority_ca *issuer,
                     const struct authority_team *team, int64_t now_s,
                     struct error *err)
{
	const char *const markers[] = { row->marker, NULL };
	AUTO(drop_str) char *cn = mem_format("%s - %s", row->cn, team->id);
	int64_t years = row->is_ca ? CA_YEARS : SIGNER_YEARS;
	const struct issue how = {
		.cn = cn,
		.o = team->name,
		/* A clock that is a little behind should not refuse what is new. */
		.not_before_s = now_s - CLOCK_DAY_S,
		.not_after_s = now_s + years * RULE_YEAR_S,
		.is_ca = row->is_ca,
		.markers = markers,
		.public_key = out->key.pkey,
		.issuer = issuer != NULL ? &issuer->cert : NULL,
		.issuer_key = issuer != NULL ? &issuer->key : &out->key,
	};

	return cert_issue(&out->cert, &how, err);
}

bool ca_save(const char *dir, const char *name, const struct authority_ca *ca,
             const struct secret *password, struct error *err)
{
	AUTO(secret_free) struct secret pem = { 0 };
	AUTO(buf_free) struct buf cert = BUF_INIT(CERT_MAX_BYTES);
	AUTO(drop_str) char *key_path = mem_format("%s/keys/%s.pem", dir, name);
	AUTO(drop_str) char *cert_path = mem_format("%s/certs/%s.pem", dir, name);

	/* The key is safe before anything refers to it. */
	return secret_init(&pem, KEY_MAX_BYTES / 4, err) &&
	       key_write_pem(&pem, &ca->key, password, err) &&
	       file_write(key_path, secret_reveal(&pem), 0600, true, err) &&
	       cert_write_pem(&cert, &ca->cert, err) &&
	       file_write(cert_path, buf_slice(&cert), 0644, true, err);
}

static void cas_free(struct authority_ca (*cas)[CA_COUNT])
{
	for (size_t i = 0; i < CA_COUNT; i++) {
		key_free(&(*cas)[i].key);
		cert_free(&(*cas)[i].cert);
	}
}

static bool save_roots(const char *dir, const struct authority_ca *cas,
                       struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CERT_MAX_BYTES * 4);
	AUTO(drop_str) char *path = mem_format("%s/roots.pem", dir);

	/* The intermediates help those who check a file that lacks them. */
	static const enum ca trusted[] = { CA_ROOT, CA_DEVELOPER };
	for (size_t i = 0; i < ARRAY_LEN(trusted); i++)
		if (!cert_write_pem(&pem, &cas[trusted[i]].cert, err))
			return false;
	return file_write(path, buf_slice(&pem), 0644, true, err);
}

bool ca_make_all(const char *dir, const struct authority_team *team, int64_t now_s,
                 struct error *err)
{
	AUTO(cas_free) struct authority_ca cas[CA_COUNT] = { 0 };
	AUTO(drop_str) char *keys = mem_format("%s/keys", dir);
	AUTO(drop_str) char *certs = mem_format("%s/certs", dir);

	if (!file_make_dir(keys, 0700, err) || !file_make_dir(certs, 0755, err))
		return false;
	for (size_t i = 0; i < CA_COUNT; i++) {
		const struct ca_row *row = &rows[i];
		const struct authority_ca *issuer =
			row->issuer == i ? NULL : &cas[row->issuer];

		if (!key_new(&cas[i].key, row->key, err) ||
		    !build_ca(&cas[i], row, issuer, team, now_s, err) ||
		    !ca_save(dir, row->file, &cas[i], team->ca_password, err))
			return error_context(err, "making the \"%s\" authority",
			                     row->file);
	}
	return save_roots(dir, cas, err);
}

static bool check_private(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return file_error_read(err, "open", path);
	if ((st.st_mode & 077) == 0)
		return true;
	error_set(err, ERROR_PERMISSION, "\"%s\" can be read by others", path);
	error_evidence(err, "its mode is %03o", (unsigned)(st.st_mode & 0777));
	return error_hint(err, "chmod 600 %s", path);
}

static bool load_key(struct key *out, const char *path, const struct secret *password,
                     struct error *err)
{
	AUTO(secret_free) struct secret file = { 0 };

	if (!check_private(path, err) || !secret_load(&file, path, KEY_MAX_BYTES, err))
		return false;
	if (key_parse(out, secret_reveal(&file), password, err))
		return true;
	if (password != NULL || err->code != ERROR_AUTH)
		return false;
	error_clear(err);
	return true;
}

bool ca_load(struct authority_ca *out, const char *dir, const char *name,
             const struct secret *password, struct error *err)
{
	AUTO(drop_str) char *key = mem_format("%s/keys/%s.pem", dir, name);
	AUTO(drop_str) char *cert = mem_format("%s/certs/%s.pem", dir, name);
	AUTO(buf_free) struct buf pem = BUF_INIT(CERT_MAX_BYTES);

	if (!load_key(&out->key, key, password, err) || !file_read(&pem, cert, err) ||
	    !cert_parse(&out->cert, buf_slice(&pem), err))
		return false;
	if (out->key.pkey == NULL || cert_matches_key(&out->cert, &out->key))
		return true;
	error_set(err, ERROR_FORMAT, "key and certificate do not belong together");
	return error_evidence(err, "%s and %s", key, cert);
}

bool ca_load_all(struct authority *a, struct error *err)
{
	AUTO(drop_str) char *keys = mem_format("%s/keys", a->dir);

	/* Where folders cannot be swapped, a run that was killed while it protected them
	   may have left none. */
	if (access(keys, F_OK) != 0)
		staged_recover(keys);
	for (size_t i = 0; i < CA_COUNT; i++) {
		if (ca_load(&a->cas[i], a->dir, rows[i].file, NULL, err)) {
			a->is_protected |= a->cas[i].key.pkey == NULL;
			continue;
		}
		/* Looking for a file that is missing does not help. */
		(err->code == ERROR_NOT_FOUND ? error_hint_instead : error_hint)(
			err, "Put the last backup of \"%s\" in its place.", a->dir);
		return error_context(err, "reading the \"%s\" authority", rows[i].file);
	}
	return true;
}

/* ---- passwords ---- */

bool ca_check_password(const struct secret *password, struct error *err)
{
	if (password == NULL || password->n > 0)
		return true;
	error_set(err, ERROR_USAGE, "the password of the private keys is empty");
	error_evidence(err, "what was named has no first line");
	return error_hint(err,
	                  "Put one there: openssl rand -base64 24 > FILE; chmod 600 "
	                  "FILE.");
}

bool authority_is_locked(const struct authority *a)
{
	return a->is_protected && a->password.n == 0;
}

const struct secret *ca_password(const struct authority *a)
{
	return a->is_protected && a->password.n > 0 ? &a->password : NULL;
}

bool ca_is_locked(const struct authority *a, struct error *err)
{
	error_set(err, ERROR_AUTH, "the private keys of the portal are locked");
	error_evidence(err, "those in \"%s/keys\" are encrypted", a->dir);
	error_cause(err, "No password was given.");
	return error_hint(err,
	                  "SEALRING_CA_PASSWORD=@file:PATH names the file that has it "
	                  "(also @fd:N, @env:NAME).");
}

static bool open_key(struct authority *a, enum ca which, const struct secret *password,
                     struct error *err)
{
	AUTO(drop_str)
	char *path = mem_format("%s/keys/%s.pem", a->dir, rows[which].file);

	if (!load_key(&a->cas[which].key, path, password, err))
		return error_context(err, "reading the \"%s\" authority",
		                     rows[which].file);
	if (cert_matches_key(&a->cas[which].cert, &a->cas[which].key))
		return true;
	key_free(&a->cas[which].key);
	a->cas[which].key = (struct key){ 0 };
	error_set(err, ERROR_FORMAT, "key and certificate do not belong together");
	return error_evidence(err, "%s", path);
}

bool ca_need(struct authority *a, enum ca which, struct error *err)
{
	if (a->cas[which].key.pkey != NULL)
		return true;
	if (authority_is_locked(a))
		return ca_is_locked(a, err);
	return open_key(a, which, &a->password, err);
}

bool authority_unlock(struct authority *a, const struct secret *password,
                      struct error *err)
{
	struct slice text = secret_reveal(password);

	/* The key that is read fastest tells whether it is the right one. */
	if (!authority_is_locked(a))
		return true;
	return open_key(a, CA_DER_SIGNER, password, err) &&
	       secret_init(&a->password, text.n + 1, err) &&
	       secret_append(&a->password, text, err);
}

bool authority_load_keys(struct authority *a, struct error *err)
{
	for (size_t i = 0; i < CA_COUNT; i++)
		if (!ca_need(a, (enum ca)i, err))
			return false;
	return true;
}

/* One key after the other into the new folder; each is in memory for a moment. */
static bool write_again(struct authority *a, const char *name, const char *folder,
                        const struct secret *password, struct error *err)
{
	AUTO(drop_str) char *from = mem_format("%s/keys/%s.pem", a->dir, name);
	AUTO(drop_str) char *to = mem_format("%s/%s.pem", folder, name);
	AUTO(key_free) struct key key = { 0 };
	AUTO(secret_free) struct secret pem = { 0 };

	return load_key(&key, from, ca_password(a), err) &&
	       secret_init(&pem, KEY_MAX_BYTES / 4, err) &&
	       key_write_pem(&pem, &key, password, err) &&
	       file_write(to, secret_reveal(&pem), 0600, true, err);
}

bool authority_protect(struct authority *a, const struct secret *password,
                       struct error *err)
{
	AUTO(drop_str) char *keys = mem_format("%s/keys", a->dir);
	AUTO(drop_str) char *tls = mem_format("%s/keys/" TLS_CA_NAME ".pem", a->dir);
	AUTO(db_rollback) struct db_tx tx = { 0 }; /* keeps others from making a key */
	AUTO(staged_discard) struct staged staged = { 0 };

	if (authority_is_locked(a))
		return ca_is_locked(a, err);
	if (!ca_check_password(password, err))
		return false;
	if (!db_begin(&tx, a->db, err) || !staged_begin(&staged, keys, err) ||
	    !file_make_dir(staged.temp, 0700, err))
		return false;
	for (size_t i = 0; i < CA_COUNT; i++)
		if (!write_again(a, rows[i].file, staged.temp, password, err))
			return false;
	if (access(tls, F_OK) == 0 &&
	    !write_again(a, TLS_CA_NAME, staged.temp, password, err))
		return false;
	return activity_note(a, "PROTECT", "keys",
	                     password != NULL ? "encrypted" : "plain", err) &&
	       staged_commit(&staged, err) && db_commit(&tx, err);
}

/* ---- identifiers ---- */

bool random_id(char out[16], struct error *err)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned char bytes[10];

	if (!random_bytes(bytes, sizeof bytes, err))
		return false;
	for (size_t i = 0; i < sizeof bytes; i++)
		out[i] = digits[bytes[i] % (sizeof digits - 1)];
	out[sizeof bytes] = '\0';
	return true;
}

bool authority_random_uuid(char out[40], struct error *err)
{
	unsigned char b[16];

	if (!random_bytes(b, sizeof b, err))
		return false;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 4122, version 4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(out, 40,
	         "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	         b[11], b[12], b[13], b[14], b[15]);
	return true;
}
