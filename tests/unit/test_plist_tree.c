/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists in memory: looking, building, comparing. */
#include "support/harness.h"
#include "util/mem.h"
#include "util/plist.h"

static struct pl *sample(void)
{
	struct pl *dict = pl_new_dict();
	struct pl *list = pl_set(dict, "list", pl_new_array());

	pl_append(list, pl_new_string("a"));
	pl_append(list, pl_new_int(3));
	pl_set(dict, "name", pl_new_string("x"));
	pl_set(dict, "flag", pl_new_bool(true));
	pl_set(dict, "number", pl_new_int(-4));
	pl_set(dict, "real", pl_new_real(0.5));
	pl_set(dict, "when", pl_new_date(1000));
	pl_set(dict, "data", pl_new_data(slice_of("\0\1", 2)));
	return dict;
}

TEST(finds_values_by_key_and_type)
{
	AUTO(drop_pl) struct pl *v = sample();

	CHECK_STR(pl_string(v, "name"), "x");
	CHECK(pl_string(v, "flag") == NULL);
	CHECK(pl_string(v, "missing") == NULL);
	CHECK(pl_bool(v, "flag", false));
	CHECK(pl_bool(v, "name", true) && !pl_bool(v, "missing", false));
	CHECK(pl_int(v, "number", 9) == -4);
	CHECK(pl_int(v, "name", 9) == 9);
	CHECK(pl_get_type(v, "list", PL_ARRAY) != NULL);
	CHECK(pl_get_type(v, "list", PL_DICT) == NULL);
	CHECK(pl_get(NULL, "a") == NULL);
	CHECK(pl_get(pl_get(v, "list"), "a") == NULL);
	CHECK(pl_array_has(pl_get(v, "list"), "a"));
	CHECK(!pl_array_has(pl_get(v, "list"), "b"));
	CHECK(!pl_array_has(pl_get(v, "name"), "x"));
	CHECK(!pl_array_has(NULL, "x"));
	CHECK(!pl_array_has_int(pl_get(v, "list"), 7));
	pl_append(pl_set(v, "list", pl_new_array()), pl_new_int(7));
	CHECK(pl_array_has_int(pl_get(v, "list"), 7));
	CHECK(!pl_array_has_int(pl_get(v, "list"), 8));
	CHECK(!pl_array_has_int(pl_get(v, "number"), -4) && !pl_array_has_int(NULL, 7));
	CHECK(pl_text(NULL) == NULL && pl_text(v) == NULL);
}

TEST(says_what_was_expected_and_what_was_found)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *v = sample();
	const struct pl *got = NULL;
	const char *text = NULL;

	REQUIRE_OK(pl_need(&got, v, "list", PL_ARRAY, &err), &err);
	CHECK(got->count == 2);
	REQUIRE_OK(pl_need_string(&text, v, "name", &err), &err);
	CHECK_STR(text, "x");
	CHECK_FAILS(pl_need_string(&text, v, "number", &err), &err, ERROR_FORMAT,
	            "number is an integer, not a string");
	CHECK_FAILS(pl_need_string(&text, v, "other", &err), &err, ERROR_FORMAT,
	            "other is missing");
	CHECK_STR(text, "x"); /* untouched */
}

TEST(replaces_and_removes)
{
	AUTO(drop_pl) struct pl *v = sample();
	size_t n = v->count;

	pl_set(v, "name", pl_new_string("y"));
	CHECK(v->count == n);
	CHECK_STR(pl_string(v, "name"), "y");
	pl_remove(v, "missing");
	pl_remove(v, "list");
	CHECK(v->count == n - 1 && pl_get(v, "list") == NULL);
	CHECK_STR(v->keys[0], "name");
	while (v->count > 0) {
		AUTO(drop_str) char *key = mem_copy(v->keys[v->count / 2]);

		CHECK(pl_get(v, key) != NULL);
		pl_remove(v, key);
		CHECK(pl_get(v, key) == NULL);
	}
	pl_set(v, "name", pl_new_string("z"));
	CHECK_STR(pl_string(v, "name"), "z");
}

/* In an order that puts new keys at the front, in the middle and at the end. */
TEST(finds_each_of_many_keys)
{
	AUTO(drop_pl) struct pl *v = pl_new_dict();
	enum {
		count = 1009
	};

	for (unsigned i = 0; i < count; i++) {
		char key[16];

		snprintf(key, sizeof key, "%u", i * 619 % count);
		pl_append_key(v, key, pl_new_int(i * 619 % count));
	}
	for (unsigned i = 0; i < count; i += 3) {
		char key[16];

		snprintf(key, sizeof key, "%u", i);
		pl_remove(v, key);
	}
	for (unsigned i = 0; i < count; i++) {
		char key[16];

		snprintf(key, sizeof key, "%u", i);
		CHECK(pl_int(v, key, -1) == (i % 3 == 0 ? -1 : (int64_t)i));
	}
	CHECK(pl_get(v, "x") == NULL && pl_get(v, "") == NULL);
}

