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

TEST(keeps_the_first_evidence_cause_and_id)
{
	struct error err = { 0 };

	error_set(&err, ERROR_VERIFY, "app is not signed by the profile's team");
	CHECK(!error_evidence(&err, "profile lists %s", "71B2"));
	CHECK(!error_evidence(&err, "something else"));
	CHECK(!error_cause(&err, "The certificate was renewed."));
	CHECK(!error_cause(&err, "Something else."));
	CHECK(!error_id(&err, "KEY-05"));
	CHECK(!error_id(&err, "KEY-06"));
	CHECK_STR(err.evidence, "profile lists 71B2");
	CHECK_STR(err.cause, "The certificate was renewed.");
	CHECK_STR(err.id, "KEY-05");
	error_clear(&err);
	CHECK(err.id == NULL && err.cause[0] == '\0' && err.evidence[0] == '\0');
}

TEST(prints_the_parts_in_their_order)
{
	struct error err = { 0 };
	AUTO(drop_str) char *printed = NULL;
	size_t n = 0;

	error_set(&err, ERROR_VERIFY, "no");
	error_hint(&err, "Do it.");
	error_cause(&err, "Age.\n");
	error_evidence(&err, "a is 1,\tb is 2");
	error_context(&err, "checking");
	error_id(&err, "KEY-05");
	FILE *to = open_memstream(&printed, &n);
	REQUIRE(to != NULL);
	error_print(&err, to, false);
	fclose(to);
	CHECK_STR(printed, "error: no\n  while checking\nevidence: a is 1,?b is 2\n"
	                   "cause: Age.?\nhint: Do it.\n"
	                   "see: sealring explain KEY-05\n");
}

TEST(gives_every_code_a_name_and_a_status)
{
	for (int i = ERROR_NONE; i < ERROR_CODE_COUNT; i++) {
		enum error_code code = (enum error_code)i;

		CHECK(error_code_name(code) != NULL);
		CHECK((error_exit_status(code) == 0) == (code == ERROR_NONE));
		CHECK(error_exit_status(code) < 8);
	}
	CHECK_STR(error_code_name(ERROR_NOT_FOUND), "not-found");
	CHECK(error_exit_status(ERROR_VERIFY) == 1);
	CHECK(error_exit_status(ERROR_USAGE) == 2);
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
