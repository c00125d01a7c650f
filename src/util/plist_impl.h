/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plist_impl.h - what the files of the plist module share.
 *
 * A dictionary is read item by item with pl_dict_add(), which does not look for
 * duplicates, and then closed with pl_dict_sort(), which does: sorting once is
 * the only way that stays fast whatever the keys are.
 */
#pragma once

#include "util/plist.h"

#define PL_BINARY_MAGIC "bplist00"

/* Append without sorting; takes key and value over. */
void pl_dict_add(struct pl *dict, char *key, struct pl *value);

/* Sort the keys.  Returns a key that is there twice, or NULL. */
const char *pl_dict_sort(struct pl *dict);

/* As pl_new_string(), for n bytes without NUL. */
struct pl *pl_new_text(struct slice text);

struct pl *pl_new_uint(uint64_t v); /* PL_INT; above INT64_MAX: is_unsigned */
struct pl *pl_new_uid(uint32_t v);

/* The two readers behind pl_parse(). */
NODISCARD bool pl_read_xml(struct pl **out, struct slice bytes, const char *what,
                           struct error *err);
NODISCARD bool pl_read_binary(struct pl **out, struct slice bytes, const char *what,
                              struct error *err);

/*
 * Judge a binary list before libplist sees it: every offset, size and text is
 * right, there are no cycles, and it stays within the limits when everything
 * that is shared has been copied out.
 */
NODISCARD bool pl_binary_guard(struct slice bytes, const char *what, struct error *err);

/* An element of XML that holds a value and no other elements. */
struct pl_scalar {
	const char *name;
	bool keeps_space; /* else the text comes without the space around it */
	bool (*make)(struct pl **out,
	             struct slice text); /* *out may be set on failure */
	const char *wrong;               /* what to say when make() fails */
};

/* NULL if there is none of this name. */
const struct pl_scalar *pl_scalar_find(struct slice name);

/* Digits only; false if there are none, others, or the value does not fit. */
bool pl_digits(uint64_t *out, struct slice s, unsigned base);
