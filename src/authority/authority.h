/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authority/authority.h - the embedded developer portal's brain: its certificate
 * authority and the rules of spec asc.md section 4, without HTTP.
 *
 * Everything lives in a data folder:
 *
 *     DIR/portal.db     SQLite: team, certificates, App IDs, devices, profiles
 *     DIR/keys/ *.pem   private keys of the CAs, 0600, PKCS#8
 *     DIR/roots.pem     what to trust: --roots DIR/roots.pem
 *     DIR/crl.pem       what is revoked: --crl DIR/crl.pem
 *
 * Several processes may use one folder at a time.
 *
 * Its own root and intermediates carry the marker extensions, so the same rules
 * apply as under Apple's, but names of their own: it never imitates Apple's.
 */
#pragma once

#include "crypto/csr.h"
#include "profile/profile.h"
#include "util/clock.h"

struct authority; /* private */

struct authority_team {
	const char *id;   /* ten of A-Z 0-9 */
	const char *name; /* "Acme GmbH" */
	/* for authority_init(): encrypts the private keys, and is not empty; NULL: they are
	 * plain files */
	const struct secret *ca_password;
};

/*
 * Make the data folder: keys, root, intermediate, profile CAs, database.  It appears
 * when everything is in it, or not at all.
 * Errors: ERROR_EXISTS if DIR is there already (it is left alone);
 * ERROR_USAGE for a bad team id or name.
 */
NODISCARD bool authority_init(const char *dir, const struct authority_team *team,
                              struct clock clock, struct error *err);
/*
 * Errors: ERROR_NOT_FOUND with the hint "sealring portal init"; ERROR_FORMAT for a
 * database that is damaged, newer or no portal's; ERROR_PERMISSION for a folder that
 * cannot be written, or a key that others can read.
 */
NODISCARD bool authority_open(struct authority **out, const char *dir,
                              struct clock clock, struct error *err);
/*
 * Private keys may be encrypted.  Then what signs (certificates, profiles, revocation
 * lists) fails with ERROR_AUTH until the password is given; all else works.
 */
bool authority_is_locked(const struct authority *a);
/* The password is kept, in the secure heap, and used when a key is needed.  Errors:
 * ERROR_AUTH. */
NODISCARD bool authority_unlock(struct authority *a, const struct secret *password,
                                struct error *err);
/* Open all keys now, before threads share them.  Errors: ERROR_AUTH (locked). */
NODISCARD bool authority_load_keys(struct authority *a, struct error *err);
/* Encrypt all keys with another password; NULL: not at all.  In one step: others see
 * the old keys or the new ones.  Errors: ERROR_AUTH (it is locked), ERROR_USAGE (the
 * password is empty), ERROR_IO. */
NODISCARD bool authority_protect(struct authority *a, const struct secret *password,
                                 struct error *err);

/* The same portal once more, for another thread; the keys are in memory once, and
 * first need not live as long.  Errors: as authority_open(). */
NODISCARD bool authority_open_again(struct authority **out,
                                    const struct authority *first, struct error *err);
void drop_authority(struct authority **a); /* for AUTO() */

/*
 * Copy the portal as it is at this moment, also while others change it, to a new folder:
 * all of it or nothing.  The copy is a portal again; it holds the private keys (0600).
 * Errors: ERROR_EXISTS, ERROR_FORMAT (what was copied is damaged), ERROR_IO.
 */
NODISCARD bool authority_backup(struct authority *a, const char *to, struct error *err);
/*
 * Make a new portal of such a copy, which stays as it is.
 * Errors: ERROR_NOT_FOUND, ERROR_EXISTS, ERROR_REFUSED (it is a portal in use), as
 * authority_open().
 */
NODISCARD bool authority_restore(const char *from, const char *to, struct clock clock,
                                 struct error *err);
const char *authority_team_id(const struct authority *a);
const char *authority_team_name(const struct authority *a);
/* The UUID that the tokens of its team keys name ("iss"). */
const char *authority_issuer(const struct authority *a);
int64_t authority_now(const struct authority *a);

/* A random UUID, in lower case. */
NODISCARD bool authority_random_uuid(char out[40], struct error *err);

