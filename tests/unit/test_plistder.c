/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/plistder.h"

#include "crypto/der.h"
#include "support/harness.h"
#include "support/hex.h"
#include "util/file.h"
#include "util/jsonio.h"

/* Spec codesign.md 3.2. */
static const char full_example[] =
	"7081ae020101b081a830340c166170706c69636174696f6e2d6964656e7469666965720c1a4142"
	"43444531323334352e636f6d2e6578616d706c652e61707030310c23636f6d2e6170706c652e64"
	"6576656c6f7065722e7465616d2d6964656e7469666965720c0a4142434445313233343530130c"
	"0e6765742d7461736b2d616c6c6f770101ff30280c166b6579636861696e2d6163636573732d67"
	"726f757073300e0c0c414243444531323334352e2a";

static struct pl *full_dict(void)
{
	struct pl *dict = pl_new_dict();
	struct pl *groups = pl_new_array();

	/* Not in order: the encoder has to sort. */
	pl_append(groups, pl_new_string("ABCDE12345.*"));
	pl_set(dict, "keychain-access-groups", groups);
	pl_set(dict, "get-task-allow", pl_new_bool(true));
	pl_set(dict, "application-identifier",
	       pl_new_string("ABCDE12345.com.example.app"));
	pl_set(dict, "com.apple.developer.team-identifier",
	       pl_new_string("ABCDE12345"));
	return dict;
}

/* dict encodes to these bytes, and these bytes read as dict.  Takes dict over. */
static bool goes_both_ways(struct pl *dict, const char *bytes)
{
	struct error err = { 0 };
	struct hex h;
	struct slice want = hex(&h, bytes);
	AUTO(drop_pl) struct pl *owned = dict;
	AUTO(drop_pl) struct pl *back = NULL;
	AUTO(buf_free) struct buf out = BUF_INIT(PLISTDER_MAX_BYTES);

	return CHECK(plistder_encode(&out, owned, &err)) &&
	       CHECK(slice_equal(buf_slice(&out), want)) &&
	       CHECK(plistder_parse(&back, want, &err)) && CHECK(pl_equal(back, owned));
}

static struct pl *dict_with(const char *key, struct pl *value)
{
	struct pl *dict = pl_new_dict();

	pl_set(dict, key, value);
	return dict;
}

TEST(writes_and_reads_the_vectors_of_the_specification)
{
	struct pl *inner = pl_new_dict();

	CHECK(goes_both_ways(pl_new_dict(), "70 05 02 01 01 b0 00"));
	CHECK(goes_both_ways(dict_with("key", pl_new_bool(true)),
	                     "70 0f 02 01 01 b0 0a 30 08 0c 03 6b6579 01 01 ff"));
	CHECK(goes_both_ways(dict_with("n", pl_new_int(128)),
	                     "70 0e 02 01 01 b0 09 30 07 0c 01 6e 02 02 00 80"));
	pl_set(inner, "b", pl_new_int(1));
	pl_set(inner, "a", pl_new_int(-129));
	CHECK(goes_both_ways(dict_with("k", inner),
	                     "70 1d 02 01 01 b0 18 30 16 0c 01 6b b0 11 30 07 0c 01 61 "
	                     "02 02 ff 7f 30 06 0c 01 62 02 01 01"));
	CHECK(goes_both_ways(full_dict(), full_example));
}

/* Peer defect P1: a length in place of the value, or a sign lost. */
TEST(writes_and_reads_every_kind_of_value)
{
	struct pl *array = pl_new_array();

	pl_append(array, pl_new_string("a"));
	pl_append(array, pl_new_bool(false));
	pl_append(array, pl_new_array());
	pl_append(array, pl_new_dict());
	CHECK(goes_both_ways(dict_with("k", array),
	                     "70 16 020101 b0 11 30 0f 0c016b 30 0a 0c0161 010100 3000 "
	                     "b000"));
	CHECK(goes_both_ways(dict_with("k", pl_new_string("")),
	                     "70 0c 020101 b0 07 30 05 0c016b 0c00"));
	CHECK(goes_both_ways(dict_with("k", pl_new_string("\xc3\xa4")),
	                     "70 0e 020101 b0 09 30 07 0c016b 0c02c3a4"));
	CHECK(goes_both_ways(dict_with("k", pl_new_int(0)),
	                     "70 0d 020101 b0 08 30 06 0c016b 020100"));
	CHECK(goes_both_ways(dict_with("k", pl_new_int(127)),
	                     "70 0d 020101 b0 08 30 06 0c016b 02017f"));
	CHECK(goes_both_ways(dict_with("k", pl_new_int(-1)),
	                     "70 0d 020101 b0 08 30 06 0c016b 0201ff"));
	CHECK(goes_both_ways(dict_with("k", pl_new_int(1000)),
	                     "70 0e 020101 b0 09 30 07 0c016b 020203e8"));
}

