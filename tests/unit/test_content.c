/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/content.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/one_file.h"
#include "support/pack.h"
#include "util/mem.h"
#include "util/pool.h"

#define MAX CONTENT_PIECE_MAX

static const struct slice as_usual;

/* Bytes that deflate half, and begin as a Mach-O file does. */
static void make_content(struct buf *out, size_t n, uint32_t seed)
{
	static const unsigned char header[28] = { 0xcf, 0xfa, 0xed, 0xfe };
	struct error err = { 0 };

	*out = BUF_INIT(PACK_MAX_BYTES);
	CHECK(buf_append_fill(out, 0, n, &err));
	for (size_t i = 0; i < n; i++)
		out->p[i] = (unsigned char)(i / 7 + seed);
	for (size_t i = 0; i + 3000 < n; i += 5000)
		pack_noise(out->p + i, 3000, &seed);
	for (size_t i = 0; i < n && i < sizeof header; i++)
		out->p[i] = header[i];
}

/* All pieces are of one size but the last, and nothing is behind it. */
static bool read_pieces(struct buf *out, struct content *s, struct error *err)
{
	struct slice piece = { 0 };
	bool was_short = false;

	do {
		if (!content_next(&piece, s, err))
			return false;
		CHECK(piece.n <= MAX && (!was_short || piece.n == 0));
		was_short = piece.n < MAX;
		if (!buf_append(out, piece, err))
			return false;
	} while (piece.n > 0);
	for (int i = 0; i < 3; i++) {
		piece = slice_str("x");
		CHECK(content_next(&piece, s, err) && piece.n == 0);
	}
	return true;
}

static bool read_file(struct buf *out, const struct one_file *f, struct error *err)
{
	AUTO(drop_content) struct content *s = NULL;

	return content_open(&s, &f->c, f->file, err) && read_pieces(out, s, err);
}

/* ---- sound files ---- */

TEST(hands_over_pieces_of_one_size)
{
	static const size_t sizes[] = { 0,       1,       28,      MAX - 1,     MAX,
		                        MAX + 1, 2 * MAX, MAX * 3, 3 * MAX + 77 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(buf_free) struct buf content = { 0 };

		make_content(&content, sizes[i], 5);
		for (enum one_way way = 0; way < ONE_WAYS; way++) {
			AUTO(one_file_free) struct one_file f = { 0 };
			AUTO(buf_free) struct buf got = BUF_INIT(PACK_MAX_BYTES);
			struct error err = { 0 };

			if (way == ONE_BARE && sizes[i] < 28)
				continue;
			REQUIRE_OK(one_file_open(&f, way, buf_slice(&content), as_usual,
			                         &err),
			           &err);
			REQUIRE_OK(read_file(&got, &f, &err), &err);
			CHECK(slice_equal(buf_slice(&got), buf_slice(&content)));
		}
	}
}

TEST(inflates_what_was_deflated_at_any_level)
{
	AUTO(buf_free) struct buf content = { 0 };

	make_content(&content, 300000, 1);
	for (int level = 0; level <= 12; level++) {
		AUTO(one_file_free) struct one_file f = { 0 };
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
		AUTO(buf_free) struct buf got = BUF_INIT(PACK_MAX_BYTES);
		struct error err = { 0 };

		pack_deflate(&packed, buf_slice(&content), level);
		REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&content),
		                         buf_slice(&packed), &err),
		           &err);
		REQUIRE_OK(read_file(&got, &f, &err), &err);
		CHECK(slice_equal(buf_slice(&got), buf_slice(&content)));
	}
}