/*
 * A certificate for the portal's own server, from an authority of its own that signs
 * nothing else (made in DIR when it is first needed, DIR/tls-ca.pem): for localhost,
 * App Store Connect's two hosts, and more names (DNS names or addresses).  It and its
 * key are new each time, valid for a year.
 * cert_pem  appended: the certificate and its authority's
 * key_pem   made here; the caller's to free
 * Errors: ERROR_USAGE (a name).
 */
NODISCARD bool authority_tls(struct buf *cert_pem, struct secret *key_pem,
                             struct authority *a, const char *const *names,
                             size_t count, struct error *err);

/* ---- settings ---- */

#define AUTHORITY_SETTINGS_MAX 16
#define AUTHORITY_SETTING_MAX  1000000 /* the largest value */

struct authority_setting {
	const char *name; /* "devices" */
	const char *help;
	int64_t usual, value; /* Apple's, and the one in force */
};
NODISCARD bool authority_settings(struct authority_setting out[AUTHORITY_SETTINGS_MAX],
                                  size_t *count, struct authority *a,
                                  struct error *err);
/* Errors: ERROR_USAGE (no such setting, value). */
NODISCARD bool authority_set(struct authority *a, const char *name, int64_t value,
                             struct error *err);

/* ---- failures that are asked for ---- */

#define AUTHORITY_FAULTS_MAX 1000000
/* The next count requests of the API are answered with this status; 0: none. */
NODISCARD bool authority_fault_set(struct authority *a, unsigned status, unsigned count,
                                   struct error *err);
/* Is this request one of them?  *status 0: no. */
NODISCARD bool authority_fault_take(unsigned *status, struct authority *a,
                                    struct error *err);

/* ---- the log of changes ---- */

/* Who the changes after this are by: "key ABC1234567"; first it is "command line". */
void authority_act_as(struct authority *a, const char *actor);

struct authority_activity {
	int64_t seq, at_s;
	/* action: CREATE, UPDATE, DELETE, ...; type: as in the API, "devices" */
	char *actor, *action, *type, *object;
};
struct authority_activity_list {
	struct authority_activity *items;
	size_t count, cap;
};
/* The last `count` lines, the newest first. */
NODISCARD bool authority_activity_last(struct authority_activity_list *out,
                                       struct authority *a, size_t count,
                                       struct error *err);
void authority_activity_free(struct authority_activity_list *list);

/* ---- keys of the API ---- */

/* What a key may do (asc.md 4.7); the last two are our own. */
enum authority_role {
	AUTHORITY_ADMIN,
	AUTHORITY_APP_MANAGER,
	AUTHORITY_DEVELOPER,
	AUTHORITY_DEVICE_REGISTRAR,
	AUTHORITY_READ_ONLY,
	AUTHORITY_ROLE_COUNT
};
const char *authority_role_name(enum authority_role role); /* "ADMIN" */
bool authority_role_find(enum authority_role *out, const char *name);

struct authority_key {
	char id[16]; /* the "kid" of its tokens */
	char *name;
	enum authority_role role;
	bool is_individual;      /* of a person: may not provision (asc.md 3.1) */
	struct slice public_key; /* DER; all that the portal keeps */
	int64_t created_s, revoked_s;
};
struct authority_key_list {
	struct authority_key *items;
	size_t count, cap;
};
void authority_key_list_free(struct authority_key_list *list);
/* Take the public half of an EC P-256 key; of wanted: name, role, is_individual.
 * Errors: ERROR_USAGE. */
NODISCARD bool authority_key_add(struct authority_key_list *out, struct authority *a,
                                 const struct authority_key *wanted,
                                 const struct key *key, struct error *err);
NODISCARD bool authority_key_all(struct authority_key_list *out, struct authority *a,
                                 struct error *err);
/* Not revoked.  ERROR_NOT_FOUND. */
NODISCARD bool authority_key_find(struct authority_key_list *out, struct authority *a,
                                  const char *id, struct error *err);
NODISCARD bool authority_key_revoke(struct authority *a, const char *id,
                                    struct error *err);

/* ---- what the API shows ---- */

enum authority_source {
	AUTHORITY_CERTIFICATES,
	AUTHORITY_BUNDLE_IDS,
	AUTHORITY_CAPABILITIES,
	AUTHORITY_DEVICES,
	AUTHORITY_PROFILES,
	AUTHORITY_MERCHANT_IDS,
	AUTHORITY_PASS_TYPE_IDS,
	AUTHORITY_SOURCE_COUNT
};
/*
 * A select whose columns are id, "order" (of making) and the attributes by name;
 * times are seconds, contents are bytes.  $1 is the time; not all of them use it.
 */
