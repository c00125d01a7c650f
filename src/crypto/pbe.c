/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pbe.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdio.h>

#include "crypto/ossl.h"
#include "util/mem.h"

#define PBE_SECURE_BYTES ((size_t)32 << 10)

static OSSL_PROVIDER *providers[2];

static void unload_legacy(void)
{
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (providers[i] != NULL)
			OSSL_PROVIDER_unload(providers[i]);
}

/* Asking for one provider turns the automatic default off, so both are named. */
static void load_legacy(void)
{
	providers[0] = OSSL_PROVIDER_load(NULL, "default");
	providers[1] = OSSL_PROVIDER_load(NULL, "legacy");
	OPENSSL_atexit(unload_legacy);
	ERR_clear_error();
}

void pbe_need_legacy(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_legacy);
}

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

static void drop_scrypt(SCRYPT_PARAMS **p)
{
	SCRYPT_PARAMS_free(*p);
}

/* Absent means once; a number that is negative or too large, too much for anybody. */
static uint64_t number(const ASN1_INTEGER *n)
{
	uint64_t v = 1;

	if (n != NULL && ASN1_INTEGER_get_uint64(&v, n) != 1)
		return UINT64_MAX;
	return v;
}

static uint64_t product(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* What libcrypto cannot read it does not run either: no work. */
static uint64_t kdf_work(const X509_ALGOR *kdf)
{
	if (OBJ_obj2nid(kdf->algorithm) == NID_id_scrypt) {
		AUTO(drop_scrypt)
		SCRYPT_PARAMS *s =
			ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS),
		                                  kdf->parameter);
		return s == NULL
		               ? 0
		               : product(number(s->costParameter),
		                         product(number(s->blockSize),
		                                 number(s->parallelizationParameter)));
	}
	AUTO(drop_pbkdf2)
	PBKDF2PARAM *p =
		ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), kdf->parameter);
	return p != NULL ? number(p->iter) : 0;
}

static const char *name_of(const ASN1_OBJECT *oid)
{
	int nid = OBJ_obj2nid(oid);

	return nid != NID_undef ? OBJ_nid2ln(nid) : "unknown";
}

static void describe_pbes2(struct pbe *out, const X509_ALGOR *algorithm)
{
	AUTO(drop_pbe2)
	PBE2PARAM *pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM),
	                                             algorithm->parameter);
	if (pbes2 == NULL)
		return;
	snprintf(out->name, sizeof out->name, "%s (PBES2)",
	         name_of(pbes2->encryption->algorithm));
	out->work = kdf_work(pbes2->keyfunc);
}

void pbe_describe(struct pbe *out, const X509_ALGOR *algorithm)
{
	*out = (struct pbe){ 0 };
	snprintf(out->name, sizeof out->name, "%s", name_of(algorithm->algorithm));
	if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
		describe_pbes2(out, algorithm);
	} else {
		AUTO(drop_pbe)
		PBEPARAM *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM),
		                                        algorithm->parameter);
		out->work = p != NULL ? number(p->iter) : 0;
	}
	/* Parameters that cannot be read are the decryption's to complain about. */
	ERR_clear_error();
}

bool pbe_spend(uint64_t *left, uint64_t work, struct error *err)
{
	if (work <= PBE_MAX_WORK && work <= *left) {
		*left -= work;
		return true;
	}
	error_set(err, ERROR_LIMIT, "the password would have to be hashed too often");
	if (work > PBE_MAX_WORK)
		error_evidence(err, "one part asks for %llu rounds, %llu are accepted",
		               (unsigned long long)work,
		               (unsigned long long)PBE_MAX_WORK);
	else
		error_evidence(err, "all parts together ask for more than %llu rounds",
		               (unsigned long long)PBE_MAX_FILE_WORK);
	return error_cause(err, "It is damaged or made to keep readers busy.");
}

void pbe_plain_free(struct pbe_plain *plain)
{
	OPENSSL_secure_clear_free(plain->p, plain->cap);
	*plain = (struct pbe_plain){ 0 };
}

static void drop_cipher(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx);
}

/* Keys fit into the secure heap; a part with many certificates may not. */
static struct pbe_plain plain_of(size_t cap)
{
	unsigned char *p = cap <= PBE_SECURE_BYTES ? OPENSSL_secure_malloc(cap) : NULL;

	return (struct pbe_plain){ .p = p != NULL ? p : mem_resize(NULL, cap),
		                   .cap = cap };
}

static bool run_cipher(struct pbe_plain *out, EVP_CIPHER_CTX *ctx, struct slice in)
{
	AUTO(pbe_plain_free)
	struct pbe_plain plain = plain_of(in.n + EVP_MAX_BLOCK_LENGTH);
	int n = 0, last = 0;

	if (EVP_CipherUpdate(ctx, plain.p, &n, in.p, (int)in.n) != 1 ||
	    EVP_CipherFinal_ex(ctx, plain.p + n, &last) != 1)
		return false;
	plain.n = (size_t)n + (size_t)last;
	*out = plain;
	plain = (struct pbe_plain){ 0 };
	return true;
}

static enum pbe_result decrypt(struct pbe_plain *out, const X509_ALGOR *algorithm,
                               struct slice in, struct pbe_password password)
{
	ERR_clear_error();
	AUTO(drop_cipher) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (ctx != NULL &&
	    EVP_PBE_CipherInit(algorithm->algorithm, password.text, password.n,
	                       algorithm->parameter, ctx, 0) == 1 &&
	    run_cipher(out, ctx, in))
		return PBE_OK;
	return ossl_is_unsupported() ? PBE_UNSUPPORTED : PBE_FAILED;
}

enum pbe_result pbe_decrypt(struct pbe_plain *out, const X509_ALGOR *algorithm,
                            const ASN1_OCTET_STRING *bytes,
                            struct pbe_password password)
{
	const struct slice in = slice_of(ASN1_STRING_get0_data(bytes),
	                                 (size_t)ASN1_STRING_length(bytes));
	enum pbe_result result = decrypt(out, algorithm, in, password);

	/* Most do without: loading it takes as long as 1000 rounds. */
	if (result != PBE_UNSUPPORTED)
		return result;
	pbe_need_legacy();
	return decrypt(out, algorithm, in, password);
}
