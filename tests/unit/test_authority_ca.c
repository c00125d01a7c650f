/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data folder and the authorities in it: made whole or not at all.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/test_portal.h"
#include "util/file.h"
#include "util/mem.h"

static const char *const authorities[] = {
	"root", "developer", "profile", "profile-signer", "der", "der-signer"
};
static const int64_t now_s = TEST_PORTAL_TIME;
static const struct authority_team acme = { .id = TEST_PORTAL_TEAM, .name = "Acme" };

static bool read_cert(struct cert *out, const struct test_portal *p, const char *name,
                      struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CERT_MAX_BYTES);
	AUTO(drop_str) char *path = mem_format("%s/certs/%s.pem", p->dir, name);

	return file_read(&pem, path, err) && cert_parse(out, buf_slice(&pem), err);
}

static mode_t mode_of(const char *path)
{
	struct stat st = { 0 };

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

/* ---- what is made ---- */

TEST(keeps_keys_to_their_owner)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	CHECK(mode_of(p.dir) == 0700);
	for (size_t i = 0; i < ARRAY_LEN(authorities); i++) {
		AUTO(drop_str)
		char *key = mem_format("%s/keys/%s.pem", p.dir, authorities[i]);
		CHECK(mode_of(key) == 0600);
	}
	AUTO(drop_str) char *keys = test_portal_path(&p, "keys");
	AUTO(drop_str) char *db = test_portal_path(&p, "portal.db");
	CHECK(mode_of(keys) == 0700);
	CHECK(mode_of(db) == 0600);
}

TEST(keeps_keys_to_their_owner_whatever_the_umask)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&folder));
	AUTO(drop_str) char *dir = scratch_path(&folder, "portal");
	AUTO(drop_str) char *key = scratch_path(&folder, "portal/keys/root.pem");
	AUTO(drop_str) char *db = scratch_path(&folder, "portal/portal.db");
	mode_t old = umask(0);
	bool ok = authority_init(dir, &acme, clock_fixed(&now_s), &err);
	umask(old);
	REQUIRE_OK(ok, &err);
	CHECK(mode_of(dir) == 0700 && mode_of(key) == 0600 && mode_of(db) == 0600);
	CHECK(clock_now(clock_fixed(&now_s)) == TEST_PORTAL_TIME);
}

/* Spec codesign.md 7.1, 7.5, 8.2: the same markers, names of its own. */
TEST(carries_the_markers_under_honest_names)
{
	static const struct {
		const char *name, *issuer, *marker;
		bool is_ca;
	} want[] = {
		{ "root", "root", NULL, true },
		{ "developer", "root", "1.2.840.113635.100.6.2.1", true },
		{ "profile", "root", "1.2.840.113635.100.6.2.18", true },
		{ "profile-signer", "profile", "1.2.840.113635.100.6.58", false },
		{ "der", "root", "1.2.840.113635.100.6.2.17", true },
		{ "der-signer", "der", "1.2.840.113635.100.12.19", false },
	};
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		AUTO(cert_free) struct cert cert = { 0 }, issuer = { 0 };

		REQUIRE_OK(read_cert(&cert, &p, want[i].name, &err) &&
		                   read_cert(&issuer, &p, want[i].issuer, &err),
		           &err);
		CHECK(strncmp(cert.cn, "Sealring Portal ", 16) == 0);
		CHECK(strstr(cert.cn, "Apple") == NULL);
		CHECK(strstr(cert.cn, TEST_PORTAL_TEAM) != NULL);
		CHECK_STR(cert.o, TEST_PORTAL_NAME);
		CHECK_STR(cert.issuer_cn, issuer.cn);
		CHECK((cert.kind == CERT_KIND_CA) == want[i].is_ca);
		CHECK(want[i].marker == NULL ||
		      cert_has_extension(&cert, want[i].marker));
		CHECK(cert.not_before_s <= now_s);
		CHECK(cert.not_after_s >= now_s + 3650 * CLOCK_DAY_S);
	}
}

