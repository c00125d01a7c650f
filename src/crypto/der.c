/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/mem.h"

static bool bad(struct error *err, const char *what)
{
	return error_set(err, ERROR_FORMAT, "not DER: %s", what);
}

/* Length octets at the front of *in; minimal and definite. */
static bool take_length(struct slice *in, size_t *length, struct error *err)
{
	size_t n, v = 0;

	if (in->n == 0)
		return bad(err, "cut short");
	unsigned char first = in->p[0];
	*in = slice_of(in->p + 1, in->n - 1);
	if (first < 0x80) {
		*length = first;
		return true;
	}
	n = first & 0x7f;
	if (n == 0)
		return bad(err, "indefinite length");
	if (n > 4 || n > in->n)
		return bad(err, n > 4 ? "a length is too large" : "cut short");
	for (size_t i = 0; i < n; i++)
		v = v << 8 | in->p[i];
	if (v < 0x80 || in->p[0] == 0)
		return bad(err, "a length is not minimal");
	*in = slice_of(in->p + n, in->n - n);
	*length = v;
	return true;
}

bool der_next(struct slice *in, unsigned *tag, struct slice *content, struct error *err)
{
	struct slice rest = *in;
	size_t n = 0;

	if (rest.n == 0)
		return bad(err, "cut short");
	unsigned found = rest.p[0];
	if ((found & 0x1f) == 0x1f)
		return bad(err, "a tag of several bytes");
	rest = slice_of(rest.p + 1, rest.n - 1);
	if (!take_length(&rest, &n, err))
		return false;
	if (n > rest.n)
		return bad(err, "cut short");
	*tag = found;
	*content = slice_of(rest.p, n);
	*in = slice_of(rest.p + n, rest.n - n);
	return true;
}

bool der_expect(struct slice *in, unsigned tag, struct slice *content,
                struct error *err)
{
	struct slice rest = *in, inside = { 0 };
	unsigned found = 0;

	if (!der_next(&rest, &found, &inside, err))
		return false;
	if (found != tag)
		return error_set(err, ERROR_FORMAT,
		                 "not the DER that was expected: tag %#x, not %#x",
		                 found, tag);
	*content = inside;
	*in = rest;
	return true;
}

bool der_int64(int64_t *out, struct slice content, struct error *err)
{
	if (content.n == 0)
		return bad(err, "an integer is empty");
	bool negative = (content.p[0] & 0x80) != 0;
	if (content.n > 1 && ((content.p[0] == 0 && (content.p[1] & 0x80) == 0) ||
	                      (content.p[0] == 0xff && (content.p[1] & 0x80) != 0)))
		return bad(err, "an integer is not minimal");
	if (content.n > 8)
		return error_set(err, ERROR_LIMIT, "an integer has more than 64 bits");
	uint64_t v = negative ? UINT64_MAX : 0;
	for (size_t i = 0; i < content.n; i++)
		v = v << 8 | content.p[i];
	*out = (int64_t)v;
	return true;
}

bool der_put(struct buf *out, unsigned tag, struct slice content, struct error *err)
{
	unsigned char head[6] = { (unsigned char)tag };
	size_t n = 2;

	if (content.n > UINT32_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "a DER element is larger than 4 GiB");
	if (content.n < 0x80) {
		head[1] = (unsigned char)content.n;
	} else {
		unsigned bytes = content.n > 0xffffff ? 4
		                 : content.n > 0xffff ? 3
		                 : content.n > 0xff   ? 2
		                                      : 1;
		head[1] = (unsigned char)(0x80 | bytes);
		for (unsigned i = bytes; i-- > 0;)
			head[n++] = (unsigned char)(content.n >> (8 * i));
	}
	/* All or nothing: what is half written helps nobody. */
	if (n + content.n > out->max - out->n)
		return error_set(err, ERROR_LIMIT, "output is larger than %zu bytes",
		                 out->max);
	return buf_append(out, slice_of(head, n), err) && buf_append(out, content, err);
}

bool der_put_int64(struct buf *out, int64_t v, struct error *err)
{
	unsigned char bytes[8];
	size_t first = 0;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
	while (first < 7 && ((bytes[first] == 0 && (bytes[first + 1] & 0x80) == 0) ||
	                     (bytes[first] == 0xff && (bytes[first + 1] & 0x80) != 0)))
		first++;
	return der_put(out, DER_INTEGER, slice_of(bytes + first, 8 - first), err);
}

