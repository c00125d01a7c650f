/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry: its record in the central directory, its local header, and the data
 * descriptor behind its data.  All that they both say must be the same.
 */
#include "ipa/zip_impl.h"
#include "util/bytes.h"

/* A number of the zip64 field, if it did not fit where it belongs. */
static void widen(uint64_t *v, struct reader *field)
{
	if (*v == ZIP_MAX32)
		*v = reader_le64(field);
}

/* Sizes and offset (NULL: not in a local header) that did not fit 32 bits. */
static bool read_zip64(uint64_t *size, uint64_t *packed_size, uint64_t *offset,
                       struct slice extra)
{
	struct slice content = { 0 };
	bool seen = false;
	uint16_t id = 0;

	while (zip_extra_next(&extra, &id, &content)) {
		struct reader field = reader_of(content);

		if (id != ZIP_EXTRA_ZIP64)
			continue;
		if (seen)
			return false;
		seen = true;
		widen(size, &field);
		widen(packed_size, &field);
		if (offset != NULL)
			widen(offset, &field);
		if (field.failed)
			return false;
	}
	return true;
}

/* ---- the central record ---- */

/* Mode and type; what the name says of the type must be what the mode says. */
static bool read_mode(struct zip_entry *e, uint16_t made_by, uint32_t external,
                      struct error *err)
{
	unsigned host = made_by >> 8;
	uint32_t mode = external >> 16;

	e->mode = e->type == ZIP_DIR ? 0755 : 0644;
	if ((host != ZIP_HOST_UNIX && host != ZIP_HOST_DARWIN) || mode == 0)
		return true;
	e->has_unix_mode = true;
	e->mode = mode & 0777;
	switch (mode & ZIP_S_IFMT) {
	case 0:
	case ZIP_S_IFREG: /* with a '/' at the end of the name all see a folder */
		return true;
	case ZIP_S_IFDIR:
		if (e->type == ZIP_DIR)
			return true;
		break;
	case ZIP_S_IFLNK:
		if (e->type == ZIP_DIR)
			break;
		e->type = ZIP_SYMLINK;
		return true;
	default:
		return zip_entry_refused(err, e->name,
		                         "it is no file, folder or symlink");
	}
	return zip_entry_refused(
		err, e->name, "its name and its mode disagree whether it is a folder");
}

static bool check_method(const struct zip_entry *e, struct error *err)
{
	if ((e->flags & ZIP_FLAG_ENCRYPTED) != 0)
		return zip_entry_refused(err, e->name, "it is encrypted");
	if ((e->flags & ZIP_FLAG_PATCH) != 0)
		return zip_entry_refused(err, e->name, "it is a patch");
	if (e->method != ZIP_STORED && e->method != ZIP_DEFLATE) {
		error_set(
			err, ERROR_FORMAT,
			"the zip has an entry that is refused: it is packed by method "
			"%u",
			e->method);
		error_evidence(err, "entry \"%s\"", e->name);
		return error_cause(err, "Apps are packed with DEFLATE or not at all.");
	}
	return true;
}

static bool check_sizes(const struct zip_entry *e, struct error *err)
{
	if (e->method == ZIP_STORED && e->size != e->packed_size)
		return zip_entry_damaged(err, e, "a stored entry has two sizes");
	if (e->type == ZIP_DIR && e->size != 0)
		return zip_entry_refused(err, e->name, "it is a folder with content");
	uint64_t least = e->size / ZIP_MAX_RATIO + (e->size % ZIP_MAX_RATIO != 0);
	if (e->packed_size < least) {
		error_set(err, ERROR_LIMIT,
		          "the zip has an entry that claims to grow more than %d times",
		          ZIP_MAX_RATIO);
		error_evidence(err, "entry \"%s\": %llu bytes from %llu", e->name,
		               (unsigned long long)e->size,
		               (unsigned long long)e->packed_size);
		return error_cause(err, "DEFLATE cannot do that: it is a bomb.");
	}
	return true;
}

static bool read_central(struct zip_entry *e, struct slice *raw_name, struct reader *r,
                         struct error *err)
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
		 comment_n = reader_le16(r), disk = reader_le16(r);
	reader_skip(r, 2);
	uint32_t external = reader_le32(r);
	e->header_offset = reader_le32(r);
	*raw_name = reader_bytes(r, name_n);
	struct slice extra = reader_bytes(r, extra_n);
	reader_skip(r, comment_n);
	if (r->failed || signature != ZIP_CENTRAL_SIGNATURE)
		return zip_damaged(err, "its central directory is cut short");
	e->central = slice_of(r->all.p + start, r->pos - start);
	if (!zip_name_read(e, *raw_name, extra, err))
		return false;
	if (disk != 0)
		return zip_entry_refused(err, e->name, "it is on another disk");
	if (!read_zip64(&e->size, &e->packed_size, &e->header_offset, extra))
		return zip_entry_damaged(err, e, "a zip64 field is cut short or twice");
	return read_mode(e, made_by, external, err) && check_method(e, err) &&
	       check_sizes(e, err);
}

/* ---- the local header and what follows ---- */