TEST(sorts_keys_by_bytes_and_a_prefix_first)
{
	struct pl *dict = pl_new_dict();

	pl_set(dict, "ab", pl_new_int(1));
	pl_set(dict, "\xc3\xa4", pl_new_int(2));
	pl_set(dict, "a", pl_new_int(3));
	pl_set(dict, "B", pl_new_int(4));
	CHECK(goes_both_ways(dict, "70 27 020101 b0 22 3006 0c0142 020104 "
	                           "3006 0c0161 020103 3007 0c026162 020101 "
	                           "3007 0c02c3a4 020102"));
}

TEST(reads_the_set_form_of_2021)
{
	static const char bytes[] = "31 17 300a 0c0161 0c056669727374 "
				    "3009 0c017a 3104 3002 0c00";
	struct error err = { 0 };
	struct hex h;
	AUTO(drop_pl) struct pl *dict = NULL;

	REQUIRE_OK(plistder_parse(&dict,
	                          hex(&h, "31 19 300a 0c0161 0c056669727374 "
	                                  "300b 0c017a 3106 3004 0c00 3000"),
	                          &err),
	           &err);
	CHECK_STR(pl_string(dict, "a"), "first");
	const struct pl *inner = pl_get_type(dict, "z", PL_DICT);
	REQUIRE(inner != NULL);
	CHECK(pl_get_type(inner, "", PL_ARRAY) != NULL);

	/* An entry needs a value there too. */
	struct pl *none = NULL;
	CHECK_FAILS(plistder_parse(&none, hex(&h, bytes), &err), &err, ERROR_FORMAT,
	            "cut short");
	CHECK(none == NULL);
}

TEST(does_not_insist_on_order)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(drop_pl) struct pl *dict = NULL;

	REQUIRE_OK(plistder_parse(&dict,
	                          hex(&h, "70 15 020101 b010 3006 0c0162 020101 "
	                                  "3006 0c0161 020102"),
	                          &err),
	           &err);
	CHECK(pl_int(dict, "b", 0) == 1);
	CHECK(pl_int(dict, "a", 0) == 2);
}

