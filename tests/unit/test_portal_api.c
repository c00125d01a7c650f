/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API end to end: what clients do (asc.md 1, 3.3).
 */
#include "support/api_client.h"

#include <string.h>

#include "support/harness.h"
#include "util/base64.h"
#include "util/mem.h"

static json_t *profile_body(const char *name, const char *type, const char *app,
                            const char *cert, const char *device)
{
	const char *const certs[] = { cert, NULL };
	const char *const devices[] = { device, NULL };
	json_t *relations =
		json_pack("{s:o, s:o}", "bundleId", api_one("bundleIds", app),
	                  "certificates", api_many("certificates", certs));

	if (device != NULL)
		json_object_set_new(relations, "devices", api_many("devices", devices));
	return api_body("profiles",
	                json_pack("{s:s, s:s}", "name", name, "profileType", type),
	                relations);
}

/* The content is a profile for that device, signed by the portal. */
static void check_content(struct api_client *api, const json_t *made)
{
	AUTO(buf_free) struct buf content = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(profile_free) struct profile p = { 0 };
	char why[256], udid[32];
	struct error err = { 0 };

	test_portal_udid(udid, 1);
	REQUIRE_OK(base64_read(&content,
	                       slice_str(api_text(made,
	                                          "data.attributes.profileContent")),
	                       BASE64_PLAIN, &err) &&
	                   profile_parse(&p, buf_slice(&content), &err),
	           &err);
	CHECK(profile_has_device(&p, udid));
	CHECK(profile_check_signature(&p, &api->p.trust, why) == PROFILE_SIGNATURE_OK);
	CHECK_STR(p.uuid, api_text(made, "data.attributes.uuid"));
}

TEST(from_nothing_to_a_profile_and_back)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_json)
	json_t *made = api_post(&api, 201, "/v1/profiles",
	                        profile_body("A", "IOS_APP_ADHOC", app, cert, device));
	check_content(&api, made);
	CHECK_STR(api_text(made, "data.attributes.profileState"), "ACTIVE");
	CHECK_STR(api_text(made, "data.attributes.createdDate"),
	          "2026-06-01T00:00:00.000+00:00");
	CHECK_STR(api_text(made, "data.relationships.bundleId.data.id"), app);
	AUTO(drop_str) char *self = mem_format("/v1/certificates/%s", cert);
	api_delete(&api, 204, self);
	AUTO(drop_json) json_t *gone = api_get(&api, 404, self);
	CHECK_STR(api_code(gone), "NOT_FOUND");
	CHECK(strstr(api_detail(gone), "There is no resource of type 'certificates'") !=
	      NULL);
	AUTO(drop_json) json_t *list = api_get(&api, 200, "/v1/profiles");
	CHECK_STR(api_text(list, "data.0.attributes.profileState"), "INVALID");
	AUTO(drop_str)
	char *profile = mem_format("/v1/profiles/%s", api_text(list, "data.0.id"));
	api_delete(&api, 204, profile);
	api_delete(&api, 404, profile);
}

TEST(resources_have_all_their_keys)
{
	static const struct {
		const char *target, *keys[10];
	} wanted[] = {
		{ "/v1/certificates",
		  { "name", "certificateType", "displayName", "serialNumber",
		    "platform", "expirationDate", "certificateContent",
		    "csrContent" } },
		{ "/v1/bundleIds", { "name", "platform", "identifier", "seedId" } },
		{ "/v1/devices",
		  { "name", "platform", "udid", "deviceClass", "status", "model",
		    "addedDate" } },
	};
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		AUTO(drop_json) json_t *got = api_get(&api, 200, wanted[i].target);
		const json_t *attributes = api_at(got, "data.0.attributes");

		for (const char *const *key = wanted[i].keys; *key != NULL; key++) {
			printf("# %s %s\n", wanted[i].target, *key);
			CHECK(json_object_get(attributes, *key) != NULL);
		}
		AUTO(drop_str)
		char *self = mem_format("https://portal.test:8443%s/%s",
		                        wanted[i].target, api_text(got, "data.0.id"));
		CHECK_STR(api_text(got, "data.0.links.self"), self);
	}
}

TEST(answers_have_the_headers_that_clients_read)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	for (int i = 1; i <= 2; i++) {
		AUTO(drop_json) json_t *got = api_get(&api, 200, "/v1/devices");
		AUTO(drop_str)
		char *left =
			mem_format("user-hour-lim:3600;user-hour-rem:%d;", 3600 - i);

		CHECK_STR(api.last.content_type, "application/json");
		REQUIRE(api.last.header_count == 2);
		CHECK_STR(api.last.headers[0].name, "X-Rate-Limit");
		CHECK_STR(api.last.headers[0].value, left);
	}
}

