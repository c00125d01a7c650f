/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relation map, the entitlement table, the X-ray, the gauge.
 */
#include <stdlib.h>

#include "picture/gauge.h"
#include "picture/relation_impl.h"
#include "picture/table.h"
#include "picture/xray.h"
#include "support/harness.h"
#include "support/xml_check.h"
#include "util/mem.h"

static bool has(const struct buf *b, const char *text)
{
	return slice_cut(buf_slice(b), slice_str(text), NULL, NULL);
}

static size_t count(const struct buf *b, const char *text)
{
	struct slice rest = buf_slice(b);
	size_t n = 0;

	while (slice_cut(rest, slice_str(text), NULL, &rest))
		n++;
	return n;
}

static bool judge(struct xml_doc *doc, const struct picture *p)
{
	if (!xml_parse(doc, buf_slice(&p->svg)) || !svg_labels_are_apart(doc))
		return test_fail(__FILE__, __LINE__, doc->problem);
	return true;
}

static bool draw_map(struct picture *out, struct xml_doc *doc,
                     const struct relation_map *map)
{
	struct error err = { 0 };

	if (!picture_relations(out, map, &err)) {
		test_ok(false, &err, __FILE__, __LINE__, "picture_relations");
		return false;
	}
	return judge(doc, out);
}

TEST(draws_relations_and_names_what_is_broken)
{
	const struct relation_node nodes[] = {
		{ RELATION_CERTIFICATES, RELATION_GOOD, "Acme", "until 2027" },
		{ RELATION_PROFILES, RELATION_BAD, "QA", NULL },
		{ RELATION_APPS, RELATION_SOON, "Shop.ipa", "" },
	};
	const struct relation_edge edges[] = { { 0, 1, "PROF-05", "is not listed" },
		                               { 1, 2, NULL, NULL } };
	const struct relation_map map = {
		.nodes = nodes, .node_count = 3, .edges = edges, .edge_count = 2
	};
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw_map(&p, &doc, &map));
	AUTO(drop_str) char *text = mem_str(p.text.p, p.text.n);
	CHECK_STR(text, "3 things, 2 relations, 1 broken.\n"
	                "certificate Acme (until 2027)\n"
	                "  -> profile QA: broken, PROF-05 is not listed\n"
	                "profile QA, bad\n"
	                "  -> app Shop.ipa\n"
	                "app Shop.ipa, ends soon\n");
	CHECK(count(&p.svg, "stroke-dasharray") == 1);
	CHECK(svg_has_label(&doc, "PROF-05"));
	CHECK(svg_has_label(&doc, "until 2027"));
	CHECK(svg_has_label(&doc, "Certificates · 1"));
	CHECK(!svg_has_label(&doc, "Keys · 0"));
	CHECK(has(&p.svg, "<title>Acme → QA: PROF-05 is not listed</title>"));
	CHECK(has(&p.svg, "<title>QA → Shop.ipa</title>"));
}

TEST(draws_a_map_of_nothing)
{
	const struct relation_map map = { 0 };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw_map(&p, &doc, &map));
	CHECK(svg_has_label(&doc, "Nothing here is related."));
}

