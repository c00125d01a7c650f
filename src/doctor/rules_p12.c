/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of keys and certificates that are not what their names say, or that other
 * programs cannot read (spec ux.md 1.2).
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/shell.h"

/* Files that are named like this kind, whatever they are. */
static const struct doctor_file *next_named(const struct exam *x,
                                            const struct doctor_file *after,
                                            enum artifact_kind kind)
{
	const struct doctor *d = x->d;
	size_t i = after != NULL ? (size_t)(after - d->files) + 1 : 0;

	for (; i < d->file_count; i++)
		if (artifact_kind_of_name(d->files[i].path) == kind)
			return &d->files[i];
	return NULL;
}

static bool is_empty(const struct doctor_file *f)
{
	return !f->is_read && f->looks_like != NULL && f->bytes == 0;
}

/* Of what was read, what it is; else what it looks like. */
static const char *content_of(const struct doctor_file *f)
{
	return f->is_read ? artifact_kind_name(f->kind) : f->looks_like;
}

static void add_content(struct diagnosis *d, const struct doctor_file *f)
{
	if (!f->is_read)
		diagnosis_fact(d, f->path, "size", "%zu %s", f->bytes,
		               plural(f->bytes, "byte", "bytes"));
	diagnosis_fact(d, f->path, "looks like", "%s", content_of(f));
}

static void p12_is_empty(struct exam *x)
{
	const struct doctor_file *f = NULL;

	while ((f = next_named(x, f, ARTIFACT_P12)) != NULL) {
		if (!is_empty(f))
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(f->path),
			mem_copy("the file is empty: decoding the secret gave nothing"),
			mem_format("openssl base64 -d -A -in SECRET -out %s", path));

		add_content(d, f);
	}
}

/* From what is there to a .p12. */
static char *make_p12(const struct doctor_file *f)
{
	AUTO(drop_str) char *path = shell_quoted(f->path);

	if (f->is_read && f->kind == ARTIFACT_KEY)
		return mem_format("sealring p12 make -k %s -c CERT -P @env:PW -o "
		                  "OUT.p12",
		                  path);
	if (!f->is_read && strncmp(f->looks_like, "base64", 6) == 0)
		return mem_format("openssl base64 -d -A -in %s -out OUT.p12", path);
	return mem_format("sealring inspect %s", path);
}

/* In a fastlane match store all files are encrypted and keep their names. */
static bool is_of_store(const struct doctor_file *f)
{
	return f->looks_like != NULL && strncmp(f->looks_like, "encrypted", 9) == 0;
}

/* A wrong password or damage inside does not make it something else. */
static bool is_something_else(const struct doctor_file *f, enum artifact_kind kind)
{
	if (f->is_read)
		return f->kind != kind;
	return f->looks_like != NULL && f->bytes > 0 && !is_of_store(f) &&
	       f->why.code == ERROR_FORMAT && f->announced == 0 &&
	       strncmp(f->looks_like, "BER", 3) != 0;
}

static void no_p12(struct exam *x)
{
	const struct doctor_file *f = NULL;

	while ((f = next_named(x, f, ARTIFACT_P12)) != NULL) {
		if (!is_something_else(f, ARTIFACT_P12))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(f->path),
			mem_format("it is named as a .p12, and is not one: %s",
		                   content_of(f)),
			make_p12(f));

		add_content(d, f);
	}
}

/* DER, as a .p12 is, and no whole one. */
static void damaged_p12(struct exam *x)
{
	const struct doctor_file *f = NULL;

	while ((f = next_named(x, f, ARTIFACT_P12)) != NULL) {
		bool is_cut = f->announced > f->bytes;

		if (f->is_read || f->announced == 0 || f->why.code != ERROR_FORMAT)
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, is_cut ? DIAGNOSIS_PROVED : DIAGNOSIS_LIKELY,
			mem_copy(f->path),
			is_cut ? mem_copy("the .p12 is cut short")
			       : mem_format("the .p12 is damaged: %s", f->why.message),
			mem_format("openssl base64 -d -A -in SECRET -out %s", path));

		diagnosis_fact(d, f->path, "size", "%zu %s", f->bytes,
		               plural(f->bytes, "byte", "bytes"));
		diagnosis_fact(d, f->path, "its header", "%zu bytes", f->announced);
	}
}

/* Trust stores are of this form too: a fault only to who wants to sign. */
static void no_identity_inside(struct exam *x)
{
	const struct doctor_file *f = NULL;

	while ((f = next_named(x, f, ARTIFACT_P12)) != NULL) {
		if (f->is_read || f->why.code != ERROR_NOT_FOUND)
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(f->path),
		                   mem_copy(f->why.message),
		                   mem_format("sealring p12 make -k KEY -c CERT -P "
		                              "@env:PW -o %s -f",
		                              path));

		d->is_warning = !exam_is_said(x);
		add_content(d, f);
	}
}

