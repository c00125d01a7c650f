/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signed a profile, and does its DER form say the same (spec codesign.md 7.1,
 * 7.5, 8.4)?
 */
#include <inttypes.h>
#include <stdio.h>
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
	struct error text = { 0 }; /* what is too long is cut as in errors */

	_Static_assert(sizeof text.message == WHY_BYTES, "another size");
	error_set(&text, ERROR_VERIFY, "%s%s%s", what, detail[0] != '\0' ? ": " : "",
	          detail);
	memcpy(why, text.message, WHY_BYTES);
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

#define MAX_ENTRIES 64 /* keys of the dictionary; Apple writes fifteen */

/* One SEQUENCE { key, value } of the dictionary. */
struct entry {
	struct slice key, content;
	unsigned tag;
};

struct entries {
	struct entry items[MAX_ENTRIES];
	size_t count;
};

static const struct entry *find(const struct entries *dict, const char *key)
{
	for (size_t i = 0; i < dict->count; i++)
		if (slice_equal(dict->items[i].key, slice_str(key)))
			return &dict->items[i];
	return NULL;
}

static bool has_key(const struct entries *dict, struct slice key)
{
	for (size_t i = 0; i < dict->count; i++)
		if (slice_equal(dict->items[i].key, key))
			return true;
	return false;
}

static bool read_entry(struct entries *out, struct slice *in, struct error *err)
{
	struct entry e = { 0 };
	struct slice inside = { 0 };

	if (out->count == MAX_ENTRIES)
		return error_set(err, ERROR_LIMIT, "more than %d keys", MAX_ENTRIES);
	if (!der_expect(in, DER_SEQUENCE, &inside, err) ||
	    !der_expect(&inside, DER_UTF8, &e.key, err) ||
	    !der_next(&inside, &e.tag, &e.content, err))
		return false;
	if (inside.n > 0)
		return error_set(err, ERROR_FORMAT, "an entry has more than a value");
	/* One reader would take the first value, another the last. */
	if (has_key(out, e.key))
		return error_set(err, ERROR_FORMAT, "a key is there twice");
	out->items[out->count++] = e;
	return true;
}

static bool read_entries(struct entries *out, struct slice content, struct error *err)
{
	struct slice in = { 0 };

	out->count = 0;
	if (!der_expect(&content, DER_SET, &in, err))
		return false;
	if (content.n > 0)
		return error_set(err, ERROR_FORMAT, "bytes after its end");
	while (in.n > 0)
		if (!read_entry(out, &in, err))
			return false;
	return true;
}

static bool same_text(const struct entry *e, const char *want)
{
	return e != NULL && e->tag == DER_UTF8 &&
	       slice_equal(e->content, slice_str(want));
}

/* An INTEGER, or, until 2022, digits. */
static bool same_integer(const struct entry *e, int64_t want)
{
	struct error ignored = { 0 };
	char digits[32];
	int64_t v = 0;

	if (e->tag == DER_INTEGER)
		return der_int64(&v, e->content, &ignored) && v == want;
	snprintf(digits, sizeof digits, "%" PRId64, want);
	return e->tag == DER_NUMERIC && slice_equal(e->content, slice_str(digits));
}

static bool same_bool(const struct entry *e, bool want)
{
	return e->tag == DER_BOOLEAN && e->content.n == 1 &&
	       (e->content.p[0] != 0) == want;
}

