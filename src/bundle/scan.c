/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/scan.h"

#include <stdlib.h>
#include <string.h>

#include "bundle/content.h"
#include "crypto/sha.h"
#include "util/mem.h"
#include "util/pool.h"

/* What complete images of code may take together.  Who judges what was just made has
 * the images of the old code in memory too, and needs none. */
#define IMAGE_BUDGET ((size_t)28 << 20)

struct scanner {
	struct scan *scan;
	const struct scan_how *how;
	size_t *order; /* indices of the files to read, the largest first */
	size_t count;
};

void scan_drop_images(struct scan *scan)
{
	for (size_t i = 0; scan->files != NULL && i < scan->c->count; i++)
		if (scan->files[i].code != NULL)
			code_drop_image(scan->files[i].code);
}

void scan_free(struct scan *scan)
{
	for (size_t i = 0; scan->files != NULL && i < scan->c->count; i++) {
		struct scan_file *f = &scan->files[i];

		if (f->code != NULL)
			code_free(f->code);
		free(f->code);
		free(f->broken);
	}
	free(scan->files);
	free(scan->budget);
	free(scan->room);
	*scan = (struct scan){ 0 };
}

const struct scan_file *scan_find(const struct scan *scan,
                                  const struct container_file *file)
{
	return &scan->files[file - scan->c->files];
}

/* ---- one file ---- */

static bool hash_rest(struct scan_file *out, struct content *stream, struct slice piece,
                      struct error *err)
{
	AUTO(sha_both_free) struct sha_both ctx = { 0 };

	sha_both_init(&ctx);
	while (piece.n > 0) {
		sha_both_update(&ctx, piece);
		if (!content_next(&piece, stream, err))
			return false;
	}
	sha_both_final(out->sha1, out->sha256, &ctx);
	out->is_hashed = true;
	return true;
}

bool scan_hash(unsigned char sha1[20], unsigned char sha256[32],
               const struct scan *scan, const struct container_file *file,
               struct error *err)
{
	AUTO(drop_content) struct content *stream = NULL;
	const struct scan_file *scanned = scan_find(scan, file);
	struct scan_file found = { 0 };
	struct slice piece = { 0 };

	if (!scanned->is_hashed && (!content_open(&stream, scan->c, file, err) ||
	                            !content_next(&piece, stream, err) ||
	                            !hash_rest(&found, stream, piece, err)))
		return false;
	if (!scanned->is_hashed)
		scanned = &found;
	memcpy(sha1, scanned->sha1, sizeof scanned->sha1);
	memcpy(sha256, scanned->sha256, sizeof scanned->sha256);
	return true;
}

/* What stands in the app's own folder is its program, which no seal has; of the rare
 * library there scan_hash() makes the hashes later. */
static bool is_sealed(const struct container *c, const struct container_file *file)
{
	size_t n = strlen(c->root);

	return strchr(file->path + (n > 0 ? n + 1 : 0), '/') != NULL;
}

/* What an earlier scan read under this name; NULL: nothing. */
static const struct scan_file *find_earlier(const struct scanner *k,
                                            const struct container_file *file,
                                            const struct container_file **same)
{
	const struct scan *earlier = k->how->earlier;

	*same = earlier != NULL ? container_find(earlier->c, file->path) : NULL;
	return *same != NULL && (*same)->type == CONTAINER_FILE
	               ? scan_find(earlier, *same)
	               : NULL;
}

/* Code that is none after all is sealed as any other file. */
static bool read_code(struct scan_file *out, const struct scanner *k,
                      const struct container_file *file, struct slice start,
                      struct error *err)
{
	const struct container_file *same;
	const struct scan_file *known = find_earlier(k, file, &same);
	const struct code_how how = {
		.page_size = k->how->page_size,
		.with_hashes = k->how->hash_code && is_sealed(k->scan->c, file),
		.with_start = k->how->start_code && is_sealed(k->scan->c, file),
		.start = start,
		.earlier = known != NULL ? known->code : NULL,
		.budget = k->scan->budget,
		.room = k->scan->room
	};
	struct error broken = { 0 };
	struct code *code = mem_zero(1, sizeof *code);

	if (!code_read(code, k->scan->c, file, &how, &broken)) {
		free(code);
		if (broken.code == ERROR_LIMIT) {
			*err = broken;
			return false;
		}
		out->broken = mem_copy(broken.message);
		return true;
	}
	out->code = code;
	out->is_hashed = code->has_hashes;
	memcpy(out->sha1, code->sha1, sizeof out->sha1);
	memcpy(out->sha256, code->sha256, sizeof out->sha256);
	return true;
}

static bool is_packed_alike(const struct container *a, const struct zip_entry *x,
                            const struct container *b, const struct zip_entry *y)
{
	struct slice p = zip_packed(&a->zip, x), q = zip_packed(&b->zip, y);

	return zip_is_deflated(x) == zip_is_deflated(y) && x->size == y->size &&
	       x->crc32 == y->crc32 && slice_equal(p, q);
}

/* Two names of one file, as a folder has that is signed in place; whoever puts it there
 * sees to it that nobody has written to it (container_check_same()). */