TEST(refuses_relations_that_do_not_go_right)
{
	const struct relation_node nodes[] = {
		{ RELATION_CERTIFICATES, RELATION_GOOD, "a", NULL },
		{ RELATION_CERTIFICATES, RELATION_GOOD, "b", NULL },
		{ RELATION_APPS, RELATION_GOOD, "c", NULL },
	};
	static const struct relation_edge bad[] = {
		{ 0, 1, NULL, NULL }, { 2, 0, NULL, NULL }, { 0, 3, NULL, NULL },
		{ 3, 2, NULL, NULL }, { 0, 0, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct relation_map map = { .nodes = nodes,
			                          .node_count = 3,
			                          .edges = &bad[i],
			                          .edge_count = 1 };
		AUTO(picture_free) struct picture p = { 0 };
		struct error err = { 0 };
		CHECK_FAILS(picture_relations(&p, &map, &err), &err, ERROR_INTERNAL,
		            "from left to right");
	}
}

TEST(untangles_lines_that_need_not_cross)
{
	/* n certificates, each with one profile, given in the opposite order. */
	struct relation_node nodes[20];
	struct relation_edge edges[10];
	AUTO(layout_free) struct layout l = { 0 };

	for (size_t i = 0; i < 10; i++) {
		nodes[i] = (struct relation_node){ RELATION_CERTIFICATES, RELATION_GOOD,
			                           "c", NULL };
		nodes[10 + i] = (struct relation_node){ RELATION_PROFILES,
			                                RELATION_GOOD, "p", NULL };
		edges[i] = (struct relation_edge){ i, 19 - i, NULL, NULL };
	}
	relation_layout(&l, &(struct relation_map){
				    .nodes = nodes,
				    .node_count = 20,
				    .edges = edges,
				    .edge_count = 10,
			    });
	CHECK(relation_crossings(&l) == 0);
	/* The count itself: upside down again, every pair crosses. */
	for (size_t i = 0; i < l.spot_count; i++)
		if (l.spots[i].column == RELATION_PROFILES)
			l.spots[i].place = 9 - l.spots[i].place;
	CHECK(relation_crossings(&l) == 45);
}

/* 2 * n nodes: certificates, and a profile for each; every edge from the same. */
static void fill(struct relation_node *nodes, struct relation_edge *edges, size_t n)
{
	nodes[0] = (struct relation_node){ RELATION_CERTIFICATES, RELATION_GOOD, "root",
		                           NULL };
	for (size_t i = 0; i < n; i++) {
		nodes[1 + i] = (struct relation_node){ RELATION_PROFILES, RELATION_GOOD,
			                               "some profile", NULL };
		edges[i] = (struct relation_edge){ 0, 1 + i, NULL, NULL };
	}
}

TEST(collapses_a_long_column_but_nothing_that_is_broken)
{
	struct relation_node nodes[RELATION_COLUMN_MAX + 2];
	struct relation_edge edges[RELATION_COLUMN_MAX + 1];

	for (size_t n = RELATION_COLUMN_MAX; n <= RELATION_COLUMN_MAX + 1; n++) {
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		fill(nodes, edges, n);
		edges[n - 1].broken = "PROF-05";
		nodes[n].name = "the broken one";
		nodes[n - 1].name = "the bad one";
		nodes[n - 1].state = RELATION_BAD;
		const struct relation_map map = { .nodes = nodes,
			                          .node_count = n + 1,
			                          .edges = edges,
			                          .edge_count = n };
		REQUIRE(draw_map(&p, &doc, &map));
		const bool is_long = n > RELATION_COLUMN_MAX;
		CHECK(svg_has_label(&doc, "+ 2 more") == is_long);
		CHECK(has(&p.text, "and 2 more profiles") == is_long);
		CHECK(has(&p.text, " more ") == is_long);
		CHECK(svg_has_label(&doc, "the broken one"));
		CHECK(svg_has_label(&doc, "the bad one"));
		CHECK(svg_has_label(&doc, "PROF-05"));
		/* Lines: one each, those of the rest are one. */
		CHECK(count(&p.svg, "<title>root → ") ==
		      RELATION_COLUMN_MAX + 1 /* the pill */);
	}
}

TEST(takes_so_many_nodes_and_relations)
{
	AUTO(drop_str)
	char *a = mem_zero(RELATION_NODES_MAX + 1, sizeof(struct relation_node));
	AUTO(drop_str)
	char *b = mem_zero(RELATION_EDGES_MAX + 1, sizeof(struct relation_edge));
	struct relation_node *nodes = (void *)a;
	struct relation_edge *edges = (void *)b;
	struct error err = { 0 };
	AUTO(picture_free) struct picture p = { 0 };

	for (size_t i = 0; i <= RELATION_NODES_MAX; i++)
		nodes[i] = (struct relation_node){ (enum relation_column)(i % 5),
			                           RELATION_GOOD, "n", "note" };
	for (size_t i = 0; i <= RELATION_EDGES_MAX; i++)
		edges[i] = (struct relation_edge){ i % 999 * 5,
			                           i * 7 % 999 * 5 + 1 + i % 4,
			                           i % 3 == 0 ? "0xe8008015" : NULL,
			                           NULL };
	struct relation_map map = { .nodes = nodes,
		                    .node_count = RELATION_NODES_MAX,
		                    .edges = edges,
		                    .edge_count = RELATION_EDGES_MAX };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	REQUIRE(draw_map(&p, &doc, &map));
	CHECK(svg_has_label(&doc, "+ 977 more"));
	picture_free(&p);
	map.edge_count++;
	CHECK_FAILS(picture_relations(&p, &map, &err), &err, ERROR_LIMIT,
	            "20001 relations");
	map.edge_count = 0;
	map.node_count++;
	CHECK_FAILS(picture_relations(&p, &map, &err), &err, ERROR_LIMIT, "5001 nodes");
}

TEST(keeps_names_and_ids_in_their_boxes)
{
	AUTO(drop_str) char *huge = mem_zero(10001, 1);
	memset(huge, 'M', 10000);
	const struct relation_node nodes[] = {
		{ RELATION_KEYS, RELATION_BAD, huge, huge },
		{ RELATION_CERTIFICATES, RELATION_SOON, "<b>&\"'\x01", "\u202e" },
		{ RELATION_PROFILES, RELATION_GOOD,
		  "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧",
		  NULL },
		{ RELATION_APPS, RELATION_GOOD, "山田太郎の非常に長い名前のアプリ",
		  huge },
		{ RELATION_DEVICES, RELATION_GOOD, "", NULL },
	};
	const struct relation_edge edges[] = {
		{ 0, 1, huge, huge }, { 1, 2, "A", NULL },  { 2, 3, "B", NULL },
		{ 3, 4, "C", NULL },  { 0, 4, "D", "<w>" }, { 0, 3, "E", NULL },
	};
	const struct relation_map map = { .id = "blast",
		                          .nodes = nodes,
		                          .node_count = 5,
		                          .edges = edges,
		                          .edge_count = 6 };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw_map(&p, &doc, &map));
	CHECK(svg_has_label(&doc, "A") && svg_has_label(&doc, "D"));
	CHECK_STR(xml_attr(&doc.elements[0], "aria-labelledby"),
	          "blast-title blast-desc");
}

