/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwt.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "support/harness.h"
#include "support/openssl_tool.h"
#include "support/secrets.h"
#include "util/base64.h"
#include "util/mem.h"

/* The same numbers whoever signs: a key made for this run. */
static struct key new_key(enum key_type type)
{
	struct key key = { 0 };
	struct error err = { 0 };

	test_secrets();
	if (!key_new(&key, type, &err))
		abort();
	return key;
}

static bool build(struct buf *out, const char *kid, struct key *key, struct error *err)
{
	AUTO(drop_json)
	json_t *claims = json_pack("{s:s, s:i, s:[s]}", "iss", "issuer", "exp",
	                           1700000000, "aud", "appstoreconnect-v1");

	*out = BUF_INIT(JWT_MAX_BYTES);
	return jwt_build(out, kid, claims, key, err);
}

/* header.claims.signature of these texts, whatever they are. */
static char *token_of(const char *header, const char *claims, size_t signature)
{
	AUTO(buf_free) struct buf out = BUF_INIT(JWT_MAX_BYTES * 4);
	AUTO(buf_free) struct buf zeros = BUF_INIT(JWT_MAX_BYTES);
	struct error err = { 0 };

	if (!buf_append_fill(&zeros, 1, signature, &err) ||
	    !base64_write(&out, slice_str(header), BASE64_URL, &err) ||
	    !buf_append_str(&out, ".", &err) ||
	    !base64_write(&out, slice_str(claims), BASE64_URL, &err) ||
	    !buf_append_str(&out, ".", &err) ||
	    !base64_write(&out, buf_slice(&zeros), BASE64_URL, &err))
		abort();
	return mem_str(out.p, out.n);
}

TEST(reads_what_it_writes)
{
	AUTO(key_free) struct key key = new_key(KEY_P256);
	AUTO(key_free) struct key other = new_key(KEY_P256);
	AUTO(key_free) struct key rsa = new_key(KEY_RSA2048);
	AUTO(buf_free) struct buf token = { 0 };
	AUTO(jwt_free) struct jwt jwt = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(build(&token, "ABC1234567", &key, &err), &err);
	REQUIRE_OK(jwt_parse(&jwt, buf_slice(&token), &err), &err);
	CHECK_STR(jwt.kid, "ABC1234567");
	CHECK_STR(json_string_value(json_object_get(jwt.claims, "iss")), "issuer");
	CHECK(json_integer_value(json_object_get(jwt.claims, "exp")) == 1700000000);
	CHECK(jwt_is_signed_by(&jwt, &key));
	CHECK(!jwt_is_signed_by(&jwt, &other));
	CHECK(!jwt_is_signed_by(&jwt, &rsa));
	CHECK(!jwt_is_signed_by(&jwt, &(struct key){ 0 }));
	CHECK(ERR_peek_error() == 0);
}

TEST(only_p256_signs)
{
	AUTO(key_free) struct key rsa = new_key(KEY_RSA2048);
	AUTO(buf_free) struct buf token = { 0 };
	struct error err = { 0 };

	CHECK_FAILS(build(&token, "K", &rsa, &err), &err, ERROR_USAGE, "EC P-256");
	CHECK(token.n == 0);
}