static bool is_one_file(const struct container *earlier, const struct container_file *a,
                        const struct container_file *b)
{
	return earlier->is_replaced && a->inode != 0 && a->inode == b->inode &&
	       a->size == b->size && a->time.tv_sec == b->time.tv_sec &&
	       a->time.tv_nsec == b->time.tv_nsec;
}

static bool is_alike(const struct scanner *k, const struct container_file *file,
                     const struct container_file *same)
{
	const struct container *earlier = k->how->earlier->c;

	if (file->entry == NULL || same->entry == NULL)
		return is_one_file(earlier, same, file);
	return is_packed_alike(k->scan->c, file->entry, earlier, same->entry);
}

/* Is it a file that an earlier scan hashed?  Then it is known. */
static bool recall(struct scan_file *out, const struct scanner *k,
                   const struct container_file *file)
{
	const struct container_file *same;
	const struct scan_file *known = find_earlier(k, file, &same);

	if (known == NULL || !known->is_hashed || known->code != NULL ||
	    known->broken != NULL || !is_alike(k, file, same))
		return false;
	out->magic = known->magic;
	out->is_hashed = true;
	memcpy(out->sha1, known->sha1, sizeof out->sha1);
	memcpy(out->sha256, known->sha256, sizeof out->sha256);
	return true;
}

/* Did another run hash it?  Then that is known; record gets its key anyway. */
static bool look_up(struct scan_file *out, struct hash_record *record,
                    const struct scanner *k, const struct container_file *file)
{
	if (k->how->cache == NULL || file->entry == NULL)
		return false;
	if (!hash_cache_find(record, k->how->cache, &k->scan->c->zip, file->entry))
		return false;
	out->magic = record->magic;
	out->is_hashed = true;
	memcpy(out->sha1, record->sha1, sizeof out->sha1);
	memcpy(out->sha256, record->sha256, sizeof out->sha256);
	return true;
}

/* Tell later runs. */
static void tell(struct hash_record *record, const struct scanner *k,
                 const struct container_file *file, const struct scan_file *found)
{
	if (k->how->cache == NULL || file->entry == NULL)
		return;
	record->magic = found->magic;
	memcpy(record->sha1, found->sha1, sizeof record->sha1);
	memcpy(record->sha256, found->sha256, sizeof record->sha256);
	hash_cache_note(k->how->cache, record, &k->scan->c->zip, file->entry);
}

static bool scan_file(const struct scanner *k, const struct container_file *file,
                      struct scan_file *out, struct error *err)
{
	AUTO(drop_content) struct content *stream = NULL;
	struct slice piece = { 0 };
	struct hash_record record = { 0 };

	if (recall(out, k, file) || look_up(out, &record, k, file))
		return true;
	if (!content_open(&stream, k->scan->c, file, err) ||
	    !content_next(&piece, stream, err))
		return false;
	out->magic = macho_sniff(piece);
	if (code_is_likely(out->magic, file)) {
		if (!read_code(out, k, file, piece, err))
			return false;
		if (out->code != NULL)
			return true;
	}
	if (k->how->only_code)
		return true;
	if (!hash_rest(out, stream, piece, err))
		return false;
	tell(&record, k, file, out);
	return true;
}

static bool scan_one(void *ctx, size_t i, struct error *err)
{
	const struct scanner *k = ctx;
	const struct container_file *file = &k->scan->c->files[k->order[i]];

	if (!scan_file(k, file, &k->scan->files[k->order[i]], err))
		return false;
	term_progress_add(k->scan->c->progress, file->size);
	return true;
}

/* ---- all ---- */

static int largest_first(const void *a, const void *b, const void *ctx)
{
	const struct container *c = ctx;
	uint64_t x = c->files[*(const size_t *)a].size;
	uint64_t y = c->files[*(const size_t *)b].size;

	return (x < y) - (x > y);
}

static void list_files(struct scanner *k, const struct container *c)
{
	size_t n = strlen(c->root);

	k->order = mem_zero(c->count + 1, sizeof *k->order);
	for (size_t i = container_lower_bound(c, c->root); i < c->count; i++) {
		const struct container_file *file = &c->files[i];

		if (strncmp(file->path, c->root, n) != 0)
			break;
		if (file->type == CONTAINER_FILE && (n == 0 || file->path[n] == '/'))
			k->order[k->count++] = i;
	}
	if (k->count > 1)
		mem_sort(k->order, k->count, sizeof *k->order, largest_first, c);
}

bool scan_app(struct scan *out, const struct container *c, const struct scan_how *how,
              struct error *err)
{
	struct scanner k = { .scan = out, .how = how };

	out->c = c;
	out->files = mem_zero(c->count + 1, sizeof *out->files);
	out->budget = mem_zero(1, sizeof *out->budget);
	out->room = mem_zero(1, sizeof *out->room);
	atomic_store(out->room,
	             how->max_resident != 0 ? how->max_resident : SCAN_MAX_RESIDENT);
	atomic_store(out->budget, how->earlier != NULL ? 0 : IMAGE_BUDGET);
	list_files(&k, c);
	bool ok = pool_run(how->threads, k.count, scan_one, &k, err);
	free(k.order);
	if (!ok)
		scan_free(out);
	return ok;
}
