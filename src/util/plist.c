/* SPDX-License-Identifier: Apache-2.0 */
#include "util/plist.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "util/mem.h"
#include "util/plist_impl.h"
#include "util/sniff.h"

/* ---- building ---- */

static struct pl *new_value(enum pl_type type)
{
	struct pl *v = mem_zero(1, sizeof *v);

	v->type = type;
	return v;
}

struct pl *pl_new_bool(bool v)
{
	struct pl *made = new_value(PL_BOOL);

	made->boolean = v;
	return made;
}

struct pl *pl_new_int(int64_t v)
{
	struct pl *made = new_value(PL_INT);

	made->integer = v;
	return made;
}

struct pl *pl_new_uint(uint64_t v)
{
	struct pl *made = pl_new_int((int64_t)v);

	made->is_unsigned = v > INT64_MAX;
	return made;
}

struct pl *pl_new_uid(uint32_t v)
{
	struct pl *made = new_value(PL_UID);

	made->integer = v;
	return made;
}

struct pl *pl_new_real(double v)
{
	struct pl *made = new_value(PL_REAL);

	made->real = v;
	return made;
}

struct pl *pl_new_text(struct slice text)
{
	struct pl *made = new_value(PL_STRING);

	made->bytes = slice_of(mem_str(text.p, text.n), text.n);
	return made;
}

struct pl *pl_new_string(const char *text)
{
	return pl_new_text(slice_str(text));
}

struct pl *pl_new_data(struct slice bytes)
{
	struct pl *made = pl_new_text(bytes);

	made->type = PL_DATA;
	return made;
}

struct pl *pl_new_date(int64_t time_s)
{
	struct pl *made = new_value(PL_DATE);

	made->integer = time_s;
	return made;
}

struct pl *pl_new_array(void)
{
	return new_value(PL_ARRAY);
}

struct pl *pl_new_dict(void)
{
	return new_value(PL_DICT);
}

/* Room for one more item, and for its key in a dictionary. */
static void grow(struct pl *v)
{
	size_t cap = v->cap;

	v->items = mem_grow(v->items, v->count, &cap, sizeof(struct pl *));
	if (v->type == PL_DICT && cap != v->cap) {
		v->keys = mem_resize(v->keys, cap * sizeof *v->keys);
		v->order = mem_resize(v->order, cap * sizeof *v->order);
	}
	v->cap = cap;
}

struct pl *pl_append(struct pl *array, struct pl *value)
{
	assert(array->type == PL_ARRAY);
	grow(array);
	array->items[array->count++] = value;
	return value;
}

void pl_dict_add(struct pl *dict, char *key, struct pl *value)
{
	grow(dict);
	dict->keys[dict->count] = key;
	dict->items[dict->count] = value;
	dict->order[dict->count] = (uint32_t)dict->count;
	dict->count++;
}

