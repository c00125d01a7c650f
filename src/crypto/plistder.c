/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/plistder.h"

#include <stdlib.h>

#include "crypto/der.h"
#include "util/mem.h"

#define TAG_ROOT 0x70U /* [APPLICATION 16] */
#define TAG_DICT 0xb0U /* [16] */
#define VERSION  1

/* ---- reading ---- */

static bool read_value(struct pl **out, unsigned tag, struct slice content,
                       unsigned depth, struct error *err);

/* Key and value of one dictionary entry. */
static bool read_entry(struct pl *dict, struct slice entry, unsigned depth,
                       struct error *err)
{
	struct slice key = { 0 }, content = { 0 };
	unsigned tag = 0;
	struct pl *value = NULL;

	if (!der_expect(&entry, DER_UTF8, &key, err) ||
	    !der_next(&entry, &tag, &content, err))
		return false;
	if (entry.n > 0)
		return error_set(err, ERROR_FORMAT,
		                 "a dictionary entry has more than key and value");
	AUTO(drop_str) char *name = mem_str(key.p, key.n);
	if (strlen(name) != key.n)
		return error_set(err, ERROR_FORMAT, "a key has a NUL byte");
	if (pl_get(dict, name) != NULL)
		return error_set(err, ERROR_FORMAT, "the key \"%s\" is there twice",
		                 name);
	if (!read_value(&value, tag, content, depth, err))
		return false;
	pl_set(dict, name, value);
	return true;
}

static bool check_depth(unsigned depth, struct error *err)
{
	if (depth <= PLISTDER_MAX_DEPTH)
		return true;
	return error_set(err, ERROR_LIMIT, "values are nested more than %d deep",
	                 PLISTDER_MAX_DEPTH);
}

static bool read_dict(struct pl **out, struct slice content, unsigned depth,
                      struct error *err)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();

	if (!check_depth(depth, err))
		return false;
	while (content.n > 0) {
		struct slice entry = { 0 };

		if (!der_expect(&content, DER_SEQUENCE, &entry, err) ||
		    !read_entry(dict, entry, depth + 1, err))
			return false;
	}
	*out = STEAL(dict);
	return true;
}

static bool read_array(struct pl **out, struct slice content, unsigned depth,
                       struct error *err)
{
	AUTO(drop_pl) struct pl *array = pl_new_array();

	if (!check_depth(depth, err))
		return false;
	while (content.n > 0) {
		struct slice item = { 0 };
		unsigned tag = 0;
		struct pl *value = NULL;

		if (!der_next(&content, &tag, &item, err) ||
		    !read_value(&value, tag, item, depth + 1, err))
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

static bool read_string(struct pl **out, struct slice content, struct error *err)
{
	AUTO(drop_str) char *text = mem_str(content.p, content.n);

	if (strlen(text) != content.n)
		return error_set(err, ERROR_FORMAT, "a string has a NUL byte");
	*out = pl_new_string(text);
	return true;
}

static bool read_value(struct pl **out, unsigned tag, struct slice content,
                       unsigned depth, struct error *err)
{
	int64_t integer = 0;

	switch (tag) {
	case DER_BOOLEAN:
		return read_bool(out, content, err);
	case DER_INTEGER:
		if (!der_int64(&integer, content, err))
			return false;
		*out = pl_new_int(integer);
		return true;
	case DER_UTF8:
	case DER_NUMERIC:
		return read_string(out, content, err);
	case DER_OCTET_STRING:
		*out = pl_new_data(content);
		return true;
	case DER_SEQUENCE:
		return read_array(out, content, depth, err);
	case DER_SET:
	case TAG_DICT:
		return read_dict(out, content, depth, err);
	default:
		return error_set(err, ERROR_FORMAT, "a value has the unknown tag %#x",
		                 tag);
	}
}

/* The version and the dictionary inside 70 { ... }. */
static bool read_root(struct pl **out, struct slice content, struct error *err)
{
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
		return error_set(err, ERROR_FORMAT,
		                 "DER entitlements have %zu bytes more", content.n);
	return read_dict(out, dict, 0, err);
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
		return error_set(err, ERROR_FORMAT, "DER has %zu bytes after its end",
		                 der.n);
	if (tag == TAG_ROOT)
		return read_root(out, content, err);
	if (tag == DER_SET)
		return read_dict(out, content, 0, err);
	return error_set(err, ERROR_FORMAT, "DER does not begin with a dictionary");
}

/* ---- writing ---- */

static bool put_value(struct buf *out, const char *key, const struct pl *v,
                      unsigned depth, struct error *err);

static int by_key(const void *a, const void *b, const void *ctx)
{
	const struct pl *dict = ctx;

	return strcmp(dict->keys[*(const size_t *)a], dict->keys[*(const size_t *)b]);
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
	size_t *order = mem_zero(dict->count + 1, sizeof *order);
	bool ok = true;

	for (size_t i = 0; i < dict->count; i++)
		order[i] = i;
	mem_sort(order, dict->count, sizeof *order, by_key, dict);
	for (size_t i = 0; ok && i < dict->count; i++)
		ok = put_entry(&entries, dict->keys[order[i]], dict->items[order[i]],
		               depth + 1, err);
	free(order);
	return ok && der_put(out, TAG_DICT, buf_slice(&entries), err);
}

static bool put_array(struct buf *out, const char *key, const struct pl *array,
                      unsigned depth, struct error *err)
{
	AUTO(buf_free) struct buf items = BUF_INIT(PLISTDER_MAX_BYTES);

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

	if (!check_depth(depth, err))
		return false;
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
