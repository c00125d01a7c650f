/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/profile.h"

#include <stdlib.h>

#include "crypto/der.h"
#include "profile/build.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "util/clock.h"
#include "util/mem.h"

#define DAYS 364

static const char device_1[] = "00008101-000A11111111001E";
static const char device_2[] = "0123456789abcdef0123456789abcdef01234567";

/* A profile in the making, with everything it borrows. */
struct recipe {
	const char *platforms[3], *devices[2];
	const struct cert *certs[1];
	struct pl *entitlements;
	struct profile_new how;
};

static void free_recipe(struct recipe *r)
{
	pl_free(r->entitlements);
}

static struct profile_new *start(struct recipe *r)
{
	*r = (struct recipe){ .platforms = { "iOS", "xrOS", "visionOS" },
		              .devices = { device_1, device_2 },
		              .certs = { &fake_pki()->developer.cert },
		              .entitlements = pl_new_dict() };
	pl_set(r->entitlements, "application-identifier",
	       pl_new_string("FAKETEAM01.com.ex.*"));
	pl_set(r->entitlements, "get-task-allow", pl_new_bool(true));
	r->how = (struct profile_new){ .kind = PROFILE_DEVELOPMENT,
		                       .name = "Ex \xc3\xa4 <Dev>",
		                       .uuid = "11111111-2222-4333-8444-555555555555",
		                       .team_id = "FAKETEAM01",
		                       .team_name = "Ex & Co",
		                       .app_id_name = "Ex",
		                       .prefix = "FAKETEAM01",
		                       .bundle_id = "com.ex.*",
		                       .platforms = r->platforms,
		                       .platform_count = 3,
		                       .certs = r->certs,
		                       .cert_count = 1,
		                       .devices = r->devices,
		                       .device_count = 2,
		                       .entitlements = r->entitlements,
		                       .created_s = FAKE_NOW_S,
		                       .expires_s = FAKE_NOW_S + DAYS * CLOCK_DAY_S };
	return &r->how;
}

/* Who signs, with CA and root. */
static struct signature_party party(struct fake_party *who, const struct cert **chain,
                                    const struct fake_party *ca)
{
	chain[0] = &ca->cert;
	chain[1] = &fake_pki()->root.cert;
	return (struct signature_party){ .cert = &who->cert,
		                         .chain = chain,
		                         .chain_count = 2,
		                         .key = key_signer(&who->key) };
}

static bool build_with(struct buf *out, const struct profile_new *how,
                       struct fake_party *outer, const struct fake_party *outer_ca,
                       struct fake_party *der, const struct fake_party *der_ca,
                       struct error *err)
{
	const struct cert *outer_chain[2], *der_chain[2];
	const struct profile_signers signers = {
		.outer = party(outer, outer_chain, outer_ca),
		.der = party(der, der_chain, der_ca),
	};

	*out = BUF_INIT(PROFILE_MAX_BYTES);
	return profile_build(out, how, &signers, err);
}

static bool build(struct buf *out, const struct profile_new *how, struct error *err)
{
	struct fake_pki *p = fake_pki();

	return build_with(out, how, &p->profile_signer, &p->iphone_ca, &p->der_signer,
	                  &p->sysint_ca, err);
}

/* Built as r says and read again; false: the test has failed. */
static bool make(struct profile *out, const struct profile_new *how)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf bytes = { 0 };

	return test_ok(build(&bytes, how, &err) &&
	                       profile_parse(out, buf_slice(&bytes), &err),
	               &err, __FILE__, __LINE__, "make");
}

/* The bytes are gone by now: a profile owns what it hands out. */
static void check_fields(const struct profile *p)
{
	CHECK_STR(p->name, "Ex \xc3\xa4 <Dev>");
	CHECK_STR(p->uuid, "11111111-2222-4333-8444-555555555555");
	CHECK_STR(p->team_id, "FAKETEAM01");
	CHECK_STR(p->team_name, "Ex & Co");
	CHECK_STR(p->app_id_name, "Ex");
	CHECK_STR(p->app_id, "FAKETEAM01.com.ex.*");
	CHECK_STR(p->prefix, "FAKETEAM01");
	CHECK(p->created_s == FAKE_NOW_S);
	CHECK(p->expires_s == FAKE_NOW_S + DAYS * CLOCK_DAY_S);
	CHECK(p->time_to_live_days == DAYS);
	CHECK(p->platforms->count == 3 && p->devices->count == 2);
	CHECK(p->certs.count == 1 && profile_has_cert(p, &fake_pki()->developer.cert));
	CHECK(!profile_has_cert(p, &fake_pki()->wwdr.cert));
}

