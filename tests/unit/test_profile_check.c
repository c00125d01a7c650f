/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may sign a profile, and what its DER form may say (spec codesign.md 7.1, 7.5).
 */
#include "crypto/der.h"
#include "crypto/plistder.h"
#include "profile/build.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "util/clock.h"

static const char uuid[] = "11111111-2222-4333-8444-555555555555";

/* ---- by hand: the plist, and a DER form that may say something else ---- */

struct signer {
	struct fake_party *who;
	const struct fake_party *ca;
};

static struct signer outer_signer(void)
{
	return (struct signer){ &fake_pki()->profile_signer, &fake_pki()->iphone_ca };
}

static struct signer der_signer(void)
{
	return (struct signer){ &fake_pki()->der_signer, &fake_pki()->sysint_ca };
}

static bool sign(struct buf *out, struct slice content, struct signer by,
                 struct error *err)
{
	const struct cert *chain[2] = { &by.ca->cert, &fake_pki()->root.cert };
	const struct cms_sign how = { .cert = &by.who->cert,
		                      .chain = chain,
		                      .chain_count = 2,
		                      .key = key_signer(&by.who->key),
		                      .time_s = FAKE_NOW_S };

	return cms_build(out, content, &how, err);
}

static struct pl *list_of(const char *text)
{
	struct pl *list = pl_new_array();

	if (text != NULL)
		pl_append(list, pl_new_string(text));
	return list;
}

static struct pl *plist_with_der(struct slice der)
{
	struct pl *p = pl_new_dict();

	pl_set(p, "Name", pl_new_string("Ex"));
	pl_set(p, "UUID", pl_new_string(uuid));
	pl_set(p, "TeamIdentifier", list_of("FAKETEAM01"));
	pl_set(p, "ApplicationIdentifierPrefix", list_of("FAKETEAM01"));
	pl_set(p, "Platform", list_of("iOS"));
	pl_set(p, "ProvisionedDevices", list_of("device"));
	pl_set(p, "TeamName", pl_new_string("Ex Co"));
	pl_set(p, "AppIDName", pl_new_string("App"));
	pl_set(p, "TimeToLive", pl_new_int(364));
	pl_set(p, "CreationDate", pl_new_date(FAKE_NOW_S));
	pl_set(p, "ExpirationDate", pl_new_date(FAKE_NOW_S + CLOCK_DAY_S));
	pl_set(pl_set(p, "Entitlements", pl_new_dict()), "application-identifier",
	       pl_new_string("FAKETEAM01.*"));
	pl_append(pl_set(p, "DeveloperCertificates", pl_new_array()),
	          pl_new_data(fake_pki()->developer.cert.der));
	pl_set(p, "DER-Encoded-Profile", pl_new_data(der));
	return p;
}

/* SEQUENCE { key, value } */
static bool put_entry(struct buf *out, const char *key, unsigned tag,
                      struct slice content, struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(4096);

	return der_put(&body, DER_UTF8, slice_str(key), err) &&
	       der_put(&body, tag, content, err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&body), err);
}

static bool put_list(struct buf *out, const char *key, unsigned tag, struct slice item,
                     struct error *err)
{
	AUTO(buf_free) struct buf list = BUF_INIT(4096);

	return der_put(&list, tag, item, err) &&
	       put_entry(out, key, DER_SEQUENCE, buf_slice(&list), err);
}

static bool put_entitlements(struct buf *out, const char *app_id, struct error *err)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();
	AUTO(buf_free) struct buf der = BUF_INIT(4096);

	pl_set(dict, "application-identifier", pl_new_string(app_id));
	if (!plistder_encode(&der, dict, err))
		return false;
	struct slice in = buf_slice(&der), inside = { 0 };
	return der_expect(&in, 0x70, &inside, err) &&
	       put_entry(out, "Entitlements", 0x70, inside, err);
}

/* What the DER form says: everything right, but for one field. */
struct story {
	const char *uuid, *name, *created, *expires, *team, *device, *app_id;
	const unsigned char *cert;
	struct slice more; /* further entries */
	struct slice behind;
};

static struct story truth(void)
{
	return (struct story){ .uuid = uuid,
		               .name = "Ex",
		               .created = "260101000000Z",
		               .expires = "260102000000Z",
		               .team = "FAKETEAM01",
		               .device = "device",
		               .app_id = "FAKETEAM01.*",
		               .cert = fake_pki()->developer.cert.sha256 };
}

