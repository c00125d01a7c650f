/* SPDX-License-Identifier: Apache-2.0 */
#include "support/api_client.h"

#include <stdlib.h>

#include "crypto/jwt.h"
#include "support/harness.h"
#include "support/secrets.h"
#include "util/mem.h"

#define TARGET_MAX 4096

bool api_client_make(struct api_client *c, enum authority_role role, struct error *err)
{
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	char name[] = "test";
	const struct authority_key wanted = { .name = name, .role = role };

	test_secrets();
	if (!test_portal_make(&c->p, err) || !key_new(&c->key, KEY_P256, err) ||
	    !authority_key_add(&made, c->p.a, &wanted, &c->key, err))
		return false;
	snprintf(c->kid, sizeof c->kid, "%s", made.items[0].id);
	const struct portal_options options = { .dir = c->p.dir,
		                                .clock = clock_fixed(&c->p.now_s),
		                                .hour_limit = c->hour_limit,
		                                .is_strict = c->is_strict };
	return portal_open(&c->portal, &options, err);
}

void api_client_free(struct api_client *c)
{
	http_answer_free(&c->last);
	drop_portal(&c->portal);
	drop_json(&c->claims);
	key_free(&c->key);
	test_portal_free(&c->p);
}

/* ---- tokens ---- */

char *api_token(struct api_client *c)
{
	AUTO(buf_free) struct buf token = BUF_INIT(JWT_MAX_BYTES);
	AUTO(drop_json)
	json_t *claims = c->claims != NULL ? json_deep_copy(c->claims)
	                                   : json_pack("{s:s, s:I, s:I, s:s}", "iss",
	                                               authority_issuer(c->p.a), "iat",
	                                               (json_int_t)c->p.now_s, "exp",
	                                               (json_int_t)c->p.now_s + 1200,
	                                               "aud", "appstoreconnect-v1");
	struct error err = { 0 };

	if (!jwt_build(&token, c->kid, claims, &c->key, &err))
		abort();
	return mem_format("Bearer %.*s", (int)token.n, (const char *)token.p);
}

/* ---- requests ---- */

/* %XX and + in place. */
static void decode(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++, to++) {
		*to = *text;
		if (*text == '+')
			*to = ' ';
		if (*text != '%')
			continue;
		const char hex[] = { text[1], text[2], '\0' };
		*to = (char)(unsigned char)strtoul(hex, NULL, 16);
		text += 2;
	}
	*to = '\0';
}

static size_t split_target(char *target, struct http_parameter *out)
{
	char *rest = strchr(target, '?'), *piece;
	size_t n = 0;

	if (rest == NULL)
		return 0;
	*rest++ = '\0';
	while ((piece = strsep(&rest, "&")) != NULL && n < HTTP_MAX_PARAMETERS) {
		char *value = strchr(piece, '=');

		if (value != NULL)
			*value++ = '\0';
		else
			value = piece + strlen(piece);
		decode(piece);
		decode(value);
		out[n++] = (struct http_parameter){ .name = piece, .value = value };
	}
	return n;
}

static json_t *parse_answer(const struct http_answer *a)
{
	struct error err = { 0 };
	json_t *root = NULL;

	if (a->body.n == 0)
		return json_null();
	if (jsonio_parse(&root, buf_slice(&a->body), &err))
		return root;
	error_print(&err, stdout, true);
	CHECK(!"an answer that is JSON");
	return json_null();
}

static void check_status(const struct http_answer *a, unsigned status,
                         const char *method, const char *target)
{
	if (CHECK(a->status == status))
		return;
	printf("# %s %s: %u, not %u: %.*s\n", method, target, a->status, status,
	       (int)(a->body.n < 2000 ? a->body.n : 2000), (const char *)a->body.p);
}

static void ask(struct api_client *c, const char *method, const char *target,
                struct slice body)
{
	AUTO(drop_str) char *split = mem_copy(target);
	AUTO(drop_str) char *token = api_token(c);
	struct http_parameter parameters[HTTP_MAX_PARAMETERS];
	struct http_request request = { .method = method,
		                        .path = split,
		                        .parameters = parameters,
		                        .host = "portal.test:8443",
		                        .authorization = token,
		                        .is_tls = true,
		                        .body = body };

	request.parameter_count = split_target(split, parameters);
	decode(split);
	http_answer_free(&c->last);
	c->last.body.max = HTTP_MAX_ANSWER;
	portal_answer(c->portal, &request, &c->last);
}

json_t *api_raw(struct api_client *c, unsigned status, const char *method,
                const char *target, struct slice body)
{
	ask(c, method, target, body);
	check_status(&c->last, status, method, target);
	return parse_answer(&c->last);
}

