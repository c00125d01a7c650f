/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of the portal that are revoked, and the list that says so.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/issue.h"
#include "support/harness.h"
#include "support/run.h"
#include "support/test_portal.h"
#include "util/file.h"
#include "util/mem.h"

#define YEAR_S (365 * CLOCK_DAY_S)

static char *save_cert(const struct test_portal *p, const struct authority_cert *c)
{
	struct error err = { 0 };
	char *path = test_portal_path(p, "issued.cer");

	if (!file_write(path, c->der, 0600, false, &err))
		abort();
	return path;
}

/* ---- finding and revoking ---- */

TEST(are_found_by_serial_however_it_is_written)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };
	char serial[64], upper[64], colons[64] = "00";
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(test_portal_cert(serial, &p, AUTHORITY_CERT_DEVELOPMENT, 0, &err),
	           &err);
	for (size_t i = 0; i <= strlen(serial); i++)
		upper[i] = (char)(serial[i] >= 'a' && serial[i] <= 'f'
		                          ? serial[i] - 'a' + 'A'
		                          : serial[i]);
	for (size_t i = 0; i < strlen(serial); i += 2)
		snprintf(colons + 2 + i / 2 * 3, 4, ":%.2s", upper + i);
	const char *const forms[] = { serial, upper, colons };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		REQUIRE_OK(authority_cert_find(&found, p.a, forms[i], &err), &err);
		CHECK(found.count == 1);
		CHECK_STR(found.items[0].serial, serial);
		authority_cert_list_free(&found);
	}
	CHECK_FAILS(authority_cert_find(&found, p.a, "", &err), &err, ERROR_NOT_FOUND,
	            "no certificate");
	CHECK_FAILS(authority_cert_find(&found, p.a, "' OR 1=1 --", &err), &err,
	            ERROR_NOT_FOUND, "no certificate");
	CHECK_FAILS(authority_cert_find(&found, p.a, serial + 1, &err), &err,
	            ERROR_NOT_FOUND, "no certificate");
}

static bool is_in_crl(const struct test_portal *p, const char *serial)
{
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };
	AUTO(cert_list_free) struct cert_list chain = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	AUTO(buf_free) struct buf pem = BUF_INIT((size_t)1 << 20);
	AUTO(drop_str) char *path = authority_crl_path(p->a);
	struct error err = { 0 };
	bool revoked = false;

	if (!authority_cert_find(&found, p->a, serial, &err) ||
	    !cert_parse(&cert, found.items[0].der, &err) ||
	    !authority_chain(&chain, p->a, &err) || !file_read(&pem, path, &err) ||
	    !crl_revokes(&revoked, buf_slice(&pem), &cert, &chain.items[0], &err)) {
		error_print(&err, stderr, true);
		abort();
	}
	return revoked;
}

/* ""; or what "openssl verify -crl_check" says. */
static void judge_with_crl(struct buf *said, const struct test_portal *p,
                           const char *serial)
{
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };
	AUTO(drop_str) char *roots = test_portal_path(p, "roots.pem");
	AUTO(drop_str) char *crl = authority_crl_path(p->a);
	AUTO(drop_str) char *at = mem_format("%lld", (long long)p->now_s + 1);
	struct error err = { 0 };

	REQUIRE_OK(authority_cert_find(&found, p->a, serial, &err), &err);
	AUTO(drop_str) char *cert = save_cert(p, &found.items[0]);
	const char *const argv[] = { "openssl",    "verify",  "-ignore_critical",
		                     "-crl_check", "-attime", at,
		                     "-CAfile",    roots,     "-CRLfile",
		                     crl,          cert,      NULL };
	int status = run_program(said, argv);
	CHECK(status == 0 || status == 2);
}