static bool put_story(struct buf *out, const struct story *s, struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(65536);

	return put_entry(&body, "UUID", DER_UTF8, slice_str(s->uuid), err) &&
	       put_entry(&body, "Name", DER_UTF8, slice_str(s->name), err) &&
	       put_entry(&body, "CreationDate", DER_UTC_TIME, slice_str(s->created),
	                 err) &&
	       put_entry(&body, "ExpirationDate", DER_UTC_TIME, slice_str(s->expires),
	                 err) &&
	       put_list(&body, "TeamIdentifier", DER_UTF8, slice_str(s->team), err) &&
	       put_list(&body, "ProvisionedDevices", DER_UTF8, slice_str(s->device),
	                err) &&
	       put_list(&body, "DeveloperCertificates", DER_OCTET_STRING,
	                slice_of(s->cert, 32), err) &&
	       put_entitlements(&body, s->app_id, err) &&
	       buf_append(&body, s->more, err) &&
	       der_put(out, DER_SET, buf_slice(&body), err) &&
	       buf_append(out, s->behind, err);
}

/* A profile whose DER form tells this story. */
static bool make(struct profile *out, const struct story *s, struct signer by)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf content = BUF_INIT(65536);
	AUTO(buf_free) struct buf der = BUF_INIT(65536);
	AUTO(buf_free) struct buf text = BUF_INIT(65536);
	AUTO(buf_free) struct buf bytes = BUF_INIT(65536);
	bool ok = put_story(&content, s, &err) &&
	          sign(&der, buf_slice(&content), by, &err);
	AUTO(drop_pl) struct pl *plist = plist_with_der(buf_slice(&der));

	ok = ok && pl_write_xml(&text, plist, &err) &&
	     sign(&bytes, buf_slice(&text), outer_signer(), &err) &&
	     profile_parse(out, buf_slice(&bytes), &err);
	return test_ok(ok, &err, __FILE__, __LINE__, "make");
}

/* NULL: the DER form is accepted; else why not. */
static const char *judge(const struct story *s, char why[256])
{
	AUTO(profile_free) struct profile p = { 0 };

	if (!make(&p, s, der_signer()))
		return "could not be made";
	return profile_check_der(&p, &fake_pki()->trust, why) ? NULL : why;
}

static void expect(const struct story *s, const char *key)
{
	char why[256] = "";
	const char *got = judge(s, why);

	if (!CHECK(got != NULL && strstr(got, key) != NULL))
		printf("# %s: %s\n", key, got != NULL ? got : "accepted");
}

TEST(a_der_form_that_says_the_same_is_accepted)
{
	char why[256] = "";
	struct story s = truth();

	CHECK(judge(&s, why) == NULL);
}

TEST(a_der_form_that_says_something_else_is_not)
{
	struct story s = truth();
	s.uuid = "other";
	expect(&s, "UUID");
	s = truth();
	s.name = "ex";
	expect(&s, "Name");
	s = truth();
	s.created = "260101000001Z";
	expect(&s, "CreationDate");
	s.created = "26010100000Z0";
	expect(&s, "CreationDate");
	s = truth();
	s.expires = "270102000000Z";
	expect(&s, "ExpirationDate");
	s = truth();
	s.team = "FAKETEAM02";
	expect(&s, "TeamIdentifier");
	s = truth();
	s.device = "another";
	expect(&s, "ProvisionedDevices");
	s = truth();
	s.cert = fake_pki()->wwdr.cert.sha256;
	expect(&s, "DeveloperCertificates");
	s = truth();
	s.app_id = "FAKETEAM02.*";
	expect(&s, "Entitlements");
}

/* The truth and one entry more. */
static const char *judge_with(const char *key, unsigned tag, struct slice content,
                              char why[256])
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf more = BUF_INIT(4096);
	struct story s = truth();

	if (!put_entry(&more, key, tag, content, &err))
		return "could not be made";
	s.more = buf_slice(&more);
	return judge(&s, why);
}

