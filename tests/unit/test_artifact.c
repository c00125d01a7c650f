/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kind of file, made on the spot, read into what it says.
 */
#include "artifact/artifact.h"

#include <stdio.h>
#include <sys/stat.h>

#include "crypto/csr.h"
#include "support/fake_pki.h"
#include "support/secrets.h"
#include "support/sign_fixture.h"
#include "util/file.h"
#include "util/mem.h"

static struct artifact_how how_with(const struct secret *password)
{
	return (struct artifact_how){ .trust = &team.trust, .password = password };
}

static bool parse(struct artifact *out, const char *name, struct slice bytes,
                  struct error *err)
{
	const struct artifact_how how = how_with(NULL);

	return team_make(err) && artifact_parse(out, name, bytes, &how, err);
}

/* The end of this kind, or NULL. */
static const struct artifact_end *end_of(const struct artifact *a,
                                         enum artifact_end_kind kind)
{
	for (size_t i = 0; i < a->end_count; i++)
		if (a->ends[i].kind == kind)
			return &a->ends[i];
	return NULL;
}

static void check_is_cert(const struct artifact_cert *got, const struct cert *want)
{
	unsigned char key[32];

	REQUIRE(got != NULL);
	CHECK_STR(got->cn, want->cn);
	CHECK_STR(got->team, want->ou);
	CHECK_STR(got->org, want->o);
	CHECK_STR(got->issuer, want->issuer_cn);
	CHECK_STR(got->serial, want->serial);
	CHECK(memcmp(got->sha1, want->sha1, 20) == 0);
	CHECK(memcmp(got->sha256, want->sha256, 32) == 0);
	CHECK(got->kind == want->kind);
	CHECK(got->not_before_s == want->not_before_s);
	CHECK(got->not_after_s == want->not_after_s);
	CHECK(cert_key_fingerprint(key, want));
	CHECK(artifact_cert_has_key(got, key));
	key[31] ^= 1;
	CHECK(!artifact_cert_has_key(got, key));
}

/* ---- certificates, keys, both ---- */

TEST(a_certificate_says_who_and_until_when)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	const struct cert *cert = &team.distribution.cert;
	REQUIRE_OK(parse(&a, "x.cer", cert->der, &err), &err);
	CHECK(a.kind == ARTIFACT_CERT && a.cert_count == 1 && !a.is_misnamed);
	CHECK_STR(a.path, "x.cer");
	check_is_cert(&a.certs[0], cert);
	CHECK(artifact_signer(&a) == &a.certs[0]);
	CHECK(a.certs[0].trust == TRUST_OK && a.certs[0].root[0] != '\0');
	CHECK(a.certs[0].has_issuer);
	REQUIRE(end_of(&a, ARTIFACT_END_CERT) != NULL);
	CHECK(end_of(&a, ARTIFACT_END_CERT)->until_s == cert->not_after_s);
	REQUIRE(end_of(&a, ARTIFACT_END_ISSUER) != NULL);
	CHECK(end_of(&a, ARTIFACT_END_ISSUER)->until_s ==
	      a.certs[0].issuer_not_after_s);
	CHECK(a.end_count == 2 && artifact_end(&a)->kind == ARTIFACT_END_CERT);
	CHECK(artifact_app_id(&a) == NULL && artifact_entitlements(&a) == NULL);
	CHECK(artifact_profile(&a) == NULL && !a.has_key);
}

TEST(a_certificate_of_an_unknown_issuer_is_described_too)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	static const struct trust nobody;
	const struct artifact_how how = { .trust = &nobody };
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	REQUIRE_OK(artifact_parse(&a, "x.cer", team.distribution.cert.der, &how, &err),
	           &err);
	CHECK(a.certs[0].trust == TRUST_NO_ISSUER);
	CHECK_STR(a.certs[0].root, "");
	CHECK(!a.certs[0].has_issuer && a.end_count == 1);
}

TEST(the_end_of_a_root_does_not_count)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct fake_pki *pki = fake_pki();
	const struct artifact_how how = { .trust = &pki->trust };
	struct error err = { 0 };

	REQUIRE_OK(artifact_parse(&a, "ca.cer", pki->wwdr.cert.der, &how, &err), &err);
	CHECK(a.certs[0].trust == TRUST_OK && !a.certs[0].has_issuer);
	CHECK(a.end_count == 1);
}

