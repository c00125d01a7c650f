/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As many threads as a portal may have, all at once: each is answered.
 */
#include <stdio.h>
#include <string.h>

#include "support/api_client.h"
#include "support/harness.h"
#include "util/mem.h"
#include "util/pool.h"

#define JOBS 256

struct crowd {
	struct api_client *api;
	const char *token;
	const char *certificate; /* the body of a POST */
};

/* Odd ones make something, the others look. */
static bool ask_once(void *ctx, size_t i, struct error *err)
{
	const struct crowd *crowd = ctx;
	bool is_change = i % 2 == 1;
	AUTO(http_answer_free)
	struct http_answer a = { .body = BUF_INIT(HTTP_MAX_ANSWER) };
	const struct http_request r = {
		.method = is_change ? "POST" : "GET",
		.path = "/v1/certificates",
		.host = "portal.test",
		.authorization = crowd->token,
		.body = slice_str(is_change ? crowd->certificate : ""),
	};

	portal_answer(crowd->api->portal, &r, &a);
	if (a.status == (is_change ? 201 : 200))
		return true;
	return error_set(err, ERROR_IO, "%s: %u: %.*s", r.method, a.status,
	                 (int)a.body.n, (const char *)a.body.p);
}

TEST(answers_every_thread)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	AUTO(drop_str) char *csr = api_csr(1);
	AUTO(authority_cert_list_free) struct authority_cert_list made = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err) &&
	                   authority_set(api.p.a, "development-certificates", JOBS,
	                                 &err),
	           &err);
	AUTO(drop_json)
	json_t *body = api_body("certificates",
	                        json_pack("{s:s, s:s}", "certificateType",
	                                  "DEVELOPMENT", "csrContent", csr),
	                        NULL);
	AUTO(drop_str) char *text = json_dumps(body, 0);
	AUTO(drop_str) char *token = api_token(&api);
	struct crowd crowd = { .api = &api, .token = token, .certificate = text };

	REQUIRE_OK(pool_run(POOL_MAX_THREADS, JOBS, ask_once, &crowd, &err), &err);
	REQUIRE_OK(authority_cert_all(&made, api.p.a, false, &err), &err);
	CHECK(made.count == JOBS / 2);
}