/* What a local header says of the data. */
struct claim {
	uint64_t size, packed_size;
	uint32_t crc32;
};

/* A streaming writer that knew nothing yet wrote zeros, or marks for zip64. */
static bool is_open(uint64_t claimed, uint64_t true_value)
{
	return claimed == 0 || claimed == ZIP_MAX32 || claimed == true_value;
}

static bool is_exact(const struct claim *c, const struct zip_entry *e)
{
	return c->size == e->size && c->packed_size == e->packed_size &&
	       c->crc32 == e->crc32;
}

/* Is p a descriptor with sizes of `width` bytes?  There are n bytes. */
static bool is_descriptor(const unsigned char *p, size_t n, size_t width,
                          bool has_signature, const struct zip_entry *e)
{
	size_t head = has_signature ? 4 : 0;

	if (n < head + 4 + 2 * width ||
	    (has_signature && load_le32(p) != ZIP_DATA_SIGNATURE))
		return false;
	p += head;
	uint64_t packed = width == 8 ? load_le64(p + 4) : load_le32(p + 4);
	uint64_t size = width == 8 ? load_le64(p + 12) : load_le32(p + 8);
	return load_le32(p) == e->crc32 && packed == e->packed_size && size == e->size;
}

/* Its length, 0 if there is none.  Nothing says which of the four forms it has;
 * the longest that fits is right, since what follows starts with "PK". */
static size_t descriptor_length(struct slice rest, const struct zip_entry *e)
{
	static const struct {
		size_t width;
		bool has_signature;
	} forms[] = { { 8, true }, { 4, true }, { 8, false }, { 4, false } };

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (is_descriptor(rest.p, rest.n, forms[i].width,
		                  forms[i].has_signature, e))
			return 4 + 2 * forms[i].width +
			       (forms[i].has_signature ? 4 : 0);
	return 0;
}

/* Set e->local: up to the end of the data, or of the descriptor. */
static bool measure(struct zip_entry *e, struct slice file, uint64_t end,
                    const struct claim *claim, uint16_t flags, struct error *err)
{
	uint64_t data_end = e->data_offset + e->packed_size;
	bool is_streamed = (flags & ZIP_FLAG_DESCRIPTOR) != 0;
	size_t n = 0;

	if (is_streamed)
		n = descriptor_length(slice_of(file.p + data_end,
		                               (size_t)(end - data_end)),
		                      e);
	/* Some set the flag, and yet knew. */
	if (n == 0 && !is_exact(claim, e))
		return zip_entry_damaged(
			err, e,
			is_streamed ? "a data descriptor is missing or wrong"
				    : "an entry's two headers contradict "
				      "each other");
	if (!is_open(claim->size, e->size) ||
	    !is_open(claim->packed_size, e->packed_size) ||
	    (claim->crc32 != 0 && claim->crc32 != e->crc32))
		return zip_entry_damaged(
			err, e, "an entry's two headers contradict each other");
	e->local = slice_of(file.p + e->header_offset,
	                    (size_t)(data_end - e->header_offset) + n);
	return true;
}

static bool read_local(struct zip_entry *e, struct slice file, uint64_t end,
                       struct slice raw_name, struct error *err)
{
	struct slice header = { 0 }, name = { 0 }, extra = { 0 };

	file = slice_of(file.p, (size_t)end);
	if (!slice_part(&header, file, e->header_offset, ZIP_LOCAL_BYTES) ||
	    load_le32(header.p) != ZIP_LOCAL_SIGNATURE)
		return zip_entry_damaged(err, e,
		                         "an entry's local header is not there");
	const unsigned char *p = header.p;
	uint64_t name_at = e->header_offset + ZIP_LOCAL_BYTES,
		 name_n = load_le16(p + 26);
	uint16_t flags = load_le16(p + 6);
	struct claim claim = { .crc32 = load_le32(p + 14),
		               .packed_size = load_le32(p + 18),
		               .size = load_le32(p + 22) };
	if (!slice_part(&name, file, name_at, name_n) || !slice_equal(name, raw_name) ||
	    load_le16(p + 8) != e->method)
		return zip_entry_damaged(
			err, e, "an entry's two headers contradict each other");
	if ((flags & ZIP_FLAG_ENCRYPTED) != 0)
		return zip_entry_refused(err, e->name, "it is encrypted");
	e->data_offset = name_at + name_n + load_le16(p + 28);
	if (!slice_part(&extra, file, name_at + name_n, load_le16(p + 28)) ||
	    e->packed_size > end - e->data_offset)
		return zip_entry_damaged(err, e,
		                         "an entry's data reaches past the end");
	if (!read_zip64(&claim.size, &claim.packed_size, NULL, extra))
		return zip_entry_damaged(err, e, "a zip64 field is cut short or twice");
	return measure(e, file, end, &claim, flags, err);
}

bool zip_entry_read(struct zip_entry *e, struct reader *central, struct slice file,
                    uint64_t end, struct error *err)
{
	struct slice raw_name = { 0 };

	return read_central(e, &raw_name, central, err) &&
	       read_local(e, file, end, raw_name, err);
}
