/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/timeline.h"

#include <stdlib.h>

#include "picture/measure.h"
#include "picture/strip.h"
#include "support/harness.h"
#include "support/xml_check.h"
#include "util/clock.h"
#include "util/mem.h"

#define DAY    CLOCK_DAY_S
#define NOW_S  ((int64_t)1795597200) /* 2026-11-25 09:00 */
#define NOBODY TIMELINE_NO_PARENT

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

/* Names and notes end before the bars begin. */
static bool names_keep_their_column(const struct xml_doc *doc)
{
	for (size_t i = 0; i < doc->count; i++) {
		const struct xml_element *e = &doc->elements[i];
		if (strcmp(e->name, "text") != 0)
			continue;
		const long x = strtol(xml_attr(e, "x"), NULL, 10);
		const long size = strtol(xml_attr(e, "font-size"), NULL, 10);
		const bool bold = xml_attr(e, "font-weight") != NULL;
		if (x < 348 &&
		    x + (long)measure_text(e->text, (unsigned)size, bold) > 348)
			return false;
	}
	return true;
}

/* Draw it; it is well formed and its labels are apart. */
static bool draw(struct picture *out, struct xml_doc *doc,
                 const struct timeline_item *items, size_t n)
{
	const struct timeline t = { .now_s = NOW_S, .items = items, .count = n };
	struct error err = { 0 };

	if (!picture_timeline(out, &t, &err)) {
		test_ok(false, &err, __FILE__, __LINE__, "picture_timeline");
		return false;
	}
	if (!xml_parse(doc, buf_slice(&out->svg)) || !svg_labels_are_apart(doc))
		return test_fail(__FILE__, __LINE__, doc->problem);
	return CHECK(names_keep_their_column(doc));
}

TEST(counts_whole_days)
{
	char when[32];

	CHECK(timeline_days(NOW_S, NOW_S) == 0);
	CHECK(timeline_days(NOW_S + DAY - 1, NOW_S) == 0);
	CHECK(timeline_days(NOW_S + DAY, NOW_S) == 1);
	CHECK(timeline_days(NOW_S - 1, NOW_S) == -1);
	CHECK(timeline_days(NOW_S - DAY, NOW_S) == -1);
	CHECK(timeline_days(NOW_S - DAY - 1, NOW_S) == -2);
	timeline_when(when, NOW_S + 5, NOW_S);
	CHECK_STR(when, "today");
	timeline_when(when, NOW_S + DAY, NOW_S);
	CHECK_STR(when, "in 1 day");
	timeline_when(when, NOW_S + 41 * DAY, NOW_S);
	CHECK_STR(when, "in 41 days");
	timeline_when(when, NOW_S - 1, NOW_S);
	CHECK_STR(when, "1 day ago");
	timeline_when(when, NOW_S - 3 * DAY, NOW_S);
	CHECK_STR(when, "3 days ago");
	timeline_when(when, NOW_S + 729 * DAY, NOW_S);
	CHECK_STR(when, "in 729 days");
	timeline_when(when, NOW_S + 730 * DAY, NOW_S);
	CHECK_STR(when, "in 2 years");
	timeline_when(when, NOW_S - 3651 * DAY, NOW_S);
	CHECK_STR(when, "10 years ago");
}

TEST(draws_nothing_as_such)
{
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw(&p, &doc, NULL, 0));
	CHECK(svg_has_label(&doc, "Nothing here has an end date."));
	CHECK(has(&p.text, "0 things with an end date."));
}

