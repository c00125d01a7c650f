/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge_impl.h - what forge*.c share.
 */
#pragma once

#include "support/forge.h"

/* Does the case change what stands at path? */
bool forge_is_at(const struct forge_case *how, const char *path);

/* Write the bundle's (or file's) executable with a signature. */
NODISCARD bool forge_sign(const struct forge *f, const struct bundle *b,
                          struct slice info, struct slice resources, struct error *err);

/* Write embedded.mobileprovision of a bundle. */
NODISCARD bool forge_embed(const struct forge *f, const struct bundle *b,
                           struct error *err);

/* Append a signed message over the code directories, the first of them content. */
NODISCARD bool forge_message(struct buf *out, const struct forge_code *c,
                             const struct buf *cds, struct error *err);