/* ---- the table ---- */

static bool draw_table(struct picture *out, struct xml_doc *doc,
                       const struct table_row *rows, size_t n)
{
	const struct entitlement_table t = { .rows = rows, .count = n };
	struct error err = { 0 };

	if (!picture_entitlements(out, &t, &err)) {
		test_ok(false, &err, __FILE__, __LINE__, "picture_entitlements");
		return false;
	}
	return judge(doc, out);
}

TEST(marks_the_first_no_from_the_left_as_the_cause)
{
	const struct table_row rows[] = {
		{ "aps-environment",
		  { { TABLE_YES, "production" },
		    { TABLE_YES, NULL },
		    { TABLE_NO, "development" },
		    { TABLE_NO, NULL } } },
		{ "fine",
		  { { TABLE_UNKNOWN, NULL },
		    { TABLE_YES, NULL },
		    { TABLE_YES, NULL },
		    { TABLE_YES, NULL } } },
	};
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	CHECK(table_cause(&rows[0]) == TABLE_ALLOWED);
	CHECK(table_cause(&rows[1]) == TABLE_COLUMN_COUNT);
	REQUIRE(draw_table(&p, &doc, rows, 2));
	AUTO(drop_str) char *text = mem_str(p.text.p, p.text.n);
	CHECK_STR(text,
	          "2 entitlements, 1 refused.\n"
	          "aps-environment: Project wants: production; App has: yes; Profile "
	          "allows: development (no: the cause); App ID enabled: no (no)\n"
	          "fine: Project wants: not known; App has: yes; Profile allows: yes; "
	          "App ID enabled: yes\n");
	CHECK(svg_has_label(&doc, "cause"));
	CHECK(count(&p.svg, ">cause<") == 1);
	CHECK(count(&p.svg, "class=\"f-badp s-bad\"") == 1);
	CHECK(svg_has_label(&doc, "development"));
}

TEST(the_table_shows_so_many_rows_those_with_a_no_first)
{
	AUTO(drop_str)
	char *memory = mem_zero(TABLE_ENTRIES_MAX + 1, sizeof(struct table_row));
	struct table_row *rows = (void *)memory;
	struct error err = { 0 };

	for (size_t i = 0; i <= TABLE_ENTRIES_MAX; i++)
		rows[i].key = "key";
	for (size_t n = TABLE_ROWS_MAX; n <= TABLE_ROWS_MAX + 1; n++) {
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		rows[n - 1].key = "the last";
		rows[n - 1].cells[TABLE_ENABLED].state = TABLE_NO;
		REQUIRE(draw_table(&p, &doc, rows, n));
		CHECK(svg_has_label(&doc, "the last"));
		CHECK(svg_has_label(&doc, "+ 1 more") == (n > TABLE_ROWS_MAX));
		CHECK(has(&p.text, "and 1 more") == (n > TABLE_ROWS_MAX));
	}
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(picture_free) struct picture empty = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	struct entitlement_table t = { .rows = rows, .count = TABLE_ENTRIES_MAX };
	REQUIRE_OK(picture_entitlements(&p, &t, &err), &err);
	t.count++;
	CHECK_FAILS(picture_entitlements(&p, &t, &err), &err, ERROR_LIMIT, "5001 rows");
	REQUIRE(draw_table(&empty, &doc, NULL, 0));
	CHECK(svg_has_label(&doc, "No entitlements."));
}

