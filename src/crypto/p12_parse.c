/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/p12.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cert_cache.h"
#include "crypto/ossl.h"
#include "crypto/pbe.h"
#include "util/mem.h"
#include "util/plural.h"

#define MAX_BAGS  256 /* in the whole file */
#define MAX_DEPTH 4   /* of bags in bags */

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

/* ---- opening ---- */

struct found_key {
	struct key key;
	char *friendly_name;
};

struct opening {
	PKCS12 *p12;
	struct p12_info *info;
	struct pbe_password password;
	uint64_t work_left;
	bool is_password_sure; /* the checksum was made with it */
	bool is_trial;         /* only to see whether the password decrypts a part */
	size_t decrypted;      /* parts */
	size_t bags;
	struct found_key *keys;
	size_t key_count, key_cap;
	struct cert_list certs;
};

static void opening_free(struct opening *o)
{
	for (size_t i = 0; i < o->key_count; i++) {
		key_free(&o->keys[i].key);
		free(o->keys[i].friendly_name);
	}
	free(o->keys);
	cert_list_free(&o->certs);
}

static bool wrong_password(struct error *err)
{
	ERR_clear_error();
	error_set(err, ERROR_AUTH, "the password does not open the .p12");
	error_evidence(err, "nothing in it can be decrypted with this password");
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

static bool unsupported(struct error *err, const char *what, const char *name)
{
	ossl_error(err, ERROR_FORMAT, "%s", what);
	error_evidence(err, "%s", name);
	return error_cause(err,
	                   "OpenSSL's legacy provider is not installed, or the file "
	                   "is newer than this program.");
}

static bool too_many(struct error *err)
{
	return error_set(err, ERROR_LIMIT, "the .p12 has more than %d parts", MAX_BAGS);
}

/* Does what was decrypted make sense? */
typedef bool is_sense(struct slice plain);

static bool is_key(struct slice plain)
{
	struct error ignored = { 0 };
	struct key key = { 0 };
	bool ok = key_from_pkcs8(&key, plain, &ignored);

	key_free(&key);
	return ok;
}

static STACK_OF(PKCS12_SAFEBAG) * read_bags(struct slice plain)
{
	const unsigned char *p = plain.p;

	return (STACK_OF(PKCS12_SAFEBAG) *)
		ASN1_item_d2i(NULL, &p, (long)plain.n, ASN1_ITEM_rptr(PKCS12_SAFEBAGS));
}

static bool are_bags(struct slice plain)
{
	AUTO(drop_bags) STACK_OF(PKCS12_SAFEBAG) *bags = read_bags(plain);

	ERR_clear_error();
	return bags != NULL;
}

/*
 * Decrypt one part.  An empty password may have been written as "" or as absent;
 * where no checksum has told which, both are tried: of 256 wrong ones one has the
 * right padding, so what comes out has to make sense as well.
 */
static bool decrypt(struct pbe_plain *out, struct opening *o, char name[PBE_NAME_BYTES],
                    const X509_ALGOR *algorithm, const ASN1_OCTET_STRING *bytes,
                    is_sense *makes_sense, struct error *err)
{
	bool is_unsure =
		o->password.n == 0 && o->password.text != NULL && !o->is_password_sure;
	struct pbe pbe;

	pbe_describe(&pbe, algorithm);
	snprintf(name, PBE_NAME_BYTES, "%s", pbe.name);
	if (!pbe_spend(&o->work_left, pbe.work, err))
		return false;
	enum pbe_result result = pbe_decrypt(out, algorithm, bytes, o->password);
	if (is_unsure && result == PBE_OK && !makes_sense(slice_of(out->p, out->n))) {
		pbe_plain_free(out);
		result = PBE_FAILED;
	}
	if (is_unsure && result == PBE_FAILED) {
		if (!pbe_spend(&o->work_left, pbe.work, err))
			return false;
		result = pbe_decrypt(out, algorithm, bytes, (struct pbe_password){ 0 });
	}
	if (result == PBE_OK)
		return true;
	if (result == PBE_UNSUPPORTED)
		return unsupported(err, "the .p12 is encrypted in a way unknown here",
		                   pbe.name);
	return o->is_password_sure ? damaged(err, "the .p12 cannot be decrypted")
	                           : wrong_password(err);
}

/* What was decrypted makes no sense: the padding was right by chance, or worse. */
static bool not_decrypted(const struct opening *o, struct error *err, const char *what)
{
	return o->is_password_sure ? damaged(err, what) : wrong_password(err);
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
	if (ok)
		cert_cache_keep(cert.der, x509);
	X509_free(x509);
	if (!ok)
		return false;
	o->info->certs++;
	cert_list_add(&o->certs, &cert);
	return true;
}

/* Not PKCS12_get_friendlyname(): 3.0.19 loses names that end in certain letters. */
static char *friendly_name(const PKCS12_SAFEBAG *bag)
{
	const ASN1_TYPE *name = PKCS12_SAFEBAG_get0_attr(bag, NID_friendlyName);
	unsigned char *utf8 = NULL;

	if (name == NULL || name->type != V_ASN1_BMPSTRING)
		return mem_copy("");
	int n = ASN1_STRING_to_UTF8(&utf8, name->value.bmpstring);
	char *text = mem_str(utf8, n > 0 ? (size_t)n : 0);
	OPENSSL_free(utf8);
	return text;
}

static void take_key(struct opening *o, struct key *key, const PKCS12_SAFEBAG *bag)
{
	o->keys = mem_grow(o->keys, o->key_count, &o->key_cap, sizeof *o->keys);
	o->keys[o->key_count++] = (struct found_key){
		.key = *key,
		.friendly_name = friendly_name(bag),
	};
	*key = (struct key){ 0 };
	o->info->keys = o->key_count;
}

static bool take_plain_key(struct opening *o, PKCS12_SAFEBAG *bag, struct error *err)
{
	struct key key = { 0 };

	snprintf(o->info->key_cipher, sizeof o->info->key_cipher, "none");
	key.pkey = EVP_PKCS82PKEY(PKCS12_SAFEBAG_get0_p8inf(bag));
	if (key.pkey == NULL)
		return damaged(err, "the key in the .p12 cannot be read");
	take_key(o, &key, bag);
	return true;
}

static bool take_shrouded_key(struct opening *o, PKCS12_SAFEBAG *bag, struct error *err)
{
	const X509_ALGOR *algorithm;
	const ASN1_OCTET_STRING *bytes;
	struct error ignored = { 0 };
	struct key key = { 0 };
	AUTO(pbe_plain_free) struct pbe_plain plain = { 0 };

	X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, &bytes);
	if (!decrypt(&plain, o, o->info->key_cipher, algorithm, bytes, is_key, err))
		return false;
	if (!key_from_pkcs8(&key, slice_of(plain.p, plain.n), &ignored))
		return not_decrypted(o, err, "the key in the .p12 cannot be read");
	o->decrypted++;
	take_key(o, &key, bag);
	return true;
}

