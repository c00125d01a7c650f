/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole signature: its parts, ad hoc forms, the agility attributes (spec codesign.md
 * 2.1, 5).
 */
#include <stdlib.h>

#include "codesign/signature.h"
#include "crypto/der.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/hex.h"
#include "support/raw_codedir.h"
#include "util/bytes.h"
#include "util/mem.h"

#define OID_V1 "1.2.840.113635.100.9.1"
#define OID_V2 "1.2.840.113635.100.9.2"

/* Blobs for a superblob; owned copies. */
struct parts {
	struct superblob_entry entries[8];
	struct buf blobs[8];
	size_t count;
};

static void parts_free(struct parts *p)
{
	for (size_t i = 0; i < p->count; i++)
		buf_free(&p->blobs[i]);
}

static struct buf *add(struct parts *p, uint32_t slot, struct slice blob)
{
	struct error err = { 0 };
	struct buf *b = &p->blobs[p->count];

	*b = BUF_INIT(RAW_CODEDIR_MAX);
	CHECK(buf_append(b, blob, &err));
	p->entries[p->count++] =
		(struct superblob_entry){ .slot = slot, .blob = buf_slice(b) };
	return b;
}

static struct buf *add_hex(struct parts *p, uint32_t slot, const char *text)
{
	struct hex h;

	return add(p, slot, hex(&h, text));
}

static struct buf *add_codedir(struct parts *p, uint32_t slot, unsigned type,
                               uint32_t flags)
{
	const struct raw_codedir how = { .version = 0x20400, .type = type, .pages = 1 };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);

	raw_codedir(&blob, &how);
	store_be32(blob.p + 12, flags);
	return add(p, slot, buf_slice(&blob));
}

static bool parse(struct signature *s, struct buf *area, const struct parts *p,
                  struct error *err)
{
	*area = BUF_INIT(CODESIGN_MAX_BYTES);
	return superblob_build(area, p->entries, p->count, err) &&
	       signature_parse(s, buf_slice(area), err);
}

TEST(takes_a_signature_apart)
{
	struct error err = { 0 };
	AUTO(parts_free) struct parts p = { 0 };
	AUTO(buf_free) struct buf area = BUF_INIT(0);
	struct signature s = { 0 };

	add_codedir(&p, 0, 1, 0);
	add_codedir(&p, 0x1000, 2, 0);
	add_hex(&p, 2, "fade0c01 0000000c 00000000");
	add_hex(&p, 5, "fade7171 00000009 61");
	add_hex(&p, 7, "fade7172 0000000a 6162");
	add_hex(&p, 0x10000, "fade0b01 0000000b 616263");
	add_hex(&p, 0x77, "12345678 00000008"); /* nobody knows it */
	REQUIRE_OK(parse(&s, &area, &p, &err), &err);
	CHECK(s.cds.count == 2 && s.cds.best == 1);
	CHECK(s.requirements.n == 12 && s.entitlements_xml.n == 9);
	CHECK(s.entitlements_der.n == 10 && s.cms.n == 11);
	CHECK(blob_payload(s.cms).n == 3);
	CHECK(!s.is_adhoc && !s.is_linker_signed && !s.blobs.is_loose);
}

