/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect --svg: who agrees to which entitlement, as a table.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "picture/table.h"
#include "util/mem.h"
#include "verify/verify.h"

/* Rows, and the texts of their cells. */
struct rows {
	struct table_row *items;
	size_t count, cap;
	char **texts;
	size_t text_count, text_cap;
};

static void rows_free(struct rows *r)
{
	for (size_t i = 0; i < r->text_count; i++)
		free(r->texts[i]);
	free(r->texts);
	free(r->items);
}

static struct table_cell cell(struct rows *r, enum table_state state,
                              const struct pl *v)
{
	char *text = v != NULL ? inspect_value(v) : NULL;

	r->texts = mem_grow(r->texts, r->text_count, &r->text_cap, sizeof(char *));
	r->texts[r->text_count++] = text;
	return (struct table_cell){ .state = state, .value = text };
}

static void add_row(struct rows *r, const char *key, const struct pl *has,
                    const struct pl *allowed, bool is_known)
{
	bool ok = has == NULL || verify_permits(key, allowed, has);
	struct table_row row = { .key = key };

	if (has != NULL)
		row.cells[TABLE_HAS] = cell(r, TABLE_YES, has);
	if (is_known)
		row.cells[TABLE_ALLOWED] = cell(r, ok ? TABLE_YES : TABLE_NO, allowed);
	r->items = mem_grow(r->items, r->count, &r->cap, sizeof *r->items);
	r->items[r->count++] = row;
}

static void add_rows(struct rows *r, const struct pl *has, const struct pl *allowed)
{
	for (size_t i = 0; has != NULL && i < has->count; i++)
		add_row(r, has->keys[i], has->items[i],
		        allowed != NULL ? pl_get(allowed, has->keys[i]) : NULL,
		        allowed != NULL);
	for (size_t i = 0; allowed != NULL && i < allowed->count; i++)
		if (has == NULL || pl_get(has, allowed->keys[i]) == NULL)
			add_row(r, allowed->keys[i], NULL, allowed->items[i], true);
}

bool inspect_svg(struct buf *out, const struct artifact *a, struct error *err)
{
	AUTO(rows_free) struct rows rows = { 0 };
	AUTO(picture_free) struct picture drawn = { 0 };
	const struct artifact_profile *profile = artifact_profile(a);
	const struct pl *has =
		a->kind == ARTIFACT_PROFILE ? NULL : artifact_entitlements(a);

	add_rows(&rows, has, profile != NULL ? profile->entitlements : NULL);
	if (rows.count == 0) {
		error_set(err, ERROR_NOT_FOUND, "there are no entitlements in \"%s\"",
		          a->path);
		return error_hint(err, "sealring inspect of an app, a profile or an "
		                       ".entitlements file draws them.");
	}
	const struct entitlement_table table = { .rows = rows.items,
		                                 .count = rows.count };
	return picture_entitlements(&drawn, &table, err) &&
	       buf_append(out, buf_slice(&drawn.svg), err);
}
