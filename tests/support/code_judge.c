/* SPDX-License-Identifier: Apache-2.0 */
#include "support/code_judge.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "support/pack.h"
#include "support/whole_code.h"

#define MAX_OUT ((size_t)256 << 20)

/* ---- load commands ---- */

static bool same_sections(const struct macho_slice *a, const struct macho_slice *b)
{
	return slice_equal(a->info_plist, b->info_plist) &&
	       slice_equal(a->uuid, b->uuid) &&
	       slice_equal(a->dylib_drs, b->dylib_drs) &&
	       slice_equal(macho_signature(a), macho_signature(b));
}

static bool same_slice(const struct macho_slice *a, const struct macho_slice *b)
{
	return a->bytes.n == b->bytes.n && a->file_offset == b->file_offset &&
	       a->cputype == b->cputype && a->cpusubtype == b->cpusubtype &&
	       a->filetype == b->filetype && a->is_64 == b->is_64 &&
	       a->ncmds == b->ncmds && a->sizeofcmds == b->sizeofcmds &&
	       a->sig_command == b->sig_command && a->sig_offset == b->sig_offset &&
	       a->sig_size == b->sig_size &&
	       a->linkedit_command == b->linkedit_command &&
	       a->linkedit_fileoff == b->linkedit_fileoff &&
	       a->segments_end == b->segments_end &&
	       a->first_section == b->first_section && a->platform == b->platform &&
	       a->min_os == b->min_os && same_sections(a, b);
}

static bool same_macho(const struct macho *a, const struct macho *b)
{
	if (a->is_fat != b->is_fat || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_slice(&a->slices[i], &b->slices[i]))
			return false;
	return true;
}

/* ---- what is kept ---- */

static uint64_t hashed_bytes(const struct macho_slice *s)
{
	return s->sig_command != 0 && s->sig_size > 0 ? s->sig_offset : s->bytes.n;
}

static bool is_same(const struct code *code, struct slice file, uint64_t from,
                    uint64_t to)
{
	return from <= to && to <= file.n &&
	       memcmp(code->image.p + from, file.p + from, (size_t)(to - from)) == 0;
}

/* Whole pages of one slice, with neither its load commands nor its end. */
static bool is_well_placed(const struct code_kept *kept, const struct macho *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct macho_slice *s = &m->slices[i];
		uint64_t head = s->header_size + (uint64_t)s->sizeofcmds + 16;

		if (kept->from < s->file_offset ||
		    kept->from >= s->file_offset + s->bytes.n)
			continue;
		return kept->from - s->file_offset >= head &&
		       (kept->from - s->file_offset) % 16384 == 0 &&
		       (kept->to - s->file_offset) % 16384 == 0 &&
		       kept->to - s->file_offset <= hashed_bytes(s);
	}
	return false;
}

static const char *judge_kept(const struct code *code, struct slice file)
{
	uint64_t at = 0;

	for (size_t i = 0; i < code->kept_count; i++) {
		const struct code_kept *kept = &code->kept[i];

		if (!is_well_placed(kept, &code->m))
			return "a kept range is not where it belongs";
		if (!is_same(code, file, at, kept->from))
			return "bytes outside the kept ranges are missing";
		if (kept->crc != libdeflate_crc32(0, file.p + kept->from,
		                                  (size_t)(kept->to - kept->from)))
			return "a kept range has another checksum";
		if (!is_same(code, file, kept->from, kept->from + CODE_KEPT_FRONT) ||
		    !is_same(code, file, kept->to - CODE_KEPT_BACK, kept->to))
			return "an edge of a kept range is missing";
		at = kept->to;
	}
	if (!is_same(code, file, at, file.n))
		return "bytes behind the kept ranges are missing";
	if (code->is_complete && !is_same(code, file, 0, file.n))
		return "bytes of a complete image are missing";
	return NULL;
}

/* ---- hashes ---- */

static bool are_pages(const struct code_pages *pages, const struct macho_slice *s,
                      struct slice file, enum digest digest, uint64_t page_size)
{
	uint64_t limit = hashed_bytes(s), page = page_size > 0 ? page_size : limit;
	size_t size = digest_size(digest), at = 0;

