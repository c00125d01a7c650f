/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/code.h - a Mach-O file of a container, read once from front to end.
 *
 * What signing and judging want of code is its load commands, its signature, and
 * the hash of each page.  The pages themselves are not kept: a file in a zip is
 * inflated piece by piece, and an `image` of its full length holds only the edges.
 * The rest of the image are zeros that use no memory, so readers of the edges
 * (macho/, codesign/) see a file as they know it.
 *
 * Of each slice the `kept` range is what signing never changes, whole pages between
 * load commands and signature; all bytes outside these ranges are in the image, as
 * are sections that are parsed.  What stays of a deflated file is bounded.
 */
#pragma once

#include <stdatomic.h>

#include "bundle/container.h"
#include "crypto/sha.h"
#include "ipa/inflate.h"
#include "macho/read.h"

/* Larger files are no code that any device loads. */
#define CODE_MAX_BYTES ((uint64_t)4 << 30)
#define CODE_PAGE_SIZE ((uint64_t)4096) /* of pages when nobody says otherwise */
/* Bytes of a deflated file's image that may be in use.  An area that a signature by
 * SHA-1 and SHA-256 fills is 1/79 of the file: here is room for it twice over. */
#define CODE_MAX_RESIDENT(size) (((uint64_t)16 << 20) + (size) / 32)
#define CODE_DIGESTS            2 /* SHA-1 where an old system needs it, and SHA-256 */

/* The hashes of a slice's pages, from its start up to its signature. */
struct code_pages {
	enum digest digest; /* 0: none */
	uint64_t page_size; /* 0: one page for all */
	uint64_t limit;     /* bytes that are hashed */
	struct buf hashes;
};

/* Bytes [from, to) of the file that signing leaves as they are, at least
 * CODE_KEPT_MIN.  The image has the first CODE_KEPT_FRONT and the last CODE_KEPT_BACK
 * of them: what a splice deflates anew, as their symbols refer to what is before them,
 * or reach out of the range. */
struct code_kept {
	uint64_t from, to;
	uint32_t crc;
};
#define CODE_KEPT_FRONT (INFLATE_HISTORY + INFLATE_MATCH_MAX)
#define CODE_KEPT_BACK  INFLATE_MATCH_MAX
#define CODE_KEPT_MIN   ((uint64_t)64 << 10)

/* What all of a new file hashes to, and of which bytes that is: whoever has the file
 * finds out whether these are its bytes. */
struct code_whole {
	uint64_t size;     /* 0: nothing is known */
	uint64_t from, to; /* what it has of the old code's kept range */
	uint32_t kept_crc; /* of those bytes */
	unsigned char edges[SHA256_BYTES]; /* of all others, in order */
	unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES];
};

struct code {
	const struct container *c; /* borrowed, with file */
	const struct container_file *file;
	struct macho m;
	struct slice image; /* private: m borrows from it */
	struct file_map map;
	bool image_is_ours; /* to be unmapped */
	bool is_complete;   /* the image has all bytes */
	atomic_size_t *budget, *room;
	size_t resident; /* what it took from the room */
	struct code_kept kept[MACHO_MAX_SLICES];
	size_t kept_count;
	unsigned char back[CODE_KEPT_BACK]; /* private: of the first of them */
	bool is_known;                      /* its symbols were compared, not read */
	struct inflate_blocks blocks;       /* of a deflated entry */
	struct code_pages pages[MACHO_MAX_SLICES][CODE_DIGESTS];
	bool has_hashes; /* of the whole file */
	unsigned char sha1[20], sha256[32];
	bool has_start;         /* how->with_start was possible */
	struct sha_both start;  /* private: of all up to the end of kept[0] */
	struct code_whole made; /* what signing made of it, for whoever judges that */
};

struct code_how {
	uint64_t page_size; /* 4096 or 16384 */
	bool with_hashes;   /* hash the whole file too */
	/* It is going to be signed and sealed: hash what signing most likely leaves as it
	 * is, up to the end of the kept range, lest it be read again by newcode_hash(). */
	bool with_start;
	/* Its first bytes, if somebody has read them already: they need not be read once
	 * more before all of it is. */
	struct slice start;
	/* Bytes that images of small files may still take to be complete, so that
	 * they need not be inflated twice; NULL: none.  Outlives the code. */
	atomic_size_t *budget;
	/* An earlier form of it, whose kept range need not be read again where the
	 * same symbols stand for it here; its image may be dropped.  NULL: none. */
	const struct code *earlier;
	/* Bytes that images may still take at all; NULL: as many as one file may.
	 * Outlives the code. */
	atomic_size_t *room;
};

/* Does a file of this magic and size go through code_read()? */
bool code_is_likely(enum macho_magic magic, const struct container_file *file);

/*
 * Read.  Errors: ERROR_FORMAT where it is no sound Mach-O file; ERROR_LIMIT where too
 * much of it would stay in memory; as container_read().
 */
NODISCARD bool code_read(struct code *out, const struct container *c,
                         const struct container_file *file, const struct code_how *how,
                         struct error *err);
void code_free(struct code *code); /* for AUTO() */

/* Release the image, and with it all bytes that m has, for whoever wants hashes only. */
void code_drop_image(struct code *code);

/* Does this slice have to be signed with SHA-1 too?  (spec codesign.md 2.3) */
bool code_needs_sha1(const struct macho_slice *s);

/*
 * The page hashes of a slice by this digest and page size, of all bytes before its
 * signature; read again if that is not what was hashed at first.
 */
NODISCARD bool code_hash_pages(struct code_pages *out, const struct code *code,
                               size_t slice, enum digest digest, uint64_t page_size,
                               struct error *err);
void code_pages_free(struct code_pages *pages); /* for AUTO() */

/* What was hashed at first, or NULL if it is not that. */
const struct code_pages *code_find_pages(const struct code *code, size_t slice,
                                         enum digest digest, uint64_t page_size);
