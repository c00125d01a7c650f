/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/p12.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ossl.h"
#include "util/mem.h"

/* Key derivation beyond this would take seconds: a hostile file, not a careful one. */
#define MAX_ITERATIONS 1000000
/* What we write: the macOS flavour must be readable by the oldest Security. */
#define MACOS_ITERATIONS  2048
#define MODERN_ITERATIONS 100000
#define MAX_BAGS          64

/*
 * RC2 and the like live in OpenSSL's legacy provider, which has to be asked for;
 * asking turns the automatic default off, so both are named.  Where the legacy
 * one is not installed, old files fail with "unsupported".
 */
static void load_legacy(void)
{
	OSSL_PROVIDER_load(NULL, "default");
	OSSL_PROVIDER_load(NULL, "legacy");
	ERR_clear_error();
}

static void need_legacy(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_legacy);
}

void identity_free(struct identity *identity)
{
	key_free(&identity->key);
	cert_free(&identity->cert);
	cert_list_free(&identity->chain);
	free(identity->friendly_name);
	*identity = (struct identity){ 0 };
}

static void drop_p12(PKCS12 **p12)
{
	PKCS12_free(*p12);
}

static void drop_safes(STACK_OF(PKCS7) * *safes)
{
	sk_PKCS7_pop_free(*safes, PKCS7_free);
}

static void drop_bags(STACK_OF(PKCS12_SAFEBAG) * *bags)
{
	sk_PKCS12_SAFEBAG_pop_free(*bags, PKCS12_SAFEBAG_free);
}

/* ---- what protects it ---- */

static void drop_pbe(PBEPARAM **p)
{
	PBEPARAM_free(*p);
}

static void drop_pbe2(PBE2PARAM **p)
{
	PBE2PARAM_free(*p);
}

static void drop_pbkdf2(PBKDF2PARAM **p)
{
	PBKDF2PARAM_free(*p);
}

static long positive(const ASN1_INTEGER *n)
{
	long v = n != NULL ? ASN1_INTEGER_get(n) : 1;

	return v < 0 ? LONG_MAX : v;
}

/* Name and iteration count of an encryption algorithm. */
static long describe_cipher(char out[64], const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;
	int type;
	const void *parameter;
	const char *name;

	X509_ALGOR_get0(&oid, &type, &parameter, algorithm);
	name = OBJ_nid2ln(OBJ_obj2nid(oid));
	snprintf(out, 64, "%s", name != NULL ? name : "unknown");
	if (type != V_ASN1_SEQUENCE)
		return 1;
	if (OBJ_obj2nid(oid) != NID_pbes2) {
		AUTO(drop_pbe)
		PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM),
		                                          algorithm->parameter);
		return pbe != NULL ? positive(pbe->iter) : 1;
	}
	AUTO(drop_pbe2)
	PBE2PARAM *pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM),
	                                             algorithm->parameter);
	if (pbes2 == NULL)
		return 1;
	name = OBJ_nid2ln(OBJ_obj2nid(pbes2->encryption->algorithm));
	snprintf(out, 64, "%s (PBES2)", name != NULL ? name : "unknown");
	AUTO(drop_pbkdf2)
	PBKDF2PARAM *kdf = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM),
	                                             pbes2->keyfunc->parameter);
	return kdf != NULL ? positive(kdf->iter) : 1;
}

static bool check_iterations(long n, struct error *err)
{
	if (n <= MAX_ITERATIONS)
		return true;
	error_set(err, ERROR_LIMIT, "the .p12 asks for more than %d iterations",
	          MAX_ITERATIONS);
	return error_cause(err, "It is damaged or made to keep readers busy.");
}

