/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/password.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

static bool heap_is_made(struct error *err)
{
	static bool done;

	return done || (done = secret_setup(err));
}

/* The password that a spec leads to, compared with want. */
static void check_spec(const char *spec, const char *want)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret got = { 0 };

	REQUIRE_OK(heap_is_made(&err), &err);
	REQUIRE_OK(password_read(&got, spec, "password", false, &err), &err);
	CHECK(secret_equal(secret_reveal(&got), slice_str(want)));
}

TEST(reads_the_environment_in_both_spellings)
{
	setenv("TEST_PASSWORD", "s3cret pass", 1);
	check_spec("@env:TEST_PASSWORD", "s3cret pass");
	check_spec("env:TEST_PASSWORD", "s3cret pass");
	setenv("TEST_PASSWORD", "", 1);
	check_spec("@env:TEST_PASSWORD", "");
	unsetenv("TEST_PASSWORD");
}

TEST(reads_the_first_line_of_a_file_or_descriptor)
{
	struct error err = { 0 };
	char path[] = "/tmp/password-XXXXXX", spec[64];
	int fd = mkstemp(path);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, "first\r\nsecond\n", 14) == 14);
	snprintf(spec, sizeof spec, "@file:%s", path);
	check_spec(spec, "first");
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	snprintf(spec, sizeof spec, "@fd:%d", fd);
	check_spec(spec, "first");
	CHECK_FAILS(password_read(&(struct secret){ 0 }, "@fd:x", "password", false,
	                          &err),
	            &err, ERROR_USAGE, "no descriptor number");
	close(fd);
	unlink(path);
}

TEST(takes_a_password_up_to_the_limit_and_no_longer)
{
	struct error err = { 0 };
	char text[PASSWORD_MAX_BYTES + 2];

	REQUIRE_OK(heap_is_made(&err), &err);
	memset(text, 'p', sizeof text - 1);
	text[PASSWORD_MAX_BYTES] = '\0';
	setenv("TEST_PASSWORD", text, 1);
	check_spec("@env:TEST_PASSWORD", text);
	text[PASSWORD_MAX_BYTES] = 'p';
	text[PASSWORD_MAX_BYTES + 1] = '\0';
	setenv("TEST_PASSWORD", text, 1);
	CHECK_FAILS(password_read(&(struct secret){ 0 }, "@env:TEST_PASSWORD",
	                          "password", false, &err),
	            &err, ERROR_LIMIT, "longer than");
	unsetenv("TEST_PASSWORD");
}

TEST(says_which_variable_or_file_is_missing)
{
	struct error err = { 0 };

	REQUIRE_OK(heap_is_made(&err), &err);
	CHECK_FAILS(password_read(&(struct secret){ 0 }, "@env:NO_SUCH_NAME",
	                          "password", false, &err),
	            &err, ERROR_NOT_FOUND, "\"NO_SUCH_NAME\" is not set");
	CHECK_FAILS(password_read(&(struct secret){ 0 }, "@file:/no/such", "password",
	                          false, &err),
	            &err, ERROR_NOT_FOUND, "/no/such");
}
