/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes are shown and in which order.  Barycentre heuristic: Sugiyama, Tagawa,
 * Toda, "Methods for visual understanding of hierarchical system structures", 1981.
 */
#include <stdlib.h>

#include "picture/relation_impl.h"
#include "util/mem.h"

#define SWEEPS 12

void layout_free(struct layout *l)
{
	free(l->spots);
	free(l->lines);
	free(l->spot_of);
}

/* ---- which nodes are shown ---- */

struct rank {
	size_t node;
	bool is_broken;
	enum relation_state state;
	size_t degree;
};

static int by_rank(const void *a, const void *b, const void *ctx)
{
	const struct rank *x = a, *y = b;

	(void)ctx;
	if (x->is_broken != y->is_broken)
		return x->is_broken ? -1 : 1;
	if (x->state != y->state)
		return x->state > y->state ? -1 : 1;
	if (x->degree != y->degree)
		return x->degree > y->degree ? -1 : 1;
	return x->node < y->node ? -1 : 1;
}

static struct rank *rank_nodes(const struct relation_map *map)
{
	struct rank *ranks = mem_zero(map->node_count, sizeof(*ranks));

	for (size_t i = 0; i < map->node_count; i++)
		ranks[i] = (struct rank){ .node = i, .state = map->nodes[i].state };
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct relation_edge *e = &map->edges[i];
		ranks[e->from].degree++;
		ranks[e->to].degree++;
		ranks[e->from].is_broken |= e->broken != NULL;
		ranks[e->to].is_broken |= e->broken != NULL;
	}
	mem_sort(ranks, map->node_count, sizeof(*ranks), by_rank, NULL);
	return ranks;
}

static size_t count_column(const struct relation_map *map, enum relation_column column)
{
	size_t n = 0;

	for (size_t i = 0; i < map->node_count; i++)
		n += map->nodes[i].column == column;
	return n;
}

static size_t add_spot(struct layout *l, enum relation_column column,
                       const struct relation_node *node)
{
	l->spots[l->spot_count] = (struct spot){ .node = node,
		                                 .column = column,
		                                 .place = l->in_column[column]++ };
	return l->spot_count++;
}

static void show_column(struct layout *l, const struct relation_map *map,
                        const struct rank *ranks, enum relation_column column)
{
	const size_t total = count_column(map, column);
	const size_t shown =
		total <= RELATION_COLUMN_MAX ? total : RELATION_COLUMN_MAX - 1;
	size_t taken = 0, rest = SIZE_MAX;

	for (size_t k = 0; k < map->node_count; k++) {
		const size_t i = ranks[k].node;
		if (map->nodes[i].column != column)
			continue;
		if (taken++ < shown) {
			l->spot_of[i] = add_spot(l, column, &map->nodes[i]);
			continue;
		}
		if (rest == SIZE_MAX)
			rest = add_spot(l, column, NULL);
		l->spots[rest].more++;
		l->spot_of[i] = rest;
	}
}

/* ---- lines ---- */

static int by_ends(const void *a, const void *b, const void *ctx)
{
	const struct line *x = a, *y = b;

	(void)ctx;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return 0;
}

static void merge_lines(struct layout *l)
{
	size_t n = 0;

	mem_sort(l->lines, l->line_count, sizeof(*l->lines), by_ends, NULL);
	for (size_t i = 0; i < l->line_count; i++) {
		struct line *last = n > 0 ? &l->lines[n - 1] : NULL;
		if (last == NULL || by_ends(last, &l->lines[i], NULL) != 0) {
			l->lines[n++] = l->lines[i];
			continue;
		}
		if (last->broken == 0)
			last->edge = l->lines[i].edge;
		last->broken += l->lines[i].broken;
	}
	l->line_count = n;
}

static void add_lines(struct layout *l, const struct relation_map *map)
{
	if (map->edge_count == 0)
		return;
	l->lines = mem_zero(map->edge_count, sizeof(*l->lines));
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct relation_edge *e = &map->edges[i];
		l->lines[l->line_count++] = (struct line){
			.from = l->spot_of[e->from],
			.to = l->spot_of[e->to],
			.edge = e,
			.broken = e->broken != NULL ? 1 : 0,
		};
	}
	merge_lines(l);
}

/* ---- the order ---- */

