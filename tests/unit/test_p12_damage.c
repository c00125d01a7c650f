/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#12 files that are damaged, or made to break or to busy their readers.
 */
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <time.h>

#include "crypto/der.h"
#include "crypto/p12.h"
#include "support/fake_p12.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/hex.h"
#include "support/secrets.h"

#define PASSWORD "Correct-Horse"

static bool parse(struct identity *out, struct slice file, struct error *err)
{
	AUTO(secret_free) struct secret s = test_secret(PASSWORD);

	return p12_parse(out, NULL, file, &s, err);
}

/* The developer's key and certificate; what is not given is cheap. */
static struct buf make(struct fake_p12 how)
{
	struct buf out = BUF_INIT(P12_MAX_BYTES);

	test_secrets();
	how.keys[0] = &fake_pki()->developer.key;
	how.certs[0] = &fake_pki()->developer.cert;
	how.password = PASSWORD;
	how.key_rounds = how.key_rounds != 0 ? how.key_rounds : 1;
	how.cert_rounds = how.cert_rounds != 0 ? how.cert_rounds : 1;
	fake_p12(&out, &how);
	return out;
}

static const struct fake_p12 kinds[] = {
	{ .mac_rounds = 1 },
	{ .mac_rounds = 1, .key_nid = NID_aes_256_cbc, .cert_nid = NID_aes_128_cbc },
	{ .mac_rounds = 1, .key_nid = -1, .cert_nid = -1 },
	{ .mac_rounds = 0 },
	{ .mac_rounds = 0, .key_nid = NID_aes_256_cbc, .cert_nid = -1 },
};

TEST(refuses_a_file_cut_at_any_byte)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		AUTO(buf_free) struct buf file = make(kinds[i]);
		AUTO(identity_free) struct identity id = { 0 };

		REQUIRE_OK(parse(&id, buf_slice(&file), &err), &err);
		for (size_t n = 0; n < file.n; n++) {
			struct identity none = { 0 };

			CHECK_FAILS(parse(&none, slice_of(file.p, n), &err), &err,
			            ERROR_FORMAT, "not a PKCS#12 file");
			CHECK(none.key.pkey == NULL && none.cert.x509 == NULL);
		}
	}
}

/*
 * The password is right, and two parts were encrypted with it: one changed byte
 * cannot make both senseless, so nobody is told that it is the password.
 */
static bool is_right_class(enum error_code code, const struct fake_p12 *kind)
{
	bool two_parts = kind->mac_rounds != 0 && kind->key_nid >= 0;

	return code == ERROR_FORMAT || code == ERROR_LIMIT || code == ERROR_NOT_FOUND ||
	       (!two_parts && code == ERROR_AUTH);
}

TEST(one_changed_byte_is_damage_and_no_wrong_password)
{
	static const unsigned char masks[] = { 0x01, 0xff };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		AUTO(buf_free) struct buf file = make(kinds[i]);
		size_t opened = 0;

		for (size_t j = 0; j < file.n * ARRAY_LEN(masks); j++) {
			unsigned char *p = &file.p[j / ARRAY_LEN(masks)];
			struct error err = { 0 };
			AUTO(identity_free) struct identity id = { 0 };

			*p ^= masks[j % ARRAY_LEN(masks)];
			bool ok = parse(&id, buf_slice(&file), &err);
			*p ^= masks[j % ARRAY_LEN(masks)];
			opened += ok;
			CHECK(ok == (id.key.pkey != NULL));
			CHECK(!test_tells(&err, PASSWORD));
			if (!ok && !CHECK(is_right_class(err.code, &kinds[i])))
				printf("# kind %zu, byte %zu: %s\n", i,
				       j / ARRAY_LEN(masks), err.message);
			CHECK(ERR_peek_error() == 0);
		}
		/* Without a checksum much goes unnoticed: names, attributes. */
		printf("# kind %zu: %zu of %zu opened\n", i, opened,
		       file.n * ARRAY_LEN(masks));
		CHECK(kinds[i].mac_rounds == 0 || opened <= 6);
	}
}

TEST(says_that_it_was_changed)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = make((struct fake_p12){ .mac_rounds = 2048 });
	AUTO(identity_free) struct identity id = { 0 };

	file.p[file.n / 2] ^= 1;
	CHECK(!parse(&id, buf_slice(&file), &err));
	CHECK(strstr(err.evidence, "its password is right") != NULL);
	CHECK(strstr(err.evidence, "sha1, 2048 iterations") != NULL);
	CHECK_FAILS(false, &err, ERROR_FORMAT, "was changed after it was made");
}

