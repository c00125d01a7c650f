/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_print.h - entries of the catalogue for people, programs and pages.
 */
#pragma once

#include "explain/explain.h"
#include "util/jsonio.h"

/* As people read it in a terminal. */
void explain_print_entry(const struct explain_entry *entry);
void explain_print_code(const struct explain_code *code); /* a row without an entry */

/*
 * As programs read it.  Entry: id, family, title, messages, names, codes, causes
 * [{text, tell}], facts, decidable, fix, command, noise, sources [{source, url}].
 * Code: code, domain, name, text, meaning, entry.
 */
json_t *explain_entry_json(const struct explain_entry *entry);
json_t *explain_code_json(const struct explain_code *code);

/* As pages of docs/errors: "index", "codes", or a family's name, in any case.  false:
 * there is no such page. */
bool explain_print_page(FILE *to, const char *page);

/* Does the command that is recommended exist in this version? */
bool explain_command_exists(const char *command_line);