/* Of the lines from column a to column b. */
static size_t cross(const struct layout *l, int a, int b)
{
	unsigned char at[RELATION_COLUMN_MAX][RELATION_COLUMN_MAX] = { 0 };
	size_t below[RELATION_COLUMN_MAX + 1] = { 0 }, crossings = 0;

	for (size_t i = 0; i < l->line_count; i++) {
		const struct spot *from = &l->spots[l->lines[i].from];
		const struct spot *to = &l->spots[l->lines[i].to];
		if ((int)from->column == a && (int)to->column == b)
			at[from->place][to->place] = 1;
	}
	/* below[j]: lines from higher places that end at place j or further down. */
	for (size_t i = 0; i < RELATION_COLUMN_MAX; i++) {
		for (size_t j = 0; j < RELATION_COLUMN_MAX; j++)
			if (at[i][j] != 0)
				crossings += below[j + 1];
		for (size_t j = RELATION_COLUMN_MAX, seen = 0; j-- > 0;) {
			seen += at[i][j];
			below[j] += seen;
		}
	}
	return crossings;
}

size_t relation_crossings(const struct layout *l)
{
	size_t n = 0;

	for (int a = 0; a < RELATION_COLUMN_COUNT; a++)
		for (int b = a + 1; b < RELATION_COLUMN_COUNT; b++)
			n += cross(l, a, b);
	return n;
}

struct wish {
	size_t spot;
	uint64_t want; /* mean place of its neighbours, in 1/1000 of a column */
	bool is_rest;  /* "+ N more" stays at the foot */
	size_t place;
};

static int by_wish(const void *a, const void *b, const void *ctx)
{
	const struct wish *x = a, *y = b;

	(void)ctx;
	if (x->is_rest != y->is_rest)
		return x->is_rest ? 1 : -1;
	if (x->want != y->want)
		return x->want < y->want ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static uint64_t relative_place(const struct layout *l, size_t spot)
{
	const struct spot *s = &l->spots[spot];

	return (2000 * s->place + 1000) / (2 * l->in_column[s->column]);
}

/* Where the spot would stand after its neighbours to the left, or to the right. */
static uint64_t wanted_place(const struct layout *l, size_t spot, bool left)
{
	uint64_t sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < l->line_count; i++) {
		const struct line *line = &l->lines[i];
		if ((left ? line->to : line->from) != spot)
			continue;
		sum += relative_place(l, left ? line->from : line->to);
		n++;
	}
	return n > 0 ? sum / n : relative_place(l, spot);
}

static void reorder_column(struct layout *l, enum relation_column column, bool left)
{
	struct wish wishes[RELATION_COLUMN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < l->spot_count; i++)
		if (l->spots[i].column == column)
			wishes[n++] =
				(struct wish){ .spot = i,
				               .want = wanted_place(l, i, left),
				               .is_rest = l->spots[i].node == NULL,
				               .place = l->spots[i].place };
	if (n == 0)
		return;
	mem_sort(wishes, n, sizeof(wishes[0]), by_wish, NULL);
	for (size_t i = 0; i < n; i++)
		l->spots[wishes[i].spot].place = i;
}

static void order_columns(struct layout *l)
{
	AUTO(drop_str)
	char *places = mem_zero(l->spot_count + 1, sizeof(size_t));
	size_t *best = (void *)places;
	size_t fewest = SIZE_MAX;

	for (int sweep = 0; sweep <= SWEEPS; sweep++) {
		const size_t now = relation_crossings(l);
		if (now < fewest) {
			fewest = now;
			for (size_t i = 0; i < l->spot_count; i++)
				best[i] = l->spots[i].place;
		}
		const bool left = sweep % 2 == 0;
		for (int c = 0; c < RELATION_COLUMN_COUNT; c++)
			reorder_column(l,
			               (enum relation_column)(
					       left ? c
						    : RELATION_COLUMN_COUNT - 1 - c),
			               left);
	}
	for (size_t i = 0; i < l->spot_count; i++)
		l->spots[i].place = best[i];
}

void relation_layout(struct layout *out, const struct relation_map *map)
{
	struct rank *ranks;

	if (map->node_count == 0)
		return;
	ranks = rank_nodes(map);
	out->spots = mem_zero((size_t)RELATION_COLUMN_COUNT * RELATION_COLUMN_MAX,
	                      sizeof(*out->spots));
	out->spot_of = mem_zero(map->node_count, sizeof(*out->spot_of));
	for (int c = 0; c < RELATION_COLUMN_COUNT; c++)
		show_column(out, map, ranks, (enum relation_column)c);
	free(ranks);
	add_lines(out, map);
	order_columns(out);
}
