/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/codedir.h - code directories: what is hashed, and the hashes (spec
 * 2.2 to 2.6, kernel rules 2.10).
 */
#pragma once

#include "codesign/superblob.h"
#include "crypto/digest.h"

#define CODEDIR_CDHASH_BYTES        20
#define CODEDIR_MAX_SPECIAL         11
#define CODEDIR_MAX                 6 /* code directories in one signature */

#define CODEDIR_FLAG_ADHOC          0x2U
#define CODEDIR_FLAG_LINKER_SIGNED  0x20000U
#define CODEDIR_EXEC_MAIN           0x1U
#define CODEDIR_EXEC_ALLOW_UNSIGNED 0x10U
#define CODEDIR_EXEC_DEBUGGER       0x20U
#define CODEDIR_EXEC_JIT            0x40U
#define CODEDIR_EXEC_SKIP_LV        0x80U

#define CODEDIR_VERSION_TEAM        0x20200U
#define CODEDIR_VERSION_EXECSEG     0x20400U

struct codedir {
	struct slice blob; /* whole, with header */
	uint32_t version, flags;
	uint32_t special_count, code_count;
	uint64_t code_limit; /* codeLimit64 where used */
	enum digest digest;
	uint32_t page_size; /* bytes; 0: one page for all */
	uint8_t platform;
	const char *identifier; /* NUL-terminated inside the blob */
	const char *team;       /* NULL: none */
	bool has_exec_seg;
	uint64_t exec_seg_base, exec_seg_limit, exec_seg_flags;
	bool has_scatter;
	uint32_t hash_offset; /* of code slot 0 */
};

/* Reads every version from 0x20001 to 0x2f000.  ERROR_FORMAT, ERROR_LIMIT. */
NODISCARD bool codedir_parse(struct codedir *out, struct slice blob, struct error *err);

/* The hash of code page i (i < code_count); of special slot 1..special_count. */
struct slice codedir_code_hash(const struct codedir *cd, uint32_t i);
struct slice codedir_special_hash(const struct codedir *cd, uint32_t slot);
/* All zero, or beyond special_count. */
bool codedir_special_is_absent(const struct codedir *cd, uint32_t slot);

/* Full hash of the blob with its own digest, and the 20 bytes that name it. */
void codedir_hash(unsigned char out[DIGEST_MAX_BYTES], const struct codedir *cd);
void codedir_cdhash(unsigned char out[CODEDIR_CDHASH_BYTES], const struct codedir *cd);

/* All code directories of a signature: slot 0 first, alternates in slot order. */
struct codedir_set {
	size_t count;
	struct codedir cds[CODEDIR_MAX];
	size_t best; /* index of the strongest digest: what kernel and Security use */
};

/*
 * Errors: ERROR_NOT_FOUND: no code directory; ERROR_FORMAT: one is malformed, or
 * two share a digest.
 */
NODISCARD bool codedir_set_read(struct codedir_set *out, const struct superblob *sb,
                                struct error *err);

/* What goes into a new one; version 0x20400 is written when has_platform. */
struct codedir_new {
	const char *identifier;
	const char *team; /* NULL: none */
	uint32_t flags;
	enum digest digest;
	unsigned page_size_log2; /* 12 or 14 */
	bool has_platform;       /* a version command says the platform */
	uint64_t code_limit;
	uint64_t exec_seg_base, exec_seg_limit, exec_seg_flags;
	/* Hashes of pages that are known, from page known_first on; they are not hashed
	   again.  Empty: none. */
	struct slice known_pages;
	uint64_t known_first;
	/* Bytes whose hash goes into special slot n (1..11); NULL pointer: absent. */
	struct slice special[CODEDIR_MAX_SPECIAL + 1];
};

/* Bytes of the blob that codedir_build() will make: to size the signature area. */
size_t codedir_size(const struct codedir_new *how);

/*
 * Append a code directory over code given in pieces (macho_layout_pieces): hashes
 * pages across piece borders; the sum of the pieces is code_limit.
 * threads: pages are hashed on that many.
 */
NODISCARD bool codedir_build(struct buf *out, const struct codedir_new *how,
                             const struct slice *pieces, size_t piece_count,
                             unsigned threads, struct error *err);

/*
 * Compare the page hashes of cd with those of the code, made with its digest and page
 * size.  Returns true if all are equal; else *bad_page is the first that is not.
 */
bool codedir_match_pages(const struct codedir *cd, struct slice hashes,
                         uint32_t *bad_page);
