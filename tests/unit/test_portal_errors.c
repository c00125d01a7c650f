/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals, to the letter: clients match on these texts (asc.md 3.3).
 */
#include <stdlib.h>
#include <string.h>

#include "support/api_client.h"
#include "support/harness.h"
#include "util/mem.h"

/* A portal with "Shop", a phone and a distribution certificate. */
struct world {
	struct api_client api;
	char app[16], device[16], cert[16];
};

static void world_free(struct world *w)
{
	api_client_free(&w->api);
}

static bool world_make(struct world *w, enum authority_role role, struct error *err)
{
	return api_client_make(&w->api, role, err) &&
	       (role != AUTHORITY_ADMIN ||
	        api_seed(&w->api, w->app, w->device, w->cert));
}

/* $A, $D, $C are the ids of the world; the caller's. */
static char *fill(const struct world *w, const char *text)
{
	AUTO(buf_free) struct buf out = BUF_INIT(1 << 16);
	struct error err = { 0 };

	for (; *text != '\0'; text++) {
		const char piece[] = { *text, '\0' };
		const char *put = piece;

		if (text[0] == '$' && strchr("ADC", text[1]) != NULL) {
			text++;
			put = *text == 'A'   ? w->app
			      : *text == 'D' ? w->device
			                     : w->cert;
		}
		if (!buf_append_str(&out, put, &err))
			abort();
	}
	return mem_str(out.p, out.n);
}

static void check_source(const json_t *got, const char *source)
{
	if (source == NULL) {
		CHECK(api_at(got, "errors.0.source") == NULL);
		return;
	}
	CHECK_STR(api_text(got, source[0] == '/' ? "errors.0.source.pointer"
	                                         : "errors.0.source.parameter"),
	          source);
}

static void check_error(const json_t *got, unsigned status, const char *code,
                        const char *detail, const char *source)
{
	char text[8];

	snprintf(text, sizeof text, "%u", status);
	CHECK_STR(api_text(got, "errors.0.status"), text);
	CHECK_STR(api_code(got), code);
	CHECK_STR(api_detail(got), detail);
	CHECK(api_text(got, "errors.0.title")[0] != '\0');
	check_source(got, source);
}

/* ---- GET ---- */

#define INVALID "PARAMETER_ERROR.INVALID"
#define ILLEGAL "PARAMETER_ERROR.ILLEGAL"
#define NO_USE  "can not be used with this request"

