/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal_impl.h - a request while it is answered, for portal/ only.
 */
#pragma once

#include <pthread.h>

#include "authority/authority.h"
#include "db/db.h"
#include "portal/portal.h"
#include "portal/problems_impl.h"
#include "portal/resources_impl.h"
#include "util/jsonio.h"

#define DEFAULT_LIMIT 20  /* asc.md 1.1, observed */
#define MAX_LIMIT     200 /* of a page */
#define MAX_LINKED    50  /* limit[relationship] */
#define MAX_FILTERS   400 /* values of filters in a request */
#define ID_BYTES      64  /* room for an id */

enum operation {
	GET_COLLECTION,
	GET_INSTANCE,
	CREATE,
	UPDATE,
	DELETE,
	GET_RELATED,
	GET_RELATIONSHIP,
	REPLACE, /* never offered */
	OPERATION_COUNT
};
extern const char *const operation_names[OPERATION_COUNT];

/* What a request asks for, besides the path. */
struct ask {
	size_t limit, offset;
	/* of each resource: bits of attributes and, above them, of relationships */
	uint32_t fields[RESOURCE_COUNT];
	uint32_t include;                      /* bits of relationships */
	size_t linked[MAX_RELATIONS];          /* limit[relationship] */
	struct buf where, order;               /* SQL: "AND ...", "ORDER BY ..." */
	struct db_value args[MAX_FILTERS + 1]; /* and the owner */
	size_t arg_count;                      /* the first is the time */
	char *texts[MAX_FILTERS];              /* what the arguments point to; owned */
	size_t text_count;
};
#define ALL_FIELDS UINT32_MAX

/* Tokens whose signatures were found good, by what they and their keys hash to. */
#define SIGNATURES      256
#define SIGNATURE_PRINT 32
struct signatures {
	pthread_mutex_t lock;
	unsigned char prints[SIGNATURES][SIGNATURE_PRINT];
};

struct call {
	const struct http_request *request;
	const char *public_url; /* for links, in place of the host's; or NULL */
	const char *host;       /* for links: of the request, if it is one */
	struct authority *a;
	struct signatures *signatures;
	bool is_strict;
	const struct authority_key
		*key;    /* whose token it came with; while it is answered */
	char key_id[16]; /* "": nobody's */
	unsigned hour_limit, requests; /* of the key in this hour, this one too */
	bool is_limited;               /* more than that are refused */
	enum operation operation;
	const struct resource *resource;
	const struct relation *relation; /* of GET_RELATED, GET_RELATIONSHIP */
	char id[ID_BYTES];
	struct ask ask;
	struct problems problems;
	struct buf *out;  /* the document */
	struct error err; /* of writing it: large, and writes are many */
};

/* Note a failure of the database or the program: 500, its text on stderr only. */
bool call_failed(struct call *c, struct error *err);

/* ---- access ---- */

/* The key whose token came with the request; false: a problem was noted. */
bool access_check(struct call *c, struct authority_key_list *keys);
/* Note that the token is not taken, whatever the reason; false. */
bool access_refused(struct call *c);
/* May it do this?  What it is about is known: distribution counts as more. */
bool access_allows(struct call *c, bool is_distribution);

/* ---- parameters ---- */

bool ask_read(struct call *c);
void ask_free(struct ask *ask); /* for AUTO() */

/* ---- documents ---- */

/* The whole answer to a GET. */
bool document_collection(struct call *c);
bool document_instance(struct call *c, const char *id);
bool document_related(struct call *c);
bool document_linkage(struct call *c);
/* Is there one of this id?  NOT_FOUND is noted if not. */
bool document_exists(struct call *c, const struct resource *r, const char *id);

/* ---- bodies ---- */

struct body {
	json_t *root;
	json_t *attributes, *relationships; /* objects, borrowed */
};
/*
 * Read the body of a POST or PATCH; NULL-terminated lists of what the resource knows.
 * Unknown members are refused if the portal is strict.
 */
bool body_read(struct body *out, struct call *c, const char *const *attributes,
               const char *const *relationships);
void body_free(struct body *body); /* for AUTO() */
/* A text; NULL: it is null or absent, which is a problem if it is required. */
const char *body_text(struct call *c, const struct body *b, const char *name,
                      bool is_required);
/* The id in a to-one relationship, "" if there is none and none is required. */
const char *body_one(struct call *c, const struct body *b, const char *name,
                     bool is_required);
/* The ids of a to-many one, up to max; their number. */
#define BODY_MAX_LINKED 5000
size_t body_many(struct call *c, const struct body *b, const char *name,
                 bool is_required, const char **ids, size_t max);

/* ---- changes ---- */

/* Each notes its problems, or writes the answer's document. */
typedef bool change(struct call *c);
change certificates_create, certificates_update, certificates_delete;
change bundle_ids_create, bundle_ids_update, bundle_ids_delete;
change capabilities_create, capabilities_update, capabilities_delete;
change devices_create, devices_update;
change profiles_create, profiles_delete;
change identifiers_create, identifiers_update, identifiers_delete;
