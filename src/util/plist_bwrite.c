/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the binary form; plist_guard.c describes it.  Nothing is shared between
 * objects, since what we write is small.  Objects are numbered in the order in
 * which they are written: a container, its keys, then its values one by one.
 */
#include <stdlib.h>

#include "util/bytes.h"
#include "util/mem.h"
#include "util/plist_impl.h"
#include "util/utf8.h"

#define EPOCH_2001_S INT64_C(978307200)

struct writer {
	struct buf *out;
	size_t base; /* where our bytes start in *out */
	size_t ref_size;
	uint64_t *offsets;
	size_t count, cap;
};

static bool write_value(struct writer *w, const struct pl *v, unsigned depth,
                        struct error *err);

/* Objects in a tree: every value, and every key. */
static size_t count_objects(const struct pl *v)
{
	size_t n = 1 + (v->type == PL_DICT ? v->count : 0);

	for (size_t i = 0; i < v->count; i++)
		n += count_objects(v->items[i]);
	return n;
}

/* The lower n bytes of v, 1 to 8. */
static bool write_be(struct writer *w, uint64_t v, size_t n, struct error *err)
{
	unsigned char bytes[8];

	store_be64(bytes, v);
	return buf_append(w->out, slice_of(bytes + 8 - n, n), err);
}

static bool write_byte(struct writer *w, unsigned v, struct error *err)
{
	return write_be(w, v, 1, err);
}

/* 1, 2, 4 or 8. */
static size_t bytes_for(uint64_t v)
{
	if (v > UINT32_MAX)
		return 8;
	if (v > UINT16_MAX)
		return 4;
	return v > UINT8_MAX ? 2 : 1;
}

static unsigned log2_of(size_t n)
{
	unsigned bits = 0;

	while (n > 1) {
		n /= 2;
		bits++;
	}
	return bits;
}

static void start_object(struct writer *w)
{
	w->offsets = mem_grow(w->offsets, w->count, &w->cap, sizeof *w->offsets);
	w->offsets[w->count++] = w->out->n - w->base;
}

/* Below 2^63 the sign would show in 8 bytes only; above it takes 16. */
static bool write_number(struct writer *w, uint64_t v, bool is_unsigned,
                         struct error *err)
{
	size_t n = bytes_for(v);

	if (is_unsigned)
		return write_byte(w, 0x14, err) && write_be(w, 0, 8, err) &&
		       write_be(w, v, 8, err);
	return write_byte(w, 0x10 | log2_of(n), err) && write_be(w, v, n, err);
}

static bool write_head(struct writer *w, unsigned type, size_t n, struct error *err)
{
	if (n < 15)
		return write_byte(w, type << 4 | (unsigned)n, err);
	return write_byte(w, type << 4 | 0x0f, err) && write_number(w, n, false, err);
}

static bool write_double(struct writer *w, unsigned head, double v, struct error *err)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return write_byte(w, head, err) && write_be(w, bits, 8, err);
}

static bool is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= 0x80)
			return false;
	return true;
}

static bool append_utf16(struct buf *to, uint32_t c, struct error *err)
{
	uint32_t pair = c - 0x10000;

	if (c >= 0x10000)
		return buf_append_be32(to,
		                       (0xd800U | pair >> 10) << 16 | 0xdc00U |
		                               (pair & 0x3ff),
		                       err);

	unsigned char bytes[2] = { (unsigned char)(c >> 8), (unsigned char)c };
	return buf_append(to, slice_of(bytes, sizeof bytes), err);
}

static bool write_string(struct writer *w, struct slice text, struct error *err)
{
	AUTO(buf_free) struct buf utf16 = BUF_INIT(2 * PL_MAX_BYTES);

	if (is_ascii(text))
		return write_head(w, 0x5, text.n, err) && buf_append(w->out, text, err);
	while (text.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, text);

		if (n == 0)
			return error_set(err, ERROR_FORMAT,
			                 "a string of a property list is not UTF-8");
		if (!append_utf16(&utf16, c, err))
			return false;
		text = slice_of(text.p + n, text.n - n);
	}
	return write_head(w, 0x6, utf16.n / 2, err) &&
	       buf_append(w->out, buf_slice(&utf16), err);
}