TEST(ad_hoc_is_a_flag_or_no_message)
{
	static const struct {
		uint32_t flags;
		const char *cms; /* NULL: no such blob */
		bool adhoc, linker;
	} cases[] = {
		{ 0, "fade0b01 00000009 61", false, false },
		{ 2, "fade0b01 00000009 61", true, false },
		{ 0, "fade0b01 00000008", true, false },
		{ 2, "fade0b01 00000008", true, false },
		{ 0, NULL, true, false },
		{ 2, NULL, true, false },
		{ 0x20002, NULL, true, true },
		{ 0x20000, "fade0b01 00000009 61", false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(parts_free) struct parts p = { 0 };
		AUTO(buf_free) struct buf area = BUF_INIT(0);
		struct signature s = { 0 };

		add_codedir(&p, 0, 2, cases[i].flags);
		if (cases[i].cms != NULL)
			add_hex(&p, 0x10000, cases[i].cms);
		REQUIRE_OK(parse(&s, &area, &p, &err), &err);
		if (!CHECK(s.is_adhoc == cases[i].adhoc &&
		           s.is_linker_signed == cases[i].linker))
			printf("# case %zu\n", i);
	}
}

TEST(what_is_in_a_slot_is_of_its_kind)
{
	static const struct {
		uint32_t slot;
		const char *right, *wrong;
	} cases[] = {
		{ 2, "fade0c01 0000000c 00000000", "fade0c00 0000000c 00000000" },
		{ 5, "fade7171 00000008", "fade7172 00000008" },
		{ 7, "fade7172 00000008", "fade7171 00000008" },
		{ 8, "fade8181 00000008", "fade7172 00000008" },
		{ 9, "fade8181 00000008", "fade8182 00000008" },
		{ 11, "fade8181 00000008", "00000000 00000008" },
		{ 12, "fade8181 00000008", NULL },
		{ 12, "00000000 00000008", NULL },
		{ 4, "00000000 00000008", NULL },
		{ 0x10000, "fade0b01 00000009 61", "fade0b02 00000009 61" },
		{ 0x10001, "00000000 00000008", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (int wrong = 0; wrong < (cases[i].wrong != NULL ? 2 : 1); wrong++) {
			struct error err = { 0 };
			AUTO(parts_free) struct parts p = { 0 };
			AUTO(buf_free) struct buf area = BUF_INIT(0);
			struct signature s = { 0 };

			add_codedir(&p, 0, 2, 0);
			add_hex(&p, cases[i].slot,
			        wrong ? cases[i].wrong : cases[i].right);
			if (wrong)
				CHECK_FAILS(parse(&s, &area, &p, &err), &err,
				            ERROR_FORMAT, "another kind");
			else if (!CHECK(parse(&s, &area, &p, &err)))
				printf("# slot %#x: %s\n", cases[i].slot, err.message);
		}
	}
}

TEST(refuses_a_signature_without_or_with_broken_code_directories)
{
	struct error err = { 0 };
	AUTO(parts_free) struct parts none = { 0 };
	AUTO(parts_free) struct parts broken = { 0 };
	AUTO(parts_free) struct parts twins = { 0 };
	AUTO(buf_free) struct buf a = BUF_INIT(0);
	AUTO(buf_free) struct buf b = BUF_INIT(0);
	AUTO(buf_free) struct buf c = BUF_INIT(0);
	struct signature s = { 0 };

	add_hex(&none, 2, "fade0c01 0000000c 00000000");
	CHECK_FAILS(parse(&s, &a, &none, &err), &err, ERROR_NOT_FOUND,
	            "no code directory");
	add_codedir(&broken, 0, 2, 0);
	store_be32(add_codedir(&broken, 0x1000, 1, 0)->p + 8, 0x10000);
	CHECK_FAILS(parse(&s, &b, &broken, &err), &err, ERROR_FORMAT,
	            "unknown version");
	add_codedir(&twins, 0, 2, 0);
	add_codedir(&twins, 0x1004, 2, 0);
	CHECK_FAILS(parse(&s, &c, &twins, &err), &err, ERROR_FORMAT, "same digest");
}

TEST(refuses_a_signature_cut_short_at_any_byte)
{
	struct error err = { 0 };
	AUTO(parts_free) struct parts p = { 0 };
	AUTO(buf_free) struct buf area = BUF_INIT(0);
	struct signature s = { 0 };

	add_codedir(&p, 0, 2, 0);
	add_hex(&p, 0x10000, "fade0b01 00000009 61");
	REQUIRE_OK(parse(&s, &area, &p, &err), &err);
	for (size_t n = 0; n < area.n; n++) {
		unsigned char *cut = mem_zero(n > 0 ? n : 1, 1);

		memcpy(cut, area.p, n);
		CHECK(!signature_parse(&s, slice_of(cut, n), &err));
		error_clear(&err);
		free(cut);
	}
}

/* ---- the message and its agility attributes (5.1, 5.2) ---- */

static struct signature_signer developer(struct trust_chain *chain)
{
	struct fake_pki *pki = fake_pki();

	*chain = (struct trust_chain){ .certs = { &pki->developer.cert, &pki->wwdr.cert,
		                                  &pki->root.cert },
		                       .count = 3 };
	return (struct signature_signer){ .cert = &pki->developer.cert,
		                          .chain = chain,
		                          .key = key_signer(&pki->developer.key),
		                          .time_s = FAKE_NOW_S };
}

/* Code directories of these digests, 0 ends; slot 0 first. */
static void make_set(struct codedir_set *set, struct buf *blobs, const unsigned *types)
{
	struct error err = { 0 };

	*set = (struct codedir_set){ 0 };
	for (size_t i = 0; types[i] != 0; i++) {
		const struct raw_codedir how = { .version = 0x20400,
			                         .type = types[i],
			                         .pages = 1 };

		raw_codedir(&blobs[i], &how);
		CHECK(codedir_parse(&set->cds[set->count++], buf_slice(&blobs[i]),
		                    &err));
	}
}

static void free_blobs(struct buf *blobs)
{
	for (size_t i = 0; i < 4; i++)
		buf_free(&blobs[i]);
}

/* One code directory changed, one less, one more. */
static void check_changed_sets(const struct cms *cms, struct codedir_set *set,
                               struct buf *blobs)
{
	for (size_t k = 0; k < set->count; k++) {
		blobs[k].p[12] ^= 1;
		CHECK(signature_check_agility(cms, set) == AGILITY_MISMATCH);
		blobs[k].p[12] ^= 1;
	}
	CHECK(signature_check_agility(cms, set) == AGILITY_OK);
	set->count--;
	CHECK(signature_check_agility(cms, set) == AGILITY_MISMATCH);
	set->count += 2;
	set->cds[set->count - 1] = set->cds[0];
	set->cds[set->count - 1].digest = DIGEST_SHA256_TRUNCATED;
	CHECK(signature_check_agility(cms, set) == AGILITY_MISMATCH);
}

TEST(its_own_messages_fit_their_code_directories_only)
{
	static const unsigned sets[][4] = { { 2 },    { 1 },       { 1, 2 },
		                            { 2, 1 }, { 1, 2, 4 }, { 4 } };

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf der = BUF_INIT(CMS_MAX_BYTES);
		AUTO(cms_free) struct cms cms = { 0 };
		struct buf blobs[4] = { 0 };
		struct codedir_set set;
		struct trust_chain chain;
		const struct signature_signer signer = developer(&chain);

		make_set(&set, blobs, sets[i]);
		if (CHECK(signature_build_cms(&der, set.cds, set.count, &signer,
		                              &err)) &&
		    CHECK(cms_parse(&cms, buf_slice(&der), &err))) {
			CHECK(cms_check(&cms, set.cds[0].blob, &err));
			CHECK(der.n <= signature_cms_max(&signer, set.count));
			check_changed_sets(&cms, &set, blobs);
		}
		free_blobs(blobs);
	}
}

/* The content of v1 over these digests, in *text; it borrows from *cms. */
static void sign_and_find(struct cms *cms, struct slice *v1, struct slice *v2,
                          unsigned char first[20], const unsigned *types)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = BUF_INIT(CMS_MAX_BYTES);
	struct buf blobs[4] = { 0 };
	struct codedir_set set;
	struct trust_chain chain;
	const struct signature_signer signer = developer(&chain);

	make_set(&set, blobs, types);
	bool ok = signature_build_cms(&der, set.cds, set.count, &signer, &err) &&
	          cms_parse(cms, buf_slice(&der), &err);
	codedir_cdhash(first, &set.cds[set.count - 1]);
	free_blobs(blobs);
	REQUIRE_OK(ok, &err);
	REQUIRE(cms_attr(cms, OID_V1) != NULL && cms_attr(cms, OID_V2) != NULL);
	struct slice in = cms_attr(cms, OID_V1)->value;
	*v2 = cms_attr(cms, OID_V2)->value;
	REQUIRE_OK(der_expect(&in, DER_OCTET_STRING, v1, &err), &err);
	CHECK(in.n == 0);
}

