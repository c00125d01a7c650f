/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on certificates and their keys (spec ux.md 1.1, 1.2). */
#include <string.h>

#include "crypto/csr.h"
#include "doctor/doctor_impl.h"
#include "support/doctor_case.h"
#include "support/fake_p12.h"
#include "support/fake_pki.h"
#include "util/clock.h"
#include "util/mem.h"

/* ---- what certificates say ---- */

static bool good_p12(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

static bool put_leaf(struct scene *s, const char *name, const struct key *key,
                     const struct cert *cert, struct error *err)
{
	const struct fake_p12 how = { .keys = { key },
		                      .certs = { cert },
		                      .key_rounds = 2048,
		                      .cert_rounds = 2048,
		                      .mac_rounds = 2048,
		                      .mac_salt = 8,
		                      .password = SCENE_PASSWORD };

	return scene_fake_p12(s, name, &how, err);
}

/* Without its issuer. */
static bool leaf_p12(struct scene *s, struct error *err)
{
	return put_leaf(s, "dist.p12", &team.distribution.key, &team.distribution.cert,
	                err);
}

static bool year_later(struct scene *s, struct error *err)
{
	s->request.now_s += 400 * CLOCK_DAY_S;
	return good_p12(s, err);
}

static bool the_end(struct scene *s, struct error *err)
{
	s->request.now_s = team.distribution.cert.not_after_s;
	return good_p12(s, err);
}

static bool last_day(struct scene *s, struct error *err)
{
	s->request.now_s = team.distribution.cert.not_after_s - 1;
	return good_p12(s, err);
}

static bool its_end(struct scene *s, struct error *err)
{
	s->request.now_s = team.distribution.cert.not_after_s;
	return good_p12(s, err);
}

static bool cert_alone(struct scene *s, struct error *err)
{
	return scene_cert(s, "dist.cer", &team.distribution.cert, err) &&
	       scene_p12(s, "dev.p12", &team.development, P12_MACOS, err);
}

static bool cert_and_key(struct scene *s, struct error *err)
{
	return scene_cert(s, "dist.cer", &team.distribution.cert, err) &&
	       scene_key(s, "dist.key", &team.distribution.key, err);
}

static bool issuer_unknown(struct scene *s, struct error *err)
{
	static const struct trust nobody;

	s->request.trust = &nobody;
	return leaf_p12(s, err);
}

/* An identity whose certificate is for push messages (spec codesign.md 8.1). */
static bool put_push(struct scene *s, bool with_key, struct error *err)
{
	AUTO(fake_party_free) struct fake_party push = { 0 };
	const struct fake_new how = { .cn = "Apple Push Services: com.acme.shop",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.3.1",
		                      .signs_no_code = true,
		                      .is_rsa = true };

	s->request.trust = &fake_pki()->trust;
	s->request.now_s = FAKE_NOW_S;
	if (!fake_party_make(&push, &how, err))
		return false;
	return (with_key ? put_leaf(s, "push.p12", &push.key, &push.cert, err)
	                 : scene_cert(s, "push.cer", &push.cert, err)) &&
	       scene_cert(s, "wwdr.cer", &fake_pki()->wwdr.cert, err);
}

static bool push_p12(struct scene *s, struct error *err)
{
	return put_push(s, true, err);
}

/* The team still has the identity that signs. */
static bool push_and_signing(struct scene *s, struct error *err)
{
	return push_p12(s, err) && put_leaf(s, "dist.p12", &fake_distributor()->key,
	                                    &fake_distributor()->cert, err);
}

static bool push_cert(struct scene *s, struct error *err)
{
	return put_push(s, false, err);
}

/* Of the fake team, and out of date. */
static bool old_cert(struct scene *s, struct error *err)
{
	AUTO(fake_party_free) struct fake_party old = { 0 };
	const struct fake_new how = { .cn = "Apple Distribution: Fake",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.1.4",
		                      .marker2 = "1.2.840.113635.100.6.1.7",
		                      .not_before_s = FAKE_NOW_S - 9 * CLOCK_DAY_S,
		                      .not_after_s = FAKE_NOW_S - CLOCK_DAY_S };

	s->request.trust = &fake_pki()->trust;
	s->request.now_s = FAKE_NOW_S;
	return fake_party_make(&old, &how, err) &&
	       scene_cert(s, "old.cer", &old.cert, err);
}

static bool old_and_new(struct scene *s, struct error *err)
{
	return old_cert(s, err) &&
	       scene_cert(s, "new.cer", &fake_distributor()->cert, err) &&
	       scene_key(s, "new.key", &fake_distributor()->key, err);
}

/* Of another team: it replaces nothing. */
static bool old_and_others(struct scene *s, struct error *err)
{
	AUTO(fake_party_free) struct fake_party other = { 0 };
	const struct fake_new how = { .cn = "Apple Distribution: Other",
		                      .issuer = &fake_pki()->wwdr,
		                      .ou = "OTHERTEAM1",
		                      .marker = "1.2.840.113635.100.6.1.4",
		                      .marker2 = "1.2.840.113635.100.6.1.7" };

	return old_cert(s, err) && fake_party_make(&other, &how, err) &&
	       scene_cert(s, "other.cer", &other.cert, err) &&
	       scene_key(s, "other.key", &other.key, err);
}

/* Of a web server: what it is for, it does not say. */
static bool old_server(struct scene *s, struct error *err)
{
	AUTO(fake_party_free) struct fake_party old = { 0 };
	const struct fake_new how = { .cn = "www.example.com",
		                      .not_before_s = FAKE_NOW_S - 9 * CLOCK_DAY_S,
		                      .not_after_s = FAKE_NOW_S - CLOCK_DAY_S };

	s->request.now_s = FAKE_NOW_S;
	return fake_party_make(&old, &how, err) &&
	       scene_cert(s, "server.cer", &old.cert, err);
}

static bool developer_id(struct scene *s, struct error *err)
{
	AUTO(fake_party_free) struct fake_party id = { 0 };
	const struct fake_new how = { .cn = "Developer ID Application: Fake",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.1.13" };

	s->request.trust = &fake_pki()->trust;
	s->request.now_s = FAKE_NOW_S;
	return fake_party_make(&id, &how, err) &&
	       scene_cert(s, "id.cer", &id.cert, err) &&
	       scene_key(s, "id.key", &id.key, err);
}

/* The key may be in the file that is closed. */
static bool cert_and_closed(struct scene *s, struct error *err)
{
	s->request.password = NULL;
	return scene_cert(s, "dist.cer", &team.distribution.cert, err) &&
	       good_p12(s, err);
}

static bool cert_and_request(struct scene *s, struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);
	const struct csr_subject subject = { .cn = "Somebody" };

	return scene_cert(s, "dist.cer", &team.distribution.cert, err) &&
	       csr_build(&pem, &subject, &team.distribution.key, err) &&
	       scene_put(s, "dist.csr", buf_slice(&pem), err);
}

/* A colleague's certificate beside the team's identity. */
static bool cert_and_identity(struct scene *s, struct error *err)
{
	const struct identity *other = scene_other(AUTHORITY_CERT_DISTRIBUTION);

	return good_p12(s, err) && scene_cert(s, "other.cer", &other->cert, err);
}

static bool certs_of_colleagues(struct scene *s, struct error *err)
{
	const struct identity *other = scene_other(AUTHORITY_CERT_DISTRIBUTION);

	return scene_cert(s, "dist.cer", &team.distribution.cert, err) &&
	       scene_cert(s, "other.cer", &other->cert, err);
}

static bool both_expired(struct scene *s, struct error *err)
{
	s->request.now_s += 400 * CLOCK_DAY_S;
	return certs_of_colleagues(s, err);
}

static bool cert_expired_alone(struct scene *s, struct error *err)
{
	s->request.now_s += 400 * CLOCK_DAY_S;
	return scene_cert(s, "dist.cer", &team.distribution.cert, err);
}

static bool two_of_one_name(struct scene *s, struct error *err)
{
	return good_p12(s, err) &&
	       scene_p12(s, "new.p12", scene_other(AUTHORITY_CERT_DISTRIBUTION),
	                 P12_MACOS, err);
}

static bool of_two_teams(struct scene *s, struct error *err)
{
	return scene_cert(s, "a.cer", &fake_distributor()->cert, err) &&
	       good_p12(s, err);
}

static bool one_twice(struct scene *s, struct error *err)
{
	return good_p12(s, err) &&
	       scene_cert(s, "dist.cer", &team.distribution.cert, err);
}

static bool rsa_p8(struct scene *s, struct error *err)
{
	return scene_key(s, "AuthKey_AB12CD34EF.p8", &team.distribution.key, err);
}

static bool ec_p8(struct scene *s, struct error *err)
{
	return scene_key(s, "AuthKey_AB12CD34EF.p8", &fake_pki()->developer.key, err);
}

/* A key for something else, beside it. */
static bool ec_p8_and_rsa(struct scene *s, struct error *err)
{
	return ec_p8(s, err) && scene_key(s, "dist.key", &team.distribution.key, err);
}

#define SETTINGS                                              \
	"SDKROOT = iphoneos; DEVELOPMENT_TEAM = T1M2E3A4M5; " \
	"PRODUCT_BUNDLE_IDENTIFIER = com.ex.app; CODE_SIGN_STYLE = "

static bool project_of(const struct scene *s, const char *settings, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = "" } },
		.targets = { { .name = "App",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = settings } } } },
	};

	return scene_project(s, &t, err);
}

