/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is: by its content, else by its name; and the property lists.
 */
#include "artifact/artifact.h"

#include <stdio.h>

#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/secrets.h"
#include "support/tiny_macho.h"
#include "util/mem.h"

#define PLIST(inside)                                                         \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">" \
	"<dict>" inside "</dict></plist>\n"
#define ENTITLEMENTS                                                                       \
	PLIST("<key>application-identifier</key><string>T1M2E3A4M5.com.acme.shop</string>" \
	      "<key>get-task-allow</key><true/>")
#define EXPORT                                                                   \
	PLIST("<key>method</key><string>release-testing</string>"                \
	      "<key>teamID</key><string>T1M2E3A4M5</string>"                     \
	      "<key>signingStyle</key><string>manual</string>"                   \
	      "<key>signingCertificate</key><string>Apple Distribution</string>" \
	      "<key>provisioningProfiles</key><dict><key>com.acme.shop</key>"    \
	      "<string>Shop AdHoc</string></dict>")

static bool parse(struct artifact *out, const char *name, const char *text,
                  struct error *err)
{
	const struct artifact_how how = { .trust = &fake_pki()->trust };

	return artifact_parse(out, name, slice_str(text), &how, err);
}

static enum artifact_kind sniff_text(const char *text)
{
	return artifact_sniff(slice_str(text));
}

#define SNIFF(bytes) artifact_sniff(slice_of(bytes, sizeof(bytes) - 1))

TEST(der_is_told_by_its_first_tags)
{
	CHECK(artifact_sniff(fake_pki()->developer.cert.der) == ARTIFACT_CERT);
	/* Version 1 has no version: a serial number, an algorithm. */
	CHECK(SNIFF("\x30\x82\x01\x00\x30\x81\x80\x02\x01\x05\x30\x0d\x06") ==
	      ARTIFACT_CERT);
	CHECK(SNIFF("\x30\x82\x01\x00\x30\x81\x80\x02\x01\x00\x30\x0d\x06") ==
	      ARTIFACT_CERT);
	CHECK(SNIFF("\x30\x82\x01\x00\x30\x81\x80\x02\x01\x00\x30\x0d\x31") ==
	      ARTIFACT_CSR);
	CHECK(SNIFF("\x30\x82\x01\x00\x02\x01\x03\x30\x82") == ARTIFACT_P12);
	CHECK(SNIFF("\x30\x80\x02\x01\x03\x30\x80") == ARTIFACT_P12);
	CHECK(SNIFF("\x30\x82\x01\x00\x02\x01\x00\x02\x82") == ARTIFACT_KEY);
	CHECK(SNIFF("\x30\x77\x02\x01\x01\x04\x20") == ARTIFACT_KEY);
	CHECK(SNIFF("\x30\x82\x01\x00\x30\x50\x06\x09\x2a") == ARTIFACT_KEY);
	CHECK(SNIFF("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80") ==
	      ARTIFACT_PROFILE);
	/* Other messages, other versions, other tags. */
	CHECK(SNIFF("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80") ==
	      ARTIFACT_UNKNOWN);
	CHECK(SNIFF("\x30\x82\x01\x00\x02\x01\x04\x30\x82") == ARTIFACT_UNKNOWN);
	CHECK(SNIFF("\x31\x82\x01\x00\x02\x01\x03\x30\x82") == ARTIFACT_UNKNOWN);
	CHECK(SNIFF("\x30\x85\x01\x00\x02\x01\x03\x02\x01\x03") == ARTIFACT_UNKNOWN);
	CHECK(SNIFF("\x30\x84\x00\x00\x02\x01\x02\x01\x03") == ARTIFACT_P12);
	CHECK(SNIFF("\x30\x82\x01\x00\x30\x10\x04\x01\x00") == ARTIFACT_UNKNOWN);
}

