/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates: issue and revoke (spec asc.md 1.2, 3.3).
 */
#include <string.h>

#include "portal/portal_impl.h"
#include "util/base64.h"
#include "util/mem.h"

static const char *const attributes[] = { "csrContent", "certificateType", NULL };
static const char *const relationships[] = { "merchantId", "passTypeId", NULL };

#define CSR "/data/attributes/csrContent"

static bool bad_csr(struct call *c, const char *detail)
{
	return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID, CSR, "%s", detail);
}

/* PEM, or the bare base64 of the DER, on one line or several: all three are sent. */
static bool read_csr(struct call *c, struct csr *out, const char *text)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(CSR_MAX_BYTES);
	AUTO(drop_str) char *bare = mem_copy(text);
	struct error err = { 0 };
	char *to = bare;

	if (strstr(text, "-----BEGIN") != NULL)
		return csr_parse(out, slice_str(text), &err) || bad_csr(c, err.message);
	for (const char *p = text; *p != '\0'; p++)
		if (strchr(" \t\r\n", *p) == NULL)
			*to++ = *p;
	*to = '\0';
	if (!base64_read(&bytes, slice_str(bare), BASE64_PLAIN, &err) ||
	    !csr_parse(out, buf_slice(&bytes), &err))
		return bad_csr(c, err.message);
	return true;
}

static bool read_type(struct call *c, enum authority_cert_type *out, const char *word)
{
	if (authority_cert_of_api(out, word))
		return true;
	if (is_word(words_certificate_type, word))
		return problem_note(&c->problems, PROBLEM_ENTITY, NULL,
		                    "This portal issues no certificates of type '%s'",
		                    word);
	return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
	                    "/data/attributes/certificateType",
	                    "'%s' is not a valid value for the attribute "
	                    "'certificateType'",
	                    word);
}

static bool is_developer_id(enum authority_cert_type type)
{
	return strncmp(authority_cert_api(type), "DEVELOPER_ID", 12) == 0;
}

/* A development certificate asks for less than the others do. */
static bool check_access(struct call *c, enum authority_cert_type type)
{
	const char *word = authority_cert_word(type);
	size_t n = strlen(word), tail = strlen("development");

	if (is_developer_id(type))
		return problem_note(
			&c->problems, PROBLEM_FORBIDDEN, NULL,
			"This operation can only be performed by the Account "
			"Holder.");
	return access_allows(c,
	                     n < tail || strcmp(word + n - tail, "development") != 0);
}

static bool refuse(struct call *c, enum authority_cert_type type, struct error *err)
{
	switch (err->code) {
	case ERROR_LIMIT:
		return problem_note(&c->problems, PROBLEM_ENTITY, NULL,
		                    "You already have a current %s certificate or a "
		                    "pending certificate request.",
		                    authority_cert_called(type));
	case ERROR_USAGE:
	case ERROR_REFUSED:
		return bad_csr(c, err->message);
	default:
		return call_failed(c, err);
	}
}

static bool issue(struct call *c, const struct csr *csr, enum authority_cert_type type)
{
	AUTO(authority_cert_list_free) struct authority_cert_list made = { 0 };
	struct error err = { 0 };

	if (csr->key_type != KEY_RSA2048)
		return bad_csr(c, "CSR algorithm/size incorrect. Expected: RSA(2048)");
	if (!authority_cert_issue(&made, c->a, csr, type, true, &err))
		return refuse(c, type, &err);
	return document_instance(c, made.items[0].id);
}

bool certificates_create(struct call *c)
{
	AUTO(body_free) struct body b = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };
	enum authority_cert_type type = AUTHORITY_CERT_DEVELOPMENT;

	if (!body_read(&b, c, attributes, relationships))
		return false;
	const char *word = body_text(c, &b, "certificateType", true);
	const char *text = body_text(c, &b, "csrContent", true);
	if (word == NULL || text == NULL)
		return false;
	return read_type(c, &type, word) && check_access(c, type) &&
	       read_csr(c, &csr, text) && issue(c, &csr, type);
}

/* The one thing to change is for Apple Pay's certificates, which there are none of. */
bool certificates_update(struct call *c)
{
	static const char *const known[] = { "activated", NULL };
	static const char *const none[] = { NULL };
	AUTO(body_free) struct body b = { 0 };

	if (!access_allows(c, true) || !body_read(&b, c, known, none) ||
	    !document_exists(c, c->resource, c->id))
		return false;
	return problem_note(&c->problems, PROBLEM_ENTITY, "/data/attributes/activated",
	                    "Only a Payment Processing certificate can be activated.");
}

bool certificates_delete(struct call *c)
{
	AUTO(drop_str) char *serial = NULL;
	struct error err = { 0 };
	size_t affected = 0;

	if (!access_allows(c, true) || !document_exists(c, c->resource, c->id))
		return false;
	return (authority_name_of(&serial, c->a, AUTHORITY_CERTIFICATES, c->id, &err) &&
	        authority_cert_revoke(c->a, serial, &affected, &err)) ||
	       call_failed(c, &err);
}