static void set_ref(const struct writer *w, size_t at, uint64_t number)
{
	unsigned char bytes[8];

	store_be64(bytes, number);
	memcpy(w->out->p + at, bytes + 8 - w->ref_size, w->ref_size);
}

/* References are known once the objects are there: leave room, fill in later. */
static bool write_container(struct writer *w, const struct pl *v, unsigned depth,
                            struct error *err)
{
	bool is_dict = v->type == PL_DICT;
	size_t refs = v->count * (is_dict ? 2 : 1);

	if (depth == PL_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT,
		                 "property list is nested more than %d levels deep",
		                 PL_MAX_DEPTH);
	if (!write_head(w, is_dict ? 0xd : 0xa, v->count, err))
		return false;

	size_t at = w->out->n;
	if (!buf_append_fill(w->out, 0, refs * w->ref_size, err))
		return false;
	for (size_t i = 0; is_dict && i < v->count; i++) {
		set_ref(w, at, w->count);
		at += w->ref_size;
		start_object(w);
		if (!write_string(w, slice_str(v->keys[i]), err))
			return false;
	}
	for (size_t i = 0; i < v->count; i++) {
		set_ref(w, at, w->count);
		at += w->ref_size;
		if (!write_value(w, v->items[i], depth + 1, err))
			return false;
	}
	return true;
}

static bool write_uid(struct writer *w, uint64_t v, struct error *err)
{
	size_t n = bytes_for(v);

	return write_byte(w, 0x80 | (unsigned)(n - 1), err) && write_be(w, v, n, err);
}

static bool write_value(struct writer *w, const struct pl *v, unsigned depth,
                        struct error *err)
{
	start_object(w);
	switch (v->type) {
	case PL_BOOL:
		return write_byte(w, v->boolean ? 0x09 : 0x08, err);
	case PL_INT:
		return write_number(w, (uint64_t)v->integer, v->is_unsigned, err);
	case PL_REAL:
		return write_double(w, 0x23, v->real, err);
	case PL_DATE:
		return write_double(w, 0x33, (double)(v->integer - EPOCH_2001_S), err);
	case PL_STRING:
		return write_string(w, v->bytes, err);
	case PL_DATA:
		return write_head(w, 0x4, v->bytes.n, err) &&
		       buf_append(w->out, v->bytes, err);
	case PL_UID:
		return write_uid(w, (uint64_t)v->integer, err);
	default:
		return write_container(w, v, depth, err);
	}
}

/* The table of offsets, and the trailer. */
static bool write_end(struct writer *w, struct error *err)
{
	uint64_t table = w->out->n - w->base;
	size_t offset_size = bytes_for(table);

	for (size_t i = 0; i < w->count; i++)
		if (!write_be(w, w->offsets[i], offset_size, err))
			return false;
	return buf_append_fill(w->out, 0, 6, err) &&
	       write_byte(w, (unsigned)offset_size, err) &&
	       write_byte(w, (unsigned)w->ref_size, err) &&
	       write_be(w, w->count, 8, err) && write_be(w, 0, 8, err) &&
	       write_be(w, table, 8, err);
}

bool pl_write_binary(struct buf *out, const struct pl *root, struct error *err)
{
	struct writer w = { .out = out, .base = out->n };

	w.ref_size = bytes_for(count_objects(root));
	bool ok = buf_append_str(out, PL_BINARY_MAGIC, err) &&
	          write_value(&w, root, 0, err) && write_end(&w, err);

	free(w.offsets);
	if (!ok)
		out->n = w.base;
	return ok;
}
