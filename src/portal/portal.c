/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path to who answers it, and back.
 */
#include "portal/portal.h"

#include <stdlib.h>
#include <string.h>

#include "portal/portal_impl.h"
#include "util/mem.h"

#define KEYS_COUNTED  64 /* whose requests are counted */
#define HOUR_S        3600
#define HOUR_LIMIT    3600 /* asc.md 3.4 */
#define RETRY_AFTER_S 1

const char *const operation_names[OPERATION_COUNT] = {
	[GET_COLLECTION] = "GET_COLLECTION",
	[GET_INSTANCE] = "GET_INSTANCE",
	[CREATE] = "CREATE",
	[UPDATE] = "UPDATE",
	[DELETE] = "DELETE",
	[GET_RELATED] = "GET_RELATED",
	[GET_RELATIONSHIP] = "GET_RELATIONSHIP",
	[REPLACE] = "REPLACE",
};

/* A database connection is for one thread at a time. */
struct portal {
	bool is_strict;
	unsigned hour_limit;     /* 0: none */
	char *public_url;        /* or NULL */
	struct authority *first; /* whose keys the others share; answers nobody */
	struct signatures signatures;
	pthread_mutex_t lock;
	struct authority *idle[64]; /* under lock */
	size_t idle_count;
	struct count { /* under lock */
		char key[16];
		int64_t since_s;
		unsigned requests;
	} counts[KEYS_COUNTED];
};

/* ---- connections ---- */

void drop_portal(struct portal **portal)
{
	if (*portal == NULL)
		return;
	for (size_t i = 0; i < (*portal)->idle_count; i++)
		drop_authority(&(*portal)->idle[i]);
	pthread_mutex_destroy(&(*portal)->lock);
	pthread_mutex_destroy(&(*portal)->signatures.lock);
	drop_authority(&(*portal)->first);
	free((*portal)->public_url);
	free(*portal);
	*portal = NULL;
}

static void give_back(struct portal *p, struct authority *a)
{
	pthread_mutex_lock(&p->lock);
	bool is_kept = p->idle_count < ARRAY_LEN(p->idle);
	if (is_kept)
		p->idle[p->idle_count++] = a;
	pthread_mutex_unlock(&p->lock);
	if (!is_kept)
		drop_authority(&a);
}

static bool take(struct portal *p, struct authority **out, struct error *err)
{
	struct authority *a = NULL;

	pthread_mutex_lock(&p->lock);
	if (p->idle_count > 0)
		a = p->idle[--p->idle_count];
	pthread_mutex_unlock(&p->lock);
	if (a == NULL && !authority_open_again(&a, p->first, err))
		return false;
	*out = a;
	return true;
}

/* What is no host must not end up in links. */
static bool is_host(const char *host)
{
	return host != NULL && *host != '\0' && strlen(host) < 256 &&
	       strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                    "0123456789.-:[]_") == strlen(host);
}

/* "https://host" or "https://host:port": it stands in front of paths. */
static bool check_public(const char *url, struct error *err)
{
	if (url == NULL || (strncmp(url, "https://", 8) == 0 && is_host(url + 8)) ||
	    (strncmp(url, "http://", 7) == 0 && is_host(url + 7)))
		return true;
	error_set(err, ERROR_USAGE, "--public is https://HOST, not \"%s\"", url);
	return error_hint(err, "Without a path: --public https://portal.example.com");
}

bool portal_open(struct portal **out, const struct portal_options *options,
                 struct error *err)
{
	if (!check_public(options->public_url, err))
		return false;
	struct portal *p = mem_zero(1, sizeof *p);

	p->is_strict = options->is_strict;
	p->hour_limit = options->hour_limit;
	if (options->public_url != NULL)
		p->public_url = mem_copy(options->public_url);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->signatures.lock, NULL);
	if (!authority_open(&p->first, options->dir, options->clock, err) ||
	    (options->ca_password != NULL &&
	     !authority_unlock(p->first, options->ca_password, err)) ||
	    !authority_load_keys(p->first, err)) {
		drop_portal(&p);
		return false;
	}
	*out = p;
	return true;
}

/* ---- headers of every answer ---- */

static unsigned count_request(struct portal *p, const char *key, int64_t now_s)
{
	struct count *found = &p->counts[0];
	unsigned requests;

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < KEYS_COUNTED; i++) {
		if (strcmp(p->counts[i].key, key) == 0) {
			found = &p->counts[i];
			break;
		}
		if (p->counts[i].since_s < found->since_s)
			found = &p->counts[i]; /* the oldest makes room */
	}
	if (strcmp(found->key, key) != 0 || found->since_s + HOUR_S <= now_s) {
		snprintf(found->key, sizeof found->key, "%s", key);
		found->since_s = now_s;
		found->requests = 0;
	}
	requests = ++found->requests;
	pthread_mutex_unlock(&p->lock);
	return requests;
}