/* ---- algorithms ---- */

TEST(an_unknown_algorithm_is_no_wrong_password)
{
	static const struct {
		struct fake_p12 how;
		const char *from, *to, *why;
	} cases[] = {
		{ { .cert_nid = -1, .key_nid = NID_aes_256_cbc }, /* the cipher */
		  "60864801650304012a",
		  "60864801650304017f",
		  "encrypted in a way" },
		{ { .cert_nid = -1, .key_nid = NID_aes_256_cbc }, /* the KDF */
		  "2a864886f70d01050c",
		  "2a864886f70d01057f",
		  "encrypted in a way" },
		{ { .cert_nid = -1, .key_nid = NID_aes_256_cbc }, /* the scheme */
		  "2a864886f70d01050d",
		  "2a864886f70d01057e",
		  "encrypted in a way" },
		{ { .cert_nid = -1 }, /* one of PKCS#12's own */
		  "2a864886f70d010c0103",
		  "2a864886f70d010c017f",
		  "encrypted in a way" },
		{ { .mac_rounds = 1 }, /* the checksum's digest */
		  "2b0e03021a",
		  "2b0e03027f",
		  "checksum of the .p12 is of an unknown" },
		{ { .mac_rounds = 1 }, /* a known OID that is no digest */
		  "2b0e03021a",
		  "2b0e03020c",
		  "checksum of the .p12 is of an unknown" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_free) struct buf file = make(cases[i].how);
		AUTO(identity_free) struct identity id = { 0 };

		printf("# %zu\n", i);
		REQUIRE(hex_swap(&file, cases[i].from, cases[i].to, 1));
		CHECK(!parse(&id, buf_slice(&file), &err));
		CHECK(err.evidence[0] != '\0' && err.cause[0] != '\0');
		CHECK_FAILS(false, &err, ERROR_FORMAT, cases[i].why);
	}
}

/* ---- limits ---- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

TEST(limits_how_often_a_password_is_hashed)
{
	static const struct {
		struct fake_p12 how;
		const char *evidence; /* NULL: it opens */
	} cases[] = {
		{ { .mac_rounds = 1000000 }, NULL },
		{ { .mac_rounds = 1000001 }, "one part asks for 1000001 rounds" },
		{ { .key_rounds = 1000000 }, NULL },
		{ { .key_rounds = 1000001 }, "one part asks for 1000001 rounds" },
		{ { .cert_rounds = 1000000 }, NULL },
		{ { .cert_rounds = 1000001 }, "one part asks for 1000001 rounds" },
		{ { .key_nid = NID_aes_256_cbc,
		    .cert_nid = NID_aes_256_cbc,
		    .cert_rounds = 1000000,
		    .key_rounds = 500000,
		    .mac_rounds = 500000 },
		  NULL },
		{ { .key_nid = NID_aes_256_cbc,
		    .cert_nid = NID_aes_256_cbc,
		    .cert_rounds = 1000000,
		    .key_rounds = 500000,
		    .mac_rounds = 500001 },
		  "all parts together ask for more than 2000000" },
		{ { .scrypt_p = 1 }, NULL },
		{ { .scrypt_p = 8 }, "one part asks for 1048576 rounds" },
		{ { .scrypt_p = 8000 }, "one part asks for 1048576000 rounds" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_free) struct buf file = make(cases[i].how);
		AUTO(identity_free) struct identity id = { 0 };
		double before = seconds();

		bool ok = parse(&id, buf_slice(&file), &err);
		double took = seconds() - before;
		printf("# %zu: %.2f s\n", i, took);
		CHECK(took < 4); /* under a sanitizer; 0.8 without */
		if (cases[i].evidence == NULL) {
			REQUIRE_OK(ok, &err);
			continue;
		}
		CHECK(strstr(err.evidence, cases[i].evidence) != NULL);
		CHECK(err.cause[0] != '\0');
		CHECK_FAILS(ok, &err, ERROR_LIMIT, "hashed too often");
	}
}

/*
 * Each part is below its limit, and the checksum does not fit, so that all of them
 * are tried with the password.
 */