bool der_oid_text(char out[64], struct slice content)
{
	char text[64] = "";
	uint64_t arc = 0;
	size_t used = 0;
	bool begins = true; /* at the first byte of a number */

	if (content.n == 0 || (content.p[content.n - 1] & 0x80) != 0)
		return false;
	for (size_t i = 0; i < content.n; i++) {
		if (arc >> 56 != 0 || (begins && content.p[i] == 0x80))
			return false;
		arc = arc << 7 | (content.p[i] & 0x7f);
		begins = (content.p[i] & 0x80) == 0;
		if (!begins)
			continue;
		/* The first number holds two: 40 * a + b, where b < 40 if a < 2. */
		uint64_t top = arc < 80 ? arc / 40 : 2;
		int n = used == 0 ? snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64,
		                             top, arc - top * 40)
		                  : snprintf(text + used, sizeof text - used,
		                             ".%" PRIu64, arc);
		if (n < 0 || (size_t)n >= sizeof text - used)
			return false;
		used += (size_t)n;
		arc = 0;
	}
	memcpy(out, text, sizeof text);
	return true;
}

/* One number of a dotted text; *text moves behind it and its dot. */
static bool take_arc(const char **text, uint64_t *arc)
{
	const char *p = *text;

	if (*p < '0' || *p > '9')
		return false;
	for (*arc = 0; *p >= '0' && *p <= '9'; p++) {
		if (*arc >> 56 != 0)
			return false;
		*arc = *arc * 10 + (uint64_t)(*p - '0');
	}
	/* A dot has a number behind it. */
	if (*p == '.' && p[1] != '\0')
		p++;
	else if (*p != '\0')
		return false;
	*text = p;
	return true;
}

static bool put_arc(struct buf *out, uint64_t arc, struct error *err)
{
	unsigned char bytes[10];
	size_t n = sizeof bytes;

	bytes[--n] = arc & 0x7f;
	while ((arc >>= 7) != 0)
		bytes[--n] = (unsigned char)(0x80 | (arc & 0x7f));
	return buf_append(out, slice_of(bytes + n, sizeof bytes - n), err);
}

bool der_oid_bytes(struct buf *out, const char *dotted, struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(DER_OID_MAX_BYTES);
	const char *text = dotted;
	uint64_t first = 0, second = 0, arc = 0;

	if (!take_arc(&text, &first) || *text == '\0' || !take_arc(&text, &second) ||
	    first > 2 || (first < 2 && second > 39))
		return error_set(err, ERROR_USAGE, "\"%s\" is no object identifier",
		                 dotted);
	if (!put_arc(&bytes, first * 40 + second, err))
		return false;
	while (*text != '\0') {
		if (!take_arc(&text, &arc))
			return error_set(err, ERROR_USAGE,
			                 "\"%s\" is no object identifier", dotted);
		if (!put_arc(&bytes, arc, err))
			return false;
	}
	return buf_append(out, buf_slice(&bytes), err);
}

#define SET_ELEMENT_MAX ((size_t)16 << 20)

bool der_set_add(struct der_set *set, struct slice element, struct error *err)
{
	if (set->count == DER_SET_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "a DER set has more than %d elements", DER_SET_MAX);
	set->bytes[set->count] = BUF_INIT(SET_ELEMENT_MAX);
	return buf_append(&set->bytes[set->count++], element, err);
}

/* As octet strings, the shorter one padded with zeros: so a prefix comes first. */
static int by_encoding(const void *a, const void *b, const void *ctx)
{
	const struct buf *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = n > 0 ? memcmp(x->p, y->p, n) : 0;

	(void)ctx;
	return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

bool der_set_put(struct buf *out, unsigned tag, const struct der_set *set,
                 struct error *err)
{
	struct buf sorted[DER_SET_MAX];
	AUTO(buf_free) struct buf content = BUF_INIT(SET_ELEMENT_MAX);

	memcpy(sorted, set->bytes, set->count * sizeof *sorted);
	mem_sort(sorted, set->count, sizeof *sorted, by_encoding, NULL);
	for (size_t i = 0; i < set->count; i++)
		if (!buf_append(&content, buf_slice(&sorted[i]), err))
			return false;
	return der_put(out, tag, buf_slice(&content), err);
}

void der_set_free(struct der_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		buf_free(&set->bytes[i]);
	set->count = 0;
}
