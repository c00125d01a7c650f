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

/* ---- what kinds of certificates there are (R3) ---- */

static bool signs_code(enum cert_kind kind)
{
	return cert_kind_is_development(kind) || cert_kind_is_distribution(kind) ||
	       kind == CERT_KIND_MAC_DEVELOPMENT ||
	       kind == CERT_KIND_MAC_APP_DISTRIBUTION ||
	       kind == CERT_KIND_DEVELOPER_ID_APPLICATION;
}

static bool signs_no_code(enum cert_kind kind)
{
	return kind == CERT_KIND_PUSH || kind == CERT_KIND_PASS_TYPE ||
	       kind == CERT_KIND_MAC_INSTALLER ||
	       kind == CERT_KIND_DEVELOPER_ID_INSTALLER;
}

static bool is_current(const struct exam *x, const struct artifact_cert *c)
{
	return x->d->request.now_s < c->not_after_s;
}

/* Another current certificate of the team that does the same. */
static bool is_replaced(const struct exam *x, const struct artifact_cert *by_what,
                        bool with_key)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x))
		if (c.cert->kind == by_what->kind &&
		    strcmp(c.cert->team, by_what->team) == 0 &&
		    memcmp(c.cert->sha256, by_what->sha256, sizeof by_what->sha256) !=
		            0 &&
		    is_current(x, c.cert) && (c.has_key || !with_key))
			return true;
	return false;
}

static char *request_another(const struct artifact_cert *c)
{
	return mem_format("sealring cert request CSR --type %s --portal DIR -o CERT",
	                  cert_kind_is_development(c->kind) ? "development"
	                                                    : "distribution");
}

/* R10: of certificates that sign code; an old one beside the new one is history. */
static void certificate_expired(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (is_current(x, c.cert) || !signs_code(c.cert->kind))
			continue;
		AUTO(drop_str) char *date = exam_date(x, c.cert->not_after_s);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
		                   mem_format("certificate \"%s\" has expired",
		                              c.cert->cn),
		                   request_another(c.cert));

		d->is_warning =
			!exam_is_said_of(x, c.cert) && is_replaced(x, c.cert, false);
		diagnosis_fact(d, c.file->path, "not after", "%s", date);
		diagnosis_fact(d, c.file->path, "serial", "%s", c.cert->serial);
	}
}

/* Is there an identity that signs code? */
static bool somebody_signs(const struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x))
		if (c.has_key && signs_code(c.cert->kind))
			return true;
	return false;
}

/* Such a file has its use: it is a fault only where somebody signs with it. */
static void not_for_code(struct exam *x)
{
	struct exam_cert c = { 0 };
	bool is_other = somebody_signs(x);

	while (exam_next_cert(&c, x)) {
		bool is_said = exam_is_said_of(x, c.cert);

		if (!signs_no_code(c.cert->kind) ||
		    (!is_said && (is_other || !c.has_key)))
			continue;
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
		                   mem_format("\"%s\" is a certificate for something "
		                              "else: %s",
		                              c.cert->cn, cert_kind_name(c.cert->kind)),
		                   request_another(c.cert));

		d->is_warning = !is_said;
		add_cert(d, &c);
		diagnosis_fact(d, c.file->path, "kind", "%s",
		               cert_kind_name(c.cert->kind));
	}
}

/* ---- certificates and keys (R1) ---- */

/* A key that nobody could look at: whose it is, is not known. */
static const struct doctor_file *next_closed(const struct exam *x,
                                             const struct doctor_file *after)
{
	const struct doctor *d = x->d;
	size_t i = after != NULL ? (size_t)(after - d->files) + 1 : 0;

	for (; i < d->file_count; i++) {
		const struct doctor_file *f = &d->files[i];

		if (f->is_read ? f->a.is_locked
		               : f->kind == ARTIFACT_P12 || f->kind == ARTIFACT_KEY)
			return f;
	}
	return NULL;
}

