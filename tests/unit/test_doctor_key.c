/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on keys, certificates and .p12 files (spec ux.md 1.2). */
#include <string.h>

#include "support/doctor_case.h"
#include "support/fake_p12.h"
#include "support/fake_pki.h"
#include "util/mem.h"

/* ---- files that are not what they are named ---- */

static bool good_p12(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

static bool empty_p12(struct scene *s, struct error *err)
{
	return scene_text(s, "dist.p12", "", err);
}

static bool pem_p12(struct scene *s, struct error *err)
{
	return scene_key(s, "dist.p12", &team.distribution.key, err);
}

static bool base64_p12(struct scene *s, struct error *err)
{
	return scene_text(s, "dist.p12", "MIIKcAIBAzCCCjYGCSqGSIb3DQEHAaCC\n", err);
}

static bool page_p12(struct scene *s, struct error *err)
{
	return scene_text(s, "dist.p12", "<html>Not Found</html>", err);
}

static bool modern_p12(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MODERN, err);
}

static bool put_fake_p12(struct scene *s, const struct fake_p12 *how, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);

	fake_p12(&file, how);
	return scene_put(s, "dist.p12", buf_slice(&file), err);
}

static bool salted_p12(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .keys = { &team.distribution.key },
		                      .certs = { &team.distribution.cert },
		                      .mac_rounds = 2048,
		                      .mac_salt = 16,
		                      .password = SCENE_PASSWORD };

	return put_fake_p12(s, &how, err);
}

static bool short_salt_p12(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .keys = { &team.distribution.key },
		                      .certs = { &team.distribution.cert },
		                      .key_rounds = 2048,
		                      .cert_rounds = 2048,
		                      .mac_rounds = 2048,
		                      .mac_salt = 8,
		                      .password = SCENE_PASSWORD };

	return put_fake_p12(s, &how, err);
}

static bool other_password(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .keys = { &team.distribution.key },
		                      .certs = { &team.distribution.cert },
		                      .mac_rounds = 2048,
		                      .password = "another" };

	return put_fake_p12(s, &how, err);
}

static bool locked_p12(struct scene *s, struct error *err)
{
	s->request.password = NULL;
	return other_password(s, err);
}

static bool locked_modern_p12(struct scene *s, struct error *err)
{
	bool ok = modern_p12(s, err);

	s->request.password = NULL;
	return ok;
}

static bool good_cert(struct scene *s, struct error *err)
{
	return good_p12(s, err) &&
	       scene_cert(s, "dist.cer", &team.distribution.cert, err);
}

static bool empty_cert(struct scene *s, struct error *err)
{
	return scene_text(s, "dist.cer", "", err);
}

static bool page_cert(struct scene *s, struct error *err)
{
	return scene_text(s, "dist.cer", "<!DOCTYPE html><html>Sign in</html>", err);
}

static bool match_store(struct scene *s, struct error *err)
{
	return scene_text(s, "certs/a.p12", "U2FsdGVkX19hYmNkZWZnaGlqa2xtbm9w\n",
	                  err) &&
	       scene_text(s, "certs/a.cer", "match_encrypted_v2__YWJjZGVmZ2g=\n", err);
}

/* A key may be in a .pem file too. */
static bool key_in_pem(struct scene *s, struct error *err)
{
	return scene_key(s, "dist.pem", &team.distribution.key, err) &&
	       scene_cert(s, "dist.cer", &team.distribution.cert, err);
}

/* ---- what certificates say ---- */

static bool year_later(struct scene *s, struct error *err)
{
	s->request.now_s += 400 * CLOCK_DAY_S;
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
	return short_salt_p12(s, err);
}

/* An identity whose certificate is for push messages (spec codesign.md 8.1). */
static bool push_p12(struct scene *s, struct error *err)
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
	const struct fake_p12 file = { .keys = { &push.key },
		                       .certs = { &push.cert },
		                       .key_rounds = 2048,
		                       .cert_rounds = 2048,
		                       .mac_rounds = 2048,
		                       .password = SCENE_PASSWORD };
	return put_fake_p12(s, &file, err) &&
	       scene_cert(s, "wwdr.cer", &fake_pki()->wwdr.cert, err);
}

#define IMPORT "security: SecKeychainItemImport: "

static const char mac_failed[] =
	IMPORT "MAC verification failed during PKCS12 import (wrong password?)\n";
static const char no_identity[] = "     0 valid identities found\n";
static const char cannot_sign[] =
	"Apple Push: this identity cannot be used for signing code\n";

static const struct doctor_case cases[] = {
	{ "an empty .p12", empty_p12, .id = "KEY-04", .text = "0 bytes",
	  .fix = "openssl base64 -d -A -in SECRET -out " },
	{ "an empty .p12, as macOS calls it", empty_p12, .id = "KEY-04",
	  .log = IMPORT "Unable to decode the provided data.\n" },
	{ "a key in PEM, named .p12", pem_p12, .id = "KEY-03", .text = "private key",
	  .fix = "sealring p12 make -k " },
	{ "base64, named .p12", base64_p12, .id = "KEY-03", .text = "base64",
	  .fix = "openssl base64 -d -A -in " },
	{ "a web page, named .p12", page_p12, .id = "KEY-03", .text = "a web page",
	  .log = IMPORT "Unknown format in import.\n" },
	{ "a good .p12", good_p12, .unnamed = "KEY-03" },
	{ "a good .p12, and a message", good_p12, .unnamed = "KEY-04",
	  .log = IMPORT "Unable to decode the provided data.\n" },
	{ "a cipher that macOS does not know", modern_p12, .id = "KEY-01",
	  .text = "aes-256", .fix = "sealring p12 rewrap ", .log = mac_failed },
	{ "the same without a Mac", modern_p12, .id = "KEY-01" },
	{ "a salt that is too long", salted_p12, .id = "KEY-01", .text = "16 bytes",
	  .log = mac_failed },
	{ "a salt of eight bytes", short_salt_p12, .unnamed = "KEY-01",
	  .log = mac_failed },
	{ "another password", other_password, .id = "KEY-02",
	  .fix = "sealring p12 test " },
	{ "another password, as macOS calls it", other_password, .id = "KEY-01",
	  .log = mac_failed },
	{ "no password is known", locked_p12, .unnamed = "KEY-02" },
	{ "no password is known, and a message", locked_modern_p12, .unnamed = "KEY-01",
	  .log = mac_failed },
	{ "an empty certificate", empty_cert, .id = "KEY-05", .text = "0 bytes" },
	{ "a web page, named .cer", page_cert, .id = "KEY-05", .text = "a web page",
	  .log = IMPORT "Import/Export format unsupported.\n" },
	{ "a match store", match_store, .unnamed = "KEY-03" },
	{ "a match store, and a message", match_store, .unnamed = "KEY-05",
	  .log = IMPORT "Import/Export format unsupported.\n" },
	{ "a good certificate", good_cert, .unnamed = "KEY-05" },
	{ "a key in PEM", key_in_pem, .unnamed = "KEY-05" },
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
	{ "an issuer that is known", short_salt_p12, .unnamed = "KEY-22" },
	{ "a certificate for push messages", push_p12, .id = "KEY-15", .text = "Push",
	  .log = cannot_sign },
	{ "a certificate for code", short_salt_p12, .unnamed = "KEY-15",
	  .log = cannot_sign },
};

TEST(keys_and_certificates)
{
	doctor_cases_run(cases, ARRAY_LEN(cases));
}