/* openssl is the judge: chains, usages, key identifiers. */
static void judge(const struct test_portal *p, const char *name, const char *ca,
                  bool is_ca)
{
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(drop_str) char *root = test_portal_path(p, "certs/root.pem");
	AUTO(drop_str) char *cert = mem_format("%s/certs/%s.pem", p->dir, name);
	AUTO(drop_str) char *between = mem_format("%s/certs/%s.pem", p->dir, ca);
	const char *const verify[] = { "openssl", "verify",     "-x509_strict",
		                       "-attime", "1780272001", "-ignore_critical",
		                       "-CAfile", root,         "-untrusted",
		                       between,   cert,         NULL };
	const char *const text[] = { "openssl", "x509",  "-in", cert,
		                     "-noout",  "-text", NULL };

	if (!CHECK(run_program(&said, verify) == 0))
		fprintf(stderr, "%.*s", (int)said.n, (const char *)said.p);
	REQUIRE(run_program(&said, text) == 0);
	CHECK(run_says(&said, "X509v3 Basic Constraints: critical"));
	CHECK(run_says(&said, "X509v3 Key Usage: critical"));
	CHECK(run_says(&said, "X509v3 Subject Key Identifier"));
	CHECK(run_says(&said, is_ca ? "CA:TRUE" : "CA:FALSE"));
	CHECK(run_says(&said,
	               is_ca ? "Certificate Sign, CRL Sign" : "Digital Signature"));
	CHECK(!run_says(&said, is_ca ? "Digital Signature" : "Certificate Sign"));
	CHECK(strcmp(name, "root") == 0 ||
	      run_says(&said, "X509v3 Authority Key Identifier"));
	CHECK(!run_says(&said, "Apple"));
}

TEST(passes_the_checks_of_openssl)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	judge(&p, "root", "root", true);
	judge(&p, "developer", "root", true);
	judge(&p, "profile", "root", true);
	judge(&p, "der", "root", true);
	judge(&p, "profile-signer", "profile", false);
	judge(&p, "der-signer", "der", false);
}

TEST(trusts_its_own_root_and_gives_the_chain)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(cert_list_free) struct cert_list chain = { 0 };
	AUTO(cert_free) struct cert developer = { 0 };
	struct trust_chain built = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	CHECK(p.trust.roots.count == 1 && p.trust.intermediates.count == 1);
	CHECK(!p.trust.is_apple);
	REQUIRE_OK(authority_chain(&chain, p.a, &err), &err);
	REQUIRE(chain.count == 2);
	REQUIRE_OK(read_cert(&developer, &p, "developer", &err), &err);
	CHECK(slice_equal(chain.items[0].der, developer.der));
	CHECK(chain.items[1].is_self_signed);
	trust_build(&built, &p.trust, &chain.items[0], NULL);
	CHECK(built.problem == TRUST_OK && built.count == 2);
	CHECK_STR(authority_team_id(p.a), TEST_PORTAL_TEAM);
	CHECK_STR(authority_team_name(p.a), TEST_PORTAL_NAME);
}

/* ---- who may have one ---- */

static bool try_team(const char *id, const char *name, struct error *err)
{
	const struct authority_team team = { .id = id, .name = name };

	/* Refused for the team, or, where that is good, for the folder. */
	return authority_init("/dev/null", &team, clock_fixed(&now_s), err);
}

