/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of all that ends decides; of profiles with several certificates, apps with
 * several profiles, issuers that end before what they issued, and what never ends.
 */
#include "artifact/artifact.h"

#include <stdlib.h>

#include "support/forge.h"
#include "support/harness.h"
#include "support/secrets.h"
#include "util/clock.h"
#include "util/mem.h"

#define DAY(n) (FAKE_NOW_S + (n)*CLOCK_DAY_S)

/* Certificates that end at other days, under the developer CA. */
static struct fake_party early, late, middle, store, short_ca, under_short;

static void parties_free(void)
{
	fake_party_free(&early);
	fake_party_free(&late);
	fake_party_free(&middle);
	fake_party_free(&store);
	fake_party_free(&under_short);
	fake_party_free(&short_ca);
}

static bool make_one(struct fake_party *out, const char *cn,
                     const struct fake_party *issuer, const char *marker, int64_t end_s,
                     struct error *err)
{
	return fake_party_make(out,
	                       &(struct fake_new){ .cn = cn,
	                                           .issuer = issuer,
	                                           .marker = marker,
	                                           .is_ca = issuer == &fake_pki()->root,
	                                           .not_after_s = end_s },
	                       err);
}

static bool parties_make(struct error *err)
{
	static const char developer[] = "1.2.840.113635.100.6.1.2";
	const struct fake_party *ca = &fake_pki()->wwdr;

	test_secrets();
	if (early.key.pkey != NULL)
		return true;
	return atexit(parties_free) == 0 &&
	       make_one(&early, "Early", ca, developer, DAY(10), err) &&
	       make_one(&late, "Late", ca, developer, DAY(30), err) &&
	       make_one(&middle, "Middle", ca, developer, DAY(20), err) &&
	       make_one(&store, "Apple iPhone OS Application Signing", ca,
	                "1.2.840.113635.100.6.1.3", DAY(40), err) &&
	       make_one(&short_ca, "Short CA", &fake_pki()->root, NULL, DAY(5), err) &&
	       make_one(&under_short, "Under", &short_ca, developer, DAY(50), err);
}

static bool read_file(struct artifact *out, const struct forge *f, const char *name,
                      struct error *err)
{
	const struct artifact_how how = { .trust = &fake_pki()->trust };
	AUTO(drop_str) char *path = mem_format("%s%s", f->app, name);

	return artifact_read(out, path, &how, err);
}

static void add_three(struct forge_profile *p)
{
	p->certs[0] = &early.cert;
	p->certs[1] = &late.cert;
	p->certs[2] = &middle.cert;
	p->how.cert_count = 3;
}

TEST(the_last_of_a_profiles_certificates_counts)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct forge_case how = { .app = { .app_only = true },
		                        .profile = add_three };
	struct error err = { 0 };

	REQUIRE_OK(parties_make(&err) && forge_make(&f, &how, &err), &err);
	REQUIRE_OK(read_file(&a, &f, "/embedded.mobileprovision", &err), &err);
	REQUIRE(a.profile != NULL && a.profile->cert_count == 3 && a.end_count == 2);
	/* Before the profile, which lasts longer. */
	CHECK(a.ends[0].kind == ARTIFACT_END_LAST_CERT);
	CHECK_STR(a.ends[0].name, "Late");
	CHECK(a.ends[0].until_s == DAY(30) && a.ends[0].bundle == NULL);
	CHECK(a.ends[1].kind == ARTIFACT_END_PROFILE);
	CHECK(artifact_end(&a) == &a.ends[0]);
}

static void add_under_short(struct forge_profile *p)
{
	p->certs[0] = &under_short.cert;
	p->certs[1] = &early.cert;
	p->how.cert_count = 2;
}

TEST(an_issuer_may_end_before_what_it_issued)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct trust trust = fake_pki()->trust;
	struct artifact_how how = { .trust = &trust };
	struct error err = { 0 };

	REQUIRE_OK(parties_make(&err), &err);
	/* As in a .pem with its issuer. */
	trust.intermediates = (struct cert_list){ &short_ca.cert, 1, 1 };
	REQUIRE_OK(artifact_parse(&a, "x.cer", under_short.cert.der, &how, &err), &err);
	REQUIRE(a.end_count == 2);
	CHECK(a.ends[0].kind == ARTIFACT_END_ISSUER && a.ends[0].until_s == DAY(5));
	CHECK_STR(a.ends[0].name, "Short CA");
	CHECK(a.ends[1].kind == ARTIFACT_END_CERT && a.ends[1].until_s == DAY(50));

	/* So does the last certificate of a profile. */
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(artifact_free) struct artifact p = { 0 };
	const struct forge_case good = { .app = { .app_only = true },
		                         .profile = add_under_short };
	REQUIRE_OK(forge_make(&f, &good, &err), &err);
	AUTO(drop_str) char *path = mem_format("%s/embedded.mobileprovision", f.app);
	REQUIRE_OK(artifact_read(&p, path, &how, &err), &err);
	REQUIRE(p.end_count == 2);
	CHECK_STR(p.ends[0].name, "Early");
	CHECK(p.ends[0].until_s == DAY(10));
}

