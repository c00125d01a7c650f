/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jsonio.h - JSON through jansson, with our limits and error texts.
 *
 * Values are jansson's json_t; build them with json_pack() and json_object_*().
 * The prefix is jsonio_, since json_ is jansson's.
 */
#pragma once

#include <jansson.h>

#include "util/buf.h"

#define JSONIO_MAX_BYTES ((size_t)16 << 20)

/*
 * Read one JSON value.  Duplicate keys, bytes after the end and NUL in strings
 * are refused.  *out is the caller's; release with drop_json().
 * Errors: ERROR_FORMAT with line and column, ERROR_LIMIT.
 */
NODISCARD bool jsonio_parse(json_t **out, struct slice text, struct error *err);

/* Append the text, keys in insertion order, two spaces deep, newline at the end. */
NODISCARD bool jsonio_write(struct buf *out, const json_t *value, struct error *err);

/* Write it to a stream. */
NODISCARD bool jsonio_print(FILE *to, const json_t *value, struct error *err);

/*
 * A JSON string of bytes that may not be UTF-8 (file names): what is not valid
 * becomes U+FFFD.  Never NULL.
 */
json_t *jsonio_text(const char *text);

void drop_json(json_t **value); /* for AUTO() */