TEST(nests_children_and_sorts_by_first_pain)
{
	const struct timeline_item items[] = {
		{ TIMELINE_CERTIFICATE, "late", NULL, 0, NOW_S + 300 * DAY, NOBODY },
		{ TIMELINE_CERTIFICATE, "early", NULL, 0, NOW_S + 100 * DAY, NOBODY },
		{ TIMELINE_PROFILE, "of late, far", NULL, 0, NOW_S + 200 * DAY, 0 },
		{ TIMELINE_PROFILE, "of late, near", "23 devices", 0, NOW_S + 12 * DAY,
		  0 },
		{ TIMELINE_APP, "app", NULL, 0, NOW_S + 12 * DAY, 3 },
	};
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw(&p, &doc, items, ARRAY_LEN(items)));
	AUTO(drop_str) char *text = mem_str(p.text.p, p.text.n);
	CHECK_STR(text,
	          "5 things with an end date; next to end: profile of late, near, "
	          "in 12 days.\n"
	          "certificate late: ends 2027-09-21, in 300 days\n"
	          "  profile of late, near (23 devices): ends 2026-12-07, in 12 days\n"
	          "    app app: ends 2026-12-07, in 12 days\n"
	          "  profile of late, far: ends 2027-06-13, in 200 days\n"
	          "certificate early: ends 2027-03-05, in 100 days\n");
	/* The drawing says the same. */
	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		CHECK(svg_has_label(&doc, items[i].name));
	CHECK(svg_has_label(&doc, "23 devices"));
	CHECK(svg_has_label(&doc, "2026-12-07"));
	CHECK(svg_has_label(&doc, "in 300 days"));
}

TEST(puts_what_is_over_for_long_last)
{
	const struct timeline_item items[] = {
		{ TIMELINE_CERTIFICATE, "over", NULL, 0, NOW_S - 46 * DAY, NOBODY },
		{ TIMELINE_CERTIFICATE, "still hurts", NULL, 0, NOW_S - 45 * DAY,
		  NOBODY },
		{ TIMELINE_CERTIFICATE, "with a child", NULL, 0, NOW_S - 99 * DAY,
		  NOBODY },
		{ TIMELINE_CERTIFICATE, "ahead", NULL, 0, NOW_S + 99 * DAY, NOBODY },
		{ TIMELINE_PROFILE, "child", NULL, 0, NOW_S + 9 * DAY, 2 },
	};
	static const char *const want[] = {
		"\ncertificate with a child", "\n  profile child",
		"\ncertificate still hurts", "\ncertificate ahead", "\ncertificate over"
	};
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw(&p, &doc, items, ARRAY_LEN(items)));
	struct slice rest = buf_slice(&p.text);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		CHECK(slice_cut(rest, slice_str(want[i]), NULL, &rest));
}

TEST(hatches_what_outlives_its_parent)
{
	struct timeline_item items[] = {
		{ TIMELINE_CERTIFICATE, "cert", NULL, 0, NOW_S + 100 * DAY, NOBODY },
		{ TIMELINE_PROFILE, "profile", NULL, 0, NOW_S + 101 * DAY, 0 },
	};

	for (int i = 0; i < 2; i++) {
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		REQUIRE(draw(&p, &doc, items, ARRAY_LEN(items)));
		/* One more is in the legend. */
		CHECK(count(&p.svg, "url(#timeline-hatch)") == (i == 0 ? 2 : 1));
		CHECK(has(&p.text, "useless after its certificate") == (i == 0));
		items[1].until_s = items[0].until_s;
	}
}

TEST(marks_what_has_ended_and_what_ends_soon)
{
	static const struct {
		int64_t left_s;
		const char *ink;
		bool has_sign;
	} cases[] = { { -1, "bad", true },
		      { 0, "warn", true },
		      { 30 * DAY - 1, "warn", true },
		      { 30 * DAY, "warn", false } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct timeline_item item = {
			TIMELINE_APP, "app", NULL, 0, NOW_S + cases[i].left_s, NOBODY
		};
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		REQUIRE(draw(&p, &doc, &item, 1));
		AUTO(drop_str)
		char *filled = mem_format("Z\" class=\"f-%s\"", cases[i].ink);
		CHECK(has(&p.svg, filled) == cases[i].has_sign);
		CHECK(has(&p.text, cases[i].left_s < 0 ? "ended" : "ends"));
		CHECK(has(&p.text, "1 ended") == (cases[i].left_s < 0));
	}
}

