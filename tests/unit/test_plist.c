/* SPDX-License-Identifier: Apache-2.0 */
#include "util/plist.h"

#include <math.h>

#include "support/harness.h"
#include "util/mem.h"

#define ROOM ((size_t)1 << 20)

static struct pl *parse(const char *xml)
{
	struct error err = { 0 };
	struct pl *made = NULL;

	if (pl_parse(&made, slice_str(xml), "test", &err))
		return made;
	error_print(&err, stdout, true);
	return NULL;
}

/* Does the text between <plist> and </plist> parse to what want says? */
static bool refused(const char *xml, enum error_code code, const char *why)
{
	struct error err = { 0 };
	struct pl *made = NULL;

	bool ok = CHECK_FAILS(pl_parse(&made, slice_str(xml), "test", &err), &err, code,
	                      why);
	return CHECK(made == NULL) && ok;
}

static bool writes(const struct pl *v, const char *inside)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(ROOM);
	AUTO(drop_str)
	char *want =
		mem_format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                   "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	                   "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	                   "<plist version=\"1.0\">\n%s</plist>\n",
	                   inside);

	if (v == NULL || !pl_write_xml(&got, v, &err))
		return test_fail(__FILE__, __LINE__, "writing");
	AUTO(drop_str) char *text = mem_str(got.p, got.n);
	return CHECK_STR(text, want);
}

/* Parses, writes, and compares what stands between <plist> and </plist>. */
static bool becomes(const char *xml, const char *inside)
{
	AUTO(drop_pl) struct pl *v = parse(xml);

	return writes(v, inside);
}

TEST(writes_as_apple_does)
{
	static const char nested[] = "<dict>\n"
				     "\t<key>a</key>\n"
				     "\t<array>\n"
				     "\t\t<true/>\n"
				     "\t\t<false/>\n"
				     "\t\t<array/>\n"
				     "\t\t<dict/>\n"
				     "\t\t<integer>-7</integer>\n"
				     "\t</array>\n"
				     "\t<key>b &amp; &lt;c&gt; \"'</key>\n"
				     "\t<string></string>\n"
				     "\t<key>c</key>\n"
				     "\t<date>2027-03-02T10:00:00Z</date>\n"
				     "\t<key>d</key>\n"
				     "\t<data>\n"
				     "\tYWI=\n"
				     "\t</data>\n"
				     "</dict>\n";
	AUTO(drop_str)
	char *xml = mem_format("<plist version=\"1.0\">%s</plist>", nested);

	becomes(xml, nested);
}

TEST(sorts_keys_by_bytes_and_keeps_their_order_in_memory)
{
	AUTO(drop_pl)
	struct pl *v = parse("<dict><key>b</key><true/><key>\xc3\xa9</key><true/>"
	                     "<key>B</key><true/><key>a</key><true/></dict>");

	REQUIRE(v != NULL && v->count == 4);
	CHECK_STR(v->keys[0], "b");
	CHECK_STR(v->keys[1], "\xc3\xa9");
	CHECK_STR(v->keys[3], "a");
	writes(v, "<dict>\n\t<key>B</key>\n\t<true/>\n\t<key>a</key>\n\t<true/>\n"
	          "\t<key>b</key>\n\t<true/>\n\t<key>\xc3\xa9</key>\n\t<true/>\n"
	          "</dict>\n");
}

TEST(writes_reals_in_the_fewest_digits)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 1000, "1000" },
		{ 10, "10" },
		{ 1010, "1010" },
		{ 0.1, "0.1" },
		{ -2.5, "-2.5" },
		{ 1e300, "1e+300" },
		{ 1e16, "10000000000000000" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 0, "0.0" },
		{ INFINITY, "+infinity" },
		{ -INFINITY, "-infinity" },
		{ NAN, "nan" },
		{ 1234567.125, "1234567.125" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *v = pl_new_real(cases[i].v);
		AUTO(drop_str)
		char *xml = mem_format("<real>%s</real>\n", cases[i].text);
		AUTO(drop_pl) struct pl *back = parse(xml);

		writes(v, xml);
		CHECK(back != NULL && pl_equal(v, back));
	}
}

