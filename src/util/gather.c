/* SPDX-License-Identifier: Apache-2.0 */
#include "util/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util/file_error.h"
#include "util/mem.h"
#include "util/pool.h"

/* What one job of the pool writes at the most. */
#define JOB_BYTES  ((uint64_t)4 << 20)
#define JOB_PIECES 256

struct gather_piece {
	struct slice bytes; /* or, where make is not NULL, what that makes */
	gather_make *make;
	const void *ctx;
	uint64_t offset, size;
};

void gather_free(struct gather *g)
{
	for (size_t i = 0; i < g->owned_count; i++)
		free(g->owned[i]);
	free(g->owned);
	free(g->pieces);
	*g = (struct gather){ 0 };
}

static void add(struct gather *g, struct gather_piece piece)
{
	piece.offset = g->size;
	g->pieces = mem_grow(g->pieces, g->count, &g->cap, sizeof *g->pieces);
	g->pieces[g->count++] = piece;
	g->size += piece.size;
}

/* Pieces that follow each other in memory are one. */
void gather_add(struct gather *g, struct slice bytes)
{
	struct gather_piece *last =
		g->count > g->written ? &g->pieces[g->count - 1] : NULL;

	if (bytes.n == 0)
		return;
	if (last != NULL && last->make == NULL &&
	    last->bytes.p + last->bytes.n == bytes.p) {
		last->bytes.n += bytes.n;
		last->size += bytes.n;
		g->size += bytes.n;
		return;
	}
	add(g, (struct gather_piece){ .bytes = bytes, .size = bytes.n });
}

void gather_copy(struct gather *g, struct slice bytes)
{
	if (bytes.n == 0)
		return;
	unsigned char *copy = mem_resize(NULL, bytes.n);
	memcpy(copy, bytes.p, bytes.n);
	g->owned = mem_grow(g->owned, g->owned_count, &g->owned_cap, sizeof(void *));
	g->owned[g->owned_count++] = copy;
	add(g,
	    (struct gather_piece){ .bytes = slice_of(copy, bytes.n), .size = bytes.n });
}

void gather_later(struct gather *g, uint64_t size, gather_make *make, const void *ctx)
{
	add(g, (struct gather_piece){ .make = make, .ctx = ctx, .size = size });
}

void gather_is_written(struct gather *g)
{
	g->written = g->count;
}

/* ---- writing ---- */

/* Some pieces, or some bytes of a large one. */
struct job {
	size_t first, end; /* pieces */
	uint64_t skip, n;  /* bytes, counted from the first one's start */
};

struct writing {
	const struct gather *g;
	struct term_progress *progress;
	int fd;
	const char *path;
	struct job *jobs;
	size_t count, cap;
};

static void add_job(struct writing *w, struct job job)
{
	w->jobs = mem_grow(w->jobs, w->count, &w->cap, sizeof *w->jobs);
	w->jobs[w->count++] = job;
}

/* Small pieces together, large ones apart. */
static void split(struct writing *w)
{
	const struct gather *g = w->g;
	struct job job = { 0 };

	for (size_t i = g->written; i < g->count; i++) {
		const struct gather_piece *piece = &g->pieces[i];
		bool is_large = piece->make != NULL || piece->size >= JOB_BYTES;

		if (job.n > 0 && (is_large || job.n + piece->size > JOB_BYTES ||
		                  job.end - job.first == JOB_PIECES)) {
			add_job(w, job);
			job = (struct job){ 0 };
		}
		if (!is_large) {
			if (job.n == 0)
				job.first = i;
			job.end = i + 1;
			job.n += piece->size;
			continue;
		}
		uint64_t step = piece->make != NULL ? piece->size : JOB_BYTES;
		for (uint64_t at = 0; at < piece->size; at += step)
			add_job(w, (struct job){ .first = i,
			                         .end = i + 1,
			                         .skip = at,
			                         .n = piece->size - at < step
			                                      ? piece->size - at
			                                      : step });
	}
	if (job.n > 0)
		add_job(w, job);
}

static bool write_failed(ssize_t n, const char *path, struct error *err)
{
	if (n == 0)
		errno = EIO;
	return file_error_write(err, "write", path);
}

static bool write_at(const struct writing *w, struct slice bytes, uint64_t offset,
                     struct error *err)
{
	while (bytes.n > 0) {
		ssize_t n = pwrite(w->fd, bytes.p, bytes.n, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return write_failed(n, w->path, err);
		offset += (uint64_t)n;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

/* writev() wants pointers to bytes that may change, but does not change them. */
static void *no_const(const unsigned char *p)
{
	union {
		const unsigned char *in;
		void *out;
	} u = { .in = p };

	return u.out;
}

static bool write_pieces(const struct writing *w, const struct job *job,
                         struct error *err)
{
	const struct gather_piece *pieces = w->g->pieces + job->first;
	struct iovec parts[JOB_PIECES];
	size_t count = job->end - job->first;
	ssize_t n;

	if (count == 1)
		return write_at(w,
		                slice_of(pieces->bytes.p + job->skip, (size_t)job->n),
		                pieces->offset + job->skip, err);
	for (size_t i = 0; i < count; i++)
		parts[i] = (struct iovec){ .iov_base = no_const(pieces[i].bytes.p),
			                   .iov_len = pieces[i].bytes.n };
	do {
		n = pwritev(w->fd, parts, (int)count, (off_t)pieces->offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return write_failed(n, w->path, err);
	/* Seldom: not all of it was taken. */
	for (size_t i = 0; i < count && (uint64_t)n < job->n; i++)
		if (!write_at(w, pieces[i].bytes, pieces[i].offset, err))
			return false;
	return true;
}

/* Where what is made goes. */
struct taker {
	const struct writing *w;
	uint64_t offset, left;
};

static bool take(void *ctx, struct slice piece, struct error *err)
{
	struct taker *t = ctx;

	if (piece.n > t->left)
		return error_set(err, ERROR_INTERNAL,
		                 "a piece has more bytes than was said");
	if (!write_at(t->w, piece, t->offset, err))
		return false;
	t->offset += piece.n;
	t->left -= piece.n;
	return true;
}

static bool write_made(const struct writing *w, const struct gather_piece *piece,
                       struct error *err)
{
	struct taker t = { .w = w, .offset = piece->offset, .left = piece->size };

	if (!piece->make(piece->ctx, take, &t, err))
		return false;
	return t.left == 0 ||
	       error_set(err, ERROR_INTERNAL, "a piece has fewer bytes than was said");
}

static bool run_job(void *ctx, size_t i, struct error *err)
{
	const struct writing *w = ctx;
	const struct job *job = &w->jobs[i];
	const struct gather_piece *first = &w->g->pieces[job->first];

	if (w->g->stop != NULL && atomic_load(w->g->stop))
		return error_set(err, ERROR_INTERNAL, "writing was stopped");
	bool ok = first->make != NULL ? write_made(w, first, err)
	                              : write_pieces(w, job, err);

	term_progress_add(w->progress, job->n);
	return ok;
}

bool gather_write(const struct gather *g, int fd, const char *path, unsigned threads,
                  struct term_progress *progress, struct error *err)
{
	struct writing w = { .g = g, .fd = fd, .path = path, .progress = progress };

	split(&w);
	bool ok = pool_run(threads, w.count, run_job, &w, err);
	free(w.jobs);
	return ok;
}
