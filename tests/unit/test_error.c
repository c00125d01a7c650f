/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include <errno.h>
#include <stdlib.h>

#include "support/harness.h"
#include "util/mem.h"

TEST(collects_context_from_the_inside_out)
{
	struct error err = { 0 };

	CHECK(!error_set(&err, ERROR_FORMAT, "bad magic %#x", 0xfeedU));
	CHECK(!error_context(&err, "reading \"%s\"", "a"));
	CHECK(!error_context(&err, "signing \"%s\"", "b"));
	CHECK(err.code == ERROR_FORMAT);
	CHECK_STR(err.message, "bad magic 0xfeed");
	CHECK_STR(err.context, "reading \"a\"\nsigning \"b\"");
}

TEST(keeps_the_first_hint)
{
	struct error err = { 0 };

	error_set(&err, ERROR_AUTH, "token has expired");
	error_hint(&err, "Make a new one.");
	error_hint(&err, "Try again.");
	CHECK_STR(err.hint, "Make a new one.");
}

TEST(says_why_a_system_call_failed)
{
	struct error err = { 0 };

	errno = ENOENT;
	CHECK_FAILS(error_set_errno(&err, "could not open \"%s\"", "x"), &err,
	            ERROR_NOT_FOUND, "could not open \"x\": ");
	errno = EACCES;
	CHECK_FAILS(error_set_errno(&err, "could not open \"%s\"", "x"), &err,
	            ERROR_PERMISSION, strerror(EACCES));
}

TEST(cuts_long_texts_between_characters)
{
	struct error err = { 0 };
	char text[600] = "";

	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xab", 3); /* e with diaeresis, two bytes */

	for (size_t skip = 0; skip < 2; skip++) {
		error_set(&err, ERROR_FORMAT, "%s%s", skip ? "x" : "", text);
		size_t n = strlen(err.message);
		CHECK(n < sizeof err.message && n > sizeof err.message - 4);
		CHECK_STR(err.message + n - 3, "...");
		CHECK((n - 3 - skip) % 2 == 0); /* whole characters only */
		error_clear(&err);
	}
}

TEST(survives_any_amount_of_context)
{
	struct error err = { 0 };

	error_set(&err, ERROR_FORMAT, "nested too deeply");
	for (int i = 0; i < 1000; i++)
		error_context(&err, "reading level %d", i);
	CHECK(strlen(err.context) < sizeof err.context);
	CHECK(strncmp(err.context, "reading level 0\n", 16) == 0);
}

TEST(prints_nothing_that_drives_a_terminal)
{
	struct error err = { 0 };
	AUTO(drop_str) char *printed = NULL;
	size_t n = 0;

	error_set(&err, ERROR_FORMAT, "name is \"%s\"", "\x1b[2J");
	error_context(&err, "reading \"%s\"", "\a");
	FILE *to = open_memstream(&printed, &n);
	REQUIRE(to != NULL);
	error_print(&err, to, false);
	fclose(to);
	CHECK_STR(printed, "error: name is \"?[2J\"\n  while reading \"?\"\n");
}
