/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/responder.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/ocsp.h"
#include "http/client.h"
#include "util/mem.h"

#define REQUEST_MAX_BYTES ((size_t)4 << 10)

void responder_free(struct responder *r)
{
	for (size_t i = 0; i < r->count; i++)
		buf_free(&r->answers[i].response);
	free(r->answers);
	*r = (struct responder){ 0 };
}

/* By POST: the names in a GET's path are long, and proxies keep what it answers. */
static bool fetch(struct buf *out, const char *url, const struct cert *cert,
                  const struct cert *issuer, struct error *err)
{
	AUTO(buf_free) struct buf request = BUF_INIT(REQUEST_MAX_BYTES);
	unsigned status = 0;

	if (!ocsp_request(&request, cert, issuer, err))
		return false;
	const struct http_question question = {
		.url = url,
		.content_type = "application/ocsp-request",
		.body = buf_slice(&request),
		.max_bytes = OCSP_MAX_BYTES,
	};
	if (!http_ask(&status, out, &question, err))
		return false;
	return status == 200 ||
	       error_set(err, ERROR_REMOTE, "%s said HTTP %u", url, status);
}

static struct responder_answer *find(const struct responder *r, const struct cert *cert)
{
	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->answers[i].sha256, cert->sha256, sizeof cert->sha256) ==
		    0)
			return &r->answers[i];
	return NULL;
}

static struct responder_answer *ask(struct responder *r, const struct cert *cert,
                                    const struct cert *issuer)
{
	AUTO(drop_str) char *url = ocsp_responder_url(cert);
	struct responder_answer *a;

	r->answers = mem_grow(r->answers, r->count, &r->cap, sizeof *r->answers);
	a = &r->answers[r->count++];
	*a = (struct responder_answer){ .response = BUF_INIT(OCSP_MAX_BYTES) };
	memcpy(a->sha256, cert->sha256, sizeof a->sha256);
	if (r->is_verbose)
		fprintf(stderr, "asking   %s about serial %s\n", url, cert->serial);
	a->is_there = fetch(&a->response, url, cert, issuer, &a->err);
	return a;
}

bool responder_ask(void *ctx, struct buf *out, const struct cert *cert,
                   const struct cert *issuer, struct error *err)
{
	struct responder *r = ctx;
	const struct responder_answer *a = find(r, cert);

	if (a == NULL)
		a = ask(r, cert, issuer);
	if (a->is_there)
		return buf_append(out, buf_slice(&a->response), err);
	*err = a->err;
	return false;
}
