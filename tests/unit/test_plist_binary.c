/* SPDX-License-Identifier: Apache-2.0 */
/* The binary form: what the guard refuses, and the way out and back. */
#include "support/harness.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plist.h"

#define ROOM ((size_t)1 << 20)

/* Objects, given as bytes, with a table and a trailer that fit. */
struct draft {
	const char *objects[8]; /* each with a NUL behind that does not count */
	size_t lengths[8];
	size_t count;
	unsigned offset_size, ref_size; /* 0: 1 */
	uint64_t root;
};

#define OBJECT(text) (text), sizeof(text) - 1

static void add(struct draft *d, const char *bytes, size_t n)
{
	d->objects[d->count] = bytes;
	d->lengths[d->count++] = n;
}

static void append_be(struct buf *out, uint64_t v, unsigned n, struct error *err)
{
	while (n-- > 0)
		if (!buf_append_fill(out, (unsigned char)(v >> 8 * n), 1, err))
			return;
}

static void build(struct buf *out, const struct draft *d)
{
	struct error err = { 0 };
	uint64_t offsets[8];
	unsigned offset_size = d->offset_size != 0 ? d->offset_size : 1;

	out->n = 0;
	CHECK(buf_append_str(out, "bplist00", &err));
	for (size_t i = 0; i < d->count; i++) {
		offsets[i] = out->n;
		CHECK(buf_append(out, slice_of(d->objects[i], d->lengths[i]), &err));
	}
	uint64_t table = out->n;
	for (size_t i = 0; i < d->count; i++)
		append_be(out, offsets[i], offset_size, &err);
	append_be(out, 0, 6, &err);
	append_be(out, offset_size, 1, &err);
	append_be(out, d->ref_size != 0 ? d->ref_size : 1, 1, &err);
	append_be(out, d->count, 8, &err);
	append_be(out, d->root, 8, &err);
	append_be(out, table, 8, &err);
	CHECK(err.code == ERROR_NONE);
}

static struct pl *parse_draft(const struct draft *d)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(ROOM);
	struct pl *v = NULL;

	build(&file, d);
	if (pl_parse(&v, buf_slice(&file), "test", &err))
		return v;
	error_print(&err, stdout, true);
	return NULL;
}

static bool refuses_draft(const struct draft *d, enum error_code code, const char *why)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(ROOM);
	struct pl *v = NULL;

	build(&file, d);
	bool ok = CHECK_FAILS(pl_parse(&v, buf_slice(&file), "test", &err), &err, code,
	                      why);
	return CHECK(v == NULL) && ok;
}

/* One object that is the root. */
static struct pl *parse_one(const char *bytes, size_t n)
{
	struct draft d = { 0 };

	add(&d, bytes, n);
	return parse_draft(&d);
}

static bool refuses_one(const char *bytes, size_t n)
{
	struct draft d = { 0 };

	add(&d, bytes, n);
	return refuses_draft(&d, ERROR_FORMAT, "is not a valid property list");
}

