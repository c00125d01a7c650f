/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of the portal: what they say, and how many there may be (spec
 * asc.md 4.1, 4.2).
 */
#include <stdlib.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/test_portal.h"
#include "util/file.h"
#include "util/mem.h"

#define YEAR_S (365 * CLOCK_DAY_S)
#define MARKER "1.2.840.113635.100.6.1."

static bool issue(struct authority_cert_list *out, struct test_portal *p,
                  enum authority_cert_type type, size_t key, const char *cn,
                  const char *email, struct error *err)
{
	AUTO(csr_free) struct csr csr = { 0 };

	return test_portal_csr(&csr, key, cn, email, err) &&
	       authority_cert_issue(out, p->a, &csr, type, false, err);
}

static char *save_cert(const struct test_portal *p, const struct authority_cert *c)
{
	struct error err = { 0 };
	char *path = test_portal_path(p, "issued.cer");

	if (!file_write(path, c->der, 0600, false, &err))
		abort();
	return path;
}

/* ---- what they say (asc.md 4.2, codesign.md 8.1) ---- */

static const struct want {
	enum authority_cert_type type;
	const char *word, *cn;
	enum cert_kind kind;
	const char *markers[2];
	bool is_person;
} wanted[] = {
	{ AUTHORITY_CERT_DEVELOPMENT,
	  "development",
	  "Apple Development: Anna O'Neill (",
	  CERT_KIND_APPLE_DEVELOPMENT,
	  { MARKER "2", MARKER "12" },
	  true },
	{ AUTHORITY_CERT_DISTRIBUTION,
	  "distribution",
	  "Apple Distribution: " TEST_PORTAL_NAME " (" TEST_PORTAL_TEAM ")",
	  CERT_KIND_APPLE_DISTRIBUTION,
	  { MARKER "7", MARKER "4" },
	  false },
	{ AUTHORITY_CERT_ENTERPRISE,
	  "enterprise",
	  "iPhone Distribution: " TEST_PORTAL_NAME,
	  CERT_KIND_IOS_DISTRIBUTION,
	  { MARKER "4", NULL },
	  false },
};

static void check_subject(const struct cert *cert, const struct want *want)
{
	CHECK_STR(cert->ou, TEST_PORTAL_TEAM);
	CHECK_STR(cert->o, TEST_PORTAL_NAME);
	CHECK_STR(cert->country, "US");
	if (!want->is_person) {
		CHECK_STR(cert->cn, want->cn);
		CHECK_STR(cert->uid, TEST_PORTAL_TEAM);
		return;
	}
	/* The id of the person is made up, and in both places. */
	AUTO(drop_str) char *cn = mem_format("%s%s)", want->cn, cert->uid);
	CHECK_STR(cert->cn, cn);
	CHECK(strlen(cert->uid) == 10);
}

static void check_validity(const struct test_portal *p, const struct authority_cert *c,
                           const struct cert *cert)
{
	struct trust_chain chain = { 0 };

	CHECK(cert->not_after_s == p->now_s + YEAR_S);
	CHECK(c->expires_s == cert->not_after_s && c->created_s == p->now_s);
	CHECK(cert->not_before_s <= p->now_s &&
	      cert->not_before_s > p->now_s - CLOCK_DAY_S);
	trust_build(&chain, &p->trust, cert, NULL);
	CHECK(chain.problem == TRUST_OK && chain.count == 3);
	CHECK(trust_chain_expired(&chain, p->now_s) == NULL);
}

