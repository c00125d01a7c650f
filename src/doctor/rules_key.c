/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and certificates: relations R1 to R3 and R10 of spec ux.md 1.11.  Their files:
 * rules_p12.c.
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"
#include "util/shell.h"

static void add_cert(struct diagnosis *d, const struct exam_cert *c)
{
	diagnosis_fact(d, c->file->path, "certificate", "%s", c->cert->cn);
	diagnosis_fact(d, c->file->path, "serial", "%s", c->cert->serial);
}

/* R10: of certificates that somebody can sign with. */
static void certificate_expired(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (x->d->request.now_s < c.cert->not_after_s)
			continue;
		AUTO(drop_str) char *date = exam_date(x, c.cert->not_after_s);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
			mem_format("certificate \"%s\" has expired", c.cert->cn),
			mem_format("sealring cert request CSR --type %s --portal DIR "
		                   "-o CERT",
		                   cert_kind_is_development(c.cert->kind)
		                           ? "development"
		                           : "distribution"));

		diagnosis_fact(d, c.file->path, "not after", "%s", date);
		diagnosis_fact(d, c.file->path, "serial", "%s", c.cert->serial);
	}
}

/* R3 */
static bool signs_no_code(enum cert_kind kind)
{
	return kind == CERT_KIND_PUSH || kind == CERT_KIND_PASS_TYPE ||
	       kind == CERT_KIND_MAC_INSTALLER ||
	       kind == CERT_KIND_DEVELOPER_ID_INSTALLER;
}

/* Such a file has its use: it is a fault only where somebody signs with it. */
static void not_for_code(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (!signs_no_code(c.cert->kind))
			continue;
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
		                   mem_format("\"%s\" is a certificate for something "
		                              "else: %s",
		                              c.cert->cn, cert_kind_name(c.cert->kind)),
		                   mem_copy("sealring cert request CSR --type "
		                            "distribution --portal DIR -o CERT"));

		d->is_warning = exam_message(x, "KEY-15") == NULL;
		add_cert(d, &c);
		diagnosis_fact(d, c.file->path, "kind", "%s",
		               cert_kind_name(c.cert->kind));
	}
}

/* Is one of the messages about certificates without keys there? */
static bool is_key_missed(const struct exam *x)
{
	return exam_message(x, "CERT-11") != NULL ||
	       exam_message(x, "KEY-12") != NULL || exam_message(x, "KEY-13") != NULL;
}

/* R1.  A certificate alone is what is handed around: a fault only to who needs its key. */
static void key_is_elsewhere(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (c.has_key || c.file->kind != ARTIFACT_CERT ||
		    (!cert_kind_is_development(c.cert->kind) &&
		     !cert_kind_is_distribution(c.cert->kind)))
			continue;
		AUTO(drop_str) char *path = shell_quoted(c.file->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
			mem_format("no key here belongs to \"%s\"", c.cert->cn),
			mem_format("sealring p12 make -k KEY -c %s -o OUT.p12 -P "
		                   "@env:PW",
		                   path));
		size_t keys = 0;

		d->is_warning = !is_key_missed(x);
		add_cert(d, &c);
		for (size_t i = 0; i < x->d->file_count; i++)
			keys += x->d->files[i].is_read && x->d->files[i].a.has_key;
		diagnosis_fact(d, "all files", "other keys", "%zu", keys);
	}
}

/* R2: of identities, as they are imported. */
static void issuer_is_missing(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (c.file->kind != ARTIFACT_P12 || c.cert->is_self_signed ||
		    c.cert->trust != TRUST_NO_ISSUER)
			continue;
		AUTO(drop_str) char *path = shell_quoted(c.file->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
			mem_format("the certificate of the issuer \"%s\" is neither in "
		                   "the .p12 nor known here",
		                   c.cert->issuer),
			mem_format("sealring p12 open %s -P @env:PW --key-out KEY "
		                   "--cert-out CERT && "
		                   "sealring p12 make -k KEY -c CERT --chain ISSUER "
		                   "-P @env:PW -o %s -f",
		                   path, path));

		add_cert(d, &c);
		diagnosis_fact(d, c.file->path, "issuer", "%s", c.cert->issuer);
		diagnosis_fact(d, c.file->path, "certificates inside", "%zu",
		               c.file->a.cert_count);
	}
}

static const struct doctor_rule rows[] = {
	{ "KEY-09 0xe8008018 AUTO-07 ST-07", NEED_CERT, certificate_expired, NULL },
	{ "KEY-15", NEED_CERT, not_for_code, NULL },
	{ "KEY-22 KEY-08 KEY-12", NEED_CERT, issuer_is_missing, NULL },
	{ "CERT-11 KEY-12 KEY-13", NEED_CERT, key_is_elsewhere, NULL },
};

const struct doctor_rules doctor_rules_key = { rows, ARRAY_LEN(rows) };
