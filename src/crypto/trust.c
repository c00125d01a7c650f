/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/trust.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

#include "crypto/apple_anchor.h"
#include "crypto/ossl.h"
#include "util/mem.h"

/* Certificates tried while looking for a chain: no input makes us slow. */
#define MAX_TRIES 200

static const char *const problem_texts[] = {
	[TRUST_OK] = "the chain is complete",
	[TRUST_NO_ISSUER] = "the issuer's certificate is missing",
	[TRUST_NOT_ANCHORED] = "the root is not among those trusted",
	[TRUST_BAD_SIGNATURE] = "a certificate is not signed by its issuer",
	[TRUST_BAD_CA] = "an issuer is no certificate authority",
	[TRUST_UNKNOWN_CRITICAL] = "a critical extension is unknown",
	[TRUST_WEAK_KEY] = "a key is too short, or neither RSA nor EC",
	[TRUST_TOO_LONG] = "the chain is too long",
};

const char *trust_problem_text(enum trust_problem problem)
{
	return problem_texts[problem];
}

void trust_apple(struct trust *out)
{
	*out = (struct trust){ .is_apple = true };
}

bool trust_from_pem(struct trust *out, struct slice pem, struct error *err)
{
	AUTO(trust_free) struct trust trust = { 0 };
	AUTO(cert_list_free) struct cert_list all = { 0 };

	if (!cert_list_parse(&all, pem, err))
		return false;
	for (size_t i = 0; i < all.count; i++)
		cert_list_add(all.items[i].is_self_signed ? &trust.roots
		                                          : &trust.intermediates,
		              &all.items[i]);
	all.count = 0;
	if (trust.roots.count == 0)
		return error_set(err, ERROR_FORMAT,
		                 "there is no self-signed root among the certificates");
	*out = trust;
	trust = (struct trust){ 0 };
	return true;
}

void trust_free(struct trust *trust)
{
	cert_list_free(&trust->roots);
	cert_list_free(&trust->intermediates);
	*trust = (struct trust){ 0 };
}

/* ---- one certificate ---- */

/* Apple's private arc: its markers are critical, and known to the rules. */
static bool is_known_critical(const ASN1_OBJECT *oid)
{
	static const int known[] = {
		NID_basic_constraints,      NID_key_usage,
		NID_ext_key_usage,          NID_certificate_policies,
		NID_subject_key_identifier, NID_authority_key_identifier
	};
	char text[80];

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (OBJ_obj2nid(oid) == known[i])
			return true;
	OBJ_obj2txt(text, sizeof text, oid, 1);
	return strncmp(text, "1.2.840.113635.100.", 19) == 0;
}

static bool has_unknown_critical(const struct cert *cert)
{
	for (int i = 0; i < X509_get_ext_count(cert->x509); i++) {
		X509_EXTENSION *ext = X509_get_ext(cert->x509, i);

		if (X509_EXTENSION_get_critical(ext) &&
		    !is_known_critical(X509_EXTENSION_get_object(ext)))
			return true;
	}
	return false;
}

static bool is_weak(const struct cert *cert)
{
	const struct key public = { .pkey = X509_get0_pubkey(cert->x509) };

	return public.pkey == NULL || !key_is_strong(&public);
}

/* May it issue, `below` certificates above the leaf? */
static bool is_ca(const struct cert *cert, size_t below)
{
	uint32_t usage = X509_get_key_usage(cert->x509);
	long path_length = X509_get_pathlen(cert->x509);

	if (X509_check_ca(cert->x509) != 1 &&
	    !(cert->is_self_signed && below > 0 && X509_check_ca(cert->x509) > 0))
		return false;
	if (usage != UINT32_MAX && (usage & KU_KEY_CERT_SIGN) == 0)
		return false;
	return path_length < 0 || (size_t)path_length + 1 >= below;
}

/*
 * Signatures that were right, by the hashes of both certificates, the signed one
 * first: one job builds the same chain for every piece of code and every profile.
 */