static bool take_bags(struct opening *o, const STACK_OF(PKCS12_SAFEBAG) * bags,
                      unsigned depth, struct error *err);

static bool take_bag(struct opening *o, PKCS12_SAFEBAG *bag, unsigned depth,
                     struct error *err)
{
	switch (PKCS12_SAFEBAG_get_nid(bag)) {
	case NID_keyBag:
		return take_plain_key(o, bag, err);
	case NID_pkcs8ShroudedKeyBag:
		return take_shrouded_key(o, bag, err);
	case NID_certBag:
		return take_cert(o, bag, err);
	case NID_safeContentsBag:
		return take_bags(o, PKCS12_SAFEBAG_get0_safes(bag), depth + 1, err);
	default:
		return true; /* CRLs and secrets are nothing to us */
	}
}

/* In a trial a part that does not decrypt says nothing about the next one. */
static bool take_bags(struct opening *o, const STACK_OF(PKCS12_SAFEBAG) * bags,
                      unsigned depth, struct error *err)
{
	if (depth > MAX_DEPTH)
		return error_set(err, ERROR_LIMIT, "the .p12 is nested too deeply");
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		if (++o->bags > MAX_BAGS)
			return too_many(err);
		if (take_bag(o, sk_PKCS12_SAFEBAG_value(bags, i), depth, err))
			continue;
		if (!o->is_trial)
			return false;
		error_clear(err);
	}
	return true;
}

static bool take_plain_safe(struct opening *o, PKCS7 *safe, struct error *err)
{
	AUTO(drop_bags) STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	if (safe->d.data != NULL)
		bags = PKCS12_unpack_p7data(safe);
	if (bags == NULL)
		return damaged(err, "a part of the .p12 cannot be read");
	return take_bags(o, bags, 0, err);
}

static bool take_encrypted_safe(struct opening *o, const PKCS7 *safe, struct error *err)
{
	const PKCS7_ENC_CONTENT *content =
		safe->d.encrypted != NULL ? safe->d.encrypted->enc_data : NULL;
	AUTO(pbe_plain_free) struct pbe_plain plain = { 0 };

	if (content == NULL || content->enc_data == NULL)
		return damaged(err, "a part of the .p12 cannot be read");
	if (!decrypt(&plain, o, o->info->cert_cipher, content->algorithm,
	             content->enc_data, are_bags, err))
		return false;
	AUTO(drop_bags)
	STACK_OF(PKCS12_SAFEBAG) *bags = read_bags(slice_of(plain.p, plain.n));
	if (bags == NULL)
		return not_decrypted(o, err, "a part of the .p12 cannot be read");
	o->decrypted++;
	return take_bags(o, bags, 0, err);
}