static void add_headers(const struct call *c, struct http_answer *out)
{
	unsigned left = c->requests < c->hour_limit ? c->hour_limit - c->requests : 0;
	struct error ignored = { 0 };
	char uuid[40];

	http_answer_header(out, "X-Rate-Limit", "user-hour-lim:%u;user-hour-rem:%u;",
	                   c->hour_limit, left);
	if (out->status == 429)
		http_answer_header(out, "Retry-After", "%d", RETRY_AFTER_S);
	if (authority_random_uuid(uuid, &ignored))
		http_answer_header(out, "X-Apple-Jingle-Correlation-Key", "%s", uuid);
}

/* ---- paths ---- */

static bool no_path(struct call *c)
{
	return problem_note(
		&c->problems, PROBLEM_NOT_FOUND, NULL,
		"The path provided does not match a defined resource type.");
}

/* "/v1/TYPE", "/v1/TYPE/ID", "/v1/TYPE/ID/REL", "/v1/TYPE/ID/relationships/REL". */
struct path {
	char parts[4][ID_BYTES];
	size_t count;
};

static bool split_path(struct path *out, const char *path)
{
	static const char base[] = "/v1/";

	*out = (struct path){ 0 };
	if (strncmp(path, base, sizeof base - 1) != 0)
		return false;
	path += sizeof base - 1;
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || n >= ID_BYTES || out->count == ARRAY_LEN(out->parts))
			return false;
		memcpy(out->parts[out->count++], path, n);
		path += n;
		if (*path == '\0')
			return true;
		path++;
	}
}

static enum operation operation_of(const char *method, size_t parts)
{
	static const struct {
		const char *method;
		enum operation operation;
	} methods[] = { { "POST", CREATE },
		        { "PATCH", UPDATE },
		        { "DELETE", DELETE },
		        { "PUT", REPLACE } };
	static const enum operation gets[] = { GET_COLLECTION, GET_COLLECTION,
		                               GET_INSTANCE, GET_RELATED,
		                               GET_RELATIONSHIP };

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (strcmp(methods[i].method, method) == 0)
			return methods[i].operation;
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? gets[parts]
	                                                                 : REPLACE;
}

/* Where each operation lives: how many parts its path has. */
static const size_t operation_parts[OPERATION_COUNT] = {
	[GET_COLLECTION] = 1, [GET_INSTANCE] = 2, [CREATE] = 1,           [UPDATE] = 2,
	[DELETE] = 2,         [GET_RELATED] = 3,  [GET_RELATIONSHIP] = 4,
};

static bool is_offered(const struct resource *r, enum operation o)
{
	switch (o) {
	case GET_COLLECTION:
		return r->has_collection;
	case GET_INSTANCE:
		return r->has_instance;
	case CREATE:
		return r->create != NULL;
	case UPDATE:
		return r->update != NULL;
	case DELETE:
		return r->remove != NULL;
	case GET_RELATED:
	case GET_RELATIONSHIP:
		return r->relations[0].name != NULL;
	default:
		return false;
	}
}

static bool not_offered(struct call *c)
{
	char list[200] = "";
	size_t n = 0;

	for (enum operation o = 0; o < OPERATION_COUNT; o++) {
		size_t used = strlen(list);

		if (!is_offered(c->resource, o))
			continue;
		snprintf(list + used, sizeof list - used, "%s%s", n > 0 ? ", " : "",
		         operation_names[o]);
		n++;
	}
	return problem_note(
		&c->problems, PROBLEM_OPERATION, NULL,
		"The resource '%s' does not allow '%s'. Allowed operation%s: %s",
		c->resource->type, operation_names[c->operation],
		n == 1 ? " is" : "s are", list);
}

static bool route(struct call *c)
{
	struct path path;

	if (!split_path(&path, c->request->path))
		return no_path(c);
	c->resource = resource_find(path.parts[0]);
	if (c->resource == NULL)
		return no_path(c);
	c->operation = operation_of(c->request->method, path.count);
	memcpy(c->id, path.parts[1], sizeof c->id);
	if (path.count >= 3) {
		bool is_linkage = path.count == 4;

		if (is_linkage && strcmp(path.parts[2], "relationships") != 0)
			return no_path(c);
		c->relation = relation_find(c->resource, path.parts[path.count - 1]);
		if (c->relation == NULL)
			return no_path(c);
	}
	return (is_offered(c->resource, c->operation) &&
	        operation_parts[c->operation] == path.count) ||
	       not_offered(c);
}

