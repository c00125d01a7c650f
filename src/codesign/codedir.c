/* SPDX-License-Identifier: Apache-2.0 */
#include "codesign/codedir.h"

#include <string.h>

#include "util/bytes.h"
#include "util/mem.h"
#include "util/pool.h"
#include "util/reader.h"

#define VERSION_FIRST       0x20001U
#define VERSION_SCATTER     0x20100U
#define VERSION_CODELIMIT64 0x20300U
#define VERSION_RUNTIME     0x20500U
#define VERSION_LINKAGE     0x20600U
#define VERSION_LAST        0x2f000U

#define FIXED_FIRST         44
#define FIXED_SCATTER       48
#define FIXED_TEAM          52
#define FIXED_LIMIT64       64
#define FIXED_EXECSEG       88
#define FIXED_RUNTIME       96
#define FIXED_LINKAGE       108

#define MAX_IDENTIFIER      ((size_t)4096)
#define SCATTER_BYTES       24
/* Pages one job of the pool hashes: 1 MiB of code at 4 KiB pages. */
#define PAGES_PER_JOB 256

static bool bad(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "the code directory is malformed: %s", what);
	return error_cause(err, "It is damaged, or was written by a broken tool.");
}

/* ---- reading ---- */

static uint32_t fixed_size(uint32_t version)
{
	return version >= VERSION_LINKAGE           ? FIXED_LINKAGE
	       : version >= VERSION_RUNTIME         ? FIXED_RUNTIME
	       : version >= CODEDIR_VERSION_EXECSEG ? FIXED_EXECSEG
	       : version >= VERSION_CODELIMIT64     ? FIXED_LIMIT64
	       : version >= CODEDIR_VERSION_TEAM    ? FIXED_TEAM
	       : version >= VERSION_SCATTER         ? FIXED_SCATTER
	                                            : FIXED_FIRST;
}

/* A NUL-terminated string inside the blob. */
static bool text_at(const char **out, struct slice blob, uint32_t offset,
                    uint32_t fixed, struct error *err)
{
	if (offset < fixed || offset >= blob.n ||
	    memchr(blob.p + offset, '\0', blob.n - offset) == NULL)
		return bad(err, "a name lies outside");
	*out = (const char *)blob.p + offset;
	return true;
}

static void read_late_fields(struct codedir *cd)
{
	const unsigned char *p = cd->blob.p;

	if (cd->version >= VERSION_CODELIMIT64 && load_be64(p + 56) != 0)
		cd->code_limit = load_be64(p + 56);
	if (cd->version >= CODEDIR_VERSION_EXECSEG) {
		cd->has_exec_seg = true;
		cd->exec_seg_base = load_be64(p + 64);
		cd->exec_seg_limit = load_be64(p + 72);
		cd->exec_seg_flags = load_be64(p + 80);
	}
}

static bool read_names(struct codedir *cd, uint32_t fixed, struct error *err)
{
	const unsigned char *p = cd->blob.p;

	if (!text_at(&cd->identifier, cd->blob, load_be32(p + 20), fixed, err))
		return false;
	if (cd->version >= VERSION_SCATTER)
		cd->has_scatter = load_be32(p + 44) != 0;
	if (cd->version >= CODEDIR_VERSION_TEAM && load_be32(p + 48) != 0)
		return text_at(&cd->team, cd->blob, load_be32(p + 48), fixed, err);
	return true;
}

/* Both hash arrays inside the blob, behind the fixed part (2.10). */
static bool check_hashes(const struct codedir *cd, uint32_t fixed, struct error *err)
{
	uint64_t size = digest_size(cd->digest);
	uint64_t special = cd->special_count * size, code = cd->code_count * size;

	if (cd->hash_offset < fixed + special || cd->hash_offset + code > cd->blob.n)
		return bad(err, "its hashes lie outside");
	return true;
}

/* A part of the blob behind the fixed part. */
static bool is_inside(const struct codedir *cd, uint32_t fixed, uint64_t offset,
                      uint64_t n)
{
	return offset >= fixed && offset + n <= cd->blob.n;
}

/* The kernel's rules for a table that few have: in order, ended by a zero, and for
 * as many pages as there are hashes (2.10). */
static bool check_scatter(const struct codedir *cd, uint32_t fixed, struct error *err)
{
	uint32_t base = 0;
	uint64_t pages = 0;

	for (uint64_t at = load_be32(cd->blob.p + 44);; at += SCATTER_BYTES) {
		if (!is_inside(cd, fixed, at, SCATTER_BYTES))
			return bad(err, "its scatter table lies outside");
		const unsigned char *entry = cd->blob.p + at;
		if (load_be32(entry) == 0)
			break;
		if (load_be32(entry + 4) < base)
			return bad(err, "its scatter table is not in order");
		base = load_be32(entry + 4);
		pages += load_be32(entry);
	}
	return pages == cd->code_count ||
	       bad(err, "its scatter table is for other pages");
}

