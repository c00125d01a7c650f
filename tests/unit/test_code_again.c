/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code that was signed, read with what is known of it from before: the same as if all
 * of it was read, whatever happened to it in between.
 */
#include "bundle/newcode.h"

#include <libdeflate.h>

#include "support/code_change.h"
#include "support/harness.h"
#include "support/sample_code.h"

/* The old code, and what was made of it: content, and the stream that says it. */
struct work {
	struct one_file old_file;
	struct code old;
	struct buf content, packed;
	bool is_back_wrong; /* the stream says other bytes where the kept range ends */
};

static void work_free(struct work *w)
{
	code_free(&w->old);
	one_file_free(&w->old_file);
	buf_free(&w->content);
	buf_free(&w->packed);
}

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return buf_append(ctx, piece, err);
}

/* The last byte of the kept range, as it is deflated. */
static void spoil_back(const struct code *old)
{
	union {
		const unsigned char *in;
		unsigned char *out;
	} p = { .in = old->image.p };

	p.out[old->kept[0].to - 1] ^= 1;
}

/* packed: the old stream; empty: level 6. */
static bool work_make(struct work *w, struct slice file, struct slice packed,
                      struct error *err)
{
	static const struct code_how how = { .page_size = 4096 };
	AUTO(newcode_free) struct newcode nc = { 0 };
	AUTO(splice_free) struct splice splice = { 0 };

	w->content = BUF_INIT(PACK_MAX_BYTES);
	w->packed = BUF_INIT(PACK_MAX_BYTES);
	splice_init(&splice, 6);
	if (!one_file_open(&w->old_file, ONE_DEFLATED, file, packed, err) ||
	    !code_read(&w->old, &w->old_file.c, w->old_file.file, &how, err))
		return false;
	newcode_init(&nc, &w->old);
	if (!code_change(&nc, &w->old, 0x55, err) ||
	    !newcode_hash(&w->old.made, &nc, err) ||
	    !newcode_write(&nc, append, &w->content, err))
		return false;
	if (w->is_back_wrong)
		spoil_back(&w->old);
	if (!newcode_deflate(&splice, &nc, err) ||
	    !splice_write(&splice, append, &w->packed, err))
		return false;
	code_drop_image(&w->old);
	return true;
}

/* Hashes, checksums, and what is in memory. */
static bool is_same_code(const struct code *a, const struct code *b)
{
	return slice_equal(buf_slice(&a->pages[0][0].hashes),
	                   buf_slice(&b->pages[0][0].hashes)) &&
	       a->kept_count == b->kept_count && a->kept[0].crc == b->kept[0].crc &&
	       slice_equal(a->image, b->image) && a->has_hashes == b->has_hashes &&
	       memcmp(a->sha1, b->sha1, sizeof a->sha1) == 0 &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* Of what was use made? */
struct known {
	bool pages; /* where only they are wanted */
	bool whole; /* where hashes of all are wanted too */
};

static bool is_known(const struct known *known)
{
	return known->pages && known->whole;
}

static bool is_unknown(const struct known *known)
{
	return !known->pages && !known->whole;
}

static bool reads_so(bool *known, const struct one_file *f, const struct code *plain,
                     const struct code_how *how)
{
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	bool ok = code_read(&code, &f->c, f->file, how, &err);
	*known = ok && code.is_known;
	return ok ? CHECK(plain->image.n > 0 && is_same_code(&code, plain))
	          : CHECK(plain->image.n == 0);
}

/* Read this stream of this content with what is known, and without: is that the
 * same? */
static bool reads_alike(struct known *known, const struct work *w, struct slice content,
                        struct slice packed, uint64_t page_size)
{
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code plain = { 0 };
	struct code_how how = { .page_size = page_size, .with_hashes = true };
	struct error err = { 0 }, other = { 0 };

	if (!CHECK(one_file_open(&f, ONE_DEFLATED, content, packed, &err)))
		return false;
	/* it stays empty where the code cannot be read */
	(void)!code_read(&plain, &f.c, f.file, &how, &other);
	how.earlier = &w->old;
	bool ok = reads_so(&known->whole, &f, &plain, &how);
	how.with_hashes = plain.has_hashes = false;
	memset(plain.sha1, 0, sizeof plain.sha1);
	memset(plain.sha256, 0, sizeof plain.sha256);
	return reads_so(&known->pages, &f, &plain, &how) && ok;
}

static void make_sample(struct buf *file)
{
	struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));

	how.linkedit_size = 5000;
	sample_code(file, &how);
}

static const struct pack_block runs[] = {
	{ 30000, PACK_RUNS },  { 70000, PACK_RUNS },  { 110000, PACK_FAR },
	{ 170000, PACK_RUNS }, { 230000, PACK_RUNS },
};

