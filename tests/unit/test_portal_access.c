/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and roles: each rule of asc.md 3.1, each client's habits, each row of 4.7.
 */
#include <stdlib.h>
#include <string.h>

#include "support/api_client.h"
#include "support/harness.h"
#include "util/mem.h"

#define AUD "appstoreconnect-v1"

/* A claim set; offsets are from now, in seconds.  NULL and 0: left out. */
struct token {
	const char *what;
	const char *iss; /* "team": the portal's */
	const char *sub;
	double iat, exp; /* NO: left out */
	const char *aud; /* ",": a list of two */
	const char *scope[3];
	bool is_good;
};
#define NO (-1e9)

static json_t *claims_of(struct api_client *api, const struct token *t)
{
	json_t *claims = json_object();
	double now = (double)api->p.now_s;

	if (t->iss != NULL)
		json_object_set_new(claims, "iss",
		                    json_string(strcmp(t->iss, "team") == 0
		                                        ? authority_issuer(api->p.a)
		                                        : t->iss));
	if (t->sub != NULL)
		json_object_set_new(claims, "sub", json_string(t->sub));
	if (t->iat != NO)
		json_object_set_new(claims, "iat", json_real(now + t->iat));
	if (t->exp != NO)
		json_object_set_new(claims, "exp",
		                    json_integer((json_int_t)(now + t->exp)));
	if (t->aud != NULL && strcmp(t->aud, ",") == 0)
		json_object_set_new(claims, "aud", json_pack("[s, s]", "other", AUD));
	else if (t->aud != NULL)
		json_object_set_new(claims, "aud", json_string(t->aud));
	for (size_t i = 0; t->scope[i] != NULL; i++) {
		if (i == 0)
			json_object_set_new(claims, "scope", json_array());
		json_array_append_new(json_object_get(claims, "scope"),
		                      json_string(t->scope[i]));
	}
	json_object_set_new(claims, "nonce", json_string("ignored"));
	return claims;
}

static const struct token tokens[] = {
	/* what clients send (the table of 3.1) */
	{ "Spaceship", "team", NULL, -60, 500, AUD, { NULL }, true },
	{ "codemagic: no iat", "team", NULL, NO, 19 * 60, AUD, { NULL }, true },
	{ "the SDK: no iat, exactly 20 min",
	  "team",
	  NULL,
	  NO,
	  1200,
	  AUD,
	  { NULL },
	  true },
	{ "node: 20 min", "team", NULL, 0, 1200, AUD, { NULL }, true },
	{ "Go: a list", "team", NULL, 0, 600, ",", { NULL }, true },
	{ "Swift: a float", "team", NULL, -0.25, 1200, AUD, { NULL }, true },
	/* times */
	{ "20 min and a minute", "team", NULL, 0, 1260, AUD, { NULL }, true },
	{ "a second more", "team", NULL, 0, 1261, AUD, { NULL }, false },
	{ "a second more, no iat", "team", NULL, NO, 1261, AUD, { NULL }, false },
	{ "iat a minute ahead", "team", NULL, 60, 600, AUD, { NULL }, true },
	{ "iat further ahead", "team", NULL, 61, 600, AUD, { NULL }, false },
	{ "expired by less than a minute",
	  "team",
	  NULL,
	  -600,
	  -59,
	  AUD,
	  { NULL },
	  true },
	{ "expired", "team", NULL, -600, -60, AUD, { NULL }, false },
	{ "no exp", "team", NULL, 0, NO, AUD, { NULL }, false },
	/* who and for whom */
	{ "another issuer", "someone", NULL, 0, 600, AUD, { NULL }, false },
	{ "no issuer", NULL, NULL, 0, 600, AUD, { NULL }, false },
	{ "as an individual key's", NULL, "user", 0, 600, AUD, { NULL }, false },
	{ "another audience",
	  "team",
	  NULL,
	  0,
	  600,
	  "apple-developer-enterprise-v1",
	  { NULL },
	  false },
	{ "no audience", "team", NULL, 0, 600, NULL, { NULL }, false },
	/* scope */
	{ "a scope that fits", "team", NULL, 0, 600, AUD, { "GET /v1/devices" }, true },
	{ "one of two fits",
	  "team",
	  NULL,
	  0,
	  600,
	  AUD,
	  { "GET /v1/apps", "GET /v1/devices?limit=7" },
	  true },
	{ "long with a scope",
	  "team",
	  NULL,
	  0,
	  90 * 86400,
	  AUD,
	  { "GET /v1/devices" },
	  true },
	{ "too long with a scope",
	  "team",
	  NULL,
	  0,
	  200 * 86400,
	  AUD,
	  { "GET /v1/devices" },
	  false },
	{ "a scope for something else",
	  "team",
	  NULL,
	  0,
	  600,
	  AUD,
	  { "GET /v1/apps" },
	  false },
	{ "a scope with another parameter",
	  "team",
	  NULL,
	  0,
	  600,
	  AUD,
	  { "GET /v1/devices?limit=8" },
	  false },
	{ "a scope for a change too",
	  "team",
	  NULL,
	  0,
	  600,
	  AUD,
	  { "GET /v1/devices", "POST /v1/devices" },
	  false },
};

