/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/plistder.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/der.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/utf8.h"

#define TAG_ROOT 0x70U /* [APPLICATION 16] */
#define TAG_DICT 0xb0U /* [16] */
#define VERSION  1

/* ---- reading ---- */

struct reading {
	unsigned dict_tag; /* of dictionaries in this form: B0, or SET */
	size_t nodes;      /* values so far */
};

/* One dictionary entry, its value not yet read. */
struct entry {
	struct slice key, content;
	unsigned tag;
};

struct entries {
	struct entry *items;
	size_t count, cap;
};

static void drop_entries(struct entries *e)
{
	free(e->items);
}

static bool read_value(struct pl **out, struct reading *r, unsigned tag,
                       struct slice content, unsigned depth, struct error *err);

static bool check_depth(unsigned depth, struct error *err)
{
	if (depth <= PLISTDER_MAX_DEPTH)
		return true;
	return error_set(err, ERROR_LIMIT, "values are nested more than %d deep",
	                 PLISTDER_MAX_DEPTH);
}

/* Text that a struct pl can hold: UTF-8 without NUL. */
static bool check_text(struct slice text, const char *what, struct error *err)
{
	if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL)
		return error_set(err, ERROR_FORMAT, "%s has a NUL byte", what);
	for (size_t i = 0, n; i < text.n; i += n) {
		n = utf8_next(NULL, slice_of(text.p + i, text.n - i));
		if (n == 0)
			return error_set(err, ERROR_FORMAT, "%s is not UTF-8", what);
	}
	return true;
}

/* Take SEQUENCE { key, value } off the front of a dictionary's content. */
static bool take_entry(struct entry *out, struct slice *dict, struct error *err)
{
	struct slice in = { 0 };

	if (!der_expect(dict, DER_SEQUENCE, &in, err) ||
	    !der_expect(&in, DER_UTF8, &out->key, err) ||
	    !check_text(out->key, "a key", err) ||
	    !der_next(&in, &out->tag, &out->content, err))
		return false;
	if (in.n > 0)
		return error_set(err, ERROR_FORMAT,
		                 "a dictionary entry has more than key and value");
	return true;
}

static int by_key(const void *a, const void *b, const void *ctx)
{
	const struct entry *x = a, *y = b;
	size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
	int order = n > 0 ? memcmp(x->key.p, y->key.p, n) : 0;

	(void)ctx;
	return order != 0 ? order : (x->key.n > y->key.n) - (x->key.n < y->key.n);
}

/* All entries, sorted by key: so duplicates show at little cost. */
static bool collect_entries(struct entries *out, struct reading *r, struct slice dict,
                            struct error *err)
{
	while (dict.n > 0) {
		struct entry entry = { 0 };

		if (!take_entry(&entry, &dict, err))
			return false;
		if (r->nodes + out->count >= PLISTDER_MAX_NODES)
			return error_set(err, ERROR_LIMIT,
			                 "there are more than %zu values",
			                 PLISTDER_MAX_NODES);
		out->items =
			mem_grow(out->items, out->count, &out->cap, sizeof *out->items);
		out->items[out->count++] = entry;
	}
	if (out->count == 0)
		return true;
	mem_sort(out->items, out->count, sizeof *out->items, by_key, NULL);
	for (size_t i = 1; i < out->count; i++)
		if (slice_equal(out->items[i - 1].key, out->items[i].key))
			return error_set(err, ERROR_FORMAT,
			                 "the key \"%.*s\" is there twice",
			                 (int)out->items[i].key.n,
			                 (const char *)out->items[i].key.p);
	return true;
}

static bool read_dict(struct pl **out, struct reading *r, struct slice content,
                      unsigned depth, struct error *err)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();
	AUTO(drop_entries) struct entries entries = { 0 };

	if (!check_depth(depth, err) || !collect_entries(&entries, r, content, err))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		const struct entry *e = &entries.items[i];
		AUTO(drop_str) char *key = mem_str(e->key.p, e->key.n);
		struct pl *value = NULL;

		if (!read_value(&value, r, e->tag, e->content, depth + 1, err))
			return false;
		pl_append_key(dict, key, value);
	}
	*out = STEAL(dict);
	return true;
}