static void add_keys(struct diagnosis *d, const struct exam *x,
                     const struct exam_cert *c)
{
	const struct doctor_file *closed = NULL;
	size_t keys = 0;

	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		keys += f->is_read && f->a.has_key;
		if (f->is_read && f->a.csr != NULL &&
		    artifact_cert_has_key(c->cert, f->a.csr->key_sha256))
			diagnosis_fact(d, f->path, "request",
			               "made with the key that is missing");
	}
	diagnosis_fact(d, "all files", "other keys", "%zu", keys);
	while ((closed = next_closed(x, closed)) != NULL)
		diagnosis_fact(d, closed->path, "key", "could not be looked at");
}

/* A certificate alone is what is handed around: a fault only to who needs its key. */
static void key_is_elsewhere(struct exam *x)
{
	struct exam_cert c = { 0 };
	bool is_known = next_closed(x, NULL) == NULL;

	while (exam_next_cert(&c, x)) {
		bool is_said = exam_is_said_of(x, c.cert);

		if (c.has_key || c.file->kind != ARTIFACT_CERT ||
		    !signs_code(c.cert->kind))
			continue;
		if (!is_said && (!is_known || !is_current(x, c.cert) ||
		                 is_replaced(x, c.cert, true)))
			continue;
		AUTO(drop_str) char *path = shell_quoted(c.file->path);
		struct diagnosis *d = exam_found(
			x, is_known ? DIAGNOSIS_PROVED : DIAGNOSIS_LIKELY,
			mem_copy(c.file->path),
			mem_format("no key here belongs to \"%s\"", c.cert->cn),
			mem_format("sealring p12 make -k KEY -c %s -o OUT.p12 -P "
		                   "@env:PW",
		                   path));

		d->is_warning = !is_said;
		add_cert(d, &c);
		add_keys(d, x, &c);
	}
}

/* ---- certificates and their issuers (R2) ---- */

/* Pack it again: Apple's intermediates come by themselves. */
static char *pack_again(const struct exam_cert *c, const char *chain)
{
	AUTO(drop_str) char *path = shell_quoted(c->file->path);

	if (c->file->kind != ARTIFACT_P12)
		return mem_format("sealring p12 make -k KEY -c %s %s-P @env:PW "
		                  "-o OUT.p12",
		                  path, chain);
	return mem_format("sealring p12 open %s -P @env:PW --key-out KEY "
	                  "--cert-out CERT && "
	                  "sealring p12 make -k KEY -c CERT %s-P @env:PW -o %s -f",
	                  path, chain, path);
}

static void add_issuer(struct diagnosis *d, const struct exam_cert *c)
{
	add_cert(d, c);
	diagnosis_fact(d, c->file->path, "issuer", "%s%s%s", c->cert->issuer,
	               c->cert->generation[0] != '\0' ? ", " : "", c->cert->generation);
	diagnosis_fact(d, c->file->path, "certificates inside", "%zu",
	               c->file->a.cert_count);
}

/* All generations of Apple's intermediate have one name. */
static bool has_issuer(const struct artifact *a, const struct artifact_cert *cert)
{
	for (size_t i = 0; i < a->cert_count; i++)
		if (a->certs[i].kind == CERT_KIND_CA &&
		    strcmp(a->certs[i].cn, cert->issuer) == 0)
			return true;
	return false;
}

static bool is_issuer_here(const struct exam *x, const struct artifact_cert *cert)
{
	for (size_t i = 0; i < x->d->file_count; i++)
		if (x->d->files[i].is_read && has_issuer(&x->d->files[i].a, cert))
			return true;
	return false;
}

/* Of identities, as they are imported. */
static void issuer_is_missing(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (c.file->kind != ARTIFACT_P12 || !signs_code(c.cert->kind) ||
		    c.cert->is_self_signed || c.cert->trust != TRUST_NO_ISSUER ||
		    is_issuer_here(x, c.cert))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
			mem_format("the certificate of the issuer \"%s\" is neither in "
		                   "the .p12 nor known here",
		                   c.cert->issuer),
			pack_again(&c, "--chain ISSUER "));

		add_issuer(d, &c);
	}
}

