/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all drawings share: measuring, escaping, and the judge of the SVG itself.
 */
#include "picture/picture.h"

#include <stdlib.h>

#include "picture/measure.h"
#include "support/harness.h"
#include "support/xml_check.h"
#include "util/mem.h"

static char *escaped(const char *text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(1 << 16);

	if (!picture_escape(&out, text, &err))
		return NULL;
	return mem_str(buf_slice(&out).p, buf_slice(&out).n);
}

static char *plain(const char *text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(1 << 16);

	if (!picture_plain(&out, text, &err))
		return NULL;
	return mem_str(buf_slice(&out).p, buf_slice(&out).n);
}

static char *repeated(const char *text, size_t n)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(1 << 20);

	for (size_t i = 0; i < n; i++)
		if (!buf_append_str(&out, text, &err))
			abort();
	return mem_str(buf_slice(&out).p, buf_slice(&out).n);
}

TEST(escapes_what_markup_gives_a_meaning)
{
	AUTO(drop_str) char *out = escaped("<a href=\"x\">Tom & Jerry's</a>");
	AUTO(drop_str) char *same = plain("<a href=\"x\">Tom & Jerry's</a>");

	CHECK_STR(out, "&lt;a href=&quot;x&quot;&gt;Tom &amp; Jerry&#39;s&lt;/a&gt;");
	CHECK_STR(same, "<a href=\"x\">Tom & Jerry's</a>");
}