/* The list of v1 begins with SHA-1 wherever its code directory is; its text is that
 * of codesign: 278 bytes for one, 328 for two (5.1). */
TEST(writes_the_first_attribute_as_codesign_does)
{
	static const unsigned both[] = { 2, 1, 0 }, one[] = { 2, 0 };
	struct error err = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };
	AUTO(cms_free) struct cms single = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;
	struct slice v1 = { 0 }, v2 = { 0 };
	unsigned char sha1[20], ignored[20];

	sign_and_find(&cms, &v1, &v2, sha1, both);
	CHECK(v1.n == 328);
	REQUIRE_OK(pl_parse(&root, v1, "v1", &err), &err);
	const struct pl *list = pl_get(root, "cdhashes");
	CHECK(list != NULL && list->count == 2 &&
	      slice_equal(list->items[0]->bytes, slice_of(sha1, 20)));
	sign_and_find(&single, &v1, &v2, ignored, one);
	CHECK(v1.n == 278);
}

/* SEQUENCE of the digest's OID without parameters, and the full hash. */
TEST(writes_the_second_attribute_as_codesign_does)
{
	static const unsigned one[] = { 2, 0 };
	AUTO(cms_free) struct cms cms = { 0 };
	struct slice v1 = { 0 }, v2 = { 0 };
	unsigned char first[20];
	struct hex h;
	struct slice head = hex(&h, "302d 0609 608648016503040201 0420");

	sign_and_find(&cms, &v1, &v2, first, one);
	CHECK(v2.n == 47);
	if (v2.n != 47)
		return;
	CHECK(slice_equal(slice_of(v2.p, head.n), head));
	CHECK(slice_equal(slice_of(v2.p + head.n, 20), slice_of(first, 20)));
}