#define KNOWN_MAX 32
static unsigned char known[KNOWN_MAX][2][32];
static size_t known_count; /* ever; the oldest is overwritten */
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_known(const struct cert *cert, const struct cert *issuer)
{
	bool found = false;

	pthread_mutex_lock(&known_lock);
	for (size_t i = 0; i < known_count && i < KNOWN_MAX && !found; i++)
		found = memcmp(known[i][0], cert->sha256, 32) == 0 &&
		        memcmp(known[i][1], issuer->sha256, 32) == 0;
	pthread_mutex_unlock(&known_lock);
	return found;
}

static void remember_signed(const struct cert *cert, const struct cert *issuer)
{
	pthread_mutex_lock(&known_lock);
	size_t i = known_count++ % KNOWN_MAX;
	memcpy(known[i][0], cert->sha256, 32);
	memcpy(known[i][1], issuer->sha256, 32);
	pthread_mutex_unlock(&known_lock);
}

static bool is_signed_by(const struct cert *cert, const struct cert *issuer)
{
	if (is_known(cert, issuer))
		return true;
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);
	bool ok = key != NULL && X509_verify(cert->x509, key) == 1;

	if (ok)
		remember_signed(cert, issuer);
	ERR_clear_error();
	return ok;
}

/* By name, and by key identifier where the certificate names one. */
static bool names_issuer(const struct cert *cert, const struct cert *issuer)
{
	const ASN1_OCTET_STRING *wanted = X509_get0_authority_key_id(cert->x509);
	const ASN1_OCTET_STRING *given = X509_get0_subject_key_id(issuer->x509);
	bool same_name = X509_NAME_cmp(X509_get_issuer_name(cert->x509),
	                               X509_get_subject_name(issuer->x509)) == 0;

	if (!same_name)
		return false;
	return wanted == NULL || given == NULL ||
	       ASN1_OCTET_STRING_cmp(wanted, given) == 0;
}

