/* SPDX-License-Identifier: Apache-2.0 */
#include "util/gather.h"

#include <fcntl.h>
#include <stdlib.h>
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