TEST(refuses_what_is_not_strict)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "70 15 020101 b010 3006 0c0161 020101 3006 0c0161 020101",
		  "\"a\" is there twice" },
		{ "31 10 3006 0c0161 020101 3006 0c0161 020102", "there twice" },
		{ "70 05 020102 b000", "version 2" },
		{ "70 06 02020001 b000", "not minimal" },
		{ "70 05 040101 b000", "tag 0x4" },
		{ "70 05 020101 3000", "tag 0x30" },
		{ "70 03 020101", "cut short" },
		{ "70 07 020101 b000 0500", "2 bytes more" },
		{ "70 05 020101 b000 00", "1 byte after" },
		{ "30 05 020101 b000", "begin with a dictionary" },
		{ "b0 00", "begin with a dictionary" },
		{ "70 81 05 020101 b000", "not minimal" },
		{ "70 80 020101 b000 0000", "indefinite" },
		{ "70 0c 020101 b007 3005 0c016b 0100", "not one byte" },
		{ "70 0f 020101 b00a 3008 0c016b 0103 ffffff", "not one byte" },
		{ "70 0e 020101 b009 3007 0c016b 02020001", "not minimal" },
		{ "70 0c 020101 b007 3005 0c016b 0200", "empty" },
		{ "70 0c 020101 b007 3005 0c016b 0500", "do not have: 0x5" },
		/* The octet string, number and date of other dialects. */
		{ "70 0d 020101 b008 3006 0c016b 040100", "do not have: 0x4" },
		{ "70 0d 020101 b008 3006 0c016b 120131", "do not have: 0x12" },
		{ "70 0d 020101 b008 3006 0c016b 170131", "do not have: 0x17" },
		/* A dictionary of the other form. */
		{ "70 0c 020101 b007 3005 0c016b 3100", "do not have: 0x31" },
		{ "31 07 3005 0c016b b000", "do not have: 0xb0" },
		{ "70 0d 020101 b008 3006 0c016b 0c0100", "a string has a NUL" },
		{ "70 0d 020101 b008 3006 0c0100 020100", "a key has a NUL" },
		{ "70 0d 020101 b008 3006 0c016b 0c01ff", "a string is not UTF-8" },
		{ "70 0d 020101 b008 3006 0c01ff 020100", "a key is not UTF-8" },
		{ "70 0f 020101 b00a 3008 0c016b 0c03 eda080", "not UTF-8" },
		{ "70 0f 020101 b00a 3008 0c016b 020100 0500", "more than key" },
		{ "70 0a 020101 b005 3003 0c016b", "cut short" },
		{ "70 0d 020101 b008 3006 04016b 020100", "tag 0x4" },
		{ "70 0d 020101 b008 3106 0c016b 020100", "tag 0x31" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(drop_pl) struct pl *out = NULL;

		CHECK_FAILS(plistder_parse(&out, hex(&h, cases[i].bytes), &err), &err,
		            ERROR_FORMAT, cases[i].why);
		CHECK(out == NULL);
	}
}

/* What other encoders have written: the length of the machine's integer. */
TEST(refuses_integers_padded_to_eight_bytes)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(drop_pl) struct pl *out = NULL;

	CHECK_FAILS(plistder_parse(&out,
	                           hex(&h, "70 14 020101 b00f 300d 0c016b "
	                                   "0208000000007fffffff"),
	                           &err),
	            &err, ERROR_FORMAT, "not minimal");
}

TEST(refuses_a_message_cut_short_at_any_byte)
{
	struct hex h;
	struct slice whole = hex(&h, full_example);

	for (size_t n = 0; n < whole.n; n++) {
		struct error err = { 0 };
		AUTO(drop_pl) struct pl *out = NULL;

		CHECK_FAILS(plistder_parse(&out, slice_of(whole.p, n), &err), &err,
		            ERROR_FORMAT, "cut short");
	}
}

/* n arrays inside each other as the value of "k". */
static bool nested(struct buf *out, unsigned n, struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(1024);
	AUTO(buf_free) struct buf entry = BUF_INIT(1024);
	AUTO(buf_free) struct buf dict = BUF_INIT(1024);
	AUTO(buf_free) struct buf body = BUF_INIT(1024);

	for (unsigned i = 0; i < n; i++) {
		AUTO(buf_free) struct buf outer = BUF_INIT(1024);

		if (!der_put(&outer, DER_SEQUENCE, buf_slice(&value), err))
			return false;
		struct buf inner = value;
		value = outer;
		outer = inner;
	}
	return der_put(&entry, DER_UTF8, slice_str("k"), err) &&
	       buf_append(&entry, buf_slice(&value), err) &&
	       der_put(&dict, DER_SEQUENCE, buf_slice(&entry), err) &&
	       der_put_int64(&body, 1, err) &&
	       der_put(&body, 0xb0, buf_slice(&dict), err) &&
	       der_put(out, 0x70, buf_slice(&body), err);
}

TEST(reads_and_writes_down_to_the_same_depth)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf deep = BUF_INIT(1024);
	AUTO(buf_free) struct buf too_deep = BUF_INIT(1024);
	AUTO(buf_free) struct buf again = BUF_INIT(1024);
	AUTO(drop_pl) struct pl *dict = NULL;

	REQUIRE_OK(nested(&deep, PLISTDER_MAX_DEPTH, &err), &err);
	REQUIRE_OK(nested(&too_deep, PLISTDER_MAX_DEPTH + 1, &err), &err);
	REQUIRE_OK(plistder_parse(&dict, buf_slice(&deep), &err), &err);
	REQUIRE_OK(plistder_encode(&again, dict, &err), &err);
	CHECK(slice_equal(buf_slice(&again), buf_slice(&deep)));

	struct pl *none = NULL;
	CHECK_FAILS(plistder_parse(&none, buf_slice(&too_deep), &err), &err,
	            ERROR_LIMIT, "more than 32 deep");

	/* The tree of that: one array more, outside of the others. */
	AUTO(drop_pl) struct pl *tall = pl_new_dict();
	pl_append(pl_set(tall, "k", pl_new_array()), pl_copy(pl_get(dict, "k")));
	CHECK_FAILS(plistder_encode(&again, tall, &err), &err, ERROR_LIMIT,
	            "more than 32 deep");
}