static bool take_safe(struct opening *o, PKCS7 *safe, struct error *err)
{
	if (PKCS7_type_is_data(safe))
		return take_plain_safe(o, safe, err);
	if (PKCS7_type_is_encrypted(safe))
		return take_encrypted_safe(o, safe, err);
	return damaged(err, "a part of the .p12 is of an unknown type");
}

static bool take_safes(struct opening *o, struct error *err)
{
	AUTO(drop_safes) STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(o->p12);

	if (safes == NULL)
		return damaged(err, "the .p12 cannot be read");
	if (sk_PKCS7_num(safes) > MAX_BAGS)
		return too_many(err);
	for (int i = 0; i < sk_PKCS7_num(safes); i++) {
		if (take_safe(o, sk_PKCS7_value(safes, i), err))
			continue;
		if (!o->is_trial)
			return false;
		error_clear(err);
	}
	return true;
}

/* ---- the checksum (MAC) ---- */

/*
 * The checksum does not fit: is it the password, or has the file been changed?  A
 * wrong password decrypts nothing that makes sense.
 */
static bool judge_password(struct opening *o, struct error *err)
{
	o->is_trial = true;
	if (!take_safes(o, err))
		return false;
	if (o->decrypted == 0)
		return wrong_password(err);
	ERR_clear_error();
	error_set(err, ERROR_FORMAT, "the .p12 was changed after it was made");
	error_evidence(err, "its password is right, but its checksum (%s) does not fit",
	               o->info->mac);
	error_cause(err, "It was damaged on the way.");
	return error_hint(err, "Export it again, or copy it in binary mode.");
}

static bool mac_fits(bool *fits, struct opening *o, uint64_t work,
                     struct pbe_password password, struct error *err)
{
	if (!pbe_spend(&o->work_left, work, err))
		return false;
	*fits = PKCS12_verify_mac(o->p12, password.text, password.n) == 1;
	ERR_clear_error();
	return true;
}

static bool check_mac(struct opening *o, uint64_t work, struct error *err)
{
	const struct pbe_password none = { 0 };
	bool fits = false;

	if (!mac_fits(&fits, o, work, o->password, err))
		return false;
	if (!fits && o->password.n == 0) {
		if (!mac_fits(&fits, o, work, none, err))
			return false;
		if (fits)
			o->password = none;
	}
	o->is_password_sure = fits;
	return fits || judge_password(o, err);
}

static bool read_mac(struct opening *o, struct error *err)
{
	struct p12_info *info = o->info;
	const X509_ALGOR *algorithm;
	const ASN1_OCTET_STRING *salt;
	const ASN1_INTEGER *iterations;
	const ASN1_OBJECT *oid;
	uint64_t work = 1;

	info->has_mac = PKCS12_mac_present(o->p12) == 1;
	if (!info->has_mac)
		return true;
	PKCS12_get0_mac(NULL, &algorithm, &salt, &iterations, o->p12);
	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	int nid = OBJ_obj2nid(oid);
	if (iterations != NULL && ASN1_INTEGER_get_uint64(&work, iterations) != 1)
		work = UINT64_MAX;
	ERR_clear_error();
	snprintf(info->mac, sizeof info->mac, "%s, %llu %s",
	         nid != NID_undef ? OBJ_nid2ln(nid) : "unknown",
	         (unsigned long long)work, plural(work, "iteration", "iterations"));
	info->mac_salt = (size_t)ASN1_STRING_length(salt);
	if (nid == NID_undef || EVP_get_digestbynid(nid) == NULL)
		return unsupported(err,
		                   "the checksum of the .p12 is of an unknown kind",
		                   info->mac);
	return check_mac(o, work, err);
}

/* ---- the answer ---- */

static bool find_pair(struct identity *out, struct opening *o)
{
	for (size_t k = 0; k < o->key_count; k++) {
		for (size_t c = 0; c < o->certs.count; c++) {
			struct found_key *key = &o->keys[k];
			struct cert *cert = &o->certs.items[c];

			if (!cert_matches_key(cert, &key->key))
				continue;
			out->key = key->key;
			key->key = (struct key){ 0 };
			out->friendly_name = STEAL(key->friendly_name);
			out->cert = *cert;
			*cert = (struct cert){ 0 };
			return true;
		}
	}
	return false;
}

