/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute_impl.h - the pieces of carrying a plan out, shared inside sign/ only.
 */
#pragma once

#include "bundle/newcode.h"
#include "bundle/seal.h"
#include "sign/sign.h"

/* Files that signing has changed so far, sorted by path. */
struct overlay {
	struct container_change *items; /* container_rewrite()'s list */
	struct seal_change *seals;      /* the same files, by the same index */
	size_t count, cap;
};
void overlay_free(struct overlay *o); /* for AUTO() */

/* An executable that was signed, and what the seal around it says of it. */
struct signed_code {
	struct newcode *code; /* owned */
	unsigned char sha1[20], sha256[32];
};

/* Set path to content (taken over from *content, which becomes empty). */
void overlay_put(struct overlay *o, const char *path, struct buf *content,
                 uint32_t mode);
/* Set path to code (taken over). */
void overlay_put_code(struct overlay *o, const char *path, struct signed_code *code,
                      uint32_t mode);
/* The file is gone. */
void overlay_remove(struct overlay *o, const char *path);
/* The change of path, or NULL. */
const struct container_change *overlay_find(const struct overlay *o, const char *path);
/* The view that seal_collect() takes; good until the overlay changes. */
struct seal_overlay overlay_view(const struct overlay *o);

/* The content of path as it will be: changed, or from the container. */
NODISCARD bool overlay_read(struct buf *out, const struct overlay *o,
                            const struct container *c, const char *path,
                            struct error *err);

/* What the signature of one executable is made of. */
struct code_parts {
	const struct sign_step *step;
	const struct sign_request *request;
	const struct trust_chain *chain; /* count 0: ad hoc */
	struct slice info, resources;    /* special slots 1 and 3; empty: absent */
	struct buf xml, der;             /* entitlement blobs; empty: none */
};

/* The signed file, put together from the old one; *out was initialised. */
NODISCARD bool seal_code(struct newcode *out, const struct code *old,
                         const struct code_parts *parts, struct error *err);