static void check_one(struct test_portal *p, const struct want *want)
{
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(issue(&list, p, want->type, 0, "Anna O'Neill", NULL, &err), &err);
	REQUIRE(list.count == 1);
	const struct authority_cert *c = &list.items[0];
	REQUIRE_OK(cert_parse(&cert, c->der, &err), &err);
	check_subject(&cert, want);
	CHECK_STR(c->name, cert.cn);
	CHECK_STR(c->serial, cert.serial);
	CHECK_STR(authority_cert_word(c->type), want->word);
	CHECK(strlen(c->id) == 10 && c->type == want->type && c->revoked_s == 0);
	CHECK(cert.kind == want->kind);
	for (size_t i = 0; i < 2; i++)
		CHECK(want->markers[i] == NULL ||
		      cert_has_extension(&cert, want->markers[i]));
	CHECK(cert_has_eku(&cert, TRUST_EKU_CODE_SIGNING));
	CHECK(cert_matches_key(&cert, test_portal_key(0)));
	check_validity(p, c, &cert);
}

TEST(say_who_and_for_what)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		check_one(&p, &wanted[i]);
}

/* The lines of "openssl x509 -text" that matter. */
static void judge(const struct test_portal *p, const struct authority_cert *c,
                  const struct want *want)
{
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(drop_str) char *path = save_cert(p, c);
	AUTO(drop_str) char *roots = test_portal_path(p, "roots.pem");
	const char *const text[] = { "openssl", "x509",  "-in", path,
		                     "-noout",  "-text", NULL };
	const char *const verify[] = { "openssl",    "verify",       "-attime",
		                       "1780272001", "-x509_strict", "-ignore_critical",
		                       "-CAfile",    roots,          path,
		                       NULL };

	if (!CHECK(run_program(&said, verify) == 0))
		fprintf(stderr, "%.*s", (int)said.n, (const char *)said.p);
	REQUIRE(run_program(&said, text) == 0);
	CHECK(run_says(&said, "X509v3 Key Usage: critical\n                Digital "
	                      "Signature\n"));
	CHECK(run_says(&said,
	               "X509v3 Extended Key Usage: critical\n                Code "
	               "Signing\n"));
	CHECK(run_says(&said, "X509v3 Basic Constraints: critical\n                "
	                      "CA:FALSE\n"));
	CHECK(run_says(&said, "X509v3 Subject Key Identifier"));
	CHECK(run_says(&said, "X509v3 Authority Key Identifier"));
	CHECK(run_says(&said, "Signature Algorithm: sha256WithRSAEncryption"));
	CHECK(run_says(&said, "Public-Key: (2048 bit)"));
	CHECK(run_says(&said, "Not Before: May 31 23:50:00 2026 GMT"));
	CHECK(run_says(&said, "Not After : Jun  1 00:00:00 2027 GMT"));
	CHECK(run_says(&said, "CN = Sealring Portal Developer CA - " TEST_PORTAL_TEAM));
	for (size_t i = 0; i < 2 && want->markers[i] != NULL; i++) {
		AUTO(drop_str)
		char *line = mem_format("%s: critical\n                ..\n",
		                        want->markers[i]);

		CHECK(run_says(&said, line));
	}
}

TEST(pass_the_checks_of_openssl)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		AUTO(authority_cert_list_free)
		struct authority_cert_list list = { 0 };

		REQUIRE_OK(issue(&list, &p, wanted[i].type, 0, "Anna", NULL, &err),
		           &err);
		judge(&p, &list.items[0], &wanted[i]);
	}
}

static bool is_alone(const struct authority_cert_list *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(all->items[i].serial, all->items[k].serial) == 0 ||
		    strcmp(all->items[i].id, all->items[k].id) == 0)
			return false;
	return true;
}

TEST(have_serial_numbers_of_their_own)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list all = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < 10; i++)
		REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DEVELOPMENT, i,
		                            &err),
		           &err);
	REQUIRE_OK(authority_cert_all(&all, p.a, false, &err), &err);
	REQUIRE(all.count == 10);
	for (size_t i = 0; i < all.count; i++) {
		/* 16 digits, the first one 4 to 7: positive, and never short. */
		CHECK(strlen(all.items[i].serial) == 16);
		CHECK(all.items[i].serial[0] >= '4' && all.items[i].serial[0] <= '7');
		CHECK(is_alone(&all, i));
	}
}

/* ---- requests ---- */

