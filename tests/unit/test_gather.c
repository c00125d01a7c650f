/* SPDX-License-Identifier: Apache-2.0 */
#include "util/gather.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"

#define MAX_BYTES ((size_t)64 << 20)

static void fill(struct buf *out, size_t n, unsigned seed)
{
	struct error err = { 0 };

	CHECK(buf_append_fill(out, 0, n, &err));
	for (size_t i = 0; i < n; i++)
		out->p[i] = (unsigned char)((i * 31 + i / 251 + seed) & 0xff);
}

/* Made in three parts of different length. */
static bool make(const void *ctx, gather_put *put, void *put_ctx, struct error *err)
{
	const struct buf *b = ctx;
	size_t one = b->n / 3, two = b->n / 2;

	return put(put_ctx, slice_of(b->p, one), err) &&
	       put(put_ctx, slice_of(b->p + one, two - one), err) &&
	       put(put_ctx, slice_of(b->p + two, b->n - two), err);
}

static bool fail(const void *ctx, gather_put *put, void *put_ctx, struct error *err)
{
	(void)ctx;
	(void)put;
	(void)put_ctx;
	return error_set(err, ERROR_FORMAT, "cannot be made");
}

/* Write to a new file and compare. */
static void check_written(const struct gather *g, struct slice want, unsigned threads)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(MAX_BYTES);
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "out");
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_OK(gather_write(g, fd, "out", threads, NULL, &err), &err);
	REQUIRE_OK(file_read(&got, path, &err), &err);
	CHECK(g->size == want.n && slice_equal(buf_slice(&got), want));
}

TEST(writes_pieces_in_order_whatever_their_size)
{
	AUTO(buf_free) struct buf large = BUF_INIT(MAX_BYTES);
	AUTO(buf_free) struct buf made = BUF_INIT(MAX_BYTES);
	AUTO(buf_free) struct buf want = BUF_INIT(MAX_BYTES);
	AUTO(gather_free) struct gather g = { 0 };
	struct error err = { 0 };

	fill(&large, ((size_t)9 << 20) + 7, 1);
	fill(&made, 100001, 2);
	gather_add(&g, (struct slice){ 0 });
	/* more small ones than one job takes, from places that are not neighbours */
	for (size_t i = 0; i < 700; i++) {
		struct slice piece = slice_of(large.p + i * 5000, i % 97);

		gather_add(&g, piece);
		REQUIRE_OK(buf_append(&want, piece, &err), &err);
	}
	gather_add(&g, buf_slice(&large));
	gather_later(&g, made.n, make, &made);
	gather_copy(&g, slice_str("end"));
	REQUIRE_OK(buf_append(&want, buf_slice(&large), &err), &err);
	REQUIRE_OK(buf_append(&want, buf_slice(&made), &err), &err);
	REQUIRE_OK(buf_append_str(&want, "end", &err), &err);
	for (unsigned threads = 1; threads <= 4; threads++)
		check_written(&g, buf_slice(&want), threads);
}

TEST(joins_neighbours)
{
	AUTO(gather_free) struct gather g = { 0 };
	static const char text[] = "one two three";

	gather_add(&g, slice_of(text, 4));
	gather_add(&g, slice_of(text + 4, 4));
	gather_add(&g, slice_of(text + 8, 5));
	CHECK(g.count == 1);
	check_written(&g, slice_str(text), 1);
}

TEST(copies_what_will_not_stay)
{
	AUTO(gather_free) struct gather g = { 0 };
	char text[] = "before";

	gather_copy(&g, slice_str(text));
	memset(text, 'x', sizeof text - 1);
	check_written(&g, slice_str("before"), 1);
}

static bool try(struct gather *g, struct error *err)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	if (!CHECK(scratch_make(&s)))
		return true;
	AUTO(drop_str) char *path = scratch_path(&s, "out");
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT, 0600);
	return gather_write(g, fd, "out", 2, NULL, err);
}

TEST(refuses_what_is_made_in_another_size)
{
	AUTO(buf_free) struct buf made = BUF_INIT(MAX_BYTES);
	struct error err = { 0 };

	fill(&made, 1000, 3);
	for (uint64_t size = 999; size <= 1001; size += 2) {
		AUTO(gather_free) struct gather g = { 0 };

		gather_later(&g, size, make, &made);
		CHECK_FAILS(try(&g, &err), &err, ERROR_INTERNAL, "bytes than was said");
		error_clear(&err);
	}
}

TEST(says_why_a_piece_cannot_be_made_or_written)
{
	AUTO(gather_free) struct gather g = { 0 };
	AUTO(gather_free) struct gather plain = { 0 };
	struct error err = { 0 };

	gather_later(&g, 5, fail, NULL);
	CHECK_FAILS(try(&g, &err), &err, ERROR_FORMAT, "cannot be made");
	error_clear(&err);
	gather_add(&plain, slice_str("text"));
	AUTO(drop_fd) int fd = open("/dev/full", O_WRONLY);
	if (fd >= 0)
		CHECK_FAILS(gather_write(&plain, fd, "out", 1, NULL, &err), &err,
		            ERROR_IO, "could not write \"out\"");
}

