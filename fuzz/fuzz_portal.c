/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal's API: "METHOD /v1/path?query" and, below that line, a body, asked by an
 * administrator.  Every answer is JSON, and none says that it is the server's fault.
 * $A, $C, $D, $P are ids of an App ID, certificate, device and profile.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/authority.h"
#include "crypto/jwt.h"
#include "crypto/secret.h"
#include "portal/portal.h"
#include "support/scratch.h"
#include "util/jsonio.h"
#include "util/mem.h"

#define TEAM     "T1M2E3A4M5"
#define APP      "com.ex.shop"
#define UDID     "00008110-000A1C2E3F4A001E"
#define RUNS_MAX 2000 /* then a new portal: what was made stays, and slows it */
#define MAX_TEXT ((size_t)64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What OpenSSL keeps from run to run stands behind a header of ours (crypto/secret.c),
 * and a pointer into a block is none to the leak checker. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl51-cpp): the checker's own name */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl51-cpp) */
{
	return "leak:crypto_alloc";
}

static const int64_t now_s = 1780272000; /* 2026-06-01 */
static struct world {
	struct scratch first, folder; /* as it was made; a copy that changes */
	struct portal *portal;
	char *token; /* "Bearer ..." */
	char *ids[4];
	unsigned runs;
} world;

static void must(bool ok, struct error *err)
{
	if (ok)
		return;
	error_print(err, stderr, true);
	abort();
}

static bool issue(struct authority *a, char **id, struct error *err)
{
	AUTO(key_free) struct key key = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };
	AUTO(authority_cert_list_free) struct authority_cert_list made = { 0 };
	AUTO(buf_free) struct buf der = BUF_INIT(MAX_TEXT);

	if (!key_new(&key, KEY_RSA2048, err) ||
	    !csr_build(&der, &(struct csr_subject){ .cn = "Anna" }, &key, err) ||
	    !csr_parse(&csr, buf_slice(&der), err) ||
	    !authority_cert_issue(&made, a, &csr, AUTHORITY_CERT_DISTRIBUTION, false,
	                          err))
		return false;
	*id = mem_copy(made.items[0].id);
	return true;
}

static bool make_key(struct authority *a, struct error *err)
{
	AUTO(key_free) struct key key = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	AUTO(buf_free) struct buf token = BUF_INIT(JWT_MAX_BYTES);
	const struct authority_key wanted = { .name = (char[]){ "fuzz" },
		                              .role = AUTHORITY_ADMIN };
	AUTO(drop_json)
	json_t *claims =
		json_pack("{s:s, s:I, s:I, s:s}", "iss", authority_issuer(a), "iat",
	                  (json_int_t)now_s, "exp", (json_int_t)now_s + 1200, "aud",
	                  "appstoreconnect-v1");

	if (!key_new(&key, KEY_P256, err) ||
	    !authority_key_add(&made, a, &wanted, &key, err) ||
	    !jwt_build(&token, made.items[0].id, claims, &key, err))
		return false;
	world.token = mem_format("Bearer %.*s", (int)token.n, (const char *)token.p);
	return true;
}

static bool fill(struct authority *a, struct error *err)
{
	AUTO(authority_profile_list_free)
	struct authority_profile_list profiles = { 0 };
	AUTO(authority_device_list_free) struct authority_device_list devices = { 0 };
	AUTO(authority_app_list_free) struct authority_app_list apps = { 0 };
	const struct authority_profile_request request = { .kind = PROFILE_ADHOC,
		                                           .identifier = APP,
		                                           .name = "Shop" };

	if (!make_key(a, err) || !issue(a, &world.ids[1], err) ||
	    !authority_app_add(a, APP, "Shop", err) ||
	    !authority_device_add(a, UDID, "Anna", NULL, err) ||
	    !authority_profile_create(&profiles, a, &request, err) ||
	    !authority_device_all(&devices, a, err) ||
	    !authority_app_all(&apps, a, err))
		return false;
	world.ids[0] = mem_copy(apps.items[0].id);
	world.ids[2] = mem_copy(devices.items[0].id);
	world.ids[3] = mem_copy(profiles.items[0].id);
	return true;
}

