/* SPDX-License-Identifier: Apache-2.0 */
#include "util/plist.h"

#include <stdlib.h>

#include "util/mem.h"

static const char *const type_names[] = {
	[PL_BOOL] = "a boolean",  [PL_INT] = "an integer",    [PL_REAL] = "a real",
	[PL_STRING] = "a string", [PL_DATA] = "data",         [PL_DATE] = "a date",
	[PL_ARRAY] = "an array",  [PL_DICT] = "a dictionary", [PL_UID] = "a UID",
};

const char *pl_type_name(enum pl_type type)
{
	return type_names[type];
}

/* Depth is bounded where trees are made: by PL_MAX_DEPTH, or by our own code. */
void pl_free(struct pl *root)
{
	if (root == NULL)
		return;
	for (size_t i = 0; i < root->count; i++) {
		pl_free(root->items[i]);
		if (root->keys != NULL)
			free(root->keys[i]);
	}
	free(root->items);
	free(root->keys);
	free((void *)(uintptr_t)root->bytes.p);
	free(root);
}

void drop_pl(struct pl **root)
{
	pl_free(*root);
}

/* ---- looking ---- */

const struct pl *pl_get(const struct pl *dict, const char *key)
{
	if (dict == NULL || dict->type != PL_DICT)
		return NULL;
	for (size_t i = 0; i < dict->count; i++)
		if (strcmp(dict->keys[i], key) == 0)
			return dict->items[i];
	return NULL;
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

	return v != NULL ? v->integer : fallback;
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

static bool dicts_equal(const struct pl *a, const struct pl *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct pl *other = pl_get(b, a->keys[i]);

		if (other == NULL || !pl_equal(a->items[i], other))
			return false;
	}
	return true;
}

static bool arrays_equal(const struct pl *a, const struct pl *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!pl_equal(a->items[i], b->items[i]))
			return false;
	return true;
}

bool pl_equal(const struct pl *a, const struct pl *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case PL_BOOL:
		return a->boolean == b->boolean;
	case PL_INT:
		return a->integer == b->integer && a->is_unsigned == b->is_unsigned;
	case PL_DATE:
	case PL_UID:
		return a->integer == b->integer;
	case PL_REAL:
		return memcmp(&a->real, &b->real, sizeof a->real) == 0;
	case PL_STRING:
	case PL_DATA:
		return slice_equal(a->bytes, b->bytes);
	case PL_ARRAY:
		return arrays_equal(a, b);
	default:
		return dicts_equal(a, b);
	}
}

/* ---- building ---- */

static struct pl *new_value(enum pl_type type)
{
	struct pl *v = mem_zero(1, sizeof *v);

	v->type = type;
	return v;
}

struct pl *pl_new_bool(bool boolean)
{
	struct pl *v = new_value(PL_BOOL);

	v->boolean = boolean;
	return v;
}

struct pl *pl_new_int(int64_t integer)
{
	struct pl *v = new_value(PL_INT);

	v->integer = integer;
	return v;
}

struct pl *pl_new_real(double real)
{
	struct pl *v = new_value(PL_REAL);

	v->real = real;
	return v;
}

static struct pl *new_bytes(enum pl_type type, struct slice bytes)
{
	struct pl *v = new_value(type);

	v->bytes = slice_of(mem_str(bytes.p, bytes.n), bytes.n);
	return v;
}

struct pl *pl_new_string(const char *text)
{
	return new_bytes(PL_STRING, slice_str(text));
}

struct pl *pl_new_data(struct slice bytes)
{
	return new_bytes(PL_DATA, bytes);
}

struct pl *pl_new_date(int64_t time_s)
{
	struct pl *v = new_value(PL_DATE);

	v->integer = time_s;
	return v;
}

struct pl *pl_new_array(void)
{
	return new_value(PL_ARRAY);
}

struct pl *pl_new_dict(void)
{
	return new_value(PL_DICT);
}

struct pl *pl_append(struct pl *array, struct pl *value)
{
	array->items =
		mem_grow(array->items, array->count, &array->cap, sizeof(struct pl *));
	array->items[array->count++] = value;
	return value;
}

struct pl *pl_append_key(struct pl *dict, const char *key, struct pl *value)
{
	size_t before = dict->cap;

	pl_append(dict, value);
	if (dict->cap != before)
		dict->keys = mem_resize(dict->keys, dict->cap * sizeof *dict->keys);
	dict->keys[dict->count - 1] = mem_copy(key);
	return value;
}

struct pl *pl_set(struct pl *dict, const char *key, struct pl *value)
{
	for (size_t i = 0; i < dict->count; i++) {
		if (strcmp(dict->keys[i], key) != 0)
			continue;
		pl_free(dict->items[i]);
		dict->items[i] = value;
		return value;
	}
	return pl_append_key(dict, key, value);
}

void pl_remove(struct pl *dict, const char *key)
{
	for (size_t i = 0; i < dict->count; i++) {
		if (strcmp(dict->keys[i], key) != 0)
			continue;
		pl_free(dict->items[i]);
		free(dict->keys[i]);
		dict->count--;
		memmove(dict->items + i, dict->items + i + 1,
		        (dict->count - i) * sizeof(struct pl *));
		memmove(dict->keys + i, dict->keys + i + 1,
		        (dict->count - i) * sizeof *dict->keys);
		return;
	}
}

struct pl *pl_copy(const struct pl *v)
{
	struct pl *copy = new_value(v->type);

	copy->boolean = v->boolean;
	copy->is_unsigned = v->is_unsigned;
	copy->integer = v->integer;
	copy->real = v->real;
	if (v->type == PL_STRING || v->type == PL_DATA)
		copy->bytes = slice_of(mem_str(v->bytes.p, v->bytes.n), v->bytes.n);
	for (size_t i = 0; i < v->count; i++) {
		if (v->type == PL_DICT)
			pl_append_key(copy, v->keys[i], pl_copy(v->items[i]));
		else
			pl_append(copy, pl_copy(v->items[i]));
	}
	return copy;
}
