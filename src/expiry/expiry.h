/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry.h - what ends when, and what breaks then.  A model: it reads no files and
 * prints nothing.
 *
 *     AUTO(expiry_free) struct expiry e = { 0 };
 *     for each artifact: if (!expiry_add(&e, &artifact, err)) return false;
 *     expiry_finish(&e);
 *     for (size_t i = 0; i < e.count; i++)  e.items[e.order[i]] ...
 *
 * The things are certificates, profiles and apps; the same certificate or profile in
 * several files is one thing.  A thing ends when the first of what it stands on does:
 *
 *     certificate  its own end, its issuer's
 *     profile      its own end, that of the certificate in it that lasts longest
 *     app          the earliest certificate, issuer or profile in any of its bundles
 *
 * Roots are left out: no device asks for their dates.  A certificate that only
 * profiles list is left out too, but for the one that lasts longest in one of them.
 */
#pragma once

#include "artifact/artifact.h"

#define EXPIRY_ITEMS_MAX   5000  /* of all kinds: ERROR_LIMIT beyond */
#define EXPIRY_LINKS_MAX   20000 /* relations: ERROR_LIMIT beyond */
#define EXPIRY_KEYS_MAX    1000
#define EXPIRY_ID_BYTES    72
#define EXPIRY_SOON_DAYS   30
#define EXPIRY_URGENT_DAYS 7

enum expiry_kind {
	EXPIRY_CERTIFICATE,
	EXPIRY_PROFILE,
	EXPIRY_APP,
	EXPIRY_KIND_COUNT
};
const char *expiry_kind_name(enum expiry_kind kind); /* "certificate" */

/* Whose end decides. */
enum expiry_cause {
	EXPIRY_ITSELF,
	EXPIRY_BY_CERTIFICATE,
	EXPIRY_BY_ISSUER,
	EXPIRY_BY_PROFILE,
};
const char *expiry_cause_name(enum expiry_cause cause); /* "issuer" */

struct expiry_item {
	enum expiry_kind kind;
	char *name; /* CN; name of the profile; name of the file, for an app */
	char *type; /* "Apple Distribution", "ad hoc", "com.acme.shop 4.2 (812)" */
	/* A file of its own, if one was found; else the first app or profile with it. */
	char *path;
	bool is_own;   /* private: path is a file of its own */
	size_t places; /* in how many files */
	/* Stable: SHA-256 of a certificate, UUID of a profile; of an app a hash of its
	 * name, version, signer and profile. */
	char id[EXPIRY_ID_BYTES];
	int64_t from_s;  /* 0: not known */
	int64_t own_s;   /* what it says itself; of an app until_s */
	int64_t until_s; /* when it really ends */
	enum expiry_cause cause;
	char *cause_name;   /* of the thing that decides; NULL: itself */
	char *cause_bundle; /* the nested bundle that it decides for; NULL: the app */
	bool all_devices;
	size_t device_count;
	bool is_for_store; /* App Store: ends the uploading, not the running */
	/* What breaks with it, among what was found. */
	size_t profile_count, app_count;
	/* A profile: the certificate that lasts longest; an app: its profile, else its
	 * certificate.  SIZE_MAX: none. */
	size_t parent;

	unsigned char key_sha256[32]; /* of a certificate */
	unsigned char (*listed)[32];  /* private: certificates of a profile */
	size_t listed_count;
};

/* From certificate to profile or app, from profile to app. */
struct expiry_link {
	size_t from, to;
	const char *broken; /* an id of the catalogue; NULL: fine */
	const char *why;
};

struct expiry_key {
	char *path, *type;
	unsigned char sha256[32];
};

struct expiry {
	struct expiry_item *items; /* in the order found */
	size_t count, cap;
	size_t *order; /* of the items: the first pain first */
	struct expiry_link *links;
	size_t link_count, link_cap;
	struct expiry_key *keys;
	size_t key_count, key_cap;
	size_t without_end; /* apps in which nothing ends */
	size_t locked;      /* files whose password is not known */
	size_t *by_id;      /* private */
};

/* Note what the artifact has.  Nothing of it is borrowed.  Errors: ERROR_LIMIT. */
NODISCARD bool expiry_add(struct expiry *e, const struct artifact *a,
                          struct error *err);

/* Relations, counts and the order; after the last expiry_add().  ERROR_LIMIT. */
NODISCARD bool expiry_finish(struct expiry *e, struct error *err);
void expiry_free(struct expiry *e); /* for AUTO() */

/* "4 profiles, 3 apps": what breaks when it ends.  The caller's. */
char *expiry_breaks(const struct expiry_item *item);

/* "profile QA AdHoc, in share.appex" where another thing decides; else "".  The
 * caller's. */
char *expiry_because(const struct expiry_item *item);

/* The steps at which people are warned, in days, from far to near. */
extern const int expiry_steps[];
#define EXPIRY_STEPS 5

enum expiry_state {
	EXPIRY_FINE,
	EXPIRY_NOTICE, /* within 60 days, the first step */
	EXPIRY_SOON,   /* within 30 days */
	EXPIRY_URGENT, /* within 7 days */
	EXPIRY_ENDED,
	EXPIRY_STATE_COUNT
};
const char *expiry_state_name(enum expiry_state state); /* "soon"; "" for fine */
enum expiry_state expiry_state(const struct expiry_item *item, int64_t now_s);

/*
 * "60d", "8w", "2m", "1y" from now on, or a date as clock_parse() reads it.
 * Errors: ERROR_USAGE.
 */
NODISCARD bool expiry_within(int64_t *until_s, const char *text, int64_t now_s,
                             struct error *err);
