/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signed a profile, and does its DER form say the same (spec codesign.md 7.1,
 * 7.5, 8.4)?
 */
#include <string.h>

#include "crypto/der.h"
#include "crypto/plistder.h"
#include "profile/profile.h"
#include "util/clock.h"
#include "util/mem.h"

#define WHY_BYTES     256
#define PROFILE_CHAIN 3

/* Apple's signers of before 2024 are known by name (7.1). */
#define APPLE_SIGNER_CN "Apple iPhone OS Provisioning Profile Signing"
#define APPLE_CA_CN     "Apple iPhone Certification Authority"

static enum profile_signature say(char why[WHY_BYTES], enum profile_signature verdict,
                                  const char *what, const char *detail)
{
	snprintf(why, WHY_BYTES, "%s%s%s", what, detail[0] != '\0' ? ": " : "", detail);
	return verdict;
}

static bool is_ios_signer(const struct trust_chain *chain, const struct trust *trust)
{
	const struct cert *leaf = chain->certs[0], *ca = chain->certs[1];
	bool marked_leaf = cert_has_extension(leaf, TRUST_OID_PROFILE_SIGNER) ||
	                   cert_has_extension(leaf, TRUST_OID_PROFILE_SIGNER_OLD);
	bool named_leaf = trust->is_apple && strcmp(leaf->cn, APPLE_SIGNER_CN) == 0;
	bool marked_ca = cert_has_extension(ca, TRUST_OID_IPHONE_CA);
	bool named_ca = trust->is_apple && strcmp(ca->cn, APPLE_CA_CN) == 0;

	return (marked_leaf || named_leaf) && (marked_ca || named_ca);
}

static bool is_mac_signer(const struct trust_chain *chain)
{
	return cert_has_extension(chain->certs[0], TRUST_OID_PROFILE_SIGNER_MAC) &&
	       cert_has_extension(chain->certs[1], TRUST_OID_WWDR);
}

static bool is_der_signer(const struct trust_chain *chain)
{
	return cert_has_extension(chain->certs[0], TRUST_OID_PROFILE_SIGNER_DER) &&
	       cert_has_extension(chain->certs[1], TRUST_OID_SYSINT_CA);
}

/* The envelope's signature and chain; the kind of signer is the caller's to judge. */
static enum profile_signature check_envelope(struct trust_chain *chain,
                                             const struct cms *cms,
                                             const struct trust *trust,
                                             char why[WHY_BYTES])
{
	struct error err = { 0 };

	if (cms->signer_count != 1)
		return say(why, PROFILE_SIGNATURE_BAD, "not exactly one signer", "");
	if (!cms_check(cms, cms->content, &err))
		return say(why, PROFILE_SIGNATURE_BAD, "bad signature", err.message);
	trust_build(chain, trust, &cms->certs.items[cms->signer_cert], &cms->certs);
	if (chain->problem != TRUST_OK)
		return say(why, PROFILE_SIGNATURE_UNTRUSTED, "signer not trusted",
		           trust_problem_text(chain->problem));
	if (chain->count != PROFILE_CHAIN)
		return say(why, PROFILE_SIGNATURE_WRONG_SIGNER,
		           "the chain has not three certificates", "");
	return PROFILE_SIGNATURE_OK;
}

enum profile_signature profile_check_signature(const struct profile *p,
                                               const struct trust *trust, char why[256])
{
	struct trust_chain chain = { 0 };
	enum profile_signature verdict = check_envelope(&chain, &p->cms, trust, why);

	if (verdict != PROFILE_SIGNATURE_OK)
		return verdict;
	if (!is_ios_signer(&chain, trust) && !is_mac_signer(&chain))
		return say(why, PROFILE_SIGNATURE_WRONG_SIGNER,
		           "signed by a certificate that may not sign profiles",
		           chain.certs[0]->cn);
	return say(why, PROFILE_SIGNATURE_OK, chain.certs[0]->cn,
	           chain.certs[PROFILE_CHAIN - 1]->cn);
}

/* ---- the DER form ---- */

/* Reads values of the profile's dictionary until the key fits. */
static bool find_value(unsigned *tag, struct slice *content, struct slice dict,
                       const char *key)
{
	struct error ignored = { 0 };
	struct slice entry = { 0 }, name = { 0 };

	while (dict.n > 0) {
		if (!der_expect(&dict, DER_SEQUENCE, &entry, &ignored) ||
		    !der_expect(&entry, DER_UTF8, &name, &ignored))
			return false;
		if (slice_equal(name, slice_str(key)))
			return der_next(&entry, tag, content, &ignored);
	}
	return false;
}

static bool same_text(struct slice dict, const char *key, const char *want)
{
	unsigned tag = 0;
	struct slice content = { 0 };

	return find_value(&tag, &content, dict, key) && tag == DER_UTF8 &&
	       slice_equal(content, slice_str(want));
}

