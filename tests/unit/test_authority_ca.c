/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data folder and the authorities in it: made whole or not at all, opened whole
 * or refused with a word on what to do.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
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

/* ---- opening ---- */

/* Refused, and it says what to do; the folder is as it was. */
static void check_refused(struct test_portal *p, enum error_code code, const char *text)
{
	struct error err = { 0 };

	CHECK(!test_portal_reopen(p, &err));
	if (!CHECK(err.code == code && strstr(err.message, text) != NULL))
		error_print(&err, stderr, true);
	if (!CHECK(err.hint[0] != '\0'))
		error_print(&err, stderr, true);
}

TEST(says_that_there_is_no_portal)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };
	struct authority *a = NULL;
	struct error err = { 0 };

	REQUIRE(scratch_make(&folder));
	CHECK(!authority_open(&a, folder.path, clock_fixed(&now_s), &err));
	CHECK(strstr(err.hint, "portal init") != NULL);
	error_clear(&err);
	CHECK_FAILS(authority_open(&a, "/no/such/folder", clock_fixed(&now_s), &err),
	            &err, ERROR_NOT_FOUND, "no portal");
	AUTO(drop_str) char *file = scratch_path(&folder, "file");
	REQUIRE_OK(file_write(file, slice_str("x"), 0600, true, &err), &err);
	CHECK_FAILS(authority_open(&a, file, clock_fixed(&now_s), &err), &err,
	            ERROR_NOT_FOUND, "no portal");
	CHECK(a == NULL);
}

/* Of each authority the key, then the certificate. */
static char *file_of(const struct test_portal *p, size_t i)
{
	return mem_format("%s/%s/%s.pem", p->dir, i % 2 == 0 ? "keys" : "certs",
	                  authorities[i / 2]);
}

TEST(misses_every_file)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(drop_str) char *aside = NULL;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	aside = test_portal_path(&p, "aside");
	for (size_t i = 0; i < 2 * ARRAY_LEN(authorities); i++) {
		AUTO(drop_str) char *path = file_of(&p, i);

		REQUIRE(rename(path, aside) == 0);
		check_refused(&p, ERROR_NOT_FOUND, path);
		REQUIRE(rename(aside, path) == 0);
	}
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
}

/* Cut it in the middle, then to nothing; it is whole again afterwards. */
static void check_cuts(struct test_portal *p, const char *path)
{
	AUTO(buf_free) struct buf whole = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE_OK(file_read(&whole, path, &err), &err);
	REQUIRE(truncate(path, (off_t)(whole.n / 2)) == 0);
	check_refused(p, ERROR_FORMAT, "");
	REQUIRE(truncate(path, 0) == 0);
	check_refused(p, ERROR_FORMAT, "");
	REQUIRE_OK(file_write(path, buf_slice(&whole), 0600, false, &err), &err);
}

TEST(refuses_half_a_file)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < 2 * ARRAY_LEN(authorities); i++) {
		AUTO(drop_str) char *path = file_of(&p, i);

		check_cuts(&p, path);
	}
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
}

TEST(refuses_the_key_of_another)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	AUTO(drop_str) char *from = test_portal_path(&p, "keys/profile.pem");
	AUTO(drop_str) char *to = test_portal_path(&p, "keys/developer.pem");
	REQUIRE(rename(from, to) == 0);
	check_refused(&p, ERROR_FORMAT, "do not belong together");
}

TEST(refuses_a_key_that_others_can_read)
{
	static const mode_t open_modes[] = { 0644, 0640, 0604, 0620, 0601 };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	AUTO(drop_str) char *key = test_portal_path(&p, "keys/der-signer.pem");
	for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
		REQUIRE(chmod(key, open_modes[i]) == 0);
		check_refused(&p, ERROR_PERMISSION, "can be read by others");
	}
	REQUIRE(chmod(key, 0400) == 0);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
}

/* ---- databases that are none of ours ---- */

static bool change_database(const struct test_portal *p, const char *sql,
                            struct error *err)
{
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(drop_str) char *path = test_portal_path(p, "portal.db");
	const char *const argv[] = { "sqlite3", path, sql, NULL };

	return run_program(&said, argv) == 0 ||
	       error_set(err, ERROR_IO, "sqlite3 says: %.*s", (int)said.n,
	                 (const char *)said.p);
}

