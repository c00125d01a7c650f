/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plist.h - property lists: XML and binary in, a tree of plain values, out again.
 *
 * Binary lists are read by libplist, after our own guard has judged every object
 * of the file.  XML is read by our own strict parser: libplist 2.2 keeps dates in
 * 32 bits, cannot tell -1 from the largest unsigned number, and hangs on keys whose
 * hashes are equal (docs/decisions/003).  Writing is our own, because signatures
 * cover the bytes: pl_write_xml() writes what Apple's codesign writes (spec
 * codesign.md 3.1 and 6.1).
 *
 * The prefix is pl_, since plist_ is libplist's.  Nothing outside plist*.c
 * includes libplist's header.
 *
 * A tree is owned by its root: pl_free(root) releases all of it.  Values handed
 * out by getters are borrowed from the tree.
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define PL_MAX_BYTES ((size_t)64 << 20) /* of one property list, either form */
#define PL_MAX_DEPTH 64                 /* arrays and dictionaries inside each other */
#define PL_MAX_NODES ((size_t)2000000)  /* values in one property list */
/* Values of a binary list, beyond one for each byte of the file. */
#define PL_FREE_NODES ((size_t)10000)

enum pl_type {
	PL_BOOL,
	PL_INT, /* int64; larger unsigned ones: see is_unsigned */
	PL_REAL,
	PL_STRING, /* UTF-8 */
	PL_DATA,
	PL_DATE,
	PL_ARRAY,
	PL_DICT,
	PL_UID, /* binary only: NSKeyedArchiver references */
};

struct pl {
	enum pl_type type;
	bool boolean;
	bool is_unsigned; /* integer is a uint64_t above INT64_MAX, in two's complement */
	size_t count;     /* PL_ARRAY, PL_DICT; else 0 */
	union {           /* large lists have a hundred thousand values */
		int64_t integer; /* PL_INT, PL_UID; PL_DATE: seconds since 1970 UTC */
		double real;
		struct slice
			bytes; /* PL_STRING, PL_DATA; a string has a NUL behind it */
		struct {       /* PL_ARRAY, PL_DICT */
			struct pl **items; /* values, in file order */
			char **keys;       /* PL_DICT: of each item; no two are equal */
			uint32_t *order;   /* private; PL_DICT: items sorted by key */
			size_t cap;        /* private */
		};
	};
};

/*
 * Read an XML or binary property list, told apart by content.  Bytes after the
 * end of an XML list that are not white space are an error, and so are duplicate
 * keys, entities beyond the five of XML and numeric ones, and strings that are
 * not UTF-8 or contain NUL.
 *
 * what  names the file in messages: "Info.plist"
 * Errors: ERROR_FORMAT, ERROR_LIMIT.
 */
NODISCARD bool pl_parse(struct pl **out, struct slice bytes, const char *what,
                        struct error *err);

/* Does it start like a property list (XML or binary)? */
bool pl_looks_like(struct slice bytes);
bool pl_is_binary(struct slice bytes);

/*
 * Append the XML form with Apple's header, tabs, and keys sorted by bytes; ends
 * in a newline.  Base64 stands unbroken on one line up to 76 columns less the
 * indentation (a tab counts 8), as CFPropertyList breaks it.
 * Errors: ERROR_LIMIT, ERROR_FORMAT (PL_UID has no XML form here).
 */
NODISCARD bool pl_write_xml(struct buf *out, const struct pl *root, struct error *err);

/*
 * The same, written from front to end without a tree: for lists of many entries.
 * The caller writes keys in the order of their bytes, each followed by its value.
 *
 *     struct pl_xml x = { .out = out };
 *     ok = pl_xml_begin(&x, err) && pl_xml_open(&x, err) &&
 *          pl_xml_key(&x, "Name", err) && pl_xml_string(&x, "X", err) && ... &&
 *          pl_xml_close(&x, err) && pl_xml_end(&x, err);
 */
struct pl_xml {
	struct buf *out;
	unsigned depth;   /* private */
	size_t opened_at; /* private: what is there when a dictionary has no keys */
};
NODISCARD bool pl_xml_begin(struct pl_xml *x, struct error *err);
NODISCARD bool pl_xml_open(struct pl_xml *x, struct error *err); /* a dictionary */
NODISCARD bool pl_xml_key(struct pl_xml *x, const char *key, struct error *err);
NODISCARD bool pl_xml_string(struct pl_xml *x, const char *text, struct error *err);
NODISCARD bool pl_xml_data(struct pl_xml *x, struct slice bytes, struct error *err);
NODISCARD bool pl_xml_tree(struct pl_xml *x, const struct pl *v, struct error *err);
NODISCARD bool pl_xml_close(struct pl_xml *x, struct error *err);
NODISCARD bool pl_xml_end(struct pl_xml *x, struct error *err);

/* Append the binary form (bplist00). */
NODISCARD bool pl_write_binary(struct buf *out, const struct pl *root,
                               struct error *err);

/* Release a tree; NULL is fine. */
void pl_free(struct pl *root);
void drop_pl(struct pl **root); /* for AUTO() */

/* ---- looking ---- */

/* The value of key, or NULL if dict is NULL, no dictionary, or has no such key. */
const struct pl *pl_get(const struct pl *dict, const char *key);

/*
 * The value of key if it has the type, else NULL; the shape for optional keys.
 * pl_string() returns NULL, pl_bool() and pl_int() the fallback.
 */
const struct pl *pl_get_type(const struct pl *dict, const char *key, enum pl_type type);
const char *pl_string(const struct pl *dict, const char *key);
bool pl_bool(const struct pl *dict, const char *key, bool fallback);
int64_t pl_int(const struct pl *dict, const char *key, int64_t fallback);

/*
 * The same for keys that must be there: ERROR_FORMAT says what was expected and
 * what was found: "CFBundleIdentifier is an integer, not a string".
 */
NODISCARD bool pl_need(const struct pl **out, const struct pl *dict, const char *key,
                       enum pl_type type, struct error *err);
NODISCARD bool pl_need_string(const char **out, const struct pl *dict, const char *key,
                              struct error *err);

/* The text of a string value, or NULL if v is NULL or something else. */
const char *pl_text(const struct pl *v);

/* Is there a string equal to text in this array? */
bool pl_array_has(const struct pl *array, const char *text);
/* The same for an integer. */
bool pl_array_has_int(const struct pl *array, int64_t wanted);

const char *pl_type_name(enum pl_type type); /* "a string" */

/* Equal in meaning: same types and values; the order of keys does not count. */
bool pl_equal(const struct pl *a, const struct pl *b);

/* ---- building; none of these fails ---- */

struct pl *pl_new_bool(bool v);
struct pl *pl_new_int(int64_t v);
struct pl *pl_new_real(double v);
struct pl *pl_new_string(const char *text);
struct pl *pl_new_data(struct slice bytes);
struct pl *pl_new_date(int64_t time_s);
struct pl *pl_new_array(void);
struct pl *pl_new_dict(void);
struct pl *pl_copy(const struct pl *v);

/* Takes value over; replaces (and frees) what key had.  Returns value. */
struct pl *pl_set(struct pl *dict, const char *key, struct pl *value);
void pl_remove(struct pl *dict, const char *key);

/* The same for a key that is known not to be there. */
struct pl *pl_append_key(struct pl *dict, const char *key, struct pl *value);

/* Takes value over.  Returns value. */
struct pl *pl_append(struct pl *array, struct pl *value);
