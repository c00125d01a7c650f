/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der.h - the few pieces of DER (X.690) that we read and write by hand, where
 * libcrypto has no template: Apple's attributes, entitlements, DER profiles.
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define DER_BOOLEAN       0x01U
#define DER_INTEGER       0x02U
#define DER_OCTET_STRING  0x04U
#define DER_NULL          0x05U
#define DER_OID           0x06U
#define DER_UTF8          0x0cU
#define DER_NUMERIC       0x12U
#define DER_UTC_TIME      0x17U
#define DER_SEQUENCE      0x30U
#define DER_SET           0x31U

#define DER_OID_MAX_BYTES ((size_t)512) /* of the content of one we write */

/*
 * Take one element off the front of *in: its tag byte (single-byte tags only) and
 * content.  Minimal definite lengths only.  Errors: ERROR_FORMAT.
 */
NODISCARD bool der_next(struct slice *in, unsigned *tag, struct slice *content,
                        struct error *err);
/* The same, and the tag must be this one. */
NODISCARD bool der_expect(struct slice *in, unsigned tag, struct slice *content,
                          struct error *err);

/* Content of an INTEGER that fits; ERROR_FORMAT (not minimal), ERROR_LIMIT. */
NODISCARD bool der_int64(int64_t *out, struct slice content, struct error *err);

/* Append tag, length and content.  ERROR_LIMIT; *out is unchanged then. */
NODISCARD bool der_put(struct buf *out, unsigned tag, struct slice content,
                       struct error *err);
NODISCARD bool der_put_int64(struct buf *out, int64_t v, struct error *err);

/* Dotted text of an OID's content and back; false: malformed or too long. */
bool der_oid_text(char out[64], struct slice content);
NODISCARD bool der_oid_bytes(struct buf *out, const char *dotted, struct error *err);

/* A SET OF: elements collected in any order, written in that of DER (X.690 11.6). */
#define DER_SET_MAX 128
struct der_set {
	struct buf bytes[DER_SET_MAX]; /* private */
	size_t count;
};
/* Take a copy of one encoded element.  ERROR_LIMIT. */
NODISCARD bool der_set_add(struct der_set *set, struct slice element,
                           struct error *err);
/* Append it with this tag (0x31, or 0xa0 for an implicit one). */
NODISCARD bool der_set_put(struct buf *out, unsigned tag, const struct der_set *set,
                           struct error *err);
void der_set_free(struct der_set *set); /* for AUTO() */