TEST(der_cut_short_is_unknown)
{
	static const char p12[] = "\x30\x82\x01\x00\x02\x01\x03";
	static const char csr[] =
		"\x30\x82\x01\x00\x30\x81\x80\x02\x01\x00\x30\x0d\x31";

	for (size_t n = 0; n < sizeof p12 - 1; n++)
		CHECK(artifact_sniff(slice_of(p12, n)) == ARTIFACT_UNKNOWN);
	for (size_t n = 0; n < 8; n++)
		CHECK(artifact_sniff(slice_of(csr, n)) == ARTIFACT_UNKNOWN);
}

TEST(text_is_told_by_its_marks)
{
	CHECK(sniff_text("x\n-----BEGIN CERTIFICATE-----\n") == ARTIFACT_CERT);
	CHECK(sniff_text("-----BEGIN PRIVATE K"
	                 "EY-----\n") == ARTIFACT_KEY);
	CHECK(sniff_text("-----BEGIN ENCRYPTED PRIVATE K"
	                 "EY-----\n") == ARTIFACT_KEY);
	CHECK(sniff_text("-----BEGIN RSA PRIVATE K"
	                 "EY-----\n") == ARTIFACT_KEY);
	CHECK(sniff_text("-----BEGIN CERTIFICATE REQUEST-----\n") == ARTIFACT_CSR);
	CHECK(sniff_text("-----BEGIN NEW CERTIFICATE REQUEST-----\n") == ARTIFACT_CSR);
	/* Both: a certificate that has its key with it. */
	CHECK(sniff_text("-----BEGIN PRIVATE K"
	                 "EY-----\n-----BEGIN CERTIFICATE-----\n") == ARTIFACT_CERT);
	CHECK(sniff_text("-----BEGIN PUBLIC KEY-----\n") == ARTIFACT_UNKNOWN);
	CHECK(sniff_text("") == ARTIFACT_UNKNOWN);
	CHECK(sniff_text("hello") == ARTIFACT_UNKNOWN);
	CHECK(SNIFF("PK\3\4\24\0\0\0") == ARTIFACT_APP);
}

TEST(code_is_told_by_its_header)
{
	const struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf code = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&code, &how);
	CHECK(artifact_sniff(buf_slice(&code)) == ARTIFACT_CODE);
}

TEST(property_lists_are_told_by_their_keys)
{
	CHECK(sniff_text(ENTITLEMENTS) == ARTIFACT_ENTITLEMENTS);
	CHECK(sniff_text(EXPORT) == ARTIFACT_EXPORT_OPTIONS);
	CHECK(sniff_text(PLIST("<key>CFBundleIdentifier</key><string>a</string>")) ==
	      ARTIFACT_INFO_PLIST);
	CHECK(sniff_text(
		      PLIST("<key>CFBundlePackageType</key><string>FMWK</string>")) ==
	      ARTIFACT_INFO_PLIST);
	CHECK(sniff_text(PLIST("<key>method</key><string>ad-hoc</string>")) ==
	      ARTIFACT_EXPORT_OPTIONS);
	CHECK(sniff_text(PLIST("<key>signingStyle</key><string>automatic</string>")) ==
	      ARTIFACT_EXPORT_OPTIONS);
	CHECK(sniff_text(PLIST("<key>provisioningProfiles</key><dict/>")) ==
	      ARTIFACT_EXPORT_OPTIONS);
	/* A method by itself may be anything's. */
	CHECK(sniff_text(PLIST("<key>method</key><string>POST</string>")) ==
	      ARTIFACT_UNKNOWN);
	CHECK(sniff_text(PLIST("<key>com.apple.developer.siri</key><true/>")) ==
	      ARTIFACT_ENTITLEMENTS);
	CHECK(sniff_text(PLIST("<key>com.apple.security.app-sandbox</key><true/>")) ==
	      ARTIFACT_ENTITLEMENTS);
	CHECK(sniff_text(PLIST("<key>com.apple.private.x</key><true/>")) ==
	      ARTIFACT_ENTITLEMENTS);
	CHECK(sniff_text(PLIST("<key>com.apple.developerx</key><true/>")) ==
	      ARTIFACT_UNKNOWN);
	CHECK(sniff_text(PLIST("<key>keychain-access-groups</key><array/>")) ==
	      ARTIFACT_ENTITLEMENTS);
	CHECK(sniff_text(PLIST("<key>x</key><true/>")) == ARTIFACT_UNKNOWN);
	CHECK(sniff_text(PLIST("")) == ARTIFACT_UNKNOWN);
	CHECK(sniff_text("<plist version=\"1.0\"><array/></plist>") ==
	      ARTIFACT_UNKNOWN);
}