/* ---- paging ---- */

static bool add_devices(struct api_client *api, size_t n, struct error *err)
{
	char udid[32], name[32];

	for (size_t i = 0; i < n; i++) {
		test_portal_udid(udid, 100 + i);
		snprintf(name, sizeof name, "d%02zu", i);
		if (!authority_device_add(api->p.a, udid, name, NULL, err))
			return false;
	}
	return true;
}

/* What a client does that follows "next". */
static void follow(struct api_client *api, const char *first, size_t pages,
                   size_t total)
{
	AUTO(drop_str) char *target = mem_copy(first);
	size_t seen = 0;

	for (size_t page = 1; page <= pages; page++) {
		AUTO(drop_json) json_t *got = api_get(api, 200, target);
		const char *next = api_text(got, "links.next");

		seen += json_array_size(api_at(got, "data"));
		CHECK(json_integer_value(api_at(got, "meta.paging.total")) ==
		      (json_int_t)total);
		CHECK((next[0] != '\0') == (page < pages));
		CHECK((api_at(got, "meta.paging.nextCursor") != NULL) ==
		      (page < pages));
		if (page == pages)
			break;
		static const char host[] = "https://portal.test:8443";
		REQUIRE(strncmp(next, host, sizeof host - 1) == 0);
		char *to = mem_copy(next + sizeof host - 1);
		drop_str(&target);
		target = to;
	}
	CHECK(seen == total);
}

TEST(pages_are_followed_to_their_end)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err) &&
	                   add_devices(&api, 41, &err),
	           &err);
	follow(&api, "/v1/devices", 3, 41); /* 20 each */
	follow(&api, "/v1/devices?limit=41", 1, 41);
	follow(&api, "/v1/devices?limit=10&sort=-name&filter[name]=d", 5, 41);
	follow(&api, "/v1/devices?filter%5Bname%5D=D1", 1, 10);
	AUTO(drop_json)
	json_t *past = api_get(&api, 200, "/v1/devices?cursor=eyJvZmZzZXQiOiI5OSJ9");
	CHECK(json_array_size(api_at(past, "data")) == 0);
	CHECK_STR(api_text(past, "links.next"), "");
}

TEST(order_and_filters_hold_together)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };
	char udid[32];

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err) &&
	                   add_devices(&api, 12, &err),
	           &err);
	AUTO(drop_json) json_t *down = api_get(&api, 200, "/v1/devices?sort=-name");
	CHECK_STR(api_text(down, "data.0.attributes.name"), "d11");
	AUTO(drop_json)
	json_t *two = api_get(&api, 200, "/v1/devices?filter[name]=d03,d04&sort=name");
	CHECK(json_array_size(api_at(two, "data")) == 2);
	AUTO(drop_json)
	json_t *again = api_get(&api, 200,
	                        "/v1/devices?filter[name]=d03&filter[name][]=d04&"
	                        "filter[status]=ENABLED");
	CHECK(json_array_size(api_at(again, "data")) == 2);
	AUTO(drop_json)
	json_t *none = api_get(&api, 200,
	                       "/v1/devices?filter[name]=d03&filter[status]=DISABLED");
	CHECK(json_array_size(api_at(none, "data")) == 0);
	/* % and _ are no patterns. */
	AUTO(drop_json)
	json_t *wild = api_get(&api, 200, "/v1/devices?filter[name]=d%25");
	CHECK(json_array_size(api_at(wild, "data")) == 0);
	test_portal_udid(udid, 105);
	AUTO(drop_str) char *target = mem_format("/v1/devices?filter[udid]=%s", udid);
	for (char *p = strchr(target, '='); *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	AUTO(drop_json) json_t *one = api_get(&api, 200, target);
	CHECK_STR(api_text(one, "data.0.attributes.name"), "d05");
	AUTO(drop_json)
	json_t *ios = api_get(&api, 200, "/v1/devices?filter[platform]=MAC_OS");
	CHECK(json_array_size(api_at(ios, "data")) == 0);
}

/* ---- fields, includes, relationships ---- */