struct keyed {
	const char *key;
	uint32_t i;
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static void drop_keyed(struct keyed **p)
{
	free(*p);
}

const char *pl_dict_sort(struct pl *dict)
{
	if (dict->count < 2)
		return NULL;

	AUTO(drop_keyed) struct keyed *all = mem_zero(dict->count, sizeof *all);
	for (size_t i = 0; i < dict->count; i++)
		all[i] = (struct keyed){ .key = dict->keys[i], .i = (uint32_t)i };
	qsort(all, dict->count, sizeof *all, compare_keyed);
	for (size_t i = 0; i < dict->count; i++)
		dict->order[i] = all[i].i;
	for (size_t i = 1; i < dict->count; i++)
		if (strcmp(all[i - 1].key, all[i].key) == 0)
			return dict->keys[all[i].i];
	return NULL;
}

/*
 * Where key stands in the sorted order, or where it would have to be put.
 * Binary search, so that large dictionaries stay fast whatever their keys are.
 */
static bool find(const struct pl *dict, const char *key, size_t *place)
{
	size_t low = 0, high = dict->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int way = strcmp(key, dict->keys[dict->order[middle]]);

		if (way == 0) {
			*place = middle;
			return true;
		}
		if (way < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*place = low;
	return false;
}

struct pl *pl_set(struct pl *dict, const char *key, struct pl *value)
{
	size_t place;

	assert(dict->type == PL_DICT);
	if (find(dict, key, &place)) {
		struct pl **item = &dict->items[dict->order[place]];

		if (*item != value)
			pl_free(*item);
		*item = value;
		return value;
	}

	size_t behind = dict->count - place;
	pl_dict_add(dict, mem_copy(key), value);
	memmove(dict->order + place + 1, dict->order + place,
	        behind * sizeof *dict->order);
	dict->order[place] = (uint32_t)(dict->count - 1);
	return value;
}

struct pl *pl_append_key(struct pl *dict, const char *key, struct pl *value)
{
	return pl_set(dict, key, value);
}

void pl_remove(struct pl *dict, const char *key)
{
	size_t place;

	assert(dict->type == PL_DICT);
	if (!find(dict, key, &place))
		return;

	uint32_t gone = dict->order[place];
	size_t behind = dict->count - gone - 1;
	free(dict->keys[gone]);
	pl_free(dict->items[gone]);
	memmove(dict->keys + gone, dict->keys + gone + 1, behind * sizeof *dict->keys);
	memmove(dict->items + gone, dict->items + gone + 1,
	        behind * sizeof(struct pl *));
	memmove(dict->order + place, dict->order + place + 1,
	        (dict->count - place - 1) * sizeof *dict->order);
	dict->count--;
	for (size_t i = 0; i < dict->count; i++)
		dict->order[i] -= dict->order[i] > gone;
}

struct pl *pl_copy(const struct pl *v)
{
	struct pl *made;

	switch (v->type) {
	case PL_STRING:
	case PL_DATA:
		made = pl_new_text(v->bytes);
		made->type = v->type;
		return made;
	case PL_ARRAY:
		made = pl_new_array();
		for (size_t i = 0; i < v->count; i++)
			pl_append(made, pl_copy(v->items[i]));
		return made;
	case PL_DICT:
		made = pl_new_dict();
		for (size_t i = 0; i < v->count; i++)
			pl_dict_add(made, mem_copy(v->keys[i]), pl_copy(v->items[i]));
		if (v->count > 0)
			memcpy(made->order, v->order, v->count * sizeof *v->order);
		return made;
	default:
		made = new_value(v->type);
		*made = *v;
		return made;
	}
}

static void free_items(struct pl *v)
{
	for (size_t i = 0; i < v->count; i++) {
		if (v->type == PL_DICT)
			free(v->keys[i]);
		pl_free(v->items[i]);
	}
	free(v->items);
	free(v->keys);
	free(v->order);
}

void pl_free(struct pl *root)
{
	if (root == NULL)
		return;
	if (root->type == PL_ARRAY || root->type == PL_DICT) {
		free_items(root);
	} else if (root->type == PL_STRING || root->type == PL_DATA) {
		union {
			const unsigned char *in;
			void *out;
		} bytes = { .in = root->bytes.p };
		free(bytes.out);
	}
	free(root);
}

void drop_pl(struct pl **root)
{
	pl_free(*root);
}

/* ---- looking ---- */

const struct pl *pl_get(const struct pl *dict, const char *key)
{
	size_t place;

	if (dict == NULL || dict->type != PL_DICT || !find(dict, key, &place))
		return NULL;
	return dict->items[dict->order[place]];
}

const struct pl *pl_get_type(const struct pl *dict, const char *key, enum pl_type type)
{
	const struct pl *v = pl_get(dict, key);

	return v != NULL && v->type == type ? v : NULL;
}

const char *pl_text(const struct pl *v)
{
	return v != NULL && v->type == PL_STRING ? (const char *)v->bytes.p : NULL;
}

const char *pl_string(const struct pl *dict, const char *key)
{
	return pl_text(pl_get(dict, key));
}

bool pl_bool(const struct pl *dict, const char *key, bool fallback)
{
	const struct pl *v = pl_get_type(dict, key, PL_BOOL);

	return v != NULL ? v->boolean : fallback;
}

int64_t pl_int(const struct pl *dict, const char *key, int64_t fallback)
{
	const struct pl *v = pl_get_type(dict, key, PL_INT);

	return v != NULL && !v->is_unsigned ? v->integer : fallback;
}

bool pl_need(const struct pl **out, const struct pl *dict, const char *key,
             enum pl_type type, struct error *err)
{
	const struct pl *v = pl_get(dict, key);

	if (v == NULL)
		return error_set(err, ERROR_FORMAT, "%s is missing", key);
	if (v->type != type)
		return error_set(err, ERROR_FORMAT, "%s is %s, not %s", key,
		                 pl_type_name(v->type), pl_type_name(type));
	*out = v;
	return true;
}

bool pl_need_string(const char **out, const struct pl *dict, const char *key,
                    struct error *err)
{
	const struct pl *v = NULL;

	if (!pl_need(&v, dict, key, PL_STRING, err))
		return false;
	*out = pl_text(v);
	return true;
}

bool pl_array_has(const struct pl *array, const char *text)
{
	if (array == NULL || array->type != PL_ARRAY)
		return false;
	for (size_t i = 0; i < array->count; i++) {
		const char *item = pl_text(array->items[i]);

		if (item != NULL && strcmp(item, text) == 0)
			return true;
	}
	return false;
}

bool pl_array_has_int(const struct pl *array, int64_t wanted)
{
	if (array == NULL || array->type != PL_ARRAY)
		return false;
	for (size_t i = 0; i < array->count; i++)
		if (array->items[i]->type == PL_INT && !array->items[i]->is_unsigned &&
		    array->items[i]->integer == wanted)
			return true;
	return false;
}

const char *pl_type_name(enum pl_type type)
{
	static const char *const names[] = {
		[PL_BOOL] = "a boolean",  [PL_INT] = "an integer",
		[PL_REAL] = "a real",     [PL_STRING] = "a string",
		[PL_DATA] = "data",       [PL_DATE] = "a date",
		[PL_ARRAY] = "an array",  [PL_DICT] = "a dictionary",
		[PL_UID] = "a reference",
	};

	return names[type];
}

static bool equal_items(const struct pl *a, const struct pl *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		size_t x = i, y = i;

		if (a->type == PL_DICT) {
			x = a->order[i];
			y = b->order[i];
			if (strcmp(a->keys[x], b->keys[y]) != 0)
				return false;
		}
		if (!pl_equal(a->items[x], b->items[y]))
			return false;
	}
	return true;
}

bool pl_equal(const struct pl *a, const struct pl *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case PL_BOOL:
		return a->boolean == b->boolean;
	case PL_REAL:
		return a->real == b->real || (isnan(a->real) && isnan(b->real));
	case PL_STRING:
	case PL_DATA:
		return slice_equal(a->bytes, b->bytes);
	case PL_ARRAY:
	case PL_DICT:
		return equal_items(a, b);
	default:
		return a->integer == b->integer && a->is_unsigned == b->is_unsigned;
	}
}