TEST(copies_are_equal_and_apart)
{
	AUTO(drop_pl) struct pl *v = sample();
	AUTO(drop_pl) struct pl *copy = pl_copy(v);

	CHECK(pl_equal(v, copy));
	pl_set(copy, "name", pl_new_string("other"));
	CHECK(!pl_equal(v, copy));
	CHECK_STR(pl_string(v, "name"), "x");
	pl_set(copy, "name", pl_new_string("x"));
	CHECK(pl_equal(v, copy));
	pl_remove(copy, "flag");
	pl_set(copy, "flag", pl_new_bool(true)); /* now the last one */
	CHECK(pl_equal(v, copy));
}

TEST(values_differ_by_type_and_content)
{
	struct pl *all[] = {
		pl_new_bool(true),
		pl_new_bool(false),
		pl_new_int(1),
		pl_new_int(2),
		pl_new_real(1),
		pl_new_real(2),
		pl_new_string("a"),
		pl_new_string("b"),
		pl_new_data(slice_str("a")),
		pl_new_data(slice_str("b")),
		pl_new_date(1),
		pl_new_date(2),
		pl_new_array(),
		pl_new_array(),
		pl_new_dict(),
		pl_new_dict(),
		pl_new_dict(),
	};

	pl_append(all[13], pl_new_bool(true));
	pl_set(all[15], "a", pl_new_bool(true));
	pl_set(all[16], "b", pl_new_bool(true));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t k = 0; k < ARRAY_LEN(all); k++)
			CHECK(pl_equal(all[i], all[k]) == (i == k));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		pl_free(all[i]);
	pl_free(NULL);
}

/* ---- written without a tree ---- */

static bool write_by_hand(struct buf *out, const struct pl *list, struct error *err)
{
	struct pl_xml x = { .out = out };

	return pl_xml_begin(&x, err) && pl_xml_open(&x, err) &&
	       pl_xml_key(&x, "a&b", err) && pl_xml_open(&x, err) &&
	       pl_xml_key(&x, "data", err) &&
	       pl_xml_data(&x, slice_of("\0\1", 2), err) &&
	       pl_xml_key(&x, "none", err) && pl_xml_open(&x, err) &&
	       pl_xml_close(&x, err) && pl_xml_close(&x, err) &&
	       pl_xml_key(&x, "empty", err) && pl_xml_open(&x, err) &&
	       pl_xml_close(&x, err) && pl_xml_key(&x, "list", err) &&
	       pl_xml_tree(&x, list, err) && pl_xml_key(&x, "text", err) &&
	       pl_xml_string(&x, "<x>", err) && pl_xml_close(&x, err) &&
	       pl_xml_end(&x, err);
}

TEST(writes_the_same_without_a_tree)
{
	AUTO(drop_pl) struct pl *v = pl_new_dict();
	AUTO(buf_free) struct buf want = BUF_INIT(4096);
	AUTO(buf_free) struct buf got = BUF_INIT(4096);
	struct error err = { 0 };

	struct pl *inner = pl_set(v, "a&b", pl_new_dict());
	pl_set(inner, "data", pl_new_data(slice_of("\0\1", 2)));
	pl_set(inner, "none", pl_new_dict());
	pl_set(v, "empty", pl_new_dict());
	pl_set(v, "list", sample());
	pl_set(v, "text", pl_new_string("<x>"));
	REQUIRE_OK(pl_write_xml(&want, v, &err), &err);
	REQUIRE_OK(write_by_hand(&got, pl_get(v, "list"), &err), &err);
	CHECK(slice_equal(buf_slice(&got), buf_slice(&want)));
}

TEST(says_when_there_is_no_room_without_a_tree)
{
	AUTO(drop_pl) struct pl *v = sample();
	AUTO(buf_free) struct buf whole = BUF_INIT(4096);
	struct error err = { 0 };

	REQUIRE_OK(write_by_hand(&whole, v, &err), &err);
	for (size_t room = 0; room < whole.n; room++) {
		AUTO(buf_free) struct buf out = BUF_INIT(room);

		CHECK_FAILS(write_by_hand(&out, v, &err), &err, ERROR_LIMIT, "");
	}
}