TEST(what_is_built_can_be_read_and_is_trusted)
{
	struct profile *p = mem_zero(1, sizeof *p);
	char why[256] = "";
	AUTO(free_recipe) struct recipe r;

	if (make(p, start(&r))) {
		check_fields(p);
		CHECK(p->kind == PROFILE_DEVELOPMENT && !p->is_free);
		CHECK(pl_equal(p->entitlements, r.entitlements));
		CHECK(p->der_profile.n > 0);
		CHECK(profile_check_signature(p, &fake_pki()->trust, why) ==
		      PROFILE_SIGNATURE_OK);
		CHECK(profile_check_der(p, &fake_pki()->trust, why));
	}
	profile_free(p);
	free(p);
}

TEST(the_der_form_can_be_left_out)
{
	char why[256] = "";
	AUTO(free_recipe) struct recipe r;
	AUTO(profile_free) struct profile p = { 0 };

	start(&r)->omit_der = true;
	REQUIRE(make(&p, &r.how));
	CHECK(p.der_profile.n == 0);
	CHECK(profile_check_der(&p, &fake_pki()->trust, why));
}

/* ---- kinds (spec codesign.md 7.4) ---- */

static bool is_kind(struct recipe *r, enum profile_kind kind, bool task_allow)
{
	AUTO(profile_free) struct profile p = { 0 };
	char why[256] = "";

	r->how.kind = kind;
	pl_set(r->entitlements, "get-task-allow", pl_new_bool(task_allow));
	return make(&p, &r->how) && CHECK(p.kind == kind) &&
	       CHECK(profile_check_der(&p, &fake_pki()->trust, why));
}

TEST(knows_the_kind)
{
	AUTO(free_recipe) struct recipe r;

	start(&r);
	CHECK(is_kind(&r, PROFILE_DEVELOPMENT, true));
	CHECK(is_kind(&r, PROFILE_ADHOC, false));
	CHECK(is_kind(&r, PROFILE_ENTERPRISE, false));
	r.how.device_count = 0;
	CHECK(is_kind(&r, PROFILE_DEVELOPMENT, true));
	CHECK(is_kind(&r, PROFILE_ADHOC, false));
	CHECK(is_kind(&r, PROFILE_APPSTORE, false));
	r.platforms[0] = "OSX";
	r.how.platform_count = 1;
	CHECK(is_kind(&r, PROFILE_DEVELOPER_ID, false));
}

TEST(a_week_is_free_development)
{
	AUTO(free_recipe) struct recipe r;
	AUTO(profile_free) struct profile week = { 0 };
	AUTO(profile_free) struct profile more = { 0 };

	start(&r)->expires_s = FAKE_NOW_S + 7 * CLOCK_DAY_S;
	REQUIRE(make(&week, &r.how));
	r.how.expires_s = FAKE_NOW_S + 8 * CLOCK_DAY_S;
	REQUIRE(make(&more, &r.how));
	CHECK(week.is_free && !more.is_free);
}

/* ---- rules ---- */