static bool describe_mac(struct p12_info *info, PKCS12 *p12, struct error *err)
{
	const X509_ALGOR *algorithm;
	const ASN1_INTEGER *iterations;
	const ASN1_OBJECT *oid;

	info->has_mac = PKCS12_mac_present(p12) == 1;
	if (!info->has_mac)
		return true;
	PKCS12_get0_mac(NULL, &algorithm, NULL, &iterations, p12);
	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	long n = positive(iterations);
	const char *name = OBJ_nid2ln(OBJ_obj2nid(oid));
	snprintf(info->mac, sizeof info->mac, "%s, %ld iterations",
	         name != NULL ? name : "unknown", n);
	return check_iterations(n, err);
}

/* ---- opening ---- */

struct opening {
	PKCS12 *p12;
	struct p12_info *info;
	const char *password; /* NULL: none; else NUL-terminated in a secret */
	int password_n;
	EVP_PKEY *key;
	char *friendly_name;
	struct cert_list certs;
};

static void opening_free(struct opening *o)
{
	EVP_PKEY_free(o->key);
	free(o->friendly_name);
	cert_list_free(&o->certs);
}

static bool wrong_password(struct error *err)
{
	ERR_clear_error();
	error_set(err, ERROR_AUTH, "the password does not open the .p12");
	error_cause(err, "It is the password of another file, or mistyped.");
	error_id(err, "KEY-01");
	return error_hint(err,
	                  "sealring p12 test FILE -P @env:NAME tells as soon as it "
	                  "fits.");
}

static bool damaged(struct error *err, const char *what)
{
	ossl_error(err, ERROR_FORMAT, "%s", what);
	error_cause(err, "It is damaged, cut short, or not a PKCS#12 file.");
	return error_hint(err, "Export it again, or copy it in binary mode.");
}

/* Why did opening an encrypted part fail: the password or the algorithm? */
static bool cannot_decrypt(const struct opening *o, struct error *err)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	bool unsupported =
		reason == ERR_R_UNSUPPORTED || reason == EVP_R_UNSUPPORTED_ALGORITHM ||
		reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
		reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNKNOWN_CIPHER;

	if (!unsupported && !o->info->has_mac)
		return wrong_password(err);
	if (!unsupported)
		return damaged(err, "the .p12 cannot be decrypted");
	ossl_error(err, ERROR_FORMAT, "the .p12 is encrypted in a way unknown here");
	error_evidence(err, "key %s, certificates %s", o->info->key_cipher,
	               o->info->cert_cipher);
	return error_cause(err,
	                   "OpenSSL's legacy provider is not installed, or the file "
	                   "is newer than this program.");
}

static bool take_cert(struct opening *o, const PKCS12_SAFEBAG *bag, struct error *err)
{
	struct cert cert = { 0 };

	if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
		return true;
	X509 *x509 = PKCS12_SAFEBAG_get1_cert(bag);
	if (x509 == NULL)
		return damaged(err, "a certificate in the .p12 cannot be read");
	bool ok = cert_from_x509(&cert, x509, err);
	X509_free(x509);
	if (!ok)
		return false;
	o->info->certs++;
	cert_list_add(&o->certs, &cert);
	return true;
}

static bool take_key(struct opening *o, const PKCS8_PRIV_KEY_INFO *info,
                     PKCS12_SAFEBAG *bag, struct error *err)
{
	o->info->keys++;
	if (o->key != NULL)
		return true; /* the first key is the identity's */
	o->key = EVP_PKCS82PKEY(info);
	if (o->key == NULL)
		return damaged(err, "the key in the .p12 cannot be read");
	char *name = PKCS12_get_friendlyname(bag);
	if (name != NULL)
		o->friendly_name = mem_copy(name);
	OPENSSL_free(name);
	return true;
}

static bool take_shrouded_key(struct opening *o, PKCS12_SAFEBAG *bag, struct error *err)
{
	const X509_SIG *sig = PKCS12_SAFEBAG_get0_pkcs8(bag);
	const X509_ALGOR *algorithm;

	X509_SIG_get0(sig, &algorithm, NULL);
	if (!check_iterations(describe_cipher(o->info->key_cipher, algorithm), err))
		return false;
	PKCS8_PRIV_KEY_INFO *info =
		PKCS12_decrypt_skey(bag, o->password, o->password_n);
	if (info == NULL)
		return cannot_decrypt(o, err);
	bool ok = take_key(o, info, bag, err);
	PKCS8_PRIV_KEY_INFO_free(info);
	return ok;
}

