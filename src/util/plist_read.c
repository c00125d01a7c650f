/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Property lists in: guard, libplist, conversion into our tree.
 */
#include <plist/plist.h>
#include <stdlib.h>

#include "util/mem.h"
#include "util/plist_impl.h"

#define MAC_EPOCH_S 978307200 /* 2001-01-01 in Unix time */

bool pl_is_binary(struct slice bytes)
{
	return bytes.n >= 8 && memcmp(bytes.p, "bplist0", 7) == 0;
}

bool pl_looks_like(struct slice bytes)
{
	struct slice start = slice_of(bytes.p, bytes.n < 1024 ? bytes.n : 1024);

	if (pl_is_binary(bytes))
		return true;
	start = slice_skip_space(start);
	if (start.n >= 3 && memcmp(start.p, "\xef\xbb\xbf", 3) == 0)
		start = slice_of(start.p + 3, start.n - 3);
	return start.n > 0 && start.p[0] == '<' &&
	       (slice_cut(start, slice_str("<plist"), NULL, NULL) ||
	        slice_cut(start, slice_str("<!DOCTYPE plist"), NULL, NULL));
}

struct convert {
	const char *what;
	size_t keys; /* of all dictionaries so far */
};

static bool is_utf8(const char *text, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)text[i];
		size_t extra = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || i + extra >= n)
			return false;
		for (size_t k = 1; k <= extra; k++)
			if (((unsigned char)text[i + k] & 0xc0) != 0x80)
				return false;
		i += extra + 1;
	}
	return true;
}

static bool convert_string(struct pl **out, struct convert *c, plist_t node,
                           struct error *err)
{
	uint64_t n = 0;
	const char *text = plist_get_string_ptr(node, &n);

	if (text == NULL || n > PL_MAX_BYTES || strlen(text) != n || !is_utf8(text, n))
		return error_set(err, ERROR_FORMAT,
		                 "%s has a string that is not UTF-8 text", c->what);
	*out = pl_new_string(text);
	return true;
}

static bool convert_node(struct pl **out, struct convert *c, plist_t node,
                         struct error *err);

static bool convert_array(struct pl *array, struct convert *c, plist_t node,
                          struct error *err)
{
	plist_array_iter at = NULL;
	plist_t item = NULL;
	bool ok = true;

	plist_array_new_iter(node, &at);
	plist_array_next_item(node, at, &item);
	while (ok && item != NULL) {
		struct pl *value = NULL;

		ok = convert_node(&value, c, item, err);
		if (ok)
			pl_append(array, value);
		plist_array_next_item(node, at, &item);
	}
	free(at);
	return ok;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Two parsers that disagree about which of two keys counts: an old hole. */
static bool check_unique(const struct pl *dict, const struct convert *c,
                         struct error *err)
{
	bool ok = true;

	if (dict->count < 2)
		return true;
	char **sorted = mem_zero(dict->count, sizeof *sorted);
	memcpy(sorted, dict->keys, dict->count * sizeof *sorted);
	qsort(sorted, dict->count, sizeof *sorted, by_text);
	for (size_t i = 1; ok && i < dict->count; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			ok = error_set(err, ERROR_FORMAT, "%s has the key \"%s\" twice",
			               c->what, sorted[i]);
	free(sorted);
	return ok;
}

static bool convert_dict(struct pl *dict, struct convert *c, plist_t node,
                         struct error *err)
{
	plist_dict_iter at = NULL;
	plist_t item = NULL;
	char *key = NULL;
	bool ok = true;

	plist_dict_new_iter(node, &at);
	plist_dict_next_item(node, at, &key, &item);
	while (ok && item != NULL) {
		struct pl *value = NULL;

		c->keys++;
		ok = key != NULL && is_utf8(key, strlen(key))
		             ? convert_node(&value, c, item, err)
		             : error_set(err, ERROR_FORMAT,
		                         "%s has a key that is not UTF-8 text",
		                         c->what);
		if (ok)
			pl_append_key(dict, key, value);
		free(key);
		key = NULL;
		plist_dict_next_item(node, at, &key, &item);
	}
	free(key);
	free(at);
	return ok && check_unique(dict, c, err);
}

static struct pl *convert_scalar(plist_type type, plist_t node)
{
	uint8_t boolean = 0;
	uint64_t number = 0;
	double real = 0;
	int32_t seconds = 0, microseconds = 0;
	const char *data;