TEST(notes_the_blocks_of_deflated_entries_only)
{
	static const struct pack_block cuts[] = { { 1000, PACK_RUNS },
		                                  { 30000, PACK_STORED },
		                                  { 200000, PACK_RUNS } };
	AUTO(buf_free) struct buf content = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

	make_content(&content, 200000, 9);
	pack(&packed, buf_slice(&content), cuts, ARRAY_LEN(cuts));
	for (enum one_way way = 0; way < ONE_WAYS; way++) {
		AUTO(one_file_free) struct one_file f = { 0 };
		AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 };
		AUTO(buf_free) struct buf got = BUF_INIT(PACK_MAX_BYTES);
		AUTO(drop_content) struct content *s = NULL;
		struct error err = { 0 };

		REQUIRE_OK(one_file_open(&f, way, buf_slice(&content),
		                         buf_slice(&packed), &err),
		           &err);
		REQUIRE_OK(content_open(&s, &f.c, f.file, &err), &err);
		content_note_blocks(s, &blocks);
		REQUIRE_OK(read_pieces(&got, s, &err), &err);
		CHECK(blocks.count == (way == ONE_DEFLATED ? 4 : 0));
		for (size_t i = 0; i < blocks.count; i++)
			CHECK(blocks.items[i].out == (i > 0 ? cuts[i - 1].end : 0));
	}
}

/* ---- damaged entries ---- */

static void make_zip(struct tiny_zip *z, struct slice content, struct slice packed,
                     bool deflated)
{
	tiny_zip_add(z, &(struct tiny_entry){ .name = ONE_NAME,
	                                      .content = content,
	                                      .deflated = deflated,
	                                      .packed = packed });
	tiny_zip_end(z, &(struct tiny_end){ 0 });
}

/* Is it refused for this, wherever in the file that is found, with the file named? */
static void check_refused(const struct tiny_zip *z, const char *why)
{
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(PACK_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE_OK(one_file_open_zip(&f, z, &err), &err);
	bool ok = read_file(&got, &f, &err);
	CHECK(ok || strstr(err.message, ONE_NAME) != NULL ||
	      strstr(err.context, ONE_NAME) != NULL);
	CHECK_FAILS(ok, &err, ERROR_FORMAT, why);
}

TEST(refuses_another_checksum)
{
	static const size_t sizes[] = { 0, 1, 100, MAX, MAX + 1 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(buf_free) struct buf content = { 0 };

		make_content(&content, sizes[i], 2);
		for (int deflated = 0; deflated < 2; deflated++) {
			AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
			uint32_t crc = tiny_crc32(buf_slice(&content)) ^ 0x100;

			make_zip(&z, buf_slice(&content), as_usual, deflated == 1);
			tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_CRC, crc);
			tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_CRC, crc);
			check_refused(&z, "the checksum");
		}
	}
}

TEST(refuses_another_size)
{
	static const size_t sizes[] = { 1, 2, 100, MAX - 1, MAX, MAX + 1, 2 * MAX };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(buf_free) struct buf content = { 0 };

		make_content(&content, sizes[i], 3);
		for (int more = -1; more <= 1; more += 2) {
			AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
			uint32_t size = (uint32_t)((int)sizes[i] + more);

			make_zip(&z, buf_slice(&content), as_usual, true);
			tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_SIZE, size);
			tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_SIZE, size);
			check_refused(&z, "the size");
		}
	}
}

/* Of an entry that is larger than it says no more than that is handed over. */
TEST(hands_over_no_more_than_the_size)
{
	AUTO(buf_free) struct buf content = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(drop_content) struct content *s = NULL;
	struct slice piece = { 0 };
	struct error err = { 0 };

	make_content(&content, 3 * MAX, 4);
	make_zip(&z, buf_slice(&content), as_usual, true);
	tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_SIZE, (uint32_t)(2 * MAX - 1));
	tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_SIZE, (uint32_t)(2 * MAX - 1));
	REQUIRE_OK(one_file_open_zip(&f, &z, &err), &err);
	REQUIRE_OK(content_open(&s, &f.c, f.file, &err), &err);
	REQUIRE_OK(content_next(&piece, s, &err), &err);
	CHECK(piece.n == MAX);
	CHECK_FAILS(content_next(&piece, s, &err), &err, ERROR_FORMAT, "the size");
}

