/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/content.h"

#include <errno.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "ipa/crc.h"
#include "util/file_error.h"
#include "util/mem.h"

struct content {
	const struct container *c;
	const struct container_file *file;
	struct inflate *inflater;                /* kept between files: it is large */
	struct libdeflate_decompressor *decoder; /* of small entries; kept too */
	unsigned char *buffer; /* of these, of files in folders; kept */
	struct slice mapped;   /* stored entries, a bare file: what is left */
	int fd;                /* files in folders; else -1 */
	struct slice packed;   /* deflated entries */
	struct inflate_blocks *blocks;
	bool is_deflated, has_begun, is_done;
	uint64_t total;
	uint32_t crc;
	struct content *next; /* in the cache */
};

/* Streams that nobody uses now. */
struct content_cache {
	pthread_mutex_t lock;
	struct content *free;
};

struct content_cache *content_cache_new(void)
{
	struct content_cache *cache = mem_zero(1, sizeof *cache);

	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void drop_content_cache(struct content_cache **cache)
{
	if (*cache == NULL)
		return;
	for (struct content *s = (*cache)->free, *next; s != NULL; s = next) {
		next = s->next;
		drop_inflate(&s->inflater);
		libdeflate_free_decompressor(s->decoder);
		free(s->buffer);
		free(s);
	}
	pthread_mutex_destroy(&(*cache)->lock);
	free(*cache);
	*cache = NULL;
}

static struct content *take(struct content_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	struct content *s = cache->free;
	if (s != NULL)
		cache->free = s->next;
	pthread_mutex_unlock(&cache->lock);
	return s != NULL ? s : mem_zero(1, sizeof *s);
}

void drop_content(struct content **s)
{
	if (*s == NULL)
		return;
	struct content_cache *cache = (*s)->c->cache;
	drop_fd(&(*s)->fd);
	pthread_mutex_lock(&cache->lock);
	(*s)->next = cache->free;
	cache->free = *s;
	pthread_mutex_unlock(&cache->lock);
	*s = NULL;
}

/* ---- opening ---- */

static void open_entry(struct content *s)
{
	struct slice packed = zip_packed(&s->c->zip, s->file->entry);

	s->is_deflated = zip_is_deflated(s->file->entry);
	*(s->is_deflated ? &s->packed : &s->mapped) = packed;
}

static void need_buffer(struct content *s)
{
	if (s->buffer == NULL)
		s->buffer = mem_resize(NULL, CONTENT_PIECE_MAX);
}

static bool open_any(struct content *s, struct error *err)
{
	if (s->file->type != CONTAINER_FILE)
		return error_set(err, ERROR_FORMAT, "\"%s\" is no regular file",
		                 s->file->path);
	if (s->file->entry != NULL) {
		open_entry(s);
		return true;
	}
	if (s->c->kind == CONTAINER_MACHO) {
		s->mapped = s->c->map.bytes;
		return true;
	}
	need_buffer(s);
	return folder_open(&s->fd, s->c, s->file, err);
}

bool content_open(struct content **out, const struct container *c,
                  const struct container_file *file, struct error *err)
{
	AUTO(drop_content) struct content *s = take(c->cache);

	*s = (struct content){ .c = c,
		               .file = file,
		               .inflater = s->inflater,
		               .decoder = s->decoder,
		               .buffer = s->buffer,
		               .fd = -1 };
	if (!open_any(s, err))
		return error_context(err, "reading \"%s\"", file->path);
	*out = STEAL(s);
	return true;
}

void content_note_blocks(struct content *s, struct inflate_blocks *blocks)
{
	s->blocks = blocks;
}

/* ---- reading ---- */

static bool read_fd(struct slice *piece, struct content *s, struct error *err)
{
	size_t have = 0;

	while (have < CONTENT_PIECE_MAX) {
		ssize_t n = read(s->fd, s->buffer + have, CONTENT_PIECE_MAX - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			AUTO(drop_str)
			char *path = mem_format("%s/%s", s->c->path, s->file->path);

			return file_error_read(err, "read", path);
		}
		if (n == 0)
			break;
		have += (size_t)n;
	}
	*piece = slice_of(s->buffer, have);
	return true;
}

/*
 * Entries of one piece, as most are: a decoder of whole buffers is faster.  False: it
 * does not fit what the archive says, which the other one tells better.
 */
static bool inflate_at_once(struct slice *piece, struct content *s)
{
	const struct zip_entry *e = s->file->entry;
	size_t used = 0, n = 0;

	if (s->blocks != NULL || e->size >= CONTENT_PIECE_MAX)
		return false;
	need_buffer(s);
	if (s->decoder == NULL)
		s->decoder = libdeflate_alloc_decompressor();
	if (s->decoder == NULL ||
	    libdeflate_deflate_decompress_ex(s->decoder, s->packed.p, s->packed.n,
	                                     s->buffer, CONTENT_PIECE_MAX, &used,
	                                     &n) != LIBDEFLATE_SUCCESS ||
	    used != e->packed_size || n != e->size)
		return false;
	*piece = slice_of(s->buffer, n);
	return true;
}

static bool inflate_piece(struct slice *piece, struct content *s, struct error *err)
{
	if (!s->has_begun) {
		if (inflate_at_once(piece, s))
			return true;
		if (s->inflater == NULL)
			s->inflater = inflate_new();
		inflate_start(s->inflater, s->packed);
		inflate_note_blocks(s->inflater, s->blocks);
		s->has_begun = true;
	}
	return inflate_next(piece, s->inflater, err);
}

static bool next_piece(struct slice *piece, struct content *s, struct error *err)
{
	if (s->is_deflated)
		return inflate_piece(piece, s, err);
	if (s->fd >= 0)
		return read_fd(piece, s, err);
	size_t n = s->mapped.n < CONTENT_PIECE_MAX ? s->mapped.n : CONTENT_PIECE_MAX;
	*piece = slice_of(s->mapped.p, n);
	s->mapped = slice_of(n < s->mapped.n ? s->mapped.p + n : NULL, s->mapped.n - n);
	return true;
}

static bool damaged(const struct content *s, const char *what, struct error *err)
{
	error_set(err, ERROR_FORMAT, "the zip is damaged: %s of \"%s\" does not fit",
	          what, s->file->path);
	error_cause(err,
	            "The download or copy stopped early, or the tool that wrote it "
	            "is broken.");
	return error_hint(err, "unzip -t FILE shows what else is wrong.");
}

/* What the archive says of the entry. */
static bool check(const struct content *s, bool at_end, struct error *err)
{
	const struct zip_entry *e = s->file->entry;

	if (e == NULL)
		return true;
	if (s->total > e->size || (at_end && s->total != e->size))
		return damaged(s, "the size", err);
	if (at_end && s->has_begun && inflate_used(s->inflater) != e->packed_size)
		return damaged(s, "the packed size", err);
	return !at_end || s->crc == e->crc32 || damaged(s, "the checksum", err);
}

bool content_next(struct slice *piece, struct content *s, struct error *err)
{
	if (s->is_done) {
		*piece = (struct slice){ 0 };
		return true;
	}
	if (!next_piece(piece, s, err))
		return error_context(err, "reading \"%s\"", s->file->path);
	s->total += piece->n;
	if (s->file->entry != NULL)
		s->crc = crc_update(s->crc, *piece);
	bool at_end = piece->n < CONTENT_PIECE_MAX;
	if (!check(s, at_end, err))
		return false;
	s->is_done = at_end;
	return true;
}
