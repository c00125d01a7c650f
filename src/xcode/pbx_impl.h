/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pbx_impl.h - what the files of the pbx parser share.
 */
#pragma once

#include "xcode/pbx.h"

struct pbx *pbx_new(enum pbx_type type);
struct pbx *pbx_new_bytes(enum pbx_type type, struct slice bytes);

/* Append; takes key (NULL: to an array) and value over.  The item is good until the
 * next is added. */
struct pbx_item *pbx_add(struct pbx *to, char *key, struct pbx *value);

/* Sort the keys of a dictionary that is complete. */
void pbx_sort(struct pbx *dict);

/*
 * What stands between quotes, without its escapes.  On failure *why says what is
 * wrong, after "a string that".
 */
bool pbx_unescape(struct buf *out, const char **why, struct slice inside);
