/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that were decoded before: the same bytes give the same, nothing else does.
 */
#include "crypto/cert_cache.h"

#include <openssl/err.h>

#include "crypto/cert.h"
#include "support/fake_pki.h"
#include "support/harness.h"

static void drop_x509(X509 **x509)
{
	X509_free(*x509);
	ERR_clear_error();
}

static X509 *decode(struct slice der)
{
	size_t more = 0;
	X509 *x509 = cert_cache_decode(der, &more);

	CHECK(x509 == NULL || more == 0);
	return x509;
}

TEST(the_same_bytes_are_decoded_once)
{
	const struct slice der = fake_pki()->developer.cert.der;
	AUTO(drop_x509) X509 *first = decode(der);
	AUTO(drop_x509) X509 *again = decode(der);
	AUTO(drop_x509) X509 *other = decode(fake_pki()->wwdr.cert.der);

	CHECK(first != NULL && again == first && other != NULL && other != first);
	/* What was built, maybe with a private key, is not what is handed out. */
	CHECK(first != fake_pki()->developer.cert.x509);
}

TEST(other_bytes_are_another_certificate)
{
	const struct slice der = fake_pki()->developer.cert.der;
	AUTO(buf_free) struct buf changed = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };
	size_t more = 0;
	AUTO(drop_x509) X509 *first = decode(der);

	REQUIRE_OK(buf_append(&changed, der, &err), &err);
	changed.p[changed.n - 1] ^= 1;
	AUTO(drop_x509) X509 *second = decode(buf_slice(&changed));
	CHECK(first != NULL && second != NULL && second != first);
	changed.p[changed.n - 1] ^= 1;
	REQUIRE_OK(buf_append_fill(&changed, 0, 2, &err), &err);
	CHECK(cert_cache_decode(buf_slice(&changed), &more) == NULL && more == 2);
	for (size_t n = 0; n < der.n; n++)
		CHECK(cert_cache_decode(slice_of(der.p, n), &more) == NULL &&
		      more == 0);
	ERR_clear_error();
}

/* The certificate with another last byte: its signature is not looked at here. */
static X509 *decode_variant(unsigned char variant)
{
	const struct slice der = fake_pki()->root.cert.der;
	AUTO(buf_free) struct buf changed = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };

	if (!buf_append(&changed, der, &err))
		return NULL;
	changed.p[changed.n - 1] = variant;
	return decode(buf_slice(&changed));
}

TEST(the_oldest_goes_when_there_are_too_many)
{
	X509 *all[CERT_CACHE_MAX + 1];

	for (size_t i = 0; i <= CERT_CACHE_MAX; i++)
		all[i] = decode_variant((unsigned char)i);
	AUTO(drop_x509) X509 *last = decode_variant(CERT_CACHE_MAX);
	AUTO(drop_x509) X509 *second = decode_variant(1);
	AUTO(drop_x509) X509 *first = decode_variant(0);
	CHECK(last == all[CERT_CACHE_MAX] && second == all[1]);
	CHECK(first != NULL && first != all[0]);
	for (size_t i = 0; i <= CERT_CACHE_MAX; i++)
		X509_free(all[i]);
}