TEST(reads_integers_as_apple_means_them)
{
	static const struct {
		const char *bytes;
		size_t n;
		uint64_t v;
		bool is_unsigned;
	} cases[] = {
		{ OBJECT("\x10\xff"), 255, false },
		{ OBJECT("\x11\xff\xff"), 65535, false },
		{ OBJECT("\x12\xff\xff\xff\xff"), 4294967295, false },
		{ OBJECT("\x13\0\0\0\0\0\0\0\1"), 1, false },
		{ OBJECT("\x13\xff\xff\xff\xff\xff\xff\xff\xff"), UINT64_MAX, false },
		{ OBJECT("\x13\x80\0\0\0\0\0\0\0"), (uint64_t)1 << 63, false },
		{ OBJECT("\x14\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"),
		  UINT64_MAX, true },
		{ OBJECT("\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7"), 7, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *v = parse_one(cases[i].bytes, cases[i].n);

		REQUIRE(v != NULL && v->type == PL_INT);
		CHECK((uint64_t)v->integer == cases[i].v);
		CHECK(v->is_unsigned == cases[i].is_unsigned);
	}
}

TEST(reads_the_other_scalars)
{
	AUTO(drop_pl) struct pl *yes = parse_one(OBJECT("\x09"));
	AUTO(drop_pl) struct pl *no = parse_one(OBJECT("\x08"));
	AUTO(drop_pl) struct pl *small = parse_one(OBJECT("\x22\x3f\0\0\0"));
	AUTO(drop_pl) struct pl *real = parse_one(OBJECT("\x23\x3f\xe0\0\0\0\0\0\0"));
	AUTO(drop_pl) struct pl *date = parse_one(OBJECT("\x33\0\0\0\0\0\0\0\0"));
	AUTO(drop_pl)
	struct pl *late = parse_one(OBJECT("\x33\x42\x2d\x62\x4f\x82\0\0\0"));
	AUTO(drop_pl) struct pl *data = parse_one(OBJECT("\x42\0\1"));
	AUTO(drop_pl)
	struct pl *text = parse_one(OBJECT("\x53"
	                                   "abc"));
	AUTO(drop_pl) struct pl *empty = parse_one(OBJECT("\x50"));
	AUTO(drop_pl)
	struct pl *wide = parse_one(OBJECT("\x64\0a\0\xe9\xd8\x3d\xde\x00"));
	AUTO(drop_pl) struct pl *uid = parse_one(OBJECT("\x83\0\0\1\0"));

	REQUIRE(yes && no && small && real && date && late && data && text && empty);
	REQUIRE(wide && uid);
	CHECK(yes->boolean && !no->boolean);
	CHECK(small->real == 0.5 && real->real == 0.5);
	CHECK(date->type == PL_DATE && date->integer == 978307200);
	CHECK(late->integer > INT64_C(60000000000)); /* beyond 32 bits */
	CHECK(slice_equal(data->bytes, slice_of("\0\1", 2)));
	CHECK_STR(pl_text(text), "abc");
	CHECK_STR(pl_text(empty), "");
	CHECK_STR(pl_text(wide), "a\xc3\xa9\xf0\x9f\x98\x80");
	CHECK(uid->type == PL_UID && uid->integer == 256);
}

TEST(refuses_damaged_objects)
{
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
		{ OBJECT("\x00") },   /* null */
		{ OBJECT("\x0f") },   /* fill */
		{ OBJECT("\x11\1") }, /* cut short */
		{ OBJECT("\x15\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		         "\0\0\0\0\0\0\0\0") },                     /* 32 bytes */
		{ OBJECT("\x14\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0") }, /* 2^64 */
		{ OBJECT("\x21\0\0") },                 /* a real of 2 bytes */
		{ OBJECT("\x22\0\0\0") },               /* cut short */
		{ OBJECT("\x23\0\0\0\0\0\0\0") },       /* cut short */
		{ OBJECT("\x32\0\0\0\0") },             /* a date of 4 bytes */
		{ OBJECT("\x33\0\0\0\0\0\0\0") },       /* cut short */
		{ OBJECT("\x33\x7f\xf8\0\0\0\0\0\0") }, /* not a number */
		{ OBJECT("\x33\x7f\xf0\0\0\0\0\0\0") }, /* infinite */
		{ OBJECT("\x33\x52\0\0\0\0\0\0\0") },   /* beyond year 9999 */
		{ OBJECT("\x42\0") },                   /* cut short */
		{ OBJECT("\x4f\x10") },                 /* no size */
		{ OBJECT("\x4f\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1x") },
		{ OBJECT("\x4f\x20\0") }, /* the size is a real */
		{ OBJECT("\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ OBJECT("\x53"
		         "ab") }, /* cut short */
		{ OBJECT("\x53"
		         "a\0b") },                       /* NUL */
		{ OBJECT("\x51\x80") },                   /* not ASCII */
		{ OBJECT("\x61\0") },                     /* cut short */
		{ OBJECT("\x62\0a\0") },                  /* cut short */
		{ OBJECT("\x61\0\0") },                   /* NUL */
		{ OBJECT("\x61\xd8\x3d") },               /* half a pair */
		{ OBJECT("\x61\xde\x00") },               /* the other half */
		{ OBJECT("\x62\xd8\x3d\0a") },            /* half a pair */
		{ OBJECT("\x62\xde\x00\xd8\x3d") },       /* swapped */
		{ OBJECT("\x6f\x13\x80\0\0\0\0\0\0\1") }, /* twice it overflows */
		{ OBJECT("\x82\0\0\0") },                 /* a UID of 3 bytes */
		{ OBJECT("\x83\0\0\0") },                 /* cut short */
		{ OBJECT("\x87\0\0\0\1\0\0\0\0") },       /* more than 32 bits */
		{ OBJECT("\x70") },                       /* unknown */
		{ OBJECT("\xa1") },                       /* cut short */
		{ OBJECT("\xa1\1") },                     /* not there */
		{ OBJECT("\xa1\0") },                     /* inside itself */
		{ OBJECT("\xc0") },                       /* a set */
		{ OBJECT("\xd1\0") },                     /* cut short */
		{ OBJECT("\xaf\x13\x40\0\0\0\0\0\0\0") },
		{ OBJECT("\xf0") },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (!refuses_one(cases[i].bytes, cases[i].n))
			printf("# case %zu\n", i);
}

TEST(reads_containers_and_shared_objects)
{
	struct draft d = { .ref_size = 2, .offset_size = 3 };
	struct pl *inner;

	add(&d, OBJECT("\xd2\0\1\0\2\0\3\0\3")); /* both values are one object */
	add(&d, OBJECT("\x51"
	               "b"));
	add(&d, OBJECT("\x51"
	               "a"));
	add(&d, OBJECT("\xa2\0\4\0\4"));
	add(&d, OBJECT("\x09"));
	AUTO(drop_pl) struct pl *v = parse_draft(&d);
	REQUIRE(v != NULL && v->type == PL_DICT && v->count == 2);
	CHECK_STR(v->keys[0], "b");
	CHECK_STR(v->keys[1], "a");
	inner = v->items[1];
	CHECK(pl_get(v, "a") == inner && inner->count == 2);
	CHECK(inner->items[0]->boolean && inner->items[1]->boolean);
}

TEST(refuses_damaged_containers)
{
	struct draft d = { 0 };

	add(&d, OBJECT("\xd2\1\1\2\2"));
	add(&d, OBJECT("\x51"
	               "a"));
	add(&d, OBJECT("\x09"));
	refuses_draft(&d, ERROR_FORMAT, "a key is there twice");
	d.objects[0] = "\xd2\1\2\2\2";
	refuses_draft(&d, ERROR_FORMAT, "a key that is not a string");
	d.objects[0] = "\xd2\1\3\2\2";
	refuses_draft(&d, ERROR_FORMAT, "not there");
	d.objects[0] = "\xd2\1\2\2";
	d.lengths[0] = 4;
	d.root = 3;
	refuses_draft(&d, ERROR_FORMAT, "not there");

	/* 0 is in 1 is in 0. */
	d = (struct draft){ 0 };
	add(&d, OBJECT("\xa1\1"));
	add(&d, OBJECT("\xa1\0"));
	refuses_draft(&d, ERROR_FORMAT, "inside itself");
}

/* Seven levels of 250 times the one below: 6e16 values in 2 KB. */
TEST(refuses_a_bomb_of_shared_objects)
{
	struct draft d = { 0 };
	char levels[7][254];

	for (unsigned i = 0; i < 7; i++) {
		memcpy(levels[i], "\xaf\x10\xfa", 3);
		memset(levels[i] + 3, (int)i + 1, 250);
		add(&d, levels[i], 253);
	}
	add(&d, OBJECT("\x09"));
	d.offset_size = 2;
	/* 8, the objects, a table of 8, the trailer: one value for each byte. */
	CHECK(refuses_draft(&d, ERROR_LIMIT, "more than 11828 values"));
}

/* 20 to the power of 7 values in 210 bytes. */
TEST(refuses_a_small_bomb_at_once)
{
	struct draft d = { 0 };
	char levels[7][23];

	for (unsigned i = 0; i < 7; i++) {
		memcpy(levels[i], "\xaf\x10\x14", 3);
		memset(levels[i] + 3, (int)i + 1, 20);
		add(&d, levels[i], 23);
	}
	add(&d, OBJECT("\x09"));
	CHECK(refuses_draft(&d, ERROR_LIMIT, "more than 10210 values"));
}

/* A root of 50 arrays of 250 values, which are one array; and data of `pad` bytes,
 * which only makes the file larger. */
static bool parse_shared(struct error *err, size_t pad, size_t *file_n)
{
	struct draft d = { .offset_size = 2 };
	AUTO(buf_free) struct buf file = BUF_INIT(ROOM);
	AUTO(drop_pl) struct pl *v = NULL;
	char root[54] = "\xaf\x10\x33", list[253] = "\xaf\x10\xfa",
	     data[3005] = "\x4f\x11";

	memset(root + 3, 1, 50);
	root[53] = 2;
	memset(list + 3, 3, 250);
	data[2] = (char)(pad >> 8);
	data[3] = (char)(pad & 0xff);
	add(&d, root, sizeof root);
	add(&d, list, sizeof list);
	add(&d, data, 4 + pad);
	add(&d, OBJECT("\x09"));
	build(&file, &d);
	*file_n = file.n;
	return pl_parse(&v, buf_slice(&file), "test", err);
}

TEST(allows_shared_values_by_the_size_of_the_file)
{
	const size_t values = 1 + 51 + 50 * 250;
	struct error err = { 0 };
	size_t smallest = 0, n = 0;

	CHECK_FAILS(parse_shared(&err, 1, &smallest), &err, ERROR_LIMIT, "values");
	size_t pad = 1 + values - PL_FREE_NODES - smallest;
	REQUIRE_OK(parse_shared(&err, pad, &n), &err);
	CHECK(n == values - PL_FREE_NODES);
	CHECK_FAILS(parse_shared(&err, pad - 1, &n), &err, ERROR_LIMIT,
	            "has more than 12551 values");
}

/* 300 KB, 250 times. */
TEST(refuses_a_bomb_of_shared_text)
{
	static const unsigned char text_head[] = { 0x5f, 0x12, 0, 0x04, 0x93, 0xdf };
	static const unsigned char list_head[] = { 0xaf, 0x10, 0xfa };
	struct draft d = { .offset_size = 4 };
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, not text */
	AUTO(drop_str) char *text = mem_zero(1, 300005);
	char list[253];
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, not text */

	memcpy(text, text_head, sizeof text_head);
	memset(text + 6, 'x', 299999);
	memcpy(list, list_head, sizeof list_head);
	memset(list + 3, 1, 250);
	add(&d, list, 253);
	add(&d, text, 300005);
	refuses_draft(&d, ERROR_LIMIT, "more than 67108864 bytes");
}

static struct pl *sample(void)
{
	struct pl *dict = pl_new_dict();
	struct pl *list = pl_set(dict, "list", pl_new_array());
	char key[300];

	pl_append(list, pl_new_int(INT64_MIN));
	pl_append(list, pl_new_int(INT64_MAX));
	pl_append(list, pl_new_int(255));
	pl_append(list, pl_new_int(256));
	pl_append(list, pl_new_int(65536));
	pl_append(list, pl_new_real(-0.25));
	pl_append(list, pl_new_date(INT64_C(64092211200)));
	pl_append(list, pl_new_date(-1));
	pl_append(list, pl_new_string("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	pl_append(list, pl_new_string(""));
	pl_append(list, pl_new_data(slice_of("", 0)));
	pl_append(list, pl_new_bool(false));
	pl_append(list, pl_new_bool(true));
	pl_append(list, pl_new_dict());
	for (int n = 13; n < 290; n += n < 18 ? 1 : 30) {
		snprintf(key, sizeof key, "%0*d", n, 0);
		pl_set(dict, key, pl_new_data(slice_of(key, (size_t)n)));
	}
	pl_set(dict, "\xc3\xa9", pl_new_string("x"));
	return dict;
}

TEST(reads_back_what_it_wrote)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *v = sample(), *from_binary = NULL, *from_xml = NULL;
	AUTO(buf_free) struct buf binary = BUF_INIT(ROOM), xml = BUF_INIT(ROOM);

	REQUIRE_OK(pl_write_binary(&binary, v, &err), &err);
	REQUIRE_OK(pl_parse(&from_binary, buf_slice(&binary), "b", &err), &err);
	CHECK(pl_equal(v, from_binary));
	CHECK_STR(from_binary->keys[0], "list");
	REQUIRE_OK(pl_write_xml(&xml, v, &err), &err);
	REQUIRE_OK(pl_parse(&from_xml, buf_slice(&xml), "x", &err), &err);
	CHECK(pl_equal(v, from_xml));
}

/* 32 bits of seconds around 2001 end in 1932 and 2069. */
TEST(reads_back_dates_of_every_year)
{
	const int64_t first = clock_from_civil(1, 1, 1, 0, 0, 0);
	const int64_t last = clock_from_civil(9999, 12, 31, 23, 59, 59);
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *list = pl_new_array(), *back = NULL;
	AUTO(buf_free) struct buf binary = BUF_INIT(ROOM), xml = BUF_INIT(ROOM);

	/* About a year, so that every part of the date changes. */
	for (int64_t t = first; t < last; t += 31556933)
		pl_append(list, pl_new_date(t));
	pl_append(list, pl_new_date(last));
	CHECK(list->count > 9990);
	REQUIRE_OK(pl_write_binary(&binary, list, &err), &err);
	REQUIRE_OK(pl_parse(&back, buf_slice(&binary), "b", &err), &err);
	CHECK(pl_equal(list, back));
	pl_free(STEAL(back));
	REQUIRE_OK(pl_write_xml(&xml, list, &err), &err);
	REQUIRE_OK(pl_parse(&back, buf_slice(&xml), "x", &err), &err);
	CHECK(pl_equal(list, back));
}

TEST(writes_more_objects_than_one_byte_can_number)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *v = pl_new_array(), *back = NULL;
	AUTO(buf_free) struct buf binary = BUF_INIT(ROOM);

	for (int i = 0; i < 70000; i++)
		pl_append(v, pl_new_bool(i % 3 == 0));
	REQUIRE_OK(buf_append_str(&binary, "xyz", &err), &err);
	REQUIRE_OK(pl_write_binary(&binary, v, &err), &err);
	struct slice bytes = buf_slice(&binary);
	REQUIRE_OK(pl_parse(&back, slice_of(bytes.p + 3, bytes.n - 3), "b", &err),
	           &err);
	CHECK(pl_equal(v, back));
}

TEST(leaves_the_buffer_alone_when_it_cannot_write)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *v = sample();
	AUTO(buf_free) struct buf whole = BUF_INIT(ROOM);

	REQUIRE_OK(pl_write_binary(&whole, v, &err), &err);
	for (size_t max = 0; max < whole.n; max += 7) {
		AUTO(buf_free) struct buf small = BUF_INIT(max);

		CHECK_FAILS(pl_write_binary(&small, v, &err), &err, ERROR_LIMIT, "");
		CHECK(small.n == 0);
		CHECK_FAILS(pl_write_xml(&small, v, &err), &err, ERROR_LIMIT, "");
		CHECK(small.n == 0);
	}
}

TEST(has_no_xml_for_references)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(ROOM), binary = BUF_INIT(ROOM);
	AUTO(drop_pl) struct pl *uid = parse_one(OBJECT("\x81\1\0")), *back = NULL;

	REQUIRE(uid != NULL);
	CHECK_FAILS(pl_write_xml(&out, uid, &err), &err, ERROR_FORMAT, "reference");
	REQUIRE_OK(pl_write_binary(&binary, uid, &err), &err);
	REQUIRE_OK(pl_parse(&back, buf_slice(&binary), "b", &err), &err);
	CHECK(pl_equal(uid, back));
}

/* Every byte of the file matters: without the last n the trailer is elsewhere. */
TEST(refuses_a_file_cut_short_at_any_byte)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *v = sample();
	AUTO(buf_free) struct buf whole = BUF_INIT(ROOM);

	REQUIRE_OK(pl_write_binary(&whole, v, &err), &err);
	for (size_t n = 0; n < whole.n; n++) {
		struct pl *got = NULL;

		CHECK(!pl_parse(&got, slice_of(whole.p, n), "b", &err));
		CHECK(got == NULL);
		error_clear(&err);
	}
}