/* An array of n empty strings as the value of "k". */
static bool wide(struct buf *out, size_t n, struct error *err)
{
	AUTO(buf_free) struct buf entry = BUF_INIT(PLISTDER_MAX_BYTES);
	AUTO(buf_free) struct buf strings = BUF_INIT(PLISTDER_MAX_BYTES);
	AUTO(buf_free) struct buf dict = BUF_INIT(PLISTDER_MAX_BYTES);

	for (size_t i = 0; i < n; i++)
		if (!der_put(&strings, DER_UTF8, (struct slice){ 0 }, err))
			return false;
	return der_put(&entry, DER_UTF8, slice_str("k"), err) &&
	       der_put(&entry, DER_SEQUENCE, buf_slice(&strings), err) &&
	       der_put(&dict, DER_SEQUENCE, buf_slice(&entry), err) &&
	       der_put(out, DER_SET, buf_slice(&dict), err);
}

TEST(limits_the_number_of_values)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf most = BUF_INIT(PLISTDER_MAX_BYTES);
	AUTO(buf_free) struct buf more = BUF_INIT(PLISTDER_MAX_BYTES);
	AUTO(drop_pl) struct pl *dict = NULL;

	/* The array counts too. */
	REQUIRE_OK(wide(&most, PLISTDER_MAX_NODES - 1, &err), &err);
	REQUIRE_OK(wide(&more, PLISTDER_MAX_NODES, &err), &err);
	REQUIRE_OK(plistder_parse(&dict, buf_slice(&most), &err), &err);

	struct pl *none = NULL;
	CHECK_FAILS(plistder_parse(&none, buf_slice(&more), &err), &err, ERROR_LIMIT,
	            "more than 200000 values");
}

/* n different keys, each true. */
static bool many_keys(struct buf *out, size_t n, struct error *err)
{
	AUTO(buf_free) struct buf dict = BUF_INIT(PLISTDER_MAX_BYTES);
	unsigned char entry[] = { 0x30, 9, 0x0c, 4, 0, 0, 0, 0, 1, 1, 0xff };

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < 4; k++)
			entry[4 + k] = (unsigned char)('0' + ((i >> (6 * k)) & 63));
		if (!buf_append(&dict, slice_of(entry, sizeof entry), err))
			return false;
	}
	return der_put(out, DER_SET, buf_slice(&dict), err);
}

TEST(a_dictionary_with_very_many_keys_costs_little)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf most = BUF_INIT(PLISTDER_MAX_BYTES);
	AUTO(buf_free) struct buf more = BUF_INIT(PLISTDER_MAX_BYTES);
	AUTO(drop_pl) struct pl *dict = NULL;

	REQUIRE_OK(many_keys(&most, PLISTDER_MAX_NODES, &err), &err);
	REQUIRE_OK(many_keys(&more, PLISTDER_MAX_NODES + 1, &err), &err);
	REQUIRE_OK(plistder_parse(&dict, buf_slice(&most), &err), &err);
	CHECK(dict->count == PLISTDER_MAX_NODES);

	struct pl *none = NULL;
	CHECK_FAILS(plistder_parse(&none, buf_slice(&more), &err), &err, ERROR_LIMIT,
	            "more than 200000 values");
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(PLISTDER_MAX_BYTES + 1);
	struct pl *none = NULL;

	REQUIRE_OK(buf_append_fill(&file, 0x31, PLISTDER_MAX_BYTES, &err), &err);
	CHECK_FAILS(plistder_parse(&none, buf_slice(&file), &err), &err, ERROR_FORMAT,
	            "bytes after its end");
	REQUIRE_OK(buf_append_fill(&file, 0x31, 1, &err), &err);
	CHECK_FAILS(plistder_parse(&none, buf_slice(&file), &err), &err, ERROR_LIMIT,
	            "larger than 4194304");
}

