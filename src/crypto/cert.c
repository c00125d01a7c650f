/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cert_cache.h"
#include "crypto/digest.h"
#include "crypto/name.h"
#include "crypto/ossl.h"
#include "crypto/trust.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

#define MARKER "1.2.840.113635.100.6.1."

/*
 * Spec codesign.md 8.1.  The first row whose markers are all there decides, so
 * the pairs of the Apple types stand before the single ones.
 */
static const struct {
	enum cert_kind kind;
	const char *markers[2];
} kinds[] = {
	{ CERT_KIND_APPLE_DEVELOPMENT, { MARKER "2", MARKER "12" } },
	{ CERT_KIND_APPLE_DISTRIBUTION, { MARKER "4", MARKER "7" } },
	{ CERT_KIND_IOS_DEVELOPMENT, { MARKER "2", NULL } },
	{ CERT_KIND_IOS_DISTRIBUTION, { MARKER "4", NULL } },
	{ CERT_KIND_MAC_DEVELOPMENT, { MARKER "12", NULL } },
	{ CERT_KIND_MAC_APP_DISTRIBUTION, { MARKER "7", NULL } },
	{ CERT_KIND_MAC_INSTALLER, { MARKER "8", NULL } },
	{ CERT_KIND_DEVELOPER_ID_APPLICATION, { MARKER "13", NULL } },
	{ CERT_KIND_DEVELOPER_ID_INSTALLER, { MARKER "14", NULL } },
	{ CERT_KIND_IOS_APP_STORE, { MARKER "3", NULL } },
	{ CERT_KIND_IOS_APP_STORE, { MARKER "3.1", NULL } },
	{ CERT_KIND_MAC_APP_STORE, { MARKER "9", NULL } },
	{ CERT_KIND_TESTFLIGHT, { MARKER "25.1", NULL } },
	{ CERT_KIND_TESTFLIGHT, { MARKER "25.2", NULL } },
	{ CERT_KIND_TVOS_APP_STORE, { MARKER "24", NULL } },
	{ CERT_KIND_TVOS_APP_STORE, { MARKER "24.1", NULL } },
	{ CERT_KIND_VISIONOS_APP_STORE, { MARKER "36", NULL } },
	{ CERT_KIND_PASS_TYPE, { MARKER "16", NULL } },
	{ CERT_KIND_PUSH, { "1.2.840.113635.100.6.3.1", NULL } }, /* sandbox only */
	{ CERT_KIND_PUSH, { "1.2.840.113635.100.6.3.2", NULL } },
	{ CERT_KIND_APPLE_SOFTWARE, { "1.2.840.113635.100.6.22", NULL } },
	{ CERT_KIND_PROFILE_SIGNING, { TRUST_OID_PROFILE_SIGNER, NULL } },
	{ CERT_KIND_PROFILE_SIGNING, { TRUST_OID_PROFILE_SIGNER_OLD, NULL } },
	{ CERT_KIND_PROFILE_SIGNING, { TRUST_OID_PROFILE_SIGNER_DER, NULL } },
	{ CERT_KIND_PROFILE_SIGNING, { TRUST_OID_PROFILE_SIGNER_MAC, NULL } },
};