json_t *api_call(struct api_client *c, unsigned status, const char *method,
                 const char *target, const json_t *body)
{
	char *text = body != NULL ? json_dumps(body, JSON_ENCODE_ANY) : NULL;
	json_t *got = api_raw(c, status, method, target,
	                      text != NULL ? slice_str(text) : slice_of(NULL, 0));

	free(text);
	return got;
}

bool api_is_forbidden(struct api_client *c, const char *method, const char *target,
                      const json_t *body)
{
	char *text = body != NULL ? json_dumps(body, JSON_ENCODE_ANY) : NULL;

	ask(c, method, target, text != NULL ? slice_str(text) : slice_of(NULL, 0));
	free(text);
	AUTO(drop_json) json_t *got = parse_answer(&c->last);
	return c->last.status == 403 &&
	       strcmp(api_detail(got),
	              "The API key in use does not allow this request") == 0;
}

json_t *api_get(struct api_client *c, unsigned status, const char *target)
{
	return api_call(c, status, "GET", target, NULL);
}

json_t *api_post(struct api_client *c, unsigned status, const char *target,
                 json_t *body)
{
	AUTO(drop_json) json_t *owned = body;

	return api_call(c, status, "POST", target, owned);
}

json_t *api_patch(struct api_client *c, unsigned status, const char *target,
                  json_t *body)
{
	AUTO(drop_json) json_t *owned = body;

	return api_call(c, status, "PATCH", target, owned);
}

void api_delete(struct api_client *c, unsigned status, const char *target)
{
	AUTO(drop_json) json_t *got = api_call(c, status, "DELETE", target, NULL);

	CHECK(status != 204 || (json_is_null(got) && c->last.content_type == NULL));
}

/* ---- bodies ---- */

json_t *api_body(const char *type, json_t *attributes, json_t *relationships)
{
	json_t *data = json_pack("{s:s}", "type", type);

	if (attributes != NULL)
		json_object_set_new(data, "attributes", attributes);
	if (relationships != NULL)
		json_object_set_new(data, "relationships", relationships);
	return json_pack("{s:o}", "data", data);
}

json_t *api_one(const char *type, const char *id)
{
	return json_pack("{s:{s:s, s:s}}", "data", "type", type, "id", id);
}

json_t *api_many(const char *type, const char *const *ids)
{
	json_t *list = json_array();

	for (; *ids != NULL; ids++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "type", type, "id",
		                                      *ids));
	return json_pack("{s:o}", "data", list);
}

/* ---- answers ---- */

const json_t *api_at(const json_t *root, const char *path)
{
	AUTO(drop_str) char *copy = mem_copy(path);
	char *rest = copy, *piece;

	while (root != NULL && (piece = strsep(&rest, ".")) != NULL)
		root = json_is_array(root)
		               ? json_array_get(root, (size_t)strtoul(piece, NULL, 10))
		               : json_object_get(root, piece);
	return root;
}

const char *api_text(const json_t *root, const char *path)
{
	const char *text = json_string_value(api_at(root, path));

	return text != NULL ? text : "";
}

const char *api_code(const json_t *root)
{
	return api_text(root, "errors.0.code");
}

const char *api_detail(const json_t *root)
{
	return api_text(root, "errors.0.detail");
}

/* ---- a start ---- */

char *api_csr(size_t number)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);
	const struct csr_subject who = { .cn = "PEM" };
	struct error err = { 0 };

	if (!csr_build(&pem, &who, test_portal_key(number), &err))
		abort();
	return mem_str(pem.p, pem.n);
}

static bool make(struct api_client *c, char id[16], const char *type,
                 json_t *attributes)
{
	AUTO(drop_str) char *target = mem_format("/v1/%s", type);
	AUTO(drop_json)
	json_t *got = api_post(c, 201, target, api_body(type, attributes, NULL));

	snprintf(id, 16, "%s", api_text(got, "data.id"));
	return id[0] != '\0';
}

bool api_seed(struct api_client *c, char app[16], char device[16], char cert[16])
{
	AUTO(drop_str) char *csr = api_csr(0);
	char udid[32];

	test_portal_udid(udid, 1);
	return make(c, app, "bundleIds",
	            json_pack("{s:s, s:s, s:s}", "name", "Shop", "identifier",
	                      "com.acme.shop", "platform", "IOS")) &&
	       make(c, device, "devices",
	            json_pack("{s:s, s:s, s:s}", "name", "Phone", "udid", udid,
	                      "platform", "IOS")) &&
	       make(c, cert, "certificates",
	            json_pack("{s:s, s:s}", "certificateType", "DISTRIBUTION",
	                      "csrContent", csr));
}