static const struct get {
	const char *target;
	unsigned status;
	const char *code, *detail, *source;
} gets[] = {
	{ "/v1/devices?limit=201", 400, INVALID,
	  "'201' is not a valid limit: it is from 1 to 200", "limit" },
	{ "/v1/devices?limit=0", 400, INVALID,
	  "'0' is not a valid limit: it is from 1 to 200", "limit" },
	{ "/v1/devices?limit=x", 400, INVALID,
	  "'x' is not a valid limit: it is from 1 to 200", "limit" },
	{ "/v1/profiles?limit[devices]=51", 400, INVALID,
	  "'51' is not a valid limit: it is from 1 to 50", "limit[devices]" },
	{ "/v1/profiles?limit[bundleId]=1", 400, ILLEGAL,
	  "The parameter 'limit[bundleId]' " NO_USE, "limit[bundleId]" },
	{ "/v1/devices/$D?limit=1", 400, ILLEGAL, "The parameter 'limit' " NO_USE,
	  "limit" },
	{ "/v1/devices/$D?cursor=x", 400, ILLEGAL, "The parameter 'cursor' " NO_USE,
	  "cursor" },
	{ "/v1/devices?filter[nose]=x", 400, ILLEGAL,
	  "The parameter 'filter[nose]' " NO_USE, "filter[nose]" },
	{ "/v1/devices?filter[]=x", 400, ILLEGAL, "The parameter 'filter[]' " NO_USE,
	  "filter[]" },
	{ "/v1/devices?filter[name=x", 400, ILLEGAL,
	  "The parameter 'filter[name' " NO_USE, "filter[name" },
	{ "/v1/devices?colour=x", 400, ILLEGAL, "The parameter 'colour' " NO_USE,
	  "colour" },
	{ "/v1/devices?include=profiles", 400, ILLEGAL,
	  "The parameter 'include' " NO_USE, "include" },
	{ "/v1/profiles?include=friends", 400, INVALID,
	  "'friends' is not a valid relationship name", "include" },
	{ "/v1/devices?filter[status]=BROKEN", 400, INVALID,
	  "'BROKEN' is not a valid filter type", "filter[status]" },
	{ "/v1/devices?sort=age", 400, INVALID, "'age' is not a valid sort field",
	  "sort" },
	{ "/v1/devices?fields[devices]=age", 400, INVALID,
	  "'age' is not a valid field name", "fields[devices]" },
	{ "/v1/devices?fields[cars]=age", 400, ILLEGAL,
	  "The parameter 'fields[cars]' " NO_USE, "fields[cars]" },
	{ "/v1/devices?cursor=", 400, INVALID,
	  "'' is not a valid cursor for this request", "cursor" },
	{ "/v1/devices?cursor=eyJ", 400, INVALID,
	  "'eyJ' is not a valid cursor for this request", "cursor" },
	/* {"offset":20} and [] */
	{ "/v1/devices?cursor=eyJvZmZzZXQiOjIwfQ==", 400, INVALID,
	  "'eyJvZmZzZXQiOjIwfQ==' is not a valid cursor for this request", "cursor" },
	{ "/v1/devices?cursor=W10=", 400, INVALID,
	  "'W10=' is not a valid cursor for this request", "cursor" },
	{ "/v1/bundleIds/$A/profiles?sort=name", 400, ILLEGAL,
	  "The parameter 'sort' " NO_USE, "sort" },
	{ "/v1/devices/NONE", 404, "NOT_FOUND",
	  "There is no resource of type 'devices' with id 'NONE'", NULL },
	{ "/v1/bundleIds/NONE/profiles", 404, "NOT_FOUND",
	  "There is no resource of type 'bundleIds' with id 'NONE'", NULL },
	{ "/v1/bundleIds/NONE/relationships/profiles", 404, "NOT_FOUND",
	  "There is no resource of type 'bundleIds' with id 'NONE'", NULL },
	{ "/v1/bundleIds/$A/friends", 404, "NOT_FOUND",
	  "The path provided does not match a defined resource type.", NULL },
	{ "/v1/cars", 404, "NOT_FOUND",
	  "The path provided does not match a defined resource type.", NULL },
	{ "/v2/devices", 404, "NOT_FOUND",
	  "The path provided does not match a defined resource type.", NULL },
	{ "/v1/devices/", 404, "NOT_FOUND",
	  "The path provided does not match a defined resource type.", NULL },
	{ "/v1/bundleIds/$A/relationships/profiles/x", 404, "NOT_FOUND",
	  "The path provided does not match a defined resource type.", NULL },
	{ "/v1/bundleIdCapabilities", 403, "FORBIDDEN_ERROR",
	  "The resource 'bundleIdCapabilities' does not allow 'GET_COLLECTION'. Allowed "
	  "operations are: CREATE, UPDATE, DELETE",
	  NULL },
	{ "/v1/bundleIdCapabilities/x", 403, "FORBIDDEN_ERROR",
	  "The resource 'bundleIdCapabilities' does not allow 'GET_INSTANCE'. Allowed "
	  "operations are: CREATE, UPDATE, DELETE",
	  NULL },
};

TEST(gets_are_refused_in_apples_words)
{
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(gets); i++) {
		AUTO(drop_str) char *target = fill(&w, gets[i].target);
		AUTO(drop_json) json_t *got = api_get(&w.api, gets[i].status, target);

		printf("# %s\n", gets[i].target);
		check_error(got, gets[i].status, gets[i].code, gets[i].detail,
		            gets[i].source);
	}
}

/* ---- changes ---- */

#define ENTITY   "ENTITY_ERROR"
#define AT_INV   "ENTITY_ERROR.ATTRIBUTE.INVALID"
#define AT_REQ   "ENTITY_ERROR.ATTRIBUTE.REQUIRED"
#define AT_TYPE  "ENTITY_ERROR.ATTRIBUTE.TYPE"
#define REL_REQ  "ENTITY_ERROR.RELATIONSHIP.REQUIRED"
#define REL_INV  "ENTITY_ERROR.RELATIONSHIP.INVALID"
#define MUST     "You must provide a value for the attribute "
#define MUST_REL "You must provide a value for the relationship "
#define APP(id)  "'bundleId':{'data':{'type':'bundleIds','id':'" id "'}}"
#define CERT(id) "'certificates':{'data':[{'type':'certificates','id':'" id "'}]}"
#define DEV(id)  "'devices':{'data':[{'type':'devices','id':'" id "'}]}"