/* Hashes of the code before it was encrypted; what libraries it is linked with. */
static bool check_late_parts(const struct codedir *cd, uint32_t fixed,
                             struct error *err)
{
	const unsigned char *p = cd->blob.p;
	uint64_t hashes = (uint64_t)cd->code_count * digest_size(cd->digest);

	if (cd->version >= VERSION_RUNTIME && load_be32(p + 92) != 0 &&
	    !is_inside(cd, fixed, load_be32(p + 92), hashes))
		return bad(err, "its hashes before encryption lie outside");
	if (cd->version >= VERSION_LINKAGE && load_be32(p + 100) != 0 &&
	    !is_inside(cd, fixed, load_be32(p + 100), load_be32(p + 104)))
		return bad(err, "its linkage lies outside");
	return true;
}

/* As many pages as the code has, no more, no fewer. */
static bool check_page_count(const struct codedir *cd, struct error *err)
{
	uint64_t pages;

	if (cd->page_size == 0)
		pages = cd->code_limit > 0 ? 1 : 0;
	else
		pages = cd->code_limit / cd->page_size +
		        (cd->code_limit % cd->page_size != 0);
	if (pages != cd->code_count)
		return bad(err, "it does not hash all of the code");
	return true;
}

bool codedir_parse(struct codedir *out, struct slice blob, struct error *err)
{
	struct codedir cd = { .blob = blob };
	const unsigned char *p = blob.p;

	if (blob.n < FIXED_FIRST || load_be32(p) != BLOB_CODEDIRECTORY ||
	    load_be32(p + 4) != blob.n)
		return bad(err, "it does not begin as one");
	cd.version = load_be32(p + 8);
	if (cd.version < VERSION_FIRST || cd.version > VERSION_LAST)
		return bad(err, "it is of an unknown version");
	uint32_t fixed = fixed_size(cd.version);
	if (blob.n < fixed)
		return bad(err, "it is cut short");
	cd.flags = load_be32(p + 12);
	cd.hash_offset = load_be32(p + 16);
	cd.special_count = load_be32(p + 24);
	cd.code_count = load_be32(p + 28);
	cd.code_limit = load_be32(p + 32);
	cd.platform = p[38];
	if (!digest_is_known(p[37]) || p[36] != digest_size((enum digest)p[37]))
		return bad(err, "its digest is unknown");
	cd.digest = (enum digest)p[37];
	if (p[39] > 31)
		return bad(err, "its page size is impossible");
	cd.page_size = p[39] == 0 ? 0 : 1U << p[39];
	read_late_fields(&cd);
	if (!read_names(&cd, fixed, err) || !check_hashes(&cd, fixed, err) ||
	    !check_late_parts(&cd, fixed, err))
		return false;
	if (cd.has_scatter ? !check_scatter(&cd, fixed, err)
	                   : !check_page_count(&cd, err))
		return false;
	*out = cd;
	return true;
}

struct slice codedir_code_hash(const struct codedir *cd, uint32_t i)
{
	size_t size = digest_size(cd->digest);

	return slice_of(cd->blob.p + cd->hash_offset + i * size, size);
}

struct slice codedir_special_hash(const struct codedir *cd, uint32_t slot)
{
	size_t size = digest_size(cd->digest);

	return slice_of(cd->blob.p + cd->hash_offset - slot * size, size);
}

bool codedir_special_is_absent(const struct codedir *cd, uint32_t slot)
{
	if (slot == 0 || slot > cd->special_count)
		return true;
	struct slice hash = codedir_special_hash(cd, slot);
	for (size_t i = 0; i < hash.n; i++)
		if (hash.p[i] != 0)
			return false;
	return true;
}

void codedir_hash(unsigned char out[DIGEST_MAX_BYTES], const struct codedir *cd)
{
	digest_of(out, cd->digest, cd->blob);
}

void codedir_cdhash(unsigned char out[CODEDIR_CDHASH_BYTES], const struct codedir *cd)
{
	unsigned char full[DIGEST_MAX_BYTES];

	codedir_hash(full, cd);
	memcpy(out, full, CODEDIR_CDHASH_BYTES);
}

/* How strong a digest is, for choosing the one that counts (2.2). */
static unsigned strength(enum digest d)
{
	switch (d) {
	case DIGEST_SHA384:
		return 4;
	case DIGEST_SHA256:
		return 3;
	case DIGEST_SHA256_TRUNCATED:
		return 2;
	default:
		return 1;
	}
}