/* RFC 7515 Appendix A.3: its token and the public half of its key. */
TEST(knows_the_standards_example)
{
	static const char token[] =
		"eyJhbGciOiJFUzI1NiJ9."
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
		"NvbS9pc19yb290Ijp0cnVlfQ."
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxf"
		"KTUJqPP3-Kg6NU1Q";
	static const char x[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
	static const char y[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
	/* SubjectPublicKeyInfo of EC P-256, up to the point. */
	static const unsigned char head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
		                              0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
		                              0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
		                              0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
	AUTO(buf_free) struct buf der = BUF_INIT(200);
	AUTO(key_free) struct key key = { 0 };
	AUTO(jwt_free) struct jwt jwt = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(buf_append(&der, slice_of(head, sizeof head), &err), &err);
	REQUIRE_OK(base64_read(&der, slice_str(x), BASE64_URL, &err), &err);
	REQUIRE_OK(base64_read(&der, slice_str(y), BASE64_URL, &err), &err);
	REQUIRE_OK(key_parse_public(&key, buf_slice(&der), &err), &err);
	REQUIRE_OK(jwt_parse(&jwt, slice_str(token), &err), &err);
	CHECK(jwt_is_signed_by(&jwt, &key));
	jwt.signature[63] ^= 1;
	CHECK(!jwt_is_signed_by(&jwt, &key));
}

TEST(a_changed_byte_is_noticed)
{
	AUTO(key_free) struct key key = new_key(KEY_P256);
	AUTO(buf_free) struct buf token = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(build(&token, "K", &key, &err), &err);
	for (size_t i = 0; i < token.n; i++) {
		AUTO(jwt_free) struct jwt jwt = { 0 };
		struct error ignored = { 0 };
		unsigned char was = token.p[i];

		token.p[i] = was == 'A' ? 'B' : 'A';
		CHECK(!jwt_parse(&jwt, buf_slice(&token), &ignored) ||
		      !jwt_is_signed_by(&jwt, &key));
		token.p[i] = was;
	}
}

TEST(cut_at_any_byte_it_is_no_token)
{
	AUTO(key_free) struct key key = new_key(KEY_P256);
	AUTO(buf_free) struct buf token = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(build(&token, "K", &key, &err), &err);
	for (size_t n = 0; n < token.n; n++) {
		AUTO(jwt_free) struct jwt jwt = { 0 };
		/* Exactly n bytes, so that a sanitizer sees one too many. */
		AUTO(drop_str) char *cut = mem_str(token.p, n);

		CHECK_FAILS(jwt_parse(&jwt, slice_of(cut, n), &err), &err, ERROR_FORMAT,
		            "token");
	}
}

TEST(refuses_other_tokens)
{
	static const char es256[] = "{\"alg\":\"ES256\"}";
	static const struct {
		const char *header, *claims;
		size_t signature;
		const char *says;
	} bad[] = {
		{ "{\"alg\":\"none\"}", "{}", 64, "not signed with ES256" },
		{ "{\"alg\":\"HS256\"}", "{}", 64, "not signed with ES256" },
		{ "{\"alg\":[\"ES256\"]}", "{}", 64, "not signed with ES256" },
		{ "{}", "{}", 64, "not signed with ES256" },
		{ "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "{}", 64, "header" },
		{ "{\"alg\":\"ES256\",\"crit\":[\"b64\"]}", "{}", 64, "critical" },
		{ "[]", "{}", 64, "header" },
		{ es256, "[]", 64, "claims" },
		{ es256, "{\"iat\":1,\"iat\":2}", 64, "claims" },
		{ es256, "{}x", 64, "claims" },
		{ es256, "{}", 63, "63 bytes" },
		{ es256, "{}", 65, "65 bytes" },
		{ es256, "{}", 0, "0 bytes" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(drop_str)
		char *token = token_of(bad[i].header, bad[i].claims, bad[i].signature);
		AUTO(jwt_free) struct jwt jwt = { 0 };

		CHECK_FAILS(jwt_parse(&jwt, slice_str(token), &err), &err, ERROR_FORMAT,
		            bad[i].says);
		CHECK(jwt.header == NULL && jwt.claims == NULL);
	}
}

TEST(a_key_id_that_is_no_text_is_none)
{
	AUTO(drop_str)
	char *token = token_of("{\"alg\":\"ES256\",\"kid\":7}", "{}", 64);
	AUTO(jwt_free) struct jwt jwt = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(jwt_parse(&jwt, slice_str(token), &err), &err);
	CHECK_STR(jwt.kid, "");
}

TEST(long_tokens_have_a_limit)
{
	AUTO(buf_free) struct buf token = BUF_INIT(JWT_MAX_BYTES + 1);
	AUTO(jwt_free) struct jwt jwt = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(buf_append_fill(&token, 'A', JWT_MAX_BYTES, &err), &err);
	CHECK_FAILS(jwt_parse(&jwt, buf_slice(&token), &err), &err, ERROR_FORMAT,
	            "three parts");
	REQUIRE_OK(buf_append_fill(&token, 'A', 1, &err), &err);
	CHECK_FAILS(jwt_parse(&jwt, buf_slice(&token), &err), &err, ERROR_LIMIT,
	            "bytes");
}
