/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of binary property lists.
 *
 * "bplist00", the objects, a table of their offsets, and 32 bytes at the end:
 * 6 unused, the size of an offset, the size of a reference, and as 64 bits the
 * number of objects, the number of the root, and where the table starts.  An
 * object is a byte of type and size, and its content; arrays and dictionaries
 * hold references.  All numbers are big-endian.
 */
#include <assert.h>

#include "util/bytes.h"
#include "util/clock.h"
#include "util/plist_impl.h"
#include "util/reader.h"

#define TRAILER_BYTES 32

struct guard {
	struct slice objects; /* from the start of the file up to the table */
	struct slice table;
	size_t offset_size, ref_size;
	uint64_t object_count;
	size_t max_nodes;                /* see most_nodes() */
	size_t nodes;                    /* with everything that is shared copied out */
	size_t bytes;                    /* of text and data, likewise */
	uint64_t path[PL_MAX_DEPTH + 1]; /* the objects that we are inside of */
	const char *what;
};

/* The head of an object, and what follows it. */
struct object {
	unsigned type; /* the upper four bits */
	unsigned low;  /* the lower four */
	uint64_t n;    /* the size or count, for types that have one */
	struct slice rest;
};

static bool bad(const struct guard *g, struct error *err, const char *why)
{
	return error_set(err, ERROR_FORMAT, "\"%s\" is not a valid property list: %s",
	                 g->what, why);
}