TEST(a_pattern_covers_what_stands_under_it)
{
	static const struct {
		const char *pattern, *id;
		bool covers;
	} cases[] = {
		{ "T.com.ex.app", "T.com.ex.app", true },
		{ "T.com.ex.app", "T.com.ex.appx", false },
		{ "T.com.ex.app", "T.com.xapp", false },
		{ "T.*", "T.com.ex", true },
		{ "T.*", "T.", false },
		{ "T.*", "U.com.ex", false },
		{ "T.com.ex.*", "T.com.ex.a", true },
		{ "T.com.ex.*", "T.com.ex.", false },
		{ "T.com.ex.*", "T.com.ex", false },
		{ "T.com.ex.*", "T.com.exa", false },
		{ "T.c*m", "T.com", false },
		{ "T.com", "T.COM", false },
		{ "", "", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (!CHECK(profile_covers(cases[i].pattern, cases[i].id) ==
		           cases[i].covers))
			printf("# %s, %s\n", cases[i].pattern, cases[i].id);
}

TEST(devices_are_found_whatever_their_case)
{
	AUTO(free_recipe) struct recipe r;
	AUTO(profile_free) struct profile some = { 0 };
	AUTO(profile_free) struct profile all = { 0 };
	AUTO(profile_free) struct profile none = { 0 };

	REQUIRE(make(&some, start(&r)));
	CHECK(profile_has_device(&some, "00008101-000a11111111001e"));
	CHECK(profile_has_device(&some, "0123456789ABCDEF0123456789ABCDEF01234567"));
	CHECK(!profile_has_device(&some, "0123456789ABCDEF0123456789ABCDEF0123456"));
	CHECK(!profile_has_device(&some, ""));
	r.how.kind = PROFILE_ENTERPRISE;
	REQUIRE(make(&all, &r.how));
	CHECK(all.devices == NULL && profile_has_device(&all, "any"));
	r.how.kind = PROFILE_APPSTORE;
	REQUIRE(make(&none, &r.how));
	CHECK(!profile_has_device(&none, device_1));
}

/* ---- what is no profile ---- */

TEST(says_what_people_have_instead)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "", "the profile is empty" },
		{ "<!DOCTYPE html><html>", "the profile is a web page" },
		{ "\n <HTML><body>", "the profile is a web page" },
		{ "<?xml version=\"1.0\"?><plist><dict/></plist>",
		  "the profile is a bare property list" },
		{ "bplist00", "the profile is a bare property list" },
		{ "not a profile at all", "not a signed message" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(profile_free) struct profile p = { 0 };

		bool ok = profile_parse(&p, slice_str(cases[i].bytes), &err);
		CHECK(err.cause[0] != '\0' && err.hint[0] != '\0');
		CHECK_FAILS(ok, &err, ERROR_FORMAT, cases[i].why);
	}
}

TEST(refuses_a_profile_cut_short_at_any_byte)
{
	struct error err = { 0 };
	AUTO(free_recipe) struct recipe r;
	AUTO(buf_free) struct buf bytes = { 0 };

	REQUIRE_OK(build(&bytes, start(&r), &err), &err);
	for (size_t n = 0; n < bytes.n; n++) {
		AUTO(profile_free) struct profile p = { 0 };

		CHECK_FAILS(profile_parse(&p, slice_of(bytes.p, n), &err), &err,
		            ERROR_FORMAT, n == 0 ? "empty" : "cut short");
	}
}

/* A profile's plist, changed by hand and signed like a good one. */
static bool sign_plist(struct buf *out, const struct pl *plist, struct error *err)
{
	const struct cert *chain[2];
	struct signature_party by =
		party(&fake_pki()->profile_signer, chain, &fake_pki()->iphone_ca);
	const struct cms_sign how = { .cert = by.cert,
		                      .chain = by.chain,
		                      .chain_count = by.chain_count,
		                      .key = by.key,
		                      .time_s = FAKE_NOW_S };
	AUTO(buf_free) struct buf text = BUF_INIT(PROFILE_MAX_BYTES);

	*out = BUF_INIT(PROFILE_MAX_BYTES);
	return pl_write_xml(&text, plist, err) &&
	       cms_build(out, buf_slice(&text), &how, err);
}

/* Reads a profile whose key has become value, which is taken over (NULL: gone). */
static bool parse_with(struct profile *out, const char *key, struct pl *value,
                       struct error *err)
{
	AUTO(free_recipe) struct recipe r;
	AUTO(profile_free) struct profile p = { 0 };
	AUTO(buf_free) struct buf bytes = { 0 };

	if (!make(&p, start(&r)))
		return false;
	AUTO(drop_pl) struct pl *plist = pl_copy(p.root);
	if (value != NULL)
		pl_set(plist, key, value);
	else
		pl_remove(plist, key);
	return sign_plist(&bytes, plist, err) &&
	       profile_parse(out, buf_slice(&bytes), err);
}

TEST(refuses_a_profile_without_what_it_needs)
{
	static const char *const keys[] = {
		"Name",           "UUID",
		"TeamIdentifier", "CreationDate",
		"Entitlements",   "ApplicationIdentifierPrefix",
		"ExpirationDate", "DeveloperCertificates"
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct error err = { 0 };
		AUTO(profile_free) struct profile p = { 0 };

		CHECK_FAILS(parse_with(&p, keys[i], NULL, &err), &err, ERROR_FORMAT,
		            keys[i]);
		CHECK(p.root == NULL);
	}
}