/* ---- reading: which form? ---- */

bool pl_is_binary(struct slice bytes)
{
	struct slice magic = slice_str(PL_BINARY_MAGIC);

	return bytes.n >= magic.n && slice_equal(slice_of(bytes.p, magic.n), magic);
}

bool pl_looks_like(struct slice bytes)
{
	static const char *const starts[] = { "<?xml", "<!DOCTYPE plist", "<plist" };

	if (pl_is_binary(bytes))
		return true;
	if (bytes.n >= 3 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0)
		bytes = slice_of(bytes.p + 3, bytes.n - 3);
	bytes = slice_skip_space(bytes);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t n = strlen(starts[i]);

		if (bytes.n >= n && memcmp(bytes.p, starts[i], n) == 0)
			return true;
	}
	return false;
}

bool pl_parse(struct pl **out, struct slice bytes, const char *what, struct error *err)
{
	if (bytes.n > PL_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "\"%s\" is larger than %zu bytes",
		                 what, PL_MAX_BYTES);
	if (pl_is_binary(bytes) ? pl_read_binary(out, bytes, what, err)
	                        : pl_read_xml(out, bytes, what, err))
		return true;
	if (err->code == ERROR_FORMAT) {
		sniff_evidence(err, bytes);
		error_cause(err, "It is damaged, cut short, or no property list.");
	}
	return false;
}