	if (pages->digest != digest || pages->page_size != page_size ||
	    pages->limit != limit)
		return false;
	for (uint64_t start = 0; start < limit; start += page, at += size) {
		uint64_t n = limit - start < page ? limit - start : page;
		unsigned char want[DIGEST_MAX_BYTES];

		digest_of(want, digest,
		          slice_of(file.p + s->file_offset + start, (size_t)n));
		if (at + size > pages->hashes.n ||
		    memcmp(pages->hashes.p + at, want, size) != 0)
			return false;
	}
	return at == pages->hashes.n;
}

/* Hashes made again, in all ways that a code directory can have. */
static bool hashes_again(const struct code *code, size_t i, struct slice file)
{
	static const struct {
		enum digest digest;
		uint64_t page_size;
	} ways[] = { { DIGEST_SHA1, 4096 },    { DIGEST_SHA256_TRUNCATED, 4096 },
		     { DIGEST_SHA256, 16384 }, { DIGEST_SHA384, 16384 },
		     { DIGEST_SHA256, 0 },     { DIGEST_SHA1, 0 } };

	for (size_t k = 0; k < ARRAY_LEN(ways); k++) {
		AUTO(code_pages_free) struct code_pages pages = { 0 };
		struct error err = { 0 };

		if (!code_hash_pages(&pages, code, i, ways[k].digest, ways[k].page_size,
		                     &err) ||
		    !are_pages(&pages, &code->m.slices[i], file, ways[k].digest,
		               ways[k].page_size))
			return false;
	}
	return true;
}

static const char *judge_hashes(const struct code *code, struct slice file,
                                const struct code_how *how)
{
	unsigned char want[DIGEST_MAX_BYTES];

	for (size_t i = 0; i < code->m.count; i++) {
		const struct code_pages *pages =
			code_find_pages(code, i, DIGEST_SHA256, how->page_size);

		if (pages == NULL || !are_pages(pages, &code->m.slices[i], file,
		                                DIGEST_SHA256, how->page_size))
			return "pages have other SHA-256 hashes";
		pages = code_find_pages(code, i, DIGEST_SHA1, how->page_size);
		if (pages == NULL ? code_needs_sha1(&code->m.slices[i])
		                  : !are_pages(pages, &code->m.slices[i], file,
		                               DIGEST_SHA1, how->page_size))
			return "pages have other SHA-1 hashes";
		if (!hashes_again(code, i, file))
			return "pages have other hashes when made again";
	}
	if (code->has_hashes != how->with_hashes)
		return "the file is hashed where it should not, or not where it should";
	if (!code->has_hashes)
		return NULL;
	digest_of(want, DIGEST_SHA1, file);
	if (memcmp(want, code->sha1, sizeof code->sha1) != 0)
		return "the file has another SHA-1";
	digest_of(want, DIGEST_SHA256, file);
	return memcmp(want, code->sha256, sizeof code->sha256) != 0
	               ? "the file has another SHA-256"
	               : NULL;
}

const char *code_judge(const struct code *code, struct slice file,
                       const struct code_how *how)
{
	struct error err = { 0 };
	struct macho want;

	if (!macho_parse(&want, file, &err))
		return code != NULL ? "no sound Mach-O file is taken for one" : NULL;
	if (code == NULL)
		return "a sound Mach-O file is refused";
	if (code->image.n != file.n || !same_macho(&code->m, &want))
		return "its load commands are read otherwise";
	const char *why = judge_kept(code, file);
	return why != NULL ? why : judge_hashes(code, file, how);
}

/* ---- signed ---- */

static bool append_code(void *ctx, struct slice piece, struct error *err)
{
	return newcode_append(ctx, piece, err);
}

struct signing {
	const struct macho *m;
	struct macho_layout layouts[MACHO_MAX_SLICES];
	struct slice signatures[MACHO_MAX_SLICES];
	struct macho_plan plan;
};

static void signing_free(struct signing *s)
{
	for (size_t i = 0; i < s->m->count; i++)
		macho_layout_free(&s->layouts[i]);
	macho_plan_free(&s->plan);
}

