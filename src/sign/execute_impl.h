/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute_impl.h - the pieces of carrying a plan out, shared inside sign/ only.
 */
#pragma once

#include "bundle/seal.h"
#include "sign/sign.h"

/* Files that signing has changed so far, sorted by path: container_rewrite()'s list. */
struct overlay {
	struct container_change *items;
	size_t count, cap;
};
void overlay_free(struct overlay *o); /* for AUTO() */

/* Set path to content (taken over from *content, which becomes empty). */
void overlay_put(struct overlay *o, const char *path, struct buf *content,
                 uint32_t mode);
/* The file is gone. */
void overlay_remove(struct overlay *o, const char *path);
/* The change of path, or NULL. */
const struct container_change *overlay_find(const struct overlay *o, const char *path);
/* The view that seal_collect() takes. */
struct seal_overlay overlay_view(struct overlay *o);

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

/* Append the signed Mach-O file. */
NODISCARD bool seal_code(struct buf *out, struct slice file,
                         const struct code_parts *parts, struct error *err);
