/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pbx.h - project.pbxproj: an old-style property list as a tree that knows where in
 * the text each of its values stands.
 *
 * Nobody writes these files from a tree: Xcode's comments, order and quotes would be
 * lost, and a team would see its whole project in the next diff.  So the text stays,
 * the tree points into it, and who changes a value replaces the bytes from start to
 * end and nothing else.
 *
 * The grammar (CFOldStylePList.c, with Xcode's habits):
 *   { key = value; }   ( value, value )   <0fbd 77>   word   "text"   'text'
 * A word is letters, digits and _ $ / : . -; text has the escapes of C, octal ones in
 * NeXTSTEP's encoding, and \U1234.  Comments are C's, both kinds.
 *
 * Files in XML, which old CocoaPods wrote, and binary ones are read too; their values
 * have no place (start and end are 0, line is 0).
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define PBX_MAX_BYTES ((size_t)64 << 20)
#define PBX_MAX_DEPTH 64                /* arrays and dictionaries inside each other */
#define PBX_MAX_NODES ((size_t)2000000) /* values in one file */

enum pbx_type {
	PBX_STRING, /* UTF-8 without NUL */
	PBX_DATA,
	PBX_ARRAY,
	PBX_DICT,
};

struct pbx_item;

struct pbx {
	enum pbx_type type;
	unsigned line;     /* where it begins, from 1 */
	size_t start, end; /* its bytes in the text, quotes and brackets too */
	size_t count;      /* PBX_ARRAY, PBX_DICT; else 0 */
	union {
		struct slice bytes; /* PBX_STRING (a NUL stands behind it), PBX_DATA */
		struct {
			struct pbx_item *items; /* in the order of the text */
			uint32_t *order; /* PBX_DICT: items sorted by key; equal keys
			                    in the order of the text */
			size_t cap;      /* private */
		};
	};
};

/* One of a dictionary or an array. */
struct pbx_item {
	struct pbx *value;
	char *key;         /* NULL in an array */
	unsigned line;     /* where the key begins */
	size_t start, end; /* from the key's first byte to behind the ";" or "," */
};

/*
 * Read a whole file.  *out is the caller's; release with pbx_free().  The root is a
 * dictionary.  Of a key that is there twice the last one counts, as for Xcode; both
 * are in the tree.
 *
 * what  names the file in messages: "Shop.xcodeproj/project.pbxproj"
 * Errors: ERROR_FORMAT with the line, also for the marks of a merge that was not
 * finished; ERROR_LIMIT.
 */
NODISCARD bool pbx_parse(struct pbx **out, struct slice text, const char *what,
                         struct error *err);

void pbx_free(struct pbx *root);
void drop_pbx(struct pbx **root); /* for AUTO() */

/* The value of key, or NULL if dict is NULL, no dictionary, or has no such key. */
const struct pbx *pbx_get(const struct pbx *dict, const char *key);
/* The same if it has the type; pbx_string() its text. */
const struct pbx *pbx_get_type(const struct pbx *dict, const char *key,
                               enum pbx_type type);
const char *pbx_string(const struct pbx *dict, const char *key);

/* The text of a string, or NULL if v is NULL or something else. */
const char *pbx_text(const struct pbx *v);

/*
 * The items whose key begins with prefix are order[*first] to order[*first + n - 1],
 * sorted by key.  Returns n; 0 for what is no dictionary.
 */
size_t pbx_with_prefix(size_t *first, const struct pbx *dict, const char *prefix);

/* An item whose key an earlier one has too; NULL: there is none. */
const struct pbx_item *pbx_duplicate(const struct pbx *dict);