static bool same_cert(const struct cert *a, const struct cert *b)
{
	return memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

static const struct cert *find_root(const struct trust *trust, const struct cert *cert)
{
	for (size_t i = 0; i < trust->roots.count; i++)
		if (same_cert(&trust->roots.items[i], cert))
			return &trust->roots.items[i];
	for (size_t i = 0; trust->is_apple && i < apple_cert_count; i++)
		if (apple_certs[i].is_root &&
		    slice_equal(slice_of(apple_certs[i].der, apple_certs[i].n),
		                cert->der))
			return apple_anchor(i);
	return NULL;
}

const struct cert *trust_first_root(const struct trust *trust)
{
	for (size_t i = 0; trust->is_apple && i < apple_cert_count; i++)
		if (apple_certs[i].is_root)
			return apple_anchor(i);
	return trust->roots.count > 0 ? &trust->roots.items[0] : NULL;
}

/* ---- the chain ---- */

struct search {
	const struct trust *trust;
	const struct cert_list *extra;
	unsigned tries;
	struct trust_chain best; /* the longest attempt, for its problem */
};

static void remember(struct search *s, const struct trust_chain *chain,
                     enum trust_problem problem, const struct cert *culprit)
{
	/*
	 * The longest attempt tells most; of two as long the first, so that a broken
	 * signature is not hidden by "no (other) issuer".
	 */
	if (s->best.count >= chain->count)
		return;
	s->best = *chain;
	s->best.problem = problem;
	s->best.culprit = culprit;
}

static bool extend(struct search *s, struct trust_chain *chain);

/* Try one candidate for the issuer of the chain's last certificate. */
static bool try_issuer(struct search *s, struct trust_chain *chain,
                       const struct cert *issuer)
{
	const struct cert *last = chain->certs[chain->count - 1];

	if (!is_signed_by(last, issuer)) {
		remember(s, chain, TRUST_BAD_SIGNATURE, last);
		return false;
	}
	if (chain->count == TRUST_MAX_CHAIN) {
		remember(s, chain, TRUST_TOO_LONG, issuer);
		return false;
	}
	chain->certs[chain->count++] = issuer;
	if (extend(s, chain))
		return true;
	chain->count--;
	return false;
}

/* The order in which candidates are tried: the longest valid first, then as listed. */
static bool comes_before(const struct cert *a, const struct cert *b)
{
	if (a->not_after_s != b->not_after_s)
		return a->not_after_s > b->not_after_s;
	return a < b;
}

/* Candidates of one kind: those of a list, and Apple's. */
struct source {
	const struct cert_list *list; /* NULL: none */
	bool is_apple, is_root;       /* Apple's roots, or intermediates */
};

struct choice {
	const struct cert *last, *prev, *best;
};

static void consider(struct choice *choice, const struct cert *c)
{
	if ((choice->prev == NULL || comes_before(choice->prev, c)) &&
	    (choice->best == NULL || comes_before(c, choice->best)) &&
	    !same_cert(choice->last, c) && names_issuer(choice->last, c))
		choice->best = c;
}

/* The first candidate behind `prev` (NULL: of all). */
static const struct cert *next_candidate(const struct source *from,
                                         const struct cert *last,
                                         const struct cert *prev)
{
	struct choice choice = { .last = last, .prev = prev };
	const X509_NAME *issuer = X509_get_issuer_name(last->x509);

	for (size_t i = 0; from->list != NULL && i < from->list->count; i++)
		consider(&choice, &from->list->items[i]);
	for (size_t i = 0; from->is_apple && i < apple_cert_count; i++)
		if (apple_certs[i].is_root == from->is_root &&
		    apple_anchor_has_name(i, issuer))
			consider(&choice, apple_anchor(i));
	return choice.best;
}

/* Try all: one name may belong to several keys, one key to several certificates. */
static bool try_all(struct search *s, struct trust_chain *chain, struct source from)
{
	const struct cert *last = chain->certs[chain->count - 1], *issuer = NULL;

	for (;;) {
		issuer = next_candidate(&from, last, issuer);
		if (issuer == NULL || ++s->tries > MAX_TRIES)
			return false;
		if (try_issuer(s, chain, issuer))
			return true;
	}
}

/* Depth is bounded by TRUST_MAX_CHAIN, breadth by MAX_TRIES. */
static bool extend(struct search *s, struct trust_chain *chain)
{
	const struct cert *last = chain->certs[chain->count - 1];
	const struct cert *root = find_root(s->trust, last);
	bool is_apple = s->trust->is_apple;

	if (root != NULL && chain->count > 1) {
		chain->certs[chain->count - 1] = root;
		return true;
	}
	/* Nobody else has signed it: other roots of its name are no issuers. */
	if (last->is_self_signed && is_signed_by(last, last)) {
		remember(s, chain, TRUST_NOT_ANCHORED, last);
		return false;
	}
	if (try_all(s, chain,
	            (struct source){ &s->trust->roots, is_apple, .is_root = true }) ||
	    try_all(s, chain,
	            (struct source){ &s->trust->intermediates, is_apple, false }) ||
	    try_all(s, chain, (struct source){ .list = s->extra }))
		return true;
	remember(s, chain, last->is_self_signed ? TRUST_NOT_ANCHORED : TRUST_NO_ISSUER,
	         last);
	return false;
}

/* What is wrong with a chain whose links hold. */
static void check_rules(struct trust_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct cert *cert = chain->certs[i];
		enum trust_problem problem = TRUST_OK;

		if (has_unknown_critical(cert))
			problem = TRUST_UNKNOWN_CRITICAL;
		else if (is_weak(cert))
			problem = TRUST_WEAK_KEY;
		else if (i > 0 && !is_ca(cert, i))
			problem = TRUST_BAD_CA;
		if (problem == TRUST_OK)
			continue;
		chain->problem = problem;
		chain->culprit = cert;
		return;
	}
}

void trust_build(struct trust_chain *out, const struct trust *trust,
                 const struct cert *leaf, const struct cert_list *extra)
{
	struct search s = { .trust = trust, .extra = extra };
	struct trust_chain chain = { .certs = { leaf }, .count = 1 };

	if (extend(&s, &chain)) {
		check_rules(&chain);
		*out = chain;
	} else {
		*out = s.best;
	}
	ERR_clear_error();
}

const struct cert *trust_chain_expired(const struct trust_chain *chain, int64_t now_s)
{
	size_t n = chain->problem == TRUST_OK ? chain->count - 1 : chain->count;

	for (size_t i = 0; i < n; i++)
		if (now_s < chain->certs[i]->not_before_s ||
		    now_s > chain->certs[i]->not_after_s)
			return chain->certs[i];
	return NULL;
}