static void check_generation(const char *issuer, const char *ou, const char *want)
{
	AUTO(fake_party_free) struct fake_party ca = { 0 }, leaf = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = { .trust = &fake_pki()->trust };
	struct error err = { 0 };

	REQUIRE_OK(fake_party_make(&ca,
	                           &(struct fake_new){
					   .cn = issuer, .ou = ou, .is_ca = true },
	                           &err),
	           &err);
	REQUIRE_OK(fake_party_make(&leaf,
	                           &(struct fake_new){ .cn = "x", .issuer = &ca },
	                           &err),
	           &err);
	REQUIRE_OK(artifact_parse(&a, "x.cer", leaf.cert.der, &how, &err), &err);
	CHECK_STR(a.certs[0].generation, want);
}

TEST(the_generation_of_apples_issuer_is_named)
{
	const char *wwdr =
		"Apple Worldwide Developer Relations Certification Authority";

	check_generation(wwdr, "G3", "G3");
	check_generation(wwdr, "G10", "G10");
	check_generation(wwdr, "Apple Worldwide Developer Relations", "G1");
	check_generation(wwdr, "G0", "G1");
	check_generation(wwdr, "Group", "G1");
	check_generation(wwdr, "G3 and others", "G1");
	check_generation("Apple Worldwide Developer Relations CA - G2",
	                 "Apple Certification Authority", "G2");
	check_generation("Developer ID Certification Authority", "G2", "G2");
	check_generation("Acme Authority", "G3", "");
}

TEST(a_private_key_is_named_by_its_public_half)
{
	AUTO(secret_free) struct secret pem = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 }, cert = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	test_secrets();
	REQUIRE_OK(secret_init(&pem, KEY_MAX_BYTES, &err) &&
	                   key_write_pem(&pem, &team.distribution.key, NULL, &err),
	           &err);
	REQUIRE_OK(parse(&a, "x.key", secret_reveal(&pem), &err), &err);
	CHECK(a.kind == ARTIFACT_KEY && a.has_key && !a.is_locked);
	CHECK(!a.is_key_encrypted && a.key.key_type == KEY_RSA2048);
	CHECK_STR(a.key.type, "RSA 2048");
	CHECK(a.end_count == 0 && artifact_end(&a) == NULL);
	REQUIRE_OK(parse(&cert, "x.cer", team.distribution.cert.der, &err), &err);
	CHECK(artifact_cert_has_key(&cert.certs[0], a.key.sha256));
}

TEST(an_encrypted_key_is_locked_until_its_password_is_known)
{
	AUTO(secret_free) struct secret pem = { 0 }, right = test_secret("open sesame");
	AUTO(secret_free) struct secret wrong = test_secret("close sesame");
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 }, c = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	REQUIRE_OK(secret_init(&pem, KEY_MAX_BYTES, &err) &&
	                   key_write_pem(&pem, &team.distribution.key, &right, &err),
	           &err);
	struct slice bytes = secret_reveal(&pem);
	REQUIRE_OK(parse(&a, "x.key", bytes, &err), &err);
	CHECK(a.kind == ARTIFACT_KEY && a.is_locked && a.is_key_encrypted &&
	      !a.has_key);
	struct artifact_how how = how_with(&right);
	REQUIRE_OK(artifact_parse(&b, "x.key", bytes, &how, &err), &err);
	CHECK(!b.is_locked && b.is_key_encrypted && b.has_key);
	how = how_with(&wrong);
	CHECK_FAILS(artifact_parse(&c, "x.key", bytes, &how, &err), &err, ERROR_AUTH,
	            "password");
	CHECK(c.path == NULL && !test_tells(&err, "sesame"));
}

static bool make_p12(struct buf *out, const struct secret *password, struct error *err)
{
	*out = BUF_INIT(P12_MAX_BYTES);
	return team_make(err) &&
	       p12_build(out, &team.distribution, P12_MACOS, password, err);
}