TEST(only_what_is_asked_for_is_answered)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_json)
	json_t *made = api_post(&api, 201, "/v1/profiles",
	                        profile_body("A", "IOS_APP_ADHOC", app, cert, device));
	AUTO(drop_json)
	json_t *got = api_get(&api, 200,
	                      "/v1/profiles?include=bundleId,devices,certificates&"
	                      "fields[profiles]=name,bundleId&fields[devices]=udid");
	CHECK(json_object_size(api_at(got, "data.0.attributes")) == 1);
	CHECK_STR(api_text(got, "data.0.attributes.name"), "A");
	CHECK_STR(api_text(got, "data.0.relationships.devices.data.0.id"), device);
	CHECK_STR(api_text(got, "data.0.relationships.certificates.data.0.id"), cert);
	CHECK(json_integer_value(api_at(got, "data.0.relationships.devices.meta.paging."
	                                     "total")) == 1);
	CHECK(json_array_size(api_at(got, "included")) == 3);
	CHECK(json_object_size(api_at(got, "included.2.attributes")) == 1);
	CHECK_STR(api_text(got, "included.2.type"), "devices");
	AUTO(drop_json) json_t *plain = api_get(&api, 200, "/v1/profiles");
	CHECK(api_at(plain, "included") == NULL);
	CHECK(api_at(plain, "data.0.relationships.devices.data") == NULL);
	CHECK(json_object_size(api_at(plain, "data.0.relationships")) == 3);
}

TEST(relationships_are_followed)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_json)
	json_t *made = api_post(&api, 201, "/v1/profiles",
	                        profile_body("A", "IOS_APP_ADHOC", app, cert, device));
	const char *id = api_text(made, "data.id");
	const struct {
		const char *base, *name, *path, *id;
	} wanted[] = {
		{ "profiles", "devices", "data.0.id", device },
		{ "profiles", "certificates", "data.0.id", cert },
		{ "profiles", "bundleId", "data.id", app },
		{ "bundleIds", "profiles", "data.0.id", id },
	};
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const char *owner = strcmp(wanted[i].base, "profiles") == 0 ? id : app;
		AUTO(drop_str)
		char *related = mem_format("/v1/%s/%s/%s", wanted[i].base, owner,
		                           wanted[i].name);
		AUTO(drop_str)
		char *linkage = mem_format("/v1/%s/%s/relationships/%s", wanted[i].base,
		                           owner, wanted[i].name);
		AUTO(drop_json) json_t *whole = api_get(&api, 200, related);
		AUTO(drop_json) json_t *ids = api_get(&api, 200, linkage);

		CHECK_STR(api_text(whole, wanted[i].path), wanted[i].id);
		CHECK_STR(api_text(ids, wanted[i].path), wanted[i].id);
		CHECK(strstr(api_text(ids, "links.related"), related) != NULL);
	}
	AUTO(drop_str) char *none = mem_format("/v1/bundleIds/%s/app", app);
	AUTO(drop_json) json_t *no_app = api_get(&api, 404, none);
	CHECK_STR(api_code(no_app), "NOT_FOUND");
}

/* ---- changes ---- */

TEST(capabilities_come_and_go)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_str)
	char *list = mem_format("/v1/bundleIds/%s/bundleIdCapabilities", app);
	AUTO(drop_json) json_t *first = api_get(&api, 200, list);
	AUTO(drop_str) char *game = mem_format("%s_GAME_CENTER_IOS", app);
	CHECK(json_array_size(api_at(first, "data")) == 2);
	CHECK_STR(api_text(first, "data.0.id"), game);
	CHECK(json_is_null(api_at(first, "data.0.attributes.settings")));
	AUTO(drop_json)
	json_t *made = api_post(&api, 201, "/v1/bundleIdCapabilities",
	                        api_body("bundleIdCapabilities",
	                                 json_pack("{s:s, s:n}", "capabilityType",
	                                           "PUSH_NOTIFICATIONS", "settings"),
	                                 json_pack("{s:o}", "bundleId",
	                                           api_one("bundleIds", app))));
	AUTO(drop_str) char *push = mem_format("%s_PUSH_NOTIFICATIONS", app);
	CHECK_STR(api_text(made, "data.id"), push);
	AUTO(drop_str) char *self = mem_format("/v1/bundleIdCapabilities/%s", push);
	AUTO(drop_json)
	json_t *set = api_patch(&api, 200, self,
	                        api_body("bundleIdCapabilities",
	                                 json_pack("{s:[{s:s}]}", "settings", "key",
	                                           "ICLOUD_VERSION"),
	                                 NULL));
	CHECK_STR(api_text(set, "data.attributes.settings.0.key"), "ICLOUD_VERSION");
	api_delete(&api, 204, self);
	api_delete(&api, 404, self);
	AUTO(drop_str) char *other = mem_format("/v1/bundleIdCapabilities/%s", game);
	api_delete(&api, 204, other);
	AUTO(drop_json) json_t *rest = api_get(&api, 200, list);
	CHECK(json_array_size(api_at(rest, "data")) == 1);
}