TEST(fades_the_last_thirty_days)
{
	const struct timeline_item item = { TIMELINE_CERTIFICATE, "c",   NULL, 0,
		                            NOW_S + 100 * DAY,    NOBODY };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	long bar = 0, fade = 0, fade_width = 0, bar_width = 0;

	REQUIRE(draw(&p, &doc, &item, 1));
	for (size_t i = 0; i < doc.count; i++) {
		const struct xml_element *e = &doc.elements[i];
		const char *fill = xml_attr(e, "fill"), *height = xml_attr(e, "height");
		if (strcmp(e->name, "rect") != 0 || strcmp(height, "12") != 0)
			continue;
		long *x = strstr(fill, "fade") != NULL ? &fade : &bar;
		long *w = strstr(fill, "fade") != NULL ? &fade_width : &bar_width;
		*x = strtol(xml_attr(e, "x"), NULL, 10);
		*w = strtol(xml_attr(e, "width"), NULL, 10);
	}
	/* 145 days from the left edge to the end, 30 of them fade. */
	CHECK(fade + fade_width == bar + bar_width);
	CHECK(labs(fade_width * 145 - bar_width * 30) <= 290);
}

TEST(draws_hostile_names_in_their_place)
{
	AUTO(drop_str) char *huge = mem_zero(10001, 1);
	memset(huge, 'W', 10000);
	const char *const names[] = {
		huge,
		"</text><script>alert(1)</script>",
		"\x1b[31m\x01\x02\xff\xfe",
		"\u202egnp.exe",
		"Apple Distribution: Größenwahn & Söhne GmbH \"Übersee\" (ABCDE12345)",
		"山田太郎の非常に長い名前のプロファイルで入り切らないもの",
		"👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧",
		"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
		"",
	};
	struct timeline_item items[ARRAY_LEN(names)];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		items[i] = (struct timeline_item){ (enum timeline_kind)(i % 3),
			                           names[i],
			                           names[i],
			                           0,
			                           NOW_S + ((int64_t)i * 97 - 90) * DAY,
			                           i == 0 ? NOBODY : i - 1 };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	REQUIRE(draw(&p, &doc, items, ARRAY_LEN(items)));
	CHECK(!has(&p.svg, "<script"));
	CHECK(!has(&p.svg, "\u202e"));
	CHECK(!has(&p.text, "\u202e"));
	CHECK(!has(&p.text, "\x1b"));
	/* The whole of what was cut is a title. */
	CHECK(has(&p.svg, "<title>Apple Distribution: Größenwahn &amp; Söhne GmbH "
	                  "&quot;Übersee&quot; (ABCDE12345)</title>"));
	CHECK(p.svg.n < 40000);
}

TEST(shows_so_many_rows_and_counts_the_others)
{
	AUTO(drop_str)
	char *memory = mem_zero(TIMELINE_ITEMS_MAX + 1, sizeof(struct timeline_item));
	struct timeline_item *items = (void *)memory;
	struct error err = { 0 };

	for (size_t i = 0; i <= TIMELINE_ITEMS_MAX; i++)
		items[i] = (struct timeline_item){ TIMELINE_PROFILE,
			                           "p",
			                           NULL,
			                           0,
			                           NOW_S + (int64_t)(i % 700) * DAY,
			                           i % 5 == 0 ? NOBODY : i / 5 * 5 };
	for (size_t n = TIMELINE_ROWS_MAX; n <= TIMELINE_ROWS_MAX + 1; n++) {
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		REQUIRE(draw(&p, &doc, items, n));
		CHECK(count(&p.text, "profile p: ends") == TIMELINE_ROWS_MAX);
		CHECK(svg_has_label(&doc, "+ 1 more") == (n > TIMELINE_ROWS_MAX));
		CHECK(has(&p.text, "and 1 more") == (n > TIMELINE_ROWS_MAX));
	}
	AUTO(picture_free) struct picture p = { 0 };
	struct timeline t = { .now_s = NOW_S,
		              .items = items,
		              .count = TIMELINE_ITEMS_MAX };
	REQUIRE_OK(picture_timeline(&p, &t, &err), &err);
	t.count++;
	CHECK_FAILS(picture_timeline(&p, &t, &err), &err, ERROR_LIMIT, "5001 items");
	CHECK_FAILS(picture_strip(&p, &t, &err), &err, ERROR_LIMIT, "5001 items");
}

