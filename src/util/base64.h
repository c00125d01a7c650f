/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64.h - base64 on one line (RFC 4648 sections 4 and 5).
 *
 * What property lists hold, with lines and spaces, is util/plist's.
 */
#pragma once

#include "util/buf.h"

enum base64_form {
	BASE64_PLAIN, /* + and /, filled up with = */
	BASE64_URL,   /* - and _, not filled up: tokens, cursors */
};

/* Append.  ERROR_LIMIT. */
NODISCARD bool base64_write(struct buf *out, struct slice bytes, enum base64_form form,
                            struct error *err);

/*
 * Append what text stands for.  Strict: each byte string has one text, everything
 * else is ERROR_FORMAT (spaces, wrong filling, bits left over).
 */
NODISCARD bool base64_read(struct buf *out, struct slice text, enum base64_form form,
                           struct error *err);
