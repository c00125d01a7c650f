/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate of the portal's own server (spec asc.md 5.1, 5.4).
 */
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "authority/authority_impl.h"
#include "crypto/issue.h"
#include "util/file.h"
#include "util/mem.h"

#define CA_YEARS 10
/* More than that is refused by some clients, whoever signed. */
#define LEAF_S (397 * CLOCK_DAY_S)

#define USUAL_NAMES                          \
	"DNS:localhost,IP:127.0.0.1,IP:::1," \
	"DNS:api.appstoreconnect.apple.com," \
	"DNS:api.enterprise.developer.apple.com"

static void free_ca(struct authority_ca *ca)
{
	key_free(&ca->key);
	cert_free(&ca->cert);
}

static bool make_ca(struct authority_ca *out, struct authority *a, struct error *err)
{
	AUTO(drop_str) char *cn = mem_format("Sealring Portal TLS CA - %s", a->team_id);
	int64_t now = clock_now(a->clock);

	if (!key_new(&out->key, KEY_P256, err))
		return false;
	const struct issue how = {
		.cn = cn,
		.o = a->team_name,
		.not_before_s = now - CLOCK_DAY_S,
		.not_after_s = now + CA_YEARS * RULE_YEAR_S,
		.is_ca = true,
		.public_key = out->key.pkey,
		.issuer_key = &out->key,
	};
	return cert_issue(&out->cert, &how, err) &&
	       ca_save(a->dir, TLS_CA_NAME, out, ca_password(a), err);
}

/* For those who are to trust it. */
static bool publish_ca(struct authority *a, const struct authority_ca *ca,
                       struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CERT_MAX_BYTES);
	AUTO(drop_str) char *path = mem_format("%s/tls-ca.pem", a->dir);

	return cert_write_pem(&pem, &ca->cert, err) &&
	       file_write(path, buf_slice(&pem), 0644, false, err);
}

/* The transaction is a lock: of two processes that start, one makes it. */
static bool settle_ca(struct authority_ca *out, struct authority *a, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *cert = mem_format("%s/certs/" TLS_CA_NAME ".pem", a->dir);
	AUTO(drop_str) char *key = mem_format("%s/keys/" TLS_CA_NAME ".pem", a->dir);

	if (!db_begin(&tx, a->db, err))
		return false;
	if (access(cert, F_OK) == 0)
		return ca_load(out, a->dir, TLS_CA_NAME, ca_password(a), err) &&
		       (out->key.pkey != NULL || ca_is_locked(a, err));
	if (authority_is_locked(a))
		return ca_is_locked(a, err);
	/* A key without its certificate is what a crash has left: nobody trusts it. */
	unlink(key);
	return make_ca(out, a, err) && publish_ca(a, out, err);
}

static bool is_address(const char *name)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, name, bytes) == 1 ||
	       inet_pton(AF_INET6, name, bytes) == 1;
}

static bool check_name(const char *name, struct error *err)
{
	size_t n = strlen(name);

	if (is_address(name) ||
	    (n > 0 && n < 254 && name[0] != '.' && name[0] != '-' &&
	     strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                  "0123456789.-") == n))
		return true;
	error_set(err, ERROR_USAGE, "this is no name of a host: \"%s\"", name);
	return error_hint(err, "A name is like portal.example.com or 10.0.0.7.");
}

static bool list_names(struct buf *out, const char *const *names, size_t count,
                       struct error *err)
{
	if (!buf_append_str(out, USUAL_NAMES, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!check_name(names[i], err) ||
		    !buf_append_format(out, err, ",%s:%s",
		                       is_address(names[i]) ? "IP" : "DNS", names[i]))
			return false;
	return true;
}

bool authority_tls(struct buf *cert_pem, struct secret *key_pem, struct authority *a,
                   const char *const *names, size_t count, struct error *err)
{
	AUTO(free_ca) struct authority_ca ca = { 0 };
	AUTO(key_free) struct key key = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	AUTO(buf_free) struct buf list = BUF_INIT(1 << 16);
	int64_t now = clock_now(a->clock);

	if (!list_names(&list, names, count, err) || !settle_ca(&ca, a, err) ||
	    !key_new(&key, KEY_P256, err))
		return false;
	AUTO(drop_str) char *alt_names = mem_str(list.p, list.n);
	const struct issue how = {
		.cn = "localhost",
		.o = a->team_name,
		.not_before_s = now - CLOCK_DAY_S,
		.not_after_s = now + LEAF_S - CLOCK_DAY_S,
		.purpose = "serverAuth",
		.alt_names = alt_names,
		.public_key = key.pkey,
		.issuer = &ca.cert,
		.issuer_key = &ca.key,
	};
	return cert_issue(&cert, &how, err) && cert_write_pem(cert_pem, &cert, err) &&
	       cert_write_pem(cert_pem, &ca.cert, err) &&
	       secret_init(key_pem, KEY_MAX_BYTES / 4, err) &&
	       key_write_pem(key_pem, &key, NULL, err);
}