TEST(what_was_refused_stays_so)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(drop_content) struct content *s = NULL;
	struct slice piece = { 0 };
	struct error err = { 0 };

	make_zip(&z, slice_str("some text"), as_usual, false);
	z.bytes.p[z.data[0]] ^= 1;
	REQUIRE_OK(one_file_open_zip(&f, &z, &err), &err);
	REQUIRE_OK(content_open(&s, &f.c, f.file, &err), &err);
	for (int i = 0; i < 3; i++) {
		CHECK_FAILS(content_next(&piece, s, &err), &err, ERROR_FORMAT,
		            "the checksum");
	}
}

TEST(refuses_bytes_behind_the_stream)
{
	static const size_t sizes[] = { 1, 100, MAX, MAX + 1 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(buf_free) struct buf content = { 0 };
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		struct error err = { 0 };

		make_content(&content, sizes[i], 6);
		pack_deflate(&packed, buf_slice(&content), 6);
		REQUIRE_OK(buf_append_fill(&packed, 0, 1, &err), &err);
		make_zip(&z, buf_slice(&content), buf_slice(&packed), true);
		check_refused(&z, "the packed size");
	}
}

/* The first n bytes of a stream, in an entry that says it has the whole content. */
static void check_cut(struct slice content, struct slice packed, size_t n)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_zip(&z, content, slice_of(packed.p, n), true);
	check_refused(&z, "the packed data is damaged");
}

TEST(refuses_a_stream_cut_short_at_any_byte)
{
	static const struct pack_block blocks[] = { { 300, PACK_RUNS },
		                                    { 500, PACK_STORED },
		                                    { 900, PACK_RUNS } };
	AUTO(buf_free) struct buf content = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf dynamic = BUF_INIT(PACK_MAX_BYTES);

	make_content(&content, 900, 7);
	pack(&packed, buf_slice(&content), blocks, ARRAY_LEN(blocks));
	pack_deflate(&dynamic, buf_slice(&content), 6);
	for (size_t n = 1; n < packed.n; n++)
		check_cut(buf_slice(&content), buf_slice(&packed), n);
	for (size_t n = 1; n < dynamic.n; n++)
		check_cut(buf_slice(&content), buf_slice(&dynamic), n);
}

TEST(refuses_a_stream_of_several_pieces_cut_short)
{
	AUTO(buf_free) struct buf content = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

	make_content(&content, 3 * MAX, 8);
	pack_deflate(&packed, buf_slice(&content), 1);
	for (size_t n = packed.n - 3; n < packed.n; n++)
		check_cut(buf_slice(&content), buf_slice(&packed), n);
	for (size_t n = packed.n / 9; n < packed.n; n += packed.n / 9)
		check_cut(buf_slice(&content), buf_slice(&packed), n);
}

/* ---- what cannot be opened ---- */

TEST(opens_regular_files_only)
{
	AUTO(one_file_free) struct one_file f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(one_file_open(&f, ONE_FOLDER, slice_str("x"), as_usual, &err), &err);
	AUTO(drop_str) char *top = scratch_path(&f.folder, "X.app");
	AUTO(drop_str) char *folder = scratch_path(&f.folder, "X.app/folder");
	AUTO(drop_str) char *link = scratch_path(&f.folder, "X.app/link");
	AUTO(drop_str) char *fifo = scratch_path(&f.folder, "X.app/fifo");
	REQUIRE(mkdir(folder, 0755) == 0 && symlink("X", link) == 0 &&
	        mkfifo(fifo, 0600) == 0);
	container_close(&f.c);
	REQUIRE_OK(container_open(&f.c, top, &err), &err);
	REQUIRE(f.c.count == 4);
	for (size_t i = 0; i < f.c.count; i++) {
		AUTO(drop_content) struct content *s = NULL;
		bool ok = content_open(&s, &f.c, &f.c.files[i], &err);

		if (f.c.files[i].type == CONTAINER_FILE)
			REQUIRE_OK(ok, &err);
		else
			CHECK_FAILS(ok, &err, ERROR_FORMAT, "is no regular file");
		CHECK(ok == (s != NULL));
	}
}