/* ---- attributes made by hand ---- */

static void put_der(struct buf *out, unsigned tag, struct slice content)
{
	struct error err = { 0 };

	CHECK(der_put(out, tag, content, &err));
}

/* v1 of these hashes. */
static void put_v1(struct buf *out, const struct slice *hashes, size_t count)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *root = pl_new_dict();
	struct pl *list = pl_set(root, "cdhashes", pl_new_array());
	AUTO(buf_free) struct buf text = BUF_INIT(4096);

	*out = BUF_INIT(4096);
	for (size_t i = 0; i < count; i++)
		pl_append(list, pl_new_data(hashes[i]));
	CHECK(pl_write_xml(&text, root, &err));
	put_der(out, DER_OCTET_STRING, buf_slice(&text));
}

/* Append one value of v2. */
static void put_v2(struct buf *out, const char *oid, struct slice hash, bool extra)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf id = BUF_INIT(64);
	AUTO(buf_free) struct buf pair = BUF_INIT(256);

	CHECK(der_oid_bytes(&id, oid, &err));
	put_der(&pair, DER_OID, buf_slice(&id));
	put_der(&pair, DER_OCTET_STRING, hash);
	if (extra)
		put_der(&pair, DER_NULL, (struct slice){ 0 });
	put_der(out, DER_SEQUENCE, buf_slice(&pair));
}

static enum signature_agility judge(const struct codedir_set *set, const struct buf *v1,
                                    const struct buf *v2)
{
	struct cms cms = { 0 };

	if (v1 != NULL) {
		cms.attrs[cms.attr_count] = (struct cms_attr){ .value = buf_slice(v1) };
		snprintf(cms.attrs[cms.attr_count++].oid, 64, "%s", OID_V1);
	}
	if (v2 != NULL) {
		cms.attrs[cms.attr_count] = (struct cms_attr){ .value = buf_slice(v2) };
		snprintf(cms.attrs[cms.attr_count++].oid, 64, "%s", OID_V2);
	}
	return signature_check_agility(&cms, set);
}

#define OID_SHA1   "1.3.14.3.2.26"
#define OID_SHA256 "2.16.840.1.101.3.4.2.1"