TEST(are_named_after_who_asks)
{
	static const char long_name[] =
		"Dr. Wolfeschlegelsteinhausenbergerdorff von der Heide, M.Sc. (Ops)";
	static const struct {
		const char *cn, *email, *want;
	} cases[] = {
		{ "Anna", "a@ex.example", "Apple Development: Anna (" },
		{ NULL, "a@ex.example", "Apple Development: a@ex.example (" },
		{ NULL, NULL, "Apple Development: Created via API (" },
		{ "安娜", NULL, "Apple Development: 安娜 (" },
		{ "PEM", NULL, "Apple Development: PEM (" },
	};
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(authority_cert_list_free)
		struct authority_cert_list list = { 0 };

		REQUIRE_OK(issue(&list, &p, AUTHORITY_CERT_DEVELOPMENT, i, cases[i].cn,
		                 cases[i].email, &err),
		           &err);
		CHECK(strncmp(list.items[0].name, cases[i].want,
		              strlen(cases[i].want)) == 0);
	}
	/* With prefix and id more than the 64 characters of RFC 5280. */
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	AUTO(drop_str) char *cut = mem_str(long_name, 64);
	REQUIRE_OK(issue(&list, &p, AUTHORITY_CERT_DEVELOPMENT, 9, cut, NULL, &err),
	           &err);
	CHECK(strstr(list.items[0].name, cut) != NULL);
	AUTO(cert_free) struct cert cert = { 0 };
	REQUIRE_OK(cert_parse(&cert, list.items[0].der, &err), &err);
	CHECK_STR(cert.cn, list.items[0].name);
}

TEST(can_be_issued_to_a_team_with_the_longest_name)
{
	const struct authority_team team = {
		.id = TEST_PORTAL_TEAM,
		.name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk GmbH & Co",
	};
	AUTO(scratch_remove) struct scratch folder = { 0 };
	struct test_portal p = { .now_s = TEST_PORTAL_TIME };
	char serial[64];
	struct error err = { 0 };

	REQUIRE(strlen(team.name) == 64);
	if (!CRYPTO_secure_malloc_initialized())
		REQUIRE_OK(secret_setup(&err), &err);
	REQUIRE(scratch_make(&folder));
	AUTO(drop_str) char *dir = scratch_path(&folder, "portal");
	REQUIRE_OK(authority_init(dir, &team, clock_fixed(&p.now_s), &err), &err);
	AUTO(drop_authority) struct authority *a = NULL;
	REQUIRE_OK(authority_open(&a, dir, clock_fixed(&p.now_s), &err), &err);
	p.a = a;
	for (int type = 0; type < AUTHORITY_CERT_COUNT; type++)
		REQUIRE_OK(test_portal_cert(serial, &p, (enum authority_cert_type)type,
		                            0, &err),
		           &err);
}

TEST(refuse_names_that_hide_something)
{
	static const char *const names[] = { "two\nlines", "esc\x1b[2J", "del\x7f",
		                             "c1\xc2\x85" };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		CHECK_FAILS(issue(&list, &p, AUTHORITY_CERT_DEVELOPMENT, 0, names[i],
		                  NULL, &err),
		            &err, ERROR_USAGE, "control character");
	REQUIRE_OK(authority_cert_all(&list, p.a, true, &err), &err);
	CHECK(list.count == 0);
}

static bool issue_for_openssl_key(struct test_portal *p, const char *algorithm,
                                  const char *option, struct error *err)
{
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);
	AUTO(csr_free) struct csr csr = { 0 };
	AUTO(drop_str) char *key = scratch_path(&p->folder, "k.pem");
	AUTO(drop_str) char *request = scratch_path(&p->folder, "r.pem");
	const char *const argv[] = { "openssl", "req",      "-new",    "-newkey",
		                     algorithm, "-pkeyopt", option,    "-nodes",
		                     "-keyout", key,        "-out",    request,
		                     "-subj",   "/CN=PEM",  "-sha256", NULL };

	if (run_program(&said, argv) != 0)
		return error_set(err, ERROR_INTERNAL, "openssl: %.*s", (int)said.n,
		                 (const char *)said.p);
	return file_read(&pem, request, err) && csr_parse(&csr, buf_slice(&pem), err) &&
	       authority_cert_issue(&list, p->a, &csr, AUTHORITY_CERT_DEVELOPMENT,
	                            false, err);
}