static bool make_work(struct work *w, enum pack_kind kind, struct error *err)
{
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	struct pack_block blocks[ARRAY_LEN(runs)];

	make_sample(&file);
	memcpy(blocks, runs, sizeof runs);
	blocks[3].kind = kind;
	blocks[ARRAY_LEN(runs) - 1].end = file.n;
	pack(&packed, buf_slice(&file), blocks, ARRAY_LEN(blocks));
	return work_make(w, buf_slice(&file), buf_slice(&packed), err);
}

TEST(compares_the_symbols_of_signed_code)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };
	struct known known = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	CHECK(reads_alike(&known, &w, buf_slice(&w.content), buf_slice(&w.packed),
	                  4096));
	CHECK(is_known(&known));
}

/* As packers write them, with codes of their own. */
TEST(compares_blocks_of_any_codes)
{
	for (int level = 1; level <= 12; level += 5) {
		AUTO(work_free) struct work w = { 0 };
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
		struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));
		struct error err = { 0 };
		struct known known = { 0 };

		how.code_size = 2000000;
		sample_code(&file, &how);
		pack_deflate(&packed, buf_slice(&file), level);
		REQUIRE_OK(work_make(&w, buf_slice(&file), buf_slice(&packed), &err),
		           &err);
		CHECK(reads_alike(&known, &w, buf_slice(&w.content),
		                  buf_slice(&w.packed), 4096));
		CHECK(is_known(&known));
	}
}

/* What was signed and packed here before has a tail of which the first block is the
 * same again: it begins where the kept range ends. */
TEST(compares_code_that_is_signed_again)
{
	AUTO(work_free) struct work w = { 0 }, again = { 0 };
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));
	struct pack_block blocks[ARRAY_LEN(runs)];
	struct error err = { 0 };
	struct known known = { 0 };
	uint32_t state = 5;

	how.linkedit_size = 5000;
	how.sig_size = 700000;
	sample_code(&file, &how);
	pack_noise(file.p + file.n - 200000, 200000, &state);
	memcpy(blocks, runs, sizeof runs);
	blocks[ARRAY_LEN(runs) - 1].end = file.n;
	pack(&packed, buf_slice(&file), blocks, ARRAY_LEN(blocks));
	REQUIRE_OK(work_make(&w, buf_slice(&file), buf_slice(&packed), &err), &err);
	REQUIRE_OK(work_make(&again, buf_slice(&w.content), buf_slice(&w.packed), &err),
	           &err);
	CHECK(reads_alike(&known, &again, buf_slice(&again.content),
	                  buf_slice(&again.packed), 4096));
	CHECK(is_known(&known));
}

TEST(reads_all_where_nothing_is_known)
{
	AUTO(work_free) struct work w = { 0 }, stored = { 0 };
	struct error err = { 0 };
	struct known known = { true, true };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	struct slice content = buf_slice(&w.content), packed = buf_slice(&w.packed);
	CHECK(reads_alike(&known, &w, content, packed, 16384));
	CHECK(is_unknown(&known));
	REQUIRE_OK(make_work(&stored, PACK_STORED, &err), &err);
	CHECK(reads_alike(&known, &stored, buf_slice(&stored.content),
	                  buf_slice(&stored.packed), 4096));
	CHECK(is_unknown(&known));
	/* a hint that is wrong: another place for a block, and a range that ends earlier */
	for (size_t i = 1; i + 1 < w.old.blocks.count; i++) {
		w.old.blocks.items[i].bit++;
		CHECK(reads_alike(&known, &w, content, packed, 4096));
		w.old.blocks.items[i].bit--;
	}
	w.old.kept[0].to -= 16384;
	CHECK(reads_alike(&known, &w, content, packed, 4096));
	CHECK(is_unknown(&known));
}

/* What a stream says, if it says as much as it should. */
static bool inflate_as(struct buf *out, struct slice packed, size_t size)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	struct error err = { 0 };

	out->n = 0;
	bool ok = d != NULL && buf_append_fill(out, 0, size, &err) &&
	          libdeflate_deflate_decompress(d, packed.p, packed.n, out->p, size,
	                                        NULL) == LIBDEFLATE_SUCCESS;
	libdeflate_free_decompressor(d);
	return ok;
}

/* A flipped bit, with the archive's checksum as it was, and as it is of what the
 * stream says now. */
static void flip(const struct work *w, struct slice packed, unsigned char *byte,
                 unsigned bit)
{
	AUTO(buf_free) struct buf now = BUF_INIT(PACK_MAX_BYTES);
	struct known known = { 0 };

	*byte ^= (unsigned char)(1U << bit);
	CHECK(reads_alike(&known, w, buf_slice(&w->content), packed, 4096));
	if (inflate_as(&now, packed, w->content.n) &&
	    !slice_equal(buf_slice(&now), buf_slice(&w->content))) {
		CHECK(is_unknown(&known));
		CHECK(reads_alike(&known, w, buf_slice(&now), packed, 4096));
	}
	*byte ^= (unsigned char)(1U << bit);
}