static const struct change {
	const char *method, *target;
	const char *attributes, *relationships; /* with ' for " */
	unsigned status;
	const char *code, *detail, *source;
} changes[] = {
	{ "POST", "/v1/bundleIds",
	  "'name':'N','platform':'IOS','identifier':'COM.acme.shop'", "", 409, AT_INV,
	  "An App ID with Identifier 'COM.acme.shop' is not available. Please enter a "
	  "different string.",
	  "/data/attributes/identifier" },
	{ "POST", "/v1/bundleIds", "'name':'N','platform':'IOS','identifier':'a..b'",
	  "", 409, AT_INV,
	  "An invalid value 'a..b' was provided for the parameter 'identifier'.",
	  "/data/attributes/identifier" },
	{ "POST", "/v1/bundleIds", "'name':'','platform':'IOS','identifier':'a.b'", "",
	  409, AT_INV, "The attribute 'name' is invalid: ''", "/data/attributes/name" },
	{ "POST", "/v1/bundleIds", "'name':'N','platform':'WIN','identifier':'a.b'", "",
	  409, AT_INV, "'WIN' is not a valid value for the attribute 'platform'",
	  "/data/attributes/platform" },
	{ "POST", "/v1/bundleIds",
	  "'name':'N','platform':'IOS','identifier':'a.b','seedId':'X'", "", 409,
	  AT_INV, "'X' is not a prefix of this team", "/data/attributes/seedId" },
	{ "POST", "/v1/bundleIds", "'name':'N','platform':'IOS'", "", 409, AT_REQ,
	  MUST "'identifier' with this request", "/data/attributes/identifier" },
	{ "POST", "/v1/bundleIds", "'name':7,'platform':'IOS','identifier':'a.b'", "",
	  409, AT_TYPE, "The attribute 'name' is a string", "/data/attributes/name" },
	{ "PATCH", "/v1/bundleIds/NONE", "'name':'N'", "", 404, "NOT_FOUND",
	  "There is no resource of type 'bundleIds' with id 'NONE'", NULL },
	{ "DELETE", "/v1/bundleIds/NONE", NULL, NULL, 404, "NOT_FOUND",
	  "There is no resource of type 'bundleIds' with id 'NONE'", NULL },
	{ "PATCH", "/v1/bundleIds/$A", "", "'bundleIdCapabilities':{'data':[{}]}", 409,
	  REL_INV, "An item of 'bundleIdCapabilities' names no 'capability'",
	  "/data/relationships/bundleIdCapabilities" },

	{ "POST", "/v1/bundleIdCapabilities", "'capabilityType':'GAME_CENTER'",
	  APP("$A"), 409, ENTITY,
	  "The capability 'GAME_CENTER' already exists on this App ID.", NULL },
	{ "POST", "/v1/bundleIdCapabilities", "'capabilityType':'FLYING'", APP("$A"),
	  409, AT_INV, "there is no capability \"FLYING\"",
	  "/data/attributes/capabilityType" },
	{ "POST", "/v1/bundleIdCapabilities", "'capabilityType':'HOMEKIT'", APP("NONE"),
	  409, REL_INV, "There is no App ID with ID 'NONE' on this team.",
	  "/data/relationships/bundleId" },
	{ "POST", "/v1/bundleIdCapabilities", "'capabilityType':'HOMEKIT'", "", 409,
	  REL_REQ, MUST_REL "'bundleId' with this request",
	  "/data/relationships/bundleId" },
	{ "POST", "/v1/bundleIdCapabilities",
	  "'capabilityType':'HOMEKIT','settings':{}", APP("$A"), 409, AT_TYPE,
	  "The attribute 'settings' is a list of objects",
	  "/data/attributes/settings" },
	{ "PATCH", "/v1/bundleIdCapabilities/$A_GAME_CENTER_IOS",
	  "'capabilityType':'HOMEKIT'", "", 409, AT_INV,
	  "The capability 'GAME_CENTER' can not become 'HOMEKIT'",
	  "/data/attributes/capabilityType" },

	{ "POST", "/v1/devices", "'name':'N','platform':'IOS','udid':'xxx'", "", 409,
	  AT_INV, "An invalid value 'xxx' was provided for the parameter 'udid'.",
	  "/data/attributes/udid" },
	{ "POST", "/v1/devices",
	  "'name':'N','platform':'IOS','udid':'00008110-0000000000000001'", "", 409,
	  AT_INV,
	  "A device with number '00008110-0000000000000001' already exists on this team.",
	  "/data/attributes/udid" },
	{ "POST", "/v1/devices",
	  "'name':'a\\u0007','platform':'IOS','udid':'00008110-0000000000000002'", "",
	  409, AT_INV, "The attribute 'name' is invalid: 'a\x07'",
	  "/data/attributes/name" },
	{ "PATCH", "/v1/devices/$D", "'status':'LOST'", "", 409, AT_INV,
	  "'LOST' is not a valid value for the attribute 'status'",
	  "/data/attributes/status" },
	{ "DELETE", "/v1/devices/$D", NULL, NULL, 403, "FORBIDDEN_ERROR",
	  "The resource 'devices' does not allow 'DELETE'. Allowed operations are: "
	  "GET_COLLECTION, GET_INSTANCE, CREATE, UPDATE",
	  NULL },
	{ "PUT", "/v1/devices/$D", "", "", 403, "FORBIDDEN_ERROR",
	  "The resource 'devices' does not allow 'REPLACE'. Allowed operations are: "
	  "GET_COLLECTION, GET_INSTANCE, CREATE, UPDATE",
	  NULL },
	{ "POST", "/v1/devices/$D", "", "", 403, "FORBIDDEN_ERROR",
	  "The resource 'devices' does not allow 'CREATE'. Allowed operations are: "
	  "GET_COLLECTION, GET_INSTANCE, CREATE, UPDATE",
	  NULL },

	{ "POST", "/v1/certificates",
	  "'certificateType':'DISTRIBUTION','csrContent':'xx'", "", 409, AT_INV,
	  "this is not base64", "/data/attributes/csrContent" },
	{ "POST", "/v1/certificates", "'certificateType':'MAGIC','csrContent':'xx'", "",
	  409, AT_INV,
	  "'MAGIC' is not a valid value for the attribute 'certificateType'",
	  "/data/attributes/certificateType" },
	{ "POST", "/v1/certificates", "'certificateType':'APPLE_PAY','csrContent':'xx'",
	  "", 409, ENTITY, "This portal issues no certificates of type 'APPLE_PAY'",
	  NULL },
	{ "POST", "/v1/certificates",
	  "'certificateType':'DEVELOPER_ID_APPLICATION','csrContent':'xx'", "", 403,
	  "FORBIDDEN_ERROR",
	  "This operation can only be performed by the Account Holder.", NULL },
	{ "PATCH", "/v1/certificates/$C", "'activated':true", "", 409, ENTITY,
	  "Only a Payment Processing certificate can be activated.",
	  "/data/attributes/activated" },
	{ "GET", "/v1/certificates/$C/passTypeId", NULL, NULL, 404, "NOT_FOUND", NULL,
	  NULL },

	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_ADHOC'",
	  APP("$A") "," CERT("NONE") "," DEV("$D"), 409, ENTITY,
	  "There are no current certificates on this team matching the provided certificate "
	  "IDs.",
	  NULL },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_DEVELOPMENT'",
	  APP("$A") "," CERT("$C") "," DEV("$D"), 409, ENTITY,
	  "There are no current certificates on this team matching the provided certificate "
	  "IDs.",
	  NULL },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_ADHOC'",
	  APP("$A") "," CERT("$C") "," DEV("NONE"), 409, ENTITY,
	  "There are no current ios devices on this team matching the provided device IDs.",
	  NULL },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'TVOS_APP_ADHOC'",
	  APP("$A") "," CERT("$C") "," DEV("$D"), 409, ENTITY,
	  "There are no current tvos devices on this team matching the provided device IDs.",
	  NULL },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_STORE'",
	  APP("$A") "," CERT("$C") "," DEV("$D"), 409, REL_INV,
	  "A profile of this type has no devices.", "/data/relationships/devices" },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_ADHOC'",
	  APP("$A") "," CERT("$C"), 409, REL_REQ,
	  MUST_REL "'devices' with this request", "/data/relationships/devices" },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_STORE'",
	  APP("com.acme.shop") "," CERT("$C"), 409, ENTITY,
	  "There is no App ID with ID 'com.acme.shop' on this team.", NULL },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP'",
	  APP("$A") "," CERT("$C"), 409, AT_INV,
	  "'IOS_APP' is not a valid value for the attribute 'profileType'",
	  "/data/attributes/profileType" },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_STORE'",
	  APP("$A") ",'certificates':{'data':[]}", 409, REL_REQ,
	  MUST_REL "'certificates' with this request",
	  "/data/relationships/certificates" },
	{ "POST", "/v1/profiles", "'name':'P','profileType':'IOS_APP_STORE'",
	  APP("$A") ",'certificates':{'data':{}}", 409, REL_INV,
	  "The relationship 'certificates' has no valid 'data'",
	  "/data/relationships/certificates" },
	{ "PATCH", "/v1/profiles/NONE", "'name':'P'", "", 403, "FORBIDDEN_ERROR",
	  "The resource 'profiles' does not allow 'UPDATE'. Allowed operations are: "
	  "GET_COLLECTION, GET_INSTANCE, CREATE, DELETE, GET_RELATED, GET_RELATIONSHIP",
	  NULL },
};