static bool take_bags(struct opening *o, const STACK_OF(PKCS12_SAFEBAG) * bags,
                      unsigned depth, struct error *err)
{
	if (depth > 4 || sk_PKCS12_SAFEBAG_num(bags) > MAX_BAGS)
		return error_set(err, ERROR_LIMIT, "the .p12 has too many parts");
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		bool ok = true;

		switch (PKCS12_SAFEBAG_get_nid(bag)) {
		case NID_keyBag:
			snprintf(o->info->key_cipher, sizeof o->info->key_cipher,
			         "none");
			ok = take_key(o, PKCS12_SAFEBAG_get0_p8inf(bag), bag, err);
			break;
		case NID_pkcs8ShroudedKeyBag:
			ok = take_shrouded_key(o, bag, err);
			break;
		case NID_certBag:
			ok = take_cert(o, bag, err);
			break;
		case NID_safeContentsBag:
			ok = take_bags(o, PKCS12_SAFEBAG_get0_safes(bag), depth + 1,
			               err);
			break;
		default:
			break; /* CRLs and secrets are nothing to us */
		}
		if (!ok)
			return false;
	}
	return true;
}

static bool take_safe(struct opening *o, PKCS7 *safe, struct error *err)
{
	AUTO(drop_bags) STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	if (PKCS7_type_is_data(safe)) {
		bags = PKCS12_unpack_p7data(safe);
		if (bags == NULL)
			return damaged(err, "a part of the .p12 cannot be read");
	} else if (PKCS7_type_is_encrypted(safe)) {
		const X509_ALGOR *algorithm = safe->d.encrypted->enc_data->algorithm;

		if (!check_iterations(describe_cipher(o->info->cert_cipher, algorithm),
		                      err))
			return false;
		bags = PKCS12_unpack_p7encdata(safe, o->password, o->password_n);
		if (bags == NULL)
			return cannot_decrypt(o, err);
	} else {
		return damaged(err, "a part of the .p12 is of an unknown type");
	}
	return take_bags(o, bags, 0, err);
}

/* An empty password may have been written as "" or as absent. */
static bool check_mac(struct opening *o, struct error *err)
{
	if (!o->info->has_mac)
		return true;
	if (PKCS12_verify_mac(o->p12, o->password, o->password_n) == 1)
		return true;
	if (o->password_n > 0)
		return wrong_password(err);
	ERR_clear_error();
	o->password = NULL;
	if (PKCS12_verify_mac(o->p12, NULL, 0) == 1)
		return true;
	return wrong_password(err);
}

/* The certificate of the key becomes the identity's; the others are its chain. */
static bool settle(struct identity *out, struct opening *o, struct error *err)
{
	AUTO(identity_free) struct identity found = { 0 };

	if (o->key == NULL)
		return error_set(err, ERROR_NOT_FOUND,
		                 "there is no private key in the .p12");
	found.key.pkey = STEAL(o->key);
	for (size_t i = 0; i < o->certs.count; i++) {
		struct cert *cert = &o->certs.items[i];

		if (found.cert.x509 == NULL && cert_matches_key(cert, &found.key)) {
			found.cert = *cert;
			*cert = (struct cert){ 0 };
		} else {
			cert_list_add(&found.chain, cert);
		}
	}
	if (found.cert.x509 == NULL) {
		error_set(err, ERROR_NOT_FOUND,
		          "no certificate in the .p12 belongs to its key");
		return error_evidence(err,
		                      "%zu certificates, none with the key's public "
		                      "half",
		                      o->certs.count);
	}
	found.friendly_name =
		o->friendly_name != NULL ? STEAL(o->friendly_name) : mem_copy("");
	*out = found;
	found = (struct identity){ 0 };
	return true;
}

