/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the model to the values that the drawings take.
 */
#include <stdlib.h>

#include "crypto/digest.h"
#include "expiry/formats.h"
#include "picture/relation.h"
#include "picture/strip.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

/* Items for a drawing, and where each item of the model went. */
struct cast {
	struct timeline_item *lanes;
	struct relation_node *nodes;
	char **notes;
	size_t *place; /* of an item; SIZE_MAX: not drawn */
	size_t count;
};

static void cast_free(struct cast *c)
{
	for (size_t i = 0; c->notes != NULL && i < c->count; i++)
		free(c->notes[i]);
	free(c->lanes);
	free(c->nodes);
	free(c->notes);
	free(c->place);
}

static char *lane_note(const struct expiry_item *item)
{
	if (item->kind == EXPIRY_APP)
		return mem_copy(item->type);
	if (item->all_devices)
		return mem_format("%s, all devices", item->type);
	if (item->device_count > 0)
		return mem_format("%s, %zu %s", item->type, item->device_count,
		                  plural(item->device_count, "device", "devices"));
	return item->kind == EXPIRY_PROFILE ? mem_copy(item->type) : mem_copy("");
}

/* Parents first: certificates, profiles, apps.  own_ends: a profile with its own end,
 * though it is useless before. */
static void cast_lanes(struct cast *c, const struct expiry_report *r, bool own_ends)
{
	const struct expiry *e = r->e;

	/* One more: there is no room for nothing. */
	c->lanes = mem_zero(e->count + 1, sizeof(*c->lanes));
	c->notes = mem_zero(e->count + 1, sizeof(*c->notes));
	c->place = mem_zero(e->count + 1, sizeof(*c->place));
	for (size_t i = 0; i < e->count; i++)
		c->place[i] = SIZE_MAX;
	for (int kind = 0; kind < EXPIRY_KIND_COUNT; kind++)
		for (size_t k = 0; k < e->count; k++) {
			const size_t i = e->order[k];
			const struct expiry_item *item = &e->items[i];
			if ((int)item->kind != kind || !expiry_is_wanted(r, item))
				continue;
			const size_t parent = item->parent == SIZE_MAX
			                              ? SIZE_MAX
			                              : c->place[item->parent];
			c->notes[c->count] = lane_note(item);
			c->lanes[c->count] = (struct timeline_item){
				.kind = (enum timeline_kind)kind,
				.name = item->name,
				.note = c->notes[c->count],
				.from_s = item->from_s,
				.until_s = own_ends && item->kind == EXPIRY_PROFILE
				                   ? item->own_s
				                   : item->until_s,
				.parent = parent,
			};
			c->place[i] = c->count++;
		}
}

bool expiry_timeline(struct picture *out, const struct expiry_report *r,
                     struct error *err)
{
	AUTO(cast_free) struct cast c = { 0 };

	cast_lanes(&c, r, true);
	return picture_timeline(out,
	                        &(struct timeline){ .now_s = r->now_s,
	                                            .items = c.lanes,
	                                            .count = c.count },
	                        err);
}

bool expiry_strip(struct picture *out, const struct expiry_report *r, struct error *err)
{
	AUTO(cast_free) struct cast c = { 0 };

	cast_lanes(&c, r, false);
	return picture_strip(out,
	                     &(struct timeline){ .now_s = r->now_s,
	                                         .items = c.lanes,
	                                         .count = c.count },
	                     err);
}

/* ---- relations ---- */

static char *node_note(const struct expiry_item *item, int64_t now_s)
{
	char date[CLOCK_TEXT_BYTES];

	clock_format_date(date, item->until_s);
	return mem_format("%s %s", item->until_s < now_s ? "ended" : "until", date);
}