TEST(are_for_rsa_2048_only)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(issue_for_openssl_key(&p, "rsa", "rsa_keygen_bits:2048", &err),
	           &err);
	CHECK_FAILS(issue_for_openssl_key(&p, "rsa", "rsa_keygen_bits:2056", &err),
	            &err, ERROR_USAGE, "2056 bits");
	CHECK_FAILS(issue_for_openssl_key(&p, "rsa", "rsa_keygen_bits:2040", &err),
	            &err, ERROR_USAGE, "2040 bits");
	CHECK_FAILS(issue_for_openssl_key(&p, "ec", "ec_paramgen_curve:P-256", &err),
	            &err, ERROR_USAGE, "256 bits (EC)");
}

/* Old clients sign the request with SHA-1, and send DER (asc.md 1.2). */
TEST(are_issued_for_what_old_clients_send)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(buf_free) struct buf der = BUF_INIT(CSR_MAX_BYTES);
	AUTO(csr_free) struct csr csr = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	AUTO(drop_str) char *key = scratch_path(&p.folder, "k.pem");
	AUTO(drop_str) char *request = scratch_path(&p.folder, "r.der");
	const char *const argv[] = { "openssl",  "req",     "-new",    "-newkey",
		                     "rsa:2048", "-nodes",  "-keyout", key,
		                     "-outform", "DER",     "-out",    request,
		                     "-subj",    "/CN=PEM", "-sha1",   NULL };
	REQUIRE(run_program(&said, argv) == 0);
	REQUIRE_OK(file_read(&der, request, &err), &err);
	REQUIRE_OK(csr_parse(&csr, buf_slice(&der), &err), &err);
	REQUIRE_OK(authority_cert_issue(&list, p.a, &csr, AUTHORITY_CERT_DISTRIBUTION,
	                                false, &err),
	           &err);
}

/* ---- limits (asc.md 4.1) ---- */

static const struct {
	enum authority_cert_type type;
	size_t limit;
} limits[] = {
	{ AUTHORITY_CERT_DEVELOPMENT, 10 },
	{ AUTHORITY_CERT_DISTRIBUTION, 3 },
	{ AUTHORITY_CERT_ENTERPRISE, 2 },
};

static void fill(struct test_portal *p, size_t which, char last[64])
{
	struct error err = { 0 };

	for (size_t i = 0; i < limits[which].limit; i++)
		REQUIRE_OK(test_portal_cert(last, p, limits[which].type, i, &err),
		           &err);
	CHECK_FAILS(test_portal_cert(NULL, p, limits[which].type, 11, &err), &err,
	            ERROR_LIMIT, "are allowed");
}

TEST(are_limited_in_number)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		AUTO(test_portal_free) struct test_portal p = { 0 };
		char last[64];
		size_t affected = 99;
		struct error err = { 0 };

		REQUIRE_OK(test_portal_make(&p, &err), &err);
		fill(&p, i, last);
		/* The others are not concerned. */
		size_t other = (i + 1) % ARRAY_LEN(limits);
		REQUIRE_OK(test_portal_cert(NULL, &p, limits[other].type, 0, &err),
		           &err);
		/* A revoked one does not count ... */
		REQUIRE_OK(authority_cert_revoke(p.a, last, &affected, &err), &err);
		CHECK(affected == 0);
		REQUIRE_OK(test_portal_cert(NULL, &p, limits[i].type, 11, &err), &err);
		CHECK_FAILS(test_portal_cert(NULL, &p, limits[i].type, 12, &err), &err,
		            ERROR_LIMIT, "are allowed");
		/* ... and expired ones neither: until the last second they do. */
		p.now_s = TEST_PORTAL_TIME + YEAR_S - 1;
		CHECK_FAILS(test_portal_cert(NULL, &p, limits[i].type, 12, &err), &err,
		            ERROR_LIMIT, "are allowed");
		p.now_s++;
		fill(&p, i, last);
	}
}

