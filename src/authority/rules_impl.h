/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_impl.h - the portal's rules and limits as data (spec asc.md section 4), for
 * authority/ only.
 */
#pragma once

#include "authority/authority.h"

#define RULE_YEAR_S         (365 * CLOCK_DAY_S)
#define RULE_NAME_MAX       255 /* bytes */
#define RULE_TEAM_NAME_MAX  64  /* bytes: an X.509 organisation name has no more */
#define RULE_IDENTIFIER_MAX 155 /* bytes of an App ID */

/*
 * What a portal can be told to do otherwise (asc.md section 4: each rule with a key,
 * Apple's value as default).  All are numbers.
 */
enum setting {
	SETTING_DEVICES, /* of a class, in a membership year */
	SETTING_DEVELOPMENT_CERTS,
	SETTING_DISTRIBUTION_CERTS,
	SETTING_ENTERPRISE_CERTS,
	SETTING_DEVELOPER_ID_CERTS,
	SETTING_COUNT
};
/* The value in force.  Errors: of the database. */
NODISCARD bool setting_get(int64_t *out, struct authority *a, enum setting which,
                           struct error *err);

/* What a certificate of each type is (asc.md 4.1, 4.2). */
struct cert_rule {
	const char *word;     /* "development": as in commands */
	const char *api;      /* "DEVELOPMENT": as in App Store Connect's API */
	const char *called;   /* "Development": in its texts */
	const char *platform; /* "IOS", "MAC_OS"; NULL: both */
	const char *prefix;   /* of the CN */
	const char *purpose;  /* extended key usage */
	const char *markers[3];
	int years;          /* how long it is valid */
	enum setting limit; /* how many current ones a team may have */
	bool is_person;     /* named after who asks, else after the team */
	bool has_id;        /* the CN ends in "(ID)" */
};
extern const struct cert_rule cert_rules[AUTHORITY_CERT_COUNT];

/* Who may be combined with what (asc.md 4.3). */
struct profile_rule {
	const char *api; /* "IOS_APP_ADHOC" */
	enum profile_kind kind;
	enum authority_family family;
	enum authority_cert_type cert_type; /* the usual one */
	unsigned cert_types;                /* CERT_BITs that are taken */
	unsigned also;                      /* taken when they are named */
	size_t max_certs;                   /* 0: any number */
	bool needs_devices, explicit_only;
	const char *word; /* in names: "com.acme.shop AdHoc" */
};
#define CERT_BIT(type) (1u << (type))
extern const struct profile_rule profile_rules[];
extern const size_t profile_rule_count;
/* NULL: there are no profiles of this kind for it. */
const struct profile_rule *profile_rule_find(int64_t kind, int64_t family);

/* What a profile of a family says of itself. */
struct family_rule {
	const char *api;          /* "IOS", "MAC_OS": its platform in the API */
	const char *platforms[4]; /* in the profile; NULL-terminated */
	const char *devices;      /* what its devices are called in the API's texts */
	const char *app_id_key;   /* the entitlement that holds the App ID */
};
extern const struct family_rule family_rules[AUTHORITY_FAMILY_COUNT];

struct device_rule {
	const char *name;
	const char *platform; /* "IOS", "MAC_OS": in the API */
	unsigned families;    /* FAMILY_BITs whose profiles it may be in (asc.md 4.3) */
	bool is_mac;          /* may have the identifier of a Mac, 8-4-4-4-12 */
};
#define FAMILY_BIT(family) (1u << (family))
extern const struct device_rule device_rules[];
extern const size_t device_rule_count;
const struct device_rule *device_rule_find(const char *device_class);

/*
 * What a capability grants in a profile (asc.md Appendix C): one row for each
 * entitlement, those of a capability together.
 */
struct capability_rule {
	const char *capability;
	const char *entitlement; /* NULL: none */
	enum {
		GRANT_TRUE,
		GRANT_ANY,          /* "*" */
		GRANT_PREFIX_LIST,  /* ["PREFIX.*"] */
		GRANT_PREFIX_TEXT,  /* "PREFIX.*" */
		GRANT_ENVIRONMENT,  /* "development" or "production" */
		GRANT_ENVIRONMENTS, /* the same in a list, in development both */
		GRANT_WORDS,        /* all of words, in a list */
		GRANT_TEXT,         /* the one of words */
		GRANT_EMPTY_LIST,   /* groups and containers are named one by one */
	} grant;
	const char *const *words; /* NULL-terminated; or NULL */
};
/* The first row, or NULL; the others follow it. */
const struct capability_rule *capability_find(const char *capability);
/* The capability of this name, or the first that grants this entitlement; or NULL. */
const char *capability_named(const char *name);
/* Only these may be carried by a wildcard App ID. */
bool capability_is_for_wildcards(const char *capability);
/* What a new explicit App ID has; NULL-terminated. */
extern const char *const capability_defaults[];

/*
 * A name that people gave: 1 to max bytes, UTF-8, no control characters, nothing
 * that XML cannot hold.  what: "the name of a device".  Errors: ERROR_USAGE.
 */
NODISCARD bool rules_check_name(const char *what, const char *text, size_t max,
                                struct error *err);

/* The membership year that now_s lies in begins; years begin when the portal did. */
int64_t rules_year_start(int64_t created_s, int64_t now_s);
/* The next one begins. */
int64_t rules_year_end(int64_t created_s, int64_t now_s);