/* ---- how the work is divided ---- */

TEST(writes_nothing_of_nothing)
{
	AUTO(gather_free) struct gather g = { 0 };

	check_written(&g, (struct slice){ 0 }, 2);
	gather_add(&g, (struct slice){ 0 });
	gather_copy(&g, (struct slice){ 0 });
	/* what has no bytes is not made: this one could not be */
	gather_later(&g, 0, fail, NULL);
	check_written(&g, (struct slice){ 0 }, 2);
	gather_copy(&g, slice_str("text"));
	gather_later(&g, 0, fail, NULL);
	check_written(&g, slice_str("text"), 2);
}

/* A job takes 256 pieces at the most. */
TEST(writes_any_number_of_small_pieces)
{
	static const size_t counts[] = { 1, 2, 255, 256, 257, 511, 512, 513 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);

	fill(&bytes, 20000, 4);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		AUTO(gather_free) struct gather g = { 0 };
		AUTO(buf_free) struct buf want = BUF_INIT(MAX_BYTES);
		struct error err = { 0 };

		for (size_t k = 0; k < counts[i]; k++) {
			struct slice piece = slice_of(bytes.p + k * 30, 1 + k % 29);

			gather_add(&g, piece);
			REQUIRE_OK(buf_append(&want, piece, &err), &err);
		}
		CHECK(g.count == counts[i]);
		check_written(&g, buf_slice(&want), 3);
	}
}

/* And 4 MiB, of small pieces or of a large one. */
TEST(writes_pieces_of_any_size)
{
	const size_t most = (size_t)4 << 20;
	const size_t sizes[] = { most - 1, most, most + 1, 2 * most, 2 * most + 1 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);

	fill(&bytes, 3 * most, 5);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t small = 0; small < 3; small++) {
			AUTO(gather_free) struct gather g = { 0 };
			AUTO(buf_free) struct buf want = BUF_INIT(MAX_BYTES);
			const struct slice pieces[] = {
				slice_of(bytes.p + 5, small),
				slice_of(bytes.p + 100, sizes[i]),
				slice_of(bytes.p + 1, 3 - small),
				slice_of(bytes.p + 9, sizes[i] / 2),
				slice_of(bytes.p + 7, sizes[i] - sizes[i] / 2),
			};
			struct error err = { 0 };

			for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
				gather_add(&g, pieces[k]);
				REQUIRE_OK(buf_append(&want, pieces[k], &err), &err);
			}
			check_written(&g, buf_slice(&want), 2);
		}
}

/* The system takes what there is room for, and then refuses. */
TEST(says_so_when_only_a_part_can_be_written)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);
	AUTO(gather_free) struct gather g = { 0 };
	struct rlimit old = { 0 };
	struct error err = { 0 };

	fill(&bytes, 10000, 6);
	for (size_t i = 0; i < 10; i++)
		gather_add(&g, slice_of(bytes.p + i * 500, 150));
	REQUIRE(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
	struct rlimit less = { .rlim_cur = 1000, .rlim_max = old.rlim_max };
	REQUIRE(setrlimit(RLIMIT_FSIZE, &less) == 0);
	bool ok = try(&g, &err);
	REQUIRE(setrlimit(RLIMIT_FSIZE, &old) == 0);
	CHECK_FAILS(ok, &err, ERROR_IO, "could not write");
}

TEST(what_is_written_already_is_left_alone)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);
	AUTO(buf_free) struct buf want = BUF_INIT(MAX_BYTES);
	AUTO(gather_free) struct gather g = { 0 };
	struct error err = { 0 };

	fill(&bytes, 1000, 7);
	gather_add(&g, slice_of(bytes.p, 300));
	gather_is_written(&g);
	/* It follows in memory, but is a piece of its own. */
	gather_add(&g, slice_of(bytes.p + 300, 700));
	CHECK(g.count == 2 && g.size == 1000);
	REQUIRE_OK(buf_append_fill(&want, 0, 300, &err) &&
	                   buf_append(&want, slice_of(bytes.p + 300, 700), &err),
	           &err);
	check_written(&g, buf_slice(&want), 2);
}

TEST(stops_when_it_is_told)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);
	AUTO(gather_free) struct gather g = { 0 };
	atomic_bool stop = false;
	struct error err = { 0 };

	fill(&bytes, 1000, 8);
	g.stop = &stop;
	gather_add(&g, buf_slice(&bytes));
	CHECK(try(&g, &err));
	atomic_store(&stop, true);
	CHECK_FAILS(try(&g, &err), &err, ERROR_INTERNAL, "stopped");
}