static bool is_old_cipher(const char *name)
{
	return strstr(name, "PBES2") == NULL;
}

static bool open_p12(struct identity *out, struct opening *o, struct error *err)
{
	if (!describe_mac(o->info, o->p12, err) || !check_mac(o, err))
		return false;
	AUTO(drop_safes) STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(o->p12);
	if (safes == NULL || sk_PKCS7_num(safes) > MAX_BAGS)
		return damaged(err, "the .p12 cannot be read");
	for (int i = 0; i < sk_PKCS7_num(safes); i++)
		if (!take_safe(o, sk_PKCS7_value(safes, i), err))
			return false;
	o->info->is_macos_safe = is_old_cipher(o->info->key_cipher) &&
	                         is_old_cipher(o->info->cert_cipher) &&
	                         strncmp(o->info->mac, "sha1", 4) == 0;
	return settle(out, o, err);
}

bool p12_parse(struct identity *out, struct p12_info *info, struct slice file,
               const struct secret *password, struct error *err)
{
	struct p12_info own = { 0 };
	struct slice text = secret_reveal(password);
	const unsigned char *p = file.p;
	AUTO(secret_free) struct secret terminated = { 0 };

	if (file.n > P12_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, ".p12 file is larger than %zu bytes",
		                 P12_MAX_BYTES);
	need_legacy();
	AUTO(drop_p12) PKCS12 *p12 = d2i_PKCS12(NULL, &p, (long)file.n);
	if (p12 == NULL)
		return damaged(err, "not a PKCS#12 file");
	if (!secret_init(&terminated, text.n + 1, err) ||
	    !secret_append(&terminated, text, err))
		return false;
	AUTO(opening_free)
	struct opening o = { .p12 = p12,
		             .info = info != NULL ? info : &own,
		             .password = (const char *)terminated.p,
		             .password_n = (int)text.n };
	snprintf(o.info->key_cipher, sizeof o.info->key_cipher, "none");
	snprintf(o.info->cert_cipher, sizeof o.info->cert_cipher, "none");
	return open_p12(out, &o, err);
}

/* ---- writing ---- */

bool p12_build(struct buf *out, const struct identity *identity,
               enum p12_flavour flavour, const struct secret *password,
               struct error *err)
{
	bool modern = flavour == P12_MODERN;
	int cipher = modern ? NID_aes_256_cbc : NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
	int iterations = modern ? MODERN_ITERATIONS : MACOS_ITERATIONS;
	struct slice text = secret_reveal(password);
	unsigned char *der = NULL;
	AUTO(secret_free) struct secret terminated = { 0 };

	if (!cert_matches_key(&identity->cert, &identity->key))
		return error_set(err, ERROR_USAGE,
		                 "the key does not belong to the certificate");
	if (!secret_init(&terminated, text.n + 1, err) ||
	    !secret_append(&terminated, text, err))
		return false;
	need_legacy();
	STACK_OF(X509) *chain = sk_X509_new_null();
	for (size_t i = 0; i < identity->chain.count; i++)
		sk_X509_push(chain, identity->chain.items[i].x509);
	/* mac_iter -1: the MAC is added below, where its digest can be chosen. */
	AUTO(drop_p12)
	PKCS12 *p12 = PKCS12_create((const char *)terminated.p, identity->cert.cn,
	                            identity->key.pkey, identity->cert.x509, chain,
	                            cipher, cipher, iterations, -1, 0);
	sk_X509_free(chain);
	if (p12 == NULL ||
	    PKCS12_set_mac(p12, (const char *)terminated.p, (int)text.n, NULL, 0,
	                   iterations, modern ? EVP_sha256() : EVP_sha1()) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not make the .p12");
	int n = i2d_PKCS12(p12, &der);
	if (n < 0)
		return ossl_error(err, ERROR_CRYPTO, "could not encode the .p12");
	bool ok = buf_append(out, slice_of(der, (size_t)n), err);
	OPENSSL_free(der);
	return ok;
}
