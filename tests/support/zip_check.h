/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_check.h - what the tests of zip files ask again and again.
 */
#pragma once

#include "ipa/zip.h"
#include "support/tiny_zip.h"

/*
 * Is it refused, with this code, this text in the message, and `name` in the evidence
 * (NULL: any)?  The bytes are copied to where a sanitizer sees their end.
 */
bool zip_is_refused(struct slice file, enum error_code code, const char *text,
                    const char *name);

/* Parse, and read every file; prints the error and returns false if that fails. */
bool zip_is_good(struct slice file);

/* The entry with this name, or NULL. */
const struct zip_entry *zip_named(const struct zip *zip, const char *name);

/* The content of an entry, as a string to free; NULL and a printed error if not. */
char *zip_text(const struct zip *zip, const char *name);