TEST(tokens_are_taken_as_apple_takes_them)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		api.claims = claims_of(&api, &tokens[i]);
		printf("# %s\n", tokens[i].what);
		AUTO(drop_json)
		json_t *got = api_get(&api, tokens[i].is_good ? 200 : 401,
		                      "/v1/devices?limit=7");
		drop_json(&api.claims);
		api.claims = NULL;
		if (tokens[i].is_good)
			continue;
		CHECK_STR(api_code(got), "NOT_AUTHORIZED");
		CHECK_STR(api_text(got, "errors.0.title"),
		          "Authentication credentials are missing or invalid.");
		CHECK(api_at(got, "errors.0.id") == NULL);
		CHECK(strstr(api_detail(got), "?id=api-generating-tokens") != NULL);
	}
}

TEST(a_scope_does_not_allow_a_change)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };
	const struct token t = {
		.iss = "team", .exp = 600, .aud = AUD, .scope = { "GET /v1/devices" }
	};

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	api.claims = claims_of(&api, &t);
	AUTO(drop_json)
	json_t *got =
		api_post(&api, 401, "/v1/devices", api_body("devices", NULL, NULL));
	CHECK_STR(api_code(got), "NOT_AUTHORIZED");
}

TEST(other_keys_are_nobodys)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	AUTO(key_free) struct key other = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err) &&
	                   key_new(&other, KEY_P256, &err),
	           &err);
	struct key own = api.key;
	api.key = other;
	AUTO(drop_json) json_t *forged = api_get(&api, 401, "/v1/devices");
	api.key = own;
	AUTO(drop_json) json_t *fine = api_get(&api, 200, "/v1/devices");
	REQUIRE_OK(authority_key_revoke(api.p.a, api.kid, &err), &err);
	AUTO(drop_json) json_t *revoked = api_get(&api, 401, "/v1/devices");
	snprintf(api.kid, sizeof api.kid, "NOBODY4242");
	AUTO(drop_json) json_t *unknown = api_get(&api, 401, "/v1/devices");
	CHECK_STR(api_code(unknown), "NOT_AUTHORIZED");
}

/* The status with exactly this header; NULL: none. */
static unsigned status_with(struct api_client *api, const char *authorization)
{
	AUTO(http_answer_free)
	struct http_answer a = { .body = BUF_INIT(HTTP_MAX_ANSWER) };
	const struct http_request r = { .method = "GET",
		                        .path = "/v1/devices",
		                        .authorization = authorization };

	portal_answer(api->portal, &r, &a);
	return a.status;
}

/* That a signature was good once says nothing about anything else. */
TEST(a_token_that_is_known_is_judged_again)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	AUTO(drop_str) char *good = api_token(&api);
	AUTO(drop_str) char *bad = mem_copy(good);
	char *last = bad + strlen(bad) - 10; /* of the signature */
	*last = *last == 'A' ? 'B' : 'A';
	for (int i = 0; i < 3; i++) {
		CHECK(status_with(&api, good) == 200);
		CHECK(status_with(&api, bad) == 401);
	}
	api.p.now_s += 1200 + 59;
	CHECK(status_with(&api, good) == 200);
	api.p.now_s += 1;
	CHECK(status_with(&api, good) == 401);
	api.p.now_s -= 60;
	CHECK(status_with(&api, good) == 200);
	REQUIRE_OK(authority_key_revoke(api.p.a, api.kid, &err), &err);
	CHECK(status_with(&api, good) == 401);
}

