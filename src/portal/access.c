/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks: tokens and roles (spec asc.md 3.1, 4.7).
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "portal/portal_impl.h"
#include "util/mem.h"

#define AUDIENCE    "appstoreconnect-v1"
#define LIFE_S      1200
#define LONG_LIFE_S (183 * CLOCK_DAY_S) /* with a scope: six months */
#define SKEW_S      60

bool access_refused(struct call *c)
{
	return problem_note(
		&c->problems, PROBLEM_NOT_AUTHORIZED, NULL,
		"Provide a properly configured and signed bearer token, and "
		"make sure that it has not expired. Learn more about "
		"Generating Tokens for API Requests "
		"https://developer.apple.com/go/?id=api-generating-tokens");
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

/* The audience, or a list with it. */
static bool is_for_us(const json_t *aud)
{
	for (size_t i = 0; i < json_array_size(aud); i++)
		if (is_text(json_array_get(aud, i), AUDIENCE))
			return true;
	return is_text(aud, AUDIENCE);
}

static bool is_from_owner(const struct call *c, const json_t *claims)
{
	const json_t *iss = json_object_get(claims, "iss");

	if (c->key->is_individual)
		return iss == NULL && is_text(json_object_get(claims, "sub"), "user");
	return is_text(iss, authority_issuer(c->a));
}

/* ---- scope ---- */

static bool has_parameter(const struct http_request *r, const char *name, size_t n,
                          const char *value)
{
	for (size_t i = 0; i < r->parameter_count; i++)
		if (strlen(r->parameters[i].name) == n &&
		    strncmp(r->parameters[i].name, name, n) == 0 &&
		    strcmp(r->parameters[i].value, value) == 0)
			return true;
	return false;
}

/* Does the request have each "name=value" of the text? */
static bool has_parameters(const struct http_request *r, const char *text)
{
	AUTO(drop_str) char *copy = mem_copy(text);
	char *rest = copy, *piece;

	while ((piece = strsep(&rest, "&")) != NULL) {
		size_t n = strcspn(piece, "=");

		if (piece[n] != '=' || !has_parameter(r, piece, n, piece + n + 1))
			return false;
	}
	return true;
}

/* "GET /v1/apps?filter[platform]=IOS" */
static bool fits_request(const struct http_request *r, const char *entry)
{
	static const char get[] = "GET ";
	size_t n;

	if (strncmp(entry, get, sizeof get - 1) != 0 || strcmp(r->method, "GET") != 0)
		return false;
	entry += sizeof get - 1;
	n = strcspn(entry, "?");
	return strlen(r->path) == n && strncmp(r->path, entry, n) == 0 &&
	       (entry[n] == '\0' || has_parameters(r, entry + n + 1));
}

enum scope {
	SCOPE_NONE,
	SCOPE_FITS,  /* only GETs, and this one is among them */
	SCOPE_OTHER, /* it does not cover this request */
};

static enum scope read_scope(const struct http_request *r, const json_t *scope)
{
	bool fits = false;

	if (scope == NULL)
		return SCOPE_NONE;
	for (size_t i = 0; i < json_array_size(scope); i++) {
		const char *entry = json_string_value(json_array_get(scope, i));

		if (entry == NULL)
			return SCOPE_OTHER;
		fits = fits || fits_request(r, entry);
		if (strncmp(entry, "GET ", 4) != 0)
			return SCOPE_OTHER;
	}
	return fits ? SCOPE_FITS : SCOPE_OTHER;
}

/* ---- time ---- */

/* Whole seconds of a number, which may be a float; false: it is none. */
static bool read_time(int64_t *out, const json_t *value)
{
	double d;

	if (!json_is_number(value))
		return false;
	d = json_number_value(value);
	if (!isfinite(d) || d < 0 || d > 1e12)
		return false;
	*out = (int64_t)d;
	return true;
}

static bool is_current(const struct call *c, const json_t *claims)
{
	int64_t now = authority_now(c->a), from = now, until = 0, life = LIFE_S;
	const json_t *iat = json_object_get(claims, "iat");
	enum scope scope = read_scope(c->request, json_object_get(claims, "scope"));

	if (scope == SCOPE_OTHER)
		return false;
	if (scope == SCOPE_FITS)
		life = LONG_LIFE_S;
	if (!read_time(&until, json_object_get(claims, "exp")) || until + SKEW_S <= now)
		return false;
	if (iat != NULL && (!read_time(&from, iat) || from > now + SKEW_S))
		return false;
	return until - from <= life + SKEW_S;
}

/* ---- the token ---- */

static bool find_key(struct call *c, struct authority_key_list *keys, const char *kid)
{
	struct error err = { 0 };

	if (authority_key_find(keys, c->a, kid, &err))
		return true;
	return err.code == ERROR_NOT_FOUND ? access_refused(c) : call_failed(c, &err);
}

static void fingerprint_of(unsigned char out[DIGEST_MAX_BYTES], struct slice token,
                           struct slice public_key)
{
	AUTO(digest_free) struct digest_ctx ctx = { 0 };

	digest_init(&ctx, DIGEST_SHA256);
	digest_update(&ctx, public_key);
	digest_update(&ctx, token);
	digest_final(out, &ctx);
}

/*
 * Clients send one token for many minutes, and checking its signature takes longer
 * than answering: what was found good once for this very key is remembered.  What the
 * claims say is read again each time.
 */
static bool is_signed(struct call *c, const struct jwt *jwt, struct slice token)
{
	unsigned char print[DIGEST_MAX_BYTES];
	AUTO(key_free) struct key public_key = { 0 };
	struct error err = { 0 };

	fingerprint_of(print, token, c->key->public_key);
	unsigned char *place = c->signatures->prints[print[0]];
	pthread_mutex_lock(&c->signatures->lock);
	bool is_known = memcmp(place, print, SIGNATURE_PRINT) == 0;
	pthread_mutex_unlock(&c->signatures->lock);
	if (is_known)
		return true;
	if (!key_parse_public(&public_key, c->key->public_key, &err))
		return call_failed(c, &err);
	if (!jwt_is_signed_by(jwt, &public_key))
		return access_refused(c);
	pthread_mutex_lock(&c->signatures->lock);
	memcpy(place, print, SIGNATURE_PRINT);
	pthread_mutex_unlock(&c->signatures->lock);
	return true;
}

bool access_check(struct call *c, struct authority_key_list *keys)
{
	static const char bearer[] = "Bearer ";
	const char *header = c->request->authorization;
	AUTO(jwt_free) struct jwt jwt = { 0 };
	struct error ignored = { 0 };

	if (header == NULL || strncasecmp(header, bearer, sizeof bearer - 1) != 0)
		return access_refused(c);
	struct slice token = slice_str(header + sizeof bearer - 1);
	if (!jwt_parse(&jwt, token, &ignored))
		return access_refused(c);
	if (!find_key(c, keys, jwt.kid))
		return false;
	c->key = &keys->items[0];
	if (!is_signed(c, &jwt, token))
		return false;
	if (!is_for_us(json_object_get(jwt.claims, "aud")) ||
	    !is_from_owner(c, jwt.claims) || !is_current(c, jwt.claims))
		return access_refused(c);
	return true;
}

/* ---- roles ---- */

enum access {
	NONE = 0,
	READ = 1,
	DEVELOP = 2,    /* development certificates and profiles */
	DISTRIBUTE = 4, /* the others */
	REGISTER = 8,   /* devices: add */
	DEVICES = 16,   /* rename, disable, enable */
	APPS = 32,      /* App IDs and capabilities */
	REMOVE = 64,    /* App IDs; revoke certificates */
};

/* asc.md 4.7 as it is read here; cells it marks with "?" are the cautious way. */
static const unsigned role_access[AUTHORITY_ROLE_COUNT] = {
	[AUTHORITY_ADMIN] =
		READ | DEVELOP | DISTRIBUTE | REGISTER | DEVICES | APPS | REMOVE,
	[AUTHORITY_APP_MANAGER] =
		READ | DEVELOP | DISTRIBUTE | REGISTER | DEVICES | APPS,
	[AUTHORITY_DEVELOPER] = READ | DEVELOP | REGISTER,
	[AUTHORITY_DEVICE_REGISTRAR] = REGISTER,
	[AUTHORITY_READ_ONLY] = READ,
};

static unsigned needed_to_change(const struct call *c, bool is_distribution)
{
	switch (c->resource - resources) {
	case RESOURCE_CERTIFICATES:
		if (c->operation != CREATE)
			return REMOVE;
		return is_distribution ? DISTRIBUTE : DEVELOP;
	case RESOURCE_PROFILES:
		return is_distribution ? DISTRIBUTE : DEVELOP;
	case RESOURCE_DEVICES:
		return c->operation == CREATE ? REGISTER : DEVICES;
	case RESOURCE_BUNDLE_IDS:
	case RESOURCE_MERCHANT_IDS:
	case RESOURCE_PASS_TYPE_IDS:
		return c->operation == DELETE ? REMOVE : APPS;
	default:
		return APPS;
	}
}

static bool is_change(enum operation o)
{
	return o == CREATE || o == UPDATE || o == DELETE;
}

bool access_allows(struct call *c, bool is_distribution)
{
	unsigned has = role_access[c->key->role];
	unsigned needs =
		is_change(c->operation) ? needed_to_change(c, is_distribution) : READ;

	/* A person's own key may not provision at all (asc.md 3.1). */
	if (!c->key->is_individual && (has & needs) != 0)
		return true;
	return problem_note(&c->problems, PROBLEM_FORBIDDEN, NULL,
	                    "The API key in use does not allow this request");
}