/* Importers guess by the name. */
static void no_certificate(struct exam *x)
{
	const struct doctor_file *f = NULL;

	while ((f = next_named(x, f, ARTIFACT_CERT)) != NULL) {
		bool is_other = f->is_read ? f->kind != ARTIFACT_CERT
		                           : f->looks_like != NULL && !is_of_store(f) &&
		                                     (f->why.code == ERROR_FORMAT ||
		                                      f->bytes == 0);

		if (!is_other)
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(f->path),
			mem_copy("there is no certificate in it"),
			mem_format("sealring cert get SERIAL --portal DIR -o %s -f",
		                   path));

		add_content(d, f);
	}
}

/* Does the password open one of them? */
static bool opens_another(const struct exam *x)
{
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_P12)) != NULL)
		if (f->a.has_key && !f->a.p12.is_password_empty)
			return true;
	return false;
}

/* One password is given for all: several files may have several. */
static void wrong_password(struct exam *x)
{
	const struct doctor_file *f = NULL;
	bool is_fault = exam_is_said(x) || !opens_another(x);

	while ((f = next_named(x, f, ARTIFACT_P12)) != NULL) {
		if (f->is_read || f->why.code != ERROR_AUTH)
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(f->path),
			mem_copy("the password that was given does not open it"),
			mem_format("sealring p12 test %s -P @env:PW", path));

		d->is_warning = !is_fault;
		diagnosis_fact(d, f->path, "said", "%s", f->why.message);
	}
}

/* Where it was refused, it was another: a shell took a part for itself. */
static void password_is_right(struct exam *x)
{
	struct doctor_file *f = NULL;

	if (!exam_is_said(x))
		return;
	while ((f = exam_next(x, f, ARTIFACT_P12)) != NULL) {
		if (!f->a.has_key || f->a.p12.is_password_empty ||
		    (!f->a.p12.is_macos_safe && exam_message(x, "KEY-01") != NULL))
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(f->path),
			mem_copy("the password that is given here opens it: there it "
		                 "did not arrive as it is"),
			mem_format("sealring p12 test %s -P @env:PW", path));

		diagnosis_fact(d, f->path, "checksum", "%s", f->a.p12.mac);
		diagnosis_fact(d, f->path, "password", "opens it");
	}
}

/* Is a long salt all that speaks against it?  Windows writes such, and they are
 * imported; others are not. */
static bool is_only_salted(const struct p12_info *info)
{
	static const char pkcs12[] = "pbeWithSHA1And";
	size_t n = sizeof pkcs12 - 1;

	return !info->is_password_empty && info->mac_salt > P12_SALT_BYTES &&
	       strncmp(info->mac, "sha1,", 5) == 0 &&
	       strncmp(info->key_cipher, pkcs12, n) == 0 &&
	       strncmp(info->cert_cipher, pkcs12, n) == 0;
}

/* Whoever imports it on a Mac has this before him. */
static void not_for_macos(struct exam *x)
{
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_P12)) != NULL) {
		const struct p12_info *info = &f->a.p12;

		if (f->a.is_locked || info->is_macos_safe)
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, is_only_salted(info) ? DIAGNOSIS_LIKELY : DIAGNOSIS_PROVED,
			mem_copy(f->path),
			mem_copy(info->is_password_empty
		                         ? "its password is empty, which macOS refuses"
		                         : "macOS cannot read how it is protected"),
			mem_format("sealring p12 rewrap %s -P @env:PW%s -o OUT.p12",
		                   path,
		                   info->is_password_empty ? " --new-password @env:NEW"
		                                           : ""));

		d->is_warning = !exam_is_said(x);
		diagnosis_fact(d, f->path, "checksum", "%s",
		               info->has_mac ? info->mac : "none");
		if (info->mac_salt > P12_SALT_BYTES)
			diagnosis_fact(d, f->path, "its salt", "%zu bytes",
			               info->mac_salt);
		diagnosis_fact(d, f->path, "key", "%s", info->key_cipher);
		diagnosis_fact(d, f->path, "certificates", "%s", info->cert_cipher);
	}
}

static const struct doctor_rule rows[] = {
	{ "KEY-04", NEED_FILE, p12_is_empty, NULL },
	{ "KEY-03", NEED_FILE, no_p12, NULL },
	{ "KEY-03", NEED_FILE, damaged_p12, NULL },
	{ "KEY-12 KEY-13", NEED_FILE, no_identity_inside, NULL },
	{ "KEY-05", NEED_FILE, no_certificate, NULL },
	{ "KEY-02 KEY-01", NEED_FILE, wrong_password, NULL },
	{ "KEY-01", NEED_KEY, not_for_macos, NULL },
	{ "KEY-02 KEY-01", NEED_KEY, password_is_right, NULL },
};

const struct doctor_rules doctor_rules_p12 = { rows, ARRAY_LEN(rows) };
