/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on files of keys and certificates (spec ux.md 1.2). */
#include <string.h>

#include "crypto/csr.h"
#include "support/doctor_case.h"
#include "support/fake_p12.h"

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

static bool salted_p12(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .keys = { &team.distribution.key },
		                      .certs = { &team.distribution.cert },
		                      .mac_rounds = 2048,
		                      .mac_salt = 16,
		                      .password = SCENE_PASSWORD };

	return scene_fake_p12(s, "dist.p12", &how, err);
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

	return scene_fake_p12(s, "dist.p12", &how, err);
}

static bool other_password(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .keys = { &team.distribution.key },
		                      .certs = { &team.distribution.cert },
		                      .mac_rounds = 2048,
		                      .password = "another" };

	return scene_fake_p12(s, "dist.p12", &how, err);
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
	       scene_text(s, "certs/a.cer", "bWF0Y2hfZW5jcnlwdGVkX3YyX194zM12hs0\n",
	                  err);
}

/* A key may be in a .pem file too. */
static bool key_in_pem(struct scene *s, struct error *err)
{
	return scene_key(s, "dist.pem", &team.distribution.key, err) &&
	       scene_cert(s, "dist.cer", &team.distribution.cert, err);
}

/* A password that is none. */
static bool no_password_p12(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .keys = { &team.distribution.key },
		                      .certs = { &team.distribution.cert },
		                      .key_rounds = 2048,
		                      .cert_rounds = 2048,
		                      .mac_rounds = 2048,
		                      .mac_salt = 8,
		                      .password = "" };

	return scene_fake_p12(s, "dist.p12", &how, err);
}

static bool two_passwords(struct scene *s, struct error *err)
{
	return other_password(s, err) &&
	       scene_p12(s, "dev.p12", &team.development, P12_MACOS, err);
}

static bool damage(struct scene *s, size_t cut, size_t change, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);

	if (!p12_build(&file, &team.distribution, P12_MACOS, &s->password, err))
		return false;
	file.n -= cut;
	file.p[change] ^= 0xffU;
	return scene_put(s, "dist.p12", buf_slice(&file), err);
}

static bool cut_p12(struct scene *s, struct error *err)
{
	return damage(s, 1, 600, err);
}

/* The version's tag. */
static bool changed_p12(struct scene *s, struct error *err)
{
	return damage(s, 0, 4, err);
}

/* Such a file is a trust store of other programs. */
static bool keyless_p12(struct scene *s, struct error *err)
{
	const struct fake_p12 how = { .certs = { &team.distribution.cert },
		                      .cert_rounds = 2048,
		                      .mac_rounds = 2048,
		                      .password = SCENE_PASSWORD };

	return scene_fake_p12(s, "dist.p12", &how, err);
}

/* A SEQUENCE of three bytes, of which one is missing. */
static bool few_bytes(struct scene *s, struct error *err)
{
	return scene_put(s, "dist.p12", slice_of("\x30\x03\x02\x01", 4), err);
}

static bool few_more_bytes(struct scene *s, struct error *err)
{
	return scene_put(s, "dist.p12", slice_of("\x30\x03\x02\x01\x03", 5), err);
}

static bool csr_cert(struct scene *s, struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);
	const struct csr_subject subject = { .cn = "Somebody" };

	return csr_build(&pem, &subject, &team.distribution.key, err) &&
	       scene_put(s, "dist.cer", buf_slice(&pem), err);
}

static bool p12_cert(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.cer", &team.distribution, P12_MACOS, err);
}

#define IMPORT "security: SecKeychainItemImport: "

static const char mac_failed[] =
	IMPORT "MAC verification failed during PKCS12 import (wrong password?)\n";
static const char passphrase[] =
	IMPORT "The user name or passphrase you entered is not correct.\n";
static const char no_identity[] = "     0 valid identities found\n";

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
	{ "a salt of eight bytes", short_salt_p12, .unnamed = "KEY-01" },
	{ "a good .p12 and its password, refused there", short_salt_p12, .id = "KEY-01",
	  .text = "did not arrive", .log = mac_failed },
	{ "the same in other words", short_salt_p12, .id = "KEY-02",
	  .text = "did not arrive", .log = passphrase },
	{ "a cipher that macOS does not know, and a password", modern_p12,
	  .id = "KEY-02", .text = "did not arrive", .log = passphrase },
	{ "a password that is empty", no_password_p12, .id = "KEY-01", .text = "empty",
	  .fix = "sealring p12 rewrap ", .log = mac_failed },
	{ "and is no password that did not arrive", no_password_p12,
	  .unnamed = "KEY-02", .log = passphrase },
	{ "another password", other_password, .id = "KEY-02",
	  .fix = "sealring p12 test " },
	{ "another password, as macOS calls it", other_password, .id = "KEY-01",
	  .log = mac_failed },
	{ "of two one has another password", two_passwords, .unnamed = "KEY-03" },
	{ "told as a warning", two_passwords, .id = "KEY-02", .tone = SCENE_WARNING },
	{ "the same, and a message", two_passwords, .tone = SCENE_PROVED,
	  .id = "KEY-01", .text = "does not open", .log = mac_failed },
	{ "one byte is missing", cut_p12, .id = "KEY-03", .text = "cut short",
	  .fix = "openssl base64 -d -A " },
	{ "four bytes", few_bytes, .id = "KEY-03", .text = "cut short",
	  .is_alone = true },
	{ "five bytes", few_more_bytes, .id = "KEY-03", .text = "damaged",
	  .tone = SCENE_LIKELY, .is_alone = true },
	{ "a salt alone is no proof", salted_p12, .id = "KEY-01", .tone = SCENE_LIKELY,
	  .log = mac_failed },
	{ "a cipher is one, and enough", modern_p12, .id = "KEY-01",
	  .tone = SCENE_PROVED, .is_alone = true, .log = mac_failed },
	{ "on a Mac only", modern_p12, .id = "KEY-01", .tone = SCENE_WARNING },
	{ "changed inside", changed_p12, .id = "KEY-03", .text = "damaged" },
	{ "no key inside", keyless_p12, .id = "KEY-12", .text = "no private key",
	  .log = no_identity },
	{ "no key inside, where nobody signs", keyless_p12, .unnamed = "KEY-03" },
	{ "no password is known", locked_p12, .unnamed = "KEY-02" },
	{ "no password is known, and a message", locked_modern_p12, .unnamed = "KEY-01",
	  .log = mac_failed },
	{ "an empty certificate", empty_cert, .id = "KEY-05", .text = "0 bytes" },
	{ "a web page, named .cer", page_cert, .id = "KEY-05", .text = "a web page",
	  .log = IMPORT "Import/Export format unsupported.\n" },
	{ "a request, named .cer", csr_cert, .id = "KEY-05", .text = "request" },
	{ "a .p12, named .cer", p12_cert, .id = "KEY-05", .text = "PKCS#12" },
	{ "a match store", match_store, .unnamed = "KEY-03" },
	{ "a match store, and a message", match_store, .unnamed = "KEY-05",
	  .log = IMPORT "Import/Export format unsupported.\n" },
	{ "a good certificate", good_cert, .unnamed = "KEY-05" },
	{ "a key in PEM", key_in_pem, .unnamed = "KEY-05" },
};

TEST(files_of_keys_and_certificates)
{
	doctor_cases_run(cases, ARRAY_LEN(cases));
}