static int two_digits(const unsigned char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool same_date(struct slice dict, const char *key, int64_t want)
{
	unsigned tag = 0;
	struct slice c = { 0 };

	if (!find_value(&tag, &c, dict, key) || tag != DER_UTC_TIME || c.n != 13 ||
	    c.p[12] != 'Z')
		return false;
	for (size_t i = 0; i < 12; i++)
		if (c.p[i] < '0' || c.p[i] > '9')
			return false;
	int year = two_digits(c.p);
	return clock_from_civil(year < 50 ? 2000 + year : 1900 + year,
	                        two_digits(c.p + 2), two_digits(c.p + 4),
	                        two_digits(c.p + 6), two_digits(c.p + 8),
	                        two_digits(c.p + 10)) == want;
}

/* A list of strings against a property list array; both absent is the same. */
static bool same_list(struct slice dict, const char *key, const struct pl *want)
{
	struct error ignored = { 0 };
	unsigned tag = 0;
	struct slice list = { 0 }, item = { 0 };
	size_t n = 0;

	if (!find_value(&tag, &list, dict, key))
		return want == NULL || want->count == 0;
	if (tag != DER_SEQUENCE || want == NULL)
		return false;
	for (; list.n > 0; n++)
		if (!der_expect(&list, DER_UTF8, &item, &ignored) || n >= want->count ||
		    !slice_equal(item, want->items[n]->bytes))
			return false;
	return n == want->count;
}

static bool same_certs(struct slice dict, const struct cert_list *want)
{
	struct error ignored = { 0 };
	unsigned tag = 0;
	struct slice list = { 0 }, item = { 0 };
	size_t n = 0;

	if (!find_value(&tag, &list, dict, "DeveloperCertificates") ||
	    tag != DER_SEQUENCE)
		return false;
	for (; list.n > 0; n++)
		if (!der_expect(&list, DER_OCTET_STRING, &item, &ignored) ||
		    n >= want->count ||
		    !slice_equal(item, slice_of(want->items[n].sha256, 32)))
			return false;
	return n == want->count;
}

static bool same_entitlements(struct slice dict, const struct pl *want)
{
	struct error ignored = { 0 };
	AUTO(drop_pl) struct pl *got = NULL;
	AUTO(buf_free) struct buf whole = BUF_INIT(PLISTDER_MAX_BYTES);
	unsigned tag = 0;
	struct slice content = { 0 };

	return find_value(&tag, &content, dict, "Entitlements") &&
	       der_put(&whole, tag, content, &ignored) &&
	       plistder_parse(&got, buf_slice(&whole), &ignored) && pl_equal(got, want);
}

/* The first thing that differs, or NULL. */
static const char *first_difference(struct slice dict, const struct profile *p)
{
	if (!same_text(dict, "UUID", p->uuid))
		return "UUID";
	if (!same_text(dict, "Name", p->name))
		return "Name";
	if (!same_date(dict, "CreationDate", p->created_s))
		return "CreationDate";
	if (!same_date(dict, "ExpirationDate", p->expires_s))
		return "ExpirationDate";
	if (!same_list(dict, "TeamIdentifier",
	               pl_get_type(p->root, "TeamIdentifier", PL_ARRAY)))
		return "TeamIdentifier";
	if (!same_list(dict, "ProvisionedDevices", p->devices))
		return "ProvisionedDevices";
	if (!same_certs(dict, &p->certs))
		return "DeveloperCertificates";
	if (!same_entitlements(dict, p->entitlements))
		return "Entitlements";
	return NULL;
}

bool profile_check_der(const struct profile *p, const struct trust *trust,
                       char why[256])
{
	struct error err = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };
	struct trust_chain chain = { 0 };
	struct slice all = { 0 }, dict = { 0 };

	if (p->der_profile.n == 0)
		return true;
	if (!cms_parse(&cms, p->der_profile, &err) || !cms.has_content) {
		say(why, PROFILE_SIGNATURE_BAD, "cannot be read", err.message);
		return false;
	}
	if (check_envelope(&chain, &cms, trust, why) != PROFILE_SIGNATURE_OK)
		return false;
	if (!is_der_signer(&chain)) {
		say(why, PROFILE_SIGNATURE_WRONG_SIGNER,
		    "signed by the wrong certificate", chain.certs[0]->cn);
		return false;
	}
	all = cms.content;
	if (!der_expect(&all, DER_SET, &dict, &err)) {
		say(why, PROFILE_SIGNATURE_BAD, "cannot be read", err.message);
		return false;
	}
	const char *difference = first_difference(dict, p);
	if (difference != NULL)
		say(why, PROFILE_SIGNATURE_BAD, "says something else", difference);
	return difference == NULL;
}
