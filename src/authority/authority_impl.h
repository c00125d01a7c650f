/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authority_impl.h - pieces of the portal's brain, for authority/ only.
 */
#pragma once

#include "authority/authority.h"
#include "db/db.h"
#include "profile/build.h"

/* The portal's certificate authorities. */
enum ca {
	CA_ROOT,           /* signs the other CAs */
	CA_DEVELOPER,      /* look-alike WWDR: issues development and distribution */
	CA_PROFILE,        /* look-alike iPhone CA */
	CA_PROFILE_SIGNER, /* signs profiles */
	CA_DER,            /* look-alike System Integration CA */
	CA_DER_SIGNER,     /* signs DER profiles */
	CA_COUNT
};

struct authority_ca {
	struct key key;
	struct cert cert;
};

struct authority {
	struct db *db;
	struct clock clock;
	char *dir, *team_id, *team_name;
	struct authority_ca cas[CA_COUNT];
};

extern const char *const authority_schema[];
extern const size_t authority_schema_count;

/* Make all CAs below dir (keys/, certs/, roots.pem). */
NODISCARD bool ca_make_all(const char *dir, const struct authority_team *team,
                           int64_t now_s, struct error *err);
NODISCARD bool ca_load_all(struct authority *a, struct error *err);

/* Ten of A-Z 0-9, as the portal's ids are; and a UUID. */
NODISCARD bool random_id(char out[16], struct error *err);
NODISCARD bool random_uuid(char out[40], struct error *err);

/* Entitlement that a capability grants in a profile of this kind (asc.md C). */
struct capability_rule {
	const char *capability, *entitlement;
	enum {
		GRANT_TRUE,
		GRANT_ANY,          /* "*" */
		GRANT_PREFIX_LIST,  /* ["PREFIX.*"] */
		GRANT_PREFIX_TEXT,  /* "PREFIX.*" */
		GRANT_APS,          /* development or production */
		GRANT_DEFAULT_LIST, /* ["Default"] */
		GRANT_EMPTY_LIST,   /* groups and containers are named one by one */
		GRANT_PROTECTION,
	} grant;
	bool wildcard_ok;
};
extern const struct capability_rule capability_rules[];
const struct capability_rule *capability_find(const char *capability);