const char *authority_source(const struct authority *a, enum authority_source which);

enum authority_link {
	AUTHORITY_LINK_PROFILE_APP,
	AUTHORITY_LINK_APP_PROFILES,
	AUTHORITY_LINK_PROFILE_CERTIFICATES,
	AUTHORITY_LINK_PROFILE_DEVICES,
	AUTHORITY_LINK_APP_CAPABILITIES,
	AUTHORITY_LINK_NOTHING, /* no certificates of these kinds are issued */
	AUTHORITY_LINK_COUNT
};
/* A select of owner and member: ids. */
const char *authority_link(enum authority_link which);
struct db *authority_db(struct authority *a); /* to run them with */

/*
 * What the calls of this page know a thing by (serial, identifier, UDID, name), from
 * its id, and back; not for capabilities.  *out is the caller's.  ERROR_NOT_FOUND.
 */
NODISCARD bool authority_name_of(char **out, struct authority *a,
                                 enum authority_source what, const char *id,
                                 struct error *err);
NODISCARD bool authority_id_of(char **out, struct authority *a,
                               enum authority_source what, const char *name,
                               struct error *err);

/* ---- certificates ---- */

/* Their numbers are in the database: new ones come last. */
enum authority_cert_type {
	AUTHORITY_CERT_DEVELOPMENT,
	AUTHORITY_CERT_DISTRIBUTION,
	AUTHORITY_CERT_ENTERPRISE, /* in-house: iOS distribution without an id */
	AUTHORITY_CERT_IOS_DEVELOPMENT,
	AUTHORITY_CERT_IOS_DISTRIBUTION,
	AUTHORITY_CERT_MAC_DEVELOPMENT,
	AUTHORITY_CERT_MAC_DISTRIBUTION,
	AUTHORITY_CERT_MAC_INSTALLER,
	AUTHORITY_CERT_DEVELOPER_ID,
	AUTHORITY_CERT_DEVELOPER_ID_G2,
	AUTHORITY_CERT_DEVELOPER_ID_KEXT,
	AUTHORITY_CERT_DEVELOPER_ID_KEXT_G2,
	AUTHORITY_CERT_COUNT
};
const char *authority_cert_word(enum authority_cert_type type); /* "development" */
/* As App Store Connect calls it: "DISTRIBUTION"; in-house is IOS_DISTRIBUTION. */
const char *authority_cert_api(enum authority_cert_type type);
/* Among people: "iOS Distribution". */
const char *authority_cert_called(enum authority_cert_type type);
/* The type of that App Store Connect name; false: the portal issues none. */
bool authority_cert_of_api(enum authority_cert_type *out, const char *api);

struct authority_cert {
	char id[16]; /* the portal's id: ten of A-Z 0-9 */
	enum authority_cert_type type;
	char *name;   /* the CN */
	char *serial; /* lower-case hexadecimal */
	struct slice der;
	int64_t created_s, expires_s, revoked_s; /* revoked_s 0: not revoked */
};
/* Lists are filled by the calls below; *out must be empty then. */
struct authority_cert_list {
	struct authority_cert *items;
	size_t count, cap;
};
void authority_cert_list_free(struct authority_cert_list *list);

/*
 * Issue a certificate for its type's years from a request whose subject only names
 * the person: the subject of the certificate is made by the rules of asc.md 4.2.
 * No certificate outlives its authority.
 * may_share  the key may have a current certificate of this type already (as at
 *            Apple's; people mostly mean the one they have)
 * Errors: ERROR_LIMIT (asc.md 4.1: how many there are and the way out),
 * ERROR_USAGE (key type or size, name), ERROR_EXISTS, ERROR_REFUSED (the
 * authority itself has expired).
 */
NODISCARD bool authority_cert_issue(struct authority_cert_list *out,
                                    struct authority *a, const struct csr *csr,
                                    enum authority_cert_type type, bool may_share,
                                    struct error *err);
NODISCARD bool authority_cert_all(struct authority_cert_list *out, struct authority *a,
                                  bool with_revoked, struct error *err);