TEST(wants_a_team_id_and_a_name)
{
	static const char *const ids[] = {
		"",           "ABCDE1234",  "ABCDE12345X",  "abcde12345",
		"ABCDE 2345", "ABCDE-2345", "ABCDE1234\xc3"
	};
	static const struct {
		const char *name, *why;
	} names[] = {
		{ "", "1 to 64" },
		{ "0123456789012345678901234567890123456789012345678901234567890123X",
		  "1 to 64" },
		{ "tab\there", "control" },
		{ "\x1b[31m", "control" },
		{ "del\x7f", "control" },
		{ "c1 \xc2\x9b", "control" },
		{ "\xff", "UTF-8" },
		{ "cut \xe2\x82", "UTF-8" },
		{ "\xef\xbf\xbf", "control" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		CHECK_FAILS(try_team(ids[i], "Acme", &err), &err, ERROR_USAGE,
		            "no team id");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		CHECK_FAILS(try_team("ABCDE12345", names[i].name, &err), &err,
		            ERROR_USAGE, names[i].why);
	CHECK_FAILS(try_team("ABCDE12345", "X", &err), &err, ERROR_EXISTS, "exists");
	CHECK_FAILS(
		try_team(
			"0000000000",
			"0123456789012345678901234567890123456789012345678901234567890123",
			&err),
		&err, ERROR_EXISTS, "exists");
	CHECK_FAILS(try_team("ABCDE12345", "O'Neill & \"Söhne\" <x> \xf0\x9f\x94\x91",
	                     &err),
	            &err, ERROR_EXISTS, "exists");
}

TEST(replaces_nothing)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(scratch_remove) struct scratch folder = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE(scratch_make(&folder));
	CHECK_FAILS(authority_init(p.dir, &acme, clock_fixed(&now_s), &err), &err,
	            ERROR_EXISTS, "holds a portal");
	CHECK_FAILS(authority_init(folder.path, &acme, clock_fixed(&now_s), &err), &err,
	            ERROR_EXISTS, "is no portal");
	AUTO(drop_str) char *nowhere = scratch_path(&folder, "no/such/folder");
	CHECK_FAILS(authority_init(nowhere, &acme, clock_fixed(&now_s), &err), &err,
	            ERROR_NOT_FOUND, "could not write beside");
	AUTO(drop_str) char *dangling = scratch_path(&folder, "link");
	REQUIRE(symlink("nothing", dangling) == 0);
	CHECK_FAILS(authority_init(dangling, &acme, clock_fixed(&now_s), &err), &err,
	            ERROR_EXISTS, "is no portal");
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
	CHECK_STR(authority_team_name(p.a), TEST_PORTAL_NAME);
}

/* ---- accidents ---- */

static bool init_there(void *ctx, size_t n)
{
	struct error err = { 0 };

	(void)n;
	if (authority_init(ctx, &acme, clock_fixed(&now_s), &err))
		return true;
	if (err.code == ERROR_EXISTS)
		return true; /* the other one was faster */
	error_print(&err, stderr, true);
	return false;
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

/* Each with a team of its own; who has made it leaves a file with its number. */
static bool race(void *ctx, size_t n)
{
	const struct scratch *folder = ctx;
	AUTO(drop_str) char *dir = scratch_path(folder, "portal");
	AUTO(drop_str) char *mark = mem_format("%s/won-%zu", folder->path, n);
	AUTO(drop_str) char *id = mem_format("AAAAAAAAA%zu", n);
	const struct authority_team team = { .id = id, .name = "Acme" };
	struct error err = { 0 };

	if (authority_init(dir, &team, clock_fixed(&now_s), &err))
		return file_write(mark, slice_str(""), 0600, true, &err);
	if (err.code == ERROR_EXISTS)
		return true;
	error_print(&err, stderr, true);
	return false;
}

TEST(is_made_once_by_three_at_a_time)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };
	AUTO(drop_authority) struct authority *a = NULL;
	struct error err = { 0 };

	REQUIRE(scratch_make(&folder));
	AUTO(drop_str) char *dir = scratch_path(&folder, "portal");
	REQUIRE(run_together(3, race, &folder));
	REQUIRE_OK(authority_open(&a, dir, clock_fixed(&now_s), &err), &err);
	/* One winner, and it is the winner's. */
	CHECK(count_entries(folder.path) == 2);
	AUTO(drop_str)
	char *mark = mem_format("%s/won-%c", folder.path, authority_team_id(a)[9]);
	CHECK(access(mark, F_OK) == 0);
}

/* Has the folder of the one that is being made got this far? */
static bool has_reached(const struct scratch *folder, const char *name)
{
	DIR *dir = opendir(folder->path);
	const struct dirent *entry;
	bool found = false;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		AUTO(drop_str)
		char *path = mem_format("%s/%s/portal/%s", folder->path, entry->d_name,
		                        name);

		found = found || access(path, F_OK) == 0;
	}
	closedir(dir);
	return found;
}

/* Start one, kill it at that moment or when it is finished. */
static void kill_at(const struct scratch *folder, const char *dir, const char *moment)
{
	int status = 0;

	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		_exit(init_there(mem_copy(dir), 0) ? 0 : 1);
	while (waitpid(child, &status, WNOHANG) == 0) {
		if (!has_reached(folder, moment))
			continue;
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		return;
	}
}

TEST(survives_kill_9_at_every_step_of_making_it)
{
	static const char *const moments[] = {
		"",          "keys/root.pem", "certs/root.pem", "keys/der-signer.pem",
		"roots.pem", "portal.db",     "portal.db-wal",  "crl.pem",
	};

	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		AUTO(scratch_remove) struct scratch folder = { 0 };
		AUTO(drop_authority) struct authority *a = NULL;
		struct error err = { 0 };

		REQUIRE(scratch_make(&folder));
		AUTO(drop_str) char *dir = scratch_path(&folder, "portal");
		kill_at(&folder, dir, moments[i]);
		/* Nothing, and it can be made; or all of it. */
		if (access(dir, F_OK) != 0)
			REQUIRE_OK(authority_init(dir, &acme, clock_fixed(&now_s),
			                          &err),
			           &err);
		REQUIRE_OK(authority_open(&a, dir, clock_fixed(&now_s), &err), &err);
	}
}