/* depth arrays around n bytes of data; the length of its first line of base64. */
static size_t first_line(unsigned depth, size_t n)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(ROOM);
	AUTO(buf_free) struct buf bytes = BUF_INIT(ROOM);
	struct slice line = { 0 };

	if (!buf_append_fill(&bytes, 'x', n, &err))
		return 0;
	AUTO(drop_pl) struct pl *v = pl_new_data(buf_slice(&bytes));
	for (unsigned i = 0; i < depth; i++) {
		struct pl *around = pl_new_array();

		pl_append(around, v);
		v = around;
	}
	if (!pl_write_xml(&out, v, &err) ||
	    !slice_cut(buf_slice(&out), slice_str("<data>\n"), NULL, &line) ||
	    !slice_cut(line, slice_str("\n"), &line, NULL))
		return 0;
	return slice_skip_space(line).n;
}

TEST(breaks_base64_where_apple_does)
{
	CHECK(first_line(0, 57) == 76);
	CHECK(first_line(0, 58) == 76);
	CHECK(first_line(0, 56) == 76);
	CHECK(first_line(0, 54) == 72);
	CHECK(first_line(1, 200) == 68);
	CHECK(first_line(3, 200) == 52);
	CHECK(first_line(8, 200) == 12);
	CHECK(first_line(9, 200) == 12);
	CHECK(first_line(30, 200) == 12);
	becomes("<data/>", "<data>\n</data>\n");
	becomes("<array><data>QUJD</data><data>QUI=</data><data>QQ==</data></array>",
	        "<array>\n\t<data>\n\tQUJD\n\t</data>\n\t<data>\n\tQUI=\n\t</data>\n"
	        "\t<data>\n\tQQ==\n\t</data>\n</array>\n");
}