TEST(names_tell_kinds)
{
	static const struct {
		const char *name;
		enum artifact_kind kind;
	} names[] = {
		{ "a.cer", ARTIFACT_CERT },
		{ "dir.ipa/a.CER", ARTIFACT_CERT },
		{ "a.p12", ARTIFACT_P12 },
		{ "a.pfx", ARTIFACT_P12 },
		{ "a.key", ARTIFACT_KEY },
		{ "AuthKey_X.p8", ARTIFACT_KEY },
		{ "a.certSigningRequest", ARTIFACT_CSR },
		{ "a.mobileprovision", ARTIFACT_PROFILE },
		{ "a.provisionprofile", ARTIFACT_PROFILE },
		{ "a.ipa", ARTIFACT_APP },
		{ "x/a.app/", ARTIFACT_APP },
		{ "a.app//", ARTIFACT_APP },
		{ "a.app.zip", ARTIFACT_APP },
		{ "a.zip", ARTIFACT_UNKNOWN },
		{ "a.xcarchive", ARTIFACT_APP },
		{ "a.framework", ARTIFACT_APP },
		{ "a.appex", ARTIFACT_APP },
		{ "a.dylib", ARTIFACT_CODE },
		{ "a.entitlements", ARTIFACT_ENTITLEMENTS },
		{ "a.xcodeproj", ARTIFACT_PROJECT },
		{ "a.xcodeproj/", ARTIFACT_PROJECT },
		{ "a.app/Info.plist", ARTIFACT_INFO_PLIST },
		{ "MyInfo.plist", ARTIFACT_UNKNOWN },
		{ "ExportOptions.plist", ARTIFACT_EXPORT_OPTIONS },
		{ "exportOptions-adhoc.plist", ARTIFACT_EXPORT_OPTIONS },
		{ "export_options.plist", ARTIFACT_EXPORT_OPTIONS },
		{ "ci/ad-hoc-export-options.PLIST", ARTIFACT_EXPORT_OPTIONS },
		{ "eexportoptions.plist", ARTIFACT_EXPORT_OPTIONS },
		{ "export.plist", ARTIFACT_UNKNOWN },
		{ "exportoptions.txt", ARTIFACT_UNKNOWN },
		{ "exportxoptions.plist", ARTIFACT_UNKNOWN },
		{ ".cer", ARTIFACT_UNKNOWN },
		{ "cer", ARTIFACT_UNKNOWN },
		{ "", ARTIFACT_UNKNOWN },
		{ "/", ARTIFACT_UNKNOWN },
		{ "//", ARTIFACT_UNKNOWN },
		{ ".", ARTIFACT_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!CHECK(artifact_kind_of_name(names[i].name) == names[i].kind))
			printf("# %s\n", names[i].name);
}

TEST(every_kind_has_a_name_and_a_word)
{
	for (int k = 0; k < ARTIFACT_KIND_COUNT; k++) {
		CHECK(artifact_kind_name((enum artifact_kind)k)[0] != '\0');
		CHECK(artifact_kind_word((enum artifact_kind)k)[0] != '\0');
	}
}

TEST(content_counts_more_than_the_name)
{
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 };
	const struct artifact_how how = { .trust = &fake_pki()->trust };
	struct slice der = fake_pki()->developer.cert.der;
	struct error err = { 0 };

	REQUIRE_OK(artifact_parse(&a, "x.p12", der, &how, &err), &err);
	CHECK(a.kind == ARTIFACT_CERT && a.is_misnamed);
	REQUIRE_OK(artifact_parse(&b, "x.bin", der, &how, &err), &err);
	CHECK(b.kind == ARTIFACT_CERT && !b.is_misnamed);
}

