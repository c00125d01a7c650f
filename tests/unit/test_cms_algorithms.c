/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which digests, keys and signatures are accepted.  The messages are OpenSSL's, so
 * this also shows that we read what others write, and they what we write.
 */
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/cms.h"
#include "crypto/issue.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/hex.h"

static const char content[] = "what is signed";

static void drop_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void drop_info(CMS_ContentInfo **info)
{
	CMS_ContentInfo_free(*info);
}

static struct fake_party *rsa_developer(void)
{
	static struct fake_party party;
	const struct fake_new how = { .cn = "Apple Development: RSA (BBBBBBBBBB)",
		                      .issuer = &fake_pki()->wwdr,
		                      .is_rsa = true };
	struct error err = { 0 };

	if (party.key.pkey == NULL && !fake_party_make(&party, &how, &err))
		error_print(&err, stderr, true);
	return &party;
}

/* Only adds the PSS parameters where asked for. */
static bool add_signer(CMS_ContentInfo *info, const struct fake_party *who,
                       const EVP_MD *md, unsigned flags, bool pss)
{
	CMS_SignerInfo *signer =
		CMS_add1_signer(info, who->cert.x509, who->key.pkey, md,
	                        flags | (pss ? CMS_KEY_PARAM : 0U));

	if (signer == NULL || !pss)
		return signer != NULL;
	return EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(signer),
	                                    RSA_PKCS1_PSS_PADDING) == 1;
}

/* A message by OpenSSL; flags as CMS_sign() takes them. */
static bool sign_elsewhere(struct buf *out, const struct fake_party *who,
                           const EVP_MD *md, unsigned flags, bool pss)
{
	struct error err = { 0 };
	unsigned char *der = NULL;

	flags |= CMS_BINARY;
	*out = BUF_INIT(CMS_MAX_BYTES);
	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	AUTO(drop_info)
	CMS_ContentInfo *info = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
	if (in == NULL || info == NULL || !add_signer(info, who, md, flags, pss) ||
	    CMS_final(info, in, NULL, flags) != 1)
		return false;
	int n = i2d_CMS_ContentInfo(info, &der);
	bool ok = n > 0 && buf_append(out, slice_of(der, (size_t)n), &err);
	OPENSSL_free(der);
	return ok;
}

/* NULL if the message fits, else what cms_check() says. */
static const char *judge(const struct buf *message, struct error *err)
{
	AUTO(cms_free) struct cms cms = { 0 };

	*err = (struct error){ 0 };
	if (cms_parse(&cms, buf_slice(message), err) &&
	    cms_check(&cms, slice_str(content), err))
		return NULL;
	return err->message;
}

TEST(accepts_sha1_and_better)
{
	const EVP_MD *const mds[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(),
		                      EVP_sha512() };
	struct fake_party *const who[] = { &fake_pki()->developer, rsa_developer() };

	for (size_t i = 0; i < ARRAY_LEN(mds) * ARRAY_LEN(who); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf message = { 0 };

		REQUIRE(sign_elsewhere(&message, who[i % 2], mds[i / 2], 0, false));
		if (!CHECK(judge(&message, &err) == NULL))
			printf("# %zu: %s\n", i, err.message);
	}
}

TEST(names_the_digests_we_know)
{
	const struct {
		const EVP_MD *md;
		int digest;
	} cases[] = {
		{ EVP_sha1(), DIGEST_SHA1 },
		{ EVP_sha256(), DIGEST_SHA256 },
		{ EVP_sha384(), DIGEST_SHA384 },
		{ EVP_sha512(), 0 },
		{ EVP_md5(), 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf message = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		REQUIRE(sign_elsewhere(&message, rsa_developer(), cases[i].md, 0,
		                       false));
		REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
		CHECK((int)cms.digest == cases[i].digest);
	}
}

TEST(refuses_old_digests)
{
	const EVP_MD *const mds[] = { EVP_md5(), EVP_sha224() };

	for (size_t i = 0; i < ARRAY_LEN(mds); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf message = { 0 };

		REQUIRE(sign_elsewhere(&message, rsa_developer(), mds[i], 0, false));
		CHECK_STR(judge(&message, &err), "the digest is not accepted");
		CHECK(err.code == ERROR_VERIFY && err.cause[0] != '\0');
	}
}

TEST(accepts_messages_without_attributes)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE(sign_elsewhere(&message, rsa_developer(), EVP_sha256(), CMS_NOATTR,
	                       false));
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.attr_count == 0 && cms.signing_time_s == 0);
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
	CHECK_FAILS(cms_check(&cms, slice_str("another"), &err), &err, ERROR_VERIFY,
	            "the signature does not fit");
}

TEST(finds_the_signer_by_key_identifier_too)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE(sign_elsewhere(&message, rsa_developer(), EVP_sha256(), CMS_USE_KEYID,
	                       false));
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.signer_cert == 0 && cms.attr_count > 2);
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
}

TEST(accepts_pss)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf message = { 0 };

	REQUIRE(sign_elsewhere(&message, rsa_developer(), EVP_sha256(), 0, true));
	CHECK(judge(&message, &err) == NULL);
	message.p[message.n - 1] ^= 1;
	CHECK_STR(judge(&message, &err), "the signature does not fit");
}

