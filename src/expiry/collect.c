/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From artifacts to things that end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/digest.h"
#include "expiry/expiry.h"
#include "util/mem.h"

static struct expiry_item *find(struct expiry *e, enum expiry_kind kind, const char *id)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->items[i].kind == kind && strcmp(e->items[i].id, id) == 0)
			return &e->items[i];
	return NULL;
}

/* Where something was found: in a file of its own, or within an app or profile. */
struct place {
	const char *path;
	bool is_own;
};

static void note_place(struct expiry_item *item, const struct place *at)
{
	if (strcmp(item->path, at->path) == 0)
		return;
	item->places++;
	if (!at->is_own || item->is_own)
		return;
	free(item->path);
	item->path = mem_copy(at->path);
	item->is_own = true;
}

/* The item with this kind and id: new, or found once more.  NULL: the limit. */
static struct expiry_item *take(struct expiry *e, enum expiry_kind kind, const char *id,
                                const struct place *at, struct error *err)
{
	struct expiry_item *item = find(e, kind, id);

	if (item != NULL) {
		note_place(item, at);
		return item;
	}
	if (e->count >= EXPIRY_ITEMS_MAX) {
		error_set(err, ERROR_LIMIT, "more than %d things with an end date",
		          EXPIRY_ITEMS_MAX);
		error_hint(err, "Name fewer folders: sealring expiry FOLDER");
		return NULL;
	}
	e->items = mem_grow(e->items, e->count, &e->cap, sizeof(*e->items));
	item = &e->items[e->count++];
	*item = (struct expiry_item){ .kind = kind,
		                      .path = mem_copy(at->path),
		                      .is_own = at->is_own,
		                      .places = 1,
		                      .parent = SIZE_MAX };
	snprintf(item->id, sizeof(item->id), "%s", id);
	return item;
}

static bool link_to(struct expiry *e, size_t from, size_t to, const char *broken,
                    const char *why, struct error *err)
{
	/* Links to one thing are made one after the other. */
	for (size_t i = e->link_count; i-- > 0 && e->links[i].to == to;) {
		struct expiry_link *l = &e->links[i];
		if (l->from != from)
			continue;
		if (l->broken == NULL) {
			l->broken = broken;
			l->why = why;
		}
		return true;
	}
	if (e->link_count >= EXPIRY_LINKS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d relations",
		                 EXPIRY_LINKS_MAX) ||
		       error_hint(err, "Name fewer folders: sealring expiry FOLDER");
	e->links = mem_grow(e->links, e->link_count, &e->link_cap, sizeof(*e->links));
	e->links[e->link_count++] = (struct expiry_link){ from, to, broken, why };
	return true;
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text != NULL && text[0] != '\0' ? text : otherwise;
}

/* ---- certificates ---- */

static int64_t cert_end(const struct artifact_cert *cert)
{
	return cert->has_issuer && cert->issuer_not_after_s < cert->not_after_s
	               ? cert->issuer_not_after_s
	               : cert->not_after_s;
}

static bool add_cert(size_t *index, struct expiry *e, const struct artifact_cert *cert,
                     const struct place *at, struct error *err)
{
	char id[EXPIRY_ID_BYTES];

	digest_hex(id, slice_of(cert->sha256, sizeof(cert->sha256)));
	struct expiry_item *item = take(e, EXPIRY_CERTIFICATE, id, at, err);
	if (item == NULL)
		return false;
	*index = (size_t)(item - e->items);
	if (item->name != NULL)
		return true;
	item->name = mem_copy(or_else(cert->cn, "(no name)"));
	item->type = mem_copy(cert_kind_name(cert->kind));
	item->from_s = cert->not_before_s;
	item->own_s = cert->not_after_s;
	item->until_s = cert_end(cert);
	if (item->until_s < item->own_s) {
		item->cause = EXPIRY_BY_ISSUER;
		item->cause_name = mem_copy(cert->issuer);
	}
	memcpy(item->key_sha256, cert->key_sha256, sizeof(item->key_sha256));
	return true;
}

/* ---- profiles ---- */

static const struct artifact_cert *last_cert(const struct artifact_profile *p)
{
	const struct artifact_cert *last = NULL;

	for (size_t i = 0; i < p->cert_count; i++)
		if (last == NULL || cert_end(&p->certs[i]) > cert_end(last))
			last = &p->certs[i];
	return last;
}

static void fill_profile(struct expiry_item *item, const struct artifact_profile *p)
{
	item->name = mem_copy(or_else(p->name, "(no name)"));
	item->type = mem_copy(profile_kind_name(p->kind));
	item->from_s = p->created_s;
	item->own_s = item->until_s = p->expires_s;
	item->all_devices = p->all_devices;
	item->device_count = p->devices != NULL ? p->devices->count : 0;
	item->is_for_store = p->kind == PROFILE_APPSTORE;
	if (p->cert_count == 0)
		return;
	item->listed = mem_zero(p->cert_count, sizeof(*item->listed));
	for (; item->listed_count < p->cert_count; item->listed_count++)
		memcpy(item->listed[item->listed_count],
		       p->certs[item->listed_count].sha256, 32);
}

