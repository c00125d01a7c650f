/* SPDX-License-Identifier: Apache-2.0 */
#include <libdeflate.h>
#include <stdlib.h>

#include "ipa/zip_impl.h"
#include "util/bytes.h"
#include "util/mem.h"
#include "util/plural.h"

void zip_free(struct zip *zip)
{
	for (size_t i = 0; i < zip->count; i++)
		free(zip->entries[i].name);
	free(zip->entries);
	*zip = (struct zip){ 0 };
}

bool zip_looks_like(struct slice start)
{
	return start.n >= 4 && (load_le32(start.p) == ZIP_LOCAL_SIGNATURE ||
	                        load_le32(start.p) == ZIP_END_SIGNATURE);
}

static int by_offset(const void *a, const void *b)
{
	const struct zip_entry *const *x = a, *const *y = b;

	return ((*x)->header_offset > (*y)->header_offset) -
	       ((*x)->header_offset < (*y)->header_offset);
}

static int by_name(const void *a, const void *b)
{
	const struct zip_entry *const *x = a, *const *y = b;

	return zip_name_compare((*x)->name, (*y)->name);
}

static void drop_entries(const struct zip_entry ***entries)
{
	free(*entries);
}

/* The entry that stands in the way of another: of the same name, or a file or a
 * symlink that the other is below. */
static bool check_names(const struct zip_entry **sorted, size_t count,
                        struct error *err)
{
	/* All that are below one follow it directly, whatever they are. */
	for (size_t i = 1; i < count; i++) {
		const struct zip_entry *a = sorted[i - 1], *b = sorted[i];
		size_t n = strlen(a->name);

		if (strncmp(a->name, b->name, n) != 0)
			continue;
		if (b->name[n] == '\0')
			return zip_entry_refused(err, b->name, "it is there twice");
		if (b->name[n] == '/' && a->type != ZIP_DIR) {
			zip_entry_refused(err, b->name,
			                  "what it is in is no folder, but a file or a "
			                  "symlink");
			return error_cause(err,
			                   "It is made to write through a symlink, "
			                   "or by a broken tool.");
		}
	}
	return true;
}

static bool overlap(const struct zip_entry *a, const struct zip_entry *b,
                    struct error *err)
{
	error_set(err, ERROR_FORMAT, "the zip is damaged: two entries overlap");
	error_evidence(err, "entries \"%s\" and \"%s\"", a->name, b->name);
	return error_cause(err, "That is how bombs are made.");
}

/* Bytes of no entry may not have one: who reads from record to record sees it. */
static bool check_gap(struct slice file, uint64_t from, uint64_t to, struct error *err)
{
	static const unsigned char signature[] = { 'P', 'K', 3, 4 };
	struct slice gap = slice_of(file.p + from, (size_t)(to - from)), before;

	if (from == to ||
	    !slice_cut(gap, slice_of(signature, sizeof signature), &before, NULL))
		return true;
	error_set(err, ERROR_FORMAT,
	          "the zip hides an entry that its central directory does not list");
	error_evidence(err, "a local header at byte %llu",
	               (unsigned long long)from + before.n);
	return error_cause(err, "Two readers would see two different apps.");
}

/* sorted by offset; end: where the central directory begins. */
static bool check_places(const struct zip_entry **sorted, size_t count,
                         struct slice file, uint64_t end, struct error *err)
{
	uint64_t at = 0;

	for (size_t i = 0; i < count; i++) {
		const struct zip_entry *e = sorted[i];

		if (e->header_offset < at)
			return overlap(sorted[i - 1], e, err);
		if (!check_gap(file, at, e->header_offset, err))
			return false;
		at = e->header_offset + e->local.n;
	}
	return check_gap(file, at, end, err);
}