static const char *const kind_names[] = {
	[CERT_KIND_OTHER] = "other certificate",
	[CERT_KIND_APPLE_DEVELOPMENT] = "Apple Development",
	[CERT_KIND_APPLE_DISTRIBUTION] = "Apple Distribution",
	[CERT_KIND_IOS_DEVELOPMENT] = "iOS Development",
	[CERT_KIND_IOS_DISTRIBUTION] = "iOS Distribution",
	[CERT_KIND_MAC_DEVELOPMENT] = "Mac Development",
	[CERT_KIND_MAC_APP_DISTRIBUTION] = "Mac App Distribution",
	[CERT_KIND_MAC_INSTALLER] = "Mac Installer Distribution",
	[CERT_KIND_DEVELOPER_ID_APPLICATION] = "Developer ID Application",
	[CERT_KIND_DEVELOPER_ID_INSTALLER] = "Developer ID Installer",
	[CERT_KIND_IOS_APP_STORE] = "iOS App Store signing",
	[CERT_KIND_MAC_APP_STORE] = "Mac App Store signing",
	[CERT_KIND_TESTFLIGHT] = "TestFlight signing",
	[CERT_KIND_TVOS_APP_STORE] = "tvOS App Store signing",
	[CERT_KIND_VISIONOS_APP_STORE] = "visionOS App Store signing",
	[CERT_KIND_APPLE_SOFTWARE] = "Apple software signing",
	[CERT_KIND_PASS_TYPE] = "Pass Type ID",
	[CERT_KIND_PUSH] = "push service",
	[CERT_KIND_CA] = "certificate authority",
	[CERT_KIND_PROFILE_SIGNING] = "provisioning profile signing",
};
_Static_assert(ARRAY_LEN(kind_names) == CERT_KIND_COUNT, "a kind has no name");

const char *cert_kind_name(enum cert_kind kind)
{
	return kind_names[kind];
}

bool cert_kind_is_development(enum cert_kind kind)
{
	return kind == CERT_KIND_APPLE_DEVELOPMENT || kind == CERT_KIND_IOS_DEVELOPMENT;
}

bool cert_kind_is_distribution(enum cert_kind kind)
{
	return kind == CERT_KIND_APPLE_DISTRIBUTION ||
	       kind == CERT_KIND_IOS_DISTRIBUTION;
}

static int extension_index(const struct cert *cert, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int i = object != NULL ? X509_get_ext_by_OBJ(cert->x509, object, -1) : -1;

	ASN1_OBJECT_free(object);
	return i;
}

bool cert_has_extension(const struct cert *cert, const char *oid)
{
	return extension_index(cert, oid) >= 0;
}

bool cert_extension(struct slice *out, const struct cert *cert, const char *oid)
{
	int i = extension_index(cert, oid);

	if (i < 0)
		return false;
	const ASN1_OCTET_STRING *data =
		X509_EXTENSION_get_data(X509_get_ext(cert->x509, i));
	*out = slice_of(ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data));
	return true;
}

static enum cert_kind kind_of(const struct cert *cert)
{
	if (X509_check_ca(cert->x509) == 1)
		return CERT_KIND_CA;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *second = kinds[i].markers[1];

		if (cert_has_extension(cert, kinds[i].markers[0]) &&
		    (second == NULL || cert_has_extension(cert, second)))
			return kinds[i].kind;
	}
	return CERT_KIND_OTHER;
}

bool cert_has_eku(const struct cert *cert, const char *oid)
{
	ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
	EXTENDED_KEY_USAGE *usages =
		X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);
	bool found = false;

	for (int i = 0; wanted != NULL && i < sk_ASN1_OBJECT_num(usages); i++)
		found = found || OBJ_cmp(sk_ASN1_OBJECT_value(usages, i), wanted) == 0;
	EXTENDED_KEY_USAGE_free(usages);
	ASN1_OBJECT_free(wanted);
	ERR_clear_error();
	return found;
}

static bool read_time(int64_t *out, const ASN1_TIME *time, struct error *err)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return ossl_error(err, ERROR_FORMAT,
		                  "the certificate has a broken date");
	*out = clock_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	                        tm.tm_hour, tm.tm_min, tm.tm_sec);
	return true;
}

static void read_serial(struct cert *cert)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert->x509), NULL);
	char *hex = n != NULL ? BN_bn2hex(n) : NULL;
	const char *digits = hex != NULL ? hex : "";

	while (digits[0] == '0' && digits[1] != '\0')
		digits++;
	snprintf(cert->serial, sizeof cert->serial, "%s", digits);
	for (char *p = cert->serial; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'F')
			*p = (char)(*p - 'A' + 'a');
	OPENSSL_free(hex);
	BN_free(n);
}