static bool add_codedir(struct codedir_set *set, struct slice blob, struct error *err)
{
	struct codedir cd = { 0 };

	if (set->count == CODEDIR_MAX)
		return bad(err, "there are too many of them");
	if (!codedir_parse(&cd, blob, err))
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (set->cds[i].digest == cd.digest)
			return bad(err, "two of them have the same digest");
	set->cds[set->count] = cd;
	if (set->count > 0 &&
	    strength(cd.digest) > strength(set->cds[set->best].digest))
		set->best = set->count;
	set->count++;
	return true;
}

bool codedir_set_read(struct codedir_set *out, const struct superblob *sb,
                      struct error *err)
{
	struct codedir_set set = { 0 };
	struct slice first = superblob_find(sb, SLOT_CODEDIRECTORY);

	if (first.n == 0)
		return error_set(err, ERROR_NOT_FOUND,
		                 "the signature has no code directory");
	if (!add_codedir(&set, first, err))
		return false;
	for (uint32_t slot = SLOT_ALTERNATE; slot <= SLOT_ALTERNATE_LAST; slot++) {
		struct slice blob = superblob_find(sb, slot);

		if (blob.n > 0 && !add_codedir(&set, blob, err))
			return false;
	}
	*out = set;
	return true;
}

/* ---- writing ---- */

static uint32_t new_version(const struct codedir_new *how)
{
	if (how->has_platform)
		return CODEDIR_VERSION_EXECSEG;
	return how->team != NULL ? CODEDIR_VERSION_TEAM : VERSION_SCATTER;
}

static uint32_t special_count(const struct codedir_new *how)
{
	uint32_t n = CODEDIR_MAX_SPECIAL;

	while (n > 0 && how->special[n].n == 0)
		n--;
	return n;
}

static uint64_t page_count(const struct codedir_new *how)
{
	uint64_t page = 1ULL << how->page_size_log2;

	return (how->code_limit + page - 1) / page;
}

static size_t names_size(const struct codedir_new *how)
{
	return strlen(how->identifier) + 1 +
	       (how->team != NULL ? strlen(how->team) + 1 : 0);
}

size_t codedir_size(const struct codedir_new *how)
{
	return fixed_size(new_version(how)) + names_size(how) +
	       (special_count(how) + page_count(how)) * digest_size(how->digest);
}

static bool put_fixed(struct buf *out, const struct codedir_new *how, struct error *err)
{
	uint32_t version = new_version(how), fixed = fixed_size(version);
	size_t size = digest_size(how->digest), names = names_size(how);
	uint32_t team_at = fixed + (uint32_t)strlen(how->identifier) + 1;
	unsigned char small[4] = { (unsigned char)size, (unsigned char)how->digest, 0,
		                   (unsigned char)how->page_size_log2 };
	bool ok = buf_append_be32(out, BLOB_CODEDIRECTORY, err) &&
	          buf_append_be32(out, (uint32_t)codedir_size(how), err) &&
	          buf_append_be32(out, version, err) &&
	          buf_append_be32(out, how->flags, err) &&
	          buf_append_be32(out,
	                          fixed + (uint32_t)(names + special_count(how) * size),
	                          err) &&
	          buf_append_be32(out, fixed, err) &&
	          buf_append_be32(out, special_count(how), err) &&
	          buf_append_be32(out, (uint32_t)page_count(how), err) &&
	          buf_append_be32(out, (uint32_t)how->code_limit, err) &&
	          buf_append(out, slice_of(small, sizeof small), err) &&
	          buf_append_be32(out, 0, err) && buf_append_be32(out, 0, err);
	if (!ok || version < CODEDIR_VERSION_TEAM)
		return ok;
	ok = buf_append_be32(out, how->team != NULL ? team_at : 0, err);
	if (!ok || version < CODEDIR_VERSION_EXECSEG)
		return ok;
	return buf_append_be32(out, 0, err) && buf_append_be64(out, 0, err) &&
	       buf_append_be64(out, how->exec_seg_base, err) &&
	       buf_append_be64(out, how->exec_seg_limit, err) &&
	       buf_append_be64(out, how->exec_seg_flags, err);
}

static bool put_special(struct buf *out, const struct codedir_new *how,
                        struct error *err)
{
	unsigned char hash[DIGEST_MAX_BYTES];
	size_t size = digest_size(how->digest);

	for (uint32_t slot = special_count(how); slot > 0; slot--) {
		if (how->special[slot].n > 0)
			digest_of(hash, how->digest, how->special[slot]);
		else
			memset(hash, 0, sizeof hash);
		if (!buf_append(out, slice_of(hash, size), err))
			return false;
	}
	return true;
}

/* Code given in pieces, hashed page by page by several threads. */
struct pages {
	const struct slice *pieces;
	size_t piece_count;
	enum digest digest;
	uint64_t page, limit, count;
	uint64_t known_first, known_end; /* these are there already */
	unsigned char *out;
};