static bool check_together(const struct zip *zip, uint64_t end, struct error *err)
{
	AUTO(drop_entries)
	const struct zip_entry **sorted = mem_zero(zip->count + 1, sizeof(void *));

	for (size_t i = 0; i < zip->count; i++)
		sorted[i] = &zip->entries[i];
	qsort(sorted, zip->count, sizeof(void *), by_name);
	if (!check_names(sorted, zip->count, err))
		return false;
	qsort(sorted, zip->count, sizeof(void *), by_offset);
	return check_places(sorted, zip->count, zip->file, end, err);
}

/* Writers without zip64, Apple's among them, count modulo 65536. */
static bool check_count(const struct zip *zip, const struct zip_directory *d,
                        struct error *err)
{
	uint64_t count = d->is_zip64 ? zip->count : zip->count & 0xffff;

	if (count == d->count)
		return true;
	zip_damaged(err, "its central directory has another number of entries than its "
	                 "end record says");
	return error_evidence(err, "%zu %s, and %llu", zip->count,
	                      plural(zip->count, "entry", "entries"),
	                      (unsigned long long)d->count);
}

bool zip_parse(struct zip *out, struct slice file, struct error *err)
{
	AUTO(zip_free) struct zip zip = { .file = file };
	struct zip_directory d = { 0 };
	size_t cap = 0;

	if (!zip_directory_find(&d, file, err))
		return false;
	struct reader r = reader_of(slice_of(file.p + d.offset, (size_t)d.size));
	while (reader_left(&r) > 0) {
		if (zip.count == ZIP_MAX_ENTRIES)
			return error_set(err, ERROR_LIMIT,
			                 "the zip has more than %zu entries",
			                 ZIP_MAX_ENTRIES);
		zip.entries =
			mem_grow(zip.entries, zip.count, &cap, sizeof *zip.entries);
		/* Counted first: its name is released on failure too. */
		struct zip_entry *e = &zip.entries[zip.count++];
		*e = (struct zip_entry){ 0 };

		if (!zip_entry_read(e, &r, file, d.offset, err))
			return false;
	}
	if (!check_count(&zip, &d, err) || !check_together(&zip, d.offset, err))
		return false;
	*out = zip;
	zip = (struct zip){ 0 };
	return true;
}

/* ---- content ---- */

static void drop_inflater(struct libdeflate_decompressor **d)
{
	libdeflate_free_decompressor(*d);
}

static bool inflate(struct buf *out, const struct zip_entry *e, struct slice packed,
                    struct error *err)
{
	size_t before = out->n, used = 0;

	AUTO(drop_inflater)
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	if (d == NULL)
		return error_set(err, ERROR_INTERNAL, "could not start inflating");
	/* Room for exactly the size: more or less is an error. */
	if (!buf_append_fill(out, 0, (size_t)e->size, err))
		return false;
	unsigned char nothing[1] = { 0 };
	unsigned char *to = out->p != NULL ? out->p + before : nothing;
	if (libdeflate_deflate_decompress_ex(d, packed.p, packed.n, to, (size_t)e->size,
	                                     &used, NULL) == LIBDEFLATE_SUCCESS &&
	    used == packed.n)
		return true;
	out->n = before;
	return zip_entry_damaged(err, e, "an entry cannot be inflated to its size");
}

bool zip_is_deflated(const struct zip_entry *entry)
{
	return entry->method == ZIP_DEFLATE;
}

struct slice zip_packed(const struct zip *zip, const struct zip_entry *entry)
{
	return slice_of(zip->file.p + entry->data_offset, (size_t)entry->packed_size);
}

bool zip_read(struct buf *out, const struct zip *zip, const struct zip_entry *entry,
              struct error *err)
{
	size_t before = out->n;
	struct slice packed = zip_packed(zip, entry);
	bool ok = entry->method == ZIP_STORED ? buf_append(out, packed, err)
	                                      : inflate(out, entry, packed, err);

	if (!ok)
		return error_evidence(err, "entry \"%s\"", entry->name);
	if (libdeflate_crc32(0, out->n > before ? out->p + before : NULL,
	                     out->n - before) == entry->crc32)
		return true;
	out->n = before;
	return zip_entry_damaged(err, entry, "an entry's checksum does not fit");
}
