/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/newcode.h - a Mach-O file as signing leaves it: what it keeps of the old
 * one, and the new bytes around that.  Nothing that is kept is copied; it is hashed,
 * or deflated, without ever being in memory as a whole.
 */
#pragma once

#include "bundle/code.h"
#include "ipa/splice.h"

struct newcode_part {
	bool is_kept;       /* bytes [from, from + n) of the old file */
	size_t range;       /* kept: index of the code's kept range */
	struct slice bytes; /* new: these */
	uint64_t n;
};

struct newcode {
	const struct code *old; /* borrowed */
	struct newcode_part *parts;
	size_t count, cap;
	struct buf **owned; /* private: bytes of new parts that are not in the image */
	size_t owned_count, owned_cap;
	uint64_t size;
};

void newcode_init(struct newcode *nc, const struct code *old);
void newcode_free(struct newcode *nc); /* for AUTO() */

/*
 * Append bytes: of the old code's image (as macho_emit() hands them out), of which
 * whole kept ranges become kept parts; or any others, which are copied.
 */
NODISCARD bool newcode_append(struct newcode *nc, struct slice bytes,
                              struct error *err);

/* Hand the whole content over in pieces.  Errors: put()'s; reading errors. */
typedef bool newcode_put(void *ctx, struct slice piece, struct error *err);
NODISCARD bool newcode_write(const struct newcode *nc, newcode_put *put, void *ctx,
                             struct error *err);

/*
 * Hashes of the content, as the seal around it lists them, with what was fed to them:
 * nothing of that (size 0) where not exactly one range of the old code is kept.
 */
NODISCARD bool newcode_hash(struct code_whole *out, const struct newcode *nc,
                            struct error *err);

/* The content's CRC-32. */
uint32_t newcode_crc(const struct newcode *nc);

/*
 * Deflate: blocks of the old entry are kept where they can be, the rest is deflated
 * by the splice's level.  *out was initialised; it borrows from the old archive.
 */
NODISCARD bool newcode_deflate(struct splice *out, const struct newcode *nc,
                               struct error *err);