static void read_names(struct cert *cert)
{
	const X509_NAME *subject = X509_get_subject_name(cert->x509);
	const X509_NAME *issuer = X509_get_issuer_name(cert->x509);

	cert->cn = name_text(subject, NID_commonName);
	cert->ou = name_text(subject, NID_organizationalUnitName);
	cert->o = name_text(subject, NID_organizationName);
	cert->uid = name_text(subject, NID_userId);
	cert->country = name_text(subject, NID_countryName);
	cert->issuer_cn = name_text(issuer, NID_commonName);
	cert->issuer_ou = name_text(issuer, NID_organizationalUnitName);
	cert->is_self_signed = X509_NAME_cmp(subject, issuer) == 0;
}

static bool fill_in(struct cert *cert, struct error *err)
{
	unsigned char *der = NULL, digest[DIGEST_MAX_BYTES];
	int n = i2d_X509(cert->x509, &der);

	if (n < 0)
		return ossl_error(err, ERROR_FORMAT,
		                  "the certificate cannot be encoded");
	cert->der = slice_of(mem_str(der, (size_t)n), (size_t)n);
	OPENSSL_free(der);
	digest_of(digest, DIGEST_SHA1, cert->der);
	memcpy(cert->sha1, digest, sizeof cert->sha1);
	digest_of(digest, DIGEST_SHA256, cert->der);
	memcpy(cert->sha256, digest, sizeof cert->sha256);
	if (!read_time(&cert->not_before_s, X509_get0_notBefore(cert->x509), err) ||
	    !read_time(&cert->not_after_s, X509_get0_notAfter(cert->x509), err))
		return false;
	read_serial(cert);
	read_names(cert);
	cert->kind = kind_of(cert);
	/* Kinds and usages are looked up often; errors of theirs are no failures. */
	ERR_clear_error();
	return true;
}

void cert_free(struct cert *cert)
{
	X509_free(cert->x509);
	mem_free(cert->der.p);
	free(cert->cn);
	free(cert->ou);
	free(cert->o);
	free(cert->uid);
	free(cert->country);
	free(cert->issuer_cn);
	free(cert->issuer_ou);
	*cert = (struct cert){ 0 };
}

bool cert_from_x509(struct cert *out, X509 *x509, struct error *err)
{
	AUTO(cert_free) struct cert cert = { .x509 = x509 };

	X509_up_ref(x509);
	if (!fill_in(&cert, err))
		return false;
	*out = cert;
	cert = (struct cert){ 0 };
	return true;
}

bool cert_copy(struct cert *out, const struct cert *from, struct error *err)
{
	return cert_from_x509(out, from->x509, err);
}

static void drop_x509(X509 **x509)
{
	X509_free(*x509);
}

static bool not_a_certificate(struct error *err)
{
	ossl_error(err, ERROR_FORMAT, "not a certificate");
	return error_cause(err, "It is damaged, cut short, or not a certificate.");
}

bool cert_parse_element(struct cert *out, struct slice bytes, struct error *err)
{
	size_t more = 0;

	ERR_clear_error();
	AUTO(drop_x509) X509 *x509 = cert_cache_decode(bytes, &more);
	if (more > 0)
		return error_set(err, ERROR_FORMAT,
		                 "certificate has %zu %s after its end", more,
		                 plural(more, "byte", "bytes"));
	if (x509 == NULL)
		return not_a_certificate(err);
	return cert_from_x509(out, x509, err);
}

static bool is_pem(struct slice bytes)
{
	return slice_cut(bytes, slice_str("-----BEGIN "), NULL, NULL);
}

static bool check_size(struct slice bytes, size_t max, struct error *err)
{
	if (bytes.n <= max)
		return true;
	return error_set(err, ERROR_LIMIT, "certificate file is larger than %zu bytes",
	                 max);
}

/* The next certificate of a PEM text; *out stays zeros behind the last. */
static bool next_pem(struct cert *out, BIO *in, struct error *err)
{
	AUTO(drop_x509)
	X509 *x509 = PEM_read_bio_X509(in, NULL, ossl_no_password, NULL);

	if (x509 != NULL && !cert_from_x509(out, x509, err))
		return false;
	if (x509 != NULL) {
		cert_cache_keep(out->der, x509);
		return true;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return true;
	}
	return not_a_certificate(err);
}