TEST(shows_no_control_characters_and_no_broken_bytes)
{
	AUTO(drop_str) char *controls = plain("a\x01\x1b[31m\x7f\xc2\x9bz");
	AUTO(drop_str) char *spaces = plain("a\tb\nc\rd");
	AUTO(drop_str) char *broken = plain("a\xff\xc3z\xe2\x82");
	AUTO(drop_str) char *not_xml = plain("\xef\xbf\xbe\xef\xbf\xbf");

	CHECK_STR(controls, "a\xef\xbf\xbd\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbdz");
	CHECK_STR(spaces, "a b c d");
	CHECK_STR(broken, "a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(not_xml, "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(shows_nothing_that_turns_the_direction_of_text)
{
	/* LRE RLE PDF LRO RLO, LRI RLI FSI PDI, LRM RLM, ALM, BOM */
	static const char *const turners[] = {
		"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
		"\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u061c",
		"\ufeff", "\u2028", "\u2029", "\u200b",
	};

	for (size_t i = 0; i < ARRAY_LEN(turners); i++) {
		AUTO(drop_str) char *text = mem_format("gpj.%sexe", turners[i]);
		AUTO(drop_str) char *out = escaped(text);
		CHECK_STR(out, "gpj.\xef\xbf\xbd"
		               "exe");
	}
}

TEST(keeps_names_of_all_scripts_and_joined_emoji)
{
	static const char *const names[] = {
		"Größe Übung",        "山田太郎", "Пётр",
		"👩‍👩‍👧", "❤️",   "e\u0301"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO(drop_str) char *out = escaped(names[i]);
		CHECK_STR(out, names[i]);
	}
}

TEST(piles_up_four_accents_and_no_more)
{
	AUTO(drop_str) char *four = plain("e\u0301\u0302\u0303\u0304x");
	AUTO(drop_str) char *five = plain("e\u0301\u0302\u0303\u0304\u0305x");

	CHECK_STR(four, "e\u0301\u0302\u0303\u0304x");
	CHECK_STR(five, "e\u0301\u0302\u0303\u0304\ufffdx");
}

TEST(cuts_a_name_at_its_limit)
{
	AUTO(drop_str) char *fits = repeated("ä", PICTURE_NAME_MAX);
	AUTO(drop_str) char *longer = repeated("ä", PICTURE_NAME_MAX + 1);
	AUTO(drop_str) char *want = mem_format("%s…", fits);
	AUTO(drop_str) char *a = escaped(fits);
	AUTO(drop_str) char *b = escaped(longer);

	CHECK_STR(a, fits);
	CHECK_STR(b, want);
	/* And no measure beyond it. */
	AUTO(drop_str) char *huge = repeated("ä", 10000);
	CHECK(measure_text(huge, 12, false) == measure_text(longer, 12, false));
	CHECK(measure_text(longer, 12, false) > measure_text(fits, 12, false));
}

TEST(measures_by_the_table)
{
	CHECK(measure_text("", 12, false) == 0);
	CHECK(measure_text("W", 100, false) == 99);
	CHECK(measure_text("iii", 100, false) == 84);
	CHECK(measure_text("0", 10, false) == 7); /* 6.4, rounded up */
	CHECK(measure_text("0", 10, true) == 8);  /* a quarter more */
	CHECK(measure_text("~", 100, false) == 84);
	CHECK(measure_text("ſ", 100, false) == 36);  /* the last of Latin */
	CHECK(measure_text("ƀ", 100, false) == 100); /* beyond the table */
	CHECK(measure_text("Ͱ", 100, false) == 66);
	CHECK(measure_text("ё", 100, false) == 62);
	CHECK(measure_text("山", 100, false) == 100);
	CHECK(measure_text("😀", 100, false) == 125);
	CHECK(measure_text("e\u0301", 100, false) == measure_text("e", 100, false));
	CHECK(measure_text("\x01", 100, false) == 103); /* U+FFFD */
}

TEST(fits_a_text_or_leaves_room_for_the_ellipsis)
{
	/* 5 times 64 hundredths of 100 pixels. */
	CHECK(measure_fit("00000", 100, false, 320) == 5);
	CHECK(measure_fit("00000", 100, false, 319) == 3); /* 3 * 64 + 100 <= 319 */
	CHECK(measure_fit("00000", 100, false, 164) == 1);
	CHECK(measure_fit("00000", 100, false, 163) == 0);
	CHECK(measure_fit("", 100, false, 0) == 0);
	CHECK(measure_fit("00000", 100, true, 400) == 5);
	CHECK(measure_fit("00000", 100, true, 399) == 3);
}

TEST(never_cuts_a_character_from_what_stands_on_it)
{
	for (unsigned width = 0; width < 800; width++) {
		const char *text = "ae\u0301o\u0308x👩‍👩‍👧zzzzz";
		const size_t n = measure_fit(text, 100, false, width);
		const unsigned char *at = (const unsigned char *)text + n;

		CHECK(n == strlen(text) || (*at & 0xc0) != 0x80);
		CHECK(*at != 0xcc);                                 /* an accent */
		CHECK(strncmp((const char *)at, "\u200d", 3) != 0); /* the joiner */
		CHECK(n < 3 || memcmp(at - 3, "\u200d", 3) != 0);
		AUTO(drop_str) char *cut = mem_str(text, n);
		CHECK(measure_text(cut, 100, false) + (n < strlen(text) ? 100 : 0) <=
		              width ||
		      n == 0);
	}
}

/* ---- the judge ---- */

static bool is_well_formed(const char *text)
{
	AUTO(xml_free) struct xml_doc doc = { 0 };

	return xml_parse(&doc, slice_str(text));
}

TEST(the_judge_takes_what_is_well_formed)
{
	CHECK(is_well_formed("<a/>"));
	CHECK(is_well_formed("<a x=\"1\" y=\"2\">t&amp;&#39;<b>ä</b>u</a>\n"));
	CHECK(is_well_formed("<!DOCTYPE html>\n<a href=\"#x\"/>"));
}

TEST(the_judge_refuses_what_is_not)
{
	static const char *const bad[] = {
		"",
		"x",
		"<a>",
		"</a>",
		"<a></b>",
		"<a><b></a></b>",
		"<a/><b/>",
		"<a/>x",
		"<a x=1/>",
		"<a x=\"1\" x=\"2\"/>",
		"<a x=\"<\"/>",
		"<a>&nbsp;</a>",
		"<a>&</a>",
		"<a>\x01</a>",
		"<a>\xff</a>",
		"<a>\u202e</a>",
		"<a><!-- --></a>",
		"<?xml version=\"1.0\"?><a/>",
		"<script/>",
		"<a onclick=\"x\"/>",
		"<a href=\"http://example.com\"/>",
		"<a href=\"javascript:1\"/>",
		"<a src=\"x.png\"/>",
		"<a fill=\"url(http://example.com/#a)\"/>",
		"<a><style>@import 'x'</style></a>",
		"<a><style>b{background:url(x)}</style></a>",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(!is_well_formed(bad[i]));
}

TEST(the_judge_sees_labels_outside_and_over_each_other)
{
	static const struct {
		const char *svg;
		bool ok;
	} cases[] = {
		{ "<svg width=\"100\" height=\"50\"><text x=\"0\" y=\"20\" "
		  "font-size=\"10\">ab</text></svg>",
		  true },
		{ "<svg width=\"100\" height=\"50\"><text x=\"95\" y=\"20\" "
		  "font-size=\"10\">ab</text></svg>",
		  false },
		{ "<svg width=\"100\" height=\"50\"><text x=\"5\" y=\"20\" "
		  "font-size=\"10\" text-anchor=\"end\">ab</text></svg>",
		  false },
		{ "<svg width=\"100\" height=\"50\"><text x=\"5\" y=\"49\" "
		  "font-size=\"10\">ab</text></svg>",
		  false },
		{ "<svg width=\"100\" height=\"50\"><text x=\"0\" y=\"20\" "
		  "font-size=\"10\">ab</text><text x=\"10\" y=\"22\" "
		  "font-size=\"10\">ab</text></svg>",
		  false },
		{ "<svg width=\"100\" height=\"50\"><text x=\"0\" y=\"20\" "
		  "font-size=\"10\">ab</text><text x=\"10\" y=\"32\" "
		  "font-size=\"10\">ab</text></svg>",
		  true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(xml_free) struct xml_doc doc = { 0 };
		REQUIRE(xml_parse(&doc, slice_str(cases[i].svg)));
		CHECK(svg_labels_are_apart(&doc) == cases[i].ok);
	}
}