static json_t *make_body(const struct world *w, const struct change *change)
{
	AUTO(drop_str) char *target = mem_copy(change->target + strlen("/v1/"));

	target[strcspn(target, "/")] = '\0';
	AUTO(drop_str)
	char *text = mem_format("{'data':{'type':'%s','attributes':{%s},"
	                        "'relationships':{%s}}}",
	                        target, change->attributes, change->relationships);
	AUTO(drop_str) char *filled = fill(w, text);
	for (char *p = filled; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	json_t *body = json_loads(filled, 0, NULL);
	CHECK(body != NULL);
	return body;
}

TEST(changes_are_refused_in_apples_words)
{
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const struct change *change = &changes[i];
		AUTO(drop_str) char *target = fill(&w, change->target);
		AUTO(drop_json)
		json_t *body =
			change->attributes != NULL ? make_body(&w, change) : NULL;
		AUTO(drop_json)
		json_t *got =
			api_call(&w.api, change->status, change->method, target, body);

		printf("# %s %s %s\n", change->method, change->target,
		       change->attributes != NULL ? change->attributes : "");
		if (change->detail != NULL)
			check_error(got, change->status, change->code, change->detail,
			            change->source);
	}
}

TEST(all_that_is_missing_is_told_at_once)
{
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	AUTO(drop_json)
	json_t *got =
		api_post(&w.api, 409, "/v1/profiles", api_body("profiles", NULL, NULL));
	CHECK(json_array_size(api_at(got, "errors")) == 4);
}

