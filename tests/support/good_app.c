/* SPDX-License-Identifier: Apache-2.0 */
#include "support/good_app.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/csr.h"
#include "util/file.h"
#include "util/mem.h"

#define TEAM_ID "T1M2E3A4M5"

/* ---- the app ---- */

static bool put_file(const char *dir, const char *name, struct slice bytes, mode_t mode,
                     struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", dir, name);
	AUTO(drop_str) char *folder = mem_copy(path);

	*strrchr(folder, '/') = '\0';
	if (!file_make_dir(folder, 0755, err))
		return false;
	/* Not file_write(): many apps that wait for the disk are slow to make. */
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	if (fd < 0 || write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n)
		return error_set_errno(err, "could not write \"%s\"", path);
	return true;
}

static bool put_text(const char *dir, const char *name, const char *text,
                     struct error *err)
{
	return put_file(dir, name, slice_str(text), 0644, err);
}

static bool put_code(const char *dir, const char *name, const struct tiny_slice *how,
                     size_t count, struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);

	if (count > 1)
		tiny_macho_fat(&bytes, how, count, false);
	else
		tiny_macho(&bytes, how);
	return put_file(dir, name, buf_slice(&bytes), 0755, err);
}

/* One bundle: its Info.plist and its executable. */
struct part {
	const char *folder, *executable, *id, *type;
	const char *extra; /* more of the Info.plist, as XML */
	uint32_t filetype, platform;
};

static const struct part parts[] = {
	{ "App.app", "App", GOOD_APP_ID, "APPL", "", 2, 2 },
	{ "App.app/Frameworks/Kit.framework", "Kit", GOOD_APP_ID ".kit", "FMWK", "", 6,
	  2 },
	{ "App.app/PlugIns/Share.appex", "Share", GOOD_APP_ID ".share", "XPC!",
	  "<key>CFBundleDisplayName</key><string>Share</string>"
	  "<key>NSExtension</key><dict><key>NSExtensionPointIdentifier</key>"
	  "<string>com.apple.share-services</string>"
	  "<key>NSExtensionPrincipalClass</key><string>Share.Controller</string></dict>",
	  2, 2 },
	{ "App.app/Watch/W.app", "W", GOOD_APP_ID ".watch", "APPL",
	  "<key>WKCompanionAppBundleIdentifier</key><string>" GOOD_APP_ID "</string>"
	  "<key>WKWatchKitApp</key><true/>",
	  2, 4 },
	{ "App.app/Watch/W.app/PlugIns/WX.appex", "WX", GOOD_APP_ID ".watch.ext",
	  "XPC!",
	  "<key>CFBundleDisplayName</key><string>WX</string>"
	  "<key>NSExtension</key><dict><key>NSExtensionAttributes</key><dict>"
	  "<key>WKAppBundleIdentifier</key><string>" GOOD_APP_ID
	  ".watch</string></dict>"
	  "<key>NSExtensionPointIdentifier</key><string>com.apple.watchkit</string>"
	  "</dict>",
	  2, 4 },
	{ "App.app/AppClips/Clip.app", "Clip", GOOD_APP_ID ".Clip", "APPL", "", 2, 2 },
};

static bool put_info(const char *dir, const struct part *part, struct error *err)
{
	bool is_watch = part->platform == 4;
	AUTO(drop_str)
	char *text = mem_format(
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
		"<key>CFBundleIdentifier</key><string>%s</string>"
		"<key>CFBundleExecutable</key><string>%s</string>"
		"<key>CFBundleName</key><string>%s</string>"
		"<key>CFBundlePackageType</key><string>%s</string>"
		"<key>CFBundleVersion</key><string>1</string>"
		"<key>CFBundleShortVersionString</key><string>1.0</string>"
		"<key>MinimumOSVersion</key><string>%s</string>"
		"<key>UIDeviceFamily</key><array><integer>%d</integer></array>%s"
		"</dict></plist>\n",
		part->id, part->executable, part->executable, part->type,
		is_watch ? "8.0" : "15.0", is_watch ? 4 : 1, part->extra);

	return put_text(dir, "Info.plist", text, err);
}

static bool put_part(const char *root, const struct part *part,
                     const struct good_how *how, struct error *err)
{
	AUTO(drop_str) char *dir = mem_format("%s/%s", root, part->folder);
	struct tiny_slice code = TINY_ARM64;
	bool is_app = part == &parts[0];

	code.filetype = part->filetype;
	code.platform = part->platform;
	if (part->platform == 4)
		code.min_os = 8U << 16;
	if (!put_info(dir, part, err))
		return false;
	return is_app && how->code_count > 0
	               ? put_code(dir, part->executable, how->code, how->code_count,
	                          err)
	               : put_code(dir, part->executable, &code, 1, err);
}

static bool put_resources(const char *app, struct error *err)
{
	AUTO(drop_str) char *link = mem_format("%s/latest.bin", app);

	if (!put_text(app, "PkgInfo", "APPL????", err) ||
	    !put_text(app, "data.bin", "some data", err) ||
	    !put_text(app, "Base.lproj/Main.strings", "\"a\" = \"A\";\n", err) ||
	    !put_text(app, "de.lproj/Main.strings", "\"a\" = \"Ä\";\n", err))
		return false;
	return symlink("data.bin", link) == 0 ||
	       error_set_errno(err, "could not link \"%s\"", link);
}

