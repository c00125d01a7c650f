/* SPDX-License-Identifier: Apache-2.0 */
#include <libdeflate.h>
#include <stdlib.h>

#include "ipa/zip.h"
#include "ipa/zip_impl.h"
#include "util/bytes.h"
#include "util/mem.h"
#include "util/reader.h"

/* DEFLATE cannot expand more: 258 bytes from 2 bits (libdeflate's reasoning). */
#define MAX_RATIO 1032
/* The end record may be followed by a comment of this many bytes. */
#define MAX_COMMENT 65535

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

static bool damaged(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "the zip is damaged: %s", what);
	error_cause(err,
	            "The download or copy stopped early, or the tool that wrote it "
	            "is broken.");
	return error_hint(err, "unzip -t FILE shows what else is wrong.");
}

/* Where the central directory is. */
struct directory {
	uint64_t offset, size, count;
	uint64_t end; /* offset of the end record: everything lies before it */
};

/* The end record, searched backwards over a possible comment. */
static bool find_end(uint64_t *at, struct slice file)
{
	size_t least = file.n > ZIP_END_BYTES + MAX_COMMENT
	                       ? file.n - ZIP_END_BYTES - MAX_COMMENT
	                       : 0;

	if (file.n < ZIP_END_BYTES)
		return false;
	for (size_t i = file.n - ZIP_END_BYTES + 1; i-- > least;) {
		const unsigned char *p = file.p + i;

		if (load_le32(p) == ZIP_END_SIGNATURE &&
		    load_le16(p + 20) == file.n - i - ZIP_END_BYTES) {
			*at = i;
			return true;
		}
	}
	return false;
}

static bool read_end64(struct directory *d, struct slice file, uint64_t locator,
                       struct error *err)
{
	struct slice record = { 0 };
	uint64_t at = load_le64(file.p + locator + 8);

	if (!slice_part(&record, file, at, ZIP_END64_BYTES) || at > locator ||
	    load_le32(record.p) != ZIP_END64_SIGNATURE)
		return damaged(err, "its zip64 end record is not there");
	d->count = load_le64(record.p + 32);
	d->size = load_le64(record.p + 40);
	d->offset = load_le64(record.p + 48);
	d->end = at;
	return true;
}

static bool read_end(struct directory *d, struct slice file, struct error *err)
{
	uint64_t at = 0;

	if (!find_end(&at, file)) {
		error_set(err, ERROR_FORMAT,
		          "not a zip, or cut short: it has no end "
		          "record");
		error_cause(err, "The download or copy stopped early.");
		return error_hint(err, "unzip -t FILE shows what else is wrong.");
	}
	const unsigned char *p = file.p + at;
	*d = (struct directory){ .count = load_le16(p + 10),
		                 .size = load_le32(p + 12),
		                 .offset = load_le32(p + 16),
		                 .end = at };
	bool wants64 =
		d->count == 0xffff || d->size == 0xffffffff || d->offset == 0xffffffff;
	bool has64 = at >= ZIP_LOC64_BYTES &&
	             load_le32(p - ZIP_LOC64_BYTES) == ZIP_LOC64_SIGNATURE;
	if (wants64 && has64 && !read_end64(d, file, at - ZIP_LOC64_BYTES, err))
		return false;
	if (d->offset > d->end || d->size > d->end - d->offset)
		return damaged(err, "its central directory is not where it should be");
	if (d->count > ZIP_MAX_ENTRIES)
		return error_set(err, ERROR_LIMIT, "the zip has more than %zu entries",
		                 ZIP_MAX_ENTRIES);
	return true;
}

/* Sizes and offset that do not fit 32 bits stand in an extra field. */
static bool read_zip64(struct zip_entry *e, struct slice extra, struct error *err)
{
	struct reader r = reader_of(extra);

	while (reader_left(&r) >= 4) {
		uint16_t id = reader_le16(&r), n = reader_le16(&r);
		struct reader field = reader_of(reader_bytes(&r, n));

		if (id != ZIP_EXTRA_ZIP64)
			continue;
		if (e->size == 0xffffffff)
			e->size = reader_le64(&field);
		if (e->packed_size == 0xffffffff)
			e->packed_size = reader_le64(&field);
		if (e->header_offset == 0xffffffff)
			e->header_offset = reader_le64(&field);
		if (field.failed)
			return damaged(err, "a zip64 field is cut short");
	}
	return true;
}

/* ---- names ---- */

static bool bad_name(const char *name, const char *why, struct error *err)
{
	error_set(err, ERROR_FORMAT, "the zip has an entry named \"%s\": %s", name,
	          why);
	return error_cause(err, "It is made to write outside the folder it is unpacked "
	                        "in, or by a broken tool.");
}

