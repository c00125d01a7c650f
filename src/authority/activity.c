/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of what was changed: written in the transaction that changes it, so that
 * neither is without the other; lines are only ever added.
 */
#include <stdlib.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

void authority_act_as(struct authority *a, const char *actor)
{
	free(a->actor);
	a->actor = mem_copy(actor);
}

bool activity_note(struct authority *a, const char *action, const char *type,
                   const char *object, struct error *err)
{
	const struct db_value args[] = { DB_INT_OF(clock_now(a->clock)),
		                         DB_TEXT_OF(a->actor), DB_TEXT_OF(action),
		                         DB_TEXT_OF(type), DB_TEXT_OF(object) };

	return db_run(
		a->db,
		"INSERT INTO activity (seq, at_s, actor, action, type, object) "
		"SELECT coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5 FROM activity",
		args, ARRAY_LEN(args), NULL, err);
}

void authority_activity_free(struct authority_activity_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].actor);
		free(list->items[i].action);
		free(list->items[i].type);
		free(list->items[i].object);
	}
	free(list->items);
	*list = (struct authority_activity_list){ 0 };
}

static void add_row(struct authority_activity_list *list, const struct db_query *q)
{
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	list->items[list->count++] = (struct authority_activity){
		.seq = db_column_int(q, 0),
		.at_s = db_column_int(q, 1),
		.actor = row_text(q, 2),
		.action = row_text(q, 3),
		.type = row_text(q, 4),
		.object = row_text(q, 5),
	};
}

bool authority_activity_last(struct authority_activity_list *out, struct authority *a,
                             size_t count, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(authority_activity_free) struct authority_activity_list list = { 0 };
	const struct db_value args[] = { DB_INT_OF((int64_t)count) };
	bool has_row = false;

	if (!db_query(&q, a->db,
	              "SELECT seq, at_s, actor, action, type, object FROM activity "
	              "ORDER BY seq DESC LIMIT $1",
	              args, 1, err))
		return false;
	do {
		if (!db_next(q, &has_row, err))
			return false;
		if (has_row)
			add_row(&list, q);
	} while (has_row);
	*out = list;
	list = (struct authority_activity_list){ 0 };
	return true;
}
