/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate of the portal's own server.
 */
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/test_portal.h"
#include "util/file.h"
#include "util/mem.h"

struct made {
	struct buf pem;
	struct secret key;
	struct cert cert;
};

static void made_free(struct made *m)
{
	buf_free(&m->pem);
	secret_free(&m->key);
	cert_free(&m->cert);
}

static bool make(struct made *m, struct test_portal *p, const char *name,
                 struct error *err)
{
	m->pem = BUF_INIT(CERT_MAX_BYTES * 2);
	return authority_tls(&m->pem, &m->key, p->a, &name, name != NULL, err) &&
	       cert_parse(&m->cert, buf_slice(&m->pem), err);
}

TEST(is_for_the_names_that_clients_ask_for)
{
	static const char *const hosts[] = { "localhost",
		                             "api.appstoreconnect.apple.com",
		                             "api.enterprise.developer.apple.com",
		                             "portal.example.com" };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(made_free) struct made m = { 0 };
	AUTO(key_free) struct key key = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) &&
	                   make(&m, &p, "portal.example.com", &err),
	           &err);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		CHECK(X509_check_host(m.cert.x509, hosts[i], 0, 0, NULL) == 1);
	CHECK(X509_check_host(m.cert.x509, "developer.apple.com", 0, 0, NULL) == 0);
	CHECK(X509_check_ip_asc(m.cert.x509, "127.0.0.1", 0) == 1);
	CHECK(X509_check_ip_asc(m.cert.x509, "::1", 0) == 1);
	CHECK(X509_check_ip_asc(m.cert.x509, "127.0.0.2", 0) == 0);
	REQUIRE_OK(key_parse(&key, secret_reveal(&m.key), NULL, &err), &err);
	CHECK(cert_matches_key(&m.cert, &key));
	CHECK(m.cert.not_before_s == p.now_s - CLOCK_DAY_S);
	CHECK(m.cert.not_after_s == p.now_s + 396 * CLOCK_DAY_S);
}

static bool same_file(const char *path, const struct buf *want)
{
	AUTO(buf_free) struct buf got = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };

	return file_read(&got, path, &err) &&
	       slice_equal(buf_slice(&got), buf_slice(want));
}

TEST(is_from_one_authority_each_time)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(made_free) struct made first = { 0 }, second = { 0 };
	AUTO(buf_free) struct buf ca = BUF_INIT(CERT_MAX_BYTES);
	struct stat st;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && make(&first, &p, "10.0.0.7", &err),
	           &err);
	CHECK(X509_check_ip_asc(first.cert.x509, "10.0.0.7", 0) == 1);
	AUTO(drop_str) char *path = test_portal_path(&p, "tls-ca.pem");
	AUTO(drop_str) char *key = test_portal_path(&p, "keys/tls-ca.pem");
	REQUIRE_OK(file_read(&ca, path, &err), &err);
	CHECK(stat(key, &st) == 0 && (st.st_mode & 0777) == 0600);
	REQUIRE_OK(test_portal_reopen(&p, &err) && make(&second, &p, NULL, &err), &err);
	CHECK(same_file(path, &ca));
	CHECK(strcmp(first.cert.serial, second.cert.serial) != 0);
	CHECK(slice_equal(slice_str(first.cert.issuer_cn),
	                  slice_str(second.cert.issuer_cn)));
}

/* A crash between the key and the certificate. */
TEST(starts_anew_where_a_crash_left_a_key)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(made_free) struct made first = { 0 }, second = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && make(&first, &p, NULL, &err), &err);
	AUTO(drop_str) char *cert = test_portal_path(&p, "certs/tls-ca.pem");
	REQUIRE(unlink(cert) == 0);
	REQUIRE_OK(make(&second, &p, NULL, &err), &err);
	CHECK(access(cert, F_OK) == 0);
}

TEST(refuses_names_that_are_none)
{
	static const char *const bad[] = { "",   "a b", "a,DNS:b",  "-a",
		                           ".a", "a/b", "h\xc3\xbc" };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(made_free) struct made m = { 0 };

		CHECK_FAILS(make(&m, &p, bad[i], &err), &err, ERROR_USAGE,
		            "no name of a host");
	}
}