static bool no_certificate(struct error *err)
{
	error_set(err, ERROR_FORMAT, "there is no certificate inside");
	return error_cause(err, "It is a key, a request, or PEM of another kind.");
}

bool cert_parse(struct cert *out, struct slice bytes, struct error *err)
{
	struct cert cert = { 0 };

	if (!check_size(bytes, CERT_MAX_BYTES, err))
		return false;
	ERR_clear_error();
	if (!is_pem(bytes))
		return cert_parse_element(out, bytes, err);
	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	if (in == NULL)
		return ossl_error(err, ERROR_CRYPTO, "could not read the certificate");
	if (!next_pem(&cert, in, err))
		return false;
	if (cert.x509 == NULL)
		return no_certificate(err);
	*out = cert;
	return true;
}

void cert_list_add(struct cert_list *list, struct cert *cert)
{
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	list->items[list->count++] = *cert;
	*cert = (struct cert){ 0 };
}

void cert_list_free(struct cert_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cert_free(&list->items[i]);
	free(list->items);
	*list = (struct cert_list){ 0 };
}

static bool parse_all_pem(struct cert_list *out, struct slice bytes, struct error *err)
{
	AUTO(cert_list_free) struct cert_list found = { 0 };
	struct cert cert = { 0 };

	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	if (in == NULL)
		return ossl_error(err, ERROR_CRYPTO, "could not read the certificates");
	for (;;) {
		if (!next_pem(&cert, in, err))
			return false;
		if (cert.x509 == NULL)
			break;
		cert_list_add(&found, &cert);
	}
	if (found.count == 0)
		return no_certificate(err);
	for (size_t i = 0; i < found.count; i++)
		cert_list_add(out, &found.items[i]);
	return true;
}

bool cert_list_parse(struct cert_list *list, struct slice bytes, struct error *err)
{
	struct cert cert = { 0 };

	if (!check_size(bytes, CERT_LIST_MAX_BYTES, err))
		return false;
	ERR_clear_error();
	if (is_pem(bytes))
		return parse_all_pem(list, bytes, err);
	if (!cert_parse_element(&cert, bytes, err))
		return false;
	cert_list_add(list, &cert);
	return true;
}

bool cert_matches_key(const struct cert *cert, const struct key *key)
{
	EVP_PKEY *public = X509_get0_pubkey(cert->x509);
	bool same = public != NULL && EVP_PKEY_eq(public, key->pkey) == 1;

	ERR_clear_error();
	return same;
}

bool cert_key_fingerprint(unsigned char out[32], const struct cert *cert)
{
	const struct key public = { .pkey = X509_get0_pubkey(cert->x509) };

	if (public.pkey != NULL)
		key_fingerprint(out, &public);
	ERR_clear_error();
	return public.pkey != NULL;
}

unsigned cert_key_bits(const struct cert *cert)
{
	const struct key public = { .pkey = X509_get0_pubkey(cert->x509) };
	unsigned bits = key_bits(&public);

	ERR_clear_error();
	return bits;
}

bool cert_key_is_rsa(const struct cert *cert)
{
	return strcmp(cert_key_family(cert), "RSA") == 0;
}

const char *cert_key_family(const struct cert *cert)
{
	const struct key public = { .pkey = X509_get0_pubkey(cert->x509) };
	const char *family = key_family(&public);

	ERR_clear_error();
	return family;
}

bool cert_subject_field(struct slice *out, const struct cert *cert, const char *field)
{
	const struct {
		const char *name, *text;
	} fields[] = {
		{ "subject.CN", cert->cn },   { "subject.OU", cert->ou },
		{ "subject.O", cert->o },     { "subject.C", cert->country },
		{ "subject.UID", cert->uid },
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (strcmp(fields[i].name, field) != 0)
			continue;
		*out = slice_str(fields[i].text);
		return fields[i].text[0] != '\0';
	}
	return false;
}