static void cast_nodes(struct cast *c, const struct expiry_report *r)
{
	static const enum relation_column columns[] = { RELATION_CERTIFICATES,
		                                        RELATION_PROFILES,
		                                        RELATION_APPS };
	static const enum relation_state states[] = { RELATION_GOOD, RELATION_GOOD,
		                                      RELATION_SOON, RELATION_SOON,
		                                      RELATION_BAD };
	const struct expiry *e = r->e;
	const size_t most = e->count + e->key_count + 1;

	c->nodes = mem_zero(most, sizeof(*c->nodes));
	c->notes = mem_zero(most, sizeof(*c->notes));
	c->place = mem_zero(most, sizeof(*c->place));
	for (size_t k = 0; k < most; k++)
		c->place[k] = SIZE_MAX;
	for (size_t k = 0; k < e->count; k++) {
		const struct expiry_item *item = &e->items[e->order[k]];
		if (!expiry_is_wanted(r, item))
			continue;
		c->notes[c->count] = node_note(item, r->now_s);
		c->nodes[c->count] = (struct relation_node){
			.column = columns[item->kind],
			.state = states[expiry_state(item, r->now_s)],
			.name = item->name,
			.note = c->notes[c->count],
		};
		c->place[e->order[k]] = c->count++;
	}
}

static bool lists(const struct expiry_item *profile, const struct expiry_item *cert)
{
	char id[EXPIRY_ID_BYTES];

	for (size_t i = 0; i < profile->listed_count; i++) {
		digest_hex(id, slice_of(profile->listed[i], 32));
		if (strcmp(id, cert->id) == 0)
			return true;
	}
	return false;
}

/* A certificate that reaches the app through its profile needs no line of its own. */
static bool goes_without_saying(const struct cast *c, const struct expiry *e,
                                const struct expiry_link *l)
{
	const struct expiry_item *from = &e->items[l->from], *to = &e->items[l->to];

	return from->kind == EXPIRY_CERTIFICATE && to->kind == EXPIRY_APP &&
	       l->broken == NULL && to->parent != SIZE_MAX &&
	       c->place[to->parent] != SIZE_MAX && lists(&e->items[to->parent], from);
}

/* Keys come last, and only those of a certificate that is drawn. */
static size_t cast_edges(struct relation_edge *edges, struct cast *c,
                         const struct expiry *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->link_count; i++) {
		const struct expiry_link *l = &e->links[i];
		const size_t from = c->place[l->from], to = c->place[l->to];
		if (from != SIZE_MAX && to != SIZE_MAX && !goes_without_saying(c, e, l))
			edges[n++] =
				(struct relation_edge){ from, to, l->broken, l->why };
	}
	for (size_t k = 0; k < e->key_count; k++) {
		size_t node = SIZE_MAX;
		for (size_t i = 0; i < e->count && n < RELATION_EDGES_MAX; i++) {
			if (e->items[i].kind != EXPIRY_CERTIFICATE ||
			    c->place[i] == SIZE_MAX ||
			    memcmp(e->items[i].key_sha256, e->keys[k].sha256, 32) != 0)
				continue;
			if (node == SIZE_MAX && c->count == RELATION_NODES_MAX)
				break;
			if (node == SIZE_MAX) {
				node = c->count++;
				c->nodes[node] = (struct relation_node){
					.column = RELATION_KEYS,
					.name = e->keys[k].path,
					.note = e->keys[k].type,
				};
			}
			edges[n++] =
				(struct relation_edge){ node, c->place[i], NULL, NULL };
		}
	}
	return n;
}

bool expiry_relations(struct picture *out, const struct expiry_report *r,
                      struct error *err)
{
	const size_t most = r->e->link_count + r->e->count + r->e->key_count + 1;
	AUTO(drop_str) char *memory = mem_zero(most, sizeof(struct relation_edge));
	AUTO(cast_free) struct cast c = { 0 };
	struct relation_edge *edges = (void *)memory;

	cast_nodes(&c, r);
	const size_t n = cast_edges(edges, &c, r->e);
	return picture_relations(out,
	                         &(struct relation_map){ .nodes = c.nodes,
	                                                 .node_count = c.count,
	                                                 .edges = edges,
	                                                 .edge_count = n },
	                         err);
}