/* Known here, and not to who said that it is missing. */
static void issuer_is_not_inside(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (!exam_is_said_of(x, c.cert) || !c.has_key ||
		    !signs_code(c.cert->kind) || c.cert->is_self_signed ||
		    c.cert->trust == TRUST_NO_ISSUER || has_issuer(&c.file->a, c.cert))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(c.file->path),
			mem_format("it does not bring the certificate of its issuer "
		                   "\"%s\"",
		                   c.cert->issuer),
			pack_again(&c, ""));

		add_issuer(d, &c);
	}
}

/* ---- what the log says of a certificate ---- */

/* A name in the log, and two identities that have it. */
static void name_is_ambiguous(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		struct exam_cert other = c; /* those behind it */

		if (!exam_is_said_of(x, c.cert) || !signs_code(c.cert->kind))
			continue;
		while (exam_next_cert(&other, x)) {
			if (strcmp(c.cert->cn, other.cert->cn) != 0 ||
			    memcmp(c.cert->sha256, other.cert->sha256,
			           sizeof c.cert->sha256) == 0)
				continue;
			AUTO(drop_str) char *path = shell_quoted(other.file->path);
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_LIKELY, mem_copy(c.file->path),
				mem_format("two certificates have the name \"%s\"",
			                   c.cert->cn),
				mem_format("sealring inspect %s", path));

			add_cert(d, &c);
			add_cert(d, &other);
		}
	}
}

/* Apple alone revokes it. */
static void is_developer_id(struct exam *x)
{
	struct exam_cert c = { 0 };

	if (!exam_is_said(x))
		return;
	while (exam_next_cert(&c, x)) {
		if (c.cert->kind != CERT_KIND_DEVELOPER_ID_APPLICATION &&
		    c.cert->kind != CERT_KIND_DEVELOPER_ID_INSTALLER)
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(c.file->path),
			mem_format("\"%s\" is a Developer ID certificate, which only "
		                   "Apple revokes",
		                   c.cert->cn),
			request_another(c.cert));

		add_cert(d, &c);
		diagnosis_fact(d, c.file->path, "kind", "%s",
		               cert_kind_name(c.cert->kind));
	}
}

/* A machine that is thrown away makes a certificate in each automatic build. */
static void automatic_makes_certificates(struct exam *x)
{
	struct exam_target t = { 0 };

	if (!exam_is_said(x))
		return;
	while (exam_next_target(&t, x)) {
		if (!t.signing.is_automatic)
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY,
			mem_format("%s: %s, %s", t.project->bundle, t.target->name,
		                   t.config),
			mem_format("\"%s\" is signed automatically: each new machine "
		                   "makes another certificate",
		                   t.target->name),
			NULL);

		diagnosis_fact(d, t.project->bundle, "CODE_SIGN_STYLE", "Automatic");
		exam_target_done(&t);
		return;
	}
}

static const struct doctor_rule rows[] = {
	{ "KEY-09 0xe8008018 AUTO-07 ST-07", NEED_CERT, certificate_expired, NULL },
	{ "KEY-15", NEED_CERT, not_for_code, NULL },
	{ "KEY-22 KEY-08 KEY-12", NEED_CERT, issuer_is_missing, NULL },
	{ "KEY-08 KEY-22", NEED_CERT, issuer_is_not_inside, NULL },
	{ "CERT-11 KEY-12 KEY-13 CERT-05", NEED_CERT, key_is_elsewhere, NULL },
	{ "KEY-14", NEED_CERT, name_is_ambiguous, NULL },
	{ "CERT-06", NEED_CERT, is_developer_id, NULL },
	{ "CERT-03", NEED_PROJECT, automatic_makes_certificates, NULL },
};

const struct doctor_rules doctor_rules_key = { rows, ARRAY_LEN(rows) };