TEST(an_identity_has_key_certificate_and_chain)
{
	AUTO(secret_free) struct secret right = test_secret("open sesame");
	AUTO(secret_free) struct secret wrong = test_secret("close sesame");
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 }, c = { 0 };
	AUTO(buf_free) struct buf p12 = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(make_p12(&p12, &right, &err), &err);
	REQUIRE_OK(parse(&a, "x.p12", buf_slice(&p12), &err), &err);
	CHECK(a.kind == ARTIFACT_P12 && a.is_locked && !a.has_key && a.cert_count == 0);
	CHECK(a.p12.has_mac && strncmp(a.p12.mac, "sha1", 4) == 0);
	CHECK(a.end_count == 0 && artifact_signer(&a) == NULL);
	struct artifact_how how = how_with(&right);
	REQUIRE_OK(artifact_parse(&b, "x.p12", buf_slice(&p12), &how, &err), &err);
	CHECK(!b.is_locked && b.has_key);
	CHECK(b.cert_count == 1 + team.distribution.chain.count);
	check_is_cert(artifact_signer(&b), &team.distribution.cert);
	CHECK(artifact_cert_has_key(&b.certs[0], b.key.sha256));
	CHECK(b.p12.is_macos_safe && !b.p12.is_password_empty);
	CHECK(b.end_count == 2);
	how = how_with(&wrong);
	CHECK_FAILS(artifact_parse(&c, "x.p12", buf_slice(&p12), &how, &err), &err,
	            ERROR_AUTH, "password");
	CHECK(!test_tells(&err, "sesame"));
}

TEST(an_identity_without_a_password_opens_by_itself)
{
	static const struct secret empty;
	AUTO(secret_free) struct secret unneeded = test_secret("x");
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 };
	AUTO(buf_free) struct buf p12 = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(make_p12(&p12, &empty, &err), &err);
	REQUIRE_OK(parse(&a, "x.p12", buf_slice(&p12), &err), &err);
	CHECK(!a.is_locked && a.has_key && a.p12.is_password_empty);
	struct artifact_how how = how_with(&unneeded);
	REQUIRE_OK(artifact_parse(&b, "x.p12", buf_slice(&p12), &how, &err), &err);
	CHECK(!b.is_locked && b.has_key);
}

TEST(a_request_says_whose_key_it_has)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct csr_subject subject = {
		.email = "a@b.example", .cn = "Anna", .org = "Acme", .country = "DE"
	};
	unsigned char key[32];
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	REQUIRE_OK(csr_build(&pem, &subject, &team.distribution.key, &err), &err);
	REQUIRE_OK(parse(&a, "x.csr", buf_slice(&pem), &err), &err);
	REQUIRE(a.kind == ARTIFACT_CSR && a.csr != NULL);
	CHECK_STR(a.csr->cn, "Anna");
	CHECK_STR(a.csr->email, "a@b.example");
	CHECK_STR(a.csr->org, "Acme");
	CHECK_STR(a.csr->country, "DE");
	CHECK(a.csr->key_bits == 2048);
	CHECK_STR(a.csr->key_family, "RSA");
	key_fingerprint(key, &team.distribution.key);
	CHECK(memcmp(a.csr->key_sha256, key, 32) == 0);
}

/* ---- profiles ---- */

TEST(a_profile_answers_all_five_questions)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	REQUIRE_OK(test_team_profile(&p, &team, PROFILE_ADHOC, "com.ex.app", &err),
	           &err);
	REQUIRE_OK(parse(&a, "x.mobileprovision", buf_slice(&p.bytes), &err), &err);
	CHECK(a.kind == ARTIFACT_PROFILE && a.profile != NULL);
	const struct artifact_profile *got = artifact_profile(&a);
	REQUIRE(got == a.profile);
	CHECK_STR(got->name, p.profile.name);
	CHECK_STR(got->uuid, p.profile.uuid);
	CHECK_STR(got->team_id, p.profile.team_id);
	CHECK_STR(got->app_id, p.profile.app_id);
	CHECK_STR(got->prefix, p.profile.prefix);
	CHECK(got->kind == PROFILE_ADHOC && !got->is_wildcard && !got->all_devices);
	CHECK(got->created_s == p.profile.created_s);
	CHECK(got->expires_s == p.profile.expires_s);
	CHECK(pl_equal(got->devices, p.profile.devices));
	CHECK(pl_equal(got->platforms, p.profile.platforms));
	CHECK(pl_equal(got->entitlements, p.profile.entitlements));
	CHECK(artifact_entitlements(&a) == got->entitlements);
	CHECK_STR(artifact_app_id(&a), p.profile.app_id);
	CHECK(got->signature == PROFILE_SIGNATURE_OK && got->der_problem == NULL);
	REQUIRE(got->cert_count == p.profile.certs.count && got->cert_count > 0);
	check_is_cert(&got->certs[0], &p.profile.certs.items[0]);
	CHECK(artifact_profile_cert(got, p.profile.certs.items[0].sha256) ==
	      &got->certs[0]);
	CHECK(artifact_profile_cert(got, team.development.cert.sha256) == NULL);
}