TEST(follows_no_symlink_that_took_the_place_of_a_file)
{
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(drop_content) struct content *s = NULL;
	struct error err = { 0 };

	REQUIRE_OK(one_file_open(&f, ONE_FOLDER, slice_str("x"), as_usual, &err), &err);
	AUTO(drop_str) char *path = scratch_path(&f.folder, "X.app/X");
	AUTO(drop_str) char *other = scratch_path(&f.folder, "other");
	REQUIRE(rename(path, other) == 0);
	CHECK(!content_open(&s, &f.c, f.file, &err) && err.code == ERROR_NOT_FOUND);
	CHECK(strstr(err.context, "reading \"X\"") != NULL);
	error_clear(&err);
	REQUIRE(symlink("../other", path) == 0);
	CHECK(!content_open(&s, &f.c, f.file, &err) && s == NULL);
	error_clear(&err);
}

/* ---- many streams ---- */

/* One file of each kind, of other bytes. */
struct many {
	struct one_file files[ONE_WAYS];
	struct buf contents[ONE_WAYS];
};

static void many_free(struct many *m)
{
	for (size_t i = 0; i < ONE_WAYS; i++) {
		one_file_free(&m->files[i]);
		buf_free(&m->contents[i]);
	}
}

static bool many_make(struct many *m, struct error *err)
{
	for (enum one_way way = 0; way < ONE_WAYS; way++) {
		make_content(&m->contents[way], 2 * MAX + (size_t)1000 * way, 20 + way);
		if (!one_file_open(&m->files[way], way, buf_slice(&m->contents[way]),
		                   as_usual, err))
			return false;
	}
	return true;
}

/* A stream that is open, and what it has handed over so far. */
struct open_one {
	struct content *s;
	const struct buf *want;
	size_t at;
};

static bool step(struct open_one *o, struct error *err)
{
	struct slice piece = { 0 };

	if (!content_next(&piece, o->s, err))
		return false;
	if (piece.n > o->want->n - o->at ||
	    !slice_equal(piece, slice_of(o->want->p + o->at, piece.n)))
		return error_set(err, ERROR_INTERNAL, "other bytes at %zu", o->at);
	o->at += piece.n;
	return true;
}

/* Two streams of each file, a piece of each in turn; some are left half-way. */
static bool read_in_turns(void *ctx, size_t job, struct error *err)
{
	const struct many *m = ctx;
	struct open_one open[2 * ONE_WAYS] = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(open); i++) {
		const struct one_file *f = &m->files[i % ONE_WAYS];

		open[i].want = &m->contents[i % ONE_WAYS];
		ok = content_open(&open[i].s, &f->c, f->file, err);
	}
	for (size_t k = 0; ok && k < 4; k++)
		for (size_t i = 0; ok && i < ARRAY_LEN(open); i++)
			ok = (k > 1 && (i + job) % 3 == 0) || step(&open[i], err);
	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		ok = ok && ((i + job) % 3 == 0 || open[i].at == open[i].want->n ||
		            error_set(err, ERROR_INTERNAL, "not all was read"));
		drop_content(&open[i].s);
	}
	return ok;
}

TEST(reads_many_streams_at_once_on_several_threads)
{
	AUTO(many_free) struct many m = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(many_make(&m, &err), &err);
	REQUIRE_OK(pool_run(8, 48, read_in_turns, &m, &err), &err);
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(a_stream_left_half_way_leaves_nothing_behind)
{
	AUTO(many_free) struct many m = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(many_make(&m, &err), &err);
	for (size_t i = 0; i < ONE_WAYS; i++)
		for (int times = 0; times < 3; times++) {
			AUTO(drop_content) struct content *s = NULL;
			AUTO(buf_free) struct buf got = BUF_INIT(PACK_MAX_BYTES);
			struct slice piece = { 0 };

			REQUIRE_OK(content_open(&s, &m.files[i].c, m.files[i].file,
			                        &err),
			           &err);
			REQUIRE_OK(content_next(&piece, s, &err), &err);
			drop_content(&s);
			REQUIRE_OK(read_file(&got, &m.files[i], &err), &err);
			CHECK(slice_equal(buf_slice(&got), buf_slice(&m.contents[i])));
		}
}