TEST(the_table_keeps_hostile_values_in_their_cells)
{
	AUTO(drop_str) char *huge = mem_zero(10001, 1);
	memset(huge, '@', 10000);
	const struct table_row rows[] = {
		{ huge,
		  { { TABLE_YES, huge },
		    { TABLE_NO, huge },
		    { TABLE_NO, "<i>&" },
		    { TABLE_UNKNOWN, huge } } },
		{ "\x1b<&>\u202e",
		  { { TABLE_NO, huge }, { 0, "" }, { 0, "\x02" }, { 0, NULL } } },
	};
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	CHECK(draw_table(&p, &doc, rows, 2));
}

/* ---- the X-ray ---- */

static bool draw_xray(struct picture *out, struct xml_doc *doc,
                      const struct xray_bar *bars, size_t n)
{
	const struct xray x = { .name = "Shop.ipa", .bars = bars, .count = n };
	struct error err = { 0 };

	if (!picture_xray(out, &x, &err)) {
		test_ok(false, &err, __FILE__, __LINE__, "picture_xray");
		return false;
	}
	return judge(doc, out);
}

TEST(shows_the_first_mismatch_and_hatches_what_follows)
{
	const struct xray_part parts[] = {
		{ XRAY_CODE, 1800000, "pages 0-440", NULL },
		{ XRAY_CODE, 4096, "page 441", "hash a1b2, found 33c4" },
		{ XRAY_SLOTS, 22000, "code directory", "follows" },
		{ XRAY_MESSAGE, 4800, "CMS", NULL },
	};
	const struct xray_bar bars[] = { { "Shop.app", 0, parts, 4 },
		                         { "share.appex", 1, parts, 1 } };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	CHECK(xray_first_mismatch(&bars[0]) == 1);
	CHECK(xray_first_mismatch(&bars[1]) == 1);
	REQUIRE(draw_xray(&p, &doc, bars, 2));
	AUTO(drop_str) char *text = mem_str(p.text.p, p.text.n);
	CHECK_STR(text, "Shop.ipa: 2 bundles, 1 with a mismatch.\n"
	                "Shop.app: 4 parts, 1.8 MB; first mismatch: code pages page "
	                "441: hash a1b2, found 33c4\n"
	                "share.appex: 1 part, 1.8 MB\n");
	CHECK(svg_has_label(&doc, "page 441: hash a1b2, found 33c4"));
	CHECK(count(&p.svg, "class=\"f-bad\"") == 2 + 1);  /* bar and sign, label */
	CHECK(count(&p.svg, "url(#xray-hatch)") == 2 + 1); /* and the legend */
	CHECK(has(&p.svg, "<title>code pages: pages 0-440, 1.8 MB</title>"));
}

TEST(the_x_ray_takes_so_many_parts_and_bars)
{
	struct xray_part parts[XRAY_PARTS_MAX + 1];
	AUTO(drop_str)
	char *memory = mem_zero(XRAY_TAKEN_MAX + 1, sizeof(struct xray_bar));
	struct xray_bar *bars = (void *)memory;
	struct error err = { 0 };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(picture_free) struct picture q = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	for (size_t i = 0; i <= XRAY_PARTS_MAX; i++)
		parts[i] = (struct xray_part){ XRAY_SLOTS, UINT64_MAX, "p", NULL };
	for (size_t i = 0; i <= XRAY_TAKEN_MAX; i++)
		bars[i] = (struct xray_bar){ "b", 9, parts, XRAY_PARTS_MAX };
	REQUIRE(draw_xray(&p, &doc, bars, XRAY_BARS_MAX));
	CHECK(!has(&p.text, "more"));
	/* No part is wider than the bar, and all are inside. */
	for (size_t i = 0; i < doc.count; i++) {
		const char *x = xml_attr(&doc.elements[i], "x");
		const char *w = xml_attr(&doc.elements[i], "width");
		if (x != NULL && w != NULL)
			CHECK(strtol(x, NULL, 10) + strtol(w, NULL, 10) <= 1080);
	}
	parts[3].mismatch = "x";
	bars[XRAY_BARS_MAX] = (struct xray_bar){ "the bad one", 0, parts, 4 };
	parts[3].mismatch = NULL;
	struct xray_part bad = { XRAY_CODE, 0, "p", "is bad" };
	bars[XRAY_BARS_MAX].parts = &bad;
	bars[XRAY_BARS_MAX].count = 1;
	xml_free(&doc);
	REQUIRE(draw_xray(&q, &doc, bars, XRAY_BARS_MAX + 1));
	CHECK(svg_has_label(&doc, "the bad one"));
	CHECK(svg_has_label(&doc, "+ 1 more"));
	struct xray x = { .name = "n", .bars = bars, .count = XRAY_TAKEN_MAX };
	picture_free(&q);
	REQUIRE_OK(picture_xray(&q, &x, &err), &err);
	x.count++;
	CHECK_FAILS(picture_xray(&q, &x, &err), &err, ERROR_LIMIT, "5001 bars");
	x.count = 1;
	bars[0].count = XRAY_PARTS_MAX + 1;
	CHECK_FAILS(picture_xray(&q, &x, &err), &err, ERROR_LIMIT, "65 parts");
}

