/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_client.h - ask the portal's API as a program would, without a socket.
 *
 *     AUTO(api_client_free) struct api_client api = { 0 };
 *     REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
 *     AUTO(drop_json) json_t *got = api_get(&api, 200, "/v1/devices?limit=2");
 */
#pragma once

#include "portal/portal.h"
#include "support/test_portal.h"
#include "util/jsonio.h"

struct api_client {
	struct test_portal p;
	struct portal *portal;
	struct key key;
	char kid[16];
	struct http_answer last; /* of the last call */
	/* what the next tokens are like; zeros: as Apple's documentation has it */
	json_t *claims; /* NULL: made anew for each request */
	bool is_strict;
	unsigned hour_limit; /* 0: none is refused */
};

/* A portal with one API key of this role.  Zeros, is_strict and hour_limit before. */
NODISCARD bool api_client_make(struct api_client *out, enum authority_role role,
                               struct error *err);
void api_client_free(struct api_client *c); /* for AUTO() */

/* "Bearer ...", a new one each time; the caller's. */
char *api_token(struct api_client *c);

/*
 * What comes back; body NULL: none.  A status other than the wanted one fails the test
 * and prints the answer.  Never NULL: an answer without a body is null.
 */
json_t *api_call(struct api_client *c, unsigned status, const char *method,
                 const char *target, const json_t *body);
/* The same with a body that need not be JSON. */
json_t *api_raw(struct api_client *c, unsigned status, const char *method,
                const char *target, struct slice body);
json_t *api_get(struct api_client *c, unsigned status, const char *target);
/* The same; takes the body. */
json_t *api_post(struct api_client *c, unsigned status, const char *target,
                 json_t *body);
json_t *api_patch(struct api_client *c, unsigned status, const char *target,
                  json_t *body);
void api_delete(struct api_client *c, unsigned status, const char *target);

/* Is it refused since the key may not?  Other refusals are none. */
bool api_is_forbidden(struct api_client *c, const char *method, const char *target,
                      const json_t *body);

/* {"data":{"type":...,"attributes":...,"relationships":...}}; takes both, NULL: none. */
json_t *api_body(const char *type, json_t *attributes, json_t *relationships);
/* A relationship to one, or to several (ends with NULL). */
json_t *api_one(const char *type, const char *id);
json_t *api_many(const char *type, const char *const *ids);

/* A value deep inside: "data.0.attributes.name"; NULL: it is not there. */
const json_t *api_at(const json_t *root, const char *path);
/* Its text; "" if it is none. */
const char *api_text(const json_t *root, const char *path);
/* The first error's code and detail. */
const char *api_code(const json_t *root);
const char *api_detail(const json_t *root);

/* A PEM request made with key `number`, as csrContent wants it; the caller's. */
char *api_csr(size_t number);
/* Register one of each through the API; the ids. */
NODISCARD bool api_seed(struct api_client *c, char app[16], char device[16],
                        char cert[16]);