/* By serial, as cert list, the API or openssl print it.  ERROR_NOT_FOUND. */
NODISCARD bool authority_cert_find(struct authority_cert_list *out, struct authority *a,
                                   const char *serial, struct error *err);
/* Profiles that hold it become invalid: *affected counts them.  DIR/crl.pem, which
 * lists it, is on the disk before the database says that it is revoked. */
NODISCARD bool authority_cert_revoke(struct authority *a, const char *serial,
                                     size_t *affected, struct error *err);
/* "DIR/crl.pem"; the caller's to free. */
char *authority_crl_path(const struct authority *a);
/* The intermediate and the root, to be put into a .p12. */
NODISCARD bool authority_chain(struct cert_list *out, struct authority *a,
                               struct error *err);

/* ---- App IDs, devices ---- */

struct authority_app {
	char id[16];
	char *identifier; /* "com.acme.shop", "com.acme.*", "*" */
	char *name;
	char *prefix;            /* seed id */
	struct pl *capabilities; /* dictionary: capability name -> settings */
};
struct authority_app_list {
	struct authority_app *items;
	size_t count, cap;
};
void authority_app_list_free(struct authority_app_list *list);
/* name NULL: made from the identifier.  An explicit App ID has GAME_CENTER and
 * IN_APP_PURCHASE from the start.  Errors: ERROR_USAGE, ERROR_EXISTS. */
NODISCARD bool authority_app_add(struct authority *a, const char *identifier,
                                 const char *name, struct error *err);
/* Its profiles stay as they are.  ERROR_USAGE, ERROR_NOT_FOUND. */
NODISCARD bool authority_app_rename(struct authority *a, const char *identifier,
                                    const char *name, struct error *err);
/* platform: "IOS", "MAC_OS", "UNIVERSAL" (what it is at first).  ERROR_NOT_FOUND. */
NODISCARD bool authority_app_platform(struct authority *a, const char *identifier,
                                      const char *platform, struct error *err);
/* What a capability that is on is set to: JSON, NULL for nothing; profiles become
 * invalid.  ERROR_NOT_FOUND. */
NODISCARD bool authority_app_settings(struct authority *a, const char *identifier,
                                      const char *capability, const char *json,
                                      struct error *err);
NODISCARD bool authority_app_all(struct authority_app_list *out, struct authority *a,
                                 struct error *err);
/* With its profiles: *profiles counts them.  ERROR_NOT_FOUND. */
NODISCARD bool authority_app_delete(struct authority *a, const char *identifier,
                                    size_t *profiles, struct error *err);
/* Does this entitlement come from a capability that no wildcard App ID can have? */
bool authority_needs_explicit_id(const char *entitlement);

/*
 * Turn a capability ("PUSH_NOTIFICATIONS", or an entitlement that it grants:
 * "aps-environment") on or off; profiles become invalid.
 */
NODISCARD bool authority_app_capability(struct authority *a, const char *identifier,
                                        const char *name, bool on, struct error *err);

struct authority_device {
	char id[16];
	char *udid, *name, *device_class; /* "IPHONE", ... */
	bool enabled;
	int64_t added_s;
};
struct authority_device_list {
	struct authority_device *items;
	size_t count, cap;
};
void authority_device_list_free(struct authority_device_list *list);
/*
 * device_class NULL: IPHONE, or MAC where the identifier is of that form.  The UDID
 * is kept as devices report it.
 * Errors: ERROR_USAGE (form, class, name), ERROR_EXISTS, ERROR_LIMIT: a class has
 * 100 places in a membership year; enabled devices take one, and those that were
 * disabled in this year.
 */
NODISCARD bool authority_device_add(struct authority *a, const char *udid,
                                    const char *name, const char *device_class,
                                    struct error *err);
NODISCARD bool authority_device_all(struct authority_device_list *out,
                                    struct authority *a, struct error *err);
/* How many devices of a class the team has, and may have in a membership year. */
#define AUTHORITY_PLACES_MAX 16
struct authority_places {
	const char *device_class;
	int64_t enabled;
	int64_t disabled; /* in this year: they keep their places */
	int64_t places;
};
/* One for each class; *year_ends_s: when the disabled ones' places are free again. */
NODISCARD bool authority_device_places(
	struct authority_places out[AUTHORITY_PLACES_MAX], size_t *count,
	int64_t *year_ends_s, struct authority *a, struct error *err);