/* Lay out, with a signature that is no more than bytes. */
static bool lay_out(struct signing *s, struct error *err)
{
	static const unsigned char dummy[1000] = { 0xfa, 0xde, 0x0c, 0xc0, 1, 2 };

	for (size_t i = 0; i < s->m->count; i++) {
		s->signatures[i] = slice_of(dummy, sizeof dummy - 7 * i);
		if (!macho_layout_slice(&s->layouts[i], &s->m->slices[i], sizeof dummy,
		                        err))
			return false;
	}
	return macho_plan_file(&s->plan, s->m, s->layouts, err);
}

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return buf_append(ctx, piece, err);
}

/* What is noted of the bytes that were hashed. */
static bool is_noted(const struct code_whole *w, const struct code *old,
                     struct slice want)
{
	AUTO(digest_free) struct digest_ctx ctx = { 0 };
	unsigned char edges[DIGEST_MAX_BYTES];
	uint64_t from = old->kept[0].from, to = old->kept[0].to;

	if (old->kept_count != 1)
		return w->size == 0;
	from = from < want.n ? from : want.n;
	to = to < want.n ? to : want.n;
	digest_init(&ctx, DIGEST_SHA256);
	digest_update(&ctx, slice_of(want.p, (size_t)from));
	digest_update(&ctx, slice_of(want.p + to, (size_t)(want.n - to)));
	digest_final(edges, &ctx);
	return w->size == want.n && w->from == old->kept[0].from &&
	       w->to == old->kept[0].to &&
	       w->kept_crc == libdeflate_crc32(0, want.p + from, (size_t)(to - from)) &&
	       memcmp(w->edges, edges, sizeof w->edges) == 0;
}

const char *newcode_judge(const struct newcode *nc, struct slice want, int level)
{
	AUTO(buf_free) struct buf got = BUF_INIT(MAX_OUT);
	AUTO(buf_free) struct buf packed = BUF_INIT(MAX_OUT);
	AUTO(splice_free) struct splice splice = { 0 };
	unsigned char hash[DIGEST_MAX_BYTES];
	struct code_whole whole = { 0 };
	struct error err = { 0 };

	if (!newcode_write(nc, append, &got, &err) ||
	    !slice_equal(buf_slice(&got), want) || nc->size != want.n)
		return "other bytes are written";
	if (!newcode_hash(&whole, nc, &err))
		return "the new file cannot be hashed";
	digest_of(hash, DIGEST_SHA1, want);
	if (memcmp(hash, whole.sha1, sizeof whole.sha1) != 0)
		return "the new file has another SHA-1";
	digest_of(hash, DIGEST_SHA256, want);
	if (memcmp(hash, whole.sha256, sizeof whole.sha256) != 0)
		return "the new file has another SHA-256";
	if (!is_noted(&whole, nc->old, want))
		return "other bytes are noted than were hashed";
	if (newcode_crc(nc) != libdeflate_crc32(0, want.p, want.n))
		return "the new file has another checksum";
	splice_init(&splice, level);
	if (!newcode_deflate(&splice, nc, &err) ||
	    !splice_write(&splice, append, &packed, &err))
		return "the new file cannot be deflated";
	if (packed.n != splice_size(&splice))
		return "the new stream has another size than it says";
	return pack_is_of(buf_slice(&packed), want) ? NULL : "other bytes are inflated";
}

const char *code_judge_signed(const struct code *code, struct slice file, int level)
{
	struct macho whole;
	struct signing plain = { .m = &whole }, kept = { .m = &code->m };
	AUTO(newcode_free) struct newcode nc = { 0 };
	AUTO(buf_free) struct buf want = BUF_INIT(MAX_OUT);
	struct error err = { 0 };
	const char *why = NULL;

	if (!macho_parse(&whole, file, &err))
		return "it cannot be parsed";
	newcode_init(&nc, code);
	if (lay_out(&plain, &err)) {
		bool ok = whole_code_emit(&want, &whole, &plain.plan, plain.layouts,
		                          plain.signatures, &err) &&
		          lay_out(&kept, &err) &&
		          macho_emit(&code->m, &kept.plan, kept.layouts,
		                     kept.signatures, append_code, &nc, &err);

		why = ok ? newcode_judge(&nc, buf_slice(&want), level)
		         : "it cannot be put together";
	}
	signing_free(&plain);
	signing_free(&kept);
	return why;
}
