/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libplist 2.2 does not limit by itself.
 */
#include "util/bytes.h"
#include "util/plist_impl.h"

/* ---- XML ---- */

struct scan {
	struct slice rest;
	const char *what;
	unsigned depth;
	size_t nodes, keys;
	bool seen_root, ended; /* <plist> opened, </plist> closed */
};

static bool bad_xml(const struct scan *s, const char *why, struct error *err)
{
	error_set(err, ERROR_FORMAT, "%s is not a property list: %s", s->what, why);
	return error_cause(err, "It is damaged, or another kind of XML.");
}

static bool starts(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && memcmp(s.p, text, n) == 0;
}

/* Move behind the next occurrence of mark. */
static bool skip_behind(struct scan *s, const char *mark, struct error *err)
{
	struct slice after = { 0 };

	if (!slice_cut(s->rest, slice_str(mark), NULL, &after))
		return bad_xml(s, "a tag or comment is never closed", err);
	s->rest = after;
	return true;
}

static bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The five entities of XML and numeric ones; anything else could expand. */
static bool check_text(const struct scan *s, struct slice text, struct error *err)
{
	static const char *const known[] = { "&amp;",  "&lt;",   "&gt;",
		                             "&quot;", "&apos;", "&#" };

	for (size_t i = 0; i < text.n; i++) {
		bool ok = text.p[i] != '&';

		if (text.p[i] == '\0')
			return bad_xml(s, "it has a NUL byte", err);
		if (s->ended && !is_space(text.p[i]))
			return bad_xml(s, "there is text after its end", err);
		for (size_t k = 0; !ok && k < ARRAY_LEN(known); k++)
			ok = starts(slice_of(text.p + i, text.n - i), known[k]);
		if (!ok)
			return bad_xml(s, "it has an unknown entity", err);
	}
	return true;
}

static bool is_tag(struct slice tag, const char *name)
{
	size_t n = strlen(name);

	return starts(tag, name) &&
	       (tag.n == n || is_space(tag.p[n]) || tag.p[n] == '/');
}

static bool is_container(struct slice tag)
{
	return is_tag(tag, "dict") || is_tag(tag, "array");
}

static bool open_tag(struct scan *s, struct slice tag, struct error *err)
{
	bool is_empty = tag.n > 0 && tag.p[tag.n - 1] == '/';

	if (s->ended)
		return bad_xml(s, "there is something after its end", err);
	if (is_tag(tag, "plist")) {
		if (s->seen_root)
			return bad_xml(s, "it has two roots", err);
		s->seen_root = true;
		s->ended = is_empty;
		return true;
	}
	if (!s->seen_root)
		return bad_xml(s, "it does not begin with <plist>", err);
	if (is_tag(tag, "key")) {
		s->keys++;
		return true;
	}
	if (++s->nodes > PL_MAX_NODES)
		return error_set(err, ERROR_LIMIT, "%s has more than %zu values",
		                 s->what, PL_MAX_NODES);
	if (is_container(tag) && !is_empty && ++s->depth > PL_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT, "%s is nested more than %d deep",
		                 s->what, PL_MAX_DEPTH);
	return true;
}

static bool close_tag(struct scan *s, struct slice tag, struct error *err)
{
	if (s->ended || !s->seen_root)
		return bad_xml(s, "a tag is closed that was not opened", err);
	if (is_tag(tag, "plist")) {
		if (s->depth != 0)
			return bad_xml(s, "it ends inside a dictionary or array", err);
		s->ended = true;
	} else if (is_container(tag)) {
		if (s->depth == 0)
			return bad_xml(s, "a tag is closed that was not opened", err);
		s->depth--;
	}
	return true;
}

/* s->rest begins with '<'. */
static bool scan_markup(struct scan *s, struct error *err)
{
	struct slice tag = { 0 }, after = { 0 };

	if (starts(s->rest, "<!--"))
		return skip_behind(s, "-->", err);
	if (starts(s->rest, "<?"))
		return skip_behind(s, "?>", err);
	if (starts(s->rest, "<![CDATA[")) {
		if (s->ended)
			return bad_xml(s, "there is something after its end", err);
		return skip_behind(s, "]]>", err);
	}
	if (!slice_cut(slice_of(s->rest.p + 1, s->rest.n - 1), slice_str(">"), &tag,
	               &after))
		return bad_xml(s, "a tag is never closed", err);
	s->rest = after;
	if (starts(tag, "!DOCTYPE")) {
		/* An internal subset could declare entities. */
		if (slice_cut(tag, slice_str("["), NULL, NULL))
			return bad_xml(s, "it declares a document type of its own",
			               err);
		return !s->seen_root || bad_xml(s, "its DOCTYPE stands too late", err);
	}
	if (starts(tag, "/"))
		return close_tag(s, slice_of(tag.p + 1, tag.n - 1), err);
	return open_tag(s, tag, err);
}

bool pl_guard_xml(size_t *keys, struct slice bytes, const char *what, struct error *err)
{
	struct scan s = { .rest = bytes, .what = what };

	if (starts(s.rest, "\xef\xbb\xbf"))
		s.rest = slice_of(s.rest.p + 3, s.rest.n - 3);
	while (s.rest.n > 0) {
		const unsigned char *mark = memchr(s.rest.p, '<', s.rest.n);
		size_t n = mark != NULL ? (size_t)(mark - s.rest.p) : s.rest.n;

		if (!check_text(&s, slice_of(s.rest.p, n), err))
			return false;
		s.rest = slice_of(s.rest.p + n, s.rest.n - n);
		if (s.rest.n > 0 && !scan_markup(&s, err))
			return false;
	}
	if (!s.ended)
		return bad_xml(&s, "it is cut short", err);
	*keys = s.keys;
	return true;
}

