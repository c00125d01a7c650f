/* SPDX-License-Identifier: Apache-2.0 */
#include <libdeflate.h>
#include <stdlib.h>

#include "ipa/zip.h"
#include "ipa/zip_impl.h"
#include "util/bytes.h"
#include "util/mem.h"

#define CENTRAL_MAX_BYTES ((size_t)1 << 30)
#define VERSION_NEEDED    20
#define VERSION_ZIP64     45
#define MADE_BY_UNIX      ((uint16_t)(ZIP_HOST_UNIX << 8 | 30))
/* 1980-01-01 00:00: the earliest a zip can say; the output depends on no clock. */
#define FIXED_DOS_TIME 0x00210000U

void zip_writer_init(struct zip_writer *w, struct file_new *file)
{
	*w = (struct zip_writer){ .file = file,
		                  .central = BUF_INIT(CENTRAL_MAX_BYTES) };
}

void zip_writer_free(struct zip_writer *w)
{
	buf_free(&w->central);
}

static bool emit(struct zip_writer *w, struct slice bytes, struct error *err)
{
	if (!file_append(w->file, bytes, err))
		return false;
	w->offset += bytes.n;
	return true;
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
	return v < 0xffffffff ? (uint32_t)v : 0xffffffff;
}

/* Everything a record says of an entry. */
struct record {
	struct slice name; /* with '/' for a folder */
	uint16_t made_by, flags, method;
	uint32_t dos_time, crc32, external;
	uint64_t packed_size, size, header_offset;
	struct slice extra; /* without zip64 */
	struct slice comment;
};

static bool is_large(const struct record *r)
{
	return r->packed_size >= 0xffffffff || r->size >= 0xffffffff ||
	       r->header_offset >= 0xffffffff;
}

static bool put_local(struct buf *b, const struct record *r, struct error *err)
{
	bool large = r->packed_size >= 0xffffffff || r->size >= 0xffffffff;
	uint16_t extra_n = large ? 20 : 0;
	bool ok = put32(b, ZIP_LOCAL_SIGNATURE, err) &&
	          put16(b, large ? VERSION_ZIP64 : VERSION_NEEDED, err) &&
	          put16(b, r->flags, err) && put16(b, r->method, err) &&
	          put32(b, r->dos_time, err) && put32(b, r->crc32, err) &&
	          put32(b, large ? 0xffffffff : (uint32_t)r->packed_size, err) &&
	          put32(b, large ? 0xffffffff : (uint32_t)r->size, err) &&
	          put16(b, (uint16_t)r->name.n, err) && put16(b, extra_n, err) &&
	          buf_append(b, r->name, err);
	if (!ok || !large)
		return ok;
	return put16(b, ZIP_EXTRA_ZIP64, err) && put16(b, 16, err) &&
	       put64(b, r->size, err) && put64(b, r->packed_size, err);
}