TEST(the_x_ray_keeps_hostile_names_in_their_place)
{
	AUTO(drop_str) char *huge = mem_zero(10001, 1);
	memset(huge, 'M', 10000);
	const struct xray_part parts[] = { { XRAY_OTHER, 0, huge, NULL },
		                           { XRAY_CODE, 1, "\x1b<&>", huge } };
	const struct xray_bar bars[] = { { huge, 0, parts, 2 },
		                         { "<&>\u202e", 2, parts, 1 },
		                         { "", 0, NULL, 0 } };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	CHECK(draw_xray(&p, &doc, bars, 3));
}

/* ---- the gauge ---- */

static bool draw_gauge(struct picture *out, struct xml_doc *doc, const struct gauge *g)
{
	struct error err = { 0 };

	if (!picture_gauge(out, g, &err)) {
		test_ok(false, &err, __FILE__, __LINE__, "picture_gauge");
		return false;
	}
	return judge(doc, out);
}

TEST(the_gauge_tells_what_is_left)
{
	const struct gauge_row rows[] = {
		{ "iPhone", 60, 20, 5, 100 },
		{ "iPad", 90, 10, 0, 100 },
		{ "Mac", 0, 0, 0, 100 },
		{ "too many", UINT32_MAX, UINT32_MAX, UINT32_MAX, 100 },
		{ "no places", 0, 0, 0, 0 },
	};
	const struct gauge g = { .rows = rows, .count = 5, .resets = "2027-06-01" };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	CHECK(gauge_free(&rows[0]) == 15 && gauge_free(&rows[1]) == 0);
	CHECK(gauge_free(&rows[3]) == 0);
	REQUIRE(draw_gauge(&p, &doc, &g));
	CHECK(has(&p.text,
	          "5 families, 3 full; resets 2027-06-01.\n"
	          "iPhone: 60 used, 5 processing, 20 disabled, 15 of 100 free\n"
	          "iPad: 90 used, 0 processing, 10 disabled, 0 of 100 free\n"));
	CHECK(svg_has_label(&doc, "15 of 100 free") && svg_has_label(&doc, "iPhone"));
	CHECK(svg_has_label(&doc, "resets 2027-06-01"));
	/* 60 of 100 of 640 pixels. */
	CHECK(has(&p.svg, "<rect x=\"196\" y=\"24\" width=\"384\" height=\"14\" "
	                  "rx=\"3\" class=\"f-cert\""));
	for (size_t i = 0; i < doc.count; i++) {
		const char *x = xml_attr(&doc.elements[i], "x");
		const char *w = xml_attr(&doc.elements[i], "width");
		if (x != NULL && w != NULL)
			CHECK(strtol(x, NULL, 10) + strtol(w, NULL, 10) <= 1080);
	}
}

TEST(the_gauge_takes_so_many_families_and_any_name)
{
	AUTO(drop_str) char *huge = mem_zero(10001, 1);
	memset(huge, 'M', 10000);
	struct gauge_row rows[GAUGE_ROWS_MAX + 1];
	struct gauge g = { .rows = rows, .count = GAUGE_ROWS_MAX, .resets = huge };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i <= GAUGE_ROWS_MAX; i++)
		rows[i] = (struct gauge_row){ i % 2 ? huge : "<&>\x1b\u202e", 1, 2, 3,
			                      UINT32_MAX };
	REQUIRE(draw_gauge(&p, &doc, &g));
	g.count++;
	CHECK_FAILS(picture_gauge(&p, &g, &err), &err, ERROR_LIMIT, "17 rows");
}