TEST(a_wildcard_profile_is_told)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(team_make(&err), &err);
	REQUIRE_OK(test_team_profile(&p, &team, PROFILE_DEVELOPMENT, "*", &err), &err);
	REQUIRE_OK(parse(&a, "x", buf_slice(&p.bytes), &err), &err);
	CHECK(a.kind == ARTIFACT_PROFILE && a.profile->is_wildcard);
	CHECK(a.profile->kind == PROFILE_DEVELOPMENT);
}

TEST(a_profile_ends_with_itself_or_with_its_last_certificate)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };
	int64_t last_s = 0;

	REQUIRE_OK(team_make(&err), &err);
	REQUIRE_OK(test_team_profile(&p, &team, PROFILE_ADHOC, "*", &err), &err);
	REQUIRE_OK(parse(&a, "x", buf_slice(&p.bytes), &err), &err);
	for (size_t i = 0; i < p.profile.certs.count; i++)
		if (p.profile.certs.items[i].not_after_s > last_s)
			last_s = p.profile.certs.items[i].not_after_s;
	REQUIRE(a.end_count == 2);
	CHECK(end_of(&a, ARTIFACT_END_PROFILE)->until_s == p.profile.expires_s);
	CHECK(end_of(&a, ARTIFACT_END_LAST_CERT)->until_s == last_s);
	CHECK(a.ends[0].until_s <= a.ends[1].until_s);
}

/* ---- apps ---- */

static bool read_signed(struct artifact *out, struct fixture *f,
                        const struct good_how *good, struct error *err)
{
	const struct artifact_how how = how_with(NULL);

	return fixture_make(f, good, err) && sign_wild(f, err) &&
	       artifact_read(out, f->out, &how, err);
}

TEST(an_app_says_who_signed_it_and_when_it_ends)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(read_signed(&a, &f, &app_only, &err), &err);
	CHECK(a.kind == ARTIFACT_APP && a.container == CONTAINER_APP_DIR);
	REQUIRE(a.bundle_count == 1);
	const struct artifact_bundle *b = &a.bundles[0];
	CHECK(b->kind == BUNDLE_APP && b->seal == ARTIFACT_SIGNED &&
	      b->problem == NULL);
	CHECK_STR(b->id, GOOD_APP_ID);
	CHECK_STR(b->identifier, GOOD_APP_ID);
	CHECK_STR(b->archs, "arm64");
	CHECK(b->platform == MACHO_PLATFORM_IOS);
	CHECK_STR(b->min_os, "15.0");
	check_is_cert(artifact_signer(&a), &team.distribution.cert);
	REQUIRE(artifact_profile(&a) != NULL);
	CHECK_STR(artifact_profile(&a)->uuid, f.wild.profile.uuid);
	CHECK_STR(artifact_app_id(&a), "T1M2E3A4M5." GOOD_APP_ID);
	CHECK(pl_get(artifact_entitlements(&a), "get-task-allow") == NULL ||
	      !pl_bool(artifact_entitlements(&a), "get-task-allow", true));
	CHECK(end_of(&a, ARTIFACT_END_PROFILE)->until_s == f.wild.profile.expires_s);
	CHECK(end_of(&a, ARTIFACT_END_CERT)->until_s ==
	      team.distribution.cert.not_after_s);
	REQUIRE(end_of(&a, ARTIFACT_END_ISSUER) != NULL);
	CHECK(a.end_count == 3);
	CHECK(artifact_end(&a)->until_s <= a.ends[1].until_s &&
	      a.ends[1].until_s <= a.ends[2].until_s);
}