TEST(the_name_says_whose_error_is_told)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	test_secrets();
	CHECK_FAILS(parse(&a, "x.p12", "hello", &err), &err, ERROR_FORMAT, "PKCS#12");
	CHECK_FAILS(parse(&a, "x.cer", "hello", &err), &err, ERROR_FORMAT,
	            "certificate");
	CHECK_FAILS(parse(&a, "x.mobileprovision", "<html>", &err), &err, ERROR_FORMAT,
	            "profile");
	CHECK_FAILS(parse(&a, "x.txt", "hello", &err), &err, ERROR_FORMAT,
	            "nothing that signing knows");
	/* Apps are no bytes, so their name says nothing about bytes. */
	CHECK_FAILS(parse(&a, "x.ipa", "hello", &err), &err, ERROR_FORMAT,
	            "nothing that signing knows");
	CHECK_FAILS(parse(&a, "x.xcodeproj", "hello", &err), &err, ERROR_FORMAT,
	            "nothing that signing knows");
	REQUIRE(!parse(&a, "x", "", &err));
	CHECK(strstr(err.evidence, "empty") != NULL && a.path == NULL);
}

TEST(what_is_longer_than_any_of_them_is_not_read)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	const struct artifact_how how = { .trust = &fake_pki()->trust };
	char *text = mem_zero(PROFILE_MAX_BYTES + 1, 1);
	AUTO(drop_str) char *owner = text;
	const char head[] = "-----BEGIN CERTIFICATE-----\n";
	struct error err = { 0 };

	memset(text, '\n', PROFILE_MAX_BYTES + 1);
	memcpy(text, head, sizeof head - 1);
	CHECK_FAILS(artifact_parse(&a, "x", slice_of(text, PROFILE_MAX_BYTES + 1), &how,
	                           &err),
	            &err, ERROR_FORMAT, "nothing that signing knows");
	/* One less is read, and refused by who reads certificates. */
	CHECK_FAILS(artifact_parse(&a, "x", slice_of(text, PROFILE_MAX_BYTES), &how,
	                           &err),
	            &err, ERROR_LIMIT, "");
}

/* ---- property lists ---- */

TEST(entitlements_are_read)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&a, "Shop.entitlements", ENTITLEMENTS, &err), &err);
	CHECK(a.kind == ARTIFACT_ENTITLEMENTS && !a.is_misnamed);
	CHECK_STR(artifact_app_id(&a), "T1M2E3A4M5.com.acme.shop");
	CHECK(artifact_entitlements(&a) == a.plist);
	CHECK(pl_bool(a.plist, "get-task-allow", false));
	CHECK(a.end_count == 0);
}

TEST(entitlements_of_a_mac_have_their_id_too)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&a, "x",
	                 PLIST("<key>com.apple.application-identifier</key>"
	                       "<string>T.x</string>"
	                       "<key>com.apple.security.app-sandbox</key><true/>"),
	                 &err),
	           &err);
	CHECK_STR(artifact_app_id(&a), "T.x");
}

TEST(a_name_makes_entitlements_of_any_dictionary)
{
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&a, "Empty.entitlements", PLIST(""), &err), &err);
	CHECK(a.kind == ARTIFACT_ENTITLEMENTS && !a.is_misnamed);
	CHECK(artifact_app_id(&a) == NULL);
	CHECK_FAILS(parse(&b, "x.entitlements",
	                  "<plist version=\"1.0\"><array/></plist>", &err),
	            &err, ERROR_FORMAT, "not a dictionary");
}