static bool read_array(struct pl **out, struct reading *r, struct slice content,
                       unsigned depth, struct error *err)
{
	AUTO(drop_pl) struct pl *array = pl_new_array();

	if (!check_depth(depth, err))
		return false;
	while (content.n > 0) {
		struct slice item = { 0 };
		unsigned tag = 0;
		struct pl *value = NULL;

		if (!der_next(&content, &tag, &item, err) ||
		    !read_value(&value, r, tag, item, depth + 1, err))
			return false;
		pl_append(array, value);
	}
	*out = STEAL(array);
	return true;
}

static bool read_bool(struct pl **out, struct slice content, struct error *err)
{
	/* DER says ff; real signatures of other tools have 01 too. */
	if (content.n != 1)
		return error_set(err, ERROR_FORMAT,
		                 "not DER: a boolean has not one byte");
	*out = pl_new_bool(content.p[0] != 0);
	return true;
}

static bool read_integer(struct pl **out, struct slice content, struct error *err)
{
	int64_t v = 0;

	if (!der_int64(&v, content, err))
		return false;
	*out = pl_new_int(v);
	return true;
}

static bool read_string(struct pl **out, struct slice content, struct error *err)
{
	if (!check_text(content, "a string", err))
		return false;
	AUTO(drop_str) char *text = mem_str(content.p, content.n);
	*out = pl_new_string(text);
	return true;
}

static bool read_value(struct pl **out, struct reading *r, unsigned tag,
                       struct slice content, unsigned depth, struct error *err)
{
	if (++r->nodes > PLISTDER_MAX_NODES)
		return error_set(err, ERROR_LIMIT, "there are more than %zu values",
		                 PLISTDER_MAX_NODES);
	if (tag == r->dict_tag)
		return read_dict(out, r, content, depth, err);
	switch (tag) {
	case DER_BOOLEAN:
		return read_bool(out, content, err);
	case DER_INTEGER:
		return read_integer(out, content, err);
	case DER_UTF8:
		return read_string(out, content, err);
	case DER_SEQUENCE:
		return read_array(out, r, content, depth, err);
	default:
		return error_set(err, ERROR_FORMAT,
		                 "a value has a tag that entitlements do not have: %#x",
		                 tag);
	}
}

/* The version and the dictionary inside 70 { ... }. */
static bool read_current(struct pl **out, struct slice content, struct error *err)
{
	struct reading r = { .dict_tag = TAG_DICT };
	struct slice number = { 0 }, dict = { 0 };
	int64_t version = 0;

	if (!der_expect(&content, DER_INTEGER, &number, err) ||
	    !der_int64(&version, number, err))
		return false;
	if (version != VERSION)
		return error_set(err, ERROR_FORMAT, "DER entitlements of version %lld",
		                 (long long)version);
	if (!der_expect(&content, TAG_DICT, &dict, err))
		return false;
	if (content.n > 0)
		return error_set(err, ERROR_FORMAT, "DER entitlements have %zu %s more",
		                 content.n, plural(content.n, "byte", "bytes"));
	return read_dict(out, &r, dict, 0, err);
}

static bool read_set(struct pl **out, struct slice content, struct error *err)
{
	struct reading r = { .dict_tag = DER_SET };

	return read_dict(out, &r, content, 0, err);
}

bool plistder_parse(struct pl **out, struct slice der, struct error *err)
{
	struct slice content = { 0 };
	unsigned tag = 0;

	if (der.n > PLISTDER_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "DER is larger than %zu bytes",
		                 PLISTDER_MAX_BYTES);
	if (!der_next(&der, &tag, &content, err))
		return false;
	if (der.n > 0)
		return error_set(err, ERROR_FORMAT, "DER has %zu %s after its end",
		                 der.n, plural(der.n, "byte", "bytes"));
	if (tag == TAG_ROOT)
		return read_current(out, content, err);
	if (tag == DER_SET)
		return read_set(out, content, err);
	return error_set(err, ERROR_FORMAT, "DER does not begin with a dictionary");
}