TEST(are_on_the_list_when_they_are_revoked)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	char gone[64], stays[64];
	size_t affected = 0;
	struct stat st;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(test_portal_cert(gone, &p, AUTHORITY_CERT_DEVELOPMENT, 0, &err),
	           &err);
	REQUIRE_OK(test_portal_cert(stays, &p, AUTHORITY_CERT_DEVELOPMENT, 1, &err),
	           &err);
	/* The list is there from the start. */
	CHECK(!is_in_crl(&p, gone) && !is_in_crl(&p, stays));
	judge_with_crl(&said, &p, gone);
	CHECK(run_says(&said, ": OK"));
	p.now_s += CLOCK_DAY_S;
	REQUIRE_OK(authority_cert_revoke(p.a, gone, &affected, &err), &err);
	CHECK(is_in_crl(&p, gone) && !is_in_crl(&p, stays));
	buf_free(&said);
	judge_with_crl(&said, &p, gone);
	CHECK(run_says(&said, "certificate revoked"));
	buf_free(&said);
	judge_with_crl(&said, &p, stays);
	CHECK(run_says(&said, ": OK"));
	/* Still current after half a year: it is made anew by revoking only. */
	p.now_s += YEAR_S / 2;
	buf_free(&said);
	judge_with_crl(&said, &p, stays);
	CHECK(run_says(&said, ": OK"));
	AUTO(drop_str) char *path = authority_crl_path(p.a);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644);
}

TEST(are_revoked_once)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	char serial[64];
	size_t affected = 77;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	CHECK_FAILS(authority_cert_revoke(p.a, "1234", &affected, &err), &err,
	            ERROR_NOT_FOUND, "no certificate");
	REQUIRE_OK(test_portal_cert(serial, &p, AUTHORITY_CERT_ENTERPRISE, 0, &err),
	           &err);
	REQUIRE_OK(authority_cert_revoke(p.a, serial, &affected, &err), &err);
	affected = 77;
	p.now_s += 5;
	CHECK_FAILS(authority_cert_revoke(p.a, serial, &affected, &err), &err,
	            ERROR_NOT_FOUND, "revoked already");
	CHECK(affected == 77);
	/* Revoked ones vanish from the list, but are not forgotten. */
	REQUIRE_OK(authority_cert_all(&list, p.a, false, &err), &err);
	CHECK(list.count == 0);
	REQUIRE_OK(authority_cert_all(&list, p.a, true, &err), &err);
	REQUIRE(list.count == 1);
	CHECK(list.items[0].revoked_s == TEST_PORTAL_TIME);
}

/* A folder stands where the list goes. */
TEST(stay_current_where_the_list_cannot_be_written)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list found = { 0 };
	char serial[64];
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) &&
	                   test_portal_cert(serial, &p, AUTHORITY_CERT_ENTERPRISE, 0,
	                                    &err),
	           &err);
	AUTO(drop_str) char *path = authority_crl_path(p.a);
	REQUIRE(unlink(path) == 0 && mkdir(path, 0755) == 0);
	CHECK(!authority_cert_revoke(p.a, serial, &affected, &err));
	error_clear(&err);
	REQUIRE_OK(authority_cert_find(&found, p.a, serial, &err), &err);
	CHECK(found.items[0].revoked_s == 0);
	REQUIRE(rmdir(path) == 0);
	REQUIRE_OK(authority_cert_revoke(p.a, serial, &affected, &err), &err);
	CHECK(is_in_crl(&p, serial));
}

/* Each of two processes revokes its own five: none overtakes the other's list. */
static char serials[10][64];

static bool revoke_five(void *ctx, size_t n)
{
	const struct test_portal *model = ctx;
	struct test_portal p = { .now_s = TEST_PORTAL_TIME };
	struct error err = { 0 };
	size_t affected = 0;

	bool ok = authority_open(&p.a, model->dir, clock_fixed(&p.now_s), &err);
	for (size_t i = 0; ok && i < 5; i++)
		ok = authority_cert_revoke(p.a, serials[n * 5 + i], &affected, &err);
	drop_authority(&p.a);
	if (!ok)
		error_print(&err, stderr, true);
	return ok;
}

TEST(are_all_on_the_list_when_two_processes_revoke)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < 10; i++)
		REQUIRE_OK(test_portal_cert(serials[i], &p, AUTHORITY_CERT_DEVELOPMENT,
		                            i, &err),
		           &err);
	REQUIRE(run_together(2, revoke_five, &p));
	for (size_t i = 0; i < 10; i++)
		CHECK(is_in_crl(&p, serials[i]));
}

TEST(of_an_unknown_type_are_refused)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DEVELOPMENT, 0, &err),
	           &err);
	AUTO(drop_str) char *db = test_portal_path(&p, "portal.db");
	const char *const argv[] = { "sqlite3", db, "UPDATE certificate SET type = 99",
		                     NULL };
	REQUIRE(run_program(&said, argv) == 0);
	CHECK_FAILS(authority_cert_all(&list, p.a, true, &err), &err, ERROR_FORMAT,
	            "damaged");
}