static int two_digits(const unsigned char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool same_date(const struct entry *e, int64_t want)
{
	if (e == NULL || e->tag != DER_UTC_TIME || e->content.n != 13 ||
	    e->content.p[12] != 'Z')
		return false;
	const unsigned char *p = e->content.p;
	for (size_t i = 0; i < 12; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	int year = two_digits(p);
	return clock_from_civil(year < 50 ? 2000 + year : 1900 + year,
	                        two_digits(p + 2), two_digits(p + 4), two_digits(p + 6),
	                        two_digits(p + 8), two_digits(p + 10)) == want;
}

/* A list of strings against a property list array; both absent is the same. */
static bool same_list(const struct entry *e, const struct pl *want)
{
	struct error ignored = { 0 };
	struct slice list, item = { 0 };
	size_t n = 0;

	if (e == NULL)
		return want == NULL || want->count == 0;
	if (e->tag != DER_SEQUENCE)
		return false;
	for (list = e->content; list.n > 0; n++)
		if (!der_expect(&list, DER_UTF8, &item, &ignored) || want == NULL ||
		    n >= want->count || !slice_equal(item, want->items[n]->bytes))
			return false;
	return n == (want != NULL ? want->count : 0);
}

static bool same_certs(const struct entry *e, const struct cert_list *want)
{
	struct error ignored = { 0 };
	struct slice list, item = { 0 };
	size_t n = 0;

	if (e == NULL || e->tag != DER_SEQUENCE)
		return false;
	for (list = e->content; list.n > 0; n++)
		if (!der_expect(&list, DER_OCTET_STRING, &item, &ignored) ||
		    n >= want->count ||
		    !slice_equal(item, slice_of(want->items[n].sha256, 32)))
			return false;
	return n == want->count;
}

static bool same_entitlements(const struct entry *e, const struct pl *want)
{
	struct error ignored = { 0 };
	AUTO(drop_pl) struct pl *got = NULL;
	AUTO(buf_free) struct buf whole = BUF_INIT(PLISTDER_MAX_BYTES);

	return e != NULL && der_put(&whole, e->tag, e->content, &ignored) &&
	       plistder_parse(&got, buf_slice(&whole), &ignored) && pl_equal(got, want);
}

static const struct pl *array_of(const struct profile *p, const char *key)
{
	return pl_get_type(p->root, key, PL_ARRAY);
}

/* What decides who may sign what, where and until when: it has to be there. */
static const char *first_required_difference(const struct entries *d,
                                             const struct profile *p)
{
	if (!same_text(find(d, "UUID"), p->uuid))
		return "UUID";
	if (!same_text(find(d, "Name"), p->name))
		return "Name";
	if (!same_date(find(d, "CreationDate"), p->created_s))
		return "CreationDate";
	if (!same_date(find(d, "ExpirationDate"), p->expires_s))
		return "ExpirationDate";
	if (!same_list(find(d, "TeamIdentifier"), array_of(p, "TeamIdentifier")))
		return "TeamIdentifier";
	if (!same_list(find(d, "ProvisionedDevices"), p->devices))
		return "ProvisionedDevices";
	if (!same_certs(find(d, "DeveloperCertificates"), &p->certs))
		return "DeveloperCertificates";
	if (!same_entitlements(find(d, "Entitlements"), p->entitlements))
		return "Entitlements";
	return NULL;
}

/* What may be left out, but not say something else. */
static const char *first_optional_difference(const struct entries *d,
                                             const struct profile *p)
{
	const struct {
		const char *key;
		bool value;
	} bools[] = {
		{ "ProvisionsAllDevices", p->all_devices },
		{ "IsXcodeManaged", p->is_xcode_managed },
		{ "LocalProvision", p->is_local },
		{ "PPQCheck", p->ppq_check },
	};
	static const char *const lists[] = { "ApplicationIdentifierPrefix",
		                             "Platform" };
	const struct entry *e;

	for (size_t i = 0; i < ARRAY_LEN(bools); i++)
		if ((e = find(d, bools[i].key)) != NULL &&
		    !same_bool(e, bools[i].value))
			return bools[i].key;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if ((e = find(d, lists[i])) != NULL &&
		    !same_list(e, array_of(p, lists[i])))
			return lists[i];
	if ((e = find(d, "TimeToLive")) != NULL &&
	    !same_integer(e, p->time_to_live_days))
		return "TimeToLive";
	if ((e = find(d, "TeamName")) != NULL && !same_text(e, p->team_name))
		return "TeamName";
	if ((e = find(d, "AppIDName")) != NULL && !same_text(e, p->app_id_name))
		return "AppIDName";
	return NULL;
}

/* The first thing that differs, or NULL. */
static const char *first_difference(const struct entries *d, const struct profile *p)
{
	const char *key = first_required_difference(d, p);

	return key != NULL ? key : first_optional_difference(d, p);
}

bool profile_check_der(const struct profile *p, const struct trust *trust,
                       char why[256])
{
	struct error err = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };
	struct trust_chain chain = { 0 };
	struct entries dict;

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
	if (!read_entries(&dict, cms.content, &err)) {
		say(why, PROFILE_SIGNATURE_BAD, "cannot be read", err.message);
		return false;
	}
	const char *difference = first_difference(&dict, p);
	if (difference != NULL)
		say(why, PROFILE_SIGNATURE_BAD, "says something else", difference);
	return difference == NULL;
}