TEST(export_options_are_read)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&a, "ExportOptions.plist", EXPORT, &err), &err);
	CHECK(a.kind == ARTIFACT_EXPORT_OPTIONS && !a.is_misnamed);
	const struct artifact_export e = artifact_export(&a);
	CHECK_STR(e.method, "release-testing");
	CHECK(e.is_known && e.kind == PROFILE_ADHOC);
	CHECK_STR(e.team_id, "T1M2E3A4M5");
	CHECK_STR(e.style, "manual");
	CHECK_STR(e.certificate, "Apple Distribution");
	CHECK_STR(pl_string(e.profiles, "com.acme.shop"), "Shop AdHoc");
	CHECK(artifact_entitlements(&a) == NULL && artifact_app_id(&a) == NULL);
}

TEST(export_options_without_a_method_are_for_development)
{
	AUTO(artifact_free) struct artifact a = { 0 }, b = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&a, "ExportOptions.plist", PLIST(""), &err), &err);
	struct artifact_export e = artifact_export(&a);
	CHECK(e.method == NULL && e.is_known && e.kind == PROFILE_DEVELOPMENT);
	CHECK(e.team_id == NULL && e.style == NULL && e.profiles == NULL);
	REQUIRE_OK(parse(&b, "ExportOptions.plist",
	                 PLIST("<key>method</key><string>adhoc</string>"), &err),
	           &err);
	e = artifact_export(&b);
	CHECK_STR(e.method, "adhoc");
	CHECK(!e.is_known);
}

TEST(methods_have_old_and_new_names)
{
	static const struct {
		const char *method;
		enum profile_kind kind;
	} methods[] = {
		{ "app-store", PROFILE_APPSTORE },
		{ "app-store-connect", PROFILE_APPSTORE },
		{ "validation", PROFILE_APPSTORE },
		{ "ad-hoc", PROFILE_ADHOC },
		{ "release-testing", PROFILE_ADHOC },
		{ "development", PROFILE_DEVELOPMENT },
		{ "debugging", PROFILE_DEVELOPMENT },
		{ "enterprise", PROFILE_ENTERPRISE },
		{ "developer-id", PROFILE_DEVELOPER_ID },
	};
	enum profile_kind kind = PROFILE_DEVELOPER_ID;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		CHECK(artifact_export_method(&kind, methods[i].method) &&
		      kind == methods[i].kind);
	CHECK(!artifact_export_method(&kind, "App-Store"));
	CHECK(!artifact_export_method(&kind, ""));
}

TEST(an_info_plist_says_the_id)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&a, "Info.plist",
	                 PLIST("<key>CFBundleIdentifier</key><string>a.b</string>"),
	                 &err),
	           &err);
	CHECK(a.kind == ARTIFACT_INFO_PLIST);
	CHECK_STR(artifact_app_id(&a), "a.b");
}

/* Whatever is cut off, it is an error that says something, and nothing leaks. */
static void check_cut(const char *name, const char *text)
{
	const struct artifact_how how = { .trust = &fake_pki()->trust };
	size_t whole = strlen(text) - 1; /* without the line end it is whole still */

	for (size_t n = 0; n < whole; n++) {
		AUTO(artifact_free) struct artifact a = { 0 };
		struct error err = { 0 };

		if (!CHECK(!artifact_parse(&a, name, slice_of(text, n), &how, &err)))
			printf("# cut at %zu\n", n);
		CHECK(err.message[0] != '\0' && a.path == NULL);
	}
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };
	CHECK(artifact_parse(&a, name, slice_of(text, whole), &how, &err));
}

TEST(lists_cut_at_any_byte_are_refused)
{
	check_cut("Shop.entitlements", ENTITLEMENTS);
	check_cut("ExportOptions.plist", EXPORT);
	check_cut("x", ENTITLEMENTS);
	check_cut("x", EXPORT);
}