TEST(optional_keys_may_not_contradict)
{
	static const struct {
		const char *key;
		unsigned tag;
		const char *content;
		size_t n;
		bool same;
	} cases[] = {
		{ "TimeToLive", DER_INTEGER, "\x01\x6c", 2, true },
		{ "TimeToLive", DER_INTEGER, "\x01\x6d", 2, false },
		{ "TimeToLive", DER_NUMERIC, "364", 3, true },
		{ "TimeToLive", DER_NUMERIC, "365", 3, false },
		{ "TeamName", DER_UTF8, "Ex Co", 5, true },
		{ "TeamName", DER_UTF8, "Ex", 2, false },
		{ "AppIDName", DER_UTF8, "App", 3, true },
		{ "AppIDName", DER_UTF8, "Ape", 3, false },
		{ "Platform", DER_SEQUENCE, "\x0c\x03iOS", 5, true },
		{ "Platform", DER_SEQUENCE, "\x0c\x03OSX", 5, false },
		{ "Platform", DER_SEQUENCE, "", 0, false },
		{ "ApplicationIdentifierPrefix", DER_SEQUENCE, "\x0c\x01X", 3, false },
		{ "ProvisionsAllDevices", DER_BOOLEAN, "\xff", 1, false },
		{ "ProvisionsAllDevices", DER_BOOLEAN, "\0", 1, true },
		{ "IsXcodeManaged", DER_BOOLEAN, "\xff", 1, false },
		{ "LocalProvision", DER_BOOLEAN, "\xff", 1, false },
		{ "PPQCheck", DER_BOOLEAN, "\xff", 1, false },
		{ "PPQCheck", DER_BOOLEAN, "", 0, false },
		{ "Later", DER_UTF8, "x", 1, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char why[256] = "";
		const char *got =
			judge_with(cases[i].key, cases[i].tag,
		                   slice_of(cases[i].content, cases[i].n), why);

		if (!CHECK((got == NULL) == cases[i].same))
			printf("# %zu %s\n", i, cases[i].key);
	}
}

TEST(a_der_form_that_can_be_read_in_two_ways_is_refused)
{
	char why[256] = "";
	struct story s = truth();

	/* Which one counts, the first or the last? */
	const char *got = judge_with("UUID", DER_UTF8, slice_str("other"), why);
	CHECK(got != NULL && strstr(got, "twice") != NULL);
	s.behind = slice_of("\x05", 2);
	expect(&s, "bytes after its end");
	s = truth();
	s.more = slice_of("\x30\x07\x0c\x01k\x05\x00\x05", 9);
	expect(&s, "more than a value");
	s.more = slice_of("\x30\x03\x0c\x01k", 5);
	expect(&s, "cut short");
	s.more = slice_of("\x31\x00", 2);
	expect(&s, "tag 0x31");
}

TEST(the_der_form_has_a_limit_of_keys)
{
	/* Eight of the truth; 56 more are accepted, 57 not. */
	for (size_t n = 56; n <= 57; n++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf more = BUF_INIT(4096);
		struct story s = truth();
		char why[256] = "", key[] = "a!";

		for (size_t i = 0; i < n; i++) {
			key[1] = (char)('!' + i);
			CHECK(put_entry(&more, key, DER_NULL, (struct slice){ 0 },
			                &err));
		}
		s.more = buf_slice(&more);
		CHECK((judge(&s, why) == NULL) == (n == 56));
	}
}

TEST(the_der_form_has_a_signer_of_its_own)
{
	struct fake_pki *pki = fake_pki();
	struct story s = truth();
	char why[256] = "";
	AUTO(profile_free) struct profile wrong = { 0 };
	AUTO(profile_free) struct profile foreign = { 0 };
	AUTO(fake_party_free) struct fake_party stray = { 0 };
	struct error err = { 0 };
	/* The marker under another CA. */
	const struct fake_new how = { .cn = "Stray",
		                      .issuer = &pki->iphone_ca,
		                      .marker = TRUST_OID_PROFILE_SIGNER_DER };

	REQUIRE(make(&wrong, &s, outer_signer()));
	CHECK(!profile_check_der(&wrong, &pki->trust, why));
	CHECK(strstr(why, "wrong certificate") != NULL);
	REQUIRE_OK(fake_party_make(&stray, &how, &err), &err);
	REQUIRE(make(&foreign, &s, (struct signer){ &stray, &pki->iphone_ca }));
	CHECK(!profile_check_der(&foreign, &pki->trust, why));
	CHECK(strstr(why, "wrong certificate") != NULL);
}

/* ---- the envelope ---- */

/* The verdict about a profile that this party has signed. */
static int verdict(struct signer by, const struct trust *trust)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *plist = plist_with_der((struct slice){ 0 });
	AUTO(buf_free) struct buf text = BUF_INIT(65536);
	AUTO(buf_free) struct buf bytes = BUF_INIT(65536);
	AUTO(profile_free) struct profile p = { 0 };
	char why[256] = "";

	if (!pl_write_xml(&text, plist, &err) ||
	    !sign(&bytes, buf_slice(&text), by, &err) ||
	    !profile_parse(&p, buf_slice(&bytes), &err))
		return -1;
	int v = (int)profile_check_signature(&p, trust, why);
	CHECK(why[0] != '\0');
	return v;
}