TEST(headers_without_a_token_are_refused)
{
	static const char *const bad[] = {
		NULL,           "",
		"Bearer",       "Bearer ",
		"Bearer x",     "Basic YTpi",
		"Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30."
	};
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		printf("# %s\n", bad[i] != NULL ? bad[i] : "none");
		CHECK(status_with(&api, bad[i]) == 401);
	}
}

TEST(a_persons_own_key_may_not_provision)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	char name[] = "Jane";
	const struct authority_key wanted = { .name = name,
		                              .role = AUTHORITY_ADMIN,
		                              .is_individual = true };
	const struct token t = { .sub = "user", .exp = 600, .aud = AUD };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err) &&
	                   authority_key_add(&made, api.p.a, &wanted, &api.key, &err),
	           &err);
	snprintf(api.kid, sizeof api.kid, "%s", made.items[0].id);
	AUTO(drop_json) json_t *as_team = api_get(&api, 401, "/v1/devices");
	api.claims = claims_of(&api, &t);
	AUTO(drop_json) json_t *got = api_get(&api, 403, "/v1/devices");
	CHECK_STR(api_detail(got), "The API key in use does not allow this request");
	json_object_set_new(api.claims, "iss", json_string(authority_issuer(api.p.a)));
	AUTO(drop_json) json_t *both = api_get(&api, 401, "/v1/devices");
	CHECK_STR(api_code(both), "NOT_AUTHORIZED");
}

/* ---- how many ---- */

/* The header of the last answer that is called so; "". */
static const char *header(const struct api_client *api, const char *name)
{
	for (size_t i = 0; i < api->last.header_count; i++)
		if (strcmp(api->last.headers[i].name, name) == 0)
			return api->last.headers[i].value;
	return "";
}

TEST(a_key_has_its_number_of_requests_an_hour)
{
	AUTO(api_client_free) struct api_client api = { .hour_limit = 3 };
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	const struct authority_key wanted = { .name = (char[]){ "other" },
		                              .role = AUTHORITY_ADMIN };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err) &&
	                   authority_key_add(&made, api.p.a, &wanted, &api.key, &err),
	           &err);
	for (int i = 0; i < 3; i++) {
		AUTO(drop_json) json_t *fine = api_get(&api, 200, "/v1/devices");
	}
	CHECK_STR(header(&api, "X-Rate-Limit"), "user-hour-lim:3;user-hour-rem:0;");
	CHECK_STR(header(&api, "Retry-After"), "");
	AUTO(drop_json) json_t *got = api_get(&api, 429, "/v1/devices");
	CHECK_STR(api_code(got), "RATE_LIMIT_EXCEEDED");
	CHECK_STR(api_text(got, "errors.0.title"),
	          "The request rate limit has been reached.");
	CHECK(strtol(header(&api, "Retry-After"), NULL, 10) > 0);
	/* Of another key, and in the next hour. */
	char own[sizeof api.kid];
	memcpy(own, api.kid, sizeof own);
	snprintf(api.kid, sizeof api.kid, "%s", made.items[0].id);
	AUTO(drop_json) json_t *other = api_get(&api, 200, "/v1/devices");
	memcpy(api.kid, own, sizeof own);
	api.p.now_s += 3599;
	AUTO(drop_json) json_t *still = api_get(&api, 429, "/v1/devices");
	api.p.now_s += 1;
	AUTO(drop_json) json_t *again = api_get(&api, 200, "/v1/devices");
	CHECK_STR(header(&api, "X-Rate-Limit"), "user-hour-lim:3;user-hour-rem:2;");
}

TEST(failures_come_as_they_were_asked_for)
{
	static const struct {
		unsigned status;
		const char *code;
	} faults[] = { { 401, "NOT_AUTHORIZED" },
		       { 429, "RATE_LIMIT_EXCEEDED" },
		       { 500, "UNEXPECTED_ERROR" } };
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		REQUIRE_OK(authority_fault_set(api.p.a, faults[i].status, 2, &err),
		           &err);
		AUTO(drop_json)
		json_t *get = api_get(&api, faults[i].status, "/v1/devices");
		CHECK_STR(api_code(get), faults[i].code);
		/* It changes nothing. */
		AUTO(drop_json)
		json_t *post =
			api_post(&api, faults[i].status, "/v1/bundleIds",
		                 api_body("bundleIds",
		                          json_pack("{s:s, s:s, s:s}", "name", "Shop",
		                                    "identifier", "com.ex.shop",
		                                    "platform", "IOS"),
		                          NULL));
		AUTO(drop_json) json_t *list = api_get(&api, 200, "/v1/bundleIds");
		CHECK(json_integer_value(api_at(list, "meta.paging.total")) == 0);
	}
	REQUIRE_OK(authority_fault_set(api.p.a, 500, 9, &err) &&
	                   authority_fault_set(api.p.a, 500, 0, &err),
	           &err);
	AUTO(drop_json) json_t *fine = api_get(&api, 200, "/v1/devices");
}

