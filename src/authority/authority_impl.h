/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authority_impl.h - pieces of the portal's brain, for authority/ only.
 */
#pragma once

#include "authority/authority.h"
#include "authority/rules_impl.h"
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
	char *issuer; /* of its API keys: a UUID */
	char *actor;  /* who asks, for the log */
	char *sources[AUTHORITY_SOURCE_COUNT];
	int64_t created_s;                 /* when its membership years begin */
	struct authority_ca cas[CA_COUNT]; /* keys that are encrypted come later */
	bool is_protected;                 /* private keys are encrypted */
	struct secret password;            /* of them; n 0: not known */
};

extern const char *const authority_schema[];
extern const size_t authority_schema_count;

/* Make all CAs below dir (keys/, certs/, roots.pem). */
NODISCARD bool ca_make_all(const char *dir, const struct authority_team *team,
                           int64_t now_s, struct error *err);
NODISCARD bool ca_load_all(struct authority *a, struct error *err);

#define TLS_CA_NAME "tls-ca" /* the one that is made when it is needed first */

/* One of them: DIR/keys/NAME.pem, which must be new, and DIR/certs/NAME.pem. */
NODISCARD bool ca_save(const char *dir, const char *name, const struct authority_ca *ca,
                       const struct secret *password, struct error *err);
/* password NULL: a key that is encrypted stays empty. */
NODISCARD bool ca_load(struct authority_ca *out, const char *dir, const char *name,
                       const struct secret *password, struct error *err);
/* Have the private key, or say that it is locked. */
NODISCARD bool ca_need(struct authority *a, enum ca which, struct error *err);
bool ca_is_locked(const struct authority *a, struct error *err); /* returns false */
/* Keys that an empty password locks could never be unlocked.  NULL is fine. */
NODISCARD bool ca_check_password(const struct secret *password, struct error *err);
/* NULL: the keys are plain, or the password is not known. */
const struct secret *ca_password(const struct authority *a);

/* Ten of A-Z 0-9, as the portal's ids are. */
NODISCARD bool random_id(char out[16], struct error *err);

/* Fill in and free a->sources. */
NODISCARD bool sources_make(struct authority *a, struct error *err);
void sources_free(struct authority *a);

/* Add a line to the log, in the transaction of the change. */
NODISCARD bool activity_note(struct authority *a, const char *action, const char *type,
                             const char *object, struct error *err);

/* A column's text, "" for none; and its bytes, copied. */
char *row_text(const struct db_query *q, int column);
struct slice row_bytes(const struct db_query *q, int column);
/* A row that this program would not have written.  Returns false. */
bool row_is_damaged(const char *table, struct error *err);

/* The one number that the statement yields. */
NODISCARD bool count_rows(int64_t *out, struct authority *a, const char *sql,
                          const struct db_value *args, size_t count, struct error *err);

/* Write the revocation list to DIR/crl.pem, from the database as this connection
   sees it: inside the transaction that changes it, so that none is overtaken. */
NODISCARD bool crl_publish(struct authority *a, struct error *err);

/* The same device whatever the case and the hyphens; the caller's to free. */
char *udid_key(const char *udid);
/* The same serial whatever the case, colons and leading zeros; the caller's. */
char *serial_key(const char *serial);