/* ---- writing ---- */

static bool put_value(struct buf *out, const char *key, const struct pl *v,
                      unsigned depth, struct error *err);

struct named {
	const char *key;
	const struct pl *value;
};

static int by_name(const void *a, const void *b, const void *ctx)
{
	const struct named *x = a, *y = b;

	(void)ctx;
	return strcmp(x->key, y->key);
}

static bool put_entry(struct buf *out, const char *key, const struct pl *value,
                      unsigned depth, struct error *err)
{
	AUTO(buf_free) struct buf entry = BUF_INIT(PLISTDER_MAX_BYTES);

	return der_put(&entry, DER_UTF8, slice_str(key), err) &&
	       put_value(&entry, key, value, depth, err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&entry), err);
}

static bool put_dict(struct buf *out, const struct pl *dict, unsigned depth,
                     struct error *err)
{
	AUTO(buf_free) struct buf entries = BUF_INIT(PLISTDER_MAX_BYTES);
	struct named *sorted;
	bool ok = true;

	if (!check_depth(depth, err))
		return false;
	sorted = mem_zero(dict->count + 1, sizeof *sorted);
	for (size_t i = 0; i < dict->count; i++)
		sorted[i] = (struct named){ dict->keys[i], dict->items[i] };
	mem_sort(sorted, dict->count, sizeof *sorted, by_name, NULL);
	for (size_t i = 0; ok && i < dict->count; i++)
		ok = put_entry(&entries, sorted[i].key, sorted[i].value, depth + 1,
		               err);
	free(sorted);
	return ok && der_put(out, TAG_DICT, buf_slice(&entries), err);
}

static bool put_array(struct buf *out, const char *key, const struct pl *array,
                      unsigned depth, struct error *err)
{
	AUTO(buf_free) struct buf items = BUF_INIT(PLISTDER_MAX_BYTES);

	if (!check_depth(depth, err))
		return false;
	for (size_t i = 0; i < array->count; i++)
		if (!put_value(&items, key, array->items[i], depth + 1, err))
			return false;
	return der_put(out, DER_SEQUENCE, buf_slice(&items), err);
}

static bool cannot(struct error *err, const char *key, const char *what)
{
	error_set(err, ERROR_USAGE,
	          "entitlement \"%s\" is %s: it cannot be represented", key, what);
	return error_cause(err,
	                   "Signed entitlements know booleans, integers of 64 bits, "
	                   "strings, arrays and dictionaries.");
}

static bool put_value(struct buf *out, const char *key, const struct pl *v,
                      unsigned depth, struct error *err)
{
	unsigned char boolean = v->boolean ? 0xff : 0;

	switch (v->type) {
	case PL_BOOL:
		return der_put(out, DER_BOOLEAN, slice_of(&boolean, 1), err);
	case PL_INT:
		if (v->is_unsigned)
			return cannot(err, key, "an integer of more than 63 bits");
		return der_put_int64(out, v->integer, err);
	case PL_STRING:
		return der_put(out, DER_UTF8, v->bytes, err);
	case PL_ARRAY:
		return put_array(out, key, v, depth, err);
	case PL_DICT:
		return put_dict(out, v, depth, err);
	default:
		return cannot(err, key, pl_type_name(v->type));
	}
}

bool plistder_encode(struct buf *out, const struct pl *dict, struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(PLISTDER_MAX_BYTES);

	if (dict->type != PL_DICT)
		return error_set(err, ERROR_USAGE,
		                 "entitlements are %s, not a dictionary",
		                 pl_type_name(dict->type));
	return der_put_int64(&body, VERSION, err) && put_dict(&body, dict, 0, err) &&
	       der_put(out, TAG_ROOT, buf_slice(&body), err);
}