/* Among them those whose absence would make another kind of the profile. */
TEST(refuses_keys_of_another_type)
{
	static const char *const keys[] = {
		"Name",           "UUID",
		"TeamIdentifier", "CreationDate",
		"Entitlements",   "ApplicationIdentifierPrefix",
		"ExpirationDate", "DeveloperCertificates",
		"Platform",       "ProvisionedDevices",
		"TimeToLive",     "ProvisionsAllDevices",
		"PPQCheck",       "LocalProvision",
		"IsXcodeManaged", "DER-Encoded-Profile",
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct error err = { 0 };
		AUTO(profile_free) struct profile p = { 0 };

		CHECK_FAILS(parse_with(&p, keys[i], pl_new_real(1), &err), &err,
		            ERROR_FORMAT, keys[i]);
	}
}

TEST(refuses_lists_with_other_things_than_strings)
{
	static const char *const keys[] = { "TeamIdentifier", "ProvisionedDevices",
		                            "ApplicationIdentifierPrefix", "Platform" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct error err = { 0 };
		AUTO(profile_free) struct profile p = { 0 };
		struct pl *list = pl_new_array();

		pl_append(list, pl_new_string("first"));
		pl_append(list, pl_new_int(2));
		CHECK_FAILS(parse_with(&p, keys[i], list, &err), &err, ERROR_FORMAT,
		            "something else than strings");
	}
}

TEST(refuses_certificates_that_are_none)
{
	struct error err = { 0 };
	AUTO(profile_free) struct profile p = { 0 };
	struct pl *list = pl_new_array();

	pl_append(list, pl_new_data(slice_str("no certificate")));
	CHECK_FAILS(parse_with(&p, "DeveloperCertificates", list, &err), &err,
	            ERROR_FORMAT, "not a certificate");
	list = pl_new_array();
	pl_append(list, pl_new_string("text"));
	CHECK_FAILS(parse_with(&p, "DeveloperCertificates", list, &err), &err,
	            ERROR_FORMAT, "something else than data");
}

TEST(ignores_keys_it_does_not_know)
{
	struct error err = { 0 };
	AUTO(profile_free) struct profile p = { 0 };

	REQUIRE_OK(parse_with(&p, "Later", pl_new_bool(true), &err), &err);
}

/* ---- limits ---- */

/* An array of n equal strings, or of data. */
static struct pl *array_of(size_t n, bool data)
{
	struct pl *list = pl_new_array();

	for (size_t i = 0; i < n; i++)
		pl_append(list,
		          data ? pl_new_data(slice_str("x")) : pl_new_string("device"));
	return list;
}

TEST(limits_devices)
{
	struct error err = { 0 };
	AUTO(profile_free) struct profile most = { 0 };
	AUTO(profile_free) struct profile more = { 0 };

	REQUIRE_OK(parse_with(&most, "ProvisionedDevices",
	                      array_of(PROFILE_MAX_DEVICES, false), &err),
	           &err);
	CHECK_FAILS(parse_with(&more, "ProvisionedDevices",
	                       array_of(PROFILE_MAX_DEVICES + 1, false), &err),
	            &err, ERROR_LIMIT, "more than 100000");
}

TEST(limits_certificates)
{
	struct error err = { 0 };
	AUTO(profile_free) struct profile p = { 0 };

	/* At the limit they are looked at, beyond it not. */
	CHECK_FAILS(parse_with(&p, "DeveloperCertificates",
	                       array_of(PROFILE_MAX_CERTS, true), &err),
	            &err, ERROR_FORMAT, "not a certificate");
	CHECK_FAILS(parse_with(&p, "DeveloperCertificates",
	                       array_of(PROFILE_MAX_CERTS + 1, true), &err),
	            &err, ERROR_LIMIT, "more than 10000");
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(PROFILE_MAX_BYTES + 1);
	AUTO(profile_free) struct profile p = { 0 };

	REQUIRE_OK(buf_append_fill(&file, 5, PROFILE_MAX_BYTES, &err), &err);
	CHECK_FAILS(profile_parse(&p, buf_slice(&file), &err), &err, ERROR_FORMAT,
	            "after its end");
	REQUIRE_OK(buf_append_fill(&file, 5, 1, &err), &err);
	CHECK_FAILS(profile_parse(&p, buf_slice(&file), &err), &err, ERROR_LIMIT,
	            "larger than 16777216");
}

TEST(refuses_to_build_dates_that_have_no_der_form)
{
	struct error err = { 0 };
	AUTO(free_recipe) struct recipe r;
	AUTO(buf_free) struct buf bytes = { 0 };

	start(&r)->expires_s = 2524608000; /* 2050 */
	CHECK_FAILS(build(&bytes, &r.how, &err), &err, ERROR_USAGE,
	            "between 1950 and 2049");
	CHECK(bytes.n == 0);
}