TEST(refuses_databases_that_make_no_sense)
{
	static const struct {
		const char *sql;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ "PRAGMA user_version=99", ERROR_FORMAT, "newer than this program" },
		{ "DELETE FROM team", ERROR_FORMAT, "damaged" },
		{ "DROP TABLE capability", ERROR_FORMAT,
		  "not the database of a portal" },
		{ "ALTER TABLE team RENAME TO people", ERROR_FORMAT,
		  "not the database of a portal" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(test_portal_free) struct test_portal p = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(test_portal_make(&p, &err), &err);
		REQUIRE_OK(change_database(&p, cases[i].sql, &err), &err);
		check_refused(&p, cases[i].code, cases[i].text);
	}
}

static bool put_database(struct test_portal *p, struct slice bytes, struct error *err)
{
	AUTO(drop_str) char *path = test_portal_path(p, "portal.db");

	drop_authority(&p->a);
	p->a = NULL;
	return file_write(path, bytes, 0600, false, err);
}

TEST(leaves_the_database_of_another_program_alone)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(put_database(&p, slice_str(""), &err), &err);
	check_refused(&p, ERROR_FORMAT, "not the database of a portal");
	REQUIRE_OK(change_database(&p, "CREATE TABLE theirs (id INTEGER)", &err), &err);
	check_refused(&p, ERROR_FORMAT, "not the database of a portal");
	AUTO(drop_str) char *path = test_portal_path(&p, "portal.db");
	const char *const tables[] = { "sqlite3", path, ".tables", NULL };
	REQUIRE(run_program(&said, tables) == 0);
	CHECK(run_says(&said, "theirs") && !run_says(&said, "certificate"));
	REQUIRE_OK(put_database(&p, slice_str("no database at all, but text"), &err),
	           &err);
	check_refused(&p, ERROR_FORMAT, "no database");
}

static bool add_phone(struct test_portal *p, size_t number, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, number);
	return authority_device_add(p->a, udid, "Phone", NULL, err);
}

/* A hundred phones, one of them disabled, and a certificate of the third day. */
static bool fill_portal(struct test_portal *p, struct error *err)
{
	char udid[32];
	size_t affected = 0;

	if (!test_portal_make(p, err))
		return false;
	for (size_t i = 0; i < 100; i++)
		if (!add_phone(p, i, err))
			return false;
	p->now_s += 3 * CLOCK_DAY_S;
	test_portal_udid(udid, 42);
	return authority_device_disable(p->a, udid, &affected, err) &&
	       test_portal_cert(NULL, p, AUTHORITY_CERT_DEVELOPMENT, 0, err);
}

/* As the first version of this program made it; its year begins with the certificate. */
TEST(brings_an_old_portal_up_to_date)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fill_portal(&p, &err), &err);
	drop_authority(&p.a);
	p.a = NULL;
	REQUIRE_OK(change_database(&p,
	                           "ALTER TABLE team DROP COLUMN created_s;"
	                           "ALTER TABLE device DROP COLUMN disabled_s;"
	                           "UPDATE device SET added_s = added_s + 10 * 86400;"
	                           "PRAGMA user_version=1;",
	                           &err),
	           &err);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
	CHECK_FAILS(add_phone(&p, 100, &err), &err, ERROR_LIMIT, "100 places");
	p.now_s = TEST_PORTAL_TIME + (3 + 365) * CLOCK_DAY_S - 1;
	CHECK_FAILS(add_phone(&p, 100, &err), &err, ERROR_LIMIT, "100 places");
	p.now_s++;
	REQUIRE_OK(add_phone(&p, 100, &err), &err);
}

/* Root may always write: somebody else is asked. */
static bool open_as_nobody(void *ctx, size_t n)
{
	struct test_portal *p = ctx;
	struct authority *a = NULL;
	struct error err = { 0 };

	(void)n;
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return false;
	if (!authority_open(&a, p->dir, clock_fixed(&now_s), &err) &&
	    err.code == ERROR_PERMISSION && err.hint[0] != '\0')
		return true;
	error_print(&err, stderr, true);
	return false;
}

TEST(says_that_the_folder_is_read_only)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	drop_authority(&p.a);
	p.a = NULL;
	AUTO(drop_str) char *db = test_portal_path(&p, "portal.db");
	REQUIRE(chmod(p.folder.path, 0755) == 0 && chmod(p.dir, 0555) == 0 &&
	        chmod(db, 0444) == 0);
	CHECK(run_together(1, open_as_nobody, &p));
	REQUIRE(chmod(db, 0666) == 0);
	CHECK(run_together(1, open_as_nobody, &p));
	REQUIRE(chmod(p.dir, 0700) == 0);
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