TEST(nested_bundles_each_say_their_own)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };
	size_t signed_by_us = 0, with_profile = 0, libraries = 0;

	REQUIRE_OK(read_signed(&a, &f, &nothing_unusual, &err), &err);
	CHECK(a.bundle_count > 5);
	for (size_t i = 0; i < a.bundle_count; i++) {
		const struct artifact_bundle *b = &a.bundles[i];

		signed_by_us += b->signer != NULL &&
		                memcmp(b->signer->sha256, team.distribution.cert.sha256,
		                       32) == 0;
		with_profile += b->profile != NULL;
		libraries += b->kind == BUNDLE_FRAMEWORK || b->kind == BUNDLE_LOOSE;
		CHECK((b->kind == BUNDLE_LOOSE) == (b->id == NULL));
	}
	CHECK(signed_by_us == a.bundle_count);
	CHECK(with_profile == a.bundle_count - libraries);
	/* They end together, which is said once. */
	CHECK(a.end_count == 3);
}

TEST(an_app_that_nobody_signed_ends_never)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = how_with(NULL);
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(artifact_read(&a, f.in, &how, &err), &err);
	CHECK(a.bundles[0].seal == ARTIFACT_UNSIGNED && a.bundles[0].signer == NULL);
	CHECK(artifact_end(&a) == NULL && artifact_entitlements(&a) == NULL);
	CHECK_STR(artifact_app_id(&a), GOOD_APP_ID);
}

TEST(a_profile_inside_that_is_broken_is_the_bundles_problem)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = how_with(NULL);
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(fixture_put(&f, "App.app/embedded.mobileprovision", slice_str("x"),
	                       0644, &err),
	           &err);
	REQUIRE_OK(artifact_read(&a, f.in, &how, &err), &err);
	CHECK(a.bundles[0].profile == NULL && a.bundles[0].profile_problem != NULL);
}

TEST(an_app_without_its_executable_is_described)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = how_with(NULL);
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	AUTO(drop_str) char *code = scratch_path(&f.folder, "App.app/App");
	REQUIRE(remove(code) == 0);
	REQUIRE_OK(artifact_read(&a, f.in, &how, &err), &err);
	CHECK(a.bundle_count == 1 && a.bundles[0].problem != NULL);
	CHECK(a.bundles[0].seal == ARTIFACT_UNSIGNED && a.bundles[0].archs == NULL);
}

TEST(a_piece_of_code_is_read_as_an_app_is)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = how_with(NULL);
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err) && sign_wild(&f, &err), &err);
	AUTO(drop_str) char *code = mem_format("%s/App", f.out);
	REQUIRE_OK(artifact_read(&a, code, &how, &err), &err);
	CHECK(a.kind == ARTIFACT_CODE && a.bundle_count == 1);
	CHECK(a.bundles[0].kind == BUNDLE_LOOSE && a.bundles[0].profile == NULL);
	check_is_cert(artifact_signer(&a), &team.distribution.cert);
	CHECK_STR(artifact_app_id(&a), "T1M2E3A4M5." GOOD_APP_ID);
}

TEST(apps_are_read_from_files_only)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	CHECK_FAILS(parse(&a, "x.ipa", slice_str("PK\3\4 and so on"), &err), &err,
	            ERROR_USAGE, "read from its file");
}

TEST(a_project_is_known_and_left_to_others)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = how_with(NULL);
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "Shop.xcodeproj");
	REQUIRE(mkdir(path, 0755) == 0);
	REQUIRE_OK(artifact_read(&a, path, &how, &err), &err);
	CHECK(a.kind == ARTIFACT_PROJECT && a.end_count == 0);
}

TEST(what_is_not_there_is_an_error)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = how_with(NULL);
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "none.cer");
	CHECK_FAILS(artifact_read(&a, path, &how, &err), &err, ERROR_NOT_FOUND,
	            "none.cer");
	/* A folder without an app. */
	CHECK_FAILS(artifact_read(&a, s.path, &how, &err), &err, ERROR_FORMAT, "");
	CHECK(a.path == NULL);
}