static bool put_nested(const char *root, const char *app, const struct good_how *how,
                       struct error *err)
{
	struct tiny_slice dylib = TINY_ARM64;

	dylib.filetype = 6;
	for (size_t i = 1; i < ARRAY_LEN(parts); i++)
		if (!put_part(root, &parts[i], how, err))
			return false;
	return put_code(app, "Frameworks/libx.dylib", &dylib, 1, err) &&
	       put_code(app, "Frameworks/Kit.framework/libinner.dylib", &dylib, 1,
	                err) &&
	       put_text(app, "PlugIns/Share.appex/Base.lproj/Main.strings", "\"b\";\n",
	                err);
}

bool good_app_write(const char *dir, const struct good_how *how, struct error *err)
{
	AUTO(drop_str) char *app = mem_format("%s/App.app", dir);

	return put_part(dir, &parts[0], how, err) && put_resources(app, err) &&
	       (how->app_only || put_nested(dir, app, how, err));
}

/* ---- the team ---- */

static const int64_t now_s = GOOD_APP_TIME;

void test_team_free(struct test_team *team)
{
	drop_authority(&team->authority);
	identity_free(&team->development);
	identity_free(&team->distribution);
	trust_free(&team->trust);
	scratch_remove(&team->folder);
}

static bool make_identity(struct identity *out, struct test_team *team,
                          enum authority_cert_type type, struct error *err)
{
	const struct csr_subject subject = { .email = "a@ex.com", .cn = "Jürgen Groß" };
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);
	AUTO(csr_free) struct csr csr = { 0 };
	struct authority_cert_list list = { 0 };

	bool ok =
		key_new(&out->key, KEY_RSA2048, err) &&
		csr_build(&pem, &subject, &out->key, err) &&
		csr_parse(&csr, buf_slice(&pem), err) &&
		authority_cert_issue(&list, team->authority, &csr, type, false, err) &&
		cert_parse(&out->cert, list.items[0].der, err) &&
		authority_chain(&out->chain, team->authority, err);
	out->friendly_name = mem_copy("");
	authority_cert_list_free(&list);
	return ok;
}

bool test_team_make(struct test_team *out, struct error *err)
{
	const struct authority_team team = { .id = TEAM_ID, .name = "Müller & Söhne" };
	struct clock clock = clock_fixed(&now_s);
	AUTO(buf_free) struct buf roots = BUF_INIT((size_t)1 << 20);

	if (!CRYPTO_secure_malloc_initialized() && !secret_setup(err))
		return false;
	if (!scratch_make(&out->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *dir = scratch_path(&out->folder, "portal");
	AUTO(drop_str) char *pem = scratch_path(&out->folder, "portal/roots.pem");
	return authority_init(dir, &team, clock, err) &&
	       authority_open(&out->authority, dir, clock, err) &&
	       authority_device_add(out->authority, GOOD_APP_UDID, "Phone", NULL,
	                            err) &&
	       make_identity(&out->development, out, AUTHORITY_CERT_DEVELOPMENT, err) &&
	       make_identity(&out->distribution, out, AUTHORITY_CERT_DISTRIBUTION,
	                     err) &&
	       file_read(&roots, pem, err) &&
	       trust_from_pem(&out->trust, buf_slice(&roots), err);
}

void test_profile_free(struct test_profile *p)
{
	profile_free(&p->profile);
	buf_free(&p->bytes);
}

bool test_team_profile(struct test_profile *out, struct test_team *team,
                       enum profile_kind kind, const char *app_id, struct error *err)
{
	static unsigned int number;
	AUTO(drop_str) char *name = mem_format("profile %u", ++number);
	const struct authority_profile_request request = { .kind = kind,
		                                           .identifier = app_id,
		                                           .name = name };
	struct authority_profile_list list = { 0 };

	if (!authority_app_add(team->authority, app_id, NULL, err)) {
		if (err->code != ERROR_EXISTS)
			return false;
		error_clear(err);
	}
	out->bytes = BUF_INIT(PROFILE_MAX_BYTES);
	bool ok = authority_profile_create(&list, team->authority, &request, err) &&
	          buf_append(&out->bytes, list.items[0].content, err) &&
	          profile_parse(&out->profile, buf_slice(&out->bytes), err);
	authority_profile_list_free(&list);
	return ok;
}

struct sign_request test_team_request(const struct test_team *team,
                                      struct identity *identity,
                                      const struct sign_profile *profiles, size_t count)
{
	struct sign_request request = { .identity = identity,
		                        .trust = &team->trust,
		                        .profiles = profiles,
		                        .profile_count = count,
		                        .page_size_log2 = 12,
		                        .time_s = GOOD_APP_TIME + 60,
		                        .level = 1,
		                        .threads = 2 };

	if (identity != NULL)
		request.key = key_signer(&identity->key);
	return request;
}