TEST(the_attributes_must_say_exactly_what_is_there)
{
	static const unsigned types[] = { 1, 2, 0 };
	struct buf blobs[4] = { 0 };
	struct codedir_set set;
	unsigned char sha1[DIGEST_MAX_BYTES], sha256[DIGEST_MAX_BYTES];
	struct buf a, b = BUF_INIT(4096);

	make_set(&set, blobs, types);
	codedir_hash(sha1, &set.cds[0]);
	codedir_hash(sha256, &set.cds[1]);
	const struct slice h1 = slice_of(sha1, 20), h2 = slice_of(sha256, 20);
	const struct slice full = slice_of(sha256, 32);
	const struct {
		struct slice list[3];
		size_t count;
		enum signature_agility want;
	} v1[] = {
		{ { h1, h2 }, 2, AGILITY_OK },
		{ { h2, h1 }, 2, AGILITY_MISMATCH },
		{ { h1 }, 1, AGILITY_MISMATCH },
		{ { h2 }, 1, AGILITY_MISMATCH },
		{ { h1, h2, h2 }, 3, AGILITY_MISMATCH },
		{ { h1, full }, 2, AGILITY_MISMATCH },
		{ { { 0 } }, 0, AGILITY_MISMATCH },
	};

	CHECK(judge(&set, NULL, NULL) == AGILITY_ABSENT);
	for (size_t i = 0; i < ARRAY_LEN(v1); i++) {
		put_v1(&a, v1[i].list, v1[i].count);
		if (!CHECK(judge(&set, &a, NULL) == v1[i].want))
			printf("# v1 %zu\n", i);
		buf_free(&a);
	}
	const struct {
		const char *oid[3];
		struct slice hash[3];
		bool extra;
		enum signature_agility want;
	} v2[] = {
		{ { OID_SHA1, OID_SHA256 }, { h1, full }, false, AGILITY_OK },
		{ { OID_SHA256, OID_SHA1 }, { full, h1 }, false, AGILITY_OK },
		{ { OID_SHA1 }, { h1 }, false, AGILITY_MISMATCH },
		{ { OID_SHA256 }, { full }, false, AGILITY_MISMATCH },
		{ { OID_SHA256, OID_SHA256 }, { full, full }, false, AGILITY_MISMATCH },
		{ { OID_SHA1, OID_SHA256, OID_SHA256 },
		  { h1, full, full },
		  false,
		  AGILITY_MISMATCH },
		{ { OID_SHA1, OID_SHA256 }, { h1, h2 }, false, AGILITY_MISMATCH },
		{ { OID_SHA1, OID_SHA256 }, { h2, full }, false, AGILITY_MISMATCH },
		{ { OID_SHA1, "2.16.840.1.101.3.4.2.2" },
		  { h1, full },
		  false,
		  AGILITY_MISMATCH },
		{ { OID_SHA1, OID_SHA256 }, { h1, full }, true, AGILITY_MALFORMED },
	};
	const struct slice ok1[] = { h1, h2 };
	put_v1(&a, ok1, 2);
	for (size_t i = 0; i < ARRAY_LEN(v2); i++) {
		buf_free(&b);
		for (size_t k = 0; k < 3 && v2[i].oid[k] != NULL; k++)
			put_v2(&b, v2[i].oid[k], v2[i].hash[k], v2[i].extra);
		if (!CHECK(judge(&set, NULL, &b) == v2[i].want) ||
		    !CHECK(judge(&set, &a, &b) == v2[i].want))
			printf("# v2 %zu\n", i);
	}
	/* A good v2 does not help a bad v1. */
	buf_free(&a);
	buf_free(&b);
	put_v1(&a, ok1, 1);
	put_v2(&b, OID_SHA1, h1, false);
	put_v2(&b, OID_SHA256, full, false);
	CHECK(judge(&set, &a, &b) == AGILITY_MISMATCH);
	buf_free(&a);
	buf_free(&b);
	for (size_t k = 0; k < 2; k++)
		buf_free(&blobs[k]);
}

TEST(attributes_that_cannot_be_read_are_malformed)
{
	static const unsigned types[] = { 2, 0 };
	static const char *const v1[] = {
		"",
		"0400",
		"0403 616263",
		"3000",
		"0481",
		/* <plist><dict/></plist>, <plist><array/></plist> */
		"0416 3c706c6973743e3c646963742f3e3c2f706c6973743e",
		"0417 3c706c6973743e3c61727261792f3e3c2f706c6973743e",
	};
	static const char *const v2[] = {
		"0400",
		"3000",
		"300b 0609 608648016503040201",
		"3004 0600 0400",
		"3006 0401 61 0401 61",
		"300f 0609 608648016503040201 0402 61",
	};
	struct buf blobs[4] = { 0 };
	struct codedir_set set;

	make_set(&set, blobs, types);
	for (size_t i = 0; i < ARRAY_LEN(v1) + ARRAY_LEN(v2); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(buf_free) struct buf value = BUF_INIT(4096);
		bool first = i < ARRAY_LEN(v1);
		const char *text = first ? v1[i] : v2[i - ARRAY_LEN(v1)];

		CHECK(buf_append(&value, hex(&h, text), &err));
		if (!CHECK(judge(&set, first ? &value : NULL, first ? NULL : &value) ==
		           AGILITY_MALFORMED))
			printf("# %s\n", text);
	}
	buf_free(&blobs[0]);
}