/* Profiles with it become invalid: *affected counts them. */
NODISCARD bool authority_device_disable(struct authority *a, const char *udid,
                                        size_t *affected, struct error *err);
/* ERROR_USAGE, ERROR_NOT_FOUND. */
NODISCARD bool authority_device_rename(struct authority *a, const char *udid,
                                       const char *name, struct error *err);
/* Its old profiles stay invalid.  ERROR_LIMIT as for a new one. */
NODISCARD bool authority_device_enable(struct authority *a, const char *udid,
                                       struct error *err);

/* Merchant IDs ("merchant.acme") and Pass Type IDs ("pass.acme"), which are of one
 * kind: AUTHORITY_MERCHANT_IDS or AUTHORITY_PASS_TYPE_IDS. */
/* Errors: ERROR_USAGE (form, name), ERROR_EXISTS. */
NODISCARD bool authority_identifier_add(struct authority *a, enum authority_source kind,
                                        const char *identifier, const char *name,
                                        struct error *err);
/* ERROR_USAGE, ERROR_NOT_FOUND. */
NODISCARD bool authority_identifier_rename(struct authority *a, const char *identifier,
                                           const char *name, struct error *err);
NODISCARD bool authority_identifier_delete(struct authority *a, const char *identifier,
                                           struct error *err);

/* ---- profiles ---- */

/* What an app is for; with the kind it makes App Store Connect's profile type. */
enum authority_family {
	AUTHORITY_IOS,
	AUTHORITY_TVOS,
	AUTHORITY_MAC,
	AUTHORITY_CATALYST,
	AUTHORITY_FAMILY_COUNT
};
/* "IOS_APP_ADHOC"; false: there is no such type. */
bool authority_profile_of_api(enum profile_kind *kind, enum authority_family *family,
                              const char *api);

struct authority_profile {
	char id[16];
	char *name, *uuid;
	enum profile_kind kind;
	enum authority_family family;
	char *identifier; /* of its App ID */
	struct slice content;
	int64_t created_s, expires_s;
	bool is_valid;
};
struct authority_profile_list {
	struct authority_profile *items;
	size_t count, cap;
};
void authority_profile_list_free(struct authority_profile_list *list);

/* Which part of a request a refusal is about. */
enum authority_misfit {
	AUTHORITY_MISFIT_NONE,
	AUTHORITY_MISFIT_APP,
	AUTHORITY_MISFIT_CERT,
	AUTHORITY_MISFIT_DEVICE,
	AUTHORITY_MISFIT_NAME,
};
struct authority_profile_request {
	enum profile_kind kind;
	enum authority_family family;
	const char *identifier; /* of the App ID; registered before */
	const char *name;       /* NULL: made up: "com.acme.shop AdHoc" */
	/* serials; count 0: all current certificates that fit */
	const char *const *serials;
	size_t serial_count;
	/* UDIDs; count 0: all enabled devices that fit */
	const char *const *udids;
	size_t udid_count;
	enum authority_misfit *misfit; /* filled in on failure; NULL: nobody asks */
};
/*
 * Make a profile by the table of asc.md 4.3; its expiry is the earlier of a year
 * and its certificates' end.  Names are unique: an invalid or expired profile keeps
 * its name.  An in-house profile has one certificate: if none is named, the newest.
 * Errors: ERROR_NOT_FOUND (no App ID, no certificate, no device, each with the
 * command that makes one), ERROR_USAGE (wildcard App Store), ERROR_EXISTS (name).
 */
NODISCARD bool authority_profile_create(struct authority_profile_list *out,
                                        struct authority *a,
                                        const struct authority_profile_request *request,
                                        struct error *err);
/*
 * Make it anew, whatever its state, with every current certificate and enabled
 * device that fits: id and name stay, uuid and content are new (asc.md 4.5).
 * Errors: as authority_profile_create().
 */
NODISCARD bool authority_profile_renew(struct authority_profile_list *out,
                                       struct authority *a, const char *name,
                                       struct error *err);
NODISCARD bool authority_profile_find(struct authority_profile_list *out,
                                      struct authority *a, const char *name,
                                      struct error *err);
NODISCARD bool authority_profile_all(struct authority_profile_list *out,
                                     struct authority *a, struct error *err);
NODISCARD bool authority_profile_delete(struct authority *a, const char *name,
                                        struct error *err);