static bool has_climbing_part(const char *name)
{
	for (const char *part = name; *part != '\0';) {
		size_t n = strcspn(part, "/");

		if (n == 0 || (n == 1 && part[0] == '.') ||
		    (n == 2 && part[0] == '.' && part[1] == '.'))
			return true;
		part += n + (part[n] == '/');
	}
	return false;
}

static bool check_name(const char *name, struct slice raw, struct error *err)
{
	if (raw.n == 0 || raw.n > ZIP_MAX_NAME)
		return damaged(err, "an entry has no name, or one that is too long");
	if (strlen(name) != raw.n)
		return bad_name(name, "it has a NUL byte", err);
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return bad_name(name, "it has a control character", err);
	if (strchr(name, '\\') != NULL) {
		bad_name(name, "it has a backslash", err);
		return error_hint(err,
		                  "Zip it again on macOS or Linux: names in a zip use "
		                  "\"/\".");
	}
	return true;
}

/* Take the folder mark off, and refuse what leaves the archive. */
static bool settle_name(struct zip_entry *e, struct error *err)
{
	size_t n = strlen(e->name);

	if (e->name[n - 1] == '/') {
		e->type = ZIP_DIR;
		while (n > 0 && e->name[n - 1] == '/')
			e->name[--n] = '\0';
	}
	if (n == 0 || e->name[0] == '/' || has_climbing_part(e->name))
		return bad_name(e->name, "it leads out of the archive", err);
	return true;
}

/* ---- entries ---- */

static void read_mode(struct zip_entry *e, uint16_t made_by, uint32_t external)
{
	unsigned host = made_by >> 8;
	uint32_t unix_mode = external >> 16;

	e->mode = e->type == ZIP_DIR ? 0755 : 0644;
	if ((host != ZIP_HOST_UNIX && host != ZIP_HOST_DARWIN) || unix_mode == 0)
		return;
	e->has_unix_mode = true;
	e->mode = unix_mode & 0777;
	if ((unix_mode & ZIP_S_IFMT) == ZIP_S_IFLNK && e->type == ZIP_FILE)
		e->type = ZIP_SYMLINK;
	else if ((unix_mode & ZIP_S_IFMT) == ZIP_S_IFDIR)
		e->type = ZIP_DIR;
}

static bool check_entry(const struct zip_entry *e, struct error *err)
{
	if ((e->flags & ZIP_FLAG_ENCRYPTED) != 0)
		return error_set(err, ERROR_FORMAT, "entry \"%s\" is encrypted",
		                 e->name);
	if (e->method != ZIP_STORED && e->method != ZIP_DEFLATE) {
		error_set(err, ERROR_FORMAT, "entry \"%s\" is packed by method %u",
		          e->name, e->method);
		return error_cause(err, "Apps are packed with DEFLATE or not at all.");
	}
	if (e->method == ZIP_STORED && e->size != e->packed_size)
		return damaged(err, "a stored entry has two sizes");
	if (e->size > e->packed_size * MAX_RATIO)
		return error_set(err, ERROR_LIMIT,
		                 "entry \"%s\" claims to grow more than %d times",
		                 e->name, MAX_RATIO);
	return true;
}

/* The local header must tell the same story; it says where the data begins. */
static bool find_data(struct zip_entry *e, struct slice file, uint64_t end,
                      struct slice raw_name, struct error *err)
{
	struct slice header = { 0 }, name = { 0 };

	if (!slice_part(&header, file, e->header_offset, ZIP_LOCAL_BYTES) ||
	    load_le32(header.p) != ZIP_LOCAL_SIGNATURE)
		return damaged(err, "an entry's local header is not there");
	uint64_t name_n = load_le16(header.p + 26), extra_n = load_le16(header.p + 28);
	if (!slice_part(&name, file, e->header_offset + ZIP_LOCAL_BYTES, name_n) ||
	    !slice_equal(name, raw_name) || load_le16(header.p + 8) != e->method)
		return damaged(err, "an entry's two headers contradict each other");
	e->data_offset = e->header_offset + ZIP_LOCAL_BYTES + name_n + extra_n;
	if (e->data_offset > end || e->packed_size > end - e->data_offset)
		return damaged(err, "an entry's data reaches past the end");
	return true;
}

static bool read_entry(struct zip_entry *e, struct reader *r, struct slice file,
                       uint64_t end, struct error *err)
{
	size_t start = r->pos;
	uint32_t signature = reader_le32(r);
	uint16_t made_by = reader_le16(r);

	reader_skip(r, 2);
	e->flags = reader_le16(r);
	e->method = reader_le16(r);
	e->dos_time = reader_le32(r);
	e->crc32 = reader_le32(r);
	e->packed_size = reader_le32(r);
	e->size = reader_le32(r);
	uint16_t name_n = reader_le16(r), extra_n = reader_le16(r),
		 comment_n = reader_le16(r);
	reader_skip(r, 4);
	uint32_t external = reader_le32(r);
	e->header_offset = reader_le32(r);
	struct slice name = reader_bytes(r, name_n), extra = reader_bytes(r, extra_n);
	reader_skip(r, comment_n);
	if (r->failed || signature != ZIP_CENTRAL_SIGNATURE)
		return damaged(err, "its central directory is cut short");
	e->central = slice_of(r->all.p + start, r->pos - start);
	e->name = mem_str(name.p, name.n);
	if (!check_name(e->name, name, err) || !settle_name(e, err) ||
	    !read_zip64(e, extra, err))
		return false;
	read_mode(e, made_by, external);
	return check_entry(e, err) && find_data(e, file, end, name, err);
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

	return strcmp((*x)->name, (*y)->name);
}

