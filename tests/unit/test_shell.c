/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for a shell: short where they can be, and read by sh as what they were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/harness.h"
#include "util/mem.h"
#include "util/shell.h"

static const struct {
	const char *word, *quoted;
} words[] = {
	{ "com.acme.shop", "com.acme.shop" },
	{ "a/b-c_d:e@f%g+h=i,j.ipa", "a/b-c_d:e@f%g+h=i,j.ipa" },
	{ "", "''" },
	{ "-o", "'-o'" },
	{ "com.acme.*", "'com.acme.*'" },
	{ "My App.ipa", "'My App.ipa'" },
	{ "it's", "'it'\\''s'" },
	{ "''", "''\\'''\\'''" },
	{ "$(id) `id` \"x\" \\ ; & | < > # ~ ! ? [a] {a,b}", NULL },
	{ "line\nline\ttab", NULL },
	{ "\xc3\xa9t\xc3\xa9", NULL },
};

TEST(words_are_quoted_where_they_must_be)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		AUTO(drop_str) char *quoted = shell_quoted(words[i].word);

		if (words[i].quoted != NULL)
			CHECK_STR(quoted, words[i].quoted);
		else
			CHECK(quoted[0] == '\'');
	}
}

TEST(words_are_what_a_shell_reads)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		AUTO(drop_str) char *quoted = shell_quoted(words[i].word);
		AUTO(drop_str) char *command = mem_format("printf %%s %s", quoted);
		char read[200] = "";

		FILE *shell =
			popen(command, "r"); // NOLINT(cert-env33-c): it is the judge
		REQUIRE(shell != NULL);
		size_t n = fread(read, 1, sizeof read - 1, shell);
		CHECK(pclose(shell) == 0);
		CHECK(n == strlen(words[i].word) && strcmp(read, words[i].word) == 0);
	}
}