static bool add_profile(size_t *index, struct expiry *e,
                        const struct artifact_profile *p, const struct place *at,
                        struct error *err)
{
	const struct artifact_cert *last = last_cert(p);
	const struct place within = { .path = at->path };
	char id[EXPIRY_ID_BYTES];
	size_t cert = SIZE_MAX;

	snprintf(id, sizeof(id), "%s", p->uuid);
	struct expiry_item *item = take(e, EXPIRY_PROFILE, id, at, err);
	if (item == NULL)
		return false;
	*index = (size_t)(item - e->items);
	if (item->name != NULL)
		return true;
	fill_profile(item, p);
	if (last == NULL)
		return true;
	if (!add_cert(&cert, e, last, &within, err))
		return false;
	item = &e->items[*index]; /* the array may have moved */
	item->parent = cert;
	if (cert_end(last) < item->until_s) {
		item->until_s = cert_end(last);
		item->cause = EXPIRY_BY_CERTIFICATE;
		item->cause_name = mem_copy(or_else(last->cn, "(no name)"));
	}
	return true;
}

/* ---- apps ---- */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* The same build in two folders is one app. */
static void app_id(char out[EXPIRY_ID_BYTES], const struct artifact *a)
{
	const struct artifact_bundle *app = &a->bundles[0];
	unsigned char hash[DIGEST_MAX_BYTES];
	const char *const parts[] = {
		last_part(a->path),
		app->id,
		app->version,
		app->build,
		app->profile != NULL ? app->profile->uuid : NULL,
		app->signer != NULL ? app->signer->serial : NULL,
	};
	AUTO(digest_free) struct digest_ctx ctx = { 0 };

	digest_init(&ctx, DIGEST_SHA256);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *part = parts[i] != NULL ? parts[i] : "";
		digest_update(&ctx, slice_of(part, strlen(part) + 1));
	}
	digest_final(hash, &ctx);
	digest_hex(out, slice_of(hash, 16));
}

static char *app_type(const struct artifact_bundle *app)
{
	if (app->id == NULL)
		return mem_copy("");
	if (app->version == NULL)
		return mem_copy(app->id);
	if (app->build == NULL)
		return mem_format("%s %s", app->id, app->version);
	return mem_format("%s %s (%s)", app->id, app->version, app->build);
}

static void fill_app(struct expiry_item *item, const struct artifact *a)
{
	static const enum expiry_cause causes[] = {
		[ARTIFACT_END_CERT] = EXPIRY_BY_CERTIFICATE,
		[ARTIFACT_END_ISSUER] = EXPIRY_BY_ISSUER,
		[ARTIFACT_END_PROFILE] = EXPIRY_BY_PROFILE,
		[ARTIFACT_END_LAST_CERT] = EXPIRY_BY_CERTIFICATE,
	};
	const struct artifact_bundle *app = &a->bundles[0];
	const struct artifact_end *end = artifact_end(a);

	item->name = mem_copy(last_part(a->path));
	item->type = app_type(app);
	item->from_s = app->signed_s;
	item->own_s = item->until_s = end->until_s;
	item->cause = causes[end->kind];
	item->cause_name = mem_copy(or_else(end->name, "(no name)"));
	if (end->bundle != NULL && strcmp(end->bundle, app->path) != 0)
		item->cause_bundle = mem_copy(end->bundle);
	if (app->profile != NULL) {
		item->all_devices = app->profile->all_devices;
		item->device_count = app->profile->devices != NULL
		                             ? app->profile->devices->count
		                             : 0;
		item->is_for_store = app->profile->kind == PROFILE_APPSTORE;
	}
}

/* A nested bundle, or the app itself: its signer and its profile are things too. */
static bool add_bundle(struct expiry *e, size_t app, const struct artifact_bundle *b,
                       const struct place *at, struct error *err)
{
	size_t cert = SIZE_MAX, profile = SIZE_MAX;
	const char *broken = NULL, *why = NULL;

	if (b->signer != NULL && (!add_cert(&cert, e, b->signer, at, err) ||
	                          !link_to(e, cert, app, NULL, NULL, err)))
		return false;
	if (b->profile != NULL) {
		if (b->signer != NULL &&
		    artifact_profile_cert(b->profile, b->signer->sha256) == NULL) {
			broken = "PROF-05";
			why = "does not list the certificate that signed the app";
		}
		if (!add_profile(&profile, e, b->profile, at, err) ||
		    !link_to(e, profile, app, broken, why, err))
			return false;
	}
	if (e->items[app].parent == SIZE_MAX)
		e->items[app].parent = profile != SIZE_MAX ? profile : cert;
	return true;
}

