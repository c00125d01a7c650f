/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the binary form through libplist, once plist_guard.c has let it pass.
 */
#include <plist/plist.h>
#include <stdlib.h>

#include "util/mem.h"
#include "util/plist_impl.h"

#define EPOCH_2001_S INT64_C(978307200)

static struct pl *convert(plist_t node);

static void drop_plist(plist_t *node)
{
	if (*node != NULL)
		plist_free(*node);
}

/*
 * What libplist's XML says about one scalar: the way to values that the getters
 * of 2.2 cannot tell apart: -1 and 2^64 - 1.
 */
static struct pl *convert_through_xml(plist_t node)
{
	struct error ignored = { 0 };
	struct pl *made = NULL;
	uint32_t n = 0;
	char *xml = NULL;

	plist_to_xml(node, &xml, &n);
	if (xml != NULL && !pl_read_xml(&made, slice_of(xml, n), "", &ignored))
		made = NULL;
	free(xml);
	return made;
}

static struct pl *convert_integer(plist_t node)
{
	uint64_t v = 0;

	plist_get_uint_val(node, &v);
	return v > INT64_MAX ? convert_through_xml(node) : pl_new_uint(v);
}

/*
 * The same for dates, which the getters cut to 32 bits of seconds.  libplist's XML
 * has the year of strftime(), which is 506 and not 0506; [NSDate distantPast] is in
 * the year 1.
 */
static struct pl *convert_far_date(plist_t node)
{
	static const char tag[] = "<date>";
	struct pl *made = NULL;
	uint32_t n = 0;
	char *xml = NULL;

	plist_to_xml(node, &xml, &n);
	const char *at = xml != NULL ? strstr(xml, tag) : NULL;
	if (at != NULL) {
		const char *text = at + sizeof tag - 1;
		size_t digits = strspn(text, "0123456789");
		AUTO(drop_str)
		char *padded =
			mem_format("%.*s%.*s", digits < 4 ? (int)(4 - digits) : 0,
		                   "000", (int)strcspn(text, "<"), text);

		if (!pl_scalar_find(slice_str("date"))
		             ->make(&made, slice_str(padded))) {
			pl_free(made);
			made = NULL;
		}
	}
	free(xml);
	return made;
}

static struct pl *convert_date(plist_t node)
{
	int32_t seconds = 0, microseconds = 0;

	plist_get_date_val(node, &seconds, &microseconds);
	if (seconds == INT32_MIN || seconds == INT32_MAX)
		return convert_far_date(node);
	return pl_new_date(seconds + EPOCH_2001_S);
}

static struct pl *convert_array(plist_t node)
{
	AUTO(drop_pl) struct pl *array = pl_new_array();
	plist_array_iter iter = NULL;
	plist_t item = NULL;

	plist_array_new_iter(node, &iter);
	for (;;) {
		plist_array_next_item(node, iter, &item);
		struct pl *made = item != NULL ? convert(item) : NULL;
		if (made == NULL)
			break;
		pl_append(array, made);
	}
	free(iter);
	return item == NULL ? STEAL(array) : NULL;
}

static struct pl *convert_dict(plist_t node)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();
	plist_dict_iter iter = NULL;
	plist_t item = NULL;

	plist_dict_new_iter(node, &iter);
	for (;;) {
		char *key = NULL;

		plist_dict_next_item(node, iter, &key, &item);
		struct pl *made = item != NULL ? convert(item) : NULL;
		if (made == NULL) {
			free(key);
			break;
		}
		pl_dict_add(dict, key, made);
	}
	free(iter);
	return item == NULL ? STEAL(dict) : NULL;
}

/* NULL for what libplist could not read; the depth is bounded by the guard. */
static struct pl *convert(plist_t node)
{
	uint8_t boolean = 0;
	uint64_t n = 0;
	double real = 0;
	const char *p;

	switch (plist_get_node_type(node)) {
	case PLIST_BOOLEAN:
		plist_get_bool_val(node, &boolean);
		return pl_new_bool(boolean != 0);
	case PLIST_UINT:
		return convert_integer(node);
	case PLIST_REAL:
		plist_get_real_val(node, &real);
		return pl_new_real(real);
	case PLIST_DATE:
		return convert_date(node);
	case PLIST_STRING:
		p = plist_get_string_ptr(node, &n);
		return pl_new_text(slice_of(p, (size_t)n));
	case PLIST_DATA:
		p = plist_get_data_ptr(node, &n);
		return pl_new_data(slice_of(p, (size_t)n));
	case PLIST_UID:
		plist_get_uid_val(node, &n);
		return pl_new_uid((uint32_t)n);
	case PLIST_ARRAY:
		return convert_array(node);
	case PLIST_DICT:
		return convert_dict(node);
	default:
		return NULL;
	}
}

/* A key that a dictionary inside v has twice, or NULL. */
static const char *sort_dicts(struct pl *v)
{
	const char *twice = v->type == PL_DICT ? pl_dict_sort(v) : NULL;

	for (size_t i = 0; twice == NULL && i < v->count; i++)
		twice = sort_dicts(v->items[i]);
	return twice;
}

bool pl_read_binary(struct pl **out, struct slice bytes, const char *what,
                    struct error *err)
{
	AUTO(drop_plist) plist_t node = NULL;
	AUTO(drop_pl) struct pl *root = NULL;

	if (!pl_binary_guard(bytes, what, err))
		return false;
	plist_from_bin((const char *)bytes.p, (uint32_t)bytes.n, &node);
	if (node != NULL)
		root = convert(node);
	if (root == NULL)
		return error_set(err, ERROR_FORMAT,
		                 "\"%s\" is not a valid property list: libplist could "
		                 "not read it",
		                 what);

	const char *twice = sort_dicts(root);
	if (twice != NULL) {
		error_set(err, ERROR_FORMAT,
		          "\"%s\" is not a valid property list: a key is there twice",
		          what);
		return error_evidence(err, "key \"%s\"", twice);
	}
	*out = STEAL(root);
	return true;
}