/* The first key with a certificate is the identity; other certificates its chain. */
static bool settle(struct identity *out, struct opening *o, struct error *err)
{
	struct identity found = { 0 };

	if (o->key_count == 0) {
		error_set(err, ERROR_NOT_FOUND, "there is no private key in the .p12");
		error_evidence(err, "%zu %s, no key", o->certs.count,
		               plural(o->certs.count, "certificate", "certificates"));
		return error_cause(err, "The certificate was exported without its key: "
		                        "the key is where its request was made.");
	}
	if (!find_pair(&found, o)) {
		error_set(err, ERROR_NOT_FOUND,
		          "no certificate in the .p12 belongs to its key");
		error_evidence(err, "%zu %s, none with the key's public half",
		               o->certs.count,
		               plural(o->certs.count, "certificate", "certificates"));
		return error_hint(err,
		                  "sealring p12 open gives nothing without one; "
		                  "sealring p12 make -k KEY -c CERT joins the two.");
	}
	for (size_t i = 0; i < o->certs.count; i++)
		if (o->certs.items[i].x509 != NULL)
			cert_list_add(&found.chain, &o->certs.items[i]);
	*out = found;
	return true;
}

/* What every macOS imports, as far as the file shows it (ux.md KEY-01). */
static bool is_macos_safe(const struct p12_info *info)
{
	static const char pkcs12[] = "pbeWithSHA1And", none[] = "none";

	return !info->is_password_empty && strncmp(info->mac, "sha1,", 5) == 0 &&
	       info->mac_salt <= P12_SALT_BYTES &&
	       (strncmp(info->key_cipher, pkcs12, sizeof pkcs12 - 1) == 0 ||
	        strcmp(info->key_cipher, none) == 0) &&
	       (strncmp(info->cert_cipher, pkcs12, sizeof pkcs12 - 1) == 0 ||
	        strcmp(info->cert_cipher, none) == 0);
}

static bool open_p12(struct identity *out, struct opening *o, struct error *err)
{
	if (!read_mac(o, err) || !take_safes(o, err))
		return false;
	o->info->is_macos_safe = is_macos_safe(o->info);
	return settle(out, o, err);
}

/* Files that people take for a .p12, or that a pipeline made of one. */
static bool not_p12(struct slice file, struct error *err)
{
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/=\r\n";
	size_t n = 0;

	ERR_clear_error();
	error_set(err, ERROR_FORMAT, "not a PKCS#12 file");
	error_id(err, "KEY-03");
	while (n < file.n && file.p[n] != '\0' && strchr(base64, file.p[n]) != NULL)
		n++;
	if (file.n == 0) {
		error_evidence(err, "the file is empty");
		error_cause(err, "What should have written it has failed.");
		return error_hint(err, "sealring p12 make -k KEY -c CERT -o NEW.p12");
	}
	if (slice_cut(file, slice_str("-----BEGIN "), NULL, NULL)) {
		error_evidence(err, "the file is PEM text");
		error_cause(err, "It is a key or a certificate by itself.");
		return error_hint(err, "sealring p12 make -k FILE -c CERT -o NEW.p12");
	}
	if (n == file.n) {
		error_evidence(err, "the file is base64 text");
		error_cause(err, "A variable of CI, say, was written undecoded.");
		return error_hint(err, "base64 -d FILE > NEW.p12");
	}
	error_evidence(err, "it begins with %02x %02x; 30 8x is right", file.p[0],
	               file.n > 1 ? file.p[1] : 0);
	error_cause(err, "It is damaged, cut short, or not a PKCS#12 file.");
	return error_hint(err, "Export it again, or copy it in binary mode.");
}

bool p12_parse(struct identity *out, struct p12_info *info, struct slice file,
               const struct secret *password, struct error *err)
{
	struct p12_info own;
	struct slice text = secret_reveal(password);
	const unsigned char *p = file.p;
	AUTO(secret_free) struct secret terminated = { 0 };

	if (file.n > P12_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, ".p12 file is larger than %zu bytes",
		                 P12_MAX_BYTES);
	ERR_clear_error();
	AUTO(drop_p12) PKCS12 *p12 = d2i_PKCS12(NULL, &p, (long)file.n);
	if (p12 == NULL)
		return not_p12(file, err);
	if (!secret_init(&terminated, text.n + 1, err) ||
	    !secret_append(&terminated, text, err))
		return false;
	AUTO(opening_free)
	struct opening o = { .p12 = p12,
		             .info = info != NULL ? info : &own,
		             .password = { (const char *)terminated.p, (int)text.n },
		             .work_left = PBE_MAX_FILE_WORK };
	*o.info = (struct p12_info){ .key_cipher = "none",
		                     .cert_cipher = "none",
		                     .is_password_empty = text.n == 0 };
	bool ok = open_p12(out, &o, err);
	ERR_clear_error();
	return ok;
}
