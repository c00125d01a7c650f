/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms_way.h - a small message, signed by the developer of fake_pki() with the chain
 * root, WWDR; and its bytes changed.
 *
 *     struct cms_way w;
 *     AUTO(buf_free) struct buf message = { 0 };
 *
 *     cms_way_developer(&w)->is_detached = true;
 *     REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
 */
#pragma once

#include "crypto/cms.h"
#include "support/fake_pki.h"

#define CMS_WAY_CONTENT "what is signed"

struct cms_way {
	const struct cert *chain[2];
	struct cms_sign sign;
};

/* Fill *w in; returns its sign, to be changed. */
struct cms_sign *cms_way_developer(struct cms_way *w);

/* The message with CMS_WAY_CONTENT; release *out with buf_free(). */
NODISCARD bool cms_way_build(struct buf *out, const struct cms_sign *how,
                             struct error *err);

/* Where part begins inside of whole; whole.n if it is not there. */
size_t cms_way_place(struct slice whole, struct slice part);

/* The first place of `from` in bytes becomes `to`, of the same length. */
bool cms_way_patch(struct buf *bytes, struct slice from, struct slice to);
