/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a container with some of its files changed.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "bundle/early.h"
#include "bundle/newcode.h"
#include "ipa/crc.h"
#include "util/mem.h"
#include "util/pool.h"

const struct container_change *container_change_find(
	const struct container_change *changes, size_t count, const char *path)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(changes[mid].path, path);

		if (order == 0)
			return &changes[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool container_change_removes(const struct container_change *change)
{
	return change->content == NULL && change->code == NULL;
}

/* ---- a zip ---- */

/* Contents from this size on are deflated side by side, before any is written. */
#define LARGE_BYTES ((size_t)64 << 10)

/* Signed code, or a large content, on its way into a zip. */
struct packed {
	struct splice splice;
	uint32_t crc;
};

struct rewrite {
	const struct container *c;
	const struct container_change *changes;
	size_t count;
	int level;
	struct packed *packed; /* one for each change */
	size_t *order;         /* of packing: indices of the changes */
	bool *is_early;        /* which entries of the source come first */
	uint64_t *at;          /* where those are */
	struct zip_writer writer;
};

static void rewrite_free(struct rewrite *r)
{
	for (size_t i = 0; r->packed != NULL && i < r->count; i++)
		splice_free(&r->packed[i].splice);
	free(r->packed);
	free(r->order);
	free(r->is_early);
	free(r->at);
	zip_writer_free(&r->writer);
}

/* Code that is not deflated stays so. */
static bool is_stored(const struct rewrite *r, const struct container_change *change)
{
	const struct zip_entry *old = change->code->old->file->entry;

	return r->level == 0 || old == NULL || !zip_is_deflated(old);
}

static bool is_large(const struct rewrite *r, const struct container_change *change)
{
	return change->content != NULL && change->content->n >= LARGE_BYTES &&
	       r->level > 0;
}

static bool pack_one(void *ctx, size_t i, struct error *err)
{
	struct rewrite *r = ctx;
	const struct container_change *change = &r->changes[r->order[i]];
	struct packed *packed = &r->packed[r->order[i]];

	splice_init(&packed->splice, r->level);
	if (is_large(r, change)) {
		packed->crc = crc_update(0, buf_slice(change->content));
		return splice_add(&packed->splice, buf_slice(change->content), true,
		                  err);
	}
	if (change->code == NULL)
		return true;
	packed->crc = newcode_crc(change->code);
	return is_stored(r, change) ||
	       newcode_deflate(&packed->splice, change->code, err);
}

static size_t bytes_to_pack(const struct rewrite *r, size_t i)
{
	return is_large(r, &r->changes[i]) ? r->changes[i].content->n : 0;
}

static int most_first(const void *a, const void *b, const void *ctx)
{
	size_t x = bytes_to_pack(ctx, *(const size_t *)a);
	size_t y = bytes_to_pack(ctx, *(const size_t *)b);

	return (x < y) - (x > y);
}

/* The long jobs first, lest one is left when all others are done: a list of all files
 * takes longer than code, of which little is deflated. */
static bool pack_all(struct rewrite *r, unsigned threads, struct error *err)
{
	if (r->count == 0)
		return true;
	r->packed = mem_zero(r->count, sizeof *r->packed);
	r->order = mem_zero(r->count, sizeof *r->order);
	for (size_t i = 0; i < r->count; i++)
		r->order[i] = i;
	mem_sort(r->order, r->count, sizeof *r->order, most_first, r);
	return pool_run(threads, r->count, pack_one, r, err);
}

static bool make_splice(const void *ctx, gather_put *put, void *put_ctx,
                        struct error *err)
{
	return splice_write(ctx, put, put_ctx, err);
}

static bool make_code(const void *ctx, gather_put *put, void *put_ctx,
                      struct error *err)
{
	return newcode_write(ctx, put, put_ctx, err);
}

/* Small contents, and large ones that deflating does not make smaller. */
static bool add_content(struct rewrite *r, const struct container_change *change,
                        const char *name, const struct zip_entry *like,
                        struct error *err)
{
	return zip_writer_add(&r->writer, name, ZIP_FILE, change->mode, like,
	                      buf_slice(change->content),
	                      is_large(r, change) ? 0 : r->level, err);
}

static bool add_packed(struct rewrite *r, const struct container_change *change,
                       const char *name, const struct zip_entry *like,
                       struct error *err)
{
	const struct packed *packed = &r->packed[change - r->changes];
	const bool is_code = change->code != NULL;
	struct zip_content content = {
		.is_deflated = true,
		.size = is_code ? change->code->size : change->content->n,
		.packed_size = splice_size(&packed->splice),
		.crc32 = packed->crc,
		.make = make_splice,
		.ctx = &packed->splice,
	};

	if (!is_code && content.packed_size >= content.size)
		return add_content(r, change, name, like, err);
	if (is_code && is_stored(r, change)) {
		content.is_deflated = false;
		content.packed_size = content.size;
		content.make = make_code;
		content.ctx = change->code;
	}
	return zip_writer_add_later(&r->writer, name, change->mode, like, &content,
	                            err);
}

static bool add_change(struct rewrite *r, const struct container_change *change,
                       const struct zip_entry *old, struct error *err)
{
	const char *name = old != NULL ? old->name : change->path;
	/* What was a symlink becomes a file. */
	const struct zip_entry *like =
		old != NULL && old->type == ZIP_FILE ? old : NULL;

	if (container_change_removes(change))
		return true;
	return change->code != NULL || is_large(r, change)
	               ? add_packed(r, change, name, like, err)
	               : add_content(r, change, name, like, err);
}

static const struct container_change *change_of(const struct rewrite *r,
                                                const struct zip_entry *entry)
{
	return container_change_find(r->changes, r->count, entry->name);
}

/* Those that come first: what was chosen, but for what is changed after all. */
static void put_early(struct rewrite *r)
{
	const struct zip *zip = &r->c->zip;

	r->at = mem_zero(zip->count + 1, sizeof *r->at);
	for (size_t i = 0; i < zip->count; i++)
		if (r->is_early[i])
			r->at[i] = zip_writer_put(&r->writer, &zip->entries[i]);
}

/* The file, with those in it already if they were begun. */
static bool open_file(struct file_new *file, struct rewrite *r, const char *out_path,
                      struct error *err)
{
	const struct container *c = r->c;

	r->is_early = early_choose(c);
	for (size_t i = 0; i < c->zip.count; i++)
		if (r->is_early[i] && change_of(r, &c->zip.entries[i]) != NULL)
			r->is_early[i] = false;
	put_early(r);
	if (!early_is_for(c->early, out_path, r->is_early)) {
		early_cancel(c->early);
		return file_create(file, out_path, 0644, err);
	}
	if (!early_take(file, c->early, err))
		return false;
	zip_writer_is_written(&r->writer);
	term_progress_add(c->progress, r->writer.body.size);
	return true;
}

static bool add_entry(struct rewrite *r, size_t i, struct error *err)
{
	const struct zip_entry *entry = &r->c->zip.entries[i];
	const struct container_change *change = change_of(r, entry);

	if (change != NULL)
		return add_change(r, change, entry, err);
	return r->is_early[i] ? zip_writer_list(&r->writer, entry, r->at[i], err)
	                      : zip_writer_copy(&r->writer, entry, err);
}

static bool add_entries(struct rewrite *r, struct error *err)
{
	const struct container *c = r->c;

	/* Otherwise in the order of the source. */
	for (size_t i = 0; i < c->zip.count; i++) {
		const struct zip_entry *entry = &c->zip.entries[i];

		if (!add_entry(r, i, err))
			return error_context(err, "writing \"%s\"", entry->name);
	}
	for (size_t i = 0; i < r->count; i++) {
		const struct container_change *change = &r->changes[i];

		if (container_find(c, change->path) == NULL &&
		    !add_change(r, change, NULL, err))
			return error_context(err, "writing \"%s\"", change->path);
	}
	return true;
}

static bool rewrite_zip(struct rewrite *r, const char *out_path, unsigned threads,
                        struct error *err)
{
	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;

	zip_writer_init(&r->writer, &file);
	r->writer.threads = threads;
	r->writer.progress = r->c->progress;
	if (!open_file(&file, r, out_path, err))
		return false;
	return pack_all(r, threads, err) && add_entries(r, err) &&
	       zip_writer_finish(&r->writer, err) && file_commit(&file, err);
}

/* ---- a file ---- */

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return file_append(ctx, piece, err);
}