TEST(finds_a_bit_that_was_changed_wherever_it_is)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	for (size_t i = 0; i < w.packed.n; i += w.packed.n / 61)
		flip(&w, buf_slice(&w.packed), &w.packed.p[i], (unsigned)(i % 8));
	for (size_t i = w.packed.n - 12; i < w.packed.n; i++)
		flip(&w, buf_slice(&w.packed), &w.packed.p[i], (unsigned)(i % 8));
}

TEST(finds_a_stream_that_was_cut)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };
	struct known known = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	struct slice content = buf_slice(&w.content);
	for (size_t n = content.n / ZIP_MAX_RATIO + 1; n < w.packed.n;
	     n += n + 12 < w.packed.n ? w.packed.n / 31 : 1) {
		CHECK(reads_alike(&known, &w, content, slice_of(w.packed.p, n), 4096));
		CHECK(is_unknown(&known));
	}
}

/* In front of the kept range's end, where its symbols reach out of it, bytes are
 * deflated anew: other ones do not pass, though the checksum is that of the old. */
TEST(finds_other_bytes_where_no_symbols_are_kept)
{
	size_t reaching = 0;

	for (uint32_t slack = 64; slack < 400; slack += 48) {
		AUTO(work_free) struct work w = { 0 }, bad = { .is_back_wrong = true };
		AUTO(buf_free) struct buf file = { 0 };
		struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));
		struct error err = { 0 };
		struct known known = { true, true };

		how.slack = slack;
		how.code_size = 1000000;
		sample_code(&file, &how);
		REQUIRE_OK(work_make(&w, buf_slice(&file), (struct slice){ 0 }, &err) &&
		                   work_make(&bad, buf_slice(&file),
		                             (struct slice){ 0 }, &err),
		           &err);
		CHECK(slice_equal(buf_slice(&w.content), buf_slice(&bad.content)));
		if (slice_equal(buf_slice(&w.packed), buf_slice(&bad.packed)))
			continue;
		reaching++;
		CHECK(reads_alike(&known, &w, buf_slice(&bad.content),
		                  buf_slice(&bad.packed), 4096));
		CHECK(is_unknown(&known));
	}
	CHECK(reaching > 0);
}

/* Bytes behind the end of the stream. */
TEST(finds_a_stream_that_is_longer)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };
	struct known known = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err) &&
	                   buf_append(&w.packed, slice_str("x"), &err),
	           &err);
	CHECK(reads_alike(&known, &w, buf_slice(&w.content), buf_slice(&w.packed),
	                  4096));
	CHECK(is_unknown(&known));
}

/* Without the kept range in it: other code that is signed and packed alike. */
TEST(finds_other_code_in_what_is_kept)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	const struct code_kept *kept = &w.old.kept[0];
	const uint64_t places[] = { kept->from, kept->from + CODE_KEPT_FRONT,
		                    (kept->from + kept->to) / 2,
		                    kept->to - CODE_KEPT_BACK - 1, kept->to - 1 };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
		struct pack_block blocks[ARRAY_LEN(runs)];
		struct known known = { true, true };

		memcpy(blocks, runs, sizeof runs);
		blocks[ARRAY_LEN(runs) - 1].end = w.content.n;
		w.content.p[places[i]] ^= 1;
		pack(&packed, buf_slice(&w.content), blocks, ARRAY_LEN(blocks));
		CHECK(reads_alike(&known, &w, buf_slice(&w.content), buf_slice(&packed),
		                  4096));
		CHECK(is_unknown(&known));
		w.content.p[places[i]] ^= 1;
	}
}

static void list_blocks(struct inflate_blocks *out, struct slice packed)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct slice piece = { 0 };
	struct error err = { 0 };

	inflate_start(s, packed);
	inflate_note_blocks(s, out);
	do {
		REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	} while (piece.n > 0);
}

/* The bits in front of each block, and behind them: also of the new tail. */
TEST(finds_a_bit_that_was_changed_where_a_block_begins)
{
	AUTO(work_free) struct work w = { 0 };
	AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	list_blocks(&blocks, buf_slice(&w.packed));
	for (size_t i = 0; i + 1 < blocks.count; i++)
		for (uint64_t k = 0; k < 900; k += k < 3 ? 1 : 29) {
			uint64_t bit = blocks.items[i].bit + k;

			if (bit / 8 < w.packed.n)
				flip(&w, buf_slice(&w.packed), &w.packed.p[bit / 8],
				     (unsigned)(bit % 8));
		}
}