TEST(bodies_that_are_no_json_are_refused)
{
	static const char *const bad[] = { "",
		                           "{",
		                           "[]",
		                           "7",
		                           "{\"data\":7}",
		                           "{\"data\":{},\"data\":{}}",
		                           "{\"data\":{\"type\":\"devices\","
		                           "\"attributes\":7}}",
		                           "{\"data\":{\"type\":\"devices\","
		                           "\"relationships\":[]}}" };
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(drop_json)
		json_t *got =
			api_raw(&w.api, 400, "POST", "/v1/devices", slice_str(bad[i]));

		CHECK_STR(api_code(got), "ENTITY_INVALID");
		CHECK_STR(api_text(got, "errors.0.title"), "JSON processing failed");
	}
	AUTO(drop_json)
	json_t *type =
		api_post(&w.api, 409, "/v1/devices", api_body("cars", NULL, NULL));
	CHECK_STR(api_code(type), ENTITY);
}

TEST(three_distribution_certificates_are_the_limit)
{
	AUTO(world_free) struct world w = { 0 };
	AUTO(drop_str) char *csr = api_csr(0);
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	for (unsigned i = 0; i < 3; i++) {
		AUTO(drop_json)
		json_t *got =
			api_post(&w.api, i < 2 ? 201 : 409, "/v1/certificates",
		                 api_body("certificates",
		                          json_pack("{s:s, s:s}", "certificateType",
		                                    "DISTRIBUTION", "csrContent", csr),
		                          NULL));
		if (i == 2)
			check_error(
				got, 409, ENTITY,
				"You already have a current Distribution certificate "
				"or a pending certificate request.",
				NULL);
	}
}