/* asc.md 1.3: what apple-utils and old Spaceships send. */
TEST(the_undocumented_patch_works)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_str) char *self = mem_format("/v1/bundleIds/%s", app);
	AUTO(drop_str) char *list = mem_format("%s/bundleIdCapabilities", self);
	for (int on = 1; on >= 0; on--) {
		json_t *item = json_pack("{s:s, s:{s:b}, s:{s:o}}", "type",
		                         "bundleIdCapabilities", "attributes",
		                         "enabled", on, "relationships", "capability",
		                         api_one("capabilities", "HOMEKIT"));
		AUTO(drop_json)
		json_t *got = api_patch(&api, 200, self,
		                        api_body("bundleIds",
		                                 json_pack("{s:s}", "name", "Renamed"),
		                                 json_pack("{s:{s:[o]}}",
		                                           "bundleIdCapabilities",
		                                           "data", item)));
		CHECK_STR(api_text(got, "data.attributes.name"), "Renamed");
		AUTO(drop_json) json_t *now = api_get(&api, 200, list);
		CHECK(json_array_size(api_at(now, "data")) == (size_t)(2 + on));
	}
}

TEST(devices_are_renamed_disabled_and_enabled)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_json)
	json_t *made = api_post(&api, 201, "/v1/profiles",
	                        profile_body("A", "IOS_APP_ADHOC", app, cert, device));
	AUTO(drop_str) char *self = mem_format("/v1/devices/%s", device);
	AUTO(drop_json)
	json_t *off = api_patch(&api, 200, self,
	                        api_body("devices",
	                                 json_pack("{s:s, s:s}", "name", "Old",
	                                           "status", "DISABLED"),
	                                 NULL));
	CHECK_STR(api_text(off, "data.attributes.status"), "DISABLED");
	CHECK_STR(api_text(off, "data.attributes.name"), "Old");
	AUTO(drop_json) json_t *list = api_get(&api, 200, "/v1/profiles");
	CHECK_STR(api_text(list, "data.0.attributes.profileState"), "INVALID");
	for (int i = 0; i < 2; i++) { /* twice is no error */
		AUTO(drop_json)
		json_t *on = api_patch(&api, 200, self,
		                       api_body("devices",
		                                json_pack("{s:s, s:n}", "status",
		                                          "ENABLED", "name"),
		                                NULL));
		CHECK_STR(api_text(on, "data.attributes.status"), "ENABLED");
	}
	AUTO(drop_json)
	json_t *mac =
		api_post(&api, 201, "/v1/devices",
	                 api_body("devices",
	                          json_pack("{s:s, s:s, s:s}", "name", "Mac", "udid",
	                                    "564D1234-ABCD-EF01-2345-0123456789AB",
	                                    "platform", "MAC_OS"),
	                          NULL));
	CHECK_STR(api_text(mac, "data.attributes.deviceClass"), "MAC");
	CHECK_STR(api_text(mac, "data.attributes.platform"), "MAC_OS");
}

TEST(an_expired_profile_is_hidden_but_keeps_its_name)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	AUTO(drop_json)
	json_t *made = api_post(&api, 201, "/v1/profiles",
	                        profile_body("A", "IOS_APP_STORE", app, cert, NULL));
	api.p.now_s += 365 * CLOCK_DAY_S;
	AUTO(drop_json) json_t *list = api_get(&api, 200, "/v1/profiles");
	CHECK(json_array_size(api_at(list, "data")) == 0);
	AUTO(drop_str) char *of_app = mem_format("/v1/bundleIds/%s/profiles", app);
	AUTO(drop_json) json_t *all = api_get(&api, 200, of_app);
	CHECK_STR(api_text(all, "data.0.attributes.profileState"), "EXPIRED");
	AUTO(drop_str) char *csr = api_csr(1);
	AUTO(drop_json)
	json_t *fresh = api_post(&api, 201, "/v1/certificates",
	                         api_body("certificates",
	                                  json_pack("{s:s, s:s}", "certificateType",
	                                            "DISTRIBUTION", "csrContent", csr),
	                                  NULL));
	AUTO(drop_json)
	json_t *same = api_post(&api, 409, "/v1/profiles",
	                        profile_body("A", "IOS_APP_STORE", app,
	                                     api_text(fresh, "data.id"), NULL));
	CHECK_STR(api_detail(same),
	          "Multiple profiles found with the name 'A'.  Please "
	          "remove the duplicate profiles and try again.");
}