/* ---- binary ---- */

#define HEADER_BYTES  8
#define TRAILER_BYTES 32

struct binary {
	struct slice all, table;
	const char *what;
	unsigned offset_size, ref_size;
	uint64_t objects;
	size_t visits;
};

static bool bad_binary(const struct binary *b, const char *why, struct error *err)
{
	error_set(err, ERROR_FORMAT, "%s is not a property list: %s", b->what, why);
	return error_cause(err, "It is damaged or cut short.");
}

static uint64_t load_be(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static bool object_at(struct slice *out, const struct binary *b, uint64_t index)
{
	if (index >= b->objects)
		return false;
	uint64_t offset = load_be(b->table.p + index * b->offset_size, b->offset_size);
	size_t end = (size_t)(b->table.p - b->all.p);
	if (offset < HEADER_BYTES || offset >= end)
		return false;
	*out = slice_of(b->all.p + offset, end - (size_t)offset);
	return true;
}

/* The count behind a marker; *object moves to what follows. */
static bool read_count(uint64_t *count, struct slice *object)
{
	unsigned low = object->p[0] & 15;
	size_t n;

	if (low != 15) {
		*count = low;
		*object = slice_of(object->p + 1, object->n - 1);
		return true;
	}
	if (object->n < 2 || (object->p[1] & 0xf0) != 0x10 || (object->p[1] & 15) > 3)
		return false;
	n = (size_t)1 << (object->p[1] & 15);
	if (object->n < 2 + n)
		return false;
	*count = load_be(object->p + 2, n);
	*object = slice_of(object->p + 2 + n, object->n - 2 - n);
	return true;
}

static bool check_object(struct binary *b, uint64_t index, unsigned depth,
                         struct error *err);

static bool check_refs(struct binary *b, struct slice refs, uint64_t count,
                       unsigned depth, struct error *err)
{
	if (count > refs.n / b->ref_size)
		return bad_binary(b, "an array or dictionary is cut short", err);
	if (depth >= PL_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT, "%s is nested more than %d deep",
		                 b->what, PL_MAX_DEPTH);
	for (uint64_t i = 0; i < count; i++)
		if (!check_object(b, load_be(refs.p + i * b->ref_size, b->ref_size),
		                  depth + 1, err))
			return false;
	return true;
}

/* Visits count shared objects each time: what a reader will expand them to. */
static bool check_object(struct binary *b, uint64_t index, unsigned depth,
                         struct error *err)
{
	struct slice object = { 0 };
	uint64_t count = 0;

	if (++b->visits > PL_MAX_NODES)
		return error_set(err, ERROR_LIMIT, "%s has more than %zu values",
		                 b->what, PL_MAX_NODES);
	if (!object_at(&object, b, index))
		return bad_binary(b, "a reference points nowhere", err);
	unsigned kind = object.p[0] >> 4, low = object.p[0] & 15;
	switch (kind) {
	case 0x0:
		return low == 8 || low == 9 || bad_binary(b, "unknown value", err);
	case 0x1:
	case 0x2:
		return (low <= 4 && object.n > (size_t)1 << low) ||
		       bad_binary(b, "a number is cut short", err);
	case 0x3:
		return object.n > 8 || bad_binary(b, "a date is cut short", err);
	case 0x8:
		return object.n > low + 1 || bad_binary(b, "a UID is cut short", err);
	default:
		break;
	}
	if (!read_count(&count, &object))
		return bad_binary(b, "a length is cut short", err);
	switch (kind) {
	case 0x4:
	case 0x5:
		return count <= object.n || bad_binary(b, "a value is cut short", err);
	case 0x6:
		return count <= object.n / 2 ||
		       bad_binary(b, "a string is cut short", err);
	case 0xa:
		return check_refs(b, object, count, depth, err);
	case 0xd:
		return (count <= object.n / 2 &&
		        check_refs(b, object, count * 2, depth, err)) ||
		       (err->code == ERROR_NONE &&
		        bad_binary(b, "a dictionary is cut short", err));
	default:
		return bad_binary(b, "unknown value", err);
	}
}

bool pl_guard_binary(struct slice bytes, const char *what, struct error *err)
{
	struct binary b = { .all = bytes, .what = what };

	if (bytes.n < HEADER_BYTES + TRAILER_BYTES)
		return bad_binary(&b, "it is cut short", err);
	const unsigned char *trailer = bytes.p + bytes.n - TRAILER_BYTES;
	b.offset_size = trailer[6];
	b.ref_size = trailer[7];
	b.objects = load_be64(trailer + 8);
	uint64_t root = load_be64(trailer + 16), table = load_be64(trailer + 24);
	size_t room = bytes.n - TRAILER_BYTES;
	if (b.offset_size < 1 || b.offset_size > 8 || b.ref_size < 1 ||
	    b.ref_size > 8 || b.objects == 0 || table < HEADER_BYTES || table > room ||
	    b.objects > (room - table) / b.offset_size)
		return bad_binary(&b, "its trailer does not fit", err);
	b.table = slice_of(bytes.p + table, room - (size_t)table);
	return check_object(&b, root, 0, err);
}
