/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ber.h"
#include "util/plural.h"

#include <stdint.h>

#define INDEFINITE  SIZE_MAX
#define CONSTRUCTED 0x20U

static bool bad(struct error *err, const char *what)
{
	return error_set(err, ERROR_FORMAT, "not a signed message: %s", what);
}

/* The length octets of a tag; INDEFINITE for 80. */
static bool take_length(struct slice *in, unsigned tag, size_t *length,
                        struct error *err)
{
	unsigned first = in->p[0];
	size_t v = 0, n = first & 0x7f;

	*in = slice_of(in->p + 1, in->n - 1);
	if (first < 0x80) {
		*length = first;
		return true;
	}
	if (n == 0) {
		*length = INDEFINITE;
		return (tag & CONSTRUCTED) != 0 || bad(err, "a value has no length");
	}
	if (n > 4)
		return bad(err, "a length is too large");
	if (n > in->n)
		return bad(err, "it is cut short");
	for (size_t i = 0; i < n; i++)
		v = v << 8 | in->p[i];
	*in = slice_of(in->p + n, in->n - n);
	*length = v;
	return true;
}

/* Tag and length at the front of *in. */
static bool take_header(struct slice *in, unsigned *tag, size_t *length,
                        struct error *err)
{
	if (in->n < 2)
		return bad(err, "it is cut short");
	*tag = in->p[0];
	if ((*tag & 0x1f) == 0x1f)
		return bad(err, "a tag of several bytes");
	*in = slice_of(in->p + 1, in->n - 1);
	if (!take_length(in, *tag, length, err))
		return false;
	if (*length != INDEFINITE && *length > in->n)
		return bad(err, "it is cut short");
	return true;
}

static bool is_end_mark(unsigned tag, size_t length)
{
	return tag == 0 && length == 0;
}

/* The values that are open: where each ends; NULL: at its end mark. */
struct open {
	const unsigned char *ends[BER_MAX_NESTING];
	size_t depth;
};

static bool open_value(struct open *open, const unsigned char *end, struct error *err)
{
	if (open->depth == BER_MAX_NESTING)
		return error_set(err, ERROR_LIMIT,
		                 "values are nested more than %d deep",
		                 BER_MAX_NESTING);
	open->ends[open->depth++] = end;
	return true;
}

static bool close_indefinite(struct open *open, struct error *err)
{
	if (open->depth == 0 || open->ends[open->depth - 1] != NULL)
		return bad(err, "an end mark stands alone");
	open->depth--;
	return true;
}

/* Close what ends here; nothing may have gone past its end. */
static bool close_definite(struct open *open, const unsigned char *here,
                           struct error *err)
{
	while (open->depth > 0 && open->ends[open->depth - 1] != NULL) {
		const unsigned char *end = open->ends[open->depth - 1];

		if (here > end)
			return bad(err, "a value reaches past its parent");
		if (here < end)
			return true;
		open->depth--;
	}
	return true;
}

bool ber_check(struct slice all, struct error *err)
{
	struct open open = { .depth = 0 };
	struct slice in = all;

	do {
		unsigned tag = 0;
		size_t n = 0;
		bool ok;

		if (!take_header(&in, &tag, &n, err))
			return false;
		if (is_end_mark(tag, n)) {
			ok = close_indefinite(&open, err);
		} else if ((tag & CONSTRUCTED) != 0) {
			ok = open_value(&open, n == INDEFINITE ? NULL : in.p + n, err);
		} else {
			in = slice_of(in.p + n, in.n - n);
			ok = true;
		}
		if (!ok || !close_definite(&open, in.p, err))
			return false;
	} while (open.depth > 0);
	if (in.n > 0)
		return error_set(err, ERROR_FORMAT, "there %s %zu %s after its end",
		                 plural(in.n, "is", "are"), in.n,
		                 plural(in.n, "byte", "bytes"));
	return true;
}

/* Move *in behind the end mark that closes the value whose content it starts. */
static bool skip_to_end_mark(struct slice *in, size_t *content_n, struct error *err)
{
	const unsigned char *start = in->p;
	size_t depth = 1;

	while (depth > 0) {
		const unsigned char *at = in->p;
		unsigned tag = 0;
		size_t n = 0;

		if (!take_header(in, &tag, &n, err))
			return false;
		if (is_end_mark(tag, n)) {
			depth--;
			*content_n = (size_t)(at - start);
		} else if (n == INDEFINITE) {
			depth++;
		} else {
			*in = slice_of(in->p + n, in->n - n);
		}
	}
	return true;
}

bool ber_next(struct slice *in, unsigned *tag, struct slice *content, struct error *err)
{
	struct slice rest = *in;
	unsigned found = 0;
	size_t n = 0;

	if (!take_header(&rest, &found, &n, err))
		return false;
	const unsigned char *start = rest.p;
	if (n != INDEFINITE)
		rest = slice_of(rest.p + n, rest.n - n);
	else if (!skip_to_end_mark(&rest, &n, err))
		return false;
	*tag = found;
	*content = slice_of(start, n);
	*in = rest;
	return true;
}