TEST(a_request_is_taken_in_all_three_forms)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	AUTO(drop_str) char *pem = api_csr(0);
	AUTO(buf_free) struct buf crlf = BUF_INIT(CSR_MAX_BYTES);
	AUTO(buf_free) struct buf bare = BUF_INIT(CSR_MAX_BYTES);
	bool is_inside = false;
	for (const char *p = pem; *p != '\0'; p++) {
		REQUIRE_OK(buf_append_str(&crlf,
		                          *p == '\n' ? "\r\n" : (char[]){ *p, 0 },
		                          &err),
		           &err);
		is_inside = is_inside ? *p != '-' : *p == '\n' && p[1] != '-';
		if (is_inside && *p != '\n')
			REQUIRE_OK(buf_append_str(&bare, (char[]){ *p, 0 }, &err),
			           &err);
	}
	AUTO(drop_str) char *with_crlf = mem_str(crlf.p, crlf.n);
	AUTO(drop_str) char *base64 = mem_str(bare.p, bare.n);
	const char *const forms[] = { pem, with_crlf, base64 };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO(drop_json)
		json_t *got =
			api_post(&api, 201, "/v1/certificates",
		                 api_body("certificates",
		                          json_pack("{s:s, s:s}", "certificateType",
		                                    "DISTRIBUTION", "csrContent",
		                                    forms[i]),
		                          NULL));
		CHECK_STR(api_text(got, "data.attributes.displayName"),
		          TEST_PORTAL_NAME " (" TEST_PORTAL_TEAM ")");
		CHECK(json_is_null(api_at(got, "data.attributes.platform")));
	}
}

TEST(what_was_done_says_by_which_key)
{
	AUTO(api_client_free) struct api_client api = { 0 };
	AUTO(authority_activity_free) struct authority_activity_list log = { 0 };
	char app[16], device[16], cert[16];
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	REQUIRE(api_seed(&api, app, device, cert));
	REQUIRE_OK(authority_activity_last(&log, api.p.a, 10, &err), &err);
	AUTO(drop_str) char *actor = mem_format("key %s", api.kid);
	REQUIRE(log.count > 3);
	CHECK_STR(log.items[0].actor, actor);
	CHECK_STR(log.items[0].type, "certificates");
}

/* asc.md 1.7 */
TEST(merchant_and_pass_type_ids_come_and_go)
{
	static const struct {
		const char *type, *identifier, *other, *taken;
	} wanted[] = {
		{ "merchantIds", "merchant.acme", "pass.acme",
		  "A Merchant ID with Identifier 'merchant.acme' is not available. Enter a "
		  "different string." },
		{ "passTypeIds", "pass.acme", "merchant.acme",
		  "A Pass Type ID with Identifier 'pass.acme' is not available. Enter a "
		  "different string." },
	};
	AUTO(api_client_free) struct api_client api = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(api_client_make(&api, AUTHORITY_ADMIN, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		AUTO(drop_str) char *list = mem_format("/v1/%s", wanted[i].type);
		const struct {
			const char *identifier, *code;
			unsigned status;
		} tries[] = {
			{ wanted[i].identifier, "", 201 },
			{ wanted[i].identifier, "ENTITY_ERROR", 409 },
			{ wanted[i].other, "ENTITY_ERROR.ATTRIBUTE.INVALID", 409 },
		};
		for (size_t k = 0; k < ARRAY_LEN(tries); k++) {
			AUTO(drop_json)
			json_t *got = api_post(&api, tries[k].status, list,
			                       api_body(wanted[i].type,
			                                json_pack("{s:s, s:s}", "name",
			                                          "N", "identifier",
			                                          tries[k].identifier),
			                                NULL));
			CHECK_STR(api_code(got), tries[k].code);
			if (k == 1)
				CHECK_STR(api_detail(got), wanted[i].taken);
		}
		AUTO(drop_json) json_t *all = api_get(&api, 200, list);
		CHECK(json_array_size(api_at(all, "data")) == 1);
		AUTO(drop_str)
		char *self = mem_format("%s/%s", list, api_text(all, "data.0.id"));
		AUTO(drop_json)
		json_t *renamed =
			api_patch(&api, 200, self,
		                  api_body(wanted[i].type,
		                           json_pack("{s:s}", "name", "M"), NULL));
		CHECK_STR(api_text(renamed, "data.attributes.name"), "M");
		AUTO(drop_str)
		char *certs = mem_format(
			"%s/certificates?sort=-displayName&"
			"filter[certificateType]=APPLE_PAY&include=passTypeId",
			self);
		AUTO(drop_json) json_t *none = api_get(&api, 200, certs);
		CHECK(json_array_size(api_at(none, "data")) == 0);
		api_delete(&api, 204, self);
		api_delete(&api, 404, self);
	}
}