/* The labels above the lanes end where the bars do. */
static void check_axis(const struct xml_doc *doc)
{
	for (size_t i = 0; i < doc->count; i++) {
		const struct xml_element *e = &doc->elements[i];
		if (strcmp(e->name, "text") != 0 ||
		    strtol(xml_attr(e, "y"), NULL, 10) > 60)
			continue;
		const bool bold = xml_attr(e, "font-weight") != NULL;
		CHECK(strtol(xml_attr(e, "x"), NULL, 10) >= 368);
		CHECK(strtol(xml_attr(e, "x"), NULL, 10) +
		              (long)measure_text(e->text, 11, bold) <=
		      846);
	}
}

TEST(has_an_axis_for_every_span)
{
	for (int64_t days = -400; days < 40000; days += days < 200 ? 7 : days / 4) {
		const struct timeline_item item = { TIMELINE_APP,       "app", NULL, 1,
			                            NOW_S + days * DAY, NOBODY };
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		REQUIRE(draw(&p, &doc, &item, 1));
		check_axis(&doc);
		CHECK(svg_has_label(&doc, "2027") || svg_has_label(&doc, "Jan 2027"));
	}
}

TEST(has_an_axis_for_every_day)
{
	const struct timeline_item item = { TIMELINE_APP, "app", NULL, 1, 0, NOBODY };

	for (int64_t day = 0; day < 400; day++) {
		const struct timeline t = { .now_s = NOW_S + day * DAY,
			                    .items = &item,
			                    .count = 1 };
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(picture_timeline(&p, &t, &err), &err);
		REQUIRE(xml_parse(&doc, buf_slice(&p.svg)));
		CHECK(svg_labels_are_apart(&doc));
		check_axis(&doc);
	}
}

TEST(shows_a_note_where_there_is_room)
{
	char note[61] = "";

	for (size_t n = 1; n < sizeof(note); n++) {
		const struct timeline_item item = { TIMELINE_PROFILE, "name", note, 0,
			                            NOW_S + DAY,      NOBODY };
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		note[n - 1] = 'n';
		REQUIRE(draw(&p, &doc, &item, 1));
		CHECK(has(&p.text, note));
		CHECK(svg_has_label(&doc, note) == (n < 36));
	}
}

TEST(stands_times_at_the_ends_of_the_world)
{
	const struct timeline_item items[] = {
		{ TIMELINE_CERTIFICATE, "a", NULL, INT64_MIN / 4, INT64_MAX / 4,
		  NOBODY },
		{ TIMELINE_PROFILE, "b", NULL, INT64_MAX / 4, INT64_MIN / 4, 0 },
	};
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	CHECK(draw(&p, &doc, items, ARRAY_LEN(items)));
}

TEST(gives_the_same_bytes_for_the_same_values)
{
	const struct timeline_item items[] = {
		{ TIMELINE_CERTIFICATE, "same", NULL, 0, NOW_S + 10 * DAY, NOBODY },
		{ TIMELINE_CERTIFICATE, "same", NULL, 0, NOW_S + 10 * DAY, NOBODY },
	};
	AUTO(picture_free) struct picture a = { 0 };
	AUTO(picture_free) struct picture b = { 0 };
	const struct timeline t = { .now_s = NOW_S, .items = items, .count = 2 };
	struct error err = { 0 };

	REQUIRE_OK(picture_timeline(&a, &t, &err), &err);
	REQUIRE_OK(picture_timeline(&b, &t, &err), &err);
	CHECK(slice_equal(buf_slice(&a.svg), buf_slice(&b.svg)));
}