static bool automatic(struct scene *s, struct error *err)
{
	return project_of(s, SETTINGS "Automatic;", err);
}

static bool manual(struct scene *s, struct error *err)
{
	return project_of(s, SETTINGS "Manual; PROVISIONING_PROFILE_SPECIFIER = Shop;",
	                  err);
}

static const char no_identity[] = "     0 valid identities found\n";
static const char cannot_sign[] =
	"Apple Push: this identity cannot be used for signing code\n";
static const char unknown_issuer[] =
	">>> Unknown issuer hash 817d2dc7! No embedded WWDR intermediate matches and "
	"the p12 carries no usable CA chain.\n";
static const char ambiguous[] =
	"Apple Distribution: ambiguous (matches \"Apple Distribution: Müller & Söhne "
	"(T1M2E3A4M5)\" and \"Apple Distribution: Müller & Söhne (T1M2E3A4M5)\" in "
	"/a/login.keychain-db)\n";
static const char two_teams[] =
	"Apple Distribution: ambiguous (matches \"Apple Distribution: Müller & Söhne "
	"(T1M2E3A4M5)\" and \"Apple Distribution: Fake (FAKETEAM01)\" in "
	"/a/login.keychain-db)\n";
static const char no_token[] =
	"Authentication credentials are missing or invalid. - Provide a properly "
	"configured and signed bearer token, and make sure that it has not expired.\n";