TEST(a_hundred_phones_are_the_limit)
{
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err) &&
	                   authority_set(w.api.p.a, "devices", 1, &err),
	           &err);
	AUTO(drop_json)
	json_t *got =
		api_post(&w.api, 403, "/v1/devices",
	                 api_body("devices",
	                          json_pack("{s:s, s:s, s:s}", "name", "N", "platform",
	                                    "IOS", "udid", "00008110-0000000000000002"),
	                          NULL));
	check_error(
		got, 403, "FORBIDDEN_ERROR",
		"Your development team has reached the maximum number of registered "
		"iPhone devices.",
		NULL);
}

TEST(strict_portals_refuse_what_is_unknown)
{
	for (int strict = 0; strict < 2; strict++) {
		AUTO(world_free) struct world w = { .api.is_strict = strict != 0 };
		struct error err = { 0 };

		REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
		AUTO(drop_json)
		json_t *got =
			api_post(&w.api, strict ? 409 : 201, "/v1/bundleIds",
		                 api_body("bundleIds",
		                          json_pack("{s:s, s:s, s:s, s:b}", "name", "N",
		                                    "platform", "IOS", "identifier",
		                                    "a.b", "isOfflineProfile", 1),
		                          json_pack("{s:{}}", "capability")));
		if (!strict)
			continue;
		check_error(got, 409, "ENTITY_ERROR.ATTRIBUTE.UNKNOWN",
		            "'isOfflineProfile' is not an attribute on the resource "
		            "'bundleIds'",
		            "/data/attributes/isOfflineProfile");
		CHECK_STR(
			api_text(got, "errors.1.detail"),
			"'capability' is not a relationship on the resource 'bundleIds'");
		AUTO(drop_json)
		json_t *name = api_post(&w.api, 409, "/v1/bundleIds",
		                        api_body("bundleIds",
		                                 json_pack("{s:s, s:s, s:s}", "name",
		                                           "N&", "platform", "IOS",
		                                           "identifier", "a.b"),
		                                 NULL));
		CHECK_STR(api_detail(name), "The attribute 'name' is invalid: 'N&'");
	}
}

TEST(what_the_server_would_not_take_has_its_words)
{
	static const struct {
		enum http_problem problem;
		unsigned status;
		const char *detail;
	} wanted[] = {
		{ HTTP_BODY_TOO_LARGE, 413, "The body has more than 1048576 bytes" },
		{ HTTP_TOO_MANY_PARAMETERS, 413, "There are more than 100 parameters" },
		{ HTTP_BAD_TEXT, 400, "A parameter has a NUL in it" },
	};
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		AUTO(http_answer_free)
		struct http_answer a = { .body = BUF_INIT(HTTP_MAX_ANSWER) };
		const struct http_request r = { .problem = wanted[i].problem,
			                        .method = "GET",
			                        .path = "/v1/devices" };

		portal_answer(w.api.portal, &r, &a);
		AUTO(drop_str) char *text = mem_str(a.body.p, a.body.n);
		CHECK(a.status == wanted[i].status);
		CHECK(strstr(text, wanted[i].detail) != NULL);
	}
}

/* The text of a request ends up in answers and links: as text. */
TEST(nothing_in_a_request_breaks_the_answer)
{
	static const char *const targets[] = {
		"/v1/devices/%22%7D%5D%0A%FF",
		"/v1/devices?filter[name]=%22%5C%FF%01&limit=1",
		"/v1/devices?%22%FF[x]=1",
		"/v1/%22",
	};
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(world_make(&w, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		static const unsigned status[] = { 404, 200, 400, 404 };
		AUTO(drop_json) json_t *got = api_get(&w.api, status[i], targets[i]);

		CHECK(json_is_object(got));
	}
}
