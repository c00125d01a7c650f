/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/expiry_print.h"

#include <stdlib.h>

#include "picture/timeline.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/term.h"

static const enum term_style styles[] = { TERM_PLAIN, TERM_PLAIN, TERM_WARN, TERM_BAD,
	                                  TERM_BAD };

static void print_row(struct term_table *t, const struct expiry_item *item,
                      int64_t now_s)
{
	const enum expiry_state state = expiry_state(item, now_s);
	char until[CLOCK_TEXT_BYTES];
	AUTO(drop_str) char *breaks = expiry_breaks(item);
	AUTO(drop_str) char *because = expiry_because(item);
	AUTO(drop_str)
	char *days =
		mem_format("%5lld", (long long)timeline_days(item->until_s, now_s));
	AUTO(drop_str)
	char *last = mem_format("%s%s%s%s", breaks, because[0] != '\0' ? " (" : "",
	                        because, because[0] != '\0' ? ")" : "");

	clock_format_date(until, item->until_s);
	term_table_row(t, TERM_PLAIN, 6,
	               (const char *const[]){ days, expiry_state_name(state), until,
	                                      expiry_kind_name(item->kind), item->name,
	                                      last });
	term_table_style(t, 0, styles[state]);
	term_table_style(t, 1, styles[state]);
}

void expiry_print(const struct expiry_report *r)
{
	AUTO(term_table_free) struct term_table t = { 0 };

	term_table_row(&t, TERM_HEAD, 6,
	               (const char *const[]){ " DAYS", "", "UNTIL", "KIND", "NAME",
	                                      "BREAKS" });
	for (size_t i = 0; i < r->e->count; i++) {
		const struct expiry_item *item = &r->e->items[r->e->order[i]];
		if (expiry_is_wanted(r, item))
			print_row(&t, item, r->now_s);
	}
	if (t.rows > 1)
		term_table_print(&t, stdout, 0);
}

static json_t *related_json(const struct expiry *e, size_t index, enum expiry_kind kind)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->link_count; i++) {
		const struct expiry_item *to = &e->items[e->links[i].to];
		if (e->links[i].from == index && to->kind == kind)
			json_array_append_new(list,
			                      json_pack("{s:o, s:s, s:s?}", "name",
			                                jsonio_text(to->name), "id",
			                                to->id, "broken",
			                                e->links[i].broken));
	}
	return list;
}

static json_t *item_json(const struct expiry_report *r, size_t index)
{
	const struct expiry_item *item = &r->e->items[index];
	const enum expiry_state state = expiry_state(item, r->now_s);
	char until[CLOCK_TEXT_BYTES], own[CLOCK_TEXT_BYTES];
	AUTO(drop_str) char *breaks = expiry_breaks(item);

	clock_format_time(until, item->until_s);
	clock_format_time(own, item->own_s);
	json_t *value = json_pack(
		"{s:s, s:o, s:s, s:o, s:o, s:I, s:s, s:s, s:s, s:s, s:o, s:I}", "kind",
		expiry_kind_name(item->kind), "name", jsonio_text(item->name), "id",
		item->id, "type", jsonio_text(item->type), "path",
		jsonio_text(item->path), "days",
		(json_int_t)timeline_days(item->until_s, r->now_s), "until", until,
		"own_end", own, "state",
		state == EXPIRY_FINE ? "fine" : expiry_state_name(state), "decided_by",
		expiry_cause_name(item->cause), "breaks", jsonio_text(breaks), "places",
		(json_int_t)item->places);
	if (item->cause_name != NULL)
		json_object_set_new(value, "decided_by_name",
		                    jsonio_text(item->cause_name));
	if (item->cause_bundle != NULL)
		json_object_set_new(value, "decided_in",
		                    jsonio_text(item->cause_bundle));
	if (item->kind != EXPIRY_APP)
		json_object_set_new(value, "apps",
		                    related_json(r->e, index, EXPIRY_APP));
	if (item->kind == EXPIRY_CERTIFICATE)
		json_object_set_new(value, "profiles",
		                    related_json(r->e, index, EXPIRY_PROFILE));
	if (item->kind != EXPIRY_CERTIFICATE) {
		json_object_set_new(value, "devices",
		                    json_integer((json_int_t)item->device_count));
		json_object_set_new(value, "all_devices",
		                    json_boolean(item->all_devices));
	}
	return value;
}

json_t *expiry_json(const struct expiry_report *r)
{
	json_t *list = json_array();
	char at[CLOCK_TEXT_BYTES];

	for (size_t i = 0; i < r->e->count; i++) {
		const size_t index = r->e->order[i];
		if (expiry_is_wanted(r, &r->e->items[index]))
			json_array_append_new(list, item_json(r, index));
	}
	clock_format_time(at, r->now_s);
	return json_pack("{s:s, s:o, s:I, s:I}", "at", at, "items", list, "without_end",
	                 (json_int_t)r->e->without_end, "locked",
	                 (json_int_t)r->e->locked);
}