TEST(many_parts_do_not_add_up_to_minutes)
{
	struct error err = { 0 };
	AUTO(buf_free)
	struct buf file = make((struct fake_p12){ .key_copies = 20,
	                                          .key_rounds = 0x8000,
	                                          .key_nid = NID_aes_256_cbc,
	                                          .mac_rounds = 1 });
	AUTO(identity_free) struct identity id = { 0 };

	REQUIRE(hex_swap(&file, "0203008000300c06082a864886f70d0209",
	                 "02030f4240300c06082a864886f70d0209", 20));
	file.p[file.n - 5] ^= 1; /* the checksum's salt */
	double before = seconds();
	CHECK(!parse(&id, buf_slice(&file), &err));
	double took = seconds() - before;
	printf("# %.2f s\n", took);
	CHECK(took < 4);
}

TEST(limits_the_number_of_parts)
{
	struct error err = { 0 };

	/* With the key they are 256, and one more. */
	for (int copies = 255; copies <= 256; copies++) {
		AUTO(buf_free)
		struct buf file = make(
			(struct fake_p12){ .cert_copies = copies, .cert_nid = -1 });
		AUTO(identity_free) struct identity id = { 0 };

		bool ok = parse(&id, buf_slice(&file), &err);
		if (copies == 255) {
			REQUIRE_OK(ok, &err);
			CHECK(id.chain.count == 254);
		} else {
			CHECK_FAILS(ok, &err, ERROR_LIMIT, "more than 256 parts");
		}
	}
}

/* ---- built by hand ---- */

/* Append tag, length and what is in from, which becomes empty. */
static void wrap(struct buf *b, unsigned tag)
{
	struct buf out = BUF_INIT(P12_MAX_BYTES);
	struct error err = { 0 };

	CHECK(der_put(&out, tag, buf_slice(b), &err));
	buf_free(b);
	*b = out;
}

static void prepend(struct buf *b, struct slice head)
{
	struct buf out = BUF_INIT(P12_MAX_BYTES);
	struct error err = { 0 };

	CHECK(buf_append(&out, head, &err) && buf_append(&out, buf_slice(b), &err));
	buf_free(b);
	*b = out;
}

static void prepend_hex(struct buf *b, const char *text)
{
	struct hex h;

	prepend(b, hex(&h, text));
}

/* A PKCS#12 file around AuthenticatedSafe. */
static void finish(struct buf *safes)
{
	wrap(safes, DER_SEQUENCE);
	wrap(safes, DER_OCTET_STRING);
	wrap(safes, 0xa0);
	prepend_hex(safes, "06092a864886f70d010701");
	wrap(safes, DER_SEQUENCE);
	prepend_hex(safes, "020103");
	wrap(safes, DER_SEQUENCE);
}

/* A part around SafeContents. */
static void wrap_safe(struct buf *bags)
{
	wrap(bags, DER_OCTET_STRING);
	wrap(bags, 0xa0);
	prepend_hex(bags, "06092a864886f70d010701");
	wrap(bags, DER_SEQUENCE);
}

TEST(parts_without_content_are_damage)
{
	static const char *const safes[] = {
		"300b 06092a864886f70d010701",           /* data */
		"300b 06092a864886f70d010706",           /* encrypted */
		"300f 06092a864886f70d010706 a002 3000", /* empty */
		"300b 06092a864886f70d010703",           /* enveloped */
		"300f 06092a864886f70d010701 a002 0400", /* no bags */
		/* no content inside */
		"301b06092a864886f70d010706a00e300c020100300706052b0e03021a",
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(safes); i++) {
		AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
		AUTO(identity_free) struct identity id = { 0 };

		printf("# %zu\n", i);
		prepend_hex(&file, safes[i]);
		finish(&file);
		CHECK_FAILS(parse(&id, buf_slice(&file), &err), &err, ERROR_FORMAT, "");
	}
	AUTO(buf_free) struct buf empty = BUF_INIT(P12_MAX_BYTES);
	AUTO(identity_free) struct identity id = { 0 };
	finish(&empty);
	CHECK_FAILS(parse(&id, buf_slice(&empty), &err), &err, ERROR_NOT_FOUND,
	            "no private key");
}

/* An unknown bag, `depth` times inside a SafeContents bag. */
static bool parse_nested(unsigned depth, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
	AUTO(identity_free) struct identity id = { 0 };

	prepend_hex(&file, "3011 060b2a864886f70d010c0a0109 a002 3000");
	for (unsigned i = 0; i < depth; i++) {
		wrap(&file, DER_SEQUENCE);
		wrap(&file, 0xa0);
		prepend_hex(&file, "060b2a864886f70d010c0a0106");
		wrap(&file, DER_SEQUENCE);
	}
	wrap(&file, DER_SEQUENCE);
	wrap_safe(&file);
	finish(&file);
	return parse(&id, buf_slice(&file), err);
}

