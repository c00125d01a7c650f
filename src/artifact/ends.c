/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Until when: all that ends, and of several the first.
 */
#include <stdlib.h>
#include <string.h>

#include "artifact/artifact_impl.h"
#include "util/mem.h"

const char *artifact_end_kind_name(enum artifact_end_kind kind)
{
	static const char *const names[] = {
		[ARTIFACT_END_CERT] = "certificate",
		[ARTIFACT_END_ISSUER] = "issuer",
		[ARTIFACT_END_PROFILE] = "profile",
		[ARTIFACT_END_LAST_CERT] = "last certificate",
	};

	return names[kind];
}

/* Bundles of one app mostly end together: that is noted once. */
static void note(struct artifact *a, size_t *cap, struct artifact_end end)
{
	for (size_t i = 0; i < a->end_count; i++) {
		const struct artifact_end *e = &a->ends[i];

		if (e->kind == end.kind && e->until_s == end.until_s &&
		    strcmp(e->name, end.name) == 0)
			return;
	}
	a->ends = mem_grow(a->ends, a->end_count, cap, sizeof *a->ends);
	a->ends[a->end_count++] = end;
}

static void note_cert(struct artifact *a, size_t *cap, const struct artifact_cert *cert,
                      const char *bundle)
{
	note(a, cap,
	     (struct artifact_end){ ARTIFACT_END_CERT, cert->cn, bundle,
	                            cert->not_after_s });
	if (cert->has_issuer)
		note(a, cap,
		     (struct artifact_end){ ARTIFACT_END_ISSUER, cert->issuer, bundle,
		                            cert->issuer_not_after_s });
}

static void note_profile(struct artifact *a, size_t *cap,
                         const struct artifact_profile *p, const char *bundle)
{
	note(a, cap,
	     (struct artifact_end){ ARTIFACT_END_PROFILE, p->name, bundle,
	                            p->expires_s });
}

/* When nobody is left who can use the profile. */
static void note_last_cert(struct artifact *a, size_t *cap,
                           const struct artifact_profile *p)
{
	struct artifact_end last = { .kind = ARTIFACT_END_LAST_CERT };

	for (size_t i = 0; i < p->cert_count; i++) {
		const struct artifact_cert *cert = &p->certs[i];
		int64_t until_s = cert->not_after_s;

		if (cert->has_issuer && cert->issuer_not_after_s < until_s)
			until_s = cert->issuer_not_after_s;
		if (last.name != NULL && until_s <= last.until_s)
			continue;
		last.name = cert->cn;
		last.until_s = until_s;
	}
	if (last.name != NULL)
		note(a, cap, last);
}

/* What Apple has signed for its stores runs on: their dates are not asked. */
static bool is_apples(enum cert_kind kind)
{
	switch (kind) {
	case CERT_KIND_IOS_APP_STORE:
	case CERT_KIND_MAC_APP_STORE:
	case CERT_KIND_TVOS_APP_STORE:
	case CERT_KIND_VISIONOS_APP_STORE:
	case CERT_KIND_APPLE_SOFTWARE:
		return true;
	default:
		return false;
	}
}

static void note_bundle(struct artifact *a, size_t *cap,
                        const struct artifact_bundle *b)
{
	if (b->signer != NULL && !is_apples(b->signer->kind))
		note_cert(a, cap, b->signer, b->path);
	if (b->profile != NULL)
		note_profile(a, cap, b->profile, b->path);
}

static int by_time(const void *a, const void *b, const void *ctx)
{
	const struct artifact_end *x = a, *y = b;

	(void)ctx;
	return (x->until_s > y->until_s) - (x->until_s < y->until_s);
}

void artifact_note_ends(struct artifact *a)
{
	/* Of an identity its own certificate; of a file of certificates all. */
	size_t cap = 0, certs = a->kind == ARTIFACT_P12 ? 1 : a->cert_count;

	for (size_t i = 0; i < certs && i < a->cert_count; i++)
		note_cert(a, &cap, &a->certs[i], NULL);
	if (a->profile != NULL) {
		note_profile(a, &cap, a->profile, NULL);
		note_last_cert(a, &cap, a->profile);
	}
	for (size_t i = 0; i < a->bundle_count; i++)
		note_bundle(a, &cap, &a->bundles[i]);
	if (a->end_count > 1)
		mem_sort(a->ends, a->end_count, sizeof *a->ends, by_time, NULL);
}

const struct artifact_end *artifact_end(const struct artifact *a)
{
	return a->end_count > 0 ? &a->ends[0] : NULL;
}