TEST(speaks_to_screen_readers_and_adapts_to_the_dark)
{
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };

	REQUIRE(draw(&p, &doc, NULL, 0));
	const struct xml_element *svg = &doc.elements[0];
	CHECK_STR(xml_attr(svg, "role"), "img");
	CHECK_STR(xml_attr(svg, "aria-labelledby"), "timeline-title timeline-desc");
	CHECK_STR(doc.elements[1].text, "When do things stop?");
	CHECK_STR(doc.elements[2].text, "0 things with an end date.");
	CHECK(has(&p.svg, "prefers-color-scheme:dark"));
	CHECK(has(&p.svg, "fill=\"#ffffff\"")); /* for those who know no variables */
}

TEST(the_strip_counts_what_ends_in_each_month)
{
	const struct timeline_item items[] = {
		{ TIMELINE_CERTIFICATE, "ended this month", NULL, 0, NOW_S - DAY,
		  NOBODY },
		{ TIMELINE_PROFILE, "last of november", NULL, 0,
		  clock_from_civil(2026, 12, 1, 0, 0, -1), NOBODY },
		{ TIMELINE_APP, "first of december", NULL, 0,
		  clock_from_civil(2026, 12, 1, 0, 0, 0), NOBODY },
		{ TIMELINE_APP, "last month", NULL, 0,
		  clock_from_civil(2026, 11, 1, 0, 0, -1), NOBODY },
		{ TIMELINE_APP, "in a year", NULL, 0,
		  clock_from_civil(2027, 11, 1, 0, 0, 0), NOBODY },
	};
	const struct timeline t = { .now_s = NOW_S, .items = items, .count = 5 };
	AUTO(picture_free) struct picture p = { 0 };
	AUTO(xml_free) struct xml_doc doc = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(picture_strip(&p, &t, &err), &err);
	REQUIRE(xml_parse(&doc, buf_slice(&p.svg)));
	CHECK(svg_labels_are_apart(&doc));
	AUTO(drop_str) char *text = mem_str(p.text.p, p.text.n);
	CHECK_STR(text, "3 things end in twelve months.\n"
	                "Nov 2026: 2\n"
	                "  certificate ended this month\n"
	                "  profile last of november\n"
	                "Dec 2026: 1\n"
	                "  app first of december\n");
	CHECK(svg_has_label(&doc, "2") && svg_has_label(&doc, "1"));
	CHECK(xml_count(&doc, "title") == 1 + 3);
}

TEST(the_strip_shows_so_many_signs)
{
	struct timeline_item items[STRIP_SIGNS_MAX + 1];
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		items[i] = (struct timeline_item){ TIMELINE_APP,     "a",   NULL, 0,
			                           NOW_S + 60 * DAY, NOBODY };
	for (size_t n = STRIP_SIGNS_MAX; n <= STRIP_SIGNS_MAX + 1; n++) {
		const struct timeline t = { .now_s = NOW_S,
			                    .items = items,
			                    .count = n };
		AUTO(picture_free) struct picture p = { 0 };
		AUTO(xml_free) struct xml_doc doc = { 0 };

		REQUIRE_OK(picture_strip(&p, &t, &err), &err);
		REQUIRE(xml_parse(&doc, buf_slice(&p.svg)));
		CHECK(xml_count(&doc, "title") == 1 + STRIP_SIGNS_MAX);
		AUTO(drop_str) char *number = mem_format("%zu", n);
		CHECK(svg_has_label(&doc, number));
	}
}