	switch (type) {
	case PLIST_BOOLEAN:
		plist_get_bool_val(node, &boolean);
		return pl_new_bool(boolean != 0);
	case PLIST_UINT:
		plist_get_uint_val(node, &number);
		return pl_new_int((int64_t)number);
	case PLIST_REAL:
		plist_get_real_val(node, &real);
		return pl_new_real(real);
	case PLIST_DATE:
		plist_get_date_val(node, &seconds, &microseconds);
		return pl_new_date((int64_t)seconds + MAC_EPOCH_S);
	case PLIST_DATA:
		data = plist_get_data_ptr(node, &number);
		return pl_new_data(slice_of(data, data != NULL ? (size_t)number : 0));
	default:
		return NULL;
	}
}

/* Depth was bounded by the guard. */
static bool convert_node(struct pl **out, struct convert *c, plist_t node,
                         struct error *err)
{
	AUTO(drop_pl) struct pl *value = NULL;
	plist_type type = plist_get_node_type(node);
	uint64_t uid = 0;
	bool ok = true;

	if (type == PLIST_STRING)
		return convert_string(out, c, node, err);
	if (type == PLIST_ARRAY) {
		value = pl_new_array();
		ok = convert_array(value, c, node, err);
	} else if (type == PLIST_DICT) {
		value = pl_new_dict();
		ok = convert_dict(value, c, node, err);
	} else if (type == PLIST_UID) {
		plist_get_uid_val(node, &uid);
		value = pl_new_int((int64_t)uid);
		value->type = PL_UID;
		c->keys++; /* in XML it is a dictionary of one key */
	} else {
		value = convert_scalar(type, node);
		ok = value != NULL ||
		     error_set(err, ERROR_FORMAT, "%s has a value of an unknown type",
		               c->what);
	}
	if (ok)
		*out = STEAL(value);
	return ok;
}

static void drop_node(plist_t *node)
{
	plist_free(*node);
}

bool pl_parse(struct pl **out, struct slice bytes, const char *what, struct error *err)
{
	struct convert c = { .what = what };
	AUTO(drop_node) plist_t node = NULL;
	AUTO(drop_pl) struct pl *root = NULL;
	size_t keys = 0;
	bool binary = pl_is_binary(bytes);

	if (bytes.n > PL_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "%s is larger than %zu bytes", what,
		                 PL_MAX_BYTES);
	if (!(binary ? pl_guard_binary(bytes, what, err)
	             : pl_guard_xml(&keys, bytes, what, err)))
		return false;
	if (binary)
		plist_from_bin((const char *)bytes.p, (uint32_t)bytes.n, &node);
	else
		plist_from_xml((const char *)bytes.p, (uint32_t)bytes.n, &node);
	if (node == NULL) {
		error_set(err, ERROR_FORMAT, "%s is not a property list", what);
		return error_cause(err, "It is damaged, or another kind of file.");
	}
	if (!convert_node(&root, &c, node, err))
		return false;
	if (!binary && c.keys != keys)
		return error_set(err, ERROR_FORMAT, "%s has a key twice", what);
	*out = STEAL(root);
	return true;
}

/* ---- binary out ---- */

/* Depth: trees are parsed with PL_MAX_DEPTH or made by our own code. */
static plist_t to_node(const struct pl *v)
{
	plist_t node;

	switch (v->type) {
	case PL_BOOL:
		return plist_new_bool(v->boolean);
	case PL_INT:
		return plist_new_uint((uint64_t)v->integer);
	case PL_REAL:
		return plist_new_real(v->real);
	case PL_STRING:
		return plist_new_string(pl_text(v));
	case PL_DATA:
		return plist_new_data((const char *)v->bytes.p, v->bytes.n);
	case PL_DATE:
		return plist_new_date((int32_t)(v->integer - MAC_EPOCH_S), 0);
	case PL_UID:
		return plist_new_uid((uint64_t)v->integer);
	case PL_ARRAY:
		node = plist_new_array();
		for (size_t i = 0; i < v->count; i++)
			plist_array_append_item(node, to_node(v->items[i]));
		return node;
	default:
		node = plist_new_dict();
		for (size_t i = 0; i < v->count; i++)
			plist_dict_set_item(node, v->keys[i], to_node(v->items[i]));
		return node;
	}
}

bool pl_write_binary(struct buf *out, const struct pl *root, struct error *err)
{
	AUTO(drop_node) plist_t node = to_node(root);
	char *bytes = NULL;
	uint32_t n = 0;

	plist_to_bin(node, &bytes, &n);
	if (bytes == NULL)
		return error_set(err, ERROR_INTERNAL,
		                 "could not write a property list");
	bool ok = buf_append(out, slice_of(bytes, n), err);
	free(bytes);
	return ok;
}