/* The zip64 field of the central record: only what does not fit, in this order. */
static bool put_zip64(struct buf *b, const struct record *r, struct error *err)
{
	const uint64_t values[] = { r->size, r->packed_size, r->header_offset };
	uint16_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		n = (uint16_t)(n + (values[i] >= 0xffffffff ? 8 : 0));
	if (n == 0)
		return true;
	if (!put16(b, ZIP_EXTRA_ZIP64, err) || !put16(b, n, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (values[i] >= 0xffffffff && !put64(b, values[i], err))
			return false;
	return true;
}

static bool put_central(struct buf *b, const struct record *r, struct error *err)
{
	AUTO(buf_free) struct buf extra = BUF_INIT(0xffff);

	if (!put_zip64(&extra, r, err) || !buf_append(&extra, r->extra, err))
		return false;
	return put32(b, ZIP_CENTRAL_SIGNATURE, err) && put16(b, r->made_by, err) &&
	       put16(b, is_large(r) ? VERSION_ZIP64 : VERSION_NEEDED, err) &&
	       put16(b, r->flags, err) && put16(b, r->method, err) &&
	       put32(b, r->dos_time, err) && put32(b, r->crc32, err) &&
	       put32(b, fits(r->packed_size), err) && put32(b, fits(r->size), err) &&
	       put16(b, (uint16_t)r->name.n, err) && put16(b, (uint16_t)extra.n, err) &&
	       put16(b, (uint16_t)r->comment.n, err) && put32(b, 0, err) &&
	       put32(b, r->external, err) && put32(b, fits(r->header_offset), err) &&
	       buf_append(b, r->name, err) && buf_append(b, buf_slice(&extra), err) &&
	       buf_append(b, r->comment, err);
}

static bool write_entry(struct zip_writer *w, struct record *r, struct slice packed,
                        struct error *err)
{
	AUTO(buf_free) struct buf local = BUF_INIT(ZIP_MAX_NAME + 256);

	r->header_offset = w->offset;
	if (!put_local(&local, r, err) || !emit(w, buf_slice(&local), err) ||
	    !emit(w, packed, err) || !put_central(&w->central, r, err))
		return false;
	w->count++;
	return true;
}

/* The extra fields of a central record, without zip64: that is written anew. */
static bool keep_extra(struct buf *out, struct slice extra, struct error *err)
{
	while (extra.n >= 4) {
		size_t n = 4 + (size_t)load_le16(extra.p + 2);

		if (n > extra.n)
			break;
		if (load_le16(extra.p) != ZIP_EXTRA_ZIP64 &&
		    !buf_append(out, slice_of(extra.p, n), err))
			return false;
		extra = slice_of(extra.p + n, extra.n - n);
	}
	return true;
}

/* What the source's central record says; extra borrows from *kept. */
static bool record_of(struct record *r, struct buf *kept, const struct zip_entry *e,
                      struct error *err)
{
	const unsigned char *p = e->central.p;
	size_t name_n = load_le16(p + 28), extra_n = load_le16(p + 30);

	*r = (struct record){
		.name = slice_of(p + ZIP_CENTRAL_BYTES, name_n),
		.made_by = load_le16(p + 4),
		/* Sizes stand in the header now: no data descriptor follows. */
		.flags = (uint16_t)(e->flags & ~ZIP_FLAG_DESCRIPTOR),
		.method = e->method,
		.dos_time = e->dos_time,
		.crc32 = e->crc32,
		.external = load_le32(p + 38),
		.packed_size = e->packed_size,
		.size = e->size,
		.comment = slice_of(p + ZIP_CENTRAL_BYTES + name_n + extra_n,
		                    load_le16(p + 32)),
	};
	if (!keep_extra(kept, slice_of(p + ZIP_CENTRAL_BYTES + name_n, extra_n), err))
		return false;
	r->extra = buf_slice(kept);
	return true;
}

bool zip_writer_copy(struct zip_writer *w, const struct zip *from,
                     const struct zip_entry *entry, struct error *err)
{
	AUTO(buf_free) struct buf kept = BUF_INIT(0xffff);
	struct record r;

	if (!record_of(&r, &kept, entry, err))
		return false;
	return write_entry(w, &r,
	                   slice_of(from->file.p + entry->data_offset,
	                            (size_t)entry->packed_size),
	                   err);
}

/* A new entry's attributes; those of `like` stay, but for sizes and method. */
static bool new_record(struct record *r, struct buf *kept, struct slice name,
                       enum zip_type type, uint32_t mode, const struct zip_entry *like,
                       struct error *err)
{
	static const uint32_t types[] = { [ZIP_FILE] = ZIP_S_IFREG,
		                          [ZIP_DIR] = ZIP_S_IFDIR,
		                          [ZIP_SYMLINK] = ZIP_S_IFLNK };

	if (like != NULL)
		return record_of(r, kept, like, err);
	*r = (struct record){ .name = name,
		              .made_by = MADE_BY_UNIX,
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

bool zip_writer_add(struct zip_writer *w, const char *name, enum zip_type type,
                    uint32_t mode, const struct zip_entry *like, struct slice content,
                    int level, struct error *err)
{
	AUTO(buf_free) struct buf packed = BUF_INIT(SIZE_MAX);
	AUTO(buf_free) struct buf kept = BUF_INIT(0xffff);
	AUTO(drop_str)
	char *full = mem_format("%s%s", name, type == ZIP_DIR ? "/" : "");
	struct record r;

	if (strlen(full) > ZIP_MAX_NAME)
		return error_set(err, ERROR_LIMIT, "the name \"%s\" is too long", name);
	if (!new_record(&r, &kept, slice_str(full), type, mode, like, err) ||
	    !pack(&packed, &r.method, content, level, err))
		return false;
	r.size = content.n;
	r.packed_size = r.method == ZIP_DEFLATE ? packed.n : content.n;
	r.crc32 = libdeflate_crc32(0, content.n > 0 ? content.p : NULL, content.n);
	return write_entry(w, &r,
	                   r.method == ZIP_DEFLATE ? buf_slice(&packed) : content, err);
}

static bool put_end64(struct buf *b, const struct zip_writer *w, uint64_t central_n,
                      struct error *err)
{
	uint64_t at = w->offset + central_n;

	return put32(b, ZIP_END64_SIGNATURE, err) &&
	       put64(b, ZIP_END64_BYTES - 12, err) && put16(b, MADE_BY_UNIX, err) &&
	       put16(b, VERSION_ZIP64, err) && put32(b, 0, err) && put32(b, 0, err) &&
	       put64(b, w->count, err) && put64(b, w->count, err) &&
	       put64(b, central_n, err) && put64(b, w->offset, err) &&
	       put32(b, ZIP_LOC64_SIGNATURE, err) && put32(b, 0, err) &&
	       put64(b, at, err) && put32(b, 1, err);
}

bool zip_writer_finish(struct zip_writer *w, struct error *err)
{
	AUTO(buf_free) struct buf end = BUF_INIT(256);
	uint64_t central_n = w->central.n;
	bool large = w->count >= 0xffff || w->offset >= 0xffffffff ||
	             central_n >= 0xffffffff;
	uint16_t count = large ? 0xffff : (uint16_t)w->count;

	if (large && !put_end64(&end, w, central_n, err))
		return false;
	if (!put32(&end, ZIP_END_SIGNATURE, err) || !put32(&end, 0, err) ||
	    !put16(&end, count, err) || !put16(&end, count, err) ||
	    !put32(&end, large ? 0xffffffff : fits(central_n), err) ||
	    !put32(&end, large ? 0xffffffff : fits(w->offset), err) ||
	    !put16(&end, 0, err))
		return false;
	return emit(w, buf_slice(&w->central), err) && emit(w, buf_slice(&end), err);
}
