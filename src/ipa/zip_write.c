/* SPDX-License-Identifier: Apache-2.0 */
#include <libdeflate.h>
#include <stdlib.h>

#include "ipa/crc.h"
#include "ipa/zip_impl.h"
#include "util/bytes.h"
#include "util/mem.h"

#define CENTRAL_MAX_BYTES ((size_t)1 << 30)
#define LOCAL_MAX_BYTES   ((size_t)1 << 17) /* header, name, extra fields */
#define VERSION_NEEDED    20
#define VERSION_ZIP64     45
#define MADE_BY_UNIX      ((uint16_t)(ZIP_HOST_UNIX << 8 | 30))
/* 1980-01-01 00:00: the earliest a zip can say; the output depends on no clock. */
#define FIXED_DOS_TIME 0x00210000U

void zip_writer_init(struct zip_writer *w, struct file_new *file)
{
	*w = (struct zip_writer){ .file = file,
		                  .central = BUF_INIT(CENTRAL_MAX_BYTES),
		                  .threads = 1 };
}

void zip_writer_free(struct zip_writer *w)
{
	buf_free(&w->central);
	gather_free(&w->body);
}

static bool put16(struct buf *b, uint16_t v, struct error *err)
{
	unsigned char bytes[2];

	store_le16(bytes, v);
	return buf_append(b, slice_of(bytes, sizeof bytes), err);
}

static bool put32(struct buf *b, uint32_t v, struct error *err)
{
	unsigned char bytes[4];

	store_le32(bytes, v);
	return buf_append(b, slice_of(bytes, sizeof bytes), err);
}

static bool put64(struct buf *b, uint64_t v, struct error *err)
{
	unsigned char bytes[8];

	store_le64(bytes, v);
	return buf_append(b, slice_of(bytes, sizeof bytes), err);
}

static uint32_t fits(uint64_t v)
{
	return v < ZIP_MAX32 ? (uint32_t)v : ZIP_MAX32;
}

/* Everything a record says of an entry. */
struct record {
	struct slice name; /* with '/' for a folder */
	uint16_t made_by, needed, flags, method, internal;
	uint32_t dos_time, crc32, external;
	uint64_t packed_size, size, header_offset;
	struct slice extra, local_extra; /* without zip64 */
	struct slice comment;
};

static bool is_large(const struct record *r)
{
	return r->packed_size >= ZIP_MAX32 || r->size >= ZIP_MAX32;
}

/* The version that a reader needs. */
static uint16_t needed(const struct record *r, bool zip64)
{
	return zip64 && r->needed < VERSION_ZIP64 ? VERSION_ZIP64 : r->needed;
}

static bool put_local(struct buf *b, const struct record *r, struct error *err)
{
	bool large = is_large(r);
	size_t extra_n = r->local_extra.n + (large ? 20 : 0);

	if (extra_n > 0xffff)
		return error_set(err, ERROR_LIMIT, "extra fields are too long");
	bool ok = put32(b, ZIP_LOCAL_SIGNATURE, err) &&
	          put16(b, needed(r, large), err) && put16(b, r->flags, err) &&
	          put16(b, r->method, err) && put32(b, r->dos_time, err) &&
	          put32(b, r->crc32, err) &&
	          put32(b, large ? ZIP_MAX32 : (uint32_t)r->packed_size, err) &&
	          put32(b, large ? ZIP_MAX32 : (uint32_t)r->size, err) &&
	          put16(b, (uint16_t)r->name.n, err) &&
	          put16(b, (uint16_t)extra_n, err) && buf_append(b, r->name, err);
	if (ok && large)
		ok = put16(b, ZIP_EXTRA_ZIP64, err) && put16(b, 16, err) &&
		     put64(b, r->size, err) && put64(b, r->packed_size, err);
	return ok && buf_append(b, r->local_extra, err);
}