/* n is 1 to 8. */
static uint64_t load_be(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static bool read_trailer(struct guard *g, uint64_t *root, struct slice file,
                         struct error *err)
{
	struct reader r = reader_of(file);

	if (file.n < strlen(PL_BINARY_MAGIC) + TRAILER_BYTES)
		return bad(g, err, "it is cut short");
	reader_seek(&r, file.n - TRAILER_BYTES + 6);
	g->offset_size = reader_u8(&r);
	g->ref_size = reader_u8(&r);
	g->object_count = reader_be64(&r);
	*root = reader_be64(&r);
	uint64_t table = reader_be64(&r);

	if (g->offset_size < 1 || g->offset_size > 8 || g->ref_size < 1 ||
	    g->ref_size > 8)
		return bad(g, err, "the size of its offsets or references");
	if (g->object_count == 0 || g->object_count > file.n)
		return bad(g, err, "the number of its objects");
	if (table < strlen(PL_BINARY_MAGIC) || table > file.n - TRAILER_BYTES ||
	    !slice_part(&g->table, slice_of(file.p, file.n - TRAILER_BYTES), table,
	                g->object_count * g->offset_size))
		return bad(g, err, "its table of offsets is not all inside");
	g->objects = slice_of(file.p, (size_t)table);
	return true;
}

/* The count behind a head whose four bits did not suffice. */
static bool read_count(struct object *o)
{
	size_t n;

	if (o->rest.n < 1 || (o->rest.p[0] & 0xf0) != 0x10 || o->rest.p[0] > 0x13)
		return false;
	n = (size_t)1 << (o->rest.p[0] & 0x0f);
	if (o->rest.n < 1 + n)
		return false;
	o->n = load_be(o->rest.p + 1, n);
	o->rest = slice_of(o->rest.p + 1 + n, o->rest.n - 1 - n);
	return true;
}

static bool read_object(struct object *out, const struct guard *g, uint64_t number,
                        struct error *err)
{
	struct object o = { 0 };

	assert(g->table.p != NULL);
	if (number >= g->object_count)
		return bad(g, err, "a reference to an object that is not there");

	uint64_t offset =
		load_be(g->table.p + (size_t)number * g->offset_size, g->offset_size);
	if (offset < strlen(PL_BINARY_MAGIC) || offset >= g->objects.n)
		return bad(g, err, "an object is not among the objects");

	unsigned char head = g->objects.p[offset];
	o.type = head >> 4;
	o.low = head & 0x0f;
	o.n = o.low;
	o.rest = slice_of(g->objects.p + offset + 1, g->objects.n - (size_t)offset - 1);
	if (o.type >= 0x4 && o.type != 0x8 && o.low == 0x0f && !read_count(&o))
		return bad(g, err, "the size of an object");
	*out = o;
	return true;
}

/* ---- scalars ---- */

/* 1, 2, 4, 8 or 16 bytes; of 16 only what fits 64 bits. */
static bool good_integer(const struct object *o)
{
	if (o->low > 4 || o->rest.n < (size_t)1 << o->low)
		return false;
	return o->low < 4 || load_be64(o->rest.p) == 0;
}

static bool good_date(const struct object *o)
{
	/* Seconds since 2001-01-01. */
	double first = (double)clock_from_civil(1, 1, 1, 0, 0, 0) - 978307200.0;
	double last = (double)clock_from_civil(9999, 12, 31, 23, 59, 59) - 978307200.0;
	uint64_t bits;
	double v;

	if (o->low != 3 || o->rest.n < 8)
		return false;
	bits = load_be64(o->rest.p);
	memcpy(&v, &bits, sizeof v);
	return v >= first && v <= last;
}

static bool good_real(const struct object *o)
{
	return (o->low == 2 && o->rest.n >= 4) || (o->low == 3 && o->rest.n >= 8);
}

/* A number of up to 32 bits in 1, 2, 4 or 8 bytes; low is one less. */
static bool good_uid(const struct object *o)
{
	size_t n = (size_t)o->low + 1;

	if (n > 8 || (n & (n - 1)) != 0 || o->rest.n < n)
		return false;
	return load_be(o->rest.p, n) <= UINT32_MAX;
}

static bool good_ascii(const struct object *o)
{
	if (o->n > o->rest.n)
		return false;
	for (size_t i = 0; i < o->n; i++)
		if (o->rest.p[i] == 0 || o->rest.p[i] >= 0x80)
			return false;
	return true;
}

/* Pairs of surrogates only as pairs; libplist drops the others silently. */
static bool good_utf16(const struct object *o)
{
	bool in_pair = false;

	if (o->n == 0 || o->n > o->rest.n / 2)
		return false;
	for (size_t i = 0; i < o->n; i++) {
		uint64_t c = load_be(o->rest.p + 2 * i, 2);
		bool is_second = c >= 0xdc00 && c < 0xe000;

		if (c == 0 || is_second != in_pair)
			return false;
		in_pair = c >= 0xd800 && c < 0xdc00;
	}
	return !in_pair;
}

static bool is_scalar(const struct object *o)
{
	switch (o->type) {
	case 0x0:
		return o->low == 0x8 || o->low == 0x9; /* false, true */
	case 0x1:
		return good_integer(o);
	case 0x2:
		return good_real(o);
	case 0x3:
		return good_date(o);
	case 0x4:
		return o->n <= o->rest.n;
	case 0x5:
		return good_ascii(o);
	case 0x6:
		return good_utf16(o);
	case 0x8:
		return good_uid(o);
	default:
		return false;
	}
}

/* ---- the graph ---- */

/*
 * A value costs at least the reference to it, unless it is inside an array or a
 * dictionary that is shared.  Writers share scalars; those that share more (Python's
 * does, for one object that is there twice) live with PL_FREE_NODES.
 */
static size_t most_nodes(struct slice file)
{
	return file.n < PL_MAX_NODES - PL_FREE_NODES ? file.n + PL_FREE_NODES
	                                             : PL_MAX_NODES;
}

static bool count_node(struct guard *g, const struct object *o, struct error *err)
{
	if (++g->nodes > g->max_nodes) {
		error_set(err, ERROR_LIMIT, "\"%s\" has more than %zu values", g->what,
		          g->max_nodes);
		return error_cause(err, "It is far larger than any real list, or "
		                        "made to grow when it is read.");
	}
	if (o->type >= 0x4 && o->type <= 0x6)
		g->bytes += (size_t)o->n;
	if (g->bytes > PL_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" holds more than %zu bytes of text and data",
		                 g->what, PL_MAX_BYTES);
	return true;
}

static bool check_key(struct guard *g, uint64_t number, struct error *err)
{
	struct object o = { 0 };

	if (!read_object(&o, g, number, err))
		return false;
	if ((o.type != 0x5 && o.type != 0x6) || !is_scalar(&o))
		return bad(g, err, "a key that is not a string");
	return count_node(g, &o, err);
}

/* Sees every object as often as it is referred to: so does libplist. */
static bool check_value(struct guard *g, uint64_t number, unsigned depth,
                        struct error *err)
{
	struct object o = { 0 };

	if (!read_object(&o, g, number, err))
		return false;

	bool is_dict = o.type == 0xd, is_array = o.type == 0xa;
	if (!is_dict && !is_array && !is_scalar(&o))
		return bad(g, err, "an object that is damaged or of an unknown type");
	if (!count_node(g, &o, err))
		return false;
	if (!is_dict && !is_array)
		return true;

	for (unsigned i = 0; i < depth; i++)
		if (g->path[i] == number)
			return bad(g, err, "an object is inside itself");
	if (depth == PL_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" is nested more than %d levels deep", g->what,
		                 PL_MAX_DEPTH);
	g->path[depth] = number;

	/* All keys come first, then all values. */
	if (o.n > o.rest.n / g->ref_size / (is_dict ? 2 : 1))
		return bad(g, err, "an array or a dictionary is cut short");
	const unsigned char *keys = o.rest.p;
	const unsigned char *values = keys + (is_dict ? (size_t)o.n * g->ref_size : 0);
	for (size_t i = 0; i < o.n; i++) {
		size_t at = i * g->ref_size;

		if (is_dict && !check_key(g, load_be(keys + at, g->ref_size), err))
			return false;
		if (!check_value(g, load_be(values + at, g->ref_size), depth + 1, err))
			return false;
	}
	return true;
}

bool pl_binary_guard(struct slice bytes, const char *what, struct error *err)
{
	struct guard g = { .what = what, .max_nodes = most_nodes(bytes) };
	uint64_t root = 0;

	return read_trailer(&g, &root, bytes, err) && check_value(&g, root, 0, err);
}