static void drop_entries(const struct zip_entry ***entries)
{
	free(*entries);
}

/* One name twice: two readers would see two different apps.  And no two entries
 * may share bytes: that is how bombs are made. */
static bool check_together(const struct zip *zip, struct error *err)
{
	if (zip->count < 2)
		return true;
	AUTO(drop_entries)
	const struct zip_entry **sorted = mem_zero(zip->count, sizeof(void *));
	for (size_t i = 0; i < zip->count; i++)
		sorted[i] = &zip->entries[i];
	qsort(sorted, zip->count, sizeof(void *), by_name);
	for (size_t i = 1; i < zip->count; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			return bad_name(sorted[i]->name, "it is there twice", err);
	qsort(sorted, zip->count, sizeof(void *), by_offset);
	for (size_t i = 1; i < zip->count; i++)
		if (sorted[i - 1]->data_offset + sorted[i - 1]->packed_size >
		    sorted[i]->header_offset)
			return damaged(err, "two entries overlap");
	return true;
}

bool zip_parse(struct zip *out, struct slice file, struct error *err)
{
	AUTO(zip_free) struct zip zip = { .file = file };
	struct directory d = { 0 };
	struct slice central = { 0 };

	if (!read_end(&d, file, err))
		return false;
	if (!slice_part(&central, file, d.offset, d.size) ||
	    d.count > central.n / ZIP_CENTRAL_BYTES)
		return damaged(err, "its central directory is cut short");
	struct reader r = reader_of(central);
	zip.entries = mem_zero((size_t)d.count + 1, sizeof *zip.entries);
	for (uint64_t i = 0; i < d.count; i++) {
		/* Counted first: its name is released on failure too. */
		struct zip_entry *e = &zip.entries[zip.count++];

		if (!read_entry(e, &r, file, d.offset, err))
			return false;
	}
	if (!check_together(&zip, err))
		return false;
	*out = zip;
	zip = (struct zip){ 0 };
	return true;
}

const struct zip_entry *zip_find(const struct zip *zip, const char *name)
{
	for (size_t i = 0; i < zip->count; i++)
		if (strcmp(zip->entries[i].name, name) == 0)
			return &zip->entries[i];
	return NULL;
}

/* ---- content ---- */

static void drop_inflater(struct libdeflate_decompressor **d)
{
	libdeflate_free_decompressor(*d);
}

static bool inflate(struct buf *out, const struct zip_entry *e, struct slice packed,
                    struct error *err)
{
	size_t before = out->n;

	AUTO(drop_inflater)
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	if (d == NULL)
		return error_set(err, ERROR_INTERNAL, "could not start inflating");
	/* Room for exactly the size: more or less is an error. */
	if (!buf_append_fill(out, 0, (size_t)e->size, err))
		return false;
	unsigned char *to = out->p != NULL ? out->p + before : NULL;
	unsigned char nothing[1] = { 0 };
	if (libdeflate_deflate_decompress(d, packed.p, packed.n,
	                                  to != NULL ? to : nothing, (size_t)e->size,
	                                  NULL) != LIBDEFLATE_SUCCESS) {
		out->n = before;
		return damaged(err, "an entry cannot be inflated");
	}
	return true;
}

bool zip_is_deflated(const struct zip_entry *entry)
{
	return entry->method == ZIP_DEFLATE;
}

bool zip_packed(struct slice *out, const struct zip *zip, const struct zip_entry *entry,
                struct error *err)
{
	return slice_part(out, zip->file, entry->data_offset, entry->packed_size) ||
	       damaged(err, "an entry's data reaches past the end");
}

bool zip_read(struct buf *out, const struct zip *zip, const struct zip_entry *entry,
              struct error *err)
{
	size_t before = out->n;
	struct slice packed = { 0 };

	if (!zip_packed(&packed, zip, entry, err))
		return false;
	bool ok = entry->method == ZIP_STORED ? buf_append(out, packed, err)
	                                      : inflate(out, entry, packed, err);
	if (!ok)
		return false;
	if (libdeflate_crc32(0, out->n > before ? out->p + before : NULL,
	                     out->n - before) == entry->crc32)
		return true;
	out->n = before;
	return damaged(err, "an entry's checksum does not fit");
}