TEST(reads_data_as_apple_does)
{
	static const struct {
		const char *xml, *bytes;
	} cases[] = {
		{ "<data> QU\n\tJD\r\n</data>", "ABC" },
		{ "<data>QUI=</data>", "AB" },
		{ "<data>QQ==</data>", "A" },
		{ "<data>QUJDQUI</data>", "ABC" }, /* the group is not complete */
		{ "<data>Q_U-J*D</data>", "ABC" }, /* skipped */
		{ "<data>++//</data>", "\xfb\xef\xff" },
		{ "<data></data>", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *v = parse(cases[i].xml);

		REQUIRE(v != NULL && v->type == PL_DATA);
		CHECK(slice_equal(v->bytes, slice_str(cases[i].bytes)));
	}
}

TEST(reads_every_form_of_text)
{
	static const struct {
		const char *xml, *text;
	} cases[] = {
		{ "<string/>", "" },
		{ "<string></string>", "" },
		{ "<string> a\n b </string>", " a\n b " },
		{ "<string>&amp;&lt;&gt;&quot;&apos;</string>", "&<>\"'" },
		{ "<string>&#65;&#x42;&#x00000000043;</string>", "ABC" },
		{ "<string>&#233;&#x20ac;&#x1F600;</string>",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "<string>a<![CDATA[<&amp;>]]>b</string>", "a<&amp;>b" },
		{ "<string><![CDATA[]]></string>", "" },
		{ "<string>&amp;b</string>", "&b" },
		{ "<string>]]></string>", "]]>" },
		{ "<string>\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf</string>",
		  "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *v = parse(cases[i].xml);

		if (CHECK(v != NULL && pl_text(v) != NULL))
			CHECK_STR(pl_text(v), cases[i].text);
	}
}

TEST(reads_integers_of_every_size)
{
	static const struct {
		const char *xml;
		uint64_t v;
		bool is_unsigned;
	} cases[] = {
		{ "<integer>0</integer>", 0, false },
		{ "<integer>-1</integer>", UINT64_MAX, false },
		{ "<integer>+5</integer>", 5, false },
		{ "<integer> 010 </integer>", 10, false }, /* not octal */
		{ "<integer>0x1F</integer>", 31, false },
		{ "<integer>-0x10</integer>", (uint64_t)-16, false },
		{ "<integer>9223372036854775807</integer>", INT64_MAX, false },
		{ "<integer>9223372036854775808</integer>", (uint64_t)1 << 63, true },
		{ "<integer>18446744073709551615</integer>", UINT64_MAX, true },
		{ "<integer>-9223372036854775808</integer>", (uint64_t)1 << 63, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *v = parse(cases[i].xml);

		REQUIRE(v != NULL && v->type == PL_INT);
		CHECK((uint64_t)v->integer == cases[i].v);
		CHECK(v->is_unsigned == cases[i].is_unsigned);
	}
}

TEST(reads_dates_beyond_32_bits)
{
	becomes("<date>4001-01-01T00:00:00Z</date>",
	        "<date>4001-01-01T00:00:00Z</date>\n");
	becomes("<date>0001-01-01T00:00:00Z</date>",
	        "<date>0001-01-01T00:00:00Z</date>\n");
}

TEST(takes_all_that_may_surround_a_list)
{
	becomes("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><!DOCTYPE plist>\r\n"
	        "<!-- > --><plist version=\"1.0\" >\t<!----><true /><!-- b --></plist >\n \n",
	        "<true/>\n");
	becomes("<true></true>", "<true/>\n");
	becomes("<plist><array><!-- a -->\n<false/><!-- b --></array></plist>",
	        "<array>\n\t<false/>\n</array>\n");
}

static const struct {
	const char *xml, *why;
} wrong[] = {
	{ "", "cut short" },
	{ " \n", "cut short" },
	{ "hello", "text where a tag" },
	{ "<plist/>", "nothing is inside" },
	{ "<plist></plist>", "a value is missing" },
	{ "<plist><true/>", "cut short" },
	{ "<plist><true/><true/></plist>", "not closed by its own" },
	{ "<plist><true/></plist>x", "follows its end" },
	{ "<plist><true/></plist><true/>", "follows its end" },
	{ "<plist><true/></plist><!-- a -->", "follows its end" },
	{ "<true/>x", "follows its end" },
	{ "<plist>x<true/></plist>", "text where a tag" },
	{ "<plist><array>x</array></plist>", "text where a tag" },
	{ "<array><true/></dict>", "a value is missing" },
	{ "<array></plist>", "a value is missing" },
	{ "<string>a</data>", "not closed by its own" },
	{ "<string>a<!-- b --></string>", "has attributes" },
	{ "<string>a<b/></string>", "not closed by its own" },
	{ "<string a=\"b\">c</string>", "has attributes" },
	{ "<string>a</string b>", "has attributes" },
	{ "</string/>", "opens and closes at once" },
	{ "<frob/>", "do not have" },
	{ "<>", "do not have" },
	{ "<", "never ends" },
	{ "<key>a</key>", "do not have" },
	{ "<dict><true/></dict>", "without a key" },
	{ "<dict><key>a</key></dict>", "a value is missing" },
	{ "<dict><key>a</key><key>b</key></dict>", "do not have" },
	{ "<dict><key>a</key><true/><key>a</key><true/></dict>", "twice" },
	{ "<dict><key>a</key><true/><key>&#97;</key><true/></dict>", "twice" },
	{ "<array><dict><key/><true/><key></key><true/></dict></array>", "twice" },
	{ "<!DOCTYPE plist [<!ENTITY a \"b\">]><string>&a;</string>", "declarations" },
	{ "<string>&a;</string>", "an entity" },
	{ "<string>&amp</string>", "an entity" },
	{ "<string>& a</string>", "an entity" },
	{ "<string>&;</string>", "an entity" },
	{ "<string>&#;</string>", "an entity" },
	{ "<string>&#x;</string>", "an entity" },
	{ "<string>&#0;</string>", "an entity" },
	{ "<string>&#xd800;</string>", "an entity" },
	{ "<string>&#xdfff;</string>", "an entity" },
	{ "<string>&#x110000;</string>", "an entity" },
	{ "<string>&#99999999999999999999999;</string>", "an entity" },
	{ "<string>&#-1;</string>", "an entity" },
	{ "<string>&", "an entity" },
	{ "<string><![CDATA[a", "never ends" },
	{ "<!-- a", "never ends" },
	{ "<?xml", "never ends" },
	{ "<!DOCTYPE plist", "never ends" },
	{ "<integer></integer>", "an integer" },
	{ "<integer/>", "an integer" },
	{ "<integer>-</integer>", "an integer" },
	{ "<integer>0x</integer>", "an integer" },
	{ "<integer>1 2</integer>", "an integer" },
	{ "<integer>1.5</integer>", "an integer" },
	{ "<integer>--1</integer>", "an integer" },
	{ "<integer>18446744073709551616</integer>", "an integer" },
	{ "<integer>-9223372036854775809</integer>", "an integer" },
	{ "<real></real>", "a real" },
	{ "<real>1,5</real>", "a real" },
	{ "<real>0x10</real>", "a real" },
	{ "<real>1 2</real>", "a real" },
	{ "<date>2027-03-02</date>", "a date" },
	{ "<date>2027-02-30T10:00:00Z</date>", "a date" },
	{ "<true>x</true>", "inside a boolean" },
	{ "<false>x</false>", "inside a boolean" },
	{ "<string>\x80</string>", "not UTF-8" },
	{ "<string>\xc1\x81</string>", "not UTF-8" },         /* overlong */
	{ "<string>\xe0\x80\x80</string>", "not UTF-8" },     /* overlong */
	{ "<string>\xed\xa0\x80</string>", "not UTF-8" },     /* a surrogate */
	{ "<string>\xf4\x90\x80\x80</string>", "not UTF-8" }, /* above U+10FFFF */
	{ "<string>\xf5\x80\x80\x80</string>", "not UTF-8" },
	{ "<string>\xe2\x82</string>", "not UTF-8" },
	{ "<true/>\xc3", "not UTF-8" },
};

TEST(refuses_xml_that_two_parsers_could_read_differently)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (!refused(wrong[i].xml, ERROR_FORMAT, wrong[i].why))
			printf("# %s\n", wrong[i].xml);
}

TEST(names_the_file_and_the_line)
{
	struct error err = { 0 };
	struct pl *made = NULL;

	CHECK(!pl_parse(&made, slice_str("<plist>\n<array>\n<frob/>"), "Info.plist",
	                &err));
	CHECK_STR(err.message, "\"Info.plist\" is not a valid property list: line 3: "
	                       "a tag that property lists do not have");
	CHECK_STR(err.evidence, "tag \"frob\"");
}

TEST(refuses_a_nul)
{
	static const char xml[] = "<string>a\0b</string>";
	struct error err = { 0 };
	struct pl *made = NULL;

	CHECK_FAILS(pl_parse(&made, slice_of(xml, sizeof xml - 1), "test", &err), &err,
	            ERROR_FORMAT, "has a NUL");
}

static struct pl *nested(unsigned depth)
{
	struct pl *v = pl_new_array();

	for (unsigned i = 1; i < depth; i++) {
		struct pl *around = i % 2 ? pl_new_dict() : pl_new_array();

		if (i % 2)
			pl_set(around, "k", v);
		else
			pl_append(around, v);
		v = around;
	}
	return v;
}

TEST(reads_and_writes_to_the_greatest_depth_and_no_further)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf xml = BUF_INIT(ROOM), binary = BUF_INIT(ROOM);
	AUTO(buf_free) struct buf deeper = BUF_INIT(ROOM);
	AUTO(drop_pl) struct pl *most = nested(PL_MAX_DEPTH), *a = NULL, *b = NULL;
	AUTO(drop_pl) struct pl *more = nested(PL_MAX_DEPTH + 1);

	REQUIRE_OK(pl_write_xml(&xml, most, &err) &&
	                   pl_write_binary(&binary, most, &err) &&
	                   pl_parse(&a, buf_slice(&xml), "x", &err) &&
	                   pl_parse(&b, buf_slice(&binary), "b", &err),
	           &err);
	CHECK(pl_equal(a, most) && pl_equal(b, most));
	CHECK_FAILS(pl_write_xml(&xml, more, &err), &err, ERROR_LIMIT, "64 levels");
	CHECK_FAILS(pl_write_binary(&xml, more, &err), &err, ERROR_LIMIT, "64 levels");

	for (unsigned i = 0; i <= PL_MAX_DEPTH; i++)
		REQUIRE_OK(buf_append_str(&deeper, "<array>", &err), &err);
	CHECK_FAILS(pl_parse(&a, buf_slice(&deeper), "x", &err), &err, ERROR_LIMIT,
	            "64 levels");
}

/* djb2, which libplist uses, gives all of these keys the same hash. */
static bool append_colliding(struct buf *xml, unsigned bits)
{
	struct error err = { 0 };
	bool ok = true;

	for (unsigned i = 0; ok && i < 1U << bits; i++) {
		ok = buf_append_str(xml, "<key>", &err);
		for (unsigned bit = 0; ok && bit < bits; bit++)
			ok = buf_append_str(xml, i >> bit & 1 ? "Ez" : "FY", &err);
		ok = ok && buf_append_str(xml, "</key><true/>", &err);
	}
	return ok;
}

TEST(stays_fast_when_the_keys_are_chosen_to_collide)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf xml = BUF_INIT(PL_MAX_BYTES);
	AUTO(drop_pl) struct pl *v = NULL;

	REQUIRE(buf_append_str(&xml, "<dict>", &err));
	REQUIRE(append_colliding(&xml, 15));
	REQUIRE(buf_append_str(&xml, "</dict>", &err));
	REQUIRE_OK(pl_parse(&v, buf_slice(&xml), "x", &err), &err);
	CHECK(v->count == 1U << 15);
}