bool container_change_write(struct file_new *file,
                            const struct container_change *change, struct error *err)
{
	return change->code != NULL
	               ? newcode_write(change->code, append, file, err)
	               : file_append(file, buf_slice(change->content), err);
}

static bool rewrite_file(const struct container *c, const char *out_path,
                         const struct container_change *change, struct error *err)
{
	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;

	if (access(out_path, F_OK) == 0)
		return error_set(err, ERROR_EXISTS, "\"%s\" exists already", out_path);
	if (!file_create(&file, out_path, c->files[0].mode, err))
		return false;
	if (change == NULL || container_change_removes(change))
		return file_append(&file, c->map.bytes, err) && file_commit(&file, err);
	return container_change_write(&file, change, err) && file_commit(&file, err);
}

/* ---- any ---- */

/* Everything that path is in is a folder, or will be: nothing is written through a
 * symlink. */
static bool check_parents(const struct container *c, const char *path,
                          struct error *err)
{
	for (const char *slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		AUTO(drop_str) char *folder = mem_str(path, (size_t)(slash - path));
		const struct container_file *file = container_find(c, folder);

		if (file == NULL || file->type == CONTAINER_DIR)
			continue;
		error_set(err, ERROR_FORMAT,
		          "\"%s\" is no folder, but a file or a symlink", folder);
		error_evidence(err, "\"%s\" is to be written", path);
		return error_hint(err, "Remove \"%s\", and sign again.", folder);
	}
	return true;
}

bool container_rewrite(const struct container *c, const char *out_path,
                       const struct container_change *changes, size_t count, int level,
                       unsigned threads, struct error *err)
{
	AUTO(rewrite_free)
	struct rewrite r = {
		.c = c, .changes = changes, .count = count, .level = level
	};

	for (size_t i = 0; i < count; i++)
		if (!check_parents(c, changes[i].path, err))
			return false;
	switch (c->kind) {
	case CONTAINER_APP_DIR:
	case CONTAINER_ARCHIVE_DIR:
		return folder_rewrite(c, out_path, changes, count, err);
	case CONTAINER_MACHO:
		return rewrite_file(c, out_path, count > 0 ? &changes[0] : NULL, err);
	default:
		return rewrite_zip(&r, out_path, threads, err);
	}
}
