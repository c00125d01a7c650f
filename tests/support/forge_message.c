/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed messages over code directories, also such as no signer makes.
 */
#include <openssl/cms.h>
#include <string.h>

#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/ossl.h"
#include "support/forge_impl.h"
#include "util/mem.h"

#define OID_AGILITY_V1 "1.2.840.113635.100.9.1"
#define OID_AGILITY_V2 "1.2.840.113635.100.9.2"
#define ATTRIBUTE_MAX  4096

static const char *digest_oid(enum digest d)
{
	switch (d) {
	case DIGEST_SHA1:
		return "1.3.14.3.2.26";
	case DIGEST_SHA384:
		return "2.16.840.1.101.3.4.2.2";
	default:
		return "2.16.840.1.101.3.4.2.1";
	}
}

static bool put_v2(struct buf *out, enum digest d, struct slice cd, bool is_wrong,
                   struct error *err)
{
	AUTO(buf_free) struct buf oid = BUF_INIT(64);
	AUTO(buf_free) struct buf pair = BUF_INIT(256);
	unsigned char hash[DIGEST_MAX_BYTES];

	digest_of(hash, d, cd);
	hash[3] ^= is_wrong;
	return der_oid_bytes(&oid, digest_oid(d), err) &&
	       der_put(&pair, DER_OID, buf_slice(&oid), err) &&
	       der_put(&pair, DER_OCTET_STRING, slice_of(hash, digest_size(d)), err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&pair), err);
}

static bool put_v1(struct buf *out, const struct forge_code *c, const struct buf *cds,
                   struct error *err)
{
	AUTO(drop_pl) struct pl *root = pl_new_dict();
	struct pl *list = pl_set(root, "cdhashes", pl_new_array());
	AUTO(buf_free) struct buf text = BUF_INIT(ATTRIBUTE_MAX);

	for (size_t i = 0; i < c->digest_count; i++) {
		unsigned char hash[DIGEST_MAX_BYTES];

		digest_of(hash, c->digests[i], buf_slice(&cds[i]));
		hash[3] ^= c->wrong_v1;
		pl_append(list, pl_new_data(slice_of(hash, CODEDIR_CDHASH_BYTES)));
	}
	return pl_write_xml(&text, root, err) &&
	       der_put(out, DER_OCTET_STRING, buf_slice(&text), err);
}

static bool make_signed(struct buf *out, const struct forge_code *c,
                        const struct buf *cds, struct error *err)
{
	AUTO(buf_free) struct buf v1 = BUF_INIT(ATTRIBUTE_MAX);
	AUTO(buf_free) struct buf v2 = BUF_INIT(ATTRIBUTE_MAX);
	const struct cert *chain[ARRAY_LEN(c->by.issuers)] = { NULL };
	struct cms_attr attrs[2] = { 0 };
	size_t n = 0;

	if (!put_v1(&v1, c, cds, err))
		return false;
	for (size_t i = 0; i < c->digest_count; i++)
		if (!put_v2(&v2, c->digests[i], buf_slice(&cds[i]), c->wrong_v2, err))
			return false;
	if (!c->no_v2)
		attrs[n++] = (struct cms_attr){ .oid = OID_AGILITY_V2,
			                        .value = buf_slice(&v2) };
	if (!c->no_v1)
		attrs[n++] = (struct cms_attr){ .oid = OID_AGILITY_V1,
			                        .value = buf_slice(&v1) };
	for (size_t i = 0; i < c->by.issuer_count; i++)
		chain[i] = &c->by.issuers[i]->cert;
	const struct cms_sign how = { .cert = &c->by.leaf->cert,
		                      .chain = chain,
		                      .chain_count = c->by.issuer_count,
		                      .key = key_signer(&c->by.leaf->key),
		                      .time_s = FAKE_NOW_S,
		                      .is_detached = true,
		                      .attrs = attrs,
		                      .attr_count = n };
	return cms_build(out, buf_slice(&cds[0]), &how, err);
}

static bool encode(struct buf *out, CMS_ContentInfo *info, struct error *err)
{
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(info, &der);

	if (n <= 0)
		return ossl_error(err, ERROR_CRYPTO, "could not write the message");
	bool ok = buf_append(out, slice_of(der, (size_t)n), err);
	OPENSSL_free(der);
	return ok;
}

/* The same message with one more signer info. */
static bool add_signer(struct buf *message, const struct forge_signer *by,
                       struct error *err)
{
	const unsigned char *p = message->p;
	CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &p, (long)message->n);
	AUTO(buf_free) struct buf both = BUF_INIT(CMS_MAX_BYTES);
	bool ok = info != NULL &&
	          CMS_add1_signer(info, by->leaf->cert.x509, by->leaf->key.pkey,
	                          EVP_sha256(), CMS_REUSE_DIGEST | CMS_NOCERTS) != NULL;

	if (!ok)
		ossl_error(err, ERROR_CRYPTO, "could not add a signer");
	ok = ok && encode(&both, info, err);
	CMS_ContentInfo_free(info);
	if (!ok)
		return false;
	buf_free(message);
	return buf_append(message, buf_slice(&both), err);
}

/* As before 2016: SHA-1 throughout, no agility attributes. */
static bool make_sha1(struct buf *out, const struct forge_code *c, struct slice content,
                      struct error *err)
{
	BIO *in = BIO_new_mem_buf(content.p, (int)content.n);
	unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY;
	CMS_ContentInfo *info = CMS_sign(NULL, NULL, NULL, NULL, flags);
	bool ok = in != NULL && info != NULL &&
	          CMS_add1_signer(info, c->by.leaf->cert.x509, c->by.leaf->key.pkey,
	                          EVP_sha1(), flags | CMS_NOSMIMECAP) != NULL;

	for (size_t i = 0; ok && i < c->by.issuer_count; i++)
		ok = CMS_add1_cert(info, c->by.issuers[i]->cert.x509) == 1;
	ok = ok && CMS_final(info, in, NULL, flags) == 1;
	if (!ok)
		ossl_error(err, ERROR_CRYPTO, "could not sign with SHA-1");
	ok = ok && encode(out, info, err);
	CMS_ContentInfo_free(info);
	BIO_free(in);
	return ok;
}

bool forge_message(struct buf *out, const struct forge_code *c, const struct buf *cds,
                   struct error *err)
{
	if (c->sha1_message)
		return make_sha1(out, c, buf_slice(&cds[0]), err);
	return make_signed(out, c, cds, err) &&
	       (c->also.leaf == NULL || add_signer(out, &c->also, err));
}