/* The same for a new party of this make. */
static int verdict_of(const char *cn, const struct fake_party *ca, const char *marker)
{
	struct error err = { 0 };
	AUTO(fake_party_free) struct fake_party who = { 0 };
	const struct fake_new how = { .cn = cn, .issuer = ca, .marker = marker };

	if (!fake_party_make(&who, &how, &err))
		return -1;
	return verdict((struct signer){ &who, ca }, &fake_pki()->trust);
}

TEST(profile_signers_are_known_by_their_markers)
{
	struct fake_pki *pki = fake_pki();

	CHECK(verdict(outer_signer(), &pki->trust) == PROFILE_SIGNATURE_OK);
	CHECK(verdict((struct signer){ &pki->mac_signer, &pki->wwdr }, &pki->trust) ==
	      PROFILE_SIGNATURE_OK);
	CHECK(verdict_of("Old", &pki->iphone_ca, TRUST_OID_PROFILE_SIGNER_OLD) ==
	      PROFILE_SIGNATURE_OK);
}

TEST(others_under_the_same_root_may_not_sign_profiles)
{
	struct fake_pki *pki = fake_pki();

	CHECK(verdict((struct signer){ &pki->developer, &pki->wwdr }, &pki->trust) ==
	      PROFILE_SIGNATURE_WRONG_SIGNER);
	/* The right marker under the wrong CA, and the other way round. */
	CHECK(verdict_of("Stray", &pki->wwdr, TRUST_OID_PROFILE_SIGNER) ==
	      PROFILE_SIGNATURE_WRONG_SIGNER);
	CHECK(verdict_of("Stray", &pki->iphone_ca, TRUST_OID_PROFILE_SIGNER_MAC) ==
	      PROFILE_SIGNATURE_WRONG_SIGNER);
	CHECK(verdict_of("Plain", &pki->iphone_ca, NULL) ==
	      PROFILE_SIGNATURE_WRONG_SIGNER);
	/* Apple's names are worth nothing under another root. */
	CHECK(verdict_of("Apple iPhone OS Provisioning Profile Signing",
	                 &pki->iphone_ca, NULL) == PROFILE_SIGNATURE_WRONG_SIGNER);
	/* A chain of two. */
	CHECK(verdict_of("Short", &pki->root, TRUST_OID_PROFILE_SIGNER) ==
	      PROFILE_SIGNATURE_WRONG_SIGNER);
}

TEST(a_chain_of_four_is_too_long)
{
	struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(fake_party_free) struct fake_party sub = { 0 };
	const struct fake_new how = { .cn = "Sub CA",
		                      .issuer = &pki->iphone_ca,
		                      .marker = TRUST_OID_IPHONE_CA,
		                      .is_ca = true };
	struct trust trust = pki->trust;
	struct cert copy = { 0 };

	REQUIRE_OK(fake_party_make(&sub, &how, &err), &err);
	/* The CA between comes out of the store. */
	REQUIRE_OK(cert_copy(&copy, &pki->iphone_ca.cert, &err), &err);
	cert_list_add(&trust.intermediates, &copy);
	AUTO(fake_party_free) struct fake_party leaf = { 0 };
	const struct fake_new leaf_how = { .cn = "Leaf",
		                           .issuer = &sub,
		                           .marker = TRUST_OID_PROFILE_SIGNER };
	bool ok = fake_party_make(&leaf, &leaf_how, &err);
	int v = ok ? verdict((struct signer){ &leaf, &sub }, &trust) : -1;
	cert_list_free(&trust.intermediates);
	CHECK(v != PROFILE_SIGNATURE_OK && v != -1);
}

