/* SPDX-License-Identifier: Apache-2.0 */
#include "util/shell.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "util/mem.h"

char *shell_quoted(const char *text)
{
	size_t quotes = 0;
	bool plain = text[0] != '\0' && text[0] != '-';

	for (const char *p = text; *p != '\0'; p++) {
		quotes += *p == '\'';
		plain &= isalnum((unsigned char)*p) || strchr("-_./:@%+=,", *p) != NULL;
	}
	if (plain)
		return mem_copy(text);
	/* ' becomes '\'' */
	char *out = mem_zero(strlen(text) + 3 * quotes + 3, 1), *to = out;
	*to++ = '\'';
	for (const char *p = text; *p != '\0'; p++) {
		*to++ = *p;
		if (*p != '\'')
			continue;
		*to++ = '\\';
		*to++ = '\'';
		*to++ = '\'';
	}
	*to++ = '\'';
	return out;
}