/* Peer defect P2. */
TEST(names_the_key_of_a_value_that_cannot_be_represented)
{
	const unsigned char bytes[] = { 1, 2 };
	struct pl *large = pl_new_int(-1);
	large->is_unsigned = true;
	struct {
		struct pl *value;
		const char *why;
	} cases[] = {
		{ pl_new_real(1.5), "entitlement \"k\" is a real" },
		{ pl_new_date(0), "entitlement \"k\" is a date" },
		{ pl_new_data(slice_of(bytes, 2)), "entitlement \"k\" is data" },
		{ large, "\"k\" is an integer of more than 63 bits" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(64);
		AUTO(drop_pl) struct pl *dict = pl_new_dict();
		struct pl *array = pl_set(pl_set(dict, "outer", pl_new_dict()), "k",
		                          pl_new_array());

		pl_append(array, cases[i].value);
		CHECK_FAILS(plistder_encode(&out, dict, &err), &err, ERROR_USAGE,
		            cases[i].why);
		CHECK(buf_slice(&out).n == 0);
	}
}

TEST(writes_only_dictionaries)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(64);
	AUTO(drop_pl) struct pl *array = pl_new_array();

	CHECK_FAILS(plistder_encode(&out, array, &err), &err, ERROR_USAGE,
	            "an array, not a dictionary");
}

/* Is the value read from the vector what its JSON says? */
static bool is_value(const struct pl *v, const json_t *want)
{
	if (json_is_boolean(want))
		return v->type == PL_BOOL && v->boolean == json_is_true(want);
	if (json_is_integer(want))
		return v->type == PL_INT && v->integer == json_integer_value(want);
	if (json_is_string(want))
		return v->type == PL_STRING &&
		       strcmp(pl_text(v), json_string_value(want)) == 0;
	return v->count == json_array_size(want) + json_object_size(want);
}

/* The vector stands as the value of "k" in the form of 2021. */
static bool check_vector(const json_t *row)
{
	const char *type = json_string_value(json_object_get(row, "go_type"));
	struct error err = { 0 };
	struct hex h;
	AUTO(buf_free) struct buf entry = BUF_INIT(HEX_MAX_BYTES);
	AUTO(buf_free) struct buf dict = BUF_INIT(HEX_MAX_BYTES);
	AUTO(buf_free) struct buf all = BUF_INIT(HEX_MAX_BYTES);
	AUTO(drop_pl) struct pl *read = NULL;
	struct slice bytes =
		hex(&h, json_string_value(json_object_get(row, "encoded_hex")));

	if (!der_put(&entry, DER_UTF8, slice_str("k"), &err) ||
	    !buf_append(&entry, bytes, &err) ||
	    !der_put(&dict, DER_SEQUENCE, buf_slice(&entry), &err) ||
	    !der_put(&all, DER_SET, buf_slice(&dict), &err))
		return CHECK(false);
	bool ok = plistder_parse(&read, buf_slice(&all), &err);
	/* That encoder pads 64-bit integers: not DER. */
	if (strcmp(type, "int64") == 0)
		return CHECK(!ok) && CHECK(err.code == ERROR_FORMAT);
	return CHECK(ok) &&
	       CHECK(is_value(pl_get(read, "k"), json_object_get(row, "value")));
}

TEST(agrees_with_the_vectors_of_another_encoder)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(JSONIO_MAX_BYTES);
	json_t *rows = NULL;

	if (!file_read(&text,
	               TESTDATA_DIR "/vectors/kazucocoa/der_entitlements_vectors.json",
	               &err)) {
		printf("# skipped: no test data\n");
		return;
	}
	REQUIRE_OK(jsonio_parse(&rows, buf_slice(&text), &err), &err);
	CHECK(json_array_size(rows) > 10);
	for (size_t i = 0; i < json_array_size(rows); i++)
		if (!check_vector(json_array_get(rows, i)))
			printf("# vector %zu\n", i);
	json_decref(rows);
}
