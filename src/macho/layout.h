/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macho/layout.h - where the signature goes (spec codesign.md 1.3 to 1.6).
 *
 * Signing changes a slice in two places only: the load commands at its front and
 * the signature at its end.  So a signed slice is described as
 *
 *     head (new)  |  bytes of the old slice from head.n to keep_end  |
 *     zeros up to code_limit  |  signature, padded to sig_size
 *
 * and nothing in between is copied.
 */
#pragma once

#include "macho/read.h"
#include "util/buf.h"

struct macho_layout {
	struct buf head;     /* header and load commands as they will be */
	uint64_t keep_end;   /* old bytes are kept up to here */
	uint64_t code_limit; /* where the signature begins: 16-aligned */
	uint32_t sig_size;   /* bytes reserved for it: a multiple of 16 */
};

/*
 * Lay out one slice for a signature of sig_size bytes (rounded up to 16),
 * replacing one that is there.
 *
 * Errors: ERROR_FORMAT with the spec's reason in the text:
 *   no room for the load command (says how many bytes are missing), padding in
 *   use, no __LINKEDIT or not last, signature not at the end; ERROR_LIMIT when
 *   offsets would pass 4 GiB.
 */
NODISCARD bool macho_layout_slice(struct macho_layout *out, const struct macho_slice *s,
                                  uint32_t sig_size, struct error *err);
void macho_layout_free(struct macho_layout *layout); /* for AUTO() */

/* Run over the code [0, code_limit) in order, as up to three borrowed pieces. */
struct macho_pieces {
	struct slice piece[3]; /* head, kept, zeros (fewer than 16) */
	size_t count;
};
void macho_layout_pieces(struct macho_pieces *out, const struct macho_layout *layout,
                         const struct macho_slice *s);

/* Where each slice goes in the file that will be written. */
struct macho_plan {
	bool is_fat;
	uint64_t total;                    /* bytes of the new file */
	uint64_t offset[MACHO_MAX_SLICES]; /* of each slice */
	struct buf fat_header;             /* empty if thin */
};

/*
 * Lay out the file: thin stays thin; fat slices start at multiples of 0x4000 in
 * the old order; fat64 becomes fat when it fits.  layouts has m->count entries.
 * Errors: ERROR_LIMIT.
 */
NODISCARD bool macho_plan_file(struct macho_plan *out, const struct macho *m,
                               const struct macho_layout *layouts, struct error *err);
void macho_plan_free(struct macho_plan *plan); /* for AUTO() */

/*
 * Hand the whole new file over, in order and in pieces: new ones, and borrowed ones of
 * the old file's bytes.  signatures[i] (at most layouts[i].sig_size bytes) is padded
 * with zeros.
 */
NODISCARD bool macho_emit(const struct macho *m, const struct macho_plan *plan,
                          const struct macho_layout *layouts,
                          const struct slice *signatures,
                          bool (*put)(void *ctx, struct slice piece, struct error *err),
                          void *ctx, struct error *err);

/* Append the file without any signature (1.5). */
NODISCARD bool macho_unsign(struct buf *out, const struct macho *m, struct error *err);