TEST(are_issued_once_for_a_key)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	char serial[64];
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(test_portal_cert(serial, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	           &err);
	CHECK_FAILS(test_portal_cert(NULL, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	            &err, ERROR_EXISTS, "already");
	REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DEVELOPMENT, 0, &err),
	           &err);
	REQUIRE_OK(authority_cert_revoke(p.a, serial, &affected, &err), &err);
	REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	           &err);
	p.now_s += YEAR_S - 1;
	CHECK_FAILS(test_portal_cert(NULL, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	            &err, ERROR_EXISTS, "already");
	p.now_s++;
	REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	           &err);
}

TEST(do_not_outlive_their_authority)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list list = { 0 };
	AUTO(cert_list_free) struct cert_list chain = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_chain(&chain, p.a, &err), &err);
	int64_t end_s = chain.items[0].not_after_s;
	p.now_s = end_s - YEAR_S;
	REQUIRE_OK(issue(&list, &p, AUTHORITY_CERT_ENTERPRISE, 0, "A", NULL, &err),
	           &err);
	CHECK(list.items[0].expires_s == end_s);
	authority_cert_list_free(&list);
	REQUIRE_OK(issue(&list, &p, AUTHORITY_CERT_DISTRIBUTION, 1, "A", NULL, &err),
	           &err);
	CHECK(list.items[0].expires_s == end_s);
	p.now_s = end_s;
	CHECK_FAILS(test_portal_cert(NULL, &p, AUTHORITY_CERT_DEVELOPMENT, 0, &err),
	            &err, ERROR_REFUSED, "has expired");
}

/* ---- two at a time ---- */

static bool issue_five(void *ctx, size_t n)
{
	const struct test_portal *model = ctx;
	struct test_portal p = { .now_s = TEST_PORTAL_TIME };
	struct error err = { 0 };

	for (size_t i = 0; i < 5; i++) {
		bool ok =
			authority_open(&p.a, model->dir, clock_fixed(&p.now_s), &err) &&
			test_portal_cert(NULL, &p, AUTHORITY_CERT_DEVELOPMENT,
		                         n * 5 + i, &err);
		drop_authority(&p.a);
		p.a = NULL;
		if (!ok) {
			error_print(&err, stderr, true);
			return false;
		}
	}
	return true;
}

/* Takes what it can get: three are there for both. */
static bool issue_until_full(void *ctx, size_t n)
{
	const struct test_portal *model = ctx;
	struct test_portal p = { .now_s = TEST_PORTAL_TIME };
	struct error err = { 0 };
	size_t i = 0;

	bool ok = authority_open(&p.a, model->dir, clock_fixed(&p.now_s), &err);
	while (ok && i < 4)
		ok = test_portal_cert(NULL, &p, AUTHORITY_CERT_DISTRIBUTION,
		                      n * 4 + i++, &err);
	drop_authority(&p.a);
	if (!ok && err.code == ERROR_LIMIT)
		return true;
	error_print(&err, stderr, true);
	return false;
}

TEST(are_issued_by_two_processes_at_once)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list all = { 0 };
	struct error err = { 0 };
	size_t distribution = 0;

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < 12; i++)
		test_portal_key(i);
	REQUIRE(run_together(2, issue_five, &p));
	REQUIRE(run_together(2, issue_until_full, &p));
	REQUIRE_OK(authority_cert_all(&all, p.a, true, &err), &err);
	CHECK(all.count == 13);
	for (size_t i = 0; i < all.count; i++)
		distribution += all.items[i].type == AUTHORITY_CERT_DISTRIBUTION;
	CHECK(distribution == 3);
}