TEST(says_when_the_signer_is_not_inside)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE(sign_elsewhere(&message, rsa_developer(), EVP_sha256(), CMS_NOCERTS,
	                       false));
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.signer_cert == -1 && cms.certs.count == 0);
	CHECK_FAILS(cms_check(&cms, cms.content, &err), &err, ERROR_NOT_FOUND,
	            "certificate is not inside");
}

/* With two signers. */
static bool sign_twice(struct buf *out)
{
	struct error err = { 0 };
	unsigned char *der = NULL;
	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	AUTO(drop_info)
	CMS_ContentInfo *info =
		CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);

	if (in == NULL || info == NULL ||
	    !add_signer(info, rsa_developer(), EVP_sha256(), 0, false) ||
	    !add_signer(info, &fake_pki()->developer, EVP_sha256(), 0, false) ||
	    CMS_final(info, in, NULL, CMS_BINARY) != 1)
		return false;
	int n = i2d_CMS_ContentInfo(info, &der);
	bool ok = n > 0 && buf_append(out, slice_of(der, (size_t)n), &err);
	OPENSSL_free(der);
	return ok;
}

TEST(counts_signers)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf message = BUF_INIT(CMS_MAX_BYTES);
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE(sign_twice(&message));
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.signer_count == 2 && cms.certs.count == 2);
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
}

/* The last place of `from` becomes `to`: that is in the signer, not a certificate. */
static bool patch_last(struct buf *message, const char *from, const char *to)
{
	struct hex a, b;
	struct slice old = hex(&a, from), new = hex(&b, to);

	for (size_t i = message->n - old.n; i > 0; i--) {
		if (memcmp(message->p + i, old.p, old.n) != 0)
			continue;
		memcpy(message->p + i, new.p, new.n);
		return true;
	}
	return false;
}

/* What a good message says once its signature algorithm is another one. */
static bool says(struct fake_party *who, const char *from, const char *to,
                 const char *why)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf message = { 0 };

	if (!CHECK(sign_elsewhere(&message, who, EVP_sha256(), 0, false)) ||
	    !CHECK(judge(&message, &err) == NULL) ||
	    !CHECK(patch_last(&message, from, to)) ||
	    !CHECK(judge(&message, &err) != NULL))
		return false;
	return err.code == ERROR_VERIFY && strstr(err.message, why) != NULL;
}

TEST(refuses_algorithms_that_contradict_each_other)
{
	/* rsaEncryption to sha1WithRSA, though the digest is SHA-256. */
	CHECK(says(rsa_developer(), "2a864886f70d010101", "2a864886f70d010105",
	           "contradict"));
	/* To RSAES-OAEP. */
	CHECK(says(rsa_developer(), "2a864886f70d010101", "2a864886f70d010107",
	           "does not fit the signer's key"));
	/* ecdsa-with-SHA256 to ecdsa-with-SHA384. */
	CHECK(says(&fake_pki()->developer, "2a8648ce3d040302", "2a8648ce3d040303",
	           "contradict"));
}

/* A key that signs in a way nobody here accepts. */
TEST(refuses_other_keys)
{
	struct error err = { 0 };
	AUTO(fake_party_free) struct fake_party odd = { 0 };
	AUTO(buf_free) struct buf message = { 0 };
	struct fake_party *developer = &fake_pki()->developer;
	const struct cms_sign how = { .cert = &odd.cert,
		                      .key = key_signer(&developer->key),
		                      .time_s = FAKE_NOW_S };

	odd.key.pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	REQUIRE(odd.key.pkey != NULL);
	const struct issue issue = { .cn = "Odd",
		                     .not_before_s = FAKE_NOW_S,
		                     .not_after_s = FAKE_NOW_S + 1,
		                     .public_key = odd.key.pkey,
		                     .issuer = &fake_pki()->wwdr.cert,
		                     .issuer_key = &fake_pki()->wwdr.key };
	REQUIRE_OK(cert_issue(&odd.cert, &issue, &err), &err);
	message = BUF_INIT(CMS_MAX_BYTES);
	REQUIRE_OK(cms_build(&message, slice_str(content), &how, &err), &err);
	REQUIRE(judge(&message, &err) != NULL);
	CHECK(strstr(err.message, "key is not accepted") != NULL);
}

/* What we write, OpenSSL accepts. */
TEST(others_accept_what_is_built)
{
	struct fake_party *const who[] = { &fake_pki()->developer, rsa_developer() };

	for (size_t i = 0; i < 2 * ARRAY_LEN(who); i++) {
		struct error err = { 0 };
		struct fake_party *signer = who[i % 2];
		const struct cert *chain[] = { &fake_pki()->wwdr.cert };
		const struct cms_sign how = { .cert = &signer->cert,
			                      .chain = chain,
			                      .chain_count = 1,
			                      .key = key_signer(&signer->key),
			                      .time_s = FAKE_NOW_S,
			                      .is_detached = i >= 2 };
		AUTO(buf_free) struct buf message = BUF_INIT(CMS_MAX_BYTES);

		REQUIRE_OK(cms_build(&message, slice_str(content), &how, &err), &err);
		const unsigned char *p = buf_slice(&message).p;
		AUTO(drop_info)
		CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &p, (long)message.n);
		AUTO(drop_bio) BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
		REQUIRE(info != NULL && in != NULL);
		CHECK(CMS_verify(info, NULL, NULL, how.is_detached ? in : NULL, NULL,
		                 CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1);
	}
	ERR_clear_error();
}
