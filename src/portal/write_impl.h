/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_impl.h - JSON written straight into an answer, for portal/ only.  Pages of
 * thousands of values are not worth a tree each.
 */
#pragma once

#include "util/buf.h"

/* Append a JSON string; what is not UTF-8 becomes U+FFFD. */
NODISCARD bool write_text(struct buf *out, const char *text, struct error *err);
/* Append "name":"value"; name is a constant that needs no escapes. */
NODISCARD bool write_member(struct buf *out, const char *name, const char *value,
                            struct error *err);
/* Append a time as App Store Connect writes it: "2026-11-22T16:01:20.000+00:00". */
NODISCARD bool write_time(struct buf *out, int64_t time_s, struct error *err);
/* Append bytes as base64 in quotes. */
NODISCARD bool write_bytes(struct buf *out, struct slice bytes, struct error *err);
/* Append text for a query: what is not a letter, digit or one of -._~[], is %XX. */
NODISCARD bool write_query(struct buf *out, const char *text, struct error *err);