/* The zip64 field of the central record: only what does not fit, in this order. */
static bool put_zip64(struct buf *b, const struct record *r, struct error *err)
{
	const uint64_t values[] = { r->size, r->packed_size, r->header_offset };
	uint16_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		n = (uint16_t)(n + (values[i] >= ZIP_MAX32 ? 8 : 0));
	if (n == 0)
		return true;
	if (!put16(b, ZIP_EXTRA_ZIP64, err) || !put16(b, n, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (values[i] >= ZIP_MAX32 && !put64(b, values[i], err))
			return false;
	return true;
}

static bool put_central(struct buf *b, const struct record *r, struct error *err)
{
	AUTO(buf_free) struct buf extra = BUF_INIT(0xffff);
	bool zip64 = is_large(r) || r->header_offset >= ZIP_MAX32;

	if (!put_zip64(&extra, r, err) || !buf_append(&extra, r->extra, err))
		return false;
	return put32(b, ZIP_CENTRAL_SIGNATURE, err) && put16(b, r->made_by, err) &&
	       put16(b, needed(r, zip64), err) && put16(b, r->flags, err) &&
	       put16(b, r->method, err) && put32(b, r->dos_time, err) &&
	       put32(b, r->crc32, err) && put32(b, fits(r->packed_size), err) &&
	       put32(b, fits(r->size), err) && put16(b, (uint16_t)r->name.n, err) &&
	       put16(b, (uint16_t)extra.n, err) &&
	       put16(b, (uint16_t)r->comment.n, err) && put16(b, 0, err) &&
	       put16(b, r->internal, err) && put32(b, r->external, err) &&
	       put32(b, fits(r->header_offset), err) && buf_append(b, r->name, err) &&
	       buf_append(b, buf_slice(&extra), err) && buf_append(b, r->comment, err);
}

/* Note headers of an entry whose content is noted next. */
static bool begin_entry(struct zip_writer *w, struct record *r, struct error *err)
{
	AUTO(buf_free) struct buf local = BUF_INIT(LOCAL_MAX_BYTES);

	r->header_offset = w->body.size;
	if (!put_local(&local, r, err) || !put_central(&w->central, r, err))
		return false;
	gather_copy(&w->body, buf_slice(&local));
	w->count++;
	return true;
}

/* Extra fields without zip64, which is written anew; bytes behind them stay. */
static bool keep_extra(struct buf *out, struct slice extra, struct error *err)
{
	const unsigned char *start = extra.p;
	struct slice field = { 0 };
	uint16_t id = 0;

	for (; zip_extra_next(&extra, &id, &field); start = extra.p)
		if (id != ZIP_EXTRA_ZIP64 &&
		    !buf_append(out, slice_of(start, (size_t)(extra.p - start)), err))
			return false;
	return buf_append(out, extra, err);
}

/* What the source says of an entry, in storage that the record borrows from. */
struct kept {
	struct buf extra, local_extra;
};

#define KEPT_INIT ((struct kept){ BUF_INIT(0xffff), BUF_INIT(0xffff) })

static void kept_free(struct kept *kept)
{
	buf_free(&kept->extra);
	buf_free(&kept->local_extra);
}

static bool record_of(struct record *r, struct kept *kept, const struct zip_entry *e,
                      struct error *err)
{
	const unsigned char *p = e->central.p, *local = e->local.p;
	size_t name_n = load_le16(p + 28), extra_n = load_le16(p + 30);
	struct slice extra = slice_of(p + ZIP_CENTRAL_BYTES + name_n, extra_n);
	struct slice local_extra =
		slice_of(local + ZIP_LOCAL_BYTES + name_n, load_le16(local + 28));

	if (!keep_extra(&kept->extra, extra, err) ||
	    !keep_extra(&kept->local_extra, local_extra, err))
		return false;
	*r = (struct record){
		.name = slice_of(p + ZIP_CENTRAL_BYTES, name_n),
		.made_by = load_le16(p + 4),
		.needed = load_le16(p + 6),
		.flags = e->flags,
		.method = e->method,
		.internal = load_le16(p + 36),
		.dos_time = e->dos_time,
		.crc32 = e->crc32,
		.external = load_le32(p + 38),
		.packed_size = e->packed_size,
		.size = e->size,
		.extra = buf_slice(&kept->extra),
		.local_extra = buf_slice(&kept->local_extra),
		.comment = slice_of(extra.p + extra_n, load_le16(p + 32)),
	};
	return true;
}

/* Where the 64 bits of the offset stand in a central record; 0: nowhere. */
static size_t find_offset64(struct slice central)
{
	const unsigned char *p = central.p;
	struct slice extra =
		slice_of(p + ZIP_CENTRAL_BYTES + load_le16(p + 28), load_le16(p + 30));
	struct slice field = { 0 };
	uint16_t id = 0;
	size_t skip = (load_le32(p + 20) == ZIP_MAX32 ? 8U : 0U) +
	              (load_le32(p + 24) == ZIP_MAX32 ? 8U : 0U);

	if (load_le32(p + 42) != ZIP_MAX32)
		return 0;
	while (zip_extra_next(&extra, &id, &field))
		if (id == ZIP_EXTRA_ZIP64 && field.n >= skip + 8)
			return (size_t)(field.p - p) + skip;
	return 0;
}

uint64_t zip_writer_put(struct zip_writer *w, const struct zip_entry *entry)
{
	uint64_t at = w->body.size;

	gather_add(&w->body, entry->local);
	return at;
}

void zip_writer_is_written(struct zip_writer *w)
{
	gather_is_written(&w->body);
}

/* The central record as it was, but for where the entry is now. */
bool zip_writer_list(struct zip_writer *w, const struct zip_entry *e, uint64_t at,
                     struct error *err)
{
	size_t start = w->central.n, offset64 = find_offset64(e->central);

	w->count++;
	if (offset64 == 0 && at >= ZIP_MAX32) {
		AUTO(kept_free) struct kept kept = KEPT_INIT;
		struct record r = { 0 };

		if (!record_of(&r, &kept, e, err))
			return false;
		r.header_offset = at;
		return put_central(&w->central, &r, err);
	}
	if (!buf_append(&w->central, e->central, err))
		return false;
	if (offset64 != 0)
		store_le64(w->central.p + start + offset64, at);
	else
		store_le32(w->central.p + start + 42, (uint32_t)at);
	return true;
}

bool zip_writer_copy(struct zip_writer *w, const struct zip_entry *entry,
                     struct error *err)
{
	return zip_writer_list(w, entry, zip_writer_put(w, entry), err);
}

/* A new entry's attributes; those of `like` stay, but for sizes and method. */
static bool new_record(struct record *r, struct kept *kept, struct slice name,
                       enum zip_type type, uint32_t mode, const struct zip_entry *like,
                       struct error *err)
{
	static const uint32_t types[] = { [ZIP_FILE] = ZIP_S_IFREG,
		                          [ZIP_DIR] = ZIP_S_IFDIR,
		                          [ZIP_SYMLINK] = ZIP_S_IFLNK };

	if (like != NULL) {
		if (!record_of(r, kept, like, err))
			return false;
		/* The sizes are known: no data descriptor follows. */
		r->flags &= (uint16_t)~ZIP_FLAG_DESCRIPTOR;
		if (r->needed < VERSION_NEEDED)
			r->needed = VERSION_NEEDED;
		return true;
	}
	*r = (struct record){ .name = name,
		              .made_by = MADE_BY_UNIX,
		              .needed = VERSION_NEEDED,
		              .flags = ZIP_FLAG_UTF8,
		              .dos_time = FIXED_DOS_TIME,
		              .external = (types[type] | (mode & 0777)) << 16 };
	return true;
}

static void drop_deflater(struct libdeflate_compressor **c)
{
	libdeflate_free_compressor(*c);
}

/* Deflated content in *packed if that is smaller; *method says. */
static bool pack(struct buf *packed, uint16_t *method, struct slice content, int level,
                 struct error *err)
{
	*method = ZIP_STORED;
	if (level == 0 || content.n == 0)
		return true;
	AUTO(drop_deflater)
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	if (c == NULL)
		return error_set(err, ERROR_INTERNAL, "could not start deflating");
	if (!buf_append_fill(packed, 0, content.n, err))
		return false;
	size_t n = libdeflate_deflate_compress(c, content.p, content.n, packed->p,
	                                       content.n - 1);
	packed->n = n;
	if (n > 0)
		*method = ZIP_DEFLATE;
	return true;
}

static bool check_length(const char *name, struct error *err)
{
	if (strlen(name) <= ZIP_MAX_NAME)
		return true;
	error_set(err, ERROR_LIMIT, "a name of more than %d bytes is too long",
	          ZIP_MAX_NAME);
	return error_evidence(err, "entry \"%s\"", name);
}

bool zip_writer_add(struct zip_writer *w, const char *name, enum zip_type type,
                    uint32_t mode, const struct zip_entry *like, struct slice content,
                    int level, struct error *err)
{
	AUTO(buf_free) struct buf packed = BUF_INIT(SIZE_MAX);
	AUTO(kept_free) struct kept kept = KEPT_INIT;
	AUTO(drop_str)
	char *full = mem_format("%s%s", name, type == ZIP_DIR ? "/" : "");
	struct record r;

	if (!check_length(full, err) ||
	    !new_record(&r, &kept, slice_str(full), type, mode, like, err) ||
	    !pack(&packed, &r.method, content, level, err))
		return false;
	r.size = content.n;
	r.packed_size = r.method == ZIP_DEFLATE ? packed.n : content.n;
	r.crc32 = crc_update(0, content);
	if (!begin_entry(w, &r, err))
		return false;
	if (r.method == ZIP_DEFLATE)
		gather_copy(&w->body, buf_slice(&packed));
	else
		gather_add(&w->body, content);
	return true;
}

bool zip_writer_add_later(struct zip_writer *w, const char *name, uint32_t mode,
                          const struct zip_entry *like,
                          const struct zip_content *content, struct error *err)
{
	AUTO(kept_free) struct kept kept = KEPT_INIT;
	struct record r;

	if (!check_length(name, err) ||
	    !new_record(&r, &kept, slice_str(name), ZIP_FILE, mode, like, err))
		return false;
	r.method = content->is_deflated ? ZIP_DEFLATE : ZIP_STORED;
	r.size = content->size;
	r.packed_size = content->packed_size;
	r.crc32 = content->crc32;
	if (!begin_entry(w, &r, err))
		return false;
	gather_later(&w->body, content->packed_size, content->make, content->ctx);
	return true;
}

static bool put_end64(struct buf *b, const struct zip_writer *w, uint64_t central_n,
                      struct error *err)
{
	uint64_t at = w->body.size + central_n;

	return put32(b, ZIP_END64_SIGNATURE, err) &&
	       put64(b, ZIP_END64_BYTES - 12, err) && put16(b, MADE_BY_UNIX, err) &&
	       put16(b, VERSION_ZIP64, err) && put32(b, 0, err) && put32(b, 0, err) &&
	       put64(b, w->count, err) && put64(b, w->count, err) &&
	       put64(b, central_n, err) && put64(b, w->body.size, err) &&
	       put32(b, ZIP_LOC64_SIGNATURE, err) && put32(b, 0, err) &&
	       put64(b, at, err) && put32(b, 1, err);
}

bool zip_writer_finish(struct zip_writer *w, struct error *err)
{
	AUTO(buf_free) struct buf end = BUF_INIT(256);
	uint64_t central_n = w->central.n;
	bool large = w->count >= 0xffff || w->body.size >= ZIP_MAX32 ||
	             central_n >= ZIP_MAX32;
	uint16_t count = large ? 0xffff : (uint16_t)w->count;

	if (large && !put_end64(&end, w, central_n, err))
		return false;
	if (!put32(&end, ZIP_END_SIGNATURE, err) || !put32(&end, 0, err) ||
	    !put16(&end, count, err) || !put16(&end, count, err) ||
	    !put32(&end, large ? ZIP_MAX32 : fits(central_n), err) ||
	    !put32(&end, large ? ZIP_MAX32 : fits(w->body.size), err) ||
	    !put16(&end, 0, err))
		return false;
	gather_add(&w->body, buf_slice(&w->central));
	gather_copy(&w->body, buf_slice(&end));
	return gather_write(&w->body, w->file->fd, w->file->path, w->threads,
	                    w->progress, err);
}