static void end_portal(void)
{
	drop_portal(&world.portal);
	scratch_remove(&world.folder);
	world.folder = (struct scratch){ 0 };
	world.runs = 0;
}

static void end(void)
{
	end_portal();
	scratch_remove(&world.first);
	free(world.token);
	for (size_t i = 0; i < 4; i++)
		free(world.ids[i]);
}

/* Making keys takes seconds in this build: once. */
static void begin(void)
{
	struct error err = { 0 };
	const struct authority_team team = { .id = TEAM, .name = "Acme" };
	AUTO(drop_authority) struct authority *a = NULL;

	/* Each change is synced: not to a disk. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	must(secret_setup(&err), &err);
	atexit(end);
	if (!scratch_make(&world.first))
		abort();
	AUTO(drop_str) char *dir = scratch_path(&world.first, "portal");
	must(authority_init(dir, &team, clock_fixed(&now_s), &err) &&
	             authority_open(&a, dir, clock_fixed(&now_s), &err) &&
	             fill(a, &err),
	     &err);
}

static void begin_portal(void)
{
	struct error err = { 0 };

	if (!scratch_make(&world.folder))
		abort();
	AUTO(drop_str) char *first = scratch_path(&world.first, "portal");
	AUTO(drop_str) char *dir = scratch_path(&world.folder, "portal");
	must(authority_restore(first, dir, clock_fixed(&now_s), &err), &err);
	const struct portal_options options = { .dir = dir,
		                                .clock = clock_fixed(&now_s) };
	must(portal_open(&world.portal, &options, &err), &err);
}

/* With the ids in their places; NULs, which no request has, are left out. */
static char *text_of(const uint8_t *data, size_t size)
{
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_TEXT * 16);
	struct error err = { 0 };

	for (size_t i = 0; i < size; i++) {
		const char *id = NULL;

		if (data[i] == '$' && i + 1 < size &&
		    strchr("ACDP", data[i + 1]) != NULL && data[i + 1] != '\0')
			id = world.ids[strchr("ACDP", data[i + 1]) - "ACDP"];
		i += id != NULL;
		must(id != NULL ? buf_append_str(&out, id, &err)
		                : data[i] == '\0' ||
		                          buf_append(&out, slice_of(data + i, 1), &err),
		     &err);
	}
	return mem_str(out.p, out.n);
}

static size_t split(char *target, struct http_parameter *out)
{
	char *rest = strchr(target, '?'), *piece;
	size_t n = 0;

	if (rest == NULL)
		return 0;
	*rest++ = '\0';
	while ((piece = strsep(&rest, "&")) != NULL && n < HTTP_MAX_PARAMETERS) {
		size_t name = strcspn(piece, "=");
		const char *value = piece + name + (piece[name] == '=');

		piece[name] = '\0';
		out[n++] = (struct http_parameter){ .name = piece, .value = value };
	}
	return n;
}

static void check(const struct http_answer *a)
{
	AUTO(drop_json) json_t *root = NULL;
	struct error err = { 0 };

	assert(a->status >= 200 && a->status < 500);
	if (a->status == 204) {
		assert(a->body.n == 0);
		return;
	}
	must(jsonio_parse(&root, buf_slice(&a->body), &err), &err);
	assert(json_object_get(root, a->status < 300 ? "data" : "errors") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_parameter parameters[HTTP_MAX_PARAMETERS];
	AUTO(http_answer_free)
	struct http_answer answer = { .body = BUF_INIT(HTTP_MAX_ANSWER) };

	if (size > MAX_TEXT)
		return 0;
	if (world.token == NULL)
		begin();
	if (world.portal == NULL)
		begin_portal();
	AUTO(drop_str) char *text = text_of(data, size);
	char *body = text;
	const char *line = strsep(&body, "\n");
	char *target = strchr(text, ' ');
	if (target == NULL || target >= text + strlen(line))
		return 0;
	*target++ = '\0';
	struct http_request request = { .method = text,
		                        .path = target,
		                        .parameters = parameters,
		                        .host = "portal.test",
		                        .authorization = world.token };
	request.parameter_count = split(target, parameters);
	request.body = slice_str(body != NULL ? body : "");
	portal_answer(world.portal, &request, &answer);
	check(&answer);
	if (++world.runs == RUNS_MAX)
		end_portal();
	return 0;
}