TEST(limits_the_depth)
{
	struct error err = { 0 };

	CHECK_FAILS(parse_nested(4, &err), &err, ERROR_NOT_FOUND, "no private key");
	CHECK_FAILS(parse_nested(5, &err), &err, ERROR_LIMIT, "nested too deeply");
	CHECK(!parse_nested(2000, &err) && err.message[0] != '\0');
}

TEST(a_key_inside_nested_bags_is_found)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	unsigned char *der = NULL;
	AUTO(buf_free) struct buf bags = BUF_INIT(P12_MAX_BYTES);
	AUTO(buf_free) struct buf cert = BUF_INIT(P12_MAX_BYTES);
	AUTO(identity_free) struct identity id = { 0 };
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pki->developer.key.pkey);

	test_secrets();
	int n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	REQUIRE(n > 0);
	prepend(&bags, slice_of(der, (size_t)n));
	OPENSSL_free(der);
	wrap(&bags, 0xa0);
	prepend_hex(&bags, "060b2a864886f70d010c0a0101");
	wrap(&bags, DER_SEQUENCE);

	prepend(&cert, pki->developer.cert.der);
	wrap(&cert, DER_OCTET_STRING);
	wrap(&cert, 0xa0);
	prepend_hex(&cert, "060a2a864886f70d01091601");
	wrap(&cert, DER_SEQUENCE);
	wrap(&cert, 0xa0);
	prepend_hex(&cert, "060b2a864886f70d010c0a0103");
	wrap(&cert, DER_SEQUENCE);

	prepend(&bags, buf_slice(&cert));
	wrap(&bags, DER_SEQUENCE);
	wrap(&bags, 0xa0);
	prepend_hex(&bags, "060b2a864886f70d010c0a0106");
	wrap(&bags, DER_SEQUENCE);
	wrap(&bags, DER_SEQUENCE);
	wrap_safe(&bags);
	finish(&bags);
	REQUIRE_OK(parse(&id, buf_slice(&bags), &err), &err);
	CHECK(slice_equal(id.cert.der, pki->developer.cert.der));
	CHECK_STR(id.friendly_name, "");
}

TEST(lengths_that_cannot_be_are_damage)
{
	static const char *const files[] = {
		"30",
		"3080",
		"30800000",
		"3084ffffffff",
		"30887fffffffffffffff",
		"3089ffffffffffffffffff",
		"30820000",
		"3003020103",
		"30130201033084ffffffff06092a864886f70d0107",
		"ff",
		"0000",
		"30800201033080060a2a864886f70d010701a0802480",
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct hex h;
		AUTO(identity_free) struct identity id = { 0 };

		CHECK_FAILS(parse(&id, hex(&h, files[i]), &err), &err, ERROR_FORMAT,
		            "not a PKCS#12 file");
	}
}

/* Windows and NSS write the outer parts with indefinite lengths. */
static bool to_ber(struct buf *out, struct slice der, unsigned depth, struct error *err)
{
	struct slice content;
	unsigned tag;

	while (der.n > 0) {
		struct slice whole = der;

		if (!der_next(&der, &tag, &content, err))
			return false;
		whole.n -= der.n;
		if (depth == 0 || (tag & 0x20) == 0) {
			if (!buf_append(out, whole, err))
				return false;
			continue;
		}
		const unsigned char head[] = { (unsigned char)tag, 0x80 };
		if (!buf_append(out, slice_of(head, 2), err) ||
		    !to_ber(out, content, depth - 1, err) ||
		    !buf_append(out, slice_of("\0\0", 2), err))
			return false;
	}
	return true;
}

TEST(reads_ber)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		AUTO(buf_free) struct buf der = make(kinds[i]);
		AUTO(buf_free) struct buf ber = BUF_INIT(P12_MAX_BYTES);
		AUTO(identity_free) struct identity id = { 0 };

		REQUIRE_OK(to_ber(&ber, buf_slice(&der), 5, &err), &err);
		CHECK(ber.p[1] == 0x80);
		REQUIRE_OK(parse(&id, buf_slice(&ber), &err), &err);
		CHECK(slice_equal(id.cert.der, fake_pki()->developer.cert.der));
	}
}