/* ---- roles ---- */

/* What each may do: a letter of "AMDRO" (the roles in their order) means yes. */
static const struct act {
	const char *who, *method, *target, *type, *attributes;
} acts[] = {
	{ "AMD O", "GET", "/v1/devices", NULL, NULL },
	{ "AMD O", "GET", "/v1/certificates", NULL, NULL },
	{ "AMD O", "GET", "/v1/profiles", NULL, NULL },
	{ "AMDR ", "POST", "/v1/devices", "devices", "{}" },
	{ "AM   ", "PATCH", "/v1/devices/NONE", "devices", "{}" },
	{ "AM   ", "POST", "/v1/bundleIds", "bundleIds", "{}" },
	{ "AM   ", "PATCH", "/v1/bundleIds/NONE", "bundleIds", "{}" },
	{ "A    ", "DELETE", "/v1/bundleIds/NONE", NULL, NULL },
	{ "AM   ", "POST", "/v1/bundleIdCapabilities", "bundleIdCapabilities", "{}" },
	{ "AM   ", "DELETE", "/v1/bundleIdCapabilities/NONE", NULL, NULL },
	{ "AMD  ", "POST", "/v1/certificates", "certificates",
	  "{\"certificateType\":\"DEVELOPMENT\",\"csrContent\":\"x\"}" },
	{ "AMD  ", "POST", "/v1/certificates", "certificates",
	  "{\"certificateType\":\"IOS_DEVELOPMENT\",\"csrContent\":\"x\"}" },
	{ "AM   ", "POST", "/v1/certificates", "certificates",
	  "{\"certificateType\":\"DISTRIBUTION\",\"csrContent\":\"x\"}" },
	{ "A    ", "DELETE", "/v1/certificates/NONE", NULL, NULL },
};

TEST(roles_may_what_the_table_says)
{
	static const char letters[] = "AMDRO";

	for (int role = 0; role < AUTHORITY_ROLE_COUNT; role++) {
		AUTO(api_client_free) struct api_client api = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(api_client_make(&api, (enum authority_role)role, &err),
		           &err);
		for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
			const struct act *act = &acts[i];
			bool may = act->who[role] == letters[role];
			AUTO(drop_json)
			json_t *body =
				act->type == NULL
					? NULL
					: api_body(act->type,
			                           json_loads(act->attributes, 0, NULL),
			                           NULL);

			printf("# %s: %s %s\n",
			       authority_role_name((enum authority_role)role),
			       act->method, act->target);
			CHECK(api_is_forbidden(&api, act->method, act->target, body) ==
			      !may);
		}
	}
}

TEST(a_developer_makes_development_profiles_only)
{
	static const struct {
		enum authority_role role;
		const char *type;
		bool may;
	} wanted[] = {
		{ AUTHORITY_DEVELOPER, "IOS_APP_DEVELOPMENT", true },
		{ AUTHORITY_DEVELOPER, "IOS_APP_ADHOC", false },
		{ AUTHORITY_DEVELOPER, "IOS_APP_STORE", false },
		{ AUTHORITY_APP_MANAGER, "IOS_APP_STORE", true },
		{ AUTHORITY_READ_ONLY, "IOS_APP_DEVELOPMENT", false },
	};
	const char *const ids[] = { "NONE", NULL };

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		AUTO(api_client_free) struct api_client api = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(api_client_make(&api, wanted[i].role, &err), &err);
		AUTO(drop_json)
		json_t *body =
			api_body("profiles",
		                 json_pack("{s:s, s:s}", "name", "P", "profileType",
		                           wanted[i].type),
		                 json_pack("{s:o, s:o}", "bundleId",
		                           api_one("bundleIds", "NONE"), "certificates",
		                           api_many("certificates", ids)));
		CHECK(api_is_forbidden(&api, "POST", "/v1/profiles", body) ==
		      !wanted[i].may);
	}
}