/* Symbols that begin at the same bit of a byte as the old ones: of the same front. */
TEST(finds_a_bit_that_was_changed_where_nothing_is_shifted)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };
	struct known known = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	AUTO(work_free) struct work same = { 0 };
	REQUIRE_OK(work_make(&same, buf_slice(&w.content), buf_slice(&w.packed), &err),
	           &err);
	same.content.n = same.packed.n = 0;
	REQUIRE_OK(buf_append(&same.content, buf_slice(&w.content), &err) &&
	                   buf_append(&same.packed, buf_slice(&w.packed), &err),
	           &err);
	unsigned char *p = same.packed.p;
	for (size_t i = same.packed.n / 2; i < same.packed.n / 2 + 20; i++)
		flip(&same, buf_slice(&same.packed), &p[i], (unsigned)(i % 8));
	CHECK(reads_alike(&known, &same, buf_slice(&same.content),
	                  buf_slice(&same.packed), 4096));
	CHECK(known.pages && !known.whole); /* what was made of it is another */
}

/* Of the work's content: are its pages known, but the hashes made anew? */
static bool is_hashed_anew(const struct work *w)
{
	struct known known = { 0 };

	return reads_alike(&known, w, buf_slice(&w->content), buf_slice(&w->packed),
	                   4096) &&
	       known.pages && !known.whole;
}

/* Each thing that is noted of what was hashed has to fit. */
TEST(believes_no_hashes_that_are_not_tied_to_the_bytes)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };
	struct code_whole *made = &w.old.made;

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	const struct code_whole good = *made;
	*made = (struct code_whole){ 0 };
	CHECK(is_hashed_anew(&w));
	for (size_t i = 0; i < sizeof good.edges; i += 31) {
		*made = good;
		made->edges[i] ^= 1;
		CHECK(is_hashed_anew(&w));
	}
	for (unsigned bit = 0; bit < 32; bit += 31) {
		*made = good;
		made->kept_crc ^= (uint32_t)1 << bit;
		CHECK(is_hashed_anew(&w));
	}
	for (unsigned i = 0; i < 2; i++) {
		uint64_t other = i == 0 ? UINT64_MAX : 1;

		*made = good;
		made->size += other;
		CHECK(is_hashed_anew(&w));
		*made = good;
		made->from += other;
		CHECK(is_hashed_anew(&w));
		*made = good;
		made->to += other;
		CHECK(is_hashed_anew(&w));
	}
	*made = good;
	CHECK(!is_hashed_anew(&w));
}

/* Where all fits, the hashes are those that were noted. */
TEST(believes_hashes_of_the_same_bytes)
{
	AUTO(work_free) struct work w = { 0 };
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	const struct code_how how = { .page_size = 4096,
		                      .with_hashes = true,
		                      .earlier = &w.old };
	struct error err = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	struct code_whole *made = &w.old.made;
	made->sha1[19] ^= 1;
	made->sha256[31] ^= 1;
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&w.content),
	                         buf_slice(&w.packed), &err) &&
	                   code_read(&code, &f.c, f.file, &how, &err),
	           &err);
	CHECK(code.is_known && code.has_hashes);
	CHECK(memcmp(code.sha1, made->sha1, sizeof code.sha1) == 0);
	CHECK(memcmp(code.sha256, made->sha256, sizeof code.sha256) == 0);
}

/* What hashing other bytes notes: of this content. */
static void note(struct code_whole *out, struct slice content, unsigned char bits)
{
	static const struct code_how how = { .page_size = 4096 };
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	AUTO(newcode_free) struct newcode nc = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, content, (struct slice){ 0 },
	                         &err) &&
	                   code_read(&code, &f.c, f.file, &how, &err),
	           &err);
	newcode_init(&nc, &code);
	REQUIRE_OK(code_change(&nc, &code, bits, &err) && newcode_hash(out, &nc, &err),
	           &err);
}

/* The signer hashed something else than it wrote: wherever that differs. */
TEST(believes_no_hashes_of_other_bytes)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(make_work(&w, PACK_RUNS, &err), &err);
	const struct code_kept *kept = &w.old.kept[0];
	const struct code_whole good = w.old.made;
	const uint64_t places[] = { kept->from - 1,
		                    kept->from,
		                    kept->from + CODE_KEPT_FRONT,
		                    (kept->from + kept->to) / 2,
		                    kept->to - 1,
		                    kept->to,
		                    w.content.n - 1 };
	note(&w.old.made, buf_slice(&w.content), 0);
	CHECK(memcmp(&w.old.made, &good, sizeof good) == 0);
	CHECK(!is_hashed_anew(&w));
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		w.content.p[places[i]] ^= 1;
		note(&w.old.made, buf_slice(&w.content), 0);
		w.content.p[places[i]] ^= 1;
		CHECK(is_hashed_anew(&w));
	}
	note(&w.old.made, buf_slice(&w.content), 1);
	CHECK(is_hashed_anew(&w));
}