static bool add_app(struct expiry *e, const struct artifact *a, struct error *err)
{
	const struct place own = { .path = a->path, .is_own = true };
	const struct place within = { .path = a->path };
	char id[EXPIRY_ID_BYTES];

	if (a->bundle_count == 0 || artifact_end(a) == NULL) {
		e->without_end++;
		return true;
	}
	app_id(id, a);
	struct expiry_item *item = take(e, EXPIRY_APP, id, &own, err);
	if (item == NULL)
		return false;
	if (item->name != NULL)
		return true;
	const size_t app = (size_t)(item - e->items);
	fill_app(item, a);
	for (size_t i = 0; i < a->bundle_count; i++)
		if (!add_bundle(e, app, &a->bundles[i], &within, err))
			return false;
	return true;
}

/* ---- all ---- */

static void add_key(struct expiry *e, const struct artifact *a)
{
	if (!a->has_key || e->key_count >= EXPIRY_KEYS_MAX)
		return;
	for (size_t i = 0; i < e->key_count; i++)
		if (memcmp(e->keys[i].sha256, a->key.sha256, 32) == 0)
			return;
	e->keys = mem_grow(e->keys, e->key_count, &e->key_cap, sizeof(*e->keys));
	struct expiry_key *key = &e->keys[e->key_count++];
	*key = (struct expiry_key){ .path = mem_copy(a->path),
		                    .type = mem_copy(a->key.type) };
	memcpy(key->sha256, a->key.sha256, 32);
}

bool expiry_add(struct expiry *e, const struct artifact *a, struct error *err)
{
	/* Of an identity its own; the others in it are the chain. */
	const size_t certs =
		a->kind == ARTIFACT_P12 && a->cert_count > 1 ? 1 : a->cert_count;
	const struct place own = { .path = a->path, .is_own = true };
	size_t index = 0;

	e->locked += a->is_locked;
	add_key(e, a);
	for (size_t i = 0; i < certs; i++)
		if (!a->certs[i].is_self_signed &&
		    !add_cert(&index, e, &a->certs[i], &own, err))
			return false;
	if (a->profile != NULL && !add_profile(&index, e, a->profile, &own, err))
		return false;
	if (a->kind == ARTIFACT_APP || a->kind == ARTIFACT_CODE)
		return add_app(e, a, err);
	return true;
}

/* ---- relations ---- */

static int by_id(const void *a, const void *b, const void *ctx)
{
	const struct expiry *e = ctx;
	const size_t *x = a, *y = b;

	return strcmp(e->items[*x].id, e->items[*y].id);
}

static size_t find_cert(const struct expiry *e, const unsigned char sha256[32])
{
	char id[EXPIRY_ID_BYTES];
	size_t low = 0, high = e->count;

	digest_hex(id, slice_of(sha256, 32));
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (strcmp(e->items[e->by_id[middle]].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < e->count && strcmp(e->items[e->by_id[low]].id, id) == 0
	               ? e->by_id[low]
	               : SIZE_MAX;
}

static bool link_profiles(struct expiry *e, struct error *err)
{
	for (size_t i = 0; i < e->count; i++)
		for (size_t k = 0; k < e->items[i].listed_count; k++) {
			const size_t cert = find_cert(e, e->items[i].listed[k]);
			if (cert != SIZE_MAX && !link_to(e, cert, i, NULL, NULL, err))
				return false;
		}
	return true;
}

static void count_breaking(struct expiry *e)
{
	for (size_t i = 0; i < e->link_count; i++) {
		struct expiry_item *from = &e->items[e->links[i].from];
		if (e->items[e->links[i].to].kind == EXPIRY_PROFILE)
			from->profile_count++;
		else
			from->app_count++;
	}
}

static int by_pain(const void *a, const void *b, const void *ctx)
{
	const struct expiry *e = ctx;
	const struct expiry_item *x = &e->items[*(const size_t *)a];
	const struct expiry_item *y = &e->items[*(const size_t *)b];

	if (x->until_s != y->until_s)
		return x->until_s < y->until_s ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	const int names = strcmp(x->name, y->name);
	return names != 0 ? names : strcmp(x->id, y->id);
}

bool expiry_finish(struct expiry *e, struct error *err)
{
	if (e->count == 0)
		return true;
	e->by_id = mem_zero(e->count, sizeof(*e->by_id));
	e->order = mem_zero(e->count, sizeof(*e->order));
	for (size_t i = 0; i < e->count; i++)
		e->by_id[i] = e->order[i] = i;
	mem_sort(e->by_id, e->count, sizeof(*e->by_id), by_id, e);
	if (!link_profiles(e, err))
		return false;
	count_breaking(e);
	mem_sort(e->order, e->count, sizeof(*e->order), by_pain, e);
	return true;
}

void expiry_free(struct expiry *e)
{
	for (size_t i = 0; i < e->count; i++) {
		struct expiry_item *item = &e->items[i];
		free(item->name);
		free(item->type);
		free(item->path);
		free(item->cause_name);
		free(item->cause_bundle);
		free(item->listed);
	}
	for (size_t i = 0; i < e->key_count; i++) {
		free(e->keys[i].path);
		free(e->keys[i].type);
	}
	free(e->items);
	free(e->order);
	free(e->by_id);
	free(e->links);
	free(e->keys);
	*e = (struct expiry){ 0 };
}