TEST(a_chain_of_two_is_too_short)
{
	struct error err = { 0 };
	AUTO(fake_party_free) struct fake_party root = { 0 };
	AUTO(fake_party_free) struct fake_party leaf = { 0 };
	struct trust trust = { 0 };
	struct cert copy = { 0 };
	/* A root that could be the CA, too. */
	const struct fake_new root_how = { .cn = "Marked Root",
		                           .marker = TRUST_OID_IPHONE_CA,
		                           .is_ca = true };
	const struct fake_new leaf_how = { .cn = "Leaf",
		                           .issuer = &root,
		                           .marker = TRUST_OID_PROFILE_SIGNER };

	REQUIRE_OK(fake_party_make(&root, &root_how, &err), &err);
	REQUIRE_OK(fake_party_make(&leaf, &leaf_how, &err), &err);
	REQUIRE_OK(cert_copy(&copy, &root.cert, &err), &err);
	cert_list_add(&trust.roots, &copy);
	int v = verdict((struct signer){ &leaf, &root }, &trust);
	trust_free(&trust);
	CHECK(v == PROFILE_SIGNATURE_WRONG_SIGNER);
}

/* The profile's text, signed by both; made by OpenSSL, since ours signs once. */
static bool sign_twice(struct buf *out, struct slice text, struct fake_party *a,
                       struct fake_party *b)
{
	struct error err = { 0 };
	unsigned char *der = NULL;
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	CMS_ContentInfo *info =
		CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);
	bool ok = in != NULL && info != NULL &&
	          CMS_add1_signer(info, a->cert.x509, a->key.pkey, NULL, 0) != NULL &&
	          CMS_add1_signer(info, b->cert.x509, b->key.pkey, NULL, 0) != NULL &&
	          CMS_add1_cert(info, fake_pki()->iphone_ca.cert.x509) == 1 &&
	          CMS_final(info, in, NULL, CMS_BINARY) == 1;
	int n = ok ? i2d_CMS_ContentInfo(info, &der) : -1;

	ok = n > 0 && buf_append(out, slice_of(der, (size_t)n), &err);
	OPENSSL_free(der);
	CMS_ContentInfo_free(info);
	BIO_free(in);
	return ok;
}

TEST(a_second_signer_is_one_too_many)
{
	struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *plist = plist_with_der((struct slice){ 0 });
	AUTO(buf_free) struct buf text = BUF_INIT(65536);
	AUTO(buf_free) struct buf bytes = BUF_INIT(65536);
	AUTO(profile_free) struct profile p = { 0 };
	char why[256] = "";

	REQUIRE_OK(pl_write_xml(&text, plist, &err), &err);
	REQUIRE(sign_twice(&bytes, buf_slice(&text), &pki->profile_signer,
	                   &pki->developer));
	REQUIRE_OK(profile_parse(&p, buf_slice(&bytes), &err), &err);
	CHECK(profile_check_signature(&p, &pki->trust, why) == PROFILE_SIGNATURE_BAD);
	CHECK(strstr(why, "not exactly one signer") != NULL);
}

TEST(another_root_is_not_trusted)
{
	AUTO(trust_free) struct trust apple = { 0 };

	trust_apple(&apple);
	CHECK(verdict(outer_signer(), &apple) == PROFILE_SIGNATURE_UNTRUSTED);
}

/* Verifier case 27: one byte, wherever it is. */
TEST(a_changed_byte_breaks_the_signature)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *plist = plist_with_der((struct slice){ 0 });
	AUTO(buf_free) struct buf text = BUF_INIT(65536);
	AUTO(buf_free) struct buf bytes = BUF_INIT(65536);
	struct slice before = { 0 };
	char why[256] = "";

	REQUIRE_OK(pl_write_xml(&text, plist, &err), &err);
	REQUIRE_OK(sign(&bytes, buf_slice(&text), outer_signer(), &err), &err);
	REQUIRE(slice_cut(buf_slice(&bytes), buf_slice(&text), &before, NULL));
	for (size_t i = 0; i < text.n; i++) {
		AUTO(profile_free) struct profile p = { 0 };
		struct error ignored = { 0 };

		/* Some changes spoil the property list itself: refused at once. */
		bytes.p[before.n + i] ^= 1;
		if (profile_parse(&p, buf_slice(&bytes), &ignored))
			CHECK(profile_check_signature(&p, &fake_pki()->trust, why) ==
			      PROFILE_SIGNATURE_BAD);
		bytes.p[before.n + i] ^= 1;
	}
	bytes.p[bytes.n - 1] ^= 1;
	AUTO(profile_free) struct profile p = { 0 };
	REQUIRE_OK(profile_parse(&p, buf_slice(&bytes), &err), &err);
	CHECK(profile_check_signature(&p, &fake_pki()->trust, why) ==
	      PROFILE_SIGNATURE_BAD);
}