static const char support[] = "This certificate can only be revoked by Apple Developer "
			      "Program Support\n";
static const char too_many[] =
	"error: Choose a certificate to revoke. Your account has reached the maximum "
	"number of certificates.\n";

static const struct doctor_case cases[] = {
	{ "expired", year_later, .id = "KEY-09", .text = "2027-06-01",
	  .fix = "sealring cert request " },
	{ "at its end", its_end, .id = "KEY-09" },
	{ "on the last day", last_day, .unnamed = "KEY-09" },
	{ "a certificate without its key", cert_alone, .id = "CERT-11",
	  .fix = "sealring p12 make -k KEY -c " },
	{ "the same, as security calls it", cert_alone, .id = "KEY-12",
	  .log = no_identity },
	{ "a certificate and its key", cert_and_key, .unnamed = "CERT-11",
	  .log = no_identity },
	{ "no issuer", issuer_unknown, .id = "KEY-22", .text = "issuer" },
	{ "no issuer, as codesign calls it", issuer_unknown, .id = "KEY-08",
	  .log = "Warning: unable to build chain to self-signed root for signer "
	         "\"Apple Distribution: Müller & Söhne (T1M2E3A4M5)\"\n" },
	{ "an issuer that is known", leaf_p12, .unnamed = "KEY-22" },
	{ "a certificate for push messages", push_p12, .id = "KEY-15", .text = "Push",
	  .log = cannot_sign },
	{ "a certificate for code", leaf_p12, .unnamed = "KEY-15", .log = cannot_sign },
	{ "expired, with another of the team", old_and_new, .unnamed = "X" },
	{ "the same, and a message", old_and_new, .id = "KEY-09", .text = "old.cer",
	  .tone = SCENE_PROVED, .log = "CSSMERR_TP_CERT_EXPIRED\n" },
	{ "expired, with another team's", old_and_others, .id = "KEY-09",
	  .tone = SCENE_PROVED },
	{ "expired, both of the team's", both_expired, .id = "KEY-09",
	  .tone = SCENE_PROVED, .unnamed = "CERT-11" },
	{ "at its end", the_end, .id = "KEY-09" },
	{ "no key for any of two", certs_of_colleagues, .id = "CERT-11",
	  .tone = SCENE_WARNING },
	{ "no key for somebody else", cert_alone, .is_unexplained = true,
	  .log = "Somebody: no identity found\n" },
	{ "no issuer is told once", issuer_unknown, .id = "KEY-22", .is_alone = true,
	  .log = unknown_issuer },
	{ "expired, of a web server", old_server, .unnamed = "KEY-09" },
	{ "no key, and a file that is closed", cert_and_closed, .unnamed = "CERT-11" },
	{ "the same, and a message", cert_and_closed, .id = "KEY-13",
	  .text = "could not be looked at", .tone = SCENE_LIKELY,
	  .log = "Apple Distribution: no identity found\n" },
	{ "a message about another identity", push_and_signing, .unnamed = "KEY-15",
	  .log = "Somebody: this identity cannot be used for signing code\n" },
	{ "no key, and its request", cert_and_request, .id = "CERT-11",
	  .text = "made with the key that is missing" },
	{ "no key, and Xcode wants to revoke", cert_alone, .id = "CERT-05",
	  .log = "Revoke certificate: Your account already has an Apple Distribution "
	         "signing certificate for this machine, but its private key is not "
	         "installed in your keychain\n" },
	{ "no key, beside the team's identity", cert_and_identity,
	  .unnamed = "CERT-11" },
	{ "expired, as match says it", cert_expired_alone, .id = "ST-07",
	  .log = "Your certificate 'dist.cer' is not valid, please check end date and "
	         "renew it if necessary\n" },
	{ "no key, but it has expired anyway", cert_expired_alone, .id = "KEY-09" },
	{ "the leaf alone, as zsign calls it", leaf_p12, .id = "KEY-22",
	  .text = "does not bring", .log = unknown_issuer },
	{ "the same with its chain", good_p12, .unnamed = "KEY-22",
	  .log = unknown_issuer },
	{ "the leaf alone, and no message", leaf_p12, .unnamed = "KEY-08" },
	{ "a certificate for push messages, alone", push_p12, .id = "KEY-15" },
	{ "beside the identity that signs", push_and_signing, .unnamed = "KEY-15" },
	{ "without its key", push_cert, .unnamed = "KEY-15" },
	{ "two certificates of one name", two_of_one_name, .id = "KEY-14",
	  .text = "two certificates", .log = ambiguous },
	{ "two names that begin as one", of_two_teams, .id = "KEY-14", .text = "a.cer",
	  .log = two_teams },
	{ "one of two names", of_two_teams, .unnamed = "KEY-14", .log = ambiguous },
	{ "the same, and no message", two_of_one_name, .unnamed = "KEY-14" },
	{ "one certificate twice", one_twice, .unnamed = "KEY-14", .log = ambiguous },
	{ "no key for Apple's servers", rsa_p8, .id = "CERT-09", .text = "RSA 2048",
	  .tone = SCENE_LIKELY, .log = no_token },
	{ "the same, and no message", rsa_p8, .unnamed = "CERT-09" },
	{ "a key for Apple's servers", ec_p8, .id = "CERT-09", .tone = SCENE_POSSIBLE,
	  .log = no_token },
	{ "the same beside another key", ec_p8_and_rsa, .unnamed = "CERT-09",
	  .log = no_token },
	{ "Developer ID, to be revoked", developer_id, .id = "CERT-06",
	  .log = support },
	{ "Apple Distribution, to be revoked", cert_and_key, .unnamed = "CERT-06",
	  .log = support },
	{ "too many certificates, signed automatically", automatic, .id = "CERT-03",
	  .text = "Automatic", .log = too_many },
	{ "too many certificates, signed manually", manual, .unnamed = "CERT-03",
	  .log = too_many },
};

TEST(a_certificate_is_called_by_name_number_or_sum)
{
	char cn[] = "Apple Distribution: Acme (ABCDE12345)";
	const struct artifact_cert c = { .cn = cn,
		                         .serial = "7cec8b802caa8ba1",
		                         .sha1 = { 0x0f, 0xa0, [19] = 0x7b } };

	CHECK(exam_cert_is(&c, cn) && exam_cert_is(&c, "Acme"));
	CHECK(exam_cert_is(&c, "7CEC8B802CAA8BA1"));
	CHECK(exam_cert_is(&c, "0FA000000000000000000000000000000000007B"));
	CHECK(!exam_cert_is(&c, "0FA000000000000000000000000000000000007"));
	CHECK(!exam_cert_is(&c, "") && !exam_cert_is(&c, "Apple Development"));
}

TEST(certificates_and_keys)
{
	doctor_cases_run(cases, ARRAY_LEN(cases));
}