/* Hash [start, end) of the pieces. */
static void hash_range(const struct pages *p, uint64_t start, uint64_t end,
                       unsigned char out[DIGEST_MAX_BYTES])
{
	AUTO(digest_free) struct digest_ctx ctx = { 0 };
	uint64_t at = 0;

	for (size_t i = 0; i < p->piece_count; i++) {
		struct slice piece = p->pieces[i];
		uint64_t from = start > at ? start - at : 0;
		uint64_t to = end - at < piece.n ? end - at : piece.n;

		if (at >= end)
			break;
		if (from < piece.n && from == start - at && to == end - at) {
			/* Nearly every page lies in one piece: no context needed. */
			digest_of(out, p->digest,
			          slice_of(piece.p + from, (size_t)(to - from)));
			return;
		}
		if (from < to) {
			if (ctx.md == NULL)
				digest_init(&ctx, p->digest);
			digest_update(&ctx,
			              slice_of(piece.p + from, (size_t)(to - from)));
		}
		at += piece.n;
	}
	if (ctx.md == NULL)
		digest_init(&ctx, p->digest);
	digest_final(out, &ctx);
}

static bool hash_some_pages(void *ctx, size_t job, struct error *err)
{
	const struct pages *p = ctx;
	size_t size = digest_size(p->digest);
	uint64_t first = (uint64_t)job * PAGES_PER_JOB;

	(void)err;
	for (uint64_t i = first; i < first + PAGES_PER_JOB && i < p->count; i++) {
		unsigned char hash[DIGEST_MAX_BYTES];
		uint64_t start = i * p->page;
		uint64_t end = p->limit - start < p->page ? p->limit : start + p->page;

		if (i >= p->known_first && i < p->known_end)
			continue;
		hash_range(p, start, end, hash);
		memcpy(p->out + i * size, hash, size);
	}
	return true;
}

static bool put_pages(struct buf *out, const struct codedir_new *how,
                      const struct slice *pieces, size_t piece_count, unsigned threads,
                      struct error *err)
{
	size_t size = digest_size(how->digest);
	struct pages p = { .pieces = pieces,
		           .piece_count = piece_count,
		           .digest = how->digest,
		           .page = 1ULL << how->page_size_log2,
		           .limit = how->code_limit,
		           .count = page_count(how) };
	size_t at = out->n;

	if (!buf_append_fill(out, 0, (size_t)p.count * size, err))
		return false;
	p.out = out->p + at;
	p.known_first = how->known_first;
	p.known_end = how->known_first + how->known_pages.n / size;
	if (p.known_end > p.count || how->known_pages.n % size != 0)
		return error_set(err, ERROR_INTERNAL,
		                 "more pages are known than there are");
	if (how->known_pages.n > 0)
		memcpy(p.out + p.known_first * size, how->known_pages.p,
		       how->known_pages.n);
	return pool_run(threads,
	                (size_t)((p.count + PAGES_PER_JOB - 1) / PAGES_PER_JOB),
	                hash_some_pages, &p, err);
}

bool codedir_build(struct buf *out, const struct codedir_new *how,
                   const struct slice *pieces, size_t piece_count, unsigned threads,
                   struct error *err)
{
	uint64_t total = 0;

	for (size_t i = 0; i < piece_count; i++)
		total += pieces[i].n;
	if (total != how->code_limit || how->code_limit > UINT32_MAX)
		return error_set(err, ERROR_INTERNAL,
		                 "the code has %llu bytes, not the %llu to be hashed",
		                 (unsigned long long)total,
		                 (unsigned long long)how->code_limit);
	if (how->identifier[0] == '\0' || strlen(how->identifier) > MAX_IDENTIFIER)
		return error_set(err, ERROR_USAGE,
		                 "the identifier has no characters, or too many");
	if (!put_fixed(out, how, err) ||
	    !buf_append(out, slice_of(how->identifier, strlen(how->identifier) + 1),
	                err))
		return false;
	if (how->team != NULL &&
	    !buf_append(out, slice_of(how->team, strlen(how->team) + 1), err))
		return false;
	return put_special(out, how, err) &&
	       put_pages(out, how, pieces, piece_count, threads, err);
}

bool codedir_match_pages(const struct codedir *cd, struct slice hashes,
                         uint32_t *bad_page)
{
	size_t size = digest_size(cd->digest);

	for (uint32_t i = 0; i < cd->code_count; i++) {
		struct slice want = codedir_code_hash(cd, i);

		*bad_page = i;
		if ((uint64_t)(i + 1) * size > hashes.n ||
		    memcmp(hashes.p + (size_t)i * size, want.p, want.n) != 0)
			return false;
	}
	return true;
}