TEST(refuses_a_file_cut_short_at_any_byte)
{
	static const char xml[] =
		"<?xml version=\"1.0\"?><!DOCTYPE plist><!-- a --><plist><dict>"
		"<key>a</key><array><string>&amp;<![CDATA[x]]></string></array>"
		"<key>b</key><data>QUJD</data><key>c</key><integer>1</integer>"
		"</dict></plist>";

	for (size_t n = 0; n < sizeof xml - 1; n++) {
		struct error err = { 0 };
		struct pl *made = NULL;

		CHECK(!pl_parse(&made, slice_of(xml, n), "x", &err));
		CHECK(made == NULL && err.code == ERROR_FORMAT);
	}
}

TEST(tells_the_forms_apart)
{
	CHECK(pl_is_binary(slice_str("bplist00")));
	CHECK(!pl_is_binary(slice_str("bplist0")));
	CHECK(!pl_is_binary(slice_str("<?xml")));
	CHECK(pl_looks_like(slice_str("bplist00")));
	CHECK(pl_looks_like(slice_str("\xef\xbb\xbf <?xml ")));
	CHECK(pl_looks_like(slice_str("\n<plist version=\"1.0\">")));
	CHECK(pl_looks_like(slice_str("<!DOCTYPE plist PUBLIC")));
	CHECK(!pl_looks_like(slice_str("")));
	CHECK(!pl_looks_like(slice_str("{}")));
	CHECK(!pl_looks_like(slice_str("<plis")));
}