static void end_soon(struct forge_profile *p)
{
	p->how.expires_s = DAY(3);
}

TEST(an_app_ends_with_the_first_of_its_parts)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct forge_case how = { .at = "PlugIns/Share.appex",
		                        .profile = end_soon };
	struct error err = { 0 };

	REQUIRE_OK(parties_make(&err) && forge_make(&f, &how, &err), &err);
	REQUIRE_OK(read_file(&a, &f, "", &err), &err);
	const struct artifact_end *end = artifact_end(&a);
	REQUIRE(end != NULL);
	CHECK(end->kind == ARTIFACT_END_PROFILE && end->until_s == DAY(3));
	CHECK_STR(end->bundle, "PlugIns/Share.appex");
}

static void sign_as_store(struct forge_code *c)
{
	c->by.leaf = &store;
}

static void leave_out(struct forge_profile *p)
{
	p->leave_out = true;
}

TEST(what_apple_signed_for_its_store_does_not_end)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct forge_case how = { .app = { .app_only = true },
		                        .plan_all = sign_as_store,
		                        .all_profiles = leave_out };
	struct error err = { 0 };

	REQUIRE_OK(parties_make(&err) && forge_make(&f, &how, &err), &err);
	REQUIRE_OK(read_file(&a, &f, "", &err), &err);
	REQUIRE(artifact_signer(&a) != NULL);
	CHECK(artifact_signer(&a)->kind == CERT_KIND_IOS_APP_STORE);
	CHECK(artifact_profile(&a) == NULL && artifact_end(&a) == NULL);
}

TEST(a_broken_signature_is_told_and_ends_with_its_profile)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct forge_case how = { .app = { .app_only = true } };
	struct error err = { 0 };
	AUTO(buf_free) struct buf code = BUF_INIT(FORGE_MAX_FILE);

	REQUIRE_OK(parties_make(&err) && forge_make(&f, &how, &err), &err);
	forge_read(&code, &f, "App");
	/* The count of blobs, behind magic and length. */
	struct slice bytes = buf_slice(&code);
	for (size_t i = 0; i + 12 < bytes.n; i++)
		if (memcmp(bytes.p + i, "\xfa\xde\x0c\xc0", 4) == 0)
			forge_flip(&f, "App", (long)i + 8);
	REQUIRE_OK(read_file(&a, &f, "", &err), &err);
	CHECK(a.bundles[0].seal == ARTIFACT_UNREADABLE);
	CHECK(a.bundles[0].problem != NULL && a.bundles[0].signer == NULL);
	REQUIRE(artifact_end(&a) != NULL);
	CHECK(artifact_end(&a)->kind == ARTIFACT_END_PROFILE);
}

TEST(who_signed_a_profile_is_not_asked_where_nobody_wants_to_know)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 };
	const struct forge_case good = { .app = { .app_only = true } };
	const struct artifact_how how = { .trust = &fake_pki()->trust,
		                          .skip_profile_check = true };
	struct error err = { 0 };

	REQUIRE_OK(parties_make(&err) && forge_make(&f, &good, &err), &err);
	REQUIRE_OK(read_file(&a, &f, "/embedded.mobileprovision", &err), &err);
	CHECK(a.profile->signature == PROFILE_SIGNATURE_OK);
	AUTO(drop_str) char *path = mem_format("%s/embedded.mobileprovision", f.app);
	REQUIRE_OK(artifact_read(&b, path, &how, &err), &err);
	CHECK(b.profile->signature == PROFILE_SIGNATURE_UNTRUSTED);
	CHECK_STR(b.profile->authority, "not checked");
	CHECK(b.end_count == a.end_count);

	/* Nor about the form inside, which nobody vouches for here. */
	AUTO(artifact_free) struct artifact c = { 0 }, d = { 0 };
	static const struct trust nobody;
	struct artifact_how without = { .trust = &nobody };
	REQUIRE_OK(artifact_read(&c, path, &without, &err), &err);
	CHECK(c.profile->der_problem != NULL);
	CHECK(c.profile->signature == PROFILE_SIGNATURE_UNTRUSTED);
	without.skip_profile_check = true;
	REQUIRE_OK(artifact_read(&d, path, &without, &err), &err);
	CHECK(d.profile->der_problem == NULL);
}

TEST(a_key_that_cannot_be_read_is_nobodys)
{
	const struct artifact_cert cert = { .cn = NULL };
	const unsigned char none[32] = { 0 };

	CHECK(!artifact_cert_has_key(&cert, none));
}