static bool perform(struct call *c)
{
	switch (c->operation) {
	case GET_COLLECTION:
		return document_collection(c);
	case GET_INSTANCE:
		return document_instance(c, c->id);
	case GET_RELATED:
		return document_related(c);
	case GET_RELATIONSHIP:
		return document_linkage(c);
	case CREATE:
		return c->resource->create(c);
	case UPDATE:
		return c->resource->update(c);
	default:
		return c->resource->remove(c);
	}
}

static bool check_request(struct call *c)
{
	switch (c->request->problem) {
	case HTTP_NO_PROBLEM:
		return true;
	case HTTP_BODY_TOO_LARGE:
		return problem_note(&c->problems, PROBLEM_TOO_LARGE, NULL,
		                    "The body has more than %u bytes", HTTP_MAX_BODY);
	case HTTP_TOO_MANY_PARAMETERS:
		return problem_note(&c->problems, PROBLEM_TOO_LARGE, NULL,
		                    "There are more than %d parameters",
		                    HTTP_MAX_PARAMETERS);
	default:
		return problem_note(&c->problems, PROBLEM_PARAMETER_INVALID, NULL,
		                    "A parameter has a NUL in it");
	}
}

static bool is_get(enum operation o)
{
	return o != CREATE && o != UPDATE && o != DELETE && o != REPLACE;
}

static bool too_many(struct call *c)
{
	return problem_note(
		&c->problems, PROBLEM_RATE_LIMIT, NULL,
		"We've received too many requests for this API. Please wait "
		"and try again or slow down your request rate.");
}

/* A failure that somebody asked for (portal fault). */
static bool fail_as_asked(struct call *c, unsigned status)
{
	if (status == 401)
		return access_refused(c);
	if (status == 429)
		return too_many(c);
	return problem_note(
		&c->problems, PROBLEM_UNEXPECTED, NULL,
		"An unexpected error occurred on the server side. If this issue "
		"continues, contact us at https://developer.apple.com/contact/.");
}

static bool answer(struct portal *p, struct call *c)
{
	AUTO(authority_key_list_free) struct authority_key_list keys = { 0 };
	struct error err = { 0 };
	unsigned fault = 0;

	if (!authority_fault_take(&fault, c->a, &err))
		return call_failed(c, &err);
	if (!check_request(c))
		return false;
	if (fault == 401)
		return fail_as_asked(c, fault);
	if (!access_check(c, &keys))
		return false;
	snprintf(c->key_id, sizeof c->key_id, "%s", c->key->id);
	c->requests = count_request(p, c->key_id, authority_now(c->a));
	if (fault != 0)
		return fail_as_asked(c, fault);
	if (c->is_limited && c->requests > c->hour_limit)
		return too_many(c);
	AUTO(drop_str) char *actor = mem_format("key %s", c->key_id);
	authority_act_as(c->a, actor);
	return route(c) && (!is_get(c->operation) || access_allows(c, false)) &&
	       ask_read(c) && perform(c);
}

bool call_failed(struct call *c, struct error *err)
{
	error_print(err, stderr, false);
	error_clear(err);
	return problem_note(&c->problems, PROBLEM_UNEXPECTED, NULL,
	                    "An unexpected error occurred on the server side.");
}

static void finish(struct call *c, bool ok, struct http_answer *out)
{
	if (!ok) {
		if (c->problems.count == 0)
			problem_note(
				&c->problems, PROBLEM_UNEXPECTED, NULL,
				"An unexpected error occurred on the server side.");
		problems_answer(&c->problems, out);
		return;
	}
	out->status = c->operation == CREATE ? 201 : c->operation == DELETE ? 204 : 200;
	if (c->operation == DELETE)
		buf_free(&out->body);
	else
		out->content_type = "application/json";
}

void portal_answer(void *portal, const struct http_request *request,
                   struct http_answer *out)
{
	struct portal *p = portal;
	struct call c = { .request = request,
		          .public_url = p->public_url,
		          .hour_limit = p->hour_limit > 0 ? p->hour_limit : HOUR_LIMIT,
		          .is_limited = p->hour_limit > 0,
		          .host = is_host(request->host) ? request->host : "localhost",
		          .signatures = &p->signatures,
		          .is_strict = p->is_strict,
		          .out = &out->body };
	struct error err = { 0 };
	bool ok = take(p, &c.a, &err) ? answer(p, &c) : call_failed(&c, &err);

	finish(&c, ok, out);
	add_headers(&c, out);
	ask_free(&c.ask);
	if (c.a != NULL)
		give_back(p, c.a);
}