TEST(survives_any_byte_being_changed)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *v = sample();
	AUTO(buf_free) struct buf whole = BUF_INIT(ROOM);

	REQUIRE_OK(pl_write_binary(&whole, v, &err), &err);
	for (size_t n = 8; n < whole.n; n += n < whole.n - 200 ? 5 : 1) {
		for (unsigned bit = 0; bit < 8; bit++) {
			AUTO(drop_pl) struct pl *got = NULL;

			whole.p[n] ^= (unsigned char)(1U << bit);
			if (!pl_parse(&got, buf_slice(&whole), "b", &err))
				error_clear(&err);
			whole.p[n] ^= (unsigned char)(1U << bit);
		}
	}
}

TEST(refuses_trailers_that_do_not_fit)
{
	static const struct {
		size_t back; /* from the end of the file */
		unsigned char value;
	} cases[] = {
		{ 26, 0 }, { 26, 9 },   { 25, 0 },    { 25, 9 }, { 24, 0x80 },
		{ 17, 0 }, { 17, 200 }, { 16, 0x80 }, { 9, 1 },  { 8, 0x80 },
		{ 1, 0 },  { 1, 7 },    { 1, 200 },   { 1, 10 },
	};
	struct draft d = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(ROOM);

	add(&d, OBJECT("\x09"));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct pl *v = NULL;

		build(&file, &d);
		file.p[file.n - cases[i].back] = cases[i].value;
		CHECK(!pl_parse(&v, buf_slice(&file), "b", &err));
		CHECK(v == NULL && err.code == ERROR_FORMAT);
	}
}
