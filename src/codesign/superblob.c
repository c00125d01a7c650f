/* SPDX-License-Identifier: Apache-2.0 */
#include "codesign/superblob.h"

#include <stdlib.h>

#include "util/bytes.h"
#include "util/mem.h"
#include "util/reader.h"

#define HEADER_BYTES 12
#define INDEX_BYTES  8

static bool bad(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "the signature is malformed: %s", what);
	return error_cause(err, "It is damaged, or was written by a broken tool.");
}

static void set_loose(struct superblob *sb, const char *why)
{
	if (sb->is_loose)
		return;
	sb->is_loose = true;
	snprintf(sb->loose_reason, sizeof sb->loose_reason, "%s", why);
}

static bool read_index(struct superblob *sb, struct slice all, uint32_t count,
                       struct error *err)
{
	struct reader r = reader_of(all);

	reader_seek(&r, HEADER_BYTES);
	for (uint32_t i = 0; i < count; i++) {
		struct slice header = { 0 };
		uint32_t slot = reader_be32(&r), offset = reader_be32(&r);

		if (r.failed || offset < HEADER_BYTES + INDEX_BYTES * count ||
		    !slice_part(&header, all, offset, 8))
			return bad(err, "a blob lies outside");
		uint32_t length = load_be32(header.p + 4);
		struct superblob_entry *e = &sb->entries[sb->count++];
		*e = (struct superblob_entry){ .slot = slot,
			                       .magic = load_be32(header.p) };
		if (length < 8 || !slice_part(&e->blob, all, offset, length))
			return bad(err, "a blob is cut short");
	}
	return true;
}

static bool check_unique(const struct superblob *sb, struct error *err)
{
	for (size_t i = 0; i < sb->count; i++)
		for (size_t k = 0; k < i; k++)
			if (sb->entries[i].slot == sb->entries[k].slot)
				return bad(err, "two blobs are in one slot");
	return true;
}

/* Strict validation: blobs back to back, in slot order, nothing else (2.1). */
static void check_tight(struct superblob *sb, struct slice all, struct slice area)
{
	const unsigned char *expected = all.p + HEADER_BYTES + INDEX_BYTES * sb->count;

	for (size_t i = 0; i < sb->count; i++) {
		if (sb->entries[i].blob.p != expected)
			set_loose(sb, "blobs are not back to back");
		expected = sb->entries[i].blob.p + sb->entries[i].blob.n;
		if (i > 0 && sb->entries[i].slot < sb->entries[i - 1].slot)
			set_loose(sb, "slots are not in order");
	}
	if (expected != all.p + all.n)
		set_loose(sb, "there are bytes behind the last blob");
	for (size_t i = all.n; i < area.n; i++)
		if (area.p[i] != 0) {
			set_loose(sb, "there are bytes behind the signature");
			break;
		}
}

bool superblob_parse(struct superblob *out, struct slice area, struct error *err)
{
	struct superblob sb = { 0 };
	struct slice all = { 0 };

	if (area.n < HEADER_BYTES || load_be32(area.p) != SUPERBLOB_MAGIC)
		return bad(err, "it does not begin as one");
	if (area.n > CODESIGN_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the signature is larger than %zu bytes",
		                 CODESIGN_MAX_BYTES);
	sb.length = load_be32(area.p + 4);
	uint32_t count = load_be32(area.p + 8);
	if (!slice_part(&all, area, 0, sb.length) || sb.length < HEADER_BYTES)
		return bad(err, "it is cut short");
	if (count > SUPERBLOB_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "the signature has more than %d blobs", SUPERBLOB_MAX);
	if (HEADER_BYTES + INDEX_BYTES * (size_t)count > all.n)
		return bad(err, "its index is cut short");
	if (!read_index(&sb, all, count, err) || !check_unique(&sb, err))
		return false;
	check_tight(&sb, all, area);
	*out = sb;
	return true;
}

struct slice superblob_find(const struct superblob *sb, uint32_t slot)
{
	for (size_t i = 0; i < sb->count; i++)
		if (sb->entries[i].slot == slot)
			return sb->entries[i].blob;
	return (struct slice){ 0 };
}

struct slice blob_payload(struct slice blob)
{
	return blob.n >= 8 ? slice_of(blob.p + 8, blob.n - 8) : (struct slice){ 0 };
}

bool blob_build(struct buf *out, uint32_t magic, struct slice payload,
                struct error *err)
{
	if (payload.n > CODESIGN_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "a blob is larger than %zu bytes",
		                 CODESIGN_MAX_BYTES);
	return buf_append_be32(out, magic, err) &&
	       buf_append_be32(out, (uint32_t)payload.n + 8, err) &&
	       buf_append(out, payload, err);
}

static int by_slot(const void *a, const void *b)
{
	const struct superblob_entry *x = a, *y = b;

	return (x->slot > y->slot) - (x->slot < y->slot);
}

bool superblob_build(struct buf *out, const struct superblob_entry *entries,
                     size_t count, struct error *err)
{
	struct superblob_entry sorted[SUPERBLOB_MAX];
	size_t length = HEADER_BYTES + INDEX_BYTES * count;
	uint32_t offset = (uint32_t)length;

	if (count > SUPERBLOB_MAX)
		return error_set(err, ERROR_LIMIT, "a signature has at most %d blobs",
		                 SUPERBLOB_MAX);
	for (size_t i = 0; i < count; i++) {
		sorted[i] = entries[i];
		length += entries[i].blob.n;
	}
	if (length > CODESIGN_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the signature is larger than %zu bytes",
		                 CODESIGN_MAX_BYTES);
	qsort(sorted, count, sizeof sorted[0], by_slot);
	if (!buf_append_be32(out, SUPERBLOB_MAGIC, err) ||
	    !buf_append_be32(out, (uint32_t)length, err) ||
	    !buf_append_be32(out, (uint32_t)count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && sorted[i].slot == sorted[i - 1].slot)
			return error_set(err, ERROR_INTERNAL, "two blobs for slot %#x",
			                 sorted[i].slot);
		if (!buf_append_be32(out, sorted[i].slot, err) ||
		    !buf_append_be32(out, offset, err))
			return false;
		offset += (uint32_t)sorted[i].blob.n;
	}
	for (size_t i = 0; i < count; i++)
		if (!buf_append(out, sorted[i].blob, err))
			return false;
	return true;
}
